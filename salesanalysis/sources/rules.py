"""The rules that rows of a table keep, each defined once, as an Ibis expression.

`salesanalysis.sources.read` evaluates them all in one query; `salesanalysis.sources.schemas` makes
the pandera checks of them. Rules about text that could not be read (``not_a_date``) are not here:
they concern the input, not the table that came of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from salesanalysis import columns as vocabulary
from salesanalysis.sources.faults import RULES

#: Longest cell of an identifier and of any other text, in characters.
LONGEST_ID, LONGEST_TEXT = 200, 4_000
#: Dates outside of these years are slips of the pen or stand for "never".
FIRST_YEAR, LAST_YEAR = 1900, 2199
#: Control characters other than tab and line ends.
CONTROL = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"


@dataclass(frozen=True)
class Rule:
    """A rule about one column, perhaps with others: ``broken(table)`` is true for a faulty row."""

    name: str
    column: str
    broken: Callable
    needs: tuple[str, ...] = ()

    @property
    def severity(self) -> str:
        """``set_aside`` or ``note``."""
        return RULES[self.name]


def whole_key(table, names: tuple[str, ...]):
    """The key of each row as one value; missing where a part of it is."""
    parts = [table[name] for name in names]
    if len(parts) == 1:
        return parts[0]
    whole = parts[0].cast("string")
    for part in parts[1:]:
        whole = whole + "\x1f" + part.cast("string")
    return whole


def rules(table: str, stages: tuple[str, ...] | None = None) -> list[Rule]:
    """All rules of a table, but for its key's uniqueness, which no row can tell of itself.

    Parameters
    ----------
    table : str
        A table of the vocabulary.
    stages : tuple of str, optional
        The stages that a deal may be in; any other is ``unknown_stage``.

    Examples
    --------
    >>> [rule.name for rule in rules("products") if rule.column == "product"]
    ['missing_key', 'too_long', 'control_characters']
    """
    ours = vocabulary.table(table)
    found = [rule for column in ours.columns for rule in _column_rules(ours, column)]
    if table == "opportunities":
        found += _opportunity_rules()
    if stages is not None and "stage" in ours.names:
        known = [str(stage) for stage in stages]
        found.append(Rule("unknown_stage", "stage", lambda t: t.stage.notin(known)))
    return found


def _column_rules(ours: vocabulary.Table, column: vocabulary.Column) -> list[Rule]:
    name = column.name
    found = []
    if column.required:
        is_key = name in ours.key or column.kind == "id"
        rule = "missing_key" if is_key else "missing_value"
        found.append(Rule(rule, name, lambda t: t[name].isnull()))
    if column.kind in ("id", "text", "period"):
        longest = LONGEST_ID if column.kind == "id" else LONGEST_TEXT
        found.append(Rule("too_long", name, lambda t: t[name].length() > longest))
        found.append(Rule("control_characters", name, lambda t: t[name].re_search(CONTROL)))
    if column.kind == "time":
        found.append(
            Rule(
                "date_out_of_range",
                name,
                lambda t: (t[name].year() < FIRST_YEAR) | (t[name].year() > LAST_YEAR),
            )
        )
    if column.kind == "share":
        found.append(Rule("out_of_range", name, lambda t: (t[name] < 0) | (t[name] > 1)))
    if column.kind == "count":
        found.append(Rule("out_of_range", name, lambda t: t[name] < 0))
    if column.kind in ("amount", "number"):
        found.append(Rule("not_a_number", name, lambda t: t[name].isinf() | t[name].isnan()))
    if column.kind == "amount":
        found.append(Rule("negative_amount", name, lambda t: t[name] < 0))
    return found


def _opportunity_rules() -> list[Rule]:
    closed = (vocabulary.WON, vocabulary.LOST)
    return [
        Rule("unknown_outcome", "outcome", lambda t: t.outcome.notin(vocabulary.OUTCOMES)),
        Rule(
            # Days, not moments: a deal made and closed on one day may have its date without time.
            "closed_before_created",
            "closed_at",
            lambda t: t.closed_at.date() < t.created_at.date(),
            needs=("created_at",),
        ),
        Rule(
            "closed_without_date",
            "closed_at",
            lambda t: t.outcome.isin(closed) & t.closed_at.isnull(),
            needs=("outcome",),
        ),
        Rule(
            "open_with_close_date",
            "closed_at",
            lambda t: (t.outcome == vocabulary.OPEN) & t.closed_at.notnull(),
            needs=("outcome",),
        ),
        Rule(
            "closed_without_outcome",
            "outcome",
            lambda t: t.outcome.isnull() & t.closed_at.notnull(),
            needs=("closed_at",),
        ),
    ]

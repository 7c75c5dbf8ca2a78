"""What typed columns mean: one currency, an outcome for each deal; the same on every engine."""

from dataclasses import dataclass, field

from salesanalysis.columns import LOST, OPEN, WON
from salesanalysis.sources import currencies
from salesanalysis.sources.aliases import EXPECTED_WHILE_OPEN
from salesanalysis.sources.faults import Fault
from salesanalysis.sources.matching import Matched
from salesanalysis.sources.names import plain, same_name
from salesanalysis.sources.period_column import understand_periods
from salesanalysis.sources.request import Request
from salesanalysis.sources.score_column import understand_scores

#: How many words of a currency column are looked at; more than one currency is one too many.
_LISTED = 1_000

#: Dates of the end of a deal that say which end it was.
_ENDS = ("won_at", "lost_at")


@dataclass
class Draft:
    """A table on its way to its final columns, and what there is to say about it."""

    table: object
    columns: list[str]
    how: dict[str, str]
    faults: list[Fault] = field(default_factory=list)
    unreadable: dict[tuple[str, str], str] = field(default_factory=dict)
    signs: frozenset[str] = frozenset()  # signs of currency within the amounts
    words: list[tuple[str, str, int]] = field(default_factory=list)  # word, outcome, rows
    stored: str = ""  # a table of the session that is not needed once the draft is finished

    def add(self, column: str, how: str, order: tuple[str, ...]) -> None:
        """Note a column that the input has not, at its place in the vocabulary's order."""
        self.how[column] = how
        self.columns = [name for name in order if name in (*self.columns, column)]


def understand(draft: Draft, ask: Request, found: Matched, headers) -> None:
    """Currency codes, periods, outcomes and close dates, put into the draft; doubts about them."""
    from salesanalysis.sources.outcome_column import add_outcome

    if "currency" in draft.columns:
        _one_currency(draft, ask)
    elif draft.signs:
        _currency_of_signs(draft, ask)
    if "period" in draft.columns:
        understand_periods(draft, ask, found, headers)
    if ask.table.name == "stage_history":
        _lifecycles(draft, ask, found)
    if ask.table.name == "scores":
        understand_scores(draft, ask)
    if ask.table.name == "opportunities":
        _close_of_dates(draft, ask, found, headers)
        add_outcome(draft, ask, found)
        _expected_closes(draft, ask, found, headers)


def _one_currency(draft: Draft, ask: Request) -> None:
    import ibis

    text = draft.table.currency
    used = draft.table.filter(text.notnull())
    counted = used.group_by(word=text.lower()).agg(rows=lambda t: t.count())
    words = counted.order_by(ibis.desc("rows")).limit(_LISTED).to_pyarrow().to_pylist()
    codes = {row["word"]: currencies.code(row["word"]) for row in words}
    code = text.lower().substitute(codes, else_=text.upper()) if codes else text
    draft.table = draft.table.mutate(currency=code)
    rows: dict[str, int] = {}
    for row in words:
        rows[codes[row["word"]]] = rows.get(codes[row["word"]], 0) + row["rows"]
    listed = sorted(rows, key=lambda code: (-rows[code], code))
    named = [f"{code} ({rows[code]})" for code in listed]
    may_be = listed if ask.convert else listed[:1]
    foreign = {
        sign
        for sign in draft.signs
        if listed and not any(currencies.possible(code, sign) for code in may_be)
    }
    named += sorted(map(currencies.shown, foreign))
    if ask.table.name == "rates":  # a row for each of them
        return
    if ask.convert and len(named) > 1 and not foreign:
        draft.faults.append(Fault("currencies_converted", "currency", len(named), ", ".join(named)))
    elif len(named) > 1:
        draft.faults.append(Fault("two_currencies", "currency", len(named), ", ".join(named)))


def _currency_of_signs(draft: Draft, ask: Request) -> None:
    """The table's currency where no column has it: what the signs of all its amounts can mean."""
    import ibis

    signs = sorted(map(currencies.shown, draft.signs))
    meant = currencies.common(*draft.signs)
    if not meant:
        if not any(fault.rule == "two_currencies" for fault in draft.faults):
            fault = Fault("two_currencies", "currency", len(signs), ", ".join(signs))
            draft.faults.append(fault)
    elif len(meant) == 1 and "currency" in ask.table.names:
        (code,) = meant
        draft.table = draft.table.mutate(currency=ibis.literal(code))
        draft.add("currency", "derived", ask.table.names)
        values = {"code": code}
        draft.faults.append(Fault("currency_taken", "currency", 1, ", ".join(signs), values))


def _lifecycles(draft: Draft, ask: Request, found: Matched) -> None:
    """An event log has a row for each state of an event: say so where nobody has chosen one."""
    names = [name for name in found.extras if plain(name) == "lifecycle:transition"]
    if not names or names[0] in ask.keep:
        return
    states = draft.table.select(names[0]).distinct().order_by(names[0]).limit(10).to_pyarrow()
    states = [str(state) for state in states[names[0]].to_pylist() if state]
    if len(states) > 1:
        fault = Fault("several_lifecycles", names[0], len(states), ", ".join(states))
        draft.faults.append(fault)


def _close_of_dates(draft: Draft, ask: Request, found: Matched, headers) -> None:
    """The close date of a deal, of a list that has one for won deals and one for lost deals."""
    import ibis

    there = [name for name in _ENDS if name in draft.columns]
    if "closed_at" in draft.columns or not there:
        return
    # One that was reopened and closed again has both: what it is now it has been since the later.
    dates = [draft.table[name] for name in there]
    draft.table = draft.table.mutate(closed_at=ibis.greatest(*dates) if dates[1:] else dates[0])
    draft.add("closed_at", "derived", ask.table.names)
    theirs = ", ".join(f"`{headers[found.positions[name]]}`" for name in there)
    draft.faults.append(Fault("closed_from_dates", "closed_at", len(there), theirs))


def outcome_of_dates(draft: Draft):
    """Won or lost by which date is there, and the later of the two; None without such dates."""
    import ibis

    if not set(_ENDS) & set(draft.columns):
        return None
    won, lost = (
        draft.table[name] if name in draft.columns else ibis.null("timestamp") for name in _ENDS
    )
    is_won = won.notnull() & (lost.isnull() | (won > lost))
    return ibis.cases((is_won, WON), (lost.notnull(), LOST), else_=ibis.null("string"))


def _expected_closes(draft: Draft, ask: Request, found: Matched, headers) -> None:
    """The close date of an open deal is an expected one where that system's column says so."""
    import ibis

    if not {"closed_at", "outcome"} <= set(draft.columns):
        return
    header = headers[found.positions["closed_at"]] if "closed_at" in found.positions else ""
    if not same_name(found.names.get("closed_at", ""), EXPECTED_WHILE_OPEN):
        return
    table = draft.table
    expected = (table.outcome == OPEN) & table.closed_at.notnull()
    moved = table.filter(expected & table["__fault"].isnull()).count().to_pyarrow().as_py()
    if not moved:
        return
    draft.faults.append(Fault("close_date_moved", "closed_at", moved, header))
    later = ibis.ifelse(expected, table.closed_at, None)
    if "expected_close_at" in draft.columns:
        later = table.expected_close_at.coalesce(later)
    else:
        draft.add("expected_close_at", "derived", ask.table.names)
    kept = expected.fill_null(False).ifelse(None, table.closed_at)
    draft.table = table.mutate(closed_at=kept, expected_close_at=later)

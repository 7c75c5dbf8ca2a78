"""The outcome of each deal: stated in a column, or what stage, flags and dates say."""

from salesanalysis.columns import LOST, OPEN
from salesanalysis.sources.aliases import EXPECTED_WHILE_OPEN
from salesanalysis.sources.draft import Draft, outcome_of_dates
from salesanalysis.sources.faults import Fault
from salesanalysis.sources.matching import Matched
from salesanalysis.sources.names import same_name
from salesanalysis.sources.outcome import (
    Meaning,
    ends_deals,
    is_exact,
    meaning,
    meanings_of,
    outcome_of_flags,
    outcome_of_word,
    reason_of_word,
)
from salesanalysis.sources.request import Request

#: The flag of an outcome whose word is not known.
UNKNOWN_OUTCOME = "__unreadable_outcome"
#: How many words are listed in a message, and in the table of words.
_IN_MESSAGE, _IN_TABLE = 12, 200
#: A longer text is the name of no stage, nor is one with control characters.
_LONGEST_STAGE = 100
#: A stage with fewer deals than this tells nothing by its closing dates.
_FEWEST_DEALS = 5


def add_outcome(draft: Draft, ask: Request, found: Matched) -> None:
    """Put the outcome into the draft, with the reason that stands beside a word."""
    table = draft.table
    words = ask.values.get("outcome", {})
    stated, has_stage = "outcome" in draft.columns, "stage" in draft.columns
    source = "outcome" if stated else "stage" if has_stage else ""
    meanings = {
        name: meanings_of(table[name]) for name in ("outcome", "stage") if name in draft.columns
    }
    said = _said(draft, found, meanings)
    sound = table.select("__fault", said=said).filter(table["__fault"].isnull())
    knows = sound["said"].count().to_pyarrow().as_py() > 0
    draft.table = table.mutate(__word=table[source]) if source else table
    if stated:
        _stated(draft, found, said, knows, meanings["outcome"])
    elif not _derived(draft, ask, said, knows):
        return
    if source:
        _tell_words(draft)
        _reasons(draft, meanings[source], ask)
    if has_stage and not set(words) & {"*"}:
        _unknown_endings(draft, found, said, {word.lower() for word in words})


def _said(draft: Draft, found: Matched, meanings: dict[str, dict[str, Meaning]]):
    """What flags, dates and stage say of each deal, the first of them that says something."""
    import ibis

    table = draft.table
    won, closed = (
        table[f"__is_{flag}"] if flag in found.flags else None for flag in ("won", "closed")
    )
    ways = [outcome_of_flags(won, closed), outcome_of_dates(draft)]
    if "stage" in meanings:
        ways.append(outcome_of_word(table.stage, meanings["stage"], with_open=False))
    # An expression is compiled with each query: what can say nothing is left out of it.
    ways = [way for way in ways if way is not None]
    return ibis.coalesce(*ways) if ways else ibis.null("string")


def _derived(draft: Draft, ask: Request, said, knows: bool) -> bool:
    """The outcome that the stage says, in their words or in those known; False where none does."""
    import ibis

    table, words = draft.table, ask.values.get("outcome", {})
    has_stage = "stage" in draft.columns
    if words and (has_stage or set(words) == {"*"}):
        # Their words are those of the stage where no column holds the outcome itself.
        cases = [(table.stage.lower() == w.lower(), o) for w, o in words.items() if w != "*"]
        other = ibis.literal(words["*"]) if "*" in words else said.coalesce(OPEN)
        how, outcome = "given", ibis.cases(*cases, else_=other) if cases else other
    elif knows:
        how, outcome = "derived", said.coalesce(OPEN)
    elif ask.outcomes_elsewhere:
        draft.faults.append(Fault("outcome_elsewhere", "outcome"))
        return False
    else:
        stages = _some_stages(table) if has_stage else "–"
        draft.faults.append(Fault("missing_outcome", "outcome", values={"stages": stages}))
        return False
    draft.table = table.mutate(outcome=outcome)
    draft.add("outcome", how, ask.table.names)
    return True


def _stated(draft: Draft, found, said, knows: bool, meanings: dict[str, Meaning]) -> None:
    """The outcome of a column of its own; where it is blank, what stage and dates say."""
    import ibis

    table = draft.table
    header = found.names["outcome"]
    with_codes = header in ("statecode", "state")
    word = outcome_of_word(table.outcome, meanings, with_codes=with_codes)
    dated = table.closed_at.notnull() if "closed_at" in draft.columns else ibis.literal(False)
    undecided = ibis.ifelse(dated, ibis.null("string"), OPEN)
    blank = said.coalesce(undecided) if knows else undecided
    outcome = table.outcome.isnull().ifelse(blank, word)
    assumed = table.outcome.isnull() & (outcome == OPEN) & table["__fault"].isnull()
    if count := table.filter(assumed).count().to_pyarrow().as_py():
        draft.faults.append(Fault("outcome_from_blank", "outcome", count))
    unknown = table.outcome.notnull() & word.isnull()
    draft.table = table.mutate(**{"outcome": outcome, UNKNOWN_OUTCOME: unknown})
    draft.unreadable["unknown_outcome", "outcome"] = UNKNOWN_OUTCOME


def _tell_words(draft: Draft) -> None:
    """Keep what each word was taken for, and say it of those known by their family only."""
    table = draft.table.select("__fault", "__word", "outcome")
    table = table.filter(table["__fault"].isnull())
    counted = table.group_by("__word", "outcome").agg(rows=lambda t: t.count())
    counted = counted.order_by(counted.rows.desc(), "__word", "outcome").limit(_IN_TABLE)
    listed = counted.to_pyarrow().to_pylist()
    draft.words = [(row["__word"] or "", row["outcome"] or "", row["rows"]) for row in listed]
    guessed = [
        (word, outcome, rows)
        for word, outcome, rows in draft.words
        if word and meaning(word).outcome == outcome != OPEN and not is_exact(word)
    ]
    if guessed:
        shown = [f"`{word}` → {outcome} ({rows})" for word, outcome, rows in guessed]
        rows = sum(rows for *_, rows in guessed)
        draft.faults.append(Fault("outcome_words", "outcome", rows, _listed(shown)))


def _reasons(draft: Draft, meanings: dict[str, Meaning], ask: Request) -> None:
    """The reason beside a word, where no column of its own gives one."""
    import ibis

    table = draft.table
    reason = reason_of_word(table["__word"], meanings)
    if reason is None:
        return
    reason = ibis.ifelse(table.outcome == OPEN, ibis.null("string"), reason)
    if "reason" in draft.columns:
        reason = table.reason.coalesce(reason)
    else:
        draft.add("reason", "derived", ask.table.names)
    draft.table = table.mutate(reason=reason)


def _unknown_endings(draft: Draft, found, said, mapped: set[str]) -> None:
    """Ask about stages that end deals in a way nobody knows; they would count as open."""
    table = draft.table
    dated = "closed_at" in draft.columns
    expected = dated and same_name(found.names.get("closed_at", ""), EXPECTED_WHILE_OPEN)
    unsaid = said.isnull() & (table.outcome == OPEN)
    if "outcome" in found.positions:
        unsaid = unsaid & table["__word"].isnull()
    used = ["stage", "closed_at"] if dated else ["stage"]
    assumed = table.select(*used, assumed=table["__fault"].isnull() & unsaid)
    assumed = assumed.filter(assumed.assumed)
    closed = {"closed": lambda t: t.closed_at.count(), "last": lambda t: t.closed_at.max()}
    counted = assumed.group_by("stage").agg(rows=lambda t: t.count(), **(closed if dated else {}))
    counted = counted.order_by(counted.rows.desc(), "stage").to_pyarrow().to_pylist()
    stages = [
        row
        for row in counted
        if row["stage"]
        and len(row["stage"]) <= _LONGEST_STAGE
        and row["stage"].isprintable()
        and row["stage"].lower() not in mapped
    ]
    ending = [
        row
        for row in stages
        if ends_deals(row["stage"]) or (dated and not expected and row["closed"] > row["rows"] / 2)
    ]
    if ending:
        shown = [f"`{row['stage']}` ({row['rows']})" for row in ending]
        # Whatever a word may mean, a win is never proposed: it would pay somebody's bonus.
        lines = ", ".join(f"{_yaml(row['stage'])}: {LOST}" for row in ending[:_IN_MESSAGE])
        values = {"snippet": f"opportunities: {{values: {{outcome: {{{lines}}}}}}}"}
        rows = sum(row["rows"] for row in ending)
        draft.faults.append(Fault("unknown_ending", "stage", rows, _listed(shown), values))
        return
    if expected:
        _past_dates(draft, stages)


def _past_dates(draft: Draft, stages: list[dict]) -> None:
    """Say which stages hold no deal that is still expected to close, as if deals ended there."""
    table = draft.table
    decided = table.filter(table.outcome != OPEN).closed_at.max().to_pyarrow().as_py()
    if decided is None or not any(row["last"] and row["last"] > decided for row in stages):
        return
    past = [
        row
        for row in stages
        if row["rows"] >= _FEWEST_DEALS and row["closed"] == row["rows"] and row["last"] <= decided
    ]
    if past:
        shown = [f"`{row['stage']}` ({row['rows']})" for row in past]
        rows = sum(row["rows"] for row in past)
        draft.faults.append(Fault("stage_may_end", "stage", rows, _listed(shown)))


def _listed(shown: list[str]) -> str:
    return ", ".join(shown[:_IN_MESSAGE]) + (", …" if len(shown) > _IN_MESSAGE else "")


def _yaml(word: str) -> str:
    """A word as YAML takes it for a text, whatever it holds."""
    return "'" + word.replace("'", "''") + "'"


def _some_stages(table) -> str:
    stages = table.select("stage").distinct().order_by("stage").limit(12).to_pyarrow()
    return ", ".join(f"`{stage}`" for stage in stages["stage"].to_pylist() if stage) or "–"

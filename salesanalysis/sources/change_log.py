"""A log of changes that has a row for every change of any field: the rows of the stage are kept."""

import re
from dataclasses import replace

from salesanalysis.sources import parse
from salesanalysis.sources.aliases import ALIASES
from salesanalysis.sources.aliases.deals import FIELD, STAGE_FIELD
from salesanalysis.sources.faults import FatalFaults, Fault
from salesanalysis.sources.folding import folded
from salesanalysis.sources.matching import match
from salesanalysis.sources.names import plain, same_name, without_record
from salesanalysis.sources.raw import Raw
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import execute

#: What the name of a field has that could be the stage.
_LIKE_STAGE = r"stage|phase|status|step|阶段|状态|进度"
#: How many fields a message lists.
_LISTED = 8


def field_column(headers: tuple[str, ...], ask: Request) -> int | None:
    """The column that says which field a row of a log has changed; nothing for any other table."""
    if ask.table.name != "stage_history":
        return None
    found = match(headers, ask)
    values = ALIASES["stage_history"]["stage"].split("|", 1)[1]
    if not same_name(found.names.get("stage", ""), values.replace("|", ";")):
        return None
    bare = without_record(headers, "stage_history")
    at = [i for i, name in enumerate(bare) if same_name(name, FIELD)]
    return at[0] if len(at) == 1 and at[0] not in found.positions.values() else None


def narrowed(raw: Raw, ask: Request) -> tuple[Raw, Request]:
    """Of a log of changes, the rows of the stage."""
    at = field_column(raw.headers, ask)
    if at is None:
        return raw, ask
    text = parse.as_text(f"c{at}", raw.types[at])
    rows = execute(
        f"SELECT trim({text}) AS name, count(*) FROM {raw.relation}"
        f" WHERE __fault IS NULL AND trim({text}) <> '' GROUP BY ALL ORDER BY ALL LIMIT 1000"
    )
    fault, keep = kept_field(raw.headers[at], dict(rows), ask)
    noted = replace(raw, notes=(*raw.notes, *([fault] if fault else [])))
    return noted, replace(ask, keep=keep)


def kept_field(header: str, counts: dict[str, int], ask: Request):
    """What to say, and the rows to keep, of a log whose fields have so many rows each.

    Raises
    ------
    FatalFaults
        Nothing says which of its fields is the stage.
    """
    stages = [name for name in counts if same_name(name, STAGE_FIELD)]
    if asked := [theirs for theirs in ask.keep if plain(theirs) in (plain(header), "field")]:
        return None, _as_asked(header, asked, list(counts), stages, ask)
    if len(stages) == 1:
        if len(counts) == 1:
            return None, ask.keep
        others = sum(count for name, count in counts.items() if name != stages[0])
        values = {"field": header, "others": others}
        note = Fault("change_log", "stage", counts[stages[0]], stages[0], values)
        return note, {**ask.keep, header: stages}
    listed = ", ".join(f"`{name}`" for name in list(counts)[:_LISTED])
    values = {"field": header, "names": listed}
    likely = stages or [name for name in counts if re.search(_LIKE_STAGE, folded(name))]
    example = likely[0] if likely else "…"
    raise FatalFaults(Fault("change_log_mixed", "stage", len(counts), example, values))


def _as_asked(
    header: str, asked: list[str], fields: list[str], stages: list[str], ask: Request
) -> dict[str, list[str]]:
    """The rows to keep where ``keep`` names fields, by the column's own name and words."""
    wanted = ask.keep[asked[0]]
    words = {plain(word) for word in wanted}
    kept = [name for name in fields if plain(name) in words]
    kept = kept or (stages if words == {"stage"} else list(wanted))
    return {**{t: words for t, words in ask.keep.items() if t not in asked}, header: kept}

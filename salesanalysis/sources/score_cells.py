"""Scores as people write them: ``45/50``, ``92%``, or with the maximum in the header.

The maximum that a cell or the header states goes into a column of its own; a cell without one is
asked about later, like any other score over 1.
"""

import re
from dataclasses import replace

from salesanalysis.sources import parse
from salesanalysis.sources.faults import FatalFaults, Fault
from salesanalysis.sources.matching import match
from salesanalysis.sources.names import says_per_cent
from salesanalysis.sources.raw import Raw
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import execute, new_name

_NUMBER = r"([-+]?[0-9]+(?:[.,][0-9]+)?)"
_OUT_OF = rf"^{_NUMBER}\s*(?:/|／|of|out of|von|sur|de)\s*{_NUMBER}\s*(?:points?|pts|分)?$"
_PER_CENT = rf"^{_NUMBER}\s*[%％]$"
#: What a header says the most points are: `Score (of 50)`, `Points (max. 50)`, `得分（满分50）`.
_IN_HEADER = (
    r"(?i:/|of|out of|max(?:imum)?\.?:?|von|sur|de|满分)\s*([0-9]+(?:[.,][0-9]+)?)"
    r"\s*(?:points?|pts|分)?\s*[)）\]]?$"
)


def with_maxima(raw: Raw, ask: Request) -> tuple[Raw, Request, tuple[str, ...]]:
    """The list of tests with the maximum of each score that states one, and the columns made.

    Raises
    ------
    FatalFaults
        Cells with a per-cent sign stand beside fractions of 1 without one.
    """
    at, most = score_place(raw.headers, ask), match(raw.headers, ask).positions.get("max_score")
    if at is None or not raw.relation:
        return raw, ask, ()
    cell = f"trim({parse.as_text(f'c{at}', raw.types[at])})"
    counts = _counted(raw, cell)
    # A bare number beside per cents is one as well.
    stated = "100" if counts["per_cents"] else _of_header(raw.headers[at])
    if not stated and not counts["out_of"]:
        return raw, ask, ()
    own = counts["out_of"] + counts["per_cents"]
    notes = [Fault("score_maxima", "score", own)] if own else []
    if stated and counts["scores"] > own:
        taken = {"stated": stated}
        notes.append(Fault("score_maximum_taken", "score", counts["scores"] - own, values=taken))
    made = ("max_score",) if most is None else ()
    place = len(raw.headers) if most is None else most
    columns = {**ask.columns, "score": raw.headers[at]} | {name: name for name in made}
    score, maximum = _read(raw, cell, most, stated)
    changed = _with_columns(raw, {at: score, place: maximum}, made)
    return replace(changed, notes=(*raw.notes, *notes)), replace(ask, columns=columns), made


def score_place(headers: tuple[str, ...], ask: Request) -> int | None:
    """Where the scores stand, also under a header that states their maximum."""
    at = match(headers, ask).positions.get("score")
    if at is not None:
        return at
    names = tuple(re.sub(rf"[\s(（\[]*{_IN_HEADER}", "", name.strip()) for name in headers)
    return match(names, ask).positions.get("score")


def _with_columns(raw: Raw, cells: dict[int, str], made: tuple[str, ...]) -> Raw:
    """The input with these texts in the places of some columns, the last of them perhaps new."""
    view = new_name("scores")
    shown = [f"c{i}" for i in range(len(raw.headers)) if i not in cells]
    shown += [f"{sql} AS c{i}" for i, sql in cells.items()]
    execute(f"CREATE VIEW {view} AS SELECT __row, __fault, {', '.join(shown)} FROM {raw.relation}")
    types = dict(enumerate([*raw.types, *made])) | dict.fromkeys(cells, "VARCHAR")
    return replace(
        raw,
        relation=view,
        headers=(*raw.headers, *made),
        types=tuple(types.values()),
        scratch=(raw.relation, *raw.scratch) if raw.scratch else (),
    )


def _read(raw: Raw, cell: str, most: int | None, stated: str) -> tuple[str, str]:
    """SQL: the score of a cell, and what it is out of: what the cell says, its row, the column."""
    score = f"coalesce({_group(cell, _OUT_OF, 1)}, {_group(cell, _PER_CENT, 1)}, {cell})"
    own = f"CASE WHEN regexp_matches({cell}, '{_PER_CENT}') THEN '100' END"
    others = f"'{stated}'" if stated else "NULL"
    if most is not None:
        others = f"coalesce({parse.as_text(f'c{most}', raw.types[most])}, {others})"
    bare = f"CASE WHEN {cell} IS NOT NULL THEN {others} END"
    return score, f"coalesce({_group(cell, _OUT_OF, 2)}, {own}, {bare})"


def _of_header(header: str) -> str:
    """The most points that the header of the scores states; empty where it does not."""
    if says_per_cent(header):
        return "100"
    found = re.search(_IN_HEADER, header.strip())
    return found[1].replace(",", ".") if found else ""


def _counted(raw: Raw, cell: str) -> dict[str, int]:
    """How the scores are written."""
    number = f"TRY_CAST(replace({cell}, ',', '.') AS DOUBLE)"
    asked = {
        "scores": f"count({cell})",
        "out_of": f"count(*) FILTER (regexp_matches({cell}, '{_OUT_OF}'))",
        "per_cents": f"count(*) FILTER (regexp_matches({cell}, '{_PER_CENT}'))",
        "fractions": f"count(*) FILTER ({number} > 0 AND {number} < 1)",
    }
    (row,) = execute(
        f"SELECT {', '.join(asked.values())} FROM {raw.relation} WHERE __fault IS NULL"
    )
    counts = dict(zip(asked, row, strict=True))
    if counts["per_cents"] and counts["fractions"]:
        values, over = {"fractions": counts["fractions"]}, counts["per_cents"]
        raise FatalFaults(Fault("shares_and_per_cents", "score", over, values=values))
    return counts


def _group(cell: str, pattern: str, group: int) -> str:
    """SQL: what a part of the pattern matched, missing where the whole did not."""
    return f"nullif(regexp_extract({cell}, '{pattern}', {group}), '')"

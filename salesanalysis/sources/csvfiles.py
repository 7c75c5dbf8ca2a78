"""Several text files of one table, such as an export a year, one under the other."""

import functools
from dataclasses import replace
from pathlib import Path

from salesanalysis.sources import csvfile, units
from salesanalysis.sources.examine import header_faults
from salesanalysis.sources.faults import FatalFaults, Fault
from salesanalysis.sources.locating import Located
from salesanalysis.sources.matching import match
from salesanalysis.sources.raw import FILE_STRIDE, Raw, together
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import execute, new_name

#: How many files that lack a column are listed.
_LISTED = 5


def load(located: Located, ask: Request, *, exact: bool = False) -> Raw:
    """The files put together by the names of their columns, in whatever order these are.

    A column that some of the files lack is empty for their rows, which a note says. A file without
    a column that the table needs, and a column of ours that goes by different names, are fatal.
    """
    if len(located.paths) == 1:
        return csvfile.load(located.paths[0], located.shown, ask, exact=exact)
    parts, faults = _parts(located.paths, ask, exact)
    faults = faults or [*_different_names(parts, ask), *_different_units(parts, ask)]
    if faults:
        raise FatalFaults(*faults)
    headers = tuple(dict.fromkeys(name for part in parts for name in part.headers))
    view = new_name("raw")
    rows = " UNION ALL ".join(_rows(part, i, headers) for i, part in enumerate(parts))
    execute(f"CREATE VIEW {view} AS {rows}")
    again = functools.partial(load, located, ask, exact=True)
    return Raw(
        relation=view,
        headers=headers,
        types=("VARCHAR",) * len(headers),
        printable=located.shown,
        fingerprint=together([part.fingerprint for part in parts]),
        files=tuple(part.printable for part in parts),
        notes=tuple(_notes(parts, headers)),
        empty_rows=" UNION ALL ".join(map(_empty_rows, parts, range(len(parts)))),
        titles=tuple(dict.fromkeys(title for part in parts for title in part.titles)),
        decimal_comma_likely=any(part.decimal_comma_likely for part in parts),
        reload=again if any(part.reload for part in parts) else None,
        scratch=tuple(name for part in parts for name in (part.relation, *part.scratch)),
    )


def _parts(paths: tuple[Path, ...], ask: Request, exact: bool) -> tuple[list[Raw], list[Fault]]:
    """Each file by itself, and what is wrong with any of them."""
    parts, faults = [], []
    for path in paths:
        try:
            parts.append(csvfile.load(path, str(path), ask, exact=exact))
        except FatalFaults as fatal:
            faults += [replace(fault, file=str(path)) for fault in fatal.faults]
    for part in parts:
        found = header_faults(part.headers, match(part.headers, ask), ask)
        faults += [replace(fault, file=part.printable) for fault in found]
    return parts, faults


def _different_names(parts: list[Raw], ask: Request) -> list[Fault]:
    """A fault for each column of ours that is not the same one of theirs in every file."""
    faults, first = [], {}
    for part in parts:
        for ours, at in match(part.headers, ask).positions.items():
            theirs = part.headers[at]
            name, file = first.setdefault(ours, (theirs, part.printable))
            if name != theirs:
                values = {"other": name, "other_file": file}
                faults.append(Fault("names_differ", ours, 1, theirs, values, part.printable))
    return faults


def _different_units(parts: list[Raw], ask: Request) -> list[Fault]:
    """A fault for a file whose titles name another unit of money than those of the first."""
    money = {
        name
        for part in parts
        for name in match(part.headers, ask).positions
        if ask.table[name].kind == "amount"
    }
    if not money:
        return []
    named = [[title for text in part.titles if (title := units.of_title(text))] for part in parts]
    different = (i for i, titles in enumerate(named) if _sizes(titles) != _sizes(named[0]))
    if (at := next(different, None)) is None:
        return []
    example, other = (
        f"{parts[i].printable}: {'; '.join(title.text for title in named[i]) or '–'}"
        for i in (at, 0)
    )
    return [Fault("units_differ", min(money), 1, example, {"other": other})]


def _sizes(titles: list[units.Title]) -> list[units.Unit | None]:
    return [title.unit for title in titles]


def _rows(part: Raw, position: int, headers: tuple[str, ...]) -> str:
    """SQL: the rows of one file, with the columns of all of them."""
    cells = ", ".join(
        f"c{part.headers.index(name)} AS c{i}" if name in part.headers else f"NULL::VARCHAR AS c{i}"
        for i, name in enumerate(headers)
    )
    numbered = f"{position * FILE_STRIDE} + __row AS __row"
    return f"SELECT {numbered}, __fault, {cells} FROM {part.relation}"


def _empty_rows(part: Raw, position: int) -> str:
    """SQL: the empty rows of one file, numbered among those of all of them."""
    return f"SELECT {position * FILE_STRIDE} + __row AS __row FROM ({part.empty_rows})"


def _notes(parts: list[Raw], headers: tuple[str, ...]) -> list[Fault]:
    """What there is to say of the files: the same is said once, with how often it holds."""
    notes: list[Fault] = []
    for note in (note for part in parts for note in part.notes):
        same = next((n for n in notes if (n.rule, n.values) == (note.rule, note.values)), None)
        if same is None:
            notes.append(note)
        else:
            notes[notes.index(same)] = replace(same, count=same.count + note.count)
    for name in headers:
        absent = [part.printable for part in parts if name not in part.headers]
        if absent:
            listed = ", ".join(f"`{file}`" for file in absent[:_LISTED])
            values = {"files": listed + (", …" if len(absent) > _LISTED else "")}
            notes.append(Fault("not_in_all_files", "", len(absent), name, values))
    return notes

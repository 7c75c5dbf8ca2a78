"""The units of money that an input states outside of its cells: in headers, titles, a row of units.

A unit is applied and said, or asked about where it is doubtful; it is never passed over.
"""

from dataclasses import dataclass, field

from salesanalysis.sources import no_records, units
from salesanalysis.sources.faults import Fault, Size
from salesanalysis.sources.matching import Matched
from salesanalysis.sources.raw import FILE_STRIDE, Raw, row_file
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import execute
from salesanalysis.sources.units import Unit


@dataclass(frozen=True)
class Stated:
    """The input without its row of units, the unit of each column of money, and what to say."""

    raw: Raw
    units: dict[str, Unit] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @property
    def signs(self) -> frozenset[str]:
        """The signs and words of currency."""
        return frozenset(unit.sign for unit in self.units.values() if unit.sign)


def stated(raw: Raw, ask: Request, found: Matched) -> Stated:
    """What headers, titles and a row of units say of the columns of money that were found."""
    columns = [name for name in found.positions if ask.table[name].kind == "amount"]
    if not columns or not raw.relation:
        return Stated(raw)
    faults: list[Fault] = []
    title = _of_titles(raw.titles, columns[0], faults)
    raw, row, row_faults = _row_of_units(raw, ask, found, columns)
    faults += row_faults
    each = {}
    for column in columns:
        header = raw.headers[found.positions[column]]
        own = of_column(header, column, faults)
        each[column] = _with_others(own, row.get(column), title, column, header, faults)
    return Stated(raw, each, tuple(faults))


def of_column(header: str, column: str, faults: list[Fault]) -> Unit:
    """The unit in the header of a column of money; the notes about it are added to ``faults``."""
    unit, said = units.of_header(header).unit, units.of_header(header).said
    if unit is None:
        faults.append(Fault("unit_not_applied", column, example=header, values={"unit": said}))
        return Unit()
    if unit.per_cent:
        faults.append(Fault("unit_unknown", column, example=header))
    if unit.scale:
        values = {"scale": Size(unit.scale)}
        faults.append(Fault("unit_in_header", column, example=header, values=values))
    return unit


def _of_titles(titles: tuple[str, ...], column: str, faults: list[Fault]) -> units.Title | None:
    """The one unit that the rows above the header name."""
    named = [title for text in titles if (title := units.of_title(text))]
    for title in named:
        if title.unit is None:
            faults.append(Fault("unit_unknown", column, example=title.text))
            return None
    both = Unit()
    for title in named:
        merged = both.and_also(title.unit)
        if merged is None:
            values = {"other": title.text}
            faults.append(Fault("units_differ", column, example=named[0].text, values=values))
            return None
        both = merged
    return units.Title("; ".join(title.text for title in named), both) if named else None


def _with_others(
    own: Unit, row: Unit | None, title: units.Title | None, column: str, header: str, faults
) -> Unit:
    """The unit of a column's header together with that of the row of units, or of a title."""
    if row is not None:
        both = own.and_also(row)
        if both is None:
            values = {"other": row.sign or Size(row.scale)}
            faults.append(Fault("units_differ", column, example=header, values=values))
        return both or own
    if title is None or own.scale:
        return own
    both = own.and_also(title.unit)
    if both is None or (own.sign and title.unit.scale):
        # "Amount (EUR)" under "in thousands": of thousands of euros, or of euros after all?
        faults.append(Fault("units_differ", column, example=header, values={"other": title.text}))
        return own
    if both.scale:
        values = {"scale": Size(both.scale)}
        faults.append(Fault("unit_in_title", column, example=title.text, values=values))
    return both


def _row_of_units(raw: Raw, ask: Request, found: Matched, columns: list[str]):
    """The input without a row of units below its header, and the unit of each column in it."""
    first = f"SELECT min(__row) FROM {raw.relation} GROUP BY __row // {FILE_STRIDE}"
    text = [name for name in columns if raw.types[found.positions[name]] == "VARCHAR"]
    if not text or raw.rows < 2:
        return raw, {}, []
    dated = [name for name in found.positions if ask.table[name].kind not in ("id", "text")]
    cells = ", ".join(f"CAST(c{found.positions[name]} AS VARCHAR)" for name in dated)
    listed = execute(
        f"SELECT __row, {cells} FROM {raw.relation} WHERE __row IN ({first}) AND __fault IS NULL"
        " ORDER BY __row"
    )
    read = {row: _units_of(dict(zip(dated, cells, strict=True)), text) for row, *cells in listed}
    named = {row: said for row, said in read.items() if said}
    if not named:
        return raw, {}, []
    first_said = next(iter(named.values()))
    if len(named) < len(raw.files) or any(said != first_said for said in named.values()):
        return raw, {}, [_rows_differ(raw, named)]
    said = {name: unit for name, (_, unit) in first_said.items()}
    return no_records.marked(raw, dict.fromkeys(named, "unit_row")), said, []


def _rows_differ(raw: Raw, named: dict[int, dict[str, tuple[str, Unit]]]) -> Fault:
    """The fault of files whose rows of units differ, or of which only some have one."""
    in_file = {row_file(row): said for row, said in named.items()}
    files = [
        f"{file}: {', '.join(words for words, _ in in_file.get(i, {}).values()) or '–'}"
        for i, file in enumerate(raw.files)
    ]
    differs = next(file for i, file in enumerate(files) if in_file.get(i) != in_file.get(0))
    column = next(iter(next(iter(named.values()))))
    return Fault("units_differ", column, len(named), files[0], {"other": differs})


def _units_of(cells: dict[str, str | None], columns: list[str]) -> dict[str, tuple[str, Unit]]:
    """The units in a row, where it is one of units: no cell of it is a number or a date."""
    if any(cell and units.has_number(cell) for cell in cells.values()):
        return {}
    named = {}
    for column in columns:
        words = (cells[column] or "").strip()
        unit = units.read(words.strip("()（）[]【】 ")) if words else None
        if unit and not unit.says_nothing and not unit.per_cent:
            named[column] = (words, unit)
    return named

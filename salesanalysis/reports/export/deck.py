"""The slides of a report, whatever they are shown with: one idea each, its title the finding.

A figure makes a slide under the finding it shows; a section without a figure shows its first table,
under the first thing that it found. What the section says, and the numbers of its tables, stand in
the speaker notes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis import text
from salesanalysis.reports import tables
from salesanalysis.reports.blocks import Figure, Heading, Paragraph, Statement, Table, Title
from salesanalysis.reports.export import Material, room_of

#: How much of a table can be read from the back of a room, and of a text in it (in letters).
ROWS, COLUMNS, LONGEST_CELL = 8, 6, 60
#: How many findings stand on one slide, and how many rows of a table in the notes.
FINDINGS, NOTED_ROWS = 4, 12

#: The sections of the appendix: on one slide at the end, in a few lines of a mail.
APPENDIX = ("glossary", "quality", "provenance")


@dataclass(frozen=True)
class ShownTable:
    """A table as a slide shows it: headings, which of them are numbers, and cells as texts."""

    heads: list[str]
    numeric: list[bool]
    cells: list[list[str]]
    note: str = ""


@dataclass(frozen=True, eq=False)
class Slide:
    """One slide: its title, the section it belongs to, what it shows, what the speaker reads."""

    title: str
    section: str = ""
    points: list[str] = field(default_factory=list)
    figure: Figure | None = None
    table: ShownTable | None = None
    notes: list[str] = field(default_factory=list)
    opening: bool = False


@dataclass
class _Section:
    heading: Heading
    figures: list[Figure] = field(default_factory=list)
    shown: list[Table] = field(default_factory=list)
    said: list[Paragraph] = field(default_factory=list)


def deck(made: Material) -> list[Slide]:
    """The slides of a report.

    The title; the findings; what to know before relying on them; one for each figure, and for
    each section that has only tables; what the report was made from.
    """
    lang = made.lang
    title = next((b for b in made.blocks if isinstance(b, Title)), None)
    said = {
        kept: [b for b in made.blocks if isinstance(b, Statement) and b.kept == kept]
        for kept in ("headlines", "warnings")
    }
    slides = [
        Slide(
            title.said if title else made.record["name"],
            points=[title.question] if title else [],
            notes=[statement.said for statement in said["headlines"]],
            opening=True,
        )
    ]
    for kept, key in (("headlines", "in_short"), ("warnings", "caveats")):
        points = [statement.said for statement in said[kept]]
        heading = text.sentence(f"report.deck.{key}", lang)
        slides += [Slide(heading, points=part) for part in _evenly(points)]
    findings = {statement.key: statement.said for statement in reversed(said["headlines"])}
    for block in made.blocks:
        if isinstance(block, Paragraph) and block.kind:
            findings.setdefault(block.kind, block.said)
    for section in _sections(made.blocks):
        slides += _section_slides(section, findings, lang)
    return [*slides, made_from(made)]


def picture_of(figure: Figure, made: Material) -> Path:
    """The picture that a slide shows of a figure."""
    return made.folder / (figure.slide or figure.files[0])


def _evenly(points: list[str]) -> list[list[str]]:
    """Points on as few slides as hold them, about as many on each."""
    slides = -(-len(points) // FINDINGS)
    ends = [round(len(points) * number / slides) for number in range(1, slides + 1)]
    return [points[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _sections(blocks) -> Iterator[_Section]:
    """The sections of the report, those of the appendix left out."""
    section = None
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2:
            if section:
                yield section
            section = _Section(block) if block.anchor not in APPENDIX else None
        elif section is None:
            continue
        elif isinstance(block, Figure):
            section.figures.append(block)
        elif isinstance(block, Table) and block.caption and len(block.frame):
            section.shown.append(block)
        elif isinstance(block, Paragraph):
            section.said.append(block)
    if section:
        yield section


def _section_slides(section: _Section, findings: dict[str, str], lang: str) -> list[Slide]:
    numbers = [line for table in section.shown for line in _noted(table, lang)]
    said = [paragraph.said for paragraph in section.said]
    name = section.heading.said
    slides = []
    for figure in section.figures:
        told = _finding(figure, findings) or figure.caption
        # The numbers are read out once, with the first figure of the section.
        notes = [figure.caption, *said, *numbers] if not slides else [figure.caption]
        slides.append(Slide(told, section=name, figure=figure, notes=notes))
    if not slides and section.shown:
        first = section.shown[0]
        shown = _shown(first, lang)
        found = (paragraph.said for paragraph in section.said if paragraph.kind)
        title = _finding(first, findings) or next(found, first.caption)
        slides.append(Slide(title, section=name, table=shown, notes=[*said, *numbers]))
    return slides


def _finding(shown: Figure | Table, findings: dict[str, str]) -> str:
    """The first of the findings that a figure or table shows that was told."""
    return next((findings[key] for key in shown.shows if key in findings), "")


def _shown(table: Table, lang: str) -> ShownTable:
    """As much of a table as fits on a slide; it says where there is more."""
    frame = table.frame.drop(columns=list(table.hide))
    upright = len(frame) == 1 and frame.shape[1] > COLUMNS  # its one row as a column
    part = frame.iloc[:ROWS, : ROWS if upright else COLUMNS]
    heads, cells = tables.shown_table(part, lang=lang, part=table.part)
    cells = [[_short(cell) for cell in line] for line in cells]
    note = ""
    if part.shape != frame.shape:
        counts = {"shown": len(part), "rows": len(frame), "columns": part.shape[1]}
        note = text.sentence("report.deck.part", lang, **counts, all=frame.shape[1])
    if upright:
        heads, *cells = (list(pair) for pair in zip(heads, cells[0], strict=True))
        return ShownTable(heads, [False, False], cells, note)
    return ShownTable(heads, tables.numeric_columns(part), cells, note)


def _short(cell: str) -> str:
    room = room_of(cell)
    return cell if room <= LONGEST_CELL else cell[: LONGEST_CELL * len(cell) // room - 1] + "…"


def _noted(table: Table, lang: str) -> list[str]:
    """A table as lines for the speaker: its caption, then ``heading value, …`` for each row."""
    frame = table.frame.drop(columns=list(table.hide)).head(NOTED_ROWS)
    heads, cells = tables.shown_table(frame, lang=lang, part=table.part)
    lines = [
        "; ".join(
            f"{head}: {cell}"
            for head, cell in zip(heads, row, strict=True)
            if cell not in ("", text.MISSING)
        )
        for row in cells
    ]
    return [f"{table.caption}:", *(f"– {line}" for line in lines)]


def made_from(made: Material) -> Slide:
    """The last slide: inputs, how much of them was used, and what to ask for to make it again."""
    lang = made.lang
    points = [
        text.sentence(
            "report.deck.input",
            lang,
            source=source["source"],
            used=source["rows_used"],
            rows=source["rows"],
            fingerprint=source["fingerprint"].rpartition(":")[2][:12],
        )
        for source in made.record["sources"]
    ]
    commit = made.record["commit"]
    if commit:
        key = "commit_changed" if commit["uncommitted_changes"] else "commit"
        points.append(text.sentence(f"report.provenance.{key}", lang, commit=commit["id"][:12]))
    parameters = made.record["parameters"]
    notes = [f"{name} = {value}" for name, value in parameters.items()]
    return Slide(text.sentence("report.provenance.title", lang), points=points, notes=notes)

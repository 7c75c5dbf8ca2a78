"""The slides of a report, whatever they are shown with: the page's own story, one idea on each.

The situation (the answer, its figures, what changed), the main findings, each beside the picture
that shows it, what to do this week, and an appendix: the other sections, how sure all this is, what
it was made from. What a section says further, and the numbers of its tables, stand in the notes.
"""

import re
from dataclasses import dataclass, field, replace
from itertools import compress
from pathlib import Path

from salesanalysis import text
from salesanalysis.reports import tables, week
from salesanalysis.reports.blocks import Figure, Heading, Paragraph, Statement, Table
from salesanalysis.reports.export import Material, room_of
from salesanalysis.reports.export.layout import Page, Section, of_blocks
from salesanalysis.reports.tiles import Tile, tile

#: How much of a table can be read from the back of a room, and of a text in it (in letters).
ROWS, COLUMNS, LONGEST_CELL = 8, 8, 60
#: How many figures of a table of one row, which stand below each other.
UPRIGHT_ROWS = 12
#: How many sections are findings where a report does not say which, how many points stand on one
#: slide, how long a title of two lines is (in letters), how many rows of a table are in the notes.
FINDINGS, POINTS, LONGEST_TITLE, NOTED_ROWS = 3, 4, 124, 12

#: Where a sentence ends and another begins, in either language.
_SENTENCE_ENDS = re.compile(r"(?<=\.)\s+|(?<=。)")


@dataclass(frozen=True)
class ShownTable:
    """A table as a slide shows it: headings, which of them are numbers, and cells as texts.

    ``shares`` are the widths of its columns beside each other; by their texts where it has none.
    """

    heads: list[str]
    numeric: list[bool]
    cells: list[list[str]]
    note: str = ""
    shares: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Slide:
    """One slide: what stands over its title, the title, what it shows, what the speaker reads.

    Of the points the first is the strongest; ``cautions`` follow them, ``caption`` stands under the
    picture.
    """

    kind: str
    title: str
    tiles: list[Tile] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    figure: Figure | None = None
    table: ShownTable | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def caption(self) -> str:
        """How to read the picture, unless that is its only point."""
        return self.figure.caption if self.figure and self.figure.caption not in self.points else ""


def story(made: Material) -> list[Slide]:
    """The slides that a talk goes through: situation, findings, what to do."""
    page, say = of_blocks(made.blocks), _Words(made)
    findings = _findings(page, made)
    slides = [_situation(page, findings, made)]
    for number, section in enumerate(findings, start=1):
        slides += _section_slides(section, say("finding", number=number), page, made)[:1]
    return [*slides, *_week(page, made)]


def deck(made: Material) -> list[Slide]:
    """All slides of a report: the story, and the appendix."""
    page, slides = of_blocks(made.blocks), story(made)
    findings, appendix = _findings(page, made), _Words(made)("appendix")
    told = [slide.figure for slide in slides if slide.figure]
    for section in page.sections:
        own = _section_slides(section, appendix, page, made)
        own = [slide for slide in own if slide.figure not in told]
        if section in findings:
            own += _table_slides(section, appendix, page, made)
        slides += own or _table_slides(section, appendix, page, made)
    return [*slides, *_how_sure(page, made)]


def source(made: Material) -> str:
    """What stands at the foot of each slide: of which report and day it is."""
    record = made.record
    as_of, currency = record.get("as_of"), record.get("currency")
    said = [record["title"] or record["name"]]
    said += [text.sentence("report.page.as_of", made.lang, as_of=as_of)] if as_of else []
    said += (
        [text.sentence("report.table.amounts", made.lang, currency=currency)] if currency else []
    )
    return _Words(made)("source", said=" · ".join(part.rstrip(".。") for part in said))


def picture_of(figure: Figure, made: Material) -> Path:
    """The picture that a slide shows of a figure."""
    return made.folder / (figure.slide or figure.files[0])


class _Words:
    """The words of slides, in the reader's language."""

    def __init__(self, made: Material):
        self._lang = made.lang

    def __call__(self, key: str, **values: object) -> str:
        return text.sentence(f"report.deck.{key}", self._lang, **values)


def _findings(page: Page, made: Material) -> list[Section]:
    """The sections that a talk is of: those the report names, else the first with a finding."""
    drawn = [one for one in page.sections if one.heading and one.shown("figure")]
    named = {one.heading.anchor: one for one in drawn}
    if main := made.record.get("main"):
        return [named[anchor] for anchor in main if anchor in named]
    found = [one for one in drawn if one.heading.note and not _known_by(one, made)]
    return found[:FINDINGS]


def _known_by(section: Section, made: Material) -> Figure | None:
    """The picture that the report is known by, where it is in this section."""
    name = (made.record.get("in_short") or {}).get("picture")
    return next((one for one in section.shown("figure") if one.name == name), None)


def _situation(page: Page, findings: list[Section], made: Material) -> Slide:
    """The answer, its figures, what changed, and the picture that the report is known by."""
    record, say = made.record, _Words(made)
    leads, since, blocking = (_first(page, part) for part in ("lead", "since", "blocking"))
    others = [one for one in page.sections if one.heading and one not in findings]
    known_by = [one for one in others if _known_by(one, made)]
    title = leads[0].said if leads else ""
    said = [one.heading.said for one in known_by or findings]
    name = record["title"] or record["name"]
    return Slide(
        say("situation", report=name) if title else say("situation_only"),
        _title(title or name),
        tiles=_tiles(page, made),
        points=[*(one.said for one in since), *(point for point in said if point != title)],
        cautions=[one.said for one in blocking],
        figure=_known_by(known_by[0], made) if known_by else None,
        notes=list(filter(None, [title, record.get("question")])),
    )


def _first(page: Page, part: str) -> list:
    """What stands in a part of the first screen."""
    return [piece.shown for piece in page.first[part]]


def _tiles(page: Page, made: Material) -> list[Tile]:
    records = (record for told in _first(page, "tiles") for record in told.records)
    return [tile(one, made.lang, made.record.get("currency", "")) for one in records]


def _title(*candidates: str) -> str:
    """The first that two lines have room for, or its first sentence; the last is cut to them."""
    there = [said for said in candidates if said]
    forms = (form for said in there for form in (said, _SENTENCE_ENDS.split(said)[0]))
    fitting = (said for said in forms if room_of(said) <= LONGEST_TITLE)
    return next(fitting, None) or _short(there[-1], LONGEST_TITLE)


def _short(said: str, longest: int = LONGEST_CELL) -> str:
    room = room_of(said)
    return said if room <= longest else said[: longest * len(said) // room - 1] + "…"


def _told(section: Section, page: Page) -> dict[str, Statement | Paragraph]:
    """What was found, by what a figure names it by; of the section itself before the others."""
    found: dict[str, Statement | Paragraph] = {}
    others = [shown for one in page.sections for shown in one.shown("said")]
    for block in [*section.shown("said"), *others]:
        found.setdefault(block.key if isinstance(block, Statement) else block.kind, block)
    return found


def _section_slides(section: Section, kind: str, page: Page, made: Material) -> list[Slide]:
    """A slide for each picture of a section, what was found beside the first of them."""
    if not section.heading:
        return []
    numbers = [line for table in section.shown("table") for line in _noted(table, made.lang)]
    read_out = [*_said(section), *numbers]  # once, with the first picture
    told = _told(section, page)
    slides = []
    for number, figure in enumerate(section.shown("figure")):
        shows = [told[key] for key in figure.shows if key in told]
        known = [lead.said for lead in _first(page, "lead")]  # what the first slide says already
        titles = _titles(section, figure, shows, is_first=not number)
        title = _title(*(one for one in titles if one not in known))
        points = [block.said for block in (shows if number else section.shown("said"))]
        points = [point for point in points if point != title][:POINTS]
        points = points or [block.said for block in section.shown("how")[:1]] or [figure.caption]
        notes = [title, figure.caption, *([] if number else read_out)]
        slides.append(
            Slide(_of(kind, section.heading), title, points=points, figure=figure, notes=notes)
        )
    return slides


def _titles(section: Section, figure: Figure, shows: list, *, is_first: bool) -> list[str]:
    """What may stand over a picture, the best first."""
    heading = section.heading
    short, said = _forms(shows) or ("", "")
    # The heading of a section is what was found first; another picture shows something else.
    found = heading.said if heading.note and is_first else ""
    return [short, found, said, *([heading.said] if is_first else []), figure.caption]


def _of(kind: str, heading: Heading) -> str:
    return f"{kind} · {heading.note or heading.said}"


def _table_slides(section: Section, kind: str, page: Page, made: Material) -> list[Slide]:
    """The first table of a section; with what was found beside it where there is no picture."""
    shown, heading = section.shown("table"), section.heading
    if not shown or not heading:
        return []
    table, told = shown[0], _told(section, page)
    found = [] if section.shown("figure") else section.shown("said")
    shows = [told[key] for key in table.shows if key in told] or found
    title = _title(*_forms(shows), table.caption)
    points = [block.said for block in found if block.said != title][:POINTS]
    columns = COLUMNS - 2 if points else COLUMNS
    drawn = shown_table(table, made.lang, columns=columns)
    notes = [title, *_said(section), *_noted(table, made.lang)]
    return [Slide(_of(kind, heading), title, points=points, table=drawn, notes=notes)]


def _forms(found: list) -> tuple[str, ...]:
    """The first finding as a title, or as it was said."""
    return (found[0].short, found[0].said) if found else ()


def _said(section: Section) -> list[str]:
    """All that a section says, for the speaker."""
    return [block.said for part in ("said", "how") for block in section.shown(part)]


def _week(page: Page, made: Material) -> list[Slide]:
    """What to do, who does it and by when; nothing where no step is known."""
    slides = []
    for piece in page.first["week"]:
        told = piece.shown
        lines = [week.line(one, made.lang, made.record.get("currency", "")) for one in told.lines]
        cells = [
            [one.who, _short(" · ".join(filter(None, [one.about, one.traits]))), one.amount,
             one.at_stake, one.over, one.step, one.due]
            for one in lines
        ]  # fmt: skip
        if not lines:
            continue
        numeric = [name in ("amount", "at_stake") for name in week.CELLS]
        filled = week.filled(lines).values()
        heads, numeric, shares = (
            list(compress(parts, filled))
            for parts in (week.heads(made.lang), numeric, (15, 22, 13, 13, 14, 30, 13))
        )
        cells = [list(compress(row, filled)) for row in cells]
        table = ShownTable(heads, numeric, cells, told.note, tuple(shares))
        title = _Words(made)("week", steps=len(lines))
        slides.append(Slide(told.title, title, table=table, notes=[told.note]))
    return slides


def _how_sure(page: Page, made: Material) -> list[Slide]:
    """What to know before numbers are quoted, what they mean, and what all was made from."""
    say = _Words(made)
    blocking = [piece.shown.said for piece in page.first["blocking"]]
    points = [piece.shown.said for piece in page.first["caution"]]
    checked = [
        said.said
        for section in page.folded
        if section.heading.anchor == "section-checks"
        for said in section.shown("how")[:1]
    ]
    levels = text.sentence("report.levels", made.lang)
    meanings = [
        table
        for section in page.folded
        if section.heading.anchor == "glossary"
        for table in section.shown("table")
    ]
    origin = made_from(made)
    if not (points or checked or blocking or meanings):
        return [replace(origin, points=[levels, *origin.points])]
    table = shown_table(meanings[0], made.lang, longest=400) if meanings else None
    points = [say("sure"), *points, *checked, levels]
    sure = Slide(say("appendix"), say("how_sure"), points=points, cautions=blocking, table=table)
    return [sure, origin]


def shown_table(
    table: Table,
    lang: str,
    *,
    rows: int = ROWS,
    columns: int = COLUMNS,
    longest: int = LONGEST_CELL,
) -> ShownTable:
    """As much of a table as has room; it says what has not. One row stands upright, whole."""
    frame = table.frame.drop(columns=list(table.hide))
    upright = len(frame) == 1 and frame.shape[1] > 3
    part = frame.iloc[:rows, : max(rows, UPRIGHT_ROWS) if upright else columns]
    heads, cells = tables.shown_table(part, lang=lang, part=table.part)
    cells = [[_short(cell, longest) for cell in line] for line in cells]
    note = ""
    if part.shape != frame.shape:
        counts = {"shown": len(part), "rows": len(frame), "columns": part.shape[1]}
        note = text.sentence("report.deck.part", lang, **counts, all=frame.shape[1])
    if upright:
        heads, *cells = (list(pair) for pair in zip(heads, cells[0], strict=True))
        return ShownTable(heads, [False, False], cells, note)
    return ShownTable(heads, tables.numeric_columns(part), cells, note)


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
    import pandas as pd

    lang, record = made.lang, made.record
    made_by, table = "", None
    if commit := record["commit"]:
        key = "commit_changed" if commit["uncommitted_changes"] else "commit"
        made_by = text.sentence(f"report.provenance.{key}", lang, commit=commit["id"][:12])
    if record["sources"]:
        names = ["source", "rows", "rows_used", "fingerprint"]
        frame = pd.DataFrame(record["sources"])[names]
        frame["fingerprint"] = [of.rpartition(":")[2][:12] for of in frame["fingerprint"]]
        heads, cells = tables.shown_table(frame, lang=lang, part="report")
        table = ShownTable(heads, tables.numeric_columns(frame), cells, made_by)
    points = [made_by] if made_by and not table else []
    notes = [f"{name} = {value}" for name, value in record["parameters"].items()]
    title = text.sentence("report.provenance.title", lang)
    return Slide(_Words(made)("appendix"), title, points=points, table=table, notes=notes)

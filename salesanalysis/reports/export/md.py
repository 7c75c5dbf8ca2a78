"""The report as Markdown, to be put into an e-mail: its first screen whole, findings, small tables.

What a data file holds cannot become a link, a picture or markup: every character that Markdown
gives a meaning is escaped.
"""

import re

from salesanalysis import text
from salesanalysis.formats import FORMATS, PAGE
from salesanalysis.reports import week
from salesanalysis.reports.blocks import Table, Week
from salesanalysis.reports.export import Material
from salesanalysis.reports.export.deck import ShownTable, made_from, shown_table
from salesanalysis.reports.export.layout import Page, Section, of_blocks
from salesanalysis.reports.tiles import Tile, tile

#: A table of more rows is only named, with its file; of columns the first are shown.
ROWS, COLUMNS = 12, 8

_SCHEMES = "https?|ftp|mailto|xmpp|javascript|data"
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~$&])")


def write(made: Material) -> None:
    """Write the Markdown."""
    page = of_blocks(made.blocks)
    parts = _first_screen(page, made)
    for section in page.sections:
        parts += _section(section, made.lang)
    origin = made_from(made)
    parts += [f"## {escaped(origin.title)}", *(escaped(said) for said in origin.points)]
    parts += [_lines(origin.table), escaped(origin.table.note)] if origin.table else []
    parts += [text.sentence("report.mail.files", made.lang), _files(made)]
    content = "\n\n".join(part for part in parts if part)
    made.file("md").write_text(content + "\n", encoding="utf-8", newline="\n")


def escaped(said: str) -> str:
    """A text as Markdown shows it, on one line, none of it markup.

    Examples
    --------
    >>> escaped("[click](http://evil.test) **now**")
    '\\\\[click\\\\](http\\\\://evil.test) \\\\*\\\\*now\\\\*\\\\*'
    """
    plain = _MARKUP.sub(r"\\\1", " ".join(said.split()))
    # Mail programs make a link of every address, and a list or rule of a line that begins so.
    plain = re.sub(rf"(?i)\b({_SCHEMES}|[a-z][a-z0-9+.-]*(?=://)):", r"\1\\:", plain)
    plain = re.sub(r"(?i)\b(www)\.", r"\1\\.", plain)
    plain = re.sub(r"^(\d+)(?=[.)]( |$))", r"\1\\", plain)
    return re.sub(r"^([-+=])", r"\\\1", plain)


def _first_screen(page: Page, made: Material) -> list[str]:
    """The answer, what makes numbers wrong, the figures, what to do, what to know before."""
    record, lang, currency = made.record, made.lang, made.record.get("currency", "")
    first = {part: [piece.shown for piece in pieces] for part, pieces in page.first.items()}

    def caveat(one) -> str:
        return escaped(text.sentence("report.mail.caveat", lang, said=one.said))

    parts = [f"# {escaped(record['title'] or record['name'])}"]
    parts += [f"**{escaped(lead.said)}**" for lead in first["lead"]]
    parts += [] if first["lead"] else [escaped(record.get("question") or "")]
    parts += [escaped(since.said) for since in first["since"]]
    parts += [f"> **{caveat(one)}**" for one in first["blocking"]]
    figures = [tile(one, lang, currency) for told in first["tiles"] for one in told.records]
    parts.append("\n".join(_figure(one, lang) for one in figures))
    for told in first["week"]:
        parts += _week(told, lang, currency)
    parts.append("\n".join(f"- {caveat(one)}" for one in first["caution"]))
    return parts


def _figure(said: Tile, lang: str) -> str:
    words = {"label": escaped(said.label), "value": f"**{escaped(said.value)}**"}
    more = (f"{said.shape} {said.word}", said.under, said.change)
    rest = " · ".join(escaped(part) for part in more if part)
    return f"- {text.sentence('report.mail.figure', lang, **words)} · {rest}"


def _week(told: Week, lang: str, currency: str) -> list[str]:
    lines = []
    for number, one in enumerate(told.lines, start=1):
        said = week.line(one, lang, currency)
        stake, known = said.amount, {"amount": said.amount, "at_stake": said.at_stake}
        if said.at_stake != text.MISSING:
            stake = text.sentence("report.mail.stake", lang, **known)
        about = (said.about, said.traits, stake, said.over, said.step, said.due)
        rest = " · ".join(escaped(part) for part in about if part)
        lines.append(f"{number}. **{escaped(said.who)}** · {rest}")
    return [f"## {escaped(told.title)}", escaped(told.note), "\n".join(lines)]


def _section(section: Section, lang: str) -> list[str]:
    """What was found, the picture of it, and the tables that have room in a mail."""
    heading, parts = section.heading, []
    if heading:
        parts.append(f"## {escaped(heading.said)}")
        parts.append(escaped(heading.note))
    parts += [escaped(found.said) for found in section.shown("said")]
    for figure in section.shown("figure"):
        parts.append(f"![{escaped(figure.caption)}]({figure.files[0]})")
    for table in section.shown("table"):
        parts += _table(table, lang)
    return parts if len(parts) > 2 or not heading else []


def _table(table: Table, lang: str) -> list[str]:
    frame = table.frame.drop(columns=list(table.hide))
    caption = f"*{escaped(table.caption)}*"
    if len(frame) > ROWS:
        where = f"tables/{table.name}.csv" if table.name else FORMATS[PAGE].file
        said = text.sentence("report.mail.in_file", lang, rows=len(frame), file=where)
        return [caption, escaped(said)]
    shown = shown_table(table, lang, rows=ROWS, columns=COLUMNS, longest=300)
    return [caption, _lines(shown), escaped(shown.note)]


def _lines(table: ShownTable) -> str:
    rules = ["--:" if number else ":--" for number in table.numeric]
    lines = [[escaped(h) for h in table.heads], rules]
    lines += [[escaped(cell) for cell in row] for row in table.cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _files(made: Material) -> str:
    present = [FORMATS[name].file for name in made.record["formats"] if name != "md"]
    return "\n".join(f"- {name}" for name in [*present, "tables/", "figures/"])

"""The report as Markdown, to be put into an e-mail: findings, caveats, small tables, where to look.

What a data file holds cannot become a link, a picture or markup: every character that Markdown
gives a meaning is escaped.
"""

import itertools
import re

from salesanalysis import text
from salesanalysis.formats import FORMATS, PAGE
from salesanalysis.reports import tables
from salesanalysis.reports.blocks import Figure, Heading, Paragraph, Statement, Table, Title
from salesanalysis.reports.export import Material
from salesanalysis.reports.export.deck import APPENDIX, made_from

#: A table of more rows or columns is only named, with its file.
ROWS, COLUMNS = 12, 8

_SCHEMES = "https?|ftp|mailto|xmpp|javascript|data"
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~$&])")


def write(made: Material) -> None:
    """Write the Markdown."""
    report = itertools.takewhile(_is_report, made.blocks)
    parts = [said for block in report for said in _said(block, made.lang)]
    origin = made_from(made)
    parts += [f"## {escaped(origin.title)}", *(f"- {escaped(said)}" for said in origin.points)]
    parts += [text.sentence("report.mail.files", made.lang), _files(made)]
    content = "\n\n".join(part for part in parts if part)
    made.file("md").write_text(content + "\n", encoding="utf-8", newline="\n")


def _is_report(block) -> bool:
    """Whether a block comes before the appendix, which is too long for a mail."""
    return not (isinstance(block, Heading) and block.anchor in APPENDIX)


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


def _said(block, lang: str) -> list[str]:
    if isinstance(block, Title):
        return [f"# {escaped(block.said)}", escaped(block.question)]
    if isinstance(block, Statement):
        mark = "**" if block.kept == "headlines" else ""
        caveat = "" if mark else text.sentence("report.mail.caveat", lang) + " "
        return [f"- {caveat}{mark}{escaped(block.said)}{mark}"]
    if isinstance(block, Heading):
        return [f"{'#' * block.level} {escaped(block.said)}"]
    if isinstance(block, Paragraph):
        return [escaped(part) for part in block.said.split("\n\n")]
    if isinstance(block, Figure):
        return [f"![{escaped(block.caption)}]({block.files[0]})"]
    return _table(block, lang) if block.caption else []


def _table(table: Table, lang: str) -> list[str]:
    frame = table.frame.drop(columns=list(table.hide))
    if not len(frame):
        return [escaped(text.sentence("report.table.empty", lang, caption=table.caption))]
    caption = f"*{escaped(table.caption)}*"
    if len(frame) > ROWS or frame.shape[1] > COLUMNS:
        where = f"tables/{table.name}.csv" if table.name else FORMATS[PAGE].file
        said = text.sentence("report.mail.in_file", lang, rows=len(frame), file=where)
        return [caption, escaped(said)]
    heads, cells = tables.shown_table(frame, lang=lang, part=table.part)
    rules = ["--:" if number else ":--" for number in tables.numeric_columns(frame)]
    lines = [[escaped(h) for h in heads], rules, *([escaped(c) for c in row] for row in cells)]
    return [caption, "\n".join(f"| {' | '.join(line)} |" for line in lines)]


def _files(made: Material) -> str:
    present = [FORMATS[name].file for name in made.record["formats"] if name != "md"]
    return "\n".join(f"- {name}" for name in [*present, "tables/", "figures/"])

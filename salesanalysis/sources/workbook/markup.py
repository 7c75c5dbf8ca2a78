"""Tables of web pages, which many programs export with the ending of a workbook.

Each table of a page is a sheet. What spans several rows or columns is a merged area.
"""

import codecs
import email
import email.policy
import re
from pathlib import Path

from salesanalysis.sources import encoding as encodings
from salesanalysis.sources.content import not_readable
from salesanalysis.sources.session import temporary_file
from salesanalysis.sources.workbook.sheet import Area, Sheet, is_filled

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_HEAD = 1 << 14
#: Encodings that are written where a larger one is meant, as browsers read them.
_MEANT = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "cp1252"}
#: Spans that nobody means; a page may say any number.
_MOST_ROWS, _MOST_COLUMNS = 65_536, 16_384
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_HIDDEN = re.compile(r"display\s*:\s*none")


class Page:
    """A web page, or the pages in a mail-like file, as a workbook of its tables."""

    def __init__(self, path: Path, kind: str, encoding: str | None):
        pages = _parts(path) if kind == "mhtml" else [path]
        self.encodings: list[str] = []
        tables = [
            table
            for page in pages
            for table in _tables(readable(page, encoding, self.encodings))
            if any(is_filled(row) for row in table.rows)
        ]
        if not tables:
            raise not_readable("html")
        self.names = [f"table {i}" for i in range(1, len(tables) + 1)]
        self.hidden: set[str] = set()
        self._tables = dict(zip(self.names, tables, strict=True))

    def sheet(self, name: str) -> Sheet:
        """One of the tables."""
        table = self._tables[name]
        return Sheet(name, table.rows, merged=table.merged, hidden_rows=table.hidden)


def readable(path: Path, encoding: str | None, found: list[str]) -> Path:
    """The file in UTF-8; another encoding that it proved to have, or says, is put into ``found``.

    Text that is UTF-8 proves it; what the page says of itself is often wrong.
    """
    proved = encodings.scan(path).encoding
    if proved == "utf-8":
        return path
    if not proved:
        with path.open("rb") as file:
            said = _CHARSET.search(file.read(_HEAD))
        proved = encoding or _meant(said[1].decode("ascii") if said else "")
        proved = proved or encodings.chinese_encoding(path)
    if not proved.startswith("utf-8"):
        found.append(proved)
    target = temporary_file(".html")
    encodings.transcode(path, proved, target)
    return target


def _meant(name: str) -> str:
    """The encoding that a page means by a name; empty for one that is not known or proved wrong."""
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return ""
    return "" if known.startswith("utf") else _MEANT.get(known, known)


def _parts(path: Path) -> list[Path]:
    """The web pages within a file of the kind that mail has."""
    with path.open("rb") as file:
        message = email.message_from_binary_file(file, policy=email.policy.default)
    pages = []
    for part in message.walk():
        if part.get_content_type() == "text/html":
            page = temporary_file(".html")
            page.write_bytes(part.get_payload(decode=True))
            pages.append(page)
    return pages


class _Table:
    """A table while it is read."""

    def __init__(self):
        self.rows: list[list] = []
        self.merged: list[Area] = []
        self.hidden: set[int] = set()
        self._taken: dict[int, int] = {}  # column → the row to which a cell above reaches

    def begin_row(self, style: str) -> None:
        self.rows.append([])
        if _HIDDEN.search(style):
            self.hidden.add(len(self.rows) - 1)

    def add(self, text: str, down: int, across: int) -> None:
        """A cell at the next place that none above it takes."""
        if not self.rows:
            self.rows.append([])
        row, cells = len(self.rows) - 1, self.rows[-1]
        while self._taken.get(len(cells), -1) >= row:
            cells.append("")
        column = len(cells)
        cells += [text, *[""] * (across - 1)]
        if down > 1:
            self._taken |= dict.fromkeys(range(column, column + across), row + down - 1)
        if down > 1 or across > 1:
            self.merged.append(((row, column), (row + down - 1, column + across - 1)))


def _tables(path: Path) -> list[_Table]:
    """The tables of a page, in their order; one within another is a table of its own."""
    from lxml import etree

    done: list[_Table] = []
    opened: list[_Table] = []
    events = ("start", "end")
    tags = ("table", "tr", "td", "th")
    try:
        for event, element in etree.iterparse(
            str(path), events=events, tag=tags, html=True, encoding="utf-8", huge_tree=True
        ):
            if element.tag == "table":
                if event == "start":
                    opened.append(_Table())
                    done.append(opened[-1])
                elif opened:
                    opened.pop()
                    element.clear()
            elif opened and event == "start" and element.tag == "tr":
                opened[-1].begin_row(element.get("style") or "")
            elif opened and event == "end" and element.tag == "tr":
                _forget(element)
            elif opened and event == "end":
                opened[-1].add(
                    _text(element),
                    _span(element.get("rowspan"), _MOST_ROWS),
                    _span(element.get("colspan"), _MOST_COLUMNS),
                )
    except etree.XMLSyntaxError as error:
        raise not_readable("html") from error
    return done


def _forget(row) -> None:
    """Free a row and those before it: a page of a million cells is not kept as a tree."""
    row.clear()
    while row.getprevious() is not None:
        del row.getparent()[0]


def _span(said: str | None, most: int) -> int:
    return min(max(int(said), 1), most) if said and said.strip().isdecimal() else 1


def _text(cell) -> str:
    """The text of a cell as it is shown: a line break only where one is asked for."""
    if not len(cell):
        return _BLANKS.sub(" ", cell.text or "").strip()
    pieces = []
    for node in cell.iter():
        if node.tag == "br":
            pieces.append("\0")
        elif isinstance(node.tag, str) and node.tag not in ("script", "style"):
            pieces.append(node.text or "")
        if node is not cell:
            pieces.append(node.tail or "")
    return _BLANKS.sub(" ", "".join(pieces)).replace("\0", "\n").strip()

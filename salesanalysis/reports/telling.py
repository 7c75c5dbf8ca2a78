"""How what a report says is displayed, kept for the other formats, and written."""

import html
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding
from salesanalysis.formats import FORMATS
from salesanalysis.reports import display, html_tables, pictures, tables, tiles, told_blocks, week
from salesanalysis.reports.blocks import (
    Block,
    Figure,
    Heading,
    Paragraph,
    Statement,
    Table,
    Tiles,
    Week,
)
from salesanalysis.reports.previous import Previous, previous_runs

#: Findings that ``run.json`` keeps: under which name, how they look, and where on the page.
STANDS_OUT = {
    "lead": ("lead", "lead", "lead"),
    "since": ("since", "since", "since"),
    "headline": ("headlines", "sa-headline", "said"),
    "blocking": ("warnings", "block", "blocking"),
    "warn": ("warnings", "sa-caveat", "caution"),
}

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Telling:
    """A report on its way from a notebook to its folder; :class:`Report` says what there is to say.

    Parameters
    ----------
    name : str
        The part of :mod:`salesanalysis.text` that holds the report's words.
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.
    """

    def __init__(self, name: str, *, lang: str = "en"):
        self.name = name
        self.lang = text.require_language(lang)
        out = os.environ.get(told_blocks.OUT)
        self._folder = Path(out) if out else None
        self._checked, self._undrawn, self._names = [], [], {}
        self._earlier: list[Previous] = []
        self._blocks = 0
        self._told = {"name": name, "lang": lang, **told_blocks.nothing_told()}
        if self._folder and (self._folder / told_blocks.MANIFEST_FILE).exists():
            raise SalesAnalysisError("A notebook makes one `Report`; this is its second.")
        self._save()

    def compare(self, previous: Sequence[str]) -> None:
        """Take earlier runs of this report, which its figures and its list are compared with.

        Parameters
        ----------
        previous : list of str
            Their folders; each of a day before the one in the title, in any order.

        Raises
        ------
        SalesAnalysisError
            One is no earlier run of this report.
        """
        if previous:
            day = self._told["as_of"]
            self._earlier = previous_runs(previous, name=self.name, as_of=day)

    @property
    def earlier(self) -> list[Previous]:
        """The earlier runs, the earliest day first."""
        return self._earlier

    @property
    def before(self) -> Previous | None:
        """The last of the earlier runs; None where there is none."""
        return self._earlier[-1] if self._earlier else None

    def _sentence(self, key: str, values: dict, part: str = "") -> str:
        part = part or self.name
        said = {
            name: tables.called(value, name, part, self.lang, self._names)
            if isinstance(value, str)
            else value
            for name, value in values.items()
        }
        return text.sentence(f"{part}.{key}", self.lang, self._told["currency"], **said)

    def _named(self, one: object) -> object:
        """A frame with what ids and signs are called in their place; anything else as it is."""
        return tables.with_names(one, self._names) if tables.is_frame(one) else one

    def _said(self, finding: Finding) -> str:
        return self._sentence(f"{finding.kind}.{finding.name}", finding.values, finding.part)

    def _short(self, finding: Finding) -> str:
        """The short form of a finding, where it has one."""
        key = f"short.{finding.kind}.{finding.name}"
        if not text.has(f"{finding.part or self.name}.{key}", self.lang):
            return ""
        return self._sentence(key, finding.values, finding.part)

    def _stated(self, kind: str, key: str, said: str, short: str = "") -> None:
        kept, style, part = STANDS_OUT[kind]
        statement = Statement(part, key, said, short)
        self._show(f'<p class="{style}">{html.escape(said)}</p>', said, **statement.place)
        self._told[kept].append({"key": key, "text": said})
        self._keep(statement)
        self._save()

    def _tiles(self, records: Sequence[tuple[Mapping, str]]) -> None:
        """Show key figures, each with where it leads."""
        plain = "; ".join(f"{record['label']}: {record['value']}" for record, _ in records)
        told = Tiles(tuple(record for record, _ in records))
        markup = tiles.as_tiles(records, self.lang, self._told["currency"])
        self._show(markup, plain, **told.place)
        self._keep(told)

    def _week(
        self, records: Sequence[Mapping], *, addresses: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Show the first lines of what to do, and write all of them."""
        said = {"shown": min(len(records), week.MOST), "actions": len(records)}
        key = "none" if not records else "part" if len(records) > week.MOST else "all"
        title = text.sentence("report.week.title", self.lang)
        order = text.sentence(f"report.week.{week.order_of(records)}", self.lang)
        note = text.sentence(f"report.week.{key}", self.lang, **said, order=order)
        told = Week(tuple(records[: week.MOST]), title, note)
        self._told["actions"] = list(told.lines)
        currency = self._told["currency"]
        heads = {"title": title, "note": note, "currency": currency, "addresses": addresses}
        markup = week.as_list(told.lines, self.lang, **heads)
        self._show(markup, f"{title}: {note}", **told.place)
        self._keep(told)
        frame = week.table(records, made_at=self._told["as_of"] or "", currency=currency)
        self._table(Table(frame, title, "actions", part=(self.name, "report"), on_page=False))

    def _tell(self, blocks: list[Block]) -> None:
        """Show and write a ready-made page."""
        for block in blocks:
            if isinstance(block, Heading):
                self._heading(block)
            elif isinstance(block, Paragraph):
                self._paragraph(block)
            else:
                self._table(block)

    def _heading(self, heading: Heading) -> None:
        tag, said = f"h{heading.level}", html.escape(heading.said)
        note = html.escape(heading.note)
        if heading.note:
            note = (
                f'<span class="sub">{note}</span>'
                if heading.folded
                else f'<p class="sub">{note}</p>'
            )
        markup = f'<{tag} id="{heading.anchor}">{said}</{tag}>{note}'
        if heading.level == 2 and not self._folder:
            # In JupyterLab the subject stands over it already, in a Markdown cell.
            markup = f"<p><strong>{said}</strong></p>" if heading.note else ""
        if markup:
            self._show(markup, heading.said, **heading.place)
        if heading.level == 2:
            anchors = (section["id"] for section in self._told["sections"])
            self._refuse_twice("section", heading.anchor, anchors)
            self._told["sections"].append({"id": heading.anchor, "title": heading.said})
        self._keep(heading)
        self._save()

    def _paragraph(self, paragraph: Paragraph) -> None:
        parts = (part for part in re.split(r"\n\s*\n", paragraph.said) if part.strip())
        markup = "".join(f"<p>{html.escape(part)}</p>" for part in parts)
        self._show(markup, paragraph.said, **paragraph.place)
        self._keep(paragraph)

    def _table(self, table: Table) -> None:
        """Show a table where it has a caption and a place, write it where it has a name."""
        frame = table.frame
        tables.require_flat(table.name or table.caption, frame)
        file = f"tables/{table.name}.csv" if table.name else None
        if file:
            self._refuse_twice("table", table.name, (t["name"] for t in self._told["tables"]))
        content = tables.csv_file(frame) if file else b""
        # What rows are found by keeps its ids: links lead there.
        names = {name: called for name, called in self._names.items() if name != table.anchors}
        told = replace(table, frame=tables.with_names(frame, names))
        if table.caption and table.on_page:
            look = {"content": content, "currency": self._told["currency"]}
            markup = html_tables.html_table(told, self.lang, **look)
            self._show(markup, f"[{table.caption}]", **told.place)
        if file and self._folder:
            (self._folder / "tables").mkdir(exist_ok=True)
            (self._folder / file).write_bytes(content)
        if file:
            self._told["tables"].append(
                {"name": table.name, "file": file, "caption": table.caption, "rows": len(frame)}
            )
        self._keep(told)
        self._save()

    def _keep(self, block: Block) -> None:
        """Add a block to those told, from which the runner writes the other formats."""
        if self._folder:
            told_blocks.append(self._folder, self._blocks, block)
            self._blocks += 1

    def _slide_picture(self, name: str, figure) -> str:
        """The file of a tall figure drawn for slides, if there will be any; it changes the figure.

        As it is on the page it would be scaled down until nobody could read it.
        """
        if not self._folder or figure.get_figheight() <= pictures.SLIDE_HEIGHT:
            return ""
        if not any(FORMATS[name].on_slides for name in self._request()["formats"]):
            return ""
        return told_blocks.add_picture(self._folder, name, pictures.for_slide(figure))

    def _show(self, markup: str, plain: str, **place: object) -> None:
        """Display HTML, with plain text for a terminal, and where on the page it stands."""
        display.show(markup, plain, self.lang, **place)

    def _request(self) -> dict:
        """What the runner was asked for; in JupyterLab there is no run, hence no parameters."""
        if self._folder:
            return json.loads((self._folder / told_blocks.REQUEST_FILE).read_text(encoding="utf-8"))
        return {"parameters": {}, "commit": None, "notebook": None}

    def _refuse_twice(self, kind: str, name: str, known) -> None:
        """In a run a second one would overwrite the first; in JupyterLab a cell is run again."""
        if self._folder and name in known:
            raise SalesAnalysisError(
                f"The report already has a {kind} `{name}`; name this another."
            )

    def _save(self) -> None:
        if self._folder:
            told = json.dumps(self._told, ensure_ascii=False, allow_nan=False)
            (self._folder / told_blocks.MANIFEST_FILE).write_text(told, encoding="utf-8")

    def _picture(self, figure: Figure, picture: pictures.Picture) -> None:
        """Show a picture, and write its files."""
        markup = picture.markup(figure.name, figure.caption)
        self._show(markup, f"[{figure.caption}]", **figure.place)
        if self._folder:
            (self._folder / "figures").mkdir(exist_ok=True)
            for file, written in zip(figure.files, picture.contents, strict=True):
                (self._folder / file).write_bytes(written)
        told = {"name": figure.name, "files": list(figure.files), "caption": figure.caption}
        self._told["figures"].append(told | {"width": picture.width})
        self._keep(figure)
        self._save()


def require_name(name: str) -> str:
    """A name that can be a file's, a key's and an anchor's."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SalesAnalysisError(
            f"The name {name!r} must be small letters, digits and `_`, a letter first."
        )
    return name

"""``index.html`` over a batch: how every report stands, its answer, what changed, what failed.

Reports that bring others together come first. A box searches all of it.
One file that asks for nothing. Its only script, the search, is named in its policy by fingerprint,
so that nothing a report or an error message brings along can run.
"""

import html
import json
import os
from pathlib import Path
from urllib.parse import quote

from salesanalysis import text
from salesanalysis.formats import FORMATS, PAGE
from salesanalysis.reports import export, folders, in_short, tiles
from salesanalysis.reports.batches.outcome import FAILED, MADE, NOT_RUN, UNCHANGED, Made
from salesanalysis.reports.batches.plan import Batch, Task
from salesanalysis.reports.export.font import with_font
from salesanalysis.reports.export.policy import content_security_policy
from salesanalysis.statuses import NONE, ORDER

#: The style of a report's own page.
_PAGE_STYLE = Path(export.__file__).parent / "page" / "style.css"

#: The files that an entry names beside the page itself, and where that lies.
_DOCUMENTS = sorted(format.file for name, format in FORMATS.items() if name != PAGE)
_PAGE_FILE = FORMATS[PAGE].file

_STYLE = """
.search { display: grid; margin: 1rem 0; color: var(--quiet); font-size: 0.8125rem; }
.search input { max-width: 42rem; font-size: 0.9375rem; }
main > h2 { margin-top: 1.2rem; }
.entry { padding: 0.6rem 0; border-top: 1px solid var(--rule); }
.entry h3 { margin: 0; overflow-wrap: anywhere; }
.entry h3 a, .entry p a { text-decoration: underline; }
.entry p { margin: 0.2rem 0; }
.entry .name, .entry .files, .entry .since { color: var(--quiet); font-size: 0.8125rem; }
.entry .figures { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; max-width: none; }
.entry .said { font-weight: 600; }
.entry .st { font-size: 0.8125rem; font-weight: 600; margin-left: 0.6rem; color: var(--quiet); }
.entry .st.good { color: var(--good); }
.entry .st.watch { color: var(--watch); }
.entry .st.act { color: var(--act); }
.entry .why { white-space: pre-wrap; overflow-wrap: anywhere; color: var(--caution); }
.entry details { border: 0; }
"""

_SCRIPT = """
const box = document.getElementById("search");
const entries = [...document.querySelectorAll(".entry")];
box.parentElement.hidden = false;
box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let found = 0;
  for (const entry of entries) {
    const said = entry.textContent.toLowerCase();
    entry.hidden = !words.every((word) => said.includes(word));
    found += entry.hidden ? 0 : 1;
  }
  document.getElementById("no-match").hidden = found > 0;
});
"""


def page(listed: Batch, results: list[Made]) -> str:
    """The page for the folder of a batch.

    Parameters
    ----------
    listed : Batch
        The whole batch; reports that this run was not asked for are shown as they are.
    results : list of Made
        What became of those it was asked for.
    """
    languages = [task.job.lang for task in listed.tasks]
    lang = max(text.LANGUAGES, key=languages.count)

    def say(key: str, **values) -> str:
        return html.escape(text.sentence(f"batch.{key}", lang, **values))

    outcomes = {made.job.out: made for made in results}
    entries = [
        _Entry(listed.folder, task, outcomes.get(task.job.out), say) for task in listed.tasks
    ]
    failed = [entry.failed() for entry in entries if entry.is_missed]
    # What brings others together is read first.
    made = [entry for entry in entries if not entry.is_missed and entry.record]
    there = [entry.there() for entry in sorted(made, key=lambda entry: not entry.brings_together)]
    counted = say("counted", there=len(there), all=len(listed.tasks))
    head = html.escape(listed.title) or say("title")
    policy = content_security_policy(_SCRIPT)
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{text.LANGUAGES[lang].tag}">',
        '<head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{head}</title>",
        '<link rel="icon" href="data:,">',
        f"<style>{_PAGE_STYLE.read_text(encoding='utf-8')}{_STYLE}</style></head>",
        '<body><div class="page"><header class="bar">',
        f'<h1>{head}</h1><span class="asof">{counted}</span></header><main>',
        f'<label class="search" hidden>{say("search")}',
        '<input type="search" id="search"></label>',
        f'<p id="no-match" role="status" hidden>{say("no_match")}</p>',
        *([f"<h2>{say('failed')}</h2>", *failed] if failed else []),
        f"<h2>{say('reports')}</h2>",
        *(there or [f"<p>{say('nothing')}</p>"]),
        "</main></div>",
        f"<script>{_SCRIPT}</script>",
        "</body></html>",
        "",
    ]
    return with_font("\n".join(lines))


class _Entry:
    """One report on the page."""

    def __init__(self, folder: Path, task: Task, made: Made | None, say):
        self._folder, self._name, self._out = folder, task.name, task.job.out
        self.brings_together = bool(task.after)
        self._made, self._say, self._lang = made, say, task.job.lang
        run_file = self._out / folders.RUN_FILE
        self.record = None
        if run_file.is_file():
            self.record = json.loads(run_file.read_text(encoding="utf-8"))

    @property
    def _currency(self) -> str:
        """The code of its amounts, which runs of old do not say."""
        return self.record.get("currency", "")

    @property
    def is_missed(self) -> bool:
        """Whether this run wanted the report and has not got it."""
        return self._made is not None and self._made.outcome not in (MADE, UNCHANGED)

    def there(self) -> str:
        """A report that can be read: title and status, answer, what changed, figures, files."""
        told = self.record
        lead = [said["text"] for said in told.get("lead", [])]
        said = [*lead, *(headline["text"] for headline in told["headlines"])]
        first = html.escape(said[0]) if said else self._say("no_finding")
        since = "".join(
            f'<p class="since">{html.escape(change["text"])}</p>'
            for change in told.get("since", [])
        )
        more = "".join(f"<li>{html.escape(line)}</li>" for line in said[1:])
        if more:
            summary = self._say("more", count=len(said) - 1)
            more = f"<details><summary>{summary}</summary><ul>{more}</ul></details>"
        documents = [name for name in _DOCUMENTS if name in told["files"]]
        links = " · ".join(self._link(self._out / name, html.escape(name)) for name in documents)
        files = f'<p class="files">{links}</p>' if links else ""
        title = self._link(self._out / _PAGE_FILE, html.escape(told["title"] or told["name"]))
        name = f'<p class="name">{html.escape(self._name)}</p>'
        shown = self._tiles()
        body = f'<p class="said">{first}</p>{since}{_figures(shown)}{more}{files}{name}'
        return self._entry(f"{title}{_status(shown)}", body)

    def _tiles(self) -> list[tiles.Tile]:
        # The tiles of an overview are figures of others.
        own = self.record["key_figures"][: in_short.MOST_FIGURES]
        shown = self.record.get("tiles") or own
        # Figures of runs of old have no status, base or course.
        bare = {"status": NONE, "base": "", "past": []}
        return [tiles.tile(bare | figure, self._lang, self._currency) for figure in shown]

    def failed(self) -> str:
        """A report that could not be made, or was not: why, and what there is of it."""
        why = self._say("not_run")
        if self._made.outcome == FAILED:
            why = html.escape(self._made.failure)
        links = []
        if self.record:
            links.append(self._link(self._out / _PAGE_FILE, self._say("earlier")))
        half_run = folders.failed(self._out) / "notebook.ipynb"
        if half_run.is_file() and self._made.outcome != NOT_RUN:
            links.append(self._link(half_run, self._say("half_run")))
        files = f'<p class="files">{" · ".join(links)}</p>' if links else ""
        return self._entry(html.escape(self._name), f'<p class="why">{why}</p>{files}')

    def _entry(self, name: str, body: str) -> str:
        lang = text.LANGUAGES[self._lang].tag
        return f'<section class="entry" lang="{lang}"><h3>{name}</h3>{body}</section>'

    def _link(self, path: Path, shown: str) -> str:
        target = quote(Path(os.path.relpath(path, self._folder)).as_posix())
        return f'<a href="{target}">{shown}</a>'


def _status(shown: list[tiles.Tile]) -> str:
    """The worst status of the main figures, in words and shape; nothing where none has one."""
    worst = min(shown, key=lambda tile: ORDER.index(tile.status), default=None)
    if worst is None or worst.status == NONE:
        return ""
    return f'<span class="st {worst.status}">{worst.shape} {html.escape(worst.word)}</span>'


def _figures(shown: list[tiles.Tile]) -> str:
    """The main figures, each with what stands under it and its change."""
    figures = "".join(
        f"<span>{html.escape(tile.label)} <strong>{html.escape(tile.value)}</strong>"
        f" {html.escape(' · '.join(filter(None, [tile.under, tile.change])))}</span>"
        for tile in shown
    )
    return f'<p class="figures">{figures}</p>' if figures else ""

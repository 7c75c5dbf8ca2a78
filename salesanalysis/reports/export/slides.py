"""Slides in one file that any browser shows without a network: reveal.js and our own style inside.

reveal.js lies in ``reveal/`` as it was published (MIT, its licence beside it). The page's policy
lets run that script and our own start, by their fingerprints, and nothing else.
"""

import base64
import html
from pathlib import Path

from salesanalysis import text
from salesanalysis.reports.export import Material
from salesanalysis.reports.export.deck import ShownTable, Slide, deck, picture_of, source
from salesanalysis.reports.export.font import with_font
from salesanalysis.reports.export.policy import content_security_policy
from salesanalysis.reports.tiles import Tile

_HERE = Path(__file__).parent
_NUMBER = ' class="number"'

#: Starts the slides; N shows and hides the speaker's notes, which reveal.js itself would do in a
#: second window, with a script that the page's policy forbids.
_START = """
let notes = false;
Reveal.initialize({
  width: 1280, height: 720, margin: 0.04, center: false, hash: true, transition: "none",
  display: "flex",
  slideNumber: "c/t", controls: true, progress: true,
  keyboard: { 78: () => { notes = !notes; Reveal.configure({ showNotes: notes }); } },
});
"""


def write(made: Material) -> None:
    """Write the slides."""
    page = page_of(deck(made), title=made.record["title"] or made.record["name"], made=made)
    made.file("slides").write_text(with_font(page), encoding="utf-8", newline="\n")


def page_of(slides: list[Slide], *, title: str, made: Material) -> str:
    """The whole page."""
    script = (_HERE / "reveal" / "reveal.js").read_text(encoding="utf-8")
    styles = [
        (_HERE / "reveal" / "reveal.css").read_text(encoding="utf-8"),
        (_HERE / "slides.css").read_text(encoding="utf-8"),
    ]
    sections = "\n".join(_section(slide, made) for slide in slides)
    keys = html.escape(text.sentence("report.deck.keys", made.lang))
    return f"""<!DOCTYPE html>
<html lang="{text.LANGUAGES[made.lang].tag}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{content_security_policy(script, _START)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{html.escape(title)}</title>
<link rel="icon" href="data:,">
{"".join(f"<style>{style}</style>" for style in styles)}
</head>
<body tabindex="0">
<div class="reveal"><div class="slides">
{sections}
</div></div>
<footer class="keys">{keys}</footer>
<script>{script}</script>
<script>{_START}</script>
</body>
</html>
"""


def _section(slide: Slide, made: Material) -> str:
    """A slide: its title, the tiles across, the picture or table and beside that the points."""
    tag = "h1" if slide.tiles else "h2"
    parts = [
        f'<p class="section">{html.escape(slide.kind)}</p>',
        f"<{tag}>{html.escape(slide.title)}</{tag}>",
        _tiles(slide.tiles) if slide.tiles else "",
    ]
    shown = _picture(slide, made) if slide.figure else ""
    shown += _table(slide.table) if slide.table else ""
    said = "".join(f"<p>{html.escape(point)}</p>" for point in slide.points)
    said += "".join(f'<p class="act">{html.escape(point)}</p>' for point in slide.cautions)
    beside = [
        f'<div class="{name}">{part}</div>'
        for name, part in (("shown", shown), ("said", said))
        if part
    ]
    parts.append(f'<div class="body">{"".join(beside)}</div>')
    parts.append(f'<p class="source">{html.escape(source(made))}</p>')
    if slide.notes:
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in slide.notes)
        parts.append(f'<aside class="notes">{notes}</aside>')
    return f"<section>{''.join(parts)}</section>"


def _tiles(said: list[Tile]) -> str:
    tiles = ""
    for tile in said:
        lines = (
            ("label", tile.label),
            ("value", tile.value),
            ("status", f"{tile.shape} {tile.word}"),
            ("label", tile.under),
            ("change", tile.change),
        )
        inside = "".join(
            f'<p class="{name}">{html.escape(words)}</p>' for name, words in lines if words
        )
        tiles += f'<div class="tile {tile.status}">{inside}</div>'
    return f'<div class="tiles">{tiles}</div>'


def _picture(slide: Slide, made: Material) -> str:
    data = base64.b64encode(picture_of(slide.figure, made).read_bytes()).decode()
    alt, caption = html.escape(slide.figure.caption), html.escape(slide.caption)
    under = f'<p class="note">{caption}</p>' if caption else ""
    return f'<img alt="{alt}" src="data:image/png;base64,{data}">{under}'


def _table(table: ShownTable) -> str:
    def line(tag: str, cells: list[str]) -> str:
        return "".join(
            f"<{tag}{_NUMBER if number else ''}>{html.escape(cell)}</{tag}>"
            for cell, number in zip(cells, table.numeric, strict=True)
        )

    head = line("th", table.heads)
    body = "".join(f"<tr>{line('td', row)}</tr>" for row in table.cells)
    note = f'<p class="note">{html.escape(table.note)}</p>' if table.note else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"

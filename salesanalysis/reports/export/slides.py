"""Slides in one file that any browser shows without a network: reveal.js and our own style inside.

reveal.js lies in ``reveal/`` as it was published (MIT, its licence beside it). The page's policy
lets run that script and our own start, by their fingerprints, and nothing else.
"""

import base64
import html
from pathlib import Path

from salesanalysis import text
from salesanalysis.reports.export import Material
from salesanalysis.reports.export.deck import ShownTable, Slide, deck, picture_of
from salesanalysis.reports.export.font import with_font
from salesanalysis.reports.export.policy import content_security_policy

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
    said = html.escape(slide.title)
    parts = [f"<h1>{said}</h1>" if slide.opening else f"<h2>{said}</h2>"]
    if slide.section and slide.section != slide.title:
        parts.insert(0, f'<p class="section">{html.escape(slide.section)}</p>')
    if slide.points:
        tag = "p" if slide.opening else "li"
        points = "".join(f"<{tag}>{html.escape(point)}</{tag}>" for point in slide.points)
        parts.append(points if slide.opening else f"<ul>{points}</ul>")
    if slide.figure:
        png = picture_of(slide.figure, made).read_bytes()
        alt = html.escape(slide.figure.caption)
        data = base64.b64encode(png).decode()
        parts.append(f'<img alt="{alt}" src="data:image/png;base64,{data}">')
    if slide.table:
        parts.append(_table(slide.table))
    if slide.notes:
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in slide.notes)
        parts.append(f'<aside class="notes">{notes}</aside>')
    kind = ' class="opening"' if slide.opening else ""
    return f"<section{kind}>{''.join(parts)}</section>"


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

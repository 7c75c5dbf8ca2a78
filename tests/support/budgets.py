"""What a reader meets on the page of a report, measured in a browser, and the most it may be."""

from pathlib import Path

#: The reports of the sample company.
REPORTS = ("overview", "funnel", "forecast", "incentive", "forgetting", "customers")

#: The most of each measure; of screens the overview has fewer.
MOST = {"screens": 12.0, "picture": 2.0, "cut": 0, "columns": 8, "wide": 0, "bytes": 1_500_000}
MOST_OF_OVERVIEW = MOST | {"screens": 4.0}

MEASURES = ("screens", "picture", "words", "numbers", "tables", "cut", "columns", "wide", "bytes")

#: Of a page as it opens: its length and the place of its first picture, in screens; what is
#: written on the first screen. Words that only screen readers hear do not count.
_OPENED = """(() => {
  const picture = document.querySelector("main .chart, main img");
  const said = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const box = range.getBoundingClientRect();
    const inside = texts.currentNode.parentElement;
    const unseen = !box.height || box.top >= innerHeight;
    if (!unseen && !inside.closest("script, style, .skip, svg")) said.push(texts.currentNode.data);
  }
  const words = said.join(" ").split(/\\s+/).filter(word => /[\\p{L}\\p{N}]/u.test(word));
  return {
    screens: document.documentElement.scrollHeight / innerHeight,
    picture: picture ? (picture.getBoundingClientRect().top + scrollY) / innerHeight : 0,
    words: words.length,
    numbers: words.filter(word => /\\p{N}/u.test(word)).length,
  };
})()"""

#: Of a page with every fold open: its tables, and those of which a part is not seen.
_UNFOLDED = """(() => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const tables = [...document.querySelectorAll(".scroll")];
  const heads = [...document.querySelectorAll("thead tr")].map(row => row.cells.length);
  return {
    tables: tables.length,
    cut: tables.filter(table => table.scrollWidth > table.clientWidth + 1).length,
    columns: Math.max(0, ...heads),
  };
})()"""

#: How many pixels the page itself is wider than the screen.
_WIDE = """(() => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
})()"""


def measured(page, path: Path) -> dict:
    """The measures of a report: folded at 1280 × 720, unfolded, and on a telephone."""
    page.look(width=1280, height=720)
    page.open(path)
    found = page.value(_OPENED) | page.value(_UNFOLDED)
    page.look(width=390, height=844)
    page.open(path)
    return found | {"wide": max(0, page.value(_WIDE)), "bytes": path.stat().st_size}


def missed(name: str, found: dict) -> list[str]:
    """Which measures of a report are over its budget."""
    most = MOST_OF_OVERVIEW if name == "overview" else MOST
    return [key for key in most if found[key] > most[key]]

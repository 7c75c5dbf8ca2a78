"""Pictures in a real Chromium: one stop of the Tab key, arrow keys, tips, colours, two widths."""

import matplotlib as mpl
import nbformat
import pytest

from salesanalysis.plots import parts, style
from salesanalysis.plots.marks import name_mark
from salesanalysis.reports import pictures
from salesanalysis.reports.export.html import export_html

mpl.use("Agg")

pytestmark = pytest.mark.browser


@style.use()
def bars(names, *, lang="en"):
    ax = parts.row_axes(None, names, row=0.4)
    for y, name in enumerate(names):
        ax.barh(y, y + 1, color=style.ACCENT)
        name_mark(ax, (0, y + 1), (y - 0.4, y + 0.4), f"{name}: {y + 1}")
    return ax


def picture(name: str, names: list[str]) -> str:
    import matplotlib.pyplot as plt

    wide = pictures.figure_of(name, bars, [names], {})
    narrow = pictures.narrow_figure(wide, name, bars, [names], {})
    made = pictures.picture_of(wide, narrow).markup(name, f"Bars of {name}")
    plt.close(wide)
    plt.close(narrow)
    return made


@pytest.fixture
def opened(page, tmp_path):
    """A page with two pictures, of three marks and of two."""
    shown = [picture("one", ["a", "b", "c"]), picture("two", ["d", "e"])]
    outputs = [nbformat.v4.new_output("display_data", {"text/html": markup}) for markup in shown]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])
    record = {"title": "T", "name": "n", "sections": [], "messages": []}
    path = tmp_path / "pictures.html"
    path.write_text(export_html(notebook, record, lang="en"), encoding="utf-8")
    page.open(path)
    assert page.complaints() == []
    return page


def press(page, key: str) -> None:
    code = {"Tab": 9, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39, "Escape": 27}[key]
    for kind in ("keyDown", "keyUp"):
        page.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)


def tip(page) -> str | None:
    return page.value("document.querySelector('.tip')?.textContent")


def test_the_tab_key_stops_once_at_a_picture_and_arrow_keys_go_through_it(opened):
    opened.value("document.querySelector('.skip').focus()")
    press(opened, "Tab")
    assert tip(opened) == "a: 1"
    press(opened, "ArrowRight")
    assert tip(opened) == "b: 2"
    press(opened, "End")
    assert tip(opened) == "c: 3"
    press(opened, "ArrowRight")
    assert tip(opened) == "c: 3", "the last has none after it"
    press(opened, "Home")
    assert tip(opened) == "a: 1"
    press(opened, "End")
    press(opened, "Tab")
    assert tip(opened) == "d: 1", "the next picture, not its other marks"
    press(opened, "Escape")
    assert tip(opened) is None
    assert opened.value("document.activeElement.getAttribute('aria-label')") == "d: 1"


def test_the_pointer_shows_the_name_of_a_mark_inside_the_window(opened):
    place = opened.value(
        "(() => { const box = document.querySelector('.wide .m').getBoundingClientRect();"
        " return [box.x + 5, box.y + 5] })()"
    )
    opened.ask("Input.dispatchMouseEvent", type="mouseMoved", x=place[0], y=place[1])
    assert tip(opened) == "a: 1"
    inside = "(b => b.left >= 0 && b.right <= innerWidth && b.top >= 0)"
    assert opened.value(f"{inside}(document.querySelector('.tip').getBoundingClientRect())")
    opened.ask("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)
    assert tip(opened) is None
    assert opened.value("document.querySelectorAll('.m title').length") == 0


SEEN = "[...document.querySelectorAll('.chart')].map(c => c.clientWidth > 0)"


def test_a_narrow_page_shows_the_drawing_made_for_it(opened):
    assert opened.value(SEEN) == [True, False] * 2
    opened.ask(
        "Emulation.setDeviceMetricsOverride",
        width=390, height=800, deviceScaleFactor=1, mobile=False,
    )  # fmt: skip
    assert opened.value(SEEN) == [False, True] * 2
    assert opened.value("document.documentElement.scrollWidth") <= 390
    texts = "[...document.querySelectorAll('.narrow text')]"
    sizes = f"{texts}.map(t => t.getBoundingClientRect().height)"
    assert min(opened.value(sizes)) >= 12


def test_dark_paper_swaps_the_colours(opened):
    fill = "getComputedStyle(document.querySelector('.wide path[fill*=main]')).fill"
    assert opened.value(fill) == "rgb(0, 114, 178)"
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    opened.ask("Emulation.setEmulatedMedia", features=features)
    assert opened.value(fill) == "rgb(79, 168, 221)"
    opened.ask("Emulation.setEmulatedMedia", media="print", features=features)
    assert opened.value(fill) == "rgb(0, 114, 178)", "paper is white"

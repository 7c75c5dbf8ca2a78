"""A picture's SVG: small, the same each time, readable as text, with names, and safe in a page."""

import re
import xml.etree.ElementTree as ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError
from salesanalysis.plots import parts, style
from salesanalysis.plots.marks import name_mark, names_of
from salesanalysis.reports import pictures
from salesanalysis.reports.pictures.inline import inline

mpl.use("Agg")

EVIL = '<script>alert(1)</script> & "x"'


@pytest.fixture(autouse=True)
def close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@style.use()
def bars(names, *, lang="en", ax=None):
    ax = parts.row_axes(ax, names, row=0.4)
    ax.barh(range(len(names)), range(1, len(names) + 1), color=style.ACCENT)
    for y, name in enumerate(names):
        name_mark(ax, (0, y + 1), (y - 0.4, y + 0.4), f"{name}: \x01{y + 1}")
    ax.set_xlim(0, len(names) - 0.5)  # the last bar reaches beyond
    return ax


def drawn(*names) -> bytes:
    return pictures.svg_of(bars(names).figure)


def elements(svg: bytes, tag: str) -> list:
    return ElementTree.fromstring(svg).findall(f".//{{*}}{tag}")


def test_letters_are_text_as_wide_as_they_were_laid_out():
    ax = bars(["漏斗 Territory", "b"])
    texts = elements(pictures.svg_of(ax.figure), "text")
    long = next(text for text in texts if text.text == "漏斗 Territory")
    ax.figure.dpi = 96
    label = ax.get_yticklabels()[0].get_window_extent()
    assert float(long.get("textLength")) == pytest.approx(label.width, abs=1.5)
    assert float(long.get("font-size")) >= 12, "nothing under 12 pixels"


def test_the_marks_have_their_names_and_lie_where_they_are_drawn():
    svg = drawn("a", EVIL)
    marks = [mark for mark in elements(svg, "g") if mark.get("class") == "m"]
    assert [mark[0].text for mark in marks] == ["a: 1", f"{EVIL}: 2"], "XML cannot hold \x01"
    places = [mark[1] for mark in marks]
    assert {place.tag.split("}")[1] for place in places} == {"rect"}
    first, second = ((float(p.get("width")), float(p.get("y"))) for p in places)
    assert second[0] == pytest.approx(2 * first[0], rel=0.01) and second[1] > first[1]


def test_marks_change_nothing_in_a_png():
    with_marks = pictures.picture_of(bars(["a", "b"]).figure).png
    ax = bars(["a", "b"])
    assert names_of(ax) == ["a: \x011", "b: \x012"]
    for artist in [a for a in ax.get_children() if hasattr(a, "said")]:
        artist.remove()
    assert pictures.picture_of(ax.figure).png == with_marks


def test_the_same_picture_is_the_same_bytes():
    assert drawn("a", "b") == drawn("a", "b")


def test_two_pictures_of_a_page_share_no_id():
    svg = drawn("a", "b")
    assert b'id="' in svg, "the bar that reaches beyond its axes is clipped"
    page = inline(svg, "x", name="one", shape="wide") + inline(svg, "x", name="two", shape="wide")
    page += inline(svg, "x", name="one", shape="narrow")
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids)) == 3
    assert set(re.findall(r"url\(#([^)]*)\)", page)) == set(ids)


def test_a_page_swaps_the_colours_and_a_file_keeps_them():
    svg = drawn("a")
    assert b'fill="#0072b2"' in svg and b"var(" not in svg and b"background:#ffffff" in svg
    page = inline(svg, "x", name="n", shape="wide")
    assert 'fill="var(--c-main,#0072b2)"' in page and "background" not in page
    assert not re.search(r'"#[0-9a-f]{6}"', page), "every colour of the style has a role"


def test_what_a_screen_reader_hears():
    page = inline(drawn("a"), 'Bars of "a"', name="n", shape="wide")
    assert 'role="group" aria-label="Bars of &quot;a&quot;"' in page
    assert '<g aria-hidden="true"' in page, "the marks say it, not every tick"
    bare = style.figure()[0]
    assert 'role="img"' in inline(pictures.svg_of(bare), "x", name="n", shape="wide")


def test_a_function_draws_twice_and_the_second_is_for_a_telephone():
    wide = pictures.figure_of("f", bars, [["a", "b"]], {"lang": "en"})
    narrow = pictures.narrow_figure(wide, "f", bars, [["a", "b"]], {"lang": "en"})
    made = pictures.picture_of(wide, narrow)
    assert made.width > 500 > 358 >= pictures.width_of(made.narrow)
    page = made.markup("f", "c")
    assert page.count("<svg") == 2 and 'class="chart narrow" display="none"' in page
    assert pictures.narrow_figure(wide, "f", wide, [], {}) is None, "ready-made"


def test_all_that_matplotlib_draws_has_its_place_in_the_svg():
    """A user's own axes: hatches, images, formulas, gaps, dashes."""
    with style.use():
        figure, ax = style.figure()
        ax.bar([0, 1], [1, 2], hatch="//", alpha=0.5)
        ax.plot([0, 1, np.nan, 2, 3], [0, 1, 1, 0, 5], "--", marker="x")
        ax.imshow(np.eye(2), extent=(0, 1, 0, 1))
        ax.set_title("$x^2$", parse_math=True)
        ax.annotate("turned", (0.5, 0.5), rotation=30)
    svg = pictures.svg_of(figure)
    tags = {element.tag.split("}")[1] for element in ElementTree.fromstring(svg).iter()}
    assert {"pattern", "image", "path", "text"} <= tags
    assert b"stroke-dasharray" in svg and b"rotate(-30" in svg and b"nan" not in svg
    assert "<image" in inline(svg, "x", name="n", shape="wide")


def test_a_filled_area_is_where_it_belongs_and_ends_with_its_axes():
    """Matplotlib draws one as a marker at the corner of the figure."""
    with style.use():
        figure, ax = style.figure()
        ax.fill_between([0, 1, 2], [0, 0, 0], [1, 1, 4], color=style.BAND, linewidth=0)
        ax.plot([0.5, 9], [0.5, 9], "o", color=style.LOST)  # one of them lies far outside
        ax.set(xlim=(0, 2), ylim=(0, 2))
    paths = {path.get("fill"): path for path in elements(pictures.svg_of(figure), "path")}
    assert "clip-path" in paths["#c6ddee"].attrib
    assert paths["#bf4f00"].get("d").count("M") == 1


@pytest.mark.parametrize(
    "bad",
    [
        b"<script>1</script>", b"<foreignObject/>", b'<path d="M0 0" onload="x"/>',
        b'<image href="http://x.test/"/>', b'<g style="background:url(//x)"/>',
        b'<path fill="url(http://x)"/>', b"<!-- x -->", b"<![CDATA[<script>]]>", b"<g",
        b"< script>", b'<use href="#a"/>', b'<g class="m chart"/>',
    ],
)  # fmt: skip
def test_nothing_but_what_we_write_goes_into_a_page(bad):
    svg = drawn("a").replace(b"</svg>", bad + b"</svg>")
    with pytest.raises(SalesAnalysisError, match="`n` is not as this program writes it"):
        inline(svg, "x", name="n", shape="wide")


@pytest.mark.parametrize("bad", [b"", b"<svg>", b'<?xml version="1.0"?><svg/>', b"\xff"])
def test_what_is_no_picture_of_ours_is_refused(bad):
    with pytest.raises(SalesAnalysisError, match="not as this program writes it"):
        inline(bad, "x", name="n", shape="wide")


def test_names_stand_above_their_rows_on_a_narrow_page():
    table = pd.Series(["a long name of a row", "b"])
    with style.narrow():
        ax = parts.row_axes(None, table, row=0.3, said=["5", ""])
    assert [text.get_text() for text in ax.texts] == ["a long name of a row · 5", "b"]
    assert not ax.get_yticklabels()

"""Where each thing that a report shows stands on its page, whenever it was shown."""

import nbformat
from hypothesis import given
from hypothesis import strategies as st

from salesanalysis.reports.display import PART
from salesanalysis.reports.export.html import export_html
from salesanalysis.reports.export.layout import FIRST, Piece, laid_out

PARTS = [*FIRST, "section", "fold", "figure", "said", "table", "how", ""]


def page_of(parts) -> str:
    """The page of a notebook that shows one marked paragraph for each part."""
    outputs = [
        nbformat.v4.new_output(
            "display_data",
            {"text/html": f"<p>piece {number} of {part or 'others'}.</p>"},
            metadata={PART: {"part": part, "title": "T"}} if part else {},
        )
        for number, part in enumerate(parts)
    ]
    cells = [nbformat.v4.new_code_cell("", outputs=[output]) for output in outputs]
    record = {"title": "T", "name": "n", "messages": []}
    return export_html(nbformat.v4.new_notebook(cells=cells), record, lang="en")


@given(st.lists(st.sampled_from(PARTS), max_size=25))
def test_everything_stands_on_the_page_once(parts):
    page = page_of(parts)
    for number, part in enumerate(parts):
        assert page.count(f"piece {number} of {part or 'others'}.") == 1


def test_the_answer_comes_first_whenever_it_was_told():
    page = page_of(["section", "figure", "week", "tiles", "lead"])
    order = [page.index(f"of {part}.") for part in ("lead", "tiles", "week", "section", "figure")]
    assert order == sorted(order)


def test_what_a_cell_shows_by_itself_stays_in_its_section_and_order():
    page = laid_out(
        [Piece("<h2>a</h2>", "section"), Piece("1"), Piece("t", "table"), Piece("2"),
         Piece("<h2>b</h2>", "section"), Piece("3")]
    )  # fmt: skip
    first, second = page.sections
    shown = [[piece.shown for piece in pieces] for _, pieces in first.rest()]
    assert shown == [["1"], ["t"], ["2"]]
    assert [piece.shown for piece in second.pieces] == ["3"]


def test_words_stand_beside_the_first_picture_and_explanations_come_last():
    page = laid_out(
        [Piece("<h2>a</h2>", "section"), Piece("how", "how"), Piece("f1", "figure"),
         Piece("said", "said"), Piece("f2", "figure"), Piece("t", "table")]
    )  # fmt: skip
    (section,) = page.sections
    rows = [([p.shown for p in f], [p.shown for p in s]) for f, s in section.rows()]
    assert rows == [(["f1"], ["said"]), (["f2"], [])]
    assert [part for part, _ in section.rest()] == ["table", "how"]


def test_a_folded_section_keeps_all_as_it_came_at_the_end():
    page = laid_out(
        [Piece("<h2>q</h2>", "fold"), Piece("f", "figure"), Piece("t", "table"),
         Piece("<h2>a</h2>", "section")]
    )  # fmt: skip
    (folded,) = page.folded
    assert [p.shown for p in folded.rest()[0][1]] == ["f", "t"]
    assert [section.heading for section in page.sections] == ["<h2>a</h2>"]


def test_what_cells_print_and_show_by_themselves_stays_in_its_place():
    outputs = [
        nbformat.v4.new_output(
            "display_data",
            {"text/html": "<h2>first section</h2>"},
            metadata={PART: {"part": "section"}},
        ),
        nbformat.v4.new_output("stream", name="stdout", text="printed <b>x</b>"),
        nbformat.v4.new_output("execute_result", {"text/plain": "result 7"}, execution_count=1),
        nbformat.v4.new_output("stream", name="stderr", text="to stderr"),
        nbformat.v4.new_output(
            "display_data",
            {"text/html": "<h2>second section</h2>"},
            metadata={PART: {"part": "section"}},
        ),
        nbformat.v4.new_output("display_data", {"text/html": "<p>shown</p>"}),
    ]
    cells = [nbformat.v4.new_code_cell("", outputs=outputs)]
    record = {"title": "T", "name": "n", "messages": []}
    page = export_html(nbformat.v4.new_notebook(cells=cells), record, lang="en")
    order = ["first section", "printed &lt;b&gt;", "result 7", "second section", "<p>shown</p>"]
    assert [page.count(said) for said in order] == [1, 1, 1, 1, 1]
    assert sorted(order, key=page.index) == order
    assert "to stderr" not in page, "it is among the messages, which the record has"


def test_folds_stand_at_the_end_and_are_named_by_their_tables():
    page = page_of(["fold", "table", "section", "table"])
    sections, folds = page.split('<div class="more">')
    assert "piece 2 of section." in sections and "<summary>T</summary>" in sections
    assert "piece 0 of fold." in folds and "piece 1 of table." in folds
    assert "<details open>" not in page and 'class="n" open' not in page

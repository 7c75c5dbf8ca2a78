"""The page made from a notebook node, without running one."""

import nbformat
import pytest

from salesanalysis.reports.export.html import export_html, without_active_tags

RECORD = {"title": "T <i>", "name": "n", "sections": [], "messages": []}


def page_of(*outputs, source="1 < 2  # <b>", lang="en") -> str:
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs))
    guide = nbformat.v4.new_markdown_cell("# Guide")
    return export_html(nbformat.v4.new_notebook(cells=[guide, cell]), RECORD, lang=lang)


def display(**data):
    return nbformat.v4.new_output(
        "display_data", {kind.replace("_", "/"): said for kind, said in data.items()}
    )


@pytest.mark.parametrize(
    "kind", ["text/markdown", "application/javascript", "image/svg+xml", "text/latex"]
)
def test_kinds_of_output_that_nobody_escapes_are_not_shown(kind):
    output = nbformat.v4.new_output("display_data", {kind: "<u>raw</u>"})
    page = page_of(output)
    assert "raw</u>" not in page
    assert f"An output is not shown here, for it is only there as {kind}." in page


def test_plain_text_code_and_title_are_escaped():
    page = page_of(display(text_plain="<u>x</u>"), nbformat.v4.new_output("stream", text="<s>y"))
    assert "&lt;u&gt;x&lt;/u&gt;" in page
    assert "&lt;s&gt;y" in page
    assert "<title>T &lt;i&gt;</title>" in page
    assert "<u>" not in page and "<s>" not in page and "<b>" not in page


def test_error_stream_is_not_in_its_place():
    assert "secret" not in page_of(nbformat.v4.new_output("stream", name="stderr", text="secret"))


def test_result_of_a_cell_is_shown_once():
    output = nbformat.v4.new_output("execute_result", {"text/plain": "forty-two"})
    assert page_of(output).count("forty-two") == 1


def test_language_of_the_page():
    page = page_of(lang="zh")
    assert '<html lang="zh-CN">' in page
    assert "跳到正文" in page


@pytest.mark.parametrize(
    "markup",
    [
        '<META http-equiv="refresh" content="0; url=http://x.test">',
        "<script>alert(1)</script>",
        '<iframe src="http://x.test"></iframe>',
        "<base href=//x.test><link rel=stylesheet href=//x.test>",
        "<form action=//x.test><input></form>",
    ],
)
def test_active_tags_of_a_cells_own_html_are_taken_out(markup):
    page = page_of(display(text_html=f"<p>before</p>{markup}<p>after</p>"))
    assert "x.test" not in page and "alert" not in page
    assert "<p>before</p>" in page and "<p>after</p>" in page


def test_harmless_html_is_left_as_it_is():
    styled = "<style>td{color:red}</style><table><tr><td>metal & form</td></tr></table>"
    assert without_active_tags(styled) == styled

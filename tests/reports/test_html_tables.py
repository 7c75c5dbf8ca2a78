"""Tables of the page: what the markup holds, what it leaves out, and that it says so."""

from pathlib import Path

import pandas as pd
import pytest
from trial import Tags

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import export
from salesanalysis.reports.addresses import row_anchor
from salesanalysis.reports.blocks import Table
from salesanalysis.reports.html_tables import MOST_ROWS, PRINTED_ROWS, html_table


def page_of(frame, lang="en", **looks) -> str:
    return html_table(Table(frame, **{"caption": "c", "name": "t", **looks}), lang)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_all_rows_are_in_the_markup_and_none_above_the_limit_goes_unsaid(lang):
    frame = pd.DataFrame({"n": range(MOST_ROWS + 1)})
    whole, cut = page_of(frame.iloc[1:], lang), page_of(frame, lang)
    assert whole.count("<tr>") == cut.count("<tr>") == 1 + MOST_ROWS
    said = text.sentence(
        "report.table.more_in_file", lang, shown=MOST_ROWS, rows=MOST_ROWS + 1, file="tables/t.csv"
    )
    assert said in cut and said not in whole


def test_a_short_table_has_nothing_to_filter():
    frame = pd.DataFrame({"n": range(13)})
    assert "<input" in page_of(frame) and "<button" in page_of(frame)
    assert not {"<input", "<button", "tools"} & set(page_of(frame.head(12)).split())
    assert "<button" not in page_of(frame, rows=13)


def test_an_empty_table_is_a_sentence_and_an_empty_column_is_left_out():
    frame = pd.DataFrame({"stage": ["T", "S"], "reason": [None, None], "n": [1, 2]})
    assert page_of(frame.head(0), caption="<b>") == '<p class="sub">Nothing to list: &lt;b&gt;</p>'
    assert [len(Tags(page_of(frame)).named(tag)) for tag in ("th", "td")] == [2 + 2, 2]
    # A table that says nothing at all still says that.
    assert page_of(frame[["reason"]]).count("–") == 2


def test_a_number_carries_its_raw_value_where_its_text_is_not_one():
    frame = pd.DataFrame(
        {"stage": list("abcde"), "amount": [1234.56, float("inf"), None, -0.5, 12.0]}
    )
    cells = [tag["data-v"] for tag in Tags(page_of(frame)).named("td")]
    assert cells == ["1234.56", "Infinity", None, "-0.5", None]
    assert ">12<" in page_of(frame)


def test_the_first_column_heads_its_row():
    heads = Tags(page_of(pd.DataFrame({"n": [1], "stage": ["T"]}))).named("th")
    assert [head["scope"] for head in heads] == ["col", "col", "row"]
    assert "data-v" in heads[2]
    # A tick, or none, is no name.
    flagged = page_of(pd.DataFrame({"must_win": [True, False], "n": [1, 2]}))
    assert 'scope="row"' not in flagged and "<td></td>" in flagged


def test_a_row_is_found_by_the_value_of_a_column_that_may_be_hidden():
    frame = pd.DataFrame({"opportunity_id": ["D 1", '"><b>', None], "n": [1, 2, 3]})
    page = page_of(frame, hide=("opportunity_id",), anchors="opportunity_id")
    ids = [row.get("id") for row in Tags(page).named("tr")[1:]]
    assert ids == [row_anchor("t", "D 1"), row_anchor("t", '"><b>'), None]
    assert "<b>" not in page
    twice = pd.concat([frame, frame])
    with pytest.raises(SalesAnalysisError, match="in more than one row"):
        page_of(twice, anchors="opportunity_id")


def test_what_stands_under_a_row_takes_its_whole_width_and_no_column():
    frame = pd.DataFrame(
        {"stage": ["T", "S"], "why": ["<late>", None], "n": [1, 2], "suggestion": ["x", None]}
    )
    page = page_of(frame, under=("why", "suggestion"))
    assert page.count('<tr class="under">') == 1
    assert '<td colspan="2"><span>&lt;late&gt;<br>x</span></td>' in page
    assert len(Tags(page.partition("</thead>")[0]).named("th")) == 2


def test_the_ends_of_an_interval_are_one_column_beside_their_figure():
    frame = pd.DataFrame(
        {"stage": ["T", "S"], "rate": [0.5, None], "rate_low": [0.25, None], "rate_high": [1, None]}
    )
    page = page_of(frame)
    heads = page.partition("</thead>")[0]
    assert heads.count("<th ") == 3 and ">Interval</th>" in heads
    assert '<td data-v="0.25">25.0% – 100.0%</td>' in page
    assert page.count("<td data-v>–</td>") == 2
    # Without the figure that they belong to they stand alone.
    assert page_of(frame, hide=("rate",)).partition("</thead>")[0].count("<th ") == 3


def test_one_row_that_is_too_wide_stands_upright():
    row = {f"n{at}": [at] for at in range(8)} | {"rate": [0.5], "rate_low": 0.25, "rate_high": 1}
    page = page_of(pd.DataFrame(row))
    assert "<thead>" not in page and page.count("<tr>") == 9
    assert '<td data-v="0.5">50.0%</td><td data-v="0.25">25.0% – 100.0%</td></tr>' in page
    two = page_of(pd.concat([pd.DataFrame(row)] * 2))
    assert two.partition("</thead>")[0].count("<th ") == 10


def test_paper_has_the_first_rows_of_a_long_table_and_says_where_the_others_are():
    long = pd.DataFrame({"n": range(41)})
    said = html_table(Table(long, "Long", "long"), "en")
    assert 'class="table part"' in said and 'id="table-long"' in said
    assert "On paper the first 40 of 41 rows; all are in tables/long.csv." in said
    # What is in no file is printed whole, and so is a table that is short enough.
    for whole in (Table(long, "Long"), Table(long[:40], "Long", "long")):
        assert "table part" not in html_table(whole, "en") and "paper" not in html_table(
            whole, "en"
        )
    style = (Path(export.__file__).parent / "page" / "style.css").read_text(encoding="utf-8")
    assert f".part tbody > tr:nth-child(n + {PRINTED_ROWS + 1} of " in style

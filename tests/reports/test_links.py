"""Links to other reports, and key figures shown large: what leads where, and nothing else."""

import pandas as pd
import pytest

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import links
from salesanalysis.reports.tables import html_table

SHOWN = {"lang": "en", "part": "overview", "caption": "C", "rows": 5}


def test_links_are_filled_in_for_each_report():
    made = links("../{report}/{lang}/report.html", ["funnel", "forecast"], lang="zh")
    assert made == {
        "funnel": "../funnel/zh/report.html",
        "forecast": "../forecast/zh/report.html",
    }
    assert links("", ["funnel"], lang="zh") == {}


@pytest.mark.parametrize(
    "pattern",
    [
        "https://x.test/{report}",
        "javascript:alert(1)",
        "//x.test/{report}",
        "\\\\x\\{report}",
        "../{region}/{report}",
        "../{report",
        "../{}",
        "../{report.__class__}",
    ],
)
def test_links_that_lead_elsewhere_are_refused(pattern):
    with pytest.raises(SalesAnalysisError, match="`links` is"):
        links(pattern, ["funnel"], lang="en")


def test_cells_lead_to_the_address_of_their_value_or_of_their_column():
    frame = pd.DataFrame({"report": ["funnel", "forecast"], "subject": ["<a>", "b"]})
    to = {"report": {"funnel": '../x"/report.html'}, "subject": "../all.html"}
    page = html_table(frame, links=to, **SHOWN)
    assert page.count("<a ") == 3
    assert '<a href="../x&quot;/report.html">Sales funnel</a>' in page
    assert '<a href="../all.html">&lt;a&gt;</a>' in page
    assert "<a " not in html_table(frame, **SHOWN)


def test_a_large_table_shows_each_figure_with_its_interval_and_words_in_a_line():
    row = {"late_rate": 0.25, "late_rate_low": 0.125, "late_rate_high": 0.5, "cost": 7.0}
    frame = pd.DataFrame([row | {"report": "funnel"}])
    page = html_table(frame, large=True, links=dict.fromkeys(frame, "../r.html"), **SHOWN)
    assert "<table" not in page and page.count('class="sa-tile"') == 2
    assert "Payouts late<b>25.0 %</b><small>12.5 % – 50.0 %</small>" in page
    assert 'class="sa-words">Explained in<b>Sales funnel</b>' in page
    assert page.count('<a href="../r.html">') == 3
    assert "<table" in html_table(frame.head(0), large=True, **SHOWN)

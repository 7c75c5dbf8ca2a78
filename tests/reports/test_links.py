"""Links to other reports, and key figures shown large: what leads where, and nothing else."""

import pandas as pd

from salesanalysis.reports.tables import html_table

SHOWN = {"lang": "en", "part": "overview", "caption": "C", "rows": 5}


def test_cells_lead_to_the_address_of_their_value_or_of_their_column():
    frame = pd.DataFrame({"report": ["funnel", "forecast"], "subject": ["<a>", "b"]})
    to = {"report": {"funnel": '../x"/report.html'}, "subject": "../all.html"}
    page = html_table(frame, links=to, **SHOWN)
    assert page.count("<a ") == 3
    assert '<a href="../x&quot;/report.html">funnel</a>' in page
    assert '<a href="../all.html">&lt;a&gt;</a>' in page
    assert "<a " not in html_table(frame, **SHOWN)


def test_a_large_table_shows_each_figure_with_its_interval_and_its_own_word():
    row = {"late_rate": 0.25, "late_rate_low": 0.125, "late_rate_high": 0.5, "leavers": 0.5}
    frame = pd.DataFrame([row])
    frame.attrs["columns"] = {"leavers": ["Have <left>", "share"]}
    page = html_table(frame, large=True, links=dict.fromkeys(frame, "../r.html"), **SHOWN)
    assert "<table" not in page and page.count('class="sa-tile"') == 2
    assert "Payouts late<b>25.0 %</b><small>12.5 % – 50.0 %</small>" in page
    # A word and a unit that the vocabulary does not know come with the frame.
    assert "Have &lt;left&gt;<b>50.0 %</b>" in page
    assert page.count('<a href="../r.html">') == 2
    assert "<table" in html_table(frame.head(0), large=True, **SHOWN)

"""Links to other reports: what leads where, and nothing else."""

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

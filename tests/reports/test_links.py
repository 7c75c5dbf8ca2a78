"""Links to other reports: what leads where, and nothing else."""

import pandas as pd

from salesanalysis.reports.blocks import Table
from salesanalysis.reports.html_tables import html_table


def shown(frame, **looks) -> str:
    return html_table(Table(frame, "C", part="overview", **looks), "en")


def test_cells_lead_to_the_address_of_their_value_or_of_their_column():
    frame = pd.DataFrame({"report": ["funnel", "forecast"], "subject": ["<a>", "b"]})
    to = {"report": {"funnel": '../x"/report.html'}, "subject": "../all.html"}
    page = shown(frame, links=to)
    assert page.count("<a ") == 3
    assert '<a href="../x&quot;/report.html">funnel</a>' in page
    assert '<a href="../all.html">&lt;a&gt;</a>' in page
    assert "<a " not in shown(frame)

"""What a reader meets on each page keeps to its budget (`benchmarks/reports/page.py` prints it)."""

from pathlib import Path

import pytest
from budgets import REPORTS, measured, missed

from salesanalysis import text

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_keeps_to_its_budget(page, name, lang):
    report = Path(__file__).parents[2] / "out" / name / lang / "report.html"
    if not report.exists():
        pytest.skip("needs the reports that `make report` makes")
    found = measured(page, report)
    assert missed(name, found) == [], found
    assert found["tables"] > 0 and 0 < found["words"]


def test_what_is_over_its_budget_is_found(page, tmp_path):
    cells = "".join(f"<th>a rather long heading {n}</th>" for n in range(9))
    path = tmp_path / "long.html"
    path.write_text(
        "<!DOCTYPE html><style>.scroll { overflow: auto } th { white-space: nowrap }</style><main>"
        f"<p style='height: 9000px; width: 500px'>12 words</p><img src='data:,'><div class=scroll>"
        f"<table><thead><tr>{cells}</tr></thead></table></div>{' ' * 1_500_000}</main>",
        encoding="utf-8",
    )
    found = measured(page, path)
    assert missed("funnel", found) == ["screens", "picture", "cut", "columns", "wide", "bytes"]
    assert (found["words"], found["numbers"]) == (2, 1)

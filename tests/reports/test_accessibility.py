"""No page has a barrier, light or dark, wide or narrow, with every fold open (axe-core)."""

import json
from pathlib import Path

import pytest
from budgets import REPORTS

from salesanalysis import text

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
AXE = ROOT / ".venv" / "axe" / "node_modules" / "axe-core" / "axe.min.js"

#: What it found, of any severity, with the first element of each.
FOUND = """
axe.run(document, {resultTypes: ["violations"]}).then(result => JSON.stringify(
  result.violations.map(found => [found.id, found.impact, found.nodes.length, found.nodes[0].html])
))
"""


@pytest.fixture
def barriers(page):
    """What is a barrier in a page, at both widths and in both schemes of colours."""
    if not AXE.exists():
        pytest.skip("needs axe-core: make .venv/made-for-axe")
    checker = AXE.read_text(encoding="utf-8")

    def look(path: Path) -> dict:
        found = {}
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                page.look(width=width, scheme=scheme)
                page.open(path)
                page.value("document.querySelectorAll('details').forEach(fold => fold.open = true)")
                page.value(f"{checker}; 0")
                if said := json.loads(page.value(FOUND)):
                    found[width, scheme] = said
        return found

    return look


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_free_of_barriers(barriers, name, lang):
    report = ROOT / "out" / name / lang / "report.html"
    if not report.exists():
        pytest.skip("needs the reports that `make report` makes")
    assert barriers(report) == {}


def test_slides_are_free_of_barriers(barriers, hostile_reports):
    assert barriers(hostile_reports["en"] / "slides.html") == {}


def test_the_page_over_a_batch_is_free_of_barriers(barriers):
    index = ROOT / "out" / "index.html"
    if not index.exists():
        pytest.skip("needs the reports that `make report` makes")
    assert barriers(index) == {}


def test_a_barrier_is_found(barriers, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<html><body><img src='data:,'></body></html>", encoding="utf-8")
    found = barriers(path)
    assert len(found) == 4
    assert "image-alt" in [kind for kind, *_ in found[390, "dark"]]

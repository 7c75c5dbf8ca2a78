"""The overview of a report on the sample and of one that nobody knows, in Chinese and English."""

import json
import os
from pathlib import Path

import pytest
from made import ROOT
from run_folders import TOLD, lay_out

from salesanalysis.reports import overview
from salesanalysis.reports.job import find_notebook, report_names
from salesanalysis.reports.parameters import declared


@pytest.fixture(scope="module")
def incentive(make_reports):
    return make_reports("incentive", {"zh": {"lang": "zh"}})["zh"]


@pytest.fixture(scope="module")
def made(make_reports, incentive, tmp_path_factory):
    strange = tmp_path_factory.mktemp("runs")
    chinese = lay_out(strange / "zh", lang="zh", title="谁离开")
    english = lay_out(strange / "en")
    runs = {
        "zh": {"lang": "zh", "runs": [str(incentive.folder), str(chinese)]},
        "en": {"runs": [str(english), str(incentive.folder)]},
    }
    return make_reports("overview", runs)


@pytest.mark.gate
def test_figures_are_exactly_those_of_the_report(made, incentive):
    row = made["zh"].table("incentive").iloc[0]
    told = {figure["name"]: figure for figure in incentive.facts["key_figures"]}
    assert set(told) == {name for name in row.index if not name.endswith(("_low", "_high"))}
    for name, figure in told.items():
        assert row[name] == figure["value"]
        if figure["low"] is not None:
            assert (row[f"{name}_low"], row[f"{name}_high"]) == (figure["low"], figure["high"])
    # And those are the numbers that the report itself shows.
    cost = incentive.table("cost").iloc[0]
    assert (row["plan_cost"], row["plan_cost_low"]) == (cost["cost"], cost["cost_low"])


@pytest.mark.gate
def test_each_report_has_its_figures_its_picture_and_its_findings(made, incentive):
    told = made["zh"].facts
    assert made["zh"].keys("headlines") == ["cost_expected", "left", "first"]
    assert made["zh"].keys("warnings") == ["few"]
    assert [figure["name"] for figure in told["figures"]] == ["incentive", "churn"]
    tables = [table["name"] for table in told["tables"]]
    assert tables == ["actions", "incentive", "churn", "first"]
    assert [section["id"] for section in told["sections"]][:3] == [
        "section-incentive", "section-churn", "section-first",
    ]  # fmt: skip
    own = (incentive.folder / "figures" / "reach.png").read_bytes()
    assert (made["zh"].folder / "figures" / "incentive.png").read_bytes() == own
    read = {source["table"] for source in told["sources"]}
    assert read == {"attainment", "sales", "payouts", "customers"}


def test_each_number_leads_to_the_report(made, incentive):
    address = os.path.relpath(incentive.folder / "report.html", made["zh"].folder)
    # Its figures, folded, four of the six tiles (one is to be acted on), what is to be done, and
    # the line that leads to it.
    shown = len(incentive.facts["key_figures"]) + 4 + len(incentive.facts["actions"]) + 1
    title = incentive.facts["title"]
    rows = (made["zh"].table("first")["report"] == title).sum()
    assert rows and made["zh"].page.count(f'href="{address}"') == shown + rows
    assert (made["zh"].folder / address).resolve() == incentive.folder / "report.html"


def test_things_are_those_of_all_reports_ranked_by_money(made, incentive):
    first = made["zh"].table("first")
    things = incentive.facts["things"] + TOLD["things"]
    most = sorted((thing["money"] or 0 for thing in things), reverse=True)
    assert first["money"].dropna().tolist() == most[: first["money"].notna().sum()]
    assert {"谁离开", incentive.facts["title"]} == set(first["report"])


def test_what_a_stranger_says_stays_text(made):
    assert "<b>who</b>" not in made["zh"].page
    assert "Customers &lt;b&gt;who&lt;/b&gt; leave" in made["zh"].page


def test_a_report_in_another_language_is_left_out_and_said(made):
    assert [figure["name"] for figure in made["en"].facts["figures"]] == ["churn"]
    assert "other_language" in made["en"].keys("warnings")
    assert "12.5%" in made["en"].page and "Leave rate" in made["en"].page


def test_no_path_of_this_machine_is_in_run_json(made, incentive):
    assert made["zh"].facts["parameters"]["runs"] == ["incentive", "zh"]
    assert str(incentive.folder.parent) not in json.dumps(made["zh"].facts)


def test_every_report_of_ours_leaves_what_the_overview_needs():
    """Else it would have no part; a new family's notebook tells it like the others."""
    for name in report_names():
        source = Path(find_notebook(name)).read_text(encoding="utf-8")
        if name != "overview":
            for call in ("report.key_figures(", "report.things(", "report.in_short("):
                assert call in source, (name, call)


def test_the_overview_takes_folders_a_day_and_a_language_and_knows_no_family():
    notebook = find_notebook("overview")
    assert [one.name for one in declared(notebook)] == ["runs", "as_of", "lang"]
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    package = "".join(path.read_text() for path in Path(overview.__file__).parent.glob("*.py"))
    families = [name for name in report_names() if name != "overview"]
    assert families and [name for name in families if name in code + package] == []
    texts = (ROOT / "salesanalysis/text/en/overview.yml").read_text(encoding="utf-8")
    assert [name for name in families if name in texts] == []

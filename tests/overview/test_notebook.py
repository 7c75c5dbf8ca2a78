"""The overview on the sample: whole in Chinese, with most of it left out in English."""

import ast
import json
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).parents[2]
FAMILIES = ("funnel", "forecast", "forgetting", "incentive")
LEFT_OUT = ("opportunities", "stage_history", "activities", "evidence", "targets", "bookings")
LEFT_OUT += ("stream_targets", "scores", "attainment", "payouts")


@pytest.fixture(scope="module")
def made(make_reports):
    partial = {"links": "", **dict.fromkeys(LEFT_OUT, "")}
    return make_reports("overview", {"zh": {"lang": "zh"}, "en": partial})


def test_every_family_tells_its_figures_its_picture_and_its_finding(made):
    told = made["zh"].facts
    keys = [headline["key"] for headline in told["headlines"]]
    assert keys == ["landing", "stuck", "schedule", "cost_expected", "first"]
    assert [figure["name"] for figure in told["figures"]] == list(FAMILIES)
    assert [found["name"] for found in told["tables"]][:5] == [*FAMILIES, "first"]
    assert [warning["key"] for warning in told["warnings"]] == ["forecast_day"]


def test_each_number_leads_to_the_report_beside_this_one(made):
    targets = re.findall(r'href="(\.\./[^"]+)"', made["zh"].page)
    for family in FAMILIES:
        address = f"../../{family}/zh/report.html"
        figures = made["zh"].table(family)
        shown = [name for name in figures if not name.endswith(("_low", "_high"))]
        rows = (made["zh"].table("first")["report"] == family).sum()
        assert targets.count(address) == len(shown) + rows
    # Where `make report` puts them, those are the folders of the other reports.
    listed = yaml.safe_load((ROOT / "reports.yml").read_text(encoding="utf-8"))["reports"]
    places = {entry["notebook"]: ROOT / entry["out"].format(lang="zh") for entry in listed}
    for family in FAMILIES:
        assert (places["overview"] / "../.." / family / "zh").resolve() == places[family]


def test_the_ten_things_are_ranked_by_money_each_subject_once(made):
    first = made["zh"].table("first")
    assert len(first) == 10 and first["subject"].is_unique
    assert first["at_stake"].is_monotonic_decreasing and first["at_stake"].notna().all()
    assert first["report"].nunique() > 2
    assert first["reason"].str.contains(r"[\u4e00-\u9fff]").all()


def test_figures_are_those_of_the_tables_they_come_from(made):
    deals = pd.read_csv(ROOT / "data/sample/opportunities.csv")
    assert made["zh"].table("funnel")["open"].item() == (deals["outcome"] == "open").sum()
    rows = pd.read_csv(ROOT / "data/sample/attainment.csv")
    reached = (rows["sales"] >= rows["quota"])[rows["quota"] > 0].mean()
    assert made["zh"].table("incentive")["floor_rate"].item() == pytest.approx(reached)
    goals = [
        pd.read_csv(ROOT / f"data/sample/{name}.csv") for name in ("targets", "stream_targets")
    ]
    target = sum(goal.loc[goal["period"] == "2025-Q4", "target"].sum() for goal in goals)
    assert made["zh"].table("forecast")["target"].item() == pytest.approx(target)


@pytest.mark.gate
def test_parts_without_input_say_so(made):
    assert [said["key"] for said in made["en"].facts["headlines"]] == ["landing_only"]
    for said in ("No deals are known", "No test scores are known", "Attainment with the quotas"):
        assert said in made["en"].page
    names = [figure["name"] for figure in made["en"].facts["figures"]]
    assert names == ["forecast"]
    assert 'href="..' not in made["en"].page


def test_the_page_has_no_english_sentence_and_every_column_a_heading(made):
    assert made["zh"].english_lines() == []
    assert made["zh"].columns_without_heading() == []


def defaults(name: str) -> dict:
    """The parameters of a notebook, as written."""
    content = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
    cells = json.loads(content)["cells"]
    (cell,) = [cell for cell in cells if "parameters" in cell["metadata"]["tags"]]
    lines = ast.parse("".join(cell["source"])).body
    return {line.target.id: ast.literal_eval(line.value) for line in lines}


def test_what_the_reports_share_has_one_default_everywhere():
    """Else a number here would not be the number of the report that explains it."""
    listed = yaml.safe_load((ROOT / "reports.yml").read_text(encoding="utf-8"))
    made = {}
    for entry in listed["reports"]:
        known = defaults(entry["notebook"])
        told = listed["defaults"]["parameters"]
        told = {name: value for name, value in told.items() if name in known}
        made[entry["notebook"]] = known | told | entry.get("parameters", {})
    own = made["overview"]
    for family in FAMILIES:
        mine = own | ({"as_of": own["forecast_as_of"]} if family == "forecast" else {})
        shared = mine.keys() & made[family].keys()
        assert {name: mine[name] for name in shared} == {n: made[family][n] for n in shared}

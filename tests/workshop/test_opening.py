"""The workshop opens with the numbers of the reports, and its scenarios become their first screen.

The same day, inputs and draws, so the same numbers: exactly, not about.
"""

import html

import nbformat
import pytest
import yaml

from salesanalysis import text, workshop
from salesanalysis.reports.job import find_notebook

pytestmark = pytest.mark.gate

#: What each room turns, and what a report must know of it.
TURNED = {
    "funnel": {"aim: T": 0.84, "days: C": 14.0},
    "forecast": {},
    "incentive": {"floor": 0.95},
    "forgetting": {"target": 0.9, "half_life": 8.0},
}


@pytest.fixture(scope="module")
def views():
    """The views of the sample, as the notebook of the workshop makes them."""
    content = nbformat.read(find_notebook("workshop"), as_version=4)
    made = {}
    for cell in content.cells:
        if cell.cell_type == "code" and "room" not in cell.metadata.tags:
            exec(cell.source, made)
    return {name: make(lang="en", currency="USD") for name, make in made["views"].items()}


@pytest.fixture(scope="module")
def reports(make_reports, views, tmp_path_factory):
    """Of each family its report, and that of a scenario: two runs, as they are asked for."""
    folder = tmp_path_factory.mktemp("scenarios")
    made = {}

    def report_of(family: str, run: str):
        if family not in made:
            path = workshop.save(views[family].scenario(turned(views[family]), "So"), folder)
            given = yaml.safe_load(path.read_text(encoding="utf-8"))
            made[family] = make_reports(family, {"now": {}, "scenario": given})
        return made[family][run]

    return report_of


def begun(view) -> dict:
    """The state of a view's controls before anybody touched them."""
    return {control.name: control.value for control in view.controls}


def turned(view) -> dict:
    state = begun(view) | TURNED[view.name]
    if view.name == "forecast":
        (first, _), (second, _), *_ = view.controls[0].items
        state["must_win"] = {first: "yes", second: "no"}
    return state


@pytest.mark.parametrize("family", ["forecast", "incentive", "forgetting", "funnel"])
def test_tiles_open_with_the_key_figures_of_the_report(family, views, reports):
    report = reports(family, "now").key_figures
    shown = {
        figure.name: figure.value for figure in views[family].look(begun(views[family])).figures
    }
    same = set(shown) & set(report)
    expected = {
        "forecast": {"likely", "p_target", "gap_amount", "coverage"},
        "incentive": {"plan_cost", "floor_rate", "stretch_rate"},
        "forgetting": {"refreshers", "half_life_weeks"},
        "funnel": {"cycle_days"},
    }
    assert same - {"won_amount"} == expected[family]  # in the report: since the data begin
    assert {name: shown[name] for name in expected[family]} == {
        name: report[name] for name in expected[family]
    }


def test_sliders_of_the_funnel_open_at_the_rates_of_the_report(views, reports):
    table = reports("funnel", "now").table("conversion")
    rates = table.set_index("stage")["final_rate"]
    shares = {
        c.name.removeprefix("aim: "): c.value for c in views["funnel"].controls if "aim" in c.name
    }
    assert shares == pytest.approx(rates.to_dict(), abs=5e-7)  # files have six digits


@pytest.mark.parametrize("family", TURNED)
def test_the_first_screen_of_a_scenario_says_what_the_room_read(family, views, reports):
    report, view = reports(family, "scenario").facts, views[family]
    assert report["title"].startswith("Scenario: So. ")
    (finding,) = view.look(turned(view)).answer("So")
    said = text.sentence(f"{family}.lead.{finding.name}", "en", "USD", **finding.values)
    assert [lead["text"] for lead in report["lead"]][0] == said
    assert " instead of " in said
    assert html.escape(said) in reports(family, "scenario").page

"""One number, one meaning: a figure is the same wherever a reader meets it.

All reports of the sample are made as a batch, with slides. Each key figure is then looked up in
``run.json``, in the tile, in the sentence over it, in the tables, in the pictures, on the slides
and in the overview.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup

from salesanalysis import reports
from salesanalysis.reports import in_short

pytestmark = pytest.mark.gate  # it makes all reports

ROOT = Path(__file__).parents[2]


class Made:
    """A report that was made, and what can be read in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        self.figures = {one["name"]: one for one in self.record["key_figures"]}
        self.page = BeautifulSoup((folder / "report.html").read_text("utf-8"), "html.parser")

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / f"tables/{name}.csv", encoding="utf-8-sig")

    def row(self, table: str, where: str = "") -> pd.Series:
        """The only row of a table that fits."""
        frame = self.table(table)
        (row,) = (frame.query(where) if where else frame).to_dict("records")
        return pd.Series(row)

    def last(self, table: str) -> pd.Series:
        return self.table(table).iloc[-1]

    def shown(self, name: str) -> str:
        return in_short.shown_figure(self.figures[name], "en", self.record["currency"])[0]

    def tiles(self) -> dict[str, str]:
        """The value on each tile, by its label."""
        found = self.page.select(".tiles .tile")
        return {one.select_one(".t1 > span").text: one.strong.text for one in found}

    def marks(self, name: str) -> str:
        """All that the marks of a picture say."""
        (caption,) = (one["caption"] for one in self.record["figures"] if one["name"] == name)
        captions = self.page.find_all("figcaption", string=caption)
        drawn = [caption.parent for caption in captions]
        return " ".join(title.text for one in drawn for title in one.select("title"))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[str, Made]:
    here = tmp_path_factory.mktemp("one")
    listing = yaml.safe_load((ROOT / "reports.yml").read_text(encoding="utf-8"))
    listing["defaults"] |= {"lang": ["en"], "formats": ["slides"]}
    for report in listing["reports"]:
        report["out"] = str(here / "out" / report["notebook"] / "en")
    listing["out"] = str(here / "out")
    (here / "reports.yml").write_text(yaml.safe_dump(listing), encoding="utf-8")
    done = reports.batch(here / "reports.yml")
    assert {one.outcome for one in done} == {"made"}
    return {one.job.name: Made(one.job.out) for one in done}


def share(frame: pd.DataFrame) -> float:
    """The share of all groups together."""
    return frame["k"].sum() / frame["n"].sum()


#: Where else a figure stands: report → figure → what gives it.
PLACES: dict[str, dict[str, list[Callable[[Made], float]]]] = {
    "funnel": {
        "final_rate": [lambda r: r.row("win_rate_splits", "group == 'all'")["final_rate"]],
        "rate": [lambda r: r.row("win_rate_splits", "group == 'all'")["rate"]],
        "open_amount": [
            lambda r: r.row("waterfall", "movement == 'end'")["amount"],
            lambda r: r.table("deals")["amount"].sum(),
        ],
        "open": [
            lambda r: r.row("waterfall", "movement == 'end'")["deals"],
            lambda r: len(r.table("deals")),
            lambda r: r.row("velocity")["open"],
        ],
        "stuck_amount": [lambda r: r.table("stuck")["amount"].sum()],
        "stuck": [lambda r: len(r.table("stuck")), lambda r: r.table("ageing")["k"].sum()],
        "zombies": [
            lambda r: r.table("stuck")["zombie"].sum(),
            lambda r: r.row("velocity")["zombies"],
        ],
        "won_month_amount": [lambda r: r.row("velocity")["won_month_amount"]],
        "live_month_amount": [lambda r: r.row("velocity")["live_month_amount"]],
        "cycle_days": [lambda r: r.row("velocity")["cycle_days"]],
    },
    "forecast": {
        "likely": [
            lambda r: r.row("against_targets")["q50"],
            lambda r: r.last("course")["q50"],
            lambda r: r.last("path")["q50"],
            lambda r: r.row("parts", "stream == 'all'")["q50"],
            lambda r: r.last("sales_by_month")["quarter_q50"],
        ],
        "p_target": [
            lambda r: r.row("against_targets")["p_target"],
            lambda r: r.last("course")["p_target"],
        ],
        "closed": [
            lambda r: r.row("against_targets")["closed"],
            lambda r: r.last("course")["closed"],
            lambda r: r.table("parts").query("part == 'closed'")["mean"].sum(),
        ],
        "mean": [
            lambda r: r.row("against_targets")["mean"],
            lambda r: r.row("changes", "movement == 'end'")["amount"],
        ],
        "target": [lambda r: r.row("against_targets")["target"]],
        "coverage": [lambda r: r.row("against_targets")["coverage"]],
    },
    "forgetting": {
        "half_life_weeks": [
            lambda r: r.table("supported")["half_life_weeks"].iloc[0],
            lambda r: r.row("models", "rank == 1")["half_life"],
        ],
        "lost_13_weeks": [lambda r: r.table("supported")["lost_share"].iloc[0]],
        "due_courses": [lambda r: r.table("standing")["under_target"].sum()],
        "refreshers": [lambda r: len(r.table("schedule"))],
        "factor": [lambda r: r.row("effect")["factor"]],
    },
    "incentive": {
        "plan_cost": [lambda r: r.table("cost")["cost"].iloc[0]],
        "cost_rate": [lambda r: r.table("cost")["cost_rate"].iloc[0]],
        "floor_rate": [lambda r: share(r.table("reach").query("goal == 'floor'"))],
        "stretch_rate": [lambda r: share(r.table("reach").query("goal == 'stretch'"))],
        "late_rate": [lambda r: share(r.table("timeliness"))],
    },
}

#: The pictures whose marks say a figure.
PICTURED = {"forecast": {"likely": "course"}}


@pytest.mark.parametrize("name", PLACES)
def test_tables_and_run_json_agree(made, name):
    report = made[name]
    for figure, places in PLACES[name].items():
        value = report.figures[figure]["value"]
        for number, place in enumerate(places):
            found = place(report)
            assert found == pytest.approx(value, rel=1e-9), f"{name}: {figure}, place {number}"


@pytest.mark.parametrize("name", PLACES)
def test_a_tile_shows_the_figure_of_run_json(made, name):
    report = made[name]
    main = report.record["key_figures"][: in_short.MOST_FIGURES]
    assert report.tiles() == {one["label"]: report.shown(one["name"]) for one in main}


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("funnel", ["final_rate", "stuck", "open", "stuck_at_stake"]),
        ("forecast", ["likely", "p_target", "target"]),
        ("forgetting", ["due_courses", "half_life_weeks", "refreshers"]),
        ("incentive", ["plan_cost", "cost_rate", "late_rate"]),
    ],
)
def test_the_answer_is_said_in_these_figures(made, name, figures):
    report = made[name]
    lead = report.page.select_one(".lead").text
    assert lead == report.record["lead"][0]["text"]
    for figure in figures:
        assert report.shown(figure) in lead, figure


def test_a_picture_says_the_figure(made):
    for name, figures in PICTURED.items():
        for figure, picture in figures.items():
            assert made[name].shown(figure) in made[name].marks(picture)


def test_the_overview_shows_the_figures_of_the_reports(made):
    overview = made["overview"]
    shown = overview.tiles()
    assert len(shown) == in_short.MOST_FIGURES
    for name in PLACES:
        report = made[name]
        own = {one["label"]: report.shown(one["name"]) for one in report.record["key_figures"]}
        both = shown.keys() & own.keys()
        assert all(shown[label] == own[label] for label in both)
        row = overview.row(name)
        for one in report.record["key_figures"][: in_short.MOST_FIGURES]:
            assert row[one["name"]] == pytest.approx(one["value"]), one["name"]
    said = {line.text for line in overview.page.select("h2")}
    assert {made[name].record["lead"][0]["text"] for name in PLACES} <= said


def test_funnel_and_forecast_know_one_pipeline_and_one_chance_of_a_deal(made):
    funnel, forecast = made["funnel"], made["forecast"]
    assert funnel.figures["open_amount"]["value"] == forecast.figures["open_amount"]["value"]
    listed = funnel.table("deals").set_index("opportunity_id")
    chances = forecast.table("deals").query("period.str.startswith('2025')")
    chances = chances.groupby("opportunity_id")["model_probability"].sum()
    pd.testing.assert_series_equal(
        listed["chance_period"].sort_index(), chances, check_names=False, rtol=1e-9
    )
    at_stake = listed["amount"] * listed["chance_period"]
    pd.testing.assert_series_equal(listed["at_stake_period"], at_stake, check_names=False)
    lines = funnel.table("actions").query("about_kind == 'deal' and about.notna()")
    theirs = listed.loc[lines["about"], "at_stake_period"]
    assert lines["at_stake_period"].tolist() == pytest.approx(theirs.tolist())


def test_the_slides_say_the_same_answer(made):
    for name in PLACES:
        slides = (made[name].folder / "slides.html").read_text(encoding="utf-8")
        said = BeautifulSoup(slides, "html.parser").text
        assert made[name].record["headlines"][0]["text"] in said, name

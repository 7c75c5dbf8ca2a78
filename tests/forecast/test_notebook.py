"""The forecast notebook, of the sample and of streams alone."""

from pathlib import Path

import pandas as pd
import pytest

from salesanalysis import text

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(make_reports):
    quick = {"draws": 1000, "backtest_days": [91]}
    area = {"buyers": [800, 1200], "use": 2, "price": 500, "share": [0.05, 0.2]}
    lists = ("accounts", "products", "reps")
    without = dict.fromkeys(("opportunities", "stage_history", "targets", *lists), "")
    runs = {"en": quick, "zh": {**quick, "lang": "zh"}}
    runs["streams"] = {**quick, **without, "new_area": area}
    return make_reports("forecast", runs)


def test_the_headline_says_where_the_quarter_will_land(made):
    row = made["en"].table("against_targets").iloc[0]
    parts = made["en"].table("parts").set_index(["stream", "part"])
    said = made["en"].facts["headlines"][0]["text"]
    whole = parts.loc[("all", "all")]
    money = {"kind": "amount", "lang": "en", "currency": "USD"}
    landing = text.said(row["q50"], low=whole["q10"], high=whole["q90"], **money)
    assert said.startswith(f"2025-Q4 will most likely land at {landing};")
    assert text.said(row["target"], **money) in said and text.said(row["closed"], **money) in said
    assert f"{100 * row['p_target']:.1f}%" in said
    assert parts["mean"].drop(("all", "all")).sum() == pytest.approx(whole["mean"])


def test_tables_add_up_and_key_figures_are_those_of_the_tables(made):
    changes = made["en"].table("changes").set_index("movement")
    steps = changes.loc[changes["kind"] == "change", "amount"].sum()
    ends = changes["amount"]
    assert ends["start"] + steps == pytest.approx(ends["end"], abs=1e-6)
    months = made["en"].table("summary").set_index("period")["mean"]
    quarter = months[["2025-10", "2025-11", "2025-12"]].sum()
    assert quarter == pytest.approx(made["en"].key_figures["mean"])
    assert ends["end"] == pytest.approx(quarter)
    groups = made["en"].table("by_group")
    assert groups["mean"].sum() == pytest.approx(quarter)
    deals = made["en"].table("deals")
    assert deals.groupby("opportunity_id")["probability"].sum().max() <= 1 + 1e-9


def test_what_came_in_the_end_lies_within_the_interval(made):
    """The sample goes on for six weeks after the day of the report: its truth is known."""
    deals = pd.read_csv(ROOT / "data/sample/opportunities.csv", parse_dates=["closed_at"])
    booked = pd.read_csv(ROOT / "data/sample/bookings.csv", parse_dates=["booked_at"])
    won = deals[(deals["outcome"] == "won") & (deals["closed_at"] >= "2025-10-01")]
    actual = won["amount"].sum()
    actual += booked.loc[booked["booked_at"] >= "2025-10-01", "amount"].sum()
    whole = made["en"].table("parts").set_index(["stream", "part"]).loc[("all", "all")]
    assert whole["q05"] < actual < whole["q95"]


@pytest.mark.gate
def test_the_tables_do_not_depend_on_the_language(made):
    # The next steps are said to the reader; all else is data.
    data = [{**made[name].tables, "actions": b""} for name in ("en", "zh")]
    assert len(data[0]) > 20
    assert data[0] == data[1]


@pytest.mark.gate
def test_the_chinese_page_has_no_english_sentence(made):
    assert made["zh"].english_lines() == []
    assert len(made["en"].english_lines()) > 10
    assert ">收入预测<" in made["zh"].page


@pytest.mark.parametrize("name", ["en", "streams"])
def test_every_column_of_every_table_has_a_heading(made, name):
    assert made[name].columns_without_heading() == []


def test_streams_alone_can_be_forecast(made):
    assert made["streams"].keys("warnings")[0] == "no_pipeline"
    goal = made["streams"].table("by_stream")
    assert set(goal["stream"]) == {"channel", "inbound", "renewal", "upgrade"}
    assert goal["p_target"].notna().all()
    area = made["streams"].table("potential").set_index("name")["amount"]
    assert area["q10"] < area["q50"] < area["q90"]

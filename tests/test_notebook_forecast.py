"""The forecast notebook, run by the commands a user types: sample, streams alone."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from salesanalysis.reports.tables import column_heading

ROOT = Path(__file__).parents[1]
QUICK = ["-p", "draws=1000", "-p", "backtest_days=[91]"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folders of the runs, by name; two at a time, because each needs one core."""
    folder = tmp_path_factory.mktemp("reports")
    runs = {
        "en": ["--lang", "en"],
        "zh": ["--lang", "zh"],
        "streams": ["-p", "opportunities=", "-p", "stage_history=", "-p", "targets="]
        + ["-p", 'new_area={"buyers": [800, 1200], "use": 2, "price": 500, "share": [0.05, 0.2]}'],
    }

    def run(name: str):
        command = [sys.executable, "-m", "salesanalysis", "run", "forecast", *QUICK, *runs[name]]
        out = folder / name / "report"
        done = subprocess.run(
            [*command, "--out", str(out)], cwd=ROOT, capture_output=True, text=True, timeout=240
        )
        return name, out, done

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, runs))
    for name, _, done in results:
        assert done.returncode == 0, f"{name}: {done.stderr}"
    return {name: out for name, out, _ in results}


def facts(folder: Path) -> dict:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def keys(folder: Path, kind: str) -> list[str]:
    return [statement["key"] for statement in facts(folder)[kind]]


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv")


def shown_lines(folder: Path) -> list[str]:
    """The lines a reader sees on the page, without code and pictures."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<(style|script|pre).*?</\1>|<img[^>]*>", " ", page, flags=re.S)
    return re.sub(r"<[^>]+>", "\n", page).splitlines()


def test_the_headline_says_where_the_quarter_will_land(made):
    row = table(made["en"], "against_targets").iloc[0]
    parts = table(made["en"], "parts").set_index(["stream", "part"])
    said = facts(made["en"])["headlines"][0]["text"]
    whole = parts.loc[("all", "all")]
    for amount in (whole["q10"], whole["q90"], row["q50"], row["target"], row["closed"]):
        assert f"{amount:,.0f}" in said
    assert f"{100 * row['p_target']:.1f} %" in said
    assert said.startswith("2025-Q4 will land between")
    assert parts["mean"].drop(("all", "all")).sum() == pytest.approx(whole["mean"])


def test_tables_add_up_and_results_are_those_of_the_tables(made):
    changes = table(made["en"], "changes").set_index("movement")
    steps = changes.loc[changes["kind"] == "change", "amount"].sum()
    ends = changes["amount"]
    assert ends["start"] + steps == pytest.approx(ends["end"], abs=1e-6)
    months = table(made["en"], "summary").set_index("period")["mean"]
    quarter = months[["2025-10", "2025-11", "2025-12"]].sum()
    assert quarter == pytest.approx(facts(made["en"])["results"]["mean"])
    assert ends["end"] == pytest.approx(quarter)
    groups = table(made["en"], "by_group")
    assert groups["mean"].sum() == pytest.approx(quarter)
    deals = table(made["en"], "deals")
    assert deals.groupby("opportunity_id")["probability"].sum().max() <= 1 + 1e-9


def test_what_came_in_the_end_lies_within_the_interval(made):
    """The sample goes on for six weeks after the day of the report: its truth is known."""
    deals = pd.read_csv(ROOT / "data/sample/opportunities.csv", parse_dates=["closed_at"])
    booked = pd.read_csv(ROOT / "data/sample/bookings.csv", parse_dates=["booked_at"])
    won = deals[(deals["outcome"] == "won") & (deals["closed_at"] >= "2025-10-01")]
    actual = won["amount"].sum()
    actual += booked.loc[booked["booked_at"] >= "2025-10-01", "amount"].sum()
    whole = table(made["en"], "parts").set_index(["stream", "part"]).loc[("all", "all")]
    assert whole["q05"] < actual < whole["q95"]


def test_the_tables_do_not_depend_on_the_language(made):
    data = list((made["en"] / "tables").glob("*.csv"))
    assert len(data) > 20
    for path in data:
        assert path.read_bytes() == (made["zh"] / "tables" / path.name).read_bytes(), path.name


def test_the_chinese_page_has_no_english_sentence(made):
    english = re.compile(r"([A-Za-z]{2,} ){3,}")
    assert [line for line in shown_lines(made["zh"]) if english.search(line)] == []
    assert len([line for line in shown_lines(made["en"]) if english.search(line)]) > 10
    assert "收入预测" in shown_lines(made["zh"])


def test_every_column_of_every_table_has_a_heading(made):
    shown = {
        column
        for name in ("en", "streams")
        for path in (made[name] / "tables").glob("*.csv")
        for column in pd.read_csv(path, nrows=0).columns
        if path.stem != "quality_faults"
    }
    heads = {column: column_heading(column, "forecast", "zh") for column in shown}
    assert [column for column, head in heads.items() if head == column] == []


def test_streams_alone_can_be_forecast(made):
    assert keys(made["streams"], "warnings")[0] == "no_pipeline"
    goal = table(made["streams"], "by_stream")
    assert set(goal["stream"]) == {"channel", "inbound", "renewal", "upgrade"}
    assert goal["p_target"].notna().all()
    area = table(made["streams"], "potential").set_index("name")["amount"]
    assert area["q10"] < area["q50"] < area["q90"]

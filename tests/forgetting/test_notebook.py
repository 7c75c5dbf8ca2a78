"""The forgetting notebook, of the sample in Chinese and of bare scores in English."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesanalysis.datasets.training import FACTOR, training

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(make_reports, tmp_path_factory):
    folder = tmp_path_factory.mktemp("forgetting")
    days = [1, 10, 40, 90]
    bare = pd.DataFrame(
        {
            "学员编号": np.repeat([f"E{i:02d}" for i in range(12)], 4),
            "课程": "产品知识",
            "培训日期": "2025-03-03",
            "测试日期": [
                f"{pd.Timestamp('2025-03-03') + pd.Timedelta(days=d):%Y-%m-%d}" for d in days
            ]
            * 12,
            "分数": [round(95 * 2 ** (-d / 35.7)) + i % 3 for i in range(12) for d in days],
        }
    )
    bare.to_csv(folder / "scores.csv", index=False)
    only = {"scores": str(folder / "scores.csv"), "max_score": 100, "as_of": "2025-12-31"}
    worth = {"rate": 60.0, "week_amount": 100.0}
    runs = {"zh": {"lang": "zh"} | worth, "bare": only}
    two = bare[bare["测试日期"].isin(["2025-03-04", "2025-04-12"])].assign(团队="东区")
    two.to_csv(folder / "two.csv", index=False)
    runs["two"] = only | {"scores": str(folder / "two.csv")}
    return make_reports("forgetting", runs)


def test_the_sample_report_finds_what_is_true_of_the_sample(made):
    figures = made["zh"].key_figures
    effect = made["zh"].table("effect").iloc[0]
    assert effect["factor"] == figures["factor"]
    assert effect["factor_low"] < FACTOR < effect["factor_high"]
    truth = training().truth.half_lives.groupby("method")["half_life_days"].mean() / 7
    groups = made["zh"].table("half_lives").query("split == 'method'").set_index("group")
    assert groups["half_life_weeks"].rank().tolist() == truth.rank()[groups.index].tolist()
    assert len(made["zh"].table("schedule")) == figures["refreshers"]
    headline = made["zh"].facts["headlines"]
    assert headline[0]["key"] == "half_gone_range"
    assert f"{figures['half_life_weeks']:.1f}（" in headline[0]["text"]
    assert [said["key"] for said in headline[1:]] == ["lost_less", "effect_longer", "schedule"]


def test_the_calendar_file_holds_the_calendar(made):
    content = (made["zh"].folder / "files" / "refreshers.ics").read_bytes()
    lines = content.decode().split("\r\n")
    calendar = made["zh"].table("calendar")
    assert lines.count("BEGIN:VEVENT") == len(calendar) > 0
    assert any(line.startswith("SUMMARY:第1次强化训练：") for line in lines)
    totals = made["zh"].table("team_cost")
    assert totals["cost"].sum() == pytest.approx(calendar["cost"].sum())
    assert "files/refreshers.ics" in made["zh"].facts["files"]


@pytest.mark.gate
def test_the_chinese_page_has_no_english_sentence(made):
    assert made["zh"].english_lines() == []
    assert len(made["bare"].english_lines()) > 10


def test_every_column_of_every_table_has_a_heading(made):
    assert made["zh"].columns_without_heading() == []


def test_bare_scores_make_a_report_that_says_what_it_cannot_know(made):
    said = made["bare"].facts
    assert "effect_open" in [line["key"] for line in said["headlines"]]
    assert not (made["bare"].folder / "tables" / "gaps.csv").exists()
    checks = made["bare"].table("checks").set_index("check")
    assert checks.loc["guess_unknown", "rows"] == 48
    assert checks.loc["refresher_without_training", "finding"] == "unknown"
    assert abs(made["bare"].key_figures["half_life_weeks"] - 5.1) < 0.3


def test_two_delays_make_no_calendar(made):
    told = made["two"].facts
    assert told["lead"][0]["text"].endswith("and no refreshers are planned.")
    assert told["headlines"][0]["key"] == "unfit_few_delays"
    assert not (made["two"].folder / "files" / "refreshers.ics").exists()
    assert not (made["two"].folder / "tables" / "schedule.csv").exists()
    assert "refreshers" not in made["two"].key_figures

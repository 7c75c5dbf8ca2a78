"""The forgetting notebook, run as a user runs it: the sample in Chinese, bare scores in English."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesanalysis.datasets.training import FACTOR, training
from salesanalysis.reports.tables import column_heading

ROOT = Path(__file__).parents[1]
WITHOUT = ("refreshers", "ksa_required", "ksa_assessed", "opportunities", "stage_history")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folders of the runs, by name; two at a time, because each needs one core."""
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
    only = ["-p", f"scores={folder / 'scores.csv'}", "-p", "max_score=100"]
    only += [word for name in WITHOUT for word in ("-p", f"{name}=")]
    runs = {"zh": ["--lang", "zh"], "bare": [*only, "--lang", "en"]}

    def run(name: str):
        command = [sys.executable, "-m", "salesanalysis", "run", "forgetting", *runs[name]]
        out = folder / name
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


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv")


def test_the_sample_report_finds_what_is_true_of_the_sample(made):
    results = facts(made["zh"])["results"]
    effect = table(made["zh"], "effect").iloc[0]
    assert effect["factor"] == results["factor"]
    assert effect["factor_low"] < FACTOR < effect["factor_high"]
    truth = training().truth.half_lives.groupby("method")["half_life_days"].mean() / 7
    groups = table(made["zh"], "half_lives").query("split == 'method'").set_index("group")
    assert groups["half_life_weeks"].rank().tolist() == truth.rank()[groups.index].tolist()
    assert len(table(made["zh"], "schedule")) == results["refreshers"]
    headline = facts(made["zh"])["headlines"]
    assert headline[0]["key"] == "half_life_longer"
    assert f"{results['half_life_weeks']:.1f} 周" in headline[0]["text"]
    assert [said["key"] for said in headline[1:]] == ["lost_less", "effect_longer", "schedule"]


def test_the_calendar_file_holds_the_calendar(made):
    content = (made["zh"] / "files" / "refreshers.ics").read_bytes()
    lines = content.decode().split("\r\n")
    calendar = table(made["zh"], "calendar")
    assert lines.count("BEGIN:VEVENT") == len(calendar) > 0
    assert any(line.startswith("SUMMARY:第 1 次强化训练：") for line in lines)
    totals = table(made["zh"], "team_cost")
    assert totals["cost"].sum() == pytest.approx(calendar["cost"].sum())
    assert "files/refreshers.ics" in facts(made["zh"])["files"]


def shown_lines(folder: Path) -> list[str]:
    """The lines a reader sees on the page, without code and pictures."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<(style|script|pre).*?</\1>|<img[^>]*>", " ", page, flags=re.S)
    return re.sub(r"<[^>]+>", "\n", page).splitlines()


def test_the_chinese_page_has_no_english_sentence(made):
    english = re.compile(r"([A-Za-z]{2,} ){3,}")
    assert [line for line in shown_lines(made["zh"]) if english.search(line)] == []
    assert len([line for line in shown_lines(made["bare"]) if english.search(line)]) > 10


def test_every_column_of_every_table_has_a_heading(made):
    shown = {
        column
        for path in (made["zh"] / "tables").glob("*.csv")
        for column in pd.read_csv(path, nrows=0).columns
        if path.stem != "quality_faults"
    }
    heads = {column: column_heading(column, "forgetting", "zh") for column in shown}
    assert [column for column, head in heads.items() if head == column] == []


def test_bare_scores_make_a_report_that_says_what_it_cannot_know(made):
    said = facts(made["bare"])
    assert "effect_open" in [line["key"] for line in said["headlines"]]
    assert not (made["bare"] / "tables" / "gaps.csv").exists()
    checks = table(made["bare"], "checks").set_index("check")
    assert checks.loc["guess_unknown", "rows"] == 48
    assert checks.loc["refresher_without_training", "finding"] == "unknown"
    assert abs(said["results"]["half_life_weeks"] - 5.1) < 0.3

"""The incentive notebook on the sample, in both languages, by the command a user types."""

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


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folders of the runs, by language."""
    folder = tmp_path_factory.mktemp("reports")

    def run(lang: str):
        command = [sys.executable, "-m", "salesanalysis", "run", "incentive", "--lang", lang]
        out = folder / lang / "report"
        done = subprocess.run(
            [*command, "--out", str(out)], cwd=ROOT, capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, f"{lang}: {done.stderr}"
        return lang, out

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(run, ("en", "zh")))


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv")


def shown_lines(folder: Path) -> list[str]:
    """The lines a reader sees on the page, without code and pictures."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<(style|script|pre).*?</\1>|<img[^>]*>", " ", page, flags=re.S)
    return re.sub(r"<[^>]+>", "\n", page).splitlines()


def test_the_tables_do_not_depend_on_the_language(made):
    # The rules of the plan are words, in the reader's language; all else is data.
    data = [path for path in (made["en"] / "tables").glob("*.csv") if path.stem != "plan_words"]
    assert len(data) > 15
    for path in data:
        assert path.read_bytes() == (made["zh"] / "tables" / path.name).read_bytes(), path.name


def test_the_report_says_what_its_tables_say(made):
    statements, payees = table(made["en"], "statements"), table(made["en"], "payee_totals")
    assert payees["payout"].sum() == pytest.approx(statements["payout"].sum())
    paid = pd.read_csv(ROOT / "data" / "sample" / "payouts.csv")
    assert statements["payout"].sum() == pytest.approx(paid["earned"].sum())
    facts = json.loads((made["en"] / "run.json").read_text(encoding="utf-8"))
    said = [headline["text"] for headline in facts["headlines"]]
    assert f"{statements['payout'].sum():,.0f}" in said[0]
    keys = {headline["key"] for headline in facts["headlines"]}
    assert {"pushed_up", "stopped_at", "hurry", "hangover", "gave_up", "recommended"} <= keys


def test_the_evidence_is_that_of_the_planted_habits(made):
    piles = table(made["en"], "bunching").set_index("kind")
    assert (piles["verdict"] == "bunching").all()
    assert piles.loc["kink", "elasticity_low"] < 0.12 < piles.loc["kink", "elasticity_high"]
    choice = table(made["en"], "sensitivity")
    assert choice["behaviour"].nunique() == 3 and (choice["behaviour"] == "elastic").sum() == 3


def test_the_chinese_page_has_no_english_sentence(made):
    english = re.compile(r"([A-Za-z]{2,} ){3,}")
    assert [line for line in shown_lines(made["zh"]) if english.search(line)] == []
    assert len([line for line in shown_lines(made["en"]) if english.search(line)]) > 10


def test_every_column_of_every_table_has_a_heading(made):
    shown = {
        column
        for path in (made["en"] / "tables").glob("*.csv")
        for column in pd.read_csv(path, nrows=0).columns
        if path.stem != "quality_faults"
    }
    heads = {column: column_heading(column, "incentive", "zh") for column in shown}
    assert [column for column, head in heads.items() if head == column] == []

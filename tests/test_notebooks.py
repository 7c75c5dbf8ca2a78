"""The funnel notebook, run by the commands a user types: sample, CRM without history, event log."""

import json
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from salesanalysis.reports.tables import column_heading

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def readme_example(name: str) -> list[str]:
    """The arguments of the README's worked example that writes to ``out/<name>``."""
    for block in re.findall(r"```\n(salesanalysis run .*?)```", README, re.S):
        arguments = shlex.split(block.replace("\\\n", " "))
        if arguments[-2:] == ["--out", f"out/{name}"]:
            return arguments[1:-2]
    raise LookupError(f"README.md has no example that writes to out/{name}")


@pytest.fixture(scope="module")
def made(tmp_path_factory, shared):
    """The folders of all runs, by name; two at a time, because each needs one core."""
    folder = tmp_path_factory.mktemp("reports")
    sample = ["run", "funnel", "-p", "activities=data/sample/activities.csv"]
    sample += ["-p", "targets=data/sample/targets.csv"]
    sample += ["-p", "evidence=data/sample/milestone_evidence.csv", "--lang"]
    runs = {"en": [*sample, "en"], "again": [*sample, "en"], "zh": [*sample, "zh"]}
    try:
        place = str(Path(shared("crm/sales_pipeline.csv")).parents[1])
    except pytest.skip.Exception:
        place = None
    if place:
        for name in ("crm", "loans"):
            arguments = readme_example(name)
            runs[name] = [word.replace("../shared/data", place) for word in arguments]

    def run(name: str):
        command = [sys.executable, "-m", "salesanalysis", *runs[name]]
        # "again" goes to another folder of the same name: the place must not matter either.
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


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv")


def outside(made, name: str) -> Path:
    if name not in made:
        pytest.skip("needs the data sets from outside (SALESANALYSIS_SHARED)")
    return made[name]


def test_two_runs_are_the_same_to_the_byte_but_for_timing(made):
    files = [
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "timing.json"
        }
        for folder in (made["en"], made["again"])
    ]
    assert sorted(files[0]) == sorted(files[1])
    assert [name for name in files[0] if files[0][name] != files[1][name]] == []


def test_the_tables_do_not_depend_on_the_language(made):
    # The meanings of the grades are words, in the reader's language; all else is data.
    data = [path for path in (made["en"] / "tables").glob("*.csv") if path.stem != "grades"]
    assert len(data) > 20
    for path in data:
        assert path.read_bytes() == (made["zh"] / "tables" / path.name).read_bytes(), path.name


def test_the_sample_report_says_what_the_tables_say(made):
    steps = table(made["en"], "conversion")
    assert steps["stage"].tolist() == list("TSDCBA")
    assert (steps["deals"] == steps[["advanced", "lost", "cancelled", "open"]].sum(axis=1)).all()
    headline = facts(made["en"])["headlines"][0]["text"]
    everything = table(made["en"], "win_rate_splits").iloc[0]
    assert headline.startswith(f"{everything['deals']:,} deals: {everything['won']:,} won")


def shown_lines(folder: Path) -> list[str]:
    """The lines a reader sees on the page, without code and pictures."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<(style|script|pre).*?</\1>|<img[^>]*>", " ", page, flags=re.S)
    return re.sub(r"<[^>]+>", "\n", page).splitlines()


def test_the_chinese_page_has_no_english_sentence(made):
    english = re.compile(r"([A-Za-z]{2,} ){3,}")
    assert [line for line in shown_lines(made["zh"]) if english.search(line)] == []
    assert len([line for line in shown_lines(made["en"]) if english.search(line)]) > 10
    assert "销售漏斗" in shown_lines(made["zh"])


def test_crm_report_has_the_known_figures_and_says_what_it_cannot_know(made):
    folder = outside(made, "crm")
    everything = table(folder, "win_rate_splits").iloc[0]
    assert everything[["deals", "won", "lost", "open"]].tolist() == [8800, 4238, 2473, 2089]
    assert everything["won_amount"] == 10_005_534
    waiting = table(folder, "open").set_index("stage")["deals"]
    assert waiting.to_dict() == {"Engaging": 1589, "Prospecting": 500}
    unmatched = table(folder, "unmatched_keys")
    row = unmatched[(unmatched["key"] == "GTXPro")].iloc[0]
    assert row[["table", "rows", "nearest"]].tolist() == ["products", 1480, "GTX Pro"]
    assert "no_history" in [warning["key"] for warning in facts(folder)["warnings"]]


def test_loan_report_has_the_known_figures(made):
    folder = outside(made, "loans")
    steps = table(folder, "conversion")
    reached = [*steps["deals"], steps["advanced"].iloc[-1]]
    assert reached == [13087, 7367, 5113, 5015, 3254, 2246]
    everything = table(folder, "win_rate_splits").iloc[0]
    assert everything[["lost", "cancelled", "open"]].tolist() == [7635, 2807, 399]
    unlisted = table(folder, "unlisted_stages").set_index("stage")
    assert unlisted.loc["W_Completeren aanvraag", "rows"] == 54850


def test_every_column_of_every_table_has_a_heading(made):
    shown = {
        column
        for path in (made["en"] / "tables").glob("*.csv")
        for column in pd.read_csv(path, nrows=0).columns
        if path.stem != "quality_faults"
    }
    heads = {column: column_heading(column, "funnel", "zh") for column in shown}
    assert [column for column, head in heads.items() if head == column] == []

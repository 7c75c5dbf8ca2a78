"""The funnel notebook, of the sample, a CRM without history and an event log."""

import re
import shlex
from pathlib import Path

import pytest

from salesanalysis.cli.parameters import given_parameters

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "inputs.md").read_text(encoding="utf-8")


def example(name: str) -> list[str]:
    """Each `-p` of the guide's worked example that writes to ``out/<name>``."""
    for block in re.findall(r"```\n(salesanalysis run .*?)```", GUIDE, re.S):
        arguments = shlex.split(block.replace("\\\n", " "))
        if arguments[-2:] == ["--out", f"out/{name}"]:
            return [word for word in arguments[3:-2] if word != "-p"]
    raise LookupError(f"docs/inputs.md has no example that writes to out/{name}")


@pytest.fixture(scope="module")
def made(make_reports, shared):
    sample = {
        "activities": "data/sample/activities.csv",
        "targets": "data/sample/targets.csv",
        "evidence": "data/sample/milestone_evidence.csv",
    }
    runs = {"en": sample, "again": sample, "zh": {**sample, "lang": "zh"}}
    try:
        place = str(Path(shared("crm/sales_pipeline.csv")).parents[1])
    except pytest.skip.Exception:
        return make_reports("funnel", runs, by_command="again")
    for name in ("crm", "loans"):
        pairs = [word.replace("../shared/data", place) for word in example(name)]
        runs[name] = given_parameters(ROOT / "notebooks" / "funnel.ipynb", pairs)
    return make_reports("funnel", runs, by_command="again")


def outside(made, name: str):
    if name not in made:
        pytest.skip("needs the data sets from outside (SALESANALYSIS_SHARED)")
    return made[name]


@pytest.mark.gate
def test_two_runs_are_the_same_to_the_byte_but_for_timing(made):
    files = [
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "timing.json"
        }
        for folder in (made["en"].folder, made["again"].folder)
    ]
    assert sorted(files[0]) == sorted(files[1])
    assert [name for name in files[0] if files[0][name] != files[1][name]] == []


@pytest.mark.gate
def test_the_tables_do_not_depend_on_the_language(made):
    # The meanings of the grades and the next steps are said to the reader; all else is data.
    data = [{**made[name].tables, "grades": b"", "actions": b""} for name in ("en", "zh")]
    assert len(data[0]) > 20
    assert data[0] == data[1]
    en, zh = (made[name].table("actions") for name in ("en", "zh"))
    assert len(en) > 20 and en.drop(columns="what").equals(zh.drop(columns="what"))


def test_the_sample_report_says_what_the_tables_say(made):
    steps = made["en"].table("conversion")
    assert steps["stage"].tolist() == list("TSDCBA")
    assert (steps["deals"] == steps[["advanced", "lost", "cancelled", "open"]].sum(axis=1)).all()
    headline = made["en"].facts["headlines"][0]["text"]
    everything = made["en"].table("win_rate_splits").iloc[0]
    assert headline.startswith(f"{everything['deals']:,} deals: {everything['won']:,} won")


@pytest.mark.gate
def test_the_chinese_page_has_no_english_sentence(made):
    assert made["zh"].english_lines() == []
    assert len(made["en"].english_lines()) > 10
    assert ">销售漏斗<" in made["zh"].page


@pytest.mark.gate
def test_crm_report_has_the_known_figures_and_says_what_it_cannot_know(made):
    report = outside(made, "crm")
    everything = report.table("win_rate_splits").iloc[0]
    assert everything[["deals", "won", "lost", "open"]].tolist() == [8800, 4238, 2473, 2089]
    assert everything["won_amount"] == 10_005_534
    waiting = report.table("open").set_index("stage")["deals"]
    assert waiting.to_dict() == {"Engaging": 1589, "Prospecting": 500}
    unmatched = report.table("unmatched_keys")
    row = unmatched[(unmatched["key"] == "GTXPro")].iloc[0]
    assert row[["table", "rows", "nearest"]].tolist() == ["products", 1480, "GTX Pro"]
    assert "no_history" in report.keys("warnings")


@pytest.mark.gate
def test_loan_report_has_the_known_figures(made):
    report = outside(made, "loans")
    steps = report.table("conversion")
    reached = [*steps["deals"], steps["advanced"].iloc[-1]]
    assert reached == [13087, 7367, 5113, 5015, 3254, 2246]
    everything = report.table("win_rate_splits").iloc[0]
    assert everything[["lost", "cancelled", "open"]].tolist() == [7635, 2807, 399]
    unlisted = report.table("unlisted_stages").set_index("stage")
    assert unlisted.loc["W_Completeren aanvraag", "rows"] == 54850


def test_every_column_of_every_table_has_a_heading(made):
    assert made["en"].columns_without_heading() == []

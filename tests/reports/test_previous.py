"""Earlier runs: their numbers and tables come back as they were, and a batch hands the last on."""

import json
from pathlib import Path

import pandas as pd
import pytest
from trial import write_notebook

from salesanalysis import SalesAnalysisError, reports
from salesanalysis.findings import Action, Finding, KeyFigure
from salesanalysis.reports.batches import plan
from salesanalysis.reports.previous import previous_runs
from salesanalysis.reports.tables import csv_file


def lay_out(folder: Path, *, as_of: str = "2025-09-30", deals: float = 10.0) -> Path:
    """The folder of an earlier run of the funnel."""
    figures = [{"name": "deals", "value": deals}]
    parameters = {"as_of": as_of, "n": 1, "previous": [], "lang": "en"}
    record = {"name": "funnel", "as_of": as_of, "key_figures": figures, "parameters": parameters}
    record["files"] = {"tables/exceptions.csv": ""}
    (folder / "tables").mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    frame = pd.DataFrame({"owner_id": ["007", "=HYPERLINK"], "stage": ["-1 offer", "lead"]})
    (folder / "tables" / "exceptions.csv").write_bytes(csv_file(frame.assign(ratio=[0.1, None])))
    return folder


def previous(*folders: Path):
    return previous_runs([str(one) for one in folders], name="funnel", as_of="2025-12-31")


def test_a_table_comes_back_as_it_was_written(tmp_path):
    (run,) = previous(lay_out(tmp_path / "a"))
    table = run.table("exceptions")
    assert table["owner_id"].tolist() == ["007", "=HYPERLINK"]
    assert table["stage"].tolist() == ["-1 offer", "lead"]
    assert table["ratio"].isna().tolist() == [False, True]
    with pytest.raises(SalesAnalysisError, match="it has exceptions"):
        run.table("stuck")


def test_changes_are_now_less_before_and_new_numbers_have_no_before(tmp_path):
    (run,) = previous(lay_out(tmp_path / "a"))
    now = [KeyFigure("deals", 12.0), KeyFigure("stuck", 3), KeyFigure("day", pd.Timestamp(0))]
    table = run.changes(now).set_index("number")
    assert table.index.tolist() == ["deals", "stuck"]  # a day is no number
    assert table.loc["deals", ["before", "now", "change"]].tolist() == [10, 12, 2]
    assert table.loc["stuck", ["before", "change"]].isna().all()


def test_runs_are_in_the_order_of_their_days(tmp_path):
    late, early = (lay_out(tmp_path / day, as_of=day) for day in ("2025-09-30", "2025-06-30"))
    assert [run.as_of for run in previous(late, early)] == ["2025-06-30", "2025-09-30"]


@pytest.mark.parametrize(
    ("folders", "name", "as_of", "message"),
    [
        (["nowhere"], "funnel", "2025-12-31", "holds no whole `run.json`"),
        (["broken"], "funnel", "2025-12-31", "holds no whole `run.json`"),
        (["a"], "forecast", "2025-12-31", "a run of `funnel`; expected one of `forecast`"),
        (["a"], "funnel", "2025-09-30", "a run of 2025-09-30; expected one of a day before"),
        (["a", "b"], "funnel", "2025-12-31", "two runs of 2025-09-30, .*a` and .*b`"),
    ],
)
def test_what_is_no_earlier_run_of_this_report_is_refused(
    tmp_path, monkeypatch, folders, name, as_of, message
):
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b"):
        lay_out(tmp_path / folder)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/run.json").write_text('{"name": "funnel"}')
    with pytest.raises(SalesAnalysisError, match=message):
        previous_runs(folders, name=name, as_of=as_of)


#: A report of a few lines, in the words of the funnel.
CELL = """\
from salesanalysis.findings import Action, Finding, KeyFigure
from salesanalysis.reports import Report
report = Report("funnel", lang=lang)
report.title(as_of=as_of)
report.compare(previous)
report.key_figures([KeyFigure("open", n), KeyFigure("won", n)], past={"2025-01-01": [KeyFigure("won", 7)]})
step = Finding("step", "sign_date")
report.actions([Action("stuck", "deal", str(one), step, "2025-01-01", as_of) for one in range(n, 4)])
"""  # noqa: E501

PARAMETERS = 'n: int = 0\nas_of: str = ""\nprevious: list = []\nlang: str = "en"\n'


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = [("code", PARAMETERS, ["parameters"]), ("code", CELL, [])]
    write_notebook(tmp_path / "notebooks/funnel.ipynb", cells)
    return tmp_path


def handed(here: Path, out: str, as_of: str, **parameters) -> list[str]:
    """What a batch gives the report as its earlier runs."""
    asked = {"as_of": "{as_of}", "n": 1} | parameters
    report = {"notebook": "funnel", "out": out, "parameters": asked}
    (here / "reports.yml").write_text(json.dumps({"reports": [report]}), encoding="utf-8")
    (task,) = plan.prepare("reports.yml", as_of=as_of).tasks
    return task.job.parameters["previous"]


def test_the_folder_of_another_day_is_found_the_last_one_before(here):
    for day in ("2025-06-30", "2025-09-30", "2025-12-31", "2026-03-31"):
        lay_out(here / f"out/{day}/funnel", as_of=day)
    out = "out/{as_of}/funnel"
    assert handed(here, out, "2026-01-15") == ["out/2025-12-31/funnel"]
    assert handed(here, out, "2025-12-31") == ["out/2025-09-30/funnel"]
    assert handed(here, out, "2025-06-30") == []


def test_a_run_of_other_parameters_is_no_earlier_run(here):
    lay_out(here / "out/2025-09-30/funnel")
    out = "out/{as_of}/funnel"
    assert handed(here, out, "2025-12-31", n=2) == []
    assert handed(here, out, "2025-12-31", previous=[]) == []  # asked for by the file
    assert handed(here, out, "2025-12-31") == ["out/2025-09-30/funnel"]


@pytest.mark.gate  # four batches take a while
def test_what_is_replaced_is_kept_and_compared_with_as_often_as_one_likes(here):
    listing = "reports: [{notebook: funnel, parameters: {as_of: '{as_of}', n: 1}}]"
    (here / "reports.yml").write_text(listing, encoding="utf-8")

    def made(as_of: str) -> tuple[str, dict]:
        (one,) = reports.batch("reports.yml", as_of=as_of, resume=True)
        return one.outcome, json.loads((here / "out/funnel/en/run.json").read_text())

    outcome, first = made("2025-11-08")
    assert outcome == "made" and first["since"] == []
    outcome, second = made("2025-11-15")
    assert outcome == "made" and second["parameters"]["previous"] == ["out/funnel/en.before"]
    assert [said["key"] for said in second["since"]] == ["actions_same"]
    past = {figure["name"]: figure["past"] for figure in second["key_figures"]}
    # What the data say of an earlier day goes before what an earlier run said.
    assert past == {"open": [["2025-11-08", 1]], "won": [["2025-01-01", 7]]}
    page = (here / "out/funnel/en/report.html").read_bytes()
    assert made("2025-11-15")[0] == "unchanged"
    reports.batch("reports.yml", as_of="2025-11-15")
    assert (here / "out/funnel/en/report.html").read_bytes() == page
    kept = json.loads((here / "out/funnel/en.before/run.json").read_text())
    assert kept["as_of"] == "2025-11-08"


def test_a_list_is_compared_line_by_line():
    from salesanalysis.reports import week

    step = Finding("step", "sign_date")
    lines = [Action("stuck", "deal", one, step, "2025-01-01", "2025-01-08") for one in "ab"]
    records = [{"action_id": line.action_id} for line in lines]
    (moved,) = week.moved(records, {lines[0].action_id, "x", "y"})
    assert moved.values == {"before": 3, "gone": 2, "new": 1}
    assert week.moved([], set()) == []
    assert week.moved(records, set())[0].values == {"new": 2}

"""The previous run: its numbers and tables come back as they were, whatever they hold."""

import json

import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, reports
from salesanalysis.findings import KeyFigure
from salesanalysis.reports.tables import csv_file


@pytest.fixture
def folder(tmp_path):
    figures = [{"name": "deals", "value": 10.0}]
    parameters = {"as_of": "2025-09-30"}
    record = {"name": "funnel", "key_figures": figures, "parameters": parameters}
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    frame = pd.DataFrame({"owner_id": ["007", "=HYPERLINK"], "stage": ["-1 offer", "lead"]})
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "exceptions.csv").write_bytes(csv_file(frame.assign(ratio=[0.1, None])))
    return tmp_path


def test_a_table_comes_back_as_it_was_written(folder):
    table = reports.previous_run(str(folder), name="funnel").table("exceptions")
    assert table["owner_id"].tolist() == ["007", "=HYPERLINK"]
    assert table["stage"].tolist() == ["-1 offer", "lead"]
    assert table["ratio"].isna().tolist() == [False, True]


def test_changes_are_now_less_before_and_new_numbers_have_no_before(folder):
    previous = reports.previous_run(str(folder), name="funnel")
    now = [KeyFigure("deals", 12.0), KeyFigure("stuck", 3), KeyFigure("day", pd.Timestamp(0))]
    table = previous.changes(now).set_index("number")
    assert table.index.tolist() == ["deals", "stuck"]  # a day is no number
    assert previous.as_of == "2025-09-30"
    assert table.loc["deals", ["before", "now", "change"]].tolist() == [10, 12, 2]
    assert table.loc["stuck", ["before", "change"]].isna().all()


@pytest.mark.parametrize(
    ("where", "name", "message"),
    [
        ("nowhere", "funnel", "holds no `run.json`"),
        (".", "forecast", "a run of `funnel`; expected one of `forecast`"),
    ],
)
def test_what_is_no_earlier_run_of_this_report_is_refused(folder, where, name, message):
    with pytest.raises(SalesAnalysisError, match=message):
        reports.previous_run(str(folder / where), name=name)


def test_a_table_that_is_not_there_is_refused_with_those_that_are(folder):
    previous = reports.previous_run(str(folder), name="funnel")
    with pytest.raises(SalesAnalysisError, match="it has exceptions"):
        previous.table("stuck")

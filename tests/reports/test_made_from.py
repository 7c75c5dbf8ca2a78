"""What a report is made from: fingerprints that change with what counts, and with nothing else."""

import hashlib
import os

import pytest

from salesanalysis.reports.made_from import code, inputs


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deals.csv").write_text("a")
    (tmp_path / "months").mkdir()
    for name in ("1.parquet", "2.parquet"):
        (tmp_path / "months" / name).write_text(name)
    return tmp_path


def test_a_file_has_the_sha256_of_its_bytes(place):
    expected = "sha256:" + hashlib.sha256(b"a").hexdigest()
    for named in ("deals.csv", str(place / "deals.csv"), "duckdb://deals.csv?table=x"):
        assert inputs({"x": named}) == {"x": expected}


@pytest.mark.parametrize(
    "value", ["", "region", "no/such/file.csv", "2025-12-31", 3, [1], {"a": "b"}, ".", "..", "\0"]
)
def test_what_names_nothing_is_no_input(place, value):
    assert inputs({"x": value}) == {}


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ("deals.csv", "deals.csv"),
        (["text", {"in": "deals.csv"}], "deals.csv"),
        ("months/*.parquet", "months/2.parquet"),
        ("months/*.parquet", "months/3.parquet"),
        ("months", "months/1.parquet"),
    ],
)
def test_a_change_of_what_is_named_shows_and_a_touch_does_not(place, value, change):
    before = inputs({"x": value})
    assert list(before) == ["x"]
    for path in place.rglob("*.*"):
        os.utime(path, (1, 1))
    (place / "other.csv").write_text("")
    (place / "months" / "timing.json").write_text("the clock")
    assert inputs({"x": value}) == before
    (place / change).write_text("other")
    assert inputs({"x": value}) != before


def test_of_a_server_nobody_knows(place):
    assert inputs({"x": "postgres://ann:secret@host/sales", "y": "deals.csv"})["x"] is None


def test_the_notebook_and_the_package_count_as_code(place):
    notebook = place / "n.ipynb"
    notebook.write_text("{}")
    before = code(notebook)
    assert code(notebook) == before
    notebook.write_text("{ }")
    assert code(notebook) != before

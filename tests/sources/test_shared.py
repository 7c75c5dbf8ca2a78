"""Inputs that a batch shares: read once, and the same as if each report had read its own."""

import os
import subprocess
import sys

import pandas as pd
import pytest

from salesanalysis import sources
from salesanalysis.sources import shared

#: The module, which the function of its name hides.
read = sys.modules["salesanalysis.sources.read"]

#: A row with a fault, one not asked for, and columns of every kind.
CSV = """\
id,stage,amount,created,note,probability,must_win
1,Won,12.50,2025-01-31,a,50 %,yes
2,Lost,x,2025-02-28,"b, c",,no
3,Demo,7,2025-03-31 10:30,,10 %,
4,Demo,,,d,,yes
"""


@pytest.fixture
def deals(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text(CSV)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a batch, with a count of how often an input is really read."""
    place = tmp_path / "inputs"
    place.mkdir()
    monkeypatch.setenv(shared.FOLDER, str(place))
    return place


@pytest.fixture
def reads(monkeypatch):
    really, counted = read._check_here, []

    def count(*arguments):
        counted.append(arguments)
        return really(*arguments)

    monkeypatch.setattr(read, "_check_here", count)
    return counted


def facts(checked) -> tuple:
    counts = (checked.rows, checked.rows_used, checked.rows_set_aside, checked.rows_not_kept)
    return (checked.table_name, checked.source, checked.fingerprint, checked.severity, counts)


def assert_same(first, second):
    assert facts(first) == facts(second)
    assert first.messages() == second.messages()
    for name in ("columns", "faults", "cases"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    pd.testing.assert_frame_equal(first.set_aside_rows(), second.set_aside_rows())
    assert (first.table is None) == (second.table is None)
    if first.table is not None:
        assert first.table.schema() == second.table.schema()
        pd.testing.assert_frame_equal(first.table.to_pandas(), second.table.to_pandas())


@pytest.mark.gate
def test_what_is_shared_is_what_would_be_read(deals, folder, reads, monkeypatch, tmp_path):
    frame = pd.read_csv(deals)
    frame.to_parquet(tmp_path / "deals.parquet")
    frame.to_excel(tmp_path / "deals.xlsx", index=False)
    (tmp_path / "empty.csv").write_text("id,stage\n")
    for path in (deals, *(tmp_path / f"{n}" for n in ("deals.parquet", "deals.xlsx", "empty.csv"))):
        for options in ({}, {"keep": {"note": ["a", "b, c"]}}, {"stages": ["Demo"]}):
            if path.name == "empty.csv" and options:
                continue
            reads.clear()
            first = sources.check(path, table="opportunities", **options)
            second = sources.check(path, table="opportunities", **options)
            assert len(reads) == 1
            with monkeypatch.context() as alone:
                alone.delenv(shared.FOLDER)
                own = sources.check(path, table="opportunities", **options)
            assert_same(first, own)
            assert_same(second, own)


def test_an_input_that_has_changed_is_another_input(deals, folder, reads):
    sources.check(deals, table="opportunities")
    deals.write_text(CSV + "5,Demo,1,,,,\n")
    assert sources.check(deals, table="opportunities").rows == 5
    assert len(reads) == 2


def test_without_a_batch_every_input_is_read(deals, reads, monkeypatch):
    monkeypatch.delenv(shared.FOLDER, raising=False)
    for _ in range(2):
        sources.check(deals, table="opportunities")
    assert len(reads) == 2


def test_a_failure_to_read_is_not_kept(deals, folder, monkeypatch):
    def fail(*_):
        raise OSError("disk")

    with monkeypatch.context() as broken:
        broken.setattr(read, "_check_here", fail)
        with pytest.raises(OSError, match="disk"):
            sources.check(deals, table="opportunities")
    assert sources.check(deals, table="opportunities").rows == 4


READ = """\
import sys
from salesanalysis import sources
read = sys.modules["salesanalysis.sources.read"]
really = read._check_here
def check(*arguments):
    print("read")
    return really(*arguments)
read._check_here = check
print(read.check(sys.argv[1], table="opportunities").rows_used)
"""


@pytest.mark.gate
@pytest.mark.skipif(os.name != "posix", reason="Windows has no such lock")
def test_processes_that_ask_at_the_same_time_wait_for_one(deals, folder):
    command = [sys.executable, "-c", READ, str(deals)]
    asked = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = sorted(one.communicate(timeout=120)[0].split() for one in asked)
    assert said == [["3"], ["3"], ["read", "3"]]

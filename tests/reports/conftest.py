"""A working directory with the trial notebook, and two real runs that several tests look at."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from salesanalysis import reports

# Test folders are no packages (import mode "importlib"), so what tests share is loaded by its path.
_spec = importlib.util.spec_from_file_location("trial", Path(__file__).with_name("trial.py"))
trial = sys.modules["trial"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(trial)


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A working directory with the trial notebook."""
    trial.furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def two_runs(tmp_path_factory):
    """The same hostile report made twice into two folders: (first, second) as `Run`."""
    folder = tmp_path_factory.mktemp("trial")
    trial.furnish(folder)
    before = os.getcwd()
    os.chdir(folder)
    try:
        parameters = {"name": trial.HOSTILE[0], "n": 13087, "rate": 0.6317}
        return [
            reports.run("trial", parameters=parameters, out=f"out/{place}", lang="en")
            for place in ("first", "second")
        ]
    finally:
        os.chdir(before)

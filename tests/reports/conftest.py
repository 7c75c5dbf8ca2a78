"""A working directory with the trial notebook, and two real runs that several tests look at."""

import importlib.util
import os
import sys
import tempfile
from pathlib import Path

import pytest

from salesanalysis import reports
from salesanalysis.reports import nursery


def _loaded(name: str):
    """A module beside this one: test folders are no packages (import mode "importlib")."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


trial, hostile = _loaded("trial"), _loaded("hostile")


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A working directory with the trial notebook."""
    trial.furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def warm_parent():
    """A parent of warm processes that the tests share; its start takes seconds."""
    with tempfile.TemporaryDirectory(prefix="sa-") as folder:
        with nursery.Nursery(Path(folder)) as opened:
            yield opened


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


@pytest.fixture(scope="session")
def hostile_place(tmp_path_factory):
    """A working directory with the hostile notebook."""
    folder = tmp_path_factory.mktemp("hostile")
    trial.write_notebook(folder / "notebooks" / "trial.ipynb", hostile.REPORT)
    (folder / "wording.py").write_text(trial.WORDING, encoding="utf-8")
    (folder / "corpus.py").write_text(hostile.CORPUS_MODULE, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def hostile_reports(hostile_place):
    """The folders of the hostile report in all formats: English, Chinese, and English again."""
    languages = {"en": "en", "zh": "zh", "again": "en"}
    return {place: hostile.make(hostile_place, lang, place) for place, lang in languages.items()}

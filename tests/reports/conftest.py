"""A working directory with the trial notebook, and two real runs that several tests look at."""

import os

import hostile
import pytest
import trial

from salesanalysis import reports
from salesanalysis.reports.job import prepare
from salesanalysis.reports.run import execute


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A working directory with the trial notebook."""
    trial.furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def two_runs(tmp_path_factory, warm):
    """The same hostile report made twice, cold and warm, into two folders: two of `Run`."""
    folder = tmp_path_factory.mktemp("trial")
    trial.furnish(folder)
    before = os.getcwd()
    os.chdir(folder)
    try:
        parameters = {"name": trial.HOSTILE[0], "n": 13087, "rate": 0.6317}
        asked = {"parameters": parameters, "lang": "en"}
        cold = reports.run("trial", out="out/first", **asked)
        again = prepare("trial", out="out/second", **asked)
        return [cold, execute(again, warm=warm)]
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
def hostile_reports(hostile_place, warm):
    """The folders of the hostile report in all formats: English, Chinese, and English again.

    The Chinese slides are made with a template.
    """
    hostile.write_template(hostile_place / "house.pptx")
    templates = {"en": None, "zh": "house.pptx", "again": None}
    return {
        place: hostile.make(hostile_place, "zh" if file else "en", place, template=file, warm=warm)
        for place, file in templates.items()
    }

"""The overview at the end of a batch: after the others, also where one of them fails."""

import json

import pytest
from trial import write_notebook

from salesanalysis import reports
from salesanalysis.reports import folders

#: A report of a few lines, in the words of the funnel; it fails where a file `NAME.fails` lies.
CELL = """\
import pathlib
from salesanalysis.findings import KeyFigure
from salesanalysis.reports import Report
report = Report("funnel", lang=lang)
report.title(as_of=as_of)
report.key_figures([KeyFigure("open", n)])
if pathlib.Path("early.fails").exists() and n == 1: raise ValueError("on purpose")
"""

LISTING = """\
defaults: {retries: 0, parameters: {as_of: "2025-12-31"}}
reports:
  - {notebook: overview, after: "*"}
  - {notebook: early, parameters: {n: 1}}
  - {notebook: late, parameters: {n: 2}}
"""


pytestmark = pytest.mark.gate  # five batches take a while


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("early", "late"):
        parameters = ("code", 'n: int = 0\nas_of: str = ""\nlang: str = "en"\n', ["parameters"])
        write_notebook(tmp_path / f"notebooks/{name}.ipynb", [parameters, ("code", CELL, [])])
    (tmp_path / "reports.yml").write_text(LISTING, encoding="utf-8")
    return tmp_path


def told(here) -> dict:
    return json.loads((here / "out/overview/en/run.json").read_text(encoding="utf-8"))


def test_the_overview_waits_and_says_what_is_wrong_with_the_others(here):
    order = []
    made = reports.batch("reports.yml", finished=lambda one: order.append(one.name))
    assert {one.outcome for one in made} == {"made"} and order[-1] == "overview"
    assert told(here)["warnings"] == []
    row = (here / "out/overview/en/tables/early.csv").read_text("utf-8-sig")
    assert row == "open\n1\n"
    # The same inputs, the same page; nothing is made again.
    again = reports.batch("reports.yml", resume=True)
    assert {one.outcome for one in again} == {"unchanged"}

    (here / "early.fails").touch()
    outcomes = {one.name: one.outcome for one in reports.batch("reports.yml")}
    assert outcomes == {"overview": "made", "early": "failed", "late": "made"}
    assert [said["key"] for said in told(here)["warnings"]] == ["failed_since"]

    folders.remove(here / "out/early")
    reports.batch("reports.yml", only=["overview"])
    (missing,) = told(here)["warnings"]
    assert missing["key"] == "missing" and "`out/early/en`" in missing["text"]
    assert "`salesanalysis run early --lang en`" in missing["text"]

    folders.remove(here / "out/late")
    (failed,) = reports.batch("reports.yml", only=["overview"])
    assert failed.outcome == "failed" and "There is no report in `out/early/en`" in failed.failure


def test_what_is_made_again_makes_the_overview_again(here):
    reports.batch("reports.yml")
    listing = LISTING.replace("{n: 2}", "{n: 3}")
    (here / "reports.yml").write_text(listing, encoding="utf-8")
    outcomes = {one.name: one.outcome for one in reports.batch("reports.yml", resume=True)}
    assert outcomes == {"overview": "made", "early": "unchanged", "late": "made"}
    row = (here / "out/overview/en/tables/late.csv").read_text("utf-8-sig")
    assert row == "open\n3\n"

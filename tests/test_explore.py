"""What docs/explore.md shows can be pasted, cell by cell."""

import shutil
from pathlib import Path

import documented
import matplotlib as mpl
import pytest

from salesanalysis import forecast, forgetting, incentive
from salesanalysis.summarised import Summarised

mpl.use("Agg")
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("family", [forecast, forgetting, incentive], ids=lambda f: f.__name__)
def test_what_has_a_summary_is_shown_by_it(family):
    results = {one for one in vars(family).values() if hasattr(one, "summary")}
    results -= {incentive.Plan}  # its fields are its rules
    assert {one.__repr__ for one in results} == {Summarised.__repr__}


def test_a_curve_in_a_notebook_is_a_table():
    curve = forgetting.known_curve(half_life=5.1, time_unit="weeks")
    assert "<td>half_life</td>" in curve._repr_html_()
    assert repr(curve).startswith("ForgettingCurve\n") and len(repr(curve)) < 1000


@pytest.mark.gate
def test_every_snippet_of_the_guide_runs(tmp_path, monkeypatch):
    shown = documented.blocks("docs/explore.md")
    snippets = [block.text for block in shown if (block.kind, block.place) == ("python", "lab")]
    assert len(snippets) > 5
    (tmp_path / "out").mkdir()
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "data" / "sample")
    monkeypatch.chdir(tmp_path)
    names = {}
    for snippet in snippets:
        exec(compile(snippet, "docs/explore.md", "exec"), names)
    assert set(names["conversion"]["basis"]) == {"reached", "decided", "final"}
    assert (tmp_path / "out" / "conversion.svg").stat().st_size > 1000
    mpl.pyplot.close("all")

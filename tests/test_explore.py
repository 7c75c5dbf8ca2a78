"""What docs/explore.md shows can be pasted, cell by cell."""

import ast
import shutil
from pathlib import Path

import documented
import matplotlib as mpl
import pandas as pd
import pytest

import salesanalysis
from salesanalysis import forecast, forgetting, incentive, reduce, sources
from salesanalysis.summarised import Summarised

mpl.use("Agg")
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("family", [forecast, forgetting, incentive], ids=lambda f: f.__name__)
def test_what_has_a_summary_is_shown_by_it(family):
    results = {one for one in vars(family).values() if hasattr(one, "summary")}
    results -= {incentive.Plan, incentive.ComponentPlan}  # their fields are their rules
    assert {one.__repr__ for one in results} == {Summarised.__repr__}


def test_a_curve_in_a_notebook_is_a_table():
    curve = forgetting.known_curve(half_life=5.1, time_unit="weeks")
    assert "<td>half_life</td>" in curve._repr_html_()
    assert repr(curve).startswith("ForgettingCurve\n") and len(repr(curve)) < 1000


def snippets() -> list[str]:
    shown = documented.blocks("docs/explore.md")
    return [block.text for block in shown if (block.kind, block.place) == ("python", "lab")]


def test_a_cell_shows_with_its_last_line_all_that_it_computes_to_be_seen():
    """A notebook shows the value of the last line only; what calls a method may be there to act."""
    lost = [
        ast.unparse(line)
        for snippet in snippets()
        for line in ast.parse(snippet).body[:-1]
        if isinstance(line, ast.Expr) and not isinstance(line.value, ast.Call)
    ]
    assert lost == []


@pytest.mark.parametrize("jedi", [True, False])
def test_names_complete_in_a_notebook(jedi):
    from IPython.core.completer import IPCompleter, provisionalcompleter

    names = {"salesanalysis": salesanalysis, "funnel": salesanalysis.funnel}
    completer = IPCompleter(namespace=names, use_jedi=jedi)

    def completed(begun: str) -> set[str]:
        with provisionalcompleter():
            found = completer.completions(begun, len(begun))
            return {one.text.rpartition(".")[2] for one in found}

    assert completed("salesanalysis.") >= {"sources", "reduce", "funnel", "plots", "reports"}
    assert completed("salesanalysis.fo") == {"forecast", "forgetting"}
    assert {"conversion", "stuck"} <= completed("funnel.") == set(salesanalysis.funnel.__all__)
    assert completed("salesanalysis.plots.") == set(salesanalysis.plots.__all__)


def test_no_table_of_a_user_has_a_column_of_ours(tmp_path):
    deals = pd.read_csv(ROOT / "data/sample/opportunities.csv", dtype=str)
    deals.loc[3, "amount"] = "abc"
    pd.concat([deals, deals.iloc[[7]]]).to_csv(tmp_path / "deals.csv", index=False)
    checked = sources.check(tmp_path / "deals.csv", table="opportunities")
    assert len(checked.faults) == 2
    tables = {"opportunities": checked.table}
    tables["stage_history"] = sources.read(
        ROOT / "data/sample/stage_history.csv", table="stage_history"
    )
    known = reduce.funnel.known(tables, as_of="2025-11-15", stages=list("TSDCBA"))
    frames = [checked.table, checked.set_aside_rows(), checked.cases, known.deals, known.entries]
    assert [name for frame in frames for name in frame.columns if name.startswith("_")] == []


@pytest.mark.gate
def test_every_snippet_of_the_guide_runs_and_shows_what_it_says(tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "data" / "sample")
    monkeypatch.chdir(tmp_path)
    names = {}
    for snippet in snippets():
        *lines, last = ast.parse(snippet).body
        exec(compile(ast.Module(lines, []), "docs/explore.md", "exec"), names)
        if isinstance(last, ast.Expr):
            seen = eval(compile(ast.Expression(last.value), "docs/explore.md", "eval"), names)
            # The axes of a picture, a table with rows, numbers: but for saving a file all is shown.
            assert seen is not None or "savefig" in snippet, snippet
            rows = len(seen) if isinstance(seen, pd.DataFrame) else 1
            assert rows or "nothing in the sample" in snippet, snippet
        else:
            exec(compile(ast.Module([last], []), "docs/explore.md", "exec"), names)
    assert set(names["conversion"]["basis"]) == {"reached", "decided", "final"}
    assert (tmp_path / "out" / "conversion.svg").stat().st_size > 1000
    mpl.pyplot.close("all")

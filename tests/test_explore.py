"""What docs/explore.md shows can be pasted, cell by cell."""

import re
import shutil
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
ROOT = Path(__file__).parents[1]


def test_every_snippet_of_the_guide_runs(tmp_path, monkeypatch):
    guide = (ROOT / "docs" / "explore.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```python\n(.*?)```", guide, re.S)
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

"""The session in a kernel, where DuckDB looks for widgets to draw a progress bar with."""

import json

import pytest

from salesanalysis import reports

#: A kernel of its own for each: DuckDB looks for the widgets once.
SOURCE = """\
import sys
{without}
from salesanalysis.sources import session
print("bar:", session.execute("SELECT current_setting('enable_progress_bar')"))
"""
WITHOUT = "sys.modules['ipywidgets'] = None  # as where it is not installed"


@pytest.mark.gate
@pytest.mark.parametrize("without", [WITHOUT, ""], ids=["without widgets", "with widgets"])
def test_a_cold_kernel_has_no_progress_bar_and_no_fault(tmp_path, monkeypatch, without):
    monkeypatch.chdir(tmp_path)
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    cell["source"] = SOURCE.format(without=without)
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "bar.ipynb").write_text(json.dumps(content))
    made = reports.run("bar.ipynb", out="out")
    executed = json.loads((made.folder / "notebook.ipynb").read_text())
    (output,) = executed["cells"][0]["outputs"]
    assert "".join(output["text"]) == "bar: [(False,)]\n"

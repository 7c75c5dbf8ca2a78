"""Reports of the notebooks, made when a test looks at them."""

import json
import re
import subprocess
import sys
from functools import cached_property
from pathlib import Path

import pandas as pd

from salesanalysis import text
from salesanalysis.reports.job import prepare
from salesanalysis.reports.run import execute

ROOT = Path(__file__).parents[2]


class Made:
    """What a run left in its folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    @cached_property
    def facts(self) -> dict:
        return json.loads((self.folder / "run.json").read_text(encoding="utf-8"))

    @cached_property
    def page(self) -> str:
        return (self.folder / "report.html").read_text(encoding="utf-8")

    @property
    def tables(self) -> dict[str, bytes]:
        return {path.stem: path.read_bytes() for path in (self.folder / "tables").glob("*.csv")}

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "tables" / f"{name}.csv")

    @property
    def key_figures(self) -> dict:
        """The key figures of ``run.json``, name → value."""
        return {figure["name"]: figure["value"] for figure in self.facts["key_figures"]}

    def keys(self, kind: str) -> list[str]:
        return [statement["key"] for statement in self.facts[kind]]

    def english_lines(self) -> list[str]:
        """Lines with an English sentence that a reader sees on the page, without code."""
        page = re.sub(r"<(style|script|pre).*?</\1>|<img[^>]*>", " ", self.page, flags=re.S)
        lines = re.sub(r"<[^>]+>", "\n", page).splitlines()
        return [line for line in lines if re.search(r"([A-Za-z]{2,} ){3,}", line)]

    def columns_without_heading(self) -> list[str]:
        """Columns of tables that the reader of Chinese sees by their name in the code."""
        tables = [name for name in self.tables if name != "quality_faults"]
        columns = sorted({column for name in tables for column in self.table(name)})
        part = self.facts["name"]
        return [column for column in columns if text.heading(part, column, "zh") == column]


class Runs:
    """Runs of one notebook by their names, each made when it is first looked at.

    The first is made as a user makes it, by the command; the others are warm.
    """

    def __init__(self, notebook: str, runs: dict[str, dict], folder: Path, *, warm: str):
        self._notebook, self._runs, self._folder, self._warm = notebook, runs, folder, warm
        self._made = {}

    def __contains__(self, name: str) -> bool:
        return name in self._runs

    def __getitem__(self, name: str) -> Made:
        if name not in self._made:
            # Places of the same name: the place must not matter either.
            out = self._folder / name / self._notebook
            parameters = self._runs[name]
            if self._made:
                execute(prepare(self._notebook, parameters=parameters, out=out), warm=self._warm)
            else:
                _by_command(self._notebook, parameters, out)
            self._made[name] = Made(out)
        return self._made[name]


def _by_command(notebook: str, parameters: dict, out: Path) -> None:
    command = [sys.executable, "-m", "salesanalysis", "run", notebook, "--out", str(out)]
    for name, value in parameters.items():
        command += ["-p", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr

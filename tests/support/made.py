"""Reports of the notebooks, made when a test looks at them."""

import contextlib
import fcntl
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
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
        """Lines with an English sentence that a reader sees on the page, without code.

        Names, such as those of accounts, have capitals.
        """
        page = re.sub(r"<(style|script|pre).*?</\1>|<img[^>]*>", " ", self.page, flags=re.S)
        lines = re.sub(r"<[^>]+>", "\n", page).splitlines()
        return [line for line in lines if re.search(r"[A-Za-z]{2,} ([a-z]{2,} ){2,}", line)]

    def columns_without_heading(self) -> list[str]:
        """Columns of tables that the reader of Chinese sees by their name in the code."""
        tables = [name for name in self.tables if name != "quality_faults"]
        columns = sorted({column for name in tables for column in self.table(name)})
        part = self.facts["name"]
        return [column for column in columns if text.heading(part, column, "zh") == column]


class Runs:
    """Runs of one notebook by their names, each made when it is first looked at.

    They are warm, but for the one that is made as a user makes it, ``by_command``. What another
    worker has made of the same notebook, name and parameters in ``folder`` is taken from there.
    """

    def __init__(
        self, notebook: str, runs: dict[str, dict], folder: Path, *, warm: str, by_command: str = ""
    ):
        self._notebook, self._runs, self._folder, self._warm = notebook, runs, folder, warm
        self._by_command = by_command

    def __contains__(self, name: str) -> bool:
        return name in self._runs

    def __getitem__(self, name: str) -> Made:
        parameters = self._runs[name]
        key = hashlib.sha256(repr((self._notebook, parameters)).encode()).hexdigest()[:12]
        # Places of the same name: the place must not matter either.
        out = self._folder / f"{name}-{key}" / self._notebook
        with _one_at_a_time(out.with_suffix(".lock")):
            if out.exists():
                pass
            elif name == self._by_command:
                _by_command(self._notebook, parameters, out)
            else:
                execute(prepare(self._notebook, parameters=parameters, out=out), warm=self._warm)
        return Made(out)


@contextlib.contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Wait while another worker is in such a block with the same path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _by_command(notebook: str, parameters: dict, out: Path) -> None:
    command = [sys.executable, "-m", "salesanalysis", "run", notebook, "--out", str(out)]
    for name, value in parameters.items():
        command += ["-p", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr

"""The previous run of a report, for the closed loop: what moved since, what was resolved."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import KeyFigure
from salesanalysis.reports.folders import RUN_FILE
from salesanalysis.reports.tables import FORMULA_STARTS


@dataclass(frozen=True, eq=False)
class Previous:
    """An earlier run of the same report: its key figures and its tables.

    ``values`` has the key figures of its ``run.json`` by name, ``as_of`` is its parameter of that
    name, ``folder`` is where it lies.
    """

    folder: Path
    as_of: str
    values: dict[str, object] = field(default_factory=dict)

    def table(self, name: str):
        """One of its tables as it was, every text as text.

        Raises
        ------
        SalesAnalysisError
            It has no table of that name; the message lists those it has.
        """
        import pandas as pd

        path = self.folder / "tables" / f"{name}.csv"
        if not path.is_file():
            known = sorted(file.stem for file in (self.folder / "tables").glob("*.csv"))
            raise SalesAnalysisError(
                f"The previous run `{self.folder}` has no table `{name}`; it has"
                f" {', '.join(known) or 'none'}."
            )
        head = pd.read_csv(path, nrows=0, encoding="utf-8-sig")
        # The first column says whose the row is: an id, which keeps its zeros.
        frame = pd.read_csv(path, encoding="utf-8-sig", dtype={head.columns[0]: str})
        for column in frame.select_dtypes("str"):
            frame[column] = frame[column].map(_as_written, na_action="ignore")
        return frame

    def changes(self, figures: Iterable[KeyFigure]):
        """The figures of then and now: ``number, before, now, change``; one row per number.

        Parameters
        ----------
        figures : list of KeyFigure
            Those of this run; a day among them is no number and has no row.
        """
        import pandas as pd

        now = {figure.name: figure.value for figure in figures}
        numbers = {name: value for name, value in now.items() if isinstance(value, int | float)}
        rows = [(name, self.values.get(name), value) for name, value in numbers.items()]
        table = pd.DataFrame(rows, columns=["number", "before", "now"])
        table = table.astype({"before": float, "now": float})
        return table.assign(change=table["now"] - table["before"])


def previous_run(folder: str, *, name: str) -> Previous:
    """The earlier run of the report ``name`` that lies in ``folder``.

    Raises
    ------
    SalesAnalysisError
        There is no whole run, or it is one of another report.
    """
    path = Path(folder) / RUN_FILE
    if not path.is_file():
        raise SalesAnalysisError(
            f"`previous` is {folder!r}, which holds no `{RUN_FILE}`; expected the folder of an"
            " earlier run of this report."
        )
    record = json.loads(path.read_text(encoding="utf-8"))
    if record["name"] != name:
        raise SalesAnalysisError(
            f"`previous` is {folder!r}, a run of `{record['name']}`; expected one of `{name}`."
        )
    values = {figure["name"]: figure["value"] for figure in record["key_figures"]}
    return Previous(Path(folder), str(record["parameters"].get("as_of", "")), values)


def _as_written(value: str) -> str:
    """A text without the mark that keeps a spreadsheet from running it as a formula."""
    guarded = value.startswith("'") and value[1:].startswith(FORMULA_STARTS)
    return value[1:] if guarded else value

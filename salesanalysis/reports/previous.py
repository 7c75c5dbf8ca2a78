"""Earlier runs of a report, for the closed loop: what moved since, what is gone from the list."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import KeyFigure
from salesanalysis.reports.folders import RUN_FILE
from salesanalysis.reports.tables import FORMULA_STARTS


@dataclass(frozen=True, eq=False)
class Previous:
    """An earlier run of the same report: its key figures and its tables.

    ``values`` has the key figures of its ``run.json`` by name, ``as_of`` is the day (ISO) that it
    is about, ``folder`` is where it lies.
    """

    folder: Path
    as_of: str
    values: dict[str, object] = field(default_factory=dict)

    @property
    def tables(self) -> list[str]:
        """The names of its tables."""
        return sorted(file.stem for file in (self.folder / "tables").glob("*.csv"))

    def action_ids(self) -> set[str]:
        """The lines of what was to be done then, by the names that they keep."""
        return set(self.table("actions")["action_id"]) if "actions" in self.tables else set()

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
            raise SalesAnalysisError(
                f"The previous run `{self.folder}` has no table `{name}`; it has"
                f" {', '.join(self.tables) or 'none'}."
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


def previous_runs(folders: Sequence[str], *, name: str, as_of: str) -> list[Previous]:
    """The earlier runs of the report ``name`` that lie in some folders, the earliest day first.

    Parameters
    ----------
    folders : list of str
    name : str
    as_of : str
        The day of the run that is being made; theirs lie before it.

    Raises
    ------
    SalesAnalysisError
        There is no whole run, it is one of another report, it is not of an earlier day, or two are
        of one day.
    """
    from salesanalysis.periods import start_of

    found: dict[str, Previous] = {}
    for folder in folders:
        run = _read(folder, name)
        if not run.as_of or start_of(run.as_of) >= start_of(as_of):
            raise SalesAnalysisError(
                f"`previous` names {folder!r}, a run of {run.as_of or 'no day'}; expected one of a"
                f" day before {as_of}."
            )
        other = found.setdefault(run.as_of, run)
        if other is not run:
            raise SalesAnalysisError(
                f"`previous` names two runs of {run.as_of}, `{other.folder}` and `{folder}`;"
                " expected one of each day."
            )
    return [found[day] for day in sorted(found)]


def _read(folder: str, name: str) -> Previous:
    path = Path(folder) / RUN_FILE
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        values = {figure["name"]: figure["value"] for figure in record["key_figures"]}
        known, day = record["name"], str(record["as_of"] or "")
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError):
        raise SalesAnalysisError(
            f"`previous` names {folder!r}, which holds no whole `{RUN_FILE}`; expected the folder"
            " of an earlier run of this report."
        ) from None
    if known != name:
        raise SalesAnalysisError(
            f"`previous` names {folder!r}, a run of `{known}`; expected one of `{name}`."
        )
    return Previous(Path(folder), day, values)


def _as_written(value: str) -> str:
    """A text without the mark that keeps a spreadsheet from running it as a formula."""
    guarded = value.startswith("'") and value[1:].startswith(FORMULA_STARTS)
    return value[1:] if guarded else value

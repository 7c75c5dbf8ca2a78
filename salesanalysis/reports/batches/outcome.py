"""What became of the reports of a batch: for the caller, for ``batch.json``, for a table."""

import os
from dataclasses import dataclass
from pathlib import Path

from salesanalysis.reports import files, folders
from salesanalysis.reports.job import Job

#: What can become of a report.
MADE, UNCHANGED, FAILED, NOT_RUN = "made", "unchanged", "failed", "not run"


@dataclass(frozen=True, eq=False)
class Made:
    """What became of one report of a batch.

    Attributes
    ----------
    name : str
        Its name in the batch.
    job : Job
        What was asked for; its ``out`` is where the report lies.
    outcome : str
        ``made``; ``unchanged`` (whole, and would come out the same); ``failed``; ``not run`` (the
        batch was stopped before).
    failure : str
        Where it failed and why.
    attempts : int
        How often it was tried.
    seconds : float
        How long that took.
    reason : str
        Why an earlier report could not stay, where that was asked (``resume``).
    """

    name: str
    job: Job
    outcome: str
    failure: str = ""
    attempts: int = 0
    seconds: float = 0.0
    reason: str = ""

    @property
    def run(self):
        """The report itself; None where there is none of this batch."""
        from salesanalysis.reports.run import made_run

        return made_run(self.job.out) if self.outcome in (MADE, UNCHANGED) else None


def counts(results: list[Made]) -> dict[str, int]:
    """How many reports came to what; every outcome is there."""
    outcomes = [made.outcome for made in results]
    return {outcome: outcomes.count(outcome) for outcome in (MADE, UNCHANGED, FAILED, NOT_RUN)}


def write(folder: Path, results: list[Made], *, shard: str | None = None) -> Path:
    """Write ``batch.json``, or ``batch.2-of-4.json`` for a shard, and return its path."""
    part = f".{shard.replace('/', '-of-')}" if shard else ""
    path = folder / f"batch{part}.json"
    reports = [
        {
            "name": made.name,
            "notebook": made.job.name,
            "lang": made.job.lang,
            "folder": Path(os.path.relpath(made.job.out, folder)).as_posix(),
            "outcome": made.outcome,
            "failure": made.failure,
            "attempts": made.attempts,
            "seconds": made.seconds,
        }
        for made in results
    ]
    replace(path, files.as_json({"counts": counts(results), "reports": reports}))
    return path


def replace(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(content, encoding="utf-8", newline="\n")
    os.replace(partial, path)


def summary(results: list[Made]) -> list[tuple[str, str, str]]:
    """Name, outcome and where or why of every report, for a table."""
    rows = []
    for made in results:
        said = folders.as_typed(made.job.out)
        if made.outcome == FAILED:
            said = made.failure.splitlines()[-1]
        rows.append((made.name, made.outcome, said))
    return rows

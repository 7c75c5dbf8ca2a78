"""The last whole run of an earlier day, which a batch hands to the next run of the same report.

It is looked for in the folders that the file names for other days (``out: "out/{as_of}/funnel"``).
Where all days have one folder, the run that lies there is kept beside it, as ``<name>.before``,
ahead of being replaced: so that a run made again on the same day is compared with the same one.
"""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from salesanalysis.reports import folders
from salesanalysis.reports.job import Job
from salesanalysis.reports.provenance import portable_value

#: The parameter of a notebook that takes the folders of earlier runs.
PREVIOUS = "previous"


def kept(out: Path) -> Path:
    """Where the run of an earlier day is kept that a report has taken the place of."""
    return out.parent / f"{out.name}.before"


def handed(task, others: Iterable[Path]):
    """The task with the last run of an earlier day, where there is one and none was asked for.

    ``others`` are the folders that the report has on other days.
    """
    job = task.job
    if PREVIOUS not in job.parameters or PREVIOUS in job.given:
        return task
    places = {folder: _earlier_day(folder, job) for folder in [*others, kept(job.out)]}
    places[kept(job.out)] = max(places[kept(job.out)], _earlier_day(job.out, job))
    last = max(places, key=lambda folder: (places[folder], str(folder)))
    if not places[last]:
        return task
    told = {PREVIOUS: [folders.as_typed(last)]}
    return replace(task, job=replace(job, given=job.given | told, parameters=job.parameters | told))


def keep(tasks: Sequence) -> None:
    """Keep the runs that tasks are compared with and are about to take the place of."""
    for task in tasks:
        job, place = task.job, kept(task.job.out)
        asked = job.parameters.get(PREVIOUS) == [folders.as_typed(place)]
        if asked and _earlier_day(job.out, job) > _earlier_day(place, job):
            if place.exists():
                shutil.rmtree(place)
            shutil.copytree(job.out, place)


def _earlier_day(folder: Path, job: Job) -> str:
    """The day of the run in a folder, if it is the same report of an earlier day; else empty."""
    try:
        record = json.loads((folder / folders.RUN_FILE).read_text(encoding="utf-8"))
        day, now = record["as_of"] or "", str(job.parameters.get("as_of") or "")[:10]
        is_same = record["name"] == job.name and _but_day(record["parameters"], day) == _but_day(
            portable_value(job.parameters), now
        )
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError):
        return ""
    return day if is_same and day < now else ""


def _but_day(parameters: dict, day: str) -> str:
    """The parameters with a sign in place of the day, wherever it stands in them."""
    own = {name: value for name, value in parameters.items() if name != PREVIOUS}
    said = json.dumps(own, sort_keys=True)
    return said.replace(day, "{as_of}") if day else said

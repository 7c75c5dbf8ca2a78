"""Which reports need not be made again: whole, and of the same code, inputs and parameters."""

import functools
import json

from salesanalysis.reports import folders, made_from, provenance
from salesanalysis.reports.batches.order import Waiting
from salesanalysis.reports.batches.outcome import NOT_RUN, UNCHANGED, Made
from salesanalysis.reports.batches.plan import Task
from salesanalysis.reports.job import Job


def why_again(job: Job) -> str:
    """Why a report must be made; empty where the one that is there would come out the same."""
    run_file = job.out / folders.RUN_FILE
    if not run_file.is_file():
        return "there is none"
    try:
        record = json.loads(run_file.read_text(encoding="utf-8"))
        then = record["made_from"]
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError):
        return "nothing says what it was made from"
    if record["files"] != _without_records(folders.fingerprints(job.out)):
        return "its files were changed"
    if record["formats"] != list(job.formats):
        return "other formats"
    if record["parameters"] != provenance.portable_value(job.parameters):
        return "other parameters"
    if record.get("beside") != [list(link) for link in job.beside]:
        return "other reports beside it"
    if record["versions"] != _versions():
        return "other versions of libraries"
    now = made_from.made_from(job)
    if now["code"] != then["code"]:
        return "the notebook or this package has changed"
    if None in now["inputs"].values():
        return "nobody can tell whether a database has changed"
    if now["inputs"] != then["inputs"]:
        return "its inputs have changed"
    return ""


@functools.cache
def _versions() -> dict[str, str]:
    return provenance.versions()


def looked_at(tasks: list[Task]) -> list[Made]:
    """Every task as unchanged, or as not yet run with the reason why it must be."""
    reasons = {task.job.out: why_again(task.job) for task in tasks}
    waiting = Waiting(tasks)
    while ready := waiting.ready():
        for task in ready:
            if any(reasons.get(place) for place in task.after):
                reasons[task.job.out] = reasons[task.job.out] or "it comes after one of them"
            waiting.over(task)
    return [
        Made(task.name, task.job, NOT_RUN if reason else UNCHANGED, reason=reason)
        for task, reason in zip(tasks, reasons.values(), strict=True)
    ]


def _without_records(found: dict[str, str]) -> dict[str, str]:
    records = (folders.RUN_FILE, folders.TIMING_FILE)
    return {name: print_ for name, print_ in found.items() if name not in records}

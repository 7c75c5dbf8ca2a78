"""The links in the bar of a report's page: to the index of its batch, and to the reports beside it.

They come from the file of the batch, not from what lies in the folders: the same file gives the
same page, whether another report has been made yet or not.
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from salesanalysis import text
from salesanalysis.formats import FORMATS, PAGE
from salesanalysis.reports.batches import order

#: A bar of more would have to be searched; the index has a box for that, so it stands alone then.
MOST = 8


def linked(task, tasks: Sequence, folder: Path):
    """The task with the links of its page; ``folder`` is where the index of the batch lies."""
    job = task.job
    beside = [other for other in tasks if order.agrees(task, other)]
    if len(beside) > MOST:
        beside = []
    titles = _titles(beside, job.lang)
    places = [(title, other.job.out) for title, other in zip(titles, beside, strict=True)]
    links = [
        (title, "" if out == job.out else _address(out / FORMATS[PAGE].file, job.out))
        for title, out in places
    ]
    index = (text.sentence("report.page.index", job.lang), _address(folder / "index.html", job.out))
    return replace(task, job=replace(job, beside=(index, *links)))


def _titles(tasks: Sequence, lang: str) -> list[str]:
    """The title of each report, or what the file calls it where two would be called the same."""
    keys = [f"{task.job.name}.title" for task in tasks]
    times = Counter(keys)
    return [
        text.sentence(key, lang)
        if times[key] == 1 and text.has(key, lang)
        else task.name.partition(" (")[0]
        for key, task in zip(keys, tasks, strict=True)
    ]


def _address(path: Path, start: Path) -> str:
    return Path(os.path.relpath(path, start)).as_posix()

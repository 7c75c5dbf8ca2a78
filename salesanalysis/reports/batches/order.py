"""Which reports of a batch come after which: ``after`` in a ``reports.yml``.

A report that brings others together waits until they are over, made or not, on whatever worker.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from salesanalysis.reports.folders import as_typed

#: The parameter of a notebook that takes the folders of other reports.
RUNS = "runs"


def before(task, patterns: Sequence[str], tasks: Iterable, is_named) -> dict[str, list]:
    """The reports that a report comes after, by the patterns that name them."""
    return {
        pattern: [
            other
            for other in tasks
            if other.entry != task.entry and agrees(task, other) and is_named(other, pattern)
        ]
        for pattern in patterns
    }


def agrees(task, other) -> bool:
    """Whether another report is of a report's values and language, as far as both have them."""
    return all(task.words.get(word, value) == value for word, value in other.words.items())


def after(task, others: Iterable):
    """The task that waits for others; a notebook that takes their folders is given them."""
    places = tuple(dict.fromkeys(other.job.out for other in others))
    job = task.job
    if RUNS in job.parameters and RUNS not in job.given:
        told = {RUNS: [as_typed(place) for place in places]}
        job = replace(job, given=job.given | told, parameters=job.parameters | told)
    return replace(task, after=places, job=job)


def circle(tasks: Sequence) -> list[str]:
    """The names of reports that wait for one another; none where the batch can be made."""
    waiting = Waiting(tasks)
    while ready := waiting.ready():
        for task in ready:
            waiting.over(task)
    return [task.name for task in waiting.left]


def groups(tasks: Sequence) -> list[list]:
    """The tasks that are tied to one another, each group in the order of the file."""
    group_of: dict[Path, list] = {task.job.out: [task] for task in tasks}
    for task in tasks:
        for place in task.after:
            one, other = group_of[task.job.out], group_of.get(place)
            if other is not None and other is not one:
                one.extend(other)
                group_of |= {moved.job.out: one for moved in other}
    number = {task.job.out: at for at, task in enumerate(tasks)}
    found = {id(group): group for group in group_of.values()}.values()
    ordered = [sorted(group, key=lambda task: number[task.job.out]) for group in found]
    return sorted(ordered, key=lambda group: number[group[0].job.out])


@dataclass
class Waiting:
    """Tasks on their way, those first that wait for none of the others."""

    left: list
    _open: set = field(init=False)

    def __post_init__(self):
        self.left = list(self.left)
        self._open = {task.job.out for task in self.left}

    def ready(self) -> list:
        """The tasks that may begin now; each is told once."""
        now = [task for task in self.left if not self._open & set(task.after)]
        self.left = [task for task in self.left if task not in now]
        return now

    def over(self, task) -> None:
        """A task has ended, however it did."""
        self._open.discard(task.job.out)

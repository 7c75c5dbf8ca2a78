"""From a ``reports.yml`` to the reports it asks for, each checked, every fault with its line."""

import fnmatch
import glob
import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path

from salesanalysis import lined_yaml
from salesanalysis.errors import SalesAnalysisError, did_you_mean, nearest
from salesanalysis.lined_yaml import Lined
from salesanalysis.masking import mask_secrets
from salesanalysis.periods import PLAIN, UNITS
from salesanalysis.periods import calendar as read_calendar
from salesanalysis.reports import parameters as params
from salesanalysis.reports.batches import (
    column_values,
    earlier,
    listing,
    order,
    placeholders,
    siblings,
)
from salesanalysis.reports.batches.listing import Listing
from salesanalysis.reports.guard import Limits
from salesanalysis.reports.job import Job, examine, find_notebook

#: What a report may take where nothing is said: nobody watches a batch.
TIME_LIMIT_SECONDS = 3600.0

#: How often a report whose kernel died is tried again.
RETRIES = 1


@dataclass(frozen=True, eq=False)
class Task:
    """One report of a batch, checked.

    ``entry`` is the number of its entry in the file, ``words`` the values and the language it was
    made for, ``after`` the folders of the reports it waits for, ``other_days`` those that it has on
    other days.
    """

    name: str
    job: Job
    limits: Limits
    retries: int
    entry: int = 0
    words: dict = field(default_factory=dict)
    after: tuple[Path, ...] = ()
    other_days: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch, checked: its reports in the order of the file.

    ``folder`` is where ``batch.json`` and ``index.html`` go.
    """

    path: Path
    title: str
    folder: Path
    tasks: list[Task]


def prepare(file, *, as_of: str | None = None, overrides: dict | None = None) -> Batch:
    """The reports that a file asks for.

    Parameters
    ----------
    file : str or Path
    as_of : str, optional
        The day that ``{as_of}``, ``{period}`` and their like are taken from; before the file's own.
    overrides : dict, optional
        ``time_limit_seconds``, ``memory_limit_mb``, ``retries`` in place of those in the file.

    Raises
    ------
    SalesAnalysisError
        Every fault of the file with its line.
    """
    listed = listing.read(file)
    faults = list(listed.faults)
    settings = listed.settings.content
    unit = settings.get("period", "quarter")
    if unit not in UNITS:
        line = listed.settings.line(("period",))
        faults.append((line, f"`period` is {unit!r}; expected one of {', '.join(UNITS)}."))
        unit = "quarter"
    calendar = PLAIN
    try:
        calendar = read_calendar(lined_yaml.as_data(settings.get("calendar", {})))
    except SalesAnalysisError as fault:
        faults.append((listed.settings.line(("calendar",)), str(fault)))
    words = {}
    day = as_of or settings.get("as_of")
    if day:
        try:
            words = placeholders.of_day(day, unit, calendar)
        except SalesAnalysisError as fault:
            if as_of:
                raise
            faults.append((listed.settings.line(("as_of",)), str(fault)))
    folder = Path(str(settings.get("out", "out"))).resolve()
    faults += _idle_defaults(listed)
    tasks: list[Task] = []
    shared = {name: settings[name] for name in ("calendar",) if name in settings}
    shared |= listed.defaults.content.get("parameters", {})
    for number, entry in enumerate(listed.reports):
        report = _Report(entry, listed.defaults, shared, words, folder, overrides or {})
        made, wrong = report.tasks()
        faults += wrong
        made = [replace(task, entry=number) for task in made]
        tasks += made
        if not listed.faults:  # else the folder may not be the one that was meant
            faults += _shared_folders(entry, made, tasks, folder)
    if not faults:
        tasks, faults = _in_order(listed, tasks)
    params.refuse(file, faults)
    tasks = [earlier.handed(task, task.other_days) for task in tasks]
    tasks = [siblings.linked(task, tasks, folder) for task in tasks]
    return Batch(listed.path, str(settings.get("title", "")), folder, tasks)


def _in_order(listed: Listing, tasks: list[Task]) -> tuple[list[Task], list[tuple[int, str]]]:
    """The tasks with those they come after, and what is wrong with ``after``."""
    found, faults = [], []
    for task in tasks:
        entry = listed.reports[task.entry]
        line, asked = entry.line(("after",)), entry.content.get("after", [])
        asked = asked if isinstance(asked, list) else [asked]
        there = order.before(task, asked, tasks, _is_named)
        known = sorted({name for other in tasks for name in _names(other)[1:]})
        for pattern, others in there.items():
            if not others:
                said = f"{task.name}: `after` names `{pattern}`, which is no other report of"
                close = "" if pattern in known else did_you_mean(pattern, known)
                faults.append((line, f"{said} its values and language.{close}"))
        if order.RUNS in task.job.parameters and not asked:
            if order.RUNS not in task.job.given:
                said = f"{task.name}: say by `after` which reports it brings together, such as"
                faults.append((entry.line(()), f'{said} after: "*" for all others'))
        others = [other for each in there.values() for other in each]
        found.append(order.after(task, others))
    if waits := order.circle(found):
        faults.append((1, f"these reports wait for one another (`after`): {', '.join(waits)}"))
    return found, faults


def chosen(tasks: list[Task], *, only=(), shard: str | None = None) -> list[Task]:
    """The tasks that some names and a shard leave.

    Parameters
    ----------
    tasks : list of Task
    only : sequence of str
        Names of reports or of their notebooks, or patterns of them such as ``funnel*``.
    shard : str, optional
        ``i/n``: every n-th report, beginning with the i-th; one that comes after others is in the
        shard with them.
    """
    if only:
        for pattern in only:
            if not any(_is_named(task, pattern) for task in tasks):
                names = [task.name for task in tasks]
                close = nearest(pattern, names) or names[:5]
                raise SalesAnalysisError(
                    f"`--only {pattern}` is the name of no report; nearest: {', '.join(close)}."
                )
        tasks = [task for task in tasks if any(_is_named(task, pattern) for pattern in only)]
    if shard is not None:
        number, _, count = shard.partition("/")
        if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise SalesAnalysisError(
                f"`--shard` is {shard!r}; expected i/n such as 2/4, the second of four."
            )
        groups = order.groups(tasks)[int(number) - 1 :: int(count)]
        tasks = [task for group in groups for task in group]
    return tasks


def _is_named(task: Task, pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for name in _names(task))


def _names(task: Task) -> tuple[str, str, str]:
    """What a task is called: with its values and language, without them, by its notebook."""
    return task.name, task.name.partition(" (")[0], task.job.name


class _Report:
    """One entry of the file: the tasks that come of it, or its faults."""

    def __init__(
        self,
        entry: Lined,
        defaults: Lined,
        shared: dict,
        words: dict,
        folder: Path,
        overrides: dict,
    ):
        self._entry = entry
        self._content = {**defaults.content, **entry.content, **overrides}
        self._inherited = shared
        self._words = words
        self._folder = folder
        self._faults: dict[tuple[int, str], list[str]] = {}  # line, words → names of reports

    def tasks(self) -> tuple[list[Task], list[tuple[int, str]]]:
        languages = self._list("lang") or [None]
        loops = {
            name: found
            for name, asked in self._content.get("for_each", {}).items()
            if (found := self._values(str(name), asked))
        }
        known = self._declared()
        if self._faults:
            return [], self._told()
        self._parameters = {
            **{name: value for name, value in self._inherited.items() if name in known},
            **self._entry.content.get("parameters", {}),
        }
        self._idle_loops(loops, languages)
        made = []
        for values in itertools.product(*loops.values(), languages):
            *rest, lang = values
            task = self._task(dict(zip(loops, rest, strict=True)), lang, len(languages) > 1)
            if task:
                made.append(task)
        return made, self._told()

    def _fault(self, where: tuple[str, ...], said: str, report: str = "") -> None:
        self._faults.setdefault((self._entry.line(where), said), []).append(report)

    def _told(self) -> list[tuple[int, str]]:
        """Each fault once, however many reports have it."""
        faults = []
        for (line, said), (first, *more) in self._faults.items():
            others = f" (and {len(more)} more like it)" if more else ""
            faults.append((line, (f"{first}: " if first else "") + said + others))
        return faults

    def _list(self, key: str) -> list:
        value = self._content.get(key, [])
        return value if isinstance(value, list) else [value]

    def _declared(self) -> list[str]:
        """The names of the notebook's parameters."""
        try:
            notebook = find_notebook(self._content["notebook"])
            return [parameter.name for parameter in params.declared(notebook)]
        except SalesAnalysisError as fault:
            self._fault(("notebook",), str(fault))
            return []

    def _values(self, name: str, asked) -> list:
        """What one word of ``for_each`` goes through."""
        if not name.isidentifier() or name in (*placeholders.DAY_WORDS, "lang"):
            self._fault(("for_each", name), f"`for_each` cannot use the name `{name}`")
            return []
        if isinstance(asked, list) and asked:
            odd = [value for value in asked if not isinstance(value, str)]
            if not odd and len(set(asked)) == len(asked):
                return asked
            self._fault(("for_each", name), f"`{name}` must be different texts or numbers")
            return []
        try:
            return column_values.read(name, asked, fill=lambda text: self._filled(text, {}))
        except SalesAnalysisError as fault:
            self._fault(("for_each", name), str(fault))
            return []

    def _filled(self, value, words: dict):
        return placeholders.fill(value, self._words | words)

    def _idle_loops(self, loops: dict, languages: list) -> None:
        """A word that makes several reports must make them differ, in content and in folder."""
        several = [name for name, values in loops.items() if len(values) > 1]
        used = placeholders.names_in(self._parameters)
        for name in several:
            if name not in used:
                said = f"no parameter uses `{{{name}}}`, so that all reports would be the same"
                self._fault(("for_each", name), said)
        if "out" in self._content:
            there = placeholders.names_in(self._content["out"])
            wanted = {name: f"there are several values of `{name}`" for name in several}
            if len(languages) > 1:
                wanted["lang"] = "there are several languages"
            for name, why in wanted.items():
                if name not in there:
                    self._fault(("out",), f"`out` must hold `{{{name}}}` where {why}")

    def _task(self, values: dict, lang: str | None, several: bool) -> Task | None:
        """The report for one choice of the values and the language."""
        stem = self._content.get("name", Path(self._content["notebook"]).stem)
        words = values | ({"lang": lang} if lang else {})
        faulty = False
        try:
            named = placeholders.names_in(stem)
            told = [str(value) for name, value in values.items() if name not in named]
            told += [lang] if several and "lang" not in named else []
            named = str(self._filled(stem, words)) + (f" ({', '.join(told)})" if told else "")
            name = mask_secrets(named)
        except SalesAnalysisError as fault:
            self._fault(("name",), str(fault))
            return None
        try:
            out = self._out(words, stem, values, lang)
        except SalesAnalysisError as fault:
            self._fault(("out",), str(fault))
            out = None
            faulty = True
        template = None
        try:
            template = self._filled(self._content.get("template"), words)
        except SalesAnalysisError as fault:
            self._fault(("template",), str(fault))
            faulty = True
        parameters = {}
        for key, value in self._parameters.items():
            try:
                parameters[key] = self._filled(value, words)
            except SalesAnalysisError as fault:
                self._fault(("parameters", str(key)), f"Parameter `{key}`: {fault}", name)
                faulty = True
        job, faults = examine(
            self._content["notebook"],
            parameters=parameters,
            out=out,
            lang=lang,
            formats=self._list("formats"),
            template=template,
        )
        for where, said in faults:
            self._fault(where, said, name)
        if faulty or job is None:
            return None
        words = values | {"lang": job.lang}
        days = tuple(self._other_days(job.out, words))
        return Task(name, job, self._limits(), self._retries(), words=words, other_days=days)

    def _out(self, words: dict, stem: str, values: dict, lang: str | None):
        """The folder of one report."""
        safe = {name: placeholders.as_file_name(value) for name, value in words.items()}
        if "out" in self._content:
            return self._filled(self._content["out"], safe)
        first = placeholders.as_file_name(self._filled(stem, words))
        named = placeholders.names_in(stem)
        parts = [safe[name] for name in values if name not in named]
        lang = lang or self._parameters.get("lang", "en")
        return self._folder.joinpath(first, *parts, str(lang))

    def _other_days(self, out: Path, words: dict) -> list[Path]:
        """The folders that the report has on other days, where ``out`` names the day."""
        if not placeholders.names_in(self._content.get("out", "")) & {*placeholders.DAY_WORDS}:
            return []
        safe = {name: placeholders.as_file_name(value) for name, value in words.items()}
        any_day = {name: glob.escape(value) for name, value in safe.items()}
        any_day |= dict.fromkeys(placeholders.DAY_WORDS, "*")
        found = map(Path, glob.glob(self._filled(self._content["out"], any_day)))
        return [folder.resolve() for folder in sorted(found) if folder.resolve() != out]

    def _limits(self) -> Limits:
        return Limits(
            seconds=self._content.get("time_limit_seconds", TIME_LIMIT_SECONDS),
            cell_seconds=self._content.get("cell_limit_seconds"),
            memory_mb=self._content.get("memory_limit_mb"),
        )

    def _retries(self) -> int:
        return self._content.get("retries", RETRIES)


def _idle_defaults(listed: Listing) -> list[tuple[int, str]]:
    """A default parameter applies to the notebooks that have it; one that none has is a mistake."""
    asked = listed.defaults.content.get("parameters", {})
    known: set[str] = set()
    for entry in listed.reports:
        try:
            notebook = find_notebook(entry.content["notebook"])
            known |= {parameter.name for parameter in params.declared(notebook)}
        except SalesAnalysisError:
            return []  # told where the report itself is looked at
    faults = []
    for name in asked:
        if name not in known:
            said = f"No notebook of the file has the parameter `{name}`."
            said += did_you_mean(name, known)
            faults.append((listed.defaults.line(("parameters", str(name))), said))
    return faults


def _shared_folders(
    entry: Lined, made: list[Task], tasks: list[Task], folder: Path
) -> list[tuple[int, str]]:
    """Reports that would write into one another's folder, or into that of the batch."""
    faults = []
    places = {task.job.out: task for task in reversed(tasks)}
    for task in made:
        out, first = task.job.out, places[task.job.out]
        if first is not task:
            said = f"{task.name}: writes to the folder of `{first.name}`, {out}"
            faults.append((entry.line(("out",)), said))
        around = next((places[place] for place in out.parents if place in places), None)
        if around:
            said = f"{task.name}: writes into the folder of `{around.name}`, {around.job.out}"
            faults.append((entry.line(("out",)), said))
        if folder.is_relative_to(out):
            said = f"{task.name}: {out} is the folder of the batch itself; give it one of its own"
            faults.append((entry.line(("out",)), said))
    return faults

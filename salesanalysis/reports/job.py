"""What is asked of the runner: notebook, parameters, folder; checked before anything runs."""

from dataclasses import dataclass
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.formats import FORMATS, PAGE
from salesanalysis.reports import export, folders, project
from salesanalysis.reports import parameters as params
from salesanalysis.text import require_language, require_whole


@dataclass(frozen=True)
class Job:
    """One report to make, everything about it checked: what :func:`prepare` returns.

    ``beside`` are the links in the bar of its page: what each is called, and its address from the
    folder of the report, empty for the report itself.
    """

    name: str
    notebook: Path
    given: dict
    parameters: dict
    lang: str
    out: Path
    formats: tuple[str, ...] = (PAGE,)
    template: Path | None = None
    beside: tuple[tuple[str, str], ...] = ()


def find_notebook(notebook) -> Path:
    """The notebook of that path, or of that name in the working directory or in the package."""
    path = Path(notebook)
    if path.suffix == ".ipynb" and path.is_file():
        return path
    known = project.notebooks()
    if str(notebook) in known:
        return known[str(notebook)]
    named = "" if path.suffix == ".ipynb" else f", nor `{project.NOTEBOOKS / path}.ipynb`"
    raise SalesAnalysisError(
        f"`notebook` is `{notebook}`: there is no such file{named}."
        + did_you_mean(path.stem, known)
        + f" Notebooks here and in the package: {', '.join(known)}."
    )


def prepare(
    notebook,
    *,
    parameters: dict | None = None,
    out=None,
    lang: str | None = None,
    formats=(),
    template=None,
) -> Job:
    """Check everything about a report that can be checked without running it.

    Takes what :func:`salesanalysis.reports.run` takes.

    Raises
    ------
    SalesAnalysisError
        There are faults; all of them, one a line.
    """
    job, faults = examine(
        notebook, parameters=parameters, out=out, lang=lang, formats=formats, template=template
    )
    if faults:
        raise SalesAnalysisError("\n".join(said for _, said in faults))
    return job


def is_report(path: Path) -> bool:
    """Whether a notebook makes a report; that of the workshop shows a page with sliders."""
    return not any("room" in cell["tags"] for cell in params.read_cells(path))


def report_names() -> list[str]:
    """The names of the notebooks here and in the package that make a report."""
    return [name for name, path in project.notebooks().items() if is_report(path)]


def _find_report(notebook) -> Path:
    """The notebook of that name or path; not that of the workshop, which nobody could turn."""
    path = find_notebook(notebook)
    if not is_report(path):
        raise SalesAnalysisError(
            f"`notebook` is `{path}`, a page with sliders and not a report: `salesanalysis"
            " workshop` shows it, and a scenario that is saved there makes a report."
        )
    return path


#: Where in a job something is wrong, such as ``("parameters", "by")``, and what.
Fault = tuple[tuple[str, ...], str]


class _Faults(list):
    """All that is wrong with a job, gathered so that it can be told at once."""

    def attempt(self, where: tuple[str, ...], work, *arguments):
        """What the work gives, or nothing, and its fault is kept."""
        try:
            return work(*arguments)
        except SalesAnalysisError as fault:
            self.append((where, str(fault)))
            return None


def examine(
    notebook, *, parameters: dict | None, out, lang: str | None, formats, template
) -> tuple[Job | None, list[Fault]]:
    """The job, or all its faults."""
    given, faults = dict(parameters or {}), _Faults()
    path = faults.attempt(("notebook",), _find_report, notebook)
    known = faults.attempt(("notebook",), params.declared, path) if path else None
    if known is None:
        return None, faults
    if lang is not None and given.setdefault("lang", lang) != lang:
        said = f"`lang` is {lang!r}, but parameter `lang` is {given['lang']!r}; give one of them."
        return None, [(("lang",), said)]
    values = _values(given, known, path, faults)
    chosen = values.get("lang", "en")
    if chosen is not None:
        chosen = faults.attempt(
            ("lang",), lambda lang: require_whole(require_language(lang)), chosen
        )
    template = None if template is None else Path(template)
    formats = _formats(formats, template, faults)
    folder = Path(out if out is not None else Path("out") / path.stem / (chosen or "en")).resolve()
    faults.attempt(("out",), folders.require_ours, folder, path)
    if faults:
        return None, faults
    given = {name: values[name] for name in given}
    return Job(path.stem, path, given, values, chosen, folder, formats, template), []


def _values(given: dict, known: list, path: Path, faults: _Faults) -> dict:
    """The value of each parameter of the notebook; what the sample leaves out is added as given."""
    names = [parameter.name for parameter in known]
    unknown = [name for name in given if name not in names]
    if unknown:
        where = ("parameters", unknown[0])
        faults.attempt(where, params.require_known, unknown, known, path)
    given |= faults.attempt(("parameters",), params.without_sample, given, known) or {}
    values = {}
    for parameter in known:
        value, where = given.get(parameter.name, parameter.default), ("parameters", parameter.name)
        values[parameter.name] = faults.attempt(where, params.check, value, parameter)
    return values


def _formats(asked, template: Path | None, faults: _Faults) -> tuple[str, ...]:
    """The formats to write, in their order: the page, those asked for, those of a template."""
    for name in asked:
        if name not in FORMATS:
            said = f"`formats` holds {name!r}; expected some of {', '.join(FORMATS)}."
            faults.append((("formats",), said + did_you_mean(name, FORMATS)))
        elif FORMATS[name].extra:
            faults.attempt(("formats",), export.module(name).library)
    styled = []
    if template is not None:
        styled = [name for name, format in FORMATS.items() if format.takes_template]
    for name in styled:
        faults.attempt(("template",), export.module(name).open_template, template)
    return tuple(name for name in FORMATS if name in (PAGE, *asked, *styled))

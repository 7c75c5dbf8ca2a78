"""Run the reports that a ``reports.yml`` lists, the whole file checked before the first run.

::

    reports:
      - notebook: funnel            # a name in notebooks/, or a path
        out: out/funnel/{lang}      # one folder for each language
        lang: [en, zh]
        parameters:
          as_of: "2025-12-31"
"""

from dataclasses import dataclass
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError, nearest

_KEYS = ("name", "notebook", "out", "lang", "parameters")


@dataclass(frozen=True, eq=False)
class Made:
    """What became of one report of a batch: its run, or why there is none."""

    name: str
    run: object = None
    failure: str = ""


def batch(file, *, progress=None, finished=None) -> list[Made]:
    """Run every report of a ``reports.yml`` and say what became of each.

    A report that fails does not stop the others. All paths, those in parameters too, are relative
    to the working directory, as they are for a single run.

    Parameters
    ----------
    file : str or Path
        The list: ``reports:`` with a ``notebook`` each, and where wanted ``name``, ``out``,
        ``lang`` (one language or a list) and ``parameters``.
    progress : callable, optional
        Called before each cell with the report's name, the cell's number, how many there are, and
        its heading or tag.
    finished : callable, optional
        Called with each :class:`Made` as soon as it is known.

    Returns
    -------
    list of Made
        In the order of the file, one for each language.

    Raises
    ------
    SalesAnalysisError
        The file has faults; all are listed with their lines, and nothing was run.
    """
    from salesanalysis.reports.run import execute

    results = []
    for name, request in prepare_batch(file):
        watch = None
        if progress:

            def watch(number, count, label, name=name):
                progress(name, number, count, label)

        try:
            made = Made(name, run=execute(request, progress=watch))
        except (SalesAnalysisError, OSError) as fault:
            made = Made(name, failure=str(fault))
        results.append(made)
        if finished:
            finished(made)
    return results


def prepare_batch(file) -> list[tuple[str, object]]:
    """The reports of the file as (name, checked request); every fault in one error."""
    entries, faults = _entries(Path(file))
    prepared, places = [], {}
    for line, entry in entries:
        for name, arguments in _runs_of(entry):
            try:
                request = _prepare(arguments)
            except SalesAnalysisError as fault:
                faults.append((line, f"{name}: {fault}"))
                continue
            if request.out in places:
                faults.append(
                    (
                        line,
                        f"{name}: writes to the folder of `{places[request.out]}`, {request.out}",
                    )
                )
            places[request.out] = name
            prepared.append((name, request))
    if faults:
        listed = "\n".join(f"{file}:{line}: {fault}" for line, fault in sorted(faults))
        raise SalesAnalysisError(f"`{file}` has {len(faults)} fault(s); nothing was run:\n{listed}")
    return prepared


def _prepare(arguments: dict):
    from salesanalysis.reports.run import prepare

    return prepare(**arguments)


def _runs_of(entry: dict):
    """The name and the arguments of each run that one entry asks for: one a language."""
    name = entry.get("name", Path(entry["notebook"]).stem)
    languages = entry.get("lang")
    several = isinstance(languages, list)
    for lang in languages if several else [languages]:
        out = entry.get("out")
        arguments = {
            "notebook": entry["notebook"],
            "parameters": entry.get("parameters"),
            "out": out.replace("{lang}", lang) if out and lang else out,
            "lang": lang,
        }
        yield (f"{name} ({lang})" if several else name), arguments


def _entries(path: Path) -> tuple[list[tuple[int, dict]], list[tuple[int, str]]]:
    """The sound entries of the file with their lines, and the faults of the others."""
    import yaml

    class WithoutDates(yaml.SafeLoader):
        """A date stays the text that it is: a notebook's parameters are JSON."""

    WithoutDates.yaml_implicit_resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        loader = WithoutDates(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SalesAnalysisError(f"There is no file `{path}`; give a reports.yml.") from None
    except (UnicodeDecodeError, yaml.YAMLError) as fault:
        raise SalesAnalysisError(f"`{path}` is not a YAML file: {fault}") from None
    try:
        root = loader.get_single_node()
        faults = list(_repeated_keys(root))
        listed = _list_node(root, path)
        entries = []
        for node in listed.value:
            entry = loader.construct_object(node, deep=True)
            line = node.start_mark.line + 1
            found = list(_faults_of(entry))
            faults += [(line, fault) for fault in found]
            if not found:
                entries.append((line, entry))
    except yaml.YAMLError as fault:
        raise SalesAnalysisError(f"`{path}` is not YAML:\n{fault}") from None
    finally:
        loader.dispose()
    return entries, faults


def _list_node(root, path: Path):
    """The YAML node of the list under ``reports:``."""
    import yaml

    if isinstance(root, yaml.MappingNode):
        keys = [key.value for key, _ in root.value]
        if keys == ["reports"] and isinstance(root.value[0][1], yaml.SequenceNode):
            return root.value[0][1]
    raise SalesAnalysisError(f"`{path}` must hold `reports:` and under it a list, and only that.")


def _repeated_keys(node):
    """Keys that stand twice in one mapping: YAML would silently take the last."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, f"the key `{key.value}` stands here a second time"
            seen.add(key.value)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item)


def _faults_of(entry):
    """What is wrong with the shape of one entry, in words."""
    if not isinstance(entry, dict):
        yield f"expected keys such as `notebook`; got {entry!r}"
        return
    for key in entry:
        if key not in _KEYS:
            close = nearest(str(key), _KEYS)
            hint = f"; did you mean `{close[0]}`?" if close else f"; known: {', '.join(_KEYS)}"
            yield f"unknown key `{key}`{hint}"
    for key in ("name", "notebook", "out"):
        if key in entry and not isinstance(entry[key], str):
            yield f"`{key}` must be text; got {entry[key]!r}"
    if "notebook" not in entry:
        yield "`notebook` is missing: the name of a notebook in notebooks/, or a path"
    if not isinstance(entry.get("parameters", {}), dict):
        yield f"`parameters` must be names and values; got {entry['parameters']!r}"
    languages = entry.get("lang", [])
    languages = languages if isinstance(languages, list) else [languages]
    if not all(isinstance(lang, str) for lang in languages) or entry.get("lang", "en") == []:
        yield f"`lang` must be a language or a list of them; got {entry['lang']!r}"
    elif len(languages) > 1 and "out" in entry and "{lang}" not in str(entry["out"]):
        yield "`out` must hold `{lang}` where there are several languages"

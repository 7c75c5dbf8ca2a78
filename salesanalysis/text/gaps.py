"""What a language lacks of what the first one has: the list for whoever adds one."""

import functools
from collections.abc import Iterator

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.text import files
from salesanalysis.text.fields import fields
from salesanalysis.text.languages import LANGUAGES

#: So many gaps are named where an incomplete language is refused.
_NAMED = 20


@functools.cache
def missing(lang: str) -> list[str]:
    """What a language lacks: files, texts, values in a text, forms of a word, headings.

    Parameters
    ----------
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.

    Returns
    -------
    list of str
        One line each; empty where it is complete. What the first language does not have is listed
        too, since nothing would ever say it.

    Examples
    --------
    >>> missing("zh")
    []
    """
    first, *_ = LANGUAGES
    found = [
        f"text/{lang}/project/{path.name}: the file is missing"
        for path in files.project_files(first)
        if not (files.FOLDER / lang / "project" / path.name).is_file()
    ]
    if (files.FOLDER / lang / "columns.csv").is_file():
        found += _differences(f"text/{lang}/columns.csv", files.units(), files.headings(lang))
    else:
        found.append(f"text/{lang}/columns.csv: the file is missing")
    if not (files.FOLDER / lang / "currencies.csv").is_file():
        found.append(f"text/{lang}/currencies.csv: the file is missing")
    there = files.parts(lang)
    for part in files.parts(first):
        place = f"text/{lang}/{part}.yml"
        if part not in there:
            found.append(f"{place}: the file is missing")
            continue
        known, own = files.texts(first, part), files.texts(lang, part)
        found += _differences(place, known, own)
        for key in own.keys() & known.keys():
            found += (f"{place}: `{key}` {fault}" for fault in _faults(own[key], known[key], lang))
    return sorted(found)


def require_whole(lang: str) -> str:
    """``lang`` itself where it lacks nothing, else an error that lists what it lacks."""
    found = missing(lang)
    if found:
        more = f"\n  and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        listed = "".join(f"\n  - {line}" for line in found[:_NAMED])
        raise SalesAnalysisError(f"`lang` is {lang!r}, which is not complete:{listed}{more}")
    return lang


def _differences(place: str, known: dict, own: dict) -> Iterator[str]:
    for key in known.keys() - own.keys():
        yield f"{place}: `{key}` is missing"
    for key in own.keys() - known.keys():
        yield f"{place}: `{key}` is unknown"
    for key in known.keys() & own.keys():
        if not own[key]:
            yield f"{place}: `{key}` is empty"


def _faults(sentence: str, known: str, lang: str) -> Iterator[str]:
    """What is wrong with a sentence, beside the one of the first language."""
    lacking, strange = _values(known) - _values(sentence), _values(sentence) - _values(known)
    for value in sorted(lacking):
        yield f"does not say {{{value}}}"
    for value in sorted(strange):
        yield f"takes {{{value}}}, which is not handed to it"
    forms = len(LANGUAGES[lang].plural) + 1
    for names, choice in fields(sentence):
        if "|" in choice and choice.count("|") + 1 != forms:
            yield f"gives other than {forms} forms of a word in {{{names[0]}:{choice}}}"


def _values(sentence: str) -> set[str]:
    """The values that a sentence takes, with their formats; the words beside them are its own."""
    return {
        f"{name}:{spec}".rstrip(":")
        for names, spec in fields(sentence)
        for name in names
        if "|" not in spec
    }

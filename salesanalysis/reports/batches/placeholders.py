"""Words in braces that a ``reports.yml`` may use: those of ``for_each``, and of the period."""

import hashlib
import re
import string

from salesanalysis.errors import SalesAnalysisError, nearest
from salesanalysis.masking import mask_secrets
from salesanalysis.periods import PLAIN, UNITS, Calendar

#: What no folder's name may hold on one system or another, and what would lead out of the folder.
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*]|^[. ]+|[. ]+$')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_NAME = 60


def of_day(as_of: str, unit: str = "quarter", calendar: Calendar = PLAIN) -> dict[str, str]:
    """The words that a day gives: itself, the period it lies in, the one before.

    Parameters
    ----------
    as_of : str
        The day up to which the data are complete.
    unit : str
        What a period is: ``week``, ``month``, ``quarter`` or ``year``.
    calendar : Calendar
        The company's.

    Examples
    --------
    >>> words = of_day("2025-12-31")
    >>> words["period"], words["period_start"], words["previous_period"]
    ('2025-Q4', '2025-10-01', '2025-Q3')
    """
    import pandas as pd

    day = calendar.end_of(as_of)
    words = {"as_of": f"{day:%Y-%m-%d}"}
    for name in UNITS:
        words[name] = calendar.label_of(day, name)
    words["period"] = calendar.label_of(day, unit)
    start, _ = calendar.bounds_of(words["period"])
    words["previous_period"] = calendar.label_of(start - pd.Timedelta(days=1), unit)
    for name in ("period", "previous_period"):
        start, after = calendar.bounds_of(words[name])
        words[f"{name}_start"] = f"{start:%Y-%m-%d}"
        words[f"{name}_end"] = f"{after - pd.Timedelta(days=1):%Y-%m-%d}"
    return words


#: All words that a day gives.
DAY_WORDS = (
    *("as_of", *UNITS, "period", "previous_period", "period_start", "period_end"),
    *("previous_period_start", "previous_period_end"),
)


def fill(value, words: dict):
    """A value with the words in braces put in, in every text inside it.

    A text that is nothing but one word in braces becomes the word's value with its type; braces
    themselves are written twice.

    Examples
    --------
    >>> fill({"only": {"region": "{region}"}, "n": "{n}"}, {"region": "华东", "n": 3})
    {'only': {'region': '华东'}, 'n': 3}
    >>> fill("{{as it is}}", {})
    '{as it is}'
    """
    if isinstance(value, dict):
        return {key: fill(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, words) for item in value]
    if not isinstance(value, str) or not ("{" in value or "}" in value):
        return value
    parts = _parts(value)
    for _, name in parts:
        if name is not None and name not in words:
            raise SalesAnalysisError(_unknown(value, name, words))
    if len(parts) == 1 and parts[0][0] == "" and parts[0][1] is not None:
        return words[parts[0][1]]
    return "".join(text + ("" if name is None else str(words[name])) for text, name in parts)


def names_in(value) -> set[str]:
    """The words in braces that a value uses.

    Examples
    --------
    >>> sorted(names_in(["{a}", {"x": "{b} of {a}"}, 3]))
    ['a', 'b']
    """
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return set().union(*(names_in(item) for item in value))
    if not isinstance(value, str):
        return set()
    return {name for _, name in _parts(value) if name is not None}


def as_file_name(value) -> str:
    """A value as the name of a folder or file on any system; different values, different names.

    Of a URL without its password, which is no difference either.

    Examples
    --------
    >>> as_file_name("华东"), as_file_name("../etc")
    ('华东', '__etc-...')
    """
    text = mask_secrets(str(value))
    safe = _NOT_IN_NAMES.sub("_", text)[:_LONGEST_NAME] or "_"
    if _DEVICES.fullmatch(safe):
        safe = f"_{safe}"
    if safe == text:
        return text
    return f"{safe}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def _parts(text: str) -> list[tuple[str, str | None]]:
    """Literal text and the word behind it, in their order."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as fault:
        raise SalesAnalysisError(
            f"{text!r} has a brace of its own ({fault}); write it twice: {{{{ or }}}}."
        ) from None
    for _, name, form, conversion in parts:
        if name is not None and (not name.isidentifier() or form or conversion):
            raise SalesAnalysisError(
                f"{text!r} has more than a name in braces; write a brace of its own twice:"
                " {{ or }}."
            )
    return [(literal, name) for literal, name, _, _ in parts]


def _unknown(text: str, name: str, words: dict) -> str:
    if name in DAY_WORDS and "as_of" not in words:
        return (
            f"{text!r} needs the day up to which the data are complete: give `--as-of`, or `as_of:`"
            " at the top of the file"
        )
    close = nearest(name, words)
    hint = f"; did you mean `{{{close[0]}}}`?" if close else ""
    known = ", ".join(f"{{{word}}}" for word in words) or "none"
    return f"{text!r} names `{{{name}}}`, which is not known{hint}; known: {known}"

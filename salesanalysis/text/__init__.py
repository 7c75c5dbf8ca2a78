"""Every word a reader sees, in each of the languages.

A language is a record in :data:`LANGUAGES` and a folder ``text/<lang>/``: sentences in
``<part>.yml``, one file for each family or part, so that a report loads only what it says; column
headings in ``columns.csv``. Units and decimals of columns stand once, in ``text/columns.csv``. The
keys are the same in every language; :func:`missing` lists what one lacks. Numbers reach a sentence
raw and are formatted there, in the signs of the language:

=============  ==========================  ===============
in the text    takes                       gives
=============  ==========================  ===============
``{x:count}``  a whole number              ``13,087``
``{x:share}``  a share 0–1                 ``63.2 %``
``{x:amount}`` money                       ``10,005,534``
``{x:days}``   a duration in days          ``51.8``, ``30``
``{x:date}``   a date or timestamp         ``2017-12-31``
``{x}``        text                        itself
=============  ==========================  ===============

The word that goes with a number is chosen by it: ``{x:count} {x:deal was|deals were} won``, a word
for each plural form of the language.
"""

import math
import re
import string
from collections.abc import Sequence

from salesanalysis.errors import SalesAnalysisError, nearest, require_choice
from salesanalysis.text import files
from salesanalysis.text.files import project_files
from salesanalysis.text.gaps import missing, require_whole
from salesanalysis.text.languages import LANGUAGES, Language

__all__ = [
    "LANGUAGES",
    "MISSING",
    "Language",
    "column_kind",
    "column_label",
    "format_value",
    "has",
    "heading",
    "missing",
    "project_files",
    "require_language",
    "require_whole",
    "sentence",
    "unbroken",
    "word",
]


__dir__ = __all__.copy


#: What stands for a value that is missing or cannot be computed.
MISSING = "–"


def require_language(lang: str) -> str:
    """``lang`` itself where it is one of :data:`LANGUAGES`, else an error that lists them."""
    require_choice("lang", lang, tuple(LANGUAGES))
    return lang


def format_value(value: object, kind: str = "", decimals: int | None = None, *, lang: str) -> str:
    """One value as a reader sees it; a missing one as :data:`MISSING`.

    Parameters
    ----------
    value
        The raw value: shares as 0–1, durations in days, amounts in the table's currency.
    kind : str
        ``count``, ``share``, ``amount``, ``days``, ``number``, ``date``, ``p`` (a p value), or
        ``""`` for text;
        ``column`` is the name of a column, which a table shows by its heading, and ``setting`` a
        ``name=value`` that a check found, which it says in words.
    decimals : int, optional
        Digits after the point, where the kind's own number (0, 1, 0, 1, 2) does not serve.
    lang : str
        Whose signs stand in a number. Never left to a default, which nobody would see in English.

    Examples
    --------
    >>> format_value(0.6317, "share", lang="en"), format_value(float("nan"), "share", lang="en")
    ('63.2 %', '–')
    >>> format_value(-1234.5, "amount", lang="zh")
    '−1,234'
    """
    import pandas as pd  # here, so that a command line that only speaks does not wait for it

    if pd.isna(value):
        return MISSING
    if kind in ("", "text", "id", "column", "setting"):
        return str(value)
    if kind == "date":
        return str(value)[:10]
    if kind == "flag":
        return "✓" if value else ""
    language = LANGUAGES[require_language(lang)]
    if kind == "p":
        return language.number(f"{value:.4f}" if value >= 0.00005 else "< 0.0001")
    digits = {"count": 0, "share": 1, "amount": 0, "days": 1, "number": 2}
    if kind not in digits:
        raise SalesAnalysisError(
            f"`kind` is {kind!r}; expected one of {', '.join(digits)} or date."
        )
    places = digits[kind] if decimals is None else decimals
    number = float(value) * (100 if kind == "share" else 1)
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    written = f"{number:,.{places}f}"
    if not any(digit in written for digit in "123456789"):
        written = written.removeprefix("-")  # no "−0"
    shown = language.number(written)
    return f"{shown} %" if kind == "share" else shown


class _Formatter(string.Formatter):
    """Puts values into a sentence of one language."""

    def __init__(self, lang: str):
        self.lang, self.language = lang, LANGUAGES[lang]

    def format_field(self, value, format_spec: str) -> str:
        forms = format_spec.split("|")
        if len(forms) > 1:
            return forms[self.language.form(value)]
        said = format_value(value, format_spec, lang=self.lang)
        return said.removesuffix(f"{self.language.decimal}0") if format_spec == "days" else said


def sentence(key: str, lang: str = "en", /, **values: object) -> str:
    """The text under ``key`` in one language, with ``values`` put in.

    Examples
    --------
    >>> sentence("report.contents", "en")
    'Contents'
    """
    require_language(lang)
    texts = files.texts(lang, key.split(".", 1)[0])
    if key not in texts:
        raise SalesAnalysisError(
            f"No text `{key}` in `{lang}`. Nearest: {', '.join(nearest(key, texts)) or 'none'}."
        )
    try:
        return _Formatter(lang).vformat(texts[key], (), values)
    except KeyError as lacking:
        raise SalesAnalysisError(f"Text `{key}` needs the value {lacking}.") from None


def unbroken(said: str) -> str:
    """A text in which no line ends between a number and its per cent sign.

    Examples
    --------
    >>> unbroken("63.2 % of all")
    '63.2\xa0% of all'
    """
    return re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", said)


def has(key: str, lang: str = "en") -> bool:
    """Whether there is a text under ``key``."""
    try:
        return key in files.texts(require_language(lang), key.split(".", 1)[0])
    except SalesAnalysisError:
        return False


def word(part: str | Sequence[str], column: str, value: object, lang: str = "en") -> str:
    """A value as the reader knows it: the package's own words are translated, the user's not.

    Of several parts the first that has a word for it counts.

    Examples
    --------
    >>> word("funnel", "outcome", "won", "zh"), word("funnel", "region", "North", "zh")
    ('赢单', 'North')
    """
    return _first_of(part, f"value.{column}.{value}", lang) or str(value)


def heading(part: str | Sequence[str], column: str, lang: str = "en") -> str:
    """The heading of a column in a report, where its part has one of its own for it.

    Examples
    --------
    >>> heading("report", "how"), heading("report", "amount")
    ('Recognised by', 'Amount')
    """
    return _first_of(part, f"column.{column}", lang) or column_label(column, lang)


def _first_of(part: str | Sequence[str], tail: str, lang: str) -> str | None:
    """The text under ``tail`` of the first part that has it."""
    parts = (part,) if isinstance(part, str) else part
    keys = (f"{one}.{tail}" for one in parts)
    return next((sentence(key, lang) for key in keys if has(key, lang)), None)


def column_label(column: str, lang: str = "en") -> str:
    """The heading of a column; one that the vocabulary does not know keeps its own name."""
    return files.headings(require_language(lang)).get(column, column)


def column_kind(column: str) -> tuple[str, int | None]:
    """Unit kind and decimals of a column; ``("", None)`` where the vocabulary does not know it."""
    return files.units().get(column, ("", None))

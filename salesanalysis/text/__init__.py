"""Every word a reader sees, in each of the languages.

A language is a record in :data:`LANGUAGES` and a folder ``text/<lang>/``: sentences in
``<part>.yml``, one file for each family or part, so that a report loads only what it says; column
headings in ``columns.csv``. Units and decimals of columns stand once, in ``text/columns.csv``. The
keys are the same in every language; :func:`missing` lists what one lacks. Numbers reach a sentence
raw and are written there as people write them, in the signs of the language; a table has them
exactly (:func:`format_value`):

======================  ==========================  ==========================
in the text             takes                       gives
======================  ==========================  ==========================
``{x:count}``           a whole number              ``13,087``
``{x:share}``           a share 0–1                 ``63.2%``
``{x:amount}``          money                       ``$2.01 M``, ``201.1 万美元``
``{a..b:amount}``       from one to another         ``$1.79–2.29 M``
``{x (a..b):amount}``   a value and its interval    ``$2.01 M (1.79–2.29 M)``
``{x ~ a..b:amount}``   a value without it          ``$2.01 M``
``{x:days}``            a duration in days          ``51.8``, ``30``
``{x:date}``            a date or timestamp         ``15 Nov 2025``
``{x:day}``             the same of this year       ``15 Nov``
``{x}``                 text                        itself
======================  ==========================  ==========================

A value and its interval have the same digits, and no more than the width of the interval supports.
The word that goes with a number is chosen by it: ``{x:count} {x:deal was|deals were} won``, a word
for each plural form of the language.
"""

import math
import string
from collections import Counter
from collections.abc import Mapping, Sequence

from salesanalysis.errors import SalesAnalysisError, nearest, require_choice
from salesanalysis.text import fields, files, written
from salesanalysis.text.files import project_files
from salesanalysis.text.gaps import missing, require_whole
from salesanalysis.text.languages import LANGUAGES, Language, Unit
from salesanalysis.text.written import MISSING

__all__ = [
    "LANGUAGES",
    "MISSING",
    "Language",
    "Unit",
    "column_kind",
    "column_label",
    "currency_name",
    "distinct_names",
    "format_value",
    "has",
    "heading",
    "labels",
    "missing",
    "project_files",
    "require_language",
    "require_whole",
    "said",
    "sentence",
    "value_and_interval",
    "word",
]


__dir__ = __all__.copy


def require_language(lang: str) -> str:
    """``lang`` itself where it is one of :data:`LANGUAGES`, else an error that lists them."""
    require_choice("lang", lang, tuple(LANGUAGES))
    return lang


def format_value(value: object, kind: str = "", decimals: int | None = None, *, lang: str) -> str:
    """One value as a table has it, exactly; a missing one as :data:`MISSING`.

    Half of the last digit is rounded up. :func:`said` writes it as a sentence does.

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
    ('63.2%', '–')
    >>> format_value(-1234.5, "amount", lang="zh")
    '−1,235'
    """
    if _is_missing(value):
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
    if kind not in written.DIGITS:
        raise SalesAnalysisError(
            f"`kind` is {kind!r}; expected one of {', '.join(written.DIGITS)} or date."
        )
    return written.exactly(
        value, kind, written.DIGITS[kind] if decimals is None else decimals, lang
    )


def said(
    value: object,
    kind: str = "",
    *,
    lang: str,
    currency: str = "",
    low: float | None = None,
    high: float | None = None,
) -> str:
    """One value as a sentence or a tile has it, with its interval where that is given.

    Parameters
    ----------
    value, kind, lang
        As for :func:`format_value`.
    currency : str
        The code of the currency of an ``amount``; without one it has no sign.
    low, high : float, optional
        The interval: both are written with no more digits than its width supports.

    Examples
    --------
    >>> said(2_010_783.0, "amount", lang="en", currency="USD")
    '$2.01\xa0M'
    >>> said(2_010_783.0, "amount", lang="en", currency="USD", low=1_785_000.0, high=2_285_000.0)
    '$2.01\xa0M (1.79–2.29\xa0M)'
    >>> said(2_010_783.0, "amount", lang="zh", currency="USD")
    '201.1\xa0万美元'
    >>> said("2025-11-15", "date", lang="en")
    '15 Nov 2025'
    """
    return _said((value, low, high), kind, lang, currency)


def value_and_interval(
    value: object,
    kind: str = "",
    *,
    lang: str,
    currency: str = "",
    low: float | None = None,
    high: float | None = None,
) -> tuple[str, str]:
    """What :func:`said` says in one piece, apart; the interval is empty where there is none.

    Examples
    --------
    >>> value_and_interval(0.4857, "share", lang="en", low=0.452, high=0.5185)
    ('48.6%', '45.2–51.9%')
    """
    if kind not in written.DIGITS or (_is_missing(low) and _is_missing(high)):
        return said(value, kind, lang=lang, currency=currency), ""
    numbers = [math.nan if _is_missing(number) else number for number in (value, low, high)]
    return written.apart(numbers, kind, require_language(lang), currency)


def _is_missing(value: object) -> bool:
    """Whether there is no value; a command line that only speaks does not wait for pandas."""
    if value is None or isinstance(value, str | int | float):
        return value is None or value != value
    import pandas as pd

    return pd.isna(value)


def _said(values: tuple, kind: str, lang: str, currency: str, show: bool = True) -> str:
    """A value, a range (two values), or a value and its interval (three), if it has one.

    An interval that is not to be shown still limits the digits of its value.
    """
    if len(values) == 3 and all(_is_missing(end) for end in values[1:]):
        values = values[:1]

    if kind not in written.DIGITS:
        (value,) = values
        if kind in written.DAYS and not _is_missing(value):
            return written.day(value, kind, require_language(lang))
        return format_value(value, kind, lang=lang)
    numbers = [math.nan if _is_missing(value) else value for value in values]
    half_width = 0.0
    if len(numbers) == 3 and not show:
        numbers, half_width = numbers[:1], abs(numbers[2] - numbers[1]) / 2
    return written.shortly(numbers, kind, require_language(lang), currency, half_width)


def labels(
    values: Sequence[float],
    kind: str,
    *,
    lang: str,
    decimals: int | None = None,
    currency: str = "",
) -> list[str]:
    """Several numbers beside each other, such as those of an axis.

    They have one unit and the same digits after the point, as few as tell them apart where
    ``decimals`` does not say how many.

    Examples
    --------
    >>> labels([0, 2_500_000], "amount", lang="en", currency="USD")
    ['$0', '$2.5\\xa0M']
    >>> labels([0, 2_500_000], "amount", lang="zh", currency="USD")
    ['0\\xa0美元', '250\\xa0万美元']
    """
    return written.beside(values, kind, require_language(lang), decimals, currency)


def distinct_names(names: Mapping[str, str]) -> dict[str, str]:
    """What each id is called, those of one name with their ids, so that they are told apart.

    Examples
    --------
    >>> distinct_names({"R1": "Ann Bell", "R2": "Bo Chen", "R3": "Ann Bell"})
    {'R1': 'Ann Bell (R1)', 'R2': 'Bo Chen', 'R3': 'Ann Bell (R3)'}
    """
    times = Counter(names.values())
    return {one: f"{name} ({one})" if times[name] > 1 else name for one, name in names.items()}


def currency_name(currency: str, lang: str) -> str:
    """What a currency is called where an amount is not beside it; its code where not known.

    Examples
    --------
    >>> currency_name("USD", "en"), currency_name("CNY", "zh"), currency_name("ABC", "en")
    ('US dollars', '人民币', 'ABC')
    """
    return files.currencies(require_language(lang)).get(currency, (currency, currency))[1]


class _Formatter(string.Formatter):
    """Puts values into a sentence of one language, amounts in one currency."""

    def __init__(self, lang: str, currency: str):
        self.lang, self.currency = lang, currency

    def get_field(self, field_name: str, args, kwargs):
        named = tuple(kwargs[name] for name in fields.names(field_name))
        return (named, "~" not in field_name), field_name

    def format_field(self, value: tuple, format_spec: str) -> str:
        (values, show), forms = value, format_spec.split("|")
        if len(forms) > 1:
            return forms[LANGUAGES[self.lang].form(values[0])]
        return _said(values, format_spec, self.lang, self.currency, show)


def sentence(key: str, lang: str = "en", currency: str = "", /, **values: object) -> str:
    """The text under ``key`` in one language, with ``values`` put in.

    Amounts of money get the sign of the ``currency``, by its code.

    Examples
    --------
    >>> sentence("report.status.good", "en")
    'On track'
    """
    require_language(lang)
    texts = files.texts(lang, key.split(".", 1)[0])
    if key not in texts:
        raise SalesAnalysisError(
            f"No text `{key}` in `{lang}`. Nearest: {', '.join(nearest(key, texts)) or 'none'}."
        )
    try:
        return _Formatter(lang, currency).vformat(texts[key], (), values)
    except KeyError as lacking:
        raise SalesAnalysisError(f"Text `{key}` needs the value {lacking}.") from None


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

"""Every word a reader sees, in English and Chinese.

Sentences live in ``text/<lang>/<part>.yml``, one file for each family or part, so that a report
loads only what it says; column headings, units and decimals live in ``columns.csv``. The keys are
the same in every language (a test compares them). Numbers reach a sentence raw and are formatted
there:

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

The word that goes with a number is chosen by it: ``{x:count} {x:deal was|deals were} won``.
"""

import csv
import functools
import math
import re
import string
from importlib import resources

from salesanalysis.errors import SalesAnalysisError, nearest, require_choice

__all__ = [
    "LANGUAGES",
    "LANGUAGE_TAGS",
    "MISSING",
    "column_kind",
    "column_label",
    "format_value",
    "has",
    "require_language",
    "sentence",
    "unbroken",
    "word",
]


__dir__ = __all__.copy


LANGUAGES = ("en", "zh")

#: How HTML and Office files name them.
LANGUAGE_TAGS = {"en": "en", "zh": "zh-CN"}

#: What stands for a value that is missing or cannot be computed.
MISSING = "–"


def require_language(lang: str) -> str:
    """``lang`` itself where it is one of :data:`LANGUAGES`, else an error that lists them."""
    require_choice("lang", lang, LANGUAGES)
    return lang


@functools.cache
def _part(lang: str, part: str) -> dict[str, str]:
    """The sentences of one file as ``part.a.b`` → sentence."""
    import yaml

    path = resources.files(__name__) / lang / f"{part}.yml"
    if not path.is_file():
        raise SalesAnalysisError(f"No text file `{lang}/{part}.yml` for keys `{part}.…`.")
    flat: dict[str, str] = {}

    def walk(prefix: str, node) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                walk(f"{prefix}.{key}", value)
        else:
            flat[prefix] = str(node).strip()

    # BaseLoader keeps keys such as `on` and values such as `no` as the text they are.
    walk(part, yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader))
    return flat


@functools.cache
def _columns() -> dict[str, dict[str, str]]:
    path = resources.files(__name__) / "columns.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["column"]: row for row in csv.DictReader(file)}


def format_value(value, kind: str = "", decimals: int | None = None) -> str:
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

    Examples
    --------
    >>> format_value(0.6317, "share"), format_value(float("nan"), "share")
    ('63.2 %', '–')
    >>> format_value(-1234.5, "amount")
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
    if kind == "p":
        return f"{value:.4f}" if value >= 0.00005 else "< 0.0001"
    digits = {"count": 0, "share": 1, "amount": 0, "days": 1, "number": 2}
    if kind not in digits:
        raise SalesAnalysisError(
            f"`kind` is {kind!r}; expected one of {', '.join(digits)} or date."
        )
    places = digits[kind] if decimals is None else decimals
    number = float(value) * (100 if kind == "share" else 1)
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    shown = f"{number:,.{places}f}".replace("-", "−")
    if not any(digit in shown for digit in "123456789"):
        shown = shown.removeprefix("−")  # no "−0"
    return f"{shown} %" if kind == "share" else shown


class _Formatter(string.Formatter):
    def format_field(self, value, format_spec: str) -> str:
        one, choice, many = format_spec.partition("|")
        if choice:
            return one if value == 1 else many
        said = format_value(value, format_spec)
        return said.removesuffix(".0") if format_spec == "days" else said


_FORMATTER = _Formatter()


def sentence(key: str, lang: str = "en", /, **values) -> str:
    """The text under ``key`` in one language, with ``values`` put in.

    Examples
    --------
    >>> sentence("report.contents", "en")
    'Contents'
    """
    require_language(lang)
    texts = _part(lang, key.split(".", 1)[0])
    if key not in texts:
        raise SalesAnalysisError(
            f"No text `{key}` in `{lang}`. Nearest: {', '.join(nearest(key, texts)) or 'none'}."
        )
    try:
        return _FORMATTER.vformat(texts[key], (), values)
    except KeyError as missing:
        raise SalesAnalysisError(f"Text `{key}` needs the value {missing}.") from None


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
        return key in _part(require_language(lang), key.split(".", 1)[0])
    except SalesAnalysisError:
        return False


def word(part: str, column: str, value, lang: str = "en") -> str:
    """A value as the reader knows it: the package's own words are translated, the user's not.

    Examples
    --------
    >>> word("funnel", "outcome", "won", "zh"), word("funnel", "region", "North", "zh")
    ('赢单', 'North')
    """
    key = f"{part}.value.{column}.{value}"
    return sentence(key, lang) if has(key, lang) else str(value)


def column_label(column: str, lang: str = "en") -> str:
    """The heading of a column; one that the vocabulary does not know keeps its own name."""
    row = _columns().get(column)
    return row[require_language(lang)] if row else column


def column_kind(column: str) -> tuple[str, int | None]:
    """Unit kind and decimals of a column; ``("", None)`` where the vocabulary does not know it."""
    row = _columns().get(column)
    if not row:
        return "", None
    return row["unit"], int(row["decimals"]) if row["decimals"] else None

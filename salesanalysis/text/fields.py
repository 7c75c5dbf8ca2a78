"""The places in a sentence where values go: which values, and written how.

A field names one value, ``{x}``, a range, ``{low..high}``, a value and its interval,
``{x (low..high)}``, or a value alone with the digits that an interval supports,
``{x ~ low..high}``; each with the kind of its numbers or with the words for a number's forms.
"""

import re
import string
from collections.abc import Iterator

_INTERVAL = r"(\w+)\.\.(\w+)"
_FIELD = re.compile(rf"(\w+)|{_INTERVAL}|(\w+) \({_INTERVAL}\)|(\w+) ~ {_INTERVAL}")


def names(field: str) -> list[str]:
    """The values that a field names, in the order ``x, low, high``.

    Examples
    --------
    >>> names("x"), names("low..high"), names("x (low..high)")
    (['x'], ['low', 'high'], ['x', 'low', 'high'])
    """
    found = _FIELD.fullmatch(field)
    return [name for name in found.groups() if name] if found else [field]


def fields(sentence: str) -> Iterator[tuple[list[str], str]]:
    """Of each field the values that it names, and how they are written."""
    for _, field, spec, _ in string.Formatter().parse(sentence):
        if field:
            yield names(field), spec or ""

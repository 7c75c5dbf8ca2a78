"""Words of many languages for months, days, halves of the day and currencies, as Unicode has them.

``words.json`` is made by ``scripts/make_cldr.py`` from Unicode's Common Locale Data Repository,
under the licence beside it. It is read when the first such word is met.
"""

import functools
import json
import re
from pathlib import Path

#: A run of letters.
WORD = re.compile(r"[^\W\d_]+")


@functools.cache
def table(name: str) -> dict:
    """One of the tables of ``words.json``."""
    return _all()[name]


@functools.cache
def _all() -> dict[str, dict]:
    return json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))


@functools.cache
def months() -> dict[str, dict[str, int]]:
    """Each word for a month: language → number of the month."""
    found: dict[str, dict[str, int]] = {}
    for language, names in table("months").items():
        for number, words in enumerate(names, start=1):
            for word in words:
                found.setdefault(word, {})[language] = number
    return found


@functools.cache
def days() -> frozenset[str]:
    """All words for a day of the week."""
    return frozenset(word for words in table("days").values() for word in words)


@functools.cache
def halves() -> dict[str, str]:
    """Each word that means one half of the day in all languages that have it → am or pm."""
    found: dict[str, set[str]] = {}
    for both in table("halves").values():
        for half, words in zip(("am", "pm"), both, strict=True):
            for word in words:
                found.setdefault(word, set()).add(half)
    return {word: next(iter(half)) for word, half in found.items() if len(half) == 1}

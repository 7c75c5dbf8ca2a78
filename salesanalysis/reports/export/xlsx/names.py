"""What sheets are called."""

import re

from salesanalysis.reports.export.xlsx.look import clean

#: What Excel can hold: characters of a sheet's name.
LONGEST_NAME = 31


def sheet_names(wanted: list[str]) -> list[str]:
    """Names that Excel allows, each once: cut, without its forbidden characters, numbered.

    Examples
    --------
    >>> sheet_names(["a/b", "A?B", "history"])
    ['a b', 'A B 2', 'history 2']
    """
    taken, names = {"history"}, []  # Excel keeps that name for itself
    for name in wanted:
        plain = re.sub(r"[\[\]:*?/\\]", " ", clean(name)).strip("' ") or "sheet"
        given, number = plain[:LONGEST_NAME], 1
        while given.casefold() in taken:
            number += 1
            tail = f" {number}"
            given = plain[: LONGEST_NAME - len(tail)] + tail
        taken.add(given.casefold())
        names.append(given)
    return names

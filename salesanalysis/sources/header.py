"""Finding the header among the first rows of a file or sheet."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

#: How many rows from the top may hold the header.
SEARCHED_ROWS = 50

#: Signs that show nothing: marks of byte order and direction, joiners of words, soft hyphens.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
#: What is taken off the ends of a name; within one the last two may join letters.
_AROUND = " \t\r\n\v\f\u00a0\u3000\u200c\u200d"


def find_header(rows: list[list[str]]) -> int:
    """The position of the header: the first row that is about as full as most rows are.

    Titles above it fill one or two cells; a merged one fills its first cell only.

    Examples
    --------
    >>> find_header([["Deals of 2024", "", ""], ["", "", ""], ["id", "stage", "amount"], ["1", "won", "5"]])
    2
    """  # noqa: E501
    filled = [sum(bool(str(cell).strip()) for cell in row) for row in rows[:SEARCHED_ROWS]]
    wide = [count for count in filled if count > 1]
    if not wide:
        return next((i for i, count in enumerate(filled) if count), 0)
    usual = Counter(wide).most_common(1)[0][0]
    return next(i for i, count in enumerate(filled) if count >= max(2, 0.75 * usual))


def visible(cell) -> str:
    """What a cell of a header shows: without the blanks around it and without invisible signs.

    Files put together or copied from pages carry byte order marks, soft hyphens and signs of
    direction within their names.

    Examples
    --------
    >>> visible("\\ufeffDeal\\u200b\\u00a0ID ")
    'Deal ID'
    """
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # a year
    return _INVISIBLE.sub("", str(cell)).replace("\u00a0", " ").strip(_AROUND)


def unnamed(header: Sequence[str], positions: Iterable[int] | None = None) -> tuple[str, ...]:
    """The header with a name for each column that has none, by its position."""
    positions = range(len(header)) if positions is None else positions
    names = [visible(name) for name in header]
    return tuple(n or f"unnamed_{i + 1}" for i, n in zip(positions, names, strict=True))


def titles(rows: list[list]) -> tuple[str, ...]:
    """The rows above a header that hold anything, the cells of each joined by a blank."""
    cells = ([text for cell in row if (text := str(cell).strip())] for row in rows)
    return tuple(" ".join(filled) for filled in cells if filled)

"""Finding the header among the first rows of a file or sheet."""

from collections import Counter

#: How many rows from the top may hold the header.
SEARCHED_ROWS = 50


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


def unnamed(header: list[str]) -> tuple[str, ...]:
    """The header with a name for each column that has none."""
    names = [str(name).strip() for name in header]
    return tuple(name or f"unnamed_{i + 1}" for i, name in enumerate(names))


def titles(rows: list[list]) -> tuple[str, ...]:
    """The rows above a header that hold anything, the cells of each joined by a blank."""
    cells = ([text for cell in row if (text := str(cell).strip())] for row in rows)
    return tuple(" ".join(filled) for filled in cells if filled)

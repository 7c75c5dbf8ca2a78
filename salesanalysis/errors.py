"""The errors and warnings a user meets: one clear message each, no traceback in the shell."""

import difflib
import math
import numbers
from collections.abc import Iterable
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class SalesAnalysisError(ValueError):
    """Something the user can mend: wrong input, a wrong argument, a report that could not be made.

    The message names the argument or column in backticks and says what was expected, what came and
    what to do. The command line prints it without a traceback.
    """


class NothingToShow(SalesAnalysisError):
    """A picture without anything in it; a report leaves it out and says so."""


class SetAsideWarning(UserWarning):
    """Rows of the input were left out; the message says how many and which rule they break."""


class NoMatchWarning(UserWarning):
    """Something that was asked for is nowhere in the data; the message says what is most like it.

    What is asked may be a slip of the pen, and then a count of 0 would say something else.
    """


def nearest(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known words most like ``word``, best first, for the hint of an error message.

    Case, blanks and underscores do not count.

    Examples
    --------
    >>> nearest("Opportunity ID", ["opportunity_id", "owner_id", "amount"])
    ['opportunity_id']
    """
    plain = {k: k.casefold().replace("_", "").replace(" ", "") for k in known}
    target = word.casefold().replace("_", "").replace(" ", "")
    close = difflib.get_close_matches(target, plain.values(), n=most, cutoff=0.6)
    return [next(k for k, p in plain.items() if p == match) for match in dict.fromkeys(close)]


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """The known word most like this one, as the end of an error message; empty if none is like it.

    Examples
    --------
    >>> did_you_mean("massd", ["massed", "equal"])
    ' Did you mean `massed`?'
    """
    close = nearest(str(word), known, most=1)
    return f" Did you mean `{close[0]}`?" if close else ""


def require_choice(argument: str, value: object, choices: Iterable[object]) -> None:
    """Refuse a value that is none of the choices, naming the nearest.

    Examples
    --------
    >>> require_choice("unit", "moth", ["week", "month"])
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `unit` is 'moth'; expected one of week, month. Did you mean `month`?
    """  # noqa: E501
    choices = list(choices)
    if value not in choices:
        names = [str(choice) for choice in choices]
        raise SalesAnalysisError(
            f"`{argument}` is {value!r}; expected one of {', '.join(names)}."
            + did_you_mean(value, names)
        )


def require_columns(there: Iterable[str], names: Iterable[str], table: str = "The table") -> None:
    """Refuse a table that lacks one of the columns, naming the nearest.

    Examples
    --------
    >>> require_columns(["owner_id", "amount"], ["owner"], "`opportunities`")
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `opportunities` has no column `owner`. Nearest: owner_id. Columns: owner_id, amount.
    """  # noqa: E501
    there = [str(name) for name in there]
    missing = [name for name in names if name not in there]
    if missing:
        hints = [guess for name in missing for guess in nearest(name, there, most=1)]
        raise SalesAnalysisError(
            f"{table} has no column {', '.join(f'`{name}`' for name in missing)}."
            + (f" Nearest: {', '.join(hints)}." if hints else "")
            + f" Columns: {', '.join(there)}."
        )


def whose_column(table: "pd.DataFrame", columns: Iterable[str], name: str = "The table") -> str:
    """The first column of a table, which says whose the rows are; it must have these others too.

    Examples
    --------
    >>> import pandas as pd
    >>> whose_column(pd.DataFrame({"team": ["a"], "gap": [2.0]}), ["gap"], "`gaps`")
    'team'
    >>> whose_column(pd.DataFrame({"gap": [2.0]}), ["gap"], "`gaps`")
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: The first column of `gaps` is `gap`; expected the one that says whose each row is, such as `owner_id`.
    """  # noqa: E501
    columns = list(columns)
    require_columns(table.columns, columns, name)
    first = str(table.columns[0])
    if first in columns:
        raise SalesAnalysisError(
            f"The first column of {name} is `{first}`; expected the one that says whose each row"
            " is, such as `owner_id`."
        )
    return first


def only_row(
    table: "pd.DataFrame", columns: Iterable[str], name: str = "The table"
) -> dict[str, Any]:
    """The values of the only row of a table; it must have these columns, and no other row.

    Examples
    --------
    >>> import pandas as pd
    >>> only_row(pd.DataFrame({"team": ["a", "b"], "rate": 0.5}), ["rate"], "`win_rate`")
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `win_rate` has 2 rows; expected one, of all together.
    """
    require_columns(table.columns, columns, name)
    if len(table) != 1:
        raise SalesAnalysisError(f"{name} has {len(table)} rows; expected one, of all together.")
    return table.iloc[0].to_dict()


def require_one_currency(
    found: Iterable[str], argument: str, *, expected: str | None = None
) -> None:
    """Refuse amounts in more than one currency, or in another than the expected one.

    Examples
    --------
    >>> require_one_currency(["EUR", "USD"], "bookings")
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `currency` of `bookings` holds EUR, USD; expected one currency, since amounts of several cannot be added up. Convert them, or take the rows of one.
    """  # noqa: E501
    found = sorted(found)
    if set(found) <= {expected or next(iter(found), "")}:
        return
    wanted = f"{expected} alone as the plan says" if expected else "one currency"
    shown = ", ".join(found[:5]) + (" …" if len(found) > 5 else "")
    raise SalesAnalysisError(
        f"`currency` of `{argument}` holds {shown}; expected {wanted}, since amounts of"
        " several cannot be added up. Convert them, or take the rows of one."
    )


def require_number(
    name: str,
    value: Any,
    *,
    low: float | None = None,
    high: float | None = None,
    over: float | None = None,
    under: float | None = None,
    whole: bool = False,
) -> Any:
    """The value itself where it is a number within its limits, else an error that says these.

    Parameters
    ----------
    name : str
        Of the argument.
    value
        What came; text, flags, missing and infinite values are no numbers.
    low, high : number, optional
        The least and the greatest that it may be.
    over, under : number, optional
        What it must be over, and under.
    whole : bool
        Whether it must be a whole number.

    Examples
    --------
    >>> require_number("share", 0.2, low=0, high=1)
    0.2
    >>> require_number("share", 1.2, low=0, high=1)
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `share` is 1.2; expected a number from 0 to 1.
    >>> require_number("draws", 0, low=1, whole=True)
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `draws` is 0; expected a whole number, 1 or more.
    >>> require_number("at", 1, over=0, under=1)
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `at` is 1; expected a number over 0 and under 1.
    """
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    fits = is_number and math.isfinite(value) and not (whole and value != int(value))
    fits = fits and all(
        limit is None or holds(value, limit)
        for limit, holds in ((low, ge), (high, le), (over, gt), (under, lt))
    )
    if not fits:
        raise SalesAnalysisError(
            f"`{name}` is {value!r}; expected a {'whole ' * whole}number"
            f"{_limits(low, high, over, under)}."
        )
    return int(value) if whole else value


def _limits(low, high, over, under) -> str:
    """The limits of a number, as the end of an error message."""
    if low is not None and high is not None:
        return f" from {low:,} to {high:,}"
    if low is not None and over is None and under is None:
        return f", {low:,} or more"
    said = {"over": over, "under": under, "at least": low, "at most": high}
    limits = [f"{word} {limit:,}" for word, limit in said.items() if limit is not None]
    return " " + " and ".join(limits) if limits else ""

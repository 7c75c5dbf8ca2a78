"""Exact money: whole minor units (cents, fen), rounded by a stated rule, split to the cent."""

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError

#: A number as it may be written, also as ``"3.5%"``.
Number = int | float | Fraction | Decimal | str

Name = TypeVar("Name")

#: How a fraction of a unit is rounded; ``half_up`` and ``half_down`` treat both signs alike.
ROUNDINGS = ("half_up", "half_even", "half_down", "down", "up")

#: Products of whole numbers stay below this, else Python's unbounded ones take over.
LARGEST = 2**62

#: So many characters has the longest number that is read from a text.
_LONGEST = 60

#: A value may lie this far, in minor units, from a whole number of them: the noise of floats.
_NOISE = 1e-3

#: Currencies whose minor unit is not a hundredth.
_MINOR_UNITS = {
    **dict.fromkeys("JPY KRW VND CLP ISK PYG UGX XAF XOF XPF".split(), Fraction(1)),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), Fraction(1, 1000)),
}


def minor_unit_of(currency: str | None) -> Fraction:
    """The smallest amount of a currency: a hundredth, unless it is known to be another.

    Examples
    --------
    >>> minor_unit_of("CNY"), minor_unit_of("JPY")
    (Fraction(1, 100), Fraction(1, 1))
    """
    return _MINOR_UNITS.get(currency or "", Fraction(1, 100))


def decimals_of(unit: Fraction) -> int:
    """How many digits after the point an amount in whole ``unit`` has."""
    return next((digits for digits in range(9) if (unit * 10**digits).denominator == 1), 9)


def added_up_to(parts: Mapping[Name, Fraction], total: int) -> dict[Name, int]:
    """Parts rounded down to whole units; those left of the total go to the largest remainders.

    Examples
    --------
    >>> added_up_to({"a": Fraction(5, 2), "b": Fraction(-5, 3)}, 1)
    {'a': 3, 'b': -2}
    """
    whole = {name: math.floor(part) for name, part in parts.items()}
    order = sorted(whole, key=lambda name: whole[name] - parts[name])
    for name in order[: total - sum(whole.values())]:
        whole[name] += 1
    return whole


def exact(value: Number) -> Fraction:
    """A number as the fraction that its text says: ``0.1`` is a tenth, ``"3.5%"`` is 0.035.

    Raises
    ------
    ValueError
        It is not a finite number.

    Examples
    --------
    >>> exact(0.1), exact("3.5%"), exact("1,000,000")
    (Fraction(1, 10), Fraction(7, 200), Fraction(1000000, 1))
    """
    if isinstance(value, bool) or value is None:
        raise ValueError(f"{value!r} is not a number")
    if isinstance(value, Fraction | int | Decimal):
        return Fraction(value)
    if isinstance(value, np.integer):
        return Fraction(int(value))
    if isinstance(value, float | np.floating):
        return Fraction(repr(float(value)))
    text = str(value).strip().replace(",", "").replace("_", "").replace("％", "%")
    number, share = (text[:-1].strip(), 100) if text.endswith("%") else (text, 1)
    # Python would write out all digits of 1e999999999, one by one.
    exponent = number.lower().partition("e")[2].strip("+-") or "0"
    if len(number) > _LONGEST or int(exponent) > _LONGEST:
        raise ValueError(f"{number[:20]} … is too long for a number")
    return Fraction(number) / share


def to_minor(values, unit: Fraction, name: str, *, first: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Money as whole minor units (int64), and which values are missing (those are 0).

    A value that is not a whole number of minor units is refused: to round it here would hide that
    sums were rounded elsewhere, or that the unit is wrong. ``first`` is the number of the first
    row, for that message.
    """
    given = np.asarray(values)
    if given.dtype.kind in "iu" and unit.numerator == 1:
        largest = max(abs(int(given.max())), abs(int(given.min()))) if given.size else 0
        _refuse_beyond(largest * unit.denominator, name)
        return given.astype(np.int64) * unit.denominator, np.zeros(given.shape, dtype=bool)
    if given.dtype.kind not in "iufb":
        return _objects_to_minor(given, unit, name)
    scaled = given.astype(np.float64) * unit.denominator / unit.numerator
    whole = np.rint(scaled)
    # One pass tells of all values at once; a missing or infinite one makes the sum missing too.
    with np.errstate(invalid="ignore"):
        off = np.abs(scaled - whole)
    worst = off.max(initial=0.0)
    if not worst <= _NOISE:
        missing = np.isnan(scaled)
        worst = off[~missing].max(initial=0.0) if not np.isinf(scaled).any() else np.inf
    else:
        missing = np.zeros(scaled.shape, dtype=bool)
    if not worst <= _NOISE:
        bad = np.flatnonzero(~missing & ~(off <= _NOISE))
        raise SalesAnalysisError(
            f"`{name}` holds amounts that are not whole minor units of {_decimal(unit)}: "
            + ", ".join(f"{given.ravel()[at]} (row {first + at})" for at in bad[:5])
            + f"; {len(bad)} in all. Round them, or give the plan a smaller `minor_unit`."
        )
    whole = np.where(missing, 0.0, whole) if missing.any() else whole
    _refuse_beyond(np.abs(whole).max(initial=0.0), name)
    return whole.astype(np.int64), missing


def _objects_to_minor(given, unit, name) -> tuple[np.ndarray, np.ndarray]:
    """Decimals, fractions, nullable numbers: one by one, without floats between."""
    values = given.ravel().tolist()
    missing = np.array([v is None or str(v) in ("nan", "NaN", "<NA>") for v in values], dtype=bool)
    scaled = [
        Fraction(0) if gone else _amount(value, name) / unit
        for value, gone in zip(values, missing, strict=True)
    ]
    bad = [
        str(value)
        for value, minor in zip(values, scaled, strict=True)
        if abs(minor - round(minor)) > _NOISE
    ]
    if bad:
        raise SalesAnalysisError(
            f"`{name}` holds amounts that are not whole minor units of {_decimal(unit)}: "
            f"{', '.join(bad[:5])}. Round them, or give the plan a smaller `minor_unit`."
        )
    _refuse_beyond(max((abs(round(at)) for at in scaled), default=0), name)
    whole = np.array([round(at) for at in scaled], dtype=np.int64)
    return whole.reshape(given.shape), missing.reshape(given.shape)


def _amount(value, name: str) -> Fraction:
    try:
        return exact(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise SalesAnalysisError(f"`{name}` holds {value!r}; expected an amount.") from None


def _refuse_beyond(largest, name: str) -> None:
    # Floats hold whole numbers exactly up to here; money beyond is a fault in the data.
    if largest > 2**53:
        raise SalesAnalysisError(
            f"`{name}` holds an amount of {float(largest):.3g} minor units, more than can be held"
            " exactly (9.0e15). Check the unit of the column."
        )


def whole_parts(shares: pd.Series, *, missing: int) -> tuple[np.ndarray, int]:
    """Shares of 0 to 1 as whole numbers, and what they are parts of.

    Examples
    --------
    >>> whole_parts(pd.Series([0.5, "2/3", None]), missing=1)
    (array([3, 4, 6], dtype=object), 6)
    """
    places, given = pd.factorize(shares.astype(object).fillna(missing))
    try:
        exactly = [exact(share) for share in given]
    except (ValueError, ZeroDivisionError):
        exactly = [Fraction(-1)]
    if not all(0 <= share <= 1 for share in exactly):
        raise SalesAnalysisError(
            f"`{shares.name}` holds {', '.join(map(str, given[:5]))}; expected shares of 0 to 1."
        )
    whole = math.lcm(*(share.denominator for share in exactly))
    return np.array([int(share * whole) for share in exactly], dtype=object)[places], whole


def from_minor(minor, unit: Fraction) -> np.ndarray:
    """Minor units as money: the floats nearest to the exact amounts."""
    return np.asarray(minor, dtype=np.float64) * unit.numerator / unit.denominator


def rounded(numerator, denominator, method: str) -> np.ndarray:
    """``numerator / denominator`` (positive) as whole numbers, exactly, by the stated rule.

    Examples
    --------
    >>> import numpy as np
    >>> rounded(np.array([25, 35, -25]), 10, "half_up"), rounded(np.array([25, 35]), 10, "half_even")
    (array([ 3,  4, -3]), array([2, 4]))
    """  # noqa: E501
    if method == "half_up" and (numerator.size == 0 or numerator.min() >= 0):
        return (2 * numerator + denominator) // (2 * denominator)
    size = abs(numerator)
    whole = size // denominator
    rest = 2 * (size - whole * denominator)
    if method == "half_up":
        more = rest >= denominator
    elif method == "half_down":
        more = rest > denominator
    elif method == "half_even":
        more = (rest > denominator) | ((rest == denominator) & (whole % 2 == 1))
    elif method == "up":
        more = rest > 0
    else:
        more = np.zeros(numerator.shape, dtype=bool)
    whole = whole + np.where(more, 1, 0)
    return np.where(numerator < 0, -whole, whole)


def _decimal(unit: Fraction) -> str:
    return f"{float(unit):g}"

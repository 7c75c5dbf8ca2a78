"""A whole number in whole parts."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from salesanalysis.errors import SalesAnalysisError

#: Shares of one thing add up to 1 where their sum is as near to it as this.
ADDS_UP_WITHIN = 1e-9


def largest_remainder(total: int, weights: Sequence[float | Fraction | Decimal]) -> list[int]:
    """A whole number split by weights into whole parts that add up to it exactly.

    Each part is its share rounded down (towards zero), and what is left goes one by one to the
    largest remainders; of equal ones the first is served first.

    Parameters
    ----------
    total : int
    weights : sequence of number
        Exact: 0.1 is a tenth. None below 0, and not all 0.

    Raises
    ------
    SalesAnalysisError
        A weight is negative or no number, or there is nothing to split by.

    References
    ----------
    Balinski, M. L., Young, H. P. (2001), Fair Representation, 2nd ed. (Hamilton's method).

    Examples
    --------
    >>> largest_remainder(100, [1, 1, 1])
    [34, 33, 33]
    """
    try:
        exact = [Fraction(str(weight)) for weight in weights]
    except ValueError:
        raise SalesAnalysisError(f"`weights` is {weights!r}; expected numbers.") from None
    if min(exact, default=0) < 0 or sum(exact) <= 0:
        raise SalesAnalysisError(f"`weights` is {weights!r}; expected none below 0, and not all 0.")
    whole, sign = sum(exact), -1 if total < 0 else 1
    shares = [abs(total) * weight / whole for weight in exact]
    parts = [int(share) for share in shares]
    order = sorted(range(len(parts)), key=lambda at: (parts[at] - shares[at], at))
    for at in order[: abs(total) - sum(parts)]:
        parts[at] += 1
    return [sign * part for part in parts]

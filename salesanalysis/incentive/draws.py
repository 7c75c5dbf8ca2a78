"""Draws against commission: what is advanced, what is repaid, what is still owed."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.incentive.money import Number, from_minor, minor_unit_of, to_minor
from salesanalysis.incentive.period_order import places
from salesanalysis.periods import PLAIN, Calendar


def draw_balance(
    earnings: pd.DataFrame,
    *,
    draw: Number | None = None,
    recoverable: bool = True,
    currency: str | None = None,
    calendar: Calendar = PLAIN,
) -> pd.DataFrame:
    """What is paid under a draw, period by period, and the debt that it leaves.

    A draw is the least that a period pays. A recoverable one is an advance: what it exceeds the
    earnings by is a debt, repaid from what later periods earn over their draw. Negative earnings
    add to the debt as well.

    Parameters
    ----------
    earnings : DataFrame, one row per payee × period
        ``payee_id, period, earned`` in money, and ``draw`` where it differs by row. Without
        ``payee_id`` all rows are of one payee; periods whose names tell no order are in the order
        of the table, and so are those of a table without ``period``.
    draw : number, optional
        The same for every row; not needed where there is a column.
    recoverable : bool
    currency : str, optional
        Its minor unit counts; a hundredth without.
    calendar : salesanalysis.periods.Calendar
        The company's.

    Returns
    -------
    DataFrame
        What was there, in the order of the rows given; ``draw, advance, repaid, payout`` (= earned
        + advance − repaid) and ``debt`` at the end of the period.

    Raises
    ------
    SalesAnalysisError
        No draw is given, or one is negative.

    References
    ----------
    Siebel Incentive Compensation Administration Guide (Oracle), table of recoverable draws.

    Examples
    --------
    >>> earnings = pd.DataFrame({"earned": [2750, 3000, 1500, 2375, 3000, 2750]})
    >>> draw_balance(earnings, draw=2000)[["earned", "payout", "debt"]].T
                 0       1       2       3       4       5
    earned  2750.0  3000.0  1500.0  2375.0  3000.0  2750.0
    payout  2750.0  3000.0  2000.0  2000.0  2875.0  2750.0
    debt       0.0     0.0   500.0   125.0     0.0     0.0
    """
    require_columns(earnings.columns, ["earned"], "`earnings`")
    if draw is None and "draw" not in earnings.columns:
        raise SalesAnalysisError("`draw` is neither given nor a column of `earnings`.")
    unit = minor_unit_of(currency)
    draws = earnings["draw"] if "draw" in earnings.columns else [draw] * len(earnings)
    guaranteed, _ = to_minor(np.asarray(draws, dtype=float), unit, "draw")
    if (guaranteed < 0).any():
        raise SalesAnalysisError("`draw` holds a negative amount.")
    earned, _ = to_minor(earnings["earned"].to_numpy(float), unit, "earned")
    payee = np.zeros(len(earnings), dtype=np.int64)
    if "payee_id" in earnings.columns:
        payee = pd.factorize(earnings["payee_id"])[0]
    at = np.arange(len(earnings), dtype=float)
    if "period" in earnings.columns:
        place = places(earnings["period"], calendar, needed=False)["at"]
        at = place.to_numpy(float) if place.notna().all() else at
    order = np.lexsort((at, payee))
    advance, repaid, debt = settle(earned[order], guaranteed[order], payee[order], recoverable)
    paid = {"advance": advance, "repaid": repaid, "payout": earned[order] + advance - repaid}
    back = np.argsort(order, kind="stable")
    table = earnings.assign(draw=from_minor(guaranteed, unit))
    for name, minor in (paid | {"debt": debt}).items():
        table[name] = from_minor(minor[back], unit)
    return table.reset_index(drop=True)


def settle(earned, guaranteed, payee, recoverable: bool):
    """Advanced, repaid and owed, row by row; rows of a payee stand together in order of time."""
    if not recoverable:
        none = np.zeros(len(earned), dtype=np.int64)
        return np.maximum(guaranteed - earned, 0), none, none
    # A debt grows by what was advanced and shrinks by what was earned beyond the draw.
    debt, earlier = balance(guaranteed - earned, payee)
    return np.maximum(debt - earlier, 0), np.maximum(earlier - debt, 0), debt


def balance(change, payee) -> tuple[np.ndarray, np.ndarray]:
    """What is left after each row and before it, where it changes so but never falls below zero.

    That is the running total less the lowest point that this has had.
    """
    running = pd.Series(change).groupby(payee).cumsum()
    left = running - running.groupby(payee).cummin().clip(upper=0)
    return left.to_numpy(), left.groupby(payee).shift(1, fill_value=0).to_numpy()

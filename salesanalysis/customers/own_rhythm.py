"""Whether a customer has been silent for longer than its own rhythm explains."""

import numpy as np
import pandas as pd

from salesanalysis.customers.purchasing import RHYTHM, times_of
from salesanalysis.errors import require_columns
from salesanalysis.periods import moments

#: A false alarm in so many years of a customer who goes on as before is put up with.
FALSE_PER_YEAR = 0.1
#: From fewer pairs of gaps no regularity is told: purchases come at any moment.
_LEAST_PAIRS = 30
_SHAPES = (0.2, 50.0)
_YEAR = 365.0

_FOUND = ["account_id", "repeats", "last_purchase_at", "silent_days", "usual_days", "p_value"]
_FOUND += ["false_per_year", "silent", "is_new"]


def shape_of(rhythm: pd.DataFrame) -> float:
    """How regularly the customers buy: 1 at any moment, more the more like clockwork.

    From pairs of neighbouring gaps of one customer, so that customers may differ in their rates.

    Parameters
    ----------
    rhythm : DataFrame
        As from :func:`salesanalysis.reduce.customers.rhythm`: ``gap_pairs, gap_unevenness``.

    References
    ----------
    Wheat, R. D., Morrison, D. G. (1990), Journal of Marketing Research 27, 87–93.

    Examples
    --------
    >>> shape_of(pd.DataFrame({"gap_pairs": [400], "gap_unevenness": [100 / 9]}))
    4.0
    """
    require_columns(rhythm.columns, ["gap_pairs", "gap_unevenness"], "`rhythm`")
    pairs, uneven = rhythm["gap_pairs"].sum(), np.sort(rhythm["gap_unevenness"]).sum()
    if pairs < _LEAST_PAIRS:
        return 1.0
    spread = uneven / pairs
    return float(np.clip((1 - 4 * spread) / max(8 * spread, 1e-9), *_SHAPES).round(9))


def silence(
    rhythm: pd.DataFrame,
    *,
    season: pd.DataFrame | None = None,
    false_per_year: float = FALSE_PER_YEAR,
    days_since_report: int = 7,
) -> pd.DataFrame:
    """How unusual it is that each customer has been silent for so long.

    The p value is the chance of so long a silence if the customer goes on as before: exact for gaps
    with the regularity of :func:`shape_of` and a rate that is known by the customer's own gaps only
    (an F test). Who buys often is tested often, so alarms are counted by the year: p times the
    purchases of a year.

    Parameters
    ----------
    rhythm : DataFrame, one row per customer
        As from :func:`salesanalysis.reduce.customers.rhythm`.
    season : DataFrame, optional
        As from :func:`season`: then days count by what they usually bring, so a silence in months
        in which little is bought is shorter.
    false_per_year : float
        So many false alarms in a year of a customer are put up with.
    days_since_report : int
        How long ago the report before was: what was not silent then is new.

    Returns
    -------
    DataFrame, one row per customer, in the order of the rows given
        ``account_id, repeats, last_purchase_at, silent_days``, ``usual_days`` (mean gap),
        ``p_value, false_per_year, silent, is_new``. Of who bought once nothing is told.

    Raises
    ------
    SalesAnalysisError
        A row contradicts itself, such as repeats on the day of the first purchase.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-01", "2025-01-01"])
    >>> rhythm = pd.DataFrame({
    ...     "account_id": ["A", "B"], "repeats": 9, "watched_days": [95.0, 180.0],
    ...     "first_purchase_at": days, "last_purchase_at": days + pd.Timedelta(days=90),
    ...     "first_to_last_days": 90.0, "gap_pairs": 0, "gap_unevenness": 0.0})
    >>> silence(rhythm)[["account_id", "silent_days", "usual_days", "p_value", "silent"]].round(4)
      account_id  silent_days  usual_days  p_value  silent
    0          A          5.0        10.0   0.6147   False
    1          B         90.0        10.0   0.0020    True
    """
    from scipy.special import betainc

    require_columns(rhythm.columns, [*RHYTHM, "first_purchase_at", "last_purchase_at"], "`rhythm`")
    x, tx, T = times_of(rhythm)
    shape = shape_of(rhythm)
    again = x > 0
    usual = np.where(again, tx, np.nan) / np.where(again, x, 1)
    of_year = _YEAR / usual

    def p_of(back: int) -> np.ndarray:
        """The chance of the silence as it was so many days before."""
        bought, watched = _on_clock(rhythm, season, tx, np.maximum(T - back, tx))
        share = bought / np.where(again, watched, 1)
        return np.where(again, betainc(shape * np.where(again, x, 1), shape, share), np.nan)

    p, before = p_of(0), p_of(days_since_report)
    found = rhythm[["account_id", "repeats", "last_purchase_at"]].assign(
        silent_days=T - tx,
        usual_days=usual,
        p_value=p,
        false_per_year=p * of_year,
        silent=p * of_year <= false_per_year,
    )
    found["is_new"] = found["silent"] & ~(before * of_year <= false_per_year)
    return found[_FOUND]


def _on_clock(rhythm: pd.DataFrame, season: pd.DataFrame | None, tx, T):
    """Days from the first purchase to the last and to the end, by what days usually bring."""
    if season is None or not len(rhythm):
        return tx, T
    require_columns(season.columns, ["month", "month_factor"], "`season`")
    factor = season.set_index("month")["month_factor"].reindex(range(1, 13)).fillna(1.0).to_numpy()
    first = moments(rhythm["first_purchase_at"]).dt.normalize()
    days = pd.date_range(first.min(), periods=int(_reach(first, T)) + 2)
    clock = np.r_[0.0, np.cumsum(factor[days.month - 1])]
    start = ((first - days[0]) / pd.Timedelta(days=1)).to_numpy(int)
    return (clock[start + each.astype(int)] - clock[start] for each in (tx, T))


def _reach(first: pd.Series, T: np.ndarray) -> float:
    """Days from the first purchase of all to the end."""
    return float((((first - first.min()) / pd.Timedelta(days=1)).to_numpy() + T).max())

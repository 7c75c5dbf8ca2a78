"""How the year goes: in which months the customers usually buy more or less."""

import numpy as np
import pandas as pd

from salesanalysis.known import KnownCustomers, frame_of

#: Of less than two rounds of the year nothing can be told from growth.
LEAST_MONTHS = 24


def season(known: KnownCustomers) -> pd.DataFrame:
    """How many purchases each month of the year usually brings, beside a usual month.

    Of whole months: each is held against the mean of the year around it, so growth is no season,
    and drawn to "no season" as far as what is seen could be chance.

    Parameters
    ----------
    known : KnownCustomers
        Its ``months``.

    Returns
    -------
    DataFrame, one row per month of the year
        ``month`` (1 is January), ``month_factor`` (1 is usual; their mean is 1), ``times_seen``
        (how often the month was). Of less than two years every factor is 1, ``times_seen`` 0.

    Examples
    --------
    >>> months = pd.period_range("2022-01", "2024-12", freq="M").astype(str)
    >>> sales = pd.DataFrame({"account_id": "A", "period": months, "amount": 1.0,
    ...                       "purchases": [900, *[300] * 11] * 3})
    >>> season(KnownCustomers(as_of="2024-12-31", months=sales)).head(2).round(2)
       month  month_factor  times_seen
    0      1          2.56           2
    1      2          0.86           2
    """
    sales = frame_of(known, "months", ["period", "purchases"])
    calendar = known.calendar
    bounds = {name: calendar.bounds_of(name) for name in sales["period"].unique()}
    over = [name for name, (_, end) in bounds.items() if end <= known.as_of + pd.Timedelta(1, "s")]
    number = {name: calendar.place_of(name)[1] for name in over}
    counts = sales["purchases"].groupby(sales["period"].map(number)).sum()
    factor, seen = np.ones(12), np.zeros(12, int)
    if len(counts):
        # The month in which the data begin may not be whole.
        whole = counts.reindex(range(int(counts.index.min()) + 1, int(counts.index.max()) + 1))
        of_year = {number[name]: _month(*bounds[name]) for name in over}
        first = next((of_year[at] for at in whole.index if at in of_year), 1)
        place = (first - 1 + np.arange(len(whole))) % 12
        if len(whole) >= LEAST_MONTHS:
            factor, seen = _factors(whole.fillna(0).to_numpy(float), place)
    return pd.DataFrame({"month": range(1, 13), "month_factor": factor, "times_seen": seen})


def _month(start: pd.Timestamp, end: pd.Timestamp) -> int:
    """The month of the year that most of a period lies in."""
    return (start + (end - start) / 2).month


def _factors(counts: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each month of the year brings beside the year around it, and how often it was seen."""
    around = np.convolve(counts, np.r_[0.5, np.ones(11), 0.5] / 12, mode="valid")
    inner, place = counts[6 : 6 + len(around)], place[6 : 6 + len(around)]
    ratio = np.divide(inner, around, out=np.ones(len(inner)), where=around > 0)
    seen = np.bincount(place, minlength=12)
    raw = np.bincount(place, weights=ratio, minlength=12) / np.maximum(seen, 1)
    raw[seen == 0] = 1.0
    raw = raw / raw.mean()
    chance = 1 / max(counts.mean() * max(seen.mean(), 1), 1)  # of counts that only chance decides
    spread = ((raw - 1) ** 2).sum()
    kept = max(0.0, 1 - 9 * chance / spread) if spread > 0 else 0.0
    return 1 + kept * (raw - 1), seen

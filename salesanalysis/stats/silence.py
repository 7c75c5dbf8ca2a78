"""Whether a record has fallen silent: nothing for far longer than ever in the year before."""

import pandas as pd

#: Days without any event after which the day of a report is doubtful, and how many times longer
#: than the longest silence of the year before they must be.
SILENT_DAYS, TIMES_LONGER = 7, 2.0
#: From fewer days with an event nothing is told.
_LEAST_DAYS = 10


def fallen_silent(days: pd.Series, today: pd.Timestamp) -> bool | None:
    """Whether the events of a record end too long before a day to be all that happened.

    Parameters
    ----------
    days : Series of datetime
        The days on which something happened, up to ``today``, in any order.
    today : Timestamp

    Returns
    -------
    bool or None
        None where too few days have an event to know what is usual.

    Examples
    --------
    >>> days = pd.Series(pd.date_range("2025-01-01", "2025-10-01", freq="3D"))
    >>> fallen_silent(days, pd.Timestamp("2025-10-05")), fallen_silent(days, pd.Timestamp("2025-11-15"))
    (False, True)
    """  # noqa: E501
    days = days.dropna().drop_duplicates().sort_values()
    year = days[days > days.max() - pd.Timedelta(days=365)]
    if len(year) < _LEAST_DAYS:
        return None
    silent, longest = (today.normalize() - year.max()).days, year.diff().dt.days.max()
    return silent > max(SILENT_DAYS, TIMES_LONGER * longest)

"""Prorated quotas: the share of its period that a payee was on the plan."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.incentive.period_order import place_of
from salesanalysis.periods import MONTHS, PLAIN, Calendar, moments


def active_share(attainment: pd.DataFrame, *, calendar: Calendar = PLAIN) -> pd.Series:
    """The share of each period's days on which the payee was on the plan, for prorated quotas.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        ``period`` (such as 2025-Q1), ``started_at`` and ``ended_at`` (first and last day on the
        plan; missing: since ever, until now), one of the two at least.
    calendar : salesanalysis.periods.Calendar
        The company's.

    Returns
    -------
    Series
        0–1, on the index of ``attainment``, in the order of the rows given;
        :func:`salesanalysis.incentive.payout` takes it as the column ``active_share``.

    Raises
    ------
    SalesAnalysisError
        Neither day is there, or the days of a period are not known by its name.

    Examples
    --------
    >>> rows = pd.DataFrame({"period": ["2025-Q1", "2025-Q2"],
    ...                      "started_at": pd.to_datetime(["2025-03-01", "2025-03-01"])})
    >>> active_share(rows).round(4).tolist()
    [0.3444, 1.0]
    """
    require_columns(attainment.columns, ["period"], "`attainment`")
    if not {"started_at", "ended_at"} & set(attainment.columns):
        raise SalesAnalysisError("`attainment` has neither `started_at` nor `ended_at`.")
    index, attainment = attainment.index, attainment.reset_index(drop=True)
    ends = {period: days_of(period, calendar) for period in attainment["period"].unique()}
    first, after = (
        pd.to_datetime(pd.Series([ends[p][end] for p in attainment["period"]])) for end in (0, 1)
    )
    start, end = first, after
    if "started_at" in attainment.columns:
        days = moments(attainment["started_at"]).dt.normalize()
        start = days.where(days > first, first)
    if "ended_at" in attainment.columns:
        days = moments(attainment["ended_at"]).dt.normalize() + pd.Timedelta(days=1)
        end = days.where(days < after, after)
    there = np.maximum((end - start).dt.days, 0)
    return (there / (after - first).dt.days).set_axis(index)


def days_of(period, calendar: Calendar) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first day of a period, and of the one after it."""
    place = place_of(period, calendar)
    if place is None or place.length not in MONTHS:
        raise SalesAnalysisError(
            f"`period` holds {period!r}; expected months, quarters, halves or years, such as"
            " 2025-Q1: the days of others are not known."
        )
    if calendar.is_named(period):
        return calendar.bounds_of(period)
    after = int(place.at) + MONTHS[place.length]
    return tuple(
        pd.Timestamp(year=at // 12, month=at % 12 + 1, day=1) for at in (int(place.at), after)
    )

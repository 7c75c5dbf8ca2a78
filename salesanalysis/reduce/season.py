"""How a company's years fill: what share of a longer period its shorter ones bring."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salesanalysis.columns import PIPELINE, WON
from salesanalysis.known import KnownFunnel, KnownPipeline
from salesanalysis.periods import PLAIN, Calendar

#: From fewer whole years no season is read: a share of one year is what happened to be in it.
_LEAST_YEARS = 2
#: A company's first year may begin some days in.
_BEGINS_LATE = pd.Timedelta(days=31)


@dataclass(frozen=True, eq=False)
class Season:
    """How a company's years fill, to spread a target of a longer period.

    Attributes
    ----------
    calendar : salesanalysis.periods.Calendar
    sold : DataFrame, one row per deal won or booking, or sums of them
        ``at, amount``, and ``stream`` where known. Without rows every day counts alike.
    as_of : Timestamp or None
        Up to when ``sold`` is known; years that were not over then do not count.
    """

    calendar: Calendar = PLAIN
    sold: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"at": [], "amount": []}))
    as_of: pd.Timestamp | None = None

    def parts_of(self, period: str, unit: str) -> list[str]:
        """The names of the periods of a shorter unit that make up a period."""
        start, end = self.calendar.bounds_of(period)
        names = [self.calendar.label_of(start, unit)]
        while (after := self.calendar.bounds_of(names[-1])[1]) < end:
            names.append(self.calendar.label_of(after, unit))
        return names

    def shares(self, parts: Sequence[str], stream: object = None) -> tuple[np.ndarray, int]:
        """What share of their sum each part brought in past years, and of how many that is told.

        Where fewer than two whole years are known, or one brought nothing in these parts, every
        day counts alike, and the number of years is 0.
        """
        sold = self.sold
        if "stream" in sold and not pd.isna(stream):
            sold = sold[sold["stream"] == stream]
        bounds = [self.calendar.bounds_of(part) for part in parts]
        years, at = [], pd.to_datetime(sold["at"])
        while len(sold):
            bounds = [(self._year_before(start), self._year_before(end)) for start, end in bounds]
            first = self.calendar.bounds_of(self.calendar.label_of(bounds[0][0], "year"))[0]
            if first < at.min() - _BEGINS_LATE:
                break
            if self.as_of is not None and bounds[-1][1] <= self.as_of + pd.Timedelta(seconds=1):
                inside = [(at >= start) & (at < end) for start, end in bounds]
                years.append([float(sold.loc[own, "amount"].sum()) for own in inside])
        brought = np.array([year for year in years if sum(year) > 0]).reshape(-1, len(parts))
        if len(brought) >= _LEAST_YEARS and len(brought) == len(years):
            return (brought / brought.sum(axis=1, keepdims=True)).mean(axis=0), len(brought)
        days = [self.calendar.bounds_of(part) for part in parts]
        length = np.array([(end - start).days for start, end in days], dtype=float)
        return length / length.sum(), 0

    def _year_before(self, moment: pd.Timestamp) -> pd.Timestamp:
        """The same place in the year before: so many days, or so many months, after its start."""
        start, _ = self.calendar.bounds_of(self.calendar.label_of(moment, "year"))
        day = start - pd.Timedelta(days=1)
        before, _ = self.calendar.bounds_of(self.calendar.label_of(day, "year"))
        if self.calendar.weeks:
            return before + (moment - start)
        return moment - pd.DateOffset(years=1)


def season_of(known: KnownFunnel | KnownPipeline) -> Season:
    """How a company's years fill, by the deals that it won.

    Parameters
    ----------
    known : KnownFunnel or KnownPipeline
        Its ``deals``: ``outcome, closed_at, amount``; its day and calendar.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won"], "closed_at": pd.to_datetime(["2025-02-03"]),
    ...                       "amount": [5.0]})
    >>> season_of(KnownPipeline(as_of="2025-06-30", deals=deals)).sold["stream"].tolist()
    ['pipeline']
    """
    sold = pd.DataFrame({"at": pd.to_datetime([]), "amount": [], "stream": []})
    if {"closed_at", "amount"} <= set(known.deals):
        won = known.deals[known.deals["outcome"] == WON].dropna(subset=["closed_at", "amount"])
        sold = won.rename(columns={"closed_at": "at"})[["at", "amount"]].assign(stream=PIPELINE)
    return Season(known.calendar, sold, known.as_of)

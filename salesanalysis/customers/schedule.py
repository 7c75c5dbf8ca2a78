"""Which customers are behind what they were to buy by now, and where they will end."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.known import KnownCustomers, frame_of
from salesanalysis.periods import Calendar
from salesanalysis.stats import require_level

#: So many earlier years teach how a year goes.
MOST_YEARS = 4
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
#: How much the level of the years before counts beside that of this year so far, and how much
#: the customer's own course beside that of all: what told most of the earlier years is taken.
_LEVEL, _OWN = (0.25, 0.5, 1.0, 2.0), (0.0, 0.1, 0.25, 0.5)
_UNTESTED = (1.0, 0.0)
#: From fewer customers of earlier years no limits are told.
LEAST_TESTED = 20
#: The level of a year counts half as much a year later.
_FADES = 0.5

_GAPS = ["account_id", "period", "target", "actual", "expected_now", "expected_low"]
_GAPS += ["expected_high", "gap_now", "end_amount", "end_low", "end_high", "target_chance"]
_GAPS += ["behind", "years_tested"]


@dataclass(frozen=True, eq=False)
class _Course:
    """What customers bought in the same months of some years, the latest last.

    ``months`` is years × customers × months, ``over`` how much of each month is over by now;
    ``usual`` is the share of a year that is, if it is known from elsewhere.
    """

    months: np.ndarray
    over: np.ndarray
    usual: float | None = None

    def before(self, year: int) -> "_Course":
        """The years before one of them."""
        return _Course(self.months[:year], self.over, self.usual)

    def whole(self) -> np.ndarray:
        """What each customer bought in each year."""
        return self.months.sum(axis=2)

    def begun(self) -> np.ndarray:
        """What each customer had bought by now in each year."""
        return self.months @ self.over

    def of_all(self) -> float:
        """The share of a year that is over by now; missing without a year in which one bought."""
        if self.usual is not None:
            return self.usual
        total = self.months.sum()
        return float(self.begun().sum() / total) if total > 0 else np.nan

    def shares(self, own: float) -> np.ndarray:
        """The same of each customer: that of all, with ``own`` parts of its own years."""
        whole, of_all = self.whole().sum(axis=0), self.of_all()
        of_it = np.full(len(whole), of_all)
        np.divide(self.begun().sum(axis=0), whole, out=of_it, where=whole > 0)
        return ((1 - own) * of_all + own * of_it).clip(0, 1)

    def ends(self, now: np.ndarray, shares: np.ndarray, counts: float) -> np.ndarray:
        """Where each customer will end after ``now``.

        The rest of the year is at a level between that of the year so far and that of the years
        before, which ``counts`` as so much of a year.
        """
        fades = _FADES ** np.arange(len(self.months))[::-1]
        level = fades @ self.whole() / fades.sum()
        counts = np.where(level > 0, counts, 0.0)
        parts = shares + counts
        reached = np.divide(now + counts * level, parts, out=np.zeros(len(now)), where=parts > 0)
        return now + (1 - shares) * reached


def schedule_gap(
    known: KnownCustomers, *, season: pd.DataFrame | None = None, level: float = 0.8
) -> pd.DataFrame:
    """What each customer should have bought by now to reach its target, and what it has.

    How a year goes is that of all customers in the years before, with a little of the customer's
    own; where a customer will end, what it has bought and its level of the years before. How much
    each counts is what would have told most of the earlier years, and how far one was off then
    gives the limits.

    Parameters
    ----------
    known : KnownCustomers
        Its ``months`` and ``targets``.
    season : DataFrame, optional
        As from :func:`salesanalysis.customers.season`; instead of the course of the years before.
    level : float
        Of the limits.

    Returns
    -------
    DataFrame, one row per customer × period that has begun, sorted by both
        ``account_id, period, target, actual``; ``expected_now`` with ``expected_low,
        expected_high`` (of customers who just reach their target), ``gap_now`` (``actual`` less
        that); ``end_amount`` of the period with ``end_low, end_high``; ``target_chance``,
        ``behind`` (the chance is less than 1 − ``level``), ``years_tested``. Without an earlier
        year nothing is expected, without two there are no limits and nobody is said to be behind.

    Examples
    --------
    >>> months = [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)]
    >>> sales = pd.DataFrame({"account_id": "A", "period": [*months, "2025-01"],
    ...                       "amount": [5.0] * 6 + [15.0] * 6 + [5.0] * 6 + [15.0] * 6 + [4.0]})
    >>> targets = pd.DataFrame({"account_id": ["A"], "period": ["2025"], "target": [120.0]})
    >>> found = schedule_gap(KnownCustomers(as_of="2025-01-31", months=sales, targets=targets))
    >>> found[["target", "actual", "expected_now", "end_amount", "years_tested"]].round(1)
       target  actual  expected_now  end_amount  years_tested
    0   120.0     4.0           5.0       115.7             1
    """
    require_level(level)
    sales = frame_of(known, "months", ["account_id", "period", "amount"])
    targets = frame_of(known, "targets", ["account_id", "period", "target"])
    amounts = _by_month(sales, known.calendar)
    found = [
        _of_period(period, rows, amounts, known, season, level)
        for period, rows in targets.dropna(subset=["target"]).groupby("period", observed=True)
        if known.calendar.bounds_of(period)[0] <= known.as_of
    ]
    table = pd.concat(found) if found else _nothing()
    return table.sort_values(["account_id", "period"], ignore_index=True)[_GAPS]


def _nothing() -> pd.DataFrame:
    """The table without a row."""
    kinds = dict.fromkeys(_GAPS, float) | {"account_id": "str", "period": "str"}
    return pd.DataFrame(columns=_GAPS).astype(
        kinds | {"behind": "boolean", "years_tested": "int64"}
    )


def _by_month(sales: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Amounts by customer and number of the month."""
    number = {name: calendar.place_of(name)[1] for name in sales["period"].unique()}
    return sales.pivot_table(
        index="account_id", columns=sales["period"].map(number), values="amount", aggfunc="sum",
        fill_value=0.0,
    ).astype(float)  # fmt: skip


def _of_period(period, rows, amounts, known, season, level) -> pd.DataFrame:
    """The customers who have a target for one period."""
    twice = rows["account_id"].duplicated()
    if twice.any():
        raise SalesAnalysisError(
            f"`known.targets` has {rows['account_id'][twice].iloc[0]} twice for {period}; expected"
            " one target for each customer and period."
        )
    # Who has a target and never bought is one of them.
    amounts = amounts.reindex(amounts.index.union(rows["account_id"]), fill_value=0.0)
    course, now = _course(period, amounts, known, season)
    counts, own = _best(course)
    shares = course.shares(own)
    place = amounts.index.get_indexer(rows["account_id"])
    end = course.ends(now, shares, counts) if len(course.months) else np.full(len(now), np.nan)
    target, actual, end = rows["target"].to_numpy(float), now[place], end[place]
    expected = target * shares[place]
    table = rows[["account_id", "period", "target"]].assign(
        actual=actual, expected_now=expected, gap_now=actual - expected, end_amount=end,
        years_tested=max(len(course.months) - 1, 0),
    )  # fmt: skip
    by_now, at_end = _misses(course, counts, own)
    tested = len(by_now) >= LEAST_TESTED and len(at_end) >= LEAST_TESTED
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(by_now, tails) if tested else (np.nan, np.nan)
    table["expected_low"] = (expected + low * np.sqrt(expected)).clip(min=0)
    table["expected_high"] = expected + high * np.sqrt(expected)
    low, high = np.quantile(at_end, tails) if tested else (np.nan, np.nan)
    rest = np.sqrt(np.maximum(end - actual, 0))
    table["end_low"], table["end_high"] = np.maximum(end + low * rest, actual), end + high * rest
    reached = end[:, None] + at_end * rest[:, None] >= target[:, None]
    table["target_chance"] = reached.mean(axis=1) if tested else np.nan
    behind = table["target_chance"].to_numpy() < 1 - level
    table["behind"] = pd.array(behind if tested else [pd.NA] * len(rows), "boolean")
    return table


def _course(period: str, amounts: pd.DataFrame, known: KnownCustomers, season):
    """The years before a period, and what was bought in it by now."""
    calendar = known.calendar
    first, count = calendar.place_of(period)[1], _MONTHS[calendar.unit_of(period)]
    begins = calendar.bounds_of(period)[0]
    names = calendar.following(begins, unit="month", count=count)
    bounds = [calendar.bounds_of(name) for name in names]
    over = [(known.as_of - start) / (end - start) for start, end in bounds]
    over = np.clip(over, 0, 1).round(9)
    numbers = first + np.arange(count)
    data_begin = amounts.columns.min() if len(amounts.columns) else first
    back = [12 * year for year in range(MOST_YEARS, 0, -1) if first - 12 * year >= data_begin]
    months = [amounts.reindex(columns=numbers - each, fill_value=0.0).to_numpy() for each in back]
    now = amounts.reindex(columns=numbers, fill_value=0.0).to_numpy().sum(axis=1)
    usual = None
    if season is not None:
        require_columns(season.columns, ["month", "month_factor"], "`season`")
        factor = season.set_index("month")["month_factor"].to_dict()
        brings = np.array([factor.get(_middle(*each).month, 1.0) for each in bounds])
        usual = float(brings @ over / brings.sum())
    return _Course(np.array(months).reshape(len(back), len(amounts), count), over, usual), now


def _middle(start: pd.Timestamp, end: pd.Timestamp) -> pd.Timestamp:
    """The middle of a period: the month of the year that most of it lies in."""
    return start + (end - start) / 2


def _best(course: _Course) -> tuple[float, float]:
    """How much the level before and the own course count: what told most of the years before."""
    if len(course.months) < 2:
        return _UNTESTED
    found = {}
    for own in _OWN:
        for counts in _LEVEL:
            found[counts, own] = sum(
                np.abs(whole - end).sum() for _, _, whole, end in _retold(course, counts, own)
            )
    return min(found, key=found.get)


def _retold(course: _Course, counts: float, own: float):
    """Each year as it would have been told by those before: share over, begun, whole, end told."""
    for year in range(1, len(course.months)):
        before = course.before(year)
        begun, whole = course.begun()[year], course.whole()[year]
        shares = before.shares(own)
        yield shares, begun, whole, before.ends(begun, shares, counts)


def _misses(course: _Course, counts: float, own: float) -> tuple[np.ndarray, np.ndarray]:
    """How far off one was in the years before, by now and at the end.

    Beside the root of what was expected: what is bought in more purchases is less off for its size.
    """
    by_now, at_end = [np.zeros(0)], [np.zeros(0)]
    for shares, begun, whole, end in _retold(course, counts, own):
        expected, rest = whole * shares, end - begun
        some, more = expected > 0, rest > 0
        by_now.append((begun - expected)[some] / np.sqrt(expected[some]))
        at_end.append((whole - end)[more] / np.sqrt(rest[more]))
    return np.concatenate(by_now), np.concatenate(at_end)

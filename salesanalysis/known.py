"""What was known on a day: a frozen object for each family, made by ``reduce``.

What is still open depends on the day on which one looks. So the day is given once, to
``reduce.<family>.known``, and travels with the frames that are right on this day only. A frame that
contradicts the day is refused, whoever hands it over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Self

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.periods import PLAIN, Calendar, Day, moments

#: The column of a counted frame: how many equal rows each row stands for.
WEIGHT = "weight"

#: When something happened: nothing of it can lie after the day.
_HAPPENED = ("created_at", "closed_at", "reached_at", "checked_at", "last_at")
_HAPPENED += ("trained_at", "tested_at", "assessed_at", "earned_at", "paid_at", "refunded_at")
_HAPPENED += ("issued_at", "settled_at", "last_paid_at", "asked_at", "answered_at", "changed_at")
_HAPPENED += ("assigned_at", "interacted_at", "last_contact_at", "last_purchase_at", "known_on")
#: From when to the end of the day something has been open: its start, its length, and whether it is
#: open (all rows are where there is no such column).
_WATCHED = (("created_at", "age_days", "outcome"), ("reached_at", "result_days", "result"))
#: Durations are whole seconds, and not every engine rounds them alike.
_EXACT_DAYS = 2 / 86_400

#: With fewer closed deals than this nobody knows how old one can become before it closes.
LEAST_CLOSED = 20


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Known:
    """What was known at the end of a day; the classes below say of what.

    Attributes
    ----------
    as_of : Timestamp
        The last moment that counts; a day that is given means its end.
    calendar : salesanalysis.periods.Calendar
        The company's.
    """

    as_of: pd.Timestamp
    calendar: Calendar = PLAIN

    def __post_init__(self):
        object.__setattr__(self, "as_of", self.calendar.end_of(self.as_of))
        self._require_day(self.as_of)

    def _require_day(self, day: pd.Timestamp) -> None:
        """Refuse frames of another day."""
        for each in fields(self):
            frame = getattr(self, each.name)
            if isinstance(frame, pd.DataFrame):
                require_day(frame, day, each.name)

    def __repr__(self) -> str:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        frames = {name: v for name, v in values.items() if isinstance(v, pd.DataFrame)}
        # A frame without columns is one that was not given.
        rows = ", ".join(f"{len(v):,} {name}" for name, v in frames.items() if len(v.columns))
        return f"{type(self).__name__}, as of {self.as_of:%Y-%m-%d %H:%M}: {rows or 'nothing'}"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class KnownFunnel(Known):
    """What the funnel takes, as from :func:`salesanalysis.reduce.funnel.known`.

    Attributes
    ----------
    deals : DataFrame
        One row per deal, as from :func:`salesanalysis.reduce.funnel.deals`.
    entries : DataFrame
        One row per deal × stage reached, as from
        :func:`salesanalysis.reduce.funnel.stage_entries`. It may be counted instead: fewer rows,
        each with its ``weight``, the number of equal rows that it stands for. Functions that need
        single deals say so.
    stages : tuple of str
        The stages in their order, without the exits.
    exits : dict of outcome to stage names
    observed_from : Timestamp, optional
        The first day from which closings were recorded.
    history : bool
        Whether there was a stage history; without one the only stage is ``created``.
    contacts : DataFrame, optional
        One row per deal × owner × kind of contact: ``opportunity_id, owner_id, kind, contacts``
        (how many) and ``last_at``.
    evidence : DataFrame, optional
        One row per deal × point checked: ``opportunity_id, milestone, item, fulfilled,
        checked_at``.

    Raises
    ------
    SalesAnalysisError
        A frame is of another day.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["open"], "created_at": pd.to_datetime(["2025-06-01"]),
    ...                       "age_days": [30.0]})
    >>> KnownFunnel(as_of="2025-06-30", deals=deals)
    KnownFunnel, as of 2025-06-30 23:59: 1 deals
    >>> KnownFunnel(as_of="2025-12-31", deals=deals)
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `deals` is of 2025-06-30, when `age_days` of its open rows ends, and not of 2025-12-31 (`as_of`). Make it for that day.
    """  # noqa: E501

    deals: pd.DataFrame = field(default_factory=pd.DataFrame)
    entries: pd.DataFrame = field(default_factory=pd.DataFrame)
    stages: Sequence[str] = ()
    exits: Mapping[str, Sequence[str]] = field(default_factory=dict)
    observed_from: pd.Timestamp | None = None
    history: bool = False
    contacts: pd.DataFrame | None = None
    evidence: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class _LooksBack(Known):
    """Known on a day, in frames that may know more: what came later is not looked at.

    So one set of frames serves for today and for each earlier day. Their own day is ``latest``;
    the day itself may be any before it, and none after it.
    """

    latest: pd.Timestamp | None = None

    def __post_init__(self):
        latest = self.calendar.end_of(self.as_of if self.latest is None else self.latest)
        object.__setattr__(self, "as_of", self.calendar.end_of(self.as_of))
        object.__setattr__(self, "latest", latest)
        if self.as_of > latest:
            raise SalesAnalysisError(
                f"`as_of` is {self.as_of:%Y-%m-%d}, but all is known to {latest:%Y-%m-%d} only."
                " Make it for that day."
            )
        self._require_day(latest)

    def on(self, day: Day) -> Self:
        """The same as it was known on this day or an earlier one."""
        return replace(self, as_of=day)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class KnownPipeline(_LooksBack):
    """What the pipeline forecast takes, as from :func:`salesanalysis.reduce.forecast.pipeline`.

    Attributes
    ----------
    deals : DataFrame, one row per deal
        ``opportunity_id, outcome, created_at, closed_at, amount``, the columns of ``by``,
        ``list_price, must_win, owner_call, expected_close_at`` where the deal list has them, and
        ``age_days``.
    stage_entries : DataFrame, one row per deal × stage entered
        ``opportunity_id, stage, entered_at, amount`` in the order of time; empty without a history.
    as_of, latest : Timestamp
        The day, and that of the frames: what came between is not looked at.
    """

    deals: pd.DataFrame
    stage_entries: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class KnownForecast(_LooksBack):
    """What a forecast takes, as from :func:`salesanalysis.reduce.forecast.known`.

    Attributes
    ----------
    pipeline : KnownPipeline or None
        The deals; ``None``, as below, where the table was not given.
    bookings : DataFrame or None
        As from :func:`salesanalysis.reduce.forecast.bookings`, by month.
    contracts : DataFrame or None
        Those with an end and an amount.
    closed : DataFrame
        As from :func:`salesanalysis.reduce.forecast.closed`.
    targets, calls : DataFrame
        As from the functions of these names there. What sellers say is of the latest day alone.
    earlier_calls, splits, schedule : DataFrame or None
        Likewise: what sellers said on earlier days, who shares which deal, when revenue is
        recognised.
    as_of, latest : Timestamp
        The day, and that of the frames: what came between is not looked at.

    Raises
    ------
    SalesAnalysisError
        A frame is of another day.

    Examples
    --------
    >>> booked = pd.DataFrame({"period": ["2025-05", "2025-06"], "complete": True, "amount": 9.0})
    >>> KnownForecast(as_of="2025-06-30", bookings=booked).on("2025-06-15")
    KnownForecast, as of 2025-06-15 23:59: 2 bookings
    >>> KnownForecast(as_of="2025-12-31", bookings=booked)
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `bookings` end with 2025-06, which does not hold 2025-12-31 (`as_of`). Make them for that day.
    """  # noqa: E501

    pipeline: KnownPipeline | None = None
    bookings: pd.DataFrame | None = None
    contracts: pd.DataFrame | None = None
    closed: pd.DataFrame | None = None
    targets: pd.DataFrame | None = None
    calls: pd.DataFrame | None = None
    earlier_calls: pd.DataFrame | None = None
    splits: pd.DataFrame | None = None
    schedule: pd.DataFrame | None = None

    def _require_day(self, day: pd.Timestamp) -> None:
        super()._require_day(day)
        if self.pipeline is not None and self.pipeline.as_of != self.as_of:
            raise SalesAnalysisError(
                f"`pipeline` is of {self.pipeline.as_of:%Y-%m-%d}, and not of {self.as_of:%Y-%m-%d}"
                " (`as_of`). Make it for that day."
            )
        # Bookings that nobody counted up to a day hold the periods that there are.
        if self.bookings is not None and "complete" in self.bookings and len(self.bookings):
            require_columns(self.bookings.columns, ["period"], "`bookings`")
            last = self.bookings["period"].max()
            if self.calendar.label_of(day, self.calendar.unit_of(last)) != last:
                raise SalesAnalysisError(
                    f"`bookings` end with {last}, which does not hold {day:%Y-%m-%d} (`as_of`)."
                    " Make them for that day."
                )

    def on(self, day: Day) -> Self:
        """The same as it was known on this day or an earlier one."""
        day = self.calendar.end_of(day)
        if self.closed is not None:
            require_columns(self.closed.columns, ["closed_at"], "`known.closed`")
        return replace(
            self,
            as_of=day,
            pipeline=None if self.pipeline is None else self.pipeline.on(day),
            closed=None if self.closed is None else self.closed[self.closed["closed_at"] <= day],
            calls=self.calls if day == self.latest else None,
        )


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class KnownForgetting(Known):
    """What the forgetting family takes, as from :func:`salesanalysis.reduce.forgetting.known`.

    Attributes
    ----------
    tests : DataFrame, one row per learner × skill × test
        As from :func:`salesanalysis.reduce.forgetting.scored_tests`.
    courses : DataFrame, one row per learner × skill
        As from :func:`salesanalysis.reduce.forgetting.courses`.
    required : DataFrame, one row per role × skill
        ``role, skill, level``, and ``skill_group, stage`` as far as known.
    assessed : DataFrame, one row per person × skill × date
        ``person_id, skill, level, assessed_at``, and ``role, team`` as far as known.
    """

    tests: pd.DataFrame | None = None
    courses: pd.DataFrame | None = None
    required: pd.DataFrame | None = None
    assessed: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class KnownIncentive(Known):
    """What the incentive family takes, as from :func:`salesanalysis.reduce.incentive.known`.

    Attributes
    ----------
    attainment : DataFrame, one row per payee × period (× component), in this order
    sales : DataFrame, one row per sale
        Periods that are not over are left out where it matters.
    payouts : DataFrame, one row per payee × period
        What was earned by the day; what was paid later is not paid yet.
    refunds, changes : DataFrame, one row per refund up to the day, per change inside a period
    """

    attainment: pd.DataFrame | None = None
    sales: pd.DataFrame | None = None
    payouts: pd.DataFrame | None = None
    refunds: pd.DataFrame | None = None
    changes: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class KnownCustomers(Known):
    """What the customers family takes, as from :func:`salesanalysis.reduce.customers.known`.

    A frame is empty, without columns, where its tables were not given. Each is as from the function
    of its name in :mod:`salesanalysis.reduce.customers`; ``months, contacts, members, outcomes``
    from ``monthly_sales, account_contacts, campaign_members, campaign_outcomes``, and ``targets``
    is the table ``account_targets``.
    """

    months: pd.DataFrame = field(default_factory=pd.DataFrame)
    file: pd.DataFrame = field(default_factory=pd.DataFrame)
    invoices: pd.DataFrame = field(default_factory=pd.DataFrame)
    open_items: pd.DataFrame = field(default_factory=pd.DataFrame)
    view_counts: pd.DataFrame = field(default_factory=pd.DataFrame)
    members: pd.DataFrame = field(default_factory=pd.DataFrame)
    outcomes: pd.DataFrame = field(default_factory=pd.DataFrame)
    advocates: pd.DataFrame = field(default_factory=pd.DataFrame)
    standing: pd.DataFrame = field(default_factory=pd.DataFrame)
    rhythm: pd.DataFrame = field(default_factory=pd.DataFrame)
    rhythms: pd.DataFrame = field(default_factory=pd.DataFrame)
    targets: pd.DataFrame = field(default_factory=pd.DataFrame)
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    eagerness: pd.DataFrame = field(default_factory=pd.DataFrame)
    requests: pd.DataFrame = field(default_factory=pd.DataFrame)
    contacts: pd.DataFrame = field(default_factory=pd.DataFrame)


def frame_of(known: Known, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
    """One of the frames that are known, with these columns.

    Raises
    ------
    SalesAnalysisError
        It is not there, lacks a column, or ``known`` is a frame that does not know its day.

    Examples
    --------
    >>> frame_of(pd.DataFrame(), "deals")
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `known` is a DataFrame; expected what `reduce.<family>.known` returns, which knows its day.
    """  # noqa: E501
    frame = getattr(require_known(known), name)
    if frame is None or not len(frame.columns):
        raise SalesAnalysisError(f"`known` has no `{name}`: the table it is made of was not given.")
    require_single(frame, f"`known.{name}`")
    require_columns(frame.columns, columns, f"`known.{name}`")
    return frame


def weights(frame: pd.DataFrame) -> pd.Series:
    """How many equal things each row of a counted frame stands for; 1 where it is not counted."""
    if WEIGHT not in frame.columns:
        return pd.Series(1, index=frame.index)
    weight = frame[WEIGHT]
    wrong = ~(weight >= 0) | (weight % 1 != 0)
    if wrong.any():
        raise SalesAnalysisError(
            f"`{WEIGHT}` has {weight[wrong].iloc[0]!r}; expected how many equal rows each row"
            " stands for: whole numbers, 0 or more."
        )
    return weight.astype("int64")


def number(which: pd.Series, weight: pd.Series) -> int:
    """How many things a flag is true of; it is not where it is missing."""
    return int(weight[which.fillna(False).to_numpy(bool)].sum())


def require_single(frame: pd.DataFrame, name: str = "The table") -> None:
    """Refuse a counted frame where each row must be one thing.

    Examples
    --------
    >>> require_single(pd.DataFrame({"stage": ["offer"], "weight": [3]}))
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: The table is counted (`weight`); this needs the single deals. Make it without weights.
    """  # noqa: E501
    if WEIGHT in frame.columns:
        raise SalesAnalysisError(
            f"{name} is counted (`{WEIGHT}`); this needs the single deals. Make it without weights."
        )


def refuse_weight(by: Sequence[str]) -> None:
    """Refuse to carry along a column that would be taken for the number of equal rows.

    Examples
    --------
    >>> refuse_weight(["region", "weight"])
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `by` names `weight`, which says how many deals a row stands for. Rename that column.
    """  # noqa: E501
    if WEIGHT in by:
        raise SalesAnalysisError(
            f"`by` names `{WEIGHT}`, which says how many deals a row stands for. Rename that"
            " column."
        )


def require_same_day(known: Known, frame: pd.DataFrame, name: str) -> None:
    """Refuse a frame that is of another day than what is known."""
    require_day(frame, require_known(known).as_of, name)


def require_day(frame: pd.DataFrame, as_of: pd.Timestamp, name: str) -> None:
    """Refuse a frame that knows more than its day, or whose open rows were watched to another day.

    Examples
    --------
    >>> checks = pd.DataFrame({"checked_at": pd.to_datetime(["2025-07-02"])})
    >>> require_day(checks, PLAIN.end_of("2025-06-30"), "evidence")
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `evidence` has a `checked_at` of 2025-07-02, after 2025-06-30 (`as_of`). Make it for that day.
    """  # noqa: E501
    for column in _HAPPENED:
        if column in frame.columns:
            latest = moments(frame[column]).max()
            if latest > as_of:
                raise SalesAnalysisError(
                    f"`{name}` has a `{column}` of {latest:%Y-%m-%d}, after {as_of:%Y-%m-%d}"
                    " (`as_of`). Make it for that day."
                )
    for start, days, state in _WATCHED:
        if start in frame.columns and days in frame.columns:
            still = frame[frame[state] == OPEN] if state in frame.columns else frame
            began = moments(still[start])
            length = still[days].to_numpy(float, na_value=np.nan)
            apart = np.abs(((as_of - began) / pd.Timedelta(days=1)).to_numpy(float) - length)
            if len(other := np.flatnonzero(apart > _EXACT_DAYS)):
                at = other[0]
                # What ends at midnight has been watched through the day before.
                last = began.iloc[at] + pd.Timedelta(days=length[at], seconds=-1)
                rows = "its open rows"
                if state not in frame.columns:
                    rows = f"its rows (all open without a column `{state}`)"
                raise SalesAnalysisError(
                    f"`{name}` is of {last:%Y-%m-%d}, when `{days}` of {rows} ends, and not of"
                    f" {as_of:%Y-%m-%d} (`as_of`). Make it for that day."
                )


def require_known(known: Known, kind: type = Known) -> Known:
    """``known`` itself where it is of this kind, else an error."""
    if not isinstance(known, kind):
        raise SalesAnalysisError(
            f"`known` is a {type(known).__name__}; expected what `reduce.<family>.known` returns,"
            " which knows its day."
        )
    return known

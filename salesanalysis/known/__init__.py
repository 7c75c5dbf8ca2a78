"""What was known on a day: a frozen object for each family, made by ``reduce``.

What is still open depends on the day on which one looks. So the day is given once, to
``reduce.<family>.known``, and travels with the frames that are right on this day only. A frame that
contradicts the day is refused, whoever hands it over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.known.counted import WEIGHT as WEIGHT
from salesanalysis.known.counted import number as number
from salesanalysis.known.counted import refuse_weight as refuse_weight
from salesanalysis.known.counted import require_single as require_single
from salesanalysis.known.counted import weights as weights
from salesanalysis.known.day import Known as Known
from salesanalysis.known.day import frame_of as frame_of
from salesanalysis.known.day import require_day as require_day
from salesanalysis.known.day import require_known as require_known
from salesanalysis.known.day import require_same_day as require_same_day
from salesanalysis.periods import Day

#: With fewer closed deals than this nobody knows how old one can become before it closes.
LEAST_CLOSED = 20


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

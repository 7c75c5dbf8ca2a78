"""What was known on a day: a frozen object for each family, made by ``reduce``.

What is still open depends on the day on which one looks. So the day is given once, to
``reduce.<family>.known``, and travels with the frames that are right on this day only. A frame that
contradicts the day is refused, whoever hands it over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.periods import end_of, in_utc

#: The column of a counted frame: how many equal rows each row stands for.
WEIGHT = "weight"

#: When something happened: nothing of it can lie after the day.
_HAPPENED = ("created_at", "closed_at", "reached_at", "checked_at", "last_at")
#: From when to the end of the day something has been open: its start, its length, and whether it is
#: open (all rows are where there is no such column).
_WATCHED = (("created_at", "age_days", "outcome"), ("reached_at", "result_days", "result"))
#: Durations are whole seconds, and not every engine rounds them alike.
_EXACT_DAYS = 2 / 86_400


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Known:
    """What was known at the end of a day; the classes below say of what.

    Attributes
    ----------
    as_of : Timestamp
        The last moment that counts; a day that is given means its end.
    """

    as_of: pd.Timestamp

    def __post_init__(self):
        object.__setattr__(self, "as_of", end_of(self.as_of))
        for each in fields(self):
            frame = getattr(self, each.name)
            if isinstance(frame, pd.DataFrame):
                require_day(frame, self.as_of, each.name)

    def __repr__(self) -> str:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        frames = {name: v for name, v in values.items() if isinstance(v, pd.DataFrame)}
        rows = ", ".join(f"{len(frame):,} {name}" for name, frame in frames.items())
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

    deals: pd.DataFrame | None = None
    entries: pd.DataFrame | None = None
    stages: Sequence[str] = ()
    exits: Mapping[str, Sequence[str]] = field(default_factory=dict)
    observed_from: pd.Timestamp | None = None
    history: bool = False
    contacts: pd.DataFrame | None = None
    evidence: pd.DataFrame | None = None


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
    frame = getattr(_checked(known), name)
    if frame is None:
        raise SalesAnalysisError(f"`known` has no `{name}`: the table it is made of was not given.")
    require_single(frame, f"`known.{name}`")
    require_columns(frame.columns, columns, f"`known.{name}`")
    return frame


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


def require_same_day(known: Known, frame: pd.DataFrame, name: str) -> None:
    """Refuse a frame that is of another day than what is known."""
    require_day(frame, _checked(known).as_of, name)


def require_day(frame: pd.DataFrame, as_of: pd.Timestamp, name: str) -> None:
    """Refuse a frame that knows more than its day, or whose open rows were watched to another day.

    Examples
    --------
    >>> checks = pd.DataFrame({"checked_at": pd.to_datetime(["2025-07-02"])})
    >>> require_day(checks, end_of("2025-06-30"), "evidence")
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `evidence` has a `checked_at` of 2025-07-02, after 2025-06-30 (`as_of`). Make it for that day.
    """  # noqa: E501
    for column in _HAPPENED:
        if column in frame.columns:
            latest = in_utc(frame[column]).max()
            if latest > as_of:
                raise SalesAnalysisError(
                    f"`{name}` has a `{column}` of {latest:%Y-%m-%d}, after {as_of:%Y-%m-%d}"
                    " (`as_of`). Make it for that day."
                )
    for start, days, state in _WATCHED:
        if start in frame.columns and days in frame.columns:
            still = frame[frame[state] == OPEN] if state in frame.columns else frame
            began = in_utc(still[start])
            length = still[days].to_numpy(float, na_value=np.nan)
            apart = np.abs(((as_of - began) / pd.Timedelta(days=1)).to_numpy(float) - length)
            if len(other := np.flatnonzero(apart > _EXACT_DAYS)):
                at = other[0]
                # What ends at midnight has been watched through the day before.
                last = began.iloc[at] + pd.Timedelta(days=length[at], seconds=-1)
                raise SalesAnalysisError(
                    f"`{name}` is of {last:%Y-%m-%d}, when `{days}` of its open rows ends, and not"
                    f" of {as_of:%Y-%m-%d} (`as_of`). Make it for that day."
                )


def _checked(known: Known) -> Known:
    if not isinstance(known, Known):
        raise SalesAnalysisError(
            f"`known` is a {type(known).__name__}; expected what `reduce.<family>.known` returns,"
            " which knows its day."
        )
    return known

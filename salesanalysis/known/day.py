"""What every frozen object of what was known has: its day, and frames that are of that day."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.known.counted import require_single
from salesanalysis.periods import PLAIN, Calendar, moments

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


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Known:
    """What was known at the end of a day; the family's class says of what.

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

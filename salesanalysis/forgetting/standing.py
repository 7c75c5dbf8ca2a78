"""What is still known today, by the curve: of each course, and of each team."""

import numpy as np
import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.decay import Decay
from salesanalysis.forgetting.reinforcement import ReinforcementEffect
from salesanalysis.forgetting.schedules import as_factor
from salesanalysis.known import KnownForgetting, frame_of
from salesanalysis.periods import moments


def course_standing(
    known: KnownForgetting,
    curve: ForgettingCurve,
    *,
    target: float = 0.8,
    effect: float | ReinforcementEffect = 1.0,
    restores: float = 1.0,
) -> pd.DataFrame:
    """What of each course is still known on the day, by the curve: which are due already.

    A course (learner × skill) counts from its last training or refresher: after i refreshers time
    runs effectⁱ times slower, and it starts from ``restores`` instead of the curve's own start. It
    is an expectation for the average learner, not a test.

    Parameters
    ----------
    known : KnownForgetting
        Its ``courses``: ``learner_id, skill, last_at`` (last training or refresher) and
        ``refreshers`` (how many so far).
    curve : ForgettingCurve
    target : float
        The share that should be known.
    effect, restores
        As for :func:`schedule`.

    Returns
    -------
    DataFrame
        The courses by learner and skill, with ``known`` (share) and ``under_target`` (whether that
        is less than the target).

    Raises
    ------
    SalesAnalysisError
        The courses are not there, or a column of theirs.

    Examples
    --------
    >>> from salesanalysis.forgetting import known_curve
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> courses = pd.DataFrame({"learner_id": ["a", "b"], "skill": "closing",
    ...                         "last_at": pd.to_datetime(["2025-12-31", "2025-11-26"]),
    ...                         "refreshers": [0, 1]})
    >>> known = KnownForgetting(as_of="2025-12-31", courses=courses)
    >>> course_standing(known, source, effect=2)[["learner_id", "known", "under_target"]].round(2)
      learner_id  known  under_target
    0          a   1.00         False
    1          b   0.71          True
    """
    courses = frame_of(known, "courses", ["learner_id", "skill", "last_at", "refreshers"])
    courses = courses.assign(last_at=moments(courses["last_at"]))
    courses = courses.sort_values(["learner_id", "skill"], ignore_index=True, kind="stable")
    today = known.as_of.normalize()
    since = (today - courses["last_at"].dt.normalize()) / pd.Timedelta(days=1)
    refreshers = courses["refreshers"].to_numpy(dtype=float)
    decay = Decay.of(curve)
    left = decay.share(since.to_numpy(dtype=float) / as_factor(effect) ** refreshers)
    level = left * np.where(refreshers > 0, restores, decay.start)
    return courses.assign(known=level, under_target=level < target)


def team_standing(standing: pd.DataFrame) -> pd.DataFrame:
    """What each team still knows on the day: which teams need a refresher now.

    Parameters
    ----------
    standing : DataFrame, one row per course
        As from :func:`course_standing`, with ``team``.

    Returns
    -------
    DataFrame
        One row per team, the least known first: ``team, people, courses, last_at`` (latest),
        ``known`` (mean share), ``under_target`` (how many of the courses).

    Raises
    ------
    SalesAnalysisError
        A column is missing.

    Examples
    --------
    >>> courses = pd.DataFrame({"learner_id": ["a", "b"], "team": "East", "known": [1.0, 0.7],
    ...                         "last_at": pd.to_datetime(["2025-12-31", "2025-11-26"]),
    ...                         "under_target": [False, True]})
    >>> team_standing(courses)[["team", "people", "courses", "known", "under_target"]]
       team  people  courses  known  under_target
    0  East       2        2   0.85             1
    """
    needed = ["learner_id", "team", "last_at", "known", "under_target"]
    require_columns(standing.columns, needed, "`standing`")
    grouped = standing.groupby("team", dropna=False, sort=True)
    table = grouped.agg(
        people=("learner_id", "nunique"),
        courses=("known", "size"),
        last_at=("last_at", "max"),
        known=("known", "mean"),
        under_target=("under_target", "sum"),
    ).reset_index()
    return table.sort_values(["known", "team"], ignore_index=True, kind="stable")

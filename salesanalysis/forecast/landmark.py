"""What became of past open deals of the same stage and age: the chances of those open now.

On many past days (landmarks) the deals open then are grouped by their stage and age and followed
from there on. Their hazards, day by day after the landmark, are those that the deals open now have
before them. It needs no model of how stages follow one another, and uses deals as soon as they have
been followed for a day.
"""

from dataclasses import dataclass

import numpy as np

from salesanalysis.forecast.age_hazards import AgeHazards
from salesanalysis.forecast.deal_arrays import DealArrays
from salesanalysis.forecast.risk_tables import LOST, WON

#: Groups of ages in days: each from its edge up to the next. They go on past half a year, so that
#: deals older than any that closed are not taken for those of the age of the slow ones.
AGE_EDGES = (0, 1, 3, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)


@dataclass(frozen=True, eq=False)
class LandmarkTable:
    """Past open deals by group (stage × age group) and day after the landmark.

    Attributes
    ----------
    stages : int
    exposure : ndarray, won or lost × groups × days
        Deals at risk, each weighed by the calendar's multiplier of its day.
    closings : ndarray, won or lost × groups × days
    expected : ndarray, won or lost × groups × days
        Closings that the hazards by age alone would have given.
    followed : ndarray, groups
        Different deals followed from each group.
    age : ndarray, groups
        Mean age, in days, of the deals of each group that are open now, or of the group.
    group_now : ndarray
        Group of each deal open now, in the order of ``known.open``.
    overlap : float
        From how many landmarks a closing is seen, roughly.
    """

    stages: int
    exposure: np.ndarray
    closings: np.ndarray
    expected: np.ndarray
    followed: np.ndarray
    age: np.ndarray
    group_now: np.ndarray
    overlap: float


def landmark_table(
    known: DealArrays,
    hazards: AgeHazards,
    observed_from: int,
    horizon_days: int,
    *,
    landmarks: int = 60,
) -> LandmarkTable:
    """Follow the deals that were open on about ``landmarks`` past days, evenly spread."""
    edges = np.array(AGE_EDGES)
    groups, width = len(known.stages) * len(edges), horizon_days + 1
    after = np.arange(width)
    exposure, expected = np.zeros((2, groups, width)), np.zeros((2, groups, width))
    closings = np.zeros((2, groups, width))
    followed = np.zeros(groups)
    stage = np.zeros(len(known.created), dtype=np.int64)
    last_group = np.full(len(known.created), -1)
    usual_age = np.tile(_middle_of(edges), len(known.stages))
    read = 0
    step = max(1, (known.as_of - observed_from) // landmarks)
    for day in range(known.as_of, observed_from - 1, -step)[::-1]:
        # Later entries overwrite earlier ones: the stage of a deal is the last it had entered.
        until = int(np.searchsorted(known.stage_day, day, side="right"))
        stage[known.stage_deal[read:until]] = known.stage_code[read:until]
        read = until
        here = np.flatnonzero((known.created <= day) & (known.closed > day))
        deal_age = day - known.created[here]
        group = stage[here] * len(edges) + np.searchsorted(edges, deal_age, side="right") - 1
        size = np.bincount(group, minlength=groups)
        age = np.where(
            size > 0, np.bincount(group, deal_age, groups) / np.maximum(size, 1), usual_age
        ).astype(np.int64)
        if day == known.as_of:
            group_now = group
            break
        fresh = last_group[here] != group
        followed += np.bincount(group[fresh], minlength=groups)
        last_group[here] = group

        watched = np.minimum(known.last_day[here] - day, horizon_days)
        within = known.closed[here] - day <= horizon_days
        within &= known.closed[here] <= known.as_of
        key = group * width + watched
        ends = np.bincount(key, minlength=groups * width).reshape(groups, width)
        at_risk = ends[:, ::-1].cumsum(axis=1)[:, ::-1]
        ages = age[:, None] + after
        weighted = at_risk * hazards.multiplier(day + after, ages)
        exposure += weighted
        expected += weighted * hazards.at(ages)
        for way, one in ((WON, known.won[here]), (LOST, ~known.won[here])):
            counts = np.bincount(key[within & one], minlength=groups * width)
            closings[way] += counts.reshape(groups, width)
    overlap = max(1.0, min(horizon_days, known.as_of - observed_from) / step / 2)
    return LandmarkTable(
        len(known.stages), exposure, closings, expected, followed, age, group_now, overlap
    )


def _middle_of(edges: np.ndarray) -> np.ndarray:
    """An age inside each group, for groups without a deal."""
    after = np.concatenate([edges[1:], [edges[-1] + 60]])
    return (edges + after) // 2

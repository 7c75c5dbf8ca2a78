"""What measures (margin, satisfaction, attainment itself) make of each tier's pay."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.incentive.money import LARGEST, rounded
from salesanalysis.incentive.plan_parts import Multiplier


class Factor(NamedTuple):
    """What a multiplier makes of each row: ``whole / over``, in whole numbers."""

    multiplier: Multiplier
    whole: np.ndarray
    over: np.ndarray | int


def measures(plan, rows: pd.DataFrame) -> tuple[tuple[np.ndarray | None, ...], np.ndarray]:
    """The columns that multipliers look at, in whole parts, and which rows lack one."""
    missing = np.zeros(len(rows), dtype=bool)
    found: list[np.ndarray | None] = []
    columns = [each.on for each in plan.multipliers if not each.on_attainment]
    require_columns(rows.columns, columns, "`attainment`")
    for multiplier in plan.multipliers:
        if multiplier.on_attainment:
            found.append(None)
            continue
        # What is no number, in a column that came as text, is as unknown as what is not there.
        value = pd.to_numeric(rows[multiplier.on], errors="coerce").to_numpy(float, na_value=np.nan)
        missing |= np.isnan(value)
        whole = np.rint(np.clip(np.nan_to_num(value), *multiplier.limits) * Multiplier.MEASURED_TO)
        if max(map(abs, multiplier.limits)) * Multiplier.MEASURED_TO < LARGEST:
            found.append(whole.astype(np.int64))
        else:
            found.append(np.array([int(each) for each in whole], dtype=object))
    return tuple(found), missing


def factors(plan, x, quota, columns) -> list[Factor]:
    """The factors of those multipliers whose measure is known.

    ``x`` are the sales that count, in 1/``scale`` of a minor unit, ``columns`` as of
    :func:`measures`; without, only attainment is known.
    """
    found = []
    columns = columns or (None,) * len(plan.multipliers)
    for multiplier, column in zip(plan.multipliers, columns, strict=True):
        measure, of = column, Multiplier.MEASURED_TO
        if multiplier.on_attainment:
            measure, of = np.maximum(x, 0), plan.ladder.scale * quota
        if measure is not None:
            whole = multiplier.factor(measure, of, np.where)
            found.append(Factor(multiplier, whole, multiplier.over(of)))
    return found


def whole_bonus(plan, bonus, found: list[Factor]):
    """Bonuses in minor units, after those factors that they are subject to."""
    of_bonuses = [factor for factor in found if factor.multiplier.bonuses]
    over = math.prod((factor.over for factor in of_bonuses), start=plan.ladder.bonus_parts)
    if not of_bonuses and over == 1:
        return bonus
    bonus = math.prod((factor.whole for factor in of_bonuses), start=bonus)
    unit = plan.rounding_unit
    return rounded(bonus, over * unit, plan.rounding.method) * unit


def multiplied(parts: list, found: list[Factor]) -> list:
    """What the factors make of each tier, over all that they are parts of."""
    for factor in found:
        parts = [
            part * (factor.whole if factor.multiplier.covers(tier) else factor.over)
            for tier, part in enumerate(parts)
        ]
    return parts

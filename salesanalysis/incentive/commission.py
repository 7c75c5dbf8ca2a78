"""What one period earns under the tiers: floor, caps, rounding and bonuses included, exactly.

Everything that looks at one row at a time; what runs on from period to period (true-ups, draws,
debts) is in :mod:`salesanalysis.incentive.statement`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive import ladder as tiers
from salesanalysis.incentive.any_plan import AnyPlan, single_plan
from salesanalysis.incentive.ladder import Ladder
from salesanalysis.incentive.money import from_minor, rounded, to_minor
from salesanalysis.incentive.multipliers import Factor, factors, multiplied, whole_bonus
from salesanalysis.incentive.plan import Plan

#: Rows that are computed at once: small enough to stay in the cache of a processor.
_BLOCK = 1 << 14


@dataclass(frozen=True, eq=False)
class Levels:
    """What the tiers look at, row by row, in minor units.

    ``measured``: sales by which the tier is found. ``quota``, ``target``: 1 where not used.
    ``base``: sales that a rate is applied to, where others than ``measured``. ``before``: what was
    measured without the row's own sales, where only those are paid. ``limit_target``: target
    incentive that a cap is a share of, where another than ``target``. ``columns``: what multipliers
    look at, as of :func:`salesanalysis.incentive.multipliers.measures`.
    """

    measured: np.ndarray
    quota: np.ndarray | int = 1
    target: np.ndarray | int = 1
    base: np.ndarray | None = None
    before: np.ndarray | None = None
    limit_target: np.ndarray | int | None = None
    columns: tuple[np.ndarray | None, ...] = ()

    @property
    def cap_target(self):
        """The target incentive that a cap is a share of."""
        return self.target if self.limit_target is None else self.limit_target

    def unbounded(self) -> "Levels":
        """The same in Python's unbounded integers."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        columns = tuple(map(_unbounded, given.pop("columns")))
        return Levels(**{name: _unbounded(value) for name, value in given.items()}, columns=columns)

    def largest(self) -> tuple[int, int, int]:
        """The largest sales, quota and target."""
        sales = max(_largest(v) for v in (self.measured, self.base, self.before) if v is not None)
        return sales, _largest(self.quota), _largest(self.target)


def _unbounded(values):
    return values if values is None or np.ndim(values) == 0 else values.astype(object)


def _largest(values) -> int:
    if np.ndim(values) == 0:
        return abs(int(values))
    return max(abs(int(values.max())), abs(int(values.min()))) if len(values) else 0


@dataclass(frozen=True, eq=False)
class Commission:
    """Commission of each row in minor units, and how it came about.

    ``exact`` is ``numerator / denominator`` minor units, before floor, rate cap and rounding;
    ``tiers`` the numerators of the single tiers, not multiplied by the ``factors``; ``tiered`` the
    commission after rounding, ``due`` with bonuses and the cap on payout.
    """

    x: np.ndarray
    numerator: np.ndarray
    denominator: np.ndarray | int
    tiers: list[np.ndarray]
    factors: list[Factor]
    below_floor: np.ndarray
    over_cap: np.ndarray
    over_rate: np.ndarray
    rate_limit: np.ndarray | None
    tiered: np.ndarray
    bonus: np.ndarray
    due: np.ndarray


def earned(plan: Plan, levels: Levels, *, steps: bool = True) -> Commission:
    """The commission of each row; ``steps=False`` leaves out what only a statement needs."""
    steep = plan.ladder
    if not plan.fits(*levels.largest()):
        levels = levels.unbounded()
    x, total, times, over = _worth(steep, levels)
    parts, rounded_by = [], None
    known = factors(plan, x, levels.quota, levels.columns)
    if steps or known or plan.rounding.at == "tier":
        parts = rounded_by = [part * times for part in _parts(steep, levels, x)]
    numerator = total * times
    if known:
        rounded_by = multiplied(parts, known)
        numerator = sum(rounded_by)
        parts_of = math.prod(factor.over for factor in known)
        over, parts = over * parts_of, [part * parts_of for part in parts]
    if plan.rounding.at != "tier":
        rounded_by = None
    commission, rate_limit, over_rate = _tiered(plan, levels, numerator, rounded_by, over)
    below = np.zeros(len(x), dtype=bool)
    if steep.floor is not None:
        below = np.asarray(tiers.below_floor(steep, x, levels.quota), dtype=bool)
        if steep.cliff:
            commission = np.where(below, 0, commission)
    bonus = _bonus(plan, levels, x, known)
    due = commission + bonus if steep.bonuses else commission
    limit = payout_limit(plan, levels.cap_target)
    if limit is not None:
        due = np.minimum(due, limit)
    over_cap = np.zeros(len(x), dtype=bool)
    if steps and steep.cap is not None:
        scaled = levels.measured * steep.scale
        over_cap = np.asarray(scaled > steep.level(steep.cap, levels.quota), dtype=bool)
    return Commission(
        x, numerator, over, parts, known, below, over_cap, over_rate, rate_limit,
        whole(commission), whole(bonus), whole(due),
    )  # fmt: skip


def _bonus(plan: Plan, levels: Levels, x, known: list[Factor]):
    """The bonuses of each row; a level is reached once, so not where it had been before."""
    steep = plan.ladder
    if not steep.bonuses:
        return np.zeros_like(x)
    bonus = tiers.bonus_pay(steep, x, levels.quota, levels.target)
    if levels.before is not None:
        start = tiers.counted(steep, levels.before, levels.quota)
        bonus = bonus - tiers.bonus_pay(steep, start, levels.quota, levels.target)
    return whole_bonus(plan, bonus, known)


def _worth(steep: Ladder, levels: Levels):
    x = tiers.counted(steep, levels.measured, levels.quota)
    total = tiers.worth(steep, x, levels.quota)
    if levels.before is not None and steep.on_top:
        start = tiers.counted(steep, levels.before, levels.quota)
        total = total - tiers.worth(steep, start, levels.quota)
    base = x
    if steep.times_sales and (levels.base is not None or levels.before is not None):
        base = own_sales(levels) * steep.scale
        base = base if steep.negatives else np.maximum(base, 0)
    return x, total, *tiers.of_what(steep, base, levels.quota, levels.target)


def _parts(steep: Ladder, levels: Levels, x) -> list:
    parts = tiers.worth_of_tiers(steep, x, levels.quota)
    if levels.before is not None and steep.on_top:
        start = tiers.counted(steep, levels.before, levels.quota)
        before = tiers.worth_of_tiers(steep, start, levels.quota)
        parts = [part - gone for part, gone in zip(parts, before, strict=True)]
    return [part + np.zeros_like(x) for part in parts]


def _tiered(plan, levels, numerator, parts, over):
    """Commission, rounded in total or in parts, and what a cap on the rate takes off."""
    whole_units, method = plan.rounding_unit, plan.rounding.method

    def to_whole(top):
        return rounded(top, over * whole_units, method) * whole_units

    commission = to_whole(numerator) if parts is None else sum(map(to_whole, parts))
    cap = plan.cap.rate if plan.cap else None
    if cap is None:
        return commission, None, np.zeros(len(numerator), dtype=bool)
    most = np.maximum(own_sales(levels), 0) * cap.numerator
    over_rate = np.asarray(numerator * cap.denominator > most * over, dtype=bool)
    limit = rounded(most, cap.denominator * whole_units, method) * whole_units
    return np.where(over_rate, limit, commission), limit, over_rate


def own_sales(levels: Levels):
    """The sales that are paid, where not all that was measured is."""
    if levels.base is not None:
        return levels.base
    return levels.measured if levels.before is None else levels.measured - levels.before


def payout_limit(plan: Plan, target):
    """The cap on payout in minor units, if there is one."""
    cap = plan.cap
    if cap is None or (cap.payout is None and cap.share is None):
        return None
    limits = []
    if cap.payout is not None:
        limits.append(int(cap.payout / plan.minor_unit))
    if cap.share is not None:
        limits.append(target * cap.share.numerator // cap.share.denominator)
    return limits[0] if len(limits) == 1 else np.minimum(*limits)


def whole(values) -> np.ndarray:
    """Whole numbers as int64, refusing what does not fit."""
    if values.dtype != object:
        return values
    largest = max((abs(value) for value in values), default=0)
    if largest > np.iinfo(np.int64).max:
        raise SalesAnalysisError(
            f"A payout of {float(largest):.3g} minor units does not fit 64 bits. Check the units"
            " of `sales`, `quota` and of the plan."
        )
    return values.astype(np.int64)


def payout_amounts(
    sales: ArrayLike,
    *,
    plan: AnyPlan,
    quota: ArrayLike | None = None,
    target_incentive: ArrayLike | None = None,
    exact: bool = True,
) -> np.ndarray:
    """What the tiers of a plan pay for each amount of sales: arrays in, an array out.

    Tiers, floor, caps, rounding and bonuses, row by row; nothing that runs on from one period to
    the next (see :func:`payout` for that, and for the steps).

    Parameters
    ----------
    sales : array-like of number
        Money of one period each.
    plan : Plan, or what :func:`read_plan` takes
    quota : array-like or number, optional
        Money; needed where the plan looks at shares of it.
    target_incentive : array-like or number, optional
        Money, where the plan refers to it; the plan's own without.
    exact : bool
        Whole minor units, rounded as the plan says; else floats that are not rounded, for
        simulations, in which an amount exactly on a threshold plays no part.

    Returns
    -------
    numpy array
        Minor units (int64; cents, say) if ``exact``, else money. Where a quota is needed and is
        missing, zero or negative: NaN in floats, an error if exact.

    Raises
    ------
    SalesAnalysisError
        An amount is not a whole number of minor units, or a quota is needed and not there.

    Examples
    --------
    >>> plan = {"thresholds": "amount", "tiers": [[0, 100, 0.03], [100, None, 0.05]]}
    >>> payout_amounts([99.99, 100, 120, 150], plan=plan)
    array([300, 300, 400, 550])
    """
    plan = single_plan(plan, wanted="payout_amounts")
    steep = plan.ladder
    sales = np.asarray(sales)
    shape, sales = sales.shape, sales.reshape(-1)
    target = target_incentive if target_incentive is not None else plan.target_incentive
    if steep.needs_quota and quota is None:
        raise SalesAnalysisError("`quota` is needed: the plan looks at shares of it.")
    if plan.on_target and target is None:
        raise SalesAnalysisError("`target_incentive` is needed: the plan pays shares of it.")
    quota = 1 if not steep.needs_quota else _spread(quota, shape)
    target = 1 if not plan.on_target else _spread(target, shape)
    work = _exact_block if exact else _float_block
    paid = np.empty(len(sales), dtype=np.int64 if exact else np.float64)
    for first in range(0, len(sales), _BLOCK):
        rows = slice(first, first + _BLOCK)
        part = (sales[rows], _rows(quota, rows), _rows(target, rows))
        paid[rows] = work(plan, *part, first)
    return paid.reshape(shape)


def _spread(values, shape):
    """A number as it is, an array in the shape of the sales and then flat."""
    return float(values) if np.ndim(values) == 0 else np.broadcast_to(values, shape).reshape(-1)


def _rows(values, rows):
    return values if np.ndim(values) == 0 else values[rows]


def _minor(values, unit, name: str, first: int):
    if isinstance(values, int):
        return values  # 1: not used
    minor, missing = to_minor(np.atleast_1d(values), unit, name, first=first)
    if missing.any():
        raise SalesAnalysisError(f"`{name}` is missing in row {first + int(np.argmax(missing))}.")
    return minor if np.ndim(values) else int(minor[0])


def _exact_block(plan: Plan, sales, quota, target, first: int) -> np.ndarray:
    unit = plan.minor_unit
    quota = _minor(quota, unit, "quota", first)
    if np.min(quota) <= 0:
        raise SalesAnalysisError("`quota` holds zero or a negative amount; expected quotas over 0.")
    levels = Levels(
        _minor(sales, unit, "sales", first),
        quota,
        _minor(target, unit, "target_incentive", first),
    )
    return earned(plan, levels, steps=False).due


def _float_block(plan: Plan, sales, quota, target, first: int) -> np.ndarray:
    return float_payouts(plan, sales, quota, target)


def float_payouts(plan: Plan, sales, quota, target) -> np.ndarray:
    """The same formulas in floats: money, neither rounded nor exact on a threshold."""
    steep = plan.ladder
    to_unit = float(1 / plan.minor_unit)
    sales = sales * to_unit
    quota = quota * to_unit if steep.needs_quota else 1
    target = target * to_unit if plan.on_target else 1
    x = tiers.counted(steep, sales, quota)
    known = factors(plan, x, quota, ())
    if known:
        paid = sum(multiplied(tiers.worth_of_tiers(steep, x, quota), known))
        paid = paid / math.prod(factor.over for factor in known)
    else:
        paid = tiers.worth(steep, x, quota)
    times, over = tiers.of_what(steep, x, quota, target)
    paid = paid / over if isinstance(times, int) else paid * times / over
    if steep.cliff:
        paid = np.where(tiers.below_floor(steep, x, quota), 0.0, paid)
    if plan.cap is not None and plan.cap.rate is not None:
        paid = np.minimum(paid, np.maximum(sales, 0.0) * float(plan.cap.rate))
    if steep.bonuses:
        bonus = tiers.bonus_pay(steep, x, quota, target) / steep.bonus_parts
        for factor in known:
            bonus = bonus * factor.whole / factor.over if factor.multiplier.bonuses else bonus
        paid = paid + bonus
    limit = payout_limit(plan, target)
    if limit is not None:
        paid = np.minimum(paid, limit)
    if steep.needs_quota:
        paid = np.where(quota > 0, paid, np.nan)
    return from_minor(paid, plan.minor_unit)

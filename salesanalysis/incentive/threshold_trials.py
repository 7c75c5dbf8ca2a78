"""Plans tried on the same payee-periods: what is sold, paid and left under each of them."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from salesanalysis.incentive.evidence import resampled_weights
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_parts import Floor, Tier
from salesanalysis.incentive.responses import Cells, Response, Seen, answered, is_proportional, paid

#: The source's rule: stretch over floor, and the rates up to the floor and on the excess.
RULE_RATIOS, RULE_RATES = (1.2, 1.35, 1.5), (0.03, 0.05)


def moved(plan: Plan, *, floor: float, stretch: float) -> Plan:
    """The plan with other thresholds: what lay at floor and stretch lies at the new ones.

    Levels below the floor and over the stretch move in proportion, those between evenly.
    """
    old = (0.0, floor_of(plan), stretch_of(plan))
    new = (0.0, floor, stretch)

    def place(level):
        if level is None:
            return None
        level = float(level)
        if level > old[2]:
            return round(level * new[2] / old[2], 9)
        return round(float(np.interp(level, old, new)), 9)

    tiers = tuple(
        dataclasses.replace(tier, start=place(tier.start), end=place(tier.end))
        for tier in plan.tiers
    )
    cap = plan.cap and dataclasses.replace(plan.cap, attainment=place(plan.cap.attainment))

    def placed(multiplier):
        """With its points, where they are levels of the plan."""
        if plan.thresholds == "amount" or not multiplier.on_attainment:
            return multiplier
        steps, points = (
            tuple(dataclasses.replace(step, at=place(step.at)) for step in each)
            for each in (multiplier.steps, multiplier.points)
        )
        return dataclasses.replace(multiplier, steps=steps, points=points)

    return dataclasses.replace(
        plan,
        tiers=tiers,
        floor=dataclasses.replace(plan.floor, at=floor),
        stretch=stretch,
        cap=cap,
        bonuses=tuple(dataclasses.replace(b, at=place(b.at)) for b in plan.bonuses),
        multipliers=tuple(map(placed, plan.multipliers)),
    )


def floor_of(plan: Plan) -> float:
    """The floor of a plan; missing where it has none."""
    return float(plan.floor.at) if plan.floor is not None else np.nan


def stretch_of(plan: Plan) -> float:
    """The stretch target of a plan; missing where it has none."""
    return float(plan.stretch) if plan.stretch is not None else np.nan


@dataclass(frozen=True, eq=False)
class Result:
    """One plan's sales and payouts by cell, or by payee-period where there are no cells."""

    by_cell: tuple[np.ndarray, np.ndarray]
    cells: Cells | None = None

    @cached_property
    def sold(self) -> float:
        """Of all payees and periods."""
        return self._total(self.by_cell[0])

    @cached_property
    def payout(self) -> float:
        """Of all payees and periods."""
        return self._total(self.by_cell[1])

    @property
    def sales(self) -> np.ndarray:
        """Of each payee-period."""
        return self._spread(self.by_cell[0])

    @property
    def paid(self) -> np.ndarray:
        """Of each payee-period."""
        return self._spread(self.by_cell[1])

    def _total(self, values: np.ndarray) -> float:
        return float(values.sum() if self.cells is None else (values * self.cells.weight).sum())

    def _spread(self, values: np.ndarray) -> np.ndarray:
        return values if self.cells is None else self.cells.spread(values)


class Trial:
    """All plans of a grid on the same payee-periods."""

    def __init__(self, table, seen: Seen, margin_rate, limit, keep: float):
        self.seen, self.current, self.keep = seen, seen.current, keep
        self.margin_rate, self.limit = margin_rate, np.inf if limit is None else limit
        self.periods = table["period"].nunique()
        self.codes, payees = pd.factorize(table["payee_id"], sort=True)
        self.payees = len(payees)

    def run(self, plans: Sequence[Plan], response: Response) -> list[Result]:
        """What would be sold and paid under each plan."""
        known: dict[tuple, Result] = {}
        results = []
        for plan in plans:
            what = _what_counts(plan, response)
            if what not in known:
                known[what] = self._result(plan, response)
            results.append(known[what])
        return results

    def _result(self, plan: Plan, response: Response) -> Result:
        if response.kind != "elastic":
            sales = answered(self.seen, plan, response)
            return Result((sales, paid(plan, sales, self.seen.quota)))
        # What is best hangs on the attainment alone, so it need not be found payee by payee.
        alike = is_proportional(plan) and is_proportional(self.current)
        cells = self.cells_by_share if alike else self.cells_by_quota
        sales = answered(cells.seen, plan, response)
        return Result((sales, paid(plan, sales, cells.seen.quota)), cells)

    @cached_property
    def cells_by_share(self) -> Cells:
        """Payee-periods of one attainment, whatever their quotas."""
        return Cells.of(self.seen, by_share=True)

    @cached_property
    def cells_by_quota(self) -> Cells:
        """Payee-periods of one attainment and quota."""
        return Cells.of(self.seen, by_share=False)

    def margin(self, result: Result) -> float:
        """Money per period."""
        return (self.margin_rate * result.sold - result.payout) / self.periods

    def cost_rate(self, result: Result) -> float:
        """Payouts over sales."""
        return result.payout / result.sold if result.sold > 0 else np.nan

    def allowed(self, results: Sequence[Result]) -> np.ndarray:
        """Which plans cost no more than the limit and pay enough of what the last one pays."""
        return np.all(list(self._kept(results).values()), axis=0)

    def _kept(self, results: Sequence[Result]) -> dict[str, np.ndarray]:
        """Which plans keep each limit."""
        rates = np.array([self.cost_rate(one) for one in results])
        paid = np.array([one.payout for one in results])
        return {
            "cost_limit": rates <= self.limit,
            "keep_payout": paid >= self.keep * paid[-1] * (1 - 1e-9),
        }

    def binding(self, results: Sequence[Result], best: int | None) -> tuple[str, ...]:
        """The limits that keep a pair out that would leave more than the best, or any at all."""
        tried = results[:-1]
        margins = np.array([self.margin(one) for one in tried])
        more = margins > -np.inf if best is None else margins > margins[best] * (1 + 1e-9)
        kept = self._kept(results)
        return tuple(name for name, keeps in kept.items() if (more & ~keeps[:-1]).any())

    def best(self, results: Sequence[Result]) -> int | None:
        """The number of the allowed pair of most margin, the first of equals; not the last one."""
        margins = np.array([self.margin(one) for one in results])
        kept = self.allowed(results)
        kept[-1] = False
        if not kept.any():
            return None
        # Sums of floats in another order differ in the last digits: equals are equal.
        top = margins[kept].max()
        return int(np.flatnonzero(kept & (margins >= top - 1e-9 * max(abs(top), 1.0)))[0])

    def outcome(self, result: Result, floor: float, stretch: float, thresholds: str) -> dict:
        """What one plan sells, costs and leaves a period, and how many reach its thresholds."""
        unit = self.seen.quota if thresholds == "quota" else 1.0
        share = result.sales / unit * (1 + 1e-9)
        return {
            "sales": result.sold / self.periods,
            "cost": result.payout / self.periods,
            "cost_rate": self.cost_rate(result),
            "margin": self.margin(result),
            "under_floor": float((share < floor).mean()),
            "between": float(((share >= floor) & (share < stretch)).mean()),
            "over_stretch": float((share >= stretch).mean()),
        }

    def grid(self, results: Sequence[Result], pairs) -> pd.DataFrame:
        """One row per pair; the last is the present one."""
        rows = []
        for one, (floor, stretch) in zip(results, pairs, strict=True):
            row = {"floor_at": floor, "stretch_at": stretch, "stretch_ratio": stretch / floor}
            rows.append(row | self.outcome(one, floor, stretch, self.current.thresholds))
        table = pd.DataFrame(rows)
        table["allowed"] = self.allowed(results)
        table["on_frontier"] = _on_frontier(table["cost"], table["margin"])
        table["chosen"] = False
        table["present"] = table.index == len(table) - 1
        return table

    def gain(self, results, best, draws: int, level: float, seed: int) -> dict[str, float]:
        """Margin of the best pair over the present one, with its interval over payees."""
        if best is None:
            return dict.fromkeys(("gain", "gain_low", "gain_high", "won_share"), np.nan)
        by_payee = {
            name: np.stack([np.bincount(self.codes, each, self.payees) for each in values], axis=1)
            for name, values in (
                ("margin", [self.margin_rate * one.sales - one.paid for one in results]),
                ("paid", [one.paid for one in results]),
                ("sales", [one.sales for one in results]),
            )
        }
        gain = self.margin(results[best]) - self.margin(results[-1])
        if self.payees < 2 or not draws:
            return {"gain": gain, "gain_low": np.nan, "gain_high": np.nan, "won_share": np.nan}
        weights = resampled_weights(self.payees, draws, np.random.default_rng(seed))
        margin, paid, sales = ((weights @ by_payee[name]).T for name in ("margin", "paid", "sales"))
        margin, cost = margin / self.periods, paid / np.maximum(sales, 1e-9)
        drawn = margin[best] - margin[-1]
        kept = (cost <= self.limit) & (paid >= self.keep * paid[-1])
        allowed = np.where(kept, margin, -np.inf)[:-1]
        won = allowed[best] >= allowed.max(axis=0) - 1e-9 * np.abs(margin[best])
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
        return {
            "gain": gain, "gain_low": float(low), "gain_high": float(high),
            "won_share": float((won & np.isfinite(allowed[best])).mean()),
        }  # fmt: skip

    def sensitivity(self, tried, plans, pairs, chosen: int | None, known) -> pd.DataFrame:
        """The best pair under each assumption, and the chosen one there.

        ``known`` are the results under assumptions that have been tried before.
        """
        rows = []
        for response in tried:
            results = known.get(response.meant) or self.run([*plans, self.current], response)
            best = self.best(results)
            own = None if chosen is None else results[chosen]
            row = _named(response)
            row["floor_at"], row["stretch_at"] = (np.nan, np.nan) if best is None else pairs[best]
            row["margin"] = np.nan if best is None else self.margin(results[best])
            row["cost_rate"] = np.nan if best is None else self.cost_rate(results[best])
            row["chosen_margin"] = np.nan if own is None else self.margin(own)
            row["chosen_cost_rate"] = np.nan if own is None else self.cost_rate(own)
            row["chosen_allowed"] = chosen is not None and bool(self.allowed(results)[chosen])
            row["regret"] = np.nan
            if row["chosen_allowed"]:
                row["regret"] = row["margin"] - row["chosen_margin"]
            row["present_margin"] = self.margin(results[-1])
            rows.append(row)
        return pd.DataFrame(rows)

    def rule(self, tried, chosen_margins, floor: float) -> pd.DataFrame:
        """The source's rule with the present floor, if there is one, under each assumption."""
        columns = ["behaviour", "elasticity", "lift", "floor_at", "stretch_at", "base_rate"]
        columns += ["excess_rate", "margin", "cost_rate", "chosen_margin"]
        rows = []
        base, excess = RULE_RATES
        known = zip(tried, chosen_margins, strict=True) if np.isfinite(floor) else ()
        for response, chosen in known:
            for ratio in RULE_RATIOS:
                plan = rule_plan(self.current, floor=floor, stretch=round(floor * ratio, 9))
                (result,) = self.run([plan], response)
                row = _named(response) | {"floor_at": floor, "stretch_at": floor * ratio}
                row |= {"base_rate": base, "excess_rate": excess}
                row |= {"margin": self.margin(result), "cost_rate": self.cost_rate(result)}
                rows.append(row | {"chosen_margin": chosen})
        return pd.DataFrame(rows, columns=columns)


def rule_plan(plan: Plan, *, floor: float, stretch: float) -> Plan:
    """The source's rule in the unit of a plan: 3% up to the floor, 5% on what is over it."""
    base, excess = RULE_RATES
    return Plan(
        tiers=(Tier(0, rate=base), Tier(floor, rate=excess)),
        thresholds=plan.thresholds,
        floor=Floor(floor),
        stretch=stretch,
        currency=plan.currency,
    )


def _what_counts(plan: Plan, response: Response) -> tuple:
    """What a result hangs on; a stretch that changes no payout counts only as a target."""
    targets = (plan.floor, plan.stretch) if response.kind == "reachable" else ()
    beside = (plan.cap, plan.multipliers, plan.target_incentive, plan.minor_unit)
    return plan.ladder, *beside, *targets


def _named(response: Response) -> dict:
    meant = response.meant
    return {"behaviour": meant.kind, "elasticity": meant.elasticity, "lift": meant.lift}


def _on_frontier(cost: pd.Series, margin: pd.Series) -> np.ndarray:
    """Whether no other pair has more margin at the same cost or less; the first of equals."""
    order = np.lexsort((np.arange(len(cost)), -margin.to_numpy(), cost.to_numpy()))
    best, kept = -np.inf, np.zeros(len(cost), dtype=bool)
    for at in order:
        if margin.iloc[at] > best:
            best, kept[at] = margin.iloc[at], True
    return kept

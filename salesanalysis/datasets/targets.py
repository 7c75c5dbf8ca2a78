"""Targets of sellers by quarter: what their region is to win, shared among them."""

from dataclasses import dataclass

import numpy as np

from salesanalysis.datasets import model as m
from salesanalysis.datasets import parameters as p
from salesanalysis.datasets.deals import BLOCK, NEVER, WON, Deals
from salesanalysis.datasets.model import Model

#: A target is up to this share over or under the seller's part of what the region wins.
GIVE_OR_TAKE = 0.1
#: The floor as a share of the target; the stretch as a multiple of the floor, between these two.
FLOOR = 0.9
STRETCH = (1.25, 1.45)
LEAST_TARGET = 1_000


@dataclass(frozen=True, eq=False)
class Targets:
    """Amounts by quarter × seller, in whole tens of the currency."""

    target: np.ndarray
    floor: np.ndarray
    stretch: np.ndarray


def draw_targets(model: Model, first_block: Deals, deals: int) -> Targets:
    """The targets of a company of so many deals, in proportion to what its first block wins.

    The first block is whole, however few deals the company has: enough deals for a fair guess, and
    targets are known before all deals are.
    """
    quarters = -(-model.months // 3)
    won = (first_block.final_outcome == WON) & (first_block.final_minute != NEVER)
    months = m.date_of(first_block.final_minute[won] // p.DAY_MINUTES).astype("datetime64[M]")
    quarter = (months - p.START.astype("datetime64[M]")).astype(int) // 3
    region = m.rep_regions(model.reps)[first_block.rep[won]]
    amount = first_block.amount[won]

    in_time = quarter < quarters
    by_quarter = np.bincount(quarter[in_time], amount[in_time], minlength=quarters)
    by_region = np.bincount(region[in_time], amount[in_time], minlength=len(p.REGIONS))
    # Region × quarter as a product of the two: single cells would follow single large deals.
    share = by_region / max(by_region.sum(), 1)
    of_seller = m.rep_regions(model.reps)
    part = (share / np.bincount(of_seller))[of_seller]
    fair = by_quarter[:, None] * part * (deals / BLOCK)

    ambition, excess = m.stream(model.seed, "targets").random((2, quarters, model.reps))
    target = fair * (1 + GIVE_OR_TAKE * (2 * ambition - 1))
    target = np.maximum(np.round(target, -1), LEAST_TARGET)
    floor = np.round(FLOOR * target, -1)
    stretch = np.round(floor * (STRETCH[0] + (STRETCH[1] - STRETCH[0]) * excess), -1)
    return Targets(target=target, floor=floor, stretch=stretch)

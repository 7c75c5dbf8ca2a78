"""Deals, drawn block by block.

A block of :data:`BLOCK` deals has its own random numbers and is always drawn whole, then cut to
size. So deal *i* of a seed is the same deal however many are asked for, and in whatever portions
they are made. Time is counted in whole *working minutes* since the start (see ``model``), which
keeps every event within working hours and every order of events exact.
"""

from dataclasses import dataclass, replace
from math import gamma

import numpy as np

from salesanalysis.datasets import model as m
from salesanalysis.datasets import parameters as p
from salesanalysis.datasets.model import Model

#: Deals (and accounts) that share one stream of random numbers. Changing it changes every sample.
BLOCK = 8192
#: One account for each so many deals; the first accounts get more deals than the last.
DEALS_PER_ACCOUNT = 3
#: Arrivals grow by this much a month, and swing with the calendar month, January first.
MONTHLY_GROWTH = 0.012
SEASON = (0.85, 0.80, 1.10, 1.05, 1.00, 1.05, 0.90, 0.80, 1.15, 1.15, 1.10, 0.95)

#: Product, list price in the table's currency, share of deals.
PRODUCTS = (
    ("Atlas Server", 5200, 0.15),
    ("Beacon Sensor", 480, 0.25),
    ("Cobalt Gateway", 1650, 0.20),
    ("Delta Controller", 2900, 0.15),
    ("Ember Software", 950, 0.15),
    ("Fjord Service Plan", 1200, 0.10),
)
MEAN_QUANTITY = {"Enterprise": 16, "Mid-market": 6, "Small business": 2}
MOST_DISCOUNT = 0.15
MUST_WIN = {"Enterprise": 0.15, "Mid-market": 0.04, "Small business": 0.01}
CHINESE_ACCOUNTS = 0.2

OUTCOMES = ("won", "lost", "cancelled", "stalled")
WON = 0
CALLS = ("commit", "best case", "pipeline")
#: Reasons of lost deals, those of the first half of the stages and those of the second.
REASONS = ("no need", "no budget", "timing", "competitor", "price", "no decision")
EARLY_REASONS = (0.30, 0.30, 0.20, 0.05, 0.05, 0.10)
LATE_REASONS = (0.02, 0.13, 0.10, 0.30, 0.30, 0.15)
CANCELLED_REASONS = ("project stopped", "duplicate")
#: A seller promises this share of the days the stages take on average, give or take.
OPTIMISM = 0.75
SPREAD = 0.22
#: A closing so late that it never is.
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Accounts:
    """Region and segment number of every account, and whether its name is Chinese."""

    region: np.ndarray
    segment: np.ndarray
    chinese: np.ndarray


@dataclass(frozen=True, eq=False)
class Deals:
    """Deals with consecutive numbers: one entry per deal, except the ``entry_`` ones.

    ``entry_deal`` is the position of the deal within these arrays, ``entry_minute`` the working
    minute of an entry into a stage, ``entry_last`` whether no other entry ever follows. Entries,
    ``stage`` and ``amount`` go up to the as-of moment; ``final_`` is what happens in the end.
    """

    number: np.ndarray
    account: np.ndarray
    rep: np.ndarray
    source: np.ndarray
    product: np.ndarray
    must_win: np.ndarray
    created_minute: np.ndarray
    closed_minute: np.ndarray  # NEVER while open
    outcome: np.ndarray  # in OUTCOMES; only where closed
    reason: np.ndarray  # in REASONS + CANCELLED_REASONS; −1 where there is none
    stage: np.ndarray
    amount: np.ndarray
    expected_date: np.ndarray
    probability: np.ndarray
    call: np.ndarray
    final_outcome: np.ndarray
    final_minute: np.ndarray
    final_stage: np.ndarray
    entry_deal: np.ndarray
    entry_stage: np.ndarray
    entry_minute: np.ndarray
    entry_amount: np.ndarray
    entry_last: np.ndarray

    def head(self, deals: int) -> "Deals":
        """The first ``deals`` deals and their entries."""
        entries = np.searchsorted(self.entry_deal, deals)
        return Deals(
            **{
                name: values[: entries if name.startswith("entry_") else deals]
                for name, values in vars(self).items()
            }
        )


def choice(draw: np.ndarray, shares) -> np.ndarray:
    """The number of the share that each draw falls in; the shares add up to 1."""
    return np.searchsorted(np.cumsum(shares)[:-1], draw, side="right")


def number_of_accounts(deals: int) -> int:
    """How many accounts a company with so many deals has."""
    return (deals - 1) // DEALS_PER_ACCOUNT + 1


def accounts(seed: int, deals: int) -> Accounts:
    """The accounts of so many deals, and those of the rest of the last block, which is drawn too.

    The rest matters: what a deal draws depends on how long the others of its block live.
    """
    blocks_of_deals = (deals - 1) // BLOCK + 1
    total = number_of_accounts(blocks_of_deals * BLOCK)
    draw = np.concatenate(
        [
            m.stream(seed, "accounts", block).random((3, BLOCK))
            for block in range((total - 1) // BLOCK + 1)
        ],
        axis=1,
    )
    return Accounts(
        region=choice(draw[0], [group.share for group in p.REGIONS]).astype(np.int8),
        segment=choice(draw[1], [group.share for group in p.SEGMENTS]).astype(np.int8),
        chinese=draw[2] < CHINESE_ACCOUNTS,
    )


def _arrival_weights(model: Model) -> np.ndarray:
    """How many deals each working day brings, in relation to the others."""
    months = m.date_of(np.arange(model.workdays)).astype("datetime64[M]").astype(int)
    season = np.array(SEASON)[months % 12]
    weights = season * (1 + MONTHLY_GROWTH) ** (months - months[0])
    return weights / weights.sum()


def _hurry_clock(quarter_end: float) -> tuple[np.ndarray, np.ndarray]:
    """Working minutes and what the clock of the last stages shows at them.

    The clock runs ``quarter_end`` times faster in a quarter's last days than before, and is right
    at the end of every quarter: what goes faster then went slower before. Two hundred quarters are
    enough: no deal lives fifty years.
    """
    quarters = p.START.astype("datetime64[M]") + 3 * np.arange(201)
    edge = m.workdays(quarters.astype("datetime64[D]"))
    days = np.diff(edge)
    calm_pace = days / (days - p.HURRY_WORKDAYS + p.HURRY_WORKDAYS * quarter_end)
    hurry = edge[1:] - p.HURRY_WORKDAYS
    shown = edge[:-1] + (hurry - edge[:-1]) * calm_pace
    minute = np.append(np.column_stack([edge[:-1], hurry]).ravel(), edge[-1])
    clock = np.append(np.column_stack([edge[:-1], shown]).ravel(), edge[-1])
    return minute * p.DAY_MINUTES, clock * p.DAY_MINUTES


def _leave(model: Model, stage: np.ndarray, entered: np.ndarray, stay: np.ndarray) -> np.ndarray:
    """The minute at which deals leave their stage, at least one minute after they entered."""
    minute, clock = _hurry_clock(model.quarter_end)
    left = entered + stay
    hurried = stage >= len(p.STAGES) - p.HURRY_STAGES
    left[hurried] = np.interp(
        np.interp(entered[hurried], minute, clock) + stay[hurried], clock, minute
    )
    return np.maximum(entered + 1, left.astype(np.int64))


def _walk(model: Model, rng, kind, created, amount) -> dict[str, np.ndarray]:
    """Every deal from its first stage to its end, all deals of the block a step at a time."""
    size, last = len(kind), len(p.STAGES) - 1
    chances = np.cumsum(model.move_probability, axis=2)[..., :-1]
    mean_minutes = model.mean_days * (5 / 7 * p.DAY_MINUTES)
    final_outcome = np.empty(size, np.int8)
    final_stage = np.empty(size, np.int8)
    final_minute = np.full(size, NEVER)
    steps = []

    deal = np.arange(size)
    stage = np.zeros(size, np.int8)
    minute, amount = created, amount.copy()
    while len(deal):
        move_draw, stay_draw, change_draw, size_draw = rng.random((4, len(deal)))
        move = (move_draw[:, None] >= chances[kind[deal], stage]).sum(axis=1)
        stay = mean_minutes[kind[deal], stage] / gamma(1 + 1 / p.STAY_SHAPE)
        stay = stay * (-np.log1p(-stay_draw)) ** (1 / p.STAY_SHAPE)
        left = _leave(model, stage, minute, stay)

        won = (stage == last) & (move == p.FORWARD)
        done = won | (move >= p.LOST)
        steps.append((deal.astype(np.uint16), stage, minute, amount, done))
        ended = deal[done]
        final_outcome[ended] = np.where(won, WON, move - p.LOST + 1)[done]
        final_stage[ended] = stage[done]
        final_minute[ended] = np.where(move == p.STALLED, NEVER, left)[done]

        to = stage + np.select([move == p.FORWARD, move == p.SKIP], [1, 2], -1)
        # One deal in three changes its size with a stage, by up to 20% either way.
        factor = np.where(change_draw < 1 / 3, 0.8 + 0.4 * size_draw, 1.0)
        changed = np.maximum(np.round(amount * factor, -1), 10)
        go = ~done
        deal, stage, minute, amount = deal[go], to[go].astype(np.int8), left[go], changed[go]

    walked = [np.concatenate(parts) for parts in zip(*steps, strict=True)]
    order = np.argsort(walked[0], kind="stable")  # by deal; within a deal in order of time
    names = ("entry_deal", "entry_stage", "entry_minute", "entry_amount", "entry_last")
    return {
        **{name: values[order] for name, values in zip(names, walked, strict=True)},
        "final_outcome": final_outcome,
        "final_stage": final_stage,
        "final_minute": final_minute,
    }


def draw_block(model: Model, accounts: Accounts, block: int, *, known_at=None) -> Deals:
    """All deals of one block; ``accounts`` must reach as far as its deals.

    ``known_at``: a day before the model's as-of, to see the same deals as they were known at the
    midnight that begins it; deals not yet created by then have no meaning.
    """
    known = model if known_at is None else replace(model, as_of=known_at)
    rng = m.stream(model.seed, "deals", block)
    draw = rng.random((14, BLOCK))
    number = block * BLOCK + np.arange(BLOCK)

    accounts_then = number // DEALS_PER_ACCOUNT + 1
    account = (draw[0] * accounts_then).astype(np.int64)
    region, segment = accounts.region[account], accounts.segment[account]
    colleagues = np.bincount(m.rep_regions(model.reps))[region]
    rep = region + len(p.REGIONS) * (draw[1] * colleagues).astype(int)
    source = choice(draw[2], [group.share for group in p.SOURCES])
    kind = (rep * len(p.SOURCES) + source) * len(p.SEGMENTS) + segment

    arrival = choice(draw[3], _arrival_weights(model))
    created = arrival * p.DAY_MINUTES + (draw[4] * p.DAY_MINUTES).astype(int)

    segment_names = [group.name for group in p.SEGMENTS]
    product = choice(draw[5], [share for _, _, share in PRODUCTS])
    price = np.array([price for _, price, _ in PRODUCTS])[product]
    mean_quantity = np.array([MEAN_QUANTITY[name] for name in segment_names])[segment]
    quantity = 1 + np.floor(-np.log1p(-draw[6]) * mean_quantity)
    amount = np.round(price * quantity * (1 - MOST_DISCOUNT * draw[7]), -1)
    must_win = draw[8] < np.array([MUST_WIN[name] for name in segment_names])[segment]

    walk = _walk(model, rng, kind, created, amount)
    return Deals(
        number=number,
        account=account,
        rep=rep,
        source=source,
        product=product,
        must_win=must_win,
        created_minute=created,
        **_seen(known, kind, created, walk, draw[9:]),
    )


def _seen(model: Model, kind, created, walk, draw) -> dict[str, np.ndarray]:
    """What the company knows at the as-of moment, and what its sellers say then."""
    end = model.workdays * p.DAY_MINUTES
    happened = walk["entry_minute"] < end
    seen = walk | {name: walk[name][happened] for name in walk if name.startswith("entry_")}
    # A deal's entries lie together, its first is always seen: the next deal's first one ends them.
    latest = np.searchsorted(seen["entry_deal"], np.arange(BLOCK), side="right") - 1
    stage, entered = seen["entry_stage"][latest], seen["entry_minute"][latest]
    closed = walk["final_minute"] < end
    outcome = walk["final_outcome"]

    reason = choice(draw[0], EARLY_REASONS)
    late = stage >= len(p.STAGES) // 2
    reason = np.where(late, choice(draw[0], LATE_REASONS), reason)
    cancelled = outcome == OUTCOMES.index("cancelled")
    reason = np.where(cancelled, len(REASONS) + (draw[0] < 0.25), reason)
    reason = np.where(closed & (outcome != WON), reason, -1)

    # Promised once, at the start. A seller who still works the deal when the day has passed mostly
    # promises anew; zombies and the careless keep the old day.
    mood = np.exp(SPREAD * (np.log(draw[1] + 1e-12) - np.log1p(-draw[1])))
    promised = np.ceil(OPTIMISM * model.mean_days.sum(axis=1)[kind] * mood)
    expected = m.date_of(created // p.DAY_MINUTES) + promised.astype("timedelta64[D]")
    as_of = model.as_of.to_datetime64().astype("datetime64[D]")
    worked_on = entered > end - 90 * p.DAY_MINUTES
    renewed = ~closed & (expected < as_of) & worked_on & (draw[2] < 0.7)
    expected = np.where(renewed, as_of + (7 + 60 * draw[4]).astype("timedelta64[D]"), expected)

    chance = np.array([stage.probability for stage in p.STAGES])[stage]
    opinion = np.clip(chance + 0.3 * (draw[3] - 0.4), 0.05, 0.95)
    opinion = np.round(opinion * 20) / 20
    return seen | {
        "closed_minute": np.where(closed, walk["final_minute"], NEVER),
        "outcome": outcome,
        "reason": reason,
        "stage": stage,
        "amount": seen["entry_amount"][latest],
        "expected_date": expected,
        # As CRM systems do, closing a deal overwrites the seller's probability.
        "probability": np.where(closed, (outcome == WON).astype(float), opinion),
        "call": np.select([opinion >= 0.8, opinion >= 0.45], [0, 1], 2),
    }

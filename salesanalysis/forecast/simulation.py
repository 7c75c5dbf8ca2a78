"""Draws of what the open and the coming deals bring, with the shocks that hit all of them.

Three things vary in a draw: which deals are won (each by its own chance), how right the chances are
(each group's is as uncertain as the number of past deals behind it allows), and how good the times
are (one factor for all deals, :class:`~salesanalysis.forecast.recent_level.RecentLevel.spread`).
"""

from dataclasses import dataclass

import numpy as np

#: In so many versions the chances of the groups are drawn; the draws take turns.
VERSIONS = 50
#: What is smaller cannot be divided by.
_NOTHING = 1e-200


@dataclass(frozen=True, eq=False)
class OpenBook:
    """The open deals, as the simulation takes them.

    Attributes
    ----------
    amount : ndarray, deals
    amount_sq : ndarray, deals
        Mean square of the amount: its square, or more where it is not known.
    imputed : ndarray of bool, deals
        Amounts that are drawn from ``pool`` instead.
    pool : ndarray
        Amounts of won deals.
    cell : ndarray of int, deals
    group : ndarray of int, deals
        Row of ``chances``.
    chances : ndarray, groups × periods
    trust : ndarray, groups
        So many past deals are behind a chance; infinite where it is certain.
    steady : ndarray of bool, groups
        Chances that the common factor does not touch: those that somebody has set.
    whole : ndarray of bool, deals
        Deals to be drawn one by one whatever their amount.
    """

    amount: np.ndarray
    amount_sq: np.ndarray
    imputed: np.ndarray
    pool: np.ndarray
    cell: np.ndarray
    group: np.ndarray
    chances: np.ndarray
    trust: np.ndarray
    steady: np.ndarray
    whole: np.ndarray


@dataclass(frozen=True, eq=False)
class OpenDraws:
    """What the open deals bring.

    Attributes
    ----------
    values : ndarray, cells × periods × draws
    single : ndarray of int
        The deals that were drawn one by one.
    won_in : ndarray of uint8, single deals × draws
        In which period each is won; the number of periods where it is not.
    amount : ndarray, single deals × 1
        What each brings then; × draws where some have no amount, so that theirs are drawn.
    """

    values: np.ndarray
    single: np.ndarray
    won_in: np.ndarray
    amount: np.ndarray


def common_factor(rng: np.random.Generator, draws: int, spread: float) -> np.ndarray:
    """One factor per draw for all chances: lognormal with mean 1."""
    return np.exp(spread * rng.standard_normal(draws) - spread**2 / 2)


def draw_open_deals(
    book: OpenBook,
    cells: int,
    factor: np.ndarray,
    rng: np.random.Generator,
    *,
    singles: int = 2000,
) -> OpenDraws:
    """What the open deals bring in each cell and period, in every draw.

    The ``singles`` deals with the most variance are drawn one by one, exactly. The sum of the
    others, many and small by comparison, is drawn for each cell and period from a gamma
    distribution with their mean and variance; that two periods cannot both win the same deal is
    neglected there.
    """
    periods, draws = book.chances.shape[1], len(factor)
    chance = book.chances.sum(axis=1)[book.group]
    variance = book.amount_sq * chance - (book.amount * chance) ** 2
    order = np.lexsort((np.arange(len(chance)), -variance, ~book.whole))
    count = max(min(singles, len(order)), int(book.whole.sum()))
    single, rest = np.sort(order[:count]), np.sort(order[count:])
    values = np.zeros((cells, periods, draws))
    won_in = np.empty((len(single), draws), dtype=np.uint8)
    amount = _amounts(book, single, draws, rng)
    versions = _versions(book, min(VERSIONS, draws), rng)
    for turn, chances in zip(
        np.array_split(np.arange(draws), len(versions)), versions, strict=True
    ):
        part = slice(int(turn[0]), int(turn[-1]) + 1)
        won_in[:, part] = _won_in(book, single, chances, factor[part], rng)
        now = amount[:, part] if amount.shape[1] > 1 else amount
        _add_singles(values[:, :, part], book.cell[single], now, won_in[:, part])
        if len(rest):
            values[:, :, part] += _rest(book, rest, chances, cells, factor[part], rng)
    return OpenDraws(values, single, won_in, amount)


def _versions(book: OpenBook, count: int, rng: np.random.Generator) -> np.ndarray:
    """The chances as they might be: Dirichlet around them, as if so many deals had been counted.

    So few versions differ on average from the chances, however many draws there are; that is put
    right. Versions × groups × periods.
    """
    outcomes = np.column_stack([book.chances, 1 - book.chances.sum(axis=1)])
    sure = ~np.isfinite(book.trust)
    trust = np.where(sure, 1.0, book.trust)
    shape = np.maximum(outcomes, 0) * trust[:, None]
    drawn = rng.standard_gamma(shape, size=(count, *shape.shape))
    total = drawn.sum(axis=2, keepdims=True)
    drawn = np.where(total > 0, drawn / np.maximum(total, 1e-300), outcomes)
    chances = np.where(sure[:, None], outcomes, drawn)[:, :, :-1]
    mean = chances.mean(axis=0)
    # Of a chance of one in a million all versions may come out as nothing, to the last bits.
    there = mean > _NOTHING
    ratio = np.divide(book.chances, mean, out=np.ones_like(mean), where=there)
    chances = np.where(there, chances * ratio, book.chances)
    return chances / np.maximum(chances.sum(axis=2, keepdims=True), 1.0)


def _won_in(book, single, chances, factor, rng) -> np.ndarray:
    """The period in which each deal is won, by one uniform number per deal and draw."""
    group = book.group[single]
    up_to = np.cumsum(chances, axis=1)[group].astype(np.float32)
    steady = book.steady[group]
    uniform = rng.random((len(single), len(factor)), dtype=np.float32)
    times = np.where(steady[:, None], np.float32(1), factor.astype(np.float32)[None])
    wins = np.zeros(uniform.shape, dtype=np.uint8)
    for period in range(up_to.shape[1]):
        wins += uniform < up_to[:, period, None] * times
    return (up_to.shape[1] - wins).astype(np.uint8)


def _amounts(book, single, draws: int, rng) -> np.ndarray:
    """The amount of each single deal, in each draw where it is not known."""
    imputed = book.imputed[single]
    if not imputed.any():
        return book.amount[single][:, None]
    amount = np.repeat(book.amount[single][:, None], draws, axis=1)
    amount[imputed] = rng.choice(book.pool, size=(int(imputed.sum()), draws))
    return amount


def _add_singles(values, cell, amount, won_in) -> None:
    """Add the amounts won to the cells and periods they belong to."""
    if not len(cell):
        return
    order = np.argsort(cell, kind="stable")
    there, starts = np.unique(cell[order], return_index=True)
    amount, won_in = amount[order], won_in[order]
    for period in range(values.shape[1]):
        won = np.where(won_in == period, amount, 0.0)
        values[there, period] += np.add.reduceat(won, starts, axis=0)


def _rest(book, rest, chances, cells, factor, rng) -> np.ndarray:
    """Sums of many small deals by cell and period: gamma with their mean and variance."""
    key = book.cell[rest] * len(chances) + book.group[rest]
    pairs, pair = np.unique(key, return_inverse=True)
    cell, group = pairs // len(chances), pairs % len(chances)
    chance = chances[group]
    first = np.bincount(pair, book.amount[rest])[:, None] * chance
    second = np.bincount(pair, book.amount_sq[rest])[:, None] * chance
    square = np.bincount(pair, book.amount[rest] ** 2)[:, None] * chance**2
    sums = np.zeros((3, cells, chance.shape[1]))
    for moment, values in zip(sums, (first, second, square), strict=True):
        np.add.at(moment, cell, values)
    mean = sums[0][:, :, None] * factor
    variance = np.maximum(sums[1][:, :, None] * factor - sums[2][:, :, None] * factor**2, 0)
    return gamma_draws(mean, variance, rng)


def gamma_draws(mean: np.ndarray, variance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws with given means and variances, never negative; the mean itself without variance."""
    spread = (variance > 0) & (mean > 0)
    shape = np.where(spread, mean**2 / np.where(spread, variance, 1), 1.0)
    scale = np.where(spread, variance / np.where(spread, mean, 1), 0.0)
    return np.where(spread, rng.standard_gamma(shape) * scale, mean)


def draw_new_deals(
    wins_per_arrival: np.ndarray,
    amount: np.ndarray,
    cell: np.ndarray,
    cells: int,
    arrivals: np.ndarray,
    factor: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """What deals not in the list yet will bring: a compound Poisson sum in each cell and period.

    Parameters
    ----------
    wins_per_arrival : ndarray, recent deals × periods
        Wins in each period from one deal like this a day.
    amount, cell : ndarray, recent deals
        New deals are taken to be like the recent ones, each equally likely.
    arrivals : ndarray, draws
        New deals a day.
    factor : ndarray, draws

    Returns
    -------
    ndarray, cells × periods × draws
        Exact where few deals are won, else gamma with the mean and variance of the sum.
    """
    draws, periods = len(factor), wins_per_arrival.shape[1]
    values = np.zeros((cells, periods, draws))
    # Drawing deal by deal costs as much as deals are won in all draws: so many are affordable.
    few = np.clip(2e6 / (draws * max(cells * periods, 1)), 5, 100)
    share = wins_per_arrival / len(amount)
    for index in np.unique(cell):
        mine = np.flatnonzero(cell == index)
        for period in range(periods):
            weight = share[mine, period]
            total = weight.sum()
            if total <= 0:
                continue
            wins = arrivals * factor * total
            if wins.mean() > few:
                mean = weight @ amount[mine] / total
                square = weight @ amount[mine] ** 2 / total
                values[index, period] = gamma_draws(wins * mean, wins * square, rng)
                continue
            count = rng.poisson(wins)
            up_to = np.cumsum(weight) / total
            pick = np.searchsorted(up_to, rng.random(int(count.sum())), side="right")
            won = amount[mine[np.minimum(pick, len(mine) - 1)]]
            values[index, period] = np.bincount(np.repeat(np.arange(draws), count), won, draws)
    return values

"""Each seller against the rest of the team: conversion, time in stage, volume, activity.

Every function returns one row per seller × stage with the :class:`Contrast` of the seller to the
rest of the team (a log ratio below 0 is always the worse side); what stands out is decided in
:mod:`salesanalysis.funnel.norm`. Rows without a seller belong to the team, but get no row.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from salesanalysis.bases import supported_horizon
from salesanalysis.columns import ADVANCED, OPEN, WON
from salesanalysis.funnel.contrasts import (
    WeightedCurves,
    count_contrast,
    expected_exits,
    odds_contrast,
    shrunken,
)
from salesanalysis.funnel.norm import LEAST_SELLERS

CONVERSION, AGEING, VOLUME, ACTIVITY = "conversion", "ageing", "volume", "activity"
#: What hangs on open deals: ever, and within the period.
AT_STAKE = ("at_stake", "at_stake_period")
#: Stage of a row that is about all stages together, or about none.
ALL_STAGES = "all"

#: Exits from a stage are compared within age bands of at least so many, at most so many bands.
EXITS_PER_BAND = 100
MOST_BANDS = 10


def conversion_against_team(
    entries: pd.DataFrame, by: str, adjust: Sequence[str], least_expected: float
) -> pd.DataFrame:
    """Which share of each seller's deals gets through each stage, against the rest of the team.

    The score of a competing-risks model that leaves every seller a pace of their own: of the deals
    that leave the stage at an age, within a stratum of ``adjust``, how many go on? How an open
    deal will leave is not known yet, so it is no failure; and as deals are compared at the same
    age, it does not matter that those of some sellers have been watched for longer.

    ``own_value`` and ``team_value`` are the shares that get through by ``horizon_days``
    (Aalen–Johansen: an open deal counts for as long as it was watched), the team's in the
    seller's mix of strata.
    """
    dated = entries[(entries["result"] != WON) & entries["result_days"].notna()]
    won_later = _won_after(dated)
    tables = []
    for position, part in dated.groupby("position", sort=True):
        sellers, seller = _sellers(part, by)
        stratum = _strata(part, adjust)
        days = part["result_days"].to_numpy(float)
        left = (part["result"] != OPEN).to_numpy()
        advanced = (part["result"] == ADVANCED).to_numpy()
        cell = stratum * MOST_BANDS + np.searchsorted(_age_edges(days, left), days, side="left")
        n, k = _cells(seller[left], cell[left], advanced[left], len(sellers) + 1)
        rest = n.sum(axis=0) - n
        share = (k.sum(axis=0) - k + 0.5) / (rest + 1)
        contrast = odds_contrast(k, n, share)
        contrast = contrast.widened(np.sqrt(1 + _uncertainty_of_rest(n, rest, share)))
        through, lost = (n * share).sum(axis=1), (n * (1 - share)).sum(axis=1)
        testable = (np.minimum(through, lost) >= least_expected) & (len(sellers) > 1)
        stage = part["stage"].iloc[0]
        ratio = shrunken(contrast.log_ratio, contrast.test_error)
        moved = expit(logit(share) + ratio[:, None]) - share
        cause = np.select([advanced, left], [1, 2], 0)
        table = _table(
            sellers,
            **{by: sellers, "measure": CONVERSION, "stage": stage, "position": position},
            n=np.bincount(seller, minlength=len(sellers) + 1),
            **_shares_through(days, cause, _entry(part), seller, stratum, len(sellers)),
            **vars(contrast.where(testable)),
            gain=np.abs((n * moved).sum(axis=1)) * won_later.get(stage, np.nan),
        )
        table["gain"] *= _per_seller(part["amount"], seller, len(sellers)).mean().to_numpy()
        tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def ageing_against_team(
    entries: pd.DataFrame, by: str, adjust: Sequence[str], least_expected: float
) -> pd.DataFrame:
    """How fast each seller's deals leave each stage, whichever way, against the rest of the team.

    The log-rank comparison within strata of ``adjust``: the exits seen, against those to be
    expected of deals of these ages. A deal still there counts for as long as it has been there.
    A ratio of 0.5 means that they leave half as fast.

    ``own_value`` and ``team_value`` are the days by which half the deals have left.
    """
    entered = entries[(entries["result"] != WON) & entries["stage_days"].notna()]
    tables = []
    for position, part in entered.groupby("position", sort=True):
        sellers, seller = _sellers(part, by)
        stratum = _strata(part, adjust)
        days, entry = part["stage_days"].to_numpy(float), _entry(part)
        left = part["left"].to_numpy(bool)
        edges = _age_edges(days, left)
        cell = stratum * MOST_BANDS + np.searchsorted(edges, days, side="left")
        exits = expected_exits(days, entry, left, stratum, edges)
        cells = (int(stratum.max()) + 1) * MOST_BANDS
        expected = sum(
            _sums(seller, stratum * MOST_BANDS + band, exits[:, band], len(sellers) + 1, cells)
            for band in range(exits.shape[1])
        )
        # Of the exits seen in a stratum at an age, the share that should be the seller's.
        k = _sums(seller, cell, left.astype(float), len(sellers) + 1, cells)
        n = np.broadcast_to(k.sum(axis=0), k.shape)
        share = expected / np.maximum(expected.sum(axis=0), 1e-12)
        contrast = odds_contrast(k, n, share)
        own = expected.sum(axis=1)
        testable = np.minimum(own, own.sum() - own) >= least_expected
        testable &= len(sellers) > 1
        tables.append(
            _table(
                sellers,
                **{by: sellers, "measure": AGEING, "stage": part["stage"].iloc[0]},
                position=position,
                n=np.bincount(seller, minlength=len(sellers) + 1),
                **_median_days(days, left, entry, seller, stratum, len(sellers)),
                **vars(contrast.where(testable)),
                **_at_stake(part, ~left, seller, len(sellers)),
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def volume_against_team(deals: pd.DataFrame, by: str, least_expected: float) -> pd.DataFrame:
    """How many new deals a week each seller opens, against the median of the other sellers.

    A seller's weeks run from their first deal to the newest deal of all, so that somebody who came
    later is not blamed for it; the first deal itself, which sets the beginning, does not count.
    Deals without a creation date or a seller do not count.
    """
    dated = deals[deals["created_at"].notna() & deals[by].notna()]
    sellers, seller = _sellers(dated, by)
    count = np.bincount(seller, minlength=len(sellers)) - 1.0
    first = dated["created_at"].groupby(seller).min()
    weeks = ((dated["created_at"].max() - first) / pd.Timedelta(days=7)).to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(weeks > 0, count / weeks, np.nan)
    others = np.array(
        [np.nanmedian(rest) if np.isfinite(rest).any() else np.nan for rest in _without_each(rate)]
    )
    expected = others * weeks
    contrast = count_contrast(count, expected)
    # Territories differ: without the natural spread between sellers this would find everybody.
    testable = (expected >= least_expected) & (len(sellers) >= LEAST_SELLERS)
    won = deals["outcome"] == WON
    decided = (deals["outcome"] != OPEN).sum()
    worth = deals.loc[won, "amount"].mean() * won.sum() / decided if won.any() else np.nan
    missing = np.abs(np.expm1(shrunken(contrast.log_ratio, contrast.test_error))) * expected
    return _table(
        sellers,
        **{by: sellers, "measure": VOLUME, "stage": ALL_STAGES, "position": -1},
        n=np.bincount(seller, minlength=len(sellers)),
        own_value=rate,
        team_value=others,
        **vars(contrast.where(testable)),
        gain=missing * worth,
    )


def activity_against_team(
    deals: pd.DataFrame,
    contacts: pd.DataFrame,
    by: str,
    adjust: Sequence[str],
    least_expected: float,
) -> pd.DataFrame:
    """How many contacts a week each seller's deals get while open, against the rest of the team.

    Contacts are more unequal among deals than chance would make them; the standard error is
    widened by as much (quasi-Poisson, deal by deal). Deals without an age do not count; deals that
    ``contacts`` does not mention had no contact.
    """
    aged = deals[deals["age_days"].notna()]
    of_deal = contacts.groupby("opportunity_id")["contacts"].sum()
    sellers, seller = _sellers(aged, by)
    stratum = _strata(aged, adjust)
    seen = aged["opportunity_id"].map(of_deal).fillna(0).to_numpy(float)
    weeks = aged["age_days"].to_numpy(float) / 7
    k = _sums(seller, stratum, seen, len(sellers) + 1)
    exposure = _sums(seller, stratum, weeks, len(sellers) + 1)
    rest = exposure.sum(axis=0) - exposure
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(rest > 0, (k.sum(axis=0) - k) / rest, np.nan)
        # A stratum that nobody else works in says nothing about the seller.
        comparable = np.isfinite(rate) & (exposure > 0)
        expected = np.where(comparable, rate * exposure, 0.0).sum(axis=1)
        compared = np.where(comparable, k, 0.0).sum(axis=1)
        compared_weeks = np.where(comparable, exposure, 0.0).sum(axis=1)
        mean = (k.sum(axis=0) / exposure.sum(axis=0))[stratum] * weeks
        contrast = count_contrast(compared, expected)
        per_week = compared / compared_weeks, expected / compared_weeks
    spread = ((seen - mean) ** 2).sum() / mean.sum() if mean.sum() > 0 else np.nan
    contrast = contrast.widened(np.sqrt(max(spread, 1.0)))
    testable = (expected >= least_expected) & (len(sellers) > 1)
    return _table(
        sellers,
        **{by: sellers, "measure": ACTIVITY, "stage": ALL_STAGES, "position": -1},
        n=np.bincount(seller, minlength=len(sellers) + 1),
        own_value=per_week[0],
        team_value=per_week[1],
        **vars(contrast.where(testable)),
        **_at_stake(aged, (aged["outcome"] == OPEN).to_numpy(), seller, len(sellers)),
    )


def _at_stake(table, here: np.ndarray, seller: np.ndarray, sellers: int) -> dict:
    """What hangs on the deals of each seller that are here; missing where chances are unknown."""
    return {
        name: _per_seller(table[name].where(here), seller, sellers).sum().to_numpy()
        if name in table
        else np.nan
        for name in AT_STAKE
    }


def outcome_values(deals: pd.DataFrame, by: str, adjust: Sequence[str]) -> pd.DataFrame:
    """Share won and median age at closing of each seller and of the rest of the team.

    What a seller's level over all stages comes to, for the rows of ``ALL_STAGES``: one row per
    seller × measure, ``own_value, team_value, horizon_days, n``.
    """
    aged = deals[deals["age_days"].notna()]
    sellers, seller = _sellers(aged, by)
    stratum, days = _strata(aged, adjust), aged["age_days"].to_numpy(float)
    closed = (aged["outcome"] != OPEN).to_numpy()
    cause = np.select([aged["outcome"] == WON, closed], [1, 2], 0)
    rest = (_entry(aged), seller, stratum, len(sellers))
    n = np.bincount(seller, minlength=len(sellers) + 1)
    won = _shares_through(days, cause, *rest)
    closing = _median_days(days, closed, *rest)
    return pd.concat(
        [
            _table(sellers, **{by: sellers, "measure": CONVERSION, "n": n, **won}),
            _table(sellers, **{by: sellers, "measure": AGEING, "n": n, **closing}),
        ],
        ignore_index=True,
    )


def _table(sellers, **columns) -> pd.DataFrame:
    """One row per seller; arrays may have one more value at the end, for rows without a seller."""
    size = len(sellers)
    return pd.DataFrame(
        {name: value if np.isscalar(value) else value[:size] for name, value in columns.items()},
        index=range(size),
    )


def _sellers(frame: pd.DataFrame, by: str) -> tuple[np.ndarray, np.ndarray]:
    """The sellers in sorted order, and each row's number; rows without one get the next number."""
    codes, sellers = pd.factorize(frame[by], sort=True)
    return np.asarray(sellers), np.where(codes < 0, len(sellers), codes)


def _strata(frame: pd.DataFrame, adjust: Sequence[str]) -> np.ndarray:
    """The number of each row's stratum; missing values are a stratum of their own."""
    if not adjust:
        return np.zeros(len(frame), dtype=np.int64)
    return frame.groupby(list(adjust), dropna=False, sort=True, observed=True).ngroup().to_numpy()


def _entry(frame: pd.DataFrame) -> np.ndarray:
    """Age at which each row came under observation."""
    if "entry_days" not in frame.columns:
        return np.zeros(len(frame))
    return frame["entry_days"].fillna(0.0).to_numpy(float)


def _age_edges(days: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Ages that divide the rows into age bands with about as many exits each."""
    bands = int(np.clip(left.sum() // EXITS_PER_BAND, 1, MOST_BANDS))
    return np.quantile(days[left], np.arange(1, bands) / bands) if bands > 1 else np.empty(0)


def _cells(seller, cell, success, sellers: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and successes by seller × cell."""
    cells, cell = np.unique(cell, return_inverse=True)
    if not len(cells):
        return np.zeros((sellers, 1)), np.zeros((sellers, 1))
    ones = np.ones(len(seller))
    return _sums(seller, cell, ones, sellers), _sums(seller, cell, success, sellers)


def _sums(seller, cell, values, sellers: int, cells: int | None = None) -> np.ndarray:
    """Sums of the values by seller × cell."""
    cells = int(cell.max(initial=-1)) + 1 if cells is None else cells
    flat = np.bincount(seller * cells + cell, weights=values, minlength=sellers * cells)
    return flat.reshape(sellers, cells)


def _per_seller(values: pd.Series, seller: np.ndarray, sellers: int):
    """The values grouped by seller number, every seller there."""
    codes = np.where(seller < sellers, seller, -1)
    return values.groupby(pd.Categorical.from_codes(codes, range(sellers)), observed=False)


def _uncertainty_of_rest(n, rest, share) -> np.ndarray:
    """How much the rest of the team, being a sample too, adds to each seller's variance."""
    variance = share * (1 - share)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_rest = np.where(n > 0, n**2 * variance / np.maximum(rest, 0.5), 0.0).sum(axis=1)
        return of_rest / (n * variance).sum(axis=1)


def _won_after(dated: pd.DataFrame) -> dict[str, float]:
    """Stage → share won of the decided deals that got through it."""
    through = dated[(dated["result"] == ADVANCED) & (dated["outcome"] != OPEN)]
    return (through["outcome"] == WON).groupby(through["stage"]).mean().to_dict()


def _without_each(values: np.ndarray) -> list[np.ndarray]:
    """The values without the first, without the second, and so on."""
    return [np.delete(values, at) for at in range(len(values))]


def _weights_of_rest(seller, stratum, at: int) -> np.ndarray:
    """Weights that give the others' rows the seller's mix of strata (direct standardisation)."""
    own = seller == at
    strata = int(stratum.max()) + 1
    mix = np.bincount(stratum[own], minlength=strata)
    others = np.bincount(stratum[~own], minlength=strata)
    return np.where(own, 0.0, (mix / np.maximum(others, 1))[stratum])


def _shares_through(days, cause, entry, seller, stratum, sellers: int) -> dict[str, np.ndarray]:
    """Share that leaves by cause 1, of each seller and of the rest, at a horizon both support."""
    curves = WeightedCurves(days, cause, entry)
    horizon = np.full(sellers, np.nan)
    own_value, team_value = horizon.copy(), horizon.copy()
    common = supported_horizon(days, cause)
    for at in range(sellers):
        own = seller == at
        horizon[at] = np.minimum(common, supported_horizon(days[own], cause[own]))
        if np.isfinite(horizon[at]):
            alone = WeightedCurves(days[own], cause[own], entry[own])
            own_value[at] = alone.incidence(np.ones(own.sum()), horizon[at])
            rest = _weights_of_rest(seller, stratum, at)
            team_value[at] = curves.incidence(rest, horizon[at]) if rest.any() else np.nan
    return {"own_value": own_value, "team_value": team_value, "horizon_days": horizon}


def _median_days(days, left, entry, seller, stratum, sellers: int) -> dict[str, np.ndarray]:
    """Days by which half have left, of each seller and of the rest."""
    left = left.astype(int)
    curves = WeightedCurves(days, left, entry)
    own_value, team_value = np.full(sellers, np.nan), np.full(sellers, np.nan)
    for at in range(sellers):
        own = seller == at
        alone = WeightedCurves(days[own], left[own], entry[own])
        own_value[at] = alone.median(np.ones(own.sum()))
        rest = _weights_of_rest(seller, stratum, at)
        team_value[at] = curves.median(rest) if rest.any() else np.nan
    return {"own_value": own_value, "team_value": team_value, "horizon_days": np.nan}

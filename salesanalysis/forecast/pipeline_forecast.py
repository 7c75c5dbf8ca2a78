"""The forecast of the pipeline: each open deal's chances, and draws of what comes of all deals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.columns import PIPELINE, as_list
from salesanalysis.errors import SalesAnalysisError, require_columns, require_number
from salesanalysis.forecast.deal_arrays import (
    History,
    day_number,
    deal_arrays,
    read_history,
)
from salesanalysis.forecast.draws import (
    CLOSED,
    MUST_WIN,
    NEW_DEALS,
    OPEN_DEALS,
    QUANTILES,
    Draws,
)
from salesanalysis.forecast.horizons import Horizon, Periods, horizon
from salesanalysis.forecast.model import PipelineModel, PipelineSettings, fit_pipeline
from salesanalysis.forecast.overrides import GivenChances, Overrides, read_overrides
from salesanalysis.forecast.pipeline_tables import assumptions, deal_table, must_win
from salesanalysis.forecast.simulation import (
    OpenBook,
    common_factor,
    draw_new_deals,
    draw_open_deals,
)
from salesanalysis.known import KnownPipeline, require_known
from salesanalysis.periods import Day
from salesanalysis.summarised import Summarised


@dataclass(frozen=True, eq=False, repr=False)
class PipelineForecast(Summarised):
    """What the pipeline will bring.

    Attributes
    ----------
    deals : DataFrame, one row per open deal × period
        ``opportunity_id``, the roll-ups, ``stage, age_days, amount, amount_from``, ``zombie``
        (older than any deal was when it closed), ``must_win, period``; ``probability`` to be won in
        that period, ``model_probability`` where somebody has set another, ``expected_amount``;
        ``basis`` (``fitted``, ``mostly_prior``, ``override``), ``evidence`` (past deals and
        closings behind it) and ``reason`` of an override.
    draws : Draws
        Cells ``stream`` (``pipeline``), ``part`` (``closed, must_win, open_deals, new_deals``),
        the roll-ups and ``period``.
    assumptions : DataFrame
        What the forecast rests on: ``name, detail, value, unit``.
    horizon : Horizon
        The periods.
    single : DataFrame, one row per deal that was drawn by itself
        ``opportunity_id, amount``.
    won_in : ndarray of uint8, single deals × draws
        Number of the period in which each is won; the number of periods where it is not.
    single_amount : ndarray, single deals × 1, or × draws
        What each brings when it is won; drawn where some of them have no amount.
    """

    deals: pd.DataFrame
    draws: Draws
    assumptions: pd.DataFrame
    horizon: Horizon
    single: pd.DataFrame
    won_in: np.ndarray
    single_amount: np.ndarray

    def summary(
        self,
        by: Sequence[str] | str = ("period",),
        *,
        quantiles: Sequence[float] = QUANTILES,
    ) -> pd.DataFrame:
        """Mean and quantiles by any columns of the cells, as :meth:`Draws.summary`."""
        return self.draws.summary(by, quantiles=quantiles)


def pipeline(
    known: KnownPipeline,
    *,
    periods: Periods = "3 months",
    by: Sequence[str] | str = (),
    overrides: GivenChances | None = None,
    draws: int = 10_000,
    seed: int = 0,
    observed_from: Day | None = None,
    settings: PipelineSettings = PipelineSettings(),
) -> PipelineForecast:
    """What the open deals and those still to come will bring, by period, as a distribution.

    Nothing dated after its day has any influence. An open deal's chance is that of past deals
    that were open in the same stage at the same age (landmark Aalen–Johansen, delayed entry), which
    borrow from hazards by age of all deals where they are few; times the part of the quarter,
    the recent level of closings and the size of the deal, each shrunk to 1. Deals still to come
    arrive at the recent pace and are won as hazards by age say. Amounts nobody has entered (an
    amount of 0 or less counts as none) are drawn from those of won deals.

    It runs with any number of deals: without closings it says what was thought beforehand (3 in 10
    are won, in about 90 days), with wide intervals, and calls it ``mostly_prior``.

    Parameters
    ----------
    known : KnownPipeline
        Its ``deals`` (one row per deal: ``opportunity_id, outcome, created_at, closed_at, amount``;
        ``list_price, must_win`` and roll-ups as far as there are) and ``stage_entries`` (one row
        per deal × stage entered: ``opportunity_id, stage, entered_at``, ``amount``). Deals without
        a date of creation, closed ones without a date of closing and those closed before they were
        created are left out and counted.
    periods : str, int or list
        ``"3 months"``, ``"2 quarters"``, names (``["2025-Q4"]``) or days (the first days of the
        periods and the day after the last): see :func:`~salesanalysis.forecast.horizon`.
        What was won since the beginning of a period that has begun counts as ``closed``.
    by : str or list of str
        Columns of the deals to roll up by, such as ``region, product, owner_id``.
    overrides : DataFrame or list of dict, optional
        One row per deal that somebody knows better about: ``opportunity_id, probability`` (to be
        won within the periods), ``reason``, and ``period`` if it is to be that one.
    draws, seed : int
        How many draws, and where their random numbers start.
    observed_from : str, date or timestamp, optional
        The first day from which closings were recorded; found in the data where not given.
    settings : PipelineSettings
        How much of the past counts, and how.

    Returns
    -------
    PipelineForecast

    Raises
    ------
    SalesAnalysisError
        A column is not there, no deal is known or none has an amount, periods are over, an override
        is for a deal that is not open, or without a reason.

    References
    ----------
    van Houwelingen, H. C. (2007), Scandinavian Journal of Statistics 34, 70–85 (landmarking).
    Aalen, O., Johansen, S. (1978), Scandinavian Journal of Statistics 5, 141–150. Sales-system
    source, §7, §14.

    Examples
    --------
    Every day a deal comes in, every second one is won for 100 after 20 to 39 days. Closings after
    the day are in the table, but are not looked at:

    >>> day = pd.Timestamp("2025-01-01")
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": [f"d{n}" for n in range(300)], "outcome": ["won", "lost"] * 150,
    ...     "created_at": [day + pd.Timedelta(days=n) for n in range(300)],
    ...     "closed_at": [day + pd.Timedelta(days=n + 20 + n % 20) for n in range(300)],
    ...     "amount": 100.0})
    >>> known = KnownPipeline(as_of="2025-07-31", deals=deals, latest="2025-12-31")
    >>> found = pipeline(known, periods="2 months")
    >>> found.summary(quantiles=[0.1, 0.5, 0.9]).round(-2)
        period    mean     q10     q50     q90
    0  2025-08  1600.0  1100.0  1600.0  2100.0
    1  2025-09  1400.0   900.0  1400.0  2100.0
    """
    known = require_known(known, KnownPipeline)
    return from_history(
        read_history(known),
        known.as_of,
        periods=periods,
        by=by,
        overrides=overrides,
        draws=draws,
        seed=seed,
        observed_from=observed_from,
        settings=settings,
    )


def from_history(
    history: History,
    as_of,
    *,
    periods,
    by: Sequence[str] | str = (),
    overrides=None,
    draws: int = 10_000,
    seed: int = 0,
    observed_from=None,
    settings: PipelineSettings = PipelineSettings(),
    alone: Collection[str] = (),
) -> PipelineForecast:
    """:func:`pipeline` on any day of a history, which is read once for all of them.

    The deals ``alone`` are drawn by themselves however small they are.
    """
    ahead = horizon(periods, as_of, history.calendar)
    by = as_list(by)
    require_columns(history.deals.columns, by, "`frames.deals`")
    require_number("draws", draws, low=1, whole=True)
    known = deal_arrays(history, as_of)
    model = fit_pipeline(
        known,
        ahead,
        observed_from=None if observed_from is None else day_number(observed_from),
        settings=settings,
    )
    if not len(model.pool):
        raise SalesAnalysisError(
            "No deal has an `amount` over 0 by `as_of`; a forecast of money needs some. Give every"
            " deal the amount 1 for a forecast of numbers of deals."
        )
    set_by_hand = read_overrides(overrides, _ids(history, model), ahead, model.chances)
    cells = _Cells(history, model, ahead, by)
    by_itself = set_by_hand.given | pd.Index(_ids(history, model)).isin(list(alone))
    book = _open_book(model, cells, set_by_hand, by_itself)
    streams = np.random.SeedSequence(seed).spawn(4)
    shocks, opens, comers, pace = (np.random.default_rng(stream) for stream in streams)
    factor = common_factor(shocks, draws, model.level.spread)
    open_draws = draw_open_deals(book, cells.open_count, factor, opens, singles=settings.singles)
    new_amount = _with_imputed(model, model.recent, comers)
    new_draws = draw_new_deals(
        model.wins_per_arrival, new_amount, cells.of_recent, cells.recent_count,
        _arrivals(model, draws, pace), factor, comers,
    )  # fmt: skip
    frame, values = cells.put_together(open_draws.values, new_draws)
    single = pd.DataFrame(
        {
            "opportunity_id": _ids(history, model)[open_draws.single],
            "amount": book.amount[open_draws.single],
        }
    )
    deals = deal_table(history, model, ahead, by, book, set_by_hand)
    return PipelineForecast(
        deals=deals,
        draws=Draws(frame, values),
        assumptions=assumptions(history, model, book),
        horizon=ahead,
        single=single,
        won_in=open_draws.won_in,
        single_amount=open_draws.amount,
    )


def _ids(history: History, model: PipelineModel) -> np.ndarray:
    """The ids of the open deals."""
    row = model.known.row[model.known.open]
    return history.deals["opportunity_id"].to_numpy()[row]


class _Cells:
    """Which cell each deal's money goes to: part × roll-ups, and in each of these the periods."""

    def __init__(self, history: History, model: PipelineModel, ahead: Horizon, by: list[str]):
        known = model.known
        self.labels = ahead.labels
        self.by = by
        still = known.open
        self.must_win = must_win(history, known.row[still])
        part = np.where(self.must_win, MUST_WIN, OPEN_DEALS)
        self.open_groups, self.of_open = self._grouped(history, known.row[still], part)
        recent = np.full(len(model.recent), NEW_DEALS)
        self.recent_groups, self.of_recent = self._grouped(history, known.row[model.recent], recent)
        period = ahead.period_of(known.closed)
        booked = np.flatnonzero(known.won & (period >= 0))
        closed = np.full(len(booked), CLOSED)
        self.closed_groups, cell = self._grouped(history, known.row[booked], closed)
        self.closed = np.zeros((len(self.closed_groups), len(self.labels)))
        np.add.at(self.closed, (cell, period[booked]), known.won_amount[booked])

    @property
    def open_count(self) -> int:
        """How many groups the open deals fall into."""
        return len(self.open_groups)

    @property
    def recent_count(self) -> int:
        """How many groups the new deals fall into."""
        return len(self.recent_groups)

    def _grouped(self, history: History, rows: np.ndarray, part: np.ndarray):
        """The groups, one row each, and the group of every deal."""
        keys = history.deals.iloc[rows][self.by].reset_index(drop=True)
        keys.insert(0, "part", part)
        grouped = keys.groupby(["part", *self.by], dropna=False, sort=True)
        number = grouped.ngroup().to_numpy()
        groups = keys.assign(number=number).drop_duplicates("number").sort_values("number")
        return groups.drop(columns="number").reset_index(drop=True), number

    def put_together(self, open_values, new_values) -> tuple[pd.DataFrame, np.ndarray]:
        """Cells and their draws: open deals, new deals, closed."""
        draws = open_values.shape[2]
        closed = np.repeat(self.closed[:, :, None], draws, axis=2)
        values = np.concatenate([open_values, new_values, closed])
        groups = pd.concat(
            [self.open_groups, self.recent_groups, self.closed_groups], ignore_index=True
        )
        cells = groups.loc[groups.index.repeat(len(self.labels))].reset_index(drop=True)
        cells.insert(0, "stream", PIPELINE)
        cells["period"] = np.tile(np.array(self.labels, dtype=object), len(groups))
        return cells, values.reshape(-1, draws)


def _open_book(
    model: PipelineModel, cells: _Cells, by_hand: Overrides, by_itself: np.ndarray
) -> OpenBook:
    """The open deals for the simulation; those with an override are groups of their own."""
    amount = model.open_amounts
    imputed = np.isnan(amount)
    amount = np.where(imputed, model.pool.mean(), amount)
    amount_sq = np.where(imputed, (model.pool**2).mean(), amount**2)
    group = np.where(by_hand.given, -1 - np.arange(len(amount)), model.group)
    _, first, group = np.unique(group, return_index=True, return_inverse=True)
    return OpenBook(
        amount=amount,
        amount_sq=amount_sq,
        imputed=imputed,
        pool=model.pool,
        cell=cells.of_open,
        group=group,
        chances=by_hand.chances[first],
        trust=np.where(by_hand.given, np.inf, model.trust)[first],
        steady=by_hand.given[first],
        whole=cells.must_win | by_itself,
    )


def _with_imputed(model: PipelineModel, deals: np.ndarray, rng) -> np.ndarray:
    """Amounts as they would be won, drawn from the pool where they are not known."""
    amount = model.known.amount[deals] * model.amount_ratio
    missing = np.isnan(amount)
    amount[missing] = rng.choice(model.pool, size=int(missing.sum()))
    return amount


def _arrivals(model: PipelineModel, draws: int, rng: np.random.Generator) -> np.ndarray:
    """New deals a day in each draw: as uncertain as their number and their wandering make it."""
    arrivals = model.arrivals
    count = arrivals.per_day * arrivals.days
    level = rng.standard_gamma(count, draws) / count
    wander = np.exp(arrivals.spread * rng.standard_normal(draws) - arrivals.spread**2 / 2)
    return arrivals.per_day * level * wander

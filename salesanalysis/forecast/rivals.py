"""What others do: the forecasts that a model has to beat, each as one number for a window."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.forecast.deal_arrays import NEVER, DealArrays, History, day_numbers, stage_on

#: Shares of the open pipeline.
STAGE_WEIGHTS, WIN_RATE, SAME_STAGE = "stage_weights", "win_rate", "same_stage"
#: Run rates: they look at bookings alone.
LAST_PERIOD, MEAN_OF_THREE, YEAR_BEFORE = "last_period", "mean_of_three", "year_before"
RUN_RATES = (LAST_PERIOD, MEAN_OF_THREE, YEAR_BEFORE)
RIVALS = (STAGE_WEIGHTS, WIN_RATE, SAME_STAGE, *RUN_RATES)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The deals known on a day, with the stage and the amount of each."""

    known: DealArrays
    stage: np.ndarray
    amount: np.ndarray
    due: np.ndarray

    @classmethod
    def of(cls, history: History, known: DealArrays) -> "Snapshot":
        """Stages and amounts as known; expected dates where the deal list has them."""
        won = known.won_amount[known.won_amount > 0]
        usual = won.mean() if len(won) else 0.0
        cycle = (known.closed - known.created)[known.won]
        due = known.created + int(cycle.mean() if len(cycle) else 90)
        if "expected_close_at" in history.deals:
            expected = day_numbers(history.deals["expected_close_at"].iloc[known.row])
            due = np.where(expected < NEVER, expected, due)
        amount = np.where(np.isnan(known.amount), usual, known.amount)
        return cls(known, stage_on(known, known.as_of), amount, due)


def booked(known: DealArrays, after: int, until: int) -> float:
    """What was won after one day and up to the end of another."""
    inside = known.won & (known.closed > after) & (known.closed <= until)
    return float(known.won_amount[inside].sum())


def rival_forecasts(now: Snapshot, horizon_days: int, observed_from: int) -> pd.Series:
    """Each rival's forecast of the ``horizon_days`` after the snapshot; missing where it has none.

    - ``stage_weights``: amounts of the open deals due by the end of the window (by the seller's
      date, else by the mean cycle of won deals) × a fixed weight that rises evenly with the stage;
    - ``win_rate``: amounts of all open deals × the share of closed deals that were won;
    - ``same_stage``: for each stage the share of the amount there one window ago that was won
      since, over up to three past windows, plus what deals that came in such a window brought;
    - ``last_period``: what the last window brought; ``mean_of_three``: the mean of the last three,
      as far as they were recorded; ``year_before``: the same window a year ago.
    """
    known = now.known
    past = [known.as_of - k * horizon_days for k in range(1, 4)]
    past = [day for day in past if day >= observed_from - 1]
    windows = [booked(known, day, day + horizon_days) for day in past]
    year_ago = known.as_of - 364
    seen_a_year = year_ago >= observed_from - 1
    return pd.Series(
        {
            STAGE_WEIGHTS: _stage_weights(now, horizon_days),
            WIN_RATE: _win_rate(now),
            SAME_STAGE: _same_stage(now, horizon_days, past),
            LAST_PERIOD: windows[0] if windows else np.nan,
            MEAN_OF_THREE: float(np.mean(windows)) if windows else np.nan,
            YEAR_BEFORE: booked(known, year_ago, year_ago + horizon_days)
            if seen_a_year
            else np.nan,
        }
    )


def _stage_weights(now: Snapshot, horizon_days: int) -> float:
    """Amounts due × weights that rise evenly with the mean age at which a stage is entered."""
    known, still = now.known, now.known.open
    entered_at = known.stage_day - known.created[known.stage_deal]
    count = len(known.stages)
    entries = np.bincount(known.stage_code, minlength=count)
    age = np.bincount(known.stage_code, entered_at, count) / np.maximum(entries, 1)
    there = np.flatnonzero(entries)
    weight = np.zeros(count)
    weight[there[np.argsort(age[there], kind="stable")]] = np.arange(1, len(there) + 1)
    weight = weight / (len(there) + 1) if len(there) else np.full(count, 0.5)
    due = now.due[still] <= known.as_of + horizon_days
    return float((now.amount[still] * weight[now.stage[still]] * due).sum())


def _win_rate(now: Snapshot) -> float:
    """All open amounts × the share of closed deals that were won."""
    closed = now.known.closed <= now.known.as_of
    if not closed.any():
        return np.nan
    return float(now.amount[now.known.open].sum() * now.known.won[closed].mean())


def _same_stage(now: Snapshot, horizon_days: int, past: list[int]) -> float:
    """Last windows' conversion of each stage's amount, and what new deals brought in them."""
    known, still = now.known, now.known.open
    if not past:
        return np.nan
    count = len(known.stages)
    there, won, new = np.zeros(count), np.zeros(count), 0.0
    for day in past:
        until = day + horizon_days
        stage = stage_on(known, day)
        open_then = (known.created <= day) & (known.closed > day)
        won_since = known.won & (known.closed > day) & (known.closed <= until)
        there += np.bincount(stage[open_then], now.amount[open_then], count)
        both = open_then & won_since
        won += np.bincount(stage[both], known.won_amount[both], count)
        new += known.won_amount[won_since & (known.created > day)].sum()
    share = won / np.where(there > 0, there, 1.0)
    here = np.bincount(now.stage[still], now.amount[still], count)
    return float(here @ share + new / len(past))

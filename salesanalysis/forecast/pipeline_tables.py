"""What a pipeline forecast says of each open deal, and what it rests on, as tables."""

import numpy as np
import pandas as pd

from salesanalysis.forecast.deal_arrays import IMPUTED, NEVER, History, stage_on
from salesanalysis.forecast.horizons import Horizon
from salesanalysis.forecast.model import PipelineModel
from salesanalysis.forecast.overrides import Overrides
from salesanalysis.forecast.risk_tables import LARGE_PARTS, PART_DAYS, WON
from salesanalysis.forecast.simulation import OpenBook

#: What a deal's chance rests on.
FITTED, MOSTLY_PRIOR, OVERRIDDEN = "fitted", "mostly_prior", "override"
#: With fewer past deals than this behind it, a chance is mostly what was thought beforehand.
_LEAST_EVIDENCE = 20


def must_win(history: History, rows: np.ndarray) -> np.ndarray:
    """Which of these deals are key deals."""
    if "must_win" not in history.deals:
        return np.zeros(len(rows), dtype=bool)
    return history.deals["must_win"].iloc[rows].fillna(False).to_numpy(dtype=bool)


def basis_of(model: PipelineModel) -> np.ndarray:
    """What the chance of each open deal rests on."""
    return np.where(model.evidence < _LEAST_EVIDENCE, MOSTLY_PRIOR, FITTED)


def deal_table(
    history: History,
    model: PipelineModel,
    ahead: Horizon,
    by: list[str],
    book: OpenBook,
    by_hand: Overrides,
) -> pd.DataFrame:
    """One row per open deal × period."""
    known, still = model.known, model.known.open
    deals = history.deals.iloc[known.row[still]].reset_index(drop=True)
    table = deals[list(dict.fromkeys(["opportunity_id", *by]))].copy()
    stage = stage_on(known, known.as_of)[still]
    table["stage"] = np.array(known.stages, dtype=object)[stage]
    table["age_days"] = (known.as_of - known.created[still]).astype(float)
    table["amount"] = book.amount
    table["amount_from"] = np.where(book.imputed, IMPUTED, known.amount_from[still])
    table["zombie"] = model.zombies
    table["must_win"] = must_win(history, known.row[still])
    if "owner_call" in deals:
        table["owner_call"] = deals["owner_call"]
    basis = basis_of(model)
    count = len(ahead.labels)
    table = table.loc[table.index.repeat(count)].reset_index(drop=True)
    table["period"] = np.tile(np.array(ahead.labels, dtype=object), len(still))
    chance = by_hand.chances.reshape(-1)
    given = np.repeat(by_hand.given, count)
    table["probability"] = chance
    table["model_probability"] = model.chances.reshape(-1)
    table["expected_amount"] = chance * table["amount"]
    table["basis"] = np.where(given, OVERRIDDEN, np.repeat(basis, count))
    table["evidence"] = np.repeat(model.evidence, count)
    table["reason"] = pd.array(np.repeat(by_hand.reason, count), dtype="str")
    return table


def assumptions(history: History, model: PipelineModel, book: OpenBook) -> pd.DataFrame:
    """What the forecast rests on."""
    known, still = model.known, model.known.open
    counted = (known.closed <= known.as_of) & (known.closed >= model.observed_from)
    zombie = model.zombies
    wins = float(known.won[counted].sum())
    there = (history.created <= known.as_of) | (history.created == NEVER)
    left_out = (there & ~history.usable).sum()
    rows = [
        ("observed_days", "", known.as_of - model.observed_from + 1, "days"),
        ("deals_known", "", len(known.created), "count"),
        ("deals_left_out", "", left_out, "count"),
        ("open_deals", "", len(still), "count"),
        ("wins", "", wins, "count"),
        ("losses", "", counted.sum() - wins, "count"),
    ]
    past = model.landmarks.followed.reshape(len(known.stages), -1).sum(axis=1)
    rows += [
        ("deals_followed", name, count, "count")
        for name, count in zip(known.stages, past, strict=True)
        if count
    ]
    last_stage = stage_on(known, known.as_of)[counted]
    rows += [
        ("closed_from", name, count, "count")
        for name, count in zip(
            known.stages, np.bincount(last_stage, minlength=len(known.stages)), strict=True
        )
        if count
    ]
    pace = model.hazards.by_part[WON].mean(axis=1)
    pace /= np.average(pace, weights=PART_DAYS)
    large = np.bincount(LARGE_PARTS, pace * PART_DAYS) / np.bincount(LARGE_PARTS, PART_DAYS)
    *months, end = large
    rows += [("month_of_quarter", str(k + 1), month, "number") for k, month in enumerate(months)]
    rows += [
        ("month_end", "", pace[[1, 3]].mean(), "number"),
        ("quarter_end", "", end, "number"),
        ("quarter_last_week", "", pace[-1], "number"),
    ]
    rows += [
        ("level_won", "", model.level.won, "number"),
        ("level_lost", "", model.level.lost, "number"),
        ("level_spread", "", model.level.spread, "share"),
        ("arrivals_per_day", "", model.arrivals.per_day, "number"),
        ("arrivals_spread", "", model.arrivals.spread, "share"),
        ("prior_weight", "", _LEAST_EVIDENCE / (_LEAST_EVIDENCE + model.closings), "share"),
        ("oldest_closing", "", model.oldest_closing, "days"),
        ("unseen_wins", "", model.unseen, "share"),
        ("zombies", "", zombie.sum(), "count"),
        ("zombie_amount", "", book.amount[zombie].sum(), "amount"),
        ("imputed_amounts", "", book.imputed.sum(), "count"),
        ("amount_ratio", "", model.amount_ratio, "number"),
    ]
    table = pd.DataFrame(rows, columns=["name", "detail", "value", "unit"])
    return table.astype({"value": float})

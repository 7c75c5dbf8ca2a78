"""The answer of a forecast report, and the cautions that stand with it on the first screen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesanalysis.columns import PIPELINE
from salesanalysis.errors import only_row, require_columns
from salesanalysis.findings import Finding, KeyFigure, picked
from salesanalysis.known import KnownForecast, frame_of, require_known
from salesanalysis.stats import fallen_silent, z_value

if TYPE_CHECKING:
    from salesanalysis.forecast.company_forecast import Forecast

#: What a deal that decides is told by.
WITH_AND_WITHOUT = ("opportunity_id", "probability", "p_target_if_won", "p_target_if_lost")
WITH_AND_WITHOUT += tuple(f"{q}_if_{end}" for end in ("won", "lost") for q in ("q10", "q50", "q90"))
#: From this share of the expected wins on, that nobody could see such closings is said first.
_MUCH_UNSEEN = 0.1
#: The days whose new deals are held against as many of the past: the record's first, once it had
#: run for so long (it may begin with what was typed in), at most so many years ago.
_DAYS, _MOST_YEARS = 91, 3
#: A company is of another size where the two differ by this factor, beyond chance (95% interval) by
#: the second, and where the same season a year ago differs too, by the third.
_OTHER_SIZE, _SURELY_OTHER, _YEAR_AGO = 1.75, 1.3, 1.25
#: With fewer amounts on either side nothing is said of their size.
_LEAST_AMOUNTS = 10


def lead(
    figures: Sequence[KeyFigure],
    *,
    period: str,
    deciding: pd.DataFrame | None = None,
    cautions: Sequence[Finding] = (),
) -> list[Finding]:
    """The answer: where the period lands, the chance of its target, and what to think of with it.

    Parameters
    ----------
    figures : list of KeyFigure
        As from :func:`salesanalysis.forecast.key_figures`.
    period : str
        The period that they are about.
    deciding : DataFrame, optional
        As from :meth:`Forecast.deciding_deal`; with a row, the answer is two numbers, with that
        deal and without it.
    cautions : list of Finding, optional
        As from :func:`cautions`, to stand with the answer.

    Returns
    -------
    list of Finding
        One of ``likely``, ``likely_only`` (there is no target), ``one_deal``, ``one_deal_only``;
        then the cautions.

    Examples
    --------
    >>> figures = [KeyFigure("likely", 95.0, 80.0, 110.0), KeyFigure("p_target", 0.4),
    ...            KeyFigure("target", 100.0)]
    >>> lead(figures, period="2025-Q4")[0].values
    {'period': '2025-Q4', 'q50': 95.0, 'q10': 80.0, 'q90': 110.0, 'target': 100.0, 'p_target': 0.4}
    """
    known = {figure.name: figure for figure in figures}
    require_columns(known, ["likely", "target", "p_target"], "`figures`")
    likely, target = known["likely"], known["target"].value
    if deciding is not None and len(deciding):
        row = only_row(deciding, WITH_AND_WITHOUT, "`deciding`")
        values = picked(row, "opportunity_id", "probability", "q10_if_won", "q50_if_won")
        values |= picked(row, "q90_if_won", "q10_if_lost", "q50_if_lost", "q90_if_lost")
        values |= {"period": period}
        if np.isnan(target):
            return [Finding("lead", "one_deal_only", values), *cautions]
        goal = picked(row, "p_target_if_won", "p_target_if_lost") | {"target": target}
        return [Finding("lead", "one_deal", values | goal), *cautions]
    values = {"period": period, "q50": likely.value, "q10": likely.low, "q90": likely.high}
    if np.isnan(target):
        return [Finding("lead", "likely_only", values), *cautions]
    goal = {"target": target, "p_target": known["p_target"].value}
    return [Finding("lead", "likely", values | goal), *cautions]


def scenario_lead(scenario: str, forecast: "Forecast", before: "Forecast") -> list[Finding]:
    """Where the period lands in a scenario, and where without it: the answer of its report.

    Parameters
    ----------
    scenario : str
        What it is called.
    forecast, before : Forecast
        With what was decided, and without.

    Returns
    -------
    list of Finding
        One: ``scenario``, or ``scenario_only`` where there is no target.
    """
    then, now = (made.against_targets().iloc[0] for made in (forecast, before))
    values = {"scenario": scenario, "period": forecast.period}
    values |= {"q50": then["q50"], "q50_now": now["q50"]}
    if np.isnan(then["target"]):
        return [Finding("lead", "scenario_only", values)]
    chances = {"p_target": then["p_target"], "p_target_now": now["p_target"]}
    return [Finding("lead", "scenario", values | chances)]


def cautions(known: KnownForecast, forecast: "Forecast") -> list[Finding]:
    """What must be thought of in the same breath as the answer.

    Parameters
    ----------
    known : KnownForecast
    forecast : Forecast

    Returns
    -------
    list of Finding
        ``deals_end``, ``bookings_end`` (nothing is recorded for far longer than ever in the year
        before), ``other_size`` (far more or fewer deals come in than in the past from which was
        learned), else ``other_amounts`` (they are far larger or smaller than those of that past),
        ``short_history`` (it is shorter than the sales cycle).
    """
    found = []
    pipeline, booked = require_known(known, KnownForecast).pipeline, known.closed
    if pipeline is not None and len(pipeline.deals):
        deals = frame_of(pipeline, "deals", ["created_at", "closed_at", "amount"])
        happened = [deals["created_at"], deals["closed_at"]]
        if pipeline.stage_entries is not None and len(pipeline.stage_entries):
            happened.append(frame_of(pipeline, "stage_entries", ["entered_at"])["entered_at"])
        found += _ended("deals_end", pd.concat(happened), known) or _other_size(deals, known)
    if booked is not None and len(booked):
        closed = frame_of(known, "closed", ["stream", "closed_at"])
        outside = closed[closed["stream"] != PIPELINE]
        found += _ended("bookings_end", outside["closed_at"], known)
    return found + short_history(forecast.assumptions, "lead")


def short_history(assumptions: pd.DataFrame, kind: str) -> list[Finding]:
    """That the history is shorter than the sales cycle, where it is."""
    rests = assumptions.drop_duplicates("name").set_index("name")["value"]
    unseen = float(rests.get("unseen_wins", 0.0))
    if unseen < _MUCH_UNSEEN:
        return []
    values = {"unseen": unseen, "oldest_days": float(rests["oldest_closing"])}
    if kind == "lead":
        return [Finding("lead", "short_history", values)]
    return [Finding("headline", "short_history", values)]


def _days_of(moments: pd.Series, known: KnownForecast) -> pd.Series:
    """The days up to that of the report on which something happened, one for each moment."""
    moments = moments.dropna()
    return moments[moments <= known.as_of].dt.normalize()


def _ended(name, moments: pd.Series, known: KnownForecast) -> list[Finding]:
    """That a record ends too long before the day of the report."""
    days = _days_of(moments, known)
    if not fallen_silent(days, known.as_of):
        return []
    last = days.max()
    values = {"last": last, "silent_days": float((known.as_of.normalize() - last).days)}
    if name == "deals_end":
        return [Finding("lead", "deals_end", values)]
    return [Finding("lead", "bookings_end", values)]


def _other_size(deals: pd.DataFrame, known: KnownForecast) -> list[Finding]:
    """That far more or fewer deals, or larger or smaller ones, come in than in the past."""
    days, today = _days_of(deals["created_at"], known), known.as_of.normalize()
    length = pd.Timedelta(days=_DAYS)
    if days.empty or today - days.min() < 2 * length:
        return []
    begins = days.min() + (length if today - days.min() >= 3 * length else 0 * length)
    until = max(begins, today - pd.DateOffset(years=_MOST_YEARS)) + length - pd.Timedelta(days=1)
    year_ago = today - pd.DateOffset(years=1)
    amount = pd.Series(deals["amount"].to_numpy(float, na_value=np.nan), deals.index)
    logs = np.log(amount[amount > 0].reindex(days.index).dropna())

    def came(end: pd.Timestamp) -> np.ndarray:
        """The logarithms of the amounts of the deals of so many days, missing where unknown."""
        within = days.index[(days > end - length) & (days <= end)]
        return logs.reindex(within).to_numpy()

    recent, earlier = came(today), came(until)
    season = came(year_ago) if year_ago - length >= days.min() else None
    window = {"until": until, "days": _DAYS}
    if _is_other(_log_ratio, recent, earlier, season):
        values = {"recent": len(recent), "earlier": len(earlier)} | window
        return [Finding("lead", "other_size", values)]
    if _is_other(_log_amounts, recent, earlier, season):
        values = {"recent": float(np.exp(np.nanmean(recent)))}
        values |= {"earlier": float(np.exp(np.nanmean(earlier)))} | window
        return [Finding("lead", "other_amounts", values)]
    return []


def _is_other(compared, recent, earlier, season) -> bool:
    """Whether two times differ far and beyond chance, and not as their season does."""
    change, chance = compared(recent, earlier)
    if not (abs(change) >= np.log(_OTHER_SIZE) and abs(change) - chance >= np.log(_SURELY_OTHER)):
        return False
    if season is None:
        return True
    return not compared(recent, season)[0] * np.sign(change) < np.log(_YEAR_AGO)


def _log_ratio(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """The logarithm of the ratio of two numbers of deals, and half of its 95% interval."""
    some = np.maximum([len(one), len(other)], 0.5)
    return float(np.log(some[0] / some[1])), z_value(0.95) * float(np.sqrt((1 / some).sum()))


def _log_amounts(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """The same of the amount of a typical deal (geometric mean), missing where few have one."""
    one, other = one[~np.isnan(one)], other[~np.isnan(other)]
    if min(len(one), len(other)) < _LEAST_AMOUNTS:
        return np.nan, np.nan
    error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    return float(one.mean() - other.mean()), z_value(0.95) * float(error)

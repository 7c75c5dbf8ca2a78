"""How the pipeline forecast would have done on the user's own past, against what others do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding
from salesanalysis.forecast import scores as scoring
from salesanalysis.forecast.deal_arrays import (
    DealArrays,
    History,
    day_number,
    deal_arrays,
    read_history,
)
from salesanalysis.forecast.draws import quantile_name
from salesanalysis.forecast.model import PipelineSettings
from salesanalysis.forecast.pipeline_forecast import from_history
from salesanalysis.forecast.recorded_since import recording_start
from salesanalysis.forecast.rivals import (
    RIVALS,
    RUN_RATES,
    SAME_STAGE,
    Snapshot,
    booked,
    rival_forecasts,
)
from salesanalysis.known import KnownPipeline
from salesanalysis.periods import Day
from salesanalysis.stats import wilson
from salesanalysis.summarised import Summarised

#: The name of the pipeline model among the methods.
MODEL = "model"
#: Levels of the intervals that are checked.
LEVELS = (0.5, 0.8, 0.9)
#: Quantiles kept of each window.
SHARES = (0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95)
#: With fewer windows that do not overlap, a backtest says little.
LEAST_WINDOWS = 3.0


@dataclass(frozen=True, eq=False, repr=False)
class Backtest(Summarised):
    """Forecasts of the past beside what came.

    Attributes
    ----------
    windows : DataFrame, one row per horizon × day × method
        ``horizon_days, as_of, method, mean``, the quantiles ``q05`` … ``q95`` of the model,
        ``actual``, ``error`` (mean − actual), ``crps`` (of a single number its absolute error) and
        ``pit`` of the model.
    scores : DataFrame, one row per horizon × method
        ``horizon_days, method, windows`` (scored), ``independent`` (windows that do not overlap),
        ``actual`` (sum), ``wape, bias, relative_crps`` (CRPS ÷ revenue), and of the model
        ``pinball`` (mean over its quantiles ÷ revenue), and for each level 50, 80 and 90%
        ``coverage_80, coverage_80_low, coverage_80_high`` (Wilson, as if windows were independent)
        and ``width_80`` (mean width ÷ mean revenue). Best method of a horizon first.
    """

    windows: pd.DataFrame
    scores: pd.DataFrame

    def summary(self) -> pd.DataFrame:
        """The scores."""
        return self.scores

    def findings(self) -> list[Finding]:
        """Whether to trust the model here, one finding per horizon.

        ``trust_model``: its distribution scores better than same-stage conversion and every run
        rate (CRPS, on the windows that both have); ``run_rate_first`` or ``conversion_first``: it
        does not, so that the hardest of them comes first. A mixture of all by their past scores
        was tried on 32 companies and was no better than the model alone;
        ``few_windows``: too short a past to say; ``nothing_came``: nothing was won in any window.
        """
        return [
            _finding(days, part, self.windows[self.windows["horizon_days"] == days])
            for days, part in self.scores.groupby("horizon_days", sort=True)
        ]

    def pooled_coverage(self) -> pd.DataFrame:
        """Coverage of the model's intervals over all windows of all horizons: one row per level."""
        model = self.windows[self.windows["method"] == MODEL]
        rows = []
        for level in LEVELS:
            low, high = _limits(model, level)
            inside = (low <= model["actual"]) & (model["actual"] <= high)
            k, n = int(inside.sum()), len(model)
            below, above = wilson(k, n)
            rows.append((level, n, k, k / n if n else np.nan, float(below), float(above)))
        return pd.DataFrame(rows, columns=["level", "n", "k", "rate", "rate_low", "rate_high"])


def backtest(
    frames: KnownPipeline | pd.DataFrame,
    *,
    horizon_days: int | Sequence[int] = 28,
    step_days: int = 7,
    warm_up_days: int = 60,
    first_as_of: Day | None = None,
    last_day: Day | None = None,
    draws: int = 2000,
    seed: int = 0,
    observed_from: Day | None = None,
    settings: PipelineSettings = PipelineSettings(),
) -> Backtest:
    """Forecast again on past days, each time with what was known then, and compare with what came.

    Days follow one another every ``step_days``; every window lies wholly before the end of the
    data. Where new deals stop in the data before closings do (an export of old deals), windows end
    with the last new deal, because afterwards deals that came are missing.

    Parameters
    ----------
    frames : what :func:`salesanalysis.reduce.forecast.pipeline` gives, or DataFrame
        As for :func:`pipeline`, as known at the end of the data.
    horizon_days : int or list of int
        Length of the windows: the ``horizon_days`` days after each day.
    step_days : int
    warm_up_days : int
        Days of recorded closings before the first forecast.
    first_as_of : str, date or timestamp, optional
        The first day to forecast on, instead of ``warm_up_days``.
    last_day : str, date or timestamp, optional
        The last day that windows may reach; found in the data where not given.
    draws, seed : int
        How many draws each forecast has, and where their random numbers start.
    observed_from : str, date or timestamp, optional
        As for :func:`pipeline`; each forecast judges it from what it knows where not given.
    settings : PipelineSettings
        As for :func:`pipeline`.

    Returns
    -------
    Backtest

    Raises
    ------
    SalesAnalysisError
        The data are too short for a single window.

    References
    ----------
    Rolling origin: Tashman, L. J. (2000), International Journal of Forecasting 16, 437–450. Scores:
    Gneiting, T., Raftery, A. E. (2007), JASA 102, 359–378.

    Examples
    --------
    >>> day = pd.Timestamp("2025-01-01")
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": [f"d{n}" for n in range(300)], "outcome": ["won", "lost"] * 150,
    ...     "created_at": [day + pd.Timedelta(days=n) for n in range(300)],
    ...     "closed_at": [day + pd.Timedelta(days=n + 10 + n % 20) for n in range(300)],
    ...     "amount": 100.0})
    >>> tested = backtest(deals, horizon_days=28, step_days=28, draws=500)
    >>> model = tested.scores.set_index("method").loc["model"]
    >>> int(model["windows"]), round(float(model["wape"]), 2)
    (8, 0.08)
    >>> tested.findings()[0].name
    'run_rate_first'
    """
    history = read_history(frames)
    horizons = [horizon_days] if isinstance(horizon_days, int) else list(horizon_days)
    if not horizons or min(horizons) < 1 or step_days < 1:
        raise SalesAnalysisError(
            f"`horizon_days` is {horizon_days!r} and `step_days` {step_days!r}; expected days, 1 or"
            " more."
        )
    if not history.usable.any():
        raise SalesAnalysisError("No deal of `frames` has a date of creation to go back to.")
    final = deal_arrays(history, _day(history.last_day))
    end = _last_complete_day(final) if last_day is None else day_number(last_day)
    start = recording_start(final) if observed_from is None else day_number(observed_from)
    first = start + warm_up_days - 1 if first_as_of is None else day_number(first_as_of)
    arguments = {"draws": draws, "seed": seed, "observed_from": observed_from}
    arguments["settings"] = settings
    rows = []
    for days in horizons:
        for day in range(first, end - days + 1, step_days):
            rows += _window(history, final, day, days, start, arguments)
    if not rows:
        raise SalesAnalysisError(
            f"The data reach to {_day(end):%Y-%m-%d}, too short for a window of {min(horizons)}"
            f" days after {_day(first):%Y-%m-%d}. Take a shorter `horizon_days` or `warm_up_days`."
        )
    windows = pd.DataFrame(rows)
    return Backtest(windows, _scores(windows, step_days))


def _day(number: int) -> pd.Timestamp:
    return pd.Timestamp(np.datetime64(number, "D"))


def _last_complete_day(final: DealArrays, *, missing: float = 10.0) -> int:
    """The last day, or that of the last new deal where at least ``missing`` are missing since."""
    last = int(final.created.max())
    recent = final.created > last - 56
    pace = recent.sum() / min(56, last - int(final.created.min()) + 1)
    return last if (final.as_of - last) * pace > missing else final.as_of


def _window(
    history: History,
    final: DealArrays,
    day: int,
    days: int,
    observed_from: int,
    arguments: dict,
) -> list[dict]:
    """The rows of one day and horizon: the model's and the rivals'."""
    as_of, bounds = _day(day), [_day(day + 1), _day(day + days + 1)]
    actual = booked(final, day, day + days)
    ahead = from_history(history, as_of, periods=bounds, **arguments)
    values = ahead.draws.total().values[0]
    own = {"method": MODEL, "mean": float(values.mean())}
    own |= {quantile_name(q): float(np.quantile(values, q)) for q in SHARES}
    own |= {"crps": float(scoring.crps(values, actual)), "pit": float(scoring.pit(values, actual))}
    others = rival_forecasts(Snapshot.of(history, deal_arrays(history, as_of)), days, observed_from)
    rows = [own]
    rows += [
        {"method": name, "mean": others[name], "crps": abs(others[name] - actual)}
        for name in RIVALS
    ]
    where = {"horizon_days": days, "as_of": as_of}
    columns = ["mean", *(quantile_name(q) for q in SHARES), "actual", "error", "crps", "pit"]
    return [
        where
        | {"method": row["method"]}
        | {name: np.nan for name in columns}
        | row
        | {"actual": actual, "error": row["mean"] - actual}
        for row in rows
    ]


def _limits(table: pd.DataFrame, level: float) -> tuple[pd.Series, pd.Series]:
    """The limits of the central interval of a level."""
    return (
        table[quantile_name(round(0.5 - level / 2, 6))],
        table[quantile_name(round(0.5 + level / 2, 6))],
    )


def _scores(windows: pd.DataFrame, step_days: int) -> pd.DataFrame:
    """One row per horizon × method."""
    rows = []
    for (days, method), part in windows.groupby(["horizon_days", "method"], sort=False):
        part = part.dropna(subset=["mean"])
        if part.empty:
            continue
        revenue = part["actual"].sum()
        row = {"horizon_days": days, "method": method, "windows": len(part)}
        row["independent"] = 1 + (len(part) - 1) * min(1.0, step_days / days)
        row["actual"] = revenue
        row["wape"] = scoring.wape(part["mean"], part["actual"])
        row["bias"] = scoring.bias(part["mean"], part["actual"])
        row["relative_crps"] = scoring.relative_crps(part["crps"], part["actual"])
        row |= _of_distribution(part, revenue) if method == MODEL else {}
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.sort_values(["horizon_days", "relative_crps"], kind="stable", ignore_index=True)


def _of_distribution(part: pd.DataFrame, revenue: float) -> dict:
    """Pinball loss, coverage and width of the model's quantiles."""
    losses = [
        scoring.pinball(part[quantile_name(q)], part["actual"], share=q).sum() for q in SHARES
    ]
    row = {"pinball": float(np.mean(losses)) / revenue if revenue else np.nan}
    for level in LEVELS:
        low, high = _limits(part, level)
        inside = ((low <= part["actual"]) & (part["actual"] <= high)).sum()
        name = f"coverage_{level:.0%}".rstrip("%")
        below, above = wilson(int(inside), len(part))
        row |= {name: inside / len(part), f"{name}_low": float(below), f"{name}_high": float(above)}
        width = (high - low).sum()
        row[f"width_{level:.0%}".rstrip("%")] = width / revenue if revenue else np.nan
    return row


def _finding(days: int, scores: pd.DataFrame, windows: pd.DataFrame) -> Finding:
    """Whether to trust the model at one horizon: against each rival on the windows it has."""
    model = scores.set_index("method").loc[MODEL]
    seen = {"horizon_days": int(days), "windows": int(model["windows"])}
    crps = windows.pivot_table(index="as_of", columns="method", values="crps")
    ratios = {
        name: crps.loc[crps[name].notna(), MODEL].sum() / max(crps[name].sum(), 1e-12)
        for name in (*RUN_RATES, SAME_STAGE)
        if name in crps
    }
    if not model["actual"] > 0:
        return Finding("headline", "nothing_came", seen)
    if model["independent"] < LEAST_WINDOWS or not ratios:
        return Finding("headline", "few_windows", seen)
    hardest = max(ratios, key=ratios.get)
    rival = scores.set_index("method").loc[hardest]
    errors = {"wape": float(model["wape"]), "rival_wape": float(rival["wape"])}
    # Windows that overlap are not as many cases as they are windows.
    errors |= {"independent": int(model["independent"])}
    if ratios[hardest] >= 1:
        name = "run_rate_first" if hardest in RUN_RATES else "conversion_first"
        return Finding("headline", name, seen | errors)
    held = {"held": round(float(model["coverage_80"]) * seen["windows"])}
    return Finding("headline", "trust_model", seen | errors | held)

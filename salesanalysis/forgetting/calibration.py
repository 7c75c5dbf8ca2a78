"""Whether a curve says what was seen: predicted against observed retention, by delay."""

import numpy as np
import pandas as pd
from scipy.special import xlogy

from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.points import retention_points, step_of
from salesanalysis.forgetting.time_units import in_unit

#: A curve that is off by no more than this share describes the tests well enough to be quoted.
MOST_OFF = 0.05
#: Chance of calling any step of the delay missed by a curve that is right.
_FALSE_ALARM = 0.05


def calibration(tests: pd.DataFrame, curve: ForgettingCurve) -> pd.DataFrame:
    """What a curve predicts at each step of the delay, and what the tests found there.

    Parameters
    ----------
    tests : DataFrame, one row per test
        ``learner_id, elapsed`` (in the curve's unit) and ``known``.
    curve : ForgettingCurve

    Returns
    -------
    DataFrame
        One row per step of the delay: ``elapsed`` (mean, in days), ``tests, learners, retention,
        retention_low, retention_high`` as from :func:`retention_points` (the limits hold for all
        steps together, at 95%), ``predicted`` (mean of the curve at these tests), ``off``
        (predicted less observed), ``missed``: whether the prediction lies outside the limits and
        is off by more than :data:`MOST_OFF`.

    Raises
    ------
    SalesAnalysisError
        A column is missing.

    Examples
    --------
    >>> from salesanalysis.forgetting import known_curve
    >>> tests = pd.DataFrame({"learner_id": list("abcabc"), "elapsed": [1.0] * 3 + [30.0] * 3,
    ...                       "known": [0.9, 0.92, 0.91, 0.2, 0.21, 0.19]})
    >>> table = calibration(tests, known_curve(half_life=30, time_unit="days"))
    >>> table[["elapsed", "retention", "predicted", "missed"]].round(2)
       elapsed  retention  predicted  missed
    0      1.0       0.91       0.98    True
    1     30.0       0.20       0.50    True
    """
    require_columns(tests.columns, ["learner_id", "elapsed", "known"], "`tests`")
    days = tests.assign(elapsed=tests["elapsed"] * in_unit(1.0, curve.time_unit, "days"))
    days = days.dropna(subset=["elapsed", "known"])
    step = step_of(days["elapsed"])
    level = 1 - _FALSE_ALARM / max(len(np.unique(step)), 1)
    table = retention_points(days, level=level)
    predicted = curve.in_unit("days").retention(days["elapsed"].to_numpy())
    table["predicted"] = pd.Series(predicted).groupby(step).mean().to_numpy()
    table["off"] = table["predicted"] - table["retention"]
    outside = (table["predicted"] < table["retention_low"]) | (
        table["predicted"] > table["retention_high"]
    )
    return table.assign(missed=outside & (table["off"].abs() > MOST_OFF))


def log_losses(tests: pd.DataFrame, curve: ForgettingCurve) -> tuple[float, float]:
    """How badly a curve foretells single answers, and how badly their mean does.

    The mean of −ln of the probability given to what came, an answer right or wrong; less is better.
    A curve that is no better than a constant says nothing of forgetting.

    Parameters
    ----------
    tests : DataFrame, one row per test
        ``elapsed`` (in the curve's unit), ``retention``; ``guess`` where answers can be guessed.
    curve : ForgettingCurve

    Returns
    -------
    tuple of float
        Of the curve, of the constant.

    Examples
    --------
    >>> from salesanalysis.forgetting import known_curve
    >>> tests = pd.DataFrame({"elapsed": [1.0, 30.0], "retention": [0.95, 0.5]})
    >>> [round(loss, 3) for loss in log_losses(tests, known_curve(half_life=30, time_unit="days"))]
    [0.452, 0.588]
    """
    require_columns(tests.columns, ["elapsed", "retention"], "`tests`")
    tests = tests.dropna(subset=["elapsed", "retention"])
    share = tests["retention"].to_numpy(float).clip(0, 1)
    guess = tests["guess"].fillna(0.0).to_numpy(float) if "guess" in tests else 0.0
    said = guess + (1 - guess) * curve.retention(tests["elapsed"].to_numpy(float))
    mean = np.full_like(share, share.mean() if len(share) else np.nan)
    return _log_loss(share, said), _log_loss(share, mean)


def calibration_findings(table: pd.DataFrame, losses: tuple[float, float]) -> list[Finding]:
    """Whether the curve says what was seen.

    Parameters
    ----------
    table : DataFrame
        As from :func:`calibration`.
    losses : tuple of float
        As from :func:`log_losses`.

    Returns
    -------
    list of Finding
        ``meets`` or ``misses``, and ``better`` or ``no_better`` than a constant.

    Examples
    --------
    >>> table = pd.DataFrame({"elapsed": [1.0], "retention": [0.9], "predicted": [0.7],
    ...                       "off": [-0.2], "missed": [True]})
    >>> [finding.name for finding in calibration_findings(table, (0.4, 0.6))]
    ['misses', 'better']
    """
    needed = ["elapsed", "retention", "predicted", "off", "missed"]
    require_columns(table.columns, needed, "`table`")
    if table.empty:
        return []
    loss = {"loss": losses[0], "constant": losses[1]}
    worst = table.loc[table["off"].abs().idxmax()]
    values = {"days": worst["elapsed"], "seen": worst["retention"], "said": worst["predicted"]}
    if table["missed"].any():
        found = [Finding("calibration", "misses", values)]
    else:
        found = [Finding("calibration", "meets", values | {"steps": len(table)})]
    if losses[0] < losses[1]:
        return [*found, Finding("calibration", "better", loss)]
    return [*found, Finding("calibration", "no_better", loss)]


def _log_loss(share, said) -> float:
    if not len(share):
        return np.nan
    said = np.clip(said, 1e-6, 1 - 1e-6)
    return float(-(xlogy(share, said) + xlogy(1 - share, 1 - said)).mean())

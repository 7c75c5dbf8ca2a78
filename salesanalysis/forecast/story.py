"""What a forecast report says first, what it warns of, and by what it is compared."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesanalysis.findings import Finding

if TYPE_CHECKING:
    from salesanalysis.forecast.backtests import Backtest
    from salesanalysis.forecast.whole import Forecast


def findings(forecast: "Forecast", tested: "Backtest | None" = None) -> list[Finding]:
    """Where the period will land, against its target, and whether to believe it.

    Where the backtest shows no skill of the model over the last period's pace, the run rate comes
    first.

    Parameters
    ----------
    forecast : Forecast
    tested : Backtest, optional
        As from :func:`backtest`.

    Returns
    -------
    list of Finding
        ``run_rate`` (only then), ``landing`` (with a target) or ``landing_only``, ``must_win`` (the
        deal that matters most), ``missing`` or ``over`` (against the target), then
        those of the backtest.
    """
    trust = [] if tested is None else tested.findings()
    goal = forecast.against_targets().iloc[0].to_dict()
    landing = forecast.within().summary(quantiles=[0.1, 0.5, 0.9]).iloc[0].to_dict()
    values = goal | landing | {"period": forecast.period}
    pace = {"amount": forecast.run_rate(), "period": forecast.period}
    found = []
    if any(finding.name == "run_rate_first" for finding in trust):
        found.append(Finding("run_rate", pace))
    has_target = not np.isnan(goal["target"])
    found.append(Finding("landing" if has_target else "landing_only", values))
    if has_target and goal["gap_amount"] < 0:
        found.append(Finding("missing", values | {"missing_amount": -goal["gap_amount"]}))
    elif has_target:
        found.append(Finding("over", values))
    key = forecast.must_win()
    if len(key):
        most = (key["q50_if_won"] - key["q50_if_lost"]).idxmax()
        found.append(Finding("must_win", key.loc[most].to_dict() | {"deals": len(key)}))
    return found + trust


def caveats(forecast: "Forecast", checks: pd.DataFrame) -> list[Finding]:
    """What a reader must know before quoting the forecast.

    Parameters
    ----------
    forecast : Forecast
    checks : DataFrame
        As from :func:`salesanalysis.reduce.forecast.checks`.

    Returns
    -------
    list of Finding
        ``blocking`` (checks that make figures wrong), ``mostly_prior`` (open deals whose chance is
        mostly what was thought beforehand), ``no_calls`` (nothing known of what sellers said that
        day), ``no_streams``, ``no_pipeline``, ``target_of_some`` (streams that no target asks for),
        ``nothing_seen`` (streams without any booking), ``too_narrow`` (80 % intervals held clearly
        less often in the backtest).
    """
    found = []
    blocking = int(checks["blocks"].sum())
    if blocking:
        found.append(Finding("blocking", {"count": blocking}))
    deals = forecast.open_deals()
    if "basis" in deals:
        prior = int((deals["basis"] == "mostly_prior").sum())
        if prior:
            found.append(Finding("mostly_prior", {"deals": prior, "open": len(deals)}))
    if forecast.pipeline is None:
        found.append(Finding("no_pipeline"))
    elif forecast.calls["owner_call"].isna().all():
        found.append(Finding("no_calls"))
    if forecast.streams.empty and set(forecast.draws.cells["stream"]) <= {"pipeline"}:
        found.append(Finding("no_streams"))
    asked = set(forecast.targets["stream"].dropna()) if "stream" in forecast.targets else set()
    if asked and asked < set(forecast.draws.cells["stream"]):
        found.append(Finding("target_of_some", {"asked": ", ".join(sorted(asked))}))
    if len(forecast.streams):
        unseen = forecast.streams.loc[forecast.streams["method"] == "nothing_seen", "stream"]
        if len(unseen):
            found.append(Finding("nothing_seen", {"streams": ", ".join(unseen)}))
    return found + _too_narrow(forecast.calibration)


def _too_narrow(scores: pd.DataFrame) -> list[Finding]:
    """Horizons at which the model's 80 % intervals held clearly less often than that."""
    if "coverage_80_high" not in scores:
        return []
    narrow = scores[scores["coverage_80_high"] < 0.8]
    values = narrow[["horizon_days", "coverage_80"]].rename(columns={"coverage_80": "coverage"})
    return [Finding("too_narrow", row) for row in values.to_dict("records")]


def key_numbers(forecast: "Forecast") -> dict[str, float]:
    """The few numbers by which a report is compared with its next run; missing ones are NaN."""
    goal = forecast.against_targets().iloc[0]
    landing = forecast.within().summary(quantiles=[0.1, 0.5, 0.9]).iloc[0]
    names = ["target", "closed", "gap_amount", "p_target", "coverage", "open_amount"]
    return {
        **{name: float(landing[name]) for name in ("mean", "q10", "q50", "q90")},
        **{name: float(goal[name]) for name in names},
        "run_rate": forecast.run_rate(),
    }


def weeks_of(as_of, period: str, *, every_days: int = 7) -> Sequence[pd.Timestamp]:
    """The days on which to look back at the forecast of a period: every week up to ``as_of``.

    From the day before the period begins, or the last eight where it has not begun; ``as_of``
    itself is the last.

    Examples
    --------
    >>> [f"{day:%m-%d}" for day in weeks_of("2025-10-20", "2025-Q4")]
    ['10-06', '10-13', '10-20']
    """
    from salesanalysis import periods

    today = periods.end_of(as_of).normalize()
    first = periods.bounds_of(period)[0] - pd.Timedelta(days=1)
    if first >= today:
        first = today - 7 * pd.Timedelta(days=every_days)
    back = pd.date_range(today, first, freq=f"-{every_days}D")
    return list(back[::-1])

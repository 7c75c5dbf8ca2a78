"""What a forecast report finds, what its pictures show, what it warns of, how runs compare."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesanalysis.errors import only_row, require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.forecast.answer import WITH_AND_WITHOUT, short_history
from salesanalysis.forecast.backtests import LEAST_WINDOWS, MODEL
from salesanalysis.forecast.categories import unknown_calls
from salesanalysis.forecast.draws import CLOSED
from salesanalysis.forecast.target_gap import about_on_target, target_caveats
from salesanalysis.known import KnownForecast

if TYPE_CHECKING:
    from salesanalysis.forecast.backtests import Backtest
    from salesanalysis.forecast.company_forecast import Forecast


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
        ``run_rate`` (only then), ``landing`` (with a target) or ``landing_only``, ``missing``,
        ``over`` or ``on_target`` (in place of these ``one_deal`` where one open deal decides),
        ``short_history`` (much is expected of deals older than any that could be seen closing yet),
        ``must_win`` (the deal that matters most), then those of the backtest.
    """
    trust = [] if tested is None else tested.findings()
    goal = forecast.against_targets().iloc[0]
    landing = forecast.within().summary(quantiles=[0.1, 0.5, 0.9]).iloc[0]
    period, found = {"period": forecast.period}, []
    if any(finding.name == "run_rate_first" for finding in trust):
        pace = period | {"amount": forecast.run_rate()}
        found.append(Finding("headline", "run_rate", pace))
    deciding = forecast.deciding_deal()
    values = period | picked(landing, "q10", "q50", "q90") | picked(goal, "closed")
    if len(deciding):  # then the middle is neither of the two numbers
        deal = only_row(deciding, WITH_AND_WITHOUT, "`deciding_deal`")
        both = picked(deal, "opportunity_id", "probability", "q10_if_won", "q50_if_won")
        both |= picked(deal, "q90_if_won", "q10_if_lost", "q50_if_lost", "q90_if_lost")
        found.append(Finding("headline", "one_deal", period | both | picked(goal, "closed")))
    elif np.isnan(goal["target"]):
        found.append(Finding("headline", "landing_only", values))
    else:
        against = picked(goal, "target", "p_target")
        found.append(Finding("headline", "landing", values | against))
        found.append(_gap(goal["gap_amount"], landing))
    found += short_history(forecast.assumptions, "headline")
    key = forecast.must_win()
    if len(key):
        most = key.loc[(key["q50_if_won"] - key["q50_if_lost"]).idxmax()]
        deal = picked(most, "opportunity_id", "probability", "q50_if_won", "q50_if_lost")
        found.append(Finding("headline", "must_win", deal | {"deals": len(key)}))
    return found + trust


def _gap(gap: float, landing: pd.Series) -> Finding:
    """How far the landing lies from the target; no number where its range tells none."""
    ends = picked(landing, "q10", "q90")
    if about_on_target(gap, ends["q10"], ends["q90"]):
        return Finding("headline", "on_target")
    if gap < 0:
        return Finding("headline", "missing", {"missing_amount": -gap} | ends)
    return Finding("headline", "over", {"gap_amount": gap} | ends)


def parts_findings(parts: pd.DataFrame) -> list[Finding]:
    """How much of the period is in already, and where most of the rest is to come from.

    Parameters
    ----------
    parts : DataFrame
        As from :meth:`Forecast.parts`.

    Returns
    -------
    list of Finding
        ``rest`` (the part of most expected revenue that is not in yet, with its 80% interval);
        ``all_in`` where nothing more is expected; ``nothing`` where nothing is.

    Examples
    --------
    >>> parts = pd.DataFrame({
    ...     "stream": ["channel", "channel", "all"], "part": ["closed", "to_come", "all"],
    ...     "mean": [30.0, 10.0, 40.0], "q10": [30.0, 8, 38], "q90": [30.0, 12, 42]})
    >>> (found,) = parts_findings(parts)
    >>> found.name, found.values["closed"], found.values["part"], found.values["q90"]
    ('rest', 30.0, 'to_come', 12.0)
    """
    require_columns(parts.columns, ["stream", "part", "mean", "q10", "q90"], "`parts`")
    everything = only_row(parts[parts["stream"] == "all"], ["mean"], "`parts` of the stream `all`")
    expected = float(everything["mean"])
    closed = float(parts.loc[parts["part"] == CLOSED, "mean"].sum())
    rest = parts[(parts["stream"] != "all") & (parts["part"] != CLOSED) & (parts["mean"] > 0)]
    if rest.empty:
        if not closed:
            return [Finding("parts", "nothing")]
        return [Finding("parts", "all_in", {"closed": closed})]
    most = picked(rest.loc[rest["mean"].idxmax()], "stream", "part", "mean", "q10", "q90")
    values = most | {"closed": closed, "expected": expected}
    return [Finding("parts", "rest", values)]


def changes_findings(changes: pd.DataFrame) -> list[Finding]:
    """Whether the expected revenue moved, and mostly through what.

    Parameters
    ----------
    changes : DataFrame
        As from :meth:`Forecast.changes`.

    Returns
    -------
    list of Finding
        ``rose`` or ``fell``, with the line that did most of it (``movement, amount``); ``steady``
        where the change is no more than the rounding of the simulation.

    Examples
    --------
    >>> changes = pd.DataFrame({
    ...     "movement": ["start", "won", "lost", "simulation", "end"],
    ...     "kind": ["start", "change", "change", "change", "end"],
    ...     "amount": [100.0, 20.0, -5.0, 1.0, 116.0]})
    >>> (found,) = changes_findings(changes)
    >>> found.name, found.values["movement"], found.values["change"]
    ('rose', 'won', 16.0)
    """
    require_columns(changes.columns, ["movement", "kind", "amount"], "`changes`")
    amounts = {
        name: only_row(changes[changes["movement"] == name], ["amount"], f"`changes` of `{name}`")[
            "amount"
        ]
        for name in ("start", "simulation", "end")
    }
    change = amounts["end"] - amounts["start"]
    if abs(change) <= abs(amounts["simulation"]):
        return [Finding("changes", "steady", picked(amounts, "start", "end"))]
    lines = changes[(changes["kind"] == "change") & (changes["movement"] != "simulation")]
    most = (lines["amount"] * np.sign(change)).idxmax()
    values = picked(lines.loc[most], "movement", "amount")
    values |= picked(amounts, "end") | {"change": abs(change)}
    return [Finding("changes", "rose" if change > 0 else "fell", values)]


def course_findings(course: pd.DataFrame) -> list[Finding]:
    """Whether the period is still heading where it was first thought to, and how much surer it is.

    Parameters
    ----------
    course : DataFrame
        As from :func:`course`.

    Returns
    -------
    list of Finding
        ``within`` or ``left``: whether the middle of the last forecast lies in the 80% interval of
        the first, whose ``as_of, q10, q90`` it has, and how wide the last is against it,
        ``width_left``; ``one_day`` where there is no earlier forecast to compare.

    Examples
    --------
    >>> days = pd.DataFrame({"as_of": ["2025-10-04", "2025-11-15"], "q10": [60.0, 90.0],
    ...                      "q50": [100.0, 120.0], "q90": [140.0, 150.0]})
    >>> (found,) = course_findings(days)
    >>> found.name, float(found.values["width_left"])
    ('within', 0.75)
    """
    require_columns(course.columns, ["as_of", "q10", "q50", "q90"], "`course`")
    course = course.sort_values("as_of")
    if len(course) < 2:
        return [Finding("course", "one_day")]
    first, last = course.iloc[0], course.iloc[-1]
    within = first["q10"] <= last["q50"] <= first["q90"]
    widths = course["q90"] - course["q10"]
    width_left = (widths / widths.iloc[0]).iloc[-1]
    values = picked(first, "as_of", "q10", "q90") | {"width_left": width_left}
    return [Finding("course", "within" if within else "left", values)]


def calibration_findings(scores: pd.DataFrame) -> list[Finding]:
    """Whether the model's 80% intervals held as often as they promise, horizon by horizon.

    Parameters
    ----------
    scores : DataFrame
        ``Backtest.scores``; without the columns of coverage there is nothing to find.

    Returns
    -------
    list of Finding
        For each horizon, what is wrong first: ``too_narrow`` (held clearly less often),
        ``too_wide`` (clearly more often), ``held`` (no sign of either), ``untold`` (too few windows
        that do not overlap).

    Examples
    --------
    >>> scores = pd.DataFrame({"horizon_days": [28, 91], "method": "model", "windows": [22, 20],
    ...     "independent": [22.0, 6.8], "coverage_80": [0.59, 0.85],
    ...     "coverage_80_low": [0.39, 0.64], "coverage_80_high": [0.77, 0.95]})
    >>> [(found.name, found.values["horizon_days"]) for found in calibration_findings(scores)]
    [('too_narrow', 28), ('held', 91)]
    """
    found = [_calibration(row) for row in _model_scores(scores)]
    order = ["too_narrow", "too_wide", "held", "untold"]
    return sorted(found, key=lambda finding: order.index(finding.name))


def _model_scores(scores: pd.DataFrame) -> list[dict]:
    """The scores of the model, the nearest horizon first, where they have the coverage."""
    if "coverage_80" not in scores:
        return []
    needed = ["horizon_days", "method", "windows", "independent"]
    require_columns(scores.columns, [*needed, "coverage_80_low", "coverage_80_high"], "`scores`")
    return scores[scores["method"] == MODEL].sort_values("horizon_days").to_dict("records")


def _calibration(row: dict) -> Finding:
    """How the 80% intervals of one horizon did."""
    seen = picked(row, "horizon_days", "windows")
    held = picked(row, "coverage_80", "coverage_80_low", "coverage_80_high")
    if _is_too_narrow(row):
        return Finding("calibration", "too_narrow", seen | held)
    if row["coverage_80_low"] > 0.8:
        return Finding("calibration", "too_wide", seen | held)
    if row["independent"] >= LEAST_WINDOWS:
        return Finding("calibration", "held", seen | held)
    return Finding("calibration", "untold", seen)


def _is_too_narrow(row: dict) -> bool:
    return row["coverage_80_high"] < 0.8


def caveats(forecast: "Forecast", *, lacks: Sequence[Finding] = ()) -> list[Finding]:
    """What a reader must know before quoting the forecast.

    Parameters
    ----------
    forecast : Forecast
    lacks : list of Finding
        As from :func:`pipeline_caveats`: why the deals are not forecast.

    Returns
    -------
    list of Finding
        ``mostly_prior`` (open deals whose chance is mostly what was thought beforehand),
        ``no_calls`` (nothing known of what sellers said that day), ``unknown_calls`` (words of
        theirs that are no category), ``no_streams``,
        ``no_pipeline`` (or ``lacks`` in its place), ``target_of_some`` (streams that no target asks
        for), ``nothing_seen`` (streams without any booking),
        ``too_narrow`` (80% intervals held clearly less often in the backtest).
    """
    found = []
    deals = forecast.open_deals()
    if "basis" in deals:
        prior = int((deals["basis"] == "mostly_prior").sum())
        if prior:
            found.append(Finding("warn", "mostly_prior", {"deals": prior, "open": len(deals)}))
    if forecast.pipeline is None:
        found += lacks or [Finding("warn", "no_pipeline")]
    elif forecast.calls["owner_call"].isna().all():
        found.append(Finding("warn", "no_calls"))
    unknown = unknown_calls(forecast.calls["owner_call"])
    if unknown:
        found.append(Finding("warn", "unknown_calls", {"words": ", ".join(unknown)}))
    asked = {"period": forecast.period, "calendar": forecast.calendar}
    found += target_caveats(forecast.targets, **asked)
    found += _caveats_of_streams(forecast)
    for row in _model_scores(forecast.calibration):
        if _is_too_narrow(row):
            narrow = picked(row, "horizon_days", "coverage_80")
            found.append(Finding("warn", "too_narrow", narrow))
    return found


def _caveats_of_streams(forecast: "Forecast") -> list[Finding]:
    """That there is none, that no target asks for some, that some have no booking."""
    found, there = [], set(forecast.draws.cells["stream"])
    if forecast.streams.empty and there <= {"pipeline"}:
        found.append(Finding("warn", "no_streams"))
    asked = set(forecast.targets["stream"].dropna()) if "stream" in forecast.targets else set()
    if asked and asked < there:
        found.append(Finding("warn", "target_of_some", {"asked": ", ".join(sorted(asked))}))
    if len(forecast.streams):
        unseen = forecast.streams.loc[forecast.streams["method"] == "nothing_seen", "stream"]
        if len(unseen):
            found.append(Finding("warn", "nothing_seen", {"streams": ", ".join(unseen)}))
    return found


def weeks_of(known: KnownForecast, *, period: str, every_days: int = 7) -> Sequence[pd.Timestamp]:
    """The days on which to look back at the forecast of a period: every week up to today.

    From the day before the period begins, or the last eight where it has not begun; the day of
    ``known`` itself is the last.

    Parameters
    ----------
    known : KnownForecast
    period : str
        Such as ``2025-Q4``.
    every_days : int
        Days from one to the next.

    Returns
    -------
    list of Timestamp
        As :func:`course` takes them, the earliest first.

    Examples
    --------
    >>> known = KnownForecast(as_of="2025-10-20")
    >>> [f"{day:%m-%d}" for day in weeks_of(known, period="2025-Q4")]
    ['10-06', '10-13', '10-20']
    """
    today = known.as_of.normalize()
    first = known.calendar.bounds_of(period)[0] - pd.Timedelta(days=1)
    if first >= today:
        first = today - 7 * pd.Timedelta(days=every_days)
    back = pd.date_range(today, first, freq=f"-{every_days}D")
    return list(back[::-1])

"""What a funnel would bring if a stage got through more, or took less: the arithmetic of aims."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from salesanalysis.bases import quoted
from salesanalysis.columns import WON
from salesanalysis.errors import (
    SalesAnalysisError,
    did_you_mean,
    only_row,
    require_columns,
    require_number,
)
from salesanalysis.funnel.speed import MONTH_DAYS
from salesanalysis.known import KnownFunnel, frame_of


def aimed(
    conversion: pd.DataFrame,
    aims: Mapping[str, float] | None = None,
    *,
    new_deals: float = 100,
    new_deals_aimed: float | None = None,
) -> pd.DataFrame:
    """The deals that reach each stage now, and with other shares getting through.

    Of ``new_deals`` that enter the first stage, so many reach each later one if every stage lets
    through its share: the product of the shares up to there. Each share is taken not to depend on
    the others; deals that are rushed through one stage may well be lost at the next.

    Parameters
    ----------
    conversion : DataFrame
        As from :func:`salesanalysis.funnel.conversion`, without a split. Of several
        bases the one to quote counts.
    aims : mapping of stage to share, optional
        The share, 0–1, that is to get through that stage; stages not named stay as they are.
    new_deals : float
        How many deals enter, in any time that suits: a month's, a quarter's.
    new_deals_aimed : float, optional
        How many are to enter; as many where not given.

    Returns
    -------
    DataFrame
        One row per stage: ``stage, to_stage, n, rate, rate_low, rate_high`` as they are;
        ``aim``; ``beyond`` (whether the aim lies outside the interval of the rate, so that reaching
        it would be a change and not chance); ``passed_now, passed_aimed``: deals that get through
        this stage. Of the last stage, those are the won ones.

    Raises
    ------
    SalesAnalysisError
        A stage is unknown, a share is not 0–1, or the table is split by groups.

    Examples
    --------
    >>> steps = pd.DataFrame({
    ...     "stage": ["lead", "offer"], "to_stage": ["offer", "won"], "position": [0, 1],
    ...     "basis": "final", "n": [200, 80], "rate": [0.4, 0.5], "rate_low": [0.33, 0.39],
    ...     "rate_high": [0.47, 0.61]})
    >>> table = aimed(steps, {"lead": 0.5}, new_deals=100)
    >>> table[["stage", "aim", "beyond", "passed_now", "passed_aimed"]]
       stage  aim  beyond  passed_now  passed_aimed
    0   lead  0.5    True        40.0          50.0
    1  offer  0.5   False        20.0          25.0
    """
    names = ["stage", "to_stage", "position", "n", "rate", "rate_low", "rate_high"]
    require_columns(conversion.columns, names, "`conversion`")
    rows = quoted(conversion).sort_values("position", ignore_index=True)
    if rows["stage"].duplicated().any():
        raise SalesAnalysisError(
            "`conversion` has a stage more than once: an aim is for all deals together, so compute"
            " it without `by` (and leave it its `basis`)."
        )
    aims = _known_aims(aims, rows["stage"], most=1, expected="a share, 0 to 1")
    entering = {"new_deals": new_deals}
    entering["new_deals_aimed"] = new_deals if new_deals_aimed is None else new_deals_aimed
    for name, count in entering.items():
        require_number(name, count, low=0)
    table = rows[["stage", "to_stage", "n", "rate", "rate_low", "rate_high"]].copy()
    table["aim"] = [float(aims.get(s, r)) for s, r in zip(rows["stage"], rows["rate"], strict=True)]
    outside = (table["aim"] < table["rate_low"]) | (table["aim"] > table["rate_high"])
    table["beyond"] = outside & rows["stage"].isin(list(aims))
    table["passed_now"] = new_deals * np.cumprod(table["rate"].to_numpy(float))
    table["passed_aimed"] = entering["new_deals_aimed"] * np.cumprod(table["aim"].to_numpy(float))
    return table


def _known_aims(
    aims: Mapping[str, float] | None, stages: pd.Series, *, most: float, expected: str
) -> dict[str, float]:
    """The aims, each of a stage that there is and a number that can be."""
    aims = dict(aims or {})
    for stage, aim in aims.items():
        if stage not in set(stages):
            raise SalesAnalysisError(
                f"`aims` names {stage!r}, which is not a stage here."
                + did_you_mean(stage, stages)
                + f" Stages: {', '.join(stages)}."
            )
        if not (isinstance(aim, int | float) and 0 <= aim <= most):
            raise SalesAnalysisError(f"`aims` of stage {stage!r} is {aim!r}; expected {expected}.")
    return aims


def won_days(known: KnownFunnel, *, period_days: float = 365) -> pd.DataFrame:
    """The days that a won deal spent in each stage: together the time from its creation.

    Only won deals count: what the others take brings nothing. A stage that a deal passed without
    entering it took 0 days; a deal that was in a stage twice was there for both times.

    Parameters
    ----------
    known : KnownFunnel
        With its ``entries``, one row per deal × stage: a deal's stages are added up, so they may
        not be counted.
    period_days : float
        Length of the period, ending with the day, in which the deals were won.

    Returns
    -------
    DataFrame
        One row per stage: ``stage``, ``n`` (won deals), ``mean_days`` (missing where none was won).

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "opportunity_id": ["a", "a", "a", "b", "b", "b"],
    ...     "stage": ["lead", "offer", "won"] * 2, "position": [0, 1, 2] * 2,
    ...     "result": ["advanced", "advanced", "won"] * 2, "skipped": [False] * 4 + [True, False],
    ...     "reached_at": pd.to_datetime(["2025-01-01", "2025-01-11", "2025-01-15"] * 2),
    ...     "stage_days": [10.0, 4, np.nan, 14, np.nan, np.nan]})
    >>> won_days(KnownFunnel(as_of="2025-03-01", entries=entries))
       stage  n  mean_days
    0   lead  2       12.0
    1  offer  2        2.0
    """
    needed = ["opportunity_id", "stage", "position", "result", "skipped", "reached_at"]
    entries = frame_of(known, "entries", [*needed, "stage_days"])
    begin = known.as_of - pd.Timedelta(days=period_days)
    closings = entries[entries["result"] == WON]
    recent = closings.loc[closings["reached_at"] >= begin, "opportunity_id"]
    rows = entries.loc[entries["result"] != WON, [*needed, "stage_days"]]
    days = rows["stage_days"].mask(rows["skipped"], 0.0)
    rows = rows.assign(days=days.where(rows["opportunity_id"].isin(recent)))
    table = rows.groupby(["position", "stage"], observed=True)["days"].agg(["count", "mean"])
    table = table.reset_index().rename(columns={"count": "n", "mean": "mean_days"})
    return table.astype({"stage": "str"})[["stage", "n", "mean_days"]]


def aimed_days(days: pd.DataFrame, aims: Mapping[str, float] | None = None) -> pd.DataFrame:
    """The days that a won deal spends in each stage now, and those to aim at.

    Parameters
    ----------
    days : DataFrame
        As from :func:`won_days`.
    aims : mapping of stage to days, optional
        Stages not named stay as they are.

    Returns
    -------
    DataFrame
        As ``days``, in the order of the rows given, with ``aim_days``.

    Raises
    ------
    SalesAnalysisError
        A stage is unknown, or its days are fewer than 0.

    Examples
    --------
    >>> days = pd.DataFrame({"stage": ["lead", "offer"], "n": 9, "mean_days": [12.0, 20.0]})
    >>> aimed_days(days, {"offer": 15})
       stage  n  mean_days  aim_days
    0   lead  9       12.0      12.0
    1  offer  9       20.0      15.0
    """
    require_columns(days, ["stage", "n", "mean_days"], "`days`")
    aims = _known_aims(aims, days["stage"], most=np.inf, expected="days, 0 or more")
    return days.assign(aim_days=days["stage"].map(aims).astype(float).fillna(days["mean_days"]))


def deal_flow(known: KnownFunnel, *, period_days: float = 365) -> pd.DataFrame:
    """The flow through the funnel now: new deals a month, what a won one brings and takes.

    Parameters
    ----------
    known : KnownFunnel
        With its ``deals``: ``outcome, amount, age_days, created_at, closed_at``.
    period_days : float
        Length of the period that ends with the day; shorter where the data begin later.

    Returns
    -------
    DataFrame
        One row: ``period_days`` used; ``new_deals`` (created in it, per 30 days); ``mean_amount,
        cycle_days`` (of the deals won in it, those without an amount or a duration left out; from
        creation to closing; missing where none was won).

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "outcome": ["won", "lost", "open"], "amount": [90.0, 50, 70],
    ...     "age_days": [40.0, 30, 60], "created_at": pd.Timestamp("2025-01-01"),
    ...     "closed_at": pd.to_datetime(["2025-02-10", "2025-01-31", None])})
    >>> deal_flow(KnownFunnel(as_of="2025-03-01", deals=deals)).round(2)
       period_days  new_deals  mean_amount  cycle_days
    0         60.0        1.5         90.0        40.0
    """
    needed = ["outcome", "amount", "age_days", "created_at", "closed_at"]
    deals, end = frame_of(known, "deals", needed), known.as_of
    begin = max(end - pd.Timedelta(days=period_days), deals["created_at"].min())
    days = (end - begin) / pd.Timedelta(days=1)
    won = deals[(deals["outcome"] == WON) & (deals["closed_at"] >= begin)]
    row = {
        "period_days": days,
        "new_deals": MONTH_DAYS * (deals["created_at"] >= begin).sum() / days,
        "mean_amount": won["amount"].mean(),
        "cycle_days": won["age_days"].mean(),
    }
    return pd.DataFrame([row]).astype(float)


def aim_outcomes(
    conversion: pd.DataFrame,
    flow: pd.DataFrame,
    aims: Mapping[str, float] | None = None,
    *,
    new_deals: float | None = None,
    days: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What a funnel brings a month as it is, and with other shares, numbers and times.

    In the long run as many deals are won a month as come in and get through; how long they take
    changes only how many are in progress at a time (Little's law), and, once, when the first of
    them are won.

    Parameters
    ----------
    conversion, aims
        As of :func:`aimed`.
    flow : DataFrame, one row
        As from :func:`deal_flow`.
    new_deals : float, optional
        New deals a month to aim at; as many as now where not given.
    days : DataFrame, optional
        As from :func:`aimed_days`: what a won deal is to spend in each stage; as now where not
        given.

    Returns
    -------
    DataFrame
        Two rows, ``case`` = ``present`` and ``aimed``: ``new_deals, won, won_amount`` (per 30
        days), ``cycle_days``, ``in_progress`` (deals to be won that are open at a time).

    References
    ----------
    Little, J. D. C. (1961), Operations Research 9, 383–387.

    Examples
    --------
    >>> steps = pd.DataFrame({
    ...     "stage": ["lead", "offer"], "to_stage": ["offer", "won"], "position": [0, 1],
    ...     "n": [200, 80], "rate": [0.4, 0.5], "rate_low": [0.3, 0.4], "rate_high": [0.5, 0.6]})
    >>> flow = pd.DataFrame({"new_deals": [50.0], "mean_amount": [200.0], "cycle_days": [60.0]})
    >>> days = pd.DataFrame({"mean_days": [20.0, 40.0], "aim_days": [20.0, 10.0]})
    >>> aim_outcomes(steps, flow, {"lead": 0.5}, days=days)
          case  new_deals   won  won_amount  cycle_days  in_progress
    0  present       50.0  10.0      2000.0        60.0         20.0
    1    aimed       50.0  12.5      2500.0        30.0         12.5
    """
    present = only_row(flow, ["new_deals", "mean_amount", "cycle_days"], "`flow`")
    cycle, saved = present["cycle_days"], 0.0
    if days is not None:
        require_columns(days.columns, ["mean_days", "aim_days"], "`days`")
        saved = (days["mean_days"] - days["aim_days"]).sum()
    coming = [present["new_deals"], present["new_deals"] if new_deals is None else new_deals]
    steps = aimed(conversion, aims, new_deals=coming[0], new_deals_aimed=coming[1])
    if steps.empty:
        raise SalesAnalysisError("`conversion` has no stage; expected one row for each.")
    table = pd.DataFrame({"case": ["present", "aimed"], "new_deals": coming})
    table["won"] = steps[["passed_now", "passed_aimed"]].iloc[-1].to_numpy()
    table["won_amount"] = table["won"] * present["mean_amount"]
    # Where deals were entered later than their first stage, the stages take longer than the cycle.
    table["cycle_days"] = [cycle, max(cycle - saved, 0.0)]
    table["in_progress"] = table["won"] * table["cycle_days"] / MONTH_DAYS
    return table

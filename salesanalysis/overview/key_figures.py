"""The few figures of each family that a director asks for: one row each, taken from its tables."""

import numpy as np
import pandas as pd


def funnel_figures(
    win_rate: pd.DataFrame, velocity: pd.DataFrame, stuck: pd.DataFrame
) -> pd.DataFrame:
    """How healthy the funnel is.

    Parameters
    ----------
    win_rate, velocity, stuck : DataFrame
        As from the functions of these names in :mod:`salesanalysis.funnel`, without ``by``.

    Returns
    -------
    DataFrame
        One row: ``final_rate`` (share of all deals won, open ones counted for as long as they were
        watched), ``open`` (deals), ``stuck_amount``, ``month_amount`` (velocity), ``cycle_days``,
        with the limits ``_low, _high`` of those that are estimates, and ``report``.

    Examples
    --------
    >>> rates = pd.DataFrame([{"final_rate": 0.4, "final_low": 0.3, "final_high": 0.5, "open": 2}])
    >>> flow = pd.DataFrame([dict.fromkeys(["month_amount", "month_low", "month_high",
    ...                                     "cycle_days", "cycle_low", "cycle_high"], 9.0)])
    >>> funnel_figures(rates, flow, pd.DataFrame({"amount": [5.0, 6.0]}))["stuck_amount"].tolist()
    [11.0]
    """
    rates, flow = win_rate.iloc[0], velocity.iloc[0]
    return _one_row(
        "funnel",
        **_with_limits("final_rate", rates, "final"),
        open=int(rates["open"]),
        stuck_amount=float(stuck["amount"].sum(min_count=1)) if len(stuck) else 0.0,
        **_with_limits("month_amount", flow, "month"),
        **_with_limits("cycle_days", flow, "cycle"),
    )


def forecast_figures(landing) -> pd.DataFrame:
    """Where the period lands against its target.

    Parameters
    ----------
    landing : Forecast
        As from :func:`salesanalysis.forecast.forecast_as_of`.

    Returns
    -------
    DataFrame
        One row: ``likely`` (the median, with the 10 and 90 % quantiles as ``_low, _high``),
        ``target``, ``p_target`` (probability to reach it), ``closed`` (in already), ``coverage``
        (open deals ÷ what is still to come), ``report``. Missing where there is no target.
    """
    goal = landing.against_targets().iloc[0]
    spread = landing.within().summary(quantiles=[0.1, 0.5, 0.9]).iloc[0]
    return _one_row(
        "forecast",
        likely=spread["q50"],
        likely_low=spread["q10"],
        likely_high=spread["q90"],
        **goal[["target", "p_target", "closed", "coverage"]],
    )


def forgetting_figures(curve, numbers: dict, calendar: pd.DataFrame | None = None) -> pd.DataFrame:
    """How long training lasts, and when and at what cost it is to be refreshed.

    Parameters
    ----------
    curve : ForgettingCurve
        Fitted to tests before any refresher, time in weeks.
    numbers : dict
        As from :func:`salesanalysis.forgetting.key_numbers`.
    calendar : DataFrame, one row per refresher of a team, optional
        As from :func:`salesanalysis.forgetting.team_calendar`.

    Returns
    -------
    DataFrame
        One row: ``half_life_weeks`` with its limits, ``lost_13_weeks`` (share lost after 13 weeks;
        both missing where the tests do not tell), ``next_refresher`` (day), ``refreshers, cost`` of
        the plan, ``report``.
    """
    known = np.isfinite(numbers["half_life_weeks"])
    return _one_row(
        "forgetting",
        half_life_weeks=numbers["half_life_weeks"],
        half_life_weeks_low=curve.half_life_low if known else np.nan,
        half_life_weeks_high=curve.half_life_high if known else np.nan,
        lost_13_weeks=numbers["lost_share"],
        next_refresher=pd.NaT if calendar is None else calendar["day"].min(),
        refreshers=numbers["refreshers"],
        cost=numbers["cost"],
    )


def incentive_figures(
    cost: pd.DataFrame, reach: pd.DataFrame, lateness: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What the plan costs, who reaches its targets, and whether it is paid in time.

    Parameters
    ----------
    cost : DataFrame
        ``name, value``, the summary of :func:`salesanalysis.incentive.cost`.
    reach, lateness : DataFrame
        As from ``reachability`` and ``timeliness`` of :mod:`salesanalysis.incentive`, with
        ``by=[]``.

    Returns
    -------
    DataFrame
        One row: ``plan_cost`` of the next period, ``cost_rate`` (÷ sales), ``floor_rate`` and
        ``stretch_rate`` (shares of the statements so far that reached them), ``late_rate`` (payouts
        late, of those due), with the limits of those that have any, and ``report``.

    Examples
    --------
    >>> names = ["cost", "cost_low", "cost_high", "cost_rate"]
    >>> cost = pd.DataFrame({"name": names, "value": [9.0, 8.0, 10.0, 0.02]})
    >>> reach = pd.DataFrame({"goal": ["floor", "stretch"], "rate": [0.7, 0.2],
    ...                       "rate_low": 0.1, "rate_high": 0.8})
    >>> incentive_figures(cost, reach)[["plan_cost", "floor_rate", "stretch_rate"]]
       plan_cost  floor_rate  stretch_rate
    0        9.0         0.7           0.2
    """
    paid = cost.set_index("name")["value"]
    goals = reach.set_index("goal")
    late = {} if lateness is None else _with_limits("late_rate", lateness.iloc[0], "rate", "rate")
    return _one_row(
        "incentive",
        **_with_limits("plan_cost", paid, "cost", "cost"),
        cost_rate=paid["cost_rate"],
        **_with_limits("floor_rate", goals.loc["floor"], "rate", "rate"),
        **_with_limits("stretch_rate", goals.loc["stretch"], "rate", "rate"),
        **late,
    )


def _with_limits(name: str, row: pd.Series, stem: str, source: str = "") -> dict[str, float]:
    """A figure and its interval, from the columns of its table."""
    return {
        name: row[source or name],
        f"{name}_low": row[f"{stem}_low"],
        f"{name}_high": row[f"{stem}_high"],
    }


def _one_row(report: str, **figures) -> pd.DataFrame:
    return pd.DataFrame([figures | {"report": report}])

"""What a funnel report says first, and what it warns of."""

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.findings import Finding


def findings(
    conversion: pd.DataFrame, stage_days: pd.DataFrame, win_rate: pd.DataFrame
) -> list[Finding]:
    """What a funnel report says first: the outcome counts, the win rate, the weakest step.

    Parameters
    ----------
    conversion, stage_days, win_rate : DataFrame
        As from the functions of these names, without ``by``.

    Returns
    -------
    list of Finding
        Only what the data carry: no win rate where nothing is decided, no weakest step where
        there is only one.

    Examples
    --------
    >>> from salesanalysis.funnel import win_rate
    >>> deals = pd.DataFrame({"outcome": ["open"], "age_days": [3.0], "amount": [1.0]})
    >>> none = pd.DataFrame(columns=["stage", "basis", "rate", "median_days"])
    >>> [finding.name for finding in findings(none, none, win_rate(deals))]
    ['counts', 'undecided']
    """
    overall = win_rate.iloc[0].to_dict()
    found = [Finding("counts", overall)]
    if not overall["n"]:
        return [*found, Finding("undecided", overall)]
    if overall["final_rate"] == overall["final_rate"]:
        found.append(Finding("final", overall))
    found.append(Finding("decided", overall))
    steps = conversion[(conversion["basis"] == "final") & conversion["rate"].notna()]
    if len(steps) > 1:
        found.append(Finding("weakest", steps.loc[steps["rate"].idxmin()].to_dict()))
    if len(stage_days) > 1:
        slowest = stage_days.loc[stage_days["median_days"].idxmax()].to_dict()
        known = np.isfinite(slowest["median_days"])
        found.append(Finding("slowest" if known else "slowest_unknown", slowest))
    return found


#: With fewer decided deals than this, a report says that its rates are rough.
FEW_DECIDED = 30


def caveats(entries: pd.DataFrame, deals: pd.DataFrame, *, history: bool) -> list[Finding]:
    """What a reader must know before quoting a figure of this report.

    Parameters
    ----------
    entries, deals : DataFrame
        As from :mod:`salesanalysis.reduce.funnel`, of the same input.
    history : bool
        Whether there was a stage history.

    Returns
    -------
    list of Finding
        ``no_history``; ``without_history`` (deals of the list that the history does not mention);
        ``undated`` (deals whose age is not known); ``few`` (hardly any decided deals).

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["a"], "outcome": ["won"], "age_days": [None]})
    >>> [caveat.name for caveat in caveats(deals.head(0), deals, history=False)]
    ['no_history', 'undated', 'few']
    """
    found = []
    if not history:
        found.append(Finding("no_history"))
    else:
        # As objects: pandas 3 takes minutes for this with millions of texts.
        mentioned = entries["opportunity_id"].drop_duplicates().astype(object)
        outside = int((~deals["opportunity_id"].astype(object).isin(mentioned)).sum())
        if outside:
            found.append(Finding("without_history", {"deals": outside}))
    undated = int(deals["age_days"].isna().sum())
    if undated:
        found.append(Finding("undated", {"deals": undated}))
    decided = int((deals["outcome"] != OPEN).sum())
    if decided < FEW_DECIDED:
        found.append(Finding("few", {"decided": decided}))
    return found


def open_findings(stuck: pd.DataFrame, checks: pd.DataFrame) -> list[Finding]:
    """What is to be said first of the open deals, and of the data.

    Parameters
    ----------
    stuck : DataFrame
        As from :func:`salesanalysis.funnel.stuck`.
    checks : DataFrame
        As from :func:`salesanalysis.reduce.funnel.checks`.

    Returns
    -------
    list of Finding
        ``stuck`` (how many deals, how many of them zombies, worth how much; ``stuck_no_amount``
        where no amount is known) and ``blocking`` (how many checks make figures wrong), as far as
        there are any.

    Examples
    --------
    >>> stuck = pd.DataFrame({"amount": [5.0, None], "zombie": [True, False]})
    >>> checks = pd.DataFrame({"check": ["zombies"], "blocks": [False]})
    >>> [dict(finding.values) for finding in open_findings(stuck, checks)]
    [{'deals': 2, 'zombies': 1, 'amount': 5.0}]
    """
    found = []
    if len(stuck):
        counts = {"deals": len(stuck), "zombies": int(stuck["zombie"].sum())}
        if stuck["amount"].notna().any():
            found.append(Finding("stuck", counts | {"amount": float(stuck["amount"].sum())}))
        else:
            found.append(Finding("stuck_no_amount", counts))
    blocking = int(checks["blocks"].sum())
    if blocking:
        found.append(Finding("blocking", {"count": blocking}))
    return found


def key_numbers(
    win_rate: pd.DataFrame, velocity: pd.DataFrame, stuck: pd.DataFrame
) -> dict[str, float]:
    """The few numbers by which a report is compared with its next run.

    Parameters
    ----------
    win_rate, velocity, stuck : DataFrame
        As from the functions of these names, the first two without ``by``.

    Returns
    -------
    dict of name to number
        Counts, shares as 0–1, money, days; what is not known is missing (NaN).

    Examples
    --------
    >>> rates = pd.DataFrame({"deals": [4], "won": [2], "open": [1], "won_amount": [9.0],
    ...                       "rate": [0.67], "final_rate": [0.5]})
    >>> flow = pd.DataFrame({"cycle_days": [30.0], "month_amount": [3.0]})
    >>> key_numbers(rates, flow, pd.DataFrame({"amount": [5.0]}))["stuck_amount"]
    5.0
    """
    rates, flow = win_rate.iloc[0], velocity.iloc[0]
    names = ["deals", "won", "open", "won_amount", "rate", "final_rate"]
    return {
        **{name: float(rates[name]) for name in names},
        **{name: float(flow[name]) for name in ["cycle_days", "month_amount"]},
        "stuck": float(len(stuck)),
        "stuck_amount": float(stuck["amount"].sum(min_count=1)),
    }

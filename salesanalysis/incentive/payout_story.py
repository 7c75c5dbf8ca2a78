"""What an incentive report says first of payouts, cost and promptness."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, only_row, require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.incentive.period_order import places
from salesanalysis.incentive.plan_cost import Cost
from salesanalysis.periods import PLAIN, Calendar
from salesanalysis.stats import wilson

#: A further sale that brings at least this share of what the one before brought slows nobody down.
NO_FALL = 0.9

#: What a plan does at a level, and whether levels are money; else they are shares of the quota.
_STEPS = {
    ("drop", False): "drop_of_quota",
    ("drop", True): "drop_of_amount",
    ("jump", False): "jump_of_quota",
    ("jump", True): "jump_of_amount",
    ("fall", False): "fall_of_quota",
    ("fall", True): "fall_of_amount",
}

#: A level below which nothing is paid.
_GATES = {False: "gate_of_quota", True: "gate_of_amount"}


def lead(cost: Cost, timeliness: pd.DataFrame | None = None) -> list[Finding]:
    """The answer in one sentence: what the plan will cost, and whether it is paid in time.

    Parameters
    ----------
    cost : Cost
        As from :func:`salesanalysis.incentive.cost`.
    timeliness : DataFrame, optional
        As from :func:`salesanalysis.incentive.timeliness`, of one group (``by=[]``).

    Returns
    -------
    list of Finding
        One: ``costs_late`` (with the share of payouts that came late) or ``costs``.

    Examples
    --------
    >>> from salesanalysis.incentive import cost
    >>> (found,) = lead(cost({"tiers": [[0, None, 0.1]]}, [100.0, 300.0]))
    >>> found.name, round(found.values["cost"], 2)
    ('costs', 20.0)
    """
    values = {"cost": cost.cost_amount, "rate": cost.cost_rate}
    if timeliness is None:
        return [Finding("lead", "costs", values)]
    late = only_row(timeliness, ["n", "rate"], "`timeliness`")
    if not late["n"]:
        return [Finding("lead", "costs", values)]
    return [Finding("lead", "costs_late", values | {"late": float(late["rate"])})]


def curve_findings(curve: pd.DataFrame) -> list[Finding]:
    """Where a plan gives a reason to push or to stop, each with its level.

    Parameters
    ----------
    curve : DataFrame
        As from :func:`marginal_reward`.

    Returns
    -------
    list of Finding
        As far as there are any: ``drop_of_quota`` (selling more costs a ``share`` of the payout
        there), ``jump_of_quota`` (reaching the level brings that share of it at once; the largest
        jump) or ``gate_of_quota`` (nothing is paid below it), ``fall_of_quota`` (a further sale
        brings only that share of what it brought before; the deepest fall, at a cap as near as the
        table has levels). ``…_of_amount`` where the plan
        has no quota. ``no_step`` where there is none.

    Examples
    --------
    >>> from salesanalysis.incentive import marginal_reward
    >>> plan = {"thresholds": "quota", "tiers": [[0, 1.3, 0.05], [1.3, None, 0.01]],
    ...         "floor": {"at": 1, "cliff": True}}
    >>> for found in curve_findings(marginal_reward(plan)):
    ...     print(found.name, found.values["level"], round(found.values.get("share", 1), 2))
    gate_of_quota 1.0 1
    fall_of_quota 1.3 0.2
    """
    needed = ["level", "attainment", "marginal", "jump", "payout_before", "payout_after"]
    require_columns(curve.columns, needed, "`curve`")
    rows = curve.sort_values("level", ignore_index=True)
    in_money = bool(rows["attainment"].isna().any())
    level = rows["level" if in_money else "attainment"]
    whole = rows[["payout_before", "payout_after"]].max(axis=1)
    before = rows["marginal"].shift()
    kept = rows["marginal"].div(before.where(before > 0)).fillna(1.0)
    steps = {}
    if (rows["jump"] < 0).any():
        at = rows["jump"].idxmin()
        steps["drop"] = at, -rows["jump"][at] / whole[at]
    if (rows["jump"] > 0).any():
        at = rows["jump"].idxmax()
        steps["jump"] = at, rows["jump"][at] / whole[at]
    if (kept < NO_FALL).any():
        at = kept.idxmin()
        steps["fall"] = at, kept[at]
    found = []
    for name, (at, share) in steps.items():
        value = float(level[at])
        if name == "jump" and share > 1 - 1e-9:
            found.append(Finding("curve", _GATES[in_money], {"level": value}))
        else:
            values = {"level": value, "share": float(share)}
            found.append(Finding("curve", _STEPS[name, in_money], values))
    return found or [Finding("curve", "no_step")]


def payout_findings(
    payouts: pd.DataFrame, *, level: float = 0.95, calendar: Calendar = PLAIN
) -> list[Finding]:
    """What is to be said first of the payouts: how much, the largest, floors missed, caps hit.

    Parameters
    ----------
    payouts : DataFrame
        As from :func:`salesanalysis.incentive.payout`.
    level : float
        Confidence level of the interval.
    calendar : salesanalysis.periods.Calendar
        The company's, by which their periods are in order.

    Returns
    -------
    list of Finding
        ``payout_total``, ``not_payable``, ``largest_payout``, ``below_floor``, ``caps_hit``,
        ``banked`` and ``debts``, as far as there are any. Of components, which have no sales in
        common: ``payout_together``, ``not_payable_together``.

    Examples
    --------
    >>> from salesanalysis.incentive import payout
    >>> sales = pd.DataFrame({"payee_id": ["a", "b"], "period": "2025", "sales": [100.0, None]})
    >>> found = payout_findings(payout(sales, plan={"tiers": [[0, None, 0.1]]}))
    >>> [finding.name for finding in found]
    ['payout_total', 'not_payable', 'largest_payout']
    """
    require_columns(
        payouts.columns, ["payee_id", "period", "payout", "status", "debt"], "`payouts`"
    )
    # Components together have a commission, but no sales that could be added up.
    together = {"commission", "sales"}.intersection(payouts.columns) == {"commission"}
    cuts = ["payout_cut"] if together else ["payout_cut", "rate_cut", "floor_cut", "sales"]
    require_columns(payouts.columns, cuts, "`payouts`")
    payouts = _in_time(payouts, calendar)
    paid = payouts[payouts["payout"].notna()]
    found = []
    if len(paid):
        total = float(paid["payout"].sum())
        numbers = {"payout": total, "n": len(paid), "payees": paid["payee_id"].nunique()}
        first, last = _first_and_last(paid["period"], calendar)
        numbers |= {"first": first, "last": last}
        if together:
            found.append(Finding("headline", "payout_together", numbers))
        else:
            sales = float(paid["sales"].sum())
            numbers |= {"sales": sales, "rate": total / sales if sales > 0 else np.nan}
            found.append(Finding("headline", "payout_total", numbers))
        if total > 0:
            row = paid.loc[paid["payout"].idxmax()]
            largest = picked(row, "payee_id", "period", "payout")
            share = {"share": row["payout"] / total}
            found.append(Finding("payouts", "largest_payout", largest | share))
        found += _below_floor(paid, level)
        capped = paid[paid["status"] == "capped"]
        if len(capped):
            taken = [name for name in ("rate_cut", "payout_cut") if name in capped.columns]
            cut = -float(capped[taken].sum().sum())
            numbers = {"k": len(capped), "n": len(paid), "rate": len(capped) / len(paid)}
            found.append(Finding("payouts", "caps_hit", numbers | {"amount": cut}))
        if "bank" in payouts.columns:
            left = payouts.groupby("payee_id")["bank"].last()
            numbers = {"payees": int((left > 0).sum()), "amount": float(left.sum())}
            found += [Finding("payouts", "banked", numbers)] if numbers["payees"] else []
        owed = payouts.groupby("payee_id")["debt"].last()
        if (owed > 0).any():
            numbers = {"payees": int((owed > 0).sum()), "debt": float(owed.sum())}
            found.append(Finding("payouts", "debts", numbers))
    lost = len(payouts) - len(paid)
    if lost:
        numbers = {"k": lost, "n": len(payouts)}
        if together:
            lacking = Finding("payouts", "not_payable_together", numbers)
        else:
            sold = float(payouts.loc[payouts["payout"].isna(), "sales"].sum())
            lacking = Finding("payouts", "not_payable", numbers | {"sales": sold})
        found.insert(1 if found else 0, lacking)
    return found


def _first_and_last(periods: pd.Series, calendar: Calendar) -> tuple[str, str]:
    """The names of the first and the last period; by name where these have no place in time."""
    names = pd.Series(sorted(periods.astype(str).unique()))
    at = places(names, calendar, needed=False)["at"]
    if at.notna().all():
        names = names.iloc[np.argsort(at.to_numpy(), kind="stable")]
    return str(names.iloc[0]), str(names.iloc[-1])


def _in_time(payouts: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """The payouts in the order of their periods, where all their names have a place in time."""
    at = places(payouts["period"], calendar, needed=False)["at"]
    if at.isna().any():
        return payouts
    return payouts.assign(at=at.to_numpy()).sort_values(["payee_id", "at"], kind="stable")


def _below_floor(paid: pd.DataFrame, level: float) -> list[Finding]:
    below = paid[paid["status"] == "below_floor"]
    if below.empty:
        return []
    k, n = len(below), len(paid)
    low, high = wilson(k, n, level=level)
    numbers = {"k": k, "n": n, "rate": k / n, "rate_low": float(low), "rate_high": float(high)}
    numbers |= {"amount": -float(below["floor_cut"].sum())}
    return [Finding("payouts", "below_floor", numbers)]


def timeliness_findings(timeliness: pd.DataFrame) -> list[Finding]:
    """What is to be said first of promptness, of all payouts together.

    Parameters
    ----------
    timeliness : DataFrame
        As from :func:`salesanalysis.incentive.timeliness`, of one group (``by=[]``).

    Returns
    -------
    list of Finding
        ``late_payments`` where anything was promised, ``unpaid`` where anything is owed.

    Examples
    --------
    >>> from salesanalysis.incentive import timeliness
    >>> payouts = pd.DataFrame({"earned": [9.0], "earned_at": pd.to_datetime(["2025-01-31"]),
    ...                         "paid_at": pd.Series([pd.NaT])})
    >>> from salesanalysis.known import KnownIncentive
    >>> known = KnownIncentive(as_of="2025-03-01", payouts=payouts)
    >>> table = timeliness(known, promise_days=14)
    >>> [finding.name for finding in timeliness_findings(table)]
    ['late_payments', 'unpaid']
    """
    needed = ["k", "n", "rate", "rate_low", "rate_high", "median_days"]
    needed += ["unpaid", "broken", "unpaid_amount"]
    whole, found = only_row(timeliness, needed, "`timeliness`"), []
    if whole["n"]:
        values = picked(whole, "k", "n", "rate", "rate_low", "rate_high", "median_days")
        found.append(Finding("headline", "late_payments", values))
    if whole["unpaid"]:
        owed = picked(whole, "unpaid", "broken") | {"amount": whole["unpaid_amount"]}
        found.append(Finding("promises", "unpaid", owed))
    return found


def gain_findings(outcomes: pd.DataFrame, *, plan: str) -> list[Finding]:
    """Whether a plan leaves more than the present one, under the assumption made.

    Parameters
    ----------
    outcomes : DataFrame
        As from :func:`plan_outcomes`.
    plan : str
        Which of them.

    Returns
    -------
    list of Finding
        ``leaves_more`` or ``leaves_less``; ``not_told_apart`` where the interval holds 0, or there
        is none.
    """
    require_columns(outcomes.columns, ["plan"], "`outcomes`")
    needed = ["gain", "gain_low", "gain_high", "cost_rate"]
    row = only_row(outcomes[outcomes["plan"] == plan], needed, f"`outcomes` of `{plan}`")
    values = picked(row, "gain", "gain_low", "gain_high", "cost_rate")
    less = "leaves_less" if row["gain_high"] < 0 else "not_told_apart"
    return [Finding("considered", "leaves_more" if row["gain_low"] > 0 else less, values)]


def cost_findings(
    cost: Cost, comparison: pd.DataFrame | None = None, *, component: str = ""
) -> list[Finding]:
    """What is to be said first of the cost of a plan, and of another on the same futures.

    Parameters
    ----------
    cost : Cost
        As from :func:`salesanalysis.incentive.cost`.
    comparison : DataFrame, optional
        As from :func:`salesanalysis.incentive.compare_costs`.
    component : str
        The component whose cost alone this is, where a plan has several.

    Returns
    -------
    list of Finding
        ``cost_expected`` (or ``cost_of_component``), ``not_multiplied`` where the plan has
        multipliers, of which nobody knows what they will be, and ``cost_difference`` for each
        further plan.

    Examples
    --------
    >>> from salesanalysis.incentive import cost
    >>> found = cost_findings(cost({"tiers": [[0, None, 0.1]]}, [100.0, 300.0]))
    >>> round(found[0].values["cost"], 2), round(found[0].values["rate"], 2)
    (20.0, 0.1)
    """
    low, high = cost.limits_amount
    numbers = {"cost": cost.cost_amount, "rate": cost.cost_rate, "low": low, "high": high}
    found = [Finding("headline", "cost_expected", numbers)]
    if component:
        of_one = numbers | {"component": component}
        found = [Finding("headline", "cost_of_component", of_one)]
    if cost.plan.multipliers:
        found.append(Finding("headline", "not_multiplied", {"n": len(cost.plan.multipliers)}))
    if comparison is not None:
        needed = ["plan", "difference", "difference_low", "difference_high"]
        require_columns(comparison.columns, needed, "`comparison`")
        # The plan that the others are held against differs from itself by nothing.
        itself = comparison[comparison["difference"] == 0].head(1)
        if itself.empty:
            raise SalesAnalysisError(
                "`comparison` has no plan whose `difference` is 0: the one that the others are"
                " compared with. Give all the rows of it."
            )
        (first,) = itself["plan"]
        for row in comparison[comparison["plan"] != first].to_dict("records"):
            values = {"plan": row["plan"], "other": first, "difference": row["difference"]}
            limits = {"low": row["difference_low"], "high": row["difference_high"]}
            found.append(Finding("headline", "cost_difference", values | limits))
    return found

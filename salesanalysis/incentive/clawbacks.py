"""Clawbacks: what was paid for a sale that is undone, and what of it is taken back."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.incentive.any_plan import AnyPlan, payee_plan
from salesanalysis.incentive.money import from_minor, rounded, to_minor, whole_parts
from salesanalysis.periods import moments


def clawback(commissions: pd.DataFrame, *, plan: AnyPlan) -> pd.DataFrame:
    """What is taken back of the commission on sales that were undone: never more than was paid.

    A sale undone within the plan's days is not kept: all of its commission goes, or with
    ``prorated`` the share of the days that were not served. What was paid beyond what is kept is
    taken back; what is kept and not paid yet is still due. After the window everything is kept.

    Parameters
    ----------
    commissions : DataFrame, one row per sale
        ``earned`` (commission on it), ``paid`` (of this so far), ``sold_at``, ``undone_at``
        (missing while the sale stands), and ``undone_share`` (0–1; text such as ``"8/12"`` is
        exact) where only a part was undone; others are carried along.
    plan : Plan, or what :func:`read_plan` takes
        With a ``clawback``.

    Returns
    -------
    DataFrame
        The columns there, in the order of the rows given, with ``served_days``, ``kept``
        (commission that stays due), ``clawback`` (taken back of the paid) and ``still_due`` (kept
        and not paid yet), in money.

    Raises
    ------
    SalesAnalysisError
        The plan has no clawback, or a sale is undone before it was made.

    References
    ----------
    Sales-system source, §4: the reward is for what was really reached.

    Examples
    --------
    >>> sales = pd.DataFrame({"earned": [1000.0, 1000.0], "paid": [500.0, 1000.0],
    ...                       "sold_at": pd.to_datetime(["2025-01-01"] * 2),
    ...                       "undone_at": pd.to_datetime(["2025-03-02", None])})
    >>> plan = {"tiers": [[0, None, 0.1]], "clawback": {"within_days": 180, "prorated": True}}
    >>> clawback(sales, plan=plan)[["served_days", "kept", "clawback", "still_due"]]
       served_days     kept  clawback  still_due
    0         60.0   333.33    166.67        0.0
    1          NaN  1000.00      0.00        0.0
    """
    plan = payee_plan(plan)
    rule = plan.clawback
    if rule is None:
        raise SalesAnalysisError(
            "`plan` has no clawback; give it one, such as clawback: {within_days: 180}."
        )
    require_columns(
        commissions.columns, ["earned", "paid", "sold_at", "undone_at"], "`commissions`"
    )
    sold, undone = (moments(commissions[name]) for name in ("sold_at", "undone_at"))
    days = (undone - sold).dt.total_seconds() / 86_400
    if (days < 0).any():
        row = int(np.argmax((days < 0).to_numpy()))
        raise SalesAnalysisError(f"`undone_at` is before `sold_at` in row {row}.")
    earned, _ = to_minor(commissions["earned"].to_numpy(float), plan.minor_unit, "earned")
    paid, _ = to_minor(commissions["paid"].to_numpy(float), plan.minor_unit, "paid")
    served = np.floor(days.fillna(rule.within_days).to_numpy(float)).astype(np.int64)
    hit = days.notna().to_numpy() & (served < rule.within_days)
    part, whole = 1, 1
    if "undone_share" in commissions.columns:
        part, whole = whole_parts(commissions["undone_share"], missing=1)
    left = rule.within_days - served if rule.prorated else np.full(len(served), rule.within_days)
    lost = rounded(
        (earned.astype(object) * part * np.where(hit, left, 0)),
        whole * rule.within_days,
        plan.rounding.method,
    ).astype(np.int64)
    kept = earned - lost
    money = {"kept": kept, "clawback": np.maximum(paid - kept, 0)}
    money["clawback"] = np.where(hit, money["clawback"], 0)
    money["still_due"] = np.maximum(kept - paid, 0)
    table = commissions.assign(served_days=np.where(hit, served, np.nan))
    return table.assign(
        **{name: from_minor(value, plan.minor_unit) for name, value in money.items()}
    )

"""Late corrections: what was paid against what it now comes to, with the reason, to be settled."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns, require_one_currency
from salesanalysis.findings import Finding
from salesanalysis.incentive.any_plan import AnyPlan, payee_plan, read_plan
from salesanalysis.incentive.money import from_minor, to_minor
from salesanalysis.incentive.payouts import payout

_KEY = ["payee_id", "period"]
#: What a payout was computed from then, as far as the table of payouts says, in this order.
_THEN = ("sales", "quota")
#: The parts of a difference, and the word for the largest of them.
_PARTS = {"by_sales": "sales", "by_quota": "quota", "by_refunds": "refunds", "by_other": "other"}


def corrections(
    payouts: pd.DataFrame,
    attainment: pd.DataFrame,
    *,
    plan: AnyPlan,
    statements: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What was paid for each period against what it comes to now, and what is left to settle.

    The difference is told apart step by step, so that its parts add up to it exactly: the payout of
    the sales and quotas of then, with the sales of now, with the quotas of now, and with what
    refunds take back. What is left between that of then and what was recorded is ``by_other``:
    another plan, or another hand.

    Parameters
    ----------
    payouts : DataFrame, one row per payee × period
        ``payee_id, period, earned`` (what it came to then), ``paid`` (of this so far; missing is
        nothing), and ``sales, quota`` that it was computed from, where they are known.
    attainment : DataFrame
        As for :func:`payout`, as it is now; with ``clawback`` where there are refunds.
    plan : Plan, or what :func:`read_plan` takes
        The plan in force in these periods.
    statements : DataFrame, optional
        What ``attainment`` comes to now, where that is more than :func:`payout` makes of it:
        managers who have nothing but what their teams bring (:func:`override_statements`).

    Returns
    -------
    DataFrame
        One row per payee × period in either table, in that order: ``payee_id, period,
        recorded_amount, payout`` (now), ``difference`` (payout less recorded), ``by_sales,
        by_quota, by_refunds, by_other``, ``paid``, ``balance`` (payout less paid: over 0 it is
        still to be paid), ``correction_reason``: the largest part (``sales``, ``quota``,
        ``refunds``, ``other``; ``unknown`` where the table does not say what it was computed
        from); ``paid_otherwise`` (it comes to the same, and another amount was paid), ``none``,
        ``not_recorded`` (no payout was recorded), ``not_payable`` (there is none now, which is not
        a payout of 0).

    Raises
    ------
    SalesAnalysisError
        A column is missing, a payee is there twice in a period, or there are two currencies.

    Examples
    --------
    >>> plan = {"thresholds": "quota", "tiers": [[0, 1, "3%"], [1, None, "5%"]]}
    >>> now = pd.DataFrame({"payee_id": ["a"], "period": "2025-Q1", "sales": 120.0, "quota": 90.0})
    >>> then = pd.DataFrame({"payee_id": ["a"], "period": "2025-Q1", "earned": 3.0, "paid": 3.0,
    ...                      "sales": 100.0, "quota": 100.0})
    >>> parts = ["difference", "by_sales", "by_quota", "balance", "correction_reason"]
    >>> corrections(then, now, plan=plan)[parts]
       difference  by_sales  by_quota  balance correction_reason
    0         1.2       1.0       0.2      1.2             sales
    """
    rules = read_plan(plan)
    unit = payee_plan(rules).minor_unit
    require_columns(payouts.columns, [*_KEY, "earned", "paid"], "`payouts`")
    require_columns(attainment.columns, [*_KEY, "sales"], "`attainment`")
    if payouts.duplicated(_KEY).any():
        payee, period = payouts.loc[payouts.duplicated(_KEY), _KEY].iloc[0]
        raise SalesAnalysisError(
            f"`payouts` holds {payee} twice in {period}; expected one row per payee and period."
        )
    if "currency" in payouts.columns:
        found = payouts["currency"].dropna().astype("str").unique()
        require_one_currency(found, "payouts", expected=rules.currency)
    recorded = payouts.set_index(_KEY)
    now = payout(attainment, plan=rules) if statements is None else statements
    require_columns(now.columns, [*_KEY, "payout_minor"], "`statements`")
    keys = pd.concat([now[_KEY], payouts[_KEY]]).drop_duplicates().sort_values(_KEY)
    keys = pd.MultiIndex.from_frame(keys)
    states = _states(attainment, recorded, rules)
    last = now.set_index(_KEY)["payout_minor"].reindex(keys)
    # Where nothing can be told of then, nothing is said to have changed since: nor of periods in
    # parts, of which one quota is not what they were computed from.
    whole = (
        now.get("status", pd.Series("", now.index))
        .ne("in_parts")
        .set_axis(now.set_index(_KEY).index)
    )
    whole = whole.reindex(keys, fill_value=True)
    minor = {name: paid.reindex(keys).where(whole).fillna(last) for name, paid in states.items()}
    minor["refunds"] = last
    money = {}
    for name, column in (("earned", "recorded"), ("paid", "paid")):
        whole, missing = to_minor(recorded[name].to_numpy(float), unit, name)
        amounts = pd.Series(pd.array(np.where(missing, pd.NA, whole), "Int64"), recorded.index)
        money[column] = amounts.reindex(keys)
    money["payout"], money["difference"] = last, last - money["recorded"]
    before = money["recorded"]
    for part, state in zip(("by_other", "by_sales", "by_quota", "by_refunds"), minor, strict=True):
        money[part] = minor[state] - before
        before = minor[state]
    money["balance"] = last - money["paid"].fillna(0)
    table = pd.DataFrame(
        {name: from_minor(whole.to_numpy(float, na_value=np.nan), unit)
         for name, whole in money.items()}, index=keys,
    ).rename(columns={"recorded": "recorded_amount"})  # fmt: skip
    is_told = _is_told(recorded, attainment).reindex(keys, fill_value=False)
    table["correction_reason"] = _reasons(table, is_told)
    order = ["recorded_amount", "payout", "difference", *_PARTS, "paid", "balance"]
    return table[[*order, "correction_reason"]].reset_index()


def _states(attainment: pd.DataFrame, recorded: pd.DataFrame, rules) -> dict[str, pd.Series]:
    """The payout of what was then, then with the sales, the quotas and the refunds of now."""
    known = [] if "component" in attainment.columns else [n for n in _THEN if n in recorded.columns]
    key = pd.MultiIndex.from_frame(attainment[_KEY])
    then = {name: recorded[name].reindex(key).to_numpy(float) for name in known}
    found = {}
    for state, old in (("then", _THEN), ("sales", ("quota",)), ("quota", ())):
        rows = attainment.drop(columns="clawback", errors="ignore")
        for name in [name for name in old if name in known and name in rows.columns]:
            own = rows[name].to_numpy(float)
            rows = rows.assign(**{name: np.where(np.isnan(then[name]), own, then[name])})
        found[state] = rows
    return {
        state: payout(rows, plan=rules).set_index(_KEY)["payout_minor"]
        for state, rows in found.items()
    }


def _is_told(recorded: pd.DataFrame, attainment: pd.DataFrame) -> pd.Series:
    """Whether a row says what its payout was computed from."""
    known = [name for name in _THEN if name in recorded.columns and name in attainment.columns]
    if "component" in attainment.columns or not known:
        return pd.Series(False, recorded.index)
    return recorded[known].notna().all(axis=1)


def _reasons(table: pd.DataFrame, is_told: pd.Series) -> np.ndarray:
    """The largest part of each difference, or why there is none."""
    parts = table[list(_PARTS)].abs().fillna(0.0)
    if parts.empty:
        return np.zeros(0, dtype=object)
    largest = parts.idxmax(axis=1).map(_PARTS)
    largest = largest.mask(largest.eq("other") & ~is_told, "unknown")
    same = table["difference"].eq(0)
    otherwise = same & table["paid"].notna() & table["balance"].ne(0)
    said = np.select(
        [table["payout"].isna(), table["recorded_amount"].isna(), otherwise, same],
        ["not_payable", "not_recorded", "paid_otherwise", "none"],
        largest.to_numpy(object),
    )
    return said.astype(object)


def open_corrections(table: pd.DataFrame) -> pd.DataFrame:
    """The rows in which something is to be settled: what changed, and what was paid differently.

    Payouts that are only not paid yet are none.

    Parameters
    ----------
    table : DataFrame
        As from :func:`corrections`.

    Returns
    -------
    DataFrame
        These rows, the largest balance first.

    Examples
    --------
    >>> table = pd.DataFrame({"payee_id": ["a", "b", "c"], "period": "2025-Q1",
    ...                       "recorded_amount": [3.0, 3.0, 3.0], "difference": [0.0, 1.0, 0.0],
    ...                       "paid": [None, 3.0, 2.0], "balance": [3.0, 1.0, 1.0]})
    >>> open_corrections(table)["payee_id"].tolist()
    ['b', 'c']
    """
    require_columns(table.columns, [*_KEY, "recorded_amount", "difference", "paid", "balance"],
                    "`table`")  # fmt: skip
    changed = table["difference"].notna() & table["difference"].ne(0)
    paid = table["paid"].notna() & table["balance"].notna() & table["balance"].ne(0)
    rows = table[changed | paid]
    size = rows["balance"].abs()
    order = rows.assign(size=size).sort_values(["size", *_KEY], ascending=[False, True, True])
    return order.drop(columns="size").reset_index(drop=True)


def correction_findings(table: pd.DataFrame) -> list[Finding]:
    """What is to be settled of payouts that were recorded.

    Parameters
    ----------
    table : DataFrame
        As from :func:`corrections`.

    Returns
    -------
    list of Finding
        ``changed`` (payouts that now come to something else), ``paid_otherwise`` (payouts that
        come to the same, of which another amount was paid), as far as there are any; ``settled``
        where there are none.

    Examples
    --------
    >>> table = pd.DataFrame({"payee_id": ["a", "b"], "period": "2025-Q1", "paid": [3.0, 3.0],
    ...                       "recorded_amount": 3.0, "difference": [0.0, -1.0],
    ...                       "balance": [0.0, -1.0]})
    >>> [found] = correction_findings(table)
    >>> found.name, found.values["less"], found.values["payees"]
    ('changed', 1.0, 1)
    """
    rows = open_corrections(table)
    recorded = int(table["recorded_amount"].notna().sum())
    changed = rows[rows["difference"].notna() & rows["difference"].ne(0)]
    other = rows.drop(changed.index)
    found = []
    if len(changed):
        values = {
            "k": len(changed),
            "n": recorded,
            "payees": int(changed["payee_id"].nunique()),
            "more": float(changed["difference"].clip(lower=0).sum()),
            "less": float(-changed["difference"].clip(upper=0).sum()),
            "balance": float(changed["balance"].sum()),
        }
        found.append(Finding("corrections", "changed", values))
    if len(other):
        values = {
            "k": len(other),
            "n": recorded,
            "short": float(other["balance"].clip(lower=0).sum()),
            "over": float(-other["balance"].clip(upper=0).sum()),
        }
        found.append(Finding("corrections", "paid_otherwise", values))
    return found or [Finding("corrections", "settled", {"n": recorded})]

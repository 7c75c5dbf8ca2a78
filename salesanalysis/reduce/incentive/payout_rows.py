"""Payouts of any number of payees in the engine that holds their attainment, equal to the cent."""

import re
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import Calendar
from salesanalysis.reduce.currencies import require_one_currency
from salesanalysis.reduce.expressions import AnyTable, as_ibis, require_columns, to_pandas
from salesanalysis.reduce.incentive import exact
from salesanalysis.reduce.incentive.balances import (
    balance,
    in_time,
    settled,
    with_bank,
    without_debts,
)

if TYPE_CHECKING:
    from salesanalysis.incentive import Plan

#: What only the family computes: small tables, few rows.
_IN_MEMORY = ("active_share", "nth_period", "paid_before")
#: A period of one day.
_DAY = r"\d{4}-\d{2}-\d{2}"
#: Columns of money.
_MONEY = ("sales", "quota", "target_incentive", "draw", "spif", "clawback")
#: Amounts may lie this far, in minor units, from whole ones: the noise of floats.
_NOISE = 1e-3


def payout(table: AnyTable, *, plan: "Plan") -> ibis.Table:
    """What a plan pays each payee in each period, computed where the table lies.

    The same amounts as :func:`salesanalysis.incentive.payout`, to the cent, for tables larger than
    memory: nothing comes back but an expression, which can be summed, written or joined.

    Parameters
    ----------
    table : Ibis table or DataFrame, one row per payee × period
        ``payee_id, period, sales`` and, where the plan looks at it, ``quota``, in money; optional
        ``target_incentive, draw, spif, clawback, team, region, currency``.
    plan : Plan
        As from :func:`salesanalysis.incentive.read_plan`.

    Returns
    -------
    Ibis table
        One row per payee × period: ``payee_id, period``, what is carried, ``sales, quota, measured,
        commission, bonus, payout_cut, paid_before, spif, clawback, earned, advance, repaid, debt,
        payout`` (money), ``payout_minor`` (exact), ``status``; where a cap banks what it takes off,
        ``from_bank, bank`` and ``sales_banked``; as there.

    Raises
    ------
    SalesAnalysisError
        A column is missing; a payee is twice in a period; amounts are not whole minor units, are in
        two currencies or too large to be exact; or the table has columns that need the function in
        memory.

    Examples
    --------
    >>> import pandas as pd
    >>> from salesanalysis.incentive import read_plan
    >>> plan = read_plan({"thresholds": "quota", "tiers": [[0, 1, 0.03], [1, None, 0.05]]})
    >>> sales = pd.DataFrame({"payee_id": ["a", "b"], "period": "2025-Q1", "quota": 100.0,
    ...                       "sales": [120.0, 80.0]})
    >>> payout(sales, plan=plan).order_by("payee_id").payout_minor.to_pyarrow().to_pylist()
    [400, 240]
    """
    if hasattr(plan, "components"):
        raise SalesAnalysisError(
            "`plan` has components, which are not computed in a database yet; take"
            " `salesanalysis.incentive.payout` of a table that fits into memory."
        )
    if not hasattr(plan, "ladder"):
        raise SalesAnalysisError(
            f"`plan` is {plan!r:.60}; expected a plan as from salesanalysis.incentive.read_plan."
        )
    table = _without_nan(as_ibis(table))
    returns, largest = _require(table, plan)
    rows = _measure(exact.widened(_read(table, plan), plan, largest), plan)
    rows = _due(rows, plan)
    # Without draws, returns and differences nobody ever owes anything: no windows are needed.
    owing = returns or plan.draw is not None or plan.measure.over != "period"
    owing = owing or bool({"draw", "spif", "clawback"} & set(table.columns))
    rows = settled(rows, plan) if owing else without_debts(rows)
    return _shown(rows, table, plan)


def _by_column(plan) -> list:
    """The multipliers that look at a column."""
    return [each for each in plan.multipliers if not each.on_attainment]


def _without_nan(table):
    """What is missing, whether files say so by NULL or by the NaN of floats."""
    floats = [name for name, kind in table.schema().items() if kind.is_floating()]
    return table.mutate(
        **{name: ibis.ifelse(table[name].isnan(), None, table[name]) for name in floats}
    )


def _require(table, plan) -> tuple[bool, dict[str, int]]:
    """Refuse what would make a figure wrong; tells whether there are returns, and what is most."""
    _require_columns(table, plan)
    money = [name for name in _MONEY if name in table.columns]
    found = _facts(table, plan, money)
    if found["twice"]:
        raise SalesAnalysisError(
            f"`table` holds a payee twice in a period: {found['twice']} rows too many."
            " Expected one row per payee and period."
        )
    for name in money:
        if found[f"{name}_off"] > _NOISE:
            raise SalesAnalysisError(
                f"`{name}` holds amounts that are not whole minor units of"
                f" {float(plan.minor_unit):g}. Round them, or give the plan a smaller `minor_unit`."
            )
    require_one_currency(table, "table", expected=plan.currency)
    return bool(found["sales_least"] < 0), _largest(found, plan)


def _require_columns(table, plan) -> None:
    """Refuse a table without what the plan looks at, or with what only memory understands."""
    needed = ["payee_id", "period", "sales", *(["quota"] if plan.ladder.needs_quota else [])]
    needed += [each.on for each in _by_column(plan)]
    require_columns(table, needed, "table")
    unknown = [name for name in _IN_MEMORY if name in table.columns]
    if unknown:
        raise SalesAnalysisError(
            f"`table` has {', '.join(unknown)}, which only salesanalysis.incentive.payout"
            " understands; leave them out, or bring the rows into memory."
        )
    if plan.on_target and plan.target_incentive is None:
        require_columns(table, ["target_incentive"], "table")


def _facts(table, plan, money: list[str]) -> dict:
    """What one query tells of all rows: how many, how large, how far from whole minor units."""
    facts = {"rows": table.count(), "periods": table.period.nunique()}
    scale = float(1 / plan.minor_unit)
    for name in money:
        minor = table[name].cast("float64") * scale
        facts[f"{name}_off"] = (minor - minor.round()).abs().max()
        facts[f"{name}_most"] = minor.abs().max()
    facts["sales_least"] = table.sales.min()
    found = to_pandas(table.aggregate(**facts)).iloc[0].to_dict()
    pairs = table.select("payee_id", "period").distinct().count().to_pyarrow().as_py()
    return found | {"twice": int(found["rows"]) - int(pairs)}


def _largest(found: dict, plan) -> dict[str, int]:
    """The largest sales, quota and target that the formulas will meet, in minor units."""
    names = {"sales": "sales", "quota": "quota", "target": "target_incentive"}
    most = {name: found.get(f"{column}_most", 0) for name, column in names.items()}
    largest = {name: 0 if pd.isna(value) else int(value) for name, value in most.items()}
    if plan.target_incentive is not None:
        largest["target"] = max(largest["target"], int(plan.target_incentive / plan.minor_unit))
    banks_sales = plan.cap is not None and plan.cap.banks_sales
    # What is measured is at most the sum of all periods.
    if plan.measure.over != "period" or banks_sales:
        largest = {name: value * int(found["periods"]) for name, value in largest.items()}
    return largest


def _read(table, plan):
    """Amounts in minor units; what cannot be paid is marked, with harmless values in its place."""
    ladder = plan.ladder
    zero = ibis.literal(0, type="int64")

    def minor(name):
        if name not in table.columns:
            return zero
        return exact.to_minor(table[name], plan).fill_null(0)

    target = ibis.literal(1, type="int64")
    no_target = ibis.literal(False)
    if plan.on_target:
        own = (
            None if plan.target_incentive is None else int(plan.target_incentive / plan.minor_unit)
        )
        if "target_incentive" in table.columns:
            target = exact.to_minor(table.target_incentive, plan)
            no_target = target.isnull() if own is None else no_target
            target = target.fill_null(1 if own is None else own)
        else:
            target = ibis.literal(own, type="int64")
    no_quota = ibis.literal(False)
    if ladder.needs_quota:
        no_quota = table.quota.isnull() | (exact.to_minor(table.quota, plan) <= 0)
    no_sales = table.sales.isnull()
    no_measure = ibis.literal(False)
    for multiplier in _by_column(plan):
        no_measure = no_measure | exact.measure(table, multiplier).isnull()
    rows = table.mutate(
        m_sales=minor("sales"), m_quota=minor("quota"), m_target=target, m_spif=minor("spif"),
        m_clawback=minor("clawback"), no_sales=no_sales, no_measure=no_measure,
        no_quota=no_quota.fill_null(True) | no_target,
    )  # fmt: skip
    if plan.ramp:
        nth = ibis.row_number().over(ibis.window(group_by="payee_id", order_by="period"))
        rows = rows.mutate(nth=nth)
        ramped = ibis.cases(
            *(
                (
                    rows.nth == at,
                    exact.rounded(rows.m_quota * share.numerator, share.denominator, "half_up"),
                )
                for at, share in enumerate(plan.ramp)
            ),
            else_=rows.m_quota,
        )
        rows = rows.mutate(m_quota=ramped)
    if ladder.needs_quota:
        rows = rows.mutate(no_quota=rows.no_quota | (rows.m_quota <= 0))
    return rows.mutate(known=~rows.no_sales & ~rows.no_quota & ~rows.no_measure)


def _require_order(rows, plan) -> None:
    """Refuse periods whose names do not sort in time."""
    names = _periods(rows)
    good = [plan.calendar.is_named(name) or re.fullmatch(_DAY, name) for name in names]
    if not all(good) or len(set(map(len, names))) > 1:
        raise SalesAnalysisError(
            "`period` holds names whose order in time is not that of their letters (such as"
            f" {names[0]!r}), or mixes lengths; this plan runs on from period to period."
            " Expected names such as 2025-Q1, 2025-03 or 2025."
        )


def _measure(rows, plan):
    """Sales and quota that the tiers look at."""
    over = plan.measure.over
    cap = plan.cap
    runs_on = over != "period" or plan.draw is not None or plan.ramp or (cap and cap.banked)
    rows = rows.mutate(period=rows.period.cast("string"))
    if runs_on:
        _require_order(rows, plan)
    if over == "period":
        rows = rows.mutate(m_measured=rows.m_sales, m_limit_target=rows.m_target)
        return _with_sales_banked(rows, plan) if cap and cap.banks_sales else rows
    if isinstance(over, str):
        rows = rows.mutate(span=_span(rows, over, plan.calendar))
        window = in_time(span=True)
    else:
        window = ibis.trailing_window(over - 1, group_by="payee_id", order_by="period")
    quota, target = rows.m_quota, rows.m_target
    if plan.measure.quota == "sum":
        quota = quota.sum().over(window)
        target = target.sum().over(window) if plan.on_target else target
    measured = rows.m_sales.sum().over(window)
    own_target = rows.m_target if plan.measure.pays == "period" else target
    return rows.mutate(
        m_measured=measured, m_quota=quota, m_target=target, m_limit_target=own_target
    )


def _with_sales_banked(rows, plan):
    """Sales over the cap count in the next period."""
    ladder = plan.ladder
    level = ladder.level(ladder.cap, rows.m_quota) + ibis.literal(0, type="int64")
    room = exact.rounded(level, ladder.scale, "up")
    rows = balance(rows, ibis.ifelse(rows.known, rows.m_sales - room, 0), "m_sales_banked")
    return rows.mutate(
        m_measured=rows.m_sales + ibis.ifelse(rows.known, rows.m_sales_banked_before, 0)
    )


def _periods(rows) -> list[str]:
    """The different names of periods."""
    named = rows.filter(rows.period.notnull()).select("period").distinct().order_by("period")
    return to_pandas(named)["period"].tolist()


def _span(rows, over: str, calendar: Calendar):
    """The quarter or year that each period begins in."""
    spans = {}
    for name in _periods(rows):
        first = calendar.bounds_of(name)[0] if calendar.is_named(name) else name
        spans[name] = calendar.label_of(first, over)
    return rows.period.substitute(spans) if spans else rows.period


def _due(rows, plan):
    """Commission with bonuses and the cap on payout, and what earlier periods had brought."""
    rows = rows.mutate(safe_quota=ibis.ifelse(rows.no_quota, 1, rows.m_quota))
    own = plan.measure.over != "period" and plan.measure.pays == "period"
    before = rows.m_measured - rows.m_sales if own else None
    x, pay, over_rate = exact.tiered(plan, rows, rows.safe_quota, rows.m_target, before=before)
    rows = rows.mutate(x=x, m_commission=pay, over_rate=over_rate)
    bonus = exact.bonus(plan, rows, rows.safe_quota, rows.m_target, before=before)
    rows = rows.mutate(m_bonus=bonus)
    limit = exact.payout_limit(plan, rows.m_limit_target)
    due = rows.m_commission + rows.m_bonus
    due = due if limit is None else ibis.least(due, limit)
    rows = rows.mutate(m_due=ibis.ifelse(rows.known, due, 0))
    rows = rows.mutate(m_cut=rows.m_due - rows.m_commission - rows.m_bonus)
    if plan.cap is not None and plan.cap.banks_money:
        rows = with_bank(rows, limit)
    earlier = ibis.literal(0, type="int64")
    if plan.measure.over != "period" and plan.measure.pays == "difference":
        # A row that cannot be paid brings nothing; the next settles the difference. Each run of
        # such rows belongs to the payable one before it, whose due is the only one in the run.
        window = in_time(span=True)
        rows = rows.mutate(run=rows.known.cast("int64").sum().over(window))
        due = ibis.ifelse(rows.known, rows.m_due, ibis.null("int64"))
        of_run = ibis.window(group_by=["payee_id", "span", "run"])
        rows = rows.mutate(reached=due.max().over(of_run))
        in_order = ibis.window(group_by=["payee_id", "span"], order_by="period")
        earlier = ibis.ifelse(rows.known, rows.reached.lag().over(in_order).fill_null(0), 0)
    rows = rows.mutate(m_before=earlier)
    return rows.mutate(m_earned=rows.m_due - rows.m_before + rows.m_spif - rows.m_clawback)


def _shown(rows, table, plan):
    """The columns of the statement, in money."""
    ladder = plan.ladder
    paid = rows.m_earned + rows.m_advance - rows.m_repaid
    below = ibis.literal(False)
    if ladder.floor is not None:
        below = rows.x < ladder.level(ladder.floor, rows.safe_quota)
    capped = (rows.m_cut < 0) | rows.over_rate
    if ladder.cap is not None:
        over = rows.m_measured * ladder.scale > ladder.level(ladder.cap, rows.safe_quota)
        capped = capped | over
    status = ibis.cases(
        (rows.no_sales, "no_sales"), (rows.no_quota, "no_quota"), (rows.no_measure, "no_measure"),
        (below, "below_floor"), (capped, "capped"), else_="paid",
    )  # fmt: skip
    unknown = ibis.null("int64")
    left = {"debt": rows.m_debt}
    left |= {
        name: rows[f"m_{name}"] for name in ("bank", "sales_banked") if f"m_{name}" in rows.columns
    }
    banked = {"from_bank": rows.m_from_bank} if "bank" in left else {}
    money = {
        "commission": rows.m_commission, "bonus": rows.m_bonus,
        "payout_cut": rows.m_cut, **banked, "paid_before": rows.m_before, "spif": rows.m_spif,
        "clawback": rows.m_clawback, "earned": rows.m_earned, "advance": rows.m_advance,
        "repaid": rows.m_repaid, "payout": paid,
    }  # fmt: skip
    shown = {
        name: exact.from_minor(ibis.ifelse(rows.known, minor, unknown), plan)
        for name, minor in money.items()
    }
    measured = exact.from_minor(ibis.ifelse(rows.no_sales, unknown, rows.m_measured), plan)
    carried = [name for name in ("team", "region", "currency") if name in table.columns]
    quota = [exact.from_minor(rows.m_quota, plan).name("quota")] if "quota" in table.columns else []
    return rows.select(
        "payee_id", "period", *carried, "sales", *quota, measured=measured, **shown,
        **{name: exact.from_minor(minor, plan) for name, minor in left.items()},
        payout_minor=ibis.ifelse(rows.known, paid, unknown), status=status,
    )  # fmt: skip

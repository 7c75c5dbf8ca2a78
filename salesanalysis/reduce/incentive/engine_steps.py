"""The steps of a statement in the engine: amounts in minor units, what is measured, what is due."""

import re

import ibis

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import Calendar
from salesanalysis.reduce.expressions import to_pandas
from salesanalysis.reduce.incentive import exact
from salesanalysis.reduce.incentive.balances import balance, in_time, with_bank

#: A period of one day.
_DAY = r"\d{4}-\d{2}-\d{2}"


def by_column(plan) -> list:
    """The multipliers that look at a column."""
    return [each for each in plan.multipliers if not each.on_attainment]


def read(table, plan, to_minor=exact.to_minor):
    """Amounts in minor units; what cannot be paid is marked, with harmless values in its place.

    ``to_minor`` makes minor units of a column of money, for a plan.
    """
    ladder = plan.ladder
    zero = ibis.literal(0, type="int64")

    def minor(name):
        if name not in table.columns:
            return zero
        return to_minor(table[name], plan).fill_null(0)

    target = ibis.literal(1, type="int64")
    no_target = ibis.literal(False)
    if plan.on_target:
        own = (
            None if plan.target_incentive is None else int(plan.target_incentive / plan.minor_unit)
        )
        if "target_incentive" in table.columns:
            target = to_minor(table.target_incentive, plan)
            no_target = target.isnull() if own is None else no_target
            target = target.fill_null(1 if own is None else own)
        else:
            target = ibis.literal(own, type="int64")
    no_sales = table.sales.isnull()
    no_measure = ibis.literal(False)
    for multiplier in by_column(plan):
        no_measure = no_measure | exact.measure(table, multiplier).isnull()
    rows = table.mutate(
        m_sales=minor("sales"), m_quota=minor("quota"), m_target=target, m_spif=minor("spif"),
        m_clawback=minor("clawback"), no_sales=no_sales, no_measure=no_measure,
        no_quota=no_target,
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
    if ladder.needs_quota:  # one that is missing is 0 here
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


def measured(rows, plan):
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


def due(rows, plan):
    """Commission with bonuses and the cap on payout, and what earlier periods had brought."""
    rows = rows.mutate(safe_quota=ibis.ifelse(rows.no_quota, 1, rows.m_quota))
    own = plan.measure.over != "period" and plan.measure.pays == "period"
    before = rows.m_measured - rows.m_sales if own else None
    rows, pay, over_rate = exact.tiered(plan, rows, rows.safe_quota, rows.m_target, before=before)
    rows = rows.mutate(m_commission=pay, over_rate=over_rate)
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
    earned = rows.m_due - rows.m_before + rows.m_spif - rows.m_clawback
    return rows.mutate(m_earned=ibis.ifelse(rows.known, earned, 0))


def shown(rows, table, plan, *, why=None):
    """The columns of the statement, in money; ``why`` a row is not known, where that is said."""
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
    if why is not None:
        status = ibis.ifelse(why == "", status, why)
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

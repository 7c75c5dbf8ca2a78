"""The statement of a plan without components: every step of the arithmetic, row by row."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.attained import Attained, attained, column
from salesanalysis.incentive.commission import Commission, earned, own_sales, payout_limit, whole
from salesanalysis.incentive.draws import balance, settle
from salesanalysis.incentive.ladder import Ladder, counted, tiers_reached
from salesanalysis.incentive.money import from_minor
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.year_end import (
    YearEnd,
    end_balance,
    groups,
    settle_year,
    without_untold,
    year_columns,
    year_end,
)

#: Columns of the attainment table that are carried into the statement.
CARRIED = ("team", "region", "currency")


def statement(attainment: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """What :func:`salesanalysis.incentive.payout` gives for a plan without components."""
    steep = plan.ladder
    read = attained(attainment, plan, steep)
    ending = year_end(attainment, plan, read)
    read = without_untold(read, ending)
    rows = attainment.iloc[read.order].reset_index(drop=True)
    commission = earned(plan, read.levels)
    unit = plan.minor_unit
    due = np.where(read.known, commission.due, 0)
    banks_money = plan.cap is not None and plan.cap.banks_money
    from_bank, bank, lost = _bank(plan, read, commission, ending) if banks_money else (0, 0, 0)
    due = due + from_bank
    year = settle_year(plan, read, ending, due)
    before = _paid_before(rows, plan, read, due)
    spif, clawback = column(rows, "spif", plan), column(rows, "clawback", plan)
    if (clawback < 0).any():
        raise SalesAnalysisError("`clawback` holds a negative amount; expected what is taken back.")
    override = {"override": column(rows, "override", plan)} if "override" in rows.columns else {}
    total = due + year.extra + year.cut - before + spif + override.get("override", 0) - clawback
    # Nothing is paid of a row that cannot be told, so nothing is advanced and nothing repaid.
    total = np.where(read.known, total, 0)
    advance, repaid, debt, forgiven = _settle(rows, plan, read, total, ending)
    paid = total + advance - repaid

    table = rows[[name for name in ("payee_id", "period", *CARRIED) if name in rows.columns]]
    table = table.assign(**_levels(rows, read, plan, unit))
    table = table.assign(**_tiers(plan, steep, read, commission))
    money = {
        "bonus": commission.bonus,
        "payout_cut": commission.due - commission.tiered - commission.bonus,
        **({"from_bank": from_bank} if banks_money else {}),
        **({"bank_lost": lost} if plan.year and plan.year.bank == "lose" else {}),
        "paid_before": before,
        "spif": spif,
        **override,
        "clawback": clawback,
        "earned": total,
        "advance": advance,
        "repaid": repaid,
        **({"debt_forgiven": forgiven} if plan.year and plan.year.debt == "forgive" else {}),
        "payout": paid,
    }
    columns = {name: from_minor(minor, unit) for name, minor in money.items()}
    before_year = list(columns).index("paid_before")
    names = [*list(columns)[:before_year], *(of_year := year_columns(plan, ending, year)),
             *list(columns)[before_year:]]  # fmt: skip
    columns |= of_year
    table = table.assign(**{name: columns[name] for name in names})
    blank = ["tier", *table.columns[table.columns.get_loc("tier_1_sales") :]]
    # What is left to be repaid, or to be paid, stays where a row cannot be paid.
    left = {"debt": debt} | ({"bank": bank} if banks_money else {})
    left |= {} if read.sales_banked is None else {"sales_banked": read.sales_banked}
    table = table.assign(**{name: from_minor(minor, unit) for name, minor in left.items()})
    table["tier"] = table["tier"].astype("Int64")
    table["payout_minor"] = pd.array(paid, dtype="Int64")
    table.loc[~read.known, [*blank, "payout_minor"]] = pd.NA
    table["status"] = _status(read, commission, ending, year.cut)
    back = np.argsort(read.order, kind="stable")
    return table.iloc[back].set_axis(range(len(table)), axis=0)


def _bank(plan: Plan, read: Attained, commission: Commission, ending: YearEnd | None):
    """What a row is paid of what the cap took off earlier, what is left of it, what is lost."""
    rule = plan.year.bank if plan.year else "carry"
    full = np.where(read.known, commission.tiered + commission.bonus, 0)
    room = np.where(read.known, payout_limit(plan, read.levels.cap_target), 0)
    left, earlier = balance(full - room, groups(read, ending, rule))
    left, ends = end_balance(left, ending, rule)
    lost = ends if rule == "lose" else np.zeros_like(ends)
    return full + earlier - left - lost - np.minimum(full, room), left, lost


def _paid_before(rows: pd.DataFrame, plan: Plan, read: Attained, due) -> np.ndarray:
    """What was due for the same measure up to the period before, and what the table says."""
    before = column(rows, "paid_before", plan)
    if plan.measure.over == "period" or plan.measure.pays == "period":
        return before
    first = np.r_[True, read.span[1:] != read.span[:-1]] if len(due) else np.zeros(0, dtype=bool)
    late = ~first & (before != 0)
    if late.any():
        row = rows.loc[int(np.argmax(late))]
        raise SalesAnalysisError(
            f"`paid_before` is given for {row['payee_id']} in {row['period']}, which is not the"
            " first period of its measure; give it there only, the rest follows from the plan."
        )
    # A row that cannot be paid brings nothing; the next settles the difference.
    reached = pd.Series(np.where(read.known, due, np.nan)).groupby(read.span).ffill()
    earlier = reached.groupby(read.span).shift(1)
    at_start = pd.Series(before).groupby(read.span).transform("first")
    return np.where(read.known, earlier.fillna(at_start).to_numpy(), 0).astype(np.int64)


def _settle(rows: pd.DataFrame, plan: Plan, read: Attained, total, ending: YearEnd | None):
    """Draws and debts over each payee's periods: advanced, repaid, still owed, let go."""
    draw, none = plan.draw, np.zeros(len(total), dtype=np.int64)
    guaranteed = none
    if draw is not None:
        guaranteed = np.full(len(total), int(draw.amount / plan.minor_unit))
        if draw.periods is not None:
            guaranteed = np.where(read.nth < draw.periods, guaranteed, 0)
    if "draw" in rows.columns:
        given = column(rows, "draw", plan)
        guaranteed = np.where(rows["draw"].notna(), given, guaranteed)
    if plan.negative == "take_back" and draw is None and "draw" not in rows.columns:
        return none, none, none, none
    guaranteed = np.where(read.known, guaranteed, 0)
    recoverable = draw is None or draw.recoverable
    rule = plan.year.debt if plan.year else "carry"
    whose = groups(read, ending, rule)
    advance, repaid, debt = settle(total, guaranteed, whose, recoverable)
    debt, ends = end_balance(debt, ending, rule)
    if rule == "repay":
        return advance, repaid + ends, debt, none
    return advance, repaid, debt, ends


def _levels(rows, read: Attained, plan: Plan, unit) -> dict:
    """Sales, quota, target incentive and attainment as the plan saw them."""
    levels, steep = read.levels, plan.ladder
    if "quota" not in rows.columns and "attainment" in rows.columns:
        sales = from_minor(read.sales, unit) if "sales" in rows.columns else np.nan
        known = {"sales": sales, "quota": np.nan, "measured": np.nan}
        share = rows["attainment"].to_numpy(float)
    else:
        quota = np.where(read.quota > 0, read.quota, np.nan)
        sales = np.where(read.no_sales, np.nan, from_minor(read.sales, unit))
        measured = np.where(read.no_sales, np.nan, levels.measured)
        known = {"sales": sales, "quota": from_minor(quota, unit)}
        known["measured"] = from_minor(measured, unit)
        share = measured / quota
    tier = tiers_reached(steep, counted(steep, levels.measured, levels.quota), levels.quota)
    if plan.on_target:
        known["target_incentive"] = from_minor(levels.target + np.zeros_like(tier), unit)
    return known | {"attainment": share, "tier": tier}


def _tiers(plan: Plan, steep: Ladder, read: Attained, commission: Commission) -> dict:
    """What each tier holds and brings, and how their sum becomes the commission."""
    unit, levels = plan.minor_unit, read.levels
    ends = [*steep.levels[1:], None]
    reached = tiers_reached(steep, commission.x, levels.quota)
    columns: dict[str, np.ndarray] = {}
    for at, (level, end) in enumerate(zip(steep.levels, ends, strict=True)):
        if steep.times_sales:
            own = levels.base is not None or levels.before is not None
            sales = own_sales(levels) * steep.scale if own else commission.x
            here = np.where(reached == at + 1, sales, 0)
        else:
            here = _within(steep, commission.x, levels.quota, level, end)
            if levels.before is not None and steep.on_top:
                start = counted(steep, levels.before, levels.quota)
                here = here - _within(steep, start, levels.quota, level, end)
        columns[f"tier_{at + 1}_sales"] = from_minor(_float(here) / steep.scale, unit)
        pay = _float(commission.tiers[at]) / _float(commission.denominator)
        columns[f"tier_{at + 1}_pay"] = from_minor(pay, unit)
    exact = _float(commission.numerator) / _float(commission.denominator)
    for at, factor in enumerate(commission.factors, start=1):
        columns[f"multiplier_{at}"] = _float(factor.whole) / _float(factor.over)
    if plan.multipliers:
        added = commission.numerator - sum(commission.tiers)
        added = _float(added) / _float(commission.denominator)
        columns["multiplied"] = from_minor(added, unit)
    cliff = commission.below_floor & steep.cliff
    limited = commission.over_rate & ~cliff
    rate_cut = np.zeros(len(exact))
    if commission.rate_limit is not None:
        rate_cut = np.where(limited, commission.tiered - exact, 0.0)
    columns["floor_cut"] = from_minor(np.where(cliff, -exact, 0.0), unit) + 0.0
    columns["rate_cut"] = from_minor(rate_cut, unit) + 0.0
    rest = np.where(cliff | limited, 0.0, commission.tiered - exact)
    columns["rounding"] = from_minor(rest, unit)
    columns["commission"] = from_minor(commission.tiered, unit)
    return columns


def _within(steep: Ladder, x, quota, level: int, end: int | None):
    """The part of x inside a tier."""
    low = steep.level(level, quota)
    above = np.maximum(x - low, 0) if level else x
    return above if end is None else np.minimum(above, steep.level(end, quota) - low)


def _float(values) -> np.ndarray:
    return np.asarray(values, dtype=np.float64)


def _status(
    read: Attained, commission: Commission, ending: YearEnd | None, year_cut: np.ndarray
) -> np.ndarray:
    untold = np.zeros(len(read.known), dtype=bool) if ending is None else ending.untold
    capped = commission.over_cap | commission.over_rate
    capped = capped | (commission.due < whole(commission.tiered + commission.bonus))
    capped = capped | (year_cut < 0)
    status = np.select(
        [read.no_sales, read.no_quota, read.no_measure, untold, commission.below_floor, capped],
        ["no_sales", "no_quota", "no_measure", "no_year", "below_floor", "capped"],
        "paid",
    )
    return status.astype(object)

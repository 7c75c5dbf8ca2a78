"""Payout statements: one row per payee and period, with every step of the arithmetic."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.attained import Attained, attained, column
from salesanalysis.incentive.commission import Commission, earned, own_sales, payout_limit, whole
from salesanalysis.incentive.draws import balance, settle
from salesanalysis.incentive.ladder import Ladder, counted, tiers_reached
from salesanalysis.incentive.money import from_minor
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_file import AnyPlan, read_plan

#: Columns of the attainment table that are carried into the statement.
_CARRIED = ("team", "region", "currency")


def payout(attainment: pd.DataFrame, *, plan: AnyPlan) -> pd.DataFrame:
    """What a plan pays each payee in each period, with every step of its arithmetic.

    Money is computed in whole minor units (cents); a sale exactly on a threshold is on it. A row
    that cannot be paid because its sales, or a quota that the plan needs, are missing (or a quota
    is zero or negative) has no payout and says so in ``status``; it is never a payout of 0.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        ``payee_id, period, sales`` and, where the plan looks at it, ``quota``, in money. Without a
        quota ``attainment`` (a share of it) serves plans that do not pay on the sales. Further
        columns, all optional: ``target_incentive``; ``active_share`` (0–1, share of the period
        that the payee was on the plan: prorates quota and target incentive); the measures of the
        plan's multipliers; ``nth_period`` (from 1, for ramps and
        draws of payees who began before the table does); ``draw``; ``paid_before`` (already paid
        for the same sales); ``spif``, ``clawback`` (money, as from :func:`spifs` and
        :func:`clawback`); ``team, region, currency`` are carried along.
    plan : Plan, or what :func:`read_plan` takes

    Returns
    -------
    DataFrame
        One row per row of ``attainment``, in the order of the rows given. Money is the float
        nearest to the exact amount; ``payout_minor`` is exact (add this up).

        - ``payee_id, period``, what is carried, ``sales``, ``quota`` (ramped and prorated, and
          added up where the plan measures so), ``measured`` (sales by which the tier is found),
          ``attainment`` (of these), ``tier`` (reached, from 1; 0 is none),
        - ``tier_1_sales, tier_1_pay`` and so on: the sales inside each tier, and what that brings,
          not rounded. Where all sales are paid at one rate they stand with the tier reached,
        - ``multiplier_1`` and so on (the factor of each of the plan's multipliers), ``multiplied``
          (what they add or take together; only where it has any),
        - ``floor_cut, rate_cut`` (taken off by a cliff at the floor, by a cap on the rate),
          ``rounding``, and their sum with the tiers, ``commission``,
        - ``bonus, payout_cut`` (by a cap on payout), ``from_bank`` (what that took off earlier,
          paid now; only where the cap banks it), ``paid_before`` (what earlier periods of the
          measure, or the column of that name, had brought), ``spif, clawback``, and their sum with
          the commission, ``earned``,
        - ``advance`` (drawn beyond what was earned), ``repaid`` (of earlier advances or negative
          earnings), ``payout`` = earned + advance − repaid, ``debt`` (left at the end),
        - ``bank`` (money that a cap has taken off and that is not paid yet), ``sales_banked`` (that
          count in the next period); only where a cap banks them,
        - ``payout_minor`` (Int64), ``status``: ``paid``, ``below_floor``, ``capped``, ``no_quota``
          (quota or target incentive missing), ``no_measure`` (that of a multiplier is missing),
          ``no_sales``.

    Raises
    ------
    SalesAnalysisError
        A column is missing, a payee is there twice in a period, there are two currencies, an amount
        is not a whole number of minor units, or periods cannot be put in order.

    References
    ----------
    Draws and tiers as in Oracle Incentive Compensation and Siebel Incentive Compensation
    Administration Guide (Oracle), tables of draws and rate tables. Sales-system source, §4.

    Examples
    --------
    >>> sales = pd.DataFrame({"payee_id": ["a", "b"], "period": "2025-Q1", "quota": 100.0,
    ...                       "sales": [120.0, 80.0]})
    >>> plan = {"thresholds": "quota", "tiers": [[0, 1, 0.03], [1, None, 0.05]],
    ...         "floor": {"at": 1, "cliff": True}}
    >>> steps = ["tier_1_pay", "tier_2_pay", "floor_cut", "payout", "status"]
    >>> payout(sales, plan=plan)[["payee_id", "attainment", *steps]]
      payee_id  attainment  tier_1_pay  tier_2_pay  floor_cut  payout       status
    0        a         1.2         3.0         1.0        0.0     4.0         paid
    1        b         0.8         2.4         0.0       -2.4     0.0  below_floor
    """
    plan = read_plan(plan)
    steep = plan.ladder
    read = attained(attainment, plan, steep)
    rows = attainment.iloc[read.order].reset_index(drop=True)
    commission = earned(plan, read.levels)
    unit = plan.minor_unit
    due = np.where(read.known, commission.due, 0)
    banks_money = plan.cap is not None and plan.cap.banks_money
    from_bank, bank = _bank(plan, read, commission) if banks_money else (0, 0)
    due = due + from_bank
    before = _paid_before(rows, plan, read, due)
    spif, clawback = column(rows, "spif", plan), column(rows, "clawback", plan)
    if (clawback < 0).any():
        raise SalesAnalysisError("`clawback` holds a negative amount; expected what is taken back.")
    total = due - before + spif - clawback
    advance, repaid, debt = _settle(rows, plan, read, total)
    paid = total + advance - repaid

    table = rows[[name for name in ("payee_id", "period", *_CARRIED) if name in rows.columns]]
    table = table.assign(**_levels(rows, read, steep, unit))
    table = table.assign(**_tiers(plan, steep, read, commission))
    money = {
        "bonus": commission.bonus,
        "payout_cut": commission.due - commission.tiered - commission.bonus,
        **({"from_bank": from_bank} if banks_money else {}),
        "paid_before": before,
        "spif": spif,
        "clawback": clawback,
        "earned": total,
        "advance": advance,
        "repaid": repaid,
        "payout": paid,
    }
    table = table.assign(**{name: from_minor(minor, unit) for name, minor in money.items()})
    blank = ["tier", *table.columns[table.columns.get_loc("tier_1_sales") :]]
    # What is left to be repaid, or to be paid, stays where a row cannot be paid.
    left = {"debt": debt} | ({"bank": bank} if banks_money else {})
    left |= {} if read.sales_banked is None else {"sales_banked": read.sales_banked}
    table = table.assign(**{name: from_minor(minor, unit) for name, minor in left.items()})
    table["tier"] = table["tier"].astype("Int64")
    table["payout_minor"] = pd.array(paid, dtype="Int64")
    table.loc[~read.known, [*blank, "payout_minor"]] = pd.NA
    table["status"] = _status(read, commission)
    back = np.argsort(read.order, kind="stable")
    return table.iloc[back].set_axis(range(len(table)), axis=0)


def _bank(plan: Plan, read: Attained, commission: Commission):
    """What a row is paid of what the cap took off earlier, and what then is left of that."""
    full = np.where(read.known, commission.tiered + commission.bonus, 0)
    room = np.where(read.known, payout_limit(plan, read.levels.cap_target), 0)
    left, earlier = balance(full - room, read.payee)
    return full + earlier - left - np.minimum(full, room), left


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


def _settle(rows: pd.DataFrame, plan: Plan, read: Attained, total):
    """Draws and debts over each payee's periods: advanced, repaid, still owed."""
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
        return none, none, none
    return settle(total, guaranteed, read.payee, draw is None or draw.recoverable)


def _levels(rows, read: Attained, steep: Ladder, unit) -> dict:
    """Sales, quota and attainment as the plan saw them."""
    levels = read.levels
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


def _status(read: Attained, commission: Commission) -> np.ndarray:
    capped = commission.over_cap | commission.over_rate
    capped = capped | (commission.due < whole(commission.tiered + commission.bonus))
    status = np.select(
        [read.no_sales, read.no_quota, read.no_measure, commission.below_floor, capped],
        ["no_sales", "no_quota", "no_measure", "below_floor", "capped"],
        "paid",
    )
    return status.astype(object)

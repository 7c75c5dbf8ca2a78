"""What a plan pays each payee in each period, and what of it each component brings."""

import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.any_plan import AnyPlan, read_plan
from salesanalysis.incentive.component_statements import statements
from salesanalysis.incentive.components import ComponentPlan
from salesanalysis.incentive.statement import statement


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
        for the same sales); ``spif``, ``clawback``, ``override`` (money, as from :func:`spifs`,
        :func:`clawback` and :func:`overrides`); ``team, region, currency`` are carried along.
    plan : Plan, or what :func:`read_plan` takes
        With components the table has one row per payee × period × ``component``; what belongs to
        the payee (``target_incentive, active_share, draw, spif`` and so on) is the same in each of
        them, or stands in one, and counts once.

    Returns
    -------
    DataFrame
        One row per row of ``attainment``, in the order of the rows given. Money is the float
        nearest to the exact amount; ``payout_minor`` is exact (add this up).

        - ``payee_id, period``, what is carried, ``sales``, ``quota`` (ramped and prorated, and
          added up where the plan measures so), ``target_incentive`` (likewise; only where the plan
          pays shares of it), ``measured`` (sales by which the tier is found), ``attainment`` (of
          these), ``tier`` (reached, from 1; 0 is none),
        - ``tier_1_sales, tier_1_pay`` and so on: the sales inside each tier, and what that brings,
          not rounded. Where all sales are paid at one rate they stand with the tier reached,
        - ``multiplier_1`` and so on (the factor of each of the plan's multipliers), ``multiplied``
          (what they add or take together; only where it has any),
        - ``floor_cut, rate_cut`` (taken off by a cliff at the floor, by a cap on the rate),
          ``rounding``, and their sum with the tiers, ``commission``,
        - ``bonus, payout_cut`` (by a cap on payout), ``from_bank`` (what that took off earlier,
          paid now; only where the cap banks it), ``paid_before`` (what earlier periods of the
          measure, or the column of that name, had brought), ``spif, clawback`` (and ``override``
          where the table has it), and their sum with the commission, ``earned``,
        - ``advance`` (drawn beyond what was earned), ``repaid`` (of earlier advances or negative
          earnings), ``payout`` = earned + advance − repaid, ``debt`` (left at the end),
        - ``bank`` (money that a cap has taken off and that is not paid yet), ``sales_banked`` (that
          count in the next period); only where a cap banks them,
        - where the plan settles a year, in the row of its last period: ``year_sales,
          year_attainment, year_due`` (of the year, by the plan's tiers for it), ``year_extra``
          (paid or taken back beside what the periods brought); in each row ``year_cut`` (by the
          limit of the year); ``bank_lost, debt_forgiven`` (what ended with it),
        - ``payout_minor`` (Int64), ``status``: ``paid``, ``below_floor``, ``capped``, ``no_quota``
          (quota or target incentive missing), ``no_measure`` (that of a multiplier is missing),
          ``no_sales``; ``no_gate`` (a component's gate looks at what is missing), ``no_year`` (a
          year is settled there, and one of its periods is missing).

        With components one row per payee × period, in the order in which they come first, from
        ``commission`` (what the components earn together) on; see :func:`payout_parts`. Where one
        component cannot be told, the row has no payout, and that component's ``status``.

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
    if isinstance(plan, ComponentPlan):
        return statements(attainment, plan).total
    return statement(attainment, plan)


def payout_parts(attainment: pd.DataFrame, *, plan: AnyPlan) -> pd.DataFrame:
    """What each component of a plan brings each payee in each period, and what is paid beside.

    The parts of a payee's period add up to its :func:`payout` to the minor unit: what the cap on
    all components takes off is shared out in proportion to what they earned, the units left going
    to the largest remainders.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period × component
        As for :func:`payout`.
    plan : ComponentPlan, or what :func:`read_plan` takes
        With components.

    Returns
    -------
    DataFrame
        One row per payee × period × component, in the order of the rows given (components in
        that of the plan), and one for whatever else was paid or repaid there:
        ``payee_id, period``, what is carried,
        ``part`` (``component``; or ``from_bank``, ``paid_before``, ``spif``, ``clawback``,
        ``advance``, ``repaid``), ``component``, ``weight`` (where there are any); the steps of the
        component's own statement, as of :func:`payout`, to what it ``earned``; ``gate_cut`` (taken
        off where its gate is shut), ``total_cut`` (by the cap on all), ``payout``, ``payout_minor``
        and ``status``: also ``gated``, and ``no_total`` (another component of the period cannot be
        told, so that nothing is paid).

    Raises
    ------
    SalesAnalysisError
        As for :func:`payout`; or the plan has no components, a component of the plan has no row, or
        the table has one that the plan does not have.

    Examples
    --------
    >>> plan = {"target_incentive": 1000, "cap": {"share": "150%"}, "components": [
    ...     {"name": name, "weight": weight, "thresholds": "quota", "method": "interpolated",
    ...      "tiers": [{"from": 0, "to": 2, "share": 2}]}
    ...     for name, weight in (("licences", "70%"), ("services", "30%"))]}
    >>> rows = pd.DataFrame({"payee_id": "a", "period": "2025-Q1", "quota": 100.0,
    ...                      "component": ["licences", "services"], "sales": [200.0, 100.0]})
    >>> payout_parts(rows, plan=plan)[["component", "earned", "total_cut", "payout", "status"]]
      component  earned  total_cut   payout status
    0  licences  1400.0    -164.71  1235.29   paid
    1  services   300.0     -35.29   264.71   paid
    """
    plan = read_plan(plan)
    if not isinstance(plan, ComponentPlan):
        raise SalesAnalysisError(
            "`plan` has no components, so a payout has no parts; see the steps in `payout`."
        )
    return statements(attainment, plan).parts

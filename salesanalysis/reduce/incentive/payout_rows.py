"""Payouts of any number of payees in the engine that holds their attainment, equal to the cent."""

from typing import TYPE_CHECKING

import ibis

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce.expressions import AnyTable, as_ibis
from salesanalysis.reduce.incentive import exact
from salesanalysis.reduce.incentive.balances import settled, without_debts
from salesanalysis.reduce.incentive.component_payouts import ComponentRows
from salesanalysis.reduce.incentive.engine_facts import require_exact, without_nan
from salesanalysis.reduce.incentive.engine_steps import due, measured, read, shown

if TYPE_CHECKING:
    from salesanalysis.incentive import ComponentPlan, Plan


def payout(table: AnyTable, *, plan: "Plan | ComponentPlan") -> ibis.Table:
    """What a plan pays each payee in each period, computed where the table lies.

    The same amounts as :func:`salesanalysis.incentive.payout`, to the cent, for tables larger than
    memory: nothing comes back but an expression, which can be summed, written or joined.

    Parameters
    ----------
    table : Ibis table or DataFrame, one row per payee × period
        ``payee_id, period, sales`` and, where the plan looks at it, ``quota``, in money; optional
        ``target_incentive, draw, spif, clawback, team, region, currency``. For a plan with
        components one row per payee × period × ``component``; the rows of a payee's period are
        brought together once, in a table of the session where the engine is DuckDB.
    plan : Plan or ComponentPlan
        As from :func:`salesanalysis.incentive.read_plan`.

    Returns
    -------
    Ibis table
        One row per payee × period: ``payee_id, period``, what is carried, ``sales, quota, measured,
        commission, bonus, payout_cut, paid_before, spif, clawback, earned, advance, repaid, debt,
        payout`` (money), ``payout_minor`` (exact), ``status``; where a cap banks what it takes off,
        ``from_bank, bank`` and ``sales_banked``; as there. With components from ``commission`` on,
        which is what they earn together.

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
    plans = [plan.roof, *(e.plan for e in plan.components)] if hasattr(plan, "roof") else [plan]
    if any(getattr(each, "year", None) for each in plans):
        raise SalesAnalysisError(
            "`plan` settles a year over its periods (`year`), which is not computed in a database"
            " yet; take `salesanalysis.incentive.payout` of a table that fits into memory."
        )
    if hasattr(plan, "components"):
        return _of_components(as_ibis(table), plan)
    if not hasattr(plan, "ladder"):
        raise SalesAnalysisError(
            f"`plan` is {plan!r:.60}; expected a plan as from salesanalysis.incentive.read_plan."
        )
    table = without_nan(as_ibis(table))
    returns, largest = require_exact(table, plan)
    rows = _statement(table, plan, returns, largest)
    return shown(rows, table, plan)


def _statement(table, plan, returns: bool, largest: dict[str, int]):
    """Every step of one plan's statement, in minor units."""
    rows = due(measured(exact.widened(read(table, plan), plan, largest), plan), plan)
    # Without draws, returns and differences nobody ever owes anything: no windows are needed.
    owing = returns or plan.draw is not None or plan.measure.over != "period"
    owing = owing or bool({"draw", "spif", "clawback"} & set(table.columns))
    return settled(rows, plan) if owing else without_debts(rows)


def _of_components(table, plan) -> ibis.Table:
    """What the components earn together, through the roof."""
    components = ComponentRows(table, plan)
    together = components.together()
    rows = _statement(together, plan.roof, components.returns, components.largest)
    statement = shown(rows, together, plan.roof, why=rows.why)
    return statement.drop("sales", "measured")

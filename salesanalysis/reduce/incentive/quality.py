"""Named checks of what payouts rest on: attainment and single sales, against the plan."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import ibis

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce.checks import (
    Check,
    Checks,
    Subject,
    missing,
    negative,
    one_currency,
    twice,
    values,
)
from salesanalysis.reduce.expressions import AnyTable, as_ibis, require_columns
from salesanalysis.reduce.incentive.component_rows import counting, filter_columns

if TYPE_CHECKING:
    from salesanalysis.incentive import ComponentPlan, Plan

#: Lengths of periods by the look of their names.
_LENGTHS = {
    "quarter": (r"^(\d{4}[-/ ]?|FY\d+-)[Qq][1-4]$|^[Qq][1-4][-/ ]?\d{4}$|^\d{4}年?第?[1-4]季度?$"),
    "half": r"^\d{4}[-/ ]?[HhSs][12]$|^FY\d+-H[12]$",
    "year": r"^\d{4}年?$|^FY\d+$",
    "week": r"^\d{4}-?[Ww]\d{2}$|^FY\d+-W\d{2}$",
    "month": r"^\d{4}[-/.年]?(0?[1-9]|1[0-2])月?$|^FY\d+-P\d{2}$",
    "day": r"^\d{4}-\d{2}-\d{2}.*$",
    "numbered": r"^\d{1,3}$",
}


def checks(
    attainment: AnyTable | None = None,
    *,
    sales: AnyTable | None = None,
    plan: "Plan | ComponentPlan | None" = None,
) -> Checks:
    """What is wrong with the data that payouts rest on, check by check.

    Every check is listed, also those that find nothing and those that cannot be told.

    Parameters
    ----------
    attainment : Ibis table or DataFrame, one row per payee × period, optional
        ``payee_id, period, sales`` and whatever else of that table there is.
    sales : Ibis table or DataFrame, one row per sale, optional
        ``payee_id, sold_at, amount``, and ``currency``.
    plan : Plan or ComponentPlan, optional
        As from :func:`salesanalysis.incentive.read_plan`: says whether quotas are needed, its
        currency and period, and which sales its components count.

    Returns
    -------
    Checks
        Its ``table`` has a row for each check, ``rows_of(name)`` gives the rows that one finds as
        they are in their table. Amounts are the sales at stake, without their sign.

    Raises
    ------
    SalesAnalysisError
        Neither table is given, or a required column is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"payee_id": ["a", "a", "b"], "period": "2025-Q1",
    ...                      "sales": [10.0, 20.0, -5.0], "quota": [100.0, 100.0, 0.0]})
    >>> found = checks(rows)
    >>> table = found.table
    >>> table.loc[table["finding"] == "found", ["check", "n", "rows", "amount", "blocks"]]
                 check  n  rows  amount  blocks
    1      payee_twice  3     2    30.0    True
    8       quota_zero  3     1     5.0   False
    10  negative_sales  3     1     5.0   False
    >>> found.rows_of("payee_twice")["sales"].tolist()
    [20.0, 10.0]
    """
    tables = _tables(attainment, sales)
    subjects = {
        of: Subject(
            table.mutate(at_stake=table[amount].cast("float64").abs().fill_null(0.0)),
            "at_stake",
            table.columns,
        )
        for of, amount in (("attainment", "sales"), ("sales", "amount"))
        if (table := tables.get(of)) is not None
    }
    return Checks(_every(tables, plan), subjects)


def _tables(attainment, sales) -> dict:
    if attainment is None and sales is None:
        raise SalesAnalysisError("Give `attainment`, `sales` or both.")
    tables = {}
    if attainment is not None:
        tables["attainment"] = as_ibis(attainment)
        require_columns(tables["attainment"], ["payee_id", "period", "sales"], "attainment")
    if sales is not None:
        tables["sales"] = as_ibis(sales)
        require_columns(tables["sales"], ["payee_id", "sold_at", "amount"], "sales")
    return tables


def _every(tables: dict, plan) -> list[Check]:
    """Every check; some depend on the plan."""
    paid_by_quota = plan is not None and plan.needs_quota
    rows, sales = partial(Check, of="attainment"), partial(Check, of="sales")
    quota = {"needs": ("quota",), "blocks": paid_by_quota}
    payees, periods = values("payee_id"), values("period")

    def mix(name, of):
        check = Check(name, "high", of)
        expected = None if plan is None else plan.currency
        return one_currency(name, of, tables[of], expected=expected) if of in tables else check

    # fmt: off
    return [
        mix("currency_mix", "attainment"),
        rows("payee_twice", "high", hit=_payee_twice, blocks=True, suggest=payees),
        rows("payee_missing", "high", hit=missing("payee_id"), blocks=True),
        rows("overlapping_periods", "high", hit=_overlaps, blocks=True, suggest=periods),
        rows("other_period", "high", hit=_other_period(plan), blocks=True, suggest=periods),
        mix("sales_currency_mix", "sales"),
        sales("sale_without_payee", "high", hit=missing("payee_id")),
        rows("quota_missing", "medium", hit=missing("quota"), **quota, suggest=payees),
        rows("quota_zero", "medium", hit=lambda t: t.quota <= 0, **quota, suggest=payees),
        rows("sales_missing", "medium", hit=missing("sales")),
        rows("negative_sales", "medium", hit=negative("sales")),
        sales("sale_without_date", "medium", hit=missing("sold_at")),
        sales("sale_without_amount", "medium", hit=missing("amount")),
        rows("period_without_order", "low", hit=lambda t: _length(t.period).isnull(),
             suggest=periods),
        sales("returns", "low", hit=negative("amount")),
        *_components(plan),
    ]
    # fmt: on


def _components(plan) -> list[Check]:
    """Of single sales that components count: those that none counts, and those that two pay."""
    if not getattr(plan, "counts_sales", False):
        return []
    needs = tuple(filter_columns(plan))
    kinds = {"sale_not_counted": lambda n: n == 0, "sale_paid_twice": lambda n: n > 1}
    return [
        Check(name, "medium", "sales", lambda t, found=found: found(counting(plan, t)), needs=needs)
        for name, found in kinds.items()
    ]


def _payee_twice(table):
    """Rows of a payee who is twice in a period, or there with one component twice."""
    also = ["component"] if "component" in table.columns else []
    return twice("payee_id", "period", *also)(table)


def _length(period):
    """The length of a period by the look of its name."""
    name = period.cast("string")
    return ibis.cases(*((name.re_search(look), length) for length, look in _LENGTHS.items()))


def _overlaps(table):
    """Rows of a payee whose periods have several lengths within one year."""
    name = table.period.cast("string")
    year = name.re_extract(r"\d{4}|FY\d+", 0)
    window = ibis.window(group_by=[table.payee_id, year])
    length = _length(table.period)
    return length.notnull() & (length.max().over(window) != length.min().over(window))


def _other_period(plan) -> Callable | None:
    """Rows whose period has another length than the plan's; not known without one."""
    if plan is None or plan.period is None:
        return None
    return lambda t: _length(t.period).fill_null("") != plan.period

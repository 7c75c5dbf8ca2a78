"""Named checks of what payouts rest on: attainment and single sales, against the plan.

:func:`checks` says of each check how many rows it finds and what money is at stake,
:func:`check_rows` which. The words of a check are ``incentive.value.check.<name>`` and
``incentive.value.why.<name>``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_choice
from salesanalysis.reduce.check_table import check_row, check_table
from salesanalysis.reduce.expressions import as_ibis, require_columns, to_pandas

#: Lengths of periods by the look of their names.
_LENGTHS = {
    "quarter": r"^\d{4}[-/ ]?[Qq][1-4]$|^[Qq][1-4][-/ ]?\d{4}$|^\d{4}年?第?[1-4]季度?$",
    "half": r"^\d{4}[-/ ]?[HhSs][12]$",
    "year": r"^\d{4}年?$",
    "week": r"^\d{4}-?[Ww]\d{2}$",
    "month": r"^\d{4}[-/.年]?(0?[1-9]|1[0-2])月?$",
    "day": r"^\d{4}-\d{2}-\d{2}.*$",
    "numbered": r"^\d{1,3}$",
}

#: The column whose values say what to do about a finding.
_SHOWN = {
    **dict.fromkeys(("currency_mix", "sales_currency_mix"), "currency"),
    **dict.fromkeys(("other_period", "overlapping_periods", "period_without_order"), "period"),
    **dict.fromkeys(("payee_twice", "quota_zero", "quota_missing"), "payee_id"),
}

_COLUMNS = ("check", "table", "severity", "finding", "n", "rows", "share", "amount", "blocks",
            "suggestion")  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One check: of which table, which rows it finds, and whether figures are wrong with them.

    It cannot be told where the table lacks one of ``needs``.
    """

    name: str
    table: str
    severity: str
    hit: Callable
    needs: tuple[str, ...] = ()
    blocks: bool = False


def checks(attainment=None, *, sales=None, plan=None) -> pd.DataFrame:
    """What is wrong with the data that payouts rest on, check by check.

    Every check is listed, also those that find nothing and those that cannot be told.

    Parameters
    ----------
    attainment : Ibis table or DataFrame, one row per payee × period, optional
        ``payee_id, period, sales`` and whatever else of that table there is.
    sales : Ibis table or DataFrame, one row per sale, optional
        ``payee_id, sold_at, amount``, and ``currency``.
    plan : Plan, optional
        As from :func:`salesanalysis.incentive.read_plan`: says whether quotas are needed, and its
        currency and period.

    Returns
    -------
    DataFrame
        One row per check, worst first: ``check, table, severity`` (``high``: figures are wrong
        until it is mended; ``medium``: some rows cannot be paid, or are doubtful; ``low``: worth
        knowing), ``finding`` (``found``, ``clear``, ``unknown``), ``n`` (rows looked at), ``rows``
        (found), ``share``, ``amount`` (sales at stake in these rows, without their sign),
        ``blocks`` (found, and payouts must not be made before it is mended), ``suggestion`` (the
        values found, where that helps).

    Raises
    ------
    SalesAnalysisError
        Neither table is given, or a required column is not there.

    Examples
    --------
    >>> rows = pd.DataFrame({"payee_id": ["a", "a", "b"], "period": "2025-Q1",
    ...                      "sales": [10.0, 20.0, -5.0], "quota": [100.0, 100.0, 0.0]})
    >>> table = checks(rows)
    >>> table.loc[table["finding"] == "found", ["check", "n", "rows", "amount", "blocks"]]
                 check  n  rows  amount  blocks
    1      payee_twice  3     2    30.0    True
    8       quota_zero  3     1     5.0   False
    10  negative_sales  3     1     5.0   False
    """
    tables = _tables(attainment, sales)
    rows = [_result(check, tables, plan) for check in _every_check(plan)]
    return check_table(rows, columns=_COLUMNS)


def check_rows(
    attainment=None, *, check: str, sales=None, plan=None, most: int = 1_000
) -> pd.DataFrame:
    """The rows that one check finds.

    Parameters
    ----------
    check : str
        The name of a check, as in :func:`checks`; the other arguments are as there.
    most : int
        At most so many rows.

    Returns
    -------
    DataFrame
        The rows as they are in their table, the largest amount first, then in the order of their
        columns.

    Raises
    ------
    SalesAnalysisError
        As for :func:`checks`; or no check has that name.

    Examples
    --------
    >>> rows = pd.DataFrame({"payee_id": ["a", "b"], "period": "2025-Q1", "sales": [10.0, -5.0]})
    >>> check_rows(rows, check="negative_sales")["payee_id"].tolist()
    ['b']
    """
    every = {each.name: each for each in _every_check(plan)}
    require_choice("check", check, every)
    tables = _tables(attainment, sales)
    rule = every[check]
    if rule.table not in tables or not set(rule.needs) <= set(tables[rule.table].columns):
        return pd.DataFrame()
    table = tables[rule.table]
    found = _with_hits(rule, table)
    found = found.filter(found.is_hit)
    found = found.order_by([ibis.desc("at_stake"), *table.columns]).limit(most)
    return to_pandas(found.select(*table.columns))


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


def _every_check(plan) -> list[Check]:
    """All checks; some depend on the plan."""
    paid_by_quota = plan is not None and plan.needs_quota
    currency = _other_currency(None if plan is None else plan.currency)
    period = _other_period(None if plan is None else plan.period)

    def of_rows(name, severity, hit, needs=(), blocks=False):
        return Check(name, "attainment", severity, hit, needs, blocks)

    def of_sales(name, severity, hit, needs=(), blocks=False):
        return Check(name, "sales", severity, hit, needs, blocks)

    quota = ("quota",)
    return [
        of_rows("currency_mix", "high", currency, ("currency",), blocks=True),
        of_rows("payee_twice", "high", _twice, blocks=True),
        of_rows("payee_missing", "high", lambda t: t.payee_id.isnull(), blocks=True),
        of_rows("overlapping_periods", "high", _overlaps, blocks=True),
        of_rows("other_period", "high", period, blocks=True),
        of_sales("sales_currency_mix", "high", currency, ("currency",), blocks=True),
        of_sales("sale_without_payee", "high", lambda t: t.payee_id.isnull()),
        of_rows("quota_missing", "medium", lambda t: t.quota.isnull(), quota, paid_by_quota),
        of_rows("quota_zero", "medium", lambda t: t.quota <= 0, quota, paid_by_quota),
        of_rows("sales_missing", "medium", lambda t: t.sales.isnull()),
        of_rows("negative_sales", "medium", lambda t: t.sales < 0),
        of_sales("sale_without_date", "medium", lambda t: t.sold_at.isnull()),
        of_sales("sale_without_amount", "medium", lambda t: t.amount.isnull()),
        of_rows("period_without_order", "low", lambda t: _length(t.period).isnull()),
        of_sales("returns", "low", lambda t: t.amount < 0),
    ]


def _other_currency(expected: str | None) -> Callable:
    """Rows in another currency than the plan's, or than most of the rows."""

    def hit(table):
        if expected is not None:
            return table.currency != expected
        known = table.filter(table.currency.notnull())
        most = known.group_by("currency").agg(rows=known.count())
        first = to_pandas(most.order_by(ibis.desc("rows"), "currency").limit(1))["currency"]
        return table.currency != first.iloc[0] if len(first) else ibis.literal(False)

    return hit


def _twice(table):
    return table.count().over(ibis.window(group_by=["payee_id", "period"])) > 1


def _length(period):
    """The length of a period by the look of its name."""
    name = period.cast("string")
    return ibis.cases(*((name.re_search(look), length) for length, look in _LENGTHS.items()))


def _overlaps(table):
    """Rows of a payee whose periods have several lengths within one year."""
    name = table.period.cast("string")
    year = name.re_extract(r"\d{4}", 0)
    window = ibis.window(group_by=[table.payee_id, year])
    length = _length(table.period)
    return length.notnull() & (length.max().over(window) != length.min().over(window))


def _other_period(expected: str | None) -> Callable:
    """Rows whose period has another length than the plan's."""

    def hit(table):
        if expected is None:
            return ibis.literal(False)
        return _length(table.period).fill_null("") != expected

    return hit


def _with_hits(check: Check, table):
    amount = table.sales if check.table == "attainment" else table.amount
    return table.mutate(
        is_hit=check.hit(table).fill_null(False),
        at_stake=amount.cast("float64").abs().fill_null(0.0),
    )


def _result(check: Check, tables: dict, plan) -> dict:
    """One row of the table."""
    told = check.table in tables and set(check.needs) <= set(tables[check.table].columns)
    if check.name == "other_period" and (plan is None or plan.period is None):
        told = False
    n, hits, at_stake, suggestion = 0, 0, 0, None
    if told:
        rows = _with_hits(check, tables[check.table])
        sums = rows.aggregate(
            n=rows.count(),
            hits=rows.is_hit.cast("int64").sum(),
            at_stake=(rows.at_stake * 10_000).round().cast("int64").sum(where=rows.is_hit),
        )
        n, hits, at_stake = to_pandas(sums.fill_null(0)).iloc[0]
        suggestion = _suggestion(check, rows) if hits else None
    row = check_row(check.name, check.severity, n, hits, told=told, amount=at_stake / 10_000,
                    blocks=check.blocks, suggestion=suggestion)  # fmt: skip
    return row | {"table": check.table}


def _suggestion(check: Check, rows) -> str | None:
    """The values found, where they say what to do."""
    column = _SHOWN.get(check.name)
    if column is None:
        return None
    values = rows.filter(rows.is_hit).select(value=rows[column].cast("string")).distinct()
    shown = to_pandas(values.order_by("value").limit(6))["value"].dropna().tolist()
    return ", ".join(shown[:5]) + (" …" if len(shown) > 5 else "")

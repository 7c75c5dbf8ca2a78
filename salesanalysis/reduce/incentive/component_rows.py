"""Single sales with their product → what each component of a plan counts, by payee and period."""

import functools
import operator
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.periods import Day
from salesanalysis.reduce.currencies import require_one_currency
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    moment,
    period_name,
    require_columns,
    to_pandas,
)
from salesanalysis.reduce.incentive.attainment_rows import exact_sum

if TYPE_CHECKING:
    from salesanalysis.incentive import Component, ComponentPlan

_KEY = ["payee_id", "period"]
#: So many values of a column are named where none of them is meant.
_MOST_VALUES = 12


def component_attainment(
    sales: AnyTable | None,
    attainment: AnyTable | None = None,
    *,
    plan: "ComponentPlan",
    as_of: Day | None = None,
) -> pd.DataFrame:
    """What each component of a plan counts of single sales, by payee and period, beside its quota.

    A sale counts in the period of its day, in each component of whose ``of`` it is one; which
    sales are counted by none or by several, :func:`checks` says. Sales without a payee or without
    a day are in no row.

    Parameters
    ----------
    sales : Ibis table or DataFrame, one row per sale
        ``payee_id, sold_at, amount`` and the columns that the components name.
    attainment : Ibis table or DataFrame, one row per payee × period × component, optional
        ``payee_id, period, component, quota`` and whatever else belongs there; ``sales`` only of
        components that count no single ones.
    plan : ComponentPlan
        As from :func:`salesanalysis.incentive.read_plan`; of which a component has ``of`` or
        ``counts``. It says its ``period``.
    as_of : str, date or timestamp, optional
        What was sold later does not count.

    Returns
    -------
    DataFrame
        What ``attainment`` holds, with a row for each payee × period × counting component that has
        a sale or stands there: ``payee_id, period, component, sales`` (0 without any), ``sales_n``
        (how many; missing where single ones are not counted) and the rest, in order of the key.

    Raises
    ------
    SalesAnalysisError
        A component counts no sale at all, has ``sales`` in both tables, a column is missing, there
        are two currencies, or the plan does not say its period.

    Examples
    --------
    >>> from salesanalysis.incentive import read_plan
    >>> plan = read_plan({"period": "quarter", "components": [
    ...     {"name": "new", "of": {"product": ["Nova", "Orbit"]}, "tiers": [[0, None, "10%"]]},
    ...     {"name": "all", "counts": "margin", "tiers": [[0, None, "2%"]]}]})
    >>> sales = pd.DataFrame({"payee_id": "a", "amount": [60.0, 10.0], "margin": [20.0, 5.0],
    ...                       "product": ["Nova", "Comet"], "sold_at": pd.Timestamp("2025-01-05")})
    >>> component_attainment(sales, plan=plan)
      payee_id   period component  sales  sales_n
    0        a  2025-Q1       all   25.0        2
    1        a  2025-Q1       new   60.0        1
    """
    if not getattr(plan, "counts_sales", False):
        raise SalesAnalysisError(
            "No component of `plan` has `of` or `counts`, so none counts single sales; take"
            " `attainment` as it is."
        )
    if sales is None:
        raise SalesAnalysisError(
            "`sales` is not given, and components of `plan` count single sales (`of`, `counts`)."
            " Give the table of sales, or take these words out of the plan."
        )
    if plan.period is None:
        raise SalesAnalysisError(
            "`plan` does not say the `period` by which single sales are added up; expected"
            " `period: month`, `quarter` or `year` in it."
        )
    counted = [each for each in plan.components if each.counts_sales]
    sums = _sums(sales, plan, counted, as_of)
    for at, each in enumerate(counted):
        if not sums[f"n_{at}"].sum():
            raise _nothing(as_ibis(sales), plan, each)
    given = pd.DataFrame(columns=[*_KEY, "component"])
    if attainment is not None:
        given = _given(attainment, [each.name for each in counted])
    keys = pd.concat([sums[_KEY], given[_KEY].astype({"payee_id": "str"})]).drop_duplicates()
    keys = keys.merge(sums, on=_KEY, how="left")
    rows = [
        keys[_KEY].assign(
            component=each.name,
            sales=keys[f"sales_{at}"].fillna(0.0),
            sales_n=keys[f"n_{at}"].fillna(0).astype("Int64"),
        )
        for at, each in enumerate(counted)
    ]
    own = pd.concat(rows, ignore_index=True)
    own = own if attainment is None else _joined(own, given)
    own = own.astype({"sales_n": "int64"}) if own["sales_n"].notna().all() else own
    return own.sort_values([*_KEY, "component"], ignore_index=True)


def counting(plan: "ComponentPlan", table: ibis.Table):
    """How many components count each of the single sales."""
    hits = [_hit(each, table).cast("int32") for each in plan.components if each.counts_sales]
    return functools.reduce(operator.add, hits)


def filter_columns(plan: "ComponentPlan") -> list[str]:
    """The columns by which the components choose their sales."""
    return list(dict.fromkeys(column for each in plan.components for column in each.of))


def _hit(component: "Component", table: ibis.Table):
    """Which of the single sales a component counts."""
    hits = [table[name].cast("string").isin(values) for name, values in component.of.items()]
    # Without a filter it counts every row: a column all the same, not one value.
    hit = functools.reduce(operator.and_, hits, table.sold_at.isnull() | True)
    return hit.fill_null(False)


def _sums(sales: AnyTable, plan: "ComponentPlan", counted: list, as_of: Day | None):
    """What each component counts, one query: ``sales_0, n_0`` and so on, by payee and period."""
    table = as_ibis(sales)
    columns = [each.counts for each in counted if each.counts not in (None, "sales")]
    needed = ["payee_id", "sold_at", "amount", *filter_columns(plan), *columns]
    require_columns(table, list(dict.fromkeys(needed)), "sales")
    require_one_currency(table, "sales", expected=plan.currency)
    table = table.mutate(at=table.sold_at.cast("timestamp"))
    if as_of is not None:
        table = table.filter(table["at"] <= moment(plan.calendar.end_of(as_of)))
    table = table.filter(table.payee_id.notnull(), table["at"].notnull())
    sums = {}
    for at, each in enumerate(counted):
        hit, counts = _hit(each, table), each.counts or "amount"
        value = ibis.literal(1.0) if counts == "sales" else _number(table[counts])
        sums[f"sales_{at}"] = exact_sum(ibis.ifelse(hit, value.fill_null(0.0), 0.0))
        sums[f"n_{at}"] = hit.cast("int64").sum()
    key = {"payee_id": table.payee_id.cast("string"),
           "period": period_name(table["at"], plan.period, plan.calendar)}  # fmt: skip
    return to_pandas(table.group_by(**key).agg(**sums))


def _number(value):
    """A column as a number, also where a file has it as text."""
    value = value.cast("float64") if value.type().is_numeric() else value.try_cast("float64")
    return ibis.ifelse(value.isnan(), None, value)


def _given(attainment: AnyTable, counted: list[str]) -> pd.DataFrame:
    """The rows of attainment, without sales where single ones are counted."""
    table = as_ibis(attainment)
    require_columns(table, [*_KEY, "component"], "attainment")
    given = to_pandas(table).astype({"component": "str", "payee_id": "str"})
    if "sales" in given.columns:
        both = given["component"].isin(counted) & given["sales"].fillna(0).ne(0)
        if both.any():
            row = given[both].iloc[0]
            raise SalesAnalysisError(
                f"`sales` of `attainment` holds {row['sales']:g} for {row['payee_id']} in"
                f" {row['period']}, and component {row['component']!r} counts the single sales"
                " (`of`, `counts`), so they would be there twice. Write 0 there, or take `of` and"
                " `counts` out of the component."
            )
    return given


def _joined(own: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """The sums beside what else the rows of attainment hold, and those that count no sales."""
    key = [*_KEY, "component"]
    others = given[~given["component"].isin(own["component"].unique())]
    also = given.drop(columns="sales", errors="ignore")
    counted = own.merge(also, on=key, how="left")
    table = pd.concat([counted, others], ignore_index=True) if len(others) else counted
    return table[[*key, *(name for name in table.columns if name not in key)]]


def _nothing(table: ibis.Table, plan: "ComponentPlan", component: "Component") -> Exception:
    """That a component counts no sale, with the filter and what there is instead."""
    place = f"`components[{plan.components.index(component)}]` of the plan, {component.name!r},"
    if not component.of:
        return SalesAnalysisError(f"{place} counts sales, and there is none in `sales`.")
    asked = " and ".join(f"{name} {' or '.join(values)}" for name, values in component.of.items())
    known, hint = [], ""
    for name, values in component.of.items():
        there = table.filter(table[name].notnull()).select(value=table[name].cast("string"))
        found = to_pandas(there.distinct().order_by("value").limit(_MOST_VALUES + 1))
        found = found["value"].tolist()
        more = " …" if len(found) > _MOST_VALUES else ""
        known.append(f"`{name}` holds {', '.join(found[:_MOST_VALUES]) or 'nothing'}{more}")
        hint = hint or did_you_mean(values[0], found)
    return SalesAnalysisError(
        f"{place} has no data: no row of `sales` has {asked}.{hint} {'; '.join(known)}. Correct"
        " its `of`, or take the component out of the plan."
    )

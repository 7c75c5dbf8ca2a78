"""What a table of attainment in the engine must be, and what one query tells of all its rows."""

import ibis
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce.currencies import require_one_currency
from salesanalysis.reduce.expressions import require_columns, to_pandas
from salesanalysis.reduce.incentive.engine_steps import by_column

#: What only the family computes: small tables, few rows.
_IN_MEMORY = ("active_share", "nth_period", "paid_before", "override")
#: Columns of money.
_MONEY = ("sales", "quota", "target_incentive", "draw", "spif", "clawback")
#: Amounts may lie this far, in minor units, from whole ones: the noise of floats.
_NOISE = 1e-3


def without_nan(table):
    """The table without the NaN of floats."""
    floats = [name for name, kind in table.schema().items() if kind.is_floating()]
    return table.mutate(**{name: missing(table[name]) for name in floats})


def missing(amount):
    """What is missing, whether files say so by NULL or by the NaN of floats."""
    return ibis.ifelse(amount.isnan(), None, amount) if amount.type().is_floating() else amount


def require_exact(table, plan) -> tuple[bool, dict[str, int]]:
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
        require_whole(name, found[f"{name}_off"], plan.minor_unit)
    require_one_currency(table, "table", expected=plan.currency)
    return bool(found["sales_least"] < 0), largest_amounts(found, plan)


def _require_columns(table, plan) -> None:
    """Refuse a table without what the plan looks at, or with what only memory understands."""
    needed = ["payee_id", "period", "sales", *(["quota"] if plan.ladder.needs_quota else [])]
    needed += [each.on for each in by_column(plan)]
    require_columns(table, needed, "table")
    require_known_columns(table)
    if plan.on_target and plan.target_incentive is None:
        require_columns(table, ["target_incentive"], "table")


def require_known_columns(table) -> None:
    """Refuse columns that only the family computes."""
    unknown = [name for name in _IN_MEMORY if name in table.columns]
    if unknown:
        raise SalesAnalysisError(
            f"`table` has {', '.join(unknown)}, which only salesanalysis.incentive.payout"
            " understands; leave them out, or bring the rows into memory."
        )


def require_whole(name: str, off: float, unit) -> None:
    """Refuse amounts that lie further from whole minor units than the noise of floats."""
    if not is_whole(off):
        raise SalesAnalysisError(
            f"`{name}` holds amounts that are not whole minor units of {float(unit):g}. Round them,"
            " or give the plan a smaller `minor_unit`."
        )


def is_whole(off: float) -> bool:
    """Whether amounts that lie so far from whole minor units are whole but for noise."""
    return not off > _NOISE


def distance(amount, plan):
    """Amounts in minor units, and how far they lie from whole ones."""
    minor = amount.cast("float64") * float(1 / plan.minor_unit)
    return minor, (minor - minor.round()).abs()


def _facts(table, plan, money: list[str]) -> dict:
    """What one query tells of all rows: how many, how large, how far from whole minor units."""
    facts = {"rows": table.count(), "periods": table.period.nunique()}
    for name in money:
        minor, off = distance(table[name], plan)
        facts[f"{name}_off"] = off.max()
        facts[f"{name}_most"] = minor.abs().max()
    facts["sales_least"] = table.sales.min()
    found = to_pandas(table.aggregate(**facts)).iloc[0].to_dict()
    pairs = table.select("payee_id", "period").distinct().count().to_pyarrow().as_py()
    return found | {"twice": int(found["rows"]) - int(pairs)}


def largest_amounts(found: dict, plan) -> dict[str, int]:
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

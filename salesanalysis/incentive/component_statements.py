"""What the components of a plan earn, gated and capped together, and how they add up."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, did_you_mean, require_columns
from salesanalysis.incentive.attained import require_one_row_each
from salesanalysis.incentive.components import Component, ComponentPlan
from salesanalysis.incentive.money import from_minor, to_minor
from salesanalysis.incentive.statement import CARRIED, statement
from salesanalysis.stats import largest_remainder

_KEY = ["payee_id", "period"]
#: Columns of the attainment table that belong to the payee: the same for each of the components.
_OF_PAYEE = ("target_incentive", "active_share", "nth_period", "draw", "paid_before", "spif",
             "override", "clawback", *CARRIED)  # fmt: skip
#: Of those, what is settled once, under the roof.
_SETTLED = ("draw", "paid_before", "spif", "override", "clawback")
#: What else is on a statement beside the components, and whether it is taken off.
_BESIDE = {"from_bank": 1, "year_cut": 1, "paid_before": -1, "spif": 1, "override": 1,
           "clawback": -1, "advance": 1, "repaid": -1}  # fmt: skip
#: Of the statement under the roof, what means nothing there: its sales are what was earned.
_NOT_OF_ROOF = ["sales", "quota", "measured", "attainment", "tier", "tier_1_sales", "tier_1_pay",
                "floor_cut", "rate_cut", "rounding", "bonus"]  # fmt: skip
#: Of the statement of a component, what is settled under the roof.
_NOT_OF_PART = ["spif", "clawback", "advance", "repaid", "debt", "payout", "payout_minor"]
#: Why a component cannot be paid.
_UNKNOWN = ("no_quota", "no_measure", "no_sales", "no_gate", "no_year")


@dataclass(frozen=True, eq=False)
class Statements:
    """``total``: one row per payee × period; ``parts``: one per payee × period × part of it."""

    total: pd.DataFrame
    parts: pd.DataFrame


def statements(attainment: pd.DataFrame, plan: ComponentPlan) -> Statements:
    """What each component earns, and what is paid of them together."""
    rows = _rows(attainment, plan)
    payees = _payees(rows)
    tables = {each.name: _table(rows, payees, plan, each) for each in plan.components}
    made, shut, columns = {}, {}, {}
    for each in plan.components:
        shut[each.name], columns[each.name] = _looks(plan, each, tables)
        made[each.name] = _made(tables[each.name], each, columns[each.name])
    unit = plan.roof.minor_unit
    due, status = [], []
    for name, part in made.items():
        closed = shut[name].fillna(False).to_numpy(bool)
        known = part["payout_minor"].notna().to_numpy() & shut[name].notna().to_numpy()
        paid = part["payout_minor"].fillna(0).to_numpy(np.int64)
        due.append((np.where(closed, 0, paid), known))
        said = part["status"].to_numpy(object)
        said = np.where(known & closed & (said != "below_floor"), "gated", said)
        status.append(np.where(part["payout_minor"].notna() & ~known, "no_gate", said))
    all_known = np.all([here for _, here in due], axis=0)
    amounts = np.stack([amount for amount, _ in due])
    total = _total(payees, plan, amounts.sum(axis=0), all_known)
    total["status"] = _status(total["status"], status, all_known)
    known = total["payout_minor"].notna().to_numpy()
    paid = amounts + _cut(total, amounts, unit)
    parts = []
    for at, each in enumerate(plan.components):
        part = made[each.name].drop(columns=_NOT_OF_PART)
        if each.across is not None:
            part["table_column"] = columns[each.name] + 1
        money = {"gate_cut": amounts[at] - made[each.name]["payout_minor"].fillna(0).to_numpy(),
                 "total_cut": paid[at] - amounts[at], "payout": paid[at]}  # fmt: skip
        part = part.assign(**{name: from_minor(minor, unit) for name, minor in money.items()})
        part["payout_minor"] = pd.array(paid[at], dtype="Int64")
        part.loc[~known, ["gate_cut", "total_cut", "payout", "payout_minor"]] = pd.NA
        told = np.isin(status[at], _UNKNOWN)
        part["status"] = np.where(known | told, status[at], "no_total").astype(object)
        parts.append(part.assign(part="component", component=each.name, row=part.index, at=at))
    parts += _beside(total, unit, len(plan.components))
    return Statements(total, _in_order(parts, total, plan))


def component_table(
    attainment: pd.DataFrame, plan: ComponentPlan, component: Component
) -> pd.DataFrame:
    """The attainment of one component alone, as a plan without components takes it."""
    rows = _rows(attainment, plan)
    return _table(rows, _payees(rows), plan, component)


def _rows(attainment: pd.DataFrame, plan: ComponentPlan) -> pd.DataFrame:
    """The table, with each row's component one of the plan's, and each of these there."""
    if not isinstance(attainment, pd.DataFrame):
        raise SalesAnalysisError(
            f"`attainment` is a {type(attainment).__name__}; expected a DataFrame, one row per"
            " payee × period × component."
        )
    require_columns(attainment.columns, [*_KEY, "component"], "`attainment`")
    rows = attainment.reset_index(drop=True)
    require_one_row_each(rows, [*_KEY, "component"])
    given = rows["component"].astype("str")
    names = [each.name for each in plan.components]
    for name in given.unique():
        if name not in names:
            raise SalesAnalysisError(
                f"`component` of `attainment` holds {name!r} ({int((given == name).sum())} rows),"
                f" which the plan does not have.{did_you_mean(name, names)} Known:"
                f" {', '.join(names)}. Correct the word, or leave these rows out."
            )
    for at, name in enumerate(names):
        if len(rows) and not (given == name).any():
            raise SalesAnalysisError(
                f"`components[{at}]` of the plan, {name!r}, has no row in `attainment`. Add its"
                " rows (sales of 0 where nothing was sold), or take it out of the plan."
            )
    return rows.assign(component=given)


def _payees(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per payee × period, with what belongs to the payee."""
    there = [name for name in _OF_PAYEE if name in rows.columns]
    groups = rows.groupby(_KEY, sort=False)
    for name in there:
        several = groups[name].nunique()
        if (several > 1).any():
            payee, period = several.index[int(np.argmax(several > 1))]
            raise SalesAnalysisError(
                f"`{name}` differs between the components of {payee} in {period}; it belongs to"
                " the payee and counts once. Give it once, or the same in each row."
            )
    return groups[there].first().reset_index() if there else rows[_KEY].drop_duplicates()


def _table(
    rows: pd.DataFrame, payees: pd.DataFrame, plan: ComponentPlan, component: Component
) -> pd.DataFrame:
    """The attainment of one component: a row for each payee × period, also where it has none."""
    own = rows[rows["component"] == component.name]
    own = own.drop(columns=["component", *(n for n in _OF_PAYEE if n in own.columns)])
    if "attainment" in own.columns and "quota" in own.columns and own["quota"].isna().all():
        own = own.drop(columns="quota")
    settled = [name for name in _SETTLED if name in payees.columns]
    table = payees.drop(columns=settled).merge(own, on=_KEY, how="left", validate="1:1")
    if component.plan.on_target:
        table["target_incentive"] = _target(payees, plan, component)
    return table


def _target(payees: pd.DataFrame, plan: ComponentPlan, component: Component) -> np.ndarray:
    """The target incentive that a component is about: its part by weight, which add up, or all."""
    unit, own = plan.roof.minor_unit, plan.roof.target_incentive
    if "target_incentive" in payees.columns:
        whole, missing = to_minor(payees["target_incentive"], unit, "target_incentive")
    else:
        whole, missing = np.zeros(len(payees), np.int64), np.ones(len(payees), dtype=bool)
    if own is not None:
        whole, missing = np.where(missing, int(own / unit), whole), np.zeros_like(missing)
    elif "target_incentive" not in payees.columns:
        raise SalesAnalysisError(
            "`target_incentive` is neither in the plan nor a column of `attainment`; component"
            f" {component.name!r} pays shares of it."
        )
    if not plan.weighted:
        return np.where(missing, np.nan, from_minor(whole, unit))
    weights, at = [each.weight for each in plan.components], plan.components.index(component)
    part = cache(lambda target: largest_remainder(target, weights)[at])
    minor = np.array([part(target) for target in whole.tolist()], dtype=np.int64)
    return np.where(missing, np.nan, from_minor(minor, unit))


def _looks(
    plan: ComponentPlan, component: Component, tables: dict[str, pd.DataFrame]
) -> tuple[pd.Series, np.ndarray]:
    """Where a component pays nothing for what others have reached, and the column of its table.

    Missing where that cannot be told.
    """
    rows = len(tables[component.name])
    shut = pd.Series(pd.array(np.zeros(rows, dtype=bool), dtype="boolean"))
    column = np.zeros(rows, dtype=np.int64)
    for name, levels in plan.looks(component):
        reached = statement(tables[name], levels)["tier"]
        shut = shut | reached.eq(0).astype("boolean")
        # The columns of a table come last.
        column = reached.fillna(0).to_numpy(np.int64) - 1
    return shut, np.maximum(column, 0)


def _made(table: pd.DataFrame, component: Component, column: np.ndarray) -> pd.DataFrame:
    """The statement of a component, row by row by the column of its table."""
    if component.across is None:
        return statement(table, component.plan)
    plans = component.across.plans
    made = pd.concat([statement(table, plan) for plan in plans], ignore_index=True)
    return made.iloc[column * len(table) + np.arange(len(table))].reset_index(drop=True)


def _total(payees: pd.DataFrame, plan: ComponentPlan, due, known) -> pd.DataFrame:
    """What is paid of all components together: their sum through the roof."""
    earned = np.where(known, from_minor(due, plan.roof.minor_unit), np.nan)
    return statement(payees.assign(sales=earned), plan.roof).drop(columns=_NOT_OF_ROOF)


def _status(of_roof: pd.Series, of_parts: list, known) -> np.ndarray:
    """Why a row has no payout is what its first component without one says."""
    said = [np.where(np.isin(part, _UNKNOWN), part, "") for part in of_parts]
    first = said[0]
    for other in said[1:]:
        first = np.where(first == "", other, first)
    return np.where(known, of_roof, first).astype(object)


def _cut(total: pd.DataFrame, amounts: np.ndarray, unit) -> np.ndarray:
    """What the cap on all takes off each component: in proportion to what it earned."""
    cut = np.rint(total["payout_cut"].fillna(0).to_numpy(float) / float(unit)).astype(np.int64)
    parts = np.zeros_like(amounts)
    for row in np.flatnonzero(cut):
        earned = np.maximum(amounts[:, row], 0).tolist()
        parts[:, row] = largest_remainder(int(cut[row]), earned)
    return parts


def _beside(total: pd.DataFrame, unit, components: int) -> list[pd.DataFrame]:
    """Rows for what a payee is paid or repays beside the components, as far as it is not 0."""
    rows = []
    for at, (name, sign) in enumerate(_BESIDE.items(), start=components):
        if name not in total.columns:
            continue
        here = total[total["payout"].notna() & total[name].ne(0)]
        carried = here[[*_KEY, *(n for n in CARRIED if n in here.columns)]]
        minor = sign * np.rint(here[name].to_numpy(float) / float(unit)).astype(np.int64)
        row = carried.assign(part=name, row=here.index, at=at, payout=from_minor(minor, unit))
        row = row.assign(payout_minor=pd.array(minor, dtype="Int64"), status="paid")
        rows.append(row)
    return [row for row in rows if len(row)]


def _in_order(parts: list[pd.DataFrame], total: pd.DataFrame, plan: ComponentPlan) -> pd.DataFrame:
    table = pd.concat(parts, ignore_index=True).sort_values(["row", "at"], ignore_index=True)
    if plan.weighted:
        table["weight"] = table["component"].map(
            {each.name: float(each.weight or 0) for each in plan.components}
        )
    first = [*_KEY, *(n for n in CARRIED if n in table.columns), "part", "component", "weight"]
    last = ["gate_cut", "total_cut", "payout", "payout_minor", "status"]
    first = [name for name in first if name in table.columns]
    between = [n for n in table.columns if n not in {*first, *last, "row", "at"}]
    return table[[*first, *between, *last]]

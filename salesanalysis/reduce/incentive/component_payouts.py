"""What the components of a plan earn together, in the engine: one row per payee and period."""

import functools
import operator

import ibis
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.reduce.currencies import require_one_currency
from salesanalysis.reduce.expressions import require_columns, to_pandas
from salesanalysis.reduce.incentive import exact
from salesanalysis.reduce.incentive.balances import settled, without_debts
from salesanalysis.reduce.incentive.engine_facts import (
    distance,
    is_whole,
    largest_amounts,
    missing,
    require_known_columns,
    require_whole,
)
from salesanalysis.reduce.incentive.engine_steps import by_column, due, measured, read

_KEY = ["payee_id", "period"]
#: What belongs to the payee: money, and what is carried along.
_MONEY, _CARRIED = ("target_incentive", "draw", "spif", "clawback"), ("team", "region", "currency")
#: Why a component cannot be told.
_WHY = ("no_sales", "no_quota", "no_measure", "no_gate")


class ComponentRows:
    """The attainment of a plan's components side by side, checked, and what they earn of it.

    Parameters
    ----------
    table : Ibis table
        One row per payee × period × component.
    plan : ComponentPlan
        As from :func:`salesanalysis.incentive.read_plan`.
    """

    def __init__(self, table: ibis.Table, plan):
        self.plan, self.table = plan, table
        self.names = [each.name for each in plan.components]
        self._require_columns()
        self.money = [name for name in _MONEY if name in table.columns]
        self.carried = [name for name in _CARRIED if name in table.columns]
        self.rows = self._side_by_side()
        self.found = self._facts()
        self._require()
        #: Whether anything can be owed: sold amounts, or what the roof is given, may be negative.
        self.returns = bool(min(self.found[f"sales_{at}_least"] for at in self._each) < 0)
        self.found.setdefault("periods", 1)
        most = {"sales_most": 2**53, "target_incentive_most": self._most_target()}
        self.largest = largest_amounts(self.found | most, plan.roof)

    @property
    def _targets(self) -> list[str]:
        return [f"target_{at}" for at in self._each]

    @property
    def _each(self) -> range:
        return range(len(self.names))

    def _most_target(self) -> float:
        """The largest target incentive of a payee, in minor units."""
        own = float((self.plan.roof.target_incentive or 0) / self.plan.roof.minor_unit)
        return max(self.found.get("payee_target_incentive_most", 0), own)

    def _measures(self, at: int) -> list[str]:
        plan = self.plan.components[at].plan
        return list(dict.fromkeys(each.on for each in by_column(plan)))

    def _require_columns(self) -> None:
        table, plan = self.table, self.plan
        needed = [*_KEY, "component", "sales", *(["quota"] if plan.needs_quota else [])]
        needed += [name for at in self._each for name in self._measures(at)]
        on_target = any(each.plan.on_target for each in plan.components) or plan.roof.on_target
        if on_target and plan.roof.target_incentive is None:
            needed.append("target_incentive")
        require_columns(table, list(dict.fromkeys(needed)), "table")
        require_known_columns(table)
        require_one_currency(table, "table", expected=plan.currency)

    def _side_by_side(self) -> ibis.Table:
        """One row per payee × period, with the columns of each component numbered."""
        which = self.table.component.cast("string")
        unit = self.plan.roof
        bits = ((which == name, 2**at) for at, name in enumerate(self.names))
        table = self.table.mutate(bit=ibis.cases(*bits, else_=2 ** len(self.names)))
        amounts = [name for name in ("sales", "quota") if name in table.columns]
        amounts += self.money
        table = table.mutate(**{name: missing(table[name]) for name in amounts})
        off = ibis.greatest(*(distance(table[name], unit)[1] for name in amounts))
        minor = {name: exact.to_minor(table[name], unit) for name in amounts}
        table = table.mutate(**minor, off=off)
        # Which components are there, as bits: more rows than bits are rows of one component twice.
        sums = {"n": table.count(), "there": table.bit.bit_or(), "off": table.off.max()}
        for at in self._each:
            own = table.bit == 2**at
            for name in ("sales", "quota", *self._measures(at)):
                if name in table.columns:
                    sums[f"{name}_{at}"] = ibis.ifelse(own, table[name], None).max()
        for name in [*self.money, *self.carried]:
            sums[f"payee_{name}"], sums[f"low_{name}"] = table[name].max(), table[name].min()
        return _once(table.group_by(*_KEY).agg(**sums))

    def _facts(self) -> dict:
        """What one query tells of all rows."""
        rows, plan = self.rows, self.plan
        there = [(rows.there & 2**at) > 0 for at in (*self._each, len(self.names))]
        kinds = functools.reduce(operator.add, (one.cast("int64") for one in there))
        facts = {f"there_{at}": one.any() for at, one in enumerate(there)}
        facts |= {"twice": (rows.n > kinds).any()}
        if any(each.plan.measure.over != "period" or each.waits for each in plan.components):
            facts["periods"] = rows.period.nunique()
        amounts = [f"{name}_{at}" for at in self._each for name in ("sales", "quota")]
        amounts = [name for name in amounts if name in rows.columns]
        for name in [*amounts, *(f"payee_{name}" for name in self.money)]:
            facts[f"{name}_most"] = rows[name].abs().max()
        facts["off"] = rows.off.max()
        for at in self._each:
            facts[f"sales_{at}_least"] = rows[f"sales_{at}"].min()
        for name in [*self.money, *self.carried]:
            facts[f"{name}_differs"] = (rows[f"payee_{name}"] != rows[f"low_{name}"]).any()
        found = to_pandas(rows.aggregate(**facts)).iloc[0].to_dict()
        return {name: 0 if pd.isna(value) else value for name, value in found.items()}

    def _require(self) -> None:
        """Refuse what would make a figure wrong."""
        found = self.found
        if found[f"there_{len(self.names)}"]:
            self._refuse_unknown()
        for at, name in enumerate(self.names):
            if not found[f"there_{at}"]:
                raise SalesAnalysisError(
                    f"`components[{at}]` of the plan, {name!r}, has no row in `table`. Add its rows"
                    " (sales of 0 where nothing was sold), or take it out of the plan."
                )
        if found["twice"]:
            raise SalesAnalysisError(
                "`table` holds a payee twice in a period with one component. Expected one row per"
                " payee, period and component."
            )
        for name in [*self.money, *self.carried]:
            if found[f"{name}_differs"]:
                raise SalesAnalysisError(
                    f"`{name}` differs between the components of a payee's period; it belongs to"
                    " the payee and counts once. Give it once, or the same in each row."
                )
        self._require_whole()

    def _require_whole(self) -> None:
        """Refuse amounts that are not whole minor units; which, a second query tells."""
        unit = self.plan.roof
        if not is_whole(self.found["off"]):
            names = [name for name in ("sales", "quota", *self.money) if name in self.table.columns]
            offs = {name: distance(missing(self.table[name]), unit)[1].max() for name in names}
            off = to_pandas(self.table.aggregate(**offs)).iloc[0]
            for name in names:
                require_whole(name, off[name], unit.minor_unit)

    def _refuse_unknown(self) -> None:
        which = self.table.component.cast("string")
        others = self.table.filter(which.isnull() | ~which.isin(self.names))
        shown = to_pandas(others.select("component").distinct().limit(5))["component"]
        known = [name for name in shown.tolist() if not pd.isna(name)]
        what = ", ".join(map(repr, known)) or "no word in some rows"
        hint = did_you_mean(known[0], self.names) if known else ""
        raise SalesAnalysisError(
            f"`component` of `table` holds {what}, which the plan does not have.{hint} Known:"
            f" {', '.join(self.names)}. Correct the word, or leave these rows out."
        )

    def together(self) -> ibis.Table:
        """What the components earn together as ``sales`` of the roof, and ``why`` not."""
        rows = self._with_targets(self.rows).select(*self._needed(0))
        done: list[str] = []
        for at, component in enumerate(self.plan.components):
            rows, shut, column = self._looks(rows, component)
            plans = [component.plan] if component.across is None else component.across.plans
            paid = []
            for nth, plan in enumerate(plans):
                rows = self._paid(rows, at, plan)
                rows = rows.mutate(**{f"paid_{at}_{nth}": rows.paid})
                paid.append(f"paid_{at}_{nth}")
            cannot = (rows.no_sales, rows.no_quota, rows.no_measure, rows[shut].isnull())
            why = ibis.cases(*((no, nth) for nth, no in enumerate(cannot)), else_=len(_WHY))
            pay = rows[paid[-1]]
            for nth in reversed(range(len(paid) - 1)):
                pay = ibis.ifelse(rows[column] <= nth + 1, rows[paid[nth]], pay)
            pay = ibis.ifelse(rows[shut].fill_null(False), 0, pay)
            made = {f"why_{at}": why.cast("int8"), f"due_{at}": pay}
            done += made
            rows = _once(rows.mutate(**made).select(*self._needed(at + 1), *done))
        total = functools.reduce(operator.add, (rows[f"due_{at}"] for at in self._each))
        # What the first component that cannot be told says.
        why = ibis.literal("")
        for at in reversed(self._each):
            said = ibis.cases(*((rows[f"why_{at}"] == nth, word) for nth, word in enumerate(_WHY)),
                              else_=why)  # fmt: skip
            why = said
        told = (rows[f"why_{at}"] == len(_WHY) for at in self._each)
        known = functools.reduce(operator.and_, told)
        unit = self.plan.roof
        given = {name: exact.from_minor(rows[f"payee_{name}"], unit) for name in self.money}
        given |= {name: rows[f"payee_{name}"] for name in self.carried}
        money = exact.from_minor(ibis.ifelse(known, total, None), unit)
        return rows.select(*_KEY, **given, why=why, sales=money)

    def _needed(self, first: int) -> list[str]:
        """The columns that the components from there on look at, and those of the payee."""
        looked_at = {name for each in self.plan.components[first:] for name in each.looks_at}
        columns = [*_KEY, *(f"payee_{name}" for name in [*self.money, *self.carried])]
        for at, name in enumerate(self.names):
            if at >= first or name in looked_at:
                own = ("sales", "quota", "target", *self._measures(at))
                columns += [f"{column}_{at}" for column in own]
        return [name for name in columns if name in {*self.rows.columns, *self._targets}]

    def _with_targets(self, rows: ibis.Table) -> ibis.Table:
        """Each component's target incentive in minor units: its part by weight, or all of it."""
        plan, roof = self.plan, self.plan.roof
        own = (
            None if roof.target_incentive is None else int(roof.target_incentive / roof.minor_unit)
        )
        whole = ibis.null("int64") if own is None else ibis.literal(own, type="int64")
        if "target_incentive" in self.money:
            whole = ibis.coalesce(rows.payee_target_incentive, whole)
        if not plan.weighted:
            return rows.mutate(**{f"target_{at}": whole for at in self._each})
        rows = rows.mutate(whole=whole)
        parts = exact.split(rows.whole, [each.weight for each in plan.components])
        return rows.mutate(**{f"target_{at}": part for at, part in enumerate(parts)})

    def _levels(self, rows: ibis.Table, at: int, plan) -> ibis.Table:
        """What the tiers of one component look at."""
        own = {"sales": rows[f"sales_{at}"]}
        own |= {"quota": rows[f"quota_{at}"]} if f"quota_{at}" in rows.columns else {}
        own |= {name: rows[f"{name}_{at}"] for name in self._measures(at)}
        if plan.on_target:
            own["target_incentive"] = rows[f"target_{at}"]
        rows = rows.mutate(**own)
        found = {
            "periods": self.found["periods"],
            "sales_most": self.found[f"sales_{at}_most"],
            "quota_most": self.found.get(f"quota_{at}_most", 0),
            "target_incentive_most": self._most_target(),
        }
        largest = largest_amounts(found, plan)
        return measured(exact.widened(read(rows, plan, _as_it_is), plan, largest), plan)

    def _paid(self, rows: ibis.Table, at: int, plan) -> ibis.Table:
        """What one component pays by one plan; what it holds against later periods included."""
        rows = due(self._levels(rows, at, plan), plan)
        owing = self.returns or plan.measure.over != "period"
        rows = settled(rows, plan) if owing else without_debts(rows)
        return rows.mutate(paid=rows.m_earned + rows.m_advance - rows.m_repaid)

    def _looks(self, rows: ibis.Table, component) -> tuple[ibis.Table, str, str]:
        """The columns of where what others have reached shuts a component, and of its table."""
        shut, column = ibis.literal(False), ibis.literal(1)
        at = self.names.index(component.name)
        for nth, (name, plan) in enumerate(self.plan.looks(component)):
            rows = self._levels(rows, self.names.index(name), plan)
            reached = exact.tiers_reached(plan.ladder, rows)
            rows = rows.mutate(**{f"look_{at}_{nth}": ibis.ifelse(rows.known, reached, None)})
            column = rows[f"look_{at}_{nth}"]
            shut = (column == 0) | shut
        return (
            rows.mutate(**{f"shut_{at}": shut, f"column_{at}": column}),
            f"shut_{at}",
            (f"column_{at}"),
        )


def _once(rows: ibis.Table) -> ibis.Table:
    """Rows that are computed once, whatever is asked of them later.

    Another engine is somebody's database: nothing is written there.
    """
    return rows.cache() if rows.get_backend().name == "duckdb" else rows


def _as_it_is(amount, _plan):
    """Amounts that are minor units already."""
    return amount

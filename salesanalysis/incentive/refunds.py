"""Refunds and credit notes: what was paid for the sale is taken back, no cent more or less."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding
from salesanalysis.incentive.any_plan import AnyPlan, payee_plan, read_plan
from salesanalysis.incentive.changes import changed_payout
from salesanalysis.incentive.clawbacks import clawback
from salesanalysis.incentive.components import Component, ComponentPlan
from salesanalysis.incentive.money import exact, from_minor, rounded, to_minor
from salesanalysis.incentive.plan import Plan
from salesanalysis.periods import moments

_KEY = ["payee_id", "period"]
#: What a period can be.
_PERIODS = ("month", "quarter", "year")


@dataclass(eq=False)
class _Refund:
    """A refund with its sale, and what it takes off: of which component, in which period.

    ``true_up`` are sales that the plan itself settles, by the difference to what was due before;
    ``undone`` those of a period that is over.
    """

    row: dict
    true_up: list[tuple[str | None, str, int]] = field(default_factory=list)
    undone: list[tuple[str | None, str, int]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Refunds:
    """What refunds take back.

    Attributes
    ----------
    table : DataFrame
        One row per refund, in the order of the rows given: ``sale_id, payee_id, period`` (of the
        sale), ``refund_period, sold_at, refunded_at, refund_amount, sale_amount, sale_paid`` (what
        was paid for what was refunded), ``clawback`` (what of it is taken back),
        ``refund_settled``: ``clawback``; ``true_up`` (its sales are taken off in its own period);
        ``kept`` (by the plan's days); ``not_paid`` (nothing was paid for it); ``waiting`` (the
        payee has no row in the period of the refund yet).
    attainment : DataFrame
        That given, with ``clawback`` on top of what stands there, and less the sales that a true-up
        settles: what :func:`payout` takes.
    """

    table: pd.DataFrame
    attainment: pd.DataFrame


def settle_refunds(
    refunds: pd.DataFrame,
    attainment: pd.DataFrame,
    sales: pd.DataFrame,
    *,
    plan: AnyPlan,
    period: str | None = None,
    changes: pd.DataFrame | None = None,
    plans: Sequence[AnyPlan] = (),
) -> Refunds:
    """What each refund takes back: the payout of its sale's period with the sale, and without it.

    It is what the plan paid in the period of the sale, whatever it would pay today. Refunds of the
    same payee are looked at in order of time, each on top of those before, so that together they
    take back exactly what all of them make the payout less. A refund in the same period as its sale
    (or, where the plan adds up its measure and pays the difference, in the same span) is taken off
    the sales of its own period, and the plan settles it. A plan with a ``clawback`` takes back what
    that says: nothing after its days, of a prorated one the share of the days not served.

    Parameters
    ----------
    refunds : DataFrame, one row per refund
        ``sale_id, refunded_at, amount`` (over 0; a sale may have several).
    attainment : DataFrame
        As for :func:`payout`; its sales hold what was refunded later.
    sales : DataFrame, one row per sale
        ``sale_id, payee_id, sold_at, amount``; for a plan with components ``component``, or the
        columns by which these count single sales.
    plan : Plan, or what :func:`read_plan` takes
        The plan in force when the sales were made.
    period : str, optional
        ``month``, ``quarter`` or ``year``; the plan's own without.
    changes, plans : optional
        What changed inside periods, as for :func:`changed_payout`.

    Returns
    -------
    Refunds
        Both of its tables in the order of the rows given.

    Raises
    ------
    SalesAnalysisError
        A refund is of no sale, before it, or of more than it; a sale is of a payee or period that
        ``attainment`` lacks; the plan banks what is over a cap, settles a year, or measures so that
        what was paid for a single sale cannot be told.

    Examples
    --------
    >>> plan = {"period": "quarter", "thresholds": "amount", "tiers": [[0, 100, "3%"],
    ...         [100, None, "5%"]]}
    >>> rows = pd.DataFrame({"payee_id": ["a", "a"], "period": ["2025-Q1", "2025-Q2"],
    ...                      "sales": [150.0, 90.0]})
    >>> sales = pd.DataFrame({"sale_id": ["s", "t"], "payee_id": "a", "amount": [80.0, 70.0],
    ...                       "sold_at": pd.to_datetime(["2025-01-20", "2025-02-20"])})
    >>> back = pd.DataFrame({"sale_id": ["t"], "refunded_at": pd.to_datetime(["2025-05-02"]),
    ...                      "amount": [70.0]})
    >>> settled = settle_refunds(back, rows, sales, plan=plan)
    >>> settled.table[["period", "refund_period", "clawback"]]
        period refund_period  clawback
    0  2025-Q1       2025-Q2       3.1
    >>> settled.attainment["clawback"].tolist()
    [0.0, 3.1]
    """
    rules = read_plan(plan)
    roof = payee_plan(rules)
    _refuse_what_cannot_be_told(rules)
    require_columns(attainment.columns, [*_KEY, "sales"], "`attainment`")
    if changes is not None:
        require_columns(changes.columns, [*_KEY, "starts_at"], "`changes`")
    table = _with_sales(refunds, sales, attainment, roof, period)
    found = [_Refund(row) for row in table.to_dict("records")]
    for each in found:
        for component, minor in _counted(each.row, rules):
            one = component.plan if component else rules
            name = component.name if component else None
            if _same_span(each.row, one):
                each.true_up.append((name, each.row["refund_period"], minor))
            else:
                each.undone.append((name, each.row["period"], minor))
    unit = roof.minor_unit
    paid = _paid_for(found, attainment, rules, changes, plans)
    table["sale_paid"] = from_minor(paid, unit)
    table["clawback"] = _taken_back(table, roof)
    table["refund_settled"] = _settled(table, found, attainment)
    columns = ["sale_id", *_KEY, "refund_period", "sold_at", "refunded_at", "refund_amount",
               "sale_amount", "sale_paid", "clawback", "refund_settled"]  # fmt: skip
    less = _less(attainment, table, found, unit)
    return Refunds(table.sort_values("row")[columns].reset_index(drop=True), less)


def refund_findings(table: pd.DataFrame) -> list[Finding]:
    """What refunds take back.

    Parameters
    ----------
    table : DataFrame
        As :class:`Refunds` has it.

    Returns
    -------
    list of Finding
        ``taken_back`` and ``waits`` (until the payee has a row in the period of the refund), as far
        as there are any; ``nothing_back`` where there are none.

    Examples
    --------
    >>> table = pd.DataFrame({"clawback": [3.1, 0.0], "refund_settled": ["clawback", "true_up"]})
    >>> [(found.name, found.values["k"]) for found in refund_findings(table)]
    [('taken_back', 1)]
    """
    require_columns(table.columns, ["clawback", "refund_settled"], "`table`")
    back, found = table["clawback"].groupby(table["refund_settled"]).agg(["size", "sum"]), []
    for how in [how for how in ("clawback", "waiting") if how in back.index]:
        k, amount = int(back.loc[how, "size"]), float(back.loc[how, "sum"])
        if how == "waiting":
            found.append(Finding("refunds", "waits", {"k": k, "amount": amount}))
        else:
            values = {"k": k, "n": len(table), "amount": amount}
            found.append(Finding("refunds", "taken_back", values))
    return found or [Finding("refunds", "nothing_back", {"n": len(table)})]


def _taken_back(table: pd.DataFrame, roof: Plan) -> pd.Series:
    """What of the pay for each sale goes back: all, or what the plan says."""
    if roof.clawback is None or table.empty:
        return table["sale_paid"]
    given = {"earned": table["sale_paid"], "paid": table["sale_paid"],
             "undone_at": table["refunded_at"]}  # fmt: skip
    return clawback(table[["sold_at"]].assign(**given), plan=roof)["clawback"]


def _settled(table: pd.DataFrame, found: list[_Refund], attainment: pd.DataFrame) -> np.ndarray:
    """How each refund is settled."""
    there = set(zip(*(attainment[name].astype("str") for name in _KEY), strict=True))
    places = zip(table["payee_id"].astype("str"), table["refund_period"], strict=True)
    waiting = np.array([place not in there for place in places], dtype=bool)
    in_plan = np.array([bool(each.true_up) for each in found], dtype=bool)
    back, paid = table["clawback"].ne(0).to_numpy(), table["sale_paid"].ne(0).to_numpy()
    said = np.select(
        [waiting & (back | in_plan), back, paid, in_plan],
        ["waiting", "clawback", "kept", "true_up"],
        "not_paid",
    )
    return said.astype(object)


def _less(attainment: pd.DataFrame, table: pd.DataFrame, found: list[_Refund], unit: Fraction):
    """The attainment with clawbacks, and less the sales that its plan settles."""
    key = attainment[_KEY].astype("str").agg(tuple, axis=1)
    back, _ = to_minor(table["clawback"].to_numpy(float), unit, "clawback")
    place = pd.MultiIndex.from_frame(table[["payee_id", "refund_period"]].astype("str"))
    back = pd.Series(back, place.to_flat_index()).groupby(level=0).sum()
    own = attainment.get("clawback", pd.Series(0.0, attainment.index)).fillna(0.0)
    before, _ = to_minor(own.to_numpy(float), unit, "clawback")
    more = key.map(back).fillna(0).to_numpy(np.int64)
    rows = attainment.assign(clawback=from_minor(before + more, unit))
    off = {}
    for each in found:
        for component, period, minor in each.true_up:
            at = (str(each.row["payee_id"]), period, component)
            off[at] = off.get(at, 0) + minor
    return _without(rows, off, unit) if off else rows


def _without(rows: pd.DataFrame, off: dict[tuple, int], unit: Fraction) -> pd.DataFrame:
    """Rows of attainment with some sales taken off, by payee, period and component."""
    minor, missing = to_minor(rows["sales"].to_numpy(float), unit, "sales")
    names = [rows[name].astype("str") for name in _KEY]
    parts = rows["component"].astype("str") if "component" in rows.columns else [None] * len(rows)
    less = [off.get(at, 0) for at in zip(*names, parts, strict=True)]
    sales = from_minor(minor - np.array(less, dtype=np.int64), unit)
    return rows.assign(sales=np.where(missing, np.nan, sales))


def _refuse_what_cannot_be_told(rules: Plan | ComponentPlan) -> None:
    plans = [each.plan for each in rules.components] if isinstance(rules, ComponentPlan) else []
    for plan in [*plans, payee_plan(rules)]:
        over = plan.measure.over
        if plan.cap is not None and plan.cap.banked:
            why = "keeps what is over a cap for later periods (`cap: {banked: yes}`)"
        elif plan.year is not None:
            why = "settles a year over its periods (`year`)"
        elif over != "period" and (isinstance(over, int) or plan.measure.pays == "period"):
            why = "measures over several periods without settling the difference (`measure`)"
        else:
            continue
        raise SalesAnalysisError(
            f"The plan {why}, so what was paid for a single sale cannot be told. Take what was"
            " refunded off `sales` of `attainment`, and hold the payouts against those paid"
            " (`corrections`)."
        )


def _with_sales(refunds, sales, attainment, roof: Plan, period: str | None) -> pd.DataFrame:
    """Each refund with its sale and both periods, in order of payee and time."""
    require_columns(refunds.columns, ["sale_id", "refunded_at", "amount"], "`refunds`")
    require_columns(sales.columns, ["sale_id", *_KEY[:1], "sold_at", "amount"], "`sales`")
    period = period or roof.period
    if period not in _PERIODS:
        raise SalesAnalysisError(
            f"`period` is {period!r}; expected month, quarter or year, here or in the plan."
        )
    twice = sales["sale_id"].dropna()
    twice = twice[twice.duplicated()]
    mine = refunds.reset_index(drop=True)
    again = twice[twice.isin(mine["sale_id"])]
    if len(again):
        raise SalesAnalysisError(
            f"`sales` holds {again.iloc[0]!r} twice, and it is refunded; expected one row per sale."
        )
    table = mine.rename(columns={"amount": "refund_amount"}).assign(row=mine.index)
    theirs = sales.rename(columns={"amount": "sale_amount"}).drop_duplicates("sale_id")
    table = table[["sale_id", "refunded_at", "refund_amount", "row"]].merge(
        theirs, on="sale_id", how="left", indicator="found"
    )
    _refuse(table, table["found"] == "left_only", "is of no sale in `sales`")
    for name in ("sold_at", "refunded_at"):
        table[name] = moments(table[name])
        _refuse(table, table[name].isna(), f"has no `{name}`")
    _refuse(table, table["payee_id"].isna(), "is of a sale without a payee")
    _refuse(table, table["refunded_at"] < table["sold_at"], "is before its sale")
    unit = roof.minor_unit
    table["minor"], gone = to_minor(table["refund_amount"].to_numpy(float), unit, "amount")
    _refuse(table, gone | (table["minor"] <= 0), "has no `amount` over 0")
    table["of"], _ = to_minor(table["sale_amount"].to_numpy(float), unit, "amount")
    table = table.sort_values(["payee_id", "refunded_at", "sale_id", "row"], ignore_index=True)
    until = table.groupby("sale_id")["minor"].cumsum()
    _refuse(table, until > table["of"], "takes back more than its sale was")
    table["refunded_before"] = until - table["minor"]
    for name, moment in (("period", "sold_at"), ("refund_period", "refunded_at")):
        table[name] = roof.calendar.labels_of(table[moment], period)
    there = set(attainment[_KEY].astype("str").agg(tuple, axis=1))
    place = table[_KEY].astype("str").agg(tuple, axis=1) if len(table) else table["period"]
    _refuse(table, ~place.isin(there), "is of a payee and period that `attainment` has no row of")
    return table


def _refuse(table: pd.DataFrame, wrong, what: str) -> None:
    wrong = np.asarray(wrong, dtype=bool)
    if wrong.any():
        first = table[wrong].iloc[0]
        raise SalesAnalysisError(
            f"`refunds`: the refund of {first['sale_id']} (row {first['row']}) {what};"
            f" {int(wrong.sum())} in all. Correct the row, or leave it out."
        )


def _counted(row: dict, rules: Plan | ComponentPlan) -> Iterator[tuple[Component | None, int]]:
    """Which components count a sale, and what the refund takes off each, in minor units."""
    if isinstance(rules, Plan):
        yield None, row["minor"]
        return
    given = row.get("component")
    for component in rules.components:
        if component.counts_sales:
            if all(str(row.get(name)) in values for name, values in component.of.items()):
                yield component, _off(row, component, rules.roof)
        elif given is not None and given == component.name:
            yield component, row["minor"]


def _off(row: dict, component: Component, roof: Plan) -> int:
    """What a refund takes off what a component adds up: the share of the sale that it is."""
    counts = component.counts or "amount"
    if counts == "amount":
        return row["minor"]
    whole = 1 if counts == "sales" else row.get(counts)
    if whole is None or whole != whole:  # noqa: PLR0124 NaN
        return 0
    total = exact(whole) / roof.minor_unit

    def until(minor: int) -> int:
        # A sale is one sale until all of it is refunded.
        share = Fraction(minor, row["of"]) if counts != "sales" else Fraction(minor // row["of"])
        top = np.array([(total * share).numerator], dtype=object)
        return int(rounded(top, (total * share).denominator, "half_up")[0])

    return until(row["refunded_before"] + row["minor"]) - until(row["refunded_before"])


def _same_span(row: dict, plan: Plan) -> bool:
    """Whether a refund falls into the span over which the sale is measured."""
    if plan.measure.over == "period":
        return row["period"] == row["refund_period"]
    days = pd.Series([row["sold_at"], row["refunded_at"]])
    sale, refund = plan.calendar.labels_of(days, plan.measure.over)
    return sale == refund


def _paid_for(found: list[_Refund], attainment, rules, changes, plans) -> np.ndarray:
    """What was paid for each, in minor units: what is earned before it less what is earned after.

    Each state of a payee's table stands in one large table as a payee of its own.
    """
    asking = [each for each in found if each.undone]
    if not asking:
        return np.zeros(len(found), dtype=np.int64)
    groups = dict(list(attainment.groupby(attainment["payee_id"].astype("str"), sort=False)))
    off: dict[str, list[tuple]] = {}
    states = []
    for each in found:
        payee = str(each.row["payee_id"])
        gone = off.setdefault(payee, [])
        gone += each.true_up
        if each.undone:
            states.append(_state(groups[payee], gone, rules, len(states)))
            gone += each.undone
            states.append(_state(groups[payee], gone, rules, len(states)))
    if changes is not None:
        whose = changes["payee_id"].astype("str")
        payees = [str(each.row["payee_id"]) for each in found if each.undone for _ in range(2)]
        own = [changes[whose == payee].assign(payee_id=at) for at, payee in enumerate(payees)]
        changes = pd.concat(own, ignore_index=True)
    table = pd.concat(states, ignore_index=True)
    paid = changed_payout(table, changes, plan=rules, plans=plans).statements
    unit = payee_plan(rules).minor_unit
    minor, _ = to_minor(paid["earned"].to_numpy(float), unit, "earned")
    earned = pd.Series(minor).groupby(paid["payee_id"]).sum().to_numpy()
    change = iter((earned[0::2] - earned[1::2]).tolist())
    return np.array([next(change) if each.undone else 0 for each in found], dtype=np.int64)


def _state(rows: pd.DataFrame, gone: list[tuple], rules, number: int) -> pd.DataFrame:
    """A payee's table with some sales taken off."""
    off: dict[tuple, int] = {}
    for component, period, less in gone:
        at = (str(number), period, component)
        off[at] = off.get(at, 0) + less
    return _without(rows.assign(payee_id=number), off, payee_plan(rules).minor_unit)

"""Effective dates: a payee changes plan, quota or territory inside a period; prorated by days."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, did_you_mean, require_columns
from salesanalysis.incentive.active import days_of
from salesanalysis.incentive.any_plan import AnyPlan, read_plan
from salesanalysis.incentive.components import ComponentPlan, roof
from salesanalysis.incentive.money import added_up_to, from_minor, rounded, to_minor
from salesanalysis.incentive.payouts import payout
from salesanalysis.incentive.period_order import places
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.statement import statement
from salesanalysis.periods import moments

_KEY = ["payee_id", "period"]
#: What may change inside a period, and holds until it changes again.
_CHANGES = ("plan_name", "quota", "target_incentive", "team", "region")
#: What belongs to the payee's whole period, and is settled once, after its parts.
_SETTLED = ("paid_before", "spif", "override", "clawback")
#: Of a statement, what is settled so.
_FROM_ROOF = ["paid_before", "spif", "override", "clawback", "earned", "advance", "repaid",
              "payout", "debt", "payout_minor"]  # fmt: skip
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, eq=False)
class ChangedPayout:
    """Statements of payees, some of whom changed something inside a period.

    Attributes
    ----------
    statements : DataFrame
        As from :func:`payout`. A period in parts has status ``in_parts``, as ``commission`` the sum
        of its parts, as ``quota`` the mean over its days, and no tiers.
    parts : DataFrame
        One row per payee × period × part, in this order: ``payee_id, period, part_number,
        starts_at, ends_at, part_days, period_days, plan_name``, the steps of the whole period as if
        the part had been in force all of it, to what it ``earned``; ``prorated`` (taken off for the
        other days), ``payout``, ``payout_minor`` and ``status``.
    """

    statements: pd.DataFrame
    parts: pd.DataFrame


def changed_payout(
    attainment: pd.DataFrame,
    changes: pd.DataFrame | None,
    *,
    plan: AnyPlan,
    plans: Sequence[AnyPlan] = (),
) -> ChangedPayout:
    """What is paid where plan, quota or territory change inside a period: by days, part by part.

    Each part pays what its plan and quota would pay for the whole period, for its share of the
    days. The parts are whole minor units and add up to their sum, rounded as the plan rounds, the
    units left going to the largest remainders; a change that changes nothing leaves the payout as
    it is. Draws, SPIFs and clawbacks belong to the whole period and are those of ``plan``.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        As for :func:`payout`: sales of the whole period, quota and so on as they are when it begins.
    changes : DataFrame, one row per change, or None for none
        ``payee_id, period, starts_at`` (the first day), and what is so from then on: ``plan_name``,
        ``quota, target_incentive`` (of a whole period), ``team, region``; what is missing stays.
        ``ends_at`` (the last day), where it is given, must be the day before the next change, or
        the last of the period.
    plan : Plan, or what :func:`read_plan` takes
        In force where no other is named.
    plans : sequence of Plan, or of what :func:`read_plan` takes
        Those that ``changes`` calls by their ``name``.

    Returns
    -------
    ChangedPayout
        Its statements in the order of the rows given.

    Raises
    ------
    SalesAnalysisError
        A change is outside its period, overlaps another one or leaves a gap, names a plan that is
        not there, or is of a payee and period without a row; a plan measures over several periods,
        banks what is over a cap, settles a year, or has components.

    Examples
    --------
    >>> rows = pd.DataFrame({"payee_id": ["a"], "period": "2025-Q1", "sales": 120.0, "quota": 100.0})
    >>> plan = {"thresholds": "quota", "tiers": [[0, 1, "3%"], [1, None, "5%"]]}
    >>> change = pd.DataFrame({"payee_id": ["a"], "period": "2025-Q1", "quota": 150.0,
    ...                        "starts_at": pd.to_datetime(["2025-03-01"])})
    >>> changed = changed_payout(rows, change, plan=plan)
    >>> changed.parts[["starts_at", "part_days", "quota", "earned", "payout"]]
       starts_at  part_days  quota  earned  payout
    0 2025-01-01         59  100.0     4.0    2.62
    1 2025-03-01         31  150.0     3.6    1.24
    >>> changed.statements["payout"].tolist()
    [3.86]
    """  # noqa: E501
    if changes is None or changes.empty:
        return ChangedPayout(payout(attainment, plan=plan), pd.DataFrame())
    own = _plans(plan, plans)
    require_columns(attainment.columns, [*_KEY, "sales"], "`attainment`")
    rows = attainment.reset_index(drop=True)
    base = statement(rows, own[""])
    parts = _parts(rows, changes, own)
    paid = _paid(rows, parts, own)
    found, due = _shared(paid, own[""])
    return ChangedPayout(_settled(rows, base, found, due, own[""]), found.drop(columns="row"))


def _whole_plan(source: AnyPlan) -> Plan:
    """A plan without components."""
    plan = read_plan(source)
    if isinstance(plan, ComponentPlan):
        called = f"Plan {plan.name!r}" if plan.name else "The plan"
        raise SalesAnalysisError(
            f"{called} has components, each with a quota of its own, so a period cannot be split by"
            " days yet. Give a row of `attainment` for each part, as a period of its own."
        )
    return plan


def by_name(plans: Sequence[AnyPlan]) -> dict[str, Plan]:
    """Plans by their names, which each must have for itself."""
    found: dict[str, Plan] = {}
    for plan in map(_whole_plan, plans):
        if not plan.name or plan.name in found:
            what = f"{plan.name!r} is there twice" if plan.name else "one of them has no `name`"
            raise SalesAnalysisError(
                f"`plans` are called by their names, and {what}. Give each a `name` of its own."
            )
        found[plan.name] = plan
    return found


def _plans(plan: AnyPlan, plans: Sequence[AnyPlan]) -> dict[str, Plan]:
    """The plan in force under no name, and those that changes name, each fit to be split."""
    own = {"": _whole_plan(plan), **by_name(plans)}
    for name, each in own.items():
        called = f"Plan {name!r}" if name else "The plan"
        if each.measure.over != "period":
            why = "measures over several periods (`measure`)"
        elif each.cap is not None and each.cap.banked:
            why = "keeps what is over a cap for later periods (`cap: {banked: yes}`)"
        elif each.year is not None:
            why = "settles a year over its periods (`year`)"
        elif each.minor_unit != own[""].minor_unit or each.currency != own[""].currency:
            why = f"is in another currency ({each.currency}) than the plan in force"
        else:
            continue
        raise SalesAnalysisError(
            f"{called} {why}, so a period cannot be split by days. Give a row of `attainment` for"
            " each part, as a period of its own."
        )
    return own


def _parts(rows: pd.DataFrame, changes: pd.DataFrame, plans: dict[str, Plan]) -> pd.DataFrame:
    """The parts of each period with a change: that of the attainment first, then each change."""
    require_columns(changes.columns, [*_KEY, "starts_at"], "`changes`")
    given = [name for name in _CHANGES if name in changes.columns]
    if not given:
        raise SalesAnalysisError(
            f"`changes` changes nothing: it has none of the columns"
            f" {', '.join(f'`{name}`' for name in _CHANGES)}."
        )
    table = changes[[*_KEY, *given]].reset_index(drop=True)
    for name in ("starts_at", "ends_at"):
        known = changes[name] if name in changes.columns else pd.Series(pd.NaT, changes.index)
        table[name] = moments(known.reset_index(drop=True)).dt.normalize()
    keys = zip(*(rows[name].astype("str") for name in _KEY), strict=True)
    at, found = {place: row for row, place in enumerate(keys)}, []
    for place, group in table.groupby([table[name].astype("str") for name in _KEY], sort=True):
        if place not in at:
            raise _fault(place, "`attainment` has no row of them. Add it, or leave the change out")
        start = {name: rows[name].iloc[at[place]] for name in given if name in rows.columns}
        steps = group.sort_values("starts_at").to_dict("records")
        each = _parts_of(place, start, steps, plans)
        numbered = enumerate(each, start=1)
        found += [{"row": at[place], "part_number": nth, **part} for nth, part in numbered]
    columns = [
        "row",
        "part_number",
        "starts_at",
        "ends_at",
        "part_days",
        "period_days",
        "plan_name",
    ]
    return pd.DataFrame(found, columns=[*columns, *(n for n in given if n != "plan_name")])


def _parts_of(place, start: dict, steps: list[dict], plans: dict[str, Plan]) -> list[dict]:
    """The parts of one period, each with what is so in it."""
    first, after = days_of(place[1], plans[""].calendar)
    _require_inside(place, steps, first, after)
    now = {"starts_at": first, "ends_at": pd.NaT, "plan_name": "", **start}
    whole = steps if steps[0]["starts_at"] == first else [now, *steps]
    begins = [step["starts_at"] for step in whole]
    found = []
    for step, following in zip(whole, [*begins[1:], after], strict=True):
        said = {name: step[name] for name in _CHANGES if not _is_missing(step.get(name))}
        now = now | said
        _require_no_gap(place, step, following, is_last=following == after)
        _require_plan(place, now["plan_name"], plans)
        days = {"part_days": (following - step["starts_at"]).days,
                "period_days": (after - first).days}  # fmt: skip
        found.append(now | {"starts_at": step["starts_at"], "ends_at": following - _DAY} | days)
    return found


def _require_inside(place, steps: list[dict], first, after) -> None:
    """Refuse changes that are not in their period, and two on one day."""
    days = f"{first:%Y-%m-%d} to {after - _DAY:%Y-%m-%d}"
    before = None
    for step in steps:
        for name in ("starts_at", "ends_at"):
            day = step[name]
            if pd.isna(day):
                if name == "starts_at":
                    raise _fault(place, "a change has no `starts_at`. Write its first day")
            elif not first <= day < after:
                what = f"`{name}` is {day:%Y-%m-%d}, outside the period ({days})"
                raise _fault(place, f"{what}. Correct the day, or the period")
        if step["starts_at"] == before:
            what = f"two changes start on {before:%Y-%m-%d}, so they overlap"
            raise _fault(place, f"{what}. Put them into one row, or correct a day")
        before = step["starts_at"]


def _require_no_gap(place, step: dict, following: pd.Timestamp, *, is_last: bool) -> None:
    """Refuse a part that says it ends on another day than the one before the next begins."""
    end = step["ends_at"]
    if pd.isna(end) or end == following - _DAY:
        return
    start = f"the part from {step['starts_at']:%Y-%m-%d} ends on {end:%Y-%m-%d}"
    if end >= following:
        what = f"{start}, and the next starts on {following:%Y-%m-%d}: they overlap"
    elif is_last:
        what = f"{start}, and nothing is said of the days to the period's end: a gap"
    else:
        what = f"{start}, and the next starts on {following:%Y-%m-%d}: a gap"
    raise _fault(place, f"{what}. Correct a day, or leave `ends_at` empty")


def _require_plan(place, name: str, plans: dict[str, Plan]) -> None:
    if name not in plans:
        known = [each for each in plans if each]
        raise _fault(
            place,
            f"`plan_name` is {name!r}, which is none of the plans given"
            f" ({', '.join(known) or 'none'}).{did_you_mean(str(name), known)} Give it too",
        )


def _fault(place: tuple[str, str], what: str) -> SalesAnalysisError:
    return SalesAnalysisError(f"`changes` of {place[0]} in {place[1]}: {what}.")


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value != value  # noqa: PLR0124 NaN


def _paid(rows: pd.DataFrame, parts: pd.DataFrame, plans: dict[str, Plan]) -> pd.DataFrame:
    """The statement of each part, as if it had been in force for the whole period."""
    at = places(rows["period"], plans[""].calendar, needed=False)["at"]
    order = at if at.notna().all() else pd.Series(rows.index, rows.index)
    nth = order.groupby(rows["payee_id"]).rank(method="first").astype(int)
    whole = rows.drop(columns=[name for name in (*_SETTLED, "draw") if name in rows.columns])
    whole = whole.assign(nth_period=rows.get("nth_period", nth))
    own = whole.iloc[parts["row"]].reset_index(drop=True)
    for name in [name for name in parts.columns if name in _CHANGES and name != "plan_name"]:
        own[name] = parts[name].to_numpy()
    own = own.assign(payee_id=range(len(own)), number=range(len(own)))
    made = []
    for name, plan in plans.items():
        mine = own[(parts["plan_name"] == name).to_numpy()]
        if len(mine):
            table = statement(mine.drop(columns="number"), plan)
            made.append(table.set_axis(mine["number"], axis=0))
    paid = pd.concat(made).sort_index() if made else statement(own[:0], plans[""])
    about = parts.drop(columns=[name for name in _CHANGES if name in paid.columns], errors="ignore")
    return pd.concat([about, paid.drop(columns=_KEY).set_axis(about.index, axis=0)], axis=1).assign(
        **{name: rows[name].iloc[parts["row"]].to_numpy() for name in _KEY}
    )


def _shared(paid: pd.DataFrame, plan: Plan) -> tuple[pd.DataFrame, dict[int, int | None]]:
    """What each part pays for its days, and all of a period together, by its row; minor units."""
    unit = plan.minor_unit
    minor, missing = to_minor(paid["earned"].to_numpy(float), unit, "earned")
    share = np.zeros(len(paid), dtype=np.int64)
    due: dict[int, int | None] = {}
    known = np.ones(len(paid), dtype=bool)
    for row, group in paid.groupby("row", sort=False):
        if missing[group.index].any():
            known[group.index], due[int(row)] = False, None
            continue
        exact = {at: Fraction(int(minor[at]) * int(group.loc[at, "part_days"]),
                              int(group.loc[at, "period_days"])) for at in group.index}  # fmt: skip
        total = sum(exact.values(), Fraction(0))
        top = np.array([total.numerator], dtype=object)
        due[int(row)] = int(rounded(top, total.denominator, plan.rounding.method)[0])
        for at, part in added_up_to(exact, due[int(row)]).items():
            share[at] = part
    gone = ["spif", "clawback", "advance", "repaid", "debt", "payout", "payout_minor"]
    table = paid.drop(columns=gone)
    table["prorated"] = np.where(known, from_minor(share - minor, unit), np.nan)
    table["payout"] = np.where(known, from_minor(share, unit), np.nan)
    table["payout_minor"] = pd.array(np.where(known, share, pd.NA), dtype="Int64")
    first = [*_KEY, "part_number", "starts_at", "ends_at", "part_days", "period_days", "plan_name"]
    last = ["prorated", "payout", "payout_minor", "status"]
    between = [name for name in table.columns if name not in {*first, *last}]
    return table[[*first, *between, *last]], due


def _settled(rows, base, parts, due: dict[int, int | None], plan: Plan) -> pd.DataFrame:
    """The statements with periods in parts, and what runs on from them for the same payees."""
    table, unit = base.copy(), plan.minor_unit
    if not due:
        return table
    other = [table[name].fillna(0) * sign for name, sign in
             (("paid_before", 1), ("spif", -1), ("override", -1), ("clawback", 1))
             if name in table.columns]  # fmt: skip
    own, missing = to_minor((table["earned"] + sum(other)).to_numpy(float), unit, "earned")
    for row, minor in due.items():
        own[row], missing[row] = minor or 0, minor is None
    sales = np.where(missing, np.nan, from_minor(own, unit))
    above = roof(draw=plan.draw, negative=plan.negative, minor_unit=unit, currency=plan.currency,
                 calendar=plan.calendar)  # fmt: skip
    affected = rows["payee_id"].isin(rows["payee_id"].iloc[list(due)])
    settled = statement(rows.assign(sales=sales)[affected], above).set_axis(
        rows.index[affected], axis=0
    )
    taken = [name for name in _FROM_ROOF if name in table.columns]
    table.loc[affected, taken] = settled[taken]
    split = list(due)
    blank = [name for name in table.columns if name.startswith(("tier", "multipl"))]
    blank += ["floor_cut", "rate_cut", "rounding", "measured", "bonus", "payout_cut"]
    table.loc[split, [name for name in blank if name in table.columns]] = pd.NA
    table.loc[split, "commission"] = sales[split]
    table.loc[split, "status"] = np.where(missing[split], "part_unknown", "in_parts")
    if "quota" in parts.columns:
        quota, none = to_minor(parts["quota"].to_numpy(float), unit, "quota")
        over = pd.Series(quota * parts["part_days"].to_numpy(np.int64)).groupby(parts["row"]).sum()
        days = parts.groupby("row")["period_days"].first()
        mean = pd.Series(rounded(over.to_numpy(), days.to_numpy(np.int64), "half_up"), over.index)
        mean = pd.Series(from_minor(mean, unit), over.index)[split]
        mean = mean.mask(pd.Series(none).groupby(parts["row"]).any()[split])
        table.loc[split, "quota"] = mean
        table.loc[split, "attainment"] = table.loc[split, "sales"] / mean
    return table

"""What to do about open deals: a line each, by what hangs on it within the period."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, WON
from salesanalysis.errors import require_columns
from salesanalysis.findings import Action, Finding
from salesanalysis.funnel.episodes import late_since, old_since
from salesanalysis.funnel.milestones import (
    PUT_BACK,
    SOLUTION_SELLING_RULES,
    UNVERIFIED,
    GradeRule,
    check_rules,
)
from salesanalysis.funnel.open_age import oldest_closed_days
from salesanalysis.funnel.steps import (
    DATE_PASSED,
    LATE,
    STEP_RULES,
    UNPROVEN,
    StepRule,
    next_step,
)
from salesanalysis.known import KnownFunnel, frame_of
from salesanalysis.periods import due_day

#: The line about all deals that are older than any that closed.
CLEAN_UP = "clean_up"

_DAY = pd.Timedelta(days=1)


def actions(
    known: KnownFunnel,
    chances: pd.DataFrame,
    stuck: pd.DataFrame,
    graded: pd.DataFrame | None = None,
    calls: pd.DataFrame | None = None,
    *,
    percentile: float = 0.9,
    grade_rules: Sequence[GradeRule] = SOLUTION_SELLING_RULES,
    step_rules: Sequence[StepRule] = STEP_RULES,
    most: int = 7,
) -> list[Action]:
    """The open deals that need a step, those first on which most hangs within the period.

    A deal is taken in when it is late in its stage, when its grade is claimed without evidence, or
    when its expected closing date has passed. What has lasted longest names the line, so that it
    keeps its id until that is over. Deals older than any that closed are one line for everybody.

    Parameters
    ----------
    known : KnownFunnel
        ``deals`` with ``owner_id, product, account_id, account_name`` as far as known; ``contacts``
        where they are recorded.
    chances : DataFrame, one row per open deal
        As from :func:`salesanalysis.forecast.deal_chances` of the same day: ``opportunity_id,
        at_stake_period``.
    stuck : DataFrame, one row per stuck deal
        As from :func:`stuck` of the same.
    graded : DataFrame, one row per open deal, optional
        As from :func:`verified_grade` of the same.
    calls : DataFrame, one row per open deal, optional
        ``opportunity_id, expected_close_at`` as last said by the day, as from
        :func:`salesanalysis.reduce.forecast.calls`.
    percentile : float
        As for :func:`stuck`.
    grade_rules : list of GradeRule
        As for :func:`verified_grade`.
    step_rules : list of StepRule
        What the next step is.
    most : int
        How many lines a week has: the one about old deals is the last of them, since next to
        nothing hangs on it.

    Returns
    -------
    list of Action
        All of them. Kinds: ``late_deal, unproven_grade, date_passed, clean_up``. They are due in
        the week that begins after the day: the first three on Wednesday, the others on Friday.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["a", "b"], "outcome": "open", "amount": [90.0, 10],
    ...     "stage": "offer", "created_at": pd.Timestamp("2025-01-01"), "age_days": 90.0,
    ...     "owner_id": "ann", "closed_at": pd.NaT})
    >>> entries = pd.DataFrame({"opportunity_id": ["a", "b"], "stage": "offer", "position": 0,
    ...     "skipped": False, "outcome": "open", "stage_days": 90.0, "left": False,
    ...     "reached_at": pd.Timestamp("2025-01-01"), "result": "open", "result_days": 90.0})
    >>> known = KnownFunnel(as_of="2025-03-31", deals=deals, entries=entries)
    >>> chances = pd.DataFrame({"opportunity_id": ["a", "b"], "at_stake_period": [9.0, 1.0]})
    >>> calls = pd.DataFrame({"opportunity_id": ["a"],
    ...                       "expected_close_at": pd.Timestamp("2025-01-20")})
    >>> none = pd.DataFrame(columns=["opportunity_id", "stage", "stage_days", "excess_days",
    ...                              "over_limit", "zombie"])
    >>> (one,) = actions(known, chances, none, calls=calls)
    >>> one.who, one.about, one.step.name, one.since, one.due
    ('ann', 'a', 'confirm_or_drop', '2025-01-21', '2025-04-09')
    """
    deals = _open_deals(known, chances, stuck, graded, calls, grade_rules)
    rows = deals[~deals["zombie"] & deals[[LATE, UNPROVEN, DATE_PASSED]].any(axis=1)].copy()
    since = _since(known, rows, percentile)
    order = ["at_stake_period", "amount", "opportunity_id"]
    rows = rows.sort_values(order, ascending=[False, False, True], na_position="last")
    lines = []
    for row in rows.to_dict("records"):
        began = {kind: since[kind][row["opportunity_id"]] for kind in row["reasons"]}
        kind = min(began, key=lambda reason: (began[reason], row["reasons"].index(reason)))
        lines.append(_line(row, kind, began[kind], next_step(row, step_rules)))
    old = deals[deals["zombie"]]
    if len(old):
        lines.insert(min(len(lines), most - 1), _clean_up(known, old))
    return [replace(line, due=due_day(known.as_of, n)) for n, line in enumerate(lines)]


def _open_deals(known, chances, stuck, graded, calls, grade_rules) -> pd.DataFrame:
    """The open deals with all that is known of each: one row each, in the order of their ids."""
    needed = ["opportunity_id", "outcome", "stage", "amount"]
    deals = frame_of(known, "deals", [*needed, "created_at", "closed_at", "age_days"])
    require_columns(chances.columns, ["opportunity_id", "at_stake_period"], "`chances`")
    needed = ["opportunity_id", "stage_days", "excess_days", "over_limit", "zombie"]
    require_columns(stuck.columns, ["stage", *needed], "`stuck`")
    table = deals[deals["outcome"] == OPEN].sort_values("opportunity_id")
    table = table.astype({"opportunity_id": object, "stage": object})
    table = table.merge(_keyed(chances, "at_stake_period"), "left", "opportunity_id")
    over = _keyed(stuck, "excess_days", "over_limit", "zombie")
    table = table.merge(over, "left", "opportunity_id")
    needed = ["opportunity_id", "stage", "position", "skipped", "left", "outcome"]
    entries = frame_of(known, "entries", [*needed, "reached_at", "stage_days"])
    here = entries["left"].astype("boolean").eq(False).fillna(False).astype(bool)
    here &= entries["outcome"] == OPEN
    entered = _keyed(entries[here], "reached_at", "stage_days", "position")
    table = table.merge(entered, "left", "opportunity_id")
    table["zombie"] = table["zombie"].eq(True)
    table[LATE] = table["over_limit"].eq(True) & ~table["zombie"]
    last = entries.loc[entries["stage"] != WON, "position"].max()
    table["last_stage"] = (table["position"] == last) & (last > 0)
    table = _with_grades(table, graded, grade_rules)
    table = _with_dates(table, calls, known)
    table = _with_silence(table, known)
    flags = [LATE, UNPROVEN, DATE_PASSED]
    reasons = [[k for k, on in zip(flags, row, strict=True) if on] for row in table[flags].values]
    return table.assign(reasons=reasons)


def _keyed(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The key and some columns, the key as objects: ids of an empty table have no type."""
    return table[["opportunity_id", *names]].astype({"opportunity_id": object})


def _with_grades(table, graded, grade_rules) -> pd.DataFrame:
    """Whether the claimed grade lacks evidence, and of which milestone."""
    if graded is None:
        return table.assign(**{UNPROVEN: False, "milestone": None})
    require_columns(graded.columns, ["opportunity_id", "claimed", "standing"], "`graded`")
    milestones = {rule.grade: rule.milestone for rule in check_rules(grade_rules)}
    table = table.merge(_keyed(graded, "claimed", "standing"), "left", "opportunity_id")
    table[UNPROVEN] = table["standing"].isin([PUT_BACK, UNVERIFIED])
    return table.assign(milestone=table["claimed"].map(milestones))


def _with_dates(table, calls, known) -> pd.DataFrame:
    """The expected closing date, and how many days it is past."""
    if calls is None:
        return table.assign(**{DATE_PASSED: False, "past_days": 0.0, "expected_close_at": pd.NaT})
    require_columns(calls.columns, ["opportunity_id", "expected_close_at"], "`calls`")
    own = table.drop(columns="expected_close_at", errors="ignore")
    table = own.merge(_keyed(calls, "expected_close_at"), "left", "opportunity_id")
    dates = pd.to_datetime(table["expected_close_at"]).dt.normalize()
    past = ((known.as_of.normalize() - dates) / _DAY).fillna(0.0).clip(lower=0.0)
    return table.assign(**{DATE_PASSED: past > 0, "past_days": past, "expected_close_at": dates})


def _with_silence(table, known) -> pd.DataFrame:
    """When the customer was last talked to: infinitely long ago where no contact is on record."""
    if known.contacts is None:
        return table.assign(last_at=pd.NaT, silent_days=np.nan)
    contacts = frame_of(known, "contacts", ["opportunity_id", "last_at"])
    last = contacts.groupby("opportunity_id")["last_at"].max()
    table = table.assign(last_at=table["opportunity_id"].map(last.to_dict()))
    table["last_at"] = pd.to_datetime(table["last_at"])
    silent = (known.as_of - table["last_at"]) / _DAY
    return table.assign(silent_days=silent.fillna(np.inf))


def _since(known: KnownFunnel, rows: pd.DataFrame, percentile: float) -> dict[str, dict]:
    """For each reason, the first day of each deal on which it held, by deal."""
    late = late_since(known, rows[rows[LATE]], percentile=percentile)
    claimed = rows.set_index("opportunity_id")["reached_at"].dt.normalize()
    passed = rows.set_index("opportunity_id")["expected_close_at"] + _DAY
    found = {LATE: late, UNPROVEN: claimed, DATE_PASSED: passed}
    # Where the history does not tell when a grade was claimed, it is told first on this day.
    today = known.as_of.normalize()
    return {kind: days.astype("datetime64[us]").fillna(today).to_dict()
            for kind, days in found.items()}  # fmt: skip


def _line(row: dict, kind: str, since: pd.Timestamp, step: Finding) -> Action:
    traits = {name: row[name] for name in ("product", "stage") if pd.notna(row.get(name))}
    names = (row.get(name) for name in ("account_name", "account_id", "opportunity_id"))
    owner = row.get("owner_id")
    over = row["excess_days"] if row[LATE] else row["past_days"] if row[DATE_PASSED] else np.nan
    return Action(
        kind=kind,
        about_kind="deal",
        about=str(row["opportunity_id"]),
        step=step,
        since=f"{since:%Y-%m-%d}",
        due="",
        who="" if pd.isna(owner) else str(owner),
        amount=float(row["amount"]),
        at_stake=float(row["at_stake_period"]),
        overdue_days=float(over),
        measure="" if kind == DATE_PASSED else str(row["stage"]),
        title=str(next(name for name in names if pd.notna(name))),
        traits=traits,
    )


def _clean_up(known: KnownFunnel, old: pd.DataFrame) -> Action:
    """The line for everybody, about all deals older than any that closed."""
    days = oldest_closed_days(known.deals)
    return Action(
        kind=CLEAN_UP,
        about_kind="deal",
        about="",
        step=Finding("step", "clean_up", {"deals": len(old), "age_days": days}),
        since=f"{old_since(known):%Y-%m-%d}",
        due="",
        amount=float(old["amount"].sum(min_count=1)),
        at_stake=float(old["at_stake_period"].sum(min_count=1)),
        traits={"action": CLEAN_UP},
    )

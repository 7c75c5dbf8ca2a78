"""Knowledge, skills, abilities: what roles need, what people have left, and where it hurts."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from salesanalysis.bases import quoted
from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.decay import Decay
from salesanalysis.forgetting.observations import numbers
from salesanalysis.known import KnownForgetting, frame_of, require_known
from salesanalysis.periods import moments
from salesanalysis.stats import wilson

#: The groups of skills that win a deal, and the skills in each (sales-system source, §13).
SKILL_GROUPS = {
    "understanding": ("understanding",),
    "trust": ("communication", "outside_proof", "personal_ties", "objection_handling"),
    "rivals": ("competitor_analysis", "negotiation", "closing"),
    "follow_up": ("goal_planning", "account_management", "care"),
}
#: What can be said of a person and a skill the role requires, worst first.
STATUSES = ("never_met", "faded", "not_assessed", "met", "no_requirement", "no_role")
#: What to do about it.
_ACTIONS = {"never_met": "train", "faded": "refresh", "not_assessed": "assess", "met": "refresh"}
_ROUNDING = 1e-9
#: What fades no sooner than in a hundred years does not fade; there are no such dates in pandas.
_NEVER_DAYS = 100 * 365.25

_COLUMNS = ["person_id", "team", "role", "skill_group", "skill", "stage", "required", "assessed"]
_COLUMNS += ["assessed_at", "age_days", "current", "gap", "gap_share", "status", "below_at"]
_COLUMNS += ["stage_rate", "priority"]


def ksa_gaps(
    known: KnownForgetting,
    *,
    curve: ForgettingCurve | None = None,
    curves: Mapping[str, ForgettingCurve] | None = None,
    conversion: pd.DataFrame | None = None,
    least_level: float = 0.0,
) -> pd.DataFrame:
    """What each person lacks of what the role requires, as it stands on the day.

    Only the latest assessment counts. A level fades from the day it was assessed:
    current = least_level + (assessed − least_level) × R(age) / R(0), with R the curve of the skill.
    Without a curve it is taken to last. A skill that was never assessed is not a level of 0: it is
    listed as ``not_assessed`` and has no gap.

    Parameters
    ----------
    known : KnownForgetting
        Its ``required``: ``role, skill, level``; ``skill_group`` (else the groups of
        :data:`SKILL_GROUPS`) and ``stage`` (of the funnel, that needs the skill) as far as known.
        Its ``assessed``: ``person_id, skill, level, assessed_at, role`` and ``team`` as far as
        known. The role of a person is that of the latest assessment that has one. Ages are counted
        from day to day.
    curve : ForgettingCurve, optional
        For every skill that ``curves`` does not name.
    curves : dict of skill to ForgettingCurve, optional
        Curves of single skills.
    conversion : DataFrame, optional
        ``stage, rate``: the share of deals that get through each stage, as from
        :func:`salesanalysis.funnel.conversion` (of several bases, the one to quote).
    least_level : float
        The level of somebody who knows nothing.

    Returns
    -------
    DataFrame
        One row per person × skill that the role requires, the highest priority first:

        - ``person_id, team, role, skill_group, skill, stage, required``,
        - ``assessed, assessed_at, age_days``, ``current`` (the level left),
        - ``gap`` = required − current, at least 0; ``gap_share`` = gap ÷ (required − least_level),
        - ``status``: ``never_met`` (too low when it was assessed), ``faded`` (enough then, not
          now), ``met``, ``not_assessed``; ``no_requirement`` and ``no_role``: one row for a person
          whose role requires nothing, or is not known,
        - ``below_at``: the day on which a level that was enough falls under the required one,
        - ``stage_rate``, ``priority`` = gap_share × (1 − stage_rate): a large gap in a skill whose
          stage loses many deals comes first. Where no rate is known it is missing and the gap
          decides. It orders, it does not predict what training would win.

    Raises
    ------
    SalesAnalysisError
        A column is missing, a requirement stands there twice, or a level is under the least.

    References
    ----------
    Sales-system source, §3 and §13.

    Examples
    --------
    >>> from salesanalysis.forgetting import known_curve
    >>> required = pd.DataFrame({"role": "seller", "skill": ["closing", "care"], "level": 3.0,
    ...                          "stage": ["A", "A"]})
    >>> assessed = pd.DataFrame({"person_id": ["Li"], "role": "seller", "skill": "closing",
    ...                          "level": 4.0, "assessed_at": pd.to_datetime(["2025-11-26"])})
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> known = KnownForgetting(as_of="2025-12-31", required=required, assessed=assessed)
    >>> gaps = ksa_gaps(known, curve=source)
    >>> gaps[["skill", "required", "assessed", "current", "gap_share", "status"]].round(2)
         skill  required  assessed  current  gap_share        status
    0  closing       3.0       4.0     2.03       0.32         faded
    1     care       3.0       NaN      NaN        NaN  not_assessed
    """
    needs = _needs(frame_of(known, "required"), least_level)
    people, looks = _latest(frame_of(known, "assessed"), least_level)
    table = people.merge(needs, on="role", how="left")
    table = table.merge(looks, on=["person_id", "skill"], how="left", validate="many_to_one")
    today = known.as_of.normalize()
    table["age_days"] = (today - table["assessed_at"].dt.normalize()) / pd.Timedelta(days=1)
    table["age_days"] = table["age_days"].clip(lower=0.0)
    _fade(table, curve, dict(curves or {}), least_level)
    table["gap"] = (table["required"] - table["current"]).clip(lower=0.0)
    table["gap_share"] = table["gap"] / (table["required"] - least_level)
    table["status"] = _status(table)
    table["stage_rate"] = table["stage"].map(_stage_rates(conversion)).astype(float)
    table["priority"] = table["gap_share"] * (1 - table["stage_rate"])
    order = ["priority", "gap_share", "status", "person_id", "skill"]
    table["status"] = pd.Categorical(table["status"], STATUSES, ordered=True)
    table = table.sort_values(
        order, ascending=[False, False, True, True, True], na_position="last", ignore_index=True
    )
    return table.astype({"status": "str"})[_COLUMNS]


def ksa_gap_rates(
    gaps: pd.DataFrame, *, by: Sequence[str] | str = "role", level: float = 0.95
) -> pd.DataFrame:
    """How many requirements are not met, by role, person, team, skill, skill group or stage.

    Parameters
    ----------
    gaps : DataFrame
        As from :func:`ksa_gaps`.
    by : str or list of str
        Columns of it.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        One row per group, the highest ``mean_priority`` first (then the largest mean gap): the
        columns of ``by``, ``requirements`` (person × skill), ``not_assessed`` (of these; they are
        in no rate), ``n`` (assessed), ``k`` (not met now), ``rate, rate_low, rate_high`` (Wilson),
        ``faded`` (of ``k``: met when assessed), ``mean_gap_share`` (of the assessed, those that
        meet it count as 0), ``stage_rate`` (mean of the stages known), ``mean_priority``.

    Raises
    ------
    SalesAnalysisError
        A column is missing.

    References
    ----------
    Wilson, E. B. (1927), JASA 22, 209–212.

    Examples
    --------
    >>> gaps = pd.DataFrame({"role": "seller", "gap_share": [0.5, 0.0, None], "stage_rate": 0.4,
    ...                      "priority": [0.3, 0.0, None],
    ...                      "status": ["never_met", "met", "not_assessed"]})
    >>> ksa_gap_rates(gaps)[["role", "requirements", "not_assessed", "n", "k", "rate"]]
         role  requirements  not_assessed  n  k  rate
    0  seller             3             1  2  1   0.5
    """
    by = as_list(by)
    needed = ["gap_share", "status", "stage_rate", "priority"]
    require_columns(gaps.columns, [*by, *needed], "`gaps`")
    known = gaps[~gaps["status"].isin(["no_requirement", "no_role"])]
    status = known["status"]
    counted = known.assign(
        requirements=1,
        not_assessed=(status == "not_assessed").astype(int),
        n=(status != "not_assessed").astype(int),
        k=status.isin(["never_met", "faded"]).astype(int),
        faded=(status == "faded").astype(int),
    )
    grouped = counted.groupby(by, dropna=False, sort=True)
    table = grouped[["requirements", "not_assessed", "n", "k", "faded"]].sum()
    means = grouped[["gap_share", "stage_rate", "priority"]].mean()
    means = means.rename(columns={"gap_share": "mean_gap_share", "priority": "mean_priority"})
    table = table.join(means).reset_index()
    table["rate"] = table["k"] / table["n"].where(table["n"] > 0)
    table["rate_low"], table["rate_high"] = wilson(table["k"], table["n"], level=level)
    columns = [*by, "requirements", "not_assessed", "n", "k", "rate", "rate_low", "rate_high"]
    columns += ["faded", "mean_gap_share", "stage_rate", "mean_priority"]
    return table.sort_values(
        ["mean_priority", "mean_gap_share", *by],
        ascending=[False, False, *[True] * len(by)],
        na_position="last",
        ignore_index=True,
    )[columns]


def next_training(
    known: KnownForgetting, gaps: pd.DataFrame, *, within_days: float = 91, most: int = 3
) -> pd.DataFrame:
    """Who needs what next: of each person the few skills to see to first.

    Gaps come first, by priority; then skills that are met but will fade below the requirement
    within ``within_days``; then those nobody has assessed.

    Parameters
    ----------
    known : KnownForgetting
    gaps : DataFrame
        As from :func:`ksa_gaps` of the same.
    within_days : float
        How far ahead to look for skills that will fade.
    most : int
        At most so many skills of one person.

    Returns
    -------
    DataFrame
        One row per person × skill, the people with the highest priority first: ``person_id, team,
        role``, ``rank`` (1 is next), ``skill, skill_group, stage``, ``action`` (``train``: was
        never enough; ``refresh``: was enough, has faded or will; ``assess``: not known),
        ``due_at`` (the day on which it fell or will fall under the requirement; missing where it
        was never enough or is not known), ``overdue``, ``required, current, gap_share, priority``.

    Raises
    ------
    SalesAnalysisError
        A column is missing or ``most`` is under 1.

    Examples
    --------
    >>> gaps = pd.DataFrame({
    ...     "person_id": "Li", "team": "East", "role": "seller", "skill": ["care", "closing"],
    ...     "skill_group": None, "stage": "A", "status": ["met", "never_met"], "required": 3.0,
    ...     "current": [3.1, 2.0], "gap_share": [0.0, 0.33], "priority": [0.0, 0.2],
    ...     "below_at": pd.to_datetime(["2026-01-09", None])})
    >>> plan = next_training(KnownForgetting(as_of="2025-12-31"), gaps)
    >>> plan[["rank", "skill", "action", "due_at", "overdue"]]
       rank    skill   action     due_at  overdue
    0     1  closing    train        NaT    False
    1     2     care  refresh 2026-01-09    False
    """
    require_columns(gaps.columns, [c for c in _COLUMNS if c in _PLAN_NEEDS], "`gaps`")
    if most < 1:
        raise SalesAnalysisError(f"`most` is {most!r}; expected at least 1 skill per person.")
    end = require_known(known).as_of
    soon = gaps["below_at"] <= end + pd.Timedelta(days=within_days)
    lacking = gaps["status"].isin(["never_met", "faded"])
    wanted = lacking | ((gaps["status"] == "met") & soon) | (gaps["status"] == "not_assessed")
    plan = gaps[wanted].copy()
    plan["action"] = plan["status"].map(_ACTIONS)
    plan["kind"] = plan["status"].map({"never_met": 0, "faded": 0, "met": 1, "not_assessed": 2})
    plan["due_at"] = plan["below_at"].astype("datetime64[us]")
    plan["overdue"] = plan["due_at"] <= end
    plan = plan.sort_values(
        ["kind", "priority", "gap_share", "due_at", "skill"],
        ascending=[True, False, False, True, True],
        na_position="last",
        kind="stable",
    )
    plan["rank"] = plan.groupby("person_id", sort=False).cumcount() + 1
    plan = plan[plan["rank"] <= most]
    people = plan.drop_duplicates("person_id")["person_id"].tolist()
    plan["place"] = plan["person_id"].map({person: at for at, person in enumerate(people)})
    columns = ["person_id", "team", "role", "rank", "skill", "skill_group", "stage", "action"]
    columns += ["due_at", "overdue", "required", "current", "gap_share", "priority"]
    return plan.sort_values(["place", "rank"], ignore_index=True)[columns]


_PLAN_NEEDS = set(_COLUMNS) - {"assessed", "assessed_at", "age_days", "gap", "stage_rate"}


def _needs(required: pd.DataFrame, least_level: float) -> pd.DataFrame:
    """One row per role × skill: ``role, skill, required, skill_group, stage``."""
    require_columns(required.columns, ["role", "skill", "level"], "`required`")
    twice = required[required.duplicated(["role", "skill"])]
    if len(twice):
        first = twice.iloc[0]
        raise SalesAnalysisError(
            f"`required` has the skill {first['skill']!r} of the role {first['role']!r} more than"
            " once; expected one level of each."
        )
    required = required.assign(level=numbers(required["level"]))
    # A requirement of nothing is none.
    required = required[required["level"] != least_level]
    low = required[~(required["level"] > least_level)]
    if len(low):
        raise SalesAnalysisError(
            f"`required`: `level` is {low['level'].iloc[0]!r} for {low['skill'].iloc[0]!r};"
            f" expected more than `least_level`, {least_level:g}."
        )
    group_of = {skill: group for group, skills in SKILL_GROUPS.items() for skill in skills}
    needs = required[["role", "skill"]].copy()
    needs["required"] = required["level"]
    needs["skill_group"] = required["skill"].map(group_of)
    if "skill_group" in required:
        needs["skill_group"] = required["skill_group"].fillna(needs["skill_group"])
    needs["stage"] = required["stage"] if "stage" in required else None
    return needs


def _latest(assessed: pd.DataFrame, least_level: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The people with their role and team, and the latest level of each person × skill."""
    columns = ["person_id", "skill", "level", "assessed_at", "role"]
    require_columns(assessed.columns, columns, "`assessed`")
    dated = assessed.assign(
        level=numbers(assessed["level"]), assessed_at=moments(assessed["assessed_at"])
    )
    dated = dated[dated["assessed_at"].notna()]
    low = dated[dated["level"] < least_level]
    if len(low):
        raise SalesAnalysisError(
            f"`assessed`: `level` is {low['level'].iloc[0]!r} for {low['person_id'].iloc[0]!r};"
            f" expected at least `least_level`, {least_level:g}."
        )
    dated = dated.sort_values(["assessed_at", "level"], kind="stable")
    facts = [name for name in ("role", "team") if name in dated]
    # `last` skips missing values: the latest role that was written down.
    people = dated.groupby("person_id", sort=True)[facts].last().reset_index()
    people["team"] = people["team"] if "team" in people else None
    looks = dated.dropna(subset=["level"]).drop_duplicates(["person_id", "skill"], keep="last")
    looks = looks[["person_id", "skill", "level", "assessed_at"]]
    return people, looks.rename(columns={"level": "assessed"})


def _fade(table: pd.DataFrame, curve, curves: dict, least_level: float) -> None:
    """Adds ``current`` and ``below_at``."""
    table["current"] = table["assessed"]
    table["below_at"] = pd.Series(pd.NaT, index=table.index, dtype="datetime64[us]")
    for skill, rows in table.groupby("skill").groups.items():
        own = curves.get(skill, curve)
        if own is None:
            continue
        decay, part = Decay.of(own), table.loc[rows]
        over = part["assessed"] - least_level
        left = decay.share(part["age_days"].fillna(0.0).to_numpy(dtype=float))
        table.loc[rows, "current"] = least_level + over * left
        enough = part["assessed"] >= part["required"] - _ROUNDING
        needed = (part["required"] - least_level) / over
        days = np.array([decay.delay(share) for share in needed[enough]], dtype=float)
        days[days > _NEVER_DAYS] = np.nan
        fallen = part.loc[enough, "assessed_at"] + pd.to_timedelta(days, unit="D")
        table.loc[part.index[enough], "below_at"] = fallen.dt.floor("D").astype("datetime64[us]")


def _status(table: pd.DataFrame) -> np.ndarray:
    required, current = table["required"], table["current"]
    return np.select(
        [
            table["role"].isna(),
            table["skill"].isna(),
            table["assessed"].isna(),
            current >= required - _ROUNDING,
            table["assessed"] >= required - _ROUNDING,
        ],
        ["no_role", "no_requirement", "not_assessed", "met", "faded"],
        "never_met",
    )


def _stage_rates(conversion: pd.DataFrame | None) -> dict:
    """Stage → share of deals that get through."""
    if conversion is None:
        return {}
    require_columns(conversion.columns, ["stage", "rate"], "`conversion`")
    rates = quoted(conversion)
    if rates["stage"].duplicated().any():
        raise SalesAnalysisError(
            "`conversion` has a stage more than once; expected one rate of each: choose a group."
        )
    return rates.set_index("stage")["rate"].to_dict()

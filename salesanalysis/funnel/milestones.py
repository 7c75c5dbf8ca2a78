"""Milestones that can be checked: at which grade a deal really is, and what coaching begins with.

A seller's grade is an opinion; a milestone is evidence. (Sales-system source, §3, §7.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.funnel.groups import require_columns
from salesanalysis.known import KnownFunnel, frame_of

#: What became of a grade when it was held against the evidence; see :func:`verified_grade`.
VERIFIED, PUT_BACK, UNVERIFIED = "verified", "put_back", "unverified"
NOT_RECORDED, UNLISTED = "not_recorded", "unlisted"


@dataclass(frozen=True)
class GradeRule:
    """What verifies one grade: every one of ``items`` of the ``milestone`` must be fulfilled.

    A grade without items needs no evidence.
    """

    grade: str
    milestone: str = ""
    items: tuple[str, ...] = ()


#: The source's rules for its grades, in their order. The sponsor letter is sound when six points
#: are in it; the power-sponsor letter comes with a plan of the evaluation.
SOLUTION_SELLING_RULES = (
    GradeRule("T"),
    GradeRule("S", "first_meeting", ("took_place",)),
    GradeRule(
        "D",
        "sponsor_letter",
        ("pain", "reasons", "vision", "agreement", "access_to_power", "proof"),
    ),
    GradeRule("C", "power_sponsor_letter", ("content_agreed", "evaluation_plan")),
    GradeRule("B", "proposal", ("delivered", "terms_discussed")),
    GradeRule("A", "contract", ("verbal_yes", "documents_out")),
)


def verified_grade(
    known: KnownFunnel,
    rules: Sequence[GradeRule] = SOLUTION_SELLING_RULES,
    *,
    every_step: bool = False,
) -> pd.DataFrame:
    """The open deals at the grade that the seller claims, and at the one that evidence verifies.

    A grade counts as verified when every item of its milestone is fulfilled. A deal whose grade is
    not goes back to the highest lower one that is verified or needs no evidence: one said to be at
    D without a sound sponsor letter goes back to S where the first meeting is on record, else to T.

    A milestone of which no deal has a single row is not recorded in this company: its grade is
    neither verified nor refuted, and a deal claimed there, or put back, stops at it.

    Parameters
    ----------
    known : KnownFunnel
        With ``deals`` (those that are closed do not count) and ``evidence``. Of several checks of a
        point the last one counts, of two at one time the stricter; a check without ``checked_at``
        counts as the first. A point whose ``fulfilled`` is missing is not fulfilled.
    rules : sequence of GradeRule
        One for each grade, in their order; the source's for ``solution_selling`` where not given.
    every_step : bool
        Whether the milestones of all earlier grades must be fulfilled too. Without it a later
        milestone vouches for the earlier ones: who has a power sponsor's letter has met somebody.

    Returns
    -------
    DataFrame
        One row per open deal, in the order of the rows given: ``opportunity_id``, ``owner_id``
        where they have it, ``amount, claimed, verified`` (grades), ``steps_back`` (how many grades
        lower) and ``standing``:

        - ``verified``; ``put_back``; ``unverified``: at the first grade, which needs evidence too;
        - ``not_recorded``: no evidence of the claimed grade's milestone is kept, so it stands;
        - ``unlisted``: the claimed grade is in no rule, so it stands and ``steps_back`` is missing.

    Raises
    ------
    SalesAnalysisError
        A column or the evidence is not there, or a grade has two rules.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["a", "b"], "stage": ["D", "D"],
    ...                       "amount": [10.0, 20.0]})
    >>> points = ["pain", "reasons", "vision", "agreement", "access_to_power", "proof"]
    >>> evidence = pd.DataFrame({
    ...     "opportunity_id": ["a"] * 6 + ["b"] * 2, "milestone": ["sponsor_letter"] * 7
    ...     + ["first_meeting"], "item": [*points, "pain", "took_place"], "fulfilled": True,
    ...     "checked_at": pd.Timestamp("2025-03-01")})
    >>> known = KnownFunnel(as_of="2025-03-31", deals=deals, evidence=evidence)
    >>> verified_grade(known)[["claimed", "verified", "standing"]]
      claimed verified    standing
    0       D        D  verified
    1       D        S  put_back
    """
    grades = [rule.grade for rule in check_rules(rules)]
    still = open_only(frame_of(known, "deals"), ["stage", "amount"])
    checked = last_checks(frame_of(known, "evidence"))
    recorded = set(checked["milestone"].unique())
    done = checked[checked["fulfilled"]]
    # One column per grade: whether it can stand, and whether evidence (or no need of it) says so.
    proven = np.column_stack([_proves(still, done, rule) for rule in rules])
    unknown = np.array([bool(rule.items) and rule.milestone not in recorded for rule in rules])
    stands = proven | unknown
    if every_step:
        stands = np.logical_and.accumulate(stands, axis=1)
    claimed = still["stage"].map({grade: at for at, grade in enumerate(grades)}).to_numpy(float)
    listed = ~np.isnan(claimed)
    at = np.where(listed, claimed, 0).astype(int)
    lower = np.arange(len(grades)) <= at[:, None]
    # With no grade that stands a deal goes back to the first one: lower there is none.
    shown = np.where(stands & lower, np.arange(len(grades)), 0).max(axis=1, initial=0)
    standing = np.select(
        [~listed, shown < at, unknown[at] if len(still) else False],
        [UNLISTED, PUT_BACK, NOT_RECORDED],
        VERIFIED,
    )
    at_first = listed & (shown == at) & ~stands[np.arange(len(still)), at]
    standing = np.where(at_first, UNVERIFIED, standing)
    verified = np.where(listed, np.array(grades, dtype=object)[shown], still["stage"])
    owner = {"owner_id": still["owner_id"]} if "owner_id" in still.columns else {}
    return pd.DataFrame(
        {
            "opportunity_id": still["opportunity_id"],
            **owner,
            "amount": still["amount"],
            "claimed": still["stage"],
            "verified": pd.Series(verified, index=still.index, dtype="str"),
            "steps_back": pd.array(np.where(listed, at - shown, np.nan), dtype="Int64"),
            "standing": pd.Series(standing, index=still.index, dtype="str"),
        }
    ).reset_index(drop=True)


def grade_moves(
    graded: pd.DataFrame, rules: Sequence[GradeRule] = SOLUTION_SELLING_RULES
) -> pd.DataFrame:
    """The money that moves because grades are held against the evidence.

    Parameters
    ----------
    graded : DataFrame, one row per open deal
        As from :func:`verified_grade`.
    rules : sequence of GradeRule
        The same as there, for the order of the grades.

    Returns
    -------
    DataFrame
        One row per grade claimed × grade verified that occurs, in the order of the grades (those
        in no rule last): ``claimed, verified, deals, amount`` (sum of the known amounts),
        ``without_amount``, ``share`` (of the deals claimed there), ``moved`` (whether the two
        grades differ).

    Examples
    --------
    >>> graded = pd.DataFrame({"claimed": ["D", "D", "C"], "verified": ["D", "S", "D"],
    ...                        "amount": [10.0, 20.0, 30.0]})
    >>> grade_moves(graded)[["claimed", "verified", "deals", "amount", "share", "moved"]]
      claimed verified  deals  amount  share  moved
    0       D        S      1    20.0    0.5   True
    1       D        D      1    10.0    0.5  False
    2       C        D      1    30.0    1.0   True
    """
    require_columns(graded, ["claimed", "verified", "amount"])
    order = {rule.grade: at for at, rule in enumerate(check_rules(rules))}
    table = graded.groupby(["claimed", "verified"], dropna=False, as_index=False).agg(
        deals=("amount", "size"),
        amount=("amount", "sum"),
        without_amount=("amount", lambda amount: int(amount.isna().sum())),
    )
    whole = table.groupby("claimed", dropna=False)["deals"].transform("sum")
    table["share"] = table["deals"] / whole
    table["moved"] = (table["claimed"] != table["verified"]) & table["claimed"].notna()
    grades = table[["claimed", "verified"]].astype(object)
    place = grades.apply(lambda grade: grade.map(order).astype(float))
    place = place.assign(name=table["claimed"].astype(str)).fillna(len(order))
    return table.loc[place.sort_values(["claimed", "name", "verified"]).index].reset_index(
        drop=True
    )


def missing_evidence(
    known: KnownFunnel,
    graded: pd.DataFrame,
    rules: Sequence[GradeRule] = SOLUTION_SELLING_RULES,
) -> pd.DataFrame:
    """What each deal that was put back lacks for the grade that its seller claims.

    Parameters
    ----------
    known : KnownFunnel
        With its ``evidence``.
    graded : DataFrame, one row per open deal
        As from :func:`verified_grade` of the same.
    rules : sequence of GradeRule
        As there.

    Returns
    -------
    DataFrame
        One row per deal put back × missing item, the largest amount first: ``opportunity_id``,
        ``owner_id`` where there is one, ``amount, claimed, verified, milestone, item, found``
        (``not_checked``, or ``not_fulfilled``: checked and found wanting). The items are those of
        the grades above the verified one, up to the claimed one, whose milestones are recorded.

    Examples
    --------
    >>> graded = pd.DataFrame({"opportunity_id": ["a"], "amount": [5.0], "claimed": ["C"],
    ...                        "verified": ["D"], "standing": ["put_back"]})
    >>> evidence = pd.DataFrame({"opportunity_id": ["a"], "milestone": ["power_sponsor_letter"],
    ...     "item": ["content_agreed"], "fulfilled": [True], "checked_at": [pd.NaT]})
    >>> known = KnownFunnel(as_of="2025-03-31", evidence=evidence)
    >>> missing_evidence(known, graded)[["milestone", "item", "found"]]
                  milestone             item        found
    0  power_sponsor_letter  evaluation_plan  not_checked
    """
    require_columns(graded, ["opportunity_id", "amount", "claimed", "verified", "standing"])
    checked = last_checks(frame_of(known, "evidence"))
    recorded = set(checked["milestone"])
    state = checked.set_index(["opportunity_id", "milestone", "item"])["fulfilled"].to_dict()
    place = {rule.grade: at for at, rule in enumerate(check_rules(rules))}
    back = graded[graded["standing"].isin([PUT_BACK, UNVERIFIED])]
    back = back.sort_values(["amount", "opportunity_id"], ascending=[False, True], kind="stable")
    head = [name for name in ("opportunity_id", "owner_id", "amount") if name in graded.columns]
    rows = []
    for deal in back.to_dict("records"):
        first = min(place[deal["verified"]] + 1, place[deal["claimed"]])
        for rule in rules[first : place[deal["claimed"]] + 1]:
            for item in rule.items if rule.milestone in recorded else ():
                fulfilled = state.get((deal["opportunity_id"], rule.milestone, item))
                if fulfilled is None or not fulfilled:
                    found = "not_checked" if fulfilled is None else "not_fulfilled"
                    rows.append(
                        {name: deal[name] for name in [*head, "claimed", "verified"]}
                        | {"milestone": rule.milestone, "item": item, "found": found}
                    )
    return pd.DataFrame(rows, columns=[*head, "claimed", "verified", "milestone", "item", "found"])


def unlisted_evidence(
    evidence: pd.DataFrame, rules: Sequence[GradeRule] = SOLUTION_SELLING_RULES
) -> pd.DataFrame:
    """Points of the evidence that no rule asks for, so that they do not count.

    Returns
    -------
    DataFrame
        One row per milestone × item: ``milestone, item, rows``. Empty where all are listed.

    Examples
    --------
    >>> evidence = pd.DataFrame({"opportunity_id": ["a"], "milestone": ["letter"],
    ...     "item": ["pain"], "fulfilled": [True], "checked_at": [pd.NaT]})
    >>> unlisted_evidence(evidence)
      milestone  item  rows
    0    letter  pain     1
    """
    require_columns(evidence, ["milestone", "item"])
    asked = {(rule.milestone, item) for rule in check_rules(rules) for item in rule.items}
    found = evidence.groupby(["milestone", "item"], dropna=False).size()
    found = found[[key not in asked for key in found.index]]
    return found.rename("rows").reset_index()


def check_rules(rules: Sequence[GradeRule]) -> Sequence[GradeRule]:
    """The rules, one for each grade."""
    grades = [rule.grade for rule in rules]
    twice = sorted({grade for grade in grades if grades.count(grade) > 1})
    if twice or not grades:
        what = f"more than one rule for {', '.join(twice)}" if twice else "no rule"
        raise SalesAnalysisError(
            f"`rules` has {what}; expected one for each grade, in the order of the grades."
        )
    return rules


def open_only(deals: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The open deals, all of them where nothing says otherwise."""
    require_columns(deals, ["opportunity_id", *columns])
    return deals[deals["outcome"] == OPEN] if "outcome" in deals.columns else deals


def last_checks(evidence: pd.DataFrame) -> pd.DataFrame:
    """The last check of each deal × milestone × item."""
    key = ["opportunity_id", "milestone", "item"]
    require_columns(evidence, [*key, "fulfilled", "checked_at"])
    checks = evidence.assign(fulfilled=evidence["fulfilled"].fillna(False).astype(bool))
    # At one time a point that is fulfilled comes first, so that the stricter check is the last.
    checks = checks.sort_values("fulfilled", ascending=False, kind="stable")
    checks = checks.sort_values("checked_at", na_position="first", kind="stable")
    return checks.drop_duplicates(key, keep="last")


def deals_with_all(checks: pd.DataFrame, rule: GradeRule) -> pd.Index:
    """The deals that have every item of the rule among these checks, each there once at most."""
    asked = (checks["milestone"] == rule.milestone) & checks["item"].isin(rule.items)
    found = checks.loc[asked, "opportunity_id"].value_counts(sort=False)
    return found.index[found == len(set(rule.items))]


def _proves(deals: pd.DataFrame, done: pd.DataFrame, rule: GradeRule) -> np.ndarray:
    """For each deal, whether every item of the rule is fulfilled."""
    if not rule.items:
        return np.ones(len(deals), dtype=bool)
    # As objects: pandas 3 is many times slower with texts here.
    sound = deals_with_all(done, rule).astype(object)
    return deals["opportunity_id"].astype(object).isin(sound).to_numpy()

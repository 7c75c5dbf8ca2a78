"""Where coaching begins: the checklist of key deals and the programme of the first fortnight.

(Sales-system source, §7.) The data can answer only what somebody has recorded, so every answer is
``yes``, ``no``, ``unknown`` (nothing that would tell is recorded) or ``nothing`` (nothing to do).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_choice, require_number
from salesanalysis.funnel.groups import require_columns
from salesanalysis.funnel.milestones import (
    NOT_RECORDED,
    SOLUTION_SELLING_RULES,
    GradeRule,
    check_rules,
    deals_with_all,
    last_checks,
    open_only,
)
from salesanalysis.known import KnownFunnel, require_same_day
from salesanalysis.periods import Day, end_of, start_of

YES, NO, UNKNOWN, NOTHING = "yes", "no", "unknown", "nothing"

#: The tasks of the first fortnight, in their order.
TASKS = (
    "all_graded",
    "key_at_grade",
    "key_visited",
    "letters_checked",
    "role_play",
    "target_covered",
)


@dataclass(frozen=True)
class Programme:
    """What the programme of the first fortnight asks of a team.

    Parameters
    ----------
    days : int
        How long it takes.
    grade : str
        The grade that key deals are to be brought to.
    value_share : float, optional
        As for :func:`key_deals`.
    cover : float
        How many times the target the open deals must be worth to cover it.
    visit_kinds : list of str
        Kinds of activity that are a visit by the manager.
    role_play_kinds : list of str
        Kinds of activity that are a role play.

    Examples
    --------
    >>> Programme(cover=3).days
    14
    """

    days: int = 14
    grade: str = "C"
    value_share: float | None = None
    cover: float = 1.0
    visit_kinds: Sequence[str] = ("manager_visit",)
    role_play_kinds: Sequence[str] = ("role_play",)

    def __post_init__(self):
        require_number("cover", self.cover, over=0)


def key_deals(deals: pd.DataFrame, *, value_share: float | None = None) -> pd.DataFrame:
    """The open deals that matter most: those marked ``must_win``, or the largest.

    Parameters
    ----------
    deals : DataFrame, one row per deal
        ``opportunity_id, amount``, ``must_win`` where ``value_share`` is not given, ``outcome``
        where closed deals are among them.
    value_share : float, optional
        The fewest largest deals that make this share of the open value; 0.5 for half of it.

    Returns
    -------
    DataFrame
        Their rows, the largest amount first, then by ``opportunity_id``.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["a", "b", "c"], "amount": [10.0, 70.0, 20.0]})
    >>> key_deals(deals, value_share=0.8)["opportunity_id"].tolist()
    ['b', 'c']
    """
    still = open_only(deals, ["amount"])
    still = still.sort_values(["amount", "opportunity_id"], ascending=[False, True], kind="stable")
    if value_share is None:
        if "must_win" not in still.columns:
            raise SalesAnalysisError(
                "The deals have no column `must_win` that says which are the key ones. Carry it"
                " along (`by`), or give `value_share`, such as 0.5 for the largest that make half"
                " of the open value."
            )
        return still[still["must_win"].fillna(False).astype(bool)]
    require_number("value_share", value_share, over=0, high=1)
    known = still["amount"].fillna(0.0)
    return still[(known.cumsum() - known < value_share * known.sum()) & (known > 0)]


def key_opportunity_checklist(
    known: KnownFunnel,
    snapshot: pd.DataFrame,
    graded: pd.DataFrame,
    rules: Sequence[GradeRule] = SOLUTION_SELLING_RULES,
    *,
    programme: Programme = Programme(),
) -> pd.DataFrame:
    """What has been done for each key deal, and what the data cannot tell.

    Parameters
    ----------
    known : KnownFunnel
        With ``evidence`` and ``contacts`` where there are; without them the answers that they would
        give are not known.
    snapshot : DataFrame, one row per open deal
        As from :func:`salesanalysis.reduce.funnel.snapshot` of the same day, for
        :func:`key_deals`; ``expected_close_at`` and ``owner_id`` where there are.
    graded : DataFrame, one row per open deal
        As from :func:`salesanalysis.funnel.verified_grade`, of the same day and rules.
    rules : sequence of GradeRule
        As there.
    programme : Programme
        What is asked of key deals.

    Returns
    -------
    DataFrame
        One row per key deal, the largest first: ``opportunity_id, owner_id, amount, claimed,
        verified``, then an answer each (``yes``, ``no``, ``unknown``, ``nothing``):

        - ``is_graded``: its grade is one of the rules';
        - ``at_grade``: its *verified* grade is the programme's or a later one;
        - ``letter_checked``: every point of the claimed grade's milestone has been checked, with
          whatever result (whether that was before the letter was sent, the table does not say);
        - ``visited``: by the manager;
        - ``date_ahead``: its expected closing date is not past.

    Raises
    ------
    SalesAnalysisError
        A column is not there, ``snapshot`` is of another day, the grade is in no rule, or nothing
        says which deals are key.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["a"], "amount": [10.0], "must_win": [True]})
    >>> graded = pd.DataFrame({"opportunity_id": ["a"], "claimed": ["C"], "verified": ["S"],
    ...                        "standing": ["put_back"]})
    >>> known = KnownFunnel(as_of="2025-03-31")
    >>> key_opportunity_checklist(known, deals, graded).iloc[0, 5:].tolist()
    ['yes', 'no', 'unknown', 'unknown', 'unknown']
    """
    order = _order(rules, programme.grade)
    require_same_day(known, snapshot, "snapshot")
    key = key_deals(snapshot, value_share=programme.value_share)
    key = key[
        ["opportunity_id", *(n for n in ("owner_id", "expected_close_at") if n in key), "amount"]
    ]
    require_columns(graded, ["opportunity_id", "claimed", "verified", "standing"])
    key = key.merge(
        graded[["opportunity_id", "claimed", "verified", "standing"]], "left", "opportunity_id"
    )
    checked = _letters(known.evidence, rules)
    visits = _of_kinds(known.contacts, programme.visit_kinds, None)
    visited = None if visits is None else set(visits["opportunity_id"])
    rows = []
    for deal in key.to_dict("records"):
        claimed, ahead = deal["claimed"], deal.get("expected_close_at", pd.NaT)
        letter = UNKNOWN
        if checked is not None and claimed in order:
            needs = rules[order[claimed]].items
            letter = _answer((deal["opportunity_id"], claimed) in checked) if needs else NOTHING
        rows.append(
            {name: deal.get(name) for name in ("opportunity_id", "owner_id", "amount")}
            | {"claimed": claimed, "verified": deal["verified"]}
            | {"is_graded": _answer(claimed in order)}
            | {"at_grade": _at_grade(deal, order, programme.grade), "letter_checked": letter}
            | {"visited": _is_in(visited, deal["opportunity_id"])}
            | {"date_ahead": UNKNOWN if pd.isna(ahead) else _answer(ahead > known.as_of)}
        )
    columns = ["opportunity_id", "owner_id", "amount", "claimed", "verified"]
    columns += ["is_graded", "at_grade", "letter_checked", "visited", "date_ahead"]
    return pd.DataFrame(rows, columns=columns)


def first_fortnight(
    known: KnownFunnel,
    snapshot: pd.DataFrame,
    graded: pd.DataFrame,
    targets: pd.DataFrame | None = None,
    rules: Sequence[GradeRule] = SOLUTION_SELLING_RULES,
    *,
    start: Day,
    programme: Programme = Programme(),
) -> pd.DataFrame:
    """How far each seller is with the programme of the first fortnight.

    Parameters
    ----------
    known, snapshot, graded, rules, programme
        As for :func:`key_opportunity_checklist`; ``snapshot`` with ``owner_id``.
    targets : DataFrame, one row per seller, optional
        ``owner_id, target``: the revenue that the open deals are still to bring.
    start : str or date
        The first day of the programme; visits and role plays before it do not count.

    Returns
    -------
    DataFrame
        One row per seller × task, sellers in order (deals without one last): ``owner_id, task, n``
        (what is to be done), ``k`` (done), ``amount, target`` (of the last task), ``answer``
        (``yes`` where all is done), ``due`` (last day), ``overdue`` (past it and not done). The
        tasks: ``all_graded`` (every open deal has a grade of the rules), ``key_at_grade`` (key
        deals verified at the grade or later), ``key_visited``, ``letters_checked`` (of deals
        claimed at a grade that needs evidence), ``role_play`` (one at least), ``target_covered``.

    Raises
    ------
    SalesAnalysisError
        As for :func:`key_opportunity_checklist`.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["a"], "owner_id": ["R1"], "stage": ["C"],
    ...                       "amount": [10.0], "must_win": [True]})
    >>> graded = pd.DataFrame({"opportunity_id": ["a"], "claimed": ["C"], "verified": ["C"],
    ...                        "standing": ["verified"]})
    >>> targets = pd.DataFrame({"owner_id": ["R1"], "target": [30.0]})
    >>> known = KnownFunnel(as_of="2025-03-31")
    >>> first_fortnight(known, deals, graded, targets, start="2025-03-03")[
    ...     ["task", "n", "k", "answer", "overdue"]]
                  task  n  k   answer  overdue
    0       all_graded  1  1      yes    False
    1     key_at_grade  1  1      yes    False
    2      key_visited  1  0  unknown    False
    3  letters_checked  1  0  unknown    False
    4        role_play  1  0  unknown    False
    5   target_covered  1  0       no     True
    """
    order = _order(rules, programme.grade)
    first = start_of(start)
    due = first + pd.Timedelta(days=programme.days - 1)
    require_same_day(known, snapshot, "snapshot")
    still = open_only(snapshot, ["owner_id", "amount"])
    key = set(key_deals(snapshot, value_share=programme.value_share)["opportunity_id"])
    require_columns(graded, ["opportunity_id", "claimed", "verified", "standing"])
    still = still[["opportunity_id", "owner_id", "amount"]].merge(
        graded[["opportunity_id", "claimed", "verified", "standing"]], "left", "opportunity_id"
    )
    visits = _of_kinds(known.contacts, programme.visit_kinds, first)
    plays = _of_kinds(known.contacts, programme.role_play_kinds, first)
    seen = _Seen(
        letters=_letters(known.evidence, rules),
        visited=None if visits is None else set(visits["opportunity_id"]),
        played=None if plays is None else set(plays["owner_id"]),
    )
    owed = _targets(targets)
    owners = sorted({*still["owner_id"].dropna(), *owed})
    if still["owner_id"].isna().any():
        owners.append(None)

    rows = []
    for owner in owners:
        mine = still["owner_id"].isna() if owner is None else still["owner_id"] == owner
        own = still[mine].to_dict("records")
        done = _done(owner, own, key, order, rules, programme, seen)
        value = float(pd.Series([deal["amount"] for deal in own], dtype=float).sum())
        target = owed.get(owner)
        covered = None if target is None else value >= programme.cover * target
        done["target_covered"] = [UNKNOWN if covered is None else _answer(covered)]
        for task in TASKS:
            answer = _together(done[task])
            last = task == "target_covered"
            rows.append(
                {"owner_id": owner, "task": task, "n": len(done[task]), "k": done[task].count(YES)}
                | {"amount": value if last else None, "target": target if last else None}
                | {"answer": answer, "due": due}
                | {"overdue": answer == NO and known.as_of > end_of(due)}
            )
    columns = ["owner_id", "task", "n", "k", "amount", "target", "answer", "due", "overdue"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"amount": float, "target": float})


@dataclass(frozen=True)
class _Seen:
    """What is known to have been done; None where nothing tells."""

    letters: set | None
    visited: set | None
    played: set | None


def _done(owner, own: list[dict], key: set, order, rules, programme: Programme, seen: _Seen):
    """The answers to each task of one seller's open deals, but for the target."""
    keys = [deal for deal in own if deal["opportunity_id"] in key]
    lettered = [d for d in own if d["claimed"] in order and rules[order[d["claimed"]]].items]
    letters = [(deal["opportunity_id"], deal["claimed"]) for deal in lettered]
    return {
        "all_graded": [_answer(deal["claimed"] in order) for deal in own],
        "key_at_grade": [_at_grade(deal, order, programme.grade) for deal in keys],
        "key_visited": [_is_in(seen.visited, deal["opportunity_id"]) for deal in keys],
        "letters_checked": [_is_in(seen.letters, letter) for letter in letters],
        "role_play": [_is_in(seen.played, owner)],
    }


def _order(rules: Sequence[GradeRule], grade: str) -> dict[str, int]:
    """The place of each grade, with ``grade`` checked to be one of them."""
    order = {rule.grade: at for at, rule in enumerate(check_rules(rules))}
    require_choice("grade", grade, order)
    return order


def _targets(targets: pd.DataFrame | None) -> dict:
    """Seller → target, one each."""
    if targets is None:
        return {}
    require_columns(targets, ["owner_id", "target"])
    twice = targets.loc[targets["owner_id"].duplicated(), "owner_id"]
    if len(twice):
        raise SalesAnalysisError(
            f"`targets` has {twice.iloc[0]!r} more than once; expected one row per seller. Add up"
            " its periods first."
        )
    return dict(zip(targets["owner_id"], targets["target"], strict=True))


def _answer(true: bool) -> str:
    return YES if true else NO


def _is_in(known: set | None, thing) -> str:
    return UNKNOWN if known is None else _answer(thing in known)


def _together(answers: list[str]) -> str:
    """One answer for several: no if any is, yes if all are."""
    if not answers:
        return NOTHING
    for answer in (NO, UNKNOWN):
        if answer in answers:
            return answer
    return YES


def _at_grade(deal: dict, order: dict[str, int], grade: str) -> str:
    """Whether a deal's verified grade is ``grade`` or later; unknown where nothing verifies it."""
    if deal["verified"] not in order:
        return UNKNOWN
    if order[deal["verified"]] < order[grade]:
        return NO
    return UNKNOWN if deal["standing"] == NOT_RECORDED else YES


def _letters(evidence: pd.DataFrame | None, rules: Sequence[GradeRule]) -> set | None:
    """The (deal, grade) all of whose points have been checked; ``None`` where nothing is."""
    if evidence is None:
        return None
    checks = last_checks(evidence)
    if checks.empty:
        return None
    return {
        (deal, rule.grade) for rule in rules if rule.items for deal in deals_with_all(checks, rule)
    }


def _of_kinds(contacts, kinds: Sequence[str], first) -> pd.DataFrame | None:
    """Contacts of these kinds since then; ``None`` where none was ever recorded."""
    if contacts is None:
        return None
    require_columns(contacts, ["opportunity_id", "owner_id", "kind", "last_at"])
    mine = contacts[contacts["kind"].isin(kinds)]
    if mine.empty:
        return None
    return mine if first is None else mine[mine["last_at"] >= first]

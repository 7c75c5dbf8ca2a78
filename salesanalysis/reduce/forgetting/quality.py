"""Named checks of test scores and refreshers: what would mislead, what was left out, how much.

The words of a check are ``forgetting.value.check.<name>`` and ``forgetting.value.why.<name>``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from salesanalysis.errors import require_choice
from salesanalysis.reduce.check_table import check_row, check_table
from salesanalysis.reduce.expressions import days_between, moment, to_pandas
from salesanalysis.reduce.forgetting.scored import (
    COURSE,
    TEST,
    Scored,
    counted,
    gather,
    over_one,
    unscaled,
)

#: Share of the courses that sets the usual length of following up, and how short is too short.
_USUAL, _SHORT = 0.75, 0.5
_COLUMNS = ("check", "severity", "finding", "counted", "n", "rows", "share", "blocks", "suggestion")


@dataclass(frozen=True)
class _Check:
    """A check: in which table, what it is about (``base``) and what of it it finds (``hit``)."""

    name: str
    severity: str
    counted: str
    hit: Callable
    base: Callable = lambda t: t.learner_id.notnull() | t.learner_id.isnull()
    needs: tuple[str, ...] = ()
    blocks: bool = False
    suggestion: str | None = None


def checks(
    scores,
    refreshers=None,
    *,
    as_of,
    max_score: float | None = None,
) -> pd.DataFrame:
    """What is wrong with test scores and refreshers, or would mislead, check by check.

    Every check is listed, also those that find nothing and those that these data cannot tell.

    Parameters
    ----------
    scores, refreshers, as_of, max_score
        As for :func:`salesanalysis.reduce.forgetting.scored_tests`.

    Returns
    -------
    DataFrame
        One row per check, worst first:

        - ``check, severity`` (high, medium, low), ``finding``: ``found``, ``clear``, or
          ``unknown`` where the input lacks what it takes,
        - ``counted``: tests, courses (learner × skill × training) or refreshers; ``n`` of them,
          ``rows`` found among them, ``share``,
        - ``blocks``: found, and no figure may be quoted before it is mended,
        - ``suggestion``: an argument to give.

        Shares are of all that is there, not of a sample: there is no interval.

    Raises
    ------
    SalesAnalysisError
        A column is missing.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "learner_id": list("aab"), "skill": "closing", "score": [0.9, 85.0, 0.7],
    ...     "trained_at": pd.Timestamp("2025-01-02"),
    ...     "tested_at": pd.to_datetime(["2025-01-08", "2025-02-05", "2025-01-01"])})
    >>> table = checks(scores, as_of="2025-12-31")
    >>> table.loc[table["finding"] == "found", ["check", "counted", "n", "rows", "blocks"]]
                         check  counted  n  rows  blocks
    0              mixed_scale    tests  3     1    True
    2   tested_before_training    tests  3     1   False
    10                one_test  courses  1     1   False
    11           guess_unknown    tests  3     3   False
    """
    scored = gather(scores, refreshers, as_of=as_of, max_score=max_score)
    every = _all(scored)
    numbers = {}
    for kind in dict.fromkeys(check.counted for check in every):  # one query for each table
        told = [check for check in every if check.counted == kind and _can_tell(scored, check)]
        if told:
            numbers |= _counts(_table(scored, kind), told)
    results = [_result(check, numbers.get(check.name)) for check in every]
    return check_table(results, columns=_COLUMNS)


def check_rows(
    scores,
    refreshers=None,
    *,
    check: str,
    as_of,
    max_score: float | None = None,
    most: int = 1_000,
) -> pd.DataFrame:
    """The tests, courses or refreshers that one check finds.

    Parameters
    ----------
    check : str
        The name of a check, as in :func:`checks`; the other arguments are as there.
    most : int
        At most so many rows.

    Returns
    -------
    DataFrame
        One row per thing found, by learner, skill and time, with its own columns.

    Raises
    ------
    SalesAnalysisError
        As for :func:`checks`; or no check has that name.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "learner_id": list("ab"), "skill": "closing", "score": [0.9, 1.2],
    ...     "max_score": 1.0, "trained_at": pd.Timestamp("2025-01-02"),
    ...     "tested_at": pd.to_datetime(["2025-01-08", "2025-02-05"])})
    >>> check_rows(scores, check="score_over_max", as_of="2025-12-31")["learner_id"].tolist()
    ['b']
    """
    scored = gather(scores, refreshers, as_of=as_of, max_score=max_score)
    every = {one.name: one for one in _all(scored)}
    require_choice("check", check, every)
    one = every[check]
    keys = {"tests": TEST, "courses": COURSE}.get(
        one.counted, ("learner_id", "skill", "refreshed_at")
    )
    if not _can_tell(scored, one):
        return pd.DataFrame(columns=list(keys))
    table = _table(scored, one.counted)
    table = table.filter(one.base(table).fill_null(False) & one.hit(table).fill_null(False))
    more = ["score", "max_score", "k", "n", "share"] if one.counted == "tests" else []
    more += ["tests", "last_elapsed"] if one.counted == "courses" else []
    return to_pandas(table.select(*keys, *more).order_by(list(keys)).limit(most))


def _all(scored: Scored) -> list[_Check]:
    """Every check."""
    flagged = {
        "tested_before_training": "medium",
        "score_missing": "medium",
        "negative_score": "medium",
        "score_over_max": "medium",
        "duplicate_test": "medium",
        "after_as_of": "low",
    }
    usual = _usual_days(scored)
    followed = moment(scored.cutoff)
    every = [
        _Check("mixed_scale", "high", "tests", hit=_mixed(scored), blocks=True,
               suggestion="max_score"),
        _Check("scale_unknown", "high", "tests", hit=_no_scale(scored), blocks=True,
               suggestion="max_score"),
    ]  # fmt: skip
    every += [
        _Check(name, severity, "tests", hit=lambda t, name=name: t[name])
        for name, severity in flagged.items()
    ]
    return every + [
        _Check(
            "dropped_out",
            "medium",
            "courses",
            base=lambda t: days_between(t.trained_at, followed) >= usual,
            hit=lambda t: t.last_elapsed < _SHORT * usual,
        ),
        _Check(
            "refresher_without_training",
            "medium",
            "refreshers",
            hit=lambda t: ~t.trained,
            needs=("refreshers",),
        ),
        _Check("one_test", "low", "courses", hit=lambda t: t.tests == 1),
        _Check("guess_unknown", "low", "tests", hit=lambda t: t.guess.isnull()),
    ]


def _mixed(scored: Scored) -> Callable:
    """Scores on another scale than the rest: over 1 among fractions, fractions among points."""
    bare = scored.rows.filter(unscaled(scored.rows))
    numbers = to_pandas(
        bare.agg(
            over=over_one(bare).sum(),
            fractions=((bare.score > 0) & (bare.score <= 1)).sum(),
        )
    ).fillna(0)
    both = bool((numbers.iloc[0] > 0).all())

    def hit(t):
        among_points = (t.maximum > 1) & (t.score > 0) & (t.score < 1) & ~counted(t)
        return among_points.fill_null(False) | (unscaled(t) & over_one(t) & both)

    return hit


def _no_scale(scored: Scored) -> Callable:
    """Scores over 1 of which nothing says out of how many, and no fractions beside them."""
    mixed = _mixed(scored)
    return lambda t: unscaled(t) & over_one(t) & ~mixed(t)


def _usual_days(scored: Scored) -> float:
    """For how long after the training most courses were followed up."""
    courses = _courses(scored)
    usual = to_pandas(courses.agg(usual=courses.last_elapsed.quantile(_USUAL)))["usual"].iloc[0]
    return float(usual) if pd.notna(usual) else float("inf")


def _courses(scored: Scored):
    rows = scored.used
    return rows.group_by(list(COURSE)).agg(
        tests=rows.count().cast("int64"), last_elapsed=rows.elapsed.max()
    )


def _table(scored: Scored, kind: str):
    """The rows that the checks of a kind look at."""
    if kind == "courses":
        return _courses(scored)
    if kind == "tests":
        return scored.rows
    events, trained = scored.refreshers, scored.rows.group_by(["learner_id", "skill"])
    first = trained.agg(first=scored.rows.trained_at.min())
    table = events.left_join(first, ["learner_id", "skill"])
    table = table.select("learner_id", "skill", "refreshed_at", "first")
    return table.mutate(trained=(table["first"] < table.refreshed_at).fill_null(False))


def _can_tell(scored: Scored, check: _Check) -> bool:
    return scored.refreshers is not None or "refreshers" not in check.needs


def _counts(table, told: list[_Check]) -> dict[str, tuple[int, int]]:
    """Of each check, how many things it is about and how many of them it finds."""
    asked = {}
    for check in told:
        base = check.base(table).fill_null(False)
        asked[f"n_{check.name}"] = base.sum()
        hit = base & check.hit(table).fill_null(False)
        asked[f"rows_{check.name}"] = hit.sum()
    found = to_pandas(table.agg(**asked)).iloc[0].fillna(0)
    return {c.name: (int(found[f"n_{c.name}"]), int(found[f"rows_{c.name}"])) for c in told}


def _result(check: _Check, numbers: tuple[int, int] | None) -> dict:
    """One row of the table; without numbers the check cannot be told."""
    n, rows = numbers or (0, 0)
    row = check_row(check.name, check.severity, n, rows, told=numbers is not None,
                    blocks=check.blocks, suggestion=check.suggestion)  # fmt: skip
    return row | {"counted": check.counted}

"""Named checks of test scores and refreshers: what would mislead, what was left out, how much."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from salesanalysis.periods import Day
from salesanalysis.reduce.checks import Check, Checks, Subject, flag, missing
from salesanalysis.reduce.expressions import AnyTable, days_between, moment, to_pandas
from salesanalysis.reduce.forgetting.scored import (
    COURSE,
    TEST,
    Scored,
    gather,
    over_one,
    unscaled,
)

#: Share of the courses that sets the usual length of following up, and how short is too short.
_USUAL, _SHORT = 0.75, 0.5


def checks(
    scores: AnyTable,
    refreshers: AnyTable | None = None,
    *,
    as_of: Day,
    max_score: float | None = None,
    attempts: str = "first",
) -> Checks:
    """What is wrong with test scores and refreshers, or would mislead, check by check.

    Every check is listed, also those that find nothing and those that these data cannot tell.

    Parameters
    ----------
    scores, refreshers, as_of, max_score, attempts
        As for :func:`salesanalysis.reduce.forgetting.scored_tests`.

    Returns
    -------
    Checks
        Its ``table`` has a row for each check of tests, courses (learner × skill × training) or
        refreshers, ``rows_of(name)`` gives those that one finds.

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
    >>> found = checks(scores, as_of="2025-12-31")
    >>> found.table.loc[found.table["finding"] == "found", ["check", "of", "n", "rows", "blocks"]]
                         check       of  n  rows  blocks
    0              mixed_scale    tests  3     1    True
    2   tested_before_training    tests  3     1   False
    10                one_test  courses  1     1   False
    11           guess_unknown    tests  3     3   False
    >>> found.rows_of("mixed_scale")["score"].tolist()
    [85.0]
    """
    told = {"as_of": as_of, "max_score": max_score, "attempts": attempts}
    scored = gather(scores, refreshers, **told)
    subjects = {
        "tests": Subject(
            scored.rows, shown=(*TEST, "score", "max_score", "k", "n", "share", "guess")
        ),
        "courses": Subject(_courses(scored)),
    }
    if scored.refreshers is not None:
        shown = ("learner_id", "skill", "refreshed_at")
        subjects["refreshers"] = Subject(_with_trainings(scored), shown=shown)
    return Checks(_every(scored), subjects)


def _every(scored: Scored) -> list[Check]:
    """Every check."""
    usual, followed = _usual_days(scored), moment(scored.cutoff)
    tests, courses = partial(Check, of="tests"), partial(Check, of="courses")
    mixed = _mixed(scored)

    def no_scale(t):
        """Scores over 1 of which nothing says out of how many, and no fractions beside them."""
        return unscaled(t) & over_one(t) & ~mixed(t)

    # fmt: off
    return [
        tests("mixed_scale", "high", hit=mixed, blocks=True, suggest="max_score"),
        tests("scale_unknown", "high", hit=no_scale, blocks=True, suggest="max_score"),
        tests("tested_before_training", "medium", hit=flag("tested_before_training")),
        tests("score_missing", "medium", hit=flag("score_missing")),
        tests("negative_score", "medium", hit=flag("negative_score")),
        tests("score_over_max", "medium", hit=flag("score_over_max")),
        tests("repeated_test", "low", hit=flag("repeated")),
        tests("after_as_of", "low", hit=flag("after_as_of")),
        courses("dropped_out", "medium", hit=lambda t: t.last_elapsed < _SHORT * usual,
                base=lambda t: days_between(t.trained_at, followed) >= usual),
        Check("refresher_without_training", "medium", "refreshers", hit=lambda t: ~t.trained),
        courses("one_test", "low", hit=lambda t: t.tests == 1),
        tests("guess_unknown", "low", hit=missing("guess")),
    ]
    # fmt: on


def _mixed(scored: Scored) -> Callable:
    """Scores over 1 among fractions, where nothing says what any of them is out of."""
    bare = scored.rows.filter(unscaled(scored.rows))
    numbers = to_pandas(
        bare.agg(
            over=over_one(bare).sum(),
            fractions=((bare.score > 0) & (bare.score <= 1)).sum(),
        )
    ).fillna(0)
    both = bool((numbers.iloc[0] > 0).all())

    def hit(t):
        return unscaled(t) & over_one(t) & both

    return hit


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


def _with_trainings(scored: Scored):
    """The refreshers, and whether their learner had been trained before."""
    events, trained = scored.refreshers, scored.rows.group_by(["learner_id", "skill"])
    first = trained.agg(first=scored.rows.trained_at.min())
    table = events.left_join(first, ["learner_id", "skill"])
    table = table.select("learner_id", "skill", "refreshed_at", "first")
    return table.mutate(trained=(table["first"] < table.refreshed_at).fill_null(False))

"""The frames that the forgetting family takes: tests, counts of answers, courses."""

from collections.abc import Sequence

import ibis
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import Day
from salesanalysis.reduce.expressions import AnyTable, days_between, moment, to_pandas
from salesanalysis.reduce.forgetting.scored import (
    COURSE,
    TEST,
    Scored,
    counted,
    gather,
    require_scale,
)


def scored_tests(
    scores: AnyTable,
    refreshers: AnyTable | None = None,
    *,
    as_of: Day,
    max_score: float | None = None,
    by: Sequence[str] | str = (),
    attempts: str = "first",
) -> pd.DataFrame:
    """One row per learner × skill × test, as the fits take it.

    Tests after ``as_of``, before their training, without a score, with a score under 0 or over the
    maximum are left out; :func:`salesanalysis.reduce.forgetting.checks` counts them. Of several on
    one day those count that ``attempts`` says. A course taken again is another course, and a
    refresher of the one before.

    Parameters
    ----------
    scores : Ibis table or DataFrame, one row per learner × skill × test
        ``learner_id, skill, trained_at, tested_at`` and ``k, n`` (right answers of how many),
        ``score`` with ``max_score``, or ``score`` as a fraction.
    refreshers : Ibis table or DataFrame, one row per learner × skill × refresher, optional
        ``learner_id, skill, refreshed_at``.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    max_score : float, optional
        The most points that any test can give, where no column says so; 100 for per cent.
    by : str or list of str
        Further columns of ``scores`` to carry along.
    attempts : str
        Which of several tests of a course (and item) on one day count: the ``first``, in the order
        of time, ``attempt``, and file; the ``best``, the ``last``; or ``all``, where each attempt
        before is a refresher, for who tries again learns.

    Returns
    -------
    DataFrame
        Sorted by learner, skill and time:

        - ``learner_id, skill, trained_at, tested_at``,
        - ``elapsed``: days since the training, ``retention``: share of the maximum; ``k, n`` where
          every test has them; ``guess``: chance of a right answer by guessing (0 where not given);
          ``known``: retention corrected for it, (retention − guess) / (1 − guess), which chance
          can put under 0,
        - ``training``: which of the trainings of this learner in this skill it was, from 1,
          ``attempt``: which of the tests on its day, 1 unless all count,
        - ``refreshers``: how many after the first training and before the test, each later training
          one of them (one at the very moment of the test counts as after it),
          ``since_refreshed``: days since the last of them or the training,
        - ``reinforced``: whether the course has any refresher up to ``as_of`` that is no training,
          or ``scores`` says so; then the columns of ``by``.

    Raises
    ------
    SalesAnalysisError
        A column is missing, or scores are over 1 and nothing says out of how many.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "learner_id": "a", "skill": "closing", "score": [0.9, 0.5],
    ...     "trained_at": pd.Timestamp("2025-01-01"),
    ...     "tested_at": pd.to_datetime(["2025-01-08", "2025-02-05"])})
    >>> again = pd.DataFrame({"learner_id": ["a"], "skill": ["closing"],
    ...                       "refreshed_at": pd.to_datetime(["2025-01-15"])})
    >>> scored_tests(scores, again, as_of="2025-12-31")[
    ...     ["elapsed", "retention", "refreshers", "since_refreshed", "reinforced"]]
       elapsed  retention  refreshers  since_refreshed  reinforced
    0      7.0        0.9           0              7.0        True
    1     35.0        0.5           1             21.0        True
    """
    told = {"as_of": as_of, "max_score": max_score, "by": by, "attempts": attempts}
    scored = gather(scores, refreshers, **told)
    require_scale(scored)
    table = _with_refreshers(scored)
    columns = [*TEST, "elapsed", "retention", "k", "n", "guess", "known", "training", "attempt"]
    columns += ["refreshers", "since_refreshed", "reinforced"]
    extra = [name for name in as_list(by) if name not in columns]
    guess = table.guess.fill_null(0.0)
    table = table.mutate(
        retention=table.share,
        guess=guess,
        known=(table.share - guess) / (1.0 - guess),
        counted=counted(table),
    )
    frame = to_pandas(
        table.select(*columns, *extra, "counted").order_by([*TEST, "attempt", *extra])
    )
    every = bool(frame.pop("counted").all()) and len(frame) > 0
    return frame.astype({"k": "int64", "n": "int64"}) if every else frame.drop(columns=["k", "n"])


def counts(
    scores: AnyTable,
    refreshers: AnyTable | None = None,
    *,
    as_of: Day,
    by: Sequence[str] | str = (),
    days: float = 1.0,
) -> pd.DataFrame:
    """Right answers of all learners together by delay: millions of answers become a few rows.

    Only tests before any refresher count. What cannot be used is left out as in
    :func:`scored_tests`. A binomial fit to the sums is the fit to the single answers, but for
    delays rounded to ``days``; learners are taken to be alike.

    Parameters
    ----------
    scores : Ibis table or DataFrame
        As for :func:`scored_tests`, with ``k, n``, or with a ``score`` that is 0 or 1 for each
        answer.
    refreshers, as_of
        As for :func:`scored_tests`.
    by : str or list of str
        Columns of ``scores`` to split by.
    days : float
        Width of the steps of the delay, in days.

    Returns
    -------
    DataFrame
        One row per group × step of the delay × ``guess``: ``by, elapsed`` (mean of the step, in
        days), ``k, n, tests, guess``, in the order of ``by`` and time.

    Raises
    ------
    SalesAnalysisError
        A column is missing, ``days`` is not over 0, or a score is neither counted nor 0 or 1.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "learner_id": list("abc"), "skill": "closing", "score": [1, 0, 1],
    ...     "trained_at": pd.Timestamp("2025-01-01"),
    ...     "tested_at": pd.to_datetime(["2025-01-08", "2025-01-08", "2025-02-05"])})
    >>> counts(scores, as_of="2025-12-31")
       elapsed  k  n  tests  guess
    0      7.0  1  2      2    0.0
    1     35.0  1  1      1    0.0
    """
    if not days > 0:
        raise SalesAnalysisError(f"`days` is {days!r}; expected the width of a step, over 0.")
    by = as_list(by)
    # Each row may be one answer of a test, so all of one day are asked, and none refreshes.
    scored = gather(scores, refreshers, as_of=as_of, max_score=None, by=by, attempts="all")
    require_scale(scored)
    table = _with_refreshers(scored)
    table = table.filter(table.refreshers < table.attempt)
    single = ~counted(table)
    odd = to_pandas(table.agg(odd=(single & ~table.share.isin([0.0, 1.0])).sum()))
    if odd["odd"].fillna(0).iloc[0]:
        raise SalesAnalysisError(
            f"`scores`: {int(odd['odd'].iloc[0]):,} scores are neither counted (`k` of `n`) nor 0"
            " or 1, so there are no answers to add up; use `scored_tests`."
        )
    table = table.mutate(
        step=(table.elapsed / days).floor().cast("int64"),
        right=ibis.ifelse(single, table.share.cast("int64"), table.k),
        asked=ibis.ifelse(single, 1, table.n),
        guess=table.guess.fill_null(0.0),
    )
    summed = table.group_by([*by, "step", "guess"]).agg(
        elapsed=table.elapsed.mean(),
        k=table.right.sum().cast("int64"),
        n=table.asked.sum().cast("int64"),
        tests=table.count().cast("int64"),
    )
    summed = summed.order_by([*by, "step", "guess"])
    return to_pandas(summed.select(*by, "elapsed", "k", "n", "tests", "guess"))


def courses(
    scores: AnyTable,
    refreshers: AnyTable | None = None,
    *,
    as_of: Day,
    max_score: float | None = None,
    by: Sequence[str] | str = (),
    attempts: str = "first",
) -> pd.DataFrame:
    """One row per learner × skill: the latest training and what became of it.

    Parameters
    ----------
    scores, refreshers, as_of, max_score, by, attempts
        As for :func:`scored_tests`.

    Returns
    -------
    DataFrame
        Sorted by learner and skill: ``learner_id, skill, trained_at`` (the latest up to
        ``as_of``), ``tests`` (usable ones), ``last_elapsed`` (days from the training to the last
        of them), ``refreshers`` (since the first training, each later one of them), ``last_at``
        (last refresher or training), ``reinforced``, then ``by`` (as in the last test).

    Raises
    ------
    SalesAnalysisError
        As for :func:`scored_tests`.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "learner_id": "a", "skill": "closing", "score": [0.9, 0.5],
    ...     "trained_at": pd.Timestamp("2025-01-01"),
    ...     "tested_at": pd.to_datetime(["2025-01-08", "2025-02-05"])})
    >>> courses(scores, as_of="2025-12-31")[["skill", "tests", "last_elapsed", "refreshers"]]
         skill  tests  last_elapsed  refreshers
    0  closing      2          35.0           0
    """
    by = [name for name in as_list(by) if name not in COURSE]
    told = {"as_of": as_of, "max_score": max_score, "by": by, "attempts": attempts}
    scored = gather(scores, refreshers, **told)
    require_scale(scored)
    rows = scored.used
    table = rows.group_by(list(COURSE)).agg(
        tests=rows.count().cast("int64"),
        last_elapsed=rows.elapsed.max(),
        first_at=rows.first_at.min(),
        flagged=rows.reinforced.fill_null(False).any(),
        **{name: rows[name].argmax(rows.tested_at) for name in by},
    )
    latest = ibis.window(group_by=["learner_id", "skill"], order_by=ibis.desc("trained_at"))
    table = table.mutate(nth=ibis.row_number().over(latest)).filter(lambda t: t.nth == 0)
    until = moment(scored.cutoff)
    own = _refreshed(scored.refreshers, table, COURSE, "trained_at", until)
    table = _joined(table, own, COURSE).drop("last_refreshed")
    table = table.mutate(reinforced=(table.refreshers > 0) | table.flagged).drop("refreshers")
    table = _joined(table, _refreshed(_events(scored), table, COURSE, "first_at", until), COURSE)
    table = table.mutate(last_at=ibis.greatest(table.last_refreshed, table.trained_at))
    columns = [*COURSE, "tests", "last_elapsed", "refreshers", "last_at", "reinforced", *by]
    return to_pandas(table.select(*columns).order_by(list(COURSE)))


def _with_refreshers(scored: Scored):
    """The usable tests with ``refreshers, since_refreshed, reinforced``."""
    rows = scored.used
    ever = _refreshed(scored.refreshers, rows, COURSE, "trained_at", moment(scored.cutoff))
    table = _joined(rows, ever, COURSE).drop("last_refreshed")
    there = (table.refreshers > 0) | table.reinforced.fill_null(False)
    table = table.mutate(reinforced=there).drop("refreshers")
    table = _joined(table, _refreshed(_events(scored), rows, TEST, "first_at", None), TEST)
    start = ibis.greatest(table.last_refreshed, table.trained_at)
    since = days_between(start, table.tested_at)
    again = table.attempt > 1
    return table.mutate(
        refreshers=table.refreshers + table.attempt - 1,
        since_refreshed=ibis.ifelse(again, 0.0, since),
    ).drop("last_refreshed")


def _events(scored: Scored):
    """What refreshes: the refreshers, and the trainings after the first."""
    if scored.refreshers is None:
        return scored.trainings
    return scored.refreshers.union(scored.trainings, distinct=True)


def _refreshed(events, rows, key, since: str, until):
    """Number and last moment of what refreshed each course after ``since``.

    Up to ``until``, or before its test; its own training counts at the moment of a test as well.
    """
    if events is None:
        return None
    met = rows.select(*dict.fromkeys([*key, since])).distinct()
    met = met.inner_join(events, ["learner_id", "skill"])
    if until is None:
        before = (met.refreshed_at < met.tested_at) | (met.refreshed_at == met.trained_at)
    else:
        before = met.refreshed_at <= until
    met = met.filter((met.refreshed_at > met[since]) & before)
    return met.group_by(list(key)).agg(
        refreshers=met.count().cast("int64"), last_refreshed=met.refreshed_at.max()
    )


def _joined(rows, refreshed, key):
    """The rows with ``refreshers`` (0 where there are none) and ``last_refreshed``."""
    if refreshed is None:
        return rows.mutate(
            refreshers=ibis.literal(0, type="int64"), last_refreshed=ibis.null("timestamp")
        )
    table = rows.left_join(refreshed, list(key))
    table = table.drop(*(f"{name}_right" for name in key if f"{name}_right" in table.columns))
    return table.mutate(refreshers=table.refreshers.fill_null(0))

"""Every row of ``scores`` with its share, its times, and why it cannot be used, as Ibis."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_choice
from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    days_between,
    moment,
    require_columns,
    to_pandas,
)

#: What names a course, and what names a test of it.
COURSE = ("learner_id", "skill", "trained_at")
TEST = (*COURSE, "tested_at")
#: Kinds of the columns that a list of scores may lack.
_OPTIONAL = {"score": "float64", "max_score": "float64", "k": "int64", "n": "int64"}
_OPTIONAL |= {"guess": "float64", "reinforced": "boolean", "attempt": "int64", "item": "string"}
#: Which of several tests of a course on one day count.
ATTEMPTS = ("first", "best", "last", "all")
#: The first of these that is true of a row keeps it out; none of them: it is used.
FAULTS = (
    "after_as_of",
    "tested_before_training",
    "score_missing",
    "negative_score",
    "without_scale",
    "score_over_max",
)


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores and refreshers of a report, as Ibis tables.

    ``rows`` has one row per row of ``scores``: its own columns, ``share`` (of the maximum),
    ``elapsed`` (days), ``maximum``, a flag for each of :data:`FAULTS`, ``attempt`` (on its day,
    from 1), ``repeated`` (whether its day has more than one), ``training`` (of this learner in this
    skill, from 1), ``first_at`` (day of the first of them), and ``used``. ``refreshers`` are those
    of the table, ``trainings`` the later trainings, which refresh as well, in the same columns.
    """

    rows: ibis.Table
    refreshers: ibis.Table | None
    trainings: ibis.Table
    cutoff: pd.Timestamp
    columns: frozenset[str]

    @property
    def used(self):
        """The rows that can be used."""
        return self.rows.filter(self.rows.used)


def gather(
    scores: AnyTable,
    refreshers: AnyTable | None,
    *,
    as_of: Day,
    max_score: float | None,
    by: Sequence[str] | str = (),
    attempts: str = "first",
) -> Scored:
    """The rows of both tables with what is to be known of each.

    Raises
    ------
    SalesAnalysisError
        A column is missing, ``max_score`` is not over 0, or ``attempts`` is not known.
    """
    require_choice("attempts", attempts, ATTEMPTS)
    cutoff = end_of(as_of)
    table = as_ibis(scores)
    by = as_list(by)
    require_columns(table, [*TEST, *by], "scores")
    columns = frozenset(table.columns)
    if not columns & {"score", "k"}:
        require_columns(table, ["score"], "scores")
    if max_score is not None and not max_score > 0:
        raise SalesAnalysisError(
            f"`max_score` is {max_score!r}; expected the most points that a test can give, over 0."
        )
    # Days may come as text or with a zone.
    times = {name: table[name].cast("timestamp") for name in ("trained_at", "tested_at")}
    table = table.mutate(**times)
    for name, kind in _OPTIONAL.items():
        column = table[name].cast(kind) if name in columns else ibis.null(kind)
        table = table.mutate(**{name: column})
    given = ibis.null("float64") if max_score is None else ibis.literal(float(max_score))
    table = table.mutate(maximum=ibis.coalesce(table.max_score, given))
    elapsed = days_between(table.trained_at, table.tested_at)
    table = table.mutate(share=_share(table), elapsed=elapsed)
    table = _with_trainings(_with_attempts(_with_faults(table, cutoff), attempts))
    return Scored(table, _events(refreshers), _later_trainings(table), cutoff, columns)


def require_scale(scored: Scored) -> None:
    """Ask, where scores are over 1 and nothing says out of how many; nothing is guessed.

    Raises
    ------
    SalesAnalysisError
        There are such scores; the message says how many, and what to answer.
    """
    rows = scored.rows.filter(unscaled(scored.rows))
    over = rows.score > 1
    numbers = to_pandas(rows.agg(over=over.sum(), n=rows.count(), most=rows.score.max())).iloc[0]
    if not numbers["n"] or not numbers["over"]:
        return
    over, rest = int(numbers["over"]), int(numbers["n"] - numbers["over"])
    first = to_pandas(rows.filter(over_one(rows)).select(*TEST, "score").order_by(TEST).limit(3))
    examples = "; ".join(
        f"{row.learner_id}, {row.skill}, {row.tested_at:%Y-%m-%d}: {row.score:g}"
        for row in first.itertuples()
    )
    mixed = f" and {rest:,} are not: are the first per cent or points, the others fractions?"
    raise SalesAnalysisError(
        f"`scores`: {over:,} scores without a `max_score` are over 1"
        + (mixed if rest else "; out of how many?")
        + f" First: {examples}. The greatest is {numbers['most']:g}. Give the maximum as the column"
        " `max_score`, or for all by the parameter `max_score` (100 for per cent); a file that"
        " mixes scales must be mended first."
    )


def unscaled(table):
    """Rows whose score has no maximum: it must be a fraction already."""
    return table.score.notnull() & table.maximum.isnull() & ~counted(table)


def over_one(table):
    """Rows whose score is over 1."""
    return (table.score > 1).fill_null(False)


def counted(table):
    """Rows that say how many answers of how many were right."""
    return (table.k.notnull() & (table.n > 0)).fill_null(False)


def _share(table):
    """What of the maximum was reached: by answers where they are counted, else by points."""
    return ibis.cases(
        (counted(table), table.k.cast("float64") / table.n.cast("float64")),
        (table.maximum > 0, table.score / table.maximum),
        (table.maximum.isnull(), table.score),
    )


def _with_faults(table, cutoff: pd.Timestamp):
    limit = moment(cutoff)
    flags = {
        "after_as_of": (table.tested_at > limit) | (table.trained_at > limit),
        "tested_before_training": table.elapsed.isnull(),
        "score_missing": table.share.isnull(),
        "negative_score": table.share < 0,
        "without_scale": unscaled(table) & over_one(table),
        "score_over_max": (table.share > 1) & ~unscaled(table),
    }
    table = table.mutate(**{name: flag.fill_null(False) for name, flag in flags.items()})
    bad = table[FAULTS[0]]
    for name in FAULTS[1:]:
        bad = bad | table[name]
    return table.mutate(sound=~bad)


def _with_attempts(table, attempts: str):
    """Of the sound tests of one course on one day, which come first and which of them count."""
    day = [*COURSE, "day", "item", "sound"]
    # Of what is written down at one moment without a number any order, but always the same one.
    tie = ["tested_at", "attempt", "share", "k", "n", "score"]
    table = table.mutate(day=table.tested_at.truncate("D"))
    ahead = ibis.window(group_by=day, order_by=tie)
    highest = [ibis.desc("share"), *(name for name in tie if name != "share")]
    best = ibis.window(group_by=day, order_by=highest)
    table = table.mutate(
        nth=ibis.row_number().over(ahead),
        place=ibis.row_number().over(best),
        of=table.tested_at.count().over(ibis.window(group_by=day)),
    )
    counts = {
        "first": table.nth == 0,
        "best": table.place == 0,
        "last": table.nth == table["of"] - 1,
        "all": ibis.literal(True),
    }[attempts]
    number = (table.nth + 1).cast("int64") if attempts == "all" else ibis.literal(1, "int64")
    table = table.mutate(
        used=table.sound & counts, repeated=table.sound & (table["of"] > 1), attempt=number
    )
    return table.drop("day", "nth", "place", "of", "sound")


def _with_trainings(table):
    """Which training of its learner in its skill each test belongs to, and when the first was."""
    known = ibis.ifelse(table.after_as_of, None, table.trained_at)
    table = table.mutate(known_training=known)
    own = ["learner_id", "skill"]
    nth = ibis.dense_rank().over(ibis.window(group_by=own, order_by="known_training"))
    first = table.known_training.min().over(ibis.window(group_by=own))
    table = table.mutate(training=(nth + 1).cast("int64"), first_at=first)
    return table.drop("known_training")


def _later_trainings(table):
    """The trainings after the first, which refresh what was learnt there."""
    later = table.filter(~table.after_as_of & (table.trained_at > table.first_at))
    return later.select("learner_id", "skill", refreshed_at=later.trained_at).distinct()


def _events(refreshers):
    """The refreshers, each once; None where there are none."""
    if refreshers is None:
        return None
    events = as_ibis(refreshers)
    require_columns(events, ["learner_id", "skill", "refreshed_at"], "refreshers")
    refreshed_at = events.refreshed_at.cast("timestamp")
    events = events.select("learner_id", "skill", refreshed_at=refreshed_at).distinct()
    return events.filter(events.refreshed_at.notnull())

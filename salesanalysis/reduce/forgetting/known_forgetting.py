"""The tables of training → what was known of it on a day."""

from collections.abc import Sequence

import pandas as pd

from salesanalysis.known import KnownForgetting
from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.expressions import Tables, as_ibis, moment, require_columns, to_pandas
from salesanalysis.reduce.forgetting.frames import courses, scored_tests


def known(
    tables: Tables,
    *,
    as_of: Day,
    max_score: float | None = None,
    by: Sequence[str] | str = (),
    attempts: str = "first",
) -> KnownForgetting:
    """All that the forgetting family takes, as it was known at the end of ``as_of``.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        ``scores`` and ``refreshers``, ``ksa_required`` and ``ksa_assessed``, as far as there are.
        Others are not used.
    as_of : str, date or timestamp
        The day up to whose end the data count. Said here and nowhere else.
    max_score, by, attempts
        As for :func:`scored_tests` and :func:`courses`; both carry the columns of ``by``.

    Returns
    -------
    KnownForgetting
        With its ``tests, courses, required, assessed``; ``None`` for what was not given.

    Raises
    ------
    SalesAnalysisError
        As :func:`scored_tests`.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "learner_id": "a", "skill": "closing", "score": [0.9, 0.5],
    ...     "trained_at": pd.Timestamp("2025-01-01"),
    ...     "tested_at": pd.to_datetime(["2025-01-08", "2025-02-05"])})
    >>> [len(known({"scores": scores}, as_of=day).tests) for day in ("2025-01-31", "2025-12-31")]
    [1, 2]
    """
    scores, refreshers = tables.get("scores"), tables.get("refreshers")
    required, assessed = tables.get("ksa_required"), tables.get("ksa_assessed")
    told = {"as_of": as_of, "max_score": max_score, "by": by, "attempts": attempts}
    return KnownForgetting(
        as_of=as_of,
        tests=None if scores is None else scored_tests(scores, refreshers, **told),
        courses=None if scores is None else courses(scores, refreshers, **told),
        required=None if required is None else to_pandas(as_ibis(required)),
        assessed=None if assessed is None else _assessed(assessed, end_of(as_of)),
    )


def _assessed(ksa_assessed, cutoff: pd.Timestamp) -> pd.DataFrame:
    """The levels assessed by then."""
    require_columns(as_ibis(ksa_assessed), ["assessed_at"], "ksa_assessed")
    levels = {"ksa_assessed": ksa_assessed}
    table = as_ibis(with_all_columns(levels, *levels)["ksa_assessed"])
    return to_pandas(table.filter(table.assessed_at <= moment(cutoff)))

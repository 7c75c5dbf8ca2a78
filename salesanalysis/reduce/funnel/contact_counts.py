"""Activities → how many contacts each deal had, from whom and of which kind."""

import pandas as pd

from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.expressions import as_ibis, moment, require_columns, to_pandas


def contacts(activities, *, as_of: Day) -> pd.DataFrame:
    """How many contacts each deal had by the end of ``as_of``, by owner and kind.

    Parameters
    ----------
    activities : Ibis table or DataFrame, one row per contact
        ``at``, and ``opportunity_id, owner_id, kind`` as far as known; contacts without a time do
        not count.
    as_of : str, date or timestamp
        The day up to whose end the data count.

    Returns
    -------
    DataFrame
        One row per deal × owner × kind: ``opportunity_id, owner_id, kind`` (missing where it is
        not known: a role play has no deal), ``contacts`` and the time of the last, ``last_at``.

    Examples
    --------
    >>> activities = pd.DataFrame({"opportunity_id": ["a", "a"], "owner_id": "R1", "kind": "call",
    ...                            "at": pd.to_datetime(["2025-01-01", "2025-03-01"])})
    >>> contacts(activities, as_of="2025-01-31")
      opportunity_id owner_id  kind  contacts    last_at
    0              a       R1  call         1 2025-01-01
    """
    require_columns(as_ibis(activities), ["at"], "activities")
    table = as_ibis(with_all_columns({"activities": activities}, "activities")["activities"])
    known = table.filter(table["at"] <= moment(end_of(as_of)))
    what = ["opportunity_id", "owner_id", "kind"]
    counts = known.group_by(what).agg(contacts=known.count(), last_at=known["at"].max())
    return to_pandas(counts.order_by(what))

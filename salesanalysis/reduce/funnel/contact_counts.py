"""Activities → how many contacts each deal had."""

import pandas as pd

from salesanalysis.periods import end_of
from salesanalysis.reduce.expressions import as_ibis, moment, require_columns, to_pandas


def contacts(activities, *, as_of) -> pd.DataFrame:
    """How many contacts each deal had by the end of ``as_of``, whatever their kind.

    Parameters
    ----------
    activities : Ibis table or DataFrame, one row per contact
        ``opportunity_id, at``; contacts without a deal or a time do not count.
    as_of : str, date or timestamp
        The day up to whose end the data count.

    Returns
    -------
    DataFrame
        One row per deal that had any: ``opportunity_id, contacts``.

    Examples
    --------
    >>> activities = pd.DataFrame({"opportunity_id": ["a", "a"],
    ...                            "at": pd.to_datetime(["2025-01-01", "2025-03-01"])})
    >>> contacts(activities, as_of="2025-01-31")
      opportunity_id  contacts
    0              a         1
    """
    table = as_ibis(activities)
    require_columns(table, ["opportunity_id", "at"], "activities")
    known = table.filter(table.opportunity_id.notnull() & (table["at"] <= moment(end_of(as_of))))
    counts = known.group_by("opportunity_id").agg(contacts=known.count())
    return to_pandas(counts.order_by("opportunity_id"))

"""Moments with a time zone as what the company's clock shows, in whatever engine they lie.

A moment without a zone is taken for the company's own already. From here on no moment has a zone:
days, months and quarters are cut by plain truncation, the same on every engine.
"""

import functools
from typing import TYPE_CHECKING

from salesanalysis.periods import PLAIN, Calendar

if TYPE_CHECKING:
    import ibis


def by_clock(moment, time_zone: str):
    """An Ibis column of moments without zone: those with one as the clock of ``time_zone`` has it.

    Parameters
    ----------
    moment : Ibis column of timestamps or dates
    time_zone : str
        Such as ``Asia/Shanghai``.
    """
    if getattr(moment.type(), "timezone", None) is None:
        return moment
    engine = moment.get_backend().name
    if engine == "pyspark":
        # Spark keeps every moment in UTC, which is the zone of the session.
        return _functions()["from_utc_timestamp"](moment.cast("timestamp"), time_zone)
    return _functions()["timezone"](time_zone, moment)


def on_calendar(table: "ibis.Table", calendar: Calendar = PLAIN) -> "ibis.Table":
    """A table whose moments are those of the company's clock, for one that `read` did not read.

    Parameters
    ----------
    table : Ibis table
        Of any engine.
    calendar : salesanalysis.periods.Calendar
        The company's; UTC where not given.

    Returns
    -------
    Ibis table
        The same rows; no column of moments has a time zone.

    Examples
    --------
    >>> import ibis
    >>> import pandas as pd
    >>> moments = pd.Series(["2025-03-31 17:30"]).astype("datetime64[us, UTC]")
    >>> table = ibis.memtable(pd.DataFrame({"sold_at": moments}))
    >>> on_calendar(table, Calendar(time_zone="Asia/Shanghai")).to_pandas()["sold_at"].tolist()
    [Timestamp('2025-04-01 01:30:00')]
    """
    zoned = {
        name: by_clock(table[name], calendar.time_zone)
        for name, kind in table.schema().items()
        if kind.is_timestamp() and kind.timezone
    }
    return table.mutate(**zoned) if zoned else table


@functools.cache
def _functions() -> dict:
    """The engines' own functions; Ibis has no expression for them."""
    import ibis
    import ibis.expr.datatypes as dt

    def timezone(zone: dt.String, moment: dt.Timestamp(timezone="UTC")) -> dt.timestamp: ...

    def from_utc_timestamp(moment: dt.timestamp, zone: dt.String) -> dt.timestamp: ...

    made = (ibis.udf.scalar.builtin(function) for function in (timezone, from_utc_timestamp))
    return dict(zip(("timezone", "from_utc_timestamp"), made, strict=True))

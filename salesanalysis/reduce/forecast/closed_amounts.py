"""What is in already: deals won and bookings made since a day, as they were known on another."""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from salesanalysis import periods
from salesanalysis.columns import PIPELINE, WON, as_list
from salesanalysis.periods import Day
from salesanalysis.reduce import funnel
from salesanalysis.reduce.expressions import AnyTable, as_ibis, moment, to_pandas
from salesanalysis.reduce.forecast.booked import with_streams

#: The stream of what contracts bring that end, as the forecast of renewals names it.
RENEWAL = "renewal"


def closed(
    opportunities: AnyTable | None = None,
    stage_history: AnyTable | None = None,
    bookings: AnyTable | None = None,
    contracts: AnyTable | None = None,
    *,
    as_of: Day,
    since: Day,
    by: Sequence[str] | str = (),
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    without: Sequence[str] | str = (PIPELINE,),
) -> pd.DataFrame:
    """What came in from ``since`` to the end of ``as_of``: deals won and bookings.

    Parameters
    ----------
    opportunities, stage_history, stages, exits
        As for :func:`salesanalysis.reduce.funnel.deals`; both may be missing.
    bookings : Ibis table or DataFrame, one row per booking, optional
        ``booked_at, amount``, and ``stream`` where known.
    contracts : Ibis table or DataFrame, one row per contract, optional
        ``amount, renewed_at``, and ``stream`` where known: those renewed are in with the amount of
        the new contract (``renewed_amount``, or that of the row which ``renews`` them; their own
        where neither is known), unless the bookings have their stream (``renewal`` where not known)
        and so the money.
    as_of, since : str, date or timestamp
        The last and the first day that count.
    by : str or list of str
        Columns to carry along; missing where a table does not have them.
    without : str or list of str
        Streams of the bookings to leave out: what is won from the pipeline is in the deal list.

    Returns
    -------
    DataFrame
        One row per deal won, and one per stream × group × day of bookings or renewals: ``stream``
        (``pipeline`` for deals), ``closed_at, amount, opportunity_id`` (missing for bookings), then
        ``by``; sorted by stream, day and deal. A deal won without an amount counts as 0.

    Examples
    --------
    >>> opportunities = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "outcome": "won", "amount": [10.0, 20.0],
    ...     "closed_at": pd.to_datetime(["2025-10-02", "2025-12-01"])})
    >>> booked = pd.DataFrame({"booked_at": pd.to_datetime(["2025-11-03"] * 2),
    ...                        "stream": "channel", "amount": [1.0, 2.0]})
    >>> table = closed(opportunities, bookings=booked, since="2025-10-01", as_of="2025-11-15")
    >>> table[["stream", "closed_at", "amount", "opportunity_id"]]
         stream  closed_at  amount opportunity_id
    0   channel 2025-11-03     3.0            NaN
    1  pipeline 2025-10-02    10.0              a
    """
    by, start, end = as_list(by), periods.start_of(since), periods.end_of(as_of)
    columns = ["stream", "closed_at", "amount", "opportunity_id", *by]
    parts = []
    if opportunities is not None or stage_history is not None:
        there = () if opportunities is None else as_ibis(opportunities).columns
        known = funnel.deals(
            opportunities, stage_history, as_of=as_of, stages=stages, exits=exits,
            by=[name for name in by if name in there],
        )  # fmt: skip
        won = known[(known["outcome"] == WON) & (known["closed_at"] >= start)]
        parts.append(won.assign(stream=PIPELINE, amount=won["amount"].fillna(0.0)))
    booked = None if bookings is None else with_streams(bookings)
    if contracts is not None and "renewed_at" in as_ibis(contracts).columns:
        parts.append(_renewed(as_ibis(contracts), booked, start, end, by))
    if booked is not None:
        table = booked
        own = [name for name in by if name in table.columns]
        table = table.mutate(
            closed_at=table.booked_at.cast("timestamp").truncate("D"),
        )
        table = table.filter(
            table.booked_at.cast("timestamp").between(moment(start), moment(end)),
            table.stream.notin(as_list(without)),
        )
        sums = table.group_by(["stream", "closed_at", *own]).agg(
            amount=table.amount.cast("float64").sum().fill_null(0.0)
        )
        parts.append(to_pandas(sums))
    whole = [part.reindex(columns=columns).astype({"amount": float}) for part in parts if len(part)]
    if not whole:
        empty = pd.DataFrame({name: [] for name in columns})
        return empty.astype({"closed_at": "datetime64[us]", "amount": float})
    order = ["stream", "closed_at", "opportunity_id", *by]
    return pd.concat(whole, ignore_index=True).sort_values(order, ignore_index=True)


def _renewed(contracts, booked, start: pd.Timestamp, end: pd.Timestamp, by: list[str]):
    """The contracts renewed from a moment to another that are not among the bookings."""
    contracts = renewed_for(contracts)
    own = [name for name in by if name in contracts.columns]
    named = (
        contracts.stream.cast("string") if "stream" in contracts.columns else ibis.null("string")
    )
    table = contracts.mutate(
        stream=named.fill_null(RENEWAL),
        closed_at=contracts.renewed_at.cast("timestamp").truncate("D"),
    )
    if booked is not None:
        there = to_pandas(booked.select("stream").distinct())["stream"].tolist()
        table = table.filter(table.stream.notin(there)) if there else table
    table = table.filter(table.renewed_at.cast("timestamp").between(moment(start), moment(end)))
    table = table.mutate(stream=ibis.literal(RENEWAL))
    brought = ibis.coalesce(table.renewed_amount, table.amount.cast("float64"))
    sums = table.group_by(["stream", "closed_at", *own]).agg(amount=brought.sum().fill_null(0.0))
    return to_pandas(sums)


def renewed_for(contracts: ibis.Table) -> ibis.Table:
    """The contracts with ``renewed_amount``, of the new contract; null where it is not known.

    It is the column of that name, or what the contracts that name this one as ``renews`` bring.
    """
    there = contracts.columns
    told = contracts.renewed_amount.cast("float64") if "renewed_amount" in there else None
    table = contracts.mutate(renewed_amount=ibis.null("float64") if told is None else told)
    if "renews" not in there:
        return table
    after = contracts.filter(contracts.renews.notnull()).group_by("renews")
    after = after.agg(brought=contracts.amount.cast("float64").sum())
    both = table.left_join(after, table.contract_id == after.renews)
    amount = ibis.coalesce(both.renewed_amount, both.brought)
    return both.select(*(both[name] for name in table.columns if name != "renewed_amount"),
                       renewed_amount=amount)  # fmt: skip

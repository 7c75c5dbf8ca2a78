"""The tables of an incentive plan → what was known of it on a day."""

import ibis
import pandas as pd

from salesanalysis.columns import TABLES
from salesanalysis.known import KnownIncentive
from salesanalysis.periods import PLAIN, Calendar, Day
from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.expressions import Tables, as_ibis, moment, require_columns, to_pandas


def known(tables: Tables, *, as_of: Day, calendar: Calendar = PLAIN) -> KnownIncentive:
    """All that the incentive family takes, as it was known at the end of ``as_of``.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        ``attainment, sales, payouts, refunds, plan_changes``, as far as there are.
    as_of : str, date or timestamp
        The day up to whose end the data count. Said here and nowhere else.
    calendar : salesanalysis.periods.Calendar
        The company's.

    Returns
    -------
    KnownIncentive
        With its ``attainment, sales, payouts, refunds, changes``; ``None`` for what was not given.
        What was paid later is not paid yet, what was earned or refunded later is not there.

    Raises
    ------
    SalesAnalysisError
        A column is not there.

    Examples
    --------
    >>> payouts = pd.DataFrame({"payee_id": "a", "period": "2025-Q1", "earned": [9.0],
    ...                         "earned_at": pd.to_datetime(["2025-03-31"]),
    ...                         "paid_at": pd.to_datetime(["2025-04-20"])})
    >>> known({"payouts": payouts}, as_of="2025-04-15").payouts["paid_at"].tolist()
    [NaT]
    """
    attainment, sales, payouts = (tables.get(n) for n in ("attainment", "sales", "payouts"))
    refunds, changes = tables.get("refunds"), tables.get("plan_changes")
    end = calendar.end_of(as_of)
    if attainment is not None:
        require_columns(as_ibis(attainment), ["payee_id", "period"], "attainment")
        rows = as_ibis(attainment)
        attainment = to_pandas(rows.order_by(TABLES["attainment"].key_in(rows.columns)))
    return KnownIncentive(
        as_of=as_of,
        calendar=calendar,
        attainment=attainment,
        sales=None if sales is None else to_pandas(as_ibis(sales)),
        payouts=None if payouts is None else _payouts(payouts, end),
        changes=None if changes is None else to_pandas(as_ibis(changes)),
        refunds=None if refunds is None else _refunds(refunds, end),
    )


def _payouts(payouts, cutoff: pd.Timestamp) -> pd.DataFrame:
    """The payouts earned by then, and what of them was paid by then."""
    require_columns(as_ibis(payouts), ["earned"], "payouts")
    table = as_ibis(with_all_columns({"payouts": payouts}, "payouts")["payouts"])
    table = table.filter(table.earned_at.isnull() | (table.earned_at <= moment(cutoff)))
    later = (table.paid_at > moment(cutoff)).fill_null(False)
    return to_pandas(
        table.mutate(
            paid=ibis.ifelse(later, ibis.null("float64"), table.paid.cast("float64")),
            paid_at=ibis.ifelse(later, ibis.null("timestamp"), table.paid_at.cast("timestamp")),
        )
    )


def _refunds(refunds, cutoff: pd.Timestamp) -> pd.DataFrame:
    """The refunds up to then."""
    require_columns(as_ibis(refunds), ["refunded_at"], "refunds")
    table = as_ibis(refunds)
    later = table.refunded_at.cast("timestamp") > moment(cutoff)
    return to_pandas(table.filter(~later.fill_null(False)))

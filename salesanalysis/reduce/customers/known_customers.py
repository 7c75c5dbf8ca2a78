"""What was known of the customers on a day."""

from collections.abc import Mapping, Sequence

import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.known import KnownCustomers
from salesanalysis.periods import PLAIN, Calendar, Day
from salesanalysis.reduce.customers.advocates import advocates
from salesanalysis.reduce.customers.campaigns import campaign_members, campaign_outcomes
from salesanalysis.reduce.customers.file_frames import (
    account_contacts,
    changes,
    eagerness,
    file,
    requests,
)
from salesanalysis.reduce.customers.looks import view_counts
from salesanalysis.reduce.customers.merged import tables_of_kept
from salesanalysis.reduce.customers.monthly_sales import monthly_sales
from salesanalysis.reduce.customers.purchase_rhythm import rhythm, rhythms
from salesanalysis.reduce.customers.receivables import invoices, open_items
from salesanalysis.reduce.customers.standing import standing
from salesanalysis.reduce.expressions import Tables, as_ibis, to_pandas

_ASSIGNED = "campaign_members"


def known(
    tables: Tables,
    *,
    as_of: Day,
    calendar: Calendar = PLAIN,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    before_days: int = 180,
    after_days: int = 120,
    outcome_days: int = 30,
) -> KnownCustomers:
    """What the family takes, from the tables that there are.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        ``purchases, accounts, account_targets, invoices, payments``; for what changed in their file
        and what they ask for ``account_changes, eagerness, requests``; for what they look at and
        say ``views, suggestions, referrals``, for campaigns ``campaign_members``, for their deals
        and the contacts with them ``opportunities, stage_history, activities``. Others are not
        used.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    calendar : salesanalysis.periods.Calendar
        Names and bounds of months, quarters and years.
    stages, exits
        As for :func:`standing`.
    before_days, after_days : int
        As for :func:`view_counts`; looks of a customer at one thing on one day count once.
    outcome_days : int
        The ``days`` of :func:`campaign_outcomes`.

    Raises
    ------
    SalesAnalysisError
        A table lacks a column that it needs.

    Examples
    --------
    >>> bought = pd.DataFrame({"purchased_at": pd.to_datetime(["2025-01-05", "2025-06-01"]),
    ...                        "account_id": "A", "amount": [10.0, 20.0]})
    >>> known({"purchases": bought}, as_of="2025-03-31")
    KnownCustomers, as of 2025-03-31 23:59: 1 months, 1 standing, 1 rhythm, 3 rhythms
    """
    tables = tables_of_kept(tables)
    until = calendar.end_of(as_of)
    owed = {"as_of": until, "payments": tables.get("payments")}
    looked = {"as_of": until, "before_days": before_days, "after_days": after_days}
    looked["once_a_day"] = True
    bought = {"as_of": until, "days": outcome_days}
    dealt = {"as_of": until, "stages": stages, "exits": exits}
    return KnownCustomers(
        as_of=until,
        calendar=calendar,
        months=_or_empty(
            "purchases", tables, lambda table: monthly_sales(table, as_of=until, calendar=calendar)
        ),
        file=_or_empty("accounts", tables, lambda table: file(table, as_of=until)),
        invoices=_or_empty("invoices", tables, lambda table: invoices(table, **owed)),
        open_items=_or_empty("invoices", tables, lambda table: open_items(table, **owed)),
        view_counts=_or_empty("views", tables, lambda table: view_counts(table, **looked)),
        members=_or_empty(_ASSIGNED, tables, lambda table: campaign_members(table, as_of=until)),
        outcomes=_or_empty(
            (_ASSIGNED, "purchases"), tables, lambda *two: campaign_outcomes(*two, **bought)
        ),
        advocates=_or_empty(
            ("accounts", "referrals"), tables, lambda *_: advocates(tables, as_of=until)
        ),
        standing=_or_empty("purchases", tables, lambda _: standing(tables, **dealt)),
        rhythm=_or_empty("purchases", tables, lambda table: rhythm(table, as_of=until)),
        rhythms=_or_empty("purchases", tables, lambda table: rhythms(table, as_of=until)),
        targets=_or_empty("account_targets", tables, lambda table: to_pandas(as_ibis(table))),
        changes=_or_empty("account_changes", tables, lambda table: changes(table, as_of=until)),
        eagerness=_or_empty("eagerness", tables, lambda table: eagerness(table, as_of=until)),
        requests=_or_empty("requests", tables, lambda table: requests(table, as_of=until)),
        contacts=_or_empty(
            ("activities", "opportunities"),
            tables,
            lambda *two: account_contacts(*two, as_of=until),
        ),
    )


def _or_empty(names: Sequence[str] | str, tables: Tables, made) -> pd.DataFrame:
    """What is made of some tables, or an empty frame where one of them is not there."""
    names = as_list(names)
    return made(*(tables[name] for name in names)) if set(names) <= set(tables) else pd.DataFrame()

"""Revenue recognised by month, as contracts and deals have it scheduled, beside what is booked."""

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, WON
from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.known import KnownForecast, frame_of, require_known

#: The columns of a schedule.
SCHEDULE = ("contract_id", "opportunity_id", "month", "amount")
#: By how much a schedule may differ from its amount: so much of it, and so much for each row, of
#: which every one may be rounded.
_SHARE, _PER_ROW = 0.001, 0.01


def recognised(known: KnownForecast, *, period: str) -> pd.DataFrame:
    """What is recognised in each month from the period's first on, beside what was booked in it.

    What is booked is recognised later, so the two are never added up. A contract counts as it
    stands; a deal only if it is won by the day; one that is open is told apart, whole and without
    its chance; one that was lost, or is not known yet, brings nothing.

    Parameters
    ----------
    known : KnownForecast
        Its ``schedule``, its deals and what is ``closed``.
    period : str
        The period of the report, such as ``2025-Q4``.

    Returns
    -------
    DataFrame
        One row per month of the period, and per later month with anything scheduled: ``month``,
        ``in_period`` (flag), ``booked`` (so far, from whatever source; missing for months that have
        not begun), ``recognised`` (of contracts and deals won), ``if_won`` (of deals still open).
        Empty without a schedule.

    Examples
    --------
    >>> plan = pd.DataFrame({"contract_id": "C1", "opportunity_id": None, "amount": 100.0,
    ...                      "month": ["2025-09", "2025-10", "2025-11", "2026-01"]})
    >>> known = KnownForecast(as_of="2025-11-15", schedule=plan)
    >>> recognised(known, period="2025-Q4")
         month  in_period  booked  recognised  if_won
    0  2025-10       True     0.0       100.0     0.0
    1  2025-11       True     0.0       100.0     0.0
    2  2025-12       True     NaN         0.0     0.0
    3  2026-01      False     NaN       100.0     0.0
    """
    known = require_known(known, KnownForecast)
    calendar, (first, end) = known.calendar, known.calendar.bounds_of(period)
    columns = ["month", "in_period", "booked", "recognised", "if_won"]
    if known.schedule is None or known.schedule.empty:
        return pd.DataFrame({name: [] for name in columns})
    plan = frame_of(known, "schedule", SCHEDULE)
    names = calendar.following(first, unit="month", count=12)
    within = [name for name in names if calendar.bounds_of(name)[0] < end]
    later = plan.loc[plan["month"] > within[-1], "month"].unique()
    names = [*within, *sorted(later)]
    kind = _kind_of(plan, known)
    sums = {
        name: plan[kind == name].groupby("month")["amount"].sum().reindex(names, fill_value=0.0)
        for name in ("recognised", "if_won")
    }
    begun = [calendar.bounds_of(name)[0] <= known.as_of for name in names]
    booked = _booked(known).reindex(names, fill_value=0.0).where(begun)
    table = pd.DataFrame({"month": names, "booked": booked.to_numpy(float)})
    table["in_period"] = np.arange(len(names)) < len(within)
    return table.assign(**{name: own.to_numpy(float) for name, own in sums.items()})[columns]


def _kind_of(plan: pd.DataFrame, known: KnownForecast) -> np.ndarray:
    """Whether each row is ``recognised``, would be ``if_won``, or neither, as known on the day."""
    if known.pipeline is None:
        return np.full(len(plan), "recognised", dtype=object)
    needed = ["opportunity_id", "outcome", "created_at", "closed_at"]
    deals = frame_of(known.pipeline, "deals", needed).set_index("opportunity_id")
    later = (deals["created_at"] > known.as_of).to_numpy()
    still = ((deals["outcome"] == OPEN) | (deals["closed_at"] > known.as_of)).to_numpy()
    state = np.select([later, still, deals["outcome"] == WON], ["", "if_won", "recognised"], "")
    of_deals = plan["opportunity_id"].map(pd.Series(state, index=deals.index, dtype=object))
    of_deals = np.where(of_deals.notna(), of_deals, "")
    return np.where(plan["contract_id"].notna(), "recognised", of_deals)


def _booked(known: KnownForecast) -> pd.Series:
    """What is in already, of all streams, by month."""
    if known.closed is None or known.closed.empty:
        return pd.Series(dtype=float)
    closed = frame_of(known, "closed", ["closed_at", "amount"])
    closed = closed[closed["closed_at"] <= known.as_of]
    days = closed["closed_at"].dt.normalize()
    named = {day: known.calendar.label_of(day, "month") for day in days.unique()}
    return closed["amount"].groupby(days.map(named)).sum()


def schedule_differs(known: KnownForecast) -> pd.DataFrame:
    """The contracts and deals won whose scheduled rows do not add up to their amount.

    Parameters
    ----------
    known : KnownForecast
        Its ``schedule``, its ``contracts`` and its deals; what is in neither is held against none.

    Returns
    -------
    DataFrame
        ``contract_id, opportunity_id`` (one of them), ``amount, scheduled, difference`` (scheduled
        − amount), the greatest difference first. One of a thousandth of the amount and a hundredth
        for each row is rounding.

    Examples
    --------
    >>> plan = pd.DataFrame({"contract_id": "C1", "opportunity_id": None, "amount": 100.0,
    ...                      "month": ["2025-10", "2025-11"]})
    >>> sold = pd.DataFrame({"contract_id": ["C1"], "amount": [300.0]})
    >>> known = KnownForecast(as_of="2025-11-15", schedule=plan, contracts=sold)
    >>> schedule_differs(known)[["contract_id", "amount", "scheduled", "difference"]]
      contract_id  amount  scheduled  difference
    0          C1   300.0      200.0      -100.0
    """
    known = require_known(known, KnownForecast)
    columns = ["contract_id", "opportunity_id", "amount", "scheduled", "difference"]
    parts = [pd.DataFrame({name: [] for name in columns})]
    if known.schedule is None or known.schedule.empty:
        return parts[0]
    plan = frame_of(known, "schedule", SCHEDULE)
    amounts = {}
    if known.contracts is not None and len(known.contracts):
        amounts["contract_id"] = frame_of(known, "contracts", ["contract_id", "amount"])
    if known.pipeline is not None and len(known.pipeline.deals):
        needed = ["opportunity_id", "outcome", "closed_at", "amount"]
        deals = frame_of(known.pipeline, "deals", needed)
        won = (deals["outcome"] == WON) & ~(deals["closed_at"] > known.as_of)
        amounts["opportunity_id"] = deals[won]
    for key, listed in amounts.items():
        rows = plan.dropna(subset=key).groupby(key, as_index=False)
        rows = rows.agg(scheduled=("amount", "sum"), rows=("amount", "size"))
        both = rows.merge(listed[[key, "amount"]].dropna(), on=key)
        both["difference"] = both["scheduled"] - both["amount"]
        most = _SHARE * both["amount"].abs() + _PER_ROW * both["rows"]
        parts.append(both[both["difference"].abs() > most].reindex(columns=columns))
    some = [part for part in parts if len(part)]
    if not some:
        return parts[0]
    found = pd.concat(some, ignore_index=True)
    found = found.assign(off=-found["difference"].abs())
    return found.sort_values(["off", "contract_id", "opportunity_id"], ignore_index=True)[columns]


def recognised_findings(
    recognised: pd.DataFrame, differs: pd.DataFrame, *, period: str
) -> list[Finding]:
    """What is recognised in the period and after it, and whose schedule does not add up.

    Parameters
    ----------
    recognised : DataFrame
        As from :func:`recognised`.
    differs : DataFrame
        As from :func:`schedule_differs`.
    period : str
        As there.

    Returns
    -------
    list of Finding
        Of the kind ``recognised``: ``scheduled`` (in the period and after it, beside what was
        booked in it), ``if_won`` (what open deals would add), ``contract_differs`` and
        ``deal_differs`` (how many, and the one that differs most), as far as there are any.

    Examples
    --------
    >>> months = pd.DataFrame({"month": ["2025-12", "2026-01"], "in_period": [True, False],
    ...     "booked": [30.0, None], "recognised": [10.0, 20.0], "if_won": 0.0})
    >>> (found,) = recognised_findings(months, pd.DataFrame(
    ...     {"contract_id": [], "opportunity_id": [], "amount": [], "scheduled": []}),
    ...     period="2025-Q4")
    >>> found.values
    {'period': '2025-Q4', 'recognised': 10.0, 'later': 20.0, 'booked': 30.0}
    """
    needed = ["month", "in_period", "booked", "recognised", "if_won"]
    require_columns(recognised.columns, needed, "`recognised`")
    needed = ["contract_id", "opportunity_id", "amount", "scheduled"]
    require_columns(differs.columns, needed, "`differs`")
    found, within = [], recognised["in_period"].astype(bool)
    if len(recognised):
        values = {"period": period, "recognised": float(recognised.loc[within, "recognised"].sum())}
        values |= {"later": float(recognised.loc[~within, "recognised"].sum())}
        values |= {"booked": float(recognised.loc[within, "booked"].sum())}
        found.append(Finding("recognised", "scheduled", values))
        both = [float(recognised.loc[rows, "if_won"].sum()) for rows in (within, ~within)]
        if any(both):
            values = {"period": period, "if_won": both[0], "later": both[1]}
            found.append(Finding("recognised", "if_won", values))
    off = (differs["scheduled"] - differs["amount"]).abs()
    furthest = differs.assign(off=-off).sort_values(["off", *needed[:2]])
    contracts, deals = (furthest[furthest[name].notna()] for name in needed[:2])
    if len(contracts):
        most = picked(contracts.iloc[0], "contract_id", "amount", "scheduled")
        count = {"contracts": len(contracts)}
        found.append(Finding("recognised", "contract_differs", count | most))
    if len(deals):
        most = picked(deals.iloc[0], "opportunity_id", "amount", "scheduled")
        found.append(Finding("recognised", "deal_differs", {"deals": len(deals)} | most))
    return found

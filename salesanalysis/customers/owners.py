"""What hangs on one seller, and which requests of customers nobody has answered."""

import numpy as np
import pandas as pd

from salesanalysis.customers.accounts import kept_file
from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.known import KnownCustomers, frame_of
from salesanalysis.stats import kaplan_meier

_DAY = pd.Timedelta(days=1)


def handover(known: KnownCustomers, *, owner_id: str) -> pd.DataFrame:
    """What hangs on one seller: accounts, their value, ties that nobody else has, open requests.

    Parameters
    ----------
    known : KnownCustomers
        With ``file``; ``months``, ``open_items``, ``contacts`` and ``requests`` as far as known.
    owner_id : str
        The seller.

    Returns
    -------
    DataFrame, one row per account of the seller, those that nobody else knows first
        - ``account_id``, and ``name, contact, phone`` as far as the file has them,
        - ``amount_year`` (net sales of 365 days), ``unpaid_amount``,
        - ``contacts, last_contact_at`` (of the seller; 0 where none was noted), ``other_sellers``
          (how many others were ever in touch), ``nobody_else`` (nobody was),
        - ``open_requests``.

    Raises
    ------
    SalesAnalysisError
        No account of the file is that seller's.

    Examples
    --------
    >>> file = pd.DataFrame({"account_id": ["A", "B", "C"], "owner_id": ["R1", "R1", "R2"]})
    >>> contacts = pd.DataFrame({
    ...     "account_id": ["A", "B", "B"], "owner_id": ["R1", "R1", "R2"], "contacts": [3, 2, 1],
    ...     "last_at": pd.to_datetime(["2025-06-01", "2025-05-01", "2025-04-01"])})
    >>> known = KnownCustomers(as_of="2025-06-30", file=file, contacts=contacts)
    >>> handover(known, owner_id="R1")[["account_id", "contacts", "other_sellers", "nobody_else"]]
      account_id  contacts  other_sellers  nobody_else
    0          A         3       0         True
    1          B         2       1        False
    """
    frame_of(known, "file", ["account_id", "owner_id"])
    file = kept_file(known)
    own = file[file["owner_id"].eq(owner_id).fillna(False).to_numpy(bool)]
    if own.empty:
        raise SalesAnalysisError(
            f"`owner_id` is {owner_id!r}; no account of the file is that seller's."
            + did_you_mean(owner_id, file["owner_id"].dropna().astype(str).unique())
        )
    who = [name for name in ("account_id", "name", "contact", "phone") if name in own]
    table = own[who].set_index("account_id")
    table = table.assign(
        amount_year=_of_accounts(known, "months", _amount_year),
        unpaid_amount=_of_accounts(known, "open_items", _unpaid_amount),
        open_requests=_of_accounts(known, "requests", _waiting),
        contacts=0,
        last_contact_at=pd.NaT,
        other_sellers=0,
    )
    if len(known.contacts.columns):
        named = ["account_id", "owner_id", "contacts", "last_at"]
        touched = frame_of(known, "contacts", named)
        mine = touched["owner_id"].eq(owner_id).fillna(False).to_numpy(bool)
        by = touched[mine].groupby("account_id").agg({"contacts": "sum", "last_at": "max"})
        rest = touched[~mine & touched["owner_id"].notna()].groupby("account_id")["owner_id"]
        table = table.assign(
            contacts=by["contacts"], last_contact_at=by["last_at"], other_sellers=rest.nunique()
        )
    counts = ["contacts", "other_sellers", "open_requests"]
    amounts = ["amount_year", "unpaid_amount"]
    table[counts] = table[counts].fillna(0).astype(int)
    table[amounts] = table[amounts].astype(float).fillna(0.0)
    table["nobody_else"] = table["other_sellers"].eq(0)
    table = table.reset_index().sort_values(
        ["nobody_else", "amount_year", "account_id"], ascending=[False, False, True]
    )
    shown = ["contacts", "last_contact_at", "other_sellers", "nobody_else", "open_requests"]
    return table[[*who, *amounts, *shown]].reset_index(drop=True)


def _of_accounts(known: KnownCustomers, name: str, figure) -> pd.Series | float:
    """A figure of each account from a frame; missing where the frame was not given."""
    return figure(known) if len(getattr(known, name).columns) else np.nan


def _amount_year(known: KnownCustomers) -> pd.Series:
    rows = frame_of(known, "months", ["account_id", "period", "amount"])
    begins = {name: known.calendar.bounds_of(name)[0] for name in rows["period"].unique()}
    recent = rows[rows["period"].map(begins) > known.as_of.normalize() - 365 * _DAY]
    return recent.groupby("account_id")["amount"].sum()


def _unpaid_amount(known: KnownCustomers) -> pd.Series:
    rows = frame_of(known, "open_items", ["account_id", "unpaid_amount"])
    return rows.groupby("account_id")["unpaid_amount"].sum()


def _waiting(known: KnownCustomers) -> pd.Series:
    rows = frame_of(known, "requests", ["account_id", "answered_at"])
    return rows[rows["answered_at"].isna()].groupby("account_id").size()


def open_requests(known: KnownCustomers) -> pd.DataFrame:
    """The requests and complaints that nobody has answered, with their age.

    Parameters
    ----------
    known : KnownCustomers
        With ``requests``.

    Returns
    -------
    DataFrame, one row per open request, the oldest first
        ``account_id, kind, asked_at, age_days, owner_id``, ``median_days`` (until half of the
        requests of its kind were answered, those still open counted in; missing where that many
        never were), ``times_median`` (age over it).

    Examples
    --------
    >>> asked = pd.DataFrame({
    ...     "account_id": ["A", "B", "C"], "kind": "complaint", "owner_id": "R1",
    ...     "asked_at": pd.to_datetime(["2025-06-01", "2025-06-02", "2025-06-10"]),
    ...     "answered_at": pd.to_datetime(["2025-06-05", "2025-06-07", None])})
    >>> open_requests(KnownCustomers(as_of="2025-06-30", requests=asked)).drop(columns="owner_id")
      account_id       kind   asked_at  age_days  median_days  times_median
    0          C  complaint 2025-06-10        20          5.0           4.0
    """
    named = ["account_id", "kind", "asked_at", "answered_at", "owner_id"]
    rows = frame_of(known, "requests", named)
    end = rows["answered_at"].fillna(known.as_of).dt.normalize()
    days = (end - rows["asked_at"].dt.normalize()).dt.days
    rows = rows.assign(age_days=days.clip(lower=0), kind=rows["kind"].fillna(""))
    half = {kind: _median(part) for kind, part in rows.groupby("kind")}
    table = rows[rows["answered_at"].isna()]
    median = table["kind"].map(half).astype(float)
    table = table.assign(
        kind=table["kind"].where(table["kind"] != "", None),
        median_days=median,
        times_median=table["age_days"] / median.where(median > 0),
    )
    table = table.sort_values(["asked_at", "account_id", "kind"], kind="stable")
    shown = ["account_id", "kind", "asked_at", "age_days", "owner_id", "median_days"]
    return table[[*shown, "times_median"]].reset_index(drop=True)


def _median(rows: pd.DataFrame) -> float:
    """After how many days half of some requests were answered."""
    curve = kaplan_meier(rows["age_days"], rows["answered_at"].notna())
    reached = curve.loc[curve["survival"] <= 0.5, "days"]
    return float(reached.iloc[0]) if len(reached) else np.nan

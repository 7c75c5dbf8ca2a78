"""What is worth saying about the file: duplicates, and sellers who are no longer there."""

from collections.abc import Iterable

import pandas as pd

from salesanalysis.customers.accounts import kept_file
from salesanalysis.customers.linkage import LEVEL, Linkage
from salesanalysis.customers.owners import handover
from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding
from salesanalysis.known import KnownCustomers, frame_of

#: What is always known of a customer whose seller is gone.
_LEFT = ["owner_id", "account_id", "amount_year", "unpaid_amount", "contacts"]
_LEFT += ["last_contact_at", "other_sellers", "nobody_else", "open_requests"]
#: What of a linkage is about a pair as a whole; all else are fields.
_PAIR = ("account_id", "other_id", "probability", "related", "vetoed")


def same_customer(linkage: Linkage, *, level: float = LEVEL) -> pd.DataFrame:
    """Pairs of records that are one customer, and in how many fields they agree.

    Parameters
    ----------
    linkage : Linkage
        As from :func:`duplicates`.
    level : float
        The least probability.

    Returns
    -------
    DataFrame, one row per pair, the most probable first
        ``account_id, other_id, probability``, ``alike`` and ``unlike``: in how many fields the two
        are equal or close, and in how many both have another value.
    """
    pairs = linkage.pairs[linkage.pairs["probability"] >= level]
    said = pairs[[name for name in pairs.columns if name not in _PAIR]].astype(object)
    table = pairs[["account_id", "other_id", "probability"]].assign(
        alike=said.isin(["equal", "close"]).sum(axis=1), unlike=said.eq("other").sum(axis=1)
    )
    return table.reset_index(drop=True)


def left_behind(known: KnownCustomers, sellers: Iterable[str]) -> pd.DataFrame:
    """What hangs on sellers of the file who are not on the list of sellers any more.

    Parameters
    ----------
    known : KnownCustomers
        With ``file``, and what :func:`handover` takes besides.
    sellers : ids
        Those who are there.

    Returns
    -------
    DataFrame, one row per account of such a seller
        ``owner_id`` and the columns of :func:`handover`, what nobody else knows first.
    """
    frame_of(known, "file", ["account_id", "owner_id"])
    there = {str(one) for one in sellers}
    owners = kept_file(known)["owner_id"].dropna().astype(str)
    gone = sorted(set(owners) - there)
    parts = [handover(known, owner_id=one).assign(owner_id=one) for one in gone]
    if not parts:
        return pd.DataFrame(columns=_LEFT)
    table = pd.concat(parts, ignore_index=True)
    order = ["nobody_else", "amount_year", "account_id"]
    table = table.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return table[["owner_id", *(name for name in table if name != "owner_id")]]


def handover_findings(left: pd.DataFrame) -> list[Finding]:
    """How many customers are filed under sellers who are gone; ``left`` as from `left_behind`."""
    require_columns(left.columns, ["owner_id", "account_id", "amount_year"], "`left`")
    if left.empty:
        return []
    values = {"customers": left["account_id"].nunique(), "sellers": left["owner_id"].nunique()}
    return [Finding("file", "left_behind", values | {"amount": left["amount_year"].sum()})]

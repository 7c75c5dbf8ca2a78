"""Every open deal in one list, those first on which most hangs."""

import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import require_columns
from salesanalysis.known import KnownFunnel, frame_of

#: What is said of a deal where it is known.
_CARRIED = ("account_name", "owner_id", "product")


def deal_list(known: KnownFunnel, chances: pd.DataFrame, stuck: pd.DataFrame) -> pd.DataFrame:
    """The open deals: whose each is, where it is, how late, what it is worth and what hangs on it.

    Parameters
    ----------
    known : KnownFunnel
        Its ``deals``, one row per deal: ``opportunity_id, outcome, stage, age_days, amount``, and
        ``account_name, owner_id, product`` as far as known.
    chances : DataFrame, one row per open deal
        As from :func:`salesanalysis.forecast.deal_chances` of the same day; deals without a date
        of creation are not in it, and nobody knows what hangs on them.
    stuck : DataFrame, one row per stuck deal
        As from :func:`stuck` of the same.

    Returns
    -------
    DataFrame
        One row per open deal: ``opportunity_id``, what is known of it, ``stage, age_days,
        excess_days`` (over the limit of its stage or the oldest age at which a deal closed; missing
        where it is not stuck), ``amount, chance_period, at_stake_period``, the largest of these
        first.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": list("ab"), "outcome": "open", "stage": "offer",
    ...                       "age_days": [9.0, 400.0], "amount": [5.0, 8.0]})
    >>> known = KnownFunnel(as_of="2025-03-31", deals=deals)
    >>> chances = pd.DataFrame({"opportunity_id": list("ab"), "chance_period": [0.4, 0.0],
    ...                         "at_stake_period": [2.0, 0.0]})
    >>> late = pd.DataFrame({"opportunity_id": ["b"], "excess_days": [100.0]})
    >>> deal_list(known, chances, late)[["opportunity_id", "excess_days", "at_stake_period"]]
      opportunity_id  excess_days  at_stake_period
    0              a          NaN              2.0
    1              b        100.0              0.0
    """
    needed = ["opportunity_id", "outcome", "stage", "age_days", "amount"]
    deals = frame_of(known, "deals", needed)
    worth = ["opportunity_id", "chance_period", "at_stake_period"]
    require_columns(chances, worth, "`chances`")
    require_columns(stuck, ["opportunity_id", "excess_days"], "`stuck`")
    carried = [name for name in _CARRIED if name in deals]
    still = deals.loc[deals["outcome"] == OPEN, ["opportunity_id", *carried, *needed[2:]]]
    key = {"on": "opportunity_id", "how": "left", "validate": "one_to_one"}
    table = still.merge(stuck[["opportunity_id", "excess_days"]], **key)
    table = table.merge(chances[worth], **key)
    order = ["at_stake_period", "amount", "opportunity_id"]
    table = table.sort_values(order, ascending=[False, False, True], ignore_index=True)
    shown = ["stage", "age_days", "excess_days", "amount", "chance_period", "at_stake_period"]
    return table[["opportunity_id", *carried, *shown]]

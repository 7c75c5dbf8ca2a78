"""What to do this week about the customers: a step for each warning."""

import pandas as pd

from salesanalysis.customers.accounts import said_of_accounts
from salesanalysis.customers.returning import KIND as LEAVING
from salesanalysis.customers.warning_list import KINDS
from salesanalysis.errors import require_columns
from salesanalysis.findings import Action, Finding
from salesanalysis.known import KnownCustomers, require_known
from salesanalysis.periods import due_day

_NEEDED = ["account_id", "owner_id", "kind", "what", "value", "normal", "since", "amount_at_stake"]

#: Kinds of which an account can have several, told apart by what they are about.
_SEVERAL = ("waiting", "false_data", "behind", "new_favourite")


def actions(known: KnownCustomers, warnings: pd.DataFrame, *, most: int = 50) -> list[Action]:
    """The next step about each customer of whom there is a warning, once for each.

    Money over a limit, money overdue and the sales of a year are not the same, so no order by
    money could hold all kinds: the list takes the largest of each kind in turn, new ones first.

    Parameters
    ----------
    known : KnownCustomers
    warnings : DataFrame
        As from :func:`all_warnings`.
    most : int
        Of no kind are more listed: what cannot be worked off is no list.

    Returns
    -------
    list of Action
        Of the kind of the warning, about the account, since what makes it necessary began; the same
        warning keeps its id from run to run.
    """
    require_columns(warnings.columns, [*_NEEDED, "is_new"], "`warnings`")
    require_known(known, KnownCustomers)
    called = said_of_accounts(known, "name")
    rows = warnings[warnings["kind"].isin(KINDS)]
    # Who may buy too seldom for the horizon but is silent no longer than usual needs no visit.
    rows = rows[~(rows["kind"].eq(LEAVING) & (rows["value"] <= rows["normal"]))]
    place = rows["kind"].map({kind: at for at, kind in enumerate(KINDS)})
    rows = rows.assign(place=place, old=~rows["is_new"].astype(bool))
    rows = rows.assign(money=-rows["amount_at_stake"].fillna(-1.0))
    rows = rows.sort_values(["old", "money", "account_id", "what"], kind="stable")
    # Who is warned of twice is called once, about what comes first among the kinds.
    first = rows.sort_values("place", kind="stable").drop_duplicates("account_id").index
    rows = rows[rows.index.isin(first)]
    rows = rows.assign(turn=rows.groupby("kind").cumcount())
    rows = rows[rows["turn"] < most].sort_values(["turn", "place"], kind="stable")
    return [
        Action(
            row["kind"],
            "account",
            str(row["account_id"]),
            _step(row),
            since="" if pd.isna(row["since"]) else f"{row['since']:%Y-%m-%d}",
            due=due_day(known.as_of, at),
            who="" if pd.isna(row["owner_id"]) else str(row["owner_id"]),
            amount=row["amount_at_stake"],
            measure=str(row["what"]) if row["kind"] in _SEVERAL else "",
            title=str(called.get(row["account_id"], row["account_id"])),
        )
        for at, row in enumerate(rows.to_dict("records"))
    ]


def _step(row: dict) -> Finding:
    """What to do about a warning, with what it is about."""
    value, normal, amount = row["value"], row["normal"], row["amount_at_stake"]
    match row["kind"]:
        case "over_limit":
            return Finding("step", "collect", {"value": value, "normal": normal, "over": amount})
        case "overdue":
            return Finding("step", "ask_payment", {"amount": amount, "days": value})
        case "held_back":
            return Finding("step", "ask_rest", {"amount": amount})
        case "leaving":
            days = {"days": value, "usual": normal, "amount": amount}
            return Finding("step", "win_back", days)
        case "waiting":
            return Finding("step", "answer", {"days": value})
        case "returns":
            return Finding("step", "ask_returns", {"amount": amount})
        case "false_data":
            return Finding("step", "check_file", {})
        case "file_change":
            return Finding("step", "check_changes", {})
        case "no_limit":
            return Finding("step", "set_limit", {"amount": amount})
        case "behind":
            bought = {"value": value, "normal": normal, "period": row["what"]}
            return Finding("step", "talk_plan", bought)
        case "neglected":
            return _call(row)
        case _:
            return Finding("step", "offer", {"category": row["what"]})


def _call(row: dict) -> Finding:
    """Call who has not been talked to; of some no contact was ever noted."""
    if pd.isna(row["value"]):
        return Finding("step", "call_first", {"amount": row["amount_at_stake"]})
    return Finding("step", "call", {"days": row["value"], "amount": row["amount_at_stake"]})

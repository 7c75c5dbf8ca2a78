"""What is worth saying about the customers: findings for :mod:`salesanalysis.text`."""

import pandas as pd

from salesanalysis.customers.purchasing import NO_LEAVING_SEEN
from salesanalysis.customers.receivables import NO_DUE_DATE
from salesanalysis.customers.returning import ReturnChance
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.known import KnownCustomers, frame_of

#: The bucket of :func:`ageing` in which what is overdue for longest lies.
_LONGEST = ">90"
#: Days; of a year that lacks less than a month it may be said that it is one.
_YEAR, _MONTH = 365, 31


def require_customers(known: KnownCustomers) -> None:
    """Refuse what no report can be made of.

    Raises
    ------
    SalesAnalysisError
        There is no purchase up to the day.
    """
    if known.months.empty:
        raise SalesAnalysisError(
            f"`purchases` has no row that counts up to {known.as_of:%Y-%m-%d} (`as_of`): one with a"
            " customer, a day and an amount that is not cancelled. Check the day and the columns."
        )


def lead(
    sales: pd.DataFrame, owed: pd.DataFrame | None = None, *, known: KnownCustomers | None = None
) -> list[Finding]:
    """The answer in one sentence: who bought how much, and what of it is owed too long.

    Parameters
    ----------
    sales : DataFrame
        As from :func:`customer_sales`.
    owed : DataFrame, optional
        As from :func:`exposure`.
    known : KnownCustomers, optional
        Where its first purchase was less than a year ago, that day is said instead of a year.
    """
    require_columns(sales.columns, ["account_id", "amount", "purchases"], "`sales`")
    values = {"amount": sales["amount"].sum(), "customers": len(sales)}
    if not sales["purchases"].sum():
        return [Finding("lead", "nothing_bought", {})]
    watched = _YEAR
    if known is not None:
        watched = frame_of(known, "rhythm", ["watched_days"])["watched_days"].max()
    overdue, owing = 0.0, {}
    if owed is not None:
        require_columns(owed.columns, ["unpaid_amount", "overdue_amount"], "`owed`")
        overdue = owed["overdue_amount"].sum()
        owing = {"open": owed["unpaid_amount"].sum(), "overdue": overdue}
    if watched < _YEAR - _MONTH:
        since = {"since": (known.as_of - pd.Timedelta(days=watched)).normalize()}
        if overdue > 0:
            return [Finding("lead", "bought_since_and_owed", values | since | owing)]
        return [Finding("lead", "bought_since", values | since)]
    if overdue > 0:
        return [Finding("lead", "bought_and_owed", values | owing)]
    return [Finding("lead", "bought", values)]


def month_findings(months: pd.DataFrame) -> list[Finding]:
    """The latest of the months that are over, beside the same month a year before.

    Parameters
    ----------
    months : DataFrame
        As from :func:`by_month`.
    """
    needed = ["period", "customers", "purchases", "amount", "whole"]
    require_columns(months.columns, needed, "`months`")
    over = months[months["whole"].astype(bool)].sort_values("period")
    if over.empty:
        return []
    last = over.iloc[-1]
    if not last["purchases"]:
        return [Finding("months", "nothing_bought", {"month": last["period"]})]
    values = {"month": last["period"], "customers": last["customers"], "amount": last["amount"]}
    found = [Finding("months", "latest", values)]
    if len(over) > 12:
        # Buying follows the season: a month is held against its own of the year before.
        change = last["amount"] - over.iloc[-13]["amount"]
        if change > 0:
            found.append(Finding("months", "more", {"amount": change}))
        if change < 0:
            found.append(Finding("months", "less", {"amount": -change}))
    return found


def warning_findings(warnings: pd.DataFrame) -> list[Finding]:
    """How many customers there are warnings of, and how many warnings are new.

    Parameters
    ----------
    warnings : DataFrame
        As from :func:`all_warnings`.
    """
    require_columns(warnings.columns, ["account_id", "kind", "is_new"], "`warnings`")
    if warnings.empty:
        return [Finding("headline", "no_warning", {})]
    values = {"warnings": len(warnings), "customers": warnings["account_id"].nunique()}
    return [Finding("headline", "warnings", values | {"new": warnings["is_new"].sum()})]


def owed_findings(owed: pd.DataFrame, ages: pd.DataFrame) -> list[Finding]:
    """What is overdue, who is over a limit, and who has none.

    Parameters
    ----------
    owed : DataFrame
        As from :func:`exposure`.
    ages : DataFrame
        As from :func:`ageing`, of all together.
    """
    needed = ["unpaid_amount", "overdue_amount", "over_limit_amount", "limit_state", "exposure"]
    require_columns(owed.columns, needed, "`owed`")
    require_columns(ages.columns, ["bucket", "unpaid_amount"], "`ages`")
    total = owed["unpaid_amount"].sum()
    if not total > 0:
        return [Finding("owed", "nothing_open", {})]
    by_age = ages.set_index(ages["bucket"].astype(str))["unpaid_amount"]
    late = owed["overdue_amount"].sum()
    long = by_age.get(_LONGEST, 0.0)
    undated = by_age.get(NO_DUE_DATE, 0.0)
    values = {"overdue": late, "open": total}
    found = []
    if long > 0:
        found.append(Finding("owed", "overdue", values | {"long": long}))
    elif late > 0:
        found.append(Finding("owed", "overdue_lately", values))
    elif not undated > 0:
        found.append(Finding("owed", "nothing_overdue", {"open": total}))
    if undated > 0:
        found.append(Finding("owed", "no_due_day", {"amount": undated, "open": total}))
    over = owed[owed["over_limit_amount"] > 0]
    if len(over):
        values = {"customers": len(over), "amount": over["over_limit_amount"].sum()}
        found.append(Finding("owed", "over_limit", values))
    without = owed[owed["limit_state"].eq("missing") & (owed["exposure"] > 0)]
    if len(without):
        values = {"customers": len(without), "amount": without["exposure"].sum()}
        found.append(Finding("owed", "no_limit", values))
    return found


def leaving_findings(
    chance: ReturnChance, alarms: pd.DataFrame, *, false_share: float
) -> list[Finding]:
    """Who will hardly buy again, and how often such a list was wrong; or why there is no list.

    Parameters
    ----------
    chance : ReturnChance
    alarms : DataFrame
        As from its ``alarms``.
    false_share : float
        So much of the list may be wrong.
    """
    needed = ["account_id", "is_new", "amount_at_stake", "false_share"]
    require_columns(alarms.columns, needed, "`alarms`")
    days = {"days": chance.horizon_days}
    if chance.status != "ok":
        return [Finding("leaving", "history_too_short", days)]
    if alarms.empty:
        return [Finding("leaving", "no_list", days | {"allowed": false_share})]
    values = {"customers": len(alarms), "amount": alarms["amount_at_stake"].sum()} | days
    values |= {"new": alarms["is_new"].sum(), "false": alarms["false_share"].max()}
    return [Finding("leaving", "list", values)]


def behind_findings(schedule: pd.DataFrame) -> list[Finding]:
    """How many are behind what they should have bought by now, or why that cannot be told.

    Parameters
    ----------
    schedule : DataFrame
        As from :func:`schedule_gap`.
    """
    needed = ["account_id", "behind", "years_tested", "gap_now", "target", "actual"]
    require_columns(schedule.columns, needed, "`schedule`")
    if schedule.empty:
        return []
    targets = {"customers": len(schedule), "target": schedule["target"].sum()}
    if not (schedule["years_tested"] > 0).any():
        return [Finding("behind", "cannot_tell", targets)]
    late = schedule[schedule["behind"].eq(True)]
    missing = -late["gap_now"].clip(upper=0).sum()
    return [Finding("behind", "count", targets | {"behind": len(late), "missing": missing})]


def file_findings(states: pd.DataFrame, twice: pd.DataFrame) -> list[Finding]:
    """How many files are complete and checked, and how many records are of one customer.

    Parameters
    ----------
    states : DataFrame
        As from :func:`file_states`.
    twice : DataFrame
        As from :func:`same_customer`.
    """
    require_columns(states.columns, ["state"], "`states`")
    require_columns(twice.columns, ["account_id", "other_id"], "`twice`")
    if states.empty:
        return []
    n = states["state"].value_counts()
    values = {"accounts": len(states), "complete": n.get("complete", 0), "draft": n.get("draft", 0)}
    found = [Finding("file", "states", values)]
    if len(twice):
        found.append(Finding("file", "duplicates", {"pairs": len(twice)}))
    return found


def look_findings(favourites: pd.DataFrame, segments: pd.DataFrame) -> list[Finding]:
    """How many segments there are, and whose favourite has changed beyond chance.

    Parameters
    ----------
    favourites : DataFrame
        As from :func:`favourite_changes`.
    segments : DataFrame
        The ``table`` of :func:`segments`.
    """
    require_columns(favourites.columns, ["account_id", "vip", "p_value"], "`favourites`")
    require_columns(segments.columns, ["segment", "accounts"], "`segments`")
    if segments.empty:
        return []
    largest = segments.sort_values(["accounts", "segment"], ascending=[False, True]).iloc[0]
    values = {"segments": len(segments), "accounts": segments["accounts"].sum()}
    found = [Finding("looks", "segments", values | {"largest": largest["accounts"]})]
    changed = favourites["p_value"].notna().sum()
    marked = favourites["vip"].eq(True).sum()
    values = {"changed": changed, "marked": marked, "accounts": len(favourites)}
    return [*found, Finding("looks", "favourites", values)]


def campaign_findings(effects: pd.DataFrame) -> list[Finding]:
    """What each campaign did to the share who bought, by assignment.

    Parameters
    ----------
    effects : DataFrame
        As from :func:`campaign_effect`.
    """
    needed = ["campaign_id", "outcome", "assigned", "compared", "n", "control_n"]
    needed += ["verdict", "reason"]
    lift = ["rate", "control_rate", "rate_lift", "rate_lift_low", "rate_lift_high"]
    require_columns(effects.columns, [*needed, *lift], "`effects`")
    rows = effects[effects["outcome"].eq("bought") & effects["compared"].eq("assigned")]
    if rows.empty:
        return [Finding("campaign", "none_begun", {})]
    found = []
    for row in rows.sort_values(["campaign_id", "assigned"]).to_dict("records"):
        campaign = {"campaign": row["campaign_id"]}
        if row["verdict"] == "not_an_effect":
            # True of the campaign, so said once, however many arms it has.
            name = "no_control" if row["reason"] == "no_control" else "arms_differ"
            if (one := Finding("campaign", name, campaign)) not in found:
                found.append(one)
            continue
        if not row["n"] or not row["control_n"]:
            found.append(Finding("campaign", "waiting", campaign | {"arm": row["assigned"]}))
            continue
        campaign |= {"arm": row["assigned"]}
        limits = {"low": row["rate_lift_low"], "high": row["rate_lift_high"]}
        values = campaign | picked(row, "rate", "control_rate") | {"lift": row["rate_lift"]}
        name = "effect" if row["verdict"] == "effect" else "not_told"
        found.append(Finding("campaign", name, values | limits))
    return found


def class_findings(classes: pd.DataFrame, neglected: pd.DataFrame) -> list[Finding]:
    """How many accounts are of the first class, how sure that is, and who is neglected.

    Parameters
    ----------
    classes : DataFrame
        As from :func:`account_classes`.
    neglected : DataFrame
        As from :func:`neglected_accounts`.
    """
    require_columns(classes.columns, ["account_class", "sure"], "`classes`")
    require_columns(neglected.columns, ["account_id", "amount_at_stake"], "`neglected`")
    if classes.empty:
        return []
    values = {"accounts": len(classes), "first": classes["account_class"].eq("A").sum()}
    found = [Finding("classes", "count", values | {"sure": classes["sure"].mean()})]
    if len(neglected):
        values = {"customers": len(neglected), "amount": neglected["amount_at_stake"].sum()}
        found.append(Finding("classes", "neglected", values))
    return found


def worth_findings(total: pd.DataFrame) -> list[Finding]:
    """What all customers will bring within the horizon.

    Parameters
    ----------
    total : DataFrame
        The ``total`` of :func:`customer_value`.
    """
    needed = ["horizon_days", "customers", "customer_value", "value_low", "value_high"]
    require_columns(total.columns, [*needed, "days_tested", "status"], "`total`")
    if total.empty or pd.isna(total["customer_value"].iloc[0]):
        return [Finding("worth", "not_told", {})]
    row = total.iloc[0]
    if pd.isna(row["value_low"]):
        return [Finding("worth", "untested", {"days": row["horizon_days"]})]
    values = {"days": row["horizon_days"], "amount": row["customer_value"]}
    limits = {"low": row["value_low"], "high": row["value_high"]}
    found = [Finding("worth", "total", values | limits | {"tested": row["days_tested"]})]
    if row["status"] == NO_LEAVING_SEEN:
        found.append(Finding("worth", "no_leaving_seen", {}))
    return found

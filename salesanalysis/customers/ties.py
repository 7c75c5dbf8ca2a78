"""Old and new customers: who is talked to, and two claims about them tested on one's own data."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns, require_number
from salesanalysis.findings import Finding, picked
from salesanalysis.stats import require_level, sum_of_means, z_value

#: How old a tie is, by words: from the newest to the oldest, and one whose beginning is not known.
AGES = ("new", "settled", "old")
UNKNOWN = "unknown"
#: What became of a claim: the data agree, say the contrary, or do not tell.
HOLDS, CONTRARY, NOT_TOLD = "holds", "contrary", "not_told"
#: A year in days: whose tie is shorter has not had a year of sales yet.
_YEAR = 365
#: A rate of contacts of a shorter tie says nothing.
_SHORT = 30
#: What is said of each claim by its verdict.
_SAID = {
    ("stable_earn_more", HOLDS): "stable_earn_more",
    ("stable_earn_more", CONTRARY): "stable_earn_less",
    ("stable_earn_more", NOT_TOLD): "stable_not_told",
    ("old_neglected", HOLDS): "old_neglected",
    ("old_neglected", CONTRARY): "old_preferred",
    ("old_neglected", NOT_TOLD): "old_not_told",
}


def contacts_by_age(
    standing: pd.DataFrame, *, ages_days: Sequence[int] = (365, 1095)
) -> pd.DataFrame:
    """How the contacts of the last year are shared out among new and old customers.

    Parameters
    ----------
    standing : DataFrame
        As from :func:`salesanalysis.reduce.customers.standing`.
    ages_days : two numbers of days
        How old a tie is to be settled, and to be old.

    Returns
    -------
    DataFrame, one row per age that occurs: ``new``, ``settled``, ``old``, ``unknown``
        ``age, accounts, amount_year, contacts`` and their shares of all, ``accounts_share,
        amount_share, contacts_share``, and ``contacts_each``: contacts per account. Missing where
        no contacts are known.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or the ages do not rise.

    Examples
    --------
    >>> known = pd.DataFrame({"tie_days": [20, 2000], "amount_year": [25.0, 75.0],
    ...                       "contacts": [6, 2]})
    >>> contacts_by_age(known)[["age", "accounts", "amount_share", "contacts_share"]]
       age  accounts  amount_share  contacts_share
    0  new         1          0.25            0.75
    1  old         1          0.75            0.25
    """
    require_columns(standing.columns, ["tie_days", "amount_year", "contacts"], "`standing`")
    if len(ages_days) != 2 or not 0 < ages_days[0] < ages_days[1]:
        raise SalesAnalysisError(
            f"`ages_days` is {ages_days!r}; expected two numbers of days that rise, such as"
            " (365, 1095)."
        )
    tie = standing["tie_days"].astype("Float64").astype(float)
    place = (tie >= ages_days[0]).astype(int) + (tie >= ages_days[1])
    order = place.where(tie.notna(), len(AGES))
    values = standing.assign(contacts=standing["contacts"].astype("Float64").astype(float))
    table = values.groupby(order).agg(
        accounts=("tie_days", "size"),
        amount_year=("amount_year", lambda amounts: amounts.sum(min_count=1)),
        contacts=("contacts", lambda contacts: contacts.sum(min_count=1)),
    )
    table.insert(0, "age", np.array([*AGES, UNKNOWN])[table.index.to_numpy(int)])
    shares = {"accounts": "accounts", "amount_year": "amount", "contacts": "contacts"}
    for name, short in shares.items():
        total = table[name].sum()
        table[f"{short}_share"] = table[name] / total if total > 0 else np.nan
    table["contacts_each"] = table["contacts"] / table["accounts"]
    return table.reset_index(drop=True)


def tie_claims(
    standing: pd.DataFrame, *, old_days: int = 1095, level: float = 0.95
) -> pd.DataFrame:
    """Two claims, tested: stable customers earn more, and old ones are neglected for new ones.

    A difference between old and new customers is no proof that a tie becomes worth more with the
    years: those who bought little may have left, and others were large from the start. New ones
    may need more contacts to begin. So the difference is told among customers of one segment too.

    Parameters
    ----------
    standing : DataFrame
        As from :func:`salesanalysis.reduce.customers.standing`.
    old_days : int
        A customer is old when the tie is at least this long.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame, one row per claim
        ``claim``: ``stable_earn_more`` (sales of the last year, of customers with a purchase ever
        and a tie of a year or more) or ``old_neglected`` (contacts a year, of all customers whose
        tie has lasted 30 days), ``old_n, old_mean, new_n, new_mean, difference`` (old less new)
        with limits (unequal variances), ``alike_difference`` with limits: within segments (missing
        where there are none), ``verdict``: ``holds`` (limits on the claimed side of 0),
        ``contrary`` or ``not_told``.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or an argument is outside its limits.

    References
    ----------
    Welch, B. L. (1947), Biometrika 34, 28–35. White, H. (1980), Econometrica 48, 817–838 (within
    segments).

    Examples
    --------
    >>> known = pd.DataFrame({"tie_days": [2000] * 10 + [400] * 10, "segment": "retail",
    ...                       "amount_year": [90.0, 110.0] * 5 + [40.0, 60.0] * 5,
    ...                       "contacts": [4, 6] * 10, "known_days": 2000,
    ...                       "first_purchase_at": pd.Timestamp("2024-01-01")})
    >>> tie_claims(known)[["claim", "old_mean", "new_mean", "difference_low", "verdict"]].round(1)
                  claim  old_mean  new_mean  difference_low   verdict
    0  stable_earn_more     100.0      50.0            40.1     holds
    1     old_neglected       5.0       5.0            -1.0  not_told
    """
    require_level(level)
    require_number("old_days", old_days, low=_YEAR, whole=True)
    columns = ["tie_days", "segment", "amount_year", "contacts", "first_purchase_at", "known_days"]
    require_columns(standing.columns, columns, "`standing`")
    tie = standing["tie_days"].astype("Float64").astype(float)
    contacts = standing["contacts"].astype("Float64").astype(float)
    # Who was spoken to before he bought has been watched for longer than the tie.
    known_days = standing["known_days"].astype("Float64").astype(float)
    watched = known_days.clip(upper=_YEAR).where(tie >= _SHORT)
    earned = standing["amount_year"].where(standing["first_purchase_at"].notna() & (tie >= _YEAR))
    tested = {
        "stable_earn_more": (earned, 1),
        "old_neglected": (contacts * _YEAR / watched, -1),
    }
    rows = []
    for claim, (values, side) in tested.items():
        some = values.notna()
        own, old = values[some].astype(float), tie[some] >= old_days
        row = {"claim": claim, "old_n": int(old.sum()), "old_mean": own[old].mean()}
        row |= {"new_n": int((~old).sum()), "new_mean": own[~old].mean()}
        limits = sum_of_means([own[old], -own[~old]], level=level)
        alike = _within(own, old, standing.loc[some, "segment"], level)
        for name, three in (("difference", limits), ("alike_difference", alike)):
            row |= dict(zip([name, f"{name}_low", f"{name}_high"], three, strict=True))
        low, high = sorted(side * limit for limit in limits[1:])
        verdict = HOLDS if low > 0 else CONTRARY if high < 0 else NOT_TOLD
        rows.append(row | {"verdict": verdict})
    return pd.DataFrame(rows)


def tie_findings(claims: pd.DataFrame) -> list[Finding]:
    """What the data say of each claim; ``claims`` as from :func:`tie_claims`."""
    needed = ["claim", "verdict", "old_n", "old_mean", "new_n", "new_mean", "difference"]
    require_columns(claims.columns, [*needed, "difference_low", "difference_high"], "`claims`")
    found = []
    some = claims.dropna(subset=["old_mean", "new_mean"]).sort_values("claim", ascending=False)
    for row in some.to_dict("records"):
        values = picked(row, "old_n", "old_mean", "new_n", "new_mean", "difference")
        values |= {"low": row["difference_low"], "high": row["difference_high"]}
        found.append(Finding("tie", _SAID[row["claim"], row["verdict"]], values))
    return found


def _within(
    values: pd.Series, old: pd.Series, segment: pd.Series, level: float
) -> tuple[float, float, float]:
    """The difference between old and new customers of the same segment, with robust limits."""
    table = pd.DataFrame({"value": values, "old": old.astype(float), "segment": segment})
    table = table.dropna()
    if table["segment"].nunique() < 2:
        return np.nan, np.nan, np.nan
    own = table[["value", "old"]] - table.groupby("segment", observed=True)[
        ["value", "old"]
    ].transform("mean")
    squares = (own["old"] ** 2).sum()
    if not squares > 0:
        return np.nan, np.nan, np.nan
    difference = (own["old"] * own["value"]).sum() / squares
    rest = own["value"] - difference * own["old"]
    error = np.sqrt(((own["old"] * rest) ** 2).sum()) / squares
    return difference, difference - z_value(level) * error, difference + z_value(level) * error

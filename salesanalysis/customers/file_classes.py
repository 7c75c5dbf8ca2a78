"""Which class a customer is in by what it does, beside the class on file; and how eager it is."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.customers.accounts import kept_file
from salesanalysis.errors import require_number
from salesanalysis.known import KnownCustomers, frame_of

DEALER, POTENTIAL, DOWNSTREAM, FORMER = "dealer", "potential", "downstream", "former"
#: What a file calls the classes.
_WORDS = {
    DEALER: ("dealer", "dealers", "distributor", "经销商", "经销商客户", "经销客户", "经销"),
    POTENTIAL: ("potential", "prospect", "潜在客户", "潜在", "潜力客户", "意向客户"),
    DOWNSTREAM: ("downstream", "small", "下游客户", "下游", "小客户"),
    FORMER: ("former", "lapsed", "lost", "inactive", "流失客户", "流失", "历史客户", "停用"),
}
#: The class that each reason leads to.
_PROPOSED = {
    "ended": FORMER,
    "in_talks": POTENTIAL,
    "never_bought": DOWNSTREAM,
    "new": POTENTIAL,
    "small": DOWNSTREAM,
    "large_not_long": POTENTIAL,
    "large_not_stable": POTENTIAL,
    "long_large_stable": DEALER,
}
#: The four deeds that show eagerness, beside the attitude that is said.
DEEDS = ("funding", "resources", "precedence", "staffing")
_MONTHS = ["account_id", "period", "amount", "purchases"]


@dataclass(frozen=True, kw_only=True)
class ClassRules:
    """From when on a customer counts as long, large, stable, new or former.

    Parameters
    ----------
    long_days : int
        A tie is long from so many days on: since the first purchase, or ``since`` on file.
    large_share : float
        Large are those who together bring this share of the sales of a year, the largest first.
    stable_quarters : int
        A customer who bought in so many of the last four quarters of a year is stable.
    new_days : int
        A customer is new for so many days from its first purchase.
    ended_days : int
        After so many days without a purchase the purchases have ended.
    """

    long_days: int = 730
    large_share: float = 0.8
    stable_quarters: int = 3
    new_days: int = 180
    ended_days: int = 365

    def __post_init__(self):
        for name in ("long_days", "new_days", "ended_days"):
            require_number(name, getattr(self, name), low=1, whole=True)
        require_number("large_share", self.large_share, over=0, high=1)
        require_number("stable_quarters", self.stable_quarters, low=1, high=4, whole=True)


def proposed_class(
    known: KnownCustomers, *, in_talks: Iterable[str] = (), rules: ClassRules | None = None
) -> pd.DataFrame:
    """The class of each customer by what it does, beside that on file, with the reason.

    A customer whose purchases ended is *former*, whatever its class was: neither downstream nor a
    prospect. Else one that is new, or has not bought yet but talks, is *potential*, and so is a
    large one that is not long or stable yet; one that is all three is a *dealer*; those who are
    small, or only in touch, are *downstream*.

    Parameters
    ----------
    known : KnownCustomers
        With ``months`` and ``file``.
    in_talks : account ids
        With whom something is being talked over, such as those with open deals.
    rules : ClassRules, optional
        The limits, where others than the usual are meant.

    Returns
    -------
    DataFrame, one row per account of the file, those with another class than on file first
        - ``account_id, name`` (where the file has it), ``class`` (on file, in its words),
          ``proposed_class``, ``class_reason`` (``ended``, ``never_bought``, ``in_talks``, ``new``,
          ``small``, ``large_not_long``, ``large_not_stable``, ``long_large_stable``: the first that
          is true),
        - ``agrees``: whether both say the same; missing where the file says none, or a word that is
          none of the four,
        - what it rests on: ``first_period, last_period`` (months with a purchase), ``tie_days``,
          ``amount_year`` (of 365 days), ``quarters`` (of the last four with a purchase).

    Examples
    --------
    >>> months = pd.DataFrame({"account_id": ["A", "A", "A", "B"], "amount": 9.0, "purchases": 1,
    ...                        "period": ["2024-09", "2025-01", "2025-05", "2022-01"]})
    >>> file = pd.DataFrame({"account_id": ["A", "B", "C"], "class": ["dealer", "downstream", None],
    ...                      "since": pd.to_datetime(["2020-01-01", None, None])})
    >>> table = proposed_class(KnownCustomers(as_of="2025-06-30", months=months, file=file))
    >>> table[["account_id", "class", "proposed_class", "class_reason", "agrees"]]
      account_id       class proposed_class       class_reason  agrees
    0          B  downstream         former              ended   False
    1          C         NaN     downstream       never_bought    <NA>
    2          A      dealer         dealer  long_large_stable    True
    """
    rules = rules or ClassRules()
    table = kept_file(known)
    table = table[[name for name in ("account_id", "name", "class", "since") if name in table]]
    table = table.assign(**{name: None for name in ("class", "since") if name not in table})
    history = _history(known)
    table = table.astype({"account_id": object}).merge(history, "left", on="account_id")
    table["tie_days"] = table["tie_days"].combine(
        (known.as_of.normalize() - pd.to_datetime(table["since"])).dt.days, np.fmax
    )
    large = table["account_id"].isin(_largest(history, rules.large_share))
    bought = table["first_period"].notna()
    reasons = {
        "ended": bought & (table["silent_days"] > rules.ended_days),
        "in_talks": ~bought & table["account_id"].isin(list(in_talks)),
        "never_bought": ~bought,
        "new": table["bought_days"] <= rules.new_days,
        "small": ~large,
        "large_not_long": ~(table["tie_days"] >= rules.long_days),
        "large_not_stable": ~(table["quarters"] >= rules.stable_quarters),
    }
    reason = np.select(list(reasons.values()), list(reasons), "long_large_stable")
    proposed = pd.Series(reason, table.index, dtype=str).map(_PROPOSED)
    said = table["class"].map(_class_of)
    agrees = said.eq(proposed).astype("boolean").mask(said.isna())
    table = table.assign(
        proposed_class=proposed.astype(str),
        class_reason=pd.Series(reason, table.index, dtype=str),
        agrees=agrees,
        place=np.select([agrees.eq(False).fillna(False), agrees.isna()], [0, 1], 2),
    )
    table = table.sort_values(["place", "account_id"], kind="stable", ignore_index=True)
    shown = ["class", "proposed_class", "class_reason", "agrees", "first_period", "last_period"]
    who = [name for name in ("account_id", "name") if name in table]
    return table[[*who, *shown, "tie_days", "amount_year", "quarters"]]


def _largest(history: pd.DataFrame, share: float) -> pd.Series:
    """The accounts that together bring a share of the year, the one that passes it among them."""
    rows = history[history["amount_year"] > 0]
    rows = rows.sort_values(["amount_year", "account_id"], ascending=[False, True])
    before = rows["amount_year"].cumsum() - rows["amount_year"]
    return rows.loc[before < share * rows["amount_year"].sum(), "account_id"]


def _class_of(word: object) -> str | None:
    """The class that a word of the file means; none for any other."""
    plain = unicodedata.normalize("NFKC", str(word)).strip().lower()
    return next((name for name, words in _WORDS.items() if plain in words), None)


def _history(known: KnownCustomers) -> pd.DataFrame:
    """Of each account that bought, since when, how lately, how much and how steadily."""
    rows = frame_of(known, "months", _MONTHS)
    names = sorted(rows["period"].unique())
    today = known.as_of.normalize()
    # A month counts as the days since it began.
    ages = {name: (today - known.calendar.bounds_of(name)[0]).days for name in names}
    days = rows["period"].map(ages).astype(float)
    rows = rows.assign(days=days, quarter=(days // 92).where(days < 368))
    bought = rows[rows["purchases"] > 0]
    table = bought.groupby("account_id").agg(
        first_period=("period", "min"),
        last_period=("period", "max"),
        bought_days=("days", "max"),
        silent_days=("days", "min"),
        quarters=("quarter", "nunique"),
    )
    year = rows[rows["days"] < 365].groupby("account_id")["amount"].sum()
    table = table.assign(tie_days=table["bought_days"], amount_year=year)
    return table.reset_index().astype({"account_id": object})


def eagerness(known: KnownCustomers, *, stale_days: int = 180) -> pd.DataFrame:
    """How eager each customer is: the latest scores with their age, and what it does.

    Parameters
    ----------
    known : KnownCustomers
        With ``eagerness``; ``invoices, open_items, months, file`` for what the data themselves say.
    stale_days : int
        Scores that are older are stale.

    Returns
    -------
    DataFrame, one row per account with a score or a deed, the most eager first
        - ``account_id``, the scores ``funding, resources, precedence, staffing, attitude``,
          ``deeds`` (mean of the four that were scored), ``eagerness`` (mean of deeds and attitude;
          missing without a deed), ``words_ahead`` (attitude less deeds: who says more than it
          does), ``assessed_at, assessed_by, age_days, is_stale``,
        - deeds in the data: ``paid_n, early_n, early_rate`` (invoices paid, and before their due
          day), ``prepaid_amount`` (paid ahead of any invoice), ``wallet_share`` (sales of a month
          over the ``monthly_sales`` on file), ``slow_share`` (of its purchases, those in the half
          of the year in which all customers buy least).

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "account_id": ["A", "A"], "assessed_at": pd.to_datetime(["2025-01-01", "2025-06-01"]),
    ...     "funding": [0.1, 0.4], "resources": 0.4, "precedence": 0.2, "staffing": None,
    ...     "attitude": 0.9, "assessed_by": "Wu"})
    >>> table = eagerness(KnownCustomers(as_of="2025-06-30", eagerness=scores))
    >>> table[["account_id", "deeds", "eagerness", "words_ahead", "age_days"]].round(2)
      account_id  deeds  eagerness  words_ahead  age_days
    0          A   0.33       0.62         0.57        29
    """
    require_number("stale_days", stale_days, low=1, whole=True)
    named = ["account_id", *DEEDS, "attitude", "assessed_at", "assessed_by"]
    rows = frame_of(known, "eagerness", named)[named]
    rows = rows.sort_values(["assessed_at", *named], kind="stable")
    scores = rows.drop_duplicates("account_id", keep="last")
    table = scores.astype({name: float for name in (*DEEDS, "attitude")})
    deeds = table[list(DEEDS)].mean(axis=1)
    age = (known.as_of.normalize() - table["assessed_at"].dt.normalize()).dt.days
    table = table.assign(
        deeds=deeds,
        # What is only said counts by itself where nothing was scored but words: not at all.
        eagerness=pd.concat([deeds, table["attitude"]], axis=1).mean(axis=1).where(deeds.notna()),
        words_ahead=table["attitude"] - deeds,
        age_days=age,
        is_stale=(age > stale_days).astype("boolean"),
    )
    for deed in (_paid_early(known), _prepaid(known), _wallet(known), _slow_months(known)):
        whose = {"account_id": object}
        table = table.astype(whose).merge(deed.astype(whose), "outer", on="account_id")
    table = table.sort_values(["eagerness", "account_id"], ascending=[False, True])
    shown = [*named[:6], "deeds", "eagerness", "words_ahead", "assessed_at", "assessed_by"]
    shown += ["age_days", "is_stale", "paid_n", "early_n", "early_rate"]
    return (
        table[[*shown, "prepaid_amount", "wallet_share", "slow_share"]]
        .reset_index(drop=True)
        .astype({"age_days": "Int64"})
    )


def _paid_early(known: KnownCustomers) -> pd.DataFrame:
    """How many of its invoices each account paid before their due day."""
    if not len(known.invoices.columns):
        return pd.DataFrame({"account_id": [], "paid_n": [], "early_n": [], "early_rate": []})
    rows = frame_of(known, "invoices", ["account_id", "kind", "due_at", "settled_at"])
    paid = rows[rows["settled_at"].notna() & rows["due_at"].notna() & (rows["kind"] == "invoice")]
    early = paid["settled_at"].dt.normalize() < paid["due_at"].dt.normalize()
    table = early.groupby(paid["account_id"]).agg(paid_n="size", early_n="sum").reset_index()
    return table.assign(early_rate=table["early_n"] / table["paid_n"])


def _prepaid(known: KnownCustomers) -> pd.DataFrame:
    """What each account has paid that no invoice is for yet."""
    if not len(known.open_items.columns):
        return pd.DataFrame({"account_id": [], "prepaid_amount": []})
    items = frame_of(known, "open_items", ["account_id", "kind", "credit_amount"])
    paid = items[(items["kind"] == "payment") & (items["credit_amount"] > 0)]
    return paid.groupby("account_id")["credit_amount"].sum().rename("prepaid_amount").reset_index()


def _wallet(known: KnownCustomers) -> pd.DataFrame:
    """What each account buys of us in a month, over all that it sells in one."""
    file = kept_file(known)
    if not len(known.months.columns) or "monthly_sales" not in file:
        return pd.DataFrame({"account_id": [], "wallet_share": []})
    table = file[["account_id", "monthly_sales"]].merge(_history(known), on="account_id")
    sold = table["monthly_sales"].where(table["monthly_sales"] > 0)
    return table.assign(wallet_share=table["amount_year"] / 12 / sold)[
        ["account_id", "wallet_share"]
    ]


def _slow_months(known: KnownCustomers) -> pd.DataFrame:
    """Of the purchases of each account, the share in the six months in which all buy least."""
    if not len(known.months.columns):
        return pd.DataFrame({"account_id": [], "slow_share": []})
    rows = frame_of(known, "months", _MONTHS)
    rows = rows.assign(month=rows["period"].str.extract(r"(\d+)$")[0])
    of_all = rows.groupby("month")["purchases"].sum().rename("bought").reset_index()
    slow = of_all.sort_values(["bought", "month"])["month"].head(len(of_all) // 2)
    kept = rows.assign(slow=rows["purchases"].where(rows["month"].isin(slow), 0))
    sums = kept.groupby("account_id")[["slow", "purchases"]].sum()
    share = sums["slow"] / sums["purchases"].where(sums["purchases"] > 0)
    return share.rename("slow_share").reset_index()

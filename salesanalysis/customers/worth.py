"""What customers will be worth within a horizon, and how far such totals were off before."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from salesanalysis.customers.purchasing import (
    NOT_IDENTIFIED,
    OK,
    RHYTHM,
    PurchasingModel,
    fit_purchasing,
)
from salesanalysis.customers.spend import SpendModel
from salesanalysis.errors import require_columns
from salesanalysis.stats import require_level

#: Draws of the parameters, and of the customers under each.
_SETS, _OF_EACH = 20, 10
#: As much of a total as nothing is taken for: its logarithm is asked for.
_NONE = 1e-6
_PAST = {"known_on": "datetime64[us]", "horizon_days": "float64", "status": "str"}
_PAST |= {"expected_total": "float64", "came_total": "float64"}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CustomerValue:
    """What customers will be worth, as from :func:`customer_value`.

    Attributes
    ----------
    customers : DataFrame, one row per customer, the most valuable first
        ``account_id, expected_purchases, expected_spend`` (of a purchase), ``customer_value`` with
        ``value_low, value_high``.
    total : DataFrame, one row
        ``horizon_days, customers, expected_purchases`` with ``purchases_low, purchases_high``,
        ``customer_value`` with ``value_low, value_high``, ``days_tested``: on so many earlier days
        the total was told and held against what came. The limits are widened by how far it was off
        then, and missing where it was never tested. ``status`` is that of the model of buying.
    """

    customers: pd.DataFrame
    total: pd.DataFrame

    def listed(self, most: int = 20) -> pd.DataFrame:
        """The most valuable customers; none where the total was never tested or cannot be told."""
        tested = self.total["days_tested"].iloc[0] > 0
        return self.customers.dropna(subset="customer_value").head(most if tested else 0)

    def __repr__(self) -> str:
        days = self.total["horizon_days"].iloc[0]
        return f"CustomerValue, {days:g} days: {len(self.customers):,} customers"


def past_totals(rhythms: pd.DataFrame, *, model: str = "pareto") -> pd.DataFrame:
    """How many purchases were expected on earlier days, and how many came.

    Parameters
    ----------
    rhythms : DataFrame, one row per day × customer
        As from :func:`salesanalysis.reduce.customers.rhythms`.
    model : {"pareto", "bg", "mbg"}
        As for :func:`fit_purchasing`, fitted anew to what was known on each day.

    Returns
    -------
    DataFrame, one row per earlier day × later day
        ``known_on, horizon_days, status`` (of the fit), ``expected_total, came_total,
        total_error``: the logarithm of what came beside what was expected.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-01", "2025-03-02"])
    >>> rhythms = pd.DataFrame({"known_on": days, "account_id": "A", "repeats": [30, 70],
    ...     "first_to_last_days": [99.0, 159.0], "watched_days": [100.0, 160.0]})
    >>> past_totals(rhythms)[["horizon_days", "status", "came_total"]]
       horizon_days         status  came_total
    0          60.0  not_identified        40.0
    """
    require_columns(rhythms.columns, ["known_on", "account_id", "repeats"], "`rhythms`")
    by_day = {day: rows for day, rows in rhythms.groupby("known_on")}
    found = []
    for day in sorted(by_day)[:-1]:
        known = by_day[day].reset_index(drop=True)
        fitted = fit_purchasing(known, model=model)
        for later in (each for each in sorted(by_day) if each > day):
            days = (later - day) / pd.Timedelta(days=1)
            repeats = by_day[later].set_index("account_id")["repeats"]
            came = repeats.reindex(known["account_id"]).sum() - known["repeats"].sum()
            told = fitted.expected(known, horizon_days=days).sum(skipna=False)
            found.append((day, days, fitted.status, float(told), float(came)))
    table = pd.DataFrame(found, columns=list(_PAST)).astype(_PAST)
    some = (table["expected_total"] > 0) & (table["came_total"] > 0)
    ratio = (table["came_total"] / table["expected_total"]).where(some)
    return table.assign(total_error=np.log(ratio))


def customer_value(
    rhythm: pd.DataFrame,
    *,
    purchasing: PurchasingModel,
    spend: SpendModel,
    horizon_days: float,
    past: pd.DataFrame | None = None,
    level: float = 0.8,
) -> CustomerValue:
    """What each customer will be worth within a horizon, and all of them together.

    A horizon is needed: where many customers hardly ever leave, what they will be worth in the end
    has no limit. The limits hold the chance of each customer and what is not known of the
    parameters of buying; those of the total what it was off on earlier days, too.

    Parameters
    ----------
    rhythm : DataFrame, one row per customer
        As from :func:`salesanalysis.reduce.customers.rhythm`.
    purchasing : PurchasingModel
        As from :func:`fit_purchasing`.
    spend : SpendModel
        As from :func:`fit_spend`.
    horizon_days : float
    past : DataFrame, optional
        As from :func:`past_totals`, of the same model. Of each earlier day the longest horizon
        counts that is not longer than this one.
    level : float
        Of the limits.

    Examples
    --------
    >>> from salesanalysis.customers import fit_spend
    >>> rng = np.random.default_rng(1)
    >>> repeats = rng.poisson(rng.gamma(1.0, 4.0, 200))
    >>> rhythm = pd.DataFrame({"account_id": range(200), "repeats": repeats, "watched_days": 300.0,
    ...     "first_to_last_days": np.where(repeats > 0, 290.0, 0.0),
    ...     "repeat_amount": np.where(repeats > 0, rng.gamma(9.0, 2.0, 200), np.nan)})
    >>> models = {"purchasing": fit_purchasing(rhythm), "spend": fit_spend(rhythm)}
    >>> customer_value(rhythm, **models, horizon_days=90)
    CustomerValue, 90 days: 200 customers
    """
    require_level(level)
    require_columns(rhythm.columns, [*RHYTHM, "repeat_amount"], "`rhythm`")
    rows = rhythm.sort_values("account_id", ignore_index=True)
    bought = purchasing.expected(rows, horizon_days=horizon_days)
    each = spend.expected(rows)
    table = rows[["account_id"]].assign(
        expected_purchases=bought, expected_spend=each, customer_value=bought * each
    )
    tails = [(1 - level) / 2, (1 + level) / 2]
    worth, sums = [], []
    for each_bought, each_worth in _drawn(purchasing, spend, rows, horizon_days):
        worth.append(each_worth.astype(np.float32))  # of a million customers they are many
        sums.append((each_bought.sum(), each_worth.sum()))
    nothing = np.full((2, len(rows)), np.nan)
    limits = np.quantile(worth, tails, axis=0) if worth and len(rows) else nothing
    table["value_low"], table["value_high"] = limits
    total = {"horizon_days": float(horizon_days), "customers": len(rows)}
    total |= {"status": purchasing.status}
    off, days = _off(past, purchasing.status, horizon_days, level)
    for what, name, at in (
        ("expected_purchases", "purchases", 0),
        ("customer_value", "value", 1),
    ):
        middle = table[what].sum(skipna=False)
        ends = np.quantile([each[at] for each in sums], tails) if middle > 0 else np.full(2, np.nan)
        wide = np.exp(np.hypot(np.log(np.maximum(ends / middle, _NONE)), off))
        total |= {what: middle, f"{name}_low": middle / wide[0], f"{name}_high": middle * wide[1]}
    table = table.sort_values(["customer_value", "account_id"], ascending=[False, True])
    return CustomerValue(
        customers=table.reset_index(drop=True), total=pd.DataFrame([total | {"days_tested": days}])
    )


def _off(past, status: str, horizon_days: float, level: float) -> tuple[float, int]:
    """How far totals may be off, as a logarithm, and on how many days they were tested."""
    if past is None:
        return np.nan, 0
    from scipy.special import stdtrit

    columns = ["known_on", "horizon_days", "status", "total_error"]
    require_columns(past.columns, columns, "`past`")
    rows = past[(past["status"] == status) & (past["horizon_days"] <= horizon_days)]
    rows = rows.dropna(subset=["total_error"]).sort_values("horizon_days")
    error = rows.groupby("known_on")["total_error"].last()
    if error.empty:
        return np.nan, 0
    return float(stdtrit(len(error), (1 + level) / 2) * np.sqrt((error**2).mean())), len(error)


def _drawn(
    model: PurchasingModel, spend: SpendModel, rows: pd.DataFrame, horizon: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Purchases and their value of each customer, draw by draw."""
    if model.status == NOT_IDENTIFIED:
        return
    rng = np.random.default_rng(0)
    x, T = rows["repeats"].to_numpy(float), rows["watched_days"].to_numpy(float)
    middle = np.log(model.values)
    for values in np.exp(rng.multivariate_normal(middle, model.covariance, size=_SETS)):
        alive = replace(model, values=values).alive(rows).fillna(1.0).to_numpy()
        for _ in range(_OF_EACH):
            bought = _purchases(model, values, x, T, horizon, rng)
            bought = np.where(rng.random(len(x)) < alive, bought, 0)
            yield bought, spend.drawn(rows, bought, rng)


def _purchases(model: PurchasingModel, values, x, T, horizon: float, rng) -> np.ndarray:
    """How many purchases who is alive makes within the horizon."""
    rate = rng.gamma(values[0] + x) / (values[1] + T)
    if model.status != OK:
        return rng.poisson(rate * horizon)
    if model.model == "pareto":
        leaving = rng.gamma(values[2], size=len(x)) / (values[3] + T)
        stays = rng.exponential(size=len(x)) / np.maximum(leaving, 1e-300)
        return rng.poisson(rate * np.minimum(stays, horizon))
    first = int(model.model == "mbg")
    leaves = rng.beta(values[2], values[3] + x + first).clip(1e-12, 1)
    return np.minimum(rng.poisson(rate * horizon), rng.geometric(leaves))

"""How often each customer will buy, and whether it still is one: models of the whole company."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.customers import purchase_likelihoods as likelihoods
from salesanalysis.customers.likeliest import errors_of, most_likely
from salesanalysis.customers.purchase_outlook import chance_buys, expected_purchases
from salesanalysis.errors import SalesAnalysisError, require_choice, require_columns

OK, NO_LEAVING_SEEN, NOT_IDENTIFIED = "ok", "no_leaving_seen", "not_identified"
#: The models, their likelihoods and parameters; those of time in days, the others without a unit.
MODELS: dict[str, tuple[Callable, tuple[str, ...]]] = {
    "pareto": (likelihoods.pareto, ("r", "alpha_days", "s", "beta_days")),
    "bg": (likelihoods.bg, ("r", "alpha_days", "a", "b")),
    "mbg": (likelihoods.mbg, ("r", "alpha_days", "a", "b")),
}
_NBD = ("r", "alpha_days")
#: Leaving is seen where it makes the data so much likelier: 2 × log of it, the 5% of chi².
_SEEN = 3.841
#: From fewer customers who bought again nothing is fitted.
LEAST_BUYERS = 20
_BOUND = 14.0
#: Customers who are so much alike in buying or leaving cannot be told from customers who are alike.
_ALIKE = {"r": 50.0, "s": 20.0, "b": 50.0}
_STARTS = ((0.0, 1.5, 0.0, 1.0), (-1.0, 1.0, -0.5, 2.0))

RHYTHM = ["account_id", "repeats", "first_to_last_days", "watched_days"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PurchasingModel:
    """How a company's customers buy and leave, as from :func:`fit_purchasing`.

    Attributes
    ----------
    model : str
        ``pareto``, ``bg`` or ``mbg``.
    status : str
        ``ok``; ``no_leaving_seen``: the data are as likely if nobody ever leaves, so purchases are
        expected as of customers who stay, and no chance of being alive is told;
        ``not_identified``: too little is known, nothing is told.
    names : tuple of str
        The parameters; those of time end in their unit.
    values, errors : array
        Their estimates and standard errors; without an error where it is as large as it may be:
        the customers are alike.
    covariance : array
        Of the logarithms of the parameters.
    log_likelihood : float
        With time in weeks, as it is published.
    gain : float
        Twice the logarithm of how much likelier leaving makes the data.
    customers : int
        To how many it was fitted.
    """

    model: str
    status: str
    names: tuple[str, ...]
    values: np.ndarray
    errors: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    gain: float
    customers: int

    def __repr__(self) -> str:
        return f"PurchasingModel, {self.model}: {self.status}, {self.customers:,} customers"

    def summary(self) -> pd.DataFrame:
        """The parameters: ``parameter, estimate, standard_error``; missing if not identified."""
        shown = {"parameter": self.names, "estimate": self.values, "standard_error": self.errors}
        return pd.DataFrame(shown)

    def alive(self, rhythm: pd.DataFrame) -> pd.Series:
        """The chance that each customer still is one, in the order of the rows given.

        Missing where the model cannot tell: where no leaving was seen, or under BG/NBD of who
        bought once, for there nobody leaves before the second purchase.
        """
        x, tx, T = times_of(rhythm)
        chance = np.full(len(x), np.nan)
        if self.status == OK and self.model == "pareto":
            r, alpha, s, beta = self.values
            value, _ = likelihoods.pareto(self.values, x, tx, T)
            value = value - likelihoods.nbd(self.values[:2], x, tx, T)[0]
            chance = np.exp(s * np.log(beta / (beta + T)) - value)
        elif self.status == OK:
            first = int(self.model == "mbg")
            chance = 1 / (1 + likelihoods.left_odds(self.values, x, tx, T, first))
            chance[x + first == 0] = np.nan
        return pd.Series(chance, rhythm.index, name="alive")

    def expected(self, rhythm: pd.DataFrame, *, horizon_days: float) -> pd.Series:
        """How many purchases each customer will make, in the order of the rows given."""
        return self._of_each(expected_purchases, rhythm, horizon_days).rename("expected_purchases")

    def buys(self, rhythm: pd.DataFrame, *, horizon_days: float) -> pd.Series:
        """The chance that each customer buys at all, in the order of the rows given."""
        return self._of_each(chance_buys, rhythm, horizon_days).rename("chance_buys")

    def _of_each(self, of: Callable, rhythm: pd.DataFrame, horizon_days: float) -> pd.Series:
        """What a model that has parameters says of each customer; missing where it has none."""
        require_days(horizon_days)
        x, tx, T = times_of(rhythm)
        if self.status == NOT_IDENTIFIED:
            return pd.Series(np.nan, rhythm.index)
        # Under BG/NBD who bought once has not left, which is no statement about it.
        alive = self.alive(rhythm).fillna(1.0).to_numpy()
        leaves = self.model if self.status == OK else None
        return pd.Series(of(self.values, x, T, horizon_days, alive, leaves), rhythm.index)


def fit_purchasing(rhythm: pd.DataFrame, *, model: str = "pareto") -> PurchasingModel:
    """How the customers buy and leave: maximum likelihood, equal rows fitted once.

    Parameters
    ----------
    rhythm : DataFrame, one row per customer, those who bought once too
        As from :func:`salesanalysis.reduce.customers.rhythm`: ``account_id, repeats,
        first_to_last_days, watched_days``.
    model : {"pareto", "bg", "mbg"}
        Customers leave at any moment (Pareto/NBD), or after a repeat purchase (BG/NBD), or after
        any purchase (MBG/NBD).

    Returns
    -------
    PurchasingModel
        Its ``status`` says whether leaving was seen at all.

    Raises
    ------
    SalesAnalysisError
        A row contradicts itself, such as repeats on the day of the first purchase.

    References
    ----------
    See :mod:`salesanalysis.customers.purchase_likelihoods`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> repeats = rng.poisson(rng.gamma(1.0, 4.0, 200))
    >>> last = np.where(repeats > 0, rng.uniform(0.6, 1, 200) * 300, 0).round()
    >>> rhythm = pd.DataFrame({"account_id": range(200), "repeats": repeats, "watched_days": 300.0,
    ...                        "first_to_last_days": last})
    >>> fit_purchasing(rhythm)
    PurchasingModel, pareto: no_leaving_seen, 200 customers
    """
    require_choice("model", model, MODELS)
    x, tx, T = times_of(rhythm)
    function, names = MODELS[model]
    if (x > 0).sum() < LEAST_BUYERS:
        return _unknown(model, names, len(x))
    x, tx, T, n = counted(x, tx, T)
    scale = T.max() / 40  # whatever the unit of time
    rows = (x, tx / scale, T / scale, n)
    stays = _fitted(likelihoods.nbd, rows, [(0.0, 1.5)], _NBD)
    leaves = _fitted(function, rows, _STARTS, names)
    gain = 2 * (leaves[1] - stays[1])
    seen = gain > _SEEN
    (z, total, covariance), names = (leaves, names) if seen else (stays, _NBD)
    customers = int(n.sum())
    if covariance is None:
        return _unknown(model, names, customers)
    units = np.where([name.endswith("_days") for name in names], scale, 1.0)
    values = np.exp(z) * units
    return PurchasingModel(
        model=model,
        status=OK if seen else NO_LEAVING_SEEN,
        names=names,
        values=values,
        errors=errors_of(values, covariance),
        covariance=covariance,
        log_likelihood=float(total - (n @ x) * np.log(scale / 7)),
        gain=float(gain),
        customers=customers,
    )


def _fitted(function: Callable, rows, starts, names: tuple[str, ...]):
    """The most likely parameters for counted rows."""
    x, tx, T, n = rows
    total = n.sum()

    def loss(z):
        p = np.exp(z)
        value, slope = function(p, x, tx, T)
        return -(n @ value) / total, -(slope @ n) * p / total

    most = [np.log(_ALIKE[name]) if name in _ALIKE else _BOUND for name in names]
    return most_likely(loss, total, starts, most)


def _unknown(model: str, names: tuple[str, ...], customers: int) -> PurchasingModel:
    """What is said where too little is known."""
    nothing = np.full(len(names), np.nan)
    return PurchasingModel(
        model=model, status=NOT_IDENTIFIED, names=names, values=nothing, errors=nothing,
        covariance=np.full((len(names), len(names)), np.nan), log_likelihood=np.nan, gain=np.nan,
        customers=customers,
    )  # fmt: skip


def counted(*columns: np.ndarray) -> tuple[np.ndarray, ...]:
    """The distinct rows of some columns, and how often each is there."""
    table = np.column_stack(columns)
    if not len(table):
        return *columns, np.zeros(0)
    table = table[np.lexsort(table.T)]
    start = np.flatnonzero(np.r_[True, np.any(table[1:] != table[:-1], axis=1)])
    return *table[start].T, np.diff(np.r_[start, len(table)]).astype(float)


def require_days(horizon_days: float) -> None:
    """Refuse a horizon that is none."""
    if not horizon_days > 0:
        raise SalesAnalysisError(
            f"`horizon_days` is {horizon_days!r}; expected a number of days over 0."
        )


def times_of(rhythm: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeats, days from the first to the last purchase, days watched; contradictions refused."""
    require_columns(rhythm.columns, RHYTHM, "`rhythm`")
    x, tx, T = (rhythm[name].to_numpy(float, na_value=np.nan) for name in RHYTHM[1:])
    faults = {
        "whole numbers of repeats, 0 or more": ~((x >= 0) & (x % 1 == 0)),
        "0 ≤ first_to_last_days ≤ watched_days": ~((tx >= 0) & (tx <= T)),
        "repeats after the day of the first purchase: the lines of a day are one purchase, and the"
        " first is no repeat": (x > 0) & (tx == 0),
        "no days between purchases where there was one": (x == 0) & (tx > 0),
    }
    for expected, wrong in faults.items():
        if wrong.any():
            which = ", ".join(str(one) for one in sorted(rhythm["account_id"][wrong])[:3])
            raise SalesAnalysisError(
                f"`rhythm` has {wrong.sum()} rows of which this is not true: {expected}. The first"
                f" are of {which}. Make it by `reduce.customers.rhythm`, or mend them."
            )
    return x, tx, T

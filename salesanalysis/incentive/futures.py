"""Possible futures: draws of sales that are given, or made from a distribution by payee."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_choice, require_columns
from salesanalysis.incentive.attainment_values import payee_periods

#: Numbers that are computed at once: small enough to stay in the cache of a processor.
_BLOCK = 1 << 14

DISTRIBUTIONS = ("lognormal", "normal")

#: A payee of fewer periods than this is drawn from the attainments of all.
LEAST_PERIODS = 4


@dataclass(frozen=True, eq=False)
class History:
    """Attainments seen, payee by payee, and where those begin that each payee is drawn from."""

    shares: np.ndarray
    first: np.ndarray
    count: np.ndarray

    @classmethod
    def of(cls, table: pd.DataFrame) -> "History":
        """From one row per payee × period with ``payee_id, share``, payees together."""
        count = table.groupby("payee_id", sort=True)["share"].size().to_numpy()
        first = np.cumsum(count) - count
        few = count < LEAST_PERIODS
        return cls(
            table["share"].to_numpy(float),
            np.where(few, 0, first),
            np.where(few, len(table), count),
        )

    def drawn(self, rng: np.random.Generator, rows: int) -> np.ndarray:
        """Futures × payees."""
        place = (rng.random((rows, len(self.first))) * self.count).astype(np.int64)
        return self.shares[self.first + place]


@dataclass(frozen=True, eq=False)
class Futures:
    """Draws of sales, given or to be made, block by block: always the same for the same seed."""

    payees: pd.DataFrame
    draws: int
    given: np.ndarray | None = None
    history: History | None = None
    distribution: str = "lognormal"
    correlation: float = 0.0
    seed: int = 0

    def blocks(self):
        """Rows of draws × payees, in order."""
        step = max(1, _BLOCK // max(len(self.payees), 1))
        sales_of = self._maker()
        for first in range(0, self.draws, step):
            rows = slice(first, min(first + step, self.draws))
            yield rows, sales_of(rows)

    def _maker(self) -> Callable[[slice], np.ndarray]:
        """What makes the sales of further futures, called in their order."""
        if self.given is not None:
            return self.given.__getitem__
        rng = np.random.default_rng(self.seed)
        if self.history is not None:
            # Who was exactly at a threshold is there again, whatever floats make of it.
            quota = self.payees["quota"].to_numpy(float) * (1 + 1e-12)
            return lambda rows: self.history.drawn(rng, rows.stop - rows.start) * quota
        return functools.partial(self._from_distribution, rng)

    def _from_distribution(self, rng: np.random.Generator, rows: slice) -> np.ndarray:
        mean, sd = (self.payees[name].to_numpy(float) for name in ("mean", "sd"))
        if self.distribution == "lognormal":
            spread = np.sqrt(np.log1p((sd / mean) ** 2))
            centre = np.log(mean) - spread**2 / 2
        else:
            spread, centre = sd, mean
        own, common = np.sqrt(1 - self.correlation), np.sqrt(self.correlation)
        noise = rng.standard_normal((rows.stop - rows.start, len(mean)))
        if common:
            noise *= own
            noise += common * rng.standard_normal((len(noise), 1))
        noise *= spread
        noise += centre
        return np.exp(noise, out=noise) if self.distribution == "lognormal" else noise


def futures(sales, *, distribution: str, correlation: float, draws: int, seed: int) -> Futures:
    """The futures of an array, of a table of draws, or of a distribution by payee."""
    if not isinstance(sales, pd.DataFrame):
        matrix = np.asarray(sales, dtype=float)
        matrix = matrix[:, None] if matrix.ndim == 1 else matrix
        if matrix.ndim != 2:
            raise SalesAnalysisError(
                f"`sales` has {matrix.ndim} dimensions; expected draws × payees."
            )
        names = pd.DataFrame({"payee_id": [str(at + 1) for at in range(matrix.shape[1])]})
        return Futures(names, len(matrix), _complete(matrix))
    if "draw" in sales.columns:
        require_columns(sales.columns, ["draw", "payee_id", "sales"], "`sales`")
        wide = sales.pivot_table(index="draw", columns="payee_id", values="sales", aggfunc="sum",
                                 sort=True)  # fmt: skip
        carried = [name for name in ("quota", "target_incentive") if name in sales.columns]
        payees = sales.groupby("payee_id", sort=True)[carried].first().reset_index()
        return Futures(payees, len(wide), _complete(wide.to_numpy(float)))
    if draws < 1:
        raise SalesAnalysisError(f"`draws` is {draws!r}; expected 1 or more.")
    if "period" in sales.columns:
        return _like_before(sales, draws, seed)
    if not {"mean", "sd"} & set(sales.columns):
        raise SalesAnalysisError(
            "`sales` has no column `draw`, `period` or `mean`; expected draws of the payees' sales,"
            " their sales by period, or `mean` and `sd` of each."
        )
    require_columns(sales.columns, ["payee_id", "mean", "sd"], "`sales`")
    require_choice("distribution", distribution, DISTRIBUTIONS)
    if not 0 <= correlation <= 1:
        raise SalesAnalysisError(f"`correlation` is {correlation!r}; expected 0 to 1.")
    wrong = ~(sales["sd"] >= 0) | ~np.isfinite(sales["mean"])
    if distribution == "lognormal":
        wrong |= ~(sales["mean"] > 0)
    if wrong.any():
        raise SalesAnalysisError(
            "`mean` and `sd` of the sales must be known, `sd` not negative"
            + (" and `mean` over 0 for a lognormal" if distribution == "lognormal" else "")
            + f"; not so for {', '.join(map(str, sales.loc[wrong, 'payee_id'].head(5)))}."
        )
    payees = sales.reset_index(drop=True)
    return Futures(payees, draws, distribution=distribution, correlation=correlation, seed=seed)


def _like_before(attainment: pd.DataFrame, draws: int, seed: int) -> Futures:
    """Futures in which each payee's attainment is one of those seen, at the last quota."""
    table = payee_periods(attainment)
    if table.empty:
        raise SalesAnalysisError("`sales` has no payee-period with a quota over 0 and sales.")
    carried = [name for name in ("quota", "target_incentive") if name in table.columns]
    payees = table.groupby("payee_id", sort=True)[carried].last().reset_index()
    return Futures(payees, draws, history=History.of(table), seed=seed)


def _complete(matrix: np.ndarray) -> np.ndarray:
    if np.isnan(matrix).any():
        raise SalesAnalysisError(
            f"`sales` is missing for {int(np.isnan(matrix).sum())} of draws × payees."
        )
    if not matrix.size:
        raise SalesAnalysisError("`sales` holds no draws.")
    return matrix

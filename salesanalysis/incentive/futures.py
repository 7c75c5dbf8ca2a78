"""Possible futures: draws of sales that are given, or made from a distribution by payee."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns

#: Numbers that are computed at once: small enough to stay in the cache of a processor.
_BLOCK = 1 << 14

DISTRIBUTIONS = ("lognormal", "normal")


@dataclass(frozen=True, eq=False)
class Futures:
    """Draws of sales, given or to be made, block by block: always the same for the same seed."""

    payees: pd.DataFrame
    draws: int
    given: np.ndarray | None = None
    distribution: str = "lognormal"
    correlation: float = 0.0
    seed: int = 0

    def blocks(self):
        """Rows of draws × payees, in order."""
        step = max(1, _BLOCK // max(len(self.payees), 1))
        if self.given is not None:
            for first in range(0, self.draws, step):
                yield slice(first, first + step), self.given[first : first + step]
            return
        rng = np.random.default_rng(self.seed)
        mean, sd = (self.payees[name].to_numpy(float) for name in ("mean", "sd"))
        if self.distribution == "lognormal":
            spread = np.sqrt(np.log1p((sd / mean) ** 2))
            centre = np.log(mean) - spread**2 / 2
        else:
            spread, centre = sd, mean
        own, common = np.sqrt(1 - self.correlation), np.sqrt(self.correlation)
        for first in range(0, self.draws, step):
            rows = slice(first, min(first + step, self.draws))
            noise = rng.standard_normal((rows.stop - rows.start, len(mean)))
            if common:
                noise *= own
                noise += common * rng.standard_normal((len(noise), 1))
            noise *= spread
            noise += centre
            if self.distribution == "lognormal":
                np.exp(noise, out=noise)
            yield rows, noise


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
    require_columns(sales.columns, ["payee_id", "mean", "sd"], "`sales`")
    if distribution not in DISTRIBUTIONS:
        raise SalesAnalysisError(
            f"`distribution` is {distribution!r}; expected one of {', '.join(DISTRIBUTIONS)}."
        )
    if not 0 <= correlation <= 1:
        raise SalesAnalysisError(f"`correlation` is {correlation!r}; expected 0 to 1.")
    if draws < 1:
        raise SalesAnalysisError(f"`draws` is {draws!r}; expected 1 or more.")
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
    return Futures(payees, draws, None, distribution, correlation, seed)


def _complete(matrix: np.ndarray) -> np.ndarray:
    if np.isnan(matrix).any():
        raise SalesAnalysisError(
            f"`sales` is missing for {int(np.isnan(matrix).sum())} of draws × payees."
        )
    if not matrix.size:
        raise SalesAnalysisError("`sales` holds no draws.")
    return matrix

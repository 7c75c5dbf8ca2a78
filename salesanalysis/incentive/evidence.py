"""What a look for one kind of behaviour found: effects, cases, and what else explains them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.summarised import Summarised

EFFECT_COLUMNS = ("measure", "n", "observed", "expected", "effect", "effect_low", "effect_high")


@dataclass(frozen=True, eq=False, repr=False)
class Evidence(Summarised):
    """Evidence of one kind of behaviour.

    Attributes
    ----------
    name : str
        ``timing``, ``sandbagging`` or ``gave_up``.
    effects : DataFrame
        One row per measure: ``measure, n, observed, expected, effect, effect_low, effect_high,
        verdict``. What ``n`` counts and what the effect is says the function that made it.
    cases : DataFrame
        Who, or when: as the function says.
    other_explanations : tuple of str
        Names of what else could make the same effect.
    threshold : float
        The level that it is about, as a share of the quota; missing where it is about none.
    """

    name: str
    effects: pd.DataFrame
    cases: pd.DataFrame
    other_explanations: tuple[str, ...]
    threshold: float = np.nan

    def effect(self, measure: str) -> pd.Series:
        """The row of one measure."""
        return self.effects.set_index("measure").loc[measure]

    def summary(self) -> pd.DataFrame:
        """One row per measure and number: ``name, value, unit``; all are shares."""
        rows = [
            (f"{row['measure']}_{name}", row[name], "share" if name != "n" else "count")
            for row in self.effects.to_dict("records")
            for name in EFFECT_COLUMNS[1:]
        ]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])

    @property
    def is_shown(self) -> bool:
        """Whether any of its effects is."""
        return bool((self.effects["verdict"] == "shown").any())


def evidence_table(found: Sequence[Evidence]) -> pd.DataFrame:
    """The effects of several looks under each other.

    Parameters
    ----------
    found : list of Evidence
        As from :func:`timing`, :func:`sandbagging` and :func:`gave_up`.

    Returns
    -------
    DataFrame
        One row per look × measure: ``behaviour, measure, n, observed, expected, effect, effect_low,
        effect_high, verdict``.

    Examples
    --------
    >>> evidence_table([]).columns[:2].tolist()
    ['behaviour', 'measure']
    """
    columns = ["behaviour", *EFFECT_COLUMNS, "verdict"]
    parts = [look.effects.assign(behaviour=look.name) for look in found]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns]


def effect_row(
    measure: str,
    n: int,
    observed: float,
    expected: float,
    effect: float,
    draws,
    level: float,
    *,
    sign: int = 1,
) -> dict:
    """One row of effects; its interval from the percentiles of the draws of the effect.

    ``sign`` is the direction in which the behaviour would move the measure.
    """
    draws = np.asarray(draws, dtype=float)
    draws = draws[np.isfinite(draws)]
    if len(draws) < 2 or not np.isfinite(effect):
        low = high = np.nan
        verdict = "too_few"
    else:
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
        away, beyond = (low, high) if sign > 0 else (-high, -low)
        verdict = "shown" if away > 0 else "opposite" if beyond < 0 else "not_shown"
    values = (measure, n, observed, expected, effect, low, high)
    return dict(zip(EFFECT_COLUMNS, values, strict=True)) | {"verdict": verdict}


def resampled_weights(n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """How often each of n things is drawn, draw by draw; all once where there is only one."""
    if n < 2:
        return np.ones((draws, n))
    return rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(float)


def payee_sums(payee: pd.Series, *terms: np.ndarray) -> np.ndarray:
    """Of each payee the sums of the terms' columns, in the order of the payees' names."""
    codes, names = pd.factorize(payee, sort=True)
    columns = np.column_stack(terms).T.astype(float)
    sums = [np.bincount(codes, weights=column, minlength=len(names)) for column in columns]
    return np.stack(sums, axis=1)


def redrawn(sums: np.ndarray, draws: int, seed: int, of: Callable) -> np.ndarray:
    """``of`` the sums over all payees, with whole payees drawn again each time.

    Fewer than two payees say nothing about how payees differ: then there are no draws.
    """
    if len(sums) < 2:
        return np.empty(0)
    weights = resampled_weights(len(sums), draws, np.random.default_rng(seed))
    return np.array([of(total) for total in weights @ sums])


def line_terms(design: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What sums of give a regression: products of the design with itself and with the values."""
    squares = design[:, :, None] * design[:, None, :]
    squares = squares.reshape(len(design), design.shape[1] ** 2)
    return np.column_stack([squares, design * values[:, None]])


def line_of(total: np.ndarray, width: int) -> np.ndarray:
    """The coefficients of a regression on so many columns, from the sums of its terms."""
    squares, products = np.split(total, [width * width])
    return np.linalg.lstsq(squares.reshape(width, width), products)[0]

"""How likely a rhythm of purchases is: Pareto/NBD, BG/NBD and MBG/NBD, with exact gradients.

A customer buys at a rate of its own and leaves at a moment of its own (Pareto/NBD) or, with a
chance of its own, after a purchase (BG/NBD; MBG/NBD also after the first). ``x`` are the purchases
after the first, ``tx`` is when the last one came, ``T`` how long the customer was watched, both
from the first. Parameters are logarithms in the fits and plain numbers here: ``r, alpha`` of the
rates, then ``s, beta`` or ``a, b`` of the leaving.

References
----------
Fader, P. S., Hardie, B. G. S., Lee, K. L. (2005), Marketing Science 24, 275–284 (BG/NBD).
Batislam, E. P., Denizel, M., Filiztekin, A. (2007), International Journal of Research in Marketing
24, 201–209 (MBG/NBD). Schmittlein, D. C., Morrison, D. G., Colombo, R. (1987), Management Science
33, 1–24 (Pareto/NBD).
"""

from collections.abc import Callable

import numpy as np

#: 16 points equal the hypergeometric function to 1e-11 and give smooth gradients.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
#: Where the density of having left falls by more over a silence the points follow its fall, at a
#: fifth of its pace: so it is smooth between them.
_STEEP, _PACE = 4.0, 5.0
_TINY = 1e-300

#: Values of each row and their gradient, one line per parameter.
Likelihood = tuple[np.ndarray, np.ndarray]


def nbd(p: np.ndarray, x: np.ndarray, tx: np.ndarray, T: np.ndarray) -> Likelihood:
    """Nobody leaves: purchases at a rate of one's own."""
    r, alpha = p
    grown, slope = _gamma_ratio(r, x)
    value = grown + r * np.log(alpha) - (r + x) * np.log(alpha + T)
    return value, np.stack([slope + np.log(alpha / (alpha + T)), r / alpha - (r + x) / (alpha + T)])


def bg(p: np.ndarray, x: np.ndarray, tx: np.ndarray, T: np.ndarray) -> Likelihood:
    """Leaving after a repeat purchase."""
    return _after_purchase(p, x, tx, T, 0)


def mbg(p: np.ndarray, x: np.ndarray, tx: np.ndarray, T: np.ndarray) -> Likelihood:
    """Leaving after any purchase, the first too."""
    return _after_purchase(p, x, tx, T, 1)


def _after_purchase(p, x, tx, T, first: int) -> Likelihood:
    from scipy.special import digamma, gammaln

    r, alpha, a, b = p
    grown, slope = _gamma_ratio(r, x)
    stays, by_a, by_b = _once_each(
        x,
        lambda v: gammaln(a + b) + gammaln(b + v + first) - gammaln(b) - gammaln(a + b + v + first),
        lambda v: digamma(a + b) - digamma(a + b + v + first),
        lambda v: digamma(a + b) + digamma(b + v + first) - digamma(b) - digamma(a + b + v + first),
    )
    odds = left_odds(p, x, tx, T, first)
    left = odds / (1 + odds)
    longer = np.log((alpha + T) / (alpha + tx))
    value = grown + r * np.log(alpha) + stays - (r + x) * np.log(alpha + T) + np.log1p(odds)
    times = np.where(x + first > 0, b + x - 1 + first, 1.0)
    return value, np.stack(
        [
            slope + np.log(alpha / (alpha + T)) + left * longer,
            r / alpha
            - (r + x) / (alpha + T)
            + left * (r + x) * (1 / (alpha + T) - 1 / (alpha + tx)),
            by_a + left / a,
            by_b - left / times,
        ]
    )


def left_odds(p, x, tx, T, first: int) -> np.ndarray:
    """How many times likelier it is that the customer left than that it is silent."""
    r, alpha, a, b = p
    may_leave = x + first > 0
    times = np.where(may_leave, b + x - 1 + first, 1.0)
    return np.where(may_leave, a / times * ((alpha + T) / (alpha + tx)) ** (r + x), 0.0)


def pareto(p: np.ndarray, x: np.ndarray, tx: np.ndarray, T: np.ndarray) -> Likelihood:
    """Leaving at any moment: the integral over it by Gauss–Legendre in its logarithm."""
    r, alpha, s, beta = p
    grown, slope = _gamma_ratio(r, x)
    least = min(alpha, beta)
    length = np.log((least + T) / (least + tx))[:, None]
    decay = (least + tx) * ((r + x) / (alpha + tx) + (s + 1) / (beta + tx)) - 1
    decay = decay.clip(0.1)[:, None] / _PACE
    decay = np.where(decay * length > _STEEP, decay, 1e-3)
    part = -np.expm1(-decay * length)
    behind = 1 - part * (NODES + 1) / 2
    u = np.log(least + tx)[:, None] - np.log(behind) / decay
    t = np.exp(u) - least
    log_a, log_b = np.log(alpha + t), np.log(beta + t)
    top = -(r + x) * np.log(alpha + tx) - (s + 1) * np.log(beta + tx)  # the largest: at tx
    f = np.exp(-(r + x)[:, None] * log_a - (s + 1) * log_b - top[:, None] + u)
    f = f * WEIGHTS / 2 * part / (decay * behind)
    integral = np.maximum(f.sum(axis=1), _TINY)
    alive = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    dead = np.log(s) + top + np.log(integral)
    both = np.logaddexp(alive, dead)
    left = np.exp(dead - both)
    stays = 1 - left

    def mean(values):
        return (f * values).sum(axis=1) / integral

    value = grown + r * np.log(alpha) + s * np.log(beta) + both
    return value, np.stack(
        [
            slope + np.log(alpha) - stays * np.log(alpha + T) - left * mean(log_a),
            r / alpha - (r + x) * (stays / (alpha + T) + left * mean(1 / (alpha + t))),
            np.log(beta) - stays * np.log(beta + T) + left * (1 / s - mean(log_b)),
            s / beta - stays * s / (beta + T) - left * (s + 1) * mean(1 / (beta + t)),
        ]
    )


def _gamma_ratio(r: float, x: np.ndarray) -> list[np.ndarray]:
    """Logarithm of Γ(r + x) / Γ(r), and its slope in r."""
    from scipy.special import digamma, gammaln

    return _once_each(
        x, lambda v: gammaln(r + v) - gammaln(r), lambda v: digamma(r + v) - digamma(r)
    )


def _once_each(x: np.ndarray, *functions: Callable) -> list[np.ndarray]:
    """Functions of ``x`` alone, worked out once for each value of it."""
    values, place = np.unique(x, return_inverse=True)
    return [function(values)[place] for function in functions]

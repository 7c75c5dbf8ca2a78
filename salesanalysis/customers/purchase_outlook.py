"""What customers who buy and leave as a model says will do within a horizon."""

import numpy as np

from salesanalysis.customers.purchase_likelihoods import NODES, WEIGHTS

_SAME = 1e-7


def expected_purchases(p, x, T, horizon, alive, leaves) -> np.ndarray:
    """Purchases within the horizon; ``leaves`` is the model, ``None`` if nobody does.

    The closed forms have a factor 1 / (s − 1) or 1 / (a − 1), whose limit at 1 is finite.
    """
    r, alpha = p[:2]
    rate = (r + x) / (alpha + T)
    if leaves is None:
        return rate * horizon
    if leaves == "pareto":
        s, beta = p[2:]
        longer, power = np.log1p(horizon / (beta + T)), _apart(s)
        return alive * rate * (beta + T) * -np.expm1(-power * longer) / power
    from scipy.special import hyp2f1

    a, b = p[2:]
    first = int(leaves == "mbg")
    late = (r + x) * np.log1p(-horizon / (alpha + T + horizon))
    power, whole = _apart(a), _apart(a) + b + x + first
    share = hyp2f1(r + x, b + x + first, whole, horizon / (alpha + T + horizon))
    return alive * whole / power * (1 - np.exp(late) * share)


def _apart(exponent: float) -> float:
    """An exponent less 1, but not 0."""
    return exponent - 1 if abs(exponent - 1) > _SAME else _SAME


def chance_buys(p, x, T, horizon, alive, leaves) -> np.ndarray:
    """The chance of a purchase within the horizon: still a customer, and not silent."""
    r, alpha = p[:2]
    silent = ((alpha + T) / (alpha + T + horizon)) ** (r + x)
    if leaves != "pareto":  # who is alive leaves at a purchase only
        return alive * (1 - silent)
    s, beta = p[2:]
    # Nothing comes of who stays and is silent, or was silent until it left: over that moment.
    u = horizon * (NODES + 1) / 2
    there, then = (alpha + T)[:, None], (beta + T)[:, None]
    leaving = s / (then + u) * (then / (then + u)) ** s * (there / (there + u)) ** (r + x)[:, None]
    left_first = (leaving * WEIGHTS).sum(axis=1) * horizon / 2
    stays = ((beta + T) / (beta + T + horizon)) ** s
    return alive * (1 - stays * silent - left_first)

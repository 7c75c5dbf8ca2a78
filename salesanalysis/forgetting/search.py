"""Where a fit looks for its curve: the bounds of each coordinate, and the grid it starts from."""

from dataclasses import dataclass

import numpy as np

from salesanalysis.forgetting.functions import Clock, wickelgren_bend
from salesanalysis.forgetting.minimum import Minima, minimise
from salesanalysis.forgetting.models import Model

#: Nodes of the grid in each coordinate, by how many coordinates there are.
GRID_NODES = {1: (120,), 2: (40, 40), 3: (18, 18, 18), 4: (13, 13, 13, 13)}
#: From how many nodes of the grid a fit goes on downhill.
DESCENTS = 24
#: −ln f at the observation after the reference of a curve that has nothing left there.
_GONE = 16.0
_SHARES = np.array([0.0, 0.1, 0.3, 0.5, 0.7, 0.9])


@dataclass(frozen=True, eq=False)
class Span:
    """What the times of the data allow to be told; each a number, or one per curve.

    ``first`` is the earliest time after 0 and ``gap`` the shortest time from the reference to
    another observation, both in units of the longest time.
    """

    reference: np.ndarray | float
    first: np.ndarray | float
    gap: np.ndarray | float

    @property
    def log_gap(self):
        """The logarithm of the factor from the reference to the next observation."""
        return np.log1p(self.gap / self.reference)

    @property
    def log_length(self):
        """The logarithm of the factor from the reference to the last observation."""
        return -np.log(self.reference)


def coordinate_bounds(model: Model, span: Span, *, negative: bool) -> tuple[list, list]:
    """Lowest and highest value of each coordinate; ``negative``: the curve may fall under 0."""
    low, high = [], []
    for coordinate in model.coordinates:
        match coordinate.kind:
            case "rate":
                ends = 0.0, _GONE / span.gap
            case "exponent":
                ends = 0.0, _GONE / span.log_gap
            case "odds":
                ends = 0.0, 1 - 1e-9
            case "loss":
                ends = 0.0, 60 / span.gap
            case "slope":
                ends = 0.0, (1e6 if negative else 1.0) / span.log_length
            case "bend":
                ends = wickelgren_bend(1e-6), wickelgren_bend(1e9 / span.first)
            case "logit":
                ends = -40.0, 40.0
            case "steepness":
                ends = 0.0, 50.0
            case _:
                ends = 0.0, 1.0
        low.append(ends[0])
        high.append(ends[1])
    return low, high


def beyond_bounds(model: Model, high) -> list[float]:
    """A value beyond each upper bound that is only what the data can tell; missing for others."""
    beyond = {"share": lambda end: np.nan, "odds": lambda end: (1 + end) / 2}
    beyond |= {"bend": lambda end: (1 + end) / 2, "logit": lambda end: end + 1}
    kinds = [coordinate.kind for coordinate in model.coordinates]
    return [
        beyond.get(kind, lambda end: 1.5 * end)(end) for kind, end in zip(kinds, high, strict=True)
    ]


def grid(model: Model, span: Span, nodes: tuple[int, ...]) -> list:
    """The nodes of the grid, one array per coordinate, all of them crossed.

    Where ``span`` has one entry per curve, so has the second axis of each array.
    """
    kinds = [coordinate.kind for coordinate in model.coordinates]
    axes = [_axis(kind, span, size) for kind, size in zip(kinds, nodes, strict=True)]
    index = np.meshgrid(*(np.arange(len(axis)) for axis in axes), indexing="ij")
    return [axis[at.ravel()] for axis, at in zip(axes, index, strict=True)]


def _axis(kind, span, nodes) -> np.ndarray:
    """The nodes of one coordinate (× the curves)."""
    at = np.linspace(0.0, 1.0, nodes)
    at = at[:, None] if np.ndim(span.gap) else at
    match kind:
        case "rate":
            low, high = np.log(1e-3 / (1 - span.reference)), np.log(_GONE / span.gap)
        case "exponent":
            low, high = np.log(1e-3 / span.log_length), np.log(_GONE / span.log_gap)
        case "odds":
            low, high = np.log(1e-3 / (1 - span.reference)), np.log(1e3 / span.gap)
            rate = np.exp(low + at * (high - low))
            return rate / (1 + rate)
        case "slope":
            low, high = np.log(1e-3 / span.log_length), np.log(10 / span.log_length)
        case "bend":
            return 1e-3 + at * (wickelgren_bend(1e9 / span.first) - 1e-3) + 0 * span.gap
        case "loss":
            low, high = np.log(0.03), np.log(50.0)
        case "logit":
            return -8.0 + 16 * at + 0 * span.gap
        case "steepness":
            low, high = np.log(0.05), np.log(40.0)
        case _:
            return _SHARES if at.ndim == 1 else _SHARES[:, None] + 0 * span.gap
    return np.exp(low + at * (high - low)) + 0 * span.gap * at


def best_scale(model: Model, clock: Clock, data, theta, low, high) -> tuple:
    """The S that fits best at each node, by weighted least squares, and its squared error."""
    times, y, weight = shares(data)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        f = model.shape(times, clock, theta)
        weighted = weight * f
        cross, square = (weighted * y).sum(axis=0), (weighted * f).sum(axis=0)
        # A little under a bound of 1: on it, a single wrong answer makes the curve impossible.
        most = np.where(low < high, high * (1 - 1e-3), high)
        scale = np.clip(np.nan_to_num(cross / square, nan=1.0), np.maximum(low, 1e-12), most)
        return scale, scale * (scale * square - 2 * cross)


def shares(data) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, shares retained (without the guessed ones) and weights of scores or counts.

    What is partly guessed says less of what is retained: its error is larger by 1 / (1 − guess).
    """
    if hasattr(data, "score"):
        y, weight = data.score, data.weight
    else:
        y = np.divide(data.k, data.n, out=np.zeros_like(data.k), where=data.n > 0)
        weight = data.n
    return data.times, (y - data.guess) / (1 - data.guess), weight * (1 - data.guess) ** 2


def descend(objective, span: Span, low, high, *, noise=0.0) -> Minima:
    """The least of one data set's objective, from the best nodes of the grid downhill.

    The result has one column per descent, the best first.
    """
    model = objective.model
    theta = grid(model, span, GRID_NODES[len(model.coordinates)])
    scale = low[0] + 0.0 * theta[0]
    if low[0] < high[0]:
        scale, _ = best_scale(model, objective.clock, objective.data, theta, low[0], high[0])
    params = np.clip(np.stack([scale, *theta]), low[:, None], high[:, None])
    value = objective.value(params)
    start = params[:, _promising(value, len(model.coordinates))]
    found = minimise(objective, start, low[:, None], high[:, None], noise=noise)
    order = np.argsort(found.value, kind="stable")
    return Minima(found.params[:, order], found.value[order], found.converged[order])


def _promising(value, dimensions) -> np.ndarray:
    """On a line its local minima, otherwise the best nodes."""
    if dimensions == 1:
        wall = np.concatenate([[np.inf], value, [np.inf]])
        lowest = np.flatnonzero((value <= wall[:-2]) & (value <= wall[2:]) & np.isfinite(value))
        lowest = lowest[np.argsort(value[lowest], kind="stable")]
    else:
        lowest = np.argsort(value, kind="stable")
        lowest = lowest[np.isfinite(value[lowest])]
    return lowest[:DESCENTS] if len(lowest) else np.array([0])


def best_nodes(objective, span: Span, low, high, nodes, parts: int) -> list[np.ndarray]:
    """The best nodes of the grid for each of many curves, each parameters × curves.

    One from each of so many ``parts`` of the first coordinate's range, because a model of several
    coordinates can have a valley in each.
    """
    model, clock, data = objective.model, objective.clock, objective.data
    theta = grid(model, span, nodes)
    found = []
    for part in np.array_split(np.arange(len(theta[0])), parts):
        best, params = np.full(low.shape[1], np.inf), low.copy()
        for at in part:
            node = [axis[at] for axis in theta]
            scale, error = best_scale(model, clock, data, node, low[0], high[0])
            here = np.stack([scale, *node])
            if not hasattr(data, "score"):  # a single right answer may forbid the least squares
                error = objective.value(here)
            params = np.where(error < best, here, params)
            best = np.minimum(best, error)
        found.append(np.clip(params, low, high))
    return found

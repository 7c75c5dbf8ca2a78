"""Curves fitted to data drawn anew, for intervals that make no use of a likelihood's shape."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forgetting.batches import BATCH_SIZE
from salesanalysis.forgetting.likelihoods import Intervals, LeastSquares, Objective
from salesanalysis.forgetting.merging import gathered, merged, neighbours
from salesanalysis.forgetting.minimum import minimise
from salesanalysis.forgetting.problem import Problem, in_order
from salesanalysis.forgetting.region import Draws
from salesanalysis.forgetting.search import best_nodes

#: With more distinct times than this, neighbours are put together before data are drawn.
MOST_TIMES = 200
#: Fewer learners than this, drawn anew, are mostly the same ones.
LEAST_LEARNERS = 5
#: Nodes of the grid that a drawn data set is searched on, besides the curve of the whole data.
_NODES = {1: (20,), 2: (7, 7), 3: (5, 5, 5), 4: (4, 4, 4, 4)}


@dataclass(frozen=True)
class Bootstrap:
    """How often data are drawn anew, and from which seed.

    Parameters
    ----------
    draws : int
        1 or more.
    seed : int
        The same seed gives the same draws.

    Examples
    --------
    >>> Bootstrap(draws=199)
    Bootstrap(draws=199, seed=0)
    """

    draws: int = 999
    seed: int = 0

    def __post_init__(self):
        if self.draws < 1:
            raise SalesAnalysisError(f"`draws` is {self.draws!r}; expected 1 or more.")


def drawn_again(problem: Problem, place, scores: pd.DataFrame, bootstrap: Bootstrap) -> Draws:
    """Curves of data sets: learners drawn anew where they are known, else new scores."""
    rng = np.random.default_rng(bootstrap.seed)
    if "learner_id" in scores.columns and scores["learner_id"].nunique() >= LEAST_LEARNERS:
        data = Cells.of(problem, scores).drawn(bootstrap.draws, rng)
    else:
        data = _drawn_from_curve(problem, place, bootstrap.draws, rng)
    return Draws(refitted(replace(problem.objective, data=data), problem, place))


def refitted(objective: Objective, problem: Problem, place) -> np.ndarray:
    """The best curve for each column of the data, parameters × columns."""
    cells, columns = _weight(objective.data).shape
    width = max(BATCH_SIZE // cells, 1)
    each = [np.arange(at, min(at + width, columns)) for at in range(0, columns, width)]
    parts = [_refitted(objective.take(which), problem, place) for which in each]
    return in_order(objective.model, np.concatenate(parts, axis=1))


def _refitted(objective: Objective, problem: Problem, place) -> np.ndarray:
    """From the curve of the whole data downhill, and from the grid where that is better."""
    columns = _weight(objective.data).shape[1]
    whole = np.repeat(np.asarray(place)[:, None], columns, axis=1)
    low, high = (np.broadcast_to(end[:, None], whole.shape) for end in (problem.low, problem.high))
    wishes = {"noise": problem.noise, "tolerance": 1e-10}
    found = minimise(objective, whole, low, high, **wishes)
    if _is_interval(objective.data):
        return found.params
    span = replace(problem.span, gap=problem.span.gap + np.zeros(columns))
    nodes = _NODES[len(objective.model.coordinates)]
    (node,) = best_nodes(objective, span, low, high, nodes, 1)
    params = found.params
    astray = objective.value(node) < found.value
    if astray.any():
        ends = low[:, astray], high[:, astray]
        again = minimise(objective.take(astray), node[:, astray], *ends, **wishes)
        params[:, astray] = again.params
    return params


@dataclass(frozen=True, eq=False)
class Cells:
    """Each learner's scores added up by time (or by interval), to be drawn again.

    ``first`` and ``second`` are learners × cells: scores and their number, or right and asked; of
    intervals only their number, in ``second``.
    """

    data: object
    first: object
    second: object

    @classmethod
    def of(cls, problem: Problem, scores: pd.DataFrame) -> "Cells":
        """The cells of all the scores that the problem was made of."""
        row = problem.seen.rows.row
        learner, known = pd.factorize(scores["learner_id"].to_numpy()[row], sort=True)
        return cls.of_rows(problem, slice(None), learner, len(known))

    @classmethod
    def of_rows(cls, problem: Problem, some, learner, learners: int) -> "Cells":
        """The cells of some of the rows, with the learner of each as a number from 0."""
        from scipy import sparse

        if (learner < 0).any():
            raise SalesAnalysisError(
                "`learner_id` is missing in some rows; without it learners cannot be drawn anew."
                " Leave these rows out, or the column."
            )
        data, rows = problem.objective.data, problem.seen.rows
        cell = rows.time
        if not _is_interval(data):
            data = gathered(data, MOST_TIMES)
            # In the same unit as those of the data, so that rounding makes no other cells.
            times = rows.time / problem.objective.clock.unit
            cell = neighbours(times, rows.guess, MOST_TIMES)
        shape = learners, int(cell.max()) + 1
        first, second = (
            sparse.csr_matrix((values[some], (learner, cell[some])), shape=shape)
            for values in (rows.first, rows.second)
        )
        return cls(data, first, second)

    def drawn(self, draws: int, rng) -> object:
        """The data with the learners drawn anew, a column for each draw."""
        learners = self.first.shape[0]
        times = rng.multinomial(learners, np.full(learners, 1 / learners), size=draws)
        return self.weighted(times.astype(float))

    def weighted(self, times) -> object:
        """The data with each learner as often as ``times`` (draws × learners) says."""
        first, second = (np.asarray(times @ part).T for part in (self.first, self.second))
        if _is_interval(self.data):
            return replace(self.data, count=second)
        if isinstance(self.data, LeastSquares):
            means = np.divide(first, second, out=np.zeros_like(first), where=second > 0)
            return replace(self.data, score=means, weight=second)
        return replace(self.data, k=first, n=second)


def _drawn_from_curve(problem: Problem, place, draws: int, rng):
    """New data from the curve: normal errors, or binomial counts; intervals drawn as learners."""
    data = merged(problem.objective.data, MOST_TIMES)
    model, clock = problem.objective.model, problem.objective.clock
    if _is_interval(data):
        count = data.count[:, 0]
        drawn = rng.multinomial(int(count.sum()), count / count.sum(), size=draws)
        return replace(data, count=drawn.T.astype(float))
    retention = model.retention(data.times, clock, np.asarray(place)[:, None])
    p = data.guess + (1 - data.guess) * retention
    if isinstance(data, LeastSquares):
        free = problem.seen.size - problem.wanted
        sse = float(problem.objective.value(np.asarray(place)[:, None])[0])
        sd = np.sqrt(sse / max(free, 1) / data.weight)
        # Those of one time by their guesses, so that chance does not depend on the order of rows.
        guess = np.broadcast_to(data.guess, data.times.shape)
        at = np.argsort(np.lexsort((guess[:, 0], data.times[:, 0])))
        score = p + sd * rng.standard_normal((len(p), draws))[at]
        return replace(data, score=score, weight=np.broadcast_to(data.weight, score.shape))
    k = rng.binomial(data.n.astype(np.int64), np.clip(p, 0, 1), size=(len(p), draws))
    return replace(data, k=k.astype(float), n=np.broadcast_to(data.n, k.shape))


def _is_interval(data) -> bool:
    return isinstance(data, Intervals)


def _weight(data) -> np.ndarray:
    """How much there is in each cell, observations × curves."""
    if _is_interval(data):
        return data.count
    return data.weight if isinstance(data, LeastSquares) else data.n

"""The chance of buying within the next step, by silence, by how long and how often one bought.

Customers are counted in cells of equal standing, so that a hundred thousand of them on thirteen
days are a few thousand rows.
"""

import numpy as np

#: Days and repeats are told apart as their logarithms are: silences by a tenth, others by a fifth.
SILENT, REST = 0.1, 0.2
#: Silences, in days, at which the slope may change.
_KNEES = (14, 45, 120)
_RIDGE = 1.0
_ROUNDS, _SETTLED = 50, 1e-5
#: Nothing is learnt of fewer customers who bought, or who did not.
_LEAST_TAUGHT = 30


def bin_of(days: np.ndarray, width: float = SILENT) -> np.ndarray:
    """The cell of a number of days or of repeats."""
    return np.rint(np.log1p(days) / width).astype(np.int64)


def centre(number: np.ndarray, width: float = SILENT) -> np.ndarray:
    """What a cell stands for."""
    return np.expm1(number * width)


def _features(silent: np.ndarray, tx: np.ndarray, x: np.ndarray) -> np.ndarray:
    """What the chance depends on, of cells; one column each."""
    silent, tx, x = np.broadcast_arrays(silent, tx, x)
    s, own = np.log1p(silent), np.log((tx + 7) / (x + 1))
    lx, age = np.log1p(x), np.log(tx + silent + 7)
    knees = [np.maximum(s - np.log1p(days), 0) for days in _KNEES]
    return np.stack([s, *knees, lx, lx**2, age, own, s * lx, s * own, own * lx], axis=-1)


class StepModel:
    """A logistic regression on cells, drawn a little to "all alike", made monotone in silence.

    Parameters
    ----------
    silent, tx, x : arrays
        The cells, by their numbers.
    customers, bought : arrays
        How many stood in each, and how many of them bought within the step.
    """

    def __init__(self, silent, tx, x, customers, bought):
        seen = customers > 0
        rest = (centre(each[seen], REST) for each in (tx, x))
        rows = _features(centre(silent[seen]), *rest)
        n, y = customers[seen].astype(float), bought[seen].astype(float)
        self.longest = int(silent[seen].max())
        self.mean = n @ rows / n.sum()
        self.spread = np.sqrt(n @ (rows - self.mean) ** 2 / n.sum()) + 1e-9
        design = self._design(rows)
        ridge = np.eye(design.shape[1]) * _RIDGE
        ridge[0, 0] = 0
        self.weights = np.zeros(len(ridge))
        self.weights[0] = np.log(y.sum() / (n.sum() - y.sum()))
        for _ in range(_ROUNDS):
            p = 1 / (1 + np.exp(-design @ self.weights))
            bent = (design * (n * p * (1 - p))[:, None]).T @ design + ridge
            step = np.linalg.solve(bent, design.T @ (y - n * p) - ridge @ self.weights)
            self.weights += step
            if np.abs(step).max() < _SETTLED:
                break

    def _design(self, rows: np.ndarray) -> np.ndarray:
        scaled = (rows - self.mean) / self.spread
        return np.concatenate([np.ones((*rows.shape[:-1], 1)), scaled], axis=-1)

    def by_silence(self, tx: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The chance of each pair of cells, one line each, at every silence up to the longest.

        Where the fit rises with silence the shorter one gets the chance of the longer: too high a
        chance raises no false alarm.
        """
        silent = centre(np.arange(self.longest + 1))[None, :]
        rows = _features(silent, centre(tx, REST)[:, None], centre(x, REST)[:, None])
        chance = 1 / (1 + np.exp(-self._design(rows) @ self.weights))
        return np.maximum.accumulate(chance[:, ::-1], axis=1)[:, ::-1]


def within(chance: np.ndarray, pair, silent_days, step_days: float, steps: int) -> np.ndarray:
    """The chance of buying within some steps, from that of each step by silence.

    Of a silence longer than any seen that of the longest is taken, which is not too low.
    """
    stays = np.ones(len(pair))
    for at in range(steps):
        silent = np.minimum(bin_of((silent_days + at * step_days).clip(0)), chance.shape[1] - 1)
        stays *= 1 - chance[pair, silent]
    return 1 - stays


class Standing:
    """How many customers stood in each cell on each day, and what became of them.

    Parameters
    ----------
    day, customer : arrays
        Numbers of the day and the customer of each row.
    silent_days, tx, x : arrays
        How each stood.
    last : array of datetime
        The last purchase then known.
    days : array of datetime
        In ascending order, one step apart.
    """

    def __init__(self, day, customer, silent_days, tx, x, last, days):
        self.day, self.days = day, days
        self.step_days = float((days[1] - days[0]) / np.timedelta64(1, "D"))
        pairs, self.pair = _numbered(bin_of(tx, REST), bin_of(x, REST))
        cells, self.cell = _numbered(self.pair, bin_of(silent_days))
        self.tx, self.x = pairs
        self.pair_of, self.silent = cells
        self._last, self._customer = last, customer
        #: The row of each customer and day; -1 where it was not known.
        self._row = np.full((int(customer.max()) + 1, len(days)), -1)
        self._row[customer, day] = np.arange(len(day))
        self.customers = self._counted(np.ones(len(day)))
        self._bought = self.bought_within(1)

    def _counted(self, what: np.ndarray) -> np.ndarray:
        """Sums by day and cell."""
        shape = (len(self.days), len(self.silent))
        at = self.day * shape[1] + self.cell
        return np.bincount(at, weights=what, minlength=shape[0] * shape[1]).reshape(shape)

    def bought_within(self, steps: int) -> np.ndarray:
        """How many of each day and cell had bought, as known some steps later."""
        then = self.day + steps
        later = self._row[self._customer, then.clip(max=len(self.days) - 1)]
        there = (then < len(self.days)) & (later >= 0)
        return self._counted(there & (self._last[later] > self.days[self.day]))

    def chance_by_silence(self, day: int) -> np.ndarray | None:
        """The chance of a step for each pair, as learnt by a day from those before it.

        Nothing where too few bought, or did not.
        """
        customers, bought = self.customers[:day].sum(axis=0), self._bought[:day].sum(axis=0)
        if not _LEAST_TAUGHT <= bought.sum() <= customers.sum() - _LEAST_TAUGHT:
            return None
        tx, x = self.tx[self.pair_of], self.x[self.pair_of]
        return StepModel(self.silent, tx, x, customers, bought).by_silence(self.tx, self.x)


def _numbered(one: np.ndarray, two: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """The distinct pairs of two columns of small numbers, and which of them each row is."""
    wide = two.max() + 1
    key = one * wide + two
    there = np.bincount(key) > 0
    distinct = np.flatnonzero(there)
    return [distinct // wide, distinct % wide], (np.cumsum(there) - 1)[key]

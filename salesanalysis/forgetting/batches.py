"""Many small sets of scores side by side: one column per group, short ones filled up.

Groups of about the same size are put into one batch, so that a long one does not make all the
others long.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from salesanalysis.forgetting.functions import Clock
from salesanalysis.forgetting.likelihoods import Counts, LeastSquares
from salesanalysis.forgetting.search import Span

#: Numbers in each array of a batch: what stays in the processor's cache.
BATCH_SIZE = 40_000


@dataclass(frozen=True, eq=False)
class GroupRows:
    """Usable rows of all groups, in the order of group and time; ``group`` counts from 0."""

    group: np.ndarray
    groups: int
    elapsed: np.ndarray
    score: np.ndarray
    asked: np.ndarray
    guess: np.ndarray | float

    @classmethod
    def of(cls, group, groups, elapsed, score, asked, guess) -> "GroupRows":
        """The rows, put in order."""
        order = np.lexsort((elapsed, group))
        guess = guess[order] if np.ndim(guess) else guess
        return cls(group[order], groups, elapsed[order], score[order], asked[order], guess)

    @property
    def sizes(self) -> np.ndarray:
        """How many rows each group has."""
        return np.bincount(self.group, minlength=self.groups)

    def batches(self, some: np.ndarray) -> Iterator["GroupBatch"]:
        """Those of some groups that have any row, those of about the same size together."""
        sizes = self.sizes
        begin = np.cumsum(sizes) - sizes
        classes = np.ceil(np.log2(np.maximum(sizes, 1))).astype(int)
        some = some & (sizes > 0)
        for each in np.unique(classes[some]):
            members = np.flatnonzero((classes == each) & some)
            width = max(BATCH_SIZE // int(sizes[members].max()), 1)
            for at in range(0, len(members), width):
                yield self._batch(members[at : at + width], begin, sizes)

    def _batch(self, members, begin, sizes) -> "GroupBatch":
        rows = np.arange(sizes[members].max())[:, None]
        there = rows < sizes[members]
        # A place without an observation repeats the group's last one, with a weight of 0.
        at = begin[members] + np.minimum(rows, sizes[members] - 1)
        arrays = self.elapsed[at], self.score[at], self.asked[at] * there, there
        return GroupBatch(members, *arrays, self.guess[at] if np.ndim(self.guess) else self.guess)


@dataclass(frozen=True, eq=False)
class GroupBatch:
    """Groups side by side: ``elapsed, score`` and ``asked`` have a column for each member.

    ``score`` is a share, or the number right of those asked; ``there`` says which places hold an
    observation, ``asked`` is 0 in the others. ``guess`` is such an array where it differs.
    """

    members: np.ndarray
    elapsed: np.ndarray
    score: np.ndarray
    asked: np.ndarray
    there: np.ndarray
    guess: np.ndarray | float

    def take(self, which) -> "GroupBatch":
        """Some of the groups."""
        arrays = (a[:, which] for a in (self.elapsed, self.score, self.asked, self.there))
        guess = self.guess[:, which] if np.ndim(self.guess) else self.guess
        return GroupBatch(self.members[which], *arrays, guess)

    @property
    def size(self) -> np.ndarray:
        """Rows of each group."""
        return self.there.sum(axis=0)

    @property
    def distinct(self) -> np.ndarray:
        """Distinct times of each group."""
        new = np.diff(self.elapsed, axis=0) > 0
        return 1 + (new & self.there[1:]).sum(axis=0)

    def likelihood(self, counts: bool):
        """The batch as data of a likelihood, in units of each group's longest time."""
        times = self.elapsed / self.longest
        if counts:
            return Counts(times, self.score * self.there, self.asked, self.guess)
        return LeastSquares(times, self.score, self.asked, self.guess)

    @property
    def longest(self) -> np.ndarray:
        """The last time of each group; 1 where all are 0."""
        return np.where(self.elapsed[-1] > 0, self.elapsed[-1], 1.0)

    def clock(self, from_zero: bool, unit_minutes: float) -> Clock:
        """The clock of each group."""
        reference = 0.0 * self.longest if from_zero else self.elapsed[0] / self.longest
        return Clock(self.longest, reference, unit_minutes * self.longest)

    def span(self, clock: Clock) -> Span:
        """What the times of each group allow to be told."""
        times = self.elapsed / self.longest

        def after(moment):
            return np.where(times > moment, times, np.inf).min(axis=0)

        return Span(clock.reference, after(0.0), after(clock.reference) - clock.reference)

    def shares(self, counts: bool) -> np.ndarray:
        """The share right in each observation; missing elsewhere."""
        asked = np.where(self.there & (self.asked > 0), self.asked, np.nan)
        return self.score / asked if counts else np.where(self.there, self.score, np.nan)

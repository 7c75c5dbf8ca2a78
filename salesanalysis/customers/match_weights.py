"""How much each agreement of a field speaks for one company: Fellegi and Sunter's weights, by EM.

Pairs are of three kinds: of one company; of two companies that belong together, as sisters at one
address; of two that have nothing to do with each other. What the last look like is learnt from
random pairs, what the second look like from pairs that different codes prove to be two: without
them every sister whose code is missing would be taken for the company itself.
"""

from dataclasses import dataclass, replace

import numpy as np

from salesanalysis.customers.agreement import AGREEMENTS, EQUAL, Agreed

#: Belief before the data on what agrees (other, near, close, equal) in records of one company and
#: of two, and how many pairs it is worth.
_SAME, _APART, _WORTH = (0.05, 0.07, 0.08, 0.8), (0.9, 0.08, 0.015, 0.005), 10.0
#: With fewer pairs that look like one company and are proved to be two nothing is learnt from them.
LEAST_ALIKE = 5
_STEPS = 200
_ENOUGH = 1e-9


@dataclass(frozen=True, eq=False)
class MatchWeights:
    """Chance of each agreement, field by field, in pairs of each kind, and the shares of the kinds.

    Attributes
    ----------
    same, related, apart : ndarray, fields × agreements without the first (missing)
    prior, prior_related : float
        Share of all pairs of records: of one company, of two that belong together.
    """

    same: np.ndarray
    related: np.ndarray
    apart: np.ndarray
    prior: float
    prior_related: float

    def weights(self, pairs: Agreed) -> np.ndarray:
        """How much each field speaks for one company and against two, in bits; pairs × fields."""
        return (_logs(self.same, pairs.level) - self._apart(pairs)) / np.log(2)

    def _apart(self, pairs: Agreed) -> np.ndarray:
        """Log chances for two companies; of a value that many have the chance is its share."""
        logs = _logs(self.apart, pairs.level)
        common = np.log(np.maximum(pairs.common, 1e-300))
        return np.where(pairs.level == EQUAL, np.maximum(logs, common), logs)

    def probabilities(self, pairs: Agreed, proved: np.ndarray) -> np.ndarray:
        """Chances of the three kinds, pairs × kinds.

        Where ``proved`` is −1 they are two companies, where it is 1 they are not two that belong
        together: these have codes of their own.
        """
        shares = (self.prior, self.prior_related, 1 - self.prior - self.prior_related)
        with np.errstate(divide="ignore"):
            scores = np.log(shares) + np.column_stack(
                [
                    _logs(self.same, pairs.level).sum(axis=1),
                    _logs(self.related, pairs.level).sum(axis=1),
                    self._apart(pairs).sum(axis=1),
                ]
            )
        scores[proved < 0, 0] = -np.inf
        scores[proved > 0, 1] = -np.inf
        chance = np.exp(scores - scores.max(axis=1, keepdims=True))
        return chance / chance.sum(axis=1, keepdims=True)


def fitted(
    pairs: Agreed, at_random: np.ndarray, *, proved: np.ndarray, of: int, prior: float | None
) -> MatchWeights:
    """The weights that make what was seen most likely.

    ``prior`` is that of two random records, because what random pairs look like is: one among the
    candidates would count their selection twice and make every candidate a match.

    Parameters
    ----------
    pairs : Agreed
        Those that share a key.
    at_random : ndarray, pairs × fields
        What agrees in random ones.
    proved : ndarray of int
        For each of ``pairs`` −1 where values exclude that they are one company, 1 where the same
        values are equal, else 0.
    of : int
        Number of all pairs of records.
    prior : float or None
        Share of all pairs that are of one company; estimated where it is not given.
    """
    n, fields = pairs.level.shape
    expected, unlike = (np.tile(belief, (fields, 1)) for belief in (_SAME, _APART))
    made = MatchWeights(
        same=expected,
        related=expected,
        apart=_chances(at_random, np.ones(len(at_random)), _WORTH * unlike),
        prior=min(0.3, 0.3 * n / of) if prior is None else prior,
        prior_related=0.0,
    )
    # Two companies that would be taken for one if nothing proved that they are two.
    two = proved < 0
    alike = made.probabilities(pairs, np.zeros(n, int))[two, 0]
    if learns := bool(alike.sum() >= LEAST_ALIKE):
        related = _chances(pairs.level[two], alike, 0.5)
        made = replace(made, related=related, prior_related=alike.sum() / of)
    for _ in range(_STEPS):
        same, related, _apart = made.probabilities(pairs, proved).T
        before, made = made, MatchWeights(
            same=_chances(pairs.level, same, _WORTH * expected),
            related=_chances(pairs.level, related, 0.5) if learns else made.related,
            apart=made.apart,
            # One pair more than there seem to be: else the last few would talk each other away.
            prior=min(0.5, (same.sum() + 1) / of) if prior is None else prior,
            prior_related=min(0.4, (related.sum() + 1e-6) / of) if learns else 0.0,
        )  # fmt: skip
        if abs(made.prior - before.prior) + abs(made.same - before.same).max() < _ENOUGH:
            break
    return made


def _logs(chances: np.ndarray, level: np.ndarray) -> np.ndarray:
    """The logarithm of the chance of what is seen, pairs × fields; 0 where a value is missing."""
    logs = np.column_stack([np.zeros(len(chances)), np.log(chances)])
    return logs[np.arange(len(chances)), level]


def _chances(level: np.ndarray, weight: np.ndarray, before: np.ndarray | float) -> np.ndarray:
    """The share of each agreement in each field, in pairs of these weights."""
    counted = [
        np.bincount(column, weights=weight, minlength=len(AGREEMENTS))[1:] for column in level.T
    ]
    counts = np.reshape(counted, (level.shape[1], len(AGREEMENTS) - 1)) + before
    return counts / counts.sum(axis=1, keepdims=True)

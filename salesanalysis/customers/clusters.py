"""Records put together pair by pair, the most probable first, where nothing forbids it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: What keeps two records apart beside the fields of a veto: they are two customers already.
CUSTOMER = "customer_id"


@dataclass(frozen=True)
class Refused:
    """A pair that was not put together, and the field by which its clusters exclude each other."""

    one: int
    other: int
    by: str


class Clusters:
    """Records in clusters, none of which has two values of a field that tells companies apart.

    Parameters
    ----------
    records : int
        How many there are: 0, 1, …
    distinct : mapping of name to sequence of int
        For each field of this kind, the number of each record's value, −1 where it says nothing.
    """

    def __init__(self, records: int, distinct: Mapping[str, Sequence[int] | np.ndarray]):
        self._above = list(range(records))
        self._values = {
            name: {at: value for at, value in enumerate(map(int, values)) if value >= 0}
            for name, values in distinct.items()
        }
        self.refused: list[Refused] = []

    def root(self, record: int) -> int:
        """The smallest record of the same cluster."""
        top = record
        while self._above[top] != top:
            top = self._above[top]
        while self._above[record] != top:
            self._above[record], record = top, self._above[record]
        return top

    def join(self, pairs: Iterable[tuple[int, int]], *, only: Sequence[str] | None = None) -> None:
        """Put pairs together in their order, but for those that a field forbids.

        ``only`` these fields forbid it; all of them where it is not given.
        """
        for one, other in pairs:
            first, second = sorted((self.root(one), self.root(other)))
            if first == second:
                continue
            by = self._forbids(first, second, only)
            if by is not None:
                self.refused.append(Refused(one, other, by))
                continue
            self._above[second] = first
            for values in self._values.values():
                if second in values:
                    values.setdefault(first, values[second])

    def _forbids(self, first: int, second: int, only: Sequence[str] | None) -> str | None:
        for name, values in self._values.items():
            if only is not None and name not in only:
                continue
            if first in values and second in values and values[first] != values[second]:
                return name
        return None

    def roots(self) -> np.ndarray:
        """The smallest record of each record's cluster."""
        return np.array([self.root(record) for record in range(len(self._above))], dtype=int)

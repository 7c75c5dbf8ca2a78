"""What the cells of a column look like and prove: each shape once, with how often it occurs."""

from dataclasses import dataclass, field

from salesanalysis.sources.faults import Fault


@dataclass(frozen=True)
class Sighting:
    """Cells of one shape that prove the same of their column.

    ``shape`` is what is left of a cell without the values of its digits, empty for a cell that a
    plain cast reads; ``row`` and ``cell`` are those of the first such cell.
    """

    shape: str
    proof: str
    count: int
    row: object
    cell: str


@dataclass(frozen=True)
class Seen:
    """All that was counted of a column: by name, and its sightings where it has odd cells."""

    counts: dict[str, int] = field(default_factory=dict)
    sightings: tuple[Sighting, ...] = ()

    def __getitem__(self, name: str) -> int:
        return self.counts.get(name) or 0


@dataclass(frozen=True)
class Reading:
    """How a column is read: an SQL expression over its cleaned text, and what to tell about it.

    ``signs`` are the signs and words of currency in its cells.
    """

    sql: str
    faults: list[Fault] = field(default_factory=list)
    signs: tuple[str, ...] = ()


def total(sightings) -> int:
    """How many cells some sightings are of."""
    return sum(sighting.count for sighting in sightings)


def first(sightings) -> Sighting:
    """The one of them that comes first in the input."""
    return min(sightings, key=lambda sighting: (sighting.row is None, sighting.row))

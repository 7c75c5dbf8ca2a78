"""The company of a case: its time, its people, and how much it does not record."""

import datetime
import random
from dataclasses import dataclass, field

LETTERS = ["T", "S", "D", "C", "B", "A"]
_OWN_STAGES = ["Lead", "Demo", "Offer"]
_CHINESE = ["初步接洽", "方案报价", "合同谈判"]
_REGIONS = ["North", "Süd", "华东", "R&D <East>", "100", "O'Neil $5"]
_SELLERS = ["Ana", "李雷", "007", "José Müller", "42", "nan-Li", "_x_"]


@dataclass
class Company:
    """What the tables of one company have in common."""

    random: random.Random
    stages: list[str]
    first: datetime.date
    days: int
    regions: list[str]
    sellers: list[str]
    lacking: float  # how likely it is that a column is left out
    exits: dict = field(default_factory=dict)  # the stages of the history that are ends
    outcomes: list[str] = field(default_factory=list)  # what becomes of its deals
    depth: int = 0  # so many stages are recorded
    deals: list[dict] = field(default_factory=list)  # with all that could be known of them
    tables: dict[str, list[dict]] = field(default_factory=dict)  # what the company hands over

    def day(self) -> datetime.date:
        """A day of the company's time."""
        return self.first + datetime.timedelta(self.random.randint(0, self.days))

    def often(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.random.random() < share

    def one(self, *choices):
        """One of the choices."""
        return self.random.choice(choices)

    def amount(self) -> float:
        """A round sum, or one with cents."""
        return self.random.choice(
            [self.random.randint(1, 900) * 100, self.random.random() * 1e5 // 0.01 / 100]
        )


def company(rng: random.Random) -> Company:
    """A company of its own: stages, time, regions, sellers, and how much it does not record."""
    several = rng.choice([1, 1, 2, 5])
    return Company(
        random=rng,
        stages=rng.choice([LETTERS, LETTERS, _OWN_STAGES, _CHINESE]),
        first=datetime.date(rng.choice([2022, 2024]), rng.randint(1, 12), rng.randint(1, 28)),
        days=rng.choice([0, 5, 40, 200, 700]),
        regions=rng.sample(_REGIONS, min(several, len(_REGIONS))),
        sellers=rng.sample(_SELLERS, several),
        lacking=rng.choice([0.0, 0.2, 0.5, 0.9, 1.0]),
    )


def size(ours: Company) -> int:
    """How many rows a table has."""
    return ours.one(1, 2, 3, 5, 10, 30, 80, 200)


def some_columns(ours: Company, rows: list[dict], needed: list[str]) -> list[dict]:
    """The rows with the needed columns and some of the others; one of those is empty at times."""
    optional = [name for name in rows[0] if name not in needed]
    gone = {name for name in optional if ours.often(ours.lacking)}
    blank = {name for name in optional if ours.often(0.06)}
    zero = {name for name in ("amount", "hours", "earned") if ours.often(0.05)}
    return [
        {
            name: None if name in blank else 0 if name in zero else value
            for name, value in row.items()
            if name not in gone
        }
        for row in rows
    ]

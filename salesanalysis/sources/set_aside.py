"""What the rows set aside take along: how many, how much money, and whoever is in no other row."""

import math
from dataclasses import dataclass, field

from salesanalysis import columns as vocabulary

#: Columns that name who or what a report is about: missed most where all their rows are gone.
NAMED = ("payee_id", "owner_id", "learner_id", "person_id", "account_id", "period", "region")
#: How many names are kept of each.
_MOST_NAMES = 50


@dataclass(frozen=True)
class SetAside:
    """What was set aside for a fault, against what is used.

    Attributes
    ----------
    rows_share : float
        Of the rows used and set aside.
    amount_column : str
        The column of money that counts; empty where the input has none.
    amount, amount_share : float
        Its sum over the rows set aside, as far as it can be read, and what share of all money that
        is. Credit notes count by their size.
    amounts_unread : int
        Rows set aside whose amount is missing or cannot be read.
    used, lost : float
        What the column adds up to over the rows used and over those set aside, credit notes with
        their sign: together the total of the file.
    gone : dict of column to dict of name to money
        Names that no row has any more that is used, with what their rows add up to; missing where
        no amount of theirs can be read.
    """

    rows_share: float = 0.0
    amount_column: str = ""
    amount: float = 0.0
    amount_share: float = 0.0
    amounts_unread: int = 0
    used: float = 0.0
    lost: float = 0.0
    gone: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The larger of the two shares."""
        return max(self.rows_share, self.amount_share)

    @property
    def share_to_go_on(self) -> float:
        """The larger share in whole per cent, rounded up: a limit that lets it pass."""
        return min(1.0, math.ceil(self.share * 100) / 100)


def taken_along(used, aside, table: vocabulary.Table) -> SetAside:
    """What the Ibis table ``aside`` takes along; ``used`` has the other rows."""
    amounts = [c for c in table.columns if c.kind == "amount" and c.name in used.columns]
    # A table's own figure is the one that it cannot do without.
    name = next((c.name for c in sorted(amounts, key=lambda c: not c.required)), "")
    counts = [_counted(rows, name) for rows in (used, aside)]
    (rows, money, kept, _), (aside_rows, aside_money, lost, unread) = counts
    whole = money + aside_money
    return SetAside(
        rows_share=aside_rows / (rows + aside_rows),
        amount_column=name,
        amount=aside_money,
        amount_share=aside_money / whole if whole else 0.0,
        amounts_unread=unread if name else 0,
        used=kept,
        lost=lost,
        gone={
            column: names
            for column in NAMED
            if column in used.columns
            and table.key != (column,)
            and (names := _gone(used, aside, column, name))
        },
    )


def _counted(rows, amount: str) -> tuple[int, float, float, int]:
    """How many rows, their money by size and with its sign, how many without it."""
    if not amount:
        return rows.count().to_pyarrow().as_py(), 0.0, 0.0, 0
    counted = rows.aggregate(
        rows=rows.count(),
        money=rows[amount].abs().sum(),
        total=rows[amount].sum(),
        known=rows[amount].count(),
    )
    found = counted.to_pyarrow().to_pylist()[0]
    money, total = (_finite(found[name]) for name in ("money", "total"))
    return found["rows"], money, total, found["rows"] - found["known"]


def _finite(value: float | None) -> float:
    return value if value is not None and math.isfinite(value) else 0.0


def _gone(used, aside, column: str, amount: str) -> dict[str, float]:
    """The names in ``aside`` that ``used`` does not have, with their money."""
    rows = aside.filter(aside[column].notnull()).anti_join(used.select(column).distinct(), column)
    money = {"money": rows[amount].sum()} if amount else {}
    found = rows.group_by(column).aggregate(rows=rows.count(), **money)
    found = found.order_by(column).limit(_MOST_NAMES)
    return {
        row[column]: math.nan if row.get("money") is None else row["money"]
        for row in found.to_pyarrow().to_pylist()
    }

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
    gone : dict of column to list of str
        Names that no row has any more that is used.
    """

    rows_share: float = 0.0
    amount_column: str = ""
    amount: float = 0.0
    amount_share: float = 0.0
    amounts_unread: int = 0
    gone: dict[str, list[str]] = field(default_factory=dict)

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
    (rows, money, _), (aside_rows, aside_money, unread) = counts
    whole = money + aside_money
    return SetAside(
        rows_share=aside_rows / (rows + aside_rows),
        amount_column=name,
        amount=aside_money,
        amount_share=aside_money / whole if whole else 0.0,
        amounts_unread=unread if name else 0,
        gone={
            column: names
            for column in NAMED
            if column in used.columns
            and table.key != (column,)
            and (names := _gone(used, aside, column))
        },
    )


def _counted(rows, amount: str) -> tuple[int, float, int]:
    """How many rows, how much money, how many without it."""
    if not amount:
        return rows.count().to_pyarrow().as_py(), 0.0, 0
    counted = rows.aggregate(
        rows=rows.count(), money=rows[amount].abs().sum(), known=rows[amount].count()
    )
    found = counted.to_pyarrow().to_pylist()[0]
    money = found["money"] or 0.0
    return found["rows"], money if math.isfinite(money) else 0.0, found["rows"] - found["known"]


def _gone(used, aside, column: str) -> list[str]:
    """The names in ``aside`` that ``used`` does not have."""
    names = aside.select(column).distinct()
    names = names.filter(names[column].notnull()).anti_join(used.select(column), column)
    return names.order_by(column).limit(_MOST_NAMES).to_pyarrow().column(0).to_pylist()

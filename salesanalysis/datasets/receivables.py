"""Invoices of the made-up company's customers, their credit notes, and what was paid of them."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd

from salesanalysis.datasets.bookings import LAST_DAY

#: Invoices are listed from this day on, one for each order.
FIRST_INVOICE = pd.Timestamp("2024-10-01")
#: The latest day after which it is due on which one is paid in full; shares of the invoices.
MOST_LATE_DAYS, PARTIAL, DISPUTED, HELD_BACK, NOT_DUE = 70, 0.05, 0.02, 0.01, 0.01


class Payer(Protocol):
    """What a customer's payments depend on."""

    account_id: str
    luck: np.random.Generator
    terms: int
    late_share: float


def receivables(purchases: pd.DataFrame, people: Mapping[str, Payer]) -> dict[str, pd.DataFrame]:
    """An invoice for each order, a credit note for each return, and what was paid of them."""
    orders = purchases[purchases["purchased_at"] >= FIRST_INVOICE]
    sold = orders[orders["kind"] == "sale"].groupby("order_id", sort=False)
    sums = sold.agg(
        account_id=("account_id", "first"),
        issued_at=("purchased_at", "first"),
        amount=("amount", "sum"),
    )
    invoices, payments = [], []
    for row in sums.reset_index().to_dict("records"):
        invoice, paid = _invoice(row, people[row["account_id"]])
        invoices.append(invoice)
        payments += paid
    returned = orders[(orders["kind"] == "return") & orders["order_id"].isin(sums.index)]
    for row in returned.to_dict("records"):
        number = row["order_id"][1:]
        invoices.append(
            {"invoice_id": f"C{number}", "account_id": row["account_id"], "kind": "credit_note"}
            | {"issued_at": row["purchased_at"], "amount": -row["amount"], "disputed": False}
            | {"applies_to": f"I{number}", "currency": "USD"}
        )
    return {
        "invoices": _in_order(invoices, ["issued_at", "invoice_id"]),
        "payments": _in_order(payments, ["paid_at", "invoice_id"]),
    }


def _in_order(rows: list[dict], by: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows).sort_values(by, kind="stable", ignore_index=True)


def _invoice(order: dict, customer: Payer) -> tuple[dict, list[dict]]:
    """The invoice of an order, and what was paid of it up to the last day."""
    late, long, partial, held, disputed, terms = customer.luck.random(6)
    due = order["issued_at"] + pd.Timedelta(days=customer.terms)
    amount, invoice_id = round(order["amount"], 2), f"I{order['order_id'][1:]}"
    invoice = {
        "invoice_id": invoice_id,
        "account_id": customer.account_id,
        "issued_at": order["issued_at"],
        "amount": amount,
        "due_at": pd.NaT if terms < NOT_DUE else due,
        "kind": "invoice",
        "applies_to": None,
        "currency": "USD",
        "disputed": bool(disputed < DISPUTED),
    }
    if invoice["disputed"]:
        return invoice, []
    # Most who are late are so by few days; who is on time pays up to twelve days before.
    days = 1 + int(long**2 * MOST_LATE_DAYS) if late < customer.late_share else -int(long * 12)
    paid_at = due + pd.Timedelta(days=days)
    due_in_all = round(amount * 0.95, 2) if held < HELD_BACK else amount
    parts = [(paid_at, due_in_all)]
    if partial < PARTIAL:
        first = round(due_in_all * 0.6, 2)
        parts = [
            (paid_at, first),
            (paid_at + pd.Timedelta(days=25), round(due_in_all - first, 2)),
        ]
    own = {"invoice_id": invoice_id, "currency": "USD"}
    paid = [
        {"paid_at": day, "amount": money} | own
        for day, money in parts
        if day <= pd.Timestamp(LAST_DAY)
    ]
    return invoice, paid

"""What may be wrong with what was bought, billed and paid, and with the file: a list of checks."""

from functools import partial

import ibis

from salesanalysis.periods import PLAIN, Calendar, Day
from salesanalysis.reduce.checks import (
    Check,
    Checks,
    Subject,
    after,
    missing,
    negative,
    one_currency,
    orphan,
    twice,
    values,
)
from salesanalysis.reduce.customers.receivables import is_credit_note, is_known_kind
from salesanalysis.reduce.expressions import AnyTable, as_ibis, require_columns

#: What each table must have to be looked at.
_NEEDED = {
    "purchases": ("account_id", "purchased_at", "amount"),
    "invoices": ("invoice_id", "account_id", "issued_at", "amount"),
    "payments": ("paid_at", "amount"),
    "accounts": ("account_id",),
}


def checks(
    purchases: AnyTable,
    *,
    as_of: Day,
    calendar: Calendar = PLAIN,
    invoices: AnyTable | None = None,
    payments: AnyTable | None = None,
    accounts: AnyTable | None = None,
) -> Checks:
    """What is wrong with the rows, or would mislead, check by check.

    Parameters
    ----------
    purchases : Ibis table or DataFrame
        One row per order or order line.
    as_of, calendar
        As for :func:`salesanalysis.reduce.customers.known`.
    invoices, payments, accounts : Ibis table or DataFrame, optional
        What customers owe and their file; without one of them its checks cannot be told.

    Returns
    -------
    Checks
        Its ``table`` has a row for each check, ``rows_of(name)`` gives those that one finds.

    Raises
    ------
    SalesAnalysisError
        A table lacks a column that it must have.

    Examples
    --------
    >>> import pandas as pd
    >>> bought = pd.DataFrame({"account_id": ["A", None], "amount": [1.0, 2.0],
    ...                        "purchased_at": pd.to_datetime(["2025-01-05", "2025-01-06"])})
    >>> found = checks(bought, as_of="2025-12-31")
    >>> found.rows_of("no_customer")["amount"].tolist()
    [2.0]
    """
    given = {"purchases": purchases, "invoices": invoices}
    given |= {"payments": payments, "accounts": accounts}
    tables = {name: as_ibis(table) for name, table in given.items() if table is not None}
    for name, table in tables.items():
        require_columns(table, _NEEDED[name], name)
    until = calendar.end_of(as_of)
    if {"payments", "invoices"} <= set(tables):
        tables["payments"] = _with_holder(tables["payments"], tables["invoices"])
    every = [
        *_of_purchases(tables, until),
        *_of_invoices(tables, until),
        *_of_payments(tables, until),
        *_of_accounts(tables),
    ]
    subjects = {
        name: Subject(
            table,
            "amount" if name in ("invoices", "payments") else "",
            [column for column in table.columns if column != "invoice_holder"],
        )
        for name, table in tables.items()
    }
    return Checks(every, subjects)


def _of_purchases(tables: dict, until) -> list[Check]:
    own = partial(Check, of="purchases")
    return [
        own("no_customer", "medium", hit=missing("account_id")),
        own("missing_amount", "medium", hit=missing("amount")),
        own("after_as_of", "low", hit=after("purchased_at", until)),
        one_currency("currencies", "purchases", tables["purchases"]),
    ]


def _of_invoices(tables: dict, until) -> list[Check]:
    own, ids = partial(Check, of="invoices"), values("invoice_id")
    strange = orphan("account_id", tables["accounts"]) if "accounts" in tables else None
    return [
        _currency("invoice_currencies", "invoices", tables),
        own("invoice_twice", "high", hit=twice("invoice_id"), blocks=True, suggest=ids),
        own("invoice_without_customer", "medium", hit=missing("account_id")),
        own("invoice_without_amount", "medium", hit=missing("amount")),
        own("invoice_without_due_day", "medium", hit=missing("due_at"), needs=("due_at",),
            base=lambda t: ~_is_credit(t)),
        own("due_before_issue", "medium", hit=after("issued_at", "due_at"), needs=("due_at",)),
        own("kind_unknown", "medium", hit=lambda t: ~is_known_kind(t.kind), needs=("kind",),
            suggest=values("kind")),
        own("account_not_on_file", "medium", hit=strange, suggest=values("account_id")),
        own("credit_without_invoice", "low", hit=_applies_to_none(tables), base=_is_credit,
            needs=("applies_to",)),
        own("settled_before_issue", "low", hit=after("issued_at", "settled_at"),
            needs=("settled_at",)),
        own("invoice_after_as_of", "low", hit=after("issued_at", until)),
    ]  # fmt: skip


def _of_payments(tables: dict, until) -> list[Check]:
    own = partial(Check, of="payments")
    strange = orphan("invoice_id", tables["invoices"]) if "invoices" in tables else None
    return [
        _currency("payment_currencies", "payments", tables),
        own("payment_of_nobody", "medium", hit=_of_nobody),
        own("payment_of_another", "medium", needs=("account_id", "invoice_holder"),
            hit=lambda t: t.account_id != t.invoice_holder),
        own("payment_without_amount", "medium", hit=missing("amount")),
        own("payment_for_unknown", "low", hit=strange, needs=("invoice_id",),
            base=lambda t: t.invoice_id.notnull(), suggest=values("invoice_id")),
        own("payment_after_as_of", "low", hit=after("paid_at", until)),
    ]  # fmt: skip


def _is_credit(table):
    """Which rows are credit notes; by their sign alone where there is no kind."""
    kind = table.kind if "kind" in table.columns else ibis.null("string")
    return is_credit_note(table.amount, kind)


def _of_nobody(table):
    """Payments of which neither the account nor that of their invoice is known."""
    whose = [table[name] for name in ("account_id", "invoice_holder") if name in table.columns]
    return ibis.and_(*(column.isnull() for column in whose))


def _of_accounts(tables: dict) -> list[Check]:
    own, ids = partial(Check, of="accounts"), values("account_id")
    strange = None
    if "accounts" in tables and "merged_into" in tables["accounts"].columns:
        known = tables["accounts"].select(merged_into="account_id")
        strange = orphan("merged_into", known)
    return [
        own("account_twice", "high", hit=twice("account_id"), blocks=True, suggest=ids),
        own("limit_missing", "medium", hit=missing("credit_limit"), needs=("credit_limit",)),
        own("limit_negative", "medium", hit=negative("credit_limit"), needs=("credit_limit",)),
        own("merged_into_unknown", "medium", hit=strange, needs=("merged_into",),
            base=lambda t: t.merged_into.notnull(), suggest=values("merged_into")),
    ]  # fmt: skip


def _applies_to_none(tables: dict):
    """Rows that apply to no invoice that there is; not known without invoices."""
    if "invoices" not in tables:
        return None
    loose = orphan("applies_to", tables["invoices"].select(applies_to="invoice_id"))
    return lambda t: t.applies_to.isnull() | loose(t)


def _currency(name: str, of: str, tables: dict) -> Check:
    """The check of one currency, which cannot be told where the table is not there."""
    return one_currency(name, of, tables[of]) if of in tables else Check(name, "high", of)


def _with_holder(payments: ibis.Table, invoices: ibis.Table) -> ibis.Table:
    """The payments, each with the account of the invoice that it is for."""
    if "invoice_id" not in payments.columns:
        return payments
    of = invoices.group_by(billed=invoices.invoice_id).agg(invoice_holder=invoices.account_id.min())
    return payments.left_join(of, payments.invoice_id == of.billed).drop("billed")

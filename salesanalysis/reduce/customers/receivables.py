"""What customers owe on a day, from invoices, credit notes and payments."""

import functools

import ibis
import pandas as pd

from salesanalysis import errors
from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.currencies import currencies
from salesanalysis.reduce.customers.merged import by_customer
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    moment,
    require_columns,
    to_pandas,
)

INVOICE, CREDIT_NOTE, PAYMENT = "invoice", "credit_note", "payment"
#: What an export calls a credit note, blanks and case aside; a negative amount is one, too.
CREDIT_WORDS = (
    *("credit_note", "credit note", "creditnote", "credit memo", "credit", "refund", "return"),
    *("gutschrift", "storno", "avoir", "红字发票", "红字", "红冲", "红票", "贷项", "贷项通知单"),
    *("贷项凭证", "退货", "退款", "负数发票"),
)
#: What it calls an invoice; any other word counts as one, and is a check of the data.
INVOICE_WORDS = (
    *("invoice", "bill", "standard", "sale", "debit", "debit note", "rechnung", "facture"),
    *("发票", "蓝字发票", "蓝票", "正数发票", "应收单", "销售发票", "普通发票", "专用发票"),
)
#: A rest smaller than this is one of floating point, not of money.
_NOTHING = 1e-4

#: The columns of both results.
_INVOICES = ("invoice_id", "account_id", "kind", "issued_at", "due_at", "amount")
_INVOICES += ("settled_amount", "settled_at", "last_paid_at", "disputed")
_ITEMS = ("account_id", "kind", "invoice_id", "issued_at", "due_at", "amount")
_ITEMS += ("settled_amount", "unpaid_amount", "credit_amount", "last_paid_at", "disputed")


def open_items(
    invoices: AnyTable,
    payments: AnyTable | None = None,
    *,
    as_of: Day,
    accounts: AnyTable | None = None,
) -> pd.DataFrame:
    """What is open, and what money of the customers settles nothing, at the end of ``as_of``.

    A credit note counts against the invoice that it ``applies_to``, a payment against its
    ``invoice_id``; where these name no invoice of that day, their money is unallocated. More than
    an invoice comes to is a credit balance: nothing is open below 0. An invoice without a payment
    of its own is paid on its ``settled_at``. So what is open less all credit is always what was
    invoiced less what was credited and paid.

    Parameters
    ----------
    invoices : Ibis table or DataFrame, one row per invoice or credit note
        ``invoice_id, account_id, issued_at, amount``, and ``due_at, kind, applies_to, currency,
        disputed, settled_at`` where known. A credit note has a ``kind`` that says so, or a negative
        amount. Rows without a day or an amount do not count.
    payments : Ibis table or DataFrame, one row per payment × invoice, optional
        ``paid_at, amount``, and ``invoice_id, account_id, currency`` where known; a negative amount
        takes an earlier one back. What is paid for a credit note is money paid out.
    as_of : str, date or timestamp
        Nothing of a later day counts.
    accounts : Ibis table or DataFrame, optional
        With ``merged_into``: what is filed under a merged account belongs to the one kept.

    Returns
    -------
    DataFrame, one row per invoice that is open or overpaid, and per unallocated piece of money
        ``account_id``, ``kind`` (invoice, credit_note, payment), ``invoice_id``, ``issued_at`` (of
        a payment its day), ``due_at``, ``amount``, ``settled_amount`` (paid or credited),
        ``unpaid_amount``, ``credit_amount`` (money that settles nothing; of a credit note or
        payment all of it), ``last_paid_at``, ``disputed``; by account, day and id.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or amounts are in several currencies.

    Examples
    --------
    >>> invoices = pd.DataFrame({
    ...     "invoice_id": ["1", "2"], "account_id": "A", "amount": [100.0, 50.0],
    ...     "issued_at": pd.to_datetime(["2025-01-05", "2025-02-01"])})
    >>> payments = pd.DataFrame({
    ...     "invoice_id": ["1", "2", None], "account_id": "A", "amount": [60.0, 55.0, 7.0],
    ...     "paid_at": pd.to_datetime(["2025-02-01", "2025-02-05", "2025-02-06"])})
    >>> items = open_items(invoices, payments, as_of="2025-02-28")
    >>> items[["kind", "invoice_id", "settled_amount", "unpaid_amount", "credit_amount"]]
          kind invoice_id  settled_amount  unpaid_amount  credit_amount
    0  invoice          1            60.0         40.0            0.0
    1  invoice          2            55.0          0.0            5.0
    2  payment        NaN             0.0          0.0            7.0
    """
    billed, credits, money = _known(invoices, payments, accounts, as_of)
    standing = _standing(billed, credits, money)
    over = standing.settled_amount - standing.amount
    standing = standing.mutate(
        kind=ibis.literal(INVOICE),
        unpaid_amount=ibis.ifelse(over < -_NOTHING, -over, 0.0),
        credit_amount=ibis.ifelse(over > _NOTHING, over, 0.0),
    )
    standing = standing.filter((standing.unpaid_amount > 0) | (standing.credit_amount > 0))
    loose = [_loose(credits, billed), _loose(_paid_out(money, credits), billed)]
    items = ibis.union(standing.select(*_ITEMS), *(table.select(*_ITEMS) for table in loose))
    return _sorted(to_pandas(items), ["account_id", "issued_at", "invoice_id", "kind", "amount"])


def invoices(
    invoices: AnyTable,
    payments: AnyTable | None = None,
    *,
    as_of: Day,
    accounts: AnyTable | None = None,
) -> pd.DataFrame:
    """All invoices and credit notes up to the end of ``as_of``, with what was settled by then.

    Parameters
    ----------
    invoices, payments, as_of, accounts
        As for :func:`open_items`.

    Returns
    -------
    DataFrame, one row per invoice or credit note, by day and id
        ``invoice_id, account_id``, ``kind`` (invoice, credit_note), ``issued_at, due_at``,
        ``amount`` (of a credit note negative), ``settled_amount``, ``settled_at`` (when its last
        rest was paid or credited; missing while any is open, and of a credit note),
        ``last_paid_at``, ``disputed``.

    Examples
    --------
    >>> billed = pd.DataFrame({
    ...     "invoice_id": ["1", "2"], "account_id": "A", "amount": [100.0, 50.0],
    ...     "issued_at": pd.to_datetime(["2025-01-05", "2025-02-01"]),
    ...     "settled_at": pd.to_datetime(["2025-02-01", "2025-03-01"])})
    >>> invoices(billed, as_of="2025-02-28")[["invoice_id", "settled_amount", "settled_at"]]
      invoice_id  settled_amount settled_at
    0          1           100.0 2025-02-01
    1          2             0.0        NaT
    """
    billed, credits, money = _known(invoices, payments, accounts, as_of)
    standing = _standing(billed, credits, money)
    own = standing.mutate(
        kind=ibis.literal(INVOICE),
        settled_at=ibis.ifelse(
            standing.settled_amount >= standing.amount - _NOTHING, standing.covered_at, None
        ),
    )
    notes = credits.mutate(
        kind=ibis.literal(CREDIT_NOTE),
        amount=-credits.amount,
        settled_amount=0.0,
        settled_at=ibis.null("timestamp"),
        last_paid_at=ibis.null("timestamp"),
    )
    rows = to_pandas(ibis.union(own.select(*_INVOICES), notes.select(*_INVOICES)))
    return _sorted(rows, ["issued_at", "invoice_id", "account_id", "amount"])


def _known(invoices, payments, accounts, as_of) -> tuple[ibis.Table, ibis.Table, ibis.Table]:
    """The invoices, credit notes and payments of that day, each with the same columns."""
    until = moment(end_of(as_of))
    bills = as_ibis(invoices)
    require_columns(bills, ["invoice_id", "account_id", "issued_at", "amount"], "invoices")
    found = set(currencies(bills))
    errors.require_one_currency(found, "invoices")
    names = {"due_at": "timestamp", "kind": "string", "applies_to": "string"}
    names |= {"disputed": "boolean", "settled_at": "timestamp"}
    bills = _typed(bills, {"invoice_id": "string", "account_id": "string", **names}, "issued_at")
    bills = by_customer(bills.filter(bills.issued_at <= until), accounts)
    bills = bills.mutate(
        # What is settled later was not known to be.
        settled_at=ibis.ifelse(bills.settled_at <= until, bills.settled_at, None),
        amount=bills.amount.abs(),
        is_credit=is_credit_note(bills.amount, bills.kind),
    )
    if payments is None:
        # Nobody paid anything: payments without a row, in the engine of the invoices.
        paid = bills.filter(ibis.literal(False)).mutate(paid_at=bills.issued_at)
    else:
        paid = as_ibis(payments)
        require_columns(paid, ["paid_at", "amount"], "payments")
        errors.require_one_currency(currencies(paid), "payments")
        errors.require_one_currency(found | set(currencies(paid)), "invoices` and `payments")
    paid = _typed(paid, {"invoice_id": "string", "account_id": "string"}, "paid_at")
    paid = by_customer(paid.filter(paid.paid_at <= until), accounts)
    return bills.filter(~bills.is_credit), bills.filter(bills.is_credit), paid


def is_credit_note(amount, kind):
    """Whether a row is a credit note, by its kind or its sign."""
    return (amount < 0) | kind.fill_null("").strip().lower().isin(CREDIT_WORDS)


def is_known_kind(kind):
    """Whether the word for what a row is is known; none is one of an invoice."""
    return kind.isnull() | kind.strip().lower().isin([*INVOICE_WORDS, *CREDIT_WORDS])


def _typed(table: ibis.Table, kinds: dict[str, str], day: str) -> ibis.Table:
    """The rows with a day and an amount, in these columns; those that are not there are missing."""
    columns = {
        name: table[name].cast(kind) if name in table.columns else ibis.null(kind)
        for name, kind in kinds.items()
    }
    typed = table.select(
        **columns, **{day: table[day].cast("timestamp")}, amount=table["amount"].cast("float64")
    )
    return typed.filter(typed[day].notnull() & typed.amount.notnull())


def _standing(billed: ibis.Table, credits: ibis.Table, money: ibis.Table) -> ibis.Table:
    """Each invoice with what is settled, and when that covered it for the first time."""
    paid = money.select("invoice_id", "amount", at=money.paid_at, is_paid=True)
    noted = credits.select(
        "amount", invoice_id=credits.applies_to, at=credits.issued_at, is_paid=False
    ).select(*paid.columns)
    events = ibis.union(paid, noted)
    whole = events.group_by("invoice_id").agg(
        credited=events.amount.sum(where=~events.is_paid),
        paid=events.amount.sum(where=events.is_paid),
        last_paid_at=events["at"].max(where=events.is_paid),
    )
    days = events.group_by("invoice_id", "at").agg(moved=events.amount.sum())
    so_far = days.moved.sum().over(group_by="invoice_id", order_by="at", rows=(None, 0))
    days = days.mutate(so_far=so_far)
    bills = billed.select("invoice_id", due=billed.amount)
    reached = days.join(bills, "invoice_id")
    reached = reached.filter(reached.so_far >= reached.due - _NOTHING)
    reached = reached.group_by("invoice_id").agg(covered_at=reached["at"].min())
    table = functools.reduce(_beside, (whole, reached), billed)
    credited = table.credited.fill_null(0.0)
    # An invoice without a payment of its own is paid when it is said to be settled.
    by_word = table.last_paid_at.isnull() & table.settled_at.notnull()
    rest = ibis.greatest(table.amount - credited, 0.0)
    return table.mutate(
        settled_amount=credited + ibis.ifelse(by_word, rest, table.paid.fill_null(0.0)),
        covered_at=ibis.ifelse(by_word, table.settled_at, table.covered_at),
        last_paid_at=ibis.ifelse(by_word, table.settled_at, table.last_paid_at),
    )


def _beside(table: ibis.Table, other: ibis.Table) -> ibis.Table:
    """A table with the columns of another, which has one row per invoice."""
    return table.left_join(other, "invoice_id").drop("invoice_id_right")


def _paid_out(money: ibis.Table, credits: ibis.Table) -> ibis.Table:
    """The payments, those for a credit note as money paid out to its account."""
    notes = credits.group_by(note=credits.invoice_id).agg(holder=credits.account_id.min())
    both = money.left_join(notes, money.invoice_id == notes.note)
    return both.mutate(
        account_id=ibis.coalesce(both.holder, both.account_id),
        amount=ibis.ifelse(both.note.notnull(), -both.amount.abs(), both.amount),
    ).select(*money.columns)


def _loose(table: ibis.Table, billed: ibis.Table) -> ibis.Table:
    """Credit notes or payments whose invoice nobody knows: unallocated money of their account."""
    is_note = "applies_to" in table.columns
    target = table.applies_to if is_note else table.invoice_id
    known = billed.select(known_id=billed.invoice_id).distinct()
    both = table.mutate(target=target).left_join(known, [("target", "known_id")])
    loose = both.filter(both.known_id.isnull())
    return loose.mutate(
        kind=ibis.literal(CREDIT_NOTE if is_note else PAYMENT),
        issued_at=loose.issued_at if is_note else loose.paid_at,
        due_at=ibis.null("timestamp"),
        settled_amount=0.0,
        unpaid_amount=0.0,
        credit_amount=loose.amount,
        last_paid_at=ibis.null("timestamp"),
        disputed=loose.disputed if is_note else ibis.null("boolean"),
    )


def _sorted(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """In an order, and with digits, that are the same on every engine."""
    rows = rows.sort_values(by, kind="stable", ignore_index=True)
    # The last digits of a sum depend on the order in which an engine comes by the rows.
    amounts = {name: rows[name].round(4) for name in rows if name.endswith("amount")}
    return rows.assign(**amounts).astype({"disputed": "boolean"})

"""What is open: against a loop over single documents, and by what must add up for any input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, reduce
from salesanalysis.reduce.customers import kept_accounts, open_items

DAY = pd.Timestamp("2025-06-30")
START = pd.Timestamp("2025-01-01")


def documents(seed=0, size=300):
    """Invoices, some of them credit notes, and payments, with all that a real ledger may hold."""
    rng = np.random.default_rng(seed)
    ids = [f"I{n:03d}" for n in range(size)]
    issued = START + pd.to_timedelta(rng.integers(0, 220, size), unit="D")
    amounts = rng.integers(1, 9_999, size) / 100
    kind = rng.choice(["invoice", "Credit Note", None], size, p=[0.7, 0.15, 0.15])
    sign = np.where(rng.random(size) < 0.05, -1, 1)
    invoices = pd.DataFrame(
        {
            "invoice_id": ids,
            "account_id": rng.choice([*"ABCDE", None], size),
            "issued_at": issued,
            "due_at": pd.Series(issued + pd.Timedelta(days=30)).where(rng.random(size) < 0.9),
            "amount": amounts * sign,
            "kind": kind,
            "applies_to": rng.choice([*ids, None, "unknown"], size),
            "settled_at": pd.Series(issued + pd.Timedelta(days=20)).where(rng.random(size) < 0.2),
        }
    )
    payments = pd.DataFrame(
        {
            "paid_at": START + pd.to_timedelta(rng.integers(0, 220, size), unit="D"),
            "invoice_id": rng.choice([*ids[:200], None, "unknown"], size),
            "account_id": rng.choice(list("ABCDE"), size),
            "amount": np.where(rng.random(size) < 0.1, -1, 1) * rng.integers(1, 9_999, size) / 100,
        }
    )
    return invoices, payments


def by_hand(invoices, payments):
    """Open, credit and the day of the last rest of each invoice, and the unallocated, by a loop."""
    bills, notes = {}, {}
    for row in invoices.to_dict("records"):
        if row["issued_at"] <= DAY and pd.notna(row["amount"]):
            is_note = row["amount"] < 0 or row["kind"] == "Credit Note"
            (notes if is_note else bills)[row["invoice_id"]] = row | {"moves": [], "paid": False}
    loose = {}
    for name, row in notes.items():
        if row["applies_to"] in bills:
            move = (row["issued_at"], abs(row["amount"]))
            bills[row["applies_to"]]["moves"].append(move)
        else:
            loose["credit_note", name] = abs(row["amount"])
    for at, row in enumerate(payments.to_dict("records")):
        if row["paid_at"] > DAY:
            continue
        if row["invoice_id"] in bills:
            bills[row["invoice_id"]]["moves"].append((row["paid_at"], row["amount"]))
            bills[row["invoice_id"]]["paid"] = True
        else:
            out = row["invoice_id"] in notes
            loose["payment", at] = -abs(row["amount"]) if out else row["amount"]
    result = {}
    for name, row in bills.items():
        moves = sorted(row["moves"])
        settled, covered = sum(amount for _, amount in moves), None
        if not row["paid"] and row["settled_at"] <= DAY:
            settled, covered = max(settled, row["amount"]), row["settled_at"]
        elif settled >= row["amount"] - 1e-9:
            # What comes on one day comes at once.
            for day in sorted({day for day, _ in moves}):
                if sum(a for d, a in moves if d <= day) >= row["amount"] - 1e-9:
                    covered = day
                    break
        rest = row["amount"] - settled
        result[name] = (max(rest, 0), max(-rest, 0), covered)
    return result, loose


@pytest.mark.parametrize("seed", range(5))
def test_what_is_open_equals_a_loop_over_documents(seed):
    invoices, payments = documents(seed)
    expected, loose = by_hand(invoices, payments)
    items = open_items(invoices, payments, as_of=DAY)
    own = items[items["kind"] == "invoice"].set_index("invoice_id")
    for name, (rest, over, _) in expected.items():
        if rest < 1e-9 and over < 1e-9:
            assert name not in own.index
        else:
            assert own.loc[name, ["unpaid_amount", "credit_amount"]].tolist() == pytest.approx(
                [rest, over]
            )
    assert set(own.index) <= set(expected)
    other = items[items["kind"] != "invoice"]
    assert sorted(other["credit_amount"]) == pytest.approx(sorted(loose.values()))
    assert (other["unpaid_amount"] == 0).all() and (items["unpaid_amount"] >= 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_day_of_the_last_rest_equals_a_loop_over_documents(seed):
    invoices, payments = documents(seed)
    expected, _ = by_hand(invoices, payments)
    rows = reduce.customers.invoices(invoices, payments, as_of=DAY)
    own = rows[rows["kind"] == "invoice"].set_index("invoice_id")["settled_at"]
    assert len(own) == len(expected)
    for name, (_, _, covered) in expected.items():
        assert own[name] == covered or (covered is None and pd.isna(own[name])), name


money = st.decimals(-500, 500, places=2, allow_nan=False).map(float)
days = st.integers(-30, 30).map(lambda n: DAY + pd.Timedelta(days=n))
one_invoice = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from(["A", "B"]),
        "issued_at": days,
        "due_at": st.none() | days,
        "amount": money,
        "kind": st.sampled_from([None, "credit_note"]),
        "applies_to": st.sampled_from([None, "0", "1", "2", "x"]),
    }
)
one_payment = st.fixed_dictionaries(
    {
        "paid_at": days,
        "amount": money,
        "invoice_id": st.sampled_from([None, "0", "1", "2", "x"]),
        "account_id": st.sampled_from(["A", "B"]),
    }
)


@settings(max_examples=25, deadline=None)
@given(st.lists(one_invoice, min_size=1, max_size=6), st.lists(one_payment, max_size=6))
def test_open_less_credit_is_what_was_billed_less_what_was_credited_and_paid(billed, paid):
    invoices = pd.DataFrame(billed).assign(invoice_id=[str(n) for n in range(len(billed))])
    payments = pd.DataFrame(paid, columns=["paid_at", "amount", "invoice_id", "account_id"])
    payments = payments.astype({"paid_at": "datetime64[us]", "amount": float})
    items = open_items(invoices, payments, as_of=DAY)
    known = invoices[invoices["issued_at"] <= DAY]
    is_note = known["kind"].eq("credit_note") | (known["amount"] < 0)
    notes = set(known.loc[is_note, "invoice_id"])
    total = known["amount"].abs().where(~is_note, -known["amount"].abs()).sum()
    for row in payments[payments["paid_at"] <= DAY].to_dict("records"):
        total -= -abs(row["amount"]) if row["invoice_id"] in notes else row["amount"]
    assert items["unpaid_amount"].sum() - items["credit_amount"].sum() == pytest.approx(
        total, abs=1e-6
    )
    assert (items["unpaid_amount"] >= 0).all()


def test_nothing_after_the_day_counts():
    invoices, payments = documents()
    later = invoices["issued_at"] > DAY
    other = invoices.assign(
        amount=invoices["amount"].where(~later, 9e9),
        settled_at=invoices["settled_at"].where(
            ~(invoices["settled_at"] > DAY), pd.Timestamp("2027-01-01")
        ),
    )
    paid = payments.assign(amount=payments["amount"].where(payments["paid_at"] <= DAY, 9e9))
    for function in (open_items, reduce.customers.invoices):
        one = function(invoices, payments, as_of=DAY)
        pd.testing.assert_frame_equal(one, function(other, paid, as_of=DAY))


def test_without_payments_the_day_of_settling_alone_says_what_is_open():
    invoices = pd.DataFrame(
        {
            "invoice_id": list("123"),
            "account_id": "A",
            "amount": [10.0, 20.0, 40.0],
            "issued_at": START,
            "settled_at": [DAY, DAY + pd.Timedelta(days=1), pd.NaT],
        }
    )
    assert open_items(invoices, as_of=DAY)["unpaid_amount"].tolist() == [20.0, 40.0]


def test_an_invoice_paid_in_part_stays_open_whatever_its_day_of_settling_says():
    invoices = pd.DataFrame({"invoice_id": ["1"], "account_id": "A", "amount": 10.0})
    invoices = invoices.assign(issued_at=START, settled_at=DAY)
    paid = pd.DataFrame({"invoice_id": ["1"], "paid_at": START, "amount": 9.5})
    assert open_items(invoices, paid, as_of=DAY)["unpaid_amount"].tolist() == [0.5]


def test_what_belongs_to_a_merged_account_belongs_to_the_one_that_was_kept():
    invoices, payments = documents()
    accounts = pd.DataFrame(
        {"account_id": list("ABCDE"), "merged_into": ["B", "C", None, None, "D"]}
    )
    items = open_items(invoices, payments, as_of=DAY, accounts=accounts)
    assert set(items["account_id"].dropna()) == {"C", "D"}
    plain = open_items(invoices, payments, as_of=DAY)
    assert items[["unpaid_amount", "credit_amount"]].sum().tolist() == pytest.approx(
        plain[["unpaid_amount", "credit_amount"]].sum().tolist()
    )


def test_accounts_merged_in_a_circle_are_refused():
    accounts = pd.DataFrame({"account_id": list("ABC"), "merged_into": ["B", "C", "A"]})
    with pytest.raises(SalesAnalysisError, match="circle: A → B → C → A"):
        kept_accounts(accounts)


@pytest.mark.parametrize(
    ("billed", "paid", "named"),
    [("EUR USD", "EUR EUR", "`invoices`"), ("EUR EUR", "USD USD", "`invoices` and `payments`")],
)
def test_several_currencies_are_refused(billed, paid, named):
    invoices = pd.DataFrame({"invoice_id": ["1", "2"], "account_id": "A", "amount": 10.0})
    invoices = invoices.assign(issued_at=START, currency=billed.split())
    payments = pd.DataFrame({"paid_at": START, "amount": 1.0, "currency": paid.split()})
    with pytest.raises(SalesAnalysisError, match=named + " holds EUR, USD"):
        open_items(invoices, payments, as_of=DAY)

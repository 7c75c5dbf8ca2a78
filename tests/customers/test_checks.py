"""Checks of what was bought, billed and paid and of the file: each finds what was planted alone."""

import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, reduce

DAY = "2025-06-30"


def clean():
    """Tables in which nothing is wrong."""
    day = pd.to_datetime(["2025-01-05", "2025-02-05", "2025-03-05"])
    return {
        "purchases": pd.DataFrame(
            {"account_id": list("ABA"), "purchased_at": day, "amount": 10.0, "currency": "EUR"}
        ),
        "invoices": pd.DataFrame(
            {
                "invoice_id": list("123"),
                "account_id": list("ABA"),
                "issued_at": day,
                "due_at": [*(day[:2] + pd.Timedelta(days=30)), pd.NaT],
                "settled_at": [day[1], pd.NaT, pd.NaT],
                "amount": [10.0, 10.0, 3.0],
                "kind": ["invoice", None, "credit_note"],
                "applies_to": [None, None, "1"],
                "currency": "EUR",
            }
        ),
        "payments": pd.DataFrame(
            {
                "paid_at": day,
                "amount": 5.0,
                "invoice_id": ["1", "2", None],
                "account_id": ["A", None, "B"],
                "currency": "EUR",
            }
        ),
        "accounts": pd.DataFrame(
            {"account_id": list("ABC"), "credit_limit": [0.0, 5.0, 9.0]}
            | {"merged_into": [None, None, "A"]}
        ),
    }


def found(tables):
    table = reduce.customers.checks(as_of=DAY, **tables).table
    assert (table["finding"] != "unknown").all()
    return table.loc[table["finding"] == "found"].set_index("check")["rows"].to_dict()


LATER = pd.Timestamp("2025-07-01")


@pytest.mark.parametrize(
    ("table", "row", "cells", "expected"),
    [
        ("purchases", 0, {"account_id": None}, {"no_customer": 1}),
        ("purchases", 0, {"amount": None}, {"missing_amount": 1}),
        ("purchases", 0, {"purchased_at": LATER}, {"after_as_of": 1}),
        ("purchases", 0, {"currency": "USD"}, {"currencies": 1}),
        ("invoices", 1, {"currency": "USD"}, {"invoice_currencies": 1}),
        ("invoices", 1, {"invoice_id": "1", "account_id": "A"},
         {"invoice_twice": 2, "payment_for_unknown": 1, "payment_of_nobody": 1}),
        ("invoices", 0, {"account_id": None}, {"invoice_without_customer": 1}),
        ("invoices", 0, {"amount": None}, {"invoice_without_amount": 1}),
        ("invoices", 0, {"due_at": pd.NaT}, {"invoice_without_due_day": 1}),
        ("invoices", 0, {"due_at": pd.Timestamp("2025-01-04")}, {"due_before_issue": 1}),
        ("invoices", 0, {"kind": "Proforma"}, {"kind_unknown": 1}),
        ("invoices", 1, {"account_id": "Z"}, {"account_not_on_file": 1}),
        ("invoices", 2, {"applies_to": None}, {"credit_without_invoice": 1}),
        ("invoices", 2, {"applies_to": "9"}, {"credit_without_invoice": 1}),
        ("invoices", 0, {"settled_at": pd.Timestamp("2025-01-01")}, {"settled_before_issue": 1}),
        ("invoices", 2, {"issued_at": LATER}, {"invoice_after_as_of": 1}),
        ("payments", 0, {"currency": "USD"}, {"payment_currencies": 1}),
        ("payments", 2, {"account_id": None}, {"payment_of_nobody": 1}),
        ("payments", 0, {"account_id": "B"}, {"payment_of_another": 1}),
        ("payments", 0, {"amount": None}, {"payment_without_amount": 1}),
        ("payments", 0, {"invoice_id": "9"}, {"payment_for_unknown": 1}),
        ("payments", 0, {"paid_at": LATER}, {"payment_after_as_of": 1}),
        ("accounts", 1, {"account_id": "A"}, {"account_twice": 2, "account_not_on_file": 1}),
        ("accounts", 1, {"credit_limit": None}, {"limit_missing": 1}),
        ("accounts", 1, {"credit_limit": -1.0}, {"limit_negative": 1}),
        ("accounts", 2, {"merged_into": "Q"}, {"merged_into_unknown": 1}),
    ],
)  # fmt: skip
def test_each_check_finds_what_was_planted_and_no_other_does(table, row, cells, expected):
    tables = clean()
    assert found(tables) == {}
    for column, value in cells.items():
        tables[table].loc[row, column] = value
    assert found(tables) == expected


def test_of_tables_that_are_not_there_nothing_can_be_told():
    purchases = clean()["purchases"]
    table = reduce.customers.checks(purchases, as_of=DAY).table.set_index("check")
    assert (table.loc[table["of"] != "purchases", "finding"] == "unknown").all()
    assert (table.loc[table["of"] == "purchases", "finding"] == "clear").all()


def test_a_table_without_what_it_must_have_is_refused():
    with pytest.raises(SalesAnalysisError, match="`payments` has no column `paid_at`"):
        reduce.customers.checks(
            as_of=DAY, **clean() | {"payments": pd.DataFrame({"amount": [1.0]})}
        )

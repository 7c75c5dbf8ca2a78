"""The file: what it lacks, what is wrong in it, who has checked it; the class that its data say."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, customers, reduce
from salesanalysis.known import KnownCustomers
from salesanalysis.stats import wilson

DAY = "2025-06-30"


def known(**frames):
    return KnownCustomers(as_of=DAY, **frames)


def file(**columns):
    n = max(len(value) for value in columns.values())
    return pd.DataFrame({"account_id": [f"A{at}" for at in range(n)]} | columns)


@pytest.mark.parametrize(
    ("field", "value", "cell"),
    [
        ("registration_code", "91350100M000100Y43", "k"),
        ("registration_code", "9135O1OOM000100Y43", "k"),
        ("registration_code", "91350100M000100Y4Z", "wrong"),
        ("registration_code", "350100123456789", "wrong"),
        ("phone", "+86 (21) 5555-1234", "k"),
        ("phone", "１３９０００１１２３４", "k"),
        ("phone", "123", "wrong"),
        ("phone", "0000000", "wrong"),
        ("contact", "Li Wei", "k"),
        ("contact", " 无 ", "empty"),
        ("contact", "N/A", "empty"),
        ("contact", "", "empty"),
        ("contact", None, "empty"),
        ("credit_limit", 0.0, "k"),
        ("credit_limit", -5.0, "wrong"),
        ("credit_limit", np.nan, "empty"),
        ("payment_terms_days", 30, "k"),
        ("payment_terms_days", 20_250, "wrong"),
    ],
)
def test_a_value_is_right_wrong_or_none(field, value, cell):
    row = customers.completeness(file(**{field: [value]}), required=[field]).iloc[0]
    assert {name: row[name] for name in ("k", "wrong", "empty")} == {
        name: int(name == cell) for name in ("k", "wrong", "empty")
    }


def test_each_cell_is_counted_once_and_shares_have_their_intervals():
    rng = np.random.default_rng(0)
    table = file(
        phone=list(rng.choice(["021-5551234", "12", None], 200)),
        region=list(rng.choice(["N", "S", None], 200)),
        verified_by=list(rng.choice(["Wu", None], 200)),
        collected_by=["R1"] * 200,
    )
    counted = customers.completeness(table, required=["phone", "address"], by="region")
    assert (counted["empty"] + counted["wrong"] + counted["k"] == counted["n"]).all()
    assert counted.groupby("field")["n"].sum().tolist() == [200, 200]
    low, high = wilson(counted["k"], counted["n"])
    assert np.allclose(counted["rate_low"], low)
    assert np.allclose(counted["rate_high"], high)
    by_hand = table[table["region"].eq("N") & table["phone"].eq("021-5551234")]
    row = counted[counted["region"].eq("N") & counted["field"].eq("phone")].iloc[0]
    assert row["k"] == len(by_hand)
    assert row["verified_n"] == by_hand["verified_by"].notna().sum()


def test_a_file_is_a_draft_until_another_than_its_collector_has_checked_it():
    table = file(
        phone=["0215551234"] * 4,
        collected_by=["R1", "R1", "R1", None],
        verified_by=[None, "R1", "Wu", "Wu"],
    )
    states = customers.file_states(table, required=["phone"]).set_index("account_id")["state"]
    assert states.to_dict() == {"A0": "draft", "A1": "draft", "A2": "complete", "A3": "complete"}


def test_a_checked_file_with_a_wrong_field_is_incomplete_and_names_it():
    table = file(phone=["12"], contact=[None], verified_by=["Wu"])
    row = customers.file_states(table, required=["phone", "contact", "address"]).iloc[0]
    said = ["state", "filled", "empty_fields", "wrong_fields"]
    assert row[said].tolist() == ["incomplete", 0.0, "contact, address", "phone"]


def test_areas_that_are_short_of_files_are_named():
    table = file(
        phone=["0215551234", "12", "0215551234", "0215551234"],
        verified_by=["Wu", "Wu", None, "Wu"],
        sales_area=["N", "N", "N", "S"],
    )
    areas = customers.file_coverage(table, required=["phone"]).set_index("sales_area")
    assert areas.loc["N"].tolist() == [3, 1, 2, 1, 0]
    assert areas.loc["S"].tolist() == [1, 1, 1, 0, 2]


def test_merged_accounts_are_no_files_of_their_own():
    table = file(phone=["0215551234"] * 3, merged_into=[None, "A0", None])
    assert customers.completeness(table, required=["phone"])["n"].tolist() == [2]
    assert len(customers.file_states(table, required=["phone"])) == 2


def test_what_was_verified_later_was_a_draft_on_the_day():
    table = file(phone=["0215551234"], verified_by=["Wu"]).assign(verified_at="2025-07-01")
    for day, state in (("2025-06-30", "draft"), ("2025-07-01", "complete")):
        then = reduce.customers.known({"accounts": table}, as_of=day).file
        assert customers.file_states(then, required=["phone"])["state"].tolist() == [state]


def test_no_field_and_no_area_are_refused():
    with pytest.raises(SalesAnalysisError, match="`required` names no field"):
        customers.completeness(file(phone=["1"]), required=[])
    with pytest.raises(SalesAnalysisError, match="`by` names no column"):
        customers.file_coverage(file(phone=["1"]), by=())


def months(*rows):
    return pd.DataFrame(rows, columns=["account_id", "period", "amount", "purchases"])


def class_of(rows, **settings):
    """The class and reason of account A, beside a customer B who brings a fifth of the sales."""
    other = [("B", f"2025-{month:02d}", 25.0, 1) for month in range(1, 7)]
    frames = {"months": months(*rows, *other), "file": file(name=["a"]).assign(account_id="A")}
    row = customers.proposed_class(known(**frames), **settings).iloc[0]
    return row["proposed_class"], row["class_reason"]


def every_month(first, last):
    names = pd.period_range(first, last, freq="M").astype(str)
    return [("A", name, 100.0, 1) for name in names]


@pytest.mark.parametrize(
    ("rows", "settings", "expected"),
    [
        (every_month("2023-01", "2025-06"), {}, ("dealer", "long_large_stable")),
        (every_month("2024-06", "2025-06"), {}, ("potential", "large_not_long")),
        (
            [("A", "2023-01", 900.0, 1), ("A", "2025-06", 900.0, 1)],
            {},
            ("potential", "large_not_stable"),
        ),
        (every_month("2025-03", "2025-06"), {}, ("potential", "new")),
        (every_month("2021-01", "2024-03"), {}, ("former", "ended")),
        ([("A", "2023-01", 1.0, 1), ("A", "2025-05", 1.0, 1)], {}, ("downstream", "small")),
        ([], {}, ("downstream", "never_bought")),
        ([], {"in_talks": ["A"]}, ("potential", "in_talks")),
    ],
)
def test_the_class_proposed_and_why(rows, settings, expected):
    assert class_of(rows, **settings) == expected


def test_a_former_customer_is_no_prospect_also_while_talks_go_on():
    rows = every_month("2021-01", "2024-03")
    assert class_of(rows, in_talks=["A"])[0] == "former"


def test_the_words_of_the_file_are_compared_in_its_own_language():
    table = file(name=list("abcd")).assign(
        **{"class": ["下游客户", "Dealer", "VIP", None]}, account_id=list("ABCD")
    )
    found = customers.proposed_class(known(months=months(), file=table)).set_index("account_id")
    assert found["agrees"].dropna().to_dict() == {"A": True, "B": False}
    assert found.index[0] == "B"


def test_the_latest_scores_count_and_their_age_is_said():
    scores = pd.DataFrame(
        {
            "account_id": ["A", "A", "B"],
            "assessed_at": pd.to_datetime(["2025-06-20", "2024-01-01", "2024-01-01"]),
            "funding": [0.2, 0.9, None],
            "resources": [0.4, 0.9, None],
            "precedence": [None, 0.9, None],
            "staffing": [0.6, 0.9, None],
            "attitude": [1.0, 0.9, 0.9],
            "assessed_by": "Wu",
        }
    )
    table = customers.eagerness(known(eagerness=scores)).set_index("account_id")
    assert table.loc["A", ["deeds", "eagerness", "words_ahead"]].tolist() == pytest.approx(
        [0.4, 0.7, 0.6]
    )
    assert (table.loc["A", "age_days"], table.loc["B", "age_days"]) == (10, 546)
    assert table["is_stale"].tolist() == [False, True]
    # Words alone are no eagerness.
    assert np.isnan(table.loc["B", "eagerness"])


def test_deeds_in_the_data_stand_beside_the_scores():
    scores = pd.DataFrame(
        {"account_id": ["A"], "assessed_at": pd.Timestamp("2025-06-01"), "assessed_by": "Wu"}
        | dict.fromkeys(["funding", "resources", "precedence", "staffing", "attitude"], 0.5)
    )
    billed = pd.DataFrame(
        {
            "invoice_id": list("123"),
            "account_id": "A",
            "issued_at": pd.Timestamp("2025-01-01"),
            "due_at": pd.Timestamp("2025-01-31"),
            "settled_at": pd.to_datetime(["2025-01-10", "2025-01-31", None]),
            "amount": 10.0,
        }
    )
    bought = months(
        *(("A", f"2025-{month:02d}", 60.0, 1) for month in (1, 2)),
        *(("B", f"2025-{month:02d}", 10.0, 5) for month in (3, 4)),
    )
    frames = {"eagerness": scores, "months": bought}
    frames["invoices"] = reduce.customers.invoices(billed, as_of=DAY)
    paid = pd.DataFrame({"account_id": ["A"], "paid_at": pd.Timestamp("2025-06-01"), "amount": 7.0})
    frames["open_items"] = reduce.customers.open_items(billed, paid, as_of=DAY)
    frames["file"] = file(monthly_sales=[20.0]).assign(account_id="A")
    row = customers.eagerness(known(**frames)).set_index("account_id").loc["A"]
    assert row[["paid_n", "early_n", "early_rate"]].tolist() == [2, 1, 0.5]
    assert row["prepaid_amount"] == 7.0
    assert row["wallet_share"] == pytest.approx(120 / 12 / 20)
    assert row["slow_share"] == 1.0

"""What hangs on a seller, what waits for an answer, what changed or looks false; the warnings."""

import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, customers, reduce
from salesanalysis.known import KnownCustomers

DAY = "2025-06-30"
CODES = ["91350100M000100Y43", "91310000MA0000000Y", "91310000MA0007919H"]


def known(**frames):
    return KnownCustomers(as_of=DAY, **frames)


def test_what_hangs_on_a_seller_is_his_accounts_and_the_ties_that_nobody_else_has():
    tables = {
        "accounts": pd.DataFrame(
            {
                "account_id": list("ABCD"),
                "owner_id": ["R1", "R1", "R1", "R2"],
                "merged_into": [None, None, "A", None],
            }
        ),
        "purchases": pd.DataFrame(
            {
                "account_id": ["A", "C", "A", "B"],
                "purchased_at": pd.to_datetime(
                    ["2025-06-01", "2025-05-01", "2023-01-01", "2025-01-05"]
                ),
                "amount": [10.0, 5.0, 99.0, 20.0],
            }
        ),
        "activities": pd.DataFrame(
            {
                "opportunity_id": ["d1", "d1", "d2", "d2", "d2"],
                "owner_id": ["R1", "R1", "R1", "R2", "R2"],
                "at": pd.to_datetime(
                    ["2025-06-01", "2025-06-05", "2025-06-02", "2025-06-03", "2025-07-09"]
                ),
            }
        ),
        "opportunities": pd.DataFrame(
            {"opportunity_id": ["d1", "d2"], "account_id": ["C", "B"], "outcome": "open"}
        ).assign(created_at=pd.Timestamp("2025-01-01")),
        "requests": pd.DataFrame(
            {
                "account_id": ["A", "C"],
                "at": pd.Timestamp("2025-06-01"),
                "answered_at": [pd.NaT, pd.Timestamp("2025-07-05")],
            }
        ),
    }
    table = customers.handover(reduce.customers.known(tables, as_of=DAY), owner_id="R1")
    assert table["account_id"].tolist() == ["A", "B"]
    a, b = table.to_dict("records")
    # The account that was kept has the contacts and requests of the one merged into it.
    assert (a["contacts"], a["other_sellers"], a["nobody_else"], a["open_requests"]) == (
        2,
        0,
        True,
        2,
    )
    assert a["last_contact_at"] == pd.Timestamp("2025-06-05")
    assert (b["contacts"], b["other_sellers"], b["nobody_else"], b["open_requests"]) == (
        1,
        1,
        False,
        0,
    )
    assert b["amount_year"] == 20.0


def test_a_seller_without_accounts_is_refused_with_the_nearest():
    frames = {"file": pd.DataFrame({"account_id": ["A"], "owner_id": ["R001"]})}
    with pytest.raises(SalesAnalysisError, match="no account of the file.*Did you mean `R001`"):
        customers.handover(known(**frames), owner_id="R01")


def test_open_requests_have_their_age_beside_what_is_usual():
    asked = pd.DataFrame(
        {
            "account_id": list("ABCDE"),
            "kind": ["complaint"] * 4 + ["delivery"],
            "asked_at": pd.Timestamp("2025-06-01"),
            "answered_at": pd.to_datetime(["2025-06-03", "2025-06-05", "2025-06-07", None, None]),
            "owner_id": "R1",
        }
    )
    table = customers.open_requests(known(requests=asked)).set_index("account_id")
    assert table["age_days"].tolist() == [29, 29]
    # Of four complaints half were answered on the fourth day; of deliveries none was yet.
    assert table.loc["D", ["median_days", "times_median"]].tolist() == [4.0, 7.25]
    assert table.loc["E", ["median_days", "times_median"]].isna().all()


def changes(*rows):
    table = pd.DataFrame(rows, columns=["account_id", "field", "old", "new", "changed_at"])
    return table.assign(changed_at=pd.to_datetime(table["changed_at"]), changed_by="R1")


def test_what_changed_within_thirty_days_belongs_together():
    log = changes(
        ("A", "legal_representative", "Li", "Wu", "2025-05-01"),
        ("A", "address", "1 Road", "2 Road", "2025-05-20"),
        ("A", "credit_limit", "100", "900", "2025-05-31"),
        ("A", "phone", "5551234", "5559999", "2025-06-01"),
        ("B", "credit_limit", "100", "900", "2025-05-05"),
    )
    table = customers.file_changes(known(changes=log))
    assert table[["account_id", "changed_kinds", "changes", "taken_over"]].values.tolist() == [
        ["A", "representative, credit, address", 3, True],
        ["B", "credit", 1, False],
        ["A", "address", 1, False],
    ]
    narrow = customers.file_changes(known(changes=log), within_days=10)
    assert not narrow["taken_over"].any()
    assert "credit_limit: 100 → 900" in table["details"].iloc[0]


def test_what_was_filled_or_only_written_otherwise_has_not_changed():
    log = changes(
        ("A", "credit_limit", "100", "100.0", "2025-05-01"),
        ("A", "phone", None, "5551234", "2025-05-01"),
        ("A", "name", "Acme ", "ACME", "2025-05-01"),
        ("A", "monthly_sales", "9.50", "9.5", "2025-05-01"),
        ("A", "contact", "Li", None, "2025-05-01"),
    )
    assert customers.file_changes(known(changes=log))["fields"].tolist() == ["contact"]


def test_changes_that_somebody_checked_since_are_verified():
    log = changes(("A", "phone", "1", "2", "2025-05-01"), ("B", "phone", "1", "2", "2025-05-01"))
    file = pd.DataFrame({"account_id": list("AB")}).assign(
        verified_at=pd.to_datetime(["2025-05-02", "2025-04-30"])
    )
    table = customers.file_changes(known(changes=log, file=file)).set_index("account_id")
    assert table["unverified"].to_dict() == {"A": False, "B": True}


def test_two_dated_copies_say_what_a_log_of_changes_would():
    earlier = pd.DataFrame(
        {
            "account_id": list("ABC"),
            "phone": ["1", None, "3"],
            "credit_limit": [1.0, 2.0, 3.0],
            "old_only": 1,
        }
    )
    later = pd.DataFrame(
        {
            "account_id": list("BAD"),
            "phone": ["22", "1", "4"],
            "credit_limit": [2.0, 5.0, 4.0],
            "new_only": 1,
        }
    )
    table = customers.compared_files(earlier, later, changed_at=DAY)
    assert table[["account_id", "field", "old", "new"]].values.tolist()[0] == [
        "A",
        "credit_limit",
        "1.0",
        "5.0",
    ]
    assert table[["account_id", "field"]].values.tolist() == [["A", "credit_limit"], ["B", "phone"]]
    log = reduce.customers.changes(table, as_of=DAY)
    assert customers.file_changes(known(changes=log))["account_id"].tolist() == ["A"]


def test_a_number_that_one_copy_has_as_whole_has_not_changed():
    earlier = pd.DataFrame({"account_id": ["A", "B"], "credit_limit": [100.0, None]})
    later = pd.DataFrame({"account_id": ["A", "B"], "credit_limit": [100, 50]})
    table = customers.compared_files(earlier, later, changed_at=DAY)
    assert table[["account_id", "new"]].values.tolist() == [["B", "50"]]


def test_digits_that_a_computer_takes_for_one_number_are_two_codes():
    log = changes(
        ("A", "registration_code", "913501000000000001", "913501000000000002", "2025-05-01"),
        ("A", "phone", "0215551234", "215551234", "2025-05-01"),
    )
    assert customers.file_changes(known(changes=log))["changes"].tolist() == [2]


def test_an_account_twice_in_a_copy_is_refused():
    copy = pd.DataFrame({"account_id": ["A", "A"]})
    with pytest.raises(SalesAnalysisError, match="`later` has the account 'A' twice"):
        customers.compared_files(copy[:1], copy, changed_at=DAY)


def test_each_signal_of_false_data_is_found_and_nothing_else():
    file = pd.DataFrame(
        {
            "account_id": list("ABCDE"),
            "registration_code": [CODES[0], CODES[1], CODES[2], CODES[0][:-1] + "Z", CODES[0]],
            "phone": ["021-555 1234", "0215551234", "0219998888", "0215551234", "0215551234"],
            "address": ["1 Road", "1 Road", "1 road ", "1 Road", "1 Road"],
            "city": ["Jinan", "Jinan", "Hefei", "Jinan", "Jinan"],
            "credit_limit": [100.0, 100.0, 100.0, 100.0, None],
        }
    )
    billed = pd.DataFrame(
        {
            "invoice_id": list("123"),
            "account_id": list("BCC"),
            "issued_at": pd.to_datetime(["2025-06-20", "2024-01-01", "2025-06-20"]),
            "amount": [95.0, 10.0, 95.0],
        }
    )
    frames = {"file": file, "invoices": reduce.customers.invoices(billed, as_of=DAY)}
    found = customers.false_signals(known(**frames))
    signals = found.groupby("signal")["account_id"].agg(sorted).to_dict()
    assert signals == {
        "code_wrong": ["D"],
        "shared_phone": ["A", "B", "E"],
        "shared_address": ["A", "B", "E"],
        "first_near_limit": ["B"],
    }
    assert (
        found.set_index(["signal", "account_id"]).loc[("shared_phone", "A"), "shared_with"]
        == "B, E"
    )
    days = found.set_index("signal")["since"]
    assert days["first_near_limit"] == pd.Timestamp("2025-06-20")
    assert days.drop("first_near_limit").isna().all()


def owed():
    """A over its limit since its second invoice, B without a limit, C late and holding back."""
    billed = pd.DataFrame(
        {
            "invoice_id": list("123456"),
            "account_id": list("AABCCC"),
            "issued_at": pd.to_datetime(
                ["2025-05-01", "2025-06-01", "2025-06-01", "2025-03-01", "2025-03-01", "2025-03-02"]
            ),
            "due_at": pd.to_datetime(["2025-07-30"] * 3 + ["2025-04-01"] * 3),
            "amount": [60.0, 60.0, 5.0, 100.0, 100.0, 70.0],
            "disputed": [None, None, None, None, None, True],
        }
    )
    paid = pd.DataFrame(
        {"invoice_id": ["4"], "paid_at": [pd.Timestamp("2025-04-01")], "amount": 95.0}
    )
    limits = pd.DataFrame({"account_id": list("ABC"), "credit_limit": [100.0, None, 900.0]})
    return reduce.customers.known(
        {"invoices": billed, "payments": paid, "accounts": limits}, as_of=DAY
    )


def test_warnings_of_what_is_owed_say_how_far_and_since_when():
    state = owed()
    table = customers.owed_warnings(state, customers.exposure(state)).set_index(
        ["account_id", "kind"]
    )
    assert list(table.index) == [
        ("A", "over_limit"),
        ("B", "no_limit"),
        ("C", "held_back"),
        ("C", "overdue"),
    ]
    over = table.loc[("A", "over_limit")]
    assert over[["value", "normal", "distance", "amount_at_stake"]].tolist() == [120, 100, 20, 20]
    assert over["since"] == pd.Timestamp("2025-06-01")
    assert table.loc[("B", "no_limit"), "amount_at_stake"] == 5.0
    # What is in dispute is no unwillingness.
    late = table.loc[("C", "overdue")]
    assert (late["value"], late["amount_at_stake"]) == (90, 105.0)
    assert table.loc[("C", "held_back"), ["what", "value"]].tolist() == ["4", 5.0]


def test_where_nobody_has_a_limit_no_customer_is_warned_of():
    state = owed()
    none = customers.exposure(state).assign(
        limit_state="missing", credit_limit=float("nan"), over_limit_amount=float("nan")
    )
    assert set(customers.owed_warnings(state, none)["kind"]) == {"overdue", "held_back"}


def test_the_file_warns_of_changes_of_returns_and_of_those_who_wait():
    file = pd.DataFrame({"account_id": list("ABC")})
    log = changes(
        ("A", "legal_representative", "Li", "Wu", "2025-06-20"),
        ("B", "address", "1", "2", "2024-06-20"),
    )
    asked = pd.DataFrame(
        {
            "account_id": ["A", "B", "C"],
            "kind": "complaint",
            "asked_at": pd.to_datetime(["2025-06-01", "2025-06-01", "2025-06-29"]),
            "answered_at": pd.to_datetime(["2025-06-04", None, None]),
            "owner_id": "R1",
        }
    )
    bought = pd.DataFrame(
        [(who, month, 10, sold, back)
         for who, back in (("A", 0.0), ("B", 0.0), ("C", 40.0))
         for month, sold, back in (("2025-01", 100.0, 0.0), ("2025-06", 100.0 - back, back))],
        columns=["account_id", "period", "purchases", "amount", "returned_amount"],
    )  # fmt: skip
    table = customers.file_warnings(known(file=file, changes=log, requests=asked, months=bought))
    assert table[["account_id", "kind"]].values.tolist() == [
        ["A", "file_change"],
        ["B", "waiting"],
        ["C", "returns"],
    ]
    returned = table.iloc[2]
    assert (returned["value"], returned["amount_at_stake"]) == (0.4, 40.0)


def test_nothing_after_the_day_is_known_of_the_file():
    log = changes(("A", "phone", "1", "2", "2025-06-30"), ("A", "phone", "2", "3", "2025-07-01"))
    scores = pd.DataFrame(
        {"account_id": "A", "assessed_at": pd.to_datetime(["2025-06-30", "2025-07-01"])}
    )
    tables = {"account_changes": log, "eagerness": scores}
    state = reduce.customers.known(tables, as_of=DAY)
    assert (len(state.changes), len(state.eagerness)) == (1, 1)

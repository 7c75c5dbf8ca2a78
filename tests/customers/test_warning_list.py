"""All warnings in one table, and the week's list made of them."""

import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, customers, reduce
from salesanalysis.customers.warning_list import KINDS
from salesanalysis.known import KnownCustomers

AS_OF = "2025-06-30"


def known(**frames):
    file = pd.DataFrame({"account_id": ["A", "B", "C"], "owner_id": ["R1", "R2", None]})
    return KnownCustomers(as_of=AS_OF, file=frames.pop("file", file), **frames)


def rows(*some, **more):
    """Warnings of account, kind, money and day."""
    table = pd.DataFrame(some, columns=["account_id", "kind", "amount_at_stake", "since"])
    table = table.assign(value=2.0, normal=1.0, distance=1.0, what=None, **more)
    return table.assign(since=pd.to_datetime(table["since"]))


def test_tables_of_all_kinds_become_one_with_owners_the_most_money_first():
    over = rows(("A", "over_limit", 5.0, "2025-06-01"), ("B", "no_limit", 9.0, None))
    leaving = rows(("C", "leaving", 7.0, "2025-01-01"), is_new=True, false_share=0.1)
    found = customers.all_warnings(known(), [over, leaving, rows()])
    assert found["account_id"].tolist() == ["B", "C", "A"]
    assert found["owner_id"].tolist()[::2] == ["R2", "R1"] and pd.isna(found["owner_id"][1])
    assert found["false_share"].isna().tolist() == [True, False, True]


@pytest.mark.parametrize(("day", "new"), [("2025-06-24", True), ("2025-06-23", False)])
def test_what_began_in_the_last_seven_days_is_new(day, new):
    found = customers.all_warnings(known(), [rows(("A", "overdue", 1.0, day))])
    assert found["is_new"].tolist() == [new]


def test_what_a_table_says_of_being_new_counts_and_no_day_is_not_new():
    said = rows(("A", "leaving", 1.0, "2025-06-29"), is_new=False)
    unsaid = rows(("B", "no_limit", 1.0, None))
    assert not customers.all_warnings(known(), [said, unsaid])["is_new"].any()


def test_without_a_warning_there_is_a_table_and_a_sentence():
    found = customers.all_warnings(known(), [])
    assert found.empty and list(found.columns)[:3] == ["account_id", "owner_id", "kind"]
    assert [one.name for one in customers.warning_findings(found)] == ["no_warning"]
    assert customers.actions(known(), found) == []


def test_the_list_takes_each_kind_in_turn_and_names_a_customer_once():
    table = customers.all_warnings(
        known(),
        [
            rows(("A", "over_limit", 5.0, "2025-06-01"), ("B", "over_limit", 9.0, "2025-06-01")),
            rows(("A", "leaving", 50.0, "2025-01-01"), ("C", "leaving", 7.0, "2025-02-01")),
        ],
    )
    lines = customers.actions(known(), table)
    assert [(one.about, one.kind) for one in lines] == [
        ("B", "over_limit"),
        ("C", "leaving"),
        ("A", "over_limit"),
    ]
    assert [one.who for one in lines] == ["R2", "", "R1"]
    assert lines[1].since == "2025-02-01"


def test_who_is_silent_no_longer_than_usual_needs_no_visit():
    table = rows(("A", "leaving", 640.0, "2025-01-01"), ("B", "leaving", 50.0, "2025-01-01"))
    table = table.assign(value=[34.0, 90.0], normal=[164.0, 30.0])
    found = customers.all_warnings(known(), [table])
    assert len(found) == 2
    assert [one.about for one in customers.actions(known(), found)] == ["B"]


def test_a_new_warning_comes_before_an_old_one_of_its_kind():
    old, new = ("A", "over_limit", 5.0, "2025-01-01"), ("B", "over_limit", 1.0, "2025-06-29")
    table = customers.all_warnings(known(), [rows(old, new)])
    assert [one.about for one in customers.actions(known(), table)] == ["B", "A"]


def test_a_line_keeps_its_id_whatever_else_is_warned_of():
    one = rows(("A", "over_limit", 5.0, "2025-06-01"))
    more = rows(("B", "over_limit", 9.0, "2025-06-20"))
    alone, among = (
        customers.actions(known(), customers.all_warnings(known(), tables))
        for tables in ([one], [more, one.assign(amount_at_stake=6.0, value=3.0)])
    )
    assert alone[0].action_id in [line.action_id for line in among]


def test_every_kind_has_a_step_that_is_its_own():
    table = rows(*((f"A{n}", kind, 1.0, "2025-06-01") for n, kind in enumerate(KINDS)))
    table = table.assign(what="x")
    lines = customers.actions(known(), customers.all_warnings(known(), [table]))
    steps = [line.step.name for line in lines]
    assert len(lines) == len(KINDS) and len(set(steps)) == len(steps)


def test_of_no_kind_are_more_listed_than_asked():
    table = rows(*((f"A{n}", "overdue", float(n), "2025-06-01") for n in range(9)))
    lines = customers.actions(known(), customers.all_warnings(known(), [table]), most=3)
    assert [line.about for line in lines] == ["A8", "A7", "A6"]


FILE = pd.DataFrame({"account_id": ["A00000012", "B"], "owner_id": ["R1", "R2"]})
BOUGHT = pd.DataFrame({"account_id": ["B", "B"], "amount": [1.0, 2.0]})
OWED = {
    "invoices": pd.DataFrame({"invoice_id": ["1", "2"], "account_id": ["A00000012", "B"]}),
    "payments": pd.DataFrame({"invoice_id": ["1", "2"], "amount": [5.0, 6.0]}),
}


@pytest.mark.parametrize("only", [{"owner_id": "R2"}, {"account_id": "B"}])
def test_what_belongs_to_customers_follows_them(only):
    tables = {"accounts": FILE, "purchases": BOUGHT, **OWED}
    found = reduce.customers.of_customers(tables, only)
    rows = {name: table.to_pandas() for name, table in found.items()}
    assert rows["accounts"]["account_id"].tolist() == ["B"] and len(rows["purchases"]) == 2
    assert rows["payments"]["amount"].tolist() == [6.0]


def test_a_customer_that_is_not_there_is_told_with_those_who_are():
    with pytest.raises(SalesAnalysisError, match="account_id 'Z'.*A00000012, B"):
        reduce.customers.of_customers({"accounts": FILE}, {"account_id": "Z"})


def test_the_record_of_one_customer_is_shown_field_by_field():
    file = FILE.head(1).assign(since=pd.Timestamp("2020-01-02"), credit_limit=300.0, city=None)
    values = customers.account_file(known(file=file)).set_index("field")["value_text"].to_dict()
    assert values["since"] == "2020-01-02" and values["credit_limit"] == "300"
    assert "city" not in values

"""The customers notebook, run as a user runs it."""

import pytest

from salesanalysis.datasets.customers import customers as datasets_customers


@pytest.fixture(scope="module")
def made(make_reports):
    return make_reports("customers", {"en": {}, "zh": {"lang": "zh"}})


def test_the_report_says_what_its_tables_say(made):
    facts, warnings = made["en"].facts, made["en"].table("warnings")
    said = {one["key"]: one["text"] for one in facts["headlines"]}
    about = warnings["account_id"].nunique()
    assert f"{len(warnings):,} warnings about {about:,} customers" in said["warnings"]
    figures = made["en"].key_figures
    assert figures["new_warnings"] == warnings["is_new"].sum()
    leaving = made["en"].table("leaving")
    assert figures["leaving_amount"] == pytest.approx(leaving["amount_at_stake"].sum())
    assert leaving["false_share"].max() <= 0.2


def test_the_first_screen_has_an_answer_figures_with_their_course_and_a_list(made):
    facts = made["en"].facts
    (lead,) = facts["lead"]
    assert "customers bought for $" in lead["text"] and "is overdue" in lead["text"]
    past = {one["name"]: one["past"] for one in facts["key_figures"]}
    assert len(past["overdue_amount"]) == len(past["over_limit_amount"]) == 4
    lines = facts["actions"]
    assert 0 < len(lines) <= 7 and len({line["about"] for line in lines}) == len(lines)
    assert len({line["kind"] for line in lines}) > 3
    assert lines[0]["step"] in made["en"].page


def test_what_was_planted_in_the_sample_is_found(made):
    truth = datasets_customers(seed=7).truth
    twice = truth.records[truth.records["account_id"] != truth.records["customer_id"]]
    pairs = made["en"].table("duplicates")
    found = set(map(frozenset, pairs[["account_id", "other_id"]].to_numpy().tolist()))
    planted = set(map(frozenset, twice[["account_id", "customer_id"]].to_numpy().tolist()))
    assert len(found & planted) > 0.8 * len(planted)
    assert len(found - planted) < 0.1 * len(planted)
    left = made["en"].table("left_behind")
    assert set(left["owner_id"]) == {"R025"} and len(left) >= 30
    gone = truth.accounts.dropna(subset="left_at").set_index("account_id")["left_at"]
    leaving = made["en"].table("leaving")["account_id"]
    assert leaving.isin(gone.index).mean() > 0.5


def test_one_customer_and_the_customers_of_one_seller_make_a_page(make_reports):
    only = {"only": {"owner_id": "R009"}, "account": "A00000001"}
    made = make_reports("customers", {"one": only})["one"]
    assert {"account_file", "account_warnings"} <= set(made.tables)
    assert set(made.table("warnings")["owner_id"].dropna()) == {"R009"}


@pytest.mark.gate
def test_purchases_alone_make_a_report(make_reports):
    none = ["accounts", "invoices", "payments", "account_changes", "account_targets", "requests"]
    none += ["views", "campaign_members", "referrals", "suggestions", "opportunities"]
    none += ["activities", "reps"]
    of_one = dict.fromkeys(none, "") | {"account": "A00000001"}
    made = make_reports("customers", {"one": of_one})["one"]
    assert made.key_figures["sales"] > 0 and "overdue_amount" not in made.key_figures


def test_what_is_wrong_with_invoices_and_the_file_is_checked_too(made):
    assert "limit_missing" in set(made["en"].table("checks")["check"])


def test_every_column_of_every_table_has_a_heading(made):
    assert made["en"].columns_without_heading() == []


@pytest.mark.gate
def test_the_tables_do_not_depend_on_the_language(made):
    # The next steps are said to the reader; all else is data.
    data = [made[name].tables | {"actions": b""} for name in ("en", "zh")]
    assert len(data[0]) > 1 and data[0] == data[1]
    en, zh = (made[name].table("actions") for name in ("en", "zh"))
    assert len(en) and en.drop(columns="what").equals(zh.drop(columns="what"))


@pytest.mark.gate
def test_the_chinese_page_has_no_english_sentence(made):
    assert made["zh"].english_lines() == []

"""The FAMILY notebook, run as a user runs it."""

import pytest


@pytest.fixture(scope="module")
def made(make_reports):
    return make_reports("FAMILY", {"en": {}, "zh": {"lang": "zh"}})


def test_the_report_says_what_its_tables_say(made):
    last = made["en"].table("months").iloc[-1]
    said = made["en"].facts["headlines"][0]["text"]
    assert f"{last['n']:,} bookings worth {last['amount']:,.0f}" in said


def test_every_column_of_every_table_has_a_heading(made):
    assert made["en"].columns_without_heading() == []


@pytest.mark.gate
def test_the_tables_do_not_depend_on_the_language(made):
    assert made["zh"].tables == made["en"].tables


@pytest.mark.gate
def test_the_chinese_page_has_no_english_sentence(made):
    assert made["zh"].english_lines() == []

"""The customers notebook, run as a user runs it."""

import pytest


@pytest.fixture(scope="module")
def made(make_reports):
    return make_reports("customers", {"en": {}, "zh": {"lang": "zh"}})


def test_the_report_says_what_its_tables_say(made):
    months, facts = made["en"].table("months"), made["en"].facts
    *_, over, begun = months.itertuples()
    assert begun.period == "2025-11"
    said = f"In {over.period}, {over.customers:,} customers bought for "
    assert said in facts["headlines"][0]["text"]


def test_the_first_screen_has_an_answer_figures_with_their_course_and_a_list(made):
    facts = made["en"].facts
    (lead,) = facts["lead"]
    assert f"{made['en'].key_figures['customers']:,} customers bought" in lead["text"]
    assert len(facts["key_figures"][0]["past"]) == 4
    lines = facts["actions"]
    assert 0 < len(lines) <= 7 and len({line["about"] for line in lines}) == len(lines)
    assert lines[0]["step"] in made["en"].page


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

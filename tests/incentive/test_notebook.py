"""The incentive notebook on the sample, in both languages."""

from pathlib import Path

import pandas as pd
import pytest

from salesanalysis import text

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(make_reports):
    # The overview is tested with the same Chinese run.
    return make_reports("incentive", {"en": {}, "zh": {"lang": "zh"}})


@pytest.mark.gate
def test_the_tables_do_not_depend_on_the_language(made):
    # The rules of the plan and the next steps are said to the reader; all else is data.
    said = {"plan_words": b"", "actions": b""}
    data = [made[name].tables | said for name in ("en", "zh")]
    assert len(data[0]) > 15
    assert data[0] == data[1]


def test_the_report_says_what_its_tables_say(made):
    statements, payees = made["zh"].table("statements"), made["zh"].table("payee_totals")
    assert payees["payout"].sum() == pytest.approx(statements["payout"].sum())
    paid = pd.read_csv(ROOT / "data" / "sample" / "payouts.csv")
    assert statements["payout"].sum() == pytest.approx(paid["earned"].sum())
    facts = made["zh"].facts
    said = [headline["text"] for headline in facts["headlines"]]
    paid = text.said(statements["payout"].sum(), "amount", lang="zh", currency="USD")
    assert paid in said[0] and facts["currency"] == "USD"
    # At most five, and the first says of which periods it is.
    keys = [headline["key"] for headline in facts["headlines"]]
    assert keys == ["payout_total", "cost_expected", "at_edge", "late_payments"]
    assert said[0].startswith("2022-Q4至2025-Q3")
    shown = [section["title"] for section in facts["sections"]]
    assert any("冲刺" in title for title in shown)


def test_the_evidence_is_that_of_the_planted_habits(made):
    piles = made["zh"].table("bunching").set_index("kind")
    assert (piles["verdict"] == "bunching").all()
    assert piles.loc["kink", "elasticity_low"] < 0.12 < piles.loc["kink", "elasticity_high"]
    choice = made["zh"].table("sensitivity")
    assert choice["behaviour"].nunique() == 3 and (choice["behaviour"] == "elastic").sum() == 3


@pytest.mark.gate
def test_the_chinese_page_has_no_english_sentence(made):
    assert made["zh"].english_lines() == []
    assert len(made["en"].english_lines()) > 10


def test_every_column_of_every_table_has_a_heading(made):
    assert made["zh"].columns_without_heading() == []

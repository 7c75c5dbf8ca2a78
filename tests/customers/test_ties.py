"""Old and new customers: the shares of contacts, and claims that data hold, deny or do not tell."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, customers, text


def standing(seed: int, *, old=1.0, new=1.0, talked_old=10.0, talked_new=10.0) -> pd.DataFrame:
    """200 old and 200 newer customers with mean sales and contacts as given."""
    rng = np.random.default_rng(seed)
    is_old = np.arange(400) < 200
    return pd.DataFrame(
        {
            "tie_days": np.where(
                is_old, rng.integers(1_100, 3_000, 400), rng.integers(365, 1_000, 400)
            ),
            "segment": rng.choice(["big", "small"], 400),
            "amount_year": rng.gamma(2.0, 50.0, 400) * np.where(is_old, old, new),
            "contacts": rng.poisson(np.where(is_old, talked_old, talked_new)),
            "first_purchase_at": pd.Timestamp("2023-01-01"),
        }
    ).assign(known_days=lambda t: t["tie_days"])


@pytest.mark.parametrize(
    ("made", "verdicts"),
    [
        ({}, ["not_told", "not_told"]),
        ({"old": 2.0}, ["holds", "not_told"]),
        ({"new": 2.0}, ["contrary", "not_told"]),
        ({"talked_old": 5.0}, ["not_told", "holds"]),
        ({"talked_new": 5.0}, ["not_told", "contrary"]),
    ],
)
def test_a_claim_holds_where_it_is_so_and_not_else(made, verdicts):
    claims = customers.tie_claims(standing(1, **made))
    assert claims["verdict"].tolist() == verdicts


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_verdict_has_its_sentence(lang):
    said = set()
    for made in ({}, {"old": 2.0}, {"new": 2.0}, {"talked_old": 5.0}, {"talked_new": 5.0}):
        for found in customers.tie_findings(customers.tie_claims(standing(1, **made))):
            key = f"customers.{found.kind}.{found.name}"
            said.add(text.sentence(key, lang, "CNY", **found.values))
    assert len(said) >= 6


def test_where_nothing_differs_claims_are_seldom_made():
    told = [
        (customers.tie_claims(standing(seed))["verdict"] != "not_told").tolist()
        for seed in range(60)
    ]
    assert np.mean(told) < 0.1


def test_a_difference_that_lies_in_the_segment_is_gone_within_segments():
    table = standing(2)
    big = table["tie_days"] >= 1_100
    table["segment"] = np.where(big ^ (np.arange(400) % 10 == 0), "big", "small")
    table["amount_year"] *= np.where(table["segment"] == "big", 3.0, 1.0)
    claim = customers.tie_claims(table).iloc[0]
    assert claim["verdict"] == "holds"
    assert claim["alike_difference_low"] < 0 < claim["alike_difference_high"]
    alone = customers.tie_claims(table.assign(segment="one")).iloc[0]
    assert np.isnan(alone["alike_difference"])


def test_who_was_courted_before_the_tie_began_is_not_taken_for_much_talked_to():
    # A year of contacts, ten a year as of all others, of customers who began to buy last month.
    table = standing(3)
    new = table["tie_days"] < 1_100
    table.loc[new, "tie_days"] = 35
    table.loc[new, "known_days"] = 400
    claim = customers.tie_claims(table).set_index("claim").loc["old_neglected"]
    assert claim["verdict"] == "not_told" and claim["new_mean"] == pytest.approx(10, abs=1)


def test_former_prospects_and_first_years_are_no_newer_customers_of_the_first_claim():
    table = standing(4)
    table.loc[:9, "first_purchase_at"] = pd.NaT
    table.loc[395:, "tie_days"] = 100
    claims = customers.tie_claims(table).set_index("claim")
    assert claims.loc["stable_earn_more", ["old_n", "new_n"]].tolist() == [190, 195]
    assert claims.loc["old_neglected", ["old_n", "new_n"]].tolist() == [200, 200]


def test_contacts_are_shared_out_by_the_age_of_the_tie():
    table = pd.DataFrame(
        {"tie_days": pd.array([364, 365, 1_094, 1_095, None], "Int64"),
         "amount_year": [10.0, 20.0, 30.0, 40.0, 0.0], "contacts": [8, 1, 1, 0, 10]}
    )  # fmt: skip
    found = customers.contacts_by_age(table).set_index("age")
    assert found["accounts"].to_dict() == {"new": 1, "settled": 2, "old": 1, "unknown": 1}
    assert found["amount_share"].tolist() == pytest.approx([0.1, 0.5, 0.4, 0.0])
    assert found["contacts_share"].tolist() == pytest.approx([0.4, 0.1, 0.0, 0.5])
    unknown = customers.contacts_by_age(table.assign(contacts=np.nan))
    assert unknown[["contacts", "contacts_share", "contacts_each"]].isna().all(axis=None)
    with pytest.raises(SalesAnalysisError, match="`ages_days`"):
        customers.contacts_by_age(table, ages_days=(400, 300))

"""Which records are compared: a loop over all pairs says the same."""

import itertools

import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError
from salesanalysis.company_fields import cleaned, final_accounts
from salesanalysis.datasets.company_records import company_records
from salesanalysis.reduce.customers import by_customer, candidate_pairs, crowded_keys


@pytest.fixture(scope="module")
def records():
    return company_records(300, seed=9, chinese=0.7)[0]


@pytest.mark.parametrize("field", ["name", "registration_code", "phone", "address", "contact"])
def test_pairs_share_what_python_cleans_to_the_same(records, field):
    keys = records.set_index("account_id")[field].map(lambda value: cleaned(field, value))
    expected = {
        (one, other)
        for one, other in itertools.combinations(sorted(keys.index), 2)
        if keys[one] == keys[other] and len(keys[one]) > 1
    }
    pairs = candidate_pairs(records[["account_id", field]])
    shares = pairs[pairs["keys"].str.split(", ").map(lambda names: field in names)]
    assert set(zip(shares["account_id"], shares["other_id"], strict=True)) == expected
    assert expected


def test_nearly_every_duplicate_is_compared_and_few_others():
    records, truth = company_records(3_000, seed=12)
    pairs = candidate_pairs(records)
    customer = truth.set_index("account_id")["customer_id"]
    same = customer[pairs["account_id"]].to_numpy() == customer[pairs["other_id"]].to_numpy()
    groups = customer.value_counts()
    assert same.sum() / (groups * (groups - 1) // 2).sum() > 0.98
    assert len(pairs) < len(records)
    assert (pairs["account_id"] < pairs["other_id"]).all()
    assert not pairs.duplicated(["account_id", "other_id"]).any()


def test_a_key_that_too_many_share_makes_no_pairs_and_is_named():
    file = pd.DataFrame({"account_id": [f"A{n}" for n in range(9)], "phone": "021-00000000"})
    file = file.assign(
        name=[*[f"{letter}恒信电子" for letter in "甲乙丙丁戊己庚"], "瑞嘉化工", "瑞嘉化工"]
    )
    pairs = candidate_pairs(file, most=6)
    assert pairs.values.tolist() == [["A7", "A8", "name, name_begins, name_ends"]]
    crowded = crowded_keys(file, most=6)
    assert crowded.values.tolist() == [["phone", "00000000", 9], ["name_ends", "恒信电子", 7]]
    assert crowded_keys(file).empty and len(candidate_pairs(file)) == 36


def test_a_representative_counts_within_a_city():
    file = pd.DataFrame(
        {
            "account_id": ["a", "b", "c"],
            "legal_representative": ["王伟", "王伟", "王伟"],
            "city": ["上海", "上海市", "成都"],
        }
    )
    assert candidate_pairs(file).values.tolist() == [["a", "b", "legal_representative"]]
    assert len(candidate_pairs(file.drop(columns="city"))) == 3


def test_files_without_pairs_or_fields():
    file = pd.DataFrame({"account_id": ["a", "b"], "name": [None, "瑞嘉化工"]}, dtype="str")
    assert list(candidate_pairs(file)) == ["account_id", "other_id", "keys"]
    assert candidate_pairs(file).empty and candidate_pairs(file.head(0)).empty
    with pytest.raises(SalesAnalysisError, match="`phone`"):
        candidate_pairs(file, fields=["phone"])
    with pytest.raises(SalesAnalysisError, match="`account_id`"):
        candidate_pairs(file.drop(columns="account_id"))
    with pytest.raises(SalesAnalysisError, match="`name`"):
        candidate_pairs(file[["account_id"]])


def test_fields_of_ones_own_are_keys_as_they_are_written():
    file = pd.DataFrame({"account_id": ["a", "b", "c"], "born": ["1970-01-02", "1970 01 02", "1"]})
    assert candidate_pairs(file).values.tolist() == [["a", "b", "born"]]
    whole = file.assign(name=["x", "y", "z"])
    assert candidate_pairs(whole).empty, "a file of companies is compared by their fields"
    assert len(candidate_pairs(whole, fields=["born"])) == 1


def test_a_merged_account_is_the_one_that_was_kept():
    file = pd.DataFrame({"account_id": ["A", "B", "C"], "merged_into": ["B", "X", None]})
    assert final_accounts(file).tolist() == ["X", "X", "C"]
    orders = pd.DataFrame({"account_id": ["A", "B", "C", "D", None], "amount": [1, 2, 3, 4, 5]})
    found = by_customer(orders, file).to_pandas().sort_values("amount")
    assert found["account_id"].fillna("").tolist() == ["X", "X", "C", "D", ""]
    assert by_customer(orders, file.drop(columns="merged_into")).to_pandas().equals(orders)
    assert by_customer(orders, None).to_pandas().equals(orders)

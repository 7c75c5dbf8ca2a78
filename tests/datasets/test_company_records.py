"""Made-up company records: reproducible, with codes that are valid, and the truth about each."""

import re

import numpy as np
import pandas as pd
import pytest

from salesanalysis.columns import TABLES
from salesanalysis.company_fields import CODE_CHARACTERS, check_character
from salesanalysis.datasets.company_records import (
    company_details,
    company_records,
    with_duplicates,
)
from salesanalysis.datasets.model import stream
from salesanalysis.datasets.words import company_names


def valid(code) -> bool:
    if not isinstance(code, str) or len(code) != 18 or set(code) - set(CODE_CHARACTERS):
        return False
    return code[-1] == check_character(code[:-1])


@pytest.fixture(scope="module")
def made():
    return company_records(1_500, seed=3)


def accounts(number: int, seed: int = 5) -> pd.DataFrame:
    chinese = np.arange(number) % 3 > 0
    table = pd.DataFrame({"account_id": [f"K{n:03d}" for n in range(1, number + 1)]})
    table = table.assign(name=company_names(np.arange(number), chinese), credit_limit=10.0)
    return table.join(company_details(chinese, stream(seed, "records")))


def test_the_worked_example_of_the_standard():
    assert check_character("91350100M000100Y4") == "3"


def test_there_are_as_many_records_as_asked_for_and_the_same_each_time(made):
    again, other = company_records(1_500, seed=3), company_records(1_500, seed=4)
    for one, two in zip(made, again, strict=True):
        pd.testing.assert_frame_equal(one, two)
    assert not made[0].equals(other[0])
    assert len(made[0]) == 1_500
    assert set(made[0]) <= set(TABLES["accounts"].names)
    assert not made[0]["account_id"].duplicated().any()


def test_the_truth_names_the_company_of_each_record(made):
    records, truth = made
    assert truth["account_id"].tolist() == records["account_id"].tolist()
    assert set(truth["customer_id"]) <= set(truth["account_id"])
    assert len(truth) - truth["customer_id"].nunique() == round(1_500 * 0.18 / 1.18)
    assert truth["customer_id"].value_counts().max() > 2, "some companies are there three times"


def test_no_two_companies_have_one_code_or_one_name(made):
    records, truth = made
    originals = records[truth["account_id"] == truth["customer_id"]]
    assert not originals["registration_code"].dropna().duplicated().any()
    assert not originals["name"].duplicated().any()
    wrong = originals[~originals["registration_code"].map(valid)]
    planted = truth.set_index("account_id")["invalid_code"]
    given = wrong["registration_code"].notna()
    assert given.sum() == 3 and planted[wrong[given]["account_id"]].all() and planted.sum() == 3


def test_a_code_written_again_is_of_the_same_company_or_none(made):
    records, truth = made
    table = records.merge(truth, on="account_id")
    right = table[table["registration_code"].map(valid)]
    assert right.groupby("customer_id")["registration_code"].nunique().max() == 1


def test_sisters_share_address_and_telephone_and_have_codes_of_their_own():
    records, truth = with_duplicates(accounts(400), stream(5, "records"))
    table = records.merge(truth, on="account_id").set_index("account_id")
    sisters = table[table["sister_of"].notna()]
    assert 2 <= len(sisters) <= 30
    for _, row in sisters.iterrows():
        other = table.loc[row["sister_of"]]
        assert (row["address"], row["phone"]) == (other["address"], other["phone"])
        assert row["registration_code"] != other["registration_code"]
        assert row["name"] != other["name"] and row["name"][:2] == other["name"][:2]


def test_the_accounts_stay_and_the_new_ids_go_on():
    before = accounts(400)
    records, truth = with_duplicates(before, stream(5, "records"))
    assert list(records) == list(before) and len(records) == 432
    assert records["account_id"].tolist()[400:] == [f"K{n}" for n in range(401, 433)]
    other, _ = with_duplicates(before, stream(5, "records"), first_id="N0098")
    assert other["account_id"].tolist()[400:403] == ["N0098", "N0099", "N0100"]
    kept = records.head(400).merge(truth, on="account_id")
    alone = kept["sister_of"].isna() & ~kept["invalid_code"]
    pd.testing.assert_frame_equal(kept[alone][list(before)], before[alone])
    assert records["credit_limit"].eq(10.0).all()


def test_every_noise_is_there(made):
    records, truth = made
    table = records.merge(truth, on="account_id")
    first = table.set_index("account_id").loc[table["customer_id"]].reset_index()
    again = (table["account_id"] != table["customer_id"]).to_numpy()
    new, old = table[again].reset_index(drop=True), first[again].reset_index(drop=True)
    codes = new["registration_code"].dropna()
    for pattern in (r"[OI]", r"[a-z]", r"^\d{15}$", " "):
        assert codes.str.contains(pattern).any(), pattern
    for pattern in ("（.{2}）", r"\(.{2}\)", ".市", " ", "股份有限公司$", "有限责任公司$"):
        assert new["name"].str.contains(pattern).any(), pattern
    assert new["address"].str.contains("[０-９]").any()  # noqa: RUF001
    assert new["phone"].str.contains(r"\+86").any()
    for field in ("registration_code", "phone", "address", "legal_representative"):
        assert (new[field].isna() & old[field].notna()).any(), field
    digits = [re.sub(r"\D", "", text) for text in new["phone"].dropna()]
    assert any(len(number) not in (11, 12, 13) for number in digits), "typing errors"


def test_without_accounts_or_duplicates_nothing_is_added():
    before = accounts(12)
    records, truth = with_duplicates(before, stream(5, "records"), share=0)
    assert len(records) == len(truth) == 12
    bare = before[["account_id", "name"]]
    records, truth = with_duplicates(bare, stream(5, "records"), share=0.5)
    assert list(records) == ["account_id", "name"] and len(records) == 18
    assert not truth["invalid_code"].any()

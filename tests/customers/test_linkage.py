"""Which records are one customer: planted duplicates, sisters, chains, maps that last."""

import itertools

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, reduce
from salesanalysis.company_fields import cleaned
from salesanalysis.customers import duplicates
from salesanalysis.customers.agreement import distinct_values
from salesanalysis.datasets.company_records import company_records
from salesanalysis.datasets.customers import customers
from salesanalysis.reduce.customers import candidate_pairs

ONE, TWO = "91310115MA0000001Y", "91310115000000002Y"


def all_pairs(file: pd.DataFrame) -> pd.DataFrame:
    pairs = itertools.combinations(file["account_id"], 2)
    return pd.DataFrame(pairs, columns=["account_id", "other_id"], dtype="str")


def together(customers) -> set[tuple[str, str]]:
    """The pairs of accounts that are one customer."""
    groups = customers.groupby("customer_id")["account_id"].agg(sorted)
    return {pair for ids in groups for pair in itertools.combinations(ids, 2)}


def f1(found: set, true: set) -> float:
    return 2 * len(found & true) / (len(found) + len(true))


@pytest.fixture(scope="module")
def chinese():
    records, truth = company_records(5_878, seed=11)
    return records, truth, duplicates(candidate_pairs(records), records)


def test_most_duplicates_of_chinese_records_are_found_and_few_others(chinese):
    _, truth, linkage = chinese
    assert f1(together(linkage.customers()), together(truth)) >= 0.98
    assert f1(together(linkage.customers(level=0.9)), together(truth)) >= 0.97


@pytest.mark.parametrize("level", [0.01, 0.5])
def test_no_customer_has_two_different_valid_codes(chinese, level):
    records, _, linkage = chinese
    table = linkage.customers(level=level).merge(records, on="account_id")
    table["code"] = distinct_values(table, "registration_code")
    codes = table[table["code"] >= 0].groupby("customer_id")["code"].nunique()
    assert codes.max() == 1 and table["customer_id"].duplicated().sum() > 800


def test_sisters_stay_two_companies_also_where_a_code_is_missing(chinese):
    records, truth, linkage = chinese
    sisters = truth.dropna(subset=["sister_of"])
    code = pd.Series(distinct_values(records, "registration_code"), index=records["account_id"])
    kin = sisters[["account_id", "sister_of"]].to_numpy()
    without = (code[kin[:, 0]].to_numpy() < 0) | (code[kin[:, 1]].to_numpy() < 0)
    assert without.sum() > 20
    customer = linkage.customers().set_index("account_id")["customer_id"]
    merged = customer[kin[:, 0]].to_numpy() == customer[kin[:, 1]].to_numpy()
    assert merged[without].mean() < 0.25 and not merged[~without].any()
    related = linkage.pairs.set_index(["account_id", "other_id"])["related"]
    assert related.reindex(map(tuple, np.sort(kin, axis=1))).mean() > 0.8
    # Who has the same valid code is no sister, whatever else agrees.
    pairs = linkage.pairs
    same = code[pairs["account_id"]].to_numpy() == code[pairs["other_id"]].to_numpy()
    known = same & (code[pairs["account_id"]].to_numpy() >= 0)
    assert known.sum() > 200 and not pairs["related"][known].any()


@pytest.mark.parametrize("number", [1, 2])
def test_persons_of_the_published_sets(number, shared):
    path = shared(f"customers/febrl/dataset{number}.csv")
    file = pd.read_csv(path, skipinitialspace=True, dtype="str").rename(
        columns={"rec_id": "account_id"}
    )
    truth = file[["account_id"]].assign(customer_id=file["account_id"].str.extract(r"(rec-\d+)")[0])
    linkage = duplicates(candidate_pairs(file), file)
    assert len(together(truth)) == {1: 500, 2: 1_934}[number]
    assert f1(together(linkage.customers()), together(truth)) >= 0.995
    likely = linkage.pairs[linkage.pairs["probability"] >= 0.5]
    found = set(zip(likely["account_id"], likely["other_id"], strict=True))
    assert f1(found, together(truth)) >= 0.995
    # The prior is that of two random records, not of two candidates.
    pairs = len(file) * (len(file) - 1) / 2
    assert linkage.prior * pairs == pytest.approx(len(together(truth)), rel=0.01)


def test_the_duplicates_of_the_sample_are_found_and_its_sisters_stay_two():
    made = customers(seed=7)
    file, truth = made.tables["customer_file"], made.truth.records
    linkage = duplicates(candidate_pairs(file), file)
    found = together(linkage.customers())
    assert f1(found, together(truth)) >= 0.95 and found <= together(truth)


@pytest.fixture(scope="module")
def small():
    records, truth = company_records(400, seed=2)
    return records, truth, duplicates(candidate_pairs(records), records)


def test_the_order_of_rows_fields_and_pairs_does_not_matter(small):
    records, _, linkage = small
    mixed = records.sample(frac=1, random_state=4)[sorted(records, reverse=True)]
    pairs = candidate_pairs(mixed).sample(frac=1, random_state=5)
    pairs = pairs.rename(columns={"account_id": "other_id", "other_id": "account_id"})
    other = duplicates(pairs, mixed)
    for made in ("pairs", "agreements"):
        pd.testing.assert_frame_equal(getattr(linkage, made), getattr(other, made))
    for table in ("customers", "disagreements", "survivors", "why"):
        pd.testing.assert_frame_equal(getattr(linkage, table)(), getattr(other, table)())


def test_the_reasons_of_a_pair_add_up_to_its_probability(small):
    records, _, _ = small
    alone = records.drop(columns="registration_code")
    linkage = duplicates(candidate_pairs(alone), alone)
    bits = linkage.why(level=0).groupby(["account_id", "other_id"])["bits"].sum()
    odds = linkage.prior / (1 - linkage.prior) * 2.0**bits
    given = linkage.pairs.set_index(["account_id", "other_id"])["probability"]
    expected = (odds / (1 + odds)).reindex(given.index)
    np.testing.assert_allclose(given, expected, rtol=1e-9)
    assert given.max() > 0.999 and given.min() < 0.001


def test_each_reason_shows_what_was_written(small):
    records, _, linkage = small
    reasons = linkage.why()
    written = records.set_index("account_id")
    for row in reasons.head(60).itertuples():
        assert row.value == written.loc[row.account_id, row.field]
        assert row.other_value == written.loc[row.other_id, row.field]
        both = (cleaned(row.field, value) for value in (row.value, row.other_value))
        named = row.field in ("name", "legal_representative", "contact")
        one, other = map(sorted, both) if named else both
        same = one == other
        assert (row.agreement == "equal") == same
    assert set(reasons["agreement"]) == {"equal", "close", "near", "other"}


def firms(**columns) -> pd.DataFrame:
    """A file of many different companies without sisters, the given records before them."""
    others, truth = company_records(200, seed=6, share=0)
    others = others[truth["sister_of"].isna()]
    given = pd.DataFrame(columns, dtype="str")
    return pd.concat([given, others.drop(columns=["contact"])], ignore_index=True)


CHAIN = {
    "account_id": ["a", "b", "c"],
    "name": ["上海恒信电子有限公司", "恒信（上海）电子", "上海市恒信电子股份有限公司"],
    "phone": ["021-61234567", "+86 21 61234567", "61234567"],
    "legal_representative": ["王伟", "王伟", "王伟"],
    "registration_code": [ONE, None, TWO],
}


def test_a_chain_gives_no_customer_two_codes_and_is_reported():
    file = firms(**CHAIN)
    linkage = duplicates(candidate_pairs(file), file)
    customers = linkage.customers().set_index("account_id")["customer_id"]
    assert sorted(customers[["a", "b", "c"]]) in (["a", "a", "c"], ["a", "b", "b"])
    told = linkage.disagreements().set_index(["account_id", "other_id"])
    (pair,) = told.index
    assert told.loc[pair, ["contradiction", "field"]].tolist() == ["vetoed", "registration_code"]
    assert "b" in pair
    assert told.loc[pair, "probability"] > 0.9
    assert told.loc[pair, "customer_id"] != told.loc[pair, "other_customer_id"]
    vetoed = linkage.pairs.set_index(["account_id", "other_id"]).loc[("a", "c")]
    assert vetoed["vetoed"] and vetoed["probability"] == 0
    without = duplicates(candidate_pairs(file), file, veto=())
    assert without.customers()["customer_id"].tolist().count("a") == 3


def test_a_pair_that_only_a_chain_brings_together_is_reported():
    file = firms(
        account_id=["a", "b", "c"],
        name=["上海恒信电子有限公司", "上海恒信电子有限公司", "成都瑞嘉化工有限公司"],
        phone=["021-61234567", "021-61234567", "028-77777777"],
        legal_representative=["王伟", "李芳娜", "李芳娜"],
        registration_code=[None, ONE, ONE],
        address=[None, "成都市人民路99号", "成都市人民路99号"],
    )
    linkage = duplicates(candidate_pairs(file), file)
    assert linkage.customers()["customer_id"].tolist().count("a") == 3
    told = linkage.disagreements()
    assert told[["account_id", "other_id", "contradiction"]].values.tolist() == [
        ["a", "c", "unlikely"]
    ]
    assert told["probability"].item() < 0.5


def test_codes_with_letters_for_digits_are_the_same_and_an_old_number_does_not_contradict():
    file = firms(
        account_id=["a", "b", "c"],
        name=["上海恒信电子有限公司"] * 3,
        registration_code=[ONE, ONE.replace("0", "O").replace("1", "i").lower(), "310115123456789"],
    )
    pairs = duplicates(all_pairs(file.head(3)), file).pairs.set_index(["account_id", "other_id"])
    assert pairs["registration_code"].to_dict() == {
        ("a", "b"): "equal",
        ("a", "c"): "missing",
        ("b", "c"): "missing",
    }
    assert not pairs["vetoed"].any() and pairs.loc[("a", "b"), "probability"] > 0.9


def test_a_value_of_any_length_is_compared():
    long = "上海市中山路1号" * 2_000
    file = firms(account_id=["a", "b"], name=["恒信电子"] * 2, address=[long, long + "甲"])
    pairs = duplicates(all_pairs(file.head(2)), file).pairs
    assert pairs[["name", "address"]].values.tolist() == [["equal", "close"]]


def test_digits_in_another_order_are_another_number():
    file = firms(account_id=["a", "b"], name=["恒信电子"] * 2, phone=["61234567", "61234576"])
    assert duplicates(all_pairs(file.head(2)), file).pairs["phone"].tolist() == ["close"]


def test_what_many_share_says_less_than_what_two_share():
    file = firms(
        account_id=["a", "b"], name=["上海恒信电子", "苏州瑞嘉化工"], phone=["61234567"] * 2
    )
    rare = duplicates(all_pairs(file.head(2)), file).why(level=0).set_index("field")["bits"]
    file["phone"] = file["phone"].where(file.index % 4 > 0, "61234567")
    common = duplicates(all_pairs(file.head(2)), file).why(level=0).set_index("field")["bits"]
    assert rare["phone"] > 7 and common["phone"] < 4


def test_a_map_keeps_its_ids_and_new_accounts_join():
    file = firms(**CHAIN | {"registration_code": [None] * 3})
    first = file[file["account_id"] != "a"]
    before = duplicates(candidate_pairs(first), first).customers()
    assert before.set_index("account_id").loc["c", "customer_id"] == "b"
    linkage = duplicates(candidate_pairs(file), file)
    after = linkage.customers(earlier=before).set_index("account_id")["customer_id"]
    assert after[before["account_id"]].tolist() == before["customer_id"].tolist()
    assert after["a"] == "b", "the customer is not renamed after a smaller id"
    assert (
        linkage.customers(earlier=before.iloc[::-1])
        .set_index("account_id")
        .equals(after.to_frame())
    )


def test_two_customers_of_an_earlier_map_stay_two_and_are_reported():
    file = firms(**CHAIN | {"registration_code": [None] * 3})
    linkage = duplicates(candidate_pairs(file), file)
    before = pd.DataFrame({"account_id": ["b", "c"], "customer_id": ["b", "c"]})
    after = linkage.customers(earlier=before).set_index("account_id")["customer_id"]
    assert after[["b", "c"]].tolist() == ["b", "c"] and after["a"] in ("b", "c")
    told = linkage.disagreements(earlier=before)
    assert set(told["contradiction"]) == {"two_customers"}
    assert {"b", "c"} == set(told[["customer_id", "other_customer_id"]].to_numpy().ravel())


def test_an_id_of_an_earlier_customer_is_not_given_to_another():
    file = firms(**CHAIN | {"registration_code": [None] * 3})
    linkage = duplicates(candidate_pairs(file), file)
    other = file["account_id"].iloc[-1]
    before = pd.DataFrame({"account_id": [other], "customer_id": ["a"]})
    after = linkage.customers(earlier=before).set_index("account_id")["customer_id"]
    assert after[["a", "b", "c", other]].tolist() == ["a"] * 4


def test_what_people_merged_is_one_customer_whatever_the_codes_say():
    file = firms(**CHAIN).assign(merged_into=None)
    file.loc[0, "merged_into"] = "c"
    linkage = duplicates(candidate_pairs(file), file)
    customers = linkage.customers().set_index("account_id")["customer_id"]
    assert customers[["a", "b", "c"]].eq("c").sum() >= 2 and customers["a"] == "c"
    assert ["a", "c"] in linkage.disagreements()[["account_id", "other_id"]].values.tolist()
    file.loc[2, "merged_into"] = "a"
    with pytest.raises(SalesAnalysisError, match="circle: a → c → a"):
        duplicates(candidate_pairs(file), file).customers()


def test_the_best_value_survives_with_its_source_and_date():
    file = firms(
        account_id=["a", "b", "c"],
        name=["上海恒信电子有限公司", "上海恒信电子", "上海恒信电子股份"],
        phone=["021-61234567", "021 61234567", "021-61234568"],
        address=[None, "上海市中山路1号", "上海市中山路1号"],
        registration_code=[ONE[:-1] + "9", ONE, None],
        legal_representative=["王伟", "王伟", "李芳"],
    )
    file["verified_at"] = pd.to_datetime(pd.Series([None, "2025-01-05", "2025-03-01"]))
    kept = duplicates(all_pairs(file.head(3)), file).survivors().set_index("field")
    assert kept["customer_id"].eq("a").all() and "verified_at" not in kept.index
    # The code that is valid, though another record was verified later or has a smaller id.
    assert kept.loc["registration_code", ["value", "account_id"]].tolist() == [ONE, "b"]
    # What was verified last.
    assert kept.loc["legal_representative", "value"] == "李芳"
    assert kept.loc["legal_representative", "verified_at"] == pd.Timestamp("2025-03-01")
    assert kept.loc["legal_representative", "not_taken"] == 1
    # An empty field takes the other record's.
    assert kept.loc["address", ["value", "account_id", "not_taken"]].tolist() == [
        "上海市中山路1号",
        "c",
        0,
    ]
    undated = duplicates(all_pairs(file.head(3)), file.drop(columns="verified_at")).survivors()
    undated = undated.set_index("field")
    # What most records say, then the longer text.
    assert undated.loc["legal_representative", "value"] == "王伟"
    assert undated.loc["name", "value"] == "上海恒信电子有限公司"
    assert undated["verified_at"].isna().all()


def test_a_larger_prior_makes_every_pair_more_probable(small):
    records, _, linkage = small
    bold = duplicates(candidate_pairs(records), records, prior=0.2)
    both = linkage.pairs.merge(bold.pairs, on=["account_id", "other_id"])
    assert bold.prior == 0.2
    assert (both["probability_y"] >= 0.5).sum() > (both["probability_x"] >= 0.5).sum()


@pytest.mark.parametrize(
    ("wrong", "said"), [({"veto": ["phnoe"]}, "`phnoe`"), ({"prior": 0}, "`prior` is 0")]
)
def test_a_veto_that_the_file_lacks_and_a_prior_that_decides_alone_are_refused(small, wrong, said):
    records, _, _ = small
    with pytest.raises(SalesAnalysisError, match=said):
        duplicates(candidate_pairs(records), records, **wrong)


def test_without_pairs_every_account_is_a_customer(small):
    records, _, _ = small
    linkage = duplicates(candidate_pairs(records.head(0)), records)
    assert linkage.customers()["customer_id"].is_unique
    assert linkage.why().empty and linkage.survivors().empty and linkage.disagreements().empty


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f, p: (p, pd.concat([f, f.head(1)])), "`file` has the account 'a' more than once"),
        (lambda f, p: (p, f.drop(index=0)), "`pairs` has the account 'a', which `file` has not"),
        (lambda f, p: (p[["account_id"]], f), "`other_id`"),
        (lambda f, p: (p, f.drop(columns="account_id")), "`account_id`"),
    ],
)
def test_what_cannot_be_meant_is_refused(change, said):
    file = firms(account_id=["a", "b"], name=["上海恒信电子", "苏州瑞嘉化工"])
    pairs, file = change(file, all_pairs(file.head(2)))
    with pytest.raises(SalesAnalysisError, match=said):
        duplicates(pairs, file)


def test_a_map_serves_the_other_reductions(small):
    records, truth, linkage = small
    orders = pd.DataFrame({"account_id": truth["account_id"], "amount": 1.0})
    customers = linkage.customers()
    summed = reduce.customers.by_customer(orders, customers).to_pandas()
    expected = customers["customer_id"].value_counts().sort_index()
    assert summed.groupby("account_id")["amount"].sum().astype(int).to_dict() == expected.to_dict()
    assert expected.max() > 1

"""Classes of accounts: their standing against a loop, the elements, and who is neglected."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, customers, plots, reduce
from salesanalysis.errors import NothingToShow
from salesanalysis.plots.marks import names_of

AS_OF = "2025-06-30"
STAGES = ["lead", "offer", "talks", "contract"]


def tables(seed: int) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    people = [f"c{n:02d}" for n in range(25)]

    def days(size, start="2023-06-01", span=800):
        return pd.Timestamp(start) + pd.to_timedelta(rng.integers(0, span * 24, size), "h")

    deals = [f"d{n:02d}" for n in range(60)]
    created = days(60)
    closed = created + pd.to_timedelta(rng.integers(1, 300, 60), "D")
    outcome = rng.choice(["won", "lost", "open"], 60)
    return {
        "accounts": pd.DataFrame(
            {"account_id": people[:20], "owner_id": rng.choice(["R1", "R2"], 20),
             "segment": rng.choice(["big", "small"], 20),
             "since": days(20, "2020-01-01", 2_100).normalize()}
        ),
        "purchases": pd.DataFrame(
            {"account_id": rng.choice(people[5:], 300), "purchased_at": days(300),
             "amount": rng.integers(-40, 90, 300).astype(float)}
        ),
        "opportunities": pd.DataFrame(
            {"opportunity_id": deals, "account_id": rng.choice([*people, None], 60),
             "outcome": outcome, "created_at": created,
             "closed_at": closed.where(outcome != "open"), "stage": rng.choice(STAGES, 60),
             "amount": rng.integers(1, 99, 60).astype(float),
             "probability": rng.random(60).round(2)}
        ),
        "activities": pd.DataFrame(
            {"opportunity_id": rng.choice([*deals, "other"], 200), "kind": "call", "at": days(200)}
        ),
    }  # fmt: skip


def counted(given: dict[str, pd.DataFrame], account: str) -> dict:
    """How an account stands, in single steps."""
    end = pd.Timestamp(AS_OF)
    bought = given["purchases"].assign(day=lambda t: t["purchased_at"].dt.normalize())
    bought = bought[(bought["account_id"] == account) & (bought["day"] <= end)]
    net = bought.groupby("day")["amount"].sum()
    paid = net[net > 0].index
    file = given["accounts"].set_index("account_id")["since"].get(account, pd.NaT)
    since = min((day for day in [file, *paid] if pd.notna(day) and day <= end), default=pd.NaT)
    own = given["opportunities"][given["opportunities"]["account_id"] == account]
    calls = given["activities"][given["activities"]["opportunity_id"].isin(own["opportunity_id"])]
    days = sorted({at.normalize() for at in calls["at"] if at.normalize() <= end})
    still = own[(own["created_at"] < end + pd.Timedelta(days=1))
                & ~(own["closed_at"] < end + pd.Timedelta(days=1))]  # fmt: skip
    gaps = np.array([(later - day).days for day, later in itertools.pairwise(days)])
    return {
        "tie_days": (end - since).days,
        "amount_year": net[net.index > end - pd.Timedelta(days=365)].sum(),
        "contacts": sum(day > end - pd.Timedelta(days=365) for day in days),
        "contact_days": (end - days[-1]).days if days else None,
        "contact_gap_days": gaps.mean() if len(gaps) else None,
        "known_days": (end - min([since, *days])).days,
        "open_deals": len(still),
        "open_amount": still["amount"].sum(),
        "funnel_share": max((STAGES.index(s) + 1 for s in still["stage"]), default=0) / 4,
        "chance": 1 - np.prod(1 - still["probability"]),
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_standing_equals_a_loop_over_rows(seed):
    given = tables(seed)
    table = reduce.customers.standing(given, as_of=AS_OF, stages=STAGES).set_index("account_id")
    assert len(table) == 25
    for account, row in table.iterrows():
        for name, value in counted(given, account).items():
            if value is None or pd.isna(value):
                assert pd.isna(row[name]), (account, name)
            else:
                assert row[name] == pytest.approx(value), (account, name)


def test_nothing_after_the_day_counts():
    given = tables(3)
    until = given | {
        name: given[name][~(given[name][at] >= "2025-07-01")]
        for name, at in (("purchases", "purchased_at"), ("activities", "at"))
    }
    assert len(until["activities"]) < len(given["activities"])
    deals = until["opportunities"].copy()
    later = deals["created_at"] >= "2025-07-01"
    assert later.any()
    deals.loc[later, ["amount", "probability", "outcome"]] = [1e9, 1.0, "open"]
    until["opportunities"] = deals
    sides = (reduce.customers.standing(side, as_of=AS_OF, stages=STAGES) for side in (given, until))
    pd.testing.assert_frame_equal(*sides)


def test_what_no_table_tells_is_missing_and_not_zero():
    given = tables(4)
    del given["opportunities"]
    table = reduce.customers.standing(given, as_of=AS_OF, stages=STAGES)
    told = ["contacts", "open_deals", "funnel_share", "chance", "last_contact_at"]
    assert table[told].isna().all(axis=None) and table["amount_year"].notna().all()
    given = tables(4)
    given["opportunities"] = given["opportunities"].drop(columns="probability")
    table = reduce.customers.standing(given, as_of=AS_OF)
    assert table[["funnel_share", "chance"]].isna().all(axis=None)
    assert table["open_deals"].notna().all()
    with pytest.raises(SalesAnalysisError, match="neither `accounts` nor `purchases`"):
        reduce.customers.standing({}, as_of=AS_OF)


def known(amounts, **more) -> pd.DataFrame:
    rows = pd.DataFrame({"amount_year": np.array(amounts, float)})
    rows = rows.assign(account_id=[f"c{at:02d}" for at in rows.index], owner_id="R1")
    return rows.assign(**({"chance": 0.0, "funnel_share": 0.0} | more))


def test_the_elements_are_what_they_say():
    found = customers.account_classes(known([50, 30, 10, 10, 0, -5], funnel_share=0.5))
    found = found.set_index("account_id").sort_index()
    # Sales of 100: before the second one come 50, before the third and fourth 80 and so on.
    assert found["contribution_score"].tolist() == pytest.approx([1, 0.5, 0.2, 0.2, 0, 0])
    assert found["value_score"].tolist() == pytest.approx([1, 0.8, 0.4, 0.4, 0.2, 0])
    assert found["score"].iloc[0] == pytest.approx((1 + 1 + 0 + 0.5) / 4)


def test_what_is_expected_takes_the_place_of_the_last_year_and_the_higher_chance_counts():
    told = pd.DataFrame(
        {"account_id": ["c00", "c01"], "customer_value": [1.0, 9.0], "return_chance": [0.9, 0.2]}
    )
    table = known([50, 30], chance=[0.1, 0.4])
    found = customers.account_classes(table, values=told, chances=told)
    found = found.set_index("account_id").sort_index()
    assert found["value_score"].tolist() == [0, 1]
    assert found["order_chance_score"].tolist() == [0.9, 0.4]
    assert found["contribution_score"].tolist() == pytest.approx([1, 0.375])
    refused = told.assign(customer_value=np.nan)
    by_year = customers.account_classes(table, values=refused).set_index("account_id")
    assert by_year["expected_amount"].to_dict() == {"c00": 50, "c01": 30}


def test_an_element_of_nobody_is_left_out_and_weights_are_relative():
    table = known([50, 30, 0], chance=np.nan, funnel_share=np.nan)
    plain = customers.account_classes(table)
    assert plain["score"].tolist() == pytest.approx([1, (0.5 + 0.375) / 2, 0])
    twice = customers.account_classes(table, weights={"value": 4, "contribution": 4})
    assert twice["score"].tolist() == plain["score"].tolist()
    only = customers.account_classes(table, weights={"contribution": 1})
    assert only["score"].tolist() == pytest.approx([1, 0.375, 0])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.floats(0, 0.9))
def test_equal_accounts_are_of_one_class_and_the_class_lies_between_best_and_worst(amounts, shift):
    found = customers.account_classes(known(amounts, chance=0.3), shift=shift)
    assert found["amount_year"].nunique() == len(
        found[["amount_year", "account_class"]].drop_duplicates()
    )
    order = found[["best_class", "account_class", "worst_class"]].to_numpy()
    assert (order[:, 0] <= order[:, 1]).all() and (order[:, 1] <= order[:, 2]).all()
    assert (found["sure"] == (order[:, 0] == order[:, 2])).all()
    assert found["score"].is_monotonic_decreasing and found["score"].between(0, 1).all()


def test_a_class_that_hangs_on_the_weights_is_not_sure():
    # The one is worth more, the other nearer to an order: which comes first is a judgement.
    table = known([100, 90] + [1] * 8, chance=[0, 0.6] + [0] * 8)
    found = customers.account_classes(table, cuts=(0.1, 0.5)).set_index("account_id")
    assert not found.loc["c00", "sure"] and not found.loc["c01", "sure"]
    fixed = customers.account_classes(table, cuts=(0.1, 0.5), shift=0.0)
    assert fixed["sure"].all()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"weights": {"valu": 1}}, "Did you mean `value`"),
        ({"weights": {"value": -1}}, "0 or more"),
        ({"weights": {"value": 0}}, "all 0"),
        ({"cuts": (0.5, 0.2)}, "two shares that rise"),
        ({"chances": pd.DataFrame({"account_id": ["c00"] * 2, "return_chance": 0.5})}, "twice"),
    ],
)
def test_what_cannot_be_weighed_is_refused_in_words(asked, said):
    with pytest.raises(SalesAnalysisError, match=said):
        customers.account_classes(known([3, 2, 1]), **asked)


def spoken_to(days, gap, **more) -> pd.DataFrame:
    rows = pd.DataFrame({"contact_days": days, "contact_gap_days": gap})
    rows = rows.assign(account_id=[f"c{at}" for at in rows.index], owner_id="R1", contacts=5)
    rows = rows.assign(account_class="A", expected_amount=9.0, tie_days=900)
    last = pd.Timestamp(AS_OF) - pd.to_timedelta(rows["contact_days"], "D")
    return rows.assign(last_contact_at=last, **more)


def test_neglected_is_who_is_silent_beyond_the_own_rhythm():
    table = spoken_to([100, 100, 80, np.nan, 300], [20, 60, 10, np.nan, np.nan])
    found = customers.neglected_accounts(table).set_index("account_id")
    # 100 days are five times 20, but not three times 60; 80 are too few; no gap: 20, as usual.
    assert found.index.tolist() == ["c0", "c3", "c4"]
    assert found["distance"].tolist() == pytest.approx([5, np.nan, 15], nan_ok=True)
    assert found.loc["c0", "since"] == pd.Timestamp(AS_OF) - pd.Timedelta(days=100)


@pytest.mark.parametrize(
    "change", [{"tie_days": 700}, {"account_class": "C"}, {"contacts": pd.NA}, {"tie_days": pd.NA}]
)
def test_nobody_is_neglected_who_is_new_or_small_or_of_whom_no_contact_is_known(change):
    assert len(customers.neglected_accounts(spoken_to([500], [10]))) == 1
    assert customers.neglected_accounts(spoken_to([500], [10], **change)).empty


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_matrix_holds_every_account_once(lang):
    classes = customers.account_classes(
        reduce.customers.standing(tables(5), as_of=AS_OF, stages=STAGES)
    )
    table = customers.class_matrix(classes)
    assert len(table) == 9 and table["accounts"].sum() == len(classes)
    assert table[["class_a", "class_b", "class_c"]].sum().sum() == len(classes)
    assert table["expected_amount"].sum() == pytest.approx(classes["expected_amount"].sum())
    ax = plots.customers.class_matrix(table, lang=lang, currency="CNY")
    assert len(names_of(ax)) == (table["accounts"] > 0).sum()


def test_a_matrix_of_nobody_is_no_picture():
    empty = customers.class_matrix(customers.account_classes(known([])))
    with pytest.raises(NothingToShow):
        plots.customers.class_matrix(empty)

"""What customers owe: the figures of the receivables sample, and what must add up for any input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, customers, plots, reduce, sources
from salesanalysis.errors import NothingToShow
from salesanalysis.known import KnownCustomers
from salesanalysis.periods import Calendar

DAY = "2025-06-30"


@pytest.fixture(scope="module")
def sample(shared):
    path = shared("receivables/WA_Fn-UseC_-Accounts-Receivable.csv")
    invoices = sources.read(path, table="invoices")
    return reduce.customers.known({"invoices": invoices}, as_of="2013-06-30")


def test_the_sample_is_open_and_overdue_as_counted_by_hand(sample):
    assert len(sample.open_items) == 84
    table = customers.ageing(sample).set_index("bucket")
    assert table.loc["not_due", ["invoices", "unpaid_amount"]].tolist() == [
        72,
        pytest.approx(4284.29),
    ]
    assert table.loc["1–30", ["invoices", "unpaid_amount"]].tolist() == [12, pytest.approx(835.56)]
    assert table["unpaid_amount"].sum() == pytest.approx(5119.85)
    assert table["invoices"].sum() == 84


@pytest.mark.parametrize(
    ("way", "days", "sales"),
    [
        ("ratio", 23.18, 20098.87),
        ("best_possible", 19.40, 20098.87),
        ("counted_back", 26.26, 5849.59),
    ],
)
def test_the_days_of_sales_of_the_sample(sample, way, days, sales):
    row = customers.days_outstanding(sample, way=way).iloc[0]
    assert row["days_outstanding"] == pytest.approx(days, abs=0.005)
    assert row["sales"] == pytest.approx(sales)


def test_the_sample_is_split_by_account_without_a_rest(sample):
    whole = customers.ageing(sample).set_index("bucket")["unpaid_amount"]
    parts = customers.ageing(sample, by="account_id")
    pd.testing.assert_series_equal(
        parts.groupby("bucket")["unpaid_amount"].sum()[whole.index], whole, check_names=False
    )
    assert customers.exposure(sample)["unpaid_amount"].sum() == pytest.approx(whole.sum())


def items(**columns):
    n = max(len(value) for value in columns.values() if isinstance(value, list))
    usual = {"account_id": "A", "kind": "invoice", "due_at": pd.NaT, "unpaid_amount": 0.0}
    usual |= {"credit_amount": 0.0, "disputed": False}
    table = pd.DataFrame(usual | columns, index=range(n))
    return table.astype({"due_at": "datetime64[us]", "disputed": "boolean"})


def known(**frames):
    return KnownCustomers(as_of=DAY, **frames)


@pytest.mark.parametrize(
    ("due", "bucket"),
    [
        ("2025-07-01", "not_due"),
        ("2025-06-30", "not_due"),
        ("2025-06-30 15:00", "not_due"),
        ("2025-06-29 23:59", "1–30"),
        ("2025-05-31", "1–30"),
        ("2025-05-30", "31–60"),
        ("2025-04-01", "61–90"),
        ("2025-03-31", ">90"),
        (None, "no_due_date"),
    ],
)
def test_each_day_has_its_bucket(due, bucket):
    table = customers.ageing(known(open_items=items(due_at=[due], unpaid_amount=5.0)))
    assert table.loc[table["unpaid_amount"] > 0, "bucket"].tolist() == [bucket]


one = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from(["A", "B", None]),
        "due_at": st.none()
        | st.integers(-200, 200).map(lambda d: pd.Timestamp(DAY) - d * pd.Timedelta("1D")),
        "unpaid_amount": st.floats(0, 1e6),
        "credit_amount": st.floats(0, 1e6),
        "disputed": st.sampled_from([True, False, None]),
    }
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(one, max_size=8),
    st.sets(st.integers(1, 120), min_size=1, max_size=4).map(sorted),
    st.sampled_from([(), "account_id", ["account_id", "disputed"]]),
)
def test_whatever_is_open_adds_up(rows, buckets, by):
    columns = ["account_id", "due_at", "unpaid_amount", "credit_amount", "disputed"]
    table = pd.DataFrame(rows, columns=columns).assign(kind="invoice")
    kinds = {"due_at": "datetime64[us]", "disputed": "boolean", "account_id": object}
    table = table.astype({**kinds, "unpaid_amount": float, "credit_amount": float})
    all_known = known(open_items=table)
    total = table["unpaid_amount"].sum()
    aged = customers.ageing(all_known, buckets=buckets, by=by)
    assert aged["unpaid_amount"].sum() == pytest.approx(total)
    assert aged["invoices"].sum() == (table["unpaid_amount"] > 0).sum()
    owed = customers.exposure(all_known)
    assert owed["unpaid_amount"].sum() == pytest.approx(total)
    overdue = aged.loc[~aged["bucket"].isin(["not_due", "no_due_date"]), "unpaid_amount"].sum()
    assert owed["overdue_amount"].sum() == pytest.approx(overdue)
    assert owed["exposure"].sum() == pytest.approx(total - table["credit_amount"].sum(), abs=1e-3)
    sales = pd.DataFrame({"account_id": ["A"], "issued_at": pd.Timestamp(DAY), "amount": 100.0})
    whole = known(open_items=table, invoices=sales)
    ratio = customers.days_outstanding(whole, window_days=100)["days_outstanding"].iloc[0]
    best = customers.days_outstanding(whole, way="best_possible", window_days=100)
    assert ratio == pytest.approx(total)
    assert best["days_outstanding"].iloc[0] == pytest.approx(total - overdue)


def test_a_missing_limit_one_of_zero_and_none_at_all_are_three_things():
    accounts = list("ABCDE")
    file = pd.DataFrame({"account_id": accounts, "credit_limit": [None, 0.0, np.inf, 80.0, 200.0]})
    owed = items(account_id=[*accounts, "F"], unpaid_amount=100.0)
    table = customers.exposure(known(open_items=owed, file=file), unlimited=["E"])
    table = table.set_index("account_id")
    states = {"A": "missing", "B": "zero", "C": "unlimited", "D": "limited", "E": "unlimited"}
    assert table["limit_state"].to_dict() == states | {"F": "missing"}
    over = {"B": 100.0, "C": 0.0, "D": 20.0, "E": 0.0}
    assert table["over_limit_amount"].dropna().to_dict() == over
    assert table["used_share"].dropna().to_dict() == {"D": 1.25}


def test_money_that_settles_nothing_lowers_the_exposure_and_no_bucket():
    owed = items(
        kind=["invoice", "payment", "invoice"],
        unpaid_amount=[100.0, 0.0, 0.0],
        credit_amount=[0.0, 30.0, 5.0],
    )
    file = pd.DataFrame({"account_id": ["A"], "credit_limit": [90.0]})
    ahead = pd.DataFrame({"account_id": ["A", "A"], "delivered_amount": [10.0, 20.0]})
    row = customers.exposure(known(open_items=owed, file=file), ahead=ahead).iloc[0]
    assert (row["exposure"], row["over_limit_amount"]) == (95.0, 5.0)
    assert customers.ageing(known(open_items=owed))["unpaid_amount"].sum() == 100.0


def test_accounts_of_the_file_that_owe_nothing_are_listed_and_merged_ones_are_not():
    file = pd.DataFrame(
        {
            "account_id": ["A", "B", "C"],
            "credit_limit": [1.0, None, 5.0],
            "merged_into": [None, None, "A"],
        }
    )
    table = customers.exposure(known(open_items=items(unpaid_amount=[1.0]), file=file))
    assert table["account_id"].tolist() == ["A", "B"]
    assert table["exposure"].tolist() == [1.0, 0.0]


def test_counting_back_names_no_days_where_sales_do_not_reach_that_far():
    sales = pd.DataFrame(
        {"account_id": ["A"], "issued_at": [pd.Timestamp("2025-06-02")], "amount": 10.0}
    )
    frames = {"open_items": items(unpaid_amount=[50.0]), "invoices": sales}
    assert customers.days_outstanding(known(**frames), way="counted_back").isna().sum().sum() == 1


def test_counting_back_follows_the_months_of_the_companys_calendar():
    sales = pd.DataFrame(
        {
            "account_id": "A",
            "amount": [35.0, 28.0],
            "issued_at": pd.to_datetime(["2025-05-20", "2025-04-10"]),
        }
    )
    frames = {"open_items": items(unpaid_amount=[35.0]), "invoices": sales}
    weeks = KnownCustomers(
        as_of="2025-05-31", calendar=Calendar(first_month=2, weeks="4-5-4"), **frames
    )
    assert customers.days_outstanding(weeks, way="counted_back")["days_outstanding"].iloc[0] == 28


@pytest.mark.parametrize("buckets", [(), (60, 30), (0, 30), (1.5,)])
def test_buckets_that_do_not_ascend_are_refused(buckets):
    with pytest.raises(SalesAnalysisError, match="`buckets`"):
        customers.ageing(known(open_items=items(unpaid_amount=[1.0])), buckets=buckets)


def test_only_small_overdue_rests_of_paid_invoices_are_held_back():
    table = items(
        due_at=["2025-06-01", "2025-06-01", "2025-07-01", "2025-06-01"],
        unpaid_amount=[5.0, 50.0, 5.0, 100.0],
    ).assign(amount=100.0, invoice_id=list("1234"), settled_amount=[95.0, 50.0, 95.0, 0.0])
    table = table.assign(
        issued_at=pd.Timestamp("2025-05-01"), last_paid_at=pd.Timestamp("2025-06-02")
    )
    held = customers.held_back(known(open_items=table))
    assert held["invoice_id"].tolist() == ["1"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_picture_of_ages_has_all_that_is_open_and_what_of_it_is_in_dispute(lang):
    owed = items(due_at=["2025-06-01", "2025-07-01", None], unpaid_amount=[5.0, 20.0, 3.0])
    table = customers.ageing(known(open_items=owed.assign(disputed=[True, False, None])))
    ax = plots.customers.ageing(table, lang=lang)
    assert sum(bar.get_width() for bar in ax.patches) == 28.0
    drawn = [bar.get_width() for bar in ax.patches]
    assert drawn[:6] == [20.0, 0.0, 0.0, 0.0, 0.0, 3.0]
    assert drawn[6:] == [0.0, 5.0, 0.0, 0.0, 0.0, 0.0]
    assert len(set(label.get_text() for label in ax.get_yticklabels())) == 6


def test_the_picture_of_limits_has_those_over_them_alone():
    file = pd.DataFrame({"account_id": list("ABC"), "credit_limit": [10.0, None, 90.0]})
    owed = items(account_id=list("ABC"), unpaid_amount=[30.0, 30.0, 30.0])
    ax = plots.customers.over_limit(customers.exposure(known(open_items=owed, file=file)))
    assert [bar.get_width() for bar in ax.patches] == [10.0, 20.0]


def test_with_nothing_open_and_nobody_over_there_is_no_picture():
    nothing = known(open_items=items(unpaid_amount=[0.0], credit_amount=[3.0]))
    with pytest.raises(NothingToShow):
        plots.customers.ageing(customers.ageing(nothing))
    with pytest.raises(NothingToShow):
        plots.customers.over_limit(customers.exposure(nothing))

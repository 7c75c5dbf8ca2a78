"""When customers bought, as the engine counts it, against a loop over single lines."""

import numpy as np
import pandas as pd
import pytest
from buyers import retail

from salesanalysis import SalesAnalysisError, reduce

AS_OF = "2025-06-30"


@pytest.fixture
def lines():
    """Order lines with everything that a real table may hold."""
    rng = np.random.default_rng(3)
    size = 900
    days = pd.Timestamp("2024-10-01") + pd.to_timedelta(rng.integers(0, 330, size), unit="D")
    return pd.DataFrame(
        {
            "account_id": rng.choice([*"ABCDEFGH", None], size),
            "purchased_at": days + pd.to_timedelta(rng.integers(0, 86_399, size), unit="s"),
            "amount": np.where(rng.random(size) < 0.2, -1, 1) * rng.integers(0, 99, size) / 4,
            "order_id": rng.choice([f"o{n}" for n in range(200)] + [None], size),
            "kind": rng.choice(["sale", "cancelled", None], size, p=[0.6, 0.05, 0.35]),
        }
    )


def by_loop(lines: pd.DataFrame, as_of: str) -> dict:
    """The purchase days of each customer with their amounts."""
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    rows = lines[lines["account_id"].notna() & (lines["purchased_at"] < end)]
    rows = rows[rows["kind"].fillna("") != "cancelled"]
    rows = rows.assign(day=rows["purchased_at"].dt.normalize())
    days: dict = {}
    for row in rows.to_dict("records"):
        day = row["day"]
        if row["amount"] < 0 and row["order_id"] is not None and not pd.isna(row["order_id"]):
            of_order = rows[
                (rows["order_id"] == row["order_id"])
                & (rows["account_id"] == row["account_id"])
                & (rows["amount"] > 0)
                & (rows["day"] < day)
            ]
            day = of_order["day"].max() if len(of_order) else day
        own = days.setdefault(row["account_id"], {})
        own[day] = own.get(day, 0.0) + row["amount"]
    return days


def test_the_rhythm_equals_a_loop_over_lines(lines):
    found = reduce.customers.rhythm(lines, as_of=AS_OF).set_index("account_id")
    expected = by_loop(lines, AS_OF)
    assert set(found.index) == set(expected)
    for who, days in expected.items():
        bought = sorted(day for day, amount in days.items() if amount > 0)
        row = found.loc[who]
        gaps = np.diff([day.toordinal() for day in bought]).astype(float)
        assert row["repeats"] == len(bought) - 1
        assert (row["first_purchase_at"], row["last_purchase_at"]) == (bought[0], bought[-1])
        assert row["first_to_last_days"] == (bought[-1] - bought[0]).days
        assert row["watched_days"] == (pd.Timestamp(AS_OF) - bought[0]).days
        assert row["amount"] == pytest.approx(sum(days.values()))
        assert row["repeat_amount"] == pytest.approx(np.mean([days[day] for day in bought[1:]]))
        share = gaps[:-1] / (gaps[:-1] + gaps[1:])
        assert row["gap_pairs"] == len(share)
        assert row["gap_unevenness"] == pytest.approx(((share - 0.5) ** 2).sum())


def test_earlier_days_are_what_one_would_have_seen_on_them(lines):
    found = reduce.customers.rhythms(lines, as_of=AS_OF, step_days=45)
    assert found["known_on"].is_monotonic_increasing and found["known_on"].nunique() == 7
    for day, rows in found.groupby("known_on"):
        then = reduce.customers.rhythm(lines, as_of=day.date())
        same = [name for name in then if name != "may_be_older"]
        pd.testing.assert_frame_equal(rows.reset_index(drop=True)[same], then[same])


def test_nothing_after_the_day_counts(lines):
    late = lines["purchased_at"] >= pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
    other = lines.assign(amount=lines["amount"].where(~late, 1e6))
    for function in (reduce.customers.rhythm, reduce.customers.rhythms):
        one, two = (function(each, as_of=AS_OF) for each in (lines, other))
        pd.testing.assert_frame_equal(one, two)


def test_lines_of_a_day_are_one_purchase_and_what_came_back_at_once_is_none():
    days = pd.to_datetime(
        ["2025-01-01 09:00", "2025-01-01 17:00", "2025-02-01 10:01", "2025-02-01 10:17"]
    )
    bought = pd.DataFrame({"account_id": "A", "purchased_at": days})
    bought["amount"] = [5.0, 5.0, 77_183.6, -77_183.6]
    (row,) = reduce.customers.rhythm(bought, as_of="2025-03-01").to_dict("records")
    assert (row["repeats"], row["amount"]) == (0, 10.0)
    assert np.isnan(row["repeat_amount"])


def test_what_comes_back_later_counts_against_the_day_of_its_order():
    bought = pd.DataFrame(
        {
            "account_id": "A",
            "purchased_at": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"]),
            "amount": [50.0, 30.0, -30.0],
            "order_id": ["1", "2", "2"],
        }
    )
    (row,) = reduce.customers.rhythm(bought, as_of="2025-03-31").to_dict("records")
    assert (row["repeats"], row["amount"]) == (0, 50.0)
    (row,) = reduce.customers.rhythm(bought, as_of="2025-02-28").to_dict("records")
    assert (row["repeats"], row["amount"]) == (1, 80.0), "on that day nobody knew"


def test_who_bought_when_the_data_begin_may_be_older():
    days = pd.to_datetime(["2025-01-01", "2025-03-31", "2025-04-01"])
    bought = pd.DataFrame({"account_id": list("ABC"), "purchased_at": days, "amount": 1.0})
    found = reduce.customers.rhythm(bought, as_of=AS_OF)
    assert found["may_be_older"].tolist() == [True, True, False]


def test_a_missing_column_is_named(lines):
    with pytest.raises(SalesAnalysisError, match="`purchases` has no column `amount`"):
        reduce.customers.rhythm(lines.drop(columns="amount"), as_of=AS_OF)


def test_the_largest_order_of_the_wholesaler_was_cancelled_and_counts_for_nothing(shared):
    lines = retail(shared("customers/uci_online_retail.parquet"))
    found = reduce.customers.rhythm(lines, as_of="2011-12-10").set_index("account_id")
    assert "12346" not in found.index
    bought = lines[(lines["amount"] > 0) & lines["account_id"].notna()]
    assert bought["amount"].sum() == pytest.approx(8_911_407.90, abs=0.01)
    assert found["amount"].sum() < 8_911_407.90 - 500_000

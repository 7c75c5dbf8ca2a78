"""What came in by month, against a loop over single rows."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, customers, plots, reduce

AS_OF = "2025-06-30"


@pytest.fixture
def bookings():
    rng = np.random.default_rng(1)
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 300, 80), unit="D")
    amounts = rng.integers(1, 100, 80).astype(float)
    return pd.DataFrame({"booked_at": days, "amount": amounts, "stream": list("ab") * 40})


def test_months_equal_a_loop_over_rows(bookings):
    table = customers.by_month(reduce.customers.known({"bookings": bookings}, as_of=AS_OF))
    expected = {}
    for day, amount in zip(bookings["booked_at"], bookings["amount"], strict=True):
        if day < pd.Timestamp("2025-07-01"):
            month = f"{day:%Y-%m}"
            n, total = expected.get(month, (0, 0.0))
            expected[month] = (n + 1, total + amount)
    assert dict(
        zip(table["period"], zip(table["n"], table["amount"], strict=True), strict=True)
    ) == (expected)


def test_nothing_after_the_day_counts(bookings):
    later = bookings.assign(
        amount=bookings["amount"].where(bookings["booked_at"] < "2025-07-01", 9e9)
    )
    known = [reduce.customers.known({"bookings": b}, as_of=AS_OF) for b in (bookings, later)]
    assert customers.by_month(known[0]).equals(customers.by_month(known[1]))


def test_a_check_finds_what_was_planted_and_nothing_else(bookings):
    bookings.loc[3, "amount"] = np.nan
    bookings.loc[5, "amount"] = -1.0
    found = reduce.customers.checks(bookings, as_of="2026-12-31").table.set_index("check")["rows"]
    assert found.to_dict() == {"missing_amount": 1, "negative_amount": 1, "after_as_of": 0}


def test_without_a_row_there_is_no_report(bookings):
    with pytest.raises(SalesAnalysisError, match="no row up to 2020-01-01"):
        customers.require_rows(reduce.customers.known({"bookings": bookings}, as_of="2020-01-01"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_picture_has_a_bar_for_each_month(bookings, lang):
    table = customers.by_month(reduce.customers.known({"bookings": bookings}, as_of=AS_OF))
    ax = plots.customers.by_month(table, lang=lang)
    assert [bar.get_height() for bar in ax.patches] == table["amount"].tolist()
    assert len({bar.get_facecolor() for bar in ax.patches}) == 1, "all are over"


def test_the_picture_has_room_for_the_latest_and_shows_which_is_not_over():
    days = pd.date_range("2024-01-15", "2025-06-15", freq="MS")
    rows = pd.DataFrame({"booked_at": days, "amount": np.arange(len(days)) + 1.0})
    table = customers.by_month(reduce.customers.known({"bookings": rows}, as_of="2025-06-15"))
    *over, begun = plots.customers.by_month(table).patches
    assert [bar.get_height() for bar in (*over, begun)] == table["amount"].tolist()[-13:]
    assert begun.get_facecolor() not in {bar.get_facecolor() for bar in over}


@pytest.mark.parametrize("lacking", ["stream", "amount"])
def test_where_no_stream_has_an_amount_there_is_nothing_to_look_at(bookings, lacking):
    unknown = bookings.assign(**{lacking: np.nan})
    assert customers.things(reduce.customers.known({"bookings": unknown}, as_of=AS_OF)) == []

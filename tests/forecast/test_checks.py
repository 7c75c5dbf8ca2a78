"""Bookings, what came in, what was said, and the checks: against naive loops and planted faults."""

import ibis
import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, datasets, text
from salesanalysis.datasets.bookings import SNAPSHOT_DAYS, revenue
from salesanalysis.periods import PLAIN
from salesanalysis.reduce import forecast as reduced
from salesanalysis.reduce import funnel

AS_OF = "2025-11-15"


@pytest.fixture(scope="module")
def sample():
    made = datasets.company(seed=7)
    return made.tables | revenue(seed=7).tables


def day(text):
    return pd.Timestamp(text)


# Bookings by period


@pytest.mark.parametrize("unit", ["week", "month", "quarter", "year"])
def test_bookings_by_period_are_those_of_a_loop_over_single_rows(sample, unit):
    booked = sample["bookings"]
    found = reduced.bookings(booked, as_of=AS_OF, unit=unit, by="region")
    sums, counts, squares = {}, {}, {}
    for row in booked.itertuples():
        if row.booked_at > day(AS_OF):
            continue
        key = (row.stream, row.region, PLAIN.label_of(row.booked_at, unit))
        sums[key] = sums.get(key, 0.0) + row.amount
        counts[key] = counts.get(key, 0) + 1
        squares[key] = squares.get(key, 0.0) + row.amount**2
    cells = found.set_index(["stream", "region", "period"])
    some = cells[cells["bookings"] > 0]
    assert some["amount"].to_dict() == pytest.approx(sums)
    assert some["bookings"].to_dict() == counts
    assert some["squares"].to_dict() == pytest.approx(squares)
    # Every group has every period from its stream's first to the one that holds as_of.
    for stream, own in found.groupby("stream"):
        first = min(period for name, _, period in sums if name == stream)
        names = own.groupby("region")["period"].agg(list)
        assert all(periods_of == names.iloc[0] for periods_of in names)
        assert names.iloc[0][0] == first
        assert names.iloc[0][-1] == PLAIN.label_of(AS_OF, unit)
        steps = zip(names.iloc[0][:-1], names.iloc[0][1:], strict=True)
        assert all(PLAIN.bounds_of(a)[1] == PLAIN.bounds_of(b)[0] for a, b in steps)
    over = found["period"].map(lambda name: PLAIN.bounds_of(name)[1] <= day("2025-11-16"))
    assert (found["complete"] == over).all()


def test_bookings_come_from_any_table_and_are_not_known_before_their_day(sample):
    booked = sample["bookings"]
    frame = reduced.bookings(booked, as_of=AS_OF)
    con = ibis.duckdb.connect()
    con.con.register("rows_of_bookings", booked)
    con.raw_sql("CREATE TABLE b AS SELECT * FROM rows_of_bookings")
    pd.testing.assert_frame_equal(reduced.bookings(con.table("b"), as_of=AS_OF), frame)
    scrambled = booked.copy()
    later = scrambled["booked_at"] > day(AS_OF)
    scrambled.loc[later, "amount"] *= 17
    scrambled.loc[later, "stream"] = "inbound"
    pd.testing.assert_frame_equal(reduced.bookings(scrambled, as_of=AS_OF), frame)


def test_bookings_of_the_pipeline_are_left_out_and_gaps_are_named():
    rows = pd.DataFrame(
        {
            "booked_at": pd.to_datetime(["2025-09-01", "2025-09-02", None, "2025-10-01"]),
            "stream": ["pipeline", None, "channel", "channel"],
            "amount": [1.0, 2.0, 3.0, None],
        }
    )
    table = reduced.bookings(rows, as_of=AS_OF).set_index(["stream", "period"])
    assert set(table.index.get_level_values(0)) == {"other", "channel"}
    assert table.loc[("channel", "2025-10"), ["bookings", "without_amount"]].tolist() == [0, 1]
    everything = reduced.bookings(rows, as_of=AS_OF, without=())
    assert "pipeline" in set(everything["stream"])


@pytest.mark.parametrize(
    ("change", "given", "said"),
    [
        ({"currency": ["EUR", "USD"]}, {}, "`currency` of `bookings` holds EUR, USD"),
        ({}, {"unit": "day"}, "`unit`"),
        ({}, {"by": "regoin"}, "`regoin`"),
    ],
)
def test_bookings_that_cannot_be_added_up_are_refused(change, given, said):
    rows = pd.DataFrame(
        {"booked_at": pd.to_datetime(["2025-09-01"] * 2), "stream": "x", "amount": 1.0}
    )
    with pytest.raises(SalesAnalysisError, match=said):
        reduced.bookings(rows.assign(region="E", **change), as_of=AS_OF, **given)


# What came in, what was said


def test_what_came_in_is_every_deal_won_and_every_day_of_bookings(sample):
    given = [sample[name] for name in ("opportunities", "stage_history", "bookings")]
    table = reduced.closed(*given, as_of=AS_OF, since="2025-10-01", by="region")
    deals, booked = given[0], given[2]
    won = deals[(deals["outcome"] == "won") & deals["closed_at"].between("2025-10-01", AS_OF)]
    own = table[table["stream"] == "pipeline"]
    assert set(own["opportunity_id"]) == set(won["opportunity_id"])
    assert own["amount"].sum() == pytest.approx(won["amount"].sum())
    inside = booked[booked["booked_at"].between("2025-10-01", AS_OF)]
    others = table[table["stream"] != "pipeline"]
    assert others["opportunity_id"].isna().all()
    by_day = inside.groupby(["stream", "booked_at", "region"])["amount"].sum().to_dict()
    seen = others.set_index(["stream", "closed_at", "region"])["amount"].to_dict()
    assert seen == pytest.approx(by_day)
    nothing = reduced.closed(given[0], as_of="2023-01-01", since="2022-01-01")
    assert nothing.empty
    assert nothing["closed_at"].dtype.kind == "M"


def test_snapshots_are_the_deals_as_the_history_knows_them(sample):
    for taken in SNAPSHOT_DAYS:
        as_of = day(taken) - pd.Timedelta(days=1)
        known = funnel.deals(sample["opportunities"], sample["stage_history"], as_of=as_of)
        still = known[known["outcome"] == "open"].set_index("opportunity_id")
        kept = sample["snapshots"][sample["snapshots"]["taken_at"] == as_of]
        kept = kept.set_index("opportunity_id")
        assert set(kept.index) == set(still.index)
        assert (kept["stage"] == still["stage"].reindex(kept.index)).all()
        assert (kept["amount"] == still["amount"].reindex(kept.index)).all()


def test_calls_are_the_last_that_were_known(sample):
    given = {"opportunities": sample["opportunities"], "snapshots": sample["snapshots"]}
    found = reduced.calls(**given, as_of="2025-11-20")
    kept = sample["snapshots"][sample["snapshots"]["taken_at"] == day(AS_OF)]
    assert found["opportunity_id"].tolist() == sorted(kept["opportunity_id"])
    # Without snapshots a deal list of a later day says nothing about the earlier one.
    assert reduced.calls(sample["opportunities"], as_of=AS_OF).empty
    at_export = reduced.calls(sample["opportunities"], as_of="2025-12-31")
    still = sample["opportunities"]["outcome"] == "open"
    assert len(at_export) == still.sum()
    assert reduced.calls(snapshots=sample["snapshots"], as_of="2025-01-01").empty


def test_targets_of_sellers_and_streams_stand_in_one_table(sample):
    table = reduced.targets(sample["targets"], sample["stream_targets"])
    now = table[table["period"] == "2025-Q4"]
    assert set(now["stream"]) == {"pipeline", "inbound", "channel", "renewal", "upgrade"}
    own = sample["targets"][sample["targets"]["period"] == "2025-Q4"]["target"].sum()
    assert now.loc[now["stream"] == "pipeline", "target"].sum() == own
    assert list(reduced.targets()) == ["period", "stream", "target"]


# Checks


def found_in(table):
    return set(table.loc[table["finding"] == "found", "check"])


def test_all_checks_of_the_funnel_are_there_and_all_have_words(sample):
    given = [sample[name] for name in ("opportunities", "stage_history")]
    asked = {"as_of": AS_OF, "stages": list("TSDCBA")}
    table = reduced.checks(
        *given, bookings=sample["bookings"], contracts=sample["contracts"], **asked
    ).table
    of_deals = funnel.checks(*given, **asked).table
    both = table.set_index("check").loc[of_deals["check"]].reset_index()
    columns = ["check", "severity", "finding", "n", "rows", "blocks"]
    pd.testing.assert_frame_equal(both[columns], of_deals[columns], check_dtype=False)
    for check in table["check"]:
        for kind in ("check", "why"):
            for lang in text.LANGUAGES:
                assert text.word(("forecast", "funnel"), kind, check, lang) != check
    places = table["severity"].map({"high": 0, "medium": 1, "low": 2})
    assert places.is_monotonic_increasing
    # Nothing is wrong with the sample's bookings, but that some are later than the day.
    own = {name for name in found_in(table) if name not in set(of_deals["check"])}
    assert own == {"bookings_after_as_of"}
    assert not table["blocks"].any()


def booked(**change):
    """A clean stream: a booking every second day of 2025."""
    days = pd.date_range("2025-01-01", AS_OF, freq="2D")
    table = {"booked_at": days, "stream": "channel", "amount": 10.0, "currency": "EUR"}
    return pd.DataFrame(table | {"account_id": "A1"} | change)


def with_cells(table, column, value, rows):
    table = table.copy()
    table.loc[table.index[rows], column] = value
    return table


@pytest.mark.parametrize(
    ("name", "rows", "deals", "amount", "blocks"),
    [
        ("bookings_currency_mix", with_cells(booked(), "currency", "USD", [3, 4]), 2, 20, True),
        ("bookings_without_amount", with_cells(booked(), "amount", np.nan, [0]), 1, None, False),
        ("bookings_without_date", with_cells(booked(), "booked_at", pd.NaT, [5, 6, 7]), 3, 30,
         False),
        ("bookings_negative", with_cells(booked(), "amount", -5.0, [2]), 1, -5, False),
        ("bookings_of_pipeline", with_cells(booked(), "stream", "pipeline", [1]), 1, 10, False),
        ("bookings_after_as_of", with_cells(booked(), "booked_at", day("2025-12-01"), [9]), 1, 10,
         False),
        ("stream_stopped", booked()[lambda t: t["booked_at"] < "2025-10-01"], 1, 1370, False),
    ],
)  # fmt: skip
def test_each_check_of_bookings_finds_what_was_planted_and_nothing_else(
    name, rows, deals, amount, blocks
):
    made = reduced.checks(bookings=rows, as_of=AS_OF)
    table = made.table
    assert found_in(table) == {name}
    row = table.set_index("check").loc[name]
    assert row["rows"] == deals
    assert row["blocks"] == blocks
    assert len(made.rows_of(name)) == deals
    if amount is not None:
        assert row["amount"] == amount


def test_clean_bookings_are_clear():
    table = reduced.checks(bookings=booked(), as_of=AS_OF).table
    assert found_in(table) == set()
    no_currency = reduced.checks(bookings=booked().drop(columns="currency"), as_of=AS_OF)
    row = no_currency.table.set_index("check").loc["bookings_currency_mix"]
    assert row["finding"] == "unknown"


def deal_list(amounts, last="2025-11-14"):
    """Two hundred closed deals up to a day, and the open ones with their amounts."""
    closed = pd.date_range(end=last, periods=200, freq="D")
    old = pd.DataFrame(
        {
            "opportunity_id": [f"c{n}" for n in range(200)],
            "outcome": ["won", "lost"] * 100,
            "amount": 100.0 + np.arange(200),
            "created_at": closed - pd.Timedelta(days=30),
            "closed_at": closed,
            "account_id": "A1",
        }
    )
    still = pd.DataFrame({"opportunity_id": [f"o{n}" for n in range(len(amounts))]})
    still = still.assign(
        outcome="open", amount=amounts, created_at=day(last) - pd.Timedelta(days=9)
    )
    return pd.concat([old, still.assign(account_id="A1")], ignore_index=True)


def test_one_deal_can_make_most_of_the_variance_without_most_of_the_value():
    amounts = [100.0] * 60 + [900.0]
    table = reduced.checks(deal_list(amounts), as_of=AS_OF).table.set_index("check")
    assert table.loc["largest_deal", "finding"] == "clear"
    row = table.loc["largest_variance"]
    assert (row["finding"], row["rows"], row["amount"]) == ("found", 1, 900)
    assert row["suggestion"] == f"share={900**2 / (900**2 + 60 * 100**2):.3f}"
    even = reduced.checks(deal_list([100.0] * 61), as_of=AS_OF).table.set_index("check")
    assert even.loc["largest_variance", "finding"] == "clear"
    few = reduced.checks(deal_list([100.0] * 3), as_of=AS_OF).table.set_index("check")
    assert few.loc["largest_variance", "finding"] == "unknown"


def test_a_report_made_long_after_the_last_event_is_told_so():
    deals = deal_list([100.0] * 30)
    late = reduced.checks(deals, as_of="2025-12-20").table.set_index("check")
    row = late.loc["as_of_after_last_event"]
    assert (row["finding"], row["rows"], row["blocks"]) == ("found", 30, True)
    assert row["suggestion"] == "as_of=2025-11-14"
    in_time = reduced.checks(deals, as_of="2025-11-18").table.set_index("check")
    assert in_time.loc["as_of_after_last_event", "finding"] == "clear"


def test_money_that_is_both_a_deal_and_a_booking_is_found():
    deals = deal_list([100.0] * 30)
    won = deals[deals["outcome"] == "won"].tail(3)
    twice = pd.DataFrame({"booked_at": won["closed_at"] + pd.Timedelta(days=2)})
    twice = twice.assign(stream="inbound", amount=won["amount"], account_id="A1")
    far = twice.assign(booked_at=won["closed_at"] - pd.Timedelta(days=40))
    other = twice.assign(account_id="A2")
    rows = pd.concat([twice, far, other], ignore_index=True)
    table = reduced.checks(deals, bookings=rows, as_of="2025-11-30").table.set_index("check")
    row = table.loc["bookings_of_won_deals"]
    assert (row["finding"], row["rows"]) == ("found", 3)
    assert row["amount"] == won["amount"].sum()


def test_contracts_without_end_or_amount_are_counted_and_left_out():
    contracts = pd.DataFrame(
        {
            "contract_id": list("abc"),
            "ends_at": pd.to_datetime(["2025-12-01", None, "2025-12-01"]),
            "amount": [5.0, 7.0, None],
        }
    )
    table = reduced.checks(contracts=contracts, as_of=AS_OF).table.set_index("check")
    assert table.loc["contracts_incomplete", ["n", "rows", "amount"]].tolist() == [3, 2, 7.0]
    there = reduced.known({"contracts": contracts}, as_of=AS_OF, since="2025-10-01")
    assert there.contracts["contract_id"].tolist() == ["a"]
    assert there.pipeline is None


def test_the_traps_of_the_real_crm_are_found(shared):
    from salesanalysis import reduce, sources

    files = {"opportunities": "sales_pipeline", "products": "products"}
    inputs = sources.inputs(**{n: shared(f"crm/{file}.csv") for n, file in files.items()})
    deals = reduce.with_lookups({n: checked.table for n, checked in inputs.items()})
    unmatched = sources.unmatched_keys(
        inputs["opportunities"].table, inputs["products"].table, "product"
    )
    table = reduced.checks(deals["opportunities"], as_of="2017-12-31", unmatched=unmatched).table
    expected = {"left_truncation", "filled_after_the_fact", "zombies"}
    assert expected | {"unmatched_keys", "data_end"} <= found_in(table)

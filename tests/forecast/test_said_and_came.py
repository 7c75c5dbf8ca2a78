"""What sellers said beside what came: exact tests, honest sellers are left alone, no hindsight."""

import itertools

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, forecast, periods, reduce, sources
from salesanalysis.forecast.said_and_came import _holm, _two_sided


def due_of(rng, chances, came=None) -> pd.DataFrame:
    """Deals that were said to come with these chances."""
    came = rng.random(len(chances)) < chances if came is None else came
    due = {"opportunity_id": rng.random(len(chances)), "taken_at": pd.Timestamp("2025-08-31")}
    return pd.DataFrame(due | {"amount": 100.0, "probability": chances, "came": came})


def known_of(deals: list, snapshots: list, *, as_of="2025-11-15", calendar=periods.PLAIN):
    """What is known of deals (id, outcome, closed) and snapshots (day, id, date, probability)."""
    listed = pd.DataFrame(deals, columns=["opportunity_id", "outcome", "closed_at"])
    listed = listed.assign(created_at=pd.Timestamp("2025-06-01"), amount=10.0, owner_id="R1")
    columns = ["taken_at", "opportunity_id", "expected_close_at", "probability"]
    kept = pd.DataFrame(snapshots, columns=columns)
    days = {"taken_at": "datetime64[us]", "expected_close_at": "datetime64[us]"}
    tables = {"opportunities": listed.astype({"closed_at": "datetime64[us]"})}
    tables["snapshots"] = kept.astype(days)
    look = {"as_of": as_of, "since": "2025-10-01", "by": "owner_id", "calendar": calendar}
    return reduce.forecast.known(tables, **look)


@pytest.mark.parametrize(
    "chances", [[0.5], [0.1, 0.9, 0.4], [0.2] * 6, [0.05, 0.5, 0.5, 0.95, 1.0]]
)
def test_the_p_value_is_that_of_all_outcomes_enumerated(chances):
    """Against every possible outcome, each with its probability."""
    number = np.zeros(len(chances) + 1)
    for outcome in itertools.product([0, 1], repeat=len(chances)):
        ways = [p if came else 1 - p for p, came in zip(chances, outcome, strict=True)]
        number[sum(outcome)] += np.prod(ways)
    for came in range(len(chances) + 1):
        expected = min(1.0, 2 * min(number[: came + 1].sum(), number[came:].sum()))
        assert _two_sided(np.array(chances), came) == pytest.approx(expected)


def test_holm_rejects_what_his_own_example_rejects():
    """Holm (1979) steps down: .01, .02, .03 and .06 at 5%: .01 ≤ .0125, .02 > .0167."""
    assert _holm(np.array([0.06, 0.01, 0.03, 0.02]), 0.05).tolist() == [False, True, False, False]
    assert _holm(np.array([0.001, 0.01, 0.02]), 0.05).all()
    assert len(_holm(np.array([]), 0.05)) == 0


def test_honest_sellers_are_named_in_at_most_one_table_in_twenty():
    rng = np.random.default_rng(5)
    named = 0
    for _ in range(200):
        due = due_of(rng, rng.choice([0.1, 0.3, 0.5, 0.9], 400))
        table = forecast.said_and_came(
            due.assign(owner_id=np.repeat(np.arange(20), 20)), by="owner_id"
        )
        named += table["verdict"].isin(["over", "under"]).any()
    assert named <= 18  # of 200 tables; the exact test is on the safe side


def test_a_seller_who_says_twice_as_much_is_named_and_one_with_few_deals_is_not():
    rng = np.random.default_rng(6)
    parts = [("A", 60, 0.3), ("B", 60, 0.6), ("C", 9, 0.0)]
    due = pd.concat(
        due_of(rng, np.full(n, 0.6), np.arange(n) < share * n).assign(owner_id=name)
        for name, n, share in parts
    )
    table = forecast.said_and_came(due, by="owner_id")
    assert table["verdict"].tolist() == ["over", "fits", "too_few"]
    under = forecast.said_and_came(due_of(rng, np.full(40, 0.2), np.arange(40) < 30))
    assert under["verdict"].tolist() == ["under"]


def test_of_each_deal_the_first_date_that_has_come_counts_and_time_is_its_whole_month():
    known = known_of(
        [("in", "won", "2025-09-30"), ("late", "won", "2025-10-01"), ("lost", "lost", "2025-09-02"),
         ("open", "open", None), ("ahead", "open", None), ("now", "won", "2025-11-10")],
        [("2025-08-31", "in", "2025-09-05", 0.7), ("2025-08-31", "late", "2025-09-20", 0.5),
         ("2025-09-25", "late", "2025-10-20", 0.9), ("2025-08-31", "lost", "2025-09-20", 0.4),
         ("2025-08-31", "open", "2025-09-20", 0.3), ("2025-08-31", "ahead", "2026-02-01", 0.3),
         ("2025-10-31", "now", "2025-11-05", 0.8)],
    )  # fmt: skip
    dates = forecast.calls_due(known, by="owner_id")
    due = dates.drop_duplicates("opportunity_id").set_index("opportunity_id")
    assert due["came"].to_dict() == {"in": True, "late": False, "lost": False, "open": False}
    assert due.loc["late", "probability"] == 0.5 and set(due["owner_id"]) == {"R1"}
    whole = forecast.said_and_came(dates[::-1]).iloc[0]
    assert (whole["n"], whole["came"]) == (4, 1) and whole["said"] == pytest.approx(1.9)
    late = dates[dates["opportunity_id"] == "late"]
    assert late["came"].tolist() == [False, True] and late["pushes"].tolist() == [0, 1]
    kept = forecast.by_pushes(dates).set_index("pushes")
    assert kept["n"].to_dict() == {0: 4, 1: 1} and kept["pushed"].to_dict() == {0: 1, 1: 0}


def test_a_fiscal_month_is_the_companys():
    """In a calendar of 4, 4 and 5 weeks September of 2025 ends later than on its 30th."""
    deals = [("a", "won", "2025-10-03")]
    said = [("2025-08-31", "a", "2025-09-28", 0.7)]
    weeks = periods.calendar({"first_month": 1, "weeks": "4-4-5"})
    plain = forecast.calls_due(known_of(deals, said))["came"].tolist()
    own = forecast.calls_due(known_of(deals, said, calendar=weeks))["came"].tolist()
    assert plain == [False] and own == [True]


def test_nothing_that_was_known_later_counts():
    deals = [("a", "won", "2025-10-05"), ("b", "won", "2025-09-15")]
    said = [("2025-08-31", "a", "2025-09-10", 0.7), ("2025-08-31", "b", "2025-09-10", 0.7),
            ("2025-10-31", "a", "2025-12-01", 0.7)]  # fmt: skip
    known = known_of(deals, said)
    then = forecast.calls_due(known.on("2025-10-01"))
    assert then["came"].tolist() == [False, True] and then["next_close_at"].isna().all()
    assert forecast.calls_due(known.on("2025-09-20")).empty  # September is not over


def test_without_snapshots_or_dates_nothing_is_said():
    for said in ([], [("2025-08-31", "a", None, 0.7)]):
        known = known_of([("a", "open", None)], said)
        due = forecast.calls_due(known)
        whole, pushes = forecast.said_and_came(due), forecast.by_pushes(due)
        assert due.empty and forecast.said_findings(whole, pushes, whole[:0]) == []


@pytest.mark.parametrize("as_of", ["2025-11-15", "2025-05-01"])  # then there was no deal yet
def test_without_a_table_of_snapshots_nothing_is_said(as_of):
    days = pd.to_datetime(["2025-09-01", None])
    deals = pd.DataFrame({"opportunity_id": ["a", "b"], "outcome": ["won", "open"]})
    deals = deals.assign(created_at=pd.Timestamp("2025-06-01"), closed_at=days, amount=10.0)
    look = {"as_of": "2025-11-15", "since": "2025-10-01"}
    known = reduce.forecast.known(
        {"opportunities": deals.astype({"opportunity_id": "str"})}, **look
    )
    assert forecast.calls_due(known).empty


def test_pushed_dates_are_told_from_others_only_where_the_data_carry_it():
    day = pd.Timestamp("2025-09-10")
    rows = {
        "taken_at": day,
        "expected_close_at": day,
        "next_close_at": pd.NaT,
        "probability": 0.5,
        "amount": 1.0,
    }
    first = pd.DataFrame(
        {"opportunity_id": range(100), "pushes": 0, "came": np.arange(100) < 60, **rows}
    )
    for kept, name in ((4, "pushed_less"), (20, "pushed_alike")):
        again = pd.DataFrame({"pushes": 1, "came": np.arange(40) < kept, **rows})
        due = pd.concat([first, again.assign(opportunity_id=range(40))])
        whole = forecast.said_and_came(due)
        found = forecast.said_findings(whole, forecast.by_pushes(due), whole[:0])
        assert [each.name for each in found] == ["fits", name]


def test_what_is_asked_for_wrongly_is_said():
    known = known_of([("a", "open", None)], [("2025-08-31", "a", "2025-09-10", 0.7)])
    with pytest.raises(SalesAnalysisError, match="`team`"):
        forecast.calls_due(known, by="team")


def test_the_sample_says_what_its_sellers_promised():
    names = ["opportunities", "stage_history", "snapshots"]
    tables = {name: sources.read(f"data/sample/{name}.csv", table=name) for name in names}
    known = reduce.forecast.known(tables, as_of="2025-11-15", since="2024-10-01", by="owner_id")
    due = forecast.calls_due(known, by="owner_id")
    said = pd.read_csv("data/sample/snapshots.csv", parse_dates=["taken_at", "expected_close_at"])
    said = said[(said["taken_at"] <= "2025-11-15") & (said["expected_close_at"] < "2025-11-01")]
    assert due["opportunity_id"].nunique() == said["opportunity_id"].nunique()
    whole = forecast.said_and_came(due).iloc[0]
    assert (
        whole["verdict"] == "over"
        and whole["came"] == due.drop_duplicates("opportunity_id")["came"].sum()
    )

"""Snapshots and movements against a naive loop over single deals, and their edges one by one."""

import ibis
import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError
from salesanalysis.funnel import waterfall, waterfall_findings
from salesanalysis.reduce import funnel
from salesanalysis.reduce.funnel.snapshots import movements, snapshot

STAGES = ["lead", "offer", "talks"]
EXITS = {"won": ["signed"], "lost": ["gone"]}
MEANING = {"signed": "won", "gone": "lost"}


def history(*rows):
    """Stage history from (deal, stage, moment, amount) rows."""
    frame = pd.DataFrame(rows, columns=["opportunity_id", "stage", "entered_at", "amount"])
    return frame.assign(
        entered_at=pd.to_datetime(frame["entered_at"]).astype("datetime64[us]"),
        amount=frame["amount"].astype(float),
    )


def random_company(seed, size=90):
    """Deals with changing amounts, unlisted stages, exits that are undone, and late rows."""
    rng = np.random.default_rng(seed)
    rows, deals = [], []
    for number in range(size):
        deal = f"d{number:03d}"
        at = created = pd.Timestamp("2025-01-01") + pd.Timedelta(days=int(rng.integers(0, 100)))
        for _ in range(rng.integers(0, 7)):
            stage = rng.choice([*STAGES, "other", "gone"], p=[0.3, 0.3, 0.2, 0.1, 0.1])
            amount = rng.choice([np.nan, float(rng.integers(1, 9))])
            rows.append((deal, stage, at, amount))
            at += pd.Timedelta(hours=int(rng.choice([0, 5, 24, 100, 500])))
        outcome = rng.choice(["open", "won", "lost", "cancelled"])
        closed = pd.NaT if outcome == "open" else at.normalize()
        expected = created + pd.Timedelta(days=int(rng.integers(5, 90)))
        deals.append((deal, outcome, created, closed, float(rng.integers(1, 9)), expected, "R1"))
    columns = "opportunity_id outcome created_at closed_at amount expected_close_at owner_id"
    return pd.DataFrame(deals, columns=columns.split()), history(*rows)


def naive_state(deal, rows, cutoff):
    """What was known of one deal at a moment: ``None`` where it did not exist."""
    if deal.created_at > cutoff:
        return None
    mine = rows[(rows["opportunity_id"] == deal.opportunity_id) & (rows["entered_at"] <= cutoff)]
    mine = mine[mine["stage"].isin([*STAGES, *MEANING])]
    closed = deal.outcome != "open" and deal.closed_at <= cutoff
    if closed:
        mine = mine[mine["entered_at"].dt.normalize() <= deal.closed_at]
    rank = {name: at for at, name in enumerate([*STAGES, *MEANING])}
    walk = sorted(mine.itertuples(), key=lambda row: (row.entered_at, rank[row.stage]))
    state, stage, entered, amount, exited = "open", None, pd.NaT, None, False
    for at, row in enumerate(walk):
        if row.stage in MEANING:
            state, exited = MEANING[row.stage], True
        else:
            if state != "open" or not at or row.stage != stage:
                entered = row.entered_at
            state, stage = "open", row.stage
        if row.amount == row.amount:
            amount = row.amount
    if closed:
        state = deal.outcome
    return {"state": state, "stage": stage, "entered": entered, "told": amount, "exited": exited}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("as_of", ["2025-02-10", "2025-03-31"])
def test_a_snapshot_equals_the_definition_applied_deal_by_deal(seed, as_of):
    deals, rows = random_company(seed)
    cutoff = pd.Timestamp(as_of) + pd.Timedelta("23:59:59.999999")
    mine = snapshot(deals, rows, as_of=as_of, stages=STAGES, exits=EXITS)
    expected = []
    for deal in deals.itertuples():
        known = naive_state(deal, rows, cutoff)
        if known and known["state"] == "open":
            position = STAGES.index(known["stage"]) if known["stage"] else None
            expected.append((deal.opportunity_id, known, position))
    assert mine["opportunity_id"].tolist() == [deal for deal, _, _ in expected]
    for row, (_, known, position) in zip(mine.itertuples(), expected, strict=True):
        assert (None if pd.isna(row.stage) else row.stage) == known["stage"]
        assert (None if row.position is pd.NA else row.position) == position
        assert row.entered_at is known["entered"] or row.entered_at == known["entered"]
        assert (None if pd.isna(row.amount) else row.amount) == known["told"]
        assert row.reopened == known["exited"]


@pytest.mark.parametrize("seed", range(2))
def test_the_movements_join_the_snapshots_of_their_two_ends(seed):
    deals, rows = random_company(seed + 10)
    given = {"stages": STAGES, "exits": EXITS, "assume_unchanged": "amount"}
    moved = movements(deals, rows, start="2025-02-10", end="2025-03-31", **given)
    for side, as_of in (("before", "2025-02-10"), ("after", "2025-03-31")):
        known = snapshot(deals, rows, as_of=as_of, **given)
        still = moved[moved[f"state_{side}"] == "open"].reset_index(drop=True)
        assert still["opportunity_id"].tolist() == known["opportunity_id"].tolist()
        for ours, theirs in ((f"amount_{side}", "amount"), (f"position_{side}", "position")):
            pd.testing.assert_series_equal(still[ours], known[theirs], check_names=False)
    lines = waterfall(moved).set_index("movement")
    assert lines.loc["end", "net_deals"] == (moved["state_after"] == "open").sum()
    through = lines[lines["kind"].isin(["start", "flow"])]
    assert through["net_deals"].sum() == lines.loc["end", "net_deals"]
    assert through["net_amount"].sum() == lines.loc["end", "net_amount"]


@pytest.mark.parametrize("seed", range(2))
def test_every_movement_has_the_states_of_the_definition(seed):
    deals, rows = random_company(seed + 20)
    moved = movements(deals, rows, start="2025-02-10", end="2025-03-31", stages=STAGES, exits=EXITS)
    moved = moved.set_index("opportunity_id")
    ends = [
        pd.Timestamp(day) + pd.Timedelta("23:59:59.999999") for day in ("2025-02-10", "2025-03-31")
    ]
    for deal in deals.itertuples():
        before, after = (naive_state(deal, rows, end) for end in ends)
        if after is None or (before and before["state"] != "open" and after["state"] != "open"):
            continue  # not there yet, or closed at both ends
        row = moved.loc[deal.opportunity_id]
        assert row["state_before"] == ("none" if before is None else before["state"])
        assert row["state_after"] == after["state"]
        assert row["reopened"] == (before is not None and before["state"] != "open")


def test_nothing_dated_after_the_day_and_nothing_overwritten_changes_a_snapshot():
    deals, rows = random_company(7)
    day = "2025-02-15"
    before = snapshot(deals, rows, as_of=day, stages=STAGES, exits=EXITS)
    cutoff = pd.Timestamp(day) + pd.Timedelta("23:59:59.999999")
    late = ~(deals["closed_at"] <= cutoff)
    scrambled = deals.assign(
        closed_at=deals["closed_at"].mask(late, pd.Timestamp("2031-01-01")),
        outcome=deals["outcome"].mask(late, "lost"),
        amount=deals["amount"].mask(late, -1.0),
        expected_close_at=deals["expected_close_at"].mask(late, pd.Timestamp("2031-01-01")),
        owner_id="nobody",
    )
    rows = rows.assign(stage=rows["stage"].mask(rows["entered_at"] > cutoff, "talks"))
    after = snapshot(scrambled, rows, as_of=day, stages=STAGES, exits=EXITS)
    pd.testing.assert_frame_equal(before, after)
    assert len(before) > 10


def test_without_exits_a_snapshot_has_the_deals_that_are_open_in_the_deal_table():
    deals, rows = random_company(3)
    for as_of in ("2025-02-01", "2025-03-01", "2025-12-31"):
        known = funnel.deals(deals, rows, as_of=as_of)
        still = known.loc[known["outcome"] == "open", "opportunity_id"]
        assert snapshot(deals, rows, as_of=as_of)["opportunity_id"].tolist() == still.tolist()


def test_what_the_export_overwrote_is_missing_unless_it_is_assumed():
    deals, _ = random_company(4)
    known = snapshot(deals, as_of="2025-03-01")
    assert known[["stage", "amount", "expected_close_at", "owner_id"]].isna().all(axis=None)
    assumed = snapshot(deals, as_of="2025-03-01", assume_unchanged=["amount", "owner_id"])
    assert assumed["amount"].notna().all()
    assert len(assumed) > 10
    assert set(assumed["amount_from"]) == {"list"}
    assert assumed["expected_close_at"].isna().all()
    with pytest.raises(SalesAnalysisError, match="`assume_unchanged` is 'region'"):
        snapshot(deals, as_of="2025-03-01", assume_unchanged="region")


def test_a_history_tells_the_expected_date_and_owner_of_the_day():
    rows = history(("a", "lead", "2025-01-01", 5), ("a", "offer", "2025-02-01", 7))
    rows["expected_close_at"] = pd.to_datetime(["2025-02-20", "2025-06-01"])
    rows["owner_id"] = ["R1", "R2"]
    deals = pd.DataFrame({
        "opportunity_id": ["a"], "outcome": ["open"], "created_at": pd.to_datetime(["2025-01-01"]),
        "owner_id": ["R9"], "region": ["N"],
    })  # fmt: skip
    early = snapshot(deals, rows, as_of="2025-01-15", by=["region", "owner_id"]).iloc[0]
    assert (early["owner_id"], str(early["expected_close_at"])[:10]) == ("R1", "2025-02-20")
    assert early["owner_from"] == early["expected_close_from"] == "history"
    assert early["region"] == "N"


def one_deal(outcome="open", closed=None, expected=None, created="2025-01-01"):
    return pd.DataFrame({
        "opportunity_id": ["a"], "outcome": [outcome], "created_at": pd.to_datetime([created]),
        "closed_at": pd.to_datetime([closed]).astype("datetime64[us]"), "amount": [5.0],
        "expected_close_at": pd.to_datetime([expected]).astype("datetime64[us]"),
    })  # fmt: skip


@pytest.mark.parametrize(
    ("deals", "due_until", "before", "after", "slipped"),
    [
        (one_deal(expected="2025-03-15"), None, True, False, True),
        (one_deal(expected="2025-03-15"), "2025-06-30", True, True, True),
        (one_deal(expected="2025-05-15"), None, False, False, False),
        (one_deal(expected="2025-05-15"), "2025-06-30", True, True, False),
        (one_deal("won", "2025-03-10", "2025-03-15"), None, True, True, False),
        (one_deal("won", "2025-03-10", "2025-05-15"), None, False, True, False),
        (one_deal(), None, False, False, False),
    ],
)
def test_due_and_slipped(deals, due_until, before, after, slipped):
    row = movements(deals, start="2025-02-28", end="2025-03-31", due_until=due_until).iloc[0]
    assert [row["due_before"], row["due_after"], row["slipped"]] == [before, after, slipped]


def test_created_and_closed_in_between_moves_and_closed_before_does_not():
    rows = movements(
        one_deal("lost", "2025-03-20", created="2025-03-02"), start="2025-02-28", end="2025-03-31"
    )
    assert rows[["state_before", "state_after"]].to_numpy().tolist() == [["none", "lost"]]
    assert movements(one_deal("lost", "2025-02-20"), start="2025-02-28", end="2025-03-31").empty


def test_a_deal_may_close_open_again_and_close_for_good():
    rows = history(
        ("a", "lead", "2025-01-01", 5), ("a", "gone", "2025-02-01", 5),
        ("a", "offer", "2025-03-05", 8), ("a", "signed", "2025-03-20", 9),
    )  # fmt: skip
    for deals in (None, one_deal("won", "2025-03-20")):
        moved = movements(
            deals, rows, start="2025-02-28", end="2025-03-31", stages=STAGES, exits=EXITS
        )
        row = moved.iloc[0]
        assert [row["state_before"], row["state_after"], row["reopened"]] == ["lost", "won", True]
        assert [row["amount_before"], row["amount_after"]] == [5.0, 9.0]


def test_wrong_days_get_one_clear_message():
    for arguments in (
        {"start": "2025-03-31", "end": "2025-03-31"},
        {"start": "2025-03-01", "end": "2025-03-31", "due_until": "2025-03-15"},
    ):
        with pytest.raises(SalesAnalysisError, match="expected `end` to be after `start`"):
            movements(one_deal(), **arguments)


def test_the_engine_does_not_matter(tmp_path):
    deals, rows = random_company(5)
    deals.to_parquet(tmp_path / "deals.parquet")
    rows.to_parquet(tmp_path / "rows.parquet")
    con = ibis.duckdb.connect()
    tables = [con.read_parquet(tmp_path / f"{name}.parquet") for name in ("deals", "rows")]
    given = {"start": "2025-02-10", "end": "2025-03-31", "stages": STAGES, "exits": EXITS}
    pd.testing.assert_frame_equal(movements(deals, rows, **given), movements(*tables, **given))


def _closings(amounts_of):
    """A deal a day, every other one won after 40 days; with amounts of these outcomes only."""
    created = pd.date_range("2025-01-01", periods=200, freq="D")
    closed = pd.Series(created + pd.Timedelta(days=40))
    outcome = np.where(np.arange(200) % 2, "won", "lost")
    still = closed > "2025-06-30"
    outcome = np.where(still, "open", outcome)
    return pd.DataFrame(
        {
            "opportunity_id": [f"d{at:03}" for at in range(200)],
            "created_at": created,
            "closed_at": closed.mask(still),
            "outcome": outcome,
            "amount": pd.Series(100.0, index=range(200)).where(np.isin(outcome, amounts_of)),
        }
    )


@pytest.mark.parametrize("of", [["won"], ["won", "lost"], ["open", "won"]])
def test_amounts_that_are_filled_in_at_closing_are_no_pipeline(of):
    deals = _closings(of)
    period = {"start": "2025-03-31", "end": "2025-06-30"}
    moved = movements(deals, **period)
    assert (moved["amount_from"] == "hindsight").all() and moved["amount_before"].isna().all()
    (found,) = waterfall_findings(waterfall(moved))
    assert found.name == "hindsight"
    end = found.values["start_deals"] + found.values["came"]
    end -= found.values["won"] + found.values["gone"]
    assert end == found.values["end_deals"] == 40
    # A history knows what the amounts were on the day.
    history = deals[["opportunity_id", "created_at"]].assign(stage="lead", amount=90.0)
    history = history.rename(columns={"created_at": "entered_at"})
    known = movements(deals, history, **period)
    assert (known["amount_from"] == "history").all()
    assert waterfall(known).set_index("movement").loc["end", "amount"] == 3600


def test_amounts_of_all_outcomes_alike_are_those_of_the_list():
    moved = movements(_closings(["won", "lost", "open"]), start="2025-03-31", end="2025-06-30")
    assert (moved["amount_from"] == "list").all()

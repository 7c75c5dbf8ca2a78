"""Ageing, stuck deals, velocity and leakage: naive loops, figures by hand, real data, pictures."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, datasets, reduce, text
from salesanalysis.funnel.losses import leakage
from salesanalysis.funnel.open_age import ageing, stuck
from salesanalysis.funnel.speed import velocity
from salesanalysis.known import KnownFunnel
from salesanalysis.periods import end_of
from salesanalysis.plots import funnel as pictures
from salesanalysis.stats import wilson

AS_OF = "2025-12-31"
DAY = end_of(AS_OF)


@pytest.fixture(scope="module")
def sample():
    """Entries and deals of a made-up company."""
    company = datasets.company(seed=3, deals=700)
    carried = ["owner_id", "region", "reason"]
    known = reduce.funnel.known(company.tables, stages=company.stages, as_of=AS_OF, by=carried)
    return known.entries, known.deals


def entries(rows, **columns):
    """Entries of one stage from (outcome, days in the stage, amount) rows."""
    frame = pd.DataFrame(rows, columns=["outcome", "stage_days", "amount"])
    return frame.assign(
        opportunity_id=[f"d{n:03d}" for n in range(len(rows))],
        stage="offer",
        position=0,
        skipped=False,
        left=frame["outcome"] != "open",
        **columns,
    )


def stuck_of(frame, deals, **options):
    """The stuck deals of frames that are of one day."""
    return stuck(KnownFunnel(as_of=AS_OF, entries=frame, deals=deals), **options)


def velocity_of(frame, **options):
    return velocity(KnownFunnel(as_of=AS_OF, deals=frame), **options).iloc[0]


def as_deals(frame, age_days):
    return frame[["opportunity_id", "outcome", "amount"]].assign(age_days=age_days)


def naive_limit(days, percentile):
    """The smallest of the winners' days that at least this share of them had not exceeded."""
    days = sorted(days)
    return next(d for d in days if sum(x <= d for x in days) >= percentile * len(days) - 1e-9)


def test_ageing_equals_plain_loops(sample):
    frame, _ = sample
    table = ageing(frame).set_index("stage")
    assert table["open"].sum() == frame.loc[frame["outcome"] == "open", "opportunity_id"].nunique()
    for stage, row in table.iterrows():
        won, still = [], []
        for e in frame[frame["stage"] == stage].itertuples():
            if e.outcome == "won" and not e.skipped and e.stage_days == e.stage_days:
                won.append(e.stage_days)
            if e.outcome == "open" and e.left is not pd.NA and not e.left:
                still.append((e.stage_days, e.amount))
        limit = naive_limit(won, 0.9)
        over = [amount for days, amount in still if days > limit]
        assert (row["winners"], row["open"], row["n"]) == (len(won), len(still), len(still))
        assert (row["limit_days"], row["k"]) == (limit, len(over))
        assert row["winner_median_days"] == naive_limit(won, 0.5)
        assert row["median_days"] == pytest.approx(np.median([days for days, _ in still]))
        assert row["stuck_amount"] == pytest.approx(np.nansum(over))
        assert row["rate_low"] <= row["rate"] <= row["rate_high"]
        assert row["limit_low"] <= limit <= row["limit_high"]


def test_stuck_equals_plain_loops(sample):
    frame, deals = sample
    table = stuck_of(frame, deals, by=["owner_id"])
    limits = ageing(frame).set_index("stage")["limit_days"]
    oldest = deals.loc[deals["outcome"] != "open", "age_days"].max()
    expected = {}
    for deal in deals[deals["outcome"] == "open"].itertuples():
        mine = frame[(frame["opportunity_id"] == deal.opportunity_id)]
        here = mine[mine["left"].eq(False).fillna(False)]
        excess = deal.age_days - oldest
        for e in here.itertuples():
            excess = max(excess, e.stage_days - limits[e.stage])
        if excess > 0:
            expected[deal.opportunity_id] = excess
    assert table.set_index("opportunity_id")["excess_days"].to_dict() == pytest.approx(expected)
    assert table["amount_days"].is_monotonic_decreasing
    owners = deals.set_index("opportunity_id")["owner_id"]
    assert (owners[table["opportunity_id"]].to_numpy() == table["owner_id"].to_numpy()).all()
    first = table.iloc[0]
    winners = frame[(frame["stage"] == first["stage"]) & (frame["outcome"] == "won")]["stage_days"]
    longer = int((winners.dropna() >= first["stage_days"]).sum())
    assert (first["n"], first["k"]) == (winners.notna().sum(), longer)
    assert (first["rate_low"], first["rate_high"]) == pytest.approx(
        [float(limit) for limit in wilson(longer, first["n"])]
    )


def test_a_deal_that_moved_back_counts_where_it_is_now():
    history = pd.DataFrame(
        [("a", "lead", "2025-01-01"), ("a", "offer", "2025-01-11"), ("a", "lead", "2025-01-21")],
        columns=["opportunity_id", "stage", "entered_at"],
    ).astype({"entered_at": "datetime64[us]"})
    frame = reduce.funnel.stage_entries(
        stage_history=history, stages=["lead", "offer"], exits={"won": "won"}, as_of="2025-01-30"
    )
    table = ageing(frame).set_index("stage")
    assert table["open"].to_dict() == {"lead": 1, "offer": 0}
    assert table.loc["lead", "median_days"] == pytest.approx(20, abs=0.01)


def test_the_limit_is_the_winners_own_percentile_in_each_group():
    slow = entries([("won", float(d), 1.0) for d in range(101, 121)], product="plant")
    fast = entries([("won", float(d), 1.0) for d in range(1, 21)], product="spare")
    still = entries([("open", 50.0, 1.0), ("open", 50.0, 1.0)], product=["plant", "spare"])
    frame = pd.concat([slow, fast, still], ignore_index=True)
    own = ageing(frame, winners_by="product").set_index("product")
    assert own["limit_days"].to_dict() == {"plant": 118, "spare": 18}
    assert own["k"].to_dict() == {"plant": 0, "spare": 1}
    common = ageing(frame, by="product").set_index("product")
    assert common["limit_days"].tolist() == [116, 116]
    assert common["winners"].tolist() == [40, 40]


def test_few_winners_give_a_reason_instead_of_a_limit():
    frame = entries([("won", 5.0, 1.0)] * 19 + [("open", 99.0, 7.0)])
    row = ageing(frame).iloc[0]
    assert (row["refused"], row["winners"], row["open"], row["amount"]) == ("few_winners", 19, 1, 7)
    missing = ["limit_days", "limit_low", "k", "rate", "rate_low", "stuck_amount"]
    assert row[missing].isna().all()
    assert stuck_of(frame, as_deals(frame, 5.0), least_winners=30).empty


def test_zombies_are_found_without_a_history_and_missing_amounts_come_last():
    frame = entries([("won", 5.0, 1.0)] * 25 + [("open", 1.0, None), ("open", 1.0, 3.0)])
    ages = [30.0] * 25 + [90.0, 40.0]
    deals = as_deals(frame, ages)
    table = stuck_of(frame.iloc[:25], deals)
    assert table["opportunity_id"].tolist() == ["d026", "d025"]
    assert table["zombie"].all() and not table["over_limit"].any()
    assert table["excess_days"].tolist() == [10, 60]
    assert table[["stage", "rate", "rate_low"]].isna().all(axis=None)
    # As old as the oldest that closed is not older.
    assert stuck_of(frame.iloc[:25], as_deals(frame, 30.0)).empty


def test_amounts_and_dates_that_are_missing_are_counted():
    rows = [("won", 5.0, 1.0)] * 20 + [("open", 9.0, None), ("open", np.nan, 4.0)]
    row = ageing(entries(rows)).iloc[0]
    assert (row["open"], row["undated"], row["without_amount"]) == (2, 1, 1)
    assert (row["n"], row["k"], row["amount"], row["stuck_amount"]) == (1, 1, 4, 0)


any_entries = st.lists(
    st.tuples(
        st.sampled_from(["won", "lost", "open"]),
        st.one_of(st.just(np.nan), st.integers(0, 20).map(float)),
        st.one_of(st.just(np.nan), st.integers(0, 9).map(float)),
    ),
    min_size=1,
    max_size=40,
)


@given(any_entries, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_order_does_not_matter_inputs_stay_and_counts_add_up(rows, random):
    frame = entries(rows).assign(result="lost", reason=None)
    deals = as_deals(frame, frame["stage_days"].to_numpy())
    before = frame.copy(), deals.copy()
    order = list(range(len(rows)))
    random.shuffle(order)
    calls = [lambda f, d: ageing(f, least_winners=3), lambda f, d: leakage(f)]
    calls += [lambda f, d: stuck_of(f, d, least_winners=3)]
    for call in calls:
        table = call(frame, deals)
        pd.testing.assert_frame_equal(table, call(frame.iloc[order], deals.iloc[order]))
    pd.testing.assert_frame_equal(frame, before[0])
    pd.testing.assert_frame_equal(deals, before[1])
    row = ageing(frame, least_winners=3).iloc[0]
    assert row["open"] == sum(outcome == "open" for outcome, _, _ in rows)
    assert row["n"] + row["undated"] == row["open"]


# Leakage


def test_leakage_counts_each_lost_deal_once_where_it_ended(sample):
    frame, deals = sample
    table = leakage(frame)
    gone = deals[deals["outcome"].isin(["lost", "cancelled"])]
    gone = gone[gone["opportunity_id"].isin(frame["opportunity_id"])]
    assert table["deals"].sum() == len(gone)
    assert (table["lost"] + table["cancelled"] == table["deals"]).all()
    assert table["amount"].sum() == pytest.approx(gone["amount"].sum())
    assert table["without_amount"].sum() == gone["amount"].isna().sum()
    assert table["amount"].is_monotonic_decreasing
    assert table["cumulative_share"].iloc[-1] == pytest.approx(1)
    assert table["deals_share"].sum() == pytest.approx(1)
    by_reason = gone.groupby("reason", dropna=False)["amount"].sum().to_dict()
    seen = table.groupby("reason", dropna=False)["amount"].sum().to_dict()
    assert {str(k): v for k, v in seen.items()} == pytest.approx(
        {str(k): v for k, v in by_reason.items()}
    )


def test_leakage_without_amounts_has_no_shares_of_them():
    frame = entries([("lost", 1.0, None)] * 3).assign(result="lost", reason=["price", None, None])
    table = leakage(frame)
    assert table["deals"].tolist() == [2, 1]
    assert table["without_amount"].tolist() == [2, 1]
    assert table[["amount_share", "cumulative_share"]].isna().all(axis=None)
    nothing = leakage(frame.assign(result="open"))
    assert nothing.empty and "cumulative_share" in nothing.columns


# Velocity


def stream(rng, *, arrivals, days=900, rate=0.4, won_days=60.0, lost_days=60.0):
    """Deals of a company in equilibrium, looked at on the day ``days`` after its beginning."""
    size = rng.poisson(arrivals * days)
    created = rng.uniform(0, days, size)
    won = rng.random(size) < rate
    ended = created + rng.exponential(np.where(won, won_days, lost_days))
    begin = pd.Timestamp("2025-12-31 23:59:59") - pd.Timedelta(days=days)
    closed = begin + pd.to_timedelta(np.where(ended <= days, ended, np.nan), unit="D")
    frame = pd.DataFrame({"created_at": begin + pd.to_timedelta(created, unit="D")})
    frame["closed_at"] = closed
    frame["outcome"] = np.where(ended > days, "open", np.where(won, "won", "lost"))
    frame["amount"] = np.exp(rng.normal(8, 1, size))
    frame["age_days"] = np.minimum(ended, days) - created
    return frame


def test_velocity_is_the_product_of_its_columns_and_agrees_with_the_money_won():
    # In equilibrium, with equal times of winners and losers, what flows out is what was won.
    frame = stream(np.random.default_rng(1), arrivals=20)
    row = velocity_of(frame)
    product = row["open"] * row["rate"] * row["mean_amount"] / row["cycle_days"]
    assert row["day_amount"] == pytest.approx(product)
    assert row["month_amount"] == pytest.approx(30 * product)
    assert row["month_amount"] == pytest.approx(row["won_month_amount"], rel=0.1)
    assert row["month_low"] < row["month_amount"] < row["month_high"]


def test_the_win_rate_of_closings_is_right_where_losers_are_faster():
    frame = stream(np.random.default_rng(2), arrivals=40, won_days=90, lost_days=15)
    row = velocity_of(frame)
    assert row["rate_low"] < 0.4 < row["rate_high"]


def test_the_interval_of_velocity_equals_a_bootstrap():
    frame = stream(np.random.default_rng(3), arrivals=1.5, days=500)
    row = velocity_of(frame, period_days=500)
    closed = frame[frame["outcome"] != "open"]
    rng = np.random.default_rng(0)
    draws = []
    won = (closed["outcome"] == "won").to_numpy()
    amount, age = closed["amount"].to_numpy(), closed["age_days"].to_numpy()
    for _ in range(2000):
        at = rng.integers(0, len(closed), len(closed))
        w = won[at]
        draws.append(w.mean() * amount[at][w].mean() / age[at][w].mean())
    low, high = 30 * row["open"] * np.quantile(draws, [0.025, 0.975])
    assert np.log(row["month_high"] / row["month_low"]) == pytest.approx(
        np.log(high / low), rel=0.08
    )


def test_the_interval_of_velocity_covers_the_truth():
    true = 0.4 * np.exp(8.5) / 60  # per open deal and day
    covered = 0
    for seed in range(120):
        frame = stream(np.random.default_rng(seed), arrivals=1, days=1500)
        row = velocity_of(frame, period_days=365)
        covered += row["month_low"] <= 30 * row["open"] * true <= row["month_high"]
    assert 107 <= covered <= 119  # 95% is 114


def test_velocity_counts_zombies_undated_and_only_the_period():
    rows = [("won", 10.0, "2025-06-01", 100.0)] * 12 + [("lost", 40.0, "2025-06-01", 1.0)] * 12
    rows += [("won", 10.0, "2020-06-01", 1e9), ("won", 10.0, None, 5.0), ("open", 41.0, None, 1.0)]
    rows += [("open", 5.0, None, 1.0)]
    frame = pd.DataFrame(rows, columns=["outcome", "age_days", "closed_at", "amount"])
    frame["closed_at"] = pd.to_datetime(frame["closed_at"])
    began = DAY - pd.to_timedelta(frame["age_days"], unit="D")
    frame["created_at"] = began.where(frame["outcome"] == "open", pd.Timestamp("2020-01-01"))
    row = velocity_of(frame)
    assert (row["open"], row["zombies"], row["undated"]) == (2, 1, 1)
    assert (row["n"], row["k"], row["mean_amount"]) == (24, 12, 100)
    assert row["live_month_amount"] == pytest.approx(row["month_amount"] / 2)
    assert row["month_amount"] == pytest.approx(30 * 2 * 0.5 * 100 / 10)


def test_velocity_begins_where_the_recording_of_closings_does():
    rng = np.random.default_rng(5)
    frame = stream(rng, arrivals=1, days=600)
    first = DAY.normalize() - pd.Timedelta(days=99)
    known = KnownFunnel(as_of=DAY, deals=frame, observed_from=first)
    row = velocity(known, period_days=365).iloc[0]
    since = frame[(frame["closed_at"] >= first) & (frame["outcome"] == "won")]
    assert row["period_days"] == pytest.approx(100)
    assert row["won_month_amount"] == pytest.approx(30 * since["amount"].sum() / 100)
    # What was really won leads, then what the live deals promise, with its interval.
    assert list(row.index[:3]) == ["period_days", "won_month_amount", "live_month_amount"]
    assert row["live_low"] < row["live_month_amount"] < row["live_high"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"outcome": "lost"}, "few_wins"),
        ({"amount": np.nan}, "no_amount"),
        ({"age_days": np.nan}, "no_cycle"),
        ({"age_days": 0.0}, "no_cycle"),
    ],
)
def test_velocity_without_a_factor_is_refused(change, reason):
    row = {"outcome": "won", "amount": 5.0, "age_days": 9.0}
    frame = pd.DataFrame([row | change] * 20)
    frame["created_at"], frame["closed_at"] = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-02-01")
    result = velocity_of(frame)
    assert result["refused"] == reason
    assert result[["day_amount", "month_amount", "month_low", "month_high"]].isna().all()
    assert result["n"] == 20


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, d: ageing(f, percentile=90), "`percentile` is 90"),
        (lambda f, d: ageing(f.drop(columns="left")), "no column `left`"),
        (lambda f, d: stuck_of(f, pd.concat([d, d])), "lists d000, d001 more than once"),
        (lambda f, d: stuck_of(f, d, by="owner"), "no column `owner`"),
        (lambda f, d: leakage(f), "no column `reason`"),
        (lambda f, d: velocity_of(d, period_days=0), "`period_days` is 0"),
        (lambda f, d: velocity(d), "`known` is a DataFrame; expected what `reduce"),
        (lambda f, d: velocity(KnownFunnel(as_of=AS_OF, entries=f)), "`known` has no `deals`"),
        (lambda f, d: leakage(KnownFunnel(as_of=AS_OF, entries=f)), "such as `known.entries`"),
    ],
)
def test_a_wrong_call_gets_one_clear_message(call, message):
    frame = entries([("won", 5.0, 1.0), ("open", 9.0, 2.0)])
    deals = as_deals(frame, 9.0).assign(created_at=DAY - pd.Timedelta(days=9))
    deals["closed_at"] = pd.to_datetime([DAY, None])
    with pytest.raises(SalesAnalysisError, match=message):
        call(frame, deals)


def test_zombies_of_a_real_deal_list(shared):
    """The Maven CRM list: nothing older than 138 days ever closed."""
    raw = pd.read_csv(shared("crm/sales_pipeline.csv"), parse_dates=["engage_date", "close_date"])
    outcome = raw["deal_stage"].str.lower().where(raw["deal_stage"].isin(["Won", "Lost"]), "open")
    listed = pd.DataFrame(
        {
            "opportunity_id": raw["opportunity_id"], "outcome": outcome,
            "created_at": raw["engage_date"], "closed_at": raw["close_date"],
            "amount": raw["close_value"], "owner_id": raw["sales_agent"],
        }
    )  # fmt: skip
    known = reduce.funnel.known({"opportunities": listed}, as_of="2017-12-31", by="owner_id")
    table = stuck(known, by="owner_id")
    age = (pd.Timestamp("2017-12-31") - raw["engage_date"]).dt.days
    zombies = set(raw.loc[(outcome == "open") & (age > 138), "opportunity_id"])
    assert (raw["close_date"] - raw["engage_date"]).dt.days.max() == 138
    assert set(table.loc[table["zombie"], "opportunity_id"]) == zombies
    assert len(zombies) > 500
    row = ageing(known.entries).iloc[0]
    assert (row["open"], row["undated"], row["winners"]) == (2089, 500, 4238)


# Pictures


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_ageing_picture_shows_the_table(sample, lang):
    table = ageing(sample[0])
    few = table["position"] == 2
    limits = ["winner_median_days", "limit_days"]
    table.loc[few, limits] = np.nan
    table.loc[few, "refused"] = "few_winners"
    table.loc[table["position"] == 3, "limit_days"] = np.inf
    ax = pictures.ageing(table, lang=lang)
    assert list(ax.lines[0].get_xdata()) == table["median_days"].tolist()
    words = [text.get_text() for text in ax.texts]
    assert len(words) == len(table)
    assert str(table["k"].iloc[0]) in words[0] and str(table["winners"].iloc[2]) in words[2]
    ax.figure.canvas.draw()
    plt.close(ax.figure)
    with pytest.raises(SalesAnalysisError, match="several"):
        pictures.ageing(pd.concat([table, table]))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_leakage_picture_shows_the_largest_first(sample, lang):
    table = leakage(sample[0])
    ax = pictures.leakage(table, most=5, lang=lang)
    assert [bar.get_width() for bar in ax.patches] == table["amount"].head(5).tolist()
    assert [label.get_text() for label in ax.get_yticklabels()][0].startswith(
        table["stage"].iloc[0] + " · "
    )
    without = table.assign(amount=0.0, amount_share=np.nan, cumulative_share=np.nan)
    other = pictures.leakage(without, lang=lang)
    assert other.patches[0].get_width() == table["deals"].iloc[0]
    for drawn in (ax, other):
        drawn.figure.canvas.draw()
        plt.close(drawn.figure)
    with pytest.raises(SalesAnalysisError, match="has no rows"):
        pictures.leakage(table.head(0))

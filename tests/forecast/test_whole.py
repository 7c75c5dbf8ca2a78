"""The whole forecast on a small company whose every draw is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forecast import story
from salesanalysis.forecast.categories import rollups
from salesanalysis.forecast.contract_ends import renewals
from salesanalysis.forecast.draws import Draws, stack
from salesanalysis.forecast.horizons import horizon
from salesanalysis.forecast.joining import combine
from salesanalysis.forecast.own_draws import deal_draws
from salesanalysis.forecast.pipeline_forecast import PipelineForecast
from salesanalysis.forecast.streams import series
from salesanalysis.forecast.target_gap import required_pipeline
from salesanalysis.known import KnownForecast, KnownPipeline

DRAWS = 4_000
NOW = KnownForecast(as_of="2025-11-15")
MONTHS = ["2025-11", "2025-12", "2026-01"]
CELL = ["stream", "part", "owner_id", "period"]


def of_deals(day, deals):
    return KnownForecast(as_of=day, pipeline=KnownPipeline(as_of=day, deals=deals))


def pipeline(deals, new_deals=50.0, seed=0):
    """A pipeline whose deals are won by a coin of their own: id → (owner, amount, must_win, chances
    by month); besides, so much from new deals in December."""
    rng = np.random.default_rng(seed)
    rows, won_in = [], []
    for name, (owner, amount, must_win, chances) in deals.items():
        won_in.append(np.searchsorted(np.cumsum(chances), rng.random(DRAWS), side="right"))
        rows += [
            {
                "opportunity_id": name,
                "owner_id": owner,
                "amount": amount,
                "must_win": must_win,
                "period": month,
                "probability": chance,
                "expected_amount": chance * amount,
            }
            for month, chance in zip(MONTHS, chances, strict=True)
        ]
    table = pd.DataFrame(rows)
    cells = table[["owner_id", "period"]].assign(
        stream="pipeline", part=np.where(table["must_win"], "must_win", "open_deals")
    )
    values = [
        row.amount * (won_in[number // len(MONTHS)] == number % len(MONTHS))
        for number, row in enumerate(table.itertuples())
    ]
    own = Draws(cells, np.array(values, dtype=float)).total(CELL)
    new = pd.DataFrame({"stream": ["pipeline"], "part": "new_deals", "owner_id": "R1"})
    coming = Draws(new.assign(period="2025-12"), np.full((1, DRAWS), new_deals))
    return PipelineForecast(
        deals=table,
        draws=stack([own, coming]),
        assumptions=pd.DataFrame(),
        horizon=horizon(MONTHS, "2025-10-31"),
        single=table.drop_duplicates("opportunity_id")[["opportunity_id", "amount"]],
        won_in=np.array(won_in, dtype=np.uint8),
        single_amount=np.array([[amount] for _, amount, *_ in deals.values()]),
    )


DEALS = {
    "a": ("R1", 1000.0, True, (0.3, 0.3, 0.1)),
    "b": ("R1", 200.0, False, (0.5, 0.1, 0.1)),
    "c": ("R2", 400.0, False, (0.1, 0.6, 0.2)),
}
BOOKED = pd.DataFrame(
    {
        "stream": "channel",
        "period": pd.period_range("2025-01", "2025-11", freq="M").astype(str),
        "amount": [100.0, 120, 90, 130, 110, 120, 140, 125, 135, 120, 60],
        "owner_id": "R2",
    }
)
CLOSED = pd.DataFrame(
    {
        "stream": ["pipeline", "pipeline", "channel", "channel"],
        "closed_at": pd.to_datetime(["2025-10-07", "2025-11-03", "2025-10-31", "2025-11-10"]),
        "amount": [300.0, 80.0, 120.0, 60.0],
        "opportunity_id": ["w1", "w2", None, None],
        "owner_id": ["R1", "R2", "R2", "R2"],
    }
)
TARGETS = pd.DataFrame(
    {
        "period": "2025-Q4",
        "stream": ["pipeline", "pipeline", "channel"],
        "owner_id": ["R1", "R2", None],
        "target": [900.0, 500.0, 380.0],
        "floor": [800.0, 450.0, 340.0],
    }
)
CALLS = pd.DataFrame(
    {
        "opportunity_id": ["a", "b", "c"],
        "owner_call": ["Commit", "BestCase", "pipeline"],
        "expected_close_at": pd.to_datetime(["2025-12-01", "2025-11-20", "2026-02-01"]),
    }
)


def whole(deals=DEALS, *, as_of="2025-11-15", closed=CLOSED, new_deals=50.0, **more):
    booked = BOOKED[BOOKED["period"] <= as_of[:7]]
    known = {"as_of": as_of, "closed": closed, "targets": TARGETS, "calls": CALLS}
    known = KnownForecast(bookings=booked, **known)
    parts = {"pipeline": pipeline(deals, new_deals)}
    parts["streams"] = [series(known, horizon=3, draws=DRAWS)]
    return combine(known, period="2025-Q4", **parts, **more)


@pytest.fixture(scope="module")
def forecast():
    return whole()


def test_every_roll_up_adds_up_in_every_draw(forecast):
    total = forecast.draws.values.sum(axis=0)
    for by in ("stream", "part", "owner_id", "period", ["stream", "owner_id", "period"]):
        np.testing.assert_allclose(forecast.draws.total(by).values.sum(axis=0), total, rtol=1e-9)
    quarter = forecast.within().values.sum(axis=0)
    months = [forecast.within(m).values.sum(axis=0) for m in ("2025-10", "2025-11", "2025-12")]
    np.testing.assert_allclose(np.sum(months, axis=0), quarter, rtol=1e-9)


def test_the_quarter_holds_what_is_in_already_once(forecast):
    parts = forecast.parts().set_index(["stream", "part"])["mean"]
    assert parts["pipeline", "closed"] == 380
    assert parts["channel", "closed"] == 180
    expected = 0.6 * 1000 + 0.6 * 200 + 0.7 * 400
    in_open = parts["pipeline", "open_deals"] + parts["pipeline", "must_win"]
    assert in_open == pytest.approx(expected, rel=0.03)
    assert parts["all", "all"] == pytest.approx(parts.drop(("all", "all")).sum())


def test_only_quarters_that_the_months_cover_have_a_name(forecast):
    named = forecast.draws.cells.groupby("period")["quarter"].first()
    assert named.dropna().to_dict() == dict.fromkeys(["2025-10", "2025-11", "2025-12"], "2025-Q4")
    assert "2026-01" in named.index


def test_revenue_of_few_deals_has_the_enumerated_distribution():
    made = combine(NOW, period="2025-12", pipeline=pipeline(DEALS, 0.0))
    values = made.within("2025-12").values.sum(axis=0)
    chances = {"a": 0.3, "b": 0.1, "c": 0.6}
    exact = {}
    for mask in range(8):
        won = [name for bit, name in enumerate("abc") if mask >> bit & 1]
        p = np.prod([chances[n] if n in won else 1 - chances[n] for n in "abc"])
        exact[sum(DEALS[name][1] for name in won)] = p
    for amount, p in exact.items():
        seen = (np.abs(values - amount) < 1e-9).mean()
        assert seen == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / DRAWS))


# Targets


def test_targets_ask_only_for_the_streams_they_name(forecast):
    of_all = forecast.against_targets().iloc[0]
    assert of_all["target"] == 1780
    assert of_all["closed"] == 560
    values = forecast.within().values.sum(axis=0)
    assert of_all["q50"] == pytest.approx(np.median(values))
    assert of_all["p_target"] == (values >= 1780).mean()
    assert of_all["floor"] == 1590
    assert np.isnan(of_all["stretch"])
    assert np.isnan(of_all["p_stretch"])
    by_seller = forecast.against_targets("owner_id").set_index("owner_id")
    assert by_seller["target"].to_dict() == {"R1": 900.0, "R2": 500.0}
    # Of R2 only the pipeline counts: nobody asked R2 for the channel's bookings.
    assert by_seller.loc["R2", "closed"] == 80
    assert by_seller.loc["R1", "open_amount"] == 1200
    assert by_seller.loc["R1", "coverage"] == 1200 / 600
    by_stream = forecast.against_targets("stream").set_index("stream")
    assert by_stream["target"].to_dict() == {"channel": 380.0, "pipeline": 1400.0}
    assert by_stream.loc["pipeline", "open_amount"] == 1600
    assert by_stream.loc["channel", ["open_amount", "coverage"]].isna().all()


def test_a_group_without_a_target_is_shown_without_one(forecast):
    known = replace(NOW, closed=CLOSED[:2], targets=TARGETS[:1])
    fewer = combine(known, period="2025-Q4", pipeline=pipeline(DEALS))
    table = fewer.against_targets("owner_id").set_index("owner_id")
    assert np.isnan(
        table.loc["R2", ["target", "gap_amount", "p_target", "coverage"]].to_numpy(float)
    ).all()
    none = combine(NOW, period="2025-Q4", pipeline=pipeline(DEALS))
    assert np.isnan(none.against_targets()["target"].iloc[0])
    only = TARGETS[:2].assign(owner_id=["R1", "R9"])
    known = replace(NOW, targets=only)
    more = combine(known, period="2025-Q4", pipeline=pipeline(DEALS)).against_targets("owner_id")
    assert more["owner_id"].tolist() == ["R1", "R2", "R9"]
    assert more.set_index("owner_id").loc["R9", "q90"] == 0


def test_required_pipeline_is_the_gap_over_the_share_won_in_time():
    ages = [10.0] * 30 + [25.0] * 10 + [40.0] * 10
    outcomes = ["won"] * 15 + ["lost"] * 15 + ["won"] * 10 + ["open"] * 10
    deals = pd.DataFrame({"age_days": ages, "outcome": outcomes})
    known = of_deals("2025-11-30", deals)
    table = required_pipeline(known, period="2025-12", missing=700.0)
    assert table["days_left"].tolist() == [31, 24, 17, 10, 3]
    # 15 of 50 by day 10, then 10 of the 20 still at risk: 0.3 + 0.4 · 0.5.
    np.testing.assert_allclose(table["in_time"], [0.5, 0.3, 0.3, 0.3, 0.0])
    np.testing.assert_allclose(table["required_amount"][:2], [1400, 700 / 0.3])
    assert np.isnan(table["required_amount"].iloc[-1])
    assert (table["required_low"] <= table["required_amount"]).iloc[:4].all()
    reached = required_pipeline(known, period="2025-12", missing=-5.0)
    assert (reached["required_amount"].dropna() == 0).all()
    with pytest.raises(SalesAnalysisError, match="after the end of `period`"):
        required_pipeline(of_deals("2025-12-31", deals), period="2025-12", missing=1.0)
    # The ages of the deals are those of the latest day.
    for wrong in (NOW, known.on("2025-11-15")):
        with pytest.raises(SalesAnalysisError, match="expected deals of 2025-11-15"):
            required_pipeline(wrong, period="2025-12", missing=1.0)


# What sellers say


def test_cumulative_roll_ups_are_those_of_the_crm():
    """The numbers of Salesforce's help page on rollup methods: 50, 100, 150, 200."""
    deals = pd.DataFrame(
        {
            "outcome": ["won", "open", "open", "open", "lost", "open"],
            "amount": [50.0, 100, 150, 200, 999, 999],
            "owner_call": ["Closed", "Commit", "Best Case", "Pipeline", "Commit", "Omitted"],
        }
    )
    row = rollups(deals).iloc[0]
    assert row.to_dict() == {
        "closed": 50,
        "commit": 150,
        "most_likely": 150,
        "best_case": 300,
        "open_pipeline": 450,
    }
    alone = rollups(deals, cumulative=False).iloc[0]
    assert alone.tolist() == [50, 100, 0, 150, 200]
    # Of a deal that is closed, what it was said to be does not count.
    closed_lost = deals.assign(
        owner_call=deals["owner_call"].where(deals.index != 4, "Closed Lost")
    )
    pd.testing.assert_frame_equal(rollups(closed_lost), rollups(deals))
    with pytest.raises(SalesAnalysisError, match="Did you mean `commit`"):
        rollups(deals.assign(owner_call="comit"))


@pytest.mark.parametrize(
    ("call", "where"),
    [
        ("Committed", "commit"),  # Dynamics 365
        ("Not forecasted", None),  # HubSpot
        ("MostLikely", "most_likely"),  # Salesforce
        ("最佳情况", "best_case"),
        ("承诺", "commit"),
    ],
)
def test_calls_are_known_as_crm_systems_name_them(call, where):
    deals = pd.DataFrame({"outcome": ["open"], "amount": [10.0], "owner_call": [call]})
    row = rollups(deals, cumulative=False).iloc[0]
    assert row.to_dict() == {name: 10.0 * (name == where) for name in row.index}


def test_categories_stand_beside_what_sellers_say(forecast):
    row = forecast.categories().iloc[0]
    own = forecast.within().where(stream="pipeline").values.sum(axis=0)
    np.testing.assert_allclose(
        row[["commit", "likely", "best_case"]].astype(float), np.quantile(own, [0.2, 0.5, 0.8])
    )
    # a is commit, b best case; c is expected after the quarter.
    said = ["said_closed", "said_commit", "said_best_case", "said_open_pipeline", "said_n"]
    assert row[said].tolist() == [380, 1380, 1580, 1200, 2]
    by_seller = forecast.categories("owner_id").set_index("owner_id")
    assert by_seller.loc["R2", "said_commit"] == 80
    assert by_seller["said_n"].to_dict() == {"R1": 2, "R2": 0}


# What if


def test_a_deal_won_or_lost_for_sure_changes_its_draws_alone(forecast):
    before = forecast.within().values.sum(axis=0)
    own = deal_draws(forecast.pipeline, ["a"])
    in_quarter = own.values[own.cells["period"].isin(["2025-11", "2025-12"])].sum(axis=0)
    won = forecast.what_if(win=["a"])
    np.testing.assert_allclose(won.within().values.sum(axis=0), before - in_quarter + 1000)
    lost = forecast.what_if(lose="a")
    np.testing.assert_allclose(lost.within().values.sum(axis=0), before - in_quarter)
    chance = won.deals[won.deals["opportunity_id"] == "a"].set_index("period")["probability"]
    assert chance.to_dict() == {"2025-11": 1.0, "2025-12": 0.0, "2026-01": 0.0}
    later = forecast.what_if(win={"a": "2026-01"})
    assert later.within("2026-01").values.sum(axis=0).min() >= 1000
    # The forecast itself stays as it was.
    np.testing.assert_array_equal(forecast.within().values.sum(axis=0), before)


def test_a_deal_moved_keeps_its_wins_but_later(forecast):
    moved = forecast.what_if(move={"c": "2026-01"})
    total = forecast.draws.values.sum(axis=0)
    np.testing.assert_allclose(moved.draws.values.sum(axis=0), total)
    own = deal_draws(forecast.pipeline, ["c"])
    quarter = own.values[own.cells["period"] != "2026-01"].sum(axis=0)
    fewer = forecast.within().values.sum(axis=0) - moved.within().values.sum(axis=0)
    np.testing.assert_allclose(fewer, quarter)
    chance = moved.deals[moved.deals["opportunity_id"] == "c"].set_index("period")["probability"]
    assert chance.round(9).to_dict() == {"2025-11": 0.0, "2025-12": 0.0, "2026-01": 0.9}


def test_the_last_fate_that_was_supposed_counts(forecast):
    def values(made):
        return made.draws.total("period").values

    lost = values(forecast.what_if(lose=["a"]))
    np.testing.assert_allclose(values(forecast.what_if(win=["a"]).what_if(lose=["a"])), lost)
    won = forecast.what_if(win=["a"])
    np.testing.assert_allclose(values(won.what_if(win=["a"])), values(won))
    both = forecast.what_if(win=["a"], lose=["b"])
    np.testing.assert_allclose(values(won.what_if(lose=["b"])), values(both))
    later = forecast.what_if(move={"c": "2025-12"}).what_if(move={"c": "2026-01"})
    np.testing.assert_allclose(values(later), values(forecast.what_if(move={"c": "2026-01"})))


def test_a_longer_period_means_its_first_part_ahead(forecast):
    for fate in ({"win": {"a": "2026-Q1"}}, {"move": {"a": "2026-Q1"}}):
        (how, named), *_ = fate.items()
        month = forecast.what_if(**{how: dict.fromkeys(named, "2026-01")})
        np.testing.assert_array_equal(forecast.what_if(**fate).draws.values, month.draws.values)


def test_deals_can_be_added_with_and_without_doubt(forecast):
    sure = forecast.what_if(add=pd.DataFrame({"amount": [500.0], "owner_id": ["R2"]}))
    more = sure.within().values.sum(axis=0) - forecast.within().values.sum(axis=0)
    np.testing.assert_allclose(more, 500)
    seller = [f.within().total("owner_id").values[1].mean() for f in (forecast, sure)]
    assert seller[1] - seller[0] == pytest.approx(500)
    alone = forecast.what_if(add={"amount": 500.0, "owner_id": "R2"})
    np.testing.assert_array_equal(alone.draws.values, sure.draws.values)
    maybe = forecast.what_if(
        add=pd.DataFrame({"amount": [500.0], "probability": [0.4], "period": ["2026-01"]})
    )
    more = maybe.draws.values.sum(axis=0) - forecast.draws.values.sum(axis=0)
    assert more.mean() == pytest.approx(200, abs=20)
    assert set(np.round(more, 6)) == {0.0, 500.0}


def test_all_at_once_and_what_cannot_be_is_refused(forecast):
    both = forecast.what_if(win=["b"], lose=["a"], move={"c": "2025-12"})
    values = both.within("2025-11").where(stream="pipeline").values.sum(axis=0)
    np.testing.assert_allclose(values, 80 + 200)
    with pytest.raises(SalesAnalysisError, match="no open deal"):
        forecast.what_if(win=["z"])
    with pytest.raises(SalesAnalysisError, match="named more than once"):
        forecast.what_if(win=["a"], lose=["a"])
    with pytest.raises(SalesAnalysisError, match="not a period ahead"):
        forecast.what_if(win={"a": "2025-10"})
    with pytest.raises(SalesAnalysisError, match="`add` needs"):
        forecast.what_if(add=pd.DataFrame({"amount": [np.nan]}))


def test_each_must_win_deal_is_a_scenario(forecast):
    table = forecast.must_win()
    assert table["opportunity_id"].tolist() == ["a"]
    row = table.iloc[0]
    assert row["probability"] == pytest.approx(0.6)
    assert row["q50_if_won"] - row["q50_if_lost"] == pytest.approx(1000)
    assert row["p_target_if_lost"] <= row["p_target"] <= row["p_target_if_won"]
    none = whole({name: (*facts[:2], False, facts[3]) for name, facts in DEALS.items()})
    assert none.must_win().empty
    assert list(none.must_win()) == list(table)


def test_a_deal_that_makes_most_of_the_variance_is_two_numbers():
    alike = whole({name: (owner, 400.0, *more) for name, (owner, _, *more) in DEALS.items()})
    assert alike.deciding_deal().empty
    huge = whole(DEALS | {"a": ("R1", 20_000.0, *DEALS["a"][2:])})
    (row,) = huge.deciding_deal().to_dict("records")
    assert row["opportunity_id"] == "a"
    without = huge.what_if(lose=["a"]).within().summary(quantiles=[0.1, 0.5, 0.9]).iloc[0]
    for name in ("q10", "q50", "q90"):
        assert row[f"{name}_if_lost"] == pytest.approx(without[name])
        assert row[f"{name}_if_won"] == pytest.approx(without[name] + 20_000)
    assert row["p_target_if_lost"] <= row["p_target"] <= row["p_target_if_won"]
    (one, *_) = (found for found in story.findings(huge) if found.kind == "headline")
    assert one.name == "one_deal"
    assert not {"landing", "missing", "over"} & {found.name for found in story.findings(huge)}


def test_the_deals_with_most_variance_come_first(forecast):
    table = forecast.top_deals()
    assert table["opportunity_id"].tolist() == ["a", "c", "b"]
    variance = forecast.within().values.sum(axis=0).var()
    assert table["variance_share"].iloc[0] == pytest.approx(0.24 * 1e6 / variance, rel=1e-6)


# Changes


def earlier():
    """The forecast two weeks before: a dearer, d since lost, e since won, f not there yet."""
    deals = {
        "a": ("R1", 1200.0, True, (0.2, 0.3, 0.2)),
        "c": ("R2", 400.0, False, (0.1, 0.4, 0.3)),
        "d": ("R2", 600.0, False, (0.1, 0.3, 0.3)),
        "w2": ("R2", 90.0, False, (0.5, 0.2, 0.1)),
    }
    return whole(deals, as_of="2025-10-31", closed=CLOSED[CLOSED["closed_at"] <= "2025-10-31"])


def test_the_waterfall_adds_up_and_each_deal_is_in_its_line(forecast):
    before = earlier()
    table = forecast.changes(before).set_index("movement")
    changes = table.loc[table["kind"] == "change", "amount"].sum()
    end = table.loc["end", "amount"]
    assert table.loc["start", "amount"] + changes == pytest.approx(end, abs=1e-9)
    assert end == pytest.approx(forecast.within().values.sum(axis=0).mean(), abs=1e-9)
    amounts, deals = table["amount"], table["deals"]
    assert amounts["new"] == pytest.approx(0.6 * 200)
    assert amounts["won"] == pytest.approx(80 - 0.7 * 90)
    assert amounts["lost"] == pytest.approx(-0.4 * 600)
    assert amounts["amount_down"] == pytest.approx(0.5 * (1000 - 1200))
    assert amounts["moved_in"] == pytest.approx(0.1 * 1000 + 0.2 * 400)
    assert amounts["moved_out"] == 0
    assert amounts["corrected"] == 0
    assert amounts["not_yet_created"] == 0
    assert abs(amounts["simulation"]) < 60
    assert deals[["new", "won", "lost", "amount_down", "moved_in"]].tolist() == [1, 1, 1, 1, 2]
    outside = [
        f.within().where(stream="channel").values.sum(axis=0).mean() for f in (before, forecast)
    ]
    assert amounts["outside_pipeline"] == pytest.approx(outside[1] - outside[0])


def test_what_is_not_known_leaves_everything_else(forecast):
    """No calls, no targets, nothing closed: every table can be made all the same."""
    made = combine(NOW, period="2025-12", pipeline=pipeline(DEALS))
    row = made.categories().iloc[0]
    assert row[["said_closed", "said_commit", "said_n"]].tolist() == [0, 0, 0]
    assert made.changes(made).set_index("kind").loc["change", "amount"].abs().max() < 1e-9
    assert np.isnan(made.against_targets("owner_id")["p_target"]).all()
    assert made.path()["mean"].iloc[-1] == made.summary(within="2025-12")["mean"].iloc[0]


def test_a_won_deal_that_was_corrected_is_told(forecast):
    other = whole(closed=CLOSED.assign(amount=[250.0, 80, 120, 60]))
    table = other.changes(forecast).set_index("movement")
    assert table.loc["corrected", "amount"] == pytest.approx(-50)
    assert table.loc["corrected", "deals"] == 1


# Joining


def test_contracts_say_what_a_stream_will_bring_instead_of_its_series():
    booked = BOOKED.assign(stream="renewal")
    contracts = pd.DataFrame(
        {
            "contract_id": ["k"],
            "ends_at": pd.to_datetime(["2025-12-15"]),
            "amount": [70.0],
            "owner_id": ["R1"],
        }
    )
    known = replace(NOW, bookings=booked, contracts=contracts)
    of_series = series(known, horizon=3, draws=DRAWS)
    of_contracts = renewals(known, periods_ahead=MONTHS, by="owner_id", draws=DRAWS)
    made = combine(NOW, period="2025-Q4", streams=[of_series, of_contracts])
    parts = made.draws.cells[["stream", "part"]].drop_duplicates().to_numpy().tolist()
    assert sorted(parts) == [["renewal", "closed"], ["renewal", "contracts"]]
    # Closed is what the series knows of the month that has begun.
    assert made.within("2025-11").where(part="closed").values.mean() == 60


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(SalesAnalysisError, match="nothing to combine"):
        combine(NOW, period="2025-Q4")
    other = series(replace(NOW, bookings=BOOKED), horizon=3, draws=DRAWS + 1)
    with pytest.raises(SalesAnalysisError, match="same number of draws"):
        combine(NOW, period="2025-Q4", pipeline=pipeline(DEALS), streams=[other])
    week = pd.DataFrame({"period": ["2025-W45"], "amount": [5.0]})
    then = KnownForecast(as_of="2025-11-09", bookings=week)
    weekly = series(then, horizon=1, draws=DRAWS)
    with pytest.raises(SalesAnalysisError, match="a week belongs to no month"):
        combine(NOW, period="2025-Q4", pipeline=pipeline(DEALS), streams=[weekly])
    with pytest.raises(SalesAnalysisError, match="the parts cover 2025-W46"):
        combine(then, period="2025-W47", streams=[weekly])
    with pytest.raises(SalesAnalysisError, match="without `closed_at` or `amount`"):
        whole(closed=CLOSED.assign(amount=np.nan))
    with pytest.raises(SalesAnalysisError, match="no cell in 2027-Q1"):
        whole().summary(within="2027-Q1")

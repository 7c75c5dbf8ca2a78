"""Streams outside the pipeline: naive loops, exact moments, adding up, calendars, small data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forecast import contract_ends, ensemble, smoothing, streams
from salesanalysis.forecast.market import potential
from salesanalysis.forecast.rare_bookings import rare_bookings
from salesanalysis.forecast.seasonality import seasons
from salesanalysis.known import KnownForecast
from salesanalysis.periods import PLAIN


def series(bookings, *, as_of=None, **settings):
    """The forecast of bookings that are known to the end of their last period, or to a day."""
    last = bookings["period"].max() if len(bookings) else None
    named = last if PLAIN.is_named(last) else str(last)[:7]
    end = pd.Timestamp("2023-12-31")
    if isinstance(last, pd.Period):
        end = last.end_time
    elif PLAIN.is_named(named):
        end = PLAIN.bounds_of(named)[1] - pd.Timedelta(1, "us")
    known = KnownForecast(as_of=as_of or end, bookings=bookings)
    return streams.series(known, **settings)


def renewals(table, *, as_of, **settings):
    return contract_ends.renewals(KnownForecast(as_of=as_of, contracts=table), **settings)


def months(count, first="2023-01"):
    return pd.period_range(first, periods=count, freq="M").astype(str).tolist()


def monthly(amounts, first="2023-01", **columns):
    return pd.DataFrame(
        {"stream": "channel", "period": months(len(amounts), first), "amount": amounts, **columns}
    )


# Smoothing, against loops over one series and one constant at a time


def naive_theta(y, horizon):
    t = np.arange(len(y))
    slope, intercept = np.polyfit(t, y, 1)
    doubled = 2 * y - (intercept + slope * t)
    best = None
    for constant in smoothing.LEVELS:
        level, squares = doubled[: smoothing.FIRST_LEVEL].mean(), 0.0
        for value in doubled:
            squares += (value - level) ** 2
            level += constant * (value - level)
        if best is None or squares < best[0] - 1e-12:
            best = (squares, level, constant)
    line = intercept + slope * t
    explained = 1 - ((y - line) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    whole = slope > 0 and len(y) >= 18 and explained > 0.8
    ahead = intercept + slope * (len(y) + np.arange(horizon) * (2 if whole else 1))
    return (best[1] + ahead) / 2, best[2], best[0] / 4 / (len(y) - 2)


def naive_damped(y, horizon):
    first = y[: smoothing.FIRST_TREND]
    slope, intercept = np.polyfit(np.arange(len(first)), first, 1)
    best = None
    for a in smoothing.TREND_LEVELS:
        for b in smoothing.TRENDS:
            for damping in smoothing.DAMPINGS[: None if len(y) >= 18 else -1]:
                level, trend, squares = intercept - slope, slope, 0.0
                for value in y:
                    error = value - (level + damping * trend)
                    squares += error**2
                    level = level + damping * trend + a * error
                    trend = damping * trend + a * b * error
                if best is None or squares < best[0] - 1e-9:
                    best = (squares, level, trend, damping, a)
    squares, level, trend, damping, a = best
    ahead = [
        level + trend * sum(damping**k for k in range(1, h + 1)) for h in range(1, horizon + 1)
    ]
    return np.array(ahead), a, squares / (len(y) - 4)


def test_smoothing_of_many_series_is_that_of_each_alone():
    rng = np.random.default_rng(3)
    made = [np.cumsum(rng.normal(2, 3, n)) + 50 for n in (7, 12, 30)]
    stacked = ensemble._stacked(made)
    for method, naive in (
        (smoothing.theta, naive_theta),
        (smoothing.damped_trend, naive_damped),
    ):
        found = method(stacked, 5)
        for row, values in enumerate(made):
            mean, constant, variance = naive(values, 5)
            np.testing.assert_allclose(found.mean[row], mean, rtol=1e-9)
            assert found.level_constant[row] == constant
            assert found.error_variance[row] == pytest.approx(variance)


def test_a_clear_rise_goes_on_and_a_clear_fall_does_not_reach_zero():
    noise = np.random.default_rng(4).normal(0, 4, 36)
    rises = 100 + 5 * np.arange(36) + noise
    found = ensemble.forecast_many([rises, rises[::-1]], horizon=12, season=1)
    assert found.mean[0, -1] - found.mean[0, 0] == pytest.approx(11 * 5, rel=0.15)
    assert found.mean[1, -1] > 35  # the line itself would be at 40 − 12 × 5
    few = ensemble.forecast_many([rises[:12]], horizon=12, season=1)
    assert few.mean[0, -1] - few.mean[0, 0] < 0.8 * 11 * 5


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.floats(10, 1e4), min_size=6, max_size=40),
    st.floats(0.01, 100),
)
def test_forecasts_scale_with_the_unit_and_are_never_negative(values, times):
    one = ensemble.forecast_many([np.array(values)], horizon=4)
    other = ensemble.forecast_many([np.array(values) * times], horizon=4)
    np.testing.assert_allclose(other.mean, one.mean * times, rtol=1e-6)
    assert (one.quantiles([0.001, 0.5, 0.999]) >= 0).all()
    assert (one.draws(0, 50, np.random.default_rng(0)) >= 0).all()


def test_a_falling_series_stays_above_zero_and_keeps_a_width():
    falling = ensemble.forecast_many([np.linspace(100, 5, 24) + np.tile([3, -3], 12)], horizon=12)
    low, high = falling.quantiles([0.1, 0.9])[0].T
    assert (low >= 0).all()
    assert (high > low).all()
    credit = ensemble.forecast_many([np.array([5.0, -3, 4, -2, 6, -4, 5])], horizon=1)
    assert credit.quantiles([0.05])[0, 0, 0] < 0


def test_a_series_that_never_moved_has_a_width_all_the_same():
    same = ensemble.forecast_many([np.full(12, 100.0)], horizon=3)
    np.testing.assert_allclose(same.mean, 100)
    low, high = same.quantiles([0.1, 0.9])[0].T
    assert (low < 99.8).all()
    assert (high > 100.2).all()


def test_draws_have_the_mean_and_quantiles_that_are_told():
    rng = np.random.default_rng(5)
    found = ensemble.forecast_many([rng.gamma(4, 25, 30)], horizon=6)
    drawn = found.draws(0, 200_000, rng)
    np.testing.assert_allclose(drawn.mean(axis=1), found.mean[0], rtol=0.01)
    shares = [0.1, 0.5, 0.9]
    told = found.quantiles(shares)[0]
    np.testing.assert_allclose(np.quantile(drawn, shares, axis=1).T, told, rtol=0.02)


def test_a_season_is_found_where_there_is_one_and_not_in_noise():
    rng = np.random.default_rng(0)
    factor = 1 + 0.4 * np.sin(2 * np.pi * np.arange(12) / 12)
    clear = 100 * np.tile(factor, 4) * rng.normal(1, 0.03, 48)
    (found,) = seasons([clear], length=12)
    np.testing.assert_allclose(found.indices, factor, atol=0.05)
    assert found.multiplies
    noise = [rng.normal(100, 20, 48) for _ in range(100)]
    assert sum(own is not None for own in seasons(noise, length=12)) < 15
    assert seasons([clear[:25]], length=12) == [None]  # not two rounds and two more
    assert seasons([np.full(48, 7.0)], length=12) == [None]


def test_a_weak_season_is_drawn_to_none():
    rng = np.random.default_rng(1)
    factor = 1 + 0.05 * np.sin(2 * np.pi * np.arange(12) / 12)
    weak = [100 * np.tile(factor, 3) * rng.lognormal(0, 0.15, 36) for _ in range(60)]
    found = seasons(weak, length=12, clear=-np.inf)  # all of them, seen or not
    error = np.mean([np.abs(own.indices - factor).mean() for own in found])
    raw = np.mean(
        [np.abs(np.exp(np.log(y).reshape(3, 12).mean(0)) / 100 - factor).mean() for y in weak]
    )
    assert error < 0.8 * raw


# Few bookings


def test_rare_bookings_have_the_moments_of_a_compound_poisson_process():
    seen = rare_bookings(bookings=9, amount=900.0, squares=120_000.0, exposure=12)
    drawn = seen.draws(np.ones(2), 400_000, np.random.default_rng(0))
    assert drawn.mean(axis=1) == pytest.approx([seen.mean] * 2, rel=0.02)
    assert drawn.var(axis=1) == pytest.approx([seen.variance] * 2, rel=0.05)
    # The rate is not known and the same in both periods.
    shared = 100.0**2 * 9 / 12**2
    assert np.cov(drawn)[0, 1] == pytest.approx(shared, rel=0.1)


def test_fewer_than_six_points_are_forecast_by_their_mean_never_without_a_width():
    for amounts in ([100.0], [100.0, 100.0, 100.0], [0.0, 500.0, 0.0, 0.0, 300.0]):
        found = series(monthly(amounts), horizon=3, draws=40_000)
        table = found.summary()
        assert found.streams["method"].tolist() == ["compound_poisson"]
        np.testing.assert_allclose(table["mean"], np.mean(amounts), rtol=0.05)
        assert (table["q90"] > table["q10"]).all()
        assert (table["q05"] >= 0).all()


def test_money_that_goes_both_ways_is_forecast_around_what_is_left():
    table = series(monthly([10.0, -10.0, 0.0]), horizon=2, draws=40_000).summary()
    np.testing.assert_allclose(table["mean"], 0, atol=0.3)
    np.testing.assert_allclose(table["q95"], -table["q05"], rtol=0.05)
    refunds = series(monthly([-10.0, -20.0, -15.0]), horizon=1, draws=40_000).summary()
    np.testing.assert_allclose(refunds["mean"], -15, rtol=0.05)
    assert refunds["q95"].iloc[0] <= 0


def test_a_stream_that_never_brought_anything_is_told_so():
    nothing = monthly([0.0, 0.0], bookings=2, squares=0.0)
    booked = pd.concat([nothing, monthly([5.0, 9.0]).assign(stream="inbound")])
    found = series(booked, horizon=1)
    assert found.summary("stream")["mean"].iloc[0] == 0
    methods = found.streams.set_index("stream")["method"]
    assert methods.to_dict() == {"channel": "nothing_seen", "inbound": "compound_poisson"}


def test_intervals_of_short_simulated_series_cover_what_they_promise():
    rng = np.random.default_rng(11)
    inside = []
    for _ in range(300):
        number = rng.poisson(8, 14)
        amounts = np.array([rng.lognormal(3, 0.6, n).sum() for n in number])
        found = ensemble.forecast_many([amounts[:10]], horizon=4)
        low, high = found.quantiles([0.1, 0.9])[0].T
        inside.append((amounts[10:] >= low) & (amounts[10:] <= high))
    assert 0.74 < np.mean(inside) < 0.9


# Calendars


def test_groups_add_up_to_their_stream_in_every_draw():
    rng = np.random.default_rng(2)
    frames = [
        monthly(rng.gamma(5, 100 * size, 24), region=region, bookings=5.0)
        for region, size in (("East", 1.0), ("West", 3.0), (None, 0.2))
    ]
    booked = pd.concat(frames, ignore_index=True)
    found = series(booked, horizon=4, draws=500)
    whole = series(booked.drop(columns="region"), horizon=4, draws=500)
    rolled = found.draws.total("period").values
    np.testing.assert_allclose(rolled, whole.draws.total("period").values, rtol=1e-9)
    share = found.summary("region")["mean"].to_numpy()
    assert len(share) == 3
    np.testing.assert_allclose(share[:2] / share.sum(), [1 / 4.2, 3 / 4.2], atol=0.08)


def test_of_a_period_that_has_begun_only_the_rest_is_forecast():
    booked = monthly([100.0, 110, 90, 105, 95, 100, 104, 98, 101, 99, 40])
    half = series(booked, horizon=2, as_of="2023-11-15", draws=20_000)
    assert half.draws.cells["part"].tolist() == ["to_come", "to_come", "closed"]
    assert half.draws.cells["period"].tolist() == ["2023-11", "2023-12", "2023-11"]
    rest, next_month, closed = half.draws.values.mean(axis=1)
    assert closed == 40
    assert rest == pytest.approx(50, abs=4)
    assert next_month == pytest.approx(100, abs=8)
    assert len(half.history) == 10
    over = series(booked, horizon=2, as_of="2023-11-30")
    assert over.draws.cells["period"].tolist() == ["2023-12", "2024-01"]
    assert len(over.history) == 11


def test_months_without_a_row_count_as_nothing():
    sparse = monthly([50.0] * 12).drop(index=[3, 7])
    full = monthly([50.0, 50, 50, 0, 50, 50, 50, 0, 50, 50, 50, 50])
    one, other = (series(table, horizon=3, draws=200) for table in (sparse, full))
    np.testing.assert_array_equal(one.draws.values, other.draws.values)


@pytest.mark.parametrize(("first", "freq"), [("2024-W50", "week"), ("2023-Q1", "quarter")])
def test_weeks_and_quarters_go_on_over_the_end_of_the_year(first, freq):

    names = PLAIN.following(PLAIN.bounds_of(first)[0], unit=freq, count=9)
    booked = pd.DataFrame({"period": names[:7], "amount": [5.0, 6, 5, 7, 6, 5, 6]})
    found = series(booked, horizon=2)
    assert found.draws.cells["period"].tolist() == names[7:]
    of_pandas = booked.assign(
        period=pd.PeriodIndex(
            [PLAIN.bounds_of(name)[0] for name in names[:7]], freq=freq[0].upper()
        )
    )
    np.testing.assert_array_equal(series(of_pandas, horizon=2).draws.values, found.draws.values)


def test_the_order_of_rows_and_other_streams_change_nothing():
    rng = np.random.default_rng(4)
    one = monthly(rng.gamma(5, 10, 12))
    two = monthly(rng.gamma(5, 10, 12)).assign(stream="inbound")
    alone = series(one, horizon=2, draws=100)
    both = series(pd.concat([two, one]).sample(frac=1, random_state=0), horizon=2, draws=100)
    np.testing.assert_array_equal(both.draws.where(stream="channel").values, alone.draws.values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns="amount"), "`amount`"),
        (lambda t: t.assign(amount=np.nan), "without a period or an amount"),
        (lambda t: t.assign(amount="much"), "'amount': 'much'"),
        (lambda t: t.assign(period=["2023-01", *["2023-Q2"] * 6]), "several units"),
        (lambda t: t.assign(period="May"), "not the name of a period"),
        (lambda t: t.iloc[:0], "empty"),
    ],
)
def test_bookings_that_cannot_be_used_are_refused(change, said):
    with pytest.raises(SalesAnalysisError, match=said):
        series(change(monthly([1.0] * 7)), horizon=1)


@pytest.mark.parametrize(
    ("many", "said"),
    [
        ([], "`series` is empty"),
        ([np.ones(5)], "6 values or more"),
        ([[1.0] * 6 + [np.nan]], "none"),
    ],
)
def test_series_that_cannot_be_forecast_are_refused(many, said):
    with pytest.raises(SalesAnalysisError, match=said):
        ensemble.forecast_many(many, horizon=1)


def test_bookings_after_as_of_are_refused():
    with pytest.raises(SalesAnalysisError, match="begins after `as_of`"):
        series(monthly([1.0] * 7), horizon=1, as_of="2023-03-31")


# Renewals


def contracts(rows):
    table = pd.DataFrame(rows, columns=["contract_id", "ends_at", "renewed_at", "amount"])
    return table.assign(
        ends_at=pd.to_datetime(table["ends_at"]), renewed_at=pd.to_datetime(table["renewed_at"])
    )


def test_renewals_of_contracts_have_the_probability_of_those_before():
    past = [(f"p{i}", "2025-01-31", "2025-01-31" if i < 60 else None, 10.0) for i in range(80)]
    ahead = [("a", "2025-11-20", None, 100.0), ("b", "2025-12-31", None, 50.0)]
    found = renewals(
        contracts(past + ahead),
        as_of="2025-11-15",
        periods_ahead=["2025-11", "2025-12"],
        prior_weight=1e-6,
        draws=40_000,
    )
    assert found.renewed[["n", "k"]].iloc[0].tolist() == [80, 60]
    table = found.contracts.set_index(["contract_id", "period"])["probability"].round(3)
    assert table.to_dict() == {
        ("a", "2025-11"): 0.75,
        ("a", "2025-12"): 0.0,
        ("b", "2025-11"): 0.0,
        ("b", "2025-12"): 0.75,
    }
    np.testing.assert_allclose(found.draws.values.mean(axis=1), [75, 37.5], rtol=0.02)
    exact = np.quantile(found.draws.values[0], [0.1, 0.5])
    assert exact.tolist() == [0.0, 100.0]


def test_a_contract_past_its_end_is_the_less_likely_renewed_the_later_it_gets():
    past = [(f"p{i}", "2025-01-31", f"2025-02-{i + 1:02}", 10.0) for i in range(20)]
    past += [(f"q{i}", "2025-01-31", None, 10.0) for i in range(5)]
    ends = ["2025-11-14", "2025-11-05", "2025-10-20"]
    late = [(f"late{i}", day, None, 10.0) for i, day in enumerate(ends)]
    found = renewals(
        contracts(past + late), as_of="2025-11-15", periods_ahead=["2025-11", "2025-12"]
    )
    assert found.renewed[["n", "k", "waiting"]].iloc[0].tolist() == [25, 20, 3]
    chance = found.contracts.groupby("contract_id")["probability"].sum()
    assert chance["late0"] > chance["late1"] > chance["late2"] >= 0


def test_renewals_after_as_of_and_early_ones_do_not_leak_into_the_rate():
    past = [(f"p{i}", "2025-01-31", "2025-01-31" if i < 5 else None, 10.0) for i in range(10)]
    early = [(f"e{i}", "2025-12-31", "2025-11-01", 10.0) for i in range(50)]
    later = [("x", "2025-11-10", "2025-11-20", 10.0)]
    asked = {"as_of": "2025-11-15", "periods_ahead": ["2025-11"], "draws": 500}
    one = renewals(contracts(past + early + later), **asked)
    other = renewals(contracts(past + early + [("x", "2025-11-10", None, 10.0)]), **asked)
    assert one.renewed[["n", "k"]].iloc[0].tolist() == [10, 5]
    np.testing.assert_array_equal(one.draws.values, other.draws.values)


def test_contracts_may_end_in_a_zone_or_as_text():
    asked = {"as_of": "2025-11-15", "periods_ahead": "2025-11", "draws": 50}
    rows = [("p", "2025-01-31", "2025-01-30", 10.0), ("a", "2025-11-20", None, 100.0)]
    plain = contracts(rows)
    zoned = plain.assign(
        ends_at=plain["ends_at"].dt.tz_localize("UTC"),
        renewed_at=plain["renewed_at"].dt.tz_localize("UTC"),
    )
    expected = renewals(plain, **asked).draws.values
    for table in (zoned, plain.assign(ends_at=plain["ends_at"].astype(str))):
        np.testing.assert_array_equal(renewals(table, **asked).draws.values, expected)


def test_without_any_past_the_prior_speaks_and_without_contracts_there_is_nothing():
    asked = {"as_of": "2025-11-15", "periods_ahead": ["2025-11"], "draws": 20_000}
    found = renewals(contracts([("a", "2025-11-20", None, 100.0)]), **asked)
    assert np.isnan(found.renewed["rate"].iloc[0])
    assert found.draws.values.mean() == pytest.approx(80, rel=0.05)
    none = renewals(contracts([("a", "2025-01-20", None, 100.0)]), **asked)
    assert none.draws.values.sum() == 0
    with pytest.raises(SalesAnalysisError, match="without `ends_at` or `amount`"):
        renewals(contracts([("a", None, None, 100.0)]), **asked)
    with pytest.raises(SalesAnalysisError, match="lists a more than once"):
        renewals(contracts([("a", "2025-11-20", None, 100.0)] * 2), **asked)


# Potential


def test_potential_of_log_normal_factors_is_log_normal():
    area = potential(buyers=(50, 200), use=(1, 4), price=10.0, share=1.0, draws=400_000)
    z = 1.2815515655446004
    sigma = np.hypot(np.log(4) / 2 / z, np.log(4) / 2 / z)
    expected = 100 * 2 * 10 * np.exp(sigma * np.array([-z, 0, z]))
    np.testing.assert_allclose(np.quantile(area.values, [0.1, 0.5, 0.9]), expected, rtol=0.02)
    assert area.factors["variance_share"].round(2).tolist() == [0.5, 0.5, 0.0, 0.0]
    known = potential(buyers=100, use=2, price=3, share=0.25)
    assert known.summary()["value"].round(9).unique().tolist() == [150.0]
    assert (known.factors["variance_share"] == 0).all()


def test_the_range_of_the_reachable_share_holds_what_it_is_meant_to():
    area = potential(buyers=1, use=1, price=1, share=(0.05, 0.4), level=0.9, draws=200_000)
    assert np.quantile(area.values, [0.05, 0.95]) == pytest.approx([0.05, 0.4], rel=0.02)


@pytest.mark.parametrize(
    "wrong", [{"buyers": 0}, {"share": 1.2}, {"price": (5, 2)}, {"use": (1, 2, 3)}]
)
def test_factors_that_cannot_be_are_refused(wrong):
    given = {"buyers": 10, "use": 1, "price": 5, "share": 0.5} | wrong
    with pytest.raises(SalesAnalysisError, match=f"`{next(iter(wrong))}`"):
        potential(**given)

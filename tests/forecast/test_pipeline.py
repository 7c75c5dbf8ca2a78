"""The pipeline forecast: against enumeration, naive loops, planted truths; and what it may see."""

import itertools

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, datasets, forecast, reduce, stats
from salesanalysis.forecast.age_hazards import fit_age_hazards
from salesanalysis.forecast.amount_bands import AmountBands, fit_amount_bands
from salesanalysis.forecast.arrivals import recent_arrivals
from salesanalysis.forecast.chances import daily_hazards, new_deal_chances, win_chances
from salesanalysis.forecast.deal_arrays import NEVER, deal_arrays, read_history
from salesanalysis.forecast.horizons import horizon
from salesanalysis.forecast.landmark import AGE_EDGES, landmark_table
from salesanalysis.forecast.own_draws import deal_draws
from salesanalysis.forecast.recent_level import RecentLevel, recent_level
from salesanalysis.forecast.recorded_since import recording_start
from salesanalysis.forecast.risk_tables import LARGE_PARTS, LOST, PART_DAYS, WON, risk_table
from salesanalysis.forecast.simulation import OpenBook, draw_new_deals, draw_open_deals
from salesanalysis.known import KnownPipeline

DAY = pd.Timestamp("2024-01-01")


def day(number: float) -> pd.Timestamp:
    return DAY + pd.Timedelta(days=number)


def made_up(
    deals=600, days=400, win=0.3, cycle=40.0, seed=0, amount=100.0, zombies=0.0
) -> pd.DataFrame:
    """A pipeline in a steady state, with all that ever became of it."""
    rng = np.random.default_rng(seed)
    created = np.sort(rng.integers(0, days, deals))
    lasts = 1 + rng.exponential(cycle, deals).astype(int)
    never = rng.random(deals) < zombies
    won = rng.random(deals) < win
    closed = pd.Series([day(c) for c in created + lasts]).where(~never)
    return pd.DataFrame(
        {
            "opportunity_id": [f"D{n:05d}" for n in range(deals)],
            "outcome": np.where(never, "open", np.where(won, "won", "lost")),
            "created_at": [day(c) for c in created],
            "closed_at": closed,
            "amount": amount * rng.lognormal(0, 0.5, deals),
            "region": rng.choice(["East", "West"], deals),
        }
    )


def few_open(*amounts: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "opportunity_id": [f"d{n}" for n in range(len(amounts))],
            "outcome": "open",
            "created_at": [day(n) for n in range(len(amounts))],
            "closed_at": pd.NaT,
            "amount": amounts,
        }
    )


def piped(table: pd.DataFrame, *, as_of, **settings):
    """The forecast of deals of which more is known than that day."""
    known = KnownPipeline(as_of=as_of, deals=table, latest="2030-12-31")
    return forecast.pipeline(known, **settings)


def known(table: pd.DataFrame, as_of):
    return deal_arrays(read_history(table), as_of)


# Exact distributions


def test_the_revenue_of_a_few_deals_has_its_exact_distribution():
    amounts, chances = [100.0, 250.0, 700.0], [0.2, 0.5, 0.7]
    said = [
        {"opportunity_id": f"d{n}", "probability": p, "reason": "known"}
        for n, p in enumerate(chances)
    ]
    found = piped(
        few_open(*amounts), as_of=day(30), periods=[day(31), day(61)], overrides=said, draws=40_000
    )
    values = found.draws.where(part="open_deals").total().values[0]
    exact = {}
    for wins in itertools.product([0, 1], repeat=3):
        p = np.prod([q if w else 1 - q for q, w in zip(chances, wins, strict=True)])
        total = float(np.dot(wins, amounts))
        exact[total] = exact.get(total, 0) + p
    assert set(values) == set(exact)
    for total, p in exact.items():
        share = (values == total).mean()
        assert abs(share - p) < 4 * np.sqrt(p * (1 - p) / len(values)), total


def test_a_deal_is_won_in_one_period_at_most():
    said = [{"opportunity_id": "d0", "probability": 0.9, "reason": "signed soon"}]
    found = piped(
        few_open(100.0), as_of="2024-01-31", periods="3 months", overrides=said, draws=5000
    )
    values = found.draws.where(part="open_deals").values
    assert len(values) == 3
    assert set(values.sum(axis=0)) == {0.0, 100.0}
    assert abs((values.sum(axis=0) > 0).mean() - 0.9) < 0.02
    single = found.won_in[0]
    assert np.array_equal(values[1] > 0, single == 1)


def small_book(rng, deals=3000, groups=7, trust=np.inf, **kwargs) -> OpenBook:
    amount = rng.lognormal(3, 1, deals)
    facts = {
        "amount": amount,
        "amount_sq": amount**2,
        "imputed": np.zeros(deals, dtype=bool),
        "pool": amount[:5],
        "cell": rng.integers(0, 3, deals),
        "group": rng.integers(0, groups, deals),
        "chances": rng.dirichlet([1.0, 1.0, 3.0], groups)[:, :2],
        "trust": np.full(groups, trust),
        "steady": np.zeros(groups, dtype=bool),
        "whole": np.zeros(deals, dtype=bool),
    }
    return OpenBook(**(facts | kwargs))


@pytest.mark.parametrize("singles", [0, 200, 3000])
def test_draws_have_the_mean_and_variance_of_the_sum(singles):
    rng = np.random.default_rng(1)
    book = small_book(rng)
    draws = 4000
    values = draw_open_deals(book, 3, np.ones(draws), rng, singles=singles).values
    chance = book.chances[book.group]
    for cell, period in itertools.product(range(3), range(2)):
        mine = book.cell == cell
        p, a = chance[mine, period], book.amount[mine]
        mean, variance = (p * a).sum(), (a**2 * p * (1 - p)).sum()
        got = values[cell, period]
        assert abs(got.mean() - mean) < 4 * np.sqrt(variance / draws)
        assert abs(got.var() / variance - 1) < 0.15


def test_the_common_factor_moves_singles_and_rest_together():
    rng = np.random.default_rng(2)
    book = small_book(rng)
    factor = np.repeat([0.7, 1.0, 1.3], 1000)
    for singles in (0, 3000):
        values = draw_open_deals(book, 3, factor, rng, singles=singles).values.sum(axis=(0, 1))
        low, middle, high = (values[factor == f].mean() for f in (0.7, 1.0, 1.3))
        assert low / middle == pytest.approx(0.7, abs=0.01)
        assert high / middle == pytest.approx(1.3, abs=0.04)


def test_chances_from_few_past_deals_are_less_sure_but_right_on_average():
    spread, draws = [], 20_000
    for trust in (np.inf, 200.0, 5.0):
        rng = np.random.default_rng(3)
        book = small_book(rng, deals=400, trust=trust)
        values = draw_open_deals(book, 3, np.ones(draws), rng).values.sum(axis=(0, 1))
        spread.append(values.std())
        expected = book.amount @ book.chances.sum(axis=1)[book.group]
        assert abs(values.mean() - expected) < 4 * values.std() / np.sqrt(draws)
    assert spread[0] < spread[1] < spread[2]


def test_new_deals_are_a_compound_poisson_sum():
    rng = np.random.default_rng(4)
    amount, share = np.array([10.0, 30.0, 50.0]), np.array([[0.6], [0.3], [0.9]])
    for per_day in (2.0, 2000.0):  # drawn one by one, and summed up
        got = draw_new_deals(
            share, amount, np.zeros(3, dtype=int), 1, np.full(20_000, per_day),
            np.ones(20_000), rng,
        )[0, 0]  # fmt: skip
        weight = per_day * share[:, 0] / 3
        assert got.mean() == pytest.approx(weight @ amount, rel=0.02)
        assert got.var() == pytest.approx(weight @ amount**2, rel=0.05)


def test_the_mean_of_the_draws_is_the_expectation_of_the_deals():
    table = made_up()
    found = piped(table, as_of=day(380), periods=[day(381), day(441)], by="region")
    drawn = found.draws.where(part="open_deals").summary("region")["mean"]
    told = found.deals.groupby("region")["expected_amount"].sum()
    assert drawn.to_numpy() == pytest.approx(told.to_numpy(), rel=0.02)


# Against naive loops


def test_the_risk_table_counts_as_a_loop_over_single_days_does():
    table = made_up(deals=40, days=60, cycle=15, zombies=0.1)
    deals = known(table, day(50))
    start = deals.as_of - 35
    got = risk_table(deals, start)
    assert (got.end - got.start).max() <= 7
    exposure, closings = np.zeros_like(got.exposure), np.zeros_like(got.closings)
    for created, closed, won in zip(deals.created, deals.closed, deals.won, strict=True):
        for today in range(start, deals.as_of + 1):
            if created <= today <= closed:
                stretch = np.flatnonzero((got.start <= today) & (today <= got.end))[0]
                exposure[stretch, today - created] += 1
                if today == closed:
                    closings[WON if won else LOST, stretch, today - created] += 1
    assert np.array_equal(got.exposure, exposure)
    assert np.array_equal(got.closings, closings)
    first = pd.to_datetime(pd.Series(got.start), unit="D", origin="unix")
    month = (first.dt.month - 1) % 3
    weeks = np.where(month < 2, first.dt.day > 24, np.digitize(first.dt.day, [17, 25]))
    assert got.quarter_part.tolist() == (2 * month + weeks).tolist()
    early = got.until(5)
    assert early.end[-1] == got.start[5] - 1
    assert np.array_equal(early.closings, got.closings[:, :5])


class Flat:
    """Hazards by age that are the same at every age, in every month."""

    def multiplier(self, days, ages):
        return np.ones((2, *np.broadcast_shapes(np.shape(days), np.shape(ages))))

    def at(self, ages):
        return np.full((2, *np.shape(ages)), 0.01)


def with_stages(table: pd.DataFrame, seed=0):
    """A deal list with a history: every deal enters one to three stages on its way."""
    rng = np.random.default_rng(seed)
    rows = []
    for deal, created in zip(table["opportunity_id"], table["created_at"], strict=True):
        at = created
        for stage in ["lead", "offer", "terms"][: rng.integers(1, 4)]:
            rows.append((deal, stage, at))
            at += pd.Timedelta(days=int(rng.integers(1, 15)))
    entries = pd.DataFrame(rows, columns=["opportunity_id", "stage", "entered_at"])

    class Frames:
        deals = table
        stage_entries = entries

    return Frames()


def test_landmarks_follow_past_deals_as_a_loop_does():
    frames = with_stages(made_up(deals=60, days=70, cycle=20))
    deals = known(frames, day(60))
    start, ahead = deals.as_of - 40, 10
    got = landmark_table(deals, Flat(), start, ahead, landmarks=1000)
    exposure = np.zeros(got.exposure.shape[1:])
    closings = np.zeros(got.closings.shape)
    for today in range(start, deals.as_of):
        for n, (created, closed) in enumerate(zip(deals.created, deals.closed, strict=True)):
            if not created <= today < closed:
                continue
            mine = (deals.stage_deal == n) & (deals.stage_day <= today)
            stage = deals.stage_code[mine][-1] if mine.any() else 0
            age_group = max(k for k, edge in enumerate(AGE_EDGES) if edge <= today - created)
            group = stage * len(AGE_EDGES) + age_group
            for after in range(ahead + 1):
                if today + after > min(closed, deals.as_of):
                    break
                exposure[group, after] += 1
                if today + after == closed:
                    closings[WON if deals.won[n] else LOST, group, after] += 1
    # Day 0 is the landmark itself, on which nothing can happen.
    assert np.array_equal(got.exposure[WON][:, 1:], exposure[:, 1:])
    assert np.array_equal(got.closings[:, :, 1:], closings[:, :, 1:])


def test_chances_are_aalen_johansen_of_the_deals_followed():
    deals = known(made_up(deals=500, days=300, cycle=25), day(290))
    ahead = 40
    got = landmark_table(deals, Flat(), deals.as_of - 200, ahead, landmarks=1000)
    chances = win_chances(
        got, deals, Flat(), RecentLevel(1.0, 1.0, 0.1, 0), AmountBands(np.empty(0), np.ones(1)),
        np.array([1, 15, ahead + 1]), pull_events=1e-9,
    )[0]  # fmt: skip
    group = int(got.exposure[WON][:, 1].argmax())
    days, causes = [], []
    for today in range(deals.as_of - 200, deals.as_of):
        age = today - deals.created
        here = (age >= 0) & (deals.closed > today)
        here &= np.searchsorted(AGE_EDGES, age, side="right") - 1 == group
        days += (np.minimum(deals.closed, deals.as_of)[here] - today).tolist()
        causes += np.where(deals.closed > deals.as_of, 0, np.where(deals.won, 1, 2))[here].tolist()
    # Those who are watched for 0 days are not at risk on any later day.
    followed = pd.DataFrame({"days": days, "cause": causes}).query("days > 0")
    curve = stats.aalen_johansen(followed["days"], followed["cause"])
    curve = curve[curve["cause"] == 1]
    for until, chance in ((14, chances[group, 0]), (ahead, chances[group].sum())):
        exact = curve.loc[curve["days"] <= until, "incidence"].iloc[-1]
        assert chance == pytest.approx(exact, abs=1e-9)


def test_a_group_without_past_deals_borrows_from_the_hazards_by_age():
    table = made_up(deals=500, days=300, cycle=25)
    deals = known(table, day(290))
    risk = risk_table(deals, deals.as_of - 250)
    hazards = fit_age_hazards(risk)
    got = landmark_table(deals, hazards, deals.as_of - 250, 28)
    none = np.zeros_like(got.exposure)
    alone = type(got)(
        got.stages, none, none, none, np.zeros_like(got.followed), got.age, got.group_now, 1.0
    )
    level, bands = RecentLevel(1.0, 1.0, 0.1, 0), AmountBands(np.empty(0), np.ones(1))
    chances = win_chances(alone, deals, hazards, level, bands, np.array([1, 29]))[0, :, 0]
    still = 1.0
    expected = 0.0
    for after in range(1, 29):
        age = np.array([got.age[3] + after])
        won, lost = (
            hazards.at(age) * hazards.multiplier(np.array([deals.as_of + after]), age)
        )[:, 0]  # fmt: skip
        expected += still * won
        still *= 1 - won - lost
    assert chances[3] == pytest.approx(expected, rel=1e-9)


def test_new_deals_are_won_as_hazards_by_age_say():
    deals = known(made_up(deals=500, days=300, cycle=25), day(290))
    hazards = fit_age_hazards(risk_table(deals, deals.as_of - 250))
    level, bands = RecentLevel(1.2, 0.9, 0.1, 0), AmountBands(np.array([1.0]), np.array([1.0, 0.5]))
    bounds = np.array([1, 11, 31])
    got = new_deal_chances(deals, hazards, level, bands, bounds)
    expected = np.zeros((2, 2))
    for band, factor in enumerate(bands.win_factor):
        for created in range(1, 31):
            still = 1.0
            for today in range(created, 31):
                age = np.array([today - created])
                each = hazards.at(age) * hazards.multiplier(np.array([deals.as_of + today]), age)
                won, lost = each[WON, 0] * level.won * factor, each[LOST, 0] * level.lost
                expected[band, 0 if today < 11 else 1] += still * won
                still *= 1 - won - lost
    assert got == pytest.approx(expected, rel=1e-9)


# What is learned


def test_hazards_by_age_are_those_that_were_planted():
    deals = known(made_up(deals=20_000, days=700, win=0.3, cycle=40), day(690))
    hazards = fit_age_hazards(risk_table(deals, deals.as_of - 600))
    # Exponential with mean 40, in whole days from 1 on: 1 − exp(−1/40) a day.
    daily = 1 - np.exp(-1 / 40)
    assert hazards.daily[:, 5:120].mean(axis=1) == pytest.approx(
        [0.3 * daily, 0.7 * daily], rel=0.06
    )
    assert np.abs(hazards.by_part - 1).max() < 0.15


def large_parts(hazards) -> np.ndarray:
    """By how much wins are more in the months of a quarter and its last two weeks."""
    pace = hazards.by_part[WON].mean(axis=1)
    return np.bincount(LARGE_PARTS, pace * PART_DAYS) / np.bincount(LARGE_PARTS, PART_DAYS)


def test_a_quarterly_rhythm_is_found_and_chance_is_not():
    table = made_up(deals=8000, days=720, cycle=30, seed=3)
    month = table["closed_at"].dt.month % 3  # 0: the last month of a quarter
    late = table["closed_at"] + pd.offsets.MonthBegin(0)
    table["closed_at"] = table["closed_at"].where(month != 1, late + pd.offsets.MonthBegin(1))
    deals = known(table, day(715))
    hazards = fit_age_hazards(risk_table(deals, deals.as_of - 600))
    first, _, last, _ = large_parts(hazards)
    assert first < 0.5 < 1.2 < last or large_parts(hazards).argmin() == 0
    steady = known(made_up(deals=8000, days=720, cycle=30, seed=3), day(715))
    flat = fit_age_hazards(risk_table(steady, steady.as_of - 600))
    assert np.abs(flat.by_part - 1).max() < 0.1


def test_a_rush_in_the_last_two_weeks_of_a_quarter_is_told_from_its_third_month():
    table = made_up(deals=8000, days=720, cycle=30, seed=3)
    end = table["closed_at"] + pd.offsets.QuarterEnd(0)
    near = (end - table["closed_at"]).dt.days.between(10, 45)
    table["closed_at"] = table["closed_at"].mask(near, end - pd.Timedelta(days=5))
    deals = known(table, day(715))
    hazards = fit_age_hazards(risk_table(deals, deals.as_of - 600))
    _, _, third, end_of_quarter = large_parts(hazards)
    assert third < 0.6 < 1.5 < end_of_quarter


def test_past_the_oldest_closing_the_hazard_sinks_only_where_closings_would_have_been_seen():
    table = made_up(deals=2000, days=200, cycle=100)
    deals = known(table, day(90))
    young = fit_age_hazards(risk_table(deals, deals.created.min()))
    oldest = (deals.closed - deals.created)[deals.closed <= deals.as_of].max()
    assert young.seen_to == oldest
    assert young.at([oldest + 30])[WON] == pytest.approx(young.at([oldest])[WON], rel=0.2)
    # Four in ten never close: a year later it is known that nothing happens at great ages.
    table = made_up(deals=2000, days=400, cycle=10, zombies=0.4)
    deals = known(table, day(390))
    old = fit_age_hazards(risk_table(deals, deals.created.min()))
    oldest = (deals.closed - deals.created)[deals.closed <= deals.as_of].max()
    assert old.seen_to == np.inf
    assert old.at([oldest + 30])[WON] < 0.1 * old.at([oldest // 2])[WON]


def test_a_history_shorter_than_the_cycle_is_said_and_widens_the_range():
    table = made_up(deals=1200, days=400, cycle=150)
    young, old = (
        forecast.pipeline(
            KnownPipeline(as_of=day(number), deals=table, latest=day(4000)),
            periods="3 months",
            draws=200,
        )
        for number in (80, 390)
    )
    unseen = [
        made.assumptions.set_index("name")["value"][["unseen_wins", "level_spread", "zombies"]]
        for made in (young, old)
    ]
    assert unseen[0]["unseen_wins"] > 0.1 > 0.05 > unseen[1]["unseen_wins"]
    assert unseen[0]["level_spread"] > unseen[1]["level_spread"] + 0.1
    assert unseen[0]["zombies"] == 0


def test_the_chances_of_a_stage_add_up_to_its_closings():
    """Winning is rare but in the last stage, and there but for some ages."""
    rng = np.random.default_rng(4)
    table = made_up(deals=3000, days=400, cycle=40, seed=4)
    cycle = (table["closed_at"] - table["created_at"]).dt.days
    rows = []
    for deal, created, days, outcome in zip(
        table["opportunity_id"], table["created_at"], cycle, table["outcome"], strict=True
    ):
        for part in range(3 if outcome == "won" else rng.integers(1, 4)):
            rows.append((deal, "abc"[part], created + pd.Timedelta(days=int(days) * part // 3)))

    class Frames:
        deals = table
        stage_entries = pd.DataFrame(rows, columns=["opportunity_id", "stage", "entered_at"])

    deals = known(Frames(), day(390))
    start = deals.created.min()
    hazards = fit_age_hazards(risk_table(deals, start))
    got = landmark_table(deals, hazards, start, 7)
    ahead = daily_hazards(got, deals, Flat(), RecentLevel(1.0, 1.0, 0.1, 0))
    won, due = (
        each.sum(axis=1).reshape(got.stages, -1).sum(axis=1)
        for each in (got.closings[WON], got.exposure[WON] * ahead[WON])
    )
    assert due[1:] == pytest.approx(won[1:], rel=0.05)


def test_the_spread_is_learned_from_hazards_that_had_not_seen_the_window():
    deals = known(made_up(deals=900, days=400, cycle=40), day(390))
    table = risk_table(deals, deals.created.min())
    got = recent_level(table, fit_age_hazards(table), 7)
    misses = []
    begins = np.arange(2, len(table.start))
    for some in np.array_split(begins, 10):
        then = fit_age_hazards(table.until(some[0]))
        due = then.expected(table)[WON].sum(axis=1)
        came = table.closings[WON].sum(axis=1)
        for begin in some:
            middle = (table.start + table.end)[:begin] / 2
            weight = 0.5 ** ((table.end[-1] - middle) / 21)
            weight /= weight[-1]
            level = (weight @ came[:begin] + 20) / (weight @ due[:begin] + 20)
            miss = np.log((came[begin] + 0.5) / (due[begin] * level + 0.5))
            chance = 1 / (due[begin] * level + 0.5)
            misses.append((begin**2, min(miss**2, 1) - chance))
    weight, beyond = np.array(misses).T
    n = weight.sum() ** 2 / (weight**2).sum()
    middle = (table.start + table.end) / 2
    wins = 0.5 ** ((table.end[-1] - middle) / 21) @ table.closings[WON].sum(axis=1)
    prior = 0.08**2 + 1 / (wins + 20)
    mean = max(weight @ beyond / weight.sum(), 0)
    assert got.spread == pytest.approx(np.sqrt((n * mean + 4 * prior) / (n + 4)))


@pytest.mark.parametrize("chance", [1e-8, 4e-6, 1e-4])
def test_chances_next_to_nothing_stay_so(chance):
    """Versions of such chances are numbers down to 1e-308, by which none can be divided."""
    many = 5000
    nothing, one = np.zeros(many, dtype=bool), np.ones(many)
    book = OpenBook(
        amount=one, amount_sq=one, imputed=nothing, pool=one[:1], cell=np.zeros(many, dtype=int),
        group=np.arange(many), chances=np.full((many, 1), chance), trust=12 * one, steady=nothing,
        whole=nothing,
    )  # fmt: skip
    drawn = draw_open_deals(book, 1, np.ones(2000), np.random.default_rng(0), singles=0)
    assert 0 <= drawn.values.mean() < 2 * many * chance


def test_a_list_that_began_late_is_noticed():
    table = made_up(deals=4000, days=400, cycle=60)
    early = table["closed_at"] < day(150)
    recorded = known(table[~early], day(390))
    assert abs(recording_start(recorded) - (recorded.as_of - 390 + 150)) <= 3
    whole = known(table, day(390))
    assert recording_start(whole) == whole.created.min()


def test_a_few_early_entries_do_not_hide_that_a_list_began_late():
    table = made_up(deals=4000, days=400, cycle=60)
    early = np.flatnonzero(table["closed_at"] < day(150))
    recorded = known(table.drop(index=early[3:]), day(390))
    assert abs(recording_start(recorded) - (recorded.as_of - 390 + 150)) <= 3


def at_ends(unit=pd.offsets.QuarterEnd, days: int = 10, seed: int = 0) -> pd.DataFrame:
    """A pipeline that closes deals on the last days of quarters or months, or not at all."""
    table = made_up(deals=1500, days=400, cycle=50, seed=seed)
    end = table["closed_at"].dt.normalize() + unit(0)
    early = pd.to_timedelta(np.random.default_rng(seed).integers(0, days, len(table)), "D")
    return table.assign(closed_at=(end - early).clip(lower=table["created_at"]))


@pytest.mark.parametrize("unit", [pd.offsets.QuarterEnd, pd.offsets.MonthEnd])
@pytest.mark.parametrize("days", [1, 3, 10])
def test_the_end_of_a_month_or_quarter_is_not_taken_for_the_begin_of_the_list(unit, days):
    table = at_ends(unit, days)
    for number in range(62, 400, 11):
        deals = known(table, day(number))
        closed = deals.closed[deals.closed <= deals.as_of]
        assert not len(closed) or recording_start(deals) <= closed.min()


def test_a_late_begin_of_a_list_of_month_ends_is_noticed():
    table = at_ends(pd.offsets.MonthEnd, 4)
    deals = known(table[table["closed_at"] >= day(200)], day(390))
    assert abs(recording_start(deals) - deals.closed.min()) <= 3


def test_a_rush_at_the_end_of_every_month_is_forecast_where_it_lies():
    """Eight in ten of October and November are won in their last week."""
    table = at_ends(pd.offsets.MonthEnd, 4, seed=2)
    bounds = pd.to_datetime(["2024-10-01", "2024-10-25", "2024-11-01", "2024-11-25", "2024-12-01"])
    found = piped(table, as_of="2024-09-30", periods=list(bounds))
    mean = found.summary()["mean"].to_numpy()
    assert mean[[1, 3]].sum() > 0.75 * mean.sum()


def test_parts_of_the_quarter_are_the_less_unsure_the_more_of_them_were_seen():
    ahead = np.arange(1, 29)
    unsure = []
    for number in (170, 353):  # 12 days before the second end of a quarter, and before the fourth
        deals = known(at_ends(), day(number))
        hazards = fit_age_hazards(risk_table(deals, deals.created.min()))
        *months, end = large_parts(hazards)
        assert max(months) < 0.5 < 3 < end
        unsure.append(hazards.calendar_variance(deals.as_of + ahead))
    assert unsure[0] > 1.5 * unsure[1] > 0
    steady = known(made_up(deals=2000, days=400, cycle=30, seed=3), day(390))
    flat = fit_age_hazards(risk_table(steady, steady.created.min()))
    assert flat.calendar_variance(steady.as_of + ahead) < 1e-3


def test_a_hazard_that_rises_with_age_goes_on_rising_past_the_oldest_closing():
    """Gamma of shape 2: the hazard at age a is a / θ² ÷ (1 + a / θ)."""
    rng = np.random.default_rng(1)
    table = made_up(deals=4000, days=400, seed=1)
    lasts = pd.to_timedelta(np.ceil(rng.gamma(2.0, 100.0, len(table))), "D")
    table["closed_at"] = table["created_at"] + lasts
    deals = known(table, day(100))
    hazards = fit_age_hazards(risk_table(deals, deals.created.min()))
    assert np.isfinite(hazards.seen_to)
    ages = np.array([100, 120, 150, 180])
    true = ages / 100**2 / (1 + ages / 100)
    assert hazards.at(ages).sum(axis=0) == pytest.approx(true, rel=0.3)
    assert hazards.at([180])[WON] > 1.2 * hazards.at([95])[WON]


def test_old_deals_that_never_close_have_no_chance():
    table = made_up(deals=3000, days=400, cycle=15, zombies=0.15)
    found = piped(table, as_of=day(390), periods=[day(391), day(421)], draws=200)
    old = found.deals[found.deals["age_days"] > 200]
    assert len(old) > 50
    assert old["probability"].max() < 0.02
    rests = found.assumptions.set_index("name")["value"]
    assert rests["zombies"] >= (old["age_days"] > rests["oldest_closing"]).sum() > 0


def test_the_level_follows_a_change_of_pace():
    table = made_up(deals=8000, days=500, cycle=30, win=0.3)
    lately = table["created_at"] > day(380)
    rng = np.random.default_rng(1)
    lost = lately & (table["outcome"] == "won") & (rng.random(len(table)) < 0.5)
    table.loc[lost, "outcome"] = "lost"
    deals = known(table, day(480))
    risk = risk_table(deals, deals.as_of - 450)
    level = recent_level(risk, fit_age_hazards(risk), 28)
    assert 0.4 < level.won < 0.75 < 0.95 < level.lost


def test_arrivals_never_stop_for_certain():
    deals = known(few_open(100.0), day(400))
    arrivals = recent_arrivals(deals, deals.as_of - 100, 28)
    assert 0 < arrivals.per_day < 0.02
    found = piped(few_open(100.0, 50.0), as_of=day(400), periods="1 month")
    assert found.draws.where(part="new_deals").values.std() > 0


def test_large_deals_that_are_won_more_rarely_count_less():
    table = made_up(deals=6000, days=500)
    large = table["amount"] > table["amount"].quantile(0.8)
    rng = np.random.default_rng(0)
    lost = large & (table["outcome"] == "won") & (rng.random(len(table)) < 0.6)
    table.loc[lost, "outcome"] = "lost"
    deals = known(table, day(490))
    hazards = fit_age_hazards(risk_table(deals, deals.as_of - 490))
    bands = fit_amount_bands(deals, hazards, deals.as_of - 490)
    factors = bands.win_factor
    assert factors[-1] < 0.65 < 0.9 < factors[:-1].min()
    even = known(made_up(deals=6000, days=500), day(490))
    factors = fit_amount_bands(even, hazards, even.as_of - 490).win_factor
    assert np.abs(factors - 1).max() < 0.15


# Against the truth


def test_a_steady_pipeline_is_foretold():
    errors, inside = [], []
    for seed in range(12):
        table = made_up(deals=1500, days=500, seed=seed)
        as_of, until = day(400), day(430)
        found = piped(table, as_of=as_of, periods=[day(401), day(431)], draws=1000)
        closed = table["closed_at"]
        won = (table["outcome"] == "won") & (closed > as_of) & (closed <= until)
        actual = table.loc[won, "amount"].sum()
        row = found.summary(quantiles=[0.1, 0.9]).iloc[0]
        errors.append((row["mean"] - actual) / actual)
        inside.append(row["q10"] <= actual <= row["q90"])
    assert abs(np.mean(errors)) < 0.12
    assert sum(inside) >= 7


# What it may see


def scrambled(opportunities, history, as_of):
    """The tables with everything dated after ``as_of`` made up anew."""
    rng = np.random.default_rng(5)
    opportunities, history = opportunities.copy(), history.copy()
    late = (opportunities["closed_at"] > as_of).to_numpy()
    days = pd.to_timedelta(rng.integers(1, 400, len(opportunities)), unit="D")
    opportunities.loc[late, "closed_at"] = (as_of.normalize() + days)[late]
    outcome = rng.choice(["won", "lost", "cancelled"], len(opportunities))
    opportunities.loc[late, "outcome"] = outcome[late]
    opportunities.loc[late, "amount"] = rng.lognormal(9, 2, late.sum())
    opportunities.loc[late, "stage"] = "elsewhere"
    new = (opportunities["created_at"] > as_of).to_numpy()
    opportunities = opportunities[~new | (rng.random(len(new)) < 0.5)]
    after = (history["entered_at"] > as_of).to_numpy()
    history.loc[after, "stage"] = rng.choice(["T", "A", "Z"], after.sum())
    history.loc[after, "amount"] = rng.lognormal(9, 2, after.sum())
    return opportunities, history[~after | (rng.random(len(after)) < 0.7)]


def test_nothing_after_the_day_has_any_influence():
    made = datasets.company(seed=11, deals=1500)
    opportunities = made.tables["opportunities"]
    history = made.tables["stage_history"]
    as_of = pd.Timestamp("2025-06-30 23:59:59")
    results = []
    for tables in ((opportunities, history), scrambled(opportunities, history, as_of)):
        frames = reduce.forecast.pipeline(*tables, as_of="2025-06-30", by=["region"])
        results.append(forecast.pipeline(frames, periods="2 quarters", by="region", draws=500))
    one, two = results
    pd.testing.assert_frame_equal(one.deals.drop(columns="owner_call"),
                                  two.deals.drop(columns="owner_call"))  # fmt: skip
    pd.testing.assert_frame_equal(one.draws.cells, two.draws.cells)
    pd.testing.assert_frame_equal(one.assumptions, two.assumptions)
    assert np.array_equal(one.draws.values, two.draws.values)


def test_deals_closed_later_are_open_now_whatever_the_list_says():
    table = made_up(deals=800)
    until = table.copy()
    later = until["closed_at"] > day(300) + pd.Timedelta(hours=24)
    until.loc[later, ["outcome", "closed_at"]] = ["open", pd.NaT]
    until = until[until["created_at"] <= day(300)]
    one = piped(table, as_of=day(300), draws=300)
    two = piped(until, as_of=day(300), draws=300)
    assert np.array_equal(one.draws.values, two.draws.values)
    assert (one.deals["opportunity_id"] == two.deals["opportunity_id"]).all()


def test_the_same_seed_gives_the_same_forecast_and_another_another():
    table = made_up(deals=300)
    one, two, other = (
        piped(table, as_of=day(350), draws=200, seed=seed).draws.values for seed in (1, 1, 2)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_the_input_stays_as_it_was_and_its_order_does_not_matter():
    table = made_up(deals=100)
    before = table.copy()
    asked = {"as_of": day(300), "by": "region", "draws": 50}
    one = piped(table, **asked)
    pd.testing.assert_frame_equal(table, before)
    other = piped(table.sample(frac=1, random_state=1), **asked)
    assert np.array_equal(one.draws.values, other.draws.values)


# Small and odd


def test_three_open_deals_and_nothing_closed_are_mostly_prior():
    found = piped(few_open(100.0, 200.0, 300.0), as_of=day(60), periods="3 months")
    assert set(found.deals["basis"]) == {"mostly_prior"}
    assert found.assumptions.set_index("name").loc["prior_weight", "value"] == 1.0
    chance = found.deals.groupby("opportunity_id")["probability"].sum()
    assert chance.between(0.1, 0.35).all()
    whole = found.summary(by=(), quantiles=[0.05, 0.95]).iloc[0]
    assert whole["q05"] < whole["mean"] < whole["q95"]


def test_one_deal_created_on_the_day_itself():
    found = piped(few_open(100.0), as_of=DAY, periods="1 month", draws=100)
    assert len(found.deals) == 1
    assert found.deals["age_days"].tolist() == [0.0]


def test_no_open_deal_leaves_the_new_ones():
    table = made_up(deals=300)
    table = table[table["closed_at"] < day(350)]
    found = piped(table, as_of=day(350), draws=100)
    assert found.deals.empty
    assert set(found.draws.cells["part"]) == {"new_deals", "closed"}
    assert found.draws.where(part="new_deals").values.sum() > 0


def test_amounts_that_nobody_entered_are_drawn_from_wins_and_flagged():
    table = made_up(deals=600)
    still = table["closed_at"] > day(350)
    lacking = table.index[still & (table["created_at"] <= day(350))][:5]
    table.loc[lacking, "amount"] = [np.nan, 0.0, np.nan, np.nan, 0.0]
    found = piped(table, as_of=day(350), draws=500)
    flagged = found.deals.loc[found.deals["amount_from"] == "imputed", "opportunity_id"]
    assert set(flagged) == set(table.loc[lacking, "opportunity_id"])
    won = table.loc[(table["outcome"] == "won") & (table["closed_at"] <= day(350)), "amount"]
    amounts = found.deals.loc[found.deals["amount_from"] == "imputed", "amount"]
    assert amounts.to_numpy() == pytest.approx(won.mean())


def test_a_deal_without_an_amount_can_be_taken_out_of_its_draws():
    found = piped(few_open(np.nan, 100.0, 300.0), as_of=day(30), periods="1 month", draws=500)
    own = deal_draws(found, ["d0", "d1", "d2"])
    cells = found.draws.where(part="open_deals")
    np.testing.assert_allclose(own.values.sum(axis=0), cells.values.sum(axis=0))
    assert set(own.where(opportunity_id="d0").values[0]) == {0.0, 100.0, 300.0}


def test_list_prices_stand_for_amounts_that_come_with_the_win():
    table = made_up(deals=900, amount=50.0)
    table["list_price"] = 100.0
    table.loc[table["outcome"] != "won", "amount"] = np.nan
    table.loc[table["outcome"] == "won", "amount"] = 80.0
    still = table["closed_at"] > day(350)
    table.loc[still, ["outcome", "amount"]] = ["open", np.nan]
    found = piped(table, as_of=day(350), draws=200)
    assert set(found.deals["amount_from"]) == {"price_list"}
    assert found.deals["amount"].to_numpy() == pytest.approx(80.0)


def test_must_win_deals_are_a_part_of_their_own():
    table = made_up(deals=500)
    table["must_win"] = False
    open_now = table.index[(table["closed_at"] > day(350)) & (table["created_at"] <= day(350))]
    table.loc[open_now[:2], "must_win"] = True
    found = piped(
        table,
        as_of=day(350),
        periods="1 month",
        draws=4000,
        settings=forecast.PipelineSettings(singles=0),
    )
    part = found.draws.where(part="must_win")
    told = found.deals.loc[found.deals["must_win"], "expected_amount"].sum()
    assert part.total().values.mean() == pytest.approx(told, rel=0.15)
    assert list(found.single["opportunity_id"]) == list(table.loc[open_now[:2], "opportunity_id"])


def test_what_is_won_in_a_period_that_has_begun_is_closed():
    table = made_up(deals=900, days=500)
    found = piped(table, as_of="2024-11-15", periods="2024-Q4", by="region", draws=50)
    closed = table["closed_at"].between("2024-10-01", "2024-11-15")
    booked = table[closed & (table["outcome"] == "won")].groupby("region")["amount"].sum()
    part = found.draws.where(part="closed")
    assert part.values.std(axis=1).max() < 1e-9
    assert part.total("region").values[:, 0] == pytest.approx(booked.to_numpy())


def test_undated_deals_are_left_out_and_counted():
    table = made_up(deals=300)
    table.loc[0, "created_at"] = pd.NaT
    table.loc[1, "closed_at"] = table.loc[1, "created_at"] - pd.Timedelta(days=3)
    table.loc[2, ["outcome", "closed_at"]] = ["won", pd.NaT]
    found = piped(table, as_of=day(350), draws=50)
    assert found.assumptions.set_index("name").loc["deals_left_out", "value"] == 3


def test_roll_ups_with_missing_names_add_up():
    table = made_up(deals=500)
    table.loc[::7, "region"] = None
    split = piped(table, as_of=day(350), by=["region"], draws=300)
    whole = split.draws.total().values
    assert np.allclose(split.draws.total("region").values.sum(axis=0), whole)
    assert split.draws.cells["region"].isna().any()


# Overrides and periods


def test_an_override_stands_beside_the_model():
    table = made_up(deals=500)
    deal = table.loc[(table["closed_at"] > day(350)), "opportunity_id"].iloc[0]
    said = [{"opportunity_id": deal, "probability": 0.95, "reason": "verbal yes", "period": None}]
    plain = piped(table, as_of=day(350), draws=100)
    found = piped(table, as_of=day(350), draws=100, overrides=said)
    mine = found.deals[found.deals["opportunity_id"] == deal]
    before = plain.deals[plain.deals["opportunity_id"] == deal]
    assert mine["probability"].sum() == pytest.approx(0.95)
    assert mine["model_probability"].tolist() == before["probability"].tolist()
    assert set(mine["basis"]) == {"override"}
    assert set(mine["reason"]) == {"verbal yes"}
    share = mine["probability"] / 0.95
    assert share.to_numpy() == pytest.approx(
        (before["probability"] / before["probability"].sum()).to_numpy()
    )
    won = found.won_in[found.single["opportunity_id"] == deal] < 3
    assert won.mean() > 0.85


def test_an_override_can_name_the_period():
    said = [{"opportunity_id": "d0", "probability": 1.0, "reason": "signed", "period": "2024-05"}]
    found = piped(few_open(70.0), as_of="2024-03-31", periods="3 months", overrides=said, draws=20)
    assert found.deals["probability"].tolist() == [0.0, 1.0, 0.0]
    assert (found.draws.where(part="open_deals", period="2024-05").values == 70.0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"opportunity_id": "d9"}, "'d9', which is not an open deal"),
        ({"probability": 1.5}, "expected 0–1"),
        ({"probability": float("nan")}, "expected 0–1"),
        ({"reason": " "}, "gives no `reason`"),
        ({"period": "2025-01"}, "expected one of 2024-04, 2024-05, 2024-06"),
    ],
)
def test_overrides_that_cannot_be_meant_are_refused(change, message):
    said = [{"opportunity_id": "d0", "probability": 0.5, "reason": "why"} | change]
    with pytest.raises(SalesAnalysisError, match=message):
        piped(few_open(70.0), as_of="2024-03-31", overrides=said)


def test_an_override_twice_is_refused():
    said = [{"opportunity_id": "d0", "probability": 0.5, "reason": "why"}] * 2
    with pytest.raises(SalesAnalysisError, match="more than once"):
        piped(few_open(70.0), as_of="2024-03-31", overrides=said)


@pytest.mark.parametrize(
    ("periods", "as_of", "labels"),
    [
        ("2 months", "2024-03-31", ("2024-04", "2024-05")),
        (2, "2024-03-30", ("2024-03", "2024-04")),
        ("1 quarter", "2024-03-31", ("2024-Q2",)),
        (["2024-Q1", "2024-Q2"], "2024-03-01", ("2024-Q1", "2024-Q2")),
        ("2024-W14", "2024-03-31", ("2024-W14",)),
        (["2024-04-01", "2024-05-01"], "2024-03-31", ("2024-04",)),
        (["2024-04-01", "2024-04-29"], "2024-03-31", ("2024-04-01/2024-04-28",)),
    ],
)
def test_periods_are_named_counted_or_bounded(periods, as_of, labels):
    assert horizon(periods, as_of).labels == labels


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        (["2024-Q2", "2024-Q4"], "follow one another"),
        ("soon", "not the name of a period"),
        (["2024-05-01"], "at least two days"),
        (["2024-06-01", "2024-05-01"], "ascending"),
        ("2023-Q4", "over by `as_of`"),
        (3.5, "`periods` is 3.5"),
    ],
)
def test_periods_that_are_none_are_refused(periods, message):
    with pytest.raises(SalesAnalysisError, match=message):
        horizon(periods, "2024-03-31")


def test_what_is_missing_is_named():
    table = made_up(deals=50)
    with pytest.raises(SalesAnalysisError, match="`known` is a DataFrame; expected what"):
        forecast.pipeline(table)
    with pytest.raises(SalesAnalysisError, match="`as_of` is 2025-12-31, but all is known to 2025"):
        KnownPipeline(as_of="2025-06-30", deals=table).on("2025-12-31")
    with pytest.raises(SalesAnalysisError, match="`deals` has a `created_at` of .*, after 2024"):
        KnownPipeline(as_of=day(30), deals=table)
    with pytest.raises(SalesAnalysisError, match="has no column `regions`. Nearest: region"):
        piped(table, as_of=day(300), by="regions")
    with pytest.raises(SalesAnalysisError, match="No deal is known"):
        piped(table, as_of="2020-01-01")
    with pytest.raises(SalesAnalysisError, match="No deal has an `amount`"):
        piped(table.assign(amount=np.nan), as_of=day(300))
    with pytest.raises(SalesAnalysisError, match="lists D00000 more than once"):
        piped(pd.concat([table, table.head(1)]), as_of=day(300))
    with pytest.raises(SalesAnalysisError, match="`draws` is 0"):
        piped(table, as_of=day(300), draws=0)
    with pytest.raises(SalesAnalysisError, match="`frames` is list"):
        read_history([1])


def test_dates_may_come_with_a_zone_or_as_text():
    table = made_up(deals=100)
    asked = {"as_of": day(300), "draws": 50}
    plain = piped(table, **asked).draws.values
    for change in (lambda dates: dates.dt.tz_localize("UTC"), lambda dates: dates.astype(str)):
        other = table.assign(
            created_at=change(table["created_at"]), closed_at=change(table["closed_at"])
        )
        np.testing.assert_array_equal(piped(other, **asked).draws.values, plain)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "much"}, "`amount` has values that are no amounts, such as 'much'"),
        ({"amount": np.inf}, "`amount` has values that are no amounts, such as inf"),
        ({"outcome": "Won"}, "`outcome` has 'Won'; expected one of open, won, lost, cancelled"),
        ({"created_at": "soon"}, "`created_at` has 50 values that are no dates, such as 'soon'"),
    ],
)
def test_what_is_no_amount_no_outcome_and_no_date_is_refused(wrong, said):
    with pytest.raises(SalesAnalysisError, match=said):
        piped(made_up(deals=50).assign(**wrong), as_of=day(300))


def test_a_day_never_is_after_all_days():
    deals = known(few_open(1.0), day(3))
    assert deals.closed.tolist() == [NEVER]
    assert deals.open.tolist() == [0]

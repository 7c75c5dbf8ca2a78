"""The chance of each open deal: a part of the forecast, as a naive loop, and as often as said."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, datasets, forecast, reduce
from salesanalysis.forecast.age_hazards import PRIOR_WIN_SHARE
from salesanalysis.forecast.deal_arrays import deal_arrays, read_history
from salesanalysis.forecast.horizons import horizon
from salesanalysis.forecast.landmark import AGE_EDGES
from salesanalysis.forecast.model import PipelineSettings, fit_pipeline
from salesanalysis.known import KnownForecast, KnownPipeline

SAMPLE_DAY = "2025-11-15"


@pytest.fixture(scope="module")
def company():
    """Made-up companies by seed: their deals as known to the last day, and how each ends."""
    made = {}

    def of(seed: int, deals: int = 2000) -> tuple[KnownPipeline, pd.DataFrame]:
        if (seed, deals) not in made:
            there = datasets.company(seed=seed, deals=deals)
            tables = [there.tables[name] for name in ("opportunities", "stage_history")]
            known = reduce.forecast.pipeline(*tables, as_of=there.as_of, stages=there.stages)
            made[seed, deals] = known, there.truth.deals.set_index("opportunity_id")
        return made[seed, deals]

    return of


# A part of the forecast


@pytest.mark.matrix
@pytest.mark.parametrize("seed", [7, 3])
@pytest.mark.parametrize(
    ("day", "period"),
    [
        (SAMPLE_DAY, "2025-Q4"),
        (SAMPLE_DAY, "2025-12"),
        (SAMPLE_DAY, "2026-Q1"),
        ("2025-06-30", "2025-Q3"),
        ("2024-02-01", "2024-Q1"),
    ],
)
def test_the_chance_within_a_period_is_that_of_the_forecast(company, seed, day, period):
    known = company(seed)[0].on(day)
    found = forecast.deal_chances(known, period=period)
    whole = KnownForecast(as_of=day, pipeline=known)
    deals = forecast.forecast_as_of(whole, period=period, draws=10).deals
    inside = [known.calendar.lies_in(name, period) for name in deals["period"]]
    sums = deals[inside].groupby("opportunity_id")[["probability", "expected_amount"]].sum()
    assert len(found) > 5 and found["opportunity_id"].tolist() == sums.index.tolist()
    assert np.allclose(found["chance_period"], sums["probability"], rtol=1e-12, atol=0)
    assert np.allclose(found["at_stake_period"], sums["expected_amount"], rtol=1e-12, atol=0)
    one = deals.drop_duplicates("opportunity_id")
    for name in ["amount", "amount_from", "zombie", "basis", "evidence"]:
        assert found[name].tolist() == one[name].tolist(), name
    # All of the forecast, not of the period alone, is a part of the chance ever to be won.
    ahead = deals.groupby("opportunity_id")["probability"].sum()
    assert (found["chance"].to_numpy() >= ahead.to_numpy() - 1e-12).all()
    assert (found["chance"] <= 1).all()
    assert np.allclose(found["at_stake"], found["amount"] * found["chance"])


def test_without_a_period_it_is_the_quarter_that_has_days_left(company):
    known, _ = company(7)
    for day, quarter in ((SAMPLE_DAY, "2025-Q4"), ("2025-12-31", "2026-Q1")):
        named = forecast.deal_chances(known.on(day), period=quarter)
        pd.testing.assert_frame_equal(forecast.deal_chances(known.on(day)), named)


# Against a naive loop


def two_stages(seed: int = 4, deals: int = 150) -> KnownPipeline:
    """Deals that close within 60 days, half of which enter a second stage after some days."""
    rng = np.random.default_rng(seed)
    created = np.sort(rng.integers(0, 250, deals))
    lasts = 1 + rng.integers(0, 60, deals)
    first = pd.Timestamp("2024-01-01")
    ids = np.array([f"d{n:03d}" for n in range(deals)])

    def day(numbers):
        return first + pd.to_timedelta(numbers, unit="D")

    listed = pd.DataFrame(
        {
            "opportunity_id": ids,
            "outcome": rng.choice(["won", "lost"], deals, p=[0.4, 0.6]),
            "created_at": day(created),
            "closed_at": day(created + lasts),
            "amount": rng.choice([50.0, 100.0, 400.0], deals),
        }
    )
    on = np.flatnonzero(rng.random(deals) < 0.5)
    entered = [(ids, "first", created), (ids[on], "second", created[on] + lasts[on] // 2)]
    entries = pd.concat(
        pd.DataFrame({"opportunity_id": who, "stage": stage, "entered_at": day(at)})
        for who, stage, at in entered
    )
    return KnownPipeline(
        as_of="2024-08-20", deals=listed, stage_entries=entries, latest="2025-12-31"
    )


def naive_chances(known: KnownPipeline, days: int) -> dict[str, float]:
    """What became of the past deals of the same stage and age, counted one by one.

    Only of deals so young that others were followed as far as they will be.
    """
    deals, history = deal_arrays(read_history(known), known.as_of), read_history(known)
    tomorrow = known.as_of.normalize() + pd.Timedelta(days=1)
    ahead = horizon([tomorrow, tomorrow + pd.Timedelta(days=days)], known.as_of)
    model = fit_pipeline(deals, ahead, observed_from=None, settings=PipelineSettings())
    stages = list(zip(deals.stage_deal, deals.stage_day, deals.stage_code, strict=True))

    def group(one: int, day: int) -> tuple:
        stage = [code for deal, at, code in stages if deal == one and at <= day]
        old = day - deals.created[one]
        return (stage or [0])[-1], max(n for n, edge in enumerate(AGE_EDGES) if edge <= old)

    def there(day: int) -> list[int]:
        everybody = range(len(deals.created))
        return [n for n in everybody if deals.created[n] <= day < deals.closed[n]]

    def month(day: int, age: int) -> np.ndarray:
        return model.hazards.multiplier(np.array([day]), np.array([age]))[:, 0]

    past = {}
    step = max(1, (deals.as_of - model.observed_from) // 60)
    for landmark in range(deals.as_of - step, model.observed_from - 1, -step):
        own = {}
        for one in there(landmark):
            own.setdefault(group(one, landmark), []).append(one)
        for name, members in own.items():
            age = int(np.mean([landmark - deals.created[one] for one in members]))
            past.setdefault(name, []).extend((one, landmark, age) for one in members)
    now = {}
    for one in there(deals.as_of):
        now.setdefault(group(one, deals.as_of), []).append(one)

    chances = {}
    for name, members in now.items():
        age_now = int(np.mean([deals.as_of - deals.created[one] for one in members]))
        for one in members:
            still, chance = 1.0, 0.0
            age = deals.as_of - deals.created[one]
            factor = model.bands.win_factor[model.bands.band(deals.amount)[one]]
            for after in range(1, max(int(model.oldest_closing) - age, days) + 1):
                exposure, closings = np.zeros(2), np.zeros(2)
                for other, landmark, mean_age in past.get(name, []):
                    if landmark + after <= min(deals.closed[other], deals.as_of):
                        exposure += month(landmark + after, mean_age + after)
                    if landmark + after == deals.closed[other]:
                        closings[0 if deals.won[other] else 1] += 1
                if exposure.min() == 0:
                    break  # nobody was followed so far: the model borrows from other stages
                hazard = closings / exposure * [model.level.won * factor, model.level.lost]
                hazard = hazard * month(deals.as_of + after, age_now + after)
                hazard *= min(1.0, 0.98 / max(hazard.sum(), 1e-12))
                chance += still * hazard[0]
                still *= 1 - hazard.sum()
            else:
                chances[history.deals["opportunity_id"].iloc[deals.row[one]]] = chance
    return chances


def test_it_is_what_became_of_past_deals_of_the_same_stage_and_age():
    known = two_stages()
    nothing_borrowed = PipelineSettings(pull_events=1e-12)
    asked = {"period": "2024-08", "more_periods": 0, "settings": nothing_borrowed}
    found = forecast.deal_chances(known, **asked)
    expected = naive_chances(known, days=11)
    assert len(found) >= len(expected) > 10
    chances = found.set_index("opportunity_id")["chance"].loc[list(expected)]
    assert chances.to_dict() == pytest.approx(expected, abs=1e-6)
    assert chances.nunique() > 5


# As often as said


@pytest.mark.parametrize(("seed", "deals"), [(7, 2000), (3, 2000), (11, 4000)])
def test_deals_are_won_as_often_as_their_chances_say(company, seed, deals):
    """Of the deals open on earlier days, as many were won in the end as was said."""
    known, ends = company(seed, deals)
    said, won, spread, old = 0.0, 0, 0.0, []
    for day in ("2024-12-10", "2025-03-15", "2025-06-30", "2025-09-10"):
        found = forecast.deal_chances(known.on(day))
        outcome = ends["outcome"].reindex(found["opportunity_id"]).eq("won").to_numpy()
        said, won = said + found["chance"].sum(), won + outcome.sum()
        spread += (found["chance"] * (1 - found["chance"])).sum()
        # Those with a high chance are won more often than those with a low one.
        high = found["chance"].rank(pct=True) > 2 / 3
        low = found["chance"].rank(pct=True) < 1 / 3
        assert outcome[high].mean() > outcome[low].mean() + 0.3, day
        old.append(found.loc[found["zombie"], "chance"])
    assert abs(said - won) < max(3 * spread**0.5, 0.08 * won), (said, won)
    zombies = pd.concat(old)
    assert len(zombies) > 50 and zombies.mean() < 0.04


def test_what_is_older_than_any_that_closed_is_worth_next_to_nothing(company):
    found = forecast.deal_chances(company(7)[0].on(SAMPLE_DAY))
    zombies = found[found["zombie"]]
    assert len(zombies) == 53
    assert zombies["at_stake"].sum() < 0.01 * zombies["amount"].sum()


# What it may see, and what may be missing


def test_what_came_later_does_not_matter_nor_does_the_order(company):
    known = company(3)[0].on(SAMPLE_DAY)
    found = forecast.deal_chances(known)
    deals, entries, day = known.deals, known.stage_entries, known.as_of
    later = deals["closed_at"] > day
    changed = deals.assign(
        outcome=deals["outcome"].where(~later, "won"),
        closed_at=deals["closed_at"].where(~later, day + pd.Timedelta(days=1)),
    )
    changed = changed[changed["created_at"] <= day].sample(frac=1, random_state=1)
    entered = entries[entries["entered_at"] <= day]
    again = KnownPipeline(
        as_of=day,
        deals=changed.drop(columns="age_days"),
        stage_entries=entered,
        latest="2026-06-30",
    )
    pd.testing.assert_frame_equal(forecast.deal_chances(again), found)


def open_deals(**columns) -> KnownPipeline:
    listed = pd.DataFrame(
        {
            "opportunity_id": ["a", "b"],
            "outcome": "open",
            "created_at": pd.to_datetime(["2025-11-01", "2025-11-10"]),
            "amount": [100.0, np.nan],
        }
    ).assign(**columns)
    return KnownPipeline(as_of=SAMPLE_DAY, deals=listed)


def test_before_anything_has_closed_it_says_what_was_thought():
    found = forecast.deal_chances(open_deals())
    assert found["basis"].tolist() == ["mostly_prior"] * 2 and not found["zombie"].any()
    assert np.allclose(found["chance"], PRIOR_WIN_SHARE, atol=0.05)
    assert (found["chance_period"] < 0.2).all()
    assert found["amount"].tolist() == [100.0, 100.0]
    assert found["amount_from"].tolist() == ["deal_list", "imputed"]


def test_without_any_amount_there_are_chances_and_no_money():
    found = forecast.deal_chances(open_deals(amount=np.nan))
    assert found["chance"].notna().all()
    assert found[["amount", "at_stake", "at_stake_period"]].isna().all(axis=None)


def test_where_no_deal_is_open_there_is_no_row():
    closed = open_deals(outcome="lost", closed_at=pd.Timestamp("2025-11-12"))
    found = forecast.deal_chances(closed)
    assert found.empty and "at_stake_period" in found
    none = KnownPipeline(as_of=SAMPLE_DAY, deals=closed.deals[:0])
    assert forecast.deal_chances(none).columns.tolist() == found.columns.tolist()


def test_a_period_that_is_over_is_refused():
    with pytest.raises(SalesAnalysisError, match="`period` 2025-Q3 is over on 2025-11-15"):
        forecast.deal_chances(open_deals(), period="2025-Q3")

"""Timing, sandbagging, giving up: against naive counts, planted habits and their absence."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, incentive
from salesanalysis.datasets.incentives import incentive_programme
from salesanalysis.incentive import (
    behaviour,
    behaviour_findings,
    evidence_table,
    gave_up,
    other_explanations,
    sandbagging,
)
from salesanalysis.known import KnownIncentive


@pytest.fixture(scope="module")
def made():
    return incentive_programme(seed=2)


@pytest.fixture(scope="module")
def null():
    return incentive_programme(seed=2, null=True)


#: Of a plan with a floor that is a cliff, and less for the next sale over the stretch.
THRESHOLDS = pd.DataFrame(
    {"level": [1.0, 1.3], "pull": ["up", "stop"], "below": [0.0, 0.05], "above": [0.05, 0.01]}
)


def looks(made):
    tables = made.tables
    known = KnownIncentive(as_of="2025-12-31", sales=tables["sales"])
    return behaviour(known, tables["attainment"], thresholds=THRESHOLDS, seed=1)


def timing(sales, *, as_of="2025-12-31", **more):
    return incentive.timing(KnownIncentive(as_of=as_of, sales=sales), **more)


@pytest.fixture(scope="module")
def found(made):
    """All looks at the company that responds; made once, its inputs compared afterwards."""
    before = {name: table.copy() for name, table in made.tables.items()}
    looked = looks(made)
    for name, table in made.tables.items():
        pd.testing.assert_frame_equal(table, before[name])
    return looked


# Timing


def test_shares_of_the_last_and_first_days_equal_a_naive_count(made):
    sales = made.tables["sales"].assign(sold_at=lambda t: pd.to_datetime(t["sold_at"]))
    cases = timing(sales, by="period", draws=0).cases.set_index(["period", "measure"])
    for period, part in sales.groupby(sales["sold_at"].dt.to_period("Q")):
        name = f"{period.year}-Q{period.quarter}"
        end, start = period.end_time.normalize(), period.start_time
        last = part["sold_at"] > end - pd.Timedelta(days=7)
        row = cases.loc[(name, "last_days")]
        assert row["observed"] == pytest.approx(part.loc[last, "amount"].sum() / row["amount"])
        assert row["n"] == last.sum()
        days = pd.bdate_range(start, end)
        calm = (days > end - pd.Timedelta(days=7)).mean()
        assert row["expected"] == pytest.approx(calm)
        if name != "2022-Q4":  # nothing before it: no hangover to be seen
            first = part["sold_at"] < start + pd.Timedelta(days=7)
            row = cases.loc[(name, "first_days")]
            assert row["observed"] == pytest.approx(part.loc[first, "amount"].sum() / row["amount"])
    assert ("2022-Q4", "first_days") not in cases.index


def test_a_quarter_that_is_made_in_its_last_week():
    days = pd.bdate_range("2025-01-01", "2025-03-31")
    sales = pd.DataFrame({"sold_at": days, "amount": 20.8 / (len(days) - 5)})
    sales.loc[sales["sold_at"] >= "2025-03-25", "amount"] = 79.2 / 5
    found = timing(sales)
    row = found.effect("last_days")
    assert row["observed"] == pytest.approx(0.792)
    assert row["expected"] == pytest.approx(5 / len(days))
    assert row["verdict"] == "too_few"  # one period, nobody named: no interval
    assert np.isnan(row["effect_low"])


def test_periods_that_are_not_over_and_undated_sales_are_left_out():
    sales = pd.DataFrame(
        {"sold_at": ["2025-01-31", "2025-02-10", None], "amount": [10.0, 99.0, 5.0]}
    )
    cases = timing(sales, period="month", as_of="2025-02-15", by="period").cases
    assert cases["period"].tolist() == ["2025-01"]
    # before any period is over there is nothing to see, and nothing is shown
    early = timing(sales, period="month", as_of="2025-01-30")
    assert early.cases.empty
    assert early.effects["verdict"].tolist() == ["too_few"] * 2


def test_returns_count_against_and_calendars_differ():
    sales = pd.DataFrame({"sold_at": ["2025-01-02", "2025-01-30"], "amount": [30.0, -10.0]})
    row = timing(sales, period="month", yardstick="days").effect("last_days")
    assert row["observed"] == pytest.approx(-0.5) and row["expected"] == pytest.approx(7 / 31)
    holidays = ["2025-01-01", "2025-01-31"]
    row = timing(sales, period="month", holidays=holidays).effect("last_days")
    assert row["expected"] == pytest.approx(4 / 21)


def test_days_with_a_zone_are_those_of_utc(made):
    sales = made.tables["sales"]
    zoned = sales.assign(sold_at=pd.to_datetime(sales["sold_at"]).dt.tz_localize("UTC"))
    assert timing(zoned, draws=0).effects.equals(timing(sales, draws=0).effects)
    rows = made.tables["attainment"]
    pd.testing.assert_frame_equal(gave_up(zoned, rows, draws=9).cases,
                                  gave_up(sales, rows, draws=9).cases)  # fmt: skip
    with pytest.raises(SalesAnalysisError, match="no dates?, such as .2025-13-01"):
        timing(sales.assign(sold_at="2025-13-01"))


def test_the_interval_is_that_of_drawing_payees_again(made):
    sales = made.tables["sales"]
    one = sales[pd.to_datetime(sales["sold_at"]).dt.to_period("Q") == "2024Q2"]
    row = timing(one, draws=2000).effect("last_days")
    day = pd.to_datetime(one["sold_at"])
    last = one["amount"].where(day >= "2024-06-24", 0.0)
    sums = pd.DataFrame({"p": one["payee_id"], "a": one["amount"], "l": last}).groupby("p").sum()
    rng = np.random.default_rng(9)
    at = rng.integers(0, len(sums), (2000, len(sums)))
    drawn = sums["l"].to_numpy()[at].sum(axis=1) / sums["a"].to_numpy()[at].sum(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    width = row["effect_high"] - row["effect_low"]
    assert width == pytest.approx(high - low, rel=0.12)


# Sandbagging and giving up


def test_stops_are_counted_against_their_neighbours():
    shares = [1.0, 1.04, 1.049, 1.05, 0.97, 0.9, 1.12, 1.2] * 10
    rows = pd.DataFrame(
        {
            "payee_id": np.repeat([f"p{i}" for i in range(10)], 8),
            "period": [f"2025-{month:02}" for month in range(1, 9)] * 10,
            "quota": 200.0,
            "sales": np.array(shares) * 200,
        }
    )
    row = sandbagging(rows, threshold=1.0, draws=50).effect("stopped_just_over")
    assert (row["n"], row["observed"]) == (80, 3 / 8)
    assert row["expected"] == pytest.approx((4 / 8) / 4)  # 1.05, 0.97, 0.9 and 1.12
    cases = sandbagging(rows, threshold=1.0, draws=0).cases
    assert (cases["k"] == 3).all() and (cases["n"] == 8).all()
    # After 1.0 comes 1.04, after that 1.049, then 1.05.
    assert cases["next_period"].iloc[0] == pytest.approx(np.mean([1.04, 1.049, 1.05]))


def test_planted_habits_are_shown_and_their_sizes_are_near(made, found):
    table = evidence_table(found).set_index("measure")
    habits = made.truth.habits
    shown = ["stopped_just_over", "last_days", "first_days", "pace_after"]
    assert (table.loc[shown, "verdict"] == "shown").all()
    slowed = habits.slowed * habits.give_up_share
    assert table.loc["pace_after", "effect"] == pytest.approx(-slowed, abs=0.12)
    stopped = made.truth.responses["stopped"].mean()
    assert table.loc["stopped_just_over", "effect"] == pytest.approx(stopped, abs=0.04)


def test_sales_that_were_kept_back_appear_in_the_next_period():
    effects = []
    for seed in range(5):
        made = incentive_programme(seed=seed)
        found = sandbagging(made.tables["attainment"], threshold=1.3, width=0.03, draws=60)
        effects.append(found.effect("next_period"))
    held = made.truth.responses.query("stopped")["held_back"]
    quota = made.tables["attainment"].loc[held.index, "quota"]
    planted = made.truth.habits.kept_back * (held / quota).mean()
    assert np.mean([row["effect"] for row in effects]) == pytest.approx(planted, abs=0.03)
    covered = [row["effect_low"] <= planted <= row["effect_high"] for row in effects]
    assert sum(covered) >= 3


def test_nothing_is_shown_where_nobody_responds(null):
    found = looks(null)
    assert "shown" not in set(evidence_table(found)["verdict"])
    assert other_explanations(found).empty
    assert [finding.name for finding in behaviour_findings(found)] == ["no_behaviour"]


def test_who_gave_up_is_listed(made):
    tables = made.tables
    found = gave_up(tables["sales"], tables["attainment"], draws=0)
    truth = made.truth.responses.set_index(["payee_id", "period"])["gave_up"]
    listed = found.cases.set_index(["payee_id", "period"])
    assert (listed["needed_times"] >= 2).all()
    assert listed["missing_sales"].is_monotonic_decreasing
    assert (listed["gave_up"] == (listed["pace_after"] <= listed["expected_pace"] / 2)).all()
    # Who gave up slowed by 40%: most of those listed as far below did.
    assert truth[listed.index[listed["gave_up"]]].mean() > truth[listed.index].mean()
    row = found.effect("pace_after")
    assert row["n"] == len(listed)
    assert row["observed"] == pytest.approx(listed["pace_after"].mean())
    assert row["expected"] == pytest.approx(listed["expected_pace"].mean())


def test_the_pace_before_is_what_was_sold_in_two_thirds_of_the_working_days(made):
    tables = made.tables
    case = gave_up(tables["sales"], tables["attainment"], draws=0).cases.iloc[0]
    own = tables["sales"][tables["sales"]["payee_id"] == case["payee_id"]]
    day = pd.to_datetime(own["sold_at"])
    quarter = pd.Period(case["period"].replace("-", ""), "Q")
    days = pd.bdate_range(quarter.start_time, quarter.end_time.normalize())
    cut = days[int(np.ceil(len(days) * 2 / 3 - 1e-9))]
    early = own.loc[(day >= quarter.start_time) & (day < cut), "amount"].sum()
    rows = tables["attainment"].set_index(["payee_id", "period"])
    quota = rows.loc[(case["payee_id"], case["period"]), "quota"]
    assert case["reached_share"] == pytest.approx(early / quota)
    assert case["pace_before"] == pytest.approx(early / quota * 1.5)
    assert case["needed_times"] == pytest.approx((1 - early / quota) * 3 / case["pace_before"])


def test_findings_and_other_explanations_come_from_what_is_shown(found):
    names = {finding.name for finding in behaviour_findings(found)}
    assert {"hurry", "hangover", "gave_up"} <= names
    table = other_explanations(found)
    assert set(table["behaviour"]) == {"timing", "sandbagging", "gave_up"}
    assert len(found[1].summary()) == 12


def test_few_cases_are_not_compared(made):
    rows = made.tables["attainment"].head(6)
    assert set(sandbagging(rows).effects["verdict"]) <= {"too_few", "not_shown"}
    sales = made.tables["sales"]
    assert gave_up(sales, rows).effects["verdict"].tolist() == ["too_few"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a, s: timing(s, period="decade"), "`period` is 'decade'"),
        (lambda a, s: timing(s, yardstick="lunar"), "`yardstick`"),
        (lambda a, s: timing(s, days=0), "`days` is 0"),
        (lambda a, s: timing(s, period="month", days=40), "longer than the period"),
        (lambda a, s: timing(s, by="team"), "no column `team`"),
        (lambda a, s: sandbagging(pd.concat([a, a])), "more than once: R001 2022-Q4"),
        (lambda a, s: sandbagging(a, width=0), "`width` is 0"),
        (lambda a, s: sandbagging(a.drop(columns="quota")), "no column `quota`"),
        (lambda a, s: gave_up(s, a, at=1), "`at` is 1"),
        (lambda a, s: gave_up(s.drop(columns="sold_at"), a), "no column `sold_at`"),
    ],
)
def test_wrong_arguments_get_one_clear_message(made, call, message):
    with pytest.raises(SalesAnalysisError, match=message):
        call(made.tables["attainment"], made.tables["sales"])


@pytest.mark.parametrize(
    "names",
    [
        ["2024-H1", "2024-H2", "2025-H1"],
        ["1", "2", "3"],
    ],
)
def test_half_years_and_numbers_follow_each_other_as_quarters_do(names):
    generator = np.random.default_rng(5)
    share = generator.uniform(0.6, 1.4, 300)
    rows = pd.DataFrame({"payee_id": [f"p{i // 3}" for i in range(300)], "share": share})
    rows["period"] = ["2025-Q1", "2025-Q2", "2025-Q3"] * 100
    rows["quota"], rows["sales"] = 100.0, 100 * share
    renamed = rows.assign(period=names * 100)
    kept = [evidence_table([sandbagging(table, draws=50, seed=1)]) for table in (rows, renamed)]
    pd.testing.assert_frame_equal(*kept)
    sales = pd.DataFrame(
        {"payee_id": "p1", "sold_at": pd.date_range("2024-01-01", "2025-06-30"), "amount": 1.0}
    )
    known = KnownIncentive(as_of="2025-12-31", sales=sales)
    found = behaviour(known, renamed, thresholds=THRESHOLDS)
    assert len(found) == (3 if names[0].startswith("2024") else 1)


def test_behaviour_is_looked_for_at_the_plans_own_thresholds(made):
    """Tiers at 80 and 110%, a bonus at 95%: stopping is looked for at 110, giving up at 80%."""
    plan = incentive.read_plan(
        {"thresholds": "quota", "bonuses": [[0.95, 500]],
         "tiers": [[0, 0.8, 0.02], [0.8, 1.1, 0.05], [1.1, None, 0.01]]}
    )  # fmt: skip
    thresholds = incentive.plan_thresholds(plan)
    known = KnownIncentive(as_of="2025-12-31", sales=made.tables["sales"])
    found = behaviour(known, made.tables["attainment"], thresholds=thresholds)
    assert {look.name: look.threshold for look in found if look.name != "timing"} == {
        "sandbagging": 1.1,
        "gave_up": 0.8,
    }
    rising = thresholds[thresholds["pull"] != "stop"]
    names = [look.name for look in behaviour(known, made.tables["attainment"], thresholds=rising)]
    assert names == ["timing", "gave_up"]
    assert behaviour(known, made.tables["attainment"], thresholds=thresholds.head(0)) == []

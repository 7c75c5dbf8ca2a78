"""Schedules of refreshers: the stated recursion, the best spacing, what it costs, the calendar."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import simpson

from salesanalysis import SalesAnalysisError, forgetting, reduce
from salesanalysis.datasets.training import training
from salesanalysis.forgetting import RefresherCost, known_curve, schedule, spaced_schedule
from salesanalysis.known import KnownForgetting

SOURCE = known_curve("exponential", half_life=5.1, time_unit="weeks")
CURVES = {
    "exponential": SOURCE,
    "started lower": known_curve("exponential", half_life=30, start=0.9, time_unit="days"),
    "power": known_curve("power", parameters={"a": 0.9, "b": 0.1}, time_unit="days"),
    "hyperbolic": known_curve("hyperbolic", half_life=2, time_unit="months"),
    "wickelgren": known_curve("wickelgren", parameters={"beta": 0.4, "psi": 0.3}, time_unit="days"),
    "two stores": known_curve(
        "double_exponential",
        parameters={"a1": 0.4, "b1": 0.2, "a2": 0.6, "b2": 0.01},
        time_unit="days",
    ),
    "lasting": known_curve(
        "exponential_asymptote", parameters={"a": 0.7, "b": 0.03, "c": 0.3}, time_unit="days"
    ),
    "fsrs": forgetting.fsrs_curve(20),
}


# The recursion


@pytest.mark.parametrize(
    ("target", "days"), [(0.9, 5.426510), (0.8, 11.492833), (0.7, 18.370262), (0.5, 35.7)]
)
def test_the_first_refresher_of_the_sources_half_life_is_due_on_the_known_day(target, days):
    plan = schedule(SOURCE, target=target, horizon_weeks=52)
    assert plan.refreshers["days"].iloc[0] == pytest.approx(days, abs=5e-7)
    assert plan.refreshers["weeks"].iloc[0] == pytest.approx(days / 7, abs=1e-7)


@pytest.mark.parametrize("effect", [1.0, 1.25, 2.0])
def test_the_vector_is_that_of_the_stated_recursion(effect):
    plan = schedule(SOURCE, target=0.85, horizon_weeks=40, effect=effect)
    day, by_hand = 0.0, []
    for i in itertools.count():
        day += 35.7 * effect**i * np.log2(1 / 0.85)
        if day >= 280:
            break
        by_hand.append(day)
    assert plan.refreshers["days"].to_numpy() == pytest.approx(by_hand, abs=1e-10)
    slower = effect ** np.arange(1, len(by_hand) + 1)
    assert plan.refreshers["half_life_days"].to_numpy() == pytest.approx(35.7 * slower)
    assert plan.refreshers["retention_before"].to_numpy() == pytest.approx(0.85)


@pytest.mark.matrix
@pytest.mark.parametrize("name", CURVES)
def test_every_refresher_comes_when_the_target_is_reached_and_none_too_early(name):
    curve = CURVES[name]
    plan = schedule(curve, target=0.6, horizon_weeks=60, effect=1.4, restores=0.95)
    assert len(plan.refreshers)
    assert plan.refreshers["retention_before"].to_numpy() == pytest.approx(0.6, abs=1e-9)
    assert plan.under_target_share == 0
    assert plan.min_retention == pytest.approx(0.6, abs=1e-9)
    # Naively, day by day: what is left of the last refresher, on the stretched axis of the curve.
    days = np.linspace(0, 60 * 7, 500)
    in_days = curve.in_unit("days")
    naive = []
    for day in days:
        passed = [r for r in plan.refreshers.to_dict("records") if r["days"] <= day]
        if not passed:
            naive.append(min(float(in_days.retention(day)), 1.0))
            continue
        slower = 1.4 ** len(passed)
        share = in_days.retention((day - passed[-1]["days"]) / slower) / in_days.start
        naive.append(0.95 * float(share))
    assert plan.retention(days / 7) == pytest.approx(naive, abs=1e-9)
    assert plan.mean_retention() == pytest.approx(
        plan.retention(np.linspace(0, 60, 200_001)).mean(), abs=1e-4
    )


def test_the_time_unit_of_the_curve_does_not_matter():
    plans = [
        schedule(SOURCE.in_unit(unit), effect=1.3, target=0.75) for unit in ("seconds", "months")
    ]
    for plan in plans:
        expected = schedule(SOURCE, effect=1.3, target=0.75).refreshers
        pd.testing.assert_frame_equal(plan.refreshers, expected, rtol=1e-9)


def test_a_curve_that_starts_under_the_target_is_refreshed_at_once():
    weak = known_curve("exponential", half_life=5.1, start=0.7, time_unit="weeks")
    plan = schedule(weak, target=0.8, horizon_weeks=10)
    assert plan.refreshers["days"].iloc[0] == 0
    assert plan.refreshers["retention_before"].iloc[0] == pytest.approx(0.7)
    assert plan.under_target_share == 0


def test_a_curve_that_stays_over_the_target_needs_none():
    plan = schedule(CURVES["lasting"], target=0.25, horizon_weeks=500)
    assert plan.refreshers.empty and plan.cost != plan.cost
    assert plan.summary().set_index("name").loc["refreshers", "value"] == 0
    assert list(plan.refreshers.columns)[:3] == ["number", "weeks", "days"]


def test_a_refresher_due_at_the_horizon_is_not_needed():
    horizon = 35.7 * np.log2(1 / 0.8) * 3 / 7
    plan = schedule(SOURCE, target=0.8, horizon_weeks=horizon)
    assert len(plan.refreshers) == 2


@settings(max_examples=30, deadline=None)
@given(
    target=st.floats(0.3, 0.9),
    effect=st.floats(1.0, 3.0),
    horizon=st.floats(1.0, 80.0),
    half_life=st.floats(3.0, 40.0),
)
def test_no_schedule_with_fewer_refreshers_keeps_the_target(target, effect, horizon, half_life):
    curve = known_curve("exponential", half_life=half_life, time_unit="weeks")
    plan = schedule(curve, target=target, horizon_weeks=horizon, effect=effect)
    assert plan.min_retention >= target - 1e-9
    n = len(plan.refreshers)
    # The most time that n refreshers, and one fewer, can cover.
    covered = half_life * np.log2(1 / target) * np.cumsum(effect ** np.arange(n + 1.0))
    assert covered[n] >= horizon * (1 - 1e-9)
    assert n == 0 or covered[n - 1] < horizon


def test_a_fitted_effect_stands_for_its_factor():
    rows = training(learners=80).tables
    known = reduce.forgetting.scored_tests(rows["scores"], rows["refreshers"], as_of="2025-12-31")
    effect = forgetting.reinforcement_effect(known)
    one, other = (schedule(SOURCE, effect=e).refreshers for e in (effect, effect.factor))
    pd.testing.assert_frame_equal(one, other)
    assert effect.planned == {"effect": effect.factor, "restores": effect.restored}
    untold = forgetting.reinforcement_effect(known[known["refreshers"] == 0])
    with pytest.raises(SalesAnalysisError, match=r"not found in the tests \(few_learners\)"):
        schedule(SOURCE, effect=untold)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": 80}, "`target` is 80; expected a number over 0 and at most 1"),
        ({"target": 0}, "`target` is 0"),
        ({"target": 0.9, "restores": 0.9}, "must bring back more"),
        ({"effect": 0}, "`effect` is 0"),
        ({"effect": "strong"}, "`effect` is 'strong'"),
        ({"effect": float("nan")}, "`effect` is nan"),
        ({"horizon_weeks": 0}, "`horizon_weeks` is 0"),
        ({"effect": 0.5, "horizon_weeks": 500}, "more than 1,000 refreshers"),
    ],
)
def test_a_wrong_schedule_gets_one_clear_message(arguments, message):
    with pytest.raises(SalesAnalysisError, match=message):
        schedule(SOURCE, **arguments)


def test_a_wrong_cost_gets_one_clear_message():
    for wrong in ({"people": -1}, {"hours": 0}, {"rate": -1}):
        ((name, value),) = wrong.items()
        with pytest.raises(SalesAnalysisError, match=f"`{name}` is {value}"):
            RefresherCost(**wrong)


def test_what_is_no_curve_is_refused():
    with pytest.raises(SalesAnalysisError, match="`curve` is float"):
        schedule(5.1)
    with pytest.raises(SalesAnalysisError, match="must not be negative"):
        schedule(SOURCE).retention(-1)


# Spacing


@pytest.mark.matrix
@pytest.mark.parametrize("name", ["exponential", "power", "wickelgren", "lasting"])
@pytest.mark.parametrize("full_effect_at", [1.0, 0.8, 0.4])
def test_no_schedule_on_a_grid_knows_more_than_the_optimal(name, full_effect_at):
    facts = {"effect": 1.7, "full_effect_at": full_effect_at, "horizon_weeks": 20}
    best = spaced_schedule(CURVES[name], spacing="optimal", refreshers=2, **facts)
    most = 0.0
    for first, second in itertools.combinations_with_replacement(range(0, 140, 14), 2):
        tried = forgetting.schedules.follow(
            CURVES[name], [float(first), float(second)], spacing="equal", target=0.8,
            horizon_weeks=20.0, effect=1.7, restores=1.0, full_effect_at=full_effect_at,
            each=RefresherCost(),
        )  # fmt: skip
        most = max(most, float(tried.mean_retention()))
    assert float(best.mean_retention()) >= most - 1e-9
    assert float(best.mean_retention()) <= most + 0.02


@pytest.mark.parametrize(
    "curve",
    [
        known_curve("power", parameters={"a": 1.4, "b": 0.13}, time_unit="days"),
        known_curve("logarithmic", parameters={"a": 0.85, "b": 0.15}, time_unit="days"),
        known_curve("ebbinghaus", parameters={"k": 1.84, "c": 1.25}, time_unit="minutes"),
        known_curve("exponential", parameters={"a": 1.3, "b": 0.05}, time_unit="days"),
    ],
    ids=lambda curve: curve.model,
)
def test_the_mean_is_exact_where_a_curve_is_cut_off(curve):
    # Cut off at 1 in the beginning, at 0 in the end: the integral of log time, by Simpson's rule.
    never = spaced_schedule(curve, spacing="none", horizon_weeks=60)
    log = np.linspace(-25, np.log(60), 400_001)
    known = never.retention(np.exp(log)) * np.exp(log)
    assert never.mean_retention() == pytest.approx(simpson(known, x=log) / 60, abs=1e-8)


def test_with_full_effect_the_best_schedule_refreshes_at_one_level():
    best = spaced_schedule(
        SOURCE, spacing="optimal", refreshers=4, effect=1.5, full_effect_at=1.0, horizon_weeks=30
    )
    levels = [*best.refreshers["retention_before"], best.end_retention]
    assert levels == pytest.approx([levels[0]] * 5, abs=1e-9)
    gaps = np.diff([0, *best.refreshers["weeks"], 30])
    assert gaps[1:] / gaps[:-1] == pytest.approx([1.5] * 4)


def test_the_spacings_are_what_their_names_say():
    def weeks(spacing, **more):
        made = spaced_schedule(SOURCE, spacing=spacing, refreshers=3, horizon_weeks=40, **more)
        return made.refreshers["weeks"].tolist()

    assert weeks("none") == []
    assert weeks("massed") == [0, 0, 0]
    assert weeks("equal") == pytest.approx([10, 20, 30])
    assert weeks("expanding", growth=3) == pytest.approx([1, 4, 13])
    assert weeks("expanding", growth=1) == pytest.approx([10, 20, 30])


def test_massed_refreshers_bring_nothing_unless_told_so():
    table = forgetting.compare_schedules(SOURCE, refreshers=3, effect=2, horizon_weeks=26)
    known = table.set_index("spacing")["mean_retention"]
    assert known["massed"] == known["none"]
    assert known["optimal"] >= known[["equal", "expanding"]].max()
    whole = forgetting.compare_schedules(
        SOURCE, refreshers=3, effect=2, horizon_weeks=26, full_effect_at=1.0
    ).set_index("spacing")
    assert whole.loc["massed", "mean_retention"] > known["massed"]


def test_the_budget_is_that_of_the_target_schedule():
    plan = schedule(
        SOURCE, horizon_weeks=9, effect=1.5, each=RefresherCost(hours=2, people=5, rate=10)
    )
    table = forgetting.compare_schedules(
        SOURCE,
        horizon_weeks=9,
        effect=1.5,
        each=forgetting.RefresherCost(hours=2, people=5, rate=10),
    )
    assert table["refreshers"].tolist() == [0] + [len(plan.refreshers)] * 4
    assert table["cost"].tolist() == [0] + [plan.cost] * 4
    assert plan.cost == len(plan.refreshers) * 2 * 5 * 10


def test_time_under_the_target_is_measured_exactly():
    made = spaced_schedule(SOURCE, spacing="equal", refreshers=1, horizon_weeks=20, effect=1.5)
    at = np.linspace(0, 20, 400_001)[:-1]
    assert made.under_target_share == pytest.approx((made.retention(at) < 0.8).mean(), abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"spacing": "massd", "refreshers": 2}, "expected one of .*Did you mean `massed`"),
        ({"spacing": "equal", "refreshers": -1}, "`refreshers` is -1"),
        ({"spacing": "equal", "refreshers": 1.5}, "`refreshers` is 1.5"),
        ({"spacing": "equal", "refreshers": 2, "full_effect_at": 80}, "`full_effect_at` is 80"),
        ({"spacing": "expanding", "refreshers": 2, "growth": 0}, "`growth` is 0"),
    ],
)
def test_a_wrong_spacing_gets_one_clear_message(arguments, message):
    with pytest.raises(SalesAnalysisError, match=message):
        spaced_schedule(SOURCE, **arguments)


# FSRS


@pytest.mark.parametrize(
    ("version", "target", "days"),
    [
        ("4.5", 0.9, 10.0),
        ("5", 0.8, 10 * 81 / 19 * (0.8**-2 - 1)),
        ("4", 0.5, 10 * 9 * (0.5**-1 - 1)),
        ("6", 0.7, 10 / (0.9 ** (-1 / 0.1542) - 1) * (0.7 ** (-1 / 0.1542) - 1)),
    ],
)
def test_fsrs_falls_as_published_and_keeps_fractions_of_days(version, target, days):
    curve = forgetting.fsrs_curve(10, version=version)
    assert curve.time_to(target) == pytest.approx(days, rel=1e-9)
    assert schedule(curve, target=target).refreshers["days"].iloc[0] == pytest.approx(days)


def test_fsrs_refuses_what_is_not_known():
    with pytest.raises(SalesAnalysisError, match="`version` is '3'; expected one of 4, 4.5"):
        forgetting.fsrs_curve(10, version="3")
    with pytest.raises(SalesAnalysisError, match="`stability_days` is 0"):
        forgetting.fsrs_curve(0)
    with pytest.raises(SalesAnalysisError, match="`decay` is 0.5"):
        forgetting.fsrs_curve(10, decay=0.5)


# Worth


def test_the_value_adds_up_week_by_week():
    plan = schedule(
        SOURCE, horizon_weeks=10.5, effect=1.5, each=RefresherCost(hours=2, people=4, rate=30)
    )
    table = forgetting.training_value(plan, week_amount=50)
    assert table["week"].tolist() == list(range(1, 12))
    assert table["refreshers"].sum() == len(plan.refreshers)
    assert table["cost"].sum() == pytest.approx(plan.cost)
    lost = 50 * 4 * 10.5 * (1 - plan.mean_retention())
    assert table["lost_with"].sum() == pytest.approx(lost)
    fine = np.linspace(2, 3, 20_001)
    assert table.loc[2, "retention_with"] == pytest.approx(plan.retention(fine).mean(), abs=1e-4)
    without = 2 ** (-fine / 5.1)
    assert table.loc[2, "retention_without"] == pytest.approx(without.mean(), abs=1e-6)
    assert table["net_so_far"].iloc[-1] == pytest.approx((table["saved"] - table["cost"]).sum())
    with pytest.raises(SalesAnalysisError, match="`week_amount` is 0"):
        forgetting.training_value(plan, week_amount=0)


# The calendar


@pytest.fixture
def calendar():
    plan = schedule(SOURCE, horizon_weeks=30, effect=1.5, each=RefresherCost(hours=2, rate=60))
    teams = pd.DataFrame({"team": ["东区; 一部", "West, 2"], "people": [6, 3]})
    return plan, forgetting.team_calendar(plan, teams, start="2026-01-05")


def test_no_refresher_is_held_late_or_on_a_weekend(calendar):
    plan, table = calendar
    assert len(table) == 2 * len(plan.refreshers)
    assert (table["day"] <= table["due_at"]).all()
    assert (table["day"].dt.day_of_week < 5).all()
    assert ((table["due_at"] - table["day"]) < pd.Timedelta(days=3)).all()
    exact = pd.Timestamp("2026-01-05") + pd.to_timedelta(plan.refreshers["days"], unit="D")
    assert (table.loc[table["team"] == "West, 2", "due_at"].to_numpy() - exact.to_numpy()).max() < (
        np.timedelta64(1, "us")
    )
    assert table.groupby("team")["cost"].sum()["West, 2"] == len(plan.refreshers) * 3 * 2 * 60
    every = forgetting.team_calendar(
        plan, pd.DataFrame({"team": ["a"], "people": [1]}), start="2026-01-05", weekends=True
    )
    assert (every["day"] == every["due_at"].dt.normalize()).all()


def test_a_start_on_a_weekend_waits_for_monday():
    weak = known_curve("exponential", half_life=5.1, start=0.7, time_unit="weeks")
    plan = schedule(weak, horizon_weeks=1)
    teams = pd.DataFrame({"team": ["a"], "people": [1], "trained_at": [pd.Timestamp("2026-01-03")]})
    table = forgetting.team_calendar(plan, teams)
    assert table["day"].iloc[0] == pd.Timestamp("2026-01-05")


def unfolded(text):
    return re.sub(r"\r\n[ \t]", "", text).split("\r\n")


def test_the_calendar_file_is_as_rfc_5545_wants_it(calendar):
    _, table = calendar
    words = {"name": "强化训练", "title": "第 {number} 次：{team}".format}
    long = "Bring a case; it will be discussed, line by line\nwith the team " + "强化训练" * 30
    text = forgetting.calendar_text(table, description=lambda **row: long, **words)
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    lines = unfolded(text)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(table)
    described = next(line for line in lines if line.startswith("DESCRIPTION:"))
    back = described.removeprefix("DESCRIPTION:")
    for escaped, plain in ((r"\n", "\n"), (r"\;", ";"), (r"\,", ","), ("\\\\", "\\")):
        back = back.replace(escaped, plain)
    assert back == long
    assert r"SUMMARY:第 1 次：东区\; 一部" in lines
    starts = [line for line in lines if line.startswith("DTSTART;VALUE=DATE:")]
    assert starts == [f"DTSTART;VALUE=DATE:{day:%Y%m%d}" for day in table["day"]]
    assert lines.count("DTSTAMP:20260105T000000Z") == len(table)


def test_identifiers_are_stable_and_each_its_own(calendar):
    _, table = calendar

    def ids(frame, title):
        text = forgetting.calendar_text(frame, name="x", title=title, description="".format)
        return {line for line in unfolded(text) if line.startswith("UID:")}

    first = ids(table, "{team}".format)
    assert len(first) == len(table)
    assert first == ids(table.iloc[::-1].assign(cost=0.0), "other words {team}".format)


def test_a_wrong_calendar_gets_one_clear_message():
    plan = schedule(SOURCE)
    team = pd.DataFrame({"team": ["a", "a"], "people": [1, 2]})
    with pytest.raises(SalesAnalysisError, match="`teams` lists a more than once"):
        forgetting.team_calendar(plan, team, start="2026-01-05")
    with pytest.raises(SalesAnalysisError, match="no column `trained_at`"):
        forgetting.team_calendar(plan, team.head(1))
    lasting = schedule(CURVES["lasting"], target=0.2)
    assert forgetting.team_calendar(lasting, team.head(1), start="2026-01-05").empty


def standing(courses, as_of, **more):
    known = KnownForgetting(as_of=as_of, courses=courses)
    return forgetting.team_standing(forgetting.course_standing(known, SOURCE, **more))


def test_the_standing_of_a_team_counts_from_the_last_refresher():
    courses = pd.DataFrame(
        {
            "learner_id": ["a", "a", "b"],
            "skill": ["x", "y", "x"],
            "team": ["T", "T", "U"],
            "last_at": pd.to_datetime(["2025-12-01 08:00", "2025-12-31 15:00", "2025-11-26 00:00"]),
            "refreshers": [0, 0, 2],
        }
    )
    table = standing(courses, "2025-12-31", effect=1.5, restores=0.9)
    known = table.set_index("team")["known"]
    assert known["T"] == pytest.approx((2 ** (-30 / 35.7) + 1) / 2)
    assert known["U"] == pytest.approx(0.9 * 2 ** (-35 / 35.7 / 2.25))
    assert table["team"].tolist() == ["U", "T"] if known["U"] < known["T"] else ["T", "U"]
    as_text = courses.assign(last_at=courses["last_at"].astype(str))
    again = standing(as_text, "2025-12-31", effect=1.5, restores=0.9)
    pd.testing.assert_frame_equal(again, table)
    with pytest.raises(SalesAnalysisError, match="`courses` has a `last_at` of .*, after 2025"):
        standing(courses, "2025-12-01")


# The fitted effect


@pytest.fixture(scope="module")
def taught():
    made = training(seed=3, learners=400)
    rows = made.tables
    by = ["method"]
    return made, reduce.forgetting.scored_tests(
        rows["scores"], rows["refreshers"], as_of="2025-12-31", by=by
    )


def test_the_planted_effect_is_found(taught):
    made, known = taught
    effect = forgetting.reinforcement_effect(known, by=["skill", "method"])
    assert effect.factor_low < made.truth.factor < effect.factor_high
    assert effect.factor_high / effect.factor_low < 1.15
    assert effect.p_value < 1e-6 and effect.refused == ""
    assert effect.start == pytest.approx(made.truth.start, abs=0.01)
    assert effect.restored == pytest.approx(made.truth.start, abs=0.02)
    truth = made.truth.half_lives.merge(effect.half_lives, on=["skill", "method"])
    inside = truth["half_life_low"].le(truth["half_life_days"]) & truth["half_life_high"].ge(
        truth["half_life_days"]
    )
    assert inside.sum() >= 13  # of 16 groups, at 95%
    assert effect.row()["factor"].iloc[0] == effect.factor
    assert effect.summary()["name"].is_unique


def test_where_refreshers_lengthen_nothing_none_is_found():
    made = training(seed=5, learners=400, null=True).tables
    known = reduce.forgetting.scored_tests(made["scores"], made["refreshers"], as_of="2025-12-31")
    effect = forgetting.reinforcement_effect(known)
    assert effect.factor_low < 1 < effect.factor_high
    assert effect.p_value > 0.05
    assert forgetting.reinforcement_findings(effect)[0].name == "effect_none"


def test_counts_and_shares_agree_and_the_optimum_is_the_optimum(taught):
    from scipy.optimize import minimize

    _, known = taught
    open_ended = known[known["guess"] == 0]
    counted = forgetting.reinforcement_effect(open_ended)
    shares = forgetting.reinforcement_effect(open_ended.drop(columns=["k", "n"]))
    assert shares.factor == pytest.approx(counted.factor, rel=0.05)

    def deviance(theta):
        level = np.where(open_ended["refreshers"] > 0, theta[1], theta[0])
        slower = np.exp(theta[3]) * np.exp(theta[2] * open_ended["refreshers"])
        p = np.clip(level * 2 ** (-open_ended["since_refreshed"] / slower), 1e-9, 1 - 1e-9)
        right, wrong = open_ended["k"], open_ended["n"] - open_ended["k"]
        return -2 * float((right * np.log(p) + wrong * np.log1p(-p)).sum())

    bounds = [(0.1, 1), (0.1, 1), (-2, 2), (0, 8)]
    found = minimize(deviance, [0.9, 0.9, 0.2, 3.5], method="L-BFGS-B", bounds=bounds)
    ours = [counted.start, counted.restored, np.log(counted.factor), np.log(counted.half_life)]
    assert deviance(ours) <= found.fun + 1e-6
    assert ours == pytest.approx(found.x, abs=2e-3)


def test_intervals_of_the_effect_cover_the_truth():
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(40):
        stick = 30 * np.exp(rng.normal(0, 0.1, 40))
        rows = [
            (f"L{i}", since, after, 0.95 * 2 ** (-since / (stick[i] * 1.5**after)))
            for i in range(40)
            for since, after in [(10, 0), (30, 0), (20, 1), (60, 1), (60, 2)]
            if after == 0 or i % 2
        ]
        names = ["learner_id", "since_refreshed", "refreshers", "retention"]
        known = pd.DataFrame(rows, columns=names)
        known["k"] = rng.binomial(30, known["retention"])
        known["n"] = 30
        effect = forgetting.reinforcement_effect(known)
        covered += effect.factor_low <= 1.5 <= effect.factor_high
    assert 33 <= covered <= 40


def test_what_cannot_be_told_is_refused(taught):
    _, known = taught
    never = forgetting.reinforcement_effect(known[known["refreshers"] == 0])
    assert never.refused == "few_learners" and np.isnan(never.factor)
    assert never.planned == {"effect": 1.0, "restores": 1.0}
    assert forgetting.reinforcement_findings(never)[0].name == "effect_open"
    assert len(never.half_lives) == 1
    at_once = known.assign(since_refreshed=0.0)
    assert forgetting.reinforcement_effect(at_once).refused in {"not_identified", "at_bound"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"since_refreshed": -1.0}, "`since_refreshed` is out of its limits"),
        ({"refreshers": 0.5}, "`refreshers` is out of its limits"),
        ({"k": 99}, "`k` / `n` is out of its limits"),
        ({"guess": 1.0}, "`guess` is out of its limits"),
    ],
)
def test_wrong_tests_get_one_clear_message(taught, change, message):
    with pytest.raises(SalesAnalysisError, match=message):
        forgetting.reinforcement_effect(taught[1].assign(**change))


def test_without_a_usable_test_there_is_no_effect_and_no_error(taught):
    effect = forgetting.reinforcement_effect(taught[1].assign(since_refreshed=np.nan), by="skill")
    assert (effect.refused, effect.tests, effect.learners) == ("few_learners", 0, 0)
    assert np.isnan(effect.factor) and effect.half_lives.empty


def test_the_order_of_the_rows_does_not_matter_and_inputs_stay(taught):
    _, known = taught
    before = known.copy()
    one = forgetting.reinforcement_effect(known).summary()
    other = forgetting.reinforcement_effect(known.sample(frac=1, random_state=1)).summary()
    pd.testing.assert_frame_equal(one, other, rtol=1e-6)
    pd.testing.assert_frame_equal(known, before)


def test_a_plan_does_not_rest_on_refreshers_that_bring_back_less_than_the_target(taught):
    effect = forgetting.reinforcement_effect(taught[1])
    assert effect.planned_for(0.8) == effect.planned
    assert forgetting.effect_caveats(effect, target=0.8) == []
    weak = replace(effect, restored=0.5)
    assert weak.planned_for(0.8) == {"effect": 1.0, "restores": 1.0}
    (said,) = forgetting.effect_caveats(weak, target=0.8)
    assert (said.name, said.values) == ("restores_too_little", {"restored": 0.5, "target": 0.8})

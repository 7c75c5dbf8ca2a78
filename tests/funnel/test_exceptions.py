"""Exceptions: found where planted, silent where nothing is, and fair to every seller."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import datasets, reduce, stats, text
from salesanalysis.datasets import PlantedException
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.funnel import conversion
from salesanalysis.funnel.coaching import coaching_list, compare_runs, exception_findings
from salesanalysis.funnel.contrasts import (
    WeightedCurves,
    count_contrast,
    expected_exits,
    odds_contrast,
)
from salesanalysis.funnel.exceptions import exceptions
from salesanalysis.funnel.norm import natural_spread, stand_out, two_sided
from salesanalysis.known import KnownFunnel
from salesanalysis.text import sentence

END = pd.Timestamp("2025-12-31 12:00")


def team(sellers, *, seed=0, pace=None, through=0.7, age=None, watched=400.0, **extra):
    """Frames of one stage ``offer``: ``sellers`` maps a seller to a number of deals.

    Days to leave are exponential with mean 20 × the seller's ``pace``, ``through`` is the share
    (or the share of each seller) that gets through, ``watched`` how long at most a deal of each
    seller has been watched.
    """
    rng = np.random.default_rng(seed)
    owner = np.repeat(list(sellers), list(sellers.values()))
    size = len(owner)

    def each(value, default):
        value = default if value is None else value
        return np.array(
            [value.get(o, default) if isinstance(value, dict) else value for o in owner]
        )

    needed = rng.exponential(20, size) * each(pace, 1.0)
    advanced = rng.random(size) < each(through, 0.7)
    seen = rng.uniform(1, each(watched, 400.0))
    left = needed <= seen
    result = np.where(left, np.where(advanced, "advanced", "lost"), "open")
    outcome = np.select([result == "open", advanced], ["open", "won"], "lost")
    days = np.minimum(needed, seen)
    entries = pd.DataFrame(
        {
            "opportunity_id": [f"d{i:05}" for i in range(size)],
            "owner_id": owner,
            "stage": "offer",
            "position": 0,
            "result": result,
            "result_days": days,
            "stage_days": days,
            "left": left,
            "outcome": outcome,
            "amount": 100.0,
            **extra,
        }
    )
    created = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 360, size), unit="D")
    created = created.where(left, END - pd.to_timedelta(days, unit="D"))
    deals = entries.drop(columns=["position", "result", "result_days", "stage_days", "left"])
    return entries, deals.assign(created_at=created, age_days=days)


def known(entries, deals, contacts=None):
    return KnownFunnel(as_of=END, entries=entries, deals=deals, contacts=contacts)


def judged(entries, deals, contacts=None, **options):
    return exceptions(known(entries, deals, contacts), **options)


def found(table, direction="worse"):
    rows = table[(table["verdict"] == "exception") & (table["direction"] == direction)]
    return set(zip(rows["owner_id"], rows["measure"], rows["stage"], strict=True))


def row(table, owner, measure, stage="offer"):
    (at,) = np.flatnonzero(
        (table["owner_id"] == owner) & (table["measure"] == measure) & (table["stage"] == stage)
    )
    return table.iloc[at]


EIGHT = {f"s{i}": 250 for i in range(8)}


# References from outside


SIX_MP = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+".split()
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23".split()


def test_expected_exits_are_those_of_the_log_rank_test():
    """Leukaemia remission of Freireich and others (1963); R's survdiff: E = 19.25 and 10.75."""
    days = np.array([float(t.rstrip("+")) for t in SIX_MP + PLACEBO])
    left = np.array([not t.endswith("+") for t in SIX_MP + PLACEBO])
    group = np.repeat([0, 1], 21)
    one_stratum = np.zeros(42, int)
    for edges in ([], [5.0, 11.0]):
        expected = expected_exits(days, np.zeros(42), left, one_stratum, edges).sum(axis=1)
        sums = np.bincount(group, expected)
        assert sums.round(2).tolist() == [19.25, 10.75]


def test_the_signed_root_keeps_the_tails_where_events_are_few():
    rng = np.random.default_rng(3)
    k = rng.binomial(80, 0.1, 40_000).astype(float)
    many = np.ones((len(k), 1))
    contrast = odds_contrast(k[:, None], 80 * many, 0.1 * many)
    z = contrast.log_ratio / contrast.test_error
    for side in (z > 2.326, z < -2.326):
        assert 0.005 < side.mean() < 0.017
    # The score statistic, (observed − expected) ÷ standard error, has a heavy upper tail here.
    assert ((k - 8) / np.sqrt(80 * 0.1 * 0.9) > 3.09).mean() > 1.5 * (z > 3.09).mean()


def test_contrasts_are_maximum_likelihood():
    from scipy import optimize, special
    from scipy import stats as scipy_stats

    n, k, share = np.array([40.0, 25]), np.array([9.0, 14]), np.array([0.4, 0.6])
    best = optimize.minimize_scalar(
        lambda b: -scipy_stats.binom.logpmf(k, n, special.expit(special.logit(share) + b)).sum()
    )
    contrast = odds_contrast(k[None], n[None], share[None])
    assert contrast.log_ratio[0] == pytest.approx(best.x, abs=1e-5)
    even = -scipy_stats.binom.logpmf(k, n, share).sum()
    root = contrast.log_ratio[0] / contrast.test_error[0]
    assert root**2 == pytest.approx(2 * (even - best.fun), rel=1e-6)
    none = count_contrast(np.array([0.0, 7.0]), np.array([8.0, 0.0]))
    assert none.log_ratio[0] == pytest.approx(np.log(0.5 / 8))
    assert np.isnan(none.log_ratio[1])


# The parts


@given(
    st.lists(
        st.tuples(
            st.integers(0, 12), st.sampled_from([0, 1, 2]), st.integers(-2, 9), st.booleans()
        ),
        min_size=1,
        max_size=40,
    )
)
def test_weighted_curves_are_those_of_the_rows_with_weight(rows):
    days, cause, entry, mine = (np.array(column) for column in zip(*rows, strict=True))
    days, entry = days.astype(float), np.maximum(entry, 0).astype(float)
    curves = WeightedCurves(days, cause, entry)
    weight = mine.astype(float)
    for horizon in (3.0, 20.0):
        curve = stats.aalen_johansen(days[mine], cause[mine], entry=entry[mine])
        curve = curve[(curve["cause"] == 1) & (curve["days"] <= horizon)]
        known = curve["incidence"].iloc[-1] if len(curve) else 0.0
        assert curves.incidence(weight, horizon) == pytest.approx(known, abs=1e-9)
    curve = stats.kaplan_meier(days[mine], cause[mine] > 0, entry=entry[mine])
    assert curves.median(weight) == stats.survival_quantile(curve)[0][0]


def test_the_natural_spread_is_found_in_spite_of_exceptions():
    rng = np.random.default_rng(1)
    variance = rng.uniform(0.01, 0.05, 500)
    distance = rng.normal(0, np.sqrt(variance + 0.09))
    assert natural_spread(distance, variance) == pytest.approx(0.09, rel=0.25)
    distance[:25] += 3
    assert natural_spread(distance, variance) == pytest.approx(0.09, rel=0.5)
    assert natural_spread(rng.normal(0, np.sqrt(variance)), variance) < 0.01
    assert natural_spread(np.full(3, np.nan), np.ones(3)) == 0


def test_a_seller_is_measured_against_what_its_other_stages_lead_to_expect():
    rng = np.random.default_rng(2)
    level = rng.normal(0, 0.5, (40, 1))
    log_ratio = level + rng.normal(0, 0.15, (40, 6))
    error = np.full((40, 6), 0.1)
    log_ratio[0] = [-0.9, -0.9, -0.9, -0.9, -0.9, -0.9]
    log_ratio[1] = [0.3, 0.3, -0.9, 0.3, 0.3, 0.3]
    z, *_ = stand_out(log_ratio, error, spread=True)
    assert np.abs(z[0]).max() < 2 < 4 < -z[1, 2]
    assert z[2:].std() == pytest.approx(1, abs=0.15)
    plain, *_ = stand_out(log_ratio, error, spread=False)
    assert plain[0, 0] == pytest.approx(-9)


def test_a_missing_stage_changes_nothing_else():
    log_ratio = np.random.default_rng(4).normal(0, 0.3, (8, 4))
    error = np.full((8, 4), 0.1)
    log_ratio[2, 1] = error[2, 1] = np.nan
    z, *_ = stand_out(log_ratio, error, spread=True)
    assert np.isnan(z[2, 1]) and np.isfinite(z).sum() == 31


# One seller against the team


def test_a_seller_who_loses_more_is_found_for_that_alone():
    table = judged(*team(EIGHT, through={"s3": 0.45}))
    assert found(table) == {("s3", "conversion", "offer")}
    weak = row(table, "s3", "conversion")
    assert weak["ratio_low"] < 0.45 / 0.55 / (0.7 / 0.3) < weak["ratio_high"]
    assert weak["ratio"] < weak["ratio_shrunken"] < 1
    assert weak["reason"] == "conversion_worse"
    # 250 deals × 25 points lost, worth 100 each, all of them won once through
    assert weak["gain"] == pytest.approx(0.25 * 250 * 100, rel=0.3)
    assert np.isnan(weak["at_stake"]) and np.isnan(weak["at_stake_period"])


def test_a_slow_seller_is_found_for_that_and_not_for_losing():
    entries, deals = team(EIGHT, pace={"s5": 2.0}, watched=120)
    chances = deals[["opportunity_id"]].assign(at_stake=30.0, at_stake_period=10.0)
    table = judged(entries, deals, chances=chances)
    assert found(table) == {("s5", "ageing", "offer")}
    slow = row(table, "s5", "ageing")
    assert slow["ratio_low"] < 0.5 < slow["ratio_high"]
    # Of what is decided so far, the slow seller has less through than the others: no fault.
    assert (entries["result"] == "advanced").groupby(entries["owner_id"]).mean().idxmin() == "s5"
    own = entries[entries["owner_id"] == "s5"]
    # What hangs on the deals that are still there; not on those that are over.
    assert slow["at_stake"] == 30.0 * (~own["left"]).sum() > 0
    assert slow["at_stake_period"] == 10.0 * (~own["left"]).sum()
    assert np.isnan(slow["gain"])
    unknown = row(judged(entries, deals), "s5", "ageing")
    assert np.isnan(unknown["at_stake"]) and np.isnan(unknown["at_stake_period"])
    medians = stats.survival_quantile(stats.kaplan_meier(own["stage_days"], own["left"]))
    assert slow["own_value"] == medians[0][0]


def test_a_seller_whose_deals_are_young_is_not_to_blame():
    # Losers leave late here: whoever has been watched for a short time shows few losses.
    entries, deals = team(EIGHT, watched={"s0": 15.0}, through=0.7)
    late = entries["result"].isin(["lost"]) & (entries["result_days"] < 15)
    entries.loc[late, ["result", "left"]] = ["open", False]
    table = judged(entries, deals, norm="equal")
    assert {r for r in found(table) | found(table, "better") if r[0] == "s0"} == set()


def test_own_value_is_the_final_conversion_of_the_funnel_table():
    entries, deals = team(EIGHT, watched=60)
    table = judged(entries, deals)
    for owner in EIGHT:
        shown = row(table, owner, "conversion")
        mine, rest = entries["owner_id"] == owner, entries["owner_id"] != owner
        for part, value in ((mine, "own_value"), (rest, "team_value")):
            final = conversion(
                entries[part].assign(skipped=False, moved_back=False),
                basis="final",
                horizon_days=shown["horizon_days"],
            )
            assert shown[value] == pytest.approx(final["rate"].iloc[0], abs=1e-9)


def test_hard_leads_are_no_fault_once_they_are_compared_with_their_like():
    rng = np.random.default_rng(8)
    hard = rng.random(2000) < np.repeat([0.95, *[0.3] * 7], 250)
    through = dict(enumerate(np.where(hard, 0.3, 0.8)))
    entries, deals = team(
        {str(i): 1 for i in range(2000)}, through={str(i): t for i, t in through.items()}
    )
    extra = {"owner_id": np.repeat(list(EIGHT), 250), "source": np.where(hard, "cold", "warm")}
    entries, deals = entries.assign(**extra), deals.assign(**extra)
    assert ("s0", "conversion", "offer") in found(judged(entries, deals))
    fair = judged(entries, deals, adjust="source")
    assert found(fair) == set()
    fine = row(fair, "s0", "conversion")
    assert fine["team_value"] == pytest.approx(0.3 * 0.95 + 0.8 * 0.05, abs=0.06)


def test_small_numbers_do_not_shout_and_are_not_hidden():
    table = judged(*team(EIGHT | {"tiny": 4}, through={"tiny": 0.0}))
    assert {r for r in found(table) if r[1] != "volume"} == set()
    tiny = table[table["owner_id"] == "tiny"]
    assert set(tiny.loc[tiny["measure"] != "volume", "verdict"]) == {"too_few"}
    assert tiny["n"].tolist() == [4, 4, 4]
    assert tiny["p_value"].isna().sum() >= 2
    assert table["verdict"].iloc[-1] == "too_few"
    last = exception_findings(table)[-1]
    assert (last.name, last.values["untested"]) == ("untested", (table["p_value"].isna()).sum())


def test_what_the_table_says_is_noticed_is_found_about_every_other_time():
    owners = dict.fromkeys((f"s{i}" for i in range(12)), 100)
    equals = [judged(*team(owners, seed=seed)) for seed in range(5)]
    odds = 0.7 / 0.3 * np.median([row(t, "s0", "conversion")["ratio_noticed"] for t in equals])
    weak = [team(owners, through={"s0": odds / (1 + odds)}, seed=100 + n) for n in range(30)]
    seen = [("s0", "conversion", "offer") in found(judged(*frames)) for frames in weak]
    assert 0.3 <= np.mean(seen) <= 0.85


def test_the_reader_is_told_what_would_go_unseen():
    tables = [judged(*team(dict.fromkeys(EIGHT, deals))) for deals in (40, 400)]
    few, many = (
        {finding.name: finding.values for finding in exception_findings(table)} for table in tables
    )
    assert few["noticed_conversion"]["share"] < many["noticed_conversion"]["share"] < 0.7
    assert few["noticed_ageing"]["times"] > many["noticed_ageing"]["times"] > 1
    values = many["noticed_conversion"]
    odds = [share / (1 - share) for share in (values["share"], values["team_value"])]
    steps = tables[1][(tables[1]["measure"] == "conversion") & (tables[1]["stage"] != "all")]
    noticed = steps["ratio_noticed"].quantile(0.5, interpolation="lower")
    assert odds[0] / odds[1] == pytest.approx(noticed)


def test_who_differs_no_more_than_sellers_do_is_no_exception():
    rng = np.random.default_rng(11)
    owners = {f"s{i:02}": 400 for i in range(20)}
    through = {o: 1 / (1 + np.exp(-0.8 - rng.normal(0, 0.6))) for o in owners}
    frames = team(owners, through=through)
    assert len(found(judged(*frames, norm="equal"))) >= 3
    assert found(judged(*frames)) == set()


def test_volume_allows_for_who_came_later_and_for_unequal_territories():
    rng = np.random.default_rng(5)
    counts = {f"s{i}": int(c) for i, c in enumerate(rng.lognormal(5.3, 0.25, 12))}
    entries, deals = team(counts | {"late": 60, "idle": 20}, watched=1e9)
    late, idle = deals["owner_id"] == "late", deals["owner_id"] == "idle"
    day = deals["created_at"].dt.normalize()
    deals["created_at"] = day.where(~late, pd.Timestamp("2025-09-15") + (day - day.min()) * 0.28)
    deals.loc[idle & idle.cumsum().eq(1), "created_at"] = day.min()
    table = judged(entries, deals)
    assert {r for r in found(table) if r[1] == "volume"} == {("idle", "volume", "all")}
    first = deals.loc[late, "created_at"].min()
    weeks = (deals["created_at"].max() - first) / pd.Timedelta(days=7)
    assert row(table, "late", "volume", "all")["own_value"] == pytest.approx(59 / weeks)


def test_a_small_team_has_no_spread_to_judge_volume_by():
    table = judged(*team({"a": 300, "b": 300, "c": 40}))
    assert set(table.loc[table["measure"] == "volume", "verdict"]) == {"too_few"}
    assert "too_few" not in set(table.loc[table["measure"] == "ageing", "verdict"])


def test_activity_is_contacts_per_week_open():
    entries, deals = team(EIGHT)
    rng = np.random.default_rng(6)
    eager = rng.gamma(2, 0.5, len(deals))  # deals differ in how much they need
    rate = np.where(deals["owner_id"] == "s2", 0.4, 1.0) * eager
    contacts = rng.poisson(rate * deals["age_days"] / 7)
    activities = pd.DataFrame({"opportunity_id": deals["opportunity_id"], "contacts": contacts})
    table = judged(entries, deals, activities[activities["contacts"] > 0])
    assert found(table) == {("s2", "activity", "all")}
    idle = row(table, "s2", "activity", "all")
    own = deals["owner_id"] == "s2"
    assert idle["own_value"] == pytest.approx(
        contacts[own].sum() / deals.loc[own, "age_days"].sum() * 7
    )
    assert idle["ratio_low"] < 0.4 < idle["ratio_high"]
    # Whoever made them, and of whatever kind: the contacts of a deal are added up.
    calls = activities.assign(kind="call", contacts=contacts // 2)
    rest = activities.assign(kind="email", contacts=contacts - contacts // 2)
    without = pd.DataFrame({"opportunity_id": [None], "kind": "call", "contacts": 10_000})
    pd.testing.assert_frame_equal(table, judged(entries, deals, pd.concat([calls, rest, without])))


def test_rows_without_a_seller_are_of_the_team_and_get_no_row():
    entries, deals = team(EIGHT)
    nobody = entries["owner_id"] == "s7"
    entries.loc[nobody, "owner_id"] = deals.loc[nobody, "owner_id"] = None
    table = judged(entries, deals)
    assert table["owner_id"].notna().all() and table["owner_id"].nunique() == 7
    with_name = judged(*team(EIGHT))
    for measure in ("conversion", "ageing"):
        assert row(table, "s0", measure)["ratio"] == pytest.approx(
            row(with_name, "s0", measure)["ratio"]
        )


def test_one_seller_alone_has_nobody_to_be_compared_with():
    table = judged(*team({"s0": 200}))
    assert set(table["verdict"]) == {"too_few"}
    assert table["team_value"].isna().all()


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_and_the_input_do_not_change(seed):
    entries, deals = team({"a": 60, "b": 70, "c": 50}, seed=seed)
    before = entries.copy(), deals.copy()
    table = judged(entries, deals)
    shuffled = judged(
        entries.sample(frac=1, random_state=seed), deals.sample(frac=1, random_state=seed)
    )
    pd.testing.assert_frame_equal(table, shuffled)
    pd.testing.assert_frame_equal(entries, before[0])
    pd.testing.assert_frame_equal(deals, before[1])
    tested = table[table["p_value"].notna()]
    assert (tested["q_value"] >= tested["p_value"] - 1e-12).all()
    # At single stages p is of the seller × stage, in one direction; elsewhere of the row in both.
    rest = tested[tested["stage"] == "all"]
    assert np.allclose(rest["p_value"], two_sided(rest["z"].to_numpy()))
    assert (
        (tested["ratio_low"] < tested["ratio"]) & (tested["ratio"] < tested["ratio_high"])
    ).all()
    between = np.abs(np.log(tested["ratio_shrunken"])) <= np.abs(np.log(tested["ratio"]))
    assert between.all()


# Made-up companies whose truth is known (200 seeds: benchmarks/funnel/exceptions.py)

PLANTED = (
    PlantedException("R001", "C", times_days=2.5),
    PlantedException("R002", "D", lost_log_odds=1.5),
    PlantedException("R003", "S", times_days=2.2),
)


def company_known(**options):
    made = datasets.company(reps=12, **options)
    tables = {name: made.tables[name] for name in ("opportunities", "stage_history")}
    carried = ["owner_id", "source"]
    return reduce.funnel.known(tables, as_of=made.as_of, stages=made.stages, by=carried)


@pytest.fixture(scope="module")
def companies():
    """The tables of ten companies with planted exceptions, and of ten without any."""
    return [
        [
            exceptions(company_known(seed=seed, deals=2500, **options), adjust="source")
            for seed in range(10)
        ]
        for options in ({"exceptions": PLANTED}, {"null": True})
    ]


@pytest.mark.gate
def test_planted_exceptions_are_found_and_hardly_anything_else(companies):
    truth = {("R001", "ageing", "C"), ("R002", "conversion", "D"), ("R003", "ageing", "S")}
    said = [found(table) for table in companies[0]]
    hits = sum(len(rows & truth) for rows in said)
    assert hits >= 0.8 * 30
    assert sum(map(len, said)) - hits <= 0.2 * sum(map(len, said))


@pytest.mark.gate
def test_a_company_of_equals_is_left_in_peace(companies):
    assert sum(bool(found(table)) for table in companies[1]) <= 2
    tested = pd.concat(companies[1])["p_value"].dropna()
    assert (tested < 0.01).mean() < 0.015


@pytest.mark.gate
def test_every_exception_can_be_said_in_both_languages(companies):
    table = pd.concat(companies[0], ignore_index=True)
    names = set()
    for finding in exception_findings(table, most=100) + exception_findings(companies[1][0]):
        names.add(finding.name)
        for lang in text.LANGUAGES:
            said = sentence(f"funnel.exception.{finding.name}", lang, **finding.values)
            assert "nan" not in said and "{" not in said
    assert {"conversion_worse", "ageing_worse", "none", "untested"} <= names


# Coaching and the closed loop


def test_the_coaching_list_is_short_and_names_the_deals():
    entries, deals = team(EIGHT, pace={"s5": 2.0}, through={"s5": 0.45, "s3": 0.4}, watched=120)
    table = judged(entries, deals)
    stuck = deals[(deals["outcome"] == "open") & deals["owner_id"].isin(["s1", "s5"])]
    stuck = stuck.groupby("owner_id").tail(2)
    company = known(entries, deals)
    listed = coaching_list(company, table, stuck)
    worse = table[(table["verdict"] == "exception") & (table["direction"] == "worse")]
    assert listed["owner_id"].tolist() == [*worse["owner_id"].drop_duplicates(), "s1"]
    assert set(listed["owner_id"]) == {"s3", "s5", "s1"}
    line = listed.set_index("owner_id")
    assert line["others"].to_dict() == {"s3": 0, "s5": 1, "s1": 0}
    assert line["stuck"].to_dict() == {"s3": 0, "s5": 2, "s1": 2}
    assert line.loc["s1", "measure"] == "stuck"
    assert line.loc["s5", "look_at"].split(", ")[:2] == sorted(
        stuck.loc[stuck["owner_id"] == "s5", "opportunity_id"]
    )
    assert len(coaching_list(company, table, stuck, most=1)) == 1
    assert coaching_list(company, table)["stuck"].isna().all()


def test_nothing_to_coach_gives_an_empty_list():
    company = known(*team(EIGHT))
    assert len(coaching_list(company, exceptions(company), company.deals.head(0))) == 0


def test_runs_are_compared_even_through_a_file():
    before = judged(
        *team(EIGHT, through={"s3": 0.4, "s4": 0.4}), norm="equal", false_discovery=0.001
    )
    seven = {seller: deals for seller, deals in EIGHT.items() if seller != "s4"}
    now = judged(
        *team(seven, through={"s3": 0.4}, pace={"s6": 2.5}, seed=1),
        norm="equal",
        false_discovery=0.001,
    )
    file = io.StringIO(before.to_csv(index=False))
    read = pd.read_csv(file, dtype={"owner_id": str})
    for previous in (before, read, read[read["verdict"] == "exception"]):
        moved = compare_runs(previous, now).set_index(["owner_id", "measure"])
        assert moved["status"].to_dict() == {
            ("s6", "ageing"): "new",
            ("s3", "conversion"): "still",
            ("s4", "conversion"): "untested",
        }
        assert np.isnan(moved.loc[("s6", "ageing"), "previous_value"])
    back = compare_runs(now, judged(*team(EIGHT, seed=2)))
    assert set(back["status"]) == {"resolved"}
    assert len(compare_runs(now.head(0), judged(*team(EIGHT, seed=2)))) == 0


# Calls that are wrong


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"norm": "none"}, "`norm` is 'none'; expected spread or equal"),
        ({"false_discovery": 10}, "`false_discovery` is 10"),
        ({"least_expected": 0}, "`least_expected` is 0"),
        ({"by": "seller"}, "no column `seller`"),
        ({"by": ["owner_id", "outcome"]}, "expected one column, such as 'owner_id'"),
        ({"adjust": "channel"}, "no column `channel`"),
        ({"stages": ["bid"]}, "`stages` has 'bid'; the entries have offer"),
        ({"level": 95}, "`level` is 95"),
    ],
)
def test_a_wrong_call_gets_one_clear_message(options, message):
    entries, deals = team({"a": 30, "b": 30})
    with pytest.raises(SalesAnalysisError, match=message):
        judged(entries, deals, **options)


def test_tables_that_cannot_be_compared_are_refused():
    table = judged(*team({"a": 30, "b": 30}))
    with pytest.raises(SalesAnalysisError, match="`previous` is about `team`"):
        compare_runs(table.rename(columns={"owner_id": "team"}), table)
    with pytest.raises(SalesAnalysisError, match="`current` has .* twice"):
        compare_runs(table, pd.concat([table, table]))
    entries, deals = team({"a": 30, "b": 30})
    with pytest.raises(SalesAnalysisError, match="all stages together"):
        judged(entries.assign(stage="all"), deals)


# Real deals and the picture


def test_a_real_pipeline_without_history(shared):
    pipeline = pd.read_csv(shared("crm/sales_pipeline.csv"))
    pipeline = pipeline.rename(columns={"sales_agent": "owner_id", "close_value": "amount"})
    outcome = pipeline["deal_stage"].str.lower()
    deals = pipeline.assign(
        outcome=outcome.where(outcome.isin(["won", "lost"]), "open"),
        created_at=pd.to_datetime(pipeline["engage_date"]),
        closed_at=pd.to_datetime(pipeline["close_date"]),
    )
    carried = ["owner_id", "product"]
    company = reduce.funnel.known({"opportunities": deals}, as_of="2017-12-31", by=carried)
    table = exceptions(company, adjust="product")
    assert table["owner_id"].nunique() == 30
    assert set(table["stage"]) == {"created", "all"}
    assert len(found(table)) <= 4
    strict = exceptions(company, adjust="product", norm="equal")
    assert len(found(strict)) >= len(found(table))


def test_the_picture_shows_every_exception_with_its_interval():
    import matplotlib.pyplot as plt

    from salesanalysis.plots import funnel as pictures

    table = judged(*team(EIGHT, through={"s3": 0.45}, pace={"s5": 0.4}))
    rows = table[table["verdict"] == "exception"]
    for lang, measure in (("en", "Conversion"), ("zh", "转化率")):
        ax = pictures.exceptions(table, lang=lang)
        labels = [label.get_text() for label in ax.get_yticklabels()]
        assert labels[0] == f"s3 · {measure} · offer" and len(labels) == len(rows)
        drawn = [segment for lines in ax.collections for segment in lines.get_segments()]
        low, high = drawn[0][:, 0]
        assert (low, high) == pytest.approx(rows[["ratio_low", "ratio_high"]].iloc[0].tolist())
        assert ax.get_xlim()[0] < rows["ratio_low"].min()
        ax.figure.canvas.draw()
        plt.close(ax.figure)
    ax = pictures.exceptions(table[table["verdict"] == "normal"])
    assert ax.texts[0].get_text() == "Nothing stands out from the norm"
    plt.close(ax.figure)

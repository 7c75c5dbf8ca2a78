"""Partial pooling and tests of groups: invariants, coverage, calibration under the null, power."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from salesanalysis import SalesAnalysisError, text
from salesanalysis.funnel.differences import TESTS, group_test, group_test_splits
from salesanalysis.funnel.pooling import pooled_win_rate, pooled_win_rate_splits
from salesanalysis.known import KnownFunnel
from salesanalysis.plots import funnel as pictures
from salesanalysis.stats.pooling import pooled_rates
from salesanalysis.stats.spread import Spread

END = pd.Timestamp("2025-12-31 12:00")
PROBABILITIES = ["pooled_rate", "pooled_low", "pooled_high", "own_weight", "best", "worst"]


def counts(*pairs):
    return pd.DataFrame(pairs, columns=["n", "k"])


def deals(rng, groups, per_group, *, rates=0.4, watched=300.0):
    """Deals of equal or different groups; winners take 60 days on average, losers 30."""
    group = np.repeat(np.arange(groups), per_group)
    won = rng.random(len(group)) < np.broadcast_to(rates, groups)[group]
    ended = rng.exponential(np.where(won, 60.0, 30.0))
    seen = rng.uniform(0, np.broadcast_to(watched, groups)[group])
    outcome = np.where(ended > seen, "open", np.where(won, "won", "lost"))
    created = END - pd.to_timedelta(seen, unit="D")
    days = np.minimum(ended, seen)
    return pd.DataFrame(
        {"outcome": outcome, "age_days": days, "created_at": created, "group": group}
    )


def table_of(frame, **arguments):
    """The table of the tests, by test."""
    return group_test(known(frame), by="group", **arguments).set_index("test")


def known(frame):
    return KnownFunnel(as_of=END, deals=frame)


any_counts = st.lists(
    st.integers(0, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    min_size=3,
    max_size=8,
).filter(lambda pairs: sum(n > 0 for n, _ in pairs) >= 3)


@given(any_counts)
@settings(max_examples=20, deadline=None)
def test_pooled_rates_are_between_the_extremes_and_in_their_intervals(pairs):
    table = pooled_rates(counts(*pairs), draws=200)
    assert ((table[PROBABILITIES] >= 0) & (table[PROBABILITIES] <= 1)).all(axis=None)
    assert (table["pooled_low"] <= table["pooled_rate"]).all()
    assert (table["pooled_rate"] <= table["pooled_high"]).all()
    assert table[["best", "worst"]].sum().tolist() == pytest.approx([1, 1])
    assert (table["own_weight"][table["n"] == 0] == 0).all()
    # More data, more weight; of equal n the one with more wins has the higher pooled rate.
    weights = table.sort_values("n")["own_weight"].to_numpy()
    assert (np.diff(weights) >= -1e-12).all()
    for _, same in table.groupby("n"):
        assert same.sort_values("k")["pooled_rate"].is_monotonic_increasing


@given(any_counts)
@settings(max_examples=10, deadline=None)
def test_losses_mirror_wins(pairs):
    table = pooled_rates(counts(*pairs), draws=1)
    mirror = pooled_rates(counts(*((n, n - k) for n, k in pairs)), draws=1)
    assert np.allclose(table["pooled_rate"], 1 - mirror["pooled_rate"], atol=1e-9)
    assert np.allclose(table["pooled_low"], 1 - mirror["pooled_high"], atol=1e-4)


def test_small_groups_do_not_shout():
    # Twenty sellers of rate 0.4 with 50 deals; one more with 3 wins of 3.
    k = np.random.default_rng(2).binomial(50, 0.4, 20)
    table = pooled_rates(pd.DataFrame({"n": [*[50] * 20, 3], "k": [*k, 3]}))
    lucky = table.iloc[-1]
    assert lucky["rate"] == 1
    assert lucky["pooled_rate"] < 0.5
    assert lucky["own_weight"] < 0.15
    assert lucky["best"] < 0.3


def test_equal_groups_are_pooled_to_one_rate_and_different_ones_are_not():
    equal = pooled_rates(counts(*[(1000, 300)] * 12))
    assert equal["own_weight"].max() < 0.3
    apart = pooled_rates(counts(*((1000, k) for k in range(100, 901, 100))))
    assert apart["own_weight"].min() > 0.98
    assert apart["rank"].tolist() == list(range(9, 0, -1))
    assert apart["best"].iloc[-1] == 1


def test_limits_are_quantiles_of_the_mixture():
    spread = Spread.fit([30, 8, 55, 1], [10, 0, 30, 1])
    assert spread.weight.sum() == pytest.approx(1)
    for n, k in ((30, 10), (1, 1), (0, 0)):
        (_, low, high, _) = spread.group_rates(np.array([n]), np.array([k]), 0.9)[0]
        for limit, share in ((low, 0.05), (high, 0.95)):
            below = special.betainc(spread.alpha + k, spread.beta + (n - k), limit)
            assert spread.weight @ below == pytest.approx(share, abs=1e-4)


@pytest.mark.gate
def test_credible_intervals_cover_the_true_rates_and_pooling_beats_the_raw_rates():
    rng = np.random.default_rng(4)
    covered, raw_error, pooled_error, intervals = 0, 0.0, 0.0, 0
    for _ in range(16):
        true = rng.beta(6, 9, 15)
        n = rng.integers(3, 60, 15)
        table = pooled_rates(pd.DataFrame({"n": n, "k": rng.binomial(n, true)}), draws=1)
        covered += ((table["pooled_low"] <= true) & (true <= table["pooled_high"])).sum()
        intervals += len(table)
        raw_error += ((table["rate"] - true) ** 2).sum()
        pooled_error += ((table["pooled_rate"] - true) ** 2).sum()
    assert 0.92 <= covered / intervals <= 0.98
    assert pooled_error < 0.6 * raw_error


def test_the_spread_is_that_of_the_true_rates():
    rng = np.random.default_rng(8)
    true = rng.beta(20, 30, 200)  # sd 0.0686
    spread = Spread.fit(np.full(200, 80), rng.binomial(80, true)).summary()
    mean, between = spread.to_dict("records")
    assert mean["low"] < 0.4 < mean["high"]
    assert between["low"] < 0.0686 < between["high"]
    assert between["high"] - between["low"] < 0.05


def test_grid_finds_a_narrow_posterior():
    # A hundred thousand deals in each of thirty equal groups: the spread is next to nothing.
    k = np.random.default_rng(1).binomial(100_000, 0.3, 30)
    mean, between = Spread.fit(np.full(30, 100_000), k).summary().to_dict("records")
    assert mean["value"] == pytest.approx(k.sum() / 3e6, abs=1e-4)
    assert between["high"] < 0.002


def test_too_few_groups_are_not_pooled_but_kept():
    table = pooled_rates(counts((10, 3), (20, 8), (0, 0)))
    assert table["refused"].tolist() == ["few_groups"] * 3
    assert table[PROBABILITIES].isna().all(axis=None)
    assert table["rate"].tolist()[:2] == [0.3, 0.4]


def test_pooled_win_rate_counts_decided_deals_and_keeps_missing_groups():
    frame = pd.DataFrame(
        {"outcome": ["won", "lost", "open", "cancelled", "won", "open"],
         "team": ["a", "a", "a", None, "b", "c"]}
    )  # fmt: skip
    table = pooled_win_rate(frame, by="team")
    assert table["team"].isna().tolist() == [False, False, False, True]
    assert table["n"].tolist() == [2, 1, 0, 1]
    assert table["k"].tolist() == [1, 1, 0, 0]
    assert np.isnan(table["rate"].iloc[2]) and 0 < table["pooled_rate"].iloc[2] < 1


def test_the_same_seed_gives_the_same_table_and_another_only_other_ranks():
    table = counts((10, 3), (20, 8), (15, 7))
    pd.testing.assert_frame_equal(pooled_rates(table), pooled_rates(table))
    other = pooled_rates(table, seed=1)
    names = ["pooled_rate", "pooled_low", "pooled_high", "own_weight"]
    pd.testing.assert_frame_equal(pooled_rates(table)[names], other[names])
    assert (pooled_rates(table)["best"] - other["best"]).abs().max() < 0.05


# Tests of groups


@pytest.fixture(scope="module")
def null_p_values():
    """P-values of 60 companies whose five groups are equal, small, and watched equally long."""
    frames = (deals(np.random.default_rng(seed), 5, 16) for seed in range(60))
    return pd.DataFrame([table_of(frame, permutations=99)["p_value"] for frame in frames])


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.gate
def test_p_values_of_equal_groups_are_uniform(null_p_values, test):
    p = null_p_values[test]
    assert p.notna().all()
    assert stats.kstest(p, "uniform").pvalue > 0.001
    # At most what a rate of 5% gives with probability 99.9%.
    assert (p <= 0.05).sum() <= stats.binom.ppf(0.999, len(p), 0.05)


def test_only_the_decided_share_is_misled_by_groups_that_were_watched_for_less_time():
    # Half the groups are young: their losers, who are faster, are known, their winners not yet.
    watched = np.where(np.arange(4) % 2, 45.0, 400.0)
    p = []
    for seed in range(40):
        frame = deals(np.random.default_rng(seed), 4, 400, watched=watched)
        p.append(table_of(frame, permutations=19)["p_value"])
    share, incidence, pace = (np.array(p) <= 0.05).sum(axis=0)
    assert share > 20
    most = stats.binom.ppf(0.999, len(p), 0.05)
    assert incidence <= most and pace <= most


def test_groups_that_differ_are_found():
    found = np.zeros(3)
    for seed in range(20):
        frame = deals(np.random.default_rng(seed), 4, 120, rates=[0.25, 0.25, 0.5, 0.5])
        found += (table_of(frame, permutations=99)["verdict"] == "differ").to_numpy()
    assert found[0] >= 19 and found[1] >= 19
    # The pace of the open deals differs less than what becomes of them all.
    assert found[2] < found[1]


def test_the_same_share_at_another_speed_differs_in_pace_only():
    rng = np.random.default_rng(5)
    slow = deals(rng, 1, 400, watched=10_000.0)
    fast = deals(rng, 1, 400, watched=10_000.0).assign(group=1)
    fast["age_days"] /= 3
    began = END - pd.to_timedelta(fast["age_days"], unit="D")
    fast["created_at"] = fast["created_at"].where(fast["outcome"] != "open", began)
    table = table_of(pd.concat([slow, fast]))
    assert table.loc["win_share", "verdict"] == "not_shown"
    assert table.loc["time_to_win", "verdict"] == "differ"
    assert table["method"].tolist() == ["permutation", "chi_square", "chi_square"]


def test_delayed_entry_leaves_the_time_before_out():
    # The late group came under observation at day 50, its early closings are not on record.
    rng = np.random.default_rng(6)
    frame = deals(rng, 2, 2000, watched=10_000.0)
    late = frame["group"] == 1
    frame["entry_days"] = np.where(late, 50.0, 0.0)
    frame = frame[~late | (frame["age_days"] > 50)]
    right = table_of(frame)
    assert right.loc["time_to_win", "p_value"] > 0.01
    assert right.loc["win_incidence", "refused"] == "delayed_entry"
    wrong = table_of(frame.drop(columns="entry_days"))
    assert wrong.loc["time_to_win", "p_value"] < 1e-6


def test_holm_by_hand():
    frame = deals(np.random.default_rng(7), 3, 60, rates=[0.2, 0.4, 0.6])
    frame["other"] = np.arange(len(frame)) % 3
    table = group_test_splits(known(frame), splits=["group", "other"])
    assert table["split"].tolist() == ["group"] * 3 + ["other"] * 3
    ordered = table.sort_values("p_value", kind="stable")
    by_hand, highest = [], 0.0
    for rank, p in enumerate(ordered["p_value"]):
        highest = min(max(highest, p * (6 - rank)), 1.0)
        by_hand.append(highest)
    assert ordered["p_adjusted"].tolist() == pytest.approx(by_hand)
    judged = table["verdict"].eq("differ")
    assert (judged == (table["p_adjusted"] <= 0.05)).all()


@pytest.mark.parametrize(
    ("frame", "reasons"),
    [
        (pd.DataFrame({"outcome": ["won", "lost"], "age_days": 5.0, "group": "a"}),
         ["one_group"] * 3),
        (pd.DataFrame({"outcome": "won", "age_days": 1.0, "group": list("aabb")}),
         ["no_contrast", "few_events", "few_events"]),
        (pd.DataFrame({"outcome": "open", "age_days": 5.0, "group": list("ab")}),
         ["one_group", "few_events", "few_events"]),
        (pd.DataFrame({"outcome": ["won", "lost"] * 2, "age_days": np.nan, "group": list("aabb")}),
         [None, "one_group", "one_group"]),
    ],
)  # fmt: skip
def test_what_cannot_be_tested_has_a_reason(frame, reasons):
    began = END - pd.to_timedelta(frame["age_days"], unit="D")
    table = table_of(frame.assign(created_at=began))
    assert [None if pd.isna(reason) else reason for reason in table["refused"]] == reasons
    refused = table["refused"].notna()
    assert table.loc[refused, ["p_value", "p_adjusted", "verdict"]].isna().all(axis=None)
    assert table.loc[~refused, ["p_value", "p_adjusted", "verdict"]].notna().all(axis=None)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: pooled_rates(counts((3, 4))), "row 0 has k = 4 and n = 3"),
        (lambda f: pooled_rates(counts((3, 1.5))), "must be whole"),
        (lambda f: pooled_rates(counts((3, np.nan))), "k = nan"),
        (lambda f: pooled_rates(pd.DataFrame({"n": [1]})), "no column `k`"),
        (lambda f: pooled_rates(counts((3, 1)), level=95), "`level` is 95"),
        (lambda f: pooled_win_rate(f, by=[]), "`by` is empty"),
        (lambda f: pooled_win_rate_splits(f, splits=[]), "`splits` is empty"),
        (lambda f: group_test(known(f), by="grup"), "Nearest: group"),
        (lambda f: table_of(f, permutations=0), "`permutations` is 0"),
        (lambda f: group_test_splits(known(f), splits=[]), "`splits` is empty"),
    ],
)
def test_a_wrong_call_gets_one_clear_message(call, message):
    with pytest.raises(SalesAnalysisError, match=message):
        call(deals(np.random.default_rng(1), 3, 5))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_picture_shows_both_rates_of_every_group(lang):
    frame = deals(np.random.default_rng(1), 4, 20).rename(columns={"group": "region"})
    frame["team"] = np.where(frame["region"] < 2, "a", None)
    table = pooled_win_rate_splits(frame, splits=["region", "team"])
    ax = pictures.pooled_win_rate_splits(table, lang=lang)
    own, pooled = ax.lines
    assert list(own.get_xdata()) == table["rate"].tolist()
    assert np.array_equal(pooled.get_xdata(), table["pooled_rate"], equal_nan=True)
    assert len(ax.get_yticklabels()) == len(table) + 2
    ax.figure.canvas.draw()
    plt.close(ax.figure)

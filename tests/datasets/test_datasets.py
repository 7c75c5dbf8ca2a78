"""The made-up company: reproducible, coherent, and true to its stated parameters."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from salesanalysis import columns, datasets, funnel
from salesanalysis.datasets import (
    PlantedException,
    company,
    deals,
    files,
    followup,
    model,
    parameters,
    truth,
    words,
    write,
)
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce import funnel as reduce

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
FILES = ["reps.csv", "products.csv", "targets.csv", "accounts.csv", "opportunities.csv"]
FILES += ["stage_history.csv", "milestone_evidence.csv", "activities.csv"]


@pytest.fixture(scope="module")
def large():
    """A company large enough to measure its parameters."""
    return company(seed=11, deals=60_000)


@pytest.fixture(scope="module")
def watched(large):
    """Deals of the large company with their latent end: as if watched for as long as it takes."""
    deals = large.tables["opportunities"].merge(
        large.truth.deals, on="opportunity_id", suffixes=("", "_final"), validate="1:1"
    )
    accounts = large.tables["accounts"][["account_id", "segment"]]
    return deals.merge(accounts, on="account_id", validate="m:1")


def within(k, n, probability, sigmas=4.5):
    """Whether k of n is within sampling error of a probability."""
    return abs(k - n * probability) <= sigmas * np.sqrt(n * probability * (1 - probability)) + 1


# Reproducible


def test_the_committed_sample_is_what_the_generator_writes(tmp_path):
    paths = write(tmp_path, seed=datasets.SEED, deals=datasets.DEALS)
    assert [path.name for path in paths[: len(FILES)]] == FILES
    assert {path.name for path in paths} == {path.name for path in SAMPLE.glob("*.csv")}
    for path in paths:
        assert path.read_bytes() == (SAMPLE / path.name).read_bytes(), path.name
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) <= 4_500_000


def test_the_sample_reads_as_plain_utf_8():
    for name in FILES:
        content = (SAMPLE / name).read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content
        assert content.endswith(b"\n")
        content.decode("utf-8")
    names = pd.read_csv(SAMPLE / "accounts.csv")["name"]
    chinese = names.str.contains(r"[\u4e00-\u9fff]")
    assert 0.15 < chinese.mean() < 0.25


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, format):
    def digests(name, seed):
        paths = write(tmp_path / name, seed=seed, deals=3_000, format=format)
        return {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}

    first = digests("first", 3)
    assert digests("second", 3) == first
    other = digests("other", 4)
    assert {name for name in first if other[name] == first[name]} == {"products", "ksa_required"}


def test_portions_do_not_change_the_company(tmp_path, monkeypatch):
    many = 2 * deals.BLOCK + 100
    write(tmp_path / "at_once", seed=5, deals=many)
    monkeypatch.setattr(datasets, "_PORTION_BLOCKS", 1)
    seen = []
    write(
        tmp_path / "portions",
        seed=5,
        deals=many,
        progress=lambda *counts: seen.append(counts),
    )
    assert seen == [(deals.BLOCK, many), (2 * deals.BLOCK, many), (many, many)]
    for name in FILES:
        at_once = (tmp_path / "at_once" / name).read_bytes()
        assert (tmp_path / "portions" / name).read_bytes() == at_once, name


@pytest.mark.parametrize("fewer", [1, 2_000, deals.BLOCK, deals.BLOCK + 1])
def test_a_small_company_is_the_beginning_of_a_large_one(fewer):
    small = company(seed=9, deals=fewer)
    large = company(seed=9, deals=deals.BLOCK + 500)
    for name, table in [*small.tables.items(), ("latent", small.truth.deals)]:
        whole = large.truth.deals if name == "latent" else large.tables[name]
        if name == "targets":  # more deals, more to win: only the amounts differ
            amounts = ["target", "floor", "stretch"]
            table, whole = table.drop(columns=amounts), whole.drop(columns=amounts)
        pd.testing.assert_frame_equal(table, whole.head(len(table)))


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_files_hold_what_the_company_in_memory_holds(tmp_path, format):
    made = company(seed=2, deals=500)
    for path in write(tmp_path, seed=2, deals=500, format=format)[: len(FILES)]:
        table = made.tables[path.stem]
        if format == "parquet":
            read = pd.read_parquet(path)
        else:
            times = [c for c in table if pd.api.types.is_datetime64_dtype(table[c])]
            read = pd.read_csv(path, parse_dates=times)
            read = read.astype({c: table[c].dtype for c in times})
        pd.testing.assert_frame_equal(read, table, check_dtype=format == "parquet")


def test_streams_of_numpy_are_those_the_sample_was_made_with():
    # If this fails, NumPy has changed a stream: the sample must be made anew, and said so.
    drawn = model.stream(7, "deals", 0).random(3)
    np.testing.assert_array_equal(
        drawn, [0.4431454546711979, 0.48893898933108304, 0.03281320281518241]
    )


# Coherent


def check_coherent(made):
    """Every rule of the tables that holds for every company, however small."""
    reps, accounts, products, opportunities, history = (
        made.tables[name]
        for name in ("reps", "accounts", "products", "opportunities", "stage_history")
    )
    for name, table in made.tables.items():
        vocabulary = columns.table(name)
        assert set(table.columns) <= set(vocabulary.names)
        assert set(vocabulary.required) <= set(table.columns)
        if vocabulary.key:
            assert not table.duplicated(list(vocabulary.key)).any()
        optional = {"closed_at", "reason"}
        assert not table.drop(columns=optional & set(table.columns)).isna().to_numpy().any()

    assert set(opportunities["owner_id"]) <= set(reps["owner_id"])
    assert set(opportunities["account_id"]) <= set(accounts["account_id"])
    assert set(opportunities["product"]) <= set(products["product"])
    assert set(history["opportunity_id"]) == set(opportunities["opportunity_id"])
    for names in (accounts["name"], reps["name"], reps.drop_duplicates("team")["manager"]):
        assert names.is_unique
    assert not set(reps["name"]) & set(reps["manager"])
    owner = opportunities.merge(reps, on="owner_id", suffixes=("", "_rep"), validate="m:1")
    assert (owner["team"] == owner["team_rep"]).all()
    assert (owner["region"] == owner["region_rep"]).all()
    assert (owner["hired_at"] < owner["created_at"]).all()
    account = opportunities.merge(accounts, on="account_id", suffixes=("", "_account"))
    assert (account["region"] == account["region_account"]).all()

    closed = opportunities["outcome"] != "open"
    assert set(opportunities["outcome"]) <= set(columns.OUTCOMES)
    assert (opportunities["closed_at"].notna() == closed).all()
    assert (
        opportunities["reason"].notna() == opportunities["outcome"].isin(["lost", "cancelled"])
    ).all()
    assert (opportunities["closed_at"] >= opportunities["created_at"])[closed].all()
    assert (opportunities["created_at"] >= "2024-01-01").all()
    assert (opportunities["created_at"] < made.as_of).all()
    assert (opportunities["expected_close_at"] >= opportunities["created_at"]).all()
    assert not (opportunities["closed_at"] >= made.as_of).any()
    assert (opportunities["amount"] > 0).all()
    assert (history["amount"] > 0).all()
    assert opportunities["probability"].between(0, 1).all()
    assert set(opportunities["currency"]) == set(products["currency"])

    assert set(history["stage"]) <= set(made.stages)
    assert (history["entered_at"] < made.as_of).all()
    assert history["entered_at"].dt.hour.between(9, 17).all()
    assert (history["entered_at"].dt.day_of_week < 5).all()
    same = history["opportunity_id"].eq(history["opportunity_id"].shift())
    assert (history["entered_at"].diff()[same] > pd.Timedelta(0)).all()
    number = history["stage"].map({stage: n for n, stage in enumerate(made.stages)})
    assert set(number.diff()[same]) <= {-1, 1, 2}
    assert (number[~same] == 0).all()

    first, last = (history.groupby("opportunity_id").nth(n) for n in (0, -1))
    first, last = (t.set_index("opportunity_id") for t in (first, last))
    deals = opportunities.set_index("opportunity_id")
    assert (first["entered_at"].dt.normalize() == deals["created_at"]).all()
    assert not (last["entered_at"].dt.normalize() > deals["closed_at"]).any()
    assert (last["stage"] == deals["stage"]).all()
    assert (last["amount"] == deals["amount"]).all()
    won = deals["outcome"] == "won"
    assert (deals["stage"][won] == made.stages[-1]).all()

    check_follow_up_coherent(made, deals)
    check_targets_coherent(made)

    final = made.truth.deals.set_index("opportunity_id")
    assert (
        final["outcome"][deals["outcome"] != "open"] == deals["outcome"][deals["outcome"] != "open"]
    ).all()
    assert (
        final["closed_at"][deals["outcome"] != "open"]
        == deals["closed_at"][deals["outcome"] != "open"]
    ).all()
    still_open = final[deals["outcome"] == "open"]
    assert ((still_open["closed_at"] >= made.as_of) | (still_open["outcome"] == "stalled")).all()
    assert (still_open["closed_at"].isna() == (still_open["outcome"] == "stalled")).all()


def check_follow_up_coherent(made, deals):
    """Contacts and evidence lie within the life of their deals, evidence before its stage."""
    contacts, evidence, history = (
        made.tables[name] for name in ("activities", "milestone_evidence", "stage_history")
    )
    for table, time in ((contacts, "at"), (evidence, "checked_at")):
        deal = deals.loc[table["opportunity_id"]].reset_index()
        in_order = table.sort_values(["opportunity_id", time], kind="stable")
        pd.testing.assert_frame_equal(table, in_order)
        assert (table[time] > deal["created_at"]).all()
        assert (table[time] < made.as_of).all()
        assert not (table[time].dt.normalize() > deal["closed_at"]).any()
        assert table[time].dt.hour.between(9, 17).all()
        assert (table[time].dt.day_of_week < 5).all()
    deal = deals.loc[contacts["opportunity_id"]].reset_index()
    assert not (contacts["at"] >= deal["closed_at"]).any()
    assert (contacts["owner_id"] == deal["owner_id"]).all()
    assert set(contacts["kind"]) <= set(followup.KINDS_OF_CONTACT)

    assert not evidence.duplicated(["opportunity_id", "milestone", "item"]).any()
    stage_of = {milestone.milestone: milestone.stage for milestone in parameters.MILESTONES}
    entered = history.drop_duplicates(["opportunity_id", "stage"])
    entered = evidence.assign(stage=evidence["milestone"].map(stage_of)).merge(
        entered, on=["opportunity_id", "stage"], how="left", validate="m:1"
    )
    lead = entered["entered_at"] - entered["checked_at"]
    assert lead.between(pd.Timedelta(0), pd.Timedelta(days=5)).all()
    per_letter = evidence.groupby(["opportunity_id", "milestone"])
    points = {milestone.milestone: len(milestone.items) for milestone in parameters.MILESTONES}
    checked = per_letter.size().reset_index(name="items")
    assert (checked["items"] == checked["milestone"].map(points)).all()
    assert (per_letter["checked_at"].max() == per_letter["checked_at"].min()).all()
    assert ((~evidence["fulfilled"]).groupby(evidence["opportunity_id"]).sum() <= 4).all()
    met = evidence[evidence["milestone"] == "first_meeting"]
    assert met["fulfilled"].all()
    assert set(met["opportunity_id"]) == set(history.query("stage == 'S'")["opportunity_id"])


def check_targets_coherent(made):
    """One row per quarter × seller; floor, target and stretch as far apart as stated."""
    targets, reps = made.tables["targets"], made.tables["reps"]
    assert not targets.duplicated(["period", "owner_id"]).any()
    quarters = targets["period"].unique()
    assert len(targets) == len(quarters) * len(reps)
    last = made.as_of.to_period("Q")
    wanted = pd.period_range("2024Q1", last, freq="Q").strftime("%Y-Q%q")
    assert list(quarters) == list(wanted)
    region = targets["owner_id"].map(reps.set_index("owner_id")["region"])
    assert (targets["region"] == region).all()
    assert (targets[["target", "floor", "stretch"]] % 10 == 0).all(axis=None)
    assert (targets["floor"] < targets["target"]).all()
    assert (targets["target"] < targets["stretch"]).all()
    assert (targets["stretch"] / targets["floor"]).between(1.2, 1.5).all()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**63 - 1),
    deals=st.integers(1, 300),
    months=st.integers(1, 30),
    reps=st.integers(4, 60),
    null=st.booleans(),
    quarter_end=st.floats(1, 10),
)
def test_any_company_is_coherent(seed, deals, months, reps, null, quarter_end):
    made = company(
        seed=seed, deals=deals, months=months, reps=reps, null=null, quarter_end=quarter_end
    )
    assert len(made.tables["opportunities"]) == deals
    assert len(made.tables["reps"]) == reps
    check_coherent(made)


@pytest.mark.gate
def test_a_large_company_is_coherent_and_has_what_real_pipelines_have(large):
    check_coherent(large)
    assert large.as_of == datasets.AS_OF
    opportunities = large.tables["opportunities"]
    assert set(opportunities["outcome"]) == set(columns.OUTCOMES)
    lost_at = opportunities.loc[opportunities["outcome"] == "lost", "stage"].value_counts()
    assert set(lost_at.index) == set(large.stages)
    assert 0.04 < opportunities["must_win"].mean() < 0.06
    months = opportunities["created_at"].dt.to_period("M").value_counts().sort_index()
    assert len(months) == 24
    assert months["2025"].sum() > 1.1 * months["2024"].sum()
    assert months["2024-08"] < 0.8 * months["2024-09"]


# True to its parameters


def test_moves_of_a_plain_deal_are_those_of_its_stage():
    made = company(deals=1, null=True)
    plain = made.truth.moves.query(
        "owner_id == 'R001' and source == 'pipeline' and segment == 'Mid-market'"
    ).set_index("stage")
    for stage in made.truth.stages.itertuples():
        moves = plain.loc[stage.stage]
        assert (moves["back"], moves["cancelled"], moves["stalled"], moves["mean_days"]) == (
            stage.back,
            stage.cancelled,
            stage.stalled,
            stage.mean_days,
        )
        others = 1 - stage.back - stage.cancelled - stage.stalled
        onward = others * (1 - stage.lost)
        assert moves["lost"] == pytest.approx(others * stage.lost)
        assert moves["skip"] == pytest.approx(onward * stage.skip)
        assert moves["forward"] == pytest.approx(onward * (1 - stage.skip))


def test_moves_add_up_and_outcomes_follow_from_them(large):
    moves = large.truth.moves
    np.testing.assert_allclose(moves[list(parameters.MOVES)].sum(axis=1), 1)
    ends = large.truth.outcomes[["won", "lost", "cancelled", "stalled"]]
    np.testing.assert_allclose(ends.sum(axis=1), 1)

    # The oracle: the probability mass of one kind of deal, pushed along until none is left.
    kind = moves[(moves["owner_id"] == "R005") & (moves["source"] == "partner")]
    kind = kind[kind["segment"] == "Enterprise"].set_index("stage").loc[list(large.stages)]
    mass, won = {0: 1.0}, 0.0
    for _ in range(200):
        onward = {}
        for at, here in mass.items():
            row = kind.iloc[at]
            for to, move in ((at + 1, "forward"), (at + 2, "skip"), (at - 1, "back")):
                if to >= len(kind):
                    won += here * row[move]
                else:
                    onward[max(to, 0)] = onward.get(max(to, 0), 0.0) + here * row[move]
        mass = onward
    probabilities = kind[list(parameters.MOVES)].to_numpy()[None]
    assert truth.final_outcomes(probabilities)[0, 0] == pytest.approx(won, abs=1e-9)


@pytest.mark.parametrize("by", ["all", "source", "segment", "region", "owner_id"])
@pytest.mark.parametrize("outcome", ["won", "lost", "cancelled", "stalled"])
def test_deals_watched_to_the_end_end_as_stated(large, watched, by, outcome):
    stated = large.truth.outcomes.query("by == @by").set_index("value")[outcome]
    groups = watched.assign(all="all").groupby(by)["outcome_final"]
    assert set(groups.groups) == set(stated.index)
    for value, ended in groups:
        # Accounts share their region and segment, so shares vary a little more than coin tosses.
        assert within((ended == outcome).sum(), len(ended), stated[value], 5.5), value


def test_closed_deals_alone_mislead_about_the_win_rate(large):
    # What the censoring is for: lost deals are quick, so recent quarters look worse than they are.
    opportunities = large.tables["opportunities"]
    recent = opportunities[opportunities["created_at"] >= "2025-07-01"]
    closed = recent[recent["outcome"].isin(["won", "lost"])]
    stated = large.truth.outcomes.loc[0]
    naive = (closed["outcome"] == "won").mean()
    assert naive < stated["won"] / (stated["won"] + stated["lost"]) - 0.05


def moves_seen(made):
    """Moves between stages of deals created early enough that nearly all are over."""
    history = made.tables["stage_history"]
    created = made.tables["opportunities"].set_index("opportunity_id")["created_at"]
    early = history["opportunity_id"].map(created) < "2024-10-01"
    history = history[early].copy()
    number = history["stage"].map({stage: n for n, stage in enumerate(made.stages)})
    history["jump"] = number.groupby(history["opportunity_id"]).diff(-1).mul(-1)
    history["days"] = (
        -history.groupby("opportunity_id")["entered_at"].diff(-1).dt.total_seconds() / 86400
    )
    return history


def test_skips_and_reversals_happen_as_often_as_stated(large):
    history = moves_seen(large)
    for stage in large.truth.stages.itertuples():
        here = history[history["stage"] == stage.stage]["jump"]
        assert within((here == -1).sum(), len(here), stage.back), stage.stage
        onward = here[here > 0]
        assert within((onward == 2).sum(), len(onward), stage.skip), stage.stage


def stays_against_truth(made):
    """Days in a stage, as a ratio to the stated mean, of deals that went on to another stage."""
    accounts = made.tables["accounts"][["account_id", "segment"]]
    keys = made.tables["opportunities"].merge(accounts, on="account_id")
    keys = keys[["opportunity_id", "owner_id", "source", "segment"]]
    seen = moves_seen(made).dropna(subset="days").merge(keys, on="opportunity_id")
    seen = seen.merge(made.truth.moves, on=["owner_id", "source", "segment", "stage"])
    return seen.assign(ratio=seen["days"] / seen["mean_days"])


def test_days_in_a_stage_are_the_stated_ones():
    stays = stays_against_truth(company(seed=12, deals=60_000, quarter_end=1))
    for by in ("stage", "source", "segment"):
        means = stays.groupby(by)["ratio"].agg(["mean", "sem"])
        assert ((means["mean"] - 1).abs() < 4.5 * means["sem"] + 0.005).all(), means


def test_the_quarter_end_hurry_leaves_the_early_stages_alone(large):
    means = stays_against_truth(large).groupby("stage")["ratio"].mean()
    assert means[["T", "S", "D", "C"]].between(0.97, 1.03).all(), means
    # The clock of B runs slow between the hurries, when most deals arrive.
    assert 1.05 < means["B"] < 1.2, means


@pytest.mark.parametrize(("quarter_end", "low", "high"), [(1.0, 0.85, 1.15), (3.0, 2.3, 3.7)])
def test_the_quarter_end_hurry_is_as_strong_as_stated(quarter_end, low, high):
    made = company(seed=21, deals=30_000, quarter_end=quarter_end)
    deals = made.tables["opportunities"]
    days = pd.bdate_range("2024-07-01", "2025-09-30")
    wins = deals.loc[deals["outcome"] == "won", "closed_at"].value_counts()
    wins = wins.reindex(days, fill_value=0)
    history = made.tables["stage_history"]
    last = history[history["stage"] == made.stages[-1]].drop_duplicates("opportunity_id")
    entered = last["entered_at"].dt.normalize()
    closing = last["opportunity_id"].map(deals.set_index("opportunity_id")["closed_at"])
    waiting = pd.Series([((entered <= day) & ~(closing < day)).sum() for day in days], index=days)
    left = days.to_series().groupby(days.to_period("Q")).rank(ascending=False)
    hurry = left <= parameters.HURRY_WORKDAYS
    rate = wins.groupby(hurry).sum() / waiting.groupby(hurry).sum()
    assert low < rate[True] / rate[False] < high


def test_in_a_null_company_sellers_differ_by_chance_only():
    p_values = []
    for seed in range(12):
        made = company(seed=seed, deals=6_000, null=True)
        assert made.truth.exceptions.empty
        sellers = made.truth.outcomes.query("by in ('owner_id', 'region')")
        assert sellers["won"].max() - sellers["won"].min() < 1e-12
        owner = made.tables["opportunities"]["owner_id"]
        won = made.truth.deals["outcome"] == "won"
        p_values.append(stats.chi2_contingency(pd.crosstab(owner, won)).pvalue)
    # Chance p-values are uniform: neither a pile near 0 nor a pile near 1.
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_sellers_of_the_default_company_do_differ():
    made = company(seed=0, deals=6_000)
    owner = made.tables["opportunities"]["owner_id"]
    won = made.truth.deals["outcome"] == "won"
    assert stats.chi2_contingency(pd.crosstab(owner, won)).pvalue < 1e-6


def test_a_planted_exception_touches_its_seller_and_stage_only():
    planted = PlantedException("R006", "D", times_days=3, lost_log_odds=1.5)
    plain = company(seed=8, deals=20_000, null=True)
    made = company(seed=8, deals=20_000, null=True, exceptions=[planted])
    assert made.truth.exceptions.to_dict("records") == [vars(planted)]
    changed = plain.truth.moves.compare(made.truth.moves).index
    touched = made.truth.moves.loc[changed]
    assert set(touched["owner_id"]) == {"R006"}
    assert set(touched["stage"]) == {"D"}

    history = moves_seen(made)
    owner = made.tables["opportunities"].set_index("opportunity_id")["owner_id"]
    history["owner_id"] = history["opportunity_id"].map(owner)
    at_d = history[history["stage"] == "D"].groupby("owner_id")["days"].mean()
    others = at_d.drop("R006")
    assert at_d["R006"] > 2 * others.max()
    onward = (
        history[history["stage"] == "D"].groupby("owner_id")["jump"].agg(lambda j: (j > 0).mean())
    )
    assert onward["R006"] < onward.drop("R006").min()


def test_skill_spread_is_the_stated_one():
    made = company(seed=4, deals=1, reps=999, skill_sd=0.5)
    skill = made.truth.effects.query("by == 'owner_id'")["lost_log_odds"]
    assert skill.std() == pytest.approx(0.5, rel=0.1)
    assert abs(skill.mean()) < 0.07
    weak = made.truth.effects.query("by == 'owner_id' and lost_log_odds > 0.1")
    assert (weak["times_days"] > 1.03).all()  # and slower
    equal = company(seed=4, deals=1, reps=999, skill_sd=0).truth.effects.query("by == 'owner_id'")
    assert (equal["lost_log_odds"] == 0).all()
    assert (equal["times_days"] == 1).all()


def test_zombies_are_never_touched_again(large):
    opportunities = large.tables["opportunities"].set_index("opportunity_id")
    stalled = large.truth.deals.set_index("opportunity_id")["outcome"] == "stalled"
    old = stalled & (opportunities["created_at"] < "2024-07-01")
    assert (opportunities["outcome"][old] == "open").all()
    last = large.tables["stage_history"].groupby("opportunity_id")["entered_at"].max()
    silent = (large.as_of - last[old]).dt.days
    assert silent.median() > 365


# Contacts, evidence, targets


def stays(made):
    """Weeks that deals were worked on in a stage, with their contacts, from the tables alone."""
    history = made.tables["stage_history"].merge(
        made.tables["opportunities"][["opportunity_id", "owner_id", "closed_at"]],
        on="opportunity_id",
    )
    final = made.truth.deals.set_index("opportunity_id")
    until = history.groupby("opportunity_id")["entered_at"].shift(-1)
    until = until.fillna(history["closed_at"].fillna(made.as_of))
    # Zombies are no longer worked on from the stage where they end; which entry that is, is
    # certain of those that were never seen in it before.
    last = ~history["opportunity_id"].duplicated(keep="last")
    stalled = history["opportunity_id"].map(final["outcome"]) == "stalled"
    history["at_end"] = (
        last & stalled & (history["stage"] == history["opportunity_id"].map(final["stage"]))
    )
    history["weeks"] = (until - history["entered_at"]).dt.total_seconds().clip(lower=0) / 604_800
    contacts = pd.merge_asof(
        made.tables["activities"].sort_values("at"),
        history[["opportunity_id", "entered_at", "stage"]].sort_values("entered_at"),
        left_on="at",
        right_on="entered_at",
        by="opportunity_id",
    )
    counted = contacts.groupby(["opportunity_id", "entered_at"]).size().rename("contacts")
    return history.merge(counted, how="left", on=["opportunity_id", "entered_at"]).fillna(
        {"contacts": 0}
    )


@pytest.fixture(scope="module")
def worked(large):
    return stays(large)


def test_contacts_come_as_often_as_stated(large, worked):
    worked = worked[~worked["at_end"]]
    times = worked["owner_id"].map(large.truth.sellers.set_index("owner_id")["times_contacts"])
    rate = worked["stage"].map(large.truth.stages.set_index("stage")["contacts_a_week"])
    expected = times * rate * worked["weeks"]
    for by in ("stage", "owner_id"):
        sums = pd.DataFrame({"seen": worked["contacts"], "expected": expected})
        sums = sums.groupby(worked[by]).sum()
        # Weeks of the calendar are not working weeks to the hour, hence 1%.
        off = (sums["seen"] - sums["expected"]).abs()
        assert (off < 4.5 * np.sqrt(sums["expected"]) + 0.01 * sums["expected"]).all(), sums


def test_contacts_are_fewer_while_the_customer_evaluates(worked):
    sums = worked[~worked["at_end"]].groupby("stage")[["contacts", "weeks"]].sum()
    rate = sums["contacts"] / sums["weeks"]
    assert rate.idxmin() == "C"
    assert rate["C"] < 0.6 * rate[["D", "B"]].min()


def test_counts_of_contacts_are_poisson():
    mean = np.array([0.0, 0.3, 4.0, 60.0]).repeat(20_000)
    count = followup._poisson(mean, np.random.default_rng(0).random(len(mean)))
    draws = (np.arange(20_000) + 0.5) / 20_000
    for value in np.unique(mean):
        mine = followup._poisson(np.full(20_000, value), draws)
        np.testing.assert_array_equal(mine, stats.poisson.ppf(draws, value))
    assert count.reshape(4, -1).mean(axis=1) == pytest.approx([0, 0.3, 4, 60], rel=0.03)
    assert followup._poisson(np.array([3.0]), np.array([1 - 2**-53]))[0] < 40  # and it ends


def test_nobody_contacts_a_zombie(worked):
    assert worked["at_end"].sum() > 1_000
    assert (worked.loc[worked["at_end"], "contacts"] > 0).mean() < 0.01  # came back to that stage


def test_managers_visit_key_deals_from_the_first_letter_on(large):
    contacts = large.tables["activities"]
    visit = contacts["kind"] == "manager_visit"
    deals = large.tables["opportunities"].set_index("opportunity_id")
    key = contacts["opportunity_id"].map(deals["must_win"])
    early = contacts["opportunity_id"].map(deals["stage"]).isin(["T", "S"])
    assert visit[key & ~early].mean() > 4 * visit[~key & ~early].mean()
    entered = large.tables["stage_history"].query("stage not in ('T', 'S')")
    assert set(contacts.loc[visit, "opportunity_id"]) <= set(entered["opportunity_id"])


def test_the_milestones_are_those_that_the_rules_ask_for():
    rules = {rule.grade: (rule.milestone, rule.items) for rule in funnel.SOLUTION_SELLING_RULES}
    assert rules.pop("T") == ("", ())
    made = {item.stage: (item.milestone, item.items) for item in parameters.MILESTONES}
    assert made == rules
    assert funnel.unlisted_evidence(company(deals=200).tables["milestone_evidence"]).empty


def test_gaps_in_the_evidence_are_the_stated_ones(large):
    history = large.tables["stage_history"].drop_duplicates(["opportunity_id", "stage"])
    history = history[history["stage"].isin(["D", "C", "B", "A"])]
    stage_of = {milestone.milestone: milestone.stage for milestone in parameters.MILESTONES}
    evidence = large.tables["milestone_evidence"]
    evidence = evidence.assign(stage=evidence["milestone"].map(stage_of))
    sound = evidence.groupby(["opportunity_id", "stage"])["fulfilled"].all().rename("sound")
    history = history.merge(sound.reset_index(), how="left", on=["opportunity_id", "stage"])
    owner = large.tables["opportunities"].set_index("opportunity_id")["owner_id"]
    history["owner_id"] = history["opportunity_id"].map(owner)
    history["none"] = history["sound"].isna()
    some = history.groupby("opportunity_id")["none"].agg(["min", "max"])
    assert (some["min"] == some["max"]).all()  # all letters of a deal or none
    sellers = large.truth.sellers.set_index("owner_id")
    for seller, mine in history.drop_duplicates("opportunity_id").groupby("owner_id"):
        assert within(mine["none"].sum(), len(mine), sellers.loc[seller, "without_evidence"])
    letters = history[~history["none"]]
    for seller, checked in letters.groupby("owner_id"):
        fails = (checked["sound"] == False).sum()  # noqa: E712
        assert within(fails, len(checked), sellers.loc[seller, "fails_a_point"]), seller
    missing = evidence[~evidence["fulfilled"] & (evidence["milestone"] == "sponsor_letter")]
    assert stats.chisquare(missing["item"].value_counts()).pvalue > 0.001  # any of the six points


@pytest.fixture(scope="module")
def coached():
    """A company of middle size with the frames of the coaching half, as a notebook makes them."""
    made = company(seed=11, deals=15_000)
    carried = ["owner_id", "must_win", "expected_close_at"]
    known = reduce.known(made.tables, as_of=made.as_of, stages=made.stages, by=carried)
    return made, known, funnel.verified_grade(known)


def test_grades_without_evidence_are_put_back_as_often_as_stated(coached):
    made, known, graded = coached
    sellers = made.truth.sellers.set_index("owner_id")
    gap = 1 - (1 - sellers["without_evidence"]) * (1 - sellers["fails_a_point"])
    lettered = graded[graded["claimed"].isin(["D", "C", "B", "A"])]
    assert len(lettered) > 500
    for seller, mine in lettered.groupby("owner_id"):
        assert within((mine["standing"] == "put_back").sum(), len(mine), gap[seller]), seller
    early = graded[graded["claimed"].isin(["T", "S"])]
    assert (early["standing"] == "verified").all()
    worst = (lettered["standing"] == "put_back").groupby(lettered["owner_id"]).mean().idxmax()
    assert worst == "R006"

    moves = funnel.grade_moves(graded)
    assert moves["deals"].sum() == len(graded)
    assert moves.loc[moves["moved"], "amount"].sum() == pytest.approx(
        graded.loc[graded["standing"] == "put_back", "amount"].sum()
    )
    lacking = funnel.missing_evidence(known, graded)
    back = graded.loc[graded["standing"] == "put_back", "opportunity_id"]
    assert set(lacking["opportunity_id"]) == set(back)
    assert set(lacking["found"]) == {"not_checked", "not_fulfilled"}


def test_the_programme_of_the_first_fortnight_can_be_told(coached):
    made, known, graded = coached
    targets = made.tables["targets"].query("period == '2025-Q4'")[["owner_id", "target"]]
    checklist = funnel.key_opportunity_checklist(known, known.deals, graded)
    assert len(checklist) > 20
    assert (checklist["is_graded"] == "yes").all()
    for answer in ("at_grade", "visited", "date_ahead"):
        assert set(checklist[answer]) == {"yes", "no"}, answer
    tasks = funnel.first_fortnight(known, known.deals, graded, targets, start="2025-12-08")
    told = tasks.groupby("task")["answer"].agg(set)
    assert told["role_play"] == {"unknown"}  # the sample has none
    for task in ("key_at_grade", "key_visited", "letters_checked", "target_covered"):
        assert told[task] & {"yes", "no"}, task
        assert "unknown" not in told[task], task


def exceptions_of_activity(made):
    """The activity rows of the exceptions, as the notebook makes them."""
    known = reduce.known(made.tables, as_of=made.as_of, stages=made.stages, by=["owner_id"])
    table = funnel.exceptions(known)
    return table[table["measure"] == "activity"]


def test_the_seller_who_neglects_deals_is_found_and_no_other():
    found = exceptions_of_activity(company(seed=11, deals=6_000)).query("verdict == 'exception'")
    assert found["owner_id"].tolist() == ["R005"]
    assert found["direction"].tolist() == ["worse"]
    assert found["ratio"].between(0.2, 0.5).all()


def test_in_a_null_company_habits_differ_by_chance_only():
    made = company(seed=6, deals=4_000, null=True)
    habits = made.truth.sellers.drop(columns="owner_id")
    assert (habits == habits.iloc[0]).all(axis=None)
    assert habits["times_contacts"].iloc[0] == 1
    assert made.truth.habits.empty
    assert (exceptions_of_activity(made)["verdict"] == "normal").all()


def test_planted_habits_are_in_the_truth_and_need_their_seller():
    truth = company(deals=1).truth
    assert truth.habits.to_dict("records") == [vars(habit) for habit in datasets.HABITS]
    sellers = truth.sellers.set_index("owner_id")
    for habit in datasets.HABITS:
        assert sellers.loc[habit.owner_id, habit.habit] == habit.value
    assert company(deals=1, reps=5).truth.habits["owner_id"].tolist() == ["R005"]


def test_targets_are_about_what_the_regions_win(large):
    won = large.tables["opportunities"].query("outcome == 'won'")
    period = won["closed_at"].dt.to_period("Q").dt.strftime("%Y-Q%q")
    targets = large.tables["targets"]
    for by, key, low, high in (("region", won["region"], 0.85, 1.2), ("period", period, 0.7, 1.3)):
        ratio = won.groupby(key)["amount"].sum() / targets.groupby(by)["target"].sum()
        assert ratio.between(low, high).all(), ratio
    small = company(seed=11, deals=6_000).tables["targets"]
    assert (targets["target"] / small["target"]).between(9.9, 10.1).all()  # in proportion


# Made-up names


def test_no_two_companies_share_a_name():
    numbers = np.arange(40_000)
    for chinese in (np.zeros(40_000, bool), np.ones(40_000, bool)):
        names = words.company_names(numbers, chinese)
        assert len(set(names)) == len(names)
        assert not any(mark in name for name in names for mark in ',"\n')
    people = words.person_names(np.arange(words.PEOPLE))
    assert len(set(people)) == words.PEOPLE
    assert words.PEOPLE >= parameters.MOST_REPS + 8


# Wrong arguments and failures


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"deals": 0}, "`deals` is 0; expected a whole number from 1 to 99,999,999"),
        ({"deals": 100_000_000}, "`deals`"),
        ({"deals": 2.5}, "`deals` is 2.5"),
        ({"deals": True}, "`deals` is True"),
        ({"deals": "10"}, "`deals` is '10'"),
        ({"seed": -1}, "`seed` is -1"),
        ({"months": 0}, "`months` is 0"),
        ({"reps": 3}, "`reps` is 3; expected a whole number from 4 to 999"),
        ({"skill_sd": -0.1}, "`skill_sd` is -0.1"),
        ({"skill_sd": float("nan")}, "`skill_sd` is nan"),
        ({"quarter_end": 0.5}, "`quarter_end` is 0.5"),
        ({"exceptions": ["R001"]}, "`exceptions` holds 'R001'"),
        ({"exceptions": [PlantedException("R025", "C")]}, "`owner_id` is 'R025'.*Nearest: R0"),
        ({"exceptions": [PlantedException("R001", "X")]}, "`stage` is 'X'.*T … A"),
        ({"exceptions": [PlantedException("R001", "C", times_days=0)]}, "`times_days` is 0"),
        ({"exceptions": [PlantedException("R001", "C")] * 2}, "R001 at stage C twice"),
    ],
)
def test_wrong_arguments_are_refused(tmp_path, arguments, message):
    with pytest.raises(SalesAnalysisError, match=message):
        company(**{"deals": 10} | arguments)
    with pytest.raises(SalesAnalysisError, match=message):
        write(tmp_path / "out", **{"deals": 10} | arguments)
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(SalesAnalysisError, match="`format` is 'parket'.*mean `parquet`"):
        write(tmp_path, deals=10, format="parket")


def test_a_folder_that_cannot_be_is_one_clear_message(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(SalesAnalysisError, match="`out_dir` is .*file.*cannot be written"):
        write(tmp_path / "file", deals=10)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_run_that_fails_leaves_the_previous_files(tmp_path):
    write(tmp_path, seed=1, deals=50)
    (tmp_path / "notes.txt").write_text("mine")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(done, total):
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        write(tmp_path, seed=2, deals=50, progress=fail)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_csv_value_that_would_need_quotes_is_refused_not_bent(tmp_path):
    import pyarrow as pa

    bad = pa.table({"name": ["Smith, Jones"]})
    with pytest.raises(pa.ArrowInvalid):
        files.write_portions(tmp_path, "csv", [{"accounts": bad}])
    assert list(tmp_path.iterdir()) == []


# Scale


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is in /proc")
@pytest.mark.gate
def test_memory_does_not_grow_with_the_deals(tmp_path):
    # Not getrusage: a child's maximum there starts at what its parent, this test run, has used.
    script = (
        "import sys; from salesanalysis import datasets;"
        "datasets.write(sys.argv[1], seed=1, deals=int(sys.argv[2]), format='parquet');"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )

    def peak_mb(many):
        run = [sys.executable, "-W", "error", "-c", script, str(tmp_path / str(many)), str(many)]
        return int(subprocess.run(run, capture_output=True, text=True, check=True).stdout) / 1024

    # One portion is 131,072 deals: three of them may take little more than one.
    one, three = peak_mb(131_072), peak_mb(3 * 131_072)
    assert three < one + 60, (one, three)
    assert three < 600

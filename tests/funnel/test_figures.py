"""The funnel family: figures worked out by hand, invariants, and the truth of a simulation."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, bases, funnel, text
from salesanalysis.bases import BASES, Basis, supported_horizon
from salesanalysis.stats import kaplan_meier

RESULTS = ["advanced", "lost", "cancelled", "open"]


def entries(rows, stage="lead", position=0):
    """Entries of one stage from (result, days) pairs."""
    frame = pd.DataFrame(rows, columns=["result", "result_days"])
    return frame.assign(
        opportunity_id=[str(n) for n in range(len(rows))],
        stage=stage,
        position=position,
        skipped=False,
        moved_back=False,
        stage_days=frame["result_days"],
        left=frame["result"] != "open",
    )


def deals(rows, **columns):
    frame = pd.DataFrame(rows, columns=["outcome", "age_days"])
    return frame.assign(amount=100.0, **columns)


any_rows = st.lists(
    st.tuples(st.sampled_from(RESULTS), st.integers(0, 30).map(float)), min_size=1, max_size=60
)


def test_the_three_bases_by_hand():
    table = funnel.conversion(
        entries([("advanced", 2.0), ("lost", 3.0), ("open", 4.0), ("advanced", 5.0)])
    ).set_index("basis")
    assert table[["n", "k"]].to_numpy().tolist() == [[4, 2], [3, 2], [4, 2]]
    assert table.loc["reached", "rate"] == 0.5
    assert table.loc["decided", "rate"] == pytest.approx(2 / 3)
    # 1/4 advance on day 2; 3/4 wait; 1/3 of these are lost on day 3, the open one leaves the view
    # on day 4, the last advances on day 5: 1/4 + 3/4 × 2/3 = 3/4.
    assert table.loc["final", ["rate", "horizon_days"]].tolist() == [0.75, 5]


@given(any_rows)
def test_what_became_of_the_deals_adds_up_and_rates_lie_in_their_intervals(rows):
    table = funnel.conversion(entries(rows))
    parts = table[["advanced", "lost", "cancelled", "open"]].sum(axis=1)
    assert (parts == len(rows)).all()
    known = table[table["rate"].notna()]
    assert ((known["rate_low"] <= known["rate"]) & (known["rate"] <= known["rate_high"])).all()
    assert known["rate_low"].min() >= 0
    assert known["rate_high"].max() <= 1


@given(any_rows.filter(lambda rows: all(result != "open" for result, _ in rows)))
def test_without_open_deals_the_bases_agree_at_the_end(rows):
    end = max(days for _, days in rows)
    table = funnel.conversion(entries(rows), horizon_days=end)
    assert np.allclose(table["rate"], table["rate"].iloc[0])


@given(any_rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    pd.testing.assert_frame_equal(
        funnel.conversion(entries(rows)), funnel.conversion(entries(shuffled))
    )


def test_open_deals_bias_the_simple_shares_and_not_the_final_one():
    # Winners take 60 days, losers 20; looked at on day 90 of a process that goes on.
    rng = np.random.default_rng(5)
    size = 20_000
    wins = rng.random(size) < 0.4
    needed = np.where(wins, rng.exponential(60, size), rng.exponential(20, size))
    watched = rng.uniform(0, 400, size)
    result = np.where(needed > watched, "open", np.where(wins, "advanced", "lost"))
    days = np.minimum(needed, watched)
    table = funnel.conversion(entries(list(zip(result, days, strict=True)))).set_index("basis")
    assert table.loc["reached", "rate"] < 0.37
    assert table.loc["decided", "rate"] < 0.38
    assert table.loc["final", "rate_low"] < 0.4 < table.loc["final", "rate_high"]


def test_a_horizon_beyond_what_was_watched_has_no_rate():
    rows = [("advanced", 5.0), ("open", 9.0)]
    table = funnel.conversion(entries(rows), basis="final", horizon_days=30)
    assert table["rate"].isna().all()
    assert table["n"].tolist() == [2]


def test_nothing_decided_gives_no_rate_instead_of_zero():
    table = funnel.conversion(entries([("open", 3.0), ("open", 5.0)])).set_index("basis")
    assert table.loc["reached", "rate"] == 0
    assert table.loc[["decided", "final"], "rate"].isna().all()


def test_none_advanced_is_zero_with_an_upper_limit():
    table = funnel.conversion(entries([("lost", 3.0)] * 12), basis="final")
    assert table["rate"].tolist() == [0]
    assert 0.2 < table["rate_high"].iloc[0] < 0.3


def test_groups_keep_missing_values_and_small_counts():
    frame = entries([("advanced", 2.0), ("lost", 3.0), ("open", 4.0)]).assign(
        region=["N", None, None]
    )
    table = funnel.conversion(frame, by="region", basis="reached")
    assert table["region"].isna().tolist() == [False, True]
    assert table["n"].tolist() == [1, 2]


def test_without_a_deal_the_tables_are_empty_with_their_columns():
    nothing = entries([("open", 1.0)]).head(0)
    assert list(funnel.conversion(nothing)) == list(funnel.conversion(entries([("open", 1.0)])))
    assert funnel.conversion(nothing).empty
    assert funnel.stage_days(nothing, percentiles=0.5).empty


def test_a_column_named_twice_splits_once():
    frame = deals([("won", 1.0), ("lost", 2.0)], region=["N", "S"])
    once = funnel.win_rate(frame, by="region")
    pd.testing.assert_frame_equal(funnel.win_rate(frame, by=["region", "region"]), once)


def test_stages_keep_their_order_and_lead_to_won():
    frame = pd.concat(
        [
            entries([("advanced", 1.0)] * 3, "zeta", 0),
            entries([("advanced", 1.0), ("lost", 1.0), ("open", 2.0)], "alpha", 1),
            entries([("won", np.nan)], "won", 2),
        ]
    )
    table = funnel.conversion(frame, basis="reached")
    assert table["stage"].tolist() == ["zeta", "alpha"]
    assert table["to_stage"].tolist() == ["alpha", "won"]


def test_the_bases_side_by_side_are_the_same_numbers():
    frame = pd.concat([entries([("advanced", 2.0), ("lost", 3.0), ("open", 4.0)]).assign(region=r)
                       for r in ("N", None)])  # fmt: skip
    table = funnel.conversion(frame, by="region")
    wide = funnel.compare_bases(table)
    assert wide["region"].isna().tolist() == [False, True]
    for name in BASES:
        rates = table.loc[table["basis"] == name, "rate"].to_numpy()
        assert np.array_equal(wide[f"{name}_rate"], rates)
    assert (wide["deals"] == wide[["advanced", "lost", "cancelled", "open"]].sum(axis=1)).all()
    with pytest.raises(SalesAnalysisError, match="lacks the basis reached, final"):
        funnel.compare_bases(table[table["basis"] == "decided"])


def test_the_bases_side_by_side_are_in_the_order_of_the_process_whatever_that_of_the_rows():
    stages = ["zeta", "middle", "alpha"]
    frame = pd.concat([entries([("advanced", 2.0)] * (5 - at) + [("lost", 3.0)], stage, at)
                       for at, stage in enumerate(stages)])  # fmt: skip
    frame = pd.concat([frame.assign(region=region) for region in ("S", "N")])
    table = funnel.conversion(frame, by="region")
    wide = funnel.compare_bases(table)
    assert wide["stage"].tolist() == stages * 2
    assert wide["region"].tolist() == ["N"] * 3 + ["S"] * 3
    assert wide["deals"].tolist() == [6, 5, 4] * 2
    assert wide.columns.tolist() == [
        "region", "stage", "to_stage", "deals", "advanced", "lost", "cancelled", "open", "skipped",
        "moved_back", "reached_rate", "decided_rate", "final_rate", "final_low", "final_high",
        "horizon_days",
    ]  # fmt: skip
    shuffled = funnel.compare_bases(table.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(shuffled, wide)
    nothing = funnel.compare_bases(table.head(0))
    assert nothing.columns.tolist() == wide.columns.tolist()
    assert nothing.empty


def test_counted_entries_give_the_figures_of_the_single_ones():
    single = entries(
        [("advanced", 2.0)] * 3 + [("lost", 3.0)] * 2 + [("open", 4.0)] * 4 + [("advanced", 5.0)]
    ).assign(skipped=[True, *[False] * 9], moved_back=[True] * 3 + [False] * 7)
    columns = single.columns.drop("opportunity_id").tolist()
    counted = single.groupby(columns, sort=False).size().rename("weight").reset_index()
    assert counted["weight"].tolist() == [1, 2, 2, 4, 1]
    for figures in (funnel.conversion, funnel.stage_days):
        pd.testing.assert_frame_equal(figures(counted), figures(single))
    assert funnel.conversion(counted)["skipped"].tolist() == [1] * 3
    assert funnel.conversion(counted)["moved_back"].tolist() == [3] * 3


def test_another_basis_is_one_record(monkeypatch):
    def half(waits, horizon_days, level):
        return BASES["reached"].estimate(waits, horizon_days, level) | {"rate": 0.5}

    monkeypatch.setitem(BASES, "half", Basis(half, divides_by="", misleads=""))
    frame = entries([("advanced", 2.0), ("lost", 3.0), ("open", 4.0)])
    table = funnel.conversion(frame, basis=list(BASES))
    assert table["basis"].tolist() == ["reached", "decided", "final", "half"]
    assert funnel.compare_bases(table)["half_rate"].tolist() == [0.5]
    assert bases.quoted(table)["basis"].tolist() == [bases.QUOTED]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_basis_has_its_word_and_its_column(lang):
    for name in BASES:
        assert text.has(f"funnel.value.basis.{name}", lang)
        assert text.column_label(f"{name}_rate", lang) != f"{name}_rate"


def test_the_readme_explains_every_basis_as_its_record_does():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    names = {name: f"**{name}**" if name == bases.QUOTED else name for name in BASES}
    lines = ["| name | divides by | when it misleads |", "| --- | --- | --- |"]
    lines += [f"| {names[n]} | {one.divides_by} | {one.misleads} |" for n, one in BASES.items()]
    assert "\n".join([*lines, ""]) in readme


def test_stage_days_counts_those_still_there():
    frame = entries([("advanced", 2.0), ("advanced", 4.0), ("open", 3.0), ("open", 9.0)])
    row = funnel.stage_days(frame).iloc[0]
    # S(2) = 3/4, S(4) = 3/4 × 1/2: the median is 4, not the 3 of the two that have left.
    assert (row["n"], row["left"], row["still_there"], row["median_days"]) == (4, 2, 2, 4)
    assert row["p75_days"] == np.inf
    assert row.index.tolist() == [
        "stage", "position", "n", "left", "still_there", "median_days", "median_low", "median_high",
        "p25_days", "p75_days", "p90_days",
    ]  # fmt: skip
    alone = funnel.stage_days(frame, percentiles=0.25).iloc[0]
    assert alone[["median_days", "p25_days"]].tolist() == [4, 2]
    assert "p75_days" not in alone


def test_skipped_stages_have_no_days():
    frame = entries([("advanced", 2.0), ("advanced", 0.0)]).assign(
        skipped=[False, True], stage_days=[2.0, np.nan]
    )
    assert funnel.stage_days(frame)["n"].tolist() == [1]


def test_win_rate_by_hand():
    table = funnel.win_rate(
        deals([("won", 10), ("lost", 20), ("cancelled", 30), ("open", 40)], region=list("NNSS")),
        by="region",
    )
    assert table["region"].tolist() == ["N", "S"]
    assert table[["n", "k", "rate"]].to_numpy().tolist() == [[2, 1, 0.5], [1, 0, 0.0]]
    assert table["won_amount"].tolist() == [100, 0]


def test_outcome_shares_equal_the_hand_calculation_of_r_survival():
    # R package survival, tests/testci.R: states after times 2, 3 and 6 worked out by hand.
    ends = ["open", "won", "open", "lost", "open", "lost", "open", "lost"]
    frame = deals(zip(ends, [1.0, 2, 2, 3, 3, 3, 5, 6], strict=True))
    table = funnel.outcome_shares(frame, horizons_days=[2, 3, 6, 7])
    rates = table.pivot_table(index="horizon_days", columns="outcome", values="rate")
    assert np.allclose(rates.loc[2, ["won", "lost"]], [1 / 7, 0])
    assert np.allclose(rates.loc[3, ["won", "lost"]], [1 / 7, 12 / 35])
    assert np.allclose(rates.loc[6, ["won", "lost"]], [1 / 7, 12 / 35 + 6 / 7 * 3 / 5])
    assert (rates["cancelled"] == 0).all()
    beyond = table[table["horizon_days"] == 7]
    assert beyond["rate"].isna().all()
    assert beyond["k"].tolist() == [1, 3, 0]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["won", "lost", "cancelled", "open"]), st.integers(0, 9).map(float)
        ),
        min_size=1,
        max_size=30,
    )
)
def test_outcome_shares_and_the_share_still_open_add_up_to_one(rows):
    frame = deals(rows)
    table = funnel.outcome_shares(frame, horizons_days=4).dropna(subset="rate")
    if len(table):
        curve = kaplan_meier(frame["age_days"], frame["outcome"] != "open")
        still = curve.loc[curve["days"] <= 4, "survival"].min()
        assert table["rate"].sum() + (1.0 if np.isnan(still) else still) == pytest.approx(1)


def test_a_deal_without_dates_counts_among_the_decided_only():
    row = funnel.win_rate(deals([("won", 10.0), ("won", np.nan), ("lost", 20.0)])).iloc[0]
    assert (row["n"], row["k"], row["final_n"]) == (3, 2, 2)


def test_splits_put_the_best_group_first_and_the_unknown_last():
    rows = [("won", 10)] * 3 + [("lost", 10)] * 3 + [("open", 5)] * 3
    table = funnel.win_rate_splits(deals(rows, team=list("aaabbbccc")), splits=["team"])
    assert table["group"].tolist() == ["all", "a", "b", "c"]
    assert table["split"].tolist() == ["all", "team", "team", "team"]
    assert funnel.win_rate_splits(deals(rows), splits=[])["deals"].tolist() == [9]


def test_the_supported_horizon_needs_ten_or_a_quarter_still_watched():
    days = np.arange(1.0, 31.0)
    assert supported_horizon(np.arange(1.0, 101.0), np.ones(100)) == 91
    assert supported_horizon(days, np.ones(30)) == 23
    assert supported_horizon(days[:4], np.ones(4)) == 4
    assert np.isnan(supported_horizon(days, np.zeros(30)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: funnel.conversion(entries([("open", 1.0)]), basis="true"), "`basis` is 'true'"),
        (lambda: funnel.conversion(entries([("open", 1.0)]), by="area"), "no column `area`"),
        (
            lambda: funnel.conversion(entries([("open", 1.0)]).drop(columns="result")),
            "no column `result`. Nearest: result_days",
        ),
        (lambda: funnel.win_rate(deals([("verloren", 1.0)])), "`outcome` has 'verloren'"),
        (lambda: funnel.win_rate(deals([("won", 1.0)]), level=95), "`level` is 95"),
        (lambda: funnel.stage_days(entries([("open", 1.0)]), percentiles=[50]), "`percentiles`"),
        (lambda: funnel.stage_days(entries([("open", 1.0)]), percentiles=[0.5, 1]), "; 1.0 does"),
        (lambda: funnel.stage_days(entries([("open", 1.0)]), percentiles=0), "; 0 does not"),
        (lambda: funnel.win_rate_splits(deals([("won", 1.0)]), splits=["x"]), "no column `x`"),
        (lambda: funnel.conversion(entries([("open", 1.0)]), by="stage"), "`by` names `stage`"),
        (lambda: funnel.conversion(entries([("gone", 1.0)])), "`result` has 'gone'"),
        (lambda: funnel.win_rate(deals([("won", 1.0)]), horizon_days=-1), "`horizon_days` is -1"),
    ],
)
def test_a_wrong_call_gets_one_clear_message(call, message):
    with pytest.raises(SalesAnalysisError, match=message):
        call()


def test_findings_name_the_weakest_step_and_leave_out_what_the_data_do_not_say():
    frame = pd.concat(
        [
            entries([("advanced", 1.0)] * 20, "lead", 0),
            entries([("advanced", 1.0)] * 5 + [("lost", 1.0)] * 15, "offer", 1),
        ]
    )
    rates = funnel.win_rate(deals([("won", 2.0)] * 5 + [("lost", 2.0)] * 15))
    found = {
        finding.name: finding.values
        for finding in funnel.findings(funnel.conversion(frame), funnel.stage_days(frame), rates)
    }
    assert found["weakest"]["stage"] == "offer"
    assert found["weakest"]["rate"] == 0.25
    assert found["counts"]["won"] == 5
    nothing = funnel.win_rate(deals([("open", 2.0)]))
    names = [
        f.name
        for f in funnel.findings(
            funnel.conversion(frame), funnel.stage_days(frame.head(0)), nothing
        )
    ]
    assert names == ["counts", "undecided"]

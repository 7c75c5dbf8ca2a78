"""Pictures of behaviour and thresholds, read back from their artists, in both languages."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from salesanalysis import SalesAnalysisError, incentive, text
from salesanalysis.datasets.incentives import incentive_programme
from salesanalysis.known import KnownIncentive
from salesanalysis.plots import incentive as pictures

PLAN = incentive.read_plan(
    {
        "thresholds": "quota",
        "floor": {"at": 1, "cliff": True},
        "stretch": 1.3,
        "tiers": [[0, 1, 0.03], [1, 1.3, 0.05], [1.3, None, 0.01]],
    }
)


@pytest.fixture(scope="module")
def tables():
    return incentive_programme(seed=4, payees=50).tables


def known(tables):
    return KnownIncentive(as_of="2026-12-31", sales=tables["sales"])


@pytest.fixture(scope="module")
def choice(tables):
    settings = incentive.ThresholdSettings(keep_payout=0.9, floors=(0.9, 1.0), ratios=(1.2, 1.4))
    return incentive.optimise(
        PLAN,
        tables["attainment"],
        behaviour="elastic",
        cost_limit=0.03,
        settings=settings,
        draws=20,
    )


@pytest.fixture(params=list(text.LANGUAGES))
def lang(request):
    yield request.param
    plt.close("all")


def test_attainment_shows_counts_and_thresholds(tables, lang):
    bins = incentive.attainment_bins(tables["attainment"])
    ax = pictures.attainment(bins, thresholds=incentive.plan_thresholds(PLAN), lang=lang)
    assert [bar.get_height() for bar in ax.patches] == bins["n"].tolist()
    assert sum(bins["n"]) == len(tables["attainment"]) and bins["share"].sum() == pytest.approx(1)
    assert [line.get_xdata()[0] for line in ax.lines] == [1.0, 1.3]
    ax.figure.canvas.draw()


def test_bunching_shows_seen_and_expected(tables, lang):
    found = incentive.plan_bunching(tables["attainment"], plan=PLAN, draws=0)[1]
    ax = pictures.bunching(found, lang=lang)
    line = ax.lines[0]
    np.testing.assert_array_equal(line.get_ydata(), found.counterfactual["counterfactual"])
    bars = [bar.get_height() for bar in ax.patches][1:]
    assert bars == found.counterfactual["count"].tolist()
    ax.figure.canvas.draw()


@pytest.fixture(scope="module")
def found(tables):
    looks = incentive.behaviour(
        known(tables), tables["attainment"], thresholds=incentive.plan_thresholds(PLAN)
    )
    return incentive.evidence_table(looks)


def test_evidence_shows_effects_with_their_intervals(found, lang):
    ax = pictures.evidence(found, lang=lang)
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert dots == found["effect"].tolist()
    ends = [segment[0][0][0] for segment in (c.get_segments() for c in ax.collections)]
    assert ends == pytest.approx(found["effect_low"].tolist())
    assert len(ax.get_yticklabels()) == len(found)
    ax.figure.canvas.draw()


def test_timing_shows_both_ends_and_the_calm_calendar(tables, lang):
    cases = incentive.timing(known(tables), by="period", draws=0).cases
    ax = pictures.timing(cases, lang=lang)
    last, first, calm = (line.get_ydata() for line in ax.lines)
    rows = cases.set_index("measure")["observed"]
    assert list(last) == rows["last_days"].tolist()
    assert np.isnan(first[0]) and list(first[1:]) == rows["first_days"].tolist()
    assert calm == pytest.approx(np.full(12, 0.077), abs=0.002)
    ax.figure.canvas.draw()


def test_reachability_shows_rates(tables, lang):
    table = incentive.reachability(tables["attainment"], floor=1, stretch=1.3, by="team")
    ax = pictures.reachability(table, lang=lang)
    floor, stretch = (line.get_xdata() for line in ax.lines)
    rates = table.set_index("goal")["rate"]
    assert list(floor) == rates["floor"].tolist() and list(stretch) == rates["stretch"].tolist()
    assert [t.get_text() for t in ax.get_yticklabels()] == table["team"].unique().tolist()
    floor_only = incentive.reachability(tables["attainment"], floor=1, by="team")
    assert len(pictures.reachability(floor_only, lang=lang).get_legend().get_texts()) == 2
    everybody = incentive.reachability(tables["attainment"], floor=1, stretch=1.3, by=[])
    pictures.reachability(everybody, lang=lang).figure.canvas.draw()
    ax.figure.canvas.draw()


def test_the_frontier_marks_present_and_chosen(choice, lang):
    ax = pictures.frontier(choice, lang=lang)
    marks = {line.get_marker(): line for line in ax.lines if line.get_marker() in "*D^"}
    assert marks["*"].get_ydata()[0] == choice.margin
    assert marks["D"].get_xdata()[0] == choice.grid.loc[choice.grid["present"], "cost_rate"].iloc[0]
    dots = sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == "o")
    assert dots == (~choice.grid["present"]).sum()
    ax.figure.canvas.draw()


def test_the_sensitivity_shows_every_assumption(choice, lang):
    ax = pictures.sensitivity(choice, lang=lang)
    present = next(line for line in ax.lines if line.get_marker() == "D")
    assert list(present.get_xdata()) == choice.sensitivity["present_margin"].tolist()
    assert len(ax.get_yticklabels()) == len(choice.sensitivity)
    ax.figure.canvas.draw()


def test_an_empty_table_is_refused():
    with pytest.raises(SalesAnalysisError, match="nothing to draw"):
        pictures.evidence(incentive.evidence_table([]))

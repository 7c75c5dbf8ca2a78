"""Draws add up: every roll-up is the sum of its cells, in every draw."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError
from salesanalysis.forecast import Draws, stack
from salesanalysis.forecast.draws import quantile_name


def made(cells: int, draws: int, seed: int) -> Draws:
    rng = np.random.default_rng(seed)
    labels = pd.DataFrame(
        {
            "stream": rng.choice(["pipeline", "renewal"], cells),
            "region": rng.choice(["East", "West", None], cells),
            "period": rng.choice(["2025-10", "2025-11"], cells),
        }
    )
    return Draws(labels, rng.lognormal(10, 2, (cells, draws)))


@given(st.integers(1, 30), st.integers(1, 20), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_every_way_of_adding_up_gives_the_same_total(cells, draws, seed):
    whole = made(cells, draws, seed)
    total = whole.total().values[0]
    for by in ("region", ["stream"], ["stream", "region"], ["period", "region", "stream"]):
        rolled = whole.total(by)
        assert np.allclose(rolled.values.sum(axis=0), total, rtol=1e-12)
        again = rolled.total(by[:1] if isinstance(by, list) else by)
        assert np.allclose(again.values.sum(axis=0), total, rtol=1e-12)


@given(st.integers(1, 20), st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_roll_up_is_the_sum_of_its_cells(cells, seed):
    whole = made(cells, 3, seed)
    rolled = whole.total(["region", "period"])
    for row, group in rolled.cells.iterrows():
        mine = [
            (a == group["region"] or pd.isna(a) and pd.isna(group["region"]))
            and b == group["period"]
            for a, b in zip(whole.cells["region"], whole.cells["period"], strict=True)
        ]
        assert np.allclose(rolled.values[row], whole.values[mine].sum(axis=0), rtol=1e-12)
    assert not rolled.cells.duplicated().any()


def test_groups_come_in_the_order_of_their_names_missing_last():
    cells = pd.DataFrame({"region": ["West", None, "East", "West"]})
    rolled = Draws(cells, np.arange(8.0).reshape(4, 2)).total("region")
    assert rolled.cells["region"].fillna("-").tolist() == ["East", "West", "-"]
    assert rolled.values.tolist() == [[4, 5], [6, 8], [2, 3]]


def test_summary_takes_quantiles_after_adding_up():
    cells = pd.DataFrame({"region": ["East", "West"]})
    opposite = np.array([[0.0, 10, 20], [20.0, 10, 0]])
    row = Draws(cells, opposite).summary(quantiles=[0.1, 0.9]).iloc[0]
    assert row.tolist() == [20, 20, 20]
    rows = Draws(cells, opposite).summary("region", quantiles=[0.5, 0.975])
    assert list(rows) == ["region", "mean", "q50", "q97.5"]
    assert rows["q97.5"].tolist() == [19.5, 19.5]


def test_where_keeps_the_cells_with_the_label():
    whole = made(20, 4, 1)
    east = whole.where(region="East", period=["2025-10", "2025-11"])
    assert set(east.cells["region"]) == {"East"}
    assert east.total().values.tolist() == [
        whole.values[(whole.cells["region"] == "East").to_numpy()].sum(axis=0).tolist()
    ]


def test_parts_are_stacked_only_with_the_same_number_of_draws():
    one, two = made(2, 5, 0), made(3, 5, 1)
    both = stack([one, two])
    assert np.allclose(both.total().values, one.total().values + two.total().values)
    with pytest.raises(SalesAnalysisError, match="5, 6 draws"):
        stack([one, made(1, 6, 0)])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((3, 2)), r"`values` has the shape \(3, 2\)"),
        (np.zeros(2), "one row for each of the 2"),
        (np.array([[1.0], [np.nan]]), "missing or infinite"),
    ],
)
def test_values_that_do_not_fit_are_refused(values, message):
    with pytest.raises(SalesAnalysisError, match=message):
        Draws(pd.DataFrame({"region": ["East", "West"]}), values)


def test_an_unknown_roll_up_names_the_nearest():
    with pytest.raises(SalesAnalysisError, match="Nearest: region"):
        made(2, 2, 0).total("regions")


def test_quantiles_outside_0_to_1_are_refused():
    with pytest.raises(SalesAnalysisError, match="`quantiles` has 5"):
        made(2, 2, 0).summary(quantiles=[5])


def test_quantile_names_say_per_cent():
    assert [quantile_name(q) for q in (0.05, 0.5, 0.95, 0.975)] == ["q05", "q50", "q95", "q97.5"]

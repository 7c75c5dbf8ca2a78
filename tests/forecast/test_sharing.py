"""Deals that several people share: the same draws, added up by other shares."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesanalysis import datasets, forecast, reduce
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.plots import forecast as pictures

BY = ["owner_id", "region"]
PERIOD = "2025-Q4"


@pytest.fixture(scope="module")
def company():
    """A company's tables, and its forecast without splits."""
    made = datasets.company(seed=7, deals=150, reps=4)
    steps = {"as_of": "2025-11-15", "since": "2025-10-01", "by": BY, "stages": made.stages}
    return made.tables, steps, landing_of(made.tables, steps)


def landing_of(tables, steps, draws=400):
    known = reduce.forecast.known(tables, **steps)
    return forecast.forecast_as_of(known, period=PERIOD, by=BY, draws=draws)


def given_splits(landing):
    """Some open and some closed deals shared, with a specialist beside."""
    ids = landing.open_deals()["opportunity_id"].tolist()[:6]
    ids += landing.closed["opportunity_id"].dropna().tolist()[:3]
    rows = [(deal, who, share, kind) for deal in ids for who, share, kind in (
        ("R1", 0.7, "split"), ("R2", 0.3, None), ("SE", 0.5, "Overlay"))]  # fmt: skip
    return pd.DataFrame(rows, columns=["opportunity_id", "owner_id", "share", "kind"])


def by_seller(landing):
    return landing.against_targets("owner_id").set_index("owner_id")


def values_of(landing, deals):
    """What deals bring in the period, draw by draw, from the pipeline and what is closed."""
    own = forecast.deal_draws(landing.pipeline, deals)
    inside = own.cells["period"].isin(["2025-10", "2025-11", "2025-12"]).to_numpy()
    closed = landing.closed.loc[landing.closed["opportunity_id"].isin(deals), "amount"].sum()
    return own.values[inside].sum(axis=0) + closed


def test_parts_of_a_deal_move_together_and_add_up_to_the_total(company):
    tables, steps, before = company
    splits = given_splits(before)
    landing = landing_of(tables | {"deal_splits": splits}, steps)
    np.testing.assert_array_equal(landing.draws.values, before.draws.values)
    shared = values_of(landing, splits["opportunity_id"].unique().tolist())
    then, now = by_seller(before), by_seller(landing)
    assert now.loc["R1", "mean"] == pytest.approx(0.7 * shared.mean(), abs=0.01)
    assert now.loc["R2", "q90"] == pytest.approx(np.quantile(0.3 * shared, 0.9), abs=0.01)
    assert now["mean"].sum() == pytest.approx(then["mean"].sum(), abs=0.01)
    assert now["closed"].sum() == pytest.approx(then["closed"].sum(), abs=0.01)
    assert now["open_amount"].sum() == pytest.approx(then["open_amount"].sum(), abs=0.01)
    assert now.loc["SE", "overlay_credit"] == pytest.approx(0.5 * shared.mean(), abs=0.01)
    assert now.loc["SE", ["closed", "q90", "mean"]].tolist() == [0, 0, 0]
    assert now["overlay_credit"].drop("SE").eq(0).all()
    both = landing.summary(["owner_id", "quarter"])
    whole = before.summary(["quarter"])
    assert both["mean"].sum() == pytest.approx(whole["mean"].sum(), abs=0.01)
    said = landing.categories("owner_id")["said_closed"].sum()
    assert said == pytest.approx(before.categories()["said_closed"].sum(), abs=0.01)


def test_whoever_shares_away_all_is_left_with_nothing(company):
    tables, steps, before = company
    owner = before.open_deals()["owner_id"].iloc[0]
    ids = [*before.deals["opportunity_id"], *before.closed["opportunity_id"].dropna()]
    every = pd.DataFrame({"opportunity_id": sorted(set(ids)), "owner_id": "X", "share": 1.0})
    own = by_seller(landing_of(tables | {"deal_splits": every}, steps)).loc[owner]
    assert own["closed"] == 0 and own["open_amount"] == 0
    table = landing_of(tables | {"deal_splits": every}, steps).draws.cells
    assert len(table) == len(before.draws.cells)


def test_other_tables_and_what_if_know_the_shares(company):
    tables, steps, before = company
    splits = given_splits(before)
    landing = landing_of(tables | {"deal_splits": splits}, steps)
    pd.testing.assert_frame_equal(
        landing.against_targets("region"), before.against_targets("region")
    )
    deal = splits["opportunity_id"].iloc[0]
    amount = landing.open_deals().set_index("opportunity_id").loc[deal, "amount"]
    won, lost = landing.what_if(win=[deal]), landing.what_if(lose=[deal])
    gain = by_seller(won)["mean"] - by_seller(lost)["mean"]
    assert gain["R1"] == pytest.approx(0.7 * amount) and gain["R2"] == pytest.approx(0.3 * amount)
    assert gain.sum() == pytest.approx(amount)


def test_the_page_says_who_shares(company):
    tables, steps, before = company
    landing = landing_of(tables | {"deal_splits": given_splits(before)}, steps)
    table = landing.against_targets("owner_id")
    shared, overlay = forecast.split_findings(landing, table)
    deals = given_splits(before)["opportunity_id"].nunique()
    assert shared.values == {"deals": deals, "people": 2}
    assert overlay.values["people"] == 1
    assert overlay.values["amount"] == pytest.approx(table["overlay_credit"].sum())
    assert forecast.split_findings(before, before.against_targets("owner_id")) == []
    for lang in ("en", "zh"):
        ax = pictures.against_targets(table, lang=lang)
        labels = ax.get_legend_handles_labels()[1]
        plain = pictures.against_targets(table.drop(columns="overlay_credit"), lang=lang)
        assert len(labels) == len(plain.get_legend_handles_labels()[1]) + 1


def test_shares_that_are_no_whole_leave_the_deal_with_its_owner_and_are_told():
    rows = [("a", "R1", 0.6, "split"), ("a", "R2", 0.3, "split"), ("b", "R1", 1.2, "split"),
            ("c", "R1", 0.5, "split"), ("c", "R2", None, "split"), ("c", "SE", 0.2, "overlay"),
            ("d", "R1", 0.1, ""), ("d", "R2", 0.2, "Revenue"), ("d", "R3", 0.7, None),
            ("x", "R1", 1.0, None)]  # fmt: skip
    given = pd.DataFrame(rows, columns=["opportunity_id", "owner_id", "share", "kind"])
    used = reduce.forecast.splits(given)
    assert used[["opportunity_id", "owner_id"]].agg("".join, axis=1).tolist() == [
        "cSE", "dR1", "dR2", "dR3", "xR1"]  # fmt: skip
    deals = pd.DataFrame({"opportunity_id": list("abcde"), "outcome": "open", "amount": 1.0})
    found = reduce.forecast.split_checks(given, deals)
    lines = {name: found.rows_of(name)["opportunity_id"].tolist() for name in (
        "splits_not_whole", "splits_of_unknown_deals", "deals_without_split")}  # fmt: skip
    assert sorted(lines["splits_not_whole"]) == ["a", "a", "b", "c", "c"]
    assert lines["splits_of_unknown_deals"] == ["x"]
    assert lines["deals_without_split"] == ["e"]
    assert not (found + reduce.forecast.split_checks(None, deals)).table.empty


def test_words_that_are_neither_split_nor_overlay_are_refused():
    given = pd.DataFrame({"opportunity_id": ["a"], "owner_id": "R1", "share": 1.0, "kind": "Bonus"})
    with pytest.raises(SalesAnalysisError, match="'Bonus' in 1 rows.*deal a; expected split"):
        reduce.forecast.splits(given)


def test_splits_need_what_is_closed_deal_by_deal(company):
    tables, steps, before = company
    known = reduce.forecast.known(tables | {"deal_splits": given_splits(before)}, **steps)
    with pytest.raises(SalesAnalysisError, match="`splits` and no `closed`"):
        forecast.forecast_as_of(replace(known, closed=None), period=PERIOD, by=BY, draws=50)

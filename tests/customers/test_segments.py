"""What customers look at: counts against a loop, segments by their rule, changes by simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, customers, plots, reduce
from salesanalysis.datasets.customers import customers as made_up
from salesanalysis.plots.marks import names_of

DAY = pd.Timestamp("2025-06-30")


def looks_of(seed: int, size: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    price = rng.choice([5.0, 10.0, 20.0, 20.5, 80.0, np.nan], size)
    return pd.DataFrame(
        {
            "account_id": rng.choice(["a", "b", "c", None], size),
            "category": rng.choice(["lamp", "sofa", "rug"], size),
            "at": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 6e6, size), "s") * 3,
            "price": price,
        }
    )


def counted(looks: pd.DataFrame, bands: int = 3) -> dict:
    """The same in single steps: April to June after, January to March before."""
    rows = looks.dropna(subset=["account_id"]).itertuples()
    rows = [r for r in rows if r.at < DAY + pd.Timedelta(days=1)]
    rows = [r for r in rows if r.at >= pd.Timestamp("2025-01-01")]
    found = {}
    for row in rows:
        peers = [r.price for r in rows if r.category == row.category and r.price == r.price]
        below = sum(p < row.price for p in peers) + sum(p == row.price for p in peers) / 2
        band = int(bands * below / len(peers)) + 1 if row.price == row.price else None
        period = "after" if row.at >= pd.Timestamp("2025-04-01") else "before"
        key = (row.account_id, row.category, period, band)
        found[key] = found.get(key, 0) + 1
    return found


WINDOW = {"as_of": DAY, "before_days": 90, "after_days": 91}


@pytest.mark.parametrize("bands", [1, 3, 4])
def test_counts_equal_a_loop_over_looks(bands):
    looks = looks_of(3)
    table = reduce.customers.view_counts(looks, price_bands=bands, **WINDOW)
    keys = table.drop(columns="n").astype(object).where(table.drop(columns="n").notna(), None)
    assert dict(zip(map(tuple, keys.to_numpy()), table["n"], strict=True)) == counted(looks, bands)


def test_no_look_after_the_day_counts():
    looks = looks_of(4)
    later = looks["at"] > DAY + pd.Timedelta(days=1)
    assert later.any()
    scrambled = looks.assign(
        price=looks["price"].where(~later, 9e9), category=looks["category"].where(~later, "none")
    )
    tables = [reduce.customers.view_counts(rows, **WINDOW) for rows in (looks, scrambled)]
    pd.testing.assert_frame_equal(*tables)


def test_looks_of_one_sitting_may_count_once():
    looks = pd.DataFrame({"account_id": "a", "category": "lamp", "at": [DAY] * 5, "price": 1.0})
    counts = [
        reduce.customers.view_counts(looks, **WINDOW, once_a_day=once)["n"].tolist()
        for once in (False, True)
    ]
    assert counts == [[5], [1]]


def test_equal_prices_are_in_one_band():
    looks = looks_of(5)
    priced = looks.dropna(subset=["price", "account_id"]).assign(account_id=lambda t: t["price"])
    priced["account_id"] = priced["account_id"].astype(str)
    table = reduce.customers.view_counts(priced, **WINDOW)
    assert table.groupby(["account_id", "category"])["price_band"].nunique().max() == 1
    assert sorted(table["price_band"].unique()) == [1, 2, 3]


def counts_of(sizes: dict[tuple[str, int | None], int]) -> pd.DataFrame:
    """One look of each of so many customers at each category and band."""
    cells = [cell for cell, size in sizes.items() for _ in range(size)]
    rows = pd.DataFrame(cells, columns=["category", "price_band"])
    return rows.assign(account_id=[f"c{n:04d}" for n in range(len(rows))], n=1, period="after")


def test_twenty_seven_cells_become_sixteen_segments():
    # Nine categories of three bands, as in the source: eleven cells are too small to stand alone.
    sizes = {(f"k{c}", band): 40 for c in range(9) for band in (1, 2, 3)}
    sizes |= {(f"k{c}", 3): 5 for c in range(6)}  # each joins its neighbour
    sizes |= {("k6", band): 9 for band in (1, 2, 3)} | {("k7", 1): 3, ("k7", 2): 4, ("k7", 3): 50}
    sizes |= {("k8", 1): 2, ("k8", 2): 21}
    found = customers.segments(counts_of(sizes), least=20)
    assert len(found.cells) == 27 and len(found.table) == 16
    assert (found.table["accounts"] >= 20).all()
    merged = found.cells[found.cells["merged"]]
    assert merged.groupby("category")["segment"].first().to_dict() == {
        **{f"k{c}": f"k{c} · 2–3" for c in range(6)}, "k6": "k6", "k7": "k7", "k8": "k8 · 1–2",
    }  # fmt: skip


def test_categories_that_are_too_small_are_the_others_and_draw_the_next_smallest():
    found = customers.segments(counts_of({("a", 1): 3, ("b", 1): 6, ("c", 1): 30}), least=8)
    assert found.table["segment"].tolist() == ["c", "others"]
    assert found.table["accounts"].tolist() == [30, 9]
    assert found.table["category"].isna().tolist() == [False, True]
    drawn = customers.segments(counts_of({("a", 1): 3, ("b", 1): 8, ("c", 1): 30}), least=8)
    assert drawn.table["accounts"].tolist() == [30, 11]


cells = st.dictionaries(
    st.tuples(st.sampled_from(["others", "b", "c", "d"]), st.sampled_from([None, 1, 2, 3])),
    st.integers(1, 12), min_size=1, max_size=16,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(cells, st.integers(1, 15))
def test_every_customer_is_in_one_segment_and_none_is_too_small(sizes, least):
    found = customers.segments(counts_of(sizes), least=least)
    total = sum(sizes.values())
    assert found.table["accounts"].sum() == found.cells["accounts"].sum() == total
    assert found.members["account_id"].is_unique and len(found.members) == total
    assert (found.table["accounts"] >= min(least, total)).all()
    assert found.table["segment"].is_unique
    alone = found.cells[found.cells["accounts"] >= max(least, total)]
    assert not alone["merged"].any()


def test_a_favourite_that_is_shared_is_marked_and_a_price_that_is_known_counts():
    counts = pd.DataFrame(
        {"account_id": ["a", "a", "b", "b"], "category": ["x", "y", "x", "x"], "n": [2, 2, 9, 1],
         "price_band": [1, 1, None, 3]}
    )  # fmt: skip
    members = customers.segments(counts, least=1).members
    assert members["tied"].tolist() == [True, False]
    assert members["price_band"].tolist() == [1, 3]


def test_bands_of_another_number_are_refused():
    with pytest.raises(SalesAnalysisError, match="from 1 to 2"):
        customers.segments(counts_of({("a", 3): 5}), price_bands=2)


# Favourites that change


def simulated(accounts: int, before: int, after: int, changing: float, seed: int):
    """Looks at nine categories; some customers come to like another one best, and very much."""
    rng = np.random.default_rng(seed)
    likes = rng.dirichlet(np.full(9, 0.5), accounts)
    changes = np.arange(accounts) < changing * accounts
    likes[changes] = (likes[changes] + np.eye(9)[likes[changes].argmax(axis=1)]) / 2
    later = likes.copy()
    for row in np.flatnonzero(changes):
        best, least = likes[row].argmax(), likes[row].argmin()
        later[row, [best, least]] = likes[row, [least, best]]
    names = pd.Index([f"c{n:04d}" for n in range(accounts)], name="account_id")
    kinds = pd.Index([f"k{n}" for n in range(9)], name="category")
    periods = (("before", likes, before), ("after", later, after))
    parts = [
        pd.DataFrame(rng.multinomial(looks, side), names, kinds)
        .melt(ignore_index=False, value_name="n").reset_index().assign(period=period)
        for period, side, looks in periods
    ]  # fmt: skip
    return pd.concat(parts), pd.Series(changes, names)


@pytest.mark.parametrize(
    ("looks", "changed", "found"),
    [(10, 0.52, 0.0), (20, 0.43, 0.63), (50, 0.29, 0.97), (200, 0.16, 0.99)],
)
def test_of_those_marked_few_are_chance(looks, changed, found):
    counts, true = simulated(2_000, looks, looks // 2, 0.05, seed=1)
    table = customers.favourite_changes(counts).set_index("account_id")
    is_true = true.reindex(table.index)
    stable = table[~is_true]
    # A favourite that is another one says nothing: this many have one who changed nothing.
    other = (stable["old_category"] != stable["new_category"]).mean()
    assert other == pytest.approx(changed, abs=0.03)
    marked = table[table["vip"]]
    assert marked.index.isin(true.index[~true]).sum() <= 0.15 * max(len(marked), 1)
    assert marked.index.isin(true.index[true]).sum() >= found * true.sum()


def test_where_nobody_changed_few_lists_mark_anybody():
    marked = [
        customers.favourite_changes(simulated(60, 20, 10, 0, seed)[0])["vip"].any()
        for seed in range(200)
    ]
    assert np.mean(marked) <= 0.1


def test_the_p_value_is_that_of_all_shuffles():
    # 3 and 0 looks before, 0 and 2 after: 1 of the 10 ways to deal them out gains as much.
    counts = pd.DataFrame(
        {"account_id": "a", "category": ["x", "y"], "period": ["before", "after"], "n": [3, 2]}
    )
    (row,) = customers.favourite_changes(counts, draws=9_999).itertuples()
    assert row.p_value == pytest.approx(0.1, abs=0.03)
    assert (row.old_category, row.new_category, row.share_gain) == ("x", "y", 2.0)


def test_what_a_customer_gets_does_not_depend_on_the_others():
    counts, _ = simulated(40, 20, 10, 0.2, seed=3)
    some = counts[counts["account_id"] < "c0010"]
    whole, part = (
        customers.favourite_changes(rows).set_index("account_id")["p_value"]
        for rows in (counts, some)
    )
    pd.testing.assert_series_equal(whole[part.index], part)


def test_the_sample_marks_whom_it_changed_and_no_other():
    made = made_up()
    counts = reduce.customers.view_counts(
        made.tables["views"], as_of="2025-12-31", before_days=183, after_days=184, once_a_day=True
    )
    table = customers.favourite_changes(counts)
    true = made.truth.accounts.set_index("account_id")["favourite_changed"]
    marked = table[table["vip"]]["account_id"]
    assert len(marked) >= 6 and true[marked].all()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_picture_has_a_bar_for_each_segment(lang):
    sizes = {("lamp", 1): 30, ("lamp", 2): 25, ("lamp", 3): 4, ("sofa", 1): 9, ("rug", 1): 3}
    sizes[("tub", 1)] = 4
    found = customers.segments(counts_of(sizes), least=8)
    ax = plots.customers.segments(found.table, lang=lang)
    assert [bar.get_width() for bar in ax.patches] == found.table["accounts"].tolist()
    assert len(names_of(ax)) == len(found.table)

"""The waterfall of the funnel: it adds up to the cent, whatever moved; and its picture."""

from decimal import Decimal

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError
from salesanalysis.funnel.moves import WITHIN, waterfall
from salesanalysis.plots import funnel as pictures

mpl.use("Agg")

CLOSED = ["won", "lost", "cancelled"]

amounts = st.one_of(st.none(), st.integers(0, 10**13).map(lambda cents: cents / 100))


@st.composite
def any_movement(draw):
    """One deal that moved, as reduce.funnel.movements would describe it."""
    before = draw(st.sampled_from(["none", "open", "closed"]))
    # A deal that was closed at the start is in the table only where it was opened again.
    after = draw(st.sampled_from(["open", *CLOSED]))
    return {
        "state_before": draw(st.sampled_from(CLOSED)) if before == "closed" else before,
        "state_after": after,
        "reopened": before == "closed",
        "position_before": draw(st.one_of(st.none(), st.integers(0, 5))),
        "position_after": draw(st.one_of(st.none(), st.integers(0, 5))),
        "amount_before": draw(amounts),
        "amount_after": draw(amounts),
        "due_before": draw(st.booleans()),
        "due_after": after != "open" or draw(st.booleans()),
        "slipped": after == "open" and draw(st.booleans()),
        "region": draw(st.sampled_from(["N", "S", None])),
    }


def frame(rows):
    table = pd.DataFrame(rows)
    types = {"position_before": "Int64", "position_after": "Int64"}
    return table.astype(types | {"amount_before": float, "amount_after": float})


any_movements = st.lists(any_movement(), min_size=1, max_size=25).map(frame)


def exactly(values) -> Decimal:
    """The sum as it stands on paper, in cents; not a number where no deal has an amount."""
    return sum((Decimal(f"{value:.2f}") for value in values), Decimal(0))


def without_amounts(movements) -> bool:
    return movements[["amount_before", "amount_after"]].isna().all(axis=None)


@settings(max_examples=25)
@given(any_movements, st.sampled_from(WITHIN))
def test_the_start_and_the_flows_add_up_to_the_end(movements, within):
    table = waterfall(movements, within=within).set_index("movement")
    through = table[table["kind"].isin(["start", "flow"])]
    assert through["net_deals"].sum() == table.loc["end", "net_deals"]
    assert (table.loc[table["kind"] == "memo", "net_deals"] == 0).all()
    assert (table["deals"] >= 0).all()
    if without_amounts(movements):
        assert table["net_amount"].isna().all() and (table["refused"] == "no_amount").all()
        return
    assert exactly(through["net_amount"]) == exactly(table.loc[["end"], "net_amount"])
    assert (table.loc[table["kind"] == "memo", "net_amount"] == 0).all()
    assert table["refused"].isna().all()


@settings(max_examples=25)
@given(any_movements, st.sampled_from(WITHIN))
def test_the_groups_add_up_to_the_whole(movements, within):
    whole = waterfall(movements, within=within).set_index("movement")
    parts = waterfall(movements, by="region", within=within).groupby("movement", sort=False)
    for column in ("deals", "net_deals", "without_amount"):
        assert parts[column].sum().to_dict() == whole[column].to_dict()
    for name, part in parts if not without_amounts(movements) else ():
        assert exactly(part["net_amount"]) == exactly(whole.loc[[name], "net_amount"])


@settings(max_examples=25)
@given(any_movements)
def test_start_and_end_are_what_was_open_at_the_two_ends(movements):
    table = waterfall(movements).set_index("movement")
    for name, side in (("start", "before"), ("end", "after")):
        still = movements[movements[f"state_{side}"] == "open"]
        assert table.loc[name, "deals"] == len(still)
        if not without_amounts(movements):
            sides = still[f"amount_{side}"].dropna()
            assert exactly(table.loc[[name], "amount"]) == exactly(sides)


def test_a_sum_that_floats_get_wrong_is_right():
    rows = [
        {"state_before": "open", "state_after": "won", "amount_before": 0.1, "amount_after": 0.1}
    ] * 10 + [
        {"state_before": "open", "state_after": "open", "amount_before": 0.7, "amount_after": 0.7}
    ]
    rest = {"reopened": False, "position_before": 0, "position_after": 0}
    movements = frame(
        [row | rest | dict.fromkeys(["due_before", "due_after", "slipped"], False) for row in rows]
    )
    table = waterfall(movements).set_index("movement")
    assert sum(movements["amount_before"]) != 1.7  # what is to be guarded against
    assert table.loc["start", "amount"] == 1.7
    assert table.loc["won", "net_amount"] == -1.0
    assert table.loc["end", "amount"] == 0.7


@pytest.fixture
def quarter():
    """Ten deals worked out by hand; the amounts tell them apart."""
    columns = "state_before state_after reopened position_before position_after amount_before"
    columns += " amount_after due_before due_after slipped"
    rows = [
        ("open", "open", False, 0, 2, 1, 1, False, False, False),  # advanced
        ("open", "open", False, 2, 0, 2, 2, True, False, True),  # moved back, slipped
        ("open", "won", False, 1, 1, 4, 5, True, True, False),  # up by 1, won
        ("open", "lost", False, 1, 1, 8, 6, False, True, False),  # down by 2, lost, pulled in
        ("none", "open", False, None, 0, 16, 16, False, False, False),  # new
        ("none", "won", False, None, 0, 32, 32, True, True, False),  # new and won
        ("lost", "open", True, None, 0, 64, 64, False, False, False),  # reopened
        ("open", "cancelled", False, 0, 0, 128, 128, False, True, False),  # pulled in
        ("open", "open", False, 1, 1, None, None, False, False, False),  # no amount
    ]
    return frame([dict(zip(columns.split(), row, strict=True)) for row in rows])


def test_the_whole_pipeline_by_hand(quarter):
    table = waterfall(quarter).set_index("movement")
    assert table["net_amount"].to_dict() == {
        "start": 143, "new": 48, "reopened": 64, "amount_up": 1, "amount_down": -2, "won": -37,
        "lost": -6, "cancelled": -128, "end": 83, "advanced": 0, "moved_back": 0, "slipped": 0,
    }  # fmt: skip
    assert table["deals"].tolist() == [6, 2, 1, 1, 1, 2, 1, 1, 5, 1, 1, 1]
    assert table.loc[["advanced", "moved_back", "slipped"], "amount"].tolist() == [1, 2, 2]
    assert table.loc[["start", "end", "new"], "without_amount"].tolist() == [1, 1, 0]


def test_the_part_that_is_due_in_the_period_by_hand(quarter):
    table = waterfall(quarter, within="period").set_index("movement")
    # Due at the start: 2 and 4; new and due: 32; closed though not due: 8 at its last 6, and 128.
    assert table["net_amount"].to_dict() == {
        "start": 6, "new": 32, "reopened": 0, "pulled_in": 134, "amount_up": 1, "amount_down": 0,
        "won": -37, "lost": -6, "cancelled": -128, "slipped": -2, "end": 0,
        "advanced": 0, "moved_back": 0,
    }  # fmt: skip


def test_inputs_are_not_changed_and_errors_say_what_is_wrong(quarter):
    copy = quarter.copy(deep=True)
    waterfall(quarter)
    pd.testing.assert_frame_equal(quarter, copy)
    with pytest.raises(SalesAnalysisError, match="`within` is 'quarter'; expected all or period"):
        waterfall(quarter, within="quarter")
    with pytest.raises(SalesAnalysisError, match="cannot be added up exactly"):
        waterfall(quarter.assign(amount_after=1e15))
    with pytest.raises(SalesAnalysisError, match="no column `slipped`"):
        waterfall(quarter.drop(columns="slipped"))


def test_nothing_moved_is_a_waterfall_of_zeros(quarter):
    table = waterfall(quarter.head(0))
    assert (table["deals"] == 0).all()
    assert table.loc[table["movement"] == "end", "net_amount"].tolist() == [0]


@pytest.mark.parametrize(("lang", "first"), [("en", "At the start"), ("zh", "期初")])
def test_the_picture_steps_from_the_start_to_the_end(quarter, lang, first):
    import matplotlib.pyplot as plt

    table = waterfall(quarter)
    ax = pictures.waterfall(table, lang=lang)
    ax.figure.canvas.draw()
    bars = [patch for container in ax.containers for patch in container]
    shown = table[(table["kind"] != "memo") & (table["deals"] > 0)]
    assert [bar.get_width() for bar in bars] == shown["net_amount"].tolist()
    # Each step begins where the one before ended, and the last one ends at the end line.
    ends = np.array([bar.get_x() + bar.get_width() for bar in bars])
    assert np.allclose([bar.get_x() for bar in bars[1:-1]], ends[:-2])
    assert ends[-2] == ends[-1]
    assert ax.get_yticklabels()[0].get_text() == first
    plt.close("all")


def test_without_amounts_the_picture_counts_deals(quarter):
    import matplotlib.pyplot as plt

    table = waterfall(quarter.assign(amount_before=np.nan, amount_after=np.nan))
    ax = pictures.waterfall(table)
    widths = [patch.get_width() for container in ax.containers for patch in container]
    shown = table[table["kind"].isin(["start", "end"]) | (table["deals"] > 0)]
    assert widths == shown.loc[shown["kind"] != "memo", "net_deals"].tolist()
    assert ax.get_xlabel() == "Deals"
    plt.close("all")


def test_the_picture_shows_one_group(quarter):
    table = waterfall(quarter.assign(region=["N"] * 5 + ["S"] * 4), by="region")
    with pytest.raises(SalesAnalysisError, match="holds several"):
        pictures.waterfall(table)
    with pytest.raises(SalesAnalysisError, match="holds none"):
        pictures.waterfall(table.head(0))

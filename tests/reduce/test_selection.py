"""Part of the data: what stays follows the deals that stay, compared with a loop over rows."""

import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, reduce

DEALS = pd.DataFrame(
    {
        "opportunity_id": ["a", "b", "c", "d"],
        "owner_id": ["Li", "Wu", "Li", None],
        "region": ["East", "West", "East", None],
        "tier": [1, 2, 2, 1],
    }
)
HISTORY = pd.DataFrame({"opportunity_id": ["a", "a", "b", "d", "x"], "stage": list("SDSSS")})
CONTACTS = pd.DataFrame({"opportunity_id": ["a", "b", "c"], "owner_id": ["Wu", "Li", "Li"]})
TARGETS = pd.DataFrame({"region": ["East", "West"], "target": [5.0, 7.0]})
STREAMS = pd.DataFrame({"stream": ["channel"], "target": [1.0]})
TABLES = {
    "opportunities": DEALS,
    "stage_history": HISTORY,
    "activities": CONTACTS,
    "targets": TARGETS,
    "stream_targets": STREAMS,
}


def rows(table) -> list[tuple]:
    frame = table if isinstance(table, pd.DataFrame) else table.to_pandas()
    return sorted(map(tuple, frame.astype(str).to_numpy().tolist()))


@pytest.mark.parametrize(
    "only",
    [
        {"region": "East"},
        {"region": ["East", "West"]},
        {"owner_id": "Li"},
        {"owner_id": "Li", "tier": 2},
        {"tier": "1"},
    ],
)
def test_tables_follow_their_deals(only):
    def fits(row) -> bool:
        wanted = {
            column: [str(v) for v in (values if isinstance(values, list) else [values])]
            for column, values in only.items()
        }
        return all(str(row[column]) in words for column, words in wanted.items() if column in row)

    found = reduce.selected(TABLES, only)
    deals = [row for row in DEALS.to_dict("records") if fits(row)]
    kept = {row["opportunity_id"] for row in deals}
    for name in ("opportunities", "stage_history", "activities"):
        expected = TABLES[name][TABLES[name]["opportunity_id"].isin(kept)]
        assert rows(found[name]) == rows(expected), name
    expected = TARGETS[[fits(row) for row in TARGETS.to_dict("records")]]
    assert rows(found["targets"]) == rows(expected)
    assert rows(found["stream_targets"]) == rows(STREAMS)


def test_nothing_asked_leaves_all_as_it_is():
    assert reduce.selected(TABLES, {}) == TABLES


def test_a_history_without_a_deal_list_is_chosen_by_its_own_columns():
    history = HISTORY.assign(region=["N", "N", "S", "S", "N"])
    found = reduce.selected({"stage_history": history}, {"region": "N"})
    assert rows(found["stage_history"]) == rows(history[history["region"] == "N"])


@pytest.mark.parametrize(
    ("only", "words"),
    [
        ({"regoin": "East"}, "`regoin`, which no table has. Nearest: region"),
        ({"region": "east"}, "of which there is no row. `region` has East, West"),
    ],
)
def test_what_leaves_nothing_is_refused_with_what_there_is(only, words):
    with pytest.raises(SalesAnalysisError, match=words):
        reduce.selected(TABLES, only)

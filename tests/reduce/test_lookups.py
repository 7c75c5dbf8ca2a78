"""Look-ups: every deal stays, once."""

import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, reduce

DEALS = pd.DataFrame(
    {"opportunity_id": ["a", "b", "c"], "owner_id": ["Li", "Wu", None], "region": ["N", "S", "S"]}
)


def looked_up(**lookups):
    table = reduce.with_lookups({"opportunities": DEALS, **lookups})["opportunities"]
    return table.order_by("opportunity_id").to_pandas()


def test_a_key_that_is_missing_or_twice_in_the_list_neither_drops_nor_doubles_a_deal():
    reps = pd.DataFrame({"owner_id": ["Li", "Li", None], "team": ["x", "y", "z"]})
    frame = looked_up(reps=reps)
    assert frame["opportunity_id"].tolist() == ["a", "b", "c"]
    assert frame["team"].isna().tolist() == [False, True, True]


def test_a_column_of_the_deal_list_is_not_replaced():
    reps = pd.DataFrame({"owner_id": ["Li"], "region": ["E"], "manager": ["Zhao"]})
    frame = looked_up(reps=reps)
    assert frame["region"].tolist() == ["N", "S", "S"]
    assert frame["manager"].tolist()[0] == "Zhao"


def test_a_list_without_its_key_is_refused():
    with pytest.raises(SalesAnalysisError, match="`reps` has no column `owner_id`"):
        looked_up(reps=pd.DataFrame({"owner": ["Li"]}))

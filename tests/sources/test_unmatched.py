"""Keys that do not find each other."""

import pandas as pd
import pytest

from salesanalysis import sources
from salesanalysis.errors import SalesAnalysisError


def test_frames_and_engine_tables_agree(checked):
    deals = checked("opportunity_id,stage,product\nA,Won,GTXPro\nB,Won,GTXPro\nC,Won,MG\nD,Won,\n")
    prices = checked("product\nGTX Pro\nMG\nＡＢ－１\n", table="products", name="products.csv")
    engine = sources.unmatched_keys(deals.table, prices.table, "product")
    frames = sources.unmatched_keys(deals.table.to_pandas(), prices.table.to_pandas(), "product")
    assert engine.equals(frames)
    assert engine.to_numpy().tolist() == [
        ["GTXPro", "left", 2, "GTX Pro"],
        ["GTX Pro", "right", 1, "GTXPro"],
        ["ＡＢ－１", "right", 1, ""],
    ]


def test_nothing_unmatched_and_missing_keys_are_no_keys():
    left = pd.DataFrame({"k": ["a", None]})
    assert sources.unmatched_keys(left, pd.DataFrame({"k": ["a"]}), "k").empty
    with pytest.raises(SalesAnalysisError, match="`right` does not have. Nearest: kk"):
        sources.unmatched_keys(left, pd.DataFrame({"kk": ["a"]}), "k")

"""What ids are called: in sentences, tables and pictures, never in the files."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis.reports.tables import called, with_names

NAMES = {"owner_id": {"R1": "Ann Bell", "R2": "Bo Chen", "R3": "Ann Bell"}}


def test_what_has_a_name_is_shown_by_it_and_the_frame_that_was_given_stays():
    frame = pd.DataFrame({"owner_id": ["R2", "R9"], "n": [1, 2]})
    named = with_names(frame, NAMES)
    assert named["owner_id"].tolist() == ["Bo Chen", "R9"] and named["n"].tolist() == [1, 2]
    assert frame["owner_id"].tolist() == ["R2", "R9"]


def test_columns_of_which_no_name_is_known_stay():
    frame = pd.DataFrame({"who": ["R1"]})
    pd.testing.assert_frame_equal(with_names(frame, NAMES), frame)


def test_two_of_one_name_are_told_apart_by_their_ids():
    frame = pd.DataFrame({"owner_id": ["R1", "R3", "R2", "R1"]})
    shown = with_names(frame, NAMES)["owner_id"].tolist()
    assert shown == ["Ann Bell (R1)", "Ann Bell (R3)", "Bo Chen", "Ann Bell (R1)"]


def test_an_id_that_is_the_name_of_another_is_told_apart():
    frame = pd.DataFrame({"owner_id": pd.Categorical(["R2", "Bo Chen"])})
    assert with_names(frame, NAMES)["owner_id"].tolist() == ["Bo Chen (R2)", "Bo Chen (Bo Chen)"]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_what_is_missing_stays_missing(missing):
    frame = pd.DataFrame({"owner_id": pd.Series(["R2", missing], dtype=object)})
    assert with_names(frame, NAMES)["owner_id"].isna().tolist() == [False, True]


def test_categories_keep_their_order_also_those_of_no_row():
    stages = pd.CategoricalDtype(["T", "S", "D"], ordered=True)
    frame = pd.DataFrame({"stage": pd.Series(["D", None, "T"], dtype=stages)})
    named = with_names(frame, {"stage": {"T": "T Territory", "D": "D Develop"}})["stage"]
    assert named.cat.categories.tolist() == ["T Territory", "S", "D Develop"] and named.cat.ordered
    assert named.isna().tolist() == [False, True, False]
    assert named.sort_values().tolist()[0] == "T Territory"


def test_ids_that_are_numbers_are_found():
    frame = pd.DataFrame({"owner_id": [2, 1]})
    assert with_names(frame, {"owner_id": {1: "Ann"}})["owner_id"].tolist() == [2, "Ann"]


def test_each_of_several_ids_has_its_name():
    names = {"look_at": {"O1": "Grand Dale", "O3": "Dale, Sons"}, "owner_id": {"R1": "Ann Bell"}}
    frame = pd.DataFrame({"look_at": ["O1, O2, O3", ""], "owner_id": ["R1, R2", "R1"]})
    named = with_names(frame, names)
    assert named["look_at"].tolist() == ["Grand Dale, O2, Dale, Sons", ""]
    assert named["owner_id"].tolist() == ["R1, R2", "Ann Bell"], "one id, whatever is in it"
    assert called("O3, O1", "look_at", "funnel", "zh", names) == "Dale, Sons, Grand Dale"


def test_an_empty_frame_stays_empty():
    assert with_names(pd.DataFrame({"owner_id": pd.Series([], dtype=str)}), NAMES).empty

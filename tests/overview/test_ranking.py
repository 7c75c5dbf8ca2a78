"""What to look at first, from the things of made-up reports."""

from pathlib import Path

import pandas as pd
import pytest

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import overview
from salesanalysis.reports.overview import MadeReport


def thing(subject: str, money: float | None, name: str = "") -> dict:
    return {"subject": subject, "name": name or subject, "money": money, "reason": "Late."}


def first(*things: dict, more=(), **options) -> pd.DataFrame:
    made = [
        MadeReport(Path("one"), {"title": "One", "things": list(things)}),
        MadeReport(Path("two"), {"title": "Two", "things": list(more)}),
    ]
    return overview.first_things(made, **options)


def test_most_money_first_each_subject_once_and_the_unknown_last():
    things = [thing("a", 10.0), thing("x", None), thing("b", 30.0)]
    table = first(*things, more=[thing("a", 20.0)])
    assert table["subject"].tolist() == ["b", "a", "x"]
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["others"].tolist() == [0, 1, 0]
    assert table["report"].tolist() == ["One", "Two", "One"]
    assert table["money"].tolist()[:2] == [30.0, 20.0] and pd.isna(table["money"].iloc[2])


def test_only_so_many_are_listed_and_nothing_money_is_nothing_to_look_at():
    things = [thing(name, money) for name, money in zip("abcd", (1.0, 0.0, -5.0, 2.0), strict=True)]
    assert first(*things)["subject"].tolist() == ["d", "a"]
    assert first(*things, most=1)["subject"].tolist() == ["d"]
    assert first().empty and list(first()) == list(first(thing("a", 1.0)))
    with pytest.raises(SalesAnalysisError, match="`most` is 0"):
        first(most=0)


def test_of_equals_the_one_told_first_stays_first():
    names = list("qwertz")
    assert first(*(thing(name, 5.0) for name in names))["subject"].tolist() == names


def test_one_subject_is_called_as_its_report_calls_it():
    table = first(thing("channel", 1.0, "Dealers"), thing("channel", 3.0, "经销商"))
    assert table["subject"].tolist() == ["经销商"]


def test_what_to_look_at_first_of_all_is_said_where_its_money_is_known():
    (said,) = overview.findings(first(thing("a", 10.0), thing("b", 7.0)))
    assert (said.name, said.values["subject"], said.values["money"]) == ("first", "a", 10.0)
    assert overview.findings(first(thing("a", None))) == []
    assert overview.findings(first()) == []

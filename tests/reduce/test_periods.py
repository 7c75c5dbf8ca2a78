"""Periods in an engine: the same names as the calendar gives day by day."""

import ibis
import pandas as pd
import pytest

from salesanalysis import sources
from salesanalysis.periods import UNITS, Calendar
from salesanalysis.reduce.expressions import period_name

CALENDARS = [
    Calendar(),
    Calendar(first_month=4),
    Calendar(first_month=10, named_by="start"),
    Calendar(first_month=2, weeks="4-5-4", named_by="start"),
    Calendar(weeks="5-4-4", ends_on="sunday", ends="last"),
]


@pytest.mark.parametrize("unit", [*UNITS, "half"])
@pytest.mark.parametrize("company", CALENDARS, ids=str)
def test_names_are_those_of_the_calendar_at_every_hour(company, unit):
    hours = pd.date_range("2022-12-25", "2026-02-05", freq="31h").as_unit("us")
    table = ibis.memtable(pd.DataFrame({"at": hours}))
    found = table.mutate(name=period_name(table.at, unit, company)).to_pandas()
    found = found.sort_values("at")
    assert found["name"].tolist() == [company.label_of(hour, unit) for hour in hours]


@pytest.mark.parametrize("company", CALENDARS, ids=str)
def test_a_moment_that_is_missing_lies_in_no_period(company):
    table = ibis.memtable(pd.DataFrame({"at": pd.Series([pd.NaT, pd.Timestamp("2025-03-31")])}))
    for unit in UNITS:
        names = table.mutate(name=period_name(table.at, unit, company)).to_pandas()["name"]
        assert names.isna().sum() == 1
    nothing = table.filter(table.at.isnull())
    assert (
        nothing.mutate(name=period_name(nothing.at, "week", company))
        .to_pandas()["name"]
        .isna()
        .all()
    )


def test_a_table_of_another_source_comes_by_the_clock_of_the_company():
    at = pd.Series(["2025-03-31 17:30", None]).astype("datetime64[us, UTC]")
    naive = pd.Series(["2025-03-31 17:30", None]).astype("datetime64[us]")
    table = ibis.memtable(pd.DataFrame({"at": at, "naive": naive, "n": [1, 2]}))
    found = (
        sources.on_calendar(table, Calendar(time_zone="Asia/Shanghai")).order_by("n").to_pandas()
    )
    assert found["at"].tolist() == [pd.Timestamp("2025-04-01 01:30"), pd.NaT]
    assert found["naive"].tolist() == naive.tolist()

"""Inputs of a company with a year and a clock of its own."""

import datetime
import zoneinfo

import pandas as pd
import pytest

from salesanalysis import sources
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import Calendar
from salesanalysis.sources.period_names import read_names

APRIL = Calendar(first_month=4)
RETAIL = Calendar(first_month=2, weeks="4-5-4", named_by="start")
SHANGHAI = {"time_zone": "Asia/Shanghai"}


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ("FY26-Q2; Q2 FY26; Q2 FY2026; FY2025/26 Q2; FY25-26 Q2; 2026财年第二季度", "FY26-Q2"),
        ("FY26; FY2026; fiscal year 2026; FY2025/26; 2026财年", "FY26"),
        ("FY26-H2; H2 FY26", "FY26-H2"),
        # Months of a year of months are those of the calendar, by name or by their place in it.
        ("FY26-P05; P5 FY26; period 5 FY26; 2025-08; Aug 2025; 2025年8月; Aug FY26", "2025-08"),
        ("FY26-P10; 2026-01; Jan FY26; 2026财年1月", "2026-01"),
        ("2025-W07; KW 7 2025", "2025-W07"),
    ],
)  # fmt: skip
def test_names_of_a_year_from_april(texts, name):
    for text in texts.split("; "):
        assert read_names([text], halves=True, calendar=APRIL).names == {text: name}, text
        assert APRIL.is_named(name)


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ("FY23-P05; P5 FY23; 2023-P05", "FY23-P05"),
        ("FY23-W53; W53 FY23", "FY23-W53"),
        ("FY23-Q4; Q4 FY2023", "FY23-Q4"),
    ],
)
def test_names_of_a_year_of_weeks(texts, name):
    for text in texts.split("; "):
        assert read_names([text], calendar=RETAIL).names == {text: name}, text


@pytest.mark.parametrize(
    ("text", "calendar", "header"),
    [
        ("2025-Q4", APRIL, ""), ("Q4 2025", APRIL, "Quarter"), ("2025", APRIL, ""),
        ("2025-H1", APRIL, ""), ("2025-08", APRIL, "Fiscal month"), ("2025-11", RETAIL, ""),
        ("Nov FY23", RETAIL, ""), ("2025-W07", RETAIL, ""),
    ],
)  # fmt: skip
def test_what_can_be_of_two_years_is_asked_about(text, calendar, header):
    read = read_names([text], header=header, halves=True, calendar=calendar)
    assert not read.names
    assert [doubt.rule for doubt in read.doubts] == ["calendar_period"]


def test_who_says_that_a_column_is_of_the_own_year_is_believed():
    read = read_names(["2025-Q4", "2026"], calendar=APRIL, own=True)
    assert read.names == {"2025-Q4": "FY25-Q4", "2026": "FY26"}
    assert read_names(["2025-Q4"], calendar=APRIL, header="Fiscal Quarter").names == {
        "2025-Q4": "FY25-Q4"
    }


@pytest.mark.parametrize("text", ["FY26-05", "FY26-P13", "FY26-W18", "FY24-W54", "FY2025/27 Q2"])
def test_what_names_no_period_of_a_year_from_april(text):
    read = read_names([text], calendar=APRIL)
    assert not read.names


def test_days_that_begin_or_end_the_periods_of_the_own_year():
    assert read_names(["2025-04-01", "2025-07-01"], calendar=APRIL).names == {
        "2025-04-01": "FY26-Q1", "2025-07-01": "FY26-Q2",
    }  # fmt: skip
    assert read_names(["2024-02-03", "2025-02-01"], calendar=RETAIL).names == {
        "2024-02-03": "FY23", "2025-02-01": "FY24",
    }  # fmt: skip
    assert not read_names(["2024-01-31", "2025-01-31"], calendar=RETAIL).names


TARGETS = "Quarter,Region,Target\nQ1 FY26,East,10\nQ2 FY26,East,20\n"


def test_targets_of_fiscal_quarters(checked):
    found = checked(TARGETS, table="targets", calendar={"first_month": 4}).require()
    assert found.table.to_pandas()["period"].tolist() == ["FY26-Q1", "FY26-Q2"]
    refused = checked(TARGETS, table="targets")
    with pytest.raises(SalesAnalysisError, match="say when the year begins with `calendar`"):
        refused.require()


def test_fiscal_quarters_in_columns_and_beside_their_year(checked):
    wide = "Region,Q1 FY26,Q2 FY26\nEast,10,20\n"
    found = checked(wide, table="targets", calendar={"first_month": 4}).require().table.to_pandas()
    assert found.sort_values("period")["period"].tolist() == ["FY26-Q1", "FY26-Q2"]
    beside = "Fiscal Year,Quarter,Region,Target\n2026,Q1,East,10\n2026,Q2,East,20\n"
    found = checked(beside, table="targets", calendar={"first_month": 4}).require()
    assert found.table.to_pandas()["period"].tolist() == ["FY26-Q1", "FY26-Q2"]


def test_targets_of_another_year_are_refused_in_words(checked):
    found = checked("Quarter,Target\n2025-Q4,10\n", table="targets", calendar={"first_month": 4})
    with pytest.raises(SalesAnalysisError, match="can be of the calendar or of the fiscal year"):
        found.require()


CELLS = ["2025-03-31T17:30:00Z", "2025-03-31 20:00+02:00", "2025-03-31 23:59:00", "2025-03-31"]
BY_CLOCK = ["2025-04-01 01:30", "2025-04-01 02:00", "2025-03-31 23:59", "2025-03-31"]


def test_moments_with_a_zone_are_what_the_clock_of_the_company_shows(column):
    values, found = column("created_at", CELLS, calendar=SHANGHAI)
    assert list(values.values()) == [pd.Timestamp(text) for text in BY_CLOCK]
    told = found.faults.set_index("rule")
    assert told.loc["moments_in_zone", "count"] == 2
    assert any("the clock of Asia/Shanghai" in said for said in found.messages())
    values, found = column("created_at", CELLS)
    assert list(values.values())[:2] == [
        pd.Timestamp("2025-03-31 17:30"),
        pd.Timestamp("2025-03-31 18:00"),
    ]
    assert "moments_in_utc" in set(found.faults["rule"])


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Asia/Kathmandu"])
def test_counts_of_seconds_and_types_with_a_zone_are_read_by_the_clock(tmp_path, column, zone):
    at = datetime.datetime(2025, 11, 2, 5, 30, tzinfo=datetime.UTC)  # clocks are set back in the US
    shown = pd.Timestamp(at.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None, fold=0))
    values, _ = column("created_at", [str(int(at.timestamp()))] * 2, calendar={"time_zone": zone})
    assert list(values.values()) == [shown] * 2
    moments = pd.Series([at]).astype("datetime64[us, UTC]")
    deals = pd.DataFrame({"opportunity_id": ["a"], "outcome": "open", "created_at": moments})
    deals.to_parquet(tmp_path / "deals.parquet")
    read = sources.read(
        tmp_path / "deals.parquet", table="opportunities", calendar=Calendar(time_zone=zone)
    )
    assert read.to_pandas()["created_at"].tolist() == [shown]


def test_an_argument_that_is_none_names_the_nearest(tmp_path):
    with pytest.raises(TypeError, match="no argument `calender`. Did you mean `calendar`"):
        sources.read(tmp_path / "deals.csv", table="opportunities", calender={})
    with pytest.raises(SalesAnalysisError, match="`time_zone` is 'Mars/Olympus', which is no time"):
        sources.read(
            tmp_path / "deals.csv", table="opportunities", calendar={"time_zone": "Mars/Olympus"}
        )

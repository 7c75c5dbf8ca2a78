"""Calendars: years of months and of weeks, their names and bounds, against calendars in print."""

import datetime
import zoneinfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError
from salesanalysis.periods import PLAIN, UNITS, Calendar, calendar, end_of, moments

#: The retail calendar of the National Retail Federation: years end on the Saturday nearest to the
#: end of January and are named for the year they begin in.
NRF = Calendar(first_month=2, weeks="4-5-4", named_by="start")
DAY = datetime.timedelta(days=1)


def days(calendar, period):
    return [f"{moment:%Y-%m-%d}" for moment in calendar.bounds_of(period)]


# --- against calendars in print -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "begins"),  # NRF 4-5-4 calendars, as printed for each year
    [
        (2012, "2012-01-29"), (2013, "2013-02-03"), (2017, "2017-01-29"), (2018, "2018-02-04"),
        (2019, "2019-02-03"), (2020, "2020-02-02"), (2021, "2021-01-31"), (2022, "2022-01-30"),
        (2023, "2023-01-29"), (2024, "2024-02-04"), (2025, "2025-02-02"),
    ],
)  # fmt: skip
def test_years_of_the_retail_calendar_begin_as_printed(year, begins):
    assert days(NRF, f"FY{year - 2000}")[0] == begins


def test_the_retail_calendar_has_53_weeks_in_2012_2017_and_2023_alone():
    long = [year for year in range(2010, 2025) if NRF.has("week", year, 53)]
    assert long == [2012, 2017, 2023]


def test_months_of_the_retail_calendar_and_the_53rd_week_in_its_last():
    assert days(NRF, "FY24-P01") == ["2024-02-04", "2024-03-03"]  # 4 weeks
    assert days(NRF, "FY24-P02") == ["2024-03-03", "2024-04-07"]  # 5
    assert days(NRF, "FY24-P03") == ["2024-04-07", "2024-05-05"]  # 4
    assert days(NRF, "FY23-P12") == ["2023-12-31", "2024-02-04"]  # 4 and the odd one
    assert days(NRF, "FY23-W53") == ["2024-01-28", "2024-02-04"]


def test_a_fiscal_year_from_april():
    uk = Calendar(first_month=4)
    assert days(uk, "FY26") == ["2025-04-01", "2026-04-01"]
    assert [days(uk, f"FY26-Q{n}")[0] for n in (1, 2, 3, 4)] == [
        "2025-04-01", "2025-07-01", "2025-10-01", "2026-01-01",
    ]  # fmt: skip
    assert days(uk, "FY26-H2") == ["2025-10-01", "2026-04-01"]
    assert uk.label_of("2026-03-31", "year") == "FY26"
    japan = Calendar(first_month=4, named_by="start")  # 2025年度
    assert japan.label_of("2026-03-31", "quarter") == "FY25-Q4"
    assert days(japan, "FY25") == days(uk, "FY26")


@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2150, 12, 31)))
def test_weeks_to_the_sunday_nearest_to_the_end_of_december_are_those_of_iso(day):
    iso = Calendar(weeks="4-4-5", ends_on="sunday")
    year, week, _ = day.isocalendar()
    assert iso.label_of(day, "week") == iso.name("week", year, week)
    assert PLAIN.label_of(day, "week") == f"{year}-W{week:02}"


def test_the_last_weekday_of_a_month_as_the_end():
    apple = Calendar(first_month=10, weeks="5-4-4", ends="last")  # last Saturday of September
    assert days(apple, "FY24") == ["2023-10-01", "2024-09-29"]
    assert days(apple, "FY23") == ["2022-09-25", "2023-10-01"]  # 53 weeks
    assert apple.has("week", 2023, 53) and not apple.has("week", 2024, 53)


# --- against a naive calendar, day by day ---------------------------------------------------------

calendars = st.builds(
    Calendar,
    first_month=st.integers(1, 12),
    weeks=st.sampled_from(["", "4-4-5", "4-5-4", "5-4-4"]),
    ends_on=st.sampled_from(["monday", "friday", "saturday", "sunday"]),
    ends=st.sampled_from(["nearest", "last"]),
    named_by=st.sampled_from(["end", "start"]),
)
dates = st.dates(datetime.date(1990, 1, 1), datetime.date(2060, 12, 31))


def is_first_day(calendar, day):
    """Whether a year of the calendar begins on a day, from its words alone."""
    if not calendar.weeks:
        return (day.month, day.day) == (calendar.first_month, 1)
    last = day - DAY
    if f"{last:%A}".lower() != calendar.ends_on:
        return False
    ends = [last + n * DAY for n in range(-3, 4)]
    month_ends = [each for each in ends if (each + DAY).day == 1]
    before = (calendar.first_month - 2) % 12 + 1
    if calendar.ends == "nearest":
        return any(each.month == before for each in month_ends)
    return last.month == before and (last + 7 * DAY).month != before


def naive(calendar, day):
    """Year, month and week of a day by walking back to the first day of its year, and on."""
    first = day
    while not is_first_day(calendar, first):
        first -= DAY
    # The month that counts as the year's first has its first day within some days of that.
    near = [first + n * DAY for n in range(-7, 8)]
    begins = next(each for each in near if each.day == 1 and each.month == calendar.first_month)
    year = begins.year + (calendar.named_by == "end" and calendar.first_month > 1)
    if not calendar.weeks:
        return year, (day.month - calendar.first_month) % 12 + 1, None
    week = (day - first).days // 7
    lengths = [int(n) for n in calendar.weeks.split("-")] * 4
    month = next((m for m in range(12) if week < sum(lengths[: m + 1])), 11)
    return year, month + 1, week + 1


@given(calendars, dates)
def test_every_day_lies_where_a_naive_calendar_puts_it(company, day):
    year, month, week = naive(company, day)
    assert company.label_of(day, "year") == company.name("year", year, 1)
    assert company.label_of(day, "quarter") == company.name("quarter", year, (month + 2) // 3)
    assert company.label_of(day, "half") == company.name("half", year, (month + 5) // 6)
    if company.weeks:
        assert company.label_of(day, "month") == company.name("month", year, month)
        assert company.label_of(day, "week") == company.name("week", year, week)
    else:
        assert company.label_of(day, "month") == f"{day:%Y-%m}"
    number = np.datetime64(day, "D").astype(int)
    at, before = company.months_of([number])
    assert at[0] == year * 12 + month - 1
    start = company.bounds_of(company.label_of(day, "month"))[0]
    assert before[0] == (pd.Timestamp(day) - start).days


@given(calendars, dates, st.sampled_from([*UNITS, "half"]))
def test_names_and_bounds_agree(company, day, unit):
    name = company.label_of(day, unit)
    start, end = company.bounds_of(name)
    assert start <= pd.Timestamp(day) < end
    assert company.unit_of(name) == unit and company.is_named(name)
    assert company.label_of(start, unit) == company.label_of(end - DAY, unit) == name
    assert company.label_of(end, unit) == company.following(day, unit=unit, count=2)[1] != name
    assert company.bounds_of(company.label_of(end, unit))[0] == end
    month = company.label_of(day, "month")
    assert company.lies_in(month, company.label_of(day, "quarter"))
    assert company.lies_in(name, name)


def test_a_year_has_no_period_before_its_first_and_none_after_its_last():
    for company in (PLAIN, NRF, Calendar(first_month=4)):
        for unit, last in (("month", 12), ("quarter", 4), ("half", 2), ("week", 52)):
            has = [company.has(unit, 2022, number) for number in (-1, 0, 1, last, last + 1)]
            assert has == [False, False, True, True, False]


def test_periods_numbered_within_the_companys_own_year():
    april = Calendar(first_month=4)
    units = [("quarter", 2), ("half", 2), ("year", 1), ("month", 10), ("week", 3)]
    named = [april.own_name(unit, 2026, number) for unit, number in units]
    assert named == ["FY26-Q2", "FY26-H2", "FY26", "2026-01", None]
    assert [PLAIN.own_name("month", 2025, n) for n in (1, 12, 13)] == ["2025-01", "2025-12", None]
    assert [NRF.own_name("week", year, 53) for year in (2022, 2023)] == [None, "FY23-W53"]
    assert [april.own_name("quarter", 2026, n) for n in (0, 4, 5)] == [None, "FY26-Q4", None]


def test_a_fiscal_year_of_another_century_has_four_digits():
    april = Calendar(first_month=4)
    names = [april.name("year", year, 1) for year in (1999, 2000, 2099, 2100)]
    assert names == ["FY1999", "FY00", "FY99", "FY2100"]


def test_the_month_of_a_single_day_at_the_edges_of_a_year_of_weeks():
    for name in ("FY22", "FY23", "FY24"):
        (first, last), year = NRF.bounds_of(name), 2000 + int(name[2:])
        for day, month, before in ((first, 0, 0), (last - DAY, 11, 34 if name == "FY23" else 27)):
            number = day.to_datetime64().astype("datetime64[D]").astype(int)
            months, days_before = NRF.months_of([number])
            assert (months.tolist(), days_before.tolist()) == ([year * 12 + month], [before])


@given(calendars, dates)
def test_quarters_around_a_day(company, day):
    start, end = company.bounds_of(company.quarter_of(day))
    assert company.quarter_end_before(day) == start - DAY
    last = (end - DAY).date()
    assert company.quarter_ahead(day) == company.label_of(day + DAY, "quarter")
    assert company.quarter_ahead(last) != company.quarter_of(last)


@given(calendars, st.lists(dates, min_size=1, max_size=20))
def test_names_of_a_column_are_those_of_its_days(company, some):
    column = pd.Series(pd.to_datetime([*some, None])) + pd.Timedelta(hours=23)
    names = company.labels_of(column, "quarter").tolist()
    assert names == [*(company.label_of(day, "quarter") for day in some), None]


# --- parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "period", "inside"),
    [
        ("2025-10", "2025-Q4", True), ("2025-12", "2025-Q4", True), ("2025-Q4", "2025-Q4", True),
        ("2025-09", "2025-Q4", False), ("2026-01", "2025-Q4", False), ("2025-Q4", "2025-10", False),
        ("2025-Q4", "2025", True), ("2025-Q4", "2025-H2", True), ("2025-Q2", "2025-H2", False),
        # A week belongs to a month only where all of its days do.
        ("2025-W40", "2025-10", False), ("2025-W41", "2025-10", True), ("2026-W01", "2025", False),
        ("2025-W27", "2025-Q3", False), ("2025-W28", "2025-Q3", True),
    ],
)  # fmt: skip
def test_what_lies_in_a_period(name, period, inside):
    assert PLAIN.lies_in(name, period) is inside


def test_parts_of_a_year_of_weeks():
    assert NRF.lies_in("FY23-W53", "FY23-P12") and NRF.lies_in("FY23-W53", "FY23-Q4")
    assert not NRF.lies_in("FY23-W48", "FY23-P12")
    assert not NRF.lies_in("FY24-W01", "FY23")


# --- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("company", "name", "said"),
    [
        (PLAIN, "FY26-Q2", "'first_month': 4"),
        (PLAIN, "2025-Q5", "expected one such as '2025-Q4', '2025-11', '2025-W46' or '2025'"),
        (PLAIN, "2025-W53", "that year has 52 weeks"),
        (PLAIN, None, "not the name of a period"),
        (Calendar(first_month=4), "2025-Q4", "begins in April; expected one such as 'FY26-Q3'"),
        (Calendar(first_month=4), "FY26-P05", "'2025-11'"),
        (NRF, "2025-11", "made of weeks (4-5-4); expected one such as 'FY25-Q4', 'FY25-P10'"),
        (NRF, "FY24-W53", "that year has 52 weeks"),
    ],
)
def test_a_name_of_another_calendar_is_refused(company, name, said):
    with pytest.raises(SalesAnalysisError) as refused:
        company.bounds_of(name)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"first_month": 13}, "`first_month` is 13; expected the number of a month, 1 to 12"),
        ({"first_month": True}, "`first_month` is True"),
        ({"first_month": "April"}, "`first_month` is 'April'"),
        ({"weeks": "4-4-4"}, "`weeks` is '4-4-4'; expected one of"),
        ({"ends_on": "Saturday"}, "Did you mean `saturday`?"),
        ({"ends": "first"}, "`ends` is 'first'"),
        ({"named_by": "middle"}, "`named_by` is 'middle'"),
        ({"time_zone": "Asia/Shanghia"}, "no time zone; expected a name such as Asia/Shanghai"),
        ({"time_zone": "../etc"}, "no time zone"),
        ({"time_zone": 8}, "no time zone"),
        ({"zone": "Asia/Shanghai"}, "Did you mean `time_zone`?"),
        ("april", "`calendar` is 'april'; expected such as"),
    ],
)
def test_what_is_no_calendar(given, said):
    with pytest.raises(SalesAnalysisError) as refused:
        calendar(given)
    assert said in str(refused.value)


def test_nothing_said_is_the_plain_calendar():
    assert calendar({}) == calendar(None) == PLAIN == Calendar()
    assert calendar(NRF) is NRF


# --- days and moments -----------------------------------------------------------------------------


def test_a_day_ends_by_the_clock_of_the_company():
    shanghai = Calendar(time_zone="Asia/Shanghai")
    assert shanghai.end_of("2025-12-31") == end_of("2025-12-31")
    assert shanghai.end_of("2025-12-31T18:00Z") == pd.Timestamp("2026-01-01 02:00")
    assert end_of("2025-12-31T18:00Z") == pd.Timestamp("2025-12-31 18:00")


@settings(max_examples=50)
@given(
    st.integers(10 * 365, 67 * 365).map(lambda day: day * 86_400.5),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata"]),
)
def test_moments_are_what_the_clock_of_a_zone_shows(seconds, zone):
    at = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    shown = at.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    as_text = moments(pd.Series([at.isoformat(sep=" ")]), time_zone=zone)
    as_moments = moments(pd.Series([at]).astype("datetime64[us, UTC]"), time_zone=zone)
    assert as_text.tolist() == as_moments.tolist() == [pd.Timestamp(shown)]
    assert str(as_text.dtype) == "datetime64[us]"


@pytest.mark.parametrize(
    "text",
    [
        *("2025-03-31", "2025-03-31 10:15", "2025-03-31T10:15:30", "2025-03-31 10:15:30.250"),
        *("2025/03/31", "2025.3.31", "2025-3-4 08:00", None),
    ],
)
def test_dates_that_say_their_order(text):
    read = moments(pd.Series([text, "2024-02-29"], name="at"))
    assert read.tolist() == [pd.Timestamp(text) if text else pd.NaT, pd.Timestamp("2024-02-29")]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["2025-03-31", "03/04/2025"], "`at` has 1 value whose order of day and month nobody can"),
        (["31.03.2025", "1/2/25"], "`at` has 2 values whose order"),
        (["3-4-2025 10:00"], "order of day and month nobody can know"),
        (["2025-03/31"], "no date"),
        (["soon"], "`at` has 1 value that is no date, such as 'soon'"),
        (["2025-02-30"], "no date"),
        (["now"], "no date"),
        (["20250331"], "no date"),
        ([45000], "no date, such as 45000"),
        (["soon", "03/04/2025"], "`at` has 2 values that are no dates"),
    ],
)
def test_dates_that_nobody_can_read(values, said):
    with pytest.raises(SalesAnalysisError) as refused:
        moments(pd.Series(values, name="at"))
    assert said in str(refused.value)

"""Dates in many languages and forms: read by their whole column, or asked about."""

# ruff: noqa: DTZ001  the tables hold moments in UTC without a zone
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesanalysis import sources
from salesanalysis.sources import cldr

QUICK = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

DAY = datetime(2025, 3, 3)
FORMS = [
    *("3. März 2025", "3-Mär-2025", "3-Mrz-2025", "lundi 3 mars 2025", "3 de março de 2025"),
    *("Mon, 3 Mar 2025", "Monday, March 3, 2025", "Mar 3 2025 (Mon)", "lun 3 mar 2025"),
    *("3 marzo 2025", "3 maart 2025", "3 marca 2025", "3. března 2025", "3 Mart 2025 Pazartesi"),
    *("3 марта 2025 г.", "3 березня 2025 р.", "3 Μαρτίου 2025", "3. maaliskuuta 2025"),
    *("2025. március 3.", "3 martie 2025", "2025 m. kovo 3 d.", "2025. gada 3. marts"),
    *("2025年3月3日 星期一", "2025年3月3日（月）", "2025년 3월 3일 월요일", "2025. 03. 03."),
    *("民國114年3月3日", "民國114/3/3", "令和7年3月3日", "2025-W10-1", "2025W101", "20250303"),
    *("2025_03_03", "3.3.2025", "03 03 2025", "20250303.0", "Mon 03/03/2025", "Mar. 3, 2025"),
]
MOMENTS = {
    "2025-03-05T10:00:00.000+0000": datetime(2025, 3, 5, 10),
    "20250305T101500Z": datetime(2025, 3, 5, 10, 15),
    "202503051015": datetime(2025, 3, 5, 10, 15),
    "5/Mar/2025 12:30 a. m.": datetime(2025, 3, 5, 0, 30),
    "5 Mar 2025 at 12:30 PM": datetime(2025, 3, 5, 12, 30),
    "2025/3/5 上午10:30": datetime(2025, 3, 5, 10, 30),
    "2025년 3월 5일 오후 2:05": datetime(2025, 3, 5, 14, 5),
    "2025/3/5 午後 2:05": datetime(2025, 3, 5, 14, 5),
    "5. März 2025 um 14:05 Uhr": datetime(2025, 3, 5, 14, 5),
    "5 mars 2025 14h05": datetime(2025, 3, 5, 14, 5),
    "Wed Mar 05 2025 10:00:00 GMT+0800 (China Standard Time)": datetime(2025, 3, 5, 2),
    "Wed Mar  5 10:00:00 UTC 2025": datetime(2025, 3, 5, 10),
    "2025-3-5 10:05 PM UTC": datetime(2025, 3, 5, 22, 5),
}


@pytest.mark.matrix
@pytest.mark.parametrize("cell", FORMS)
def test_a_day_in_any_form(column, cell):
    values, found = column("created_at", [cell])
    assert values == {"D0": DAY}, found.messages()


def test_all_forms_in_one_column(column):
    values, found = column("created_at", [*FORMS, *MOMENTS])
    assert set(values.values()) == {DAY, *MOMENTS.values()}
    assert found.rows_set_aside == 0


@pytest.mark.matrix
@pytest.mark.parametrize("cell", MOMENTS)
def test_a_moment_in_any_form(column, cell):
    values, found = column("created_at", [cell])
    assert values == {"D0": MOMENTS[cell]}, found.messages()


@pytest.mark.matrix
@pytest.mark.parametrize(
    "language", sorted(name for name, words in cldr.table("months").items() if all(words))
)
def test_every_month_of_every_language(column, language):
    """In a column with all twelve of them no word is ambiguous."""
    names = cldr.table("months")[language]
    cells = [(f"5 {word} 2025", n) for n, words in enumerate(names, start=1) for word in words]
    values, found = column("created_at", [cell for cell, _ in cells])
    assert {name: value.month for name, value in values.items()} == {
        f"D{i}": number for i, (_, number) in enumerate(cells)
    }
    assert found.faults.empty


def test_a_name_of_two_months_is_decided_by_the_column_or_asked_about(column):
    values, found = column("created_at", ["5 lis 2025"])
    assert values is None
    assert found.faults["rule"].tolist() == ["month_name_ambiguous"]
    values, _ = column("created_at", ["5 lis 2025", "5 sty 2025", "5 kwi 2025"])
    assert values["D0"].month == 11  # Polish
    values, _ = column("created_at", ["5 lis 2025", "5 ožu 2025"])
    assert values["D0"].month == 10  # Croatian


@pytest.mark.matrix
@pytest.mark.parametrize(
    "cell",
    "Q1 2025|2025Q1|FY25|FY2025 Q3|H1 2025|März 2025|Mar 25|2025-03|03/2025|2025|202503|2025年3月"
    "|KW 10 2025|2025-W10|第1季度 2025|03/05".split("|"),
)
def test_periods_are_no_dates(column, cell):
    values, found = column("created_at", [cell])
    assert values is None
    assert found.faults["rule"].tolist() == ["period_for_date"]
    values, found = column("created_at", ["2025-03-03", "2025-03-04", cell])
    assert set(values) == {"D0", "D1"}


@pytest.mark.matrix
@pytest.mark.parametrize(
    "cell",
    "10:30|3 Foo 2025|3 März 2025 10:00 CET|2025-03-03 10:00 CET|31 Feb 2025|2025-W60-1|45721"
    "|123456789|5 mars mai 2025|1/2/3/4|March|1741168800.5|3 März 20255|2025-03-03 13:00 PM".split(
        "|"
    ),
)
def test_what_is_no_date_is_set_aside(column, cell):
    values, found = column("created_at", ["2025-03-03", cell])
    assert set(values) == {"D0"}
    assert found.cases["rule"].tolist() == ["not_a_date"]


@pytest.mark.parametrize(
    ("cells", "dates"),
    [
        (["3/25/25", "2/13/24"], [(2025, 3, 25), (2024, 2, 13)]),
        (["98-03-25", "97-12-31"], [(1998, 3, 25), (1997, 12, 31)]),
        (["25-Mar-25", "1-Dec-69"], [(2025, 3, 25), (1969, 12, 1)]),
        (["13/02/98", "01/03/99"], [(1998, 2, 13), (1999, 3, 1)]),
        (["Mon 13/2/25", "Tue 14/2/25"], [(2025, 2, 13), (2025, 2, 14)]),
    ],
)
def test_years_of_two_digits_are_said(column, cells, dates):
    values, found = column("created_at", cells, date_order="dmy" if "Mon" in cells[0] else None)
    assert list(values.values()) == [datetime(*date) for date in dates]
    assert "years_of_two_digits" in set(found.faults["rule"])


def test_years_of_two_digits_are_asked_about_or_set_aside(column):
    values, found = column("created_at", ["05/03/25", "13/02/24"])
    assert values is None
    assert "(dmy, ymd)" in found.messages()[0]
    values, _ = column("created_at", ["05/03/25", "13/02/24"], date_order="ymd")
    assert list(values.values()) == [datetime(2005, 3, 25), datetime(2013, 2, 24)]
    values, found = column("created_at", ["25.03.2025", "13.02.24"])
    assert set(values) == {"D0"}


def test_years_of_another_calendar_are_asked_about(column):
    values, found = column("created_at", ["114/03/05", "113/12/31"])
    assert values is None
    assert found.faults["rule"].tolist() == ["other_calendar"]
    _, found = column("created_at", ["2568-03-05"])
    assert "date_out_of_range" in set(found.faults["rule"])


@pytest.mark.matrix
@pytest.mark.parametrize(("digits", "unit"), [(10, "s"), (13, "ms"), (16, "µs"), (19, "ns")])
def test_counts_of_seconds_by_their_whole_column(column, digits, unit):
    moment = datetime(2025, 3, 5, 10)
    cells = [f"{seconds}{'0' * (digits - 10)}" for seconds in (1741168800, 1741168801)]
    values, found = column("created_at", cells)
    assert list(values.values()) == [moment, moment + timedelta(seconds=1)]
    assert found.messages()[0].endswith(f"read in {unit}.")
    for other in ("2025-03-05", "4930123456" + "0" * (digits - 10), "+1741168800"):
        values, found = column("created_at", [*cells, other])
        assert values is None or "D0" not in values


@pytest.mark.parametrize(
    "cells",
    [
        ["2025-05-03", "25/03/2025", "2025-07-04", "13/02/2025"],
        ["2025-05-03", "03/25/2025"],
        ["2025-05-03T00:00:00", "25.03.25"],
        ["2025-05-03", "25.03.2025 10:30"],
    ],
)
def test_half_converted_dates_are_refused(column, cells):
    for order in (None, "dmy"):
        values, found = column("created_at", cells, date_order=order)
        assert values is None
        assert found.faults["rule"].tolist() == ["half_converted_dates"]


def test_dates_of_two_forms_that_are_sound(column):
    for cells in (["2025-05-13", "25/03/2025"], ["2025-05-03", "25/03/2025", "01/02/2025"]):
        values, found = column("created_at", cells)
        assert len(values) == len(cells)
        assert found.faults["rule"].tolist() == ["day_month_order"]


def test_half_converted_dates_in_a_workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    for real in (datetime(2025, 5, 3), 45780):
        book = openpyxl.Workbook()
        for row in (["Opportunity ID", "Stage", "Created Date"], ["A", "Won", real]):
            book.active.append(row)
        book.active.append(["B", "Won", "25/03/2025"])
        book.save(tmp_path / "deals.xlsx")
        found = sources.check(tmp_path / "deals.xlsx", table="opportunities")
        assert "half_converted_dates" in set(found.faults["rule"])


SHORT = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
LONG = "januar februar märz april mai juni juli august september oktober november dezember".split()


@QUICK
@given(
    times=st.lists(
        st.datetimes(datetime(1970, 1, 1), datetime(2068, 1, 1)), min_size=1, max_size=15
    ),
    form=st.sampled_from(
        [
            lambda t: f"{t.day}-{SHORT[t.month - 1]}-{t.year}",
            lambda t: f"{SHORT[t.month - 1]} {t.day}, {t:%y}",
            lambda t: f"{t.day}. {LONG[t.month - 1].title()} {t.year}",
            lambda t: f"{t:%G}-W{t:%V}-{t:%u}",
            lambda t: f"{t.year}年{t.month}月{t.day}日",
            lambda t: f"{t:%Y%m%d}",
        ]
    ),
)
def test_what_is_written_in_a_form_is_read_back(tmp_path_factory, times, form):
    path = tmp_path_factory.mktemp("dates") / "deals.csv"
    lines = [f'D{i},Won,"{form(time)}"' for i, time in enumerate(times)]
    path.write_text("\n".join(["opportunity_id,stage,created_at", *lines, ""]), encoding="utf-8")
    frame = sources.check(path, table="opportunities").table.to_pandas()
    read = dict(zip(frame["opportunity_id"], frame["created_at"], strict=True))
    days = [time.replace(hour=0, minute=0, second=0, microsecond=0) for time in times]
    assert [read[f"D{i}"] for i in range(len(times))] == days


def test_that_days_are_those_of_utc_is_said(checked):
    text = "opportunity_id,stage,created_at\nA,Won,2025-03-05T23:30:00-08:00\nB,Lost,2025-03-06\n"
    found = checked(text)
    assert str(found.table.created_at.to_pandas()[0]) == "2025-03-06 07:30:00"
    told = found.faults.set_index("rule")["count"].to_dict()
    assert told["moments_in_utc"] == 1
    assert any("UTC" in said for said in found.messages("zh"))

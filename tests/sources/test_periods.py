"""The names of periods: read as reports name them, asked for, or set aside with their line."""

import pytest

from salesanalysis.periods import PLAIN, Calendar
from salesanalysis.sources.period_names import name_of, read_names

#: What reports call a period → how people write it.
WRITTEN = {
    "2025-Q4": "Q4 2025; 2025Q4; 2025-Q4; 4Q25; 4Q 2025; Q4/25; Q4'25; Q4-2025; 2025/Q4; q4 2025;"
    " Qtr 4 2025; 4th quarter 2025; Quarter 4, 2025; 4. Quartal 2025; T4 2025; 4e trimestre 2025;"
    " 2025年第四季度; 2025年四季度; 25年Q4; 2025年4季度; 2025第4季; 2025年Q4; 2025年第4四半期",
    "2025-03": "2025年3月; 2025年03月份; Mar 2025; March-25; Mar-25; 03/2025; 3.2025; 2025-03;"
    " 202503;"
    " 2025/03; 2025.03; 2025M03; March 2025; März 2025; mars 2025; marzo de 2025; março 2025;"
    " 2025-Mar; 2025年三月; ２０２５年３月; 2025-3月",
    "2025": "2025; 2025年; 2025年度; CY2025",
    "2025-W07": "2025-W07; KW 7 2025; CW07/2025; W7 2025; Week 7, 2025; 2025W07; 2025年第7周;"
    " 2025年第7週",
}


@pytest.mark.parametrize(
    ("text", "name"),
    [(text.strip(), name) for name, texts in WRITTEN.items() for text in texts.split(";")],
)
def test_a_name_in_other_words(text, name):
    assert read_names([text]).names == {text: name}
    assert PLAIN.unit_of(name)


@pytest.mark.parametrize(
    "text", ["East", "Q5 2025", "2025-13", "2025-W60", "03-25", "25-Mar", "13/2025", "1", "", "Q4"]
)
def test_what_names_no_period(text):
    assert read_names([text]).names == {}


@pytest.mark.parametrize("text", ["H1 2025", "2025上半年", "1H25", "2025H1"])
def test_half_years_are_periods_of_plans_only(text):
    assert read_names([text]).names == {}
    assert read_names([text], halves=True).names == {text: "2025-H1"}


@pytest.mark.parametrize("text", ["Q4 FY25", "FY2025", "FY25-Q4", "2025财年Q1", "Fiscal 2025"])
def test_fiscal_periods_are_asked_for(text):
    (doubt,) = read_names([text, "2025-Q1"]).doubts
    assert (doubt.rule, doubt.names) == ("fiscal_period", [text])


@pytest.mark.parametrize(
    ("texts", "header", "names"),
    [
        (["2025-01-01", "2025-02-01"], "", ["2025-01", "2025-02"]),
        (["2025-01-01", "2025-04-01"], "", ["2025-Q1", "2025-Q2"]),
        (["2024-01-01", "2025-01-01"], "", ["2024", "2025"]),
        (["2025-01-31 00:00:00", "2025-02-28 00:00:00"], "", ["2025-01", "2025-02"]),
        (["01/04/2025", "01/07/2025"], "", ["2025-Q2", "2025-Q3"]),
        (["04/01/2025", "05/01/2025"], "", ["2025-04", "2025-05"]),
        (["2025-01-01"], "Quarter", ["2025-Q1"]),
        (["2025-01-01"], "月份", ["2025-01"]),
        (["2025-3", "2025-7"], "", ["2025-03", "2025-07"]),
        (["2025-3", "2025-10"], "", ["2025-03", "2025-10"]),
        (["2025-3"], "季度", ["2025-Q3"]),
    ],
)
def test_a_column_decides_what_its_names_are(texts, header, names):
    assert list(read_names(texts, header=header).names.values()) == names


@pytest.mark.parametrize("texts", [["2025-01-01"], ["2025-3", "2025-4"], ["2025-03-31"]])
def test_what_a_column_leaves_open_is_asked_for(texts):
    read = read_names(texts)
    assert read.names == {}
    assert [(d.rule, d.names) for d in read.doubts] == [("period_ambiguous", texts)]


@pytest.mark.parametrize(
    ("texts", "header", "names"),
    [
        (["2025-02-15", "2025-05-20", "2025-08-15"], "", ["2025-Q1", "2025-Q2", "2025-Q3"]),
        (["2025-01-15", "2025-02-03"], "", ["2025-01", "2025-02"]),
        (["2025-11-03", "2025-11-10"], "Date", ["2025-W45", "2025-W46"]),  # Mondays
        (["2025-11-07", "2025-11-14", "2025-11-21"], "", ["2025-W45", "2025-W46", "2025-W47"]),
        (["2025-03-31", "2025-06-30"], "Due date", ["2025-Q1", "2025-Q2"]),
        (["2025-11-15"], "Quarter", ["2025-Q4"]),
        (["2025-10-04", "2025-11-15"], "季度", ["2025-Q4", "2025-Q4"]),
    ],
)
def test_days_within_periods_name_them_where_only_one_kind_can_be_meant(texts, header, names):
    assert list(read_names(texts, header=header).names.values()) == names
    assert name_of(texts[0]) is None


@pytest.mark.parametrize(
    ("texts", "header"),
    [
        (["2025-11-15"], "Date"),
        (["2025-06-20", "2025-07-10"], "Date"),  # two months, and two quarters
        (["2025-11-03", "2025-11-18", "2025-12-09"], "Date"),
        (["2025-01-01", "2025-04-01"], "Due date"),  # of the quarter before, or of its own
    ],
)
def test_days_that_can_lie_in_periods_of_more_than_one_kind_are_asked_for(texts, header):
    read = read_names(texts, header=header)
    assert read.names == {}
    assert [doubt.rule for doubt in read.doubts] == ["period_ambiguous"]


def test_days_within_the_periods_of_the_own_year():
    own = Calendar(first_month=2)
    read = read_names(["2025-03-15", "2025-06-15", "2025-09-15"], calendar=own)
    assert list(read.names.values()) == ["FY26-Q1", "FY26-Q2", "FY26-Q3"]


def test_a_target_with_a_due_date_is_read(checked):
    found = checked("Due date,Target\n2025-03-31,100\n2025-06-30,110\n", table="targets")
    assert found.table.period.to_pandas().tolist() == ["2025-Q1", "2025-Q2"]


@pytest.mark.parametrize("table", ["targets", "stream_targets", "attainment", "payouts"])
def test_every_table_with_periods_reads_them(checked, table):
    columns = {
        "targets": "owner_id,target",
        "stream_targets": "stream,target",
        "attainment": "payee_id,sales",
        "payouts": "payee_id,earned",
    }[table]
    found = checked(f"Period,{columns}\nQ4 2025,A,1\nEast,B,2\n2026Q1,A,3\n", table=table)
    assert sorted(found.table.period.to_pandas()) == ["2025-Q4", "2026-Q1"]
    assert found.cases[["rule", "line", "column", "value"]].values.tolist() == [
        ["not_a_period", 3, "period", "East"]
    ]
    rules = found.faults.set_index("rule")
    assert (rules["count"]["period_names"], rules["example"]["period_names"]) == (2, "2026Q1")


@pytest.mark.parametrize(
    ("header", "cells", "period"),
    [
        ("Period", "Jan 2025", "2025-01"),
        ("Period", "Q1 2025", "2025-Q1"),
        ("期间", "2025年1月", "2025-01"),
        ("Year,Month", "2025,Jan", "2025-01"),
        ("Month,Year", "January,2025", "2025-01"),
        ("年份,月份", "2025,1月", "2025-01"),
        ("Year,Month", "2025,1", "2025-01"),
    ],
)
@pytest.mark.parametrize(
    ("table", "whose", "money"),
    [
        ("targets", "owner_id", "target"),
        ("stream_targets", "stream", "target"),
        ("attainment", "payee_id", "sales"),
    ],
)
def test_periods_as_people_write_them(checked, table, whose, money, header, cells, period):
    found = checked(f"{header},{whose},{money}\n{cells},A,1\n", table=table)
    assert found.table.period.to_pandas().tolist() == [period]


def test_the_year_may_stand_in_a_column_of_its_own(checked):
    found = checked("Year,Quarter,Owner,Quota\n2025,Q1,A,1\n2026,Q1,A,2\n", table="targets")
    assert sorted(found.table.period.to_pandas()) == ["2025-Q1", "2026-Q1"]
    numbers = checked("年份,月份,负责人,目标\n2025,1,王,1\n2025,12,王,2\n", table="targets")
    assert sorted(numbers.table.period.to_pandas()) == ["2025-01", "2025-12"]
    none = checked("Quarter,Owner,Quota\nQ1,A,1\n", table="targets")
    assert "not_a_period" in set(none.faults["rule"])


def test_numbered_months_of_two_years_are_not_one(checked):
    text = "Year,Month,payee_id,sales\n2024,1,A,1\n2025,1,A,2\n"
    found = checked(text, table="attainment")
    assert sorted(found.table.period.to_pandas()) == ["2024-01", "2025-01"]


def test_a_fiscal_column_is_asked_for_and_can_be_answered(checked):
    text = "Fiscal Quarter,Owner,Quota\nQ1-2025,A,1\n"
    asked = checked(text, table="targets")
    assert asked.faults["rule"].tolist() == ["fiscal_period"]
    same = checked(text, table="targets", columns={"period": "Fiscal Quarter"})
    assert same.table.period.to_pandas().tolist() == ["2025-Q1"]
    text = "period,owner_id,target\nQ1 FY25,A,1\n"
    said = checked(text, table="targets", values={"period": {"Q1 FY25": "2024-Q4"}})
    assert said.table.period.to_pandas().tolist() == ["2024-Q4"]


def test_periods_that_hold_one_another_are_refused(checked):
    text = "period,payee_id,quota,sales\n2025-Q1,A,3,2\n2025-02,A,1,1\n"
    found = checked(text, table="attainment")
    assert found.faults["rule"].tolist() == ["periods_overlap"]
    assert "`2025-Q1` and `2025-02` overlap" in found.messages()[0]
    apart = checked(text.replace("2025-02,A", "2025-02,B"), table="attainment")
    assert apart.rows_used == 2
    assert apart.faults["rule"].tolist() == ["periods_mixed"]


@pytest.mark.parametrize("table", ["targets", "stream_targets"])
def test_targets_may_hold_one_another(checked, table):
    text = "period,stream,target\n2025,a,9\n2025-Q1,a,3\n2025-02,a,1\n"
    found = checked(text, table=table)
    assert (found.rows_used, found.faults["rule"].tolist()) == (3, [])


def test_numbered_periods_of_plans_need_no_calendar(checked):
    found = checked("period,payee_id,quota,sales\n1,A,9,5\n2,A,9,6\n", table="attainment")
    assert found.table.period.to_pandas().tolist() == ["1", "2"]
    assert found.faults["rule"].tolist() == []

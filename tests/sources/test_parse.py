"""Text to values: each cell against what a person would read, and what must be refused."""

# ruff: noqa: DTZ001  the tables hold moments in UTC without a zone
import math
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesanalysis import sources

QUICK = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


DATES = {
    "2018-02-28": datetime(2018, 2, 28),
    "2018-02-28 09:05": datetime(2018, 2, 28, 9, 5),
    "2018-02-28T09:05:06": datetime(2018, 2, 28, 9, 5, 6),
    "2018-02-28T09:05:06.250": datetime(2018, 2, 28, 9, 5, 6, 250_000),
    "2018-02-28T09:05:06.123456789Z": datetime(2018, 2, 28, 9, 5, 6, 123_456),
    "2018-02-28T23:30:00+02:00": datetime(2018, 2, 28, 21, 30),
    "2018-02-28T23:30:00-0530": datetime(2018, 3, 1, 5, 0),
    "2018-02-28 23:30:00+08": datetime(2018, 2, 28, 15, 30),
    "2018/4/30 22:55": datetime(2018, 4, 30, 22, 55),
    "2018.4.3": datetime(2018, 4, 3),
    "2024年3月1日": datetime(2024, 3, 1),
    "2024年3月1日 10时05分06秒": datetime(2024, 3, 1, 10, 5, 6),
    "2024年3月1日下午2:05": datetime(2024, 3, 1, 14, 5),
    "２０２４年３月１日": datetime(2024, 3, 1),
    "20240301": datetime(2024, 3, 1),
    "20240301101112": datetime(2024, 3, 1, 10, 11, 12),
    "25/12/2023": datetime(2023, 12, 25),
    "25.12.2023 7:05": datetime(2023, 12, 25, 7, 5),
    "\u3000 2018-02-28\u00a0": datetime(2018, 2, 28),
    "2016-02-29": datetime(2016, 2, 29),
    "15-Mar-2024": datetime(2024, 3, 15),
    "15-MAR-2024 13:05:07": datetime(2024, 3, 15, 13, 5, 7),
    "5 September 2024": datetime(2024, 9, 5),
    "Sept 5, 2024 9:05 PM": datetime(2024, 9, 5, 21, 5),
    "May 3rd, 2024": datetime(2024, 5, 3),
    "01/Feb/2024": datetime(2024, 2, 1),
}
MONTH_FIRST = {
    "12/25/2023 12:30 AM": datetime(2023, 12, 25, 0, 30),
    "12/25/2023, 1:05:06 PM": datetime(2023, 12, 25, 13, 5, 6),
    "12-25-2023 12:00 p.m.": datetime(2023, 12, 25, 12),
    "7/7/2023": datetime(2023, 7, 7),
}


@pytest.mark.parametrize("dates", [DATES, MONTH_FIRST, {"7/7/2023": datetime(2023, 7, 7)}])
def test_dates(column, dates):
    values, found = column("created_at", list(dates))
    read = {cell: values.get(f"D{i}") for i, cell in enumerate(dates)}
    assert read == dates
    assert found.rows_set_aside == 0


def test_no_dates(column):
    cells = (
        "2018-02-29|2018-13-01|2018-00-10|2018-02-28 25:00|2018-02-28 13:05 PM|2018-2-3-4"
        "|2018-02/03|25/12/23|yesterday|today|now|infinity|epoch|43220|20231301|1899-12-31"
        "|9999-12-31|12:30"
    ).split("|")
    values, found = column("created_at", ["2018-02-28", *cells])
    assert set(values) == {"D0"}
    cases = found.cases.set_index("line")
    assert cases["value"].to_dict() == {i + 3: cell for i, cell in enumerate(cells)}
    assert set(found.faults["rule"]) == {"not_a_date", "date_out_of_range"}
    assert set(cases.query("rule == 'date_out_of_range'")["value"]) == {"1899-12-31", "9999-12-31"}


def test_a_missing_date_is_no_fault(column):
    cells = ["", "  ", "NULL", "n/a", "-", "#N/A", "无", "0000-00-00", "NaT"]
    values, found = column("created_at", ["2018-02-28", *cells])
    assert [str(value) for value in values.values()].count("NaT") == len(cells)
    assert found.faults.empty


def test_one_date_decides_the_order_of_its_column(column):
    cells = ["03/04/2023", "25/04/2023", "05/06/2023 10:00"]
    values, found = column("created_at", cells)
    assert [value.month for value in values.values()] == [4, 4, 6]
    fault = found.faults.query("rule == 'day_month_order'")
    assert fault["count"].item() == 3
    assert fault["example"].item() == "25/04/2023"
    assert "line 3" in found.messages()[0]
    _, found = column("created_at", ["03/04/2023\n", "25/04/2023"])
    assert "line 4" in found.messages()[0]  # the cell before it has two lines
    values, found = column("created_at", ["03/04/2023", "04/25/2023"])
    assert [value.month for value in values.values()] == [3, 4]


def test_an_order_that_cannot_be_known_is_asked_for(column):
    cells = ["03/04/2023", "05/06/2023"]
    values, found = column("created_at", cells)
    assert values is None
    assert found.faults["rule"].tolist() == ["date_order_ambiguous"]
    assert "`date_order`" in found.messages()[0]
    for order, months in (("dmy", [4, 6]), ("mdy", [3, 5])):
        values, found = column("created_at", cells, date_order=order)
        assert [value.month for value in values.values()] == months
        assert found.faults.empty
    values, _ = column("created_at", cells, date_order={"created_at": "dmy"})
    assert [value.month for value in values.values()] == [4, 6]
    values, found = column("created_at", cells, date_order="ymd")
    assert values is None
    assert found.rows_set_aside == 2


def test_a_given_order_sets_aside_what_does_not_follow_it(column):
    values, found = column("created_at", ["03/04/2023", "04/25/2023"], date_order="dmy")
    assert set(values) == {"D0"}
    assert found.cases["value"].tolist() == ["04/25/2023"]


EITHER = {
    "¥12万": 120_000,
    "3亿": 300_000_000,
    "5千": 5_000,
    "120万元": 1_200_000,
    "-5": -5,
    "−5": -5,
    "(5)": -5,
    "5-": -5,
    "+5": 5,
    "1000元": 1000,
    "CNY 1000": 1000,
    "1e3": 1000,
    "１２３": 123,
    "0": 0,
}
POINT = {
    "1234.5": 1234.5,
    "1,234.50": 1234.5,
    "1,234,567": 1_234_567,
    "0.125": 0.125,
    "1234.567": 1234.567,
    "12\u00a0345.6": 12345.6,
    "1'234.50": 1234.5,
    "￥１２．５": 12.5,
    "3.5亿": 350_000_000,
    "(¥5.00)": -5,
    "-¥5.00": -5,
    ".5": 0.5,
    "5.": 5,
}
COMMA = {
    "1.234,50": 1234.5,
    "1.234.567": 1_234_567,
    "12,5": 12.5,
    "0,125": 0.125,
    "12 345,6": 12345.6,
    "12\u202f345,6": 12345.6,
    "1.000,00 ¥": 1000,
    "2.000": 2000,
}


@pytest.mark.parametrize("amounts", [POINT, COMMA, EITHER, POINT | EITHER, COMMA | EITHER])
def test_amounts(column, amounts):
    values, found = column("amount", list(amounts))
    read = {cell: values.get(f"D{i}") for i, cell in enumerate(amounts)}
    assert read == amounts
    assert found.rows_set_aside == 0


def test_no_amounts(column):
    cells = (
        "5 apples|1,23,45.0|1..5|--5|-(5)|(5|5)|1e999|nan5|inf|Infinity|0x10|1_000|$|5万万|12%"
        "|1,5,0|十二|TRUE"
    ).split("|")
    values, found = column("amount", ["1", *cells])
    assert set(values) == {"D0"}
    cases = found.cases.query("severity == 'set_aside'").set_index("line")
    assert cases["value"].to_dict() == {i + 3: cell for i, cell in enumerate(cells)}
    assert set(cases["rule"]) == {"not_a_number"}


def test_one_amount_decides_the_decimal_sign_of_its_column(column):
    values, found = column("amount", ["1,234", "1,234.5"])
    assert list(values.values()) == [1234, 1234.5]
    values, _ = column("amount", ["1,234", "12,5"])
    assert list(values.values()) == [1.234, 12.5]
    values, _ = column("amount", ["1.234", "12.5"])
    assert list(values.values()) == [1.234, 12.5]
    values, _ = column("amount", ["1.234", "1.234,5"])
    assert list(values.values()) == [1234, 1234.5]
    for cells in (["1.5", "1,5"], ["1.234", "1,234"], ["1,234.5", "1.234,5"]):
        values, found = column("amount", cells)
        assert values is None
        assert found.faults["rule"].tolist() == ["number_format_mixed"]


def test_amounts_that_nothing_decides_are_said_to_be_assumed(column, checked, rules):
    values, found = column("amount", ["1,234", "5"])
    assert list(values.values()) == [1234, 5]
    assert found.faults["rule"].tolist() == ["thousands_assumed"]
    values, found = column("amount", ["1.234", "5"])
    assert list(values.values()) == [1.234, 5]
    assert found.faults["rule"].tolist() == ["decimals_assumed"]
    found = checked("opportunity_id;stage;amount\nA;Won;1.234\n")
    assert found.table.amount.to_pandas().tolist() == [1234]
    assert rules(found) == ["thousands_assumed"]


def test_a_header_gives_the_unit_but_a_cell_may_have_its_own(checked, rules):
    found = checked("商机编号,阶段,金额（万元）\nA,赢单,12\nB,赢单,5元\nC,赢单,3亿\nD,赢单,1.5\n")
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["amount"].tolist()[0] == 120_000
    assert frame["amount"].tolist()[2:] == [300_000_000, 15_000]
    assert rules(found) == ["unit_in_header"]


def test_an_unknown_unit_in_a_header_is_asked_about(checked, rules):
    text = "opportunity_id,stage,Amount (bananas)\nA,Won,1\n"
    found = checked(text)
    assert found.faults["rule"].tolist() == ["unit_unknown"]
    assert "`Amount (bananas)` names a unit that is not known" in found.messages()[0]
    found = checked(text, columns={"amount": "Amount (bananas)"})
    assert found.table.amount.to_pandas().tolist() == [1.0]
    assert rules(found) == ["unit_not_applied"]


def test_two_currency_signs_in_one_column(column):
    values, found = column("amount", ["$5", "€5"])
    assert values is None
    assert found.faults["rule"].tolist() == ["two_currencies"]
    assert "$, €" in found.messages()[0]


def test_a_sign_that_is_not_of_the_stated_currency(checked, rules):
    header = "opportunity_id,stage,amount,currency"
    assert rules(checked(f"{header}\nA,Won,¥5,RMB\n")) == []
    found = checked(f"{header}\nA,Won,€5,RMB\n")
    assert found.faults["rule"].tolist() == ["two_currencies"]
    assert found.messages() == [
        "`currency`: 2 currencies in one table, CNY (1), €; give the report `rates`, convert the"
        " amounts, or read one with `keep`."
    ]


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("cells", "shares", "rules"),
    [
        (["0.35", "1", "0"], [0.35, 1, 0], []),
        (["35%", "100 %", "0.5％"], [0.35, 1, 0.005], []),
        (["0,35"], [0.35], []),
        (["35", "60", "0"], [0.35, 0.6, 0], ["read_as_per_cent"]),
        (["35%", "0.2"], [0.35, 0.2], []),
        (["1", "1", "1", "5", "100"], [0.01, 0.01, 0.01, 0.05, 1], ["read_as_per_cent"]),
        (["0.5", "12", "60"], [0.005, 0.12, 0.6], ["read_as_per_cent"]),
        (["1", "0", "1"], [1, 0, 1], ["all_or_nothing"]),
        (["35%", "5"], [0.35, 0.05], ["read_as_per_cent"]),
        (["35 pct", "٤٠٪"], [0.35, 0.4], []),
        (["10", "20", "150"], [0.1, 0.2], ["out_of_range", "read_as_per_cent"]),
        (["0.5", "-0.1"], [0.5], ["out_of_range"]),
    ],
)
def test_shares(column, cells, shares, rules):
    values, found = column("probability", cells)
    assert list(values.values()) == pytest.approx(shares)
    assert found.faults["rule"].tolist() == rules


def test_flags(column):
    yes, no = ["true", "TRUE", "Yes", "y", "1", "是", "必赢", "√"], ["false", "No", "0", "否"]
    values, found = column("must_win", [*yes, *no, "", "maybe"])
    assert [values[f"D{i}"] for i in range(12)] == [True] * 8 + [False] * 4
    assert values["D12"] is None
    assert "D13" not in values
    assert found.faults["rule"].tolist() == ["not_a_flag"]


@QUICK
@given(
    amounts=st.lists(
        st.decimals(-(10**9), 10**9, places=2, allow_nan=False), min_size=1, max_size=30
    ),
    european=st.booleans(),
)
def test_what_is_written_in_one_format_is_read_back(tmp_path_factory, amounts, european):
    def written(amount):
        text = f"{amount:,.2f}"
        return text.translate(str.maketrans(",.", ".,")) if european else text

    lines = [f'D{i},Won,"{written(amount)}"' for i, amount in enumerate(amounts)]
    path = tmp_path_factory.mktemp("amounts") / "deals.csv"
    path.write_text("\n".join(["opportunity_id,stage,amount", *lines, ""]))
    frame = sources.check(path, table="opportunities").table.to_pandas()
    read = dict(zip(frame["opportunity_id"], frame["amount"], strict=True))
    assert all(read[f"D{i}"] == float(amount) for i, amount in enumerate(amounts))


@QUICK
@given(
    times=st.lists(
        st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1)), min_size=1, max_size=20
    ),
    form=st.sampled_from(["%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]),
)
def test_dates_are_read_back_or_asked_about_but_never_turned(tmp_path_factory, times, form):
    lines = [f"D{i},Won,{time.strftime(form)}" for i, time in enumerate(times)]
    path = tmp_path_factory.mktemp("dates") / "deals.csv"
    path.write_text("\n".join(["opportunity_id,stage,created_at", *lines, ""]))
    found = sources.check(path, table="opportunities")
    proved = any(time.day > 12 for time in times)
    alike = all(time.day == time.month for time in times)
    if form.startswith("%Y") or proved or alike:
        frame = found.table.to_pandas()
        read = dict(zip(frame["opportunity_id"], frame["created_at"], strict=True))
        assert all(read[f"D{i}"] == t.replace(microsecond=0) for i, t in enumerate(times))
    else:
        assert found.faults["rule"].tolist() == ["date_order_ambiguous"]


@QUICK
@given(
    st.lists(
        st.text(
            st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n\x00"), max_size=20
        ),
        min_size=1,
        max_size=20,
    )
)
def test_no_text_makes_it_fall_over_or_become_infinite(tmp_path_factory, cells):
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    lines = [f"D{i},Won,{cell},{cell},{cell},{cell}" for i, cell in enumerate(quoted)]
    header = "opportunity_id,stage,amount,created_at,probability,must_win"
    path = tmp_path_factory.mktemp("texts") / "deals.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8", newline="")
    found = sources.check(path, table="opportunities")
    if found.table is not None:
        frame = found.table.to_pandas()
        assert len(frame) + found.rows_set_aside == found.rows == len(cells)
        assert not any(math.isinf(amount) for amount in frame["amount"])

"""Amounts of any market: their digits, the words beside them, and the units stated elsewhere."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesanalysis import sources
from salesanalysis.sources import currencies, units
from salesanalysis.sources.faults import Size

QUICK = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

# Each amount in a column of its own, since one column has one currency and one decimal sign.
ALONE = {
    "12,34,567.50": (1234567.5, None),
    "१,२३,४५६": (123456, None),
    "١٬٢٣٤٫٥٠": (1234.5, None),
    "CHF 1'200.00": (1200, "CHF"),
    "1’234.50": (1234.5, None),
    "CHF 950.-": (950, "CHF"),
    "€ 1.200,-": (1200, "EUR"),
    "1 200,50 kr": (1200.5, None),
    "Kč 12\u00a0345,60": (12345.6, "CZK"),
    "5,50 zł": (5.5, "PLN"),
    "R$ 1.234,56": (1234.56, "BRL"),
    "Rs. 1,00,000": (100000, None),
    "Rs.500": (500, None),
    "د.إ 5.50": (5.5, "AED"),
    "1,5 млн руб.": (1500000, "RUB"),
    "NT$5,000.00": (5000, "TWD"),
    "5.50 XOF": (5.5, "XOF"),
    "USD 5.5k": (5500, "USD"),
    "1,2 Mio. €": (1200000, "EUR"),
    "₹12 lakh": (1200000, "INR"),
    "₹1.2 Cr": (12000000, "INR"),
    "₹ 5,00,000.00/-": (500000, "INR"),
    "Rs 500/-": (500, None),
    "SFr. 5.–": (5, "CHF"),
    "001,234": (1234, None),
    "1.2亿": (120000000, None),
    "5千万円": (50000000, "JPY"),
    "12 TEUR": (12000, "EUR"),
    "($5.00)": (-5, None),
    "$-5": (-5, None),
    "1,200.00-": (-1200, None),
    "$.50": (0.5, None),
    "1.2E+05": (120000, None),
}


@pytest.mark.matrix
@pytest.mark.parametrize("cell", ALONE)
def test_an_amount_as_it_is_written_there(column, cell):
    amount, code = ALONE[cell]
    values, found = column("amount", [cell])
    assert values == {"D0": pytest.approx(amount)}
    frame = found.table.to_pandas()
    assert (frame["currency"].tolist() if "currency" in frame else [None]) == [code]
    assert ("currency_taken" in set(found.faults["rule"])) == (code is not None)


def test_every_iso_code_before_and_after(checked, rules):
    codes = sorted(sources.currencies.cldr.table("currencies"))
    assert len(codes) > 150 and {"CHF", "SEK", "INR", "XPF", "ZMW"} <= set(codes)
    for code in codes:
        for cell in (f"{code} 1,200.50", f"1200.5 {code.lower()}"):
            assert units.read(cell.replace("1,200.50", "").replace("1200.5", ""), in_cell=True)
        assert currencies.codes(code) == {code}
    lines = "".join(f"{code},Won,{code} 5.5\n" for code in codes)
    found = checked(f"opportunity_id,stage,amount\n{lines}")
    assert rules(found) == ["two_currencies"]


@pytest.mark.matrix
@pytest.mark.parametrize(
    "cell",
    "5 pcs|12 34|1 23|USD.50|$5 €7|5T|(5)-|+-5|5 %|1/2|5-10|#5|<5|1万5千|2.5x|5 apples|1,23,45.0"
    "|1'23|1,2,3|e5|5e|1e999|£|5 in EUR|5 net|6,789 Taler".split("|"),
)
def test_what_is_no_amount_is_set_aside(column, cell):
    values, found = column("amount", ["1", cell])
    assert set(values) == {"D0"}
    assert found.cases.query("severity == 'set_aside'")["rule"].tolist() == ["not_a_number"]


def test_units_of_single_cells_stand_beside_plain_numbers(column):
    values, _ = column("amount", ["1.2M", "120k", "500", "3.5 bn", "12.5万", "7"])
    assert list(values.values()) == [1_200_000, 120_000, 500, 3_500_000_000, 125_000, 7]
    values, _ = column("amount", ["5", "1.5M"], keep=None)
    assert list(values.values()) == [5, 1_500_000]


def test_words_that_could_mean_two_things_are_asked_about(column):
    for cells in (["100 CR", "50 DR"], ["100 CR"], ["1.2 Cr", "100"]):
        values, found = column("amount", cells)
        assert values is None
        assert found.faults["rule"].tolist() == ["credit_or_debit"]
    values, _ = column("amount", ["₹1.2 Cr", "1.5 cr", "12 lakh"])
    assert list(values.values()) == [12_000_000, 15_000_000, 1_200_000]


def test_a_number_that_is_no_money_has_no_unit_of_money(checked):
    header = "learner_id,skill,refreshed_at,hours"
    found = checked(f"{header}\na,b,2025-01-01,30m\na,b,2025-01-02,2\n", table="refreshers")
    assert found.cases["value"].tolist() == ["30m"]


@pytest.mark.parametrize(
    ("cells", "rules"),
    [
        (["$5", "€5"], ["two_currencies"]),
        (["R$5", "$8"], ["two_currencies"]),
        (["5 kr", "5 SEK", "5 NOK"], ["two_currencies"]),
        (["5 kr", "5 SEK"], ["currency_taken"]),
        (["$5", "US$7"], ["currency_taken"]),
        (["kr 5", "7"], []),
        (["¥5", "元 7"], ["currency_taken"]),
    ],
)
def test_one_currency_a_column(column, cells, rules):
    _, found = column("amount", [cell.replace("元 7", "7元") for cell in cells])
    assert found.faults["rule"].tolist() == rules


def test_words_of_a_currency_column(checked, rules):
    for words, codes in [
        ("US Dollar,USD,us dollars,美元", {"USD"}),
        ("Euro,EUR,€,欧元", {"EUR"}),
        ("人民币,RMB,CNY,元", {"CNY"}),
        ("港元,HKD,hk$", {"HKD"}),
        ("新台币,TWD,NT$", {"TWD"}),
        ("Schweizer Franken,chf", {"CHF"}),
    ]:
        rows = "".join(f"{i},Won,{word}\n" for i, word in enumerate(words.split(",")))
        found = checked(f"opportunity_id,stage,currency\n{rows}")
        assert set(found.table.currency.to_pandas()) == codes
        assert rules(found) == []


HEADERS = {
    "Amount (k€)": (1e3, "EUR"),
    "Amount in EUR": (1, "EUR"),
    "Amount (in USD thousands)": (1e3, "USD"),
    "Deal Amount kEUR": (1e3, "EUR"),
    "Amount [USD '000]": (1e3, "USD"),
    "Amount in T€": (1e3, "EUR"),
    "Amount TEUR": (1e3, "EUR"),
    "Amount Mio. EUR": (1e6, "EUR"),
    "Amount $M": (1e6, None),
    "Amount (£000s)": (1e3, None),
    "Amount EUR": (1, "EUR"),
    "amount_usd_k": (1e3, "USD"),
    "AmountCHF": (1, "CHF"),
    "EUR Amount": (1, "EUR"),
    "Amount (tkr)": (1e3, None),
    "Amount (Rs. in crores)": (1e7, None),
    "Amount (INR lakhs)": (1e5, "INR"),
    "Amount (cents)": (0.01, None),
    "Amount (net, PLN)": (1, "PLN"),
    "金额（千美元）": (1e3, "USD"),
    "金额(万)": (1e4, None),
    "金额_万元": (1e4, None),
    "金额万元": (1e4, None),
    "合同金额（人民币万元）": (1e4, "CNY"),
    "Amount": (1, None),
    "Amount (converted)": (1, None),
}


@pytest.mark.matrix
@pytest.mark.parametrize("header", HEADERS)
def test_a_unit_in_the_header_is_applied_and_said(checked, header):
    scale, code = HEADERS[header]
    found = checked(f'Opportunity ID,Stage,"{header}"\nA,Won,5\nB,Won,"7.5"\n')
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["amount"].tolist() == [5 * scale, 7.5 * scale]
    assert (frame["currency"].iloc[0] if "currency" in frame else None) == code
    said = " ".join(found.messages())
    assert (f"{Size(scale).said('en')}." in said) == (scale != 1)
    assert (f"are in {code}" in said) == (code is not None)


@pytest.mark.parametrize(
    "header",
    [
        "Amount (bananas)",
        "Amount (XYZ)",
        "Amount in Taler",
        "Amount (T)",
        "Amount (€/month)",
        "Amount (%)",
        "Amount USD/EUR",
        "金额（箱）",
    ],
)
def test_a_unit_that_is_not_known_is_asked_about(checked, header, rules):
    found = checked(f"Opportunity ID,Stage,{header}\nA,Won,5\n")
    assert rules(found) == ["unit_unknown"]
    assert f"`{header}`" in found.messages()[0]


def test_words_that_are_no_unit_leave_a_header_as_it_is():
    for name in ("Sales ALL", "Amount Won", "Importe real", "Target M", "k", "Close value"):
        assert units.of_header(name) == units.Header(name, units.Unit())


TITLES = {
    "单位：万元": (1e4, None),
    "制表人：张三 单位：千元 日期：2025-01-01": (1e3, None),
    "金额单位：人民币万元": (1e4, "CNY"),
    "币种：美元 单位：万元": None,
    "in USD thousands": (1e3, "USD"),
    "(Amounts in thousands of EUR)": (1e3, "EUR"),
    "Unit: kEUR": (1e3, "EUR"),
    "Stand 31.12.2025; Angaben in Tsd. EUR": (1e3, "EUR"),
    "Deals of 2025 (in k€)": (1e3, "EUR"),
    "USD thousands unless otherwise stated": (1e3, "USD"),
    "Currency: CHF": (1, "CHF"),
    "Deals in Europe": (1, None),
    "1,000": (1, None),
    "编制单位：华东公司": (1, None),
    "Sales in the euro zone": (1, None),
    "in thousands of whatever": None,
    "Unit: kTaler€": None,
}


@pytest.mark.matrix
@pytest.mark.parametrize("title", TITLES)
def test_a_unit_above_the_table(checked, title):
    found = checked(f'"{title}",,\nOpportunity ID,Stage,Amount\nA,Won,5\n')
    if TITLES[title] is None:
        assert set(found.faults["rule"]) & {"unit_unknown", "units_differ"}
        return
    scale, code = TITLES[title]
    frame = found.table.to_pandas()
    assert frame["amount"].tolist() == [5 * scale]
    assert (frame["currency"].iloc[0] if "currency" in frame else None) == code
    assert ("unit_in_title" in set(found.faults["rule"])) == (scale != 1)


def test_a_unit_above_the_table_is_for_columns_without_one(checked, rules):
    text = "单位：万元,,\nOpportunity ID,Stage,{}\nA,Won,5\n"
    found = checked(text.format("Amount (k€)"))
    assert found.table.amount.to_pandas().tolist() == [5000]
    found = checked(text.format("金额（千元）"))
    assert found.table.amount.to_pandas().tolist() == [5000]
    found = checked("in thousands,,\nOpportunity ID,Stage,Amount (EUR)\nA,Won,5\n")
    assert rules(found)[0] == "units_differ"


@pytest.mark.parametrize(
    ("row", "scale", "code"),
    [
        (",,万元,", 1e4, None),
        ("ID,text,EUR,date", 1, "EUR"),
        (",,USD '000,", 1e3, "USD"),
        ("编号,文本,（千元）,日期", 1e3, None),
    ],
)
def test_a_row_of_units_is_left_out_and_said(checked, row, scale, code):
    header = "opportunity_id,stage,amount,created_at"
    found = checked(f"{header}\n{row}\nA,Won,5,2025-01-01\nB,Won,6,2025-01-02\n")
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["amount"].tolist() == [5 * scale, 6 * scale]
    assert (frame["currency"].iloc[0] if "currency" in frame else None) == code
    assert (found.rows, found.rows_used, found.rows_set_aside) == (3, 2, 0)
    assert "1 row of units was left out, first on line 2" in " ".join(found.messages())


def test_a_first_row_that_has_a_number_or_a_date_is_a_record(checked):
    found = checked("opportunity_id,stage,amount,created_at\nA,Won,EUR,2025-01-01\nB,Won,6,\n")
    assert found.rows_set_aside == 1
    for first in ("5 EUR", "1.000", "1.000 €", "1000", "000", "1,000", "x 1,000"):
        found = checked(f'opportunity_id,stage,amount\nA,Won,"{first}"\nB,Won,6\n')
        assert found.rows == 2
        assert "unit_row" not in set(found.faults["rule"])


def test_files_of_different_units_are_not_put_together(tmp_path, rules):
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for above, expected in [
        (("单位：万元,,\n", ""), ["units_differ"]),
        (("单位：万元,,\n", "单位：元,,\n"), ["units_differ"]),
        (("单位：万元,,\n", "单位：万元,,\n"), ["unit_in_title", "title_rows_skipped"]),
    ]:
        for path, title in zip(paths, above, strict=True):
            path.write_text(f"{title}商机编号,阶段,金额\n{path.stem},赢单,5\n", encoding="utf-8")
        found = sources.check(paths, table="opportunities")
        assert rules(found) == expected
    for path, row in zip(paths, (",,万元\n", ""), strict=True):
        body = f"{path.stem},赢单,5\n{path.stem}2,赢单,6\n"
        path.write_text(f"商机编号,阶段,金额\n{row}{body}", encoding="utf-8")
    found = sources.check(paths, table="opportunities")
    assert rules(found) == ["units_differ"]


def test_currencies_of_several_columns_agree(checked):
    found = checked("period,target (k€),floor (k$)\n2025-Q1,5,3\n", table="targets")
    assert "two_currencies" in set(found.faults["rule"])
    found = checked("opportunity_id,stage,Amount EUR,currency\nA,Won,5,USD\n")
    assert "two_currencies" in set(found.faults["rule"])


# One cell at a time, read as naively as can be: what the SQL for a whole column must agree with.


def naive(cell: str, decimal: str) -> float:
    cell = re.sub("CHF|€|zł", "", cell).strip()
    sign = -1 if cell.startswith(("-", "(")) or cell.endswith("-") else 1
    scale = {"k": 1e3, "m": 1e6, "万": 1e4}.get(re.sub(r"[^km万]", "", cell.lower()), 1)
    digits = re.sub(rf"[^\d{re.escape(decimal)}]", "", cell).replace(decimal, ".")
    return sign * float(digits) * scale


@st.composite
def columns(draw):
    decimal = draw(st.sampled_from(".,"))
    group = draw(
        st.sampled_from([",", " ", "'", "\u00a0"] if decimal == "." else [".", " ", "\u202f"])
    )
    sign = draw(st.sampled_from(["", "CHF ", "€", "zł "]))
    cells = []
    for number in draw(st.lists(st.integers(0, 10**9), min_size=1, max_size=12)):
        text = f"{number:,}".replace(",", group) + f"{decimal}{draw(st.integers(0, 99)):02d}"
        text += draw(st.sampled_from(["", "k", " M", "万"]))
        form = draw(
            st.sampled_from(["{s}{t}", "-{s}{t}", "({s}{t})", "{s}-{t}", "{t} {s}", "{s}{t}-"])
        )
        cells.append(form.format(s=sign, t=text).strip())
    return decimal, cells


@QUICK
@given(columns())
def test_a_column_agrees_with_a_naive_reader_of_single_cells(tmp_path_factory, written):
    decimal, cells = written
    path = tmp_path_factory.mktemp("amounts") / "deals.csv"
    lines = [f'D{i},Won,"{cell}"' for i, cell in enumerate(cells)]
    path.write_text("\n".join(["opportunity_id,stage,amount", *lines, ""]), encoding="utf-8")
    frame = sources.check(path, table="opportunities").table.to_pandas()
    read = dict(zip(frame["opportunity_id"], frame["amount"], strict=True))
    for i, cell in enumerate(cells):
        assert read[f"D{i}"] == pytest.approx(naive(cell, decimal)), cell

"""The one currency of a report: told by its tables, or not at all."""

import ibis
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, reduce, sources

EUROS = ibis.memtable({"amount": [5.0, 7.0], "currency": ["EUR", None]})
DOLLARS = ibis.memtable({"amount": [5.0], "currency": ["USD"]})
SILENT = ibis.memtable({"amount": [5.0]})


@pytest.mark.parametrize(
    ("tables", "currency"),
    [([EUROS], "EUR"), ([EUROS, SILENT, EUROS], "EUR"), ([EUROS, DOLLARS], ""), ([SILENT], ""),
     ([], "")],
)  # fmt: skip
def test_the_currency_is_that_of_all_tables_that_say_one(tables, currency):
    assert reduce.currency_of(dict(enumerate(tables))) == currency


DAY = pd.Timestamp


def deals(**columns) -> pd.DataFrame:
    """Five deals: won and lost on known days, open, in the base currency, closed after the day."""
    table = {
        "opportunity_id": list("abcde"),
        "outcome": ["won", "lost", "open", "won", "won"],
        "amount": [100.0, 100.0, 100.0, 100.0, 100.0],
        "currency": ["USD", "CNY", "USD", "EUR", "USD"],
        "closed_at": pd.to_datetime(["2025-02-03", "2025-04-01", None, "2025-05-05", "2025-07-10"]),
    }
    return pd.DataFrame(table | columns)


def rates(**columns) -> pd.DataFrame:
    table = {
        "currency": ["USD", "USD", "USD", "CNY"],
        "rated_at": pd.to_datetime(["2025-01-01", "2025-06-01", "2025-07-01", "2025-04-01"]),
        "exchange_rate": [0.95, 0.90, 0.50, 0.125],
        "base_currency": "EUR",
    }
    return pd.DataFrame(table | columns)


def converted(tables, as_of="2025-06-30"):
    return reduce.in_one_currency(tables, as_of=as_of)


def test_each_amount_takes_the_rate_in_force_on_its_day_open_ones_that_of_the_report():
    made = converted({"opportunities": deals(), "rates": rates()})
    table = made.tables["opportunities"].to_pandas().sort_values("opportunity_id")
    # The last one closes after the day: then it was open, and no later rate is known.
    assert table["amount"].tolist() == pytest.approx([95.0, 12.5, 90.0, 100.0, 90.0])
    assert set(table["currency"]) == {"EUR"}
    assert list(table) == list(deals())
    assert list(made.tables) == ["opportunities"]
    used = made.rates.set_index(["currency", "rated_at"])
    assert used["rows"].to_dict() == {
        ("CNY", DAY("2025-04-01")): 1, ("USD", DAY("2025-01-01")): 1,
        ("USD", DAY("2025-06-01")): 2}  # fmt: skip
    assert used["amount"].tolist() == pytest.approx([12.5, 95.0, 180.0])
    (said,) = made.findings
    assert said.values == {"base": "EUR", "currencies": "CNY, USD", "rows": 4}


def test_every_table_of_money_is_converted_and_what_is_of_a_deal_by_the_rate_of_the_deal():
    history = pd.DataFrame({"opportunity_id": ["a", "c", "d"], "stage": "S", "amount": 10.0,
                            "entered_at": pd.to_datetime(["2025-01-05"] * 3)})  # fmt: skip
    booked = pd.DataFrame({"booked_at": pd.to_datetime(["2025-03-01", "2025-06-02"]),
                           "amount": 100.0, "currency": "USD"})  # fmt: skip
    contracts = pd.DataFrame({"contract_id": ["x", "y"], "amount": 100.0, "currency": "USD",
                              "ends_at": pd.to_datetime(["2025-05-31"] * 2),
                              "renewed_amount": [110.0, None],
                              "renewed_at": pd.to_datetime(["2025-05-20", None])})  # fmt: skip
    products = pd.DataFrame({"product": ["p"], "list_price": [10.0], "currency": "USD"})
    targets = pd.DataFrame({"period": ["2025-Q2"], "target": [5.0]})
    given = {"opportunities": deals(), "stage_history": history, "bookings": booked,
             "contracts": contracts, "products": products, "targets": targets}  # fmt: skip
    tables = converted(given | {"rates": rates()}).tables
    amounts = {
        name: tables[name].to_pandas().sort_values(by)[column].tolist()
        for name, by, column in [
            ("stage_history", "opportunity_id", "amount"), ("bookings", "booked_at", "amount"),
            ("contracts", "contract_id", "amount"), ("products", "product", "list_price"),
        ]
    }  # fmt: skip
    assert amounts == {
        "stage_history": pytest.approx([9.5, 9.0, 10.0]), "bookings": pytest.approx([95.0, 90.0]),
        "contracts": pytest.approx([95.0, 90.0]), "products": [9.0]}  # fmt: skip
    renewed = tables["contracts"].to_pandas().sort_values("contract_id")["renewed_amount"]
    assert renewed.iloc[0] == pytest.approx(104.5)
    assert tables["targets"] is targets


def test_what_is_owed_takes_one_rate_so_that_what_is_paid_stays_paid():
    invoices = pd.DataFrame(
        {"invoice_id": ["1", "2"], "account_id": "A", "amount": 100.0, "currency": "USD"}
    ).assign(issued_at=DAY("2025-02-01"))
    payments = pd.DataFrame({"invoice_id": ["1"], "amount": [100.0], "currency": "USD"})
    payments = payments.assign(paid_at=DAY("2025-06-15"))
    bought = pd.DataFrame({"account_id": "A", "amount": [100.0], "currency": "USD"})
    bought = bought.assign(purchased_at=DAY("2025-02-01"))
    tables = {"invoices": invoices, "payments": payments, "purchases": bought, "rates": rates()}
    made = converted(tables).tables
    owed = reduce.customers.open_items(made["invoices"], made["payments"], as_of="2025-06-30")
    assert owed[["invoice_id", "unpaid_amount"]].values.tolist() == [["2", 90.0]]
    assert made["purchases"].to_pandas()["amount"].tolist() == [95.0]


def test_rates_after_the_day_of_the_report_change_nothing():
    later = rates(exchange_rate=[0.95, 0.90, 77.0, 0.125])
    one, other = (
        converted({"opportunities": deals(), "rates": table}).tables["opportunities"].to_pandas()
        for table in (rates(), later)
    )
    pd.testing.assert_frame_equal(one, other)


def test_the_base_is_named_or_the_currency_whose_rate_is_always_one():
    own = pd.DataFrame({"currency": ["EUR"], "rated_at": [DAY("2025-01-01")], "exchange_rate": 1.0})
    told = pd.concat([rates().drop(columns="base_currency"), own], ignore_index=True)
    made = converted({"opportunities": deals(), "rates": told})
    assert reduce.currency_of(made.tables) == "EUR"


@pytest.mark.parametrize(
    ("table", "given", "match"),
    [
        (deals(currency="JPY"), rates(), "no rate for JPY on 2025-02-03 .*5 rows of `opp.* as a"),
        (deals(closed_at=DAY("2024-12-31")), rates(), "no rate for .* on 2024-12-31"),
        (deals(currency=["USD", None, "USD", "EUR", "USD"]), rates(), "1 rows .* as b.* no `curr"),
        (deals(), rates(exchange_rate=[0.95, 0.0, 0.5, 0.125]), "is 0.0 for USD on 2025-06-01"),
        (deals(), rates(rated_at=DAY("2025-01-01")), "two rates for USD on 2025-01-01"),
        (
            deals(),
            rates(base_currency=["EUR", "EUR", "USD", "EUR"]),
            "holds EUR, USD; expected one",
        ),
        (deals(), rates().drop(columns="base_currency"), "column `base_currency`, .*here none"),
        (deals(), rates().drop(columns="exchange_rate"), "`exchange_rate`"),
    ],
)
def test_what_cannot_be_converted_is_named(table, given, match):
    with pytest.raises(SalesAnalysisError, match=match):
        converted({"opportunities": table, "rates": given})


def test_without_rates_tables_of_different_currencies_are_refused_together():
    tables = {"opportunities": deals(currency="EUR"), "bookings": DOLLARS}
    with pytest.raises(
        SalesAnalysisError, match="`opportunities` in EUR; `bookings` in USD.*rates"
    ):
        converted(tables)
    alike = {"opportunities": deals(currency="USD"), "bookings": DOLLARS}
    made = converted(alike)
    assert made.tables == alike
    assert made.rates.empty and not made.findings


def test_files_of_several_currencies_are_read_where_there_are_rates(tmp_path):
    deals().to_csv(tmp_path / "deals.csv", index=False)
    lines = [
        "Date,Currency,Rate,Base currency",
        "2025-01-01,US$,0.95,EUR",
        "2025-04-01,RMB,0.125,€",
    ]
    (tmp_path / "fx.csv").write_text("\n".join(lines))
    with pytest.raises(
        SalesAnalysisError, match="3 currencies in one table, USD .*give the report"
    ):
        sources.inputs(opportunities=tmp_path / "deals.csv", rates="")
    read = sources.inputs(opportunities=tmp_path / "deals.csv", rates=tmp_path / "fx.csv")
    made = converted({name: checked.table for name, checked in read.items()})
    assert made.tables["opportunities"].to_pandas()["amount"].sum() == pytest.approx(397.5)
    told = sources.check(tmp_path / "deals.csv", table="opportunities", convert=True)
    assert "currencies_converted" in set(told.faults["rule"])

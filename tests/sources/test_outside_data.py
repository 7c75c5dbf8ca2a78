"""Data that nobody here made: it is read whole, and its known dirt is found."""

import pytest

from salesanalysis import sources


def test_the_crm_of_maven(shared):
    found = sources.check(shared("crm/sales_pipeline.csv"), table="opportunities")
    assert (found.rows, found.rows_used, found.rows_set_aside) == (8_800, 8_800, 0)
    assert found.faults.empty
    frame = found.table.to_pandas()
    stages = {"Won": 4_238, "Lost": 2_473, "Engaging": 1_589, "Prospecting": 500}
    assert frame["stage"].value_counts().to_dict() == stages
    won = frame[frame["outcome"] == "won"]
    assert (len(won), won["amount"].sum()) == (4_238, 10_005_534)
    assert frame.loc[frame["stage"] == "Prospecting", "created_at"].isna().all()
    assert (frame["outcome"] == "open").sum() == 1_589 + 500
    products = sources.check(shared("crm/products.csv"), table="products")
    unmatched = sources.unmatched_keys(found.table, products.table, "product")
    assert unmatched.to_numpy().tolist() == [
        ["GTXPro", "left", 1_480, "GTX Pro"],
        ["GTX Pro", "right", 1, "GTXPro"],
    ]
    for name, table, rows in (("accounts", "accounts", 85), ("sales_teams", "reps", 35)):
        assert sources.check(shared(f"crm/{name}.csv"), table=table).rows_used == rows


def test_the_loan_applications(shared):
    path = shared("loans/bpi2012_events.parquet")
    keep = {"lifecycle:transition": "COMPLETE"}
    found = sources.check(path, table="stage_history", keep=keep)
    assert (found.rows, found.rows_used) == (262_200, 164_506)
    assert found.rows_not_kept == 262_200 - 164_506
    table = found.table
    cases = table.filter(table.stage == "A_SUBMITTED").opportunity_id.nunique()
    assert cases.to_pyarrow().as_py() == 13_087
    everything = sources.check(path, table="stage_history")
    assert everything.faults["rule"].tolist() == ["moments_in_utc", "several_lifecycles"]


@pytest.mark.parametrize(
    ("name", "columns", "rows"),
    [
        ("olist_closed_deals_dataset", {"opportunity_id": "mql_id"}, 842),
        (
            "olist_marketing_qualified_leads_dataset",
            {"opportunity_id": "mql_id", "created_at": "first_contact_date", "source": "origin"},
            8_000,
        ),
    ],
)
def test_the_leads(shared, name, columns, rows):
    found = sources.check(
        shared(f"leads/{name}.csv"),
        table="opportunities",
        columns=columns,
        values={"outcome": {"*": "won"}},
    )
    assert (found.rows, found.rows_used) == (rows, rows)
    if "source" in columns:
        frame = found.table.to_pandas()
        assert (frame["source"].isna().sum(), (frame["source"] == "unknown").sum()) == (60, 1_099)


def test_the_chinese_shop_in_the_old_excel_format(shared):
    path = shared("chinese/superstore_cn.xls")
    assert sources.check(path, table="opportunities").faults["rule"].tolist() == ["several_sheets"]
    ours = "opportunity_id account_id amount created_at closed_at".split()
    theirs = "行 ID,客户 ID,销售额,订单日期,发货日期".split(",")
    found = sources.check(
        path,
        table="opportunities",
        sheet="订单",
        columns=dict(zip(ours, theirs, strict=True)),
        values={"outcome": {"*": "won"}},
    )
    assert (found.rows, found.rows_set_aside) == (9_959, 47)
    assert found.faults.iloc[0][["rule", "count"]].tolist() == ["closed_before_created", 47]
    aside = found.set_aside_rows()["销售额"].astype(float).sum()
    amounts = found.table.amount.sum().to_pyarrow().as_py()
    assert amounts + aside == pytest.approx(16_068_954.125)


def test_the_vending_machines_in_gbk(shared):
    path = shared("chinese/vending_orders_gbk.csv")
    columns = {"opportunity_id": "订单编号", "outcome": "出货状态", "amount": "总金额"}
    arguments = {"columns": columns | {"created_at": "下单时间"}, "table": "opportunities"}
    found = sources.check(path, **arguments)
    assert found.severity == "fatal"
    assert "出货成功" in found.messages()[1]
    words = {"outcome": {"出货成功": "won", "*": "lost"}}
    found = sources.check(path, values=words, **arguments)
    assert (found.rows, found.rows_used) == (2_077, 2_077)
    frame = found.table.to_pandas()
    assert (frame["outcome"] == "won").sum() == 2_019
    assert str(frame["created_at"].max()) == "2018-04-30 22:55:00"


def test_what_is_no_table_of_ours_says_so(shared):
    customers = sources.check(shared("customers/CDNOW_master.txt"), table="opportunities")
    assert customers.faults["rule"].tolist() == ["wrong_delimiter"]
    name = "receivables/WA_Fn-UseC_-Accounts-Receivable.csv"
    receivables = sources.check(shared(name), table="opportunities")
    assert receivables.faults["rule"].tolist() == ["missing_column"]
    assert "`invoiceNumber`" in receivables.messages()[0]

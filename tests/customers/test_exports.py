"""Exports of orders that other people's systems make, read without a mapping."""

import pytest

from salesanalysis import sources

ORDERS = {
    "shop": (
        "客户 ID,订单 ID,订单日期,类别,子类别,产品 ID,产品名称,销售额,数量",
        "a,1,2025-01-05,b,c,d,e,9,1",
    ),
    "machine": (
        "下单时间,订单编号,购买数量（个）,总金额（元）,购买用户,商品ID",
        "2025-01-05,1,2,9,a,d",
    ),
    "web": (
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,Total,CustomerID",
        "1,d,e,2,2025-01-05,9,a",
    ),
    "music": ("customer_id,date,number_of_cds,dollar_value", "a,2025-01-05,2,9"),
}
EXPECTED = {
    "shop": {"category": "b", "product": "e", "order_id": "1"},
    "machine": {"product": "d", "order_id": "1", "quantity": 2},
    "web": {"product": "e", "order_id": "1", "quantity": 2},
    "music": {},
}


@pytest.mark.parametrize("name", ORDERS)
def test_orders_are_read_as_they_are_exported(name, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(ORDERS[name]) + "\n", encoding="utf-8")
    row = sources.inputs(purchases=str(path))["purchases"].table.to_pandas().iloc[0]
    expected = {"account_id": "a", "amount": 9.0} | EXPECTED[name]
    assert {column: row[column] for column in expected} == expected

"""What rows set aside take along, and when they are too many for a report."""

import math

import pytest

from salesanalysis import sources, text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import quality


def attainment(bad: int, good: int = 95) -> str:
    rows = [f"P{i},2025-Q1,100,{80 + i % 40}" for i in range(good)]
    rows += [f"X{i},2025-Q1,100,lots" for i in range(bad)]
    return "\n".join(["payee_id,period,quota,sales", *rows, ""])


def test_rows_money_and_names(checked):
    rows = [f"D{i},Won,100,ann" for i in range(20)]
    rows += ["D20,Won,500,bob", "D20,Lost,400,bob", ",Won,x,cleo"]
    found = checked("\n".join(["opportunity_id,stage,amount,owner_id", *rows, ""]))
    aside = found.set_aside
    assert found.rows_set_aside == 3
    assert aside.rows_share == pytest.approx(3 / 23)
    assert (aside.amount_column, aside.amount, aside.amounts_unread) == ("amount", 900.0, 1)
    assert aside.amount_share == pytest.approx(900 / 2900)
    assert aside.share == aside.amount_share
    assert aside.share_to_go_on == 0.32
    # The file's total is what is used and what is set aside; who is gone goes with their money.
    assert (aside.used, aside.lost) == (2000.0, 900.0)
    assert list(aside.gone) == ["owner_id"] and list(aside.gone["owner_id"]) == ["bob", "cleo"]
    assert aside.gone["owner_id"]["bob"] == 900.0 and math.isnan(aside.gone["owner_id"]["cleo"])
    said = " ".join(quality.taken_along(found, "en", "USD")).replace("\xa0", " ")
    assert "The file adds up to $2.90 k: $2.00 k in this report, $900 set aside." in said
    assert "bob ($900), cleo" in said
    keys = found.cases.set_index("rule")["key"].to_dict()
    assert keys == {"missing_key": "–", "duplicate_key": "D20", "not_a_number": "–"}


def test_nothing_set_aside_takes_nothing_along(checked):
    found = checked("opportunity_id,stage,amount\nA,Won,1\nB,Lost,2\nTotal,,3\n")
    assert (found.rows_left_out, found.set_aside.share, found.set_aside.gone) == (1, 0.0, {})


def test_a_report_stops_above_five_per_cent_and_can_go_on(tmp_path):
    path = tmp_path / "attainment.csv"
    path.write_text(attainment(bad=5))
    assert sources.inputs(attainment=str(path))["attainment"].rows_set_aside == 5
    path.write_text(attainment(bad=6))
    with pytest.raises(SalesAnalysisError) as raised:
        sources.inputs(attainment=str(path))
    said = str(raised.value)
    assert "6 rows of `attainment` (5.9% of the rows, 0.0% of `sales`)" in said
    assert "`lots`" in said and "line 97" in said
    assert said.endswith("most_set_aside=0.06")
    read = sources.inputs(attainment=str(path), most_set_aside=0.06)
    assert read["attainment"].rows_used == 95


def test_few_rows_with_much_money_stop_a_report(tmp_path):
    path = tmp_path / "deals.csv"
    rows = [f"D{i},Won,10,2025-01-01" for i in range(99)]
    path.write_text("\n".join(["opportunity_id,stage,amount,created_at", *rows, "Z,Won,900,soon"]))
    with pytest.raises(SalesAnalysisError, match="47.6% of `amount`"):
        sources.inputs(opportunities=str(path))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_check_says_that_a_report_would_stop(tmp_path, capsys, lang):
    from salesanalysis import cli

    path = tmp_path / "attainment.csv"
    path.write_text(attainment(bad=10))
    code = cli.main(["check", str(path), "--table", "attainment", "--lang", lang])
    said = capsys.readouterr().out
    assert code == 1
    assert "most_set_aside=0.1" in said
    assert "X0, X1" in said
    assert "X0 · 2025-Q1" in said

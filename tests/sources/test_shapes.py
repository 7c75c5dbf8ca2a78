"""Columns named after stages or periods read as rows, and logs of changes narrowed to the stage."""

import pandas as pd
import pytest

from salesanalysis import sources, text
from salesanalysis.errors import SalesAnalysisError


def shown(found, *columns) -> list[tuple]:
    """The rows in the order of some columns, as plain tuples."""
    frame = found.table.select(*columns).to_pandas().sort_values(list(columns))
    return list(frame.astype(str).itertuples(index=False, name=None))


HUBSPOT = (
    'Record ID,Deal Stage,Amount,"Date entered ""Demo (Sales Pipeline)""",'
    '"Date entered ""Closed Won (Sales Pipeline)""","Date exited ""Demo (Sales Pipeline)"""\n'
    "7,Closed Won (Sales Pipeline),5,2025-01-05 10:00,2025-02-01 10:00,2025-02-01 10:00\n"
    "8,Demo (Sales Pipeline),6,2025-01-07 09:00,,\n"
)


def test_a_list_of_deals_with_a_date_for_each_stage_is_a_history(checked):
    found = checked(HUBSPOT, table="stage_history")
    assert shown(found, "opportunity_id", "stage", "entered_at") == [
        ("7", "Closed Won (Sales Pipeline)", "2025-02-01 10:00:00"),
        ("7", "Demo (Sales Pipeline)", "2025-01-05 10:00:00"),
        ("8", "Demo (Sales Pipeline)", "2025-01-07 09:00:00"),
    ]
    assert (found.rows, found.rows_used) == (3, 3)
    assert found.faults["rule"].tolist() == ["wide_columns"]
    how = found.columns.set_index("column")["how"]
    assert how[["stage", "entered_at", "opportunity_id"]].tolist() == ["derived"] * 2 + ["alias"]
    assert "3 rows in all" in found.messages()[0]
    assert checked(HUBSPOT).table.columns[:3] == ("opportunity_id", "stage", "amount")


@pytest.mark.parametrize(
    ("header", "stages"),
    [
        (
            "hs_object_id,dealstage,hs_v2_date_entered_a,hs_date_entered_a,hs_v2_date_entered_b",
            "ab",
        ),
        ("id,hs_date_entered_a,hs_date_entered_b,hs_v2_date_entered_current_stage", "ab"),
        ("id,date_entered_a,date_entered_b", "ab"),
        ("Deal ID,Entered a,Entered b", "ab"),
        ("商机编号,进入a阶段时间,进入b阶段时间", "ab"),
    ],
)
def test_other_ways_to_name_such_columns(checked, header, stages):
    cells = ",".join(f"2025-01-0{i}" for i in range(1, header.count(",") + 1))
    found = checked(f"{header}\nD,{cells}\n", table="stage_history")
    assert [stage for _, stage in shown(found, "opportunity_id", "stage")] == list(stages)


def test_one_bad_date_sets_one_row_aside_with_its_line(checked):
    text = "id,date_entered_a,date_entered_b\nD,2025-01-01,x\nE,2025-01-01,2025-01-02\n"
    found = checked(text, table="stage_history")
    assert (found.rows, found.rows_used, found.rows_set_aside) == (4, 3, 1)
    assert found.cases[["line", "value"]].values.tolist() == [[2, "x"]]
    assert found.set_aside_rows()["line"].tolist() == [2]


def test_several_files_keep_their_lines(checked, tmp_path):
    head = "id,date_entered_a,date_entered_b\n"
    (tmp_path / "one.csv").write_text(head + "A,2025-01-01,\n")
    (tmp_path / "two.csv").write_text(head + "B,2025-01-01,2025-01-09\nC,,bad\n")
    found = sources.check(str(tmp_path / "*.csv"), table="stage_history")
    assert found.rows_used == 3
    case = found.cases.iloc[0]
    assert (case["file"].endswith("two.csv"), case["line"], case["value"]) == (True, 3, "bad")
    assert "two.csv" in found.messages()[0]


def test_a_line_that_is_broken_is_said_once(checked):
    text = "id,date_entered_a,date_entered_b\nD,2025-01-01,2025-01-02\nE,2025-01-01\n"
    found = checked(text, table="stage_history")
    assert found.faults.set_index("rule")["count"]["wrong_field_count"] == 1
    assert (found.rows, found.rows_used) == (3, 2)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            "Owner,Jan 2025,Feb 2025\nAnn,100,200\nBob,-,300\n",
            [("Ann", "2025-01", 100), ("Ann", "2025-02", 200), ("Bob", "2025-02", 300)],
        ),
        (
            "Year,Owner,Q1,Q2\n2025,Ann,1,2\n2026,Ann,3,4\n",
            [("Ann", "2025-Q1", 1), ("Ann", "2025-Q2", 2), ("Ann", "2026-Q1", 3)]
            + [("Ann", "2026-Q2", 4)],
        ),
        (
            "负责人,2025年1月目标,2025年2月目标\n王,1,2\n",
            [("王", "2025-01", 1), ("王", "2025-02", 2)],
        ),
        ("年份,业务员,1月,2月\n2025,王,1,2\n", [("王", "2025-01", 1), ("王", "2025-02", 2)]),
        # what a spreadsheet makes of Jan-25
        ("Rep,2025-01-01,2025-02-01\nAnn,1,2\n", [("Ann", "2025-01", 1), ("Ann", "2025-02", 2)]),
        ("Seller,2025-Q1,2025-Q2\nAnn,1,2\n", [("Ann", "2025-Q1", 1), ("Ann", "2025-Q2", 2)]),
    ],
)
def test_targets_with_a_column_for_each_period(checked, text, rows):
    found = checked(text, table="targets")
    frame = found.table.to_pandas().sort_values(["owner_id", "period"])
    made = frame[["owner_id", "period", "target"]].itertuples(index=False, name=None)
    assert list(made) == rows
    assert "wide_columns" in set(found.faults["rule"])


def test_a_row_of_totals_below_columns_of_periods_is_left_out(checked):
    text = "Owner,Jan 2025,Feb 2025\nAnn,100,200\nBob,50,300\nTotal,150,500\n"
    found = checked(text, table="targets")
    assert found.table.target.sum().to_pyarrow().as_py() == 650
    assert "total_row" in set(found.faults["rule"])


def test_columns_of_sums_are_not_counted_beside_their_parts(checked):
    found = checked("Owner,Jan 2025,Feb 2025,Q1 2025,2025\nAnn,1,2,3,9\n", table="targets")
    assert found.table.target.sum().to_pyarrow().as_py() == 3
    left = found.faults.query("rule == 'wide_columns_left'")
    assert left["example"].tolist() == ["`Q1 2025`, `2025`"]


def test_periods_without_a_year_are_asked_for(checked):
    found = checked("Owner,Q1,Q2\nAnn,1,2\n", table="targets")
    assert found.table is None
    assert found.faults["rule"].tolist() == ["periods_without_year"]


def test_columns_of_periods_in_a_workbook_and_in_parquet(tmp_path):
    frame = pd.DataFrame({"Owner": ["Ann"], "Jan 2025": [1.5], "Feb 2025": [2]})
    frame.to_parquet(tmp_path / "t.parquet")
    found = sources.check(tmp_path / "t.parquet", table="targets")
    assert shown(found, "period", "target") == [("2025-01", "1.5"), ("2025-02", "2.0")]


def test_columns_of_fiscal_periods_are_asked_for(checked):
    found = checked("Owner,FY25 Q1,FY25 Q2\nAnn,1,2\n", table="targets")
    assert found.faults["rule"].tolist() == ["fiscal_columns"]


# --- logs of changes ------------------------------------------------------------------------------

LOGS = {
    "Salesforce report": "Opportunity ID,Field / Event,Old Value,New Value,Edit Date\n"
    "1,Stage,A,B,2025-01-02\n1,Amount,1,2,2025-01-02\n1,Created.,,,2025-01-01\n",
    "Salesforce objects": "Id,OpportunityId,Field,OldValue,NewValue,CreatedDate\n"
    "h1,1,StageName,A,B,2025-01-02\nh2,1,Amount,1,2,2025-01-02\nh3,1,created,,,2025-01-02\n",
    "Pipedrive": "item_id,field_key,old_value,new_value,log_time\n"
    "1,stage_id,A,B,2025-01-02\n1,value,1,2,2025-01-02\n1,status,open,won,2025-01-03\n",
    "HubSpot": "Record ID,Property name,Value,Timestamp\n"
    "1,dealstage,B,2025-01-02\n1,amount,5,2025-01-02\n1,pipeline,x,2025-01-02\n",
    "Dynamics": "Record ID,Changed Field,Old Value,New Value,Changed Date\n"
    "1,Pipeline Phase,A,B,2025-01-02\n1,Status,a,b,2025-01-02\n1,Owner,a,b,2025-01-02\n",
    "Chinese": "商机编号,变更字段,变更前,变更后,变更时间\n"
    "1,销售阶段,A,B,2025-01-02\n1,金额,1,2,2025-01-02\n1,负责人,甲,乙,2025-01-02\n",
}


@pytest.mark.parametrize("system", LOGS)
def test_of_a_log_of_changes_those_of_the_stage_are_read(checked, system):
    found = checked(LOGS[system], table="stage_history")
    expected = [("1", "B", "2025-01-02")]
    assert shown(found, "opportunity_id", "stage", "entered_at") == expected
    assert (found.rows, found.rows_used, found.rows_not_kept) == (3, 1, 2)
    assert found.faults["rule"].tolist() == ["change_log"]
    for lang in text.LANGUAGES:
        assert "2" in found.messages(lang)[0]


MIXED = (
    "Opportunity ID,Field / Event,Old Value,New Value,Edit Date\n"
    "1,Our stage,A,B,2025-01-02\n1,Their stage,1,2,2025-01-02\n2,Our stage,A,C,2025-01-02\n"
)


def test_a_log_without_a_sure_stage_asks_with_a_line_to_write(checked, tmp_path):
    found = checked(MIXED, table="stage_history")
    assert found.faults["rule"].tolist() == ["change_log_mixed"]
    assert "{'stage_history': {'keep': {'Field / Event': 'Our stage'}}}" in found.messages()[0]
    assert "`Our stage`, `Their stage`" in found.messages("zh")[0]
    for word in ("keep", "only"):
        (tmp_path / "names.yml").write_text(f"stage_history: {{{word}: {{field: our stage}}}}")
        kept = checked(MIXED, table="stage_history", columns=tmp_path / "names.yml")
        assert shown(kept, "opportunity_id", "stage") == [("1", "B"), ("2", "C")]
        assert kept.faults.empty


def test_no_field_is_proposed_that_is_no_stage(checked):
    text = "Deal ID,Field,Old Value,New Value,Edit Date\n1,Amount,1,2,2025-01-02\n"
    found = checked(text, table="stage_history")
    assert found.faults["rule"].tolist() == ["change_log_mixed"]
    assert "{'keep': {'Field': '…'}}" in found.messages()[0]


def test_the_stage_of_a_log_can_be_asked_for_by_its_own_name(checked):
    found = checked(LOGS["Pipedrive"], table="stage_history", keep={"field": "stage"})
    assert found.rows_used == 1
    other = checked(LOGS["Pipedrive"], table="stage_history", keep={"field_key": "status"})
    assert shown(other, "stage") == [("won",)]


def test_keep_and_only_are_one_thing(checked, tmp_path):
    (tmp_path / "names.yml").write_text("stage_history: {keep: {a: b}, only: {a: b}}")
    with pytest.raises(SalesAnalysisError, match="`keep` and `only` of `stage_history`"):
        checked(MIXED, table="stage_history", columns=tmp_path / "names.yml")


@pytest.mark.parametrize(
    ("table", "header", "rule", "told"),
    [
        ("attainment", "payee_id,Jan,Feb,quota", "periods_in_columns", "`Jan`, `Feb`"),
        ("attainment", "工号,2025年1月,2025年2月", "periods_in_columns", "`2025年1月`"),
        ("attainment", "rep,period,Attainment %", "attainment_alone", "`Attainment %`"),
        ("attainment", "opportunity_id,owner_id,amount,closed_at", "deals_for_results", "deals"),
        ("bookings", "Month,amount", "period_for_booking", "2025-03-01"),
        ("bookings", "周,金额", "period_for_booking", "`周` is a period"),
        ("sales", "rep,Month,amount", "period_for_sale", "`sold_at`"),
    ],
)
def test_a_table_of_another_shape_is_told_what_to_write(checked, table, header, rule, told):
    found = checked(f"{header}\n{','.join('1' for _ in header.split(','))}\n", table=table)
    (message,) = found.messages()
    assert found.table is None and found.faults["rule"].tolist() == [rule]
    assert told in message and found.messages("zh") != [message]

"""Their columns and ours: aliases of real exports, what is given, and what is refused."""

import pytest

from salesanalysis.columns import TABLES
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.sources.aliases import ALIASES
from salesanalysis.sources.names import plain

# Headers as these systems export them, and our names for them.
EXPORTS = {
    "Salesforce report": (
        "Opportunity ID,Opportunity Name,Account Name,Opportunity Owner,Stage,Amount,Close Date,"
        "Created Date,Probability (%),Lead Source,Forecast Category",
        "opportunity_id,,account_id,owner_id,stage,amount,closed_at,created_at,probability,source,"
        "owner_call",
    ),
    "Salesforce objects": (
        "Id,AccountId,OwnerId,StageName,Amount,CloseDate,CreatedDate,LeadSource,IsWon,IsClosed,"
        "CurrencyIsoCode",
        "opportunity_id,account_id,owner_id,stage,amount,closed_at,created_at,source,,,currency",
    ),
    "HubSpot": (
        "Record ID,Deal Name,Deal Stage,Amount,Close Date,Create Date,Deal owner,Pipeline,"
        "Associated Company",
        "opportunity_id,,stage,amount,closed_at,created_at,owner_id,,account_id",
    ),
    "HubSpot API": (
        "hs_object_id,dealname,dealstage,amount,closedate,createdate,hubspot_owner_id,pipeline",
        "opportunity_id,,stage,amount,closed_at,created_at,owner_id,",
    ),
    "Dynamics 365": (
        "opportunityid,name,stepname,estimatedvalue,estimatedclosedate,actualclosedate,createdon,"
        "ownerid,statecode,closeprobability",
        "opportunity_id,,stage,amount,expected_close_at,closed_at,created_at,owner_id,outcome,"
        "probability",
    ),
    "Maven": (
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value",
        "opportunity_id,owner_id,product,account_id,stage,created_at,closed_at,amount",
    ),
    "Chinese CRM": (
        "商机编号,商机名称,客户名称,负责人,销售阶段,预计金额（元）,创建时间,预计成交日期,赢单率,结果,"
        "输单原因,区域,产品,来源",
        "opportunity_id,,account_id,owner_id,stage,amount,created_at,expected_close_at,probability,"
        "outcome,reason,region,product,source",
    ),
    "another Chinese CRM": (
        "机会编号,客户,销售代表,阶段,金额(万元),创建日期,关闭日期,商机状态,所属部门,是否必赢",
        "opportunity_id,account_id,owner_id,stage,amount,created_at,closed_at,outcome,team,must_win",
    ),
}


@pytest.mark.matrix
@pytest.mark.parametrize("system", EXPORTS)
def test_exports(checked, system):
    theirs, ours = (line.split(",") for line in EXPORTS[system])
    cells = {"stage": "Won", "outcome": "Won"}
    rows = ",".join(cells.get(name, "") or ("D1" if i == 0 else "") for i, name in enumerate(ours))
    found = checked(f"{','.join(theirs)}\n{rows}\n")
    columns = found.columns[found.columns["how"].isin(["same", "alias"])]
    mapped = dict(zip(columns["theirs"], columns["column"], strict=True))
    assert mapped == {t: o for t, o in zip(theirs, ours, strict=True) if o}
    assert found.table is not None


def test_event_logs(checked):
    log = "case:concept:name,concept:name,time:timestamp,org:resource\nC1,Start,2024-01-01,\n"
    found = checked(log, table="stage_history")
    assert found.table.columns == ("opportunity_id", "stage", "entered_at", "owner_id")


def test_several_rows_for_one_event_are_pointed_out(checked):
    log = (
        "case id,concept:name,time:timestamp,lifecycle:transition\n"
        "C1,Call,2024-01-01,START\nC1,Call,2024-01-02,COMPLETE\nC1,Call,2024-01-03, \n"
    )
    found = checked(log, table="stage_history")
    assert found.faults["rule"].tolist() == ["several_lifecycles"]
    assert (found.rows_used, found.rows_not_kept) == (3, 0)
    keep = {"lifecycle:transition": "COMPLETE"}
    found = checked(log, table="stage_history", keep=keep)
    assert found.faults.empty
    assert (found.rows, found.rows_used, found.rows_not_kept) == (3, 1, 2)
    with pytest.raises(SalesAnalysisError, match="Nearest: lifecycle:transition"):
        checked(log, table="stage_history", keep={"lifecycle": "COMPLETE"})
    none = checked(log, table="stage_history", keep={"lifecycle:transition": ["complete"]})
    assert none.faults["rule"].tolist() == ["no_valid_rows"]
    assert none.rows_not_kept == 3


def test_no_alias_is_claimed_twice_within_a_table():
    for table, aliases in ALIASES.items():
        assert set(aliases) <= set(TABLES[table].names)
        claimed = {}
        for column, tiers in aliases.items():
            names = {plain(name) for name in tiers.replace("|", ";").split(";")}
            for name in (names - {""}) | {plain(column)}:
                assert claimed.setdefault(name, column) == column, (table, name)


def test_given_columns_win_and_the_rest_is_kept_under_its_own_name(checked):
    text = "id,Phase,stage,Comment,amount_theirs\nA,Won,7,hi,9\n"
    found = checked(text, columns={"stage": "phase", "opportunity_id": "id"})
    assert found.table.columns == (
        "opportunity_id",
        "stage",
        "outcome",
        "stage_theirs",
        "Comment",
        "amount_theirs",
    )
    row = found.table.to_pandas().iloc[0]
    assert (row["stage"], row["stage_theirs"], row["Comment"]) == ("Won", "7", "hi")
    how = found.columns.set_index("column")["how"]
    assert (how["stage"], how["stage_theirs"], how["amount"]) == ("given", "kept", "missing")


def test_all_that_is_wrong_with_a_header_is_said_at_once(checked):
    found = checked(
        "Deal name,Sales Stage,Deal Stage,x,x\nA,b,c,d,e\n", columns={"amount": "Betrag"}
    )
    assert sorted(found.faults["rule"]) == [
        "ambiguous_column",
        "column_not_found",
        "column_twice",
        "missing_column",
    ]
    with pytest.raises(SalesAnalysisError) as raised:
        found.require()
    for said in ("`Sales Stage`, `Deal Stage`", "`Betrag`", "`x`", "`opportunity_id` is missing"):
        assert said in str(raised.value)


def test_an_exact_name_settles_it(checked):
    found = checked("opportunity_id,stage,Deal Stage\nA,Won,Lost\n")
    assert found.table.to_pandas()["stage"].tolist() == ["Won"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"columns": {"amout": "x"}}, "Did you mean `amount`"),
        ({"columns": ["amount"]}, "expected a dict"),
        ({"columns": "nowhere.yml"}, "no mapping file"),
        ({"values": {"stagee": {}}}, "Did you mean `stage`"),
        ({"values": {"outcome": {"x": "win"}}}, "expected one of open, won, lost, cancelled"),
        ({"values": {"outcome": "won"}}, "expected their word"),
        ({"date_order": "ddmmyy"}, "expected one of dmy, mdy, ymd"),
        ({"date_order": {"closed": "dmy"}}, "Did you mean"),
        ({"stages": "Won"}, "expected a list"),
        ({"keep": {"statge": "x"}}, "Nearest: stage"),
        ({"table": "opportunity"}, "Did you mean `opportunities`"),
    ],
)
def test_wrong_arguments(checked, arguments, said):
    with pytest.raises(SalesAnalysisError, match=said):
        checked("opportunity_id,stage\nA,Won\n", **arguments)


def test_a_mapping_file_for_all_inputs(checked, tmp_path):
    path = tmp_path / "mapping.yml"
    path.write_text(
        "opportunities:\n"
        "  columns: {opportunity_id: Nr, stage: Phase, created_at: Beginn}\n"
        "  values: {outcome: {Gewonnen: won, '*': lost}}\n"
        "  keep: {Art: [Neu, Alt]}\n"
        "  date_order: dmy\n"
        "stage_history:\n"
        "  columns: {opportunity_id: Nr}\n",
        encoding="utf-8",
    )
    text = (
        "Nr,Phase,Beginn,Art\nA,Gewonnen,01.02.2024,Neu\nB,Vorbei,03.02.2024,Alt\nC,X,1.1.2024,Y\n"
    )
    found = checked(text, columns=path)
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["outcome"].tolist() == ["won", "lost"]
    assert frame["created_at"].dt.month.tolist() == [2, 2]
    assert found.rows_not_kept == 1
    assert checked(text, columns=path, keep={"Art": "Y"}).rows_used == 1
    path.write_text("opportunity_id: Nr\nstage: Phase\n", encoding="utf-8")
    flat = checked(text, columns=str(path), values={"outcome": {"*": "open"}})
    assert flat.rows_used == 3
    for wrong, said in [
        ("opportunities:\n  colums: {}\n", "Did you mean `columns`"),
        ("oportunities:\n  columns: {}\n", "Did you mean `opportunities`"),
        ("- a\n", "holds no names"),
        ("a: [\n", "not YAML"),
    ]:
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(SalesAnalysisError, match=said):
            checked(text, columns=path)


def test_names_that_are_ours_inside(checked):
    header = "opportunity_id,stage,amount,__row,__fault,__parts_amount,Amount_theirs,AMOUNT"
    found = checked(f"{header}\nA,Won,5,r,f,p,t,T\n", columns={"amount": "amount"})
    row = found.table.to_pandas().iloc[0].to_dict()
    assert row == {
        "opportunity_id": "A",
        "stage": "Won",
        "amount": 5.0,
        "outcome": "won",
        "theirs__row": "r",
        "theirs__fault": "f",
        "theirs__parts_amount": "p",
        "Amount_theirs": "t",
        "AMOUNT_theirs_theirs": "T",
    }

"""What the columns of each system's own export become, by headers as these systems write them."""

import pytest

from salesanalysis import text
from salesanalysis.columns import TABLES
from salesanalysis.sources.aliases import ALIASES
from salesanalysis.sources.aliases.traditional import simplified
from salesanalysis.sources.matching import match
from salesanalysis.sources.request import Request

#: System → their header → our column; headers without one are kept under their own name.
DEALS = {
    "Salesforce report with currencies": {
        "Opportunity ID": "opportunity_id",
        "Opportunity Owner": "owner_id",
        "Account Name": "account_id",
        "Stage": "stage",
        "Fiscal Period": "",
        "Amount Currency": "currency",
        "Amount": "amount",
        "Expected Revenue": "",
        "Age": "",
        "Close Date": "closed_at",
        "Created Date": "created_at",
    },
    "Salesforce report of a custom type": {
        "Opportunity: Opportunity ID": "opportunity_id",
        "Opportunity: Stage": "stage",
        "Opportunity: Amount": "amount",
        "Opportunity Owner: Full Name": "owner_id",
        "Opportunity: Close Date": "closed_at",
        "Opportunity: Created Date": "created_at",
    },
    "Salesforce in one currency": {
        "Opportunity ID": "opportunity_id",
        "Amount (converted) Currency": "currency",
        "Amount (converted)": "amount",
        "Amount Currency": "",
        "Amount": "",
    },
    "HubSpot": {
        "Record ID": "opportunity_id",
        "Deal Name": "",
        "Deal Stage": "stage",
        "Pipeline": "",
        "Amount": "amount",
        "Amount in company currency": "",
        "Currency": "currency",
        "Close Date": "closed_at",
        "Create Date": "created_at",
        "Deal owner": "owner_id",
        "Closed Lost Reason": "reason",
        "Associated Company": "account_id",
    },
    "HubSpot through a loader": {
        "properties__hs_object_id": "opportunity_id",
        "properties__dealstage": "stage",
        "properties__amount": "amount",
        "properties__closedate": "closed_at",
        "properties__createdate": "created_at",
    },
    "Pipedrive": {
        "Deal - ID": "opportunity_id",
        "Deal - Title": "",
        "Deal - Deal created": "created_at",
        "Deal - Won time": "won_at",
        "Deal - Lost time": "lost_at",
        "Deal - Deal closed on": "closed_at",
        "Deal - Expected close date": "expected_close_at",
        "Deal - Owner": "owner_id",
        "Deal - Stage": "stage",
        "Deal - Status": "outcome",
        "Deal - Value": "amount",
        "Deal - Currency of Value": "currency",
        "Deal - Probability": "probability",
        "Deal - Lost reason": "reason",
        "Deal - Organization": "account_id",
        "Person - Name": "",
    },
    "Pipedrive for import": {
        "Deal - Pipedrive System ID": "opportunity_id",
        "Deal - Title*": "",
        "Deal - Stage (pipeline)": "stage",
        "Deal - Value": "amount",
        "Deal - Creation date": "created_at",
        "Deal - Closed on": "closed_at",
        "Organization": "account_id",
    },
    "Pipedrive's interface": {
        "id": "opportunity_id",
        "status": "outcome",
        "value": "amount",
        "add_time": "created_at",
        "won_time": "won_at",
        "lost_time": "lost_at",
        "close_time": "closed_at",
        "stage_id": "stage",
        "org_id__name": "account_id",
        "owner_id__name": "owner_id",
        "expected_close_date": "expected_close_at",
        "update_time": "",
    },
    "Zoho": {
        "Record Id": "opportunity_id",
        "Deal Owner.id": "owner_id",
        "Deal Owner": "",
        "Amount": "amount",
        "Closing Date": "closed_at",
        "Account Name.id": "",
        "Account Name": "account_id",
        "Stage": "stage",
        "Probability (%)": "probability",
        "Created Time": "created_at",
        "Reason For Loss": "reason",
    },
    "Dynamics 365": {
        "(Do Not Modify) Opportunity": "opportunity_id",
        "(Do Not Modify) Row Checksum": "",
        "(Do Not Modify) Modified On": "",
        "Topic": "",
        "Potential Customer": "account_id",
        "Est. Close Date": "expected_close_at",
        "Est. Revenue": "amount",
        "Actual Close Date": "closed_at",
        "Actual Revenue": "",
        "Status": "outcome",
        "Status Reason": "reason",
        "Created On": "created_at",
        "Owner": "owner_id",
        "Pipeline Phase": "stage",
    },
    "Dynamics through OData": {
        "opportunityid": "opportunity_id",
        "estimatedvalue": "amount",
        "actualvalue": "",
        "_ownerid_value": "owner_id",
        "_parentaccountid_value": "account_id",
        "statecode": "outcome",
    },
    "Close": {
        "id": "opportunity_id",
        "lead_name": "account_id",
        "status_label": "stage",
        "status_type": "outcome",
        "value": "amount",
        "value_currency": "currency",
        "confidence": "probability",
        "user_id": "",
        "user_name": "owner_id",
        "date_created": "created_at",
        "date_won": "won_at",
        "date_lost": "lost_at",
    },
    "Copper": {
        "Copper ID": "opportunity_id",
        "Name": "",
        "Company": "account_id",
        "Owned By": "owner_id",
        "Value": "amount",
        "Status": "outcome",
        "Loss Reason": "reason",
        "Close Date": "closed_at",
        "Created At": "created_at",
        "Win Probability": "probability",
    },
    "Freshsales": {
        "deal_id": "opportunity_id",
        "deal_amount": "amount",
        "deal_currency_name": "currency",
        "deal_expected_close": "expected_close_at",
        "deal_closed_date": "closed_at",
        "deal_created_at": "created_at",
        "deal_deal_stage_name": "stage",
        "deal_deal_reason_name": "reason",
        "deal_owner_name": "owner_id",
    },
    "Odoo": {
        "id": "opportunity_id",
        "name": "",
        "expected_revenue": "amount",
        "stage_id": "stage",
        "user_id": "owner_id",
        "partner_id": "account_id",
        "team_id": "team",
        "date_deadline": "expected_close_at",
        "date_closed": "closed_at",
        "create_date": "created_at",
        "lost_reason_id": "reason",
        "won_status": "outcome",
    },
    "SugarCRM": {
        "id": "opportunity_id",
        "name": "",
        "amount": "amount",
        "sales_stage": "stage",
        "date_entered": "created_at",
        "date_closed": "closed_at",
        "assigned_user_name": "owner_id",
        "account_name": "account_id",
        "date_modified": "",
    },
    "Bitrix24": {
        "ID": "opportunity_id",
        "Deal name": "",
        "Stage": "stage",
        "Responsible person": "owner_id",
        "Amount": "amount",
        "Created on": "created_at",
        "Expected close date": "expected_close_at",
        "Company": "account_id",
    },
    "SAP C4C": {
        "ID": "opportunity_id",
        "Sales Phase": "stage",
        "Expected Value": "amount",
        "Chance of Success": "probability",
        "Reason for Status": "reason",
        "Start Date": "created_at",
        "Changed On": "",
    },
    "销售易": {
        "销售机会编号": "opportunity_id",
        "销售机会名称": "",
        "客户名称": "account_id",
        "销售机会所有人": "owner_id",
        "销售阶段": "stage",
        "销售金额": "amount",
        "结单日期": "closed_at",
        "创建日期": "created_at",
        "赢率": "probability",
        "输单原因": "reason",
        "所属部门": "team",
        "商机状态": "outcome",
    },
    "纷享销客": {
        "商机编号": "opportunity_id",
        "商机名称": "",
        "商机金额(元)": "amount",
        "预计成交日期": "expected_close_at",
        "商机阶段": "stage",
        "负责人": "owner_id",
        "负责人主属部门": "team",
        "创建时间": "created_at",
        "生命状态": "",
    },
    "a list of an ERP": {
        "单据编号": "opportunity_id",
        "单据日期": "created_at",
        "客户": "account_id",
        "业务员": "owner_id",
        "部门": "team",
        "预计金额": "amount",
        "币别": "currency",
        "结束日期": "closed_at",
    },
    "traditional Chinese": {
        "商機編號": "opportunity_id",
        "客戶名稱": "account_id",
        "負責人": "owner_id",
        "階段": "stage",
        "狀態": "outcome",
        "金額": "amount",
        "幣別": "currency",
        "建立日期": "created_at",
        "預計成交日期": "expected_close_at",
        "結案日期": "closed_at",
        "失單原因": "reason",
        "成交機率": "probability",
    },
    "German": {
        "ID": "opportunity_id",
        "Betrag": "amount",
        "Phase": "stage",
        "Erstellt am": "created_at",
        "Schlusstermin": "closed_at",
        "Voraussichtliches Abschlussdatum": "expected_close_at",
        "Inhaber": "owner_id",
        "Währung": "currency",
        "Verlustgrund": "reason",
    },
    "French": {
        "ID": "opportunity_id",
        "Montant": "amount",
        "Étape": "stage",
        "Date de création": "created_at",
        "Date de clôture": "closed_at",
        "Propriétaire de l’opportunité": "owner_id",
        "Nom du compte": "account_id",
    },
    "Spanish": {
        "ID": "opportunity_id",
        "Importe": "amount",
        "Etapa": "stage",
        "Fecha de creación": "created_at",
        "Fecha de cierre": "closed_at",
        "Propietario de la oportunidad": "owner_id",
    },
    "Portuguese": {
        "ID": "opportunity_id",
        "Valor": "amount",
        "Fase": "stage",
        "Data de criação": "created_at",
        "Data de fechamento": "closed_at",
        "Proprietário da oportunidade": "owner_id",
    },
    "Japanese": {
        "商談ID": "opportunity_id",
        "取引先名": "account_id",
        "商談所有者": "owner_id",
        "フェーズ": "stage",
        "金額": "amount",
        "完了予定日": "closed_at",
        "作成日": "created_at",
    },
    "a warehouse": {
        "sfdc_opp.id": "opportunity_id",
        "sfdc_opp.stage_name": "stage",
        "sfdc_opp.amount": "amount",
        "sfdc_opp.close_date": "closed_at",
        "sfdc_opp.created_date": "created_at",
    },
}

OTHERS = {
    "targets": (
        {"Quarter": "period", "Owner": "owner_id", "Quota": "target", "Region": "region"},
        {"季度": "period", "负责人": "owner_id", "目标": "target", "大区": "region"},
        {"季度": "period", "業務員": "owner_id", "銷售目標": "target"},
        {"Quartal": "period", "Vertriebsmitarbeiter": "owner_id", "Ziel": "target"},
        {"Fiscal Quarter": "period", "Quota Owner": "owner_id", "Quota Amount": "target"},
    ),
    "stage_history": (
        {"Opportunity ID": "opportunity_id", "To Stage": "stage", "Last Modified": "entered_at"},
        {"OpportunityId": "opportunity_id", "StageName": "stage", "CreatedDate": "entered_at"},
        {"商机编号": "opportunity_id", "变更后": "stage", "变更时间": "entered_at"},
    ),
}


def matched(headers, table: str = "opportunities") -> dict[str, str]:
    """Our column for each header, empty for none."""
    given = dict.fromkeys(("columns", "values", "keep", "date_order", "encoding", "sheet"))
    found = match(tuple(headers), Request.of(table=table, **given))
    assert found.faults == []
    ours = {headers[i]: column for column, i in found.positions.items()}
    return {header: ours.get(header, "") for header in headers}


@pytest.mark.parametrize("system", DEALS)
def test_a_list_of_deals(system):
    assert matched(list(DEALS[system])) == DEALS[system]


@pytest.mark.parametrize(("table", "names"), [(t, n) for t, all_ in OTHERS.items() for n in all_])
def test_other_tables(table, names):
    assert matched(list(names), table) == names


def test_every_column_of_every_table_is_known_by_other_names_in_both_languages():
    for table in TABLES.values():
        for column in table.names:
            names = ALIASES[table.name][column].replace("|", ";")
            known = [name.strip() for name in names.split(";") if name.strip()]
            assert any(name.isascii() for name in known), (table.name, column)
            assert any(not name.isascii() for name in known), (table.name, column)


def test_names_are_compared_in_simplified_characters():
    assert simplified("預計成交日期 業務員 贏單") == "预计成交日期 业务员 赢单"


def test_of_two_columns_of_money_the_other_is_named(checked):
    found = checked("id,stage,Est. Revenue,Actual Revenue\nA,Won,5,6\n")
    fault = found.faults.query("rule == 'other_column'").iloc[0]
    assert (fault["column"], fault["example"]) == ("amount", "Est. Revenue")
    assert 'columns: {amount: "Actual Revenue"}' in "".join(found.messages())
    better = checked("id,stage,Amount,Expected Revenue\nA,Won,5,6\n")
    assert "other_column" not in set(better.faults["rule"])


def test_won_time_and_lost_time_are_the_close_date_and_tell_the_outcome(checked):
    text = (
        "Deal - ID,Deal - Stage,Deal - Won time,Deal - Lost time\n"
        "1,Demo,2025-02-01 10:00:00,\n2,Demo,,2025-02-03 09:00:00\n3,Demo,,\n"
        "4,Demo,2025-02-01 10:00:00,2025-03-01 10:00:00\n"
    )
    found = checked(text)
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["outcome"].tolist() == ["won", "lost", "open", "lost"]
    days = frame["closed_at"].dt.strftime("%m-%d").tolist()
    assert days[:2] == ["02-01", "02-03"]
    assert days[3] == "03-01"
    assert frame["closed_at"].isna().tolist() == [False, False, True, False]
    assert found.columns.set_index("column")["how"]["closed_at"] == "derived"
    said = found.faults.query("rule == 'closed_from_dates'")["example"].tolist()
    assert said == ["`Deal - Won time`, `Deal - Lost time`"]


def test_a_status_wins_over_the_dates_of_the_end(checked):
    found = checked("id,status,Won date\nA,Won,2025-01-02\nB,Lost,\nC,Open,\n")
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["outcome"].tolist() == ["won", "lost", "open"]
    assert frame["closed_at"].notna().tolist() == [True, False, False]


def test_what_a_list_of_deals_lacks_is_said(checked):
    found = checked("id,status\nA,Won\n")
    rules = found.faults["rule"].tolist()
    assert rules == ["no_stage", "no_amount", "no_created_at", "no_closed_at"]
    assert set(found.faults["severity"]) == {"note"}
    whole = checked("id,stage,amount,created_at,closed_at\nA,Won,1,2025-01-01,2025-01-02\n")
    assert whole.faults.empty


@pytest.mark.parametrize(
    ("header", "cell", "column"),
    [
        ("Deal worth total", "1,200.50", "amount"),
        ("Gesamtwert netto", "1200", "amount"),
        ("签约总额含运费", "¥3000", "amount"),
        ("Day of signature", "2025-03-04", "closed_at"),
        ("Came in", "2025-03-04", "created_at"),
        ("立项完成日", "2025/03/04", "created_at"),
    ],
)
def test_a_column_that_may_be_meant_is_named_with_the_line_to_write(checked, header, cell, column):
    found = checked(f'id,stage,"{header}"\nA,Won,"{cell}"\n')
    fault = found.faults.query(f"rule == 'unused_column' and column == '{column}'")
    assert fault["example"].tolist() == [header]
    for lang in text.LANGUAGES:
        assert f'{{opportunities: {{columns: {{{column}: "{header}"}}}}}}' in "".join(
            found.messages(lang)
        )


@pytest.mark.parametrize(
    ("header", "cell"),
    [("Last Activity", "2025-03-04"), ("Modified on", "2025-03-04"), ("Employees", "300")],
)
def test_a_column_of_something_else_is_not_named(checked, header, cell):
    found = checked(f"id,stage,{header}\nA,Won,{cell}\n")
    assert "unused_column" not in set(found.faults["rule"])

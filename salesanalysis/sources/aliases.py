"""Names that CRM exports use for our columns.

Each list holds tiers separated by ``|``: names of an earlier tier win over those of a later one;
two columns of the same tier are an error that asks which. Names within a tier are separated by
``;``. Case, blanks, underscores, hyphens, dots, width and a bracketed unit do not count.
"""

OPPORTUNITIES = {
    "opportunity_id": "opportunity id; opportunityid; deal id; hs object id; record id; 商机编号;"
    " 商机id; 销售机会编号; 机会编号; 商机编码 | id; 编号",
    "account_id": "account id; accountid; company id; associated company ids; customer id;"
    " parentaccountid; 客户编号; 客户id; 客户编码 | account; account name; company name; customer;"
    " associated company; potential customer; 客户; 客户名称; 公司名称",
    "owner_id": "owner id; ownerid; hubspot owner id; sales rep id; 负责人编号; 负责人id; 员工编号"
    " | owner; opportunity owner; deal owner; owner full name; owner name; sales agent; sales rep;"
    " salesperson; 负责人; 销售代表; 销售人员; 销售员; 业务员; 商机负责人",
    "team": "sales team; hubspot team; hubspot team id; owning business unit; 团队; 销售团队; 部门;"
    " 所属部门",
    "region": "sales region; territory; regional office; 区域; 大区; 销售区域; 地区",
    "product": "product name; products; product family; 产品; 产品名称; 意向产品",
    "source": "lead source; leadsource; original source; deal source; hs analytics source;"
    " 来源; 商机来源; 线索来源; 客户来源",
    "stage": "stage name; stagename; deal stage; dealstage; sales stage; step name; stepname;"
    " pipeline phase; 销售阶段; 商机阶段; 阶段; 当前阶段",
    "amount": "deal amount; opportunity amount; amount in company currency; close value;"
    " estimated value; estimatedvalue; est revenue; actual value; actualvalue; actual revenue;"
    " 金额; 商机金额; 预计金额; 预计销售金额; 合同金额; 成交金额; 销售金额 | expected revenue",
    "currency": "currency code; currencyisocode; currency iso code; opportunity currency;"
    " deal currency code; transactioncurrencyid; 币种; 货币; 币别",
    "created_at": "created date; createddate; create date; createdate; created on; createdon;"
    " created; engage date; date created; 创建日期; 创建时间; 建立日期; 录入时间",
    "closed_at": "close date; closedate; closed date; closed on; actual close date;"
    " actualclosedate; won date; 成交日期; 关闭日期; 关闭时间; 结单日期; 成交时间;"
    " 实际成交日期; 签约日期",
    "outcome": "status; deal status; state; statecode; statecodename; result; 结果; 商机结果; 输赢;"
    " 赢单状态; 商机状态; 成交状态",
    "reason": "loss reason; lost reason; closed lost reason; close reason; closed won reason;"
    " status reason; statuscode; reason lost; 输单原因; 丢单原因; 原因; 流失原因; 输赢原因",
    "must_win": "must win deal; key deal; strategic; 必赢; 必赢单; 重点商机; 是否必赢; 是否重点",
    "expected_close_at": "expected close date; estimated close date; estimatedclosedate;"
    " est close date; forecast close date; 预计成交日期; 预计签约日期; 预计关闭日期; 预计结单日期;"
    " 预计成交时间",
    "probability": "probability (%); deal probability; close probability; closeprobability;"
    " win probability; hs deal stage probability; 赢单率; 概率; 成功率; 可能性; 赢率; 成交概率",
    "owner_call": "forecast category; forecastcategory; forecastcategoryname; hs forecast category;"
    " msdyn forecastcategory; 预测类别; 销售判断; 预测分类",
}

STAGE_HISTORY = {
    "opportunity_id": "opportunity id; opportunityid; deal id; hs object id; case:concept:name;"
    " case id; caseid; case; application; 商机编号; 商机id; 销售机会编号; 机会编号",
    "stage": "stage name; stagename; to stage; new stage; deal stage; dealstage; concept:name;"
    " activity; 销售阶段; 商机阶段; 阶段; 变更后阶段 | new value; newvalue",
    "entered_at": "time:timestamp; timestamp; complete timestamp; entered; date entered;"
    " stage entered; last modified; 进入日期; 进入时间; 阶段开始时间; 变更时间; 变更日期; 修改时间"
    " | created date; createddate; created; 创建时间; 创建日期",
    "amount": "deal amount; 金额; 商机金额; 预计金额",
    "owner_id": "owner id; ownerid; hubspot owner id; org:resource; resource; 负责人; 销售代表",
}

ACCOUNTS = {
    "account_id": "account id; accountid; company id; customer id; hs object id; record id;"
    " 客户编号; 客户id; 客户编码 | account; id; 客户",
    "name": "account name; company name; customer name; 客户名称; 公司名称; 名称",
    "segment": "sector; industry; account type; 细分; 行业; 客户类型; 客户级别",
    "region": "office location; billing country; country; territory; 区域; 大区; 地区",
}

PRODUCTS = {
    "product": "product name; name; 产品; 产品名称",
    "list_price": "sales price; price; unit price; list price; 单价; 价格; 标价; 目录价",
    "currency": "currency code; currencyisocode; 币种; 货币",
}

REPS = {
    "owner_id": "owner id; user id; employee id; hubspot owner id; 员工编号; 工号; 负责人编号"
    " | sales agent; sales rep; owner; id; 销售代表; 销售人员; 负责人",
    "name": "full name; owner name; 姓名; 名称",
    "team": "sales team; 团队; 销售团队; 部门",
    "region": "regional office; territory; 区域; 大区",
    "manager": "manager name; sales manager; 经理; 区域经理; 上级; 主管",
    "hired_at": "hire date; start date; 入职日期; 入职时间",
}

_DEAL = (
    "opportunity id; opportunityid; deal id; hs object id; 商机编号; 商机id; 销售机会编号; 机会编号"
)

MILESTONE_EVIDENCE = {
    "opportunity_id": _DEAL,
    "milestone": "grade; 里程碑; 阶段",
    "item": "check; criterion; 检查项; 要点; 条目",
    "fulfilled": "met; done; 是否满足; 满足; 已完成",
    "checked_at": "check date; checked on; 检查日期; 核查日期",
}

ACTIVITIES = {
    "opportunity_id": _DEAL,
    "owner_id": "owner id; ownerid; hubspot owner id; owner; 负责人; 销售代表; 业务员",
    "kind": "type; activity type; task subtype; 类型; 活动类型; 跟进方式; 联系方式",
    "at": "date; activity date; activitydate; timestamp; 时间; 日期; 活动时间; 跟进时间; 联系时间",
}

EVENTS = {
    "user_id": "user; userid; distinct id; visitor id; customer id; 用户; 用户编号; 用户id",
    "event": "event name; event type; activity; 事件; 事件名称",
    "at": "timestamp; time; event time; occurred at; 时间; 事件时间; 发生时间",
}

ALIASES = {
    "opportunities": OPPORTUNITIES,
    "stage_history": STAGE_HISTORY,
    "milestone_evidence": MILESTONE_EVIDENCE,
    "activities": ACTIVITIES,
    "events": EVENTS,
    "accounts": ACCOUNTS,
    "products": PRODUCTS,
    "reps": REPS,
}

#: Columns that are not ours but tell an outcome (Salesforce, HubSpot).
OUTCOME_FLAGS = {
    "won": "iswon; is won; won; hs is closed won; 是否赢单; 已赢单",
    "closed": "isclosed; is closed; closed; hs is closed; 是否关闭; 已关闭",
}

#: Close dates that hold the *expected* date while a deal is open (Salesforce, HubSpot).
EXPECTED_WHILE_OPEN = "close date; closedate"

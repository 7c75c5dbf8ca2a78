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

_PAYEE = (
    "payee; payee id; rep; rep id; sales rep; sales rep id; employee id; dealer; dealer id;"
    " partner; 受奖人; 受奖人编号; 经销商; 经销商编号; 销售代表; 业务员; 员工编号; 工号"
    " | owner id; owner; id; 姓名; 编号"
)

ATTAINMENT = {
    "payee_id": _PAYEE,
    "period": "quarter; month; plan period; 期间; 周期; 季度; 月份; 考核期",
    "quota": "target; sales target; goal; plan; 指标; 销售指标; 目标; 任务; 任务额; 保底指标; 定额",
    "sales": "actual; actual sales; achieved; achievement; revenue; bookings; credited amount;"
    " 销售额; 实际销售额; 完成额; 实际完成; 业绩; 回款额",
    "currency": "currency code; 币种; 货币",
    "team": "sales team; 团队; 部门; 销售团队",
    "region": "territory; 区域; 大区; 地区",
}

PAYOUTS = {
    "payee_id": _PAYEE,
    "period": "quarter; month; plan period; 期间; 周期; 季度; 月份; 考核期",
    "earned": "commission; earnings; commission earned; earned amount; 应得; 应发; 应发提成; 提成;"
    " 应付返点; 返点",
    "earned_at": "earned date; earned on; accrual date; 应得日期; 计提日期; 结算日期",
    "promised_at": "due date; promised date; promised on; pay by; 承诺日期; 应付日期; 约定日期;"
    " 承诺兑现日期",
    "paid": "paid amount; payment; amount paid; 已付; 实发; 实付; 已兑现; 兑现金额; 实发提成",
    "paid_at": "paid date; paid on; payment date; pay date; 支付日期; 兑现日期; 发放日期; 付款日期",
    "currency": "currency code; 币种; 货币",
    "team": "sales team; 团队; 部门; 销售团队",
}

SALES = {
    "payee_id": _PAYEE,
    "sold_at": "sale date; date; sold on; order date; invoice date; booking date; close date;"
    " 销售日期; 日期; 订单日期; 开票日期; 成交日期",
    "amount": "sale amount; sales; revenue; order amount; net amount; 金额; 销售额; 销售金额;"
    " 订单金额; 成交金额",
    "currency": "currency code; 币种; 货币",
}

_LEARNER = (
    "learner id; employee id; user id; participant id; trainee id; person id; 学员编号;"
    " 员工编号; 工号; 学员id | learner; learner name; employee; participant; trainee; 学员;"
    " 学员姓名; 员工; 姓名"
)
_SKILL = (
    "skill name; course; course name; topic; module; competency; 技能; 课程; 课程名称; 主题; 能力项"
)

SCORES = {
    "learner_id": _LEARNER,
    "skill": _SKILL,
    "trained_at": "training date; trained on; date trained; course date; completed on;"
    " completion date; 培训日期; 培训时间; 结业日期; 学习日期",
    "tested_at": "test date; tested on; exam date; assessment date; quiz date; 测试日期; 考试日期;"
    " 测试时间; 考试时间; 测验日期 | date; timestamp; 日期; 时间",
    "score": "test score; result; points; mark; grade; 分数; 得分; 成绩; 测试成绩; 考试成绩",
    "max_score": "maximum score; max points; maximum; out of; total points; 满分; 总分",
    "k": "correct; correct answers; right answers; 答对题数; 正确数; 答对数",
    "n": "questions; number of questions; items; total questions; 题数; 总题数; 题目数",
    "guess": "guess rate; chance level; 猜对概率; 猜对率",
    "team": "sales team; department; 团队; 销售团队; 部门",
    "cohort": "class; group; batch; intake; 批次; 期次; 班级; 培训批次",
    "method": "training method; delivery; delivery method; format; 培训方式; 培训形式; 方式",
    "reinforced": "refreshed; reinforcement; follow up training; 是否强化; 已强化; 强化",
}

REFRESHERS = {
    "learner_id": _LEARNER,
    "skill": _SKILL,
    "refreshed_at": "refresher date; refreshed on; reinforcement date; date; 强化日期; 复训日期;"
    " 强化时间; 日期",
    "hours": "duration hours; duration; 小时; 时长; 学时",
}

KSA_REQUIRED = {
    "role": "job role; position; job title; 岗位; 职位; 角色",
    "skill": _SKILL,
    "level": "required level; target level; requirement; 要求水平; 要求等级; 目标水平; 等级; 水平",
    "skill_group": "group; category; competency group; 技能组; 类别; 分类",
    "stage": "sales stage; funnel stage; 阶段; 销售阶段; 漏斗阶段",
}

KSA_ASSESSED = {
    "person_id": "employee id; user id; owner id; 员工编号; 工号; 人员编号"
    " | person; employee; owner; name; 人员; 员工; 姓名; 销售代表",
    "role": "job role; position; job title; 岗位; 职位; 角色",
    "skill": _SKILL,
    "level": "assessed level; actual level; current level; rating; 评估水平; 实际水平; 评估等级;"
    " 等级; 水平",
    "assessed_at": "assessment date; assessed on; date; 评估日期; 评估时间; 日期",
    "team": "sales team; department; 团队; 销售团队; 部门",
}

BOOKINGS = {
    "booked_at": "booking date; booked on; order date; invoice date; posting date; 订单日期;"
    " 下单日期; 入账日期; 开票日期; 签订日期 | date; 日期",
    "stream": "revenue stream; booking type; order type; channel; 收入来源; 收入类型;"
    " 订单类型; 渠道",
    "amount": "booking amount; order amount; net amount; order value; revenue; 金额; 订单金额;"
    " 收入; 开票金额; 合同金额",
    "currency": "currency code; currencyisocode; 币种; 货币",
    "region": "sales region; territory; 区域; 大区; 地区",
    "product": "product name; product family; 产品; 产品名称",
    "team": "sales team; 团队; 销售团队; 部门",
    "owner_id": "owner id; sales rep id; owner; sales rep; 负责人; 销售代表; 业务员",
    "account_id": "account id; customer id; customer number; 客户编号; 客户id"
    " | account; customer; 客户; 客户名称",
}

CONTRACTS = {
    "contract_id": "contract number; contract no; subscription id; 合同编号; 合同号 | id; 编号",
    "account_id": "account id; customer id; 客户编号; 客户id | account; customer; 客户; 客户名称",
    "ends_at": "end date; contract end date; expiry date; expires on; renewal date; 到期日期;"
    " 到期日; 合同到期日; 终止日期; 截止日期",
    "amount": "contract value; annual value; renewal amount; acv; arr; 金额; 合同金额; 年费",
    "currency": "currency code; currencyisocode; 币种; 货币",
    "stream": "revenue stream; 收入来源; 收入类型",
    "region": "sales region; territory; 区域; 大区; 地区",
    "product": "product name; product family; 产品; 产品名称",
    "team": "sales team; 团队; 销售团队; 部门",
    "owner_id": "owner id; owner; sales rep; account manager; 负责人; 销售代表; 客户经理",
    "renewed_at": "renewed on; renewal signed; signed renewal date; 续约日期; 续签日期; 续费日期",
}

STREAM_TARGETS = {
    "period": "quarter; month; 期间; 季度; 月份",
    "stream": "revenue stream; 收入来源; 收入类型",
    "target": "quota; goal; plan; 目标; 销售目标; 指标",
    "floor": "minimum; 保底; 保底指标",
    "stretch": "stretch target; 激励目标; 挑战目标",
}

SNAPSHOTS = {
    "taken_at": "snapshot date; as of; as of date; 快照日期; 数据日期",
    **{
        name: OPPORTUNITIES[name]
        for name in (
            *("opportunity_id", "stage", "amount", "expected_close_at", "probability"),
            "owner_call",
        )
    },
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
    "bookings": BOOKINGS,
    "contracts": CONTRACTS,
    "stream_targets": STREAM_TARGETS,
    "snapshots": SNAPSHOTS,
    "scores": SCORES,
    "refreshers": REFRESHERS,
    "ksa_required": KSA_REQUIRED,
    "ksa_assessed": KSA_ASSESSED,
    "attainment": ATTAINMENT,
    "payouts": PAYOUTS,
    "sales": SALES,
}

#: Columns that are not ours but tell an outcome (Salesforce, HubSpot).
OUTCOME_FLAGS = {
    "won": "iswon; is won; won; hs is closed won; 是否赢单; 已赢单",
    "closed": "isclosed; is closed; closed; hs is closed; 是否关闭; 已关闭",
}

#: Close dates that hold the *expected* date while a deal is open (Salesforce, HubSpot).
EXPECTED_WHILE_OPEN = "close date; closedate"

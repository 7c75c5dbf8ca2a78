"""Names of the columns of lists: accounts, products, sellers; of trainings and of skills."""

from salesanalysis.sources.aliases.customers import ACCOUNT_FILE

ACCOUNTS = {
    "account_id": "account id; accountid; company id; customer id; customer number; customer no;"
    " organization id; hs object id; record id; (do not modify) account; 客户编号; 客户id;"
    " 客户编码;"
    " 客户代码; kundennummer; 取引先id | account; id; number; 客户; 编号",
    "name": "account name; company name; customer name; organization name; organisation name;"
    " customer; company; 客户名称; 公司名称; 名称; 客户全称; firma; kundenname; nom du compte;"
    " nombre de la cuenta; nome da conta; 取引先名",
    "segment": "sector; industry; account type; customer segment; customer type; 细分; 行业;"
    " 所属行业; 客户类型; 客户级别; 客户行业; branche; secteur; sector de actividad; setor; 業種",
    "region": "office location; billing country; country; territory; area; 区域; 大区; 地区; 省份;"
    " 国家; gebiet; land; région; pays; región; país; região; 地域",
    **ACCOUNT_FILE,
}

PRODUCTS = {
    "product": "product name; name; product code; product id; sku; 产品; 产品名称; 产品编码;"
    " 物料名称;"
    " 商品名称; produkt; produit; producto; produto; 商品",
    "list_price": "sales price; price; unit price; list price; standard price; 单价; 价格; 标价;"
    " 目录价; 标准价; 标准价格; 销售单价; listenpreis; preis; prix; precio; preço; 価格",
    "currency": "currency code; currencyisocode; 币种; 货币; 币别",
}

REPS = {
    "owner_id": "owner id; user id; employee id; hubspot owner id; rep id; sales rep id; user name;"
    " 员工编号; 工号; 负责人编号; 用户id | sales agent; sales rep; owner; id; 销售代表; 销售人员;"
    " 负责人; 业务员",
    "name": "full name; owner name; user full name; employee name; 姓名; 名称; 员工姓名",
    "team": "sales team; department; 团队; 销售团队; 部门; 所属部门",
    "region": "regional office; territory; sales region; 区域; 大区; 地区; 销售区域",
    "manager": "manager name; sales manager; supervisor; reports to; 经理; 区域经理; 上级; 主管;"
    " 直属上级",
    "hired_at": "hire date; start date; date hired; hired on; joined on; 入职日期; 入职时间",
}

_LEARNER = (
    "learner id; employee id; user id; participant id; trainee id; person id; student id; 学员编号;"
    " 员工编号; 工号; 学员id | learner; learner name; employee; employee name; participant;"
    " trainee;"
    " user; full name; mitarbeiter; teilnehmer; 学员; 学员姓名; 员工; 员工姓名; 姓名"
    " | email address; email; e-mail; username; name; 邮箱; 用户名"
)
_SKILL = (
    "skill name; course; course name; course title; topic; module; competency; kurs; 技能;"
    " 技能名称; 课程; 课程名称; 主题; 能力项 | quiz; quiz name; test; test name; 测验; 考试"
)

SCORES = {
    "learner_id": _LEARNER,
    "skill": _SKILL,
    "trained_at": "training date; trained on; trained; date trained; course date; schulungsdatum;"
    " schulung am; 培训日期; 培训时间; 结业日期; 学习日期; 完成日期"
    " | completed on; completed; completion date; date completed",
    "tested_at": "test date; tested on; tested; assessed on; exam date; assessment date;"
    " quiz date; date taken; submitted on; testdatum; test am; prüfungsdatum; 测试日期; 考试日期;"
    " 测试时间; 考试时间; 测验日期; 考核日期 | date; timestamp; 日期; 时间",
    "score": "test score; result; points; mark; grade; final score; ergebnis; punkte; 分数;"
    " 得分; 成绩; 测试成绩; 考试成绩; 考核成绩",
    "max_score": "maximum score; max points; maximum; out of; total points; 满分; 总分; 满分值",
    "k": "correct; correct answers; right answers; 答对题数; 正确数; 答对数; 正确题数",
    "n": "questions; number of questions; items; total questions; 题数; 总题数; 题目数",
    "attempt": "attempt number; attempt no; try; attempts taken; 次数; 第几次; 尝试次数; 答题次数",
    "item": "question; question id; item id; 题目; 题号; 试题; 知识点",
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

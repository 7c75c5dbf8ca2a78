"""Names of the columns of targets, payouts, sales, bookings, contracts, schedules, rates."""

_PERIOD = (
    "period; quarter; month; plan period; period name; target period; quota period;"
    " forecast period;"
    " fiscal quarter; fiscal period; week; half; half year; 半年度; 期间; 周期; 季度; 月份; 年月;"
    " 月度; 考核期; 考核周期;"
    " 目标期间; 统计周期; 月; zeitraum; quartal; monat; période; trimestre; mois; período; periodo;"
    " mes; mês; 四半期; 期 | start date; period start; date; 日期; 开始日期 | year; fiscal year;"
    " 年度; 年份; 年; jahr; année; año; ano"
)
_DUE = (
    "due date; due; due on; deadline; target date; end date; period end; 截止日期; 截止日;"
    " 到期日期; 目标日期; 结束日期"
)
_REGION = (
    "territory; sales region; area; 区域; 大区; 地区; 销售区域; 销售大区; gebiet; région; región;"
    " região; 地域"
)
_PRODUCT = (
    "product name; product family; product line; 产品; 产品名称; 产品线; produkt; produit;"
    " producto; produto"
)
_TEAM = "sales team; department; 团队; 部门; 销售团队"
_CURRENCY = "currency code; currencyisocode; 币种; 货币; 币别"
_OWNER = (
    "owner id; ownerid; hubspot owner id; sales rep id; rep id; user id; employee id; 员工编号;"
    " 工号;"
    " 负责人编号 | owner; owner name; deal owner; opportunity owner; quota owner; forecast owner;"
    " user;"
    " sales rep; sales representative; salesperson; sales person; seller; rep; rep name; employee;"
    " assigned to; 负责人; 销售代表; 销售人员; 销售员; 业务员; 姓名; 销售; 客户经理; 所有人;"
    " vertriebsmitarbeiter; verkäufer; inhaber; propriétaire; commercial; responsable; propietario;"
    " vendedor; comercial; proprietário; 担当者; 営業担当"
)
_TARGET = (
    "quota; goal; plan; budget; sales target; sales quota; revenue target; target amount; quota"
    " amount; target value; goal amount; 目标; 销售目标; 目标金额; 目标额; 目标值; 指标; 销售指标;"
    " 任务; 任务额; 销售任务; 业绩目标; 业绩指标; 计划; 计划金额; 定额; ziel; zielwert; umsatzziel;"
    " vertriebsziel; objectif; objetivo; cuota; meta; cota; 目標; 目標金額; 売上目標"
)
_FLOOR = (
    "minimum; minimum target; threshold; floor target; 保底; 保底指标; 保底目标; 最低目标;"
    " 底线目标; 门槛"
)
_STRETCH = "stretch target; stretch goal; 激励目标; 挑战目标; 冲刺目标; 拔高目标"
_STREAM = "revenue stream; business line; 收入来源; 收入类型; 业务线; 收入流"

TARGETS = {
    "period": f"{_PERIOD} | {_DUE}",
    "region": _REGION,
    "product": _PRODUCT,
    "owner_id": _OWNER,
    "target": _TARGET,
    "floor": _FLOOR,
    "stretch": _STRETCH,
}

STREAM_TARGETS = {
    "period": f"{_PERIOD} | {_DUE}",
    "stream": _STREAM,
    "region": _REGION,
    "product": _PRODUCT,
    "target": _TARGET,
    "floor": _FLOOR,
    "stretch": _STRETCH,
}

_PAYEE = (
    "payee; payee id; rep; rep id; sales rep; sales rep id; employee id; dealer; dealer id;"
    " partner; 受奖人; 受奖人编号; 激励对象; 经销商; 经销商编号; 销售代表; 业务员; 员工编号; 工号"
    " | owner id; owner; owner name; salesperson; sales person; sales representative; seller;"
    " account executive; agent; employee; id; 姓名; 员工; 销售员; 销售人员; 客户经理; 负责人; 编号;"
    " mitarbeiter; vertriebsmitarbeiter; verkäufer; commercial; vendeur; vendedor; comercial;"
    " 担当者"
    " | payee name; rep name; sales rep name; employee name; seller name; agent name; dealer name;"
    " partner name; salesperson name; 员工姓名; 销售姓名; 经销商名称"
)

ATTAINMENT = {
    "payee_id": _PAYEE,
    "period": _PERIOD,
    "quota": "target; sales target; goal; plan; target amount; quota amount; 指标; 销售指标; 目标;"
    " 销售目标; 目标金额; 任务; 任务额; 保底指标; 定额; 业绩目标; 业绩指标; 销售任务; ziel;"
    " zielwert; umsatzziel; quote; objectif; objetivo; cuota; meta; cota; 目標; 売上目標",
    "sales": "actual; actuals; actual sales; achieved; achievement; revenue; bookings; credited"
    " amount; closed won; net sales; total sales; sales amount; actual revenue; net revenue;"
    " 销售额; 实际销售额; 完成额; 实际完成; 完成金额; 业绩; 销售业绩; 实际业绩; 达成额; 达成业绩;"
    " 回款额; umsatz; ist; istumsatz; ventes; chiffre d'affaires; ca; ventas; vendas; 売上; 実績;"
    " 实际; 实际值",
    "target_incentive": "target bonus; target commission; target variable; target variable pay;"
    " on target incentive; variable target; target incentive pay; 目标奖金; 目标提成; 标准奖金;"
    " 目标浮动工资",
    "currency": _CURRENCY,
    "team": _TEAM,
    "region": _REGION,
    "component": "plan component; component name; incentive component; quota type; 组件; 考核项;"
    " 考核项目; 奖金项目; 指标类型",
}

PAYOUTS = {
    "payee_id": _PAYEE,
    "period": _PERIOD,
    "earned": "commission; earnings; commission earned; earned amount; 应得; 应发; 应发提成; 提成;"
    " 应付返点; 返点; 应得提成; 佣金",
    "earned_at": "earned date; earned on; accrual date; 应得日期; 计提日期; 结算日期",
    "promised_at": "due date; promised date; promised on; pay by; 承诺日期; 应付日期; 约定日期;"
    " 承诺兑现日期",
    "paid": "paid amount; payment; amount paid; 已付; 实发; 实付; 已兑现; 兑现金额; 实发提成",
    "paid_at": "paid date; paid on; payment date; pay date; 支付日期; 兑现日期; 发放日期; 付款日期",
    "currency": _CURRENCY,
    "team": _TEAM,
    "sales": "sales paid on; credited sales; commissionable sales; 计奖销售额; 计提销售额",
    "quota": "quota paid on; target; 指标; 计奖指标",
}

SALES = {
    "sale_id": "sale id; order id; order number; order no; invoice number; invoice no; 销售单号;"
    " 订单号; 订单编号; 发票号; 单据编号",
    "payee_id": _PAYEE,
    "sold_at": "sale date; date; sold on; date sold; order date; invoice date; booking date; close"
    " date; 销售日期; 日期; 订单日期; 开票日期; 成交日期; 单据日期",
    "amount": "sale amount; sales; revenue; order amount; net amount; total amount; 金额; 销售额;"
    " 销售金额; 订单金额; 成交金额",
    "currency": _CURRENCY,
    "product": _PRODUCT,
    "customer_kind": "customer type; new or existing; business type; 客户类型; 客户类别; 新老客户",
}

PLAN_CHANGES = {
    "payee_id": _PAYEE,
    # The days of the change are columns of their own, so no day names the period.
    "period": _PERIOD.split(" | ", 1)[0],
    "starts_at": "effective date; effective from; valid from; start date; from; starts on;"
    " 生效日期; 开始日期; 起始日期",
    "ends_at": "effective to; valid to; valid until; end date; until; ends on; 失效日期; 结束日期;"
    " 终止日期",
    "plan_name": "plan; incentive plan; commission plan; 方案; 激励方案; 提成方案",
    "quota": "target; sales target; new quota; 指标; 销售指标; 新指标",
    "target_incentive": "target bonus; target variable; 目标奖金; 目标提成",
    "team": _TEAM,
    "region": _REGION,
}

REFUNDS = {
    "sale_id": "sale id; order id; order number; order no; original order; original invoice;"
    " invoice number; 原销售单号; 原订单号; 订单号; 订单编号; 原发票号",
    "refunded_at": "refund date; refunded on; credit note date; credit date; return date; date;"
    " 退款日期; 退货日期; 红字发票日期; 日期",
    "amount": "refund amount; refunded amount; credit amount; credit note amount; amount refunded;"
    " 退款金额; 退货金额; 红字金额; 金额",
    "currency": _CURRENCY,
}

BOOKINGS = {
    "booked_at": "booking date; booked on; order date; invoice date; posting date; 订单日期;"
    " 下单日期; 入账日期; 开票日期; 签订日期; 单据日期 | date; 日期",
    "stream": "revenue stream; booking type; order type; channel; 收入来源; 收入类型;"
    " 订单类型; 渠道; 业务类型",
    "amount": "booking amount; order amount; net amount; order value; revenue; total amount; 金额;"
    " 订单金额; 收入; 开票金额; 合同金额; 含税金额; 价税合计",
    "currency": _CURRENCY,
    "region": _REGION,
    "product": _PRODUCT,
    "team": _TEAM,
    "owner_id": "owner id; sales rep id; owner; sales rep; salesperson; 负责人; 销售代表; 业务员;"
    " 销售员",
    "account_id": "account id; customer id; customer number; 客户编号; 客户id"
    " | account; account name; customer; customer name; 客户; 客户名称",
}

CONTRACTS = {
    "contract_id": "contract number; contract no; contract; subscription id; 合同编号; 合同号"
    " | id; 编号; 单据编号",
    "account_id": "account id; customer id; 客户编号; 客户id | account; account name; customer;"
    " customer name; 客户; 客户名称",
    "ends_at": "end date; contract end date; contract end; expiry date; expires on;"
    " expiration date;"
    " renewal date; 到期日期; 到期日; 合同到期日; 合同到期日期; 终止日期; 截止日期",
    "amount": "contract value; annual value; renewal amount; contract amount; acv; arr; 金额;"
    " 合同金额; 年费",
    "currency": _CURRENCY,
    "stream": _STREAM,
    "region": _REGION,
    "product": _PRODUCT,
    "team": _TEAM,
    "owner_id": "owner id; owner; sales rep; account manager; contract owner; 负责人; 销售代表;"
    " 客户经理",
    "renewed_at": "renewed on; renewal signed; signed renewal date; 续约日期; 续签日期; 续费日期",
    "renewed_amount": "renewed value; new amount; new contract value; new contract amount;"
    " 续约金额; 续签金额; 续费金额; 新合同金额",
    "renews": "renewal of; previous contract; previous contract id; prior contract; renewed from;"
    " original contract; 原合同; 原合同编号; 原合同号; 上期合同编号; 续签自",
}

SCHEDULE = {
    "contract_id": "contract number; contract no; contract; subscription id; subscription;"
    " 合同编号; 合同号; 合同",
    "opportunity_id": "opportunity id; opportunityid; deal id; opportunity; deal; 商机编号; 商机id;"
    " 商机; 商机名称; 订单编号",
    "period": "month; revenue month; recognition month; recognised month; recognized month;"
    " recognition period; revenue period; accounting period; 确认月份; 收入确认月份; 月份;"
    " 确认期间; 会计期间; 期间; 所属月份; 年月",
    "at": "schedule date; scheduledate; recognition date; recognised on; recognized on;"
    " revenue date; revenue recognition date; date; 确认日期; 收入确认日期; 日期; 计划日期",
    "amount": "revenue; revenue amount; recognised revenue; recognized revenue;"
    " recognised amount; recognized amount; scheduled amount; scheduled revenue; schedule amount;"
    " 确认金额; 收入确认金额; 确认收入; 收入金额; 收入; 金额; 计划金额",
    "currency": _CURRENCY,
}

SPLITS = {
    "opportunity_id": "opportunity id; opportunityid; deal id; opportunity; deal; 商机编号; 商机id;"
    " 商机; 商机名称; 订单编号",
    "owner_id": _OWNER,
    "share": "split percentage; split percent; split; percentage; percent; split share;"
    " credit share; 分成比例; 拆分比例; 分摊比例; 占比; 比例; 业绩比例",
    "kind": "split type; type; credit type; 拆分类型; 类型; 分成类型",
}

RATES = {
    "currency": "from currency; foreign currency; currency code; currencyisocode; iso code; 币种;"
    " 货币; 币别; 外币",
    "rated_at": "rate date; valid from; effective date; effective from; start date; date; 日期;"
    " 生效日期; 汇率日期",
    "exchange_rate": "rate; fx rate; fx; conversion rate; 汇率; 折算率; 折算汇率",
    "base_currency": "base; base currency code; to currency; company currency; corporate currency;"
    " target currency; 本位币; 本币; 记账本位币; 基准货币",
}

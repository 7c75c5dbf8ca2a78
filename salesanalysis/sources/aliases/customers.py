"""Names of the columns of what customers' files, invoices, orders and campaigns hold."""

_ACCOUNT = (
    "account id; accountid; customer id; customer number; customer no; customer code; client id;"
    " debtor; sold to party; bill to party; customer_id; 客户编号; 客户id; 客户编码; 客户代码;"
    " 往来单位编码; kundennummer; debitor; 取引先id"
    " | account; account name; customer; customer name; client; client name; partner; bill to;"
    " company; 客户; 客户名称; 往来单位; 购货单位; 开票客户; 买方名称; 购方名称; 公司名称;"
    " kunde"
)
_CURRENCY = "currency code; currencyisocode; currency; 币种; 货币; 币别"
_AMOUNT = (
    "total amount; net amount; total; value; line total; order amount; order total; sales;"
    " revenue; amount due; invoice amount; dollar value; betrag; montant; importe; 金额; 总金额;"
    " 订单金额; 销售额; 价税合计; 含税金额; 合计; 开票金额"
)
_KIND = "type; document type; doc type; transaction type; record type; 类型; 单据类型; 业务类型"
_OWNER = (
    "owner id; sales rep id; rep id | owner; sales rep; salesperson; account manager; seller;"
    " account owner; 负责人; 业务员; 销售员; 客户经理; 销售代表; 所有人"
)
_CATEGORY = (
    "product category; item category; category name; 品类; 类别; 产品类别; 商品类别"
    " | subcategory; 子类别"
)

ACCOUNT_FILE = {
    "registration_code": "unified social credit code; registration number; company registration"
    " number; credit code; tax id; tax number; vat number; vat id; uscc; 统一社会信用代码;"
    " 信用代码; 税号; 纳税人识别号; 营业执照号; 工商注册号",
    "legal_representative": "legal rep; legal person; representative; managing director;"
    " 法定代表人; 法人; 法人代表",
    "contact": "contact person; contact name; primary contact; main contact; 联系人; 主要联系人;"
    " 联系人姓名",
    "phone": "phone number; telephone; tel; mobile; main phone; business phone; 电话; 联系电话;"
    " 手机; 手机号; 电话号码; telefon",
    "address": "street; billing street; billing address; street address; 地址; 详细地址;"
    " 注册地址; 公司地址; adresse",
    "city": "town; billing city; 城市; 所在城市; 市; ort; ville; ciudad",
    "main_products": "products sold; product range; 主营产品; 主要产品; 经营品种",
    "monthly_sales": "monthly turnover; monthly volume; 月销量; 月销售额; 每月销售额; 月均销售额",
    "sales_area": "market area; delivery area; 销售区域; 经营区域; 覆盖区域",
    "transport": "shipping; mode of transport; delivery method; 运输方式; 运输条件; 运输",
    "since": "customer since; partner since; since date; first contract; relationship start;"
    " 合作开始日期; 合作起始日; 合作时间; 建档日期; 开户日期",
    "philosophy": "business philosophy; 经营理念; 经营思路",
    "local_support": "local government support; government support; 地方支持; 政府支持;"
    " 地方政府支持",
    "class": "account class; customer class; customer grade; abc class; tier; 客户类别; 客户分类;"
    " 分类; 客户等级",
    "owner_id": _OWNER,
    "collected_by": "collected; recorded by; entered by; created by; 采集人; 收集人; 建档人;"
    " 创建人",
    "verified_by": "checked by; confirmed by; approved by; 核实人; 审核人; 确认人",
    "verified_at": "verified on; verification date; checked on; confirmed on; 核实日期; 审核日期;"
    " 确认日期",
    "credit_limit": "credit line; limit; maximum credit; 授信额度; 信用额度; 赊销额度; 信用限额",
    "payment_terms_days": "payment terms; payment term days; terms; net days; credit days; 账期;"
    " 付款期限; 账期天数; 信用天数; 付款天数",
    "rating": "credit rating; credit score class; 信用等级; 信用评级; 资信等级",
    "category": "customer category; account category; 客户品类; 经营类别",
    "loyalty_level": "loyalty; loyalty tier; member level; 忠诚度; 忠诚等级; 会员等级; 会员级别",
    "merged_into": "merged to; master record; master record id; duplicate of; 合并到; 合并至;"
    " 并入; 主记录",
}

ACCOUNT_CHANGES = {
    "account_id": _ACCOUNT,
    "field": "field name; changed field; attribute; property; 字段; 变更字段; 变更项; 字段名称",
    "old": "old value; previous value; from; before; 旧值; 原值; 变更前",
    "new": "new value; to; after; 新值; 变更后",
    "changed_at": "edit date; change date; changed on; created date; modified on; date; timestamp;"
    " 变更日期; 变更时间; 修改时间; 日期",
    "changed_by": "edited by; modified by; user; created by; 变更人; 修改人; 操作人",
}

EAGERNESS = {
    "account_id": _ACCOUNT,
    "assessed_at": "assessment date; assessed on; date; 评估日期; 评估时间; 日期",
    "funding": "money; funds; prepayment; 资金; 资金投入; 打款",
    "resources": "resource commitment; support; 资源; 资源投入; 资源倾斜",
    "precedence": "priority; delivery priority; 优先; 优先级; 优先提货; 优先程度",
    "staffing": "people; staff; personnel; 人员; 人员投入; 人手",
    "attitude": "willingness; mood; 态度; 意愿; 积极性",
    "assessed_by": "assessor; rated by; 评估人; 打分人",
}

PURCHASES = {
    "account_id": f"{_ACCOUNT} | buyer id; buyer; user id; 购买用户; 买家; 买家id; 用户id;"
    " 会员编号; 会员id",
    "purchased_at": "order date; orderdate; purchase date; invoice date; invoicedate; date;"
    " transaction date; posting date; ordered on; sale date; 订单日期; 下单日期; 下单时间;"
    " 购买日期; 销售日期; 开票日期; 单据日期; 日期; bestelldatum; rechnungsdatum",
    "amount": _AMOUNT,
    "order_id": "order number; order no; order; invoice; invoice no; invoiceno; invoice number;"
    " transaction id; document number; 订单编号; 订单号; 订单id; 单号; 单据编号; 发票号",
    "kind": _KIND,
    "product": "product name; item; item name; description; 产品; 产品名称; 商品; 商品名称;"
    " 物料名称 | product id; sku; stock code; stockcode; 产品id; 商品id",
    "category": _CATEGORY,
    "quantity": "qty; units; pieces; 数量; 销售数量; 购买数量; 件数; menge",
    "currency": _CURRENCY,
    "owner_id": _OWNER,
}

ACCOUNT_TARGETS = {
    "account_id": _ACCOUNT,
    "period": "quarter; month; year; target period; 期间; 月份; 季度; 年度; 周期",
    "target": "quota; goal; plan; target amount; annual target; 目标; 指标; 目标金额; 销售目标;"
    " 任务; 年度任务",
}

INVOICES = {
    "invoice_id": "invoice number; invoice no; invoicenumber; invoice; document number; doc no;"
    " voucher no; bill number; 发票号; 发票号码; 发票编号; 单据编号; 单号; 凭证号; rechnungsnummer",
    "account_id": _ACCOUNT,
    "issued_at": "invoice date; invoicedate; date; issue date; issued on; posting date; bill date;"
    " document date; 开票日期; 发票日期; 日期; 单据日期; rechnungsdatum",
    "amount": f"invoice total; invoiceamount; gross amount; {_AMOUNT}",
    "due_at": "due date; duedate; due on; net due date; payment due; 到期日; 到期日期; 应收日期;"
    " 付款到期日; 约定付款日; fällig am; fälligkeitsdatum",
    "kind": _KIND,
    "applies_to": "credited invoice; reference invoice; applied to; original invoice; against"
    " invoice; 对应发票; 冲销发票; 原发票号; 红冲发票",
    "currency": _CURRENCY,
    "disputed": "dispute; in dispute; dispute flag; 争议; 是否争议; 有争议",
    "settled_at": "settled date; settleddate; paid date; clearing date; closed on; paid on;"
    " payment date; 结清日期; 结清日; 清账日期; 付清日期; 回款日期",
}

PAYMENTS = {
    "paid_at": "payment date; date; paid on; received on; value date; receipt date; 付款日期;"
    " 收款日期; 回款日期; 到账日期; 日期; zahlungsdatum",
    "amount": "payment amount; paid amount; amount paid; received amount; allocated amount; 金额;"
    " 付款金额; 收款金额; 回款金额; 核销金额",
    "invoice_id": "invoice number; invoice no; invoice; reference; applied to; 发票号; 发票号码;"
    " 发票编号; 核销发票; 对应发票",
    "account_id": _ACCOUNT,
    "currency": _CURRENCY,
}

VIEWS = {
    "account_id": f"user id; visitor id; member id; 用户id; 会员id; 会员编号; {_ACCOUNT}",
    "category": _CATEGORY,
    "at": "viewed at; time; timestamp; date; viewed on; event time; 浏览时间; 访问时间; 时间; 日期",
    "price": "item price; unit price; list price; 价格; 单价; 商品价格",
}

CAMPAIGN_MEMBERS = {
    "campaign_id": "campaign; campaign name; 活动; 活动编号; 活动名称; 营销活动",
    "account_id": f"contact id; member id; user id; 会员编号; {_ACCOUNT}",
    "assigned": "arm; group; treatment; variant; test group; 分组; 组别; 实验组",
    "assigned_at": "assigned on; start date; sent on; 分组日期; 发送日期; 投放日期",
    "interacted_at": "responded on; first responded date; opened on; clicked on; 互动日期;"
    " 响应日期; 打开日期",
}

REFERRALS = {
    "account_id": f"referrer; referrer id; referred by; 推荐人; 推荐人编号; {_ACCOUNT}",
    "at": "referral date; referred on; date; time; 推荐日期; 日期; 时间",
    "referred_id": "referred; referred customer; new customer; referee; 被推荐人; 被推荐客户;"
    " 新客户编号",
}

SUGGESTIONS = {
    "account_id": f"user id; member id; 会员编号; {_ACCOUNT}",
    "at": "suggestion date; submitted on; date; time; 建议日期; 提交日期; 日期; 时间",
    "kind": "type; topic; suggestion type; 类型; 建议类型; 主题",
}

REQUESTS = {
    "account_id": _ACCOUNT,
    "at": "request date; created on; created date; opened on; opened at; date; complaint date;"
    " 提出日期; 投诉日期; 创建日期; 日期; 时间",
    "kind": "type; case type; request type; ticket type; category; 类型; 诉求类型; 工单类型;"
    " 投诉类型",
    "answered_at": "closed on; closed date; resolved on; answered on; 答复日期; 回复日期; 解决日期;"
    " 关闭日期",
    "owner_id": f"assigned to; agent; {_OWNER}; 处理人",
}

"""Names of the columns of deals, their history and snapshots, activities and events."""

_DEAL = (
    "opportunity id; opportunityid; deal id; dealid; hs object id; record id; pipedrive system id;"
    " copper id; oppty id; opp id; opportunity number; opportunity no; deal number; 18 digit id;"
    " 商机编号; 商机id; 商机编码; 商机代码; 商机号; 销售机会编号; 销售机会id; 机会编号; 机会id;"
    " 项目编号; verkaufschancen id; verkaufschance id; opportunity nummer; id opportunité;"
    " id de l'opportunité; id de la oportunidad; id da oportunidade; id do negócio; 案件id;"
    " 案件番号; 商談id; 取引id | (do not modify) opportunity"
)
_OWNER = (
    "owner id; ownerid; hubspot owner id; sales rep id; deal owner id; opportunity owner id;"
    " ownerid value; assigned user id; assigned by id; 员工编号; 负责人编号; 负责人id"
)
_OWNER_NAME = (
    "owner; opportunity owner; deal owner; record owner; owner full name; owner: full name;"
    " opportunity owner full name; opportunity owner: full name; owner name; deal owner name;"
    " owner id name; user name; sales agent; sales rep;"
    " sales representative; salesperson; sales person; sales owner; assigned to; assigned user;"
    " assigned user name; assigned by; assigned by name; assignee; responsible;"
    " responsible person; responsible user;"
    " employee responsible; account executive; account manager; rep; seller; owned by; 负责人;"
    " 销售代表; 销售人员; 销售员;"
    " 业务员; 业务人员; 商机负责人; 商机所有人; 商机拥有人; 商机拥有者; 销售机会所有人; 所有人;"
    " 拥有者; 跟进人; 负责销售; 销售经理; 客户经理; 归属人; 销售负责人; verantwortlich;"
    " verantwortlicher; inhaber;"
    " besitzer; opportunity inhaber; deal inhaber; vertriebsmitarbeiter; verkäufer; propriétaire;"
    " propriétaire de l'opportunité; propriétaire de la transaction; responsable; commercial;"
    " propietario; propietario de la oportunidad; propietario del negocio; vendedor; comercial;"
    " proprietário; proprietário da oportunidade; proprietário do negócio; responsável; 所有者;"
    " 商談所有者; 取引担当者; 担当者; 営業担当; 営業担当者"
)
_STAGE = (
    "stage name; stagename; deal stage; dealstage; deal stage name; sales stage; opportunity stage;"
    " pipeline stage; current stage; pipeline phase; sales phase; step name; stepname;"
    " status label;"
    " 阶段; 销售阶段; 商机阶段; 机会阶段; 当前阶段; 跟进阶段; 阶段名称; 项目阶段; 推进阶段;"
    " phase; vertriebsphase; verkaufsphase; dealphase; étape; étape de l'opportunité; étape de la"
    " transaction; etapa; etapa de la oportunidad; etapa del negocio; fase; fase da oportunidade;"
    " etapa do negócio; フェーズ; 商談フェーズ; ステージ; 取引ステージ"
)
_AMOUNT = (
    "deal amount; opportunity amount; value; deal value; opportunity value; close value;"
    " total value; total amount; deal size; estimated value; estimatedvalue; est revenue; estimated"
    " revenue; expected value; expected amount; 金额; 商机金额; 机会金额; 预计金额; 预计销售金额;"
    " 预计成交金额; 预计签单金额; 预估金额; 合同金额; 成交金额; 签约金额; 销售金额; 商机总金额;"
    " 总金额; 项目金额; betrag; wert; auftragswert; montant; valeur; montant de la transaction;"
    " importe; monto; valor; importe del negocio; valor do negócio; quantia; 商談金額; 取引金額"
)
_EXPECTED = (
    "expected close date; expected close; expected closing; expected closing date; estimated close"
    " date; estimatedclosedate; estimated close; est close date; forecast close date; projected"
    " close date; target close date; deadline; date deadline; 预计成交日期; 预计成交时间;"
    " 预计签约日期; 预计签约时间; 预计签单日期; 预计签单时间; 预计成单日期; 预计关闭日期;"
    " 预计关闭时间; 预计结单日期; 预计结案日期; 预计结案日; 预计结束日期; 预计完成日期;"
    " 预估成交日期; 预测成交日期; voraussichtliches abschlussdatum; erwartetes abschlussdatum;"
    " geplantes abschlussdatum; date de clôture prévue; date de clôture estimée; fecha de cierre"
    " prevista; fecha prevista de cierre; fecha de cierre estimada; fecha de cierre esperada;"
    " data de fechamento prevista; data prevista de fechamento; data de fechamento esperada;"
    " 受注予定日"
)
_CURRENCY = (
    "currency code; currencyisocode; currency iso code; opportunity currency; deal currency; deal"
    " currency code; deal currency name; amount currency; currency of value; value currency;"
    " transactioncurrencyid; transaction currency; currency name; currency id; 币种; 货币; 币别;"
    " 货币类型;"
    " währung; devise; moneda; divisa; moeda; 通貨"
)

OPPORTUNITIES = {
    "opportunity_id": f"{_DEAL} | id; #; opportunity #; deal #; 编号; 单据编号; 单号; external id;"
    " item id; number;"
    " nummer; 番号",
    "account_id": "account id; accountid; company id; associated company ids; customer id;"
    " organization id; org id; parentaccountid; parentaccountid value; lead id; partner id;"
    " 客户编号; 客户id; 客户编码"
    " | account; account name; company; company name; customer; customer name; account: account"
    " name; account name: account name; associated company;"
    " primary associated company; potential customer; organization; organisation; organization"
    " name; organisation name; org name; org id name; lead name; partner; 客户; 客户名称; 公司名称;"
    " 客户全称; 客户简称; 关联客户; 所属客户; 最终客户; 最终用户; 终端客户; 公司; firma; kunde;"
    " kundenname;"
    " unternehmen; accountname; compte; nom du compte; client; entreprise; société; cuenta; nombre"
    " de la cuenta; cliente; empresa; conta; nome da conta; 取引先; 取引先名; 会社名; 顧客名",
    "owner_id": f"{_OWNER} | {_OWNER_NAME} | user id",
    "team": "sales team; hubspot team; hubspot team id; team id; owning business unit; business"
    " unit; sales unit; department; 团队; 销售团队; 部门; 所属部门; 负责人部门; 负责人主属部门;"
    " 归属部门; 销售部门; vertriebsteam; équipe; équipe commerciale; equipo; equipo de ventas;"
    " equipe; equipe de vendas; チーム; 部署",
    "region": "sales region; territory; regional office; territory name; country; billing country;"
    " 区域; 大区; 销售区域; 销售大区; 地区; 省份; gebiet; vertriebsgebiet; land; région;"
    " territoire;"
    " pays; región; territorio; país; região; território; 地域; エリア",
    "product": "product name; products; product family; product line; 产品; 产品名称; 产品线;"
    " 意向产品; produkt; produit; producto; produto; 商品; 製品",
    "source": "lead source; leadsource; original source; deal source; opportunity source; source"
    " name; source id; source channel; hs analytics source; 来源; 商机来源; 线索来源; 客户来源;"
    " 来源渠道; 机会来源; quelle; leadquelle; herkunft; origine; origine de la piste; origen;"
    " origen del prospecto; origem; origem do lead; リードソース",
    "stage": f"{_STAGE} | stage id; pipeline stage id; 阶段id",
    "amount": f"amount converted | amount | {_AMOUNT}"
    " | contract value; total contract value; annual contract value; tcv; acv; arr; revenue;"
    " 合同额;"
    " 预计合同额; 成交额; 预计成交额"
    " | amount in company currency; amount in home currency; deal base currency amount;"
    " base amount; opportunity account"
    " | actual value; actualvalue; actual revenue; actual amount; 实际金额; 实际成交金额"
    " || expected revenue; 预期收入; 预计收入",
    "currency": f"amount (converted) currency | currency | {_CURRENCY}",
    "created_at": "created date; createddate; create date; createdate; created on; createdon;"
    " created; created time; engage date; date created; date create; creation date; add time; deal"
    " created; deal created on; opportunity created date; date entered; opened; opened on; open"
    " date; date opened; 创建日期; 创建时间; 建立日期; 建立时间; 录入时间; 录入日期; 登记日期;"
    " 新建时间; 商机创建时间; 商机创建日期; 立项日期; 立项时间; 发现时间; erstellt am; erstellt;"
    " erstellungsdatum;"
    " erstelldatum; angelegt am; date de création; créé le; créée le; fecha de creación; creado el;"
    " data de criação; criado em; negócio criado em; 作成日; 作成日時 || start date; begin date;"
    " 单据日期; 发现日期;"
    " 商机日期; 开始日期",
    "closed_at": "close date; closedate; closed date; closing date; close; closed on; signed on;"
    " date signed; closed at; closed"
    " time; close time; deal closed on; date closed; deal closed date; actual close date;"
    " actualclosedate; actual closing date; actual close; 成交日期; 成交时间; 实际成交日期;"
    " 关闭日期; 关闭时间; 关单日期; 结单日期; 结案日期; 结案时间; 结案日; 结束日期; 签约日期;"
    " 签约时间; 签单时间; 签订日期;"
    " 签单日期; 实际签单日期; 实际关闭日期; 实际结束日期; abschlussdatum; schlusstermin;"
    " abgeschlossen am; date de clôture; date de fermeture; clôturé le; fecha de cierre; cerrado"
    " el; data de fechamento; fechado em; 完了予定日; 完了日; クローズ日",
    "won_at": "won time; won date; won on; date won; win date; 赢单日期; 赢单时间; gewonnen am;"
    " gagné le; fecha de ganado; ganado el; data de ganho; ganho em; 受注日",
    "lost_at": "lost time; lost date; lost on; date lost; loss date; 输单日期; 输单时间; 丢单日期;"
    " 丢单时间; 失单日期; verloren am; perdu le; perdido el; data de perda; perdido em; 失注日",
    "outcome": "status; deal status; opportunity status; state; statecode; statecodename; status"
    " type; result; deal result; won status; win loss; won lost; stage semantic;"
    " stage semantic id; 结果; 商机结果;"
    " 销售结果; 输赢; 赢单状态; 商机状态; 机会状态; 项目状态; 成交状态; 结案状态; 状态; ergebnis;"
    " statut; état; estado; resultado; situação; ステータス",
    "reason": "loss reason; lost reason; closed lost reason; close reason; closed won reason;"
    " status reason; statuscode; reason lost; reason for loss; reason for status; lost reason id;"
    " loss reason id; lost reason name; deal reason name; reason name; closed reason; 输单原因;"
    " 丢单原因; 原因;"
    " 流失原因; 输赢原因; 失单原因; 失败原因; 战败原因; 未成交原因; 关闭原因; 结案原因;"
    " verlustgrund; grund; raison de la perte; motif de perte; motivo de pérdida; motivo; motivo da"
    " perda; motivo de perda; 失注理由",
    "must_win": "must win deal; key deal; key opportunity; strategic; 必赢; 必赢单; 重点商机;"
    " 是否必赢; 是否重点; 是否重点商机; 重点项目; 战略项目",
    "expected_close_at": _EXPECTED,
    "probability": "probability (%); deal probability; close probability; closeprobability; win"
    " probability; win rate; hs deal stage probability; chance of success; confidence; likelihood;"
    " 赢单率; 赢单概率; 概率; 成功率; 可能性; 赢率; 胜率; 成交概率; 成交机率; 赢单机率; 把握度;"
    " 成交可能性; wahrscheinlichkeit; probabilité; probabilidad; probabilidade; 確度; 確率",
    "owner_call": "forecast category; forecastcategory; forecastcategoryname; forecast category"
    " name; hs forecast category; hs manual forecast category; msdyn forecastcategory; 预测类别;"
    " 预测类型; 销售判断; 预测分类; prognosekategorie; catégorie de prévision; categoría de"
    " previsión; categoria de previsão; 売上予測分類",
}

STAGE_HISTORY = {
    "opportunity_id": f"{_DEAL}; case:concept:name; case id; caseid; case; application; item id;"
    " object id; objectid; opportunity; deal; 商机; 案件",
    "stage": f"to stage; new stage; stage entered; new status label; concept:name; activity;"
    f" {_STAGE}; 变更后阶段; 新阶段; 目标阶段 | new value; newvalue; 新值; 变更后; 变更后值;"
    " 变更后的值; 修改后; 修改后值; neuer wert; nouvelle valeur; nuevo valor; valor nuevo; novo"
    " valor; 新規値; 新しい値 | value",
    "entered_at": "time:timestamp; timestamp; complete timestamp; entered; entered on; date"
    " entered; stage entered on; last modified; last modified date; edit date; edited on; change"
    " date; changed date; changed at; changed on; date changed; change time; log time; moved at;"
    " stage change date; stage change time; 进入日期; 进入时间; 阶段开始时间; 进入阶段时间;"
    " 变更时间;"
    " 变更日期; 阶段变更时间; 修改时间; 修改日期; 更新时间; 操作时间; bearbeitungsdatum;"
    " änderungsdatum; geändert am; date de modification; fecha de edición; fecha de modificación;"
    " data de edição; data de modificação; 編集日; 変更日 || created date; createddate; created;"
    " date created; 创建时间; 创建日期",
    "amount": "deal amount; opportunity amount; deal value; 金额; 商机金额; 预计金额",
    "owner_id": f"{_OWNER}; org:resource; resource; 负责人; 销售代表",
    "expected_close_at": _EXPECTED,
}

SNAPSHOTS = {
    "taken_at": "snapshot date; snapshot; as of; as of date; date of snapshot; 快照日期; 数据日期;"
    " 统计日期; 截止日期; stichtag; date d'instantané; fecha de corte; data de corte; 基準日",
    **{
        name: OPPORTUNITIES[name]
        for name in ("opportunity_id", "stage", "amount", "probability", "owner_call")
    },
    # Of a deal that is open the close date is the expected one, whatever a system calls it.
    "expected_close_at": f"{_EXPECTED} | close date; closedate; closing date; date closed;"
    " schlusstermin; abschlussdatum; date de clôture; fecha de cierre; data de fechamento;"
    " 完了予定日; 结束日期",
}

MILESTONE_EVIDENCE = {
    "opportunity_id": _DEAL,
    "milestone": "grade; milestone name; 里程碑; 阶段; meilenstein; jalon; hito; marco",
    "item": "check; criterion; check item; checklist item; 检查项; 要点; 条目; 检查内容",
    "fulfilled": "met; done; passed; completed; 是否满足; 满足; 已完成; 是否完成; 是否通过",
    "checked_at": "check date; checked on; date checked; 检查日期; 核查日期; 检查时间",
}

ACTIVITIES = {
    "opportunity_id": f"{_DEAL}; related to; what id; whatid; deal; opportunity; regarding; 商机;"
    " 关联商机",
    "owner_id": f"{_OWNER}; owner; assigned; assigned to; assigned to user; activity owner; 负责人;"
    " 销售代表; 业务员; 跟进人",
    "kind": "type; activity type; task subtype; subtype; channel; 类型; 活动类型; 跟进方式;"
    " 跟进类型; 联系方式; 拜访方式; aktivitätstyp; type d'activité; tipo; tipo de actividad;"
    " tipo de atividade; 種別",
    "at": "date; activity date; activitydate; due date; activity time; timestamp; 时间; 日期;"
    " 活动时间; 活动日期; 跟进时间; 跟进日期; 联系时间; 拜访时间; datum; fecha; data",
}

EVENTS = {
    "user_id": "user; userid; distinct id; visitor id; customer id; client id; 用户; 用户编号;"
    " 用户id; 访客id",
    "event": "event name; event type; activity; action; 事件; 事件名称; 事件类型; 行为",
    "at": "timestamp; time; event time; event date; occurred at; date; 时间; 事件时间; 发生时间;"
    " 日期",
}

#: Of a log of changes: the column that says which field was changed …
FIELD = (
    "field; field / event; field event; field name; fieldname; field key; field label; changed"
    " field; property; property name; attribute; attribute name; 字段; 字段名; 字段名称; 变更字段;"
    " 修改字段; 变更项; 变更项目; feld; feld / ereignis; champ; champ / événement; campo; campo /"
    " evento; 項目; 項目 / イベント"
)
#: … and the names that the stage has there.
STAGE_FIELD = f"stage; {_STAGE}; stage id; stepid; dealstage; pipeline stage id; 阶段id"

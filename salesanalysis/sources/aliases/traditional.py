"""Traditional Chinese as simplified: written by ``scripts/make_traditional.py``."""

_TRADITIONAL = (
    "丟來係傢傭價億兌內別創劃動務勝勵區員單噹嚮國團奬學實對屬崗幣強彆彔後復態應戰戶擁擔據敗數"
    "斷時曏會査條業標機檢檻歸沖測準滿為爲狀獎現產産當發確碼稅種稱簡簽籤糰約級細終組結統經綫線"
    "編總績繫續習聯職脩萬號衕衝裏裡製複覈規訂計訓記訪註評試課談諾變負財貨責費賬贏輸迴週進過銷"
    "錄録錶長門閉開間閤關隊階際項預題額類顧驗髮鬥點"
)
_SIMPLIFIED = (
    "丢来系家佣价亿兑内别创划动务胜励区员单当向国团奖学实对属岗币强别录后复态应战户拥担据败数"
    "断时向会查条业标机检槛归冲测准满为为状奖现产产当发确码税种称简签签团约级细终组结统经线线"
    "编总绩系续习联职修万号同冲里里制复核规订计训记访注评试课谈诺变负财货责费账赢输回周进过销"
    "录录表长门闭开间合关队阶际项预题额类顾验发斗点"
)
_TABLE = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simplified(text: str) -> str:
    """A text with the traditional characters that names of columns use as simplified ones.

    Examples
    --------
    >>> simplified("商機編號"), simplified("負責人"), simplified("2025年第三季")
    ('商机编号', '负责人', '2025年第三季')
    """
    return text.translate(_TABLE)

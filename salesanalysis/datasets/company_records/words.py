"""Of what the made-up company records consist: cities, streets, trades, forms of names."""

#: Chinese cities: province, first six digits of a code, prefix of the telephone, districts.
CITIES_ZH = {
    "上海": ("", "310115", "021", "浦东新区 闵行区 徐汇区 嘉定区"),
    "北京": ("", "110108", "010", "海淀区 朝阳区 丰台区 大兴区"),
    "广州": ("广东省", "440106", "020", "天河区 越秀区 白云区 番禺区"),
    "深圳": ("广东省", "440300", "0755", "南山区 福田区 宝安区 龙岗区"),
    "杭州": ("浙江省", "330106", "0571", "西湖区 余杭区 滨江区 萧山区"),
    "宁波": ("浙江省", "330203", "0574", "海曙区 鄞州区 北仑区 镇海区"),
    "南京": ("江苏省", "320104", "025", "秦淮区 鼓楼区 江宁区 浦口区"),
    "苏州": ("江苏省", "320505", "0512", "虎丘区 吴中区 相城区 姑苏区"),
    "青岛": ("山东省", "370202", "0532", "市南区 崂山区 城阳区 黄岛区"),
    "武汉": ("湖北省", "420102", "027", "江岸区 武昌区 洪山区 汉阳区"),
    "成都": ("四川省", "510104", "028", "锦江区 武侯区 高新区 双流区"),
    "厦门": ("福建省", "350203", "0592", "思明区 湖里区 集美区 同安区"),
}
#: The same elsewhere: state, six digits, prefix.
CITIES_EN = {
    "Springfield": ("IL", "620001", "217", ""),
    "Riverton": ("UT", "840001", "801", ""),
    "Fairview": ("TN", "370001", "615", ""),
    "Georgetown": ("TX", "780001", "512", ""),
    "Salem": ("OR", "970001", "503", ""),
    "Clinton": ("MA", "010001", "978", ""),
}
STREETS_ZH = (
    "中山路 人民路 解放路 建设路 和平路 新华路 文化路 长江路 黄河路 科技路 创业路 工业路 光明路"
    " 胜利路 东风路 北京路 南京路 滨海大道 迎宾大道 世纪大道 江南大道 学院路 金融街 兴业街 朝阳街"
).split()
STREETS_EN = (
    "Main Oak Park Maple Cedar Lake Hill Walnut Spring River Church Market Mill Pine".split()
)
#: Kinds of streets, in full and as they are shortened.
ROADS_EN = {"Street": "St", "Avenue": "Ave", "Road": "Rd", "Drive": "Dr", "Boulevard": "Blvd"}
TRADES_ZH = (
    "科技 贸易 实业 电子 机械 化工 建材 物流 食品 纺织 医药 能源 软件 商贸 五金 包装 家具 汽配 农业"
    " 环保 印刷 仪器 玻璃 电气 货运 医疗 传媒"
).split()
TRADES_EN = (
    "Chemicals Electric Energy Foods Freight Glass Hospitals Logistics Machinery Media Retail"
    " Textiles"
).split()
#: Characters of which the own part of a name is made.
BRAND_ZH = (
    "恒信瑞嘉鼎和宏远博雅天朗正源华腾启明同创万邦友维岳合方洲川帆孚永昌德润安泰福祥云锦程卓越新星河"
    "晨曦朝阳旭汇通联众诚达金银海龙凤兴盛丰茂隆元亨利贞佳美庆康健飞翔宇"
)
FORMS_ZH = ("有限公司", "有限责任公司", "股份有限公司")
FORMS_EN = ("Inc.", "Inc", "Ltd.", "Co., Ltd.", "LLC", "Corporation", "Company")
SURNAMES_ZH = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕"
)
FIRST_EN = "Ann Bob Cleo Dan Ed Fay Gus Hal Ida Jo".split()
LAST_EN = "Hill Stone West Fox Marsh Bell Page Lane Wood Hart".split()
GIVEN_ZH = "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂华建国文玉志红玲辉鑫波斌宇浩凯雪梅琳晶"

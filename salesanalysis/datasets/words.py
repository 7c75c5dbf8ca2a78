"""Made-up names of companies and people. Any likeness to a real one is chance."""

import itertools
import math

import numpy as np

# Two lists of company names with equally many combinations, so that one number picks from either.
_COMPANY_EN = (
    "Amber Blue Bright Broad Calm Clear Crimson Early Far Fair Golden Grand Green High Iron"
    " Little Lone New North Quiet Red Silver Stone Swift".split(),
    "Anchor Arbor Basin Bay Beacon Bridge Brook Canyon Cedar Cliff Cove Creek Crest Dale Delta"
    " Falls Field Forest Garden Gate Glen Grove Harbor Hill Island Lake Lantern Meadow Mill Oak"
    " Orchard Pine Prairie Ridge River Shore Spring Summit Valley Willow".split(),
    "Chemicals Electric Energy Foods Freight Glass Hospitals Logistics Machinery Media Retail"
    " Textiles".split(),
)
_COMPANY_ZH = (
    "云湖 青岭 白石 东篱 南渡 西塘 北屏 海棠 松江口 竹溪 兰亭坡 梅岭关 金沙湾 银川渡 翠屏 碧潭"
    " 丹枫 紫荆园 明月 清泉镇 长桥 古榕 临川渡 远山".split(),
    "恒信 喆丰 镕盛 瑞嘉 鼎和 宏远 嘉禾 博雅 天朗 正源 华腾 启明 同创 万邦 三友 四维 五岳 六合"
    " 七星 八方 九洲 百川 千帆 中孚 永昌 德润 安泰 福临 祥云 锦程 卓越 新越 星河 晨曦 朝阳 旭日"
    " 汇通 联创 众诚 信达".split(),
    "化工 电气 能源 食品 货运 玻璃 医疗 物流 机械 传媒 商贸 纺织".split(),
)
_FIRST = (
    "Ada Alan Amir Anna Bea Carl Cora Dana Dev Elif Emil Eva Finn Gita Hana Hugo Ines Ivan Jana"
    " Jon Kira Lars Lea Lin Luis Maya Milo Nora Omar Pia Rafa Rosa Sami Sara Theo Uma Vera Wei"
    " Yara Zoe".split()
)
_LAST = (
    "Abbott Berg Castro Demir Evans Fischer Garcia Haas Ibarra Jansen Kaya Lund Moreau Novak"
    " Okafor Park Quist Rossi Silva Tanaka Ueda Varga Weber Xu Young Zhang Adler Bauer Chen"
    " Dubois".split()
)

#: How many people get different names.
PEOPLE = len(_FIRST) * len(_LAST)


def _shuffled(numbers: np.ndarray, total: int) -> np.ndarray:
    """Numbers 0 … total−1 in a fixed, mixed order: neighbours land far apart, none twice."""
    step = next(s for s in range(int(total * 0.618), total + 2) if math.gcd(s, total) == 1)
    return (numbers % total) * step % total


def company_names(numbers: np.ndarray, chinese: np.ndarray) -> list[str]:
    """A name for each account number; no two numbers share one.

    Parameters
    ----------
    numbers : ndarray of int
        Running numbers of the accounts.
    chinese : ndarray of bool
        Which of them have a Chinese name.

    Examples
    --------
    >>> company_names(np.array([0, 1, 11520]), np.array([False, True, False]))
    ['Amber Anchor Chemicals', '翠屏晨曦玻璃有限公司', 'Amber Anchor Chemicals 2']
    """
    english = [" ".join(parts) for parts in itertools.product(*_COMPANY_EN)]
    mandarin = ["".join(parts) + "有限公司" for parts in itertools.product(*_COMPANY_ZH)]
    total = len(english)
    names = []
    for number, pick, is_chinese in zip(
        numbers.tolist(), _shuffled(numbers, total).tolist(), chinese.tolist(), strict=True
    ):
        name = (mandarin if is_chinese else english)[pick]
        # A second round through the list numbers its names, so that they stay different.
        lap = number // total
        names.append(f"{name} {lap + 1}" if lap else name)
    return names


def person_names(numbers: np.ndarray) -> list[str]:
    """A name for each person number below :data:`PEOPLE`; no two share one.

    Examples
    --------
    >>> person_names(np.array([0, 1]))
    ['Ada Abbott', 'Luis Xu']
    """
    return [
        f"{_FIRST[pick // len(_LAST)]} {_LAST[pick % len(_LAST)]}"
        for pick in _shuffled(numbers, PEOPLE).tolist()
    ]

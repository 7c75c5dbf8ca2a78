"""Units of money in words: ``k€``, ``USD thousands``, ``万元``, ``Mio. EUR``, ``₹ lakh``.

The same words stand in a header, in a title above the table, in a row below the header and in the
cells themselves; they are understood here, for all of them.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from salesanalysis.sources import cldr, currencies
from salesanalysis.sources.folding import folded

#: Words that multiply, by size; those of `_ONLY_WITH_CURRENCY` mean other things alone.
_SIZES = {
    1e-2: "cent cents pence 分 minorunits",
    1e3: "k thousand thousands thsd thd tsd tausend thous milliers millier migliaia miles duizend"
    " tys tis tisic тыс тис тысяч тысячи 千 仟 천 tusen bin ribu 000 '000 000s '000s",
    1e4: "万 萬 만 wan",
    1e5: "lakh lakhs lac lacs 十万 十萬",
    1e6: "m mm mn mln mil. mio million millions millionen mill millones milhoes milioni miljoen"
    " milj milyon milionow miljoner millioner miljoonaa juta 百万 百萬 백만 млн миллионов 000000",
    1e7: "crore crores 千万 千萬 천만",
    1e8: "亿 億 억",
    1e9: "b bn bln billion billions mrd mld mrld milliarden milliarde milliard milliards"
    " miliardi mia miljard miljarder milliarder milyar mlrd млрд 十亿 十億",
    1e12: "trn trillion trillions billionen 万亿 萬億 兆 조",
}
_ONLY_WITH_CURRENCY = {"t": 1e3, "th": 1e3, "md": 1e9, "mds": 1e9, "bio": 1e12}
_RUPEES_ONLY = {"cr": 1e7}

#: No unit is longer in words.
_LONGEST, _MOST_WORDS = 100, 12
#: Words around a unit in a header or title that say nothing of size or currency.
_FILLERS = set(
    "in of the en de des em w v as all amount amounts value values figure figures currency unit"
    " units betrage betrag angaben einheit montants importes valori valores 单位 單位 金额 金額"
    " 货币 币种 x × 計 计".split()
)
#: Qualifiers of an amount that leave it in the table's currency.
_NEUTRAL = set(
    "converted net netto gross brutto excl incl exkl inkl vat mwst ust tax taxes ht ttc hors"
    " company corporate base local accounting 原币 本币 含税 不含税 未税 税前 税后 个 total"
    " acv tcv arr".split()
)
_PER_CENT = {"%", "percent", "pct", "prozent", "percentage", "百分比", "百分数", "procent"}
#: Codes that are words too: "Sales ALL", "Deals TOP" name no currency.
_WORDS_TOO = {"ALL", "TOP"}

_BRACKET = re.compile(r"\s*[(\[{【<]([^()\[\]{}【】<>]*)[)\]}】>]\s*$")
_THOUSAND = re.compile(r"(?<![\d.,])(?:[x×*]?\s?1[,. ']?000|[’'`´]000s?|000s?|[x×*]1k)(?![\d.,])")
_MILLION = re.compile(r"(?<![\d.,])(?:[x×*]?\s?1(?:[,. ']?000){2}|[’'`´]?000[,.' ]000s?)(?![\d.,])")
_NOUGHTS = re.compile(r"(?<![\d.,])['’`´]?000s?(?![\d.,])")
_JOINTS = re.compile(r"[\s,;:/_·|+\-–]+")


@dataclass(frozen=True)
class Unit:
    """How many units of money one is, and of which currency: ``sign`` as it was written.

    ``scale`` is None where only a currency was named, ``sign`` empty where none was.
    """

    scale: float | None = None
    sign: str = ""
    per_cent: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether it names neither size nor currency."""
        return self == Unit()

    def and_also(self, other: "Unit") -> "Unit | None":
        """Both together; None where they contradict each other."""
        if self.scale and other.scale and self.scale != other.scale:
            return None
        if self.sign and other.sign and not currencies.possible(self.sign, other.sign):
            return None
        narrower = min((s for s in (self.sign, other.sign) if s), key=_width, default="")
        return Unit(self.scale or other.scale, narrower, self.per_cent or other.per_cent)


def _width(sign: str) -> int:
    return len(currencies.codes(sign))


class Header(NamedTuple):
    """A column's name without its unit, and the unit; None where what stands there is not known."""

    stem: str
    unit: Unit | None
    said: str = ""


@functools.cache
def _sizes() -> dict[str, float]:
    return {folded(w): size for size, words in _SIZES.items() for w in words.split()}


@functools.lru_cache(maxsize=10_000)
def read(text: str, *, in_cell: bool = False) -> Unit | None:
    """What words say of a unit; None where any of them is not known.

    Parameters
    ----------
    text : str
        The words, such as what stands in the brackets of a header or around a number.
    in_cell : bool
        Whether they stand beside a number, where "in" or "net" are no part of a unit.

    Examples
    --------
    >>> read("in USD thousands"), read("T€").scale, read("新台幣千元").sign, read("bananas")
    (Unit(scale=1000.0, sign='usd', per_cent=False), 1000.0, '新台币', None)
    """
    if len(text) > _LONGEST:
        return None
    text = re.sub(r"\bd['’]", "", folded(text)).strip(" .")
    text = _THOUSAND.sub(" thousand ", _MILLION.sub(" million ", text))
    atoms = [atom for atom in _JOINTS.split(text) if atom]
    found = Unit()
    for atom in _named(atoms):
        said = _atom(atom, in_cell)
        if said is None:
            return None
        if said.scale and found.scale:
            return None
        merged = found.and_also(said)
        if merged is None:
            return None
        found = merged
    if found.scale and any(atom.rstrip(".") in _ONLY_WITH_CURRENCY for atom in atoms):
        return found if found.sign else None
    if any(atom.rstrip(".") in _RUPEES_ONLY for atom in atoms):
        return found if "INR" in currencies.codes(found.sign) else None
    return found


def _named(atoms: list[str]) -> list[str]:
    """The atoms, those that together are the name of a currency put together."""
    joined, i = [], 0
    while i < len(atoms):
        for n in (5, 4, 3, 2):
            name = "".join(atoms[i : i + n])
            if len(atoms) - i >= n and currencies.codes(name) and not _sizes().get(atoms[i]):
                joined.append(name)
                i += n
                break
        else:
            joined.append(atoms[i])
            i += 1
    return joined


@functools.lru_cache(maxsize=10_000)
def _atom(atom: str, in_cell: bool) -> Unit | None:
    """What one word says; of a word made of several, such as ``k€`` or ``万元``, what they say."""
    whole = _word(atom, in_cell)
    if whole is not None:
        return whole
    for i in range(len(atom) - 1, 0, -1):
        head, tail = _part(atom[:i]), _atom(atom[i:], in_cell)
        if head and tail and not tail.says_nothing and not (head.scale and tail.scale):
            if both := head.and_also(tail):
                return both
    return None


def _part(text: str) -> Unit | None:
    """The first part of a word that is made of several; 't' is thousand only there."""
    bare = text.strip(".'")
    if bare in _ONLY_WITH_CURRENCY and bare.isascii():
        return Unit(_ONLY_WITH_CURRENCY[bare])
    said = _word(text, in_cell=True)
    return said if said and not said.says_nothing else None


def _word(word: str, in_cell: bool) -> Unit | None:
    bare = word.rstrip(".")
    size = _sizes().get(word) or _sizes().get(bare)
    size = size or _RUPEES_ONLY.get(bare) or _ONLY_WITH_CURRENCY.get(bare)
    if size:
        return Unit(size)
    if currencies.codes(bare):
        return Unit(sign=bare)
    if not in_cell and bare in _PER_CENT:
        return Unit(per_cent=True)
    if not in_cell and (bare in _FILLERS or bare in _NEUTRAL):
        return Unit()
    return None


def has_number(text: str) -> bool:
    """Whether a text holds a number; ``000`` beside a word is one for thousands.

    Examples
    --------
    >>> has_number("USD '000"), has_number("12.5"), has_number("1.000 €"), has_number("000")
    (False, True, True, True)
    """
    digits = any(c.isdigit() for c in text)
    return digits and (not _has_word(text) or any(c.isdigit() for c in _NOUGHTS.sub("", text)))


def _has_word(text: str) -> bool:
    return any(c.isalpha() or unicodedata.category(c) == "Sc" for c in text)


def bracket(name: str) -> str:
    """What stands in the brackets at the end of a name, or empty."""
    found = _BRACKET.search(unicodedata.normalize("NFKC", name).strip())
    return found[1].strip() if found else ""


def without_bracket(name: str) -> str:
    """A name without the brackets at its end."""
    return _BRACKET.sub("", unicodedata.normalize("NFKC", name).strip())


#: Words that announce a unit in a title, and what makes an unknown one look like money.
_MARKER = re.compile(
    r"(?:(?:^|(?<=[\s(,;]))(?:金额|金額|货币|计量)?(?:单位|單位)|币种|幣別|货币"
    r"|\b(?:units?|einheit|w[äa]hrung|currency|unit[ée]s?|moneda|valuta|devise)\b)\s*[:为是]\s*",
    re.IGNORECASE,
)
_PHRASE = re.compile(r"(?:^|[\s(])(?:in|en|em|w|v|в|i)\s+(?=(\S.*)$)", re.IGNORECASE)
_MONEY = re.compile(
    r"[€$£¥元币幣]|thousand|million|tsd|mio|mln|crore|lakh|\b[ktm](?:eur|usd)", re.I
)
_LONGEST_TITLE = 400
_AROUND = "()[]【】 ,;。"
#: Words after which a title tells of exceptions.
_EXCEPT = re.compile(r"\b(?:unless|except|excluding|unaudited|rounded|sofern|sauf|salvo)\b.*", re.I)


class Title(NamedTuple):
    """A row above a header that names a unit; without the unit where it only looks like that."""

    text: str
    unit: Unit | None


def of_title(text: str) -> Title | None:
    """The unit that a row above the header names; None where it is about other things.

    Examples
    --------
    >>> of_title("单位：万元 日期：2025-01-01").unit.scale
    10000.0
    >>> of_title("(Amounts in thousands of EUR)").unit.sign
    'eur'
    >>> of_title("Deals of the north"), of_title("Unit: kTaler€").unit
    (None, None)
    """
    text = unicodedata.normalize("NFKC", text).strip()
    text = (_EXCEPT.sub("", text).strip() or text)[:_LONGEST_TITLE]
    announced = _announced(text)
    if announced is None or not announced.says_nothing:
        return Title(text, announced)
    phrases = [phrase[1] for phrase in _PHRASE.finditer(text)]
    for words in (text, bracket(text), *phrases):
        if unit := _first_unit(re.split(r"[,;。]+", words.strip(_AROUND))):
            return Title(text, unit)
    for words in (text, *phrases):
        unit = _first_unit(words.strip(_AROUND).split())
        if unit and unit.scale and (unit.sign or words is not text):
            return Title(text, None)  # "in thousands, but …": of what?
    return None


def _announced(text: str) -> Unit | None:
    """The unit after a word such as "unit:"; None where what stands there only looks like one."""
    marks = list(_MARKER.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    said: Unit | None = Unit()
    for mark, end in zip(marks, ends, strict=False):
        words = text[mark.end() : end]
        unit = _first_unit(re.split(r"[\s,;。]+", words.strip(_AROUND)))
        if unit is None and _MONEY.search(words.split()[0] if words.split() else ""):
            return None
        said = _both(said, unit or Unit())
    return said


def _first_unit(pieces: list[str]) -> Unit | None:
    """The unit that the first pieces name, as many of them as are words of a unit."""
    for n in range(min(len(pieces), _MOST_WORDS), 0, -1):
        words = re.sub(r"[()\[\]【】]", " ", " ".join(pieces[:n]))
        unit = read(words) if _has_word(words) else None
        if unit and not unit.says_nothing and not unit.per_cent:
            return unit
    return None


@functools.lru_cache(maxsize=10_000)
def of_header(name: str) -> Header:
    """The unit in a column's name: in brackets at its end, or as its last or first words.

    Examples
    --------
    >>> of_header("Amount (k€)").unit.scale, of_header("Revenue kEUR").stem
    (1000.0, 'Revenue')
    >>> of_header("金额_万元").stem, of_header("Amount (bananas)").unit
    ('金额', None)
    """
    if len(name) > _LONGEST_TITLE:
        return Header(name, Unit())
    stem, said = unicodedata.normalize("NFKC", name).strip(), []
    unit: Unit | None = Unit()
    while found := _BRACKET.search(stem):
        inner, stem = found[1], stem[: found.start()].strip()
        unit = _both(unit, read(inner))
        said.append(inner.strip())
        if not stem:
            return Header(name, None, inner)
    for cut in (_last_words, _last_words, _first_words):
        rest, words = cut(stem)
        if words is not None:
            stem, unit = rest, _both(unit, read(words))
            said.append(words)
    return Header(stem, unit, " ".join(reversed(said)))


def _both(one: Unit | None, other: Unit | None) -> Unit | None:
    return one.and_also(other) if one is not None and other is not None else None


def _last_words(name: str) -> tuple[str, str | None]:
    """A name, and the words of a unit at its end, as many as there are."""
    found = re.search(r"[\s_,]+(in|en|em|w|v)[\s_]+(\S.*)$", name, re.IGNORECASE)
    if found and found.start():
        return name[: found.start()], found[2]
    pieces = list(re.finditer(r"[\s_,:/\-]+", name))
    for cut in pieces:
        words = name[cut.end() :]
        first = folded(words.split(None, 1)[0]) if words.strip() else ""
        if not cut.start() or not first or first in _FILLERS | _NEUTRAL:
            continue
        if _is_unit(words, alone=False) and not _is_word_too(words):
            return name[: cut.start()], words
    return _grown_together(name)


def _grown_together(name: str) -> tuple[str, str | None]:
    """A name and its unit without anything between them: 金额万元, 売上百万円, AmountUSD."""
    cjk = r"[\u4e00-\u9fff]"
    found = re.search(rf"(?<={cjk})([十百千万亿仟萬億]+{cjk}*|(?i:[a-z€$£¥].*))$", name)
    found = found or re.search(r"(?<=[a-z])([A-Z]{3})$", name)
    if found and found.start() and _is_unit(found[1], alone=False):
        return name[: found.start()], found[1]
    return name, None


def _first_words(name: str) -> tuple[str, str | None]:
    """A name, and a unit of some currency before it: ``EUR Amount``, ``k€ Umsatz``."""
    first, *rest = re.split(r"[\s_]+", name, maxsplit=1)
    unit = read(first)
    if rest and unit and unit.sign and (first.isupper() or not first.isalpha()):
        return (rest[0], first) if not _is_word_too(first) else (name, None)
    return name, None


def _is_unit(words: str, *, alone: bool = True) -> bool:
    """Whether words are those of a unit; a letter such as K or M is none without a currency."""
    unit = read(words)
    if unit is None or unit.says_nothing:
        return False
    bare = words.strip(" .")
    letters = bare.isascii() and bare.isalpha()
    few = len(bare) < 2 if unit.sign else len(bare) <= 2
    return alone or unit.per_cent or not (letters and few)


def _is_word_too(words: str) -> bool:
    code = words.strip(" .").upper()
    mixed = not words.isupper() and not words.islower()
    return code in _WORDS_TOO or (mixed and code in cldr.table("currencies"))

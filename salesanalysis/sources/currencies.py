"""Codes, signs and words of currencies: which currencies each of them can mean."""

import functools

from salesanalysis.sources import cldr
from salesanalysis.sources.folding import folded

#: Signs and words that several currencies share.
_SHARED = {
    "$": "ARS AUD BBD BMD BND BSD BZD CAD CLP COP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD"
    " SRD TTD TWD USD UYU XCD",
    "£": "GBP EGP FKP GIP LBP SDG SHP SSP SYP",
    "¥": "CNY JPY",
    "元": "CNY TWD HKD MOP",
    "圆": "CNY TWD HKD MOP",
    "圓": "CNY TWD HKD MOP",
    "块": "CNY TWD",
    "kr": "DKK ISK NOK SEK",
    "rs": "INR PKR LKR NPR MUR SCR",
    "fr": "CHF XAF XOF XPF",
    "fcfa": "XAF XOF",
    "c$": "CAD NIO",
    "r": "ZAR",
    "lei": "RON MDL",
    "din": "RSD DZD",
    "﷼": "IRR SAR OMR QAR YER",
    "km": "BAM",
}
_DOLLARS = "dollar dollars dolar dolares dolary dollari dolari доллар доллары долларов 달러 ドル"
_SHARED |= dict.fromkeys(_DOLLARS.split(), _SHARED["$"])
_SHARED |= dict.fromkeys("pound pounds libras".split(), _SHARED["£"])
_SHARED |= dict.fromkeys("kronor kroner krona krone kronen kronur".split(), _SHARED["kr"])
_SHARED |= dict.fromkeys("rupee rupees rupie rupien rupias".split(), _SHARED["rs"])
_SHARED |= dict.fromkeys("franc francs franken frank franco francos franchi".split(), _SHARED["fr"])
_SHARED |= dict.fromkeys("peso pesos".split(), "ARS CLP COP CUP DOP MXN PHP UYU")

#: Signs and words of one currency beside those of the Unicode data.
_OWN = {
    "CNY": "rmb 人民币元 yuan yuans renminbi cnh",
    "USD": "us$ u$s usd$ 美金 美圆 美刀 米ドル",
    "EUR": "eur€ €uro",
    "GBP": "stg sterling 英镑",
    "JPY": "yen 円 日元 日币 日圓",
    "HKD": "港元 港币 港幣 港纸",
    "TWD": "ntd nt 新台币 新臺幣 新台幣 台币 台幣 臺幣",
    "MOP": "澳门元 mop$",
    "KRW": "원 韩元 韓元",
    "SGD": "s$ 新加坡元 新币",
    "AUD": "澳元 澳币",
    "CAD": "加元 加币 cad$",
    "CHF": "sfr sfr. 瑞郎 schweizerfranken",
    "SEK": "skr",
    "NOK": "nkr",
    "DKK": "dkr",
    "PLN": "zl zlote zloty zlotych",
    "CZK": "kc koruna korun",
    "HUF": "ft forint",
    "TRY": "tl 里拉",
    "RUB": "руб рубль рубля рублеи рублях р 卢布",
    "UAH": "грн гривна гривень",
    "INR": "₹ 卢比",
    "PKR": "₨pk",
    "NGN": "₦ naira",
    "GHS": "₵ gh₵ cedi",
    "BRL": "reais",
    "ZAR": "rand",
    "ILS": "שח ש״ח ש''ח nis shekel",
    "THB": "baht 泰铢",
    "VND": "đ dong vnđ",
    "IDR": "rupiah",
    "MYR": "ringgit 马币",
    "AED": "dh dhs dirham د.ا",
    "SAR": "sr ريال",
    "BGN": "лв лева",
    "PEN": "s/",
    "CRC": "₡",
    "PYG": "₲",
    "MNT": "₮",
    "KHR": "៛",
    "LAK": "₭",
    "BDT": "৳ taka",
    "GEL": "lari",
    "KZT": "тенге",
}

#: Names of currencies that stand in headers and mean something else: "Amount won", "Importe real".
_OTHER_THINGS = ("won", "real")


@functools.cache
def _known() -> dict[str, frozenset[str]]:
    """Each folded code, sign or word → the codes that it can mean."""
    known: dict[str, set[str]] = {}
    for sign, codes in cldr.table("signs").items():
        known.setdefault(sign, set()).update(codes)
    for code, names in cldr.table("currencies").items():
        for name in names:
            known.setdefault(name, set()).add(code)
    for code, words in _OWN.items():
        known |= {folded(word): {code} for word in words.split()}
    known |= {folded(word): set(said.split()) for word, said in _SHARED.items()}
    known |= {code.lower(): {code} for code in cldr.table("currencies")}
    for word in _OTHER_THINGS:
        known.pop(word, None)
    return {_compact(word): frozenset(codes) for word, codes in known.items()}


def _compact(word: str) -> str:
    return "".join(folded(word).split()).rstrip(".")


def codes(word: str) -> frozenset[str]:
    """The codes of the currencies that a sign, a word or a code can mean; none where not known.

    Examples
    --------
    >>> sorted(codes("Kč")), sorted(codes("kr")), codes("apples")
    (['CZK'], ['DKK', 'ISK', 'NOK', 'SEK'], frozenset())
    """
    return _known().get(_compact(word), frozenset())


def code(word: str) -> str:
    """The one code that a word of a currency column means; the word itself, upper case, if none.

    Examples
    --------
    >>> code("Euro"), code("美元"), code("元"), code("$"), code("abc")
    ('EUR', 'USD', 'CNY', '$', 'ABC')
    """
    meant = codes(word)
    if _compact(word) == "元":
        return "CNY"  # in a column of its own, where the others are named 美元 or 港元
    return next(iter(meant)) if len(meant) == 1 else word.upper()


def common(*words: str) -> frozenset[str]:
    """The codes that all of some signs or codes can mean."""
    each = [codes(word) or frozenset({word}) for word in words]
    return frozenset.intersection(*each) if each else frozenset()


def possible(*words: str) -> bool:
    """Whether signs or codes can all be of one currency.

    Examples
    --------
    >>> possible("¥", "CNY", "元"), possible("$", "€")
    (True, False)
    """
    return bool(common(*words))


def shown(word: str) -> str:
    """A sign or code as it is written to a reader: codes in capitals.

    Examples
    --------
    >>> shown("chf"), shown("kr"), shown("€")
    ('CHF', 'kr', '€')
    """
    return word.upper() if word.upper() in cldr.table("currencies") else word

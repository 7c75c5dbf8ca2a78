"""Make the tables of CLDR by which dates and amounts are read and written.

Run `python scripts/make_cldr.py`.

It needs `babel` (`pip install babel`), which carries the data of Unicode's Common Locale Data
Repository; the package itself does not. The table for reading holds, in one line each:

* the names of the months and of the days of the week, in full and short, of many languages, and
  their words for the halves of the day;
* the codes of all currencies, their signs, and their names in some languages.

That for writing, `text/<lang>/currencies.csv`, holds for each language of reports what stands
beside an amount, and what the currency is called.

Words that are read are written as `salesanalysis.sources.folding.folded` writes them. The same
version of babel gives the same bytes. The Unicode licence stands beside the table.
"""

import csv
import json
import shutil
import unicodedata
from pathlib import Path

import babel
from babel import Locale, localedata
from babel.core import get_global
from babel.numbers import list_currencies

from salesanalysis.sources.cldr import WORD
from salesanalysis.sources.folding import folded

PACKAGE = Path(__file__).parents[1] / "salesanalysis"
FOLDER = PACKAGE / "sources" / "cldr"

#: Languages whose names of months, days and halves of the day are known.
LANGUAGES = (
    "af az bg bs ca cs da de el en es et eu fi fr gl hr hu id is it ja ka kk ko lt lv mk ms nb nl"
    " pl pt ro ru sk sl sq sr_Latn sv tr uk uz vi zh zh_Hant"
).split()
#: Languages in which the names of the currencies most used are known, beside English and Chinese.
NAMED_IN = "cs da de es fi fr hu it ja ko nb nl pl pt ro ru sv tr uk".split()
MOST_USED = (
    "EUR USD GBP JPY CNY CHF SEK NOK DKK PLN CZK HUF RON TRY RUB UAH CAD AUD NZD SGD HKD TWD KRW"
    " INR BRL MXN ZAR AED SAR ILS THB IDR MYR PHP VND"
).split()
#: The languages of reports.
REPORTED = ("en", "zh")
#: Signs of one Latin letter are words of other things: L, K, P, Q, S, D, F.
ONE_LETTER_SIGNS = ("R",)


def locale_of(name: str) -> Locale:
    """A locale by itself: babel lets one that was loaded before write into the next one's data."""
    localedata._cache.clear()
    return Locale.parse(name)


def words(name: str) -> list[str]:
    """The words of a name without any digit; of "de març" the last one."""
    found = WORD.findall(folded(name))
    return found[-1:] if found and not any(c.isdigit() for c in name) else []


def is_long(word: str) -> bool:
    """Whether a word has several letters, so that it is no sign; a syllable of Korean has them."""
    return len(unicodedata.normalize("NFD", word)) > 1


def names(locale: Locale, what: str, keys) -> list[list[str]]:
    """For each key (month or day) the words for it, in full and short, whatever their grammar."""
    forms = getattr(locale, what)
    return [
        sorted(
            {
                word
                for form in ("format", "stand-alone")
                for width in ("wide", "abbreviated")
                for word in words(forms[form][width][key])
                if is_long(word)
            }
        )
        for key in keys
    ]


def halves(locale: Locale) -> list[list[str]]:
    """The words for before and after noon."""
    found = [set(), set()]
    for form in ("format", "stand-alone"):
        for width in ("wide", "abbreviated", "narrow"):
            said = locale.day_periods.get(form, {}).get(width, {})
            for half, key in zip(found, ("am", "pm"), strict=True):
                word = "".join(WORD.findall(folded(str(said.get(key, "")))))
                if is_long(word):
                    half.add(word)
    return [sorted(half - other) for half, other in (found, reversed(found))]


def current_currencies() -> list[str]:
    """Codes of currencies that are in use somewhere, or were until lately."""
    recent = {
        code
        for used in get_global("territory_currencies").values()
        for code, _, end, tender in used
        if tender and (end is None or end[0] >= 2015)
    }
    return sorted(recent & list_currencies())


def currencies() -> dict[str, list[str]]:
    """Of each currency its names."""
    found: dict[str, set[str]] = {code: set() for code in current_currencies()}
    everywhere = ("en", "zh", "zh_Hant")
    for language in (*everywhere, *NAMED_IN):
        locale = locale_of(language)
        for code in found if language in everywhere else MOST_USED:
            forms = locale._data["currency_names_plural"].get(code, {})
            for name in (locale.currencies.get(code, ""), *forms.values()):
                found[code].add(" ".join(folded(name).split()))
    return {code: sorted(said - {"", code.lower()}) for code, said in found.items()}


def signs() -> dict[str, list[str]]:
    """Of each sign the currencies that it can mean."""
    table: dict[str, set[str]] = {}
    for name in (*LANGUAGES, "en_AU", "en_CA", "en_IN", "en_NZ", "en_SG", "zh_Hant_HK", "ar", "he"):
        locale = locale_of(name)
        narrow = locale._data.get("currency_narrow_symbols", {})
        for said in (locale.currency_symbols, narrow):
            for code, sign in said.items():
                bare = sign.strip("\u200e\u200f\u061c .")
                plain = len(bare) == 1 and bare.isascii() and bare.isalpha()
                if code in current_currencies() and bare != code and bare:
                    if not plain or bare in ONE_LETTER_SIGNS:
                        table.setdefault(folded(bare), set()).add(code)
    return {sign: sorted(codes) for sign, codes in sorted(table.items())}


def written(language: str) -> list[tuple[str, str, str]]:
    """Of each currency its code, its sign beside an amount and its name in a language of reports.

    In Chinese the name is the sign, and that of China's own is the word that follows a number.
    """
    locale = locale_of(language)
    rows = []
    for code in current_currencies():
        name = locale._data["currency_names_plural"].get(code, {}).get("other")
        name = name or locale.currencies.get(code, code)
        sign = locale.currency_symbols.get(code, code)
        if language == "zh":
            sign = "元" if code == "CNY" else name
        rows.append((code, " ".join(sign.split()), name))
    return rows


def lines(table: dict) -> str:
    """JSON with a line for each entry, so that a change of one is a change of one line."""
    dumped = (f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in table.items())
    return "{\n" + ",\n".join(dumped) + "\n}"


def main() -> None:
    """Write the tables and their licence."""
    months, days = {}, {}
    day_halves = {}
    for name in LANGUAGES:
        locale = locale_of(name)
        months[name] = names(locale, "months", range(1, 13))
        days[name] = sorted({w for day in names(locale, "days", range(7)) for w in day})
        day_halves[name] = halves(locale)
    tables = {
        "months": months,
        "days": days,
        "halves": day_halves,
        "currencies": currencies(),
        "signs": signs(),
    }
    FOLDER.mkdir(exist_ok=True)
    whole = "{\n" + ",\n".join(f"{json.dumps(k)}: {lines(v)}" for k, v in tables.items()) + "\n}\n"
    (FOLDER / "words.json").write_text(whole, encoding="utf-8")
    for language in REPORTED:
        path = PACKAGE / "text" / language / "currencies.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerows([("code", "sign", "name"), *written(language)])
    shutil.copyfile(
        Path(babel.__file__).parent / "locale-data" / "LICENSE.unicode", FOLDER / "LICENSE"
    )


if __name__ == "__main__":
    main()

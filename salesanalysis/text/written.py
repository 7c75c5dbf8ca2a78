"""How numbers are written: exactly in tables, as people write them in sentences and tiles."""

import decimal
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from salesanalysis.text import files
from salesanalysis.text.languages import LANGUAGES, Language, Unit

#: What stands for a value that is missing or cannot be computed.
MISSING = "–"

#: Between a number and its unit no line ends.
_BLANK = "\N{NO-BREAK SPACE}"

#: Digits after the point, by the kind of a value.
DIGITS = {"count": 0, "share": 1, "amount": 0, "days": 1, "number": 2}
#: The powers of ten that a kind is written in, where it is not that of one.
_POWERS = {"share": -2}

#: So many digits an amount has that is written with a unit, where the unit says nothing else.
_FIGURES = 3
#: From here on an amount has no cents.
_NO_CENTS = 10
#: No number has more digits after the point.
_MOST_PLACES = 6
#: Per cents that differ by less than this are the same.
_NOISE = decimal.Decimal("1e-9")
#: Wide enough for any float.
_WIDE = decimal.Context(prec=400, rounding=decimal.ROUND_HALF_UP)


def rounded(value: float, places: int, power: int = 0) -> decimal.Decimal:
    """A number in units of a power of ten, to so many places, half of the last one rounded up.

    It is rounded as it is read, 0.285 and not the binary number beside it. A share is never rounded
    up onto 100%, nor in tenths of a per cent onto a multiple of 5%: that is where targets lie, and
    399,999 of 400,000 has not reached its own. Its last digits are cut off instead.
    """
    read = decimal.Decimal(str(int(value) if isinstance(value, int) else float(value)))
    read = read.scaleb(-power, _WIDE)
    last = decimal.Decimal(1).scaleb(-places)
    found = read.quantize(last, context=_WIDE)
    # What lies nearer than the noise of floats has reached it.
    short = power == _POWERS["share"] and found - read > _NOISE
    if short and found > 0 and found % (5 if places else 100) == 0:
        return read.quantize(last, rounding=decimal.ROUND_FLOOR, context=_WIDE)
    return found


def exactly(value: float, kind: str, places: int, lang: str) -> str:
    """A number of a kind to so many places, without a currency: as tables have it."""
    scale = _Scale(_POWERS.get(kind, 0), places)
    return scale.number(value, LANGUAGES[lang]) + "%" * (kind == "share")


def shortly(
    values: Sequence[float], kind: str, lang: str, currency: str = "", half_width: float = 0.0
) -> str:
    """A value, a range (two values), or a value and its interval (three), in one precision.

    A value is written no finer than an interval of the half-width supports.
    """
    if len(values) == 3:
        value, interval = apart(values, kind, lang, currency)
        return interval.join((value + LANGUAGES[lang].brackets[0], LANGUAGES[lang].brackets[1]))
    write = _writer(values, kind, lang, currency, half_width)
    return write.one(*values) if len(values) == 1 else write.span(*values)


def apart(values: Sequence[float], kind: str, lang: str, currency: str = "") -> tuple[str, str]:
    """A value and its interval, which has no currency beside that of the value."""
    value, low, high = values
    write = _writer(values, kind, lang, currency, abs(high - low) / 2)
    return write.one(value), replace(write, sign="").span(low, high)


def beside(
    values: Sequence[float], kind: str, lang: str, decimals: int | None, currency: str
) -> list[str]:
    """Several values in one unit, with the same digits: so many, or as few as tell them apart."""
    language, is_money = LANGUAGES[lang], kind == "amount"
    size = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    scale = _scale_of(size, language, 0.0) if is_money else _Scale(_POWERS.get(kind, 0), 0)
    ones = [float(value) / 10.0**scale.power for value in values]
    few = (
        places
        for places in range(_MOST_PLACES)
        if all(math.isclose(one, round(one, places), abs_tol=1e-9) for one in ones)
    )
    places = next(few, _MOST_PLACES) if decimals is None else decimals
    write = _Writer(
        language, replace(scale, places=places), kind, _sign(currency, lang) if is_money else ""
    )
    nothing = replace(write, scale=_Scale(0, 0))
    return [nothing.one(0) if is_money and value == 0 else write.one(value) for value in values]


#: How a day is written, by its kind: with its year or, where that goes without saying, without.
DAYS = ("date", "day")


def day(value: object, kind: str, lang: str) -> str:
    """A day as a sentence has it; a text that is none as it is."""
    said, language = str(value)[:10], LANGUAGES[lang]
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", said)
    if not found:
        return said
    year, month, of_month = map(int, found.groups())
    named = {"year": year, "month": language.months[month - 1], "day": of_month}
    return getattr(language, kind).format(**named)


@dataclass(frozen=True)
class _Scale:
    """The power of ten that numbers are written in, its word, and digits after the point."""

    power: int
    places: int
    word: str = ""

    def number(self, value: float, language: Language) -> str:
        """A number in these units, without their word."""
        if not math.isfinite(value):
            return MISSING if math.isnan(value) else "∞" if value > 0 else "−∞"
        number = rounded(value, self.places, self.power)
        return language.number(f"{number or abs(number):,f}")  # no "−0"


@dataclass(frozen=True)
class _Writer:
    """Numbers of one kind on one scale, with the sign of a currency."""

    language: Language
    scale: _Scale
    kind: str
    sign: str

    def one(self, value: float) -> str:
        """A single number."""
        number = self.scale.number(value, self.language)
        if math.isnan(value):
            return number
        minus = "−" if number.startswith("−") else ""
        return minus + self._with_unit(number.removeprefix(minus))

    def span(self, low: float, high: float) -> str:
        """From one number to another, the unit once; each with its own where one has a minus."""
        if not all(0 <= end < math.inf for end in (low, high)):
            return f"{self.one(low)}{self.language.to}{self.one(high)}"
        ends = [self.scale.number(end, self.language) for end in (low, high)]
        if ends[0] == ends[1]:
            return self.one(low)
        if not any(digit in ends[0] for digit in "123456789"):
            ends[0] = "0"
        return self._with_unit("–".join(ends))

    def _with_unit(self, number: str) -> str:
        if self.kind == "share":
            return f"{number}%"
        parts = {"sign": self.sign, "number": number, "unit": self.scale.word}
        return _BLANK.join(self.language.money.format(**parts).split())


def _writer(
    values: Sequence[float], kind: str, lang: str, currency: str, half_width: float
) -> _Writer:
    """What writes these numbers, all on the scale of the largest."""
    language, sign = LANGUAGES[lang], _sign(currency, lang)
    known = [value for value in values if math.isfinite(value)]
    if kind == "amount":
        scale = _scale_of(max(map(abs, known), default=0.0), language, half_width)
        return _Writer(language, scale, kind, sign)
    power = _POWERS.get(kind, 0)
    places = min(DIGITS[kind], _supported(half_width, power))
    if kind == "days" and all(rounded(value, places) % 1 == 0 for value in known):
        places = min(places, 0)
    return _Writer(language, _Scale(power, places), kind, "")


def _scale_of(size: float, language: Language, half_width: float) -> _Scale:
    """The unit of amounts up to this size, such that none is written as 1,000 of a smaller one."""
    places = min(_cents(size), _supported(half_width, 0))
    scales = [_Scale(0, places)]
    for unit in language.units:
        places = min(_places(size, unit), _supported(half_width, unit.power))
        scales.append(_Scale(unit.power, places, unit.word))
    for scale, following in itertools.pairwise(scales):
        if rounded(size, scale.places, scale.power) < _ten(following.power - scale.power):
            return scale
    return scales[-1]


def _supported(half_width: float, power: int) -> int:
    """Digits after the point, in units of a power, that an interval supports: two of its width."""
    if not 0 < half_width < math.inf:
        return _MOST_PLACES
    return power + 1 - math.floor(math.log10(half_width))


def _cents(size: float) -> int:
    """Digits after the point of an amount that is written in full: small ones have cents."""
    return 0 if float(size).is_integer() or rounded(size, 2) >= _NO_CENTS else 2


def _places(size: float, unit: Unit) -> int:
    """Digits after the point of an amount in a unit."""
    if unit.decimals is not None:
        return unit.decimals
    return next(
        (
            places
            for places in range(_FIGURES - 1, 0, -1)
            if rounded(size, places, unit.power) < _ten(_FIGURES - places)
        ),
        0,
    )


def _ten(power: int) -> decimal.Decimal:
    return decimal.Decimal(10) ** power


def _sign(currency: str, lang: str) -> str:
    """What stands beside an amount; a word in letters is set apart from the number."""
    sign = files.currencies(lang).get(currency, (currency, currency))[0]
    return f" {sign} " if sign[-1:].isascii() and sign[-1:].isalpha() else sign

"""The languages that the package speaks: a record of each; its texts are the folder of its code.

To add one, write its record into :data:`LANGUAGES`, and the files that
:func:`salesanalysis.text.missing` lists into ``text/<code>/``. Nothing else knows a language.
"""

import math
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A word that stands for a power of ten in amounts.

    Attributes
    ----------
    word : str
    power : int
        Of ten.
    decimals : int, optional
        Digits after the point; as many as make three digits in all where not given.
    """

    word: str
    power: int
    decimals: int | None = None


@dataclass(frozen=True)
class Language:
    """How a language writes numbers, which words it puts to them, and how others name it.

    Attributes
    ----------
    tag, office_tag : str
        How HTML and Office files name it.
    name : str
        How it names itself.
    plural : tuple of str
        The conditions of its plural forms in the words of CLDR (Unicode's table of plural rules),
        without the last form, ``other``, which has none. A sentence gives one word for each form,
        in this order: with ``("i = 1 and v = 0",)``, ``{n:deal|deals}``.
    decimal, group : str
        What stands before the decimals of a number, and between its thousands.
    units : tuple of Unit
        In which amounts are written in sentences, the smallest first.
    money : str
        An amount: its ``{number}``, ``{unit}`` and the ``{sign}`` of its currency.
    date, day, months
        A day in a sentence, ``{day}``, ``{month}`` (the word for it), ``{year}``; and without year.
    to, brackets
        What stands between the ends of a range where a dash would be read as a minus, and around
        an interval.
    office_font : str
        What Office sets East Asian signs in: PowerPoint chooses per script, and a machine without
        that font the nearest. Empty where every font of a theme has the signs of the language.

    Examples
    --------
    >>> polish = Language("pl", "pl-PL", "polski", decimal=",", group="\N{NO-BREAK SPACE}", plural=(
    ...     "i = 1 and v = 0", "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
    ...     "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9"
    ...     " or v = 0 and i % 100 = 12..14"))
    >>> [polish.form(number) for number in (1, 22, 12, 0.5)]
    [0, 1, 2, 3]
    >>> polish.number("-1,234.50")
    '−1\xa0234,50'
    """

    tag: str
    office_tag: str
    name: str
    plural: tuple[str, ...]
    decimal: str = "."
    group: str = ","
    units: tuple[Unit, ...] = ()
    money: str = "{sign}{number} {unit}"
    date: str = "{year}-{month:0>2}-{day:02}"
    day: str = "{month:0>2}-{day:02}"
    months: tuple[str, ...] = tuple(map(str, range(1, 13)))
    to: str = " … "
    brackets: tuple[str, str] = (" (", ")")
    office_font: str = ""

    def number(self, written: str) -> str:
        """A number as Python writes it (``{:,.1f}``) in the signs of the language."""
        return written.translate({ord("-"): "−", ord(","): self.group, ord("."): self.decimal})

    def form(self, number: float | None) -> int:
        """Which of its plural forms goes with a number; the last with one that is not known."""
        if number is None or not math.isfinite(number):
            return len(self.plural)
        operands = _operands(number)
        for at, condition in enumerate(self.plural):
            if any(
                all(_holds(relation, operands) for relation in either.split(" and "))
                for either in condition.split(" or ")
            ):
                return at
        return len(self.plural)


_RELATION = re.compile(r"([nivwft])(?: % (\d+))? (!?=) ([\d.,]+)")


def _operands(number) -> dict[str, float]:
    """What CLDR's conditions are about: the number, its whole part, its decimals.

    A whole number has none, however it is written: words go with counts.
    """
    size = abs(float(number))
    whole = int(size)
    decimals = f"{size - whole:.10f}"[2:].rstrip("0")
    many, value = len(decimals), int(decimals or 0)
    return {"n": size, "i": whole, "v": many, "w": many, "f": value, "t": value}


def _holds(relation: str, operands: dict[str, float]) -> bool:
    """Whether one relation such as ``i % 10 = 2..4,7`` is true."""
    operand, modulus, sign, wanted = _RELATION.fullmatch(relation).groups()
    value = operands[operand] % int(modulus) if modulus else operands[operand]
    ends = (span.partition("..") for span in wanted.split(","))
    is_one = value == int(value) and any(
        int(low) <= value <= int(high or low) for low, _, high in ends
    )
    return is_one == (sign == "=")


#: By the code that parameters, commands and folders call it by; the first is the one that the
#: others are held to, and the one of who does not choose.
LANGUAGES = {
    "en": Language(
        "en",
        "en-GB",
        "English",
        plural=("i = 1 and v = 0",),
        units=(Unit("k", 3), Unit("M", 6), Unit("bn", 9)),
        date="{day} {month} {year}",
        day="{day} {month}",
        months=tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()),
        to=" to ",
    ),
    "zh": Language(
        "zh-CN",
        "zh-CN",
        "中文",
        plural=(),
        units=(Unit("万", 4, 1), Unit("亿", 8, 2)),
        money="{number} {unit}{sign}",
        date="{year}年{month}月{day}日",
        day="{month}月{day}日",
        to="至",
        brackets=("（", "）"),
        office_font="Microsoft YaHei",
    ),
}

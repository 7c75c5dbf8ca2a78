"""The names that people give to periods, as those of :mod:`salesanalysis.periods`.

What a name could mean is decided for its column: ``2025-3`` is a month where another is ``2025-7``,
and dates are the months or the quarters that they begin. Nothing is guessed: what a column leaves
open is a :class:`Doubt`.
"""

import datetime
import re
from dataclasses import dataclass, field, replace

from salesanalysis.periods import PLAIN, Calendar
from salesanalysis.sources.folding import folded
from salesanalysis.sources.period_days import unit_of_days

_YEAR = r"(?P<y>(?:19|20)\d\d)"
_SHORT = rf"(?:{_YEAR}|(?P<yy>\d\d))"
_GAP = r"[\s\-_/.,'’]*"
_QUARTER = r"(?:q|qtr|quarter|quartal|trimestre|trim|t|kwartaal|kvartal)"
_NUMBER = r"(?P<n>[1-4一二三四])"
_MONTH = r"(?P<n>0?[1-9]|1[0-2])"
_WEEK = r"(?:w|kw|cw|wk|week|woche|semaine|semana|sem)"

#: Unit → ways to write a period of it, as `_bare` has them; one without a year has no ``y``.
_WRITTEN = {
    "quarter": (
        rf"{_QUARTER}{_GAP}{_NUMBER}(?:{_GAP}(?:of |de )?{_SHORT}年?)?",
        rf"{_SHORT}{_GAP}{_QUARTER}{_GAP}{_NUMBER}",
        rf"{_NUMBER}\s?q(?:{_GAP}{_SHORT})?",
        rf"{_YEAR}{_GAP}{_NUMBER}\s?q",
        rf"{_NUMBER}(?:st|nd|rd|th|\.|er|e|o|a|eme)?\s?{_QUARTER}(?:{_GAP}(?:of |de )?{_SHORT})?",
        rf"{_SHORT}\s?年\s?q\s?{_NUMBER}",
        rf"(?:{_SHORT}\s?年?度?{_GAP})?第?\s?{_NUMBER}\s?(?:季度|季|四半期)",
    ),
    "month": (
        rf"{_YEAR}[-/.\s]?(?P<n>0[1-9]|1[0-2])(?:月份?|月度)?",
        rf"{_YEAR}[-/.\s]{_MONTH}月份?",
        rf"{_SHORT}\s?年\s?{_MONTH}\s?月份?",
        rf"{_YEAR}{_GAP}m\s?{_MONTH}",
        rf"m\s?{_MONTH}{_GAP}{_YEAR}",
        rf"{_MONTH}\s?[-/.]\s?{_YEAR}",
        rf"(?P<m>[a-z]{{3,10}})\.?(?:{_GAP}(?:of |de )?{_SHORT})?",
        rf"{_YEAR}{_GAP}(?P<m>[a-z]{{3,10}})\.?",
        rf"{_MONTH}\s?月份?",
    ),
    "year": (rf"(?:cy\s?)?{_YEAR}\s?(?:年度?)?",),
    "half": (
        rf"[hs]\s?(?P<n>[12])(?:{_GAP}{_SHORT})?",
        rf"{_SHORT}{_GAP}[hs]\s?(?P<n>[12])",
        rf"(?P<n>[12])h{_GAP}{_SHORT}",
        rf"(?P<n>[12])(?:st|nd|\.)?\s?(?:half|halbjahr){_GAP}{_SHORT}",
        rf"{_SHORT}\s?年?\s?(?P<n>[上下])半年",
    ),
    "week": (
        rf"{_YEAR}{_GAP}{_WEEK}{_GAP}(?P<n>\d\d?)",
        rf"{_WEEK}{_GAP}(?P<n>\d\d?){_GAP}{_SHORT}",
        rf"{_YEAR}\s?年\s?第?\s?(?P<n>\d\d?)\s?周",
    ),
    # A year and a number of one digit: a month or a quarter.
    "numbered": (rf"{_YEAR}[-/.\s](?P<n>[1-9])",),
}
#: The same for what only a fiscal year has, which says itself that it means one; the last two
#: where a word beside them has said so.
_PERIOD = r"p(?:d|er|eriod)?\.?"
_FISCAL_WRITTEN = {
    "month": (rf"{_SHORT}{_GAP}{_PERIOD}\s?{_MONTH}", rf"{_PERIOD}\s?{_MONTH}{_GAP}{_SHORT}"),
    "year": (_SHORT, rf"{_SHORT}\s?年?度?"),
    "week": (rf"{_SHORT}{_GAP}{_WEEK}{_GAP}(?P<n>\d\d?)",),
}
_NUMERALS = "一 二 三 四 五 六 七 八 九 十 十一 十二".split()
_NUMERAL = re.compile("(?:十[一二]?|[一二三四五六七八九])(?=月)")
_FISCAL = re.compile(
    r"\bfy|fy(?=\d)|fiscal(?:\s?year)?|财年|财政年?度?|geschaftsjahr|\bgj|exercice|ejercicio"
)
#: A year that is named by both of its calendar years.
_TWO_YEARS = re.compile(r"((?:19|20)?\d\d)\s?[-/–]\s?((?:19|20)?\d\d)(?!\d)")
_DAYS = {
    "ymd": re.compile(
        r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"
        r"(?:[t ]00:00(?::00(?:\.0+)?)?z?)?"
    ),
    "dmy": re.compile(r"(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})"),
    "mdy": re.compile(r"(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<y>\d{4})"),
}

#: Names of the months in their order, by language: English, German, French, Spanish, Portuguese.
_MONTHS = (
    "january february march april may june july august september october november december",
    "januar februar marz april mai juni juli august september oktober november dezember",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mrz apr mai jun jul aug sept okt nov dez",
    "janv fevr mars avr mai juin juil aout sept oct nov dec",
    "ene feb mar abr may jun jul ago sept oct nov dic",
    "jan fev mar abr mai jun jul ago set out nov dez",
)
_MONTH_OF = {name: at for names in _MONTHS for at, name in enumerate(names.split(), start=1)}

#: What the header of a column can say of the unit.
_UNIT_WORDS = {
    "quarter": r"quarter|quartal|qtr|trimestre|季|四半期",
    "month": r"month|monat|mois|\bmes\b|月",
    "week": r"week|woche|semaine|semana|周",
    "year": r"year|jahr|annee|\bano\b|年度|年份",
}
#: Headers of days by which something is due: the first day of a period may end the one before.
_DUE = re.compile(r"\bdue\b|deadline|截止|到期")


@dataclass(frozen=True)
class Name:
    """What a name says: a unit, a year unless it has none, a number within the year."""

    unit: str
    year: int | None
    number: int
    fiscal: bool = field(
        default=False, repr=False
    )  # says itself that its year is the company's own
    of_year: bool = field(
        default=False, repr=False
    )  # a month by its name: May, and not the fifth of some year


@dataclass
class Doubt:
    """Names of a column that cannot be read without being told: why, and which."""

    rule: str
    names: list[str]


@dataclass
class Read:
    """The names of a column: theirs → ours; those that name no period are missing."""

    names: dict[str, str]
    doubts: list[Doubt] = field(default_factory=list)
    dates: str = ""  # the unit that dates were read as


def unit_of_header(header: str) -> str:
    """The unit that a header names, or empty.

    Examples
    --------
    >>> unit_of_header("Quarter"), unit_of_header("月份"), unit_of_header("Period")
    ('quarter', 'month', '')
    """
    said = [u for u, words in _UNIT_WORDS.items() if re.search(words, folded(header))]
    return said[0] if said else ""


def name_of(text: str, calendar: Calendar = PLAIN) -> Name | None:
    """What a text says of a period; nothing where it is no name of one.

    Names of fiscal periods are names where the calendar has any.

    Examples
    --------
    >>> name_of("Q4/25"), name_of("März 2025")
    (Name(unit='quarter', year=2025, number=4), Name(unit='month', year=2025, number=3))
    >>> name_of("2025年第四季度"), name_of("Q3"), name_of("East")
    (Name(unit='quarter', year=2025, number=4), Name(unit='quarter', year=None, number=3), None)
    """
    bare = _bare(text)
    written = [(_WRITTEN, bare, False)]
    if calendar.is_fiscal:
        own = re.sub(r"\s+", " ", _FISCAL.sub(" ", bare)).strip(" -_/.,")
        own = _TWO_YEARS.sub(lambda found: _one_year(found, calendar), own)
        marked = [(_WRITTEN, own, True), (_FISCAL_WRITTEN, own, True)]
        unmarked = [*written, ({"month": _FISCAL_WRITTEN["month"]}, bare, True)]
        written = marked if is_fiscal(text) else unmarked
    for forms, shown, fiscal in written:
        for unit, ways in forms.items():
            for way in ways:
                found = re.fullmatch(way, shown)
                named = _found(unit, found.groupdict()) if found else None
                if named is None or not (fiscal or _is_there(named)):
                    continue
                of_year = unit == "month" and (found.groupdict().get("m") or "月" in shown)
                if fiscal and unit == "month" and forms is _WRITTEN and not of_year:
                    return None  # FY26-05 can be May, and the fifth month of that year
                return replace(named, fiscal=fiscal, of_year=bool(of_year))
    return None


def _one_year(found: re.Match, calendar: Calendar) -> str:
    """The year that names one which is written with two, such as 2025/26; the text where not so."""
    first, second = (int(year) % 100 for year in found.groups())
    if (first + 1) % 100 != second:
        return found[0]
    return found[2 if calendar.named_by == "end" else 1]


def is_fiscal(text: str) -> bool:
    """Whether a text names a period of a fiscal year."""
    return bool(_FISCAL.search(_bare(text)))


def _bare(text: str) -> str:
    """A text folded, its blanks single, the number of a Chinese month in digits."""
    text = re.sub(r"\s+", " ", folded(text))
    return _NUMERAL.sub(lambda found: str(_NUMERALS.index(found[0]) + 1), text)


def _found(unit: str, parts: dict) -> Name | None:
    year = int(parts["y"]) if parts.get("y") else None
    if parts.get("yy"):
        year = 2000 + int(parts["yy"])
    if parts.get("m"):
        number = _MONTH_OF.get(parts["m"])
        return None if number is None else Name(unit, year, number)
    said = parts.get("n") or "1"
    number = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}.get(said) or int(said)
    return Name(unit, year, number)


def _is_there(name: Name) -> bool:
    """Whether a year has that week."""
    return name.unit != "week" or PLAIN.has(name.unit, name.year, name.number)


def read_names(
    texts: list[str],
    *,
    header: str = "",
    halves: bool = False,
    calendar: Calendar = PLAIN,
    own: bool = False,
) -> Read:
    """All the names of a column.

    Parameters
    ----------
    texts : list of str
        The different names; one that needs the year of another column has it before it.
    header : str
        Of the column: it may say which unit numbers and dates are.
    halves : bool
        Whether half-years are periods here.
    calendar : Calendar
        The company's.
    own : bool
        Whether somebody has said that the column's names are those of this calendar.

    Examples
    --------
    >>> read_names(["Q4 2025", "2026Q1"]).names
    {'Q4 2025': '2025-Q4', '2026Q1': '2026-Q1'}
    >>> read_names(["2025-01-01", "2025-04-01"]).names
    {'2025-01-01': '2025-Q1', '2025-04-01': '2025-Q2'}
    >>> read_names(["2025-05-15", "2025-08-20"]).names
    {'2025-05-15': '2025-Q2', '2025-08-20': '2025-Q3'}
    >>> read_names(["Q1 FY25"]).doubts
    [Doubt(rule='fiscal_period', names=['Q1 FY25'])]
    >>> read_names(["Q1 FY25", "FY2024/25 Q2"], calendar=Calendar(first_month=4)).names
    {'Q1 FY25': 'FY25-Q1', 'FY2024/25 Q2': 'FY25-Q2'}
    """
    hint, read = unit_of_header(header), Read({})
    doubtful = _of_which_year(texts, header, calendar, own)
    if doubtful:
        rule = "calendar_period" if calendar.is_fiscal else "fiscal_period"
        read.doubts.append(Doubt(rule, doubtful))
    rest = [text for text in texts if text not in doubtful]
    named = {text: name for text in rest if (name := name_of(text, calendar))}
    _read_named(named, hint, halves, read, calendar)
    days = [text for text in rest if text not in named and _day_parts(text)]
    _read_days(days, hint, read, calendar, due=bool(_DUE.search(folded(header))))
    return read


def _of_which_year(texts: list[str], header: str, calendar: Calendar, own: bool) -> list[str]:
    """The names of which nobody can know whether they mean the company's year or another."""
    fiscal = "fiscal" in folded(header) or "财" in folded(header)
    if not calendar.is_fiscal:
        return list(filter(name_of if fiscal else is_fiscal, texts))
    named = {text: name for text in texts if (name := name_of(text, calendar))}
    told = {"own": own or fiscal, "fiscal": fiscal}
    return [text for text, name in named.items() if _of_any_year(name, calendar, **told)]


def _read_named(
    named: dict[str, Name], hint: str, halves: bool, read: Read, calendar: Calendar
) -> None:
    """Names that say a period: those of a number alone by one unit for the whole column."""
    numbered = [text for text, name in named.items() if name.unit == "numbered"]
    unit = _unit_of_numbers(hint, named) if numbered else ""
    if numbered and not unit:
        read.doubts.append(Doubt("period_ambiguous", numbered))
    for text, name in named.items():
        kind = unit if name.unit == "numbered" else name.unit
        if not kind or name.year is None or (kind == "half" and not halves):
            continue
        if found := _named(replace(name, unit=kind), calendar):
            read.names[text] = found


def _unit_of_numbers(hint: str, named: dict[str, Name]) -> str:
    """Whether ``2025-3`` is a month or a quarter in this column; empty for nobody knows."""
    most = max(name.number for name in named.values() if name.unit == "numbered")
    if most > 4 or any(name.unit == "month" for name in named.values()):
        return "month"
    return hint if hint in ("quarter", "month") else ""


def _day_parts(text: str) -> dict[str, datetime.date]:
    """The days that a text can be, by the order of its parts."""
    found = {}
    for order, way in _DAYS.items():
        if parts := way.fullmatch(_bare(text)):
            try:
                found[order] = datetime.date(*(int(parts[part]) for part in "ymd"))
            except ValueError:
                continue
    return found


def _of_any_year(name: Name, calendar: Calendar, *, own: bool, fiscal: bool) -> bool:
    """Whether nobody can know if a name means the company's year or the calendar's."""
    if calendar.weeks and name.of_year:
        return True
    if name.fiscal:
        return False
    if name.unit in ("month", "week", "numbered") and not calendar.weeks:
        return fiscal and not name.of_year
    return not own


def _named(name: Name, calendar: Calendar) -> str | None:
    """What the company's calendar calls a period."""
    if not name.fiscal:
        return calendar.name(name.unit, name.year, name.number)
    number = name.number
    if name.of_year:
        number = (number - calendar.first_month) % 12 + 1
    return calendar.own_name(name.unit, name.year, number)


def _read_days(texts: list[str], hint: str, read: Read, calendar: Calendar, *, due: bool) -> None:
    """Dates as the periods that they begin, end or lie in: all of them in one way."""
    if not texts:
        return
    possible = [_day_parts(text) for text in texts]
    ways = unit_of_days(possible, hint, calendar)
    if not ways or any(way != ways[0] for way in ways):
        read.doubts.append(Doubt("period_ambiguous", texts))
        return
    read.dates, days = ways[0]
    if due and days == [
        calendar.bounds_of(calendar.label_of(d, read.dates))[0].date() for d in days
    ]:
        read.doubts.append(Doubt("period_ambiguous", texts))
        return
    for text, day in zip(texts, days, strict=True):
        read.names[text] = calendar.label_of(day, read.dates)

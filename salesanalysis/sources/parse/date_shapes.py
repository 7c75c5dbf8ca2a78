"""What the shape of a date says: which of its groups of digits is the year, the month, the day.

A shape is a date with a 0 for every digit and its words as they are: ``00. märz 0000 00:00``. A
column has few of them, so each is understood here, in Python, in any language of the table.
"""

import re
from dataclasses import dataclass

from salesanalysis.sources import cldr
from salesanalysis.sources.folding import folded

#: Marks that stand for the groups of digits of a shape, one each.
_FIRST = 0xE000
_D = f"[{chr(_FIRST)}-{chr(_FIRST + 0xFF)}]"
#: No date in any form is longer.
_LONGEST = 80
#: Words within a date that say nothing.
_FILLERS = set(
    "of de del den der the le el il am vom d da do di dne m g gada gads r roku г р год года at kl"
    " klo a las les alle ora ore o о в om um th st nd rd er eme on".split()
)
#: Words before or after a time that say nothing.
_BY_A_TIME = set("at um kl klo a las les alle ora ore o о в om um uhr h hrs hs godz t".split())
#: Words of a date that is a week, a month, a quarter or a year; 季 is in 季度 and 季.
_PERIODS = set(
    "q qtr quarter quartal trimestre trimestr kvartal kwartal t fy hy h fiscal year week wk kw cw s"
    " semester semestre half季 季度 季 第 上半年 下半年 半年 财年 年度 周 期".split()
)
_MORE_MONTHS = {"mrz": 3, "janner": 1, "jann": 1, "fevr": 2, "dicbre": 12, "sett": 9}
#: Years of other calendars that name themselves → what their first year is ours, less one.
_ERAS = {"民國": 1911, "民国": 1911, "中華民國": 1911, "令和": 2018, "平成": 1988, "昭和": 1925}

_CJK_DAY = (
    r"[(（]?(?:星期|礼拜|禮拜|周|週)[一二三四五六日天][)）]?|[(（][月火水木金土日](?:曜日?)?[)）]"
    r"|[月火水木金土日]曜日?|[(（]?[월화수목금토일]요일[)）]?|[(（][월화수목금토일][)）]"
)
_HALF = r"(?P<{}>[^\W\d_]+\.?(?: ?[^\W\d_]+\.?)??)"
_TIME = re.compile(
    rf"[ t,;]*(?:{_HALF.format('before')} ?)?"
    rf"(?P<h>{_D})(?P<c>[:.])(?P<mi>{_D})(?:(?P=c)(?P<s>{_D})(?:[.,:](?P<f>{_D}))?)?"
    rf"(?: ?(?:uhr|hrs?|h))?(?: ?{_HALF.format('after')})??:?"
    rf"(?: ?(?P<zone>z|(?:utc|gmt)?(?:[-+]{_D}(?::?{_D})?)?))?(?: ?\([^)]*\))?$"
)


@dataclass(frozen=True)
class Template:
    """Where the parts of a date lie: a subscript of its groups such as ``[3]``, or a constant.

    ``orders`` are those in which the first three groups can be read where only their values can
    tell: of ``dmy``, ``mdy`` and ``ymd``; empty where the shape tells.
    """

    year: str = ""
    month: str = ""
    day: str = ""
    orders: tuple[str, ...] = ()
    short_year: bool = False
    era: int = 0
    week: tuple[str, str] = ("", "")  # the week and its day, in place of month and day
    hour: str = ""
    minute: str = ""
    second: str = ""
    fraction: str = ""
    half: str = ""  # am or pm
    zone: tuple[str, ...] = ()  # sign, hours, minutes


#: The zone of a moment that names UTC itself.
UTC = ("+", "'0'", "'0'")


class Period:
    """A shape that names a month, a quarter or a year: a date without its day."""


class OtherCalendar:
    """A shape whose year has three digits, as in the calendar of the Republic of China."""


def words(shape: str) -> list[str]:
    """The words of a shape, folded."""
    return cldr.WORD.findall(folded(shape))


def month_words(shapes) -> tuple[dict[str, int], set[str]]:
    """The words for months in a column's shapes → their numbers, and those that are ambiguous.

    A word that means different months in different languages means what it does in those which
    know most of the column's words.
    """
    known = cldr.months()
    said = {word for shape in shapes for word in words(shape) if word in known}
    languages = [language for word in said for language in known[word]]
    most = max((languages.count(language) for language in languages), default=0)
    best = {language for language in languages if languages.count(language) == most}
    meant, ambiguous = dict(_MORE_MONTHS), set()
    for word in said:
        numbers = {n for language, n in known[word].items() if language in best}
        numbers = numbers or set(known[word].values())
        if len(numbers) == 1:
            meant[word] = numbers.pop()
        else:
            ambiguous.add(word)
    return meant, ambiguous


def template(shape: str, months: dict[str, int]):
    """The shape understood: a `Template`, `Period` or `OtherCalendar`; None where it is no date.

    Examples
    --------
    >>> template("00. märz 0000", {"marz": 3})
    Template(year='[2]', month="'3'", day='[1]', orders=(), ...)
    >>> template("00/00/0000", {}).orders, template("q0 0000", {}), template("soon", {})
    (('dmy', 'mdy'), <class '...Period'>, None)
    """
    shape = re.sub(r"^(0{8}|0{14})\.0$", r"\1", shape)  # numbers that were floating-point ones
    sizes = [len(run) for run in re.findall("0+", shape)]
    if not sizes or len(sizes) > 9 or len(shape) > _LONGEST:
        return None
    counter = iter(range(len(sizes)))
    marked = re.sub("0+", lambda _: chr(_FIRST + next(counter)), " ".join(shape.split()))
    marked = _spelled(marked)
    return _compact(marked, sizes) or _date_and_time(marked, sizes, months)


def _date_and_time(marked: str, sizes: list[int], months: dict[str, int]):
    """A date in any form with a time behind it, or with nothing."""
    at = re.search(rf"^([^{_D[1:-1]}]*.*?) ({_D}:{_D}:{_D}(?: [a-z]{{1,4}})?) ({_D})$", marked)
    if at and sizes[-1] == 4:  # Mon Mar 3 10:00:00 UTC 2025
        marked = f"{at[1]} {at[3]} {at[2]}"
    period = None
    for end in range(len(marked), 0, -1):  # the longest date that leaves a time or nothing
        date, time = marked[:end].strip(" ,;"), _TIME.fullmatch(marked, end)
        if time is None and end < len(marked):
            continue
        parts = _time(time, sizes) if time else {}
        if parts is None or (time and time["c"] == "." and not _has_year(date, sizes)):
            continue
        found = _date(date, sizes, months)
        if isinstance(found, dict):
            return Template(**found, **parts)
        period = period or (None if ":" in marked else found)
    return period


def _spelled(marked: str) -> str:
    """A shape with the signs of Chinese, Japanese and Korean times as colons, without weekdays."""
    marked = re.sub(_CJK_DAY, " ", marked)
    for sign, by in zip("时時点點시", ":::::", strict=True):
        marked = marked.replace(sign, by)
    marked = re.sub(rf"({_D})[分분]", r"\1:", marked)
    marked = re.sub(rf": ?({_D})[:秒초]* *$", r":\1", re.sub("[秒초]", "", marked))
    marked = re.sub(rf"(?<={_D})h(?={_D})", ":", marked)
    return re.sub(r": +", ":", " ".join(marked.split())).rstrip(" :")


def _size(mark: str, sizes: list[int]) -> int:
    return sizes[ord(mark) - _FIRST]


def _at(mark: str, part: str = "") -> str:
    return f"[{ord(mark) - _FIRST + 1}]{part}"


def _has_year(date: str, sizes: list[int]) -> bool:
    return any(_size(mark, sizes) == 4 for mark in re.findall(_D, date))


def _compact(marked: str, sizes: list[int]):
    """Dates without signs: 20250305, 20250305101500, 20250305T1015Z; 202503 is a month."""
    found = re.fullmatch(rf"({_D})(?:[t ]?({_D}))?(z?)", marked)
    if not found:
        return None
    date, time = found[1], found[2]
    size, later = _size(date, sizes), _size(time, sizes) if time else 0
    if not time and size in (4, 6):
        return Period
    if size not in (8, 12, 14) or (time and (size != 8 or later not in (4, 6))):
        return None
    day = dict(year=_at(date, "[1:4]"), month=_at(date, "[5:6]"), day=_at(date, "[7:8]"))
    clock = time or date
    start = 1 if time else 9
    if later >= 4 or size >= 12:
        day |= dict(hour=_at(clock, f"[{start}:{start + 1}]"))
        day |= dict(minute=_at(clock, f"[{start + 2}:{start + 3}]"))
    if later == 6 or size == 14:
        day |= dict(second=_at(clock, f"[{start + 4}:{start + 5}]"))
    return Template(**day)


def _time(found: re.Match, sizes: list[int]) -> dict | None:
    """The parts of a time; None where it is none."""
    if any(_size(found[name], sizes) > 2 for name in ("h", "mi", "s") if found[name]):
        return None
    if found["f"] and _size(found["f"], sizes) > 9:
        return None
    half, zone = _half(found), _zone(found["zone"] or "", sizes)
    if half is None or zone is None:
        return None
    parts = {"hour": "h", "minute": "mi", "second": "s", "fraction": "f"}
    at = {name: _at(found[group]) for name, group in parts.items() if found[group]}
    return at | {"half": half, "zone": zone}


def _half(found: re.Match) -> str | None:
    """The half of the day that a word before or after a time says; None for any other word."""
    half = ""
    for side in ("before", "after"):
        said = [word for word in words(found[side] or "") if word not in _BY_A_TIME]
        meant = cldr.halves().get("".join(words(found[side] or "")))
        meant = meant or cldr.halves().get("".join(said))
        if (said and not meant) or (meant and half):
            return None
        half = meant or half
    return half


def _zone(said: str, sizes: list[int]) -> tuple[str, ...] | None:
    marks = re.findall(_D, said)
    if not marks:
        return UTC if said else ()
    sign = "-" if "-" in said else "+"
    size = _size(marks[0], sizes)
    if len(marks) == 1 and size == 4:
        return sign, _at(marks[0], "[1:2]"), _at(marks[0], "[3:4]")
    if size > 2 or any(_size(mark, sizes) != 2 for mark in marks[1:]):
        return None
    return sign, _at(marks[0]), _at(marks[1]) if len(marks) > 1 else "'0'"


def _date(date: str, sizes: list[int], months: dict[str, int]):
    """The parts of a date as arguments of `Template`, or what else it is."""
    date = _without_weekday(date)
    era = next((name for name in _ERAS if date.startswith(name)), "")
    if found := re.fullmatch(
        rf"(?:{era} ?)?({_D}) ?[年년] ?(?:({_D}) ?[月월] ?(?:({_D}) ?[日号號일]?)?)?", date
    ):
        return _spelled_date(found, sizes, era)
    if era:
        found = re.fullmatch(rf"{era} ?({_D})([-/.])({_D})\2({_D})", date)
        return _ymd(found[1], found[3], found[4]) | {"era": _ERAS[era]} if found else None
    if found := re.fullmatch(rf"({_D})-?w({_D})(?:-?({_D}))?", date):
        return _week(found, sizes)
    if found := re.fullmatch(rf"({_D})([-/._ ]) ?({_D})\2 ?({_D})\.?", date.replace(". ", ".")):
        return _numeric(found[1], found[3], found[4], sizes)
    if re.fullmatch(rf"{_D}[-/._ ] ?{_D}\.?", date) and max(sizes) <= 4 and min(sizes) <= 2:
        return Period
    return _with_words(date, sizes, months)


def _without_weekday(date: str) -> str:
    """A date of numbers without the word for a weekday before or after it."""
    found = re.fullmatch(
        rf"(?:([^\W\d_]+)[.,]* )?({_D}[^\w]*.*{_D}\.?)(?:[ ,(]+([^\W\d_]+)[.)]*)?", date
    )
    if not found or words(found[2]) or len(re.findall(_D, found[2])) != 3:
        return date
    around = [folded(word) for word in (found[1], found[3]) if word]
    return found[2] if set(around) <= cldr.days() else date


def _ymd(year: str, month: str, day: str) -> dict:
    return {"year": _at(year), "month": _at(month), "day": _at(day)}


def _spelled_date(found: re.Match, sizes: list[int], era: str):
    year, month, day = found.groups()
    if not day:
        return Period
    long = _size(year, sizes)
    if max(_size(month, sizes), _size(day, sizes)) > 2 or (long != 4 and not era and long != 2):
        return OtherCalendar if long == 3 else None
    return _ymd(year, month, day) | {"era": _ERAS.get(era, 0), "short_year": not era and long == 2}


def _week(found: re.Match, sizes: list[int]):
    year, week, day = found.groups()
    if _size(year, sizes) != 4:
        return None
    if not day and _size(week, sizes) == 3:
        return {"year": _at(year), "week": (_at(week, "[1:2]"), _at(week, "[3]"))}
    if not day:
        return Period
    return {"year": _at(year), "week": (_at(week), _at(day))} if _size(day, sizes) == 1 else None


def _numeric(a: str, b: str, c: str, sizes: list[int]):
    first, middle, last = _size(a, sizes), _size(b, sizes), _size(c, sizes)
    if middle > 2:
        return None
    if first == 4 and last <= 2:
        return _ymd(a, b, c)
    if first <= 2 and last == 4:
        return {"orders": ("dmy", "mdy")}
    if first <= 2 and last == 2:
        orders = ("dmy", "mdy", "ymd") if first == 2 else ("dmy", "mdy")
        return {"orders": orders, "short_year": True}
    if first == 3 and last <= 2:
        return OtherCalendar
    return None


def _with_words(date: str, sizes: list[int], months: dict[str, int]):
    """A date with the name of its month, perhaps that of its weekday, or a period in words."""
    said = words(date)
    numbers = re.findall(_D, date)
    rest = [word for word in said if word not in _FILLERS or word in months]
    if numbers and set(said) & _PERIODS and set(said) <= _PERIODS | _FILLERS:
        return Period
    named = [word for word in rest if word in months]
    if len(named) > 1 and named[0] in cldr.days():
        named = named[1:]  # "mar 4 mar 2025" is a Tuesday in March
    others = list(rest)
    for word in named:
        others.remove(word)
    if len(named) != 1 or not all(word in cldr.days() for word in others):
        return None
    if re.search(r"[^\w\s.,/'’()\-ºª" + _D[1:-1] + "]", date):
        return None
    return _named_month(date, numbers, sizes, months[named[0]])


def _named_month(date: str, numbers: list[str], sizes: list[int], month: int):
    lengths = [_size(mark, sizes) for mark in numbers]
    if len(numbers) == 1 and lengths[0] in (1, 2, 4):
        return Period
    if len(numbers) != 2:
        return None
    years = [mark for mark, size in zip(numbers, lengths, strict=True) if size == 4]
    days = [mark for mark, size in zip(numbers, lengths, strict=True) if size <= 2]
    if len(years) == len(days) == 1:
        return {"year": _at(years[0]), "month": f"'{month}'", "day": _at(days[0])}
    after = date.rindex(numbers[1]) == len(date.rstrip(" .")) - 1
    if len(days) == 2 and lengths[1] == 2 and after:
        # With the month's name, a year of two digits comes last in every country's habit.
        short = {"year": _at(days[1]), "day": _at(days[0]), "short_year": True}
        return short | {"month": f"'{month}'"}
    return None

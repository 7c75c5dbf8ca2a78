"""Text to values, in DuckDB's SQL: a whole column at a time, by one reading for all of its cells.

What a cell could mean is decided for its column: `parts` takes its cells apart, `evidence` counts,
in one query, those that can be read only one way, and `reading` turns the counts into the
expression that reads every cell, or into a fault where the cells contradict each other or none
decides. An expression gives NULL for a cell that it cannot read; nothing is read halfway.
"""

from dataclasses import dataclass, field

from salesanalysis.sources.faults import Fault
from salesanalysis.sources.session import literal

#: Blanks that people's programs put around and into cells, the invisible ones included.
_BLANKS = " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
_BLANKS += "\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
# The marks of direction, joiners and soft hyphens that come along with a copy from a page.
_BLANKS += "\u00ad\u180e\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
_BLANKS += "\u2066\u2067\u2068\u2069"

#: What may stand between the thousands of a number, beside comma and point.
_GROUPING = f"[{_BLANKS}'’]"

#: Words for nothing, in any column and where a label such as "-" cannot be meant.
_NOTHING = ("", "nan", "null", "(null)", "#n/a", "<na>", "nat", r"\n")
_NOTHING_BUT_TEXT = (*_NOTHING, "n/a", "none", "nil", "-", "--", "–", "—", "/", "无", "空", "暂无")
_NO_DATE = (*_NOTHING_BUT_TEXT, "0000-00-00", "0000-00-00 00:00:00")

_WIDE = str.maketrans({chr(0xFF01 + i): chr(0x21 + i) for i in range(94)})
_FULL_WIDTH = "".join(map(chr, _WIDE)) + "\u3000￥−–，。"
_ASCII = "".join(_WIDE.values()) + " ¥--,."

# 1 to 4 digits, twice the same kind of sign, then perhaps a time and its offset.
_DATE = (
    r"^(\d{1,4})([-/.])(\d{1,2})([-/.])(\d{1,4})"
    r"(?:[t ,]*(am|pm|上午|下午)? ?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?:?"
    r" ?(am|pm|a\.m\.|p\.m\.)? ?(z|utc|gmt|[-+]\d{2}(?::?\d{2})?)?)?$"
)
#: The names of the months in their order, and dates with one.
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAY_AND_MONTH = rf"^(\d{{1,2}})(?:st|nd|rd|th)?[-/. ]*({_MONTHS})[-/., ]*(\d{{4}})\b"
_MONTH_AND_DAY = rf"^({_MONTHS})[-/. ]*(\d{{1,2}})(?:st|nd|rd|th)?[-/., ]+(\d{{4}})\b"
_DATE_PARTS = "a s1 b s2 c before h mi s f after z".split()
_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"

_CURRENCY = r"(?:us\$|hk\$|[¥$€£]|rmb|cny|usd|eur|gbp|hkd|jpy|人民币|元)"
_AMOUNT = (
    rf"^(\(?)([-+]?)({_CURRENCY}?)([-+]?)"
    r"(\d[\d.,]*|\.\d+)(e[-+]?\d{1,3})?"
    rf"(千|万|十万|百万|千万|亿|)({_CURRENCY}?)(-?)(\)?)$"
)
_AMOUNT_PARTS = "open s1 c1 s2 n e unit c2 s3 close".split()
_UNITS = {"千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8}
# Numbers that nobody can mistake: not "1.234", which may be thousands.
_PLAIN = r"^-?(\d+([.]\d{1,2}|[.]\d{4,})?|0[.]\d+|\d{4,}[.]\d+)$"
_SERIAL = r"^\d{5}([.]\d+)?$"
_NUMBERS = ("amount", "number", "count")

_TRUE = ("true", "t", "yes", "y", "1", "1.0", "是", "对", "√", "✓", "必赢", "真")
_FALSE = ("false", "f", "no", "n", "0", "0.0", "否", "×", "非必赢", "假")


@dataclass(frozen=True)
class Reading:
    """How a column is read: an SQL expression over its cleaned text, and what to tell about it."""

    sql: str
    faults: list[Fault] = field(default_factory=list)


def _list(words) -> str:
    return "(" + ", ".join(literal(word) for word in words) + ")"


def as_text(cell: str, type_: str) -> str:
    """A cell of any type as text; a whole number without the ``.0`` of its floating-point type."""
    if type_ == "VARCHAR":
        return cell
    text = f"CAST({cell} AS VARCHAR)"
    if type_ in ("DOUBLE", "FLOAT"):
        whole = f"{cell} = trunc({cell}) AND abs({cell}) < 9007199254740992"
        return f"CASE WHEN {whole} THEN CAST(CAST({cell} AS BIGINT) AS VARCHAR) ELSE {text} END"
    return text


def clean(cell: str, kind: str) -> str:
    """A cell without the blanks around it; NULL where it holds a word for nothing."""
    words = {"text": _NOTHING, "time": _NO_DATE}.get(kind, _NOTHING_BUT_TEXT)
    # Taking a set of characters off is slow, and hardly ever needed.
    blank = literal(f"^[{_BLANKS}]|[{_BLANKS}]$")
    trimmed = f"CASE WHEN regexp_matches({cell}, {blank}) THEN trim({cell}, {literal(_BLANKS)})"
    trimmed = f"({trimmed} ELSE {cell} END)"
    return f"CASE WHEN lower({trimmed}) NOT IN {_list(words)} THEN {trimmed} END"


def _narrow(text: str) -> str:
    """SQL: a text with the wide digits and signs of Chinese keyboards as the plain ones."""
    narrow = f"translate({text}, {literal(_FULL_WIDTH)}, {literal(_ASCII)})"
    return f"CASE WHEN regexp_matches({text}, '[^\\x00-\\x7F]') THEN {narrow} ELSE {text} END"


def replaced(text: str, words: dict[str, str]) -> str:
    """A cleaned cell with their words replaced by ours; ``*`` stands for every other cell."""
    if not words:
        return text
    cases = " ".join(
        f"WHEN lower({text}) = {literal(theirs.lower())} THEN {literal(ours)}"
        for theirs, ours in words.items()
        if theirs != "*"
    )
    other = literal(words["*"]) if "*" in words else text
    return f"CASE {cases} ELSE {other} END" if cases else other


# --- parts: what a cell is made of, for those cells that a plain cast cannot read -----------------


#: Cells that a plain cast reads, and nobody can mistake, by kind of column.
SIMPLE = {"time": _ISO, "amount": _PLAIN, "number": _PLAIN, "count": _PLAIN}


def is_odd(kind: str, text: str) -> str:
    """SQL: whether a cell is more than a plain cast can read."""
    return f"(NOT regexp_matches({text}, {literal(SIMPLE[kind])}))"


def _month_numbered(text: str, plain: str) -> str:
    """SQL: a date with the name of its month as one with its number; any other text as it is.

    ``plain`` is what has been made of the cell ``text`` so far.
    """
    named = f"regexp_replace({plain}, '{_DAY_AND_MONTH}', '\\3-\\2-\\1')"
    named = f"regexp_replace({named}, '{_MONTH_AND_DAY}', '\\3-\\1-\\2')"
    for number, names in enumerate(_MONTHS.split("|"), start=1):
        named = f"regexp_replace({named}, '^(\\d{{4}})-(?:{names})-', '\\1-{number}-')"
    return f"CASE WHEN regexp_matches({text}, '[A-Za-z]{{3}}') THEN {named} ELSE {plain} END"


def parts(kind: str, text: str) -> str:
    """SQL: the texts that an odd cell is made of, as a struct; NULL for any other."""
    plain = f"lower({_narrow(text)})"
    if kind == "time":
        for sign, by in zip("年月日号时分", "--  ::", strict=True):
            plain = f"replace({plain}, '{sign}', '{by}')"
        plain = f"rtrim(replace({plain}, '秒', ''), ' :')"
        date, time = r"^(\d{4})(\d{2})(\d{2})", r"(\d{2})(\d{2})(\d{2})$"
        plain = f"regexp_replace({plain}, '{date}$', '\\1-\\2-\\3')"
        plain = f"regexp_replace({plain}, '{date}{time}', '\\1-\\2-\\3 \\4:\\5:\\6')"
        plain = _month_numbered(text, plain)
        pattern, names = _DATE, _DATE_PARTS
    else:
        plain = f"regexp_replace({plain}, {literal(_GROUPING)}, '', 'g')"
        pattern, names = _AMOUNT, _AMOUNT_PARTS
    extract = f"regexp_extract({plain}, {literal(pattern)}, [{', '.join(map(literal, names))}])"
    return f"CASE WHEN {is_odd(kind, text)} THEN {extract} END"


# --- evidence: what the cells of a column prove --------------------------------------------------

#: What a cell can prove, by kind of column.
_PROOFS = {
    "time": ("day_first", "month_first", "unequal", "same", "serial"),
    "amount": ("dot", "comma", "either_dot", "either_comma"),
}
_PROOFS["number"] = _PROOFS["count"] = _PROOFS["amount"]


def proof(kind: str, text: str, p: str) -> str:
    """SQL: what one cell proves of its column; NULL for nothing."""
    if kind == "time":
        a, b = f"TRY_CAST({p}.a AS INT)", f"TRY_CAST({p}.b AS INT)"
        return (
            f"CASE WHEN {p} IS NULL THEN NULL"
            f" WHEN {_turned(p)} THEN CASE WHEN {a} > 12 THEN 'day_first'"
            f" WHEN {b} > 12 THEN 'month_first' WHEN {a} <> {b} THEN 'unequal' ELSE 'same' END"
            f" WHEN regexp_matches({text}, {literal(_SERIAL)}) THEN 'serial' END"
        )

    def like(pattern: str) -> str:
        return f"regexp_matches({p}.n, {literal(f'^({pattern})$')})"

    either_comma, either_dot = r"[1-9]\d{0,2},\d{3}", r"[1-9]\d{0,2}[.]\d{3}"
    dotted = r"\d*[.]\d+|\d{1,3}(,\d{3})+[.]\d*|\d{1,3}(,\d{3}){2,}"
    with_comma = r"\d+,\d+|\d{1,3}([.]\d{3})+,\d*|\d{1,3}([.]\d{3}){2,}"
    return (
        f"CASE WHEN {p} IS NULL THEN CASE WHEN contains({text}, '.') THEN 'dot' END"
        f" WHEN {like(either_comma)} THEN 'either_comma'"
        f" WHEN {like(either_dot)} THEN 'either_dot'"
        f" WHEN {like(dotted)} THEN 'dot' WHEN {like(with_comma)} THEN 'comma' END"
    )


def evidence(kind: str, text: str, p: str, proved: str) -> dict[str, str]:
    """What must be counted of a column with odd cells before it is read: name → SQL aggregate.

    ``text``, ``p`` and ``proved`` are the SQL names of the cleaned column, its `parts` and `proof`.
    """
    asked = {}
    for name in _PROOFS[kind]:
        here = f"FILTER ({proved} = '{name}')"
        asked |= {
            name: f"count(*) {here}",
            f"{name}_row": f"min(__row) {here}",
            f"{name}_cell": f"arg_min({text}, __row) {here}",
        }
    if kind in _NUMBERS:
        currency = f"({p}.c1 || {p}.c2)"
        asked["currencies"] = f"list(DISTINCT {currency}) FILTER ({currency} <> '')"
    return asked


def first_evidence(kind: str, text: str) -> dict[str, str]:
    """What must be counted of every column: odd cells, or how large its shares are."""
    if kind in SIMPLE:
        return {"n": f"count({text})", "odd": f"count(*) FILTER {is_odd(kind, text)}"}
    if kind == "share":
        unsigned = f"NOT contains(translate({text}, '％', '%'), '%')"
        return {
            "positive": f"count(*) FILTER ({unsigned} AND {_share(text)} > 0)",
            "over_one": f"count(*) FILTER ({unsigned} AND {_share(text)} > 1)",
        }
    return {}


def _turned(p: str) -> str:
    """SQL: whether the year comes last."""
    return f"(length({p}.c) = 4 AND length({p}.a) BETWEEN 1 AND 2)"


# --- readings -------------------------------------------------------------------------------------


def reading(
    kind: str,
    text: str,
    p: str,
    seen: dict,
    *,
    column: str,
    date_order: str | None = None,
    scale: float = 1.0,
    per_cent: bool = False,
    decimal_comma_likely: bool = False,
    with_numbers: bool = False,
    is_workbook: bool = False,
    first_day: str = "1899-12-30",
) -> Reading:
    """How the cells of a column are read, given what `evidence` has counted.

    ``text`` and ``p`` are the SQL names of the cleaned column and its `parts`.
    """
    if kind == "time":
        return _time_reading(text, p, seen, column, date_order, is_workbook and first_day)
    if kind in _NUMBERS:
        found = _number_reading(text, p, seen, column, scale, decimal_comma_likely, with_numbers)
        if kind == "count":
            whole = f"CASE WHEN ({found.sql}) = trunc({found.sql}) THEN ({found.sql}) END"
            return Reading(f"TRY_CAST({whole} AS BIGINT)", found.faults)
        return found
    if kind == "share":
        return _share_reading(text, seen, column, per_cent)
    if kind == "flag":
        low = f"lower({_narrow(text)})"
        yes, no = _list(_TRUE), _list(_FALSE)
        return Reading(f"CASE WHEN {low} IN {yes} THEN true WHEN {low} IN {no} THEN false END")
    return Reading(text)


def _time_reading(text, p, seen, column, order, first_day) -> Reading:
    simple = f"TRY_CAST({text} AS TIMESTAMP)"
    if not seen["odd"]:
        return Reading(simple)
    faults = []
    if not order:
        order, fault = _day_month_order(seen, column)
        faults += [fault] if fault else []
    day, month = ("b", "a") if order == "mdy" else ("a", "b")
    turned = f"WHEN {_turned(p)} THEN {p}.c || '-' || {p}.{month} || '-' || {p}.{day}"
    date = (
        f"CASE WHEN {p}.s1 <> {p}.s2 THEN NULL"
        f" WHEN length({p}.a) = 4 AND length({p}.c) <= 2 THEN {p}.a || '-' || {p}.b || '-' || {p}.c"
        f" {'' if order == 'ymd' else turned} END"
    )
    half = f"({p}.before || replace({p}.after, '.', ''))"
    hour = f"TRY_CAST({p}.h AS INT)"
    hour = (
        f"CASE WHEN {half} = '' THEN {hour} WHEN {hour} NOT BETWEEN 1 AND 12 THEN NULL"
        f" ELSE {hour} % 12 + CASE WHEN {half} IN ('pm', '下午') THEN 12 ELSE 0 END END"
    )
    seconds = f"CASE WHEN {p}.s = '' THEN '00' ELSE {p}.s END"
    fraction = f"CASE WHEN {p}.f = '' THEN '' ELSE '.' || {p}.f[1:6] END"
    moment = (
        f"({date}) || CASE WHEN {p}.h = '' THEN ''"
        f" ELSE ' ' || ({hour}) || ':' || {p}.mi || ':' || ({seconds}) || ({fraction}) END"
    )
    # A cast to TIMESTAMP would drop the offset without a word.
    minutes = (
        f"CASE WHEN {p}.z IN ('', 'z', 'utc', 'gmt') THEN 0"
        f" ELSE (CASE WHEN {p}.z[1] = '-' THEN -1 ELSE 1 END) * (TRY_CAST({p}.z[2:3] AS INT) * 60"
        f" + coalesce(TRY_CAST(right(replace({p}.z[4:], ':', ''), 2) AS INT), 0)) END"
    )
    cases = f"WHEN {p} IS NULL THEN {simple}"
    if first_day and seen["serial"]:
        faults.append(Fault("excel_serial_dates", column, seen["serial"], seen["serial_cell"]))
        milliseconds = f"CAST(round(TRY_CAST({text} AS DOUBLE) * 86400000) AS BIGINT)"
        cases += (
            f" WHEN regexp_matches({text}, {literal(_SERIAL)})"
            f" THEN TIMESTAMP '{first_day}' + to_milliseconds({milliseconds})"
        )
    return Reading(
        f"CASE {cases} ELSE TRY_CAST({moment} AS TIMESTAMP) - to_minutes({minutes}) END", faults
    )


def _day_month_order(seen: dict, column: str) -> tuple[str, Fault | None]:
    """The order that the column's own cells prove, and what there is to say about it."""
    count = sum(seen[name] for name in ("day_first", "month_first", "unequal", "same"))
    if seen["day_first"] and seen["month_first"]:
        values = {
            "other": seen["month_first_cell"],
            "line": seen["day_first_row"],
            "other_line": seen["month_first_row"],
        }
        return "", Fault("date_order_mixed", column, count, seen["day_first_cell"], values)
    for name, order in (("day_first", "dmy"), ("month_first", "mdy")):
        if seen[name]:
            values = {"order": order, "line": seen[f"{name}_row"]}
            return order, Fault("day_month_order", column, count, seen[f"{name}_cell"], values)
    if seen["unequal"]:
        values = {"line": seen["unequal_row"]}
        return "", Fault("date_order_ambiguous", column, count, seen["unequal_cell"], values)
    return "dmy", None  # day and month are the same number in every cell


def _number_reading(text, p, seen, column, scale, decimal_comma_likely, with_numbers) -> Reading:
    faults = []
    if scale != 1.0:
        faults.append(Fault("unit_in_header", column, seen["n"], values={"scale": scale}))
    simple = f"TRY_CAST({text} AS DOUBLE) * {scale!r}"
    if not seen["odd"]:
        return Reading(simple, faults)
    decimal, fault = _decimal_sign(seen, column, decimal_comma_likely, with_numbers)
    faults += [fault] if fault else []
    group = "," if decimal == "." else "."
    shape = rf"^(\d+|\d{{1,3}}([{group}]\d{{3}})+)?([{decimal}]\d*)?$"
    digits = f"replace(replace({p}.n, '{group}', ''), ',', '.')"
    shaped = f"regexp_matches({p}.n, {literal(shape)})"
    number = f"CASE WHEN {shaped} THEN TRY_CAST({digits} || {p}.e AS DOUBLE) END"
    minus = f"(length(replace({p}.s1 || {p}.s2 || {p}.s3, '+', '')) + ({p}.open <> '')::INT)"
    sign = f"CASE {minus} WHEN 0 THEN 1 WHEN 1 THEN -1 END"
    units = " ".join(f"WHEN '{unit}' THEN {size!r}" for unit, size in _UNITS.items())
    value = f"({number}) * ({sign}) * CASE {p}.unit {units} ELSE {scale!r} END"
    balanced = f"({p}.open = '') = ({p}.close = '')"
    return Reading(
        f"CASE WHEN {p} IS NULL THEN {simple}"
        f" WHEN {balanced} AND isfinite({value}) THEN {value} END",
        faults,
    )


def _decimal_sign(seen, column, decimal_comma_likely, with_numbers) -> tuple[str, Fault | None]:
    """The decimal sign that the column's own cells prove, and what there is to say about it."""
    mixed = None
    if seen["dot"] and seen["comma"]:
        mixed = "dot", "comma"
    elif seen["either_dot"] and seen["either_comma"] and not (seen["dot"] or seen["comma"]):
        mixed = "either_dot", "either_comma"
    if mixed:
        one, other = mixed
        values = {
            "other": seen[f"{other}_cell"],
            "line": seen[f"{one}_row"],
            "other_line": seen[f"{other}_row"],
        }
        count = seen[one] + seen[other]
        return ".", Fault("number_format_mixed", column, count, seen[f"{one}_cell"], values)
    if seen["comma"]:
        return ",", None
    if seen["dot"] or with_numbers:
        return ".", None
    if seen["either_comma"]:
        fault = Fault("thousands_assumed", column, seen["either_comma"], seen["either_comma_cell"])
        return ".", fault
    if seen["either_dot"]:
        rule = "thousands_assumed" if decimal_comma_likely else "decimals_assumed"
        fault = Fault(rule, column, seen["either_dot"], seen["either_dot_cell"])
        return ("," if decimal_comma_likely else "."), fault
    return ".", None


def _share(text: str) -> str:
    plain = f"({_narrow(text)})"
    digits = f"replace(regexp_replace({plain}, '\\s*%$', ''), ',', '.')"
    shaped = f"regexp_matches({digits}, '^[-+]?(\\d+(\\.\\d*)?|\\.\\d+)(e-?\\d{{1,3}})?$')"
    return f"CASE WHEN {shaped} THEN TRY_CAST({digits} AS DOUBLE) END"


def _share_reading(text, seen, column, per_cent) -> Reading:
    faults = []
    if not per_cent and seen["over_one"] > seen["positive"] / 2:
        per_cent = True
        faults.append(Fault("read_as_per_cent", column, seen["over_one"]))
    unsigned = 100.0 if per_cent else 1.0
    signed = f"contains(translate({text}, '％', '%'), '%')"
    return Reading(f"{_share(text)} / CASE WHEN {signed} THEN 100.0 ELSE {unsigned!r} END", faults)

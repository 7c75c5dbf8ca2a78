"""Cells as text: blanks and marks taken off, words for nothing made missing, plain digits."""

import unicodedata

from salesanalysis.sources.session import literal

#: Blanks that people's programs put around and into cells, the invisible ones included.
BLANKS = " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
BLANKS += "\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
# The marks of direction, joiners and soft hyphens that come along with a copy from a page.
BLANKS += "\u00ad\u180e\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
BLANKS += "\u2066\u2067\u2068\u2069"

#: Words for nothing, in any column and where a label such as "-" cannot be meant.
_NOTHING = ("", "nan", "null", "(null)", "#n/a", "<na>", "nat", r"\n")
_NOTHING_BUT_TEXT = (*_NOTHING, "n/a", "none", "nil", "-", "--", "–", "—", "/", "无", "空", "暂无")
_NO_DATE = (*_NOTHING_BUT_TEXT, "0000-00-00", "0000-00-00 00:00:00")

#: Marks by which exports keep a spreadsheet from converting a cell: ="00123", and an apostrophe
#: before a number or a formula ('t Hart and '90s are names).
_FORMULA = r'^=("{1,2})([^"]*)"{1,2}$'
_APOSTROPHE = r"^['‘’]([-+=@(]?[\d.,][-+\d.,:/() %]*|[=@+-].*[^'])$"

_WIDE = str.maketrans({chr(0xFF01 + i): chr(0x21 + i) for i in range(94)})
_WIDE_BLANKS = "".join(blank for blank in BLANKS if ord(blank) > 0x7F)
_WIDE_SIGNS = "".join(map(chr, _WIDE)) + _WIDE_BLANKS + "￥−–—，。٫٬٪’ʼ`´"
_PLAIN_SIGNS = "".join(_WIDE.values()) + " " * len(_WIDE_BLANKS) + "¥---,..,%''''"
#: The digits of Arabic, Persian, Hindi, Bengali and Thai, which few cells have.
_ZEROS = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50)
_OTHER_DIGITS = "".join(chr(zero + i) for zero in _ZEROS for i in range(10))
_THEIR_VALUES = "".join(str(unicodedata.digit(digit)) for digit in _OTHER_DIGITS)


def among(words) -> str:
    """SQL: a list of texts, for ``IN``."""
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


def unmarked(cell: str, kind: str = "text") -> str:
    """SQL: a text without the blanks around it and without the marks of a spreadsheet."""
    bare = f"trim({cell}, {literal(BLANKS)})"
    bare = f"regexp_replace({bare}, {literal(_FORMULA)}, '\\2')"
    if kind != "id":  # of which all may have one
        bare = without_apostrophe(bare)
    bare = f"trim({bare}, {literal(BLANKS)})"
    # Taking them off is slow, and hardly ever needed.
    needed = literal(f"^[{BLANKS}='‘’]|[{BLANKS}]$")
    return f"(CASE WHEN regexp_matches({cell}, {needed}) THEN {bare} ELSE {cell} END)"


def without_apostrophe(cell: str) -> str:
    """SQL: a text without an apostrophe that keeps a number or formula from being converted."""
    return f"regexp_replace({cell}, {literal(_APOSTROPHE)}, '\\1')"


def marks_off(cell: str) -> str:
    """SQL: a text of a column that is not ours, without the marks of a spreadsheet."""
    marked = f"(starts_with({cell}, '=') OR starts_with({cell}, ''''))"
    return f"CASE WHEN {marked} THEN {unmarked(cell)} ELSE {cell} END"


def clean(cell: str, kind: str) -> str:
    """A cell without the blanks and marks around it; NULL where it holds a word for nothing."""
    words = {"text": _NOTHING, "time": _NO_DATE}.get(kind, _NOTHING_BUT_TEXT)
    trimmed = unmarked(cell, kind)
    return f"CASE WHEN lower({trimmed}) NOT IN {among(words)} THEN {trimmed} END"


def narrow(text: str) -> str:
    """SQL: a text with the digits and signs of other keyboards as the plain ones."""
    plain = f"translate({text}, {literal(_WIDE_SIGNS)}, {literal(_PLAIN_SIGNS)})"
    digits = f"translate({text}, {literal(_OTHER_DIGITS)}, {literal(_THEIR_VALUES)})"
    digits = f"translate({digits}, {literal(_WIDE_SIGNS)}, {literal(_PLAIN_SIGNS)})"
    # To translate a text takes a hundred times as long as to look whether it has such signs.
    wide, others = (
        f"regexp_matches({text}, '[{signs}]')" for signs in (_WIDE_SIGNS, _OTHER_DIGITS)
    )
    return f"CASE WHEN {others} THEN {digits} WHEN {wide} THEN {plain} ELSE {text} END"


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

"""Shares: per cents or fractions, decided for the whole column."""

from salesanalysis.sources.faults import Fault
from salesanalysis.sources.parse.sighted import Reading, Seen
from salesanalysis.sources.parse.text import narrow

_SIGN = r"\s*(%|pct|percent|per cent|prozent)\.?$"


def counted(text: str) -> dict[str, str]:
    """What must be counted of every column of shares: name → SQL aggregate."""
    value, bare = _value(text), f"NOT {_signed(text)}"
    return {
        "fractions": f"count(*) FILTER ({bare} AND {value} > 0 AND {value} < 1)",
        "ones": f"count(*) FILTER ({bare} AND {value} = 1)",
        "over_one": f"count(*) FILTER ({bare} AND {value} > 1)",
    }


def per_cents(counts, column: str, header_says: bool) -> tuple[bool, Fault | None]:
    """Whether values without a sign are per cents, and what there is to say about it.

    One value over 1 shows that a column is not one of shares; fractions of 1 that it is. Where it
    has both, and not far more of the former, nobody can tell.
    """
    fractions, ones, over = (counts[name] or 0 for name in ("fractions", "ones", "over_one"))
    if header_says and over:
        return True, None
    if over and fractions >= over:
        values = {"fractions": fractions}
        return True, Fault("shares_and_per_cents", column, over, values=values)
    if over:
        return True, Fault("read_as_per_cent", column, over)
    if fractions and header_says:
        return False, Fault("read_as_shares", column, fractions)
    if ones and not fractions:
        return False, Fault("all_or_nothing", column, ones)
    return False, None


def reading(text: str, seen: Seen, *, column: str, header_says: bool) -> Reading:
    """How a column of shares is read."""
    per_cent, fault = per_cents(seen, column, header_says)
    bare = 100.0 if per_cent else 1.0
    sql = f"{_value(text)} / CASE WHEN {_signed(text)} THEN 100.0 ELSE {bare!r} END"
    return Reading(sql, [fault] if fault else [])


def _signed(text: str) -> str:
    return f"regexp_matches(lower({narrow(text)}), '{_SIGN}')"


def _value(text: str) -> str:
    digits = f"replace(regexp_replace(lower({narrow(text)}), '{_SIGN}', ''), ',', '.')"
    shaped = f"regexp_matches({digits}, '^[-+]?(\\d+(\\.\\d*)?|\\.\\d+)(e-?\\d{{1,3}})?$')"
    return f"CASE WHEN {shaped} THEN TRY_CAST({digits} AS DOUBLE) END"

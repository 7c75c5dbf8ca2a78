"""Columns that a table lacks and its reports miss, and those that may be meant for them."""

import re

from salesanalysis.columns import Column
from salesanalysis.sources.faults import Fault
from salesanalysis.sources.folding import folded
from salesanalysis.sources.matching import Matched
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import execute

#: What reports miss most in a table without it; where it is required, its absence is fatal anyway.
MISSED = {
    "opportunities": ("stage", "amount", "created_at", "closed_at"),
    "snapshots": ("amount", "expected_close_at"),
    "attainment": ("quota",),
    "payouts": ("earned_at", "paid", "paid_at"),
    "products": ("list_price",),
}
#: What the absence of a column means is said of these.
_SAID = ("opportunities", "attainment")
#: Columns that may be without a value: no deal need have closed yet.
_MAY_BE_EMPTY = ("closed_at", "paid", "paid_at")

#: Words of headers, as `folded` has them, that tell of a time or of money; and those that tell
#: of one that is no column of ours.
_TIME = r"date|time|datum|fecha|\bdata\b|\bam\b|\bon\b|\bat\b|日期|时间|日$|created|closed|won|lost"
_NO_TIME = (
    r"modif|updat|last|next|activit|entered|exited|birth|due|days|since|zone|更新|修改|最近|最后|下次|"
    r"跟进|生日|geandert|letzt|nachst"
)
_MONEY = (
    r"amount|value|revenue|price|total|\bsum\b|\b(?:acv|tcv|arr|mrr)\b|budget|betrag|wert|umsatz|summe|"
    r"montant|importe|monto|valor|valeur|worth|contract|金额|价|额|收入|产值|売上"
)
_NO_MONEY = (
    r"expected revenue|weighted|gewichtet|加权|probab|count|quantit|数量|tax|税|discount|折扣"
)
#: Words that tell which time it is.
_WHICH = {
    "created_at": r"creat|open|add|start|beg[iu]n|erstell|angelegt|creaci|cria|建|创|录|立|作成",
    "closed_at": r"clos|won|lost|\bend|finish|sign|schluss|cierre|clotur|fecham|成交|关|结|签|赢",
    "expected_close_at": r"expect|forecast|estimat|target|erwart|voraus|previs|prevu|预",
    "paid_at": r"paid|pay|支付|付款|发放",
    "earned_at": r"earn|accru|应得|计提",
}

_DATE_CELL = re.compile(
    r"\d{1,4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,4}\b.*|\d{1,2}[- ][A-Za-z]{3}.*"
)
_MONEY_CELL = re.compile(r"[^\w\s]*\s?[A-Za-z]{0,3}[$¥€£]?\s?[-+]?\d[\d.,'\s]*\s?\S{0,4}")
#: So many columns are looked into, the likely ones first, in so many rows; this share of their
#: cells must be of the kind.
_LOOKED_AT, _ROWS, _SHARE = 60, 500, 0.8
#: How many columns a note names.
_NAMED = 3


def unused_columns(raw, ask: Request, found: Matched, draft) -> list[Fault]:
    """A note for each column that reports miss, with the columns that may be meant for it."""
    missed = MISSED.get(ask.table.name, ())
    absent = [name for name in missed if name not in draft.columns]
    notes = [Fault("empty_column", name) for name in _empty(draft, ask, missed)]
    if not absent:
        return notes
    if ask.table.name in _SAID:
        notes += [Fault(f"no_{name}", name) for name in absent]
    told = f"{_TIME}|{_MONEY}"
    likely = sorted(
        found.extras.values(), key=lambda i: not re.search(told, folded(raw.headers[i]))
    )
    cells = _cells(raw, likely[:_LOOKED_AT])
    kinds = {i: _kind_of(raw.headers[i], filled) for i, filled in cells.items()}
    for name in absent:
        meant = [
            raw.headers[i]
            for i, kind in kinds.items()
            if _may_be(raw.headers[i], kind, ask.table[name])
        ]
        if meant:
            listed = ", ".join(f"`{header}`" for header in meant[:_NAMED])
            values = {"listed": listed, "table": ask.table.name}
            notes.append(Fault("unused_column", name, len(meant), meant[0], values))
    return notes


def _empty(draft, ask: Request, names) -> list[str]:
    """Those of the columns that are there, but for which no row has a value."""
    there = [name for name in names if name in draft.columns and name not in _MAY_BE_EMPTY]
    if not there:
        return []
    table = draft.table.select("__fault", *there)
    table = table.filter(table["__fault"].isnull())
    amounts = [name for name in there if ask.table[name].kind == "amount"]
    filled = {name: table[name] > 0 if name in amounts else table[name].notnull() for name in there}
    counts = table.agg(**{name: flag.sum() for name, flag in filled.items()})
    counted = counts.to_pyarrow().to_pylist()[0]
    return [name for name in there if not counted[name]]


def _cells(raw, positions: list[int]) -> dict[int, list[str]]:
    """Some filled cells of columns, as text; none where the rows are not in this session."""
    if not (raw.relation and positions):
        return {}
    texts = ", ".join(f"trim(CAST(c{i} AS VARCHAR))" for i in positions)
    rows = execute(f"SELECT {texts} FROM {raw.relation} WHERE __fault IS NULL LIMIT {_ROWS}")
    columns = zip(positions, zip(*rows, strict=True), strict=True) if rows else ()
    return {i: [cell for cell in cells if cell] for i, cells in columns}


def _kind_of(header: str, cells: list[str]) -> str:
    """Whether a column holds times or money, by its cells and its header; empty for neither."""
    said = folded(header)
    if _most(_DATE_CELL, cells) and not re.search(_NO_TIME, said):
        return "time"
    money = re.search(_MONEY, said) and not re.search(_NO_MONEY, said)
    return "amount" if money and _most(_MONEY_CELL, cells) else ""


def _most(shape: re.Pattern, cells: list[str]) -> bool:
    return bool(cells) and sum(bool(shape.fullmatch(cell)) for cell in cells) >= _SHARE * len(cells)


def _may_be(header: str, kind: str, ours: Column) -> bool:
    if kind != ours.kind:
        return False
    said = [name for name, words in _WHICH.items() if re.search(words, folded(header))]
    return not said or ours.name in said or kind == "amount"

"""Rows that are no records: totals, notes and tables below the table, a header that comes again.

They are known by their shape, marked with the rule that says what they are, and left out before
anything is counted. They are no fault of the file: people's tables have totals.
"""

import re
from dataclasses import replace

from salesanalysis.sources.matching import Matched
from salesanalysis.sources.raw import Raw
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import execute, literal, new_name

#: Words for a sum, alone or at either end of a cell.
_TOTAL = (
    r"(?:grand |overall |report |running )?(?:sub-? ?)?totals?|sum of [\w ]+|sum|record count"
    r"|summe|gesamt(?:summe|ergebnis|betrag)?|zwischensumme|insgesamt|(?:sous-? ?)?total général"
    r"|sous-? ?total|somme|suma|totale|totales|totaal|итого|всего"
    r"|合计|小计|总计|总和|汇总|总额|累计|合計|小計|總計|總和|総計"
)
_EXACT = re.compile(rf"[\W_]*(?:{_TOTAL})(?:\s*\([^()]*\))?[\W_]*", re.IGNORECASE)
_PHRASE = re.compile(
    rf"(?:{_TOTAL})(?=[\W_]|\d|$).*|.*(?:[\W_]|(?<=[\u4e00-\u9fff]))(?:{_TOTAL})[\W_]*",
    re.IGNORECASE,
)
#: What a total row says instead of a group, in a column that names groups.
_WHOLE = r"all|everyone|overall|company|全部|所有|全体|整体|总体|全公司|公司|alle|tous|todos"
#: The same for DuckDB, to find rows that are worth a look.
_MAYBE_TOTAL = (
    r"(?i)total|(^|\W)sum(\W|$)|summe|gesamt|somme|suma|totaal|record count|итого|всего"
    r"|[合小总總][计計]|总和|總和|汇总|总额|累计|総計"
)
#: What a note below a table begins with, and the stamps that programs print on every page.
_NOTE = re.compile(
    r"\W*(?:notes?|source|comments?|remarks?|legend|disclaimer|confidential|copyright|©|\(c\)"
    r"|generated|exported|printed|created by|run (?:by|on)|as of|report|filter|page|anmerkung"
    r"|hinweis|quelle|stand|erstellt|seite|remarque|fuente|nota|fonte"
    r"|注|备注|說明|说明|備註|制表|製表|填表|导出|導出|打印|列印|数据来源|來源|来源|截至|以上|第\s*\d+\s*页)"
    r"|\*",
    re.IGNORECASE,
)
_PAGE = r"(?i)^\W*(page|seite|página)\s*\d+(\s*(of|von|de|/)\s*\d+)?\W*$|^\W*第\s*\d+\s*[页頁].*$"

#: With more empty rows than this they are the look of the file, and divide nothing.
_MOST_EMPTY = 2_000
#: With more rows of one such shape than this it is that of the records.
_MOST_ROWS = 100_000
#: Cells of a header that a row must repeat to be one.
_LEAST_REPEATED = 2


def mark(raw: Raw, ask: Request, found: Matched, kinds: dict[int, str] | None = None) -> Raw:
    """The input with the rule in ``__fault`` of each row that is no record.

    ``kinds`` are those of columns that are none of ours by themselves, by their position.
    """
    return marked(raw, _Rows(raw, ask, found, kinds).rules())


def has_sparse(raw: Raw) -> bool:
    """Whether a row fills no more than half of what most rows fill: it may be no record."""
    counted = f"(SELECT {_filled(raw)} AS f FROM {raw.relation})"
    usual, least = execute(f"SELECT mode(f), min(f) FROM {counted}")[0]
    return bool(usual) and least <= usual / 2


def _filled(raw: Raw) -> str:
    """SQL: how many cells of a row have a value."""
    return " + ".join(f"(c{i} IS NOT NULL)::INT" for i in range(len(raw.headers)))


def marked(raw: Raw, rules: dict[int, str]) -> Raw:
    """The input with the rule of each of some rows in ``__fault``."""
    if not rules:
        return raw
    table, view = new_name("no_records"), new_name("raw")
    listed = ", ".join(f"({row}, {literal(rule)})" for row, rule in rules.items())
    execute(f"CREATE TABLE {table} AS SELECT * FROM (VALUES {listed}) AS t(__row, rule)")
    execute(
        f"CREATE VIEW {view} AS SELECT r.* REPLACE (coalesce(n.rule, r.__fault) AS __fault)"
        f" FROM {raw.relation} r LEFT JOIN {table} n ON n.__row = r.__row"
    )
    scratch = (raw.relation, *raw.scratch, table) if raw.scratch else ()
    return replace(raw, relation=view, scratch=scratch)


class _Rows:
    """The rows of an input, looked at for their shape."""

    def __init__(self, raw: Raw, ask: Request, found: Matched, kinds=None):
        self.raw = raw
        self.kinds = {found.positions[n]: ask.table[n].kind for n in found.positions}
        self.kinds |= kinds or {}
        self.currency = found.positions.get("currency")
        names = dict.fromkeys((*ask.table.key, *ask.table.required))
        ids = [n for n in names if n in found.positions and ask.table[n].kind in ("id", "text")]
        self.key = found.positions[ids[0]] if ids else 0
        self.width = len(raw.headers)
        #: Totals and notes stand in the key's column or in one of the first.
        self.labels = list(dict.fromkeys((self.key, *range(min(3, self.width)))))
        self.cells = [f"CAST(c{i} AS VARCHAR)" for i in range(self.width)]
        self.filled = _filled(raw)

    def rules(self) -> dict[int, str]:
        """Row → the rule that says what it is."""
        found = self._headers_again() | self._below() | self._pages()
        return found | {row: "total_row" for row in self._totals() if row not in found}

    def _rows_where(self, condition: str) -> dict[int, list[str | None]]:
        """The cells of the first rows that meet a condition."""
        rows = execute(
            f"SELECT __row, {', '.join(self.cells)} FROM {self.raw.relation}"
            f" WHERE {condition} ORDER BY __row LIMIT {_MOST_ROWS + 1}"
        )
        if len(rows) > _MOST_ROWS:
            return {}
        return {row: [cell and cell.strip() for cell in cells] for row, *cells in rows}

    # --- headers, notes, further tables ---------------------------------------------------------

    def _headers_again(self) -> dict[int, str]:
        same = [
            f"trim({c}) = {literal(n)}" for c, n in zip(self.cells, self.raw.headers, strict=True)
        ]
        first = same[: max(_LEAST_REPEATED, min(5, self.width))]
        if len(first) < _LEAST_REPEATED:
            return {}
        all_same = " AND ".join(f"coalesce({one}, c{i} IS NULL)" for i, one in enumerate(first))
        some = " + ".join(f"coalesce({one}, false)::INT" for one in first)
        found = self._rows_where(f"{all_same} AND {some} >= {_LEAST_REPEATED}")
        return dict.fromkeys(found, "header_again")

    def _pages(self) -> dict[int, str]:
        """Stamps of a page, alone in their row anywhere."""
        if self.width < 2:
            return {}
        alone = f"{self.filled} = 1 AND regexp_matches(coalesce({', '.join(self.cells)}),"
        return dict.fromkeys(self._rows_where(f"{alone} {literal(_PAGE)})"), "text_below")

    def _below(self) -> dict[int, str]:
        """What stands below the table: after an empty row, or as lines of text at its end."""
        counted = execute(
            f"SELECT mode(f), max(__row) FILTER (f > 1) FROM"
            f" (SELECT __row, {self.filled} AS f FROM {self.raw.relation})"
        )
        usual, last = counted[0]
        if not usual or usual < 2 or last is None:
            return {}
        found = self._after_empty_rows()
        # A row whose quotes are broken, or that is too long, holds more than one cell.
        sound = "(__fault IS NULL OR __fault = 'wrong_field_count')"
        for row, cells in self._rows_where(f"__row > {last} AND {sound}").items():
            # Of a narrow table a lone cell may well be a row.
            if row not in found and usual > 2 and self._is_note(cells):
                found[row] = "text_below"
        return found

    def _is_note(self, cells: list) -> bool:
        """Whether the one filled cell of a row at the end is no record's key."""
        text = next(cell for cell in cells if cell)
        if _NOTE.match(text):
            return True
        if cells[self.key] is None:
            return False
        return bool(re.search(r"\s|[，。：:]", text)) and not self._keys_have_blanks()

    def _keys_have_blanks(self) -> bool:
        blanks = f"avg(regexp_matches({self.cells[self.key]}, '\\s|[，。：:]')::INT)"
        share = execute(f"SELECT {blanks} FROM {self.raw.relation} WHERE {self.filled} > 1")[0][0]
        return (share or 0) > 0.02

    def _after_empty_rows(self) -> dict[int, str]:
        """Blocks below an empty row that are unlike the rows above, or have an own header."""
        if not self.raw.empty_rows:
            return {}
        empty = execute(f"{self.raw.empty_rows} ORDER BY __row LIMIT {_MOST_EMPTY + 1}")
        if not empty or len(empty) > _MOST_EMPTY:
            return {}
        blocks = execute(
            "SELECT block, min(f), max(f), min(__row), max(__row) FROM (SELECT r.__row,"
            f" {self.filled} AS f, e.__row AS block FROM {self.raw.relation} r"
            f" ASOF LEFT JOIN ({self.raw.empty_rows}) e ON r.__row > e.__row)"
            " GROUP BY block ORDER BY min(__row)"
        )
        firsts = self._rows_where(f"__row IN ({', '.join(str(block[3]) for block in blocks)})")
        found, least = {}, blocks[0][1]
        for _, emptiest, fullest, first, last in blocks[1:]:
            cells = firsts[first]
            emptier = fullest <= least / 2 and not self._has_such_key(cells[self.key], first)
            header = self._is_header(cells, first) and (
                self._has_word_for_number(cells) or (fullest < least and first < last)
            )
            if emptier or header:
                rule = "text_below" if fullest == 1 else "table_below"
                rows = self._rows_where(f"__row BETWEEN {first} AND {last}")
                found |= dict.fromkeys(rows, rule)
            else:
                least = min(least, emptiest)
        return found

    def _has_such_key(self, key: str | None, row: int) -> bool:
        """Whether a key has the shape of one above it, as `D3` has that of `D12`."""
        if key is None:
            return False
        shape = "regexp_replace(regexp_replace({}, '[0-9]+', '9', 'g'), '\\p{{L}}+', 'a', 'g')"
        same = f"{shape.format(self.cells[self.key])} = {shape.format(literal(key))}"
        above = f"FROM {self.raw.relation} WHERE __row < {row} AND {same}"
        return bool(execute(f"SELECT count(*) {above}")[0][0])

    def _has_word_for_number(self, cells: list) -> bool:
        """Whether a row has words where the table has dates and numbers."""
        kinds = ("time", "amount", "number", "count")
        return any(cells[at] for at, kind in self.kinds.items() if kind in kinds)

    def _is_header(self, cells: list, row: int) -> bool:
        """Whether a row has nothing but words, none of which stands above it in its column."""
        words = {at: cell for at, cell in enumerate(cells) if cell}
        if len(words) < _LEAST_REPEATED or any(
            not re.fullmatch(r"\D*[^\W\d_]{2}\D*", cell) for cell in words.values()
        ):
            return False
        own = [name.strip() for name in self.raw.headers]
        if all(own[at] == cell for at, cell in words.items()):
            return False  # the table goes on below its header
        same = " OR ".join(f"{self.cells[at]} = {literal(cell)}" for at, cell in words.items())
        above = f"FROM {self.raw.relation} WHERE __row < {row} AND ({same})"
        return not execute(f"SELECT count(*) {above}")[0][0]

    # --- totals ---------------------------------------------------------------------------------

    def _totals(self) -> list[int]:
        maybe = " OR ".join(
            f"regexp_matches({self.cells[at]}, {literal(_MAYBE_TOTAL)})" for at in self.labels
        )
        rows = {
            row: (at, cells)
            for row, cells in self._rows_where(maybe).items()
            if (at := self._label(cells)) is not None
        }
        doubtful = [row for row, (at, cells) in rows.items() if not self._is_bare(at, cells)]
        matching = self._matching(list(rows)) if doubtful else set()
        return [row for row in rows if row not in doubtful or row in matching]

    def _label(self, cells: list) -> int | None:
        """Where a row has a word for a sum that can be no name: in its key, or without a key."""
        for at in self.labels if cells[self.key] is None else [self.key]:
            text = cells[at]
            if text and (_EXACT.fullmatch(text) or _PHRASE.fullmatch(text)):
                return at
        return None

    def _is_bare(self, label: int, cells: list) -> bool:
        """Whether nothing but the word and numbers stand in a row of a table that has more."""
        others = [
            at
            for at, kind in self.kinds.items()
            if kind in ("id", "text", "time", "flag") and at not in (label, self.currency)
        ]
        if any(cells[at] for at in others):
            return False
        return bool(others) or bool(_EXACT.fullmatch(cells[label]))

    def _matching(self, candidates: list[int]) -> set[int]:
        """The rows one of whose amounts is the sum of those above it, or since the last of them."""
        listed = ", ".join(map(str, candidates))
        found = set()
        for at in (at for at, kind in self.kinds.items() if kind in ("amount", "number", "count")):
            for number in _both_ways(self.cells[at]):
                rows = execute(
                    f"SELECT __row, v, cum FROM (SELECT __row, v, sum(CASE WHEN __row IN ({listed})"
                    " THEN 0 ELSE v END) OVER (ORDER BY __row) AS cum FROM (SELECT __row,"
                    f" coalesce({number}, 0) AS v FROM {self.raw.relation}))"
                    f" WHERE __row IN ({listed}) ORDER BY __row"
                )
                before = 0.0
                for row, value, above in rows:
                    if value and any(
                        abs(value - total) <= max(0.51, 1e-6 * abs(total))
                        for total in (above, above - before)
                    ):
                        found.add(row)
                    before = above
        return found


def _both_ways(cell: str) -> list[str]:
    """SQL: a cell as a number with a decimal point, and with a decimal comma."""
    digits = f"regexp_replace({cell}, '[^0-9.,-]', '', 'g')"
    return [
        f"TRY_CAST(replace({digits}, ',', '') AS DOUBLE)",
        f"TRY_CAST(replace(replace({digits}, '.', ''), ',', '.') AS DOUBLE)",
    ]


def names_a_total(label: str) -> bool:
    """Whether a label in a column of groups says that its row is of all of them.

    Examples
    --------
    >>> names_a_total("Grand Total"), names_a_total("全部"), names_a_total("Allen")
    (True, True, False)
    """
    whole = re.fullmatch(rf"\W*(?:{_WHOLE})\W*", label, re.IGNORECASE)
    return bool(whole or _EXACT.fullmatch(label))

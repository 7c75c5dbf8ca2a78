"""A table of a report on its page: all rows in the markup, so that all can be sorted and searched.

The page's script shows the first rows only, adds the buttons that sort, and opens the table when a
link leads to one of its rows; without a script every row is there to be read.
"""

import base64
import html
import numbers

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports.addresses import linked, row_anchor, table_anchor
from salesanalysis.reports.blocks import Table
from salesanalysis.reports.tables import heading_of, kind_of, numeric_columns, shown_table

#: A table of more rows has the others in its file only; a page is mailed and opened on telephones.
MOST_ROWS = 2_000

#: On paper a table with a file has so many rows, and says where the others are (also in the style
#: of the page, which counts those that a filter leaves).
PRINTED_ROWS = 40

#: What fits into a page of 1,280 pixels. A table with more columns says by `hide` what goes; a test
#: reads the page of every report.
MOST_COLUMNS = 8

#: One row of more columns stands upright, which is read like a list.
_MOST_OF_ONE = 4

#: A file of more bytes is only named under its table; the page does not hold it a second time.
LARGEST_DOWNLOAD = 100_000

#: A longer text may be broken anywhere, even inside a word.
_LONG = 30
#: A text without blanks of at most so many characters is not broken at its hyphen: 2025-Q4.
_WHOLE = 12

_RIGHT = ' class="r"'


def html_table(table: Table, lang: str, *, content: bytes = b"", currency: str = "") -> str:
    """A table as HTML, everything escaped; a sentence where it has no rows.

    Parameters
    ----------
    table : Table
        A table with a caption.
    lang : str
        The reader's language.
    content : bytes
        Its CSV file, which the page offers where it is not too large.
    currency : str
        That of its amounts, where it is known.
    """
    caption = html.escape(table.caption)
    if not len(table.frame):
        said = text.sentence("report.table.empty", lang, caption=table.caption)
        return f'<p class="sub">{html.escape(said)}</p>'
    upright = len(table.frame) == 1 and len(columns_of_page(table)) > _MOST_OF_ONE
    inner = _upright(table, lang) if upright else _head(table, lang) + _body(table, lang)
    said = " ".join(filter(None, [_unit(table, currency, lang), _rest(table, lang)]))
    note = f'<p class="sub">{html.escape(said)}</p>' if said else ""
    place = f' id="{table_anchor(table.name)}"' if table.name else ""
    look = "table part" if _is_cut_on_paper(table) else "table"
    return (
        f'<div{place} class="{look}" data-rows="{table.rows}">{_tools(table, lang, content)}'
        f'<div class="scroll" role="group" tabindex="0" aria-label="{caption}"><table>'
        f"<caption><span>{caption}</span></caption>{inner}</table></div>"
        f"{_button(table, lang)}{note}{_on_paper(table, lang)}</div>"
    )


def columns_of_page(table: Table) -> list[tuple[str, ...]]:
    """The columns that the page shows side by side: not hidden, not under the row, not empty.

    A column is one of the frame's, or the two ends of an interval, ``x_low`` and ``x_high``, after
    the ``x`` (or ``x_days``) that they belong to.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"stage": ["T"], "n": [3], "reason": [None], "why": ["late"]})
    >>> frame = frame.assign(rate=0.5, rate_low=0.4, rate_high=0.6)
    >>> columns_of_page(Table(frame, "Stages", hide=("n",), under=("why",)))
    [('stage',), ('rate',), ('rate_low', 'rate_high')]
    """
    aside = {*table.hide, *table.under}
    columns = [column for column in table.frame if column not in aside]
    filled = [column for column in columns if table.frame[column].notna().any()] or columns
    shown: list[tuple[str, ...]] = []
    for column in filled:
        base, _, end = column.rpartition("_")
        ends = (f"{base}_low", f"{base}_high")
        if shown and shown[-1] == ends:
            continue
        is_low = end == "low" and ends[1] in filled
        follows = shown and (shown[-1][0] == base or shown[-1][0].startswith(f"{base}_"))
        shown.append(ends if is_low and follows else (column,))
    return shown


def _head(table: Table, lang: str) -> str:
    columns = columns_of_page(table)
    numeric = numeric_columns(table.frame[[column[0] for column in columns]])
    cells = "".join(
        f'<th scope="col"{_RIGHT * number}>{html.escape(_heading(table, column, lang))}</th>'
        for column, number in zip(columns, numeric, strict=True)
    )
    return f"<thead><tr>{cells}</tr></thead>"


def _heading(table: Table, column: tuple[str, ...], lang: str) -> str:
    if len(column) > 1:
        return text.sentence("report.table.interval", lang)
    return heading_of(table.frame, column[0], table.part, lang)


def _upright(table: Table, lang: str) -> str:
    """One row of many columns: a line for each, with its interval beside it."""
    lines: list[list[str]] = []
    for column in columns_of_page(table):
        cell = _column(table, column, lang, tag="td")
        if len(column) > 1:
            lines[-1] += cell
        else:
            head = html.escape(_heading(table, column, lang))
            lines.append([f'<th scope="row">{head}</th>', *cell])
    wide = max(map(len, lines))
    rows = ("".join(line + ["<td></td>"] * (wide - len(line))) for line in lines)
    return f"<tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody>"


def _body(table: Table, lang: str) -> str:
    """The rows, each with what stands under it on a line of its own."""
    frame = table.frame.head(MOST_ROWS)
    first, *others = columns_of_page(table)
    is_flag = kind_of(table.frame, first[0])[0] == "flag"  # which is no name of a row
    cells = [_column(table, first, lang, tag="td" if is_flag else "th")]
    cells += [_column(table, column, lang, tag="td") for column in others]
    rows = map("".join, zip(*cells, strict=True))
    parts = zip(_ids(table, frame), rows, _under(table, frame, lang), strict=True)
    return f"<tbody>{''.join(f'<tr{id_}>{row}</tr>{under}' for id_, row, under in parts)}</tbody>"


def _column(table: Table, column: tuple[str, ...], lang: str, *, tag: str) -> list[str]:
    """The cells of a column of the page, of an interval both ends in one."""
    frame = table.frame[list(column)]
    (number, *_) = numeric_columns(frame)  # of the whole frame: a part may have another dtype
    _, body = shown_table(frame.head(MOST_ROWS), lang=lang, part=table.part)
    values = frame[column[0]].head(MOST_ROWS)
    to = table.links.get(column[0], "")
    return [
        _cell(tag, said[0] if len({*said}) == 1 else " – ".join(said), value, number, to)
        for said, value in zip(body, values, strict=True)
    ]


def _cell(tag: str, shown: str, value, number: bool, to) -> str:
    """A cell; `data-v` says that it is a number, and which, where its text does not."""
    scope = ' scope="row"' if tag == "th" else ""
    address = to if isinstance(to, str) else to.get(value, "")
    inner = linked(html.escape(shown), address)
    return f"<{tag}{scope}{_value(value, shown) if number else _style(shown)}>{inner}</{tag}>"


def _value(value, shown: str) -> str:
    """The raw number of a cell, by which the page sorts; nine digits tell any two rows apart."""
    if not isinstance(value, numbers.Number) or value != value:
        return " data-v"
    raw = f"{float(value):.9g}".replace("inf", "Infinity")
    return " data-v" if raw == shown else f' data-v="{raw}"'


def _style(shown: str) -> str:
    """How a text is set: a long one broken where it must be, a code not at all."""
    if "-" in shown and " " not in shown and len(shown) <= _WHOLE:
        return ' class="whole"'
    return ' class="long"' if len(shown) > _LONG else ""


def _ids(table: Table, frame) -> list[str]:
    """The `id` of each row, by the column that the table has for it."""
    if not table.anchors:
        return [""] * len(frame)
    values = frame[table.anchors]
    if values.dropna().duplicated().any():
        twice = values[values.duplicated()].iloc[0]
        raise SalesAnalysisError(
            f"Table `{table.name}` has {table.anchors} {twice!r} in more than one row, so a link"
            " would not know which it leads to; `anchors` takes a column whose values are unique."
        )
    known = values.notna()
    return [
        f' id="{row_anchor(table.name, value)}"' if there else ""
        for value, there in zip(values, known, strict=True)
    ]


def _under(table: Table, frame, lang: str) -> list[str]:
    """What stands under each row, over its full width."""
    if not table.under:
        return [""] * len(frame)
    wide = len(columns_of_page(table))
    under = frame[list(table.under)]
    _, body = shown_table(under, lang=lang, part=table.part)
    there = under.notna().to_numpy()
    lines = [
        [html.escape(cell) for cell, known in zip(cells, row, strict=True) if known]
        for cells, row in zip(body, there, strict=True)
    ]
    return [
        f'<tr class="under"><td colspan="{wide}"><span>{"<br>".join(said)}</span></td></tr>'
        if said
        else ""
        for said in lines
    ]


def _tools(table: Table, lang: str, content: bytes) -> str:
    """What stands over a table: the filter and what it left, where it is long; the file."""
    parts = []
    if len(table.frame) > table.rows:
        words = html.escape(text.sentence("report.table.filter", lang))
        said = text.sentence("report.table.showing", lang, shown="{shown}", rows="{rows}")
        parts = [
            f'<label hidden>{words} <input type="search" autocomplete="off"></label>',
            f'<span role="status" data-said="{html.escape(said)}"></span>',
        ]
    if content and len(content) <= LARGEST_DOWNLOAD:
        data = base64.b64encode(content).decode()
        parts.append(
            f'<a download="{html.escape(table.name)}.csv"'
            f' href="data:text/csv;charset=utf-8;base64,{data}">CSV</a>'
        )
    return f'<div class="tools">{"".join(parts)}</div>' if parts else ""


def _button(table: Table, lang: str) -> str:
    if len(table.frame) <= table.rows:
        return ""
    every = html.escape(text.sentence("report.table.show_all", lang, rows="{rows}"))
    fewer = html.escape(text.sentence("report.table.show_fewer", lang))
    return f'<button type="button" class="all" hidden data-all="{every}">{fewer}</button>'


def _unit(table: Table, currency: str, lang: str) -> str:
    """In which currency its amounts are, so that none of them needs to say it."""
    shown = {name for column in columns_of_page(table) for name in column}
    if not currency or not any(kind_of(table.frame, name)[0] == "amount" for name in shown):
        return ""
    name = text.currency_name(currency, lang)
    return text.sentence("report.table.amounts", lang, currency=name)


def _is_cut_on_paper(table: Table) -> bool:
    return bool(table.name) and len(table.frame) > PRINTED_ROWS


def _on_paper(table: Table, lang: str) -> str:
    """Where the rows are that paper leaves out."""
    if not _is_cut_on_paper(table):
        return ""
    counts = {"shown": PRINTED_ROWS, "rows": len(table.frame)}
    file = f"tables/{table.name}.csv"
    said = text.sentence("report.table.on_paper", lang, **counts, file=file)
    return f'<p class="sub paper">{html.escape(said)}</p>'


def _rest(table: Table, lang: str) -> str:
    """That rows are not in the page, and where they are."""
    counts = {"shown": MOST_ROWS, "rows": len(table.frame)}
    if counts["rows"] <= MOST_ROWS:
        return ""
    if table.name:
        file = f"tables/{table.name}.csv"
        return text.sentence("report.table.more_in_file", lang, **counts, file=file)
    return text.sentence("report.table.more", lang, **counts)

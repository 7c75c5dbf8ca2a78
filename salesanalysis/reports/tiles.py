"""Key figures shown large, side by side, each with its interval under it."""

import html

from salesanalysis.reports.addresses import linked

_LOW, _HIGH = "_low", "_high"


def as_tiles(columns: list[str], heads: list[str], cells: list[str], addresses: list[str]) -> str:
    """One row of a table as tiles; ``x_low`` and ``x_high`` stand under ``x`` as its interval.

    Examples
    --------
    >>> as_tiles(["rate", "rate_low", "rate_high"], ["Rate", "", ""], ["5", "4", "6"], [""] * 3)
    '<div class="sa-tiles"><span class="sa-tile">Rate<b>5</b><small>4 – 6</small></span></div>'
    """
    by_column = dict(zip(columns, cells, strict=True))
    shown = []
    for column, head, cell, to in zip(columns, heads, cells, addresses, strict=True):
        if column.endswith((_LOW, _HIGH)):
            continue
        low, high = by_column.get(column + _LOW), by_column.get(column + _HIGH)
        interval = f"<small>{html.escape(f'{low} – {high}')}</small>" if low and high else ""
        name, figure = html.escape(head), f"<b>{html.escape(cell)}</b>"
        shown.append(linked(f'<span class="sa-tile">{name}{figure}{interval}</span>', to))
    return f'<div class="sa-tiles">{"".join(shown)}</div>'

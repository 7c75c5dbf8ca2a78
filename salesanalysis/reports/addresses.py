"""Where links lead: to other reports, and to the row of a table on the same page."""

import html
import re


def linked(markup: str, address: str) -> str:
    """Markup that leads to the address, if there is one."""
    return f'<a href="{html.escape(address)}">{markup}</a>' if address else markup


def row_anchor(table: str, value: object) -> str:
    """The ``id`` of the row of a table that holds the value in the table's column for links.

    Two values never share one: what is no letter or digit of ASCII is said by its number.

    Examples
    --------
    >>> row_anchor("stuck", "O0012"), row_anchor("stuck", "甲 1")
    ('stuck-O0012', 'stuck-.7532..20.1')
    """
    safe = re.sub(r"[^A-Za-z0-9_-]", lambda odd: f".{ord(odd[0]):x}.", str(value))
    return f"{table}-{safe}"


def table_anchor(table: str) -> str:
    """The ``id`` of a table on its page.

    Examples
    --------
    >>> table_anchor("stuck")
    'table-stuck'
    """
    return f"table-{table}"

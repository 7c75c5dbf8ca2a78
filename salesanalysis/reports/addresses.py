"""Markup that leads from one report to others."""

import html


def linked(markup: str, address: str) -> str:
    """Markup that leads to the address, if there is one."""
    return f'<a href="{html.escape(address)}">{markup}</a>' if address else markup

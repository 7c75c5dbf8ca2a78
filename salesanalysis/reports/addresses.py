"""Links from one report to others, which lie in folders beside its own."""

import html
import string
from collections.abc import Iterable

from salesanalysis.errors import SalesAnalysisError

_WORDS = ("report", "lang")


def links(pattern: str, names: Iterable[str], *, lang: str) -> dict[str, str]:
    """Where the pages of other reports lie, seen from the folder of this one.

    Nobody looks whether they are there: in a batch they may be made at the same time. Name those
    that will be.

    Parameters
    ----------
    pattern : str
        A relative path with the words ``{report}`` and ``{lang}``, such as
        ``../../{report}/{lang}/report.html``; empty for no links.
    names : list of str
        The reports to link to.
    lang : str
        What stands for ``{lang}``.

    Returns
    -------
    dict of name to address
        Empty where ``pattern`` is.

    Raises
    ------
    SalesAnalysisError
        The pattern has another word in braces, or leaves the place where the reports lie.

    Examples
    --------
    >>> links("../../{report}/{lang}/report.html", ["funnel"], lang="en")
    {'funnel': '../../funnel/en/report.html'}
    >>> links("https://x.test/{report}", ["funnel"], lang="en")
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `links` is 'https://x.test/{report}'; expected a ...
    """
    try:
        words = {word for _, word, _, _ in string.Formatter().parse(pattern) if word is not None}
    except ValueError:
        words = {pattern}
    # A scheme or a second slash would lead to another machine, or run as a script.
    if not words <= set(_WORDS) or ":" in pattern or pattern.startswith(("/", "\\")):
        raise SalesAnalysisError(
            f"`links` is {pattern!r}; expected a relative path with no other words than {{report}}"
            " and {lang} in braces, such as ../../{report}/{lang}/report.html, or nothing for no"
            " links."
        )
    return {name: pattern.format(report=name, lang=lang) for name in names} if pattern else {}


def linked(markup: str, address: str) -> str:
    """Markup that leads to the address, if there is one."""
    return f'<a href="{html.escape(address)}">{markup}</a>' if address else markup

"""A picture's SVG as a part of a page, in the page's own colours and with ids of its own.

It comes from a file, perhaps of a run folder that somebody else made. So nothing goes into the page
but the elements and attributes that :mod:`~salesanalysis.reports.pictures.canvas` writes.
"""

import html
import re

from salesanalysis.errors import SalesAnalysisError

_TAGS = "clipPath|defs|g|image|path|pattern|rect|svg|text|title"
_ATTRIBUTES = (
    "aria-hidden|clip-path|d|fill|fill-opacity|font-family|font-size|font-weight|height|id"
    "|lengthAdjust|patternUnits|pointer-events|role|rx|stroke|stroke-dasharray|stroke-dashoffset"
    "|stroke-linecap|stroke-linejoin|stroke-opacity|stroke-width|text-anchor|textLength|transform"
    "|viewBox|width|x|y"
)
#: What may follow an opening bracket: no address but a picture's own bytes, no other style.
_OURS = re.compile(
    rf'/(?:{_TAGS})|(?:{_TAGS})(?: (?:(?:{_ATTRIBUTES})="[^"<>:]*"|class="m"'
    r'|style="background:#ffffff"|xmlns="http://www\.w3\.org/2000/svg"'
    r'|href="data:image/png;base64,[A-Za-z0-9+/=]*"))*/?>'
)
_HEAD = re.compile(r'<svg xmlns="[^"]*" width="([\d.]+)" height="([\d.]+)" (viewBox="[^"]*")[^>]*>')
_COLOUR = re.compile(r'(?<==")#[0-9a-f]{6}(?=")')


def width_of(svg: bytes) -> float:
    """The width at which a picture's letters have their size, in pixels of a page."""
    return float(_head(svg)[1])


def is_ours(svg: bytes) -> bool:
    """Whether a picture holds nothing that ours never do.

    Examples
    --------
    >>> is_ours(b"<svg onload='alert(1)'></svg>")
    False
    """
    try:
        said = svg.decode()
    except UnicodeDecodeError:
        return False
    return bool(_HEAD.match(said)) and all(_OURS.match(rest) for rest in said.split("<")[1:])


def inline(svg: bytes, label: str, *, name: str, shape: str) -> str:
    """The markup of a picture within a page.

    Parameters
    ----------
    svg : bytes
        As from :func:`salesanalysis.reports.pictures.svg_of`.
    label : str
        What a screen reader says of the whole.
    name, shape : str
        The picture's name and ``wide`` or ``narrow``; together the prefix of its ids.

    Raises
    ------
    SalesAnalysisError
        It holds something that no picture of ours does.
    """
    if not is_ours(svg):
        raise SalesAnalysisError(
            f"The picture `{name}` is not as this program writes it, so it does not go into the"
            " page. Run the report that it comes from again."
        )
    head = _head(svg)
    body = svg.decode()[head.end() :]
    prefix = f"{name}-{shape}-"
    body = body.replace(' id="', f' id="{prefix}').replace("url(#", f"url(#{prefix}")
    body = _COLOUR.sub(_in_the_pages_colours, body)
    role = "group" if '<g class="m"' in body else "img"
    # Where a page has no style for it, as in JupyterLab, the narrow one does not show.
    hidden = ' display="none"' if shape == "narrow" else ""
    return (
        f'<svg class="chart {shape}"{hidden} role="{role}" aria-label="{html.escape(label)}"'
        f' {head[3]} width="{head[1]}" style="max-width:100%;height:auto">{body.strip()}'
    )


def _head(svg: bytes):
    """How a picture of ours begins: its width, its height, its coordinates."""
    return _HEAD.match(svg.decode())


def _in_the_pages_colours(found: re.Match) -> str:
    from salesanalysis.plots.style import ROLES

    colour = found[0]
    return f"var(--c-{ROLES[colour]},{colour})" if colour in ROLES else colour

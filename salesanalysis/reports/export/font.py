"""The font of a page: ours, and of it only the signs that the page uses and Latin fonts lack.

So that Chinese is read on every machine, also on one that has no Chinese font, as with the account
names in an English report.
"""

import base64
import functools
import io
import re

from salesanalysis.plots.font import font_path

#: Not the font's own name: in print the whole font has that.
FAMILY = "Sales Sans Page"

#: Where signs lie that a Latin font may lack: shapes, arrows, everything Chinese.
_SIGNS = re.compile(r"[\u2190-\u2bff\u2e80-\uffef\U00020000-\U0003ffff]")
_RANGE = "U+2190-2BFF,U+2E80-FFEF,U+20000-3FFFF"


def with_font(page: str) -> str:
    """A page with a font for its signs in its head; one without such signs as it is.

    Examples
    --------
    >>> with_font("<head></head>plain")
    '<head></head>plain'
    >>> with_font("<head></head>甲方").partition(";unicode")[0]
    '<head><style>@font-face{font-family:"Sales Sans Page"'
    """
    content = _subset(frozenset(_SIGNS.findall(page)))
    if not content:
        return page
    data = base64.b64encode(content).decode()
    face = (
        f'@font-face{{font-family:"{FAMILY}";unicode-range:{_RANGE};'
        f'src:url(data:font/woff;base64,{data}) format("woff")}}'
    )
    return page.replace("</head>", f"<style>{face}</style></head>", 1)


@functools.lru_cache(maxsize=4)  # pages of one process have much the same signs
def _subset(signs: frozenset[str]) -> bytes:
    """Our font with nothing but these signs, as WOFF; nothing where it has none of them."""
    if not signs:
        return b""
    from fontTools import subset

    options = subset.Options(flavor="woff", layout_features=[], name_IDs=[], drop_tables=["GPOS"])
    written = io.BytesIO()
    with subset.load_font(font_path(), options) as font:
        known = {ord(sign) for sign in signs} & font.getBestCmap().keys()
        if known:
            cut = subset.Subsetter(options)
            cut.populate(unicodes=known)
            cut.subset(font)
            subset.save_font(font, written, options)
    return written.getvalue()

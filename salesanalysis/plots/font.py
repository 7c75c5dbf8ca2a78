"""The package's own font, which pictures are drawn with and pages are set in.

Nothing here loads matplotlib until the font is to be registered there: a page takes the file alone.
"""

import dataclasses
from pathlib import Path

#: The package's own font (Latin and Simplified Chinese) comes first: ``font.sans-serif`` does not
#: fall back glyph by glyph, a list of families does. DejaVu, which matplotlib ships, has the rest.
FAMILY = "Sales Sans SC"
FAMILIES = (FAMILY, "DejaVu Sans")


def font_path() -> Path:
    """The font file that every figure is drawn with.

    Examples
    --------
    >>> font_path().name
    'SalesSansSC-Regular.otf'
    """
    return Path(__file__).parent / "fonts" / "SalesSansSC-Regular.otf"


def register() -> None:
    """Make the font known to matplotlib, once in a process, without scanning the system's fonts."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    if any(entry.name == FAMILY for entry in manager.ttflist):
        return
    # There is one weight (a second one would be 5 MB more). It stands in for bold as well, else
    # matplotlib logs "Failed to find font weight bold" for every bold title.
    regular = font_manager.ttfFontProperty(font_manager.get_font(font_path()))
    manager.ttflist.append(dataclasses.replace(regular, weight=700))
    manager.addfont(font_path())  # last, because it also empties the cache of font look-ups

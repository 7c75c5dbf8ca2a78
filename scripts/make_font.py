"""Make the font that the figures use: `python scripts/make_font.py [--source FILE]`.

The source is Noto Sans CJK Regular as Debian packages it (`apt-get install fonts-noto-cjk`; needs
fontTools, which the `dev` extra brings). The result is a subset of its Simplified Chinese face:

* every character of GBK, for people's and firms' names (GB2312 alone lacks 喆 and 镕);
* Latin letters, with accents as far as the source has them;
* the punctuation, currency and mathematical signs that reports write.

Its family is called "Sales Sans SC". A changed font must not pass for the original, and a name of
its own makes matplotlib take this file on every machine, whatever other fonts are installed there.
The copyright, trademark and licence entries of the name table stay as they are (OFL.txt stands
beside the font). The same source gives the same bytes: no time of making is written into the file.
"""

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
TARGET = Path(__file__).parents[1] / "salesanalysis" / "plots" / "fonts" / "SalesSansSC-Regular.otf"
SOURCE_FAMILY = "Noto Sans CJK SC"
FAMILY = "Sales Sans SC"
POSTSCRIPT_NAME = "SalesSansSC-Regular"

#: Entries of the name table that hold a form of the font's own name, and what they become.
NAMES = {
    1: FAMILY,
    3: f"2.004;{POSTSCRIPT_NAME}",
    4: FAMILY,
    6: POSTSCRIPT_NAME,
}
#: Entries that would still say the old name: typographic family, compatible name, CID name.
DROPPED_NAMES = (16, 17, 18, 20, 21, 22)

#: Signs beyond GBK and Latin that reports write: minus, dashes, comparison, arrows, ticks, stars.
SIGNS = "−–—≥≤≠≈±×÷√∞∑Δ%‰¥€£₩₹✓✗→←↑↓↔▲▼●○■□★☆·•…‘’“”†‡§¶©®™°µ½¼¾²³¹αβγδλμσΩ"

#: Latin: ASCII, Latin-1, then Extended-A and Extended Additional as far as the source has them (for
#: what it lacks, such as ł, matplotlib falls back to DejaVu Sans, letter by letter).
LATIN = (range(0x20, 0x7F), range(0xA0, 0x180), range(0x1E00, 0x1F00))


def characters() -> set[int]:
    """The code points that the subset is to hold, as far as the source has them."""
    wanted = {ord(sign) for sign in SIGNS}
    for block in LATIN:
        wanted.update(block)
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                wanted.add(ord(bytes((lead, trail)).decode("gbk")))
            except UnicodeDecodeError:
                continue  # a pair of bytes that GBK does not use
    return wanted


def _face(source: Path) -> TTFont:
    """The Simplified Chinese face of the collection."""
    for font in TTCollection(source).fonts:
        if font["name"].getDebugName(1) == SOURCE_FAMILY:
            return font
    raise SystemExit(f"{source} holds no face called {SOURCE_FAMILY!r}.")


def make(source: Path, target: Path) -> None:
    """Write the subset of ``source`` to ``target``."""
    font = _face(source)
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "locl"]
    options.hinting = False  # matplotlib's default is to ignore it, and it is a fifth of the file
    options.desubroutinize = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GSUB"]  # only for vertical text
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)

    names = font["name"]
    for number in DROPPED_NAMES:
        names.removeNames(nameID=number)
    for record in names.names:
        if record.nameID in NAMES:
            record.string = NAMES[record.nameID]
    cff = font["CFF "].cff
    cff.fontNames[0] = POSTSCRIPT_NAME
    cff.topDictIndex[0].FullName = FAMILY
    cff.topDictIndex[0].FamilyName = FAMILY
    font.recalcTimestamp = False  # keep the source's time: same source, same bytes
    font.save(target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, default=SOURCE)
    parser.add_argument("--target", type=Path, default=TARGET)
    options = parser.parse_args()
    if not options.source.is_file():
        raise SystemExit(f"{options.source} is missing: install Debian's fonts-noto-cjk.")
    options.target.parent.mkdir(parents=True, exist_ok=True)
    make(options.source, options.target)
    count = len(TTFont(options.target).getBestCmap())
    size = options.target.stat().st_size / 1e6
    print(f"{options.target.name}: {count:,} characters, {size:.1f} MB")


if __name__ == "__main__":
    main()

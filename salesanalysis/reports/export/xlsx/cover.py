"""The cover: the first screen of the page, on one sheet of paper."""

from salesanalysis import text
from salesanalysis.reports import week
from salesanalysis.reports.export import Material, office
from salesanalysis.reports.export.deck import Slide
from salesanalysis.reports.export.layout import Page
from salesanalysis.reports.export.xlsx import look
from salesanalysis.reports.export.xlsx.look import Styles, clean

#: The sheet has so many columns, each so wide, in letters; a tile takes two of them.
_COLUMNS, _WIDTH = 12, 12.5

#: Which columns each cell of the list takes, in the order of ``week.CELLS``.
_LIST = ((0, 1), (2, 4), (5, 5), (6, 6), (7, 7), (8, 10), (11, 11))
#: Of which how long something is over.
_OVER = _LIST[4]


class _Cover:
    """A sheet that is filled from the top."""

    def __init__(self, sheet, styles: Styles):
        self.sheet, self.styles, self.row = sheet, styles, 0

    def say(self, said: str, *, over: tuple[int, int] = (0, _COLUMNS - 1), **look_of) -> float:
        """A text over some columns of the present row; how high it is."""
        first, last = over
        style = self.styles.of(text_wrap=True, **look_of)
        if first == last:
            self.sheet.write_string(self.row, first, clean(said), style)
        else:
            self.sheet.merge_range(self.row, first, self.row, last, "", style)
            self.sheet.write_string(self.row, first, clean(said), style)
        size = look_of.get("font_size", 10)
        letters = _WIDTH * (last - first + 1) * 10 / size
        return look.height(said, letters, line=size * 1.5)

    def line(self, said: str, **look_of) -> None:
        """A text in a row of its own."""
        self.next(self.say(said, **look_of))

    def next(self, height: float = 0.0) -> None:
        """Go to the next row, having set the height of this one where it is given."""
        if height:
            self.sheet.set_row(self.row, height)
        self.row += 1


def write_cover(sheet, first: Slide, page: Page, made: Material, styles: Styles) -> None:
    """Title, answer, what makes numbers wrong, tiles, the list, what to know before."""
    record = made.record
    sheet.hide_gridlines(2)
    sheet.set_column(0, _COLUMNS - 1, _WIDTH)
    cover = _Cover(sheet, styles)
    cover.line(
        record["title"] or record["name"], bold=True, font_size=12, font_color=_hash(office.ACCENT)
    )
    answer = [piece.shown.said for piece in page.first["lead"]] or [record.get("question") or ""]
    for said in answer:
        cover.line(said, bold=True, font_size=16)
    if as_of := record.get("as_of"):
        said = text.sentence("report.page.as_of", made.lang, as_of=as_of)
        cover.line(said, font_color=_hash(office.QUIET))
    for piece in page.first["since"]:
        cover.line(piece.shown.said)
    for piece in page.first["blocking"]:
        cover.line(
            piece.shown.said,
            font_color=_hash(office.STATUS["act"]),
            left=5,
            left_color=_hash(office.STATUS["act"]),
        )
    cover.next()
    _tiles(cover, first)
    for piece in page.first["week"]:
        _week(cover, piece.shown, made)
    cautions = [piece.shown.said for piece in page.first["caution"]]
    if cautions:
        cover.line(text.sentence("report.page.cautions", made.lang), bold=True, font_size=12)
    for said in cautions:
        cover.line(said)
    sheet.print_area(0, 0, cover.row, _COLUMNS - 1)
    sheet.fit_to_pages(1, 1)


def _tiles(cover: _Cover, first: Slide) -> None:
    parts = (
        ("label", {"font_color": _hash(office.QUIET), "font_size": 9}),
        ("value", {"bold": True, "font_size": 16}),
        ("status", {"bold": True, "font_size": 9}),
        ("under", {"font_color": _hash(office.QUIET), "font_size": 9}),
        ("change", {"font_size": 9}),
    )
    for name, look_of in parts if first.tiles else ():
        highest = 0.0
        for number, tile in enumerate(first.tiles):
            own = {**look_of, "bg_color": _hash(office.TINT)}
            said = f"{tile.shape} {tile.word}" if name == "status" else getattr(tile, name)
            if name == "status":
                own["font_color"] = _hash(office.STATUS[tile.status])
            if name == "label":
                own |= {"top": 5, "top_color": _hash(office.STATUS[tile.status])}
            over = (2 * number, 2 * number + 1)
            highest = max(highest, cover.say(said, over=over, **own))
        cover.next(highest)
    if first.tiles:
        cover.next()


def _week(cover: _Cover, told, made: Material) -> None:
    cover.line(told.title, bold=True, font_size=12)
    cover.line(told.note, font_color=_hash(office.QUIET))
    if told.lines:
        highest = 0.0
        for over, head in zip(_LIST, week.heads(made.lang), strict=True):
            own = {"bold": True, "bottom": 1, "font_color": _hash(office.QUIET)}
            highest = max(highest, cover.say(head, over=over, **own, **_aligned(over)))
        cover.next(highest)
    for one in told.lines:
        said = week.line(one, made.lang, made.record.get("currency", ""))
        about = "\n".join(filter(None, [said.about, said.traits]))
        cells = (said.who, about, said.amount, said.at_stake, said.over, said.step, said.due)
        highest = 0.0
        for over, cell in zip(_LIST, cells, strict=True):
            own = {"bottom": 4, "bottom_color": _hash(office.RULE), **_aligned(over)}
            own |= {"bold": True} if over[0] == 0 else {}
            own |= (
                {"font_color": _hash(office.STATUS["act"])}
                if said.is_long and cell == said.over
                else {}
            )
            highest = max(highest, cover.say(cell, over=over, **own))
        cover.next(highest)
    cover.next()


def _aligned(over: tuple[int, int]) -> dict:
    """Amounts are set to the right, and what stands beside them keeps away."""
    if over == _OVER:
        return {"indent": 1}
    return {"align": "right"} if over in ((5, 5), (6, 6)) else {}


def _hash(colour: str) -> str:
    return f"#{colour}"

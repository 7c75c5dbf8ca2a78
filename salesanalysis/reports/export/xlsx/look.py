"""How cells look: their formats, heights and print."""

from salesanalysis.reports.export import office, room_of

#: The most characters that a cell can hold.
LONGEST_TEXT = 32_767

#: Heights of a line and of the tallest row there can be, in points.
_LINE, _TALLEST = 15, 409

#: How Excel shows a number of each kind, given its decimals.
_FORMATS = {
    "share": "0{}%",
    "amount": "#,##0{}",
    "count": "#,##0{}",
    "days": "#,##0{}",
    "number": "#,##0{}",
    "p": "0.0000",
    "date": "yyyy-mm-dd",
}
_DECIMALS = {"share": 1, "amount": 0, "count": 0, "days": 1, "number": 2}


def clean(said: str) -> str:
    """A text without what XML cannot hold, and not longer than a cell."""
    return office.clean(said)[:LONGEST_TEXT]


def height(said: str, width: float, *, line: float = _LINE) -> float:
    """The height of a row with that text: not every reader of the format finds it by itself."""
    room = max(width - 4, 1)
    lines = sum(max(-(-room_of(part) // room), 1) for part in said.split("\n"))
    return min(line * lines, _TALLEST)


def print_on_one_page_across(sheet) -> None:
    """A4 in landscape, as many pages down as it takes."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)


class Styles:
    """The cell styles of a workbook, each made once."""

    def __init__(self, book):
        self._book, self._made = book, {}

    def of(self, **properties):
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "top", **properties})
        return self._made[key]

    def of_kind(self, kind: str, decimals: int | None, **more):
        if kind not in _FORMATS:
            return self.of(text_wrap=True, **more)
        places = _DECIMALS.get(kind, 0) if decimals is None else decimals
        shown = _FORMATS[kind].format("." + "0" * places if places else "")
        return self.of(num_format=shown, **more)

    def head(self, *, number: bool = False, **more):
        align = {"align": "right"} if number else {}
        return self.of(bold=True, bottom=1, text_wrap=True, **align, **more)

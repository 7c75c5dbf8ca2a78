"""The picture of a view, drawn as fast as a hand turns."""

import io

from salesanalysis.plots import style
from salesanalysis.workshop.look import Look

#: Inches of the picture beside the controls and on a telephone, at 100 pixels each of the page.
_SIZE, _NARROW_SIZE = (7.4, 2.9), (3.6, 4.0)

#: Sharp where the page is shown at one and a half times its size, as on a large screen.
_DOTS_PER_INCH = 150

#: Inches that stay free around what is written beside the axes: numbers grow while a room turns.
_SPARE = 0.06


class Pictures:
    """The pictures of one view, wide or for a telephone.

    Their margins are those that the first one needs. To find them takes as long as to draw; and
    while a slider is turned nothing should tremble.
    """

    def __init__(self, *, narrow: bool):
        self._narrow = narrow
        self._margins: dict[str, float] = {}

    def drawn(self, look: Look) -> bytes:
        """The picture as PNG."""
        if not self._narrow:
            return self._drawn(look, _SIZE)
        with style.narrow():
            return self._drawn(look, _NARROW_SIZE)

    def _drawn(self, look: Look, size: tuple[float, float]) -> bytes:
        from matplotlib.figure import Figure

        with style.use():
            figure = Figure(figsize=size, dpi=_DOTS_PER_INCH, layout="none")
            axes = figure.add_subplot()
            style.own_ticks(axes)
            look.draw(axes)
            if not self._margins:
                self._margins = _margins(figure, axes)
            figure.subplots_adjust(**self._margins)
            picture = io.BytesIO()
            # A quickly made picture is worth more here than a small one.
            figure.savefig(picture, format="png", dpi="figure", pil_kwargs={"compress_level": 1})
            return picture.getvalue()


def _margins(figure, axes) -> dict[str, float]:
    """Where the axes may reach to, that all that is written beside them has room."""
    for _ in range(2):  # as the axes change, some labels do
        width, height = figure.get_size_inches()
        place, needed = axes.get_position(), figure.get_tightbbox()
        margins = {
            "left": place.x0 + (_SPARE - needed.x0) / width,
            "right": place.x1 - (_SPARE + needed.x1 - width) / width,
            "bottom": place.y0 + (_SPARE - needed.y0) / height,
            "top": place.y1 - (_SPARE + needed.y1 - height) / height,
        }
        figure.subplots_adjust(**margins)
    return margins

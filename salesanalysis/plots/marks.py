"""Marks with names: what a reader is told of a bar, a dot or a line that he points at.

A page shows the name as a tip and reads it aloud; a PNG knows nothing of it.
"""

from matplotlib.artist import Artist

#: A mark is found by a pointer or a finger even where it is drawn smaller, in points.
_LEAST = 14


class _Mark(Artist):
    """A place on the axes and what is said of it; only our own SVG takes it."""

    def __init__(self, across, down, said: str, least: float):
        super().__init__()
        self.across, self.down, self.said, self.least = across, down, said, least
        self.set_in_layout(False)

    def draw(self, renderer):
        if not hasattr(renderer, "mark"):
            return
        corners = self.axes.transData.transform(
            list(zip(self.across, self.down, strict=True)),
        )
        (left, low), (right, high) = corners.min(axis=0), corners.max(axis=0)
        least = renderer.points_to_pixels(self.least)
        wider, higher = max(least - (right - left), 0), max(least - (high - low), 0)
        box = (left - wider / 2, low - higher / 2, right - left + wider, high - low + higher)
        renderer.mark(box, self.said)


def name_mark(ax, x, y, said: str, *, least: float = _LEAST) -> None:
    """Say what a mark of a picture is: whose it is, its value, its interval, its n.

    Parameters
    ----------
    ax : matplotlib Axes
        Where the mark is drawn.
    x, y : number or day, or a pair of them
        Where it lies, or from where to where it reaches.
    said : str
        Its name, in the reader's language.
    least : float
        How large its place is at least, in points; less where marks lie close together.
    """
    across = [ax.convert_xunits(value) for value in (x if isinstance(x, tuple) else (x, x))]
    down = [ax.convert_yunits(value) for value in (y if isinstance(y, tuple) else (y, y))]
    ax.add_artist(_Mark(across, down, said, least))


def names_of(ax) -> list[str]:
    """The names of the marks on the axes, in their order."""
    return [artist.said for artist in ax.get_children() if isinstance(artist, _Mark)]

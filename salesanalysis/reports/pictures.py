"""The files of a figure, the same bytes each time it is drawn."""

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from salesanalysis.errors import NothingToShow, SalesAnalysisError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Sharp on a screen of double resolution at the figure's own size.
_DOTS_PER_INCH = 192

#: How large a picture a slide has room for where its letters keep their size, in inches.
SLIDE_WIDTH, SLIDE_HEIGHT = 11.0, 4.8


def figure_of(
    name: str, drawn: "Axes | Figure | Callable[..., Axes]", data: Iterable, settings: dict
) -> "Figure | None":
    """The figure that was drawn, or that a function draws; None where it has nothing to show."""
    if callable(drawn):
        try:
            drawn = drawn(*data, **settings)
        except NothingToShow:
            return None
    figure = drawn if hasattr(drawn, "savefig") else getattr(drawn, "figure", None)
    if not hasattr(figure, "savefig"):
        raise SalesAnalysisError(
            f"Figure `{name}` must be a matplotlib Axes or Figure; got {type(drawn).__name__}."
        )
    return figure


def files_of(name: str) -> tuple[str, str]:
    """Where the PNG and the SVG of a figure lie in the folder of its report."""
    return f"figures/{name}.png", f"figures/{name}.svg"


def png_and_svg(name: str, figure) -> tuple[bytes, bytes]:
    """PNG and SVG of a figure, the same bytes each time: no date, ids from the figure's name."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": name}):
        return _png(figure), _saved(figure, "svg", {"Date": None, "Creator": None})


def for_slide(figure) -> bytes:
    """PNG of a tall figure in the shape of a slide: more in a line, its letters as large."""
    figure.set_size_inches(SLIDE_WIDTH, SLIDE_HEIGHT)
    return _png(figure)


def _png(figure) -> bytes:
    return _saved(figure, "png", {"Software": None})


def _saved(figure, kind: str, facts: dict) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format=kind, dpi=_DOTS_PER_INCH, metadata=facts, bbox_inches="tight")
    return picture.getvalue()

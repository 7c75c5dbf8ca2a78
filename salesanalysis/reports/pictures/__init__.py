"""The files of a figure, the same bytes each time it is drawn, and what a page shows of them."""

import html
import inspect
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from salesanalysis.errors import NothingToShow, SalesAnalysisError
from salesanalysis.reports.pictures.inline import inline, is_ours, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

#: Sharp on a screen of double resolution at the figure's own size.
DOTS_PER_INCH = 192

#: How large a picture a slide has room for where its letters keep their size, in inches.
SLIDE_WIDTH, SLIDE_HEIGHT = 8.0, 4.8

#: White around a PNG, in inches; a page leaves room around an SVG by itself.
_PNG_MARGIN = 0.1


@dataclass(frozen=True)
class Picture:
    """A picture as it is written: PNG, SVG, and the SVG for a narrow page, where there is one."""

    png: bytes
    svg: bytes
    narrow: bytes | None = None

    @property
    def contents(self) -> tuple[bytes, ...]:
        """What the files hold, in the order of :func:`files_of`."""
        return (self.png, self.svg, *([] if self.narrow is None else [self.narrow]))

    @property
    def is_ours(self) -> bool:
        """Whether its SVG is as this program writes it, so that a page may hold it."""
        return all(map(is_ours, self.contents[1:]))

    @property
    def width(self) -> int:
        """Its width on a page whose letters have their size."""
        return round(width_of(self.svg))

    def markup(self, name: str, caption: str) -> str:
        """The picture within a page, with its caption."""
        shapes = {"wide": self.svg} | ({"narrow": self.narrow} if self.narrow else {})
        drawn = "".join(
            inline(svg, caption, name=name, shape=shape) for shape, svg in shapes.items()
        )
        several = " sa-both" if self.narrow else ""
        return (
            f'<figure class="sa-figure{several}">{drawn}'
            f"<figcaption>{html.escape(caption)}</figcaption></figure>"
        )


def figure_of(
    name: str, drawn: "Axes | Figure | Callable[..., Axes]", data: Iterable, settings: dict
) -> "Figure | None":
    """The figure that was drawn, or that a function draws; None where it has nothing to show.

    A function in which there is no money takes no ``currency``.
    """
    if callable(drawn):
        if "currency" not in inspect.signature(drawn).parameters:
            settings = {name: value for name, value in settings.items() if name != "currency"}
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


def files_of(name: str) -> tuple[str, str, str]:
    """Where a figure's PNG, SVG and narrow SVG lie in the folder of its report."""
    return f"figures/{name}.png", f"figures/{name}.svg", f"figures/{name}.narrow.svg"


def picture_of(figure: "Figure", narrow: "Figure | None" = None) -> Picture:
    """The files of a figure and of the one drawn for narrow pages."""
    from salesanalysis.reports.pictures.canvas import drawn_as_svg

    svg, box = drawn_as_svg(figure)
    png = _png(figure, box.padded(_PNG_MARGIN))
    return Picture(png, svg, None if narrow is None else svg_of(narrow))


def narrow_figure(
    wide: "Figure", name: str, drawn: "Axes | Figure | Callable[..., Axes]", data, settings: dict
) -> "Figure | None":
    """The figure drawn once more for a narrow page.

    None where it came ready-made, or its function draws it no narrower than it is.
    """
    import matplotlib.pyplot as plt

    from salesanalysis.plots import style

    if not callable(drawn) or "ax" in settings:
        return None
    with style.narrow():
        figure = figure_of(name, drawn, data, settings)
    if figure is None or figure.get_figwidth() < wide.get_figwidth():
        return figure
    plt.close(figure)
    return None


def svg_of(figure: "Figure") -> bytes:
    """SVG of a figure, with text as text and the marks that have names."""
    from salesanalysis.reports.pictures.canvas import drawn_as_svg

    return drawn_as_svg(figure)[0]


def for_slide(figure: "Figure") -> bytes:
    """PNG of a tall figure in the shape of a slide: more in a line, its letters as large."""
    figure.set_size_inches(SLIDE_WIDTH, SLIDE_HEIGHT)
    return picture_of(figure).png


def _png(figure: "Figure", box: "Bbox") -> bytes:
    """What lies in a box, in inches, of a figure that has been laid out."""
    import matplotlib as mpl

    content, layout = io.BytesIO(), figure.get_layout_engine()
    # While it has a layout, or its box is asked for, matplotlib draws a figure twice.
    with mpl.rc_context({"figure.constrained_layout.use": False, "figure.autolayout": False}):
        figure.set_layout_engine(None)
        how = {"dpi": DOTS_PER_INCH, "metadata": {"Software": None}}
        figure.savefig(content, format="png", bbox_inches=box, **how)
    figure.set_layout_engine(layout)
    return content.getvalue()

"""How every figure of the package looks: font, colours with a meaning, sizes, ticks.

Nothing happens at import. A plot function draws inside :func:`use`, as every
:func:`~salesanalysis.plots.picture.picture` does, so that its figure looks the
same in a report, in JupyterLab after ``seaborn.set_theme()``, and on a machine without fonts::

    @picture
    def conversion(table, *, lang="en", ax=None):
        if ax is None:
            _, ax = style.figure(height=3.5)

A notebook that draws figures of its own calls :func:`apply` once.

Seaborn is not imported here: it costs more than a second, and not every report needs it.
"""

import contextlib
import contextvars
from collections.abc import Iterator
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib import ticker

from salesanalysis import columns
from salesanalysis.plots import font
from salesanalysis.text import labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Colours by what they mean, after Okabe and Ito: told apart with any colour vision, and dark
#: enough on white for a line (contrast of 3 to 1 or more; a test measures both).
WON = "#009E73"
LOST = "#BF4F00"
OPEN = "#0072B2"
CANCELLED = "#5F5F5F"
#: What a figure without outcomes is about; its other things are MUTED.
ACCENT = "#0072B2"
MUTED = "#8C8C8C"
TEXT = "#1D2733"
#: Words of second rank: intervals, bases.
QUIET = "#566270"
GRID = "#E3E3E3"
#: The fill of an interval, drawn under the estimate it belongs to, and what is open or to come.
BAND = "#C6DDEE"
PAPER = "#FFFFFF"

#: The colour of each outcome of a deal.
OUTCOMES = {
    columns.WON: WON,
    columns.LOST: LOST,
    columns.OPEN: OPEN,
    columns.CANCELLED: CANCELLED,
}

#: Colours for things without a meaning of their own (regions, products), in this order.
CYCLE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", LOST, "#4D4D4D")

#: What each colour is called on a page, where another takes its place on dark paper
#: (``--c-<role>`` in the style of the page; the values there are chosen and tested together).
ROLES = {
    colour.lower(): role
    for role, colour in {
        "won": WON, "lost": LOST, "main": OPEN, "cancelled": CANCELLED, "muted": MUTED,
        "ink": TEXT, "quiet": QUIET, "grid": GRID, "band": BAND, "paper": PAPER,
        "amber": CYCLE[1], "rose": CYCLE[3], "sky": CYCLE[4], "grey": CYCLE[6],
    }.items()
}  # fmt: skip

#: Inches of the page: its columns are 40 rem wide, on a telephone 22.
WIDTH, HEIGHT = 6.6, 3.8
NARROW_WIDTH = 3.7

_narrow = contextvars.ContextVar("narrow", default=False)

#: Points: letters of 12.7 pixels on a page, and never less than 12.
SIZE, SMALL = 9.5, 9

_RC = {
    "font.family": list(font.FAMILIES),
    "font.size": SIZE,
    # In points, not "medium": a name is read against the font.size of the moment of drawing.
    "axes.labelsize": SIZE,
    "xtick.labelsize": SIZE,
    "ytick.labelsize": SIZE,
    "legend.fontsize": SIZE,
    "figure.titlesize": 13,
    "text.color": TEXT,
    # A "$" in a user's product name is a dollar, not a formula. (Ticks of a logarithmic axis are
    # formulas by default: give such an axis `thousands_axis`.)
    "text.parse_math": False,
    "axes.labelcolor": TEXT,
    "axes.edgecolor": MUTED,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titlepad": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": mpl.cycler(color=CYCLE),
    "grid.color": GRID,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": TEXT,
    "ytick.labelcolor": TEXT,
    "legend.frameon": False,
    "figure.figsize": (WIDTH, HEIGHT),
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "savefig.dpi": 160,  # sharp on a screen of double density, and still small
    "svg.hashsalt": "salesanalysis",  # element ids that do not change from run to run
}


def apply() -> None:
    """Set the style for all figures from here on.

    Starts from matplotlib's defaults, so that the result does not depend on a ``matplotlibrc`` or
    on ``seaborn.set_theme()`` called before.
    """
    font.register()
    mpl.rcdefaults()
    mpl.rcParams.update(_RC)


@contextlib.contextmanager
def use() -> Iterator[None]:
    """The style inside a ``with`` block, or as ``@use()`` inside a function; then as it was before.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with use():
    ...     mpl.rcParams["font.family"][0]
    'Sales Sans SC'
    """
    with mpl.rc_context():
        apply()
        yield


@contextlib.contextmanager
def narrow() -> Iterator[None]:
    """Inside a ``with`` block new figures are as wide as a telephone, and drawn to be read there.

    Examples
    --------
    >>> with narrow():
    ...     is_narrow()
    True
    """
    before = _narrow.set(True)
    try:
        yield
    finally:
        _narrow.reset(before)


def is_narrow() -> bool:
    """Whether what is drawn now is for a narrow page.

    Examples
    --------
    >>> is_narrow()
    False
    """
    return _narrow.get()


def figure(*, width: float | None = None, height: float = HEIGHT) -> "tuple[Figure, Axes]":
    """A new figure in the style, with one set of axes.

    Parameters
    ----------
    width, height : float
        Inches; the width is that of the page where it is not given.

    Returns
    -------
    (Figure, Axes)
        As from :func:`matplotlib.pyplot.subplots`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, ax = figure(height=3)
    >>> [round(float(inches), 1) for inches in fig.get_size_inches()]
    [6.6, 3.0]
    >>> plt.close(fig)
    """
    import matplotlib.pyplot as plt

    width = width or (NARROW_WIDTH if is_narrow() else WIDTH)
    with use():
        fig, ax = plt.subplots(figsize=(width, height))
        own_ticks(ax)
    return fig, ax


def own_ticks(ax: "Axes") -> None:
    """Write the style's ticks into the axes; most are made at drawing, when the style is over."""
    for axis in (ax.xaxis, ax.yaxis):
        prefix = f"{axis.axis_name}tick"
        axis.set_tick_params(
            length=mpl.rcParams[f"{prefix}.major.size"],
            width=mpl.rcParams[f"{prefix}.major.width"],
            pad=mpl.rcParams[f"{prefix}.major.pad"],
            color=mpl.rcParams[f"{prefix}.color"],
            labelcolor=mpl.rcParams[f"{prefix}.labelcolor"],
            labelsize=mpl.rcParams[f"{prefix}.labelsize"],
            labelfontfamily=list(font.FAMILIES),
            grid_color=mpl.rcParams["grid.color"],
            grid_linewidth=mpl.rcParams["grid.linewidth"],
        )


class _ValueFormatter(ticker.Formatter):
    """Tick labels as ``text.labels`` writes them; on a logarithmic axis each by itself."""

    def __init__(self, kind: str, lang: str, decimals: int | None = None, currency: str = ""):
        self.kind = kind
        self.looks = {"lang": lang, "decimals": decimals, "currency": currency}

    def format_ticks(self, values) -> list[str]:
        if self.axis is not None and self.axis.get_scale() == "log":
            return [self(value) for value in values]  # 0.1, 1, 10: each its own digits
        return labels(values, self.kind, **self.looks)

    def __call__(self, x, pos=None) -> str:
        return labels([x], self.kind, **self.looks)[0]


def percent_axis(axis, lang: str, *, decimals: int | None = None) -> None:
    """Write the ticks of an axis of shares (0–1) as per cent.

    Parameters
    ----------
    axis : matplotlib Axis
        ``ax.xaxis`` or ``ax.yaxis``.
    lang : str
        Whose signs stand in the numbers.
    decimals : int, optional
        Digits after the point; as few as the ticks need where not given.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, ax = figure()
    >>> percent_axis(ax.yaxis, "en")
    >>> ax.yaxis.get_major_formatter().format_ticks([0, 0.25, 0.5])
    ['0%', '25%', '50%']
    >>> plt.close(fig)
    """
    axis.set_major_formatter(_ValueFormatter("share", lang, decimals))


def thousands_axis(axis, lang: str, *, decimals: int | None = None) -> None:
    """Write the ticks of an axis of counts, days or other numbers with thousands separators.

    Parameters
    ----------
    axis : matplotlib Axis
        ``ax.xaxis`` or ``ax.yaxis``.
    lang : str
        Whose signs stand in the numbers.
    decimals : int, optional
        Digits after the point; as few as the ticks need where not given.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, ax = figure()
    >>> thousands_axis(ax.xaxis, "en")
    >>> ax.xaxis.get_major_formatter().format_ticks([-50_000, 0, 50_000])
    ['−50,000', '0', '50,000']
    >>> plt.close(fig)
    """
    axis.set_major_formatter(_ValueFormatter("number", lang, decimals))


def money_axis(axis, lang: str, currency: str = "") -> None:
    """Write the ticks of an axis of amounts in one unit, with the sign of their currency.

    Parameters
    ----------
    axis : matplotlib Axis
        ``ax.xaxis`` or ``ax.yaxis``.
    lang : str
        Whose units and signs stand in the numbers.
    currency : str
        Its code; without one there is no sign.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, ax = figure()
    >>> money_axis(ax.xaxis, "en", "USD")
    >>> ax.xaxis.get_major_formatter().format_ticks([0, 500_000, 1_000_000])
    ['$0', '$0.5\xa0M', '$1.0\xa0M']
    >>> plt.close(fig)
    """
    axis.set_major_formatter(_ValueFormatter("amount", lang, currency=currency))

"""Draw: one module for each family, and :mod:`~salesanalysis.plots.style` for how they all look.

Every picture takes ``lang``, one of :data:`salesanalysis.text.LANGUAGES`, and ``ax``, the
matplotlib Axes to draw on (without, those of a new figure), and returns the axes. One of money
takes ``currency``, the code of the table's one currency, whose sign stands beside the amounts.

>>> from salesanalysis import plots
>>> plots.funnel.__name__
'salesanalysis.plots.funnel'
"""

from typing import TYPE_CHECKING

from salesanalysis import lazy

if TYPE_CHECKING:  # an editor reads no folders
    from salesanalysis.plots import customers as customers
    from salesanalysis.plots import forecast as forecast
    from salesanalysis.plots import forgetting as forgetting
    from salesanalysis.plots import funnel as funnel
    from salesanalysis.plots import incentive as incentive

__all__ = [*lazy.parts(__path__), "style"]

__getattr__ = lazy.importer(__name__, __all__)
__dir__ = __all__.copy

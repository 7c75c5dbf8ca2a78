"""Draw: one module for each family, and :mod:`~salesanalysis.plots.style` for how they all look.

Every picture takes ``lang``, one of :data:`salesanalysis.text.LANGUAGES`, and ``ax``, the
matplotlib Axes to draw on (without, those of a new figure), and returns the axes.

>>> from salesanalysis import plots
>>> plots.funnel.__name__
'salesanalysis.plots.funnel'
"""

from salesanalysis import lazy

__all__ = [*lazy.parts(__path__), "style"]

__getattr__ = lazy.importer(__name__, __all__)
__dir__ = __all__.copy

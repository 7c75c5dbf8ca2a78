"""Draw: one module for each family, and :mod:`~salesanalysis.plots.style` for how they all look.

Every picture takes ``lang`` (``en`` or ``zh``) and ``ax``, the matplotlib Axes to draw on (without,
those of a new figure), and returns the axes.

>>> from salesanalysis import plots
>>> plots.funnel.__name__
'salesanalysis.plots.funnel'
"""

import importlib

__all__ = ["forecast", "forgetting", "funnel", "incentive", "style"]


def __getattr__(name: str):
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)

"""Draw: one module for each family, and :mod:`~salesanalysis.plots.style` for how they all look."""

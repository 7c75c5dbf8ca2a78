"""Reports: what a notebook says to its reader, and the runner that makes it a folder of files.

A notebook speaks through :class:`Report`; :func:`run` executes one notebook into one folder, and
:func:`batch` all notebooks of a ``reports.yml``. Importing this package loads neither papermill
nor jinja2: the functions do, when they are called.
"""

from salesanalysis.reports.batches import Machines, batch
from salesanalysis.reports.compute import ReportFailed
from salesanalysis.reports.project import at_project_root
from salesanalysis.reports.report import Report
from salesanalysis.reports.run import Run, run

__all__ = [
    "Machines",
    "Report",
    "ReportFailed",
    "Run",
    "at_project_root",
    "batch",
    "run",
]


__dir__ = __all__.copy

"""One page over all reports: what their run folders tell, brought together.

Nothing is computed again and no report is known by name: whatever leaves key figures in its
``run.json`` has a part, in its own words.
"""

from salesanalysis.reports.overview.page import Overview
from salesanalysis.reports.overview.ranking import findings, first_things
from salesanalysis.reports.overview.run_folders import MadeReport, MadeReports, made_reports

__all__ = ["MadeReport", "MadeReports", "Overview", "findings", "first_things", "made_reports"]


__dir__ = __all__.copy

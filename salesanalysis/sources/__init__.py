"""Files and databases as validated Ibis tables with our names and types.

`read` gives the table, `check` all there is to say about an input, `inputs` those of a report,
`unmatched_keys` the keys of two tables that do not find each other, `plan_text` the text of a plan,
`on_calendar` a table of another source by the company's clock.
"""

from salesanalysis.sources.checked import Checked
from salesanalysis.sources.inputs import inputs
from salesanalysis.sources.lookups import unmatched_lookups
from salesanalysis.sources.plan_text import plan_text
from salesanalysis.sources.read import check, read
from salesanalysis.sources.unmatched import unmatched_keys
from salesanalysis.sources.zones import on_calendar

__all__ = [
    "Checked",
    "check",
    "inputs",
    "on_calendar",
    "plan_text",
    "read",
    "unmatched_keys",
    "unmatched_lookups",
]


__dir__ = __all__.copy

"""Made-up records of companies, some of them written down twice, with the truth beside them.

A company that is entered again is seldom written the same: another legal form, 上海市 for 上海,
the place in brackets or behind, full width, blanks, O for 0 and I for 1 in the code, an old number
of 15 digits, fields left out, slips of the finger. Sisters are two companies at one address and
telephone, with two codes that are both valid.
"""

from salesanalysis.datasets.company_records.companies import company_details
from salesanalysis.datasets.company_records.records import company_records, with_duplicates

__all__ = ["company_details", "company_records", "with_duplicates"]

__dir__ = __all__.copy

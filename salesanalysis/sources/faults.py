"""What can be wrong with an input, and how bad each fault is.

Each rule has a name, a severity and its words in ``text/<lang>/quality.yml``. A rule that is not
listed in :data:`RULES` does not exist: a test holds the three places together.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from salesanalysis.text import LANGUAGES, has, sentence

#: A fatal fault stops the reading; a row set aside is not used and listed; a row left out is not
#: used either, but no fault: it is no record, such as a total; a note changes nothing.
FATAL, SET_ASIDE, LEFT_OUT, NOTE = "fatal", "set_aside", "left_out", "note"
SEVERITIES = (FATAL, SET_ASIDE, LEFT_OUT, NOTE)

#: Severity of each rule, in the order of the data-quality page.
RULES = {
    # the file as a whole
    "empty_file": FATAL,
    "no_rows": FATAL,
    "no_valid_rows": FATAL,
    "password_protected": FATAL,
    "other_kind_of_file": FATAL,
    "unreadable_file": FATAL,
    "packed_files": FATAL,
    "unpacks_too_large": FATAL,
    "unknown_encoding": FATAL,
    "mixed_encoding": FATAL,
    "not_that_encoding": FATAL,
    "open_quote": FATAL,
    "wrong_delimiter": FATAL,
    "several_sheets": FATAL,
    "hidden_sheets_only": FATAL,
    "scattered_cells": FATAL,
    # its header
    "no_header": FATAL,
    "column_twice": FATAL,
    "names_differ": FATAL,
    "column_not_found": FATAL,
    "ambiguous_column": FATAL,
    "missing_column": FATAL,
    "periods_in_columns": FATAL,
    "deals_for_results": FATAL,
    "attainment_alone": FATAL,
    "period_for_booking": FATAL,
    "period_for_sale": FATAL,
    "missing_outcome": FATAL,
    "missing_score": FATAL,
    "unknown_ending": FATAL,
    "periods_without_year": FATAL,
    "fiscal_columns": FATAL,
    "wide_in_database": FATAL,
    "tests_without_day": FATAL,
    # a column as a whole
    "not_typed": FATAL,
    "date_order_ambiguous": FATAL,
    "date_order_mixed": FATAL,
    "half_converted_dates": FATAL,
    "period_for_date": FATAL,
    "other_calendar": FATAL,
    "month_name_ambiguous": FATAL,
    "number_format_mixed": FATAL,
    "credit_or_debit": FATAL,
    "two_currencies": FATAL,
    "unit_unknown": FATAL,
    "units_differ": FATAL,
    "shares_and_per_cents": FATAL,
    "ids_in_scientific_form": FATAL,
    "ids_cut_to_15_digits": FATAL,
    "fiscal_period": FATAL,
    "calendar_period": FATAL,
    "period_ambiguous": FATAL,
    "periods_overlap": FATAL,
    "change_log_mixed": FATAL,
    "uncalculated_formulas": FATAL,
    "merged_numbers": FATAL,
    # one row
    "wrong_field_count": SET_ASIDE,
    "broken_quotes": SET_ASIDE,
    "missing_key": SET_ASIDE,
    "missing_value": SET_ASIDE,
    "duplicate_key": SET_ASIDE,
    "duplicate_row": SET_ASIDE,
    "not_a_date": SET_ASIDE,
    "not_a_period": SET_ASIDE,
    "date_out_of_range": SET_ASIDE,
    "not_a_number": SET_ASIDE,
    "not_a_flag": SET_ASIDE,
    "out_of_range": SET_ASIDE,
    "unknown_stage": SET_ASIDE,
    "unknown_outcome": SET_ASIDE,
    "closed_before_created": SET_ASIDE,
    "closed_without_outcome": SET_ASIDE,
    "open_with_close_date": SET_ASIDE,
    "too_long": SET_ASIDE,
    "control_characters": SET_ASIDE,
    "error_cell": SET_ASIDE,
    # a row that is no record
    "unit_row": LEFT_OUT,
    "total_row": LEFT_OUT,
    "header_again": LEFT_OUT,
    "text_below": LEFT_OUT,
    "table_below": LEFT_OUT,
    "merged_across": LEFT_OUT,
    # worth knowing
    "outcome_words": NOTE,
    "stage_may_end": NOTE,
    "no_stage": NOTE,
    "no_amount": NOTE,
    "no_created_at": NOTE,
    "no_closed_at": NOTE,
    "no_quota": NOTE,
    "empty_column": NOTE,
    "score_without_maximum": NOTE,
    "score_maxima": NOTE,
    "score_maximum_taken": NOTE,
    "unused_column": NOTE,
    "other_column": NOTE,
    "closed_from_dates": NOTE,
    "wide_columns": NOTE,
    "wide_columns_left": NOTE,
    "change_log": NOTE,
    "period_names": NOTE,
    "period_of_dates": NOTE,
    "periods_mixed": NOTE,
    "closed_without_date": NOTE,
    "negative_amount": NOTE,
    "outcome_from_blank": NOTE,
    "outcome_elsewhere": NOTE,
    "close_date_moved": NOTE,
    "day_month_order": NOTE,
    "thousands_assumed": NOTE,
    "decimals_assumed": NOTE,
    "years_of_two_digits": NOTE,
    "epoch_dates": NOTE,
    "read_as_per_cent": NOTE,
    "read_as_shares": NOTE,
    "all_or_nothing": NOTE,
    "unit_in_header": NOTE,
    "unit_in_title": NOTE,
    "unit_not_applied": NOTE,
    "currency_taken": NOTE,
    "currencies_converted": NOTE,
    "excel_serial_dates": NOTE,
    "moments_in_utc": NOTE,
    "moments_in_zone": NOTE,
    "title_rows_skipped": NOTE,
    "header_rows": NOTE,
    "sheet_chosen": NOTE,
    "hidden_sheet_read": NOTE,
    "hidden_sheets_not_read": NOTE,
    "hidden_rows": NOTE,
    "hidden_columns": NOTE,
    "merged_cells": NOTE,
    "error_cells": NOTE,
    "formulas_without_values": NOTE,
    "stray_cells": NOTE,
    "not_seen_through": NOTE,
    "columns_not_read": NOTE,
    "not_its_ending": NOTE,
    "unpacked": NOTE,
    "not_utf8": NOTE,
    "not_in_all_files": NOTE,
    "several_lifecycles": NOTE,
}


class Place(NamedTuple):
    """Where a fault lies: on a line, of which file where the input has several."""

    line: int
    file: str = ""

    def said(self, lang: str) -> str:
        """The place in words."""
        return sentence(
            "quality.line_of_file" if self.file else "quality.line", lang, **self._asdict()
        )


class Said(NamedTuple):
    """A word of a fault that every language has its own for, by its key in the texts."""

    key: str

    def said(self, lang: str) -> str:
        """The word itself."""
        return sentence(f"quality.{self.key}", lang)


class Size(NamedTuple):
    """A number of a fault, said with the digits that it has.

    Examples
    --------
    >>> Size(1e4).said("en"), Size(0.01).said("en")
    ('10,000', '0.01')
    """

    size: float

    def said(self, lang: str) -> str:
        """The number in the signs of the language."""
        written = f"{self.size:,.0f}" if self.size >= 1 else f"{self.size:g}"
        return LANGUAGES[lang].number(written)


@dataclass(frozen=True)
class Fault:
    """One rule broken in one column: how often, and an example.

    ``values`` are what the rule's sentence needs beyond column, count and example. ``file`` is the
    one of several files that has the fault as a whole.
    """

    rule: str
    column: str = ""
    count: int = 1
    example: str = ""
    values: dict = field(default_factory=dict)
    file: str = ""

    @property
    def severity(self) -> str:
        """``fatal``, ``set_aside`` or ``note``."""
        return RULES[self.rule]

    def message(self, lang: str = "en") -> str:
        """The fault as one sentence, without its rule's name."""
        own = f"quality.rule.{self.rule}.detail"
        values = {
            name: value.said(lang) if isinstance(value, Place | Said | Size) else value
            for name, value in self.values.items()
        }
        line = values.get("line")
        said = sentence(
            own if has(own, lang) else "quality.detail",
            lang,
            title=sentence(f"quality.rule.{self.rule}.title", lang),
            why=sentence(f"quality.rule.{self.rule}.why", lang),
            column=self.column,
            count=self.count,
            example=self.example,
            where="" if line is None else sentence("quality.where", lang, line=line),
            **values,
        )
        return sentence("quality.of_file", lang, file=self.file, said=said) if self.file else said


class FatalFaults(Exception):
    """Raised inside the package to stop a reading; ``check`` turns it into a result."""

    def __init__(self, *faults: Fault):
        super().__init__(", ".join(fault.rule for fault in faults))
        self.faults = list(faults)


def zoned(column: str, count: int, time_zone: str, example: str = "") -> Fault:
    """That moments have a zone, and by which clock they count."""
    if time_zone == "UTC":
        return Fault("moments_in_utc", column, count, example)
    return Fault("moments_in_zone", column, count, example, {"zone": time_zone})

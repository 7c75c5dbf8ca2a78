"""Every faulty file of ``data/sample/dirty`` is caught by its rule and on its line."""

import functools
import warnings
from pathlib import Path

import make_dirty
import pytest

from salesanalysis import sources
from salesanalysis.errors import SalesAnalysisError, SetAsideWarning
from salesanalysis.sources.faults import FATAL

ROOT = Path(__file__).parents[2]
DIRTY = ROOT / "data" / "sample" / "dirty"

# file: the fatal rule
REFUSED = {
    "ambiguous_dates.csv": "date_order_ambiguous",
    "column_twice.csv": "column_twice",
    "empty.csv": "empty_file",
    "german.csv": "missing_outcome",
    "header_only.csv": "no_rows",
    "mixed_amounts.csv": "number_format_mixed",
    "mixed_dates.csv": "date_order_mixed",
    "mixed_encoding.csv": "mixed_encoding",
    "no_header.csv": "no_header",
    "no_id.csv": "missing_column",
    "no_outcome.csv": "missing_outcome",
    "cut_off.xlsx": "unreadable_file",
    "open_quote.csv": "open_quote",
    "password.xlsx": "password_protected",
    "salesforce.csv": "date_order_ambiguous",
    "two_currencies.csv": "two_currencies",
    "two_sheets.xlsx": "several_sheets",
    "two_stage_columns.csv": "ambiguous_column",
    "western.csv": "unknown_encoding",
    "wrong_delimiter.csv": "wrong_delimiter",
}
# file: rows, then rule → lines of the rows set aside
SET_ASIDE_ROWS = {
    "amounts.csv": (6, {"not_a_number": [5]}),
    "blank_lines.csv": (4, {"not_a_number": [8]}),
    "broken_quotes.csv": (3, {"broken_quotes": [4]}),
    "closed_before_created.csv": (3, {"closed_before_created": [4]}),
    "duplicate_ids.csv": (4, {"duplicate_key": [3, 5], "duplicate_row": [4]}),
    "impossible_date.csv": (3, {"not_a_date": [4]}),
    "long_cell.csv": (3, {"too_long": [4], "open_with_close_date": [4]}),
    "missing_ids.csv": (6, {"missing_key": [4, 5, 6, 7]}),
    "ragged.csv": (4, {"wrong_field_count": [4, 5]}),
    "two_digit_year.csv": (3, {"not_a_date": [4]}),
    "unknown_outcomes.csv": (2, {"unknown_outcome": [3]}),
    "unknown_stages.csv": (3, {"unknown_stage": [4]}),
    "zero_byte.csv": (3, {"control_characters": [4], "open_with_close_date": [4]}),
}
SOUND = {
    "chinese_gbk.csv": 2,
    "chinese_utf16.csv": 2,
    "text_as_workbook.xlsx": 1,
    "titles.xlsx": 2,
}
STAGES = {"unknown_stages.csv": ["Won", "Lost"]}


@functools.cache
def check(name):
    return sources.check(DIRTY / name, table="opportunities", stages=STAGES.get(name))


def test_every_file_is_expected_somewhere():
    assert {path.name for path in DIRTY.iterdir()} == {*REFUSED, *SET_ASIDE_ROWS, *SOUND}


@pytest.mark.parametrize(("name", "rule"), REFUSED.items())
def test_fatal(name, rule):
    found = check(name)
    assert list(found.faults.query("severity == 'fatal'")["rule"]) == [rule]
    assert found.severity == FATAL
    assert found.table is None
    assert found.rows_used == 0
    with pytest.raises(SalesAnalysisError, match="cannot be read as `opportunities`") as raised:
        found.require()
    assert found.messages("en", FATAL)[0] in str(raised.value)
    assert "{" not in found.messages("zh", FATAL)[0].replace("{'outcome'", "").replace(
        "{'已签'", ""
    )


@pytest.mark.matrix
@pytest.mark.parametrize(("name", "expected"), SET_ASIDE_ROWS.items())
def test_set_aside(name, expected):
    rows, lines = expected
    found = check(name)
    aside = found.cases.query("severity == 'set_aside'")
    assert {rule: list(some["line"]) for rule, some in aside.groupby("rule")} == lines
    left_out = {line for some in lines.values() for line in some}
    assert (found.rows, found.rows_set_aside) == (rows, len(left_out))
    assert found.rows_used == rows - len(left_out) == found.table.count().execute()
    assert list(found.set_aside_rows()["line"]) == sorted(left_out)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sources.read(DIRTY / name, table="opportunities", stages=STAGES.get(name))
    told = [str(w.message) for w in caught if w.category is SetAsideWarning]
    assert len(told) == 1
    assert f"{len(left_out)} of {rows} rows set aside" in told[0]


@pytest.mark.parametrize(("name", "rows"), SOUND.items())
def test_sound(name, rows):
    found = check(name)
    assert (found.rows, found.rows_used) == (rows, rows)
    assert set(found.faults["severity"]) <= {"note"}


@pytest.mark.matrix
@pytest.mark.parametrize("name", sorted({*REFUSED, *SET_ASIDE_ROWS, *SOUND}))
def test_rows_add_up_and_faults_agree_with_cases(name):
    found = check(name)
    if found.table is not None:
        unused = found.rows_set_aside + found.rows_left_out + found.rows_not_kept
        assert found.rows == found.rows_used + unused
    listed = found.cases.groupby(["rule", "column"]).size()
    for (rule, column), count in listed.items():
        fault = found.faults[(found.faults["rule"] == rule) & (found.faults["column"] == column)]
        assert len(fault) == 1
        assert fault["count"].item() >= count


def test_the_script_writes_the_committed_text_files():
    for name, content in make_dirty.files().items():
        assert (DIRTY / name).read_bytes() == content, name


def test_what_a_mapping_mends():
    german = sources.check(
        DIRTY / "german.csv",
        table="opportunities",
        values={"outcome": {"Unterschrieben": "won", "Abgesprungen": "lost"}},
    )
    frame = german.table.order_by("opportunity_id").to_pandas()
    assert list(frame["amount"]) == [1234.5, 12.0]
    assert list(frame["outcome"]) == ["won", "lost"]
    assert list(frame["created_at"].dt.strftime("%Y-%m-%d")) == ["2024-01-15", "2024-01-16"]
    stages = sources.check(
        DIRTY / "two_stage_columns.csv", table="opportunities", columns={"stage": "Sales Stage"}
    )
    assert stages.table.to_pandas().to_dict("list") == {
        "opportunity_id": ["D1"],
        "stage": ["Won"],
        "outcome": ["won"],
        "Deal Stage": ["Won"],
    }


def test_a_salesforce_export_with_its_expected_close_dates():
    found = sources.check(DIRTY / "salesforce.csv", table="opportunities", date_order="mdy")
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert list(frame["outcome"]) == ["won", "open"]
    assert [str(moment)[:10] for moment in frame["closed_at"]] == ["2024-01-31", "NaT"]
    assert [str(moment)[:10] for moment in frame["expected_close_at"]] == ["NaT", "2024-06-30"]
    assert list(frame["probability"]) == [1.0, 0.6]
    assert list(found.faults["rule"]) == ["close_date_moved"]
    how = found.columns.set_index("column")["how"]
    assert (how["expected_close_at"], how["outcome"]) == ("derived", "derived")


def test_chinese_amounts_in_their_unit_dates_and_flags():
    for name in ("chinese_gbk.csv", "chinese_utf16.csv"):
        frame = check(name).table.order_by("opportunity_id").to_pandas()
        assert list(frame["amount"]) == [120_000, 35_000]
        assert list(frame["created_at"].dt.strftime("%Y-%m-%d")) == ["2024-03-01", "2024-03-02"]
        assert list(frame["must_win"]) == [True, False]
        assert list(frame["outcome"]) == ["won", "lost"]

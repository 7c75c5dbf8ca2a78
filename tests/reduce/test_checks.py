"""The engine of the checks: its ready rules against loops over rows, its counts and its rows."""

import ibis
import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, errors, reduce, text
from salesanalysis.reduce import checks
from salesanalysis.reduce.checks import Check, Checks, Subject
from salesanalysis.reduce.currencies import currencies, require_one_currency

NOON = pd.Timestamp("2025-01-05 12:00")


@pytest.fixture(scope="module")
def frame():
    """Rows with everything that a real table may hold: gaps, ties, keys twice, odd currencies."""
    rng = np.random.default_rng(4)
    size = 300
    moments = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 240, size), unit="h")
    return pd.DataFrame({
        "row": np.arange(size), "key": rng.choice(["a", "b", "c", None], size),
        "other": rng.choice([f"k{n}" for n in range(150)], size),
        "amount": np.where(rng.random(size) < 0.2, np.nan, rng.integers(-50, 50, size) / 8),
        "begins_at": pd.Series(moments).mask(rng.random(size) < 0.2).astype("datetime64[us]"),
        "ends_at": pd.Series(moments[::-1]).mask(rng.random(size) < 0.2).astype("datetime64[us]"),
        "late": rng.choice([True, False, None], size).astype(object),
        "currency": rng.choice(["EUR", "USD", "JPY", None], size, p=[0.6, 0.2, 0.1, 0.1]),
    }).astype({"late": "boolean"})  # fmt: skip


def day(moment):
    return moment.normalize()


KNOWN = pd.DataFrame({"key": ["a", None, "d"]})

#: Each ready rule, and the same said of one row.
RULES = {
    "every_row": (checks.every_row, lambda row, _: True),
    "no_row": (checks.no_row, lambda row, _: False),
    "flag": (checks.flag("late"), lambda row, _: row.late is True),
    "missing": (checks.missing("amount"), lambda row, _: pd.isna(row.amount)),
    "missing, of two": (
        checks.missing("key", "ends_at"),
        lambda row, _: pd.isna(row.key) or pd.isna(row.ends_at),
    ),
    "negative": (checks.negative("amount"), lambda row, _: row.amount < 0),
    "after": (
        checks.after("begins_at", "ends_at"),
        lambda row, _: day(row.begins_at) > day(row.ends_at),
    ),
    "after a moment": (
        checks.after("begins_at", NOON),
        lambda row, _: day(row.begins_at) > day(NOON),
    ),
    "before a moment": (
        checks.after(NOON, "begins_at"),
        lambda row, _: day(row.begins_at) < day(NOON),
    ),
    "twice": (
        checks.twice("other"),
        lambda row, rows: [r.other for r in rows].count(row.other) > 1,
    ),
    "twice, of two": (
        checks.twice("key", "other"),
        lambda row, rows: sum((r.key, r.other) == (row.key, row.other) for r in rows) > 1,
    ),
    "orphan": (
        checks.orphan("key", ibis.memtable(KNOWN)),
        lambda row, _: isinstance(row.key, str) and row.key not in {"a", "d"},
    ),
}


def rows_of(frame):
    """The rows, missing values as None: a loop must not take them for a text or a number."""
    plain = frame.astype(object).where(frame.notna(), None)
    return list(plain.itertuples(index=False))


@pytest.mark.parametrize("name", RULES)
def test_a_ready_rule_finds_what_a_loop_over_single_rows_finds(frame, name):
    rule, of_row = RULES[name]
    rows = rows_of(frame)

    def holds(row):
        try:
            return bool(of_row(row, rows))
        except (TypeError, AttributeError):  # of a value that is missing nothing is true
            return False

    expected = [row for row in rows if holds(row)]
    subject = Subject(ibis.memtable(frame), "amount")
    found = Checks([Check("it", "low", "rows", rule)], {"rows": subject})
    one = found.table.iloc[0]
    assert (one["n"], one["rows"]) == (len(rows), len(expected))
    assert one["share"] == len(expected) / len(rows)
    amounts = [row.amount for row in expected if row.amount is not None]
    assert one["amount"] == pytest.approx(sum(amounts) if amounts else np.nan, nan_ok=True)
    assert set(found.rows_of("it")["row"]) == {row.row for row in expected}
    if name not in ("every_row", "no_row"):
        assert 0 < len(expected) < len(rows)  # else it would show nothing


def test_a_rule_can_be_said_on_other_engines(frame):
    rows = ibis.table(ibis.memtable(frame).schema(), name="rows")
    known = ibis.table({"key": "string"}, name="known")
    rules = {name: rule for name, (rule, _) in RULES.items() if name != "orphan"}
    rules["orphan"] = checks.orphan("key", known)
    for dialect in ("postgres", "bigquery"):
        assert ibis.to_sql(rows.select(**{n: rule(rows) for n, rule in rules.items()}), dialect)


def test_a_base_says_what_a_check_is_about(frame):
    check = Check("it", "low", "rows", checks.negative("amount"), checks.missing("key"))
    table = Checks([check], {"rows": Subject(ibis.memtable(frame))}).table
    about = frame[frame["key"].isna()]
    assert table[["n", "rows"]].iloc[0].tolist() == [len(about), (about["amount"] < 0).sum()]
    assert np.isnan(table["amount"].iloc[0])  # nothing says what a row is worth


def checked(frame, *every, **subject):
    return Checks(every, {"rows": Subject(ibis.memtable(frame), **subject)}).table.set_index(
        "check"
    )


def test_a_finding_is_told_from_what_is_clear_and_what_cannot_be_told(frame):
    negative = checks.negative("amount")
    table = checked(
        frame,
        Check("found", "low", "rows", negative, suggest="mend", blocks=True),
        Check("clear", "low", "rows", checks.no_row, suggest="mend", blocks=True),
        Check("seldom", "low", "rows", negative, least_share=0.9, suggest="mend", blocks=True),
        Check("untold", "low", "rows", suggest="mend", blocks=True),
        Check("lacking", "low", "rows", checks.missing("team"), needs=("team",), blocks=True),
        Check("elsewhere", "low", "nowhere", negative, blocks=True),
    )
    assert table["finding"].to_dict() == {
        "found": "found", "clear": "clear", "seldom": "clear", "untold": "unknown",
        "lacking": "unknown", "elsewhere": "unknown",
    }  # fmt: skip
    assert table["blocks"].to_dict() == {name: name == "found" for name in table.index}
    suggested = table["suggestion"].notna()
    assert suggested.to_dict() == {name: name in ("found", "untold") for name in table.index}
    assert table.loc["seldom", "rows"] == table.loc["found", "rows"] > 0
    # Of how many it would be is known where there are the columns it takes.
    assert table["n"].tolist() == [len(frame)] * 4 + [0, 0]
    assert table.loc[["untold", "lacking", "elsewhere"], "share"].isna().all()


def test_what_the_input_has_can_be_more_or_less_than_the_columns(frame):
    every = Check("it", "low", "rows", checks.negative("amount"), needs=("history",))
    assert checked(frame, every).loc["it", "finding"] == "unknown"
    assert checked(frame, every, has={"history"}).loc["it", "finding"] == "found"
    amount = Check("it", "low", "rows", checks.negative("amount"), needs=("amount",))
    assert checked(frame, amount, has={"history"}).loc["it", "finding"] == "unknown"


def test_the_worst_come_first_else_in_their_order(frame):
    severities = ["low", "high", "medium", "low", "high"]
    every = [Check(f"c{n}", severity, "rows") for n, severity in enumerate(severities)]
    assert checked(frame, *every).index.tolist() == ["c1", "c4", "c2", "c0", "c3"]


def test_rows_come_with_the_largest_amount_first_and_not_more_than_asked(frame):
    subject = Subject(ibis.memtable(frame), "amount", ("row", "amount"))
    found = Checks([Check("it", "low", "rows", checks.flag("late"))], {"rows": subject})
    late = frame[frame["late"].fillna(False).astype(bool)]
    ordered = late.assign(worth=late["amount"].fillna(0)).sort_values(
        ["worth", "row"], ascending=[False, True]
    )
    rows = found.rows_of("it", most=10)
    assert rows.columns.tolist() == ["row", "amount"]
    assert rows["row"].tolist() == ordered["row"].head(10).tolist()
    assert found.rows_of("it")["row"].tolist() == ordered["row"].tolist()


def test_rows_of_what_cannot_be_told_are_none_and_those_of_no_check_are_refused(frame):
    lacking = Check("lacking", "low", "rows", checks.missing("team"), needs=("team",))
    every = [lacking, Check("untold", "low", "rows"), Check("elsewhere", "low", "nowhere")]
    found = Checks(every, {"rows": Subject(ibis.memtable(frame))})
    assert all(found.rows_of(check.name).empty for check in every)
    with pytest.raises(SalesAnalysisError, match="`check` is 'untolt'.*Did you mean `untold`"):
        found.rows_of("untolt")


def test_values_found_are_suggested_five_at_most(frame):
    def suggested(hit):
        check = Check("it", "low", "rows", hit, suggest=checks.values("other"))
        return checked(frame, check).loc["it", "suggestion"]

    few = sorted(frame["other"].head(3).unique())
    assert suggested(lambda t: t.row < 3) == ", ".join(few)
    many = sorted(frame["other"].unique())[:5]
    assert suggested(checks.every_row) == ", ".join(many) + " …"


def test_amounts_do_not_depend_on_the_order_of_the_rows():
    amounts = pd.DataFrame({"amount": [0.1] * 3 + [1e8, 0.7]})
    every = Check("it", "low", "rows", checks.every_row)
    sums = {
        checked(amounts.sample(frac=1, random_state=seed), every, amount="amount").loc[
            "it", "amount"
        ]
        for seed in range(4)
    }
    assert sums == {100_000_001.0}


# Currencies


def test_currencies_come_with_the_most_frequent_first(frame):
    table = ibis.memtable(frame)
    assert currencies(table) == frame["currency"].value_counts().index.tolist()
    assert currencies(table.drop("currency")) == []
    even = ibis.memtable(pd.DataFrame({"currency": ["USD", "EUR"]}))
    assert currencies(even) == ["EUR", "USD"]


@pytest.mark.parametrize(
    ("expected", "base", "other"),
    [
        (None, checks.every_row, lambda row: row.currency not in ("EUR", None)),
        ("USD", checks.every_row, lambda row: row.currency not in ("USD", None)),
        (None, checks.negative("amount"), lambda row: row.currency not in ("EUR", None)
         and row.amount is not None and row.amount < 0),
    ],
)  # fmt: skip
def test_another_currency_is_told_from_that_of_most_or_the_expected(frame, expected, base, other):
    table = ibis.memtable(frame)
    check = checks.one_currency("mix", "rows", table, base=base, expected=expected)
    row = checked(frame, check).loc["mix"]
    assert row["rows"] == sum(other(row) for row in rows_of(frame)) > 0
    assert (row["finding"], row["blocks"], row["severity"]) == ("found", True, "high")
    assert row["suggestion"].startswith("EUR, ")


def test_one_currency_is_clear_and_none_cannot_be_told(frame):
    def finding(change, **more):
        rows = frame.assign(currency=change)
        check = checks.one_currency("mix", "rows", ibis.memtable(rows), **more)
        return checked(rows, check).loc["mix", "finding"]

    assert finding("EUR") == "clear"
    assert finding("EUR", expected="USD") == "found"
    unknown = pd.Series([None] * len(frame), dtype="str")
    assert finding(unknown) == "unknown"
    without = frame.drop(columns="currency")
    check = checks.one_currency("mix", "rows", ibis.memtable(without), expected="EUR")
    assert checked(without, check).loc["mix", "finding"] == "unknown"


@pytest.mark.parametrize(
    ("found", "expected", "said"),
    [
        ([], None, ""),
        ([], "EUR", ""),
        (["EUR"], None, ""),
        (["EUR"], "EUR", ""),
        (["USD", "EUR"], None, "`currency` of `sales` holds EUR, USD; expected one currency"),
        (["USD"], "EUR", "`currency` of `sales` holds USD; expected EUR alone as the plan says"),
    ],
)
def test_amounts_in_several_currencies_are_refused(found, expected, said):
    frame = pd.DataFrame({"currency": pd.Series([*found, None], dtype="str")})
    for refuse in (
        lambda: errors.require_one_currency(found, "sales", expected=expected),
        lambda: require_one_currency(ibis.memtable(frame), "sales", expected=expected),
    ):
        if said:
            with pytest.raises(SalesAnalysisError, match=said):
                refuse()
        else:
            refuse()


# What the families hand to the engine


def one_row():
    """A row with what any of the checks ask for."""
    dates = "created_at entered_at booked_at ends_at trained_at tested_at sold_at refreshed_at"
    return pd.DataFrame([dict.fromkeys(dates.split(), pd.Timestamp("2025-01-01")) | {
        "opportunity_id": "a", "outcome": "open", "stage": "S", "stream": "x", "contract_id": "c",
        "learner_id": "p", "skill": "s", "score": 0.5, "payee_id": "p", "period": "2025-Q1",
        "sales": 1.0, "amount": 1.0, "owner_id": "R1", "share": 1.0,
    }])  # fmt: skip


DAY = {"as_of": "2025-02-01"}
#: The parts that have words for the checks of a family, and all of its checks.
FAMILIES = {
    "funnel": (["funnel"], lambda row: reduce.funnel.checks(row, row, **DAY)),
    "forecast": (
        ["forecast", "funnel"],
        lambda row: (
            reduce.forecast.checks(row, row, bookings=row, contracts=row, **DAY)
            + reduce.forecast.split_checks(row, row)
            + reduce.forecast.schedule_checks(row.assign(period="2025-01"), row, row)
        ),
    ),
    "forgetting": (["forgetting"], lambda row: reduce.forgetting.checks(row, row, **DAY)),
    "incentive": (["incentive"], lambda row: reduce.incentive.checks(row, sales=row)),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_checks_have_words_and_the_columns_of_their_rows_headings(family):
    parts, made = FAMILIES[family]
    found = made(one_row())
    names = [check.name for check in found.every]
    assert len(set(names)) == len(names)
    assert {check.of for check in found.every} == set(found.subjects)
    for lang in text.LANGUAGES:
        for check in found.every:
            for key in (f"check.{check.name}", f"why.{check.name}", f"of.{check.of}"):
                assert any(text.has(f"{part}.value.{key}", lang) for part in parts), key
        for subject in found.subjects.values():
            for column in subject.shown or subject.rows.columns:
                assert text.heading(parts, column, lang) != column, column

"""The funnel reductions give the same frames on PostgreSQL and on Spark as on DuckDB."""

import os

import ibis
import numpy as np
import pandas as pd
import pytest

from salesanalysis import reduce
from salesanalysis.datasets.company_records import company_records
from salesanalysis.periods import Calendar
from salesanalysis.reduce.expressions import as_ibis
from salesanalysis.reduce.funnel.contact_counts import contacts

STAGES = ["lead", "offer", "talks"]
EXITS = {"won": ["signed"], "lost": ["gone"]}
SETTINGS = {"as_of": "2025-03-15", "exits": EXITS}


@pytest.fixture(scope="module")
def frames():
    """Deals, stage history and contacts with everything that a real table may hold."""
    rng = np.random.default_rng(11)
    size = 2_000
    start = pd.Timestamp("2025-01-01")
    ids = np.array([f"d{n:04d}" for n in range(500)])
    moments = start + pd.to_timedelta(rng.integers(0, 9_000_000, size), unit="s")
    rows = pd.DataFrame(
        {
            "opportunity_id": rng.choice([*ids[:-20], "unknown"], size),
            "stage": rng.choice([*STAGES, "signed", "gone", "other"], size),
            "entered_at": moments.astype("datetime64[us]"),
            "amount": np.where(rng.random(size) < 0.3, np.nan, rng.integers(1, 999, size)),
        }
    )
    created = start + pd.to_timedelta(rng.integers(0, 60, len(ids)), unit="D")
    outcome = rng.choice(["open", "won", "lost", "cancelled"], len(ids))
    closed = created + pd.to_timedelta(rng.integers(0, 60, len(ids)), unit="D")
    expected = created + pd.to_timedelta(rng.integers(20, 80, len(ids)), unit="D")
    deals = pd.DataFrame(
        {
            "opportunity_id": ids,
            "account_id": rng.choice(["c01", "c02", None], len(ids)),
            "outcome": outcome,
            "created_at": created.astype("datetime64[us]"),
            "closed_at": closed.where(outcome != "open", pd.NaT).astype("datetime64[us]"),
            "expected_close_at": expected.astype("datetime64[us]"),
            "amount": np.where(rng.random(len(ids)) < 0.1, np.nan, rng.integers(1, 999, len(ids))),
            "region": rng.choice(["N", "S", None], len(ids)),
            "owner_id": rng.choice(["R1", "R2"], len(ids)),
        }
    )
    contacts = rows[["opportunity_id"]].assign(at=rows["entered_at"])
    bookings = pd.DataFrame(
        {
            "booked_at": closed.astype("datetime64[us]"),
            "stream": rng.choice(["channel", "pipeline", None], len(ids)),
            "amount": np.where(rng.random(len(ids)) < 0.1, np.nan, rng.integers(-9, 99, len(ids))),
            "currency": rng.choice(["EUR", "USD", None], len(ids)),
        }
    )
    accounts = rng.choice(["A", "B", "C", "D", None], len(ids))
    amounts = rng.integers(100, 9_999, len(ids)) / 100
    invoices = pd.DataFrame(
        {
            "invoice_id": ids,
            "account_id": accounts,
            "issued_at": created.astype("datetime64[us]"),
            "due_at": expected.astype("datetime64[us]"),
            "amount": amounts,
            "kind": rng.choice(["invoice", "Credit note", None], len(ids), p=[0.6, 0.2, 0.2]),
            "applies_to": rng.choice([*ids, None], len(ids)),
            "settled_at": closed.where(rng.random(len(ids)) < 0.3, pd.NaT).astype("datetime64[us]"),
        }
    )
    payments = pd.DataFrame(
        {
            "paid_at": closed.astype("datetime64[us]"),
            "amount": np.where(rng.random(len(ids)) < 0.5, amounts, 7.25),
            "invoice_id": rng.choice([*ids[:300], "unknown", None], len(ids)),
            "account_id": accounts,
        }
    )
    merged = pd.DataFrame({"account_id": list("ABCD"), "merged_into": ["B", "C", None, None]})
    tables = {"opportunities": deals, "stage_history": rows, "activities": contacts}
    tables |= {"invoices": invoices, "payments": payments, "accounts": merged}
    more = customer_tables(rng, start)
    accounts = {"accounts": pd.concat([merged, more["accounts"]], ignore_index=True)}
    records = {"records": company_records(400, seed=3, chinese=0.8)[0]}
    return tables | {"bookings": bookings} | more | accounts | records


def customer_tables(rng, start: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """What customers buy, look at and say, and two campaigns."""
    people = np.array([f"c{n:02d}" for n in range(40)])

    def days(size):
        moments = start + pd.to_timedelta(rng.integers(0, 9_000_000, size), unit="s")
        return pd.Series(moments).astype("datetime64[us]")

    member = {"campaign_id": np.repeat(["one", "two"], 40), "account_id": np.tile(people, 2)}
    assigned = days(80).where(rng.random(80) < 0.9)
    return {
        "purchases": pd.DataFrame(
            {"account_id": rng.choice([*people, None], 900), "purchased_at": days(900),
             "amount": rng.integers(-30, 99, 900).astype(float),
             "kind": rng.choice(["sale", "cancelled", None], 900),
             "order_id": rng.choice([*(f"o{n}" for n in range(150)), None], 900)}
        ),
        "views": pd.DataFrame(
            {"account_id": rng.choice([*people, None], 900), "at": days(900),
             "category": rng.choice(["lamp", "sofa", None], 900),
             "price": rng.choice([5.0, 7.5, 20.0, 80.0, np.nan], 900)}
        ),
        "campaign_members": pd.DataFrame(
            member | {"assigned": rng.choice(["treated", "control"], 80), "assigned_at": assigned,
                      "interacted_at": days(80).where(rng.random(80) < 0.5)}
        ),
        "accounts": pd.DataFrame(
            {"account_id": people, "owner_id": "R1", "segment": "big", "since": days(40),
             "loyalty_level": rng.integers(1, 9, 40).astype(float), "city": "Jinan"}
        ),
        "suggestions": pd.DataFrame({"account_id": rng.choice(people, 90), "at": days(90)}),
        "referrals": pd.DataFrame(
            {"account_id": rng.choice(people, 90), "at": days(90),
             "referred_id": rng.choice([*people, "stranger", None], 90)}
        ),
    }  # fmt: skip


@pytest.fixture(scope="module")
def postgres(frames):
    url = os.environ.get("SALESANALYSIS_TEST_POSTGRES")
    if not url:
        pytest.skip("needs a PostgreSQL server (SALESANALYSIS_TEST_POSTGRES)")
    connection = ibis.connect(url.replace("postgres://", "postgresql://"))
    yield {
        name: connection.create_table(f"engines_{name}", frame, temp=True)
        for name, frame in frames.items()
    }
    connection.disconnect()


@pytest.fixture(scope="module")
def spark(frames):
    pyspark = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    builder = pyspark.SparkSession.builder.master("local[2]")
    quiet = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"}
    for key, value in quiet.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    connection = ibis.pyspark.connect(session)
    kinds = dict.fromkeys(["amount", "price", "loyalty_level"], "double")
    tables = {}
    for name, frame in frames.items():
        kinds |= dict.fromkeys(frame.select_dtypes("datetime"), "timestamp_ntz")
        schema = ", ".join(f"{column} {kinds.get(column, 'string')}" for column in frame.columns)
        rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
        rows = [[v.to_pydatetime() if isinstance(v, pd.Timestamp) else v for v in r] for r in rows]
        session.createDataFrame(rows, schema).createOrReplaceTempView(f"engines_{name}")
        tables[name] = connection.table(f"engines_{name}")
    yield tables
    session.stop()


@pytest.fixture(
    params=[
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param(
            "spark",
            # The first start of Spark warns of much that is its own.
            marks=[pytest.mark.spark, pytest.mark.filterwarnings("ignore")],
        ),
    ]
)
def sides(request, frames):
    """The same tables as DataFrames, which DuckDB reads, and in another engine."""
    return frames, request.getfixturevalue(request.param)


def check_agreement(sides, function, given, **settings):
    here, there = (function(**{name: side[name] for name in given}, **settings) for side in sides)
    assert len(here)
    pd.testing.assert_frame_equal(here, there, check_dtype=False)


def booked(*, bookings, **settings):
    return reduce.forecast.bookings(as_ibis(bookings).drop("currency"), **settings)


def table_of_checks(**given):
    return reduce.forecast.checks(**given).table


def rows_of_check(*, check, **given):
    return reduce.forecast.checks(**given).rows_of(check)


GIVEN = [["opportunities", "stage_history"], ["stage_history"], ["opportunities"]]
CHECKED = [[*given, "bookings"] for given in GIVEN]


@pytest.mark.parametrize("observed_from", [None, "2025-01-20"])
@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("function", [reduce.funnel.stage_entries, reduce.funnel.deals])
def test_deals_and_their_stages_are_the_same(sides, given, function, observed_from):
    settings = SETTINGS | {"observed_from": observed_from}
    if "opportunities" in given:
        settings["by"] = ["region"]
    settings |= {"cohort": "month"} if function is reduce.funnel.deals else {"stages": STAGES}
    check_agreement(sides, function, given, **settings)


@pytest.mark.parametrize("unit", ["week", "month", "quarter", "year"])
@pytest.mark.parametrize(
    "company", [Calendar(), Calendar(first_month=4), Calendar(first_month=2, weeks="4-5-4")]
)
def test_periods_are_cut_alike(sides, company, unit):
    settings = {"as_of": "2025-03-15", "unit": unit, "calendar": company}
    check_agreement(sides, booked, ["bookings"], **settings)


@pytest.mark.parametrize("given", CHECKED)
def test_every_check_finds_the_same(sides, given):
    check_agreement(sides, table_of_checks, given, **SETTINGS, stages=STAGES)


@pytest.mark.parametrize(
    "check",
    ["moved_back", "entries_after_closing", "history_without_deal", "bookings_currency_mix"],
)
def test_a_check_finds_the_same_rows(sides, check):
    settings = SETTINGS | {"stages": STAGES, "check": check}
    check_agreement(sides, rows_of_check, CHECKED[0], **settings)


@pytest.mark.parametrize("given", GIVEN)
def test_the_pipeline_of_a_day_is_the_same(sides, given):
    check_agreement(sides, reduce.funnel.snapshot, given, **SETTINGS, stages=STAGES)


@pytest.mark.parametrize("given", GIVEN)
def test_what_moved_is_the_same(sides, given):
    settings = {"start": "2025-02-10", "end": "2025-03-15", "exits": EXITS, "stages": STAGES}
    check_agreement(sides, reduce.funnel.movements, given, **settings)


def test_the_same_stages_are_unlisted_and_the_same_contacts_counted(sides):
    tables = [
        reduce.funnel.unlisted_stages(side["stage_history"], stages=STAGES, exits=EXITS)
        for side in sides
    ]
    pd.testing.assert_frame_equal(*tables)
    assert tables[0]["stage"].tolist() == ["other"]
    check_agreement(sides, contacts, ["activities"], as_of="2025-03-15")


def test_what_a_forecast_starts_from_is_the_same(sides):
    given = ["opportunities", "stage_history"]
    settings = SETTINGS | {"since": "2025-02-01", "by": ["region"], "stages": STAGES}
    here, there = (
        reduce.forecast.known({name: side[name] for name in given}, **settings) for side in sides
    )
    for name, found in vars(here.pipeline).items():
        if isinstance(found, pd.DataFrame):
            pd.testing.assert_frame_equal(found, vars(there.pipeline)[name], check_dtype=False)


@pytest.mark.parametrize("given", [["invoices"], ["invoices", "payments", "accounts"]])
@pytest.mark.parametrize("function", [reduce.customers.open_items, reduce.customers.invoices])
def test_the_same_invoices_are_open(sides, given, function):
    check_agreement(sides, function, given, as_of="2025-02-20")


def checks_of_customers(**tables):
    return reduce.customers.checks(**tables, as_of="2025-02-20").table


def test_checks_of_what_is_owed_find_the_same(sides):
    given = ["purchases", "invoices", "payments", "accounts"]
    check_agreement(sides, checks_of_customers, given)


def account_contacts(*, activities, opportunities):
    """Contacts of sellers with accounts, in columns that the tables have."""
    deals = as_ibis(opportunities)
    deals = deals.mutate(account_id=deals.region)
    touched = as_ibis(activities)
    touched = touched.mutate(owner_id=touched.opportunity_id.substr(0, 2))
    return reduce.customers.account_contacts(touched, deals, as_of="2025-02-20")


def test_the_same_sellers_were_in_touch(sides):
    check_agreement(sides, account_contacts, ["activities", "opportunities"])


def advocates(**tables):
    return reduce.customers.advocates(tables, as_of="2025-03-15")


def standing(**tables):
    return reduce.customers.standing(tables, **SETTINGS, stages=STAGES)


def view_counts(*, views, once_a_day):
    settings = {"as_of": "2025-03-15", "before_days": 40, "after_days": 30}
    return reduce.customers.view_counts(views, once_a_day=once_a_day, **settings)


@pytest.mark.parametrize("once_a_day", [False, True])
def test_looks_and_their_price_bands_are_counted_alike(sides, once_a_day):
    check_agreement(sides, view_counts, ["views"], once_a_day=once_a_day)


def test_campaigns_have_the_same_members_and_outcomes(sides):
    for function, given in (
        (reduce.customers.campaign_members, ["members"]),
        (reduce.customers.campaign_outcomes, ["members", "purchases"]),
    ):
        sides_of = [side | {"members": side["campaign_members"]} for side in sides]
        check_agreement(sides_of, function, given, as_of="2025-03-15")


def test_customers_stand_and_speak_the_same(sides):
    given = ["accounts", "purchases", "suggestions", "referrals"]
    check_agreement(sides, advocates, given)
    given = ["accounts", "purchases", "opportunities", "stage_history", "activities"]
    check_agreement(sides, standing, given)


def test_customers_have_the_same_rhythm_on_every_day(sides):
    check_agreement(sides, reduce.customers.rhythm, ["purchases"], as_of="2025-03-15")
    settings = {"as_of": "2025-03-15", "step_days": 20}
    check_agreement(sides, reduce.customers.rhythms, ["purchases"], **settings)


def pairs_of(*, records):
    return reduce.customers.candidate_pairs(records)


def crowded_in(*, records):
    return reduce.customers.crowded_keys(records, most=4)


def test_the_same_records_are_compared(sides):
    check_agreement(sides, pairs_of, ["records"])
    check_agreement(sides, crowded_in, ["records"])

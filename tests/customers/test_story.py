"""What is said of customers, and what is not."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import customers, reduce
from salesanalysis.known import KnownCustomers


def names(found):
    return [one.name for one in found]


def said(amounts, as_of):
    """The findings on some months, each a day and its amount: name, values."""
    bought = pd.DataFrame({"purchased_at": pd.to_datetime(list(amounts)), "account_id": "A"})
    bought["amount"] = list(amounts.values())
    known = reduce.customers.known({"purchases": bought}, as_of=as_of)
    found = customers.month_findings(customers.by_month(known))
    return [(finding.name, dict(finding.values)) for finding in found]


AMOUNTS = {"2024-02-05": 10.0, "2025-02-01": 30.0, "2025-03-09": 5.0}


def test_a_month_that_has_only_begun_is_not_told():
    latest = ("latest", {"month": "2025-02", "customers": 1, "amount": 30.0})
    assert said(AMOUNTS, "2025-03-30") == [latest, ("more", {"amount": 20.0})]


def test_a_month_is_over_at_the_end_of_its_last_day():
    latest = ("latest", {"month": "2025-03", "customers": 1, "amount": 5.0})
    assert said(AMOUNTS, "2025-03-31") == [latest, ("more", {"amount": 5.0})]


def test_data_that_end_before_the_day_do_not_end_the_months():
    assert said(AMOUNTS, "2025-06-30") == [("nothing_bought", {"month": "2025-06"})]


def test_without_the_month_of_the_year_before_nothing_is_compared():
    few = said({"2025-01-05": 1.0, "2025-02-05": 2.0}, "2025-02-28")
    assert [name for name, _ in few] == ["latest"]
    assert said({"2025-01-05": 1.0}, "2025-01-30") == []


SALES = pd.DataFrame({"account_id": ["A", "B"], "amount": [10.0, 5.0], "purchases": [2, 1]})
OWED = pd.DataFrame(
    {
        "unpaid_amount": [30.0, 20.0, 0.0],
        "overdue_amount": [10.0, 0.0, 0.0],
        "over_limit_amount": [5.0, np.nan, 0.0],
        "limit_state": ["limited", "missing", "missing"],
        "exposure": [30.0, 20.0, 0.0],
    }
)
AGES = pd.DataFrame({"bucket": ["not_due", "1–30", ">90"], "unpaid_amount": [40.0, 7.0, 3.0]})


def test_the_answer_holds_what_is_owed_only_where_invoices_are_known():
    (alone,), (both,) = customers.lead(SALES), customers.lead(SALES, OWED)
    assert (alone.name, dict(alone.values)) == ("bought", {"amount": 15.0, "customers": 2})
    assert both.values == {"amount": 15.0, "customers": 2, "open": 50.0, "overdue": 10.0}


@pytest.mark.parametrize(("days", "name"), [(30.0, "bought_since"), (340.0, "bought")])
def test_twelve_months_are_said_only_of_data_that_reach_back_so_far(days, name):
    rhythm = pd.DataFrame({"account_id": ["A", "B"], "watched_days": [3.0, days]})
    known = KnownCustomers(as_of="2025-03-31", rhythm=rhythm)
    (alone,), (both,) = (customers.lead(SALES, owed, known=known) for owed in (None, OWED))
    assert alone.name == name and both.name == f"{name}_and_owed"
    assert alone.values.get("since") in (None, pd.Timestamp("2025-03-01"))


def test_a_limit_that_is_missing_is_told_apart_from_one_that_is_passed():
    found = {one.name: dict(one.values) for one in customers.owed_findings(OWED, AGES)}
    assert found["overdue"] == {"overdue": 10.0, "open": 50.0, "long": 3.0}
    assert found["over_limit"] == {"customers": 1, "amount": 5.0}
    assert found["no_limit"] == {"customers": 1, "amount": 20.0}, "who owes nothing needs none"
    assert names(customers.owed_findings(OWED * [0, 0, 0, 1, 0], AGES)) == ["nothing_open"]


def test_key_figures_are_those_of_the_tables_that_there_are():
    figures = {one.name: one.value for one in customers.key_figures(SALES, OWED)}
    assert figures == {"sales": 15.0, "overdue_amount": 10.0, "over_limit_amount": 5.0}
    assert customers.key_figures() == []


def test_where_no_limit_is_known_no_figure_says_that_none_is_passed():
    none = OWED.assign(limit_state="missing", over_limit_amount=np.nan)
    assert [one.name for one in customers.key_figures(owed=none)] == ["overdue_amount"]


def test_an_amount_of_0_is_said_in_words():
    assert names(customers.lead(SALES, OWED.assign(overdue_amount=0.0))) == ["bought"]
    assert names(customers.lead(SALES.assign(purchases=0))) == ["nothing_bought"]
    returned = {"period": ["2025-01"], "customers": 0, "purchases": 0, "amount": -9.0}
    months = pd.DataFrame(returned | {"whole": True})
    assert names(customers.month_findings(months)) == ["nothing_bought"]
    recent = AGES.assign(unpaid_amount=[40.0, 10.0, 0.0])
    assert names(customers.owed_findings(OWED, recent))[0] == "overdue_lately"
    kept = OWED.assign(overdue_amount=0.0)
    due = AGES.assign(unpaid_amount=[50.0, 0.0, 0.0])
    assert names(customers.owed_findings(kept, due))[0] == "nothing_overdue"


def test_what_has_no_due_day_is_not_said_to_be_in_time():
    ages = pd.DataFrame({"bucket": ["no_due_date"], "unpaid_amount": [50.0]})
    kept = OWED.assign(overdue_amount=0.0, over_limit_amount=0.0)
    (first, _) = customers.owed_findings(kept, ages)
    assert (first.name, first.values["amount"]) == ("no_due_day", 50.0)


@pytest.fixture(scope="module")
def sample_chance():
    """Monthly buyers over two years, some of whom stopped."""
    rng = np.random.default_rng(1)
    days, accounts = [], []
    for account in range(150):
        last = 730 if account % 5 else rng.integers(200, 600)
        at = np.cumsum(rng.exponential(30, 60))
        at = at[at < last]
        days += list(pd.Timestamp("2023-07-01") + pd.to_timedelta(at.astype(int), unit="D"))
        accounts += [f"A{account}"] * len(at)
    bought = pd.DataFrame({"purchased_at": days, "account_id": accounts, "amount": 10.0})
    known = reduce.customers.known({"purchases": bought}, as_of="2025-06-29")
    return customers.return_chance(known.rhythms, horizon_days=60)


def test_a_list_of_those_who_leave_is_told_with_how_often_it_was_wrong(sample_chance):
    alarms = sample_chance.alarms(false_share=0.2)
    (found,) = customers.leaving_findings(sample_chance, alarms, false_share=0.2)
    assert found.name == "list" and found.values["false"] <= 0.2
    assert found.values["customers"] == len(alarms) > 5


def test_no_list_is_a_sentence_too(sample_chance):
    nobody = sample_chance.alarms(false_share=0.2)[:0]
    (found,) = customers.leaving_findings(sample_chance, nobody, false_share=0.1)
    assert (found.name, found.values["allowed"]) == ("no_list", 0.1)


CAMPAIGN = {
    "campaign_id": "Spring",
    "outcome": "bought",
    "compared": "assigned",
    "n": 100,
    "control_n": 90,
}
LIFT = {"rate": 0.6, "control_rate": 0.5, "rate_lift": 0.1}
LIFT |= {"rate_lift_low": 0.02, "rate_lift_high": 0.18}


@pytest.mark.parametrize(
    ("verdict", "reason", "expected"),
    [
        ("effect", None, "effect"),
        ("not_told", None, "not_told"),
        ("not_an_effect", "no_control", "no_control"),
        ("not_an_effect", "arms_differ", "arms_differ"),
    ],
)
def test_a_campaign_has_an_effect_only_by_assignment_against_a_control(verdict, reason, expected):
    row = CAMPAIGN | LIFT | {"assigned": "treated", "verdict": verdict, "reason": reason}
    engaged = row | {"compared": "engaged", "verdict": "effect"}
    money = row | {"outcome": "amount"}
    found = customers.campaign_findings(pd.DataFrame([row, engaged, money]))
    assert names(found) == [expected]


def test_without_a_campaign_that_has_begun_the_page_says_so():
    row = CAMPAIGN | LIFT | {"assigned": "treated", "verdict": "effect", "reason": None}
    assert names(customers.campaign_findings(pd.DataFrame([row])[:0])) == ["none_begun"]


def test_what_is_true_of_a_campaign_is_said_once_and_what_is_not_over_is_not_told():
    row = CAMPAIGN | LIFT | {"verdict": "not_an_effect", "reason": "no_control"}
    arms = pd.DataFrame([row | {"assigned": arm} for arm in ("men", "women")])
    assert names(customers.campaign_findings(arms)) == ["no_control"]
    early = arms.assign(verdict="not_told", reason=None, n=0, rate=np.nan)
    found = customers.campaign_findings(early)
    assert [(one.name, one.values["arm"]) for one in found] == [
        ("waiting", "men"),
        ("waiting", "women"),
    ]


def test_what_customers_bring_has_limits_only_where_it_was_tested():
    total = pd.DataFrame({"horizon_days": [365.0], "customers": 9, "customer_value": 100.0})
    total = total.assign(value_low=80.0, value_high=130.0, days_tested=3, status="ok")
    assert names(customers.worth_findings(total)) == ["total"]
    stays = total.assign(status="no_leaving_seen")
    assert names(customers.worth_findings(stays)) == ["total", "no_leaving_seen"]
    assert names(customers.worth_findings(total.assign(value_low=np.nan))) == ["untested"]
    assert names(customers.worth_findings(total.assign(customer_value=np.nan))) == ["not_told"]


def test_who_is_behind_is_told_only_with_an_earlier_year():
    months = pd.DataFrame({"account_id": "A", "period": ["2025-01", "2025-02"], "amount": 1.0})
    targets = pd.DataFrame({"account_id": ["A"], "period": ["2025"], "target": [120.0]})
    known = KnownCustomers(as_of="2025-03-31", months=months, targets=targets)
    assert names(customers.behind_findings(customers.schedule_gap(known))) == ["cannot_tell"]

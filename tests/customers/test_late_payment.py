"""Late payment: learnt from what was known alone, as good as measured, right where it is tested."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, customers, reduce, sources
from salesanalysis.customers import late_history
from salesanalysis.customers.late_history import PaymentHistory
from salesanalysis.stats import fit_logistic, ranked_right

DAY = pd.Timestamp("2013-10-31")


@pytest.fixture(scope="module")
def billed(shared):
    path = shared("receivables/WA_Fn-UseC_-Accounts-Receivable.csv")
    return sources.read(path, table="invoices").to_pandas()


def known(invoices, day=DAY):
    return reduce.customers.known({"invoices": invoices}, as_of=day)


def simulated(seed=0, size=2_000, day="2025-06-30"):
    """Accounts with a share late of their own; who pays in time pays on any day before."""
    rng = np.random.default_rng(seed)
    account = rng.integers(0, 40, size)
    issued = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 540, size), unit="D")
    late = rng.random(size) < np.linspace(0.05, 0.8, 40)[account]
    days = np.where(late, rng.integers(31, 90, size), rng.integers(3, 31, size))
    return pd.DataFrame(
        {
            "invoice_id": [f"{n:05d}" for n in range(size)],
            "account_id": [f"A{n}" for n in account],
            "issued_at": issued,
            "due_at": issued + pd.Timedelta(days=30),
            "amount": rng.integers(10, 999, size).astype(float),
            "settled_at": issued + pd.to_timedelta(days, unit="D"),
            "is_late": late,
        }
    )


def test_invoices_of_2013_are_ranked_as_measured_from_what_was_known_at_their_issue(billed):
    rows = billed.sort_values(["issued_at", "invoice_id"], ignore_index=True)
    rows = rows.assign(due=rows["due_at"], is_late=rows["settled_at"] > rows["due_at"])
    history = PaymentHistory(rows, rows["settled_at"].max())
    fit, rate, _ = history.on(pd.Timestamp("2013-01-01"))
    later = rows[rows["issued_at"] >= "2013-01-01"]
    chance = fit.chance(history._features(history._at_issue.loc[later.index], rate))
    late = later["is_late"].to_numpy()
    assert ranked_right(chance, late) == pytest.approx(0.879, abs=0.001)
    loss = -np.log(np.where(late, chance, 1 - chance)).mean()
    assert loss == pytest.approx(0.409, abs=0.006)


def test_of_the_sample_so_many_were_late(billed):
    model = customers.late_chance(known(billed, "2014-12-31"))
    assert model.late / model.n == pytest.approx(0.3556, abs=5e-5)
    assert (model.late_days > 30).sum() / model.n == pytest.approx(0.0032, abs=5e-5)


def test_open_invoices_of_the_sample_are_late_as_often_as_predicted(billed):
    model = customers.late_chance(known(billed), tests=17)
    tested = model.tested
    assert tested["n"].sum() > 1_000
    inside = (tested["mean_chance"] >= tested["rate_low"]) & (
        tested["mean_chance"] <= tested["rate_high"]
    )
    assert inside.sum() >= 5
    assert model.auc > 0.86
    assert model.log_loss < 0.7 * model.constant_log_loss
    # Those still open are the slow ones.
    assert tested["k"].sum() / tested["n"].sum() > 0.42


def test_what_came_later_changes_nothing(billed):
    day = pd.Timestamp("2013-06-30")
    rng = np.random.default_rng(0)
    later = billed["settled_at"] > day
    other = billed.assign(
        settled_at=billed["settled_at"].mask(
            later, day + pd.to_timedelta(rng.integers(1, 400, len(billed)), unit="D")
        ),
        disputed=rng.random(len(billed)) < 0.5,
        amount=billed["amount"].where(billed["issued_at"] <= day, 1e6),
    )
    models = [customers.late_chance(known(rows, day)) for rows in (billed, other)]
    for name in ("open_invoices", "tested", "effects"):
        pd.testing.assert_frame_equal(*(getattr(model, name) for model in models))


def test_each_earlier_day_is_tested_with_what_was_known_on_it(billed):
    """The chance given in the test for a day is the one that a report of that day gave."""
    today, earlier = DAY, DAY - pd.Timedelta(days=60)
    then = customers.late_chance(known(billed, earlier), tests=0).open_invoices
    then = then[(then["due_at"] >= earlier) & (then["due_at"] < today)]
    model = customers.late_chance(known(billed, today), tests=1, step_days=60)
    assert model.tested["n"].sum() == len(then)
    expected = np.histogram(then["chance_late"], [0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0])[0]
    assert model.tested["n"].tolist() == expected.tolist()
    mean = (model.tested["mean_chance"] * model.tested["n"]).sum() / len(then)
    assert mean == pytest.approx(then["chance_late"].mean())


def test_simulated_chances_are_found():
    rows = simulated()
    day = pd.Timestamp("2025-03-31")
    model = customers.late_chance(known(rows, day))
    open_now = model.open_invoices.merge(rows[["invoice_id", "is_late", "issued_at"]])
    share = np.linspace(0.05, 0.8, 40)[open_now["account_id"].str[1:].astype(int)]
    waiting = (open_now["due_at"] >= day).to_numpy()
    left = (open_now["due_at"] - day).dt.days.clip(upper=28) / 28
    true = share / (share + (1 - share) * left)
    off = (open_now["chance_late"] - true)[waiting]
    assert waiting.sum() > 60
    assert abs(off.mean()) < 0.04
    assert off.abs().mean() < 0.09
    assert (open_now.loc[~waiting, "chance_late"] == 1).all()


def test_the_longer_an_invoice_is_open_the_likelier_it_is_late():
    rows = simulated()
    rows = rows[rows["settled_at"] <= "2025-06-30"]
    asked = pd.DataFrame(
        {"invoice_id": list("abc"), "account_id": "A20", "amount": 100.0, "settled_at": pd.NaT}
    )
    asked = asked.assign(due_at=pd.to_datetime(["2025-07-30", "2025-07-15", "2025-07-03"]))
    asked = asked.assign(issued_at=asked["due_at"] - pd.Timedelta(days=30))
    model = customers.late_chance(known(pd.concat([rows, asked]), "2025-06-30"))
    chance = model.open_invoices.set_index("invoice_id")["chance_late"]
    assert chance["a"] < chance["b"] < chance["c"] < 1


def test_of_very_many_invoices_the_latest_teach(monkeypatch):
    monkeypatch.setattr(late_history, "_LATEST", 300)
    rows = simulated().assign(due=lambda t: t["due_at"])
    day = pd.Timestamp("2025-03-31")
    _, rate, in_time = PaymentHistory(rows, day).on(day)
    latest = rows[rows["due"] < day].nlargest(300, "due", keep="first")
    assert rate == pytest.approx(latest["is_late"].mean(), abs=0.01)
    assert len(in_time) == pytest.approx((~latest["is_late"]).sum(), abs=3)


def test_too_few_decided_invoices_teach_nothing_and_it_is_said():
    rows = simulated(size=40)
    model = customers.late_chance(known(rows, "2025-03-31"))
    assert model.status == "too_few"
    assert model.open_invoices["chance_late"].isna().all()
    assert model.tested["n"].sum() == 0
    with pytest.raises(SalesAnalysisError, match="has learnt nothing: of"):
        customers.expected_loss(model, loss_given_default=0.5)


def test_without_any_invoice_by_the_day_nothing_is_learnt():
    model = customers.late_chance(known(simulated(), pd.Timestamp("1990-01-01")))
    assert (model.status, model.n) == ("too_few", 0) and model.open_invoices.empty


def test_an_invoice_without_a_due_day_has_no_chance_and_is_not_in_the_loss():
    rows = simulated()
    without = rows["invoice_id"].isin(rows.loc[rows["settled_at"] > "2025-03-31", "invoice_id"][:5])
    rows = rows.assign(due_at=rows["due_at"].mask(without))
    model = customers.late_chance(known(rows, "2025-03-31"))
    open_now = model.open_invoices
    assert open_now["chance_late"].isna().tolist() == open_now["due_at"].isna().tolist()
    losses = customers.expected_loss(model, loss_given_default=0.5)
    assert (
        losses["without_chance"].sum()
        == open_now.loc[open_now["due_at"].isna(), "unpaid_amount"].sum()
    )
    assert losses["unpaid_amount"].sum() == pytest.approx(open_now["unpaid_amount"].sum())


def test_an_invoice_of_nobody_teaches_nothing_and_has_no_chance():
    rows = simulated()
    nobody = rows["invoice_id"].str.endswith("7")
    known_rows = known(rows.assign(account_id=rows["account_id"].mask(nobody)), "2025-03-31")
    model = customers.late_chance(known_rows)
    alone = customers.late_chance(known(rows[~nobody], "2025-03-31"))
    pd.testing.assert_frame_equal(model.effects, alone.effects)
    open_now = model.open_invoices
    without = open_now["account_id"].isna()
    assert open_now.loc[without & (open_now["overdue_days"] <= 0), "chance_late"].isna().all()
    assert without.sum() > 3


def test_the_expected_loss_by_hand():
    rows = simulated()
    model = customers.late_chance(known(rows, "2025-03-31"))
    losses = customers.expected_loss(model, loss_given_default=0.4, default_days=40)
    late = rows[
        rows["is_late"] & (rows["due_at"] < pd.Timestamp("2025-03-31") - pd.Timedelta(days=40))
    ]
    by_days = ((late["settled_at"] - late["due_at"]).dt.days).to_numpy()
    total = 0.0
    for row in model.open_invoices.to_dict("records"):
        overdue = max(int(row["overdue_days"]), 0)
        as_late = by_days[by_days > overdue]
        share = 1.0 if overdue > 40 or not len(as_late) else (as_late > 40).mean()
        total += row["unpaid_amount"] * 0.4 * row["chance_late"] * share
    assert losses["expected_loss"].sum() == pytest.approx(total)
    assert (losses["loss_high"] >= losses["expected_loss"]).all()


def test_where_nobody_was_ever_that_late_the_loss_is_none_and_its_limit_is_some():
    model = customers.late_chance(known(simulated(), "2025-03-31"))
    losses = customers.expected_loss(model, loss_given_default=0.4, default_days=120)
    assert losses["expected_loss"].sum() == 0 < losses["loss_high"].sum()


def test_the_logistic_fit_is_that_of_the_likelihood():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(4_000, 2)) * [1, 5] + [0, 3]
    odds = 0.5 + 1.2 * rows[:, 0] - 0.2 * (rows[:, 1] - 3)
    happened = rng.random(4_000) < 1 / (1 + np.exp(-odds))
    fit = fit_logistic(rows, happened, ridge=0.0)
    # At the maximum what was mean_chance adds up, by itself and times each feature.
    off = happened - fit.chance(rows)
    assert np.abs(np.column_stack([np.ones(4_000), rows]).T @ off).max() < 1e-6
    assert fit.slopes / fit.spreads == pytest.approx([1.2, -0.2], abs=0.1)


def test_cases_that_all_ended_alike_teach_no_chance():
    with pytest.raises(SalesAnalysisError, match="All 3 cases ended alike"):
        fit_logistic([[1.0], [2.0], [3.0]], [True] * 3)
    assert np.isnan(ranked_right([0.1, 0.2], [True, True]))

"""Models of buying and leaving against published figures, other formulas and simulated truth."""

import numpy as np
import pandas as pd
import pytest
from buyers import cdnow, retail
from scipy import integrate, special

from salesanalysis import SalesAnalysisError, customers, reduce
from salesanalysis.customers import purchase_likelihoods as likelihoods

WEEK = 7.0


@pytest.fixture(scope="module")
def sample(shared):
    """CDNOW's published tenth, as known after 39 weeks."""
    return reduce.customers.rhythm(cdnow(shared("customers/CDNOW_sample.txt")), as_of="1997-09-30")


def one(repeats: int, last: float, watched: float) -> pd.DataFrame:
    """A customer, in weeks."""
    times = {"first_to_last_days": [last * WEEK], "watched_days": [watched * WEEK]}
    return pd.DataFrame({"account_id": ["A"], "repeats": [repeats]} | times)


def in_weeks(model: customers.PurchasingModel) -> np.ndarray:
    weeks = [WEEK if name.endswith("_days") else 1.0 for name in model.names]
    return model.values / weeks


def test_pareto_nbd_equals_what_is_published(sample):
    model = customers.fit_purchasing(sample)
    assert model.status == "ok" and model.customers == 2_357
    assert in_weeks(model) == pytest.approx([0.55328, 10.57768, 0.60624, 11.66873], abs=5e-5)
    assert model.log_likelihood == pytest.approx(-9594.976, abs=5e-4)
    errors = model.errors / [1, WEEK, 1, WEEK]
    assert errors == pytest.approx([0.0476, 0.843, 0.187, 6.21], rel=2e-3)
    often = one(26, 30.86, 31)
    assert model.alive(often).item() == pytest.approx(0.99792, abs=5e-6)
    expected = model.expected(often, horizon_days=52 * WEEK).item()
    assert expected == pytest.approx(25.457, abs=1e-3)


def test_bg_nbd_equals_what_is_published(sample):
    model = customers.fit_purchasing(sample, model="bg")
    assert in_weeks(model) == pytest.approx([0.24259, 4.41360, 0.79292, 2.42591], abs=1e-5)
    assert model.log_likelihood == pytest.approx(-9582.429, abs=5e-4)
    expected = model.expected(one(2, 30.43, 38.86), horizon_days=39 * WEEK).item()
    assert expected == pytest.approx(1.2259, abs=5e-5)


def test_what_is_expected_by_repeats_equals_what_is_published(sample):
    told = customers.fit_purchasing(sample).expected(sample, horizon_days=39 * WEEK)
    by = told.groupby(sample["repeats"].clip(upper=7))
    assert by.size().tolist() == [1_411, 439, 214, 100, 62, 38, 29, 64]
    published = [0.1384, 0.5995, 1.1958, 1.7138, 2.3983, 2.9072, 3.8186, 6.4031]
    assert by.mean().tolist() == pytest.approx(published, abs=5e-5)


def test_gamma_gamma_equals_what_is_published(sample):
    model = customers.fit_spend(sample)
    assert model.buyers == 946 and model.status == "ok"
    assert model.values == pytest.approx([6.24957, 3.74422, 15.44352], abs=5e-6)
    assert model.log_likelihood == pytest.approx(-4055.918, abs=5e-4)


def test_units_of_time_and_money_do_not_matter(sample):
    weeks = sample.assign(
        first_to_last_days=sample["first_to_last_days"] / WEEK,
        watched_days=sample["watched_days"] / WEEK,
        repeat_amount=sample["repeat_amount"] * 100,
    )
    for model in ("pareto", "bg", "mbg"):
        days, other = (customers.fit_purchasing(each, model=model) for each in (sample, weeks))
        scale = [WEEK if name.endswith("_days") else 1.0 for name in days.names]
        assert days.values == pytest.approx(other.values * scale, rel=1e-6)
        jacobian = sample["repeats"].sum() * np.log(WEEK)
        assert other.log_likelihood == pytest.approx(days.log_likelihood + jacobian, rel=1e-9)
        told = days.expected(sample, horizon_days=70)
        assert told.to_numpy() == pytest.approx(other.expected(weeks, horizon_days=10), rel=1e-5)
    money, cents = customers.fit_spend(sample), customers.fit_spend(weeks)
    assert cents.values == pytest.approx(money.values * [1, 1, 100], rel=1e-6)


def test_pareto_nbd_equals_the_hypergeometric_function():
    p = np.array([0.55, 10.6, 0.61, 11.7])
    r, alpha, s, beta = p
    rng = np.random.default_rng(0)
    x = rng.integers(0, 30, 200).astype(float)
    T = rng.uniform(5, 80, 200)
    tx = np.where(x > 0, T * rng.uniform(0.05, 1, 200), 0.0)

    def term(t):
        both = r + s + x
        share = special.hyp2f1(both, r + x, both + 1, (beta - alpha) / (beta + t))
        return share / (beta + t) ** both

    up = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    stays = (alpha + T) ** -(r + x) * (beta + T) ** -s
    expected = up + np.log(stays + s / (r + s + x) * (term(tx) - term(T)))
    value, slope = likelihoods.pareto(p, x, tx, T)
    assert value == pytest.approx(expected, rel=1e-11)
    for at, step in enumerate(p * 1e-6):
        move = step * np.eye(4)[at]
        sides = [likelihoods.pareto(p + sign * move, x, tx, T)[0] for sign in (1, -1)]
        assert slope[at] == pytest.approx((sides[0] - sides[1]) / (2 * step), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("first", [0, 1])
def test_leaving_at_a_purchase_equals_the_integral_over_rates_and_chances(first):
    r, alpha, a, b = p = np.array([0.9, 12.0, 0.8, 2.4])
    x, tx, T = np.array([3.0]), np.array([20.0]), np.array([30.0])

    def density(rate, chance):
        of_rate = rate ** (r - 1) * np.exp(-alpha * rate) * alpha**r / special.gamma(r)
        of_chance = chance ** (a - 1) * (1 - chance) ** (b - 1) / special.beta(a, b)
        stays = (1 - chance) ** (3 + first) * rate**3 * np.exp(-rate * 30)
        leaves = chance * (1 - chance) ** (2 + first) * rate**3 * np.exp(-rate * 20)
        return of_rate * of_chance * (stays + leaves)

    whole, _ = integrate.dblquad(density, 0, 1, 0, 8)
    function = likelihoods.mbg if first else likelihoods.bg
    value, slope = function(p, x, tx, T)
    assert value.item() == pytest.approx(np.log(whole), rel=1e-6)
    for at, step in enumerate(p * 1e-6):
        move = step * np.eye(4)[at]
        sides = [function(p + sign * move, x, tx, T)[0].item() for sign in (1, -1)]
        assert slope[at].item() == pytest.approx((sides[0] - sides[1]) / (2 * step), rel=1e-5)


@pytest.mark.parametrize("model", ["pareto", "bg", "mbg"])
def test_what_is_expected_equals_what_simulated_customers_do(model, sample):
    from salesanalysis.customers.worth import _purchases

    fitted = customers.fit_purchasing(sample, model=model)
    who = pd.concat([one(2, 30.43, 38.86)] * 40_000, ignore_index=True)
    x, T = who["repeats"].to_numpy(float), who["watched_days"].to_numpy()
    rng = np.random.default_rng(0)
    bought = _purchases(fitted, fitted.values, x, T, 180.0, rng)
    bought = np.where(rng.random(len(x)) < fitted.alive(who).to_numpy(), bought, 0)
    limit = 4 * bought.std() / np.sqrt(len(bought))
    told = fitted.expected(who.head(1), horizon_days=180).item()
    assert bought.mean() == pytest.approx(told, abs=limit)
    chance = fitted.buys(who.head(1), horizon_days=180).item()
    assert (bought > 0).mean() == pytest.approx(chance, abs=0.01)


def test_where_nobody_is_seen_to_leave_no_chance_of_being_alive_is_told(shared):
    lines = retail(shared("customers/uci_online_retail.parquet"))
    rhythm = reduce.customers.rhythm(lines, as_of="2011-12-10")
    for name in ("pareto", "bg", "mbg"):
        model = customers.fit_purchasing(rhythm, model=name)
        assert model.status == "no_leaving_seen"
        assert model.alive(rhythm).isna().all() and model.names == ("r", "alpha_days")
        rate = (model.values[0] + rhythm["repeats"]) / (model.values[1] + rhythm["watched_days"])
        assert np.allclose(model.expected(rhythm, horizon_days=30), 30 * rate)


def test_of_who_bought_once_bg_nbd_tells_no_chance(sample):
    once = sample["repeats"] == 0
    alive = {m: customers.fit_purchasing(sample, model=m).alive(sample) for m in ("bg", "mbg")}
    assert alive["bg"][once].isna().all() and alive["bg"][~once].notna().all()
    assert alive["mbg"].between(0, 1).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"first_to_last_days": 0.0}, "the lines of a day are one purchase"),
        ({"first_to_last_days": 99.0}, "first_to_last_days ≤ watched_days"),
        ({"repeats": 1.5}, "whole numbers of repeats"),
        ({"repeats": 0}, "no days between purchases"),
    ],
)
def test_rows_that_contradict_themselves_are_refused_by_name(change, said):
    rows = pd.concat([one(2, 5, 10), one(2, 5, 10).assign(account_id="B", **change)])
    with pytest.raises(SalesAnalysisError, match=f"has 1 rows .*{said}.* are of B"):
        customers.fit_purchasing(rows)


def test_from_few_purchases_nothing_is_told():
    model = customers.fit_purchasing(pd.concat([one(2, 5, 10)] * 3))
    assert model.status == "not_identified" and model.summary()["estimate"].isna().all()
    assert model.expected(one(2, 5, 10), horizon_days=30).isna().all()


def test_customers_who_leave_alike_are_no_reason_to_tell_nothing():
    rng = np.random.default_rng(2)
    rate, size = rng.gamma(3, 1 / 3 / 20, 800), 800
    stays = np.minimum(rng.exponential(600, size), 700)
    x = rng.poisson(rate * stays)
    last = np.where(x > 0, stays * rng.beta(np.maximum(x, 1), 1), 0).clip(1).round()
    rows = pd.DataFrame({"account_id": range(size), "repeats": x, "watched_days": 700.0})
    rows["first_to_last_days"] = np.where(x > 0, last, 0.0)
    model = customers.fit_purchasing(rows)
    assert model.status == "ok" and model.values[2] == pytest.approx(20.0)
    assert np.isnan(model.errors[2])
    assert model.alive(rows).mean() == pytest.approx((stays >= 700).mean(), abs=0.04)


def test_spend_that_rises_with_frequency_is_found():
    rng = np.random.default_rng(2)
    x = rng.integers(1, 30, 500)
    spent = 20 * x**0.7 * rng.gamma(9.0, 1 / 9, 500)
    model = customers.fit_spend(pd.DataFrame({"repeats": x, "repeat_amount": spent}))
    assert model.status == "depends_on_frequency" and model.low > 0.5

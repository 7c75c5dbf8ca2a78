"""The backtest: windows that were wholly seen, rivals as they would have been, honest scores."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, forecast, text
from salesanalysis.forecast.deal_arrays import day_number, deal_arrays, read_history
from salesanalysis.forecast.rivals import Snapshot, rival_forecasts
from salesanalysis.known import KnownPipeline

DAY = pd.Timestamp("2024-01-01")


def made_up(deals=900, days=300, seed=0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    created = np.sort(rng.integers(0, days, deals))
    closed = created + 1 + rng.exponential(25, deals).astype(int)
    still = closed > days
    won = np.where(rng.random(deals) < 0.4, "won", "lost")
    start = pd.Series(DAY + pd.to_timedelta(created, "D"))
    return pd.DataFrame(
        {
            "opportunity_id": [f"D{n:05d}" for n in range(deals)],
            "outcome": np.where(still, "open", won),
            "created_at": start,
            "closed_at": pd.Series(DAY + pd.to_timedelta(closed, "D")).where(~still),
            "amount": rng.lognormal(5, 0.5, deals),
        }
    )


def booked(table, after, until) -> float:
    won = (table["outcome"] == "won") & (table["closed_at"] > after) & (table["closed_at"] <= until)
    return float(table.loc[won, "amount"].sum())


@pytest.fixture(scope="module")
def tested():
    return forecast.backtest(made_up(), horizon_days=[14, 28], step_days=14, draws=400)


def test_windows_lie_wholly_before_the_end_of_the_data(tested):
    table = made_up()
    end = max(table["closed_at"].max(), table["created_at"].max())
    for row in tested.windows.itertuples():
        until = row.as_of + pd.Timedelta(days=row.horizon_days)
        assert until <= end
        assert row.actual == pytest.approx(booked(table, row.as_of, until))
    days = tested.windows[tested.windows["horizon_days"] == 28]["as_of"].unique()
    assert set(np.diff(days)) == {pd.Timedelta(days=14)}
    left = end - (days[-1] + pd.Timedelta(days=28))
    assert pd.Timedelta(0) <= left < pd.Timedelta(days=14)


def test_each_window_is_the_forecast_that_would_have_been_made(tested):
    row = tested.windows.query("horizon_days == 28 and method == 'model'").iloc[3]
    day = row["as_of"]
    then = made_up()
    then = then[then["created_at"] <= day]
    later = then["closed_at"] > day
    then.loc[later, ["outcome", "closed_at"]] = ["open", pd.NaT]
    bounds = [day + pd.Timedelta(days=1), day + pd.Timedelta(days=29)]
    found = forecast.pipeline(KnownPipeline(as_of=day, deals=then), periods=bounds, draws=400)
    values = found.draws.total().values[0]
    assert row["mean"] == values.mean()
    assert row["q90"] == np.quantile(values, 0.9)
    assert row["crps"] == forecast.crps(values, row["actual"])
    assert row["pit"] == forecast.pit(values, row["actual"])


def test_scores_are_those_of_the_windows(tested):
    for row in tested.scores.itertuples():
        part = tested.windows.query("horizon_days == @row.horizon_days and method == @row.method")
        part = part.dropna(subset="mean")
        assert row.windows == len(part)
        assert row.wape == pytest.approx(part["error"].abs().sum() / part["actual"].sum())
        assert row.bias == pytest.approx(part["error"].sum() / part["actual"].sum())
        if row.method == "model":
            inside = (part["q10"] <= part["actual"]) & (part["actual"] <= part["q90"])
            assert row.coverage_80 == inside.mean()
            assert row.coverage_80_low < row.coverage_80 < row.coverage_80_high or inside.all()
            width = (part["q90"] - part["q10"]).sum()
            assert row.width_80 == pytest.approx(width / part["actual"].sum())
        else:
            assert np.isnan(row.coverage_80)
            assert row.relative_crps == pytest.approx(row.wape)
    for _, part in tested.scores.groupby("horizon_days"):
        assert part["relative_crps"].is_monotonic_increasing


def test_coverage_is_pooled_over_horizons(tested):
    model = tested.windows[tested.windows["method"] == "model"]
    pooled = tested.pooled_coverage().set_index("level")
    inside = (model["q25"] <= model["actual"]) & (model["actual"] <= model["q75"])
    assert pooled.loc[0.5, ["n", "k"]].tolist() == [len(model), inside.sum()]
    assert pooled["rate"].is_monotonic_increasing


def test_run_rates_and_win_rate_are_what_they_say():
    table = made_up()
    day, days = DAY + pd.Timedelta(days=200), 28
    history = read_history(table)
    now = Snapshot.of(history, deal_arrays(history, day))
    got = rival_forecasts(now, days, day_number(DAY))
    step = pd.Timedelta(days=days)
    windows = [booked(table, day - k * step, day - (k - 1) * step) for k in (1, 2, 3)]
    assert got["last_period"] == pytest.approx(windows[0])
    assert got["mean_of_three"] == pytest.approx(np.mean(windows))
    assert np.isnan(got["year_before"])
    closed = table["closed_at"] <= day
    open_then = (table["created_at"] <= day) & ~closed
    won = (table["outcome"] == "won") & closed
    rate = won.sum() / closed.sum()
    assert got["win_rate"] == pytest.approx(table.loc[open_then, "amount"].sum() * rate)


def test_same_stage_conversion_is_what_it_says():
    rows = [
        # Open at day 10: 100 in "offer" of which 60 is won by day 20; 50 in "lead", none won.
        ("a", "won", 0, 15, 60.0, "offer"),
        ("b", "lost", 0, 18, 40.0, "offer"),
        ("c", "open", 0, None, 50.0, "lead"),
        ("d", "won", 12, 19, 7.0, "lead"),  # new in the window, and won in it
        ("e", "open", 16, None, 200.0, "offer"),
        ("f", "open", 17, None, 30.0, "lead"),
    ]
    table = pd.DataFrame(rows, columns=["opportunity_id", "outcome", "c", "e", "amount", "stage"])
    table["created_at"] = DAY + pd.to_timedelta(table["c"], "D")
    table["closed_at"] = DAY + pd.to_timedelta(table["e"].astype(float), "D")
    deals = table[["opportunity_id", "outcome", "created_at", "closed_at", "amount"]]

    class Frames:
        pass

    Frames.deals = deals
    Frames.stage_entries = table.rename(columns={"created_at": "entered_at"})[
        ["opportunity_id", "stage", "entered_at"]
    ]
    history = read_history(Frames)
    now = Snapshot.of(history, deal_arrays(history, DAY + pd.Timedelta(days=20)))
    got = rival_forecasts(now, 10, day_number(DAY) + 11)
    assert got["same_stage"] == pytest.approx(200 * 0.6 + 80 * 0 + 7)
    # "lead" is entered earlier than "offer": weights 1/3 and 2/3; all but e and f are due.
    assert got["stage_weights"] == pytest.approx(50 / 3 + 200 * 2 / 3 + 30 / 3)


def test_a_year_before_is_the_same_weekdays():
    table = made_up(deals=2000, days=700)
    day = DAY + pd.Timedelta(days=600)
    history = read_history(table)
    now = Snapshot.of(history, deal_arrays(history, day))
    got = rival_forecasts(now, 28, day_number(DAY))
    begin = day - pd.Timedelta(days=364)
    assert got["year_before"] == pytest.approx(booked(table, begin, begin + pd.Timedelta(days=28)))


def test_windows_end_where_new_deals_do():
    table = made_up(deals=1500, days=400)
    table = table[table["created_at"] <= DAY + pd.Timedelta(days=300)]
    found = forecast.backtest(table, horizon_days=28, step_days=28, draws=100)
    last = found.windows["as_of"].max() + pd.Timedelta(days=28)
    assert last <= table["created_at"].max()
    longer = forecast.backtest(
        table, horizon_days=28, step_days=28, draws=100, last_day=DAY + pd.Timedelta(days=390)
    )
    assert longer.windows["as_of"].max() > found.windows["as_of"].max()


def test_the_finding_says_whether_to_trust_the_model(tested):
    assert [finding.values["horizon_days"] for finding in tested.findings()] == [14, 28]
    crps = tested.windows.pivot_table(
        index=["horizon_days", "as_of"], columns="method", values="crps"
    )
    for finding in tested.findings():
        own = crps.loc[finding.values["horizon_days"]]
        rivals = own[["same_stage", "last_period", "mean_of_three"]].sum()
        if own["model"].sum() < rivals.min():
            assert finding.name == "trust_model"
        else:
            conversion = rivals.idxmin() == "same_stage"
            assert finding.name == ("conversion_first" if conversion else "run_rate_first")


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_hardest_rival_comes_first(tested, lang):
    for name, said in (("same_stage", "conversion_first"), ("last_period", "run_rate_first")):
        windows = tested.windows.assign(
            crps=tested.windows["crps"].mask(tested.windows["method"] == name, 0.0)
        )
        found = forecast.Backtest(windows, tested.scores).findings()
        assert {finding.name for finding in found} == {said}
        assert text.sentence(f"forecast.headline.{said}", lang, **found[0].values)


def test_a_run_rate_that_is_always_right_comes_first():
    rows = []
    for number in range(400):
        start = DAY + pd.Timedelta(days=number)
        end = start + pd.Timedelta(days=14)
        rows.append((f"D{number:03d}", "won", start, end, 100.0))
    names = ["opportunity_id", "outcome", "created_at", "closed_at", "amount"]
    table = pd.DataFrame(rows, columns=names)
    found = forecast.backtest(table, step_days=28, draws=300)
    assert found.findings()[0].name == "run_rate_first"
    rivals = found.scores[found.scores["method"].isin(["last_period", "mean_of_three"])]
    assert found.findings()[0].values["rival_wape"] in rivals["wape"].tolist()


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_nothing_is_said_of_a_model_where_nothing_was_won(lang):
    table = made_up(deals=200)
    table["outcome"] = table["outcome"].replace("won", "lost")
    (finding,) = forecast.backtest(table, step_days=56, draws=50).findings()
    assert finding.name == "nothing_came"
    assert text.sentence("forecast.headline.nothing_came", lang, **finding.values)


def test_few_windows_are_called_few():
    found = forecast.backtest(made_up(), horizon_days=90, step_days=30, draws=100)
    assert [finding.name for finding in found.findings()] == ["few_windows"]


def test_too_short_a_past_is_refused():
    with pytest.raises(SalesAnalysisError, match="too short for a window of 400 days"):
        forecast.backtest(made_up(), horizon_days=400)
    with pytest.raises(SalesAnalysisError, match="`horizon_days` is 0"):
        forecast.backtest(made_up(), horizon_days=0)
    with pytest.raises(SalesAnalysisError, match="No deal of `frames`"):
        forecast.backtest(made_up().assign(created_at=pd.NaT))

"""What was set by hand: kept beside the model, and judged by what came."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import datasets, forecast, reduce
from salesanalysis.errors import SalesAnalysisError

PERIOD = "2025-Q4"


@pytest.fixture(scope="module")
def company():
    made = datasets.company(seed=7, deals=150, reps=4)
    steps = {"since": "2025-10-01", "stages": made.stages}
    return lambda day: reduce.forecast.known(made.tables, as_of=day, **steps)


def submitted(company, **given):
    known = company("2025-10-15")
    deals = known.pipeline.deals
    ids = deals.loc[deals["outcome"] == "open", "opportunity_id"].head(14)
    overrides = pd.DataFrame({"opportunity_id": ids, "probability": 0.9, "reason": "told"} | given)
    made = {"period": PERIOD, "draws": 400}
    return forecast.forecast_as_of(known, **made, overrides=overrides), forecast.forecast_as_of(
        known, **made
    )


def test_the_model_stands_beside_what_was_set(company):
    landing, model = submitted(company)
    beside = forecast.adjusted_landing(landing, model)
    assert beside["version"].tolist() == ["model", "adjusted"] and beside["deals"].tolist() == [
        0,
        14,
    ]
    assert beside["q50"].tolist() == [
        made.within().summary(quantiles=[0.5])["q50"].iloc[0] for made in (model, landing)
    ]
    (found,) = forecast.adjusted_findings(beside)
    assert found.name == "adjusted" and found.values["deals"] == 14
    assert found.values["model_q50"] == beside["q50"].iloc[0] < beside["q50"].iloc[1]
    (alone,) = forecast.adjusted_findings(beside.assign(p_target=np.nan))
    assert alone.name == "adjusted_only" and "model_p_target" not in alone.values
    nothing = forecast.adjusted_landing(model, None)
    assert nothing.empty and forecast.adjusted_findings(nothing) == []
    figures = {figure.name: figure.value for figure in forecast.key_figures(landing, model)}
    assert figures["model_likely"] == beside["q50"].iloc[0]
    assert figures["likely"] == beside["q50"].iloc[1]


def test_what_is_kept_is_what_the_model_said_and_what_was_set(company):
    landing, model = submitted(company)
    kept = forecast.adjustments(landing).set_index("opportunity_id")
    assert len(kept) == 14 and np.allclose(kept["probability"], 0.9)
    own = model.deals.groupby("opportunity_id")["probability"].sum()
    np.testing.assert_allclose(kept["model_probability"], own[kept.index])
    first = kept.iloc[0]
    assert [f"{first[day]:%Y-%m-%d}" for day in ("set_at", "from_at", "until_at")] == [
        "2025-10-15", "2025-10-16", "2026-01-31"]  # fmt: skip
    named = forecast.adjustments(submitted(company, period="2025-12")[0]).iloc[0]
    assert f"{named['from_at']:%m-%d} {named['until_at']:%m-%d}" == "12-01 12-31"
    assert named["probability"] == pytest.approx(0.9)
    assert forecast.adjustments(model).empty


def test_what_came_is_told_by_the_day_and_the_first_submission_counts(company, tmp_path):
    landing, _ = submitted(company)
    kept = forecast.adjustments(landing)
    kept.to_csv(tmp_path / "overrides.csv", index=False)
    again = kept.assign(set_at=pd.Timestamp("2025-11-01"), probability=0.1)
    later = company("2025-12-10")
    came = forecast.adjustments_came([again, pd.read_csv(tmp_path / "overrides.csv")], later)
    assert (came["probability"] > 0.8).all() and not came["time_over"].any()
    deals = later.pipeline.deals.set_index("opportunity_id").loc[came["opportunity_id"]]
    expected = deals["outcome"].map({"won": 1.0, "lost": 0.0, "cancelled": 0.0})
    np.testing.assert_array_equal(came["came"], expected)
    (found,) = forecast.adjusted_past(came)
    assert found.name == "too_few"
    decided = int(expected.notna().sum())
    assert 0 < decided < 14
    assert found.values == {"n": 14, "decided": decided, "over": 0, "came": int(expected.sum())}


def test_a_deal_won_after_its_time_did_not_come_and_one_that_is_gone_is_told():
    deals = pd.DataFrame({
        "opportunity_id": list("abcd"), "outcome": ["won", "won", "open", "lost"], "amount": 1.0,
        "created_at": pd.Timestamp("2025-08-01"),
        "closed_at": pd.to_datetime(["2025-10-31", "2025-11-01", None, "2025-10-03"])})  # fmt: skip
    known = reduce.forecast.known({"opportunities": deals}, as_of="2025-11-15", since="2025-10-01")
    kept = pd.DataFrame({
        "opportunity_id": list("abcdx"), "set_at": "2025-10-01", "from_at": "2025-10-02",
        "until_at": "2025-10-31", "amount": 1.0, "model_probability": 0.2, "probability": 0.9,
        "reason": "told"})  # fmt: skip
    came = forecast.adjustments_came([kept], known)
    assert came["came"].fillna(-1).tolist() == [1, 0, 0, 0, -1] and came["time_over"].all()
    few, gone = forecast.adjusted_past(came)
    assert few.values["over"] == 4 and gone.values == {"gone": 1}
    assert forecast.adjusted_past(forecast.adjustments_came([], known)) == []
    with pytest.raises(SalesAnalysisError, match="until_at"):
        forecast.adjustments_came([kept.drop(columns="until_at")], known)


@pytest.mark.parametrize(
    ("model", "hand", "wins", "name"),
    [(0.2, 0.9, 2, "model_closer"), (0.2, 0.9, 18, "hand_closer"), (0.2, 0.8, 10, "as_close"),
     (0.5, 0.5, 3, "as_close")],
)  # fmt: skip
def test_who_was_closer_is_named_only_beyond_chance(model, hand, wins, name):
    came = pd.DataFrame({
        "model_probability": [model] * 20, "probability": hand, "outcome": "lost",
        "time_over": True, "came": [1.0] * wins + [0.0] * (20 - wins)})  # fmt: skip
    (found,) = forecast.adjusted_past(came)
    assert found.name == name
    share = wins / 20
    score = share * (1 - hand) ** 2 + (1 - share) * hand**2
    assert found.values["hand_score"] == pytest.approx(score)
    assert found.values["model"] == pytest.approx(20 * model)
    undecided = came.assign(time_over=False)
    assert [one.name for one in forecast.adjusted_past(undecided)] == ["too_few"]

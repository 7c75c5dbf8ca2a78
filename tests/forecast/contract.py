"""What the public functions of the forecast are called with, by the names of their parameters."""

import pandas as pd

from salesanalysis import datasets, forecast, reduce
from salesanalysis.datasets.bookings import revenue


def arguments() -> dict:
    """A small company as known on its day, its forecast, and what is made of that."""
    made, by, period = datasets.company(seed=7, deals=150, reps=4), ["owner_id"], "2025-Q4"
    tables = made.tables | revenue(seed=7).tables
    deals = made.tables["opportunities"][["opportunity_id"]].head(20)
    planned = pd.concat([deals, tables["contracts"][["contract_id"]].head(5)])
    planned = planned.merge(
        pd.DataFrame({"period": ["2025-11", "2026-01"], "amount": 60.0}), "cross"
    )
    tables["schedule"] = planned
    settings = {"as_of": "2025-12-10", "stages": made.stages}
    known = reduce.forecast.known(tables, since="2025-10-01", by=by, **settings)
    deals = known.pipeline.deals
    still = deals.loc[deals["outcome"] == "open", ["opportunity_id"]].head(2)
    tested = forecast.backtest(known.pipeline, step_days=91, draws=50)
    drawn = {"period": period, "by": by, "draws": 50}
    landing = forecast.forecast_as_of(known, calibration=tested.scores, **drawn)
    earlier = forecast.forecast_as_of(known.on("2025-11-10"), **drawn)
    due = forecast.calls_due(known, by=by)
    dates = ["2025-11-10", "2025-12-10"]
    by_hand = forecast.forecast_as_of(
        known, **drawn, overrides=still.assign(probability=[0.9, 0.5], reason="met them")
    )
    submitted = forecast.adjustments(by_hand)
    return {
        "model": landing,
        "landing": forecast.adjusted_landing(by_hand, landing),
        "adjusted": [submitted],
        "came": forecast.adjustments_came([submitted], known),
        "known": known,
        "pipeline.known": known.pipeline,
        "deal_chances.known": known.pipeline,
        "frames": known.pipeline,
        "deals": deals.merge(known.calls[["opportunity_id", "owner_call"]], "left"),
        "by": by,
        "series.by": (),
        "period": period,
        "dates": dates,
        "course.dates": dates[1:],
        "periods_ahead": ["2025-12", "2026-01"],
        "horizon": 2,
        "horizon_days": [28],
        "step_days": 182,
        "draws": 50,
        "missing": 1000.0,
        "overrides": still.assign(probability=[0.9, 0.5], reason=["met them", "met them"]),
        "calibration": tested.scores,
        "combine.pipeline": forecast.pipeline(known.pipeline, periods=["2025-12"], draws=50),
        "forecast": landing,
        "scores": tested.scores,
        "changes": landing.changes(earlier),
        "parts_findings.parts": landing.parts(),
        "course": forecast.course(known, dates=dates, period=period, draws=50),
        "figures": forecast.key_figures(landing),
        "deciding": landing.must_win().head(1),
        "made": [landing],
        "weighted": forecast.weighted_pipeline(landing),
        "past": forecast.weighted_past(known),
        "due": due,
        "recognised": forecast.recognised(known, period=period),
        "differs": forecast.schedule_differs(known),
        "by_pushes.due": due,
        "said": forecast.said_and_came(due),
        "pushes": forecast.by_pushes(due),
        "people": forecast.said_and_came(due, by=by),
        "gaps": landing.against_targets(by=by),
        "by_seller": landing.against_targets(by=by),
        "sales_findings.table": forecast.sales_by_month(landing),
    }

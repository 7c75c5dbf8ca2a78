"""The forecast: what will be sold, by when, how surely, from the pipeline and from outside it.

Everything takes the small frames of :mod:`salesanalysis.reduce.forecast` and respects that an open
deal is undecided, that a forecast is a distribution, and that nothing is known before its day.
(Sales-system source, §7, §14, §4.)
"""

from salesanalysis.forecast.actions import actions
from salesanalysis.forecast.adjusted import (
    adjusted_findings,
    adjusted_landing,
    adjusted_past,
    adjustments,
    adjustments_came,
)
from salesanalysis.forecast.answer import cautions, lead, scenario_lead
from salesanalysis.forecast.backtests import Backtest, backtest
from salesanalysis.forecast.categories import rollups
from salesanalysis.forecast.company_forecast import Forecast
from salesanalysis.forecast.contract_ends import RenewalForecast, renewals
from salesanalysis.forecast.deal_chances import deal_chances
from salesanalysis.forecast.draws import Draws, stack
from salesanalysis.forecast.enough import nothing_known, pipeline_caveats, require_something
from salesanalysis.forecast.ensemble import SeriesForecasts, forecast_many
from salesanalysis.forecast.horizons import Horizon, horizon
from salesanalysis.forecast.in_short import key_figures, past_figures, things
from salesanalysis.forecast.joining import combine
from salesanalysis.forecast.market import Potential, potential
from salesanalysis.forecast.model import PipelineSettings
from salesanalysis.forecast.own_draws import deal_draws
from salesanalysis.forecast.past_forecasts import (
    backtest_horizons,
    course,
    forecast_as_of,
    known_since,
)
from salesanalysis.forecast.pipeline_forecast import PipelineForecast, pipeline
from salesanalysis.forecast.recognised import (
    recognised,
    recognised_findings,
    schedule_differs,
)
from salesanalysis.forecast.rivals import RIVALS, RUN_RATES
from salesanalysis.forecast.said_and_came import (
    by_pushes,
    calls_due,
    said_and_came,
    said_findings,
)
from salesanalysis.forecast.sales import sales_by_month, sales_findings
from salesanalysis.forecast.scores import (
    bias,
    crps,
    crps_normal,
    crps_quantiles,
    interval_coverage,
    interval_score,
    mase,
    pinball,
    pit,
    relative_crps,
    smape,
    wape,
)
from salesanalysis.forecast.sharing import split_findings
from salesanalysis.forecast.story import (
    calibration_findings,
    caveats,
    changes_findings,
    course_findings,
    findings,
    parts_findings,
    weeks_of,
)
from salesanalysis.forecast.streams import SeriesForecast, series
from salesanalysis.forecast.target_gap import required_pipeline
from salesanalysis.forecast.weighted import weighted_findings, weighted_past, weighted_pipeline

__all__ = [
    "Backtest",
    "Draws",
    "Forecast",
    "Horizon",
    "PipelineForecast",
    "PipelineSettings",
    "Potential",
    "RIVALS",
    "RUN_RATES",
    "RenewalForecast",
    "SeriesForecast",
    "SeriesForecasts",
    "actions",
    "adjusted_findings",
    "adjusted_landing",
    "adjusted_past",
    "adjustments",
    "adjustments_came",
    "backtest",
    "backtest_horizons",
    "bias",
    "by_pushes",
    "calibration_findings",
    "calls_due",
    "cautions",
    "caveats",
    "changes_findings",
    "combine",
    "course",
    "course_findings",
    "crps",
    "crps_normal",
    "crps_quantiles",
    "deal_chances",
    "deal_draws",
    "findings",
    "forecast_as_of",
    "forecast_many",
    "horizon",
    "interval_coverage",
    "interval_score",
    "key_figures",
    "known_since",
    "lead",
    "mase",
    "nothing_known",
    "parts_findings",
    "past_figures",
    "pinball",
    "pipeline",
    "pipeline_caveats",
    "pit",
    "potential",
    "recognised",
    "recognised_findings",
    "relative_crps",
    "renewals",
    "require_something",
    "required_pipeline",
    "rollups",
    "said_and_came",
    "said_findings",
    "sales_by_month",
    "sales_findings",
    "scenario_lead",
    "schedule_differs",
    "series",
    "smape",
    "split_findings",
    "stack",
    "things",
    "wape",
    "weeks_of",
    "weighted_findings",
    "weighted_past",
    "weighted_pipeline",
]


__dir__ = __all__.copy

"""The chance of each open deal: ever to be won, and to be won within a period."""

import numpy as np
import pandas as pd

from salesanalysis.forecast.age_hazards import PRIOR_CYCLE_DAYS
from salesanalysis.forecast.chances import daily_hazards, won_by_day
from salesanalysis.forecast.deal_arrays import IMPUTED, day_number, deal_arrays, read_history
from salesanalysis.forecast.horizons import horizon
from salesanalysis.forecast.landmark import landmark_table
from salesanalysis.forecast.model import PipelineModel, PipelineSettings, fit_pipeline
from salesanalysis.forecast.past_forecasts import periods_ahead
from salesanalysis.forecast.pipeline_tables import basis_of
from salesanalysis.known import KnownPipeline, require_known
from salesanalysis.periods import Day

#: Before any deal has closed, deals are followed for so many of the cycles thought of beforehand.
_PRIOR_CYCLES = 10

_COLUMNS = ["opportunity_id", "chance", "chance_period", "basis", "evidence", "zombie"]
_COLUMNS += ["amount", "amount_from", "at_stake", "at_stake_period"]


def deal_chances(
    known: KnownPipeline,
    *,
    period: str | None = None,
    more_periods: int = 1,
    observed_from: Day | None = None,
    settings: PipelineSettings = PipelineSettings(),
) -> pd.DataFrame:
    """The chance of each open deal ever to be won, and to be won within a period.

    It is the model of :func:`pipeline`, so what it says of the period is what the forecast of that
    period says of the same deals. Beyond the forecast it goes on from day to day: what became of
    past deals that were open in the same stage at the same age. A deal is followed until it is as
    old as the oldest deal that ever closed, and at least to the end of the forecast: of what
    happens at a greater age nothing is known, and next to nothing has been won there.

    Parameters
    ----------
    known : KnownPipeline
        As for :func:`pipeline`.
    period : str, optional
        A quarter, month, year or week; the quarter that has days left where not given.
    more_periods : int
        As for :func:`forecast_as_of`: how many months after the period are forecast as well.
    observed_from, settings
        As for :func:`pipeline`.

    Returns
    -------
    DataFrame
        One row per open deal with a date of creation, in the order of their ids:

        - ``opportunity_id``; ``chance`` (ever to be won), ``chance_period`` (to be won in what is
          left of the period);
        - ``basis`` (``fitted`` or ``mostly_prior``), ``evidence`` (past deals and closings behind
          it), ``zombie`` (older than any deal was when it closed);
        - ``amount`` (as it would be won) and ``amount_from`` (where it is known from; ``imputed``:
          the mean of won deals, missing where no deal has an amount);
        - ``at_stake`` = amount × chance, ``at_stake_period`` = amount × chance_period.

    Raises
    ------
    SalesAnalysisError
        The period is over, a column is not there, or a deal is listed twice.

    References
    ----------
    As for :func:`pipeline`.

    Examples
    --------
    Every day a deal comes in, and every second one is won after 20 to 39 days. On July 31 the
    oldest open one is about to close, the youngest will close in August or later:

    >>> day = pd.Timestamp("2025-01-01")
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": [f"d{n}" for n in range(300)], "outcome": ["won", "lost"] * 150,
    ...     "created_at": [day + pd.Timedelta(days=n) for n in range(300)],
    ...     "closed_at": [day + pd.Timedelta(days=n + 20 + n % 20) for n in range(300)],
    ...     "amount": 100.0})
    >>> known = KnownPipeline(as_of="2025-07-31", deals=deals, latest="2025-12-31")
    >>> found = deal_chances(known, period="2025-08")
    >>> found[["opportunity_id", "chance", "chance_period"]].round(1).iloc[[0, -1]]
       opportunity_id  chance  chance_period
    0            d176     0.4            0.4
    29           d211     0.5            0.3
    """
    now = require_known(known, KnownPipeline).as_of
    history = read_history(known)
    deals = deal_arrays(history, now)
    if not len(deals.open):
        return pd.DataFrame({name: [] for name in _COLUMNS}).astype({"opportunity_id": object})
    calendar = known.calendar
    period = period or calendar.quarter_ahead(now)
    ahead = horizon(periods_ahead(now, period, more_periods, calendar), now, calendar)
    since = None if observed_from is None else day_number(observed_from)
    model = fit_pipeline(deals, ahead, observed_from=since, settings=settings)
    inside = [calendar.lies_in(name, period) for name in ahead.labels]
    amount = model.open_amounts
    imputed = np.isnan(amount)
    usual = model.pool.mean() if len(model.pool) else np.nan
    row = deals.row[deals.open]
    table = pd.DataFrame(
        {
            "opportunity_id": history.deals["opportunity_id"].to_numpy()[row],
            "chance": _ever(model, ahead.days, settings),
            "chance_period": model.chances[:, inside].sum(axis=1),
            "basis": basis_of(model),
            "evidence": model.evidence,
            "zombie": model.zombies,
            "amount": np.where(imputed, usual, amount),
            "amount_from": np.where(imputed, IMPUTED, deals.amount_from[deals.open]),
        }
    )
    table["at_stake"] = table["amount"] * table["chance"]
    table["at_stake_period"] = table["amount"] * table["chance_period"]
    return table[_COLUMNS]


def _ever(model: PipelineModel, forecast_days: int, settings: PipelineSettings) -> np.ndarray:
    """The chance of each open deal to be won before it is older than any that closed."""
    deals = model.known
    age = deals.as_of - deals.created[deals.open]
    oldest = model.oldest_closing
    if np.isnan(oldest):
        until = np.full(len(age), int(max(_PRIOR_CYCLES * PRIOR_CYCLE_DAYS, forecast_days)))
    else:
        until = np.maximum(int(oldest) - age, forecast_days)
    longer = landmark_table(
        deals, model.hazards, model.observed_from, int(until.max()), landmarks=settings.landmarks
    )
    events = {"pull_events": settings.pull_events}
    asked = (deals, model.hazards, model.level)
    ahead = daily_hazards(longer, *asked, **events)
    # As far as the forecast goes, its own hazards: so its chances are a part of this one.
    ahead[:, :, : forecast_days + 1] = daily_hazards(model.landmarks, *asked, **events)
    won = won_by_day(ahead, model.bands).cumsum(axis=2)
    return won[model.open_bands, longer.group_now, until - 1]

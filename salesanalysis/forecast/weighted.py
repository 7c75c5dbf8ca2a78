"""The CRM's own weighted pipeline beside the model: what sellers say of probabilities and dates."""

from typing import TYPE_CHECKING

import pandas as pd

from salesanalysis.columns import PIPELINE, WON
from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.forecast.draws import CLOSED
from salesanalysis.known import KnownForecast, frame_of, require_known

if TYPE_CHECKING:
    from salesanalysis.forecast.company_forecast import Forecast

#: A promise is looked at from so many days after it on.
_LEAST_DAYS = 14
#: What is told of the two.
_TOLD = ["due_deals", "due_amount", "closed", "weighted", "q10", "q50", "q90"]


def weighted_pipeline(forecast: "Forecast") -> pd.DataFrame:
    """What is in of the pipeline, and probability × amount of the deals that sellers expect in it.

    Parameters
    ----------
    forecast : Forecast

    Returns
    -------
    DataFrame
        One row: ``due_deals``, open deals expected to close in the rest of the period by their
        sellers, with a probability, and ``due_amount``; ``closed`` of the pipeline; ``weighted``,
        the two together as the CRM adds them up; ``q10, q50, q90`` of the model's pipeline. No row
        where sellers say no date or no probability.
    """
    said = forecast.calls.reindex(columns=["opportunity_id", "expected_close_at", "probability"])
    said = said.dropna(subset=["expected_close_at", "probability"])
    cells = forecast.within()
    if said.empty or forecast.pipeline is None:
        return pd.DataFrame({name: [] for name in _TOLD})
    deals = forecast.open_deals()[["opportunity_id", "amount"]].dropna()
    said = said.astype({"opportunity_id": deals["opportunity_id"].dtype}).merge(deals)
    end = forecast.calendar.bounds_of(forecast.period)[1]
    due = said[(said["expected_close_at"] > forecast.as_of) & (said["expected_close_at"] < end)]
    own = cells.where(stream=PIPELINE)
    closed = float(own.where(part=CLOSED).values.sum(axis=0).mean())
    row = {"due_deals": len(due), "due_amount": float(due["amount"].sum()), "closed": closed}
    row["weighted"] = closed + float((due["amount"] * due["probability"].astype(float)).sum())
    ends = own.summary(quantiles=[0.1, 0.5, 0.9]).iloc[0]
    return pd.DataFrame([row | picked(ends, "q10", "q50", "q90")])


def weighted_past(known: KnownForecast) -> pd.DataFrame:
    """The weighted pipeline of each day that was kept, and what was won until it was due.

    Parameters
    ----------
    known : KnownForecast
        Its ``earlier_calls`` (``taken_at, amount, probability, expected_close_at``) and the deals
        of its ``pipeline``.

    Returns
    -------
    DataFrame
        One row per day of a snapshot, at least a fortnight before its quarter ended, or before the
        day of ``known`` where that is earlier: ``taken_at, until`` (that end), ``weighted`` (the
        sum of probability × amount of what sellers expected by then) and ``came`` (won between the
        two).

    Examples
    --------
    >>> said = pd.DataFrame({"taken_at": pd.to_datetime(["2025-06-30"] * 2), "amount": 100.0,
    ...     "probability": [0.5, 0.2], "expected_close_at": pd.to_datetime(["2025-08-01"] * 2)})
    >>> deals = pd.DataFrame({"outcome": ["won"], "closed_at": pd.to_datetime(["2025-09-01"]),
    ...                       "amount": [100.0]})
    >>> from salesanalysis.known import KnownPipeline
    >>> pipeline = KnownPipeline(as_of="2025-12-31", deals=deals)
    >>> known = KnownForecast(as_of="2025-12-31", pipeline=pipeline, earlier_calls=said)
    >>> weighted_past(known)
        taken_at      until  weighted   came
    0 2025-06-30 2025-09-30      70.0  100.0
    """
    columns, rows = ["taken_at", "until", "weighted", "came"], []
    if require_known(known, KnownForecast).pipeline is None or known.earlier_calls is None:
        return pd.DataFrame({name: [] for name in columns})
    needed = ["taken_at", "amount", "probability", "expected_close_at"]
    said = frame_of(known, "earlier_calls", needed).dropna(subset=needed)
    deals = frame_of(known.pipeline, "deals", ["outcome", "closed_at", "amount"])
    won, day = deals[deals["outcome"] == WON], pd.Timedelta(days=1)
    closed, today = won["closed_at"].dt.normalize(), known.as_of.normalize()
    for at, own in said.groupby(said["taken_at"].dt.normalize()):
        quarter = known.calendar.label_of(at + day, "quarter")
        until = min(known.calendar.bounds_of(quarter)[1] - day, today)
        if until - at < _LEAST_DAYS * day:
            continue
        due = own[own["expected_close_at"].dt.normalize().between(at + day, until)]
        promised = float((due["probability"].astype(float) * due["amount"]).sum())
        came = float(won.loc[closed.between(at + day, until), "amount"].sum())
        rows.append((at, until, promised, came))
    return pd.DataFrame(rows, columns=columns)


def weighted_findings(weighted: pd.DataFrame, past: pd.DataFrame) -> list[Finding]:
    """What the CRM adds up, what the model says, and how often the CRM was right.

    Parameters
    ----------
    weighted : DataFrame
        As from :func:`weighted_pipeline`.
    past : DataFrame
        As from :func:`weighted_past`.

    Returns
    -------
    list of Finding
        ``beside`` (the two numbers), then ``past`` (over how many days kept, what was promised for
        them together and what came) or ``no_past``. Nothing where sellers say nothing.

    Examples
    --------
    >>> table = pd.DataFrame([{"due_deals": 3, "due_amount": 90.0, "closed": 10.0,
    ...                        "weighted": 40.0, "q10": 20.0, "q50": 30.0, "q90": 50.0}])
    >>> past = pd.DataFrame({"taken_at": ["2025-03-31"], "weighted": [80.0], "came": [50.0]})
    >>> [(found.name, found.values.get("came")) for found in weighted_findings(table, past)]
    [('beside', None), ('past', 50.0)]
    """
    require_columns(weighted.columns, _TOLD, "`weighted`")
    require_columns(past.columns, ["weighted", "came"], "`past`")
    if weighted.empty:
        return []
    row = weighted.iloc[0]
    both = picked(row, "weighted", "closed", "due_deals", "due_amount", "q10", "q50", "q90")
    found = [Finding("weighted", "beside", both)]
    if past.empty:
        return [*found, Finding("weighted", "no_past")]
    promised, came = float(past["weighted"].sum()), float(past["came"].sum())
    values = {"days": len(past), "promised": promised, "came": came}
    return [*found, Finding("weighted", "past", values)]

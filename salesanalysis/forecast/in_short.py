"""A forecast in short: the few figures to know, and what is likely to fall short of its target."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesanalysis.errors import require_columns, whose_column
from salesanalysis.findings import Finding, KeyFigure, Thing, picked
from salesanalysis.forecast.target_gap import about_on_target

if TYPE_CHECKING:
    from salesanalysis.forecast.company_forecast import Forecast


def key_figures(forecast: "Forecast", model: "Forecast | None" = None) -> list[KeyFigure]:
    """Where the period lands against its target.

    Parameters
    ----------
    forecast : Forecast
    model : Forecast, optional
        The same without what was set by hand; to be kept beside it.

    Returns
    -------
    list of KeyFigure
        Of the period that the forecast is about: ``likely`` (the median, with its 80% interval;
        where one open deal decides, what it is with that deal in place of the interval),
        ``p_target`` (probability to reach the target), ``closed`` (in already), ``coverage`` (open
        deals ÷ what is still to come), ``run_rate``; then ``target, mean, gap_amount, open_amount``
        as in :meth:`Forecast.against_targets`. Missing where there is no target. With a ``model``
        ``model_likely`` and ``model_p_target``, its own.
    """
    goal = forecast.against_targets().iloc[0]
    landing = forecast.within().summary(quantiles=[0.1, 0.5, 0.9]).iloc[0]
    to_come = target = with_it = None
    deciding, ends = forecast.deciding_deal(), landing[["q10", "q90"]]
    if len(deciding):  # the range would hold what lies between the two numbers
        ends = ends * np.nan
        deal = picked(deciding.iloc[0], "opportunity_id", "probability", "q50_if_won")
        with_it = Finding("base", "with_deal", deal)
    if goal["target"] == goal["target"]:
        to_come = Finding("base", "coverage", picked(goal, "open_amount"))
        target = Finding("base", "target", picked(goal, "target"))
    judged = ("p_target", goal["p_target"])
    own = []
    if model is not None:
        ends_of_model = model.within().summary(quantiles=[0.5, 0.1, 0.9]).iloc[0]
        own = [
            KeyFigure("model_likely", *ends_of_model[["q50", "q10", "q90"]], is_ahead=True),
            KeyFigure("model_p_target", model.against_targets()["p_target"].iloc[0]),
        ]
    return [
        KeyFigure("likely", landing["q50"], *ends, base=with_it, judged=judged, is_ahead=True),
        KeyFigure("p_target", goal["p_target"], base=target),
        KeyFigure("closed", goal["closed"]),
        KeyFigure("coverage", goal["coverage"], base=to_come),
        KeyFigure("run_rate", forecast.run_rate()),
        KeyFigure("gap_amount", goal["gap_amount"], *(ends - goal["target"]), is_ahead=True),
        KeyFigure("target", goal["target"]),
        KeyFigure("mean", landing["mean"]),
        KeyFigure("open_amount", goal["open_amount"]),
        *own,
    ]


def past_figures(course: pd.DataFrame, *, most: int = 7) -> dict[str, list[KeyFigure]]:
    """What :func:`key_figures` would have been on the earlier days of the course.

    Parameters
    ----------
    course : DataFrame
        As from :func:`course`, its last row that of the forecast itself.
    most : int
        How many earlier days at most, the latest ones.

    Returns
    -------
    dict of day (ISO) to list of KeyFigure
        ``likely, p_target, closed`` of each, oldest day first.

    Examples
    --------
    >>> course = pd.DataFrame({"as_of": pd.to_datetime(["2025-11-08", "2025-11-15"]),
    ...                        "q50": [90.0, 95.0], "p_target": [0.3, 0.5], "closed": [40.0, 50.0]})
    >>> [(day, figures[0].value) for day, figures in past_figures(course).items()]
    [('2025-11-08', 90.0)]
    """
    require_columns(course.columns, ["as_of", "q50", "p_target", "closed"], "`course`")
    before = course.sort_values("as_of").iloc[:-1].tail(most)
    return {
        f"{row['as_of']:%Y-%m-%d}": [
            KeyFigure("likely", row["q50"]),
            KeyFigure("p_target", row["p_target"]),
            KeyFigure("closed", row["closed"]),
        ]
        for row in before.to_dict("records")
    }


def things(*gaps: pd.DataFrame, period: str) -> list[Thing]:
    """Streams and sellers that are likely to end the period short of their target.

    Parameters
    ----------
    gaps : DataFrames, one row per group each
        As from ``Forecast.against_targets``; the first column says whose the row is.
    period : str
        The period that they are about.

    Returns
    -------
    list of Thing
        Their money: what is missing at the most likely landing. Groups without a target, those
        about on target and those likely to reach it are left out; of each table the largest gap
        comes first.

    Examples
    --------
    >>> gaps = pd.DataFrame({"stream": ["channel", "renewal"], "gap_amount": [-40.0, 5.0],
    ...                      "target": 100.0, "p_target": [0.2, 0.6], "q10": 50.0, "q90": 110.0})
    >>> [(thing.subject, thing.money) for thing in things(gaps, period="2025-Q4")]
    [('channel', 40.0)]
    """
    found = []
    for table in (table for table in gaps if len(table)):  # of nobody there is nothing to tell
        whose = whose_column(table, ["gap_amount", "target", "p_target", "q10", "q90"], "`gaps`")
        near = about_on_target(table["gap_amount"], table["q10"], table["q90"])
        short = table[(table["gap_amount"] < 0) & ~near].sort_values("gap_amount", kind="stable")
        for row in short.to_dict("records"):
            values = picked(row, "target", "p_target", "q10", "q90")
            values |= {"gap": -row["gap_amount"], "period": period}
            reason = Finding("thing", "short", values)
            found.append(Thing(str(row[whose]), -row["gap_amount"], reason, whose))
    return found

"""Chances that somebody has set by hand, kept beside those of the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, nearest, require_columns
from salesanalysis.forecast.horizons import Horizon

#: One row per deal that somebody knows better about.
GivenChances = pd.DataFrame | Sequence[Mapping[str, object]]


@dataclass(frozen=True, eq=False)
class Overrides:
    """The chances in force.

    Attributes
    ----------
    chances : ndarray, open deals × periods
        Of the model, or as set.
    given : ndarray of bool, open deals
        Which were set.
    reason : ndarray of str, open deals
        Why; missing where none was set.
    """

    chances: np.ndarray
    given: np.ndarray
    reason: np.ndarray


def read_overrides(
    overrides: GivenChances | None, ids: np.ndarray, ahead: Horizon, model_chances: np.ndarray
) -> Overrides:
    """The model's chances with those that were set put in their place.

    A probability is that of being won within all the periods together; it is spread over them as
    the model's is, or belongs to the one ``period`` that is named.

    Raises
    ------
    SalesAnalysisError
        A column is missing, a deal is not open or named twice, a probability is not 0–1, a reason
        is empty, or a period is none of the forecast's.
    """
    chances = model_chances.copy()
    given = np.zeros(len(ids), dtype=bool)
    reason = np.full(len(ids), None, dtype=object)
    if overrides is None or not len(overrides):
        return Overrides(chances, given, reason)
    table = overrides if isinstance(overrides, pd.DataFrame) else pd.DataFrame(list(overrides))
    require_columns(table.columns, ["opportunity_id", "probability", "reason"], "`overrides`")
    place = {deal: position for position, deal in enumerate(ids)}
    for row in table.to_dict("records"):
        deal, probability = row["opportunity_id"], row["probability"]
        if deal not in place:
            close = ", ".join(nearest(str(deal), map(str, ids), most=1))
            raise SalesAnalysisError(
                f"`overrides` names {deal!r}, which is not an open deal by `as_of`."
                + (f" Nearest: {close}." if close else "")
            )
        at = place[deal]
        if given[at]:
            raise SalesAnalysisError(f"`overrides` names {deal!r} more than once.")
        if not 0 <= probability <= 1:
            raise SalesAnalysisError(
                f"`overrides` gives {deal!r} the `probability` {probability!r}; expected 0–1."
            )
        if pd.isna(row["reason"]) or not str(row["reason"]).strip():
            raise SalesAnalysisError(
                f"`overrides` gives no `reason` for {deal!r}; an override without one cannot be"
                " judged later."
            )
        chances[at] = _spread(probability, row.get("period"), chances[at], ahead)
        given[at], reason[at] = True, str(row["reason"])
    return Overrides(chances, given, reason)


def _spread(probability: float, period, model: np.ndarray, ahead: Horizon) -> np.ndarray:
    """The probability over the periods."""
    if period is not None and not pd.isna(period):
        if period not in ahead.labels:
            raise SalesAnalysisError(
                f"`overrides` has the `period` {period!r}; expected one of"
                f" {', '.join(ahead.labels)}."
            )
        return np.where(np.array(ahead.labels) == period, probability, 0.0)
    days_left = np.diff(ahead.bounds).astype(float)
    share = model if model.sum() > 0 else days_left
    return probability * share / share.sum()

"""What the analyses of behaviour take as attainment: a frame of payees and periods, or numbers."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns, require_number

#: Two levels nearer to each other than this, relative to them, are the same level.
_SAME = 1e-9


def attainment_values(attainment, threshold: float) -> np.ndarray:
    """Attainment as floats without the missing ones; what is at the threshold is exactly there.

    A share of quota in binary floating point falls just under the threshold about as often as not
    where the sales are exactly at it: a comparison would put those payees on the wrong side.
    """
    values = _numbers(attainment)
    require_number("threshold", threshold)
    values = values[~np.isnan(values)]
    if not np.isfinite(values).all():
        raise SalesAnalysisError(
            "`attainment` holds infinite values: a quota of 0 has no attainment. Leave such payees"
            " out, and say how many."
        )
    if not len(values):
        raise SalesAnalysisError("`attainment` holds no value that is not missing.")
    return snapped(values, threshold)


def snapped(values: np.ndarray, threshold: float) -> np.ndarray:
    """The values, those equal to the threshold but for rounding set to it."""
    return np.where(np.abs(values - threshold) <= _SAME * abs(threshold), threshold, values)


def payees_of(attainment) -> np.ndarray:
    """Whose each of the values of :func:`attainment_values` is, as numbers from 0 on.

    Without payees each value is somebody of its own.
    """
    known = ~np.isnan(_numbers(attainment))
    if isinstance(attainment, pd.DataFrame) and "payee_id" in attainment:
        return pd.factorize(_in_order(attainment)["payee_id"][known])[0]
    return np.arange(known.sum())


def _in_order(attainment: pd.DataFrame) -> pd.DataFrame:
    """In one order, so that the same rows in any order make the same draws."""
    keys = [name for name in ("payee_id", "period") if name in attainment]
    return attainment.sort_values(keys, kind="stable") if keys else attainment


def _numbers(attainment) -> np.ndarray:
    if isinstance(attainment, pd.DataFrame):
        attainment = _in_order(attainment)
        if "attainment" in attainment:
            return attainment["attainment"].to_numpy(dtype=float)
        require_columns(attainment, ["quota", "sales"], "`attainment`")
        return attainment_shares(attainment).to_numpy()
    try:
        values = np.asarray(attainment, dtype=float)
    except (TypeError, ValueError):
        values = np.empty((0, 0))
    if values.ndim != 1:
        raise SalesAnalysisError(
            "`attainment` is neither a DataFrame with the columns `quota` and `sales` (or"
            " `attainment`) nor a list of numbers. Give one number for each payee and period."
        )
    return values


def attainment_shares(attainment: pd.DataFrame) -> pd.Series:
    """Sales as a share of quota; missing where the quota is missing or not over 0."""
    quota = attainment["quota"].astype(float)
    return attainment["sales"].astype(float) / quota.where(quota > 0)


def payee_periods(attainment: pd.DataFrame) -> pd.DataFrame:
    """Attainment with its ``share``, those without one left out, in order; keys checked."""
    needed = ["payee_id", "period", "quota", "sales"]
    require_columns(attainment, needed, "`attainment`")
    twice = attainment.duplicated(["payee_id", "period"])
    if twice.any():
        rows = attainment.loc[twice, ["payee_id", "period"]].astype(str).agg(" ".join, axis=1)
        raise SalesAnalysisError(
            f"`attainment` has a payee and period more than once: {', '.join(rows.head(3))}. Give"
            " one row for each."
        )
    table = attainment.assign(share=attainment_shares(attainment)).dropna(subset=["share"])
    return table.sort_values(["payee_id", "period"], kind="stable").reset_index(drop=True)

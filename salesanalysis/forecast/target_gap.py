"""A forecast against targets: gap, coverage, the probability to get there, and what is missing."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, PIPELINE, WON, as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding
from salesanalysis.forecast.draws import CLOSED, Draws
from salesanalysis.known import KnownForecast, frame_of, require_known
from salesanalysis.periods import Calendar
from salesanalysis.stats import aalen_johansen, z_value

#: A landing nearer to its target than this share of half its range is about on target.
_ABOUT = 0.25

#: The three marks of a target table.
MARKS = ("target", "floor", "stretch")


def against_targets(
    draws: Draws,
    targets: pd.DataFrame,
    open_deals: pd.DataFrame,
    *,
    by: Sequence[str] | str = (),
    overlay: Draws | None = None,
) -> pd.DataFrame:
    """Each group's forecast beside its target.

    Of the forecast, only those streams count of which the group's targets speak (all, where a
    target names none): what a target does not ask for does not fill it.

    Parameters
    ----------
    draws : Draws
        Cells of the period in question.
    targets : DataFrame, one row per target of that period
        ``target``, ``floor`` and ``stretch`` where there are, ``stream`` and the columns of ``by``.
    open_deals : DataFrame, one row per open deal
        ``amount`` and the columns of ``by``.
    by : str or list of str
        Columns to split by; targets that do not name a group are left out of the splits.

    overlay : Draws, optional
        Credit beside the forecast, with ``stream`` and the columns of ``by``: it fills no target.

    Returns
    -------
    DataFrame
        One row per group of the forecast, the targets or the overlay: ``by``; ``target, floor,
        stretch`` (missing where there is none); ``closed``; ``q10, q50, q90, mean`` of what it will
        be in the end; ``gap_amount`` (q50 − target); ``remaining`` (target − closed, at least 0);
        ``open_amount`` of the open deals, ``coverage`` = open amount ÷ remaining (missing where
        nothing remains); ``p_target, p_floor, p_stretch``: probabilities to reach them;
        ``overlay_credit`` where there is any: what it is expected to be.

    Raises
    ------
    SalesAnalysisError
        A column is not there.
    """
    by = as_list(by)
    require_columns(targets.columns, ["target", *by], "`targets`")
    require_columns(draws.cells.columns, by, "The forecast")
    named = targets.dropna(subset=by) if by else targets
    draws, beside = (_of_their_streams(part, named) for part in (draws, overlay or draws.none()))
    marks = [mark for mark in MARKS if mark in named]
    sums = named.groupby(by or (lambda _: 0))[marks].sum(min_count=1)
    rolled, closed = draws.total(by), draws.where(part=CLOSED).total(by)
    credit = beside.total(by) if len(beside.cells) else beside
    rows = []
    for labels in _all_groups(rolled.cells, sums, credit.cells, by):
        values = _own(rolled, labels, by)
        row = dict(zip(by, labels, strict=True))
        row |= {mark: np.nan for mark in MARKS} | _marks(sums, labels, by, marks)
        row["closed"] = float(_own(closed, labels, by).mean())
        row |= dict(zip(("q10", "q50", "q90"), np.quantile(values, [0.1, 0.5, 0.9]), strict=True))
        row["mean"] = float(values.mean())
        row["gap_amount"] = row["q50"] - row["target"]
        row["remaining"] = float(np.maximum(row["target"] - row["closed"], 0))
        row["open_amount"] = _open_amount(open_deals, labels, by, draws)
        row["coverage"] = row["open_amount"] / row["remaining"] if row["remaining"] > 0 else np.nan
        for mark in MARKS:
            known = not np.isnan(row[mark])
            row[f"p_{mark}"] = float((values >= row[mark]).mean()) if known else np.nan
        if len(credit.cells):
            row["overlay_credit"] = float(_own(credit, labels, by).mean())
        rows.append(row)
    return pd.DataFrame(rows)


def target_caveats(targets: pd.DataFrame, *, period: str, calendar: Calendar) -> list[Finding]:
    """What a reader must know of how the target of a period was told.

    Parameters
    ----------
    targets : DataFrame
        ``period, target``; ``spread_of, season_years`` where a longer period's was spread.
    period : str
        The period in question, such as ``2025-Q4``.
    calendar : salesanalysis.periods.Calendar

    Returns
    -------
    list of Finding
        ``target_by_season`` or ``target_by_days`` (its target, or a part of it, is a share of that
        of a longer period); ``target_of_weeks`` (it is put together from weeks);
        ``over_assigned`` (groups are given more than the whole);
        ``target_longer`` (only a longer period that holds it has one).

    Examples
    --------
    >>> given = pd.DataFrame({"period": ["2025-Q4"], "target": [300.0]})
    >>> (found,) = target_caveats(given, period="2025-11", calendar=Calendar())
    >>> found.name, found.values
    ('target_longer', {'period': '2025-11', 'longer': '2025-Q4', 'target': 300.0})
    """
    require_columns(targets.columns, ["period", "target"], "`targets`")
    inside = [calendar.lies_in(name, period) for name in targets["period"]]
    own = targets[np.array(inside, dtype=bool)]
    if own.empty:
        around = [calendar.lies_in(period, name) for name in targets["period"]]
        sums = targets[np.array(around, dtype=bool)].groupby("period")["target"].sum()
        longer = min(sums.index, key=lambda name: calendar.bounds_of(name)[1], default=None)
        if longer is None:
            return []
        values = {"period": period, "longer": longer, "target": float(sums[longer])}
        return [Finding("warn", "target_longer", values)]
    found = []
    if "of_weeks" in own and own["of_weeks"].fillna(False).any():
        found.append(Finding("warn", "target_of_weeks", {"period": period}))
    if "over_assigned" in own and (beyond := own["over_assigned"].fillna(False).astype(bool)).any():
        sums = {"assigned": float(own.loc[~beyond, "target"].sum())}
        sums |= {"period": period, "target": float(own["target"].sum())}
        found.append(Finding("warn", "over_assigned", sums))
    if "spread_of" not in own or own["spread_of"].isna().all():
        return found
    spread = own[own["spread_of"].notna()]
    longer = ", ".join(sorted(spread["spread_of"].unique()))
    values = {"period": period, "longer": longer, "target": float(spread["target"].sum())}
    years = int(spread["season_years"].min())
    if not years:
        return [*found, Finding("warn", "target_by_days", values)]
    return [*found, Finding("warn", "target_by_season", values | {"years": years})]


def about_on_target(gap, low, high):
    """Whether a gap to the target, or each of several, tells little beside the landing's range."""
    return abs(gap) < _ABOUT * (high - low) / 2


def required_pipeline(
    known: KnownForecast,
    *,
    period: str,
    missing: float,
    every_days: int = 7,
    level: float = 0.95,
) -> pd.DataFrame:
    """How much new pipeline it takes to close a gap, by when it is created.

    Of deals created later, fewer are won before the period ends: the share won by that age is the
    Aalen–Johansen estimate over all deals, open ones included. Amounts are taken to be won as they
    are entered, and the odds not to depend on them.

    Parameters
    ----------
    known : KnownForecast
        Its ``pipeline.deals``: ``outcome, age_days`` and ``entry_days`` where there is delayed
        entry. The first deals are created the day after its own.
    period : str
        The period in question, such as ``2025-Q4``.
    missing : float
        The money that is to come in besides what is expected anyway.
    every_days : int
        Days between the rows.
    level : float
        Confidence level of the interval.

    Returns
    -------
    DataFrame
        One row per day of creation up to the period's end: ``created_at, days_left, in_time``
        (share of new pipeline won in time), ``in_time_low, in_time_high, required_amount`` (missing
        where no deal was ever won so fast), ``required_low, required_high``.

    Raises
    ------
    SalesAnalysisError
        There are no deals, they are known to a later day, or the day lies after the period.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won", "lost"] * 20, "age_days": [20.0, 15.0] * 20})
    >>> from salesanalysis.known import KnownPipeline
    >>> pipeline = KnownPipeline(as_of="2025-11-30", deals=deals)
    >>> known = KnownForecast(as_of="2025-11-30", pipeline=pipeline)
    >>> table = required_pipeline(known, period="2025-12", missing=100.0)
    >>> table[["days_left", "in_time", "required_amount"]].head(3)
       days_left  in_time  required_amount
    0       31.0      0.5            200.0
    1       24.0      0.5            200.0
    2       17.0      0.0              NaN
    """
    if require_known(known, KnownForecast).pipeline is None or known.as_of != known.latest:
        raise SalesAnalysisError(
            f"`known` has no deals, or their ages are of {known.latest:%Y-%m-%d}; expected deals of"
            f" {known.as_of:%Y-%m-%d}. Make it for that day."
        )
    deals = frame_of(known.pipeline, "deals", ["outcome", "age_days"])
    start, end = known.as_of, known.calendar.bounds_of(period)[1]
    if start.normalize() + pd.Timedelta(days=1) >= end:
        raise SalesAnalysisError(
            f"`as_of` ({start:%Y-%m-%d}) lies after the end of `period` {period}: nothing that is"
            " created now can be won in it."
        )
    z_value(level)
    aged = deals[deals["age_days"].notna()]
    cause = aged["outcome"].map({WON: 1, OPEN: 0}).fillna(2).astype(int)
    entry = aged["entry_days"] if "entry_days" in aged else None
    curve = aalen_johansen(aged["age_days"], cause, entry=entry, level=level)
    curve = curve[curve["cause"] == 1]
    days = pd.date_range(start.normalize() + pd.Timedelta(days=1), end, freq=f"{every_days}D")
    days = days[days < end]
    left = np.array([(end - day).days for day in days], dtype=float)
    at = np.searchsorted(curve["days"].to_numpy(float), left, side="right")
    table = pd.DataFrame({"created_at": days, "days_left": left})
    for name, column in (("in_time", ""), ("in_time_low", "_low"), ("in_time_high", "_high")):
        steps = np.concatenate([[0.0], curve[f"incidence{column}"].to_numpy(float)])
        table[name] = steps[at]
    needed = max(float(missing), 0.0)  # a missing one stays missing
    for name, column in (("amount", "in_time"), ("low", "in_time_high"), ("high", "in_time_low")):
        table[f"required_{name}"] = needed / table[column].where(table[column] > 0)
    return table


def _of_their_streams(draws: Draws, targets: pd.DataFrame) -> Draws:
    """The cells of the streams that the targets name; all where there is no target."""
    if targets.empty or "stream" not in targets or targets["stream"].isna().any():
        return draws
    return draws.where(stream=sorted(targets["stream"].unique()))


def _all_groups(
    cells: pd.DataFrame, sums: pd.DataFrame, credit: pd.DataFrame, by: list[str]
) -> list[tuple]:
    """The groups of the forecast, then those that only have a target, or overlay credit."""
    if not by:
        return [()]
    groups = [tuple(row) for row in cells[by].itertuples(index=False, name=None)]
    named = [label if isinstance(label, tuple) else (label,) for label in sums.index]
    named += [tuple(row) for row in credit[by].itertuples(index=False, name=None)]
    return list(dict.fromkeys([*groups, *named]))


def _own(draws: Draws, labels: tuple, by: list[str]) -> np.ndarray:
    """The draws of one group of a roll-up; zeros where it has none."""
    return draws.values[_in_group(draws.cells, labels, by)].sum(axis=0)


def _marks(sums: pd.DataFrame, labels: tuple, by: list[str], marks: list[str]) -> dict:
    """The group's target, floor and stretch."""
    key = 0 if not by else labels[0] if len(by) == 1 else labels
    if key not in sums.index:
        return {}
    return {mark: float(sums.loc[key, mark]) for mark in marks}


def _open_amount(open_deals: pd.DataFrame, labels: tuple, by: list[str], draws: Draws) -> float:
    """What the group's open deals are worth; missing where it has no pipeline."""
    if not (_in_group(draws.cells, labels, by) & (draws.cells["stream"] == PIPELINE)).any():
        return np.nan
    return float(open_deals.loc[_in_group(open_deals, labels, by), "amount"].sum())


def _in_group(table: pd.DataFrame, labels: tuple, by: Sequence[str]) -> np.ndarray:
    """Which rows have the labels; missing ones are equal to each other."""
    mask = np.ones(len(table), dtype=bool)
    for column, label in zip(by, labels, strict=True):
        own = table[column]
        same = own.isna() if pd.isna(label) else own == label
        mask &= same.to_numpy(dtype=bool, na_value=False)
    return mask

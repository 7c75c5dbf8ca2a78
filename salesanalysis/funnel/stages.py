"""From stage to stage: how many deals get through, and how long it takes them."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.bases import BASES, QUOTED
from salesanalysis.columns import ADVANCED, CANCELLED, LOST, OPEN, WON, as_list
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.funnel.groups import (
    groups,
    require_columns,
    require_known,
    split_columns,
    split_table,
)
from salesanalysis.known import WEIGHT, number, weights
from salesanalysis.stats import kaplan_meier, survival_quantile

#: The columns of :func:`conversion` after those of the split.
_COLUMNS = ["stage", "to_stage", "position", "basis", "n", "k", "rate", "rate_low", "rate_high"]
_COLUMNS += ["horizon_days", "advanced", LOST, CANCELLED, OPEN, "skipped", "moved_back"]


def conversion(
    entries: pd.DataFrame,
    *,
    by: Sequence[str] | str = (),
    basis: Sequence[str] | str = tuple(BASES),
    horizon_days: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of the deals at each stage that reach the next one, in each basis.

    Open deals make every simple share wrong in a known direction, so the basis is explicit:

    ``reached``
        Advanced ÷ all that reached the stage. Counts an open deal as if it had failed: a *lower
        bound* of what these deals will do.
    ``decided``
        Advanced ÷ those no longer waiting at the stage (advanced, lost, cancelled). Leaves the open
        ones out; biased when winners and losers take different times.
    ``final``
        Aalen–Johansen cumulative incidence of advancing within ``horizon_days`` of reaching the
        stage: an open deal counts for as long as it was watched. The number to quote.

    Parameters
    ----------
    entries : DataFrame, one row per deal × stage reached
        As from :func:`salesanalysis.reduce.funnel.stage_entries`, counted (``weight``) or not.
        Where it has ``entry_days``, ``final`` counts a deal from that wait on (delayed entry).
    by : str or list of str
        Columns to split by. Missing values are a group of their own.
    basis : str or list of str
        Any of :data:`salesanalysis.bases.BASES`.
    horizon_days : float, optional
        Horizon of ``final``. Without it, the longest wait that ended while at least ten deals (or
        a quarter of them, where that is less) had been watched that long.
    level : float
        Confidence level of the intervals (Wilson; log(−log) for ``final``).

    Returns
    -------
    DataFrame
        One row per group × stage × basis: ``by``, ``stage, to_stage, position, basis, n, k, rate,
        rate_low, rate_high, horizon_days, advanced, lost, cancelled, open, skipped, moved_back``.
        ``n`` is the denominator of the basis; ``advanced`` to ``open`` add up to those who reached
        the stage; ``skipped`` reached it without entering it. For ``final``, ``n`` are the deals
        whose waiting time is known and ``k`` those seen to advance within the horizon. A rate
        that nothing supports is missing.

    Raises
    ------
    SalesAnalysisError
        A column is not there, ``basis`` or a ``result`` is unknown, or ``horizon_days`` negative.

    References
    ----------
    Aalen, O., Johansen, S. (1978), Scandinavian Journal of Statistics 5, 141–150.
    Wilson, E. B. (1927), JASA 22, 209–212.

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "opportunity_id": ["a", "a", "b", "c"], "stage": ["lead", "won", "lead", "lead"],
    ...     "position": [0, 1, 0, 0], "skipped": False, "moved_back": False,
    ...     "result": ["advanced", "won", "lost", "open"], "result_days": [5.0, None, 9.0, 7.0]})
    >>> conversion(entries)[["stage", "to_stage", "basis", "n", "k", "rate"]].round(2)
      stage to_stage    basis  n  k  rate
    0  lead      won  reached  3  1  0.33
    1  lead      won  decided  2  1  0.50
    2  lead      won    final  3  1  0.33
    """
    bases = as_list(basis)
    unknown = [name for name in bases if name not in BASES]
    if unknown:
        raise SalesAnalysisError(
            f"`basis` is {', '.join(map(repr, unknown))}; expected {', '.join(BASES)}."
        )
    by = split_columns(entries, by)
    needed = ["stage", "position", "result", "result_days", "skipped", "moved_back"]
    require_columns(entries, needed, counted=True)
    require_known(entries["result"], (ADVANCED, WON, LOST, CANCELLED, OPEN))
    following = _following(entries)
    needed += [name for name in [*by, "entry_days", WEIGHT] if name in entries.columns]
    passing = entries.loc[entries["result"] != WON, list(dict.fromkeys(needed))]
    rows = []
    for group, part in groups(passing, [*by, "position"]):
        weight, became = weights(part), (ADVANCED, LOST, CANCELLED, OPEN)
        counts = {name: number(part["result"] == name, weight) for name in became}
        counts |= {name: number(part[name], weight) for name in ("skipped", "moved_back")}
        stage = part["stage"].iloc[0]
        for name in bases:
            estimate = BASES[name].estimate(part, horizon_days, level)
            head = {"stage": stage, "to_stage": following[stage], "basis": name}
            rows.append(group | head | estimate | counts)
    return split_table(rows, [*by, *_COLUMNS])


def compare_bases(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of :func:`conversion` with the bases side by side, for reading.

    Parameters
    ----------
    table : DataFrame
        As from :func:`conversion`, with all bases.

    Returns
    -------
    DataFrame
        One row per group × stage: what names it, ``deals`` that reached it, what became of them
        (``advanced`` to ``moved_back``), ``reached_rate, decided_rate``, and ``final_rate,
        final_low, final_high, horizon_days``.

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "stage": "lead", "position": 0, "skipped": False, "moved_back": False,
    ...     "result": ["advanced", "lost", "open"], "result_days": [5.0, 9.0, 7.0]})
    >>> compare_bases(conversion(entries))[["stage", "deals", "reached_rate", "decided_rate"]]
      stage  deals  reached_rate  decided_rate
    0  lead      3      0.333333           0.5
    """
    require_columns(table, _COLUMNS)
    missing = [name for name in BASES if name not in set(table["basis"])]
    if missing and len(table):
        raise SalesAnalysisError(f"The table lacks the basis {', '.join(missing)}.")
    by = [name for name in table.columns if name not in _COLUMNS]
    parts = [part.sort_values("position") for _, part in groups(table, by)]
    table = pd.concat(parts) if parts else table
    own = {name: table[table["basis"] == name].reset_index(drop=True) for name in BASES}
    first, quoted = own[next(iter(BASES))], own[QUOTED]
    estimates = ["position", "basis", "k", "n", "rate", "rate_low", "rate_high", "horizon_days"]
    wide = first.drop(columns=estimates)
    results = ["advanced", LOST, CANCELLED, OPEN]
    wide.insert(wide.columns.get_loc("advanced"), "deals", first[results].sum(axis=1))
    rates = {f"{name}_rate": rows["rate"] for name, rows in own.items()}
    limits = {f"{QUOTED}_{end}": quoted[f"rate_{end}"] for end in ("low", "high")}
    return wide.assign(**rates, **limits, horizon_days=quoted["horizon_days"])


def stage_days(
    entries: pd.DataFrame,
    *,
    by: Sequence[str] | str = (),
    percentiles: Sequence[float] | float = (0.25, 0.5, 0.75, 0.9),
    level: float = 0.95,
) -> pd.DataFrame:
    """How long deals stay in a stage, all visits together, with those still there as censored.

    A plain median over the deals that have left is too short, because the slow ones are the ones
    that have not left yet; Kaplan–Meier counts them for as long as they have stayed.

    Parameters
    ----------
    entries : DataFrame, one row per deal × stage reached
        As from :func:`salesanalysis.reduce.funnel.stage_entries`, counted (``weight``) or not.
        Skipped stages and deals whose closing date is not known do not count here.
    by : str or list of str
        Columns to split by.
    percentiles : float or list of float
        Shares of the deals that have left; 0.5 is the median.
    level : float
        Confidence level of the interval of the median.

    Returns
    -------
    DataFrame
        One row per group × stage: ``by``, ``stage, position, n`` (deals that entered), ``left``,
        ``still_there``, ``median_days, median_low, median_high`` and one column such as
        ``p75_days`` per further percentile, in days. Infinite where so many have not left yet that
        the data do not say.

    Raises
    ------
    SalesAnalysisError
        A column is not there or a percentile is not between 0 and 1.

    References
    ----------
    Kaplan, E. L., Meier, P. (1958), JASA 53, 457–481. Interval of the median: Brookmeyer, R.,
    Crowley, J. (1982), Biometrics 38, 29–41.

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "stage": "lead", "position": 0, "skipped": False, "result": "advanced",
    ...     "stage_days": [1.0, 2.0, 3.0, 4.0], "left": [True, True, True, False]})
    >>> stage_days(entries)[["stage", "n", "left", "still_there", "median_days"]]
      stage  n  left  still_there  median_days
    0  lead  4     3            1          2.0
    """
    by = split_columns(entries, by)
    needed = ["stage", "position", "skipped", "result", "stage_days", "left"]
    require_columns(entries, needed, counted=True)
    needed += [WEIGHT] if WEIGHT in entries.columns else []
    percentiles = np.atleast_1d(percentiles).tolist()
    wrong = [p for p in percentiles if not 0 < p < 1]
    if wrong:
        raise SalesAnalysisError(f"`percentiles` must lie between 0 and 1; {wrong[0]!r} does not.")
    entered = (entries["result"] != WON) & entries["stage_days"].notna()
    entered = entries.loc[entered, list(dict.fromkeys([*by, *needed]))]
    names = {p: f"p{100 * p:g}_days" for p in percentiles if p != 0.5}
    rows = []
    for group, part in groups(entered, [*by, "position"]):
        left, weight = part["left"].astype(bool), weights(part)
        curve = kaplan_meier(part["stage_days"], left, count=weight, level=level)
        median, *others = survival_quantile(curve, [0.5, *names])
        row = {"stage": part["stage"].iloc[0], "n": int(weight.sum())}
        row["left"] = number(left, weight)
        row["still_there"] = row["n"] - row["left"]
        row |= dict(zip(["median_days", "median_low", "median_high"], median, strict=True))
        row |= {name: days for name, (days, _, _) in zip(names.values(), others, strict=True)}
        rows.append(group | row)
    columns = [*by, "stage", "position", "n", "left", "still_there"]
    columns += ["median_days", "median_low", "median_high", *names.values()]
    return split_table(rows, columns)


def _following(entries: pd.DataFrame) -> dict[str, str]:
    """Stage → the next one in the process; the last one → won."""
    order = entries[["stage", "position"]].drop_duplicates().sort_values("position")
    stages = [stage for stage in order["stage"] if stage != WON]
    return dict(itertools.pairwise([*stages, WON]))

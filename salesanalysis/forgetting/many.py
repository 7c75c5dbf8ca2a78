"""Fit a curve to every learner, skill or whatever else splits the scores, all at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.forgetting.batches import GroupBatch, GroupRows
from salesanalysis.forgetting.likelihoods import Objective, log_ways
from salesanalysis.forgetting.minimum import Minima, damped_step, lowest, minimise
from salesanalysis.forgetting.models import Model, require_model
from salesanalysis.forgetting.observations import (
    ROUNDING,
    check_maximum,
    guesses,
    numbers,
    one_or_each,
    require_likelihood,
    with_retention,
)
from salesanalysis.forgetting.problem import in_order, require_start
from salesanalysis.forgetting.search import best_nodes, coordinate_bounds, shares
from salesanalysis.forgetting.status import (
    EQUAL,
    akaike,
    at_ends,
    condition_numbers,
    judged,
    level_ones,
)
from salesanalysis.forgetting.time_units import UNIT_SECONDS, require_unit
from salesanalysis.stats import require_level

#: Nodes of the grid in each coordinate, and how many of them are followed downhill, by how many
#: coordinates there are.
GRID = {1: ((20,), 1), 2: ((3, 9), 3), 3: ((6, 6, 6), 3), 4: ((5, 5, 5, 5), 3)}
#: The most steps downhill: at first, and of those that have not come to rest by then.
STEPS = (40, 200)
#: A last step of this size is some hundred-thousandth of a standard error.
TOLERANCE = 1e-10
#: Why a group cannot be used at all.
_NEGATIVE, _ZERO = "negative_time", "zero_time"
_OVER, _NO_SCORE = "score_over_maximum", "not_a_score"


def fit_each(
    scores: pd.DataFrame,
    *,
    by: Sequence[str] | str = ("learner_id", "skill"),
    model: str | Sequence[str] = "exponential",
    time_unit: str | None = None,
    likelihood: str | None = None,
    guess: float | None = None,
    start: float | None = None,
    bounded: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """A curve for every group of scores, each with a status: what one cannot be fitted is said.

    The same models and the same best curves as :func:`fit`, for very many groups of few scores
    each. Rows with a missing value are left out and counted.

    Parameters
    ----------
    scores : DataFrame, one row per score
        As for :func:`fit`, with the columns of ``by``.
    by : str or list of str
        Columns that make the groups. Missing values are a group of their own.
    model : str or list of str
        One model, or several to compare within each group.
    time_unit, guess, start, bounded, level
        As for :func:`fit`.
    likelihood : str, optional
        ``least_squares`` or ``binomial``; where not given, the first that the columns allow.

    Returns
    -------
    DataFrame
        One row per group (× model), in the order of ``by``:

        - ``by, model, n`` (scores; answers for counts), ``missing`` (rows left out),
        - ``status`` as for a :class:`ForgettingCurve`, and ``score_over_maximum``, ``not_a_score``
          (under −1; counts that are negative, no whole numbers, or of no question),
          ``negative_time``, ``zero_time`` (for a model without a value at time 0) where such a
          score makes the group unusable; ``no_scores`` where all are missing,
        - the model's parameters by their names, in ``time_unit``,
        - ``half_life, half_life_low, half_life_high``: infinite where retention does not fall. The
          limits come from the curvature at the best curve, on the logarithm; they are missing
          where there is none, or fewer than two scores more than parameters,
        - ``sse`` (of the shares), ``aic, aicc`` (missing where undefined), ``condition_number``,
        - ``delta_aicc`` where several models are compared: by how much AICc is over the group's
          least; missing where it is not defined.

    Raises
    ------
    SalesAnalysisError
        A column is not there, a name is not known, the unit is missing, or most of the scores lie
        over 1.

    References
    ----------
    As for :func:`fit`. Levenberg–Marquardt: Marquardt, D. W. (1963), SIAM J. Appl. Math. 11,
    431–441.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "learner_id": list("aaaabbbbc"), "elapsed": [0, 1, 2, 4, 0, 1, 2, 4, 1],
    ...     "retention": [0.8, 0.62, 0.45, 0.28, 0.5, 0.6, 0.6, 0.7, 0.4]})
    >>> table = fit_each(scores, by="learner_id", time_unit="weeks")
    >>> table[["learner_id", "n", "a", "b", "half_life", "status"]].round(3)
      learner_id  n      a     b  half_life      status
    0          a  4  0.801  0.27      2.563          ok
    1          b  4  0.600  0.00        inf      rising
    2          c  1    NaN   NaN        NaN  few_points
    """
    unit = require_unit(time_unit)
    require_level(level)
    likelihood = require_likelihood(likelihood, scores)
    if likelihood == "interval":
        raise SalesAnalysisError(
            "`likelihood` is 'interval', which needs many learners to a curve; use `fit` on each"
            " group, or `pooled`."
        )
    several = not isinstance(model, str)
    forms = [require_model(name) for name in (model if several else [model])]
    if not forms:
        raise SalesAnalysisError("`model` is empty; expected one or more names of models.")
    by = as_list(by)
    if not by:
        raise SalesAnalysisError("`by` is empty; expected the columns that make the groups.")
    require_columns(scores.columns, by, "`scores`")

    wishes = _Wishes(unit, likelihood == "binomial", start, bounded, level)
    keys, group = _groups(scores, by)
    scores = with_retention(scores, likelihood).assign(guess=guesses(scores, guess))
    rows, missing, faults = _usable(scores, group, len(keys), wishes)
    tables = [
        pd.concat([keys.assign(model=form.name), _fitted(form, rows, faults, wishes)], axis=1)
        for form in forms
    ]
    table = pd.concat(tables).sort_index(kind="stable") if several else tables[0]
    table["missing"] = missing[table.index]
    names = dict.fromkeys(name for form in forms for name in form.reported)
    columns = [*by, "model", "n", "missing", "status", *names]
    columns += ["half_life", "half_life_low", "half_life_high", "sse", "aic", "aicc"]
    columns.append("condition_number")
    if several:
        table["delta_aicc"] = table["aicc"] - table["aicc"].groupby(level=0).transform("min")
        columns.append("delta_aicc")
    return table[columns].reset_index(drop=True)


@dataclass(frozen=True)
class _Wishes:
    """What the caller wants of every fit."""

    unit: str
    counts: bool
    start: float | None
    bounded: bool
    level: float


def _groups(scores, by) -> tuple[pd.DataFrame, np.ndarray]:
    """The keys of the groups in their order, and the number of each row's group."""
    grouped = scores.groupby(by, dropna=False, sort=True, observed=True)
    group = grouped.ngroup().to_numpy()
    first = np.full(group.max() + 1 if len(group) else 0, 0)
    first[group[::-1]] = np.arange(len(group))[::-1]
    return scores[by].iloc[first].reset_index(drop=True), group


def _usable(scores, group, groups, wishes) -> tuple[GroupRows, np.ndarray, np.ndarray]:
    """The rows without a missing value, how many others each group has, and what is wrong."""
    names = ["elapsed", *(("k", "n") if wishes.counts else ("retention",))]
    require_columns(scores.columns, names, "`scores`")
    elapsed, score, *asked = (numbers(scores[name]) for name in names)
    asked = asked[0] if asked else np.ones(len(score))
    there = ~(np.isnan(elapsed) | np.isnan(score) | np.isnan(asked))
    missing = np.bincount(group[~there], minlength=groups)
    guess = scores["guess"].to_numpy()
    group, elapsed, score, asked, guess = (a[there] for a in (group, elapsed, score, asked, guess))

    over = score > asked + ROUNDING
    if wishes.counts:
        none = (score < 0) | (asked <= 0) | (score != np.round(score)) | (asked != np.round(asked))
    else:
        none = ~(score >= -1)
        if 2 * np.count_nonzero(over | none) > len(score):
            check_maximum(pd.Series(score))
    faults = np.full(groups, "", dtype=object)
    faults[group[over]] = _OVER
    faults[group[none]] = _NO_SCORE
    faults[group[~((elapsed >= 0) & np.isfinite(elapsed))]] = _NEGATIVE
    guess = one_or_each(guess) if len(guess) else 0.0
    return GroupRows.of(group, groups, elapsed, score, asked, guess), missing, faults


def _fitted(form: Model, rows: GroupRows, faults, wishes: _Wishes) -> pd.DataFrame:
    """One row per group: the best curve of one model, and its status."""
    start = require_start(form, "binomial" if wishes.counts else "least_squares", wishes.start)
    if not form.starts:
        faults = faults.copy()
        zero = rows.group[rows.elapsed == 0]
        faults[zero] = np.where(faults[zero] == "", _ZERO, faults[zero])
    answers = np.bincount(rows.group, weights=rows.asked, minlength=rows.groups)
    columns = {"n": answers.astype(np.int64)}
    columns["status"] = np.where(rows.sizes == 0, "no_scores", faults)
    numbers = [*form.reported, "half_life", "half_life_low", "half_life_high"]
    numbers += ["sse", "aic", "aicc", "condition_number"]
    columns |= {name: np.full(rows.groups, np.nan) for name in numbers}
    fixed = start is not None
    wanted = form.size - (fixed and not form.full_start)
    # Those that take long go on together: within a batch all the others would wait for them.
    for most in STEPS:
        for batch in rows.batches(columns["status"] == ""):
            # At time 0 a start that is held fixed leaves nothing to tell.
            told = batch.distinct - (fixed & (batch.elapsed[0] == 0))
            columns["status"][batch.members[told < wanted]] = "few_points"
            if (told >= wanted).any():
                batch = batch.take(told >= wanted)
                for name, values in _fit_batch(form, batch, start, wishes, most).items():
                    columns[name][batch.members] = values
    return pd.DataFrame(columns).astype({"status": "str"})


def _fit_batch(form: Model, batch: GroupBatch, start, wishes: _Wishes, most: int) -> dict:
    """The best curve of each group of a batch; its status is empty where it is still on its way."""
    from_zero = start is not None or (wishes.bounded and form.starts)
    clock = batch.clock(from_zero, UNIT_SECONDS[wishes.unit] / 60)
    span = batch.span(clock)
    data = batch.likelihood(wishes.counts)
    objective = Objective(form, clock, data)
    low, high = _bounds(form, batch, span, start, wishes)

    size = batch.asked.sum(axis=0)
    noise = 1e-15 * size if wishes.counts else 1e-26 * size
    limits = {"noise": noise, "tolerance": TOLERANCE, "most": most}
    starts = best_nodes(objective, span, low, high, *GRID[len(form.coordinates)])
    searches: list[Minima] = []
    for node in starts:
        searches.append(minimise(objective, node, low, high, known=searches, **limits))
    found = lowest(searches)
    flat, params = level_ones(form, clock, found.params)
    params = in_order(form, params)
    value, _, hessian = objective.evaluate(params)

    observed = batch.shares(wishes.counts)
    wanted = (low < high).sum(axis=0)
    free = size - wanted
    condition = condition_numbers(hessian, params, low, high, form)
    nothing = np.nanmax(observed - batch.guess, axis=0) <= 0
    status = judged(
        nothing=nothing | (params[0] <= EQUAL),
        impossible=~np.isfinite(value),
        constant=np.nanmax(observed, axis=0) - np.nanmin(observed, axis=0) <= EQUAL,
        flat=flat,
        few=(free <= 0) & (not wishes.counts),
        converged=found.converged,
        condition=condition,
        at_bound=at_ends(params, low, high)[1:].any(axis=0),
    )
    log_likelihood = data.log_likelihood(value, size)
    if wishes.counts:
        log_likelihood = log_likelihood + log_ways(data.k, data.n).sum(axis=0)
    aic, aicc = akaike(log_likelihood, wanted + (not wishes.counts), size)
    _, share, _ = shares(data)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        error = (share - form.retention(data.times, clock, params)) * (1 - batch.guess)
        reported = form.report(clock, params)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = _spread(value, free, wishes)
        half_lives = _half_lives(form, clock, params, hessian, low, high, *spread)
    known = np.where(nothing, np.nan, 1.0)
    on_its_way = ~np.all([search.converged for search in searches], axis=0) & (most < STEPS[-1])
    return {name: values * known for name, values in reported.items()} | {
        "status": np.where(on_its_way, "", status),
        "half_life": half_lives[0] * known,
        "half_life_low": half_lives[1] * known,
        "half_life_high": half_lives[2] * known,
        "sse": np.where(batch.there, error**2, 0.0).sum(axis=0),
        "aic": aic,
        "aicc": aicc,
        "condition_number": condition,
    }


def _bounds(form: Model, batch: GroupBatch, span, start, wishes: _Wishes) -> tuple:
    """The least and the greatest value of each coordinate, for each group."""
    negative = not wishes.counts and not wishes.bounded
    low, high = coordinate_bounds(form, span, negative=negative)
    ends = (0.0, np.inf if negative else 1.0) if start is None else (start, start)
    blank = np.zeros(len(batch.members))
    low = np.stack([end + blank for end in (ends[0], *low)])
    return low, np.stack([end + blank for end in (ends[1], *high)])


def _spread(value, free, wishes) -> tuple[np.ndarray, np.ndarray]:
    """The variance of the errors, and the quantile by which an interval is wider than it."""
    tail = (1 + wishes.level) / 2
    if wishes.counts:
        return np.ones_like(value), np.full(value.shape, ndtri(tail))
    # With a single degree of freedom the variance is not known at all.
    free = np.where(free >= 2, free, np.nan)
    return value / free, stdtrit(free, tail)


def _half_lives(form, clock, params, hessian, low, high, variance, quantile) -> tuple:
    """Half-lives with limits from the curvature, on the logarithm."""

    def speed(at):
        return 1 / np.maximum(form.half_life(clock, at), 1e-300)

    here = speed(params)
    slope = np.empty_like(params)
    for i in range(len(params)):
        width = 1e-5 * np.maximum(np.abs(params[i]), 1e-3)
        up, down = params.copy(), params.copy()
        up[i] = np.minimum(params[i] + width, high[i])
        down[i] = np.maximum(params[i] - width, low[i])
        apart = np.where(up[i] > down[i], up[i] - down[i], np.inf)
        slope[i] = (speed(up) - speed(down)) / apart
    free = (low < high) & ~at_ends(params, low, high)
    along = damped_step(hessian, slope, 0.0, free)
    error = np.sqrt(2 * variance * (slope * along).sum(axis=0)) / here
    half_life = 1 / here
    apart = np.where((error > 0) & (here > 0), np.exp(quantile * error), np.nan)
    return half_life, half_life / apart, half_life * apart

"""Whether groups of learners forget at different speeds, or only as chance makes equal ones do."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_choice, require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.forgetting.bootstrap import Bootstrap, Cells, drawn_again, refitted
from salesanalysis.forgetting.fitting import fit
from salesanalysis.forgetting.models import require_model
from salesanalysis.forgetting.observations import observe
from salesanalysis.forgetting.problem import Problem
from salesanalysis.forgetting.time_units import require_unit
from salesanalysis.stats import require_level

#: Statuses of a group that still has a half-life, if an infinite one.
_USABLE = ("ok", "at_bound", "rising", "constant")


#: The columns of a table of differences.
COLUMNS = ["group", "reference", "n", "reference_n", "learners", "reference_learners"]
COLUMNS += ["half_life", "reference_half_life", "ratio", "ratio_low", "ratio_high"]
COLUMNS += ["difference", "difference_low", "difference_high", "p_value", "p_adjusted"]
COLUMNS += ["verdict", "method", "refused"]


def difference(
    scores: pd.DataFrame,
    *,
    by: Sequence[str] | str,
    reference: object = None,
    model: str = "exponential",
    time_unit: str | None = None,
    likelihood: str | None = None,
    guess: float | None = None,
    start: float | None = None,
    level: float = 0.95,
    bootstrap: Bootstrap = Bootstrap(),
) -> pd.DataFrame:
    """How the half-lives of groups differ, pair by pair, with an interval and a test.

    Scores of one learner are alike, so learners, not scores, are drawn anew for the interval, and
    dealt out anew to the two groups for the test. A learner who is in both groups (one skill
    refreshed, the other not) is drawn with all scores; then the test uses the draws as well. Where
    there is no ``learner_id``, new scores are drawn from the fitted curves, which takes every score
    as independent.

    Parameters
    ----------
    scores : DataFrame, one row per score
        As for :func:`fit`, with the columns of ``by``, and ``learner_id`` where it is known.
    by : str or list of str
        Columns that make the groups: cohort, method, reinforced or not. Rows without a value are
        left out.
    reference : optional
        The group that the others are compared with; every pair where not given. With several
        columns of ``by``, a tuple.
    model, time_unit, likelihood, guess, start
        As for :func:`fit`.
    level : float
        Confidence level; 1 − it is the chance of a false ``differ`` in the table.
    bootstrap : Bootstrap
        How many draws, from which seed; the least p-value there can be is 1 / (draws + 1), or twice
        that where the test uses the draws of the interval.

    Returns
    -------
    DataFrame
        One row per pair:

        - ``group, reference`` (their names),
        - ``n, reference_n`` (scores, answers for counts), ``learners, reference_learners`` (missing
          without ``learner_id``),
        - ``half_life, reference_half_life`` (infinite where a group's retention does not fall),
        - ``ratio, ratio_low, ratio_high``: half-life over the reference's,
        - ``difference, difference_low, difference_high`` in ``time_unit``,
        - ``p_value``, ``p_adjusted`` for the number of pairs (Holm), ``verdict`` (``differ``,
          ``not_shown``, which is not the same as equal), ``method`` (``permutation``,
          ``bootstrap``),
        - ``refused``: the status of the group whose fit cannot be used, else missing.

    Raises
    ------
    SalesAnalysisError
        As for :func:`fit`; or there is only one group.

    References
    ----------
    Efron, B., Tibshirani, R. J. (1993), An Introduction to the Bootstrap, ch. 13 and 15. Phipson,
    B., Smyth, G. K. (2010), Stat. Appl. Genet. Mol. Biol. 9, 39. Holm, S. (1979), Scandinavian
    Journal of Statistics 6, 65–70.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> scores = pd.DataFrame({"learner_id": np.repeat(np.arange(80), 4), "n": 20,
    ...                        "elapsed": np.tile([1.0, 3.0, 8.0, 13.0], 80)})
    >>> scores["method"] = np.where(scores["learner_id"] < 40, "coaching", "online")
    >>> half_life = np.where(scores["method"] == "coaching", 9.0, 5.0)
    >>> scores["k"] = rng.binomial(20, 0.9 * 2 ** (-scores["elapsed"] / half_life))
    >>> table = difference(scores, by="method", reference="online", time_unit="weeks",
    ...                    bootstrap=Bootstrap(draws=199))
    >>> table[["group", "half_life", "reference_half_life", "ratio", "verdict"]].round(1)
          group  half_life  reference_half_life  ratio verdict
    0  coaching        9.3                  5.2    1.8  differ
    """
    unit = require_unit(time_unit)
    require_level(level)
    form = require_model(model)
    by = as_list(by)
    if not by:
        raise SalesAnalysisError("`by` is empty; expected the columns that make the groups.")
    require_columns(scores.columns, by, "`scores`")
    scores = scores.dropna(subset=by).reset_index(drop=True)
    parts = {_name(key): part for key, part in scores.groupby(by, sort=True, observed=True)}
    pairs = _pairs(list(parts), reference if reference is None else _name(reference), by)
    wishes = {"model": model, "time_unit": unit, "likelihood": likelihood}
    held = {"start": start, "guess": guess}
    curves = {name: fit(part, interval="none", **held, **wishes) for name, part in parts.items()}
    seen = observe(scores, likelihood, guess, positive="" if form.starts else form.name)
    problem = Problem.of(form, seen, unit, start=start, bounded=False)
    groups = _Speeds(problem, scores, parts, curves, held, bootstrap)
    rows = [_row(groups, name, other, level) for name, other in pairs]
    return _judged(pd.DataFrame(rows), level)


def difference_findings(table: pd.DataFrame) -> list[Finding]:
    """What a table of differences comes to: the clearest pair that differs, or that none does.

    Parameters
    ----------
    table : DataFrame
        As from :func:`difference`.

    Returns
    -------
    list of Finding
        ``groups_differ`` with the pair of the least p-value and ``pairs`` (how many differ),
        ``groups_not_shown``, or ``groups_untested``.
    """
    needed = ["group", "reference", "ratio", "ratio_low", "ratio_high", "p_value", "verdict"]
    require_columns(table.columns, needed)
    tested = table[table["verdict"].notna()]
    if tested.empty:
        return [Finding("group", "groups_untested")]
    differ = tested[tested["verdict"] == "differ"]
    if differ.empty:
        return [Finding("group", "groups_not_shown")]
    row = differ.loc[differ["p_value"].idxmin()]
    values = picked(row, "group", "reference", "ratio", "ratio_low", "ratio_high")
    return [Finding("group", "groups_differ", values | {"pairs": len(differ)})]


class _Speeds:
    """Speeds of forgetting, 1 / half-life, of each group: as fitted, drawn anew, dealt out anew."""

    def __init__(self, problem: Problem, scores, parts, curves, held: dict, bootstrap: Bootstrap):
        self.problem, self.parts, self.curves = problem, parts, curves
        self.draws, self.seed, self.held = bootstrap.draws, bootstrap.seed, held
        self.by_learner = "learner_id" in scores.columns
        if not self.by_learner:
            return
        self.learners = pd.Index(pd.factorize(scores["learner_id"], sort=True)[1])
        self.cells = {name: self._cells(scores, part) for name, part in parts.items()}
        self.member = {
            name: self.learners.isin(part["learner_id"].unique()) for name, part in parts.items()
        }
        self.drawn = self._drawn()

    def _cells(self, scores, part) -> Cells:
        """The cells of one group's rows, on the times of all."""
        row = self.problem.seen.rows.row
        inside = scores.index.isin(part.index)[row]
        learner = self.learners.get_indexer(scores["learner_id"].to_numpy()[row[inside]])
        return Cells.of_rows(self.problem, inside, learner, len(self.learners))

    def _drawn(self) -> dict:
        """Speeds of all groups with the learners drawn anew, those in the same groups together."""
        rng = np.random.default_rng(self.seed)
        kind = np.stack(list(self.member.values())).T
        times = np.zeros((self.draws, len(self.learners)))
        for pattern in np.unique(kind, axis=0):
            alike = np.flatnonzero((kind == pattern).all(axis=1))
            share = np.full(len(alike), 1 / len(alike))
            times[:, alike] = rng.multinomial(len(alike), share, size=self.draws)
        return {name: self.weighted(name, times) for name in self.parts}

    def weighted(self, name, times) -> np.ndarray:
        """Speeds of one group with each learner as often as ``times`` says."""
        return self._fitted(self.cells[name].weighted(times), name)

    def _fitted(self, data, name) -> np.ndarray:
        place = self.problem_place(name)
        params = refitted(replace(self.problem.objective, data=data), self.problem, place)
        return speeds(self.problem, params)

    def problem_place(self, name) -> np.ndarray:
        """A curve of the group in the coordinates that all groups share, to start from."""
        ones = self.cells[name].weighted(np.ones((1, len(self.learners))))
        objective = replace(self.problem.objective, data=ones)
        return refitted(objective, self.problem, self.problem.solved().place)[:, 0]

    def draws_of(self, name) -> np.ndarray:
        """Speeds of a group drawn anew."""
        if self.by_learner:
            return self.drawn[name]
        part, curve = self.parts[name], self.curves[name]
        seen = observe(part, curve.likelihood, self.held["guess"])
        start = self.held["start"]
        problem = Problem.of(curve.form, seen, curve.time_unit, start=start, bounded=False)
        own = Bootstrap(self.draws, self.seed + 1 + list(self.parts).index(name))
        params = drawn_again(problem, curve.place, part, own).params
        return speeds(problem, params)

    def p_value(self, name, other, apart) -> tuple[float, str]:
        """Of the null that the two groups forget alike."""
        if self.by_learner and not (self.member[name] & self.member[other]).any():
            return self._dealt(name, other), "permutation"
        least = min((apart <= 0).sum(), (apart >= 0).sum())
        return min(2 * (least + 1) / (len(apart) + 1), 1.0), "bootstrap"

    def _dealt(self, name, other) -> float:
        """Deal the learners of both groups out anew: how often do they differ as much?"""
        rng = np.random.default_rng(self.seed)
        both = np.flatnonzero(self.member[name] | self.member[other])
        size = int(self.member[name].sum())
        first = np.zeros((self.draws + 1, len(self.learners)))
        first[0] = self.member[name]
        for draw in range(1, self.draws + 1):
            first[draw, rng.permutation(both)[:size]] = 1.0
        second = np.zeros_like(first)
        second[:, both] = 1.0 - first[:, both]
        joint = replace(
            self.cells[name],
            first=self.cells[name].first + self.cells[other].first,
            second=self.cells[name].second + self.cells[other].second,
        )
        gaps = np.abs(
            self._fitted(joint.weighted(first), name) - self._fitted(joint.weighted(second), name)
        )
        as_far = (gaps[1:] >= gaps[0] * (1 - 1e-9)).sum()
        return float((as_far + 1) / (self.draws + 1))


def speeds(problem: Problem, params) -> np.ndarray:
    """1 / half-life of each curve, 0 where retention never falls to its half."""
    form, clock = problem.objective.model, problem.objective.clock
    time = form.half_life(clock, params)
    with np.errstate(divide="ignore"):
        return np.nan_to_num(1 / np.maximum(time, 1e-300))


def _name(key):
    """One value as it is, several as one text."""
    if isinstance(key, tuple | list):
        return key[0] if len(key) == 1 else ", ".join(map(str, key))
    return key


def _pairs(names: list, reference, by) -> list[tuple]:
    if len(names) < 2:
        raise SalesAnalysisError(
            f"`by` ({', '.join(by)}) makes {len(names)} group; expected two or more to compare."
        )
    if reference is None:
        return [(other, name) for name, other in combinations(names, 2)]
    require_choice("reference", reference, names)
    return [(name, reference) for name in names if name != reference]


def _row(groups: _Speeds, name, other, level) -> dict:
    one, two = groups.curves[name], groups.curves[other]
    row = {"group": name, "reference": other, "n": one.n, "reference_n": two.n}
    if groups.by_learner:
        row["learners"] = int(groups.member[name].sum())
        row["reference_learners"] = int(groups.member[other].sum())
    row |= {"half_life": one.half_life, "reference_half_life": two.half_life}
    unusable = [c.status for c in (one, two) if c.status not in _USABLE]
    if unusable:
        return row | {"refused": unusable[0]}
    first, second = groups.draws_of(name), groups.draws_of(other)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios, gaps = second / first, 1 / first - 1 / second
        row["ratio"] = float(np.divide(1 / two.half_life, 1 / one.half_life))
        row["difference"] = one.half_life - two.half_life
    for column, values in (("ratio", ratios), ("difference", gaps)):
        known = values[~np.isnan(values)]
        ends = [(1 - level) / 2, (1 + level) / 2]
        if len(known):
            row[f"{column}_low"], row[f"{column}_high"] = np.quantile(
                known, ends, method="inverted_cdf"
            )
    row["p_value"], row["method"] = groups.p_value(name, other, second - first)
    return row


def _judged(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """With p-values adjusted for the number of pairs (Holm), and what follows from them."""
    table = table.reindex(columns=COLUMNS)
    p = table["p_value"].to_numpy(float)
    made = np.flatnonzero(np.isfinite(p))
    made = made[np.argsort(p[made], kind="stable")]
    steps = p[made] * np.arange(len(made), 0, -1)
    adjusted = np.full(len(p), np.nan)
    adjusted[made] = np.minimum(np.maximum.accumulate(steps), 1)
    table["p_adjusted"] = adjusted
    verdict = pd.Series(np.where(adjusted <= 1 - level, "differ", "not_shown"))
    table["verdict"] = verdict.where(np.isfinite(p))
    kinds = {"learners": "Int64", "reference_learners": "Int64"}
    return table.astype(kinds | dict.fromkeys(["verdict", "method", "refused"], "str"))

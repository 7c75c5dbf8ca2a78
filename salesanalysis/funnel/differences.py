"""Whether groups of deals differ at all, or only as much as chance makes equal groups differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from salesanalysis.columns import OPEN, WON
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.funnel.groups import split_columns
from salesanalysis.funnel.pooling import decided_counts
from salesanalysis.known import KnownFunnel, frame_of
from salesanalysis.stats import require_level
from salesanalysis.stats.pooling import LEAST_GROUPS
from salesanalysis.stats.spread import Spread

#: The tests of :func:`group_test`, in the order of its rows.
TESTS = ("win_share", "win_incidence", "time_to_win")

#: With fewer events than this to a group, the chi-square distribution calls too many equal groups
#: different, and the log-rank test is made by permutation as well.
MANY_EVENTS = 50
#: With fewer events to a group than this, and too many deals to permute, it is not made at all.
LEAST_EVENTS = 10
#: Numbers that the permutations of one log-rank test may take together (about two seconds).
_WORK = 200_000_000
#: Numbers held in memory at once, for each of the larger arrays.
_BLOCK = 2_000_000


def group_test(
    known: KnownFunnel,
    *,
    by: Sequence[str] | str,
    level: float = 0.95,
    permutations: int = 1999,
    seed: int = 0,
) -> pd.DataFrame:
    """Whether the groups differ in how often they win, with and without their open deals.

    ``win_share``
        Share won of the *decided* deals: Pearson's chi-square, its p-value by random permutation of
        the wins among the decided deals, so right for small groups too. Open deals are left out:
        where winners take longer than losers, a group whose deals are mostly young seems to win
        less, and only the next test tells whether it does.
    ``win_incidence``
        Share won of *all* deals by every age (Gray's test): a log-rank test in which an open deal
        counts for as long as it was watched and a lost one for as long as it *could* have been
        watched, without a win. The test to quote. Speed alone, with the same share in the end,
        shows little here and more in the next test.
    ``time_to_win``
        Cause-specific log-rank test: at every age at which a deal was won, the wins of a group are
        compared with its share of the deals still open at that age. It says whether *open* deals
        are won at the same pace, whatever became of the others.

    Where groups have few events, the p-value of the last two is by permutation of the deals, of the
    standardized statistic: exact where the groups were watched equally long, and a good
    approximation where not.

    Parameters
    ----------
    known : KnownFunnel
        With its ``deals``: ``outcome, age_days, created_at`` and the columns of ``by``;
        ``entry_days`` where there is delayed entry: then there is no ``win_incidence``, because how
        many deals were lost before they came under observation is not known.
    by : str or list of str
        Columns that make the groups. Missing values are a group of their own.
    level : float
        1 − the chance of a false ``differ`` in the table; level of the interval of ``between_sd``.
    permutations : int
        Random permutations; the least p-value there can be is 1 / (permutations + 1).
    seed : int
        Of the permutations.

    Returns
    -------
    DataFrame
        One row per test, in the order above:

        - ``test, groups`` (with any deal in the test), ``n`` deals, ``k`` of them won,
          ``statistic, degrees`` (of freedom), ``p_value`` and its ``method`` (``permutation`` or
          ``chi_square``),
        - ``p_adjusted``: for the number of tests in the table (Holm), and by it ``verdict``:
          ``differ``, or ``not_shown`` (which is not the same as equal),
        - ``between_sd, between_low, between_high`` in the row ``win_share``: how much the true
          shares of the groups differ, as a standard deviation with its credible interval
          (:func:`salesanalysis.funnel.pooled_rates`); missing below three groups,
        - ``refused``: why there is no test (``one_group``, ``no_contrast`` where all or none are
          won, ``few_events``, ``delayed_entry``), else missing.

    Raises
    ------
    SalesAnalysisError
        A column is not there, ``by`` is empty or ``permutations`` is less than 1.

    References
    ----------
    Permutation p-values: Phipson, B., Smyth, G. K. (2010), Stat. Appl. Genet. Mol. Biol. 9, 39; of
    the log-rank statistic: Neuhaus, G. (1993), Annals of Statistics 21, 1760–1779. Log-rank:
    Mantel, N. (1966), Cancer Chemotherapy Reports 50, 163–170; Peto, R., Peto, J. (1972), JRSS A
    135, 185–207. Incidence: Gray, R. J. (1988), Annals of Statistics 16, 1141–1154; with known
    times of observation, Fine, J. P., Gray, R. J. (1999), JASA 94, 496–509. Holm, S. (1979),
    Scandinavian Journal of Statistics 6, 65–70.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "outcome": ["won"] * 30 + ["lost"] * 30, "age_days": 10.0,
    ...     "created_at": pd.Timestamp("2025-01-01"),
    ...     "team": ["a"] * 25 + ["b"] * 5 + ["a"] * 5 + ["b"] * 25})
    >>> table = group_test(KnownFunnel(as_of="2025-12-31", deals=deals), by="team")
    >>> table[["test", "n", "k", "statistic", "verdict"]].round(2)
                test   n   k  statistic verdict
    0      win_share  60  30      26.67  differ
    1  win_incidence  60  30      26.22  differ
    2    time_to_win  60  30      26.22  differ
    """
    by = split_columns(frame_of(known, "deals"), by)
    return _judged(_tests(known, by, level, permutations, seed), level)


def group_test_splits(
    known: KnownFunnel,
    *,
    splits: Sequence[str],
    level: float = 0.95,
    permutations: int = 1999,
    seed: int = 0,
) -> pd.DataFrame:
    """:func:`group_test` by each of several columns in turn, in one table.

    Parameters
    ----------
    known, level, permutations, seed
        As for :func:`group_test`.
    splits : list of str
        The columns; each splits all the deals anew.

    Returns
    -------
    DataFrame
        One row per column × test: ``split``, then the columns of :func:`group_test`. ``p_adjusted``
        and ``verdict`` allow for all the tests of the table.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won", "lost"] * 6, "age_days": 10.0,
    ...                       "created_at": pd.Timestamp("2025-01-01"),
    ...                       "team": list("ab") * 6, "region": list("nnss") * 3})
    >>> known = KnownFunnel(as_of="2025-12-31", deals=deals)
    >>> table = group_test_splits(known, splits=["team", "region"])
    >>> table[["split", "test", "verdict"]].head(4)
        split           test    verdict
    0    team      win_share     differ
    1    team  win_incidence     differ
    2    team    time_to_win     differ
    3  region      win_share  not_shown
    """
    tables = [
        _tests(known, [column], level, permutations, seed).assign(split=column)
        for column in split_columns(frame_of(known, "deals"), splits)
    ]
    if not tables:
        raise SalesAnalysisError("`splits` is empty; expected the columns to split the deals by.")
    table = _judged(pd.concat(tables, ignore_index=True), level)
    return table[["split", *(column for column in table.columns if column != "split")]]


def _tests(known, by, level, permutations, seed) -> pd.DataFrame:
    """The rows of one grouping, not judged yet."""
    deals = _in_order(frame_of(known, "deals", ["outcome", "age_days", "created_at"]))
    require_level(level)
    if permutations < 1:
        raise SalesAnalysisError(f"`permutations` is {permutations!r}; expected 1 or more.")
    counts = decided_counts(deals, by)
    group = deals.groupby(by, dropna=False, sort=True, observed=True).ngroup().to_numpy()
    won = (deals["outcome"] == WON).to_numpy()
    days = deals["age_days"].to_numpy(float)
    # A deal that was lost can no longer be won, for as long as it would have been watched.
    watched = ((known.as_of - deals["created_at"]) / pd.Timedelta(days=1)).to_numpy(float)
    lost = ~won & (deals["outcome"] != OPEN).to_numpy()
    without_win = np.where(lost, np.fmax(watched, days), days)
    entry = np.zeros(len(deals))
    if "entry_days" in deals.columns:
        entry = deals["entry_days"].to_numpy(float)
    incidence = {"refused": "delayed_entry", "groups": len(counts), "n": len(deals), "k": won.sum()}
    if not (entry > 0).any():
        incidence = _log_rank(without_win, won, entry, group, permutations, seed)
    rows = [
        _win_share(counts["n"].to_numpy(), counts["k"].to_numpy(), level, permutations, seed),
        incidence,
        _log_rank(days, won, entry, group, permutations, seed),
    ]
    columns = ["test", "groups", "n", "k", "statistic", "degrees", "method", "p_value"]
    columns += ["between_sd", "between_low", "between_high", "refused"]
    rows = [{"test": test} | row for test, row in zip(TESTS, rows, strict=True)]
    return pd.DataFrame(rows, columns=columns)


def _in_order(deals: pd.DataFrame) -> pd.DataFrame:
    """The deals by their ids, as far as they have any, for chance to deal out the same groups."""
    if "opportunity_id" in deals and not deals["opportunity_id"].is_monotonic_increasing:
        return deals.sort_values("opportunity_id")
    return deals


def _judged(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """With p-values adjusted for the number of tests (Holm), and what follows from them."""
    p = table["p_value"].to_numpy(float)
    made = np.flatnonzero(np.isfinite(p))
    made = made[np.argsort(p[made], kind="stable")]
    adjusted = np.full(len(p), np.nan)
    steps = p[made] * np.arange(len(made), 0, -1)
    adjusted[made] = np.minimum(np.maximum.accumulate(steps), 1)
    verdict = np.where(adjusted <= 1 - level, "differ", "not_shown")
    at = table.columns.get_loc("p_value") + 1
    table.insert(at, "p_adjusted", adjusted)
    table.insert(at + 1, "verdict", pd.Series(verdict).where(np.isfinite(p)).astype("str"))
    return table.astype({"degrees": "Int64", "refused": "str"})


def _win_share(n, k, level, permutations, seed) -> dict:
    """The chi-square test of equal shares among the decided deals, by permutation."""
    n, k = n[n > 0], k[n > 0]
    row = {"groups": len(n), "n": int(n.sum()), "k": int(k.sum())}
    if len(n) >= LEAST_GROUPS:
        spread = Spread.fit(n, k).summary(level).set_index("name").loc["between_sd"]
        row |= {"between_sd": spread["value"]}
        row |= {"between_low": spread["low"], "between_high": spread["high"]}
    if len(n) < 2:
        return row | {"refused": "one_group"}
    share = row["k"] / row["n"]
    if share in (0, 1):
        return row | {"refused": "no_contrast"}

    def statistic(wins):
        return ((wins - n * share) ** 2 / (n * share * (1 - share))).sum(axis=-1)

    seen = statistic(k)
    # Dealing out the wins at random among the decided deals gives the groups multivariate
    # hypergeometric numbers of them: the same as permuting the deals, without the deals.
    rng = np.random.default_rng(seed)
    as_far, block = 0, max(_BLOCK // len(n), 1)
    for start in range(0, permutations, block):
        size = min(block, permutations - start)
        wins = rng.multivariate_hypergeometric(n, row["k"], size=size, method="marginals")
        as_far += int((statistic(wins) >= seen * (1 - 1e-9)).sum())
    row |= {"statistic": seen, "degrees": len(n) - 1, "method": "permutation"}
    return row | {"p_value": (as_far + 1) / (permutations + 1), "refused": None}


def _log_rank(days, event, entry, group, permutations, seed) -> dict:
    """The log-rank test of the time to an event, anything else as censored."""
    seen = np.isfinite(days) & ((days > entry) | (entry <= 0))
    log_rank = _LogRank.of(days[seen], event[seen], np.where(entry <= 0, -np.inf, entry)[seen])
    names, group = np.unique(group[seen], return_inverse=True)
    row = {"groups": len(names), "n": len(group), "k": int(event[seen].sum())}
    if len(names) < 2:
        return row | {"refused": "one_group"}
    statistic, degrees = log_rank.statistic(group)
    permutable = log_rank.times * len(names) * permutations <= _WORK
    if degrees < 1 or (row["k"] < LEAST_EVENTS * len(names) and not permutable):
        return row | {"refused": "few_events"}
    row |= {"statistic": statistic, "degrees": degrees, "refused": None}
    if row["k"] >= MANY_EVENTS * len(names) or not permutable:
        return row | {"method": "chi_square", "p_value": float(chdtrc(degrees, statistic))}
    rng = np.random.default_rng(seed)
    drawn = [log_rank.statistic(rng.permutation(group))[0] for _ in range(permutations)]
    as_far = sum(value >= statistic * (1 - 1e-9) for value in drawn)
    return row | {"method": "permutation", "p_value": (as_far + 1) / (permutations + 1)}


@dataclass(frozen=True, eq=False)
class _LogRank:
    """The k-sample log-rank statistic of given deals, for any way to group them.

    Attributes
    ----------
    times : int
        How many distinct times of events there are.
    came, gone : numpy arrays
        For each deal the number of the first such time at which it is at risk, and of the first at
        which it no longer is: at risk at t when entry < t <= days, as in ``stats.kaplan_meier``.
    at : numpy array
        For each deal the number of the time of its event, or -1.
    """

    times: int
    came: np.ndarray
    gone: np.ndarray
    at: np.ndarray

    @classmethod
    def of(cls, days: np.ndarray, event: np.ndarray, entry: np.ndarray) -> "_LogRank":
        times = np.unique(days[event])
        came, gone = (np.searchsorted(times, moment, side="right") for moment in (entry, days))
        return cls(len(times), came, gone, np.where(event, gone - 1, -1))

    def statistic(self, group: np.ndarray) -> tuple[float, int]:
        """Chi-square statistic and its degrees of freedom; ``group`` counts from 0."""
        excess, variance = self.excess(group)
        # A group that was never at risk together with another says nothing: it has no variance.
        degrees = int((np.diag(variance) > 1e-12).sum()) - 1
        inverse = np.linalg.pinv(variance, rcond=1e-10, hermitian=True)
        return float(excess @ inverse @ excess), degrees

    def excess(self, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Observed less expected events of each group, and their covariance."""
        size = int(group.max()) + 1
        excess, variance = np.zeros(size), np.zeros((size, size))
        at_risk, block = np.zeros(size), max(_BLOCK // size, 1)
        for start in range(0, self.times, block):
            stop = min(start + block, self.times)

            def count(slot, start=start, stop=stop):
                here = (slot >= start) & (slot < stop)
                cells = (slot[here] - start) * size + group[here]
                return np.bincount(cells, minlength=(stop - start) * size).reshape(-1, size)

            events = count(self.at).astype(float)
            at_risks = at_risk + np.cumsum(count(self.came) - count(self.gone), axis=0)
            at_risk = at_risks[-1]
            total, all_events = at_risks.sum(axis=1), events.sum(axis=1)
            share = at_risks / total[:, None]
            excess += (events - all_events[:, None] * share).sum(axis=0)
            # Ties: the events of one time are drawn from those at risk without replacement.
            factor = all_events * (total - all_events) / np.maximum(total - 1, 1)
            weighted = factor[:, None] * share
            variance += np.diag(weighted.sum(axis=0)) - share.T @ weighted
        return excess, variance

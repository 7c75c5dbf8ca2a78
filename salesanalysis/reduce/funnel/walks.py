"""From the sorted rows of a stage history to one row per deal × stage reached, in numpy.

The engine filters and sorts, which it does best and for tables of any size; all that depends on
what came before and after in one deal is a comparison of neighbours here. Every engine gives the
same frame so, because none of them does the rest. Moments are whole microseconds.
"""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.columns import ADVANCED, OPEN, WON
from salesanalysis.periods import start_of

#: The columns of the stage entries, before the cohort and those of ``by``.
COLUMNS = (
    "opportunity_id stage position reached_at skipped result result_days entry_days visits"
    " stage_days left moved_back outcome amount"
).split()

#: Microseconds.
_DAY = 86_400 * 10**6
#: A moment that is not known: later than any other, so that it never is the earliest.
_UNKNOWN = np.iinfo(np.int64).max
#: The same as numpy has it.
_NAT = np.iinfo(np.int64).min

#: Deals that are unfolded at once: bounds what the steps in between take in memory.
_BLOCK = 1 << 14
#: Threads that unfold; numpy lets go of the interpreter lock in all that takes long.
_THREADS = 2


@dataclass(frozen=True, eq=False)
class Walks:
    """The rows of all deals, each deal's together and in the order in which it walked.

    Attributes
    ----------
    deal : array of int
        The number of the row's deal in the deal list.
    position : array of int
        The stage entered.
    at : array of datetime64
        When.
    last_day : array of int
        Of each deal in the list, in days since 1970: rows after it do not count.
    """

    deal: np.ndarray
    position: np.ndarray
    at: np.ndarray
    last_day: np.ndarray

    @classmethod
    def of_history(cls, rows, deals: pd.DataFrame) -> "Walks":
        """From the history's rows (an Arrow table sorted by deal and time).

        Rows of deals that are not in the list are left out; those after the day of their deal's
        closing do not count.
        """
        walks = cls(
            _numbers(rows["opportunity_id"], deals["opportunity_id"]),
            rows["position"].to_numpy(),
            rows["entered_at"].to_numpy(),
            _moments(deals["closed_at"]) // _DAY,
        )
        if (walks.deal < 0).any():
            walks = walks.part(walks.deal >= 0)
        if (walks.deal[1:] < walks.deal[:-1]).any():  # the list is in another order
            walks = walks.part(np.argsort(walks.deal, kind="stable"))
        return walks

    @classmethod
    def of_deals(cls, deals: pd.DataFrame) -> "Walks":
        """Without a history: every deal entered one stage when it was created."""
        nothing = np.zeros(len(deals), dtype=np.int8)
        always = np.full(len(deals), _UNKNOWN)
        return cls(np.arange(len(deals)), nothing, deals["created_at"].to_numpy(), always)

    def part(self, rows) -> "Walks":
        """Some of the rows: a slice, a condition or their numbers."""
        return Walks(self.deal[rows], self.position[rows], self.at[rows], self.last_day)

    def blocks(self) -> Iterator["Walks"]:
        """The same in parts with whole deals."""
        last = self.deal[-1] if len(self.deal) else 0
        cuts = np.searchsorted(self.deal, np.arange(0, last + 1 + _BLOCK, _BLOCK))
        for start, stop in itertools.pairwise(cuts):
            yield self.part(slice(start, stop))


def unfold(
    blocks: Iterable[Walks],
    deals: pd.DataFrame,
    *,
    stages: Sequence[str],
    carried: Sequence[str],
    cutoff,
    observed_from,
) -> pd.DataFrame:
    """One row per deal × stage reached; see :func:`salesanalysis.reduce.funnel.stage_entries`.

    Parameters
    ----------
    blocks : iterable of Walks
        From ``Walks.blocks()``. Whoever keeps nothing else of the walks gets their memory back
        before the columns of the deals are repeated, which takes most.
    deals : DataFrame, one row per deal
        ``outcome, closed_at`` and the columns to carry along.
    stages : list of str
        In their order, ``won`` the last.
    carried : list of str
        Columns of the deals that each of their rows repeats.
    cutoff : Timestamp
    observed_from : str, date or timestamp, or None
    """
    closed, outcome = _moments(deals["closed_at"]), pd.Categorical(deals["outcome"])
    known = _Known(
        closed=closed,
        end=np.where(closed == _UNKNOWN, _moments([cutoff]), closed),
        won=outcome == WON,
        still=outcome == OPEN,
        stages=len(stages) - 1,
        observed_from=None if observed_from is None else _moments([start_of(observed_from)])[0],
    )
    with ThreadPoolExecutor(_THREADS) as pool:
        told = _joined(_in_turn(pool, known.unfold, blocks), len(deals) * len(stages))
        deal, position, at = told["deal"], told["position"], told["reached_at"]
        repeated = pool.map(lambda name: deals[name].array.take(deal), carried)
        columns = dict(zip(carried, repeated, strict=True))
    at[at == _UNKNOWN] = _NAT
    skipped = told["visits"] == 0
    results = [*outcome.categories, ADVANCED]
    result = outcome.codes[deal]
    result[told["advanced"]] = len(results) - 1
    columns |= {
        "stage": _named(position, stages),
        "position": position,
        "reached_at": at.view("datetime64[us]"),
        "skipped": skipped & (position < known.stages),
        "result": _named(result, results),
        # A skipped stage has no visits: types that know "missing" for these, and only for these.
        "visits": pd.arrays.IntegerArray(told["visits"], skipped),
        "left": pd.arrays.BooleanArray(told["left"], skipped),
        "moved_back": pd.arrays.BooleanArray(told["moved_back"], skipped),
        "result_days": told["result_days"],
        # Zeros that are never written take no memory.
        "entry_days": told.get("entry_days", np.zeros(len(deal))),
        "stage_days": told["stage_days"],
    }
    return pd.DataFrame(columns, copy=False)


@dataclass(frozen=True, eq=False)
class _Known:
    """What is known of the deals, to unfold their walks with.

    ``end`` is when a deal closed, or the last moment that is known.
    """

    closed: np.ndarray
    end: np.ndarray
    won: np.ndarray
    still: np.ndarray
    stages: int
    observed_from: int | None

    def unfold(self, walks: Walks) -> dict[str, np.ndarray]:
        """The columns of the stage entries that follow from the walks."""
        walks = walks.part(_moments(walks.at) // _DAY <= walks.last_day[walks.deal])
        starts = np.diff(walks.deal, prepend=-1) > 0
        deals = walks.deal[starts]
        closed, won, still = self.closed[deals], self.won[deals], self.still[deals]
        lived = self._lived_through(walks, np.cumsum(starts) - 1, len(deals))
        # A won deal has passed every stage, at the latest when it closed.
        at_close = np.where(won, closed, _UNKNOWN)
        at = np.where(lived["at"] == _UNKNOWN, at_close[:, None], lived["at"])
        furthest = np.where(won, self.stages, lived["furthest"])

        there = np.arange(self.stages + 1) <= furthest[:, None]
        row, position = np.nonzero(there)
        advanced = position < furthest[row]
        undated = (~still & (closed == _UNKNOWN))[row]
        reached_at = at[there]
        # Of two rows of one deal the second begins where the first has advanced.
        end = self.end[deals][row]
        end[:-1] = np.where(advanced[:-1], reached_at[1:], end[:-1])
        result_days = _between(reached_at, end) / _DAY
        result_days[(position == self.stages) | (~advanced & undated)] = np.nan

        visits, is_last = lived["visits"][there], position == lived["last"][row]
        stage_days = lived["time"][there] / _DAY
        stage_days[(visits == 0) | (is_last & undated)] = np.nan
        told = {
            "deal": deals[row],
            "position": position,
            "reached_at": reached_at,
            "advanced": advanced,
            "result_days": result_days,
            "visits": visits,
            "stage_days": stage_days,
            "left": ~(is_last & still[row]),
            "moved_back": lived["back"][there],
        }
        if self.observed_from is not None:
            told["entry_days"] = np.nan_to_num(_between(reached_at, self.observed_from) / _DAY)
        return told

    def _lived_through(self, walks: Walks, deal, deals: int) -> dict[str, np.ndarray]:
        """How each deal (numbered from 0) lived through each stage, as deal × stage with ``won``.

        ``at`` (first time at the stage or beyond), ``visits``, ``time`` there in microseconds,
        ``back`` (went from here to an earlier one); and for each deal its ``furthest`` and ``last``
        position.
        """
        position, shape = walks.position.astype(np.int64), (deals, self.stages + 1)
        goes_on = deal[1:] == deal[:-1]
        cell, size = deal * shape[1] + position, shape[0] * shape[1]
        # Several rows of one stage in a row are one visit.
        enters, back = np.ones(len(deal), dtype=bool), np.zeros(len(deal), dtype=bool)
        enters[1:] = ~goes_on | (position[1:] != position[:-1])
        back[:-1] = goes_on & (position[1:] < position[:-1])
        until = self.end[walks.deal]
        at = _moments(walks.at)
        until[:-1][goes_on] = at[1:][goes_on]
        first = np.full(size, _UNKNOWN)
        first[cell[::-1]] = at[::-1]  # of several values for a cell the last one stays
        last = np.empty(deals, dtype=np.int64)
        last[deal] = position
        there = np.zeros(size, dtype=bool)
        there[cell] = True
        time = _between(at, until)
        return {
            "at": np.minimum.accumulate(first.reshape(shape)[:, ::-1], axis=1)[:, ::-1],
            "visits": np.bincount(cell[enters], minlength=size).reshape(shape),
            "time": np.bincount(cell, weights=time, minlength=size).reshape(shape),
            "back": np.bincount(cell[back], minlength=size).reshape(shape) > 0,
            "furthest": self.stages - there.reshape(shape)[:, ::-1].argmax(axis=1),
            "last": last,
        }


def _in_turn(pool: ThreadPoolExecutor, work: Callable, items: Iterable) -> Iterator:
    """The results in order, few of them waiting: ``pool.map`` would hold all that are not taken."""
    waiting = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > 2 * _THREADS:
            yield waiting.popleft().result()
    yield from (future.result() for future in waiting)


def _joined(parts: Iterable[dict[str, np.ndarray]], most: int) -> dict[str, np.ndarray]:
    """The columns of all parts, of ``most`` rows together; each part is let go of at once."""
    joined, size = {}, 0
    for part in parts:
        for name, values in part.items():
            # Memory that is not written to is not taken.
            whole = joined.setdefault(name, np.empty(most, dtype=values.dtype))
            whole[size : size + len(values)] = values
        size += len(values)
    return {name: whole[:size] for name, whole in joined.items()}


def _named(codes: np.ndarray, names: Sequence[str]) -> pd.Categorical:
    """The name of each code, as categories in alphabetical order; missing for -1."""
    order = np.argsort(names)
    places = np.append(np.argsort(order), -1).astype(np.int8)
    return pd.Categorical.from_codes(places[codes], np.array(names)[order])


def _numbers(ids, listed: pd.Series) -> np.ndarray:
    """The place of each id (Arrow, sorted) in a list without repetitions; -1 if it is not there."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if listed.empty or not len(ids):
        return np.full(len(ids), -1)
    # One look-up per deal, not per row; and none where both have the same deals in the same order.
    runs, listed = pc.run_end_encode(ids.combine_chunks()), pa.array(listed)
    there = runs.values.cast(listed.type)
    if there.equals(listed):
        places = np.arange(len(listed))
    else:
        found = pc.index_in(there, value_set=listed, skip_nulls=True)
        places = found.fill_null(-1).to_numpy()
    return np.repeat(places, np.diff(runs.run_ends.to_numpy(), prepend=0))


def _moments(times) -> np.ndarray:
    """Times as microseconds."""
    at = np.asarray(times, dtype="datetime64[us]").astype(np.int64)
    return np.where(at == _NAT, _UNKNOWN, at)


def _between(start: np.ndarray, end) -> np.ndarray:
    """Microseconds, as ``expressions.days_between``: missing where one is or they contradict."""
    between = (end - start).astype(float)
    wrong = between < 0
    if wrong.any():
        one_day = end // _DAY == start // _DAY
        between[wrong] = np.where(one_day, 0.0, np.nan)[wrong]
    between[(start == _UNKNOWN) | (end == _UNKNOWN)] = np.nan
    return between

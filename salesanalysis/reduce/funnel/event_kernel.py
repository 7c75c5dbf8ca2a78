"""The fast path of event funnels for DuckDB: sorted 64-bit keys instead of window functions.

It serves paths in order whose steps no event shares, without exclusions and splits; there it gives
what :mod:`~salesanalysis.reduce.funnel.event_paths` gives. DuckDB reads and filters; each event
that is a step arrives as two integers, the user and ``time · 2ᵇ + step``. They are parted by a hash
of the user, so that one part fits the processor's cache. In a part the users become 0, 1, 2 … and
one integer holds ``user, time, step`` in this order: sorting it puts the events in the order of the
walk, steps at one time in their own order. The walk itself is a running maximum for each step.
"""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Events in one part, about: their keys should stay in the cache while they are sorted.
_PART_EVENTS = 1 << 18
#: Threads that part and walk; numpy lets go of the interpreter lock in all that takes long.
_THREADS = 2
#: Batches on their way from the engine to the parts: bounds the memory they take.
_BATCHES_AHEAD = 4
#: Odd and spread over all 64 bits: multiplying by it mixes the low bits of an id into the high.
_MIX = np.uint64(0x9E3779B97F4A7C15)
#: Before any event, and no window reaches back to it.
_NEVER = np.int64(-(1 << 62))


@dataclass(frozen=True)
class Level:
    """What the walk found at one step.

    ``users`` that reached it, those of them ``still_open`` there, and for each user the
    microseconds ``from_start`` and ``from_previous`` step.
    """

    users: int
    still_open: int
    from_start: np.ndarray
    from_previous: np.ndarray


@dataclass(frozen=True)
class Walk:
    """The funnel to walk: how many steps, window and last moment in microseconds."""

    steps: int
    window: int
    as_of: int
    first_start: bool

    @property
    def step_bits(self) -> int:
        """Bits that hold the number of a step."""
        return max((self.steps - 1).bit_length(), 1)


def walk_paths(
    batches: Iterable[tuple[np.ndarray, np.ndarray]], walk: Walk, *, events: int
) -> list[Level]:
    """The levels of the funnel, first step first.

    Parameters
    ----------
    batches : iterable of (user, key)
        int64 arrays of one length: the user, and ``time << step_bits | step`` with the time in
        microseconds since 1970 and the step from 0. In any order.
    walk : Walk
    events : int
        About how many events there are; decides the number of parts.
    """
    bits = int(np.clip(int(events // _PART_EVENTS).bit_length(), 1, 12))
    with ThreadPoolExecutor(_THREADS) as pool:
        parts = _parted(pool, batches, bits)
        found = list(pool.map(lambda part: _walk_part(part, walk), _emptying(parts)))
    return [_together([levels[step] for levels in found]) for step in range(walk.steps)]


def _parted(pool: ThreadPoolExecutor, batches, bits: int) -> list[list]:
    """The events parted by user: for each part a list of (user, key)."""
    parts: list[list] = [[] for _ in range(1 << bits)]

    def collect(pieces):
        for part, piece in zip(parts, pieces, strict=True):
            if len(piece[0]):
                part.append(piece)

    waiting: deque = deque()
    for user, key in batches:
        waiting.append(pool.submit(_split, user, key, bits))
        if len(waiting) > _BATCHES_AHEAD:
            collect(waiting.popleft().result())
    while waiting:
        collect(waiting.popleft().result())
    return parts


def _split(user: np.ndarray, key: np.ndarray, bits: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """One batch parted by a hash of the user."""
    part = ((user.view(np.uint64) * _MIX) >> np.uint64(64 - bits)).astype(np.uint16)
    order = np.argsort(part, kind="stable")  # a radix sort, for 16 bits
    ends = np.cumsum(np.bincount(part, minlength=1 << bits))[:-1]
    return list(zip(np.split(user[order], ends), np.split(key[order], ends), strict=True))


def _emptying(parts: list[list]) -> Iterator[list]:
    """The parts one after another, each let go of as it is handed out."""
    while parts:
        yield parts.pop()


def _walk_part(part: list, walk: Walk) -> list[Level]:
    """All levels of the users of one part."""
    if not part:
        return [_together([])] * walk.steps
    user = np.concatenate([user for user, _ in part])
    key = np.concatenate([key for _, key in part])
    part.clear()
    number, distinct = pd.factorize(user)
    del user
    first = int(key.min()) >> walk.step_bits
    span = (int(key.max()) >> walk.step_bits) - first + walk.window + 1
    # One line for all users, so far apart that no window reaches from one to the next.
    time_bits = span.bit_length()
    key -= first << walk.step_bits
    shift = np.int64(time_bits + walk.step_bits)
    # Where 63 bits do not hold all users at once, they are walked block by block.
    block = 1 << max(63 - int(shift), 0)
    edges = [0, len(key)]
    if len(distinct) > block:
        order = np.argsort(number, kind="stable")
        number, key = number[order], key[order]
        edges = np.searchsorted(number, range(0, len(distinct) + block, block)).tolist()
    blocks = []
    for begin, end in itertools.pairwise(edges):
        line = (number[begin:end] - number[begin:end].min(initial=len(distinct))) << shift
        line += key[begin:end]
        line.sort()
        blocks.append(_levels(line, time_bits, first, walk))
    return [_together([levels[step] for levels in blocks]) for step in range(walk.steps)]


def _levels(line: np.ndarray, time_bits: int, first: int, walk: Walk) -> list[Level]:
    """Walk sorted keys: for each step the latest start that reaches it, within the window."""
    step = (line & ((1 << walk.step_bits) - 1)).astype(np.int8)
    place = line >> walk.step_bits
    # A path is still open when its window ends after the last moment that the log covers.
    open_after = walk.as_of - walk.window - first
    time_mask = np.int64((1 << time_bits) - 1)

    at = np.flatnonzero(step == 0)
    if walk.first_start:
        at = at[_firsts(place[at] >> time_bits)]
    start = place[at]
    arrived = start
    levels = []
    open_users = None
    for number in range(walk.steps):
        # Here: `at` are the rows that take step `number`, `start` their paths' starts.
        users = place[at] >> time_bits
        firsts = _firsts(users)
        reached = users[firsts]
        if open_users is not None:
            levels[-1] = _closed(levels[-1], open_users, reached)
        taken, began, since = place[at[firsts]], start[firsts], arrived[firsts]
        levels.append(Level(len(reached), 0, taken - began, taken - since))
        if number == walk.steps - 1:
            break
        open_users = users[(start & time_mask) > open_after]
        # Carry the starts forward, each from its first arrival on.
        fresh = _firsts(start)
        carried = np.full(len(place), _NEVER)
        carried[at] = start
        np.maximum.accumulate(carried, out=carried)
        arrival = np.full(len(place), _NEVER)
        arrival[at[fresh]] = place[at[fresh]]
        np.maximum.accumulate(arrival, out=arrival)
        going = np.flatnonzero((step > number) & (place - carried <= walk.window))
        step, place = step[going], place[going]
        carried, arrival = carried[going], arrival[going]
        at = np.flatnonzero(step == number + 1)
        start, arrived = carried[at], arrival[at]
    return levels


def _firsts(values: np.ndarray) -> np.ndarray:
    """Where a new value begins, in values that are in order."""
    new = np.empty(len(values), bool)
    new[:1] = True
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return np.flatnonzero(new)


def _closed(level: Level, open_users: np.ndarray, went_on: np.ndarray) -> Level:
    """The level with its open users, those who went on to the next step apart."""
    candidates = open_users[_firsts(open_users)]
    if len(went_on):
        nearest = went_on[np.minimum(np.searchsorted(went_on, candidates), len(went_on) - 1)]
        candidates = candidates[nearest != candidates]
    return Level(level.users, len(candidates), level.from_start, level.from_previous)


def _together(levels: list[Level]) -> Level:
    """One level of several parts."""
    nothing = np.empty(0, np.int64)
    return Level(
        users=sum(level.users for level in levels),
        still_open=sum(level.still_open for level in levels),
        from_start=np.concatenate([nothing, *(level.from_start for level in levels)]),
        from_previous=np.concatenate([nothing, *(level.from_previous for level in levels)]),
    )

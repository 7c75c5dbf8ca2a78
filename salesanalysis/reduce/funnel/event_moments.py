"""Moments of an event log: all events of a user at one time, and what they suffice for."""

import itertools

import ibis

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce.funnel.event_steps import EventFunnel, as_number

#: More steps than this that one event may fit would need too many conditions (2 ** n).
_MOST_OVERLAPPING = 8


def overlapping(events: ibis.Table, funnel: EventFunnel) -> set[tuple[int, int]]:
    """Pairs of definitions that one event can fit; asks the data where only they can tell."""
    pairs = funnel.undecided_pairs()
    if not pairs:
        return set()
    both = {f"both_{a}_{b}": (events[f"fits_{a}"] & events[f"fits_{b}"]).any() for a, b in pairs}
    answer = events.agg(**both).to_pandas().fillna(False).iloc[0]  # no event at all: missing
    return {(a, b) for a, b in pairs if answer[f"both_{a}_{b}"]}


class Needs:
    """What a moment must hold to take several steps at once.

    Where an event fills one step only, different events must be found for all of them. By Hall's
    theorem they can be when every subset of the steps has as many events that fit any of it as it
    has steps. Steps that no event fits together cannot compete and are looked at alone.
    """

    def __init__(self, funnel: EventFunnel, overlaps: set[tuple[int, int]]):
        last = len(funnel.steps)
        self._conditions = {
            (first, until): _conditions(funnel, funnel.steps[first - 1 : until], overlaps)
            for first in range(1, last + 1)
            for until in range(first, last + 1)
        }

    @property
    def subsets(self) -> list[tuple[int, ...]]:
        """The subsets of definitions whose events have to be counted."""
        return sorted({subset for needs in self._conditions.values() for subset, _ in needs})

    def met(self, moments, first: int, until: int):
        """Whether the events of each moment suffice for steps ``first`` to ``until``."""
        needs = self._conditions[first, until]
        return ibis.and_(*(moments[count_name(*subset)] >= count for subset, count in needs))


def moments(events: ibis.Table, funnel: EventFunnel, needs: Needs):
    """One row per user × time.

    Parameters
    ----------
    events : Ibis table, one row per event
        As for :func:`~salesanalysis.reduce.funnel.event_paths.user_paths`.
    funnel : EventFunnel
    needs : Needs

    Returns
    -------
    Ibis table
        ``user_id, t``; ``n_0 …``, how many events fit any of a subset of definitions. With
        exclusions, for each gap: ``excludes_1 …``, whether the moment is one; ``excluded_1 …``,
        the last one before; ``next_excluded_1 …``, the next. In strict order, for each step:
        ``run_1 …``, how many moments before broke the wait for the next step, and
        ``last_run_1 …``, how many ever did. With the first start only: ``first_t``.
    """
    strict = funnel.order == "strict"
    flags = [f"fits_{number}" for number in range(len(funnel.definitions))]
    gap_flags = [f"gap_{gap}" for gap in funnel.gaps]
    # Where nothing may come between, every event of the log counts.
    rows = events
    if not strict:
        rows = rows.filter(ibis.or_(*(rows[flag] for flag in flags + gap_flags)))
    columns = {
        count_name(*subset): rows.count(where=ibis.or_(*(rows[flags[n]] for n in subset)))
        for subset in needs.subsets
    }
    if funnel.gaps:
        columns["is_step"] = ibis.or_(*(rows[flag] for flag in flags)).any()
        columns |= {flag: rows[flag].any() for flag in gap_flags}
    if strict:
        same = (rows[flag].all() | ~rows[flag].any() for flag in flags + gap_flags)
        columns["alike"] = ibis.and_(*same)
    x = rows.group_by(["user_id", "t"]).agg(**columns)
    return _surroundings(x, funnel)


def _surroundings(x, funnel: EventFunnel):
    """What lies before and after each moment. In few window queries: each doubles the planning."""
    before, user = before_in("user_id"), ibis.window(group_by="user_id")
    columns = {}
    for gap in funnel.gaps:
        # An exclusion at the moment of a step is not known to come between two steps.
        columns[f"excludes_{gap}"] = excludes = x[f"gap_{gap}"] & ~x.is_step
        columns[f"excluded_{gap}"] = ibis.cases((excludes, x.t)).max().over(before)
    if funnel.order == "strict":
        for step, number in enumerate(funnel.steps, 1):
            # Events at one moment break nothing unless they are all alike: whether a foreign one
            # came between is not known.
            breaks = as_number(x.alike & (x[count_name(number)] == 0))
            columns[f"run_{step}"] = breaks.sum().over(before).fill_null(0)
            columns[f"last_run_{step}"] = breaks.sum().over(user)
    if funnel.attribution == "first_start":
        first = x[count_name(funnel.steps[0])] > 0
        columns["first_t"] = ibis.cases((first, x.t)).min().over(user)
    x = x.mutate(**columns)
    following = {
        f"next_excluded_{gap}": ibis.cases((x[f"excludes_{gap}"], x.t))
        .min()
        .over(ibis.rows_window(following=(1, None), group_by=unbroken(funnel, gap), order_by="t"))
        for gap in funnel.gaps
    }
    return x.mutate(**following)


def unbroken(funnel: EventFunnel, step: int) -> tuple[str, ...]:
    """What parts the moments for ``step``: the user, in strict order also the unbroken run."""
    return ("user_id", f"run_{step}") if funnel.order == "strict" else ("user_id",)


def before_in(*group_by: str):
    """All earlier moments of a group."""
    return ibis.rows_window(preceding=(None, 1), group_by=list(group_by), order_by="t")


def count_name(*subset: int) -> str:
    """The column that counts the events that fit any of these definitions."""
    return "n_" + "_".join(str(number) for number in subset)


def _conditions(funnel: EventFunnel, wanted, overlaps) -> list[tuple[tuple[int, ...], int]]:
    """(subset of definitions, how many events that fit any of it the steps need at least)."""
    if funnel.event_fills == "many_steps":
        return [((number,), 1) for number in sorted(set(wanted))]
    conditions = []
    for group in _competing(sorted(set(wanted)), overlaps):
        if len(group) > _MOST_OVERLAPPING:
            raise SalesAnalysisError(
                f"{len(group)} of the `steps` fit the same events; at most {_MOST_OVERLAPPING} may."
                ' Make the conditions narrower, or use `event_fills="many_steps"`.'
            )
        for size in range(1, len(group) + 1):
            for subset in itertools.combinations(group, size):
                count = sum(number in subset for number in wanted)
                conditions.append((subset, count))
    return conditions


def _competing(numbers, overlaps) -> list[list[int]]:
    """The definitions in groups: those that one event can fit, directly or in a chain, together."""
    groups: list[set[int]] = []
    for number in numbers:
        touching = [
            group
            for group in groups
            if any((min(number, n), max(number, n)) in overlaps for n in group)
        ]
        groups = [group for group in groups if group not in touching]
        groups.append({number}.union(*touching))
    return [sorted(group) for group in groups]

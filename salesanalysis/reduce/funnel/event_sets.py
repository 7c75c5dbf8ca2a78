"""Event funnels whose steps may come in any order, as one Ibis expression for every engine."""

import ibis

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce.funnel.event_moments import overlapping
from salesanalysis.reduce.funnel.event_paths import durations
from salesanalysis.reduce.funnel.event_steps import EventFunnel, as_number

#: Stands for "never happened": earlier than any event, and no window reaches back to it.
_NEVER = -(2**61)


def user_sets(events: ibis.Table, funnel: EventFunnel):
    """One row per user in the funnel: how many of the steps within one window, and how fast.

    Level ``i`` is reached at the first event by which ``i`` of the steps lie within one window that
    ends with it; the path's start is then the ``i``-th latest of their times. What comes before an
    exclusion and what comes after do not go together; and unless it was complete before, a path
    counts only where no exclusion comes before the window of its first event is over. A user of
    whom no path counts is excluded.

    Takes and returns the same as :func:`~salesanalysis.reduce.funnel.event_paths.user_paths`.
    """
    _refuse_overlaps(events, funnel)
    (window,) = funnel.windows
    last = len(funnel.steps)
    fits = [events[f"fits_{number}"] for number in range(len(funnel.definitions))]
    x = events.mutate(fitting=ibis.or_(*fits))
    if funnel.gaps:
        x = _pieces(x)
    else:
        nothing = ibis.null("int64")
        x = x.filter(x.fitting).mutate(piece=ibis.literal(0, type="int64"), next_cut=nothing)
    user = ibis.window(group_by="user_id")
    x = x.mutate(final_piece=x.piece.max().over(user)).filter(x.fitting)
    if funnel.attribution == "first_start":
        x = x.mutate(first_t=x.t.min().over(user), first_piece=x.piece.min().over(user))
        x = x.filter((x.t - x.first_t <= window) & (x.piece == x.first_piece))
    x, latest = _latest_times(x, funnel)
    ranks = {
        f"rank_{i}": sum(as_number(x[other] >= x[name]) for other in latest)
        for i, name in enumerate(latest)
    }
    within = sum(as_number(x[name] >= x.t - window) for name in latest)
    in_window = ibis.range_window(
        preceding=window, following=0, group_by=["user_id", "piece"], order_by="t"
    )
    begun = x.first_t if funnel.attribution == "first_start" else x.t.min().over(in_window)
    x = x.mutate(within=within, begun=begun, **ranks)
    kept = x.next_cut.isnull() | (x.next_cut > x.begun + window) | (x.within == last)
    x = x.mutate(kept=kept.fill_null(False))

    def nth_latest(n: int):
        """The time of the ``n``-th latest of the steps."""
        candidates = (
            ibis.ifelse(x[f"rank_{i}"] >= n, x[name], _NEVER) for i, name in enumerate(latest)
        )
        return ibis.greatest(*candidates, _NEVER)

    x = x.mutate(**{f"nth_{n}": nth_latest(n) for n in range(1, last + 1)})
    columns = {"level": x.within.max(where=x.kept)}
    for n in range(1, last + 1):
        reached = x.within >= n
        # All of these only grow with time, so that the least belongs to the first arrival.
        columns[f"first_{n}"] = x.t.min(where=reached)
        start = x.first_t if funnel.attribution == "first_start" else x[f"nth_{n}"]
        columns[f"start_{n}"] = start.min(where=reached)
        columns[f"previous_{n}"] = x[f"nth_{min(n, 2)}"].min(where=reached)
        alive = reached & (x.piece == x.final_piece)
        columns[f"deadline_{n}"] = start.max(where=alive) + window
    users = x.group_by("user_id").agg(**columns)
    users = users.mutate(level=users.level.fill_null(0), excluded=users.level.isnull())
    deadlines = [(users.level == n, users[f"deadline_{n}"]) for n in range(1, last)]
    return users.select(
        "user_id",
        "level",
        "excluded",
        deadline=ibis.cases(*deadlines) if deadlines else ibis.null("int64"),
        **durations(users, last),
    )


def _refuse_overlaps(events, funnel: EventFunnel) -> None:
    """An event that fits several different steps has no one step that it stands for."""
    if funnel.event_fills == "many_steps":
        return
    overlaps = overlapping(events, funnel)
    if overlaps:
        pair = next(iter(sorted(overlaps)))
        names = [funnel.labels[funnel.steps.index(number)] for number in pair]
        raise SalesAnalysisError(
            f'`steps` {names[0]!r} and {names[1]!r} fit the same events, and with `order="any"` it'
            " is then not defined which of them an event fills. Make the steps exclude each other,"
            ' or count an event for every step it fits with `event_fills="many_steps"`.'
        )


def _pieces(x):
    """The events of each user numbered by the exclusions before them, and when the next comes."""
    moment = ibis.window(group_by=["user_id", "t"])
    x = x.filter(x.fitting | x.gap_1)
    # An exclusion at the moment of a step is not known to come between two steps.
    x = x.mutate(cuts=as_number(x.gap_1 & ~x.fitting.any().over(moment)))
    until_here = ibis.range_window(preceding=None, following=0, group_by="user_id", order_by="t")
    from_here = ibis.range_window(preceding=0, following=None, group_by="user_id", order_by="t")
    cut_at = ibis.cases((x.cuts == 1, x.t))
    return x.mutate(piece=x.cuts.sum().over(until_here), next_cut=cut_at.min().over(from_here))


def _latest_times(x, funnel: EventFunnel):
    """For each step and each event: when the step last happened by then, in the same piece.

    A step that the funnel has ``n`` times takes the latest ``n`` of its events.
    """
    wanted: list[tuple[int, int]] = []  # (definition, how many of its events come after this one)
    for number in funnel.steps:
        again = sum(number == other for other, _ in wanted)
        wanted.append((number, 0 if funnel.event_fills == "many_steps" else again))
    times = {}
    for number, later in wanted:
        flag = f"fits_{number}"
        own = ibis.window(group_by=["user_id", "piece", flag], order_by="t")
        time = x.t.lag(later).over(own) if later else x.t
        times[f"time_{number}_{later}"] = ibis.cases((x[flag], time))
    x = x.mutate(**times)
    until_here = ibis.range_window(
        preceding=None, following=0, group_by=["user_id", "piece"], order_by="t"
    )
    latest = {
        f"latest_{position}": x[f"time_{number}_{later}"].max().over(until_here).fill_null(_NEVER)
        for position, (number, later) in enumerate(wanted)
    }
    return x.mutate(**latest), list(latest)

"""Event funnels as one Ibis expression that is the same on every engine.

The events of a user at one time form a *moment*, within which nothing is known about their order.
A path is told by its start: the moment of its first step. Walking a user's moments in time order,
it is enough to know for each step the latest start that has reached it, because the latest start
has the most of its window left. That is a running maximum for each step.
"""

import ibis

from salesanalysis.reduce.funnel.event_moments import (
    Needs,
    before_in,
    count_name,
    moments,
    overlapping,
    unbroken,
)
from salesanalysis.reduce.funnel.event_steps import EventFunnel, as_number


def user_paths(events: ibis.Table, funnel: EventFunnel):
    """One row per user in the funnel: how far, how fast, and whether it may still go on.

    Parameters
    ----------
    events : Ibis table, one row per event
        ``user_id``, ``t`` (microseconds), ``fits_0 …`` (one flag for each definition),
        ``gap_1 …`` (whether the event is an exclusion of that gap).
    funnel : EventFunnel

    Returns
    -------
    Ibis table
        ``user_id``; ``level``, the last step reached; for each step ``from_start_1 …`` and
        ``from_previous_1 …`` in microseconds (missing where not reached); ``deadline``, the last
        microsecond at which the path at ``level`` can take its next step, missing where it
        cannot; ``excluded``, whether exclusions take the user out.
    """
    needs = Needs(funnel, overlapping(events, funnel))
    x = moments(events, funnel, needs)
    last = len(funnel.steps)
    for step in range(1, last + 1):
        x = _candidates(x, funnel, needs, step)
        if step < last:
            x = _waiting(x, funnel, step)
    return _per_user(x, funnel)


def _candidates(x, funnel: EventFunnel, needs: Needs, step: int):
    """The latest start that each moment brings to ``step``: ``candidate``, missing where none.

    With windows from step to step also ``previous``, the time of the step before.
    """
    # A moment may take several steps: of a path that waits before any of them, or of a new one.
    starts, previous = [], []
    for before in range(step):
        may = needs.met(x, before + 1, step)
        if before == 0:
            may = may & (x.t == x.first_t) if funnel.attribution == "first_start" else may
            starts.append((may, x.t))
        else:
            # Gap and window count for the step that the path waits for, not for those after it.
            may = may & x[f"waiting_{before}"]
            starts.append((may, x[f"start_{before}"]))
        if not funnel.whole_window:
            alone = 0 < before == step - 1
            previous.append((may, x[f"at_{before}"] if alone else x.t))
    # Fewer steps before mean a later start, so the first that may is the latest start.
    columns = {f"candidate_{step}": ibis.cases(*starts)}
    if previous:
        columns[f"previous_{step}"] = ibis.cases(*previous)
    return x.mutate(**columns)


def _waiting(x, funnel: EventFunnel, step: int):
    """For each moment: the path that waits at ``step`` before it, and whether it may go on."""
    before = before_in(*unbroken(funnel, step))
    candidate = x[f"candidate_{step}"]
    columns = {f"start_{step}": candidate.max().over(before)}
    if not funnel.whole_window:
        columns[f"at_{step}"] = ibis.cases((candidate.notnull(), x.t)).max().over(before)
    x = x.mutate(**columns)
    if funnel.whole_window and step in funnel.gaps:
        # Of a start that arrives several times the first counts: from then on it can be spoiled.
        candidate, start = x[f"candidate_{step}"], x[f"start_{step}"]
        new = candidate.notnull() & (start.isnull() | (candidate > start))
        x = x.mutate(**{f"new_{step}": new})
        x = x.mutate(**{f"at_{step}": ibis.cases((x[f"new_{step}"], x.t)).max().over(before)})
    since = x[f"start_{step}"] if funnel.whole_window else x[f"at_{step}"]
    waiting = (x.t - since <= funnel.window_to(step + 1)).fill_null(False)
    if step not in funnel.gaps:
        return x.mutate(**{f"waiting_{step}": waiting})
    spoiled = (x[f"excluded_{step}"] > x[f"at_{step}"]).fill_null(False)
    return x.mutate(**{f"waiting_{step}": waiting & ~spoiled, f"spoiled_{step}": waiting & spoiled})


def _per_user(x, funnel: EventFunnel):
    """The moments of each user put together."""
    last = len(funnel.steps)
    x = x.mutate(**_first_arrivals(x, funnel))
    columns = {}
    for step in range(1, last + 1):
        candidate = x[f"candidate_{step}"]
        arrives = candidate.notnull()
        columns[f"first_{step}"] = x.t.min(where=arrives)
        # Later arrivals have later starts, so the least belongs to the first arrival.
        columns[f"start_{step}"] = candidate.min()
        columns[f"previous_{step}"] = _previous(x, funnel, step)
        if step == last:
            continue
        since = candidate if funnel.whole_window else x.t
        alive = arrives
        if funnel.order == "strict":
            alive = alive & (x[f"run_{step}"] == x[f"last_run_{step}"])
        columns[f"deadline_{step}"] = since.max(where=alive) + funnel.window_to(step + 1)
        if step in funnel.gaps:
            arrives = x[f"new_{step}"] if funnel.whole_window else arrives
            following = x[f"next_excluded_{step}"]
            kept = following.isnull() | (following > since + funnel.window_to(step + 1))
            columns[f"kept_{step}"] = (arrives & kept).any()
            has_next = x[count_name(funnel.steps[step])] > 0
            columns[f"crossed_{step + 1}"] = (x[f"spoiled_{step}"] & has_next).any()
    users = x.group_by("user_id").agg(**columns)
    users = users.filter(users.first_1.notnull())
    reached = (users[f"first_{step}"].notnull() for step in range(1, last + 1))
    users = users.mutate(level=sum(as_number(flag) for flag in reached))
    deadlines = [(users.level == step, users[f"deadline_{step}"]) for step in range(1, last)]
    return users.select(
        "user_id",
        "level",
        deadline=ibis.cases(*deadlines) if deadlines else ibis.null("int64"),
        excluded=_excluded(users, funnel),
        **durations(users, last),
    )


def _first_arrivals(x, funnel: EventFunnel) -> dict:
    """For each step the start, and in strict order the run, of the user's first arrival there."""
    user = ibis.window(group_by="user_id")
    columns = {}
    for step in range(2, len(funnel.steps) + 1) if funnel.whole_window else ():
        candidate = x[f"candidate_{step}"]
        columns[f"first_start_{step}"] = candidate.min().over(user)
        if funnel.order == "strict":
            run = ibis.cases((candidate.notnull(), x[f"run_{step - 1}"]))
            columns[f"first_run_{step}"] = run.min().over(user)
    return columns


def _previous(x, funnel: EventFunnel, step: int):
    """When the path that first arrives at ``step`` took the step before.

    With one window at the earliest, with windows from step to step at the latest it may.
    """
    if step == 1:
        return x.t.min(where=x.candidate_1.notnull())
    if not funnel.whole_window:
        return x[f"previous_{step}"].min()
    here = x[f"candidate_{step - 1}"] == x[f"first_start_{step}"]
    if funnel.order == "strict":
        here = here & (x[f"run_{step - 1}"] == x[f"first_run_{step}"])
    return x.t.min(where=here)


def _excluded(users, funnel: EventFunnel):
    """Whether a user's furthest step was reached only by paths that an exclusion spoils."""
    excluded = ibis.literal(False)
    for gap in funnel.gaps:
        spoiled = ~users[f"kept_{gap}"] | users[f"crossed_{gap + 1}"]
        excluded = excluded | ((users.level == gap) & spoiled)
    return excluded


def durations(users, last: int) -> dict:
    """Microseconds to each step, from the start and from the step before."""
    return {
        f"from_{since}_{step}": users[f"first_{step}"] - users[f"{since}_{step}"]
        for since in ("start", "previous")
        for step in range(1, last + 1)
    }

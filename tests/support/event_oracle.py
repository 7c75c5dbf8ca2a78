"""Event funnels by the definition, one user at a time in plain loops: what every engine must give.

Nothing here is clever: every start is followed on its own through every moment, and whether
events suffice for several steps is tried out one assignment after another.
"""

import itertools

import numpy as np

FAR = 10**18


def fits(event, step):
    return event in step


def can_fill(events, steps, many_steps):
    """Whether the events of one moment suffice for the steps, tried in every assignment."""
    if many_steps:
        return all(any(fits(event, step) for event in events) for step in steps)
    return any(
        all(fits(event, step) for event, step in zip(chosen, steps, strict=True))
        for chosen in itertools.permutations(events, len(steps))
    )


def moments_of(events):
    """The events of one user at each time, in time order."""
    times = sorted({t for t, _ in events})
    return [(t, [name for at, name in events if at == t]) for t in times]


def in_order(events, steps, windows, *, strict=False, many_steps=False, first_only=False, gaps=()):
    """Follow every start of one user.

    ``gaps``: position → the names that exclude between it and the next. Returns ``None`` where the
    user is not in the funnel, else a dict with ``level``, ``excluded``, ``deadline`` and, for each
    level, ``first``, ``start`` and ``previous``.
    """
    gaps = dict(gaps)
    last, whole = len(steps), len(windows) == 1
    # One record for each arrival of a start at a level.
    arrivals = []
    crossed = set()

    def window_after(level):
        return windows[0 if whole else level - 1]

    def in_time(record, t):
        since = record["start"] if whole else record["t"]
        return t - since <= window_after(record["level"])

    for t, names in moments_of(events):
        before = [record for record in arrivals if record["alive"]]
        new = []
        for record in before:
            level = record["level"]
            if level == last or not in_time(record, t):
                continue
            if record["spoiled"]:
                if can_fill(names, steps[level : level + 1], many_steps):
                    crossed.add(level + 1)
                continue
            for until in range(level + 1, last + 1):
                if can_fill(names, steps[level:until], many_steps):
                    previous = record["t"] if until == level + 1 else t
                    new.append(arrival(until, record["start"], t, previous))
        if not first_only or not any(record["level"] == 1 for record in arrivals):
            for until in range(1, last + 1):
                if can_fill(names, steps[:until], many_steps):
                    new.append(arrival(until, t, t, t))
        # With one window for the path, only the first arrival of a start counts.
        new = [r for r in new if not (whole and is_again(r, arrivals, strict))]
        any_step = any(fits(name, step) for name in names for step in steps)
        if not any_step:
            for record in before:
                stops = any(name in gaps.get(record["level"], ()) for name in names)
                if stops and record["level"] < last and in_time(record, t):
                    record["spoiled"] = True
        kinds = {
            (tuple(fits(n, s) for s in steps), tuple(n in gaps[g] for g in sorted(gaps)))
            for n in names
        }
        if strict and len(kinds) == 1:
            for record in before:
                if not fits(names[0], steps[record["level"] - 1]):
                    record["alive"] = False
        if gaps:
            # Whether an exclusion spoils a user's path is judged by the latest start at each step.
            new = [record for record in new if is_latest(record, arrivals + new, strict)]
        arrivals += new

    if not arrivals:
        return None
    level = max(record["level"] for record in arrivals)
    here = [record for record in arrivals if record["level"] == level]
    result = {"level": level, "excluded": max(crossed, default=0) > level}
    result["excluded"] |= level < last and all(record["spoiled"] for record in here)
    ends = [
        (record["start"] if whole else record["t"]) + window_after(level)
        for record in here
        if level < last and record["alive"]
    ]
    result["deadline"] = max(ends, default=-FAR)
    for at in range(1, level + 1):
        result[at] = first_arrival([r for r in arrivals if r["level"] == at], whole)
    return result


def arrival(level, start, t, previous):
    """A start that takes step ``level`` at ``t``, and when it took the step before."""
    times = {"level": level, "start": start, "t": t, "previous": previous}
    return {**times, "alive": True, "spoiled": False}


def is_again(record, arrivals, strict):
    """Whether the start has arrived at this level before, in strict order in the same run."""
    same = [r for r in arrivals if (r["level"], r["start"]) == (record["level"], record["start"])]
    return any(r["alive"] or not strict for r in same)


def is_latest(record, arrivals, strict):
    """Whether no later start stands at the level of this arrival."""
    others = [r for r in arrivals if r["level"] == record["level"] and (r["alive"] or not strict)]
    return all(record["start"] >= other["start"] for other in others)


def first_arrival(records, whole):
    """(first, start, previous): the earliest arrival, of the latest start that arrives then."""
    first = min(record["t"] for record in records)
    start = max(record["start"] for record in records if record["t"] == first)
    previous = [r["previous"] for r in records if r["t"] == first and r["start"] == start]
    # One window for the path: the step before at its earliest; windows by pair: at its latest.
    return first, start, min(previous) if whole else max(previous)


def most_filled(names, steps, many_steps):
    """How many of the steps the events can fill, tried in every assignment."""
    for count in range(min(len(steps), len(steps) if many_steps else len(names)), 0, -1):
        if any(
            can_fill(names, subset, many_steps) for subset in itertools.combinations(steps, count)
        ):
            return count
    return 0


def any_order(events, steps, windows, *, many_steps=False, first_only=False, gaps=()):
    """As :func:`in_order`, for steps in any order.

    A path that is not complete counts only where nothing of ``gaps`` comes before the window of
    its first event is over.
    """
    (window,) = windows
    stops = dict(gaps).get(1, ())
    pieces, cuts = [[]], []
    for t, names in moments_of(events):
        filling = [name for name in names if any(fits(name, step) for step in steps)]
        if filling:
            pieces[-1] += [(t, name) for name in filling]
        elif any(name in stops for name in names):
            pieces.append([])
            cuts.append(t)
    times = [t for piece in pieces for t, _ in piece]
    if not times:
        return None
    if first_only:
        cut = next(i for i in range(len(pieces)) if pieces[i])
        first_piece = [(t, name) for t, name in pieces[cut] if t - min(times) <= window]
        pieces = [*pieces[:cut], first_piece, *([[]] * (len(pieces) - cut - 1))]
    result = {"level": 0, "excluded": True, "deadline": -FAR}
    ends, cuts = {}, [*cuts, FAR]
    for number, piece in enumerate(pieces):
        for t in sorted({t for t, _ in piece}):

            def filled_since(since, piece=piece, t=t):
                return most_filled([n for at, n in piece if since <= at <= t], steps, many_steps)

            most = filled_since(t - window)
            begun = min(at for at, _ in piece if t - window <= at)
            begun = min(times) if first_only else begun
            if most == len(steps) or cuts[number] > begun + window:
                result |= {"excluded": False, "level": max(most, result["level"])}
            for level in range(1, most + 1):
                starts = [at for at, _ in piece if t - window <= at <= t]
                start = max(at for at in starts if filled_since(at) >= level)
                previous = max(at for at in starts if filled_since(at) >= min(level, 2))
                start = min(times) if first_only else start
                if level not in result:
                    result[level] = (t, start, previous)
                if number == len(pieces) - 1:
                    ends[level] = start + window
    if result["level"] < len(steps):
        result["deadline"] = ends.get(result["level"], -FAR)
    return result


def percentiles(values):
    """25th, 50th, 75th and 90th percentile, linearly between the values."""
    return [np.quantile(values, share) for share in (0.25, 0.5, 0.75, 0.9)] if values else []

"""What counts as a step or an exclusion of an event funnel, and the arguments checked."""

import itertools
import numbers
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import ibis

from salesanalysis.errors import SalesAnalysisError, require_choice
from salesanalysis.reduce.expressions import require_columns

DAY_MICROSECONDS = 86_400_000_000

Condition = Callable[[ibis.Table], ibis.Value]

#: Logs name their events by text, or by numbers that stand for it.
EventName = str | numbers.Integral
#: The events that a step means, as they may be described; see :func:`event_funnel`.
Events = str | int | Collection[str | int] | Mapping[str, object] | Condition


def as_number(flag):
    """1 or 0 for a flag; PostgreSQL has no direct cast to 64 bits."""
    return ibis.ifelse(flag, 1, 0).cast("int64")


@dataclass(frozen=True)
class Exclusion:
    """Events that spoil a path when they come between two steps of it.

    Parameters
    ----------
    what : str or number, collection of them, dict or callable
        The events, described like a step.
    after_step, before_step : int
        They count after the path took step ``after_step`` and before it takes ``before_step``,
        positions from 1. ``before_step=None`` is the last step.

    Examples
    --------
    >>> Exclusion("return", after_step=2).what
    'return'
    """

    what: Events
    after_step: int = 1
    before_step: int | None = None


@dataclass(frozen=True)
class Definition:
    """Which events are meant: column → allowed values, all of which must hold, or a condition."""

    values: tuple[tuple[str, frozenset[object]], ...] = ()
    condition: Condition | None = None

    def fits(self, table):
        """Whether each event of the table is meant."""
        return self.fits_if_known(table).fill_null(False)

    def fits_if_known(self, table):
        """As :meth:`fits`, but missing where a value is; cheaper where both mean no."""
        if self.condition is not None:
            fitting = self.condition(table)
            if isinstance(fitting, ibis.Deferred):  # such as a window over names of columns
                (fitting,) = table.bind(fitting)
            if not isinstance(fitting, ibis.expr.types.BooleanValue):
                raise SalesAnalysisError(
                    "A condition in `steps` or `exclusions` must give a boolean Ibis expression of"
                    f" the table, such as `lambda t: t.price > 100`; it gave"
                    f" {type(fitting).__name__}."
                )
        else:
            require_columns(table, [column for column, _ in self.values], "events")
            fitting = ibis.and_(
                *(_is_any_of(table[column], allowed) for column, allowed in self.values)
            )
        return fitting

    def never_with(self, other: "Definition") -> bool:
        """Whether no event can be meant by both, as far as that can be told without the data."""
        mine, theirs = dict(self.values), dict(other.values)
        return any(mine[column].isdisjoint(theirs[column]) for column in mine.keys() & theirs)


def _is_any_of(column, allowed: frozenset):
    """Whether the column has one of these values, which must be of its kind."""
    kind, values = column.type(), sorted(allowed, key=str)
    for value in values:
        text = isinstance(value, str)
        if (kind.is_string() and not text) or (kind.is_numeric() and text):
            raise SalesAnalysisError(
                f"A step or exclusion asks for {value!r} in `{column.get_name()}`, which is of type"
                f" {kind} in `events`; expected {'text' if kind.is_string() else 'numbers'}."
            )
    return column.isin(values)


@dataclass(frozen=True)
class EventFunnel:
    """A funnel, checked and in the terms of the computation.

    ``definitions`` are the different ones among the steps; ``steps`` says for each position which
    of them it is, so that the same event at two positions is one definition. ``gaps[i]`` are the
    exclusions that count between positions ``i`` and ``i + 1`` (from 1). ``windows`` holds the one
    window of the whole path, or one for each pair of steps, in microseconds.
    """

    labels: tuple[str, ...]
    definitions: tuple[Definition, ...]
    steps: tuple[int, ...]
    gaps: Mapping[int, tuple[Definition, ...]]
    windows: tuple[int, ...]
    order: str
    attribution: str
    event_fills: str

    @property
    def whole_window(self) -> bool:
        """Whether one window spans the whole path, rather than one for each pair of steps."""
        return len(self.windows) == 1

    def window_to(self, position: int) -> int:
        """The window that step ``position`` must come within: of the path, or of its pair."""
        return self.windows[0 if self.whole_window else position - 2]

    @property
    def exclusions(self) -> tuple[Definition, ...]:
        """All definitions of exclusions, each once."""
        return tuple(dict.fromkeys(itertools.chain.from_iterable(self.gaps.values())))

    def undecided_pairs(self) -> list[tuple[int, int]]:
        """Pairs of definitions of which only the data can tell whether an event fits both."""
        pairs = itertools.combinations(range(len(self.definitions)), 2)
        return [(a, b) for a, b in pairs if not self.definitions[a].never_with(self.definitions[b])]


def checked_funnel(
    steps, *, within_days, order: str, attribution: str, event_fills: str, exclusions
) -> EventFunnel:
    """The arguments of ``event_funnel``, checked, or an error that says what is wrong."""
    require_choice("order", order, ("ordered", "strict", "any"))
    require_choice("attribution", attribution, ("any_start", "first_start"))
    require_choice("event_fills", event_fills, ("one_step", "many_steps"))
    if isinstance(steps, str) or not isinstance(steps, Sequence | Mapping) or not steps:
        raise SalesAnalysisError(
            f"`steps` is {steps!r}; expected a list with one item for each step, such as"
            " ['visit', 'order'], or a dict of label to step."
        )
    labelled = (
        list(steps.items()) if isinstance(steps, Mapping) else [(None, step) for step in steps]
    )
    each = [_definition(step, f"`steps` item {at}") for at, (_, step) in enumerate(labelled, 1)]
    definitions = tuple(dict.fromkeys(each))
    labels = tuple(
        _label(step, at) if label is None else str(label)
        for at, (label, step) in enumerate(labelled, 1)
    )
    return EventFunnel(
        labels=labels,
        definitions=definitions,
        steps=tuple(definitions.index(definition) for definition in each),
        gaps=_gaps(exclusions, definitions, len(each), order),
        windows=_windows(within_days, len(each), order),
        order=order,
        attribution=attribution,
        event_fills=event_fills,
    )


def _definition(what, place: str) -> Definition:
    """One step or exclusion as the user wrote it."""
    if isinstance(what, Definition):
        return what
    if isinstance(what, EventName):
        return Definition(values=(("event", frozenset([what])),))
    if callable(what):
        return Definition(condition=what)
    if isinstance(what, Mapping) and what:
        values = {column: _values(allowed, place) for column, allowed in what.items()}
        return Definition(values=tuple(sorted(values.items())))
    if isinstance(what, Collection) and not isinstance(what, Mapping | bytes) and what:
        if all(isinstance(name, EventName) for name in what):
            return Definition(values=(("event", frozenset(what)),))
    raise SalesAnalysisError(
        f"{place} is {what!r}; expected the name of an event, a set of names (any of them), a dict"
        " of column to value or values, or a condition such as `lambda t: t.price > 100`."
    )


def _values(allowed, place: str) -> frozenset:
    """The values that a column may have."""
    collection = isinstance(allowed, Collection) and not isinstance(allowed, str | bytes | Mapping)
    values = frozenset(allowed) if collection else frozenset([allowed])
    if not values or any(value is None or value != value for value in values):
        raise SalesAnalysisError(
            f"{place} allows {allowed!r} in a column; expected one value or several, none of them"
            " missing. For missing values use a condition: `lambda t: t.column.isnull()`."
        )
    return values


def _label(step, position: int) -> str:
    """What a step is called when the user gave no label."""
    if isinstance(step, EventName):
        return str(step)
    if isinstance(step, Mapping):
        return ", ".join(f"{column} = {_joined(allowed)}" for column, allowed in step.items())
    if callable(step):
        name = getattr(step, "__name__", "<lambda>")
        return f"step {position}" if name == "<lambda>" else name
    return _joined(step)


def _joined(values) -> str:
    if isinstance(values, str) or not isinstance(values, Collection):
        return str(values)
    return " | ".join(sorted(map(str, values)))


def _windows(within_days, steps: int, order: str) -> tuple[int, ...]:
    """The window or windows in microseconds."""
    several = isinstance(within_days, Sequence) and not isinstance(within_days, str)
    windows = list(within_days) if several else [within_days]
    for days in windows:
        number = isinstance(days, numbers.Real) and not isinstance(days, bool)
        if not (number and 0 <= days < 1e6):  # also refuses NaN and infinity
            raise SalesAnalysisError(
                f"`within_days` holds {days!r}; expected a number of days, such as 7 or 0.5."
            )
    if several and len(windows) != steps - 1:
        raise SalesAnalysisError(
            f"`within_days` lists {len(windows)} windows for {steps} steps; expected one number for"
            f" the whole path, or {steps - 1}, one for each step to the next."
        )
    if several and order == "any":
        raise SalesAnalysisError(
            '`within_days` lists windows from step to step, which `order="any"` does not have;'
            " expected one number."
        )
    return tuple(round(days * DAY_MICROSECONDS) for days in windows)


def _gaps(exclusions, steps: Sequence[Definition], last: int, order: str) -> dict:
    """Position → the exclusions that count between it and the next."""
    one = isinstance(exclusions, EventName | Mapping | Exclusion) or callable(exclusions)
    gaps: dict[int, tuple[Definition, ...]] = {}
    for at, item in enumerate([exclusions] if one else exclusions, 1):
        place = f"`exclusions` item {at}"
        exclusion = item if isinstance(item, Exclusion) else Exclusion(item)
        what = _definition(exclusion.what, place)
        first = exclusion.after_step
        until = last if exclusion.before_step is None else exclusion.before_step
        if not 1 <= first < until <= last:
            raise SalesAnalysisError(
                f"{place} counts after step {first} and before step {until}; expected two positions"
                f" of the funnel from 1 to {last}, the first one earlier."
            )
        if order == "any" and (first, until) != (1, last):
            raise SalesAnalysisError(
                f'{place} names two steps, but with `order="any"` no step comes before another;'
                " leave `after_step` and `before_step` out."
            )
        for step in steps:
            both = dict(what.values).get("event", frozenset()) & dict(step.values).get(
                "event", frozenset()
            )
            if both and len(what.values) == len(step.values) == 1:
                raise SalesAnalysisError(
                    f"{place} names {', '.join(sorted(both))}, which is also a step."
                    " An event that fits a step cannot be an exclusion."
                )
        for position in range(first, until):
            gaps[position] = (*gaps.get(position, ()), what)
    return gaps

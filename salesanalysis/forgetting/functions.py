"""The functions of time that retention is taken to follow.

Inside, every one is ``R(t) = S · f(t)``: ``S`` is the retention at a reference time (the first time
that was observed, or 0), ``f`` is 1 there, and time is measured in units of the longest time. So a
fit does not depend on the unit that the user's times are in, and a retention that may not exceed 1
is a plain bound on ``S``. Reported are the parameters of the usual form, in the user's unit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

#: A number, or an array of them; and several, one for each parameter.
Numbers = np.ndarray | float
Theta = np.ndarray | Sequence[Numbers]

_LN10 = np.log(10.0)
_MOST_NEWTON = 100


@dataclass(frozen=True, eq=False)
class Clock:
    """How times are measured inside a fit; each a number, or an array with one per curve.

    Attributes
    ----------
    unit
        The user's units in one of ours.
    reference
        The reference time, in ours.
    minutes
        Minutes in one of ours: the function of 1885 is bound to the minute.
    """

    unit: Numbers
    reference: Numbers
    minutes: Numbers

    def take(self, which: np.ndarray) -> "Clock":
        """The clocks of some of the curves."""
        pick = (np.asarray(a)[which] if np.ndim(a) else a for a in self._all())
        return Clock(*pick)

    def _all(self):
        return self.unit, self.reference, self.minutes


@dataclass(frozen=True)
class Function:
    """One function of time.

    Attributes
    ----------
    shape : callable
        ``(t, clock, θ) → f, [∂f/∂θ]``.
    inverse : callable
        ``(value, clock, θ) →`` the time at which ``f`` has fallen to ``value``.
    report : callable
        ``(S, clock, θ) →`` values of the parameters of the usual form.
    place : callable
        ``(values, clock) → S, θ``, the reverse.
    """

    shape: Callable[[Numbers, Clock, Theta], tuple[np.ndarray, list[np.ndarray]]]
    inverse: Callable[[Numbers, Clock, Theta], np.ndarray]
    report: Callable[[Numbers, Clock, Theta], dict[str, np.ndarray]]
    place: Callable[[Mapping[str, Numbers], Clock], tuple[Numbers, list[Numbers]]]


# The functions, one after another. `s` is time since the reference.


def _exponential(t, clock, theta):
    s = t - clock.reference
    f = np.exp(-theta[0] * s)
    return f, [-s * f]


def _exponential_inverse(f, clock, theta):
    return _never(clock.reference - np.log(f) / theta[0], theta[0] == 0, f >= 1)


def _exponential_report(start, clock, theta):
    return {"a": start * np.exp(theta[0] * clock.reference), "b": theta[0] / clock.unit}


def _exponential_place(values, clock):
    return values["a"], [values["b"] * clock.unit]


def _power(t, clock, theta):
    log = np.log(t / clock.reference)
    f = np.exp(-theta[0] * log)
    return f, [-log * f]


def _power_inverse(f, clock, theta):
    return _never(clock.reference * np.exp(-np.log(f) / theta[0]), theta[0] == 0, f >= 1)


def _power_report(start, clock, theta):
    return {"a": start * (clock.reference * clock.unit) ** theta[0], "b": theta[0]}


def _power_place(values, clock):
    return values["a"] * (clock.reference * clock.unit) ** -values["b"], [values["b"]]


def _logarithmic(t, clock, theta):
    log = np.log(t / clock.reference)
    return 1 - theta[0] * log, [-log]


def _logarithmic_inverse(f, clock, theta):
    return _never(clock.reference * np.exp((1 - f) / theta[0]), theta[0] == 0, f >= 1)


def _logarithmic_report(start, clock, theta):
    slope = start * theta[0]
    return {"a": start + slope * np.log(clock.reference * clock.unit), "b": slope}


def _logarithmic_place(values, clock):
    start = values["a"] - values["b"] * np.log(clock.reference * clock.unit)
    return start, [values["b"] / start]


def _hyperbolic(t, clock, theta):
    """θ: u = b / (1 + b), which ends at 1, where the curve is a plain 1 / t."""
    above, below = 1 - theta[0] * (1 - clock.reference), 1 - theta[0] * (1 - t)
    return above / below, [(clock.reference - t) / below**2]


def _hyperbolic_inverse(f, clock, theta):
    b = theta[0] / (1 - theta[0])
    return _never(((1 + b * clock.reference) / f - 1) / b, theta[0] == 0, f >= 1)


def _hyperbolic_report(start, clock, theta):
    b = theta[0] / (1 - theta[0])
    return {"a": start * (1 + b * clock.reference), "b": b / clock.unit}


def _hyperbolic_place(values, clock):
    b = values["b"] * clock.unit
    return values["a"], [b / (1 + b)]


def _wickelgren(t, clock, theta):
    """θ: the bend, and −ln f at the longest time, which the data fix better than the exponent ψ."""
    beta, loss = _beta(theta[0]), theta[1]
    log, by_beta = _wickelgren_log(t, beta, clock)
    whole, whole_by = _wickelgren_log(1.0, beta, clock)
    share = log / whole
    f = np.exp(-loss * share)
    by_bend = -loss * (1 + beta) / (whole * (1 - theta[0]) ** 2)
    return f, [by_bend * f * (by_beta - share * whole_by), -share * f]


def wickelgren_bend(beta):
    """The bend L / (1 + L), where L = ln(1 + β): 0 is an exponential, 1 a power function.

    Between them the curve changes about evenly with it; ln β runs away on either side.
    """
    log = np.log1p(beta)
    return log / (1 + log)


def _beta(bend):
    return np.expm1(bend / (1 - bend))


def _wickelgren_log(t, beta, clock):
    """ln((1 + βt) / (1 + β·reference)) and its derivative by β."""
    s = (t - clock.reference) / (1 + beta * clock.reference)
    return np.log1p(beta * s), s / (1 + beta * t)


def _wickelgren_inverse(f, clock, theta):
    beta, loss = _beta(theta[0]), theta[1]
    whole, _ = _wickelgren_log(1.0, beta, clock)
    log = -np.log(f) / loss * whole + np.log1p(beta * clock.reference)
    return _never(np.expm1(log) / beta, loss == 0, f >= 1)


def _wickelgren_report(start, clock, theta):
    beta = _beta(theta[0])
    exponent = theta[1] / _wickelgren_log(1.0, beta, clock)[0]
    level = start * (1 + beta * clock.reference) ** exponent
    return {"lambda": level, "beta": beta / clock.unit, "psi": exponent}


def _wickelgren_place(values, clock):
    beta = values["beta"] * clock.unit
    loss = values["psi"] * np.log1p(beta)
    # A curve whose β is 0 is level; its shape, 0 / 0 there, is taken just beside it.
    return values.get("lambda", 1.0), [wickelgren_bend(np.maximum(beta, 1e-300)), loss]


def _full_wickelgren_report(start, clock, theta):
    values = _wickelgren_report(start, clock, theta)
    return {name: values[name] for name in ("beta", "psi")}


def _ebbinghaus(t, clock, theta):
    """θ: the exponent c of the logarithm, and the logit of retention at the longest time."""
    log = np.log(np.maximum(_log10_minutes(t, clock) / _log10_minutes(1.0, clock), 1e-300))
    f = 1 / (1 + np.exp(theta[0] * log - theta[1]))
    by_logit = f * (1 - f)
    return f, [-log * by_logit, by_logit]


def _log10_minutes(t, clock):
    """The 1885 form starts at one minute, where retention is 1; earlier than that it stays 1."""
    return np.maximum(np.log(np.maximum(t * clock.minutes, 1.0)) / _LN10, 0.0)


def _ebbinghaus_inverse(f, clock, theta):
    log = (np.log(np.maximum(1 / f - 1, 0.0)) + theta[1]) / theta[0]
    return np.exp(_LN10 * np.exp(log) * _log10_minutes(1.0, clock)) / clock.minutes


def _ebbinghaus_report(start, clock, theta):
    log = np.log(_log10_minutes(1.0, clock))
    return {"k": np.exp(theta[1] + theta[0] * log), "c": theta[0] + 0.0 * start}


def _ebbinghaus_place(values, clock):
    log = np.log(_log10_minutes(1.0, clock))
    return 1.0, [values["c"], np.log(values["k"]) - values["c"] * log]


def _two_exponentials(t, clock, theta):
    """θ: two rates, and the share of the first at the reference."""
    s = t - clock.reference
    first, second = np.exp(-theta[0] * s), np.exp(-theta[1] * s)
    share = theta[2]
    f = share * first + (1 - share) * second
    return f, [-share * s * first, -(1 - share) * s * second, first - second]


def _two_exponentials_report(start, clock, theta):
    parts = [
        (start * share * np.exp(rate * clock.reference), rate / clock.unit)
        for share, rate in ((theta[2], theta[0]), (1 - theta[2], theta[1]))
    ]
    swap = theta[0] < theta[1]
    (a1, b1), (a2, b2) = (
        [np.where(swap, other, one) for one, other in zip(part, parts[1 - i], strict=True)]
        for i, part in enumerate(parts)
    )
    return {"a1": a1, "b1": b1, "a2": a2, "b2": b2}


def _two_exponentials_place(values, clock):
    start = values["a1"] + values["a2"]
    return start, [values["b1"] * clock.unit, values["b2"] * clock.unit, values["a1"] / start]


def _two_exponentials_inverse(f, clock, theta):
    """Newton's steps on ln f, which is convex: from the left they never go too far."""
    fast, slow, share = theta
    logs, goal = (np.log(share), np.log1p(-share)), np.log(f)
    s = np.zeros_like(goal + fast) - clock.reference
    for _ in range(_MOST_NEWTON):
        parts = [log - rate * s for log, rate in zip(logs, (fast, slow), strict=True)]
        whole = np.logaddexp(*parts)
        slope = sum(np.exp(p - whole) * rate for p, rate in zip(parts, (fast, slow), strict=True))
        step = np.where(whole > goal, (whole - goal) / slope, 0.0)
        s = s + np.where(np.isfinite(step), step, np.inf)
        if np.all(~(step > 1e-14 * np.abs(s))):
            break
    return s + clock.reference


def _never(time, flat, reached):
    """A flat function never falls; what it already lies under has been reached at once."""
    return np.where(flat, np.where(reached, 0.0, np.inf), time)


def _with_asymptote(falling: Function) -> Function:
    """The function with a share of it that is never lost, as the last coordinate."""

    def shape(t, clock, theta):
        f, slopes = falling.shape(t, clock, theta[:-1])
        lasting = theta[-1]
        return lasting + (1 - lasting) * f, [*((1 - lasting) * g for g in slopes), 1 - f]

    def inverse(f, clock, theta):
        lasting = theta[-1]
        rest = (f - lasting) / (1 - lasting)
        t = falling.inverse(np.where(rest > 0, rest, 1.0), clock, theta[:-1])
        return np.where(rest > 0, t, np.inf)

    def report(start, clock, theta):
        values = falling.report(start * (1 - theta[-1]), clock, theta[:-1])
        return values | {"c": start * theta[-1]}

    def place(values, clock):
        start, theta = falling.place(values, clock)
        whole = start + values["c"]
        return whole, [*theta, values["c"] / whole]

    return Function(shape, inverse, report, place)


def _starting_full(falling: Function) -> Function:
    """The function of which what falls and what lasts (``c``) make 1 at time 0."""

    def place(values, clock):
        return falling.place({**values, "lambda": 1 - values["c"]}, clock)

    return replace(falling, place=place)


EXPONENTIAL = Function(_exponential, _exponential_inverse, _exponential_report, _exponential_place)
POWER = Function(_power, _power_inverse, _power_report, _power_place)
LOGARITHMIC = Function(_logarithmic, _logarithmic_inverse, _logarithmic_report, _logarithmic_place)
HYPERBOLIC = Function(_hyperbolic, _hyperbolic_inverse, _hyperbolic_report, _hyperbolic_place)
EBBINGHAUS = Function(_ebbinghaus, _ebbinghaus_inverse, _ebbinghaus_report, _ebbinghaus_place)
WICKELGREN_FREE = Function(_wickelgren, _wickelgren_inverse, _wickelgren_report, _wickelgren_place)
WICKELGREN = Function(_wickelgren, _wickelgren_inverse, _full_wickelgren_report, _wickelgren_place)
TWO_EXPONENTIALS = Function(
    _two_exponentials,
    _two_exponentials_inverse,
    _two_exponentials_report,
    _two_exponentials_place,
)
EXPONENTIAL_ASYMPTOTE = _with_asymptote(EXPONENTIAL)
POWER_ASYMPTOTE = _with_asymptote(POWER)
WICKELGREN_ASYMPTOTE = _starting_full(_with_asymptote(WICKELGREN))
TWO_EXPONENTIALS_ASYMPTOTE = _with_asymptote(TWO_EXPONENTIALS)

"""The units that the time since training can be given in, and how long each of them is."""

from salesanalysis.errors import SalesAnalysisError, require_choice

#: Seconds in each unit; a month is a twelfth of 365.25 days.
UNIT_SECONDS = {
    "seconds": 1.0,
    "minutes": 60.0,
    "hours": 3600.0,
    "days": 86400.0,
    "weeks": 604800.0,
    "months": 365.25 / 12 * 86400.0,
    "years": 365.25 * 86400.0,
}

_SHORT = {"s": "seconds", "sec": "seconds", "min": "minutes", "h": "hours", "d": "days"}
_SHORT |= {"w": "weeks"} | {unit.removesuffix("s"): unit for unit in UNIT_SECONDS}


def require_unit(unit, argument: str = "time_unit") -> str:
    """The unit by its full name, or an error: a number without its unit says nothing.

    Examples
    --------
    >>> require_unit("week")
    'weeks'
    >>> require_unit(None)
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `time_unit` is missing; expected the unit of the times, one of seconds, minutes, hours, days, weeks, months, years.
    """  # noqa: E501
    if unit is None or unit == "":
        raise SalesAnalysisError(
            f"`{argument}` is missing; expected the unit of the times, one of"
            f" {', '.join(UNIT_SECONDS)}."
        )
    name = _SHORT.get(str(unit).strip().lower(), str(unit).strip().lower())
    require_choice(argument, name, UNIT_SECONDS)
    return name


def in_unit(time, unit, other) -> float:
    """A time (number or array) of one unit in another.

    Examples
    --------
    >>> in_unit(2, "weeks", "days")
    14.0
    """
    one, two = require_unit(unit), require_unit(other)
    return time * (UNIT_SECONDS[one] / UNIT_SECONDS[two])

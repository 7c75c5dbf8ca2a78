"""The calendar that a parameter of a report describes."""

from collections.abc import Mapping
from dataclasses import fields

from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.periods.calendars import Calendar


def calendar(given: Mapping[str, object] | Calendar | None) -> Calendar:
    """The calendar that a parameter describes; the plain one where it says nothing.

    Parameters
    ----------
    given : dict
        Any of the attributes of :class:`Calendar`.

    Raises
    ------
    SalesAnalysisError
        It says something else, or something that cannot be.

    Examples
    --------
    >>> calendar({"first_month": 4, "time_zone": "Asia/Shanghai"}).quarter_of("2025-08-15")
    'FY26-Q2'
    >>> calendar({"first_mnth": 4})
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `calendar` says `first_mnth`; it may say first_month, weeks, ends_on, ends, named_by, time_zone. Did you mean `first_month`?
    """  # noqa: E501
    if isinstance(given, Calendar):
        return given
    if not isinstance(given or {}, Mapping):
        raise SalesAnalysisError(
            f"`calendar` is {given!r}; expected such as {{'first_month': 4,"
            " 'time_zone': 'Asia/Shanghai'}."
        )
    known = [field.name for field in fields(Calendar)]
    for name in given or {}:
        if name not in known:
            raise SalesAnalysisError(
                f"`calendar` says `{name}`; it may say {', '.join(known)}."
                + did_you_mean(name, known)
            )
    return Calendar(**(given or {}))

"""A schedule on the calendar: which team meets when, as a table and as an iCalendar file."""

import hashlib
from collections.abc import Callable

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.forgetting.schedules import Schedule
from salesanalysis.periods import Day, start_of

#: A line of an iCalendar file may hold so many octets, its end not counted.
_LINE_OCTETS = 75
_FIRST_OF_WEEKEND = 5


def team_calendar(
    schedule: Schedule, teams: pd.DataFrame, *, start: Day | None = None, weekends: bool = False
) -> pd.DataFrame:
    """The refreshers of a schedule as days on the calendar of each team, with their cost.

    A refresher is held on the day it is due, never later; where that is a weekend, on the Friday
    before (but not before the start: then on the Monday after).

    Parameters
    ----------
    schedule : Schedule
        Its ``hours`` and ``rate`` count; how many people attend is said by ``teams``.
    teams : DataFrame, one row per team
        ``team``, ``people``, and ``trained_at`` (day of the training) where it differs by team.
    start : str, date or timestamp, optional
        The day of the training of all teams, instead of ``trained_at``.
    weekends : bool
        Whether refreshers may be held on Saturday and Sunday.

    Returns
    -------
    DataFrame
        One row per team × refresher, by day: ``team, number, day``, ``due_at`` (the exact moment,
        fractional days kept), ``trained_at, people, hours, person_hours, cost`` (missing without a
        rate), ``retention_before``.

    Raises
    ------
    SalesAnalysisError
        A column is missing, a team stands there twice, or a day is not a day.

    Examples
    --------
    >>> from salesanalysis.forgetting import RefresherCost, known_curve, schedule
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> plan = schedule(source, horizon_weeks=8, effect=1.5,
    ...                 each=RefresherCost(hours=2, rate=60))
    >>> teams = pd.DataFrame({"team": ["East"], "people": [6]})
    >>> team_calendar(plan, teams, start="2026-01-05")[["number", "day", "due_at", "cost"]]
       number        day                     due_at   cost
    0       1 2026-01-16 2026-01-16 11:49:40.770118  720.0
    1       2 2026-02-02 2026-02-02 17:34:11.925295  720.0
    2       3 2026-02-27 2026-02-28 14:10:58.658061  720.0
    """
    require_columns(teams.columns, ["team", "people"], "`teams`")
    if start is None:
        require_columns(teams.columns, ["trained_at"], "`teams`")
    if teams["team"].duplicated().any():
        twice = teams.loc[teams["team"].duplicated(), "team"].unique()
        raise SalesAnalysisError(f"`teams` lists {', '.join(map(str, twice[:5]))} more than once.")
    frames = []
    for team in teams.to_dict("records"):
        begin = start_of(team["trained_at"] if start is None else start)
        frame = schedule.refreshers[["number", "days", "retention_before"]].copy()
        frame["due_at"] = begin + pd.to_timedelta(frame["days"], unit="D").dt.round("us")
        frame["day"] = [_held(due, begin, weekends) for due in frame["due_at"]]
        frames.append(frame.assign(team=team["team"], people=team["people"], trained_at=begin))
    columns = ["team", "number", "day", "due_at", "trained_at", "people", "hours"]
    columns += ["person_hours", "cost", "retention_before"]
    if not frames or schedule.refreshers.empty:
        return pd.DataFrame(columns=columns)
    table = pd.concat(frames, ignore_index=True)
    for name in ("due_at", "day", "trained_at"):
        table[name] = table[name].astype("datetime64[us]")
    table["hours"] = float(schedule.each.hours)
    table["person_hours"] = table["people"] * float(schedule.each.hours)
    table["cost"] = table["person_hours"] * schedule.each.rate
    order = ["day", "number", "team"]
    return table[columns].sort_values(order, ignore_index=True, kind="stable")


def calendar_text(
    calendar: pd.DataFrame,
    *,
    name: str,
    title: Callable[..., str],
    description: Callable[..., str],
) -> str:
    """A calendar of refreshers as the text of an ``.ics`` file, for any calendar program.

    Each refresher is an event of a whole day. The same table gives the same text: the identifiers
    come from team, training and number, so that a second import replaces and does not double, and
    the time stamp is the day of the training.

    Parameters
    ----------
    calendar : DataFrame
        As from :func:`team_calendar`.
    name : str
        The name of the calendar.
    title, description : callable
        Called with each row's columns by name; what they return is the event's title and text. The
        words are the caller's.

    Returns
    -------
    str
        To be written as UTF-8 without changing its line ends.

    References
    ----------
    Desruisseaux, B. (2009), RFC 5545, Internet Calendaring and Scheduling (iCalendar).

    Examples
    --------
    >>> table = pd.DataFrame({"team": ["East"], "number": [1], "day": [pd.Timestamp("2026-01-16")],
    ...                       "trained_at": [pd.Timestamp("2026-01-05")]})
    >>> text = calendar_text(table, name="Training", title="Refresher {number}: {team}".format,
    ...                      description="One hour; bring a case, please".format)
    >>> for line in text.split("\\r\\n")[5:12]:
    ...     print(line)
    BEGIN:VEVENT
    UID:cd36d5f73029c226c6c147bde2e6b559@salesanalysis
    DTSTAMP:20260105T000000Z
    DTSTART;VALUE=DATE:20260116
    DTEND;VALUE=DATE:20260117
    SUMMARY:Refresher 1: East
    DESCRIPTION:One hour\\; bring a case\\, please
    """
    require_columns(calendar.columns, ["team", "number", "day", "trained_at"], "`calendar`")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//salesanalysis//forgetting//EN"]
    lines += ["CALSCALE:GREGORIAN", f"X-WR-CALNAME:{_escaped(name)}"]
    for row in calendar.sort_values(["day", "number", "team"], kind="stable").to_dict("records"):
        day = row["day"].normalize()
        key = f"{row['team']}|{row['trained_at']:%Y-%m-%d}|{row['number']}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{hashlib.sha256(key.encode()).hexdigest()[:32]}@salesanalysis",
            f"DTSTAMP:{row['trained_at']:%Y%m%dT%H%M%S}Z",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + pd.Timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(title(**row))}",
            f"DESCRIPTION:{_escaped(description(**row))}",
            "TRANSP:OPAQUE",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _held(due: pd.Timestamp, begin: pd.Timestamp, weekends: bool) -> pd.Timestamp:
    """The day on which a refresher due at a moment is held."""
    day = due.normalize()
    over = day.day_of_week - _FIRST_OF_WEEKEND + 1
    if weekends or over <= 0:
        return day
    friday = day - pd.Timedelta(days=over)
    return friday if friday >= begin.normalize() else day + pd.Timedelta(days=3 - over)


def _escaped(text: str) -> str:
    """A text as iCalendar wants it: no bare separator, no line end, no control character."""
    text = str(text).replace("\r\n", "\n").replace("\r", "\n")
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    text = text.replace("\n", "\\n")
    return "".join(sign for sign in text if sign == "\t" or ord(sign) >= 32 and ord(sign) != 127)


def _folded(line: str) -> str:
    """A line in pieces of at most 75 octets, each continued by a blank, no character divided."""
    pieces, piece, size = [], "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > _LINE_OCTETS:
            pieces.append(piece)
            piece, size = "", 1  # the blank that continues a line counts
        piece, size = piece + sign, size + width
    return "\r\n ".join([*pieces, piece])

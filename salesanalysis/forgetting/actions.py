"""What to do about training: the refreshers that are due in the next two weeks."""

import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.findings import Action, Finding
from salesanalysis.periods import Day, start_of

#: What the list is about, and who acts: a word of the texts, not a person.
REFRESHER, TRAINING = "refresher", "training"


def actions(calendar: pd.DataFrame, *, start: Day, days: int = 14) -> list[Action]:
    """Hold the refreshers that are due soon, one line for each team, the earliest first.

    Parameters
    ----------
    calendar : DataFrame, one row per refresher of a team
        As from :func:`team_calendar`.
    start : str, date or timestamp
        The day of the list.
    days : int
        How far ahead it looks.

    Returns
    -------
    list of Action
        Of the kind ``refresher``, about a team, since the training that is to be refreshed and due
        on the day of the calendar; the amount is what it costs.

    Examples
    --------
    >>> calendar = pd.DataFrame({"team": ["East"], "number": [1], "people": [6], "cost": [360.0],
    ...     "day": pd.to_datetime(["2025-11-25"]), "trained_at": pd.to_datetime(["2025-11-15"])})
    >>> [(one.about, one.measure, one.due) for one in actions(calendar, start="2025-11-15")]
    [('East', '1', '2025-11-25')]
    """
    require_columns(calendar, ["team", "number", "day", "trained_at", "people", "cost"])
    until = start_of(start) + pd.Timedelta(days=days)
    soon = calendar[pd.to_datetime(calendar["day"]) <= until].sort_values(["day", "team", "number"])
    lines = []
    for row in soon.to_dict("records"):
        values = {"number": int(row["number"]), "people": int(row["people"])}
        lines.append(
            Action(
                REFRESHER,
                "team",
                str(row["team"]),
                Finding("step", "refresher", values),
                since=f"{row['trained_at']:%Y-%m-%d}",
                due=f"{row['day']:%Y-%m-%d}",
                who=TRAINING,
                amount=row["cost"],
                measure=str(row["number"]),
                title=str(row["team"]),
            )
        )
    return lines

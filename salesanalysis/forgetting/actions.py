"""What to do about training: the refreshers that are due in the next two weeks."""

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Action, Finding
from salesanalysis.periods import Day, start_of

#: What the list is about, and who acts: a word of the texts, not a person.
REFRESHER, TRAINING = "refresher", "training"


def actions(
    calendar: pd.DataFrame, teams: pd.DataFrame, *, start: Day, days: int = 14
) -> list[Action]:
    """Hold the refreshers that are due soon, one line for each team, the earliest first.

    Parameters
    ----------
    calendar : DataFrame, one row per refresher of a team
        As from :func:`team_calendar`.
    teams : DataFrame, one row per team
        As from :func:`team_standing`: ``team, last_at``, the day of its last training or refresher.
    start : str, date or timestamp
        The day of the list.
    days : int
        How far ahead it looks.

    Returns
    -------
    list of Action
        Of the kind ``refresher``, about a team, since its last training or refresher and due on
        the day of the calendar; the amount is what it costs. A calendar that is made anew moves the
        day, but not what the line is about: it is another one when the team has been refreshed.

    Examples
    --------
    >>> calendar = pd.DataFrame({"team": ["East"], "number": [1], "people": [6], "cost": [360.0],
    ...     "day": pd.to_datetime(["2025-11-25"])})
    >>> teams = pd.DataFrame({"team": ["East"], "last_at": pd.to_datetime(["2025-09-01"])})
    >>> [(one.about, one.since, one.due) for one in actions(calendar, teams, start="2025-11-15")]
    [('East', '2025-09-01', '2025-11-25')]
    """
    require_columns(calendar, ["team", "number", "day", "people", "cost"])
    require_columns(teams, ["team", "last_at"], "`teams`")
    last = pd.to_datetime(teams["last_at"]).dt.strftime("%Y-%m-%d").fillna("")
    begun = dict(zip(teams["team"], last, strict=True))
    until = start_of(start) + pd.Timedelta(days=days)
    soon = calendar[pd.to_datetime(calendar["day"]) <= until].sort_values(["day", "team", "number"])
    if unknown := sorted(set(soon["team"]) - set(begun)):
        raise SalesAnalysisError(
            f"`teams` has no row of {', '.join(map(str, unknown[:5]))}, which `calendar` has; make"
            " both of the same teams."
        )
    lines = []
    for row in soon.to_dict("records"):
        values = {"number": int(row["number"]), "people": int(row["people"])}
        lines.append(
            Action(
                REFRESHER,
                "team",
                str(row["team"]),
                Finding("step", "refresher", values),
                since=begun[row["team"]],
                due=f"{row['day']:%Y-%m-%d}",
                who=TRAINING,
                amount=row["cost"],
                measure=str(row["number"]),
                title=str(row["team"]),
            )
        )
    return lines

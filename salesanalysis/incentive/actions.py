"""What to do about payouts: those that were promised and have not come are to be paid."""

import numpy as np

from salesanalysis.findings import Action, Finding
from salesanalysis.incentive.promptness import open_promises
from salesanalysis.known import KnownIncentive
from salesanalysis.periods import due_day

#: What the list is about, and who acts: a word of the texts, not a person.
PAY_LATE, PAYROLL = "pay_late", "payroll"


def actions(known: KnownIncentive, *, promise_days: float | None = None) -> list[Action]:
    """Pay what was promised for a day that is over, one line for each team, most money first.

    Parameters
    ----------
    known : KnownIncentive
        Its ``payouts``, with ``team`` as far as known.
    promise_days : float, optional
        As for :func:`timeliness`.

    Returns
    -------
    list of Action
        Of the kind ``pay_late``, about a team (about all where none is known), since the first
        broken promise; at stake is what is owed.

    Examples
    --------
    >>> import pandas as pd
    >>> payouts = pd.DataFrame({"earned": [9.0], "earned_at": pd.to_datetime(["2025-01-31"]),
    ...                         "paid_at": pd.Series([pd.NaT]), "team": "East"})
    >>> known = KnownIncentive(as_of="2025-03-01", payouts=payouts)
    >>> [(one.about, one.since, one.at_stake) for one in actions(known, promise_days=14)]
    [('East', '2025-02-14', 9.0)]
    """
    owed = open_promises(known, promise_days=promise_days)
    lines = []
    for row in owed.to_dict("records"):
        step = Finding("step", "pay_late", {"payouts": row["payouts"], "since": row["since"]})
        lines.append(
            Action(
                PAY_LATE,
                "team",
                row["team"],
                step,
                since=f"{row['since']:%Y-%m-%d}",
                due=due_day(known.as_of, len(lines)),
                who=PAYROLL,
                amount=row["amount"],
                at_stake=row["amount"],
                overdue_days=float(
                    (known.as_of.normalize() - row["since"]) / np.timedelta64(1, "D")
                ),
                title=row["team"],
            )
        )
    return lines

"""What to do this week about what came in."""

from salesanalysis.findings import Action, Finding
from salesanalysis.known import KnownCustomers, frame_of
from salesanalysis.periods import due_day

#: What the list is about, and who acts: a word of the texts, not a person.
SILENT_STREAM, SALES = "silent_stream", "sales"

#: A stream of which nothing came in for longer than this many days is asked about.
SILENT_DAYS = 28


def actions(known: KnownCustomers) -> list[Action]:
    """Ask about the streams of which nothing came in for four weeks, the longest silent first.

    Parameters
    ----------
    known : KnownCustomers

    Returns
    -------
    list of Action
        Of the kind ``silent_stream``, since the day of its latest row. What hangs on it nobody
        knows.
    """
    rows = frame_of(known, "rows", ["booked_at"])
    if "stream" not in rows:
        return []
    today = known.as_of.normalize()
    latest = rows.dropna(subset=["booked_at"]).groupby("stream", observed=True)["booked_at"].max()
    table = latest.dt.normalize().rename("since").reset_index()
    table["days"] = (today - table["since"]).dt.days
    silent = table[table["days"] > SILENT_DAYS].sort_values(["since", "stream"])
    return [
        Action(
            SILENT_STREAM,
            "stream",
            str(row["stream"]),
            Finding("step", "ask_why", {"days": row["days"]}),
            since=f"{row['since']:%Y-%m-%d}",
            due=due_day(known.as_of, place),
            who=SALES,
            overdue_days=row["days"] - SILENT_DAYS,
            title=str(row["stream"]),
        )
        for place, row in enumerate(silent.to_dict("records"))
    ]

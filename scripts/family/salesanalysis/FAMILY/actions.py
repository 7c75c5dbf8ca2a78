"""What to do this week about what came in."""

from salesanalysis.findings import Action, Finding
from salesanalysis.known import KnownFAMILY, frame_of
from salesanalysis.periods import due_day

#: What the list is about, and who acts: a word of the texts, not a person.
ASK_AMOUNT, ACCOUNTING = "ask_amount", "accounting"


def actions(known: KnownFAMILY) -> list[Action]:
    """Ask for the amounts that are missing, one line for each stream, the longest missing first.

    Parameters
    ----------
    known : KnownFAMILY

    Returns
    -------
    list of Action
        Of the kind ``ask_amount``, since the first row without an amount came in. What hangs on it
        nobody knows.
    """
    rows = frame_of(known, "rows", ["booked_at", "amount"])
    rows = rows.assign(stream=rows["stream"] if "stream" in rows else "")
    lacking = rows[rows["amount"].isna() & rows["booked_at"].notna()].astype({"stream": object})
    lacking = lacking.fillna({"stream": ""})
    table = lacking.groupby("stream", as_index=False).agg(
        n=("stream", "size"), since=("booked_at", "min")
    )
    table = table.sort_values(["since", "stream"], ignore_index=True)
    return [
        Action(
            ASK_AMOUNT,
            "stream",
            str(row["stream"]),
            Finding("step", "ask_amount", {"count": row["n"]}),
            since=f"{row['since']:%Y-%m-%d}",
            due=due_day(known.as_of, place),
            who=ACCOUNTING,
            title=str(row["stream"]),
        )
        for place, row in enumerate(table.to_dict("records"))
    ]

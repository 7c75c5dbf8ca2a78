"""What to look at first: what all reports found, by the money that hangs on it."""

from collections.abc import Iterable

import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding, picked
from salesanalysis.reports.overview.run_folders import MadeReport


def first_things(reports: Iterable[MadeReport], *, most: int = 10) -> pd.DataFrame:
    """The things to look at first, most money first, each subject once.

    The money is what hangs on it: what open deals are likely to bring, what is missing to a target,
    a margin. It ranks; it is not to be added up, since two things can touch the same deal.

    Parameters
    ----------
    reports : iterable of MadeReport
        With their things, amounts in one currency.
    most : int
        How many at most.

    Returns
    -------
    DataFrame
        One row per subject: ``rank, subject, at_stake, reason`` (of its largest thing), ``others``
        (how many more there are about it), ``report``. Things of which nobody knows the money come
        last; those with nothing at stake are left out.

    Raises
    ------
    SalesAnalysisError
        ``most`` is less than 1.
    """
    if most < 1:
        raise SalesAnalysisError(f"`most` is {most!r}; expected 1 or more.")
    things = [thing | {"report": made.title} for made in reports for thing in made.told["things"]]
    known = [thing for thing in things if thing["at_stake"] is None or thing["at_stake"] > 0]
    # Sorting is stable: of things worth the same, the one told first stays first.
    known.sort(key=lambda thing: float("inf") if thing["at_stake"] is None else -thing["at_stake"])
    by_subject: dict[str, list[dict]] = {}
    for thing in known:
        by_subject.setdefault(thing["subject"], []).append(thing)
    rows = [
        picked(top, "at_stake", "reason", "report")
        | {"rank": rank, "subject": top["name"], "others": len(rest)}
        for rank, (top, *rest) in enumerate(list(by_subject.values())[:most], start=1)
    ]
    columns = ["rank", "subject", "at_stake", "reason", "others", "report"]
    return pd.DataFrame(rows, columns=columns).astype({"at_stake": float})


def findings(first: pd.DataFrame) -> list[Finding]:
    """What to look at first of all, where its money is known.

    Parameters
    ----------
    first : DataFrame
        As from :func:`first_things`.
    """
    return [
        Finding("headline", "first", picked(row, "subject", "at_stake", "reason"), part="overview")
        for row in first[first["at_stake"].notna()].head(1).to_dict("records")
    ]

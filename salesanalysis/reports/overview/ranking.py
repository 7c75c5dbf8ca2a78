"""What to look at first: what all reports found, by the money that hangs on it."""

from collections.abc import Iterable

import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding, picked
from salesanalysis.reports.overview.run_folders import MadeReport


def first_things(reports: Iterable[MadeReport], *, most: int = 10) -> pd.DataFrame:
    """The things to look at first, most money first, each subject once.

    The money is what hangs on it within the period, as what open deals are likely to bring, or what
    can be gained. It ranks; it is not to be added up, since two things can touch the same deal.

    Parameters
    ----------
    reports : iterable of MadeReport
        With their things, amounts in one currency.
    most : int
        How many at most.

    Returns
    -------
    DataFrame
        One row per subject: ``rank, subject, money, reason`` (of its largest thing), ``others``
        (how many more there are about it), ``report``. Things of which nobody knows the money come
        last; those without any are left out.

    Raises
    ------
    SalesAnalysisError
        ``most`` is less than 1.
    """
    if most < 1:
        raise SalesAnalysisError(f"`most` is {most!r}; expected 1 or more.")
    things = [thing | {"report": made.title} for made in reports for thing in made.told["things"]]
    known = [thing for thing in things if thing["money"] is None or thing["money"] > 0]
    # Sorting is stable: of things worth the same, the one told first stays first.
    known.sort(key=lambda thing: float("inf") if thing["money"] is None else -thing["money"])
    by_subject: dict[str, list[dict]] = {}
    for thing in known:
        by_subject.setdefault(thing["subject"], []).append(thing)
    rows = [
        picked(top, "money", "reason", "report")
        | {"rank": rank, "subject": top["name"], "others": len(rest)}
        for rank, (top, *rest) in enumerate(list(by_subject.values())[:most], start=1)
    ]
    columns = ["rank", "subject", "money", "reason", "others", "report"]
    return pd.DataFrame(rows, columns=columns).astype({"money": float})


def findings(first: pd.DataFrame) -> list[Finding]:
    """What to look at first of all, where its money is known.

    Parameters
    ----------
    first : DataFrame
        As from :func:`first_things`.
    """
    return [
        Finding("headline", "first", picked(row, "subject", "money", "reason"), part="overview")
        for row in first[first["money"].notna()].head(1).to_dict("records")
    ]

"""What to look at first: what all families found, by the money that hangs on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding, picked


@dataclass(frozen=True)
class Thing:
    """Something to look at.

    Attributes
    ----------
    report : str
        The report that explains it.
    subject : str
        Whom or what it is about: a seller, a deal, a stream, a skill.
    at_stake : float
        The money that hangs on it; missing where nobody knows.
    reason : str
        The key of the text that says why.
    values : dict
        What that text takes.
    named : str
        The key of the text that names the subject, where it is a word rather than a name.
    """

    report: str
    subject: str
    at_stake: float
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    named: str = ""


def first_things(things: Iterable[Thing], *, words, lang: str = "en", most: int = 10):
    """The things to look at first, most money first, each subject once.

    The money is what hangs on it: what open deals are likely to bring, what is missing to a target,
    a margin. It ranks; it is not to be added up, since two things can touch the same deal.

    Parameters
    ----------
    things : iterable of Thing
        As from the functions of this part, amounts in one currency.
    words : module or object
        What says them: ``words.has(key, lang)`` and ``words.sentence(key, lang, **values)``, such
        as :mod:`salesanalysis.text`.
    lang : str
        In which language.
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

    Examples
    --------
    >>> from salesanalysis import text
    >>> short = {"gap": 40.0, "target": 100.0, "p_target": 0.2, "period": "2025-Q4"}
    >>> one = {"deals": 1, "amount": 20.0, "look_at": "d3"}
    >>> two = {"deals": 2, "amount": 180.0, "look_at": "d1, d2"}
    >>> things = [
    ...     Thing("forecast", "ann", 40.0, "overview.thing.short", short),
    ...     Thing("funnel", "bob", 90.0, "overview.thing.stuck", two),
    ...     Thing("funnel", "ann", 10.0, "overview.thing.stuck", one),
    ... ]
    >>> first_things(things, words=text)[["rank", "subject", "at_stake", "others", "report"]]
       rank subject  at_stake  others    report
    0     1     bob      90.0       0    funnel
    1     2     ann      40.0       1  forecast
    """
    if most < 1:
        raise SalesAnalysisError(f"`most` is {most!r}; expected 1 or more.")
    known = [thing for thing in things if not thing.at_stake <= 0]
    # Sorting is stable: of things worth the same, the one handed over first stays first.
    known.sort(key=lambda thing: np.inf if np.isnan(thing.at_stake) else -thing.at_stake)
    by_subject: dict[str, list[Thing]] = {}
    for thing in known:
        by_subject.setdefault(thing.subject, []).append(thing)
    rows = [
        {
            "rank": rank,
            "subject": _name(top, words, lang),
            "at_stake": float(top.at_stake),
            "reason": words.sentence(top.reason, lang, **top.values),
            "others": len(rest),
            "report": top.report,
        }
        for rank, (top, *rest) in enumerate(list(by_subject.values())[:most], start=1)
    ]
    columns = ["rank", "subject", "at_stake", "reason", "others", "report"]
    return pd.DataFrame(rows, columns=columns).astype({"at_stake": float})


def findings(first: pd.DataFrame) -> list[Finding]:
    """What to look at first of all, where its money is known; ``first`` is :func:`first_things`."""
    known = first[first["at_stake"].notna()].head(1).to_dict("records")
    return [
        Finding("headline", "first", picked(row, "subject", "at_stake", "reason")) for row in known
    ]


def told_by(part: str, found: Iterable[Finding]) -> list[Finding]:
    """Findings of another report, in its words."""
    return [replace(finding, part=part) for finding in found]


def caveats(forecast_as_of: str, *, as_of: str) -> list[Finding]:
    """That the forecast is of another day than all else."""
    if forecast_as_of == as_of:
        return []
    days = {"forecast_as_of": forecast_as_of, "as_of": as_of}
    return [Finding("warn", "forecast_day", days)]


def _name(thing: Thing, words, lang: str) -> str:
    """The subject as the reader knows it; a name of the data stays as it is."""
    if thing.named and words.has(thing.named, lang):
        return words.sentence(thing.named, lang)
    return thing.subject

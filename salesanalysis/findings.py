"""What a run found, before it is put into words.

A family decides which findings apply and with which numbers; :mod:`salesanalysis.text` has the
sentences, ``<part>.<kind>.<name>``, in every language; a report says them. A test reads every
finding in the code, so kind, name and the names of its values are written where it is made.

Of each report a few key figures and the things to look at stay in its ``run.json``, where the
overview, the page over a batch and the next run find them.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes
    ----------
    kind : str
        ``headline`` (what a report says first), ``warn`` (what must be known before its figures are
        quoted), or what else it is said about, such as ``leakage``: a paragraph of the report.
    name : str
        Chooses the sentence.
    values : dict
        The raw values that the sentence takes, and no others.
    part : str
        Whose sentence it is, where it is not one of the report that says it.
    """

    kind: str
    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    part: str = ""


@dataclass(frozen=True)
class KeyFigure:
    """One of the few figures by which a report is known and compared with its next run.

    Attributes
    ----------
    name : str
        A column of the vocabulary, which knows its unit; its word is in ``<part>.value.number``.
    value : number or day
        Missing where the data do not tell.
    low, high : float
        Its interval, where it has one.
    base : Finding, optional
        What it is of, as a sentence of the kind ``base``: ``101 deals, 3.7 times the gap``.
    judged : tuple of name and value, optional
        What its status is judged by where that is not itself: a name of
        :data:`salesanalysis.statuses.LIMITS`.
    is_ahead : bool
        Whether its interval is that of what is to come: then a change of it is one of what is
        expected, however wide the interval.
    """

    name: str
    value: object
    low: float = math.nan
    high: float = math.nan
    base: Finding | None = None
    judged: tuple[str, float] | None = None
    is_ahead: bool = False

    def __post_init__(self):
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, _plain(getattr(self, name)))
        if self.judged:
            name, value = self.judged
            object.__setattr__(self, "judged", (name, _plain(value)))


@dataclass(frozen=True)
class Thing:
    """Something to look at.

    Attributes
    ----------
    subject : str
        Whom or what it is about: a seller, a deal, a stream, a skill.
    money : float
        What it is ranked by: the money that hangs on it within the period (``at_stake_period``), or
        what an action can change (``gain``); its sentence says which. Missing where nobody knows.
    reason : Finding
        Why, as a sentence.
    called : str
        Of which column the subject is a value, where the family has a word for it.
    """

    subject: str
    money: float
    reason: Finding
    called: str = ""


@dataclass(frozen=True)
class Action:
    """One line of a list of what to do: who, about what, the next step, by when.

    Attributes
    ----------
    kind : str
        What it is one of, such as ``stuck_deal``.
    about_kind, about : str
        What it is about: ``deal``, ``account``, ``seller``, and its id; ``about`` is empty for a
        line about several.
    step : Finding
        The next step as a sentence, of the kind ``step``.
    since : str
        The day (ISO) on which what makes it necessary began.
    due : str
        The day (ISO) by which the step is due.
    who : str
        The id of who acts; empty where it is everybody.
    amount : float
        The money on paper.
    at_stake : float
        The money that hangs on it within the period, by which lists are ordered.
    overdue_days : float
        How long it is past its limit; missing where it is not about time.
    measure : str
        Where and by what it was found, such as the stage: what tells it from another action of its
        kind about the same.
    title : str
        What it is about as people call it, such as the account's name.
    traits : dict of column to value
        What stands under the title, such as ``{"product": …, "stage": …}``.

    Examples
    --------
    >>> step = Finding("step", "call", {})
    >>> Action("stuck_deal", "deal", "d1", step, since="2025-03-01", due="2025-03-10").action_id
    '37dd3f9926bb'
    """

    kind: str
    about_kind: str
    about: str
    step: Finding
    since: str
    due: str
    who: str = ""
    amount: float = math.nan
    at_stake: float = math.nan
    overdue_days: float = math.nan
    measure: str = ""
    title: str = ""
    traits: Mapping[str, object] = field(default_factory=dict)

    @property
    def action_id(self) -> str:
        """Its name for good, of what it is about and when that began.

        It does not depend on the rank, the amount, the wording, the language or the run.
        """
        parts = (self.kind, self.about_kind, self.about, self.measure, self.since)
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


def picked(row: "Mapping[str, object] | pd.Series", *names: str) -> dict[str, object]:
    """The values of a row, or of a Series, that a sentence takes; numpy's numbers as Python's.

    Examples
    --------
    >>> picked({"n": 3, "rate": 0.5, "low": 0.1}, "n", "rate")
    {'n': 3, 'rate': 0.5}
    """
    return {name: _plain(row[name]) for name in names}


def _plain(value):
    """A number of numpy as one of Python; anything else as it is."""
    return value.item() if hasattr(value, "item") else value

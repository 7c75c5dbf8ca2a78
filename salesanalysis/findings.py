"""What a run found, before it is put into words: the name of a sentence and the numbers in it.

A family decides which findings apply and with which numbers; :mod:`salesanalysis.text` has the
sentences, ``<part>.<kind>.<name>``, in every language; a report says them. A test reads every
finding in the code, so kind, name and the names of its values are written where it is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


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


def picked(row: Mapping, *names: str) -> dict[str, object]:
    """The values of a row, or of a Series, that a sentence takes; numpy's numbers as Python's.

    Examples
    --------
    >>> picked({"n": 3, "rate": 0.5, "low": 0.1}, "n", "rate")
    {'n': 3, 'rate': 0.5}
    """
    taken = {name: row[name] for name in names}
    return {name: one.item() if hasattr(one, "item") else one for name, one in taken.items()}

"""When a figure is on track, to be watched, or to be acted on: limits as data, with defaults.

A figure that has no limits here has no status; a team that has others gives them to its notebook.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from salesanalysis.errors import SalesAnalysisError, require_number

#: From good to bad; the last is that of a figure without limits or value.
GOOD, WATCH, ACT, NONE = "good", "watch", "act", "none"

#: Which is to be looked at first.
ORDER = (ACT, WATCH, GOOD, NONE)


@dataclass(frozen=True)
class Limits:
    """Where a figure is on track, and where it is to be acted on; between them it is watched.

    Parameters
    ----------
    good : float
        From here on it is on track.
    act : float
        Beyond here it is to be acted on. Less than ``good`` where more is better, more where less
        is.

    Examples
    --------
    >>> Limits(good=3, act=2).status(2.5), Limits(good=0.2, act=0.33).status(0.1)
    ('watch', 'good')
    """

    good: float
    act: float

    def __post_init__(self):
        for name in ("good", "act"):
            require_number(name, getattr(self, name))
        if self.good == self.act:
            raise SalesAnalysisError(
                f"`good` and `act` are both {self.good!r}; expected two limits."
            )

    def status(self, value: float) -> str:
        """The status of a value; ``none`` where it is missing."""
        if math.isnan(value):
            return NONE
        more_is_better = self.good > self.act
        if value >= self.good if more_is_better else value <= self.good:
            return GOOD
        return ACT if (value < self.act if more_is_better else value > self.act) else WATCH


#: By the name of what is judged: a key figure, or what its family judges it by.
LIMITS: Mapping[str, Limits] = {
    "p_target": Limits(good=0.70, act=0.30),
    "coverage": Limits(good=3.0, act=2.0),
    "stuck_share": Limits(good=0.20, act=0.33),
    "zombie_share": Limits(good=0.05, act=0.15),
    "late_share": Limits(good=0.10, act=0.25),
}


def limits(given: Mapping[str, list[float]] | None = None) -> dict[str, Limits]:
    """The limits in force: the defaults, and what is given in their place.

    Parameters
    ----------
    given : dict of name to [good, act], optional
        Such as ``{"coverage": [4, 2.5]}``.

    Raises
    ------
    SalesAnalysisError
        A name is none of :data:`LIMITS`, or what it has are not two numbers.

    Examples
    --------
    >>> limits({"coverage": [4, 2.5]})["coverage"].status(3)
    'watch'
    """
    found = dict(LIMITS)
    if not isinstance(given or {}, Mapping):
        raise SalesAnalysisError(
            f"`limits` is {given!r}; expected limits by the names of figures, such as"
            ' {"coverage": [4, 2.5]}.'
        )
    for name, two in (given or {}).items():
        if name not in LIMITS:
            raise SalesAnalysisError(f"`limits` has {name!r}; expected one of {', '.join(LIMITS)}.")
        if not isinstance(two, list | tuple) or len(two) != 2:
            raise SalesAnalysisError(
                f"`limits` of {name} are {two!r}; expected two numbers: from where on it is on"
                " track, and beyond where it is to be acted on."
            )
        try:
            found[name] = Limits(*two)
        except SalesAnalysisError as error:
            raise SalesAnalysisError(f"`limits` of {name}: {error}") from None
    return found

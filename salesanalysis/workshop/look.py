"""What a view shows for one state of its controls, and what a view is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from salesanalysis.findings import Finding, KeyFigure
from salesanalysis.workshop.controls import Control
from salesanalysis.workshop.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Look:
    """What there is to see.

    Attributes
    ----------
    draw : callable
        Draws the picture into the axes that it is given.
    figures : list of KeyFigure
        The tiles, the most important one first.
    answer : callable
        Given what the state is called: the sentence on it, as the report on it begins.
    said : list of str
        How the picture is to be read, and what is assumed.
    idle : list of str
        Controls that change nothing in this state.
    """

    draw: Callable
    figures: Sequence[KeyFigure]
    answer: Callable[[str], Sequence[Finding]]
    said: Sequence[str] = ()
    idle: Sequence[str] = ()


class View(Protocol):
    """A question that a room can turn the answer of."""

    name: str
    controls: Sequence[Control]
    #: By the name of a figure 1 where more of it is better, −1 where less is.
    better: Mapping[str, int]

    def look(self, state: Mapping) -> Look:
        """What one state of the controls shows."""

    def scenario(self, state: Mapping, name: str) -> Scenario:
        """The report, and its parameters, that a state of the controls stands for."""

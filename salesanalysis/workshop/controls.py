"""What a workshop turns: sliders, choices and switches, described without any widget."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Slider:
    """A number between two limits. ``kind`` is how it is said.

    ``share`` and ``rate`` are 0–1, said in whole and in hundredths of a per cent; ``count`` is a
    whole number, ``number`` any.
    """

    name: str
    low: float
    high: float
    step: float
    value: float
    kind: str = "number"


@dataclass(frozen=True)
class Choice:
    """One of several values; the words of each are ``choice.<name>.<value>``."""

    name: str
    options: tuple[str, ...]
    value: str


@dataclass(frozen=True)
class Switches:
    """Things that can each be in one of three states: left as they are, ``yes`` or ``no``.

    ``items`` are (key, label): must-win deals, and what the room says becomes of them.
    """

    name: str
    items: tuple[tuple[str, str], ...]


Control = Slider | Choice | Switches

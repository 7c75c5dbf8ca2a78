"""What a workshop turns: sliders, choices and switches, described without any widget."""

from dataclasses import dataclass

from salesanalysis.text import format_value, sentence

#: How many digits after the point a number of each kind of slider has, and its kind in the text.
_WRITTEN = {
    "share": ("share", 0),
    "rate": ("share", 2),
    "count": ("count", 0),
    "days": ("days", 0),
    "weeks": ("number", 1),
    "number": ("number", 2),
}


@dataclass(frozen=True)
class Slider:
    """A number between two limits, that begins at what is now: exactly, whatever the step.

    ``kind`` is how it is said: ``share`` and ``rate`` are 0–1, said in whole and in hundredths of a
    per cent; ``count`` and ``days`` are whole, ``weeks`` has one digit, ``number`` two. ``label``
    is what it is called where the words of the view do not say it.
    """

    name: str
    low: float
    high: float
    step: float
    value: float
    kind: str = "number"
    label: str = ""

    def written(self, value: float, lang: str) -> str:
        """A value as the room reads it."""
        kind, places = _WRITTEN[self.kind]
        return format_value(float(value), kind, places, lang=lang)

    def change(self, value: float, lang: str) -> str:
        """How far a value lies from what is now: of shares in points."""
        is_share = _WRITTEN[self.kind][0] == "share"
        off = self.written(abs(value - self.value), lang)
        off = sentence("workshop.points_short", lang, points=off.rstrip("%")) if is_share else off
        return f"{'+' if value > self.value else '−'}{off}"

    def turned(self, value: float, label: str, lang: str) -> str:
        """What was turned, in words: ``T 79 → 84%``."""
        before, after = self.written(self.value, lang), self.written(value, lang)
        said = {"label": label, "before": before.rstrip("%"), "after": after}
        key = "turned_days" if self.kind == "days" else "turned"
        return sentence(f"workshop.{key}", lang, **said)


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

    @property
    def value(self) -> dict:
        """What is now: nothing is said of any."""
        return {}


Control = Slider | Choice | Switches

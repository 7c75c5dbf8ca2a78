"""The widgets of controls: each with its label, its value, and how far it is from now."""

import html
from collections.abc import Callable

from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Choice, Control, Slider, Switches

_STATES = ("open", "yes", "no")


def made(control: Control, label: str, words: Callable[..., str], lang: str):
    """The input of a control; ``words`` says what its choices are called."""
    if isinstance(control, Slider):
        return SliderInput(control, label, lang)
    if isinstance(control, Choice):
        return ChoiceInput(control, label, words)
    return SwitchesInput(control, label, words)


class SliderInput:
    """A slider with a mark at what is now."""

    def __init__(self, control: Slider, label: str, lang: str):
        import ipywidgets as widgets

        self._control, self._label, self._lang = control, label, lang
        limits = {"min": control.low, "max": control.high, "step": control.step}
        begun = control.low + round((control.value - control.low) / control.step) * control.step
        # Its own end of the track may lie beyond what is now.
        self._widget = widgets.FloatSlider(
            value=min(max(begun, control.low), control.high),
            readout=False,
            description=label,
            tooltip=label,
            **limits,
        )
        #: Where the handle stands for what is now: at a step, and within the limits.
        self._begun = self._widget.value
        at = (control.value - control.low) / ((control.high - control.low) or 1.0)
        mark = widgets.HTML(f'<i style="left: {100 * min(max(at, 0.0), 1.0):.2f}%"></i>')
        mark.add_class("sa-mark")
        self._said = widgets.HTML()
        self.box = widgets.Box([self._widget, mark, self._said])
        self.box.add_class("sa-slider")

    @property
    def value(self) -> float:
        """What it says: exactly what is now where it was not turned."""
        value = self._widget.value
        return self._control.value if abs(value - self._begun) < 1e-9 else value

    @value.setter
    def value(self, value: float) -> None:
        self._widget.value = self._begun if value == self._control.value else value

    def observe(self, follow: Callable) -> None:
        """Tell when it is turned."""
        self._widget.observe(follow, "value")

    def turned(self) -> list[str]:
        """What was turned, in words; nothing where it is as now."""
        if self.value == self._control.value:
            return []
        return [self._control.turned(self.value, self._label, self._lang)]

    def say(self, *, idle: bool) -> None:
        """Write value and distance from now beside it; hide it where it changes nothing."""
        control, off, look = self._control, sentence("workshop.as_now", self._lang), ""
        if self.value != control.value:
            off, look = control.change(self.value, self._lang), ' class="sa-turned"'
        value = html.escape(control.written(self.value, self._lang))
        self._said.value = f"<b>{value}</b><span{look}>{html.escape(off)}</span>"
        self.box.layout.display = "none" if idle else None


class ChoiceInput:
    """A list to choose from."""

    def __init__(self, control: Choice, label: str, words: Callable[..., str]):
        import ipywidgets as widgets

        self._control, self._label, self._words = control, label, words
        options = [(words(f"choice.{control.name}.{one}"), one) for one in control.options]
        self.box = widgets.Dropdown(options=options, value=control.value, description=label)
        self.box.add_class("sa-choice")

    @property
    def value(self) -> str:
        """What is chosen."""
        return self.box.value

    @value.setter
    def value(self, value: str) -> None:
        self.box.value = value

    def observe(self, follow: Callable) -> None:
        """Tell when another is chosen."""
        self.box.observe(follow, "value")

    def turned(self) -> list[str]:
        """What was chosen in place of what is now."""
        if self.value == self._control.value:
            return []
        value = self._words(f"choice.{self._control.name}.{self.value}")
        return [self._words("chosen", label=self._label, value=value)]

    def say(self, *, idle: bool) -> None:
        """Hide it where it changes nothing."""
        self.box.layout.display = "none" if idle else None


class SwitchesInput:
    """Three buttons for each of several things."""

    def __init__(self, control: Switches, label: str, words: Callable[..., str]):
        import ipywidgets as widgets

        self._control, self._words = control, words
        states = [(words(f"choice.{control.name}.{one}"), one) for one in _STATES]
        self._switches = {
            key: widgets.ToggleButtons(options=states, description=said)
            for key, said in control.items
        }
        for switch in self._switches.values():
            switch.add_class("sa-switch")
        head = widgets.HTML(f'<p class="sa-group">{html.escape(label)}</p>')
        self.box = widgets.VBox([head, *self._switches.values()])

    @property
    def value(self) -> dict[str, str]:
        """Those that were turned, by their key."""
        return {key: one.value for key, one in self._switches.items() if one.value != "open"}

    @value.setter
    def value(self, value: dict[str, str]) -> None:
        for key, switch in self._switches.items():
            switch.value = value.get(key, "open")

    def observe(self, follow: Callable) -> None:
        """Tell when one is turned."""
        for switch in self._switches.values():
            switch.observe(follow, "value")

    def turned(self) -> list[str]:
        """What is said of those that were turned."""
        labels, name = dict(self._control.items), self._control.name
        return [
            self._words("supposed", label=labels[key], value=self._words(f"choice.{name}.{said}"))
            for key, said in self.value.items()
        ]

    def say(self, *, idle: bool) -> None:
        """Its buttons say all there is."""

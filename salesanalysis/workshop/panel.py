"""One table of a workshop: controls at the left, the picture and what it says at the right."""

import html
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.text import has, sentence
from salesanalysis.workshop.controls import Choice, Control, Slider
from salesanalysis.workshop.scenario import Scenario, save

#: Inches and dots: a picture that is drawn and sent well within the time of a glance.
_SIZE, _DOTS_PER_INCH = (8.4, 4.7), 120

#: How a slider of each kind shows its number.
_READOUT = {"share": ".0%", "rate": ".2%", "count": ",.0f", "number": ",.2f"}

_STATES = ("open", "yes", "no")

_LABEL = {"description_width": "170px"}


@dataclass(frozen=True, eq=False)
class Look:
    """What a view shows for one state of its controls; ``idle`` are those that change nothing."""

    draw: Callable
    said: Sequence[str]
    idle: Sequence[str] = ()


class View(Protocol):
    """A question that a room can turn the answer of."""

    name: str
    controls: Sequence[Control]

    def look(self, state: Mapping) -> Look:
        """What to draw (a function of an Axes) and to say for one state of the controls."""

    def scenario(self, state: Mapping) -> Scenario:
        """The report, and its parameters, that the state of the controls stands for."""


class Panel:
    """The widgets of one view; its picture follows the controls.

    Parameters
    ----------
    view : View
        What is shown.
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.
    folder : Path
        Where scenarios are saved.
    """

    def __init__(self, view: View, *, lang: str, folder: Path):
        import ipywidgets as widgets

        self.view, self.lang, self._folder = view, lang, folder
        self._inputs = {control.name: self._input(control, widgets) for control in view.controls}
        # As wide as it was drawn, or as there is room, at its own proportions.
        shape = {"width": "820px", "max_width": "100%", "align_self": "flex-start"}
        self.picture = widgets.Image(format="png", layout={**shape, "height": "auto"})
        self.said = widgets.HTML()
        self._button = widgets.Button(
            description=self._words("save"),
            button_style="primary",
            layout={"width": "220px", "margin": "16px 0 0 0"},
        )
        self._saved = widgets.HTML()
        for shown in self._inputs.values():
            for widget in _observed(shown):
                widget.observe(self._follow, "value")
        self._button.on_click(self._save)
        left = widgets.VBox(
            [*self._inputs.values(), self._button, self._saved],
            layout={"flex": "1 1 340px", "max_width": "420px"},
        )
        right = widgets.VBox(
            [self.picture, self.said], layout={"flex": "3 1 340px", "max_width": "860px"}
        )
        self.box = widgets.HBox([left, right], layout={"flex_flow": "row wrap"})
        self.box.add_class("sa-panel")
        self._follow()

    def _words(self, key: str, **values) -> str:
        own = f"workshop.{self.view.name}.{key}"
        return sentence(own if has(own, self.lang) else f"workshop.{key}", self.lang, **values)

    def _input(self, control: Control, widgets):
        """The widget of a control, its label beside it."""
        # A slider of a family of them, "aim: T", has its label from the family's words.
        family, _, one = control.name.partition(": ")
        label = self._words(f"control.{family}", **({"one": one} if one else {}))
        style = {"description": label, "style": _LABEL, "layout": {"width": "98%"}}
        if isinstance(control, Slider):
            limits = {"min": control.low, "max": control.high, "step": control.step}
            return widgets.FloatSlider(
                value=control.value,
                readout_format=_READOUT[control.kind],
                **limits,
                **style,
            )
        if isinstance(control, Choice):
            words = [self._words(f"choice.{control.name}.{one}") for one in control.options]
            options = list(zip(words, control.options, strict=True))
            return widgets.Dropdown(options=options, value=control.value, **style)
        states = [(self._words(f"choice.{control.name}.{one}"), one) for one in _STATES]
        switches = [_switch(key, said, states, widgets) for key, said in control.items]
        return widgets.VBox([widgets.HTML(html.escape(label)), *switches])

    @property
    def state(self) -> dict:
        """What the controls say now."""
        return {name: _value(shown) for name, shown in self._inputs.items()}

    def _follow(self, _change=None) -> None:
        """Draw and say what the controls stand for; a state that cannot be is said, not shown."""
        try:
            look = self.view.look(self.state)
        except SalesAnalysisError as refused:
            self.said.value = _paragraphs([str(refused)], "sa-refused")
            return
        self.picture.value = self._drawn(look)
        self.said.value = _paragraphs(look.said, "sa-said")
        for name, shown in self._inputs.items():
            shown.layout.display = "none" if name in look.idle else None

    def _drawn(self, look: Look) -> bytes:
        """The picture as PNG."""
        from matplotlib.figure import Figure

        from salesanalysis.plots import style

        with style.use():
            figure = Figure(figsize=_SIZE, dpi=_DOTS_PER_INCH, layout="none")
            axes = figure.add_subplot()
            look.draw(axes)
            # Fixed margins: finding those that just fit would take as long as the drawing. Only
            # names of stages may need more, in steps, so that the picture does not tremble.
            names = [name.get_window_extent().width for name in axes.get_yticklabels()]
            left = math.ceil(20 * (max(names, default=0) + 40) / figure.bbox.width) / 20
            left = min(max(left, 0.15), 0.5)
            figure.subplots_adjust(left=left, right=0.9, bottom=0.13, top=0.86)
            picture = io.BytesIO()
            # A quickly made picture is worth more here than a small one.
            figure.savefig(picture, format="png", dpi="figure", pil_kwargs={"compress_level": 1})
            return picture.getvalue()

    def _save(self, _button=None) -> None:
        """Save the scenario as a file of parameters, and say how to make the report from it."""
        try:
            path = save(self.view.scenario(self.state), self._folder)
        except (SalesAnalysisError, OSError) as refused:
            self._saved.value = _paragraphs([str(refused)], "sa-refused")
            return
        command = f"salesanalysis run {self.view.name} --parameters {path.as_posix()}"
        said = self._words("saved", file=path.as_posix())
        self._saved.value = (
            f'<div class="sa-saved"><p>{html.escape(said)}</p>'
            f"<pre>{html.escape(command)}</pre></div>"
        )


def _switch(key: str, label: str, states: list, widgets):
    """Three buttons beside a label; the key travels with the widget."""
    switch = widgets.ToggleButtons(
        options=states,
        description=label,
        style={**_LABEL, "button_width": "54px"},
        layout={"width": "98%"},
    )
    switch.key = key
    return switch


def _observed(shown) -> list:
    return list(shown.children[1:]) if hasattr(shown, "children") else [shown]


def _value(shown):
    """A control's value; of switches, those that were turned, by their key."""
    if not hasattr(shown, "children"):
        return shown.value
    return {switch.key: switch.value for switch in shown.children[1:] if switch.value != "open"}


def _paragraphs(said: Sequence[str], style: str) -> str:
    return "".join(f'<p class="{style}">{html.escape(one)}</p>' for one in said)

"""One table of a workshop: controls at the left, what they bring at the right."""

import contextlib
import functools
import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding
from salesanalysis.text import has, sentence
from salesanalysis.workshop import inputs, shown
from salesanalysis.workshop.controls import Control, Slider
from salesanalysis.workshop.look import Look, View
from salesanalysis.workshop.pictures import Pictures
from salesanalysis.workshop.scenario import command_of, save

#: So many of the controls that were turned the name of a scenario says.
_MOST_SAID = 3


@dataclass
class Course:
    """What a room has done at one table: where its controls are, and the scenarios it keeps.

    It outlives the panel, which is made anew in another language.
    """

    state: dict | None = None
    kept: list[tuple[str, dict]] = field(default_factory=list)


class Panel:
    """The widgets of one view; picture, tiles and scenarios follow the controls.

    Parameters
    ----------
    view : View
        What is shown.
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.
    currency : str
        The code of all amounts; without one they have no sign.
    folder : Path
        Where scenarios are saved.
    course : Course, optional
        What was done here before.
    narrow : bool
        Whether pictures are drawn for a telephone.
    """

    def __init__(
        self,
        view: View,
        *,
        lang: str,
        currency: str,
        folder: Path,
        course: Course | None = None,
        narrow: bool = False,
    ):
        import ipywidgets as widgets

        self.view, self.lang, self._currency, self._folder = view, lang, currency, folder
        self._course, self._pictures = course or Course(), Pictures(narrow=narrow)
        self._inputs = {
            control.name: inputs.made(control, self._label(control), self._words, lang)
            for control in view.controls
        }
        self._now = view.look(self._begun).figures
        self._looks = [view.look(state).figures for _, state in self._course.kept]
        self.answer, self.tiles, self.table = (widgets.HTML() for _ in range(3))
        self.picture = widgets.Image(format="png")
        self.said, self._saved = widgets.HTML(), widgets.HTML()
        self._name = widgets.Text(description=self._words("name"))
        self._reset, self._keep, self._save = (
            widgets.Button(description=self._words(key)) for key in ("reset", "keep", "save")
        )
        self._again = widgets.Dropdown(options=[(self._words("again"), -1)])
        self._save.button_style = "primary"
        self._is_following = True
        self._listen()
        self.box = self._laid_out(widgets)
        if self._course.state:
            self._put(self._course.state)
        else:
            self._follow()

    # --- what there is -----------------------------------------------------------------------

    def _words(self, key: str, **values) -> str:
        own = f"workshop.{self.view.name}.{key}"
        return sentence(own if has(own, self.lang) else f"workshop.{key}", self.lang, **values)

    def _label(self, control: Control) -> str:
        """What a control is called beside it."""
        if isinstance(control, Slider) and control.label:
            return control.label
        return self._words(f"control.{control.name}")

    @property
    def _begun(self) -> dict:
        """The state of the controls before anybody touched them: what is now."""
        return {control.name: control.value for control in self.view.controls}

    @property
    def state(self) -> dict:
        """What the controls say; exactly what is now where one was not turned."""
        return {name: shown.value for name, shown in self._inputs.items()}

    def _turned(self) -> list[str]:
        """What was turned, each in words."""
        return [said for shown_input in self._inputs.values() for said in shown_input.turned()]

    def _called(self) -> str:
        """What the state of the controls is called: what was turned, after a name if it has one."""
        turned = self._turned()
        said = functools.reduce(self._joined, turned[:_MOST_SAID], "")
        if len(turned) > _MOST_SAID:
            said = self._words("more", first=said, more=len(turned) - _MOST_SAID)
        name = self._name.value.strip()
        return self._words("named", name=name, turned=said) if name and said else name or said

    def _joined(self, first: str, second: str) -> str:
        return self._words("and", first=first, second=second) if first else second

    # --- what follows ------------------------------------------------------------------------

    def _listen(self) -> None:
        for shown_input in self._inputs.values():
            shown_input.observe(self._follow)
        self._reset.on_click(lambda _: self._put(self._begun))
        self._keep.on_click(self._keep_scenario)
        self._save.on_click(self._save_scenario)
        self._again.observe(self._bring_back, "value")

    def _follow(self, _change=None) -> None:
        """Draw and say what the controls stand for; a state that cannot be is said, not shown."""
        if not self._is_following:
            return
        self._course.state = self.state
        try:
            look = self.view.look(self.state)
        except SalesAnalysisError as refused:
            self.answer.value = shown.paragraphs([str(refused)], "sa-refused")
            return
        for name, shown_input in self._inputs.items():
            shown_input.say(idle=name in look.idle)
        turned = self._called() if self._turned() else ""
        self.answer.value = shown.paragraphs(self._answers(look, turned), "sa-answer")
        style = {"part": self.view.name, "lang": self.lang, "currency": self._currency}
        self.tiles.value = shown.tiles(look.figures, self._now, better=self.view.better, **style)
        self.picture.value = self._pictures.drawn(look)
        self.said.value = shown.paragraphs(look.said, "sa-said")
        self._name.placeholder = turned
        rows = [(self._words("present"), self._now)]
        names = [name for name, _ in self._course.kept]
        rows += zip(names, self._looks, strict=True)
        rows += [(turned, look.figures)] if turned else []
        self.table.value = shown.compared(rows, is_new=bool(turned), **style)

    def _answers(self, look: Look, turned: str) -> list[str]:
        if not turned:
            return [self._words("how")]
        return [self._said(finding) for finding in look.answer(turned)]

    def _said(self, finding: Finding) -> str:
        key = f"{self.view.name}.{finding.kind}.{finding.name}"
        return sentence(key, self.lang, self._currency, **finding.values)

    def draw_narrow(self, narrow: bool) -> None:
        """Draw pictures for a telephone, or not, from now on."""
        self._pictures = Pictures(narrow=narrow)
        self._follow()

    def _put(self, state: Mapping) -> None:
        """Turn all controls to a state, and follow once."""
        with self._quiet():
            for name, shown_input in self._inputs.items():
                shown_input.value = state[name]
        self._follow()

    @contextlib.contextmanager
    def _quiet(self):
        self._is_following = False
        try:
            yield
        finally:
            self._is_following = True

    # --- scenarios ---------------------------------------------------------------------------

    def _keep_scenario(self, _button=None) -> None:
        """Keep the state on screen beside now and the others; one of the same name is replaced."""
        name = self._called()
        if not self._turned():
            self._saved.value = shown.paragraphs([self._words("nothing_turned")], "sa-refused")
            return
        others = [one for one in self._course.kept if one[0] != name]
        self._course.kept[:] = [*others, (name, self.state)]
        self._looks = [self.view.look(state).figures for _, state in self._course.kept]
        self._name.value, self._saved.value = "", ""
        self._offer()
        self._put(self._begun)

    def _offer(self) -> None:
        """Offer what is kept to be brought back."""
        kept = [(name, at) for at, (name, _) in enumerate(self._course.kept)]
        with self._quiet():
            self._again.options = [(self._words("again"), -1), *kept]
            self._again.value = -1
        self._again.layout.display = None if kept else "none"

    def _bring_back(self, change) -> None:
        if self._is_following and change["new"] is not None and change["new"] >= 0:
            self._put(self._course.kept[change["new"]][1])

    def _save_scenario(self, _button=None) -> None:
        """Save the scenario as a file of parameters, and say how to make the report from it."""
        name = self._called()
        if not name:
            self._saved.value = shown.paragraphs([self._words("nothing_turned")], "sa-refused")
            return
        try:
            path = save(self.view.scenario(self.state, name), self._folder)
        except (SalesAnalysisError, OSError) as refused:
            self._saved.value = shown.paragraphs([str(refused)], "sa-refused")
            return
        said = self._words("saved", file=path.as_posix())
        self._saved.value = (
            f'<div class="sa-saved" role="status"><p>{html.escape(said)}</p>'
            f"<pre>{html.escape(command_of(self.view.name, path))}</pre></div>"
        )

    # --- where it stands ---------------------------------------------------------------------

    def _laid_out(self, widgets):
        now = widgets.HTML(f'<span class="sa-now">{html.escape(self._words("now_mark"))}</span>')
        head = _with_class(widgets.HBox([now, self._again, self._reset]), "sa-head")
        rows, family = [head], ""
        for name, shown_input in self._inputs.items():
            group = f"workshop.{self.view.name}.group.{name.partition(':')[0]}"
            if group != family and has(group, self.lang):
                legend = html.escape(sentence(group, self.lang))
                rows.append(widgets.HTML(f'<p class="sa-group">{legend}</p>'))
            family = group
            rows.append(shown_input.box)
        left = _with_class(widgets.VBox([*rows, self._saved]), "sa-controls")
        keep = _with_class(widgets.HBox([self._name, self._keep, self._save]), "sa-keep")
        self._offer()
        parts = [self.answer, self.tiles, self.picture, self.said, self.table, keep]
        for part, name in zip(parts[:3], ("sa-answers", "sa-figures", "sa-picture"), strict=True):
            part.add_class(name)
        right = _with_class(widgets.VBox(parts), "sa-result")
        return _with_class(widgets.Box([left, right]), "sa-panel")


def _with_class(box, name: str):
    box.add_class(name)
    return box

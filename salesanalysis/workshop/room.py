"""All tables of a workshop on one page, in any of the languages."""

import html
from collections.abc import Callable
from pathlib import Path

from salesanalysis.text import LANGUAGES, require_language, sentence
from salesanalysis.workshop.look import View
from salesanalysis.workshop.panel import Course, Panel

_STYLE = Path(__file__).parent / "room.css"


class Room:
    """A page of panels, one for each view, with a switch for the language.

    Parameters
    ----------
    views : dict of name to callable
        Each makes the view of that name in the language and currency it is given, ``lang`` and
        ``currency``.
    as_of : str
        The day whose reports the room begins with.
    lang : str
        The language to begin with.
    currency : str
        The code of all amounts; without one they have no sign.
    folder : str or Path
        Where scenarios are saved.
    """

    def __init__(
        self,
        views: dict[str, Callable[..., View]],
        *,
        as_of: str,
        lang: str = "en",
        currency: str = "",
        folder: str | Path = "out/scenarios",
    ):
        import ipywidgets as widgets

        self._views, self._as_of = dict(views), as_of
        self._folder, self._currency = Path(folder), currency
        self._courses = {name: Course() for name in self._views}
        #: Those that were opened, by name: each is made when its tab is opened first.
        self.panels: dict[str, Panel] = {}
        self._language = widgets.ToggleButtons(
            options=[(language.name, lang) for lang, language in LANGUAGES.items()],
            value=require_language(lang),
        )
        # The page checks it where it is as narrow as a telephone (index.html.j2).
        self._narrow = widgets.Checkbox(value=False, indent=False)
        self._narrow.add_class("sa-narrow")
        self._title = widgets.HTML()
        self._tabs = widgets.Tab([widgets.VBox() for _ in self._views])
        self._language.observe(self._speak, "value")
        self._tabs.observe(self._open, "selected_index")
        self._narrow.observe(self._draw, "value")
        head = widgets.HBox([self._title, self._language])
        head.add_class("sa-bar")
        style = widgets.HTML(f"<style>{_STYLE.read_text(encoding='utf-8')}</style>")
        self.box = widgets.VBox([style, head, self._tabs, self._narrow])
        self.box.add_class("sa-room")
        self._speak()

    def _speak(self, _change=None) -> None:
        """Say everything in the language that is chosen, and make the open panel anew."""
        lang = self._language.value
        title = html.escape(sentence("workshop.title", lang))
        opens = html.escape(sentence("workshop.opens", lang, as_of=self._as_of))
        self._title.value = f"<h1>{title}</h1><p>{opens}</p>"
        self._tabs.titles = [sentence(f"workshop.{name}.title", lang) for name in self._views]
        self.panels = {}
        self._open()

    def _open(self, _change=None) -> None:
        """Make the panel of the open tab, if it is not there."""
        names, at = list(self._views), self._tabs.selected_index
        if at is None or names[at] in self.panels:
            return
        name, lang = names[at], self._language.value
        panel = self.panels[name] = Panel(
            self._views[name](lang=lang, currency=self._currency),
            lang=lang,
            currency=self._currency,
            folder=self._folder,
            course=self._courses[name],
            narrow=self._narrow.value,
        )
        self._tabs.children[at].children = [panel.box]

    def _draw(self, _change=None) -> None:
        """Draw for a telephone, or not."""
        for panel in self.panels.values():
            panel.draw_narrow(self._narrow.value)

    def _repr_mimebundle_(self, **options):
        """In a notebook the room shows itself."""
        return self.box._repr_mimebundle_(**options)

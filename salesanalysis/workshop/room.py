"""All tables of a workshop on one page, in any of the languages."""

import html
from collections.abc import Callable, Sequence
from pathlib import Path

from salesanalysis.text import LANGUAGES, require_language, sentence
from salesanalysis.workshop.panel import Panel, View

#: All pictures have one shape, so that nothing jumps when the next one comes.
_STYLE = """<style>
.sa-room { max-width: 1300px; margin: 0 auto; padding: 0 8px; }
.sa-room h1 { font-size: 28px; margin: 8px 0 0; }
.sa-room .lm-TabBar-tab { font-size: 16px; flex: 0 1 auto !important; padding: 4px 14px; }
.sa-panel .widget-vbox, .sa-panel .widget-html { overflow: visible; }
.sa-panel { gap: 8px 28px; padding: 8px 4px; }
.sa-panel .widget-inline-hbox { font-size: 15px; min-height: 36px; }
.sa-panel img { aspect-ratio: 84 / 47; }
.sa-said { font-size: 17px; line-height: 1.45; margin: 6px 0; border-left: 3px solid #0072b2;
  padding-left: 12px; }
.sa-refused { font-size: 15px; border-left: 3px solid #bf4f00; padding-left: 12px; }
.sa-saved pre { background: #f4f6f8; padding: 8px; white-space: pre-wrap; word-break: break-all; }
</style>"""


class Room:
    """A page of panels, one for each view, with a switch for the language.

    Parameters
    ----------
    views : list of callables
        Each makes a view in the language and currency it is given, ``lang`` and ``currency``.
    lang : str
        The language to begin with.
    currency : str
        The code of all amounts; without one they have no sign.
    folder : str or Path
        Where scenarios are saved.
    """

    def __init__(
        self,
        views: Sequence[Callable[..., View]],
        *,
        lang: str = "en",
        currency: str = "",
        folder: str | Path = "out/scenarios",
    ):
        import ipywidgets as widgets

        self._views, self._folder, self._currency = list(views), Path(folder), currency
        self._language = widgets.ToggleButtons(
            options=[(language.name, lang) for lang, language in LANGUAGES.items()],
            value=require_language(lang),
            style={"button_width": "80px"},
        )
        self._title = widgets.HTML()
        self._tabs = widgets.Tab()
        self.panels: list[Panel] = []
        self._language.observe(self._speak, "value")
        self._speak()
        head = widgets.HBox(
            [self._title, self._language],
            layout={"justify_content": "space-between", "flex_flow": "row wrap"},
        )
        self.box = widgets.VBox([widgets.HTML(_STYLE), head, self._tabs])
        self.box.add_class("sa-room")

    def _speak(self, _change=None) -> None:
        """Make all panels anew in the language that is chosen."""
        lang = self._language.value
        at = self._tabs.selected_index or 0
        self.panels = [
            Panel(view(lang=lang, currency=self._currency), lang=lang, folder=self._folder)
            for view in self._views
        ]
        title = html.escape(sentence("workshop.title", lang))
        self._title.value = f"<h1>{title}</h1><p>{html.escape(sentence('workshop.how', lang))}</p>"
        self._tabs.children = [panel.box for panel in self.panels]
        self._tabs.titles = [
            sentence(f"workshop.{panel.view.name}.title", lang) for panel in self.panels
        ]
        self._tabs.selected_index = min(at, len(self.panels) - 1) if self.panels else None

    def _repr_mimebundle_(self, **options):
        """In a notebook the room shows itself."""
        return self.box._repr_mimebundle_(**options)

"""A forecast to turn: what becomes of the must-win deals."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from salesanalysis import forecast, plots
from salesanalysis.text import distinct_names, sentence
from salesanalysis.workshop.controls import Switches
from salesanalysis.workshop.look import Look
from salesanalysis.workshop.scenario import Scenario

#: So many must-win deals, the largest first, have a switch.
MOST_DEALS = 8


class ForecastView:
    """Where the period will land, had the must-win deals the fate that the room gives them.

    Parameters
    ----------
    landing : salesanalysis.forecast.Forecast
        The forecast of the report, all on the same draws.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    currency : str
        The code of all amounts; without one they have no sign.
    names : Mapping of opportunity_id to str
        What deals are called, such as their accounts; one that has no name keeps its id.
    """

    name = "forecast"
    better = {"likely": 1, "p_target": 1, "gap_amount": 1, "coverage": 1}

    def __init__(
        self,
        landing: forecast.Forecast,
        *,
        parameters: Mapping,
        lang: str,
        currency: str = "",
        names: Mapping[str, str] = MappingProxyType({}),
    ):
        self._landing, self._kept = landing, dict(parameters)
        self._lang, self._currency = lang, currency
        calendar, every = landing.calendar, landing.deals["period"].unique()
        inside = [name for name in every if calendar.lies_in(name, landing.period)]
        # Won is won by the end of the period, whichever of its months that is.
        self._won_in = max(inside, key=calendar.bounds_of, default=landing.period)
        deals = landing.must_win().head(MOST_DEALS)
        known = {deal: names[deal] for deal in deals["opportunity_id"] if deal in names}
        called = distinct_names(known)
        items = []
        for deal, amount in zip(deals["opportunity_id"], deals["amount"], strict=True):
            said = {"deal": called.get(deal, deal), "amount": amount}
            items.append((deal, sentence("workshop.forecast.deal", lang, currency, **said)))
        self.controls = (Switches("must_win", tuple(items)),)

    def look(self, state: Mapping) -> Look:
        """The fan of the period, and the chance of its target."""
        fate = state["must_win"]
        win = {deal: self._won_in for deal, said in fate.items() if said == "yes"}
        lose = [deal for deal, said in fate.items() if said == "no"]
        changed = self._landing.what_if(win=win, lose=lose)
        path, goals = changed.path(), changed.against_targets()

        def draw(ax):
            plots.forecast.path(path, goals, lang=self._lang, currency=self._currency, ax=ax)

        figures = {figure.name: figure for figure in forecast.key_figures(changed)}
        shown = [name for name in self.better if figures[name].value == figures[name].value]
        return Look(
            draw,
            [figures[name] for name in shown],
            partial(forecast.scenario_lead, forecast=changed, before=self._landing),
            [sentence("workshop.forecast.say.draws", self._lang)],
        )

    def scenario(self, state: Mapping, name: str) -> Scenario:
        """The report on the forecast, on the same draws and with the same fate of the deals."""
        decided = {
            deal: self._won_in if said == "yes" else "" for deal, said in state["must_win"].items()
        }
        chosen = {"scenario": name, "decided": decided}
        return Scenario(self.name, {**self._kept, **chosen, "lang": self._lang})

"""A forecast to turn: what becomes of the must-win deals."""

from collections.abc import Mapping

from salesanalysis import plots
from salesanalysis.forecast import Forecast
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Switches
from salesanalysis.workshop.panel import Look
from salesanalysis.workshop.scenario import Scenario

#: So many must-win deals, the largest first, have a switch.
MOST_DEALS = 8


class ForecastView:
    """Where the period will land, had the must-win deals the fate that the room gives them.

    Parameters
    ----------
    forecast : salesanalysis.forecast.Forecast
        The forecast, all on the same draws.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    currency : str
        The code of all amounts; without one they have no sign.
    """

    name = "forecast"

    def __init__(self, forecast: Forecast, *, parameters: Mapping, lang: str, currency: str = ""):
        self._forecast, self._kept = forecast, dict(parameters)
        self._lang, self._currency = lang, currency
        calendar, every = forecast.calendar, forecast.deals["period"].unique()
        inside = [name for name in every if calendar.lies_in(name, forecast.period)]
        # Won is won by the end of the period, whichever of its months that is.
        self._won_in = max(inside, key=calendar.bounds_of, default=forecast.period)
        self._before = forecast.against_targets().iloc[0]
        deals = forecast.must_win().head(MOST_DEALS)
        items = [
            (
                row.opportunity_id,
                sentence("workshop.forecast.deal", lang, currency, **row._asdict()),
            )
            for row in deals.itertuples(index=False)
        ]
        self.controls = (Switches("must_win", tuple(items)),)

    def look(self, state: Mapping) -> Look:
        """The fan of the period, and the chance of its target."""
        fate = state["must_win"]
        win = {deal: self._won_in for deal, said in fate.items() if said == "yes"}
        lose = [deal for deal, said in fate.items() if said == "no"]
        changed = self._forecast.what_if(win=win, lose=lose)
        goals = changed.against_targets()
        facts = goals.iloc[0].to_dict()
        facts |= {f"{name}_now": self._before[name] for name in ("q50", "p_target")}
        said = ["lands", "target"] if facts["target"] > 0 else ["lands"]
        words = [
            sentence(f"workshop.forecast.say.{key}", self._lang, self._currency, **facts)
            for key in said
        ]
        path = changed.path()

        def draw(ax):
            plots.forecast.path(path, goals, lang=self._lang, currency=self._currency, ax=ax)

        return Look(draw, words)

    def scenario(self, state: Mapping) -> Scenario:
        """The report on the forecast, with the fate of the deals as overrides, each with reason."""
        reason = sentence("workshop.forecast.reason", self._lang)
        won = {"probability": 1.0, "period": self._won_in, "reason": reason}
        lost = {"probability": 0.0, "reason": reason}
        overrides = [
            {"opportunity_id": deal, **(won if said == "yes" else lost)}
            for deal, said in state["must_win"].items()
        ]
        return Scenario(self.name, {**self._kept, "overrides": overrides, "lang": self._lang})

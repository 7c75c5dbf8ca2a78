"""A forecast to turn: what becomes of the must-win deals, and a deal that would be added."""

from collections.abc import Mapping

from salesanalysis import plots
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Slider, Switches
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
    """

    name = "forecast"

    def __init__(self, forecast, *, parameters: Mapping | None = None, lang: str = "en"):
        self._forecast, self._lang = forecast, lang
        self._kept = dict(parameters or {})
        deals = forecast.must_win().head(MOST_DEALS)
        self._deals = deals["opportunity_id"].tolist()
        labels = [
            sentence("workshop.forecast.deal", lang, deal=row.opportunity_id, amount=row.amount)
            for row in deals.itertuples()
        ]
        table = forecast.against_targets()
        self._target = float(table["target"].iloc[0])
        largest = max(float(forecast.summary(by=[])["mean"].iloc[0]), 1.0)
        self.controls = (
            Switches("must_win", tuple(zip(self._deals, labels, strict=True))),
            Slider(
                "added",
                0.0,
                round(largest / 2, -3) or 1.0,
                max(round(largest / 200, -2), 1.0),
                0.0,
                "count",
            ),  # fmt: skip
            Slider("chance", 0.0, 1.0, 0.05, 0.5, "share"),
        )

    def _changed(self, state: Mapping):
        fate = state["must_win"]
        win = [deal for deal, said in fate.items() if said == "yes"]
        lose = [deal for deal, said in fate.items() if said == "no"]
        add = None
        if state["added"]:
            import pandas as pd

            add = pd.DataFrame({"amount": [state["added"]], "probability": [state["chance"]]})
        return self._forecast.what_if(win=win, lose=lose, add=add)

    def look(self, state: Mapping) -> Look:
        """The fan of the period, and the chance of its target."""
        changed = self._changed(state)
        before, after = self._forecast.within().total().values, changed.within().total().values
        facts = {
            "low": float(_quantile(after, 0.1)),
            "high": float(_quantile(after, 0.9)),
            "mean": float(after.mean()),
            "more": float(after.mean() - before.mean()),
            "target": self._target,
            "chance": float((after >= self._target).mean()),
            "before": float((before >= self._target).mean()),
        }
        said = ["lands", "target"] if self._target > 0 else ["lands"]
        words = [sentence(f"workshop.forecast.say.{key}", self._lang, **facts) for key in said]
        path, goals = changed.path(), changed.against_targets() if self._target > 0 else None

        def draw(ax):
            plots.forecast.path(path, goals, lang=self._lang, ax=ax)

        return Look(draw, words)

    def scenario(self, state: Mapping) -> Scenario:
        """The report on the forecast, with the fate of the deals as overrides, each with reason."""
        reason = sentence("workshop.forecast.reason", self._lang)
        overrides = [
            {"opportunity_id": deal, "probability": 1.0 if said == "yes" else 0.0, "reason": reason}
            for deal, said in state["must_win"].items()
        ]
        return Scenario(self.name, {**self._kept, "overrides": overrides, "lang": self._lang})


def _quantile(values, share: float) -> float:
    import numpy as np

    return np.quantile(values, share)

"""A funnel to turn: how many deals come in, how many get through each stage, how fast."""

from collections.abc import Mapping

import pandas as pd

from salesanalysis import funnel, plots
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Slider
from salesanalysis.workshop.panel import Look
from salesanalysis.workshop.scenario import Scenario

_AIM, _DAYS = "aim: ", "days: "


class FunnelView:
    """Deals through each stage now and as aimed at, and what that brings a month.

    Parameters
    ----------
    conversion : DataFrame
        As from :func:`salesanalysis.funnel.conversion`, without a split.
    flow : DataFrame
        As from :func:`salesanalysis.funnel.deal_flow`.
    days : DataFrame
        As from :func:`salesanalysis.funnel.won_days`.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    currency : str
        The code of all amounts; without one they have no sign.
    """

    name = "funnel"

    def __init__(
        self,
        conversion: pd.DataFrame,
        flow: pd.DataFrame,
        days: pd.DataFrame,
        *,
        parameters: Mapping,
        lang: str,
        currency: str = "",
    ):
        self._conversion, self._flow, self._days = conversion, flow, days
        self._kept, self._lang, self._currency = dict(parameters), lang, currency
        new = round(flow["new_deals"].iloc[0])
        known = days.dropna(subset="mean_days")
        self.controls = (
            Slider("new_deals", 0.0, 3 * new + 1, 1.0, new, "count"),
            *(
                Slider(f"{_AIM}{row.stage}", 0.0, 1.0, 0.01, round(row.rate, 2), "share")
                for row in funnel.aimed(conversion).itertuples()
            ),
            # Where nothing was won yet, nobody knows how long it takes.
            *(
                Slider(f"{_DAYS}{stage}", 0.0, 2 * now + 10, 1.0, now, "count")
                for stage, now in zip(known["stage"], known["mean_days"].round(), strict=True)
            ),
        )

    def _turned(self, state: Mapping) -> dict:
        """The controls that are not where they began; the rest stays exactly as it is."""
        begun = {control.name: control.value for control in self.controls}
        return {name: value for name, value in state.items() if abs(value - begun[name]) > 1e-9}

    def _aims(self, state: Mapping, family: str) -> dict[str, float]:
        """What is aimed at by stage, as the sliders of a family say."""
        turned = self._turned(state).items()
        return {n.removeprefix(family): round(v, 4) for n, v in turned if n.startswith(family)}

    def look(self, state: Mapping) -> Look:
        """The bars of the stages, won deals and money a month, and how long a deal takes."""
        aims = self._aims(state, _AIM)
        days = funnel.aimed_days(self._days, self._aims(state, _DAYS))
        new = self._turned(state).get("new_deals")
        outcomes = funnel.aim_outcomes(self._conversion, self._flow, aims, new_deals=new, days=days)
        now, then = outcomes.to_dict("records")
        facts = {f"{name}_now": value for name, value in now.items()} | then
        needs = {"won": "won", "amount": "won_amount", "cycle": "cycle_days"}
        said = [key for key, fact in needs.items() if pd.notna(then[fact])]
        steps = funnel.aimed(
            self._conversion, aims, new_deals=now["new_deals"], new_deals_aimed=then["new_deals"]
        )

        def draw(ax):
            plots.funnel.aimed(steps, days=days, lang=self._lang, ax=ax)

        words = [
            sentence(f"workshop.funnel.say.{key}", self._lang, self._currency, **facts)
            for key in said
        ]
        return Look(draw, words)

    def scenario(self, state: Mapping) -> Scenario:
        """The report on the funnel, with the room's aims held against what is."""
        aims, days = (self._aims(state, family) for family in (_AIM, _DAYS))
        chosen = {"aims": aims, "stage_days_aimed": days}
        if "new_deals" in self._turned(state):
            chosen["new_deals_aimed"] = state["new_deals"]
        return Scenario(self.name, {**self._kept, **chosen, "lang": self._lang})

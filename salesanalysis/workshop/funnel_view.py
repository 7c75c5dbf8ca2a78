"""A funnel to turn: how many deals come in, how many get through each stage, how fast."""

from collections.abc import Mapping
from functools import partial

import pandas as pd

from salesanalysis import funnel, plots
from salesanalysis.findings import KeyFigure
from salesanalysis.processes import Process, stage_names
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Slider
from salesanalysis.workshop.look import Look
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
    process : Process
        The stages, for their names.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    currency : str
        The code of all amounts; without one they have no sign.
    """

    name = "funnel"
    better = {"won_a_month": 1, "won_amount": 1, "cycle_days": -1}

    def __init__(
        self,
        conversion: pd.DataFrame,
        flow: pd.DataFrame,
        days: pd.DataFrame,
        *,
        process: Process,
        parameters: Mapping,
        lang: str,
        currency: str = "",
    ):
        self._conversion, self._flow, self._days = conversion, flow, days
        self._kept, self._lang = dict(parameters), lang
        self._called = stage_names(process, lang=lang)
        new = flow["new_deals"].iloc[0]
        # Where nothing was won yet, nobody knows how long it takes.
        known = days.dropna(subset="mean_days")
        self.controls = (
            *(
                Slider(f"{_AIM}{row.stage}", 0.0, 1.0, 0.01, row.rate, "share", self._call(row))
                for row in funnel.aimed(conversion).itertuples()
            ),
            *(
                Slider(
                    f"{_DAYS}{row.stage}", 0.0, 2 * round(row.mean_days) + 10, 1.0, row.mean_days,
                    "days", self._call(row),
                )
                for row in known.itertuples()
            ),
            Slider("new_deals", 0.0, 3 * round(new) + 1, 1.0, new, "count"),
        )  # fmt: skip

    def _call(self, row) -> str:
        return self._called.get(row.stage, str(row.stage))

    def _turned(self, state: Mapping) -> dict:
        """The controls that are not where they began; the rest stays exactly as it is."""
        begun = {control.name: control.value for control in self.controls}
        return {name: value for name, value in state.items() if value != begun[name]}

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
        steps = funnel.aimed(
            self._conversion, aims, new_deals=now["new_deals"], new_deals_aimed=then["new_deals"]
        )
        steps = steps.assign(stage=[self._call(row) for row in steps.itertuples()])

        def draw(ax):
            plots.funnel.aimed(steps, lang=self._lang, ax=ax)

        shown = {"won_a_month": "won"}
        shown |= {name: name for name in ("won_amount", "cycle_days", "in_progress")}
        return Look(
            draw,
            [KeyFigure(one, then[of]) for one, of in shown.items() if pd.notna(then[of])],
            partial(funnel.scenario_lead, outcomes=outcomes),
            [sentence("workshop.funnel.say.arithmetic", self._lang)],
        )

    def scenario(self, state: Mapping, name: str) -> Scenario:
        """The report on the funnel, with the room's aims held against what is."""
        aims, days = (self._aims(state, family) for family in (_AIM, _DAYS))
        chosen = {"scenario": name, "aims": aims, "stage_days_aimed": days}
        if "new_deals" in self._turned(state):
            chosen["new_deals_aimed"] = state["new_deals"]
        return Scenario(self.name, {**self._kept, **chosen, "lang": self._lang})

"""The forgetting curve to turn: half-life, what a refresher does, and how often there is one."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from salesanalysis import forgetting, plots, text
from salesanalysis.findings import KeyFigure
from salesanalysis.workshop.controls import Choice, Slider
from salesanalysis.workshop.look import Look
from salesanalysis.workshop.scenario import Scenario

#: Refreshers when the target asks for one, and a given number placed in the usual ways.
WAYS = ("target", "equal", "expanding", "optimal", "massed")

_REFRESHERS = 4


class ForgettingView:
    """What is known over time with the refreshers that the controls stand for, and without any.

    Parameters
    ----------
    curve : ForgettingCurve
        What the report plans with: as the tests say, or as the trade has it.
    effect : ReinforcementEffect
        What a refresher does, by the tests.
    each : RefresherCost
        What one refresher takes; its hours are where their slider begins.
    target, horizon_weeks : float
        Of the plan of the report; the share that must always be known, and for how long.
    untold : bool
        Whether the curve is the trade's, because the tests do not tell one.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    currency : str
        The code of all amounts; without one they have no sign.
    """

    name = "forgetting"
    better = {"refreshers": -1, "cost": -1, "person_hours": -1, "min_retention": 1}

    def __init__(
        self,
        *,
        curve: forgetting.ForgettingCurve,
        effect: forgetting.ReinforcementEffect,
        each: forgetting.RefresherCost,
        target: float,
        horizon_weeks: float,
        untold: bool = False,
        parameters: Mapping,
        lang: str,
        currency: str = "",
    ):
        self._curve, self._effect, self._each = curve, effect, each
        self._untold = untold
        self._horizon, self._kept, self._lang = horizon_weeks, dict(parameters), lang
        lengthens = effect.planned_for(target)["effect"]
        self.controls = (
            Slider("half_life", 0.5, 30.0, 0.1, curve.half_life, "weeks"),
            Slider("effect", 1.0, 4.0, 0.05, lengthens),
            Slider("target", 0.3, 0.95, 0.01, target, "share"),
            Choice("way", WAYS, "target"),
            Slider("refreshers", 0, 24, 1, _REFRESHERS, "count"),
            Slider("hours", 0.25, 8.0, 0.25, each.hours),
        )
        self._begun = {control.name: control.value for control in self.controls}
        self._before = self._plan(self._begun)

    def _plan(self, state: Mapping, spacing: str = "") -> forgetting.Schedule:
        """The refreshers that a state stands for, or those of another spacing."""
        curve, lengthens = self._curve, self._effect.planned_for(state["target"])
        if state["half_life"] != self._begun["half_life"]:
            curve = forgetting.known_curve(half_life=state["half_life"], time_unit="weeks")
        if state["effect"] != self._begun["effect"]:
            lengthens = lengthens | {"effect": state["effect"]}
        return forgetting.spaced_schedule(
            curve,
            spacing=spacing or state["way"],
            refreshers=int(state["refreshers"]),
            target=state["target"],
            horizon_weeks=self._horizon,
            each=replace(self._each, hours=state["hours"]),
            **lengthens,
        )

    def look(self, state: Mapping) -> Look:
        """The saw-tooth of retention, and what it costs."""
        plan, never = self._plan(state), self._plan(state, "none")

        def draw(ax):
            smooth = never.path(steps=200)
            plots.forgetting.schedule_path(plan.path(), smooth, lang=self._lang, ax=ax)

        takes = "person_hours" if math.isnan(plan.cost) else "cost"
        figures = [
            KeyFigure("refreshers", len(plan.refreshers)),
            *(KeyFigure(name, getattr(plan, name)) for name in (takes, "min_retention")),
            KeyFigure("half_life_weeks", state["half_life"]),
        ]
        answer = partial(forgetting.scenario_lead, planned=plan, before=self._before)
        # The target itself says how many it takes.
        idle = ["refreshers"] if state["way"] == "target" else []
        return Look(draw, figures, answer, self._assumed(state), idle)

    def _assumed(self, state: Mapping) -> list[str]:
        """What does not come from the tests, where the report would plan nothing for that."""
        said = []
        if self._untold:
            trade = {"half_life_weeks": self._begun["half_life"]}
            said.append(text.sentence("workshop.forgetting.say.untold", self._lang, **trade))
        if forgetting.effect_caveats(self._effect, target=state["target"]):
            brought = {"restored": self._effect.restored, "target": state["target"]}
            said.append(text.sentence("workshop.forgetting.say.in_vain", self._lang, **brought))
        return said

    def scenario(self, state: Mapping, name: str) -> Scenario:
        """The report on forgetting, planned with the room's curve and refreshers."""
        chosen = {
            "scenario": name,
            "target": round(state["target"], 3),
            "hours": round(state["hours"], 3),
            "spacing": state["way"],
            "refreshers_planned": int(state["refreshers"]),
            "scenario_from": {
                "target": self._begun["target"],
                "hours": self._begun["hours"],
                "spacing": self._begun["way"],
            },
        }
        for control in ("half_life", "effect"):
            own = control == "half_life" and self._untold  # the tests have none to plan by
            if own or state[control] != self._begun[control]:
                chosen[f"{control}_planned"] = round(state[control], 3)
        return Scenario(self.name, {**self._kept, **chosen, "lang": self._lang})

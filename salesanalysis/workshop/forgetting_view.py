"""The forgetting curve to turn: half-life, what a refresher does, and how often there is one."""

import math
from collections.abc import Mapping
from dataclasses import replace

from salesanalysis import forgetting, plots
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Choice, Slider
from salesanalysis.workshop.panel import Look
from salesanalysis.workshop.scenario import Scenario

#: Refreshers when the target asks for one, and a given number placed in the usual ways.
WAYS = ("target", "equal", "expanding", "optimal", "massed")


class ForgettingView:
    """What is known over time with the refreshers that the controls stand for, and without any.

    Parameters
    ----------
    half_life_weeks, effect : float
        Where the sliders begin: as the tests say, or as the trade has it.
    each : RefresherCost
        What one refresher takes; its hours are where their slider begins.
    settings : Mapping
        What the plan of the report is made with and no control changes: ``horizon_weeks`` and
        ``restores``.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    currency : str
        The code of all amounts; without one they have no sign.
    """

    name = "forgetting"

    def __init__(
        self,
        *,
        half_life_weeks: float,
        effect: float,
        each: forgetting.RefresherCost,
        settings: Mapping,
        parameters: Mapping,
        lang: str,
        currency: str = "",
    ):
        self._each, self._settings = each, dict(settings)
        self._kept, self._lang, self._currency = dict(parameters), lang, currency
        self.controls = (
            Slider("half_life", 0.5, 30.0, 0.1, round(half_life_weeks, 1)),
            Slider("effect", 1.0, 4.0, 0.05, round(effect, 2)),
            Slider("target", 0.3, 0.95, 0.01, 0.8, "share"),
            Choice("way", WAYS, "target"),
            Slider("refreshers", 0, 24, 1, 4, "count"),
            Slider("hours", 0.25, 8.0, 0.25, each.hours),
        )

    def look(self, state: Mapping) -> Look:
        """The saw-tooth of retention, and what it costs."""
        curve = forgetting.known_curve(half_life=state["half_life"], time_unit="weeks")
        settings = self._settings | {name: state[name] for name in ("target", "effect")}
        settings["each"] = replace(self._each, hours=state["hours"])
        plan = forgetting.spaced_schedule(
            curve, spacing=state["way"], refreshers=int(state["refreshers"]), **settings
        )
        never = forgetting.spaced_schedule(curve, spacing="none", **settings)

        def draw(ax):
            smooth = never.path(steps=200)
            plots.forgetting.schedule_path(plan.path(), smooth, lang=self._lang, ax=ax)

        facts = {
            "refreshers": len(plan.refreshers),
            "least": plan.min_retention,
            "under": plan.under_target_share,
            "without": never.end_retention,
            "weeks": plan.horizon_weeks,
            "hours": plan.person_hours,
            "cost": plan.cost,
        }
        said = ["plan", "hours" if math.isnan(plan.cost) else "cost"]
        words = [
            sentence(f"workshop.forgetting.say.{key}", self._lang, self._currency, **facts)
            for key in said
        ]
        # The target itself says how many it takes.
        return Look(draw, words, idle=["refreshers"] if state["way"] == "target" else [])

    def scenario(self, state: Mapping) -> Scenario:
        """The report on forgetting, planned with the room's curve and refreshers."""
        chosen = {
            "half_life_planned": round(state["half_life"], 3),
            "effect_planned": round(state["effect"], 3),
            "target": round(state["target"], 3),
            "hours": round(state["hours"], 3),
            "spacing": state["way"],
            "refreshers_planned": int(state["refreshers"]),
        }
        return Scenario(self.name, {**self._kept, **chosen, "lang": self._lang})

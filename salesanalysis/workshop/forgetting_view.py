"""The forgetting curve to turn: half-life, what a refresher does, and how often there is one."""

import math
from collections.abc import Mapping

from salesanalysis import forgetting, plots
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Choice, Slider
from salesanalysis.workshop.panel import Look
from salesanalysis.workshop.scenario import Scenario

#: Refreshers when the target asks for one, and a given number spaced in the usual ways.
WAYS = ("target", "equal", "expanding", "optimal", "massed")


class ForgettingView:
    """What is known over time with the refreshers that the controls stand for, and without any.

    Parameters
    ----------
    half_life_weeks, effect : float
        Where the sliders begin: as fitted to the data, or as the trade has it.
    parameters : Mapping
        Parameters of the report that stay as they are: its files, hours, people, rate.
    lang : str
    """

    name = "forgetting"

    def __init__(
        self,
        *,
        half_life_weeks: float = 5.1,
        effect: float = 1.5,
        people: int = 1,
        parameters: Mapping | None = None,
        lang: str = "en",
    ):
        self._people, self._lang = people, lang
        self._kept = dict(parameters or {})
        within = min(max(round(half_life_weeks, 1), 0.5), 30.0)
        self.controls = (
            Slider("half_life", 0.5, 30.0, 0.1, within),
            Slider("effect", 1.0, 4.0, 0.05, min(max(round(effect, 2), 1.0), 4.0)),
            Slider("target", 0.3, 0.95, 0.01, 0.8, "share"),
            Choice("way", WAYS, "target"),
            Slider("refreshers", 0, 24, 1, 4, "count"),
            Slider("hours", 0.25, 8.0, 0.25, float(self._kept.get("hours", 1.0))),
        )

    def _settings(self, state: Mapping) -> dict:
        return {
            "target": state["target"],
            "effect": state["effect"],
            "horizon_weeks": float(self._kept.get("horizon_weeks", 52.0)),
            "hours": state["hours"],
            "people": self._people,
            "rate": float(self._kept.get("rate") or math.nan),
        }

    def look(self, state: Mapping) -> Look:
        """The saw-tooth of retention, and what it costs."""
        curve = forgetting.known_curve(half_life=state["half_life"], time_unit="weeks")
        settings = self._settings(state)
        number = int(state["refreshers"])
        if state["way"] == "target":
            plan = forgetting.schedule(curve, **settings)
        else:
            plan = forgetting.spaced_schedule(
                curve, spacing=state["way"], refreshers=number, **settings
            )
        never = forgetting.spaced_schedule(curve, spacing="none", refreshers=0, **settings)

        def draw(ax):
            smooth = never.path(steps=200)
            plots.forgetting.schedule_path(plan.path(), smooth, lang=self._lang, ax=ax)

        facts = {
            "refreshers": len(plan.refreshers),
            "least": plan.min_retention,
            "under": plan.under_target_share,
            "without": never.end_retention,
            "weeks": settings["horizon_weeks"],
            "hours": plan.person_hours,
            "cost": plan.cost,
        }
        key = "plan" if math.isnan(settings["rate"]) else "plan_cost"
        return Look(draw, [sentence(f"workshop.forgetting.say.{key}", self._lang, **facts)])

    def scenario(self, state: Mapping) -> Scenario:
        """The report on forgetting, planned with the room's half-life, effect and target."""
        chosen = {
            "half_life_planned": round(state["half_life"], 3),
            "effect_planned": round(state["effect"], 3),
            "target": round(state["target"], 3),
            "hours": round(state["hours"], 3),
        }
        return Scenario(self.name, {**self._kept, **chosen, "lang": self._lang})

"""An incentive plan to turn: floor, stretch, rates, and how payees are taken to answer."""

from collections.abc import Mapping

import pandas as pd

from salesanalysis import incentive, plots
from salesanalysis.incentive import Plan, Response
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Choice, Slider
from salesanalysis.workshop.panel import Look
from salesanalysis.workshop.scenario import Scenario

#: The file of the plan that a saved scenario refers to.
PLAN_FILE = "incentive_plan.yml"


class IncentiveView:
    """What the plan pays, costs and leaves, on the payees' own attainment, beside the present one.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        ``payee_id, period, quota, sales``.
    present : Plan
        The plan in force, which the sales seen answer to.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    """

    name = "incentive"

    def __init__(
        self,
        attainment: pd.DataFrame,
        *,
        present: Plan,
        parameters: Mapping | None = None,
        lang: str = "en",
    ):
        self._rows, self._present, self._lang = attainment, present, lang
        self._kept = dict(parameters or {})
        floor, stretch = (present.floor.at if present.floor else 1.0), present.stretch or 1.2
        cliff = "yes" if present.floor and present.floor.cliff else "no"
        self.controls = (
            Slider("floor", 0.5, 1.5, 0.01, float(floor), "share"),
            Slider("over", 0.05, 1.0, 0.01, round(float(stretch / floor) - 1, 2), "share"),
            Slider("base_rate", 0.0, 0.15, 0.0025, 0.03, "rate"),
            Slider("excess_rate", 0.0, 0.25, 0.0025, 0.05, "rate"),
            Choice("cliff", ("no", "yes"), cliff),
            Choice("behaviour", ("none", "elastic", "reachable"), "none"),
            Slider("elasticity", 0.0, 0.5, 0.01, 0.1),
        )

    def plan(self, state: Mapping) -> Plan:
        """The plan that the controls stand for."""
        return incentive.read_plan(self._mapping(state))

    def _mapping(self, state: Mapping) -> dict:
        floor = round(state["floor"], 4)
        return {
            "name": sentence("workshop.incentive.plan", self._lang),
            "currency": self._present.currency,
            "thresholds": "quota",
            "method": "marginal",
            "tiers": [
                {"from": 0, "to": floor, "rate": round(state["base_rate"], 6)},
                {"from": floor, "rate": round(state["excess_rate"], 6)},
            ],
            "floor": {"at": floor, "cliff": state["cliff"] == "yes"},
            "stretch": round(floor * (1 + state["over"]), 4),
        }

    def look(self, state: Mapping) -> Look:
        """The payout curve, and what the plan costs and leaves."""
        plan = self.plan(state)
        response = Response(
            state["behaviour"], elasticity=state["elasticity"], lift=state["elasticity"]
        )
        outcomes = incentive.plan_outcomes(
            {"present": self._present, "chosen": plan},
            self._rows,
            current=self._present,
            behaviour=response,
            margin_rate=float(self._kept.get("margin_rate", 0.3)),
        ).set_index("plan")
        present, chosen = outcomes.loc["present"], outcomes.loc["chosen"]
        facts = {
            "cost": chosen["cost"],
            "cost_rate": chosen["cost_rate"],
            "more": chosen["cost"] - present["cost"],
            "gain": chosen["margin"] - present["margin"],
            "under": chosen["under_floor"],
            "between": chosen["between"],
            "over": chosen["over_stretch"],
        }
        curve = incentive.marginal_reward(plan, points=61)

        def draw(ax):
            plots.incentive.payout_curve(curve, lang=self._lang, ax=ax)

        said = ["cost", "reach"] + (["assumed"] if state["behaviour"] != "none" else ["no_answer"])
        return Look(
            draw, [sentence(f"workshop.incentive.say.{key}", self._lang, **facts) for key in said]
        )

    def scenario(self, state: Mapping) -> Scenario:
        """The report on incentives, with the room's plan and assumption."""
        import yaml

        self.plan(state)  # a plan that contradicts itself is refused here
        content = yaml.safe_dump(self._mapping(state), allow_unicode=True, sort_keys=False)
        chosen = {
            "plan": PLAN_FILE,
            "behaviour": state["behaviour"],
            "elasticity": round(state["elasticity"], 4),
            "lift": round(state["elasticity"], 4),
            "lang": self._lang,
        }
        return Scenario(self.name, {**self._kept, **chosen}, {PLAN_FILE: content})

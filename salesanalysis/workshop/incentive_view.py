"""An incentive plan to turn: floor, stretch, rates, and how payees are taken to answer."""

import dataclasses
from collections.abc import Mapping

import pandas as pd

from salesanalysis import incentive, lined_yaml, plots
from salesanalysis.incentive import Plan, Response
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Choice, Slider
from salesanalysis.workshop.panel import Look
from salesanalysis.workshop.scenario import Scenario

#: The file of the plan that a saved scenario refers to.
PLAN_FILE = "incentive_plan.yml"


class IncentiveView:
    """What a plan would pay, cost and leave, on the payees' own attainment, beside the present one.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        As from :func:`salesanalysis.incentive.relative_attainment`.
    present : Plan
        The plan in force, under which the sales were made.
    response : Response
        How payees answer, as the report has it; the controls change its kind and strength.
    margin_rate : float
        Margin of a sale before the payout, as a share of it.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    currency : str
        The code of all amounts; without one they have no sign.
    """

    name = "incentive"

    def __init__(
        self,
        attainment: pd.DataFrame,
        *,
        present: Plan,
        response: Response,
        margin_rate: float,
        parameters: Mapping,
        lang: str,
        currency: str = "",
    ):
        self._rows, self._present, self._response = attainment, present, response
        self._margin_rate, self._kept = margin_rate, dict(parameters)
        self._lang, self._currency = lang, currency
        levels = incentive.target_levels(present).to_dict()
        floor, over = levels["floor"], levels["stretch"] / levels["floor"] - 1
        tiers = [present.tiers[at] for at in (0, min(1, len(present.tiers) - 1), -1)]
        rates = [float(tier.rate or 0) for tier in tiers]
        cliff = "yes" if present.floor and present.floor.cliff else "no"
        self.controls = (
            Slider("floor", 0.5, 1.5, 0.01, round(floor, 2), "share"),
            Slider("over", 0.05, 1.0, 0.01, round(over, 2), "share"),
            *(
                Slider(name, 0.0, 0.25, 0.0025, round(rate, 4), "rate")
                for name, rate in zip(("base_rate", "excess_rate", "top_rate"), rates, strict=True)
            ),
            Choice("cliff", ("no", "yes"), cliff),
            Choice("behaviour", ("none", "elastic", "reachable"), "none"),
            Slider("elasticity", 0.01, 0.5, 0.01, round(response.elasticity, 2)),
        )

    def plan(self, state: Mapping) -> Plan:
        """The plan that the controls stand for."""
        return incentive.read_plan(self._mapping(state))

    def _mapping(self, state: Mapping) -> dict:
        floor = round(state["floor"], 4)
        stretch = round(floor * (1 + state["over"]), 4)
        base, excess, top = (round(state[f"{tier}_rate"], 6) for tier in ("base", "excess", "top"))
        return {
            "name": sentence("workshop.incentive.plan", self._lang),
            "currency": self._present.currency,
            "thresholds": "quota",
            "method": "marginal",
            "tiers": [
                {"from": 0, "to": floor, "rate": base},
                {"from": floor, "to": stretch, "rate": excess},
                {"from": stretch, "rate": top},
            ],
            "floor": {"at": floor, "cliff": state["cliff"] == "yes"},
            "stretch": stretch,
        }

    def look(self, state: Mapping) -> Look:
        """The payout curve, and what the plan costs and leaves."""
        plan, strength = self.plan(state), state["elasticity"]
        response = dataclasses.replace(
            self._response, kind=state["behaviour"], elasticity=strength, lift=strength
        )
        outcomes = incentive.plan_outcomes(
            {"present": self._present, "chosen": plan},
            self._rows,
            current=self._present,
            behaviour=response,
            margin_rate=self._margin_rate,
            draws=0,
        )
        now, facts = outcomes.to_dict("records")
        facts |= {f"{name}_now": value for name, value in now.items()}
        facts["quota"] = float(self._rows["quota"].median())
        curve, present = (
            incentive.marginal_reward(one, quota=facts["quota"], points=61)
            for one in (plan, self._present)
        )

        def draw(ax):
            looks = {"lang": self._lang, "currency": self._currency}
            plots.incentive.payout_curve(curve, present=present, ax=ax, **looks)

        said = ["cost", "reach", "picture", "assumed" if response.kind != "none" else "no_answer"]
        words = [
            sentence(f"workshop.incentive.say.{key}", self._lang, self._currency, **facts)
            for key in said
        ]
        return Look(draw, words, idle=["elasticity"] if response.kind == "none" else [])

    def scenario(self, state: Mapping) -> Scenario:
        """The report on incentives, with the room's plan held beside the present one."""
        content = lined_yaml.dumped(self._mapping(state))
        chosen = {
            "plan_considered": PLAN_FILE,
            "behaviour": state["behaviour"],
            "elasticity": round(state["elasticity"], 4),
            "lift": round(state["elasticity"], 4),
        }
        parameters = {**self._kept, **chosen, "lang": self._lang}
        return Scenario(self.name, parameters, {PLAN_FILE: content})

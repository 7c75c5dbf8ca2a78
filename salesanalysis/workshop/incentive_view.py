"""An incentive plan to turn: floor, stretch, rates, and how payees are taken to answer."""

import dataclasses
from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from salesanalysis import incentive, lined_yaml, plots
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import KeyFigure
from salesanalysis.incentive import Plan, Response
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Choice, Slider
from salesanalysis.workshop.look import Look
from salesanalysis.workshop.scenario import Scenario

#: What the plan beside a saved scenario is called, in the name of its file.
PLAN = "plan"


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
    seed : int
        Of the draws of the plan's cost.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    currency : str
        The code of all amounts; without one they have no sign.
    """

    name = "incentive"
    better = {"plan_cost": -1, "margin": 1, "floor_rate": 1, "stretch_rate": 1}

    def __init__(
        self,
        attainment: pd.DataFrame,
        *,
        present: Plan,
        response: Response,
        margin_rate: float,
        seed: int,
        parameters: Mapping,
        lang: str,
        currency: str = "",
    ):
        if incentive.has_components(present):
            raise SalesAnalysisError(
                "`present` has components, and the workshop turns one measure. Give it one of them,"
                " such as `plan.components[0].plan`, with the attainment of that component."
            )
        self._rows, self._present, self._response = attainment, present, response
        self._quota = float(attainment["quota"].median())
        self._how, self._kept = {"margin_rate": margin_rate, "seed": seed}, dict(parameters)
        self._lang, self._currency = lang, currency
        # The sliders begin where the plan's targets are, else at the quota and a fifth over it.
        levels = {"floor": 1.0, "stretch": np.nan} | incentive.target_levels(present).to_dict()
        floor, over = levels["floor"], levels["stretch"] / levels["floor"] - 1
        over = incentive.STRETCH_OVER_FLOOR[0] if np.isnan(over) else over
        tiers = [present.tiers[at] for at in (0, min(1, len(present.tiers) - 1), -1)]
        rates = [float(tier.rate or 0) for tier in tiers]
        cliff = "yes" if present.floor and present.floor.cliff else "no"
        self.controls = (
            Slider("floor", 0.5, 1.5, 0.01, floor, "share"),
            Slider("over", 0.05, 1.0, 0.01, over, "share"),
            *(
                Slider(name, 0.0, 0.25, 0.0025, rate, "rate")
                for name, rate in zip(("base_rate", "excess_rate", "top_rate"), rates, strict=True)
            ),
            Choice("cliff", ("no", "yes"), cliff),
            Choice("behaviour", ("none", "elastic", "reachable"), "none"),
            Slider("elasticity", 0.01, 0.5, 0.01, response.elasticity),
        )
        self._begun = {control.name: control.value for control in self.controls}
        same = incentive.read_plan(self._mapping(self._begun))
        paid = [self._curve(one)["payout"].to_numpy() for one in (present, same)]
        #: Whether the controls stand for all that the present plan pays for.
        self._is_whole = len(paid[0]) == len(paid[1]) and np.allclose(*paid)

    def plan(self, state: Mapping) -> Plan:
        """The plan that the controls stand for: the present one where none of it was turned."""
        if not self._is_turned(state):
            return self._present
        return incentive.read_plan(self._mapping(state))

    def _is_turned(self, state: Mapping) -> bool:
        """Whether the plan was turned, and not only what is assumed of payees."""
        turned = {name for name, value in state.items() if value != self._begun[name]}
        return not turned <= {"behaviour", "elasticity"}

    def _curve(self, plan: Plan) -> pd.DataFrame:
        """What a plan pays to a payee of the middle quota."""
        return incentive.marginal_reward(plan, quota=self._quota, points=61)

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
        change = incentive.plan_change(
            plan, self._rows, current=self._present, behaviour=response, **self._how
        )
        curve, present = self._curve(plan), self._curve(self._present)

        def draw(ax):
            looks = {"lang": self._lang, "currency": self._currency}
            plots.incentive.payout_curve(curve, present=present, ax=ax, **looks)

        then, said = change.iloc[1], ["no_answer" if response.kind == "none" else "assumed"]
        said += ["simplified"] if plan is not self._present and not self._is_whole else []
        return Look(
            draw,
            [KeyFigure(name, then[name]) for name in self.better if pd.notna(then[name])],
            partial(incentive.scenario_lead, change=change),
            [
                sentence(
                    "workshop.incentive.say.picture", self._lang, self._currency, quota=self._quota
                ),
                *(sentence(f"workshop.incentive.say.{key}", self._lang) for key in said),
            ],
            idle=["elasticity"] if response.kind == "none" else [],
        )

    def scenario(self, state: Mapping, name: str) -> Scenario:
        """The report on incentives, with the room's plan held beside the present one."""
        strength = round(state["elasticity"], 6)
        chosen = {"scenario": name, "behaviour": state["behaviour"]}
        chosen |= {"elasticity": strength, "lift": strength}
        files = {}
        if self._is_turned(state):
            chosen |= {"plan_considered": PLAN}
            files = {PLAN: lined_yaml.dumped(self._mapping(state))}
        return Scenario(self.name, {**self._kept, **chosen, "lang": self._lang}, files)

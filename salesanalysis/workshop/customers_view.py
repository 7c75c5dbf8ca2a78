"""The list of customers who leave, to turn: how much of it may be wrong."""

from collections.abc import Mapping
from functools import partial

from salesanalysis import customers, plots
from salesanalysis.findings import KeyFigure
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Slider
from salesanalysis.workshop.look import Look
from salesanalysis.workshop.scenario import Scenario


class CustomersView:
    """Who will hardly buy again, on a list that is wrong as often as the room puts up with.

    Parameters
    ----------
    chance : salesanalysis.customers.ReturnChance
        As in the report.
    false_share : float
        What share of its list may be wrong.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    currency : str
        The code of all amounts; without one they have no sign.
    """

    name = "customers"
    # A longer list is neither better nor worse: it is more work, more of it in vain.
    better: Mapping[str, int] = {}

    def __init__(
        self,
        chance: customers.ReturnChance,
        *,
        false_share: float,
        parameters: Mapping,
        lang: str,
        currency: str = "",
    ):
        self._chance, self._kept, self._lang = chance, dict(parameters), lang
        self._every = customers.alarm_budget(chance)
        self.controls = (Slider("false_share", 0.05, 0.5, 0.01, false_share, "share"),)

    def look(self, state: Mapping) -> Look:
        """How long the list is for each share, and the one that is chosen."""
        share = state["false_share"]
        budget = customers.alarm_budget(self._chance, budgets=[share])
        row = budget.iloc[0]

        def draw(ax):
            plots.customers.alarm_budget(self._every, share, lang=self._lang, ax=ax)

        figures = [KeyFigure("customers", row["customers"])]
        if row["customers"]:
            figures.append(KeyFigure("leaving_amount", row["amount_at_stake"]))
            figures.append(KeyFigure("false_share", row["false_share"]))
        return Look(
            draw,
            figures,
            partial(customers.scenario_lead, budget=budget),
            [sentence("workshop.customers.say.measured", self._lang)],
        )

    def scenario(self, state: Mapping, name: str) -> Scenario:
        """The report on customers with that share of its list wrong at most."""
        chosen = {"scenario": name, "false_share": state["false_share"]}
        return Scenario(self.name, {**self._kept, **chosen, "lang": self._lang})

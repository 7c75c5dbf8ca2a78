"""A funnel to turn: how many deals come in, how many get through each stage, how fast."""

from collections.abc import Mapping

import pandas as pd

from salesanalysis import funnel, plots
from salesanalysis.text import sentence
from salesanalysis.workshop.controls import Slider
from salesanalysis.workshop.panel import Look
from salesanalysis.workshop.scenario import Scenario

_AIM = "aim: "


class FunnelView:
    """Deals through each stage now and as aimed at, and what that brings a month.

    Parameters
    ----------
    conversion, days : DataFrame
        As from :func:`salesanalysis.funnel.conversion` and ``stage_days``, without a split.
    new_deals : float
        Deals that come in a month now.
    amount : float
        Mean amount of a won deal; missing where amounts are not known.
    parameters : Mapping
        Parameters of the report that stay as they are.
    lang : str
    """

    name = "funnel"

    def __init__(
        self,
        conversion: pd.DataFrame,
        days: pd.DataFrame,
        *,
        new_deals: float,
        amount: float,
        parameters: Mapping | None = None,
        lang: str = "en",
    ):
        self._conversion, self._amount, self._lang = conversion, amount, lang
        self._cycle = float(days["median_days"].replace(float("inf"), float("nan")).sum())
        self._new = new_deals
        self._kept = dict(parameters or {})
        self.controls = (
            Slider("new_deals", 0.0, max(4 * new_deals, 1.0), 1.0, round(new_deals), "count"),
            *(
                Slider(f"{_AIM}{row.stage}", 0.0, 1.0, 0.005, round(row.rate * 200) / 200, "share")
                for row in funnel.aimed(conversion).itertuples()
            ),
            Slider("speed", 0.5, 2.0, 0.05, 1.0, "share"),
        )

    def _aims(self, state: Mapping) -> dict[str, float]:
        """The stages whose slider was moved, with what it says."""
        begun = {control.name: control.value for control in self.controls}
        return {
            name.removeprefix(_AIM): value
            for name, value in state.items()
            if name.startswith(_AIM) and abs(value - begun[name]) > 1e-9
        }

    def look(self, state: Mapping) -> Look:
        """The bars of the stages, won deals and money a month, and how long a deal takes."""
        table = funnel.aimed(
            self._conversion,
            self._aims(state),
            new_deals=self._new,
            new_deals_aimed=state["new_deals"],
        )
        present, won = (float(table[name].iloc[-1]) for name in ("passed_now", "passed_aimed"))
        facts = {
            "present": present,
            "won": won,
            "amount": won * self._amount,
            "more": (won - present) * self._amount,
            "cycle": self._cycle,
            "days": self._cycle * state["speed"],
        }
        said = ["won", "amount", "cycle"] if self._amount == self._amount else ["won", "cycle"]
        words = [sentence(f"workshop.funnel.say.{key}", self._lang, **facts) for key in said]

        def draw(ax):
            plots.funnel.aimed(table, lang=self._lang, ax=ax)

        return Look(draw, words)

    def scenario(self, state: Mapping) -> Scenario:
        """The report on the funnel, with the room's aims held against what is."""
        aims = {stage: round(share, 4) for stage, share in self._aims(state).items()}
        return Scenario(self.name, {**self._kept, "aims": aims, "lang": self._lang})

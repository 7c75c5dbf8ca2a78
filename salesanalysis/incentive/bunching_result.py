"""What a bunching estimate found."""

from dataclasses import dataclass

import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.summarised import Summarised


@dataclass(frozen=True, eq=False, repr=False)
class Bunching(Summarised):
    """Excess mass at a threshold, as from :func:`bunching`.

    Attributes
    ----------
    kind, missing : str
        ``kink`` or ``notch``; at a notch, on which side payees are missing: ``above`` where they
        hold back, ``below`` where they pushed up.
    threshold, bin_width : float
        In the unit of the attainment given (a share of quota, or money).
    excluded_left, excluded_right : int
        Bins below and above the threshold's own that belong to the bunching region.
    payees : int
        Payee-periods in the window of bins; ``left_out`` those outside it.
    B : float
        Excess mass: payee-periods more than the counterfactual has in the bunching region.
    b : float
        The same in units of the counterfactual's height, so in *bin widths*.
    response, response_share : float
        ``b`` × bin width, in the unit of the attainment, and as a share of the threshold: how far
        the payee who moved farthest came from. At a notch with payees stuck in the dominated
        region, ``response_adjusted`` allows for these.
    elasticity : float
        Of attainment with respect to the share of the reward that is kept; missing without rates.
    missing_mass, dominated_to, stuck_share : float
        At a notch: payee-periods missing on the other side; the level up to which nobody should
        want to be; the share of the counterfactual there that is there nevertheless. Missing at a
        kink.
    counterfactual : DataFrame
        One row per bin: ``bin, level, level_low, level_high, count, counterfactual, excess, role``
        (``region`` or ``fit``).
    intervals : DataFrame
        One row per quantity: ``name, value, error, low, high`` from the bootstrap; empty without.
    refused : str
        Why there is no estimate, where :func:`plan_bunching` could make none.
    """

    kind: str
    missing: str
    threshold: float
    bin_width: float
    excluded_left: int
    excluded_right: int
    payees: int
    left_out: int
    B: float
    b: float
    response: float
    response_share: float
    response_adjusted: float
    elasticity: float
    missing_mass: float
    dominated_to: float
    stuck_share: float
    counterfactual: pd.DataFrame
    intervals: pd.DataFrame
    refused: str = ""

    @property
    def pull(self) -> str:
        """What payees are expected to do there: push ``up`` to it from below, or ``stop`` there."""
        return "up" if self.missing == "below" else "stop"

    def interval(self, name: str) -> tuple[float, float]:
        """Lower and upper limit of ``B``, ``b``, ``response_share``, … from the bootstrap."""
        rows = self.intervals.set_index("name")
        if name not in rows.index:
            raise SalesAnalysisError(
                f"There is no interval of `{name}`; there are {', '.join(rows.index) or 'none'}."
            )
        return float(rows.loc[name, "low"]), float(rows.loc[name, "high"])

    @property
    def verdict(self) -> str:
        """``bunching``, ``hole`` or ``not_shown`` by the interval of the excess, or ``too_few``."""
        if self.refused:
            return "too_few"
        if self.intervals.empty:
            return "not_shown"
        low, high = self.interval("B")
        return "bunching" if low > 0 else "hole" if high < 0 else "not_shown"

    def summary(self) -> pd.DataFrame:
        """One row per number: ``name, value, unit``; level units are those of the attainment."""
        rows = [
            ("threshold", self.threshold, "level"),
            ("bin_width", self.bin_width, "level"),
            ("payees", self.payees, "payee-periods"),
            ("B", self.B, "payee-periods"),
            ("b", self.b, "bin widths"),
            ("response", self.response, "level"),
            ("response_share", self.response_share, "share of the threshold"),
            ("response_adjusted", self.response_adjusted, "level"),
            ("elasticity", self.elasticity, "ratio"),
            ("missing_mass", self.missing_mass, "payee-periods"),
            ("dominated_to", self.dominated_to, "level"),
            ("stuck_share", self.stuck_share, "share"),
        ]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])

"""How bunching is looked for: bins, polynomial, region, correction."""

from dataclasses import dataclass

from salesanalysis.errors import SalesAnalysisError, require_choice, require_number

#: The share of the threshold that a bin is wide where nothing is said.
_BINS_TO_THRESHOLD = 50


@dataclass(frozen=True)
class BunchingSettings:
    """How payees are counted around a threshold, and what they are compared with.

    Parameters
    ----------
    bin_width : float, optional
        In the unit of the attainment; a fiftieth of the threshold where not given.
    bins_left, bins_right : int
        Bins are closed on the left and centred on the threshold; the window runs from bin
        −(``bins_left`` − 1) to bin ``bins_right`` − 1.
    degree : int
        Of the polynomial.
    excluded_left, excluded_right : int, optional
        Bins on either side of the threshold's own that belong to the bunching region (diffuse
        bunching); 0 where not given. On the side that payees left at a notch, the region ends where
        the missing mass equals the excess, unless it is given.
    round_numbers : sequence of float
        Levels whose multiples draw payees anyway; each gets an effect of its own. Of two, the
        multiples of the rounder one count for that one only.
    other_thresholds : sequence of float
        Other levels in the window with a mass of their own.
    correct : bool, "exact" or "shift"
        Those in excess came from beyond the threshold, so too few are seen there. True raises the
        counterfactual there in proportion until they fit in (the integration constraint), iterated
        until the excess falls by less than one payee; ``exact`` solves the same. ``shift``, for a
        kink, moves the bins beyond back up by the factor by which all there moved down: right for
        any elasticity, where raising is right for small ones. False does nothing.
    correct_beyond : str
        ``threshold`` or ``region``: what is raised.
    parametric : bool
        Elasticity from an isoelastic utility instead of the reduced form.

    Examples
    --------
    >>> BunchingSettings(bin_width=0.05, degree=3).bins_left
    20
    """

    bin_width: float | None = None
    bins_left: int = 20
    bins_right: int = 20
    degree: int = 4
    excluded_left: int | None = None
    excluded_right: int | None = None
    round_numbers: tuple[float, ...] = ()
    other_thresholds: tuple[float, ...] = ()
    correct: bool | str = True
    correct_beyond: str = "threshold"
    parametric: bool = False

    def __post_init__(self):
        require_choice("correct", self.correct, (True, False, "exact", "shift"))
        require_choice("correct_beyond", self.correct_beyond, ("threshold", "region"))
        if self.bin_width is not None:
            require_number("bin_width", self.bin_width, over=0)
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None:
                require_number(name, value, low=least, whole=True)
        left, right = self.region
        if left >= self.bins_left - 1 or right >= self.bins_right - 1:
            raise SalesAnalysisError(
                f"The bunching region ({left} bins below, {right} above) leaves"
                f" no bins on one side of a window of {self.bins_left} and {self.bins_right}."
            )

    @property
    def region(self) -> tuple[int, int]:
        """How many bins below and above that of the threshold are left out, as far as is given."""
        return self.excluded_left or 0, self.excluded_right or 0

    def width(self, threshold: float) -> float:
        """The width of the bins around a threshold."""
        given = self.bin_width
        return abs(threshold) / _BINS_TO_THRESHOLD if given is None else float(given)


_LEAST = {"bins_left": 2, "bins_right": 2, "degree": 0, "excluded_left": 0, "excluded_right": 0}

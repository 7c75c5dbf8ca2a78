"""The models that can be fitted: a function of time, and what a fit needs to know of it."""

from dataclasses import dataclass

import numpy as np

from salesanalysis.errors import require_choice
from salesanalysis.forgetting import functions
from salesanalysis.forgetting.functions import Clock, Function, Numbers, Theta


@dataclass(frozen=True)
class Coordinate:
    """One number that gives ``f`` its shape, by its kind, which sets its bounds and its grid.

    Kinds: ``rate`` (per unit of time, at least 0), ``odds`` (rate / (1 + rate)), ``exponent`` (of a
    power of time, at least 0), ``slope`` (fall per factor e of time), ``bend`` (0: exponential, 1:
    power), ``loss`` (−ln f at the longest time), ``logit`` (of retention there), ``steepness``,
    ``share``.
    """

    name: str
    kind: str


@dataclass(frozen=True)
class Model:
    """One model.

    Attributes
    ----------
    name : str
    reported : tuple of str
        Names of the parameters of the usual form.
    coordinates : tuple of Coordinate
        What the function's θ is made of.
    function : Function
    starts : bool
        Whether there is a finite retention at time 0.
    full_start : bool
        Whether retention at time 0 is 1 by definition.
    """

    name: str
    reported: tuple[str, ...]
    coordinates: tuple[Coordinate, ...]
    function: Function
    starts: bool = True
    full_start: bool = False

    @property
    def size(self) -> int:
        """How many parameters the usual form has."""
        return len(self.reported)

    def retention(self, t: Numbers, clock: Clock, params: Theta) -> np.ndarray:
        """``S · f(t)``, not cut off at 1; ``params`` are S and θ."""
        return params[0] * self.shape(t, clock, params[1:])

    def slopes(
        self, t: Numbers, clock: Clock, params: Theta
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """``S · f(t)`` and its derivatives by S and each of θ."""
        f, by_shape = self.function.shape(t, clock, params[1:])
        return params[0] * f, [f, *(params[0] * g for g in by_shape)]

    def shape(self, t: Numbers, clock: Clock, theta: Theta) -> np.ndarray:
        """``f(t)``."""
        return self.function.shape(t, clock, theta)[0]

    def report(self, clock: Clock, params: Theta) -> dict[str, np.ndarray]:
        """The parameters of the usual form."""
        return self.function.report(params[0], clock, params[1:])

    def start(self, clock: Clock, params: Theta) -> np.ndarray:
        """Retention at time 0; 1 where the function has no finite value there."""
        if not self.starts:
            return np.ones_like(params[0])
        return self.retention(np.zeros_like(params[0]), clock, params)

    def time_to(self, value: Numbers, clock: Clock, params: Theta) -> np.ndarray:
        """When retention has fallen to ``value``, in the user's unit; infinite where never."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            t = self.function.inverse(value / params[0], clock, params[1:])
        return np.where(params[0] > 0, np.maximum(t, 0.0) * clock.unit, np.nan)

    def half_life(self, clock: Clock, params: Theta) -> np.ndarray:
        """When retention is half of what it was at time 0 (half of 1 where it has no value)."""
        return self.time_to(self.start(clock, params) / 2, clock, params)


_RATE, _EXPONENT = Coordinate("b", "rate"), Coordinate("b", "exponent")
_LASTING = Coordinate("c", "share")
_BETA_PSI = (Coordinate("beta", "bend"), Coordinate("psi", "loss"))
_C_K = (Coordinate("c", "steepness"), Coordinate("k", "logit"))
_TWO = (Coordinate("b1", "rate"), Coordinate("b2", "rate"), Coordinate("a1", "share"))
_AB, _ABAB = ("a", "b"), ("a1", "b1", "a2", "b2")

MODELS = {
    model.name: model
    for model in (
        Model("exponential", _AB, (_RATE,), functions.EXPONENTIAL),
        Model("power", _AB, (_EXPONENT,), functions.POWER, starts=False),
        Model(
            *("logarithmic", _AB, (Coordinate("b", "slope"),), functions.LOGARITHMIC), starts=False
        ),
        Model("ebbinghaus", ("k", "c"), _C_K, functions.EBBINGHAUS, full_start=True),
        Model("wickelgren", ("beta", "psi"), _BETA_PSI, functions.WICKELGREN, full_start=True),
        Model("wickelgren_free", ("lambda", "beta", "psi"), _BETA_PSI, functions.WICKELGREN_FREE),
        Model("hyperbolic", _AB, (Coordinate("b", "odds"),), functions.HYPERBOLIC),
        Model("double_exponential", _ABAB, _TWO, functions.TWO_EXPONENTIALS),
        Model(
            *("exponential_asymptote", (*_AB, "c"), (_RATE, _LASTING)),
            functions.EXPONENTIAL_ASYMPTOTE,
        ),
        Model(
            *("power_asymptote", (*_AB, "c"), (_EXPONENT, _LASTING), functions.POWER_ASYMPTOTE),
            starts=False,
        ),
        Model(
            *("wickelgren_asymptote", ("beta", "psi", "c"), (*_BETA_PSI, _LASTING)),
            functions.WICKELGREN_ASYMPTOTE,
            full_start=True,
        ),
        Model(
            *("double_exponential_asymptote", (*_ABAB, "c"), (*_TWO, _LASTING)),
            functions.TWO_EXPONENTIALS_ASYMPTOTE,
        ),
    )
}

#: Other names by which the literature knows them.
_OTHER_NAMES = {"memory_chain": "double_exponential", "log": "logarithmic"}
_OTHER_NAMES |= {"ebbinghaus_1885": "ebbinghaus"}


def require_model(name) -> Model:
    """The model of that name, however it is written.

    Examples
    --------
    >>> require_model("power").reported
    ('a', 'b')
    >>> require_model("Memory chain").name
    'double_exponential'
    """
    written = str(name).strip().lower().replace(" ", "_").replace("-", "_")
    written = _OTHER_NAMES.get(written, written)
    require_choice("model", written, MODELS)
    return MODELS[written]

"""The forgetting curve of FSRS, the scheduler of flash-card programs."""

from salesanalysis.errors import SalesAnalysisError, require_choice, require_number
from salesanalysis.forgetting.curve import ForgettingCurve, known_curve

#: The exponent of each published version.
FSRS_DECAY = {"4": -1.0, "4.5": -0.5, "5": -0.5, "6": -0.1542}
#: What is still known after ``stability`` days, by the definition of stability.
_AT_STABILITY = 0.9


def fsrs_curve(
    stability_days: float, *, version: str = "4.5", decay: float | None = None
) -> ForgettingCurve:
    """The forgetting curve of FSRS: R(t) = (1 + f·t / stability)^decay, f = 0.9^(1/decay) − 1.

    Stability is the time until 90% is left. The curve is Wickelgren's power function that starts
    at 1. Nothing is rounded: days keep their fractions (flash-card programs round to whole days).

    Parameters
    ----------
    stability_days : float
        Days until what is known has fallen to 90%.
    version : str
        ``"4"``, ``"4.5"``, ``"5"`` or ``"6"``: the published exponents −1, −0.5, −0.5, −0.1542
        (the default parameter; version 6 fits it to the learner).
    decay : float, optional
        The exponent, below 0, where it is known from a fit of version 6.

    Returns
    -------
    ForgettingCurve
        In days, without intervals.

    Raises
    ------
    SalesAnalysisError
        ``stability_days`` or ``decay`` is out of its limits, or the version is unknown.

    References
    ----------
    Ye, J., Su, J., Cao, Y. (2022), KDD '22, 4381–4390; the curve as published by the
    open-spaced-repetition project, "The Algorithm", FSRS-4.5 to FSRS-6.

    Examples
    --------
    >>> curve = fsrs_curve(30)
    >>> float(curve.retention(30).round(12)), round(float(curve.time_to(0.8)), 6)
    (0.9, 71.940789)
    """
    if not 0 < stability_days < float("inf"):
        raise SalesAnalysisError(
            f"`stability_days` is {stability_days!r}; expected the days until 90% is left, over 0."
        )
    if decay is None:
        require_choice("version", str(version), FSRS_DECAY)
        decay = FSRS_DECAY[str(version)]
    require_number("decay", decay, under=0)
    factor = _AT_STABILITY ** (1 / decay) - 1
    parameters = {"beta": factor / stability_days, "psi": -decay}
    return known_curve("wickelgren", parameters=parameters, time_unit="days")

"""Fit one forgetting curve to scores, counts or loss times."""

from dataclasses import replace

import pandas as pd

from salesanalysis.errors import require_choice
from salesanalysis.forgetting.bootstrap import Bootstrap, drawn_again
from salesanalysis.forgetting.curve import ForgettingCurve, with_numbers
from salesanalysis.forgetting.models import require_model
from salesanalysis.forgetting.observations import observe
from salesanalysis.forgetting.problem import Problem, enough, no_curve, require_start
from salesanalysis.forgetting.time_units import require_unit
from salesanalysis.stats import require_level

INTERVALS = ("profile", "bootstrap", "none")


def fit(
    scores: pd.DataFrame,
    *,
    model: str = "exponential",
    time_unit: str | None = None,
    likelihood: str | None = None,
    guess: float | None = None,
    start: float | None = None,
    bounded: bool = False,
    interval: str = "profile",
    level: float = 0.95,
    bootstrap: Bootstrap = Bootstrap(),
) -> ForgettingCurve:
    """The curve of one model that fits the scores best, whatever their unit of time.

    The best of all curves, not the nearest to a starting value: the shape is searched on a grid
    that covers all that the times of the data can tell apart, the scale is solved for at each of
    its nodes, and the best nodes are followed downhill. Rows with a missing value are left out and
    counted.

    Models, with t in ``time_unit``, every parameter at least 0:

    ================================  ============================================================
    ``exponential``                   a·e^(−b·t)
    ``power``                         a·t^(−b), for t over 0
    ``logarithmic``                   a − b·ln t, for t over 0
    ``ebbinghaus``                    k / ((log10 t)^c + k), t in minutes whatever the unit (1885)
    ``wickelgren``                    (1 + β·t)^(−ψ), which is 1 at t = 0
    ``wickelgren_free``               λ·(1 + β·t)^(−ψ)
    ``hyperbolic``                    a / (1 + b·t)
    ``double_exponential``            a1·e^(−b1·t) + a2·e^(−b2·t): the sum of two stores, as in the
                                      memory chain model; b1 is the faster
    ``exponential_asymptote``         a·e^(−b·t) + c
    ``power_asymptote``               a·t^(−b) + c, for t over 0
    ``wickelgren_asymptote``          c + (1 − c)·(1 + β·t)^(−ψ), which is 1 at t = 0
    ``double_exponential_asymptote``  a1·e^(−b1·t) + a2·e^(−b2·t) + c
    ================================  ============================================================

    Parameters
    ----------
    scores : DataFrame, one row per score
        ``elapsed``, the time since training in ``time_unit``, and ``retention``, the share of the
        maximum score (savings, and scores corrected for guessing, may lie under 0). Or ``elapsed``,
        ``k`` right and ``n`` asked, for counts. Or, for loss times, ``known_until`` (the last test
        passed, 0 where none was) and ``lost_by`` (the first test failed, infinite where none was),
        with the number of such learners in ``count`` where it is not 1.
    model : str
        See above.
    time_unit : str
        ``seconds``, ``minutes``, ``hours``, ``days``, ``weeks``, ``months`` (a twelfth of 365.25
        days) or ``years``. There is no default.
    likelihood : str, optional
        ``least_squares`` on ``retention``, ``binomial`` on ``k`` and ``n``, or ``interval`` on loss
        times; where not given, the first of these that the columns allow.
    guess : float, optional
        Share right by guessing alone: a score is expected to be guess + (1 − guess)·R(t). Where not
        given, that of each row by the column ``guess``, if there is one; 0 where it is missing.
    start : float, optional
        Retention at time 0, held fixed (1: nothing was lost yet), for models that have one. Loss
        times always start at 1.
    bounded : bool
        Keep the curve within 0–1 from time 0 on (from the first observation on where it has no
        value at 0). Without it a least-squares curve may lie over 1, and a binomial one before the
        first observation; ``retention`` never shows more than 1.
    interval : str
        ``profile`` (likelihood), ``bootstrap`` (learners are drawn anew where ``learner_id`` names
        five or more, otherwise data are drawn from the fitted curve), or ``none``. Scores of the
        same learner are alike, which only the bootstrap takes into account.
    level : float
        Confidence level.
    bootstrap : Bootstrap
        How many draws, from which seed.

    Returns
    -------
    ForgettingCurve
        Look at ``status`` before you quote it.

    Raises
    ------
    SalesAnalysisError
        The unit is missing, a name is not known, scores lie over their maximum (percentages are
        asked about, not guessed), or times are negative or, for power and logarithm, zero.

    Notes
    -----
    Profile intervals of scores use the F quantile with n − k degrees of freedom, those of counts
    and loss times the chi-square. AIC counts the variance as a parameter.

    References
    ----------
    Ebbinghaus, H. (1885), Über das Gedächtnis. Wickelgren, W. A. (1974), Memory & Cognition 2,
    775–780. Rubin, D. C., Wenzel, A. E. (1996), Psychological Review 103, 734–760. Rubin, D. C.,
    Hinton, S., Wenzel, A. (1999), JEP: LMC 25, 1161–1176. Murre, J. M. J., Chessa, A. G., Meeter,
    M. (2013), Frontiers in Psychology 4, 76. Variable projection: Golub, G. H., Pereyra, V. (1973),
    SIAM J. Numer. Anal. 10, 413–432. Intervals: Venzon, D. J., Moolgavkar, S. H. (1988), Applied
    Statistics 37, 87–94; Bates, D. M., Watts, D. G. (1988), Nonlinear Regression Analysis, ch. 6.

    Examples
    --------
    Ebbinghaus's savings of 1885:

    >>> savings = pd.DataFrame({
    ...     "elapsed": [1200, 3600, 32400, 86400, 172800, 518400, 2678400],
    ...     "retention": [0.582, 0.442, 0.358, 0.337, 0.278, 0.254, 0.211]})
    >>> curve = fit(savings, model="power", time_unit="seconds")
    >>> curve.parameters.round(4)
      name   value     low    high  identified
    0    a  1.3976  1.0722  1.8191        True
    1    b  0.1303  0.1036  0.1581        True
    >>> round(curve.sse, 7), round(curve.aic, 2), round(curve.aicc, 2), curve.status
    (0.0028442, -28.79, -20.79, 'ok')
    """
    unit = require_unit(time_unit)
    form = require_model(model)
    require_choice("interval", interval, INTERVALS)
    require_level(level)
    seen = observe(scores, likelihood, guess, positive="" if form.starts else form.name)
    told, wanted = enough(form, seen, require_start(form, seen.likelihood, start))
    if told < wanted:
        return no_curve(form, unit, seen)
    problem = Problem.of(form, seen, unit, start=start, bounded=bounded)
    curve = problem.solved()
    if interval == "none" or curve.status in ("few_points", "all_zero"):
        return with_numbers(replace(curve, level=level))
    if interval == "bootstrap":
        spread = drawn_again(problem, curve.place, scores, bootstrap)
    else:
        spread = problem.region(curve)
    return with_numbers(replace(curve, level=level, interval=interval, spread=spread))

"""Which function of time describes the forgetting best, and whether the data can tell at all."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns, require_number
from salesanalysis.findings import Finding
from salesanalysis.forgetting.curve import with_numbers
from salesanalysis.forgetting.models import require_model
from salesanalysis.forgetting.observations import observe
from salesanalysis.forgetting.problem import Problem, enough, require_start
from salesanalysis.forgetting.time_units import require_unit

#: What is compared where nothing else is asked for.
USUAL_MODELS = (
    *("exponential", "power", "logarithmic", "ebbinghaus", "wickelgren", "hyperbolic"),
    *("exponential_asymptote", "power_asymptote", "double_exponential"),
    *("wickelgren_free", "wickelgren_asymptote"),
)
#: Statuses of fits that describe the data, whatever their parameters are worth.
_DESCRIBES = ("ok", "at_bound", "not_identified")


def compare(
    scores: pd.DataFrame,
    *,
    models: Sequence[str] = USUAL_MODELS,
    time_unit: str | None = None,
    likelihood: str | None = None,
    guess: float | None = None,
    start: float | None = None,
    bounded: bool = False,
    margin: float = 6.0,
) -> pd.DataFrame:
    """The models ranked by AICc, with those that the data cannot tell from the best.

    A lower AICc by a hair is no victory. A model counts as worse than the best only when its AICc
    is higher by more than ``margin``; with one survivor there is a winner, otherwise there is none.
    The margin of 6 is an evidence ratio of 20 to 1. In simulations of 5 to 8 points of 10 to 50
    items, the lower AICc was that of the wrong one of exponential and power in 3 to 34% of the
    cases, by more than 2 in 2 to 18%, by more than 6 in 0 to 5%. A model that only repeats a
    simpler one, its further parameter being 0, is not counted as a rival.

    Parameters
    ----------
    scores, time_unit, likelihood, guess, bounded
        As for :func:`fit`.
    models : list of str
        Names of models. Those that have no value at time 0 cannot be ranked where some score was
        taken at 0.
    start : float, optional
        As for :func:`fit`; models without a value at time 0 are then left unranked.
    margin : float
        Least difference in AICc that counts.

    Returns
    -------
    DataFrame
        One row per model, the best first, those that cannot be ranked last:

        - ``rank, model, status, n, parameters`` (estimated ones, without the variance),
        - ``sse, r_squared, log_likelihood, aic, aicc``,
        - ``delta`` (AICc over the best one's), ``weight`` (Akaike weight; of the ranked ones that
          repeat no other, they add up to 1),
        - ``same_as``: the simpler model that this one repeats,
        - ``indistinguishable``: within the margin of the best, the best itself included,
        - ``half_life`` in ``time_unit``,
        - ``refused``: why it is not ranked: ``few_points`` (AICc is not defined, or there are fewer
          times than parameters), ``zero_time``, ``no_start``, or the status of a fit that does not
          fall or was not found; else missing.

    Raises
    ------
    SalesAnalysisError
        As for :func:`fit`; ``models`` is empty or ``margin`` negative.

    References
    ----------
    Hurvich, C. M., Tsai, C.-L. (1989), Biometrika 76, 297–307. Burnham, K. P., Anderson, D. R.
    (2002), Model Selection and Multimodel Inference, 2nd ed., sec. 2.6 (a difference up to 2 is
    substantial support, 4 to 7 considerably less). Wagenmakers, E.-J., and others (2004), Journal
    of Mathematical Psychology 48, 28–50.

    Examples
    --------
    >>> savings = pd.DataFrame({
    ...     "elapsed": [1200, 3600, 32400, 86400, 172800, 518400, 2678400],
    ...     "retention": [0.582, 0.442, 0.358, 0.337, 0.278, 0.254, 0.211]})
    >>> table = compare(savings, models=["exponential", "power", "ebbinghaus", "logarithmic"],
    ...                 time_unit="seconds")
    >>> table[["rank", "model", "aicc", "delta", "weight", "indistinguishable"]].round(2)
       rank        model   aicc  delta  weight  indistinguishable
    0     1   ebbinghaus -22.65   0.00    0.70               True
    1     2        power -20.79   1.85    0.28               True
    2     3  logarithmic -15.21   7.44    0.02              False
    3     4  exponential   0.31  22.96    0.00              False
    >>> comparison_findings(table)[0].name
    'models_tied'
    """
    unit = require_unit(time_unit)
    models = [models] if isinstance(models, str) else models
    forms = [require_model(name) for name in dict.fromkeys(models)]
    if not forms:
        raise SalesAnalysisError("`models` is empty; expected the names of models to compare.")
    require_number("margin", margin, low=0)
    seen = observe(scores, likelihood, guess)
    rows = [_row(form, seen, unit, start, bounded) for form in forms]
    return _ranked(pd.DataFrame(rows), margin)


def comparison_findings(table: pd.DataFrame) -> list[Finding]:
    """What a comparison comes to.

    Parameters
    ----------
    table : DataFrame
        As from :func:`compare`.

    Returns
    -------
    list of Finding
        ``model_best`` (one is better than all others by more than the margin), ``models_tied``
        (the data cannot tell ``count`` of them apart), ``models_level`` (the scores do not fall,
        so there is no forgetting to describe), ``models_too_few`` (too few scores to rank any two).
        Values: ``delta`` of the next best, ``count`` of those tied, ``n`` scores.

    Examples
    --------
    >>> table = pd.DataFrame({"rank": [1, 2], "model": ["power", "exponential"], "n": [7, 7],
    ...                       "delta": [0.0, 21.1], "weight": [1.0, 0.0], "same_as": None,
    ...                       "indistinguishable": [True, False], "refused": None})
    >>> [finding.name for finding in comparison_findings(table)]
    ['model_best']
    """
    needed = ["rank", "n", "delta", "same_as", "indistinguishable", "refused"]
    require_columns(table.columns, needed)
    if table.empty:
        raise SalesAnalysisError("The comparison has no model; expected one row for each.")
    rivals = table[table["rank"].notna() & table["same_as"].isna()].sort_values("rank")
    if len(rivals) < 2:
        level = table["refused"].isin(["rising", "constant"]).any()
        name = "models_level" if level else "models_too_few"
        return [Finding("model", name, {"n": int(table["n"].max())})]
    tied = int(rivals["indistinguishable"].sum())
    if tied == 1:
        return [Finding("model", "model_best", {"delta": float(rivals["delta"].iloc[1])})]
    return [Finding("model", "models_tied", {"count": tied})]


def _row(form, seen, unit, start, bounded) -> dict:
    """One model's fit, or why there is none."""
    row = {"model": form.name, "n": seen.size}
    if not form.starts and 0 in seen.times:
        return row | {"refused": "zero_time"}
    if not form.starts and (start is not None or seen.likelihood == "interval"):
        return row | {"refused": "no_start"}
    own = None if form.full_start else start
    told, wanted = enough(form, seen, require_start(form, seen.likelihood, own))
    row["parameters"] = wanted
    if told < wanted:
        return row | {"refused": "few_points"}
    curve = with_numbers(Problem.of(form, seen, unit, start=own, bounded=bounded).solved())
    names = ("status", "sse", "r_squared", "log_likelihood", "aic", "aicc", "half_life")
    row |= {name: getattr(curve, name) for name in names}
    if curve.status not in _DESCRIBES:
        return row | {"refused": curve.status}
    return row | {"refused": curve.aicc_refused}


def _ranked(table: pd.DataFrame, margin: float) -> pd.DataFrame:
    columns = ["rank", "model", "status", "n", "parameters", "sse", "r_squared"]
    columns += ["log_likelihood", "aic", "aicc", "delta", "weight", "same_as"]
    columns += ["indistinguishable", "half_life", "refused"]
    table = table.reindex(columns=columns)
    fair = table["refused"].isna()
    table["aicc"] = table["aicc"].astype(float)
    order = table["aicc"].where(fair).sort_values(kind="stable", na_position="last").index
    table = table.loc[order].reset_index(drop=True)
    fair = table["refused"].isna()
    table["same_as"] = _repeated(table, fair)
    own = fair & table["same_as"].isna()
    table["delta"] = (table["aicc"] - table.loc[own, "aicc"].min()).where(fair)
    weight = np.exp(-table["delta"] / 2).where(own)
    table["weight"] = weight / weight.sum()
    table["indistinguishable"] = fair & (table["delta"] <= margin)
    table["rank"] = pd.Series(np.arange(1, len(table) + 1)).where(fair).astype("Int64")
    kinds = {"parameters": "Int64", "status": "str", "same_as": "str", "refused": "str"}
    return table.astype(kinds)


def _repeated(table: pd.DataFrame, fair) -> list:
    """For each model the simpler one whose likelihood it only reaches, if there is one."""
    names = []
    for row in table.itertuples():
        simpler = table[fair & (table["parameters"] < row.parameters)]
        # Nothing gained by a further parameter: it lies at the value that makes it vanish.
        same = simpler[simpler["log_likelihood"] > row.log_likelihood - 1e-4]
        extends = same[[_extends(row.model, name) for name in same["model"]]]
        names.append(extends["model"].iloc[0] if len(extends) and fair[row.Index] else None)
    return names


def _extends(model: str, other: str) -> bool:
    """Whether one model has the other as a special case."""
    special = {
        "exponential_asymptote": {"exponential"},
        "power_asymptote": {"power"},
        "double_exponential": {"exponential", "exponential_asymptote"},
        "double_exponential_asymptote": {"exponential", "exponential_asymptote"},
        "wickelgren_free": {"wickelgren", "power", "exponential", "hyperbolic"},
        "wickelgren": {"exponential"},
        "wickelgren_asymptote": {"wickelgren", "exponential_asymptote"},
    }
    special["double_exponential_asymptote"] |= {"double_exponential"}
    return other in special.get(model, ())

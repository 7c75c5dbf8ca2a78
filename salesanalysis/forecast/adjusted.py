"""What was set by hand beside the model, as it was submitted; and later, who was closer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, WON
from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.forecast.pipeline_tables import OVERRIDDEN
from salesanalysis.forecast.said_and_came import ERROR, LEAST_DEALS
from salesanalysis.known import KnownForecast, frame_of, require_known
from salesanalysis.periods import moments

if TYPE_CHECKING:
    from salesanalysis.forecast.company_forecast import Forecast

#: What is said of past adjustments, by who was closer.
_VERDICTS = {"model": "model_closer", "hand": "hand_closer", "": "as_close"}

_SUBMITTED = ["opportunity_id", "set_at", "from_at", "until_at", "amount", "model_probability"]
_SUBMITTED += ["probability", "reason"]
_BECAME = ["outcome", "came", "time_over"]


def adjustments(forecast: "Forecast") -> pd.DataFrame:
    """The deals whose chance was set by hand, with what the model says of each: to be kept.

    Parameters
    ----------
    forecast : Forecast

    Returns
    -------
    DataFrame
        One row per deal: ``opportunity_id, set_at`` (the forecast's day), ``from_at`` and
        ``until_at`` (first and last day of the time in which it is to be won: the periods of the
        forecast, or the one that was named), ``amount, model_probability`` and ``probability`` for
        that time, ``reason``.
    """
    deals = forecast.deals
    if "basis" not in deals:
        return pd.DataFrame({name: [] for name in _SUBMITTED})
    own = deals[deals["basis"] == OVERRIDDEN]
    # Where one period was named the others have no chance; a deal set to 0 has none in any.
    most = own.groupby("opportunity_id")["probability"].transform("max")
    own, today = own[(own["probability"] > 0) | (most == 0)], forecast.as_of.normalize()
    bounds = [forecast.calendar.bounds_of(name) for name in own["period"]]
    own = own.assign(
        from_at=[max(first, today + pd.Timedelta(days=1)) for first, _ in bounds],
        until_at=[end - pd.Timedelta(days=1) for _, end in bounds],
    )
    table = own.groupby("opportunity_id", as_index=False).agg(
        from_at=("from_at", "min"),
        until_at=("until_at", "max"),
        amount=("amount", "first"),
        model_probability=("model_probability", "sum"),
        probability=("probability", "sum"),
        reason=("reason", "first"),
    )
    return table.assign(set_at=today)[_SUBMITTED]


def adjusted_landing(forecast: "Forecast", model: "Forecast | None") -> pd.DataFrame:
    """Where the period lands by the model, and with what was set by hand.

    Parameters
    ----------
    forecast, model : Forecast
        With the overrides, and without; no model where nothing was set.

    Returns
    -------
    DataFrame
        Two rows, ``version`` ``model`` and ``adjusted``: ``deals`` (set by hand), ``q10, q50, q90,
        mean, target, p_target``; none without a model.
    """
    rows, both = [], (("model", model), ("adjusted", forecast))
    for version, made in both if model is not None else ():
        goal = made.against_targets().iloc[0]
        rows.append(
            {"version": version, "deals": len(adjustments(made))}
            | made.within().summary(quantiles=[0.1, 0.5, 0.9]).iloc[0].to_dict()
            | picked(goal, "target", "p_target")
        )
    order = ["version", "deals", "q10", "q50", "q90", "mean", "target", "p_target"]
    return pd.DataFrame(rows, columns=order)


def adjustments_came(adjusted: Sequence[pd.DataFrame], known: KnownForecast) -> pd.DataFrame:
    """What became of deals that were set by hand in earlier forecasts.

    A deal that was set in several counts once, as it was first submitted.

    Parameters
    ----------
    adjusted : list of DataFrame
        As from :func:`adjustments` on earlier days, as they were kept.
    known : KnownForecast
        Its deals say what became of them.

    Returns
    -------
    DataFrame
        One row per deal: the columns of :func:`adjustments`, ``outcome`` by now (missing where the
        deal is not in the list any more), ``came``: 1 where it was won in its time, 0 where it was
        not and cannot be any more (it has closed, or the time is over), missing while that is open;
        ``time_over``, whether the time in which it was to be won is over.

    Examples
    --------
    >>> from salesanalysis import reduce
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "outcome": ["won", "open"], "amount": 10.0,
    ...     "created_at": pd.Timestamp("2025-08-01"),
    ...     "closed_at": pd.to_datetime(["2025-10-20", None])})
    >>> known = reduce.forecast.known({"opportunities": deals}, as_of="2025-11-15", since="2025-10-01")
    >>> kept = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "set_at": "2025-10-01", "from_at": "2025-10-02",
    ...     "until_at": "2025-12-31", "amount": 10.0, "model_probability": 0.2, "probability": 0.9,
    ...     "reason": "met them"})
    >>> adjustments_came([kept], known)[["opportunity_id", "outcome", "came"]]
      opportunity_id outcome  came
    0              a     won   1.0
    1              b    open   NaN
    """  # noqa: E501
    known, columns = require_known(known, KnownForecast), [*_SUBMITTED, *_BECAME]
    for table in adjusted:
        require_columns(table.columns, _SUBMITTED, "`adjusted`")
    there = [table[_SUBMITTED] for table in adjusted if len(table)]
    if not there or known.pipeline is None:
        return pd.DataFrame({name: [] for name in columns})
    kept = pd.concat(there, ignore_index=True)
    kept = kept.assign(**{name: moments(kept[name]) for name in ("set_at", "from_at", "until_at")})
    kept = kept.sort_values(["set_at", "opportunity_id"], kind="stable", ignore_index=True)
    kept = kept.drop_duplicates("opportunity_id", ignore_index=True)
    told = ["opportunity_id", "outcome", "closed_at"]
    deals = frame_of(known.pipeline, "deals", told)[told]
    found = kept.merge(deals, on="opportunity_id", how="left")
    # A list that goes on after the day knows more than was known on it.
    is_open = (found["closed_at"].isna() | (found["closed_at"] > known.as_of)).to_numpy()
    there = found["outcome"].notna().to_numpy()
    outcome = found["outcome"].mask(is_open & there, OPEN)
    day = found["closed_at"].dt.normalize()
    won = (outcome == WON) & (day >= found["from_at"]) & (day <= found["until_at"])
    over = (found["until_at"] <= known.as_of.normalize()).to_numpy()
    came = np.where(won, 1.0, np.where(there & (over | ~is_open), 0.0, np.nan))
    return found.assign(outcome=outcome, came=came, time_over=over)[columns]


def adjusted_findings(landing: pd.DataFrame) -> list[Finding]:
    """The model's landing beside the one with what was set by hand.

    Parameters
    ----------
    landing : DataFrame
        As from :func:`adjusted_landing`.

    Returns
    -------
    list of Finding
        ``adjusted``, or ``adjusted_only`` where there is no target, to stand with the answer; none
        where nothing was set.
    """
    needed = ["version", "deals", "q10", "q50", "q90", "p_target"]
    require_columns(landing.columns, needed, "`landing`")
    rows = landing.set_index("version")
    if rows.empty or rows.loc["adjusted", "deals"] == 0:
        return []
    model, own = rows.loc["model"], rows.loc["adjusted"]
    values = {"deals": int(own["deals"])}
    values |= {"model_q10": model["q10"], "model_q50": model["q50"], "model_q90": model["q90"]}
    if np.isnan(own["p_target"]):
        return [Finding("lead", "adjusted_only", values)]
    values |= {"model_p_target": model["p_target"]}
    return [Finding("lead", "adjusted", values)]


def adjusted_past(came: pd.DataFrame) -> list[Finding]:
    """Whether what was set by hand earlier was closer than the model.

    By the Brier score, the mean squared difference of a probability and what came, of the deals
    whose time is over: of the others those that close early are known first, and these are not like
    the rest. One is closer where the deals' differences of the two scores are further from 0 than
    chance explains (t-test).

    Parameters
    ----------
    came : DataFrame
        As from :func:`adjustments_came`.

    Returns
    -------
    list of Finding
        Of the kind ``adjusted``: ``too_few`` (the time of fewer than 10 deals is over, so that
        it cannot be told), ``model_closer, hand_closer, as_close``; ``gone`` (deals that are not in
        the list any more). Empty where nothing was set by hand earlier.

    Examples
    --------
    >>> came = pd.DataFrame({"model_probability": [0.2] * 12, "probability": 0.9,
    ...                      "time_over": True, "outcome": "lost", "came": [0.0] * 11 + [1.0]})
    >>> [(one.name, round(one.values["hand_score"], 2)) for one in adjusted_past(came)]
    [('model_closer', 0.74)]
    """
    from scipy.stats import ttest_1samp

    needed = ["model_probability", "probability", *_BECAME]
    require_columns(came.columns, needed, "`came`")
    if came.empty:
        return []
    decided = came[came["came"].notna()]
    over = decided[decided["time_over"].astype(bool)]
    gone = int(came["outcome"].isna().sum())
    lost = [Finding("adjusted", "gone", {"gone": gone})] if gone else []
    if len(over) < LEAST_DEALS:
        counts = {"n": len(came) - gone, "decided": len(decided), "over": len(over)}
        counts |= {"came": int(decided["came"].sum())}
        return [Finding("adjusted", "too_few", counts), *lost]
    model, hand, truth = (over[name].astype(float) for name in (*needed[:2], "came"))
    values = {"n": len(over), "came": int(truth.sum())}
    values |= {"model": float(model.sum()), "hand": float(hand.sum())}
    scores = [(chance - truth) ** 2 for chance in (model, hand)]
    values |= {"model_score": float(scores[0].mean()), "hand_score": float(scores[1].mean())}
    apart = (scores[1] - scores[0]).to_numpy()
    spread = float(apart.std())
    if spread > 0:
        differs = ttest_1samp(apart, 0.0).pvalue < ERROR
    else:
        differs = bool(apart.any())
    closer = "" if not differs else "model" if apart.mean() > 0 else "hand"
    return [Finding("adjusted", _VERDICTS[closer], values), *lost]

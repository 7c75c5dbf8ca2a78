"""What a funnel would bring if a stage got through more: the arithmetic of an aim."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, nearest, require_columns


def aimed(
    conversion: pd.DataFrame,
    aims: Mapping[str, float] | None = None,
    *,
    new_deals: float = 100,
    new_deals_aimed: float | None = None,
) -> pd.DataFrame:
    """The deals that reach each stage now, and with other shares getting through.

    Of ``new_deals`` that enter the first stage, so many reach each later one if every stage lets
    through its share: the product of the shares up to there. Each share is taken not to depend on
    the others; deals that are rushed through one stage may well be lost at the next.

    Parameters
    ----------
    conversion : DataFrame
        As from :func:`salesanalysis.funnel.conversion`, without a split. The basis ``final``
        counts, else the only one there is.
    aims : mapping of stage to share, optional
        The share, 0–1, that is to get through that stage; stages not named stay as they are.
    new_deals : float
        How many deals enter, in any time that suits: a month's, a quarter's.
    new_deals_aimed : float, optional
        How many are to enter; as many where not given.

    Returns
    -------
    DataFrame
        One row per stage: ``stage, to_stage, n, rate, rate_low, rate_high`` as they are;
        ``aim``; ``beyond`` (whether the aim lies outside the interval of the rate, so that reaching
        it would be a change and not chance); ``passed_now, passed_aimed``: deals that get through
        this stage. Of the last stage, those are the won ones.

    Raises
    ------
    SalesAnalysisError
        A stage is unknown, a share is not 0–1, or the table is split by groups.

    Examples
    --------
    >>> steps = pd.DataFrame({
    ...     "stage": ["lead", "offer"], "to_stage": ["offer", "won"], "position": [0, 1],
    ...     "basis": "final", "n": [200, 80], "rate": [0.4, 0.5], "rate_low": [0.33, 0.39],
    ...     "rate_high": [0.47, 0.61]})
    >>> table = aimed(steps, {"lead": 0.5}, new_deals=100)
    >>> table[["stage", "aim", "beyond", "passed_now", "passed_aimed"]]
       stage  aim  beyond  passed_now  passed_aimed
    0   lead  0.5    True        40.0          50.0
    1  offer  0.5   False        20.0          25.0
    """
    names = ["stage", "to_stage", "position", "n", "rate", "rate_low", "rate_high"]
    require_columns(conversion.columns, names, "`conversion`")
    rows = conversion
    if "basis" in rows:
        own = "final" if (rows["basis"] == "final").any() else rows["basis"].iloc[0]
        rows = rows[rows["basis"] == own]
    rows = rows.sort_values("position", ignore_index=True)
    if rows["stage"].duplicated().any():
        raise SalesAnalysisError(
            "`conversion` has a stage more than once: an aim is for all deals together, so compute"
            " it without `by`."
        )
    aims = dict(aims or {})
    unknown = [stage for stage in aims if stage not in set(rows["stage"])]
    if unknown:
        close = nearest(str(unknown[0]), rows["stage"], most=1)
        raise SalesAnalysisError(
            f"`aims` names {unknown[0]!r}, which is not a stage here."
            + (f" Did you mean {close[0]!r}?" if close else "")
            + f" Stages: {', '.join(rows['stage'])}."
        )
    for stage, share in aims.items():
        if not (isinstance(share, int | float) and 0 <= share <= 1):
            raise SalesAnalysisError(
                f"`aims` of stage {stage!r} is {share!r}; expected a share, 0 to 1."
            )
    entering = {"new_deals": new_deals}
    entering["new_deals_aimed"] = new_deals if new_deals_aimed is None else new_deals_aimed
    for name, count in entering.items():
        if not count >= 0:
            raise SalesAnalysisError(f"`{name}` is {count!r}; expected a number, 0 or more.")
    table = rows[["stage", "to_stage", "n", "rate", "rate_low", "rate_high"]].copy()
    table["aim"] = [float(aims.get(s, r)) for s, r in zip(rows["stage"], rows["rate"], strict=True)]
    outside = (table["aim"] < table["rate_low"]) | (table["aim"] > table["rate_high"])
    table["beyond"] = outside & rows["stage"].isin(list(aims))
    table["passed_now"] = new_deals * np.cumprod(table["rate"].to_numpy(float))
    table["passed_aimed"] = entering["new_deals_aimed"] * np.cumprod(table["aim"].to_numpy(float))
    return table

"""What sellers say they will bring: forecast categories, each alone or added up."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, WON, as_list
from salesanalysis.errors import SalesAnalysisError, did_you_mean, require_columns

#: The categories of open deals, surest first; what is ``omitted`` counts nowhere.
OPEN_CATEGORIES = ("commit", "most_likely", "best_case", "pipeline")
OMITTED = "omitted"
#: What CRM systems call them besides, in English and Chinese.
SPELLINGS = {
    **dict.fromkeys(("committed", "承诺", "提交"), "commit"),
    **dict.fromkeys(("最可能", "最有可能"), "most_likely"),
    **dict.fromkeys(("upside", "最佳情况", "最好情况"), "best_case"),
    **dict.fromkeys(("漏斗", "管道"), "pipeline"),
    **dict.fromkeys(("not_forecasted", "lost", "已省略", "忽略"), OMITTED),
    **dict.fromkeys(("closed_won", "won", "已结束", "已赢单"), "closed"),
}
_KNOWN = {*OPEN_CATEGORIES, OMITTED, "closed"}
#: Columns of the two ways to roll up.
CUMULATIVE = ("closed", "commit", "most_likely", "best_case", "open_pipeline")
SINGLE = ("closed", "commit", "most_likely", "best_case", "pipeline")


def rollups(
    deals: pd.DataFrame, *, by: Sequence[str] | str = (), cumulative: bool = True
) -> pd.DataFrame:
    """Money by forecast category, as CRM systems roll it up.

    Cumulative, each column holds all that is at least as sure: ``commit`` is closed and commit,
    ``most_likely`` adds the deals of that name, ``best_case`` those of best case;
    ``open_pipeline`` is everything open and nothing closed. Single, each column holds its own
    deals alone. Deals that are lost, cancelled or omitted count nowhere.

    Parameters
    ----------
    deals : DataFrame, one row per deal
        ``amount`` (a missing one counts as 0), ``outcome`` (won, open …), ``owner_call``: commit,
        most likely, best case, pipeline, omitted, in any spelling, as Salesforce, HubSpot and
        Dynamics name them, or in Chinese; an open deal without a call is pipeline.
    by : str or list of str
        Columns to split by.
    cumulative : bool
        Which of the two.

    Returns
    -------
    DataFrame
        One row per group, one column per category.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or a call is not known.

    References
    ----------
    Salesforce, Object Reference, ForecastingItem: ForecastCategoryName and ForecastingItemCategory
    (CommitForecast, MostLikelyForecast, BestCaseForecast, OpenPipeline).

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "outcome": ["won", "open", "open", "open"], "amount": [50.0, 100.0, 150.0, 200.0],
    ...     "owner_call": [None, "commit", "best case", "pipeline"]})
    >>> rollups(deals)
       closed  commit  most_likely  best_case  open_pipeline
    0    50.0   150.0        150.0      300.0          450.0
    """
    by = as_list(by)
    require_columns(deals.columns, ["amount", "outcome", "owner_call", *by], "`deals`")
    # What a deal was once said to be counts no more when it is closed.
    call = deals["owner_call"].where(deals["outcome"] == OPEN)
    call = call.map(_plain, na_action="ignore").astype(object).fillna("pipeline")
    unknown = sorted({*call} - _KNOWN)
    if unknown:
        raise SalesAnalysisError(
            f"`owner_call` has {unknown[0]!r}; expected one of commit, most likely, best case,"
            " pipeline, omitted." + did_you_mean(unknown[0], OPEN_CATEGORIES)
        )
    category = np.where(deals["outcome"] == WON, "closed", OMITTED)
    category = np.where(deals["outcome"] == OPEN, call, category)
    amount = deals["amount"].fillna(0.0).astype(float)
    own = pd.DataFrame({name: amount.where(category == name, 0.0) for name in SINGLE})
    own = own.assign(**{name: deals[name] for name in by})
    table = _sums(own, by)
    if not cumulative:
        return table
    added = table[list(CUMULATIVE[:-1])].cumsum(axis=1)
    added["open_pipeline"] = table[list(OPEN_CATEGORIES)].sum(axis=1)
    return pd.concat([table[by], added], axis=1)


def unknown_calls(calls: pd.Series) -> list[str]:
    """The words of sellers that are no category of a forecast, as they are written.

    Examples
    --------
    >>> unknown_calls(pd.Series(["Commit", "sure thing", None]))
    ['sure thing']
    """
    words = calls.dropna().astype(str).unique()
    return sorted(word for word in words if _plain(word) not in _KNOWN)


def _plain(call: str) -> str:
    """``Best Case``, ``BestCase`` and ``best-case`` as ``best_case``."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(call).strip())
    plain = re.sub(r"[\s_-]+", "_", words).casefold()
    return SPELLINGS.get(plain, plain)


def _sums(own: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    if by:
        return own.groupby(by, dropna=False, as_index=False)[list(SINGLE)].sum()
    return own[list(SINGLE)].sum().to_frame().T

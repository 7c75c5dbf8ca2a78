"""Which statements are handed out, and what payroll pays by them."""

from collections.abc import Sequence

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, did_you_mean, require_columns
from salesanalysis.incentive.any_plan import AnyPlan, payee_plan, read_plan
from salesanalysis.incentive.money import decimals_of
from salesanalysis.incentive.period_order import places
from salesanalysis.periods import PLAIN, Calendar

_KEY = ["payee_id", "period"]


def some_statements(
    statements: pd.DataFrame,
    *,
    period: str = "",
    payees: Sequence[str] = (),
    calendar: Calendar = PLAIN,
) -> pd.DataFrame:
    """The statements of one period, or of some of its payees.

    Parameters
    ----------
    statements : DataFrame
        As from :func:`payout`.
    period : str
        The last one where it is empty.
    payees : sequence of str
        All where it is empty.
    calendar : salesanalysis.periods.Calendar
        The company's: it says which period is the last.

    Returns
    -------
    DataFrame
        These rows, in the order of the rows given.

    Raises
    ------
    SalesAnalysisError
        A period or a payee is not there.

    Examples
    --------
    >>> from salesanalysis.incentive import payout
    >>> rows = pd.DataFrame({"payee_id": list("aab"), "sales": [1.0, 2.0, 3.0],
    ...                      "period": ["2025-Q1", "2025-Q2", "2025-Q2"]})
    >>> paid = payout(rows, plan={"tiers": [[0, None, "10%"]]})
    >>> some_statements(paid)["payee_id"].tolist()
    ['a', 'b']
    """
    require_columns(statements.columns, _KEY, "`statements`")
    names = statements["period"].astype("str")
    if not period and len(names):
        place = places(statements["period"], calendar, needed=False)["at"]
        period = names[place.idxmax()] if place.notna().all() else names.iloc[-1]
    rows = statements[names == period]
    _require_known("period", [period] if len(names) else [], names)
    _require_known("payees", payees, rows["payee_id"].astype("str"))
    return rows[rows["payee_id"].astype("str").isin(payees)] if len(payees) else rows


def _require_known(parameter: str, wanted: Sequence[str], known: pd.Series) -> None:
    for name in wanted:
        if name not in set(known):
            raise SalesAnalysisError(
                f"`{parameter}` holds {name!r}, of which there is no statement."
                f"{did_you_mean(name, sorted(set(known)))}"
            )


def decimals(plan: AnyPlan) -> int:
    """How many digits after the point the money of a plan has.

    Examples
    --------
    >>> [decimals({"tiers": [[0, None, "10%"]], "currency": name}) for name in ("CNY", "JPY", "KWD")]
    [2, 0, 3]
    """  # noqa: E501
    return decimals_of(payee_plan(plan).minor_unit)


def payroll(statements: pd.DataFrame, *, plan: AnyPlan) -> pd.DataFrame:
    """What is to be paid to whom, as payroll takes it.

    Parameters
    ----------
    statements : DataFrame
        As from :func:`payout`.
    plan : Plan, or what :func:`read_plan` takes
        Its currency is that of rows without one.

    Returns
    -------
    DataFrame
        One row per statement, in the order of the rows given: ``payee_id, period, payroll_amount``
        (missing where there is no payout, which is not a payout of 0), ``currency``.

    Examples
    --------
    >>> from salesanalysis.incentive import payout
    >>> plan = {"tiers": [[0, None, "10%"]], "currency": "EUR"}
    >>> rows = pd.DataFrame({"payee_id": ["a"], "period": "2025-Q1", "sales": [120.5]})
    >>> payroll(payout(rows, plan=plan), plan=plan)
      payee_id   period  payroll_amount currency
    0        a  2025-Q1           12.05      EUR
    """
    require_columns(statements.columns, [*_KEY, "payout"], "`statements`")
    currency = statements.get("currency", pd.Series(None, statements.index, dtype=object))
    own = read_plan(plan).currency
    return pd.DataFrame(
        {
            "payee_id": statements["payee_id"],
            "period": statements["period"],
            "payroll_amount": statements["payout"],
            "currency": currency if own is None else currency.fillna(own),
        }
    ).reset_index(drop=True)

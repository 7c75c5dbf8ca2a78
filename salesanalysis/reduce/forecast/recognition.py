"""When revenue of contracts and deals is recognised, month by month, and rows that cannot say."""

import ibis
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import PLAIN, Calendar
from salesanalysis.reduce.checks import Check, Checks, Subject, orphan
from salesanalysis.reduce.expressions import AnyTable, as_ibis, require_columns, to_pandas

_OF = ["contract_id", "opportunity_id"]
_WHEN = ["period", "at"]


def schedule(table: AnyTable | None = None, *, calendar: Calendar = PLAIN) -> pd.DataFrame:
    """What is to be recognised of each contract or deal in each month.

    Parameters
    ----------
    table : Ibis table or DataFrame, one row per contract or deal × month, optional
        ``amount``; ``contract_id`` or ``opportunity_id`` (a row with both is the contract's);
        ``period``, a month such as ``2025-11``, or ``at``, a day of it (``period`` counts where
        both are).
    calendar : salesanalysis.periods.Calendar
        The company's, whose months they are.

    Returns
    -------
    DataFrame
        ``contract_id, opportunity_id, month, amount``, in their order; several rows of the same
        month are added up. A row that lacks one of the three is left out; :func:`schedule_checks`
        says which.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or a ``period`` is no month.

    Examples
    --------
    >>> given = pd.DataFrame({"contract_id": ["C1", "C1", "C1", None], "amount": 100.0,
    ...                       "period": ["2025-11", "2025-11", "2025-12", "2025-12"]})
    >>> schedule(given)[["contract_id", "month", "amount"]]
      contract_id    month  amount
    0          C1  2025-11   200.0
    1          C1  2025-12   100.0
    """
    columns = [*_OF, "month", "amount"]
    if table is None:
        return pd.DataFrame({name: [] for name in columns}).astype({"amount": float})
    rows = _judged(table)
    rows = rows.filter(rows.counts).group_by([*_OF, *_WHEN]).agg(amount=rows.amount.sum())
    found = to_pandas(rows)
    _require_months(found["period"], calendar)
    named = {day: calendar.label_of(day, "month") for day in found["at"].dropna().unique()}
    found["month"] = found["period"].where(found["period"].notna(), found["at"].map(named))
    found = found.groupby([*_OF, "month"], dropna=False, as_index=False)["amount"].sum()
    return found.sort_values([*_OF, "month"], ignore_index=True)[columns]


def schedule_checks(
    table: AnyTable | None, opportunities: AnyTable | None, contracts: AnyTable | None
) -> Checks:
    """Which rows of a schedule are not used, and which are of what nobody knows.

    - ``schedule_incomplete``: no contract and no deal, no month or no amount (not used),
    - ``schedule_of_unknown_deals`` (not used),
    - ``schedule_of_unknown_contracts``: not in the list of contracts (used, and held against no
      amount).

    Parameters
    ----------
    table : Ibis table or DataFrame, optional
        As for :func:`schedule`; without it there is nothing to check.
    opportunities, contracts : Ibis table or DataFrame, optional
        With ``opportunity_id`` and ``contract_id``.

    Returns
    -------
    Checks
        To be added to those of :func:`checks`.

    Examples
    --------
    >>> given = pd.DataFrame({"opportunity_id": ["a", "x", None], "period": "2025-11",
    ...                       "amount": 10.0})
    >>> schedule_checks(given, pd.DataFrame({"opportunity_id": ["a"]}), None).table[["check", "n"]]
                           check  n
    0        schedule_incomplete  3
    1  schedule_of_unknown_deals  3
    """
    if table is None:
        return Checks([], {})
    every = [Check("schedule_incomplete", "medium", "schedule", hit=lambda t: ~t.counts)]
    if opportunities is not None:
        deals = orphan("opportunity_id", as_ibis(opportunities).select("opportunity_id"))
        every.append(Check("schedule_of_unknown_deals", "medium", "schedule", hit=deals))
    if contracts is not None:
        known = orphan("contract_id", as_ibis(contracts).select("contract_id"))
        every.append(Check("schedule_of_unknown_contracts", "low", "schedule", hit=known))
    return Checks(every, {"schedule": Subject(_judged(table), "amount", shown=[*_OF, *_WHEN])})


def _judged(table: AnyTable) -> ibis.Table:
    """The rows with whether they count; those of a contract are no deal's."""
    given = as_ibis(table)
    require_columns(given, ["amount"], "schedule")
    for either in (_OF, _WHEN):
        if not set(either) & set(given.columns):
            raise SalesAnalysisError(
                f"`schedule` has neither `{either[0]}` nor `{either[1]}`; expected one of them."
                " Say by `mapping` which of your columns it is."
            )
    kinds = {"at": "timestamp"}
    there = {
        name: given[name].cast(kind) if name in given.columns else ibis.null(kind)
        for name, kind in ((name, kinds.get(name, "string")) for name in [*_OF, *_WHEN])
    }
    rows = given.select(**there, amount=given.amount.cast("float64"))
    rows = rows.mutate(
        opportunity_id=ibis.ifelse(
            rows.contract_id.notnull(), ibis.null("string"), rows.opportunity_id
        ),
        at=ibis.ifelse(rows.period.notnull(), ibis.null("timestamp"), rows["at"]).truncate("D"),
    )
    of = rows.contract_id.notnull() | rows.opportunity_id.notnull()
    when = rows.period.notnull() | rows["at"].notnull()
    return rows.mutate(counts=of & when & rows.amount.notnull())


def _require_months(names: pd.Series, calendar: Calendar) -> None:
    """Refuse names of other periods than months."""
    counts = names.value_counts()
    other = [name for name in counts.index if calendar.unit_of(name) != "month"]
    if other:
        raise SalesAnalysisError(
            f"`period` of `schedule` holds {other[0]!r} in {counts[other[0]]} rows; expected months"
            " such as 2025-11, or days in a column `at`."
        )

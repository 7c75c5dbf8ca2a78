"""Currencies: amounts in more than one cannot be added up, unless rates convert them."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

from salesanalysis import errors
from salesanalysis.columns import OPEN, TABLES
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding
from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.expressions import (
    AnyTable,
    Tables,
    as_ibis,
    moment,
    require_columns,
    to_pandas,
)
from salesanalysis.sources.currencies import code

#: The day whose rate the amounts of a table take; where a row has none, or one after the day of the
#: report, it is that of the report: what is open is worth what it is worth then.
_DAY_OF = {
    "opportunities": "closed_at",
    "bookings": "booked_at",
    "contracts": "renewed_at",
    "schedule": "at",
    "products": None,
    "purchases": "purchased_at",
    # What is open is worth what it is worth on the day, whenever it was billed or paid.
    "invoices": None,
    "payments": None,
}
#: Tables whose amounts are those of a deal, in its currency.
_OF_DEALS = ("stage_history", "snapshots")
_DEAL = "opportunity_id"
#: What is told of the rates that were used.
_USED = ["table", "currency", "rated_at", "exchange_rate", "rows", "amount"]
#: A rate without a day after it holds for good.
_FOR_GOOD = pd.Timestamp("2200-01-01")


@dataclass(frozen=True, eq=False)
class OneCurrency:
    """The tables of a report, their amounts in one currency.

    Attributes
    ----------
    tables : dict of name to table
        Without the rates.
    rates : DataFrame, one row per table × rate used
        ``table, currency, rated_at, exchange_rate, rows`` and ``amount``, what they come to.
    findings : list of Finding
        ``converted`` where anything was.
    """

    tables: dict[str, AnyTable]
    rates: pd.DataFrame
    findings: list[Finding]


def currencies(table) -> list[str]:
    """The values of ``currency``, the most frequent first; none where there is no such column."""
    if "currency" not in table.columns:
        return []
    known = table.filter(table.currency.notnull())
    known = known.group_by(name=known.currency.cast("string")).agg(rows=known.count())
    return to_pandas(known.order_by([ibis.desc("rows"), "name"]))["name"].tolist()


def currency_of(tables: Mapping[str, ibis.Table]) -> str:
    """The one currency of all amounts in some tables, by its code.

    Parameters
    ----------
    tables : dict of name to Ibis table
        Those without a column ``currency`` say nothing.

    Returns
    -------
    str
        Empty where no table says one, or where they say several, of which no sign can stand beside
        an amount.

    Examples
    --------
    >>> deals = ibis.memtable({"amount": [5.0, 7.0], "currency": ["EUR", None]})
    >>> currency_of({"deals": deals}), currency_of({"deals": deals.drop("currency")})
    ('EUR', '')
    """
    found = {code for table in tables.values() for code in currencies(table)}
    return found.pop() if len(found) == 1 else ""


def require_one_currency(table, argument: str, *, expected: str | None = None) -> None:
    """Refuse a table with amounts in other currencies than one, or than the ``expected`` one."""
    errors.require_one_currency(currencies(table), argument, expected=expected)


def in_one_currency(tables: Tables, *, as_of: Day) -> OneCurrency:
    """The tables of a report with all amounts in the currency that the rates lead to.

    What is closed, booked, bought or renewed takes the rate in force on its day, what is open or
    owed that of ``as_of``: the latest at or before it. What a history or snapshots say of a deal's
    amount takes the deal's rate. Targets and credit limits have no currency: they are in that of
    the report.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        Those of a report; ``rates``, where there are any: ``currency, rated_at, exchange_rate``
        (what one unit is worth) and ``base_currency`` (in which; without it the currency whose rate
        is always 1).
    as_of : str, date or timestamp
        The day of the report.

    Returns
    -------
    OneCurrency
        Without ``rates`` the tables as they are.

    Raises
    ------
    SalesAnalysisError
        There are no rates and the tables are in several currencies; or a rate is missing, no number
        over 0, or there twice, or a row has an amount and no currency.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "outcome": ["won", "open"], "amount": [100.0, 100.0],
    ...     "currency": "USD", "closed_at": pd.to_datetime(["2025-02-03", None])})
    >>> rates = pd.DataFrame({
    ...     "currency": "USD", "rated_at": pd.to_datetime(["2025-01-01", "2025-04-01"]),
    ...     "exchange_rate": [0.95, 0.9], "base_currency": "EUR"})
    >>> made = in_one_currency({"opportunities": deals, "rates": rates}, as_of="2025-06-30")
    >>> made.tables["opportunities"].order_by("opportunity_id").to_pandas()["amount"].tolist()
    [95.0, 90.0]
    """
    others = {name: table for name, table in tables.items() if name != "rates"}
    if "rates" not in tables:
        _require_same(others)
        return OneCurrency(others, pd.DataFrame({name: [] for name in _USED}), [])
    rates, base = _read_rates(tables["rates"])
    cutoff, made, used = end_of(as_of), dict(others), []
    rated = {}
    for name in _DAY_OF:
        if name in others and "currency" in as_ibis(others[name]).columns:
            table = _rated(name, as_ibis(others[name]), rates, base, cutoff)
            used.append(_used(name, table, base))
            rated[name], made[name] = table, _converted(name, table, base)
    if "opportunities" in rated:
        of_deal = rated["opportunities"].select(_DEAL, "__rate")
        for name in _OF_DEALS:
            if name in others and "amount" in as_ibis(others[name]).columns:
                table = as_ibis(others[name]).left_join(of_deal, _DEAL)
                made[name] = _converted(name, table.drop(f"{_DEAL}_right"), base)
    table = pd.concat(used, ignore_index=True) if used else pd.DataFrame(columns=_USED)
    foreign = table[table["currency"] != base]
    found = []
    if len(foreign):
        said = ", ".join(sorted(foreign["currency"].unique()))
        values = {"base": base, "currencies": said, "rows": int(foreign["rows"].sum())}
        found = [Finding("warn", "converted", values, part="report")]
    return OneCurrency(made, foreign[_USED].reset_index(drop=True), found)


def _require_same(tables: Tables) -> None:
    """Refuse tables that are each in a currency of their own."""
    said = {}
    for name in _DAY_OF:
        if name in tables and (found := currencies(as_ibis(tables[name]))):
            said[name] = found
    if len({code for found in said.values() for code in found}) > 1:
        listed = "; ".join(f"`{name}` in {', '.join(found)}" for name, found in said.items())
        raise SalesAnalysisError(
            f"Amounts are in several currencies and cannot be added up: {listed}. Give a table of"
            " `rates` (currency, date, rate), convert them, or take the rows of one."
        )


def _read_rates(given: AnyTable) -> tuple[pd.DataFrame, str]:
    """Each rate with the moments from and until which it is in force; and the base currency."""
    require_columns(as_ibis(given), ["currency", "rated_at", "exchange_rate"], "rates")
    rates = to_pandas(as_ibis(given)).dropna(subset=["currency", "rated_at"])
    rates["exchange_rate"] = rates["exchange_rate"].astype(float)
    wrong = rates[~(rates["exchange_rate"] > 0)]
    if len(wrong):
        raise SalesAnalysisError(
            f"`exchange_rate` of `rates` is {wrong['exchange_rate'].iloc[0]} for"
            f" {_on(wrong.iloc[0])}; expected a number over 0."
        )
    rates = rates.drop_duplicates(["currency", "rated_at", "exchange_rate"])
    twice = rates[rates.duplicated(["currency", "rated_at"])]
    if len(twice):
        raise SalesAnalysisError(
            f"`rates` has two rates for {_on(twice.iloc[0])}; expected one for each day."
        )
    rates = rates.sort_values(["currency", "rated_at"], ignore_index=True)
    until = rates.groupby("currency")["rated_at"].shift(-1).fillna(_FOR_GOOD)
    return rates.assign(until=until), _base_of(rates)


def _base_of(rates: pd.DataFrame) -> str:
    """The currency into which the rates lead."""
    said = rates["base_currency"].dropna() if "base_currency" in rates else []
    if named := sorted({code(str(word)) for word in said}):
        if len(named) == 1:
            return named[0]
        raise SalesAnalysisError(
            f"`base_currency` of `rates` holds {', '.join(named)}; expected one:"
            " all amounts come to the same currency."
        )
    always = rates["exchange_rate"].eq(1.0).groupby(rates["currency"]).all()
    ones = always.index[always].tolist()
    if len(ones) == 1:
        return ones[0]
    raise SalesAnalysisError(
        "`rates` does not say into which currency it leads: expected a column `base_currency`, or"
        f" one currency whose rate is always 1 (here {', '.join(ones) or 'none'})."
    )


def _on(row: pd.Series) -> str:
    return f"{row['currency']} on {row['rated_at']:%Y-%m-%d}"


def _rated(name: str, table: ibis.Table, rates, base: str, cutoff: pd.Timestamp) -> ibis.Table:
    """A table with ``__rate`` of each row, ``__from`` when it came into force, and ``__day``."""
    day = moment(cutoff)
    if (column := _DAY_OF[name]) and column in table.columns:
        at = table[column].cast("timestamp")
        over = at.notnull() & (at <= day)
        if "outcome" in table.columns:
            over &= table.outcome != OPEN
        day = ibis.ifelse(over.fill_null(False), at, day)
    known = ibis.memtable(
        rates.rename(
            columns={"currency": "__code", "rated_at": "__from", "until": "__until"}
        ).rename(columns={"exchange_rate": "__rate"})[["__code", "__from", "__until", "__rate"]]
    )
    told = table.mutate(__day=day, __currency=table.currency.cast("string"))
    same = [told["__currency"] == known["__code"], known["__from"] <= told["__day"]]
    both = told.left_join(known, [*same, told["__day"] < known["__until"]])
    own = ibis.ifelse(both["__currency"] == base, 1.0, both["__rate"])
    return both.mutate(__rate=own).drop("__code", "__until")


def _amounts(name: str, table: ibis.Table) -> list[str]:
    kinds = {column.name: column.kind for column in TABLES[name].columns}
    return [column for column in table.columns if kinds.get(column) == "amount"]


def _used(name: str, rated: ibis.Table, base: str) -> pd.DataFrame:
    """The rates that a table's amounts take; refused where one is missing."""
    (amount,) = _amounts(name, rated)[:1] or [None]
    if amount is None:
        return pd.DataFrame(columns=_USED)
    (key, *_) = [column for column in TABLES[name].names if column in rated.columns]
    some = rated.filter(rated[amount].notnull() & (rated[amount] != 0))
    sums = some.group_by(currency=some["__currency"], rated_at=some["__from"],
                         exchange_rate=some["__rate"]).agg(
        rows=some.count(), first=some["__day"].min(), example=some[key].cast("string").min(),
        amount=(some[amount].cast("float64") * some["__rate"]).sum(),
    )  # fmt: skip
    table = to_pandas(sums).sort_values(["currency", "rated_at"], ignore_index=True)
    lacking = table[table["exchange_rate"].isna()]
    for row in lacking.to_dict("records"):
        such = f"{row['rows']} rows of `{name}`, such as {row['example']}"
        if pd.isna(row["currency"]):
            raise SalesAnalysisError(
                f"{such}, have an amount and no `currency`; with `rates` each amount needs one."
            )
        raise SalesAnalysisError(
            f"`rates` has no rate for {row['currency']} on {row['first']:%Y-%m-%d} or before"
            f" ({such}); expected one in force from then on, into {base}."
        )
    return table.assign(table=name, rows=table["rows"].astype(np.int64))


def _converted(name: str, rated: ibis.Table, base: str) -> ibis.Table:
    """A table whose amounts are in the base currency, its columns as they were."""
    amounts = {
        column: rated[column].cast("float64") * rated["__rate"] for column in _amounts(name, rated)
    }
    if "currency" in rated.columns:
        amounts["currency"] = ibis.literal(base)
    own = [column for column in rated.columns if not column.startswith("__")]
    return rated.mutate(**amounts).select(*own)

"""What a report says of years that are settled over their periods."""

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding
from salesanalysis.incentive.any_plan import AnyPlan, read_plan
from salesanalysis.incentive.components import ComponentPlan
from salesanalysis.incentive.period_order import places
from salesanalysis.incentive.year_end import MONTHS, periods_to_come
from salesanalysis.periods import Calendar

#: Money of the year's periods that is added up, where a statement has it.
_SUMS = ("year_extra", "year_cut", "bank_lost", "debt_forgiven", "payout")
#: What stands in the row that settles the year only.
_ONCE = ("year_sales", "year_attainment", "year_due")


def settles_years(plan: AnyPlan) -> bool:
    """Whether a plan, or a component of it, settles a year over its periods.

    Examples
    --------
    >>> settles_years({"tiers": [[0, None, 0.1]], "year": {"cap": 5000}})
    True
    """
    rules = read_plan(plan)
    if not isinstance(rules, ComponentPlan):
        return rules.year is not None
    plans = [rules.roof, *(each.plan for each in rules.components)]
    return any(each.year is not None for each in plans)


def year_settlements(statements: pd.DataFrame, *, plan: AnyPlan) -> pd.DataFrame:
    """What each year comes to for each payee, and what was settled at its end.

    Parameters
    ----------
    statements : DataFrame
        As from :func:`payout`; or the parts of :func:`payout_parts`, of which each component has
        years of its own.
    plan : Plan, or what :func:`read_plan` takes
        The plan that they were made by.

    Returns
    -------
    DataFrame
        One row per payee (× ``component``) × year, in the order of the rows given:

        - ``payee_id, year, periods`` (seen of it), ``brought`` (commission and bonuses of the
          periods, after their caps),
        - ``year_sales, year_attainment, year_due`` (of the whole year, by the plan's tiers for it),
          ``year_extra`` (what that adds to what was brought, or takes back), ``year_cut`` (by the
          limit of the year), ``bank_lost, debt_forgiven``, as far as the plan has them,
        - ``payout`` (of all periods), ``year_status``: ``settled``, ``settled_part`` (of those of
          its periods that are there), ``open`` (its last period is
          not there yet), ``left_open`` (nor will it be: there are later periods), ``no_year`` (a
          period of it cannot be told).

    Raises
    ------
    SalesAnalysisError
        The plan settles no years.

    Examples
    --------
    >>> from salesanalysis.incentive import payout
    >>> plan = {"tiers": [[0, None, "10%"]], "cap": 40, "year": {"tiers": [[0, None, "10%"]]}}
    >>> rows = pd.DataFrame({"payee_id": "a", "period": [f"2025-Q{n}" for n in (1, 2, 3, 4)],
    ...                      "sales": [500.0, 0.0, 300.0, 100.0]})
    >>> table = year_settlements(payout(rows, plan=plan), plan=plan)
    >>> table[["year", "brought", "year_due", "year_extra", "payout", "year_status"]]
       year  brought  year_due  year_extra  payout year_status
    0  2025     80.0      90.0        10.0    90.0     settled
    """
    rules = read_plan(plan)
    if not settles_years(rules):
        raise SalesAnalysisError("`plan` settles no years: it has no `year`.")
    needed = ["payee_id", "period", "commission", "payout_cut", "payout", "status"]
    require_columns(statements.columns, needed, "`statements`")
    rows, key = statements, ["payee_id", "year"]
    if "part" in rows.columns:
        rows, key = rows[rows["part"].eq("component")], ["payee_id", "component", "year"]
    place = places(rows["period"], rules.calendar, needed=True)
    names = {period: _year_of(period, year, rules.calendar)
             for period, year in zip(rows["period"], place["year"], strict=True)}  # fmt: skip
    to_come = periods_to_come(place)
    rows = rows.assign(
        year=rows["period"].map(names),
        brought=sum(rows[name].fillna(0.0) for name in ("commission", "bonus", "payout_cut",
                                                          "from_bank") if name in rows),
        last=to_come == 0,
        known=rows["payout"].notna(),
    )  # fmt: skip
    rows = rows.assign(ends=rows["last"] & rows["known"],
                       untold=rows["last"] & rows["status"].eq("no_year"))  # fmt: skip
    groups = rows.groupby(key, sort=False)
    sums = {name: (name, "sum") for name in _SUMS if name in rows.columns}
    once = {name: (name, "last") for name in _ONCE if name in rows.columns}
    table = groups.agg(
        periods=("period", "size"), brought=("brought", "sum"), **once, **sums,
        ends=("ends", "any"), untold=("untold", "any"),
    ).reset_index()  # fmt: skip
    latest = place["year"].max()
    over = table["year"].map(dict(zip(rows["year"], place["year"], strict=True))) < latest
    status = over.map({True: "left_open", False: "open"}).mask(table["untold"], "no_year")
    every = 12 // place["length"].map(MONTHS).min() if len(place) else 0
    ended = (table["periods"] == every).map({True: "settled", False: "settled_part"})
    table["year_status"] = status.mask(table["ends"], ended)
    return table.drop(columns=["ends", "untold"])


def _year_of(period: str, year: int, calendar: Calendar) -> str:
    """The name of the company's year that a period lies in."""
    if calendar.is_named(str(period)):
        return calendar.label_of(calendar.bounds_of(str(period))[0], "year")
    return str(int(year))


def year_findings(years: pd.DataFrame) -> list[Finding]:
    """What the ends of years brought and took, which years wait, and what does not see them.

    Parameters
    ----------
    years : DataFrame
        As from :func:`year_settlements`.

    Returns
    -------
    list of Finding
        ``years_settled`` (``years_none`` where none is), ``years_bring``, ``years_settled_part``,
        ``year_limit`` where the limit of the year took anything off, ``years_left_open``,
        ``years_untold``, ``single_periods``.

    Examples
    --------
    >>> years = pd.DataFrame({"payee_id": ["a", "b"], "year_status": ["settled", "left_open"],
    ...                       "year_extra": [10.0, 0.0], "payout": [90.0, 20.0]})
    >>> [(found.name, found.values) for found in year_findings(years)][:2]
    [('years_settled', {'k': 1, 'n': 2}), ('years_bring', {'amount': 10.0})]
    """
    require_columns(years.columns, ["year_status", "payout"], "`years`")
    status, n, found = years["year_status"], len(years), []
    part = int(status.eq("settled_part").sum())
    k = int(status.eq("settled").sum()) + part
    if k:
        found.append(Finding("year", "years_settled", {"k": k, "n": n}))
        if "year_extra" in years:
            extra = float(years["year_extra"].sum())
            found.append(Finding("year", "years_bring", {"amount": extra}))
    else:
        found.append(Finding("year", "years_none", {"n": n}))
    if "year_cut" in years and (cut := -float(years["year_cut"].sum())) > 0:
        hit = int(years["year_cut"].lt(0).sum())
        found.append(Finding("year", "year_limit", {"k": hit, "n": n, "amount": cut}))
    if part:
        found.append(Finding("year", "years_settled_part", {"k": part, "n": n}))
    if k := int(status.eq("left_open").sum()):
        found.append(Finding("year", "years_left_open", {"k": k, "n": n}))
    if k := int(status.eq("no_year").sum()):
        found.append(Finding("year", "years_untold", {"k": k, "n": n}))
    return [*found, Finding("year", "single_periods")]

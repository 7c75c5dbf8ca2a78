"""What a table that lacks its columns seems to be, and so how it becomes the one asked for."""

from collections.abc import Sequence

from salesanalysis.columns import TABLES
from salesanalysis.sources.faults import Fault
from salesanalysis.sources.matching import match
from salesanalysis.sources.names import same_name
from salesanalysis.sources.period_names import name_of, unit_of_header
from salesanalysis.sources.request import Request

#: Headers of a share of the quota.
_SHARES = (
    "attainment; attainment %; quota attainment; % of quota; % to quota; achievement rate;"
    " attainment rate; 完成率; 达成率; 目标完成率; 指标完成率; 业绩完成率; 完成比例"
)
#: Tables that need a day where people keep totals of periods → the rule that says what to do.
_DAYS = {"bookings": ("booked_at", "period_for_booking"), "sales": ("sold_at", "period_for_sale")}
#: How many headers a message lists.
_LISTED = 4


def other_shape(headers: tuple[str, ...], lacking: Sequence[str], ask: Request) -> Fault | None:
    """What to do with a table of another shape; nothing where it looks like none that is known.

    Examples
    --------
    >>> asked = Request(TABLES["attainment"])
    >>> other_shape(("payee", "Jan 2025", "Feb 2025"), ["period", "sales"], asked).rule
    'periods_in_columns'
    >>> other_shape(("payee", "period", "attainment"), ["sales"], asked).rule
    'attainment_alone'
    """
    table = ask.table.name
    if table == "attainment":
        return _of_results(headers, lacking, ask)
    column, rule = _DAYS.get(table, ("", ""))
    periods = [header for header in headers if unit_of_header(header)]
    if column in lacking and periods:
        return Fault(rule, column, len(periods), _listed(periods))
    return None


def _of_results(headers: tuple[str, ...], lacking: Sequence[str], ask: Request) -> Fault | None:
    periods = [header for header in headers if name_of(header, ask.calendar)]
    if len(periods) > 1 and {"period", "sales"} & set(lacking):
        return Fault("periods_in_columns", "period", len(periods), _listed(periods))
    deals = match(headers, Request(TABLES["opportunities"])).positions
    if {"period", "sales"} <= set(lacking) and {"opportunity_id", "closed_at"} <= set(deals):
        return Fault("deals_for_results", "sales", example=headers[deals["opportunity_id"]])
    shares = [header for header in headers if same_name(header, _SHARES)]
    if shares and "sales" in lacking:
        return Fault("attainment_alone", "sales", example=shares[0])
    return None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:_LISTED])

"""The attainment table as a plan sees it: exact money, periods in order, quotas as they count."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns, require_one_currency
from salesanalysis.incentive.commission import Levels
from salesanalysis.incentive.draws import balance
from salesanalysis.incentive.ladder import Ladder
from salesanalysis.incentive.money import rounded, to_minor
from salesanalysis.incentive.multipliers import measures
from salesanalysis.incentive.period_order import places
from salesanalysis.incentive.plan import Plan

#: An attainment without its quota is kept to a millionth.
_ATTAINMENT_UNIT = 1_000_000


@dataclass(frozen=True, eq=False)
class Attained:
    """Every row of the attainment table, in the order of payees and periods.

    ``order`` are the rows' places in the table that came; ``payee`` numbers the payees, ``nth`` the
    periods of each from 0, ``span`` the spans that a measure runs over. Money in minor units.
    ``known``: the row can be paid; ``levels`` holds harmless values where it cannot.
    ``place``: the year, the place in time and the length of each row's period. ``sales_banked``:
    what was over the cap and counts in the next period, where the plan banks it.
    """

    order: np.ndarray
    payee: np.ndarray
    nth: np.ndarray
    span: np.ndarray
    sales: np.ndarray
    quota: np.ndarray
    levels: Levels
    sales_banked: np.ndarray | None
    known: np.ndarray
    no_sales: np.ndarray
    no_quota: np.ndarray
    no_measure: np.ndarray
    place: pd.DataFrame


def attained(table: pd.DataFrame, plan: Plan, steep: Ladder) -> Attained:
    """The table read for a plan, with everything that makes it unfit refused."""
    if not isinstance(table, pd.DataFrame):
        raise SalesAnalysisError(
            f"`attainment` is a {type(table).__name__}; expected a DataFrame, one row per payee ×"
            " period."
        )
    require_columns(table.columns, ["payee_id", "period"], "`attainment`")
    table = table.reset_index(drop=True)
    require_one_row_each(table, ["payee_id", "period"])
    if "currency" in table.columns:
        found = table["currency"].dropna().astype("str").unique()
        require_one_currency(found, "attainment", expected=plan.currency)
    order, payee, nth, span, place = _in_order(table, plan)
    rows = table.iloc[order].reset_index(drop=True)
    sales, quota, no_sales, no_quota = _sales_and_quota(rows, plan, steep)
    there = _active_share(rows)
    quota = _quota_that_counts(plan, quota, nth, there)
    # Where rates look at an attainment alone, that is what is measured; sales are the base.
    base, before, measured = None, None, sales
    target, no_target = _target(rows, plan, there)
    limit_target = None
    if _by_attainment(rows, steep):
        measured = _whole(rows["attainment"].to_numpy(float) * _ATTAINMENT_UNIT)
        quota = np.full(len(rows), _ATTAINMENT_UNIT)
        base = sales if steep.times_sales else None
    if plan.measure.over != "period":
        run = _runs(plan, payee, span)
        measured = run(measured)
        own_target = target
        if plan.measure.quota == "sum":
            quota = run(quota)
            target = run(target + np.zeros_like(sales)) if plan.on_target else target
        if plan.measure.pays == "period":
            before, limit_target = measured - sales, own_target
    no_quota = no_quota | (quota <= 0) if steep.needs_quota else no_quota
    columns, no_measure = measures(plan, rows)
    known = ~no_sales & ~no_quota & ~no_target & ~no_measure
    quota_there = np.where(no_quota, 1, quota) if steep.needs_quota else 1
    sales_banked = None
    if plan.cap is not None and plan.cap.banks_sales:
        if _by_attainment(rows, steep):
            require_columns(rows.columns, ["quota"], "`attainment`")
        room = -(-steep.level(steep.cap, quota_there) // steep.scale)  # in whole minor units
        sales_banked, earlier = balance(np.where(known, measured - room, 0), payee)
        measured = measured + np.where(known, earlier, 0)
    levels = Levels(measured, quota_there, target, base, before, limit_target, columns)
    no_quota = no_quota | no_target
    return Attained(
        order, payee, nth, span, sales, quota, levels, sales_banked, known, no_sales, no_quota,
        no_measure, place,
    )  # fmt: skip


def column(rows: pd.DataFrame, name: str, plan: Plan) -> np.ndarray:
    """An optional column of money in minor units; missing and absent are 0."""
    if name not in rows.columns:
        return np.zeros(len(rows), dtype=np.int64)
    return to_minor(_plain(rows[name]), plan.minor_unit, name)[0]


def _plain(values: pd.Series) -> np.ndarray:
    """The values for :func:`to_minor`: nullable numbers as floats, others as they are."""
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=object)
    if pd.api.types.is_integer_dtype(values.dtype) and not values.isna().any():
        return values.to_numpy(dtype=np.int64)
    return values.to_numpy(dtype=float, na_value=np.nan)


def require_one_row_each(table: pd.DataFrame, key: list[str]) -> None:
    """Refuse a table of attainment in which a part of the key is missing, or a key stands twice."""
    for name in key:
        if table[name].isna().any():
            raise SalesAnalysisError(
                f"`{name}` is missing in {int(table[name].isna().sum())} rows of `attainment`;"
                " sales without it cannot be paid to anybody."
            )
    twice = table.duplicated(key)
    if twice.any():
        names = table.loc[twice, key].astype("str").drop_duplicates()
        shown = ", ".join(" in ".join(row) for row in names.head(5).to_numpy())
        by_component = "component" in table.columns and "component" not in key
        raise SalesAnalysisError(
            f"`attainment` holds a payee twice in a period: {shown}. Expected one row per"
            f" {' and '.join(['payee', *key[1:]])}; add the rows up, or leave one out."
            + (" Rows by `component` need a plan with `components`." if by_component else "")
        )


def _in_order(table: pd.DataFrame, plan: Plan):
    """Rows by payee and time, the payees' numbers, their periods' numbers, and the spans."""
    banked = plan.cap is not None and plan.cap.banked
    strict = bool(plan.measure.over != "period" or plan.draw or plan.ramp or banked or plan.year)
    stateful = strict or plan.negative == "carry"
    payee = pd.factorize(table["payee_id"])[0]
    place = places(table["period"], plan.calendar, needed=strict)
    if stateful and place["at"].notna().all():
        at = place["at"].to_numpy(float)
    else:  # the order of the table is the order of time
        at = np.arange(len(table), dtype=float)
    _no_overlap(table, place, strict)
    order = np.lexsort((at, payee))
    payee = payee[order]
    new = np.r_[True, payee[1:] != payee[:-1]] if len(payee) else np.zeros(0, dtype=bool)
    start = np.maximum.accumulate(np.where(new, np.arange(len(payee)), 0))
    nth = np.arange(len(payee)) - start
    if "nth_period" in table.columns:
        nth = table["nth_period"].to_numpy(dtype=np.int64)[order] - 1
    place = place.iloc[order].reset_index(drop=True)
    return order, payee, nth, _spans(plan, place, payee), place


def _no_overlap(table: pd.DataFrame, place: pd.DataFrame, strict: bool) -> None:
    lengths = place["length"].dropna().unique()
    if strict and len(lengths) > 1:
        first = [table.loc[place["length"].eq(kind), "period"].iloc[0] for kind in lengths]
        raise SalesAnalysisError(
            f"`period` mixes lengths ({', '.join(map(str, first))}), so periods overlap or cannot"
            " be put in a row; expected one length."
        )


def _spans(plan: Plan, place: pd.DataFrame, payee: np.ndarray) -> np.ndarray:
    """A number for each payee × span that a measure runs over."""
    over = plan.measure.over
    if over not in ("quarter", "year") or not len(payee):
        return payee
    year = place["year"].fillna(0).to_numpy(np.int64)
    if over == "quarter":
        if (place["length"].isin(["year", "half"])).any():
            raise SalesAnalysisError(
                "`measure` runs over quarters, but the periods are longer than that."
            )
        # Numbered periods are months from 1, all others count their months from 0.
        first = place["length"].eq("numbered").to_numpy(int)
        year = np.floor((place["at"].fillna(0).to_numpy(float) - first) / 3).astype(np.int64)
    keys = np.stack([payee, year], axis=1)
    return np.unique(keys, axis=0, return_inverse=True)[1].ravel()


def _runs(plan: Plan, payee: np.ndarray, span: np.ndarray):
    """The function that adds up a measure: to date within a span, or over the last n periods."""
    over = plan.measure.over
    if isinstance(over, str):
        return lambda values: pd.Series(values).groupby(span).cumsum().to_numpy()

    def rolling(values):
        groups = pd.Series(values).groupby(payee)
        total = groups.cumsum()
        return (total - total.groupby(payee).shift(over, fill_value=0)).to_numpy()

    return rolling


def _by_attainment(rows: pd.DataFrame, steep: Ladder) -> bool:
    return steep.of_quota and "quota" not in rows.columns and "attainment" in rows.columns


def _sales_and_quota(rows: pd.DataFrame, plan: Plan, steep: Ladder):
    """Sales and quota in minor units, and where they are missing."""
    none = np.zeros(len(rows), dtype=bool)
    if _by_attainment(rows, steep):
        if plan.measure.over != "period":
            raise SalesAnalysisError(
                "`attainment` has shares but no `quota`; shares of several periods cannot be added"
                " up, and this plan measures over several."
            )
        marginal = any(steep.own_slopes) and not steep.per_quota and not steep.over_quota
        if marginal or (steep.times_sales and "sales" not in rows.columns):
            raise SalesAnalysisError(
                "`attainment` has shares but no `quota`; this plan pays a share of the sales and"
                " needs `sales` and `quota`."
            )
        none = rows["attainment"].isna().to_numpy()
        if "sales" not in rows.columns:
            return np.zeros(len(rows), dtype=np.int64), np.ones(len(rows), np.int64), none, none
    require_columns(rows.columns, ["sales"], "`attainment`")
    sales, no_sales = to_minor(_plain(rows["sales"]), plan.minor_unit, "sales")
    if "quota" not in rows.columns:
        if steep.needs_quota and not _by_attainment(rows, steep):
            require_columns(rows.columns, ["quota"], "`attainment`")
        return sales, np.zeros(len(rows), dtype=np.int64), no_sales | none, none
    quota, no_quota = to_minor(_plain(rows["quota"]), plan.minor_unit, "quota")
    unusable = no_quota | (quota <= 0)
    return sales, quota, no_sales, unusable if steep.needs_quota else none


def _active_share(rows: pd.DataFrame) -> np.ndarray | None:
    """The share of the period that the payee was there, where the table says."""
    if "active_share" not in rows.columns:
        return None
    share = rows["active_share"].fillna(1.0).to_numpy(float)
    if ((share < 0) | (share > 1)).any():
        bad = share[(share < 0) | (share > 1)][0]
        raise SalesAnalysisError(f"`active_share` holds {bad:g}; expected shares of 0 to 1.")
    return share


def _quota_that_counts(plan: Plan, quota, nth, there) -> np.ndarray:
    """Quotas after the ramp and the share of the period that the payee was there."""
    if plan.ramp:
        within = nth < len(plan.ramp)
        for at, share in enumerate(plan.ramp):
            here = within & (nth == at)
            part = rounded(quota[here] * share.numerator, share.denominator, "half_up")
            quota = quota.copy()
            quota[here] = part
    return quota if there is None else _whole(quota * there)


def _target(rows: pd.DataFrame, plan: Plan, there):
    """Target incentive of each row, for the share of the period, and where it is missing."""
    target, missing = _whole_target(rows, plan)
    if there is not None and plan.on_target:
        target = _whole(target * there)
    return target, missing


def _whole_target(rows: pd.DataFrame, plan: Plan):
    """Target incentive of the whole period."""
    none = np.zeros(len(rows), dtype=bool)
    if not plan.on_target:
        return 1, none
    if "target_incentive" in rows.columns:
        target, missing = to_minor(
            _plain(rows["target_incentive"]), plan.minor_unit, "target_incentive"
        )
        own = plan.target_incentive
        if own is not None:
            return np.where(missing, int(own / plan.minor_unit), target), none
        return target, missing
    if plan.target_incentive is None:
        raise SalesAnalysisError(
            "`target_incentive` is neither in the plan nor a column of `attainment`; this plan pays"
            " shares of it."
        )
    return int(plan.target_incentive / plan.minor_unit), none


def _whole(values) -> np.ndarray:
    """Half up, to whole numbers."""
    values = np.nan_to_num(np.asarray(values, dtype=float))
    return np.floor(np.round(values, 6) + 0.5).astype(np.int64)

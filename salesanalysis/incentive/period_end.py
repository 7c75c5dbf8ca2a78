"""Sales that crowd before the end of a period, and the quiet after it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_choice, require_columns, require_number
from salesanalysis.incentive.evidence import Evidence, effect_row, resampled_weights
from salesanalysis.known import KnownIncentive, frame_of
from salesanalysis.periods import UNITS, Calendar, Day, moments
from salesanalysis.stats import require_level

YARDSTICKS = ("working_days", "days")
#: Why sales can crowd at the end of a period although no payee pulls them forward.
OTHER_EXPLANATIONS = ("customer_budgets", "price_campaigns", "late_entry")


def timing(
    known: KnownIncentive,
    *,
    period: str = "quarter",
    days: int = 7,
    by: Sequence[str] | str = (),
    yardstick: str = "working_days",
    holidays: Sequence[Day] = (),
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Evidence:
    """How much of a period's sales falls in its last days, and how little in the first days after.

    The yardstick is a calm calendar, on which every working day sells alike. More than that before
    the end and less after it is what pulling sales forward looks like; more before the end and no
    less after it is something else. Amounts are net: returns count as negative sales, in the days
    they are recorded. Sales without an amount or a day are left out.

    Parameters
    ----------
    known : KnownIncentive
        Its ``sales``, one row per sale (or per day): ``sold_at, amount``, with ``payee_id`` where
        it is known, and the columns of ``by``. Periods that are not over by the day are left out;
        where none is, every effect is ``too_few``.
    period : str
        ``week``, ``month``, ``quarter`` or ``year``.
    days : int
        How many last (and first) calendar days; 7 is the last week.
    by : str or list of str
        Columns to split the cases by; ``period`` is one of them.
    yardstick : str
        ``working_days`` (Monday to Friday without ``holidays``) or ``days``.
    draws, level, seed
        Of the bootstrap: payees and periods are both drawn again.

    Returns
    -------
    Evidence
        Measures ``last_days`` and ``first_days``: ``n`` sales, ``observed`` and ``expected`` share
        of the period's amount, ``effect`` their difference. ``first_days`` are those of periods
        whose predecessor is in the data too. ``cases``: one row per group of ``by`` × measure:
        ``by, measure, periods, payees, n, amount, part_amount, observed, expected, effect,
        effect_low, effect_high, verdict``.

    Raises
    ------
    SalesAnalysisError
        A column is missing.

    References
    ----------
    Oyer, P. (1998), Quarterly Journal of Economics 113, 149–185 (the pattern). Owen, A. B. (2007),
    Annals of Applied Statistics 1, 386–411 (drawing both payees and periods again). Sales-system
    source, §4.

    Examples
    --------
    >>> days = pd.bdate_range("2025-01-01", "2025-06-30")
    >>> sales = pd.DataFrame({"payee_id": "a", "sold_at": days, "amount": 1.0})
    >>> sales.loc[sales["sold_at"].between("2025-03-25", "2025-03-31"), "amount"] = 11.6
    >>> known = KnownIncentive(as_of="2025-06-30", sales=sales)
    >>> timing(known, by="period").cases[["period", "measure", "observed"]].round(3)
        period     measure  observed
    0  2025-Q1   last_days     0.496
    1  2025-Q2  first_days     0.077
    2  2025-Q2   last_days     0.077
    """
    require_level(level)
    by = as_list(by)
    require_choice("period", period, (*UNITS, "half"))
    require_choice("yardstick", yardstick, YARDSTICKS)
    require_number("days", days, low=1, whole=True)
    sales = frame_of(known, "sales")
    calendar = known.calendar
    table = _dated(sales, period, by, calendar)
    after = known.as_of + pd.Timedelta(microseconds=1)
    over = {name for name in table["period"].unique() if calendar.bounds_of(name)[1] <= after}
    table = table[table["period"].isin(over)]
    if table.empty:
        return Evidence("timing", *_nothing(by, level), other_explanations=OTHER_EXPLANATIONS)
    working = None if yardstick == "days" else holidays
    calm = _calm(table["period"].unique(), days, working, calendar)
    table = table.merge(calm, on="period")
    table["last_days"] = table["amount"].where(table["sold_at"] >= table["last_from"], 0.0)
    table["first_days"] = table["amount"].where(table["sold_at"] < table["first_to"], 0.0)
    overall = [_measure(table, name, draws, level, seed) for name in ("last_days", "first_days")]
    return Evidence(
        name="timing",
        effects=pd.DataFrame([row[0] for row in overall]),
        cases=_cases(table, by, draws, level, seed),
        other_explanations=OTHER_EXPLANATIONS,
    )


def _dated(sales: pd.DataFrame, period: str, by: list[str], calendar: Calendar) -> pd.DataFrame:
    """The sales that count, with the period each is in."""
    needed = ["sold_at", "amount", *(column for column in by if column != "period")]
    require_columns(sales, needed, "`sales`")
    table = sales.copy(deep=False)
    table["sold_at"] = moments(table["sold_at"])
    table["amount"] = table["amount"].astype(float)
    table = table.dropna(subset=["sold_at", "amount"])
    if "payee_id" not in table:
        table["payee_id"] = "all"
    table["period"] = calendar.labels_of(table["sold_at"], period)
    return table


def _nothing(by: list[str], level: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The effects and the cases where no period is over."""
    rows = [
        effect_row(n, 0, np.nan, np.nan, np.nan, [], level) for n in ("last_days", "first_days")
    ]
    return pd.DataFrame(rows), pd.DataFrame(columns=_case_columns(by))


def _calm(names, days: int, holidays, calendar: Calendar) -> pd.DataFrame:
    """By period: where the first and last days lie, and the share of a calm calendar in them.

    Without ``holidays``, not even none, every day counts.
    """
    free = [np.datetime64(pd.Timestamp(day), "D") for day in holidays or ()]
    free = np.array(free, "datetime64[D]")
    rows = []
    for name in sorted(names):
        start, end = calendar.bounds_of(name)
        first, last = start + pd.Timedelta(days=days), end - pd.Timedelta(days=days)
        if first > end:
            raise SalesAnalysisError(f"`days` is {days}, longer than the period {name}.")

        def length(a, b) -> float:
            if holidays is None:
                return float((b - a).days)
            dates = (np.datetime64(moment, "D") for moment in (a, b))
            return float(np.busday_count(*dates, holidays=free))

        whole = length(start, end)
        before = (start - pd.Timedelta(days=1)).strftime("%Y-%m-%d")
        follows = calendar.label_of(before, calendar.unit_of(name)) in names
        rows.append(
            {
                "period": name,
                "last_from": last,
                "first_to": first,
                "calm_last_days": length(last, end) / whole,
                "calm_first_days": length(start, first) / whole,
                "follows": follows,
            }
        )
    return pd.DataFrame(rows)


def _measure(table: pd.DataFrame, name: str, draws: int, level: float, seed: int):
    """The effect of one measure, and what the cases say beside it."""
    counted = table[table["follows"]] if name == "first_days" else table
    counted = counted.assign(part=counted[name], calm=counted["amount"] * counted[f"calm_{name}"])
    cells = counted.groupby(["payee_id", "period"])[["amount", "part", "calm"]].sum()
    payee, payees = pd.factorize(cells.index.get_level_values("payee_id"), sort=True)
    time, periods = pd.factorize(cells.index.get_level_values("period"), sort=True)
    wide = np.zeros((3, len(payees), len(periods)))
    wide[:, payee, time] = cells.to_numpy().T
    n = int(counted[name].ne(0).sum())
    extra = {"periods": 0, "payees": 0, "amount": 0.0, "part_amount": 0.0}
    if counted.empty:
        return effect_row(name, 0, np.nan, np.nan, np.nan, [], level), extra
    amount, part, calm = wide
    payees, periods = amount.shape
    total = amount.sum()
    extra = {"periods": periods, "payees": payees, "amount": total, "part_amount": part.sum()}
    if not total > 0:
        return effect_row(name, n, np.nan, np.nan, np.nan, [], level), extra
    rng = np.random.default_rng(seed)
    of_payees = resampled_weights(payees, draws, rng)
    of_periods = resampled_weights(periods, draws, rng)

    def drawn(values: np.ndarray) -> np.ndarray:
        return ((of_payees @ values) * of_periods).sum(axis=1)

    few = payees < 2 and periods < 2
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = [] if few else (drawn(part) - drawn(calm)) / drawn(amount)
    observed, expected = part.sum() / total, calm.sum() / total
    sign = 1 if name == "last_days" else -1
    return effect_row(
        name, n, observed, expected, observed - expected, effects, level, sign=sign
    ), extra


def _cases(table: pd.DataFrame, by: list[str], draws: int, level: float, seed: int) -> pd.DataFrame:
    rows = []
    groups = table.groupby(by, sort=True, dropna=False) if by else [((), table)]
    for key, part in groups:
        group = dict(zip(by, key, strict=True))
        for name in ("first_days", "last_days"):
            row, extra = _measure(part, name, draws, level, seed)
            if extra["periods"]:
                rows.append(group | {"measure": name} | extra | row)
    return pd.DataFrame(rows, columns=_case_columns(by))


def _case_columns(by: list[str]) -> list[str]:
    names = [*by, "measure", "periods", "payees", "n", "amount", "part_amount", "observed"]
    return [*names, "expected", "effect", "effect_low", "effect_high", "verdict"]

"""Who stopped trying once the threshold was out of reach."""

import numpy as np
import pandas as pd

from salesanalysis.errors import require_columns, require_number
from salesanalysis.incentive.attainment_values import payee_periods
from salesanalysis.incentive.evidence import (
    Evidence,
    effect_row,
    line_of,
    line_terms,
    payee_sums,
    redrawn,
)
from salesanalysis.incentive.reserves import LEAST
from salesanalysis.periods import PLAIN, Calendar, moments
from salesanalysis.stats import require_level

#: Why sales can fall late in a period that went badly, although nobody gave up.
OTHER_EXPLANATIONS = ("bad_market", "kept_for_next", "away")


def gave_up(
    sales: pd.DataFrame,
    attainment: pd.DataFrame,
    *,
    threshold: float = 1.0,
    at: float = 2 / 3,
    times: float = 2.0,
    least: int = LEAST,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    calendar: Calendar = PLAIN,
) -> Evidence:
    """Whether payees for whom the threshold is out of reach sell less in the rest of the period.

    When the share ``at`` of the period's working days is over, the threshold is *out of reach* if
    the payee would have to sell ``times`` as fast as so far. The pace in the rest of the period is
    compared with the one to be expected from the payee's pace so far and from what is usual for
    the payee, as these two count while the threshold is in reach: a bad period goes on badly for
    other reasons too. Payee-periods that had reached the threshold by then are in neither group;
    those without a quota, or without another period that says what is usual, are left out.

    Parameters
    ----------
    sales : DataFrame, one row per sale
        ``payee_id, sold_at, amount``.
    attainment : DataFrame, one row per payee × period
        ``payee_id, period, quota, sales``; only periods that are over.
    threshold : float
        As a share of the quota.
    at : float
        Share of the period's working days after which one looks.
    times : float
        From how many times the pace so far on the threshold is out of reach.
    least : int
        With fewer payee-periods in a group than this there is no comparison.
    draws, level, seed
        Of the bootstrap over payees.
    calendar : salesanalysis.periods.Calendar
        The company's.

    Returns
    -------
    Evidence
        Measure ``pace_after``: ``n`` payee-periods out of reach; ``observed`` and ``expected`` pace
        after ``at``, in quotas per period; ``effect`` the change, as a share of the expected.
        ``cases``: one row per payee-period out of reach, most sales missing first: ``payee_id,
        period, reached_share`` (of the quota, at that point), ``needed_times`` (pace needed over
        pace so far), ``pace_before, pace_after, expected_pace`` (quotas per period),
        ``missing_sales`` (money), ``gave_up`` (half of the expected pace or less).

    Raises
    ------
    SalesAnalysisError
        A column is missing, a payee has a period twice, or ``at`` is not between 0 and 1.

    References
    ----------
    Vroom, V. H. (1964), Work and Motivation (effort follows the chance of success). Steenburgh,
    T. J. (2008), Quantitative Marketing and Economics 6, 235–256 (giving up against pulling
    forward). Sales-system source, §4, §14.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> days = pd.bdate_range("2025-01-01", "2025-12-31")
    >>> rows = [(f"p{i:02}", day, 1.0) for i in range(40) for day in days]
    >>> sales = pd.DataFrame(rows, columns=["payee_id", "sold_at", "amount"])
    >>> sales["period"] = sales["sold_at"].dt.to_period("Q").astype(str).str.replace("Q", "-Q")
    >>> luck = sales.groupby(["payee_id", "period"])["amount"].transform(
    ...     lambda part: rng.uniform(0.4, 1.3))
    >>> late = sales["sold_at"].dt.month % 3 == 0
    >>> sales["amount"] = luck * np.where(late & (luck < 0.75), 0.5, 1.0)
    >>> attainment = sales.groupby(["payee_id", "period"])["amount"].sum().rename("sales")
    >>> found = gave_up(sales, attainment.reset_index().assign(quota=66.0))
    >>> found.effects[["effect", "verdict"]].round(1)
       effect verdict
    0    -0.5   shown
    """
    require_level(level)
    require_number("at", at, over=0, under=1)
    require_number("times", times, over=1)
    table = _halves(sales, payee_periods(attainment), at, calendar)
    table = _paces(table, threshold, at)
    hopeless = (table["needed_times"] >= times) & ~table["reached"]
    playing = ~table["reached"] & ~hopeless
    model = _Late(table, hopeless.to_numpy(), playing.to_numpy())
    n = int(hopeless.sum())
    if min(n, int(playing.sum())) < least:
        row = effect_row("pace_after", n, np.nan, np.nan, np.nan, [], level)
        expected = np.full(len(table), np.nan)
    else:
        sums = payee_sums(table["payee_id"], model.terms)
        expected = model.expected(sums.sum(axis=0))
        drawn = redrawn(sums, draws, seed, model.change)
        seen, usual = model.means(sums.sum(axis=0))
        row = effect_row("pace_after", n, seen, usual, seen / usual - 1, drawn, level, sign=-1)
    return Evidence(
        name="gave_up",
        effects=pd.DataFrame([row]),
        cases=_cases(table.assign(expected_pace=expected)[hopeless], at),
        other_explanations=OTHER_EXPLANATIONS,
        threshold=threshold,
    )


def _halves(
    sales: pd.DataFrame, table: pd.DataFrame, at: float, calendar: Calendar
) -> pd.DataFrame:
    """Attainment with what was sold before and after the share ``at`` of the working days."""
    require_columns(sales, ["payee_id", "sold_at", "amount"], "`sales`")
    day = moments(sales["sold_at"]).to_numpy().astype("datetime64[D]")
    known = ~np.isnat(day)
    parts = []
    for period in table["period"].unique():
        start, end = (np.datetime64(moment, "D") for moment in calendar.bounds_of(period))
        inside = known & (day >= start) & (day < end)
        passed = np.busday_count(start, day[inside]) / np.busday_count(start, end)
        part = sales.loc[inside, ["payee_id", "amount"]].assign(early=passed < at, period=period)
        parts.append(part)
    nothing = sales.loc[[], ["payee_id", "amount"]].assign(early=np.array([], bool), period="")
    cut = pd.concat(parts or [nothing])
    early = cut[cut["early"]].groupby(["payee_id", "period"])["amount"].sum().rename("before")
    total = cut.groupby(["payee_id", "period"])["amount"].sum().rename("sold")
    joined = table.join(early, on=["payee_id", "period"]).join(total, on=["payee_id", "period"])
    joined = joined.dropna(subset=["sold"])  # a payee-period without any sale on record
    joined["before"] = joined["before"].fillna(0.0)
    joined["after"] = joined["sold"] - joined["before"]
    return joined.reset_index(drop=True)


def _paces(table: pd.DataFrame, threshold: float, at: float) -> pd.DataFrame:
    """Pace before and after, in quotas per period, the usual one, and the one needed over that."""
    reached_share = table["before"] / table["quota"]
    missing = threshold - reached_share
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = (missing / (1 - at)) / (reached_share / at)
    own = table.groupby("payee_id")["share"]
    others = own.transform("size") - 1
    return table.assign(
        reached_share=reached_share,
        reached=missing <= 0,
        needed_times=needed.where(reached_share > 0, np.inf),
        usual=(own.transform("sum") - table["share"]) / others.where(others > 0),
        pace_before=reached_share / at,
        pace_after=table["after"] / table["quota"] / (1 - at),
    ).dropna(subset=["usual"])


class _Late:
    """The late pace, linear in the early and the usual one, while the threshold is in reach."""

    def __init__(self, table: pd.DataFrame, hopeless: np.ndarray, playing: np.ndarray):
        late = table["pace_after"].to_numpy()
        self.design = np.column_stack([np.ones(len(table)), table["pace_before"], table["usual"]])
        out = np.column_stack([self.design, late]) * hopeless[:, None]
        self.terms = np.column_stack([line_terms(self.design * playing[:, None], late), out])

    def expected(self, total: np.ndarray) -> np.ndarray:
        """The late pace if nobody had given up: the line of those in play, prolonged."""
        return self.design @ line_of(total[:12], 3)

    def means(self, total: np.ndarray) -> tuple[float, float]:
        """Late pace of those out of reach: seen, and expected if they had not given up."""
        n, late = total[12], total[15]
        with np.errstate(divide="ignore", invalid="ignore"):
            return late / n, total[12:15] @ line_of(total[:12], 3) / n

    def change(self, total: np.ndarray) -> float:
        """Seen over expected, less 1."""
        seen, expected = self.means(total)
        return seen / expected - 1 if expected > 0 else np.nan


def _cases(table: pd.DataFrame, at: float) -> pd.DataFrame:
    apart = table["expected_pace"] - table["pace_after"]
    table = table.assign(
        missing_sales=apart * table["quota"] * (1 - at),
        gave_up=table["pace_after"] <= table["expected_pace"] / 2,
    )
    columns = ["payee_id", "period", "reached_share", "needed_times", "pace_before", "pace_after"]
    columns += ["expected_pace", "missing_sales", "gave_up"]
    order = ["missing_sales", "payee_id", "period"]
    table = table.sort_values(order, ascending=[False, True, True], kind="stable")
    return table[columns].reset_index(drop=True)

"""The chance that a silent customer buys again, learnt from how customers stood on earlier days."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.customers.purchasing import OK, RHYTHM, require_days, times_of
from salesanalysis.customers.return_model import Standing, centre, within
from salesanalysis.errors import SalesAnalysisError, require_columns

TOO_SHORT = "history_too_short"
#: Without so many horizons of history no list can be tested, so there is none.
LEAST_HORIZONS = 3
#: A limit that fewer alarms of earlier days tell of is not known.
LEAST_TESTED = 30
KIND = "leaving"
_YEAR = 365.0

_TESTED = {"known_on": "datetime64[us]", "return_chance": "float64"}
_TESTED |= {"customers": "int64", "bought_again": "int64"}
_BACKTEST = ["known_on", "customers", "alarms", "bought_again", "false_share"]
_BACKTEST += ["expected_false_share"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ReturnChance:
    """Who may not buy again, and how often so much was wrong, as from :func:`return_chance`.

    Attributes
    ----------
    status : str
        ``ok``, or ``history_too_short``: the customers are only ranked.
    horizon_days : int
    chances : DataFrame, one row per customer with a repeat purchase, the least likely to buy first
        ``account_id, last_purchase_at, silent_days``, ``usual_days`` (mean gap of the customer's
        purchases), ``return_chance`` of a purchase within the horizon, ``return_chance_before``
        (the same on the day of the report before; missing if it had bought since),
        ``amount_at_stake`` (what it bought in a year). Without history the chances are missing,
        and the longest silence beside the usual gap comes first.
    tested : DataFrame, one row per earlier day × chance told on it
        ``known_on, return_chance, customers, bought_again``: of how many customers it was told on
        what was known then, and how many of them bought within the horizon.
    """

    status: str
    horizon_days: int
    chances: pd.DataFrame
    tested: pd.DataFrame

    def __repr__(self) -> str:
        return f"ReturnChance, {self.horizon_days} days: {self.status}, {len(self.chances):,} rows"

    def limit(self, false_share: float = 0.2) -> float:
        """The greatest chance that a list may hold so that at most this share of it is false.

        It must hold twice: by the chances told today, and by what became of all customers of whom
        as little was told on the earlier days. Missing where no limit holds.
        """
        told = self.chances["return_chance"].dropna().to_numpy()  # in ascending order
        n = np.searchsorted(told, told, side="right")  # with all who were told the same
        mean = np.cumsum(told)[n - 1] / n
        rows = self.tested.sort_values("return_chance", kind="stable")
        up_to = np.searchsorted(rows["return_chance"].to_numpy(), told, side="right")
        alarms, returned = (
            np.r_[0, rows[name].cumsum()][up_to] for name in ("customers", "bought_again")
        )
        held = (alarms >= LEAST_TESTED) & (returned <= false_share * alarms) & (mean <= false_share)
        return float(told[held].max()) if held.any() else np.nan

    def false_share(self, false_share: float = 0.2) -> float:
        """What share of the lists of the earlier days up to the same limit was false."""
        listed = self.tested[self.tested["return_chance"] <= self.limit(false_share)]
        return (
            float(listed["bought_again"].sum() / n) if (n := listed["customers"].sum()) else np.nan
        )

    def alarms(self, *, false_share: float = 0.2, most: int | None = None) -> pd.DataFrame:
        """The customers who will hardly buy again: at most ``most``, of the largest amounts.

        Returns
        -------
        DataFrame, new alarms first, then by ``amount_at_stake``
            ``account_id, kind, value`` (days silent), ``normal`` (usual days between purchases),
            ``distance`` (how many times as long), ``since`` (the last purchase), ``is_new`` (not on
            the list of the report before), ``amount_at_stake, return_chance``, ``false_share``
            (measured on earlier days). Empty rather than wrong more often than asked.
        """
        limit = self.limit(false_share)
        rows = self.chances[self.chances["return_chance"] <= limit]
        found = pd.DataFrame(
            {
                "account_id": rows["account_id"],
                "kind": KIND,
                "value": rows["silent_days"],
                "normal": rows["usual_days"],
                "distance": rows["silent_days"] / rows["usual_days"],
                "since": rows["last_purchase_at"],
                "is_new": ~(rows["return_chance_before"] <= limit),
                "amount_at_stake": rows["amount_at_stake"],
                "return_chance": rows["return_chance"],
                "false_share": self.false_share(false_share),
            }
        )
        order = ["is_new", "amount_at_stake", "account_id"]
        found = found.sort_values(order, ascending=[False, False, True])
        return found.head(len(found) if most is None else most).reset_index(drop=True)

    def backtest(self, *, false_share: float = 0.2) -> pd.DataFrame:
        """What the same limit would have listed on the earlier days, and what became of it.

        Returns
        -------
        DataFrame, one row per earlier day
            ``known_on, customers, alarms, bought_again`` (alarms that were false), ``false_share``,
            ``expected_false_share`` (the mean chance told of them).
        """
        limit = self.limit(false_share)
        rows = self.tested.assign(
            alarms=lambda t: t["customers"].where(t["return_chance"] <= limit, 0),
            false=lambda t: t["bought_again"].where(t["return_chance"] <= limit, 0),
            told=lambda t: t["return_chance"] * t["alarms"],
        )
        days = rows.groupby("known_on")[["customers", "alarms", "false", "told"]].sum()
        days = days.rename(columns={"false": "bought_again"}).reset_index()
        some = days["alarms"].where(days["alarms"] > 0)
        days["false_share"] = days["bought_again"] / some
        days["expected_false_share"] = days["told"] / some
        return days[_BACKTEST]


def return_chance(
    rhythms: pd.DataFrame, *, horizon_days: int = 90, days_since_report: int = 7
) -> ReturnChance:
    """The chance that each customer buys within the horizon, learnt from earlier days.

    A day is learnt from only by what was known on it and what was known a step later. Chances of
    steps are multiplied to that of the horizon. They never rise with a longer silence, and of a
    silence longer than any seen the chance of the longest is told: an upper limit, no guess.

    Parameters
    ----------
    rhythms : DataFrame, one row per day × customer
        As from :func:`salesanalysis.reduce.customers.rhythms`, of days one step apart.
    horizon_days : int
        A multiple of the step.
    days_since_report : int
        How long ago the report before was: what was not on its list is new.

    Returns
    -------
    ReturnChance
        Only customers who have bought again at least once are in it.

    Raises
    ------
    SalesAnalysisError
        The horizon is no multiple of the step.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-01", "2025-01-31"])
    >>> rhythms = pd.DataFrame({"known_on": days, "account_id": "A", "repeats": [1, 2],
    ...     "first_purchase_at": pd.Timestamp("2024-12-01"), "last_purchase_at": days,
    ...     "amount": 50.0, "first_to_last_days": [31.0, 61.0], "watched_days": [31.0, 61.0]})
    >>> return_chance(rhythms, horizon_days=30)
    ReturnChance, 30 days: history_too_short, 1 rows
    """
    columns = ["known_on", *RHYTHM, "first_purchase_at", "last_purchase_at", "amount"]
    require_columns(rhythms.columns, columns, "`rhythms`")
    require_days(horizon_days)
    times_of(rhythms)
    days = np.sort(rhythms["known_on"].unique())
    rows = rhythms[rhythms["repeats"] > 0]
    last = (rows["known_on"] == days.max()).to_numpy() if len(days) else np.zeros(0, bool)
    today = rows[last]
    steps = _steps(days, horizon_days)
    began = (days - rhythms["first_purchase_at"].min().to_datetime64()) / np.timedelta64(1, "D")
    if len(days) <= steps or began[-1] < LEAST_HORIZONS * horizon_days or not len(today):
        return _only_ranked(today, horizon_days)
    standing = _standing(rows, days)
    old = np.flatnonzero(began[:-steps] >= (LEAST_HORIZONS - 1) * horizon_days)
    returned = standing.bought_within(steps)
    tested = [_tested(standing, at, steps, returned[at]) for at in old]
    tested = [each for each in tested if each is not None]
    chance = standing.chance_by_silence(len(days) - 1)
    if not tested or chance is None:
        return _only_ranked(today, horizon_days)
    pair, silent = standing.pair[last], _silent(today)
    told = _ranked(today).assign(
        return_chance=within(chance, pair, silent, standing.step_days, steps),
        return_chance_before=np.where(
            silent >= days_since_report,
            within(chance, pair, silent - days_since_report, standing.step_days, steps),
            np.nan,
        ),
    )
    told = told.sort_values(["return_chance", "account_id"], ignore_index=True)
    return ReturnChance(
        status=OK,
        horizon_days=horizon_days,
        chances=told,
        tested=pd.concat(tested, ignore_index=True),
    )


def _steps(days: np.ndarray, horizon_days: int) -> int:
    """How many steps a horizon has."""
    apart = np.unique(np.diff(days) / np.timedelta64(1, "D"))
    if len(apart) > 1 or (len(apart) and horizon_days % apart[0]):
        found = ", ".join(f"{each:g}" for each in apart)
        raise SalesAnalysisError(
            f"`rhythms` has days that are {found} days apart; expected one step, of which"
            f" `horizon_days` ({horizon_days}) is a multiple. Give that step to"
            " `reduce.customers.rhythms`."
        )
    return int(horizon_days // apart[0]) if len(apart) else 1


def _standing(rows: pd.DataFrame, days: np.ndarray) -> Standing:
    """How the customers stood on each day."""
    return Standing(
        np.searchsorted(days, rows["known_on"].to_numpy()),
        pd.factorize(rows["account_id"])[0],
        _silent(rows),
        rows["first_to_last_days"].to_numpy(float),
        rows["repeats"].to_numpy(float),
        rows["last_purchase_at"].to_numpy(),
        days,
    )


def _tested(standing: Standing, at: int, steps: int, returned: np.ndarray):
    """What would have been told on an earlier day, beside what became of it; None of too few."""
    chance = standing.chance_by_silence(at)
    if chance is None:
        return None
    silent = centre(standing.silent)
    told = within(chance, standing.pair_of, silent, standing.step_days, steps)
    values = [standing.days[at], told, standing.customers[at], returned]
    rows = pd.DataFrame(dict(zip(_TESTED, values, strict=True))).astype(_TESTED)
    return rows[rows["customers"] > 0]


def _only_ranked(today: pd.DataFrame, horizon_days: int) -> ReturnChance:
    """The customers without any chance, the longest silent beside their usual gap first."""
    found = _ranked(today)
    times = (found["silent_days"] / found["usual_days"]).rename("times")
    order = pd.concat([-times, found["account_id"]], axis=1).sort_values(["times", "account_id"])
    return ReturnChance(
        status=TOO_SHORT,
        horizon_days=horizon_days,
        chances=found.loc[order.index].reset_index(drop=True),
        tested=pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _TESTED.items()}),
    )


def _ranked(today: pd.DataFrame) -> pd.DataFrame:
    """What is said of each customer beside its chance."""
    year = today["watched_days"].clip(lower=_YEAR)
    return today[["account_id", "last_purchase_at"]].assign(
        silent_days=_silent(today),
        usual_days=today["first_to_last_days"] / today["repeats"],
        return_chance=np.nan,
        return_chance_before=np.nan,
        amount_at_stake=today["amount"] * _YEAR / year,
    )


def _silent(rows: pd.DataFrame) -> np.ndarray:
    """Days since the last purchase."""
    return (rows["watched_days"] - rows["first_to_last_days"]).to_numpy(float)

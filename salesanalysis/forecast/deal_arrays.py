"""What was known of every deal at the end of a day, as arrays: the one gate that time passes.

Everything behind it sees a deal only as it was on that day: deals created later are not there,
deals closed later are open, stages entered and amounts noted later are not known.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, OUTCOMES, WON
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.periods import PLAIN, Calendar, end_of, moments

#: The day number of what has not happened.
NEVER = 10**7

#: Where the amount of a deal is known from.
FROM_HISTORY, FROM_PRICE_LIST, FROM_DEAL_LIST, IMPUTED = (
    "stage_history",
    "price_list",
    "deal_list",
    "imputed",
)


@dataclass(frozen=True, eq=False)
class DealArrays:
    """The deals known at the end of one day; days are counted from 1970-01-01.

    Attributes
    ----------
    as_of : int
        The day.
    calendar : Calendar
        The company's.
    row : ndarray of int
        Where each deal stands in the deal list it was taken from.
    created, closed : ndarray of int
        Days; ``closed`` is :data:`NEVER` while the deal is open.
    won : ndarray of bool
    amount : ndarray of float
        As known while the deal was open; missing where it was not.
    amount_from : ndarray of str
    won_amount : ndarray of float
        What it was won for; 0 for all others.
    stages : tuple of str
        Names of the stages; the first is empty: no stage entered yet, or no history at all.
    stage_deal, stage_day, stage_code : ndarray of int
        One per stage entered, in the order of time: the deal's position in these arrays.
    """

    as_of: int
    calendar: Calendar
    row: np.ndarray
    created: np.ndarray
    closed: np.ndarray
    won: np.ndarray
    amount: np.ndarray
    amount_from: np.ndarray
    won_amount: np.ndarray
    stages: tuple[str, ...]
    stage_deal: np.ndarray
    stage_day: np.ndarray
    stage_code: np.ndarray

    @property
    def open(self) -> np.ndarray:
        """Positions of the deals that are open."""
        return np.flatnonzero(self.closed == NEVER)

    @property
    def last_day(self) -> np.ndarray:
        """The last day on which each deal was watched: its closing, or the day itself."""
        return np.minimum(self.closed, self.as_of)


@dataclass(frozen=True, eq=False)
class History:
    """Deal list and stage entries, checked and turned into numbers once.

    Attributes
    ----------
    deals : DataFrame, one row per deal
    created, closed : ndarray of int, deals
        Days; :data:`NEVER` where missing, ``closed`` also while open.
    usable : ndarray of bool, deals
        Whether the dates say when the deal was open.
    amounts_while_open : bool
        Whether the deal list notes amounts before deals close.
    stages : tuple of str
        Names of the stages, in the order of the alphabet.
    stage_row, stage_day, stage_code : ndarray of int, stages entered
        The row of the deal, the day, the stage; in the order of time.
    stage_amount : ndarray of float, stages entered
        The amount noted then; missing where none was.
    calendar : Calendar
        The company's.
    """

    deals: pd.DataFrame
    created: np.ndarray
    closed: np.ndarray
    usable: np.ndarray
    amounts_while_open: bool
    stages: tuple[str, ...]
    stage_row: np.ndarray
    stage_day: np.ndarray
    stage_code: np.ndarray
    stage_amount: np.ndarray
    calendar: Calendar

    @property
    def last_day(self) -> int:
        """The last day on which anything happened."""
        days = [self.created[self.usable].max(initial=0)]
        closed = self.closed[self.usable & (self.closed < NEVER)]
        return int(max(*days, closed.max(initial=0)))

    @property
    def first_day(self) -> int:
        """The first day on which a deal was known, and an amount; :data:`NEVER` without either."""
        final, won = _positive(self.deals["amount"]), (self.deals["outcome"] == WON).to_numpy()
        since = np.where(self.usable & won & ~np.isnan(final), self.closed, NEVER)
        entered = ~np.isnan(self.stage_amount)
        row, day = self.stage_row[entered], self.stage_day[entered]
        day = np.where(self.usable[row], np.maximum(day, self.created[row]), NEVER)
        listed = np.zeros(len(final), dtype=bool)
        if "list_price" in self.deals:
            listed |= ~np.isnan(_positive(self.deals["list_price"]))
        if self.amounts_while_open:
            listed |= ~np.isnan(final)
        since = np.minimum(since, np.where(self.usable & listed, self.created, NEVER))
        return int(min(since.min(initial=NEVER), day.min(initial=NEVER)))


def read_history(frames) -> History:
    """The frames of the reduction, or a deal list alone, checked; a history as it is.

    Raises
    ------
    SalesAnalysisError
        Something else is given, a column is not there, a deal is listed twice, or an outcome, an
        amount or a date is none.
    """
    if isinstance(frames, History):
        return frames
    deals = frames if isinstance(frames, pd.DataFrame) else getattr(frames, "deals", None)
    entries = None if deals is frames else getattr(frames, "stage_entries", None)
    if not isinstance(deals, pd.DataFrame):
        raise SalesAnalysisError(
            f"`frames` is {type(frames).__name__}; expected what `reduce.forecast.pipeline` gives,"
            " or a DataFrame with one row per deal."
        )
    needed = ["opportunity_id", "outcome", "created_at", "amount"]
    require_columns(deals.columns, needed, "`frames.deals`")
    # In one order, so that the same deals in any order make the same draws.
    deals = deals.sort_values("opportunity_id", ignore_index=True)
    if "closed_at" not in deals:
        deals["closed_at"] = pd.NaT
    twice = deals.loc[deals["opportunity_id"].duplicated(), "opportunity_id"].unique()
    if len(twice):
        raise SalesAnalysisError(
            f"`frames.deals` lists {', '.join(map(str, twice[:5]))} more than once; expected one"
            " row per deal."
        )
    names = deals["outcome"].dropna().unique()
    unknown = [name for name in names if name not in OUTCOMES]
    # Further ways to lose a deal may have their names; but where none is won, wins have another.
    if unknown and WON not in names:
        raise SalesAnalysisError(
            f"`outcome` has {unknown[0]!r}; expected one of {', '.join(OUTCOMES)}."
            " `salesanalysis.sources.read` knows other words for them."
        )
    created, closed = day_numbers(deals["created_at"]), day_numbers(deals["closed_at"])
    still_open = (deals["outcome"] == OPEN).to_numpy()
    closed = np.where(still_open, NEVER, closed)
    # Without a day of creation there is no age, without a day of closing no event: such deals
    # cannot be learned from, and a closing before the creation contradicts itself.
    usable = (created < NEVER) & (closed >= created) & (still_open | (closed < NEVER))
    return History(
        deals,
        created,
        closed,
        usable,
        _amounts_while_open(deals),
        *_entries(entries, deals),
        getattr(frames, "calendar", PLAIN),
    )


def deal_arrays(history: History, as_of) -> DealArrays:
    """The deals as they were known at the end of ``as_of``."""
    day = day_number(as_of)
    row = np.flatnonzero(history.usable & (history.created <= day))
    closed = np.where(history.closed[row] <= day, history.closed[row], NEVER)
    deals = history.deals.iloc[row]
    won = (deals["outcome"] == WON).to_numpy() & (closed <= day)
    final = _positive(deals["amount"])
    stages, stage_deal, stage_day, stage_code, noted = _entries_until(history, row, day)
    amount = noted
    amount_from = np.where(np.isnan(noted), IMPUTED, FROM_HISTORY).astype(object)
    if "list_price" in deals:
        price = _positive(deals["list_price"])
        take = np.isnan(amount) & ~np.isnan(price)
        amount, amount_from = (
            np.where(take, price, amount),
            _put(amount_from, take, FROM_PRICE_LIST),
        )
    if history.amounts_while_open:
        take = np.isnan(amount) & ~np.isnan(final)
        amount, amount_from = np.where(take, final, amount), _put(amount_from, take, FROM_DEAL_LIST)
    return DealArrays(
        as_of=day,
        calendar=history.calendar,
        row=row,
        created=history.created[row],
        closed=closed,
        won=won,
        amount=amount,
        amount_from=amount_from,
        won_amount=np.where(won, np.nan_to_num(final), 0.0),
        stages=stages,
        stage_deal=stage_deal,
        stage_day=stage_day,
        stage_code=stage_code,
    )


def stage_on(known: DealArrays, day: int) -> np.ndarray:
    """The stage of each deal at the end of a day."""
    stage = np.zeros(len(known.created), dtype=np.int64)
    until = int(np.searchsorted(known.stage_day, day, side="right"))
    stage[known.stage_deal[:until]] = known.stage_code[:until]
    return stage


def day_number(day) -> int:
    """The number of the day that a moment lies in."""
    return int(np.datetime64(end_of(day), "D").astype(np.int64))


def day_numbers(at: pd.Series) -> np.ndarray:
    """The number of the day of each moment; :data:`NEVER` where it is missing."""
    days = moments(at).to_numpy().astype("datetime64[D]")
    missing = np.isnat(days)
    return np.where(missing, NEVER, np.where(missing, np.datetime64(0, "D"), days).astype(np.int64))


def _positive(amounts: pd.Series) -> np.ndarray:
    """The amounts; missing where they are 0 or less, which says that nobody has entered one."""
    try:
        numbers = amounts.to_numpy(dtype=float, na_value=np.nan)
    except (ValueError, TypeError):
        numbers = np.full(len(amounts), np.inf)
    if np.isposinf(numbers).any():
        raise SalesAnalysisError(
            f"`{amounts.name}` has values that are no amounts, such as"
            f" {amounts[np.isposinf(numbers)].tolist()[0]!r}; expected numbers."
        )
    return np.where(numbers > 0, numbers, np.nan)


def _put(labels: np.ndarray, where: np.ndarray, label: str) -> np.ndarray:
    return np.where(where, label, labels)


def _amounts_while_open(deals: pd.DataFrame) -> bool:
    """Whether the deal list notes amounts before deals close, judged by the deals still open.

    Many systems fill the amount, or set it from 0, only when a deal is won. Then the amount of a
    deal that has closed since was not known while it was open.
    """
    filled = ~np.isnan(_positive(deals["amount"]))
    still_open = (deals["outcome"] == OPEN).to_numpy()
    won = (deals["outcome"] == WON).to_numpy()
    if not still_open.any() or not won.any():
        return True
    return bool(filled[still_open].mean() >= 0.5 * filled[won].mean())


def _entries(entries: pd.DataFrame | None, deals: pd.DataFrame):
    """The stages entered by deals of the list, in the order of time."""
    if entries is None or entries.empty:
        nothing = np.empty(0, dtype=np.int64)
        return (), nothing, nothing, nothing, np.empty(0)
    require_columns(entries.columns, ["opportunity_id", "stage", "entered_at"], "`stage_entries`")
    row = pd.Index(deals["opportunity_id"]).get_indexer(entries["opportunity_id"])
    entered = moments(entries["entered_at"])
    known = (row >= 0) & entered.notna().to_numpy() & entries["stage"].notna().to_numpy()
    order = np.flatnonzero(known)
    order = order[np.argsort(entered.to_numpy()[order], kind="stable")]
    code, stages = pd.factorize(entries["stage"].iloc[order], sort=True)
    amount = np.full(len(order), np.nan)
    if "amount" in entries:
        amount = _positive(entries["amount"].iloc[order])
    return tuple(map(str, stages)), row[order], day_numbers(entered.iloc[order]), code, amount


def _entries_until(history: History, row: np.ndarray, day: int):
    """Stages entered by the deals in ``row`` up to ``day``, and the amount last noted for each."""
    until = int(np.searchsorted(history.stage_day, day, side="right"))
    place = np.full(len(history.deals), -1)
    place[row] = np.arange(len(row))
    deal = place[history.stage_row[:until]]
    here = deal >= 0
    deal, days = deal[here], history.stage_day[:until][here]
    amount = history.stage_amount[:until][here]
    noted = np.full(len(row), np.nan)
    known = ~np.isnan(amount)
    noted[deal[known]] = amount[known]  # in the order of time: the last one stays
    # Only stages seen by then have a code. 0 is for deals that have not entered one yet.
    seen, code = np.unique(history.stage_code[:until][here], return_inverse=True)
    stages = ("", *(history.stages[stage] for stage in seen))
    return stages, deal, days, code.astype(np.int64) + 1, noted

"""The chance that an open invoice is paid late, and what it may cost."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.customers.late_history import (
    DAY,
    FEATURES,
    LEAST_DECIDED,
    LEAST_OF_EACH,
    PaymentHistory,
)
from salesanalysis.customers.receivables import overdue_days
from salesanalysis.errors import SalesAnalysisError, require_number
from salesanalysis.known import KnownCustomers, frame_of
from salesanalysis.stats import ranked_right, wilson
from salesanalysis.summarised import Summarised

OK, TOO_FEW = "ok", "too_few"
#: The groups of chance in the table of the test.
_CHANCES = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_NEEDED = ("account_id", "invoice_id", "kind", "issued_at", "due_at", "amount", "settled_at")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LateModel(Summarised):
    """What was learnt of late payment, and the chance of each open invoice.

    Attributes
    ----------
    status : str
        ``ok``, or ``too_few``: fewer than 50 invoices are decided, or fewer than 10 of them were
        late or in time, and every chance is missing.
    n, late : int
        Invoices whose due day is over, and how many of them were late.
    open_invoices : DataFrame, one row per open invoice
        ``account_id, invoice_id, due_at, unpaid_amount, overdue_days``, ``chance_late`` (1 where it
        is late already, missing without a due day or a customer), ``chance_late_30`` (more than 30
        days).
    tested : DataFrame, one row per group of chance
        How open invoices that were not due turned out, of which the same was asked on earlier days:
        ``chance_from, chance_to, n, mean_chance``, ``k`` (were late), ``rate, rate_low,
        rate_high``.
    auc, log_loss, constant_log_loss : float
        Of these, and the log loss of one chance for all, their share late; missing without a test.
    test_days : list of Timestamp
        The earlier days.
    effects : DataFrame, one row per feature
        ``feature``, ``log_odds``: change of the log odds with one standard deviation more.
    late_days : numpy array
        By how many days those who were late were late, and ``watched_days``, how long it has been
        due: what is beyond a day is learnt from those watched as long.
    watched_days : numpy array
    """

    status: str
    n: int
    late: int
    open_invoices: pd.DataFrame
    tested: pd.DataFrame
    auc: float
    log_loss: float
    constant_log_loss: float
    test_days: list[pd.Timestamp]
    effects: pd.DataFrame
    late_days: np.ndarray
    watched_days: np.ndarray

    def summary(self) -> pd.DataFrame:
        """What was learnt, in a few figures: ``name, value, unit``."""
        open_now = self.open_invoices
        return pd.DataFrame(
            [
                ("decided", self.n, "count"),
                ("late_rate", self.late / self.n if self.n else np.nan, "share"),
                ("open", len(open_now), "count"),
                ("expected_late", open_now["chance_late"].sum(min_count=1), "count"),
                ("tested", int(self.tested["n"].sum()), "count"),
                ("auc", self.auc, "number"),
                ("log_loss", self.log_loss, "number"),
                ("constant_log_loss", self.constant_log_loss, "number"),
            ],
            columns=["name", "value", "unit"],
        )


def late_chance(known: KnownCustomers, *, tests: int = 12, step_days: int = 30) -> LateModel:
    """The chance that each open invoice is paid after its due day.

    Learnt from the invoices whose due day is over, each with what was known of its account when it
    was issued: its share late, its last three, how early or late it pays on average, how many
    invoices tell so, and the size of this one. An open invoice is asked about with what is known
    now, and for the time that it has been open: who pays in time has mostly paid by then. Whether
    it is disputed is not used: that is mostly noted once it is late. The same is asked on earlier
    days, from what was known on each of them alone, and held against what came.

    Parameters
    ----------
    known : KnownCustomers
        With ``invoices``.
    tests : int
        On so many earlier days it is tested.
    step_days : int
        Days between them.

    Returns
    -------
    LateModel

    Examples
    --------
    >>> due = pd.Timestamp("2025-01-31") + pd.to_timedelta(np.arange(120), unit="D")
    >>> late = np.arange(120) % 2 * 12 - 6
    >>> invoices = pd.DataFrame({
    ...     "account_id": np.where(late > 0, "slow", "quick"), "amount": 100.0, "kind": "invoice",
    ...     "invoice_id": [str(n) for n in range(120)], "issued_at": due - pd.Timedelta(days=30),
    ...     "due_at": due, "settled_at": due + pd.to_timedelta(late, unit="D")})
    >>> invoices = invoices[invoices["issued_at"] <= "2025-04-30"]
    >>> paid = invoices["settled_at"] <= "2025-04-30"
    >>> invoices = invoices.assign(settled_at=invoices["settled_at"].where(paid),
    ...                            settled_amount=invoices["amount"].where(paid, 0.0))
    >>> model = late_chance(KnownCustomers(as_of="2025-04-30", invoices=invoices))
    >>> model.status, model.n, model.late
    ('ok', 89, 44)
    >>> model.open_invoices.groupby("account_id")["chance_late"].mean().round(2).to_dict()
    {'quick': 0.01, 'slow': 1.0}
    """
    tests = require_number("tests", tests, low=0, whole=True)
    step_days = require_number("step_days", step_days, low=1, whole=True)
    table = frame_of(known, "invoices", [*_NEEDED, "settled_amount"])
    # The same digits in every order of rows.
    rows = table[(table["kind"] == "invoice") & (table["amount"] > 0)]
    rows = rows.sort_values(["issued_at", "invoice_id", "account_id"], ignore_index=True)
    today = known.as_of.normalize()
    # What nobody owes has no history to learn from.
    dated = rows[rows["due_at"].notna() & rows["account_id"].notna()].assign(
        due=lambda t: t["due_at"].dt.normalize(),
        # Late is what was not settled on its due day, whether or not it was since.
        is_late=lambda t: ~(t["settled_at"].dt.normalize() <= t["due_at"].dt.normalize()),
    )
    history = PaymentHistory(dated, today)
    fit = history.on(today)
    decided = dated[dated["due"] < today]
    late = decided[decided["is_late"]]
    late_days = (late["settled_at"].dt.normalize().fillna(today) - late["due"]).dt.days
    watched_days = (today - late["due"]).dt.days
    lengths = (late_days.to_numpy(float), watched_days.to_numpy(float))
    tried = _tried(history, today, tests, step_days) if fit else []
    tested, figures = _test_table(tried)
    slopes = fit[0].slopes if fit else np.full(len(FEATURES), np.nan)
    return LateModel(
        status=OK if fit else TOO_FEW,
        n=len(decided),
        late=len(late),
        open_invoices=_open_now(rows[rows["settled_at"].isna()], known, history, fit, lengths),
        tested=tested,
        **figures,
        test_days=[day for day, *_ in tried],
        effects=pd.DataFrame({"feature": FEATURES, "log_odds": slopes}),
        late_days=lengths[0],
        watched_days=lengths[1],
    )


def _open_now(rows: pd.DataFrame, known: KnownCustomers, history, fit, lengths) -> pd.DataFrame:
    """The open invoices with their chances; missing ones where there is no due day or no fit."""
    overdue = overdue_days(known, rows)
    chance = pd.Series(np.nan, rows.index)
    if fit:
        chance = chance.mask(overdue > 0, 1.0)
        waiting = history.dated.loc[rows.index[overdue <= 0].intersection(history.dated.index)]
        chance.loc[waiting.index] = history.chance(waiting, known.as_of.normalize(), *fit)
    beyond, _ = _beyond(*lengths, overdue.fillna(0).to_numpy(float), 30)
    shown = rows.assign(
        unpaid_amount=rows["amount"] - rows["settled_amount"],
        overdue_days=overdue.astype("Int64"),
        chance_late=chance,
        chance_late_30=chance * beyond,
    )
    columns = ["account_id", "invoice_id", "due_at", "unpaid_amount", "overdue_days"]
    return shown[[*columns, "chance_late", "chance_late_30"]].reset_index(drop=True)


def _beyond(
    late_days: np.ndarray, watched_days: np.ndarray, overdue: np.ndarray, days: int
) -> tuple[np.ndarray, np.ndarray]:
    """The share, and its upper limit, late by more than ``days`` of those ever as late as this.

    Learnt from late invoices that have been due for longer. 1 where nobody was ever as late, for
    then nothing says that it will be paid.
    """
    as_late = np.sort(late_days[watched_days > days])
    n = len(as_late) - np.searchsorted(as_late, np.maximum(overdue, 0), side="right")
    k = np.minimum((as_late > days).sum(), n)
    share = np.divide(k, n, out=np.ones(len(n)), where=n > 0)
    past = overdue > days
    return np.where(past, 1.0, share), np.where(past | (n == 0), 1.0, wilson(k, n)[1])


def _tried(history: PaymentHistory, today: pd.Timestamp, tests: int, step_days: int) -> list[tuple]:
    """On each earlier day, the chance of what was open and not overdue, and what came of it."""
    found = []
    for step in range(tests, 0, -1):
        day = today - pd.Timedelta(days=step * step_days)
        fit, rows = history.on(day), history.dated
        was_open = (rows["issued_at"] < day + DAY) & ~(rows["settled_at"] < day + DAY)
        rows = rows[was_open & (rows["due"] >= day) & (rows["due"] < today)]
        if fit and len(rows):
            found.append((day, history.chance(rows, day, *fit), rows["is_late"].to_numpy(bool)))
    return found


def _test_table(tried: list[tuple]) -> tuple[pd.DataFrame, dict]:
    """What was predicted and what came, by groups of chance, and the figures of the whole."""
    chance = np.concatenate([part for _, part, _ in tried]) if tried else np.array([])
    came = np.concatenate([part for *_, part in tried]) if tried else np.array([], dtype=bool)
    place = np.clip(np.searchsorted(_CHANCES, chance, side="right") - 1, 0, len(_CHANCES) - 2)
    groups = range(len(_CHANCES) - 1)
    n = np.array([(place == at).sum() for at in groups])
    k = np.array([came[place == at].sum() for at in groups])
    total = np.array([chance[place == at].sum() for at in groups])
    low, high = wilson(k, n)
    with np.errstate(invalid="ignore"):
        table = pd.DataFrame(
            {
                "chance_from": _CHANCES[:-1],
                "chance_to": _CHANCES[1:],
                "n": n,
                "mean_chance": total / n,
            }
            | {"k": k, "rate": k / n, "rate_low": low, "rate_high": high}
        )

    def loss(given: np.ndarray) -> float:
        sure = np.clip(np.where(came, given, 1 - given), 1e-12, 1)
        return float(-np.log(sure).mean()) if len(came) else np.nan

    constant = np.full(len(came), came.mean() if len(came) else np.nan)
    figures = {"auc": ranked_right(chance, came), "log_loss": loss(chance)}
    return table, figures | {"constant_log_loss": loss(constant)}


def expected_loss(
    model: LateModel, *, loss_given_default: float, default_days: int = 90
) -> pd.DataFrame:
    """What open invoices may cost: the chance that they are not paid at all, by customer.

    Parameters
    ----------
    model : LateModel
        As from :func:`late_chance`.
    loss_given_default : float
        The share of an unpaid amount that is lost in the end; no data say it.
    default_days : int
        An invoice later than this counts as not paid.

    Returns
    -------
    DataFrame, one row per account with open invoices, the largest loss first
        ``account_id, invoices, unpaid_amount``, ``without_chance`` (what of it has no due day, or
        no chance was learnt for: it is not in the loss), ``expected_loss``, ``loss_high`` (with the
        upper limit of the share that is so late: where nobody ever was, the loss is 0 and its limit
        is not).

    Raises
    ------
    SalesAnalysisError
        Nothing was learnt (:attr:`LateModel.status`), or a number is none.
    """
    require_number("loss_given_default", loss_given_default, low=0, high=1)
    default_days = require_number("default_days", default_days, low=1, whole=True)
    if model.status != OK:
        raise SalesAnalysisError(
            f"`model` has learnt nothing: of {model.n} invoices whose due day is over {model.late}"
            f" were late; expected {LEAST_DECIDED} or more, {LEAST_OF_EACH} of them late and"
            f" {LEAST_OF_EACH} in time."
        )
    rows = model.open_invoices
    late = rows["chance_late"]
    overdue = rows["overdue_days"].fillna(0).to_numpy(float)
    beyond, high = _beyond(model.late_days, model.watched_days, overdue, default_days)
    at_stake = rows["unpaid_amount"] * loss_given_default * late
    parts = rows[["account_id", "unpaid_amount"]].assign(
        without_chance=rows["unpaid_amount"].where(late.isna(), 0.0),
        expected_loss=(at_stake * beyond).fillna(0.0),
        loss_high=(at_stake * high).fillna(0.0),
    )
    table = parts.groupby("account_id", dropna=False).agg(
        invoices=("unpaid_amount", "size"),
        **{name: (name, "sum") for name in parts.columns[1:]},
    )
    table = table.reset_index().sort_values(
        ["expected_loss", "loss_high", "account_id"], ascending=[False, False, True]
    )
    return table.reset_index(drop=True)

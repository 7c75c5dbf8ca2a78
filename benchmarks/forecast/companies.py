"""The companies that the pipeline's intervals are measured on: public ones and made-up ones.

Of the made-up ones nothing is made by the code of the forecast. What real pipelines do and plain
simulations leave out is in most of them: months are good or bad by themselves, arrivals wander, and
losing takes as long as winning. Each is seeded by its name.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pipelines import bpi12, maven, olist

from salesanalysis.known import KnownPipeline

START = np.datetime64("2022-01-01", "D")


@dataclass(frozen=True)
class Windows:
    """Which past days a company is forecast on: days after its first closing, and how far ahead."""

    first: int
    horizons: tuple[int, ...]
    step: int = 28
    last: int | None = None


@dataclass(frozen=True)
class Kind:
    """A made-up company.

    ``growth``: the logarithm of the last day's pace ÷ the first day's; ``burst``: all of it within
    the middle fifth. ``cycles``: mean days from creation to closing, of each product. ``hurry``:
    the share of closings that are drawn to the last ``hurry_days`` of their quarter, or of so many
    months as ``hurry_months``. ``tail``: the shape of the Pareto amounts, else lognormal with
    ``sigma``. ``wander`` and ``months_vary``: standard deviation of the logarithm of arrivals over
    a quarter, and of a month's chance to win. ``backlog``: there are deals from before the first
    day, whose closings are known from it on. ``turn``: by what the chance to win is multiplied from
    the middle on. ``copies``: so many companies of the kind, where one alone has too few windows to
    say anything.
    """

    a_month: float = 40
    months: int = 24
    growth: float = 0.0
    burst: bool = False
    cycles: tuple[float, ...] = (50.0,)
    win: float = 0.3
    hurry: float = 0.2
    hurry_days: int = 10
    hurry_months: int = 3
    sigma: float = 0.7
    tail: float | None = None
    wander: float = 0.2
    months_vary: float = 0.2
    stages: bool = True
    backlog: bool = False
    turn: float = 1.0
    copies: int = 1
    windows: Windows = Windows(120, (7, 28, 91))


YEAR = {"months": 13, "a_month": 60, "copies": 3, "windows": Windows(75, (7, 28, 91), step=21)}
SHORT = {"months": 9, "a_month": 60, "copies": 8}
SHORT |= {"windows": Windows(70, (28, 60, 91), last=150)}
MONTH_END = {"hurry_days": 4, "hurry_months": 1}
KINDS = {
    "plain": Kind(),
    "plain, large": Kind(a_month=250),
    "plain, no stages": Kind(stages=False),
    "few deals": Kind(a_month=10),
    "few deals, long cycle": Kind(a_month=8, cycles=(110.0,), months=36),
    "tripling": Kind(growth=1.1),
    "tripling at once": Kind(growth=1.1, burst=True),
    "tripling, first year": Kind(growth=1.1, **YEAR),
    "shrinking": Kind(growth=-1.1, a_month=80),
    "shrinking at once": Kind(growth=-1.1, burst=True, a_month=80),
    "first year": Kind(**YEAR),
    "first year, hard quarter end": Kind(hurry=0.75, **YEAR),
    "first year, all at quarter end": Kind(hurry=0.95, **YEAR),
    "hard quarter end": Kind(hurry=0.75),
    "hard quarter end, large": Kind(hurry=0.75, a_month=150),
    "month end": Kind(hurry=0.75, **MONTH_END),
    "month end, large": Kind(hurry=0.75, a_month=150, **MONTH_END),
    "first year, month end": Kind(hurry=0.75, **MONTH_END, **YEAR),
    "first year, all at month end": Kind(hurry=0.95, **MONTH_END, **YEAR),
    "quarter end, three days": Kind(hurry=0.75, hurry_days=3),
    "quarter end, twenty days": Kind(hurry=0.75, hurry_days=20),
    "short history": Kind(cycles=(120.0,), **SHORT),
    "short history, very long cycle": Kind(cycles=(200.0,), **SHORT),
    "short history, with backlog": Kind(cycles=(120.0,), backlog=True, **SHORT),
    "heavy tail": Kind(tail=1.15),
    "heavy tail, large": Kind(tail=1.15, a_month=200),
    "heavy tail, few": Kind(sigma=2.2, a_month=15),
    "two products": Kind(cycles=(15.0, 120.0), a_month=60),
    "two products, second grows": Kind(cycles=(15.0, 120.0), a_month=60, growth=0.7),
    "months vary much": Kind(months_vary=0.4, wander=0.4),
    "winning gets harder": Kind(turn=0.5, a_month=80),
    "winning gets easier": Kind(turn=1.8, a_month=60, win=0.2),
    "nothing varies": Kind(months_vary=0.0, wander=0.0, hurry=0.0, a_month=80),
}


def made_up(name: str, copy: int = 0) -> KnownPipeline:
    """The pipeline of one of the :data:`KINDS`, to its last day."""
    kind = KINDS[name]
    rng = np.random.default_rng(zlib.crc32(f"{name} {copy}".encode()))
    days = round(kind.months * 30.4)
    before = 400 if kind.backlog else 0
    day = np.arange(-before, days)
    part = np.clip((day / days - 0.4) / 0.2, 0, 1) if kind.burst else np.maximum(day, 0) / days
    # Arrivals wander about their trend and come back to it in a quarter or so.
    noise = rng.normal(size=len(day)) * np.sqrt(2 / 60) * kind.wander
    wander = np.zeros(len(day))
    for at in range(1, len(day)):
        wander[at] = wander[at - 1] * (1 - 1 / 60) + noise[at]
    pace = kind.a_month / 30.4 * np.exp(kind.growth * (part - (kind.growth > 0)) + wander)
    created = np.repeat(day, rng.poisson(pace))
    count = len(created)
    product = rng.integers(0, len(kind.cycles), count)
    if len(kind.cycles) > 1 and kind.growth:  # only the slow product grows
        product = (rng.random(count) < np.maximum(created, 0) / days).astype(int)
    cycle = np.array(kind.cycles)[product] * rng.gamma(2.0, 0.5, count)
    closed = created + np.maximum(cycle.round().astype(int), 1)
    month, each = (START + closed).astype("datetime64[M]").astype(int), kind.hurry_months
    month_end = (month // each * each + each).astype("datetime64[M]").astype("datetime64[D]")
    end = (month_end - START).astype(int) - 1
    near = (end - closed < 25 * each) & (rng.random(count) < kind.hurry)
    drawn_to = np.maximum(end - rng.integers(0, kind.hurry_days, count), closed)
    closed = np.where(near, drawn_to, closed)
    month = (START + closed).astype("datetime64[M]").astype(int)
    luck = np.exp(kind.months_vary * rng.normal(size=month.max() - month.min() + 1))
    chance = kind.win * luck[month - month.min()] * np.where(closed > days / 2, kind.turn, 1.0)
    won = rng.random(count) < chance
    amount = 1000 * np.exp(kind.sigma * rng.normal(size=count))
    if kind.tail:
        amount = 500 * (1 - rng.random(count)) ** (-1 / kind.tail)
    kept = closed >= 0
    return _known(kind, created[kept], closed[kept], won[kept], amount[kept].round(2), days, rng)


def _known(kind: Kind, created, closed, won, amount, days: int, rng) -> KnownPipeline:
    """The tables; the stages are entered at even parts of the way, lost deals stop anywhere."""
    still = closed >= days
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"D{number:06}" for number in range(len(created))],
            "outcome": np.where(still, "open", np.where(won, "won", "lost")),
            "created_at": pd.to_datetime(START + created),
            "closed_at": pd.Series(pd.to_datetime(START + closed)).mask(still),
            "amount": amount,
        }
    )
    entries = None
    if kind.stages:
        reached = np.where(won, 3, rng.integers(1, 4, len(won)))
        deal = np.repeat(np.arange(len(won)), reached)
        stage = np.arange(len(deal)) - np.repeat(np.cumsum(reached) - reached, reached)
        at = created[deal] + (closed - created)[deal] * stage // 3
        entries = pd.DataFrame(
            {
                "opportunity_id": deals["opportunity_id"].to_numpy()[deal],
                "stage": np.array(["1 met", "2 offer", "3 talks"])[stage],
                "entered_at": pd.to_datetime(START + at),
            }
        )
        entries = entries[at < days].sort_values("entered_at", ignore_index=True)
    as_of = pd.Timestamp(START + days - 1)
    return KnownPipeline(as_of=as_of, deals=deals, stage_entries=entries, latest=as_of)


def receivables(folder: Path) -> KnownPipeline:
    """Invoices, each "won" when it is paid: none is lost, the amount is known from the start."""
    path = folder / "receivables/WA_Fn-UseC_-Accounts-Receivable.csv"
    read = pd.read_csv(path, dtype={"invoiceNumber": str})
    sent, paid = (pd.to_datetime(read[name]) for name in ("InvoiceDate", "SettledDate"))
    return _all_won(read["invoiceNumber"], sent, paid, read["InvoiceAmount"])


def orders(folder: Path) -> KnownPipeline:
    """Lines ordered in a shop, each "won" when it is sent off, within a week; amounts vary much."""
    read = pd.read_excel(folder / "chinese/superstore_cn.xls", engine="calamine")
    at, sent = pd.to_datetime(read["订单日期"]), pd.to_datetime(read["发货日期"])
    return _all_won(read.index.astype(str), at, sent.where(sent >= at, at), read["销售额"])


def _all_won(ids, created, closed, amount) -> KnownPipeline:
    """A list in which every deal is won in the end."""
    as_of = closed.max().normalize()
    deals = {"opportunity_id": np.asarray(ids), "outcome": "won", "created_at": created}
    deals = pd.DataFrame(deals | {"closed_at": closed, "amount": amount.astype(float)})
    return KnownPipeline(as_of=as_of, deals=deals, latest=as_of)


#: The public pipelines: how to read them, and the windows.
PUBLIC: dict[str, tuple[Callable, Windows]] = {
    "bpi12": (bpi12, Windows(35, (7, 28), step=7)),
    "olist": (olist, Windows(60, (7, 28), step=7)),
    "maven": (maven, Windows(91, (7, 28, 91), step=7)),
    "receivables": (receivables, Windows(91, (7, 28, 91))),
    "orders": (orders, Windows(91, (7, 28, 91))),
}

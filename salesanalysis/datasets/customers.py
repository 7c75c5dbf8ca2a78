"""Customers of the made-up company: their file, what they buy and pay, what they look at and say.

They are the first accounts of the sample. Each has a rhythm of its own, some leave, some pay late;
everything depends on the seed alone, and what is true of each stands in :class:`CustomersTruth`.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from salesanalysis.company_fields import check_character
from salesanalysis.datasets import deals as d
from salesanalysis.datasets import model as m
from salesanalysis.datasets import parameters as p
from salesanalysis.datasets import words
from salesanalysis.datasets.company_records import with_duplicates
from salesanalysis.datasets.receivables import receivables
from salesanalysis.errors import require_number

CUSTOMERS = 400
FIRST_DAY, LAST_DAY = np.datetime64("2023-01-02", "D"), np.datetime64("2025-12-30", "D")
DAYS = int((LAST_DAY - FIRST_DAY).astype(int)) + 1
#: Buying follows the calendar month, January first.
SEASON = (0.80, 0.75, 1.15, 1.00, 1.00, 1.05, 0.85, 0.80, 1.10, 1.20, 1.25, 1.05)
#: Mean days between two purchases, from the most to the least frequent customer.
MEAN_GAP = (24.0, 120.0)
#: Gaps are sums of so many exponential parts: 1 buys at random, 4 like clockwork.
SHAPES = (1, 2, 3, 4)
LEAVE, FIRST_LEAVES = 0.10, np.datetime64("2023-09-01", "D")
MEAN_ORDER = {"Enterprise": 9_000.0, "Mid-market": 3_200.0, "Small business": 1_100.0}
ORDER_SPREAD, RETURNED, CANCELLED = 0.5, 0.025, 0.012

#: What is bought and looked at, and the price that it has around.
CATEGORIES = {
    "Servers": 5_200, "Sensors": 480, "Gateways": 1_650, "Controllers": 2_900, "Software": 950,
    "Service plans": 1_200, "Cables": 60, "Racks": 700, "Displays": 390,
}  # fmt: skip

TERMS, LATE_MEAN, NO_LIMIT, OVER_LIMIT = (30, 60), 0.25, 0.06, 0.04

#: The seller who has left, whose customers still hang on this id, and how many they are.
LEFT_SELLER, LEFT_BEHIND = "R025", 30
NEW_REPRESENTATIVE, THREE_FIELDS, FILLED, VERIFIED = 0.05, 0.02, 0.88, 0.7

VISITORS, LOOKS, FAVOURITE_CHANGES = 160, (12, 30), 0.05
#: The last half year of looks and the one before.
LOOKS_FROM, LOOKS_SPLIT = np.datetime64("2025-01-01", "D"), np.datetime64("2025-07-01", "D")
CAMPAIGNS = (("Spring", np.datetime64("2025-03-03", "D"), True),
             ("Autumn", np.datetime64("2025-09-15", "D"), False))  # fmt: skip
CAMPAIGN_DAYS, CAMPAIGN_LIFT = 30, 0.03
#: Of those who are there and would not have bought, as many buy as make the lift of all.
LIFTED = 0.06
STREETS = ("Harbor", "Mill", "Station", "Orchard", "Canal", "Church", "Bridge", "Market")
TARGETS = 120
#: New records of companies that are in the file already, for each account, and the first's id.
DUPLICATES, FIRST_DUPLICATE = 0.08, "A00900001"


@dataclass(frozen=True, eq=False)
class CustomersTruth:
    """What is true of the customers.

    Attributes
    ----------
    accounts : DataFrame, one row per customer
        ``account_id, mean_gap_days`` (on the season's clock), ``shape`` (of the gaps), ``left_at``
        (missing: stays), ``late_share`` (of its invoices), ``changes`` (fields of its file that
        changed in the last weeks), ``favourite_changed``.
    records : DataFrame, one row per record of the file
        ``account_id, customer_id`` (the account that the record is of), ``sister_of`` (missing but
        for sisters of another account), ``invalid_code``.
    campaign_lift : float
        By how much the campaign with a control raised the share of buyers.
    """

    accounts: pd.DataFrame
    records: pd.DataFrame
    campaign_lift: float


@dataclass(frozen=True, eq=False)
class Customers:
    """The tables about the customers of the made-up company, and the truth behind them."""

    tables: dict[str, pd.DataFrame]
    truth: CustomersTruth


def customers(*, seed: int = 7, accounts: int = CUSTOMERS) -> Customers:
    """Files, purchases, invoices, payments, looks, campaigns of so many customers, and the truth.

    Parameters
    ----------
    seed : int
        The same seed gives the same tables; 0 or more.
    accounts : int
        How many, from 1 to 600: the first accounts of the sample.

    Returns
    -------
    Customers
        ``customer_file`` is a table of ``accounts``; the others have the names of the vocabulary.

    Raises
    ------
    SalesAnalysisError
        ``seed`` or ``accounts`` is out of its limits.

    Examples
    --------
    >>> made = customers(seed=1, accounts=20)
    >>> made.tables["purchases"][["account_id", "purchased_at", "amount"]].head(2)
      account_id purchased_at   amount
    0  A00000008   2023-01-16  5091.27
    1  A00000009   2023-02-01  9380.21
    >>> made.truth.campaign_lift
    0.03
    """
    seed = require_number("seed", seed, low=0, high=2**63 - 1, whole=True)
    accounts = require_number("accounts", accounts, low=1, high=600, whole=True)
    known = d.accounts(seed, 2_000)
    names = words.company_names(np.arange(accounts), known.chinese[:accounts])
    people = [_Customer(seed, n, names[n], known) for n in range(accounts)]
    for customer in people:
        customer.live()
    tables = {
        name: pd.DataFrame([row for one in people for row in one.rows[name]])
        for name in people[0].rows
    }
    tables["purchases"] = _numbered(tables["purchases"], "order_id", "P")
    tables |= receivables(tables["purchases"], {one.account_id: one for one in people})
    tables["customer_file"], records = with_duplicates(
        tables["customer_file"], m.stream(seed, "records"), DUPLICATES, first_id=FIRST_DUPLICATE
    )
    # The sample's files need no quotes.
    file = tables["customer_file"]
    file["name"] = file["name"].str.replace(",", "")
    of_all = pd.DataFrame([one.truth() for one in people])
    truth = CustomersTruth(of_all, records, CAMPAIGN_LIFT)
    return Customers(tables, truth)


def customer_tables(seed: int) -> dict[str, pd.DataFrame]:
    """The tables of :func:`customers` for the sample company of this seed."""
    return customers(seed=seed).tables


def _normal(draws) -> np.ndarray:
    """Standard normal numbers from uniform ones."""
    clipped = np.clip(np.atleast_1d(draws), 1e-9, 1 - 1e-9)
    return np.array([NormalDist().inv_cdf(float(draw)) for draw in clipped])


def _clock() -> np.ndarray:
    """What the season's clock shows at the beginning of each day, and at the end of the last."""
    days = FIRST_DAY + np.arange(DAYS)
    pace = np.array(SEASON)[days.astype("datetime64[M]").astype(int) % 12]
    return np.concatenate([[0.0], np.cumsum(pace)])


_CLOCK = _clock()


def _numbered(table: pd.DataFrame, name: str, prefix: str) -> pd.DataFrame:
    """The rows in order of time, each order with its number."""
    table = table.sort_values(["purchased_at", "account_id"], kind="stable", ignore_index=True)
    orders = pd.Index(table["order_id"]).unique()
    numbers = {key: f"{prefix}{place + 1:06d}" for place, key in enumerate(orders)}
    return table.assign(**{name: table["order_id"].map(numbers)})


class _Customer:
    """One customer: who it is, and its rows."""

    def __init__(self, seed: int, number: int, name: str, known: d.Accounts):
        # A stream for each customer: a larger list begins with the customers of a smaller one.
        self.luck = m.stream(seed, "customers", number)
        self.number, self.name = number, name
        self.account_id = f"A{number + 1:08d}"
        self.region = p.REGIONS[known.region[number]].name
        self.segment = p.SEGMENTS[known.segment[number]].name
        sellers = [f"R{n + 1:03d}" for n in range(24) if n % len(p.REGIONS) == known.region[number]]
        pick, *draws = self.luck.random(9)
        self.owner = sellers[int(pick * len(sellers))]
        if number % (CUSTOMERS // LEFT_BEHIND) == 5 and number < CUSTOMERS:
            self.owner = LEFT_SELLER
        self.mean_gap = MEAN_GAP[0] * (MEAN_GAP[1] / MEAN_GAP[0]) ** draws[0]
        self.shape = SHAPES[int(draws[1] * len(SHAPES))]
        # Two in five were customers before the data begin.
        self.begins = 0 if draws[2] < 0.4 else int(draws[3] * (DAYS - 200))
        self.left = self._leaves(draws[4], draws[5])
        self.mean_order = MEAN_ORDER[self.segment] * float(np.exp(0.5 * _normal(draws[6])[0]))
        self.late_share = min(0.95, LATE_MEAN * 2 * draws[7] ** 1.5 + 0.02)
        self.terms = TERMS[number % 2]
        self.changes, self.favourite_changed = 0, False
        self.rows: dict[str, list[dict]] = {
            name: []
            for name in ("customer_file", "purchases", "account_changes", "eagerness", "views",
                         "account_targets", "campaign_members", "referrals", "suggestions",
                         "requests")
        }  # fmt: skip

    def _leaves(self, whether: float, when: float) -> np.datetime64 | None:
        """The day after which it buys nothing more, of those who leave."""
        if whether >= LEAVE:
            return None
        first = int((FIRST_LEAVES - FIRST_DAY).astype(int))
        return FIRST_DAY + first + int(when * (DAYS - first))

    def truth(self) -> dict:
        return {
            "account_id": self.account_id,
            "mean_gap_days": self.mean_gap,
            "shape": self.shape,
            "left_at": pd.NaT if self.left is None else pd.Timestamp(self.left),
            "late_share": self.late_share,
            "changes": self.changes,
            "favourite_changed": self.favourite_changed,
        }

    def live(self) -> None:
        """Everything of it, in the order of the tables."""
        days = self._purchase_days()
        self._campaigns(days)
        self._buy(sorted(days))
        self._file(min(days, default=None))
        self._change()
        self._eagerness()
        self._look()
        self._speak()

    def _purchase_days(self) -> set[np.datetime64]:
        """The days on which it buys: gaps of its shape, on the clock that runs with the season."""
        at = _CLOCK[self.begins] - self.luck.random() * self.mean_gap
        days: set[np.datetime64] = set()
        while True:
            parts = -np.log1p(-self.luck.random(self.shape))
            at += self.mean_gap * float(parts.sum()) / self.shape
            if at >= _CLOCK[-1]:
                break
            day = FIRST_DAY + (int(np.searchsorted(_CLOCK, max(at, 0), side="right")) - 1)
            day = np.busday_offset(day, 0, roll="forward")
            if day > LAST_DAY or (self.left is not None and day > self.left):
                break
            if day >= FIRST_DAY + self.begins:
                days.add(day)
        return days

    def _campaigns(self, days: set[np.datetime64]) -> None:
        """Who was assigned to what; the treated of the first buy a little more often."""
        for name, start, controlled in CAMPAIGNS:
            arm, lifted, when, interacted, after = self.luck.random(5)
            if min(days, default=LAST_DAY) > start:
                continue
            treated = arm < 0.5 or not controlled
            end = start + CAMPAIGN_DAYS
            buys = any(start <= day < end for day in days)
            # As many more of all as the lift says, taken from those who would not have bought.
            active = self.left is None or self.left > end
            if treated and controlled and not buys and active and lifted < LIFTED:
                days.add(np.busday_offset(start + int(when * 25), 0, roll="forward"))
            row = {
                "campaign_id": name,
                "account_id": self.account_id,
                "assigned": "treated" if treated else "control",
                "assigned_at": start,
                "interacted_at": np.datetime64("NaT"),
            }
            if treated and interacted < (0.7 if buys else 0.3):
                row["interacted_at"] = start + int(after * 10)
            self.rows["campaign_members"].append(row)

    def _buy(self, days: list[np.datetime64]) -> None:
        """An order on each of the days, of one or two categories; a few come back."""
        names = list(CATEGORIES)
        favourite = int(self.luck.random() * len(names))
        for n, day in enumerate(days):
            lines = 1 + int(self.luck.random() < 0.2)
            comes_back, when, is_cancelled = self.luck.random(3)
            for _ in range(lines):
                size, other, which = self.luck.random(3)
                category = names[favourite if other < 0.6 else int(which * len(names))]
                spread = float(np.exp(ORDER_SPREAD * _normal(size)[0] - ORDER_SPREAD**2 / 2))
                amount = round(self.mean_order / lines * spread, 2)
                row = {
                    "account_id": self.account_id,
                    "purchased_at": day,
                    "amount": amount,
                    "order_id": f"{self.account_id} {n}",
                    "kind": "cancelled" if is_cancelled < CANCELLED else "sale",
                    "category": category,
                    "owner_id": self.owner,
                    "currency": "USD",
                }
                self.rows["purchases"].append(row)
            back = day + 4 + int(when * 20)
            if comes_back < RETURNED and row["kind"] == "sale" and back <= LAST_DAY:
                self.rows["purchases"].append(row | {"purchased_at": back, "amount": -row["amount"]}
                                              | {"kind": "return"})  # fmt: skip

    def _file(self, first: np.datetime64 | None) -> None:
        """Its record, with gaps and without a check where nobody made one."""
        luck = self.luck.random(16)
        person = words.person_names(np.array([(self.number * 3) % words.PEOPLE]))[0]
        contact = words.person_names(np.array([(self.number * 3 + 1) % words.PEOPLE]))[0]
        checked = luck[0] < VERIFIED
        monthly = self.mean_order * 30 / self.mean_gap
        limit = round(monthly * (self.terms + 30) / 30 * 2.2, -2) or 100.0
        if luck[1] < NO_LIMIT:
            limit = np.nan
        elif luck[1] < NO_LIMIT + OVER_LIMIT:
            limit = max(100.0, round(limit * 0.12, -2))
        days = np.timedelta64(int(luck[2] * 700), "D")
        values = {
            "legal_representative": person,
            "contact": contact,
            "phone": f"555-{self.number:04d}-{int(luck[3] * 900) + 100}",
            "address": f"{int(luck[4] * 2_900) + 1} {STREETS[self.number % len(STREETS)]} Road",
            "city": f"{self.region} City" if luck[5] < 0.5 else f"{self.region} Port",
            "sales_area": self.region if luck[14] < 0.9 else None,
            "main_products": list(CATEGORIES)[int(luck[6] * len(CATEGORIES))],
            "monthly_sales": round(monthly * (0.8 + 0.4 * luck[7]), -1),
            "since": (FIRST_DAY - int(luck[8] * 1500)) if self.begins == 0 else first,
            "rating": "ABC"[int(luck[9] * 3)],
        }
        for place, name in enumerate(values):
            if luck[10 + place % 6] * (1 + place / 90) > FILLED + 0.1 * checked:
                values[name] = None
        self.rows["customer_file"].append(
            {"account_id": self.account_id, "name": self.name, "segment": self.segment}
            | {"region": self.region}
            | values
            | {
                "registration_code": _credit_code(self.number),
                "class": _class(monthly),
                "owner_id": self.owner,
                "collected_by": self.owner,
                "verified_by": "Office" if checked else None,
                "verified_at": LAST_DAY - days if checked else np.datetime64("NaT"),
                "credit_limit": limit,
                "payment_terms_days": self.terms,
                "loyalty_level": round(1 + 8 * float(luck[15]) ** 1.5, 0),
            }
        )  # fmt: skip

    def _change(self) -> None:
        """A new representative, or three fields at once."""
        whether, when = self.luck.random(2)
        fields = ("legal_representative", "address", "credit_limit")
        if whether < THREE_FIELDS:
            self.changes = len(fields)
        elif whether < THREE_FIELDS + NEW_REPRESENTATIVE:
            self.changes = 1
        file = self.rows["customer_file"][0]
        for place, name in enumerate(fields[: self.changes]):
            now = file[name]
            missing = now is None or now != now
            new = "" if missing else f"{now:.0f}" if name == "credit_limit" else str(now)
            old = {"legal_representative": f"Mr. {self.name.split()[-1]}",
                   "address": "1 Old Road", "credit_limit": "500"}[name]  # fmt: skip
            day = LAST_DAY - 90 + int(when * 80) + 3 * place
            self.rows["account_changes"].append(
                {"account_id": self.account_id, "field": name, "old": old, "new": new}
                | {"changed_at": day, "changed_by": self.owner}
            )

    def _eagerness(self) -> None:
        """Two assessments of the deeds and the attitude of every second customer; a target."""
        if self.number % 2 == 0:
            for back in (300, 60):
                scores = np.round(self.luck.random(5), 1)
                names = ("funding", "resources", "precedence", "staffing", "attitude")
                self.rows["eagerness"].append(
                    {"account_id": self.account_id, "assessed_at": LAST_DAY - back}
                    | dict(zip(names, scores.tolist(), strict=True))
                    | {"assessed_by": self.owner}
                )
        if self.number < TARGETS:
            year = self.mean_order * 365 / self.mean_gap
            target = round(year * (0.9 + 0.25 * float(self.luck.random())), -2)
            self.rows["account_targets"].append(
                {"account_id": self.account_id, "period": "2025", "target": max(target, 100.0)}
            )

    def _look(self) -> None:
        """What it looked at in two half years; a few have another favourite in the second."""
        if self.number >= VISITORS:
            return
        names, (least, most) = list(CATEGORIES), LOOKS
        favourite, whether, other, count = self.luck.random(4)
        first = int(favourite * len(names))
        self.favourite_changed = bool(whether < FAVOURITE_CHANGES)
        step = 1 + int(other * (len(names) - 1)) if self.favourite_changed else 0
        looks = least + int(count * (most - least))
        for start, liked in ((LOOKS_FROM, first), (LOOKS_SPLIT, (first + step) % len(names))):
            days = np.sort((self.luck.random(looks) * 178).astype(int))
            for day, draws in zip(days, self.luck.random((looks, 4)), strict=True):
                category = names[liked if draws[0] < 0.5 else int(draws[1] * len(names))]
                at = (start + int(day)).astype("datetime64[m]") + 480 + int(draws[2] * 600)
                price = round(CATEGORIES[category] * float(np.exp(1.2 * (draws[3] - 0.5))), -1)
                self.rows["views"].append(
                    {"account_id": self.account_id, "category": category, "at": at}
                    | {"price": max(price, 10.0)}
                )

    def _speak(self) -> None:
        """Suggestions, referrals, requests."""
        eager, refers, asks, *draws = self.luck.random(9)
        suggestions = int(eager**6 * 6)
        for n in range(suggestions):
            self.rows["suggestions"].append(
                {"account_id": self.account_id, "at": self._day(draws[n % 6], 600 - 40 * n)}
                | {"kind": "product"}
            )
        if refers < 0.12:
            friend = (self.number * 7 + 11) % CUSTOMERS
            self.rows["referrals"].append(
                {"account_id": self.account_id, "at": self._day(draws[4], 700)}
                | {"referred_id": f"A{friend + 1:08d}" if draws[5] < 0.7 else None}
            )
        if asks < 0.2:
            kind = ("complaint", "question", "delivery")[int(draws[3] * 3)]
            at = self._day(draws[2], 200)
            answer = at + 1 + int(draws[1] * 12)
            unanswered = draws[0] < 0.3 or answer > LAST_DAY
            self.rows["requests"].append(
                {"account_id": self.account_id, "at": at, "kind": kind, "owner_id": self.owner}
                | {"answered_at": np.datetime64("NaT") if unanswered else answer}
            )

    def _day(self, draw: float, back: int) -> np.datetime64:
        """A day up to so many before the last."""
        return LAST_DAY - int(draw * back)


def _class(monthly: float) -> str:
    """What it is on file: by the sales of a month, which is not what the rule says."""
    return "dealer" if monthly > 3_000 else "potential" if monthly > 900 else "downstream"


def _credit_code(number: int) -> str:
    """A valid unified social credit code for each number."""
    first = f"91310000MA{number * 7919 % 10**7:07d}"
    return first + check_character(first)

"""Ordinary inputs of made-up companies for every report: small, partial, one-sided, never faulty.

`write` makes the files of one report and says the parameters that it is run with. Columns and
tables that a company may lack are left out in all combinations; what is there may be empty, tiny,
all alike or of another time than the day of the report.
"""

import csv
import datetime
import itertools
import random
from dataclasses import dataclass, field
from pathlib import Path

#: The reports, in the order of the cases.
NOTEBOOKS = ("funnel", "forecast", "forgetting", "incentive", "overview")

_LETTERS = ["T", "S", "D", "C", "B", "A"]
_OWN_STAGES = ["Lead", "Demo", "Offer"]
_CHINESE = ["初步接洽", "方案报价", "合同谈判"]
_REGIONS = ["North", "Süd", "华东", "R&D <East>", "100", "O'Neil $5"]
_SELLERS = ["Ana", "李雷", "007", "José Müller", "42", "nan-Li", "_x_"]
_SKILLS = ["negotiation", "谈判", "7", "Closing & <more>"]
_SOURCES = ["web", "partner", "推荐"]
_ENDS = {"won": "Signed", "lost": "Lost", "cancelled": "Dropped"}
_CURRENCIES = {"partners": "EUR", "account_executives": "USD", "sample": "USD", "dealers": "CNY"}


@dataclass
class Company:
    """What the tables of one company have in common."""

    random: random.Random
    stages: list[str]
    first: datetime.date
    days: int
    regions: list[str]
    sellers: list[str]
    lacking: float  # how likely it is that a column is left out
    exits: dict = field(default_factory=dict)  # the stages of the history that are ends
    tables: dict[str, list[dict]] = field(default_factory=dict)

    def day(self, earliest: int = 0) -> datetime.date:
        """A day of the company's time, no earlier than so many days after its first."""
        return self.first + datetime.timedelta(
            self.random.randint(min(earliest, self.days), self.days)
        )

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def one(self, *choices):
        return self.random.choice(choices)

    def amount(self) -> float:
        return self.random.choice(
            [self.random.randint(1, 900) * 100, self.random.random() * 1e5 // 0.01 / 100]
        )


def company(rng: random.Random) -> Company:
    """A company of its own: stages, time, regions, sellers, and how much it does not record."""
    several = rng.choice([1, 1, 2, 5])
    return Company(
        random=rng,
        stages=rng.choice([_LETTERS, _LETTERS, _OWN_STAGES, _CHINESE]),
        first=datetime.date(rng.choice([2022, 2024]), rng.randint(1, 12), rng.randint(1, 28)),
        days=rng.choice([0, 5, 40, 200, 700]),
        regions=rng.sample(_REGIONS, min(several, len(_REGIONS))),
        sellers=rng.sample(_SELLERS, several),
        lacking=rng.choice([0.0, 0.2, 0.5, 0.9, 1.0]),
    )


def write(folder: Path, notebook: str, seed: str) -> dict:
    """Write the inputs of one report into ``folder``; the parameters of the report."""
    rng = random.Random(f"{notebook} {seed}")
    ours = company(rng)
    given = {
        "funnel": _funnel,
        "forecast": _forecast,
        "forgetting": _forgetting,
        "incentive": _incentive,
        "overview": _overview,
    }[notebook](ours)
    folder.mkdir(parents=True, exist_ok=True)
    parameter = {"milestone_evidence": "evidence"}
    for name, rows in ours.tables.items():
        path = folder / f"{name}.csv"
        _write_csv(path, rows)
        given[parameter.get(name, name)] = str(path)
    last = ours.first + datetime.timedelta(ours.days)
    tested = [row["tested_at"] for row in ours.tables.get("scores", ())]
    last = max([last, *tested]) if notebook == "forgetting" else last
    away = ours.one(0, 0, 0, 1, 30, 900, -ours.days // 2, -ours.days - 40)
    given["as_of"] = str(last + datetime.timedelta(away))
    return given


def _write_csv(path: Path, rows: list[dict]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


# --- the tables of each report -------------------------------------------------------------------


def _funnel(ours: Company) -> dict:
    _pipeline(ours, "activities", "targets", "milestone_evidence", "reps", "accounts", "products")
    return _steps(ours)


def _forecast(ours: Company) -> dict:
    more = ["bookings", "contracts"]
    if ours.often(0.7):
        _pipeline(ours, "targets", "snapshots", "reps", "accounts", "products")
    else:
        more = ours.one(["bookings"], ["contracts"], more)
        _some(ours, *more, likely=1)
    _some(ours, *more, "stream_targets")
    given = {"stages": ours.stages} if ours.often(0.5) else {}
    given |= {"exits": ours.exits} if ours.exits else {}
    given |= {"backtest_days": ours.one([], [28], [28, 91]), "draws": 500}
    return given


def _forgetting(ours: Company) -> dict:
    _scores(ours)
    _some(ours, "refreshers")
    if ours.often(0.4):
        _levels(ours)
        if ours.often(0.5):
            _pipeline(ours)
    given = _steps(ours) if {"opportunities", "stage_history"} & set(ours.tables) else {}
    if "score" in ours.tables["scores"][0] and "max_score" not in ours.tables["scores"][0]:
        given |= ours.one({"max_score": 100.0}, {"max_score": 100.0}, {})
    return given | ours.one({}, {}, {"splits": ["team"]}, {"rate": 0.0, "week_amount": 0.0})


def _incentive(ours: Company) -> dict:
    period = _attainment(ours)
    _some(ours, "sales", "payouts")
    plans = {
        "quarter": ["sample", "dealers", "partners"],
        "month": ["dealers"],
        "year": ["account_executives"],
    }
    plan = ours.random.choice(plans[period])
    for row in itertools.chain.from_iterable(ours.tables.values()):
        if "currency" in row:
            row["currency"] = row["currency"] and _CURRENCIES[plan]
    return {"plan": f"data/plans/{plan}.yml"}


def _overview(ours: Company) -> dict:
    given = {"forecast_as_of": ""}
    if ours.often(0.7):
        _pipeline(ours, "activities", "milestone_evidence", "targets")
        given |= {"stages": ours.stages, "exits": ours.exits}
    _some(ours, "bookings", "contracts", "stream_targets", likely=0.3)
    if ours.often(0.5) or not ours.tables:
        _scores(ours)
        _some(ours, "refreshers")
        given["max_score"] = 100.0 if _lacks_maximum(ours) else 0.0
        if ours.often(0.3):
            _levels(ours)
    if ours.often(0.5):
        _attainment(ours)
        _some(ours, "payouts")
        given["plan"] = "data/plans/sample.yml"
    return given


def _lacks_maximum(ours: Company) -> bool:
    first = ours.tables["scores"][0]
    return "score" in first and "max_score" not in first


def _steps(ours: Company) -> dict:
    """The stages as parameters; those of the preset need none."""
    known = {} if ours.stages is _LETTERS and ours.often(0.7) else {"stages": ours.stages}
    return known | ({"exits": ours.exits} if ours.exits else {})


def _some(ours: Company, *names: str, likely: float = 0.4) -> None:
    """Each of these tables, or not."""
    for name in names:
        if name not in ours.tables and ours.often(likely):
            ours.tables[name] = _TABLES[name](ours)


def _pipeline(ours: Company, *more: str) -> None:
    """A deal list, a history, or both, and some of the other tables about deals."""
    deals = [_deal(ours, number) for number in range(_size(ours))]
    history = [row for deal in deals for row in _walk(ours, deal)]
    which = ours.one("both", "list", "list", "history") if history else "list"
    ours.tables |= {"deals": deals, "history": history}
    _some(ours, *more)
    deals = ours.tables.pop("deals")
    history = ours.tables.pop("history")
    if which != "history":
        ours.tables["opportunities"] = _deal_list(ours, deals)
    if which == "history":
        history += [_end(deal) for deal in deals if deal["outcome"] != "open"]
        ours.exits = _ENDS
    if which != "list":
        ours.tables["stage_history"] = _columns(
            ours, history, ["opportunity_id", "stage", "entered_at"]
        )


def _end(deal: dict) -> dict:
    """The row of a history that says how a deal ended."""
    return {
        "opportunity_id": deal["opportunity_id"],
        "stage": _ENDS[deal["outcome"]],
        "entered_at": deal["closed_at"],
        "amount": deal["amount"],
        "owner_id": deal["owner_id"],
        "expected_close_at": deal["expected_close_at"],
    }


def _size(ours: Company) -> int:
    return ours.one(1, 2, 3, 5, 10, 30, 80, 200)


# --- deals ---------------------------------------------------------------------------------------


def _deal(ours: Company, number: int) -> dict:
    """One deal with all that could be known of it."""
    if number == 0:
        ours.outcomes = ours.one(
            ["won", "lost", "open"],
            ["won", "lost", "open", "cancelled"],
            ["won"],
            ["lost"],
            ["open"],
            ["won", "open"],
            ["lost", "open"],
            ["won", "lost"],
        )
    outcome = ours.random.choice(ours.outcomes)
    created = ours.day()
    closed = min(
        created + datetime.timedelta(ours.random.randint(0, 120)),
        ours.first + datetime.timedelta(ours.days),
    )
    return {
        "opportunity_id": f"{number}" if len(ours.sellers) == 2 else f"D-{number}",
        "stage": ours.random.choice(ours.stages),
        "account_id": f"K{number % 7}",
        "owner_id": ours.random.choice(ours.sellers),
        "team": ours.random.choice(ours.regions[:2]),
        "region": ours.random.choice(ours.regions),
        "product": ours.random.choice(["P1", "GTX", "软件"]),
        "source": ours.random.choice(_SOURCES),
        "amount": ours.amount(),
        "currency": "USD",
        "created_at": created,
        "closed_at": None if outcome == "open" else closed,
        "outcome": outcome,
        "reason": ours.random.choice(["price", "无预算", ""])
        if outcome in ("lost", "cancelled")
        else None,
        "must_win": ours.random.choice(["yes", "no"]),
        "expected_close_at": ours.day() + datetime.timedelta(ours.random.randint(0, 200)),
        "probability": ours.random.choice(["10%", "50%", "90%"]),
        "owner_call": ours.random.choice(["commit", "best case", "pipeline", "sure thing"]),
    }


def _deal_list(ours: Company, deals: list[dict]) -> list[dict]:
    how = ours.one("outcome", "outcome", "stage")
    rows = [dict(deal) for deal in deals]
    needed = ["opportunity_id", "outcome"]
    if how == "stage":
        ends = {"won": "Closed Won", "lost": "Closed Lost", "cancelled": "Cancelled"}
        for row in rows:
            outcome = row.pop("outcome")
            row["stage"] = ends.get(outcome, row["stage"])
        needed = ["opportunity_id", "stage"]
    dates = ours.one("all", "all", "all", "none", "created", "closed", "some", "blank")
    gone = {
        "none": ["created_at", "closed_at", "expected_close_at"],
        "created": ["closed_at"],
        "closed": ["created_at"],
    }
    for row in rows:
        for name in gone.get(dates, []):
            del row[name]
        if dates == "blank" or (dates == "some" and ours.often(0.5)):
            row |= {"created_at": None, "closed_at": None}
    if dates in ("all", "some", "blank"):
        needed += ["created_at", "closed_at"]
    return _columns(ours, rows, needed)


def _walk(ours: Company, deal: dict) -> list[dict]:
    """The stages that a deal entered, in order."""
    if deal["opportunity_id"] in ("0", "D-0"):
        ours.depth = ours.one(1, len(ours.stages), len(ours.stages), len(ours.stages))
    if ours.often(0.1):
        return []
    end = deal["closed_at"] or ours.first + datetime.timedelta(ours.days)
    reached = min(ours.stages.index(deal["stage"]) + 1, ours.depth)
    span = (end - deal["created_at"]).days
    return [
        {
            "opportunity_id": deal["opportunity_id"],
            "stage": stage,
            "entered_at": deal["created_at"] + datetime.timedelta(span * step // (reached + 1)),
            "amount": deal["amount"],
            "owner_id": deal["owner_id"],
            "expected_close_at": deal["expected_close_at"],
        }
        for step, stage in enumerate(ours.stages[:reached])
    ]


def _activities(ours: Company) -> list[dict]:
    rows = [
        {
            "opportunity_id": deal["opportunity_id"],
            "owner_id": deal["owner_id"],
            "kind": ours.one("call", "visit", "邮件"),
            "at": ours.day(),
        }
        for deal in ours.random.choices(ours.tables["deals"], k=_size(ours))
    ]
    return _columns(ours, rows, ["kind", "at"])


def _evidence(ours: Company) -> list[dict]:
    items = [("first_meeting", "took_place"), ("sponsor_letter", "pain"), ("proposal", "delivered")]
    rows = {
        (deal["opportunity_id"], *item): {
            "opportunity_id": deal["opportunity_id"],
            "milestone": item[0],
            "item": item[1],
            "fulfilled": ours.one("yes", "no"),
            "checked_at": ours.day(),
        }
        for deal in ours.random.choices(ours.tables["deals"], k=_size(ours))
        for item in [ours.random.choice(items)]
    }
    return _columns(ours, list(rows.values()), ["opportunity_id", "milestone", "item", "fulfilled"])


def _snapshots(ours: Company) -> list[dict]:
    days = sorted({ours.day() for _ in range(ours.one(1, 3))})
    kept = ["opportunity_id", "stage", "amount", "expected_close_at", "probability", "owner_call"]
    rows = [
        {"taken_at": day, **{name: deal[name] for name in kept}}
        for day, deal in itertools.product(days, ours.tables["deals"])
    ]
    return _columns(ours, rows, ["taken_at", "opportunity_id"])


# --- periods -------------------------------------------------------------------------------------


def _periods(ours: Company, unit: str, *, most: int = 12) -> list[str]:
    """Names of the periods of the company's time, or of another time."""
    start = ours.first + datetime.timedelta(ours.one(0, 0, 0, -800, 1500))
    months = [
        (start.year + (start.month - 1 + n) // 12, (start.month - 1 + n) % 12 + 1)
        for n in range(36)
    ]
    names = {
        "month": [f"{year}-{month:02}" for year, month in months],
        "quarter": [f"{year}-Q{(month + 2) // 3}" for year, month in months],
        "year": [f"{year}" for year, _ in months],
    }[unit]
    return list(dict.fromkeys(names))[: ours.one(1, 2, 4, most)]


def _targets(ours: Company) -> list[dict]:
    by = ours.one([], ["owner_id"], ["region"], ["region", "owner_id"])
    groups = {"owner_id": ours.sellers[: ours.one(1, 9)], "region": ours.regions[: ours.one(1, 9)]}
    rows = _goals(ours, {name: groups[name] for name in by})
    return _columns(ours, rows, ["period", *by, "target"])


def _stream_targets(ours: Company) -> list[dict]:
    rows = _goals(ours, {"stream": ["inbound", "renewal", "渠道", "pipeline"][: ours.one(1, 4)]})
    return _columns(ours, rows, ["period", "stream", "target"])


def _goals(ours: Company, by: dict[str, list[str]]) -> list[dict]:
    unit = ours.one("month", "quarter", "quarter", "year")
    rows = []
    for period, *group in itertools.product(_periods(ours, unit), *by.values()):
        target = ours.one(0, 50_000, 120_000, 1e6)
        row = {"period": period, **dict(zip(by, group, strict=True)), "target": target}
        rows.append(row | {"floor": target * 0.9, "stretch": target * 1.2})
    return rows


# --- other streams -------------------------------------------------------------------------------


def _bookings(ours: Company) -> list[dict]:
    streams = ours.one(["inbound"], ["inbound", "渠道"], ["renewal", "upgrade", "inbound"])
    rows = [
        {
            "booked_at": ours.day(),
            "stream": ours.random.choice(streams),
            "amount": ours.amount(),
            "currency": "USD",
            "region": ours.random.choice(ours.regions),
            "product": "P1",
            "team": ours.random.choice(ours.regions),
            "owner_id": ours.random.choice(ours.sellers),
            "account_id": f"K{number % 5}",
        }
        for number in range(_size(ours))
    ]
    return _columns(ours, rows, ["booked_at", "stream", "amount"])


def _contracts(ours: Company) -> list[dict]:
    rows = []
    for number in range(_size(ours)):
        ends = ours.day() + datetime.timedelta(ours.one(0, 100, 300))
        rows.append(
            {
                "contract_id": f"C{number}",
                "account_id": f"K{number % 5}",
                "ends_at": ends,
                "amount": ours.amount(),
                "currency": "USD",
                "stream": "renewal",
                "region": ours.random.choice(ours.regions),
                "product": "P1",
                "team": ours.random.choice(ours.regions),
                "owner_id": ours.random.choice(ours.sellers),
                "renewed_at": ends - datetime.timedelta(5) if ours.often(0.5) else None,
            }
        )
    return _columns(ours, rows, ["contract_id", "ends_at", "amount"])


# --- lists ---------------------------------------------------------------------------------------


def _reps(ours: Company) -> list[dict]:
    rows = [
        {
            "owner_id": seller,
            "name": f"{seller} {number}",
            "team": ours.random.choice(ours.regions),
            "region": ours.random.choice(ours.regions),
            "manager": "Boss",
            "hired_at": ours.first - datetime.timedelta(400),
        }
        for number, seller in enumerate(ours.sellers[: ours.one(1, 9)])
    ]
    return _columns(ours, rows, ["owner_id"])


def _accounts(ours: Company) -> list[dict]:
    rows = [
        {
            "account_id": f"K{number}",
            "name": "客户",
            "segment": "SMB",
            "region": ours.random.choice(ours.regions),
        }
        for number in range(ours.one(1, 7))
    ]
    return _columns(ours, rows, ["account_id"])


def _products(ours: Company) -> list[dict]:
    rows = [
        {"product": name, "list_price": ours.one(0, 99.5, 20_000), "currency": "USD"}
        for name in ("P1", "GTX")
    ]
    return _columns(ours, rows, ["product"])


# --- training ------------------------------------------------------------------------------------


def _scores(ours: Company) -> None:
    scale = ours.one("k of n", "points", "fractions", "hundred")
    learners = [f"L{n}" for n in range(ours.one(1, 2, 5, 30))]
    tests = ours.one([7], [0], [1, 30], [1, 7, 30, 90], [90, 7])
    level = ours.one("falling", "falling", "falling", "all right", "all wrong", "any")
    rows = []
    for learner, skill in itertools.product(learners, _SKILLS[: ours.one(1, 1, 3)]):
        trained = ours.day()
        for delay in tests[: ours.random.randint(1, len(tests))]:
            known = {
                "falling": 0.95 * 0.5 ** (delay / 40),
                "all right": 1.0,
                "all wrong": 0.0,
                "any": ours.random.random(),
            }
            share = min(
                1.0, max(0.0, known[level] + ours.one(0, 0, ours.random.uniform(-0.1, 0.1)))
            )
            rows.append(
                {
                    "learner_id": learner,
                    "skill": skill,
                    "trained_at": trained,
                    "tested_at": trained + datetime.timedelta(delay),
                    **_score(scale, share),
                    "guess": ours.one(0, 0.25),
                    "team": ours.random.choice(ours.regions),
                    "cohort": f"{trained.year}",
                    "method": ours.one("classroom", "online"),
                }
            )
    needed = ["learner_id", "skill", "trained_at", "tested_at", *_score(scale, 0.5)]
    ours.tables["scores"] = _columns(ours, rows, needed)


def _score(scale: str, share: float) -> dict:
    return {
        "k of n": {"k": round(share * 20), "n": 20},
        "points": {"score": round(share * 60), "max_score": 60},
        "fractions": {"score": round(share, 2)},
        "hundred": {"score": round(share * 100)},
    }[scale]


def _refreshers(ours: Company) -> list[dict]:
    rows = {}
    for test in ours.random.choices(ours.tables["scores"], k=_size(ours)):
        day = test["trained_at"] + datetime.timedelta(ours.one(7, 14, 60))
        row = {"learner_id": test["learner_id"], "skill": test["skill"], "refreshed_at": day}
        rows[tuple(row.values())] = row | {"hours": ours.one(1, 0.5, 0)}
    return _columns(ours, list(rows.values()), ["learner_id", "skill", "refreshed_at"])


def _levels(ours: Company) -> None:
    skills = _SKILLS[: ours.one(1, 3)]
    roles = ["seller", "经理"][: ours.one(1, 2)]
    required = [
        {
            "role": role,
            "skill": skill,
            "level": ours.one(0, 2, 4),
            "skill_group": "talk",
            "stage": ours.random.choice(ours.stages),
        }
        for role, skill in itertools.product(roles, skills)
    ]
    assessed = [
        {
            "person_id": seller,
            "role": ours.random.choice(roles),
            "skill": skill,
            "level": ours.one(0, 1.5, 3, 5),
            "assessed_at": ours.day(),
            "team": ours.random.choice(ours.regions),
        }
        for seller, skill in itertools.product(ours.sellers, skills)
    ]
    ours.tables["ksa_required"] = _columns(ours, required, ["role", "skill", "level"])
    ours.tables["ksa_assessed"] = _columns(
        ours, assessed, ["person_id", "skill", "level", "assessed_at"]
    )


# --- incentives ----------------------------------------------------------------------------------


def _attainment(ours: Company) -> str:
    unit = ours.one("month", "quarter", "quarter", "year")
    payees = [f"P{n}" for n in range(ours.one(1, 2, 5, 30))]
    sold = ours.one("any", "any", "any", "at quota", "none", "below", "above")
    shares = {"at quota": 1.0, "none": 0.0, "below": 0.4, "above": 1.5}
    rows = []
    for payee, period in itertools.product(payees, _periods(ours, unit)):
        quota = ours.one(1_000, 50_000, 50_000)
        share = shares.get(sold, ours.random.random() * 1.6)
        rows.append(
            {
                "payee_id": payee,
                "period": period,
                "quota": quota,
                "sales": round(quota * share, 2),
                "currency": "USD",
                "team": ours.random.choice(ours.regions),
                "region": ours.random.choice(ours.regions),
            }
        )
    needed = ["payee_id", "period", "sales"] + ["quota"] * ours.often(0.85)
    ours.tables["attainment"] = _columns(ours, rows, needed)
    return unit


def _sales(ours: Company) -> list[dict]:
    payees = [row["payee_id"] for row in ours.tables["attainment"]]
    rows = [
        {
            "payee_id": ours.random.choice(payees),
            "sold_at": ours.day(),
            "amount": ours.amount(),
            "currency": "USD",
        }
        for _ in range(_size(ours))
    ]
    return _columns(ours, rows, ["payee_id", "sold_at", "amount"])


def _payouts(ours: Company) -> list[dict]:
    rows = []
    for row in ours.tables["attainment"]:
        earned = ours.day()
        paid = ours.often(ours.one(0, 0.7, 1))
        rows.append(
            {
                "payee_id": row["payee_id"],
                "period": row["period"],
                "earned": ours.one(0, 100, 2_000.5),
                "earned_at": earned,
                "promised_at": earned + datetime.timedelta(30),
                "paid": 100 if paid else None,
                "paid_at": earned + datetime.timedelta(ours.one(3, 50)) if paid else None,
                "currency": "USD",
                "team": ours.random.choice(ours.regions),
            }
        )
    return _columns(ours, rows, ["payee_id", "period", "earned"])


def _columns(ours: Company, rows: list[dict], needed: list[str]) -> list[dict]:
    """The rows with the needed columns and some of the others; one of those is empty at times."""
    optional = [name for name in rows[0] if name not in needed]
    gone = {name for name in optional if ours.often(ours.lacking)}
    blank = {name for name in optional if ours.often(0.06)}
    zero = {name for name in ("amount", "hours", "earned") if ours.often(0.05)}
    return [
        {
            name: None if name in blank else 0 if name in zero else value
            for name, value in row.items()
            if name not in gone
        }
        for row in rows
    ]


_TABLES = {
    "activities": _activities,
    "milestone_evidence": _evidence,
    "snapshots": _snapshots,
    "targets": _targets,
    "stream_targets": _stream_targets,
    "bookings": _bookings,
    "contracts": _contracts,
    "reps": _reps,
    "accounts": _accounts,
    "products": _products,
    "refreshers": _refreshers,
    "sales": _sales,
    "payouts": _payouts,
}

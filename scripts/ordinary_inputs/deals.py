"""Deals, their history, and what else is written down of them."""

import datetime
import itertools

from ordinary_inputs.company import Company, size, some_columns

_SOURCES = ["web", "partner", "推荐"]
ENDS = {"won": "Signed", "lost": "Lost", "cancelled": "Dropped"}


def deal(ours: Company, number: int) -> dict:
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


def deal_list(ours: Company, deals: list[dict]) -> list[dict]:
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
    return some_columns(ours, rows, needed)


def walk(ours: Company, deal: dict) -> list[dict]:
    """The stages that a deal entered, in order."""
    if deal["opportunity_id"] in ("0", "D-0"):
        ours.depth = ours.one(1, len(ours.stages), len(ours.stages), len(ours.stages))
    if ours.often(0.1):
        return []
    until = deal["closed_at"] or ours.first + datetime.timedelta(ours.days)
    reached = min(ours.stages.index(deal["stage"]) + 1, ours.depth)
    span = (until - deal["created_at"]).days
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


def end(deal: dict) -> dict:
    """The row of a history that says how a deal ended."""
    return {
        "opportunity_id": deal["opportunity_id"],
        "stage": ENDS[deal["outcome"]],
        "entered_at": deal["closed_at"],
        "amount": deal["amount"],
        "owner_id": deal["owner_id"],
        "expected_close_at": deal["expected_close_at"],
    }


def activities(ours: Company) -> list[dict]:
    rows = [
        {
            "opportunity_id": deal["opportunity_id"],
            "owner_id": deal["owner_id"],
            "kind": ours.one("call", "visit", "邮件"),
            "at": ours.day(),
        }
        for deal in ours.random.choices(ours.deals, k=size(ours))
    ]
    return some_columns(ours, rows, ["kind", "at"])


def evidence(ours: Company) -> list[dict]:
    items = [("first_meeting", "took_place"), ("sponsor_letter", "pain"), ("proposal", "delivered")]
    rows = {
        (deal["opportunity_id"], *item): {
            "opportunity_id": deal["opportunity_id"],
            "milestone": item[0],
            "item": item[1],
            "fulfilled": ours.one("yes", "no"),
            "checked_at": ours.day(),
        }
        for deal in ours.random.choices(ours.deals, k=size(ours))
        for item in [ours.random.choice(items)]
    }
    return some_columns(
        ours, list(rows.values()), ["opportunity_id", "milestone", "item", "fulfilled"]
    )


def snapshots(ours: Company) -> list[dict]:
    days = sorted({ours.day() for _ in range(ours.one(1, 3))})
    kept = ["opportunity_id", "stage", "amount", "expected_close_at", "probability", "owner_call"]
    rows = [
        {"taken_at": day, **{name: deal[name] for name in kept}}
        for day, deal in itertools.product(days, ours.deals)
    ]
    return some_columns(ours, rows, ["taken_at", "opportunity_id"])

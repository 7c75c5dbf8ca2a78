"""Quotas, sales and payouts."""

import datetime
import itertools

from ordinary_inputs.company import Company, size, some_columns
from ordinary_inputs.streams import periods


def attainment(ours: Company) -> str:
    unit = ours.one("month", "quarter", "quarter", "year")
    payees = [f"P{n}" for n in range(ours.one(1, 2, 5, 30))]
    sold = ours.one("any", "any", "any", "at quota", "none", "below", "above")
    shares = {"at quota": 1.0, "none": 0.0, "below": 0.4, "above": 1.5}
    rows = []
    for payee, period in itertools.product(payees, periods(ours, unit)):
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
    ours.tables["attainment"] = some_columns(ours, rows, needed)
    return unit


def sales(ours: Company) -> list[dict]:
    payees = [row["payee_id"] for row in ours.tables["attainment"]]
    rows = [
        {
            "payee_id": ours.random.choice(payees),
            "sold_at": ours.day(),
            "amount": ours.amount(),
            "currency": "USD",
        }
        for _ in range(size(ours))
    ]
    return some_columns(ours, rows, ["payee_id", "sold_at", "amount"])


def payouts(ours: Company) -> list[dict]:
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
    return some_columns(ours, rows, ["payee_id", "period", "earned"])

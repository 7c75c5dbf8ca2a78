"""What comes in outside the deals, targets by period, and the lists of who and what there is."""

import datetime
import itertools

from ordinary_inputs.company import Company, size, some_columns


def bookings(ours: Company) -> list[dict]:
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
        for number in range(size(ours))
    ]
    return some_columns(ours, rows, ["booked_at", "stream", "amount"])


def contracts(ours: Company) -> list[dict]:
    rows = []
    for number in range(size(ours)):
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
    return some_columns(ours, rows, ["contract_id", "ends_at", "amount"])


def periods(ours: Company, unit: str, *, most: int = 12) -> list[str]:
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


def targets(ours: Company) -> list[dict]:
    by = ours.one([], ["owner_id"], ["region"], ["region", "owner_id"])
    groups = {"owner_id": ours.sellers[: ours.one(1, 9)], "region": ours.regions[: ours.one(1, 9)]}
    rows = _goals(ours, {name: groups[name] for name in by})
    return some_columns(ours, rows, ["period", *by, "target"])


def stream_targets(ours: Company) -> list[dict]:
    rows = _goals(ours, {"stream": ["inbound", "renewal", "渠道", "pipeline"][: ours.one(1, 4)]})
    return some_columns(ours, rows, ["period", "stream", "target"])


def _goals(ours: Company, by: dict[str, list[str]]) -> list[dict]:
    unit = ours.one("month", "quarter", "quarter", "year")
    rows = []
    for period, *group in itertools.product(periods(ours, unit), *by.values()):
        target = ours.one(0, 50_000, 120_000, 1e6)
        row = {"period": period, **dict(zip(by, group, strict=True)), "target": target}
        rows.append(row | {"floor": target * 0.9, "stretch": target * 1.2})
    return rows


def reps(ours: Company) -> list[dict]:
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
    return some_columns(ours, rows, ["owner_id"])


def accounts(ours: Company) -> list[dict]:
    rows = [
        {
            "account_id": f"K{number}",
            "name": "客户",
            "segment": "SMB",
            "region": ours.random.choice(ours.regions),
        }
        for number in range(ours.one(1, 7))
    ]
    return some_columns(ours, rows, ["account_id"])


def products(ours: Company) -> list[dict]:
    rows = [
        {"product": name, "list_price": ours.one(0, 99.5, 20_000), "currency": "USD"}
        for name in ("P1", "GTX")
    ]
    return some_columns(ours, rows, ["product"])

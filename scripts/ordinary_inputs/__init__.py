"""Ordinary inputs of made-up companies for every report: small, partial, one-sided, never faulty.

`write` makes the files of one report and says the parameters that it is run with. Columns and
tables that a company may lack are left out in all combinations; what is there may be empty, tiny,
all alike or of another time than the day of the report.
"""

import csv
import datetime
import itertools
import random
from pathlib import Path

from ordinary_inputs import deals, incentives, streams, training
from ordinary_inputs.company import LETTERS, Company, company, size, some_columns

#: The reports, in the order of the cases.
NOTEBOOKS = ("funnel", "forecast", "forgetting", "incentive")

_CURRENCIES = {"partners": "EUR", "account_executives": "USD", "sample": "USD", "dealers": "CNY"}


def write(folder: Path, notebook: str, seed: str) -> dict:
    """Write the inputs of one report into ``folder``; the parameters of the report."""
    rng = random.Random(f"{notebook} {seed}")
    ours = company(rng)
    given = {
        "funnel": _funnel,
        "forecast": _forecast,
        "forgetting": _forgetting,
        "incentive": _incentive,
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
    training.scores(ours)
    _some(ours, "refreshers")
    if ours.often(0.4):
        training.levels(ours)
        if ours.often(0.5):
            _pipeline(ours)
    given = _steps(ours) if {"opportunities", "stage_history"} & set(ours.tables) else {}
    if "score" in ours.tables["scores"][0] and "max_score" not in ours.tables["scores"][0]:
        given |= ours.one({"max_score": 100.0}, {"max_score": 100.0}, {})
    return given | ours.one({}, {}, {"splits": ["team"]}, {"rate": 0.0, "week_amount": 0.0})


def _incentive(ours: Company) -> dict:
    period = incentives.attainment(ours)
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


def _steps(ours: Company) -> dict:
    """The stages as parameters; those of the preset need none."""
    known = {} if ours.stages is LETTERS and ours.often(0.7) else {"stages": ours.stages}
    return known | ({"exits": ours.exits} if ours.exits else {})


def _some(ours: Company, *names: str, likely: float = 0.4) -> None:
    """Each of these tables, or not."""
    for name in names:
        if name not in ours.tables and ours.often(likely):
            ours.tables[name] = _TABLES[name](ours)


def _pipeline(ours: Company, *more: str) -> None:
    """A deal list, a history, or both, and some of the other tables about deals."""
    ours.deals = [deals.deal(ours, number) for number in range(size(ours))]
    history = [row for deal in ours.deals for row in deals.walk(ours, deal)]
    which = ours.one("both", "list", "list", "history") if history else "list"
    _some(ours, *more)
    if which != "history":
        ours.tables["opportunities"] = deals.deal_list(ours, ours.deals)
    if which == "history":
        history += [deals.end(deal) for deal in ours.deals if deal["outcome"] != "open"]
        ours.exits = deals.ENDS
    if which != "list":
        ours.tables["stage_history"] = some_columns(
            ours, history, ["opportunity_id", "stage", "entered_at"]
        )


_TABLES = {
    "activities": deals.activities,
    "milestone_evidence": deals.evidence,
    "snapshots": deals.snapshots,
    "targets": streams.targets,
    "stream_targets": streams.stream_targets,
    "bookings": streams.bookings,
    "contracts": streams.contracts,
    "reps": streams.reps,
    "accounts": streams.accounts,
    "products": streams.products,
    "refreshers": training.refreshers,
    "sales": incentives.sales,
    "payouts": incentives.payouts,
}

"""What the public functions on forgetting are called with, by the names of their parameters."""

import pandas as pd

from salesanalysis import forgetting, reduce
from salesanalysis.datasets.training import training
from salesanalysis.forgetting.bootstrap import Bootstrap


def arguments() -> dict:
    """A small company's tests and skills as known on its day, and what is made of them."""
    tables, as_of, days = training(seed=7, learners=30).tables, "2025-12-31", "days"
    known = reduce.forgetting.known(tables, by=["method", "team"], as_of=as_of)
    tests, few = known.tests, Bootstrap(draws=9)
    curve = forgetting.fit(tests, time_unit=days)
    plan = forgetting.spaced_schedule(curve, spacing="equal", refreshers=3)
    teams = pd.DataFrame(
        {
            "team": ["east", "north"],
            "people": [6, 4],
            "last_at": pd.to_datetime(["2025-12-01", None]),
        }
    )
    calendar = forgetting.team_calendar(plan, teams, start="2026-01-05")
    conversion = pd.DataFrame({"stage": known.required["stage"].dropna().unique(), "rate": 0.5})
    gaps = forgetting.ksa_gaps(known, curve=curve, conversion=conversion)
    claim = {"half_life": 5.1, "unit": "weeks", "lost": 0.84, "within": 3, "within_unit": "months"}
    asked = {"time_unit": days, "bootstrap": few}
    models = forgetting.compare(tests, time_unit=days)
    supported = forgetting.supported_curves(tests, models, **asked)
    standing = forgetting.course_standing(known, curve)
    pairs = forgetting.difference_splits(tests, splits=["method"], **asked)
    taken = (known.tests["learner_id"] < "R012").map({True: "first", False: "again"})
    taken = known.tests.assign(taken=taken)
    items = forgetting.known_by_item(tests.assign(item=tests["skill"]))
    return {
        "known_by_item.tests": tests.assign(item=tests["skill"]),
        "item_findings.table": items,
        "half_lives": forgetting.half_life_splits(taken, splits="taken", **asked),
        "differences": forgetting.difference_splits(taken, splits="taken", **asked),
        "known": known,
        "tests": tests,
        "scores": tests,
        "time_unit": days,
        "bootstrap": few,
        "by": "method",
        "ksa_gap_rates.by": "role",
        "fit_each.by": ["method"],
        "pooled.by": "learner_id",
        "splits": ["method"],
        "models": ["exponential", "power"],
        "checks": reduce.forgetting.checks(tables["scores"], as_of=as_of).table,
        "curve": curve,
        "supported": supported,
        "supported_curves.models": models,
        "standing": standing,
        "calibration_findings.table": forgetting.calibration(tests, curve),
        "losses": forgetting.log_losses(tests, curve),
        "effect": forgetting.reinforcement_effect(tests),
        "compare_schedules.effect": 1.5,
        "course_standing.effect": 1.5,
        "schedule": plan,
        "teams": teams,
        "team_calendar.start": "2026-01-05",
        "actions.start": "2026-01-05",
        "actions.days": 365,
        "calendar": calendar,
        "name": "refreshers",
        "title": lambda **row: row["team"],
        "description": lambda **row: row["team"],
        "conversion": conversion,
        "gaps": gaps,
        "deals": pd.DataFrame(
            {"owner_id": "R001", "stage": conversion["stage"], "outcome": "open", "amount": 9.0}
        ),
        "week_amount": 1000.0,
        "value": forgetting.training_value(plan, week_amount=1000.0),
        "claims": pd.DataFrame([claim]),
        "claim_findings.table": forgetting.check_claims([claim]),
        "attrition_findings.table": forgetting.attrition(tests, learner=["learner_id", "skill"]),
        "learner": ["learner_id", "skill"],
        "comparison_findings.table": forgetting.compare(tests, time_unit=days),
        "difference_findings.table": pairs,
        "ways": forgetting.compare_schedules(curve, effect=1.5),
    }

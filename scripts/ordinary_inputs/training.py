"""Tests of what was taught, refreshers, and the levels of skills."""

import datetime
import itertools

from ordinary_inputs.company import Company, size, some_columns

_SKILLS = ["negotiation", "谈判", "7", "Closing & <more>"]


def scores(ours: Company) -> None:
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
    ours.tables["scores"] = some_columns(ours, rows, needed)


def _score(scale: str, share: float) -> dict:
    return {
        "k of n": {"k": round(share * 20), "n": 20},
        "points": {"score": round(share * 60), "max_score": 60},
        "fractions": {"score": round(share, 2)},
        "hundred": {"score": round(share * 100)},
    }[scale]


def refreshers(ours: Company) -> list[dict]:
    rows = {}
    for test in ours.random.choices(ours.tables["scores"], k=size(ours)):
        day = test["trained_at"] + datetime.timedelta(ours.one(7, 14, 60))
        row = {"learner_id": test["learner_id"], "skill": test["skill"], "refreshed_at": day}
        rows[tuple(row.values())] = row | {"hours": ours.one(1, 0.5, 0)}
    return some_columns(ours, list(rows.values()), ["learner_id", "skill", "refreshed_at"])


def levels(ours: Company) -> None:
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
    ours.tables["ksa_required"] = some_columns(ours, required, ["role", "skill", "level"])
    ours.tables["ksa_assessed"] = some_columns(
        ours, assessed, ["person_id", "skill", "level", "assessed_at"]
    )

"""Training of the made-up company: who was taught what, what was still known later, and the truth.

Every test asks :data:`QUESTIONS` questions. What a learner still knows after ``t`` days is
``START × 2^(−t / half-life)``; each refresher brings it back to ``START`` and multiplies the
half-life by ``FACTOR``. Where the questions are multiple choice, what is not known is guessed.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from salesanalysis.datasets import model as m
from salesanalysis.datasets.parameters import REGIONS
from salesanalysis.errors import require_number

#: Weeks until half of a skill is gone after a classroom training without refreshers.
HALF_LIFE_WEEKS = {
    "objection_handling": 5.5,
    "negotiation": 4.3,
    "competitor_analysis": 5.1,
    "account_management": 6.5,
}
#: How many times longer the half-life is after another kind of training.
METHODS = {"classroom": 1.0, "online": 0.75, "coaching": 1.6, "blended": 1.25}
#: Chance of a right answer by guessing: this skill's test is multiple choice, the others' is not.
GUESS = {"competitor_analysis": 0.25}
START, FACTOR, LEARNER_SD, QUESTIONS = 0.95, 1.6, 0.25, 20
#: The day each cohort was trained, always a Monday.
COHORTS = {
    "2024-Q3": "2024-09-02",
    "2025-Q1": "2025-01-13",
    "2025-Q2": "2025-04-07",
    "2025-Q3": "2025-09-01",
}
#: Days after training; a later test may be a few days late.
TESTS, LATE = (1, 7, 21, 42, 91, 182), 4
REFRESHERS, REFRESHER_HOURS = (14, 42, 84), 1.0
#: Chance to leave before each test but the first two; three times that for who has forgotten most.
LEAVES, FORGETFUL = 0.05, 0.4
AS_OF = "2025-12-31"
SELLERS = 24

#: Skill → group, stage of the funnel that needs it, level required of the two roles.
SKILLS = {
    "understanding": ("understanding", "S", 3, 4),
    "communication": ("trust", "T", 3, 4),
    "outside_proof": ("trust", "D", 3, 3),
    "personal_ties": ("trust", "C", 2, 4),
    "objection_handling": ("trust", "D", 4, 4),
    "competitor_analysis": ("rivals", "B", 3, 4),
    "negotiation": ("rivals", "B", 3, 4),
    "closing": ("rivals", "A", 3, 3),
    "goal_planning": ("follow_up", "T", 2, 4),
    "account_management": ("follow_up", "A", 3, 5),
    "care": ("follow_up", "A", 2, 4),
}
ROLES = ("seller", "key_account_manager")
#: Levels run from 0 to 5 in halves; people have a little more than required when assessed.
NOT_ASSESSED, ASSESSED_TWICE, LEVEL_OVER, LEVEL_SD, MOST_LEVEL = 0.08, 0.3, 0.6, 0.9, 5.0
#: Everybody was assessed within these days; those who were before, up to half a year earlier.
_ASSESSED_FROM, _ASSESSED_DAYS, _EARLIER_DAYS = np.datetime64("2025-11-24"), 35, 182


@dataclass(frozen=True, eq=False)
class TrainingTruth:
    """What is true of the training of the made-up company.

    Attributes
    ----------
    half_lives : DataFrame
        One row per skill × method: ``skill method half_life_days``, of the average learner without
        refreshers.
    learners : DataFrame
        One row per learner × skill: ``learner_id skill method cohort reinforced half_life_days
        dropped_out``; the half-life is the learner's own, before any refresher.
    start : float
        Share known right after training and after each refresher.
    factor : float
        How many times longer each refresher makes the half-life.
    guess : dict of skill to float
        Chance of a right answer by guessing; 0 for a skill that is not in it.
    """

    half_lives: pd.DataFrame
    learners: pd.DataFrame
    start: float
    factor: float
    guess: dict[str, float]


@dataclass(frozen=True, eq=False)
class Training:
    """The training of a made-up company.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``scores``, ``refreshers``, ``ksa_required`` and ``ksa_assessed``, in the columns of
        :mod:`salesanalysis.columns`.
    truth : TrainingTruth
    """

    tables: dict[str, pd.DataFrame]
    truth: TrainingTruth


def training(*, seed: int = 7, learners: int = 160, null: bool = False) -> Training:
    """Test scores, refreshers and skill levels of a made-up company, and the truth behind them.

    The first 24 learners are the company's own sellers ``R001`` …, the others sell for its
    partners. Each learns two skills by one method. Every second learner is refreshed.

    Parameters
    ----------
    seed : int
        The same seed and arguments give the same tables; 0 or more.
    learners : int
        How many people are trained, from 1 to 99,999. The first ones of a larger number are those
        of a smaller one.
    null : bool
        Whether all skills, methods and learners forget alike and refreshers lengthen nothing: what
        an analysis finds then is chance.

    Returns
    -------
    Training

    Raises
    ------
    SalesAnalysisError
        ``seed`` or ``learners`` is out of its limits.

    Examples
    --------
    >>> made = training(seed=1, learners=40)
    >>> made.tables["scores"][["learner_id", "skill", "method", "k", "n"]].head(3)
      learner_id        skill     method   k   n
    0       R001  negotiation  classroom  18  20
    1       R001  negotiation  classroom  18  20
    2       R001  negotiation  classroom  10  20
    >>> made.truth.factor
    1.6
    """
    seed = require_number("seed", seed, low=0, high=2**63 - 1, whole=True)
    learners = require_number("learners", learners, low=1, high=99_999, whole=True)
    factor = 1.0 if null else FACTOR
    people = [_Learner.draw(seed, number, null) for number in range(learners)]
    scores, refreshers, courses = [], [], []
    for person in people:
        for skill in person.skills:
            course = _Course(person, skill, null)
            course.take(factor)
            scores += course.scores
            refreshers += course.refreshers
            courses.append(course.truth())
    half_lives = [
        {"skill": skill, "method": method, "half_life_days": _half_life_days(skill, method, null)}
        for skill in HALF_LIFE_WEEKS
        for method in METHODS
    ]
    truth = TrainingTruth(
        half_lives=pd.DataFrame(half_lives),
        learners=pd.DataFrame(courses),
        start=START,
        factor=factor,
        guess=GUESS,
    )
    tables = {"scores": pd.DataFrame(scores)}
    columns = ["learner_id", "skill", "refreshed_at", "hours"]
    tables["refreshers"] = pd.DataFrame(refreshers, columns=columns)
    tables |= _skill_levels(seed)
    return Training(tables=tables, truth=truth)


def training_tables(seed: int) -> dict[str, pd.DataFrame]:
    """The tables of :func:`training` for the sample company of this seed."""
    return training(seed=seed).tables


def _half_life_days(skill: str, method: str, null: bool) -> float:
    weeks = HALF_LIFE_WEEKS["competitor_analysis" if null else skill]
    return 7 * weeks * (1.0 if null else METHODS[method])


@dataclass(frozen=True, eq=False)
class _Learner:
    """One person: who it is, what is learnt, how well it sticks; and the luck of all tests."""

    learner_id: str
    team: str
    cohort: str
    method: str
    reinforced: bool
    skills: tuple[str, str]
    sticks: float
    luck: np.random.Generator

    @classmethod
    def draw(cls, seed: int, number: int, null: bool) -> "_Learner":
        # A stream for each learner: a larger company begins with the learners of a smaller one.
        luck = m.stream(seed, "training", number + 1)
        cohort, method, skill, sticks = luck.random(4)
        own = number < SELLERS
        region = REGIONS[number % len(REGIONS)].name
        first = int(skill * len(HALF_LIFE_WEEKS))
        names = list(HALF_LIFE_WEEKS)
        return cls(
            learner_id=f"R{number + 1:03d}" if own else f"P{number + 1 - SELLERS:03d}",
            team=region if own else f"Partners {region}",
            cohort=list(COHORTS)[int(cohort * len(COHORTS))],
            method=list(METHODS)[int(method * len(METHODS))],
            reinforced=number % 2 == 1,
            skills=(names[first], names[(first + 1) % len(names)]),
            sticks=1.0 if null else float(np.exp(LEARNER_SD * NormalDist().inv_cdf(sticks))),
            luck=luck,
        )


class _Course:
    """One learner's training in one skill: its tests and refreshers up to :data:`AS_OF`."""

    def __init__(self, person: _Learner, skill: str, null: bool):
        self.person, self.skill = person, skill
        self.half_life = _half_life_days(skill, person.method, null) * person.sticks
        self.trained = np.datetime64(COHORTS[person.cohort])
        self.planned = REFRESHERS if person.reinforced else ()
        self.scores, self.refreshers, self.left_after = [], [], np.inf

    def knows(self, days: float, factor: float) -> float:
        """The share known so many days after the training."""
        past = [at for at in self.planned if at < days]
        since = days - (past[-1] if past else 0)
        return START * 2 ** (-since / (self.half_life * factor ** len(past)))

    def take(self, factor: float) -> None:
        """All tests and refreshers, until the learner leaves or the data end."""
        for nth, planned in enumerate(TESTS):
            late, leaves = self.person.luck.random(2)
            answers = self.person.luck.random((QUESTIONS, 2))
            days = planned + (int(late * LATE) if nth > 1 else 0)
            known = self.knows(days, factor)
            chance = LEAVES * (3 if known < FORGETFUL else 1)
            if nth > 1 and leaves < chance:
                self.left_after = min(self.left_after, days)
            day = self.trained + np.timedelta64(days, "D")
            if days >= self.left_after or day >= np.datetime64(AS_OF):
                continue
            guessed = answers[:, 1] < GUESS.get(self.skill, 0.0)
            right = int(((answers[:, 0] < known) | guessed).sum())
            self.scores.append(self._score(day, right))
        days = {at: self.trained + np.timedelta64(at, "D") for at in self.planned}
        self.refreshers = [
            {
                "learner_id": self.person.learner_id,
                "skill": self.skill,
                "refreshed_at": day,
                "hours": REFRESHER_HOURS,
            }
            for at, day in days.items()
            if at < self.left_after and day < np.datetime64(AS_OF)
        ]

    def _score(self, day: np.datetime64, right: int) -> dict:
        person = self.person
        return {
            "learner_id": person.learner_id,
            "skill": self.skill,
            "trained_at": self.trained,
            "tested_at": day,
            "k": right,
            "n": QUESTIONS,
            "guess": GUESS.get(self.skill, 0.0),
            "team": person.team,
            "cohort": person.cohort,
            "method": person.method,
        }

    def truth(self) -> dict:
        return {
            "learner_id": self.person.learner_id,
            "skill": self.skill,
            "method": self.person.method,
            "cohort": self.person.cohort,
            "reinforced": self.person.reinforced,
            "half_life_days": self.half_life,
            "dropped_out": bool(np.isfinite(self.left_after)),
        }


def _skill_levels(seed: int) -> dict[str, pd.DataFrame]:
    """What each role must know, and what the company's own sellers were found to know."""
    required = [
        {"role": role, "skill": skill, "level": float(levels[at]), "skill_group": group}
        | {"stage": stage}
        for at, role in enumerate(ROLES)
        for skill, (group, stage, *levels) in SKILLS.items()
    ]
    luck = m.stream(seed, "training")
    assessed = []
    for number in range(SELLERS):
        at_role = int(number % 4 == 3)
        for skill, (_, _, *levels) in SKILLS.items():
            missing, twice, noise, day, earlier, gain = luck.random(6)
            level = levels[at_role] + LEVEL_OVER + LEVEL_SD * NormalDist().inv_cdf(noise)
            days = int(day * _ASSESSED_DAYS)
            if missing < NOT_ASSESSED:
                continue
            looks = [(days, level)]
            if twice < ASSESSED_TWICE:
                looks.insert(0, (-1 - int(earlier * _EARLIER_DAYS), level - 2 * gain))
            assessed += [
                {
                    "person_id": f"R{number + 1:03d}",
                    "role": ROLES[at_role],
                    "skill": skill,
                    "level": min(max(round(2 * found) / 2, 0.0), MOST_LEVEL),
                    "assessed_at": _ASSESSED_FROM + np.timedelta64(when, "D"),
                    "team": REGIONS[number % len(REGIONS)].name,
                }
                for when, found in looks
            ]
    return {"ksa_required": pd.DataFrame(required), "ksa_assessed": pd.DataFrame(assessed)}

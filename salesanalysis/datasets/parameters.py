"""The numbers of the made-up company: its stages, groups, sellers who depart from the norm."""

from dataclasses import dataclass

import numpy as np

#: First day of the sample. A Monday: the calendar arithmetic below counts weeks from it.
START = np.datetime64("2024-01-01", "D")
#: Minutes in a working day, Monday to Friday, 9:00 to 18:00.
DAY_MINUTES = 9 * 60
#: How a deal can leave a stage. ``stalled`` deals are the zombies: nobody touches them again.
MOVES = ("forward", "skip", "back", "lost", "cancelled", "stalled")
FORWARD, SKIP, BACK, LOST, CANCELLED, STALLED = range(len(MOVES))
#: Shape of the Weibull distribution of the days in a stage: most leave early, a few stay long.
STAY_SHAPE = 1.3
#: The quarter-end hurry: how many working days it lasts, and the last stages that feel it.
HURRY_WORKDAYS = 15
HURRY_STAGES = 2
#: How much faster a seller is whose losing log-odds are lower by one.
PACE_PER_SKILL = 0.4

MOST_DEALS = 99_999_999  # ids have eight digits
MOST_REPS = 999


@dataclass(frozen=True)
class Stage:
    """A stage as the average seller works it.

    ``cancelled``, ``stalled`` and ``back`` are probabilities; of the other deals the share ``lost``
    is lost; of those that go on, the share ``skip`` jumps over the next stage.
    ``contacts_a_week`` is how often the seller is in touch, until the deal stalls.
    """

    stage: str
    mean_days: float
    lost: float
    back: float
    skip: float
    cancelled: float
    stalled: float
    probability: float  # of winning, as the seller enters it
    contacts_a_week: float


# fmt: off
STAGES = (
    #     stage  days  lost  back  skip  cancelled stalled probability contacts_a_week
    Stage("T",   14,   0.21, 0.00, 0.05, 0.004,    0.012,  0.05,       0.6),
    Stage("S",   18,   0.19, 0.02, 0.08, 0.006,    0.015,  0.10,       0.8),
    Stage("D",   21,   0.16, 0.04, 0.06, 0.006,    0.015,  0.25,       1.0),
    # The customer evaluates: less contact is normal here, and no warning.
    Stage("C",   24,   0.15, 0.05, 0.04, 0.006,    0.012,  0.50,       0.5),
    Stage("B",   21,   0.17, 0.05, 0.00, 0.005,    0.010,  0.75,       1.0),
    Stage("A",   12,   0.06, 0.03, 0.00, 0.004,    0.004,  0.90,       1.2),
)
# fmt: on
STAGE_NAMES = tuple(stage.stage for stage in STAGES)


@dataclass(frozen=True)
class Group:
    """A source, segment or region: its share of deals and its effect on the deals in it.

    ``lost_log_odds`` is added to the log-odds of losing in every stage (negative wins more),
    ``times_days`` multiplies the mean days in every stage.
    """

    name: str
    share: float
    lost_log_odds: float = 0.0
    times_days: float = 1.0


SOURCES = (
    Group("pipeline", 0.50),
    Group("partner", 0.18, -0.15, 0.9),
    Group("inbound", 0.20, -0.35, 0.7),
    Group("renewal", 0.12, -1.80, 0.35),
)
SEGMENTS = (
    Group("Enterprise", 0.20, 0.15, 1.3),
    Group("Mid-market", 0.35),
    Group("Small business", 0.45, -0.10, 0.75),
)
REGIONS = (
    Group("East", 0.35, -0.10),
    Group("South", 0.30),
    Group("North", 0.20, 0.05),
    Group("West", 0.15, 0.20),
)


@dataclass(frozen=True)
class PlantedException:
    """One seller who departs from the norm at one stage: for tests that must find it.

    Parameters
    ----------
    owner_id : str
        The seller, ``"R001"`` and so on.
    stage : str
        One of the sample's stages.
    times_days : float
        Multiplies the mean days in that stage: 2 is slow, 0.5 fast.
    lost_log_odds : float
        Added to the log-odds of losing there: 1 is weak, −1 strong.

    Examples
    --------
    >>> PlantedException("R002", "C", times_days=2.5).lost_log_odds
    0.0
    """

    owner_id: str
    stage: str
    times_days: float = 1.0
    lost_log_odds: float = 0.0


#: Planted unless the caller says otherwise; every company has at least four sellers.
EXCEPTIONS = (
    PlantedException("R002", "C", times_days=2.5),
    PlantedException("R003", "D", lost_log_odds=1.2),
    PlantedException("R004", "B", times_days=1.8, lost_log_odds=0.8),
)


@dataclass(frozen=True)
class Milestone:
    """What is checked before a deal enters ``stage``: the ``items`` of a ``milestone``.

    These are the names that the funnel family's rules for ``solution_selling`` ask for.
    """

    stage: str
    milestone: str
    items: tuple[str, ...]


MILESTONES = (
    Milestone("S", "first_meeting", ("took_place",)),
    Milestone(
        "D",
        "sponsor_letter",
        ("pain", "reasons", "vision", "agreement", "access_to_power", "proof"),
    ),
    Milestone("C", "power_sponsor_letter", ("content_agreed", "evaluation_plan")),
    Milestone("B", "proposal", ("delivered", "terms_discussed")),
    Milestone("A", "contract", ("verbal_yes", "documents_out")),
)
#: From this stage on evidence may be missing or fail; that somebody was met is always on record.
FIRST_LETTER = "D"

#: Sellers' habits are drawn: contacts as a multiple of the stage's (log-normal with this standard
#: deviation), shares between these limits. Without differences all have the middle.
CONTACTS_SD = 0.15
WITHOUT_EVIDENCE = (0.05, 0.20)
FAILS_A_POINT = (0.05, 0.15)


@dataclass(frozen=True)
class PlantedHabit:
    """One seller whose habit is ``value`` instead of drawn: for tests that must find it.

    ``habit`` is a column of ``Truth.sellers``.
    """

    owner_id: str
    habit: str
    value: float


#: Planted wherever the company has these sellers, unless all are to be alike.
HABITS = (
    PlantedHabit("R005", "times_contacts", 0.3),
    PlantedHabit("R006", "without_evidence", 0.6),
)

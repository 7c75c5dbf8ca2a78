"""One company's parameters, put together for every kind of deal.

A deal that enters a stage first draws how it will leave it (the *move*), then how long it stays.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from salesanalysis.datasets.parameters import (
    CONTACTS_SD,
    EXCEPTIONS,
    FAILS_A_POINT,
    FORWARD,
    HABITS,
    LOST,
    MOST_REPS,
    MOVES,
    PACE_PER_SKILL,
    REGIONS,
    SEGMENTS,
    SKIP,
    SOURCES,
    STAGE_NAMES,
    STAGES,
    START,
    WITHOUT_EVIDENCE,
    PlantedException,
    PlantedHabit,
)
from salesanalysis.errors import SalesAnalysisError, nearest, require_number


@dataclass(frozen=True, eq=False)
class Model:
    """Everything a block of deals is drawn from; built by :func:`build`.

    A *kind* of deal is one seller × source × segment, numbered in that order.
    """

    seed: int
    months: int
    as_of: pd.Timestamp
    effects: pd.DataFrame
    exceptions: tuple[PlantedException, ...]
    sellers: pd.DataFrame  # one row per seller: habits, see ``Truth.sellers``
    habits: tuple[PlantedHabit, ...]
    quarter_end: float
    reps: int
    move_probability: np.ndarray  # kind × stage × move
    mean_days: np.ndarray  # kind × stage, calendar days

    @property
    def workdays(self) -> int:
        """Working days from the start up to, not including, ``as_of``."""
        return int(workdays(self.as_of.to_datetime64().astype("datetime64[D]")))


def stream(seed: int, purpose: str, block: int = 0) -> np.random.Generator:
    """The random numbers of one block of one purpose, whatever else is drawn.

    Only ``random()`` is used of them, turned into other distributions by hand: NumPy may change
    the streams of its other methods from version to version, and the sample must not change.
    """
    # A new purpose goes to the end: its place is part of the key of its stream.
    purposes = (
        "skill",
        "hiring",
        "accounts",
        "deals",
        "habits",
        "contacts",
        "evidence",
        "targets",
        "training",
        "bookings",
        "incentives",
        "customers",
        "records",
    )
    key = (purposes.index(purpose), block)
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=key)))


def workdays(date: np.ndarray | np.datetime64) -> np.ndarray:
    """Working days from the start up to, not including, ``date``."""
    days = (date - START).astype(int)
    return 5 * (days // 7) + np.minimum(days % 7, 5)


def date_of(workday: np.ndarray) -> np.ndarray:
    """The date of a working day, counted from the start."""
    return START + (7 * (workday // 5) + workday % 5).astype("timedelta64[D]")


def owner_ids(reps: int) -> list[str]:
    """The ids of the sellers, in their order."""
    return [f"R{number:03d}" for number in range(1, reps + 1)]


def _check_exceptions(
    exceptions: Sequence[PlantedException], owners: list[str]
) -> tuple[PlantedException, ...]:
    """The exceptions themselves where each names a seller and stage that exist, once."""
    seen = set()
    for planted in exceptions:
        if not isinstance(planted, PlantedException):
            raise SalesAnalysisError(
                f"`exceptions` holds {planted!r}; expected `PlantedException` objects."
            )
        for column, known in (("owner_id", owners), ("stage", STAGE_NAMES)):
            value = getattr(planted, column)
            if value not in known:
                close = ", ".join(nearest(str(value), known)) or f"{known[0]} … {known[-1]}"
                raise SalesAnalysisError(
                    f"`exceptions`: `{column}` is {value!r}, which this company does not have."
                    f" Nearest: {close}."
                )
        require_number("times_days", planted.times_days, low=0.01, high=100)
        require_number("lost_log_odds", planted.lost_log_odds, low=-20, high=20)
        if (planted.owner_id, planted.stage) in seen:
            raise SalesAnalysisError(
                f"`exceptions` names seller {planted.owner_id} at stage {planted.stage} twice;"
                " say both departures in one `PlantedException`."
            )
        seen.add((planted.owner_id, planted.stage))
    return tuple(exceptions)


def rep_regions(reps: int) -> np.ndarray:
    """The region number of each seller: dealt out in turn."""
    return np.arange(reps) % len(REGIONS)


def _normal(draw: float) -> float:
    """A standard normal number from a uniform one."""
    # Half a step inside the ends, where the normal quantile is infinite.
    return NormalDist().inv_cdf(min(max(draw, 1e-9), 1 - 1e-9))


def _effects(seed: int, reps: int, skill_sd: float, null: bool) -> pd.DataFrame:
    """``Truth.effects``: shares and effects of every group and seller."""
    rows = [
        (by, group.name, group.share, 0.0 if null and by == "region" else group.lost_log_odds,
         group.times_days)
        for by, groups in (("source", SOURCES), ("segment", SEGMENTS), ("region", REGIONS))
        for group in groups
    ]  # fmt: skip
    sd = 0.0 if null else skill_sd
    draw = stream(seed, "skill").random(reps)
    region = rep_regions(reps)
    colleagues = np.bincount(region)
    for rep, owner in enumerate(owner_ids(reps)):
        worse = sd * _normal(draw[rep])
        share = REGIONS[region[rep]].share / colleagues[region[rep]]
        rows.append(("owner_id", owner, share, worse, float(np.exp(PACE_PER_SKILL * worse))))
    return pd.DataFrame(rows, columns=["by", "value", "share", "lost_log_odds", "times_days"])


def _sellers(seed: int, reps: int, null: bool) -> tuple[pd.DataFrame, tuple[PlantedHabit, ...]]:
    """``Truth.sellers``: the habits of every seller, and those that were planted."""
    owners = owner_ids(reps)
    draw = np.full((reps, 3), 0.5) if null else stream(seed, "habits").random((reps, 3))
    habits = () if null else tuple(habit for habit in HABITS if habit.owner_id in owners)

    def between(limits: tuple[float, float], share: np.ndarray) -> np.ndarray:
        return limits[0] + (limits[1] - limits[0]) * share

    sellers = pd.DataFrame(
        {
            "owner_id": owners,
            "times_contacts": [float(np.exp(CONTACTS_SD * _normal(u))) for u in draw[:, 0]],
            "without_evidence": between(WITHOUT_EVIDENCE, draw[:, 1]),
            "fails_a_point": between(FAILS_A_POINT, draw[:, 2]),
        }
    )
    for planted in habits:
        sellers.loc[sellers["owner_id"] == planted.owner_id, planted.habit] = planted.value
    return sellers, habits


def kinds(reps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seller, source and segment number of every kind of deal."""
    return tuple(
        np.array(list(itertools.product(range(reps), range(len(SOURCES)), range(len(SEGMENTS))))).T
    )


def build(
    *,
    seed: int,
    months: int,
    reps: int,
    skill_sd: float,
    null: bool,
    exceptions: Sequence[PlantedException] | None,
    quarter_end: float,
) -> Model:
    """The model of one company; the arguments are those of ``datasets.company``."""
    seed = require_number("seed", seed, low=0, high=2**63 - 1, whole=True)
    months = require_number("months", months, low=1, high=240, whole=True)
    reps = require_number("reps", reps, low=len(REGIONS), high=MOST_REPS, whole=True)
    skill_sd = float(require_number("skill_sd", skill_sd, low=0, high=5))
    quarter_end = float(require_number("quarter_end", quarter_end, low=1, high=100))
    owners = owner_ids(reps)
    if exceptions is None:
        exceptions = () if null else EXCEPTIONS
    exceptions = _check_exceptions(exceptions, owners)

    effects = _effects(seed, reps, skill_sd, null)
    rep, source, segment = kinds(reps)
    log_odds = np.zeros((len(rep), len(STAGES)))
    times = np.ones((len(rep), len(STAGES)))
    number_in = {
        "source": source,
        "segment": segment,
        "region": rep_regions(reps)[rep],
        "owner_id": rep,
    }
    for by, number in number_in.items():
        group = effects[effects["by"] == by]
        log_odds += group["lost_log_odds"].to_numpy()[number][:, None]
        times *= group["times_days"].to_numpy()[number][:, None]
    for planted in exceptions:
        at = (rep == owners.index(planted.owner_id), STAGE_NAMES.index(planted.stage))
        log_odds[at] += planted.lost_log_odds
        times[at] *= planted.times_days

    sellers, habits = _sellers(seed, reps, null)
    end = (START.astype("datetime64[M]") + months).astype("datetime64[D]")
    return Model(
        seed=seed,
        months=months,
        as_of=pd.Timestamp(end - 1),
        effects=effects,
        exceptions=exceptions,
        sellers=sellers,
        habits=habits,
        quarter_end=quarter_end,
        reps=reps,
        move_probability=_move_probability(log_odds),
        mean_days=times * np.array([stage.mean_days for stage in STAGES]),
    )


def _move_probability(log_odds: np.ndarray) -> np.ndarray:
    """Kind × stage × move, from the shift of the losing log-odds by kind and stage."""

    def base(name: str) -> np.ndarray:
        return np.array([getattr(stage, name) for stage in STAGES])

    probability = np.empty((*log_odds.shape, len(MOVES)))
    for move in ("back", "cancelled", "stalled"):
        probability[..., MOVES.index(move)] = base(move)
    rest = 1 - base("back") - base("cancelled") - base("stalled")
    odds = base("lost") / (1 - base("lost")) * np.exp(log_odds)
    lost = rest * odds / (1 + odds)
    probability[..., LOST] = lost
    probability[..., SKIP] = (rest - lost) * base("skip")
    probability[..., FORWARD] = (rest - lost) * (1 - base("skip"))
    return probability

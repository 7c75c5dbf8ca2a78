"""What is true of a made-up company, computed from its parameters, not from its deals.

The move out of a stage and the stay in it are independent, so the probability of every final
outcome follows from the moves alone by the algebra of absorbing Markov chains.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.datasets.model import Model, kinds, rep_regions
from salesanalysis.datasets.parameters import (
    BACK,
    CANCELLED,
    FORWARD,
    LOST,
    MOVES,
    SKIP,
    STAGE_NAMES,
    STAGES,
    STALLED,
)


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of the made-up company; what an analysis should find.

    Attributes
    ----------
    stages : DataFrame
        One row per stage as the average seller works it in deals of no group's effect: ``stage
        mean_days lost back skip cancelled stalled probability contacts_a_week``. ``cancelled``,
        ``stalled`` and ``back`` are probabilities; of the other deals the share ``lost`` is lost;
        of those that go on, the share ``skip`` jumps over the next stage.
    effects : DataFrame
        One row per source, segment, region and seller: ``by value share lost_log_odds times_days``.
        A seller's own effect comes on top of the region's.
    exceptions : DataFrame
        One row per planted exception: ``owner_id stage times_days lost_log_odds``.
    sellers : DataFrame
        One row per seller, the habits: ``owner_id times_contacts without_evidence fails_a_point``.
        While a deal is worked on, contacts come at random, ``stages.contacts_a_week`` ×
        ``times_contacts`` of them in a week on average. The share ``without_evidence`` of the deals
        has none for the milestones of D and later; of every such milestone of the other deals the
        share ``fails_a_point`` was checked and one point found wanting.
    habits : DataFrame
        One row per planted habit: ``owner_id habit value``; ``habit`` is a column of ``sellers``.
    moves : DataFrame
        One row per seller × source × segment × stage: the probability of each way to leave the
        stage (``forward skip back lost cancelled stalled``, adding up to 1) and ``mean_days``.
        ``forward`` from the last stage is winning.
    outcomes : DataFrame
        One row per group (``by value``; first ``all all``): the probabilities ``won lost
        cancelled stalled`` of the final outcome of a deal watched to its end, adding up to 1.
    deals : DataFrame
        One row per deal: ``opportunity_id outcome closed_at stage``, had it been watched to its
        end. ``outcome`` is ``stalled`` for a zombie, which is never closed.
    quarter_end : float
        How many times faster deals leave the last two stages in a quarter's last 15 working days
        than in the rest of it. ``mean_days`` of these two stages count on a clock that runs at
        those two speeds and agrees with the calendar at each quarter's end; in calendar days, stays
        in the last stage but one are some 10% longer at the default of 3.
    """

    stages: pd.DataFrame
    effects: pd.DataFrame
    exceptions: pd.DataFrame
    sellers: pd.DataFrame
    habits: pd.DataFrame
    moves: pd.DataFrame
    outcomes: pd.DataFrame
    deals: pd.DataFrame
    quarter_end: float


def final_outcomes(move_probability: np.ndarray) -> np.ndarray:
    """Probabilities of won, lost, cancelled, stalled of a deal that starts in the first stage.

    Solves (I − Q)·x = r for every kind at once, with Q the moves between stages and r the exits.
    """
    many, stages, _ = move_probability.shape
    between = np.zeros((many, stages, stages + 2))  # two more columns: won, however it is reached
    for stage in range(stages):
        between[:, stage, stage + 1] += move_probability[:, stage, FORWARD]
        between[:, stage, stage + 2] += move_probability[:, stage, SKIP]
        between[:, stage, max(stage - 1, 0)] += move_probability[:, stage, BACK]
    won = between[:, :, stages:].sum(axis=2, keepdims=True)
    exits = np.concatenate([won, move_probability[:, :, [LOST, CANCELLED, STALLED]]], axis=2)
    return np.linalg.solve(np.eye(stages) - between[:, :, :stages], exits)[:, 0, :]


def of_company(model: Model, deals: pd.DataFrame) -> Truth:
    """The truth of a company, with the latent ends of its deals."""
    rep, source, segment = kinds(model.reps)
    effects = model.effects

    def of(by: str, column: str) -> np.ndarray:
        return effects.loc[effects["by"] == by, column].to_numpy()

    groups = pd.DataFrame(
        {
            "owner_id": of("owner_id", "value")[rep],
            "region": of("region", "value")[rep_regions(model.reps)[rep]],
            "source": of("source", "value")[source],
            "segment": of("segment", "value")[segment],
        }
    )
    stages = len(STAGES)
    moves = groups.loc[groups.index.repeat(stages)].drop(columns="region").reset_index(drop=True)
    moves["stage"] = np.tile(STAGE_NAMES, len(groups))
    moves[list(MOVES)] = model.move_probability.reshape(-1, len(MOVES))
    moves["mean_days"] = model.mean_days.ravel()

    ends = ["won", "lost", "cancelled", "stalled"]
    weight = of("owner_id", "share")[rep] * of("source", "share")[source]
    weight = weight * of("segment", "share")[segment]
    weighted = groups.assign(all="all", weight=weight)
    weighted[ends] = final_outcomes(model.move_probability) * weight[:, None]
    parts = []
    for by in ("all", "source", "segment", "region", "owner_id"):
        sums = weighted.groupby(by, sort=False)[[*ends, "weight"]].sum()
        shares = sums[ends].div(sums["weight"], axis=0).rename_axis("value").reset_index()
        parts.append(shares.assign(by=by))
    outcomes = pd.concat(parts, ignore_index=True)[["by", "value", *ends]]

    return Truth(
        stages=pd.DataFrame(STAGES),
        effects=effects.copy(),
        exceptions=pd.DataFrame(
            [vars(planted) for planted in model.exceptions],
            columns=["owner_id", "stage", "times_days", "lost_log_odds"],
        ),
        sellers=model.sellers.copy(),
        habits=pd.DataFrame(
            [vars(planted) for planted in model.habits], columns=["owner_id", "habit", "value"]
        ),
        moves=moves,
        outcomes=outcomes,
        deals=deals,
        quarter_end=model.quarter_end,
    )

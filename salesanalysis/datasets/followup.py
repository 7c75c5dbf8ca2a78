"""What sellers do for their deals: contacts, and the evidence that a milestone is reached.

Drawn for whole blocks of deals, from random numbers of their own: the deals do not depend on them.
"""

from dataclasses import dataclass

import numpy as np

from salesanalysis.datasets import model as m
from salesanalysis.datasets import parameters as p
from salesanalysis.datasets.deals import BLOCK, OUTCOMES, Deals
from salesanalysis.datasets.model import Model

KINDS_OF_CONTACT = ("call", "email", "meeting", "demo", "manager_visit")
#: Shares of the first four kinds, by stage.
KIND_SHARES = (
    (0.45, 0.50, 0.05, 0.00),
    (0.35, 0.35, 0.28, 0.02),
    (0.30, 0.25, 0.30, 0.15),
    (0.25, 0.30, 0.25, 0.20),
    (0.30, 0.30, 0.35, 0.05),
    (0.40, 0.40, 0.20, 0.00),
)
#: From the first letter on a manager comes along: share of the contacts, must-win deals last.
MANAGER_VISITS = (0.02, 0.15)
WEEK_MINUTES = 5 * p.DAY_MINUTES
#: Evidence is checked at most this long before the stage is entered that it is for.
MOST_LEAD_MINUTES = 3 * p.DAY_MINUTES


@dataclass(frozen=True, eq=False)
class FollowUp:
    """Contacts and checks of a block of deals, each in order of deal and time.

    ``contact_deal`` and ``check_deal`` are positions of deals within the block, minutes are working
    minutes, ``contact_kind`` is in :data:`KINDS_OF_CONTACT`, ``check_milestone`` in
    ``parameters.MILESTONES`` and ``check_item`` in its items.
    """

    contact_deal: np.ndarray
    contact_minute: np.ndarray
    contact_kind: np.ndarray
    check_deal: np.ndarray
    check_minute: np.ndarray
    check_milestone: np.ndarray
    check_item: np.ndarray
    check_fulfilled: np.ndarray

    def head(self, deals: int) -> "FollowUp":
        """What belongs to the first ``deals`` deals."""
        contacts = np.searchsorted(self.contact_deal, deals)
        checks = np.searchsorted(self.check_deal, deals)
        return FollowUp(
            **{
                name: values[: contacts if name.startswith("contact_") else checks]
                for name, values in vars(self).items()
            }
        )


def draw_follow_up(model: Model, deals: Deals) -> FollowUp:
    """What is done for the deals of one block, which must be whole."""
    block = int(deals.number[0]) // BLOCK
    return FollowUp(
        **_contacts(model, deals, m.stream(model.seed, "contacts", block)),
        **_checks(model, deals, m.stream(model.seed, "evidence", block)),
    )


def _contacts(model: Model, deals: Deals, rng) -> dict[str, np.ndarray]:
    """Contacts come at random while a deal is worked on: a Poisson process in each stay."""
    deal, stage, start = deals.entry_deal, deals.entry_stage, deals.entry_minute
    worked = _worked_minutes(model, deals)
    rate = np.array([stage.contacts_a_week for stage in p.STAGES]) / WEEK_MINUTES
    habit = model.sellers["times_contacts"].to_numpy()[deals.rep[deal]]
    many = _poisson(rate[stage] * habit * worked, rng.random(len(deal)))

    stay = np.repeat(np.arange(len(deal)), many)
    minute_draw, kind_draw = rng.random((2, len(stay)))
    minute = start[stay] + (minute_draw * worked[stay]).astype(np.int64)
    order = np.lexsort((minute, stay))
    visits = np.where(
        np.arange(len(p.STAGES))[:, None] < p.STAGE_NAMES.index(p.FIRST_LETTER), 0, MANAGER_VISITS
    )  # stage × must-win or not
    # Kinds lie end to end between 0 and 1; a draw falls into one of them.
    ends = np.cumsum(KIND_SHARES, axis=1)[:, None, :3] * (1 - visits)[..., None]
    ends = np.concatenate([ends, (1 - visits)[..., None]], axis=2)
    ends = ends[stage[stay], deals.must_win[deal[stay]].astype(int)]
    return {
        "contact_deal": deal[stay],
        "contact_minute": minute[order],
        "contact_kind": (kind_draw[:, None] >= ends).sum(axis=1),
    }


def _worked_minutes(model: Model, deals: Deals) -> np.ndarray:
    """For each entry into a stage, how long the deal is worked on there.

    Until the next entry, the as-of moment, or the *day* of closing: its time of day is not told, so
    that a contact on that day could look as if it came later. A deal that stalls in a stage is not
    worked on there.
    """
    end_of_deal = np.minimum(
        deals.closed_minute // p.DAY_MINUTES * p.DAY_MINUTES, model.workdays * p.DAY_MINUTES
    )
    end = end_of_deal[deals.entry_deal]
    goes_on = deals.entry_deal[:-1] == deals.entry_deal[1:]
    end[:-1] = np.where(goes_on, deals.entry_minute[1:], end[:-1])
    stalled = deals.final_outcome == OUTCOMES.index("stalled")
    stalls_here = deals.entry_last & stalled[deals.entry_deal]
    # Entered and closed on one day: no time at all.
    worked = np.maximum(np.minimum(end, end_of_deal[deals.entry_deal]) - deals.entry_minute, 0)
    return np.where(stalls_here, 0, worked)


def _poisson(mean: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """Poisson numbers from uniform ones, by inversion of the cumulated chances."""
    count = np.zeros(len(mean), np.int64)
    chance = np.exp(-mean)
    cumulated = chance.copy()
    going = np.flatnonzero(draw >= cumulated)
    while len(going):
        count[going] += 1
        chance[going] *= mean[going] / count[going]
        cumulated[going] += chance[going]
        # A draw next to 1 may never be exceeded, because of rounding: stop where nothing is added.
        adds = (chance[going] > 1e-18) | (count[going] < mean[going])
        going = going[(draw[going] >= cumulated[going]) & adds]
    return count


def _checks(model: Model, deals: Deals, rng) -> dict[str, np.ndarray]:
    """The points checked before a deal first enters a stage; see ``Truth.sellers`` for the gaps."""
    draw = rng.random((3, len(deals.entry_deal)))
    habits = model.sellers[["without_evidence", "fails_a_point"]].to_numpy()[deals.rep].T
    without_evidence = rng.random(len(deals.rep)) < habits[0]

    milestone_of = {milestone.stage: n for n, milestone in enumerate(p.MILESTONES)}
    milestone = np.array([milestone_of.get(name, -1) for name in p.STAGE_NAMES])[deals.entry_stage]
    is_letter = milestone >= milestone_of[p.FIRST_LETTER]
    first_time = np.zeros(len(milestone), bool)
    key = deals.entry_deal.astype(np.int64) * len(p.STAGES) + deals.entry_stage
    first_time[np.unique(key, return_index=True)[1]] = True
    kept = first_time & (milestone >= 0) & ~(is_letter & without_evidence[deals.entry_deal])

    # Every deal's first entry is into the first stage, which needs no evidence: another precedes.
    entry = np.flatnonzero(kept)
    lead_draw, fail_draw, item_draw = draw[:, entry]
    before = deals.entry_minute[entry] - deals.entry_minute[entry - 1]
    lead = lead_draw * np.minimum(before, MOST_LEAD_MINUTES)
    checked = deals.entry_minute[entry] - lead.astype(np.int64)
    items = np.array([len(milestone.items) for milestone in p.MILESTONES])[milestone[entry]]
    fails = is_letter[entry] & (fail_draw < habits[1][deals.entry_deal[entry]])
    failing = np.where(fails, (item_draw * items).astype(int), -1)

    row = np.repeat(np.arange(len(entry)), items)
    item = np.arange(len(row)) - np.repeat(np.cumsum(items) - items, items)
    return {
        "check_deal": deals.entry_deal[entry][row],
        "check_minute": checked[row],
        "check_milestone": milestone[entry][row],
        "check_item": item,
        "check_fulfilled": item != failing[row],
    }

"""Arrow tables in the package's vocabulary, from the numbers that the other modules draw."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesanalysis.columns import KINDS, TABLES
from salesanalysis.datasets import deals as d
from salesanalysis.datasets import model as m
from salesanalysis.datasets import parameters as p
from salesanalysis.datasets import words
from salesanalysis.datasets.followup import KINDS_OF_CONTACT, FollowUp
from salesanalysis.datasets.model import Model
from salesanalysis.datasets.targets import Targets

CURRENCY = "USD"
OPENING = np.timedelta64(9 * 60, "m")  # of the working day
#: Each team of a region has its manager; sellers join the teams in turn.
TEAMS_PER_REGION = 2
#: Sellers were hired on a Monday up to this many weeks before the start.
MOST_WEEKS_HIRED = 400

_ARROW = {
    "string": pa.string(),
    "timestamp": pa.timestamp("us"),
    "float64": pa.float64(),
    "int64": pa.int64(),
    "boolean": pa.bool_(),
}


def _table(name: str, columns: dict) -> pa.Table:
    """A table of the vocabulary, its columns in the vocabulary's order and types."""
    vocabulary = TABLES[name]
    return pa.table(
        {
            column.name: pa.chunked_array([columns[column.name]]).cast(_ARROW[KINDS[column.kind]])
            for column in vocabulary.columns
            if column.name in columns
        }
    )


def arrow_table(name: str, frame: pd.DataFrame) -> pa.Table:
    """A DataFrame in the vocabulary's columns as an Arrow table."""
    columns = {column: pa.array(frame[column], from_pandas=True) for column in frame}
    return _table(name, columns)


def _labels(codes: np.ndarray, labels, missing: np.ndarray | None = None) -> pa.Array:
    """The label of each code; null where ``missing``."""
    index = pa.array(codes.astype(np.int32), mask=missing)
    return pa.array(list(labels), pa.string()).take(index)


def _ids(prefix: str, numbers: np.ndarray) -> pa.Array:
    """Ids such as ``O00000001``, from running numbers that start at 0."""
    digits = pc.utf8_lpad(pa.array(numbers + 1).cast(pa.string()), 8, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def _moment(minutes: np.ndarray) -> np.ndarray:
    """The timestamp of each working minute."""
    day, minute = np.divmod(minutes, p.DAY_MINUTES)
    midnight = m.date_of(day).astype("datetime64[us]")
    return midnight + OPENING + minute.astype("timedelta64[m]")


def _closing_date(minutes: np.ndarray) -> np.ndarray:
    """The date of each working minute; not a time where there is no closing."""
    closed = minutes != d.NEVER
    date = m.date_of(np.where(closed, minutes, 0) // p.DAY_MINUTES).astype("datetime64[us]")
    return np.where(closed, date, np.datetime64("NaT", "us"))


def _teams(reps: int) -> np.ndarray:
    """The team number of each seller: region × team within it."""
    position = np.arange(reps) // len(p.REGIONS)
    return m.rep_regions(reps) * TEAMS_PER_REGION + position % TEAMS_PER_REGION


TEAM_NAMES = [
    f"{region.name} {number + 1}" for region in p.REGIONS for number in range(TEAMS_PER_REGION)
]


def team_names(reps: int) -> list[str]:
    """The name of each seller's team."""
    return [TEAM_NAMES[number] for number in _teams(reps)]


def reps(model: Model) -> pa.Table:
    """One row per seller."""
    people = words.person_names(np.arange(len(TEAM_NAMES) + model.reps))
    weeks = m.stream(model.seed, "hiring").random(model.reps) * MOST_WEEKS_HIRED
    return _table(
        "reps",
        {
            "owner_id": pa.array(m.owner_ids(model.reps)),
            "name": pa.array(people[len(TEAM_NAMES) :]),
            "team": _labels(_teams(model.reps), TEAM_NAMES),
            "region": _labels(m.rep_regions(model.reps), [g.name for g in p.REGIONS]),
            "manager": _labels(_teams(model.reps), people),
            "hired_at": pa.array(p.START - 7 * (1 + weeks.astype(int)).astype("timedelta64[D]")),
        },
    )


def products() -> pa.Table:
    """One row per product."""
    return _table(
        "products",
        {
            "product": pa.array([name for name, _, _ in d.PRODUCTS]),
            "list_price": pa.array([float(price) for _, price, _ in d.PRODUCTS]),
            "currency": pa.array([CURRENCY] * len(d.PRODUCTS)),
        },
    )


def accounts(drawn: d.Accounts, first: int, last: int) -> pa.Table:
    """One row per account, from number ``first`` up to, not including, ``last``."""
    numbers, rows = np.arange(first, last), slice(first, last)
    return _table(
        "accounts",
        {
            "account_id": _ids("A", numbers),
            "name": pa.array(words.company_names(numbers, drawn.chinese[rows])),
            "segment": _labels(drawn.segment[rows], [group.name for group in p.SEGMENTS]),
            "region": _labels(drawn.region[rows], [group.name for group in p.REGIONS]),
        },
    )


def opportunities(model: Model, deals: d.Deals) -> pa.Table:
    """One row per deal, as known at the as-of moment."""
    is_open = deals.closed_minute == d.NEVER
    outcome = np.where(is_open, len(d.OUTCOMES), deals.outcome)
    return _table(
        "opportunities",
        {
            "opportunity_id": _ids("O", deals.number),
            "account_id": _ids("A", deals.account),
            "owner_id": _labels(deals.rep, m.owner_ids(model.reps)),
            "team": _labels(_teams(model.reps)[deals.rep], TEAM_NAMES),
            "region": _labels(m.rep_regions(model.reps)[deals.rep], [g.name for g in p.REGIONS]),
            "product": _labels(deals.product, [name for name, _, _ in d.PRODUCTS]),
            "source": _labels(deals.source, [group.name for group in p.SOURCES]),
            "stage": _labels(deals.stage, p.STAGE_NAMES),
            "amount": pa.array(deals.amount),
            "currency": pa.array([CURRENCY]).take(pa.array(np.zeros(len(deals.number), int))),
            "created_at": pa.array(m.date_of(deals.created_minute // p.DAY_MINUTES)),
            "closed_at": pa.array(_closing_date(deals.closed_minute)),
            "outcome": _labels(outcome, (*d.OUTCOMES, "open")),
            "reason": _labels(
                deals.reason, d.REASONS + d.CANCELLED_REASONS, missing=deals.reason < 0
            ),
            "must_win": pa.array(deals.must_win),
            "expected_close_at": pa.array(deals.expected_date),
            "probability": pa.array(deals.probability),
            "owner_call": _labels(deals.call, d.CALLS),
        },
    )


def stage_history(deals: d.Deals) -> pa.Table:
    """One row per deal × stage entered, up to the as-of moment."""
    return _table(
        "stage_history",
        {
            "opportunity_id": _ids("O", deals.number[deals.entry_deal]),
            "stage": _labels(deals.entry_stage, p.STAGE_NAMES),
            "entered_at": pa.array(_moment(deals.entry_minute)),
            "amount": pa.array(deals.entry_amount),
        },
    )


def milestone_evidence(deals: d.Deals, follow_up: FollowUp) -> pa.Table:
    """One row per deal × point checked."""
    item_names = [item for milestone in p.MILESTONES for item in milestone.items]
    first_item = np.cumsum([0] + [len(milestone.items) for milestone in p.MILESTONES])
    return _table(
        "milestone_evidence",
        {
            "opportunity_id": _ids("O", deals.number[follow_up.check_deal]),
            "milestone": _labels(
                follow_up.check_milestone, [milestone.milestone for milestone in p.MILESTONES]
            ),
            "item": _labels(
                first_item[follow_up.check_milestone] + follow_up.check_item, item_names
            ),
            "fulfilled": pa.array(follow_up.check_fulfilled),
            "checked_at": pa.array(_moment(follow_up.check_minute)),
        },
    )


def activities(model: Model, deals: d.Deals, follow_up: FollowUp) -> pa.Table:
    """One row per contact, up to the as-of moment."""
    return _table(
        "activities",
        {
            "opportunity_id": _ids("O", deals.number[follow_up.contact_deal]),
            "owner_id": _labels(deals.rep[follow_up.contact_deal], m.owner_ids(model.reps)),
            "kind": _labels(follow_up.contact_kind, KINDS_OF_CONTACT),
            "at": pa.array(_moment(follow_up.contact_minute)),
        },
    )


def targets(model: Model, drawn: Targets) -> pa.Table:
    """One row per quarter × seller."""
    quarters = len(drawn.target)
    seller = np.tile(np.arange(model.reps), quarters)
    first_year = p.START.astype(object).year
    names = [f"{first_year + n // 4}-Q{n % 4 + 1}" for n in range(quarters)]
    return _table(
        "targets",
        {
            "period": _labels(np.repeat(np.arange(quarters), model.reps), names),
            "region": _labels(m.rep_regions(model.reps)[seller], [g.name for g in p.REGIONS]),
            "owner_id": _labels(seller, m.owner_ids(model.reps)),
            "target": pa.array(drawn.target.ravel()),
            "floor": pa.array(drawn.floor.ravel()),
            "stretch": pa.array(drawn.stretch.ravel()),
        },
    )


def latent(deals: d.Deals) -> pa.Table:
    """One row per deal: how it ends if it is watched for as long as it takes."""
    return pa.table(
        {
            "opportunity_id": _ids("O", deals.number),
            "outcome": _labels(deals.final_outcome, d.OUTCOMES),
            "closed_at": pa.array(_closing_date(deals.final_minute)),
            "stage": _labels(deals.final_stage, p.STAGE_NAMES),
        }
    )

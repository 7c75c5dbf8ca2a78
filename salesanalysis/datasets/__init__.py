"""A made-up company, of any size, whose truth is known.

:func:`company` returns its tables and the true parameters behind them, so that a test can check
that an analysis finds what is there; :func:`write` puts the tables of a company of up to 99,999,999
deals into files without ever holding them all. The same seed gives the same company on every
machine, and deal *i* of a seed is the same deal in a small company and in a large one.

Its numbers are in :mod:`salesanalysis.datasets.parameters`; in words, in ``data/README.md``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack

import pandas as pd

from salesanalysis.datasets import model as _model
from salesanalysis.datasets.model import Model
from salesanalysis.datasets.parameters import (
    EXCEPTIONS,
    HABITS,
    MOST_DEALS,
    STAGE_NAMES,
    PlantedException,
    PlantedHabit,
)
from salesanalysis.datasets.truth import Truth, of_company
from salesanalysis.errors import require_number

__all__ = [
    "AS_OF",
    "EXCEPTIONS",
    "HABITS",
    "SEED",
    "STAGES",
    "Company",
    "PlantedException",
    "PlantedHabit",
    "Truth",
    "company",
    "write",
]


__dir__ = __all__.copy


#: Seed and size of the committed sample in ``data/sample``.
SEED, DEALS = 7, 2_000
MONTHS, REPS, SKILL_SD, QUARTER_END = 24, 24, 0.35, 3.0
#: The moment the sample was taken: nothing in it is later than the midnight that begins this day.
AS_OF = pd.Timestamp("2025-12-31")
#: The sample's stages in their order; winning and losing are outcomes, not stages.
STAGES = STAGE_NAMES

_PORTION_BLOCKS = 16


@dataclass(frozen=True, eq=False)
class Company:
    """A made-up company.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``reps``, ``accounts``, ``products``, ``opportunities``, ``stage_history``,
        ``milestone_evidence`` and ``activities``, in the columns of :mod:`salesanalysis.columns`,
        and ``targets``, one row per quarter × seller: ``period region owner_id target floor
        stretch``.
    truth : Truth
        What is true of it.
    as_of : Timestamp
        The moment the tables were taken; deals undecided then are open.
    stages : tuple of str
        The stages in their order.
    """

    tables: dict[str, pd.DataFrame]
    truth: Truth
    as_of: pd.Timestamp
    stages: tuple[str, ...]


def company(
    *,
    seed: int = SEED,
    deals: int = DEALS,
    months: int = MONTHS,
    reps: int = REPS,
    skill_sd: float = SKILL_SD,
    null: bool = False,
    exceptions: Sequence[PlantedException] | None = None,
    quarter_end: float = QUARTER_END,
) -> Company:
    """A made-up company and its truth, in memory.

    Deals are created from 2024-01-01 on. The tables are taken at the midnight that begins the last
    day of the last month: deals undecided then are open, and nothing later is known.

    Parameters
    ----------
    seed : int
        The same seed and arguments give the same company; 0 or more.
    deals : int
        How many deals, from 1 to 99,999,999. The first deals of a larger company are those of a
        smaller one, with all that is done for them; only its targets are higher.
    months : int
        How long the company has been watched, from 1 to 240.
    reps : int
        How many sellers, from 4 (one in each region) to 999.
    skill_sd : float
        Standard deviation, among sellers, of their effect on the log-odds of losing in a stage.
    null : bool
        Whether all sellers and regions are alike, in their habits too, and no exceptions planted
        unless given: what an analysis finds then is chance.
    exceptions : sequence of PlantedException, optional
        Sellers who depart from the norm at one stage; :data:`EXCEPTIONS` where not given.
    quarter_end : float
        How many times faster deals leave the last two stages in the last 15 working days of a
        quarter; 1 for no hurry.

    Returns
    -------
    Company

    Raises
    ------
    SalesAnalysisError
        An argument is out of its limits, or an exception names an unknown seller or stage.

    Examples
    --------
    >>> made = company(seed=1, deals=100)
    >>> made.tables["opportunities"]["outcome"].value_counts().to_dict()
    {'lost': 50, 'won': 32, 'open': 12, 'cancelled': 6}
    >>> made.truth.outcomes.query("by == 'source'")[["value", "won"]].round(2)
          value   won
    1  pipeline  0.34
    2   partner  0.38
    3   inbound  0.44
    4   renewal  0.75
    """
    import pyarrow as pa

    deals, model = _modelled(
        deals=deals,
        seed=seed,
        months=months,
        reps=reps,
        skill_sd=skill_sd,
        null=null,
        exceptions=exceptions,
        quarter_end=quarter_end,
    )
    portions = list(_portions(model, deals, latent=True))
    whole = {
        name: pa.concat_tables(portion[name] for portion in portions if name in portion).to_pandas()
        for name in portions[0]
    }
    truth = of_company(model, deals=whole.pop("latent"))
    return Company(tables=whole, truth=truth, as_of=model.as_of, stages=STAGES)


class MadeAs(TypedDict, total=False):
    """The arguments of :func:`company`."""

    seed: int
    deals: int
    months: int
    reps: int
    skill_sd: float
    null: bool
    exceptions: Sequence[PlantedException] | None
    quarter_end: float


def write(
    out_dir: str | Path,
    *,
    format: str = "csv",
    progress: Callable[[int, int], None] | None = None,
    **made_as: Unpack[MadeAs],
) -> list[Path]:
    """The tables of a made-up company as files, streamed: memory does not grow with the deals.

    Beside the company's own tables, those of :mod:`salesanalysis.datasets.extras` are written; they
    depend on the seed alone.

    The same arguments give the same bytes (Parquet: with the same version of pyarrow). Files
    appear in the folder only when all are whole; until then those of an earlier run stay.

    Parameters
    ----------
    out_dir : str or Path
        The folder to write to; made where it is missing. Other files in it are left alone.
    format : str
        ``csv`` or ``parquet``.
    progress : callable, optional
        Called with the number of deals written and the number wanted, now and then.
    **made_as
        As for :func:`company`: ``seed, deals, months``, …

    Returns
    -------
    list of Path
        The files: reps, products, targets, accounts, opportunities, stage_history,
        milestone_evidence, activities, then those of the extras.

    Raises
    ------
    SalesAnalysisError
        An argument is out of its limits, or the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = write(folder, seed=1, deals=10)
    >>> [path.stem for path in paths[:8]]  # doctest: +NORMALIZE_WHITESPACE
    ['reps', 'products', 'targets', 'accounts', 'opportunities', 'stage_history',
     'milestone_evidence', 'activities']
    """
    from itertools import chain

    from salesanalysis.datasets import extras, files

    files.require_format(format)
    deals, model = _modelled(**made_as)
    portions = _portions(model, deals, progress=progress)
    beside = (extras.extra_tables(model.seed) for _ in range(1))  # made last, not before
    return files.write_portions(out_dir, format, chain(portions, beside))


def _modelled(
    *, deals=DEALS, seed=SEED, months=MONTHS, reps=REPS, skill_sd=SKILL_SD,
    null=False, exceptions=None, quarter_end=QUARTER_END,
) -> tuple[int, Model]:  # fmt: skip
    """The number of deals and the model of a company, both within their limits."""
    deals = require_number("deals", deals, low=1, high=MOST_DEALS, whole=True)
    return deals, _model.build(
        seed=seed,
        months=months,
        reps=reps,
        skill_sd=skill_sd,
        null=null,
        exceptions=exceptions,
        quarter_end=quarter_end,
    )


def _portions(
    model: Model,
    deals: int,
    *,
    latent: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[dict]:
    """The company's Arrow tables, portion by portion; those of a fixed size in the first one only.

    ``latent`` adds the table of how each deal ends.
    """
    from salesanalysis.datasets import deals as drawing

    accounts = drawing.accounts(model.seed, deals)
    portion_deals = _PORTION_BLOCKS * drawing.BLOCK
    for first in range(0, deals, portion_deals):
        last = min(first + portion_deals, deals)
        # Nothing of a portion is held here while the next one is made.
        yield _portion(model, accounts, deals, first, last, latent)
        if progress is not None:
            progress(last, deals)


def _portion(model: Model, accounts, deals: int, first: int, last: int, latent: bool) -> dict:
    """The Arrow tables of the deals from ``first`` up to, not including, ``last``."""
    import pyarrow as pa

    from salesanalysis.datasets import deals as drawing
    from salesanalysis.datasets import tables
    from salesanalysis.datasets.followup import draw_follow_up
    from salesanalysis.datasets.targets import draw_targets

    portion = {}
    parts = {"opportunities": [], "stage_history": [], "milestone_evidence": [], "activities": []}
    if latent:
        parts["latent"] = []
    for start in range(first, last, drawing.BLOCK):
        whole = drawing.draw_block(model, accounts, start // drawing.BLOCK)
        if not start:
            portion["reps"] = tables.reps(model)
            portion["products"] = tables.products()
            portion["targets"] = tables.targets(model, draw_targets(model, whole, deals))
        block = whole.head(last - start)
        follow_up = draw_follow_up(model, whole).head(last - start)
        parts["opportunities"].append(tables.opportunities(model, block))
        parts["stage_history"].append(tables.stage_history(block))
        parts["milestone_evidence"].append(tables.milestone_evidence(block, follow_up))
        parts["activities"].append(tables.activities(model, block, follow_up))
        if latent:
            parts["latent"].append(tables.latent(block))
    accounts_before = drawing.number_of_accounts(first) if first else 0
    portion["accounts"] = tables.accounts(
        accounts, accounts_before, drawing.number_of_accounts(last)
    )
    return portion | {name: pa.concat_tables(part) for name, part in parts.items()}

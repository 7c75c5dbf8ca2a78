"""A year settled over its periods: the year's own tiers, its limit, debts and banks that end."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.attained import Attained, attained
from salesanalysis.incentive.commission import earned
from salesanalysis.incentive.money import from_minor
from salesanalysis.incentive.plan import Plan

#: Months of a period, by its length in words.
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, eq=False)
class YearEnd:
    """Where the years of payees end, row by row.

    ``year`` numbers payee × year, ``era`` payee × the years that are settled before; ``settles``:
    the year is settled there; ``untold``: it cannot be, for a row of it is not known. ``to_come``:
    periods of the year after that of the row. ``read``: the rows as the year's own tiers see them.
    """

    year: np.ndarray
    era: np.ndarray
    settles: np.ndarray
    untold: np.ndarray
    to_come: np.ndarray
    read: Attained | None


def year_end(table: pd.DataFrame, plan: Plan, read: Attained) -> YearEnd | None:
    """Where the years of payees end; nothing where a plan settles none."""
    if plan.year is None:
        return None
    to_come = periods_to_come(read.place)
    year = _numbered(read.payee, read.place["year"].to_numpy(np.int64))
    last, known, own = to_come == 0, read.known, None
    untold = np.zeros(len(year), dtype=bool)
    if plan.year.plan is not None:
        own = attained(table, plan.year.plan, plan.year.plan.ladder)
        known = known & own.known
        whole = pd.Series(known).groupby(year).transform("all").to_numpy(bool)
        untold = last & read.known & ~whole
    settles = last & read.known & ~untold
    earlier = pd.Series(settles.astype(np.int64)).groupby(read.payee).cumsum() - settles
    return YearEnd(year, _numbered(read.payee, earlier), settles, untold, to_come, own)


def periods_to_come(place: pd.DataFrame) -> np.ndarray:
    """How many periods of its year come after each, of places as of ``period_order.places``."""
    _refuse_other_lengths(place)
    months = place["length"].map(MONTHS).to_numpy(np.int64)
    # Counted from the first month of the company's year.
    month = place["at"].to_numpy(np.int64) - place["year"].to_numpy(np.int64) * 12
    return (12 - month) // months - 1


def _numbered(payee, other) -> np.ndarray:
    """A number for each payee × another number."""
    keys = np.stack([payee, np.asarray(other)], axis=1)
    return np.unique(keys, axis=0, return_inverse=True)[1].ravel()


def _refuse_other_lengths(place: pd.DataFrame) -> None:
    other = place["length"][~place["length"].isin(list(MONTHS)) | place["year"].isna()]
    if len(other):
        raise SalesAnalysisError(
            f"`period` holds periods of the kind {other.iloc[0]!r}, and `year` of the plan settles"
            " months, quarters or half years. Expected names such as 2025-Q1 or 2025-03."
        )


@dataclass(frozen=True, eq=False)
class YearSettled:
    """What the year adds to each row or takes off, in minor units; ``due`` by its own tiers."""

    due: np.ndarray | None
    extra: np.ndarray
    cut: np.ndarray


def settle_year(plan: Plan, read: Attained, ending: YearEnd | None, due) -> YearSettled:
    """What the year's own tiers pay at its end, and what its limit takes off in each row."""
    extra, cut, own = np.zeros_like(due), np.zeros_like(due), None
    if ending is None or plan.year is None:
        return YearSettled(own, extra, cut)
    year = plan.year
    if ending.read is not None and year.plan is not None:
        own = np.where(ending.settles, earned(year.plan, ending.read.levels, steps=False).due, 0)
        brought = pd.Series(due).groupby(ending.year).cumsum().to_numpy()
        extra = own if year.pays == "beside" else own - brought
        extra = np.maximum(extra, 0) if year.pays == "more" else extra
        extra = np.where(ending.settles, extra, 0)
    limit = _limit(plan, read, ending)
    if limit is not None:
        running = pd.Series(due + extra).groupby(ending.year).cumsum().to_numpy()
        within = pd.Series(np.minimum(running, limit))
        before = within.groupby(ending.year).shift(1, fill_value=0)
        cut = (within - before).to_numpy() - due - extra
    return YearSettled(own, extra, cut)


def _limit(plan: Plan, read: Attained, ending: YearEnd):
    """The most that a year comes to, as it is known in each row."""
    cap, limits = plan.year.cap if plan.year else None, []
    if cap is not None and cap.payout is not None:
        limits.append(int(cap.payout / plan.minor_unit))
    if cap is not None and cap.share is not None:
        target = read.levels.cap_target + np.zeros_like(read.sales)
        # The target of the year: of its periods so far, and the present one for those to come.
        so_far = pd.Series(target).groupby(ending.year).cumsum().to_numpy()
        whole = so_far + target * ending.to_come
        limits.append(whole * cap.share.numerator // cap.share.denominator)
    return None if not limits else limits[0] if len(limits) == 1 else np.minimum(*limits)


def end_balance(left, ending: YearEnd | None, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """What is left after each row of a debt or a bank, and what of it ends with the year there."""
    if ending is None or rule == "carry":
        return left, np.zeros_like(left)
    ends = np.where(ending.settles, left, 0)
    return left - ends, ends


def groups(read: Attained, ending: YearEnd | None, rule: str) -> np.ndarray:
    """Over which rows a debt or a bank runs: a payee's, or those up to a year that is settled."""
    return read.payee if ending is None or rule == "carry" else ending.era


def year_columns(plan: Plan, ending: YearEnd | None, settled: YearSettled) -> dict:
    """What a statement says of the year: in the row that settles it, and what its limit took."""
    year = plan.year
    if ending is None or year is None:
        return {}
    unit, columns = plan.minor_unit, {}
    if ending.read is not None and settled.due is not None:
        levels, here = ending.read.levels, ending.settles
        measured = from_minor(levels.measured, unit)
        columns["year_sales"] = np.where(here, measured, np.nan)
        if year.plan is not None and year.plan.needs_quota:
            share = levels.measured / np.maximum(levels.quota, 1)
            columns["year_attainment"] = np.where(here, share, np.nan)
        columns["year_due"] = np.where(here, from_minor(settled.due, unit), np.nan)
        columns["year_extra"] = from_minor(settled.extra, unit)
    if year.cap is not None:
        columns["year_cut"] = from_minor(settled.cut, unit)
    return columns


def without_untold(read: Attained, ending: YearEnd | None) -> Attained:
    """The rows without those that would settle a year of which a row is not known."""
    return read if ending is None else replace(read, known=read.known & ~ending.untold)

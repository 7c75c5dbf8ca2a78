"""Draws of money by cell: the one shape in which every part of a forecast is added up.

A *cell* is the smallest thing that a forecast is told for: one stream, one part of it, one group of
each roll-up (region, product, team, seller …), one period. Every cell has the same number of draws,
and draw 17 of one cell belongs to draw 17 of every other: they share the shocks that hit all. So a
roll-up is the sum of its cells in each draw, quantiles are taken after adding up, and any two ways
of adding up give the same total.

=============  =====================================================================================
column         what it says
=============  =====================================================================================
``stream``     ``pipeline``, or a stream of the bookings: ``inbound``, ``channel``, ``renewal`` …
``part``       of the pipeline: ``closed`` (won in the period already), ``must_win`` (key deals),
               ``open_deals`` (the other open ones), ``new_deals`` (not in the list yet); other
               streams name their own
roll-ups       such as ``region``, ``product``, ``owner_id``; missing where a cell belongs to none
``period``     label of the period: ``2025-10`` for a month, ``2025-Q4`` for a quarter
=============  =====================================================================================
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.summarised import Summarised

#: The parts of the pipeline.
CLOSED, MUST_WIN, OPEN_DEALS, NEW_DEALS = "closed", "must_win", "open_deals", "new_deals"

#: The quantiles that a summary shows.
QUANTILES = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True, eq=False, repr=False)
class Draws(Summarised):
    """Cells and their draws.

    Attributes
    ----------
    cells : DataFrame, one row per cell
        ``stream, part``, the roll-ups, ``period``, with the index 0, 1, …
    values : ndarray of float, cells × draws
        Money in the table's currency.

    Raises
    ------
    SalesAnalysisError
        The two do not have the same number of cells, or a draw is missing or infinite.

    Examples
    --------
    >>> cells = pd.DataFrame({"stream": "pipeline", "region": ["East", "West"], "period": "2025-10"})
    >>> draws = Draws(cells, np.array([[0.0, 10.0, 20.0], [5.0, 5.0, 8.0]]))
    >>> draws.total().values.tolist()
    [[5.0, 15.0, 28.0]]
    >>> draws.summary("region", quantiles=[0.5])
      region  mean   q50
    0   East  10.0  10.0
    1   West   6.0   5.0
    """  # noqa: E501

    cells: pd.DataFrame
    values: np.ndarray

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=float)
        if values.ndim != 2 or len(values) != len(self.cells):
            raise SalesAnalysisError(
                f"`values` has the shape {values.shape}; expected one row for each of the"
                f" {len(self.cells)} `cells` and one column per draw."
            )
        if not np.isfinite(values).all():
            raise SalesAnalysisError("`values` has draws that are missing or infinite.")
        object.__setattr__(self, "cells", self.cells.reset_index(drop=True))
        object.__setattr__(self, "values", values)

    @property
    def n(self) -> int:
        """How many draws every cell has."""
        return self.values.shape[1]

    def total(self, by: Sequence[str] | str = ()) -> "Draws":
        """The cells added up to one per group of ``by``, draw by draw; to a single one without it.

        Groups come in the order of their names, missing ones last.
        """
        by = as_list(by)
        require_columns(self.cells.columns, by, "`cells`")
        if not by:
            return Draws(pd.DataFrame(index=[0]), self.values.sum(axis=0, keepdims=True))
        grouped = self.cells.groupby(by, dropna=False, sort=True)
        group = grouped.ngroup().to_numpy()
        count = int(group.max(initial=-1)) + 1
        first = np.zeros(count, dtype=int)
        first[group[::-1]] = np.arange(len(group))[::-1]
        order = np.argsort(group, kind="stable")
        starts = np.searchsorted(group[order], np.arange(count))
        values = np.add.reduceat(self.values[order], starts) if count else self.values[:0]
        return Draws(self.cells.loc[first, by], values)

    def none(self) -> "Draws":
        """None of the cells."""
        return Draws(self.cells[:0], self.values[:0])

    def where(self, **labels: object) -> "Draws":
        """The cells whose columns have the given labels: one label, or a list of them."""
        require_columns(self.cells.columns, labels, "`cells`")
        keep = np.ones(len(self.cells), dtype=bool)
        for column, wanted in labels.items():
            wanted = as_list(wanted)
            keep &= self.cells[column].isin(wanted).to_numpy()
        return Draws(self.cells[keep], self.values[keep])

    def summary(
        self, by: Sequence[str] | str = (), *, quantiles: Sequence[float] = QUANTILES
    ) -> pd.DataFrame:
        """Mean and quantiles of each group of ``by``: its columns, ``mean``, ``q05`` … ``q95``."""
        wrong = [q for q in quantiles if not 0 <= q <= 1]
        if wrong:
            raise SalesAnalysisError(f"`quantiles` has {wrong[0]!r}; expected shares from 0 to 1.")
        rolled = self.total(by)
        table = rolled.cells.copy()
        table["mean"] = rolled.values.mean(axis=1)
        names = [quantile_name(q) for q in quantiles]
        table[names] = np.quantile(rolled.values, list(quantiles), axis=1).T
        return table


@dataclass(frozen=True, eq=False, repr=False)
class Drawn(Summarised):
    """A forecast of streams that is told by its draws."""

    draws: Draws

    def summary(
        self,
        by: Sequence[str] | str = ("stream", "period"),
        *,
        quantiles: Sequence[float] = QUANTILES,
    ) -> pd.DataFrame:
        """Mean and quantiles by any columns of the cells, as :meth:`Draws.summary`."""
        return self.draws.summary(by, quantiles=quantiles)


def stack(parts: Sequence[Draws]) -> Draws:
    """The cells of several parts one under the other; roll-ups that a part lacks are missing there.

    Parameters
    ----------
    parts : list of Draws
        Of the same number of draws: draw 17 of one belongs to draw 17 of the others.

    Returns
    -------
    Draws

    Raises
    ------
    SalesAnalysisError
        They differ in their number of draws, or there are none.

    Examples
    --------
    >>> one = Draws(pd.DataFrame({"stream": ["pipeline"]}), np.array([[1.0, 2.0]]))
    >>> two = Draws(pd.DataFrame({"stream": ["renewal"]}), np.array([[10.0, 20.0]]))
    >>> stack([one, two]).total().values.tolist()
    [[11.0, 22.0]]
    """
    sizes = sorted({part.n for part in parts})
    if len(sizes) != 1:
        raise SalesAnalysisError(
            f"The `parts` have {', '.join(map(str, sizes)) or 'no'} draws; expected parts with the"
            " same number of draws, made with the same `draws=`."
        )
    cells = pd.concat([part.cells for part in parts], ignore_index=True)
    return Draws(cells, np.concatenate([part.values for part in parts]))


def quantile_name(q: float) -> str:
    """The column of a quantile, by its per cent.

    Examples
    --------
    >>> quantile_name(0.05), quantile_name(0.975)
    ('q05', 'q97.5')
    """
    percent = round(100 * q, 6)
    return f"q{int(percent):02d}" if percent == int(percent) else f"q{percent:g}"

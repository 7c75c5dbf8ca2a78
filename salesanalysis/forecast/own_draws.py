"""What single open deals contribute to a forecast, draw by draw."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import PIPELINE
from salesanalysis.forecast.draws import MUST_WIN, OPEN_DEALS, Draws
from salesanalysis.forecast.pipeline_forecast import PipelineForecast


def deal_draws(pipeline: PipelineForecast, opportunity_ids: Sequence[str]) -> Draws:
    """What each of some open deals brings in each period, as it is contained in the forecast.

    Exact for the deals that were drawn by themselves: all must-win deals, those with an override,
    those that are split and those with the most variance. Of another deal, one of many small ones,
    it is what is expected of it, the same in every draw.

    Parameters
    ----------
    pipeline : PipelineForecast
    opportunity_ids : list of str
        Open deals of the forecast.

    Returns
    -------
    Draws
        Cells ``opportunity_id`` and those of the forecast, one row per deal × period.

    Examples
    --------
    >>> import salesanalysis.forecast as forecast
    >>> from salesanalysis.known import KnownPipeline
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "outcome": "open", "amount": [100.0, 50.0],
    ...     "created_at": pd.to_datetime(["2025-11-01", "2025-11-10"])})
    >>> known = KnownPipeline(as_of="2025-11-15", deals=deals, latest="2026-12-31")
    >>> found = forecast.pipeline(known, periods="1 month", draws=500)
    >>> own = deal_draws(found, ["a", "b"])
    >>> own.cells[["opportunity_id", "part", "period"]].values.tolist()
    [['a', 'open_deals', '2025-11'], ['b', 'open_deals', '2025-11']]
    >>> bool(np.allclose(own.total().values, found.draws.where(part="open_deals").total().values))
    True
    """
    labels = list(pipeline.horizon.labels)
    rows = pipeline.deals[pipeline.deals["opportunity_id"].isin(list(opportunity_ids))]
    single = pd.Index(pipeline.single["opportunity_id"]).get_indexer(rows["opportunity_id"])
    values = np.empty((len(rows), pipeline.draws.n))
    facts = zip(single, rows["period"], rows["expected_amount"], strict=True)
    for row, (at, period, expected) in enumerate(facts):
        if at >= 0:
            won = pipeline.won_in[at] == labels.index(period)
            values[row] = pipeline.single_amount[at] * won
        else:
            values[row] = expected
    return Draws(_cells(pipeline, rows), values)


def _cells(pipeline: PipelineForecast, rows: pd.DataFrame) -> pd.DataFrame:
    """The labels of the cells that the deals belong to."""
    cells = rows[[name for name in pipeline.draws.cells if name in rows]].reset_index(drop=True)
    part = np.where(rows["must_win"], MUST_WIN, OPEN_DEALS)
    labels = {"opportunity_id": rows["opportunity_id"].to_numpy(), "stream": PIPELINE}
    return cells.assign(**labels, part=part)

"""What if: deals won, lost, moved or added, on the same draws."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesanalysis.columns import PIPELINE
from salesanalysis.errors import SalesAnalysisError, nearest, require_columns
from salesanalysis.forecast.draws import Draws
from salesanalysis.forecast.own_draws import deal_draws
from salesanalysis.periods import Calendar

if TYPE_CHECKING:
    from salesanalysis.forecast.company_forecast import Forecast
    from salesanalysis.forecast.pipeline_forecast import PipelineForecast

#: The part of deals that are not in the list.
ADDED = "added"


def changed(forecast: "Forecast", *, win, lose, move, add) -> "Forecast":
    """A forecast with another fate of some deals; see :meth:`Forecast.what_if`."""
    ahead = periods_ahead(forecast)
    win = win if isinstance(win, Mapping) else dict.fromkeys(_names(win), ahead[0])
    lose, move = _names(lose), dict(move or {})
    named = [*win, *lose, *move]
    deals, pipeline = forecast.deals, forecast.pipeline
    added = [] if add is None or not len(add) else [_added_deals(add, ahead, forecast)]
    # In one go: there may be more than a hundred megabytes of draws to copy.
    cells = pd.concat([forecast.draws.cells, *(part.cells for part in added)], ignore_index=True)
    values = np.concatenate([forecast.draws.values, *(part.values for part in added)])
    if named:
        _check(deals["opportunity_id"], named)
        own_ahead = [name for name in ahead if name in pipeline.horizon.labels]
        win = {
            deal: _first_of(period, own_ahead, forecast.calendar) for deal, period in win.items()
        }
        move = {
            deal: _first_of(period, own_ahead, forecast.calendar) for deal, period in move.items()
        }
        pipeline = _supposed(pipeline, win, lose, move, forecast.calendar)
        before, after = deal_draws(forecast.pipeline, named), deal_draws(pipeline, named)
        np.add.at(values, _rows_of(before.cells, forecast.draws), after.values - before.values)
        deals = deals.assign(**pipeline.deals[["probability", "expected_amount"]])
    return replace(forecast, draws=Draws(cells, values), deals=deals, pipeline=pipeline)


def deal_scenarios(forecast: "Forecast", deals: Sequence[str], period: str) -> pd.DataFrame:
    """Each of some open deals as a scenario of its own; see :meth:`Forecast.must_win`."""
    cases = ("", "_if_won", "_if_lost")
    columns = ["opportunity_id", "amount", "probability"]
    columns += [f"{name}{case}" for name in ("q10", "q50", "q90") for case in cases]
    columns += [f"p_target{case}" for case in cases]
    known = forecast.open_deals()
    known = known[known["opportunity_id"].isin(list(deals))]
    if known.empty:
        return pd.DataFrame({name: [] for name in columns})
    lies_in = forecast.calendar.lies_in
    inside = [lies_in(name, period) for name in forecast.deals["period"]]
    chance = forecast.deals[inside].groupby("opportunity_id")["probability"].sum()
    target = float(forecast.against_targets(within=period)["target"].iloc[0])
    whole = forecast.within(period).values.sum(axis=0)
    own = deal_draws(forecast.pipeline, known["opportunity_id"].tolist())
    in_period = np.array([lies_in(name, period) for name in own.cells["period"]])
    rows = []
    for deal, amount in zip(known["opportunity_id"], known["amount"], strict=True):
        mine = (own.cells["opportunity_id"] == deal).to_numpy() & in_period
        lost = whole - own.values[mine].sum(axis=0)
        row = {"opportunity_id": deal, "amount": amount, "probability": chance.get(deal, 0.0)}
        for case, values in zip(cases, (whole, lost + amount, lost), strict=True):
            ends = np.quantile(values, [0.1, 0.5, 0.9])
            row |= dict(zip((f"q10{case}", f"q50{case}", f"q90{case}"), ends, strict=True))
            row[f"p_target{case}"] = float((values >= target).mean()) if target > 0 else np.nan
        rows.append(row)
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["amount", "opportunity_id"], ascending=[False, True],
                             ignore_index=True)  # fmt: skip


def periods_ahead(forecast: "Forecast") -> list[str]:
    """The periods of the forecast that are not over, in their order."""
    bounds_of = forecast.calendar.bounds_of
    names = sorted(set(forecast.draws.cells["period"]), key=bounds_of)
    return [name for name in names if bounds_of(name)[1] > forecast.as_of]


def _names(deals) -> list[str]:
    return [deals] if isinstance(deals, str) else list(deals)


def _first_of(period: str, ahead: list[str], calendar: Calendar) -> str:
    """The first of the periods ahead that is the named one or lies in it."""
    inside = [name for name in ahead if calendar.lies_in(name, period)]
    if not inside:
        raise SalesAnalysisError(
            f"{period}: not a period ahead; expected one of {', '.join(ahead)}."
        )
    return inside[0]


def _check(known: pd.Series, named: Sequence[str]) -> None:
    """Refuse deals that are not open or named twice."""
    missing = sorted(set(named) - set(known[known.isin(named)]))
    if missing:
        close = nearest(str(missing[0]), map(str, known.unique()[:5000]), most=2)
        raise SalesAnalysisError(
            f"{', '.join(map(str, missing[:5]))}: no open deal of this forecast."
            + (f" Nearest: {', '.join(close)}." if close else "")
        )
    twice = sorted({deal for deal in named if list(named).count(deal) > 1})
    if twice:
        raise SalesAnalysisError(
            f"{', '.join(map(str, twice[:5]))}: named more than once; choose one fate."
        )


def _supposed(
    pipeline: "PipelineForecast", win: dict, lose: list, move: dict, calendar: Calendar
) -> "PipelineForecast":
    """The pipeline with another fate of the deals, in its table and in its draws."""
    labels = list(pipeline.horizon.labels)
    never = len(labels)
    won_in = pipeline.won_in.copy()
    place = pd.Index(pipeline.single["opportunity_id"])
    for deal, at in zip((*win, *lose, *move), place.get_indexer([*win, *lose, *move]), strict=True):
        if at < 0:
            continue
        if deal in move:
            later = np.maximum(won_in[at], labels.index(move[deal]))
            won_in[at] = np.where(won_in[at] < never, later, never)
        else:
            won_in[at] = labels.index(win[deal]) if deal in win else never
    return replace(
        pipeline, won_in=won_in, deals=_retold(pipeline.deals, win, lose, move, calendar)
    )


def _rows_of(cells: pd.DataFrame, draws: Draws) -> np.ndarray:
    """Where the cells of single deals stand among those of the forecast."""
    columns = [name for name in cells.columns if name != "opportunity_id"]
    numbered = draws.cells[columns].assign(row=np.arange(len(draws.cells)))
    return cells[columns].merge(numbered, on=columns, how="left")["row"].to_numpy()


def _retold(
    deals: pd.DataFrame, win: dict, lose: list, move: dict, calendar: Calendar
) -> pd.DataFrame:
    """The table of deals with the probabilities that were supposed."""
    chance = deals["probability"].to_numpy(float).copy()
    expected = deals["expected_amount"].to_numpy(float).copy()
    names, named = deals["opportunity_id"].to_numpy(), {*win, *lose, *move}
    rows_of = {deal: [] for deal in named}
    for row in np.flatnonzero(deals["opportunity_id"].isin(list(named))):
        rows_of[names[row]].append(row)
    period, amount = deals["period"].to_numpy(), deals["amount"].to_numpy(float)
    for deal, rows in rows_of.items():
        if deal in move:
            begins = calendar.bounds_of(move[deal])[0]
            early = [row for row in rows if calendar.bounds_of(period[row])[0] < begins]
            there = [row for row in rows if period[row] == move[deal]]
            chance[there] += chance[early].sum()
            expected[there] += expected[early].sum()
            chance[early], expected[early] = 0.0, 0.0
            continue
        chance[rows] = [float(period[row] == win.get(deal)) for row in rows]
        expected[rows] = chance[rows] * amount[rows]
    return deals.assign(probability=chance, expected_amount=expected)


def _added_deals(add, ahead: list[str], forecast: "Forecast") -> Draws:
    """Cells of deals that are not in the list, each won or not by its own coin."""
    draws = forecast.draws
    single = isinstance(add, Mapping) and np.isscalar(add.get("amount"))
    add = pd.DataFrame([add] if single else add).reset_index(drop=True)
    require_columns(add.columns, ["amount"], "`add`")
    chance = add["probability"] if "probability" in add else pd.Series(1.0, add.index)
    period = add["period"] if "period" in add else pd.Series(ahead[0], add.index)
    if not chance.between(0, 1).all() or add["amount"].isna().any():
        raise SalesAnalysisError(
            "`add` needs an `amount` in each row and a `probability` from 0 to 1."
        )
    # The same coins for the same row, whatever else is supposed.
    rng = np.random.default_rng(len(draws.cells))
    won = rng.random((len(add), draws.n)) < chance.to_numpy(float)[:, None]
    groups = [name for name in add if name in draws.cells and name not in ("stream", "part")]
    cells = add[[name for name in groups if name != "period"]].assign(
        stream=PIPELINE,
        part=ADDED,
        period=[_first_of(name, ahead, forecast.calendar) for name in period],
    )
    if "quarter" in draws.cells:
        known = draws.cells.drop_duplicates("period").set_index("period")["quarter"]
        cells["quarter"] = cells["period"].map(known)
    return Draws(cells, won * add["amount"].to_numpy(float)[:, None])

"""The whole forecast: pipeline and streams together, what is in already, what is aimed at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, PIPELINE, WON, as_list
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forecast import target_gap
from salesanalysis.forecast.categories import rollups, unknown_calls
from salesanalysis.forecast.draws import CLOSED, QUANTILES, Draws, quantile_name
from salesanalysis.forecast.movements import movements
from salesanalysis.forecast.pipeline_forecast import PipelineForecast
from salesanalysis.forecast.scenarios import changed, deal_scenarios
from salesanalysis.forecast.sharing import credited, shared_rows
from salesanalysis.periods import Calendar
from salesanalysis.summarised import Summarised

#: Which quantile stands for which word of the sales meeting.
COMMIT, LIKELY, BEST_CASE = 0.2, 0.5, 0.8

#: From this share of the variance on, one deal decides where the period lands.
_DECIDES = 0.5


@dataclass(frozen=True, eq=False, repr=False)
class Forecast(Summarised):
    """What will have been sold, from everywhere, by period and by any roll-up.

    Every method that speaks of one period takes it as ``within``, a period's name such as
    ``2025-Q4`` or ``2025-11``; without it, it speaks of :attr:`period`.

    Attributes
    ----------
    as_of : Timestamp
        The last moment that is known of.
    period : str
        The period that the forecast is about first.
    calendar : salesanalysis.periods.Calendar
        The company's.
    draws : Draws
        Cells of every stream, part, roll-up and period, with ``quarter`` where the periods are
        months and all months of the quarter are covered. Roll-ups are sums of cells in each draw.
    deals : DataFrame, one row per open deal × period
        ``opportunity_id, period, amount, probability, expected_amount`` and what the pipeline model
        says besides.
    closed : DataFrame, one row per deal won and per stream × day of bookings
        What is in already.
    targets : DataFrame
        ``period, target`` and what else is known of them.
    calls : DataFrame, one row per open deal
        What sellers say: ``opportunity_id, owner_call, expected_close_at``.
    assumptions : DataFrame
        What the pipeline model and the renewals rest on: ``name, detail, value, unit``.
    streams : DataFrame, one row per stream
        What the other streams' forecasts rest on.
    calibration : DataFrame
        How past forecasts of this kind did; empty where there was no backtest.
    splits : DataFrame, one row per deal × person
        Who shares which deal: ``opportunity_id, owner_id, share, overlay``. By ``owner_id`` every
        table counts a deal for those who share it; other roll-ups stay those of the deal.
    pipeline : PipelineForecast or None
    """

    as_of: pd.Timestamp
    period: str
    calendar: Calendar
    draws: Draws
    deals: pd.DataFrame
    closed: pd.DataFrame
    targets: pd.DataFrame
    calls: pd.DataFrame
    assumptions: pd.DataFrame
    streams: pd.DataFrame
    calibration: pd.DataFrame
    splits: pd.DataFrame
    pipeline: PipelineForecast | None

    def within(self, period: str | None = None) -> Draws:
        """The cells of one period, whatever shorter periods it is made of."""
        period = period or self.period
        inside = [self.calendar.lies_in(name, period) for name in self.draws.cells["period"]]
        if not any(inside):
            raise SalesAnalysisError(
                f"The forecast has no cell in {period}; it covers"
                f" {', '.join(sorted(set(self.draws.cells['period'])))}."
            )
        return Draws(self.draws.cells[inside], self.draws.values[inside])

    def summary(
        self,
        by: Sequence[str] | str = ("period",),
        *,
        quantiles: Sequence[float] = QUANTILES,
        within: str | None = None,
    ) -> pd.DataFrame:
        """Mean and quantiles by any columns of the cells; over all periods where none is given."""
        draws = self.within(within) if within else self.draws
        return credited(self, draws, as_list(by))[0].summary(by, quantiles=quantiles)

    def parts(self, *, within: str | None = None) -> pd.DataFrame:
        """Mean and quantiles of every stream × part of one period, and of the whole (``all``)."""
        draws = self.within(within)
        whole = draws.summary().assign(stream="all", part="all")
        own = draws.summary(["stream", "part"])
        return pd.concat([own, whole], ignore_index=True)[own.columns]

    def path(
        self, *, within: str | None = None, quantiles: Sequence[float] = QUANTILES
    ) -> pd.DataFrame:
        """How the period fills: what is in already day by day, then where it may go.

        One row per day on which something came in, one for ``as_of``, one for the end of each
        shorter period ahead: ``day``; ``actual`` (so far, cumulative; missing for days ahead),
        ``mean`` and quantiles of the cumulative amount (missing for days before ``as_of``).
        """
        period = within or self.period
        start, end = self.calendar.bounds_of(period)
        names = ["mean", *(quantile_name(q) for q in quantiles)]
        own = self.closed[(self.closed["closed_at"] >= start) & (self.closed["closed_at"] < end)]
        own = own.assign(day=own["closed_at"].dt.normalize())
        past = own.groupby("day")["amount"].sum().cumsum().rename("actual").reset_index()
        cells = self.within(period)
        so_far = float(cells.where(part=CLOSED).values.sum(axis=0).mean())
        ends = sorted({self.calendar.bounds_of(name)[1] for name in cells.cells["period"]})
        ahead = [(last, last - pd.Timedelta(days=1)) for last in ends if last > self.as_of]
        rows = [{"day": self.as_of.normalize(), "actual": so_far} | dict.fromkeys(names, so_far)]
        for last, day in ahead:
            inside = [self.calendar.bounds_of(name)[1] <= last for name in cells.cells["period"]]
            values = cells.values[inside].sum(axis=0)
            numbers = [values.mean(), *np.quantile(values, list(quantiles))]
            rows.append({"day": day, "actual": np.nan} | dict(zip(names, numbers, strict=True)))
        past = past[past["day"] < self.as_of.normalize()]
        table = pd.concat([past, pd.DataFrame(rows)], ignore_index=True)
        return table[["day", "actual", *names]]

    def run_rate(self, *, days: int = 91, within: str | None = None) -> float:
        """What the period would bring if the rest of it went on at the pace of the last days.

        What is in already, and for each day left the mean of the last ``days`` (as far as
        ``closed`` reaches back), over all streams. Knows nothing of open deals.
        """
        period = within or self.period
        _, end = self.calendar.bounds_of(period)
        today = self.as_of.normalize()
        first = self.closed["closed_at"].min() if len(self.closed) else today
        known = min(days, (today - first.normalize()).days + 1)
        since = today - pd.Timedelta(days=known - 1)
        pace = self.closed.loc[self.closed["closed_at"] >= since, "amount"].sum() / known
        so_far = float(self.within(period).where(part=CLOSED).values.sum(axis=0).mean())
        return so_far + pace * max((end - today).days - 1, 0)

    def categories(
        self, by: Sequence[str] | str = (), *, within: str | None = None
    ) -> pd.DataFrame:
        """Commit, likely and best case of the model beside what sellers say.

        ``commit, likely, best_case`` are the 20, 50 and 80% quantiles of the pipeline's part of
        the period. ``said_closed, said_commit, said_best_case, said_open_pipeline`` add up the
        deals that sellers expect to close in it, by their call (cumulative, see
        :func:`rollups`); ``said_n`` such open deals.
        """
        by = as_list(by)
        period = within or self.period
        own = credited(self, self.within(period).where(stream=PIPELINE), by)[0]
        names = ["commit", "likely", "best_case"]
        table = own.summary(by, quantiles=[COMMIT, LIKELY, BEST_CASE]).drop(columns="mean")
        table.columns = [*by, *names]
        said = self._said(by, period)
        if not by:
            return pd.concat([table, said.drop(columns=by)], axis=1)
        return table.merge(said, on=by, how="outer")

    def against_targets(
        self, by: Sequence[str] | str = (), *, within: str | None = None
    ) -> pd.DataFrame:
        """Target, gap, coverage and the probability to get there, by group.

        See :func:`salesanalysis.forecast.target_gap.against_targets` for the columns. By
        ``owner_id``, deals that are split count for those who share them.
        """
        by, period = as_list(by), within or self.period
        targets = self._of_period(self.targets, period)
        targets = targets.reindex(columns=list(dict.fromkeys([*targets.columns, *by])))
        own, overlay = credited(self, self.within(period), by)
        deals = shared_rows(self.open_deals(), self.splits) if by else self.open_deals()
        return target_gap.against_targets(own, targets, deals, by=by, overlay=overlay)

    def open_deals(self) -> pd.DataFrame:
        """The open deals, one row each, without their periods."""
        once = self.deals.drop_duplicates("opportunity_id")
        own = ["period", "probability", "expected_amount"]
        return once.drop(columns=own, errors="ignore").assign(stream=PIPELINE, outcome=OPEN)

    def top_deals(self, most: int = 10, *, within: str | None = None) -> pd.DataFrame:
        """The open deals that make the forecast uncertain, most variance first.

        ``variance_share``: of the variance of the whole, how much p·(1 − p)·amount² of the deal is.
        """
        period = within or self.period
        deals = self._of_period(self.deals, period)
        sums = deals.groupby("opportunity_id", as_index=False)[["probability", "expected_amount"]]
        own = ["period", "model_probability", "probability", "expected_amount"]
        facts = deals.drop(columns=own, errors="ignore").drop_duplicates("opportunity_id")
        facts = facts.merge(sums.sum(), on="opportunity_id")
        chance, whole = facts["probability"], float(self.within(period).total().values.var())
        size = np.where(chance > 0, facts["expected_amount"] / chance.where(chance > 0, 1), 0.0)
        facts["variance_share"] = chance * (1 - chance) * size**2 / whole if whole > 0 else np.nan
        order = ["variance_share", "opportunity_id"]
        return facts.sort_values(order, ascending=[False, True], ignore_index=True).head(most)

    def must_win(self, *, within: str | None = None) -> pd.DataFrame:
        """Each key deal as a scenario of its own: the period if it is won, and if it is not.

        One row per open must-win deal: ``opportunity_id, amount, probability`` (to be won in the
        period); ``q10, q50, q90`` of the landing and ``p_target`` (missing without a target), and
        the same ``_if_won`` and ``_if_lost``. All on the same draws.
        """
        deals = self.open_deals()
        if "must_win" not in deals:
            return deal_scenarios(self, [], within or self.period)
        key = deals["must_win"].fillna(False).astype(bool)
        return deal_scenarios(self, deals.loc[key, "opportunity_id"], within or self.period)

    def deciding_deal(self, *, within: str | None = None) -> pd.DataFrame:
        """The open deal that by itself makes most of the uncertainty, as a scenario; or no row.

        Its winning or losing is at least half of the variance of the whole. Then the landing is two
        numbers, with it and without it, and the middle of its interval is neither. The columns are
        those of :meth:`must_win`.
        """
        top = self.top_deals(1, within=within)
        decides = top["variance_share"] >= _DECIDES
        return deal_scenarios(self, top.loc[decides, "opportunity_id"], within or self.period)

    def what_if(
        self,
        *,
        win: Sequence[str] | Mapping[str, str] = (),
        lose: Sequence[str] = (),
        move: Mapping[str, str] | None = None,
        add: pd.DataFrame | Sequence[Mapping[str, object]] | Mapping[str, object] | None = None,
    ) -> "Forecast":
        """The same draws, had some deals another fate.

        Parameters
        ----------
        win : list of deals, or dict of deal to period
            Won for sure, in the first period that is not over unless another is named; of a longer
            one such as a quarter, in its first period ahead. What is supposed of a deal takes the
            place of what was supposed before.
        lose : list of deals
            Not won in any period.
        move : dict of deal to period
            Cannot be won before that period begins: what would have been won earlier is won in it.
        add : DataFrame, list of dict or dict, one row per deal not in the list, optional
            ``amount``; ``probability`` (1 where not given), ``period`` (the first) and roll-ups.

        Returns
        -------
        Forecast
            With other ``draws`` and ``deals``; subtract draw by draw to see the effect.

        Raises
        ------
        SalesAnalysisError
            A deal is not open or named twice, or a period is not covered.
        """
        return changed(self, win=win, lose=lose, move=move, add=add)

    def changes(self, previous: "Forecast", *, within: str | None = None) -> pd.DataFrame:
        """What moved the expected revenue of a period since an earlier forecast: it adds up.

        See :func:`salesanalysis.forecast.movements.movements`.
        """
        return movements(previous, self, within or self.period)

    def _said(self, by: list[str], period: str) -> pd.DataFrame:
        """What sellers say, by group."""
        names = ["closed", "commit", "best_case", "open_pipeline"]
        start, end = self.calendar.bounds_of(period)
        calls = self.calls.drop(columns=[*by, "amount"], errors="ignore")
        # What is no category says nothing; `caveats` lists these words.
        said = ~calls["owner_call"].isin(unknown_calls(calls["owner_call"]))
        calls = calls.assign(owner_call=calls["owner_call"].where(said))
        deals = shared_rows(self.open_deals(), self.splits) if by else self.open_deals()
        deals = deals[["opportunity_id", "outcome", "amount", *by]]
        # The ids of a table without rows have no type of their own.
        same_type = {"opportunity_id": deals["opportunity_id"].dtype}
        deals = deals.merge(calls.astype(same_type), on="opportunity_id")
        deals = deals[(deals["expected_close_at"] >= start) & (deals["expected_close_at"] < end)]
        own = self.closed[self.closed["stream"] == PIPELINE]
        own = own[(own["closed_at"] >= start) & (own["closed_at"] < end)]
        own = shared_rows(own, self.splits) if by else own
        won = own.assign(outcome=WON, owner_call=None)
        both = pd.concat([deals.assign(said_n=1), won.assign(said_n=0)], ignore_index=True)
        columns = ["outcome", "amount", "owner_call", *by, "said_n"]
        both = both.reindex(columns=columns).astype({"owner_call": object})
        table = rollups(both, by=by)[[*by, *names]].rename(columns={n: f"said_{n}" for n in names})
        counted = both.groupby(by, dropna=False)["said_n"].sum() if by else both["said_n"].sum()
        return table.assign(said_n=np.asarray(counted, dtype=int) if by else int(counted))

    def _of_period(self, table: pd.DataFrame, period: str) -> pd.DataFrame:
        """The rows of one period and of the shorter ones that it is made of."""
        inside = [self.calendar.lies_in(name, period) for name in table["period"]]
        return table[np.array(inside, dtype=bool)]

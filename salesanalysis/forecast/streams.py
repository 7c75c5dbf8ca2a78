"""Revenue outside the pipeline, from what each stream of bookings brought so far."""

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.forecast.draws import CLOSED, Drawn, Draws, stack
from salesanalysis.forecast.ensemble import LEAST_VALUES, SeriesForecasts, forecast_many
from salesanalysis.forecast.rare_bookings import rare_bookings
from salesanalysis.known import KnownForecast, frame_of
from salesanalysis.periods import Calendar

#: What a stream is still to bring.
TO_COME = "to_come"
#: What a stream's forecast rests on: a series, the mean of a few bookings, nothing.
THETA_DAMPED, COMPOUND_POISSON, NOTHING_SEEN = "theta_damped", "compound_poisson", "nothing_seen"
#: Periods in a year, for each unit.
SEASONS = {"week": 52, "month": 12, "quarter": 4, "year": 1}
#: Columns of a bookings frame that are no roll-ups.
_OWN = ("stream", "period", "amount", "bookings", "squares", "without_amount")


@dataclass(frozen=True, eq=False, repr=False)
class SeriesForecast(Drawn):
    """What the streams outside the pipeline will bring.

    Attributes
    ----------
    draws : Draws
        Cells ``stream, part`` (``closed``: booked so far in a period that has begun; ``to_come``),
        the roll-ups and ``period``.
    streams : DataFrame, one row per stream
        What each forecast rests on: ``stream, method, periods`` (complete ones), ``bookings,
        booked_periods, period_mean, seasonal``.
    history : DataFrame, one row per stream × complete period
        ``stream, period, amount``.
    """

    streams: pd.DataFrame
    history: pd.DataFrame


def series(
    known: KnownForecast,
    *,
    horizon: int,
    season: int | None = None,
    least_periods: int = LEAST_VALUES,
    share_periods: int = 12,
    draws: int = 10_000,
    seed: int = 0,
) -> SeriesForecast:
    """Forecast each stream of bookings by period: theta and damped trend, seasonal where it shows.

    Each stream is forecast as a whole and shared out among its groups by what these brought lately,
    so that groups add up to the stream in every draw. Streams are drawn independently of each
    other. A stream with bookings in fewer than ``least_periods`` periods, or in less than half of
    them, has no course to follow: it is forecast by its mean, with the spread of a compound Poisson
    process. Money that was never negative is never forecast so.

    Parameters
    ----------
    known : KnownForecast
        Its ``bookings``, one row per stream × group × period: ``period`` (such as ``2025-11`` or
        ``2025-W46``; also periods of pandas, or the first days of months) and ``amount``;
        ``stream``, ``bookings`` (number), ``squares`` (sum of squared amounts) and roll-ups as far
        as there are. Periods that are not listed, between a stream's first and the day, count as 0.
    horizon : int
        How many periods to forecast, the one that holds the day included if it is not over: of
        that one what the part of it that is left brings, beside what is booked (part ``closed``).
    season : int, optional
        Periods in a season; those of a year where not given.
    least_periods : int
        Periods with bookings that a series needs; 6 or more.
    share_periods : int
        Of how many last periods the groups' shares are taken.
    draws, seed : int
        How many draws, and where their random numbers start.

    Returns
    -------
    SeriesForecast

    Raises
    ------
    SalesAnalysisError
        A column is not there, periods are of several units, or bookings lie after the day.

    References
    ----------
    As for :func:`forecast_many` and :func:`rare_bookings`. Sales-system source, §7.

    Examples
    --------
    >>> months = [f"2025-{month:02}" for month in range(1, 10)]
    >>> amounts = [100, 120, 90, 130, 110, 120, 140, 125, 135.0]
    >>> booked = pd.DataFrame({"stream": "channel", "period": months, "amount": amounts})
    >>> found = series(KnownForecast(as_of="2025-09-30", bookings=booked), horizon=2)
    >>> found.summary(quantiles=[0.1, 0.5, 0.9]).round(0)
        stream   period   mean    q10    q50    q90
    0  channel  2025-10  130.0  100.0  128.0  163.0
    1  channel  2025-11  134.0  103.0  131.0  167.0
    """
    bookings = frame_of(known, "bookings")
    calendar = known.calendar
    table = _checked(bookings, horizon, least_periods, calendar)
    groups = [name for name in table.columns if name not in _OWN]
    clock = _Clock.of(table, known.as_of, horizon, calendar)
    if season is None:
        season = SEASONS[clock.unit]
    whole = table.groupby(["stream", "period"], as_index=False)[["amount", "bookings", "squares"]]
    whole = whole.sum()
    pasts = {name: _complete(part, clock) for name, part in whole.groupby("stream") if len(part)}
    steady = [name for name, past in pasts.items() if _is_steady(past, least_periods)]
    fitted = None
    if steady:
        values = [pasts[name]["amount"].to_numpy() for name in steady]
        fitted = forecast_many(values, horizon=horizon, season=season)
    parts, facts = [], []
    for name, past in pasts.items():
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        now = whole[(whole["stream"] == name) & (whole["period"] == clock.begun)]
        row = steady.index(name) if name in steady else None
        amounts = _amounts(past, now, clock, fitted, row, draws, rng)
        own = table[table["stream"] == name]
        parts.append(_shared_out(amounts, own, groups, clock, share_periods, rng))
        seasonal = row is not None and fitted.seasonal[row] is not None
        facts.append(_fact(name, past, row is not None, seasonal))
    history = [past.assign(stream=name) for name, past in pasts.items()]
    closed = _booked_so_far(table, groups, clock, draws)
    return SeriesForecast(
        stack([*parts, *closed]),
        pd.DataFrame(facts),
        pd.concat(history, ignore_index=True)[["stream", "period", "amount"]],
    )


@dataclass(frozen=True)
class _Clock:
    """The periods of a forecast: which are over, which has begun, which are ahead."""

    calendar: Calendar
    unit: str
    last: str  # the last complete period
    begun: str | None  # the one that holds as_of, if it is not over
    ahead: tuple[str, ...]
    left: float  # the share of the first period ahead that is still to come

    @classmethod
    def of(
        cls, table: pd.DataFrame, moment: pd.Timestamp, horizon: int, calendar: Calendar
    ) -> "_Clock":
        units = sorted({calendar.unit_of(name) for name in table["period"]})
        if len(units) != 1:
            raise SalesAnalysisError(
                f"`bookings` has periods of several units ({', '.join(units)}); expected one."
            )
        unit, latest = units[0], max(table["period"])
        if calendar.bounds_of(latest)[0] > moment:
            raise SalesAnalysisError(
                f"`bookings` has the period {latest}, which begins after `as_of`"
                f" ({moment:%Y-%m-%d}): leave out what was not known then."
            )
        start, end = calendar.bounds_of(calendar.label_of(moment, unit))
        over = moment >= end - pd.Timedelta(microseconds=1)
        first = end if over else start
        ahead = calendar.following(first, unit=unit, count=horizon)
        return cls(
            calendar,
            unit,
            calendar.label_of(first - pd.Timedelta(microseconds=1), unit),
            None if over else ahead[0],
            tuple(ahead),
            1.0 if over else (end - moment) / (end - start),
        )

    def until_last(self, first: str) -> list[str]:
        """The complete periods from ``first`` on."""
        names = [first] if first <= self.last else []
        while names and names[-1] < self.last:
            after = self.calendar.bounds_of(names[-1])[1]
            names += self.calendar.following(after, unit=self.unit, count=1)
        return names


def _checked(
    bookings: pd.DataFrame, horizon: int, least_periods: int, calendar: Calendar
) -> pd.DataFrame:
    """The bookings with all columns of their own, those that are not there made from the others."""
    require_columns(bookings.columns, ["period", "amount"], "`bookings`")
    if horizon < 1 or least_periods < LEAST_VALUES:
        raise SalesAnalysisError(
            f"`horizon` is {horizon!r} and `least_periods` {least_periods!r}; expected 1 or more"
            f" and {LEAST_VALUES} or more."
        )
    if bookings.empty:
        raise SalesAnalysisError("`bookings` is empty: there is nothing to learn from.")
    table = bookings.drop(columns=[c for c in ("starts_at", "complete") if c in bookings])
    amount = pd.to_numeric(table["amount"], errors="coerce").to_numpy(float, na_value=np.nan)
    table = table.assign(amount=amount, period=_named(table["period"], calendar))
    lacking = bookings[(table["amount"].isna() | table["period"].isna()).to_numpy()]
    if len(lacking):
        raise SalesAnalysisError(
            f"`bookings` has {len(lacking)} rows without a period or an amount, such as"
            f" {lacking.iloc[0].to_dict()}: leave them out and count them first."
        )
    own = ["stream", "bookings", "squares"]
    table = table.reindex(columns=list(dict.fromkeys([*table.columns, *own])))
    # Where nobody says how many bookings there were, each amount counts as one.
    counted = table["bookings"].astype(float).fillna((table["amount"] != 0).astype(float))
    squares = table["amount"] ** 2 / counted.where(counted > 0, 1)
    return table.assign(
        stream=table["stream"].astype(object).fillna("all").astype(str),
        bookings=counted,
        squares=table["squares"].astype(float).fillna(squares),
    )


def _named(period: pd.Series, calendar: Calendar) -> pd.Series:
    """The names of the periods, where they come as periods of pandas or as first days of months."""
    units = {"W": "week", "M": "month", "Q": "quarter", "Y": "year"}
    if isinstance(period.dtype, pd.PeriodDtype):
        unit = units.get(period.dtype.freq.rule_code[0])
        return period.map(lambda one: calendar.label_of(one.start_time, unit), na_action="ignore")
    if pd.api.types.is_datetime64_any_dtype(period) and (period.dropna().dt.day == 1).all():
        return period.map(lambda day: calendar.label_of(day, "month"), na_action="ignore")
    return period


def _complete(part: pd.DataFrame, clock: _Clock) -> pd.DataFrame:
    """The complete periods of one stream, from its first on, those without bookings as 0."""
    names = clock.until_last(part["period"].min())
    numbers = part.set_index("period")[["amount", "bookings", "squares"]]
    return numbers.reindex(names, fill_value=0.0).rename_axis("period").reset_index()


def _is_steady(past: pd.DataFrame, least_periods: int) -> bool:
    """Whether there are bookings in enough periods to follow their course."""
    booked = int((past["amount"] != 0).sum())
    return booked >= least_periods and 2 * booked >= len(past)


def _amounts(
    past: pd.DataFrame,
    now: pd.DataFrame,
    clock: _Clock,
    fitted: SeriesForecasts | None,
    row: int | None,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """What one stream is still to bring in each period ahead, shape (horizon, draws)."""
    if row is not None:
        return fitted.draws(row, draws, rng, first_share=clock.left)
    elapsed = 1 - clock.left
    seen = [past[name].sum() + now[name].sum() for name in ("bookings", "amount", "squares")]
    lengths = np.array([clock.left, *[1.0] * (len(clock.ahead) - 1)])
    return rare_bookings(*seen, exposure=len(past) + elapsed).draws(lengths, draws, rng)


def _shared_out(
    amounts: np.ndarray,
    own: pd.DataFrame,
    groups: list[str],
    clock: _Clock,
    share_periods: int,
    rng: np.random.Generator,
) -> Draws:
    """A stream's draws shared out among its groups: Dirichlet, as uneven as so few bookings are."""
    name = own["stream"].iloc[0]
    cells = pd.DataFrame({"stream": name, "part": TO_COME, "period": clock.ahead})
    if not groups:
        return Draws(cells, amounts)
    late = sorted(own.loc[own["bookings"] > 0, "period"].unique())[-share_periods:]
    lately = own[own["period"].isin(late)] if late else own
    brought = lately.groupby(groups, dropna=False)[["amount", "bookings", "squares"]].sum()
    brought = brought[brought["amount"] > 0]
    labels = brought.index.to_frame(index=False)
    if len(brought) < 2:
        return Draws(cells.assign(**(labels.iloc[0] if len(labels) else {})), amounts)

    share = (brought["amount"] / brought["amount"].sum()).to_numpy()
    # So many bookings of equal size would make the shares as uncertain as these do.
    alike = brought["amount"].sum() ** 2 / max(brought["squares"].sum(), 1e-300)
    per_period = np.maximum(alike * amounts.mean(axis=1) / brought["amount"].sum(), 0.5)
    weights = rng.standard_gamma(np.multiply.outer(share, per_period)[..., None],
                                 (len(share), *amounts.shape))  # fmt: skip
    total = weights.sum(axis=0)
    # Where all weights are too small for the machine, the largest group takes all.
    weights[share.argmax()] += total == 0
    values = amounts * weights / np.where(total == 0, 1.0, total)
    places = labels.loc[labels.index.repeat(len(cells))].reset_index(drop=True)
    cells = pd.concat([cells] * len(labels), ignore_index=True)
    return Draws(pd.concat([cells, places], axis=1), values.reshape(-1, amounts.shape[1]))


def _booked_so_far(
    table: pd.DataFrame, groups: list[str], clock: _Clock, draws: int
) -> list[Draws]:
    """What is booked in the period that has begun; nothing where none has."""
    now = table[(table["period"] == clock.begun) & (table["amount"] != 0)]
    if now.empty:
        return []
    booked = now.groupby(["stream", *groups, "period"], dropna=False, as_index=False)["amount"]
    booked = booked.sum().assign(part=CLOSED)
    values = np.repeat(booked["amount"].to_numpy()[:, None], draws, axis=1)
    return [Draws(booked[["stream", "part", *groups, "period"]], values)]


def _fact(name: str, past: pd.DataFrame, steady: bool, seasonal: bool) -> dict:
    """What the forecast of one stream rests on."""
    few = COMPOUND_POISSON if past["squares"].sum() > 0 else NOTHING_SEEN
    return {
        "stream": name,
        "method": THETA_DAMPED if steady else few,
        "periods": len(past),
        "booked_periods": int((past["amount"] != 0).sum()),
        "bookings": int(past["bookings"].sum()),
        "period_mean": past["amount"].mean() if len(past) else np.nan,
        "seasonal": seasonal,
    }

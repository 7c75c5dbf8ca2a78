"""Whether there is anything to forecast from, before anything is computed."""

import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding
from salesanalysis.forecast.deal_arrays import NEVER, History, day_number, read_history
from salesanalysis.known import KnownForecast, frame_of

#: What to do about a pipeline that cannot be forecast.
_REMEDIES = {
    "no_deals_yet": "no deal was created by `as_of` ({day}). Give a day on which there were deals.",
    "no_dates": (
        "no deal of `opportunities` has the dates that a forecast needs: `created_at` (a"
        " `stage_history` serves too), and `closed_at` where it is closed. Export these columns, or"
        " say by `mapping` which of yours they are."
    ),
    "no_amounts": (
        "no deal of `opportunities` has an `amount` over 0 by `as_of` ({day}), and a forecast of"
        " money needs some. Export that column, or say by `mapping` which of yours it is; with the"
        " amount 1 for every deal the forecast is one of numbers of deals."
    ),
    "no_closed_deals": (
        "no deal of `opportunities` is closed, so nothing can be learned of how many are won and"
        " how long it takes. Export the deals won and lost of the last two years with the open"
        ' ones; a filter such as "open deals" may be set.'
    ),
}
#: What sellers themselves say, where that is all there is.
_SAID = (
    " Sellers themselves say: {deals} open deals worth {amount:,.0f}, which weighted by their own"
    " probabilities are {weighted:,.0f}, expected to close between {first:%Y-%m-%d} and"
    " {last:%Y-%m-%d}. That is no forecast: nothing here says how often they were right."
)


def pipeline_caveats(known: KnownForecast) -> list[Finding]:
    """Why the deals cannot be forecast; nothing where they can be, or where there are none.

    Parameters
    ----------
    known : KnownForecast

    Returns
    -------
    list of Finding
        ``no_deals_yet`` (none was created by ``as_of``), ``no_dates``, ``no_amounts``, or
        ``no_closed_deals`` (nothing can be learned), then ``sellers_say`` (``deals, amount`` of
        those with a probability and a date of their sellers, ``weighted``, ``first, last`` date).

    Examples
    --------
    >>> import pandas as pd
    >>> from salesanalysis import reduce
    >>> deals = pd.DataFrame({"opportunity_id": ["a"], "outcome": ["open"], "amount": [5.0]})
    >>> known = reduce.forecast.known({"opportunities": deals}, as_of="2025-11-15",
    ...                               since="2025-10-01")
    >>> [finding.name for finding in pipeline_caveats(known)]
    ['no_dates']
    """
    if known.pipeline is None:
        return []
    history = read_history(known.pipeline)
    if can_forecast(history, known.as_of):
        return []
    if not len(history.deals):
        return [Finding("warn", "no_deals_yet")]
    if history.first_day <= day_number(known.as_of):
        return [Finding("warn", "no_closed_deals", {"open": len(history.deals)}), *_said(known)]
    return [Finding("warn", "no_amounts" if history.usable.any() else "no_dates")]


def can_forecast(history: History, as_of) -> bool:
    """Whether a deal and an amount are known at the end of ``as_of``, and any deal is closed."""
    return history.first_day <= day_number(as_of) and bool((history.closed != NEVER).any())


def _said(known: KnownForecast) -> list[Finding]:
    """What the sellers say of the open deals: their own probabilities and dates."""
    if known.calls is None or known.calls.empty:
        return []
    deals = frame_of(known.pipeline, "deals", ["opportunity_id", "amount"])
    calls = known.calls.dropna(subset=["probability", "expected_close_at"])
    table = calls[["opportunity_id", "probability", "expected_close_at"]].merge(
        deals[["opportunity_id", "amount"]].dropna(), on="opportunity_id"
    )
    if table.empty:
        return []
    values = {"deals": len(table), "amount": float(table["amount"].sum())}
    values |= {"weighted": float((table["amount"] * table["probability"].astype(float)).sum())}
    values |= {"first": table["expected_close_at"].min(), "last": table["expected_close_at"].max()}
    return [Finding("warn", "sellers_say", values)]


def nothing_known(known: KnownForecast) -> bool:
    """Whether there is nothing at all to forecast from: no usable deal, booking or contract.

    Parameters
    ----------
    known : KnownForecast
    """
    has_deals = known.pipeline is not None and not pipeline_caveats(known)
    return not has_deals and not has_bookings(known) and not has_contracts(known)


def require_something(known: KnownForecast) -> None:
    """Refuse tables from which nothing can be forecast, and say what to do.

    Raises
    ------
    SalesAnalysisError
        There is no usable deal, booking or contract.
    """
    if not nothing_known(known):
        return
    lacks = pipeline_caveats(known)
    day = f"{known.as_of:%Y-%m-%d}"
    if not lacks:
        why = (
            "neither `opportunities` nor `stage_history`, `bookings` or `contracts` is given."
            if known.bookings is None and known.contracts is None
            else f"no month with `bookings`, and no contract, is over by `as_of` ({day}). Give a"
            " later day, or deals (`opportunities`)."
        )
    else:
        why = _REMEDIES[lacks[0].name].format(day=day)
        why += "".join(_SAID.format(**finding.values) for finding in lacks[1:])
    raise SalesAnalysisError(f"There is nothing to forecast from: {why}")


def has_bookings(known: KnownForecast) -> bool:
    """Whether anything was booked outside the pipeline in a period that is over by the day."""
    if known.bookings is None or not len(known.bookings):
        return False
    return first_booked(known) <= known.as_of


def first_booked(known: KnownForecast) -> pd.Timestamp:
    """The last day of the first period with bookings: from then on there is one to learn from."""
    end = known.calendar.bounds_of(frame_of(known, "bookings", ["period"])["period"].min())[1]
    return end - pd.Timedelta(days=1)


def has_contracts(known: KnownForecast) -> bool:
    """Whether there is a contract that ends."""
    return known.contracts is not None and len(known.contracts) > 0

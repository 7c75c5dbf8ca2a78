"""Ready-made plans: the source's floor and stretch."""

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.money import Number, exact
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_parts import Cap, Floor, Tier

#: The source sets the stretch target so far over the floor.
STRETCH_OVER_FLOOR = (0.2, 0.5)
#: A floor below this can only be meant as a share of the quota.
_LARGEST_SHARE = 10


def floor_stretch(
    *,
    floor: Number = 1,
    stretch: Number | None = None,
    rates: tuple[Number, Number] = (0.03, 0.05),
    thresholds: str | None = None,
    method: str = "marginal",
    cliff: bool | None = None,
    cap: Number | None = None,
    at_boundary: str = "lower",
    currency: str | None = None,
    name: str = "",
) -> Plan:
    """The source's plan: a floor with its reward, and a higher rate on the excess.

    Up to the floor the base rate is paid, over it the excess rate: on the excess (``marginal``) or
    on all sales (``retroactive``, once *over* the floor: exactly at it the base rate holds). The
    stretch target says how far; it changes no payout.

    Parameters
    ----------
    floor : number
        The level that must be met.
    stretch : number, optional
        The target over it; without, 20% over the floor, the least of the source's 20–50%.
    rates : (number, number)
        Up to the floor and on the excess, as shares of the sales; the source's are 3% and at least
        5%.
    thresholds : str, optional
        ``amount`` or ``quota``. Without, a floor below 10 is a share of the quota.
    method : str
        ``marginal`` or ``retroactive``.
    cliff : bool, optional
        Whether nothing is paid below the floor; without, so if ``retroactive``, where the reward
        is for having met it.
    cap : number, optional
        Most that a period pays.
    at_boundary : str
        The tier of sales exactly at the floor.
    currency, name : str
        As of :class:`Plan`.

    Returns
    -------
    Plan

    References
    ----------
    Sales-system source, §4.

    Examples
    --------
    >>> from salesanalysis.incentive import payout_amounts
    >>> plan = floor_stretch(floor=1_000_000, stretch=1_200_000)
    >>> payout_amounts([1_000_000, 1_200_000], plan=plan) / 100
    array([30000., 40000.])
    """
    if method not in ("marginal", "retroactive"):
        raise SalesAnalysisError(f"`method` is {method!r}; expected marginal or retroactive.")
    floor, (base_rate, excess_rate) = exact(floor), rates
    if thresholds is None:
        thresholds = "quota" if floor < _LARGEST_SHARE else "amount"
    if stretch is None:
        stretch = floor * (1 + exact(STRETCH_OVER_FLOOR[0]))
    return Plan(
        tiers=(Tier(0, rate=base_rate), Tier(floor, rate=excess_rate)),
        method=method,
        thresholds=thresholds,
        at_boundary=at_boundary,
        floor=Floor(floor, cliff=method == "retroactive" if cliff is None else cliff),
        stretch=stretch,
        cap=None if cap is None else Cap(payout=cap),
        currency=currency,
        name=name,
    )

"""Do two statements about forgetting go together: a half-life, and a share lost within a time?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, did_you_mean, require_columns, require_number
from salesanalysis.findings import Finding, picked
from salesanalysis.forgetting.time_units import UNIT_SECONDS, in_unit, require_unit

#: Statements are rounded: shares that are nearer to each other than this agree.
TOLERANCE = 0.02
#: Where a claim lies: inside the interval, over it, under it; or there is none.
AGREES, OVER, UNDER, OPEN = "agrees", "over", "under", "open"
#: From a curve that is nearly all power function to one that is nearly exponential.
EXPONENTS = (0.15, 5.0)
#: Ebbinghaus's own exponent of 1885.
_EBBINGHAUS_C = 1.25


@dataclass(frozen=True)
class Claim:
    """A half-life, and a share that is said to be lost within a time, each with its unit.

    Attributes
    ----------
    half_life : float
        In ``unit``, such as ``weeks``.
    lost : float
        A share, 0–1.
    within : float
        In ``within_unit``: the time within which that share is lost.
    source : str
        Who says so, if known.

    Examples
    --------
    >>> claim = Claim(5.1, "weeks", lost=0.84, within=3, within_unit="months")
    >>> check_claims(claim)["overall"].iloc[0]
    'consistent'
    """

    half_life: float
    unit: str
    lost: float
    within: float
    within_unit: str
    source: str = ""


def check_claims(
    claims: Sequence[Mapping[str, object] | Claim] | pd.DataFrame | Mapping[str, object] | Claim,
    *,
    tolerance: float = TOLERANCE,
    exponents: Sequence[float] = EXPONENTS,
) -> pd.DataFrame:
    """Whether a half-life and "x is lost within t" can both be true, and for which curves.

    Each shape of curve that starts at 1 and has the claimed half-life loses a certain share within
    the claimed time. Where that is within ``tolerance`` of the claimed share, the two statements go
    together for that shape.

    Shapes:

    ``exponential``
        2^(−t/h): always the same share is lost of what is left.
    ``power_like``
        Wickelgren's (1 + β·t)^(−ψ) with any ψ between the two ``exponents``, so a range of shares:
        the slower of its ends falls steeply at first and hardly later, the faster is nearly
        exponential.
    ``hyperbolic``
        1 / (1 + t/h), which is Wickelgren's with ψ = 1.
    ``ebbinghaus``
        The form of 1885, k / ((log10 t)^1.25 + k), t in minutes.
    ``logarithmic``
        1 − v·log10 t, t in minutes, from one minute on.

    Parameters
    ----------
    claims : list of mappings, list of Claim, or DataFrame with one row per claim
        ``half_life, unit, lost`` (share 0–1), ``within, within_unit``, and ``source`` if wanted.
        The unit may instead stand in the name: ``half_life_weeks``, ``within_days``. A unit is
        mandatory.
    tolerance : float
        Difference of shares up to which two statements agree; stated figures are rounded.
    exponents : two floats
        Least and greatest ψ of the power-like curves.

    Returns
    -------
    DataFrame
        One row per claim × shape:

        - ``claim`` (from 1), ``source, half_life, unit, lost, within, within_unit``,
        - ``shape``,
        - ``implied_lost``: share lost within the time by a curve with that half-life; the end of
          the range that is nearest to the claim where there is a range,
          ``implied_low, implied_high``: the range,
        - ``gap``: claimed less implied share, in points of 0–1,
        - ``implied_half_life`` in ``unit``: the half-life with which the claimed share is lost in
          the claimed time; ``implied_within`` in ``within_unit``: when a curve with the claimed
          half-life has lost that share; both by the curve nearest to the claim,
        - ``verdict``: ``consistent`` or ``contradictory``, of the shape,
        - ``overall``: of the claim, ``consistent`` where any shape is.

    Raises
    ------
    SalesAnalysisError
        A unit or a number is missing, ``lost`` is no share, or a time is not over 0.

    References
    ----------
    Wickelgren, W. A. (1974), Memory & Cognition 2, 775–780. Ebbinghaus, H. (1885), Über das
    Gedächtnis. Sales-system source, §3, for the claims of the examples.

    Examples
    --------
    >>> table = check_claims([
    ...     {"half_life": 5.1, "unit": "weeks", "lost": 0.84, "within": 3, "within_unit": "months"},
    ...     {"half_life": 5.1, "unit": "weeks", "lost": 0.87, "within": 30, "within_unit": "days"}])
    >>> columns = ["claim", "shape", "implied_lost", "gap", "implied_half_life", "verdict"]
    >>> table.loc[table["shape"].isin(["exponential", "power_like"]), columns].round(3)
       claim        shape  implied_lost    gap  implied_half_life        verdict
    0      1  exponential         0.830  0.010              4.934     consistent
    1      1   power_like         0.800  0.040              4.382  contradictory
    5      2  exponential         0.441  0.429              1.456  contradictory
    6      2   power_like         0.487  0.383              0.001  contradictory
    """
    require_number("tolerance", tolerance, low=0)
    low, high = exponents
    if not 0 < low <= high:
        raise SalesAnalysisError(f"`exponents` is {exponents!r}; expected two numbers over 0.")
    rows = []
    for number, claim in enumerate(_claims(claims), start=1):
        verdicts = [_row(claim, shape, tolerance) for shape in _shapes(low, high)]
        agrees = any(row["verdict"] == "consistent" for row in verdicts)
        overall = "consistent" if agrees else "contradictory"
        rows += [{"claim": number} | row | {"overall": overall} for row in verdicts]
    columns = ["claim", "source", "half_life", "unit", "lost", "within", "within_unit", "shape"]
    columns += ["implied_lost", "implied_low", "implied_high", "gap", "implied_half_life"]
    return pd.DataFrame(rows, columns=[*columns, "implied_within", "verdict", "overall"])


@dataclass(frozen=True)
class _Shape:
    """A curve that starts at 1: how many half-lives it takes to lose a share, and the reverse.

    ``minutes`` says that the curve depends on the minute, not on half-lives alone.
    """

    name: str
    exponents: tuple[float, ...] = ()

    def lost(self, time: float, half_life: float) -> list[float]:
        """Shares lost after a time, both in minutes, of each curve of the shape."""
        ratio = time / half_life
        match self.name:
            case "exponential":
                return [1 - 0.5**ratio]
            case "hyperbolic":
                return [ratio / (1 + ratio)]
            case "power_like":
                return [1 - (1 + (2 ** (1 / p) - 1) * ratio) ** -p for p in self.exponents]
        logs = max(np.log10(max(time, 1.0)), 0.0) / np.log10(half_life)
        if self.name == "logarithmic":
            return [min(0.5 * logs, 1.0)]
        return [logs**_EBBINGHAUS_C / (1 + logs**_EBBINGHAUS_C)]

    def ratio(self, lost: float, which: int) -> float:
        """Time over half-life (of the logarithms, where the minute counts) at which so much is
        lost."""
        kept = 1 - lost
        match self.name:
            case "exponential":
                return float(-np.log2(kept))
            case "hyperbolic":
                return lost / kept
            case "power_like":
                p = self.exponents[which]
                return float((kept ** (-1 / p) - 1) / (2 ** (1 / p) - 1))
            case "logarithmic":
                return 2 * lost
        return float((lost / kept) ** (1 / _EBBINGHAUS_C))

    @property
    def minutes(self) -> bool:
        return self.name in ("ebbinghaus", "logarithmic")


def _shapes(low: float, high: float) -> list[_Shape]:
    names = ("exponential", "power_like", "hyperbolic", "ebbinghaus", "logarithmic")
    return [_Shape(name, (low, high) if name == "power_like" else ()) for name in names]


def _row(claim: Claim, shape: _Shape, tolerance: float) -> dict:
    """What one shape makes of a claim."""
    half_life = in_unit(claim.half_life, claim.unit, "minutes")
    time = in_unit(claim.within, claim.within_unit, "minutes")
    if shape.minutes and half_life <= 1:
        ends, which = [np.nan], 0
    else:
        ends = shape.lost(time, half_life)
        which = int(np.argmin([abs(claim.lost - end) for end in ends]))
    # Between its ends a shape with a range loses every share.
    inside = min(ends) <= claim.lost <= max(ends)
    implied = claim.lost if inside else ends[which]
    ratio = shape.ratio(claim.lost, which)
    if inside and len(ends) > 1:
        needed, reached = half_life, time
    elif shape.minutes:
        needed, reached = (
            10 ** (np.log10(max(time, 1.0)) / ratio),
            10 ** (np.log10(half_life) * ratio),
        )
    else:
        needed, reached = time / ratio, half_life * ratio
    row = {field.name: getattr(claim, field.name) for field in fields(claim)}
    return row | {
        "shape": shape.name,
        "implied_lost": float(implied),
        "implied_low": float(min(ends)),
        "implied_high": float(max(ends)),
        "gap": float(claim.lost - implied),
        "implied_half_life": float(in_unit(needed, "minutes", claim.unit)),
        "implied_within": float(in_unit(reached, "minutes", claim.within_unit)),
        "verdict": "consistent" if abs(claim.lost - implied) <= tolerance else "contradictory",
    }


def place_of(claim: float, low: float, high: float) -> str:
    """Where a claim lies against an interval."""
    if np.isnan(low) or np.isnan(high):
        return OPEN
    return UNDER if claim < low else OVER if claim > high else AGREES


def _claims(claims) -> list[Claim]:
    if isinstance(claims, pd.DataFrame):
        claims = claims.to_dict("records")
    if isinstance(claims, Mapping | Claim):
        claims = [claims]
    made = [_claim(claim, number) for number, claim in enumerate(claims, start=1)]
    if not made:
        raise SalesAnalysisError("`claims` is empty; expected one or more claims.")
    return made


def _claim(claim, number: int) -> Claim:
    """A claim in full, checked."""
    if isinstance(claim, Claim):
        claim = {field.name: getattr(claim, field.name) for field in fields(claim)}
    if not isinstance(claim, Mapping):
        raise SalesAnalysisError(
            f"Claim {number} is {claim!r}; expected `half_life, unit, lost, within, within_unit`."
        )
    claim = _with_units(dict(claim))
    known = [field.name for field in fields(Claim)]
    unknown = [name for name in claim if name not in known]
    if unknown:
        raise SalesAnalysisError(
            f"Claim {number} has `{unknown[0]}`; expected {', '.join(known)}."
            + did_you_mean(unknown[0], known)
        )
    for name in ("half_life", "lost", "within"):
        if claim.get(name) is None or not float(claim[name]) > 0:
            raise SalesAnalysisError(
                f"Claim {number}: `{name}` is {claim.get(name)!r}; expected a number over 0."
            )
    if claim["lost"] >= 1:
        raise SalesAnalysisError(
            f"Claim {number}: `lost` is {claim['lost']!r}; expected a share under 1."
            + (f" Is it per cent? Then give {claim['lost'] / 100:g}." if claim["lost"] > 1 else "")
        )
    return Claim(
        half_life=float(claim["half_life"]),
        unit=require_unit(claim.get("unit"), "unit"),
        lost=float(claim["lost"]),
        within=float(claim["within"]),
        within_unit=require_unit(claim.get("within_unit"), "within_unit"),
        source=str(claim.get("source") or ""),
    )


def _with_units(claim: dict) -> dict:
    """``half_life_weeks`` as ``half_life`` in weeks, ``within_days`` as ``within`` in days."""
    for quantity, unit_name in (("half_life", "unit"), ("within", "within_unit")):
        for unit in UNIT_SECONDS:
            if f"{quantity}_{unit}" in claim:
                claim[quantity] = claim.pop(f"{quantity}_{unit}")
                claim[unit_name] = unit
    return claim


def claim_findings(table: pd.DataFrame) -> list[Finding]:
    """What each claim comes to.

    Parameters
    ----------
    table : DataFrame
        As from :func:`check_claims`.

    Returns
    -------
    list of Finding
        One per claim, ``claim_consistent`` or ``claim_contradictory``, with the values of the shape
        that comes nearest to it.

    Examples
    --------
    >>> table = check_claims({"half_life_weeks": 5.1, "lost": 0.84, "within_weeks": 13})
    >>> finding = claim_findings(table)[0]
    >>> finding.name, round(finding.values["implied_lost"], 3)
    ('claim_consistent', 0.829)
    """
    needed = ["claim", "gap", "overall", "half_life", "lost", "within", "implied_lost"]
    require_columns(table.columns, needed)
    found = []
    for _, rows in table.groupby("claim", sort=True):
        nearest_row = rows.loc[rows["gap"].abs().idxmin()]
        agrees = nearest_row["overall"] == "consistent"
        values = picked(nearest_row, "half_life", "lost", "within", "implied_lost")
        name = "claim_consistent" if agrees else "claim_contradictory"
        found.append(Finding("claim", name, values))
    return found

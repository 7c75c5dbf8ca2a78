"""How many payees pile up at a threshold, against a smooth counterfactual."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError, require_choice
from salesanalysis.incentive import bunching_fit as fit
from salesanalysis.incentive import bunching_shift as shift
from salesanalysis.incentive.attainment_values import attainment_values, payees_of
from salesanalysis.incentive.bunching_result import Bunching
from salesanalysis.incentive.bunching_settings import BunchingSettings
from salesanalysis.stats import require_level

KINDS = ("kink", "notch")
SIDES = ("above", "below")


def bunching(
    attainment: pd.DataFrame | ArrayLike,
    threshold: float = 1.0,
    *,
    kind: str = "kink",
    missing: str = "above",
    rates: Sequence[float] | None = None,
    settings: BunchingSettings = BunchingSettings(),
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> Bunching:
    """Excess mass of payees at a threshold, and what it says about how they respond.

    Attainment is counted in bins; a polynomial through the bins outside the bunching region says
    how many payees there would be without the threshold. A *kink* is where the reward of the next
    sale falls (a cap, a decelerator): payees stop there. A *notch* is where the payout jumps: with
    ``missing="below"`` it jumps up (a bonus, a cliff at the floor) and payees push up to it; with
    ``missing="above"`` it jumps down, as a tax does. At a kink where the reward of the next sale
    *rises* nobody should pile up.

    Payee-periods whose attainment is missing are left out. The result does not depend on the unit
    of the attainment; ``b`` does depend on the bin width, which is part of the result.

    Parameters
    ----------
    attainment : DataFrame or array-like
        One row per payee × period with ``quota`` and ``sales`` (the attainment is their ratio) or
        ``attainment``; or the numbers themselves, as shares of quota or in money.
    threshold : float
        Where the reward changes, in the unit of the attainment; not 0.
    kind : str
        ``kink`` or ``notch``.
    missing : str
        At a notch, the side that payees left.
    rates : (float, float), optional
        What the next sale is worth below and above the threshold (at a notch, what all of them
        are), as a share of it: 0.05 and 0.01. A tax of 18% leaves 0.82.
    settings : BunchingSettings
        How payees are counted and compared.
    draws : int
        Of the bootstrap; 0 for none. Payees are drawn again with replacement, each with all of its
        periods; without a column ``payee_id`` every number is a payee of its own.
    level, seed
        Confidence level of the intervals (percentiles) and seed of the draws.

    Returns
    -------
    Bunching

    Raises
    ------
    SalesAnalysisError
        The window is empty, the region leaves too few bins, the counterfactual is not over 0 at the
        threshold, the rates contradict the kind, or more payees are missing than in excess.

    References
    ----------
    Saez, E. (2010), American Economic Journal: Economic Policy 2, 180–212. Chetty, R.,
    Friedman, J. N., Olsen, T., Pistaferri, L. (2011), Quarterly Journal of Economics 126, 749–804.
    Kleven, H. J., Waseem, M. (2013), Quarterly Journal of Economics 128, 669–723. Kleven, H. J.
    (2016), Annual Review of Economics 8, 435–464. Sales-system source, §4.

    Examples
    --------
    >>> smooth = np.linspace(0.6, 1.4, 801)
    >>> settings = BunchingSettings(bin_width=0.02, degree=2, bins_left=15, bins_right=15,
    ...                             correct=False)
    >>> found = bunching([*smooth, *[1.0] * 40], 1.0, rates=(0.05, 0.01), settings=settings)
    >>> round(found.B), round(found.b, 1), round(found.response_share, 2)
    (40, 2.0, 0.04)
    >>> found.verdict, round(found.elasticity, 2)
    ('bunching', 0.05)
    """
    require_level(level)
    require_choice("kind", kind, KINDS)
    require_choice("missing", missing, SIDES)
    notch = kind == "notch"
    mirrored = notch and missing == "below"
    t0, t1 = (np.nan, np.nan) if rates is None else (1 - rate for rate in rates)
    _check_rates(t0, t1, mirrored)
    if threshold == 0:
        raise SalesAnalysisError("`threshold` is 0; a response is a share of it: shift the levels.")
    if settings.correct == "shift" and (notch or threshold < 0):
        raise SalesAnalysisError('`correct="shift"` is for a kink at a threshold over 0.')
    values = attainment_values(attainment, threshold)
    width = settings.width(threshold)
    region = _region(values, threshold, settings, notch, mirrored)
    estimate = _Estimate(region, width, abs(threshold), t0, t1, notch, mirrored, settings)
    point = estimate.of(region.counts)
    if not point["height"][0] > 0:
        raise fit.NoEstimate(
            "The counterfactual is not over 0 at the threshold, so the excess has no measure:"
            " there are too few payees around it. Use wider bins or a lower `degree`."
        )
    one = {name: float(value[0]) for name, value in point.items() if name != "counterfactual"}
    seen = fit.mirrored(region) if mirrored else region
    drawn = fit.redrawn(values, payees_of(attainment), seen, threshold, width, draws, seed)
    return Bunching(
        kind=kind,
        missing=missing if notch else "",
        threshold=float(threshold),
        bin_width=width,
        excluded_left=region.right if mirrored else region.left,
        excluded_right=region.left if mirrored else region.right,
        payees=int(region.counts.sum()),
        left_out=int(len(values) - region.counts.sum()),
        dominated_to=estimate.dominated_to(float(threshold)),
        **{name: one[name] for name in (*_INTERVALS, "response_adjusted", "missing_mass")},
        stuck_share=one["stuck_share"],
        counterfactual=_bins_table(region, threshold, width, mirrored, point["counterfactual"][0]),
        intervals=estimate.intervals(one, drawn[:, ::-1] if mirrored else drawn, level),
    )


_INTERVALS = ("B", "b", "response", "response_share", "elasticity")


def _region(values, threshold: float, settings: BunchingSettings, notch: bool, mirrored: bool):
    """The window of bins, seen from the side that payees came from, its bunching region found."""
    width = settings.width(threshold)
    region = fit.window(values, threshold, settings)
    region = fit.mirrored(region) if mirrored else region
    if not region.counts.sum():
        raise fit.NoEstimate(
            f"No attainment lies in the window of bins around `threshold` {threshold:g}, with"
            f" `bin_width` {width:g}. Values run from {values.min():g} to {values.max():g}."
        )
    end = settings.excluded_left if mirrored else settings.excluded_right
    return fit.find_end(region) if notch and end is None else region


def _check_rates(t0: float, t1: float, pushes: bool) -> None:
    """Refuse rates under which nobody would be drawn to the threshold from that side."""
    if t0 == t1:
        raise SalesAnalysisError("The rates below and above are the same: no threshold.")
    rises = t1 < t0
    if rises != pushes and not np.isnan(t0):
        raise SalesAnalysisError(
            "The reward rises at this threshold, so nobody should stop at it or hold back."
            ' Where the payout itself jumps up, use `kind="notch", missing="below"`.'
            if rises
            else "The reward falls at this threshold, so nobody should push up to it: use"
            ' `kind="kink"`, or `missing="above"`.'
        )


@dataclass(frozen=True, eq=False)
class _Estimate:
    """From counts to numbers, for the data and for every draw of the bootstrap alike."""

    region: fit.Window
    width: float
    threshold: float
    t0: float
    t1: float
    notch: bool
    mirrored: bool
    settings: BunchingSettings

    def of(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """All numbers, one for each row of counts."""
        counts = np.atleast_2d(counts)
        region, notch = self.region, self.notch
        correct, above = self.settings.correct, self.settings.correct_beyond == "region"
        if correct == "shift":
            whole = self.threshold / self.width
            factor, counterfactual, mass, height = shift.solve(region, counts, whole)
            b, share = mass / height, factor - 1
        else:
            counterfactual = fit.counterfactuals(
                region, counts, notch=notch, correct=correct, above=above
            )
            mass, height = fit.excess(region, counts, counterfactual, notch=notch)
            with np.errstate(divide="ignore", invalid="ignore"):
                b = mass / height
            share = b * self.width / self.threshold
        with np.errstate(divide="ignore", invalid="ignore"):
            lost = fit.missing_beyond(region, counts, counterfactual)
            stuck = self._stuck(counts, counterfactual)
            adjusted = share * self.threshold / (1 - np.where(np.isnan(stuck), 0.0, stuck))
        return {
            "B": mass,
            "b": b,
            "height": height,
            "response": share * self.threshold,
            "response_share": share,
            "response_adjusted": adjusted,
            "elasticity": self._elasticity(share),
            "missing_mass": lost if notch else np.full(len(counts), np.nan),
            "stuck_share": stuck,
            "counterfactual": counterfactual,
        }

    def _elasticity(self, share: np.ndarray) -> np.ndarray:
        """Elasticity from the response as a share of the threshold."""
        notch, parametric = self.notch, self.settings.parametric
        change = (self.t1 - self.t0) / (1 - self.t0) if self.t0 < 1 else np.nan
        with np.errstate(divide="ignore", invalid="ignore"):
            if notch and self.mirrored:
                # Over the stretch moved, the reward rose by the jump: at the margin by jump ÷ way.
                return share**2 / (1 - share) / -change
            if notch and parametric:
                return np.array([_indifferent(one, change) for one in share])
            if notch:
                return share**2 / (2 + share) / change
            if parametric:
                return -np.log1p(share) / np.log1p(-change)
            return share / change

    def dominated_to(self, threshold: float) -> float:
        """The level between which and the threshold nobody is better off than at the threshold."""
        if not self.notch or np.isnan(self.t0) or self.t0 >= 1:
            return np.nan
        return threshold * (1 - self.t0) / (1 - self.t1) if not self.mirrored else np.nan

    def _stuck(self, counts, counterfactual) -> np.ndarray:
        """Observed over counterfactual in the dominated region."""
        end = self.dominated_to(self.threshold)
        if np.isnan(end):
            return np.full(len(counts), np.nan)
        last = np.ceil((end - self.threshold) / self.width - 1e-9)
        inside = (self.region.bins >= 1) & (self.region.bins <= last)
        return counts[:, inside].sum(axis=1) / counterfactual[:, inside].sum(axis=1)

    def intervals(self, point: dict[str, float], drawn: np.ndarray, level: float) -> pd.DataFrame:
        """Bootstrap errors and percentiles of the main numbers, from counts of payees redrawn."""
        columns = ["name", "value", "error", "low", "high"]
        if not len(drawn):
            return pd.DataFrame(columns=columns)
        booted = self.of(drawn)
        tail = (1 - level) / 2
        rows = []
        for name in _INTERVALS:
            values = booted[name][np.isfinite(booted[name])]
            known = len(values) > 1 and np.isfinite(point[name])
            low, high = np.quantile(values, [tail, 1 - tail]) if known else (np.nan, np.nan)
            rows.append((name, point[name], values.std(ddof=1) if known else np.nan, low, high))
        return pd.DataFrame(rows, columns=columns)


def _indifferent(share: float, change: float) -> float:
    """The elasticity at which the last payee to move does as well at the notch as beyond it."""
    from scipy.optimize import brentq

    near = 1 / (1 + share)

    def gain(e: float) -> float:
        return near - near ** (1 + 1 / e) / (1 + 1 / e) - (1 - change) ** (1 + e) / (1 + e)

    low, high = 1e-4, 10.0
    if not np.isfinite(share) or share <= 0 or gain(low) * gain(high) > 0:
        return np.nan
    return float(brentq(gain, low, high, xtol=1e-12))


def _bins_table(region, threshold, width, mirrored, counterfactual) -> pd.DataFrame:
    order = slice(None, None, -1) if mirrored else slice(None)
    bins = -region.bins[order] if mirrored else region.bins
    counts, smooth = region.counts[order], counterfactual[order]
    centre = threshold + bins * width
    return pd.DataFrame(
        {
            "bin": bins,
            "level": centre,
            "level_low": centre - width / 2,
            "level_high": centre + width / 2,
            "count": counts,
            "counterfactual": smooth,
            "excess": counts - smooth,
            "role": np.where(region.excluded[order], "region", "fit"),
        }
    )

"""How many payees pile up at a threshold, against a smooth counterfactual."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_choice
from salesanalysis.incentive import bunching_fit as fit
from salesanalysis.incentive import bunching_shift as shift
from salesanalysis.incentive.attainment_values import attainment_values
from salesanalysis.incentive.bunching_result import Bunching
from salesanalysis.stats import require_level

KINDS = ("kink", "notch")
SIDES = ("above", "below")


def bunching(
    attainment,
    threshold: float = 1.0,
    *,
    kind: str = "kink",
    missing: str = "above",
    bin_width: float | None = None,
    bins_left: int = 20,
    bins_right: int = 20,
    degree: int = 4,
    excluded_left: int | None = None,
    excluded_right: int | None = None,
    round_numbers: Sequence[float] = (),
    other_thresholds: Sequence[float] = (),
    correct: bool | str = True,
    correct_beyond: str = "threshold",
    t0: float | None = None,
    t1: float | None = None,
    rates: Sequence[float] | None = None,
    parametric: bool = False,
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
    bin_width : float, optional
        In the unit of the attainment; a fiftieth of the threshold where not given.
    bins_left, bins_right : int
        Bins are closed on the left and centred on the threshold; the window runs from bin
        −(``bins_left`` − 1) to bin ``bins_right`` − 1.
    degree : int
        Of the polynomial.
    excluded_left, excluded_right : int, optional
        Bins on either side of the threshold's own that belong to the bunching region (diffuse
        bunching); 0 where not given. On the side that payees left at a notch, the region ends where
        the missing mass equals the excess, unless it is given.
    round_numbers : sequence of float
        Levels whose multiples draw payees anyway; each gets an effect of its own. Of two, the
        multiples of the rounder one count for that one only.
    other_thresholds : sequence of float
        Other levels in the window with a mass of their own.
    correct : bool, "exact" or "shift"
        Those in excess came from beyond the threshold, so too few are seen there. True raises the
        counterfactual there in proportion until they fit in (the integration constraint), iterated
        until the excess falls by less than one payee; ``exact`` solves the same. ``shift``, for a
        kink, moves the bins beyond back up by the factor by which all there moved down: right for
        any elasticity, where raising is right for small ones. False does nothing.
    correct_beyond : str
        ``threshold`` or ``region``: what is raised.
    t0, t1 : float, optional
        Share of the next unit (at a notch, of the whole) that is *not* kept below and above the
        threshold, as a tax rate.
    rates : (float, float), optional
        Instead of these, the reward rates below and above: 0.05 and 0.01.
    parametric : bool
        Elasticity from an isoelastic utility instead of the reduced form.
    draws : int
        Of the bootstrap; 0 for none. Residuals, in units of the square root of the fitted count,
        are drawn again with replacement.
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
    >>> found = bunching([*smooth, *[1.0] * 40], 1.0, bin_width=0.02, degree=2, bins_left=15,
    ...                  bins_right=15, correct=False, rates=(0.05, 0.01))
    >>> round(found.B), round(found.b, 1), round(found.response_share, 2)
    (40, 2.0, 0.04)
    >>> found.verdict, round(found.elasticity, 2)
    ('bunching', 0.05)
    """
    require_level(level)
    _check_choices(kind, missing, correct, correct_beyond)
    t0, t1 = _withheld(t0, t1, rates)
    _check_rates(t0, t1, kind == "notch" and missing == "below")
    if threshold == 0:
        raise SalesAnalysisError("`threshold` is 0; a response is a share of it: shift the levels.")
    if correct == "shift" and (kind != "kink" or threshold < 0):
        raise SalesAnalysisError('`correct="shift"` is for a kink at a threshold over 0.')
    values = attainment_values(attainment, threshold)
    width = abs(threshold) / 50 if bin_width is None else float(bin_width)
    notch = kind == "notch"
    mirrored = notch and missing == "below"
    sought = notch and (excluded_left if mirrored else excluded_right) is None
    excluded_left, excluded_right = excluded_left or 0, excluded_right or 0
    _check_bins(width, bins_left, bins_right, degree, excluded_left, excluded_right)
    region = fit.window(
        values, threshold, width, bins_left=bins_left, bins_right=bins_right, degree=degree,
        left=excluded_left, right=excluded_right, round_numbers=round_numbers,
        others=other_thresholds,
    )  # fmt: skip
    if mirrored:
        region = fit.mirrored(region)
    if not region.counts.sum():
        raise fit.NoEstimate(
            f"No attainment lies in the window of bins around `threshold` {threshold:g}, with"
            f" `bin_width` {width:g}. Values run from {values.min():g} to {values.max():g}."
        )
    if sought:
        region = fit.find_end(region)
    steps = {"notch": notch, "correct": correct, "above": correct_beyond == "region"}
    estimate = _Estimate(region, width, abs(threshold), t0, t1, mirrored, parametric, steps)
    point = estimate.of(region.counts)
    if not point["height"][0] > 0:
        raise fit.NoEstimate(
            "The counterfactual is not over 0 at the threshold, so the excess has no measure:"
            " there are too few payees around it. Use wider bins or a lower `degree`."
        )
    one = {name: float(value[0]) for name, value in point.items() if name != "counterfactual"}
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
        intervals=estimate.intervals(one, point["counterfactual"][0], draws, level, seed),
    )


_INTERVALS = ("B", "b", "response", "response_share", "elasticity")


def _check_choices(kind, missing, correct, correct_beyond) -> None:
    require_choice("kind", kind, KINDS)
    require_choice("missing", missing, SIDES)
    require_choice("correct", correct, (True, False, "exact", "shift"))
    require_choice("correct_beyond", correct_beyond, ("threshold", "region"))


def _withheld(t0, t1, rates) -> tuple[float, float]:
    """The shares that are not kept below and above; missing without rates."""
    if rates is not None:
        if t0 is not None or t1 is not None:
            raise SalesAnalysisError("Give `rates`, or `t0` and `t1`, not both.")
        below, above = rates
        return 1 - below, 1 - above
    if (t0 is None) != (t1 is None):
        raise SalesAnalysisError("`t0` and `t1` go together: the share below and that above.")
    return (np.nan, np.nan) if t0 is None else (float(t0), float(t1))


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


def _check_bins(width, bins_left, bins_right, degree, excluded_left, excluded_right) -> None:
    if not width > 0 or not np.isfinite(width):
        raise SalesAnalysisError(f"`bin_width` is {width!r}; expected a number over 0.")
    for name, value, least in (
        ("bins_left", bins_left, 2),
        ("bins_right", bins_right, 2),
        ("degree", degree, 0),
        ("excluded_left", excluded_left, 0),
        ("excluded_right", excluded_right, 0),
    ):
        if value != int(value) or value < least:
            raise SalesAnalysisError(
                f"`{name}` is {value!r}; expected a whole number, {least} or more."
            )
    if excluded_left >= bins_left - 1 or excluded_right >= bins_right - 1:
        raise SalesAnalysisError(
            f"The bunching region ({excluded_left} bins below, {excluded_right} above) leaves"
            f" no bins on one side of a window of {bins_left} and {bins_right}."
        )


@dataclass(frozen=True, eq=False)
class _Estimate:
    """From counts to numbers, for the data and for every draw of the bootstrap alike."""

    region: fit.Window
    width: float
    threshold: float
    t0: float
    t1: float
    mirrored: bool
    parametric: bool
    steps: dict

    def of(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """All numbers, one for each row of counts."""
        counts = np.atleast_2d(counts)
        region, notch = self.region, self.steps["notch"]
        if self.steps["correct"] == "shift":
            whole = self.threshold / self.width
            factor, counterfactual, mass, height = shift.solve(region, counts, whole)
            b, share = mass / height, factor - 1
        else:
            counterfactual = fit.counterfactuals(region, counts, **self.steps)
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
        notch = self.steps["notch"]
        change = (self.t1 - self.t0) / (1 - self.t0) if self.t0 < 1 else np.nan
        with np.errstate(divide="ignore", invalid="ignore"):
            if notch and self.mirrored:
                # Over the stretch moved, the reward rose by the jump: at the margin by jump ÷ way.
                return share**2 / (1 - share) / -change
            if notch and self.parametric:
                return np.array([_indifferent(one, change) for one in share])
            if notch:
                return share**2 / (2 + share) / change
            if self.parametric:
                return -np.log1p(share) / np.log1p(-change)
            return share / change

    def dominated_to(self, threshold: float) -> float:
        """The level between which and the threshold nobody is better off than at the threshold."""
        if not self.steps["notch"] or np.isnan(self.t0) or self.t0 >= 1:
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

    def intervals(self, point, counterfactual, draws, level, seed) -> pd.DataFrame:
        """Bootstrap errors and percentiles of the main numbers."""
        columns = ["name", "value", "error", "low", "high"]
        if not draws:
            return pd.DataFrame(columns=columns)
        region = self.region
        plain = region.smoother() @ region.counts
        inside = region.excluded
        fitted = np.where(inside, region.counts, np.maximum(plain, 0.5))
        scale = np.sqrt(np.maximum(fitted, 0.5))
        residual = ((region.counts - plain) / scale)[~inside]
        free = len(residual) - region.terms.shape[1]
        residual = (residual - residual.mean()) * np.sqrt(len(residual) / max(free, 1))
        rng = np.random.default_rng(seed)
        drawn = fitted + scale * rng.choice(residual, size=(draws, len(fitted)))
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

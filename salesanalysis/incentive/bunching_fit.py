"""The counterfactual behind a bunching estimate: bins, polynomial, correction, missing mass.

Everything here is about one window of bins; the bins are counted from the one around the
threshold, which is bin 0. A *mirrored* window has its bins in reverse, so that a notch that draws
payees up (a bonus) is fitted as one that holds them back (a tax).
"""

from dataclasses import dataclass, replace

import numpy as np

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.bunching_settings import BunchingSettings
from salesanalysis.incentive.evidence import resampled_weights

#: A value nearer to the edge of its bin than this, in bins, is on the edge: the rest is rounding.
_EDGE = 1e-9


class NoEstimate(SalesAnalysisError):
    """The payees around a threshold do not give an estimate, however it is asked for."""


@dataclass(frozen=True, eq=False)
class Window:
    """Counts by bin and what the counterfactual may use: powers, controls, which bins to leave out.

    ``bins`` are numbered from the threshold; ``left`` and ``right`` are how many bins on either
    side of it belong to the bunching region.
    """

    bins: np.ndarray
    counts: np.ndarray
    terms: np.ndarray  # bins × (powers, then controls)
    left: int
    right: int
    degree: int

    @property
    def excluded(self) -> np.ndarray:
        """The bins of the bunching region."""
        return (self.bins >= -self.left) & (self.bins <= self.right)

    def reaching(self, right: int) -> "Window":
        """The same window with another end of the bunching region."""
        return replace(self, right=right)

    def require_bins(self) -> None:
        """Refuse a window in which too few bins are left for the terms."""
        kept = self.terms[~self.excluded]
        if np.linalg.matrix_rank(kept) < kept.shape[1]:
            raise SalesAnalysisError(
                f"The counterfactual has {kept.shape[1]} terms, and the {len(kept)} bins outside"
                " the bunching region cannot tell them apart: give more bins (`bins_left`,"
                " `bins_right`), a lower `degree`, or fewer controls."
            )

    def smoother(self) -> np.ndarray:
        """The matrix that turns counts into the counterfactual, fitted outside the region."""
        self.require_bins()
        kept = self.terms[~self.excluded]
        matrix = np.zeros((len(self.bins), len(self.bins)))
        matrix[:, ~self.excluded] = self.terms @ np.linalg.pinv(kept)
        return matrix


def mirrored(region: Window) -> Window:
    """The window seen from the other side of the threshold."""
    return Window(
        -region.bins[::-1], region.counts[::-1], region.terms[::-1], region.right, region.left,
        region.degree,
    )  # fmt: skip


def bin_numbers(values: np.ndarray, threshold: float, width: float) -> np.ndarray:
    """The bin of each value: closed on the left, of equal width, bin 0 centred on the threshold."""
    return np.floor((values - threshold) / width + 0.5 + _EDGE).astype(np.int64)


def window(values: np.ndarray, threshold: float, settings: BunchingSettings) -> Window:
    """The window of bins around the threshold, from −(bins_left − 1) to bins_right − 1."""
    width, (left, right) = settings.width(threshold), settings.region
    bins_left, bins_right = settings.bins_left, settings.bins_right
    bins = np.arange(1 - bins_left, bins_right)
    near = values[np.abs(values - threshold) <= (bins_left + bins_right) * width]
    number = bin_numbers(near, threshold, width)
    inside = (number >= bins[0]) & (number <= bins[-1])
    counts = np.bincount(number[inside] - bins[0], minlength=len(bins)).astype(float)
    # Powers of numbers from −1 to 1: powers of the bin numbers themselves are nearly collinear.
    powers = np.vander(bins / max(bins_left, bins_right), settings.degree + 1, increasing=True)
    controls = _round_bins(threshold, width, bins, settings.round_numbers)
    for other in settings.other_thresholds:
        at = bin_numbers(np.array([other], dtype=float), threshold, width)[0]
        if at not in bins or -left <= at <= right:
            raise SalesAnalysisError(
                f"`other_thresholds` names {other:g}, which lies"
                f" {'in the bunching region' if at in bins else 'outside the window of bins'}."
            )
        controls.append(bins == at)
    terms = np.column_stack([powers, *controls]).astype(float)
    return Window(bins, counts, terms, left, right, settings.degree)


def redrawn(
    values: np.ndarray,
    payees: np.ndarray,
    region: Window,
    threshold: float,
    width: float,
    draws: int,
    seed: int,
) -> np.ndarray:
    """Counts of the window's bins, draw by draw, where whole payees are drawn again.

    A payee is in many periods; drawn period by period they would look like more people.
    """
    first, size = region.bins[0], len(region.bins)
    place = np.clip(bin_numbers(values, threshold, width) - first, -1, size) + 1
    rng = np.random.default_rng(seed)
    people = int(payees.max()) + 1
    if people == len(values):
        shares = np.bincount(place, minlength=size + 2) / people
        return rng.multinomial(people, shares, size=draws)[:, 1:-1].astype(float)
    own = np.bincount(payees * (size + 2) + place, minlength=people * (size + 2))
    weights = resampled_weights(people, draws, rng)
    return (weights @ own.reshape(people, -1).astype(float))[:, 1:-1]


def _round_bins(threshold, width, bins, round_numbers) -> list[np.ndarray]:
    """For each round number, the bins whose centre is a multiple of it and not of a rounder one."""
    taken = np.zeros(len(bins), dtype=bool)
    controls = []
    for number in sorted(round_numbers, reverse=True):
        if number <= 0:
            raise SalesAnalysisError(f"`round_numbers` holds {number!r}; expected numbers over 0.")
        multiple = (threshold + bins * width) / number
        hit = (np.abs(multiple - np.round(multiple)) * number < _EDGE * width) & ~taken
        if _is_multiple(number, round_numbers):
            taken |= hit
        controls.append(hit)
    return controls


def _is_multiple(number: float, round_numbers) -> bool:
    """Whether the number is a multiple of a smaller one among them."""
    smaller = [other for other in round_numbers if other < number]
    return any(abs(number / other - round(number / other)) < _EDGE for other in smaller)


def find_end(region: Window) -> Window:
    """The window of a notch whose bunching region ends where the missing mass fills the excess.

    The region grows bin by bin, as long as what is missing over the threshold is less than what is
    in excess up to it.
    """
    parameters = region.terms.shape[1] + region.left + 2
    last = min(region.bins[-1], len(region.bins) - parameters - 1)
    best = None
    for right in range(1, last + 1):
        grown = region.reaching(right)
        counterfactual = grown.smoother() @ grown.counts
        if excess_up_to(grown, grown.counts, counterfactual) <= missing_beyond(
            grown, grown.counts, counterfactual
        ):
            break
        best = grown
    if best is None:
        raise NoEstimate(
            "Beyond the threshold more payees are missing than are in excess up to it: this is not"
            ' a notch of that kind. Check `threshold`, try `missing="below"` (a bonus draws payees'
            ' up, a tax holds them back), or use `kind="kink"`.'
        )
    return best


def excess_up_to(region: Window, counts: np.ndarray, counterfactual: np.ndarray):
    """Excess in the bunching region up to and with the threshold's bin."""
    at = (region.bins >= -region.left) & (region.bins <= 0)
    return (counts - counterfactual)[..., at].sum(axis=-1)


def missing_beyond(region: Window, counts: np.ndarray, counterfactual: np.ndarray):
    """What is missing in the bunching region beyond the threshold's bin."""
    at = (region.bins > 0) & (region.bins <= region.right)
    return (counterfactual - counts)[..., at].sum(axis=-1)


def excess(region: Window, counts, counterfactual, *, notch: bool):
    """Excess mass and the height of the counterfactual that it is measured in.

    At a kink both are of the whole bunching region, at a notch of its part up to the threshold and
    of the threshold's own bin.
    """
    if notch:
        here = counterfactual[..., region.bins == 0][..., 0]
        return excess_up_to(region, counts, counterfactual), here
    inside = region.excluded
    mass = (counts - counterfactual)[..., inside].sum(axis=-1)
    return mass, counterfactual[..., inside].mean(axis=-1)


def counterfactuals(region: Window, counts, *, notch: bool, correct, above: bool, most: int = 200):
    """The counterfactual of each row of counts, corrected for the integration constraint if asked.

    Those in excess came from beyond the threshold, so what is seen there is too low. It is raised
    in proportion until it holds them, which moves the counterfactual and so the excess: repeated
    until the excess falls by less than one payee (``correct=True``), or solved, since each step is
    linear in the excess (``correct="exact"``).
    """
    counts = np.atleast_2d(counts)
    smoother = region.smoother().T
    found = counts @ smoother
    if not correct:
        return found
    beyond = region.bins > (region.right if above else 0)
    share = np.where(beyond, counts, 0.0)
    total = share.sum(axis=1, keepdims=True)
    share = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
    lift = share @ smoother  # of one payee more beyond the threshold
    mass, _ = excess(region, counts, found, notch=notch)
    if correct == "exact":
        per_payee, _ = excess(region, np.zeros_like(counts), lift, notch=notch)
        return found + (mass / (1 - per_payee))[:, None] * lift
    start, corrected = found, found
    going = np.ones(len(counts), dtype=bool)
    for _ in range(most):
        stepped = start + mass[:, None] * lift
        corrected = np.where(going[:, None], stepped, corrected)
        new, _ = excess(region, counts, corrected, notch=notch)
        fall, mass = mass - new, new
        going &= fall >= 1
        if not going.any():
            break
    return corrected

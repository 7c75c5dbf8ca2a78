"""Many small forgetting curves, by this package and by what else one would take.

Run in an environment with ``requirements.txt`` and this project on the path:
``PYTHONPATH=. python benchmarks/forgetting/curves.py [--learners 100000] [--write]``. The learners
have 5 to 8 scores, half-lives with a log standard deviation of 1 about 5.1 weeks, and an error of
0.08. Peers are measured on a part of them and counted up. ``--write`` makes RESULTS.md.
"""

import argparse
import contextlib
import platform
import statistics
import time
import warnings
from pathlib import Path

import lmfit
import numpy as np
import pandas as pd
from scipy.optimize import curve_fit, elementwise

from salesanalysis import forgetting

START, TRUE_HALF_LIFE, ERROR = 0.9, 5.1, 0.08


def learners(size: int) -> pd.DataFrame:
    """The scores of so many learners."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(5, 9, size)
    learner = np.repeat(np.arange(size), sizes)
    weeks = [np.sort(rng.choice(np.arange(27), n, replace=False)) for n in sizes]
    elapsed = np.concatenate(weeks) + 0.5
    half_life = np.exp(np.log(TRUE_HALF_LIFE) + rng.normal(size=size))[learner]
    score = START * 2 ** (-elapsed / half_life) + ERROR * rng.normal(size=len(learner))
    columns = {"learner_id": learner, "elapsed": elapsed, "retention": np.clip(score, 0, 1)}
    return pd.DataFrame(columns)


def exponential(t, a, b):
    """The curve that all of them fit."""
    return a * np.exp(-b * t)


# Each takes the scores and gives the squared error of each learner's fit; NaN where it failed.


def with_curve_fit(scores: pd.DataFrame) -> np.ndarray:
    """SciPy's curve_fit, learner by learner, from a start of 1 and 1."""
    errors = []
    for _, part in scores.groupby("learner_id"):
        t, y = part["elapsed"].to_numpy(), part["retention"].to_numpy()
        error = np.nan
        with contextlib.suppress(RuntimeError):
            (a, b), _ = curve_fit(exponential, t, y, p0=[1.0, 1.0])
            error = ((y - exponential(t, a, b)) ** 2).sum()
        errors.append(error)
    return np.array(errors)


def with_bounds(scores: pd.DataFrame) -> np.ndarray:
    """The same with bounds."""
    errors = []
    for _, part in scores.groupby("learner_id"):
        t, y = part["elapsed"].to_numpy(), part["retention"].to_numpy()
        bounds, error = ([0, 0], [np.inf, np.inf]), np.nan
        with contextlib.suppress(RuntimeError):
            (a, b), _ = curve_fit(exponential, t, y, p0=[1.0, 1.0], bounds=bounds)
            error = ((y - exponential(t, a, b)) ** 2).sum()
        errors.append(error)
    return np.array(errors)


def with_lmfit(scores: pd.DataFrame) -> np.ndarray:
    """lmfit's model, learner by learner."""
    model, errors = lmfit.Model(exponential), []
    parameters = model.make_params(a={"value": 1, "min": 0}, b={"value": 1, "min": 0})
    for _, part in scores.groupby("learner_id"):
        t, y = part["elapsed"].to_numpy(), part["retention"].to_numpy()
        errors.append(model.fit(y, parameters, t=t).chisqr)
    return np.array(errors)


def with_elementwise(scores: pd.DataFrame) -> np.ndarray:
    """SciPy's elementwise minimum of the squared error as a function of the rate alone."""
    place = scores.groupby("learner_id").cumcount().to_numpy()
    shape = place.max() + 1, scores["learner_id"].nunique()
    at = place, pd.factorize(scores["learner_id"])[0]
    t, y, there = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    t[at], y[at], there[at] = scores["elapsed"], scores["retention"], 1.0
    columns = np.arange(shape[1])

    def error(log_rate, which):
        f = np.exp(-np.exp(log_rate) * t[:, which]) * there[:, which]
        cross, square = (f * y[:, which]).sum(axis=0), (f * f).sum(axis=0)
        return (y[:, which] ** 2).sum(axis=0) - cross**2 / square

    line = np.linspace(-7, 1.5, 18)
    values = np.stack([error(np.full(shape[1], x), columns) for x in line])
    middle = values.argmin(axis=0).clip(1, len(line) - 2)
    init = tuple(line[middle + step] for step in (-1, 0, 1))
    found = elementwise.find_minimum(error, init, args=(columns,))
    return np.minimum(found.f_x, values.min(axis=0))


def with_logarithms(scores: pd.DataFrame) -> np.ndarray:
    """A straight line through the logarithms, zero scores left out."""
    kept = scores[scores["retention"] > 0].assign(log=lambda d: np.log(d["retention"]))
    by = kept["learner_id"]
    t = kept["elapsed"] - kept.groupby(by)["elapsed"].transform("mean")
    y = kept["log"] - kept.groupby(by)["log"].transform("mean")
    slope = (t * y).groupby(by).sum() / (t * t).groupby(by).sum()
    level = kept.groupby(by)["log"].mean() - slope * kept.groupby(by)["elapsed"].mean()
    own = scores["learner_id"]
    fitted = np.exp(own.map(level) + own.map(slope) * scores["elapsed"])
    return ((scores["retention"] - fitted) ** 2).groupby(own).sum(min_count=1).to_numpy()


def with_this(scores: pd.DataFrame) -> np.ndarray:
    """This package, with status, half-life and its limits, AICc."""
    return forgetting.fit_each(scores, by="learner_id", time_unit="weeks")["sse"].to_numpy()


PEERS = {
    "this package, `fit_each`": (with_this, 1.0),
    "SciPy `elementwise` on the profiled error": (with_elementwise, 1.0),
    "a line through the logarithms": (with_logarithms, 1.0),
    "SciPy `curve_fit`": (with_curve_fit, 0.02),
    "SciPy `curve_fit` with bounds": (with_bounds, 0.005),
    "lmfit": (with_lmfit, 0.005),
}


def seconds(function, *arguments, runs: int = 3, **named) -> tuple[float, object]:
    """Median processor time of a few runs, and the last result."""
    times = []
    for _ in range(runs):
        begin = time.process_time()
        result = function(*arguments, **named)
        times.append(time.process_time() - begin)
    return statistics.median(times), result


def compared(scores: pd.DataFrame) -> list[str]:
    """One row of a table for each peer."""
    size = scores["learner_id"].nunique()
    own, best = seconds(with_this, scores)
    lines = []
    for name, (function, part) in PEERS.items():
        some = scores[scores["learner_id"] < size * part]
        took, errors = seconds(function, some, runs=3 if part == 1 else 1)
        took, reached = took / part, best[: len(errors)]
        # A fit that is worse by more than a hundredth has not found the least squared error.
        bad = np.isnan(errors) | (errors > reached * 1.01 + 1e-9)
        lines.append(f"| {name} | {took:.2f} | {took / own:.1f} | {bad.mean():.2%} |")
    return lines


def variants(scores: pd.DataFrame) -> list[str]:
    """Other ways to call fit_each, and single fits."""
    lines = []
    single = ([name] for name in ("power", "hyperbolic", "logarithmic", "wickelgren", "ebbinghaus"))
    for models in (
        *single,
        ["exponential", "power", "hyperbolic"],
        ["exponential", "power", "wickelgren"],
        ["exponential", "ebbinghaus", "wickelgren"],
    ):
        took, _ = seconds(
            forgetting.fit_each, scores, by="learner_id", model=models, time_unit="weeks"
        )
        lines.append(f"| {', '.join(models)} | {took:.2f} |")
    return lines


def singles() -> list[str]:
    """Median milliseconds of one fit of 10 scores with all its intervals."""
    rng = np.random.default_rng(1)
    t = np.array([0.5, 1, 2, 3, 4, 6, 8, 10, 13, 16])
    share = START * 2 ** (-t / TRUE_HALF_LIFE)
    scores = pd.DataFrame({"elapsed": t, "retention": share + 0.03 * rng.normal(size=10)})
    counts = pd.DataFrame({"elapsed": t, "k": rng.binomial(40, share), "n": 40})
    lines = []
    for model in ("exponential", "power", "wickelgren", "exponential_asymptote"):
        took = [
            1000 * seconds(forgetting.fit, data, model=model, time_unit="weeks", runs=31)[0]
            for data in (scores, counts)
        ]
        lines.append(f"| {model} | {took[0]:.1f} | {took[1]:.1f} |")
    return lines


def main() -> None:
    """Measure, print, and write the results where asked to."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--learners", type=int, default=100_000)
    arguments.add_argument("--write", action="store_true")
    wanted = arguments.parse_args()
    warnings.simplefilter("ignore")  # curve_fit warns of every covariance it cannot estimate
    scores = learners(wanted.learners)
    text = f"""# Forgetting curves: many small fits

{wanted.learners:,} learners with 5 to 8 scores, a·e^(−bt), made by `curves.py`; processor seconds,
median of 3 runs, imports not counted; the last three rows are counted up from a part. `worse` is
the share of fits whose squared error is more than 1% over that of this package, or which failed.

Machine: {platform.machine()}, 2 shared cores, {platform.system()}, Python
{platform.python_version()}, NumPy {np.__version__}, lmfit {lmfit.__version__}. Only the ratios
count.

| fitted by | seconds | ratio | worse |
| --- | --- | --- | --- |
{chr(10).join(compared(scores))}

Other models, with status, half-life and limits, AICc:

| models | seconds |
| --- | --- |
{chr(10).join(variants(scores))}

One fit of 10 points with the intervals of its parameters and its half-life, milliseconds:

| model | scores | counts |
| --- | --- | --- |
{chr(10).join(singles())}
"""
    print(text)
    if wanted.write:
        Path(__file__).with_name("RESULTS.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

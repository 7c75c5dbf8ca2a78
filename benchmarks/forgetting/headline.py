"""How often the truth lies in the interval that a report on forgetting quotes.

``PYTHONPATH=. python benchmarks/forgetting/headline.py [--companies 100] [--write]``: so many
made-up companies of 160 learners for each true curve, without guessing and with four choices.
Counted is how often the true time until half is gone, and the true loss at 13 weeks, lie in the 80%
interval; beside it what an exponential says. ``--write`` makes HEADLINE.md.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from salesanalysis import forgetting

DAYS = np.array([1.0, 7, 21, 42, 91, 182])
LEARNERS, ITEMS, LEVEL, LOST_DAYS = 160, 20, 0.8, 91.0
#: True retention by days since the training.
TRUTHS = {
    "Exponential, 0.95 · 2^(−t/35.7)": lambda t: 0.95 * 2 ** (-t / 35.7),
    "Exponential with a floor, 0.75 · 2^(−t/20) + 0.2": lambda t: 0.75 * 2 ** (-t / 20) + 0.2,
    "Power, 0.95 · t^−0.18": lambda t: np.minimum(1, 0.95 * np.maximum(t, 1e-9) ** -0.18),
    "Wickelgren, (1 + 0.15t)^−0.4": lambda t: (1 + 0.15 * t) ** -0.4,
    "Wickelgren from 0.9, 0.9 · (1 + 0.05t)^−0.5": lambda t: 0.9 * (1 + 0.05 * t) ** -0.5,
    "Wickelgren with a floor, 0.85 · (1 + 0.2t)^−0.8 + 0.15": lambda t: (
        0.85 * (1 + 0.2 * t) ** -0.8 + 0.15
    ),
}


def company(curve, seed: int, guess: float) -> pd.DataFrame:
    """The tests of one company's learners, a few days late at random."""
    rng = np.random.default_rng([20251115, seed])
    days = np.tile(DAYS, LEARNERS)
    days = days + rng.integers(0, 4, len(days)) * (days > 2)
    right = rng.binomial(ITEMS, guess + (1 - guess) * curve(days)) / ITEMS
    tests = pd.DataFrame({"learner_id": np.repeat(np.arange(LEARNERS), len(DAYS))})
    tests = tests.assign(elapsed=days / 7, retention=right, guess=guess)
    return tests.assign(known=(right - guess) / (1 - guess))


def truth(curve) -> tuple[float, float]:
    """Weeks until half of what was known at the end of the training is gone, and the loss."""
    days = np.linspace(0, 4_000, 400_001)
    known = curve(days) / curve(days[:1])
    return days[np.argmax(known <= 0.5)] / 7, 1 - curve(np.array([LOST_DAYS]))[0] / curve(days[0])


def one(curve, seed: int, guess: float) -> dict:
    """What the report says of one company, and what an exponential would have said."""
    tests, how = company(curve, seed, guess), {"time_unit": "weeks", "likelihood": "least_squares"}
    models = forgetting.compare(tests, **how)
    few = forgetting.Bootstrap(draws=199)
    found = forgetting.supported_curves(
        tests, models, time_unit="weeks", level=LEVEL, bootstrap=few
    )
    half, lost = truth(curve)
    return {
        "half": found.half_life_low <= half <= found.half_life_high,
        "lost": found.lost_low <= lost <= found.lost_high,
        "weeks": found.half_life_weeks,
        "refused": bool(found.refused),
        "exponential": forgetting.fit(tests, interval="none", **how).half_life,
    }


def main() -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=100)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    lines = [
        "# The truth in the 80% interval of the headline",
        "",
        f"{asked.companies} companies of {LEARNERS} learners × {len(DAYS)} tests of {ITEMS}"
        " questions for each row (`headline.py`).",
        "",
        "| truth | guessing | half gone after, weeks | told (median) | an exponential |"
        " in the interval | loss in the interval | refused |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    begun, rates = time.process_time(), []
    for name, curve in TRUTHS.items():
        for guess in (0.0, 0.25):
            table = pd.DataFrame([one(curve, seed, guess) for seed in range(asked.companies)])
            half, _ = truth(curve)
            middle = table[["weeks", "exponential"]].median()
            rate = table[["half", "lost", "refused"]].mean()
            rates.append(rate)
            lines.append(
                f"| {name} | {guess:.0%} | {half:.2f} | {middle['weeks']:.2f} |"
                f" {middle['exponential']:.2f} | {rate['half']:.0%} | {rate['lost']:.0%} |"
                f" {rate['refused']:.0%} |"
            )
            print(lines[-1], flush=True)
    mean = pd.DataFrame(rates).mean()
    lines += ["", f"Over all rows: {mean['half']:.0%} and {mean['lost']:.0%}."]
    print(f"{time.process_time() - begun:.0f} CPU s")
    if asked.write:
        path = Path(__file__).with_name("HEADLINE.md")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

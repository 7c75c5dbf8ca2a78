"""How long tests and choices of thresholds take on many payee-periods.

    python benchmarks/incentive/thresholds.py [--rows 100000]

Made-up sales around their quotas (seed 1), eight quarters a payee. Two plans, because a stretch
that changes no payout need not be tried at every level. Processor seconds, the median of five.
Prints lines of RESULTS.md; with 100,000 rows the test may take 0.3 and a choice 2 seconds, and more
is an error.
"""

import argparse
import sys
import time
from statistics import median

import numpy as np
import pandas as pd

from salesanalysis import incentive

IDLE = incentive.floor_stretch(floor=1, stretch=1.2)
BOTH = incentive.read_plan(
    {"thresholds": "quota", "floor": 1, "stretch": 1.2,
     "tiers": [[0, 1, 0.03], [1, 1.2, 0.05], [1.2, None, 0.02]]}
)  # fmt: skip


#: The most processor seconds at 100,000 rows, by the function.
MOST = {"density_test": 0.3, "optimise": 2.0}


def seconds(work) -> float:
    """Processor seconds of a piece of work, the median of five."""
    taken = []
    for _ in range(5):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return median(taken)


def main() -> None:
    """Everything, as rows of a table in Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    size = parser.parse_args().rows
    rng = np.random.default_rng(1)
    share, quota = rng.lognormal(0, 0.25, size), rng.lognormal(11, 0.5, size).round(2)
    at = np.arange(size)
    quarters = np.array([f"{2024 + n // 4}-Q{n % 4 + 1}" for n in range(8)])
    rows = pd.DataFrame({"payee_id": at // 8, "period": quarters[at % 8], "quota": quota,
                         "sales": (quota * share).round(2)})  # fmt: skip
    works = {
        "density_test, with its power": lambda: incentive.density_test(rows),
        "optimise, a stretch that changes no payout": lambda: incentive.optimise(
            IDLE, rows, behaviour="elastic"
        ),
        "optimise, both thresholds": lambda: incentive.optimise(BOTH, rows, behaviour="elastic"),
    }
    slow = []
    for name, work in works.items():
        taken = seconds(work)
        print(f"| {size:,} payee-periods: {name} | {taken:.2f} |", flush=True)
        if size == 100_000 and taken > MOST[name.partition(",")[0]]:
            slow.append(name)
    if slow:
        sys.exit(f"Slower than it may be: {'; '.join(slow)}.")


if __name__ == "__main__":
    main()

"""How long tests and choices of thresholds take on many payee-periods.

    python benchmarks/incentive/thresholds.py [--rows 100000]

Made-up sales around their quotas (seed 1), eight quarters a payee. Two plans, because a stretch
that changes no payout need not be tried at every level. Prints lines of RESULTS.md.
"""

import argparse
import time

import numpy as np
import pandas as pd

from salesanalysis import incentive

IDLE = incentive.floor_stretch(floor=1, stretch=1.2)
BOTH = incentive.read_plan(
    {"thresholds": "quota", "floor": 1, "stretch": 1.2,
     "tiers": [[0, 1, 0.03], [1, 1.2, 0.05], [1.2, None, 0.02]]}
)  # fmt: skip


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
        "density_test, power from 200 samples": lambda: incentive.density_test(rows),
        "optimise, a stretch that changes no payout": lambda: incentive.optimise(
            IDLE, rows, behaviour="elastic"
        ),
        "optimise, both thresholds": lambda: incentive.optimise(BOTH, rows, behaviour="elastic"),
    }
    for name, work in works.items():
        start = time.process_time()
        work()
        print(f"| {size:,} payee-periods: {name} | {time.process_time() - start:.1f} |", flush=True)


if __name__ == "__main__":
    main()

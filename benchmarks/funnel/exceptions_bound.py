"""How many planted exceptions could be found at best, by a test that knows everything?

    python benchmarks/funnel/exceptions_bound.py [--deals 2000 5000 10000] [--seeds 20]

For each planted seller × stage: the Neyman–Pearson test (likelihood ratio) that knows all losing
odds, the distribution of the days and even how large the departure is, and sees every deal to its
end. No test on the same number of deals has more power at the same level. The level is that of
Benjamini–Hochberg when all planted exceptions are found: ``false_discovery × found ÷ comparisons``.
"""

import argparse

import numpy as np

from salesanalysis import datasets, reduce
from salesanalysis.datasets.parameters import EXCEPTIONS, STAGES, STAY_SHAPE

COMPARISONS = 360
FALSE_DISCOVERY = 0.1
DRAWS = 400_000


def deals_at_stage(deals: int, seeds: range) -> dict[str, int]:
    """Mean number of deals of each planted seller that entered the stage."""
    counts = dict.fromkeys((planted.owner_id for planted in EXCEPTIONS), 0)
    for seed in seeds:
        made = datasets.company(seed=seed, deals=deals)
        tables = {name: made.tables[name] for name in ("opportunities", "stage_history")}
        known = {"as_of": made.as_of, "by": ["owner_id"], "stages": made.stages}
        entries = reduce.funnel.stage_entries(**tables, **known)
        entered = entries[~entries["skipped"].astype(bool)]
        for planted in EXCEPTIONS:
            here = (entered["owner_id"] == planted.owner_id) & (entered["stage"] == planted.stage)
            counts[planted.owner_id] += int(here.sum())
    return {owner: round(count / len(seeds)) for owner, count in counts.items()}


def power(planted, n: int, level: float, rng: np.random.Generator) -> float:
    """Probability that the likelihood-ratio test of ``n`` deals finds the departure."""
    normal = next(stage.lost for stage in STAGES if stage.stage == planted.stage)
    odds = normal / (1 - normal) * np.exp(planted.lost_log_odds)
    weak, slower = odds / (1 + odds), planted.times_days**STAY_SHAPE

    def log_ratio(lost_share: float, times: float) -> np.ndarray:
        lost = rng.binomial(n, lost_share, DRAWS)
        # Weibull days to the power of their shape are exponential, their sum a gamma variable.
        days = times * rng.gamma(n, 1.0, DRAWS)
        shares = lost * np.log(weak / normal) + (n - lost) * np.log((1 - weak) / (1 - normal))
        return shares + days * (1 - 1 / slower) - n * np.log(slower)

    limit = np.quantile(log_ratio(normal, 1.0), 1 - level)
    return float((log_ratio(weak, slower) > limit).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deals", type=int, nargs="+", default=[2_000, 5_000, 10_000])
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    level = FALSE_DISCOVERY * len(EXCEPTIONS) / COMPARISONS
    for deals in options.deals:
        counts = deals_at_stage(deals, range(1000, 1000 + options.seeds))
        rng = np.random.default_rng(0)
        found = {p.owner_id: power(p, counts[p.owner_id], level, rng) for p in EXCEPTIONS}
        shown = ", ".join(f"{p.owner_id} {p.stage} {found[p.owner_id]:.2f}" for p in EXCEPTIONS)
        print(f"{deals:,} deals ({counts}): {shown}; recall {sum(found.values()) / len(found):.2f}")


if __name__ == "__main__":
    main()

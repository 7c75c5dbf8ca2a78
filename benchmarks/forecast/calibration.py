"""Whether the pipeline's intervals hold what they promise, on data that nothing was tuned on.

    python benchmarks/forecast/calibration.py [--data FOLDER] [--seeds 3]

Made-up companies of several kinds (the truth of none is known to the model), a forecast every 28
days; and the real sets of `pipelines.py` dealt out at random into four, a forecast every 7 days.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from pipelines import DATA, SETS

from salesanalysis import datasets, forecast, reduce

#: Kinds of companies: arguments of `datasets.company`, and how deals grow over its whole time
#: (the logarithm of the last day's pace ÷ the first day's).
PLAIN = {"deals": 2000, "months": 24}
COMPANIES = {
    "as the sample": (PLAIN, 0.0),
    "all alike, no quarter end": (PLAIN | {"null": True, "quarter_end": 1.0}, 0.0),
    "small": (PLAIN | {"deals": 300}, 0.0),
    "large": (PLAIN | {"deals": 10_000}, 0.0),
    "growing": (PLAIN | {"deals": 3000}, 1.5),
    "shrinking": (PLAIN | {"deals": 3000, "quarter_end": 1.0}, -1.5),
    "one year, hard quarter end": ({"deals": 800, "months": 12, "quarter_end": 6.0}, 0.0),
}


def company(seed: int, arguments: dict, growth: float):
    """One company's pipeline; it grows or shrinks by leaving deals out."""
    made = datasets.company(seed=seed, **arguments)
    deals, history = made.tables["opportunities"], made.tables["stage_history"]
    age = (deals["created_at"] - deals["created_at"].min()) / (
        made.as_of - deals["created_at"].min()
    )
    kept = np.random.default_rng(seed).random(len(deals)) < np.exp(growth * (age - (growth > 0)))
    history = history[history["opportunity_id"].isin(deals.loc[kept, "opportunity_id"])]
    return reduce.forecast.pipeline(deals[kept], history, as_of=made.as_of)


def quarter_of_deals(frames, part: int):
    """Every fourth of the deals, in an order of chance."""
    deals, entries = frames.deals, frames.stage_entries
    own = deals[np.random.default_rng(1).permutation(len(deals)) % 4 == part]
    entries = entries[entries["opportunity_id"].isin(own["opportunity_id"])]
    return replace(frames, deals=own.reset_index(drop=True), stage_entries=entries)


def score(name: str, tested: forecast.Backtest) -> list[dict]:
    """One row per horizon: how many windows, how many of them inside, errors."""
    rows = []
    for days, part in tested.scores.groupby("horizon_days"):
        scores = part.set_index("method")
        model = scores.loc["model"]
        row = {"set": name, "days": days, "windows": model["windows"], "wape": model["wape"]}
        row |= {"same_stage": scores.loc["same_stage", "wape"]}
        row |= {"last_period": scores.loc["last_period", "wape"]}
        inside = {f"in_{level}": model[f"coverage_{level}"] for level in (50, 80, 90)}
        rows.append(row | inside)
    return rows


def told(rows: list[dict]) -> None:
    """Means over seeds or parts, coverage weighted by windows."""
    table = pd.DataFrame(rows)
    levels = [name for name in table if name.startswith("in_")]
    table[levels] = table[levels].mul(table["windows"], axis=0)
    for by in ("set", "days", lambda _: "all"):
        grouped = table.groupby(by)
        means = grouped[["wape", "same_stage", "last_period"]].mean()
        sums = grouped[["windows", *levels]].sum()
        shares = sums[levels].div(sums["windows"], axis=0)
        print(pd.concat([sums["windows"], means, shares], axis=1).round(3).to_string(), "\n")


def main(folder: Path, seeds: int) -> None:
    rows = []
    for name, (arguments, growth) in COMPANIES.items():
        for seed in range(1, seeds + 1):
            frames = company(seed, arguments, growth)
            tested = forecast.backtest(
                frames, horizon_days=[7, 28, 91], step_days=28, warm_up_days=120, draws=1000
            )
            rows += score(name, tested)
    told(rows)
    rows = []
    for name, (read, days, horizons) in SETS.items():
        whole = read(folder)
        for part in range(4):
            frames = quarter_of_deals(whole, part)
            first = frames.deals["closed_at"].min().normalize() + pd.Timedelta(days=days - 1)
            tested = forecast.backtest(frames, horizon_days=horizons, first_as_of=first, draws=1000)
            rows += score(name, tested)
    told(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    main(chosen.data, chosen.seeds)

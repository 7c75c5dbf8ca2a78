"""Does `funnel.exceptions` find what is there, and keep silent where nothing is?

    python benchmarks/funnel/exceptions.py [--seeds 200] [--deals 5000 10000] [--workers 2]

Made-up companies of 24 sellers with the planted exceptions of `salesanalysis.datasets` (R002 slow
at C; R003 loses more at D; R004 slow and losing more at B), and companies in which all are alike.

* *recall*: planted exceptions (seller × stage) found, by whichever of their planted measures;
* *departures*: the same with each planted seller × stage × measure on its own;
* *false*: found rows that were not planted ÷ found rows (worse only): pooled, and as the mean over
  companies, which is what the false-discovery rate bounds;
* *silent*: share of companies with no worse exception at all.

Recall and false are of the worse exceptions; the time is that of `funnel.exceptions` alone.
"""

import argparse
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pandas as pd

from salesanalysis import datasets, reduce
from salesanalysis.funnel.exceptions import exceptions

KINDS = {
    "planted": {},
    "planted, else alike": {"skill_sd": 0.0},
    "alike": {"null": True},
    "natural spread only": {"exceptions": ()},
}


def planted(truth) -> set[tuple[str, str, str]]:
    """Seller × stage × measure of what was planted on the worse side."""
    found = set()
    for row in truth.exceptions.itertuples():
        if row.times_days > 1:
            found.add((row.owner_id, row.stage, "ageing"))
        if row.lost_log_odds > 0:
            found.add((row.owner_id, row.stage, "conversion"))
    return found


def one(task: tuple[int, int, str, str]) -> dict:
    """What was planted in one company, and what was found."""
    seed, deals, kind, norm = task
    made = datasets.company(seed=seed, deals=deals, **KINDS[kind])
    tables = {name: made.tables[name] for name in ("opportunities", "stage_history")}
    carried = ["owner_id", "source"]
    known = reduce.funnel.known(tables, as_of=made.as_of, stages=made.stages, by=carried)
    start = time.perf_counter()
    table = exceptions(known, adjust="source", norm=norm)
    seconds = time.perf_counter() - start
    worse = table[(table["verdict"] == "exception") & (table["direction"] == "worse")]
    return {
        "planted": planted(made.truth),
        "found": set(zip(worse["owner_id"], worse["stage"], worse["measure"], strict=True)),
        "better": int(((table["verdict"] == "exception") & (table["direction"] == "better")).sum()),
        "too_few": (table["verdict"] == "too_few").mean(),
        "seconds": seconds,
    }


def summary(results: list[dict]) -> tuple[dict, Counter, Counter]:
    """The figures of many companies, what was found of the planted, and what was false."""
    hits, misses, false, found, rates = Counter(), Counter(), Counter(), 0, []
    places_planted = places_found = 0
    for result in results:
        truth, said = result["planted"], result["found"]
        hits.update(truth & said)
        misses.update(truth - said)
        false.update(
            (measure, "all" if stage == "all" else "stage") for _, stage, measure in said - truth
        )
        found += len(said)
        rates.append(len(said - truth) / max(len(said), 1))
        places = {(owner, stage) for owner, stage, _ in truth}
        places_planted += len(places)
        places_found += len(places & {(owner, stage) for owner, stage, _ in truth & said})
    departures = hits.total() + misses.total()
    figures = {
        "recall": places_found / places_planted if places_planted else None,
        "departures": hits.total() / departures if departures else None,
        "false, pooled": false.total() / found if found else None,
        "false, mean": sum(rates) / len(rates),
        "silent": sum(not result["found"] for result in results) / len(results),
        "strengths": sum(result["better"] for result in results) / len(results),
        "too few": sum(result["too_few"] for result in results) / len(results),
        "seconds": sum(result["seconds"] for result in results) / len(results),
    }
    by_departure = Counter({key: count / len(results) for key, count in hits.items()})
    return figures, by_departure, false


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--deals", type=int, nargs="+", default=[5_000, 10_000])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--norms", nargs="+", default=["spread"], choices=["spread", "equal"])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    runs = [(d, k, n) for n in options.norms for k in options.kinds for d in options.deals]
    rows = []
    with ProcessPoolExecutor(options.workers) as pool:
        for deals, kind, norm in runs:
            tasks = [(seed, deals, kind, norm) for seed in seeds]
            figures, hits, false = summary(list(pool.map(one, tasks)))
            head = {"company": kind, "norm": norm, "deals": deals, "companies": len(tasks)}
            rows.append(head | figures)
            print(f"{kind}, norm {norm}, {deals:,} deals")
            print(
                "  found:", {" ".join(key): round(share, 3) for key, share in sorted(hits.items())}
            )
            print("  false rows:", {" ".join(key): count for key, count in sorted(false.items())})
            print(
                "  ",
                {name: value and round(value, 3) for name, value in figures.items()},
                flush=True,
            )
    print(pd.DataFrame(rows).round(3).to_string(index=False))


if __name__ == "__main__":
    main()

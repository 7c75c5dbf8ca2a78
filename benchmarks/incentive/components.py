"""How fast three components are paid in DuckDB, against its own DECIMAL arithmetic by hand.

    python benchmarks/incentive/components.py [--rows 10000000] [--times 2]

Attainment of three components (seed 1) in a Parquet file: tiers of their own, a gate, a cap on all.
Both sides in turn in one process, the best of each; the sums of all payouts must agree to the cent,
and the ratio must be 1.0 at the most, or it is an error. By hand nothing is checked.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pyarrow as pa

from salesanalysis import incentive, reduce

TIERS = {
    "revenue": [[0, 0.5, 0.02], [0.5, 1, 0.03], [1, 1.2, 0.05], [1.2, None, 0.07]],
    "services": [[0, 1, 0.01], [1, None, 0.04]],
    "renewals": [[0, 0.9, 0.015], [0.9, None, 0.02]],
}
CAP = 15_000
PLAN = incentive.read_plan(
    {
        "cap": CAP,
        "components": [
            {"name": name, "thresholds": "quota", "tiers": tiers,
             **({"gate": {"component": "revenue", "at": "80%"}} if name == "services" else {})}
            for name, tiers in TIERS.items()
        ],
    }
)  # fmt: skip


def attainment(size: int) -> pa.Table:
    """Three components of eight quarters a payee."""
    rng = np.random.default_rng(1)
    quota = rng.integers(50_000, 200_000, size).astype(float)
    at = np.arange(size)
    quarters = pa.array([f"{2024 + n // 4}-Q{n % 4 + 1}" for n in range(8)])
    period = pa.DictionaryArray.from_arrays(pa.array(at // 3 % 8, type=pa.int8()), quarters)
    names = pa.DictionaryArray.from_arrays(pa.array(at % 3, type=pa.int8()), pa.array(list(TIERS)))
    return pa.table(
        {"payee_id": at // 24, "period": period.cast(pa.string()),
         "component": names.cast(pa.string()), "quota": quota,
         "sales": (quota * rng.lognormal(0, 0.4, size)).round(2)}
    )  # fmt: skip


def here(path: Path) -> int:
    """The sum of the payouts by the reduction, in cents; a session of its own."""
    table = ibis.duckdb.connect().read_parquet(str(path))
    paid = reduce.incentive.payout(table, plan=PLAN).payout_minor
    return int(paid.sum().to_pyarrow().as_py())


def by_hand(path: Path) -> int:
    """The same in DuckDB's DECIMAL."""
    pays = {}
    for name, tiers in TIERS.items():
        parts = " + ".join(
            f"greatest(least(s, {10**6 if end is None else end} * q) - {start} * q, 0) * {rate}"
            for start, end, rate in tiers
        )
        pays[name] = f"sum(case when component = '{name}' then round({parts}, 2) end)"
    query = f"""
        select sum(cast(least(a + case when open then b else 0 end + c, {CAP}) * 100 as bigint))
        from (select payee_id, period, {pays["revenue"]} as a, {pays["services"]} as b,
                     {pays["renewals"]} as c, bool_or(component = 'revenue'
                     and s >= 0.8 * q) as open
              from (select payee_id, period, component, cast(sales as decimal(15, 2)) as s,
                           cast(quota as decimal(12, 2)) as q from '{path}')
              group by payee_id, period)
    """
    return int(duckdb.connect().sql(query).fetchone()[0])


def main() -> None:
    """Both in turn, as rows of a table in Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--times", type=int, default=2)
    given = parser.parse_args()
    rows = given.rows // 3 * 3
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "attainment.parquet"
        duckdb.from_arrow(attainment(rows)).write_parquet(str(path))
        for _ in range(given.times):
            sums = set()
            for work in (here, by_hand):
                start = time.perf_counter()
                sums.add(work(path))
                seconds = time.perf_counter() - start
                best[work.__name__] = min(seconds, best.get(work.__name__, seconds))
            if len(sums) > 1:
                sys.exit(f"The sums differ: {sums}.")
    ratio = best["here"] / best["by_hand"]
    print("| what | seconds |\n| --- | --- |")
    print(f"| {rows:,} rows of three components in DuckDB, checked | {best['here']:.2f} |")
    print(f"| {rows:,} in DuckDB, DECIMAL by hand, nothing checked | {best['by_hand']:.2f} |")
    print(f"\nRatio {ratio:.2f}; the sums agree to the cent.")
    if ratio > 1:
        sys.exit("Slower than by hand.")


if __name__ == "__main__":
    main()

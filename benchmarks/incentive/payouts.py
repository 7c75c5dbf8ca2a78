"""How fast payouts are, exact and in floats, and how many exact hits a float comparison misses.

    python benchmarks/incentive/payouts.py [--rows 10000000] [--engine-rows 10000000]

Four marginal tiers on made-up sales and quotas (seed 1), best of three, in one process; the cost of
the same plan over 10,000 futures of 1,000 payees; the payouts in DuckDB from a Parquet file,
against DuckDB's own DECIMAL arithmetic and pandas row by row (a part of the rows, scaled up).
Prints the table of RESULTS.md; only ratios of one run mean something.
"""

import argparse
import tempfile
import time
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pandas as pd

from salesanalysis import incentive, reduce

TIERS = [[0, 0.5, 0.02], [0.5, 1, 0.03], [1, 1.2, 0.05], [1.2, None, 0.07]]
PLAN = incentive.read_plan({"thresholds": "quota", "tiers": TIERS})


def best(work, times: int = 3) -> tuple[float, object]:
    """The least seconds of several runs, and the last result."""
    seconds, result = [], None
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def one_by_one(row) -> float:
    """What a spreadsheet user writes."""
    pay, quota = 0.0, row["quota"]
    for start, end, rate in TIERS:
        top = row["sales"] if end is None else min(row["sales"], end * quota)
        pay += max(top - start * quota, 0) * rate
    return round(pay, 2)


def decimals(path: Path) -> int:
    """The sum of the payouts in DuckDB's DECIMAL, in cents."""
    parts = " + ".join(
        f"greatest(least(s, {10**6 if end is None else end} * q) - {start} * q, 0) * {rate}"
        for start, end, rate in TIERS
    )
    query = f"""
        select sum(cast(round({parts}, 2) * 100 as bigint)) from (
            select cast(sales as decimal(15, 2)) as s, cast(quota as decimal(12, 2)) as q
            from '{path}')
    """
    return int(duckdb.sql(query).fetchone()[0])


def exact_hits(size: int) -> None:
    """Sales exactly at 1.1 × quota: how many miss the tier."""
    rng = np.random.default_rng(2)
    quota = rng.integers(1000, 100_000_000, size) * 10  # minor units
    sales = quota // 10 * 11
    plan = {"thresholds": "quota", "method": "retroactive", "tiers": [[1.1, None, 1]]}
    paid = incentive.payout_amounts(sales / 100, quota=quota / 100, plan=plan)
    ratio = ((sales / 100) / (quota / 100) >= 1.1).mean()
    product = (sales / 100 >= quota / 100 * 1.1).mean()
    print(f"\n{size:,} sales exactly at 1.1 × quota: missed {(paid != sales).sum()};")
    print(f"by sales / quota >= 1.1 {1 - ratio:.1%}, by sales >= quota * 1.1 {1 - product:.1%}.")


def main() -> None:
    """Everything, as a table in Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--engine-rows", type=int, default=10_000_000)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    quota = rng.integers(50_000, 200_000, given.rows).astype(float)
    sales = (quota * rng.lognormal(0, 0.4, given.rows)).round(2)

    rows = []
    seconds, paid = best(lambda: incentive.payout_amounts(sales, quota=quota, plan=PLAN))
    rows.append((f"{given.rows:,} payouts, exact (int64)", seconds))
    floats = {"quota": quota, "plan": PLAN, "exact": False}
    seconds, _ = best(lambda: incentive.payout_amounts(sales, **floats))
    rows.append((f"{given.rows:,} payouts, floats", seconds))
    some = pd.DataFrame({"sales": sales[:100_000], "quota": quota[:100_000]})
    seconds, loop = best(lambda: some.apply(one_by_one, axis=1), times=1)
    rows.append((f"{given.rows:,} payouts, pandas row by row", seconds * given.rows / 100_000))
    off = (np.rint(loop.to_numpy() * 100) != paid[:100_000]).mean()

    frame = pd.DataFrame({"payee_id": np.arange(1_000_000) // 8, "sales": sales[:1_000_000],
                          "quota": quota[:1_000_000]})  # fmt: skip
    frame["period"] = [f"{2024 + at % 8 // 4}-Q{at % 4 + 1}" for at in range(len(frame))]
    seconds, _ = best(lambda: incentive.payout(frame, plan=PLAN), times=1)
    rows.append(("1,000,000 statements, every step a column", seconds))

    people = pd.DataFrame({"payee_id": np.arange(1000), "quota": 1e5, "mean": 1e5, "sd": 4e4})
    seconds, _ = best(lambda: incentive.cost(PLAN, people))
    rows.append(("cost: 10,000 futures × 1,000 payees, futures made", seconds))
    draws = rng.lognormal(11.4, 0.4, (10_000, 1000))
    seconds, _ = best(lambda: incentive.cost(PLAN, draws, quota=1e5))
    rows.append(("cost: another plan on the same futures", seconds))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "attainment.parquet"
        size = given.engine_rows
        duckdb.from_arrow(pa_table(sales[:size], quota[:size])).write_parquet(str(path))
        table = ibis.duckdb.connect().read_parquet(str(path))
        seconds, total = best(
            lambda: (
                reduce.incentive.payout(table, plan=PLAN).payout_minor.sum().to_pyarrow().as_py()
            ),
            times=1,
        )
        rows.append((f"{size:,} payouts in DuckDB, statements checked", seconds))
        seconds, other = best(lambda: decimals(path), times=1)
        rows.append((f"{size:,} payouts in DuckDB, DECIMAL by hand, no debts", seconds))
    print("| what | seconds |\n| --- | --- |")
    for name, seconds in rows:
        print(f"| {name} | {seconds:.2f} |")
    print(f"\nSums in cents: here {int(paid[:size].sum())}, DuckDB {total}, by hand {other}.")
    print(f"Payouts that pandas in floats has a cent off: {off:.2%}.")
    exact_hits(2_000_000)


def pa_table(sales, quota):
    """Attainment of 8 quarters a payee as an Arrow table."""
    import pyarrow as pa

    at = np.arange(len(sales))
    names = pa.array([f"{2024 + n // 4}-Q{n % 4 + 1}" for n in range(8)])
    period = pa.DictionaryArray.from_arrays(pa.array(at % 8, type=pa.int8()), names)
    return pa.table(
        {"payee_id": at // 8, "period": period.cast(pa.string()), "sales": sales, "quota": quota}
    )


if __name__ == "__main__":
    main()

"""The rhythm of 20 million purchase lines, and what is made of rhythms: seconds and memory.

    python benchmarks/customers/buying.py [--lines 20000000] [--rounds 3]

Lines are read from a Parquet file by a DuckDB of one process, which says its peak memory, beside a
plain scan with the same group-by (account and day, then account). Fits: a million customers under
BG/NBD, 23,570 under Pareto/NBD. Lists: silence, chance of return, its list, of 100,000 customers.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

AS_OF = "2025-12-31"
PLAIN = """
    SELECT account_id, min(day), max(day), count(*), sum(amount) FROM (
        SELECT account_id, date_trunc('day', purchased_at) AS day, sum(amount) AS amount
        FROM read_parquet('{path}') WHERE purchased_at <= TIMESTAMP '2025-12-31' GROUP BY 1, 2
    ) GROUP BY 1
"""


def write_lines(path: Path, lines: int) -> None:
    """Order lines of a tenth as many customers over three years, some of them coming back."""
    import duckdb

    duckdb.execute("SELECT setseed(0.5)")
    duckdb.execute(
        f"""COPY (
            SELECT 'A' || lpad((i % {lines // 10})::VARCHAR, 9, '0') AS account_id,
                TIMESTAMP '2023-01-01' + INTERVAL 1 DAY * floor(random() * 1095) AS purchased_at,
                CASE WHEN random() < 0.03 THEN -1 ELSE 1 END * round(random() * 100, 2) AS amount,
                'O' || (i // 2)::VARCHAR AS order_id
            FROM range({lines}) AS r(i)
        ) TO '{path}' (FORMAT parquet)"""
    )


def measured(what: str, path: str) -> None:
    """One of the computations, in this process; prints seconds and peak memory."""
    import resource

    import ibis

    connection = ibis.duckdb.connect()
    connection.raw_sql("SET memory_limit = '1500MB'")
    connection.raw_sql(f"SET temp_directory = '{path}.spill'")
    begun = time.perf_counter()
    if what == "plain":
        rows = connection.raw_sql(PLAIN.format(path=path)).arrow().read_all().num_rows
    else:
        from salesanalysis import reduce

        rows = len(reduce.customers.rhythm(connection.read_parquet(path), as_of=AS_OF))
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": round(took, 2), "gigabytes": round(peak, 2), "rows": rows}))


def made_rhythms(customers: int, days: int = 13) -> pd.DataFrame:
    """Customers as they stood on the days of a year, one step of 30 days apart."""
    rng = np.random.default_rng(0)
    last, gaps = pd.Timestamp(AS_OF), rng.gamma(2, 25, customers)
    first = rng.integers(0, 500, customers).astype(float)
    leaves = np.where(rng.random(customers) < 0.3, rng.uniform(500, 1_095, customers), np.inf)
    frames = []
    for back in range(days):
        today = 1_095.0 - 30 * back
        until = np.minimum(today, leaves)
        bought = np.floor((until - first) / gaps).clip(0)
        rows = {
            "known_on": last - pd.Timedelta(days=30 * back),
            "account_id": np.char.add("A", np.arange(customers).astype(str)),
            "repeats": bought.astype(int),
            "first_to_last_days": np.round(bought * gaps).clip(0, today - first),
            "watched_days": today - first,
        }
        rows |= {"amount": 10.0 * (1 + bought), "gap_pairs": 1, "gap_unevenness": 0.05}
        frames.append(pd.DataFrame(rows))
    table = pd.concat(frames, ignore_index=True)
    table.loc[table["first_to_last_days"] == 0, "repeats"] = 0
    begin = table["known_on"] - pd.to_timedelta(table["watched_days"], unit="D")
    table["first_purchase_at"] = begin
    table["last_purchase_at"] = begin + pd.to_timedelta(table["first_to_last_days"], unit="D")
    return table


def seconds(of) -> float:
    """CPU seconds of a call, after one that warms what it imports."""
    begun = time.process_time()
    of()
    return time.process_time() - begun


def fits_and_lists() -> None:
    """CPU seconds of the fits, and of silence, chance and list."""
    from salesanalysis import customers

    rng = np.random.default_rng(0)
    for model, size in (("bg", 1_000_000), ("pareto", 23_570)):
        rate, watched = rng.gamma(0.6, 1 / 60, size), rng.integers(200, 700, size).astype(float)
        stays = np.minimum(rng.exponential(400, size), watched)
        x = rng.poisson(rate * stays)
        last = np.where(x > 0, np.ceil(stays * rng.random(size) ** (1 / np.maximum(x, 1))), 0)
        rows = pd.DataFrame({"account_id": np.arange(size), "repeats": x, "watched_days": watched})
        rows["first_to_last_days"] = np.minimum(last, watched)
        customers.fit_purchasing(rows.head(1_000), model=model)
        took = seconds(lambda m=model, r=rows: customers.fit_purchasing(r, model=m))
        print(f"fit of {size:,} customers, {model}: {took:.2f} CPU s")
    rhythms = made_rhythms(100_000)
    today = rhythms[rhythms["known_on"] == AS_OF].reset_index(drop=True)
    customers.silence(today.head(1_000))
    took = {
        "silence": seconds(lambda: customers.silence(today)),
        "chance of return": seconds(lambda: customers.return_chance(rhythms)),
    }
    told = customers.return_chance(rhythms)
    took["list"] = seconds(lambda: told.alarms(false_share=0.2))
    print(f"100,000 customers on {rhythms['known_on'].nunique()} days:", end=" ")
    print(", ".join(f"{what} {each:.2f}" for what, each in took.items()), "CPU s;", end=" ")
    print(f"together {sum(took.values()):.2f}; {len(told.alarms(false_share=0.2)):,} alarms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        return measured(*given.measure)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.parquet"
        write_lines(path, given.lines)
        for _ in range(given.rounds):
            for what in ("plain", "rhythm"):
                command = [sys.executable, __file__, "--measure", what, os.fspath(path)]
                out = subprocess.run(command, check=True, capture_output=True, text=True)
                print(f"{given.lines:,} lines, {what}: {out.stdout.strip()}")
    fits_and_lists()
    return None


if __name__ == "__main__":
    main()

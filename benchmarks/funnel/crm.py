"""Deals and their stages against other engines: time, memory and growth with the deals.

    python benchmarks/funnel/crm.py [--deals 1000000 10000000] [--rounds 3] [--memory 2GB]

The deal list and stage history of the made-up company in Parquet (``salesanalysis sample``), to one
row per deal × stage reached, with four columns to split by; then everything else that the funnel
report asks of the engine. Every run is a process of its own, so that its peak memory is its own.
``--memory`` is what DuckDB may take for itself. Writes DEALS.md.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from events import alone, peers_python

HERE = Path(__file__).parent
OUT = HERE.parent / "out"
AS_OF, START = "2025-12-31", "2025-09-30"
STAGES = ["T", "S", "D", "C", "B", "A"]
SPLITS = ["source", "region", "team", "owner_id"]
CUTOFF = "2025-12-31 23:59:59.999999"
#: What is timed: the report's reductions one after the other, and the peers' way to the entries.
OWN = ["deals", "entries", "checks", "movements"]
PEERS = {"duckdb": "DuckDB, SQL by hand", "polars": "Polars"}
#: The size up to which the peers take part.
PEERS_UP_TO = 1_000_000


def reductions(folder: Path, memory: str) -> dict:
    """The reductions of the funnel report: seconds of each, and how many rows it gave."""
    import ibis

    from salesanalysis.reduce import funnel

    connection = ibis.duckdb.connect(memory_limit=memory)
    tables = {
        name: connection.read_parquet(folder / f"{name}.parquet", table_name=name)
        for name in ("opportunities", "stage_history")
    }
    watched = {"as_of": AS_OF, "by": SPLITS, "as_categories": True}
    stages = {"stages": STAGES}
    seconds, processor, rows, kept = {}, {}, {}, {}
    for name, ask in {
        "deals": lambda: funnel.deals(**tables, **watched, cohort="quarter"),
        "entries": lambda: funnel.stage_entries(**tables, **watched, **stages, deals=kept["deals"]),
        "checks": lambda: funnel.checks(**tables, **stages, as_of=AS_OF).table,
        "movements": lambda: funnel.movements(**tables, **stages, start=START, end=AS_OF),
    }.items():
        started = time.perf_counter(), time.process_time()
        kept[name] = ask()
        seconds[name] = time.perf_counter() - started[0]
        processor[name] = time.process_time() - started[1]
        rows[name] = len(kept[name])
    advanced = kept["entries"]["result"].eq("advanced").groupby(kept["entries"]["stage"]).sum()
    advanced = advanced[STAGES].astype(int).tolist()
    return {"seconds": seconds, "processor": processor, "rows": rows, "advanced": advanced}


def duckdb(folder: Path, _: str) -> dict:
    """Deals × stages in SQL by hand, as an Arrow table."""
    import duckdb

    place = "CASE stage " + " ".join(f"WHEN '{s}' THEN {n}" for n, s in enumerate(STAGES)) + " END"
    per_stage = ", ".join(
        f"min(entered_at) FILTER (WHERE position >= {n}) AS at_{n},"
        f" sum(next_at - entered_at) FILTER (WHERE position = {n}) AS days_{n},"
        f" count(*) FILTER (WHERE position = {n} AND enters) AS visits_{n}"
        for n in range(len(STAGES))
    )
    last = len(STAGES)

    def of_stage(name: str, stop: int, shift: int = 0) -> str:
        cases = " ".join(f"WHEN {n} THEN {name}_{n + shift}" for n in range(stop))
        return f"CASE p {cases} END"

    query = f"""
        WITH deals AS (
            SELECT opportunity_id, {", ".join(SPLITS)}, amount,
                CASE WHEN closed_at > '{CUTOFF}' THEN 'open' ELSE outcome END AS outcome,
                CASE WHEN closed_at <= '{CUTOFF}' THEN closed_at END AS closed_at
            FROM '{folder}/opportunities.parquet' WHERE created_at <= '{CUTOFF}'),
        moves AS (
            SELECT h.opportunity_id, position, epoch_us(entered_at) AS entered_at,
                coalesce(lead(epoch_us(entered_at)) OVER w,
                    epoch_us(coalesce(closed_at, '{CUTOFF}'))) AS next_at,
                lag(position) OVER w IS DISTINCT FROM position AS enters
            FROM (SELECT opportunity_id, entered_at, {place} AS position
                  FROM '{folder}/stage_history.parquet' WHERE entered_at <= '{CUTOFF}') h
            JOIN deals USING (opportunity_id)
            WHERE position IS NOT NULL
                AND (closed_at IS NULL OR entered_at::DATE <= closed_at::DATE)
            WINDOW w AS (PARTITION BY opportunity_id ORDER BY entered_at, position)),
        paths AS (
            SELECT opportunity_id, max(position) AS furthest, {per_stage}
            FROM moves GROUP BY opportunity_id),
        ends AS (
            SELECT *, epoch_us(closed_at) AS at_{last},
                CASE WHEN outcome = 'won' THEN {last} ELSE furthest END AS reached
            FROM paths JOIN deals USING (opportunity_id))
        SELECT opportunity_id, p AS position, p < reached AS advanced, outcome, amount,
            {", ".join(SPLITS)}, {of_stage("at", last + 1)} AS reached_at,
            CASE WHEN p < reached THEN {of_stage("at", last, 1)}
                ELSE epoch_us(coalesce(closed_at, '{CUTOFF}')) END AS result_at,
            {of_stage("days", last)} AS stage_time, {of_stage("visits", last)} AS visits
        FROM ends, range({last + 1}) AS r(p) WHERE p <= reached ORDER BY opportunity_id, p"""
    started = time.perf_counter(), time.process_time()
    entries = duckdb.execute(query).to_arrow_table()
    spent = _since(*started)
    counts = entries.filter(entries["advanced"])["position"].value_counts().to_pylist()
    counts = [one["counts"] for one in sorted(counts, key=lambda one: one["values"])]
    return {**spent, "advanced": counts}


def polars(folder: Path, _: str) -> dict:
    """The same in Polars."""
    import polars as pl

    cutoff = pl.lit(CUTOFF).str.to_datetime(time_unit="us")
    started = time.perf_counter(), time.process_time()
    known = pl.col("closed_at") <= cutoff
    deals = (
        pl.scan_parquet(folder / "opportunities.parquet")
        .filter(pl.col("created_at") <= cutoff)
        .with_columns(
            outcome=pl.when(pl.col("closed_at") > cutoff).then(pl.lit("open")).otherwise("outcome"),
            closed_at=pl.when(known).then("closed_at"),
        )
        .select("opportunity_id", "outcome", "closed_at", "amount", *SPLITS)
    )
    place = pl.col("stage").replace_strict(STAGES, range(len(STAGES)), return_dtype=pl.Int8)
    follows = pl.col("opportunity_id").shift(-1) == pl.col("opportunity_id")
    moves = (
        pl.scan_parquet(folder / "stage_history.parquet")
        .filter((pl.col("entered_at") <= cutoff) & pl.col("stage").is_in(STAGES))
        .select("opportunity_id", "entered_at", position=place)
        .join(deals.select("opportunity_id", "closed_at"), on="opportunity_id")
        .filter(
            pl.col("closed_at").is_null()
            | (pl.col("entered_at").dt.date() <= pl.col("closed_at").dt.date())
        )
        .sort("opportunity_id", "entered_at", "position")
        .with_columns(
            next_at=pl.when(follows)
            .then(pl.col("entered_at").shift(-1))
            .otherwise(pl.col("closed_at").fill_null(cutoff)),
            enters=(pl.col("opportunity_id") != pl.col("opportunity_id").shift(1)).fill_null(True)
            | (pl.col("position") != pl.col("position").shift(1)).fill_null(True),
        )
    )
    stays = pl.col("next_at") - pl.col("entered_at")
    measures = [pl.col("position").max().alias("furthest")]
    for n in range(len(STAGES)):
        here = pl.col("position") == n
        first = pl.col("entered_at").filter(pl.col("position") >= n).min()
        measures += [first.alias(f"at_{n}"), stays.filter(here).sum().alias(f"days_{n}")]
        measures += [(here & pl.col("enters")).sum().alias(f"visits_{n}")]
    last = len(STAGES)
    ends = (
        moves.group_by("opportunity_id")
        .agg(measures)
        .join(deals, on="opportunity_id")
        .with_columns(
            pl.col("closed_at").alias(f"at_{last}"),
            reached=pl.when(pl.col("outcome") == "won").then(last).otherwise("furthest"),
        )
        .collect()
    )
    columns = ["opportunity_id", "outcome", "amount", *SPLITS]
    stage = [
        ends.lazy()
        .filter(pl.col("reached") >= n)
        .select(
            *columns,
            position=pl.lit(n, pl.Int8),
            advanced=pl.col("reached") > n,
            reached_at=f"at_{n}",
            result_at=pl.when(pl.col("reached") > n)
            .then(f"at_{min(n + 1, last)}")
            .otherwise(pl.col("closed_at").fill_null(cutoff)),
            stage_time=f"days_{n}" if n < last else pl.lit(None, pl.Duration("us")),
            visits=f"visits_{n}" if n < last else pl.lit(None, pl.UInt32),
        )
        for n in range(last + 1)
    ]
    table = pl.concat(stage).sort("opportunity_id", "position").collect()
    spent = _since(*started)
    counts = table.filter("advanced").group_by("position").len().sort("position")
    return {**spent, "advanced": counts["len"].to_list()}


def _since(wall: float, processor: float) -> dict:
    """Seconds since then, on the clock and of the processor."""
    spent = {"seconds": time.perf_counter() - wall, "processor": time.process_time() - processor}
    return {name: {"entries": value} for name, value in spent.items()}


def run(engine: str, deals: int, memory: str) -> dict:
    """One run in a process of its own: seconds, and its peak memory in ``gigabytes``."""
    python = sys.executable if engine == "reductions" else peers_python()
    command = [python, __file__, "--engine", engine, "--deals", str(deals), "--memory", memory]
    return alone(command, f"{engine} on {deals:,} deals")


def measure(deals: int, rounds: int, memory: str) -> dict[str, dict]:
    """Medians of each engine for so many deals, which are made where they are missing."""
    folder = company(deals)
    if not (folder / "stage_history.parquet").exists():
        make = [sys.executable, "-m", "salesanalysis", "sample", "--out", str(folder)]
        make += ["--seed", "1", "--deals", str(deals), "--format", "parquet"]
        subprocess.run(make, check=True)
    engines = ["reductions", *(PEERS if deals <= PEERS_UP_TO else ())]
    runs: dict[str, list] = {engine: [] for engine in engines}
    for _ in range(rounds):
        for engine in engines:
            runs[engine].append(run(engine, deals, memory))
            last = runs[engine][-1]
            seconds = {name: round(value, 2) for name, value in last["seconds"].items()}
            print(f"{deals:>12,} {engine:<10} {last['gigabytes']:5.2f} GB {seconds}", flush=True)
    counts = {engine: found[0]["advanced"] for engine, found in runs.items()}
    if any(found != counts["reductions"] for found in counts.values()):
        raise SystemExit(f"The engines do not agree on {deals:,} deals: {counts}")
    return {
        engine: {
            **{
                kind: {
                    name: statistics.median(one[kind][name] for one in found)
                    for name in found[0][kind]
                }
                for kind in ("seconds", "processor")
            },
            "rows": found[0].get("rows"),
            "gigabytes": max(one["gigabytes"] for one in found),
        }
        for engine, found in runs.items()
    }


def company(deals: int) -> Path:
    return OUT / f"crm_{deals}"


def report(results: dict[int, dict], rounds: int, memory: str) -> str:
    """The results as a page of Markdown."""
    cores = os.cpu_count()
    ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    lines = [
        "# Deals and stages: seconds and memory",
        "",
        "From the deal list and stage history of the made-up company in Parquet to what the funnel"
        f" report takes. Made by `crm.py`: median of {rounds} runs, each a process of its own,"
        " imports not counted. Seconds on the clock, in brackets those of both processors together,"
        " which count where others use the machine too; memory is the peak of the process, of which"
        f" DuckDB may take {memory} for itself.",
        "",
        f"Machine: {platform.machine()}, {cores} shared cores, {ram:.0f} GB of memory,"
        f" {platform.system()}, Python {platform.python_version()}.",
        "",
        "| deals | " + " | ".join(f"`{name}`" for name in OWN) + " | together | peak memory |",
        "| --- |" + " --- |" * (len(OWN) + 2),
    ]
    for deals, found in results.items():
        own = found["reductions"]
        cells = [f"{own['seconds'][n]:.1f} s ({own['processor'][n]:.1f})" for n in OWN]
        whole = [sum(own[kind].values()) for kind in ("seconds", "processor")]
        cells += [f"{whole[0]:.1f} s ({whole[1]:.1f})", f"{own['gigabytes']:.1f} GB"]
        lines.append(f"| {deals:,} | " + " | ".join(cells) + " |")
    for deals, found in results.items():
        if len(found) == 1:
            continue
        own = found["reductions"]["processor"]
        ours = own["deals"] + own["entries"]
        lines += [
            "",
            f"To {found['reductions']['rows']['entries']:,} rows, one per deal × stage reached, of"
            f" {deals:,} deals; all agree on how many advance from each stage.",
            "",
            "| engine | processor seconds, ratio | peak memory |",
            "| --- | --- | --- |",
            f"| this package (`deals` and `entries`) | 1.00 |"
            f" {found['reductions']['gigabytes']:.1f} GB |",
        ]
        for engine, title in PEERS.items():
            ratio = found[engine]["processor"]["entries"] / ours
            lines.append(f"| {title} | {ratio:.2f} | {found[engine]['gigabytes']:.1f} GB |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deals", type=int, nargs="+", default=[10**6, 10**7])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.engine:
        answer = globals()[arguments.engine](company(arguments.deals[0]), arguments.memory)
        print(json.dumps(answer))
    else:
        results = {
            deals: measure(deals, arguments.rounds, arguments.memory) for deals in arguments.deals
        }
        page = report(results, arguments.rounds, arguments.memory)
        (HERE / "DEALS.md").write_text(page, encoding="utf-8")
        print(page)

"""The 5-step funnel of the benchmark by each engine: run as ``peers.py ENGINE FILE``.

Prints one JSON line: seconds from the call to the counts, without imports, and the users at each
step. Every engine counts any start within seven days, as ClickHouse's ``windowFunnel`` does.
"""

import importlib
import json
import sys
import time

STEPS = ["visit", "product", "basket", "checkout", "order"]
DAYS = 7
WINDOW = DAYS * 86_400 * 10**6  # microseconds
NAMES = ", ".join(f"'{step}'" for step in STEPS)
STEP_OF = "CASE event " + " ".join(f"WHEN '{s}' THEN {n}" for n, s in enumerate(STEPS)) + " END"


def salesanalysis(path: str) -> list[int]:
    """This package."""
    from salesanalysis.reduce.funnel import event_funnel

    return event_funnel(path, steps=STEPS, within_days=DAYS)["users"].tolist()


def expression(path: str) -> list[int]:
    """This package's portable expression, on DuckDB."""
    from salesanalysis.reduce.funnel import events

    events._kernel_serves = lambda *_: False
    return events.event_funnel(path, steps=STEPS, within_days=DAYS)["users"].tolist()


def chdb(path: str) -> list[int]:
    """ClickHouse in the process."""
    import chdb

    conditions = ", ".join(f"event = '{step}'" for step in STEPS)
    answer = chdb.query(
        f"""SELECT level, count() FROM (
            SELECT windowFunnel({WINDOW})(toUInt64(toUnixTimestamp64Micro(at)), {conditions}) level
            FROM file('{path}', Parquet) WHERE event IN ({NAMES}) GROUP BY user_id
        ) GROUP BY level"""
    )
    counts = [tuple(map(int, line.split(","))) for line in str(answer).split()]
    return _at_least(counts)


def duckdb_maxima(path: str) -> list[int]:
    """DuckDB, a running maximum for each step."""
    import duckdb

    query = f"""SELECT user_id, epoch_us("at") AS t, {STEP_OF} AS step,
        CASE WHEN event = '{STEPS[0]}' THEN t END AS start_0
        FROM '{path}' WHERE event IN ({NAMES})"""
    for step in range(1, len(STEPS)):
        query = f"""SELECT * EXCLUDE (latest),
            CASE WHEN step = {step} AND latest >= t - {WINDOW} THEN latest END AS start_{step}
            FROM (SELECT *, max(start_{step - 1}) OVER (
                PARTITION BY user_id ORDER BY t, step ROWS UNBOUNDED PRECEDING) AS latest
                FROM ({query}))"""
    levels = ", ".join(f"count(DISTINCT user_id) FILTER (WHERE start_{n} IS NOT NULL)"
                       for n in range(len(STEPS)))  # fmt: skip
    return list(duckdb.sql(f"SELECT {levels} FROM ({query})").fetchone())


def duckdb_asof(path: str) -> list[int]:
    """DuckDB, a chain of ASOF joins."""
    import duckdb

    connection = duckdb.connect()

    def events(step: int) -> str:
        return (
            f"""SELECT user_id, epoch_us("at") AS t FROM '{path}' WHERE event = '{STEPS[step]}'"""
        )

    counts = []
    for step in range(len(STEPS)):
        query = f"SELECT user_id, t, t AS start FROM ({events(0)})"
        if step:
            query = f"""SELECT e.user_id, e.t, p.start FROM ({events(step)}) e
                ASOF JOIN level_{step - 1} p ON e.user_id = p.user_id AND e.t >= p.t
                WHERE e.t - p.start <= {WINDOW}"""
        connection.execute(f"CREATE TEMP TABLE level_{step} AS {query}")
        count = connection.execute(f"SELECT count(DISTINCT user_id) FROM level_{step}").fetchone()
        counts.append(count[0])
    return counts


def polars(path: str) -> list[int]:
    """Polars, a chain of as-of joins."""
    import polars as pl

    log = pl.scan_parquet(path)
    counts, level = [], None
    for step in STEPS:
        events = (
            log.filter(pl.col("event") == step)
            .select("user_id", pl.col("at").dt.timestamp("us").alias("t"))
            .sort("t")
            .collect()
        )
        if level is None:
            level = events.with_columns(start="t")
        else:
            level = events.join_asof(
                level.sort("t"), on="t", by="user_id", check_sortedness=False
            ).filter(pl.col("t") - pl.col("start") <= WINDOW)
        counts.append(level["user_id"].n_unique())
    return counts


def pandas(path: str) -> list[int]:
    """pandas, one user at a time."""
    import pandas as pd

    log = pd.read_parquet(path)
    number = {step: n for n, step in enumerate(STEPS)}
    log["step"] = log["event"].astype("str").map(number)
    log = log.dropna(subset="step").astype({"step": "int64"})
    log["t"] = log["at"].astype("int64")
    log = log.sort_values(["user_id", "t", "step"], kind="stable")

    def level_of(user) -> int:
        starts = [None] * len(STEPS)
        for t, step in zip(user["t"], user["step"], strict=True):
            if step == 0:
                starts[0] = t
            elif starts[step - 1] is not None and t - starts[step - 1] <= WINDOW:
                starts[step] = starts[step - 1]
        return sum(start is not None for start in starts)

    levels = log.groupby("user_id")[["t", "step"]].apply(level_of)
    return _at_least(list(levels.value_counts().items()))


#: What each engine imports, so that it is not timed.
IMPORTS = {
    "salesanalysis": "salesanalysis.reduce.funnel",
    "expression": "salesanalysis.reduce.funnel",
    "duckdb_maxima": "duckdb",
    "duckdb_asof": "duckdb",
}


def _at_least(counts: list[tuple[int, int]]) -> list[int]:
    """Users at each step from users by the last step they reached."""
    return [sum(n for level, n in counts if level >= step) for step in range(1, len(STEPS) + 1)]


if __name__ == "__main__":
    engine, path = sys.argv[1:]
    importlib.import_module(IMPORTS.get(engine, engine))
    begin = time.perf_counter()
    users = globals()[engine](path)
    print(json.dumps({"seconds": time.perf_counter() - begin, "users": users}))

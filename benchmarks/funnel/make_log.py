"""A made-up event log in Parquet, of any size, the same for the same seed.

    python benchmarks/funnel/make_log.py --rows 1000000 --out benchmarks/out/events_1000000.parquet

One user has about 120 events over 90 days. The rows lie in time order, as a log is written. Half of
the events are steps of the funnel, the later steps the rarer.
"""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

#: Events and how often they happen, in per cent; the steps of the funnel first.
EVENTS = {
    "visit": 20, "product": 14, "basket": 8, "checkout": 6, "order": 4,
    "search": 18, "help": 10, "login": 10, "share": 6, "logout": 4,
}  # fmt: skip
STEPS = ["visit", "product", "basket", "checkout", "order"]
DAYS = 90
EVENTS_PER_USER = 120
_ROWS_AT_ONCE = 1 << 20


def write_log(path: Path, *, rows: int, seed: int = 1) -> None:
    """Write the log; memory does not grow with ``rows``."""
    rng = np.random.default_rng(seed)
    users = max(rows // EVENTS_PER_USER, 1)
    start = np.datetime64("2025-01-01", "us").astype(np.int64)
    span = DAYS * 86_400 * 10**6
    names = pa.array(EVENTS)
    limits = np.cumsum(list(EVENTS.values()))
    schema = pa.schema(
        {
            "user_id": pa.int64(),
            "event": pa.dictionary(pa.int8(), pa.string()),
            "at": pa.timestamp("us"),
        }
    )
    partial = path.with_suffix(".partial")
    with pq.ParquetWriter(partial, schema) as writer:
        for first in range(0, rows, _ROWS_AT_ONCE):
            count = min(_ROWS_AT_ONCE, rows - first)
            # Squaring makes some users far busier than others.
            user = (rng.random(count) ** 2 * users).astype(np.int64) * 7919 + 13
            event = np.searchsorted(limits, rng.integers(0, limits[-1], count), side="right")
            # Each block of rows has its own stretch of time, in order.
            at = np.sort(rng.integers(first * span // rows, (first + count) * span // rows, count))
            columns = [
                user,
                pa.DictionaryArray.from_arrays(event.astype(np.int8), names),
                pa.array(start + at).cast(pa.timestamp("us")),
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema), row_group_size=1 << 17)
    partial.replace(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    write_log(arguments.out, rows=arguments.rows, seed=arguments.seed)

"""Duplicates among Chinese company records: how many are found, how fast, against splink.

Run as ``linkage.py [--splink PYTHON]``: PYTHON is that of an environment with
``benchmarks/customers/requirements.txt``. The runs alternate; each is a process of its own that
says its CPU seconds from the records to the pairs, without imports. splink gets the fields cleaned
as ours are; with ``--raw`` as they were written.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

RECORDS, SEED, TURNS = 6_000, 7, 3
FIELDS = (
    "name",
    "registration_code",
    "phone",
    "address",
    "legal_representative",
    "contact",
    "city",
)


def salesanalysis(path: str) -> list:
    """This package: pairs of accounts that become one customer, and those of the map."""
    import pandas as pd

    from salesanalysis.customers import duplicates
    from salesanalysis.reduce.customers import candidate_pairs

    records = pd.read_parquet(path)[["account_id", *FIELDS]]
    candidate_pairs(records.head(2))  # loads the engine, as splink's is loaded below
    begun = time.process_time()
    linkage = duplicates(candidate_pairs(records), records)
    linkage.customers()
    seconds = time.process_time() - begun
    likely = linkage.pairs[linkage.pairs["probability"] >= 0.5]
    return [seconds, likely[["account_id", "other_id"]].values.tolist()]


def splink(path: str, written: str = "clean") -> list:
    """splink on DuckDB, with its own comparisons and the same fields."""
    import duckdb
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection = duckdb.connect()
    columns = ", ".join(f"{f if written == 'raw' else f + '_clean'} AS {f}" for f in FIELDS)
    connection.execute(f"CREATE TABLE records AS SELECT account_id, {columns} FROM '{path}'")
    rules = ["registration_code", "phone", "name", "address", "substr(name, 1, 4)"]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="account_id",
        blocking_rules_to_generate_predictions=[
            *map(block_on, rules),
            block_on("legal_representative", "city"),
        ],
        comparisons=[
            compare.JaroWinklerAtThresholds("name", [0.92, 0.8]).configure(
                term_frequency_adjustments=True
            ),
            compare.LevenshteinAtThresholds("registration_code", 2),
            compare.LevenshteinAtThresholds("phone", 1),
            compare.JaroWinklerAtThresholds("address", [0.92, 0.8]),
            *map(compare.ExactMatch, ("legal_representative", "contact", "city")),
        ],
    )
    begun = time.process_time()
    api = DuckDBAPI(connection)
    linker = Linker(api.register("records"), settings)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("registration_code"), block_on("name", "phone")], recall=0.7
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    training.estimate_parameters_using_expectation_maximisation(block_on("registration_code"))
    training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
    found = linker.inference.predict(threshold_match_probability=0.5).as_record_list()
    seconds = time.process_time() - begun
    return [seconds, [[row["account_id_l"], row["account_id_r"]] for row in found]]


def write_records(path: Path) -> tuple[set[tuple[str, str]], dict[str, str]]:
    """The records as a file, each field also cleaned; pairs of one company; the valid codes."""
    from itertools import combinations

    from salesanalysis.company_fields import cleaned
    from salesanalysis.customers import code_state
    from salesanalysis.datasets.company_records import company_records

    records, truth = company_records(RECORDS, seed=SEED)
    for field in FIELDS:
        clean = [cleaned(field, value) or None for value in records[field]]
        if field == "registration_code":
            clean = [code if code_state(code) == "valid" else None for code in clean]
        records[f"{field}_clean"] = clean
    records.to_parquet(path)
    groups = truth.groupby("customer_id")["account_id"].agg(sorted)
    codes = records.dropna(subset=["registration_code_clean"])
    codes = dict(zip(codes["account_id"], codes["registration_code_clean"], strict=True))
    return {pair for ids in groups for pair in combinations(ids, 2)}, codes


def run(python: str, *arguments: str) -> tuple[float, set[tuple[str, str]]]:
    """CPU seconds and pairs of one run in a process of its own."""
    made = subprocess.run(
        [python, __file__, "--only", *arguments], check=True, capture_output=True, text=True
    )
    seconds, pairs = json.loads(made.stdout.splitlines()[-1])
    return seconds, {tuple(sorted(pair)) for pair in pairs}


def main() -> None:
    """Alternate the runs and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splink", metavar="PYTHON", help="a Python that has splink")
    parser.add_argument("--only", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        name, *rest = given.only
        print(json.dumps(globals()[name](*rest)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.parquet"
        true, codes = write_records(path)
        ways = {"salesanalysis": [sys.executable, "salesanalysis", str(path)]}
        if given.splink:
            ways["splink, cleaned fields"] = [given.splink, "splink", str(path)]
            ways["splink, fields as written"] = [given.splink, "splink", str(path), "raw"]
        runs = {name: [] for name in ways}
        for _ in range(TURNS):
            for name, way in ways.items():
                runs[name].append(run(*way))
    base = median(seconds for seconds, _ in runs["salesanalysis"])
    print("| | precision | recall | F1 | F1 with the veto | CPU s | times |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, made in runs.items():
        seconds, found = median(s for s, _ in made), made[-1][1]
        both = {(a, b) for a, b in found if a in codes and b in codes}
        hits, kept = len(found & true), found - {(a, b) for a, b in both if codes[a] != codes[b]}
        shares = (hits / len(found), hits / len(true), f1(found, true), f1(kept, true))
        figures = " | ".join(f"{share:.4f}" for share in shares)
        print(f"| {name} | {figures} | {seconds:.2f} | {seconds / base:.1f} |")


def f1(found: set, true: set) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * len(found & true) / (len(found) + len(true))


if __name__ == "__main__":
    main()

"""The accounts of the file, and tables of accounts split by what the file says of them."""

import numpy as np
import pandas as pd

from salesanalysis.known import KnownCustomers, frame_of


def kept_file(known: KnownCustomers) -> pd.DataFrame:
    """The file without the accounts that were merged into others."""
    file = frame_of(known, "file", ["account_id"])
    if "merged_into" not in file:
        return file
    away = file["merged_into"].notna() & (file["merged_into"] != file["account_id"])
    return file[~away]


def with_file(known: KnownCustomers, rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Rows of accounts with the columns to split by, those that they lack from the file."""
    lacking = [name for name in by if name not in rows]
    if not lacking:
        return rows
    file = frame_of(known, "file", ["account_id", *lacking])
    once = file.drop_duplicates("account_id")[["account_id", *lacking]]
    return rows.merge(once, "left", on="account_id")


def groups(rows: pd.DataFrame, by: list[str]) -> list[tuple[dict, pd.DataFrame]]:
    """Each group with its values, missing ones last; all in one where nothing splits."""
    if not by:
        return [({}, rows)]
    parts = rows.groupby(by, dropna=False, sort=True, observed=True)
    return [(dict(zip(by, key, strict=True)), part) for key, part in parts]


def rows_of(rows: pd.DataFrame, key: dict) -> np.ndarray:
    """Which rows have the values of a group."""
    inside = np.ones(len(rows), dtype=bool)
    for name, value in key.items():
        inside &= (rows[name].isna() if pd.isna(value) else rows[name].eq(value)).to_numpy(bool)
    return inside

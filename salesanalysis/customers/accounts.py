"""The accounts of the file, and tables of accounts split by what the file says of them."""

import numpy as np
import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.known import KnownCustomers, frame_of, require_single


def require_accounts(file: pd.DataFrame) -> None:
    """Refuse a table that is no customers' file."""
    require_single(file, "`file`")
    require_columns(file.columns, ["account_id"], "`file`")


def unmerged(file: pd.DataFrame) -> pd.DataFrame:
    """The file without the accounts that were merged into others."""
    if "merged_into" not in file:
        return file
    away = file["merged_into"].notna() & (file["merged_into"] != file["account_id"])
    return file[~away.to_numpy(bool)]


def kept_file(known: KnownCustomers) -> pd.DataFrame:
    """The accounts of the file that were kept; none where there is no file."""
    if not len(known.file.columns):
        return pd.DataFrame({"account_id": pd.Series(dtype=str)})
    return unmerged(frame_of(known, "file", ["account_id"])).drop_duplicates("account_id")


def said_of_accounts(known: KnownCustomers, column: str) -> dict[str, object]:
    """What the file says in a column, by account; of nobody where it has no such column."""
    file = kept_file(known)
    if column not in file:
        return {}
    some = file.dropna(subset=["account_id", column])
    return dict(zip(some["account_id"], some[column], strict=True))


def with_file(known: KnownCustomers, rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Rows of accounts with some columns, those that they lack from the file."""
    lacking = [name for name in columns if name not in rows]
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

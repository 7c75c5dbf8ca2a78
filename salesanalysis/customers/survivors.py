"""The best value of each field where a customer has more than one record."""

import numpy as np
import pandas as pd

from salesanalysis.company_fields import cleaned
from salesanalysis.customers.agreement import CODE, distinct_values

#: What a record says of itself and not of the customer.
_OF_THE_RECORD = ("account_id", "merged_into", "verified_at", "verified_by", "collected_by")
_COLUMNS = ["customer_id", "field", "value", "account_id", "verified_at", "not_taken"]


def survivors(file: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """The table of :meth:`salesanalysis.customers.Linkage.survivors`.

    Parameters
    ----------
    file : DataFrame, one row per record
    customers : DataFrame, one row per account
        ``account_id, customer_id``.
    """
    records = file.merge(customers, on="account_id")
    several = records["customer_id"].duplicated(keep=False)
    records = records[several].reset_index(drop=True)
    dated = pd.to_datetime(records["verified_at"]) if "verified_at" in records else pd.NaT
    records = records.assign(verified_at=dated)
    fields = [name for name in sorted(file) if name not in _OF_THE_RECORD]
    parts = [_best(records, name) for name in fields]
    made = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)
    return made.sort_values(["customer_id", "field"], ignore_index=True)[_COLUMNS]


def _best(records: pd.DataFrame, field: str) -> pd.DataFrame:
    rows = records[["customer_id", field, "account_id", "verified_at"]]
    rows = rows.rename(columns={field: "value"}).astype({"value": object})
    rows = rows.assign(
        field=pd.Series(field, index=rows.index, dtype="str"),
        clean=[cleaned(field, value) for value in rows["value"]],
        valid=distinct_values(records, field) >= 0 if field == CODE else True,
        long=[len(str(value)) for value in rows["value"]],
    )
    rows = rows[rows["clean"] != ""]
    same = rows.groupby(["customer_id", "clean"])
    different = rows.groupby("customer_id")["clean"].transform("nunique")
    rows = rows.assign(
        said=same["account_id"].transform("size"),
        not_taken=different.astype(np.int64) - 1,
    )
    best = rows.sort_values(
        ["customer_id", "valid", "verified_at", "said", "long", "account_id"],
        ascending=[True, False, False, False, False, True],
        na_position="last",
    )
    return best.drop_duplicates("customer_id")

"""What is filed under an account that was merged counts for the one that was kept, everywhere."""

import pandas as pd

from salesanalysis import reduce
from salesanalysis.datasets.customers import customers as made_up


def test_a_record_that_was_merged_changes_no_figure_of_the_customer():
    tables = dict(made_up(accounts=60).tables)
    file = tables.pop("customer_file")
    buyer, twin = file["account_id"].iloc[0], "Z1"
    double = file[:1].assign(account_id=twin, merged_into=buyer)
    merged = pd.concat([file.assign(merged_into=None), double], ignore_index=True)
    # Every second row of everything lies under the record that was merged away.
    split = {name: rows.copy() for name, rows in tables.items()}
    for rows in split.values():
        for column in {"account_id", "referred_id"} & set(rows.columns):
            own = rows.index[rows[column] == buyer]
            rows.loc[own[::2], column] = twin
    assert sum((rows == twin).any(axis=None) for rows in split.values()) >= 4
    one, two = (
        reduce.customers.known(side | {"accounts": accounts}, as_of="2025-12-31")
        for side, accounts in ((tables, file), (split, merged))
    )
    assert len(one.standing) == len(one.advocates) == len(file) > 60
    for name, frame in vars(one).items():
        if isinstance(frame, pd.DataFrame) and name != "file" and "account_id" in frame:
            order = list(frame.columns)
            sides = (
                side.sort_values(order, ignore_index=True) for side in (frame, getattr(two, name))
            )
            pd.testing.assert_frame_equal(*sides, obj=name)

"""The page about one customer: what its file, its purchases and what it owes say together."""

import pandas as pd

from salesanalysis.findings import Finding
from salesanalysis.known import KnownCustomers, frame_of


def account_file(known: KnownCustomers) -> pd.DataFrame:
    """The record of one customer, field by field.

    Parameters
    ----------
    known : KnownCustomers
        Of this customer alone.

    Returns
    -------
    DataFrame, one row per field of the file with a value
        ``field, value_text``.

    Examples
    --------
    >>> file = pd.DataFrame({"account_id": ["A"], "city": ["Jinan"], "phone": [None]})
    >>> account_file(KnownCustomers(as_of="2025-01-31", file=file)).to_dict("records")
    [{'field': 'account_id', 'value_text': 'A'}, {'field': 'city', 'value_text': 'Jinan'}]
    """
    file = frame_of(known, "file", ["account_id"])
    rows = file.sort_values("account_id", kind="stable").astype(object)
    values = [
        {"field": name, "value_text": _written(row[name])}
        for row in rows.to_dict("records")
        for name in rows.columns
        if not pd.isna(row[name])
    ]
    return pd.DataFrame(values, columns=["field", "value_text"])


def _written(value: object) -> str:
    """A cell of the file as a text: a day as its date."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return str(value)


def account_findings(known: KnownCustomers, warnings: pd.DataFrame) -> list[Finding]:
    """What there is to say of one customer: its purchases, and how many warnings there are.

    Parameters
    ----------
    known : KnownCustomers
        Of this customer alone.
    warnings : DataFrame
        Those about this customer, as from :func:`all_warnings`.
    """
    rows = frame_of(known, "months", ["amount", "purchases"])
    values = {"purchases": rows["purchases"].sum(), "amount": rows["amount"].sum()}
    return [Finding("account", "bought", values | {"warnings": len(warnings)})]

"""The table of data quality that the checks of every family end in: one row each, worst first."""

from collections.abc import Iterable, Sequence

import pandas as pd

#: How bad it is, worst first. ``high``: figures are wrong until it is mended. ``medium``: figures
#: are biased, or some rows cannot be used. ``low``: worth knowing.
SEVERITIES = ("high", "medium", "low")


def check_row(
    check: str,
    severity: str,
    n,
    hits,
    *,
    counted: str = "rows",
    told: bool = True,
    least_share: float = 0.0,
    amount=None,
    blocks: bool = False,
    suggestion: str | None = None,
) -> dict:
    """One row of the table: what a check is about, how much of that it finds, and what follows.

    Parameters
    ----------
    check, severity : str
        Its name, and one of :data:`SEVERITIES`.
    n, hits : number
        How many things the check is about, and how many of them it finds; missing is none.
    counted : str
        The name of the column of ``hits``.
    told : bool
        False where these data cannot tell: then nothing counts as found.
    least_share : float
        Share from which on it counts as ``found``.
    amount : number, optional
        What the things found are worth; missing where nothing is.
    blocks, suggestion
        What holds if it is found; a suggestion also if it cannot be told.

    Returns
    -------
    dict
        ``check, severity, finding`` (``found``, ``clear``, ``unknown``), ``n``, the column
        ``counted``, ``share, amount, blocks, suggestion``.

    Examples
    --------
    >>> row = check_row("no_amount", "medium", 8, 2, amount=30)
    >>> row["finding"], row["rows"], row["share"], row["amount"]
    ('found', 2, 0.25, 30.0)
    """
    n = int(n) if pd.notna(n) else 0
    hits = int(hits) if told and pd.notna(hits) else 0
    found = hits > 0 and hits >= least_share * n
    return {
        "check": check,
        "severity": severity,
        "finding": "found" if found else "clear" if told else "unknown",
        "n": n,
        counted: hits,
        "share": hits / n if n and told else float("nan"),
        "amount": float(amount) if hits and pd.notna(amount) else float("nan"),
        "blocks": found and blocks,
        "suggestion": suggestion if found or not told else None,
    }


def check_table(rows: Iterable[dict], *, columns: Sequence[str]) -> pd.DataFrame:
    """The rows as a table of these columns, ``suggestion`` the last; worst first, else as given.

    Examples
    --------
    >>> rows = [check_row("doubtful", "low", 8, 1), check_row("wrong", "high", 8, 0)]
    >>> check_table(rows, columns=["check", "severity", "n", "rows", "suggestion"])
          check severity  n  rows suggestion
    0     wrong     high  8     0       None
    1  doubtful      low  8     1       None
    """
    ordered = sorted(rows, key=lambda row: SEVERITIES.index(row["severity"]))
    table = pd.DataFrame(ordered, columns=list(columns))
    # As a column of text, which pandas would make of it, it would hold NaN in place of None.
    table["suggestion"] = pd.Series([row["suggestion"] for row in ordered], dtype=object)
    return table

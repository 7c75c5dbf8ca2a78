"""What changed in the customers' file, what changed together, and what in it looks false."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from salesanalysis.company_fields import cleaned
from salesanalysis.customers.accounts import kept_file, require_accounts, unmerged
from salesanalysis.customers.credit_code import VALID, cleaned_code, code_state
from salesanalysis.customers.file import is_filled
from salesanalysis.errors import SalesAnalysisError, require_number
from salesanalysis.known import KnownCustomers, frame_of
from salesanalysis.periods import Day, end_of

#: What a field tells of; a change of any other is of the kind ``other``.
KINDS: Mapping[str, tuple[str, ...]] = {
    "representative": ("legal_representative", "name", "registration_code"),
    "credit": ("credit_limit", "payment_terms_days", "rating"),
    "address": ("address", "city", "phone", "contact"),
    "product": ("main_products", "category", "monthly_sales"),
    "owner": ("owner_id", "class", "sales_area"),
}
#: Kinds that, changed together, are a sign of false data: it may be another company by now.
_TAKEN_OVER = ("representative", "address", "credit")
#: How much each kind weighs in the order of the changes.
_WEIGHTS = {"representative": 3, "credit": 3, "address": 2, "product": 2, "owner": 1, "other": 1}
#: What different companies do not share, and the signal where they do.
_SHARED = {"phone": "shared_phone", "address": "shared_address"}
_CHANGES = ["account_id", "field", "old", "new", "changed_at", "changed_by"]


def compared_files(earlier: pd.DataFrame, later: pd.DataFrame, *, changed_at: Day) -> pd.DataFrame:
    """What changed between two dated copies of the file, as a log of changes would say it.

    Parameters
    ----------
    earlier, later : DataFrame, one row per account
        Two copies; columns that only one of them has are not compared, nor accounts that only one
        has.
    changed_at : str, date or timestamp
        The day of the later copy, on which all is taken to have changed.

    Returns
    -------
    DataFrame, one row per account × field changed, by both
        ``account_id, field, old, new, changed_at, changed_by`` (missing: a copy does not say it).

    Examples
    --------
    >>> file = pd.DataFrame({"account_id": ["A", "B"], "credit_limit": [100.0, 50.0]})
    >>> later = file.assign(credit_limit=[500.0, 50.0])
    >>> compared_files(file, later, changed_at="2025-06-30")[["account_id", "field", "old", "new"]]
      account_id         field    old    new
    0          A  credit_limit  100.0  500.0
    """
    copies = []
    for name, copy in (("earlier", earlier), ("later", later)):
        require_accounts(copy)
        twice = copy["account_id"].duplicated()
        if twice.any():
            raise SalesAnalysisError(
                f"`{name}` has the account {copy.loc[twice, 'account_id'].iloc[0]!r} twice;"
                " expected one row per account."
            )
        copies.append(copy.set_index("account_id"))
    both = sorted(copies[0].index.intersection(copies[1].index))
    fields = sorted(set(copies[0].columns) & set(copies[1].columns))
    parts = [
        pd.DataFrame(
            {"account_id": both, "field": field}
            | {
                word: copy.loc[both, field].map(_word).to_numpy()
                for word, copy in zip(("old", "new"), copies, strict=True)
            }
        )
        for field in fields
    ]
    empty = pd.DataFrame(
        {name: pd.Series(dtype=object) for name in ("account_id", "field", "old", "new")}
    )
    table = pd.concat(parts, ignore_index=True) if parts else empty
    changed = table[~_same(table["old"], table["new"])]
    table = changed.assign(changed_at=end_of(changed_at).normalize(), changed_by=None)
    return table.sort_values(["account_id", "field"], ignore_index=True)[_CHANGES]


def _word(value: object) -> str | None:
    """A value as a log of changes has it."""
    if pd.isna(value):
        return None
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value).strip() or None


def _same(old: pd.Series, new: pd.Series) -> np.ndarray:
    """Whether two columns of words mean the same: 100 and 100.0, blanks and case aside."""

    def plain(words: pd.Series) -> pd.Series:
        text = words.astype("string").str.strip().str.lower().fillna("")
        # By its digits alone: a long code or a telephone number is no number to compute with.
        text = text.str.replace(r"^(-?\d+\.\d*?)0+$", r"\1", regex=True)
        return text.str.replace(r"\.$", "", regex=True)

    return (plain(old) == plain(new)).to_numpy(bool)


def file_changes(
    known: KnownCustomers, *, within_days: int = 30, recent_days: int | None = None
) -> pd.DataFrame:
    """What changed in the file, by account and by what changed together, the gravest first.

    A field that was empty and is filled has not changed: the file was completed.

    Parameters
    ----------
    known : KnownCustomers
        With ``changes``; ``file`` for who has checked it since.
    within_days : int
        What changes within so many days of the first change belongs together.
    recent_days : int, optional
        Only what changed in so many days up to the day; all where not given.

    Returns
    -------
    DataFrame, one row per account × changes that came together
        ``account_id, owner_id`` (where the file has it), ``changed_kinds`` (representative, credit,
        address, product, owner, other), ``fields``, ``changes`` (how many), ``since`` (the first of
        them), ``last_changed_at``, ``details`` (field: old → new), ``taken_over`` (representative,
        address and credit together: it may be another company), ``unverified`` (nobody has checked
        the file since), ``gravity``.

    Examples
    --------
    >>> changes = pd.DataFrame({
    ...     "account_id": ["A", "A", "B"], "field": ["legal_representative", "address", "phone"],
    ...     "old": ["Li", "1 Old Road", None], "new": ["Wu", "2 New Road", "5551234"],
    ...     "changed_at": pd.to_datetime(["2025-06-01", "2025-06-10", "2025-06-10"]),
    ...     "changed_by": "R1"})
    >>> table = file_changes(KnownCustomers(as_of="2025-06-30", changes=changes))
    >>> table[["account_id", "changed_kinds", "changes", "taken_over", "gravity"]]
      account_id            changed_kinds  changes  taken_over  gravity
    0          A  representative, address        2       False       10
    """
    within_days = require_number("within_days", within_days, low=1, whole=True)
    rows = frame_of(known, "changes", _CHANGES)
    real = is_filled(rows["old"]) & ~_same(rows["old"], rows["new"])
    rows = rows[real].sort_values(["account_id", "changed_at", "field", "new"], kind="stable")
    if recent_days is not None:
        require_number("recent_days", recent_days, low=1, whole=True)
        rows = rows[rows["changed_at"] > known.as_of - pd.Timedelta(days=recent_days)]
    of_field = {field: kind for kind, fields in KINDS.items() for field in fields}
    rows = rows.assign(
        kind=rows["field"].map(of_field).fillna("other"), episode=_episodes(rows, within_days)
    )
    found = [_episode(part) for _, part in rows.groupby(["account_id", "episode"])]
    columns = ["account_id", "changed_kinds", "fields", "changes", "since", "last_changed_at"]
    columns += ["details", "taken_over", "gravity"]
    table = pd.DataFrame(found, columns=columns)
    file = kept_file(known)
    who = [name for name in ("account_id", "owner_id") if name in file]
    told = [*who, "verified_at"] if "verified_at" in file else who
    table = table.merge(file[told].astype({"account_id": object}), "left", on="account_id")
    checked = table["verified_at"] if "verified_at" in table else pd.NaT
    table["unverified"] = ~(checked >= pd.to_datetime(table["last_changed_at"]))
    table = table.sort_values(
        ["gravity", "last_changed_at", "account_id"], ascending=[False, False, True]
    )
    shown = [*columns[1:-1], "unverified", "gravity"]
    return table[[*who, *shown]].reset_index(drop=True).astype({"taken_over": bool})


def _episodes(rows: pd.DataFrame, within_days: int) -> list[int]:
    """Numbers of what belongs together: what comes within some days of the first change of it."""
    numbers, account, begin, number = [], None, None, 0
    for each, at in zip(rows["account_id"], rows["changed_at"], strict=True):
        if each != account or at > begin + pd.Timedelta(days=within_days):
            account, begin, number = each, at, number + 1
        numbers.append(number)
    return numbers


def _episode(part: pd.DataFrame) -> dict:
    """What changed together, as one row."""
    kinds = [kind for kind in _WEIGHTS if kind in set(part["kind"])]
    changed = part.fillna({"new": "–"})
    details = [f"{row.field}: {row.old} → {row.new}" for row in changed.itertuples()]
    return {
        "account_id": part["account_id"].iloc[0],
        "changed_kinds": ", ".join(kinds),
        "fields": ", ".join(dict.fromkeys(part["field"])),
        "changes": len(part),
        "since": part["changed_at"].min(),
        "last_changed_at": part["changed_at"].max(),
        "details": "; ".join(details),
        "taken_over": set(_TAKEN_OVER) <= set(kinds),
        # What comes together weighs more than the same one by one.
        "gravity": sum(_WEIGHTS[kind] for kind in kinds) * len(kinds),
    }


def false_signals(
    known: KnownCustomers, *, within_days: int = 30, new_days: int = 90, near_limit: float = 0.9
) -> pd.DataFrame:
    """What in the file looks false: a reason to look, never a proof.

    Parameters
    ----------
    known : KnownCustomers
        With ``file``; ``changes``, ``invoices`` and ``open_items`` as far as known.
    within_days : int
        As for :func:`file_changes`.
    new_days : int
        A customer is new for so many days from its first invoice.
    near_limit : float
        A first invoice of this share of the limit or more is near it.

    Returns
    -------
    DataFrame, one row per account × signal, what has most money at stake first
        ``account_id``, ``signal`` (``code_wrong``: no company has that code; ``shared_phone``,
        ``shared_address``: one of several different valid codes; ``first_near_limit``: a new
        customer whose first invoice comes near its limit; ``taken_over``: representative, address
        and credit changed together), ``signal_value`` (the code, phone, address, amount, changes),
        ``shared_with`` (the other accounts), ``since`` (where a day is known), ``unpaid_amount``.

    Examples
    --------
    >>> file = pd.DataFrame({
    ...     "account_id": ["A", "B"], "phone": ["021-555 1234", "0215551234"],
    ...     "registration_code": ["91350100M000100Y43", "91350100M000100Y4Z"]})
    >>> false_signals(KnownCustomers(as_of="2025-06-30", file=file))[["account_id", "signal"]]
      account_id      signal
    0          B  code_wrong
    """
    require_number("near_limit", near_limit, over=0, high=1)
    new_days = require_number("new_days", new_days, low=1, whole=True)
    file = unmerged(frame_of(known, "file", ["account_id"]))
    parts = [_wrong_codes(file), *(_shared(file, field) for field in _SHARED)]
    if len(known.invoices.columns) and "credit_limit" in file:
        parts.append(_first_near_limit(known, file, new_days, near_limit))
    if len(known.changes.columns):
        changed = file_changes(known, within_days=within_days)
        changed = changed[changed["taken_over"]]
        parts.append(
            changed.assign(signal="taken_over", signal_value=changed["details"], shared_with="")
        )
    columns = ["account_id", "signal", "signal_value", "shared_with", "since"]
    empty = {name: pd.Series(dtype=object) for name in columns[:4]}
    empty["since"] = pd.Series(dtype="datetime64[us]")
    parts = [part.reindex(columns=columns).astype({"since": "datetime64[us]"}) for part in parts]
    parts = [part for part in parts if len(part)] or [pd.DataFrame(empty)]
    table = pd.concat(parts, ignore_index=True)
    owed = pd.Series(dtype=float)
    if len(known.open_items.columns):
        items = frame_of(known, "open_items", ["account_id", "unpaid_amount"])
        owed = items.groupby("account_id")["unpaid_amount"].sum()
    table["unpaid_amount"] = table["account_id"].map(owed).astype(float).fillna(0.0)
    return table.sort_values(
        ["unpaid_amount", "account_id", "signal", "signal_value"],
        ascending=[False, True, True, True],
    ).reset_index(drop=True)


def _wrong_codes(file: pd.DataFrame) -> pd.DataFrame:
    """The accounts whose code no company can have."""
    if "registration_code" not in file:
        return pd.DataFrame()
    state = file["registration_code"].map(code_state)
    wrong = file[(state == "invalid").to_numpy() & is_filled(file["registration_code"])]
    found = wrong["registration_code"]
    return wrong.assign(signal="code_wrong", signal_value=found, shared_with="", since=pd.NaT)


def _shared(file: pd.DataFrame, field: str) -> pd.DataFrame:
    """The accounts with one phone or address and different valid codes."""
    if field not in file or "registration_code" not in file:
        return pd.DataFrame()
    state = file["registration_code"].map(code_state)
    rows = file[(state == VALID).to_numpy() & is_filled(file[field])]
    plain = rows[field].map(partial(cleaned, field))
    if field == "address" and "city" in rows:
        # The same street and number are another address in another city.
        plain = plain + rows["city"].map(partial(cleaned, "city"))
    rows = rows.assign(plain=plain, code=rows["registration_code"].map(cleaned_code))
    several = rows.groupby("plain")["code"].transform("nunique") > 1
    rows = rows[several.to_numpy(bool) & (rows["plain"] != "").to_numpy(bool)]
    together = rows.groupby("plain")["account_id"].agg(sorted)
    others = [
        ", ".join(str(other) for other in together[plain] if other != account)
        for account, plain in zip(rows["account_id"], rows["plain"], strict=True)
    ]
    found = rows[field].astype(str)
    return rows.assign(signal=_SHARED[field], signal_value=found, shared_with=others, since=pd.NaT)


def _first_near_limit(
    known: KnownCustomers, file: pd.DataFrame, new_days: int, near_limit: float
) -> pd.DataFrame:
    """New customers whose first invoice comes near their limit."""
    rows = frame_of(known, "invoices", ["account_id", "kind", "issued_at", "amount"])
    rows = rows[rows["kind"] == "invoice"].sort_values(["issued_at", "amount"])
    first = rows.drop_duplicates("account_id").set_index("account_id")
    recent = first[first["issued_at"] > known.as_of - pd.Timedelta(days=new_days)]
    table = file.drop_duplicates("account_id")[["account_id", "credit_limit"]]
    table = table.merge(recent, on="account_id")
    near = (table["credit_limit"] > 0) & (table["amount"] >= near_limit * table["credit_limit"])
    table = table[near.to_numpy(bool)]
    found = table["amount"].map("{:.2f}".format)
    return table.assign(
        signal="first_near_limit", signal_value=found, shared_with="", since=table["issued_at"]
    )

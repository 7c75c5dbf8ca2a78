"""Records of companies, and those that are there more than once."""

import re

import numpy as np
import pandas as pd

from salesanalysis.company_fields import CODE_CHARACTERS
from salesanalysis.datasets.company_records import words as w
from salesanalysis.datasets.company_records.again import entered_again
from salesanalysis.datasets.company_records.companies import (
    DRAWS,
    cities_of,
    details_of,
    is_chinese,
    names_of,
)
from salesanalysis.datasets.company_records.hand import Hand
from salesanalysis.datasets.model import stream
from salesanalysis.errors import require_number

#: So many of the accounts get a code that cannot be one.
INVALID_CODES = 3
#: Share of the companies that have a sister, where the neighbour's name allows for one.
SISTERS = 0.06
#: Fields that were never filled in, as shares of the companies.
NEVER_FILLED = {"registration_code": 0.08, "phone": 0.06, "legal_representative": 0.05}


def company_records(
    number: int, *, seed: int = 7, chinese: float = 1.0, share: float = 0.18
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Records of companies, in the columns of the table ``accounts``, and which of them are one.

    Parameters
    ----------
    number : int
        Records in all.
    seed : int
        The same arguments give the same records.
    chinese : float
        Share of the companies with Chinese records; the others have English ones.
    share : float
        Records of companies that are there already, for each company.

    Returns
    -------
    records : DataFrame, one row per record, in mixed order
        ``account_id, name, registration_code, legal_representative, contact, phone, address,
        city``; what was never filled in is missing.
    truth : DataFrame, one row per record
        As of :func:`with_duplicates`.

    Examples
    --------
    >>> records, truth = company_records(120)
    >>> len(records), truth["customer_id"].nunique()
    (120, 102)
    """
    number = require_number("number", number, low=10, whole=True)
    share = float(require_number("share", share, low=0, high=1))
    companies = number - round(number * share / (1 + share))
    luck = stream(seed, "records")
    is_chinese = luck.random(companies) < chinese
    ids = pd.Series([f"A{n:07d}" for n in range(1, companies + 1)], dtype="str")
    cities = cities_of(is_chinese, luck)
    names = names_of(is_chinese, cities, luck)
    accounts = pd.DataFrame({"account_id": ids, "name": names})
    accounts = accounts.join(details_of(is_chinese, cities, luck))
    for field, chance in NEVER_FILLED.items():
        accounts[field] = accounts[field].where(luck.random(companies) >= chance)
    records, truth = with_duplicates(accounts, luck, share=(number - companies) / companies)
    mixed = np.argsort(luck.random(number), kind="stable")
    return tuple(table.iloc[mixed].reset_index(drop=True) for table in (records, truth))


def with_duplicates(
    accounts: pd.DataFrame,
    luck: np.random.Generator,
    share: float = 0.08,
    *,
    first_id: str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The accounts, some of which are entered again under new ids, and the truth about them.

    Among the accounts some become sisters of the one before: its address, telephone and own part
    of the name, with a code of its own. Three codes become invalid ones.

    Parameters
    ----------
    accounts : DataFrame, one row per company
        ``account_id, name``, and of ``registration_code, legal_representative, contact, phone,
        address, city`` those that there are; all other columns are kept.
    luck : Generator
        As from :func:`salesanalysis.datasets.model.stream`.
    share : float
        New records for each account.
    first_id : str, optional
        The id of the first new record, from which the others go on; else the one after the last.

    Returns
    -------
    records : DataFrame
        The accounts in their order, then the new records, with the columns of ``accounts``.
    truth : DataFrame, one row per record in the same order
        ``account_id, customer_id`` (the account that the record is of: its own id, but for the new
        ones), ``sister_of`` (missing but for sisters), ``invalid_code``: whether the code was made
        an invalid one on purpose.

    Examples
    --------
    >>> from salesanalysis.datasets.company_records import company_details
    >>> from salesanalysis.datasets.words import company_names
    >>> accounts = pd.DataFrame({"account_id": [f"C{n:03d}" for n in range(1, 51)]})
    >>> accounts["name"] = company_names(np.arange(50), np.arange(50) % 2 == 0)
    >>> chinese = np.arange(50) % 2 == 0
    >>> accounts = accounts.join(company_details(chinese, stream(7, "records")))
    >>> records, truth = with_duplicates(accounts, stream(7, "records"))
    >>> len(records), truth["customer_id"].tolist()[50:]
    (54, ['C035', 'C047', 'C031', 'C041'])
    """
    accounts = accounts.reset_index(drop=True)
    accounts, sister_of = _with_sisters(accounts, luck)
    of = (luck.random(round(len(accounts) * share)) * len(accounts)).astype(int)
    again = [
        entered_again(row, Hand(draws))
        for row, draws in zip(
            accounts.iloc[of].to_dict("records"),
            luck.random((len(of), DRAWS)).tolist(),
            strict=True,
        )
    ]
    ids = _further_ids(first_id or _after(accounts["account_id"].tolist()), len(of))
    new = pd.DataFrame(again, columns=accounts.columns).assign(account_id=ids)
    truth = pd.DataFrame(
        {
            "account_id": [*accounts["account_id"], *ids],
            "customer_id": [*accounts["account_id"], *accounts["account_id"].iloc[of]],
            "sister_of": pd.Series([*sister_of, *[None] * len(of)], dtype="str"),
        }
    )
    accounts, invalid = _with_invalid_codes(accounts, luck)
    new = new.astype(accounts.dtypes)
    records = pd.concat([accounts, new], ignore_index=True) if len(new) else accounts
    return records, truth.assign(invalid_code=truth["account_id"].isin(invalid))


def _after(ids: list[str]) -> str:
    """The id after the last: ``C0401`` after ``C0400``."""
    return _further_ids(max(ids, key=lambda one: (len(one), one)), 2)[1]


def _further_ids(first: str, number: int) -> list[str]:
    """Ids from the first one on: ``C0401``, ``C0402``, …"""
    digits = re.search(r"\d*$", first).group()
    prefix = first[: len(first) - len(digits)]
    return [f"{prefix}{int(digits or 0) + n:0{len(digits)}d}" for n in range(number)]


def _with_sisters(
    accounts: pd.DataFrame, luck: np.random.Generator
) -> tuple[pd.DataFrame, list[str | None]]:
    """Some accounts move in with the one before, whose owner has founded a second company."""
    rows = accounts.to_dict("records")
    sister_of: list[str | None] = [None] * len(rows)
    draws = luck.random((len(rows), 2)).tolist()
    taken = set(accounts["name"])
    for at in range(1, len(rows)):
        before, here = rows[at - 1], rows[at]
        hand = Hand(draws[at])
        trade = _trade_of(before["name"])
        kin = trade and is_chinese(before["name"]) == is_chinese(here["name"])
        if not hand.slips(SISTERS) or not kin or sister_of[at - 1]:
            continue
        trades = w.TRADES_ZH if is_chinese(before["name"]) else w.TRADES_EN
        name = before["name"].replace(trade, hand.one_of([t for t in trades if t != trade]))
        if name in taken:
            continue
        taken.add(name)
        shared = {"legal_representative", "phone", "address", "city"} & set(here)
        rows[at] = here | {field: before[field] for field in shared} | {"name": name}
        sister_of[at] = before["account_id"]
    return pd.DataFrame(rows, columns=accounts.columns).astype(accounts.dtypes), sister_of


def _trade_of(name: str) -> str | None:
    """The last word of a name that says what the company deals in."""
    trades = w.TRADES_ZH if is_chinese(name) else w.TRADES_EN
    return max((t for t in trades if t in name), key=name.rfind, default=None)


def _with_invalid_codes(
    accounts: pd.DataFrame, luck: np.random.Generator
) -> tuple[pd.DataFrame, list[str]]:
    """Codes whose last sign is the next one: in form they are codes, and yet cannot be any."""
    order = np.argsort(luck.random(len(accounts)), kind="stable").tolist()
    if "registration_code" not in accounts:
        return accounts, []
    codes = accounts["registration_code"].astype(object).tolist()
    picked = [at for at in order if isinstance(codes[at], str)][:INVALID_CODES]
    for at in picked:
        last = CODE_CHARACTERS.index(codes[at][-1])
        codes[at] = codes[at][:-1] + CODE_CHARACTERS[(last + 1) % 31]
    changed = accounts.assign(registration_code=pd.Series(codes, dtype="str"))
    return changed, accounts["account_id"].iloc[picked].tolist()

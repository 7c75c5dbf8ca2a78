"""How far two records of a file agree, field by field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.company_fields import cleaned
from salesanalysis.customers.credit_code import OLD_NUMBER, VALID, code_state

#: How far two values agree, from what says nothing to what says most.
AGREEMENTS = ("missing", "other", "near", "close", "equal")
EQUAL = len(AGREEMENTS) - 1
#: Share of their signs and pairs of signs from which two values are near and close.
_NEAR, _CLOSE = 0.5, 0.7
CODE = "registration_code"
#: 恒信（上海）电子 is written for 上海恒信电子, and no two names are told apart by that.
_NAMES = ("name", "legal_representative", "contact")
#: Signs and pairs of signs of a value are hashed to so many bits.
_BITS = 256
_CHUNK = 20_000
#: Of a longer value only so many signs are compared.
_LONGEST = 120
#: A file is part of a world in which values are rarer than in ten records: so many others have none
#: of them.
_ELSEWHERE = 10_000
#: So many pairs stand for all in which nothing was looked for.
_RANDOM_PAIRS = 100_000


@dataclass(frozen=True, eq=False)
class Agreed:
    """Pairs by what agrees in them.

    Attributes
    ----------
    level : ndarray, pairs × fields
        Places in :data:`AGREEMENTS`.
    common : ndarray, pairs × fields
        Share of the records with the value of the first one.
    """

    level: np.ndarray
    common: np.ndarray


@dataclass(frozen=True, eq=False)
class Values:
    """One field of all records.

    Attributes
    ----------
    value : ndarray of int
        Number of each record's value among the different cleaned ones; −1 where it is missing.
    same : ndarray of int
        For each value, a number that equal ones share; names may differ in the order of signs.
    kind : ndarray of int
        For each value; those of two kinds cannot be compared.
    grams : ndarray
        For each value, its signs and pairs of signs as bits.
    share : ndarray of float
        For each value, the share of other records that have it.
    """

    value: np.ndarray
    same: np.ndarray
    kind: np.ndarray
    grams: np.ndarray
    share: np.ndarray

    def agreement(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """How far pairs of records agree, as places in :data:`AGREEMENTS`."""
        a, b = self.value[one], self.value[other]
        level = np.zeros(len(a), np.int8)
        there = np.flatnonzero((a >= 0) & (b >= 0))
        a, b = a[there], b[there]
        there, a, b = (each[self.kind[a] == self.kind[b]] for each in (there, a, b))
        alike = _dice(self.grams[a], self.grams[b])
        level[there] = 1 + (alike >= _NEAR) + (alike >= _CLOSE)
        level[there[self.same[a] == self.same[b]]] = EQUAL
        return level

    def shares(self, one: np.ndarray) -> np.ndarray:
        """The share of the records that have the value which each of these has."""
        at = self.value[one]
        return np.where(at >= 0, self.share[at] if len(self.share) else 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Compared:
    """The fields of a file, sorted by account, of which any two records can be compared.

    Attributes
    ----------
    fields, values
        The names and what is there.
    distinct : dict of name to ndarray
        For the fields of the veto, as from :func:`distinct_values`.
    position : Series
        The place of each account.
    """

    fields: tuple[str, ...]
    values: tuple[Values, ...]
    distinct: dict[str, np.ndarray]
    position: pd.Series

    def places(self, ids: pd.Series) -> np.ndarray:
        """The places of accounts."""
        return self.position[ids].to_numpy(int)

    def agreed(self, one: np.ndarray, other: np.ndarray) -> Agreed:
        """What agrees in pairs of records at these places."""
        shape = (len(one), len(self.fields))
        level = [each.agreement(one, other) for each in self.values]
        common = [each.shares(one) for each in self.values]
        return Agreed(*(np.array(part).T.reshape(shape) for part in (level, common)))

    def proved(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """−1 where different values prove that they are two, 1 where some are the same, else 0."""
        found = np.zeros(len(one), int)
        for values in self.distinct.values():
            a, b = values[one], values[other]
            both = (a >= 0) & (b >= 0)
            found = np.where(both & ((a != b) | (found < 0)), -1, np.where(both, 1, found))
        return found


def compared_fields(file: pd.DataFrame, fields: Sequence[str], veto: Sequence[str]) -> Compared:
    """The fields of a file, and those of the veto that it has."""
    return Compared(
        fields=tuple(fields),
        values=tuple(values_of(file, name) for name in fields),
        distinct={name: distinct_values(file, name) for name in sorted(veto) if name in file},
        position=pd.Series(range(len(file)), index=file["account_id"], dtype="int64"),
    )


def values_of(file: pd.DataFrame, field: str) -> Values:
    """A field of a file, cleaned."""
    clean, words = _numbered(file[field], lambda value: cleaned(field, value))
    order_free = [_mixed(word) if field in _NAMES else word for word in words]
    same = pd.factorize(np.array([*order_free, ""], object))[0][:-1]
    kind = np.zeros(len(words), int)
    if field == CODE:
        # A company has an old number of 15 digits beside its code: they do not contradict.
        kind = np.array([int(code_state(word) == OLD_NUMBER) for word in words], int)
    others = np.bincount(same[clean[clean >= 0]], minlength=len(words))[same] - 1
    return Values(clean, same, kind, _grams(words), others / (len(file) + _ELSEWHERE))


def distinct_values(file: pd.DataFrame, field: str) -> np.ndarray:
    """Numbers of the values by which two records exclude each other; −1 where it says nothing.

    Of the registration codes only those that are valid do: any other may be a slip.
    """
    if field == CODE:
        return _numbered(file[field], lambda value: _valid(cleaned(field, value)))[0]
    return _numbered(file[field], lambda value: cleaned(field, value))[0]


def _valid(code: str) -> str:
    return code if code_state(code) == VALID else ""


def _mixed(word: str) -> str:
    return "".join(sorted(word))


def _numbered(column: pd.Series, clean: Callable[[object], str]) -> tuple[np.ndarray, list[str]]:
    """The number of each cleaned value, and these values; −1 where nothing is left."""
    codes, raw = pd.factorize(column)
    words = np.array([*map(clean, raw), ""], object)
    numbers, words = pd.factorize(np.where(words == "", None, words))
    return numbers[codes], list(words)


def _grams(words: Sequence[str]) -> np.ndarray:
    """The signs and pairs of neighbouring signs of each word, its ends among them, as bits."""
    parts = [_chunk_of_grams(words[at : at + _CHUNK]) for at in range(0, len(words), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros((0, _BITS // 64), np.uint64)


def _chunk_of_grams(words: Sequence[str]) -> np.ndarray:
    text = np.array([f"\x02{word[:_LONGEST]}\x03" for word in words])
    signs = text.view(np.uint32).reshape(len(text), -1).astype(np.uint64)
    found = np.zeros((len(text), _BITS), bool)
    rows = np.broadcast_to(np.arange(len(text))[:, None], signs.shape)
    pairs = signs[:, :-1] * np.uint64(0x9E3779B1) + signs[:, 1:] * np.uint64(0x85EBCA77)
    for hashed, there in ((signs + np.uint64(77), signs > 3), (pairs, signs[:, 1:] > 0)):
        bit = ((hashed * np.uint64(0xC2B2AE3D27D4EB4F)) >> np.uint64(56)).astype(np.int64)
        found[rows[:, : bit.shape[1]][there], bit[there]] = True
    return np.packbits(found, axis=1).view(np.uint64)


def _dice(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of what two values have, the share that both have."""
    both, first, second = (
        np.bitwise_count(bits).sum(axis=1, dtype=np.int64) for bits in (one & other, one, other)
    )
    return 2 * both / np.maximum(first + second, 1)


def random_pairs(records: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of records that nothing has brought together; all of them where they are few."""
    if records * (records - 1) // 2 <= _RANDOM_PAIRS:
        return np.triu_indices(records, 1)
    one = np.arange(records)
    turns = np.arange(1, max(2, _RANDOM_PAIRS // records) + 1)
    # Steps of the golden section lie evenly, and none is the step to a neighbour.
    steps = 1 + (turns * 0.618_033_988_75 % 1 * (records - 1)).astype(int)
    pairs = [(one, (one + step) % records) for step in steps]
    return np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs])

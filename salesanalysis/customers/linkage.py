"""Which records of the customers' file are one customer, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.company_fields import compared, final_accounts
from salesanalysis.customers.agreement import (
    AGREEMENTS,
    CODE,
    Compared,
    compared_fields,
    random_pairs,
)
from salesanalysis.customers.clusters import CUSTOMER, Clusters
from salesanalysis.customers.match_weights import MatchWeights, fitted
from salesanalysis.customers.survivors import survivors
from salesanalysis.errors import SalesAnalysisError, require_columns, require_number
from salesanalysis.known import require_single

_WORDS = np.array(AGREEMENTS, object)
#: From this probability on two records are one customer; from .9 on hardly any pair is a false one.
LEVEL = 0.5
_PAIR = ["account_id", "other_id"]


@dataclass(frozen=True, eq=False, repr=False)
class Linkage:
    """Which records are one customer; made by :func:`duplicates`.

    Attributes
    ----------
    pairs : DataFrame, one row per pair compared, the most probable first
        ``account_id, other_id, probability`` (that they are one customer), ``related`` (that they
        are two which belong together, as sisters at one address), ``vetoed`` (two different valid
        values exclude it), and for each field how far the two agree: *equal, close, near, other*
        or *missing*.
    agreements : DataFrame, one row per field × agreement
        ``field, agreement, same, apart`` (share of the pairs of one customer, and of two, that
        agree so far) and ``bits``: how much it says for one customer.
    prior : float
        The probability that two records drawn at random are one customer.
    """

    pairs: pd.DataFrame
    agreements: pd.DataFrame
    prior: float
    _file: pd.DataFrame
    _compared: Compared
    _weights: MatchWeights

    def __repr__(self) -> str:
        same = int((self.pairs["probability"] >= LEVEL).sum())
        return f"Linkage of {len(self._file)} records: {same} of {len(self.pairs)} pairs are one"

    def why(self, *, level: float = LEVEL) -> pd.DataFrame:
        """What speaks for and against each pair that is one customer.

        Parameters
        ----------
        level : float
            The least probability of the pairs.

        Returns
        -------
        DataFrame, one row per pair × field that both have, the most probable pairs first
            ``account_id, other_id, field, agreement, bits`` (more than 0: it speaks for one
            customer), ``value, other_value``: as written.
        """
        likely = self.pairs[self.pairs["probability"] >= _level(level)]
        one, other = (self._compared.places(likely[name]) for name in _PAIR)
        agreed = self._compared.agreed(one, other)
        weights = self._weights.weights(agreed)
        at, which = np.nonzero(agreed.level)
        names = np.array(self._compared.fields, object)
        values = self._file[list(names)].astype(object).to_numpy()
        return pd.DataFrame(
            {name: likely[name].to_numpy()[at] for name in _PAIR}
            | {
                "field": pd.Series(names[which], dtype="str"),
                "agreement": pd.Series(_WORDS[agreed.level[at, which]], dtype="str"),
                "bits": weights[at, which],
                "value": pd.Series(values[one[at], which], dtype=object),
                "other_value": pd.Series(values[other[at], which], dtype=object),
            }
        )

    def customers(
        self, *, level: float = LEVEL, earlier: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Which customer each account is: a map beside the data, whose ids stay as they are.

        Pairs are put together the most probable first; no customer gets two different valid codes,
        also not by a chain. What the file says was merged stays together.

        Parameters
        ----------
        level : float
            The least probability of a pair.
        earlier : DataFrame, optional
            An earlier map: its rows stay, new accounts join its customers. Two customers of it are
            never made one; :meth:`disagreements` says which look like one.

        Returns
        -------
        DataFrame, one row per account, sorted by it
            ``account_id, customer_id``: the id of one of the customer's accounts.
        """
        before = self._customers_before(earlier)
        return self._named(self._clusters(level, before), before)

    def disagreements(
        self, *, level: float = LEVEL, earlier: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Pairs of which the customers and the records say two things.

        Parameters
        ----------
        level, earlier
            As for :meth:`customers`.

        Returns
        -------
        DataFrame, one row per pair, sorted by both ids
            ``account_id, other_id, customer_id, other_customer_id, probability, contradiction``:
            *unlikely*, one customer only because a chain of others brought the two together;
            *vetoed*, two customers although the pair is likely, for two values of ``field`` exclude
            each other; *two_customers*, they are two in the earlier map.
        """
        before = self._customers_before(earlier)
        clusters = self._clusters(level, before)
        one, other = _pairs_inside(clusters.roots())
        unlikely = self._probability(one, other) < LEVEL
        apart = [sorted((each.one, each.other)) for each in clusters.refused]
        refused = np.array(apart, int).reshape(-1, 2).T
        one, other = (
            np.concatenate([inside[unlikely], outside])
            for inside, outside in zip((one, other), refused, strict=True)
        )
        ids = self._file["account_id"]
        customer = self._named(clusters, before)[CUSTOMER]
        by = [None] * int(unlikely.sum()) + [each.by for each in clusters.refused]
        kinds = {None: "unlikely", CUSTOMER: "two_customers"}
        found = {"account_id": ids[one], "other_id": ids[other]}
        found |= {CUSTOMER: customer[one], "other_customer_id": customer[other]}
        found = {name: values.to_numpy() for name, values in found.items()} | {
            "contradiction": [kinds.get(name, "vetoed") for name in by],
            "field": [None if name in kinds else name for name in by],
        }
        table = pd.DataFrame(found, dtype="str")
        table.insert(4, "probability", self._probability(one, other))
        return table.sort_values([*_PAIR, "contradiction"], ignore_index=True)

    def survivors(
        self, *, level: float = LEVEL, earlier: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """The best value of each field of every customer with more than one record.

        Parameters
        ----------
        level, earlier
            As for :meth:`customers`.

        Returns
        -------
        DataFrame, one row per customer × field that a record has filled in
            ``customer_id, field, value, account_id`` (whose record it comes from), ``verified_at``
            (of that record; missing where nobody checked it), ``not_taken``: how many other values
            were left. A valid code comes first, then what was verified last, what most records say,
            the longer text.
        """
        return survivors(self._file, self.customers(level=level, earlier=earlier))

    def _customers_before(self, earlier: pd.DataFrame | None) -> pd.Series:
        """The earlier customer of each record, missing where it has none."""
        ids = self._file["account_id"]
        if earlier is None:
            return pd.Series(None, index=ids.index, dtype="str")
        require_columns(earlier.columns, ["account_id", CUSTOMER], "`earlier`")
        _refuse_repeated(earlier, "earlier")
        before = earlier.set_index("account_id")[CUSTOMER].astype("str")
        # An account whose id an earlier customer bears is that customer.
        return ids.map(before).fillna(ids.where(ids.isin(before))).astype("str")

    def _clusters(self, level: float, before: pd.Series) -> Clusters:
        numbers = {CUSTOMER: pd.factorize(before)[0]}
        clusters = Clusters(len(self._file), self._compared.distinct | numbers)
        clusters.join(_alike(before))
        # What people have merged is one customer, whatever the codes say.
        clusters.join(_alike(final_accounts(self._file)), only=[CUSTOMER])
        likely = self.pairs[self.pairs["probability"] >= _level(level)]
        one, other = (self._compared.places(likely[name]).tolist() for name in _PAIR)
        clusters.join(zip(one, other, strict=True))
        return clusters

    def _named(self, clusters: Clusters, before: pd.Series) -> pd.DataFrame:
        """The accounts with the id of their customer: the earlier one, else one of theirs."""
        root, own = clusters.roots(), final_accounts(self._file)
        # Before the smallest of all comes the one that others were merged into.
        first, second, last = (
            ids.groupby(root).min()
            for ids in (before, own.where(own != self._file["account_id"]), own)
        )
        customer = pd.Series(root).map(first.fillna(second).fillna(last))
        return pd.DataFrame(
            {"account_id": self._file["account_id"], CUSTOMER: customer}, dtype="str"
        )

    def _probability(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        agreed = self._compared.agreed(one, other)
        return self._weights.probabilities(agreed, self._compared.proved(one, other))[:, 0]


def duplicates(
    pairs: pd.DataFrame,
    file: pd.DataFrame,
    *,
    prior: float | None = None,
    veto: Sequence[str] = ("registration_code",),
    fields: Sequence[str] | None = None,
) -> Linkage:
    """How probable it is that two records of the customers' file are one customer, and why.

    Weights of agreements are learnt from the file itself (Fellegi and Sunter, by expectation and
    maximisation): a common value says less than a rare one, a missing one nothing. Where at least
    five pairs look like one company and have two different valid codes, companies that belong
    together are a kind of their own; so sisters at one address stay two, also where a code is
    missing.

    Parameters
    ----------
    pairs : DataFrame
        As from :func:`salesanalysis.reduce.customers.candidate_pairs`: ``account_id, other_id``.
    file : DataFrame, one row per record
        ``account_id`` and the fields; ``merged_into, verified_at`` where known.
    prior : float, optional
        The probability that two records drawn at random are one customer; estimated if not given.
    veto : list of str
        Two different values of these fields exclude that records are one customer; of
        ``registration_code``, which a file may lack, two valid ones.
    fields : list of str, optional
        By which records are compared; as for the candidate pairs.

    Returns
    -------
    Linkage

    Raises
    ------
    SalesAnalysisError
        A column is not there, an account is there twice, or a pair has one that the file lacks.

    Examples
    --------
    >>> file = pd.DataFrame({"account_id": ["A1", "A2", "A3"],
    ...                      "name": ["上海恒信电子有限公司", "上海市恒信电子", "苏州瑞嘉化工"],
    ...                      "phone": ["021-61234567", "+86 21 61234567", "0512-77777771"]})
    >>> linkage = duplicates(pd.DataFrame({"account_id": ["A1"], "other_id": ["A2"]}), file)
    >>> linkage.pairs[["account_id", "other_id", "vetoed", "name", "phone"]]
      account_id other_id  vetoed   name  phone
    0         A1       A2   False  equal  equal
    >>> linkage.customers()["customer_id"].tolist()
    ['A1', 'A1', 'A3']
    """
    require_columns(pairs.columns, _PAIR, "`pairs`")
    require_single(file, "`file`")
    require_columns(file.columns, ["account_id"], "`file`")
    require_columns(file.columns, [name for name in veto if name != CODE], "`file`")
    if prior is not None:
        prior = float(require_number("prior", prior, over=0, under=1))
    _refuse_repeated(file, "file")
    file = file.sort_values("account_id", ignore_index=True)
    made = compared_fields(file, compared(file.columns, fields, "file"), veto)
    ordered = _ordered(pairs, file["account_id"])
    one, other = (made.places(ordered[name]) for name in _PAIR)
    agreed, proved = made.agreed(one, other), made.proved(one, other)
    weights = fitted(
        agreed,
        made.agreed(*random_pairs(len(file))).level,
        proved=proved,
        of=max(1, len(file) * (len(file) - 1) // 2),
        prior=prior,
    )
    chance = weights.probabilities(agreed, proved)
    words = {name: _WORDS[agreed.level[:, at]] for at, name in enumerate(made.fields)}
    scored = ordered.assign(
        probability=chance[:, 0], related=chance[:, 1], vetoed=proved < 0, **words
    )
    scored = scored.astype(dict.fromkeys(made.fields, "str"))
    scored = scored.sort_values(["probability", *_PAIR], ascending=[False, True, True])
    return Linkage(
        pairs=scored.reset_index(drop=True),
        agreements=_agreements(made.fields, weights),
        prior=weights.prior,
        _file=file,
        _compared=made,
        _weights=weights,
    )


def _level(level: float) -> float:
    return float(require_number("level", level, low=0, high=1))


def _refuse_repeated(table: pd.DataFrame, name: str) -> None:
    twice = table["account_id"][table["account_id"].duplicated() | table["account_id"].isna()]
    if len(twice):
        raise SalesAnalysisError(
            f"`{name}` has the account {twice.iloc[0]!r} more than once or a row without one;"
            " expected one row per `account_id`."
        )


def _ordered(pairs: pd.DataFrame, accounts: pd.Series) -> pd.DataFrame:
    """Each pair once, the smaller id first."""
    unknown = pd.concat([pairs[name] for name in _PAIR])
    unknown = unknown[~unknown.isin(accounts)]
    if len(unknown):
        raise SalesAnalysisError(
            f"`pairs` has the account {unknown.iloc[0]!r}, which `file` has not; expected pairs of"
            " the same file."
        )
    first = (pairs["account_id"] <= pairs["other_id"]).to_numpy(bool)
    one = pairs["account_id"].where(first, pairs["other_id"])
    other = pairs["other_id"].where(first, pairs["account_id"])
    ordered = pd.DataFrame({"account_id": one, "other_id": other})
    ordered = ordered[ordered["account_id"] != ordered["other_id"]].drop_duplicates()
    return ordered.sort_values(_PAIR, ignore_index=True)


def _agreements(fields: Sequence[str], weights: MatchWeights) -> pd.DataFrame:
    words = list(AGREEMENTS[:0:-1])
    same, apart = (table[:, ::-1].ravel() for table in (weights.same, weights.apart))
    return pd.DataFrame(
        {
            "field": pd.Series(np.repeat(np.array(fields, object), len(words)), dtype="str"),
            "agreement": pd.Series(words * len(fields), dtype="str"),
            "same": same,
            "apart": apart,
            "bits": np.log2(same / apart),
        }
    )


def _alike(values: pd.Series) -> list[tuple[int, int]]:
    """Pairs of places that bring together all rows with the same value."""
    places = values.dropna().reset_index().set_axis(["place", "value"], axis=1)
    before = places.groupby("value")["place"].shift()
    linked = before.notna()
    return list(zip(before[linked].astype(int), places["place"][linked], strict=True))


def _pairs_inside(roots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of places within clusters."""
    order = np.argsort(roots, kind="stable")
    sizes = np.unique(roots, return_counts=True)[1]
    parts = np.split(order, np.cumsum(sizes)[:-1]) if len(order) else []
    found = [
        part[np.column_stack(np.triu_indices(len(part), 1))] for part in parts if len(part) > 1
    ]
    pairs = np.concatenate(found) if found else np.empty((0, 2), int)
    return pairs[:, 0], pairs[:, 1]

"""Overrides: what managers are paid of what their teams sell or earn."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding
from salesanalysis.incentive.any_plan import AnyPlan, payee_plan
from salesanalysis.incentive.money import from_minor, rounded, to_minor

_KEY = ["payee_id", "period"]


def overrides(
    statements: pd.DataFrame,
    *,
    plan: AnyPlan,
    managers: Mapping[str, str],
    names: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """What each manager is paid of the team, by the plan's ``override``.

    A team are those who report to the manager, or with ``levels: all`` also those who report to
    them, and so on. What managers sell or earn themselves is theirs, not the team's, so nothing
    counts twice for them; it counts for the manager above.

    Parameters
    ----------
    statements : DataFrame
        As from :func:`payout`, without overrides.
    plan : Plan, or what :func:`read_plan` takes
        With an ``override``.
    managers : dict of payee to manager
        Who reports to whom, as ``reps`` has it: the manager by id, or by a name that one payee has.
        One who is neither is a payee of that name.
    names : dict of payee to name, optional

    Returns
    -------
    DataFrame
        One row per manager × period in which somebody of the team has a statement, in that order:
        ``payee_id, period, team_members``, ``team_amount`` (their sales, or what they earned before
        draws), ``override`` (money) and ``team_unknown`` (members of whom that cannot be told; they
        count nothing).

    Raises
    ------
    SalesAnalysisError
        The plan has no override; somebody reports to themselves, directly or in a circle; a name of
        a manager is that of several payees.

    Examples
    --------
    >>> from salesanalysis.incentive import payout
    >>> rows = pd.DataFrame({"payee_id": ["a", "b", "m"], "period": "2025-Q1",
    ...                      "sales": [100.0, 50.0, 30.0]})
    >>> plan = {"tiers": [[0, None, "10%"]], "override": {"share": "2%", "of": "sales"}}
    >>> team = overrides(payout(rows, plan=plan), plan=plan, managers={"a": "m", "b": "m"})
    >>> team[["payee_id", "team_members", "team_amount", "override"]]
      payee_id  team_members  team_amount  override
    0        m             2        150.0       3.0
    """
    roof = payee_plan(plan)
    rule = roof.override
    if rule is None:
        raise SalesAnalysisError(
            "`plan` has no override; give it one, such as override: {share: 2%, of: sales}."
        )
    of = "sales" if rule.of == "sales" else "earned"
    require_columns(statements.columns, [*_KEY, of], "`statements`")
    own = statements[_KEY].astype("str")
    minor, missing = to_minor(statements[of].to_numpy(float), roof.minor_unit, of)
    own = own.assign(minor=minor, missing=missing)
    if not managers:
        raise SalesAnalysisError(
            "The plan has an override, and nobody has a manager. Give `reps`, with `owner_id` as in"
            " `payee_id` and `manager`; or take `override` out of the plan."
        )
    above = _chains(_by_id(managers, names or {}), rule.levels == "all")
    pairs = [(payee, one) for payee in own["payee_id"].unique() for one in above.get(payee, ())]
    pairs = pd.DataFrame(pairs, columns=["payee_id", "manager"], dtype=object)
    rows = own.merge(pairs, on="payee_id")
    groups = rows.groupby(["manager", "period"], sort=True)
    table = groups.agg(
        team_members=("payee_id", "size"), minor=("minor", "sum"), team_unknown=("missing", "sum")
    ).reset_index()
    minor = table["minor"].to_numpy(np.int64).astype(object)
    paid = rounded(minor * rule.share.numerator, rule.share.denominator, roof.rounding.method)
    table["team_amount"] = from_minor(minor, roof.minor_unit)
    table["override"] = from_minor(paid, roof.minor_unit)
    table = table.rename(columns={"manager": "payee_id"})
    return table[[*_KEY, "team_members", "team_amount", "override", "team_unknown"]]


def has_override(plan: AnyPlan) -> bool:
    """Whether a plan pays managers a share of what their teams sell or earn.

    Examples
    --------
    >>> has_override({"tiers": [[0, None, "10%"]], "override": "2%"})
    True
    """
    return payee_plan(plan).override is not None


def override_findings(table: pd.DataFrame) -> list[Finding]:
    """What managers are paid of their teams, and what leaves that out.

    Parameters
    ----------
    table : DataFrame
        As from :func:`overrides`.

    Returns
    -------
    list of Finding
        ``paid``, and ``unknown`` where some of the teams' sales or payouts cannot be told.

    Examples
    --------
    >>> table = pd.DataFrame({"payee_id": ["m"], "override": [3.0], "team_unknown": [0]})
    >>> [found.values for found in override_findings(table)]
    [{'payees': 1, 'amount': 3.0}]
    """
    require_columns(table.columns, ["payee_id", "override", "team_unknown"], "`table`")
    values = {"payees": table["payee_id"].nunique(), "amount": float(table["override"].sum())}
    found = [Finding("overrides", "paid", values)]
    if unknown := int(table["team_unknown"].sum()):
        found.append(Finding("overrides", "unknown", {"n": unknown}))
    return found


def with_overrides(attainment: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """The attainment with what managers are paid of their teams, for :func:`payout`.

    Parameters
    ----------
    attainment : DataFrame
        As for :func:`payout`.
    table : DataFrame
        As from :func:`overrides`.

    Returns
    -------
    DataFrame
        With ``override``, in the order of the rows given. Managers without a row are not there; see
        :func:`override_statements`.

    Examples
    --------
    >>> rows = pd.DataFrame({"payee_id": ["a", "m"], "period": "2025-Q1", "sales": 1.0})
    >>> paid = pd.DataFrame({"payee_id": ["m"], "period": "2025-Q1", "override": [3.0]})
    >>> with_overrides(rows, paid)["override"].tolist()
    [0.0, 3.0]
    """
    require_columns(attainment.columns, _KEY, "`attainment`")
    require_columns(table.columns, [*_KEY, "override"], "`table`")
    paid = dict(zip(_places(table), table["override"], strict=True))
    return attainment.assign(override=[paid.get(at, 0.0) for at in _places(attainment)])


def override_statements(
    statements: pd.DataFrame, table: pd.DataFrame, *, plan: AnyPlan
) -> pd.DataFrame:
    """The statements, with those of managers who have nothing but what their teams bring.

    Parameters
    ----------
    statements : DataFrame
        As from :func:`payout` of what :func:`with_overrides` makes.
    table : DataFrame
        As from :func:`overrides`.
    plan : Plan, or what :func:`read_plan` takes

    Returns
    -------
    DataFrame
        ``statements`` in the order of the rows given, then one row per manager × period that is not
        there: ``override``, ``earned``, ``payout`` and ``payout_minor`` alike, ``status``
        ``override``.

    Examples
    --------
    >>> from salesanalysis.incentive import payout
    >>> rows = pd.DataFrame({"payee_id": ["a"], "period": "2025-Q1", "sales": 100.0})
    >>> plan = {"tiers": [[0, None, "10%"]], "override": {"share": "2%", "of": "sales"}}
    >>> paid = payout(rows, plan=plan)
    >>> team = overrides(paid, plan=plan, managers={"a": "m"})
    >>> override_statements(paid, team, plan=plan)[["payee_id", "payout", "status"]]
      payee_id  payout    status
    0        a    10.0      paid
    1        m     2.0  override
    """
    require_columns(statements.columns, [*_KEY, "payout", "payout_minor"], "`statements`")
    require_columns(table.columns, [*_KEY, "override"], "`table`")
    there = set(_places(statements))
    alone = table[[at not in there for at in _places(table)]]
    if alone.empty:
        none = {} if "override" in statements.columns else {"override": 0.0}
        return statements.assign(**none)
    minor, _ = to_minor(alone["override"].to_numpy(float), payee_plan(plan).minor_unit, "override")
    rows = alone[[*_KEY, "override"]].assign(earned=alone["override"], payout=alone["override"])
    rows = rows.assign(payout_minor=pd.array(minor, dtype="Int64"), status="override")
    if "currency" in statements.columns:
        known = statements["currency"].dropna()
        rows["currency"] = known.iloc[0] if len(known) else None
    both = pd.concat([statements, rows], ignore_index=True)
    return both.astype({"tier": "Int64"}) if "tier" in both.columns else both


def _places(table: pd.DataFrame) -> Iterable[tuple[str, str]]:
    return list(zip(*(table[name].astype("str") for name in _KEY), strict=True))


def _by_id(managers: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Who reports to whom, both by their ids."""
    called: dict[str, list[str]] = {}
    for payee, name in names.items():
        called.setdefault(str(name), []).append(str(payee))
    known, found = {str(payee) for payee in [*managers, *names]}, {}
    for payee, manager in managers.items():
        if manager is None or manager != manager or not str(manager).strip():  # noqa: PLR0124 NaN
            continue
        ids = [str(manager)] if str(manager) in known else called.get(str(manager), [str(manager)])
        if len(ids) > 1:
            raise SalesAnalysisError(
                f"`manager` of {payee} is {manager!r}, the name of {' and '.join(ids)}. Write the"
                " id of the one who is meant."
            )
        found[str(payee)] = ids[0]
    return found


def _chains(above: dict[str, str], all_levels: bool) -> dict[str, list[str]]:
    """The managers of each payee, the next one first; a circle is refused."""
    chains = {}
    for payee in above:
        way = [payee]
        while (one := above.get(way[-1])) is not None:
            if one in way:
                circle = " → ".join([*way[way.index(one) :], one])
                raise SalesAnalysisError(
                    f"`manager` goes round in a circle: {circle} (each reports to the next). Leave"
                    " `manager` of the one at the top empty."
                )
            way.append(one)
        chains[payee] = way[1:] if all_levels else way[1:2]
    return chains

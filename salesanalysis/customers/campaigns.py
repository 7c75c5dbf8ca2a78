"""What campaigns brought: arms compared by assignment, and what is no effect at all."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.stats import require_level, share_difference, sum_of_means, wilson

#: What can be said of a comparison: an interval without 0, one with 0, or no comparison of arms.
EFFECT, NOT_TOLD, NOT_AN_EFFECT = "effect", "not_told", "not_an_effect"
#: What the arm is called to which nothing was done.
CONTROL = ("control", "control group", "holdout", "no contact", "no mail", "no e-mail", "no email")
CONTROL += ("untreated", "对照组", "对照", "空白组")
#: Who is compared with the control: all of an arm, or those of them who responded.
ASSIGNED, ENGAGED = "assigned", "engaged"
#: The end of the names of columns that say how a member stood before the campaign.
_BEFORE = "_before"
_KEY = ["campaign_id", "account_id"]
#: Arms that differ beforehand by more than chance would make one campaign in a hundred.
_FALSE_IMBALANCE = 0.01

_SHARES = ["k", "rate", "control_k", "control_rate", "rate_lift", "rate_lift_low", "rate_lift_high"]
_AMOUNTS = ["mean_amount", "control_mean_amount", "amount_lift", "amount_lift_low"]
_AMOUNTS += ["amount_lift_high"]


def campaign_effect(
    members: pd.DataFrame,
    outcomes: pd.DataFrame,
    *,
    control: Sequence[str] | str = CONTROL,
    level: float = 0.95,
) -> pd.DataFrame:
    """What each campaign brought, by assignment: all of an arm against all of the control.

    Who opened a mail had meant to buy anyway, so those who responded are no measure of a campaign:
    they are shown beside the others, as no effect. Nor is there an effect without a control, or
    between arms that differed before the campaign began (:func:`arm_balance`).

    Parameters
    ----------
    members : DataFrame, one row per campaign × account
        ``campaign_id, account_id, assigned``, and ``interacted_at`` where it is known.
    outcomes : DataFrame, one row per campaign × account
        ``account_id`` (with ``campaign_id`` where there are several campaigns) and any outcomes:
        yes and no, or 0 and 1 only, is a share; other numbers are money. A missing one is not known
        yet and counted as ``waiting``. Columns that end in ``_before`` are no outcomes but compare
        the arms.
    control : str or list of str
        The words of ``assigned`` that mean that nothing was done, in any case.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame, one row per campaign × outcome × arm × ``compared`` (``assigned``, then ``engaged``)
        ``campaign_id, outcome, assigned, compared, n, waiting, control_n``, of shares ``k, rate,
        control_k, control_rate, rate_lift`` with limits (Newcombe), of money ``mean_amount,
        control_mean_amount, amount_lift`` with limits (unequal variances), ``verdict``: ``effect``,
        ``not_told`` (the limits hold 0, or cannot be told) or ``not_an_effect``, and ``reason``:
        ``no_control``, ``chose_themselves``, ``arms_differ``, else missing.

    Raises
    ------
    SalesAnalysisError
        A column is not there, a member is in a campaign twice or has no arm or no row of outcomes.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873–890. Welch, B. L. (1947), Biometrika 34,
    28–35.

    Examples
    --------
    >>> members = pd.DataFrame({"campaign_id": "mail", "account_id": range(400),
    ...                         "assigned": ["treated", "control"] * 200})
    >>> outcomes = members[["account_id"]].assign(bought=[True] * 100 + [False, False, True] * 100)
    >>> effect = campaign_effect(members, outcomes)
    >>> effect[["outcome", "n", "k", "control_k", "rate_lift", "verdict"]]
      outcome    n    k  control_k  rate_lift    verdict
    0  bought  200  100        100        0.0  not_told
    """
    require_level(level)
    table, names = _joined(members, outcomes)
    balance = arm_balance(members, outcomes, control=control)
    differ = set(balance.loc[~balance["balanced"], "campaign_id"])
    kinds = {name: _is_share(table[name]) for name in names if not name.endswith(_BEFORE)}
    rows = []
    for campaign, part in table.groupby("campaign_id", observed=True):
        base, arms = _arms(part, control)
        # Why nothing that is compared here is an effect.
        why = "arms_differ" if campaign in differ else None if len(base) else "no_control"
        for (name, is_share), (arm, own) in itertools.product(kinds.items(), arms):
            lift = _share_lift if is_share else _amount_lift
            whom = [(ASSIGNED, own, why)]
            if len(engaged := own[own["interacted_at"].notna()]):
                whom.append((ENGAGED, engaged, "chose_themselves"))
            for compared, some, reason in whom:
                row = {"campaign_id": campaign, "outcome": name, "assigned": arm}
                row |= {"compared": compared}
                rows.append(row | _compared(some[name], base[name], lift, level, reason))
    columns = ["campaign_id", "outcome", "assigned", "compared", "n", "waiting", "control_n"]
    found = pd.DataFrame(rows, columns=[*columns, *_SHARES, *_AMOUNTS, "verdict", "reason"])
    counts = ["n", "waiting", "control_n"]
    found = found.astype(dict.fromkeys(counts, "int64") | {"k": "Int64", "control_k": "Int64"})
    return found.astype(dict.fromkeys({*_SHARES, *_AMOUNTS} - {"k", "control_k"}, float))


def _joined(members: pd.DataFrame, outcomes: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Every member with what became of him, and the names of the columns that say it."""
    require_columns(members.columns, [*_KEY, "assigned"], "`members`")
    require_columns(outcomes.columns, ["account_id"], "`outcomes`")
    key = [name for name in _KEY if name in outcomes.columns]
    if "campaign_id" not in key and len(members["campaign_id"].unique()) > 1:
        raise SalesAnalysisError(
            "`outcomes` has no column `campaign_id`, and `members` are of several campaigns. Say of"
            " which campaign each row of `outcomes` is."
        )
    for name, frame, own in (("members", members, _KEY), ("outcomes", outcomes, key)):
        if (twice := frame.duplicated(own)).any():
            one = frame.loc[twice, "account_id"].iloc[0]
            raise SalesAnalysisError(
                f"`{name}` has {int(twice.sum())} rows too many (the first of account {one});"
                f" expected one of each {' and '.join(f'`{column}`' for column in own)}."
            )
    if (nowhere := members["assigned"].isna()).any():
        one = members.loc[nowhere, "account_id"].iloc[0]
        raise SalesAnalysisError(
            f"`assigned` of `members` is missing in {int(nowhere.sum())} rows (the first of account"
            f" {one}); expected the arm of each member. Without it nothing can be compared."
        )
    own = [name for name in ("interacted_at",) if name in members.columns]
    table = members[[*_KEY, "assigned", *own]].merge(outcomes, on=key, how="left", indicator=True)
    if (lacking := table.pop("_merge") == "left_only").any():
        raise SalesAnalysisError(
            f"`outcomes` has no row of {int(lacking.sum())} of {len(table)} members (the first is"
            f" account {table.loc[lacking, 'account_id'].iloc[0]}); expected one of each, also of"
            " those who did nothing: with a row missing nobody knows whether they did."
        )
    names = [name for name in outcomes.columns if name not in (*_KEY, "interacted_at")]
    for name in names:
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise SalesAnalysisError(
                f"`{name}` of `outcomes` is no number; expected yes and no, 0 and 1, or money."
                " Leave out columns that are no outcome."
            )
    if "interacted_at" not in table.columns:
        table["interacted_at"] = pd.NaT
    return table.sort_values(_KEY, ignore_index=True), names


def _arms(part: pd.DataFrame, control: Sequence[str] | str):
    """The control of a campaign, and its other arms."""
    words = part["assigned"].astype(str).str.strip().str.casefold()
    is_control = words.isin([word.casefold() for word in as_list(control)])
    return part[is_control], part[~is_control].groupby("assigned", observed=True)


def _is_share(values: pd.Series) -> bool:
    """Whether an outcome is yes or no: nothing but 0 and 1, and not the money of nobody."""
    found = set(values.dropna().astype(float).unique())
    return found <= {0.0, 1.0} and (1.0 in found or not pd.api.types.is_float_dtype(values))


def _compared(some: pd.Series, base: pd.Series, lift, level: float, why: str | None) -> dict:
    """One outcome of some members beside that of the control, and what can be said of it."""
    own, other = (group.dropna().astype(float) for group in (some, base))
    row = {"n": len(own), "waiting": len(some) - len(own), "control_n": len(other)}
    values = lift(own, other, level)
    low, high = list(values.values())[-2:]
    told = EFFECT if low > 0 or high < 0 else NOT_TOLD
    return row | values | {"verdict": NOT_AN_EFFECT if why else told, "reason": why}


def _share_lift(own: pd.Series, other: pd.Series, level: float) -> dict:
    k, other_k = int(own.sum()), int(other.sum())
    rates = own.mean(), other.mean()
    low, high = share_difference(k, len(own), other_k, len(other), level=level)
    lift = [rates[0] - rates[1], float(low), float(high)]
    return dict(zip(_SHARES, [k, rates[0], other_k, rates[1], *lift], strict=True))


def _amount_lift(own: pd.Series, other: pd.Series, level: float) -> dict:
    means = own.mean(), other.mean()
    lift = sum_of_means([own, -other], level=level)
    return dict(zip(_AMOUNTS, [*means, *lift], strict=True))


def arm_balance(
    members: pd.DataFrame, outcomes: pd.DataFrame, *, control: Sequence[str] | str = CONTROL
) -> pd.DataFrame:
    """Whether the arms of each campaign were alike before it began, as chance makes them.

    Parameters
    ----------
    members, outcomes : DataFrame
        As for :func:`campaign_effect`; compared are the columns of ``outcomes`` that end in
        ``_before``.
    control
        As for :func:`campaign_effect`.

    Returns
    -------
    DataFrame, one row per campaign × arm × such a column
        ``campaign_id, assigned, trait, n, mean, control_n, control_mean, difference``, ``apart``
        (the difference in standard deviations; more than 0.1 is much) and ``balanced``: false where
        chance would make such a difference in fewer than one campaign in a hundred.

    Raises
    ------
    SalesAnalysisError
        As :func:`campaign_effect`.

    Examples
    --------
    >>> members = pd.DataFrame({"campaign_id": "mail", "account_id": range(40),
    ...                         "assigned": ["treated"] * 20 + ["control"] * 20})
    >>> history = members[["account_id"]].assign(amount_before=[50.0, 70.0] * 10 + [5.0, 7.0] * 10)
    >>> arm_balance(members, history)[["trait", "mean", "control_mean", "balanced"]]
               trait  mean  control_mean  balanced
    0  amount_before  60.0           6.0     False
    """
    table, names = _joined(members, outcomes)
    traits = [name for name in names if name.endswith(_BEFORE)]
    rows = []
    for campaign, part in table.groupby("campaign_id", observed=True):
        base, arms = _arms(part, control)
        tests = max(len(traits) * arms.ngroups, 1)
        for arm, own in arms if len(base) else ():
            for trait in traits:
                one, other = (side[trait].dropna().astype(float) for side in (own, base))
                level = 1 - _FALSE_IMBALANCE / tests
                difference, low, high = sum_of_means([one, -other], level=level)
                spread = np.sqrt((one.var() + other.var()) / 2)
                row = {"campaign_id": campaign, "assigned": arm, "trait": trait}
                row |= {"n": len(one), "mean": one.mean()}
                row |= {"control_n": len(other), "control_mean": other.mean()}
                row |= {"difference": difference, "apart": difference / spread if spread else 0.0}
                rows.append(row | {"balanced": not (low > 0 or high < 0)})
    columns = ["campaign_id", "assigned", "trait", "n", "mean", "control_n", "control_mean"]
    found = pd.DataFrame(rows, columns=[*columns, "difference", "apart", "balanced"])
    return found.astype({"balanced": bool, "n": "int64", "control_n": "int64"})


def campaign_response(
    members: pd.DataFrame,
    outcomes: pd.DataFrame,
    *,
    vips: Sequence[str] | str = (),
    level: float = 0.95,
) -> pd.DataFrame:
    """How many of each arm responded, bought and bought again: shares, and no effects.

    Parameters
    ----------
    members : DataFrame
        As for :func:`campaign_effect`.
    outcomes : DataFrame
        As from :func:`salesanalysis.reduce.customers.campaign_outcomes`: ``account_id, bought,
        repeated``.
    vips : list of str
        The accounts whose favourite category has changed, as marked by
        :func:`salesanalysis.customers.favourite_changes`.
    level : float
        Of the intervals (Wilson).

    Returns
    -------
    DataFrame, one row per campaign × arm × ``measure``
        ``campaign_id, assigned, measure`` (``interacted``, ``bought``, ``vip_bought``: of the
        ``vips``, ``repeated``: of those who bought), ``n, k, rate, rate_low, rate_high``. Measures
        of nobody are left out.

    Raises
    ------
    SalesAnalysisError
        As :func:`campaign_effect`.

    Examples
    --------
    >>> members = pd.DataFrame({"campaign_id": "mail", "account_id": list("abcd"),
    ...                         "assigned": "treated",
    ...                         "interacted_at": pd.to_datetime(["2025-03-01", None, None, None])})
    >>> outcomes = members[["account_id"]].assign(bought=[1, 1, 0, 0], repeated=[1, 0, 0, 0])
    >>> campaign_response(members, outcomes, vips=["a"])[["measure", "n", "k", "rate"]]
          measure  n  k  rate
    0  interacted  4  1  0.25
    1      bought  4  2  0.50
    2  vip_bought  1  1  1.00
    3    repeated  2  1  0.50
    """
    require_columns(outcomes.columns, ["bought", "repeated"], "`outcomes`")
    table, _ = _joined(members, outcomes)
    bought = table["bought"].astype("Float64")
    measures = {
        "interacted": table["interacted_at"].notna(),
        "bought": bought,
        "vip_bought": bought.where(table["account_id"].isin(as_list(vips))),
        "repeated": table["repeated"].astype("Float64").where(bought.eq(1).fillna(False)),
    }
    if "interacted_at" not in members.columns:
        del measures["interacted"]
    parts = []
    for order, (measure, values) in enumerate(measures.items()):
        by = [table["campaign_id"], table["assigned"]]
        sums = values.astype("Float64").groupby(by, observed=True).agg(n="count", k="sum")
        parts.append(sums.reset_index().assign(measure=measure, order=order))
    found = pd.concat(parts).query("n > 0")
    found = found.sort_values(["campaign_id", "assigned", "order"], ignore_index=True)
    found = found.astype({"n": "int64", "k": "int64"})
    low, high = wilson(found["k"], found["n"], level=level)
    found = found.assign(rate=found["k"] / found["n"], rate_low=low, rate_high=high)
    columns = ["campaign_id", "assigned", "measure", "n", "k", "rate", "rate_low", "rate_high"]
    return found[columns]

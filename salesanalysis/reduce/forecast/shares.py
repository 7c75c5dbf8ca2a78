"""Who shares which deal: splits that count, and the checks of those that do not."""

import ibis
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce.checks import Check, Checks, Subject, orphan
from salesanalysis.reduce.expressions import AnyTable, as_ibis, require_columns, to_pandas
from salesanalysis.stats import ADDS_UP_WITHIN

#: Words of ``kind``, in small letters; a row without one is a part of the deal.
_SPLIT = ("split", "revenue", "share", "拆分", "分成", "分摊")
_OVERLAY = ("overlay", "叠加")
_COLUMNS = ["opportunity_id", "owner_id", "share"]


def splits(table: AnyTable | None = None) -> pd.DataFrame:
    """The shares that count: those of deals whose shares add up to 1, and overlay credit.

    Parameters
    ----------
    table : Ibis table or DataFrame, one row per deal × person, optional
        ``opportunity_id, owner_id, share`` (0–1), and ``kind`` where there is overlay credit:
        ``split`` (of a deal they add up to 1) or ``overlay`` (beside that).

    Returns
    -------
    DataFrame
        ``opportunity_id, owner_id, share, overlay`` (flag), in their order. A deal of which a share
        is missing, none of 0 to 1, or whose shares do not add up to 1, is left out, so that it
        stays whole with its owner; :func:`split_checks` says which.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or a ``kind`` is neither.

    Examples
    --------
    >>> given = pd.DataFrame({"opportunity_id": list("aaab"), "owner_id": ["R1", "R2", "R3", "R1"],
    ...                       "share": [0.6, 0.4, 1.0, 0.5], "kind": ["", "", "overlay", ""]})
    >>> splits(given)
      opportunity_id owner_id  share  overlay
    0              a       R1    0.6    False
    1              a       R2    0.4    False
    2              a       R3    1.0     True
    """
    columns = [*_COLUMNS, "overlay"]
    if table is None:
        return pd.DataFrame({name: [] for name in columns}).astype({"share": float})
    rows = _judged(table)
    rows = to_pandas(rows.filter(rows.counts).select(*columns))
    rows = rows.astype({"share": float, "overlay": bool})
    return rows.sort_values(["opportunity_id", "overlay", "owner_id"], ignore_index=True)


def split_checks(table: AnyTable | None, opportunities: AnyTable | None) -> Checks:
    """What is wrong with the splits, and which open deals have none.

    - ``splits_not_whole``: shares of a deal that do not add up to 1, or are none (not used: the
      deal stays whole with its owner),
    - ``splits_of_unknown_deals`` (not used),
    - ``deals_without_split``: open deals that count whole for their owner.

    Parameters
    ----------
    table : Ibis table or DataFrame, one row per deal × person, optional
        As for :func:`splits`; without it there is nothing to check.
    opportunities : Ibis table or DataFrame, one row per deal, optional
        ``opportunity_id``; ``outcome, amount`` where known.

    Returns
    -------
    Checks
        To be added to those of :func:`checks`.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["a", "b"], "outcome": "open", "amount": 10.0})
    >>> given = pd.DataFrame({"opportunity_id": list("aax"), "owner_id": ["R1", "R2", "R1"],
    ...                       "share": [0.6, 0.3, 1.0]})
    >>> split_checks(given, deals).table[["check", "n", "rows"]]
                         check  n  rows
    0         splits_not_whole  3     2
    1  splits_of_unknown_deals  3     1
    2      deals_without_split  2     1
    """
    if table is None:
        return Checks([], {})
    rows = _judged(table)
    shown = [*_COLUMNS, "kind", "share_sum"]
    every = [Check("splits_not_whole", "medium", "splits", hit=lambda t: ~t.counts)]
    subjects = {"splits": Subject(rows, shown=shown)}
    if opportunities is not None:
        deals = as_ibis(opportunities)
        names = ["opportunity_id", "owner_id", "amount", "outcome"]
        deals = deals.select(*(name for name in names if name in deals.columns))
        known = orphan("opportunity_id", deals)
        every.append(Check("splits_of_unknown_deals", "medium", "splits", hit=known))
        if "outcome" in deals.columns:
            still = deals.filter(deals.outcome == "open")
            without = orphan("opportunity_id", rows)
            every.append(Check("deals_without_split", "low", "deals_to_split", hit=without))
            amount = "amount" if "amount" in still.columns else ""
            subjects["deals_to_split"] = Subject(still, amount)
    return Checks(every, subjects)


def _judged(table: AnyTable) -> ibis.Table:
    """The rows with ``overlay``, the sum of their deal's shares, and whether they count."""
    given = as_ibis(table)
    require_columns(given, _COLUMNS, "deal_splits")
    kind = given.kind.cast("string") if "kind" in given.columns else ibis.null("string")
    given = given.select(*_COLUMNS, kind=kind).mutate(share=given.share.cast("float64"))
    word = given.kind.fill_null("").strip().lower()
    given = given.mutate(word=word, overlay=word.isin(_OVERLAY))
    _require_kinds(given)
    there = given.opportunity_id.notnull() & given.owner_id.notnull()
    given = given.mutate(valid=there & given.share.between(0, 1).fill_null(False))
    together = ibis.window(group_by=["opportunity_id", "overlay"])
    sums = given.mutate(
        share_sum=ibis.ifelse(
            given.overlay, ibis.null("float64"), given.share.sum().over(together)
        ),
        all_valid=given.valid.all().over(together),
    )
    whole = ((sums.share_sum - 1).abs() <= ADDS_UP_WITHIN).fill_null(False)
    counts = ibis.ifelse(sums.overlay, sums.valid, sums.all_valid & whole)
    return sums.mutate(counts=counts).drop("word", "valid", "all_valid")


def _require_kinds(rows: ibis.Table) -> None:
    """Refuse words that say neither split nor overlay."""
    other = rows.filter(rows.word.notin(["", *_SPLIT, *_OVERLAY]))
    found = to_pandas(other.select("kind", "opportunity_id").order_by("opportunity_id").limit(1000))
    if len(found):
        words = ", ".join(repr(word) for word in sorted(found["kind"].unique())[:5])
        raise SalesAnalysisError(
            f"`kind` of `deal_splits` holds {words} in {len(found)} rows, first of the deal"
            f" {found['opportunity_id'].iloc[0]}; expected split (shares that add up to 1) or"
            " overlay (credit beside them)."
        )

"""What a manager makes of exceptions: what they say, whom to talk to, what became of the last talk.

The closed loop: analyse → diagnose → coach → follow up → analyse again. (Sales-system source, §3.)
"""

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import SalesAnalysisError, whose_column
from salesanalysis.findings import Finding, picked
from salesanalysis.funnel.against_team import AGEING, ALL_STAGES, CONVERSION
from salesanalysis.funnel.exceptions import (
    BOTH_REASONS,
    EXCEPTION,
    LEVEL_REASONS,
    NORMAL,
    STAGE_REASONS,
    TOO_FEW,
    WORSE,
)
from salesanalysis.funnel.groups import require_columns
from salesanalysis.known import KnownFunnel, frame_of

#: The topic of a line whose only reason are stuck deals.
STUCK = "stuck"

#: What became of an exception since the previous run; see :func:`compare_runs`.
NEW, STILL, RESOLVED, UNTESTED = "new", "still", "resolved", "untested"


def exception_findings(table: pd.DataFrame, *, most: int = 5) -> list[Finding]:
    """The worse exceptions, and what the comparison could and could not see.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.exceptions`.
    most : int
        How many of them at most.

    Returns
    -------
    list of Finding
        The surest first, each with the numbers of its row and ``who``; then ``others`` (more than
        ``most`` were found) or ``none``; ``lowest``, the seller with the lowest conversion over
        all stages where that is less than the team's, yet within the natural spread;
        ``noticed_conversion`` and ``noticed_ageing``, how large a weakness at a typical stage is
        found every other time; and ``untested``, how many rows had too few deals.

    Examples
    --------
    >>> table = pd.DataFrame({"owner_id": ["a"], "measure": "volume", "stage": "all",
    ...     "verdict": "too_few", "direction": None, "rank": None, "n": 2, "own_value": 0.5,
    ...     "team_value": 0.4, "p_value": None, "ratio_high": None, "ratio_noticed": None})
    >>> [finding.name for finding in exception_findings(table)]
    ['none', 'untested']
    """
    by = _whose(table)
    needed = ["rank", "own_value", "team_value", "n", "p_value", "ratio_high", "ratio_noticed"]
    require_columns(table, needed)
    worse = _worse(table).sort_values("rank")
    found = [exception_finding(row) for row in worse.head(most).to_dict("records")]
    if worse.empty:
        tested = int((table["verdict"] != TOO_FEW).sum())
        found.append(Finding("exception", "none", {"tested": tested}))
    elif len(worse) > most:
        found.append(Finding("exception", "others", {"others": len(worse) - most}))
    # A difference within the natural spread is no exception, but the reader sees it and wonders.
    spread = table[(table["verdict"] == NORMAL) & (table["direction"] == WORSE)]
    spread = spread[(spread["measure"] == CONVERSION) & (spread["stage"] == ALL_STAGES)]
    spread = spread[spread["ratio_high"] < 1].sort_values(["p_value", by])
    for row in spread.head(1).to_dict("records"):
        found.append(Finding("exception", "lowest", _compared(row)))
    found += _noticed(table)
    untested = int((table["verdict"] == TOO_FEW).sum())
    if untested:
        of = {"untested": untested, "rows": len(table)}
        found.append(Finding("exception", "untested", of))
    return found


def exception_finding(row: dict) -> Finding:
    """What a row of the exceptions says."""
    what = row["measure"], row["direction"]
    if row.get("reason") in BOTH_REASONS.values():
        both = {"who": next(iter(row.values()))} | picked(row, "n", "stage")
        return Finding("exception", BOTH_REASONS[row["direction"]], both)
    if row["stage"] == ALL_STAGES:
        return Finding("exception", LEVEL_REASONS[what], _compared(row))
    return Finding("exception", STAGE_REASONS[what], _compared(row) | picked(row, "stage"))


def _compared(row: dict) -> dict:
    """Who, by the first column, and the seller's value beside the team's."""
    return {"who": next(iter(row.values()))} | picked(row, "own_value", "team_value", "n")


def coaching_list(
    known: KnownFunnel,
    exceptions: pd.DataFrame,
    stuck_deals: pd.DataFrame | None = None,
    chances: pd.DataFrame | None = None,
    *,
    most: int = 10,
    most_deals: int = 3,
) -> pd.DataFrame:
    """One line per seller worth a talk: the surest exception first, and the deals to talk about.

    Parameters
    ----------
    known : KnownFunnel
        With its ``deals``.
    exceptions : DataFrame
        As from :func:`salesanalysis.funnel.exceptions` of the same; its first column says whose
        they are, and the deals must have it.
    stuck_deals : DataFrame, one row per stuck deal, optional
        ``opportunity_id``: the open deals that are older than their stage should make them, as from
        :func:`salesanalysis.funnel.stuck` of the same; those with ``zombie`` are left out: they are
        to be cleaned up, not to be talked about.
    chances : DataFrame, one row per open deal, optional
        ``opportunity_id, at_stake_period``, as from :func:`salesanalysis.forecast.deal_chances`.
    most, most_deals : int
        How many lines, and how many deals in each, at most.

    Returns
    -------
    DataFrame
        One row per seller: first those with a worse exception, the surest first; then those with
        stuck deals only, what hangs most on them first. ``rank``, whose (``owner_id``), ``measure``
        (``stuck`` where there are only stuck deals), ``stage, own_value, team_value, q_value,
        at_stake_period, gain``, ``others`` (how many more exceptions), ``stuck`` (stuck deals;
        missing where not given), ``stuck_amount``, and ``look_at``: the ids of the open deals to
        talk about, stuck ones first, then by what hangs on them within the period, else by amount;
        those in the stage where the exception is about one.

    Raises
    ------
    SalesAnalysisError
        A column is not there.

    Examples
    --------
    >>> exceptions = pd.DataFrame({
    ...     "owner_id": ["ann", "ann"], "verdict": "exception", "direction": "worse",
    ...     "rank": [1, 2], "measure": ["ageing", "conversion"], "stage": ["offer", "lead"],
    ...     "own_value": [40.0, 0.3], "team_value": [20.0, 0.5], "q_value": [0.01, 0.05],
    ...     "at_stake_period": [90.0, None], "gain": [None, 50.0]})
    >>> deals = pd.DataFrame({"opportunity_id": ["d1", "d2", "d3"], "owner_id": "ann",
    ...     "outcome": "open", "stage": ["offer", "offer", "lead"], "amount": [100.0, 800.0, 70.0]})
    >>> known = KnownFunnel(as_of="2025-03-31", deals=deals)
    >>> coaching_list(known, exceptions)[["rank", "owner_id", "measure", "others", "look_at"]]
       rank owner_id measure  others look_at
    0     1      ann  ageing       1  d2, d1
    """
    by = _whose(exceptions)
    values = ["own_value", "team_value", "q_value", "at_stake_period", "gain"]
    require_columns(exceptions, ["rank", *values])
    deals = frame_of(known, "deals", ["opportunity_id", "outcome", "stage", "amount", by])
    if most < 1 or most_deals < 1:
        raise SalesAnalysisError("`most` and `most_deals` must be 1 or more.")
    opened = deals[(deals["outcome"] == OPEN) & deals[by].notna()].copy()
    opened["is_stuck"], opened["at_stake_period"] = False, np.nan
    if stuck_deals is not None:
        require_columns(stuck_deals, ["opportunity_id"])
        alive = stuck_deals
        if "zombie" in stuck_deals:
            alive = stuck_deals[~stuck_deals["zombie"].astype(bool)]
        opened["is_stuck"] = opened["opportunity_id"].isin(alive["opportunity_id"])
    if chances is not None:
        require_columns(chances, ["opportunity_id", "at_stake_period"])
        of_deal = chances.set_index("opportunity_id")["at_stake_period"].to_dict()
        ids = opened["opportunity_id"].astype(object)
        opened["at_stake_period"] = ids.map(of_deal).astype(float)
    order = ["is_stuck", "at_stake_period", "amount", "opportunity_id"]
    opened = opened.sort_values(order, ascending=[False, False, False, True], na_position="last")
    worse = _worse(exceptions).sort_values("rank")
    top = worse.drop_duplicates(by)
    lines = top[[by, "measure", "stage", *values]]
    lines = lines.assign(others=lines[by].map(worse[by].value_counts()).astype("int64") - 1)

    per_seller = opened[opened["is_stuck"]].groupby(by)
    stuck = per_seller["amount"].agg(["size", "sum"])
    stuck["at_stake_period"] = per_seller["at_stake_period"].sum(min_count=1)
    only_stuck = stuck[~stuck.index.isin(lines[by])].sort_values(
        ["at_stake_period", "sum"], ascending=False, kind="stable"
    )
    rest = pd.DataFrame({by: only_stuck.index, "measure": STUCK, "stage": ALL_STAGES, "others": 0})
    rest["at_stake_period"] = only_stuck["at_stake_period"].to_numpy()
    lines = pd.concat([lines, rest]).head(most)

    lines["stuck"] = lines[by].map(stuck["size"]).fillna(0).astype("Int64")
    lines["stuck_amount"] = lines[by].map(stuck["sum"]).fillna(0.0)
    if stuck_deals is None:
        lines["stuck"], lines["stuck_amount"] = pd.NA, np.nan
    lines["look_at"] = [
        _to_talk_about(opened[opened[by] == who], measure, stage, most_deals)
        for who, measure, stage in zip(lines[by], lines["measure"], lines["stage"], strict=True)
    ]
    lines.insert(0, "rank", range(1, len(lines) + 1))
    return lines.astype({"others": "int64"}).reset_index(drop=True)


def compare_runs(previous: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """What became of the exceptions since the previous run: resolved, still there, or new.

    Parameters
    ----------
    previous, current : DataFrame
        As from :func:`salesanalysis.funnel.exceptions`; ``previous`` may come from the CSV file of
        the earlier report (read its first column as text, so that ids keep their zeros).
        ``current`` must be whole: in a table of exceptions only, what is resolved cannot be told
        from what is no longer tested.

    Returns
    -------
    DataFrame
        One row per seller × measure × stage that was or is a worse exception, first ``new``, then
        ``still``, ``untested``, ``resolved``, each with the greatest change for the worse first:
        whose, ``measure, stage, status``, ``previous_value, own_value, team_value``,
        ``previous_ratio, ratio`` (below 1 is worse), ``previous_q_value, q_value``.

        ``resolved`` means: tested again and within the norm. ``untested``: there is no row any
        more, or too few deals. Near the limit of the norm a row can come and go by chance: compare
        the ratios.

    Raises
    ------
    SalesAnalysisError
        A column is not there, the tables are about different things, or one has a key twice.

    Examples
    --------
    >>> row = {"owner_id": "ann", "measure": "ageing", "stage": "offer", "direction": "worse"}
    >>> before = pd.DataFrame([row | {"verdict": "exception", "own_value": 40.0, "team_value": 20.0,
    ...                               "ratio": 0.5, "q_value": 0.01}])
    >>> now = before.assign(verdict="normal", own_value=25.0, ratio=0.9, q_value=0.8)
    >>> compare_runs(before, now)[["owner_id", "status", "previous_value", "own_value"]]
      owner_id    status  previous_value  own_value
    0      ann  resolved            40.0       25.0
    """
    by = _whose(current)
    if _whose(previous) != by:
        raise SalesAnalysisError(
            f"`previous` is about `{_whose(previous)}`, `current` about `{by}`: choose the runs of"
            " one kind."
        )
    key = [by, "measure", "stage"]
    values = ["own_value", "team_value", "ratio", "q_value"]
    for name, table in (("previous", previous), ("current", current)):
        require_columns(table, [*key, *values])
        if table.duplicated(key).any():
            row = table.loc[table.duplicated(key), key].iloc[0]
            raise SalesAnalysisError(f"`{name}` has {', '.join(map(str, row))} twice.")
    now = current.assign(**{by: current[by].astype(str)})
    before = previous.assign(**{by: previous[by].astype(str)})
    before = _worse(before)[[*key, "own_value", "ratio", "q_value"]].rename(
        columns={name: f"previous_{name.removeprefix('own_')}" for name in values}
    )
    before["was"] = True
    both = before.merge(
        now[[*key, *values, "verdict", "direction"]], on=key, how="outer", validate="one_to_one"
    )
    was = both["was"].notna()
    found = (both["verdict"] == EXCEPTION) & (both["direction"] == WORSE)
    untested = both["verdict"].isna() | (both["verdict"] == TOO_FEW)
    both["status"] = np.select(
        [was & found, was & untested, was, found], [STILL, UNTESTED, RESOLVED, NEW], ""
    )
    both = both[both["status"] != ""]
    order = both["status"].map({NEW: 0, STILL: 1, UNTESTED: 2, RESOLVED: 3})
    both = both.assign(order=order, change=both["ratio"] / both["previous_ratio"].fillna(1.0))
    both = both.sort_values(["order", "change", *key], ignore_index=True)
    columns = [*key, "status", "previous_value", "own_value", "team_value"]
    return both[[*columns, "previous_ratio", "ratio", "previous_q_value", "q_value"]]


def resolved_findings(runs: pd.DataFrame) -> list[Finding]:
    """How many exceptions of the previous run are gone, and that luck alone takes most of them.

    Parameters
    ----------
    runs : DataFrame
        As from :func:`compare_runs`.

    Returns
    -------
    list of Finding
        ``gone`` (how many of those that were there, and what luck does to such) or ``all_stay``;
        none where there was no exception before.

    Notes
    -----
    In 400 simulated teams of 20 sellers whose skills did not change, 81 of 92 exceptions were
    within the norm in the next, independent period; of a second run that held the first deals and a
    quarter more, 7 of 29.

    Examples
    --------
    >>> runs = pd.DataFrame({"status": ["new", "still", "resolved", "resolved"]})
    >>> resolved_findings(runs)[0].values
    {'gone': 2, 'before': 3}
    """
    require_columns(runs, ["status"])
    gone = int((runs["status"] == RESOLVED).sum())
    before = int((runs["status"] != NEW).sum())
    if not before:
        return []
    if not gone:
        return [Finding("resolved", "all_stay", {"before": before})]
    return [Finding("resolved", "gone", {"gone": gone, "before": before})]


def _whose(exceptions: pd.DataFrame) -> str:
    """The column that says whose exceptions these are: the first."""
    needed = ["measure", "stage", "verdict", "direction"]
    return whose_column(exceptions, needed, "the table of exceptions")


def _worse(exceptions: pd.DataFrame) -> pd.DataFrame:
    return exceptions[
        (exceptions["verdict"] == EXCEPTION) & (exceptions["direction"] == WORSE)
    ].copy()


def _to_talk_about(opened: pd.DataFrame, measure: str, stage: str, most: int) -> str:
    """The ids of a seller's open deals that the talk is about."""
    if measure == STUCK:
        opened = opened[opened["is_stuck"]]
    elif stage != ALL_STAGES:
        opened = opened[opened["stage"] == stage]
    return ", ".join(opened["opportunity_id"].head(most).astype(str))


def _noticed(table: pd.DataFrame) -> list[Finding]:
    """How large a weakness is found every other time: silence is no proof that all is well.

    Of the tested sellers × stages, that whose least ratio to be noticed is in the middle.
    """
    found = []
    single = table[(table["verdict"] != TOO_FEW) & (table["stage"] != ALL_STAGES)]
    for measure in (CONVERSION, AGEING):
        rows = single[single["measure"] == measure].sort_values("ratio_noticed", kind="stable")
        if rows.empty:
            continue
        ratio, team = rows.iloc[(len(rows) - 1) // 2][["ratio_noticed", "team_value"]]
        if measure == CONVERSION:  # the odds times the ratio, as a share
            share = {"share": team * ratio / (1 - team + team * ratio), "team_value": team}
            found.append(Finding("exception", "noticed_conversion", share))
        else:
            found.append(Finding("exception", "noticed_ageing", {"times": 1 / ratio}))
    return found

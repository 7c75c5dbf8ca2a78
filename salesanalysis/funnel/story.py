"""What a funnel report says first, of each picture, and what it warns of."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from salesanalysis.bases import QUOTED
from salesanalysis.columns import CANCELLED, LOST, OPEN, WON
from salesanalysis.errors import SalesAnalysisError, only_row, require_columns
from salesanalysis.findings import Finding, KeyFigure, picked
from salesanalysis.known import KnownFunnel, frame_of

#: What the first findings read of each table.
_STEP = ["basis", "stage", "to_stage", "rate", "rate_low", "rate_high"]
_OVERALL = ["deals", "won", "lost", "cancelled", "open", "n", "rate"]
_OVERALL += ["final_rate", "horizon_days", "final_low", "final_high"]


def findings(
    conversion: pd.DataFrame, stage_days: pd.DataFrame, win_rate: pd.DataFrame
) -> list[Finding]:
    """What a funnel report says first: the outcome counts, the win rate, the weakest step.

    Parameters
    ----------
    conversion, stage_days, win_rate : DataFrame
        As from the functions of these names, without ``by``.

    Returns
    -------
    list of Finding
        Only what the data carry: no win rate where nothing is decided, no weakest step where
        there is only one.

    Examples
    --------
    >>> from salesanalysis.funnel import win_rate
    >>> deals = pd.DataFrame({"outcome": ["open"], "age_days": [3.0], "amount": [1.0]})
    >>> steps = pd.DataFrame(
    ...     columns=["basis", "stage", "to_stage", "rate", "rate_low", "rate_high"])
    >>> days = pd.DataFrame(columns=["stage", "median_days"])
    >>> [finding.name for finding in findings(steps, days, win_rate(deals))]
    ['counts', 'undecided']
    """
    require_columns(conversion.columns, _STEP, "`conversion`")
    require_columns(stage_days.columns, ["stage", "median_days"], "`stage_days`")
    overall = only_row(win_rate, _OVERALL, "`win_rate`")
    counts = picked(overall, "deals", "won", "lost", "cancelled", "open")
    found = [Finding("headline", "counts", counts)]
    if not overall["n"]:
        return [*found, Finding("headline", "undecided")]
    if overall["final_rate"] == overall["final_rate"]:
        final = picked(overall, "final_rate", "horizon_days", "final_low", "final_high")
        found.append(Finding("headline", "final", final))
    found.append(Finding("headline", "decided", picked(overall, "n", "rate")))
    steps = conversion[(conversion["basis"] == QUOTED) & conversion["rate"].notna()]
    if len(steps) > 1:
        weakest = steps.loc[steps["rate"].idxmin()]
        values = picked(weakest, "stage", "to_stage", "rate", "rate_low", "rate_high")
        found.append(Finding("headline", "weakest", values))
    if len(stage_days) > 1:
        slowest = stage_days.loc[stage_days["median_days"].idxmax()]
        if np.isfinite(slowest["median_days"]):
            days = picked(slowest, "stage", "median_days")
            found.append(Finding("headline", "slowest", days))
        else:
            found.append(Finding("headline", "slowest_unknown", picked(slowest, "stage")))
    return found


def lead(figures: Sequence[KeyFigure]) -> list[Finding]:
    """The answer of a funnel report in one sentence: how many are won, what is stuck.

    Parameters
    ----------
    figures : list of KeyFigure
        As from :func:`salesanalysis.funnel.key_figures`.

    Returns
    -------
    list of Finding
        One: ``stuck_at_stake`` or ``stuck`` (where nobody knows what hangs on them),
        ``none_stuck``, ``no_winners`` (too few deals were won to say which are), ``undecided`` (no
        deal is decided); none where there is no deal.

    Examples
    --------
    >>> known = {"final_rate": 0.5, "rate": 0.5, "open": 2, "stuck": 1, "stuck_at_stake": 20.0}
    >>> lead([KeyFigure(name, value) for name, value in known.items()])[0].values
    {'final_rate': 0.5, 'open': 2, 'stuck': 1, 'at_stake': 20.0}
    """
    if not figures:
        return []
    known = {figure.name: figure.value for figure in figures}
    require_columns(known, ["final_rate", "rate", "open", "stuck", "stuck_at_stake"], "`figures`")
    if np.isnan([known["rate"], known["final_rate"]]).any():
        return [Finding("lead", "undecided", picked(known, "deals", "open"))]
    values = picked(known, "final_rate", "open")
    if np.isnan(known["stuck"]):
        return [Finding("lead", "no_winners", values)]
    if not known["stuck"]:
        return [Finding("lead", "none_stuck", values)]
    values |= picked(known, "stuck")
    if np.isnan(known["stuck_at_stake"]):
        return [Finding("lead", "stuck", values)]
    return [Finding("lead", "stuck_at_stake", values | {"at_stake": known["stuck_at_stake"]})]


#: With fewer decided deals than this, a report says that its rates are rough.
FEW_DECIDED = 30


def require_deals(known: KnownFunnel) -> None:
    """Refuse to report on no deal at all.

    Raises
    ------
    SalesAnalysisError
        No deal was created by its day.
    """
    if not len(frame_of(known, "deals")):
        raise SalesAnalysisError(
            f"No deal was created by `as_of` ({known.as_of:%Y-%m-%d}), so there is nothing to"
            " report. Give a day on which there were deals."
        )


def caveats(known: KnownFunnel, *, only: Mapping[str, object] | None = None) -> list[Finding]:
    """What a reader must know before quoting a figure of this report.

    Parameters
    ----------
    known : KnownFunnel
        With ``deals`` and, where there was a stage history, ``entries`` that are not counted.
    only : dict of column to value, optional
        The part of the data that the report is about.

    Returns
    -------
    list of Finding
        ``only`` (it is about a part of the data); ``no_history``; ``without_history`` (deals of the
        list that the history does not mention);
        ``undated`` (deals whose age is not known); ``few`` (hardly any decided deals).

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["a"], "outcome": ["won"], "age_days": [None]})
    >>> [caveat.name for caveat in caveats(KnownFunnel(as_of="2025-03-31", deals=deals))]
    ['no_history', 'undated', 'few']
    """
    found, deals = [], frame_of(known, "deals", ["opportunity_id", "age_days", "outcome"])
    if only:
        chosen = ", ".join(f"{name}: {value}" for name, value in only.items())
        found.append(Finding("warn", "only", {"chosen": chosen}))
    if not known.history:
        found.append(Finding("warn", "no_history"))
    else:
        # As objects: pandas 3 takes minutes for this with millions of texts.
        entries = frame_of(known, "entries", ["opportunity_id"])
        mentioned = entries["opportunity_id"].drop_duplicates().astype(object)
        outside = int((~deals["opportunity_id"].astype(object).isin(mentioned)).sum())
        if outside:
            found.append(Finding("warn", "without_history", {"deals": outside}))
    undated = int(deals["age_days"].isna().sum())
    if undated:
        found.append(Finding("warn", "undated", {"deals": undated}))
    decided = int((deals["outcome"] != OPEN).sum())
    if decided < FEW_DECIDED:
        found.append(Finding("warn", "few", {"decided": decided}))
    return found


def stuck_findings(stuck: pd.DataFrame, ageing: pd.DataFrame) -> list[Finding]:
    """What is to be said first of the open deals, and of the data.

    Parameters
    ----------
    stuck, ageing : DataFrame
        As from :func:`salesanalysis.funnel.stuck` and :func:`salesanalysis.funnel.ageing`.

    Returns
    -------
    list of Finding
        ``stuck`` (how many deals, worth how much; ``stuck_some_amounts`` and ``stuck_no_amount``
        where not all amounts, or none, are known), or ``no_winners`` where no stage has a limit;
        then ``older`` (than any deal was when it closed) where any are. Empty where none is stuck.

    Examples
    --------
    >>> stuck = pd.DataFrame({"amount": [5.0, None], "zombie": [True, False]})
    >>> limits = pd.DataFrame({"open": [4], "limit_days": [30.0]})
    >>> [(finding.name, dict(finding.values)) for finding in stuck_findings(stuck, limits)]
    [('stuck_some_amounts', {'deals': 2, 'amount': 5.0, 'known': 1}), ('older', {'deals': 1})]
    """
    require_columns(stuck.columns, ["amount", "zombie"], "`stuck`")
    require_columns(ageing.columns, ["open", "limit_days"], "`ageing`")
    zombies = int(stuck["zombie"].sum())
    older = [Finding("headline", "older", {"deals": zombies})] if zombies else []
    if ageing["open"].any() and ageing["limit_days"].isna().all():
        return [Finding("headline", "no_winners", {}), *older]
    if stuck.empty:
        return []
    counts, worth = {"deals": len(stuck)}, {"amount": float(stuck["amount"].sum())}
    known = int(stuck["amount"].count())
    if known == len(stuck):
        return [Finding("headline", "stuck", counts | worth), *older]
    if known:
        some = counts | worth | {"known": known}
        return [Finding("headline", "stuck_some_amounts", some), *older]
    return [Finding("headline", "stuck_no_amount", counts), *older]


def leakage_findings(leakage: pd.DataFrame, *, stands_out: float = 1.5) -> list[Finding]:
    """At which stage most of what was lost was lost, all reasons together.

    Parameters
    ----------
    leakage : DataFrame
        As from :func:`salesanalysis.funnel.leakage`.
    stands_out : float
        How many times an even share a stage must have to stand out.

    Returns
    -------
    list of Finding
        ``most`` or, where no stage stands out, ``alike``; by numbers of deals, ``most_deals`` or
        ``alike_deals``, where no amount is known; ``nothing_lost``.

    Examples
    --------
    >>> lost = pd.DataFrame({"stage": ["lead", "lead", "offer"], "deals": [1, 2, 1],
    ...                      "amount": [30.0, 30.0, 40.0]})
    >>> [leakage_findings(table)[0].name for table in (lost, lost.assign(amount=0.0))]
    ['alike', 'most_deals']
    """
    require_columns(leakage.columns, ["stage", "deals", "amount"], "`leakage`")
    if leakage.empty:
        return [Finding("leakage", "nothing_lost")]
    stages = leakage.groupby("stage", sort=False)[["deals", "amount"]].sum()
    counted = "amount" if stages["amount"].any() else "deals"
    most = stages[counted].idxmax()
    share = stages.loc[most, counted] / stages[counted].sum()
    where = {"stage": most, "share": share}
    # Of a single stage there is nothing to stand out from.
    stands = len(stages) == 1 or share >= stands_out / len(stages)
    if counted == "deals":
        deals = {"deals": stages.loc[most, "deals"], "all_deals": int(stages["deals"].sum())}
        return [Finding("leakage", "most_deals" if stands else "alike_deals", where | deals)]
    if stands:
        return [Finding("leakage", "most", where | picked(stages.loc[most], "deals", "amount"))]
    return [Finding("leakage", "alike", where)]


_POOLED = ["pooled_rate", "pooled_low", "pooled_high"]


def pooled_findings(pooled: pd.DataFrame, tests: pd.DataFrame) -> list[Finding]:
    """Which of several splits show groups that win differently, the widest apart first.

    Parameters
    ----------
    pooled : DataFrame
        As from :func:`salesanalysis.funnel.pooled_win_rate_splits`.
    tests : DataFrame
        As from :func:`salesanalysis.funnel.group_test_splits`, of the same deals; the test of the
        decided deals says whether groups differ.

    Returns
    -------
    list of Finding
        For each split ``differ`` (with the highest and the lowest rate and their limits),
        ``not_shown``, or ``untold`` where there was nothing to test.

    Examples
    --------
    >>> from salesanalysis.funnel import group_test_splits, pooled_win_rate_splits
    >>> deals = pd.DataFrame({"outcome": ["won"] * 40 + ["lost"] * 80, "age_days": 9.0,
    ...     "created_at": pd.Timestamp("2025-01-01"), "team": ["a", "b", "c"] * 40,
    ...     "size": ["small"] * 40 + ["medium", "large"] * 40})
    >>> splits = ["team", "size"]
    >>> known = KnownFunnel(as_of="2025-12-31", deals=deals)
    >>> tests = group_test_splits(known, splits=splits)
    >>> found = pooled_findings(pooled_win_rate_splits(deals, splits=splits), tests)
    >>> [(finding.name, finding.values["split"]) for finding in found]
    [('differ', 'size'), ('not_shown', 'team')]
    """
    needed = ["split", "group", "rate", "rate_low", "rate_high", *_POOLED]
    require_columns(pooled.columns, needed, "`pooled`")
    require_columns(tests.columns, ["split", "test", "verdict", "between_sd"], "`tests`")
    found = []
    tests = tests[tests["test"] == "win_share"].sort_values("between_sd", ascending=False)
    for test in tests.to_dict("records"):
        if test["verdict"] == "differ":
            rows = pooled[pooled["split"] == test["split"]]
            own = ["rate", "rate_low", "rate_high"]
            # Two groups alone differ, or not, by their own rates: they are not pooled.
            rates = own if rows["pooled_rate"].isna().all() else _POOLED
            rows = rows[["group", *rates]].set_axis(["group", *own], axis=1)
            highest = rows.loc[rows["rate"].idxmax()]
            lowest = rows.loc[rows["rate"].idxmin()].add_suffix("_lowest")
            values = picked(highest, "group", "rate", "rate_low", "rate_high")
            values |= picked(lowest, "group_lowest", "rate_lowest")
            values |= picked(lowest, "rate_low_lowest", "rate_high_lowest")
            found.append(Finding("pooled", "differ", values | picked(test, "split")))
        else:
            name = "not_shown" if test["verdict"] == "not_shown" else "untold"
            found.append(Finding("pooled", name, picked(test, "split")))
    names = ["differ", "not_shown", "untold"]
    return sorted(found, key=lambda finding: names.index(finding.name))


#: The lines of a waterfall that make one number of its finding; together all changes.
_CAUSES = {
    "came": ("new", "reopened", "pulled_in"),
    "won": (WON,),
    "gone": (LOST, CANCELLED, "slipped"),
    "revalued": ("amount_up", "amount_down"),
}


def waterfall_findings(waterfall: pd.DataFrame) -> list[Finding]:
    """How the pipeline changed from the start to the end, and through what.

    Parameters
    ----------
    waterfall : DataFrame
        As from :func:`salesanalysis.funnel.waterfall`, without ``by``.

    Returns
    -------
    list of Finding
        ``grew``, ``shrank`` or ``same``: the amounts at both ends, and what came in (new, reopened,
        pulled in), was won, is gone (lost, cancelled, slipped), and how much amounts changed;
        ``no_amounts`` and ``hindsight`` (numbers of deals) where no amount is known, or only once a
        deal closes; ``nothing_open`` where there was no deal at either end and none came in.

    Examples
    --------
    >>> lines = pd.DataFrame({
    ...     "movement": ["start", "new", "won", "end"], "kind": ["start", "flow", "flow", "end"],
    ...     "deals": [2, 1, 1, 2], "amount": [30.0, 25.0, 20.0, 35.0],
    ...     "net_deals": [2, 1, -1, 2], "net_amount": [30.0, 25.0, -20.0, 35.0], "refused": None})
    >>> (found,) = waterfall_findings(lines)
    >>> found.name, found.values["change"], found.values["came"]
    ('grew', 5.0, 25.0)
    """
    needed = ["movement", "kind", "deals", "net_deals", "amount", "net_amount", "refused"]
    require_columns(waterfall.columns, needed, "`waterfall`")
    lines = waterfall[waterfall["kind"] != "memo"]
    ends = lines["movement"].isin(["start", "end"]).sum()
    if ends != 2 or lines["movement"].duplicated().any():
        raise SalesAnalysisError(
            "`waterfall` does not have each movement once, with `start` and `end`; expected it"
            " without `by`."
        )
    lines = lines.set_index("movement")
    deals = lines["deals"]
    counts = {"start_deals": deals["start"], "end_deals": deals["end"]}
    if not deals.any():
        return [Finding("waterfall", "nothing_open")]
    if "hindsight" in set(lines["refused"]):
        moved = _caused(lines["net_deals"])
        values = counts | {"came": moved["came"], "won": -moved["won"], "gone": -moved["gone"]}
        return [Finding("waterfall", "hindsight", values)]
    if not lines["amount"].any():
        return [Finding("waterfall", "no_amounts", counts)]
    amounts, caused = lines["net_amount"].to_dict(), _caused(lines["net_amount"])
    change = amounts["end"] - amounts["start"]
    values = counts | picked(caused, "came", "revalued") | {"end_amount": amounts["end"]}
    values |= {"won": -caused["won"], "gone": -caused["gone"]}
    if change == 0:
        return [Finding("waterfall", "same", values)]
    by = {"change": abs(change)}
    return [Finding("waterfall", "grew" if change > 0 else "shrank", values | by)]


def _caused(net: pd.Series) -> dict:
    """What each cause adds to the pipeline."""
    return {
        cause: net.reindex(movements, fill_value=0).sum().item()
        for cause, movements in _CAUSES.items()
    }


def aim_findings(aimed: pd.DataFrame, outcomes: pd.DataFrame) -> list[Finding]:
    """What the aims would bring, and whether meeting them would be a change at all.

    Parameters
    ----------
    aimed, outcomes : DataFrame
        As from :func:`salesanalysis.funnel.aimed` and :func:`salesanalysis.funnel.aim_outcomes`,
        of the same aims.

    Returns
    -------
    list of Finding
        ``outcome`` (deals won a month now and as aimed at) or ``untold`` where a share or the flow
        is not known; then, where shares are aimed at, ``beyond`` (how many of them lie outside the
        interval of what is) or ``by_chance`` (none does).

    Examples
    --------
    >>> steps = pd.DataFrame({"rate": [0.4, 0.5], "aim": [0.45, 0.5], "beyond": False})
    >>> won = pd.DataFrame({"case": ["present", "aimed"], "won": [10.0, 11.25]})
    >>> [finding.name for finding in aim_findings(steps, won)]
    ['outcome', 'by_chance']
    """
    require_columns(aimed.columns, ["rate", "aim", "beyond"], "`aimed`")
    require_columns(outcomes.columns, ["case"], "`outcomes`")
    present, then = (
        only_row(outcomes[outcomes["case"] == case], ["won"], f"`outcomes` of `{case}`")["won"]
        for case in ("present", "aimed")
    )
    if not np.isfinite([present, then]).all():
        return [Finding("aims", "untold")]
    found = [Finding("aims", "outcome", {"won": present, "won_aimed": then})]
    aims, beyond = int((aimed["aim"] != aimed["rate"]).sum()), int(aimed["beyond"].sum())
    if aims:
        values = {"aims": aims, "beyond": beyond}
        said = Finding("aims", "beyond", values) if beyond else Finding("aims", "by_chance")
        found.append(said)
    return found

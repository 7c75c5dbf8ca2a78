"""What an incentive report says of behaviour and of where the thresholds should be."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.incentive.bunching_result import Bunching
from salesanalysis.incentive.density import DensityTest
from salesanalysis.incentive.evidence import Evidence
from salesanalysis.incentive.out_of_reach import gave_up
from salesanalysis.incentive.period_end import timing
from salesanalysis.incentive.plan_bunching import strongest_pile
from salesanalysis.incentive.reserves import sandbagging
from salesanalysis.incentive.responses import Response
from salesanalysis.incentive.threshold_choice import ThresholdChoice
from salesanalysis.known import KnownIncentive, require_known

#: What an effect shows that is a share of the sales, by its measure.
_SHARES = {"last_days": "hurry", "first_days": "hangover"}

#: What is said of each goal, and how a payee can find it.
_REACH = {"floor": "reach_floor", "stretch": "reach_stretch"}
_VERDICTS = ["too_easy", "jump", "out_of_reach", "unknown"]

#: What is said of the best pair that was found.
_TOLD = {"better": "recommended", "not_shown": "no_better", "at_edge": "at_edge"}

#: Regret up to this share of the gain is no reason to doubt a pair of thresholds.
SMALL_REGRET = 0.25


def behaviour(
    known: KnownIncentive,
    attainment: pd.DataFrame,
    *,
    thresholds: pd.DataFrame,
    days: int = 7,
    level: float = 0.95,
    seed: int = 0,
) -> list[Evidence]:
    """All looks for behaviour that the plan gives reason for and the tables allow.

    Parameters
    ----------
    known : KnownIncentive
        Its ``sales`` where there are any: :func:`timing` and :func:`gave_up` need them.
    attainment : DataFrame, one row per payee × period
        As for :func:`sandbagging`.
    thresholds : DataFrame
        As from :func:`plan_thresholds`. Payees stop where the reward of the next sale falls most;
        they give up below the first threshold from which there is more to be had.
    days
        As for :func:`timing`; its period is that of ``attainment``.
    level, seed
        Confidence level and seed of all of them.

    Returns
    -------
    list of Evidence
        Empty where the plan has no threshold.
    """
    sales, calendar = require_known(known, KnownIncentive).sales, known.calendar
    require_columns(thresholds.columns, ["level", "pull", "below", "above"], "`thresholds`")
    drawn, found = {"level": level, "seed": seed}, []
    stops = thresholds[thresholds["pull"] == "stop"]
    first = thresholds.loc[thresholds["pull"].isin(["up", "gain"]), "level"].min()
    if len(stops):
        most = stops.loc[(stops["below"] - stops["above"]).idxmax(), "level"]
        found.append(sandbagging(attainment, threshold=most, calendar=calendar, **drawn))
    if thresholds.empty:
        return found
    # Periods that are only numbered have no days, so sales cannot be told to be early or late.
    if sales is not None and len(attainment) and attainment["period"].map(calendar.is_named).all():
        unit = calendar.unit_of(attainment["period"].iloc[0])
        found.append(timing(known, period=unit, days=days, by="period", **drawn))
        if np.isfinite(first):
            found.append(gave_up(sales, attainment, threshold=first, calendar=calendar, **drawn))
    return found


def behaviour_findings(
    looks: Sequence[Evidence] = (), piles: Sequence[Bunching] = ()
) -> list[Finding]:
    """What the evidence shows, each with its size; one sentence if it shows nothing.

    Parameters
    ----------
    looks : list of Evidence
        As from :func:`timing`, :func:`sandbagging`, :func:`gave_up`.
    piles : list of Bunching
        As from :func:`plan_bunching`; of several the strongest of each kind is told.

    Returns
    -------
    list of Finding
        ``pushed_up``, ``stopped_at``, ``hurry``, ``hangover``, ``kept_back``, ``gave_up``, as far
        as shown; ``no_behaviour`` if none is, ``behaviour_unknown`` if nothing could be looked at.

    Examples
    --------
    >>> [finding.name for finding in behaviour_findings()]
    ['behaviour_unknown']
    """
    found = []
    up, stop = (strongest_pile(piles, pull=pull) for pull in ("up", "stop"))
    if up is not None:
        found.append(Finding("behaviour", "pushed_up", _pile(up) | {"way": up.response_share}))
    if stop is not None:
        found.append(Finding("behaviour", "stopped_at", _pile(stop)))
    shown = (
        (row, look.threshold)
        for look in looks
        for row in look.effects.to_dict("records")
        if row["verdict"] == "shown"
    )
    found += [finding for row, level in shown for finding in _effect(row, level)]
    return found or [_nothing_shown(looks, piles)]


def _effect(row: dict, level: float) -> list[Finding]:
    """The sentence on an effect that is shown, where there is one."""
    seen = picked(row, "observed", "expected")
    if row["measure"] in _SHARES:
        return [Finding("behaviour", _SHARES[row["measure"]], seen)]
    if row["measure"] == "next_period":
        return [Finding("behaviour", "kept_back", seen | {"level": level})]
    if row["measure"] != "pace_after":
        return []
    low, high = sorted(abs(row[key]) for key in ("effect_low", "effect_high"))
    size = {"size": abs(row["effect"]), "low": low, "high": high, "level": level}
    return [Finding("behaviour", "gave_up", size | picked(row, "n"))]


def _nothing_shown(looks: Sequence[Evidence], piles: Sequence[Bunching]) -> Finding:
    """That nothing is shown, or that nothing could be looked at."""
    verdicts = [verdict for look in looks for verdict in look.effects["verdict"]]
    verdicts += [pile.verdict for pile in piles]
    looked = sum(verdict != "too_few" for verdict in verdicts)
    if looked:
        return Finding("behaviour", "no_behaviour", {"looked": looked})
    return Finding("behaviour", "behaviour_unknown")


def _pile(found: Bunching) -> dict:
    """Where a pile is and how large, with its interval."""
    low, high = found.interval("B")
    return {"level": found.threshold, "excess": found.B, "low": low, "high": high}


def other_explanations(looks: Sequence[Evidence]) -> pd.DataFrame:
    """What else could explain what the looks show.

    Parameters
    ----------
    looks : list of Evidence

    Returns
    -------
    DataFrame
        One row per look that shows something × other explanation: ``behaviour, instead``.

    Examples
    --------
    >>> other_explanations([]).columns.tolist()
    ['behaviour', 'instead']
    """
    rows = [
        (look.name, instead)
        for look in looks
        if look.is_shown
        for instead in look.other_explanations
    ]
    return pd.DataFrame(rows, columns=["behaviour", "instead"])


def elasticity_findings(piles: Sequence[Bunching]) -> list[Finding]:
    """The elasticity that most payees who stop imply, with its interval; nothing where none do."""
    found = strongest_pile(piles, pull="stop")
    if found is None or not np.isfinite(found.elasticity):
        return []
    low, high = found.interval("elasticity")
    values = {"elasticity": found.elasticity, "low": low, "high": high, "level": found.threshold}
    rise = {"rise": 1.1**found.elasticity - 1}
    return [Finding("choice", "elasticity", values | rise)]


def density_findings(tests: Sequence[DensityTest]) -> list[Finding]:
    """What each density test says: a jump, no jump, that it cannot tell, or that it was not made.

    ``not_tested`` is for a threshold with too few payee-periods on one side.
    """
    found = []
    for test in tests:
        level, p_value = {"level": test.threshold}, {"p_value": test.p_value}
        if not np.isfinite(test.p_value):
            sides = {"n_left": test.n_left, "n_right": test.n_right}
            found.append(Finding("density", "not_tested", level | sides))
        elif test.verdict == "jumps":
            ratio = {"ratio": test.ratio}
            found.append(Finding("density", "jumps", level | p_value | ratio))
        else:
            seen = {"power": test.power, "moved": test.moved, "reach": test.reach}
            name = "no_jump" if test.verdict == "no_jump" else "cannot_tell"
            found.append(Finding("density", name, level | p_value | seen))
    return found


def density_table(tests: Sequence[DensityTest]) -> pd.DataFrame:
    """One row per test: ``level, n, density_left, density_right, ratio, p_value, power, verdict``.

    Examples
    --------
    >>> density_table([]).empty
    True
    """
    columns = ["level", "n", "density_left", "density_right", "ratio", "p_value", "power"]
    rows = [
        (t.threshold, t.used_left + t.used_right, t.density_left, t.density_right, t.ratio)
        + (t.p_value, t.power, t.verdict)
        for t in tests
    ]
    return pd.DataFrame(rows, columns=[*columns, "verdict"])


def threshold_findings(choice: ThresholdChoice) -> list[Finding]:
    """The recommended pair, what it brings, and whether that hangs on the assumption.

    Parameters
    ----------
    choice : ThresholdChoice
        As from :func:`optimise`.

    Returns
    -------
    list of Finding
        ``over_limit``, ``at_edge`` where the best pair is at the edge of what was tried, or
        ``recommended`` (``no_better`` where the gain is not shown) and ``sensitive`` or ``robust``.
    """
    if choice.verdict == "over_limit":
        return [Finding("headline", "over_limit", {"cost_rate": _least_cost_rate(choice)})]
    values = chosen_pair(choice) | {"cost_rate": choice.cost_rate, "gain": choice.gain}
    values |= {"low": choice.gain_low, "high": choice.gain_high}
    found, under = [Finding("headline", _TOLD[choice.verdict], values)], under_assumptions(choice)
    if choice.verdict == "at_edge":
        return found
    if _is_robust(choice):
        holds = picked(under, "assumptions", "regret")
        return [*found, Finding("assumptions", "robust", holds)]
    hangs = picked(under, "assumptions", "worse", "broken")
    return [*found, Finding("assumptions", "sensitive", hangs)]


def choice_findings(choice: ThresholdChoice) -> list[Finding]:
    """What to know of the recommended pair: what is assumed, where it lies, how far it holds.

    Parameters
    ----------
    choice : ThresholdChoice
        As from :func:`optimise`.

    Returns
    -------
    list of Finding
        ``over_limit``, or ``recommended`` (``no_better`` where the gain is not shown); then the
        assumption (``assumed_none``, ``assumed_elastic``, ``assumed_reachable``),
        ``stretch_idle`` where the stretch changes nothing, ``at_edge`` where the best may lie
        beyond what was tried, ``rule_more`` or ``rule_less`` (the source's rule beside it), and
        ``sensitive`` or ``robust``.
    """
    if choice.verdict == "over_limit":
        over = Finding("choice", "over_limit", {"cost_rate": _least_cost_rate(choice)})
        return [over, *_limits(choice)]
    name = "recommended" if choice.verdict == "better" else "no_better"
    found = [Finding("choice", name, {"won": choice.won_share}), *_limits(choice)]
    found += response_findings(choice.response)
    pair = chosen_pair(choice)
    if not choice.stretch_matters:
        found.append(Finding("choice", "stretch_idle", picked(pair, "stretch")))
    if choice.at_edge:
        found.append(Finding("choice", "at_edge", pair))
    name = "robust" if _is_robust(choice) else "sensitive"
    return [*found, *_rule(choice), Finding("choice", name, under_assumptions(choice))]


def _limits(choice: ThresholdChoice) -> list[Finding]:
    """The limits that bind, in words."""
    found = []
    if "keep_payout" in choice.binds:
        found.append(Finding("choice", "keep_binds", {"keep": choice.keep_payout}))
    if "cost_limit" in choice.binds:
        found.append(Finding("choice", "cost_binds", {"limit": choice.cost_limit}))
    return found


def _least_cost_rate(choice: ThresholdChoice) -> float:
    """The lowest share of the sales that payouts of a pair that was tried come to."""
    return float(choice.grid.loc[~choice.grid["present"], "cost_rate"].min())


def chosen_pair(choice: ThresholdChoice) -> dict:
    """The chosen thresholds as shares of the quota."""
    return {"floor": choice.floor / choice.unit, "stretch": choice.stretch / choice.unit}


def under_assumptions(choice: ThresholdChoice) -> dict:
    """How the pair does under the other assumptions."""
    tried = choice.sensitivity
    worst = tried["regret"].max()
    return {
        "regret": float(worst) if worst > 0 else 0.0,
        "worse": int((tried["chosen_margin"] < tried["present_margin"]).sum()),
        "broken": int((~tried["chosen_allowed"]).sum()),
        "assumptions": len(tried),
    }


def _is_robust(choice: ThresholdChoice) -> bool:
    """Whether the pair holds under every assumption."""
    under = under_assumptions(choice)
    calm = under["regret"] <= SMALL_REGRET * abs(choice.gain)
    return calm and not under["worse"] and not under["broken"]


def _rule(choice: ThresholdChoice) -> list[Finding]:
    """The source's rule against the chosen pair, under the same assumption."""
    same = choice.response
    rows = choice.rule[
        (choice.rule["behaviour"] == same.kind)
        & (choice.rule["elasticity"] == (same.elasticity if same.kind == "elastic" else 0))
        & (choice.rule["lift"] == (same.lift if same.kind == "reachable" else 0))
    ]
    if rows.empty:
        return []
    best = rows.loc[rows["margin"].idxmax()]
    apart = float(best["margin"] - choice.margin)
    values = {"stretch": best["stretch_at"] / choice.unit, "difference": abs(apart)}
    values |= picked(best, "cost_rate")
    return [Finding("choice", "rule_more" if apart > 0 else "rule_less", values)]


def response_findings(response: Response) -> list[Finding]:
    """What is assumed of payees: ``assumed_none``, ``assumed_elastic`` or ``assumed_reachable``."""
    if response.kind == "elastic":
        elastic = {"elasticity": response.elasticity, "farthest": response.farthest}
        return [Finding("choice", "assumed_elastic", elastic)]
    if response.kind == "reachable":
        return [Finding("choice", "assumed_reachable", {"lift": response.lift})]
    return [Finding("choice", "assumed_none")]


def reach_findings(table: pd.DataFrame) -> list[Finding]:
    """For how many payees floor and stretch are too easy, a jump, out of reach, or not known.

    Parameters
    ----------
    table : DataFrame
        As from :func:`reachability`, one row per payee × goal.
    """
    require_columns(table.columns, ["goal", "goal_level", "verdict"])
    found = []
    for goal in _REACH:
        rows = table[table["goal"] == goal]
        if rows.empty:
            continue
        counts = rows["verdict"].value_counts().reindex(_VERDICTS, fill_value=0)
        values = {"level": float(rows["goal_level"].iloc[0]), "payees": len(rows)}
        values |= picked(counts, "too_easy", "jump", "out_of_reach", "unknown")
        found.append(Finding("reach", _REACH[goal], values))
    return found

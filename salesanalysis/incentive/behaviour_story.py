"""What an incentive report says of behaviour and of where the thresholds should be."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.findings import Finding
from salesanalysis.incentive.bunching_result import Bunching
from salesanalysis.incentive.density import DensityTest
from salesanalysis.incentive.evidence import Evidence
from salesanalysis.incentive.out_of_reach import gave_up
from salesanalysis.incentive.period_end import timing
from salesanalysis.incentive.reserves import sandbagging
from salesanalysis.incentive.responses import Response
from salesanalysis.incentive.threshold_choice import ThresholdChoice
from salesanalysis.periods import is_named, unit_of

#: Regret up to this share of the gain is no reason to doubt a pair of thresholds.
SMALL_REGRET = 0.25


def behaviour(
    attainment: pd.DataFrame,
    sales: pd.DataFrame | None = None,
    *,
    floor: float = 1.0,
    stretch: float = 1.3,
    days: int = 7,
    as_of=None,
    level: float = 0.95,
    seed: int = 0,
) -> list[Evidence]:
    """All looks for behaviour that the tables allow.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        As for :func:`sandbagging`.
    sales : DataFrame, one row per sale, optional
        As for :func:`timing` and :func:`gave_up`, which need it.
    floor, stretch : float
        As shares of the quota: where payees give up, and where they stop.
    days, as_of
        As for :func:`timing`; its period is that of ``attainment``.
    level, seed
        Confidence level and seed of all of them.

    Returns
    -------
    list of Evidence
    """
    drawn = {"level": level, "seed": seed}
    found = [sandbagging(attainment, threshold=stretch, **drawn)]
    # Periods that are only numbered have no days, so sales cannot be told to be early or late.
    if sales is not None and len(attainment) and attainment["period"].map(is_named).all():
        unit = unit_of(attainment["period"].iloc[0])
        found.append(timing(sales, period=unit, days=days, as_of=as_of, by="period", **drawn))
        found.append(gave_up(sales, attainment, threshold=floor, **drawn))
    return found


def behaviour_findings(
    looks: Sequence[Evidence] = (),
    *,
    floor: Bunching | None = None,
    stretch: Bunching | None = None,
) -> list[Finding]:
    """What the evidence shows, each with its size; one sentence if it shows nothing.

    Parameters
    ----------
    looks : list of Evidence
        As from :func:`timing`, :func:`sandbagging`, :func:`gave_up`.
    floor, stretch : Bunching, optional
        At the floor, where payees push up, and at the stretch target, where they stop.

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
    for name, bunching in (("pushed_up", floor), ("stopped_at", stretch)):
        if bunching is not None and bunching.verdict == "bunching":
            found.append(_pile(name, bunching))
    names = {"last_days": "hurry", "first_days": "hangover", "next_period": "kept_back"}
    names["pace_after"] = "gave_up"
    for look in looks:
        for row in look.effects.to_dict("records"):
            if row["verdict"] == "shown" and row["measure"] in names:
                values = {key: row[key] for key in ("n", "observed", "expected")}
                size = sorted(abs(row[key]) for key in ("effect_low", "effect_high"))
                values |= {"size": abs(row["effect"]), "low": size[0], "high": size[1]}
                found.append(Finding(names[row["measure"]], values))
    if not found:
        verdicts = [verdict for look in looks for verdict in look.effects["verdict"]]
        verdicts += [one.verdict for one in (floor, stretch) if one is not None]
        looked = sum(verdict != "too_few" for verdict in verdicts)
        name = "no_behaviour" if looked else "behaviour_unknown"
        found.append(Finding(name, {"looked": looked}))
    return found


def _pile(name: str, found: Bunching) -> Finding:
    low, high = found.interval("B")
    values = {"level": found.threshold, "excess": found.B, "low": low, "high": high}
    return Finding(name, values | {"way": found.response_share, "bin_width": found.bin_width})


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
    rows = [(look.name, finding.name) for look in looks for finding in look.findings()]
    return pd.DataFrame(rows, columns=["behaviour", "instead"])


def elasticity_findings(found: Bunching) -> list[Finding]:
    """The elasticity that a pile implies, with its interval; nothing where there is none."""
    if not np.isfinite(found.elasticity) or found.verdict != "bunching":
        return []
    low, high = found.interval("elasticity")
    values = {"elasticity": found.elasticity, "low": low, "high": high}
    return [Finding("elasticity", values | {"rise": 1.1**found.elasticity - 1})]


def density_findings(tests: Sequence[DensityTest]) -> list[Finding]:
    """What each density test says: a jump, no jump, that it cannot tell, or that it was not made.

    ``not_tested`` is for a threshold with too few payee-periods on one side.
    """
    found = []
    for test in tests:
        names = ("p_value", "power", "moved", "reach", "ratio", "n_left", "n_right")
        values = {name: getattr(test, name) for name in names} | {"level": test.threshold}
        name = test.verdict if np.isfinite(test.p_value) else "not_tested"
        found.append(Finding(name, values))
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
    """The recommended pair, what it brings, and how much that hangs on the assumption.

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
        least = float(choice.grid.loc[~choice.grid["present"], "cost_rate"].min())
        return [Finding("over_limit", {"cost_rate": least})]
    values = {"floor": choice.floor / choice.unit, "stretch": choice.stretch / choice.unit}
    values |= {"cost_rate": choice.cost_rate, "gain": choice.gain}
    values |= {"low": choice.gain_low, "high": choice.gain_high, "won": choice.won_share}
    found = [Finding("recommended" if choice.verdict == "better" else "no_better", values)]
    found.append(response_finding(choice.response))
    if not choice.stretch_matters:
        found.append(Finding("stretch_idle", {"stretch": values["stretch"]}))
    if choice.at_edge:
        found.append(Finding("at_edge", {name: values[name] for name in ("floor", "stretch")}))
    tried = choice.sensitivity
    worst = tried["regret"].max()
    numbers = {
        "regret": float(worst) if worst > 0 else 0.0,
        "worse": int((tried["chosen_margin"] < tried["present_margin"]).sum()),
        "broken": int((~tried["chosen_allowed"]).sum()),
        "assumptions": len(tried),
    }
    calm = numbers["regret"] <= SMALL_REGRET * abs(choice.gain)
    robust = calm and not numbers["worse"] and not numbers["broken"]
    return [*found, *_rule(choice), Finding("robust" if robust else "sensitive", numbers)]


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
    name = "rule_more" if apart > 0 else "rule_less"
    return [Finding(name, values | {"cost_rate": best["cost_rate"]})]


def response_finding(response: Response) -> Finding:
    """What is assumed of payees: ``assumed_none``, ``assumed_elastic`` or ``assumed_reachable``."""
    names = {"none": "assumed_none", "elastic": "assumed_elastic", "reachable": "assumed_reachable"}
    values = {name: getattr(response, name) for name in ("elasticity", "lift", "farthest")}
    return Finding(names[response.kind], values)


def reach_findings(table: pd.DataFrame) -> list[Finding]:
    """For how many payees floor and stretch are too easy, a jump, out of reach, or not known.

    Parameters
    ----------
    table : DataFrame
        As from :func:`reachability`, one row per payee × goal.
    """
    found = []
    for goal, name in (("floor", "reach_floor"), ("stretch", "reach_stretch")):
        rows = table[table["goal"] == goal]
        counts = rows["verdict"].value_counts()
        verdicts = ("too_easy", "jump", "out_of_reach", "unknown")
        values = {verdict: int(counts.get(verdict, 0)) for verdict in verdicts}
        level = {"level": float(rows["goal_level"].iloc[0]), "payees": len(rows)}
        found.append(Finding(name, level | values))
    return found

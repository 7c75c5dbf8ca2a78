"""A plan in short: the few figures that a director asks for, and what somebody should look at."""

import pandas as pd

from salesanalysis.errors import only_row, require_columns, whose_column
from salesanalysis.findings import Finding, KeyFigure, Thing, picked
from salesanalysis.incentive.behaviour_story import chosen_pair, under_assumptions
from salesanalysis.incentive.plan_cost import Cost
from salesanalysis.incentive.threshold_choice import ThresholdChoice


def key_figures(
    cost: Cost, reach: pd.DataFrame, timeliness: pd.DataFrame | None = None
) -> list[KeyFigure]:
    """What the plan costs, who reaches its targets, and whether it is paid in time.

    Parameters
    ----------
    cost : Cost
        As from :func:`salesanalysis.incentive.cost`.
    reach : DataFrame
        As from :func:`reachability`, with ``by=[]``.
    timeliness : DataFrame, optional
        As from :func:`timeliness`, with ``by=[]``.

    Returns
    -------
    list of KeyFigure
        ``plan_cost`` of the next period, ``cost_rate`` (÷ sales), ``floor_rate`` and
        ``stretch_rate`` (shares of the statements so far that reached them, where the plan has
        them), ``late_rate`` (payouts late, of those due).

    Examples
    --------
    >>> from salesanalysis.incentive import cost
    >>> reach = pd.DataFrame({"goal": ["floor", "stretch"], "rate": [0.7, 0.2],
    ...                       "rate_low": 0.1, "rate_high": 0.8})
    >>> figures = key_figures(cost({"tiers": [[0, None, 0.1]]}, [100.0, 300.0]), reach)
    >>> [(figure.name, round(figure.value, 2)) for figure in figures]
    [('plan_cost', 20.0), ('cost_rate', 0.1), ('floor_rate', 0.7), ('stretch_rate', 0.2)]
    """
    paid, rate = cost.summary().set_index("name")["value"], ["rate", "rate_low", "rate_high"]
    require_columns(reach.columns, ["goal"], "`reach`")
    found = [
        KeyFigure("plan_cost", *paid[["cost", "cost_low", "cost_high"]]),
        KeyFigure("cost_rate", paid["cost_rate"]),
    ]
    for goal, name in (("floor", "floor_rate"), ("stretch", "stretch_rate")):
        if (reach["goal"] == goal).any():
            reached = only_row(reach[reach["goal"] == goal], rate, f"`reach` of `{goal}`")
            found.append(KeyFigure(name, *(reached[each] for each in rate)))
    return found if timeliness is None else [*found, late_figure(timeliness)]


def late_figure(timeliness: pd.DataFrame) -> KeyFigure:
    """How much of what was due came late, of all payouts together."""
    rate = ["rate", "rate_low", "rate_high"]
    late = only_row(timeliness, rate, "`timeliness`")
    # A share that may be chance is not to be acted on: the lower end of its interval judges.
    judged = ("late_share", late["rate_low"])
    return KeyFigure("late_rate", *(late[name] for name in rate), judged=judged)


def things(
    choice: ThresholdChoice | None = None,
    timeliness: pd.DataFrame | None = None,
    *,
    periods: int = 1,
) -> list[Thing]:
    """Better thresholds, and payouts that come late.

    Parameters
    ----------
    choice : ThresholdChoice, optional
        As from :func:`optimise`. A pair counts where it is shown to be better, keeps the limits and
        is no worse than the present one under every assumption, and is not at the edge of what was
        tried: the best may lie further on.
    timeliness : DataFrame, one row per group, optional
        As from :func:`timeliness`; the first column says whose.
    periods : int
        How many periods the payouts are of: one period's worth is at stake.

    Returns
    -------
    list of Thing
        Their money: the gain, the margin that the better pair would bring in a period; what is
        paid late in a period.

    Examples
    --------
    >>> late = pd.DataFrame({"team": ["a", "b"], "k": [3, 0], "n": 9, "late_amount": [8.0, 0.0]})
    >>> [(thing.subject, thing.money) for thing in things(timeliness=late, periods=2)]
    [('a', 4.0)]
    """
    found = []
    if choice is not None and _is_sound(choice):
        values = chosen_pair(choice) | {"gain": choice.gain}
        values |= {"low": choice.gain_low, "high": choice.gain_high}
        values |= picked(under_assumptions(choice), "assumptions")
        better = Finding("thing", "thresholds", values)
        found.append(Thing("thresholds", choice.gain, better, "topic"))
    if timeliness is not None:
        whose = whose_column(timeliness, ["k", "n", "late_amount"], "`timeliness`")
        late = timeliness[timeliness["k"] > 0].sort_values(["late_amount"], ascending=False)
        for row in late.to_dict("records"):
            money = row["late_amount"] / max(periods, 1)
            values = {"late": row["k"], "due": row["n"], "amount": money}
            reason = Finding("thing", "late", values)
            found.append(Thing(str(row[whose]), money, reason))
    return found


def _is_sound(choice: ThresholdChoice) -> bool:
    """Whether the pair can be recommended as it stands."""
    under = under_assumptions(choice)
    holds = not under["worse"] and not under["broken"]
    return choice.verdict == "better" and holds and not choice.at_edge

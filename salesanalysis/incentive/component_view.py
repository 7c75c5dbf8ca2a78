"""One component of a plan, as a plan and a table of its own: what looks at one measure reads it."""

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.incentive.any_plan import AnyPlan, read_plan
from salesanalysis.incentive.component_statements import component_table
from salesanalysis.incentive.components import Component, ComponentPlan
from salesanalysis.incentive.plan_thresholds import plan_thresholds


def component_in_view(plan: AnyPlan, component: str = "") -> Component | None:
    """The component that cost, behaviour and thresholds look at.

    Each of them looks at one measure: at the component of that name, else at the first one whose
    tiers give a threshold. A joint table has no curve of its own level alone, and is not looked at.

    Parameters
    ----------
    plan : Plan, ComponentPlan, or what :func:`read_plan` takes
    component : str
        Its name; empty for the first one with a threshold.

    Returns
    -------
    Component or None
        None where the plan has no components, or only joint tables.

    Raises
    ------
    SalesAnalysisError
        The plan has no component of that name, or it is a joint table.

    Examples
    --------
    >>> plan = {"components": [{"name": "new", "tiers": [[0, None, "10%"]]},
    ...                        {"name": "old", "tiers": [[0, 500, "1%"], [500, None, "2%"]]}]}
    >>> component_in_view(plan).name, component_in_view(plan, "new").name
    ('old', 'new')
    """
    rules = read_plan(plan)
    components = rules.components if isinstance(rules, ComponentPlan) else ()
    names = [each.name for each in components]
    if component and component not in names:
        known = f" Known: {', '.join(names)}." if names else " The plan has no components."
        raise SalesAnalysisError(
            f"`component` is {component!r}, which the plan does not have."
            f"{did_you_mean(component, names)}{known}"
        )
    if component:
        chosen = rules.named(component) if isinstance(rules, ComponentPlan) else None
        if chosen is not None and chosen.across is not None:
            raise SalesAnalysisError(
                f"`component` is {component!r}, a joint table: what it pays depends on the level of"
                f" {chosen.across.component!r} as well, so there is no one curve to look at."
            )
        return chosen
    alone = [each for each in components if each.across is None]
    with_thresholds = [each for each in alone if len(plan_thresholds(each.plan))]
    return next(iter([*with_thresholds, *alone]), None)


def component_rows(attainment: pd.DataFrame, *, plan: AnyPlan, component: str) -> pd.DataFrame:
    """The attainment of one component, with its part of the target incentive.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period × component
        As for :func:`payout`.
    plan : ComponentPlan, or what :func:`read_plan` takes
    component : str
        Its name.

    Returns
    -------
    DataFrame
        One row per payee × period, in the order of the rows given: what the functions take that
        look at one measure, with ``component.plan``.

    Raises
    ------
    SalesAnalysisError
        As for :func:`payout`; or the plan has no such component.

    Examples
    --------
    >>> plan = {"target_incentive": 100, "components": [
    ...     {"name": name, "weight": "50%", "thresholds": "quota", "tiers": [{"from": 0, "times": 1}]}
    ...     for name in ("new", "old")]}
    >>> rows = pd.DataFrame({"payee_id": "a", "period": "2025", "component": ["new", "old"],
    ...                      "quota": [10.0, 20.0], "sales": [5.0, 30.0]})
    >>> component_rows(rows, plan=plan, component="old")
      payee_id period  quota  sales  target_incentive
    0        a   2025   20.0   30.0              50.0
    """  # noqa: E501
    rules = read_plan(plan)
    if not isinstance(rules, ComponentPlan):
        raise SalesAnalysisError("`plan` has no components; take `attainment` as it is.")
    if component not in [each.name for each in rules.components]:
        component_in_view(rules, component)
    return component_table(attainment, rules, rules.named(component))

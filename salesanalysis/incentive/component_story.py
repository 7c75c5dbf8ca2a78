"""What an incentive report says first of a plan with components: who is paid for what."""

import pandas as pd

from salesanalysis.errors import only_row, require_columns
from salesanalysis.findings import Finding, KeyFigure, picked
from salesanalysis.incentive.components import ComponentPlan
from salesanalysis.incentive.in_short import late_figure
from salesanalysis.incentive.plan import Plan


def has_components(plan: Plan | ComponentPlan) -> bool:
    """Whether a plan has components.

    What looks at one measure (:func:`cost`, :func:`optimise`, behaviour at thresholds) reads one of
    them at a time: :func:`component_in_view`.

    Examples
    --------
    >>> from salesanalysis.incentive import read_plan
    >>> has_components(read_plan({"tiers": [[0, None, 0.1]]}))
    False
    """
    return isinstance(plan, ComponentPlan)


def component_totals(parts: pd.DataFrame) -> pd.DataFrame:
    """What each component, and whatever is paid beside them, brings all payees together.

    Parameters
    ----------
    parts : DataFrame
        As from :func:`payout_parts`.

    Returns
    -------
    DataFrame
        One row per ``part`` × ``component``, in the order of the plan: ``statements`` that are
        paid, ``gated`` (of them, those whose gate is shut), ``gate_cut, total_cut, payout``, and
        ``payout_share`` of all that the components bring.

    Examples
    --------
    >>> from salesanalysis.incentive import payout_parts
    >>> plan = {"components": [{"name": name, "tiers": [[0, None, rate]]}
    ...                        for name, rate in (("new", 0.1), ("renewed", 0.02))]}
    >>> rows = pd.DataFrame({"payee_id": "a", "period": "2025", "component": ["new", "renewed"],
    ...                      "sales": [300.0, 500.0]})
    >>> component_totals(payout_parts(rows, plan=plan))[["component", "payout", "payout_share"]]
      component  payout  payout_share
    0       new    30.0          0.75
    1   renewed    10.0          0.25
    """
    needed = ["part", "component", "status", "gate_cut", "total_cut", "payout"]
    require_columns(parts.columns, needed, "`parts`")
    rows = parts[parts["payout"].notna()].assign(gated=lambda t: t["status"].eq("gated"))
    whose = ["part", "component"]
    groups = rows.groupby(whose, sort=False, dropna=False)
    table = groups.agg(
        statements=("payout", "size"), gated=("gated", "sum"), gate_cut=("gate_cut", "sum"),
        total_cut=("total_cut", "sum"), payout=("payout", "sum"),
    ).reset_index()  # fmt: skip
    own = table["part"].eq("component")
    whole = table.loc[own, "payout"].sum()
    table["payout_share"] = (table["payout"] / whole).where(own & (whole > 0))
    # Components come in the order of the plan, and before what is paid beside them.
    order = own.map({True: 0, False: 1}).sort_values(kind="stable").index
    return table.loc[order].reset_index(drop=True)


def component_findings(totals: pd.DataFrame, *, in_view: str = "") -> list[Finding]:
    """Which component brings most, whose gate keeps how much back, and what is not looked at.

    Parameters
    ----------
    totals : DataFrame
        As from :func:`component_totals`.
    in_view : str
        The component that what looks at one measure looks at; empty where it looks at none.

    Returns
    -------
    list of Finding
        ``largest_component`` where anything is paid, ``gate_shut`` for each component whose gate
        was, ``in_view`` or
        ``not_looked_at``.

    Examples
    --------
    >>> totals = pd.DataFrame({"part": "component", "component": ["a", "b"], "statements": 4,
    ...                        "gated": [0, 1], "gate_cut": [0.0, -5.0], "payout": [70.0, 30.0],
    ...                        "payout_share": [0.7, 0.3]})
    >>> [found.name for found in component_findings(totals)]
    ['largest_component', 'gate_shut', 'not_looked_at']
    """
    needed = ["part", "component", "statements", "gated", "gate_cut", "payout", "payout_share"]
    require_columns(totals.columns, needed, "`totals`")
    own, found = totals[totals["part"].eq("component")], []
    if own["payout_share"].notna().any():
        most = own.loc[own["payout_share"].idxmax()]
        values = picked(most, "component", "payout")
        values |= {"share": float(most["payout_share"]), "components": len(own)}
        found.append(Finding("components", "largest_component", values))
    for row in own[own["gated"] > 0].to_dict("records"):
        values = {"component": row["component"], "k": row["gated"], "n": row["statements"]}
        values |= {"amount": -row["gate_cut"]}
        found.append(Finding("components", "gate_shut", values))
    if in_view:
        return [*found, Finding("components", "in_view", {"component": in_view})]
    return [*found, Finding("components", "not_looked_at")]


def not_compared() -> list[Finding]:
    """That plans are not held beside each other where one has components."""
    return [Finding("components", "not_compared")]


def component_lead(
    statements: pd.DataFrame, timeliness: pd.DataFrame | None = None
) -> list[Finding]:
    """The answer in one sentence: what the components pay together, and whether it is in time.

    Parameters
    ----------
    statements : DataFrame
        As from :func:`payout`.
    timeliness : DataFrame, optional
        As from :func:`timeliness`, of one group (``by=[]``).

    Returns
    -------
    list of Finding
        One: ``pays_late`` (with the share of payouts that came late) or ``pays``.

    Examples
    --------
    >>> statements = pd.DataFrame({"payout": [10.0, 20.0, None]})
    >>> [(found.name, found.values) for found in component_lead(statements)]
    [('pays', {'payout': 30.0, 'n': 2})]
    """
    require_columns(statements.columns, ["payout"], "`statements`")
    paid = statements["payout"].dropna()
    values = {"payout": float(paid.sum()), "n": len(paid)}
    if timeliness is not None:
        late = only_row(timeliness, ["n", "rate"], "`timeliness`")
        if late["n"]:
            late_values = values | {"late": float(late["rate"])}
            return [Finding("lead", "pays_late", late_values)]
    return [Finding("lead", "pays", values)]


def component_figures(
    statements: pd.DataFrame, timeliness: pd.DataFrame | None = None
) -> list[KeyFigure]:
    """What the components have paid together, and how much of it came late.

    Parameters
    ----------
    statements : DataFrame
        As from :func:`payout`.
    timeliness : DataFrame, optional
        As from :func:`timeliness`, with ``by=[]``.

    Returns
    -------
    list of KeyFigure
        ``paid_amount`` of the periods seen, ``late_rate``.

    Examples
    --------
    >>> [figure.value for figure in component_figures(pd.DataFrame({"payout": [10.0, 20.0]}))]
    [30.0]
    """
    require_columns(statements.columns, ["payout"], "`statements`")
    found = [KeyFigure("paid_amount", float(statements["payout"].sum()))]
    return found if timeliness is None else [*found, late_figure(timeliness)]

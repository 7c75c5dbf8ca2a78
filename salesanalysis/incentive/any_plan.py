"""A plan from whatever is given: a file's text, plain data, or one that is made already."""

from collections.abc import Mapping

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.component_file import component_plan
from salesanalysis.incentive.components import ComponentPlan
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_file import Source, parse, plan_of
from salesanalysis.periods import PLAIN, Calendar

#: A plan, or what :func:`read_plan` makes one of.
AnyPlan = Plan | ComponentPlan | Mapping[str, object] | str


def read_plan(
    source: AnyPlan, *, file: str = "", calendar: Calendar = PLAIN
) -> Plan | ComponentPlan:
    """A plan from the text of a YAML file, from plain data, or as it is.

    ::

        name: Dealers 2025
        thresholds: quota          # or amount
        method: marginal           # or retroactive, interpolated, curve
        at_boundary: higher        # or lower: sales exactly on a threshold
        tiers:
          - {from: 0, to: 1, rate: 3 %}
          - {from: 1, rate: 5 %}
        floor: {at: 1, cliff: no}
        stretch: 1.2
        cap: {payout: 100000, attainment: 2, rate: 10%, banked: no}
        bonuses: [{at: 1, pay: 5000}, {at: 1.2, share: 10 %}]
        multipliers:               # by columns of the attainment table, or attainment itself
          - {on: margin, steps: [[0, 0.8], [0.3, 1], [0.4, 1.2]]}
          - {on: satisfaction, steps: [[0.9, 1]], bonuses: yes}      # a gate for all
          - {on: new_customers, steps: [[0, 1], [5, 1.5]], tier: 2}
          - {on: attainment, points: [[0.8, 0.5], [1, 1], [1.5, 2]]}      # lines between
        draw: {amount: 2000, recoverable: yes, periods: 6}
        clawback: {within_days: 180, prorated: yes}
        holdback: {share: 50 %}
        override: {share: 2 %, of: payouts, levels: all}      # or of sales; levels: direct
        ramp: [0.25, 0.5, 0.75]
        measure: {over: year, quota: sum, pays: difference}
        negative: carry            # or take_back, zero
        rounding: {method: half_up, to: 0.01, at: total}
        spifs:
          - {name: Spring, start: 2025-03-01, end: 2025-03-31, pay: 100, most: 2000}
          - {name: Nova, start: 2025-03-01, end: 2025-05-31, product: Nova, counts: units,
             tiers: [[1, 50], [6, 80]]}                   # 50 each, 80 from the sixth on

    A plan of several components has them in a list, each with a name and with words as above, and
    beside it what belongs to the payee (target incentive, cap on payout, draw, SPIFs, clawback,
    holdback, override, negative, rounding, currency)::

        target_incentive: 20000
        components:
          - name: revenue            # as in the column `component` of the attainment table
            weight: 70 %             # of the target incentive; all of them or none
            thresholds: quota
            tiers: [{from: 0, to: 1, times: 1}, {from: 1, times: 2}]
          - name: services
            weight: 30 %
            thresholds: quota
            method: retroactive
            tiers: [{from: 1, share: 100 %}]
            gate: {component: revenue, at: 80 %}     # or a list: pays only where revenue reaches that
        cap: {share: 200 %}          # of all components together

    A joint table has its rows in the tiers of a component, and its columns in ``across``: from
    each level of the other component on, the promises in that place. What a component counts of
    single sales (:func:`salesanalysis.reduce.incentive.component_attainment`) is in ``of``, and in
    ``counts``: ``amount``, another column, or ``sales``, their number::

          - name: devices
            of: {product: [Nova, Orbit], customer_kind: new}
            counts: margin
            thresholds: quota
            method: retroactive
            across: {component: services, at: [0, 80 %, 100 %]}
            tiers:
              - {from: 80 %, to: 100 %, share: [20 %, 50 %, 60 %]}
              - {from: 100 %, share: [80 %, 100 %, 150 %]}

    What is settled at the end of the year over its periods is in ``year``: its own tiers on the
    sales of the whole year, the most that the year comes to, and what becomes of debts and banks
    (:class:`Year`). With components ``cap``, ``debt`` and ``bank`` stand beside them, tiers (or a
    cap and a bank of its own) in a component::

        year:
          thresholds: quota
          tiers: [{from: 0, to: 1, rate: 3 %}, {from: 1, rate: 8 %}]
          pays: difference         # to what the periods brought; or more, beside
          cap: {share: 200 %}      # of the year's target incentive, or payout
          debt: carry              # or repay, forgive
          bank: carry              # or pay, lose

    Only ``tiers`` (or ``points``, for a curve) are needed. The words are those of :class:`Plan`.

    Parameters
    ----------
    source : str, mapping or Plan
        Text of a YAML file, or the same as a dict. A level written as a percentage needs
        ``thresholds: quota``; where no level is over 10 the plan must say its ``thresholds``. A tier may be ``[from, to, rate]``;
        ``tiers_pct`` are such rows with per cent of the quota, ``tier_amounts`` such rows with
        money instead of rates, paid in proportion. ``true_up: year`` is ``measure: {over: year}``.
    file : str
        Its name, for messages.
    calendar : salesanalysis.periods.Calendar
        The company's; a plan that is one already keeps its own.

    Returns
    -------
    Plan or ComponentPlan

    Raises
    ------
    SalesAnalysisError
        Not YAML, a word that is not known, or a plan that contradicts itself; with line and key.

    Examples
    --------
    >>> plan = read_plan('''
    ... thresholds: quota
    ... tiers:
    ...   - {from: 0, to: 1, rate: 3 %}
    ...   - {from: 1, rate: 5 %}
    ... ''')
    >>> plan.tiers[1].rate
    Fraction(1, 20)
    >>> read_plan("tiers:\\n- [0, 1000, 3]", file="dealers.yml")
    Traceback (most recent call last):
    ...
    salesanalysis.incentive.contradictions.ContradictionError: The plan contradicts itself or cannot be used.
    dealers.yml, line 2, `tiers[0].rate`: a rate of 3 is over 1; write 0.05 or '5%' for five per cent.
    """  # noqa: E501
    if isinstance(source, Plan | ComponentPlan):
        return source
    lines: dict[str, int] = {}
    if isinstance(source, str):
        source = parse(source, file, lines)
    place = Source(file, lines)
    if not isinstance(source, Mapping):
        what = f"expected keys such as `tiers`, found {source!r:.60}."
        if str(source).endswith((".yml", ".yaml")):
            what += " Give the text of the file, not its name: sources.plan_text reads it."
        raise place.error("plan", what)
    if "components" in source:
        return component_plan(source, place, calendar)
    return plan_of(source, place, calendar=calendar)


def single_plan(source: AnyPlan, *, wanted: str) -> Plan:
    """A plan without components, for what looks at one measure."""
    plan = read_plan(source)
    if isinstance(plan, ComponentPlan):
        raise SalesAnalysisError(
            f"`plan` has components, and `{wanted}` looks at one measure. Give it one of them:"
            f" `plan.components[0].plan` is {plan.components[0].name!r}, with its own attainment."
        )
    return plan


def payee_plan(source: AnyPlan) -> Plan:
    """What belongs to the payee: the roof over components, or the plan itself without any."""
    plan = read_plan(source)
    return plan.roof if isinstance(plan, ComponentPlan) else plan

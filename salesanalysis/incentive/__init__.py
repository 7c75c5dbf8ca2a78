"""Incentive thresholds: what a plan pays, what it costs, what it does to behaviour.

Everything takes small tables: attainment (one row per payee × period), payouts, sales. Money is
exact: whole minor units inside. (Sales-system source, §4 and §1.)
"""

from salesanalysis.incentive.actions import actions
from salesanalysis.incentive.active import active_share
from salesanalysis.incentive.any_plan import read_plan
from salesanalysis.incentive.attainment_spread import attainment_bins
from salesanalysis.incentive.behaviour_story import (
    behaviour,
    behaviour_findings,
    choice_findings,
    density_findings,
    density_table,
    elasticity_findings,
    other_explanations,
    reach_findings,
    response_findings,
    threshold_findings,
)
from salesanalysis.incentive.broken_line import Kink, kink
from salesanalysis.incentive.bunching_estimate import bunching
from salesanalysis.incentive.bunching_result import Bunching
from salesanalysis.incentive.bunching_settings import BunchingSettings
from salesanalysis.incentive.changes import ChangedPayout, changed_payout
from salesanalysis.incentive.clawbacks import clawback
from salesanalysis.incentive.collected import holdback
from salesanalysis.incentive.commission import payout_amounts
from salesanalysis.incentive.component_story import (
    component_figures,
    component_findings,
    component_lead,
    component_totals,
    has_components,
    not_compared,
)
from salesanalysis.incentive.component_view import component_in_view, component_rows
from salesanalysis.incentive.components import Across, Component, ComponentPlan, Gate
from salesanalysis.incentive.corrections import (
    correction_findings,
    corrections,
    open_corrections,
)
from salesanalysis.incentive.credits import credit
from salesanalysis.incentive.density import DensitySettings, DensityTest, density_test
from salesanalysis.incentive.draws import draw_balance
from salesanalysis.incentive.evidence import Evidence, evidence_table
from salesanalysis.incentive.in_short import key_figures, things
from salesanalysis.incentive.levels import marginal_reward, middle_payee
from salesanalysis.incentive.out_of_reach import gave_up
from salesanalysis.incentive.overrides import (
    has_override,
    override_findings,
    override_statements,
    overrides,
    with_overrides,
)
from salesanalysis.incentive.payee_tables import payee_totals
from salesanalysis.incentive.payout_story import (
    cost_findings,
    curve_findings,
    gain_findings,
    lead,
    payout_findings,
    timeliness_findings,
)
from salesanalysis.incentive.payouts import payout, payout_parts
from salesanalysis.incentive.payroll_tables import decimals, payroll, some_statements
from salesanalysis.incentive.period_end import timing
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_bunching import bunching_table, plan_bunching, strongest_pile
from salesanalysis.incentive.plan_comparison import plan_outcomes
from salesanalysis.incentive.plan_cost import Cost, compare_costs, cost
from salesanalysis.incentive.plan_parts import (
    Bonus,
    Cap,
    Clawback,
    Draw,
    Floor,
    Holdback,
    Measure,
    Multiplier,
    Override,
    Rounding,
    Spif,
    Step,
    Tier,
)
from salesanalysis.incentive.plan_thresholds import (
    has_quotas,
    plan_thresholds,
    relative_attainment,
    require_quotas,
    target_levels,
)
from salesanalysis.incentive.plan_words import plan_rules
from salesanalysis.incentive.presets import STRETCH_OVER_FLOOR, floor_stretch
from salesanalysis.incentive.promptness import timeliness
from salesanalysis.incentive.reach import reachability
from salesanalysis.incentive.refunds import Refunds, refund_findings, settle_refunds
from salesanalysis.incentive.reserves import sandbagging
from salesanalysis.incentive.responses import Response, implied_response
from salesanalysis.incentive.scenario import plan_change, scenario_lead
from salesanalysis.incentive.short_rewards import spifs
from salesanalysis.incentive.statement_lines import statement_lines
from salesanalysis.incentive.threshold_choice import (
    ThresholdChoice,
    ThresholdSettings,
    optimise,
    too_few_to_choose,
)
from salesanalysis.incentive.year_part import Year
from salesanalysis.incentive.year_story import settles_years, year_findings, year_settlements

__all__ = [
    "STRETCH_OVER_FLOOR",
    "Across",
    "Bonus",
    "Bunching",
    "BunchingSettings",
    "Cap",
    "ChangedPayout",
    "Clawback",
    "Component",
    "ComponentPlan",
    "Cost",
    "DensitySettings",
    "DensityTest",
    "Draw",
    "Evidence",
    "Floor",
    "Gate",
    "Holdback",
    "Kink",
    "Measure",
    "Multiplier",
    "Override",
    "Plan",
    "Refunds",
    "Response",
    "Rounding",
    "Spif",
    "Step",
    "ThresholdChoice",
    "ThresholdSettings",
    "Tier",
    "Year",
    "actions",
    "active_share",
    "attainment_bins",
    "behaviour",
    "behaviour_findings",
    "bunching",
    "bunching_table",
    "changed_payout",
    "choice_findings",
    "clawback",
    "compare_costs",
    "component_figures",
    "component_findings",
    "component_in_view",
    "component_lead",
    "component_rows",
    "component_totals",
    "correction_findings",
    "corrections",
    "cost",
    "cost_findings",
    "credit",
    "curve_findings",
    "decimals",
    "density_findings",
    "density_table",
    "density_test",
    "draw_balance",
    "elasticity_findings",
    "evidence_table",
    "floor_stretch",
    "gain_findings",
    "gave_up",
    "has_components",
    "has_override",
    "has_quotas",
    "holdback",
    "implied_response",
    "key_figures",
    "kink",
    "lead",
    "marginal_reward",
    "middle_payee",
    "not_compared",
    "open_corrections",
    "optimise",
    "other_explanations",
    "override_findings",
    "override_statements",
    "overrides",
    "payee_totals",
    "payout",
    "payout_amounts",
    "payout_findings",
    "payout_parts",
    "payroll",
    "reach_findings",
    "refund_findings",
    "relative_attainment",
    "plan_bunching",
    "plan_change",
    "plan_outcomes",
    "plan_rules",
    "plan_thresholds",
    "reachability",
    "read_plan",
    "require_quotas",
    "response_findings",
    "sandbagging",
    "scenario_lead",
    "settle_refunds",
    "settles_years",
    "some_statements",
    "spifs",
    "statement_lines",
    "strongest_pile",
    "target_levels",
    "things",
    "threshold_findings",
    "timeliness",
    "timeliness_findings",
    "timing",
    "too_few_to_choose",
    "with_overrides",
    "year_findings",
    "year_settlements",
]


__dir__ = __all__.copy

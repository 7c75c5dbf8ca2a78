"""The funnel: how many deals pass each stage, how long it takes, how often they are won.

Everything takes the small frames of :mod:`salesanalysis.reduce.funnel` and respects that open deals
are undecided: neither won nor lost, only not over yet. (Sales-system source, §3, §7, §13.)
"""

from salesanalysis.funnel.actions import actions
from salesanalysis.funnel.aims import aim_outcomes, aimed, aimed_days, deal_flow, won_days
from salesanalysis.funnel.by_month import months
from salesanalysis.funnel.coaching import (
    coaching_list,
    compare_runs,
    exception_findings,
    resolved_findings,
)
from salesanalysis.funnel.deal_list import deal_list
from salesanalysis.funnel.differences import group_test, group_test_splits
from salesanalysis.funnel.exceptions import exceptions
from salesanalysis.funnel.in_short import key_figures, things
from salesanalysis.funnel.losses import leakage
from salesanalysis.funnel.milestones import (
    SOLUTION_SELLING_RULES,
    GradeRule,
    grade_moves,
    missing_evidence,
    unlisted_evidence,
    verified_grade,
)
from salesanalysis.funnel.moves import waterfall
from salesanalysis.funnel.open_age import (
    ageing,
    oldest_closed_days,
    open_by_age,
    stuck,
)
from salesanalysis.funnel.outcomes import (
    open_deals,
    outcome_shares,
    win_rate,
    win_rate_splits,
)
from salesanalysis.funnel.places import watch_list
from salesanalysis.funnel.pooling import pooled_win_rate, pooled_win_rate_splits
from salesanalysis.funnel.programme import (
    Programme,
    first_fortnight,
    key_deals,
    key_opportunity_checklist,
)
from salesanalysis.funnel.scenario import scenario_lead
from salesanalysis.funnel.speed import velocity
from salesanalysis.funnel.stages import compare_bases, conversion, stage_days
from salesanalysis.funnel.steps import STEP_RULES, StepRule
from salesanalysis.funnel.story import (
    aim_findings,
    caveats,
    findings,
    lead,
    leakage_findings,
    pooled_findings,
    require_deals,
    stuck_findings,
    waterfall_findings,
)

__all__ = [
    "SOLUTION_SELLING_RULES",
    "STEP_RULES",
    "GradeRule",
    "Programme",
    "StepRule",
    "actions",
    "ageing",
    "aim_findings",
    "aim_outcomes",
    "aimed",
    "aimed_days",
    "caveats",
    "coaching_list",
    "compare_bases",
    "compare_runs",
    "conversion",
    "deal_flow",
    "deal_list",
    "exception_findings",
    "resolved_findings",
    "exceptions",
    "findings",
    "first_fortnight",
    "grade_moves",
    "group_test",
    "group_test_splits",
    "key_deals",
    "key_figures",
    "key_opportunity_checklist",
    "lead",
    "leakage",
    "leakage_findings",
    "missing_evidence",
    "months",
    "oldest_closed_days",
    "open_by_age",
    "open_deals",
    "outcome_shares",
    "pooled_findings",
    "pooled_win_rate",
    "pooled_win_rate_splits",
    "require_deals",
    "scenario_lead",
    "stage_days",
    "stuck",
    "stuck_findings",
    "things",
    "unlisted_evidence",
    "velocity",
    "verified_grade",
    "waterfall",
    "watch_list",
    "waterfall_findings",
    "win_rate",
    "win_rate_splits",
    "won_days",
]


__dir__ = __all__.copy

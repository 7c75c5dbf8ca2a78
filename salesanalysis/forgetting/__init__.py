"""Forgetting: what of a training is still there, how sure that is, and when to refresh it.

Everything takes small frames of scores, as from :mod:`salesanalysis.reduce.forgetting`, and says
with every number whether the data carry it. (Sales-system source, §3.)
"""

from salesanalysis.forgetting.actions import actions
from salesanalysis.forgetting.bootstrap import Bootstrap
from salesanalysis.forgetting.calendar import calendar_text, team_calendar
from salesanalysis.forgetting.calibration import calibration, calibration_findings, log_losses
from salesanalysis.forgetting.claims import Claim, check_claims, claim_findings
from salesanalysis.forgetting.comparison import compare, comparison_findings
from salesanalysis.forgetting.curve import ForgettingCurve, known_curve
from salesanalysis.forgetting.differences import difference, difference_findings
from salesanalysis.forgetting.dropouts import attrition, attrition_findings
from salesanalysis.forgetting.fitting import fit
from salesanalysis.forgetting.fsrs import FSRS_DECAY, fsrs_curve
from salesanalysis.forgetting.headline import exponential_findings, findings, lead
from salesanalysis.forgetting.in_short import key_figures, things
from salesanalysis.forgetting.items import item_findings, known_by_item
from salesanalysis.forgetting.ksa import SKILL_GROUPS, ksa_gap_rates, ksa_gaps, next_training
from salesanalysis.forgetting.many import fit_each
from salesanalysis.forgetting.points import retention_points
from salesanalysis.forgetting.pooling import PooledCurves, pooled
from salesanalysis.forgetting.reinforcement import ReinforcementEffect, reinforcement_effect
from salesanalysis.forgetting.retraining import retraining_findings, trained_again
from salesanalysis.forgetting.scenario import scenario_lead
from salesanalysis.forgetting.schedules import RefresherCost, Schedule, schedule
from salesanalysis.forgetting.spacing import SPACINGS, compare_schedules, spaced_schedule
from salesanalysis.forgetting.splits import difference_splits, half_life_splits, usable_curves
from salesanalysis.forgetting.standing import course_standing, team_standing
from salesanalysis.forgetting.story import (
    caveats,
    effect_caveats,
    ksa_findings,
    reinforcement_findings,
    require_tests,
    schedule_findings,
    spacing_findings,
    value_findings,
)
from salesanalysis.forgetting.supported import SupportedCurves, supported_curves
from salesanalysis.forgetting.worth import training_value

__all__ = [
    "FSRS_DECAY",
    "SKILL_GROUPS",
    "SPACINGS",
    "Bootstrap",
    "Claim",
    "ForgettingCurve",
    "PooledCurves",
    "RefresherCost",
    "ReinforcementEffect",
    "Schedule",
    "SupportedCurves",
    "actions",
    "attrition",
    "attrition_findings",
    "calendar_text",
    "calibration",
    "calibration_findings",
    "caveats",
    "check_claims",
    "claim_findings",
    "compare",
    "compare_schedules",
    "comparison_findings",
    "course_standing",
    "difference",
    "difference_findings",
    "effect_caveats",
    "difference_splits",
    "exponential_findings",
    "findings",
    "fit",
    "fit_each",
    "fsrs_curve",
    "half_life_splits",
    "key_figures",
    "item_findings",
    "known_by_item",
    "known_curve",
    "ksa_findings",
    "ksa_gap_rates",
    "ksa_gaps",
    "lead",
    "log_losses",
    "next_training",
    "pooled",
    "reinforcement_effect",
    "reinforcement_findings",
    "require_tests",
    "retention_points",
    "retraining_findings",
    "scenario_lead",
    "schedule",
    "schedule_findings",
    "spaced_schedule",
    "spacing_findings",
    "supported_curves",
    "team_calendar",
    "team_standing",
    "things",
    "trained_again",
    "training_value",
    "usable_curves",
    "value_findings",
]


__dir__ = __all__.copy

"""The next step for an open deal: one rule per place in the process, what is missing, and silence.

The rules are data, read from above: the first that fits says the step. Whoever knows better hands
over a list of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding, picked

#: Why a deal is on the list; see :func:`salesanalysis.funnel.actions`.
LATE, UNPROVEN, DATE_PASSED = "late_deal", "unproven_grade", "date_passed"


@dataclass(frozen=True)
class StepRule:
    """When a step is the next one.

    Parameters
    ----------
    step : str
        The name of its sentence, one that :func:`next_step` knows.
    reason : str
        What the deal must be on the list for; any where not given.
    last_stage : bool
        Whether it must be in the last stage.
    silent_days : float
        At least so many days since the last contact; infinite: no contact is on record at all.
        Where contacts are not recorded, such a rule never fits.
    past_days : float
        At least so many days past the expected closing date.

    Examples
    --------
    >>> StepRule("call", silent_days=30).fits({"silent_days": 45.0})
    True
    """

    step: str
    reason: str = ""
    last_stage: bool = False
    silent_days: float = 0.0
    past_days: float = 0.0

    def fits(self, deal: Mapping[str, object]) -> bool:
        """Whether it is the step for a deal."""
        if self.reason and self.reason not in deal["reasons"]:
            return False
        if self.last_stage and not deal["last_stage"]:
            return False
        # What is not known is less than any number of days.
        silent = not self.silent_days or deal["silent_days"] >= self.silent_days
        return silent and (not self.past_days or deal["past_days"] >= self.past_days)


#: From above: what was promised long ago, what nobody talks to, what only needs a signature, what
#: nobody has proved, what has gone silent, what lost its date, and what merely takes long.
STEP_RULES = (
    StepRule("confirm_or_drop", past_days=60),
    StepRule("manager_joins", silent_days=float("inf")),
    StepRule("sign_date", last_stage=True),
    StepRule("check_evidence", reason=UNPROVEN),
    StepRule("call_new_date", silent_days=30, past_days=1),
    StepRule("call", silent_days=30),
    StepRule("new_date", past_days=1),
    StepRule("decide"),
)


def next_step(deal: Mapping[str, object], rules: Sequence[StepRule] = STEP_RULES) -> Finding:
    """The step of the first rule that fits, as a sentence.

    Parameters
    ----------
    deal : dict
        ``reasons`` (of those above), ``last_stage, silent_days, past_days``, and what sentences
        take: ``last_at, expected_close_at, milestone, stage_days``.
    rules : list of StepRule
        The last one must fit every deal.

    Examples
    --------
    >>> from datetime import date
    >>> deal = {"reasons": ["late_deal"], "last_stage": False, "silent_days": 45.0,
    ...         "past_days": 0.0, "last_at": date(2025, 2, 14)}
    >>> next_step(deal).name
    'call'
    """
    step = next((rule.step for rule in rules if rule.fits(deal)), "")
    match step:
        case "confirm_or_drop":
            return Finding("step", "confirm_or_drop", picked(deal, "expected_close_at"))
        case "manager_joins":
            return Finding("step", "manager_joins")
        case "sign_date":
            return Finding("step", "sign_date")
        case "check_evidence":
            return Finding("step", "check_evidence", picked(deal, "milestone"))
        case "call_new_date":
            return Finding("step", "call_new_date", picked(deal, "last_at", "expected_close_at"))
        case "call":
            return Finding("step", "call", picked(deal, "last_at"))
        case "new_date":
            return Finding("step", "new_date", picked(deal, "expected_close_at"))
        case "decide":
            return Finding("step", "decide", picked(deal, "stage_days"))
    raise SalesAnalysisError(
        f"`rules` gives the step {step!r}; expected that the last rule fits every deal, and one of"
        f" {', '.join(rule.step for rule in STEP_RULES)}."
    )

"""What the public functions of the funnel are called with, by the names of their parameters."""

from salesanalysis import datasets, forecast, funnel, reduce


def arguments() -> dict:
    """A small company as known on its day, and what its functions give each other."""
    made = datasets.company(seed=7, deals=120, reps=4)
    core = {name: made.tables[name] for name in ("opportunities", "stage_history")}
    settings = {"as_of": made.as_of, "stages": made.stages}
    known = reduce.funnel.known(made.tables, by=["owner_id", "source", "reason"], **settings)
    conversion, aims = funnel.conversion(known.entries), {made.stages[0]: 0.9}
    flow, graded, splits = funnel.deal_flow(known), funnel.verified_grade(known), ["source"]
    moves = reduce.funnel.movements(**core, start="2025-09-30", end=made.as_of, stages=made.stages)
    carried = {"by": "must_win", "assume_unchanged": "owner_id"}
    snapshot = reduce.funnel.snapshot(**core, **settings, **carried)
    exceptions, won_days = funnel.exceptions(known), funnel.won_days(known)
    pooled = funnel.pooled_win_rate_splits(known.deals, splits=splits)
    of_forecast = reduce.forecast.pipeline(*core.values(), **settings)
    return {
        "known": known,
        "chances": forecast.deal_chances(of_forecast),
        "figures": funnel.key_figures(known),
        "calls": reduce.forecast.calls(core["opportunities"], as_of=made.as_of),
        "deals": known.deals,
        "entries": known.entries,
        "evidence": known.evidence,
        "movements": moves,
        "snapshot": snapshot,
        "key_deals.deals": snapshot,
        "targets": reduce.funnel.seller_targets(made.tables["targets"], period="2025-Q4"),
        "checks": reduce.funnel.checks(**core, **settings).table,
        "by": "owner_id",
        "leakage.by": "reason",
        "waterfall.by": (),
        "splits": splits,
        "adjust": splits,
        "start": "2025-12-20",
        "period_days": 365,
        "draws": 50,
        "permutations": 19,
        "aims": aims,
        "aimed_days.aims": {},
        "conversion": conversion,
        "compare_bases.table": conversion,
        "stage_days": funnel.stage_days(known.entries),
        "win_rate": funnel.win_rate(known.deals),
        "velocity": funnel.velocity(known),
        "stuck": funnel.stuck(known),
        "ageing": funnel.ageing(known.entries),
        "checklist": funnel.key_opportunity_checklist(known, snapshot, graded),
        "stuck_deals": funnel.stuck(known),
        "flow": flow,
        "days": funnel.aimed_days(won_days),
        "aimed_days.days": won_days,
        "first_fortnight.days": 14,
        "aimed": funnel.aimed(conversion, aims),
        "outcomes": funnel.aim_outcomes(conversion, flow, aims),
        "scenario": "More through A",
        "graded": graded,
        "exceptions": exceptions,
        "previous": exceptions,
        "current": exceptions,
        "runs": funnel.compare_runs(exceptions, exceptions),
        "exception_findings.table": exceptions,
        "waterfall": funnel.waterfall(moves),
        "leakage": funnel.leakage(known.entries),
        "pooled": pooled,
        "tests": funnel.group_test_splits(known, splits=splits, permutations=19),
    }

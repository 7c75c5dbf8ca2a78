"""What the public functions on incentives are called with, by the names of their parameters."""

import pandas as pd

from salesanalysis import incentive, reduce
from salesanalysis.datasets.incentives import incentive_programme

PLAN = {
    "currency": "USD",
    "period": "quarter",
    "thresholds": "quota",
    "tiers": [[0, 1, 0.03], [1, 1.3, 0.05], [1.3, None, 0.01]],
    "floor": {"at": 1, "cliff": True},
    "stretch": 1.3,
}
#: Another one, with what comes after a sale.
EXTRAS = {
    "tiers": [[0, None, 0.1]],
    "spifs": [{"name": "March", "start": "2025-03-01", "end": "2025-03-31", "tiers": [[1, 20]]}],
    "clawback": {"within_days": 180, "prorated": True},
    "holdback": {"share": "50 %"},
}


def arguments() -> dict:
    """A small programme as known on its day, and what is made of it."""
    made, plan = incentive_programme(seed=7, payees=24).tables, incentive.read_plan(PLAN)
    known, drawn = reduce.incentive.known(made, as_of="2025-12-31"), {"draws": 20, "level": 0.9}
    statements = incentive.payout(known.attainment, plan=plan)
    shares = incentive.relative_attainment(known.attainment, plan=plan)
    sales = known.sales[known.sales["sold_at"] >= "2025-01-01"].reset_index(drop=True)
    sales = sales.assign(sale_id=[f"s{number}" for number in sales.index])
    commissions = pd.DataFrame(
        {
            "earned": [1000.0, 900.0],
            "paid": [500.0, 900.0],
            "collected_share": [0.5, 1.0],
            "sold_at": pd.to_datetime(["2025-01-01", "2025-01-02"]),
            "undone_at": pd.to_datetime(["2025-03-02", None]),
        }
    )
    back = sales[["sale_id", "amount"]].iloc[::40].assign(refunded_at=pd.Timestamp("2025-12-30"))
    settled = incentive.settle_refunds(back, known.attainment, sales, plan=plan)
    override = PLAN | {"override": {"share": "2%", "of": "payouts", "levels": "all"}}
    managers = {payee: "M1" for payee in known.attainment["payee_id"]} | {"M1": "M2"}
    first = known.attainment.iloc[[0, 5]]
    changes = first[["payee_id", "period"]].assign(
        starts_at=[pd.Timestamp(known.calendar.bounds_of(one)[0]) + pd.Timedelta(days=30)
                   for one in first["period"]], quota=50_000.0)  # fmt: skip
    teams = incentive.overrides(statements, plan=override, managers=managers)
    corrected = incentive.corrections(known.payouts, settled.attainment, plan=plan)
    late = incentive.timeliness(known, by=[])
    pair = {"present": plan, "considered": incentive.read_plan(PLAN | {"tiers": [[0, None, 0.04]]})}
    own = {name: PLAN[name] for name in ("thresholds", "tiers", "floor")}
    components = {"components": [{"name": "sales", **own}]}
    parted = known.attainment.assign(component="sales")
    yearly = PLAN | {"year": {"thresholds": "quota", "tiers": [[0, None, 0.04]]}}
    paid_yearly = incentive.payout(known.attainment, plan=yearly)
    parts = incentive.payout_parts(parted, plan=components)
    return {
        "known": known,
        "parts": parts,
        "totals": incentive.component_totals(parts),
        **dict.fromkeys(["component_lead.timeliness", "component_figures.timeliness"], late),
        "attainment": shares,
        "active_share.attainment": known.attainment.assign(started_at=pd.Timestamp("2024-02-01")),
        "payout.attainment": known.attainment,
        "component_rows.attainment": parted,
        "component_rows.plan": components,
        "component_rows.component": "sales",
        "component_in_view.component": "",
        "year_settlements.statements": paid_yearly,
        "year_settlements.plan": yearly,
        "years": incentive.year_settlements(paid_yearly, plan=yearly),
        "payout_parts.attainment": parted,
        **dict.fromkeys(["payout_parts.plan", "statement_lines.plan"], components),
        "statement_lines.statements": incentive.payout(parted, plan=components),
        "relative_attainment.attainment": known.attainment,
        "plan": plan,
        "current": plan,
        "plans": pair,
        "considered": pair["considered"],
        "plan_change.behaviour": incentive.Response(),
        "scenario": "Lower rates",
        "scenario_lead.change": incentive.plan_change(
            pair["considered"], shares, current=plan, behaviour=incentive.Response()
        ),
        "gain_findings.plan": "considered",
        "plan_outcomes.draws": 20,
        "optimise.draws": 20,
        **dict.fromkeys(["clawback.plan", "holdback.plan", "spifs.plan"], EXTRAS),
        "spifs.period": "quarter",
        "sales": sales,
        **dict.fromkeys(["cost.sales", "compare_costs.sales"], shares),
        "payout_amounts.sales": [100.0, 300.0],
        "distance": pd.DataFrame({"distance": shares["quota"], "effort": shares["sales"]}),
        "splits": sales[["sale_id", "payee_id"]].assign(share=1.0),
        "commissions": commissions,
        "refunds": back,
        "changed_payout.attainment": known.attainment,
        "changes": changes,
        "statement_lines.changed": None,
        **{f"{name}.plans": [] for name in ("changed_payout", "settle_refunds", "statement_lines")},
        **dict.fromkeys(["overrides.plan", "override_statements.plan"], override),
        **dict.fromkeys(
            ["override_statements.table", "with_overrides.table", "override_findings.table"], teams
        ),
        "with_overrides.attainment": known.attainment,
        "managers": managers,
        "corrections.statements": statements,
        "refund_findings.table": settled.table,
        **dict.fromkeys(["settle_refunds.attainment", "corrections.attainment"], known.attainment),
        "corrections.payouts": known.payouts,
        **dict.fromkeys(["open_corrections.table", "correction_findings.table"], corrected),
        "earnings": statements[["payee_id", "period", "earned"]],
        "draw": 2000,
        "statements": statements,
        "payouts": statements,
        "cost": incentive.cost(plan, shares, **drawn),
        "cost_findings.comparison": incentive.compare_costs(pair, shares, **drawn),
        "curve": incentive.marginal_reward(plan),
        "outcomes": incentive.plan_outcomes(pair, shares, current=plan, draws=20),
        "behaviour.thresholds": incentive.plan_thresholds(plan),
        **dict(zip(["reachability.floor", "reachability.stretch"], [1.0, 1.3], strict=True)),
        "key_figures.reach": incentive.reachability(shares, floor=1.0, stretch=1.3, by=[]),
        "reach_findings.table": incentive.reachability(shares, floor=1.0, stretch=1.3),
        "pull": "stop",
        "timeliness": incentive.timeliness(known, by="team").rename(columns={"team": "owner_id"}),
        **dict.fromkeys(
            ["key_figures.timeliness", "timeliness_findings.timeliness", "lead.timeliness"], late
        ),
        "timing.draws": 50,
        "sandbagging.draws": 50,
        "gave_up.draws": 50,
        "plan_bunching.draws": 20,
        "bunching.draws": 20,
        "density_test.draws": 20,
    }

"""The pipeline forecast on three real sets, backtested against what others do; and its speed.

    python benchmarks/forecast/pipelines.py [--data FOLDER] [--speed]

Sets and windows: bpi12 (loan applications; value = amount requested; stages = milestones),
olist (seller leads; value 1), maven (CRM deals; value = list price). A forecast every 7 days, from
35, 60 and 91 days after the first closing, of the 7, 28 or 91 days that follow.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd

from salesanalysis import forecast, reduce, sources

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SALESANALYSIS_SHARED", ROOT.parent / "shared" / "data"))
MILESTONES = ["A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "O_SENT", "O_SENT_BACK"]
#: WAPE that has to be reached.
BARS = {("bpi12", 7): 0.115, ("bpi12", 28): 0.117, ("olist", 28): 0.185}
BARS |= {("maven", 28): 0.080, ("maven", 91): 0.080}


def bpi12(folder: Path):
    """Loan applications: only their history is there."""
    history = sources.read(
        folder / "loans/bpi2012_events.parquet",
        table="stage_history",
        columns={"amount": "case:AMOUNT_REQ"},
        keep={"lifecycle:transition": "COMPLETE"},
    )
    exits = {"won": "A_APPROVED", "lost": "A_DECLINED", "cancelled": "A_CANCELLED"}
    return reduce.forecast.pipeline(
        stage_history=history, stages=MILESTONES, exits=exits, as_of="2012-03-14"
    )


def olist(folder: Path):
    """Leads, of which some became sellers: nothing says that one was lost."""
    leads = pd.read_csv(folder / "leads/olist_marketing_qualified_leads_dataset.csv")
    closed = pd.read_csv(folder / "leads/olist_closed_deals_dataset.csv")
    deals = leads.merge(closed[["mql_id", "won_date"]], on="mql_id", how="left")
    won = deals["won_date"].notna()
    return reduce.forecast.pipeline(
        pd.DataFrame(
            {
                "opportunity_id": deals["mql_id"],
                "created_at": pd.to_datetime(deals["first_contact_date"]),
                "closed_at": pd.to_datetime(deals["won_date"]),
                "outcome": np.where(won, "won", "open"),
                "amount": 1.0,
            }
        ),
        as_of="2018-11-14",
    )


def maven(folder: Path):
    """CRM deals: the amount is filled in when a deal is won, the list price is known before."""
    opportunities = sources.read(folder / "crm/sales_pipeline.csv", table="opportunities")
    products = sources.read(folder / "crm/products.csv", table="products")
    # "GTXPro" in the deals is "GTX Pro" in the price list.
    named = opportunities.mutate(product=opportunities["product"].replace("GTXPro", "GTX Pro"))
    tables = reduce.with_lookups({"opportunities": named, "products": products})
    return reduce.forecast.pipeline(tables["opportunities"], as_of="2017-12-31")


SETS = {"bpi12": (bpi12, 35, (7, 28)), "olist": (olist, 60, (28,)), "maven": (maven, 91, (28, 91))}


def accuracy(folder: Path) -> None:
    """Scores of the model and the best rival of each set, and coverage over all."""
    rows, windows = [], []
    for name, (read, days, horizons) in SETS.items():
        frames = read(folder)
        first_closing = frames.deals["closed_at"].min().normalize()
        first = first_closing + pd.Timedelta(days=days - 1)
        began = time.process_time()
        tested = forecast.backtest(frames, horizon_days=horizons, first_as_of=first)
        seconds = time.process_time() - began
        windows.append(tested.windows)
        for horizon, part in tested.scores.groupby("horizon_days"):
            scores = part.set_index("method")
            model, rest = scores.loc["model"], scores.drop(index="model")
            naive = rest.loc[rest.index.isin(forecast.RUN_RATES), "relative_crps"]
            rows.append(
                {
                    "set": name,
                    "days": horizon,
                    "windows": model["windows"],
                    "wape": model["wape"],
                    "bar": BARS[name, horizon],
                    "same_stage": scores.loc["same_stage", "wape"],
                    "last_period": scores.loc["last_period", "wape"],
                    "mean_of_three": scores.loc["mean_of_three", "wape"],
                    "crps": model["relative_crps"],
                    "best_run_rate_crps": naive.min(),
                    "coverage_80": model["coverage_80"],
                    "cpu_s": seconds / len(horizons),
                }
            )
    table = pd.DataFrame(rows)
    print(table.round(3).to_string(index=False))
    mean = np.exp(np.log(table[["crps", "best_run_rate_crps"]]).mean())
    print(f"\ngeometric mean of CRPS ÷ revenue: {mean['crps']:.3f}, best run rate of each cell"
          f" {mean['best_run_rate_crps']:.3f}")  # fmt: skip
    pooled = forecast.Backtest(pd.concat(windows), table).pooled_coverage()
    print(pooled.round(3).to_string(index=False))


def made_up(deals: int, days: int = 900):
    """A large pipeline with a history."""
    rng = np.random.default_rng(0)
    created = np.sort(rng.integers(0, days, deals))
    cycle = rng.gamma(2, 30, deals).astype(int)
    still = (created + cycle > days) | (rng.random(deals) < 0.15)
    outcome = np.where(still, "open", np.where(rng.random(deals) < 0.3, "won", "lost"))
    start = pd.Timestamp("2023-01-01")
    ids = np.char.add("D", np.arange(deals).astype(str))
    opportunities = pd.DataFrame(
        {
            "opportunity_id": ids,
            "outcome": outcome,
            "created_at": start + pd.to_timedelta(created, "D"),
            "closed_at": (start + pd.to_timedelta(created + cycle, "D")).where(~still),
            "amount": rng.lognormal(9, 1, deals),
            "region": rng.choice(["North", "South", "East", "West"], deals),
        }
    )
    deal = np.repeat(np.arange(deals), 3)
    part = np.tile(np.arange(3), deals)
    entered = start + pd.to_timedelta(created[deal] + part * cycle[deal] // 4, "D")
    history = pd.DataFrame(
        {"opportunity_id": ids[deal], "stage": np.array(list("TSD"))[part], "entered_at": entered}
    )
    as_of = start + pd.Timedelta(days=days)
    return reduce.forecast.pipeline(opportunities, history, as_of=as_of, by="region")


def simulated_seconds(deals: int = 100_000, draws: int = 10_000) -> float:
    """CPU seconds of the draws alone, for so many open deals."""
    from salesanalysis.forecast.simulation import OpenBook, common_factor, draw_open_deals

    rng = np.random.default_rng(0)
    amount = rng.lognormal(9, 1, deals)
    chances = rng.dirichlet([1.0, 1.0, 1.0, 4.0], 60)[:, :3]
    book = OpenBook(
        amount=amount, amount_sq=amount**2, imputed=np.zeros(deals, dtype=bool),
        pool=amount[:10], cell=np.zeros(deals, dtype=int), group=rng.integers(0, 60, deals),
        chances=chances, trust=np.full(60, 100.0), steady=np.zeros(60, dtype=bool),
        whole=np.zeros(deals, dtype=bool),
    )  # fmt: skip
    factor = common_factor(rng, draws, 0.1)
    began = time.process_time()
    draw_open_deals(book, 1, factor, rng)
    return time.process_time() - began


def speed() -> None:
    """Seconds of CPU for one forecast of 91 days, and for the draws alone."""
    for deals in (14_000, 100_000):
        frames = made_up(deals)
        began = time.process_time()
        forecast.pipeline(frames, periods="3 months", by="region")
        print(f"{deals:>9,} deals, 3 months, 10,000 draws: {time.process_time() - began:.2f} s")
    print(f"  100,000 open deals, 10,000 draws alone: {simulated_seconds():.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--speed", action="store_true", help="measure the speed only")
    chosen = parser.parse_args()
    if not chosen.speed:
        accuracy(chosen.data)
    speed()

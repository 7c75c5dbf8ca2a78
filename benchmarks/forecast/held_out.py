"""Whether the pipeline's intervals hold on companies that nothing was tuned on, and against rivals.

    python benchmarks/forecast/held_out.py [--data FOLDER] [--stored] [--choose]

Forecasts of the past of the companies in `companies.py`: 7, 28 (60) and 91 days ahead, each with
what was known on its day. The windows are kept in `benchmarks/out/`; `--stored` tells of those of
the last run. `--choose` measures several values of the model's prior spread and chooses it for each
company by all the others.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import pandas as pd
from companies import KINDS, PUBLIC, Windows, made_up
from pipelines import DATA

from salesanalysis import forecast
from salesanalysis.forecast import scores
from salesanalysis.known import KnownPipeline

OUT = Path(__file__).parents[1] / "out"
#: The methods told beside the model: what a Gong-style forecast does, and the run rates.
RIVALS = ("same_stage", "last_period", "mean_of_three", "year_before")
PRIOR_SPREADS = (0.04, 0.08, 0.16)


def measured(frames: KnownPipeline, windows: Windows, settings: forecast.PipelineSettings):
    """The windows of one company: as from `forecast.backtest`."""
    began = frames.deals["closed_at"].min().normalize()
    first = began + pd.Timedelta(days=windows.first - 1)
    tables = []
    for days in windows.horizons:
        last = None if windows.last is None else began + pd.Timedelta(days=windows.last + days)
        tested = forecast.backtest(
            frames, horizon_days=days, step_days=windows.step, first_as_of=first, last_day=last,
            draws=500, settings=settings,
        )  # fmt: skip
        tables.append(tested.windows)
    return pd.concat(tables).assign(step=windows.step)


def all_windows(folder: Path, settings: forecast.PipelineSettings) -> pd.DataFrame:
    """The windows of every company, public ones first."""
    tables = []
    for name, (read, windows) in PUBLIC.items():
        tables.append(measured(read(folder), windows, settings).assign(company=name, copy=0))
    for name, kind in KINDS.items():
        for copy in range(kind.copies):
            own = measured(made_up(name, copy), kind.windows, settings)
            tables.append(own.assign(company=name, copy=copy))
    return pd.concat(tables, ignore_index=True)


def held(windows: pd.DataFrame) -> pd.DataFrame:
    """The model's windows, with whether its intervals held."""
    model = windows[windows["method"] == "model"]
    inside = {
        f"in_{level}": model["actual"].between(model[low], model[high])
        for level, low, high in ((50, "q25", "q75"), (80, "q10", "q90"), (90, "q05", "q95"))
    }
    return model.assign(**inside)


def coverage(model: pd.DataFrame, level: int, *, rounds: int = 1000) -> tuple[float, float, float]:
    """Share of the windows that held, and its 95% limits by a block bootstrap.

    Drawn are runs of neighbouring days of a company, as long as its longest windows, with all
    windows of these days: they share the days ahead of them. Companies are drawn by themselves.
    """
    rng = np.random.default_rng(0)
    inside, count = np.zeros(rounds), np.zeros(rounds)
    for _, own in model.groupby("company", sort=False):
        by_day = own.groupby(["copy", "as_of"])[f"in_{level}"].agg(["sum", "size"]).to_numpy(float)
        days = len(by_day)
        run = min(days, math.ceil(own["horizon_days"].max() / own["step"].iloc[0]))
        starts = rng.integers(0, days, (rounds, math.ceil(days / run)))
        drawn = (starts[:, :, None] + np.arange(run)).reshape(rounds, -1)[:, :days] % days
        inside += by_day[drawn, 0].sum(axis=1)
        count += by_day[drawn, 1].sum(axis=1)
    low, high = np.quantile(inside / count, [0.025, 0.975])
    return model[f"in_{level}"].mean(), low, high


def cells(windows: pd.DataFrame) -> pd.DataFrame:
    """One row per company × horizon: errors of the model and of its rivals, coverage."""
    rows = []
    for (company, days), part in windows.groupby(["company", "horizon_days"], sort=False):
        model = held(part)
        row = {"company": company, "days": days, "windows": len(model)}
        row["wape"] = scores.wape(model["mean"], model["actual"])
        row["bias"] = scores.bias(model["mean"], model["actual"])
        for name in ("model", *RIVALS):
            own = part[(part["method"] == name) & part["crps"].notna()]
            some = len(own) > 0.5 * len(model)
            row[name] = scores.relative_crps(own["crps"], own["actual"]) if some else np.nan
        row["in_50"] = model["in_50"].mean()
        row |= dict(zip(("in_80", "low", "high"), coverage(model, 80), strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


def told(windows: pd.DataFrame) -> None:
    """Cells, companies below 70%, and all together."""
    table = cells(windows)
    print("WAPE and bias of the model; CRPS ÷ revenue of the model and its rivals; intervals\n")
    print(table.round(3).to_string(index=False), "\n")
    rows = []
    model = held(windows)
    public = model["company"].isin(PUBLIC)
    groups = {"all": model, "public": model[public], "made up": model[~public]}
    groups |= {f"{days} days": part for days, part in model.groupby("horizon_days")}
    for name, part in groups.items():
        row = {"of": name, "windows": len(part)}
        for level in (50, 80, 90):
            row[f"in_{level}"], low, high = coverage(part, level)
            row[f"range_{level}"] = f"{low:.3f}–{high:.3f}"
        rows.append(row)
    print(pd.DataFrame(rows).round(3).to_string(index=False), "\n")
    for name, part in model.groupby("company", sort=False):
        share, low, high = coverage(part, 80)
        if share < 0.7:
            print(f"below 70%: {name}, {share:.0%} of {len(part)} windows ({low:.0%}–{high:.0%})")
    shares = np.histogram(model["pit"], 10, (0, 1))[0] / len(model)
    print("PIT, tenths:", " ".join(f"{share:.3f}" for share in shares))
    for name, part in (("all", table), ("public", table[table["company"].isin(PUBLIC)])):
        means = np.exp(np.log(part[["model", *RIVALS[:3]]].replace(0, np.nan)).mean())
        print(f"geometric mean of CRPS ÷ revenue, {name}: {means.round(4).to_dict()}")


def chosen(folder: Path) -> None:
    """The prior spread chosen for each company by the others: so none was tuned on itself."""
    tables = {}
    for spread in PRIOR_SPREADS:
        tables[spread] = all_windows(folder, forecast.PipelineSettings(prior_spread=spread))
    kept, crps = [], []
    scored = {spread: cells(table).set_index("company") for spread, table in tables.items()}
    for company in tables[PRIOR_SPREADS[0]]["company"].unique():

        def fit(spread: float, company: str = company) -> tuple[bool, float]:
            """Coverage of the others within 77–83%, then their CRPS."""
            own = held(tables[spread])
            far = abs(own.loc[own["company"] != company, "in_80"].mean() - 0.8) > 0.03
            return far, np.log(scored[spread].drop(company)["model"]).mean()

        best = min(PRIOR_SPREADS, key=fit)
        kept.append(held(tables[best]).query("company == @company").assign(spread=best))
        crps.append(scored[best].loc[[company], "model"])
    model = pd.concat(kept)
    print(model.groupby("spread")["company"].nunique().to_dict(), "companies by prior spread")
    for level in (50, 80, 90):
        share, low, high = coverage(model, level)
        print(f"in the {level}% interval: {share:.3f} ({low:.3f}–{high:.3f})")
    print(f"geometric mean of CRPS ÷ revenue: {np.exp(np.log(pd.concat(crps)).mean()):.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--stored", action="store_true", help="tell of the windows of the last run")
    parser.add_argument("--choose", action="store_true", help="leave one company out at a time")
    asked = parser.parse_args()
    if asked.choose:
        chosen(asked.data)
    else:
        place = OUT / "held_out.parquet"
        if not asked.stored:
            OUT.mkdir(exist_ok=True)
            all_windows(asked.data, forecast.PipelineSettings()).to_parquet(place)
        told(pd.read_parquet(place))

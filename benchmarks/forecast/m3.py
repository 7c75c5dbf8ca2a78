"""The 1,428 monthly series of the M3 competition: errors, coverage and time → ``M3.md``.

Reads ``series/M3C.xls`` of the folder that SALESANALYSIS_SHARED names (else ``../shared/data``).
"""

import os
import time
from pathlib import Path

import numpy as np
import python_calamine

from salesanalysis.forecast.ensemble import forecast_many
from salesanalysis.forecast.scores import mase, smape

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SALESANALYSIS_SHARED", ROOT.parent / "shared" / "data"))
HORIZON, LEVELS = 18, (0.5, 0.8, 0.9, 0.95)

#: Published: Makridakis & Hibon (2000), table 15, mean of the horizons 1–18.
PUBLISHED = {"Theta (the competition's best)": 13.85, "ForecastPro": 13.86, "Comb S-H-D": 14.48}


def load() -> tuple[list[np.ndarray], np.ndarray]:
    """Histories, and the 18 months that followed each."""
    book = python_calamine.CalamineWorkbook.from_path(str(DATA / "series" / "M3C.xls"))
    rows = [row for row in book.get_sheet_by_name("M3Month").to_python()[1:] if row[0]]
    whole = [np.array(row[6 : 6 + int(row[1])], dtype=float) for row in rows]
    return [y[:-HORIZON] for y in whole], np.array([y[-HORIZON:] for y in whole])


def scaled(mean: np.ndarray, actual: np.ndarray, history: list[np.ndarray]) -> float:
    rows = zip(mean, actual, history, strict=True)
    return float(np.mean([mase(m, a, history=h, season=12) for m, a, h in rows]))


def main() -> None:
    history, actual = load()
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        found = forecast_many(history, horizon=HORIZON)
        found.quantiles([0.1, 0.9])
        seconds.append(time.perf_counter() - start)
    naive = np.array([np.resize(past[-12:], HORIZON) for past in history])

    lines = ["# M3 monthly: 1,428 series, 18 months ahead", "", "Made by `m3.py`.", ""]
    lines += ["| forecast | sMAPE, % | MASE | seconds |", "| --- | --- | --- | --- |"]
    lines += [
        f"| this package | {100 * smape(found.mean, actual):.2f}"
        f" | {scaled(found.mean, actual, history):.3f} | {np.median(seconds):.2f} |",
        f"| the same months of the last year | {100 * smape(naive, actual):.2f}"
        f" | {scaled(naive, actual, history):.3f} | – |",
        *(f"| {name}, as published | {error:.2f} | – | – |" for name, error in PUBLISHED.items()),
    ]
    lines += ["", "| interval | covers | below | above |", "| --- | --- | --- | --- |"]
    for level in LEVELS:
        low, high = np.moveaxis(found.quantiles([0.5 - level / 2, 0.5 + level / 2]), -1, 0)
        lines.append(
            f"| {level:.0%} | {((actual >= low) & (actual <= high)).mean():.1%}"
            f" | {(actual < low).mean():.1%} | {(actual > high).mean():.1%} |"
        )
    text = "\n".join(lines) + "\n"
    (Path(__file__).parent / "M3.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

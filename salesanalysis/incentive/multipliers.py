"""What a second measure (margin, satisfaction, new customers) makes of each tier's pay."""

import numpy as np
import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.incentive.attainment_values import snapped
from salesanalysis.incentive.money import LARGEST


def factors(plan, rows: pd.DataFrame) -> tuple[np.ndarray | None, np.ndarray]:
    """Of each tier × row the factor in whole numbers, and which rows lack a measure."""
    missing = np.zeros(len(rows), dtype=bool)
    if not plan.multipliers:
        return None, missing
    require_columns(rows.columns, [each.on for each in plan.multipliers], "`attainment`")
    kind = np.int64 if plan.largest_factor < LARGEST else object
    found = np.ones((len(plan.tiers), len(rows)), dtype=kind)
    for multiplier in plan.multipliers:
        # What is no number, in a column that came as text, is as unknown as what is not there.
        value = pd.to_numeric(rows[multiplier.on], errors="coerce").to_numpy(float, na_value=np.nan)
        missing |= np.isnan(value)
        factor = np.zeros(len(rows), dtype=kind)
        for at, whole in multiplier.whole_steps:
            factor[snapped(value, at) >= at] = whole
        for tier in range(len(plan.tiers)):
            found[tier] *= factor if multiplier.covers(tier) else multiplier.parts
    return found, missing

"""Holdbacks: what of the commission on a sale waits until the customer has paid."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.incentive.any_plan import AnyPlan, payee_plan
from salesanalysis.incentive.money import from_minor, rounded, to_minor, whole_parts


def holdback(commissions: pd.DataFrame, *, plan: AnyPlan) -> pd.DataFrame:
    """What of the commission on each sale is held back, and what is due now.

    The plan's share of it is held back and released as the customer pays; the rest is due at once.
    What was paid beyond what is released is not taken back here (see :func:`clawback`).

    Parameters
    ----------
    commissions : DataFrame, one row per sale
        ``earned`` (commission on it), ``paid`` (of this so far) and ``collected_share`` (0–1, what
        the customer has paid of the sale; text such as ``"1/3"`` is exact, missing is nothing);
        others are carried along.
    plan : Plan, or what :func:`read_plan` takes
        With a ``holdback``.

    Returns
    -------
    DataFrame
        The columns there, in the order of the rows given, with ``held`` (still held back),
        ``released`` (``earned`` less this) and ``due_now`` (released and not paid yet), in money.

    Raises
    ------
    SalesAnalysisError
        The plan has no holdback, or a share is not from 0 to 1.

    References
    ----------
    Sales-system source, §1: what was promised is paid, and it is known when.

    Examples
    --------
    >>> sales = pd.DataFrame({"earned": 1000.0, "paid": [0.0, 500.0, 500.0],
    ...                       "collected_share": [0, 0.5, 1]})
    >>> plan = {"tiers": [[0, None, 0.1]], "holdback": {"share": "50%"}}
    >>> holdback(sales, plan=plan)[["held", "released", "due_now"]]
        held  released  due_now
    0  500.0     500.0    500.0
    1  250.0     750.0    250.0
    2    0.0    1000.0    500.0
    """
    plan = payee_plan(plan)
    rule = plan.holdback
    if rule is None:
        raise SalesAnalysisError(
            "`plan` has no holdback; give it one, such as holdback: {share: 50 %}."
        )
    require_columns(commissions.columns, ["earned", "paid", "collected_share"], "`commissions`")
    unit = plan.minor_unit
    earned, _ = to_minor(commissions["earned"].to_numpy(float), unit, "earned")
    paid, _ = to_minor(commissions["paid"].to_numpy(float), unit, "paid")
    collected, whole = whole_parts(commissions["collected_share"], missing=0)
    held = rounded(
        earned.astype(object) * rule.share.numerator * (whole - collected),
        rule.share.denominator * whole,
        plan.rounding.method,
    ).astype(np.int64)
    released = earned - held
    money = {"held": held, "released": released, "due_now": np.maximum(released - paid, 0)}
    return commissions.assign(**{name: from_minor(value, unit) for name, value in money.items()})

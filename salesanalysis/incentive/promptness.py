"""Was it paid when it was promised: the lag from earned to paid, late and broken promises."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import require_columns
from salesanalysis.known import KnownIncentive, frame_of
from salesanalysis.periods import moments
from salesanalysis.stats import kaplan_meier, survival_quantile, wilson


def timeliness(
    known: KnownIncentive,
    *,
    by: Sequence[str] | str | None = None,
    promise_days: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """How long payouts take from earned to paid, and how many come late or not at all.

    Whatever is not paid by the day is still waiting: it counts with the days it has waited so
    far (Kaplan–Meier), not as paid and not as lost. A payout is late if it was paid after the
    promised day, or is unpaid and that day is over (then the promise is broken).

    Parameters
    ----------
    known : KnownIncentive
        Its ``payouts``: ``earned`` (money), ``earned_at``, ``paid_at`` (missing: not paid), and as
        far as known ``promised_at``, ``paid`` (money) and the columns of ``by``. Rows that earned
        nothing do not count.
    by : str or list of str, optional
        Columns to split by; without, ``team`` where there is one. ``[]`` for all together.
    promise_days : float, optional
        Where there is no ``promised_at``: days after ``earned_at`` within which payment is due.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        One row per group, in its order:

        - ``by``, ``payouts`` (that earned something), ``undated`` (of these, without a day of
          earning: not in what follows), ``paid_early`` (paid before earned: a lag of 0),
        - ``median_days, median_low, median_high, p90_days``: from earned to paid; infinite where
          fewer have been paid,
        - ``n`` (promises that fell due, or were kept before), ``k`` (late, broken ones included),
          ``rate, rate_low, rate_high`` (Wilson),
        - ``late_days`` (mean, of those paid late), ``unpaid``, ``broken`` (unpaid past the promised
          day), ``short`` (paid, but less than earned),
        - ``late_amount`` (earned, of the late), ``unpaid_amount`` (earned and not paid, what is
          missing of the short ones included).

        ``n`` is 0 where nothing says what was promised: then the rate is missing, not 0.

    Raises
    ------
    SalesAnalysisError
        The payouts are not there, or a column of theirs.

    References
    ----------
    Kaplan, E. L., Meier, P. (1958), JASA 53, 457–481; Wilson, E. B. (1927), JASA 22, 209–212.
    Sales-system source, §1.

    Examples
    --------
    >>> payouts = pd.DataFrame({
    ...     "team": "East", "earned": [100.0, 80.0, 60.0], "paid": [100.0, 80.0, None],
    ...     "earned_at": pd.to_datetime(["2025-03-31"] * 3),
    ...     "promised_at": pd.to_datetime(["2025-04-15"] * 3),
    ...     "paid_at": pd.to_datetime(["2025-04-10", "2025-04-20", None])})
    >>> table = timeliness(KnownIncentive(as_of="2025-04-30", payouts=payouts))
    >>> table[["team", "median_days", "n", "k", "rate", "broken", "unpaid_amount"]].round(2)
       team  median_days  n  k  rate  broken  unpaid_amount
    0  East         20.0  3  2  0.67       1           60.0
    """
    payouts = frame_of(known, "payouts", ["earned", "earned_at", "paid_at"])
    if by is None:
        by = ["team"] if "team" in payouts.columns else []
    by = as_list(by)
    require_columns(payouts.columns, by, "`payouts`")
    rows = _facts(payouts, known.as_of, promise_days)
    groups = rows.groupby(by, dropna=False, sort=True) if by else [((), rows)]
    found = []
    for key, part in groups:
        found.append(dict(zip(by, key, strict=True)) | _group(part, level))
    columns = [*by, "payouts", "undated", "paid_early", "median_days", "median_low", "median_high"]
    columns += ["p90_days", "n", "k", "rate", "rate_low", "rate_high", "late_days", "unpaid"]
    columns += ["broken", "short", "late_amount", "unpaid_amount"]
    return pd.DataFrame(found, columns=columns)


def open_promises(known: KnownIncentive, *, promise_days: float | None = None) -> pd.DataFrame:
    """What is owed although the promised day is over, by team.

    Parameters
    ----------
    known : KnownIncentive
        As for :func:`timeliness`; without ``team`` all are one, whose name is empty.
    promise_days : float, optional
        As for :func:`timeliness`.

    Returns
    -------
    DataFrame
        One row per team that is owed something, most money first: ``team, payouts`` (broken
        promises), ``amount`` (owed by them), ``since`` (the first promised day).

    Examples
    --------
    >>> payouts = pd.DataFrame({"earned": [9.0], "earned_at": pd.to_datetime(["2025-01-31"]),
    ...                         "paid_at": pd.Series([pd.NaT])})
    >>> known = KnownIncentive(as_of="2025-03-01", payouts=payouts)
    >>> open_promises(known, promise_days=14)[["payouts", "amount"]]
       payouts  amount
    0        1     9.0
    """
    payouts = frame_of(known, "payouts", ["earned", "earned_at", "paid_at"])
    rows = _facts(payouts, known.as_of, promise_days)
    if "team" not in rows.columns:
        rows["team"] = ""
    broken = rows[rows["_due"] & ~rows["_paid"]].astype({"team": object})
    broken = broken.assign(team=broken["team"].fillna("").astype(str))
    table = broken.groupby("team", as_index=False).agg(
        payouts=("_owed", "size"), amount=("_owed", "sum"), since=("_promised", "min")
    )
    return table.sort_values(["amount", "team"], ascending=[False, True], ignore_index=True)


def _facts(payouts: pd.DataFrame, now: pd.Timestamp, promise_days) -> pd.DataFrame:
    """Of each payout: days waited, whether paid, late, broken."""
    rows = payouts[payouts["earned"] > 0].reset_index(drop=True)
    earned_at, paid_at = (moments(rows[name]) for name in ("earned_at", "paid_at"))
    promised = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    if "promised_at" in rows.columns:
        promised = moments(rows["promised_at"])
    if promise_days is not None:
        promised = promised.fillna(earned_at + pd.Timedelta(days=promise_days))
    lag = (paid_at.fillna(now).dt.normalize() - earned_at.dt.normalize()).dt.days
    paid = paid_at.notna()
    promised_day = promised.dt.normalize()
    over = paid_at.fillna(now).dt.normalize() - promised_day
    late = (over > pd.Timedelta(0)) & promised.notna()
    amount = rows["paid"].astype(float) if "paid" in rows.columns else rows["earned"].where(paid)
    amount = amount.where(paid, 0.0).fillna(rows["earned"])
    return rows.assign(
        _dated=earned_at.notna(),
        _lag=lag.clip(lower=0),
        _early=lag < 0,
        _paid=paid,
        _due=promised.notna() & (paid | (promised_day < now.normalize())),
        _promised=promised_day,
        _late=late,
        _over=over.dt.days,
        _owed=(rows["earned"] - amount).clip(lower=0),
        # Less than half a unit of money is the noise of floats, or a rounding.
        _short=paid & (rows["earned"] - amount > 0.005),
    )


def _group(part: pd.DataFrame, level: float) -> dict:
    dated = part[part["_dated"]]
    due, late = dated[dated["_due"]], dated[dated["_due"] & dated["_late"]]
    n, k = len(due), len(late)
    low, high = wilson(k, n, level=level)
    median, p90 = (np.nan, np.nan, np.nan), (np.nan,)
    if len(dated):
        curve = kaplan_meier(dated["_lag"], dated["_paid"], level=level)
        median, p90 = survival_quantile(curve, [0.5, 0.9])
    paid_late = late.loc[late["_paid"], "_over"]
    unpaid = ~dated["_paid"]
    return {
        "payouts": len(part),
        "undated": int((~part["_dated"]).sum()),
        "paid_early": int(dated["_early"].sum()),
        "median_days": median[0],
        "median_low": median[1],
        "median_high": median[2],
        "p90_days": p90[0],
        "n": n,
        "k": k,
        "rate": k / n if n else np.nan,
        "rate_low": float(low),
        "rate_high": float(high),
        "late_days": float(paid_late.mean()) if len(paid_late) else np.nan,
        "unpaid": int(unpaid.sum()),
        "broken": int((late["_paid"].eq(False)).sum()),
        "short": int(dated["_short"].sum()),
        "late_amount": float(late["earned"].sum()),
        "unpaid_amount": float(dated["_owed"].sum()),
    }

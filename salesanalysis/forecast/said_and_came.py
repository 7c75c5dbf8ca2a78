"""What sellers said would come, beside what came: by person, and by how often a date was pushed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import WON, as_list
from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.known import KnownForecast, require_known
from salesanalysis.stats import wilson

#: With fewer deals that have come due nothing is said of a person.
LEAST_DEALS = 10

#: The error of the test whether pushed dates are kept less often, of both sides.
ERROR = 0.05

#: From so many pushes on they count as one kind.
MOST_PUSHES = 2

#: What is said of the whole, by its verdict.
_SENTENCES = {"over": "too_much", "under": "too_little", "fits": "fits"}

_COLUMNS = ["opportunity_id", "taken_at", "expected_close_at", "amount", "probability"]
_COLUMNS += ["owner_call", "pushes"]


def calls_due(known: KnownForecast, *, by: Sequence[str] | str = ()) -> pd.DataFrame:
    """What was said of deals whose date has come, and whether they came.

    A deal has come in time where it was won by the end of the month of its date.

    Parameters
    ----------
    known : KnownForecast
        Its ``earlier_calls`` and its deals. A deal that is not among them is left out.
    by : str or list of str
        Columns of the deals to carry along.

    Returns
    -------
    DataFrame, one row per date that was said of a deal
        From the first snapshot that has it: ``opportunity_id``, ``by``, ``taken_at,
        expected_close_at, amount, probability, owner_call, pushes, next_close_at`` (the date in the
        next snapshot) and ``came``.

    Raises
    ------
    SalesAnalysisError
        The deals lack a column of ``by``.

    Examples
    --------
    >>> from salesanalysis import reduce
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "outcome": ["won", "open"], "amount": 10.0,
    ...     "created_at": pd.Timestamp("2025-08-01"),
    ...     "closed_at": pd.to_datetime(["2025-09-28", None])})
    >>> kept = pd.DataFrame({
    ...     "taken_at": pd.Timestamp("2025-08-31"), "opportunity_id": ["a", "b"],
    ...     "expected_close_at": pd.Timestamp("2025-09-15"), "probability": 0.7})
    >>> tables = {"opportunities": deals, "snapshots": kept}
    >>> known = reduce.forecast.known(tables, as_of="2025-11-15", since="2025-10-01")
    >>> calls_due(known)[["opportunity_id", "probability", "came"]]
      opportunity_id  probability  came
    0              a          0.7     True
    1              b          0.7    False
    """
    known, by = require_known(known, KnownForecast), as_list(by)
    columns = ["opportunity_id", *by, *_COLUMNS[1:], "next_close_at", "came"]
    if known.pipeline is None or known.earlier_calls is None:
        return pd.DataFrame({name: [] for name in columns})
    deals, cutoff = known.pipeline.deals, known.as_of
    require_columns(deals.columns, ["opportunity_id", "outcome", "closed_at", *by], "the deals")
    require_columns(known.earlier_calls.columns, _COLUMNS, "`known.earlier_calls`")
    calls = known.earlier_calls[known.earlier_calls["taken_at"] <= cutoff]
    calls = calls.sort_values(["opportunity_id", "taken_at"], kind="stable")
    following = calls.groupby("opportunity_id")["expected_close_at"].shift(-1)
    calls = calls.assign(next_close_at=following)
    # A date is due once its month is over: until then the deal may still come in time.
    months = _months(calls["expected_close_at"], known)
    due = months < _months(pd.Series([cutoff + pd.Timedelta(days=1)]), known)[0]
    rows = calls[due].assign(month=months[due])
    # Without a snapshot there is no key whose kind could be that of the deals.
    same_kind = {"opportunity_id": deals["opportunity_id"].dtype}
    rows = rows.drop_duplicates(["opportunity_id", "expected_close_at"]).astype(same_kind)
    rows = rows.merge(deals[["opportunity_id", "outcome", "closed_at", *by]], on="opportunity_id")
    won = ((rows["outcome"] == WON) & (rows["closed_at"] <= cutoff)).to_numpy()
    closed = _months(rows["closed_at"].where(won, cutoff), known)
    return rows.assign(came=won & (closed <= rows["month"]))[columns]


def _months(days: pd.Series, known: KnownForecast) -> np.ndarray:
    """The months of the company's calendar that days lie in, counted on."""
    return known.calendar.months_of(days.to_numpy("datetime64[D]"))[0]


def said_and_came(
    due: pd.DataFrame, *, by: Sequence[str] | str = (), level: float = 0.95
) -> pd.DataFrame:
    """How many deals were to come by what was said, and how many came.

    Were the probabilities right, the number that comes would be the sum of independent chances
    (Poisson-binomial); a group says too much or too little where what came is too far from that
    sum. Over several groups the test is Holm's, so that with twenty people nobody is named by
    chance more often than once in twenty such tables.

    Parameters
    ----------
    due : DataFrame
        As from :func:`calls_due`. Of each deal the first date counts; without a probability there
        it does not.
    by : str or list of str
        Columns to split by.
    level : float
        Confidence level of the interval and, as its complement, of the test.

    Returns
    -------
    DataFrame
        One row per group: ``by``, ``n``, ``said`` and ``came`` (deals), ``said_share``,
        ``came_share`` with ``came_low, came_high`` (Wilson), ``said_amount`` and ``came_amount``
        (of the amounts that were said), ``p_value``, ``verdict``: ``over`` (more was said than
        came), ``under``, ``fits`` (nothing speaks against what is said), ``too_few`` (fewer than 10
        deals due).

    References
    ----------
    Holm, S. (1979), Scandinavian Journal of Statistics 6, 65–70. Exact convolution of the
    Poisson-binomial distribution: Hong, Y. (2013), Computational Statistics & Data Analysis 59,
    41–51.

    Examples
    --------
    >>> due = pd.DataFrame({"opportunity_id": range(15), "owner_id": ["R1"] * 12 + ["R2"] * 3,
    ...                     "taken_at": pd.Timestamp("2025-08-31"), "amount": 100.0,
    ...                     "probability": 0.5, "came": [True] + [False] * 11 + [True] * 3})
    >>> said_and_came(due, by="owner_id")[["owner_id", "n", "said", "came", "verdict"]]
      owner_id   n  said  came  verdict
    0       R1  12   6.0     1     over
    1       R2   3   1.5     3  too_few
    """
    by = as_list(by)
    needed = ["opportunity_id", *by, "taken_at", "amount", "probability", "came"]
    require_columns(due.columns, needed, "`due`")
    told = due.sort_values("taken_at", kind="stable").drop_duplicates("opportunity_id")
    told = told[told["probability"].notna()]
    groups = told.groupby(by, observed=True, sort=True) if by else [((), told)]
    rows = [
        dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True)) | _of_group(group)
        for key, group in groups
        if len(group)
    ]
    numbers = ["n", "said", "came", "said_share", "came_share", "came_low", "came_high"]
    numbers += ["said_amount", "came_amount", "p_value", "verdict"]
    table = pd.DataFrame(rows, columns=[*by, *numbers])
    table["came_low"], table["came_high"] = wilson(table["came"], table["n"], level=level)
    enough = table["n"] >= LEAST_DEALS
    differs = np.zeros(len(table), dtype=bool)
    differs[enough] = _holm(table.loc[enough, "p_value"].to_numpy(float), 1 - level)
    verdict = np.where(table["said"] > table["came"], "over", "under")
    table["verdict"] = np.select([~enough, differs], ["too_few", verdict], "fits")
    return table


def _of_group(group: pd.DataFrame) -> dict:
    chances, came = group["probability"].to_numpy(float), int(group["came"].sum())
    amounts = group["amount"].fillna(0.0)
    said = float(chances.sum())
    return {
        "n": len(group),
        "said": said,
        "came": came,
        "said_share": said / len(group),
        "came_share": came / len(group),
        "said_amount": float((amounts * chances).sum()),
        "came_amount": float(amounts[group["came"]].sum()),
        "p_value": _two_sided(chances, came),
    }


def _two_sided(chances: np.ndarray, came: int) -> float:
    """Twice the smaller tail of the number of independent chances that come."""
    number = np.ones(1)
    for chance in chances:
        number = np.convolve(number, (1 - chance, chance))
    return float(min(1.0, 2 * min(number[: came + 1].sum(), number[came:].sum())))


def _holm(p_values: np.ndarray, error: float) -> np.ndarray:
    """Which hypotheses Holm's step-down test rejects."""
    order = np.argsort(p_values, kind="stable")
    limits = error / np.arange(len(p_values), 0, -1)
    within = np.logical_and.accumulate(p_values[order] <= limits)
    rejected = np.zeros(len(p_values), dtype=bool)
    rejected[order] = within
    return rejected


def by_pushes(due: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """How often a date was kept, and how often pushed again, by how often it had been pushed.

    Parameters
    ----------
    due : DataFrame
        As from :func:`calls_due`.
    level : float
        Confidence level of the intervals (Wilson).

    Returns
    -------
    DataFrame
        One row per number of pushes before (``pushes``; the last stands for 2 and more): ``n``
        (dates due), ``came``, ``came_share, came_low, came_high`` (in time), ``pushed`` and
        ``pushed_share`` (a later snapshot has a later date).

    Examples
    --------
    >>> days = pd.to_datetime(["2025-09-15", "2025-10-20"])
    >>> due = pd.DataFrame({"pushes": [0, 3], "expected_close_at": days, "came": [True, False],
    ...                     "next_close_at": pd.to_datetime([None, "2025-12-01"])})
    >>> by_pushes(due)[["pushes", "n", "came", "pushed"]]
       pushes  n  came  pushed
    0       0  1     1       0
    1       2  1     0       1
    """
    needed = ["pushes", "expected_close_at", "next_close_at", "came"]
    require_columns(due.columns, needed, "`due`")
    pushed = due["next_close_at"] > due["expected_close_at"]
    rows = due.assign(pushes=due["pushes"].clip(upper=MOST_PUSHES), pushed=pushed)
    counts = {"n": ("came", "size"), "came": ("came", "sum"), "pushed": ("pushed", "sum")}
    table = rows.groupby("pushes", as_index=False).agg(**counts).astype(int)
    low, high = wilson(table["came"], table["n"], level=level)
    shares = {"came_share": table["came"] / table["n"], "came_low": low, "came_high": high}
    table = table.assign(**shares, pushed_share=table["pushed"] / table["n"])
    order = ["pushes", "n", "came", "came_share", "came_low", "came_high", "pushed", "pushed_share"]
    return table[order]


def said_findings(said: pd.DataFrame, pushes: pd.DataFrame, people: pd.DataFrame) -> list[Finding]:
    """What past calls of sellers are worth.

    Parameters
    ----------
    said : DataFrame
        As from :func:`said_and_came`, of the whole.
    pushes : DataFrame
        As from :func:`by_pushes`.
    people : DataFrame
        As from :func:`said_and_came`, by seller.

    Returns
    -------
    list of Finding
        Of the kind ``said``: ``too_much``, ``too_little``, ``fits`` or ``too_few``, of all calls;
        ``pushed_less`` or ``pushed_alike``, where dates of both kinds are due often enough;
        ``people`` (how many say clearly too much or too little, and of how many nothing can be
        said). Empty where no date has come due.

    Examples
    --------
    >>> due = pd.DataFrame({"opportunity_id": range(12), "amount": 100.0, "probability": 0.5,
    ...                     "pushes": 0, "owner_id": "R1", "taken_at": pd.Timestamp("2025-08-31"),
    ...                     "expected_close_at": pd.Timestamp("2025-09-15"),
    ...                     "next_close_at": pd.NaT, "came": [True] + [False] * 11})
    >>> people = said_and_came(due, by="owner_id")
    >>> [each.name for each in said_findings(said_and_came(due), by_pushes(due), people)]
    ['too_much', 'people']
    """
    if said.empty:
        return []
    needed = ["n", "said", "came", "came_share", "came_low", "came_high", "said_share", "verdict"]
    require_columns(said.columns, needed, "`said`")
    require_columns(pushes.columns, ["pushes", "n", "came", "came_share", "pushed"], "`pushes`")
    require_columns(people.columns, ["verdict"], "`people`")
    found = [_whole(said.iloc[0].to_dict())]
    found += _pushed(pushes)
    if len(people):
        counts = people["verdict"].value_counts()
        over, under, fits, few = (
            int(counts.get(name, 0)) for name in ("over", "under", "fits", "too_few")
        )
        values = {"over": over, "under": under, "fits": fits, "too_few": few}
        found.append(Finding("said", "people", values | {"people": len(people)}))
    return found


def _whole(row: dict) -> Finding:
    """What is said of all deals that were called."""
    counts = picked(row, "n", "said", "came")
    if row["verdict"] == "too_few":
        return Finding("said", "too_few", counts)
    shares = picked(row, "came_share", "came_low", "came_high", "said_share")
    return Finding("said", _SENTENCES[row["verdict"]], counts | shares)


def _pushed(pushes: pd.DataFrame) -> list[Finding]:
    """Whether dates that were pushed before are kept less often, by Fisher's exact test."""
    from scipy.stats import fisher_exact

    first, again = pushes[pushes["pushes"] == 0], pushes[pushes["pushes"] > 0]
    n, kept = int(again["n"].sum()), int(again["came"].sum())
    if first.empty or min(n, first["n"].iloc[0]) < LEAST_DEALS:
        return []
    row = first.iloc[0]
    low, high = (float(limit) for limit in wilson(kept, n))
    values = {"n": n, "came_share": kept / n, "came_low": low, "came_high": high}
    values |= {"first_share": row["came_share"], "pushed_share": float(again["pushed"].sum()) / n}
    table = [[kept, n - kept], [row["came"], row["n"] - row["came"]]]
    less = fisher_exact(table, alternative="less").pvalue < ERROR / 2
    return [Finding("said", "pushed_less" if less else "pushed_alike", values)]

"""What moved in the pipeline between two days, line by line, adding up to the cent."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import CANCELLED, LOST, OPEN, WON
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.funnel.groups import groups, require_columns, split_columns, split_table

#: Which deals a waterfall is about; see :func:`waterfall`.
WITHIN = ("all", "period")

#: The largest amount whose minor units a float still counts one by one.
_EXACT = 2**53

_COLUMNS = (
    "state_before state_after reopened position_before position_after amount_before amount_after"
    " due_before due_after slipped"
).split()


def waterfall(
    movements: pd.DataFrame,
    *,
    by: Sequence[str] | str = (),
    within: str = "all",
    minor_digits: int = 2,
) -> pd.DataFrame:
    """From the pipeline at the start to the pipeline at the end, one line for each kind of change.

    The lines of the kinds ``start`` and ``flow`` add up to the line ``end``, exactly: in deals, in
    amounts (added up in minor units, such as cents), and over the groups of ``by``. Lines of the
    kind ``memo`` say more about deals that are in the end line and change nothing. These are
    counts of what happened, not estimates: there is no interval.

    Parameters
    ----------
    movements : DataFrame, one row per deal
        As from :func:`salesanalysis.reduce.funnel.movements`.
    by : str or list of str
        Columns to split by. Missing values are a group of their own.
    within : str
        ``all``: the whole pipeline. ``period``: the part of it that is expected to close in the
        period (``due_before``, ``due_after``), as CRM reports show it. Then a deal whose expected
        closing date was moved into the period, or that closed in it earlier than expected, is
        ``pulled_in``; one moved out of it, or still open when it is over, has ``slipped``.
    minor_digits : int
        Decimals of the currency: 2 for cents, 0 for yen.

    Returns
    -------
    DataFrame
        One row per group × line, in the order of the picture: ``by``, ``movement, kind`` (``start,
        flow, end, memo``), ``deals`` (how many it concerns), ``amount`` (theirs; of
        ``amount_up`` and ``amount_down`` the change), ``net_deals, net_amount`` (what the line adds
        to the pipeline), ``without_amount`` (deals whose amount is not known and counts as 0),
        ``refused``: why there is no money in it, where no deal has an amount: ``no_amount``, or
        ``hindsight`` (filled in only once a deal closes); else missing. The lines:

        - ``start``: open then; ``new``: created since, at the first amount known; ``reopened``:
          closed then, opened again since; ``pulled_in`` (only ``period``),
        - ``amount_up``, ``amount_down``: deals whose amount changed; an amount that was not known
          and now is has gone up from 0,
        - ``won``, ``lost``, ``cancelled``: at the last amount known; ``slipped`` (``period``),
        - ``end``: open at the end,
        - memo: ``advanced``, ``moved_back``: open at both ends, in another stage;
          ``slipped`` (``all``): expected to close by then and still open.

    Raises
    ------
    SalesAnalysisError
        A column is not there, ``within`` is unknown, or an amount is too large to add up exactly.

    References
    ----------
    Start + created + pulled in + increased − decreased − slipped − lost − won = end: the
    "pipeline waterfall" of CRM systems such as HubSpot's.

    Examples
    --------
    >>> movements = pd.DataFrame({
    ...     "state_before": ["open", "open", "none"], "state_after": ["open", "won", "open"],
    ...     "reopened": False, "position_before": [0, 1, None], "position_after": [1, 1, 0],
    ...     "amount_before": [10.0, 20, 30], "amount_after": [15.0, 20, 30],
    ...     "due_before": False, "due_after": False, "slipped": False})
    >>> table = waterfall(movements)
    >>> columns = ["movement", "kind", "deals", "amount", "net_deals", "net_amount"]
    >>> table.loc[table["deals"] > 0, columns]
        movement   kind  deals  amount  net_deals  net_amount
    0      start  start      2    30.0          2        30.0
    1        new   flow      1    30.0          1        30.0
    3  amount_up   flow      1     5.0          0         5.0
    5        won   flow      1    20.0         -1       -20.0
    8        end    end      2    45.0          2        45.0
    9   advanced   memo      1    15.0          0         0.0
    """
    by = split_columns(movements, by)
    require_columns(movements, _COLUMNS)
    if within not in WITHIN:
        raise SalesAnalysisError(f"`within` is {within!r}; expected {' or '.join(WITHIN)}.")
    before = _minor_units(movements["amount_before"], minor_digits)
    after = _minor_units(movements["amount_after"], minor_digits)
    frame = movements.assign(_before=before, _after=after)
    refused = _refused(movements)
    money = {} if refused is None else {"amount": np.nan, "net_amount": np.nan}
    money["refused"] = refused
    rows = [
        group | line | money
        for group, part in groups(frame, by)
        for line in _lines(part, within, 10**minor_digits)
    ]
    columns = [*by, "movement", "kind", "deals", "amount", "net_deals", "net_amount"]
    return split_table(rows, [*columns, "without_amount", "refused"]).astype({"refused": "str"})


def _refused(movements: pd.DataFrame) -> str | None:
    """Why nothing can be said of money."""
    if movements.empty or movements[["amount_before", "amount_after"]].notna().any(axis=None):
        return None
    known_later = "amount_from" in movements and movements["amount_from"].eq("hindsight").any()
    return "hindsight" if known_later else "no_amount"


def _minor_units(amount: pd.Series, digits: int) -> np.ndarray:
    """Amounts as whole minor units; a missing one counts as 0."""
    units = np.rint(amount.to_numpy(float, na_value=np.nan) * 10**digits)
    if (np.abs(units) >= _EXACT).any():
        raise SalesAnalysisError(
            f"`amount` reaches {amount.abs().max():g}; amounts of {_EXACT / 10**digits:g} and more"
            " cannot be added up exactly. Give them in thousands, or with fewer `minor_digits`."
        )
    return np.where(np.isnan(units), 0, units).astype(np.int64)


def _lines(part: pd.DataFrame, within: str, units: int) -> list[dict]:
    """The lines of one group: which deals each is about, and the column of their amounts."""
    started, ended = part["state_before"] == OPEN, part["state_after"] == OPEN
    entered = ~started
    due_before, due_after = part["due_before"].astype(bool), part["due_after"].astype(bool)
    if within == "all":
        due_before = due_after = pd.Series(True, index=part.index)
    both = due_before & due_after
    change = part["_after"] - part["_before"]
    reopened = part["reopened"].astype(bool)
    step = (part["position_after"] - part["position_before"]).where(started & ended)
    slipped = due_before & ~due_after

    flows = [
        ("start", "start", started & due_before, "_before", 1),
        ("new", "flow", entered & ~reopened & due_before, "_before", 1),
        ("reopened", "flow", entered & reopened & due_before, "_before", 1),
    ]
    if within == "period":
        flows.append(("pulled_in", "flow", due_after & ~due_before, "_after", 1))
    flows += [
        ("amount_up", "flow", both & (change > 0), "change", 1),
        ("amount_down", "flow", both & (change < 0), "change", 1),
        *(
            (name, "flow", (part["state_after"] == name) & due_after, "_after", -1)
            for name in (WON, LOST, CANCELLED)
        ),
    ]
    if within == "period":
        flows.append(("slipped", "flow", slipped, "_before", -1))
    flows.append(("end", "end", ended & due_after, "_after", 1))
    memos = [
        ("advanced", "memo", (step > 0).fillna(False).astype(bool) & due_after, "_after", 0),
        ("moved_back", "memo", (step < 0).fillna(False).astype(bool) & due_after, "_after", 0),
    ]
    if within == "all":
        memos.append(("slipped", "memo", part["slipped"].astype(bool), "_after", 0))
    return [_line(part, change, *line, units) for line in [*flows, *memos]]


def _line(part, change, name, kind, chosen, column, sign, units) -> dict:
    """One line: its deals and amount, and with which sign they enter the sum."""
    values = (change if column == "change" else part[column])[chosen.to_numpy()]
    # Python's integers, so that no sum is too large for its type.
    total = sum(values.tolist())
    known = "amount_before" if column == "_before" else "amount_after"
    deals = int(chosen.sum())
    return {
        "movement": name,
        "kind": kind,
        "deals": deals,
        "amount": total / units,
        "net_deals": 0 if column == "change" else sign * deals,
        "net_amount": sign * total / units,
        "without_amount": int((chosen & part[known].isna()).sum()),
    }

"""Targets of any grain → each piece of money once: the one rule of all families that read targets.

Targets are a hierarchy of period × group. A row holds another that lies in its period and names
all that it names (a quarter its months, the company its sellers). What a row holds adds up to it,
so it is their total and is not counted again; what adds up to something else is refused.
"""

from copy import copy

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce.expressions import AnyTable, as_ibis, require_columns, to_pandas
from salesanalysis.reduce.season import Season
from salesanalysis.sources.no_records import names_a_total

#: What a target can be of, besides its period.
GROUPS = ("stream", "region", "product", "team", "owner_id")
MARKS = ("target", "floor", "stretch")
#: What is told of a target that was spread, or put together from weeks.
SPREAD = ("spread_of", "season_years", "of_weeks", "over_assigned")
#: The column that says of which table a row is, where several are read together.
TABLE = "__table"
#: Periods are compared and spread from the shortest unit to the longest.
_UNITS = ("week", "month", "quarter", "half", "year")
#: People round targets: a total may be off by this share of it, or by one for each row.
_ROUNDED = 0.001
#: How many rows an error lists.
_LISTED = 6


def each_once(
    targets: AnyTable,
    *,
    season: Season | None = None,
    longest: str = "quarter",
    shortest: str = "week",
    over_assigned: bool = False,
    name: str = "targets",
) -> pd.DataFrame:
    """The targets without those that are totals of others, and none of a long period.

    Rows of one period and group add up. Where the shorter periods of a longer one are not all
    given, what they leave of it is the target of the others. A target of a longer period than
    ``longest`` is spread over its parts as the company's own years fill.

    Parameters
    ----------
    targets : Ibis table or DataFrame, one row per period × group
        ``period, target``, and ``floor, stretch`` and any of ``stream, region, product, team,
        owner_id``. What is called "Total", "all" or the like is of the whole.
    season : Season, optional
        The company's calendar, and how its years fill; without it the plain calendar and every day
        alike.
    longest : str
        ``month``, ``quarter`` or ``year``.
    shortest : str
        ``month`` to have months in place of weeks: each week shared out over its days. A month that
        is not all in weeks with a target has none.
    over_assigned : bool
        Whether groups may be given more than the whole they belong to, as many companies do on
        purpose. Then the whole keeps its target: a row of it, below 0, takes off what they are
        given beyond it.
    name : str
        What an error calls the table.

    Returns
    -------
    DataFrame
        The columns given. Where something was spread also ``spread_of`` (the period that was given)
        and ``season_years`` (how many past years say how; 0 where every day counts alike), where
        weeks became months ``of_weeks``, and in rows of what is given beyond a whole
        ``over_assigned``.

    Raises
    ------
    SalesAnalysisError
        A column is not there, a period has no name of the calendar, rows add up to something else
        than the row that holds them, or rows overlap of which none holds the other.

    Examples
    --------
    >>> given = pd.DataFrame({"period": ["2025-Q4", "2025-10", "2025-11", "2025-12"],
    ...                       "target": [500.0, 150.0, 150.0, 200.0]})
    >>> each_once(given)["period"].tolist()
    ['2025-10', '2025-11', '2025-12']
    >>> each_once(given.iloc[:2]).round(1)
        period  target spread_of  season_years
    0  2025-10   150.0       NaN           NaN
    1  2025-11   172.1   2025-Q4           0.0
    2  2025-12   177.9   2025-Q4           0.0
    >>> each_once(given.assign(target=[600.0, 150.0, 150.0, 200.0]))
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `targets` contradict each other: 2025-Q4: 600, but what lies in it adds up to 500 (2025-10: 150; 2025-11: 150; 2025-12: 200). Mend a row, or leave out the total or its parts.
    """  # noqa: E501
    require_columns(as_ibis(targets), ["period", "target"], name)
    season = season or Season()
    table = to_pandas(as_ibis(targets))
    groups = [column for column in GROUPS if column in table]
    for column in groups:
        totals = [label for label in table[column].dropna().unique() if names_a_total(str(label))]
        table[column] = table[column].mask(table[column].isin(totals), None)
    hierarchy = _Hierarchy(table, groups, season, name, over_assigned)
    hierarchy.leave_out_totals()
    hierarchy.require_apart()
    if shortest == "month":
        hierarchy.share_weeks()
    return hierarchy.none_longer_than(longest)


class _Hierarchy:
    """The rows that are left, each with its unit and the columns that it names."""

    def __init__(
        self,
        table: pd.DataFrame,
        groups: list[str],
        season: Season,
        name: str,
        over_assigned: bool,
    ):
        self.groups, self.season, self.name = groups, season, name
        self.over_assigned = over_assigned
        self.calendar = season.calendar
        self.marks = [mark for mark in MARKS if mark in table]
        self.columns = list(table.columns)
        self.rows = self._placed(table.astype({mark: float for mark in self.marks}))

    def _placed(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows with ``_kind``: the place of their unit, and which groups they name."""
        places = {p: _UNITS.index(self.calendar.unit_of(p)) for p in table["period"].unique()}
        bits = sum((table[g].notna().astype(int) * 2**i for i, g in enumerate(self.groups)), 0)
        return table.assign(_unit=table["period"].map(places).astype(int), _named=bits)

    def _kinds(self) -> list[tuple[int, int]]:
        """Which units and groups there are: what names most, of the shortest periods, first."""
        kinds = set(self.rows[["_unit", "_named"]].itertuples(index=False, name=None))
        return sorted(kinds, key=lambda kind: (-kind[1].bit_count(), kind[0], kind[1]))

    def _of(self, unit: int, named: int) -> pd.DataFrame:
        return self.rows[(self.rows["_unit"] == unit) & (self.rows["_named"] == named)]

    def _names(self, named: int) -> list[str]:
        return [g for i, g in enumerate(self.groups) if named >> i & 1]

    def _periods_in(self, rows: pd.DataFrame, unit: int) -> pd.Series:
        """The period of a unit that each row's own begins in."""
        own = {p: self.calendar.bounds_of(p)[0] for p in rows["period"].unique()}
        names = {p: self.calendar.label_of(start, _UNITS[unit]) for p, start in own.items()}
        return rows["period"].map(names)

    def leave_out_totals(self) -> None:
        """Leave out what is a total of others; what these leave of it is the rest's."""
        for unit, named in self._kinds():
            rows, keys = self.rows, self._names(named)
            finer = (rows["_unit"] <= unit) & (rows["_named"] & named == named)
            held = rows[finer & ((rows["_unit"] < unit) | (rows["_named"] != named))]
            if held.empty:
                continue
            held = held.assign(_in=self._periods_in(held, unit))
            whole = map(self.calendar.lies_in, held["period"], held["_in"])
            held = held[np.fromiter(whole, dtype=bool, count=len(held))]
            inside = dict(iter(held.groupby(["_in", *keys], dropna=False)))
            holders = self._of(unit, named).groupby(["period", *keys])
            holders = [(own, inside[key]) for key, own in holders if key in inside]
            left = [self._left_of(*both) for both in holders]
            gone = [at for own, _ in holders for at in own.index]
            kept = self.rows.drop(index=gone)
            self.rows = pd.concat([kept, *(rest for rest in left if len(rest))], ignore_index=True)

    def _left_of(self, own: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
        """What the parts leave of the rows of one period and group; no rows where nothing."""
        total, sums = own["target"].sum(), [held["target"].sum()]
        if TABLE in held:  # a total of streams may or may not mean the sellers' own as well
            sums.append(held.loc[held[TABLE].isin(own[TABLE]), "target"].sum())
        rest, rounded = total - sums[0], max(_ROUNDED * abs(total), len(held))
        if any(abs(total - parts) <= rounded for parts in sums):
            return own.iloc[:0]
        to_groups = bool((held["_named"] != own["_named"].iloc[0]).all())
        if rest < 0 and to_groups and self.over_assigned:
            beyond = own[self.marks].sum(min_count=1) - held[self.marks].sum(min_count=1)
            return own.iloc[[0]].assign(**dict(beyond), over_assigned=True)
        unit = int(held["_unit"].min())
        period, known = own["period"].iloc[0], [self.calendar.bounds_of(p) for p in held["period"]]
        parts = self.season.parts_of(period, _UNITS[unit])
        bounds = [self.calendar.bounds_of(part) for part in parts]
        free = [
            part
            for part, (start, end) in zip(parts, bounds, strict=True)
            if not any(first < end and last > start for first, last in known)
        ]
        if not free or rest < 0:
            self._contradicts(own, held, may_be_meant=bool(rest < 0) and to_groups)
        of_parts = held[self.marks].sum(min_count=1)
        left = own.iloc[[0]].assign(**dict(own[self.marks].sum(min_count=1) - of_parts))
        return self._spread(left, free)

    def _touching(self, rows: pd.DataFrame, unit: int) -> pd.DataFrame:
        """Each row once for every period of a unit that it touches: a week may touch two months."""
        last = {p: self.calendar.bounds_of(p)[1] for p in rows["period"].unique()}
        day = pd.Timedelta(days=1)
        ends = {p: self.calendar.label_of(end - day, _UNITS[unit]) for p, end in last.items()}
        both = [self._periods_in(rows, unit), rows["period"].map(ends)]
        twice = pd.concat([rows.assign(_in=names) for names in both])
        return twice.drop_duplicates(ignore_index=True)

    def require_apart(self) -> None:
        """Refuse rows that may be of the same money, of which none holds the other."""
        if "over_assigned" in self.rows:  # these take off what others have
            beyond = self.rows["over_assigned"].fillna(False).astype(bool)
            others = copy(self)
            others.rows = self.rows[~beyond].drop(columns="over_assigned")
            return others.require_apart()
        kinds = self._kinds()
        for at, (unit, named) in enumerate(kinds):
            for other_unit, other_named in kinds[:at]:
                longer = max(unit, other_unit)
                keys = self._names(named & other_named)
                one, other = (
                    self._touching(rows, longer)
                    for rows in (self._of(unit, named), self._of(other_unit, other_named))
                )
                both = one.merge(other, on=["_in", *keys], suffixes=("", "_other"))
                if len(both):
                    first = both.iloc[0]
                    mine = one[one["period"] == first["period"]].iloc[0]
                    theirs = other[other["_in"] == first["_in"]].iloc[0]
                    raise SalesAnalysisError(
                        f"`{self.name}` overlap: {self._said(mine)} and {self._said(theirs)} may be"
                        " of the same money, and neither holds the other. Name in each row what the"
                        " others name (such as the region of each seller), or keep one of the two."
                    )

    def share_weeks(self) -> None:
        """Months in place of weeks, those that lie in weeks with a target on all their days."""
        weeks = self.rows["_unit"] == _UNITS.index("week")
        if not weeks.any():
            return
        own, rest = self.rows[weeks], self.rows[~weeks].assign(of_weeks=False)
        day = pd.Timedelta(days=1)
        bounds = {name: self.calendar.bounds_of(name) for name in own["period"].unique()}
        daily = pd.DataFrame(
            [(name, at) for name, ends in bounds.items() for at in pd.date_range(*ends)[:-1]],
            columns=["period", "_day"],
        )
        daily["_month"] = self.calendar.labels_of(daily["_day"], "month").to_numpy()
        shared = own.merge(daily, on="period")
        shared[self.marks] = shared[self.marks] / (pd.Timedelta(days=7) / day)
        grouped = shared.groupby([*self.groups, "_month"], dropna=False)
        ends = {name: self.calendar.bounds_of(name) for name in shared["_month"].unique()}
        length = shared["_month"].map({name: (e - s) / day for name, (s, e) in ends.items()})
        shared = shared[grouped["_day"].transform("nunique") == length]
        keys = [column for column in self.columns if column not in (*self.marks, "period")]
        sums = shared.groupby([*keys, "_month"], dropna=False, as_index=False)[self.marks]
        months = sums.sum(min_count=1).rename(columns={"_month": "period"})
        self.rows = pd.concat([rest, self._placed(months.assign(of_weeks=True))], ignore_index=True)

    def none_longer_than(self, unit: str) -> pd.DataFrame:
        """The rows that are left; those of longer periods spread over the ones of this unit."""
        long = self.rows["_unit"] > _UNITS.index(unit)
        spread = [
            self._spread(row, self.season.parts_of(row["period"].iloc[0], unit))
            for row in (self.rows.loc[[at]] for at in self.rows.index[long])
        ]
        table = pd.concat([self.rows[~long], *spread], ignore_index=True) if spread else self.rows
        own = [name for name in SPREAD if name in table]
        return table[[*self.columns, *own]].reset_index(drop=True)

    def _spread(self, row: pd.DataFrame, parts: list[str]) -> pd.DataFrame:
        """One row as the rows of several periods."""
        stream = row["stream"].iloc[0] if "stream" in row else None
        shares, years = self.season.shares(parts, stream)
        table = row.loc[row.index.repeat(len(parts))].assign(period=parts)
        for mark in self.marks:
            table[mark] = table[mark].to_numpy(float) * shares
        if len(parts) > 1:
            table = table.assign(spread_of=row["period"].iloc[0], season_years=float(years))
        return self._placed(table)

    def _contradicts(self, own: pd.DataFrame, held: pd.DataFrame, *, may_be_meant: bool) -> None:
        rows = [self._said(row) for _, row in held.head(_LISTED).iterrows()]
        more = f"; and {len(held) - _LISTED} more" if len(held) > _LISTED else ""
        whole = own.iloc[0].copy()
        whole["target"] = own["target"].sum()
        raise SalesAnalysisError(
            f"`{self.name}` contradict each other: {self._said(whole)}, but what lies in it adds up"
            f" to {held['target'].sum():,.10g} ({'; '.join(rows)}{more}). Mend a row, or leave out"
            " the total or its parts."
            + " If more is given out than the total on purpose, say over_assigned=true."
            * may_be_meant
        )

    def _said(self, row: pd.Series) -> str:
        """A row as an error names it."""
        # All of the pipeline: then no row needs to say so.
        one = "stream" in self.groups and self.rows["stream"].nunique() <= 1
        told = [g for g in self.groups if not (one and g == "stream")]
        named = [f"{group} {row[group]}" for group in told if not pd.isna(row[group])]
        return f"{', '.join([row['period'], *named])}: {row['target']:,.10g}"

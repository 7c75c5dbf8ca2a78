"""The checks of every family: each is data, and one engine counts what it finds and gives the rows.

A family says what it looks at (:class:`Subject`) and what can be wrong with that (a list of
:class:`Check`, most of them with a ready rule of this module); :class:`Checks` does the rest. The
words of a check are ``<family>.value.check.<name>`` and ``<family>.value.why.<name>``, those of a
subject ``<family>.value.of.<name>``.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import ibis
import pandas as pd

from salesanalysis.errors import require_choice
from salesanalysis.reduce.currencies import currencies
from salesanalysis.reduce.expressions import day, moment, to_pandas

#: How bad it is, worst first. ``high``: figures are wrong until it is mended. ``medium``: figures
#: are biased, or some rows cannot be used. ``low``: worth knowing.
SEVERITIES = ("high", "medium", "low")
#: The columns of the table of checks.
COLUMNS = (
    *("check", "severity", "finding", "of", "n", "rows", "share", "amount", "blocks"),
    "suggestion",
)
#: At most so many values are suggested.
_MOST_VALUES = 5

#: Which rows of a table are meant.
Which = Callable[[ibis.Table], ibis.Value]

# Ready rules: each gives the function of an Ibis table that says which of its rows are meant.


def every_row(_: ibis.Table) -> ibis.Value:
    """All rows."""
    return ibis.literal(True)


def no_row(_: ibis.Table) -> ibis.Value:
    """None of them: the data can tell, and nothing is wrong."""
    return ibis.literal(False)


def flag(column: str) -> Which:
    """Rows of which the column says yes."""
    return lambda t: t[column]


def missing(*columns: str) -> Which:
    """Rows without a value in any one of the columns."""
    return lambda t: ibis.or_(*(t[column].isnull() for column in columns))


def negative(column: str) -> Which:
    """Rows with a number under 0."""
    return lambda t: t[column] < 0


def after(later: str | pd.Timestamp, earlier: str | pd.Timestamp) -> Which:
    """Rows in which one day lies after another; each is that of a column, or of a moment."""

    def day_of(t, which):
        return day(t[which] if isinstance(which, str) else moment(which))

    return lambda t: day_of(t, later) > day_of(t, earlier)


def twice(*key: str) -> Which:
    """Rows whose key other rows have too."""
    return lambda t: t.count().over(ibis.window(group_by=list(key))) > 1


def orphan(key: str, known: ibis.Table) -> Which:
    """Rows whose key is in no row of the table ``known``; a missing key is none."""
    # One missing key among the known ones would make every answer unknown.
    keys = known.filter(known[key].notnull())[key]
    return lambda t: t[key].notin(keys)


def values(column: str) -> Callable[[ibis.Table], str]:
    """To suggest: the first values of the rows found, in their order; of a column that is shown."""

    def suggest(found: ibis.Table) -> str:
        there = found.filter(found[column].notnull())
        there = there.select(value=there[column].cast("string")).distinct().order_by("value")
        names = to_pandas(there.limit(_MOST_VALUES + 1))["value"].tolist()
        return ", ".join(names[:_MOST_VALUES]) + (" …" if len(names) > _MOST_VALUES else "")

    return suggest


@dataclass(frozen=True)
class Check:
    """Something that can be wrong with rows, or would mislead an analysis of them.

    Parameters
    ----------
    name, severity : str
        Its name, and one of :data:`SEVERITIES`.
    of : str
        What it looks at, the name of a :class:`Subject`; it cannot be told where there is none.
    hit : function of an Ibis table, optional
        Which rows it finds; None where these data cannot tell.
    base : function of an Ibis table
        Which rows it is about.
    needs : tuple of str
        Columns without which it cannot be told.
    blocks : bool
        What it finds makes figures of the report wrong.
    least_share : float
        Share of the rows it is about from which on it counts as found.
    suggest : str or function of the rows found, optional
        An argument to give, or the values that it found; a text also where it cannot be told.
    """

    name: str
    severity: str
    of: str
    hit: Which | None = None
    base: Which = every_row
    needs: tuple[str, ...] = ()
    blocks: bool = False
    least_share: float = 0.0
    suggest: str | Callable[[ibis.Table], str] | None = None


def one_currency(
    name: str, of: str, rows: ibis.Table, *, base: Which = every_row, expected: str | None = None
) -> Check:
    """The check for amounts in more than one currency, of which every sum is meaningless.

    It finds the rows in another currency than the ``expected`` one, or than most of the ``rows``
    it is about, and suggests all currencies there are, the most frequent first.
    """
    found = currencies(rows.filter(base(rows)))
    check = Check(name, "high", of, base=base, needs=("currency",), blocks=True)
    main = expected or next(iter(found), None)
    if main is None:
        return check
    return replace(check, hit=lambda t: t.currency != main, suggest=", ".join(found))


@dataclass(frozen=True, eq=False)
class Subject:
    """Rows that checks look at.

    Parameters
    ----------
    rows : Ibis table
        One row per thing.
    amount : str
        The column of what a row is worth; none where they are worth nothing.
    shown : sequence of str
        What is shown of a row that is found, its key first; all columns where not given.
    has : collection of str, optional
        What the input has, for the ``needs`` of a check; the columns where not given.
    """

    rows: ibis.Table
    amount: str = ""
    shown: Sequence[str] = ()
    has: Collection[str] | None = None

    @property
    def columns(self) -> list[str]:
        """What is shown of a row."""
        return list(self.shown or self.rows.columns)

    def tells(self, check: Check) -> bool:
        """Whether it has what the check needs."""
        return set(check.needs) <= set(self.rows.columns if self.has is None else self.has)


@dataclass(frozen=True, eq=False)
class Checks:
    """Checks, and what they look at: :attr:`table` says what they find, :meth:`rows_of` where.

    Examples
    --------
    >>> deals = ibis.memtable(pd.DataFrame({"deal": ["a", "b", "c"], "amount": [5.0, -2.0, -3.0]}))
    >>> checks = Checks([Check("refund", "low", "deals", negative("amount")),
    ...                  Check("undated", "high", "deals", missing("closed_at"),
    ...                        needs=("closed_at",))],
    ...                 {"deals": Subject(deals, "amount")})
    >>> checks.table[["check", "finding", "n", "rows", "share", "amount"]].round(2)
         check  finding  n  rows  share  amount
    0  undated  unknown  0     0    NaN     NaN
    1   refund    found  3     2   0.67    -5.0
    >>> checks.rows_of("refund")
      deal  amount
    0    b    -2.0
    1    c    -3.0
    """

    every: Sequence[Check]
    subjects: Mapping[str, Subject]

    def __add__(self, other: "Checks") -> "Checks":
        """Both lists of checks as one."""
        return Checks([*self.every, *other.every], {**self.subjects, **other.subjects})

    @cached_property
    def table(self) -> pd.DataFrame:
        """What the checks find: one row each, the worst first, else in their order.

        - ``check, severity`` (``high``: figures are wrong until it is mended; ``medium``: they are
          biased, or some rows cannot be used; ``low``: worth knowing),
        - ``finding``: ``found``, ``clear``, or ``unknown`` where the input lacks the columns or has
          too little to tell,
        - ``of``: what it counts (deals, tests …), ``n`` of them that it is about, ``rows`` found
          among them (a check that counts from some share on is ``clear`` below it), ``share``,
          ``amount`` (sum of the known amounts of the rows found),
        - ``blocks``: found, and the figures that rest on it must not be quoted before it is mended
          or the ``suggestion`` followed,
        - ``suggestion``: an argument to give, or the values, columns or dates that it found.

        Shares are of all the rows there are, not of a sample: there is no interval.
        """
        counted = {}
        for of, subject in self.subjects.items():
            asked = [one for one in self.every if one.of == of and subject.tells(one)]
            counted |= _counts(subject, asked) if asked else {}
        rows = [self._row(check, counted.get(check.name)) for check in self.every]
        rows.sort(key=lambda row: SEVERITIES.index(row["severity"]))
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        # As a column of text, which pandas would make of it, it would hold NaN in place of None.
        table["suggestion"] = pd.Series([row["suggestion"] for row in rows], dtype=object)
        return table

    def rows_of(self, check: str, *, most: int = 1_000) -> pd.DataFrame:
        """The rows that one check finds.

        Parameters
        ----------
        check : str
            Its name.
        most : int
            At most so many rows.

        Returns
        -------
        DataFrame
            What is shown of them, the largest amount first, then in the order of the columns.

        Raises
        ------
        SalesAnalysisError
            No check has that name.
        """
        every = {one.name: one for one in self.every}
        require_choice("check", check, every)
        check = every[check]
        if check.of not in self.subjects:
            return pd.DataFrame()
        subject = self.subjects[check.of]
        rows = self._found(check)
        largest = [ibis.desc(rows[subject.amount].fill_null(0))] if subject.amount else []
        shown = subject.columns
        return to_pandas(rows.order_by([*largest, *shown]).limit(most).select(*shown))

    def _found(self, check: Check):
        """The rows that it finds; none where it cannot be told."""
        rows = self._hits[check.of]
        return rows.filter(rows[f"is_{check.name}"])

    @cached_property
    def _hits(self) -> dict:
        """Of each subject the rows that any check finds, and which: a report asks for many."""
        hits = {}
        for of, subject in self.subjects.items():
            asked = [check for check in self.every if check.of == of]
            flags = {
                f"is_{check.name}": _flags(check, subject.rows)[1]
                if subject.tells(check)
                else ibis.literal(False)
                for check in asked
            }
            # What is counted over other rows can be computed beside a row, not where rows are
            # chosen.
            rows = subject.rows.mutate(**flags)
            rows = rows.filter(ibis.or_(*(rows[name] for name in flags)))
            amount = [subject.amount] if subject.amount else []
            rows = rows.select(*dict.fromkeys([*subject.columns, *amount, *flags]))
            # Another engine is somebody's database: nothing is written there.
            hits[of] = rows.cache() if rows.get_backend().name == "duckdb" else rows
        return hits

    def _row(self, check: Check, counted: tuple | None) -> dict:
        """One row of the table; nothing is counted where the input lacks what it takes."""
        told = counted is not None and check.hit is not None
        n, rows, amount = counted or (0, 0, None)
        found = rows > 0 and rows >= check.least_share * n
        suggestion = check.suggest if found or not told else None
        if callable(suggestion):
            suggestion = suggestion(self._found(check)) if found else None
        return {
            "check": check.name,
            "severity": check.severity,
            "finding": "found" if found else "clear" if told else "unknown",
            "of": check.of,
            "n": n,
            "rows": rows,
            "share": rows / n if n and told else float("nan"),
            # The last digits of a sum depend on the order in which an engine comes by the rows.
            "amount": round(float(amount), 4) if rows and pd.notna(amount) else float("nan"),
            "blocks": found and check.blocks,
            "suggestion": suggestion or None,
        }


def _flags(check: Check, rows) -> tuple:
    """Which rows it is about, and which of them it finds."""
    base = check.base(rows).fill_null(False)
    return base, base & (check.hit or no_row)(rows).fill_null(False)


def _counts(subject: Subject, asked: Sequence[Check]) -> dict[str, tuple]:
    """Of each check, how many rows it is about, how many it finds and their amount: one query."""
    flags = {}
    for at, check in enumerate(asked):
        flags[f"base_{at}"], flags[f"hit_{at}"] = _flags(check, subject.rows)
    rows = subject.rows.mutate(**flags)
    sums = {}
    for at in range(len(asked)):
        # A sum is faster than a count with a condition; PostgreSQL makes no wider number of a flag.
        sums[f"n_{at}"] = rows[f"base_{at}"].cast("int32").sum()
        sums[f"rows_{at}"] = rows[f"hit_{at}"].cast("int32").sum()
        if subject.amount:
            sums[f"amount_{at}"] = rows[subject.amount].sum(where=rows[f"hit_{at}"])
    found = to_pandas(rows.agg(**sums)).iloc[0]

    def whole(name: str) -> int:
        return 0 if pd.isna(found[name]) else int(found[name])

    return {
        check.name: (whole(f"n_{at}"), whole(f"rows_{at}"), found.get(f"amount_{at}"))
        for at, check in enumerate(asked)
    }

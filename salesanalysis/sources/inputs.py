"""The inputs of a report, read in one go."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import Calendar
from salesanalysis.sources.checked import Checked
from salesanalysis.sources.faults import SET_ASIDE
from salesanalysis.sources.locating import Source
from salesanalysis.sources.read import check

#: The largest share of rows, or of money, that may be set aside.
MOST_SET_ASIDE = 0.05


def inputs(
    *,
    mapping: str | Path = "",
    needed: Sequence[str] = (),
    most_set_aside: float = MOST_SET_ASIDE,
    calendar: Mapping[str, object] | Calendar | None = None,
    **tables: Source,
) -> dict[str, Checked]:
    """The checked inputs of a report, by the name of their table.

    Parameters
    ----------
    mapping : str or path
        A mapping file that describes them (``columns`` of :func:`read`); ``""`` where the names
        are known.
    needed : sequence of str
        Tables without which there is nothing to report.
    most_set_aside : float
        An input of which more than this share of the rows, or of the money, cannot be used is
        refused: what is left may say something else than the whole.
    calendar : dict or salesanalysis.periods.Calendar, optional
        The company's, as for :func:`read`.
    **tables : str
        Where each table lies, such as ``opportunities="crm.csv"``. Those that are ``""`` are not
        there and are left out. Where there are ``rates``, the others may hold several currencies.

    Returns
    -------
    dict of table name to Checked
        Each with its valid rows in ``table``.

    Raises
    ------
    SalesAnalysisError
        An input is needed and not given, cannot be read, has faults that make it useless, or too
        many of its rows would be set aside.

    Examples
    --------
    >>> read = inputs(opportunities="data/sample/opportunities.csv", stage_history="")
    >>> list(read), read["opportunities"].rows
    (['opportunities'], 2000)
    """
    for name in needed:
        if not tables[name]:
            raise SalesAnalysisError(f"`{name}` is not given; there is no report without it.")
    asked = {"columns": mapping or None, "calendar": calendar}
    # A deal list may have attributes only where a history says what became of the deals.
    asked["outcomes_elsewhere"] = bool(tables.get("stage_history"))
    asked["convert"] = bool(tables.get("rates"))
    read = {
        name: check(where, table=name, **asked).require() for name, where in tables.items() if where
    }
    for checked in read.values():
        _refuse_much_set_aside(checked, most_set_aside)
    return read


def _refuse_much_set_aside(checked: Checked, most: float) -> None:
    aside = checked.set_aside
    if aside.share <= most:
        return
    money = f", {aside.amount_share:.1%} of `{aside.amount_column}`" if aside.amount_column else ""
    listed = "".join(f"\n  - {said}" for said in checked.messages(severity=SET_ASIDE))
    raise SalesAnalysisError(
        f"`{checked.source}`: {checked.rows_set_aside:,} rows of `{checked.table_name}`"
        f" ({aside.rows_share:.1%} of the rows{money}) cannot be used; more than {most:.0%} stops a"
        f" report.{listed}\nMend the file, or go on without these rows:"
        f" most_set_aside={aside.share_to_go_on}"
    )

"""The inputs of a report, read in one go."""

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.sources.checked import Checked
from salesanalysis.sources.read import check


def inputs(*, mapping="", needed=(), **tables) -> dict[str, Checked]:
    """The checked inputs of a report, by the name of their table.

    Parameters
    ----------
    mapping : str or path
        A mapping file that describes them (``columns`` of :func:`read`); ``""`` where the names
        are known.
    needed : sequence of str
        Tables without which there is nothing to report.
    **tables : str
        Where each table lies, such as ``opportunities="crm.csv"``. Those that are ``""`` are not
        there and are left out.

    Returns
    -------
    dict of table name to Checked
        Each with its valid rows in ``table``.

    Raises
    ------
    SalesAnalysisError
        An input is needed and not given, cannot be read, or has faults that make it useless.

    Examples
    --------
    >>> read = inputs(opportunities="data/sample/opportunities.csv", stage_history="")
    >>> list(read), read["opportunities"].rows
    (['opportunities'], 2000)
    """
    for name in needed:
        if not tables[name]:
            raise SalesAnalysisError(f"`{name}` is not given; there is no report without it.")
    return {
        name: check(where, table=name, columns=mapping or None).require()
        for name, where in tables.items()
        if where
    }

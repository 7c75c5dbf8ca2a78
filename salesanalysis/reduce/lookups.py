"""What the deal list does not say itself, from the lists of sellers, accounts and products."""

from collections.abc import Mapping

from salesanalysis.columns import LOOKUPS, TABLES
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce.expressions import as_ibis, require_columns


def with_lookups(tables: Mapping) -> dict:
    """The tables of a report with the lookup lists joined to the deal list, for splits.

    Every deal stays, once; one whose key is not in a list gets missing values from it
    (:func:`salesanalysis.sources.unmatched_lookups` shows which keys these are). A column that the
    deal list has already is not replaced; where two lists have one of the same name, the first of
    reps, accounts, products counts.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        ``opportunities`` (with the key of each list: ``owner_id``, ``account_id``, ``product``),
        any of ``reps``, ``accounts``, ``products`` (one row per key), and others.

    Returns
    -------
    dict of name to table
        The others as they are, ``opportunities`` with the columns of the lists, which are left out.

    Raises
    ------
    SalesAnalysisError
        A table lacks the key, or there are lists but no deal list.

    Examples
    --------
    >>> import pandas as pd
    >>> deals = pd.DataFrame({"opportunity_id": ["a", "b"], "owner_id": ["Li", "Wu"]})
    >>> reps = pd.DataFrame({"owner_id": ["Li"], "region": ["East"]})
    >>> known = with_lookups({"opportunities": deals, "reps": reps})
    >>> list(known), known["opportunities"].columns
    (['opportunities'], ('opportunity_id', 'owner_id', 'region'))
    """
    lookups = {name: tables[name] for name in LOOKUPS if name in tables}
    known = {name: table for name, table in tables.items() if name not in lookups}
    if not lookups:
        return known
    if "opportunities" not in known:
        raise SalesAnalysisError(
            f"There is no deal list (`opportunities`) to join {', '.join(lookups)} to."
        )
    deals = as_ibis(known["opportunities"])
    for name, lookup in lookups.items():
        (key,) = TABLES[name].key
        lookup = as_ibis(lookup)
        require_columns(deals, [key], "opportunities")
        require_columns(lookup, [key], name)
        new = [column for column in lookup.columns if column not in deals.columns]
        # A key twice in the list must not make one deal two.
        once = lookup.select(key, *new).distinct(on=key, keep="first")
        deals = deals.left_join(once, key).select(*deals.columns, *new)
    return known | {"opportunities": deals}


def columns_there(tables: Mapping, names) -> list[str]:
    """Those of ``names`` that the deal list has; none where there is no deal list.

    For what a report can do with a column but does not need: sellers, reasons.

    Examples
    --------
    >>> import pandas as pd
    >>> deals = pd.DataFrame({"opportunity_id": ["a"], "reason": ["price"]})
    >>> columns_there({"opportunities": deals}, ["owner_id", "reason"])
    ['reason']
    """
    known = tables["opportunities"].columns if "opportunities" in tables else ()
    return [name for name in dict.fromkeys(names) if name in known]

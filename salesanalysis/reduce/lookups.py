"""What the deal list does not say itself, from the lists of sellers, accounts and products."""

from salesanalysis.columns import TABLES
from salesanalysis.reduce.expressions import as_ibis, require_columns


def with_lookups(opportunities, *, reps=None, accounts=None, products=None):
    """The deal list with the columns of its lookup lists, for splits.

    Every deal stays, once; one whose key is not in a list gets missing values from it
    (:func:`salesanalysis.sources.unmatched_keys` shows which keys these are). A column that the
    deal list has already is not replaced; where two lists have one of the same name, the first of
    reps, accounts, products counts.

    Parameters
    ----------
    opportunities : Ibis table or DataFrame, one row per deal
        With the key of each list given: ``owner_id``, ``account_id``, ``product``.
    reps : Ibis table or DataFrame, one row per ``owner_id``, optional
    accounts : Ibis table or DataFrame, one row per ``account_id``, optional
    products : Ibis table or DataFrame, one row per ``product``, optional

    Returns
    -------
    Ibis table

    Raises
    ------
    SalesAnalysisError
        The deal list or a lookup list lacks the key.

    Examples
    --------
    >>> import pandas as pd
    >>> deals = pd.DataFrame({"opportunity_id": ["a", "b"], "owner_id": ["Li", "Wu"]})
    >>> reps = pd.DataFrame({"owner_id": ["Li"], "region": ["East"]})
    >>> with_lookups(deals, reps=reps).count().execute(), with_lookups(deals, reps=reps).columns
    (2, ('opportunity_id', 'owner_id', 'region'))
    """
    table = as_ibis(opportunities)
    lookups = {"reps": reps, "accounts": accounts, "products": products}
    for name, lookup in lookups.items():
        if lookup is None:
            continue
        (key,) = TABLES[name].key
        lookup = as_ibis(lookup)
        require_columns(table, [key], "opportunities")
        require_columns(lookup, [key], name)
        new = [column for column in lookup.columns if column not in table.columns]
        # A key twice in the list must not make one deal two.
        once = lookup.select(key, *new).distinct(on=key, keep="first")
        table = table.left_join(once, key).select(*table.columns, *new)
    return table

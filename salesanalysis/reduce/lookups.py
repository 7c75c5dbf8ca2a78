"""What the deal list does not say itself, from the lists of sellers, accounts and products."""

from collections.abc import Iterable

from salesanalysis.columns import LOOKUPS, TABLES
from salesanalysis.findings import Finding
from salesanalysis.reduce.expressions import AnyTable, Tables, as_ibis, require_columns


def with_lookups(tables: Tables) -> dict[str, AnyTable]:
    """The tables of a report with the lookup lists joined to the deal list, for splits.

    Every deal stays, once; one whose key is not in a list gets missing values from it
    (:func:`salesanalysis.sources.unmatched_lookups` shows which keys these are). A column that the
    deal list has already is not replaced; where two lists have one of the same name, the first of
    reps, accounts, products counts. A list's ``name`` becomes ``owner_name`` or ``account_name``.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        ``opportunities`` (with the key of each list: ``owner_id``, ``account_id``, ``product``),
        any of ``reps``, ``accounts``, ``products`` (one row per key), and others.

    Returns
    -------
    dict of name to table
        The others as they are, ``opportunities`` with the columns of the lists, which are left out.

    Lists that the deal list has no key for are left out too; :func:`unused_lookups` names them.

    Raises
    ------
    SalesAnalysisError
        A list lacks its key.

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
    unused = {finding.values["list"] for finding in unused_lookups(tables)}
    if unused == set(lookups):
        return known
    deals = as_ibis(known["opportunities"])
    keys = {TABLES[name].key[0] for name in LOOKUPS}
    for name, lookup in lookups.items():
        (key,) = TABLES[name].key
        lookup = as_ibis(lookup)
        require_columns(lookup, [key], name)
        if name in unused:
            continue
        if "name" in lookup.columns:
            # Of a seller or of an account: in one table they need different names.
            lookup = lookup.rename({f"{key.removesuffix('_id')}_name": "name"})
        # The seller who keeps an account is not the one of each of its deals.
        taken = {*deals.columns, *keys}
        new = [column for column in lookup.columns if column not in taken]
        # A key twice in the list must not make one deal two.
        once = lookup.select(key, *new).distinct(on=key, keep="first")
        deals = deals.left_join(once, key).select(*deals.columns, *new)
    return known | {"opportunities": deals}


def names_in(tables: Tables, list_name: str, *, column: str = "name") -> dict[str, str]:
    """What the keys of a list are called there: the name of each seller, account or deal, by id.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        As for :func:`with_lookups`.
    list_name : str
        Such as ``reps`` or ``opportunities``; nobody has a name where there is none.
    column : str
        The column of the names, such as ``account_name`` of deals; nobody has one without it.

    Raises
    ------
    SalesAnalysisError
        The list lacks its key.

    Examples
    --------
    >>> import pandas as pd
    >>> reps = pd.DataFrame({"owner_id": ["R1", "R2"], "name": ["Ann Bell", None]})
    >>> names_in({"reps": reps}, "reps"), names_in({}, "reps")
    ({'R1': 'Ann Bell'}, {})
    """
    if list_name not in tables:
        return {}
    lookup, (key,) = as_ibis(tables[list_name]), TABLES[list_name].key
    require_columns(lookup, [key], list_name)
    if column not in lookup.columns:
        return {}
    # Of a key that is there twice the name that sorts first counts, whatever the order of rows.
    rows = lookup.select(key, column).to_pandas().dropna().astype(str).sort_values([key, column])
    rows = rows.drop_duplicates(key)
    return dict(zip(rows[key], rows[column], strict=True))


def unused_lookups(tables: Tables) -> list[Finding]:
    """The lists that say nothing, because no deal list has their key.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        As for :func:`with_lookups`.

    Returns
    -------
    list of Finding
        ``unused_lookup`` for each such list, with its name (``list``) and its key (``column``).

    Examples
    --------
    >>> import pandas as pd
    >>> deals = pd.DataFrame({"opportunity_id": ["a"]})
    >>> reps = pd.DataFrame({"owner_id": ["Li"], "region": ["East"]})
    >>> [found.values for found in unused_lookups({"opportunities": deals, "reps": reps})]
    [{'list': 'reps', 'column': 'owner_id'}]
    """
    deals = tables["opportunities"].columns if "opportunities" in tables else ()
    keys = {name: TABLES[name].key[0] for name in LOOKUPS if name in tables}
    return [
        Finding("warn", "unused_lookup", {"list": name, "column": key}, part="report")
        for name, key in keys.items()
        if key not in deals
    ]


def columns_there(tables: Tables, names: Iterable[str]) -> list[str]:
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

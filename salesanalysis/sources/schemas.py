"""A pandera schema for each table: the rules of :mod:`salesanalysis.sources.rules` as its checks.

What `salesanalysis.sources.read` returns passes the schema of its table. Import one, extend it with
your own checks, and validate; pandera runs in the engine that holds the rows. It comes with the
extra ``schemas``: ``pip install 'salesanalysis[schemas]'``.

>>> import pandera.ibis as pa
>>> mine = schema("products").add_columns({"series": pa.Column(str)})
>>> list(mine.columns)
['product', 'list_price', 'currency', 'series']
"""

import ibis

from salesanalysis import columns as vocabulary
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.sources.faults import SET_ASIDE
from salesanalysis.sources.rules import Rule, rules, whole_key

try:
    import pandera.ibis as pa
except ModuleNotFoundError:
    raise SalesAnalysisError(
        "`sources.schemas` needs pandera: install the extra,"
        " `pip install 'salesanalysis[schemas]'`."
    ) from None


def schema(table: str, stages: tuple[str, ...] | None = None) -> pa.DataFrameSchema:
    """The schema of a table; its checks have the names of the rules.

    Parameters
    ----------
    table : str
        A table of the vocabulary.
    stages : tuple of str, optional
        The stages that a deal may be in.

    Returns
    -------
    pandera.ibis.DataFrameSchema
        Columns that a table may lack are optional, and more columns are welcome.
    """
    ours = vocabulary.table(table)
    alone: dict[str, list[pa.Check]] = {name: [] for name in ours.names}
    together = []
    for rule in rules(table, stages):
        if rule.severity == SET_ASIDE:
            (together if rule.needs else alone[rule.column]).append(_check(rule))
    key = () if ours.repeated else ours.key
    if len(key) == 1:
        alone[key[0]].append(_unique(ours))
    elif key:
        together.append(_unique(ours))
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                ibis.dtype(vocabulary.KINDS[column.kind]),
                alone[column.name],
                nullable=True,  # the rule `missing_key` or `missing_value` says where not
                required=column.required,
            )
            for column in ours.columns
        },
        checks=together,
        name=table,
    )


def _check(rule: Rule) -> pa.Check:
    def kept(data):
        # A rule about several columns says nothing where the table lacks one of them.
        if not {rule.column, *rule.needs} <= set(data.table.columns):
            return True
        return ~rule.broken(data.table).fill_null(False)

    return pa.Check(kept, name=rule.name, ignore_na=False)


def _unique(ours: vocabulary.Table) -> pa.Check:
    """Whether no other row has the key of a row; a missing key is another rule's."""

    def kept(data):
        key = whole_key(data.table, ours.key_in(data.table.columns))
        counted = data.table.group_by(key=key).agg(n=lambda t: t.count())
        return key.isnull() | ~key.isin(counted.filter(counted.n > 1).key)

    return pa.Check(kept, name="duplicate_key", ignore_na=False)


def __getattr__(name: str) -> pa.DataFrameSchema:
    """``schemas.opportunities`` and so on, one for each table of the vocabulary."""
    if name not in vocabulary.TABLES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return schema(name)

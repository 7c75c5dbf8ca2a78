"""The names of columns as they are compared."""

import functools
import os
import re
import unicodedata

from salesanalysis.errors import SalesAnalysisError, nearest
from salesanalysis.sources import units
from salesanalysis.sources.aliases import RECORDS
from salesanalysis.sources.folding import folded


@functools.lru_cache(maxsize=1 << 16)
def plain(name: str) -> str:
    """A name as it is compared: folded, without blanks, signs and a bracketed unit at its end.

    Examples
    --------
    >>> plain("Probability (%)"), plain("Close_Date"), plain("总金额（元）"), plain("Title*")
    ('probability', 'closedate', '总金额', 'title')
    """
    return re.sub(r"[\s_\-.'’*?]+|[:]$", "", units.without_bracket(folded(name)))


def says_per_cent(name: str) -> bool:
    """Whether a column's name says that its values are per cents.

    Examples
    --------
    >>> says_per_cent("Probability (%)"), says_per_cent("Win rate %"), says_per_cent("Share")
    (True, True, False)
    """
    unit = units.of_header(name).unit
    return unit is not None and unit.per_cent


def same_name(theirs: str, names: str) -> bool:
    """Whether ``theirs`` is one of the names in a tier of :mod:`aliases`."""
    return plain(theirs) in _compared(names)


@functools.cache
def _compared(names: str) -> frozenset[str]:
    return frozenset(plain(name) for name in names.split(";"))


def kept_column(theirs: str, headers, printable: str) -> str:
    """The input's own name of the column that ``keep`` names."""
    found = [name for name in headers if name == theirs]
    found = found or [name for name in headers if plain(name) == plain(theirs)]
    if len(found) == 1:
        return found[0]
    close = ", ".join(nearest(theirs, headers)) or ", ".join(headers)
    raise SalesAnalysisError(
        f"`keep` names the column `{theirs}`, which `{printable}` does not have once."
        f" Nearest: {close}."
    )


def without_record(headers, table: str) -> list[str]:
    """The headers without what a system or a tool has put before them.

    That is the word for the record with a sign after it, or what all headers begin with.

    Examples
    --------
    >>> without_record(["Deal - Value", "properties.amount", "Owner"], "opportunities")
    ['Value', 'amount', 'Owner']
    >>> without_record(["crm.id", "crm.stage", "crm.value"], "opportunities")
    ['id', 'stage', 'value']
    """
    headers = list(headers)
    begin = os.path.commonprefix(headers) if len(headers) > 2 else ""
    begin = (re.match(r".*(?:[_.:/|>–—]| - )\s*", begin) or [""])[0]
    words = [re.escape(word.strip()) for word in RECORDS.get(table, "").split(";")]
    record = re.compile(rf"(?:{'|'.join(words)})\s*(?:[-–—:._/>|]+)\s*(?=\S)", re.IGNORECASE)
    bare = []
    for name in headers:
        name = name[len(begin) :].strip() or name
        while words != [""] and (found := record.match(unicodedata.normalize("NFKC", name))):
            name = unicodedata.normalize("NFKC", name)[found.end() :]
        bare.append(name)
    return bare

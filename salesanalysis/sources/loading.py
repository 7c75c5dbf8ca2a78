"""The input in the session, before any of our names: what loads which kind."""

import importlib

from salesanalysis.sources.content import MARKUP, PACKED, WORKBOOKS, content_of, not_readable
from salesanalysis.sources.locating import Located
from salesanalysis.sources.raw import Raw
from salesanalysis.sources.request import Request

#: Kind of an input → the module of this folder whose ``load(located, ask)`` brings it in.
_LOADERS = {
    "text": "csvfiles",
    "parquet": "parquet",
    **dict.fromkeys(("duckdb", "sqlite"), "database"),
    **dict.fromkeys((*WORKBOOKS, *MARKUP), "workbook"),
    **dict.fromkeys(PACKED, "packed"),
}


def load(located: Located, ask: Request) -> Raw:
    """The input in the session, with a note where it is not what its ending says."""
    if located.kind not in _LOADERS:
        raise not_readable(located.kind)
    loader = importlib.import_module(f"{__package__}.{_LOADERS[located.kind]}")
    said = [content_of(path).notes for path in located.paths]
    raw = loader.load(located, ask)
    return raw.told([notes[0] for notes in said if notes][:1])

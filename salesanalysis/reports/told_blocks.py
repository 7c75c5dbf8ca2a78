"""The blocks that a report told, in their order, on the way from the notebook to the formats.

A notebook runs in a process of its own, and slides, workbook and mail are written when it has
ended. Until then its blocks lie in the folder :data:`FOLDER` beside its files: one line of JSON
each, the frame of a table as Parquet, so that a number is still a number there.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path

from salesanalysis.reports import blocks
from salesanalysis.reports.blocks import Block, Figure, Table
from salesanalysis.reports.pictures.native import Chart

#: The environment variable that tells a notebook's kernel which folder to write into.
OUT = "SALESANALYSIS_OUT"

#: Where they lie during a run; gone from the result.
FOLDER = "told"

#: What the runner leaves in the folder of the run for :meth:`Report.provenance`, and the report
#: for the runner; gone from the result.
REQUEST_FILE = "request.json"
MANIFEST_FILE = "report.json"

_LINES = "blocks.jsonl"
_KINDS = {kind.__name__: kind for kind in blocks.Block.__args__}


def nothing_told() -> dict:
    """What a notebook has told before it has told anything; the keys of ``report.json``."""
    lists = ("lead", "since", "sections", "headlines", "warnings", "tables", "figures", "sources")
    lists += ("key_figures", "tiles", "things", "actions", "main")
    none = ("title", "question", "as_of", "in_short")
    return {**dict.fromkeys(none), "currency": "", "columns": 1, **{key: [] for key in lists}}


def append(folder: Path, number: int, block: Block) -> None:
    """Add the block of that number to those of the run in ``folder``."""
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    if isinstance(block, Table):
        _write_frame(block.frame, place / f"{number}.parquet")
        block = replace(block, frame=f"{number}.parquet")
    line = {"block": type(block).__name__, **asdict(block)}
    with (place / _LINES).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def add_picture(folder: Path, name: str, png: bytes) -> str:
    """Put a picture beside them; its path in the run's folder."""
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    (place / f"{name}.png").write_bytes(png)
    return f"{FOLDER}/{name}.png"


def read(folder: Path) -> list[Block]:
    """All blocks of the run in ``folder``, in their order; none where nothing was told."""
    path = folder / FOLDER / _LINES
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [_block(path.parent, json.loads(line)) for line in lines]


def _block(place: Path, fields: dict) -> Block:
    import pandas as pd

    kind = _KINDS[fields.pop("block")]
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}
    if kind is Table:
        values["frame"] = pd.read_parquet(place / values["frame"])
    if kind is Figure and values["chart"]:
        values["chart"] = Chart.from_json(values["chart"])
    return kind(**values)


def _write_frame(frame, path: Path) -> None:
    """A frame as Parquet; a column of mixed kinds, which Parquet does not know, as text."""
    import pyarrow as pa

    plain = {}
    for column in frame.columns:
        values = frame[column]
        try:
            pa.Array.from_pandas(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            plain[column] = values.astype(object).map(str, na_action="ignore")
    frame.assign(**plain).to_parquet(path, index=False)

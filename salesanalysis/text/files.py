"""The files of texts: what lies in the folder of a language, and the units of all columns."""

import csv
import functools
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError

#: Holds ``columns.csv`` (units and decimals) and a folder for each language: ``<part>.yml`` with
#: sentences, ``columns.csv`` with headings, ``currencies.csv`` with signs and names of currencies
#: (made by ``scripts/make_cldr.py``), ``project/`` with what ``init`` writes in words.
FOLDER = Path(__file__).parent


def parts(lang: str) -> list[str]:
    """The names of the files of sentences that a language has."""
    return sorted(path.stem for path in (FOLDER / lang).glob("*.yml"))


def project_files(lang: str) -> list[Path]:
    """The guide and the other files in words that a new project begins with."""
    return sorted((FOLDER / lang / "project").glob("*"))


@functools.cache
def texts(lang: str, part: str) -> dict[str, str]:
    """The sentences of one file as ``part.a.b`` → sentence."""
    import yaml

    path = FOLDER / lang / f"{part}.yml"
    if not path.is_file():
        raise SalesAnalysisError(f"No text file `{lang}/{part}.yml` for keys `{part}.…`.")
    flat: dict[str, str] = {}

    def walk(prefix: str, node) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                walk(f"{prefix}.{key}", value)
        else:
            flat[prefix] = str(node).strip()

    # A base loader keeps keys such as `on` and values such as `no` as the text they are; that of
    # libyaml, which not every PyYAML has, takes a tenth of the time.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    walk(part, yaml.load(path.read_text(encoding="utf-8"), Loader=loader))
    return flat


@functools.cache
def headings(lang: str) -> dict[str, str]:
    """Column → its heading."""
    return {row["column"]: row["heading"] for row in _rows(FOLDER / lang / "columns.csv")}


@functools.cache
def currencies(lang: str) -> dict[str, tuple[str, str]]:
    """Code of a currency → its sign beside an amount, and its name."""
    rows = _rows(FOLDER / lang / "currencies.csv")
    return {row["code"]: (row["sign"], row["name"]) for row in rows}


@functools.cache
def units() -> dict[str, tuple[str, int | None]]:
    """Column → its unit, and its decimals where they are not those of the unit."""
    return {
        row["column"]: (row["unit"], int(row["decimals"]) if row["decimals"] else None)
        for row in _rows(FOLDER / "columns.csv")
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

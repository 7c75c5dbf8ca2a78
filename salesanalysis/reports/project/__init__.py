"""The analyst's own project: a folder with notebooks and a ``reports.yml``, and how it begins.

The package brings what a project begins with. In git that lies at the top of the repository, once;
a wheel has it in ``shipped/`` beside this file, where the build puts what ``shipped.txt`` names.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError

#: What lies at the root of a project, and nowhere else.
MARK = "reports.yml"

#: Where notebooks lie that are called by name, relative to a project's root.
NOTEBOOKS = Path("notebooks")

_HERE = Path(__file__).parent


def at_project_root() -> None:
    """Make the folder of the project's ``reports.yml`` the working directory.

    JupyterLab starts a notebook in the notebook's own folder, a run in the folder of the command;
    with this the relative paths in a notebook's parameters mean the same in both. Where no folder
    above holds a ``reports.yml``, and under the runner, nothing changes.
    """
    from salesanalysis.reports.told_blocks import OUT

    if OUT in os.environ:
        return
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / MARK).is_file():
            os.chdir(folder)
            return


def shipped() -> Path:
    """The folder with what the package brings: in a wheel its own, in a checkout the checkout."""
    packed = _HERE / "shipped"
    return packed if packed.is_dir() else _HERE.parents[2]


def notebooks() -> dict[str, Path]:
    """The notebooks that can be called by name: here, or else in the package."""
    folders = (shipped() / NOTEBOOKS, NOTEBOOKS)
    found = {path.stem: path for folder in folders for path in folder.glob("*.ipynb")}
    return dict(sorted(found.items()))


def how_to_start() -> str:
    """What to do where something of a project is missing: a sentence for the end of a message."""
    if Path(MARK).is_file():
        return "`salesanalysis sample --out data/sample` writes the sample."
    return (
        "`salesanalysis init FOLDER --sample` makes a folder with notebooks, a reports.yml and a"
        " sample to begin with."
    )


def start(folder, *, lang: str = "en", sample: Callable[[Path], object] | None = None) -> list[str]:
    """Write a project of the analyst's own into a folder; nothing in it is written over.

    Parameters
    ----------
    folder : str or Path
        Where; made if it is missing.
    lang : str
        The language of its guide and of the comments in its mapping file.
    sample : callable, optional
        Writes the tables of the sample into the folder it is given. Without, ``reports.yml``
        expects the analyst's own tables in ``data/raw``, and the day from ``--as-of``.

    Returns
    -------
    list of str
        What was written, relative to the folder.

    Raises
    ------
    SalesAnalysisError
        One of the files is there already, or ``folder`` is a file; nothing was written.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise SalesAnalysisError(f"`{folder}` is a file; give the name of a folder to write into.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".init-", dir=folder) as unfinished:
        made = Path(unfinished)
        _write(made, lang, sample)
        names = sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())
        _require_free(folder, names)
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).rename(folder / name)
    return [name.as_posix() for name in names]


def _write(folder: Path, lang: str, sample: Callable[[Path], object] | None) -> None:
    """All files of a new project, into an empty folder."""
    source = shipped()
    patterns = (_HERE / "shipped.txt").read_text(encoding="utf-8").split()
    for path in (path for pattern in patterns for path in source.glob(pattern)):
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for path in text.project_files(lang):
        shutil.copyfile(path, folder / path.name)
    if sample:
        sample(folder / "data" / "sample")
    else:
        listing = folder / MARK
        listing.write_text(_of_own_tables(listing.read_text(encoding="utf-8")), encoding="utf-8")


def _of_own_tables(listing: str) -> str:
    """The ``reports.yml`` of the sample for tables of one's own: their folder, no day of another's.

    Examples
    --------
    >>> _of_own_tables('sales: data/sample/sales.csv, as_of: "2025-12-31"')
    'sales: data/raw/sales.csv, as_of: "{as_of}"'
    """
    return re.sub(r'"\d{4}-\d\d-\d\d"', '"{as_of}"', listing.replace("data/sample/", "data/raw/"))


def _require_free(folder: Path, names: list[Path]) -> None:
    """Refuse to write over anything; a file where a folder must come is in the way too."""
    around = {parent for name in names for parent in name.parents}
    there = [name for name in names if os.path.lexists(folder / name)]
    there += [name for name in around if (folder / name).is_file()]
    if there:
        shown = ", ".join(f"`{name.as_posix()}`" for name in there[:3])
        more = f" and {len(there) - 3} more" if len(there) > 3 else ""
        raise SalesAnalysisError(
            f"`{folder}` holds {shown}{more} already; nothing was written. Give another folder."
            " (`salesanalysis sample --out data/sample` writes the sample alone.)"
        )

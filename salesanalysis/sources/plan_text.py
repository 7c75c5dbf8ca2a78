"""The text of an incentive plan's file; what it means is the business of the family."""

from pathlib import Path

from salesanalysis.errors import SalesAnalysisError


def plan_text(path: str | Path) -> str:
    """The text of a plan file, as :func:`salesanalysis.incentive.read_plan` takes it.

    Parameters
    ----------
    path : str or Path
        A YAML file in UTF-8, or in GB 18030 (as Chinese editors save it).

    Returns
    -------
    str

    Raises
    ------
    SalesAnalysisError
        None is named, there is no such file, or it is in another encoding.
    """
    if not str(path):
        raise SalesAnalysisError("`plan` is not given; expected the path of a plan file.")
    path = Path(path)
    if not path.is_file():
        raise SalesAnalysisError(f"`plan` is the path `{path}`, where there is no plan file.")
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SalesAnalysisError(f"Plan file `{path}` is neither UTF-8 nor GB 18030; save it as UTF-8.")

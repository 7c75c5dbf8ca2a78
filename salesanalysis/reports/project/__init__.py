"""Where the project is, for a notebook that is opened in JupyterLab."""

import os
from pathlib import Path

#: What lies at the root of a project, and nowhere else.
MARK = "reports.yml"


def at_project_root() -> None:
    """Make the folder of the project's ``reports.yml`` the working directory.

    JupyterLab starts a notebook in the notebook's own folder, a run in the folder of the command;
    with this the relative paths in a notebook's parameters mean the same in both. Where no folder
    above holds a ``reports.yml``, and under the runner, nothing changes.
    """
    from salesanalysis.reports.report import OUT

    if OUT in os.environ:
        return
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / MARK).is_file():
            os.chdir(folder)
            return

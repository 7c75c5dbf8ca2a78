"""What several test files need."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared():
    """The path of a data set from outside, as text, or a skip that says what is missing."""
    folder = Path(os.environ.get("SALESANALYSIS_SHARED", ROOT.parent / "shared" / "data"))

    def path(name: str) -> str:
        if not (folder / name).exists():
            pytest.skip(f"needs {name} of the data sets from outside (SALESANALYSIS_SHARED)")
        return str(folder / name)

    return path

"""What several test files need: data sets from outside, warm processes, a real browser."""

import os
import tempfile
from collections import Counter
from pathlib import Path

import hypothesis
import pytest
from chromium import CHROMIUM, chromium, tab
from made import Runs

# A busy machine is not a fault of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

#: So many cases of a matrix run with `make test`.
CASES_AT_ONCE = 3

ROOT = Path(__file__).parents[1]


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by markers
def pytest_collection_modifyitems(items):
    """Of a matrix all cases but the first few are for the gate."""
    seen = Counter()
    for item in items:
        if item.get_closest_marker("matrix"):
            seen[item.parent, item.originalname] += 1
            if seen[item.parent, item.originalname] > CASES_AT_ONCE:
                item.add_marker(pytest.mark.gate)


@pytest.fixture(scope="session")
def shared():
    """The path of a data set from outside, as text, or a skip that says what is missing."""
    folder = Path(os.environ.get("SALESANALYSIS_SHARED", ROOT.parent / "shared" / "data"))

    def path(name: str) -> str:
        if not (folder / name).exists():
            pytest.skip(f"needs {name} of the data sets from outside (SALESANALYSIS_SHARED)")
        return str(folder / name)

    return path


@pytest.fixture(scope="session")
def warm_parent():
    """A parent of warm processes that the tests share; its start takes seconds."""
    from salesanalysis.reports import nursery

    with tempfile.TemporaryDirectory(prefix="sa-") as folder:
        with nursery.Nursery(Path(folder)) as opened:
            yield opened


@pytest.fixture(scope="session")
def make_reports(tmp_path_factory, warm_parent):
    """Runs of a notebook, name → parameters, each made when a test first asks for it."""

    def make(notebook: str, runs: dict[str, dict]) -> Runs:
        folder = tmp_path_factory.mktemp(notebook)
        return Runs(notebook, runs, folder, warm=warm_parent.address)

    return make


@pytest.fixture(scope="session")
def browser():
    """The port of a running Chromium."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    pytest.importorskip("websocket", reason="websocket-client is not installed")
    with chromium() as port:
        yield port


@pytest.fixture
def page(browser):
    with tab(browser) as opened:
        yield opened

"""What several test files need: data sets from outside, warm processes, a real browser."""

import contextlib
import gc
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from chromium import CHROMIUM, chromium, tab
from made import Runs

# jsonschema compiles a grammar of URLs for seconds, which no test needs (see `import_papermill`).
sys.modules.setdefault("rfc3987_syntax", None)

# Workers have the cores among them: a thread more each would only wait, and busily.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# A busy machine is not a fault of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

#: So many cases of a matrix run with `make test`.
CASES_AT_ONCE = 3

#: The address of the parent of warm processes that all workers of a session share.
WARM = pytest.StashKey[str]()

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


def pytest_collection_finish():
    """What is there by now stays: to go through it again and again costs a tenth of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 10)


@contextlib.contextmanager
def parent_of_warm_processes() -> Iterator[str]:
    """The address of a parent of warm processes; its start takes seconds."""
    from salesanalysis.reports import nursery

    with tempfile.TemporaryDirectory(prefix="sa-") as folder:
        with nursery.Nursery(Path(folder)) as opened:
            yield opened.address


@pytest.hookimpl(optionalhook=True)  # there are no workers without pytest-xdist
def pytest_configure_node(node):
    """Who gives the workers their tests also has the warm processes of all of them."""
    if WARM not in node.config.stash:
        opened = contextlib.ExitStack()
        node.config.add_cleanup(opened.close)
        node.config.stash[WARM] = opened.enter_context(parent_of_warm_processes())
    node.workerinput["warm"] = node.config.stash[WARM]


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
def warm(request):
    """The address of a parent of warm processes; empty where there can be none."""
    if hasattr(request.config, "workerinput"):
        yield request.config.workerinput["warm"]
    else:
        with parent_of_warm_processes() as address:
            yield address


@pytest.fixture(scope="session")
def make_reports(request, tmp_path_factory, warm):
    """Runs of a notebook, name → parameters, each made when a test first asks for it."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent  # that of all workers

    def make(notebook: str, runs: dict[str, dict], **how) -> Runs:
        return Runs(notebook, runs, folder / "made", warm=warm, **how)

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

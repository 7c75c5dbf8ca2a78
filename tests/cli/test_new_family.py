"""A new family begins as a stub that passes all tests at once, in a copy of the repository."""

import shutil
import subprocess
import sys

import pytest
from syntax import ROOT

from salesanalysis import cli

#: What a family must pass besides its own tests; all of them name every family by its folders.
TESTS = (
    "tests/zebras",
    "tests/test_contracts.py",
    "tests/test_architecture.py",
    "tests/vocabulary",
    "tests/cli",
)
TESTS += ("salesanalysis/zebras", "salesanalysis/reduce/zebras", "salesanalysis/plots/zebras")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The files of the repository, those not committed yet too."""
    folder = tmp_path_factory.mktemp("copy") / "repository"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def run(folder, *words):
    """Python in a folder, whose package is then the one that is imported."""
    return subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.gate
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_a_stub_passes_all_tests_at_once(copy):
    begun = run(copy, "-m", "salesanalysis", "new-family", "zebras")
    assert begun.returncode == 0, begun.stderr
    said = begun.stdout.split("next:")[0].split("written:")[1].split()
    assert {name for name in said if not (copy / name).is_file()} == set()
    left = [path for path in copy.rglob("*zebras*") if "FAMILY" in str(path)]
    assert left == []
    checked = run(copy, "-m", "ruff", "check", ".")
    assert checked.returncode == 0, checked.stdout
    here = "not browser and not postgres and not spark and not pdf and not gate"
    tests = [test for test in TESTS if (copy / test).exists()]
    tried = run(copy, "-m", "pytest", "-q", "-m", here, "-p", "no:cacheprovider", *tests)
    assert tried.returncode == 0, tried.stdout[-3000:]
    again = run(copy, "-m", "salesanalysis", "new-family", "zebras")
    assert again.returncode == 2 and "`salesanalysis/zebras` is there already" in again.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("funnel", "`salesanalysis/funnel` is there already"),
        ("stats", "is there already"),
        ("Zebras", "one word of lower-case letters"),
        ("new_family", "one word of lower-case letters"),
        ("class", "one word of lower-case letters"),
        ("../x", "one word of lower-case letters"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(name, said, capsys):
    assert cli.main(["new-family", name]) == 2
    assert said in capsys.readouterr().err

"""The files that say what to install agree with each other, and set-up works from them."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import make_guide
import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

#: Where conda-forge has another name than PyPI. (`-base` and `-core`: the library without what
#: only its graphical or command-line side needs; ibis-duckdb is ibis-framework with that engine.)
CONDA_NAMES = {
    "ibis-framework": "ibis-duckdb",
    "duckdb": "python-duckdb",
    "pandera": "pandera-base",
    "matplotlib": "matplotlib-base",
    "seaborn": "seaborn-base",
    "jupyter-client": "jupyter_client",
}


def requirements() -> list[Requirement]:
    """Every requirement of the package and its extras, those on itself left out."""
    project = PROJECT["project"]
    texts = [*project["dependencies"], *PROJECT["build-system"]["requires"]]
    for extra in project["optional-dependencies"].values():
        texts += extra
    return [r for r in map(Requirement, texts) if r.name != project["name"]]


def pins() -> list[Requirement]:
    return [Requirement(line) for line in CONSTRAINTS.splitlines()]


# environment.yml


def test_environment_has_the_packages_and_floors_of_pyproject():
    wanted = {
        CONDA_NAMES.get(requirement.name, requirement.name): str(requirement.specifier)
        for requirement in requirements()
        if requirement.name != "setuptools"  # conda's pip builds with its own
    }
    wanted |= {"python": PROJECT["project"]["requires-python"], "pip": ""}
    lines = [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, str)]
    given = {r.name: str(r.specifier) for r in map(Requirement, lines)}
    assert given == wanted
    assert len(lines) == len(given), "a package stands there twice"


def test_environment_installs_the_package_itself_and_from_conda_forge_only():
    assert {"pip": ["-e ."]} in ENVIRONMENT["dependencies"]
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]
    assert ENVIRONMENT["name"] == PROJECT["project"]["name"]


# constraints.txt


def test_constraints_are_plain_pins():
    for line in CONSTRAINTS.splitlines():
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [a-z_]+ .+)?", line), line


@pytest.mark.parametrize("python", ["3.11.0", "3.11.9", "3.12.3", "3.13.1", "3.14.0"])
@pytest.mark.parametrize(
    ("platform", "name"), [("linux", "posix"), ("darwin", "posix"), ("win32", "nt")]
)
def test_constraints_give_every_requirement_one_version_that_fits(python, platform, name):
    here = default_environment() | {
        "python_full_version": python,
        "python_version": python.rsplit(".", 1)[0],
        "sys_platform": platform,
        "os_name": name,
    }
    versions: dict[str, list[str]] = {}
    for pin in pins():
        if pin.marker is None or pin.marker.evaluate(here):
            version = next(iter(pin.specifier)).version
            versions.setdefault(canonicalize_name(pin.name), []).append(version)
    assert {n: v for n, v in versions.items() if len(v) != 1} == {}
    for requirement in [*requirements(), Requirement("uv")]:
        (version,) = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


@pytest.mark.parametrize(
    "file", ["constraints.txt", "environment.yml", "pyproject.toml", "Makefile"]
)
def test_no_address_in_what_is_installed_from(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.findall(r"\w+://\S*|^-i\b.*|--(?:extra-)?index-url.*|--find-links.*", text) == []


# The package


def test_package_carries_its_data_and_licences():
    """Every file that is not code lies under a pattern of package-data, else a wheel lacks it."""
    package = ROOT / "salesanalysis"
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["salesanalysis"]
    packed = {path for pattern in patterns for path in package.glob(pattern)}
    data = {
        path
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    assert data - packed == set()
    for licence in PROJECT["project"]["license-files"]:
        assert (ROOT / licence).is_file()
    assert "salesanalysis contributors" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_every_folder_of_the_package_is_a_package():
    code = {path.parent for path in (ROOT / "salesanalysis").rglob("*.py")}
    assert [str(folder) for folder in code if not (folder / "__init__.py").is_file()] == []


def test_version_is_the_same_in_both_places():
    import salesanalysis

    assert PROJECT["project"]["version"] == salesanalysis.__version__


# Makefile


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A folder (with a blank in its name) holding what set-up reads, and a current .venv."""
    folder = tmp_path / "my checkout"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho Python 3.11.7\n", encoding="utf-8")
    python.chmod(0o755)
    (folder / ".venv" / "made-for").write_text(f"{folder} Python 3.11.7\n", encoding="utf-8")
    return folder


def needs_setup(folder: Path) -> bool:
    """Whether `make` would make .venv anew (it is only asked, not told to)."""
    done = subprocess.run(
        ["make", "-q", ".venv/made-for"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 1


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@needs_make
def test_second_run_does_no_set_up(checkout):
    assert not needs_setup(checkout)


@needs_make
@pytest.mark.parametrize("file", ["pyproject.toml", "constraints.txt", "Makefile"])
def test_set_up_is_done_again_when_what_it_reads_changed(checkout, file):
    stamp = (checkout / ".venv" / "made-for").stat().st_mtime
    os.utime(checkout / file, (stamp + 5, stamp + 5))
    assert needs_setup(checkout)


@needs_make
def test_set_up_is_done_again_in_a_moved_folder(checkout):
    moved = checkout.rename(checkout.with_name("moved"))
    assert needs_setup(moved)


@needs_make
def test_set_up_is_done_again_for_another_python(checkout):
    python = checkout / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\necho Python 3.12.1\n", encoding="utf-8")
    assert needs_setup(checkout)
    python.unlink()
    python.symlink_to(checkout / "gone")
    assert needs_setup(checkout)


@needs_make
def test_python_that_is_too_old_is_one_clear_message(checkout):
    (checkout / ".venv" / "made-for").unlink()
    done = subprocess.run(
        ["make", ".venv/made-for", "PYTHON="], cwd=checkout, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "no Python 3.11 or later found" in done.stderr
    assert (checkout / ".venv" / "bin").is_dir(), "nothing was deleted before the check"


# What the documents show


@pytest.fixture
def documented(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import documented

    return documented


def test_every_document_with_commands_is_among_those_that_are_tried(documented):
    folders = (ROOT, ROOT / "docs", ROOT / "data", ROOT / "salesanalysis")
    guides = [*ROOT.glob("*.md"), *(p for f in folders[1:] for p in f.rglob("*.md"))]
    showing = {
        path.relative_to(ROOT).as_posix()
        for path in guides
        if re.search(r"^ *(```|salesanalysis [a-z])", path.read_text(encoding="utf-8"), re.M)
    }
    assert showing - set(documented.PLACES) == {"ARCHITECTURE.md"}  # its block is a drawing


def test_every_block_says_where_it_works_or_why_it_is_not_run(documented):
    blocks = [block for file in documented.PLACES for block in documented.blocks(file)]
    places = {block.place for block in blocks}
    assert places == {"", "base", "lab", "workshop", "wheel", "own"}
    for block in blocks:
        assert block.commands if block.kind == "commands" else block.text.strip(), block
    # The commands themselves: one that nobody tries would be a command that nobody keeps.
    tried = {words[1] for b in blocks if b.place and b.kind == "commands" for words in b.commands}
    assert tried >= {"init", "list", "check", "run", "batch", "workshop", "sample", "lab"}


@pytest.mark.parametrize(
    ("text", "place", "kind"),
    [
        ("```\nls\n```\n", "base", "commands"),
        ("<!-- in lab -->\n```python\n1\n```\n", "lab", "python"),
        ("1. a\n\n   <!-- not run: no -->\n   ```\n   ls\n   ```\n", "", "commands"),
        ("<!-- file: a.yml -->\n```yaml\na: 1\n```\n", "base", "a.yml"),
    ],
)
def test_a_comment_above_a_block_moves_it(documented, monkeypatch, tmp_path, text, place, kind):
    (tmp_path / "README.md").write_text(text)
    monkeypatch.setattr(documented, "ROOT", tmp_path)
    (block,) = documented.blocks("README.md")
    assert (block.place, block.kind) == (place, kind)
    assert not block.text.startswith(" ")


def test_a_comment_that_is_not_understood_is_refused(documented, monkeypatch, tmp_path):
    (tmp_path / "README.md").write_text("<!-- not ran: x -->\n```\nls\n```\n")
    monkeypatch.setattr(documented, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="not ran"):
        documented.blocks("README.md")


def test_licences_of_all_that_is_packed_are_named():
    assert PROJECT["project"]["license"] == "BSD-3-Clause AND OFL-1.1 AND MIT AND Unicode-3.0"
    texts = [
        (ROOT / name).read_text(encoding="utf-8") for name in PROJECT["project"]["license-files"]
    ]
    told = ("Redistribution", "OPEN FONT", "free of charge", "UNICODE LICENSE V3")
    for words, text in zip(told, texts, strict=True):
        assert words.lower() in text.lower()


def test_reports_that_differ_in_more_than_their_time_are_told_apart(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import try_environments

    for name, said in (("one", "1"), ("other", "1")):
        (tmp_path / name / "tables").mkdir(parents=True)
        (tmp_path / name / "tables" / "a.csv").write_text(said)
        (tmp_path / name / "timing.json").write_text(name)
    try_environments.require_alike(tmp_path / "one", tmp_path / "other")
    (tmp_path / "other" / "tables" / "a.csv").write_text("2")
    (tmp_path / "one" / "more.csv").write_text("")
    with pytest.raises(try_environments.Fault, match="^tables/a.csv, more.csv differ"):
        try_environments.require_alike(tmp_path / "one", tmp_path / "other")


# Documents


def test_the_guide_to_the_reports_is_made_from_the_notebooks():
    assert make_guide.GUIDE.read_text(encoding="utf-8") == make_guide.guide(), (
        "run python scripts/make_guide.py"
    )


def test_the_readme_is_a_page():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_every_link_of_the_documents_leads_somewhere():
    lost = {}
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "data" / "README.md"]:
        targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        missing = [target for target in targets if not (page.parent / target).exists()]
        if missing:
            lost[page.name] = missing
    assert lost == {}


def test_the_citation_names_this_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == PROJECT["project"]["version"]
    assert cited["license"] in PROJECT["project"]["license"]


@pytest.mark.gate
def test_the_reference_is_made_without_a_warning(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pdoc", "--docformat", "numpy"]
        + ["-o", str(tmp_path), "salesanalysis", "!salesanalysis.cli"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "salesanalysis" / "funnel.html").read_text(encoding="utf-8")
    assert "conversion" in page

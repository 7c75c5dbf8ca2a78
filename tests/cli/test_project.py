"""A project of the analyst's own: what `init` writes, and what is found without it."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from salesanalysis import cli, sources, text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import project
from salesanalysis.reports.batches import plan
from salesanalysis.reports.job import find_notebook
from salesanalysis.reports.nursery import available
from salesanalysis.reports.provenance import commit

ROOT = Path(__file__).parents[2]
LISTED = yaml.safe_load((ROOT / "reports.yml").read_text(encoding="utf-8"))["reports"]
REPORTS = sorted(entry["notebook"] for entry in LISTED)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A working directory with nothing in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_with_the_sample_every_report_can_be_asked_for_at_once(empty, capsys):
    assert cli.main(["init", "our sales", "--sample"]) == 0
    said = capsys.readouterr().out
    assert "cd 'our sales'" in said and said.endswith("  salesanalysis batch reports.yml\n")
    made = empty / "our sales"
    sample = ROOT / "data" / "sample"
    assert files(made / "data/sample") == {path.name for path in sample.glob("*.csv")}
    for path in (made / "data/sample").iterdir():
        assert path.read_bytes() == (sample / path.name).read_bytes()
    for name in ("reports.yml", "notebooks/funnel.ipynb", "data/plans/sample.yml"):
        assert (made / name).read_bytes() == (ROOT / name).read_bytes()


def test_without_it_reports_wait_for_tables_of_ones_own(empty, capsys):
    assert cli.main(["init", "."]) == 0
    assert "cd " not in capsys.readouterr().out
    listing = (empty / "reports.yml").read_text(encoding="utf-8")
    assert "data/sample" not in listing and not re.search(r"\d{4}-\d\d", listing)
    with pytest.raises(SalesAnalysisError, match="give `--as-of`"):
        plan.prepare("reports.yml")
    tasks = plan.prepare("reports.yml", as_of="2026-03-31").tasks
    assert sorted({task.job.name for task in tasks}) == REPORTS
    for task in tasks:
        values = task.job.parameters
        assert values["as_of"] == "2026-03-31" and "data/sample" not in json.dumps(values)
        tables = {value for value in values.values() if str(value).startswith("data/raw/")}
        # The overview takes no tables, but the folders of the others.
        assert tables or len(values["runs"]) == len(REPORTS) - 1


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_guide_names_what_lies_there_and_init_says_all_of_it(empty, capsys, lang):
    assert cli.main(["init", ".", "--sample", "--lang", lang]) == 0
    guide = (empty / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(.*?)` ", guide, re.M)
    assert {name for name in named if not (empty / name).exists()} == {"data/raw/", "out/"}
    said = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:-2]]
    assert {name for name in files(empty) if not name.startswith(tuple(said))} == set()
    assert bool(re.search(r"[\u4e00-\u9fff]{4}", guide)) == (lang == "zh")


def test_all_languages_show_the_same_commands():
    commands = []
    for lang in text.LANGUAGES:
        guide, _ = text.project_files(lang)
        said = guide.read_text(encoding="utf-8")
        commands.append(re.findall(rf"^ *(salesanalysis .*?)(?: --lang {lang})?$", said, re.M))
    assert commands == [commands[0]] * len(commands) and len(commands[0]) == 3


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_mapping_is_of_use_once_its_signs_are_taken_away(empty, lang):
    project.start("p", lang=lang)
    lines = (empty / "p" / "mapping.yml").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") for line in lines)
    start = lines.index("# opportunities:")
    Path("mine.yml").write_text("\n".join(line[2:] for line in lines[start:]), encoding="utf-8")
    theirs = yaml.safe_load(Path("mine.yml").read_text(encoding="utf-8"))["opportunities"]
    heads = list(theirs["columns"].values())
    won, lost = theirs["values"]["outcome"]
    rows = [["D1", "100", "05/02/2024", won], ["D2", "200", "06/02/2024", lost]]
    content = "\n".join(",".join(row) for row in [heads, *rows])
    Path("deals.csv").write_text(content, encoding="utf-8")
    deals = sources.read("deals.csv", table="opportunities", columns="mine.yml").to_pandas()
    assert list(deals["outcome"]) == ["won", "lost"]
    assert [str(day.date()) for day in deals["created_at"]] == ["2024-02-05", "2024-02-06"]


@pytest.mark.parametrize("there", ["README.md", "notebooks/funnel.ipynb", "data", "notebooks"])
def test_nothing_that_is_there_is_written_over(empty, capsys, there):
    path = empty / "p" / there
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    assert cli.main(["init", "p"]) == 2
    assert f"`p` holds `{there}`" in capsys.readouterr().err
    assert files(empty / "p") == {there} and path.read_text() == "mine"
    assert [found.name for found in (empty / "p").iterdir()] == [there.split("/")[0]]


def test_a_file_is_no_folder_for_a_project(empty, capsys):
    (empty / "p").write_text("mine")
    assert cli.main(["init", "p"]) == 2
    assert "`p` is a file" in capsys.readouterr().err


def test_a_notebook_here_goes_before_the_one_of_the_package(empty):
    assert find_notebook("funnel") == ROOT / "notebooks" / "funnel.ipynb"
    project.start(".")
    assert find_notebook("funnel") == Path("notebooks/funnel.ipynb")
    (empty / "notebooks" / "funnel.ipynb").unlink()
    assert find_notebook("funnel") == ROOT / "notebooks" / "funnel.ipynb"


def test_a_wheel_has_its_own_and_no_commit_of_a_repository_around_it(empty, monkeypatch):
    package = empty / "site-packages" / "salesanalysis"
    notebook = package / "reports/project/shipped/notebooks/funnel.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_text("{}")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        own = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *own, *command], cwd=empty, check=True)
    assert commit(notebook) is not None
    monkeypatch.setattr("salesanalysis.reports.provenance._PACKAGE", package)
    assert commit(notebook) is None
    monkeypatch.setattr(project, "_HERE", package / "reports/project")
    assert find_notebook("funnel") == notebook


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["run", "funnel"], "Name a table of your own, `opportunities` for one"),
        (["workshop"], "Name a table of your own, `opportunities` for one"),
        (["batch", "reports.yml"], "There is no file `reports.yml`"),
    ],
)
def test_an_empty_folder_is_told_how_to_begin(empty, capsys, command, words):
    assert cli.main(command) == 2
    said = capsys.readouterr().err
    assert words in said and "`salesanalysis init FOLDER --sample`" in said
    assert list(empty.iterdir()) == []


def test_in_a_project_the_sample_alone_is_missing(empty, capsys):
    project.start(".")
    assert cli.main(["run", "funnel"]) == 2
    assert "`salesanalysis sample --out data/sample` writes" in capsys.readouterr().err


def test_what_is_shipped_is_what_is_committed():
    """By name: a notebook of somebody's own beside them must not reach a wheel."""
    listed = Path(project.__file__).with_name("shipped.txt")
    patterns = listed.read_text(encoding="utf-8").split()
    notebooks = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {f"notebooks/{name}.ipynb" for name in [*REPORTS, "workshop"]} < set(patterns)
    assert notebooks == {f"{name}.ipynb" for name in [*REPORTS, "workshop"]}
    assert all(list(ROOT.glob(pattern)) for pattern in patterns)


def test_a_variable_turns_forked_processes_off(monkeypatch):
    monkeypatch.setattr("os.fork", lambda: 0, raising=False)
    monkeypatch.setattr("socket.send_fds", lambda: 0, raising=False)
    assert available()
    monkeypatch.setenv("SALESANALYSIS_COLD", "1")
    assert not available()

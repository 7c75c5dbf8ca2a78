"""The runner, on real kernels: what a report folder holds, and what a failure leaves behind."""

import csv
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from trial import HOSTILE, Tags, write_notebook

from salesanalysis import reports
from salesanalysis.reports.export.policy import content_security_policy
from salesanalysis.reports.guard import Limits
from salesanalysis.reports.job import prepare
from salesanalysis.reports.run import execute

PAGE = Path(reports.__file__).parent / "export" / "page"
SCRIPT = "".join((PAGE / n).read_text(encoding="utf-8") for n in ("page.js", "pictures.js"))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def record(run) -> dict:
    return json.loads((run.folder / "run.json").read_text(encoding="utf-8"))


# --- a run that succeeds -----------------------------------------------------------------------


def test_two_runs_are_the_same_bytes_except_timing(two_runs):
    first, second = (files(run.folder) for run in two_runs)
    assert set(first) == set(second)
    assert len(first) >= 9
    assert [name for name in first if first[name] != second[name]] in ([], ["timing.json"])


def test_folder_holds_what_run_json_says(two_runs):
    run = two_runs[0]
    found = files(run.folder)
    listed = record(run)["files"]
    assert set(found) - set(listed) == {"run.json", "timing.json"}
    for name, fingerprint in listed.items():
        assert hashlib.sha256(found[name]).hexdigest() == fingerprint
    assert {"report.html", "notebook.ipynb", "tables/deals.csv", "figures/deals.svg"} <= set(listed)


def test_run_json_records_parameters_inputs_and_key_figures(two_runs):
    said = record(two_runs[0])
    assert said["outcome"] == "complete"
    assert said["parameters"] == {
        "name": HOSTILE[0],
        "n": 13087,
        "rate": 0.6317,
        "must_win": False,
        "by": [],
        "settings": {},
        "lang": "en",
    }
    assert said["sources"][0]["source"] == "deals.csv"
    assert (said["sources"][0]["rows_used"], said["sources"][0]["rows_set_aside"]) == (8, 2)
    figure = {"name": "win_rate", "label": "win_rate", "unit": "number", "value": 0.6317}
    figure |= {"low": None, "high": None, "status": "none", "base": "", "past": []}
    figure["ahead"] = False
    assert said["key_figures"] == two_runs[0].key_figures == [figure]
    assert said["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert [h["text"] for h in said["headlines"]] == two_runs[0].headlines
    assert two_runs[0].headlines[1] == "The win rate is 63.2%."
    small, aside = two_runs[0].warnings
    assert small == "Only 13,087 deals."
    assert aside.startswith("2 rows of opportunities cannot be used")
    assert aside.endswith("(20.0% of its rows).")


def test_no_path_of_the_machine_in_any_file(two_runs):
    working_directory = str(two_runs[0].folder.parents[1]).encode()
    for name, content in files(two_runs[0].folder).items():
        assert working_directory not in content, name
        assert b"/tmp/" not in content, name


def test_hostile_texts_stay_texts_in_the_page(two_runs):
    page = two_runs[0].page.read_text(encoding="utf-8")
    tags = Tags(page)
    assert tags.named("script") == [{}]  # ours, at the end
    assert page.index("<script>") > page.index("</main>")
    assert not tags.named("b") and not tags.named("i") and not tags.named("u")
    assert not any("evil.test" in str(attributes) for _, attributes in tags.tags)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "**bold** [x](http://evil.test)" in page
    assert tags.named("svg")[0]["aria-label"] == 'Amounts "quoted" <script>'


def test_page_is_closed_and_needs_nothing(two_runs):
    page = two_runs[0].page.read_text(encoding="utf-8")
    tags = Tags(page)
    assert tags.named("html") == [{"lang": "en"}]
    policies = [meta for meta in tags.named("meta") if "http-equiv" in meta]
    assert [meta["content"] for meta in policies] == [content_security_policy(SCRIPT)]
    assert f"<script>{SCRIPT}</script>" in page
    for _, attributes in tags.tags:
        for key in ("src", "href", "srcset", "action", "poster", "data"):
            assert (attributes.get(key) or "#").startswith(("#", "data:")), attributes
    assert not re.search(r"@import|url\((?!data:font)", page)


def test_page_has_its_headings_and_no_guide(two_runs):
    page = two_runs[0].page.read_text(encoding="utf-8")
    ids = {attributes["id"] for _, attributes in Tags(page).tags if "id" in attributes}
    links = [a["href"] for a in Tags(page).named("a")]
    contents = [link for link in links if link.startswith("#")]
    assert contents == ["#main"]
    assert {"main", "section-deals", "quality", "provenance", "messages"} <= ids
    assert "Guide for JupyterLab" not in page


def test_long_table_says_how_much_it_shows(two_runs):
    page = two_runs[0].page.read_text(encoding="utf-8")
    (shown,) = re.findall(r'data-rows="4">.*?</table>.*?</button>', page, re.S)
    assert shown.count('<th scope="row"') == 6
    assert "Show all {rows} rows" in shown
    assert "Every table is whole" in page
    with (two_runs[0].folder / "tables/deals.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 7


def test_python_warnings_are_listed_not_lost(two_runs):
    assert record(two_runs[0])["messages"] == [
        {"cell": 4, "text": "UserWarning: a library <i>warns</i>"}
    ]
    page = two_runs[0].page.read_text(encoding="utf-8")
    assert page.count("UserWarning: a library &lt;i&gt;warns&lt;/i&gt;") == 1


def test_executed_notebook_is_valid_and_has_outputs(two_runs):
    notebook = nbformat.read(two_runs[0].folder / "notebook.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == [f"cell-{i}" for i in range(1, 12)]
    assert any(output.output_type == "display_data" for output in notebook.cells[4].outputs)


def test_nothing_is_left_beside_the_report(two_runs):
    beside = sorted(path.name for path in two_runs[0].folder.parent.iterdir())
    assert beside == ["first", "second"]


# --- a run that fails --------------------------------------------------------------------------

FAILING = """\
import os, signal, sys
if how == "raise":
    {}["missing key"]
if how == "refuse":
    raise SalesAnalysisError("`amount` is wrong.\\nline 3: x")
if how == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if how == "exit":
    sys.exit()
if how == "wait":
    open("waiting", "w").close()
    __import__("time").sleep(60)
"""


@pytest.fixture
def breakable(workplace):
    """A notebook that fails as it is told to, beside a good report that must survive."""
    write_notebook(
        workplace / "notebooks" / "breakable.ipynb",
        [
            ("code", 'how: str = "raise"\nlang: str = "en"\n', ["parameters"]),
            (
                "code",
                "import wording\nfrom salesanalysis.errors import SalesAnalysisError\n"
                "from salesanalysis.reports import Report\n"
                "report = Report('trial', lang=lang)\nreport.title(name='x')",
                ["setup"],
            ),
            ("markdown", "## The part\nthat breaks", []),
            ("code", FAILING, ["headline"]),
            ("code", "1", []),
        ],
    )
    out = workplace / "out"
    out.mkdir()
    (out / "run.json").write_text('{"files": {"report.html": ""}}')
    (out / "report.html").write_text("yesterday's report")
    return workplace


@pytest.fixture
def make(breakable, warm):
    """Runs the notebook that fails as it is told to, in a warm process: they are many."""

    def make(how: str, **limits):
        request = prepare("breakable", parameters={"how": how}, out="out")
        return execute(request, limits=Limits(**limits), warm=warm)

    return make


def assert_previous_untouched(workplace: Path) -> None:
    assert (workplace / "out" / "report.html").read_text() == "yesterday's report"
    assert sorted(p.name for p in (workplace / "out").iterdir()) == ["report.html", "run.json"]
    hidden = [p.name for p in workplace.iterdir() if p.name.startswith(".")]
    assert hidden == []


REASONS = {
    "raise": "KeyError: 'missing key'",
    "refuse": "`amount` is wrong.\nline 3: x",
    "kill": "The Python process that computed it died: out of memory, or killed from outside.",
    "exit": "The cell ended the run (SystemExit) before its end.",
}


@pytest.mark.parametrize("how", REASONS)
def test_failure_says_cell_and_reason_and_leaves_the_previous_report(breakable, make, how):
    with pytest.raises(reports.ReportFailed) as caught:
        make(how)
    where, reason = str(caught.value).split("\n", 1)
    assert where == (
        '`notebooks/breakable.ipynb` failed in cell 4 (`headline`, "The part");'
        " half-run notebook: out.failed/notebook.ipynb"
    )
    assert reason == REASONS[how]
    assert_previous_untouched(breakable)
    kept = nbformat.read(caught.value.notebook, as_version=4)
    assert "Trial" in str(kept.cells[2].outputs)


def test_time_limit_is_a_failure(breakable, make):
    with pytest.raises(reports.ReportFailed, match="longer than the time limit"):
        make("wait", cell_seconds=1)
    assert_previous_untouched(breakable)


def test_interrupt_exits_130_and_leaves_the_previous_report(breakable):
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "salesanalysis",
            "run",
            "breakable",
            "-p",
            "how=wait",
            "--out",
            "out",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    limit = time.monotonic() + 30
    while not (breakable / "waiting").exists() and time.monotonic() < limit:
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "interrupted" in said
    assert_previous_untouched(breakable)


def test_a_success_forgets_the_failure_before_it(breakable, make):
    failed = breakable / "out.failed" / "notebook.ipynb"
    failed.parent.mkdir()
    failed.write_text("{}")
    run = make("succeed")
    assert not failed.parent.exists()
    assert run.page.read_text(encoding="utf-8") != "yesterday's report"


def test_a_process_that_does_not_start_says_why(breakable, monkeypatch):
    (breakable / "broken").mkdir()
    (breakable / "broken" / "ipykernel.py").write_text("raise ImportError('broken on purpose')")
    monkeypatch.setenv("PYTHONPATH", str(breakable / "broken"))
    with pytest.raises(reports.ReportFailed) as caught:
        reports.run("breakable", out="out")
    where, reason = str(caught.value).split("\n", 1)
    assert where == "`notebooks/breakable.ipynb` failed before its first cell"
    assert "ImportError: broken on purpose" in reason
    assert_previous_untouched(breakable)

"""The command line: what it prints, and what it exits with."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from salesanalysis import cli, reports, text
from salesanalysis.cli import checks, terminal
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.sources.set_aside import SetAside


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notebooks").mkdir()
    write(tmp_path / "notebooks" / "small.ipynb", 'print("hello")')
    return tmp_path


SMALL = 'n: int = 3  # how many\nby: list = []\nlang: str = "en"'


def write(path, source: str, parameters: str = SMALL) -> None:
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A small report"},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {"tags": ["parameters"]},
            "source": parameters,
            "outputs": [],
            "execution_count": None,
        },
        {
            "cell_type": "code",
            "id": "c",
            "metadata": {"tags": ["table"]},
            "source": source,
            "outputs": [],
            "execution_count": None,
        },
    ]
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")


def run_cli(*arguments, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "salesanalysis", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        **options,
    )


def test_help_and_version_load_nothing_heavy():
    code = (
        "import sys\nfrom salesanalysis import cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit as end: assert end.code == 0\n"
        "heavy = {'pandas', 'numpy', 'ibis', 'papermill', 'jinja2', 'yaml', 'matplotlib'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "loaded: []" in done.stdout
    for words in (
        "init",
        "list",
        "check",
        "run",
        "batch",
        "workshop",
        "sample",
        "examples:",
        "exit codes:",
        "130",
    ):
        assert words in done.stdout


@pytest.mark.parametrize("command", ["init", "list", "check", "run", "batch", "workshop", "sample"])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])
    assert end.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 5


@pytest.mark.parametrize("arguments", [[], ["runn", "x"], ["run"], ["sample", "--ou", "x"]])
def test_wrong_usage_exits_2(arguments):
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2


def test_list_shows_title_type_default_and_comment(workplace, capsys):
    assert cli.main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("small  A small report")
    assert lines[at + 1 : at + 5] == [
        "  n     int   3     how many",
        "  by    list  []",
        "  lang  str   'en'",
        "workshop  Workshop · 研讨会",  # the package's are there too
    ]
    assert "init" not in lines[-1]


def test_list_outside_a_project_says_how_to_begin_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["list"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert "funnel  Sales funnel · 销售漏斗" in lines
    assert last.startswith("These are the package's. `salesanalysis init FOLDER --sample` makes")


def test_run_end_to_end_prints_plain_progress_and_the_page(workplace):
    done = run_cli("run", "small", "-p", "n=5", "-p", 'by=["region"]')
    assert done.returncode == 0, done.stderr
    assert done.stdout == os.path.join("out", "small", "en", "report.html") + "\n"
    assert done.stderr == "small 2/3 A small report\n"
    made = json.loads((workplace / "out/small/en/run.json").read_text())
    assert made["parameters"] == {"n": 5, "by": ["region"], "lang": "en"}


def test_failing_run_prints_two_lines_and_exits_1(workplace):
    write(workplace / "notebooks" / "small.ipynb", "raise OSError('no \\x1b[31m disk')")
    done = run_cli("run", "small", "--out", "o")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[1:] == [
        'salesanalysis: `notebooks/small.ipynb` failed in cell 3 (`table`, "A small report");'
        " half-run notebook: " + os.path.join("o.failed", "notebook.ipynb"),
        "OSError: no \ufffd[31m disk",
    ]


def test_a_file_of_parameters_yields_to_the_command_line(workplace, monkeypatch):
    (workplace / "room.yml").write_text("n: 3\nlang: zh\n")
    asked = []

    def run(notebook, **given):
        asked.append((given["parameters"], given["lang"], given["template"]))
        raise SalesAnalysisError("enough")

    monkeypatch.setattr(reports, "run", run)
    words = ["run", "small", "--parameters", "room.yml", "--template", "house.pptx"]
    for more in ([], ["-p", "n=4"], ["--lang", "en"]):
        assert cli.main([*words, *more]) == 2
    assert asked == [
        ({"n": 3, "lang": "zh"}, None, "house.pptx"),
        ({"n": 4, "lang": "zh"}, None, "house.pptx"),
        ({"n": 3}, "en", "house.pptx"),
    ]


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (["m=1"], "has no parameter `m`"),
        (["n=x"], "`n` must be a whole number; got 'x'"),
        (["by=region"], "`by` must be a JSON list"),
        (["n"], "has no `=`"),
        (["n=1", "n=2"], "given twice"),
    ],
)
def test_wrong_parameters_exit_2_before_anything_runs(workplace, capsys, pairs, words):
    arguments = [word for pair in pairs for word in ("-p", pair)]
    assert cli.main(["run", "small", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert not (workplace / "out").exists()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (SalesAnalysisError("wrong"), 2),
        (reports.ReportFailed("failed"), 1),
        (PermissionError(13, "Permission denied", "/x/y"), 2),
        (OSError(28, "No space left on device"), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_known_faults_have_their_code_and_no_traceback(workplace, monkeypatch, capsys, fault, code):
    def fail(*_, **__):
        raise fault

    monkeypatch.setattr(reports, "run", fail)
    assert cli.main(["run", "small"]) == code
    said = capsys.readouterr().err
    assert said.startswith("salesanalysis: ")
    assert "Traceback" not in said


def test_an_error_that_nobody_has_foreseen_is_one_line_unless_asked_for(
    workplace, monkeypatch, capsys
):
    from salesanalysis import sources

    def fail(*_, **__):
        raise RuntimeError("broken\nand more")

    monkeypatch.setattr(sources, "check", fail)
    assert cli.main(["check", "deals.csv", "--table", "opportunities"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("salesanalysis: `deals.csv`: unexpected RuntimeError: broken (set ")
    monkeypatch.setenv(cli.DEBUG, "1")
    with pytest.raises(RuntimeError, match="broken"):
        cli.main(["check", "deals.csv", "--table", "opportunities"])


@pytest.mark.gate
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "latin-1"])
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_console_of_any_encoding_takes_all_that_is_said(tmp_path, encoding, lang):
    path = tmp_path / "商机.csv"
    path.write_text("商机编号,销售阶段,金额\nA“1”,赢单,5\nA2,输单,x\n", encoding="utf-8")
    arguments = ["check", str(path), "--table", "opportunities", "--lang", lang]
    done = subprocess.run(
        [sys.executable, "-m", "salesanalysis", *arguments],
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert (done.returncode, done.stderr) == (1, b"")
    said = done.stdout.decode(encoding)
    assert "\\u5546\\u673a" in said  # the name of the file: nothing is lost
    assert "?" not in said
    missing = subprocess.run(
        [sys.executable, "-m", "salesanalysis", "check", "无.csv", "--table", "opportunities"],
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert missing.returncode == 2
    assert missing.stderr.decode(encoding).startswith("salesanalysis: `source` is `\\u65e0.csv`")


def made(name: str, outcome: str, failure: str = "", reason: str = "") -> SimpleNamespace:
    page = Path("out") / name / "report.html"
    return SimpleNamespace(
        name=name,
        job=SimpleNamespace(out=page.parent),
        run=SimpleNamespace(page=page),
        outcome=outcome,
        failure=failure,
        reason=reason,
    )


def test_batch_prints_where_each_report_lies_and_exits_1_if_one_failed(
    workplace, monkeypatch, capsys
):
    results = [
        made("a", "made"),
        made("b", "failed", "in cell 3\nKeyError: 'x'"),
        made("c", "unchanged"),
    ]

    def batch(file, *, finished, **_):
        for one in results:
            finished(one)
        return results

    monkeypatch.setattr(reports, "batch", batch)
    assert cli.main(["batch", "reports.yml"]) == 1
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "a: " + os.path.join("out", "a", "report.html"),
        "c: " + os.path.join("out", "c", "report.html") + " (unchanged)",
        "",
        "failed:",
        "  b  KeyError: 'x'",
        "2 of 3 reports are there (1 unchanged)",
    ]
    assert said.err == "salesanalysis: b: in cell 3\nKeyError: 'x'\n"


def test_batch_hands_over_what_it_was_asked(workplace, monkeypatch):
    asked = {}

    def batch(file, **options):
        asked.update(options, file=file)
        return []

    monkeypatch.setattr(reports, "batch", batch)
    words = "--workers 3 --only a --only b* --shard 2/4 --as-of 2025-12-31 --resume --cold"
    limits = "--time-limit 60 --memory-limit 500 --retries 0 --cluster tcp://host:1"
    assert cli.main(["batch", "r.yml", *words.split(), *limits.split()]) == 0
    del asked["finished"], asked["progress"]
    assert asked == {
        "file": "r.yml",
        "machines": reports.Machines(workers=3, cluster="tcp://host:1", warm=False),
        "only": ["a", "b*"],
        "shard": "2/4",
        "as_of": "2025-12-31",
        "resume": True,
        "overrides": {"time_limit_seconds": 60, "memory_limit_mb": 500, "retries": 0},
    }


def test_dry_run_shows_folders_and_reasons(workplace, monkeypatch, capsys):
    results = [made("a", "not run", reason="its inputs have changed"), made("b", "unchanged")]
    monkeypatch.setattr(reports, "batch", lambda file, *, dry_run, **_: dry_run and results)
    assert cli.main(["batch", "r.yml", "--dry-run", "--resume"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "a  " + os.path.join("out", "a") + "  its inputs have changed",
        "b  " + os.path.join("out", "b") + "  unchanged",
        "1 of 2 reports would be made; nothing was run",
    ]


def test_a_batch_file_with_faults_exits_2_and_lists_them(workplace, capsys):
    (workplace / "r.yml").write_text(
        "reports:\n  - notebook: smal\n  - notebook: small\n    x: 1\n"
    )
    assert cli.main(["batch", "r.yml"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in said[1:]] == ["r.yml:2", "r.yml:4"]


def test_sigterm_is_obeyed_like_ctrl_c(workplace, monkeypatch, capsys):
    def run(*_, **__):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(reports, "run", run)
    assert cli.main(["run", "small"]) == 143
    assert "interrupted" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) == before


# --- check -------------------------------------------------------------------------------------


def checked(severity="set_aside", aside=1):
    faults = [] if severity is None else [("odd", severity, "amount", 1234, "¥12万\x1b[2J")]
    return SimpleNamespace(
        table_name="opportunities",
        source="商机.csv",
        rows=2000,
        rows_used=2000 - aside,
        rows_set_aside=aside,
        rows_left_out=0,
        rows_not_kept=0,
        set_aside=SetAside(),
        words=pd.DataFrame(columns=["word", "outcome", "rows"]),
        columns=pd.DataFrame(
            {"column": ["amount"], "theirs": ["金额"], "how": ["alias"], "filled": [0.5]}
        ),
        faults=pd.DataFrame(faults, columns=["rule", "severity", "column", "count", "example"]),
        messages=lambda lang, of: [f"`amount` is ¥12万\x1b[2J ({lang})"] if of == severity else [],
        cases=pd.DataFrame(
            [("odd", severity, "商机.csv", line, "O1", "amount", "x") for line in range(2, 15)],
            columns=["rule", "severity", "file", "line", "key", "column", "value"],
        ),
    )


@pytest.mark.parametrize(
    ("severity", "aside", "code"),
    [(None, 0, 0), ("note", 0, 0), ("set_aside", 1, 1), ("fatal", 0, 2)],
)
def test_check_exits_by_the_gravest_fault(monkeypatch, capsys, severity, aside, code):
    from salesanalysis import sources

    asked = {}

    def check(source, **options):
        asked.update(options, source=source)
        return checked(severity, aside)

    monkeypatch.setattr(sources, "check", check, raising=False)
    arguments = ["check", "x.csv", "--table", "opportunities", "--stages", "a,b", "--mapping", "m"]
    assert cli.main([*arguments, "--date-order", "dmy", "--encoding", "big5"]) == code
    assert asked == {
        "source": "x.csv",
        "table": "opportunities",
        "columns": "m",
        "date_order": "dmy",
        "encoding": "big5",
        "sheet": None,
        "query": None,
        "stages": ["a", "b"],
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_quality_page_is_aligned_also_with_chinese(lang):
    lines = checks.quality_lines(checked(), lang)
    assert "\x1b" not in "".join(lines)
    assert {"en": "rows set aside", "zh": "已剔除的行"}[lang] in lines
    assert any(line.startswith("  - `amount` is ¥12万") for line in lines)
    column = next(i for i, line in enumerate(lines) if "50.0%" in line)
    head = lines[column - 1]
    label = {"en": "Filled", "zh": "非空比例"}[lang]
    assert terminal.width(head[: head.index(label)]) == terminal.width(
        lines[column][: lines[column].index("50.0%")]
    )
    assert lines[column].split()[:2] == ["amount", {"en": "Amount", "zh": "金额"}[lang]]
    assert any({"en": "The first 10 of 13", "zh": "13"}[lang] in line for line in lines)


# --- what is printed ---------------------------------------------------------------------------


class Stream:
    def __init__(self, terminal: bool):
        self.written, self._terminal = "", terminal

    def isatty(self) -> bool:
        return self._terminal

    def write(self, said: str) -> None:
        self.written += said

    def flush(self) -> None:
        pass


def test_bar_moves_in_one_line_of_a_terminal_and_is_cleared(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    stream = Stream(terminal=True)
    with terminal.ProgressBar(stream) as bar:
        bar.show("漏斗", 1, 4, "阶段转化率" * 20)
        bar.show("漏斗", 4, 4, "结束")
    assert "\n" not in stream.written
    lines = stream.written.split("\r\x1b[K")
    assert max(terminal.width(line) for line in lines) < 60
    assert "██████··················" in lines[1]
    assert lines[-1] == ""


def test_elsewhere_progress_is_plain_lines_each_once():
    stream = Stream(terminal=False)
    with terminal.ProgressBar(stream) as bar:
        bar.show("a", 1, 2, "one")
        bar.show("a", 2, 2, "one")
        bar.show("b", 1, 1, "one")
    assert stream.written == "a 1/2 one\nb 1/1 one\n"


def test_closed_pipe_is_no_fault(workplace):
    done = subprocess.run(
        f"{sys.executable} -m salesanalysis list | true; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.returncode == 0


# --- check --for -------------------------------------------------------------------------------

TRIAL = """\
opportunities: str = ""  # the deal list
evidence: str = ""  # milestones checked
as_of: str = "2025-12-31"  # the day
mapping: str = ""  # names
lang: str = "en"  # language
"""


@pytest.fixture
def trial(workplace):
    def write_report(code):
        write(workplace / "notebooks" / "small.ipynb", code, parameters=TRIAL)
        return workplace

    (workplace / "deals.csv").write_text("opportunity_id,stage\nA,Won\nB,Lost\n")
    return write_report


def test_check_for_a_report_tells_every_input_and_tries_it(trial, capsys):
    place = trial("print(opportunities)")
    (place / "met.csv").write_text("opportunity_id,milestone,item,fulfilled\nA,x,y,yes\n,x,y,no\n")
    asked = ["check", "--for", "small", "-p", "opportunities=deals.csv", "-p", "evidence=met.csv"]
    code = cli.main(asked)
    said = capsys.readouterr().out
    assert code == 1
    assert said.index("opportunities · deals.csv") < said.index("milestone_evidence · met.csv")
    assert said.splitlines()[-1].startswith("The report small can be made of these inputs")
    assert not (place / "out").exists()


def test_what_would_stop_the_report_is_said_in_its_words(trial, capsys):
    trial(
        "from salesanalysis.errors import SalesAnalysisError\nraise SalesAnalysisError('No day.')"
    )
    code = cli.main(["check", "--for", "small", "-p", "opportunities=deals.csv", "--lang", "zh"])
    said = capsys.readouterr().out
    assert code == 2
    assert said.splitlines()[-1] == "这些输入无法生成报告 small：No day."


def test_an_input_that_cannot_be_read_spares_the_trial(trial, capsys):
    place = trial("print(1)")
    (place / "deals.csv").write_text("a,b\n1,2\n")
    assert cli.main(["check", "--for", "small", "-p", "opportunities=deals.csv"]) == 2
    assert "The report" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.csv", "--for", "small"], "FILE goes with a single input"),
        (["--for", "small", "--date-order", "dmy"], "`--date-order` goes with a single input"),
        (["x.csv"], "needs a FILE and its --table"),
        (["x.csv", "--table", "reps", "-p", "a=b"], "go with --for REPORT"),
        (["--for", "small", "-p", "opportunites=x.csv"], "did you mean `opportunities`"),
    ],
)
def test_check_says_what_goes_together(trial, capsys, arguments, said):
    trial("print(1)")
    assert cli.main(["check", *arguments]) == 2
    assert said in capsys.readouterr().err

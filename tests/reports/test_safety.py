"""A report is safe to pass on: no password in its files, nothing written outside its folder."""

import os
import subprocess
import sys
from pathlib import Path

import hostile
import pytest

from salesanalysis import SalesAnalysisError, cli, reports, sources
from salesanalysis.findings import KeyFigure
from salesanalysis.masking import mask_secrets, masked_url
from salesanalysis.reports.batches import plan as batches
from salesanalysis.reports.job import prepare
from salesanalysis.reports.provenance import portable, portable_value
from salesanalysis.reports.run import execute
from salesanalysis.reports.told_blocks import OUT

ROOT = Path(__file__).parents[2]
SECRET = "hunter2"
ADDRESS = f"postgresql://ann:{SECRET}@127.0.0.1:9/sales"


def holding(folder: Path, said: str) -> list[str]:
    """The files under a folder that hold a text."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and said.encode() in path.read_bytes()
    ]


@pytest.mark.parametrize(
    "said",
    [
        "postgresql://ann:hunter2@db:5432/sales?sslmode=require",
        "postgresql://ann:hun/hunter2@db/sales",
        "postgresql://ann:p@hunter2@db/sales",
        "postgresql://ann:%68hunter2%40@db/sales",
        "postgresql://:hunter2@db/sales",
        "snowflake://db/sales?user=ann&password=hunter2&role=x",
        "duckdb:md:sales?motherduck_token=hunter2",
        "host=db user=ann password=hunter2 dbname=sales",
        "host=db password = 'my \\'hunter2' dbname=sales",
        "PGPASSWORD=hunter2 psql",
        "mssql://db;UID=ann;PWD=hunter2;Encrypt=yes",
        """{'user': 'ann', 'password': 'hunter2'}""",
        '{"Token": "hunter2", "n": 1}',
    ],
)
def test_a_password_is_masked_however_it_is_written(said):
    masked = mask_secrets(said)
    assert "hunter2" not in masked and "***" in masked
    assert masked == mask_secrets(masked)


#: The two halves of a password, and what may stand between them without being escaped.
HALVES = ("hunter2", "geheim7")
BETWEEN = ["/", "@", "?", "#", ":", "[", "]", "%", "%2F", "/@", "?table=", "://", "&", "\\", "="]
BEHIND = ["@127.0.0.1:1/sales?table=deals", "@127.0.0.1:1/sales"]
#: Where the `@` is forgotten, an earlier one and what is called a table cannot be told apart.
FORGOTTEN = [sign for sign in BETWEEN if "@" not in sign and "table" not in sign]


@pytest.mark.parametrize(
    ("sign", "rest"),
    [
        *((sign, rest) for sign in BETWEEN for rest in BEHIND),
        *((sign, rest) for sign in FORGOTTEN for rest in ("", ":1/x", "/sales?table=deals")),
    ],
)
def test_no_part_of_a_password_is_in_any_message(sign, rest, capsys):
    url = f"postgresql://ann:{sign.join(HALVES)}{rest}"
    shown = [mask_secrets(url), masked_url(url), portable(url), f"{portable_value([url])}"]
    assert cli.main(["check", url, "--table", "opportunities"]) == 2
    said = capsys.readouterr()
    shown += [said.out, said.err]
    with pytest.raises(SalesAnalysisError) as refused:
        sources.check(url, table="opportunities", query="SELECT 1 AS opportunity_id")
    shown.append(str(refused.value))
    assert not [text for text in shown for half in HALVES if half in text]
    assert len(said.err.splitlines()) == 1 and "ann" in said.err


@pytest.mark.parametrize("typo", ["postgres:/ann:{}@db/sales", "postgresql:ann:{}@db/sales"])
def test_a_slash_too_few_shows_no_password(typo, capsys):
    assert cli.main(["check", typo.format("hun/ter2"), "--table", "opportunities"]) == 2
    said = capsys.readouterr().err
    assert "hun" not in said and "ter2" not in said and "ann:***@db" in said


def test_a_password_is_in_no_name_of_a_batch(workplace, capsys):
    (workplace / "reports.yml").write_text(
        "reports:\n- notebook: trial\n  for_each:\n    url:\n"
        "    - postgres://ann:hun/ter2@db/north\n    - postgres://ann:hun?ter2@db/south\n"
        "  parameters: {name: '{url}'}\n"
    )
    assert cli.main(["batch", "reports.yml", "--dry-run"]) == 0
    tasks = batches.prepare("reports.yml").tasks
    names = [f"{task.name} {task.job.out}" for task in tasks]
    for said in (*names, capsys.readouterr().out):
        assert "hun" not in said and "ter2" not in said and "ann:" in said.replace("_", ":")
    assert [task.job.given["name"] for task in tasks] == [
        *("postgres://ann:hun/ter2@db/north", "postgres://ann:hun?ter2@db/south")
    ]


@pytest.mark.parametrize(
    "said", ["see https://x.test:8080/a?b=c", "ann@x.test: 3 won", "The token is lost.", "a=b"]
)
def test_what_is_no_password_stays(said):
    assert mask_secrets(said) == said


@pytest.mark.gate
def test_a_password_reaches_no_file_of_a_report(workplace, warm):
    settings = {"url": ADDRESS, "password": SECRET, "dsn": f"host=db password='{SECRET} x'"}
    request = prepare(
        "trial",
        parameters={"by": [ADDRESS], "settings": settings},
        out="out/r",
        formats=hostile.FORMATS,
    )
    run = execute(request, warm=warm)
    assert holding(workplace / "out", SECRET) == []
    assert "ann:***@127.0.0.1" in run.page.read_text(encoding="utf-8")


@pytest.mark.gate
def test_a_password_is_in_no_message_and_no_file_of_a_failure(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "salesanalysis", "run", "funnel"]
        + [
            "-p",
            f"opportunities={ADDRESS}",
            "-p",
            "as_of=2025-12-31",
            "--out",
            str(tmp_path / "r"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "ann:***@127.0.0.1" in done.stderr or "127.0.0.1" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert holding(tmp_path, SECRET) == []


@pytest.mark.parametrize("name", ["../up", "/etc/x", "a/b", "..", "a\\b", "A", "con.txt", ""])
def test_no_table_or_figure_can_be_written_outside_the_folder(tmp_path, monkeypatch, name):
    import pandas as pd

    monkeypatch.setenv(OUT, str(tmp_path))
    report = reports.Report("funnel")
    for tell in (report.table, report.figure):
        with pytest.raises(SalesAnalysisError, match="must be small letters"):
            tell(name, pd.DataFrame({"a": [1]}))
    with pytest.raises(SalesAnalysisError, match="must be small letters"):
        report.key_figures([KeyFigure(name, 1)])
    assert sorted(os.listdir(tmp_path)) == ["report.json"]


def test_a_folder_that_is_no_report_is_never_replaced(workplace):
    mine = workplace / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    for place in ("mine", ".", "notebooks", "out/../mine"):
        with pytest.raises(SalesAnalysisError, match="`out`"):
            reports.run("trial", out=place)
    assert (mine / "thesis.txt").read_text() == "years of work"
    assert (workplace / "notebooks" / "trial.ipynb").exists()


def test_a_picture_as_svg_holds_no_markup_of_a_stranger(hostile_reports):
    for path in (hostile_reports["en"] / "figures").glob("*.svg"):
        said = path.read_text(encoding="utf-8")
        assert "<script" not in said and "onload=" not in said and "javascript:" not in said

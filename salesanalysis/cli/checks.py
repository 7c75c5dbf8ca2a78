"""``salesanalysis check``: what is wrong with an input, or with all inputs of a report."""

import argparse
import tempfile
from pathlib import Path

from salesanalysis import text
from salesanalysis.cli.parameters import add_pairs, given_in_all
from salesanalysis.cli.terminal import ProgressBar, aligned, printable
from salesanalysis.columns import TABLES
from salesanalysis.errors import SalesAnalysisError

HELP = "what is wrong with an input, or with all inputs of a report, before it is made"

DESCRIPTION = """\
Prints the data-quality page of one input: how its columns were recognised, which rules are broken,
how many rows a report would set aside, and the first cases. Nothing is written.

FILE is a CSV, Excel, OpenDocument or Parquet file, a web page with a table, one of these packed
alone (.gz, .zip), a pattern of CSV or of Parquet files such as 'exports/*.csv', or a database URL
(duckdb://, sqlite://, postgres://). It is read as what it is, whatever its ending.

With --for REPORT it prints that of every input that the parameters name, then makes the report once
for trial and throws it away: whatever would stop it is said here.
"""

EPILOG = """\
examples:
  salesanalysis check export.csv --table opportunities
  salesanalysis check export.xlsx --table opportunities --sheet Deals --lang zh
  salesanalysis check 'exports/*.csv' --table opportunities --mapping names.yml
  salesanalysis check export.csv --table stage_history --stages Lead,Demo,Offer --date-order dmy
  salesanalysis check --for funnel -p opportunities=export.csv -p as_of=2025-12-31

exit codes: 0 clean, 1 rows would be set aside, 2 fatal: no report can be made of it
"""

#: How many failing cases are printed.
CASES_SHOWN = 10

#: Exit codes.
CLEAN, ROWS_SET_ASIDE, FATAL = 0, 1, 2

#: Parameters of the notebooks that name a table by another name than its own.
_TABLE_OF = {"evidence": "milestone_evidence"}

#: Options that describe one input; those of a report have theirs in a mapping file.
_OF_ONE_INPUT = ("mapping", "sheet", "query", "date_order", "encoding", "stages")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of ``check`` to its parser."""
    command.add_argument("file", metavar="FILE", nargs="?", help="file, pattern or database URL")
    command.add_argument("--table", choices=TABLES, help="what its rows are")
    command.add_argument("--mapping", metavar="YAML", help="which of its columns is which of ours")
    command.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook")
    command.add_argument("--query", metavar="SQL", help="the table or query of a database")
    command.add_argument("--date-order", choices=("dmy", "mdy", "ymd"), help="if it is ambiguous")
    command.add_argument(
        "--encoding", metavar="NAME", help="of a CSV file that is neither UTF-8 nor GBK: cp1252 …"
    )
    command.add_argument("--stages", metavar="A,B,…", help="the stages that exist, in their order")
    command.add_argument(
        "--for", metavar="REPORT", dest="report", help="check all inputs of a report, and try it"
    )
    add_pairs(command)
    command.add_argument("--parameters", metavar="FILE", help="of the report; see `run --help`")
    command.add_argument("--lang", choices=text.LANGUAGES, default="en", help="of the page")


def run(arguments) -> int:
    """Check what was asked for; the exit code is that of the gravest fault."""
    if arguments.report:
        return _check_for(arguments)
    if not (arguments.file and arguments.table):
        raise SalesAnalysisError(
            "`check` needs a FILE and its --table, or --for REPORT with its parameters."
        )
    if arguments.pairs or arguments.parameters:
        raise SalesAnalysisError("`-p` and `--parameters` go with --for REPORT, not with a FILE.")
    return _told(_checked_file(arguments), arguments.lang)


def _checked_file(arguments):
    from salesanalysis import sources

    return sources.check(
        arguments.file,
        table=arguments.table,
        columns=arguments.mapping,
        date_order=arguments.date_order,
        encoding=arguments.encoding,
        sheet=arguments.sheet,
        query=arguments.query,
        stages=arguments.stages.split(",") if arguments.stages else None,
    )


def _told(checked, lang: str) -> int:
    """Print what there is to say of an input, and return how grave it is."""
    for line in quality_lines(checked, lang):
        print(line)
    if (checked.faults["severity"] == "fatal").any():
        return FATAL
    return ROWS_SET_ASIDE if checked.rows_set_aside else CLEAN


def _check_for(arguments) -> int:
    """All inputs of a report, then the report itself, which is thrown away."""
    from salesanalysis import sources
    from salesanalysis.reports.job import find_notebook, prepare

    idle = [name for name in ("file", "table", *_OF_ONE_INPUT) if getattr(arguments, name)]
    if idle:
        said = "FILE" if idle[0] == "file" else f"`--{idle[0].replace('_', '-')}`"
        raise SalesAnalysisError(
            f"{said} goes with a single input, not with --for: name the inputs by"
            " -p opportunities=FILE, and describe them in a mapping file, -p mapping=FILE."
        )
    notebook = find_notebook(arguments.report)
    parameters = given_in_all(notebook, arguments)
    with tempfile.TemporaryDirectory(prefix="sa-") as folder:
        job = prepare(
            notebook, parameters=parameters, lang=arguments.lang, out=Path(folder) / "trial"
        )
        codes, convert = [], bool(job.parameters.get("rates"))
        for name, value in job.parameters.items():
            table = _TABLE_OF.get(name, name)
            if table in TABLES and value:
                mapping = job.parameters.get("mapping") or None
                found = sources.check(value, table=table, columns=mapping, convert=convert)
                codes.append(_told(found, job.lang))
                print()
        codes.append(FATAL if FATAL in codes else _tried(job))
    return max(codes)


def _tried(job) -> int:
    """Make the report for trial: what would stop it is said, what it says is not."""
    from salesanalysis import reports

    bar = ProgressBar()
    try:
        with bar:
            reports.run(
                job.notebook,
                parameters=job.given,
                out=job.out,
                progress=lambda *step: bar.show(job.name, *step),
            )
    except reports.ReportFailed as failed:
        # The half-run notebook is thrown away with the trial.
        reason = str(failed).split("\n", 1)[-1]
        values = {"report": job.name, "reason": printable(reason, keep="\n")}
        print(text.sentence("report.trial.failed", job.lang, **values))
        return FATAL
    print(text.sentence("report.trial.made", job.lang, report=job.name))
    return CLEAN


def quality_lines(checked, lang: str) -> list[str]:
    """The data-quality page of one input as lines of text."""
    from salesanalysis.reports import quality
    from salesanalysis.reports.provenance import portable
    from salesanalysis.reports.tables import shown_table
    from salesanalysis.sources.faults import SEVERITIES
    from salesanalysis.sources.inputs import MOST_SET_ASIDE

    source = portable(str(checked.source))
    lines = [printable(f"{checked.table_name} · {source}"), *quality.summary(checked, lang)]
    aside = checked.set_aside
    if aside.share > MOST_SET_ASIDE:
        shares = {"most": MOST_SET_ASIDE, "go_on": aside.share_to_go_on}
        lines.append(text.sentence("report.set_aside.stops", lang, **shares))
    for severity in SEVERITIES:
        said = [printable(f"  - {message}") for message in checked.messages(lang, severity)]
        lines += ["", quality.worded(severity, "severity", lang), *said] if said else []
    # Under our own names too, which a mapping file is written with.
    columns = checked.columns[["column"]].rename(columns={"column": "ours"}).join(checked.columns)
    for key, frame, most in (
        ("cases", quality.worded_cases(checked, lang), CASES_SHOWN),
        ("words", checked.words, None),
        ("columns", columns if any(columns["theirs"]) else columns[:0], None),
    ):
        if not len(frame):
            continue
        caption = text.sentence(
            f"report.quality.{key}", lang, table=checked.table_name, source=source
        )
        heads, rows = shown_table(frame.head(most or len(frame)), lang=lang, part="report")
        lines += ["", printable(caption), *(f"  {line}" for line in aligned([heads, *rows]))]
        if len(rows) < len(frame):
            counts = {"shown": len(rows), "rows": len(frame)}
            lines.append("  " + text.sentence("report.table.more", lang, **counts))
    return lines

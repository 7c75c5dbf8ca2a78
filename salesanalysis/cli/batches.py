"""``salesanalysis batch``: its arguments, and what it prints."""

from salesanalysis.cli.terminal import ProgressBar, aligned, complain

HELP = "make all reports of a file such as reports.yml"

DESCRIPTION = """\
Makes the reports that a YAML file lists, several at a time, and prints where each one lies. The
whole file is checked before the first report is run: every fault is listed with its line.

A report that fails stops no other and leaves the previous one as it was. The folder of the batch
(`out:` in the file) gets batch.json, what became of each report, and index.html, what each found.

Reports start in processes forked from one that has loaded all libraries. With --cold, or the
environment variable SALESANALYSIS_COLD=1, each process is started anew: slower, the same bytes. On
Windows, which has no fork, it is always so.
"""

EPILOG = """\
example of FILE:
  as_of: "2025-12-31"                # or by --as-of
  defaults:
    lang: [en, zh]
  reports:
    - notebook: funnel
      for_each:
        region: {file: data/sample/reps.csv, table: reps}   # or a list of values
      out: out/funnel/{region}/{lang}
      time_limit_seconds: 600
      parameters:
        as_of: "{as_of}"
        only: {region: "{region}"}

examples:
  salesanalysis batch reports.yml --dry-run
  salesanalysis batch reports.yml --workers 4 --resume --as-of 2026-03-31
  salesanalysis batch reports.yml --only 'funnel (华东*' --time-limit 300 --memory-limit 2000
  salesanalysis batch reports.yml --shard 2/4
  salesanalysis batch reports.yml --cluster tcp://scheduler:8786

exit codes: 0 all there, 1 a report failed, 2 refused, 130 or 143 stopped
"""


def add_arguments(command) -> None:
    """Add the arguments of ``batch`` to its parser."""
    command.add_argument("file", metavar="FILE", help="reports.yml")
    command.add_argument(
        "--workers", metavar="N", type=int, help="reports at a time; default: one for each core"
    )
    command.add_argument(
        "--only",
        metavar="NAME",
        action="append",
        default=[],
        help="a report, a notebook or a pattern of them; may be repeated",
    )
    command.add_argument("--shard", metavar="I/N", help="every N-th report, from the I-th on")
    command.add_argument("--as-of", metavar="DATE", help="the day for {as_of}, {period} …")
    command.add_argument(
        "--resume", action="store_true", help="leave out what is whole and would come out the same"
    )
    command.add_argument("--dry-run", action="store_true", help="say what would be done, only")
    command.add_argument("--cluster", metavar="URL", help="make them on a Dask cluster")
    command.add_argument("--time-limit", metavar="SECONDS", type=float, help="for each report")
    command.add_argument("--memory-limit", metavar="MB", type=float, help="for each report")
    command.add_argument("--retries", metavar="N", type=int, help="if its process dies; default 1")
    command.add_argument(
        "--cold", action="store_true", help="start every process anew, not by fork"
    )


def run(arguments) -> int:
    """Make the reports; the exit code."""
    from salesanalysis import reports

    given = {
        "time_limit_seconds": arguments.time_limit,
        "memory_limit_mb": arguments.memory_limit,
        "retries": arguments.retries,
    }
    asked = {
        "only": arguments.only,
        "shard": arguments.shard,
        "as_of": arguments.as_of,
        "resume": arguments.resume,
        "overrides": {name: value for name, value in given.items() if value is not None},
    }
    if arguments.dry_run:
        return _dry_run(arguments.file, asked)
    with ProgressBar() as bar:
        results = reports.batch(
            arguments.file,
            machines=reports.Machines(arguments.workers, arguments.cluster, not arguments.cold),
            progress=bar.show if bar.moves else None,
            finished=lambda made: _tell(made, bar),
            **asked,
        )
    return _conclude(results)


def _tell(made, bar: ProgressBar) -> None:
    from salesanalysis.reports.folders import as_typed

    bar.close()
    if made.failure:
        complain(f"{made.name}: {made.failure}")
    else:
        note = " (unchanged)" if made.outcome == "unchanged" else ""
        print(f"{made.name}: {as_typed(made.run.page)}{note}", flush=True)


def _conclude(results) -> int:
    from salesanalysis.reports.batches.outcome import FAILED, counts, summary

    counted = counts(results)
    failed = [made for made in results if made.outcome == FAILED]
    if failed:
        print("\nfailed:")
        for line in aligned([(name, said) for name, _, said in summary(failed)]):
            print(f"  {line}")
    there = counted["made"] + counted["unchanged"]
    unchanged = f" ({counted['unchanged']} unchanged)" if counted["unchanged"] else ""
    print(f"{there} of {len(results)} reports are there{unchanged}")
    return 1 if failed else 0


def _dry_run(file, asked: dict) -> int:
    from salesanalysis import reports
    from salesanalysis.reports.folders import as_typed

    results = reports.batch(file, dry_run=True, **asked)
    rows = []
    for made in results:
        why = made.reason or ("" if made.outcome == "not run" else made.outcome)
        rows.append((made.name, as_typed(made.job.out), why))
    for line in aligned(rows) if rows else ():
        print(line)
    wanted = sum(made.outcome == "not run" for made in results)
    print(f"{wanted} of {len(rows)} reports would be made; nothing was run")
    return 0

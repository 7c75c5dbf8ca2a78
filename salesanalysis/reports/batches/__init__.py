"""Many reports in one go: the ``reports.yml`` that lists them, and what makes them side by side.

``listing`` reads the file, ``plan`` makes reports of it, ``crew`` makes these on one machine and
``cluster`` on several, each in a process of its own (``child``); ``resume`` knows which need not be
made again, and ``outcome`` and ``index`` tell what became of all.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from salesanalysis.reports import locks
from salesanalysis.reports.batches.outcome import NOT_RUN, Made
from salesanalysis.reports.folders import as_typed


@dataclass(frozen=True)
class Machines:
    """Where the reports of a batch are made.

    Parameters
    ----------
    workers : int, optional
        How many reports are made at a time; by default one for each core.
    cluster : str, optional
        The address of a Dask cluster that makes the reports, such as ``tcp://scheduler:8786``.
    warm : bool
        Fork the processes from one that has the libraries, where the system can; the reports are
        the same, for less than half of the work.

    Examples
    --------
    >>> Machines(workers=2)
    Machines(workers=2, cluster=None, warm=True)
    """

    workers: int | None = None
    cluster: str | None = None
    warm: bool = True


def batch(
    file: str | Path,
    *,
    only: Sequence[str] = (),
    shard: str | None = None,
    as_of: str | None = None,
    resume: bool = False,
    dry_run: bool = False,
    machines: Machines = Machines(),
    overrides: dict[str, float] | None = None,
    progress: Callable[[str, int, int, str], None] | None = None,
    finished: Callable[[Made], None] | None = None,
) -> list[Made]:
    """Make the reports of a ``reports.yml`` and say what became of each.

    The whole file is checked before anything runs. A report that fails stops no other and leaves
    the previous one as it was. Beside the reports, the folder of the batch gets ``batch.json``
    (what became of each) and ``index.html`` (what each found, with a search). All paths, those in
    parameters too, are relative to the working directory, as they are for a single run.

    Parameters
    ----------
    file : str or Path
        The list; README.md describes it.
    only : sequence of str
        Names of reports or notebooks, or patterns of them; by default all.
    shard : str, optional
        ``i/n``: every n-th report, beginning with the i-th, for n machines side by side.
    as_of : str, optional
        The day that ``{as_of}``, ``{period}`` and their like are taken from.
    resume : bool
        Leave out reports that are whole and would come out the same: same inputs, parameters, code
        and versions, by their fingerprints.
    dry_run : bool
        Check, and say what would be made, without running anything.
    machines : Machines
        Where the reports are made, and how many at a time.
    overrides : dict, optional
        ``time_limit_seconds``, ``memory_limit_mb``, ``retries`` in place of those of the file.
    progress : callable, optional
        Called before each cell with the report's name, the cell's number, how many there are, and
        its heading or tag.
    finished : callable, optional
        Called with each :class:`Made` as soon as it is known.

    Returns
    -------
    list of Made
        In the order of the file, one for each language and each value of ``for_each``.

    Raises
    ------
    SalesAnalysisError
        The file has faults, listed with their lines, or another batch writes to the same folder;
        nothing was run.
    """
    from salesanalysis.reports.batches import earlier, index, outcome
    from salesanalysis.reports.batches.plan import chosen, prepare
    from salesanalysis.reports.batches.resume import looked_at

    listed = prepare(file, as_of=as_of, overrides=overrides)
    tasks = chosen(listed.tasks, only=only, shard=shard)
    done = {task.job.out: Made(task.name, task.job, NOT_RUN) for task in tasks}
    if resume:
        done |= {made.job.out: made for made in looked_at(tasks)}
    if dry_run:
        return list(done.values())
    missing = [task for task in tasks if done[task.job.out].outcome == NOT_RUN]
    part = f".{shard.replace('/', '-of-')}" if shard else ""
    refusal = (
        f"The batch in process {{process}} writes to `{as_typed(listed.folder)}` too; wait for it,"
        " or give this one another folder (`out:` at the top of the file)."
    )
    with locks.held(listed.folder / f".batch{part}.lock", refusal):

        def note(made: Made) -> None:
            done[made.job.out] = made
            if finished:
                finished(made)

        if finished:
            for made in done.values():
                if made.outcome != NOT_RUN:
                    finished(made)
        try:
            if missing:
                earlier.keep(missing)
                _make(missing, machines, progress, note)
        finally:
            # Also where Ctrl-C ended it: what was made is made.
            results = list(done.values())
            outcome.write(listed.folder, results, shard=shard)
            outcome.replace(listed.folder / "index.html", index.page(listed, results))
    return results


def _make(tasks, machines: Machines, progress, finished) -> None:
    """Make the reports; ``finished`` hears of each."""
    if machines.cluster:
        from salesanalysis.reports.batches.cluster import make_all

        make_all(tasks, machines.cluster, finished=finished)
        return
    from salesanalysis.reports.batches.crew import Crew, make_all

    with tempfile.TemporaryDirectory(prefix="sa-", ignore_cleanup_errors=True) as folder:
        # A parent that forks is worth its start from the second report on.
        with Crew(Path(folder), warm=machines.warm and len(tasks) > 1) as crew:
            workers = machines.workers or cores()
            make_all(tasks, crew, workers=workers, progress=progress, finished=finished)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""The reports of a batch on a Dask cluster that is already there.

Every worker must see the same files under the same paths as the machine that starts the batch, and
have this package installed. Each makes its reports as a batch does on one machine: in processes of
their own, forked from one that has the libraries.
"""

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports.batches.crew import Crew
from salesanalysis.reports.batches.order import Waiting
from salesanalysis.reports.batches.outcome import FAILED, Made
from salesanalysis.reports.batches.plan import Task

#: How long a cluster may take to answer.
TIMEOUT_SECONDS = 10


def make_all(tasks: list[Task], address: str, *, finished) -> None:
    """Make every report on the cluster at an address; ``finished`` hears of each.

    Where Ctrl-C ends it, reports that already run on the cluster are finished by it.

    Raises
    ------
    SalesAnalysisError
        Dask is not installed, or there is no cluster at that address.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise SalesAnalysisError(
            "`cluster` needs Dask: install the extra, `pip install 'salesanalysis[cluster]'`."
        ) from None
    try:
        client = Client(address, timeout=TIMEOUT_SECONDS)
    except (OSError, ValueError, TypeError) as fault:
        raise SalesAnalysisError(f"No Dask cluster answers at `{address}`: {fault}") from None
    with client:
        # Never a result of an earlier batch: the inputs may be others.
        # A parent that forks is worth its start where a worker makes more than a few reports.
        warm = len(tasks) > 2 * len(client.scheduler_info()["workers"])
        waiting, asked = Waiting(tasks), {}

        def submit_ready() -> list:
            here = os.getcwd()
            ready = {
                client.submit(_make_here, t, here, warm, pure=False): t for t in waiting.ready()
            }
            asked.update(ready)
            return list(ready)

        try:
            running = as_completed(submit_ready())
            for future in running:
                finished(_result(asked[future], future))
                waiting.over(asked[future])
                running.update(submit_ready())
        except BaseException:
            client.cancel(list(asked))
            raise


def _result(task: Task, future) -> Made:
    fault = future.exception()
    if fault is None:
        return future.result()
    said = f"The cluster could not make it: {type(fault).__name__}: {fault}"
    return Made(task.name, task.job, FAILED, failure=said, attempts=1)


def _make_here(task: Task, folder: str, warm: bool) -> Made:
    """Make a report on a worker of the cluster."""
    if not Path(folder).is_dir():
        said = f"The worker has no folder `{folder}`; it must see the same files as the batch."
        return Made(task.name, task.job, FAILED, failure=said, attempts=1)
    return _crew(os.getpid(), folder, warm).make(task)


@functools.cache
def _crew(process: int, working_directory: str, warm: bool) -> Crew:
    """The crew of this worker process, started with its first report."""
    folder = Path(tempfile.mkdtemp(prefix="sa-"))
    crew = Crew(folder, warm=warm, working_directory=working_directory)
    crew.__enter__()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(crew.__exit__)
    return crew

"""The process that makes one report of a batch: ``python -m salesanalysis.reports.batches.child``.

It reads its task from the first line of standard input and tells what happens on standard output, a
line of JSON each: ``{"step": [3, 12, "Win rate"]}``, at last ``{"made": true}`` or ``{"failed": …,
"died": …}``. When standard input ends, because the batch was stopped or has died, it gives up: the
kernel is killed, and what was half made is removed.
"""

import dataclasses
import json
import os
import sys
import threading
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports.guard import Limits
from salesanalysis.reports.job import Job


def as_line(job: Job, limits: Limits, warm: str) -> bytes:
    """A task as the line that the process reads."""
    task = {
        "job": dataclasses.asdict(job),
        "limits": dataclasses.asdict(limits),
        "warm": warm,
    }
    return json.dumps(task, default=str).encode() + b"\n"


def _task(line: str) -> tuple[Job, Limits, str]:
    task = json.loads(line)
    asked = task["job"]
    paths = {name: Path(asked[name]) for name in ("notebook", "out", "template") if asked[name]}
    several = {"formats": tuple(asked["formats"]), "beside": tuple(map(tuple, asked["beside"]))}
    job = Job(**{**asked, **paths, **several})
    return job, Limits(**task["limits"]), task["warm"]


def main(arguments: list[str]) -> None:
    """Make the report that standard input asks for."""
    # What a library prints must not stand between the lines.
    told = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    line = sys.stdin.readline()
    if not line:
        return  # stopped before it began
    job, limits, warm = _task(line)
    stop = threading.Event()

    def listen() -> None:
        while os.read(0, 4096):
            pass
        stop.set()

    threading.Thread(target=listen, daemon=True).start()

    def tell(**what) -> None:
        if not stop.is_set():
            told.write(json.dumps(what) + "\n")

    from salesanalysis.reports.compute import ReportFailed
    from salesanalysis.reports.run import execute

    try:
        execute(
            job,
            progress=lambda *step: tell(step=step),
            limits=limits,
            warm=warm,
            stop=stop,
        )
        last = {"made": True}
    except ReportFailed as fault:
        last = {"failed": str(fault), "died": fault.died}
    except SalesAnalysisError as fault:
        last = {"failed": str(fault), "died": False}
    except OSError as fault:
        where = f"`{Path(fault.filename).name}`: " if fault.filename else ""
        last = {"failed": f"{where}{fault.strerror or fault}", "died": False}
    except Exception as fault:
        # Whatever it is, such as a fault of an exporter: it is this report's, and no other's.
        last = {"failed": f"{type(fault).__name__}: {fault}", "died": False}
    # Told in any case: whoever stopped it wants to know that it was made all the same.
    told.write(json.dumps(last) + "\n")
    told.close()


if __name__ == "__main__":
    main(sys.argv[1:])

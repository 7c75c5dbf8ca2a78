"""How fast a room gets its answer: `python benchmarks/workshop/room.py`, with the extra `workshop`.

* from the first line of the notebook to the first picture (target: 5 CPU seconds at most);
* from a turned slider to its picture, tiles and table, tab by tab (0.2 CPU seconds at most).

CPU seconds of this process: the clock of a busy machine says nothing. A missed target is printed,
and is no error: machines differ. The browser adds what it takes to show a PNG of 20 kB.
"""

import statistics
import tempfile
import time

import nbformat

from salesanalysis import reports
from salesanalysis.reports.job import find_notebook

#: So often a slider is turned.
TURNS = 15


def said(what: str, seconds: float, target: float) -> None:
    verdict = "ok" if seconds <= target else f"MISSED, target {target:g}"
    print(f"{what:<40}{seconds:8.3f} CPU s   {verdict}", flush=True)


def main() -> None:
    reports.at_project_root()
    content = nbformat.read(find_notebook("workshop"), as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        begun, names = time.process_time(), {}
        for cell in content.cells:
            if cell.cell_type == "code" and "room" not in cell.metadata.tags:
                exec(cell.source, names)
        from salesanalysis.workshop import Room

        room = Room(names["views"], as_of=names["as_of"], currency="USD", folder=folder)
        said("first picture", time.process_time() - begun, 5.0)
        for at, name in enumerate(names["views"]):
            room._tabs.selected_index = at
            panel, seconds = room.panels[name], []
            for _ in range(TURNS):
                begun = time.process_time()
                panel._follow()
                seconds.append(time.process_time() - begun)
            said(f"a turn, {name}", statistics.median(seconds), 0.2)


if __name__ == "__main__":
    main()

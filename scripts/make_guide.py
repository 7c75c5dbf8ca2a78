"""Write docs/reports.md from the notebooks: what each report asks, shows and takes.

    python scripts/make_guide.py

A test compares the page with the notebooks, so it is run after any change to their titles,
headings or parameters.
"""

import json
import sys
from pathlib import Path

from salesanalysis.reports.parameters import declared, read_cells

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "reports.md"

HEAD = """\
# The reports

<!-- Made by scripts/make_guide.py from the notebooks. -->

Each report is a notebook. A parameter is given by `-p name=value`, in a file of parameters
(`--parameters`) or in a [batch](schedule.md). With a table of your own nothing of the sample is
used, so leave out what you do not have; [inputs.md](inputs.md) says what may come in.
`salesanalysis check --for NAME` with the same parameters says whether a report can be made.
"""

#: Above each command: the gate makes these reports by `make report`.
NOT_RUN = "<!-- not run: `make report` makes the same -->"


def in_english(text: str) -> str:
    """The English half of a heading ``English · 中文``."""
    return text.split(" · ")[0].strip()


def command(name: str, parameters) -> str:
    """The command that makes a report of tables of one's own; it runs on the sample."""
    given = [p for p in parameters if p.type == "str" and str(p.default).startswith("data/")]
    words = [f"-p {p.name}={p.default}" for p in given]
    words += [f"-p {p.name}={p.default}" for p in parameters if p.name == "as_of" and p.default]
    return " \\\n  ".join([f"salesanalysis run {name}", *words])


def table(parameters) -> list[str]:
    """The parameters with what they stand at and what they are."""
    lines = ["| parameter | unless given | |", "| --- | --- | --- |"]
    for one in parameters:
        default = one.default if one.type == "str" and one.default else json.dumps(one.default)
        lines.append(f"| `{one.name}` | `{default}` | {one.comment.replace('|', '&#124;')} |")
    return lines


def section(notebook: Path) -> str:
    """What the page says about one report."""
    cells = read_cells(notebook)
    title, *questions = cells[0]["source"].split("\n")
    headings = [cell["source"] for cell in cells[1:] if cell["source"].startswith("## ")]
    parameters = declared(notebook)
    shown = " · ".join(in_english(heading.removeprefix("## ")) for heading in headings)
    lines = [f"## `{notebook.stem}`: {in_english(title.removeprefix('# '))}", ""]
    lines += [line for line in questions if line.strip() and line.isascii()]
    lines += ["", f"*{shown}*", ""] if shown else [""]
    lines += [NOT_RUN, "```", command(notebook.stem, parameters), "```", "", *table(parameters), ""]
    return "\n".join(lines)


def guide() -> str:
    """The whole page."""
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    listed = (ROOT / "salesanalysis/reports/project/shipped.txt").read_text(encoding="utf-8")
    # The workshop is no report, and what somebody keeps beside ours is not ours.
    ours = [n for n in notebooks if n.name in listed and n.stem != "workshop"]
    return "\n".join([HEAD, *map(section, ours)])


if __name__ == "__main__":
    sys.stdout.write(f"{GUIDE.relative_to(ROOT)}\n")
    GUIDE.write_text(guide(), encoding="utf-8")

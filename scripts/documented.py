"""What README.md and the guides show, as it stands there: commands, Python, files.

Every fenced block of commands or Python is meant to work, in the environment of its file
(:data:`PLACES`), unless a comment directly above it says otherwise::

    <!-- in workshop -->
    <!-- not run: it needs conda -->
    <!-- file: quarterly.yml -->

The last one makes a file of the block that follows, for the commands further down.
"""

import re
import shlex
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: The files that show something, and the environment in which it is to work.
PLACES = {
    "README.md": "base",
    "data/README.md": "base",
    "docs/install.md": "base",
    "docs/inputs.md": "base",
    "docs/schedule.md": "base",
    "docs/workshop.md": "workshop",
    "docs/explore.md": "lab",
    "docs/reports.md": "",
    "salesanalysis/text/en/project/README.md": "own",
}
# The guides in other languages show the same commands (tests/cli/test_project.py).
PLACES |= {
    path.relative_to(ROOT).as_posix(): ""
    for path in sorted(ROOT.glob("salesanalysis/text/*/project/README.md"))
    if path.relative_to(ROOT).as_posix() not in PLACES
}

_BLOCK = re.compile(
    r"(?:^ *<!-- (?P<mark>[^\n]*?) -->\n)?"
    r"^ *```(?P<language>\w*)\n(?P<text>.*?)^ *```$",
    re.M | re.S,
)


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, what it is, where it is to work.

    ``place`` is an environment, empty for a block that is not run. ``kind`` is ``commands``,
    ``python``, or the name of a file that it is.
    """

    file: str
    line: int
    place: str
    kind: str
    text: str

    @property
    def commands(self) -> list[list[str]]:
        """Its commands as words, a line that ends in a backslash joined with the next."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [words for line in lines if (words := shlex.split(line, comments=True))]


def blocks(file: str) -> list[Block]:
    """The blocks of a file that say what to do, in their order.

    Raises
    ------
    ValueError
        A comment above a block says something that is not understood.
    """
    text = (ROOT / file).read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        mark, kind = match["mark"] or "", match["language"] or "commands"
        place = PLACES[file]
        if mark.startswith("not run: "):
            place = ""
        elif mark.startswith("in "):
            place = mark.removeprefix("in ")
        elif mark.startswith("file: "):
            kind = mark.removeprefix("file: ")
        elif mark:
            raise ValueError(f"{file}: `<!-- {mark} -->` is not understood")
        if kind in ("commands", "python") or mark.startswith("file: "):
            line = text.count("\n", 0, match.start("text"))
            content = textwrap.dedent(match["text"])
            found.append(Block(file, line, place, kind, content))
    return found

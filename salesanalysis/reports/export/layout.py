"""Where each thing that a report showed stands on its page, whenever it was shown.

A notebook computes in the order in which things follow from each other; a reader wants the answer
first. So what a :class:`~salesanalysis.reports.Report` displays says which part of the page it is
(:data:`salesanalysis.reports.display.PART`); what a cell shows by itself stays where it was shown.
The other formats lay out its blocks in the same way, so that they tell the same story.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from salesanalysis.reports.blocks import Block

#: What stands on the first screen, in this order.
FIRST = ("lead", "since", "blocking", "tiles", "week", "caution")


@dataclass(frozen=True)
class Piece:
    """One output: its HTML or its block, the part of the page that it is, and its title.

    ``title`` is what a fold is named by.
    """

    shown: Any
    part: str = ""
    title: str = ""


@dataclass
class Section:
    """A part of the page under a heading: pictures and words side by side, its numbers folded."""

    heading: Any = ""
    is_folded: bool = False
    pieces: list[Piece] = field(default_factory=list)

    def shown(self, part: str) -> list:
        """What is of that part, in its order."""
        return [piece.shown for piece in self.pieces if piece.part == part]

    def rows(self) -> list[tuple[list[Piece], list[Piece]]]:
        """Pictures with the words beside them; in a folded section all as it came.

        All that was said stands beside the first picture.
        """
        if self.is_folded:
            return []
        figures = [piece for piece in self.pieces if piece.part == "figure"]
        said = [piece for piece in self.pieces if piece.part == "said"]
        if not figures:
            return [([], said)] if said else []
        return [([figure], said if n == 0 else []) for n, figure in enumerate(figures)]

    def rest(self) -> list[tuple[str, list[Piece]]]:
        """What follows, in its order: ``table``, ``how`` (explanations, joined) or as it came."""
        if self.is_folded:
            return [("", self.pieces)]
        left = [piece for piece in self.pieces if piece.part not in ("figure", "said")]
        how = [piece for piece in left if piece.part == "how"]
        shown = [piece for piece in left if piece.part != "how"]
        parts = [(part, list(group)) for part, group in groupby(shown, lambda piece: piece.part)]
        return [*parts, *([("how", how)] if how else [])]


@dataclass
class Page:
    """A page: its first screen, its sections, and those that are folded to a line at its end."""

    first: dict[str, list[Piece]]
    sections: list[Section]
    folded: list[Section]


def laid_out(pieces: Iterable[Piece]) -> Page:
    """The page of some outputs.

    Examples
    --------
    >>> page = laid_out([Piece("<h2>A</h2>", "section"), Piece("<p>x</p>"), Piece("7", "tiles")])
    >>> [piece.shown for piece in page.first["tiles"]], page.sections[0].heading
    (['7'], '<h2>A</h2>')
    """
    first: dict[str, list[Piece]] = {part: [] for part in FIRST}
    sections = [Section()]
    for piece in pieces:
        if piece.part in first:
            first[piece.part].append(piece)
        elif piece.part in ("section", "fold"):
            sections.append(Section(piece.shown, is_folded=piece.part == "fold"))
        elif piece.part != "title":
            sections[-1].pieces.append(piece)
    return Page(
        first,
        [one for one in sections if not one.is_folded and (one.heading or one.pieces)],
        [one for one in sections if one.is_folded],
    )


def of_blocks(blocks: Iterable[Block]) -> Page:
    """The page of what a report told, for the formats that are not made of its HTML."""
    return laid_out(Piece(block, **block.place) for block in blocks)

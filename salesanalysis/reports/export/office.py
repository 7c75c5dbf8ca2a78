"""What the files of Office have in common: colours, a date, what their XML can hold."""

import datetime
import re

#: A date nobody chose: a file must not say when it was made.
CREATED = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 the format has no time zone

#: XML cannot hold these characters.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

#: The colours of the page on paper, and those of each status.
INK, QUIET, ACCENT, TINT, RULE, GRID = "1D2733", "566270", "1F5F8B", "F4F6F8", "C9D1D9", "E3E3E3"
STATUS = {"good": "1B6B45", "watch": "855800", "act": "B3261E", "none": QUIET}


def clean(said: str) -> str:
    """A text that XML can hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", said)

"""What a terminal shows: progress, aligned tables, text that can do it no harm; its signals."""

import codecs
import contextlib
import shutil
import signal
import sys
import threading
import unicodedata
from collections.abc import Iterator

#: Signs of our sentences, as a console shows them that has only ASCII or one old code page.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("–—−", "-"), **dict.fromkeys("‘’", "'"), **dict.fromkeys("“”„", '"'),
        "…": "...", "·": "-", "→": "->", "≥": ">=", "≤": "<=", "×": "x", "±": "+/-", "█": "#",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\ufffd": "?",
        "，": ", ", "。": ". ", "：": ": ", "；": "; ", "（": "(", "）": ")", "、": ", ",
    }
)  # fmt: skip
_WITHOUT_LOSS = "salesanalysis.console"


def any_console() -> None:
    """Let standard output and error take every text, whatever signs the console has.

    What it has not is shown by plain signs where these say the same, else by its number
    (``\\u8d62``), so that nothing that a message names is lost.
    """
    codecs.register_error(_WITHOUT_LOSS, _shown_plainly)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_WITHOUT_LOSS)


def _shown_plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_PLAIN)
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end


class ProgressBar:
    """Progress on standard error: one line that moves on a terminal, plain lines elsewhere."""

    _WIDTH = 24

    def __init__(self, stream=None):
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._shown = None

    @property
    def moves(self) -> bool:
        """Whether it is a line that moves, and not one more line for each step."""
        return self._terminal

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def show(self, name: str, done: int, count: int, label: str) -> None:
        """Say how far it is: ``done`` of ``count``, at ``label``."""
        label = printable(label)
        if self._terminal:
            filled = round(self._WIDTH * done / max(count, 1))
            bar = "█" * filled + "·" * (self._WIDTH - filled)
            line = f"{name} {bar} {done:,}/{count:,} {label}"
            columns = shutil.get_terminal_size().columns
            self._stream.write("\r\x1b[K" + cut(line, columns - 1))
        elif (name, label) != self._shown:
            self._stream.write(f"{name} {done:,}/{count:,} {label}\n")
        self._shown = (name, label)
        self._stream.flush()

    def close(self) -> None:
        """Clear the moving line, so that what follows begins on a clean one."""
        if self._terminal and self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._shown = None


def printable(said: str, keep: str = "") -> str:
    """A text without control characters, which a data file could send to the terminal.

    Examples
    --------
    >>> printable("a\\x1b[2Jb")
    'a�[2Jb'
    """
    return "".join(c if c in keep or unicodedata.category(c) != "Cc" else "\ufffd" for c in said)


def width(said: str) -> int:
    """How many columns of a terminal a text takes; a Chinese character takes two.

    Examples
    --------
    >>> width("阶段 S")
    6
    """
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in said)
    return len(said) + wide - sum(unicodedata.combining(c) > 0 for c in said)


def cut(said: str, columns: int) -> str:
    """A text cut to so many columns of a terminal, with an ellipsis where something is missing.

    Examples
    --------
    >>> cut("阶段停留时间", 8)
    '阶段停…'
    """
    if width(said) <= columns:
        return said
    while said and width(said) > columns - 1:
        said = said[:-1]
    return said + "…"


def aligned(rows, most: int = 60) -> list[str]:
    """Rows of texts as lines with their columns under each other.

    Examples
    --------
    >>> aligned([("阶段", "n"), ("A", "12")])
    ['阶段  n', 'A     12']
    """
    # The last column may run on: nothing stands behind it.
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    cells = [[*(cut(cell, most) for cell in row[:-1]), cut(row[-1], 3 * most)] for row in cells]
    widths = [max(width(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def complain(fault) -> None:
    """Say on standard error what went wrong, without any password."""
    from salesanalysis.masking import mask_secrets

    if isinstance(fault, OSError):
        where = f"`{fault.filename}`: " if fault.filename else ""
        fault = f"{where}{fault.strerror or fault}"
    said = printable(mask_secrets(str(fault)), keep="\n")
    print(f"salesanalysis: {said}", file=sys.stderr)


class Terminated(KeyboardInterrupt):
    """SIGTERM came: what a scheduler sends, to be obeyed in the same order as Ctrl-C."""


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Turn SIGTERM into :class:`Terminated` for the time of the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_):
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

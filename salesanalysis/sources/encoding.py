"""Which encoding a text file has, proved by decoding all of it: no guess may garble a name."""

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from salesanalysis.sources.faults import FatalFaults, Fault, Place

_CHUNK = 1 << 20
#: Encodings in which a line is shown where nobody can tell its own.
_SHOWN = ("cp1252", "big5", "shift_jis")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Scan:
    """What one pass over the bytes of a file tells; ``encoding`` is empty where it is not UTF-8."""

    fingerprint: str
    encoding: str
    lines: int
    lone_returns: int
    marks: int = 0  # of byte order, of UTF-8; more than one where files were put together


def marked(head: bytes) -> str:
    """The encoding that a file's first bytes promise by a mark; empty where there is none."""
    return next((name for mark, name in _BOMS if head.startswith(mark)), "")


def scan(path: Path) -> Scan:
    """One pass over the file: fingerprint, UTF-8 or not, physical lines."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, size, nuls, newlines, returns, pairs, last = "utf-8", 0, 0, 0, 0, 0, b""
    marks, edge = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if not size:
                encoding = marked(chunk) or encoding
            digest.update(chunk)
            size += len(chunk)
            nuls += chunk.count(b"\0")
            newlines += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            marks += chunk.count(codecs.BOM_UTF8) + (edge + chunk[:2]).count(codecs.BOM_UTF8)
            edge = chunk[-2:]
            pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
            if encoding.startswith("utf-8"):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    encoding = ""
            last = chunk[-1:]
    if encoding.startswith("utf-8"):
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            encoding = ""
    if encoding == "utf-8" and nuls > size / 5:
        encoding = ""  # UTF-16 without its mark: every other byte of plain text is zero
    lines = newlines + (last != b"\n")
    return Scan("sha256:" + digest.hexdigest(), encoding, lines, returns - pairs, marks)


def chinese_encoding(path: Path) -> str:
    """``gb18030`` for a file that is not UTF-8; fatal where it is not that either, or mixed.

    Other encodings decode as GB18030 too, into rare characters, many of them with a second byte
    below 0x80. Most characters of simplified Chinese are among the 3,755 common ones, with a second
    byte above; a file where they are not is refused, not garbled. Characters count once, however
    often they come: a column of three words must not decide.
    """
    utf8_line = other_line = None
    other = b""
    seen: set[str] = set()
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.isascii():
                if b"\0" in line:
                    raise _unknown(number, line)
                continue
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                if not other_line:
                    other_line, other = number, line
                try:
                    text = line.decode("gb18030")
                except UnicodeDecodeError:
                    raise (
                        _mixed(number, utf8_line) if utf8_line else _unknown(number, line)
                    ) from None
                seen.update(text)
            else:
                # One or two GBK characters can look like UTF-8; two of UTF-8's own Chinese cannot.
                if sum("\u4e00" <= character <= "\u9fff" for character in text) >= 2:
                    utf8_line = utf8_line or number
    if utf8_line:
        raise _mixed(other_line, utf8_line)
    seen = {character for character in seen if not character.isascii()}
    common = sum(map(_is_common, seen))
    low = sum(character.encode("gb18030")[1] < 0x80 for character in seen)
    if common < len(seen) / 2 or low > max(1, len(seen) / 8):
        raise _unknown(other_line, other)
    return "gb18030"


def _mixed(line: int, utf8_line: int) -> FatalFaults:
    values = {"line": Place(line), "utf8_line": Place(utf8_line)}
    return FatalFaults(Fault("mixed_encoding", values=values))


def _unknown(number: int, line: bytes) -> FatalFaults:
    """The fault of a file with that line, shown as it would read in other encodings."""
    shown = []
    for name in _SHOWN:
        try:
            text = line.decode(name).strip()
        except UnicodeDecodeError:
            continue
        first = next((i for i, character in enumerate(text) if not character.isascii()), 0)
        shown.append(f"{name}: {text[max(first - 10, 0) : first + 10]}")
    values = {"line": Place(number)}
    return FatalFaults(Fault("unknown_encoding", example="; ".join(shown), values=values))


def _is_common(character: str) -> bool:
    """Whether a character is a common one of GB 2312, or one of its signs."""
    code = character.encode("gb18030")
    is_sign, is_common = 0xA1 <= code[0] <= 0xA9, 0xB0 <= code[0] <= 0xD7
    return len(code) == 2 and code[1] >= 0xA1 and (is_sign or is_common)


def transcode(path: Path, encoding: str, target: Path) -> None:
    """A copy of the file in UTF-8."""
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    with path.open("rb") as read, target.open("w", encoding="utf-8", newline="") as write:
        while True:
            chunk = read.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].decode(error.encoding, "ignore").count("\n")
                values = {"line": Place(line), "encoding": encoding.upper()}
                raise FatalFaults(Fault("not_that_encoding", values=values)) from error
            write.write(text)
            line += text.count("\n")
            if not chunk:
                return

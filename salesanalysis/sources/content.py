"""What a file is, told by its bytes: an ending is what somebody typed."""

import contextlib
import errno
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from salesanalysis.sources.encoding import marked
from salesanalysis.sources.faults import FatalFaults, Fault, Said

#: How much of a file is looked at.
_HEAD = 1 << 16

#: Endings that a file of each kind may have; the kinds that can be read.
ENDINGS = {
    "text": (".csv", ".tsv", ".txt"),
    "xlsx": (".xlsx", ".xlsm"),
    "xls": (".xls",),
    "xlsb": (".xlsb",),
    "ods": (".ods",),
    "parquet": (".parquet", ".pq"),
    "html": (".html", ".htm"),
    "mhtml": (".mht", ".mhtml"),
    "xml_spreadsheet": (".xml",),
    "gzip": (".gz",),
    "bzip2": (".bz2",),
    "xz": (".xz",),
    "zip": (".zip",),
}
#: Kinds by what reads them.
WORKBOOKS = ("xlsx", "xls", "xlsb", "ods")
MARKUP = ("html", "mhtml", "xml_spreadsheet")
PACKED = ("gzip", "bzip2", "xz", "zip")

#: First bytes → kind.
_MARKS = (
    (b"PAR1", "parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"%PDF", "pdf"),
    (b"SQLite format 3\0", "database"),
    (b"{\\rtf", "document"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"ARROW1", "data_file"),
    (b"Obj\x01", "data_file"),
    (b"ORC", "data_file"),
    (b"$FL2", "data_file"),
    (b"\x89HDF", "data_file"),
)
_HTML = re.compile(r"<(!doctype html|html|head|meta|body|table|thead|tbody|tr|div|style|script)\b")
_XML_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
#: Text that begins as no table does.
_MAIL = re.compile(r"(mime-version:|content-type: *multipart|from:[^\n]*\n(.*\n)*?mime-version:)")
_JSON = re.compile(r'(\{\s*("|\})|\[\s*(\{|\[|"|\]))')
_SYLK = re.compile(r"id;p[^\n]*\r?\n[bcfop];")
_DIF = re.compile(r"table\r?\n0,1")
_BINARY = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")

#: What to do with a file that cannot be read, where it is not to export it once more.
_TO_DO = {"database": "database", "archive": "unpack", "html": "page"}


#: What reading a damaged file raises; an encrypted member is a RuntimeError.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError),
    *(expat.ExpatError, LookupError, ValueError),
)


@dataclass(frozen=True)
class Content:
    """What a file is, and whether its ending says so."""

    kind: str
    as_named: bool

    @property
    def notes(self) -> list[Fault]:
        """What there is to say of a file that is read as something else than its ending says."""
        if self.as_named:
            return []
        values = {"what": Said(f"content.{self.kind}")}
        return [Fault("not_its_ending", example=self.kind, values=values)]


def content_of(path: Path) -> Content:
    """What a file is; one that is empty or says nothing is what its ending says."""
    named = kind_of_ending(path.suffix)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    kind = _kind(path, head, named) if head else named
    return Content(kind, kind == named)


def kind_of_ending(suffix: str) -> str:
    """The kind that an ending stands for; empty for an ending that is not known."""
    return next((kind for kind, known in ENDINGS.items() if suffix.lower() in known), "")


def not_readable(kind: str) -> FatalFaults:
    """The fault of a file of a kind that cannot be read."""
    values = {
        "what": Said(f"content.{kind}"),
        "to_do": Said(f"to_do.{_TO_DO.get(kind, 'export')}"),
    }
    return FatalFaults(Fault("other_kind_of_file", example=kind, values=values))


def damaged(kind: str) -> FatalFaults:
    """The fault of a file that is begun as its kind is, and cannot be read to its end."""
    return FatalFaults(
        Fault("unreadable_file", example=kind, values={"what": Said(f"content.{kind}")})
    )


@contextlib.contextmanager
def whole(kind: str) -> Iterator[None]:
    """Turn what reading a damaged archive or XML raises into the fault that it is."""
    try:
        yield
    except _BROKEN as error:
        raise damaged(kind) from error
    except OSError as error:
        # A position that cannot be, or too few bytes; anything else is the disk's.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise damaged(kind) from error


def _kind(path: Path, head: bytes, named: str) -> str:
    for mark, kind in _MARKS:
        if head.startswith(mark):
            encrypted = kind == "xls" and named != "xls" and _is_encrypted(path)
            return named if encrypted else kind
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path, named)
    if head[8:12] == b"DUCK":
        return "database"
    if not marked(head) and _BINARY.search(head):
        return named  # damaged, or a text with a zero byte: who reads it says so
    return _kind_of_text(head)


def _kind_of_text(head: bytes) -> str:
    text = head.decode(marked(head) or "utf-8", "replace").replace("\0", "")
    text = text.lstrip(" \t\r\n\ufeff\u200b").lower()
    if text.startswith("<"):
        if _XML_SPREADSHEET in text:
            return "xml_spreadsheet"
        return "html" if _HTML.search(text) else "xml"
    shapes = ((_MAIL, "mhtml"), (_JSON, "json"), (_SYLK, "old_table"), (_DIF, "old_table"))
    return next((kind for shape, kind in shapes if shape.match(text)), "text")


def _is_encrypted(path: Path) -> bool:
    """Whether a workbook of today lies encrypted in the file, as one with a password does."""
    return "EncryptedPackage".encode("utf-16-le") in path.read_bytes()


def _kind_of_zip(path: Path, named: str) -> str:
    """Workbooks of today, OpenDocument and others are ZIP archives of their parts."""
    try:
        with whole("zip"), zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mime = archive.read("mimetype")[:80] if "mimetype" in names else b""
    except FatalFaults:
        return named if named in (*WORKBOOKS, "zip") else "zip"
    if b"opendocument.spreadsheet" in mime:
        return "ods"
    if b"opendocument" in mime:
        return "document"
    if "[Content_Types].xml" not in names:
        return "numbers" if any(name.endswith(".iwa") for name in names) else "zip"
    folders = {name.partition("/")[0] for name in names}
    if "word" in folders or "ppt" in folders:
        return "document"
    return "xlsb" if "xl/workbook.bin" in names else "xlsx"

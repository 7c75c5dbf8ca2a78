"""A file that is packed alone, as ``deals.csv.gz`` is: unpacked into the session's folder."""

import bz2
import gzip
import lzma
import zipfile
from pathlib import Path

from salesanalysis.sources import loading
from salesanalysis.sources.content import PACKED, content_of, not_readable, whole
from salesanalysis.sources.encoding import scan
from salesanalysis.sources.faults import FatalFaults, Fault
from salesanalysis.sources.locating import Located
from salesanalysis.sources.raw import Raw
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import temporary_file

_OPENERS = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
_CHUNK = 1 << 20
#: So much is unpacked and no more: a packed file of a few kilobytes can fill a disk.
MOST_BYTES = 8 << 30
_LISTED = 5


def load(located: Located, ask: Request) -> Raw:
    """The file within, by what it is."""
    (path,) = located.paths
    inner, note = unpacked(path, located.kind)
    kind = content_of(inner).kind
    if kind in PACKED:
        raise not_readable("archive")
    raw = loading.load(Located(kind, located.shown, (inner,)), ask)
    return raw.told([note], scan(path).fingerprint)


def unpacked(path: Path, kind: str) -> tuple[Path, Fault]:
    """The file within, and a note that says which it is.

    Raises
    ------
    FatalFaults
        There is not one file within, it is too large, or the packing is damaged.
    """
    with whole(kind):
        if kind == "zip":
            return _from_zip(path)
        inner = path.stem if path.suffix.lower() in (".gz", ".bz2", ".xz") else path.name
        with _OPENERS[kind](path, "rb") as packed:
            return _copied(packed, inner)


def _from_zip(path: Path) -> tuple[Path, Fault]:
    with zipfile.ZipFile(path) as archive:
        members = [
            info
            for info in archive.infolist()
            if not info.is_dir()
            and not info.filename.startswith("__MACOSX/")
            and not Path(info.filename).name.startswith(".")
        ]
        if any(info.flag_bits & 1 for info in members):
            raise FatalFaults(Fault("password_protected"))
        if len(members) != 1:
            names = ", ".join(f"`{info.filename}`" for info in members[:_LISTED])
            names += ", …" if len(members) > _LISTED else ""
            raise FatalFaults(Fault("packed_files", count=len(members), example=names or "–"))
        with archive.open(members[0]) as packed:
            return _copied(packed, Path(members[0].filename).name)


def _copied(packed, inner: str) -> tuple[Path, Fault]:
    target = temporary_file(Path(inner).suffix or ".csv")
    size = 0
    with target.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                file.close()
                target.unlink()
                raise FatalFaults(Fault("unpacks_too_large", example=inner))
            file.write(chunk)
    return target, Fault("unpacked", example=inner)

"""What files of papers are called, whatever the names of those they are for."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

#: What no file's name may hold on Windows; and what is hard to type or see.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\s]+')

#: Names that Windows keeps for devices, with whatever ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)

#: The longest name, in bytes: a path on Windows has 260 signs, a name on Linux 255 bytes.
_LONGEST = 80


def file_stems(names: Iterable[str]) -> dict[str, str]:
    """A file's name without ending for each name, safe on every system and no two alike.

    Letters of every alphabet stay. What had to be changed, and what differs from another only by
    case or in how its letters are composed, gets a digest of the name behind it.

    Examples
    --------
    >>> file_stems(["R001", "王 伟", "a/b", "x", "X", "nul"])
    {'R001': 'R001', '王 伟': '王_伟-3eb9e7', 'a/b': 'a_b-c14cdd', 'x': 'x-2d7116', 'X': 'X-4b68ab', 'nul': 'nul_-99e624'}
    """  # noqa: E501
    wanted = dict.fromkeys(names)
    plain = {name: _plain(name) for name in wanted}
    alike = Counter(_folded(stem) for stem in plain.values())
    return {
        name: stem if stem == name and alike[_folded(stem)] == 1 else f"{stem}-{_digest(name)}"
        for name, stem in plain.items()
    }


def _plain(name: str) -> str:
    kept = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name)).strip("._")
    kept = kept.encode()[:_LONGEST].decode(errors="ignore").rstrip("._")
    # A device's name stays one whatever is put behind a point, not behind a dash.
    return _DEVICES.sub(lambda found: found[0].replace(".", "_") + "_", kept) or "_"


def _folded(stem: str) -> str:
    return unicodedata.normalize("NFKC", stem).casefold()


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:6]

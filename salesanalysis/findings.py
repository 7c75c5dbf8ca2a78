"""What a run found, before it is put into words: the name of a sentence and the numbers in it.

A family decides which findings apply and with which numbers; :mod:`salesanalysis.text` has the
sentences, ``<part>.headline.<name>``, in every language; a report says them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One finding: ``name`` chooses the sentence, ``values`` are the raw numbers it takes."""

    name: str
    values: Mapping[str, object] = field(default_factory=dict)

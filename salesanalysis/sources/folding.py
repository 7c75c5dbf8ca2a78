"""Texts as they are compared, whatever the hand or the system that wrote them."""

import functools
import unicodedata

from salesanalysis.sources.aliases.traditional import simplified


@functools.lru_cache(maxsize=1 << 16)
def folded(text: str) -> str:
    """A text without case, width and accents, its traditional Chinese characters simplified.

    Nor with signs that show nothing, such as a soft hyphen or a mark of byte order.

    Examples
    --------
    >>> folded("Date de Clôture"), folded("ＩＤ"), folded("商機編號"), folded("déc.")
    ('date de cloture', 'id', '商机编号', 'dec.')
    """
    apart = unicodedata.normalize("NFKD", text.casefold()).casefold()
    shown = "".join(
        sign
        for sign in apart
        if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf"
    )
    return simplified(unicodedata.normalize("NFKC", shown)).replace("ı", "i").strip()

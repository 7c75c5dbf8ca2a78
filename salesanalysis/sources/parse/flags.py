"""Yes and no."""

from salesanalysis.sources.parse.sighted import Reading
from salesanalysis.sources.parse.text import among, narrow

_TRUE = ("true", "t", "yes", "y", "1", "1.0", "是", "对", "√", "✓", "必赢", "真")
_FALSE = ("false", "f", "no", "n", "0", "0.0", "否", "×", "非必赢", "假")


def reading(text: str) -> Reading:
    """How a column of flags is read."""
    low = f"lower({narrow(text)})"
    return Reading(
        f"CASE WHEN {low} IN {among(_TRUE)} THEN true WHEN {low} IN {among(_FALSE)} THEN false END"
    )

"""Results that show themselves by their summary, in a notebook and in a terminal."""

import html


class Summarised:
    """A result with a method ``summary()``: what it holds beside that can be very long.

    A dataclass that is one says ``repr=False``, else it would list all its fields after all.

    Examples
    --------
    >>> import pandas as pd
    >>> class Mean(Summarised):
    ...     def summary(self):
    ...         return pd.DataFrame({"name": ["mean"], "value": [2.5], "unit": ["days"]})
    >>> Mean()
    Mean
       name  value  unit
    0  mean    2.5  days
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}\n{self.summary()}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(type(self).__name__)}</p>{self.summary()._repr_html_()}"

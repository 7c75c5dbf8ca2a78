"""What every picture is: drawn in the package's style, of the table that its function makes."""

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.plots import style

_Given = ParamSpec("_Given")
_Drawn = TypeVar("_Drawn")

#: How the text of a picture says what makes each of its tables, below the parameter's own line.
_MADE_BY = re.compile(
    r"^(\w+)[^\n]*\n +(?:One row as|As) from (?::\w+:)?`+(?:salesanalysis\.)?([\w.]+)", re.M
)


def picture(draw: Callable[_Given, _Drawn]) -> Callable[_Given, _Drawn]:
    """Draw in the style; of another table say which function makes the right one.

    Examples
    --------
    >>> from salesanalysis import plots
    >>> plots.funnel.ageing(pd.DataFrame({"owner_id": ["a"]}))
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `plots.funnel.ageing` finds no `position`: expected as `table` what `funnel.ageing` makes; this one has the columns owner_id.
    """  # noqa: E501

    @functools.wraps(draw)
    def drawn(*data: _Given.args, **settings: _Given.kwargs) -> _Drawn:
        given = inspect.signature(draw).bind(*data, **settings).arguments
        _require_frames(draw, given)
        try:
            with style.use():
                return draw(*data, **settings)
        except KeyError as missing:
            refused = _wrong_table(draw, given, missing)
            if refused is None:
                raise
            raise refused from missing

    return drawn


def _require_frames(draw: Callable, given: Mapping[str, object]) -> None:
    """Refuse what is no table where one is expected."""
    kinds = inspect.get_annotations(draw)
    for name, one in given.items():
        if kinds.get(name) is pd.DataFrame and not isinstance(one, pd.DataFrame):
            maker = _makers(draw).get(name)
            expected = f"the table that `{maker}` makes" if maker else "a DataFrame"
            raise SalesAnalysisError(
                f"`{name}` of `{_name(draw)}` is {type(one).__name__}; expected {expected}."
            )


def _wrong_table(
    draw: Callable, given: Mapping[str, object], missing: KeyError
) -> SalesAnalysisError | None:
    """What to say where a column is missing; nothing where the fault is another one."""
    frames = {name: one for name, one in given.items() if isinstance(one, pd.DataFrame)}
    wanted = _missed(missing)
    lacking = {name: one for name, one in frames.items() if not set(wanted) <= set(one.columns)}
    makers = {name: maker for name, maker in _makers(draw).items() if name in lacking}
    if not makers:
        return None
    expected = ", ".join(f"as `{name}` what `{maker}` makes" for name, maker in makers.items())
    there = "; ".join(", ".join(map(str, lacking[name].columns)) for name in makers)
    return SalesAnalysisError(
        f"`{_name(draw)}` finds no {', '.join(f'`{one}`' for one in wanted)}: expected {expected};"
        f" this one has the columns {there}."
    )


def _missed(missing: KeyError) -> list[str]:
    """The names of columns that pandas did not find, in whichever way it says so."""
    key = missing.args[0] if missing.args else ""
    if isinstance(key, pd.Index):
        return [str(name) for name in key]
    if isinstance(key, str) and key.endswith(("not in index", "in the [columns]")):
        return re.findall("'([^']+)'", key.partition("dtype")[0])
    return [str(key)]


def _makers(draw: Callable) -> dict[str, str]:
    """Which function makes each table, by the name of the parameter, as the docstring says."""
    return dict(_MADE_BY.findall(inspect.getdoc(draw) or ""))


def _name(draw: Callable) -> str:
    family = draw.__module__.split(".")[2]
    return f"plots.{family}.{draw.__name__}"

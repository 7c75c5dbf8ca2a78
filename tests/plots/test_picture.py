"""A picture that is given another table says which function makes the right one."""

import inspect

import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, plots
from salesanalysis.plots import picture

FAMILIES = [name for name in plots.__all__ if name != "style"]
PICTURES = [(family, name) for family in FAMILIES for name in getattr(plots, family).__all__]


@pytest.mark.parametrize(("family", "name"), PICTURES)
def test_another_table_is_refused_with_the_function_that_makes_the_right_one(family, name):
    draw = getattr(getattr(plots, family), name)
    makers = picture._makers(draw)
    first, kind = next(iter(inspect.get_annotations(draw).items()))
    if kind is not pd.DataFrame:
        return  # such as the result of `optimise`, which is an object with its own name
    assert first in makers, f"the text of `{family}.{name}` says no maker of `{first}`"
    others = {
        other: pd.DataFrame({"weeks": [1.0]})
        for other, one in inspect.signature(draw).parameters.items()
        if one.default is one.empty and one.annotation is pd.DataFrame and other != first
    }
    with pytest.raises(SalesAnalysisError) as refused:
        draw(pd.DataFrame({"of another": ["a"]}), **others)
    assert makers[first] in str(refused.value) and "of another" in str(refused.value)
    with pytest.raises(SalesAnalysisError, match=f"`{first}` of `plots.{family}.{name}` is dict"):
        draw({}, **others)


def test_each_maker_is_there():
    for family, name in PICTURES:
        for maker in picture._makers(getattr(getattr(plots, family), name)).values():
            assert maker[0].isupper() or maker.split(".")[0] == family, (name, maker)


def test_pandas_says_in_three_ways_what_it_did_not_find():
    table, found = pd.DataFrame({"a": [1]}), []
    for wanted in ("b", ["a", "b"], ["b", "c"]):
        with pytest.raises(KeyError) as missing:
            table[wanted]
        found.append(picture._missed(missing.value))
    with pytest.raises(KeyError) as missing:
        table.sort_values("b")
    assert [*found, picture._missed(missing.value)] == [["b"], ["b"], ["b", "c"], ["b"]]


def test_a_fault_of_another_kind_keeps_its_name():
    @picture.picture
    def draw(table: pd.DataFrame) -> None:
        """Nothing.

        Parameters
        ----------
        table : DataFrame
            As from :func:`salesanalysis.funnel.months`.
        """
        {}["a"]

    with pytest.raises(KeyError, match="a"):
        draw(pd.DataFrame({"a": [1]}))

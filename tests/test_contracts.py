"""What every public function of a family that takes a table keeps to, whatever it computes.

It leaves its input as it is, does not care for the order of the rows, gives a table without a row
or says in words why not, and names a column that is missing. What it is called with says
``arguments()`` in ``tests/<family>/contract.py``: values by the names of parameters, and under
``function.parameter`` what a name means in one function only.
"""

import copy
import functools
import importlib.util
import inspect
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pandas as pd
import pytest
from syntax import PACKAGE, ROOT

import salesanalysis
from salesanalysis import SalesAnalysisError
from salesanalysis.known import Known

CONTRACTS = {path.parent.name: path for path in sorted(ROOT.glob("tests/*/contract.py"))}
REQUIRED = inspect.Parameter.empty


@functools.cache
def given(family: str) -> dict:
    """What the functions of a family are called with."""
    spec = importlib.util.spec_from_file_location(f"contract_{family}", CONTRACTS[family])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.arguments()


def parameters(family: str, name: str) -> list[inspect.Parameter]:
    function = getattr(getattr(salesanalysis, family), name)
    return list(inspect.signature(function).parameters.values())


def may_be_a_table(parameter: inspect.Parameter) -> bool:
    """Whether a parameter says that it is a table or what is known."""
    said = str(parameter.annotation)
    return any(kind in said for kind in ("DataFrame", "HasColumns", "Known"))


def public_functions() -> list[tuple[str, str]]:
    """Family and name of every public function that takes a table."""
    return [
        (family, name)
        for family in CONTRACTS
        for name in getattr(salesanalysis, family).__all__
        if inspect.isfunction(getattr(getattr(salesanalysis, family), name))
        and any(map(may_be_a_table, parameters(family, name)))
    ]


def unchanged(where: str, table: pd.DataFrame) -> pd.DataFrame:
    return table


def arguments(family: str, name: str, change=unchanged) -> tuple[list, dict]:
    """What a function is called with, by place and by name, its tables changed."""
    positional, named = [], {}
    for one in parameters(family, name):
        key = next((k for k in (f"{name}.{one.name}", one.name) if k in given(family)), None)
        needed = one.default is REQUIRED or may_be_a_table(one)
        assert key or not needed, f"tests/{family}/contract.py says no `{one.name}` for {name}"
        if key:
            value = changed(given(family)[key], change, one.name)
            if one.kind in (one.POSITIONAL_ONLY, one.VAR_POSITIONAL):
                positional.append(value)
            else:
                named[one.name] = value
    return positional, named


def call(family: str, name: str, change=unchanged):
    """What a function returns when its tables are changed."""
    positional, named = arguments(family, name, change)
    return getattr(getattr(salesanalysis, family), name)(*positional, **named)


@functools.cache
def usual(family: str, name: str):
    """What a function returns for its tables, which it leaves as they are."""
    before = copy.deepcopy(tables_of(family, name))
    result = call(family, name)
    for where, table in tables_of(family, name).items():
        pd.testing.assert_frame_equal(table, before[where], obj=f"the argument `{where}`")
    return result


def changed(value, change, where: str):
    """A table, or what is known, with a change made to each table in it; all else as it is."""
    if isinstance(value, pd.DataFrame):
        return change(where, value)
    if isinstance(value, Known):
        inner = {k: changed(v, change, f"{where}.{k}") for k, v in vars(value).items()}
        return replace(value, **inner)
    return value


def tables_of(family: str, name: str) -> dict[str, pd.DataFrame]:
    """The tables that a function is called with, such as ``known.deals``."""
    found = {}
    arguments(family, name, lambda where, table: found.setdefault(where, table))
    return found


def in_some(wheres: list[str], change):
    """A change that is made to some of the tables only."""
    return lambda where, table: change(table) if where in wheres else table


def assert_same(one, other, sort: bool, where: str = "the result") -> None:
    """Two results say the same, numbers to 6 digits; rows in any order if they are sorted here."""
    if isinstance(one, pd.DataFrame):
        if sort and len(one.columns):
            by = {"by": list(one.columns), "key": lambda column: column.map(repr)}
            one, other = one.sort_values(**by), other.sort_values(**by)
        one, other = one.reset_index(drop=True), other.reset_index(drop=True)
        pd.testing.assert_frame_equal(one, other, rtol=1e-6, obj=where)
    elif isinstance(one, pd.Series | pd.Index):
        assert_same(one.to_frame(), other.to_frame(), sort, where)
    elif isinstance(one, np.ndarray):
        assert_same(pd.DataFrame(one), pd.DataFrame(other), False, where)
    elif hasattr(one, "summary"):
        assert_same(one.summary(), other.summary(), sort, where)
    elif is_dataclass(one):
        for each in (field.name for field in fields(one)):
            assert_same(getattr(one, each), getattr(other, each), sort, f"{where}.{each}")
    elif isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            assert_same(one[key], other[key], sort, f"{where}[{key!r}]")
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), where
        for at, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, sort, f"{where}[{at}]")
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-6, nan_ok=True), where
    elif not callable(one):
        assert one == other or (pd.isna(one) and pd.isna(other)), where


each_function = pytest.mark.parametrize(("family", "name"), public_functions())


@each_function
def test_the_input_is_left_as_it_is_and_the_order_of_its_rows_does_not_matter(family, name):
    result = usual(family, name)
    mixed = call(family, name, lambda where, table: table.sample(frac=1, random_state=3))
    function = getattr(getattr(salesanalysis, family), name)
    # What says so gives rows in the order of those that it got.
    sort = "in the order of the rows given" in " ".join(function.__doc__.split())
    assert_same(result, mixed, sort)


@each_function
def test_tables_without_a_row_give_a_result_or_a_sentence(family, name):
    result, tables = usual(family, name), tables_of(family, name)
    for bare in [*([table] for table in tables), list(tables)]:
        try:
            found = call(family, name, in_some(bare, lambda table: table[:0]))
        except SalesAnalysisError as refusal:
            assert str(refusal).endswith((".", ")"))
        else:
            assert type(found) is type(result), bare
            if isinstance(found, pd.DataFrame):
                assert list(found.columns) == list(result.columns), bare


def refusal(family: str, name: str, where: str, lacking: list[str]) -> str | None:
    """What a function says of a table that lacks columns; nothing where it does without them."""
    # Of what is known a table without any column was not given.
    other = {"other": 0} if "." in where else {}
    less = in_some([where], lambda table: table.drop(columns=lacking).assign(**other))
    try:
        call(family, name, less)
    except SalesAnalysisError as said:
        return str(said)
    return None


@each_function
def test_a_column_that_is_missing_is_named(family, name):
    for where, table in tables_of(family, name).items():
        # Without any column the first are named; with those back the next, until there are enough.
        lacking = list(table)
        while said := refusal(family, name, where, lacking):
            named = [column for column in lacking if f"`{column}`" in said]
            assert named, f"{said} ({where} lacks {', '.join(lacking)})"
            lacking = [column for column in lacking if column not in named]
        for column in set(table) - set(lacking):
            said = refusal(family, name, where, [column])
            assert said is None or f"`{column}`" in said, f"{said} ({where} lacks {column})"


@pytest.mark.parametrize("family", CONTRACTS)
def test_a_parameter_that_takes_a_table_says_so(family):
    module, silent = getattr(salesanalysis, family), []
    for name in filter(lambda name: inspect.isfunction(getattr(module, name)), module.__all__):
        for one in parameters(family, name):
            value = given(family).get(f"{name}.{one.name}", given(family).get(one.name))
            if isinstance(value, pd.DataFrame | Known) and not may_be_a_table(one):
                silent.append(f"{name}({one.name})")
    assert silent == []


def test_every_family_says_what_its_functions_are_called_with():
    homes = (PACKAGE / "reduce").glob("*/__init__.py")
    assert list(CONTRACTS) == sorted(home.parent.name for home in homes)

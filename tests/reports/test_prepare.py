"""What is refused before anything runs: parameters, notebooks, folders. No kernel is started."""

import json

import pytest
from trial import write_notebook

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import folders
from salesanalysis.reports.compute import import_papermill, require_papermill_agrees
from salesanalysis.reports.parameters import Parameter, declared, parse
from salesanalysis.reports.request import prepare


def test_parameters_are_read_with_type_default_and_comment(workplace):
    found = declared(workplace / "notebooks" / "trial.ipynb")
    assert found[0] == Parameter("name", "str", "nobody", "whose deals, a # too", 1)
    assert [(p.name, p.type, p.default) for p in found[1:]] == [
        ("n", "int", 3),
        ("rate", "float", 0.5),
        ("must_win", "bool", False),
        ("by", "list", []),
        ("settings", "dict", {}),
        ("lang", "str", "en"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("by: str | None = None", "`str | None` is not a plain type"),
        ('by: Literal["a"] = "a"', "is not a plain type"),
        ("by = 1", "not an annotated assignment"),
        ("by: int", "has no default"),
        ("by: int = 1 + n", "not a literal"),
        ("by: int = True", "not a int"),
        ("by: str = 1", "not a str"),
    ],
)
def test_a_line_that_is_no_plain_parameter_is_named(tmp_path, line, reason):
    path = tmp_path / "odd.ipynb"
    write_notebook(path, [("code", f'lang: str = "en"\n{line}\n', ["parameters"])])
    with pytest.raises(SalesAnalysisError) as caught:
        declared(path)
    assert f"line 2, `{line}`" in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "line", ['query: str = "a=b"', "query: str = 'x'  # such as n=3", 'query: dict = {"a": "=1"}']
)
def test_a_parameter_that_papermill_drops_is_an_error_of_the_notebook(workplace, line):
    path = workplace / "notebooks" / "dropped.ipynb"
    write_notebook(path, [("code", f'lang: str = "en"\n{line}\n', ["parameters"])])
    request = prepare("dropped")
    import_papermill()
    with pytest.raises(SalesAnalysisError, match="`query`.*line 2.*dropped by papermill"):
        require_papermill_agrees(request)


def test_unknown_parameters_are_refused_with_the_nearest(workplace):
    with pytest.raises(SalesAnalysisError) as caught:
        prepare("trial", parameters={"nmae": "x", "settings": {}, "zzz": 1})
    assert "`nmae` (did you mean `name`?), `zzz`." in str(caught.value)
    assert "It has: name, n, rate, must_win, by, settings, lang." in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", 3),
        ("n", "3"),
        ("n", 3.0),
        ("n", True),
        ("rate", "0.5"),
        ("rate", True),
        ("must_win", 1),
        ("by", "region"),
        ("by", ("region",)),
        ("settings", []),
        ("settings", {"a": {1, 2}}),
        ("name", None),
    ],
)
def test_ill_typed_values_are_refused(workplace, name, value):
    with pytest.raises(SalesAnalysisError, match=f"Parameter `{name}`"):
        prepare("trial", parameters={name: value})


def test_whole_number_stands_for_a_float(workplace):
    request = prepare("trial", parameters={"rate": 1})
    assert type(request.given["rate"]) is float
    assert request.parameters["rate"] == 1.0
    assert request.parameters["name"] == "nobody"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("str", "a=b", "a=b"),
        ("str", "", ""),
        ("int", "-3", -3),
        ("float", "1e-3", 0.001),
        ("bool", "True", True),
        ("bool", "no", False),
        ("list", '["a", 1]', ["a", 1]),
        ("dict", '{"a": [1]}', {"a": [1]}),
    ],
)
def test_texts_of_the_command_line_become_values(kind, text, value):
    parsed = parse(text, Parameter("x", kind, None, "", 1))
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "3.5"),
        ("int", ""),
        ("float", "half"),
        ("bool", "perhaps"),
        ("list", "a,b"),
        ("list", '{"a": 1}'),
        ("dict", "[1]"),
        ("dict", "{'a': 1}"),
    ],
)
def test_texts_that_do_not_fit_are_refused(kind, text):
    with pytest.raises(SalesAnalysisError, match="Parameter `x` must be"):
        parse(text, Parameter("x", kind, None, "", 1))


def test_language_comes_once(workplace):
    assert prepare("trial", lang="zh").parameters["lang"] == "zh"
    with pytest.raises(SalesAnalysisError, match="give one of them"):
        prepare("trial", lang="zh", parameters={"lang": "en"})
    with pytest.raises(SalesAnalysisError, match="'fr'; expected one of en, zh"):
        prepare("trial", lang="fr")


def test_missing_notebook_names_the_nearest(workplace):
    with pytest.raises(SalesAnalysisError, match="Did you mean `trial`.*Notebooks here: trial"):
        prepare("trail")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": [{}]}', "\x00\x01"])
def test_a_file_that_is_no_notebook_is_refused(workplace, content):
    (workplace / "notebooks" / "odd.ipynb").write_text(content)
    with pytest.raises(SalesAnalysisError, match="not a Jupyter notebook"):
        prepare("odd")


# --- the folder --------------------------------------------------------------------------------


def test_default_folder_is_by_notebook_and_language(workplace):
    assert prepare("trial", lang="zh").out == workplace / "out" / "trial" / "zh"


@pytest.mark.parametrize("out", [".", "..", "notebooks", "notebooks/out", "/"])
def test_folders_that_hold_the_users_work_are_refused(workplace, out):
    with pytest.raises(SalesAnalysisError, match="working directory or holds the notebooks"):
        prepare("trial", out=out)


def test_folder_with_other_files_is_refused(workplace):
    (workplace / "mine").mkdir()
    (workplace / "mine" / "thesis.docx").write_text("years of work")
    with pytest.raises(
        SalesAnalysisError, match=r"1 file\(s\) that no report wrote: `thesis.docx`"
    ):
        prepare("trial", out="mine")
    (workplace / "mine" / "run.json").write_text(json.dumps({"files": {"report.html": ""}}))
    with pytest.raises(SalesAnalysisError, match="`thesis.docx`"):
        prepare("trial", out="mine")


def test_a_file_in_the_folders_place_is_refused(workplace):
    (workplace / "out").write_text("a file")
    with pytest.raises(SalesAnalysisError, match="which is a file"):
        prepare("trial", out="out")


def test_empty_folder_and_browser_droppings_are_fine(workplace):
    (workplace / "out").mkdir()
    assert prepare("trial", out="out").out == workplace / "out"
    (workplace / "out" / ".DS_Store").write_text("")
    prepare("trial", out="out")


def test_recovery_after_a_crash_between_the_two_renames(tmp_path):
    previous = tmp_path / ".report.previous"
    previous.mkdir()
    (previous / "report.html").write_text("good")
    (tmp_path / ".report.partial").mkdir()
    folders.recover(tmp_path / "report")
    assert (tmp_path / "report" / "report.html").read_text() == "good"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_failing_move_puts_the_previous_report_back(tmp_path):
    out = tmp_path / "report"
    out.mkdir()
    (out / "report.html").write_text("good")
    with pytest.raises(FileNotFoundError):
        folders.move_into_place(tmp_path / "not-there", out)
    assert (out / "report.html").read_text() == "good"

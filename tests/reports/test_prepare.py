"""What is refused before anything runs: parameters, notebooks, folders. No kernel is started."""

import json

import pytest
from hostile import write_template
from trial import write_notebook

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import folders
from salesanalysis.reports.batches.child import _task, as_line
from salesanalysis.reports.compute import import_papermill, require_papermill_agrees
from salesanalysis.reports.guard import NO_LIMITS
from salesanalysis.reports.job import find_notebook, prepare
from salesanalysis.reports.made_from import made_from
from salesanalysis.reports.parameters import Parameter, declared, parse, read_file


def test_the_page_of_the_workshop_is_no_report(workplace):
    write_notebook(workplace / "notebooks" / "room.ipynb", [("code", "Room([])", ["room"])])
    with pytest.raises(SalesAnalysisError, match="`salesanalysis workshop` shows it"):
        prepare("room")


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


def test_beside_own_tables_nothing_of_the_sample_is_used(workplace):
    cell = (
        'deals: str = "data/sample/deals.csv"\n'
        'orders: str = "data/sample/orders.csv"\n'
        'plan: str = "data/plans/sample.yml"\n'
        'mapping: str = ""\n'
        'as_of: str = "2025-12-31"\n'
        'lang: str = "en"\n'
    )
    write_notebook(workplace / "notebooks" / "company.ipynb", [("code", cell, ["parameters"])])
    with pytest.raises(SalesAnalysisError, match=r"the sample is not here .no `data/sample/deals"):
        prepare("company")
    (workplace / "data" / "sample").mkdir(parents=True)
    (workplace / "data" / "sample" / "deals.csv").touch()
    with pytest.raises(SalesAnalysisError, match=r"data/sample/orders.*`salesanalysis init FOLDER"):
        prepare("company", parameters={"deals": ""})
    (workplace / "data" / "sample" / "orders.csv").touch()
    for ours in ({}, {"mapping": "m.yml"}, {"deals": ""}, {"deals": "data/sample/small.csv"}):
        asked = prepare("company", parameters=ours)
        assert (asked.given, asked.parameters["plan"]) == (ours, "data/plans/sample.yml")
    own = {"deals": "export.csv", "as_of": "2026-03-31"}
    asked = prepare("company", parameters=own)
    left_out = {"orders": "", "plan": ""}
    assert asked.given == {**own, **left_out}
    assert asked.parameters == {**asked.given, "mapping": "", "lang": "en"}
    some = {**own, "orders": "data/sample/orders.csv", "plan": "plan.yml"}
    assert prepare("company", parameters=some).given == some
    with pytest.raises(SalesAnalysisError, match="`as_of` is not given"):
        prepare("company", parameters={"orders": "orders.csv"})


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


def test_a_template_asks_for_slides_and_counts_as_an_input(workplace):
    write_template(workplace / "house.pptx")
    request = prepare("trial", template="house.pptx")
    assert request.formats == ("html", "pptx")
    assert made_from(request)["inputs"]["--template"].startswith("sha256:")
    assert _task(as_line(request, NO_LIMITS, "").decode())[0] == request


@pytest.mark.parametrize("content", [None, b"", b"not a presentation", b"PK\x05\x06" + 18 * b"\0"])
def test_a_template_that_is_none_is_refused_with_all_else(workplace, content):
    if content is not None:
        (workplace / "house.pptx").write_bytes(content)
    with pytest.raises(SalesAnalysisError, match=r"`template` is `house.pptx`") as caught:
        prepare("trial", template="house.pptx", parameters={"n": "many"})
    assert "`n` must be int" in str(caught.value)


def test_parameters_of_a_file_have_the_types_of_the_notebook(workplace):
    (workplace / "room.yml").write_text(
        "# decided on Monday\nname: 2025-12-31\nrate: 1\nby: [华东]\nsettings:\n  a: {b: 1}\n",
        encoding="utf-8-sig",
    )
    values = read_file("room.yml", find_notebook("trial"))
    assert values == {
        "name": "2025-12-31",
        "rate": 1.0,
        "by": ["华东"],
        "settings": {"a": {"b": 1}},
    }
    assert type(values["rate"]) is float


def test_every_fault_of_a_file_of_parameters_has_its_line(workplace):
    content = "nn: 3\nname: x\nrate: fast\nby:\n  - a\nname: y\n3: x\n"
    (workplace / "room.yml").write_text(content, encoding="utf-8")
    with pytest.raises(SalesAnalysisError) as caught:
        read_file("room.yml", find_notebook("trial"))
    head, *lines = str(caught.value).splitlines()
    assert head == "`room.yml` has 4 fault(s); nothing was run:"
    assert [line.split(": ", 1)[0] for line in lines] == [f"room.yml:{n}" for n in (1, 3, 6, 7)]
    assert "did you mean `n`?" in lines[0] and "second time" in lines[2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: [1\nb: 2\n", r"room\.yml:2: .*expected"),
        (b"", "must hold parameters"),
        (b"- a\n", "must hold parameters"),
        (b"name: \xff\n", "not text in UTF-8"),
        (b"a: \x00\n", "not YAML"),
        (b"a: !!python/object/apply:os.system [ls]\n", r"room\.yml:1: .*is not known"),
        (b"a: &a [*a]\n", r"room\.yml:1: .*nested in itself"),
        (b"? {a: 1}\n: 2\n", r"room\.yml:1: .*is no key"),
        (None, "There is no file"),
    ],
)
def test_a_file_of_another_shape_is_refused(workplace, content, words):
    if content is not None:
        (workplace / "room.yml").write_bytes(content)
    with pytest.raises(SalesAnalysisError, match=words):
        read_file("room.yml", find_notebook("trial"))


def test_missing_notebook_names_the_nearest(workplace):
    with pytest.raises(SalesAnalysisError, match="Did you mean `trial`.*package: .*, trial"):
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

"""YAML that people write: its words stay what was written, and no file takes more than a second."""

import json
import re
import time

import pytest
import yaml
from trial import write_notebook

from salesanalysis import SalesAnalysisError, incentive, lined_yaml, sources
from salesanalysis.lined_yaml import as_data, as_text, dumped, parse
from salesanalysis.reports.batches import plan as batches
from salesanalysis.reports.parameters import read_file

WORDS = ["NO", "Yes", "off", "on", "010", "1_000", "1:30", "2025-01-31", "y", "0x1F", "NaN", "0o7"]


def deep(opening: str, levels: int = 100_000) -> str:
    return opening * levels


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines)


#: What would take a reader for ever, or end it, and the words by which it is refused.
HOSTILE = {
    "aliases that multiply": (bomb(), r":5: more than 100,000 values"),
    "aliases that nest": (
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 5000)),
        r":33: nested too deep",
    ),
    "a list in itself": ("name: &a [1, *a]\n", r":1: `\*a` is nested in itself"),
    "a mapping in itself": ("name: &a\n  b: *a\n", r":2: `\*a` is nested in itself"),
    "an alias of nothing": ("name: *a\n", r":1: "),
    "deep lists": (deep("["), r":1: nested too deep"),
    "deep mappings": (deep("{a: "), r":1: nested too deep"),
    "deep blocks": (deep("- "), r":1: nested too deep"),
    "deep keys": (deep("? "), r":1: nested too deep"),
    "deep lines": ("\n".join(" " * n + "a:" for n in range(900)), r":33: nested too deep"),
    "a huge document": ("name: x\n" * 200_000, r"larger than 500,000 bytes"),
    "NUL": ("name: x\nrate: \x00\n", r":2: .*it holds '\\x00'"),
    "a code": ("name: !!python/object/apply:os.system [ls]\n", r":1: .*is not known"),
    "a merge": ("name: x\n<<: {rate: 1}\n", r":2: `<<` is not known here"),
    "two documents": ("name: x\n---\nname: y\n", r":2: a second document begins"),
    "half a list": ("name: [x\n", r":2: this is not YAML"),
    "a list as key": ("? [a]\n: b\n", r":1: a list or mapping is no key"),
}


def refusals(text: str, workplace) -> dict[str, str]:
    """What each reader of people's YAML says of a text."""
    raw = text.encode("utf-8", "surrogateescape")
    for name in ("file.yml", "export.csv"):
        (workplace / name).write_bytes(raw)
    (workplace / "export.csv").write_text("Country\nNO\n", encoding="utf-8")
    readers = {
        "parameters": lambda: read_file("file.yml", workplace / "notebooks" / "trial.ipynb"),
        "batch": lambda: batches.prepare("file.yml"),
        "mapping": lambda: sources.check(
            "export.csv", table="opportunities", columns=workplace / "file.yml"
        ),
        "plan": lambda: incentive.read_plan(
            sources.plan_text(workplace / "file.yml"), file="file.yml"
        ),
    }
    said = {}
    for name, read in readers.items():
        begun = time.process_time()
        with pytest.raises(SalesAnalysisError) as refused:
            read()
        assert time.process_time() - begun < 1, name
        said[name] = str(refused.value)
    return said


@pytest.fixture(autouse=True, scope="module")
def _engine():
    """The first use of a library costs a second that no file is to be blamed for."""
    import sqlglot  # noqa: F401

    sources.plan_text(__file__)
    parse("a: 1", "")


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_file_takes_more_than_a_second_or_more_than_a_line(kind, workplace):
    text, words = HOSTILE[kind]
    for reader, said in refusals(text, workplace).items():
        assert re.search(words, said), (reader, said)
        assert "file.yml" in said and len(said.splitlines()) == 1 and len(said) < 300


def test_bytes_that_are_no_text_are_refused_with_their_line(workplace):
    text = b"name: x\nrate: 1\nby: [\xff]\n".decode("utf-8", "surrogateescape")
    said = refusals(text, workplace)
    for reader in ("parameters", "batch", "mapping"):
        assert said[reader] == "file.yml:3: this is not text in UTF-8; save the file as such." or (
            reader == "mapping" and said[reader].endswith("save the file as such.")
        )


@pytest.mark.parametrize("name", ["n", "rate"])
def test_a_number_without_end_is_one_line(workplace, name):
    notebook = workplace / "notebooks" / "trial.ipynb"
    for digits in ("9" * 100_000, "1e999999999", "-" + "9" * 4000):
        (workplace / "file.yml").write_text(f"lang: zh\n{name}: {digits}\n")
        begun = time.process_time()
        with pytest.raises(SalesAnalysisError) as refused:
            read_file("file.yml", notebook)
        assert time.process_time() - begun < 1
        (fault,) = str(refused.value).splitlines()[1:]
        assert fault.startswith("file.yml:2: ") and len(fault) < 300
    for digits in ("9" * 100_000, "1e999999999", "9" * 100_000 + " %"):
        begun = time.process_time()
        with pytest.raises(SalesAnalysisError, match="line 3.*expected a number") as refused:
            incentive.read_plan(f"thresholds: quota\ntiers:\n- [0, 1, {digits}]\n", file="p.yml")
        assert time.process_time() - begun < 1 and len(str(refused.value)) < 300


def test_words_stay_what_was_written():
    whole, _ = parse(f"{{list: {json.dumps(WORDS)}}}", "f.yml")
    plain, _ = parse("list: [" + ", ".join(WORDS) + "]\n", "f.yml")
    assert as_text(plain.content) == whole.content == {"list": WORDS}
    assert as_data(plain.content) == {"list": WORDS}
    keys, _ = parse("\n".join(f"{word}: x" for word in [*WORDS, "null", "1", "true"]), "f.yml")
    assert list(keys.content) == [*WORDS, "null", "1", "true"]


def test_numbers_flags_and_nothing_are_those_of_yaml_1_2():
    text = "[12, -3, 0, +5, 0.50, .5, 1e3, -1.5E-2, true, False, ~, null, '12', \"true\", '']"
    said = as_data(parse(text, "f.yml")[0].content)
    wanted = [12, -3, 0, 5, 0.5, 0.5, 1000.0, -0.015, True, False, None, None, "12", "true", ""]
    assert said == wanted
    assert [type(one) for one in said] == [type(one) for one in wanted]


def test_a_number_has_forty_digits_at_most():
    assert as_data(parse(f"a: {'1' * 40}", "x")[0].content) == {"a": int("1" * 40)}
    with pytest.raises(SalesAnalysisError, match="too long for a number"):
        as_data(parse(f"a: {'1' * 41}", "x")[0].content)


def test_a_list_and_its_items_are_values_up_to_the_limit(monkeypatch):
    monkeypatch.setattr(lined_yaml, "MOST_VALUES", 6)
    assert parse("[[1, 2], 3, 4]", "x")[0].content == [["1", "2"], "3", "4"]  # 4 and 2 lists
    with pytest.raises(SalesAnalysisError, match="more than 6 values"):
        parse("[[1, 2], 3, 4, 5]", "x")


def test_what_is_no_text_is_refused_with_its_line_from_the_first_on():
    for text, line in (("\0", 1), ("\n\0", 2), ("a: 1\n\n\0", 3)):
        with pytest.raises(SalesAnalysisError, match=f"x:{line}: this is not YAML: it holds"):
            parse(text, "x")


def test_an_anchor_may_stand_for_what_is_said_twice():
    whole, _ = parse("a: &both [1, 2]\nb:\n- *both\n", "f.yml")
    assert whole.content == {"a": ["1", "2"], "b": [["1", "2"]]}
    assert whole.line(("b", 0, 1)) == 1 and whole.line(("b",)) == 2


def test_without_the_parser_in_c_it_is_the_same(monkeypatch):
    import yaml

    monkeypatch.delattr(yaml, "CLoader", raising=False)
    for text, words in HOSTILE.values():
        begun = time.process_time()
        with pytest.raises(SalesAnalysisError, match=words) as refused:
            parse(text, "f.yml")
        assert time.process_time() - begun < 1 and len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    "data",
    [
        {"stages": [*WORDS, "1e3", ".5", "5.", "+5", "null", "~", "", "true", " a ", "#", "a: b"]},
        {"NO": 1.5, "010": {"1e3": [1, 0.1, 1e-7, 1e300, True, None]}, "阶段": "华东"},
    ],
)
def test_what_is_written_is_read_as_the_same(data):
    assert as_data(parse(dumped(data), "f.yml")[0].content) == data


# Where a text is meant, and where something else is


def test_writing_changes_no_other_reader_of_yaml():
    dumped({"a": "1e3"})
    assert yaml.safe_load("a: 1.2.0\nb: 1") == {"a": "1.2.0", "b": 1}


def test_a_batch_goes_through_words_as_they_are_written(workplace):
    (workplace / "file.yml").write_text(
        "reports:\n- notebook: trial\n  for_each: {region: [NO, SE, 010, 1.10]}\n"
        "  name: yes\n  parameters: {name: '{region}', settings: {only: '{region}'}}\n"
    )
    plan = batches.prepare("file.yml")
    assert [task.name for task in plan.tasks] == [f"yes ({w})" for w in ("NO", "SE", "010", "1.10")]
    assert [task.job.given["name"] for task in plan.tasks] == ["NO", "SE", "010", "1.10"]
    assert [task.job.out.parts[-2] for task in plan.tasks] == ["NO", "SE", "010", "1.10"]
    assert all(type(value) is str for task in plan.tasks for value in [task.job.given["name"]])


def test_the_values_of_a_column_are_text_also_where_they_look_like_numbers(workplace):
    cell = 'only: dict = {}\nby: list = []\nlang: str = "en"\n'
    write_notebook(workplace / "notebooks" / "part.ipynb", [("code", cell, ["parameters"])])
    (workplace / "file.yml").write_text("only: {version: [1.10, 010, 12, NO]}\nby: [1.10, 12]\n")
    values = read_file("file.yml", workplace / "notebooks" / "part.ipynb")
    assert values == {"only": {"version": ["1.10", "010", "12", "NO"]}, "by": [1.1, 12]}
    assert [type(word) for word in values["only"]["version"]] == [str] * 4


def test_a_word_of_a_batch_is_what_the_parameter_expects(workplace):
    (workplace / "file.yml").write_text(
        "reports:\n- notebook: trial\n  for_each: {n: [1, 2]}\n  retries: 2\n"
        "  time_limit_seconds: 60.5\n"
        "  parameters: {n: '{n}', name: 12, must_win: true, rate: 1, by: [NO, 2]}\n"
    )
    first, second = batches.prepare("file.yml").tasks
    given = {"n": 1, "name": "12", "must_win": True, "rate": 1.0, "by": ["NO", 2]}
    assert first.job.given == given and second.job.given["n"] == 2
    assert (first.retries, first.limits.seconds) == (2, 60.5)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("must_win: yes", "must be bool.*got 'yes'"),
        ("must_win: 1", "must be bool"),
        ("n: 010", "must be int.*got '010'"),
        ("n: 1_000", "must be int.*got '1_000'"),
        ("rate: 1:30", "must be float.*got '1:30'"),
        ("n: '3'", "must be int.*got '3'"),
        ("name: ~", "must be str.*got None"),
        ("name:", "must be str.*got None"),
    ],
)
def test_a_word_that_is_not_what_is_expected_is_refused(workplace, line, words):
    (workplace / "file.yml").write_text(f"{line}\n")
    with pytest.raises(SalesAnalysisError, match=rf"file\.yml:1: .*{words}"):
        read_file("file.yml", workplace / "notebooks" / "trial.ipynb")


def test_a_mapping_keeps_and_translates_words_as_they_are_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deals.csv").write_text(
        "opportunity_id,stage,Country,Code,Ended\n"
        "1,Yes,NO,010,2025-01-31\n2,Yes,SE,8,2025-01-31\n3,off,NO,010,2025-02-01\n"
    )
    (tmp_path / "mapping.yml").write_text(
        "opportunities:\n  keep: {Country: [NO], Code: 010}\n"
        "  columns: {product: Code}\n"
        "  values: {outcome: {Yes: won, off: lost}, product: {010: Basic}}\n"
        "  sheet: null\naccounts:\n"
    )
    found = sources.check("deals.csv", table="opportunities", columns="mapping.yml")
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["opportunity_id"].tolist() == ["1", "3"] and found.rows_not_kept == 1
    assert frame["outcome"].tolist() == ["won", "lost"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("keep: {Country: [NO, ~]}", "has no value"),
        ("columns: {stage: }", "has no value"),
        ("columns: {stage: A, stage: B}", "`stage` stands here a second time"),
    ],
)
def test_what_a_mapping_leaves_open_is_asked_about(tmp_path, monkeypatch, said, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deals.csv").write_text("opportunity_id,stage,Country\n1,Won,NO\n")
    (tmp_path / "mapping.yml").write_text(f"opportunities:\n  {said}\n")
    with pytest.raises(SalesAnalysisError, match=rf"mapping\.yml:2: .*{words}"):
        sources.check("deals.csv", table="opportunities", columns="mapping.yml")


def test_a_sheet_without_quotes_is_its_position(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for name in ("Sheet", "1"):
        sheet = book.active if name == "Sheet" else book.create_sheet(name)
        for row in (["opportunity_id", "stage"], [f"of {name}", "Won"]):
            sheet.append(row)
    book.create_sheet("2024").append(["opportunity_id", "stage"])
    book["2024"].append(["of 2024", "Won"])
    book.save(tmp_path / "book.xlsx")
    for said, wanted in [("0", "of Sheet"), ("'1'", "of 1"), ("'2024'", "of 2024"), ("1", "of 1")]:
        (tmp_path / "mapping.yml").write_text(f"opportunities:\n  sheet: {said}\n")
        path = tmp_path / "mapping.yml"
        found = sources.check(tmp_path / "book.xlsx", table="opportunities", columns=path)
        assert found.table.to_pandas()["opportunity_id"].tolist() == [wanted]


def test_a_plan_keeps_its_words():
    plan = incentive.read_plan(
        "name: NO\ntiers: [[0, 1, 0.03], [1, ~, 5 %]]\nthresholds: quota\n"
        "spifs:\n- {name: 010, start: 2025-03-01, end: 2025-03-31, product: Yes, pay: 100}\n"
    )
    assert (plan.name, plan.spifs[0].name, plan.spifs[0].product) == ("NO", "010", "Yes")


def test_the_lines_are_those_of_the_file(tmp_path):
    whole, repeated = lined_yaml.parse("a:\n- b: 1\n  c: 2\nb: &x\n  d: 3\n", "f.yml")
    assert repeated == []
    assert [whole.line(w) for w in [(), ("a",), ("a", 0), ("a", 0, "c"), ("b", "d")]] == [
        *(1, 1, 2, 3, 5)
    ]
    assert whole.at("b").line(("d",)) == 5 and whole.at("a", 0).content == {"b": "1", "c": "2"}

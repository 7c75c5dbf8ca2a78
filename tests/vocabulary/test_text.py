"""Every word a reader sees can be said, and is used; `test_languages.py` compares the languages."""

import ast
import csv
import functools
import re
import string

import pytest
import yaml
from syntax import MODULES, NOTEBOOKS, ROOT, cell_trees, nodes

from salesanalysis import columns, text

TEXT = ROOT / "salesanalysis" / "text"
PARTS = sorted({path.stem for lang in text.LANGUAGES for path in (TEXT / lang).glob("*.yml")})


@functools.cache
def texts(lang: str, part: str) -> dict[str, str]:
    """The sentences of one file, flat, read without the package; a key twice is an error."""

    def flat(prefix: str, node: yaml.Node):
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), f"{lang}/{part}.yml: a key twice under {prefix}"
            for key, value in node.value:
                yield from flat(f"{prefix}.{key.value}", value)
        else:
            assert isinstance(node, yaml.ScalarNode), f"{lang}/{part}.yml: {prefix} is a list"
            yield prefix, node.value

    path = TEXT / lang / f"{part}.yml"
    assert path.is_file(), f"{path.relative_to(ROOT)} is missing"
    return dict(flat(part, yaml.compose(path.read_text(encoding="utf-8"))))


def fields(sentence: str) -> set[tuple[str, str]]:
    """Names and formats of the values that a sentence takes."""
    return {
        (name, spec)
        for _, field, spec, _ in string.Formatter().parse(sentence)
        for name in re.findall(r"\w+", field or "")  # {x}, {low..high}, {x (low..high)}
    }


def test_a_word_goes_with_its_number():
    said = [text.sentence("checks.blocking", count=count, checks="x") for count in (1, 2)]
    assert said[0].startswith("1 finding about the data makes figures")
    assert said[1].startswith("2 findings about the data make figures")


def test_the_reader_of_this_test_finds_every_text_that_the_package_finds():
    assert PARTS
    for lang in text.LANGUAGES:
        for part in PARTS:
            for key in texts(lang, part):
                assert text.has(key, lang)


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("part", PARTS)
def test_every_text_can_be_said(lang, part):
    """With a number or a word in each field, by its format: an unknown format would be an error."""
    for key, sentence in texts(lang, part).items():
        values = {name: 1 if spec else "x" for name, spec in fields(sentence)}
        said = text.sentence(key, lang, **values)
        assert said, key


@pytest.mark.parametrize("part", PARTS)
def test_chinese_is_chinese(part):
    """A text with an English word of four letters or more and no Chinese at all was forgotten."""
    forgotten = {
        key: sentence
        for key, sentence in texts("zh", part).items()
        if re.search(r"[A-Za-z]{4,}", re.sub(r"\{[^}]*\}", "", sentence))
        and not re.search(r"[\u4e00-\u9fff]", sentence)
    }
    assert forgotten == {}


# Use


@functools.cache
def _said() -> tuple[set[str], list[re.Pattern]]:
    """All literal texts of the code, and a pattern for each f-string that could build a key."""
    literals, patterns = set(), []
    found = [node for module in MODULES for node in nodes(module)]
    found += [n for notebook in NOTEBOOKS for cell in cell_trees(notebook) for n in ast.walk(cell)]
    for node in found:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            literals.add(node.value)
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else None for p in node.values]
            fixed = "".join(part for part in parts if part)
            # `{name}.headline.{key}` fits every headline, so it shows nothing: the key must start
            # or end with something fixed.
            if re.fullmatch(r"[\w.]*\.[\w.]*", fixed) and (parts[0] or parts[-1]):
                pattern = "".join("[^.]+" if part is None else re.escape(part) for part in parts)
                patterns.append(re.compile(pattern))
    return literals, patterns


def _ends(key: str) -> set[str]:
    """``a.b.c`` → ``a.b.c``, ``b.c``, ``c``, and ``.c``."""
    words = key.split(".")
    return {".".join(words[at:]) for at in range(len(words))} | {"." + words[-1]}


@pytest.mark.parametrize("part", PARTS)
def test_every_text_is_used(part):
    """By its key or the end of it (``headline("weakest")``, ``".why"``), or by a pattern."""
    literals, patterns = _said()
    unused = [
        key
        for key in texts("en", part)
        if not _ends(key) & literals and not any(pattern.fullmatch(key) for pattern in patterns)
    ]
    assert unused == []


# columns.csv


def rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_column_has_a_unit_once():
    names = [row["column"] for row in rows(TEXT / "columns.csv")]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    for row in rows(TEXT / "columns.csv"):
        assert None not in row and None not in row.values(), f"wrong number of cells: {row}"
        assert re.fullmatch(r"[a-z][a-z0-9_]*", row["column"]), row
        assert row["decimals"] == "" or row["decimals"].isdigit(), row
        text.format_value(1, row["unit"], lang="en")  # an unknown unit is an error
        assert text.has(f"report.unit.{row['unit']}"), row


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_heading_stands_once_and_in_the_order_of_the_units(lang):
    headings = rows(TEXT / lang / "columns.csv")
    assert all(row["heading"].strip() == row["heading"] != "" for row in headings)
    assert [set(row) for row in headings] == [{"column", "heading"}] * len(headings)
    order = [row["column"] for row in rows(TEXT / "columns.csv")]
    assert [row["column"] for row in headings] == order


def test_no_two_columns_of_one_table_read_alike():
    for table in columns.TABLES.values():
        for lang in text.LANGUAGES:
            labels = [text.column_label(name, lang) for name in table.names]
            assert len(set(labels)) == len(labels), (table.name, lang, labels)


def test_every_column_of_the_vocabulary_has_a_heading_and_the_unit_of_its_kind():
    units = {kind: kind for kind in columns.KINDS} | {"time": "date", "period": "text"}
    for table in columns.TABLES.values():
        for column in table.columns:
            assert text.column_label(column.name) != column.name, column
            assert text.column_kind(column.name)[0] == units[column.kind], column

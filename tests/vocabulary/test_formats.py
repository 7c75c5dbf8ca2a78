"""A format is a record and a module; documents and help name no format in any other way."""

import ast
import re

import pytest
from syntax import MODULES, ROOT, nodes

from salesanalysis import cli, text
from salesanalysis.formats import FORMATS
from salesanalysis.reports import export

GUIDE = (ROOT / "docs" / "inputs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_has_a_module_that_does_what_its_record_says(name):
    format, module = FORMATS[name], export.module(name)
    assert callable(module.write)
    assert hasattr(module, "open_template") == format.takes_template
    assert hasattr(module, "library") == bool(format.extra)


def test_no_two_formats_are_one_file():
    assert len({format.file for format in FORMATS.values()}) == len(FORMATS)


def test_the_table_of_formats_in_the_readme_is_that_of_the_records():
    rows = [f"| `{name}` | `{f.file}` | {f.what} |" for name, f in FORMATS.items()]
    shown = re.findall(r"^ *(\| `\w+` \| `[\w.]+\.\w+` \| .*)$", GUIDE, re.M)
    assert shown == rows


def test_the_readme_names_the_languages_of_the_records():
    named = " or ".join(f"`{lang}` ({language.name})" for lang, language in text.LANGUAGES.items())
    assert f"`--lang` takes {named}." in GUIDE


def test_the_help_names_every_format_and_language():
    commands = cli.parser().commands
    said = commands["run"].format_help()
    for name, format in FORMATS.items():
        assert re.search(rf"^  {name} +{re.escape(format.file)}: ", said, re.M), name
    for name in ("run", "check", "init", "workshop"):
        assert f"--lang {{{','.join(text.LANGUAGES)}}}" in commands[name].format_help(), name


def test_no_module_lists_formats_or_languages_of_its_own():
    """Names of one format or language may stand where that one is meant, two are a list."""
    files = {format.file for format in FORMATS.values()}
    lists = []
    for path in MODULES:
        # What an input file may be, and in which languages it is read, is another matter.
        if path.parent.name == "sources" or path.name in ("formats.py", "languages.py"):
            continue
        for node in nodes(path):
            if isinstance(node, ast.Constant) and node.value in files:
                lists.append((path.name, node.value))
            if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
                members = node.keys if isinstance(node, ast.Dict) else node.elts
                named = {getattr(member, "value", None) for member in members}
                lists += [
                    (path.name, sorted(named & set(known)))
                    for known in (FORMATS, text.LANGUAGES)
                    if len(named & set(known)) > 1
                ]
            if isinstance(node, ast.Compare):
                compared = {getattr(part, "value", None) for part in [node.left, *node.comparators]}
                lists += [(path.name, lang) for lang in compared & set(text.LANGUAGES)]
    assert lists == []

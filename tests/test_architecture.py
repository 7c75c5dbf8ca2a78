"""The rules of ARCHITECTURE.md, held against the code itself."""

import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from syntax import (
    MODULES,
    NOTEBOOKS,
    PACKAGE,
    ROOT,
    broken,
    by_name,
    cell_trees,
    cells,
    code_cells,
    nodes,
    tree,
)

import salesanalysis
from salesanalysis import lazy, text

VOCABULARY = {
    *(
        "bases",
        "columns",
        "company_fields",
        "errors",
        "findings",
        "formats",
        "known",
        "lazy",
        "lined_yaml",
        "masking",
        "periods",
        "processes",
    ),
    *("stats", "statuses", "summarised", "text"),
}
#: The packages that are steps of a report or ways to use it; every other one is a family.
STEPS = {"sources", "reduce", "plots", "reports", "datasets", "workshop", "cli"}
FAMILIES = set(lazy.parts(salesanalysis.__path__)) - STEPS - VOCABULARY

#: What each part may import from the package; a part may always import itself.
MAY_IMPORT = {
    **dict.fromkeys(VOCABULARY, VOCABULARY),
    **dict.fromkeys(FAMILIES, VOCABULARY - {"text"}),
    "sources": VOCABULARY,
    "reduce": VOCABULARY | {"sources"},
    "plots": VOCABULARY,
    "reports": VOCABULARY | {"plots.font", "plots.style", "sources"},
    "datasets": VOCABULARY,
    # Like a notebook it brings the steps together, but it reads no data.
    "workshop": VOCABULARY | FAMILIES | {"plots"},
}
#: Single modules that may import more, with the reason in ARCHITECTURE.md.
EXCEPTIONS = {"incentive/wording.py": {"text"}}
#: How a module asks whether it is only read by a checker of types.
TYPES_ONLY = {"TYPE_CHECKING", "typing.TYPE_CHECKING"}

#: The parts that may import all of it: they are where the steps meet.
FREE = {"cli", "__main__"}

NUMBERS = {"numpy", "pandas", "scipy"}
ENGINES = {"ibis", "duckdb", "sqlglot", "pyarrow", "pandera", "python_calamine", "psycopg"}
DRAWING = {"matplotlib", "seaborn"}
NOTEBOOK_TOOLS = {
    *("papermill", "jinja2", "nbclient", "nbformat", "jupyter_client", "ipykernel"),
    *("IPython", "traitlets", "matplotlib_inline", "bs4"),
}

FORMATS = {"pyarrow", "pptx", "xlsxwriter", "weasyprint", "fontTools"}
MACHINES = {"psutil", "distributed"}

#: What each part may import from elsewhere, the standard library apart.
MAY_USE = {
    **dict.fromkeys(VOCABULARY, NUMBERS),
    "text": {"pandas", "yaml"},
    "lined_yaml": {"yaml"},  # the only reader of YAML that people write
    **dict.fromkeys(FAMILIES, NUMBERS),
    "sources": NUMBERS | ENGINES | {"lxml"},
    "reduce": NUMBERS | ENGINES,
    "plots": NUMBERS | DRAWING,
    "reports": NUMBERS | DRAWING | NOTEBOOK_TOOLS | FORMATS | MACHINES,
    "datasets": NUMBERS | {"pyarrow"},
    # The command line leaves work to the other parts.
    "cli": {"yaml", "shtab"},
    "workshop": NUMBERS
    | DRAWING
    | {"ipywidgets", "nbformat", "traitlets", "psutil", "voila", "jupyter_server", "tornado"},
}

#: Modules of the standard library by which a family could reach files, the network or the clock.
NOT_FOR_FAMILIES = {
    "os",
    "io",
    "pathlib",
    "shutil",
    "subprocess",
    "socket",
    "time",
    "sys",
    "random",
}


def part_of(module: Path) -> str:
    """The part that a file belongs to: ``salesanalysis/reduce/funnel.py`` → ``reduce``."""
    first = module.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(found: Iterable[ast.AST], module: Path) -> set[str]:
    """Full names of all that is imported in some nodes, inside functions as well."""
    names = set()
    for item in found:
        if isinstance(item, ast.Import):
            names |= {alias.name for alias in item.names}
        elif isinstance(item, ast.ImportFrom):
            base = item.module or ""
            if item.level:
                here = ["salesanalysis", *module.relative_to(PACKAGE).parts[:-1]]
                base = ".".join([*here[: len(here) - item.level + 1], *filter(None, [base])])
            # `from salesanalysis import text` and `from salesanalysis.plots import style` name
            # modules, `from salesanalysis.text import sentence` a function: keep both readings.
            names |= {f"{base}.{alias.name}" for alias in item.names}
        elif isinstance(item, ast.Call) and ast.unparse(item.func).endswith(
            ("import_module", "__import__")
        ):
            names |= {a.value for a in item.args if isinstance(a, ast.Constant)}
    return names


def inside(names: set[str]) -> set[str]:
    return {n.removeprefix("salesanalysis.") for n in names if n.startswith("salesanalysis.")}


def outside(names: set[str]) -> set[str]:
    tops = {name.split(".")[0] for name in names}
    return tops - {"salesanalysis"} - set(sys.stdlib_module_names)


def but_for_types(source: ast.Module) -> list[ast.AST]:
    """The nodes outside ``if TYPE_CHECKING`` blocks, whose imports never happen."""
    happens = [
        statement
        for statement in source.body
        if not (isinstance(statement, ast.If) and ast.unparse(statement.test) in TYPES_ONLY)
    ]
    return [node for statement in happens for node in ast.walk(statement)]


def forbidden_imports(module: Path, source: ast.Module) -> set[str]:
    """What a module imports from the package against the rule."""
    part = part_of(module)
    if part in FREE or part == "__init__":
        return set()
    # They import what they are given, or draw, for its types only.
    types = part in ("plots", "reduce", "reports")
    found = but_for_types(source) if types else ast.walk(source)
    names = inside(imported(found, module))
    allowed = MAY_IMPORT[part] | {part} | EXCEPTIONS.get(str(module.relative_to(PACKAGE)), set())
    return {name for name in names if not any(f"{name}.".startswith(f"{ok}.") for ok in allowed)}


def test_every_module_belongs_to_a_part():
    known = set(MAY_IMPORT) | FREE | {"__init__"}
    assert {part_of(module) for module in MODULES} <= known, "name it in ARCHITECTURE.md and here"


def test_imports_keep_to_the_rule():
    assert broken(lambda module: forbidden_imports(module, tree(module)), MODULES) == {}


def test_libraries_keep_to_their_parts():
    def strange(module: Path) -> set[str]:
        allowed = MAY_USE.get(part_of(module), set())
        return outside(imported(nodes(module), module)) - allowed

    assert broken(strange, MODULES) == {}


@pytest.mark.parametrize(
    ("module", "code", "found"),
    [
        ("funnel.py", "from salesanalysis.text import sentence", {"text.sentence"}),
        ("funnel.py", "def f():\n    import salesanalysis.plots.style", {"plots.style"}),
        ("funnel.py", "from salesanalysis import stats, reduce", {"reduce"}),
        ("funnel/a.py", "from . import b\nfrom .. import sources", {"sources"}),
        ("reports/a.py", "from salesanalysis.plots import style, funnel", {"plots.funnel"}),
        ("reports/a.py", "import importlib as i\ni.import_module('salesanalysis.cli')", {"cli"}),
        ("plots/a.py", "from salesanalysis.funnel import Fit", {"funnel.Fit"}),
        ("plots/a.py", "if TYPE_CHECKING:\n    from salesanalysis.funnel import Fit", set()),
        ("columns.py", "from salesanalysis.statsmodels import x", {"statsmodels.x"}),
    ],
)
def test_the_rule_finds_what_breaks_it(module, code, found):
    assert forbidden_imports(PACKAGE / module, ast.parse(code)) == found


def test_every_library_that_is_imported_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    used_by_us = ("postgres", "pdf", "cluster", "workshop", "schemas")
    declared = [text for name in used_by_us for text in extras[name]]
    declared += project["dependencies"]
    names = {re.split(r"[\[<>=]", text)[0].replace("-", "_") for text in declared}
    names |= {"ibis", "yaml", "bs4", "pptx"}  # of ibis-framework, pyyaml, beautifulsoup4, …
    names |= {"jupyter_server", "tornado"}  # what Voilà is made of
    used = set().union(*(outside(imported(nodes(module), module)) for module in MODULES))
    assert {name for name in used if name.lower() not in names} == set()


def loaded_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_no_heavy_library():
    heavy = NUMBERS | ENGINES | DRAWING | NOTEBOOK_TOOLS | {"yaml"}
    assert loaded_after("import salesanalysis") & heavy == set()


def test_importing_the_families_loads_only_numbers():
    heavy = (ENGINES - {"pyarrow"}) | DRAWING | NOTEBOOK_TOOLS  # pandas itself brings pyarrow
    families = ", ".join(f"salesanalysis.{family}" for family in sorted(FAMILIES))
    assert loaded_after(f"import {families}") & heavy == set()


# Families


#: Where everything of a family lies.
HOMES = (
    "salesanalysis/{family}/__init__.py",
    "salesanalysis/reduce/{family}/__init__.py",
    "salesanalysis/plots/{family}/__init__.py",
    *(f"salesanalysis/text/{lang}/{{family}}.yml" for lang in text.LANGUAGES),
    "notebooks/{family}.ipynb",
    "tests/{family}/test_notebook.py",
)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_family_has_all_its_homes_and_each_resolves(family):
    homes = [home.format(family=family) for home in HOMES]
    assert [home for home in homes if not (ROOT / home).is_file()] == []
    assert getattr(salesanalysis, family).__doc__
    for part in ("reduce", "plots"):
        assert getattr(getattr(salesanalysis, part), family).__doc__
        # An editor knows a family of these by a line of its own.
        line = f"from salesanalysis.{part} import {family} as {family}"
        assert line in (PACKAGE / part / "__init__.py").read_text(encoding="utf-8")
    shipped = (PACKAGE / "reports" / "project" / "shipped.txt").read_text(encoding="utf-8").split()
    assert f"notebooks/{family}.ipynb" in shipped
    listed = yaml.safe_load((ROOT / "reports.yml").read_text(encoding="utf-8"))["reports"]
    assert family in {entry["notebook"] for entry in listed}


# The clock


#: Where a time may be read: for timing.json and a time limit, which are no results.
CLOCK_ALLOWED = {"reports", "cli", "__main__"}


def clock_readings(source: ast.Module) -> list[str]:
    """Every place that asks what time it is, also by way of pandas, numpy or SQL."""
    found = []
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(source)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(source):
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}:
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Import) and any(alias.name == "time" for alias in node.names):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            said = node.value.strip().lower()
            sql = re.search(r"\bcurrent_(date|time|timestamp)\b|\b(now|today)\(\)", said)
            if id(node) not in docstrings and (said in {"now", "today"} or sql):
                found.append(repr(node.value))
    return found


def test_nothing_that_ends_in_a_result_reads_the_clock():
    without = [module for module in MODULES if part_of(module) not in CLOCK_ALLOWED]
    assert broken(lambda module: clock_readings(tree(module)), without) == {}


@pytest.mark.parametrize(
    "code",
    [
        "datetime.now(UTC)",
        "from datetime import date as d\nd.today()",
        "pd.Timestamp.now()",
        "pd.to_datetime('now')",
        "np.datetime64('today')",
        "import time",
        "from time import time",
        "con.sql('select * from t where d < Current_Date')",
        "ibis.now()",
    ],
)
def test_every_way_to_read_the_clock_is_noticed(code):
    assert clock_readings(ast.parse(code)) != []


def test_a_word_about_time_is_not_a_clock():
    assert clock_readings(ast.parse('"""Not now() or today()."""\nx = "as known today"')) == []


# Families are pure


def impure(source: ast.Module) -> list[str]:
    """What a family does besides computing: printing, asking, opening."""
    calls = [n for n in ast.walk(source) if isinstance(n, ast.Call)]
    names = [c.func.id for c in calls if isinstance(c.func, ast.Name)]
    methods = [c.func.attr for c in calls if isinstance(c.func, ast.Attribute)]
    bad = [name for name in names if name in {"print", "input", "open", "exec", "eval"}]
    bad += [name for name in methods if re.match(r"(read|to)_(csv|parquet|excel|sql|pickle)", name)]
    return bad + sorted(
        name
        for name in imported(ast.walk(source), PACKAGE / "x.py")
        if name.split(".")[0] in NOT_FOR_FAMILIES
    )


def test_families_only_compute():
    theirs = [module for module in MODULES if part_of(module) in FAMILIES]
    assert broken(lambda module: impure(tree(module)), theirs) == {}


@pytest.mark.parametrize(
    "code", ["print(1)", "pd.read_csv('x')", "from pathlib import Path", "f = open('x')"]
)
def test_a_family_that_does_more_is_noticed(code):
    assert impure(ast.parse(code)) != []


# Modules


def test_modules_are_short():
    """One that grows past this becomes a folder of the same name."""
    length = {by_name(module): len(module.read_text("utf-8").splitlines()) for module in MODULES}
    assert {name: lines for name, lines in length.items() if lines > 450} == {}


#: A table of rules, one call for each, is as long as there are rules.
TABLES_OF_RULES = {"deal_rules"}
BRANCHES = (
    *(ast.If, ast.For, ast.While, ast.ExceptHandler, ast.IfExp),
    *(ast.comprehension, ast.BoolOp, ast.match_case),
)
LINES, MOST_BRANCHES, ARGUMENTS = 60, 15, 10


def lines_of_code(function: ast.FunctionDef, source: list[str]) -> int:
    """Its lines without docstrings, comments and blank ones."""
    said = set()
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            said |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = range(function.lineno, function.end_lineno + 1)
    bare = [source[line - 1].strip() for line in lines if line not in said]
    return sum(bool(line) and not line.startswith("#") for line in bare)


def too_large(module: ast.Module, source: list[str]) -> list[str]:
    """Functions that do too much at once, and public ones that ask for too much."""
    found = []
    for node in ast.walk(module):
        if not isinstance(node, ast.FunctionDef) or node.name in TABLES_OF_RULES:
            continue
        branches = sum(isinstance(inner, BRANCHES) for inner in ast.walk(node))
        asked = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        many = len(asked) > ARGUMENTS and not node.name.startswith("_")
        if lines_of_code(node, source) > LINES or branches > MOST_BRANCHES or many:
            found.append(node.name)
    return found


def test_functions_do_one_thing():
    """No more than 60 lines of code or 15 branches, nor 10 arguments of a public one."""

    def rule(module: Path) -> list[str]:
        return too_large(tree(module), module.read_text(encoding="utf-8").splitlines())

    assert broken(rule, MODULES) == {}


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n" + "    x = 1\n" * 60,
        "def f(x):\n    return [" + ", ".join(["x if x else 0"] * 16) + "]",
        f"def f({', '.join(f'a{n}' for n in range(11))}): pass",
    ],
)
def test_a_function_that_does_too_much_is_noticed(code):
    assert too_large(ast.parse(code), code.splitlines()) == ["f"]


def test_what_is_said_of_a_function_makes_it_no_longer():
    said = "def f(x):\n" + '    """Said.\n' + "\n".join(["    more"] * 80) + '\n    """\n'
    code = said + "    # noted\n" * 80 + "    return x\n"
    assert too_large(ast.parse(code), code.splitlines()) == []


def test_modules_have_a_name_that_says_something():
    empty = {*("utils", "util", "common", "helpers", "helper", "base", "misc")}
    names = {part for module in MODULES for part in module.relative_to(PACKAGE).parts}
    assert {name.removesuffix(".py") for name in names} & empty == set()


def undocumented(module: Path) -> list[str]:
    """The module itself or its public names, where they have no docstring."""
    source = tree(module)
    found = [source, *source.body]
    named = ast.FunctionDef | ast.ClassDef | ast.Module
    return [
        getattr(node, "name", "the module")
        for node in found
        if isinstance(node, named)
        and not getattr(node, "name", "").startswith("_")
        and source.body
        and not ast.get_docstring(node)
    ]


def test_modules_and_their_public_names_are_documented():
    assert broken(undocumented, MODULES) == {}


@pytest.mark.parametrize("part", sorted(FAMILIES | {"datasets", "reports", "sources", "workshop"}))
def test_tab_completion_offers_the_public_names_only(part):
    for name in (part, f"reduce/{part}", f"plots/{part}"):
        if (PACKAGE / name).is_dir():
            module = importlib.import_module(f"salesanalysis.{name.replace('/', '.')}")
            assert dir(module) == sorted(module.__all__), name


def lost_errors(module: Path) -> list[str]:
    """Lines with an ``assert``, or where every exception is swallowed."""
    found = []
    for node in nodes(module):
        if isinstance(node, ast.Assert):
            found.append(f"line {node.lineno}: assert outside tests")
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            broad = caught in {"everything", "Exception", "BaseException"}
            if broad and all(isinstance(s, ast.Pass | ast.Continue) for s in node.body):
                found.append(f"line {node.lineno}: {caught} is swallowed")
    return found


def test_errors_are_raised_not_asserted_and_never_swallowed():
    assert broken(lost_errors, MODULES) == {}


def column_arguments(module: Path) -> list[str]:
    """Functions that take a column's name: users' names are mapped once, in sources."""
    functions = [node for node in nodes(module) if isinstance(node, ast.FunctionDef)]
    return [
        function.name
        for function in functions
        for argument in [*function.args.args, *function.args.kwonlyargs]
        if argument.arg.endswith(("_col", "_column"))
    ]


def test_results_have_no_column_name_arguments():
    assert broken(column_arguments, MODULES) == {}


# Notebooks


CELL_TAGS = ("title", "parameters", "setup", "load", "headline", "figure", "table", "appendix")
CELL_TAGS += ("room",)  # of the workshop: the page itself
PLAIN_TYPES = {"str", "int", "float", "bool", "list", "dict"}


def tag(cell: dict) -> str:
    """The one tag of a cell that says what it is for, ``?`` if there is not exactly one."""
    found = [t for t in cell["metadata"].get("tags", []) if t in CELL_TAGS]
    return found[0] if len(found) == 1 else "?"


#: The workshop is a page of controls, the overview a page over all families.
OF_NO_FAMILY = {"workshop", "overview"}


def test_every_notebook_is_of_a_family():
    """``customers.ipynb`` and ``customers_churn.ipynb`` are both of ``customers``."""
    of = {path.stem.split("_")[0] for path in NOTEBOOKS}
    assert of - OF_NO_FAMILY <= FAMILIES


def test_notebooks_are_committed_without_outputs():
    def ran(notebook: Path) -> list[dict]:
        cells = code_cells(notebook)
        return [c for c in cells if c["outputs"] or c["execution_count"] is not None]

    assert broken(ran, NOTEBOOKS) == {}


def test_notebooks_open_with_a_title():
    first = {by_name(notebook): cells(notebook)[0] for notebook in NOTEBOOKS}
    titled = {
        name: cell["cell_type"] == "markdown" and cell["source"].startswith("# ")
        for name, cell in first.items()
    }
    assert all(titled.values()), titled


def test_the_cells_of_notebooks_follow_the_steps_of_a_report():
    def other_order(notebook: Path) -> str:
        order = " ".join(tag(cell) for cell in code_cells(notebook))
        steps = r"parameters setup (load )+(title )?headline( (figure|table))+( appendix)+"
        if notebook.stem == "workshop":
            steps = r"parameters setup( load)+ room"
        return "" if re.fullmatch(steps, order) else order

    assert broken(other_order, NOTEBOOKS) == {}


def without_heading(notebook: Path) -> list[str]:
    """Figures and tables after the headline with no heading, in Markdown or by ``.section``."""
    found, under_heading = [], False
    for cell in cells(notebook):
        markdown = cell["cell_type"] == "markdown"
        if re.search(r"^#", cell["source"], re.M) if markdown else ".section(" in cell["source"]:
            under_heading = True
        if not markdown and tag(cell) == "headline":
            under_heading = False
        if not markdown and tag(cell) in {"figure", "table"} and not under_heading:
            found.append(cell["source"])
    return found


def test_each_figure_and_table_stands_under_a_heading():
    assert broken(without_heading, NOTEBOOKS) == {}


def too_much(notebook: Path) -> list[str]:
    """Cells that are long, and loops and definitions: a notebook only calls."""
    loops = ast.For | ast.While | ast.AsyncFor
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
    # A parameter has a line of its own, however many there are.
    found = [
        cell["source"]
        for cell in code_cells(notebook)
        if len(cell["source"].splitlines()) > (35 if tag(cell) == "parameters" else 12)
    ]
    inside = (node for source in cell_trees(notebook) for node in ast.walk(source))
    return found + [ast.unparse(node) for node in inside if isinstance(node, loops | definitions)]


def test_the_cells_of_notebooks_are_short_and_only_call():
    assert broken(too_much, NOTEBOOKS) == {}


def test_notebooks_do_not_read_the_clock():
    def readings(notebook: Path) -> list[str]:
        return [found for source in cell_trees(notebook) for found in clock_readings(source)]

    assert broken(readings, NOTEBOOKS) == {}


def parameters(notebook: Path) -> dict[str, tuple[str, str]]:
    """Name → (type, default as written) of the parameters, by Python's own parser."""
    (cell,) = [c for c in code_cells(notebook) if tag(c) == "parameters"]
    found = {}
    for statement in ast.parse(cell["source"]).body:
        assert isinstance(statement, ast.AnnAssign), ast.unparse(statement)
        assert statement.lineno == statement.end_lineno, "one parameter is one line"
        line = cell["source"].splitlines()[statement.lineno - 1]
        assert re.search(r"  # \S", line[statement.value.end_col_offset :]), f"no comment: {line}"
        kind, value = ast.unparse(statement.annotation), ast.literal_eval(statement.value)
        assert kind in PLAIN_TYPES and type(value).__name__ == kind, line
        json.dumps(value)
        found[statement.target.id] = (kind, ast.get_source_segment(cell["source"], statement.value))
    return found


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=by_name)
def test_parameters_are_plain_and_papermill_reads_them_all(notebook):
    import papermill

    read = papermill.inspect_notebook(str(notebook))
    assert {name: (p["inferred_type_name"], p["default"]) for name, p in read.items()} == (
        parameters(notebook)
    )
    assert all(p["help"] for p in read.values())


# The repository


#: Folders of somebody's machine (examples are Ann's), and hosts that packages were fetched from.
MACHINE_PATH = re.compile(rb"(?<![\w.~<])/(?:root|home|work|Users|opt|mnt)/(?!ann\b)[\w.-]+")
HOST = re.compile(rb"pypi\.org|pythonhosted|repo\.anaconda|artifactory|file:///\w", re.IGNORECASE)


def files_of_the_repository() -> list[Path]:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.split("\0") if name]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_no_file_knows_the_machine_it_was_made_on():
    found = {}
    for path in files_of_the_repository():
        if path.is_file() and path != Path(__file__):
            content = path.read_bytes()
            hits = MACHINE_PATH.findall(content) + HOST.findall(content)
            if hits:
                found[by_name(path)] = hits[:3]
    assert found == {}


def test_paths_of_a_machine_are_noticed():
    for said in (b'"/home/bob/x.csv"', b"see /work/x", b"(/root/.cache)", b"=/Users/bob"):
        assert MACHINE_PATH.search(said), said
    for said in (
        b"/usr/share/fonts",
        b"../work/x",
        b"/home/ann/x.csv",
        b"https://a.example/home/x",
    ):
        assert not MACHINE_PATH.search(said), said

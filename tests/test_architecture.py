"""The rules of ARCHITECTURE.md, held against the code itself."""

import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "salesanalysis"
MODULES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

VOCABULARY = {
    *("columns", "errors", "findings", "lined_yaml", "masking", "periods", "processes"),
    *("stats", "summarised", "text"),
}
FAMILIES = {"forecast", "forgetting", "funnel", "incentive", "overview"}

#: What each part may import from the package; a part may always import itself.
MAY_IMPORT = {
    **dict.fromkeys(VOCABULARY, VOCABULARY),
    **dict.fromkeys(FAMILIES, VOCABULARY - {"text"}),
    "sources": VOCABULARY,
    "reduce": VOCABULARY | {"sources"},
    "plots": VOCABULARY,
    "reports": VOCABULARY | {"plots.style", "sources"},
    "datasets": VOCABULARY,
    # Like a notebook it brings the steps together, but it reads no data.
    "workshop": VOCABULARY | FAMILIES | {"plots"},
}
#: Single modules that may import more, with the reason in ARCHITECTURE.md.
EXCEPTIONS = {"incentive/wording.py": {"text"}}
#: The parts that may import all of it: they are where the steps meet.
FREE = {"cli", "__main__"}

NUMBERS = {"numpy", "pandas", "scipy"}
ENGINES = {"ibis", "duckdb", "sqlglot", "pyarrow", "pandera", "python_calamine", "psycopg"}
DRAWING = {"matplotlib", "seaborn"}
NOTEBOOK_TOOLS = {
    *("papermill", "nbconvert", "nbclient", "nbformat", "jupyter_client", "ipykernel"),
    *("IPython", "traitlets", "matplotlib_inline", "bs4"),
}

FORMATS = {"pyarrow", "pptx", "xlsxwriter", "weasyprint"}
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


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(node: ast.AST, module: Path) -> set[str]:
    """Full names of all that is imported under ``node``, inside functions as well."""
    names = set()
    for item in ast.walk(node):
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


def without_type_checking(module: ast.Module) -> ast.Module:
    """The module without its ``if TYPE_CHECKING`` blocks, whose imports never happen."""
    module.body = [
        s
        for s in module.body
        if not (isinstance(s, ast.If) and ast.unparse(s.test).endswith("TYPE_CHECKING"))
    ]
    return module


def by_name(path: Path) -> str:
    return str(path.relative_to(ROOT))


each_module = pytest.mark.parametrize("module", MODULES, ids=by_name)


def forbidden_imports(module: Path, source: ast.Module) -> set[str]:
    """What a module imports from the package against the rule."""
    part = part_of(module)
    names = inside(imported(source, module))
    if part in FREE or part == "__init__":
        return set()
    if part == "plots":  # families for their types only
        names = inside(imported(without_type_checking(source), module))
    allowed = MAY_IMPORT[part] | {part} | EXCEPTIONS.get(str(module.relative_to(PACKAGE)), set())
    return {name for name in names if not any(f"{name}.".startswith(f"{ok}.") for ok in allowed)}


@each_module
def test_every_module_belongs_to_a_part(module):
    known = set(MAY_IMPORT) | FREE | {"__init__"}
    assert part_of(module) in known, "add the new part to ARCHITECTURE.md and to this file"


@each_module
def test_imports_keep_to_the_rule(module):
    assert forbidden_imports(module, tree(module)) == set()


@each_module
def test_libraries_keep_to_their_parts(module):
    part = part_of(module)
    used = outside(imported(tree(module), module))
    if part in FREE or part == "__init__":
        assert used <= {"yaml"}, "the command line leaves work to the other parts"
    else:
        assert used <= MAY_USE[part]


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
    used_by_us = ("postgres", "pdf", "cluster", "workshop")
    declared = [text for name in used_by_us for text in extras[name]]
    declared += project["dependencies"]
    names = {re.split(r"[\[<>=]", text)[0].replace("-", "_") for text in declared}
    names |= {"ibis", "yaml", "bs4", "pptx"}  # of ibis-framework, pyyaml, beautifulsoup4, …
    names |= {"jupyter_server", "tornado"}  # what Voilà is made of
    used = set().union(*(outside(imported(tree(module), module)) for module in MODULES))
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


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_importing_a_family_loads_only_numbers(family):
    heavy = (ENGINES - {"pyarrow"}) | DRAWING | NOTEBOOK_TOOLS  # pandas itself brings pyarrow
    assert loaded_after(f"import salesanalysis.{family}") & heavy == set()


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


@each_module
def test_nothing_that_ends_in_a_result_reads_the_clock(module):
    if part_of(module) not in CLOCK_ALLOWED:
        assert clock_readings(tree(module)) == []


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
        for name in imported(source, PACKAGE / "x.py")
        if name.split(".")[0] in NOT_FOR_FAMILIES
    )


@each_module
def test_families_only_compute(module):
    if part_of(module) in FAMILIES:
        assert impure(tree(module)) == []


@pytest.mark.parametrize(
    "code", ["print(1)", "pd.read_csv('x')", "from pathlib import Path", "f = open('x')"]
)
def test_a_family_that_does_more_is_noticed(code):
    assert impure(ast.parse(code)) != []


# Modules


@each_module
def test_modules_are_short_and_have_a_name_that_says_something(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 450, "make it a folder"
    assert not {module.stem, *module.relative_to(PACKAGE).parts} & {
        *("utils", "util", "common", "helpers", "helper", "base", "misc")
    }


@each_module
def test_modules_and_their_public_names_are_documented(module):
    source = tree(module)
    assert not source.body or ast.get_docstring(source), "the module has no docstring"
    named = ast.FunctionDef | ast.ClassDef
    missing = [
        node.name
        for node in source.body
        if isinstance(node, named) and node.name[0] != "_" and not ast.get_docstring(node)
    ]
    assert missing == []


@pytest.mark.parametrize("part", sorted(FAMILIES | {"datasets", "reports", "sources", "workshop"}))
def test_tab_completion_offers_the_public_names_only(part):
    for name in (part, f"reduce/{part}", f"plots/{part}"):
        if (PACKAGE / name).is_dir():
            module = importlib.import_module(f"salesanalysis.{name.replace('/', '.')}")
            assert dir(module) == sorted(module.__all__), name


@each_module
def test_errors_are_raised_not_asserted_and_never_swallowed(module):
    for node in ast.walk(tree(module)):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}: assert outside tests"
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            broad = caught in {"everything", "Exception", "BaseException"}
            silent = all(isinstance(s, ast.Pass | ast.Continue) for s in node.body)
            assert not (broad and silent), f"line {node.lineno}: {caught} is swallowed"


@each_module
def test_results_have_no_column_name_arguments(module):
    """Users' names are mapped once, in sources; `*_col` arguments would do it again elsewhere."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef):
            names = {a.arg for a in [*node.args.args, *node.args.kwonlyargs]}
            assert not {n for n in names if n.endswith(("_col", "_column"))}, node.name


# Notebooks


each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=by_name)
CELL_TAGS = ("title", "parameters", "setup", "load", "headline", "figure", "table", "appendix")
CELL_TAGS += ("room",)  # of the workshop: the page itself
PLAIN_TYPES = {"str", "int", "float", "bool", "list", "dict"}


def cells(notebook: Path) -> list[dict]:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    assert content["nbformat"] == 4
    return [c | {"source": "".join(c["source"])} for c in content["cells"]]


def code_cells(notebook: Path) -> list[dict]:
    return [cell for cell in cells(notebook) if cell["cell_type"] == "code"]


def tag(cell: dict) -> str:
    """The one tag of a cell that says what it is for, ``?`` if there is not exactly one."""
    found = [t for t in cell["metadata"].get("tags", []) if t in CELL_TAGS]
    return found[0] if len(found) == 1 else "?"


#: The workshop is a page of controls, not a report.
OF_NO_FAMILY = {"workshop"}


def test_there_is_a_notebook_for_every_family():
    assert {path.stem for path in NOTEBOOKS} - OF_NO_FAMILY == FAMILIES


@each_notebook
def test_notebook_is_committed_without_outputs(notebook):
    for cell in code_cells(notebook):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@each_notebook
def test_notebook_opens_with_a_title(notebook):
    first = cells(notebook)[0]
    assert first["cell_type"] == "markdown"
    assert first["source"].startswith("# ")


@each_notebook
def test_notebook_cells_follow_the_steps_of_a_report(notebook):
    order = " ".join(tag(cell) for cell in code_cells(notebook))
    steps = r"parameters setup (load )+(title )?headline( (figure|table))+( appendix)+"
    if notebook.stem == "workshop":
        steps = r"parameters setup( load)+ room"
    assert re.fullmatch(steps, order), order


@each_notebook
def test_each_figure_and_table_stands_under_a_heading(notebook):
    """A heading after the headline, in Markdown or by ``report.section``."""
    under_heading = False
    for cell in cells(notebook):
        markdown = cell["cell_type"] == "markdown"
        if re.search(r"^#", cell["source"], re.M) if markdown else ".section(" in cell["source"]:
            under_heading = True
        if not markdown and tag(cell) == "headline":
            under_heading = False
        if not markdown and tag(cell) in {"figure", "table"}:
            assert under_heading, cell["source"]


@each_notebook
def test_notebook_cells_are_short_and_only_call(notebook):
    loops = ast.For | ast.While | ast.AsyncFor
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
    for cell in code_cells(notebook):
        # A parameter has a line of its own, however many there are.
        limit = 12 if tag(cell) != "parameters" else 30
        assert len(cell["source"].splitlines()) <= limit, cell["source"]
        for node in ast.walk(ast.parse(cell["source"])):
            assert not isinstance(node, loops | definitions), ast.unparse(node)


@each_notebook
def test_notebook_does_not_read_the_clock(notebook):
    for cell in code_cells(notebook):
        assert clock_readings(ast.parse(cell["source"])) == []


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


@each_notebook
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
    for text in (b'"/home/bob/x.csv"', b"see /work/x", b"(/root/.cache)", b"=/Users/bob"):
        assert MACHINE_PATH.search(text), text
    for text in (
        b"/usr/share/fonts",
        b"../work/x",
        b"/home/ann/x.csv",
        b"https://a.example/home/x",
    ):
        assert not MACHINE_PATH.search(text), text

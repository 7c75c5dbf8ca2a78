"""A small notebook full of hostile texts, how to write such notebooks and read their pages."""

import json
import textwrap
from html.parser import HTMLParser

#: Words of a report called `trial`, put in place of a text file: they are no part of the package.
WORDING = textwrap.dedent(
    """
    from salesanalysis.text import files

    SENTENCES = {
        "trial.title": "Trial <b>of</b> {name}",
        "trial.question": "Does it work?",
        "trial.headline.first": "Found {n:count} deals of {name}.",
        "trial.headline.second": "The win rate is {rate:share}.",
        "trial.warn.small": "Only {n:count} deals.",
        "trial.section.deals": "Deals & more",
        "trial.say.note": "One.\\n\\nTwo <i>x</i>.",
        "trial.table.deals": "All deals <script>",
        "trial.figure.deals": "Amounts \\"quoted\\" <script>",
        "trial.value.outcome.won": "Gewonnen",
    }
    package_texts = files.texts
    files.texts = lambda lang, part: SENTENCES if part == "trial" else package_texts(lang, part)
    """
)

PARAMETERS = """\
name: str = "nobody"  # whose deals, a # too
n: int = 3  # how many
rate: float = 0.5
must_win: bool = False
by: list = []  # columns
settings: dict = {}
lang: str = "en"  # whose words
"""

HOSTILE = ["<script>alert(1)</script>", '=cmd|"/c calc"!A1', "**bold** [x](http://evil.test)"]

TRIAL = [
    ("markdown", "# Guide for JupyterLab, not for the page", []),
    ("code", PARAMETERS, ["parameters"]),
    (
        "code",
        "import warnings\nimport matplotlib.pyplot as plt\nimport pandas as pd\nimport wording\n"
        "from salesanalysis.findings import Finding, KeyFigure\n"
        "from salesanalysis.reports import Report\nreport = Report('trial', lang=lang)\n"
        "warnings.warn('a library <i>warns</i>')",
        ["setup"],
    ),
    ("code", "report.title(name=name)", []),
    (
        "code",
        "first = Finding('headline', 'first', {'n': n, 'name': name})\n"
        "second = Finding('headline', 'second', {'rate': rate})\n"
        "report.findings([first, second, Finding('warn', 'small', {'n': n})])\n"
        "report.key_figures([KeyFigure('win_rate', rate)])",
        ["headline"],
    ),
    ("markdown", "## The deals", []),
    (
        "code",
        f"report.section('deals')\nreport.say('note')\nfrom table import frame\n"
        f"report.table('deals', frame, rows=4)\nprint({HOSTILE[0]!r})\n{{'id': object()}}",
        ["table"],
    ),
    (
        "code",
        "axes = plt.figure(figsize=(4, 2)).add_subplot()\naxes.plot([1, 2, 3])\n"
        "report.figure('deals', axes)",
        ["figure"],
    ),
    ("code", "from inputs import checked\nreport.source(checked)\nreport.quality()", ["appendix"]),
    ("code", "report.provenance()", ["appendix"]),
]

TABLE = f"""\
import numpy as np
import pandas as pd
frame = pd.DataFrame({{
    "opportunity_id": ["007", *{HOSTILE!r}, "e", "f"],
    "amount": [-5.0, 1234.5, np.nan, 0.1 + 0.2, 1.0, 2.0],
    "outcome": ["won", "lost", "open", None, "won", "won"],
    "closed_at": pd.to_datetime(["2024-02-29", None, "2024-03-01"] * 2),
    "touched": pd.to_datetime(["2024-02-29 10:30", None, "2024-03-01 00:00"] * 2),
    "n": [1, 2, 3, 4, 5, 13087],
}})
"""

INPUTS = """\
import os
from types import SimpleNamespace
import pandas as pd
from salesanalysis.sources.set_aside import SetAside
checked = SimpleNamespace(
    table_name="opportunities",
    source=os.path.abspath("deals.csv"),
    fingerprint="ab" * 32,
    rows=10, rows_used=8, rows_set_aside=2, rows_left_out=0,
    rows_not_kept=0, words=pd.DataFrame(columns=["word", "outcome", "rows"]),
    set_aside=SetAside(rows_share=0.2),
    columns=pd.DataFrame({"column": ["amount"], "theirs": ["<b>Value</b>"], "how": ["alias"],
                          "filled": [1.0]}),
    faults=pd.DataFrame({"rule": ["odd_rule"], "severity": ["set_aside"], "column": ["amount"],
                         "count": [2], "example": ["=1+1"]}),
    cases=pd.DataFrame({"rule": ["odd_rule"] * 2, "severity": ["set_aside"] * 2,
                        "file": [os.path.abspath("deals.csv")] * 2, "line": [3, 1004],
                        "key": ["a", "b"],
                        "column": ["amount"] * 2, "value": ["=1+1", "<u>"]}),
    set_aside_rows=lambda most: pd.DataFrame({
        "file": [os.path.abspath("deals.csv")] * 2, "line": [3, 1004], "rules": ["odd_rule"] * 2,
        "Deal": ["a", "b"], "Value": ["=1+1", "<u>"]}),
)
"""


def write_notebook(path, cells) -> None:
    """A notebook file from (cell type, source, tags)."""
    content = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for number, (kind, source, tags) in enumerate(cells):
        cell = {"cell_type": kind, "id": f"c{number}", "metadata": {"tags": tags}}
        if kind == "code":
            cell |= {"outputs": [], "execution_count": None}
        content["cells"].append(cell | {"source": source.splitlines(keepends=True)})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def furnish(folder) -> None:
    """Put the trial notebook and what it imports into a working directory."""
    write_notebook(folder / "notebooks" / "trial.ipynb", TRIAL)
    for name, source in (("wording", WORDING), ("table", TABLE), ("inputs", INPUTS)):
        (folder / f"{name}.py").write_text(source, encoding="utf-8")


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: str):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict]:
        return [attributes for tag, attributes in self.tags if tag == name]

"""Texts that strangers type into a CRM to make a reader's program do something, in one report."""

import os
import textwrap
from pathlib import Path

from salesanalysis import formats
from salesanalysis.reports.job import prepare
from salesanalysis.reports.run import execute

#: One line each: what it is meant to do.
CORPUS = {
    "script": "<script>window.ran = 1</script>",
    "handler": '<img src=x onerror="window.ran = 1">',
    "svg": "<svg onload=window.ran=1><a xlink:href='javascript:window.ran=1'>x</a></svg>",
    "breakout": '"></td></table></figure><script>window.ran = 1</script>',
    "end_of_script": "</script><script>window.ran = 1</script><!--",
    "end_of_style": "</style><style>*{background:url(http://x.test/css)}</style>",
    "frame": "<iframe src='http://x.test/frame'></iframe><base href='http://x.test/'>",
    "link": "javascript:window.ran=1",
    "markdown_link": "[press](javascript:window.ran=1) ![x](http://x.test/pixel)",
    "markdown_html": "# big\n\n<b>bold</b> | cell | `code`",
    "formula": "=1+1",
    "dde": "=cmd|' /c calc'!A1",
    "plus": "+1+cmd|' /c calc'!A1",
    "minus": "-2+3+cmd|' /c calc'!A1",
    "at": "@SUM(1+9)*cmd|' /c calc'!A1",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "newline": '\n=HYPERLINK("http://x.test","x")',
    "full_width": "＝1+1",
    "full_width_at": "＠SUM(1+9)",
    "separators": "a\u2028=1+1\u2029-2\x85+3",
    "zero_width": "\u200b=in\u00advis\u200dible\ufeff",
    "embedding": "\u202aA\u202bB\u202d\u2067C",
    "option": "--help",
    "device": "CON",
    "quote": "'=1+1",
    "separator": '";=1+1;"',
    "template": "{{7*7}} ${7*7} {name} %s %(x)s",
    "control": "a\x00b\x07c\x1bd\x7fe",
    "overriding": "in\u202evoice\u2066.exe",
    "not_xml": "\ufffe\uffff \ud7ff",
    "entity": "&lt;b&gt; &#106;avascript &amp;",
    "address": "http://x.test/a?b=c mailto:a@x.test www.x.test file://x/y xmpp:a@x.test",
    "place": "internal:deals!A1",
    "place_outside": "external:\\\\x.test\\share\\x.xlsx#deals!A1",
    "path": "../../../../etc/passwd",
    "long": "W" * 40_000,
    "emoji": "👩‍💻 销售 喆镕",
}

#: The amounts beside them: none may change on its way.
NUMBERS = [-5.0, -1234.5, 0.1 + 0.2, 13087.0]

REPORT = [
    ("code", 'name: str = "x"\nlang: str = "en"  # en or zh', ["parameters"]),
    (
        "code",
        "import matplotlib.pyplot as plt\nimport wording\nfrom corpus import frame, texts\n"
        "from salesanalysis.findings import Finding, KeyFigure\n"
        "from salesanalysis.reports import Report\nreport = Report('trial', lang=lang)",
        ["setup"],
    ),
    ("code", "report.title(name=name)", ["load"]),
    (
        "code",
        "firsts = [Finding('headline', 'first', {'n': -5, 'name': said}) for said in texts]\n"
        "report.findings([*firsts, Finding('warn', 'small', {'n': 3})])\n"
        "report.key_figures([KeyFigure('name', name)])",
        ["headline"],
    ),
    (
        "code",
        "report.section('deals')\nreport.say('note')\n"
        "axes = plt.figure(figsize=(4, 2)).add_subplot()\naxes.plot([1, 2, 3])\n"
        "axes.set_title(name, parse_math=False)\naxes.text(0, 1, texts[0], parse_math=False)\n"
        "report.figure('deals', axes, shows='first')",
        ["figure"],
    ),
    ("code", "report.table('deals', frame)", ["table"]),
    ("code", "report.provenance()", ["appendix"]),
]

CORPUS_MODULE = textwrap.dedent(
    f"""
    import pandas as pd
    texts = {list(CORPUS.values())!r}
    numbers = {NUMBERS!r}
    frame = pd.DataFrame({{
        "opportunity_id": texts,
        "amount": [numbers[i % 4] for i in range(len(texts))],
        "won": [i % 2 == 0 for i in range(len(texts))],
        "share": [0.25] * len(texts),
        "closed_at": pd.to_datetime(["2024-02-29"] * len(texts)),
        "=cmd|' /c calc'!A1": range(len(texts)),
        "mixed": [texts[0], 1, None, -2.5] * (len(texts) // 4) + [None] * (len(texts) % 4),
    }})
    """
)

#: All but the page, which is always there, and those that a library must be installed for.
FORMATS = tuple(
    name for name, format in formats.FORMATS.items() if name != formats.PAGE and not format.extra
)


def write_template(path: Path) -> None:
    """A house template: other size, other fonts, a slide in it, no layout with a title only."""
    import pptx

    theirs = pptx.Presentation()
    theirs.slide_width, theirs.slide_height = 9_999_360, 7_199_313
    parts = theirs.slide_master.part.rels.values()
    theme = next(rel.target_part for rel in parts if rel.reltype.endswith("/theme"))
    theme._blob = theme.blob.replace(b'typeface="Calibri"', b'typeface="Georgia"')
    theirs.slide_layouts.remove(theirs.slide_layouts.get_by_name("Title Only"))
    theirs.slides.add_slide(theirs.slide_layouts[0]).shapes.title.text = "Old slide"
    theirs.save(path)


def make(folder: Path, lang: str, place: str, *, warm: str, **asked) -> Path:
    """The folder of the report, made in the working directory ``folder``."""
    name = asked.pop("name", CORPUS["script"])
    before = os.getcwd()
    os.chdir(folder)
    try:
        asked = {"formats": FORMATS, "lang": lang, "out": f"out/{place}", **asked}
        request = prepare("trial", parameters={"name": name}, **asked)
        return execute(request, warm=warm).folder
    finally:
        os.chdir(before)

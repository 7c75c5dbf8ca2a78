"""What a reader meets on a page, against its budget: `python benchmarks/reports/page.py [FOLDER]`.

For every report that `make report` left in FOLDER (`out/` where none is named), in Chromium at
1280 × 720, folded as it opens: how many screens it is long, on which the first picture begins, the
words and numbers of the first, tables wider than the page, columns of the widest table, bytes. On a
telephone (390 pixels): whether anything but a table is wider than the screen.

A missed budget is printed, and is no error here; `tests/reports/test_budgets.py` asserts the same.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "support")]

import budgets  # noqa: E402
from chromium import chromium, tab  # noqa: E402


def main(folder: Path) -> None:
    """Measure every report of a folder and print a line for each."""
    print(f"{'report':24}" + "".join(f"{name:>12}" for name in budgets.MEASURES))
    with chromium() as port:
        for page in sorted(folder.glob("*/*/report.html")):
            with tab(port) as opened:
                found = budgets.measured(opened, page)
            name = f"{page.parents[1].name} {page.parent.name}"
            figures = "".join(f"{found[key]:12.4g}" for key in budgets.MEASURES)
            missed = budgets.missed(page.parents[1].name, found)
            print(f"{name:24}{figures}" + (f"   over: {', '.join(missed)}" if missed else ""))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "out")

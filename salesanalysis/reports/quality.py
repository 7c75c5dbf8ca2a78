"""The data-quality page: the same words for a report and for ``salesanalysis check``."""

import math
from typing import TYPE_CHECKING

from salesanalysis import text
from salesanalysis.reports import html_tables, provenance
from salesanalysis.reports.blocks import Block, Heading, Paragraph, Table

if TYPE_CHECKING:
    import pandas as pd

#: At most so many rows of a check are written.
ROWS_WRITTEN = 1_000
#: How many names are said that are in no row used.
_NAMES_SHOWN = 10


def summary(checked, lang: str) -> list[str]:
    """What happened to the rows of one input, in sentences."""
    counts = {"rows": checked.rows, "used": checked.rows_used, "aside": checked.rows_set_aside}
    said = [text.sentence("report.quality.summary", lang, **counts)]
    said += taken_along(checked, lang)
    if checked.rows_left_out:
        said.append(text.sentence("report.quality.left_out", lang, rows=checked.rows_left_out))
    if checked.rows_not_kept:
        said.append(text.sentence("report.quality.not_kept", lang, rows=checked.rows_not_kept))
    if not len(checked.faults):
        said.append(text.sentence("report.quality.no_fault", lang))
    return said


def taken_along(checked, lang: str, currency: str = "") -> list[str]:
    """What the rows set aside take along, in sentences: rows, money, names that are in no other."""
    aside = checked.set_aside
    if not checked.rows_set_aside:
        return []
    counts = {"rows": checked.rows_set_aside, "table": checked.table_name}
    said = [text.sentence("report.set_aside.rows", lang, **counts, share=aside.rows_share)]
    if aside.amount_column and (aside.amount or not aside.amounts_unread):
        column = text.column_label(aside.amount_column, lang)
        money = {"amount": aside.amount, "share": aside.amount_share, "column": column}
        said.append(text.sentence("report.set_aside.money", lang, currency, **money))
        if aside.amount:
            sums = {"whole": aside.used + aside.lost, "used": aside.used, "lost": aside.lost}
            said.append(text.sentence("report.set_aside.whole", lang, currency, **sums))
    if aside.amounts_unread:
        said.append(text.sentence("report.set_aside.unread", lang, rows=aside.amounts_unread))
    for column, names in aside.gone.items():
        listed = {"column": text.column_label(column, lang), "count": len(names)}
        shown = [_with_money(*one, lang, currency) for one in list(names.items())[:_NAMES_SHOWN]]
        shown = ", ".join(shown) + (", …" if len(names) > _NAMES_SHOWN else "")
        said.append(text.sentence("report.set_aside.gone", lang, **listed, names=shown))
    return said


def _with_money(name: str, money: float, lang: str, currency: str) -> str:
    """A name, and what goes with it, where that is known."""
    if not math.isfinite(money):
        return str(name)
    amount = text.said(money, "amount", lang=lang, currency=currency)
    return text.sentence("report.set_aside.named", lang, name=name, amount=amount)


def worded(value: str, family: str, lang: str, tail: str = "") -> str:
    """The reader's words ``quality.<family>.<value>``; a value without any keeps its own name."""
    key = f"quality.{family}.{value}{tail}"
    return text.sentence(key, lang) if text.has(key, lang) else str(value)


def worded_faults(checked, lang: str) -> "pd.DataFrame":
    """The rules broken, with title and reason in the reader's language."""
    import pandas as pd

    faults = checked.faults
    return pd.DataFrame(
        {
            "severity": [worded(s, "severity", lang) for s in faults["severity"]],
            "fault": [worded(rule, "rule", lang, ".title") for rule in faults["rule"]],
            "column": list(faults["column"]),
            "count": list(faults["count"]),
            "example": list(faults["example"]),
            "why": [worded(rule, "rule", lang, ".why") for rule in faults["rule"]],
        }
    )


def worded_cases(checked, lang: str) -> "pd.DataFrame":
    """The first failing cases: where each lies and what it holds."""
    import pandas as pd

    cases = checked.cases
    return pd.DataFrame(
        {
            "fault": [worded(rule, "rule", lang, ".title") for rule in cases["rule"]],
            "file": _portable_files(cases["file"]),
            # A line number is a name, not a quantity: no separator between its thousands.
            "line": [None if pd.isna(line) else str(int(line)) for line in cases["line"]],
            "key": list(cases["key"]),
            "column": list(cases["column"]),
            "value": list(cases["value"]),
        }
    )


def _portable_files(files) -> list:
    """File names as they may be shown to others; a database has none."""
    return [provenance.portable(file) if isinstance(file, str) and file else None for file in files]


def page(inputs, lang: str) -> list[Block]:
    """The data-quality page of a report on its inputs."""
    import pandas as pd

    blocks: list[Block] = [
        Heading("quality", text.sentence("report.quality.title", lang), folded=True)
    ]
    if not inputs:
        return [*blocks, Paragraph(text.sentence("report.quality.no_input", lang))]
    names = _distinct([checked.table_name for checked in inputs])
    for name, checked in zip(names, inputs, strict=True):
        blocks += _input_page(name, checked, lang)
    faults = [
        checked.faults.assign(
            table=checked.table_name, source=provenance.portable(str(checked.source))
        )
        for checked in inputs
    ]
    return [*blocks, Table(pd.concat(faults, ignore_index=True), name="quality_faults")]


def _input_page(name: str, checked, lang: str) -> list[Block]:
    """The part of the page on one input; ``name`` is its table's, numbered where it comes again."""
    source = provenance.portable(str(checked.source))

    def caption(key: str) -> str:
        return text.sentence(f"report.quality.{key}", lang, table=checked.table_name, source=source)

    blocks: list[Block] = [
        Heading(f"quality-{name}", f"{checked.table_name} · {source}", level=3),
        *(Paragraph(said) for said in summary(checked, lang)),
    ]
    if len(checked.faults):
        blocks.append(Table(worded_faults(checked, lang), caption("faults"), under=("why",)))
    if len(checked.cases):
        blocks.append(Table(worded_cases(checked, lang), caption("cases")))
    if unused := checked.rows_set_aside + checked.rows_left_out:
        rows = checked.set_aside_rows(most=unused)
        rows = rows.assign(file=_portable_files(rows["file"]))
        wide = tuple(rows.columns[html_tables.MOST_COLUMNS :])
        blocks.append(Table(rows, caption("set_aside"), f"set_aside_{name}", hide=wide))
    # A deal list that has our own words says nothing new by them.
    if (checked.words["word"] != checked.words["outcome"]).any():
        blocks.append(Table(checked.words, caption("words")))
    blocks.append(Table(checked.columns, caption("columns")))
    return blocks


def checks(checks, parts: tuple[str, ...], lang: str, *, with_rows: bool) -> list[Block]:
    """What the checks of a family found, and the rows of each in a table of its own.

    Parameters
    ----------
    checks : reduce.checks.Checks
    parts : tuple of str
        The parts of the texts that have words for them.
    with_rows : bool
        Whether there is a folder for the rows, which the name of a check can lead to.
    """
    table = checks.table
    told = table["finding"].value_counts()
    counts = {name: int(told.get(name, 0)) for name in ("found", "unknown")}
    said = [text.sentence("checks.said", lang, checks=len(table), **counts)]
    found = table.loc[table["finding"] == "found", "check"].tolist() if with_rows else []
    if found:
        said.append(text.sentence("checks.rows", lang, most=ROWS_WRITTEN))
    shown = table[table["finding"] != "clear"].reset_index(drop=True)
    bare = [] if shown["blocks"].any() else ["blocks"]
    files = {name: f"check_{name}" for name in found}
    block = Table(
        shown.assign(why=shown["check"]),
        text.sentence("checks.caption", lang),
        "checks",
        hide=("n", *bare),
        under=("why", "suggestion"),
        part=parts,
        links={"check": {name: f"tables/{file}.csv" for name, file in files.items()}},
    )
    rows = [
        Table(
            checks.rows_of(name, most=ROWS_WRITTEN),
            text.word(parts, "check", name, lang),
            file,
            part=parts,
            on_page=False,
        )
        for name, file in files.items()
    ]
    return [Paragraph(" ".join(said)), block, *rows]


def blocking(checks, parts: tuple[str, ...], lang: str) -> str:
    """Which checks make figures of the report wrong, in a sentence; empty where none does."""
    table = checks.table
    names = [text.word(parts, "check", name, lang) for name in table.loc[table["blocks"], "check"]]
    if not names:
        return ""
    return text.sentence("checks.blocking", lang, count=len(names), checks="; ".join(names))


def _distinct(names: list[str]) -> list[str]:
    """The names, those that come again numbered: ``deals``, ``deals_2``.

    Examples
    --------
    >>> _distinct(["deals", "reps", "deals"])
    ['deals', 'reps', 'deals_2']
    """
    return [
        name if names[:i].count(name) == 0 else f"{name}_{names[:i].count(name) + 1}"
        for i, name in enumerate(names)
    ]

"""The run folders of other reports: found, read, and what is to be said against them.

A page that brings reports together must not mix what does not belong together: a report that is
missing, broken or in another language is left out and said; one of another day, of other inputs, or
older than a run that failed, is shown and said.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding
from salesanalysis.formats import FORMATS, PAGE
from salesanalysis.reports import folders, in_short, made_from
from salesanalysis.reports.job import report_names
from salesanalysis.reports.pictures import Picture, files_of
from salesanalysis.reports.provenance import portable
from salesanalysis.reports.told_blocks import OUT

#: What a report must have told to have a part, and of which type.
_TOLD = {"name": str, "title": str, "lang": str, "parameters": dict, "made_from": dict}
_TOLD |= {"key_figures": list, "things": list, "figures": list, "sources": list, "files": dict}
_TOLD |= {"lead": list, "since": list, "actions": list}
_NUMBER = (int, float, type(None))
_FIGURE = {"name": str, "label": str, "unit": str, "low": _NUMBER, "high": _NUMBER}
_FIGURE |= {"status": str, "base": str, "past": list}
_SAID = {"key": str, "text": str}
_ACTION = {"action_id": str, "name": str, "title": str, "about": str, "traits": list, "step": str}
_ACTION |= {"due": str, "amount": _NUMBER, "at_stake": _NUMBER, "overdue_days": _NUMBER}
_THING = {"subject": str, "name": str, "reason": str, "money": _NUMBER}
_SOURCE = {"table": str, "fingerprint": str}

#: Names that can be those of a file and of an anchor.
_SAFE = re.compile(r"[a-z][a-z0-9_]*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, eq=False)
class MadeReport:
    """A report as its run folder tells it.

    Attributes
    ----------
    folder : Path
    told : dict
        Its ``run.json``.
    """

    folder: Path
    told: Mapping

    @property
    def name(self) -> str:
        """The name of its notebook."""
        return self.told["name"]

    @property
    def safe_name(self) -> str:
        """Its name as that of a file and an anchor; in letters that serve for both."""
        safe = re.sub(r"[^a-z0-9_]", "_", self.name.lower())
        return safe if _SAFE.fullmatch(safe) else f"report_{safe}"

    @property
    def title(self) -> str:
        """What it is called, in its language."""
        return self.told["title"]

    @property
    def as_of(self) -> str:
        """The day it is about; empty where it does not say."""
        return str(self.told["parameters"].get("as_of", ""))[:10]

    @property
    def currency(self) -> str | None:
        """The code of its amounts, empty where it does not know; None where it tells of no money.

        Runs of old do not say.
        """
        figures, things = self.told["key_figures"], self.told["things"]
        has_money = any(figure["unit"] == "amount" for figure in figures)
        has_money |= any(thing["money"] is not None for thing in things)
        return self.told.get("currency", "") if has_money else None

    @property
    def short(self) -> Mapping:
        """Its words for a page over several reports; its title alone where it has none."""
        return {"title": self.title, "figures": self.title, "picture": None} | (
            self.told.get("in_short") or {}
        )

    @property
    def address(self) -> str:
        """Its page, seen from the folder of the report that is being made; empty outside a run."""
        here = os.environ.get(OUT)
        if not here:
            return ""
        return quote(Path(os.path.relpath(self.folder / FORMATS[PAGE].file, here)).as_posix())

    def address_of(self, action: Mapping) -> str:
        """Where a line of its list leads: to its row, where it has one on the page."""
        row = action.get("row", "")
        return f"{self.address}#{quote(str(row))}" if self.address and row else self.address

    def main_figures(self) -> list[Mapping]:
        """The key figures that pages show of it."""
        return self.told["key_figures"][: in_short.MOST_FIGURES]

    def figures(self) -> pd.DataFrame:
        """Its first key figures as one row, ``x_low`` and ``x_high`` beside ``x``.

        Their headings and units go along as ``attrs``, which a table shows where the vocabulary
        does not know them.
        """
        row, columns = {}, {}
        for figure in self.main_figures():
            name, is_day = figure["name"], figure["unit"] == "date"
            row[name] = pd.Timestamp(figure["value"]) if is_day else figure["value"]
            columns[name] = [figure["label"], figure["unit"]]
            if figure["low"] is not None and figure["high"] is not None:
                row |= {f"{name}_low": figure["low"], f"{name}_high": figure["high"]}
        frame = pd.DataFrame([row])
        frame.attrs["columns"] = columns
        return frame.astype({name: float for name in row if row[name] is None})

    def picture(self) -> tuple[Mapping, Picture] | None:
        """The picture it is known by: as ``run.json`` lists it, and as its files hold it.

        None where it has none as this program writes them.
        """
        found = self.any_picture()
        return found if found and found[1].is_ours else None

    def any_picture(self) -> tuple[Mapping, Picture] | None:
        """The same whoever wrote the files: PNG and SVG, and the narrow SVG where there is one."""
        chosen = self.short["picture"]
        pictures = {one["name"]: one for one in self.told["figures"]}
        if chosen not in pictures or not _SAFE.fullmatch(chosen):
            return None
        files = [self.folder / file for file in files_of(chosen)]
        there = [file for file in files if file.is_file()]
        if there[:2] != files[:2]:
            return None
        return pictures[chosen], Picture(*(file.read_bytes() for file in there))


@dataclass(frozen=True, eq=False)
class MadeReports:
    """The reports that were found, in their order, and what is to be known of them.

    ``as_of`` is the day of the page: the one that was asked for, else the latest of the reports.
    """

    reports: list[MadeReport]
    as_of: str
    caveats: list[Finding]

    @property
    def currency(self) -> str:
        """The code of all amounts; empty where that of one report is another or not known."""
        codes = {made.currency for made in self.reports} - {None}
        return codes.pop() if len(codes) == 1 else ""


def made_reports(runs: Iterable[str] = (), *, lang: str, as_of: str = "") -> MadeReports:
    """The reports in some folders.

    Parameters
    ----------
    runs : list of str
        Their folders; by default all in ``out/*/<lang>``, where ``salesanalysis run`` puts them.
    lang : str
        The language of the page; its parts are in no other.
    as_of : str
        The day of the page.

    Raises
    ------
    SalesAnalysisError
        There is no report at all, or one is there twice.
    """
    found, caveats = [], []
    for folder in [Path(run) for run in runs] or _usual(lang):
        read = _read(folder, lang)
        (caveats if isinstance(read, Finding) else found).append(read)
    if not found:
        where = ", ".join(f"`{portable(run)}`" for run in runs) or f"`out/*/{lang}`"
        raise SalesAnalysisError(
            f"There is no report in {where} to bring together. Make some first, by"
            " `salesanalysis batch reports.yml` or `salesanalysis run NAME`, or say by `runs` in"
            " which folders they are."
        )
    places = {}
    for made in found:
        other = places.setdefault(made.name, made)
        if other is not made:
            raise SalesAnalysisError(
                f"The report `{made.name}` is there twice, in `{portable(str(other.folder))}` and"
                f" `{portable(str(made.folder))}`. Say by `runs` which folders are meant."
            )
    day = str(as_of)[:10] or max(made.as_of for made in found)
    for made in found:
        caveats += _of_one(made, day)
    return MadeReports(found, day, caveats + _different_inputs(found))


def _usual(lang: str) -> list[Path]:
    """Where reports lie by default: all that are there, and those of our notebooks that are not."""
    there = sorted(path.parent for path in Path("out").glob(f"*/{lang}/{folders.RUN_FILE}"))
    there = [folder for folder in there if folder.parent.name != "overview"]
    ours = [Path("out") / name / lang for name in report_names() if name != "overview"]
    return there + [folder for folder in ours if folder not in there]


def _read(folder: Path, lang: str) -> MadeReport | Finding:
    """A report, or why it has no part."""
    place = {"folder": portable(str(folder))}
    path = folder / folders.RUN_FILE
    if not path.is_file():
        name = folder.parent.name if folder.name == lang else folder.name
        asked = name if name in report_names() else "NAME"
        command = f"salesanalysis run {asked} --lang {lang}"
        return Finding("warn", "missing", place | {"command": command}, part="overview")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        told = None
    if not _is_whole(told):
        return Finding("warn", "broken", place, part="overview")
    if told["lang"] != lang:
        known = text.LANGUAGES.get(told["lang"])
        said = place | {"report": told["title"], "language": known.name if known else told["lang"]}
        return Finding("warn", "other_language", said, part="overview")
    if not told["key_figures"]:
        return Finding("warn", "no_figures", {"report": told["title"]}, part="overview")
    return MadeReport(folder, told)


def _is_whole(told) -> bool:
    """Whether a ``run.json`` has all that a part is made of."""

    def has(one, types: dict) -> bool:
        return isinstance(one, dict) and all(
            name in one and isinstance(one[name], type_) for name, type_ in types.items()
        )

    if not has(told, _TOLD):
        return False
    return (
        all(has(one, _FIGURE) and _has_value(one) for one in told["key_figures"])
        and all(has(one, _THING) for one in told["things"])
        and all(has(one, _SOURCE) for one in told["sources"])
        and all(has(one, _SAID) for one in [*told["lead"], *told["since"]])
        and all(has(one, _ACTION) for one in told["actions"])
        and all(has(one, {"name": str, "caption": str, "width": int}) for one in told["figures"])
    )


def _has_value(figure: dict) -> bool:
    """Whether the value of a figure is what its unit says: a day or a number."""
    value = figure.get("value")
    if figure["unit"] == "date" and isinstance(value, str):
        return bool(_DAY.fullmatch(value))
    return isinstance(value, _NUMBER)


#: The full file of the accounts and the list in which deals look names up are two tables of one
#: kind: neither is what figures count.
_NAMES = "accounts"


def _of_one(made: MadeReport, day: str) -> list[Finding]:
    """Where a report is of another day, older than its inputs, or than a run that failed."""
    found, report = [], {"report": made.title}
    if made.as_of != day:
        days = report | {"own": made.as_of, "as_of": day}
        found.append(Finding("warn", "other_day", days, part="overview"))
    then, now = made.told["made_from"].get("inputs", {}), made_from.inputs(made.told["parameters"])
    changed = [name for name in then if now.get(name, then[name]) not in (None, then[name])]
    if changed:
        said = report | {"inputs": ", ".join(changed)}
        found.append(Finding("warn", "inputs_changed", said, part="overview"))
    if folders.failed(made.folder).is_dir():
        found.append(Finding("warn", "failed_since", report, part="overview"))
    if made.any_picture() and not made.picture():
        found.append(Finding("warn", "other_picture", report, part="overview"))
    return found


def _different_inputs(found: list[MadeReport]) -> list[Finding]:
    """Tables of which the reports have read different ones."""
    read: dict[str, dict[str, list[str]]] = {}
    for made in found:
        for source in made.told["sources"]:
            if source["table"] == _NAMES:
                continue
            prints = read.setdefault(source["table"], {})
            prints.setdefault(source["fingerprint"], []).append(made.title)
    return [
        Finding(
            "warn",
            "different_inputs",
            {
                "table": table,
                "reports": " | ".join(", ".join(titles) for titles in prints.values()),
            },
            part="overview",
        )
        for table, prints in read.items()
        if len(prints) > 1
    ]

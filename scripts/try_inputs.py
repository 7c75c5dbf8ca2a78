"""Makes reports of ordinary inputs: what `check` calls clean must run, in words where it cannot.

    python scripts/try_inputs.py --cases 200 --seed 1 [--lang zh] [--only forecast] [--keep FOLDER]

A case fails where a report of clean inputs stops for a reason that `check` had not told, where what
stops it is no message of this package, or where a library had to warn.
"""

import argparse
import json
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from salesanalysis import reports, sources
from salesanalysis.columns import TABLES

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(Path(__file__).parent))

import ordinary_inputs  # noqa: E402 (it lies beside this script)

#: What `check` says of a table → what a report then may refuse to do without.
FORETOLD = {
    "no_amount": "amount",
    "no_created_at": "created_at",
    "no_closed_at": "closed_at",
    "closed_without_date": "closed_at",
    "no_quota": "quota",
    "score_without_maximum": "max_score",
}
#: Reasons that lie in no file: a day before anything was known.
NO_FILE = "as_of"
#: What two tables say of each other no check of one can tell; `check --for` does.
ACROSS = re.compile(r"`\w+, \w+` contradict each other: ")
#: The name of an exception before its message: nobody wrote that for a reader.
NOT_OURS = re.compile(r"^\w*(Error|Exception|Warning|Interrupt)\b:")


@dataclass(frozen=True)
class Tried:
    """One case and what became of it: ``made``, ``refused``, ``unclean`` or ``wrong``."""

    name: str
    outcome: str
    said: str = ""


def write_cases(folder: Path, numbers, seed: int, lang: str, only=()) -> dict[str, dict]:
    """Write the inputs of the cases below ``folder``; name → notebook and parameters."""
    cases = {}
    for number in numbers:
        notebooks = [name for name in ordinary_inputs.NOTEBOOKS if name in (only or [name])]
        notebook = notebooks[number % len(notebooks)]
        name = f"{notebook}-{number}"
        given = ordinary_inputs.write(folder / name, notebook, f"{seed} {number}")
        cases[name] = {"notebook": notebook, "lang": lang, "parameters": given}
    return cases


def tried(folder: Path, cases: dict[str, dict], *, workers: int | None = None) -> list[Tried]:
    """Make the report of every case, side by side, and judge what became of it."""
    listed = [
        {
            "name": name,
            "notebook": case["notebook"],
            "lang": case["lang"],
            "out": str(folder / "out" / name),
            "parameters": {key: _without_braces(v) for key, v in case["parameters"].items()},
        }
        for name, case in cases.items()
    ]
    plan = folder / "reports.yml"
    content = {"out": str(folder / "out"), "reports": listed}
    plan.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    made = {one.name: one for one in reports.batch(plan, machines=reports.Machines(workers))}
    return [_judged(name, case["parameters"], made[name]) for name, case in cases.items()]


def _without_braces(value):
    """Braces in a list of reports stand for words; ours are meant as they are."""
    return value.replace("{", "{{").replace("}", "}}") if isinstance(value, str) else value


def _judged(name: str, given: dict, made) -> Tried:
    checked = [
        sources.check(where, table=_table_of(parameter))
        for parameter, where in given.items()
        if _table_of(parameter) in TABLES
    ]
    reason = made.failure.split("\n", 1)[-1]
    if made.failure and NOT_OURS.match(reason):
        return Tried(name, "wrong", reason)
    if any(one.severity in ("fatal", "set_aside") for one in checked):
        return Tried(name, "unclean", reason)
    if not made.failure:
        warned = json.loads((made.job.out / "run.json").read_text("utf-8"))["messages"]
        return Tried(name, "wrong" if warned else "made", "; ".join(w["text"] for w in warned))
    told = {FORETOLD[rule] for one in checked for rule in one.faults["rule"] if rule in FORETOLD}
    told |= {
        str(fault.column)
        for one in checked
        for fault in one.faults.itertuples()
        if fault.rule == "empty_column"
    }
    if "opportunities" not in given:  # a history need not say what deals are worth
        told.add("amount")
    named = {word for word in FORETOLD.values() if f"`{word}`" in reason}
    expected = bool(named & told) if named else f"`{NO_FILE}`" in reason
    expected = expected or bool(ACROSS.match(reason))
    return Tried(name, "refused" if expected else "wrong", reason)


def _table_of(parameter: str) -> str:
    return "milestone_evidence" if parameter == "evidence" else parameter


def main() -> int:
    """Try cases and say what became of them; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    parser.add_argument("--only", choices=ordinary_inputs.NOTEBOOKS, action="append", default=[])
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--keep", type=Path, help="a folder for inputs and reports")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sa-") as scratch:
        folder = asked.keep or Path(scratch)
        cases = write_cases(folder, range(asked.cases), asked.seed, asked.lang, asked.only)
        found = tried(folder, cases, workers=asked.workers)
    for case in found:
        if case.outcome != "made":
            print(f"{case.outcome:8} {case.name}: {case.said}")
    outcomes = [case.outcome for case in found]
    print(", ".join(f"{outcomes.count(o)} {o}" for o in ("made", "refused", "unclean", "wrong")))
    return int("wrong" in outcomes)


if __name__ == "__main__":
    sys.exit(main())

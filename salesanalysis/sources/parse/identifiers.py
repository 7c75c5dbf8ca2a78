"""Identifiers: those that a spreadsheet has shortened are none any more."""

from salesanalysis.sources.faults import Fault
from salesanalysis.sources.parse.sighted import Reading, Seen

_SCIENTIFIC = r"^[-+]?\d([.,]\d+)?[eE]\+\d+$"
#: A spreadsheet keeps 15 digits of a number and writes zeros for the rest.
_KEPT = 15


def counted(text: str) -> dict[str, str]:
    """What must be counted of every column of identifiers: name → SQL aggregate."""
    # The cheap tests come first: a clean file hardly pays.
    scientific = (
        f"(contains({text}, 'E+') OR contains({text}, 'e+'))"
        f" AND regexp_matches({text}, '{_SCIENTIFIC}')"
    )
    long = f"length({text}) > {_KEPT} AND regexp_matches({text}, '^\\d+$')"
    cut = f"length({text}) > {_KEPT} AND ends_with({text}, '0')"
    cut += f" AND regexp_matches({text}, '^\\d{{{_KEPT}}}0+$')"
    marked = f"starts_with({text}, '''')"
    asked = {"filled": f"count({text})", "marked": f"count(*) FILTER ({marked})"}
    for name, test in (("scientific", scientific), ("cut", cut)):
        asked |= {
            name: f"count(*) FILTER ({test})",
            f"{name}_row": f"min(__row) FILTER ({test})",
            f"{name}_cell": f"arg_min({text}, __row) FILTER ({test})",
        }
    asked["whole"] = f"count(*) FILTER ({long} AND NOT ({cut}))"
    asked["cut_ids"] = f"count(DISTINCT {text}) FILTER ({cut})"
    return asked


def reading(text: str, seen: Seen, *, column: str) -> Reading:
    """How identifiers are read: as they are, without an apostrophe that all of them have."""
    faults = []
    if seen["scientific"]:
        faults.append(_fault("ids_in_scientific_form", column, seen, "scientific"))
    if seen["cut_ids"] > 1 and not seen["whole"]:
        faults.append(_fault("ids_cut_to_15_digits", column, seen, "cut"))
    every = seen["filled"] and seen["marked"] == seen["filled"]
    return Reading(f"ltrim({text}, '''')" if every else text, faults)


def _fault(rule: str, column: str, seen: Seen, name: str) -> Fault:
    counts = seen.counts
    values = {"line": counts[f"{name}_row"]}
    return Fault(rule, column, counts[name], counts[f"{name}_cell"], values)

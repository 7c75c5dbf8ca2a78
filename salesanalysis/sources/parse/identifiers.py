"""Identifiers: those that a spreadsheet has shortened are none any more."""

from salesanalysis.sources.faults import Fault
from salesanalysis.sources.parse.sighted import Reading, Seen, first, total
from salesanalysis.sources.parse.text import among, without_apostrophe

#: A spreadsheet keeps 15 digits of a number and writes zeros for the rest.
_KEPT = 15
_APOSTROPHES = "'‘’"


def counted(text: str) -> dict[str, str]:
    """What must be counted of every column of identifiers, cheaply: name → SQL aggregate."""
    short = f"count(*) FILTER (contains({text}, 'E+') OR contains({text}, 'e+'))"
    long, zero = f"strlen({text}) > {_KEPT}", f"ends_with({text}, '0')"
    whole = f"count(*) FILTER ({long} AND NOT {zero})"
    cut = f"CASE WHEN {whole} = 0 THEN count(*) FILTER ({long} AND {zero}) ELSE 0 END"
    return {
        "filled": f"count({text})",
        "marked": f"count(*) FILTER (left({text}, 1) IN {among(_APOSTROPHES)})",
        "odd": f"{short} + {cut}",
        "whole": whole,
    }


def parts(text: str) -> str:
    """SQL: the identifier itself, which has no parts."""
    return f"struct_pack(id := {text})"


def shape(p: str) -> str:
    """SQL: how an identifier has been shortened."""
    return (
        f"CASE WHEN regexp_matches({p}.id, '^[-+]?\\d([.,]\\d+)?[eE]\\+\\d+$') THEN 'scientific'"
        f" WHEN regexp_matches({p}.id, '^\\d{{{_KEPT}}}0+$') THEN 'cut' ELSE '' END"
    )


def proof(text: str, p: str, first_day: str) -> str:
    """SQL: which identifier has been cut, for one alone may end in zeros by chance."""
    return f"CASE WHEN {shape(p)} = 'cut' THEN {text} ELSE '' END"


def reading(text: str, seen: Seen, *, column: str) -> Reading:
    """How identifiers are read: as they are, without an apostrophe that all of them have."""
    cut = [sighting for sighting in seen.sightings if sighting.shape == "cut"]
    scientific = [sighting for sighting in seen.sightings if sighting.shape == "scientific"]
    faults = []
    for rule, hit, surely in (
        ("ids_in_scientific_form", scientific, True),
        ("ids_cut_to_15_digits", cut, len(cut) > 1 and not seen["whole"]),
    ):
        if hit and surely:
            at = first(hit)
            faults.append(Fault(rule, column, total(hit), at.cell, {"line": at.row}))
    if seen["marked"] and seen["marked"] == seen["filled"]:
        return Reading(f"{text}[2:]", faults)
    return Reading(without_apostrophe(text) if seen["marked"] else text, faults)

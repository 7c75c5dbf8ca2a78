"""Run folders of made-up reports: what a page that brings reports together finds of them."""

import copy
import json
from pathlib import Path

import matplotlib.pyplot as plt

from salesanalysis.reports import pictures

#: All that a report must tell; no notebook, text or function of the package knows it.
TOLD = {
    "name": "churn",
    "title": "Who leaves",
    "lang": "en",
    "parameters": {"as_of": "2025-11-15", "lang": "en"},
    "made_from": {"code": "sha256:1", "inputs": {}},
    "in_short": {
        "title": "Customers <b>who</b> leave",
        "figures": "Customers: key figures",
        "picture": "leavers",
        "headlines": [{"key": "left", "text": "Nine customers have left."}],
        "warnings": [{"key": "few", "text": "Only nine of them."}],
    },
    "key_figures": [
        {"name": "leavers", "label": "Have left", "unit": "count", "value": 9, "low": None,
         "high": None, "status": "none", "base": "", "past": []},
        {"name": "leave_rate", "label": "Leave rate", "unit": "share", "value": 0.125, "low": 0.1,
         "high": 0.15, "status": "watch", "base": "of 72", "past": [["2025-12-24", 0.12]]},
        {"name": "next_leaver", "label": "Next", "unit": "date", "value": None, "low": None,
         "high": None, "status": "none", "base": "", "past": []},
    ],
    "lead": [{"key": "leave", "text": "One in eight customers leaves."}],
    "since": [],
    "actions": [
        {"action_id": "0123456789ab", "name": "Ada", "title": "Bo <b>& Co</b>", "about": "c1",
         "traits": ["North"], "step": "Call <i>Bo</i>.", "due": "2026-01-07", "amount": 5e6,
         "at_stake": 4e6, "overdue_days": 9.0, "kind": "quiet", "report": "churn",
         "about_kind": "account", "measure": "", "since": "2025-12-01", "who": "R1"},
    ],
    "things": [
        {"subject": "c1", "name": "Ada & Co", "money": 4e6, "reason": "Ada has gone quiet."},
        {"subject": "c2", "name": "c2", "money": None, "reason": "Nobody knows why."},
    ],
    "headlines": [],
    "figures": [{"name": "leavers", "caption": "Leavers", "width": 96, "files": []}],
    "sources": [{"table": "customers", "source": "c.csv", "fingerprint": "sha256:a", "rows": 9,
                 "rows_used": 9, "rows_set_aside": 0}],
    "files": {},
}  # fmt: skip


def lay_out(folder: Path, **changed) -> Path:
    """Write the run folder of a made-up report; ``changed`` replaces what it tells."""
    told = copy.deepcopy(TOLD) | changed
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    figure = plt.figure(figsize=(1, 1))
    content = pictures.picture_of(figure).contents
    for ending, written in zip(("png", "svg"), content, strict=True):
        (folder / "figures" / f"leavers.{ending}").write_bytes(written)
    plt.close(figure)
    (folder / "report.html").write_text("<p>")
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")
    return folder

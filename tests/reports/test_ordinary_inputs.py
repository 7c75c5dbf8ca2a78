"""What `check` calls clean must run: every report on ordinary inputs that leave much out.

More, and in Chinese, by ``python scripts/try_inputs.py --cases 200``.
"""

from pathlib import Path

import pytest
import try_inputs

ROOT = Path(__file__).parents[2]

#: Of seed 1: chosen so that each report has inputs without dates, without amounts, tiny ones, one
#: table alone, one group alone.
CASES = range(20)


@pytest.mark.gate
def test_a_clean_check_means_that_the_report_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    cases = try_inputs.write_cases(tmp_path, CASES, seed=1, lang="en")
    found = try_inputs.tried(tmp_path, cases, workers=2)
    assert [case for case in found if case.outcome == "wrong"] == []
    made = [case.name.split("-")[0] for case in found if case.outcome == "made"]
    assert set(made) == set(try_inputs.ordinary_inputs.NOTEBOOKS)
    assert len(made) > len(found) / 2


def test_the_same_seed_writes_the_same_inputs(tmp_path):
    for place in ("first", "second"):
        try_inputs.write_cases(tmp_path / place, range(5), seed=3, lang="en")
    first, second = (
        {path.relative_to(tmp_path / place): path.read_bytes() for path in files}
        for place in ("first", "second")
        for files in [sorted((tmp_path / place).rglob("*.csv"))]
    )
    assert first == second and len(first) > 5


@pytest.mark.parametrize(
    ("reason", "foretold"),
    [
        ("KeyError: 'owner_id'", False),
        ("`scores`: 5 scores are over 1. Give the column `max_score`.", True),
        ("`attainment` has no column `quota`.", False),
    ],
)
def test_a_report_may_stop_only_for_what_check_has_said(tmp_path, reason, foretold):
    rows = "learner_id,skill,trained_at,tested_at,score\na,x,2025-01-01,2025-02-01,60\n"
    (tmp_path / "scores.csv").write_text(rows, encoding="utf-8")
    given = {"scores": str(tmp_path / "scores.csv")}
    failed = type("Failed", (), {"failure": f"cell 5 failed\n{reason}"})
    judged = try_inputs._judged("case", given, failed)
    assert judged.outcome == ("refused" if foretold else "wrong")

"""Scores as people write them, and what each is out of."""

import pytest

from salesanalysis import SalesAnalysisError, sources
from salesanalysis.reduce.forgetting import checks, scored_tests

AS_OF = "2025-12-31"


def checked(folder, header, cells):
    lines = [f"learner_id,skill,trained_at,tested_at,{header}"]
    lines += [f"L{i},c,2025-01-01,2025-01-{i + 2:02d},{cell}" for i, cell in enumerate(cells)]
    (folder / "scores.csv").write_text("\n".join(lines), encoding="utf-8")
    return sources.check(folder / "scores.csv", table="scores")


@pytest.mark.parametrize(
    ("header", "cells", "shares"),
    [
        ("score", ["92%", "85 %", "7％"], [0.92, 0.85, 0.07]),
        ("score", ["92%", "85"], [0.92, 0.85]),
        ("score", ["45/50", "8 of 10", "12 / 20"], [0.9, 0.8, 0.6]),
        ("score", ["0.92", "1", "0"], [0.92, 1.0, 0.0]),
        ("Score (%)", ["92", "85"], [0.92, 0.85]),
        ("Score (of 50)", ["45", "30"], [0.9, 0.6]),
        ("Points (max. 20)", ["15", "10"], [0.75, 0.5]),
        ("得分（满分50）", ["45", "30"], [0.9, 0.6]),
        ("score,max_score", ["45,50", "8,10"], [0.9, 0.8]),
        ("score,max_score", ["45/50,", "8,10"], [0.9, 0.8]),
    ],
)
def test_a_score_says_what_it_is_out_of(tmp_path, header, cells, shares):
    made = checked(tmp_path, header, cells)
    assert not set(made.faults["severity"]) - {"note"}
    assert scored_tests(made.table, as_of=AS_OF)["retention"].tolist() == pytest.approx(shares)


@pytest.mark.parametrize("cells", [["92", "85"], ["45/50", "38"]])
def test_points_without_a_maximum_are_asked_about(tmp_path, cells):
    with pytest.raises(SalesAnalysisError, match="Give the maximum"):
        scored_tests(checked(tmp_path, "score", cells).table, as_of=AS_OF)


def test_per_cents_beside_fractions_are_not_half_read(tmp_path):
    made = checked(tmp_path, "score", ["92%", "0.85"])
    assert made.faults["rule"].tolist() == ["shares_and_per_cents"]
    assert made.table is None


def test_a_score_that_is_none_is_set_aside_with_its_line(tmp_path):
    made = checked(tmp_path, "score", ["45/50", "absent"])
    faults = made.faults.set_index("rule")
    assert faults.loc["not_a_number", "count"] == 1
    assert scored_tests(made.table, as_of=AS_OF)["retention"].tolist() == [0.9]


def test_a_column_for_each_day_of_a_test_is_read_as_rows(tmp_path):
    lines = ["学员编号,课程,培训日期,2025-01-08,2025/2/5", "a,c,2025-01-01,92%,80%"]
    lines.append("b,c,2025-01-01,45/50,")
    (tmp_path / "wide.csv").write_text("\n".join(lines), encoding="utf-8")
    made = sources.check(tmp_path / "wide.csv", table="scores")
    seen = scored_tests(made.table, as_of=AS_OF)
    assert seen["retention"].tolist() == [0.92, 0.8, 0.9]
    assert seen["tested_at"].dt.strftime("%m-%d").tolist() == ["01-08", "02-05", "01-08"]


def test_a_given_maximum_is_no_mixed_scale(tmp_path):
    made = checked(tmp_path, "score", ["0.5", "85"])
    found = checks(made.table, as_of=AS_OF, max_score=100).table.set_index("check")
    assert found.loc["mixed_scale", "rows"] == 0
    assert checks(made.table, as_of=AS_OF).table.set_index("check").loc["mixed_scale", "rows"] == 1

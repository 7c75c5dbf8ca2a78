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


def test_what_a_score_is_taken_to_be_out_of_is_said(tmp_path):
    (both,) = checked(tmp_path, "score", ["45/50", "92%"]).messages()
    assert "2 scores say what they are out of" in both
    own, taken = checked(tmp_path, "score", ["92%", "85"]).messages()
    assert "1 score says" in own and "1 score that does not say" in taken and "of 100" in taken
    (header,) = checked(tmp_path, "Grade/45.00", ["40", "30"]).messages()
    assert "2 scores that do not" in header and "out of 45.00" in header


#: Lists as systems and people write them, and what is read of the first test.
LISTS = {
    "percent": ("Employee,Course,Course date,Test date,Score", "E1,c,13/01/2025,20/01/2025,92%"),
    "names": ("Name,Topic,Trained on,Assessed on,Result", "Ann,c,2025-01-13,2025-01-20,0.92"),
    "retries": (
        "Learner,Course,Trained,Tested,Score,Attempt",
        "E1,c,2025-01-13,2025-01-20,46/50,1\nE1,c,2025-01-13,2025-01-20,50/50,2",
    ),
    "German": (
        "Mitarbeiter;Kurs;Schulung am;Test am;Ergebnis",
        "E1;c;13.01.2025;20.01.2025;92,0 %",
    ),
    "Chinese": (
        "姓名,工号,课程,培训日期,考试日期,得分（满分50）",
        "王,E1,c,2025年1月13日,2025/1/20,46",
    ),
    "a column a day": (
        "Employee ID,Course,Training date,Test 20/01/2025,Test 12/02/2025",
        "E1,c,13/01/2025,92%,80%",
    ),
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_of_learning_systems_are_read_as_they_are(tmp_path, kind):
    (tmp_path / "list.csv").write_text("\n".join(LISTS[kind]) + "\n", encoding="utf-8")
    made = sources.check(tmp_path / "list.csv", table="scores")
    assert not set(made.faults["severity"]) - {"note"}
    seen = scored_tests(made.table, as_of=AS_OF)
    first = seen.iloc[0]
    assert (first["elapsed"], first["retention"]) == (7, pytest.approx(0.92))
    assert seen["tested_at"].is_unique  # of the attempts of a day one counts


MOODLE = """Surname,First name,Email address,Quiz,Enrolled on,State,Completed,Grade/45.00
Meyer,Anna,a@x.com,Closing,13/01/2025,Finished,20/01/2025,41.40
"""


def test_a_grade_book_asks_for_the_day_of_the_test_and_is_read_with_it(tmp_path):
    (tmp_path / "moodle.csv").write_text(MOODLE, encoding="utf-8")
    made = sources.check(tmp_path / "moodle.csv", table="scores")
    fatal = made.faults[made.faults["severity"] == "fatal"]
    assert fatal[["rule", "column"]].values.tolist() == [["missing_column", "tested_at"]]
    said = {"trained_at": "Enrolled on", "tested_at": "Completed"}
    read = sources.check(tmp_path / "moodle.csv", table="scores", columns=said)
    seen = scored_tests(read.table, as_of=AS_OF)
    assert seen[["elapsed", "retention"]].values.tolist() == [[7, pytest.approx(0.92)]]


@pytest.mark.parametrize("names", ["Day 1,Day 30", "Test 1,Test 2", "第1天,第30天"])
def test_columns_of_tests_must_be_named_by_their_day(tmp_path, names):
    text = f"Employee,Course,Training date,{names}\nE1,c,2025-01-13,0.9,0.8\n"
    (tmp_path / "wide.csv").write_text(text, encoding="utf-8")
    made = sources.check(tmp_path / "wide.csv", table="scores")
    (message,) = [m for m in made.messages() if "alike but for a number" in m]
    assert names.split(",")[0] in message and "2025-01-20" in message
    assert made.faults["rule"].tolist() == ["tests_without_day"]


def test_means_of_groups_need_to_be_told_what_a_learner_is(tmp_path):
    text = "Team,Course,Training date,Test date,Average score\nN,c,2025-01-13,2025-01-20,0.92\n"
    (tmp_path / "groups.csv").write_text(text, encoding="utf-8")
    made = sources.check(tmp_path / "groups.csv", table="scores")
    assert made.faults["column"].tolist() == ["learner_id"]


def test_check_says_that_the_report_will_stop_at_points_without_a_maximum(tmp_path):
    (message,) = checked(tmp_path, "score", ["41", "38"]).messages()
    stops = "or for all by the parameter `max_score`"
    assert "The report on forgetting stops there" in message and stops in message
    with pytest.raises(SalesAnalysisError, match=stops):
        scored_tests(checked(tmp_path, "score", ["41", "38"]).table, as_of=AS_OF)


def test_a_score_over_its_maximum_is_left_out_and_counted(tmp_path):
    made = checked(tmp_path, "Score (max 45)", ["41", "48"])
    assert len(scored_tests(made.table, as_of=AS_OF)) == 1
    found = checks(made.table, as_of=AS_OF).table.set_index("check")
    assert found.loc["score_over_max", "rows"] == 1

"""Scores and refreshers → the frames of the forgetting family, against loops over single rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, reduce, sources
from salesanalysis.datasets.training import training
from salesanalysis.reduce.forgetting import checks, counts, courses, scored_tests
from salesanalysis.sources.schemas import schema

AS_OF = "2025-12-31"
DIRT = [
    # learner, skill, trained, tested, k, n, score, max_score
    ("X1", "closing", "2025-03-01", "2025-02-01", None, None, 0.5, 1.0),  # before the training
    ("X1", "closing", "2025-03-01", "2026-02-01", None, None, 0.5, 1.0),  # after as_of
    ("X1", "closing", "2025-03-01", "2025-04-01", None, None, 12.0, 10.0),  # over the maximum
    ("X1", "closing", "2025-03-01", "2025-05-01", None, None, -1.0, 10.0),  # negative
    ("X1", "closing", "2025-03-01", "2025-06-01", None, None, None, 10.0),  # no score
    ("X1", "closing", "2025-03-01", "2025-07-01", None, None, 8.0, 10.0),
    ("X1", "closing", "2025-03-01", "2025-07-01", None, None, 6.0, 10.0),  # the same moment
    ("X1", "closing", "2025-03-01", "2025-08-01", 3, 4, None, None),
    ("X1", "closing", "2025-03-01", "2025-03-01", None, None, 0.9, None),  # on the day, a fraction
]
AGAIN = [("X1", "closing", "2025-07-15"), ("X1", "closing", "2025-08-01"),
         ("X1", "closing", "2025-01-01"), ("X2", "closing", "2025-07-15"),
         ("X1", "closing", "2026-01-15")]  # fmt: skip


@pytest.fixture(scope="module")
def dirty():
    columns = ["learner_id", "skill", "trained_at", "tested_at", "k", "n", "score", "max_score"]
    scores = pd.DataFrame(DIRT, columns=columns)
    refreshers = pd.DataFrame(AGAIN, columns=["learner_id", "skill", "refreshed_at"])
    for name in ("trained_at", "tested_at"):
        scores[name] = pd.to_datetime(scores[name])
    refreshers["refreshed_at"] = pd.to_datetime(refreshers["refreshed_at"])
    return scores, refreshers


@pytest.fixture(scope="module")
def sample():
    tables = training(seed=4, learners=90).tables
    return tables["scores"], tables["refreshers"]


def test_days_may_come_as_text_or_with_a_zone(dirty):
    expected = scored_tests(*dirty, as_of=AS_OF)
    kinds = {"text": lambda days: days.astype(str), "zone": lambda days: days.dt.tz_localize("UTC")}
    for other in kinds.values():
        scores, refreshers = (
            table.assign(**{name: other(table[name]) for name in table if name.endswith("_at")})
            for table in dirty
        )
        pd.testing.assert_frame_equal(scored_tests(scores, refreshers, as_of=AS_OF), expected)


def oracle(scores, refreshers, as_of=AS_OF):
    """The same by a loop over the rows."""
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    rows = []
    for row in scores.to_dict("records"):
        guess = row.get("guess", 0.0)
        if row.get("n") == row.get("n") and row.get("n"):
            share = row["k"] / row["n"]
        elif row.get("max_score") == row.get("max_score"):
            share = row["score"] / row["max_score"]
        else:
            share = row["score"]
        days = (row["tested_at"] - row["trained_at"]) / pd.Timedelta(days=1)
        if row["tested_at"] >= end or row["trained_at"] >= end or days < 0:
            continue
        if not 0 <= share <= 1:
            continue
        own = refreshers[
            (refreshers["learner_id"] == row["learner_id"]) & (refreshers["skill"] == row["skill"])
        ]["refreshed_at"].drop_duplicates()
        own = own[own > row["trained_at"]]
        before = own[own < row["tested_at"]]
        last = before.max() if len(before) else row["trained_at"]
        rows.append(
            {
                "learner_id": row["learner_id"], "skill": row["skill"],
                "trained_at": row["trained_at"], "tested_at": row["tested_at"],
                "elapsed": days, "retention": share, "known": (share - guess) / (1 - guess),
                "refreshers": len(before),
                "since_refreshed": (row["tested_at"] - last) / pd.Timedelta(days=1),
                "reinforced": bool((own < end).any()),
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    keys = ["learner_id", "skill", "trained_at", "tested_at"]
    frame = frame.sort_values([*keys, "retention"]).drop_duplicates(keys)
    return frame.reset_index(drop=True)


def same(seen, expected):
    pd.testing.assert_frame_equal(
        seen[list(expected.columns)], expected, check_dtype=False, check_names=False
    )


@pytest.mark.parametrize("which", ["dirty", "sample"])
def test_tests_agree_with_a_loop_over_the_rows(which, request):
    scores, refreshers = request.getfixturevalue(which)
    same(scored_tests(scores, refreshers, as_of=AS_OF), oracle(scores, refreshers))


def test_an_earlier_day_knows_less(sample):
    scores, refreshers = sample
    seen = scored_tests(scores, refreshers, as_of="2025-03-31")
    same(seen, oracle(scores, refreshers, "2025-03-31"))
    assert 0 < len(seen) < len(scores)
    later = scores["tested_at"] > "2025-04-01"
    scrambled = scores.assign(k=scores["k"].where(~later, 0))
    other = scored_tests(scrambled, refreshers, as_of="2025-03-31")
    pd.testing.assert_frame_equal(seen, other)


def test_files_and_frames_give_the_same():
    files = {"scores": "data/sample/scores.csv", "refreshers": "data/sample/refreshers.csv"}
    read = sources.inputs(**files)
    from_files = scored_tests(
        read["scores"].table, read["refreshers"].table, as_of=AS_OF, by=["method"]
    )
    made = training().tables
    from_frames = scored_tests(made["scores"], made["refreshers"], as_of=AS_OF, by=["method"])
    pd.testing.assert_frame_equal(from_files, from_frames, check_dtype=False)
    assert from_files["k"].dtype == "int64"


def test_counts_are_only_there_where_every_test_has_them(dirty, sample):
    assert {"k", "n"} <= set(scored_tests(*sample, as_of=AS_OF))
    assert not {"k", "n"} & set(scored_tests(*dirty, as_of=AS_OF))


def test_without_refreshers_the_flag_of_the_scores_counts(sample):
    scores, _ = sample
    plain = scored_tests(scores, as_of=AS_OF)
    assert (plain["refreshers"] == 0).all() and not plain["reinforced"].any()
    assert (plain["since_refreshed"] == plain["elapsed"]).all()
    flagged = scored_tests(scores.assign(reinforced=True), as_of=AS_OF)
    assert flagged["reinforced"].all()


def test_counts_add_up_to_the_single_tests(sample):
    scores, refreshers = sample
    single = scored_tests(scores, refreshers, as_of=AS_OF, by=["method"])
    fresh = single[single["refreshers"] == 0]
    table = counts(scores, refreshers, as_of=AS_OF, by=["method"], days=7)
    assert table["n"].sum() == fresh["n"].sum() and table["k"].sum() == fresh["k"].sum()
    assert table["tests"].sum() == len(fresh)
    step = (fresh["elapsed"] // 7).astype(int)
    expected = fresh.groupby(["method", step, "guess"])["k"].sum()
    assert table["k"].tolist() == expected.tolist()
    answers = pd.DataFrame(
        {
            "learner_id": [f"L{i}" for i in range(6)], "skill": "closing",
            "trained_at": pd.Timestamp("2025-01-01"), "score": [1, 0, 1, 1, 0, 0],
            "tested_at": pd.to_datetime(["2025-01-02"] * 4 + ["2025-01-09"] * 2),
        }
    )  # fmt: skip
    few = counts(answers, as_of=AS_OF)
    assert few[["elapsed", "k", "n"]].values.tolist() == [[1, 3, 4], [8, 0, 2]]


def test_a_course_is_the_latest_training(sample):
    scores, refreshers = sample
    again = scores.iloc[:2].assign(
        trained_at=pd.Timestamp("2025-12-01"),
        tested_at=pd.to_datetime(["2025-12-02", "2025-12-20"]),
    )
    table = courses(pd.concat([scores, again]), refreshers, as_of=AS_OF, by=["team"])
    first = again[["learner_id", "skill"]].iloc[0].tolist()
    row = table.set_index(["learner_id", "skill"]).loc[tuple(first)]
    assert row[["tests", "last_elapsed"]].tolist() == [2, 19]
    before = courses(scores, refreshers, as_of=AS_OF).set_index(["learner_id", "skill"])
    assert row["refreshers"] == before.loc[tuple(first), "refreshers"] + 1
    assert row["last_at"] == pd.Timestamp("2025-12-01")
    assert len(table) == len(scores.drop_duplicates(["learner_id", "skill"]))
    refreshed = table[table["refreshers"] > 0].iloc[0]
    own = refreshers[
        (refreshers["learner_id"] == refreshed["learner_id"])
        & (refreshers["skill"] == refreshed["skill"])
    ]["refreshed_at"]
    assert refreshed["last_at"] == own.max() and refreshed["refreshers"] == len(own)


# Scales are asked about


def scored(*scores, **more):
    return pd.DataFrame(
        {
            "learner_id": [f"L{i}" for i in range(len(scores))], "skill": "closing",
            "trained_at": pd.Timestamp("2025-01-01"), "tested_at": pd.Timestamp("2025-02-01"),
            "score": scores, **more,
        }
    )  # fmt: skip


def test_per_cent_mixed_with_fractions_is_asked_about_not_guessed():
    mixed = scored(0.8, 85.0, 0.4)
    with pytest.raises(
        SalesAnalysisError, match=r"1 scores .* over 1 and 2 are not: .*L1, closing"
    ):
        scored_tests(mixed, as_of=AS_OF)
    table = checks(mixed, as_of=AS_OF).table.set_index("check")
    assert table.loc["mixed_scale", ["finding", "rows", "blocks"]].tolist() == ["found", 1, True]
    # With a maximum for all nothing is mixed: 0.4 is less than a point.
    table = checks(mixed, as_of=AS_OF, max_score=100).table.set_index("check")
    assert table.loc["mixed_scale", "rows"] == 0
    assert scored_tests(mixed, as_of=AS_OF, max_score=100)["retention"].max() == 0.85


def test_scores_over_one_without_a_maximum_are_asked_about():
    with pytest.raises(SalesAnalysisError, match="out of how many.*greatest is 85"):
        scored_tests(scored(60.0, 85.0), as_of=AS_OF)
    table = checks(scored(60.0, 85.0), as_of=AS_OF).table.set_index("check")
    assert table.loc["scale_unknown", ["rows", "suggestion"]].tolist() == [2, "max_score"]
    assert table.loc["mixed_scale", "finding"] == "clear"
    seen = scored_tests(scored(60.0, 85.0), as_of=AS_OF, max_score=100)
    assert seen["retention"].tolist() == [0.6, 0.85]


def test_a_column_of_maxima_comes_before_the_argument():
    seen = scored_tests(scored(5.0, 40.0, max_score=[10.0, None]), as_of=AS_OF, max_score=100)
    assert seen["retention"].tolist() == [0.5, 0.4]


# Checks


@pytest.mark.gate
def test_the_checks_count_what_is_there(dirty):
    table = checks(*dirty, as_of=AS_OF).table.set_index("check")
    found = table.loc[table["rows"] > 0, "rows"].to_dict()
    assert found == {
        "tested_before_training": 1,
        "score_missing": 1,
        "negative_score": 1,
        "score_over_max": 1,
        "repeated_test": 2,
        "after_as_of": 1,
        "refresher_without_training": 2,
        "guess_unknown": 9,
    }
    assert table["severity"].tolist() == sorted(
        table["severity"], key=["high", "medium", "low"].index
    )
    assert table.loc["refresher_without_training", "n"] == 5
    for check, rows in found.items():
        assert len(checks(*dirty, as_of=AS_OF).rows_of(check)) == rows


def test_what_cannot_be_told_says_so(dirty):
    made = checks(dirty[0], as_of=AS_OF)
    table = made.table.set_index("check")
    assert table.loc["refresher_without_training", "finding"] == "unknown"
    assert made.rows_of("refresher_without_training").empty


def test_those_who_were_not_followed_up_are_the_ones_who_left():
    made = training(seed=6, learners=300)
    scores, refreshers = made.tables["scores"], made.tables["refreshers"]
    found = checks(scores, refreshers, as_of=AS_OF)
    table, rows = found.table.set_index("check"), found.rows_of("dropped_out")
    left = made.truth.learners.query("dropped_out")
    left = set(zip(left["learner_id"], left["skill"], strict=True))
    seen = set(zip(rows["learner_id"], rows["skill"], strict=True))
    assert len(seen) == table.loc["dropped_out", "rows"] > 30
    assert seen <= left
    assert len(seen & left) > 0.6 * len(left)


def test_a_clean_sample_is_clear_of_blocks(sample):
    table = checks(*sample, as_of=AS_OF).table
    assert not table["blocks"].any()
    assert set(table.loc[table["finding"] == "found", "check"]) <= {"dropped_out", "one_test"}


def test_an_empty_list_of_scores_is_no_crash():
    none = scored().astype({"score": "float64"})
    assert scored_tests(none, as_of=AS_OF).empty
    table = checks(none, as_of=AS_OF).table
    assert (table["rows"] == 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda s: scored_tests(s.drop(columns="skill"), as_of=AS_OF),
            "column `skill`",
        ),
        (
            lambda s: scored_tests(s.drop(columns="score"), as_of=AS_OF),
            "column `score`",
        ),
        (lambda s: scored_tests(s, as_of=AS_OF, by=["tam"]), "no column `tam`"),
        (lambda s: scored_tests(s, as_of=""), "`as_of` is ''"),
        (lambda s: scored_tests(s, as_of=AS_OF, max_score=0), "`max_score` is 0"),
        (lambda s: counts(s, as_of=AS_OF), "neither counted"),
        (lambda s: counts(s, as_of=AS_OF, days=0), "`days` is 0"),
        (
            lambda s: checks(s, as_of=AS_OF).rows_of("droped_out"),
            "Did you mean `dropped_out`",
        ),
    ],
)
def test_a_wrong_call_gets_one_clear_message(call, message):
    with pytest.raises(SalesAnalysisError, match=message):
        call(scored(0.5, 0.6))


@pytest.mark.postgres
def test_both_engines_agree(sample):
    import os

    import ibis

    url = os.environ.get("SALESANALYSIS_TEST_POSTGRES")
    if not url:
        pytest.skip("needs a PostgreSQL server (SALESANALYSIS_TEST_POSTGRES)")
    connection = ibis.connect(url.replace("postgres://", "postgresql://"))
    stored = [
        connection.create_table(f"forgetting_{name}", frame, temp=True)
        for name, frame in zip(("scores", "refreshers"), sample, strict=True)
    ]
    for function in (
        scored_tests,
        courses,
        lambda *given, as_of: checks(*given, as_of=as_of).table,
    ):
        here, there = function(*sample, as_of=AS_OF), function(*stored, as_of=AS_OF)
        pd.testing.assert_frame_equal(here, there, check_dtype=False, rtol=1e-12)
    connection.disconnect()


def test_shares_without_guessing_can_lie_under_zero():
    seen = scored_tests(scored(0.0, 0.25, 1.0, guess=0.25), as_of=AS_OF)
    assert seen["known"].tolist() == pytest.approx([-1 / 3, 0, 1])
    assert np.isclose(seen["guess"], 0.25).all()


def test_times_finer_than_a_microsecond_are_taken():
    table = scored(0.9, 0.5)
    fine = table.assign(tested_at=table["tested_at"].astype("datetime64[ns]") + pd.Timedelta(7))
    seen = scored_tests(fine, as_of=AS_OF)
    assert seen["elapsed"].tolist() == scored_tests(table, as_of=AS_OF)["elapsed"].tolist()


def test_several_tests_of_a_course_on_one_day_are_attempts_and_not_set_aside(tmp_path):
    lines = [
        "学员编号,课程,培训日期,测试日期,答对题数,题数",
        "E1,谈判,2025-03-03,2025-03-10,8,10",
        "E1,谈判,2025-03-03,2025-04-10,5,10",
        "E1,谈判,2025-03-03,2025-04-10,5,10",
        "E2,谈判,2025-03-03,2025-04-10,5,10",
        "E2,谈判,2025-03-03,2025-04-10,7,10",
    ]
    (tmp_path / "scores.csv").write_text("\n".join(lines), encoding="utf-8")
    checked = sources.check(tmp_path / "scores.csv", table="scores")
    assert checked.faults.empty
    seen = scored_tests(checked.table, as_of=AS_OF)
    assert seen["retention"].tolist() == [0.8, 0.5, 0.5]
    schema("scores").validate(checked.table)


def test_all_that_is_known_is_of_the_day():
    made = training().tables
    known = reduce.forgetting.known(made, as_of="2025-06-30", by="team")
    given = made["scores"], made["refreshers"]
    told = {"as_of": "2025-06-30", "by": "team"}
    pd.testing.assert_frame_equal(known.tests, reduce.forgetting.scored_tests(*given, **told))
    pd.testing.assert_frame_equal(known.courses, reduce.forgetting.courses(*given, **told))
    by_then = made["ksa_assessed"]["assessed_at"] <= "2025-06-30"
    assert len(known.assessed) == by_then.sum()
    assert len(known.required) == len(made["ksa_required"])
    later = reduce.forgetting.known(made, as_of="2025-12-31")
    with pytest.raises(SalesAnalysisError, match="`tests` has a `.*_at` of 2025-.*, after 2025-06"):
        replace(known, tests=later.tests)
    assert reduce.forgetting.known({}, as_of="2025-12-31").tests is None

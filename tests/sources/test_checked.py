"""The result itself: counts, lists, what was left out, and its words."""

import csv
import random
from dataclasses import FrozenInstanceError

import ibis
import pandera.errors
import pytest

from salesanalysis import sources, text
from salesanalysis.columns import KINDS, TABLES
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.sources import schemas, session
from salesanalysis.sources.faults import RULES, SEVERITIES
from salesanalysis.sources.rules import rules


@pytest.fixture
def many(tmp_path):
    """3,000 deals, some of them faulty in known ways, and what a person would say of each line."""
    random.seed(7)
    said, rows, seen = {}, [], set()
    for line in range(2, 3_002):
        key = random.choice(["", "N/A"]) if random.random() < 0.01 else f"D{line}"
        amount = random.choice(["x1", "1,,2"]) if random.random() < 0.02 else f"{line}.5"
        created = "2023-02-30" if random.random() < 0.02 else "2023-02-10"
        closed = "2023-02-09" if random.random() < 0.02 else "2023-03-01"
        broken = []
        if key in ("", "N/A"):
            broken.append("missing_key")
        if not amount[0].isdigit() or ",," in amount:
            broken.append("not_a_number")
        if created == "2023-02-30":
            broken.append("not_a_date")
        elif closed < created:
            broken.append("closed_before_created")
        if broken:
            said[line] = broken
        seen.add(key)
        rows.append([key, "Won", amount, created, closed])
    path = tmp_path / "many.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [["opportunity_id", "stage", "amount", "created_at", "closed_at"], *rows]
        )
    return sources.check(path, table="opportunities"), said, rows


def test_every_line_is_judged_as_a_person_would(many):
    found, said, rows = many
    aside = found.set_aside_rows(most=10_000)
    pairs = zip(aside["line"], aside["rules"], strict=True)
    read = {line: sorted(broken.split(", ")) for line, broken in pairs}
    assert read == {line: sorted(broken) for line, broken in said.items()}
    assert (found.rows, found.rows_set_aside) == (3_000, len(said))
    counts = found.faults.set_index("rule")["count"].to_dict()
    for rule in ("missing_key", "not_a_number", "not_a_date", "closed_before_created"):
        assert counts[rule] == sum(rule in broken for broken in said.values())
    kept = found.table.to_pandas()
    assert set(kept["opportunity_id"]) == {
        row[0] for line, row in enumerate(rows, start=2) if line not in said
    }


def test_the_first_cases_of_each_rule_are_listed_with_their_values(many):
    found, said, rows = many
    for rule, cases in found.cases.groupby("rule"):
        lines = sorted(line for line, broken in said.items() if rule in broken)[:20]
        assert list(cases["line"]) == lines
    numbers = found.cases[found.cases["rule"] == "not_a_number"]
    assert list(numbers["value"]) == [rows[line - 2][2] for line in numbers["line"]]


def test_all_rows_set_aside_are_written_with_their_original_values(many, tmp_path):
    found, said, rows = many
    path = tmp_path / "aside.csv"
    assert found.write_set_aside(path) == len(said)
    with path.open(encoding="utf-8", newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == [
        "file",
        "line",
        "rules",
        "opportunity_id",
        "stage",
        "amount",
        "created_at",
        "closed_at",
    ]
    assert [int(row[1]) for row in written[1:]] == sorted(said)
    assert [row[3:] for row in written[1:]] == [rows[line - 2] for line in sorted(said)]
    assert len(found.set_aside_rows(most=5)) == 5


def test_what_is_returned_passes_pandera_and_what_is_left_out_does_not(many):
    found, said, _ = many
    schemas.opportunities.validate(found.table, lazy=True)
    session.execute(
        "CREATE TABLE faulty_deals AS SELECT * FROM (VALUES"
        " ('A', '2024-01-02'::TIMESTAMP, '2024-01-01'::TIMESTAMP, 'won', 0.5),"
        " ('B', NULL, NULL, 'what', 0.5), ('C', NULL, NULL, 'won', 1.5),"
        " (NULL, NULL, NULL, 'won', 0.5), ('E', NULL, NULL, 'won', 0.5),"
        " ('E', NULL, NULL, 'lost', 0.1),"
        " ('F', '0190-01-01'::TIMESTAMP, NULL, 'open', 0.5),"
        " ('G', NULL, '2024-01-01'::TIMESTAMP, 'open', 0.5),"
        " (repeat('x', 201), NULL, NULL, 'open', 0)"
        ") AS v(opportunity_id, created_at, closed_at, outcome, probability)"
    )
    faulty = session.connection().table("faulty_deals")
    plain = {name: faulty[name].cast("timestamp") for name in ("created_at", "closed_at")}
    faulty = faulty.mutate(**plain, probability=faulty.probability.cast("float64"))
    with pytest.raises(pandera.errors.SchemaErrors) as raised:
        schemas.opportunities.validate(faulty, lazy=True)
    assert set(raised.value.failure_cases["check"]) == {
        "closed_before_created",
        "unknown_outcome",
        "out_of_range",
        "missing_key",
        "duplicate_key",
        "date_out_of_range",
        "open_with_close_date",
        "too_long",
    }


def test_a_schema_can_be_extended_and_knows_the_stages(checked):
    table = checked("opportunity_id,stage\nA,Won\nB,Demo\n").table
    schemas.schema("opportunities", stages=("Won", "Demo")).validate(table, lazy=True)
    with pytest.raises(pandera.errors.SchemaErrors, match="unknown_stage"):
        schemas.schema("opportunities", stages=("Won",)).validate(table, lazy=True)


def test_the_columns_of_every_schema_are_those_of_the_vocabulary():
    for name, table in TABLES.items():
        made = schemas.schema(name)
        assert tuple(made.columns) == table.names
        assert getattr(schemas, name).name == name  # made when it is asked for
        assert {c for c, column in made.columns.items() if column.required} == set(table.required)


def test_types_are_those_of_the_vocabulary(checked):
    days = "2024-01-01,2024-01-02,2024-01-02,2024-01-02"
    line = f"A,a,o,t,r,p,s,Won,1,EUR,{days},won,x,yes,2024-02-02,0.5,commit"
    found = checked(f"{','.join(TABLES['opportunities'].names)}\n{line}\n")
    schema = found.table.schema()
    assert tuple(schema.names) == TABLES["opportunities"].names
    for column in TABLES["opportunities"].columns:
        assert schema[column.name] == ibis.dtype(KINDS[column.kind])
    assert set(found.columns["how"]) == {"same"}
    assert set(found.columns["filled"]) == {1.0}


def test_it_cannot_be_changed_and_compares_by_itself(checked):
    found = checked("product\nA\n", table="products")
    with pytest.raises(FrozenInstanceError):
        found.rows = 5
    assert found == found
    assert found.require() is found
    assert found.severity == ""
    assert found.set_aside_rows().empty


def test_the_same_bytes_give_the_same_result(checked):
    text_ = "opportunity_id,stage,amount\nA,Won,5\nB,Lost,x\nC,Lost,y\n"
    one, two = checked(text_), checked(text_)
    for name in ("columns", "faults", "cases"):
        assert getattr(one, name).equals(getattr(two, name))
    assert one.fingerprint == two.fingerprint
    assert checked(text_ + "\n").fingerprint != one.fingerprint


def test_every_rule_has_its_words_in_both_languages_and_is_used():
    made = {rule.name for table in TABLES for rule in rules(table, stages=("x",))}
    assert made <= set(RULES)
    for lang in text.LANGUAGES:
        for rule in RULES:
            assert text.has(f"quality.rule.{rule}.title", lang)
            assert text.has(f"quality.rule.{rule}.why", lang)
        for severity in SEVERITIES:
            assert text.has(f"quality.severity.{severity}", lang)
    texts = text.files.texts("en", "quality")
    rules_with_words = {key.split(".")[2] for key in texts if key.startswith("quality.rule.")}
    assert rules_with_words == set(RULES)


def test_duplicates_of_a_key(checked):
    rows = "A,Won,1", "A,Won,1", "B,Won,1", "B,Won,2", "B,Won,1", "A,Won,1", "C,Won,1", ""
    found = checked("\n".join(["opportunity_id,stage,amount", *rows]))
    aside = found.set_aside_rows().set_index("line")["rules"].to_dict()
    assert aside == {
        3: "duplicate_row",
        4: "duplicate_key",
        5: "duplicate_key",
        6: "duplicate_key",
        7: "duplicate_row",
    }
    assert sorted(found.table.to_pandas()["opportunity_id"]) == ["A", "C"]
    history = "opportunity_id,stage,entered_at\nA,Demo,2024-01-01\nA,Demo,2024-01-01\n"
    assert checked(history, table="stage_history").rows_used == 2


def test_a_row_broken_as_a_line_breaks_no_other_rule(checked, rules):
    found = checked("opportunity_id,stage,amount\nA,Won,1\n,x\n")
    assert rules(found) == ["wrong_field_count"]


def test_a_sheet_of_formulas_is_data_not_sql_or_markup(checked):
    evil = '\'; DROP TABLE x; --,"<script>alert(1)</script>",=1+1'
    found = checked(f'opportunity_id,stage,"a""b\'; --"\n{evil}\nB,Won,x\n')
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["opportunity_id"].tolist() == ["'; DROP TABLE x; --", "B"]
    assert frame["a\"b'; --"].tolist() == ["=1+1", "x"]
    assert checked("opportunity_id,stage\nA,Won\n", keep={"stage": "Won' OR '1'='1"}).rows_used == 0


def test_a_report_says_which_input_it_cannot_do_without(tmp_path):
    (tmp_path / "deals.csv").write_text("opportunity_id,stage\nA,Won\n")
    given = {"opportunities": str(tmp_path / "deals.csv"), "scores": ""}
    assert list(sources.inputs(**given)) == ["opportunities"]
    assert list(sources.inputs(needed=["opportunities"], **given)) == ["opportunities"]
    with pytest.raises(SalesAnalysisError, match="`scores` is not given"):
        sources.inputs(needed=["scores"], **given)


def test_scores_that_nothing_gives_a_maximum_are_said(checked):
    head = "learner_id,skill,trained_at,tested_at"
    rows = "a,x,2025-01-01,2025-02-01,60\nb,x,2025-01-01,2025-02-01,0.5\n"
    found = checked(f"{head},score\n{rows}", table="scores")
    assert found.faults["rule"].tolist() == ["score_without_maximum"]
    assert "1 score is over 1 (the greatest 60.00) and 1 is not" in found.messages()[0]
    with_maximum = f"{head},score,max_score\n{rows}".replace(",60\n", ",60,80\n")
    assert checked(with_maximum.replace(",0.5\n", ",0.5,80\n"), table="scores").severity == ""


def test_right_answers_of_nobody_knows_how_many_are_no_score(checked):
    found = checked("learner_id,skill,trained_at,tested_at,k\na,x,2025-01-01,2025-02-01,6\n",
                    table="scores")  # fmt: skip
    assert found.severity == "fatal"
    assert "neither a `score` nor both `k` and `n` (found of these: k)" in found.messages()[0]


def test_a_column_without_any_value_is_said_unless_it_may_have_none(checked):
    text = "opportunity_id,outcome,stage,amount,created_at,closed_at\na,open,S,0,,\nb,open,S,,,\n"
    found = checked(text, table="opportunities")
    assert found.faults[["rule", "column"]].to_numpy().tolist() == [
        ["empty_column", "amount"],
        ["empty_column", "created_at"],
    ]


def test_attainment_without_quotas_is_said(checked):
    found = checked("payee_id,period,sales\na,2025-Q1,60\n", table="attainment")
    assert found.faults["rule"].tolist() == ["no_quota"]

"""Grades held against evidence, the checklist of key deals, and the first fortnight."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, processes, text
from salesanalysis.funnel import milestones as m
from salesanalysis.funnel import programme as p
from salesanalysis.known import KnownFunnel

RULES = m.SOLUTION_SELLING_RULES
LETTER = RULES[2].items
DAY = pd.Timestamp("2025-03-01")


def evidence(*rows):
    """Evidence from (deal, milestone, items fulfilled, items not fulfilled) rows."""
    columns = ["opportunity_id", "milestone", "item", "fulfilled", "checked_at"]
    flat = [
        (deal, milestone, item, state, DAY)
        for deal, milestone, good, bad in rows
        for state, items in ((True, good), (False, bad))
        for item in items
    ]
    return pd.DataFrame(flat, columns=columns)


def deals(**stages):
    size = len(stages)
    return pd.DataFrame({
        "opportunity_id": list(stages), "stage": list(stages.values()),
        "amount": [10.0 * 2**n for n in range(size)], "owner_id": ["R1"] * size,
    })  # fmt: skip


def known(table=None, proof=None, contacts=None, as_of="2025-03-31"):
    return KnownFunnel(as_of=as_of, deals=table, evidence=proof, contacts=contacts)


def grade(table, proof, **arguments):
    return m.verified_grade(known(table, proof), **arguments).set_index("opportunity_id")


def test_a_letter_with_its_six_points_verifies_d_and_one_with_five_does_not():
    assert len(LETTER) == 6
    proof = evidence(
        ("sound", "sponsor_letter", LETTER, []),
        ("five", "sponsor_letter", LETTER[:5], LETTER[5:]),
        ("met", "first_meeting", ["took_place"], []),
    )
    graded = grade(deals(sound="D", five="D", met="D", none="D"), proof)
    assert graded["verified"].to_dict() == {"sound": "D", "five": "T", "met": "S", "none": "T"}
    assert graded["steps_back"].tolist() == [0, 2, 1, 2]
    assert graded["standing"].tolist() == ["verified", "put_back", "put_back", "put_back"]


def test_the_money_moves_with_the_deals_and_none_is_lost():
    proof = evidence(
        ("a", "sponsor_letter", LETTER, []), ("b", "first_meeting", ["took_place"], [])
    )
    graded = m.verified_grade(known(deals(a="D", b="D", c="S"), proof))
    table = m.grade_moves(graded)
    assert table[["claimed", "verified", "deals", "amount"]].to_numpy().tolist() == [
        ["S", "T", 1, 40.0], ["D", "S", 1, 20.0], ["D", "D", 1, 10.0],
    ]  # fmt: skip
    assert table["share"].tolist() == [1, 0.5, 0.5]
    assert table["amount"].sum() == graded["amount"].sum()


def test_a_milestone_nobody_records_neither_verifies_nor_refutes():
    proof = evidence(("a", "sponsor_letter", LETTER, []))
    graded = grade(deals(a="C", b="C", c="S", d="D"), proof)
    # No power-sponsor letter and no meeting is on record for anybody.
    assert graded["standing"].tolist() == ["not_recorded"] * 3 + ["put_back"]
    assert graded["verified"].tolist() == ["C", "C", "S", "S"]


def test_a_later_milestone_vouches_for_the_earlier_unless_every_step_is_asked():
    proof = evidence(
        ("a", "power_sponsor_letter", RULES[3].items, []),
        ("b", "sponsor_letter", LETTER, []),
        ("b", "first_meeting", ["took_place"], []),
    )
    assert grade(deals(a="C", b="D"), proof)["verified"].tolist() == ["C", "D"]
    strict = grade(deals(a="C", b="D"), proof, every_step=True)
    assert strict["verified"].tolist() == ["T", "D"]


def test_the_last_check_counts_and_one_from_the_future_is_refused():
    proof = evidence(("a", "first_meeting", ["took_place"], []))
    later = proof.assign(fulfilled=False, checked_at=pd.Timestamp("2025-03-20"))
    both = pd.concat([later, proof])
    assert grade(deals(a="S"), both)["verified"].tolist() == ["T"]
    with pytest.raises(SalesAnalysisError, match="`evidence` has a `checked_at` of 2025-03-20"):
        known(deals(a="S"), both, as_of="2025-03-10")
    same_time = pd.concat([proof.assign(fulfilled=False), proof])
    assert grade(deals(a="S"), same_time)["verified"].tolist() == ["T"]


def test_rules_of_any_process_work_and_a_first_grade_may_need_evidence():
    rules = [m.GradeRule("线索", "名片", ("已交换",)), m.GradeRule("报价", "报价单", ("已发出",))]
    proof = evidence(("a", "报价单", ["已发出"], []), ("c", "名片", ["已交换"], []))
    graded = grade(deals(a="报价", b="报价", c="报价", d="线索", e="其他"), proof, rules=rules)
    assert graded["verified"].tolist() == ["报价", "线索", "线索", "线索", "其他"]
    assert graded["standing"].tolist() == [
        "verified", "put_back", "put_back", "unverified", "unlisted",
    ]  # fmt: skip
    assert graded["steps_back"].isna().tolist() == [False] * 4 + [True]
    lacking = m.missing_evidence(known(None, proof), graded.reset_index(), rules)
    assert lacking[["opportunity_id", "item"]].to_numpy().tolist() == [
        ["d", "已交换"], ["c", "已发出"], ["b", "已发出"],
    ]  # fmt: skip


def test_what_is_missing_says_whether_it_was_checked():
    proof = evidence(("a", "sponsor_letter", LETTER[:4], LETTER[4:5]))
    there = known(deals(a="D"), proof)
    lacking = m.missing_evidence(there, m.verified_grade(there))
    assert dict(zip(lacking["item"], lacking["found"], strict=True)) == {
        LETTER[4]: "not_fulfilled", LETTER[5]: "not_checked",
    }  # fmt: skip


def test_evidence_that_no_rule_asks_for_is_listed():
    proof = evidence(("a", "sponsor_letter", [*LETTER, "price"], []))
    assert m.unlisted_evidence(proof).to_numpy().tolist() == [["sponsor_letter", "price", 1]]


grades = [rule.grade for rule in RULES]
points = [(rule.milestone, item) for rule in RULES for item in rule.items]


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(grades), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from(points), st.booleans()), max_size=40),
    st.booleans(),
)
def test_no_deal_rises_and_only_sound_evidence_keeps_it(stages, checks, every_step):
    table = deals(**{f"d{n}": stage for n, stage in enumerate(stages)})
    proof = pd.DataFrame(
        [(f"d{n}", *point, good, DAY) for n, point, good in checks],
        columns=["opportunity_id", "milestone", "item", "fulfilled", "checked_at"],
    ).astype({"fulfilled": bool, "checked_at": "datetime64[us]"})
    graded = grade(table, proof, every_step=every_step)
    recorded = set(proof["milestone"])
    for deal, row in graded.iterrows():
        sound = set()
        for rule in RULES:
            mine = proof[(proof["opportunity_id"] == deal) & (proof["milestone"] == rule.milestone)]
            if all(
                len(g := mine.loc[mine["item"] == i, "fulfilled"]) and g.all() for i in rule.items
            ):
                sound.add(rule.grade)
            elif rule.milestone not in recorded:
                sound.add(rule.grade)
        steps = [g for g in grades[: grades.index(row["claimed"]) + 1]]
        if every_step:
            steps = [g for n, g in enumerate(steps) if set(steps[: n + 1]) <= sound]
        assert row["verified"] == [g for g in steps if g in sound][-1]


def test_wrong_rules_and_tables_get_one_clear_message():
    with pytest.raises(SalesAnalysisError, match="more than one rule for S"):
        grade(deals(a="S"), evidence(), rules=[m.GradeRule("S"), m.GradeRule("S")])
    with pytest.raises(SalesAnalysisError, match="no column `checked_at`"):
        grade(deals(a="S"), evidence().drop(columns="checked_at"))


# Key deals


def test_key_deals_are_the_marked_ones_or_the_fewest_that_make_the_share():
    table = deals(a="T", b="T", c="T").assign(must_win=[True, False, None], outcome="open")
    assert p.key_deals(table)["opportunity_id"].tolist() == ["a"]
    # 40 + 20 + 10: the largest makes 57%.
    assert p.key_deals(table, value_share=0.5)["opportunity_id"].tolist() == ["c"]
    assert p.key_deals(table, value_share=0.6)["opportunity_id"].tolist() == ["c", "b"]
    assert p.key_deals(table.assign(outcome="won"), value_share=1.0).empty
    with pytest.raises(SalesAnalysisError, match="no column `must_win`"):
        p.key_deals(deals(a="T"))


def contacts(*rows):
    frame = pd.DataFrame(rows, columns=["opportunity_id", "owner_id", "kind", "last_at"])
    return frame.assign(last_at=pd.to_datetime(frame["last_at"]), contacts=1)


@pytest.fixture
def team():
    """Two sellers: R1 does the programme, R2 does not."""
    table = deals(a="C", b="S", c="C", d="?").assign(
        must_win=[True, False, True, False], owner_id=["R1", "R1", "R2", "R2"]
    )
    proof = evidence(
        ("a", "power_sponsor_letter", RULES[3].items, []),
        ("b", "first_meeting", ["took_place"], []),
    )
    met = contacts(
        ("a", "M1", "manager_visit", "2025-03-04"), (None, "R1", "role_play", "2025-03-05"),
        (None, "R2", "role_play", "2025-02-01"), ("c", "R2", "call", "2025-03-05"),
    )  # fmt: skip
    targets = pd.DataFrame({"owner_id": ["R1", "R2"], "target": [30.0, 1000.0]})
    there = known(table, proof, met)
    return there, table, m.verified_grade(there), targets


def test_the_first_fortnight_of_a_seller_who_did_it_and_of_one_who_did_not(team):
    table = p.first_fortnight(*team, start="2025-03-03")
    answers = table.groupby("owner_id")["answer"].agg(set)
    assert answers["R1"] == {"yes"}
    assert answers["R2"] == {"no"}
    assert table.loc[table["owner_id"] == "R2", "overdue"].all()
    assert not table.loc[table["owner_id"] == "R1", "overdue"].any()
    assert set(table["due"]) == {pd.Timestamp("2025-03-16")}
    there, *rest = team
    early = p.first_fortnight(replace(there, as_of="2025-03-10"), *rest, start="2025-03-03")
    assert not early["overdue"].any()


def test_what_nobody_recorded_is_unknown_and_not_no(team):
    _, table, graded, _ = team
    programme = p.first_fortnight(known(), table, graded, start="2025-03-03")
    answers = programme[programme["owner_id"] == "R1"].set_index("task")["answer"]
    assert answers[["all_graded", "key_at_grade"]].tolist() == ["yes", "yes"]
    assert set(answers.iloc[2:]) == {"unknown"}
    calls_only = known(contacts=contacts(("a", "R1", "call", "2025-03-04")))
    programme = p.first_fortnight(calls_only, table, graded, start="2025-03-03")
    assert set(programme.loc[programme["task"] == "key_visited", "answer"]) == {"unknown"}


def test_the_checklist_of_key_deals(team):
    there, table, graded, _ = team
    table = table.assign(expected_close_at=pd.to_datetime(["2025-06-01", None, "2025-01-01", None]))
    listed = p.key_opportunity_checklist(there, table, graded)
    columns = ["is_graded", "at_grade", "letter_checked", "visited", "date_ahead"]
    assert listed["opportunity_id"].tolist() == ["c", "a"]
    assert listed[columns].to_numpy().tolist() == [["yes", "no", "no", "no", "no"], ["yes"] * 5]
    bare = p.key_opportunity_checklist(known(), table, graded)
    assert bare["letter_checked"].tolist() == bare["visited"].tolist() == ["unknown"] * 2
    with pytest.raises(SalesAnalysisError, match="`grade` is 'X'; expected one of T, S, D"):
        p.key_opportunity_checklist(known(), table, graded, programme=p.Programme(grade="X"))
    opened = table.assign(created_at=pd.Timestamp("2025-03-01"), age_days=20.0)
    with pytest.raises(SalesAnalysisError, match="`snapshot` is of 2025-03-20"):
        p.key_opportunity_checklist(known(), opened, graded)


def test_two_targets_of_one_seller_are_refused(team):
    *company, targets = team
    with pytest.raises(SalesAnalysisError, match="`targets` has 'R1' more than once"):
        p.first_fortnight(*company, targets.assign(owner_id="R1"), start="2025-03-03")


# Processes


def test_presets_work_wherever_stages_and_exits_are_asked_for():
    from salesanalysis import reduce

    for preset in processes.PROCESSES.values():
        path = [*preset.stages, *preset.exits.get("won", ("won",))]
        history = pd.DataFrame({
            "opportunity_id": "a", "stage": path,
            "entered_at": pd.date_range("2025-01-01", periods=len(path)),
        })  # fmt: skip
        exits = preset.exits or {"won": "won"}
        entries = reduce.funnel.stage_entries(
            stage_history=history, stages=preset.stages, exits=exits, as_of="2025-03-31"
        )
        assert entries["stage"].tolist() == [*preset.stages, "won"]
        assert np.allclose(entries["result_days"].dropna(), 1)


@pytest.mark.parametrize(
    ("stages", "exits", "message"),
    [
        ([], {}, "`stages` is empty"),
        (["a", "a"], {}, "a is named more than once"),
        (["a", "b"], {"won": "b"}, "b is named more than once"),
        (["a"], {"win": "b"}, "`exits` has 'win'"),
    ],
)
def test_a_process_that_cannot_be_is_refused(stages, exits, message):
    with pytest.raises(SalesAnalysisError, match=message):
        processes.Process("mine", stages, exits)


def test_a_preset_that_is_not_there_is_named_with_its_nearest():
    with pytest.raises(SalesAnalysisError, match="Did you mean `salesforce`"):
        processes.process("Sales Force")


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_grade_of_the_source_has_its_meaning_and_its_evidence(lang):
    words = processes.stage_meanings(processes.process("solution_selling"), lang=lang)
    assert words["stage"].tolist() == ["T", "S", "D", "C", "B", "A", "W", "L"]
    assert words.notna().all(axis=None)
    own = processes.Process("mine", ["a"], {})
    assert processes.stage_meanings(own, lang=lang)["meaning"].isna().all()


def test_the_rules_are_those_of_the_preset():
    assert tuple(rule.grade for rule in RULES) == processes.process("solution_selling").stages

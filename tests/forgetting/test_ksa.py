"""KSA gaps: decayed to the day, ranked by the stage that suffers, nothing guessed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, forgetting, reduce
from salesanalysis.datasets.training import SKILLS, training
from salesanalysis.forgetting import known_curve, ksa_gap_rates
from salesanalysis.known import KnownForgetting

AS_OF = "2025-12-31"
SOURCE = known_curve("exponential", half_life=5.1, time_unit="weeks")
SLOW = known_curve("exponential", half_life=51, time_unit="weeks")
CONVERSION = pd.DataFrame(
    {"stage": list("TSDCBA"), "rate": [0.9, 0.8, 0.5, 0.6, 0.7, 0.95], "basis": "final"}
)


def ksa_gaps(needs, levels, *, as_of=AS_OF, **more):
    """The gaps by what was known on a day."""
    known = KnownForgetting(as_of=as_of, required=needs, assessed=levels)
    return forgetting.ksa_gaps(known, **more)


def next_training(gaps, **more):
    return forgetting.next_training(KnownForgetting(as_of=AS_OF), gaps, **more)


def required(**levels):
    rows = [
        {"role": "seller", "skill": skill, "level": level, "stage": stage}
        for skill, (level, stage) in levels.items()
    ]
    return pd.DataFrame(rows)


def assessed(*rows):
    frame = pd.DataFrame(rows, columns=["person_id", "skill", "level", "assessed_at"])
    frame["assessed_at"] = pd.to_datetime(frame["assessed_at"])
    return frame.assign(role="seller", team="East")


@pytest.fixture(scope="module")
def sample():
    made = training().tables
    gaps = ksa_gaps(made["ksa_required"], made["ksa_assessed"], curve=SLOW, conversion=CONVERSION)
    return made, gaps


def one(frame, skill="closing"):
    return frame[frame["skill"] == skill].iloc[0]


def test_a_level_fades_by_the_curve_from_the_day_it_was_assessed():
    needs = required(closing=(3.0, "A"))
    row = one(ksa_gaps(needs, assessed(("Li", "closing", 4.0, "2025-11-26")),
                       curve=SOURCE))  # fmt: skip
    assert row["age_days"] == 35
    assert row["current"] == pytest.approx(4 * 2 ** (-35 / 35.7))
    assert row["gap"] == pytest.approx(3 - row["current"])
    assert row["gap_share"] == pytest.approx(row["gap"] / 3)
    assert row["status"] == "faded"
    fell = pd.Timestamp("2025-11-26") + pd.Timedelta(days=35.7 * np.log2(4 / 3))
    assert row["below_at"] == fell.normalize()


def test_a_level_of_the_same_day_has_not_faded_and_a_least_level_stays():
    needs = required(closing=(3.0, "A"))
    today = assessed(("Li", "closing", 3.0, "2025-12-31 16:00"))
    row = one(ksa_gaps(needs, today, curve=SOURCE))
    assert (row["current"], row["status"], row["gap"]) == (3.0, "met", 0.0)
    old = assessed(("Li", "closing", 5.0, "2025-11-26"))
    row = one(ksa_gaps(needs, old, curve=SOURCE, least_level=1.0))
    assert row["current"] == pytest.approx(1 + 4 * 2 ** (-35 / 35.7))
    assert row["gap_share"] == pytest.approx(max(0, 3 - row["current"]) / 2)


def test_each_skill_has_its_own_curve_and_one_without_a_curve_lasts():
    needs = required(closing=(3.0, "A"), care=(3.0, "A"))
    levels = assessed(("Li", "closing", 4.0, "2025-01-01"), ("Li", "care", 4.0, "2025-01-01"))
    gaps = ksa_gaps(needs, levels, curves={"closing": SOURCE})
    assert one(gaps, "care")["current"] == 4.0
    assert pd.isna(one(gaps, "care")["below_at"])
    assert one(gaps)["current"] == pytest.approx(4 * 2 ** (-364 / 35.7))
    both = ksa_gaps(needs, levels, curve=SLOW, curves={"closing": SOURCE})
    assert one(both, "care")["current"] == pytest.approx(4 * 2 ** (-364 / 357))


def test_only_the_latest_assessment_up_to_the_day_counts():
    needs = required(closing=(3.0, "A"))
    levels = assessed(
        ("Li", "closing", 4.0, "2025-12-01"),
        ("Li", "closing", 1.0, "2025-06-01"),
        ("Li", "closing", 5.0, "2026-01-01"),
        ("Wu", "closing", 5.0, "2026-02-01"),
    )
    with pytest.raises(SalesAnalysisError, match="`assessed` has a `assessed_at` of 2026-02-01"):
        ksa_gaps(needs, levels)
    tables = {"ksa_required": needs, "ksa_assessed": levels}
    gaps = forgetting.ksa_gaps(reduce.forgetting.known(tables, as_of=AS_OF))
    assert gaps["person_id"].tolist() == ["Li"]
    assert gaps["assessed"].tolist() == [4.0]


def test_what_was_not_assessed_is_not_zero():
    needs = required(closing=(3.0, "A"), care=(2.0, "A"))
    gaps = ksa_gaps(needs, assessed(("Li", "closing", 4.0, "2025-12-01")))
    row = one(gaps, "care")
    assert row["status"] == "not_assessed"
    assert row[["assessed", "current", "gap", "gap_share", "priority"]].isna().all()
    rates = ksa_gap_rates(gaps, by="role").iloc[0]
    assert rates[["requirements", "not_assessed", "n", "k"]].tolist() == [2, 1, 1, 0]


def test_roles_without_requirements_and_people_without_a_role_are_shown():
    levels = assessed(("Li", "closing", 4.0, "2025-12-01"), ("Wu", "closing", 4.0, "2025-12-01"))
    levels.loc[0, "role"] = "cook"
    levels.loc[1, "role"] = None
    gaps = ksa_gaps(required(closing=(3.0, "A")), levels)
    assert gaps.set_index("person_id")["status"].to_dict() == {
        "Li": "no_requirement",
        "Wu": "no_role",
    }
    assert ksa_gap_rates(gaps, by="role").empty
    assert next_training(gaps).empty


def test_the_role_is_the_latest_that_was_written_down():
    levels = assessed(("Li", "closing", 4.0, "2025-01-01"), ("Li", "care", 4.0, "2025-12-01"))
    levels["role"] = ["seller", None]
    gaps = ksa_gaps(required(closing=(3.0, "A")), levels)
    assert gaps["role"].tolist() == ["seller"]


def test_gaps_are_ranked_by_the_stage_that_suffers():
    needs = required(closing=(4.0, "A"), outside_proof=(4.0, "D"), care=(4.0, None))
    levels = assessed(
        ("Li", "closing", 1.0, "2025-12-31"),
        ("Li", "outside_proof", 2.0, "2025-12-31"),
        ("Li", "care", 0.0, "2025-12-31"),
    )
    gaps = ksa_gaps(needs, levels, conversion=CONVERSION)
    assert gaps["skill"].tolist() == ["outside_proof", "closing", "care"]
    assert gaps["priority"].iloc[:2].tolist() == pytest.approx([0.5 * 0.5, 0.75 * 0.05])
    assert np.isnan(gaps["priority"].iloc[2])
    without = ksa_gaps(needs, levels)
    assert without["skill"].tolist() == ["care", "closing", "outside_proof"]
    assert without["skill_group"].tolist() == ["follow_up", "rivals", "trust"]


def test_the_final_basis_of_a_conversion_table_counts():
    several = pd.concat([CONVERSION.assign(basis="reached", rate=0.1), CONVERSION])
    needs = required(closing=(3.0, "A"))
    levels = assessed(("Li", "closing", 1.0, "2025-12-31"))
    gaps = ksa_gaps(needs, levels, conversion=several)
    assert one(gaps)["stage_rate"] == 0.95
    with pytest.raises(SalesAnalysisError, match="`conversion` has a stage more than once"):
        ksa_gaps(needs, levels, conversion=pd.concat([CONVERSION, CONVERSION]))
    simple = pd.concat([CONVERSION.assign(basis=basis) for basis in ("reached", "decided")])
    with pytest.raises(SalesAnalysisError, match="has the bases reached, decided and not `final`"):
        ksa_gaps(needs, levels, conversion=simple)


def test_the_sample_agrees_with_a_naive_loop(sample):
    made, gaps = sample
    levels, needs = made["ksa_assessed"], made["ksa_required"]
    end = pd.Timestamp(AS_OF)
    expected = {}
    for person, rows in levels.groupby("person_id"):
        role = rows["role"].iloc[0]
        for need in needs[needs["role"] == role].to_dict("records"):
            looks = rows[rows["skill"] == need["skill"]].sort_values("assessed_at")
            if looks.empty:
                expected[person, need["skill"]] = np.nan
                continue
            last = looks.iloc[-1]
            days = (end - last["assessed_at"]).days
            left = last["level"] * 2 ** (-days / 357)
            expected[person, need["skill"]] = max(0.0, need["level"] - left)
    seen = gaps.set_index(["person_id", "skill"])["gap"].to_dict()
    assert seen.keys() == expected.keys()
    assert [seen[key] for key in expected] == pytest.approx(list(expected.values()), nan_ok=True)
    assert gaps["status"].isin(["never_met", "faded", "met", "not_assessed"]).all()
    assert len(gaps) == 24 * len(SKILLS)


@pytest.mark.parametrize("by", ["role", "person_id", "skill_group", ["team", "stage"]])
def test_groups_add_up(sample, by):
    table = ksa_gap_rates(sample[1], by=by)
    gaps = sample[1]
    assert table["requirements"].sum() == len(gaps)
    assert table["k"].sum() == gaps["status"].isin(["never_met", "faded"]).sum()
    assert (table["n"] + table["not_assessed"] == table["requirements"]).all()
    assert (table["rate_low"] <= table["rate"]).all() and (table["faded"] <= table["k"]).all()
    assert table["mean_priority"].is_monotonic_decreasing


def test_who_needs_what_next(sample):
    _, gaps = sample
    plan = next_training(gaps, most=2)
    assert plan["person_id"].value_counts().max() == 2
    assert (plan.groupby("person_id")["rank"].min() == 1).all()
    first = plan[plan["rank"] == 1]
    lacking = first["action"].isin(["train", "refresh"])
    assert first.loc[lacking, "priority"].dropna().is_monotonic_decreasing
    # Nobody is told to be trained in what they have, or to wait with a gap.
    met = gaps[(gaps["status"] == "met") & gaps["below_at"].isna()]
    assert not set(zip(met["person_id"], met["skill"], strict=True)) & set(
        zip(plan["person_id"], plan["skill"], strict=True)
    )
    for person in first["person_id"]:
        own = gaps[(gaps["person_id"] == person) & (gaps["gap"] > 0)]
        if len(own):
            assert first.set_index("person_id").loc[person, "skill"] == own["skill"].iloc[0]


def test_what_will_fade_soon_is_due_before_it_is_lacking():
    needs = required(closing=(3.0, "A"))
    levels = assessed(("Li", "closing", 3.2, "2025-12-30"))
    gaps = ksa_gaps(needs, levels, curve=SOURCE)
    plan = next_training(gaps)
    assert plan[["action", "overdue"]].iloc[0].tolist() == ["refresh", False]
    assert pd.Timestamp(AS_OF) < plan["due_at"].iloc[0] < pd.Timestamp("2026-01-04")
    assert next_training(gaps, within_days=1).empty


@settings(max_examples=20, deadline=None)
@given(
    level=st.floats(0, 5), need=st.floats(0.1, 5), days=st.integers(0, 700), start=st.floats(0.2, 1)
)
def test_a_gap_is_never_negative_and_fading_never_helps(level, need, days, start):
    curve = known_curve("exponential", half_life=20, start=start, time_unit="weeks")
    when = pd.Timestamp(AS_OF) - pd.Timedelta(days=days)
    needs, levels = required(closing=(need, "A")), assessed(("Li", "closing", level, when))
    faded = one(ksa_gaps(needs, levels, curve=curve))
    lasting = one(ksa_gaps(needs, levels))
    assert 0 <= lasting["gap"] <= faded["gap"] + 1e-9
    assert 0 <= faded["gap_share"] <= 1 + 1e-9
    if faded["status"] == "faded":
        assert faded["below_at"] <= pd.Timestamp(AS_OF) + pd.Timedelta(days=1)


def test_inputs_stay_and_their_order_does_not_matter(sample):
    made, gaps = sample
    before = {name: frame.copy() for name, frame in made.items()}
    mixed = ksa_gaps(
        made["ksa_required"].sample(frac=1, random_state=1),
        made["ksa_assessed"].sample(frac=1, random_state=2),
        curve=SLOW, conversion=CONVERSION,
    )  # fmt: skip
    pd.testing.assert_frame_equal(mixed, gaps)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(made[name], frame)


def test_days_may_come_as_text_or_with_a_zone_and_levels_in_any_type():
    needs = required(closing=(3.0, "A"))
    plain = assessed(("Li", "closing", 4.0, "2025-11-26"), ("Wu", "closing", None, "2025-12-01"))
    same = {
        "text": plain["assessed_at"].astype(str),
        "zone": plain["assessed_at"].dt.tz_localize("UTC"),
    }
    expected = ksa_gaps(needs, plain, curve=SOURCE)
    for days in same.values():
        other = plain.assign(assessed_at=days, level=plain["level"].astype("Int64"))
        gaps = ksa_gaps(needs.astype({"level": "Int64"}), other, curve=SOURCE)
        pd.testing.assert_frame_equal(gaps, expected)


def test_a_required_level_of_nothing_is_no_requirement():
    people = assessed(("Li", "closing", 1.0, "2025-12-31"))
    gaps = ksa_gaps(required(closing=(0.0, "A"), care=(3.0, "A")), people)
    assert gaps["skill"].tolist() == ["care"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda n, a: ksa_gaps(n.drop(columns="level"), a), "no column `level`"),
        (
            lambda n, a: ksa_gaps(pd.concat([n, n]), a),
            "'closing' of the role 'seller'",
        ),
        (lambda n, a: ksa_gaps(n.assign(level=-1.0), a), "more than `least_level`"),
        (lambda n, a: ksa_gaps(n, a.assign(level=-1.0)), "expected at least"),
        (lambda n, a: ksa_gaps(n, a, as_of="soon"), "`as_of` is 'soon'"),
        (lambda n, a: ksa_gaps(n, a, curve=5.1), "`curve` is float"),
        (lambda n, a: ksa_gap_rates(ksa_gaps(n, a), by="rolle"), "Nearest: role"),
        (lambda n, a: next_training(ksa_gaps(n, a), most=0), "`most`"),
    ],
)
def test_a_wrong_call_gets_one_clear_message(call, message):
    with pytest.raises(SalesAnalysisError, match=message):
        call(required(closing=(3.0, "A")), assessed(("Li", "closing", 1.0, "2025-12-31")))


def test_the_findings_count_what_the_table_shows(sample):
    _, gaps = sample
    counts, worst = forgetting.ksa_findings(gaps)
    assert counts.values["unmet"] == gaps["status"].isin(["never_met", "faded"]).sum()
    assert counts.values["people"] == 24
    by_stage = ksa_gap_rates(gaps, by="stage")
    assert worst.values["stage"] == by_stage["stage"].iloc[0]
    assert worst.values["gaps"] == by_stage["k"].iloc[0]
    unranked = gaps.assign(stage_rate=np.nan, priority=np.nan)
    assert [f.name for f in forgetting.ksa_findings(unranked)] == ["unmet"]

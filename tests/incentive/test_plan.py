"""Plans as data: what a file says, what it may not say, and how it reads in words."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from salesanalysis import SalesAnalysisError, incentive, sources

ROOT = Path(__file__).parents[2]
PLANS = sorted((ROOT / "data" / "plans").glob("*.yml"))
FLAT = {"tiers": [[0, None, 0.03]]}
TWO = {"thresholds": "quota", "tiers": [[0, 1, 0.03], [1, None, 0.05]]}


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_the_plans_of_the_project_can_be_read_and_said_in_both_languages(path):
    plan = incentive.read_plan(sources.plan_text(path), file=path.name)
    english, chinese = plan.describe("en"), plan.describe("zh")
    assert len(english.splitlines()) == len(chinese.splitlines()) >= 5
    assert "{" not in english + chinese
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


def test_a_plan_in_words_says_every_rule():
    plan = incentive.read_plan(
        {
            "name": "East",
            "thresholds": "quota",
            "method": "retroactive",
            "at_boundary": "lower",
            "tiers": [[0, 1, "3%"], [1, None, "5.25%"]],
            "floor": {"at": 0.8, "cliff": "yes"},
            "stretch": 1.2,
            "cap": {"payout": 9000, "attainment": 2, "rate": 0.05},
            "bonuses": [[1, 500], {"at": 1.5, "share": "10%"}],
            "draw": {"amount": 1000, "recoverable": "no", "periods": 3},
            "multipliers": [
                {"on": "margin", "steps": [[0.2, 0.5], [0.3, 1]]},
                {"on": "new", "steps": [[0, 0], [5, 1]], "tier": 2},
                {"on": "attainment", "points": [[0.5, 0.6], [1, 1]], "bonuses": "yes"},
            ],
            "spifs": [
                {
                    "name": "May",
                    "start": "2025-05-01",
                    "end": "2025-05-31",
                    "pay": 50,
                    "product": "Nova",
                    "at_least": 1000,
                },
                {
                    "name": "June",
                    "start": "2025-06-01",
                    "end": "2025-06-30",
                    "tiers": [[1, 20], [6, 30]],
                    "counts": "units",
                    "method": "retroactive",
                    "most": 400,
                },
            ],
            "clawback": 90,
            "ramp": [0.25, 0.5],
            "true_up": "quarter",
            "negative": "take_back",
            "rounding": {"method": "half_even", "to": 1, "at": "tier"},
        }
    )
    said = plan.describe().splitlines()
    assert said[0] == "East."
    for part in (
        "The tier that is reached holds for all sales.",
        "From 0% of quota to 100% of quota: 3% of the sales.",
        "From 100% of quota: 5.25% of the sales.",
        "Sales exactly on a threshold belong to the lower tier.",
        "The floor is 80% of quota; below it nothing is paid at all.",
        "No more than 9,000 is due for the span that is measured.",
        "Reaching 100% of quota brings a bonus of 500.",
        "Reaching 150% of quota brings a bonus of 10% of the target incentive.",
        "Commission is multiplied by margin: nothing below 0.2, 0.5 times from 0.2 on, 1 times"
        " from 0.3 on.",
        "What tier 2 pays is multiplied by new: 0 times from 0 on, 1 times from 5 on.",
        "Commission is multiplied by attainment: nothing below 50%, in straight lines through"
        " 0.6 times at 50%, 1 times at 100%, and no further.",
        "Bonuses are multiplied by attainment as well.",
        "May, 2025-05-01 to 2025-05-31: 50 for each sale of Nova from 1,000 on.",
        "June, 2025-06-01 to 2025-06-30, counting the units of each sale: 20 each from number 1 on,"
        " 30 each from number 6 on.",
        "In June the tier that is reached holds for all.",
        "June brings a payee 400 at the most.",
        "At least 1,000 is paid each period; it need not be paid back.",
        "In a payee's first periods the quota is 25%, 50% of the full one.",
        "Commission is rounded to 1 tier by tier (half to even).",
    ):
        assert part in said
    with pytest.raises(SalesAnalysisError, match="`lang`"):
        plan.describe("fr")


def test_a_plan_in_words_says_what_becomes_of_what_is_over_a_cap():
    cap = {"payout": 9000, "attainment": 2, "banked": "yes"}
    window = {"name": "May", "start": "2025-05-01", "end": "2025-05-31"}
    tiers = [{"from": 1000, "rate": "1%"}, {"from": 5000, "rate": "2%"}]
    spifs = [{**window, "counts": "amount", "tiers": tiers},
             {**window, "tiers": [{"from": 5, "pay": 80}]}]  # fmt: skip
    said = incentive.read_plan({**TWO, "cap": cap, "spifs": spifs}).describe().splitlines()
    for part in (
        "What the cap on payout takes off is kept, and paid in later periods as far as the cap"
        " leaves room.",
        "Sales over the cap count in the next period.",
        "May, 2025-05-01 to 2025-05-31, adding up the amount of each sale: 1% from 1,000 on,"
        " 2% from 5,000 on.",
        "May, 2025-05-01 to 2025-05-31, counting each sale: 80 for reaching 5.",
    ):
        assert part in said


BAD = {
    "gap": ({"tiers": [[0, 100, 0.01], [200, None, 0.02]]}, "tiers[1].from", "gap"),
    "overlap": ({"tiers": [[0, 100, 0.01], [50, None, 0.02]]}, "tiers[1].from", "overlap"),
    "falling": ({"tiers": [[100, None, 0.01], [50, None, 0.02]]}, "tiers[1].from", "rise"),
    "twice": ({"tiers": [[0, None, 0.01], [0, None, 0.02]]}, "tiers[1].from", "rise"),
    "backwards": ({"tiers": [[100, 50, 0.01]]}, "tiers[0].to", "not over"),
    "negative level": ({"tiers": [[-1, None, 0.01]]}, "tiers[0].from", "negative"),
    "rate over 1": ({"tiers": [[0, None, 3]]}, "tiers[0].rate", "over 1"),
    "negative rate": ({"tiers": [[0, None, -0.1]]}, "tiers[0].rate", "negative"),
    "times too much": (
        {"tiers": [{"from": 0, "times": 30}], "base_rate": 0.05},
        "tiers[0].times",
        "over 1",
    ),
    "nothing promised": ({"tiers": [{"from": 0}]}, "tiers[0]", "nothing"),
    "two promises": ({"tiers": [{"from": 0, "rate": 0.1, "pay": 5}]}, "tiers[0]", "rate and pay"),
    "mixed promises": (
        {"tiers": [{"from": 0, "rate": 0.1}, {"from": 10, "pay": 5}]},
        "tiers[1].pay",
        "same kind",
    ),
    "cap under floor": (
        {**TWO, "floor": 0.9, "cap": {"attainment": 0.8}},
        "cap.attainment",
        "under the floor",
    ),
    "cap under the floor's payout": (
        {"tiers": [[0, None, 0.1]], "floor": 1000, "cap": {"payout": 99}},
        "cap.payout",
        "under what the floor pays",
    ),
    "tier over the cap": ({**TWO, "cap": {"attainment": 1}}, "cap.attainment", "nobody"),
    "stretch under floor": ({**TWO, "floor": 1, "stretch": 0.9}, "stretch", "not over the floor"),
    "cap rate": ({**FLAT, "cap": {"rate": 2}}, "cap.rate", "over 1"),
    "no end": ({"tier_amounts": [[0, None, 10]]}, "tiers[0].to", "no end"),
    "one point": ({"points": [[100, 0.1]]}, "points", "two points"),
    "rolling true-up": ({**FLAT, "measure": {"over": 3}}, "measure.pays", "period"),
    "rounding": ({**FLAT, "rounding": {"to": 0.005}}, "rounding.to", "multiple"),
    "ramp": ({**TWO, "ramp": [0.5, 0.25]}, "ramp[1]", "rises"),
    "ramp over 1": ({**TWO, "ramp": [1.5]}, "ramp[0]", "share"),
    "word": ({**FLAT, "method": "marginl"}, "method", "marginal"),
    "draw over cap": ({**FLAT, "draw": 500, "cap": 400}, "draw.amount", "cap"),
    "no bonus": ({**FLAT, "bonuses": [{"at": 5}]}, "bonuses[0]", "one of them"),
    "less for more": (
        {**FLAT, "bonuses": [{"at": 5, "share": -1}]},
        "bonuses[0].share",
        "negative",
    ),
    "bonus twice": ({**FLAT, "bonuses": [[5, 1], [5, 2]]}, "bonuses[1].at", "already"),
    "no step": (
        {**FLAT, "multipliers": [{"on": "m", "steps": []}]},
        "multipliers[0].steps",
        "none",
    ),
    "falling steps": (
        {**FLAT, "multipliers": [{"on": "m", "steps": [[1, 1], [0, 2]]}]},
        "multipliers[0].steps[1]",
        "rise",
    ),
    "no such tier": (
        {**FLAT, "multipliers": [{"on": "m", "steps": [[1, 1]], "tier": 2}]},
        "multipliers[0].tier",
        "tiers 1 to 1",
    ),
    "steps and points": (
        {**FLAT, "multipliers": [{"on": "m", "steps": [[1, 1]], "points": [[1, 1], [2, 2]]}]},
        "multipliers[0].steps",
        "one of them",
    ),
    "a line of one point": (
        {**FLAT, "multipliers": [{"on": "m", "points": [[1, 1]]}]},
        "multipliers[0].points",
        "two points",
    ),
    "falling points": (
        {**FLAT, "multipliers": [{"on": "m", "points": [[1, 1], [1, 2]]}]},
        "multipliers[0].points[1]",
        "rise",
    ),
    "attainment below nothing": (
        {**TWO, "multipliers": [{"on": "attainment", "steps": [[-1, 1]]}]},
        "multipliers[0].steps[0]",
        "negative",
    ),
    "no bonus to multiply": (
        {**FLAT, "multipliers": [{"on": "m", "steps": [[1, 1]], "bonuses": "yes"}]},
        "multipliers[0].bonuses",
        "none",
    ),
    "no cap to bank": ({**FLAT, "cap": {"rate": 0.05, "banked": "yes"}}, "cap.banked", "surplus"),
    "banked and trued up": (
        {**FLAT, "cap": {"payout": 5, "banked": "yes"}, "true_up": "year"},
        "cap.banked",
        "measure",
    ),
    "all held back twice": ({**FLAT, "holdback": 2}, "holdback.share", "between 0 and 1"),
    "sub-cent bonus": ({**FLAT, "bonuses": [[5, 0.001]]}, "bonuses[0].pay", "minor"),
}


SPIF = {"name": "May", "start": "2025-05-01", "end": "2025-05-31"}
BAD_SPIFS = {
    "nothing paid": ({}, "", "one of them"),
    "paid twice": ({"pay": 5, "tiers": [[1, 5]]}, "", "one of them"),
    "too high a rate": ({"rate": 2}, ".rate", "between 0 and 1"),
    "ends before it starts": ({"pay": 5, "end": "2025-04-30"}, ".end", "before its start"),
    "a part of a cent": ({"pay": 5, "most": 0.001}, ".most", "minor"),
    "counted from nothing": ({"tiers": [[0, 5]]}, ".tiers[0].from", "counted from 1"),
    "falling tiers": ({"tiers": [[5, 5], [2, 9]]}, ".tiers[1].from", "rise"),
    "an end of its own": ({"tiers": [{"from": 1, "to": 4, "each": 5}]}, ".tiers[0].to", "next"),
    "a rate a sale": ({"tiers": [{"from": 1, "rate": 0.1}]}, ".tiers[0]", "each or pay"),
    "money for each cent": ({"tiers": [[1, 5]], "counts": "amount"}, ".tiers[0]", "rate or pay"),
    "an unknown count": ({"tiers": [[1, 5]], "counts": "calls"}, ".counts", "units"),
    "an unknown method": ({"tiers": [[1, 5]], "method": "curve"}, ".method", "retroactive"),
}
BAD |= {
    f"SPIF: {name}": ({**FLAT, "spifs": [{**SPIF, **spif}]}, f"spifs[0]{place}", why)
    for name, (spif, place, why) in BAD_SPIFS.items()
}


@pytest.mark.parametrize("name", BAD)
def test_a_plan_that_contradicts_itself_is_refused_with_its_place(name):
    plan, place, why = BAD[name]
    with pytest.raises(SalesAnalysisError) as refused:
        incentive.read_plan(plan)
    assert f"`{place}`" in str(refused.value)
    assert why in str(refused.value)


def test_a_plan_built_in_code_is_held_to_the_same():
    with pytest.raises(SalesAnalysisError, match="gap"):
        incentive.Plan(
            tiers=(incentive.Tier(0, end=5, rate=0.1), incentive.Tier(9, rate=0.2)),
        )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "tiers:\n- {from: 0, rate: 0.03}\nfloor:\n  hight: 3\n",
            "plan.yml, line 4, `floor.hight`",
        ),
        ("tiers:\n- {from: 0, rate: 0.03}\nstrech: 3\n", "Did you mean `stretch`"),
        ("tiers:\n- {from: 0, rate: three}\n", "line 2, `tiers[0].rate`: expected a number"),
        ("tiers:\n- {rate: 0.1}\n", "line 2, `tiers[0]`: `from` is missing"),
        ("tiers: 5\n", "line 1, `tiers`: expected a list"),
        ("floor: 5\n", "`tiers`: there is none"),
        ("tiers:\n- {from: 0, rate: 0.1}\nfloor: {at: 1, cliff: maybe}\n", "expected yes or no"),
        ("tiers:\n- [0, 1]\n", "expected [from, to, rate]"),
        (
            "tiers: [[0, null, 0.1]]\nspifs:\n- name: May\n  start: 2025-05-01\n"
            "  end: 2025-05-31\n  tiers:\n  - [1, 50]\n  - [6, 80, 9]\n",
            "line 8, `spifs[0].tiers[1]`: expected [from, each]",
        ),
        ("a: [", "is not YAML"),
        ("a: 1\na: 2\n", "plan.yml:2: the key `a` stands here a second time"),
        ("just words", "expected keys"),
        ("", "there is none"),
        ("tiers:\n- [0, 5, 0.1]\n- [6, null, 0.2]\n", "plan.yml, line 3, `tiers[1].from`: gap"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_file_line_and_key(text, said):
    with pytest.raises(SalesAnalysisError) as refused:
        incentive.read_plan(text, file="plan.yml")
    assert said in str(refused.value)


def test_all_contradictions_are_told_at_once():
    with pytest.raises(SalesAnalysisError) as refused:
        incentive.read_plan({"tiers": [[0, 100, 3], [50, None, 4]]})
    for place in ("tiers[0].rate", "tiers[1].rate", "tiers[1].from"):
        assert place in str(refused.value)


def test_short_forms_mean_the_same_as_the_long_ones():
    long = {"thresholds": "quota", "tiers": [{"from": 0, "to": 1, "rate": "6%"},
                                             {"from": 1, "rate": "8%"}]}  # fmt: skip
    short = {"tiers_pct": [[0, 100, 0.06], [100, None, 0.08]]}
    assert incentive.read_plan(long).tiers[1].start == incentive.read_plan(short).tiers[1].start
    assert incentive.read_plan(short).thresholds == "quota"
    amounts = incentive.read_plan({"tier_amounts": [[0, 1000, 10], [1000, 3000, 40]]})
    assert (amounts.method, amounts.promise) == ("interpolated", "pay")
    assert incentive.read_plan({**FLAT, "true_up": "year"}).measure.over == "year"
    assert incentive.read_plan({"points": [[100, 0.1], [200, 0.2]]}).method == "curve"


TO_QUOTA = "tiers:\n- {from: 0, to: 100%, rate: 3%}\n- {from: 100%, rate: 5%}\n"


def test_a_percentage_of_the_quota_is_one_only_where_the_plan_says_so():
    plan = incentive.read_plan("thresholds: quota\n" + TO_QUOTA)
    assert incentive.payout_amounts([1200], plan=plan, quota=[1000]).tolist() == [4000]
    for said in ("", "thresholds: amount\n"):
        with pytest.raises(SalesAnalysisError) as refused:
            incentive.read_plan(said + TO_QUOTA, file="plan.yml")
        line = 2 + bool(said)
        assert f"plan.yml, line {line}, `tiers[0].to`: 100% is a share" in str(refused.value)
        assert "add `thresholds: quota`" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        ({"floor": {"at": "90%"}}, "floor.at", "of what"),
        ({"floor": "90%"}, "floor", "of what"),
        ({"stretch": "120％"}, "stretch", "of what"),
        ({"bonuses": [["100%", 500]]}, "bonuses[0].at", "of what"),
        ({"cap": {"attainment": "200%"}}, "cap.attainment", "of what"),
        ({"bonuses": [[100, "10%"]]}, "bonuses[0].pay", "`share` is a share of the target"),
        ({"cap": "200%"}, "cap", "this is money"),
        ({"draw": "50%"}, "draw", "this is money"),
        ({"target_incentive": "20%"}, "target_incentive", "this is money"),
        ({"rounding": {"to": "1%"}}, "rounding.to", "this is money"),
        (
            {"spifs": [{"name": "May", "start": "2025-05-01", "end": "2025-05-31",
                        "tiers": [["50%", 9]]}]},
            "spifs[0].tiers[0].from",
            "numbers of sales",
        ),
    ],
)  # fmt: skip
def test_a_percentage_that_does_not_say_of_what_is_refused(change, place, said):
    with pytest.raises(SalesAnalysisError) as refused:
        incentive.read_plan(FLAT | change)
    assert f"`{place}" in str(refused.value)
    assert said in str(refused.value)


def test_levels_that_may_be_shares_as_well_as_money_are_asked_about():
    tiers = [[0, 1, "3%"], [1, None, "5%"]]
    with pytest.raises(SalesAnalysisError, match="`thresholds: quota` or `thresholds: amount`"):
        incentive.read_plan({"tiers": tiers})
    for said in ("quota", "amount"):
        assert incentive.read_plan({"tiers": tiers, "thresholds": said}).thresholds == said
    units = [{"from": 0, "each": 50}, {"from": 6, "each": 80}]
    assert incentive.read_plan({"tiers": units}).thresholds == "amount"
    with pytest.raises(SalesAnalysisError, match="100 is 100 times the quota; write 1 or '100%'"):
        incentive.read_plan({"thresholds": "quota", "tiers": [[0, 100, "3%"], [100, None, "5%"]]})
    with pytest.raises(SalesAnalysisError, match="per cent already"):
        incentive.read_plan({"tiers_pct": [[0, "100%", 0.03], ["100%", None, 0.05]]})


def test_a_number_in_a_plan_is_what_its_text_says():
    plan = incentive.read_plan("tiers: [{from: 0, rate: 0.1}]")
    assert plan.tiers[0].rate == Fraction(1, 10)


def test_the_sources_plan():
    plan = incentive.floor_stretch(floor=1_000_000, stretch=1_500_000)
    assert (plan.thresholds, float(plan.floor.at), plan.floor.cliff) == ("amount", 1e6, False)
    assert incentive.floor_stretch(floor=1).thresholds == "quota"
    assert incentive.floor_stretch(floor=100).stretch == 120
    assert incentive.floor_stretch(method="retroactive").floor.cliff
    with pytest.raises(SalesAnalysisError, match="stretch"):
        incentive.floor_stretch(floor=100, stretch=90)
    with pytest.raises(SalesAnalysisError, match="`method`"):
        incentive.floor_stretch(method="step")


def test_the_numbers_of_a_plan_as_a_table():
    table = incentive.floor_stretch(floor=1, stretch=1.3, cap=900).summary()
    assert table.columns.tolist() == ["name", "value", "unit"]
    values = table.set_index("name")["value"]
    assert values[["tier_2_rate", "floor", "stretch", "cap_payout"]].tolist() == [0.05, 1, 1.3, 900]


def test_a_plan_file_is_read_in_the_encodings_of_editors(tmp_path):
    path = tmp_path / "plan.yml"
    path.write_bytes("name: 华东\ntiers: [[0, null, 0.03]]".encode("gb18030"))
    assert incentive.read_plan(sources.plan_text(path)).name == "华东"
    with pytest.raises(SalesAnalysisError, match="no plan file"):
        sources.plan_text(tmp_path / "none.yml")


def test_the_chinese_words_of_a_plan_have_one_word_for_one_thing():
    """奖金 is what is paid, 系数 a multiplier; no blanks stand beside numbers."""
    words = (ROOT / "salesanalysis" / "text" / "zh" / "incentive.yml").read_text(encoding="utf-8")
    assert not set(re.findall("奖励|回报|加乘|报酬", words))
    plan = incentive.read_plan(
        {"thresholds": "quota", "tiers": [[0, 1, "3%"], [1, None, "5%"]], "bonuses": [[1, 500]],
         "currency": "CNY", "floor": {"at": 0.8, "cliff": True},
         "multipliers": [{"on": "attainment", "steps": [[0, 1], [1.2, 1.5]]}]}
    )  # fmt: skip
    said = plan.describe("zh")
    assert "完成率0%至完成率100%：销售额的3%。" in said
    assert "起奖线为完成率80%；低于它时一概不发放。" in said
    assert "提成乘以完成率的系数：" in said and "自0%起1倍、自120%起1.5倍。" in said

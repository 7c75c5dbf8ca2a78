"""Campaigns: outcomes against a loop, the published e-mail test, and what is no effect."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, customers, plots, reduce
from salesanalysis.datasets.customers import customers as made_up
from salesanalysis.errors import NothingToShow
from salesanalysis.plots.marks import names_of

AS_OF = "2025-06-30"


def rows_of(seed: int):
    """Members of two campaigns, and what they bought, with returns and cancelled orders."""
    rng = np.random.default_rng(seed)
    people = [f"c{n:02d}" for n in range(40)]
    begin = pd.Timestamp("2025-03-01")
    members = pd.DataFrame(
        {"campaign_id": np.repeat(["one", "two"], 40), "account_id": people * 2,
         "assigned": rng.choice(["treated", "control"], 80),
         "assigned_at": begin + pd.to_timedelta(rng.integers(0, 130 * 86_400, 80), "s"),
         "interacted_at": begin + pd.to_timedelta(rng.integers(0, 200, 80), "D")}
    )  # fmt: skip
    members.loc[[3, 50], "assigned_at"] = pd.NaT
    days = begin + pd.to_timedelta(rng.integers(-60, 180, 600), "D")
    bought = pd.DataFrame(
        {"account_id": rng.choice([*people, "other"], 600), "purchased_at": days,
         "amount": rng.integers(-30, 90, 600).astype(float),
         "kind": rng.choice(["sale", "cancelled"], 600, p=[0.9, 0.1])}
    )  # fmt: skip
    return members, bought


def counted(members: pd.DataFrame, bought: pd.DataFrame, days: int) -> list[tuple]:
    """The same in single steps."""
    end, found = pd.Timestamp(AS_OF), []
    real = bought[(bought["kind"] != "cancelled") & (bought["purchased_at"] <= end)]
    net = real.groupby(["account_id", "purchased_at"])["amount"].sum()
    for row in members.sort_values(["campaign_id", "account_id"]).itertuples():
        if row.assigned_at > end + pd.Timedelta(days=1):
            continue
        if pd.isna(row.assigned_at):
            found.append((row.campaign_id, row.account_id, *[None] * 5))
            continue
        own = net[net.index.get_level_values(0) == row.account_id].droplevel(0)
        apart = (own.index - row.assigned_at.normalize()).days
        after, before = own[(apart >= 0) & (apart < days)], own[(apart < 0) & (apart >= -days)]
        over = row.assigned_at.normalize() + pd.Timedelta(days=days - 1) <= end
        k = int((after > 0).sum())
        told = (k > 0, k > 1, after.sum()) if over else (None, None, None)
        found.append(
            (row.campaign_id, row.account_id, *told, int((before > 0).sum()), before.sum())
        )
    return found


@pytest.mark.parametrize("days", [1, 30])
def test_outcomes_equal_a_loop_over_members(days):
    members, bought = rows_of(1)
    table = reduce.customers.campaign_outcomes(members, bought, as_of=AS_OF, days=days)
    found = table.astype(object).where(table.notna(), None)
    assert list(found.itertuples(index=False, name=None)) == counted(members, bought, days)
    assert table["bought"].isna().any() and table["bought"].any()


def test_what_comes_after_the_day_changes_nothing():
    members, bought = rows_of(2)
    later = bought["purchased_at"] > AS_OF
    scrambled = bought.assign(amount=bought["amount"].where(~later, 1e9))
    answers = members["interacted_at"] > AS_OF
    other = members.assign(interacted_at=members["interacted_at"].where(~answers))
    assert later.any() and answers.any()
    for function, pairs in (
        (reduce.customers.campaign_outcomes, [(members, bought), (members, scrambled)]),
        (reduce.customers.campaign_members, [(members,), (other,)]),
    ):
        pd.testing.assert_frame_equal(*(function(*pair, as_of=AS_OF) for pair in pairs))


def test_who_was_assigned_twice_is_in_the_first_arm_once():
    members, bought = rows_of(3)
    members = members.dropna(subset=["assigned_at"])
    again = members.assign(
        assigned="other", assigned_at=members["assigned_at"] + pd.Timedelta(hours=1)
    )
    both = pd.concat([again, members.sample(frac=1, random_state=1)])
    for function, given in (
        (reduce.customers.campaign_members, []),
        (reduce.customers.campaign_outcomes, [bought]),
    ):
        pd.testing.assert_frame_equal(
            *(function(rows, *given, as_of=AS_OF) for rows in (members, both))
        )


@pytest.fixture(scope="module")
def email(shared):
    rows = pd.read_parquet(shared("customers/hillstrom_email.parquet"))
    rows = rows.assign(account_id=rows.index.astype(str), campaign_id="mail")
    visited = pd.Series(pd.NaT, rows.index).where(rows["visit"] == 0, pd.Timestamp("2008-03-20"))
    members = rows[["campaign_id", "account_id"]]
    members = members.assign(assigned=rows["segment"], interacted_at=visited)
    outcomes = rows[["account_id", "visit", "conversion", "spend"]]
    return members, outcomes.assign(history_before=rows["history"], newbie_before=rows["newbie"])


def test_the_email_test_has_its_published_effects(email):
    table = customers.campaign_effect(*email, control="No E-Mail")
    women = table[table["assigned"] == "Womens E-Mail"].set_index(["outcome", "compared"])
    lift = women[["rate_lift", "rate_lift_low", "rate_lift_high"]] * 100
    assert lift.loc[("visit", "assigned")].round(2).tolist() == [4.52, 3.89, 5.16]
    assert lift.loc[("conversion", "assigned")].round(3).tolist() == [0.311, 0.150, 0.475]
    spend = women.loc[("spend", "assigned")]
    assert round(spend["amount_lift"], 3) == 0.424
    error = (spend["amount_lift_high"] - spend["amount_lift_low"]) / 2 / 1.96
    assert round(error, 3) == 0.130
    assert (women.xs("assigned", level="compared")["verdict"] == "effect").all()
    assert customers.arm_balance(*email, control="No E-Mail")["balanced"].all()


def test_the_lift_of_those_who_responded_is_no_effect(email):
    table = customers.campaign_effect(*email, control="No E-Mail")
    women = table[(table["assigned"] == "Womens E-Mail") & (table["outcome"] == "conversion")]
    assigned, engaged = women.itertuples()
    assert (round(engaged.rate, 4), round(engaged.control_rate, 4)) == (0.0584, 0.0057)
    assert round(engaged.rate_lift / assigned.rate_lift) == 17
    assert (engaged.verdict, engaged.reason) == ("not_an_effect", "chose_themselves")


def arms(n: int, k: int, other_k: int, **more) -> tuple[pd.DataFrame, pd.DataFrame]:
    people = [f"c{at:04d}" for at in range(2 * n)]
    members = pd.DataFrame({"campaign_id": "mail", "account_id": people})
    members = members.assign(assigned=["treated"] * n + ["control"] * n)
    bought = [at < k for at in range(n)] + [at < other_k for at in range(n)]
    return members, pd.DataFrame({"account_id": people, "bought": bought}).assign(**more)


def test_without_a_control_nothing_is_an_effect():
    members, outcomes = arms(50, 45, 0)
    some = members["assigned"] == "treated"
    (row,) = customers.campaign_effect(members[some], outcomes).itertuples()
    assert (row.verdict, row.reason) == ("not_an_effect", "no_control")
    assert np.isnan(row.rate_lift) and row.rate == 0.9
    with pytest.raises(NothingToShow):
        plots.customers.campaign_effect(customers.campaign_effect(members[some], outcomes))


@pytest.mark.parametrize("word", ["Control", " holdout", "对照组"])
def test_the_control_is_known_by_its_words(word):
    members, outcomes = arms(50, 45, 5)
    members["assigned"] = members["assigned"].replace("control", word)
    assert customers.campaign_effect(members, outcomes)["verdict"].tolist() == ["effect"]
    other = customers.campaign_effect(members, outcomes, control="nobody")
    assert other["reason"].tolist() == ["no_control"] * 2


def test_between_arms_that_differed_before_nothing_is_an_effect():
    members, outcomes = arms(50, 45, 5, amount_before=[100.0, 110.0] * 25 + [10.0, 12.0] * 25)
    (row,) = customers.campaign_effect(members, outcomes).itertuples()
    assert (row.verdict, row.reason) == ("not_an_effect", "arms_differ")
    alike = outcomes.assign(amount_before=[100.0, 110.0] * 50)
    assert customers.campaign_effect(members, alike)["verdict"].tolist() == ["effect"]


def test_arms_made_by_chance_seldom_differ():
    rng = np.random.default_rng(0)
    differ = 0
    for _ in range(80):
        before = {f"t{at}_before": rng.gamma(1.0, 50.0, 160) for at in range(4)}
        members, outcomes = arms(80, 40, 40, **before)
        differ += not customers.arm_balance(members, outcomes)["balanced"].all()
    assert differ <= 4


def test_a_money_column_of_nobody_is_no_share_and_what_is_not_known_yet_waits():
    members, outcomes = arms(20, 10, 10, amount=0.0)
    outcomes["bought"] = outcomes["bought"].astype("boolean")
    outcomes.loc[:4, "bought"] = pd.NA
    table = customers.campaign_effect(members, outcomes).set_index("outcome")
    assert table.loc["amount", "mean_amount"] == 0 and np.isnan(table.loc["amount", "rate"])
    assert table.loc["bought", ["n", "waiting", "k"]].tolist() == [15, 5, 5]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m, o: (m, o[:-3]), "no row of 3 of 40 members .* account c0037"),
        (lambda m, o: (pd.concat([m, m[:1]]), o), "`members` has 1 rows too many .* account c0000"),
        (
            lambda m, o: (m.assign(assigned=m["assigned"].where(m.index > 0)), o),
            "`assigned` .* missing",
        ),
        (lambda m, o: (m, o.assign(word="x")), "`word` of `outcomes` is no number"),
        (lambda m, o: (m.assign(campaign_id=m["account_id"]), o), "no column `campaign_id`"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(change, said):
    with pytest.raises(SalesAnalysisError, match=said):
        customers.campaign_effect(*change(*arms(20, 10, 10)))


def test_the_intervals_hold_the_true_lift():
    rng = np.random.default_rng(2)
    held = []
    for _ in range(100):
        members, outcomes = arms(200, rng.binomial(200, 0.08), rng.binomial(200, 0.05))
        (row,) = customers.campaign_effect(members, outcomes).itertuples()
        held.append(row.rate_lift_low <= 0.03 <= row.rate_lift_high)
    assert np.mean(held) > 0.9


@pytest.fixture(scope="module")
def sample():
    made = made_up()
    given = made.tables["campaign_members"], made.tables["purchases"]
    members = reduce.customers.campaign_members(given[0], as_of="2025-12-31")
    outcomes = reduce.customers.campaign_outcomes(*given, as_of="2025-12-31")
    return members, outcomes, made.truth.campaign_lift


def test_the_sample_has_one_campaign_with_a_control_and_one_without(sample):
    members, outcomes, lift = sample
    table = customers.campaign_effect(members, outcomes)
    own = table[(table["compared"] == "assigned") & (table["outcome"] == "bought")]
    spring = own.set_index("campaign_id").loc["Spring"]
    assert spring["rate_lift_low"] <= lift <= spring["rate_lift_high"]
    assert spring["verdict"] in ("effect", "not_told")
    assert own.set_index("campaign_id").loc["Autumn", "reason"] == "no_control"


def test_responses_are_those_of_a_loop(sample):
    members, outcomes, _ = sample
    vips = members["account_id"].iloc[:60].tolist()
    table = customers.campaign_response(members, outcomes, vips=vips)
    both = members.merge(outcomes, on=["campaign_id", "account_id"])
    own = both[(both["campaign_id"] == "Spring") & (both["assigned"] == "treated")]
    expected = {
        "interacted": (len(own), own["interacted_at"].notna().sum()),
        "bought": (len(own), own["bought"].sum()),
        "vip_bought": (own["account_id"].isin(vips).sum(),
                       (own["bought"] & own["account_id"].isin(vips)).sum()),
        "repeated": (own["bought"].sum(), own["repeated"].sum()),
    }  # fmt: skip
    found = table[(table["campaign_id"] == "Spring") & (table["assigned"] == "treated")]
    pairs = zip(found["n"], found["k"], strict=True)
    assert dict(zip(found["measure"], pairs, strict=True)) == expected


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_picture_shows_every_lift_and_crosses_what_is_none(sample, lang):
    members, outcomes, _ = sample
    table = customers.campaign_effect(members, outcomes)
    ax = plots.customers.campaign_effect(table, lang=lang)
    assert len(names_of(ax)) == table["rate_lift"].notna().sum() == 4

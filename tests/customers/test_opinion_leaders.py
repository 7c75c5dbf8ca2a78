"""Opinion leaders: the counts against a loop, and the funnel of conditions."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, customers, reduce

AS_OF = "2025-06-30"


def tables(seed: int) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    people = [f"c{n:02d}" for n in range(30)]

    def days(size):
        return pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 220, size), "D")

    return {
        "accounts": pd.DataFrame(
            {"account_id": people, "loyalty_level": rng.integers(1, 10, 30).astype(float),
             "city": rng.choice(["Jinan", "Qingdao", None], 30)}
        ),
        "suggestions": pd.DataFrame({"account_id": rng.choice(people, 60), "at": days(60)}),
        "referrals": pd.DataFrame(
            {"account_id": rng.choice(people, 60), "at": days(60),
             "referred_id": rng.choice([*people[:20], "stranger", None], 60)}
        ),
        "purchases": pd.DataFrame(
            {"account_id": rng.choice([*people, "stranger"], 50), "purchased_at": days(50),
             "amount": rng.integers(-20, 50, 50).astype(float)}
        ),
    }  # fmt: skip


def counted(given: dict[str, pd.DataFrame]) -> dict[str, list[int]]:
    """Suggestions, referred, registered, referred buyers of each account, in single steps."""
    end = pd.Timestamp(AS_OF)
    bought = given["purchases"][given["purchases"]["purchased_at"] <= end]
    net = bought.groupby(["account_id", "purchased_at"])["amount"].sum()
    file = set(given["accounts"]["account_id"])
    found = {}
    for account in sorted(file):
        said = given["suggestions"]
        said = said[(said["account_id"] == account) & (said["at"] <= end)]
        named = given["referrals"]
        named = named[(named["account_id"] == account) & (named["at"] <= end)].dropna()
        first = named[named["referred_id"] != account].groupby("referred_id")["at"].min()
        known = [who for who in first.index if who in file]
        buyers = [
            who for who in known
            if any(n > 0 and day >= first[who] for (a, day), n in net.items() if a == who)
        ]  # fmt: skip
        found[account] = [len(said), len(first), len(known), len(buyers)]
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_equal_a_loop_over_rows(seed):
    given = tables(seed)
    table = reduce.customers.advocates(given, as_of=AS_OF).set_index("account_id")
    counts = table[["suggestions", "referred", "registered", "referred_buyers"]]
    assert dict(zip(counts.index, counts.to_numpy(int).tolist(), strict=True)) == counted(given)
    assert counts["referred_buyers"].sum() > 0


def test_nothing_after_the_day_counts():
    given = tables(3)
    until = {
        name: rows[rows[at] <= AS_OF] if at else rows
        for (name, rows), at in zip(given.items(), [None, "at", "at", "purchased_at"], strict=True)
    }
    pd.testing.assert_frame_equal(
        *(reduce.customers.advocates(side, as_of=AS_OF) for side in (given, until))
    )


def test_a_table_that_is_not_there_leaves_its_condition_unknown_and_nobody_leads():
    given = tables(4)
    del given["purchases"]
    table = reduce.customers.advocates(given, as_of=AS_OF)
    assert table["referred_buyers"].isna().all() and table["registered"].notna().all()
    conditions = customers.opinion_leaders(table).conditions.set_index("condition")
    assert conditions.loc["bought", ["k", "k_so_far", "unknown"]].tolist() == [0, 0, 30]


def test_without_a_file_there_are_no_leaders():
    with pytest.raises(SalesAnalysisError, match="`accounts` has no column `account_id`"):
        reduce.customers.advocates({}, as_of=AS_OF)


def known(**change) -> pd.DataFrame:
    one = {"loyalty_level": 6.0, "city": "Jinan", "suggestions": 2, "referred": 1}
    one |= {"registered": 1, "referred_buyers": 1}
    rows = [one, *({**one, name: value} for name, value in change.items())]
    return pd.DataFrame(rows).assign(account_id=[f"c{at}" for at in range(len(rows))])


def test_each_condition_is_over_its_limit_and_not_on_it():
    table = known(loyalty_level=5.0, suggestions=1, referred_buyers=0, city="Qingdao")
    found = customers.opinion_leaders(table, city="Jinan")
    assert found.who["account_id"].tolist() == ["c0"]
    assert found.conditions["k_so_far"].tolist() == [5, 4, 3, 3, 3, 2, 1]
    assert found.conditions["k"].tolist() == [5, 4, 4, 5, 5, 4, 4]
    less = customers.opinion_leaders(table, level_over=4, least_suggestions=1, least_buyers=0)
    assert len(less.who) == 5
    assert less.conditions["condition"].tolist() == ["accounts", "loyalty", "suggestions"]


def test_what_is_not_known_is_counted_and_fulfils_nothing():
    found = customers.opinion_leaders(known(loyalty_level=np.nan, city=None), city="Jinan")
    by = found.conditions.set_index("condition")
    assert by["unknown"].to_dict() == {
        "accounts": 0, "loyalty": 1, "suggestions": 0, "referred": 0, "registered": 0, "bought": 0,
        "city": 1,
    }  # fmt: skip
    assert found.who["account_id"].tolist() == ["c0"]

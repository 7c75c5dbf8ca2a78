"""The funnel reductions against a naive loop over single deals, and their edges one by one."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, reduce
from salesanalysis.reduce.funnel import walks

STAGES = ["lead", "offer", "talks"]
EXITS = {"won": ["signed"], "lost": ["lost", "gone"]}
AS_OF = pd.Timestamp("2025-03-31 23:59:59.999999")


def history(*rows):
    """Stage history from (deal, stage, moment) rows."""
    frame = pd.DataFrame(rows, columns=["opportunity_id", "stage", "entered_at"])
    return frame.assign(entered_at=pd.to_datetime(frame["entered_at"]))


def random_company(seed, size=300):
    """Deals with skipped, reversed, repeated, late and simultaneous stage entries."""
    rng = np.random.default_rng(seed)
    rows, deals = [], []
    for number in range(size):
        deal = f"d{number:03d}"
        created = pd.Timestamp("2025-01-01") + pd.Timedelta(days=int(rng.integers(0, 100)))
        moment = created
        for _ in range(rng.integers(0, 7)):
            rows.append((deal, rng.choice([*STAGES, "other"]), moment))
            moment += pd.Timedelta(hours=int(rng.choice([0, 5, 24, 100, 500])))
        outcome = rng.choice(["open", "won", "lost", "cancelled"])
        closed = pd.NaT if outcome == "open" else moment.normalize()
        if outcome != "open" and rng.random() < 0.1:
            closed = pd.NaT
        region = rng.choice(["N", "S", None])
        deals.append((deal, outcome, created, closed, region, float(number)))
    columns = ["opportunity_id", "outcome", "created_at", "closed_at", "region", "amount"]
    deals = pd.DataFrame(deals, columns=columns)
    return deals, history(*rows)


def naive_entries(deals, rows):
    """The definition of a stage entry, deal by deal, in plain loops."""
    out = []
    for deal in deals.itertuples():
        if deal.created_at > AS_OF:
            continue
        closed, outcome = deal.closed_at, deal.outcome
        if closed is not pd.NaT and closed > AS_OF:
            closed, outcome = pd.NaT, "open"
        mine = rows[(rows["opportunity_id"] == deal.opportunity_id) & (rows["entered_at"] <= AS_OF)]
        walk = sorted(
            (row.entered_at, STAGES.index(row.stage))
            for row in mine.itertuples()
            if row.stage in STAGES
            and (closed is pd.NaT or row.entered_at.normalize() <= closed.normalize())
        )
        if not walk:
            continue
        unknown_end = outcome != "open" and closed is pd.NaT
        end = AS_OF if closed is pd.NaT else closed
        reached = {}
        for position in range(len(STAGES)):
            times = [moment for moment, at in walk if at >= position]
            if times or outcome == "won":
                reached[position] = min(times) if times else closed
        if outcome == "won":
            reached[len(STAGES)] = closed
        for position, at in reached.items():
            advanced = position + 1 in reached
            rows_here = [i for i, (_, step) in enumerate(walk) if step == position]
            visits = [i for i in rows_here if not i or walk[i - 1][1] != position]
            days, left, back = 0.0, True, False
            for i in rows_here:
                last = i + 1 == len(walk)
                until = end if last else walk[i + 1][0]
                length = max((until - walk[i][0]) / pd.Timedelta(days=1), 0)
                days = np.nan if last and unknown_end else days + length
                left = left and not (last and outcome == "open")
                back = back or (not last and walk[i + 1][1] < position)
            result = "advanced" if advanced else outcome
            result_end = reached.get(position + 1, end)
            result_days = (result_end - at) / pd.Timedelta(days=1)
            if (unknown_end and not advanced) or position == len(STAGES):
                result_days = np.nan
            entered = bool(visits)
            out.append(
                {
                    "opportunity_id": deal.opportunity_id,
                    "stage": [*STAGES, "won"][position],
                    "result": result,
                    "reached_at": at,
                    "result_days": max(result_days, 0) if result_days == result_days else np.nan,
                    "skipped": not entered and position < len(STAGES),
                    "visits": len(visits) if entered else np.nan,
                    "stage_days": days if entered else np.nan,
                    "left": left if entered else None,
                    "moved_back": back if entered else None,
                    "region": deal.region,
                    "amount": deal.amount,
                }
            )
    return pd.DataFrame(out)


@pytest.mark.parametrize("seed", range(4))
def test_stage_entries_equal_the_definition_applied_deal_by_deal(seed):
    deals, rows = random_company(seed)
    mine = reduce.funnel.stage_entries(
        deals, rows, stages=STAGES, as_of="2025-03-31", by=["region"]
    )
    naive = naive_entries(deals, rows)
    assert mine["stage"].tolist() == naive["stage"].tolist()
    for column in ["opportunity_id", "result", "skipped", "amount"]:
        assert mine[column].tolist() == naive[column].tolist(), column
    for column in ["reached_at", "region", "left", "moved_back"]:
        ours, theirs = (frame[column].astype(object) for frame in (mine, naive))
        assert ours.isna().tolist() == theirs.isna().tolist(), column
        assert ours.dropna().tolist() == theirs.dropna().tolist(), column
    for column in ["result_days", "stage_days", "visits"]:
        # Moments count in whole seconds: the end of the day is 0.999999 s before midnight.
        ours, theirs = (frame[column].to_numpy(float, na_value=np.nan) for frame in (mine, naive))
        assert np.isclose(ours, theirs, atol=2e-5, equal_nan=True).all(), column


def test_the_order_of_the_rows_does_not_matter():
    deals, rows = random_company(7)
    shuffled = reduce.funnel.stage_entries(
        deals.sample(frac=1, random_state=1), rows.sample(frac=1, random_state=2),
        stages=STAGES, as_of="2025-03-31",
    )  # fmt: skip
    straight = reduce.funnel.stage_entries(deals, rows, stages=STAGES, as_of="2025-03-31")
    pd.testing.assert_frame_equal(shuffled, straight)


def test_nothing_dated_after_as_of_changes_the_result():
    deals, rows = random_company(8)
    before = reduce.funnel.stage_entries(deals, rows, stages=STAGES, as_of="2025-02-15")
    cutoff = pd.Timestamp("2025-02-15 23:59:59.999999")
    late = deals["closed_at"] > cutoff
    scrambled = deals.assign(
        closed_at=deals["closed_at"].mask(late, pd.Timestamp("2031-01-01")),
        outcome=deals["outcome"].mask(late, "lost"),
    )
    rows = rows.assign(stage=rows["stage"].mask(rows["entered_at"] > cutoff, "talks"))
    after = reduce.funnel.stage_entries(scrambled, rows, stages=STAGES, as_of="2025-02-15")
    pd.testing.assert_frame_equal(before, after)


def test_a_deal_of_a_history_alone_is_what_its_last_row_says():
    rows = history(
        ("a", "lead", "2025-01-01"), ("a", "signed", "2025-01-05"), ("a", "lost", "2025-01-09"),
        ("b", "lead", "2025-01-01"), ("b", "gone", "2025-01-02"),
    )  # fmt: skip
    deals = reduce.funnel.deals(stage_history=rows, exits=EXITS, as_of="2025-03-31")
    assert deals["outcome"].tolist() == ["lost", "lost"]
    assert deals["age_days"].tolist() == [8, 1]
    early = reduce.funnel.deals(stage_history=rows, exits=EXITS, as_of="2025-01-05")
    assert early["outcome"].tolist() == ["won", "lost"]
    assert early["age_days"].tolist() == [4, 1]
    early = reduce.funnel.deals(stage_history=rows, exits=EXITS, as_of="2025-01-03")
    assert early["outcome"].tolist() == ["open", "lost"]


def test_a_deal_that_goes_on_after_an_exit_is_open_again():
    rows = history(
        ("a", "lead", "2025-01-01"), ("a", "lost", "2025-02-01"), ("a", "talks", "2025-03-01"),
        ("a", "signed", "2025-04-01"), ("a", "signed", "2025-05-01"),
        ("b", "lead", "2025-01-01"), ("b", "lost", "2025-01-20"),
        ("c", "lead", "2025-01-01"), ("c", "gone", "2025-01-20"), ("c", "call", "2025-01-25"),
    )  # fmt: skip
    steps = {"stage_history": rows, "stages": ["lead", "talks"], "exits": EXITS}
    states = {
        day: reduce.funnel.deals(**steps, as_of=day)["outcome"].tolist()
        for day in ("2025-02-28", "2025-03-15", "2025-12-31")
    }
    # the call is no stage of the process, so it does not open c again
    assert states == {
        "2025-02-28": ["lost", "lost", "lost"],
        "2025-03-15": ["open", "lost", "lost"],
        "2025-12-31": ["won", "lost", "lost"],
    }
    # it is won at the first of two exits that say the same; the waterfall says so too
    last = reduce.funnel.deals(**steps, as_of="2025-12-31")
    assert last["closed_at"].iloc[0] == pd.Timestamp("2025-04-01")
    moved = reduce.funnel.movements(**steps, start="2025-02-28", end="2025-12-31")
    assert moved["opportunity_id"].tolist() == ["a"]
    row = moved.iloc[0]
    assert (row["state_before"], row["state_after"], row["reopened"]) == ("lost", "won", True)
    assert row["closed_at"] == pd.Timestamp("2025-04-01")
    entries = reduce.funnel.stage_entries(**steps, as_of="2025-12-31")
    results = entries[entries["opportunity_id"] == "a"].set_index("stage")["result"]
    assert results.to_dict() == {"lead": "advanced", "talks": "advanced", "won": "won"}
    checks = reduce.funnel.checks(**steps, as_of="2025-12-31").table.set_index("check")
    assert checks.loc["reopened", "rows"] == 1


def test_rows_after_an_end_reopen_nothing_where_most_deals_have_them():
    ended = [(f"d{i}", "lost", f"2025-02-0{i + 1}") for i in range(4)]
    after = [(f"d{i}", "archived", f"2025-03-0{i + 1}") for i in range(3)]
    began = [(f"d{i}", "lead", "2025-01-01") for i in range(4)]
    known = {"exits": EXITS, "as_of": "2025-12-31"}
    deals = reduce.funnel.deals(stage_history=history(*began, *ended, *after), **known)
    assert deals["outcome"].tolist() == ["lost"] * 4
    deals = reduce.funnel.deals(stage_history=history(*began, *ended, *after[:1]), **known)
    assert deals["outcome"].tolist() == ["open", *["lost"] * 3]


def test_without_a_history_there_is_one_stage_and_no_guess_about_the_path():
    deals, _ = random_company(9)
    entries = reduce.funnel.stage_entries(deals, as_of="2025-12-31")
    assert set(entries["stage"]) == {"created", "won"}
    first = entries[entries["stage"] == "created"]
    assert len(first) == len(deals)
    assert first["result"].replace("advanced", "won").tolist() == deals["outcome"].tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "Give `opportunities`, `stage_history` or both"),
        ({"stage_history": history(("a", "lead", "2025-01-01"))}, "`stages` is empty"),
        (
            {"stage_history": history(("a", "lead", "2025-01-01")), "stages": STAGES},
            "which stage means won",
        ),
        (
            {"stage_history": history(("a", "x", "2025-01-01")), "stages": STAGES, "exits": EXITS},
            "Stages found: x",
        ),
        (
            {
                "stage_history": history(("a", "lead", "2025-01-01")),
                "stages": ["lead", "signed"],
                "exits": EXITS,
            },
            "in `stages` and in `exits`",
        ),
        (
            {
                "stage_history": history(("a", "lead", "2025-01-01")),
                "stages": ["lead", "lead"],
                "exits": EXITS,
            },
            "more than once",
        ),
        (
            {"stage_history": history(("a", "lead", "2025-01-01")), "exits": {"win": "x"}},
            "its keys are won, lost and cancelled",
        ),
    ],
)
def test_a_wrong_call_gets_one_clear_message(arguments, message):
    with pytest.raises(SalesAnalysisError, match=message):
        reduce.funnel.stage_entries(**arguments, as_of="2025-03-31")


def test_a_column_that_is_not_there_is_named_with_its_nearest():
    deals, rows = random_company(1, size=5)
    with pytest.raises(SalesAnalysisError, match="no column `Region`. Nearest: region"):
        reduce.funnel.deals(deals, rows, as_of="2025-03-31", by=["Region"])


def test_an_age_is_missing_where_the_dates_contradict_and_zero_on_one_day():
    deals = pd.DataFrame({
        "opportunity_id": ["a", "b"], "outcome": ["won", "won"],
        "created_at": pd.to_datetime(["2025-01-09 10:00", "2025-01-09 00:00"]),
        "closed_at": pd.to_datetime(["2025-01-09", "2025-01-05"]),
    })  # fmt: skip
    ages = reduce.funnel.deals(deals, as_of="2025-03-31")["age_days"]
    assert ages.isna().tolist() == [False, True]
    assert ages[0] == 0


def test_a_deal_whose_outcome_is_not_known_has_no_result_where_it_is():
    deals = pd.DataFrame({"opportunity_id": ["a", "b"], "outcome": ["lost", None]})
    rows = history(("a", "lead", "2025-01-02"), ("b", "lead", "2025-01-02"),
                   ("b", "offer", "2025-01-04"))  # fmt: skip
    entries = reduce.funnel.stage_entries(deals, rows, stages=STAGES, as_of="2025-03-31")
    assert entries["result"].fillna("").tolist() == ["lost", "advanced", ""]


@pytest.mark.parametrize(
    ("cohort", "names"),
    [
        ("month", ["2024-12", "2025-01", ""]),
        ("quarter", ["2024-Q4", "2025-Q1", ""]),
        ("year", ["2024", "2025", ""]),
    ],
)
def test_a_cohort_is_named_for_the_period_of_creation(cohort, names):
    deals = pd.DataFrame({
        "opportunity_id": ["a", "b", "c"], "outcome": "open",
        "created_at": pd.to_datetime(["2024-12-31 23:59", "2025-01-01 00:00", None]),
    })  # fmt: skip
    made = reduce.funnel.deals(deals, as_of="2025-03-31", cohort=cohort)
    assert made["cohort"].fillna("").tolist() == names
    with pytest.raises(SalesAnalysisError, match="`cohort` is 'moon'.*Did you mean `month`"):
        reduce.funnel.deals(deals, as_of="2025-03-31", cohort="moon")


@pytest.mark.parametrize("as_of", ["", "soon", None, "now", "today"])
def test_as_of_must_be_a_day(as_of):
    with pytest.raises(SalesAnalysisError, match="`as_of`"):
        reduce.funnel.deals(random_company(1, size=3)[0], as_of=as_of)


def test_a_column_that_the_entries_have_anyway_is_refused():
    deals, rows = random_company(1, size=5)
    with pytest.raises(SalesAnalysisError, match="`by` names amount, which"):
        reduce.funnel.stage_entries(deals, rows, stages=STAGES, as_of="2025-03-31", by=["amount"])


def test_texts_as_categories_say_the_same_and_sort_alike():
    deals, rows = random_company(2)
    settings = {"as_of": "2025-03-31", "by": ["region"]}
    made = [
        reduce.funnel.deals(deals, rows, **settings, cohort="month", as_categories=how)
        for how in (False, True)
    ]
    settings |= {"stages": STAGES, "deals": made[0]}
    entries = [
        reduce.funnel.stage_entries(deals, rows, **settings, as_categories=how)
        for how in (False, True)
    ]
    for plain, coded in (made, entries):
        texts = [name for name in plain if plain[name].dtype == "str" and name != "opportunity_id"]
        assert {"outcome", "region", "cohort"} <= set(texts)
        assert all(coded[name].dtype == "category" for name in texts)
        for name in texts:
            assert coded[name].cat.categories.is_monotonic_increasing, name
        pd.testing.assert_frame_equal(coded.astype(dict.fromkeys(texts, "str")), plain)


@pytest.mark.parametrize("as_categories", [False, True])
def test_stage_entries_of_deals_that_were_made_before_are_the_same(as_categories):
    deals, rows = random_company(3)
    settings = {"as_of": "2025-02-28", "by": ["region"]}
    settings |= {"as_categories": as_categories, "observed_from": "2025-01-15"}
    made = reduce.funnel.deals(deals, rows, **settings)
    before = made.copy()
    entries = reduce.funnel.stage_entries(deals, rows, **settings, stages=STAGES, deals=made)
    pd.testing.assert_frame_equal(made, before)
    pd.testing.assert_frame_equal(
        entries, reduce.funnel.stage_entries(deals, rows, **settings, stages=STAGES)
    )
    with pytest.raises(SalesAnalysisError, match="`deals` has no column `region`"):
        reduce.funnel.stage_entries(
            deals, rows, **settings, stages=STAGES, deals=made.drop(columns="region")
        )


def test_the_size_of_the_blocks_does_not_matter(monkeypatch):
    deals, rows = random_company(4)
    settings = {"as_of": "2025-03-31", "stages": STAGES, "observed_from": "2025-02-01"}
    whole = reduce.funnel.stage_entries(deals, rows, **settings)
    monkeypatch.setattr(walks, "_BLOCK", 7)
    pd.testing.assert_frame_equal(reduce.funnel.stage_entries(deals, rows, **settings), whole)


def test_an_empty_deal_list_gives_an_empty_frame_of_the_same_types():
    deals, _ = random_company(5)
    whole, none = (reduce.funnel.stage_entries(d, as_of="2025-03-31") for d in (deals, deals[:0]))
    assert none.empty
    # An engine cannot tell the type of a text column in which there is nothing.
    kinds = [name for name in whole if whole[name].dtype != "str"]
    pd.testing.assert_series_equal(none[kinds].dtypes, whole[kinds].dtypes)


def test_a_row_without_a_deal_belongs_to_no_deal():
    deals, rows = random_company(6)
    more = pd.concat([rows, history((None, "lead", "2025-01-02"), ("x", "lead", "2025-01-02"))])
    settings = {"as_of": "2025-03-31", "stages": STAGES}
    pd.testing.assert_frame_equal(
        reduce.funnel.stage_entries(deals, more, **settings),
        reduce.funnel.stage_entries(deals, rows, **settings),
    )


def test_deals_in_another_order_or_with_dates_to_carry_along():
    deals, rows = random_company(8)
    settings = {"as_of": "2025-03-31", "by": ["created_at"]}
    made = reduce.funnel.deals(deals, rows, **settings)
    assert made.columns.is_unique
    entries = reduce.funnel.stage_entries(deals, rows, **settings, stages=STAGES)
    assert entries.columns.is_unique
    backwards = reduce.funnel.stage_entries(
        deals, rows, **settings, stages=STAGES, deals=made[::-1].astype({"outcome": object})
    )
    backwards = backwards.sort_values(["opportunity_id", "position"], ignore_index=True)
    backwards = backwards.astype({"outcome": "str"})
    pd.testing.assert_frame_equal(backwards, entries)


def test_a_history_of_deals_that_did_not_exist_yet_is_refused():
    deals, rows = random_company(9)
    with pytest.raises(SalesAnalysisError, match="No row of the stage history up to 2024-12-31"):
        reduce.funnel.stage_entries(deals, rows, stages=STAGES, as_of="2024-12-31")


@pytest.mark.parametrize("seed", range(2))
def test_the_check_for_moves_back_finds_the_deals_whose_entries_moved_back(seed):
    deals, rows = random_company(seed + 20)
    settings = {"as_of": "2025-03-31", "stages": STAGES}
    entries = reduce.funnel.stage_entries(deals, rows, **settings)
    moved = entries.loc[entries["moved_back"].fillna(False).astype(bool), "opportunity_id"]
    found = reduce.funnel.checks(deals, rows, **settings).rows_of("moved_back")
    assert len(moved)
    assert sorted(found["opportunity_id"]) == sorted(moved.unique())


def test_dates_as_text_keep_their_zone_and_are_refused_where_they_are_none():
    deals = pd.DataFrame({"opportunity_id": ["a", "b"], "outcome": "open", "amount": 1.0})
    deals["created_at"] = ["2025-01-01T23:00-08:00", "2025-01-03"]
    found = reduce.funnel.deals(deals, as_of="2025-12-31")["created_at"]
    assert found.tolist() == [pd.Timestamp("2025-01-02 07:00"), pd.Timestamp("2025-01-03")]
    with pytest.raises(SalesAnalysisError, match="`created_at` has 1 value that is no date"):
        reduce.funnel.deals(deals.replace("2025-01-03", "soon"), as_of="2025-12-31")


def _history(*rows):
    frame = pd.DataFrame(rows, columns=["opportunity_id", "stage", "entered_at"])
    return frame.assign(entered_at=pd.to_datetime(frame["entered_at"]))


HISTORY = _history(
    ("won", "lead", "2025-01-01"), ("won", "signed", "2025-01-20"),
    ("back", "lead", "2025-01-02"), ("back", "gone", "2025-01-09"), ("back", "offer", "2025-02-01"),
    ("lost", "lead", "2025-01-03"), ("lost", "gone", "2025-02-20"), ("lost", "lost", "2025-02-27"),
    ("open", "lead", "2025-01-04"),
)  # fmt: skip


@pytest.mark.parametrize("stages", [STAGES, []])
@pytest.mark.parametrize("listed", ["list", "attributes", "nothing"])
def test_a_list_that_says_open_does_not_undo_the_exits_of_its_history(listed, stages):
    names = ["won", "back", "lost", "open"]
    attributes = pd.DataFrame({"opportunity_id": names, "region": list("NSNS")})
    begun = HISTORY.groupby("opportunity_id")["entered_at"].min()
    opened = attributes.assign(outcome="open", created_at=attributes["opportunity_id"].map(begun))
    table = {"list": opened, "attributes": attributes, "nothing": None}[listed]
    told = {"stages": stages, "exits": EXITS, "as_of": "2025-03-31"}
    by = ["region"] if listed != "nothing" else []
    deals = reduce.funnel.deals(table, HISTORY, by=by, **told).set_index("opportunity_id")
    assert deals["outcome"].to_dict() == {
        "won": "won", "back": "open", "lost": "lost", "open": "open",
    }  # fmt: skip
    assert deals["created_at"].to_dict() == begun.to_dict()
    # A second exit that says the same is no second end.
    assert deals.loc["lost", "closed_at"] == pd.Timestamp("2025-02-20")
    assert deals["age_days"].round().to_dict() == {"won": 19, "back": 89, "lost": 48, "open": 87}
    earlier = reduce.funnel.deals(table, HISTORY, **told | {"as_of": "2025-01-15"})
    assert dict(zip(earlier["opportunity_id"], earlier["outcome"], strict=True)) == {
        "won": "open", "back": "lost", "lost": "open", "open": "open",
    }  # fmt: skip
    if stages and listed != "nothing":
        known = reduce.funnel.known({"opportunities": table, "stage_history": HISTORY},
                                    by=by, **told)  # fmt: skip
        assert known.entries.groupby("region")["opportunity_id"].nunique().to_dict() == {
            "N": 2, "S": 2,
        }  # fmt: skip
        still = reduce.funnel.snapshot(table, HISTORY, **told)
        assert still["opportunity_id"].tolist() == ["back", "open"]


def test_attributes_need_exits_and_are_of_the_deals_of_the_history():
    attributes = pd.DataFrame({"opportunity_id": ["won", "other"], "region": ["N", "S"]})
    deals = reduce.funnel.deals(attributes, HISTORY, by="region", as_of="2025-03-31", exits=EXITS)
    assert sorted(deals["opportunity_id"]) == ["back", "lost", "open", "won"]
    assert deals["region"].isna().sum() == 3
    with pytest.raises(SalesAnalysisError, match="does not say which stage means won"):
        reduce.funnel.deals(attributes, HISTORY, as_of="2025-03-31")
    with pytest.raises(SalesAnalysisError, match="outcome"):
        reduce.funnel.deals(attributes, as_of="2025-03-31", exits=EXITS)


def test_attributes_serve_the_pipeline_of_the_report_too():
    attributes = pd.DataFrame({"opportunity_id": ["won", "open"], "owner_call": "commit"})
    told = {"as_of": "2025-03-31", "stages": STAGES, "exits": EXITS}
    pipeline = reduce.forecast.pipeline(attributes, HISTORY, **told)
    assert dict(zip(pipeline.deals["opportunity_id"], pipeline.deals["outcome"], strict=True)) == {
        "won": "won", "back": "open", "lost": "lost", "open": "open",
    }  # fmt: skip
    found = reduce.funnel.checks(attributes, HISTORY, **told).table.set_index("check")
    assert found.loc["open_after_exit", "rows"] == 0 and found.loc["reopened", "rows"] == 1
    assert found.loc["closed_without_date", "n"] == 2
    moved = reduce.funnel.movements(
        attributes.assign(amount=5.0), HISTORY, start="2025-01-31", end="2025-03-31",
        stages=STAGES, exits=EXITS,
    )  # fmt: skip
    assert set(moved["opportunity_id"]) == {"back", "lost", "open"}
    calls = reduce.forecast.calls(attributes, as_of="2025-03-31")
    assert calls["owner_call"].tolist() == ["commit", "commit"]

"""A funnel knows its day: frames of another one are refused, and what came later is left out."""

from dataclasses import replace

import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, datasets, funnel, reduce
from salesanalysis.known import KnownFunnel

JUNE, DECEMBER = "2025-06-30", "2025-12-31"


@pytest.fixture(scope="module")
def company():
    return datasets.company(seed=4, deals=900)


def known(company, as_of, **options):
    carried = {"by": ["owner_id", "source"], "stages": company.stages}
    return reduce.funnel.known(company.tables, as_of=as_of, **carried | options)


@pytest.fixture(scope="module")
def june(company):
    return known(company, JUNE)


def test_all_that_the_funnel_takes_is_of_the_day(company, june):
    told = {"as_of": JUNE, "by": ["owner_id", "source"]}
    tables = company.tables["opportunities"], company.tables["stage_history"]
    pd.testing.assert_frame_equal(june.deals, reduce.funnel.deals(*tables, **told))
    entries = reduce.funnel.stage_entries(*tables, stages=company.stages, **told)
    pd.testing.assert_frame_equal(june.entries, entries)
    assert june.as_of == pd.Timestamp("2025-06-30 23:59:59.999999")
    assert (june.stages, june.exits, june.history) == (tuple(company.stages), {}, True)
    by_then = company.tables["activities"].query("at <= @june.as_of")
    assert 0 < june.contacts["contacts"].sum() == len(by_then) < len(company.tables["activities"])
    assert june.contacts["last_at"].max() == by_then["at"].max()
    points = company.tables["milestone_evidence"]
    assert len(june.evidence) == (points["checked_at"] <= june.as_of).sum() < len(points)


@pytest.mark.parametrize("frame", ["deals", "entries"])
def test_a_frame_of_june_is_not_taken_for_one_of_december(company, june, frame):
    """The velocity of such deals was less than half, without a word."""
    december = known(company, DECEMBER)
    with pytest.raises(SalesAnalysisError, match=f"`{frame}` is of 2025-06-30, .* 2025-12-31"):
        replace(december, **{frame: getattr(june, frame)})
    # And one that knows more than its day is not either.
    with pytest.raises(SalesAnalysisError, match=f"`{frame}` has a `.*_at` of 2025-12-"):
        replace(june, **{frame: getattr(december, frame)})


def test_the_day_of_a_moment_is_the_moment(company):
    noon = known(company, "2025-06-30 12:00")
    assert noon.as_of == pd.Timestamp("2025-06-30 12:00")
    with pytest.raises(SalesAnalysisError, match="is of 2025-06-30"):
        replace(noon, as_of=JUNE)
    with pytest.raises(SalesAnalysisError, match="`as_of` is 'soon'"):
        replace(noon, as_of="soon")


def test_what_came_later_changes_nothing(company, june):
    later = {}
    for name, at in (("activities", "at"), ("milestone_evidence", "checked_at")):
        moved = company.tables[name].copy()
        moved.loc[moved[at] > june.as_of, at] = pd.Timestamp("2030-01-01")
        later[name] = moved
    again = reduce.funnel.known(
        company.tables | later, as_of=JUNE, stages=company.stages, by=["owner_id", "source"]
    )
    pd.testing.assert_frame_equal(again.contacts, june.contacts)
    pd.testing.assert_frame_equal(again.evidence, june.evidence)


def test_before_the_first_deal_nothing_is_known_and_nothing_fails(company):
    before = known(company, "2000-01-01")
    assert before.deals.empty and before.entries.empty
    with pytest.raises(SalesAnalysisError, match="No deal was created by `as_of` .2000-01-01."):
        funnel.require_deals(before)


def test_points_without_a_date_and_tables_without_columns_are_taken(company):
    tables = company.tables | {
        "milestone_evidence": company.tables["milestone_evidence"].drop(columns="checked_at"),
        "activities": company.tables["activities"][["opportunity_id", "at"]],
    }
    bare = reduce.funnel.known(tables, as_of=DECEMBER, stages=company.stages)
    assert bare.evidence["checked_at"].isna().all()
    assert bare.contacts["kind"].isna().all() and bare.contacts["opportunity_id"].is_unique


def test_without_a_history_the_caveat_says_so(company):
    tables = {"opportunities": company.tables["opportunities"]}
    listed = reduce.funnel.known(tables, as_of=DECEMBER)
    assert [found.name for found in funnel.caveats(listed)] == ["no_history"]
    assert listed.contacts is None and listed.evidence is None


# Counted frames


def counted(entries, *more):
    """The same entries as counts: equal rows once, with their number."""
    kept = ["stage", "position", "result", "result_days", "skipped", "moved_back", "stage_days"]
    kept += ["left", "outcome", "amount", "entry_days", *more]
    # Days and amounts in steps, so that there are equal rows to be counted.
    return entries[kept].groupby(kept, dropna=False, observed=True).size().rename("weight")


@pytest.fixture(scope="module")
def both(company):
    """Single entries whose days come in steps, and the same ones counted."""
    entries = known(company, DECEMBER, observed_from="2024-06-01").entries
    steps = {name: (entries[name] / 15).round() * 15 for name in ("result_days", "stage_days")}
    steps |= {"amount": (entries["amount"] / 50_000).round() * 50_000}
    entries = entries.assign(**steps, entry_days=(entries["entry_days"] / 60).round() * 60)
    short = counted(entries, "source").reset_index()
    assert len(short) < 0.8 * len(entries) and short["weight"].sum() == len(entries)
    return entries, short.sample(frac=1, random_state=1)


@pytest.mark.parametrize(
    "figures",
    [
        lambda e: funnel.conversion(e),
        lambda e: funnel.conversion(e, by="source", horizon_days=60),
        lambda e: funnel.stage_days(e, by="source"),
        lambda e: funnel.ageing(e),
        lambda e: funnel.ageing(e, by="source", winners_by="source", least_winners=5),
        lambda e: funnel.leakage(e, by="source"),
    ],
)
def test_counted_entries_give_the_same_figures(both, figures):
    single, short = both
    pd.testing.assert_frame_equal(figures(single), figures(short), rtol=1e-9)


def test_counted_deals_give_the_same_win_rates(company):
    deals = known(company, DECEMBER).deals
    deals = deals.assign(
        age_days=deals["age_days"].round(-1), amount=(deals["amount"] / 50_000).round() * 50_000
    )
    kept = ["outcome", "age_days", "amount", "source"]
    short = deals.groupby(kept, dropna=False).size().rename("weight").reset_index()
    assert len(short) < 0.9 * len(deals)
    for figures in (funnel.win_rate, funnel.outcome_shares):
        for by in ((), "source"):
            pd.testing.assert_frame_equal(figures(deals, by=by), figures(short, by=by), rtol=1e-9)


def test_lists_of_deals_say_that_they_need_single_ones(company, both):
    whole, short = known(company, DECEMBER), both[1].assign(opportunity_id="?", owner_id="?")
    short = replace(whole, entries=short, deals=whole.deals.assign(weight=2))
    calls = [funnel.stuck, funnel.exceptions, funnel.velocity, funnel.deal_flow, funnel.caveats]
    calls += [funnel.won_days, lambda k: funnel.group_test(k, by="source")]
    calls += [lambda k: funnel.open_deals(k.deals)]
    calls += [lambda k: funnel.pooled_win_rate(k.deals, by="source")]
    for call in calls:
        with pytest.raises(
            SalesAnalysisError, match="is counted .`weight`.; this needs the single"
        ):
            call(short)


@pytest.mark.parametrize("weight", [-1, 0.5, None])
def test_a_weight_that_counts_nothing_is_refused(both, weight):
    with pytest.raises(SalesAnalysisError, match="`weight` has .*; expected how many equal rows"):
        funnel.conversion(both[1].assign(weight=weight))


def test_a_column_of_that_name_is_not_carried_along(company):
    tables = company.tables["opportunities"].assign(weight=7.5), company.tables["stage_history"]
    told = {"as_of": DECEMBER, "by": ["weight"]}
    for made in (
        lambda: reduce.funnel.deals(*tables, **told),
        lambda: reduce.funnel.stage_entries(*tables, stages=company.stages, **told),
    ):
        with pytest.raises(SalesAnalysisError, match="`by` names `weight`, which says how many"):
            made()


def test_a_frame_without_dates_has_no_day_to_contradict():
    bare = KnownFunnel(as_of=DECEMBER, deals=pd.DataFrame({"outcome": ["open"]}))
    assert len(bare.deals) == 1

"""What became of a deal: stated, derived from stages and flags, assumed, or asked for."""

import pytest

from salesanalysis import SalesAnalysisError, sources
from salesanalysis.sources.outcome import WORDS, plain


def outcomes(found):
    frame = found.table.to_pandas()
    return dict(zip(frame["opportunity_id"], frame["outcome"], strict=True))


def test_stages_of_many_systems(checked):
    stages = {
        "Closed Won": "won",
        "closedwon": "won",
        "6 - Won": "won",
        "100% 赢单": "won",
        "已签约": "won",
        "待签约": "open",
        "Closed Lost": "lost",
        "输单（价格）": "lost",
        "Cancelled": "cancelled",
        "作废": "cancelled",
        "Proposal": "open",
        "Wonderful prospect": "open",
        "New": "open",
        "": "open",
    }
    rows = "".join(f"{stage or '-'},{stage}\n" for stage in stages)
    found = checked(f"opportunity_id,stage\n{rows.replace('-,', 'none given,')}")
    read = outcomes(found)
    assert {stage: read[stage or "none given"] for stage in stages} == stages


def test_no_word_means_two_things():
    words = [word for some in WORDS.values() for word in some.split()]
    assert len(words) == len(set(words))
    assert all(plain(word) == word for word in words)


def test_flags_of_salesforce(checked, rules):
    text = (
        "Id,StageName,IsWon,IsClosed,CloseDate\nA,x,true,true,2024-01-02\nB,x,false,true,2024-01-02\n"
        "C,x,false,false,2024-01-02\nD,Closed Won,,,2024-01-02\n"
    )
    found = checked(text)
    assert outcomes(found) == {"A": "won", "B": "lost", "C": "open", "D": "won"}
    assert found.columns.set_index("column").loc["outcome", "how"] == "derived"
    assert rules(found) == ["close_date_moved"]


def test_the_state_of_dynamics(checked):
    found = checked("opportunityid,statecode\nA,0\nB,1\nC,2\nD,Won\nE,3\n")
    assert outcomes(found) == {"A": "open", "B": "won", "C": "lost", "D": "won"}
    assert found.cases["value"].tolist() == ["3"]
    numbers = checked("opportunity_id,result\nA,1\nB,won\n")
    assert outcomes(numbers) == {"B": "won"}


def test_a_stated_outcome_and_its_blanks(checked, rules):
    text = "opportunity_id,结果,关闭日期\nA,赢单,2024-01-02\nB,,\nC,,2024-01-02\nD,输单,\n"
    found = checked(text)
    assert outcomes(found) == {"A": "won", "B": "open", "D": "lost"}
    counts = found.faults.set_index("rule")["count"]
    assert counts[rules(found)].to_dict() == {
        "closed_without_outcome": 1,
        "closed_without_date": 1,
        "outcome_from_blank": 1,
    }


def test_values_say_what_words_mean(checked):
    text = "opportunity_id,outcome,stage\nA,Signed,x\nB,gone,x\nC,?,x\nD,,x\n"
    found = checked(text, values={"outcome": {"signed": "won", "Gone": "lost"}})
    assert outcomes(found) == {"A": "won", "B": "lost", "D": "open"}
    found = checked(text, values={"outcome": {"Signed": "won", "*": "open"}})
    assert outcomes(found) == {"A": "won", "B": "open", "C": "open", "D": "open"}
    found = checked("opportunity_id\nA\nB\n", values={"outcome": {"*": "won"}})
    assert outcomes(found) == {"A": "won", "B": "won"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("opportunity_id,stage\nA,Ja\nB,Nein\n", "`Ja`, `Nein`"),
        ("opportunity_id,amount\nA,5\nB,6\n", "`values`"),
    ],
)
def test_where_nothing_says_it_is_asked(checked, text, said):
    found = checked(text)
    assert found.faults["rule"].tolist() == ["missing_outcome"]
    assert said in found.messages()[0]


def test_an_open_deal_with_a_close_date_that_is_no_expected_one(checked):
    text = "opportunity_id,stage,关闭日期\nA,赢单,2024-01-02\nB,跟进,2024-01-02\nC,跟进,\n"
    found = checked(text)
    assert outcomes(found) == {"A": "won", "C": "open"}
    assert found.cases["rule"].tolist() == ["open_with_close_date"]


def test_an_expected_date_of_its_own_stays(checked):
    text = (
        "Id,Stage,Close Date,Expected Close Date\nA,Closed Won,2024-01-31,\n"
        "B,Demo,2024-02-28,2024-03-31\nC,Demo,2024-02-29,\n"
    )
    frame = checked(text).table.order_by("opportunity_id").to_pandas()
    assert frame["expected_close_at"].dt.month.fillna(0).tolist() == [0, 3, 2]
    assert frame["closed_at"].dt.month.fillna(0).tolist() == [1, 0, 0]


def test_days_not_hours_decide_whether_a_deal_closed_before_it_was_made(checked):
    text = (
        "opportunity_id,stage,created_at,closed_at\nA,Won,2024-01-02 15:00,2024-01-02\n"
        "B,Won,2024-01-02 00:00,2024-01-01 23:59\n"
    )
    found = checked(text)
    assert found.cases[["rule", "line"]].to_numpy().tolist() == [["closed_before_created", 3]]


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("word", "outcome", "reason"),
    [
        ("Closed Lost – Price", "lost", "Price"),
        ("Closed - Lost - No budget", "lost", "No budget"),
        ("Closed Lost: Competitor", "lost", "Competitor"),
        ("Closed Lost (Timing)", "lost", "Timing"),
        ("closed_lost_price", "lost", "price"),
        ("Lost to Competitor", "lost", "Competitor"),
        ("Lost - not interested", "lost", "not interested"),
        ("Disqualified", "lost", ""),
        ("No Decision", "lost", ""),
        ("No Bid", "lost", ""),
        ("Loss", "lost", ""),
        ("Declined", "lost", ""),
        ("Withdrawn by customer", "cancelled", "customer"),
        ("输单-价格", "lost", "价格"),
        ("关闭-输单-竞争对手", "lost", "竞争对手"),
        ("丢单：无预算", "lost", "无预算"),
        ("輸單（價格）", "lost", "價格"),
        ("赢单-续约", "won", "续约"),
        ("已关闭（赢单）", "won", ""),
        ("Closed (Won)", "won", ""),
        ("Win/Won", "won", ""),
        ("7. Closed Won (100%)", "won", ""),
        ("Closed Won - Renewal", "won", "Renewal"),
        ("Gewonnen", "won", ""),
        ("Perdu - prix", "lost", "prix"),
    ],
)
def test_words_of_a_family_keep_their_reason(checked, word, outcome, reason):
    text = f"opportunity_id,stage\nA,Closed Won\nB,Proposal\nC,{word}\n"
    found = checked(text)
    row = found.table.filter(found.table.opportunity_id == "C").to_pandas().iloc[0]
    assert row["outcome"] == outcome
    assert (row.get("reason") or "") == reason if reason else "reason" not in row or not row.reason
    assert (word, outcome, 1) in list(found.words.itertuples(index=False, name=None))
    alone = checked(f"opportunity_id,outcome\nA,won\nB,{word}\n")
    assert outcomes(alone)["B"] == outcome


@pytest.mark.matrix
@pytest.mark.parametrize(
    "word",
    "Won (pending);Won?;Verbally Won;Not won;Won/Lost;Lost - reopened;赢单（待签）;Closed;"
    "Archived - closed;Looks dead;Rejected in legal;项目已取消;赢单计划".split(";"),
)
def test_an_unknown_word_that_ends_deals_is_asked_for(checked, word):
    text = f"opportunity_id,stage\nA,Closed Won\nB,Proposal\nC,{word}\nD,{word}\n"
    found = checked(text)
    assert found.table is None
    assert found.faults["rule"].tolist() == ["unknown_ending"]
    said = found.messages()[0]
    assert f"`{word}` (2)" in said
    assert f"'{word}': lost" in said
    assert ": won" not in said.split("such as")[1]
    assert (word, "open", 2) in list(found.words.itertuples(index=False, name=None))
    mapped = checked(text, values={"outcome": {word: "cancelled"}})
    assert outcomes(mapped) == {"A": "won", "B": "open", "C": "cancelled", "D": "cancelled"}


def test_the_proposed_mapping_is_one(checked, tmp_path):
    import yaml

    found = checked("opportunity_id,stage\nA,Won\nB,It's closed: done\n")
    snippet = found.messages()[0].split("such as: ")[1]
    said = yaml.safe_load(snippet)
    assert said == {"opportunities": {"values": {"outcome": {"It's closed: done": "lost"}}}}


def test_a_stage_whose_deals_have_closing_dates_is_asked_for(checked):
    text = (
        "opportunity_id,stage,关闭日期\nA,赢单,2024-01-02\nB,归档,2024-01-03\nC,归档,2024-01-04\n"
    )
    found = checked(text + "D,谈判,\n")
    assert found.faults["rule"].tolist() == ["unknown_ending"]
    assert "`归档` (2)" in found.messages()[0]
    assert "谈判" not in found.messages()[0]


def test_a_stage_in_which_every_expected_date_is_past_is_said(checked):
    rows = [f"B{i},Booked,2024-01-1{i}" for i in range(6)]
    rows += [f"C{i},Proposal,2024-0{6 if i else 1}-10" for i in range(6)]
    found = checked("\n".join(["Id,Stage,Close Date", "A,Closed Won,2024-02-01", *rows, ""]))
    told = found.faults.set_index("rule")["example"].to_dict()
    assert told["stage_may_end"] == "`Booked` (6)"
    assert outcomes(found)["B0"] == "open"


def test_flags_decide_whatever_the_stage_is_called(checked):
    text = "Id,StageName,IsWon,IsClosed\nA,Archived - closed,false,true\nB,Demo,false,false\n"
    assert outcomes(checked(text)) == {"A": "lost", "B": "open"}


def test_a_reason_of_its_own_stays(checked):
    text = "opportunity_id,stage,loss reason\nA,Lost - Price,Too dear\nB,Lost - Price,\nC,Won,\n"
    frame = checked(text).table.order_by("opportunity_id").to_pandas()
    assert frame["reason"].fillna("").tolist() == ["Too dear", "Price", ""]


def test_a_list_of_attributes_is_read_beside_a_history(tmp_path):
    attributes, history = tmp_path / "attributes.csv", tmp_path / "history.csv"
    attributes.write_text("opportunity_id,region\na,N\nb,S\n")
    history.write_text("opportunity_id,stage,entered_at\na,Lead,2025-01-01\nb,Lead,2025-01-02\n")
    with pytest.raises(SalesAnalysisError, match="nothing says which deals were won"):
        sources.inputs(opportunities=attributes)
    read = sources.inputs(opportunities=attributes, stage_history=history)
    assert "outcome" not in read["opportunities"].table.columns
    assert any("exits of the stage history" in said for said in read["opportunities"].messages())

"""The list of what to do: order, names, addresses, and nothing that becomes markup."""

import json
import re

import pandas as pd
import pytest

from salesanalysis import text
from salesanalysis.findings import Action, Finding
from salesanalysis.reports import Report, week
from salesanalysis.reports.told_blocks import MANIFEST_FILE, OUT


def lines(count: int, **changed) -> list[dict]:
    step = Finding("step", "sign_date", {})
    return [
        week.record(
            Action("late_deal", "deal", f"d{n}", step, since="2025-03-01", due="2025-03-10",
                   who="R1", amount=100.0, at_stake=50.0, overdue_days=float(n), **changed),
            f"Step {n}", part="funnel", lang="en", names={"who": {"R1": "Ann <Bell>"}},
        )
        for n in range(count)
    ]  # fmt: skip


def shown(records, addresses=()) -> str:
    look = {"title": "Week", "note": "n", "currency": "USD", "addresses": dict(addresses)}
    return week.as_list(records, "en", **look)


def test_the_order_is_kept_and_each_line_says_who_what_and_when():
    markup = shown(lines(3))
    assert [int(n) for n in re.findall(r"Step (\d)", markup)] == [0, 1, 2]
    assert markup.count("Ann &lt;Bell&gt;") == 3 and "Ann <Bell>" not in markup
    assert "$100" in markup and "$50" in markup and "10 Mar" in markup


@pytest.mark.parametrize(
    ("stakes", "amounts", "days", "said"),
    [
        ([9, 5, 1], [1, 2, 3], "cba", "by_stake"),
        ([9, 5, None], [1, 2, 3], "abc", "by_stake_then"),
        ([None] * 3, [3, 2, 1], "abc", "by_amount"),
        ([None] * 3, [1, 2, None], "abc", "by_day"),
        ([1, 2, 3], [1, 3, 2], "bac", "as_told"),
    ],
)
def test_the_list_says_only_the_order_that_it_has(stakes, amounts, days, said):
    rows = zip(stakes, amounts, days, strict=True)
    records = [{"about": "x", "at_stake": s, "amount": a, "due": day} for s, a, day in rows]
    several = {"about": "", "at_stake": 99, "amount": 99, "due": "a"}
    assert week.order_of([*records, several]) == said
    assert text.has(f"report.week.{said}", "zh")


def test_a_column_that_no_line_fills_takes_no_room():
    assert 'class="week"' in shown(lines(3))
    bare = [one | {"at_stake": None} for one in lines(3)]
    assert 'class="week no-stake"' in shown(bare)
    assert 'class="week no-stake no-late"' in shown([one | {"overdue_days": 0.0} for one in bare])


def test_a_week_over_is_acted_on_and_less_is_watched():
    markup = shown(lines(9))
    assert markup.count("c-act") == 2 and "7 days over" in markup
    assert "1 day over" in markup


@pytest.mark.parametrize(
    ("days", "said"),
    [(0.4, ""), (0.6, "◆ 1 day over"), (6.4, "◆ 6 days over"), (6.6, "▲ 7 days over")],
)
def test_it_is_judged_by_the_days_that_are_said(days, said):
    (line,) = lines(1)
    markup = shown([line | {"overdue_days": days}])
    (over,) = re.findall('<span class="over c-(?:act|watch)">([^<]*)</span>', markup)
    assert over == said and ("c-act" in markup) == ("▲" in said)


def test_a_line_leads_where_it_has_an_address():
    records = lines(2)
    markup = shown(records, {records[0]["action_id"]: '#deals-"d0'})
    assert 'href="#deals-&quot;d0"' in markup and markup.count("<a ") == 1


def test_a_line_without_a_title_has_no_empty_link():
    (line,) = lines(1)
    bare = line | {"title": "", "traits": ["Old deals"]}
    markup = shown([bare], {line["action_id"]: "#table-stuck"})
    assert '<a href="#table-stuck"><small>Old deals</small></a>' in markup


def test_what_strangers_typed_stays_text():
    markup = shown(lines(1, title="<b>Bo</b>", traits={"product": "<i>x</i>"}))
    assert "<b>" not in markup and "<i>" not in markup


def test_everybody_acts_where_nobody_is_named():
    step = Finding("step", "sign_date", {})
    one = Action("clean_up", "deal", "", step, since="2025-03-01", due="2025-03-10")
    record = week.record(one, "Step", part="funnel", lang="en", names={})
    assert "Everyone" in shown([record])
    assert (record["amount"], record["at_stake"], record["overdue_days"]) == (None, None, None)


def test_the_table_has_all_lines_with_room_for_the_answer():
    table = week.table(lines(9), made_at="2025-03-03", currency="USD")
    assert list(table.columns) == list(week.COLUMNS) and len(table) == 9
    assert table["action_id"].is_unique and (table["done_at"] == "").all()
    assert week.table([], made_at="2025-03-03", currency="").empty


def test_where_there_is_nothing_to_do_a_sentence_says_so_without_an_empty_list():
    markup = week.as_list([], "en", title="Week", note="nothing", currency="", addresses={})
    assert "nothing" in markup and "<ol" not in markup and "lhead" not in markup


@pytest.fixture
def out(tmp_path, monkeypatch):
    """The folder of a run."""
    monkeypatch.setenv(OUT, str(tmp_path))
    return tmp_path


def told(out, count: int) -> tuple[list[str], pd.DataFrame]:
    """What a report with so many actions keeps in its ``run.json``, and the table it writes."""
    step = Finding("step", "sign_date", {})
    report = Report("funnel")
    report.title(as_of="2025-03-03")
    report.names({"R0": "Ann Bell", "R1": "Bo Chen", "R2": "Ann Bell"}, "who")
    report.actions(
        [
            Action("late_deal", "deal", f"d{n}", step, since="2025-03-01", due="2025-03-10",
                   who=f"R{n % 4}")
            for n in range(count)
        ],
        table="deals",
    )  # fmt: skip
    kept = json.loads((out / MANIFEST_FILE).read_text(encoding="utf-8"))["actions"]
    return kept, pd.read_csv(out / "tables" / "actions.csv")


def test_seven_lines_are_shown_and_all_are_written(out):
    kept, table = told(out, 9)
    assert [one["about"] for one in kept] == [f"d{n}" for n in range(week.MOST)]
    assert table["about"].tolist() == [f"d{n}" for n in range(9)]
    assert table["action_id"].tolist()[: week.MOST] == [one["action_id"] for one in kept]


def test_people_have_names_in_the_list_two_of_one_name_with_their_ids_and_ids_in_the_file(out):
    kept, table = told(out, 4)
    assert [one["name"] for one in kept] == ["Ann Bell (R0)", "Bo Chen", "Ann Bell (R2)", "R3"]
    assert table["who"].tolist() == ["R0", "R1", "R2", "R3"]


def test_a_list_of_nothing_is_written_too(out):
    kept, table = told(out, 0)
    assert kept == [] and list(table.columns) == list(week.COLUMNS) and table.empty


def test_a_line_about_several_leads_to_the_table_that_has_them(out):
    step = Finding("step", "clean_up", {"deals": 2, "age_days": 90.0})
    days = {"since": "2025-03-01", "due": "2025-03-10"}
    report = Report("funnel")
    report.title(as_of="2025-03-03")
    both = [Action("clean_up", "deal", about, step, **days) for about in ("", "d1")]
    report.actions(both, table="deals", several="stuck")
    kept = json.loads((out / MANIFEST_FILE).read_text(encoding="utf-8"))["actions"]
    assert [one["row"] for one in kept] == ["table-stuck", "deals-d1"]

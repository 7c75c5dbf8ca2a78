"""The list of what to do: order, names, addresses, and nothing that becomes markup."""

import re

from salesanalysis.findings import Action, Finding
from salesanalysis.reports import week


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


def test_a_week_over_is_acted_on_and_less_is_watched():
    markup = shown(lines(9))
    assert markup.count("c-act") == 2 and "7 days over" in markup
    assert "1 day over" in markup


def test_a_line_leads_where_it_has_an_address():
    records = lines(2)
    markup = shown(records, {records[0]["action_id"]: '#deals-"d0'})
    assert 'href="#deals-&quot;d0"' in markup and markup.count("<a ") == 1


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

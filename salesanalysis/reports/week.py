"""The list of what to do: its lines as ``run.json`` has them, its table, its shape on a page."""

import html
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from salesanalysis import text
from salesanalysis.findings import Action, Finding
from salesanalysis.reports import in_short, tables
from salesanalysis.reports.addresses import linked

#: So many lines are what people can do in a week.
MOST = 7

#: From so many days over its limit something is to be acted on, below that it is watched.
_LONG_OVER_DAYS = 7

#: What is said of how a list has moved since an earlier run.
MOVED = ("actions", "actions_same", "actions_new")

#: The columns of the table, which goes out and comes back with the last three filled in.
COLUMNS = ("action_id", "kind", "report", "what", "who", "about_kind", "about", "measure")
COLUMNS += ("amount", "at_stake_period", "overdue_days", "currency", "made_at", "due_at")
COLUMNS += ("done_at", "outcome", "note")


def record(
    action: Action, step: str, *, part: str, lang: str, names: Mapping[str, Mapping[str, str]]
) -> dict:
    """A line as ``run.json`` has it.

    Parameters
    ----------
    action : Action
    step : str
        Its next step, said.
    part : str
        The part of the texts that has words for its traits.
    lang : str
    names : dict of column to dict of id to name
        What ids are called: those who act under ``who``, traits under their columns.
    """
    look = {"part": part, "lang": lang, "names": names}
    traits = [tables.called(str(value), name, **look) for name, value in action.traits.items()]
    title = action.title or tables.called(action.about, action.about_kind, **look)
    plain = ("kind", "about_kind", "about", "measure", "since", "due", "who")
    numbers = ("amount", "at_stake", "overdue_days")
    return {
        "action_id": action.action_id,
        "report": part,
        "step": step,
        "name": tables.called(action.who, "who", **look) if action.who else "",
        "title": title,
        "traits": traits,
        **{name: getattr(action, name) for name in plain},
        **{name: in_short.as_json(name, getattr(action, name)) for name in numbers},
    }


def table(records: Sequence[Mapping], *, made_at: str, currency: str):
    """The lines as a table: one row per line, columns as :data:`COLUMNS`."""
    import pandas as pd

    rows = [
        one
        | {"what": one["step"], "at_stake_period": one["at_stake"], "due_at": one["due"]}
        | {"made_at": made_at, "currency": currency, "done_at": "", "outcome": "", "note": ""}
        for one in records
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    days = {name: pd.to_datetime(frame[name]) for name in ("made_at", "due_at")}
    numbers = {name: float for name in ("amount", "at_stake_period", "overdue_days")}
    return frame.assign(**days).astype(numbers)


def moved(records: Sequence[Mapping], before: Set[str]) -> list[Finding]:
    """How many lines of an earlier list are gone, and how many are new; nothing of two empty ones.

    Examples
    --------
    >>> moved([{"action_id": "a"}, {"action_id": "b"}], {"b", "c", "d"})[0].values
    {'before': 3, 'gone': 2, 'new': 1}
    """
    now = {one["action_id"] for one in records}
    new = {"new": len(now - before)}
    if before and before == now:
        return [Finding("since", "actions_same", {"before": len(before)}, part="report")]
    if before:
        values = {"before": len(before), "gone": len(before - now)} | new
        return [Finding("since", "actions", values, part="report")]
    return [Finding("since", "actions_new", new, part="report")] if now else []


def order_of(records: Sequence[Mapping]) -> str:
    """By what a list is ordered, as far as it shows: the key of the sentence that says so.

    A line about several things has a place of its own, which is not looked at.

    Examples
    --------
    >>> order_of([{"about": "R1", "at_stake": None, "amount": 9.0, "due": "2025-11-19"}])
    'by_amount'
    """
    records = [one for one in records if one["about"]]
    stakes, amounts = ([one[name] for one in records] for name in ("at_stake", "amount"))
    known = [stake for stake in stakes if stake is not None]
    if known and _falls(known):
        return "by_stake" if len(known) == len(stakes) else "by_stake_then"
    if None not in amounts and _falls(amounts):
        return "by_amount"
    days = [one["due"] for one in records]
    return "by_day" if days == sorted(days) else "as_told"


def _falls(values: Sequence[float]) -> bool:
    return list(values) == sorted(values, reverse=True)


#: What the cells of a line are, in their order; ``report.week.<name>`` is the heading of each.
CELLS = ("who", "about", "amount", "at_stake", "over", "step", "due")


@dataclass(frozen=True)
class Line:
    """What a line says, the same in every format.

    ``traits`` say more about what it is about; ``is_long`` is whether it is over by long.
    """

    who: str
    about: str
    traits: str
    amount: str
    at_stake: str
    over: str
    is_long: bool
    step: str
    due: str


def line(one: Mapping, lang: str, currency: str) -> Line:
    """What a line of :func:`record` says; ``currency`` is the code of all amounts, or empty."""
    # Judged by the days that are said; what is less than half a day over is not said to be over.
    days = round(one["overdue_days"] or 0)
    is_long, over = days >= _LONG_OVER_DAYS, ""
    if days > 0:
        over = text.sentence("report.week.days_over", lang, days=days)
        over = f"{'▲' if is_long else '◆'} {over}"
    money = (
        in_short.shown_value(one[name], "amount", lang, currency) for name in ("amount", "at_stake")
    )
    return Line(
        one["name"] or text.sentence("report.week.everyone", lang),
        one["title"],
        " · ".join(one["traits"]),
        *money,
        over=over,
        is_long=is_long,
        step=one["step"],
        due=text.sentence("report.week.by", lang, day=one["due"]),
    )


def filled(lines: Sequence[Line]) -> dict[str, bool]:
    """Which of :data:`CELLS` any line fills: a column of which none does has no room in a list."""
    empty = ("", text.MISSING)
    return {name: any(getattr(one, name) not in empty for one in lines) for name in CELLS}


def heads(lang: str) -> list[str]:
    """The headings of the cells of a line, as :data:`CELLS`."""
    return [text.sentence(f"report.week.{name}", lang) for name in CELLS]


def as_list(
    records: Sequence[Mapping],
    lang: str,
    *,
    title: str,
    note: str,
    currency: str,
    addresses: Mapping[str, str],
) -> str:
    """The lines as a page shows them; where there is none what stands over them says so.

    Parameters
    ----------
    records : list of dict
        As from :func:`record`.
    lang : str
    title, note : str
        What stands over them, large and small.
    currency : str
        The code of all amounts; empty where it is not known.
    addresses : dict of action_id to address
        Where a line leads.
    """
    styles = ("n", "who", "dl", "num", "num stk2", "over", "do", "by")
    over_them = "".join(
        f'<span class="{style}">{html.escape(head)}</span>'
        for style, head in zip(styles, ["", *heads(lang)], strict=True)
    )
    said = [line(one, lang, currency) for one in records]
    leads = (addresses.get(one["action_id"], "") for one in records)
    lines = "".join(
        f"<li>{_markup(number, one, address)}</li>"
        for number, (one, address) in enumerate(zip(said, leads, strict=True), start=1)
    )
    bare = {"at_stake": " no-stake", "over": " no-late"}
    classes = "week" + "".join(
        bare.get(name, "") for name, is_filled in filled(said).items() if not is_filled
    )
    listed = (
        f'<div class="lhead" aria-hidden="true">{over_them}</div><ol class="list">{lines}</ol>'
        if lines
        else ""
    )
    return (
        f'<section class="{classes}" aria-labelledby="week"><h2 id="week">{html.escape(title)}'
        f" <small>{html.escape(note)}</small></h2>{listed}</section>"
    )


def _markup(number: int, said: Line, address: str) -> str:
    about, traits = html.escape(said.about), f"<small>{html.escape(said.traits)}</small>"
    # A line about several things has no title: what it says leads to them.
    about = f"{linked(about, address)}{traits}" if about else linked(traits, address)
    cells = (
        ("n", str(number)),
        ("who", f"<strong>{html.escape(said.who)}</strong>"),
        ("dl", about),
        ("num amt", html.escape(said.amount)),
        ("num stk2", html.escape(said.at_stake)),
        (f"over {'c-act' if said.is_long else 'c-watch'}", html.escape(said.over)),
        ("do", html.escape(said.step)),
        ("by", html.escape(said.due)),
    )
    return "".join(f'<span class="{style}">{markup}</span>' for style, markup in cells)

"""The list of what to do: its lines as ``run.json`` has them, its table, its shape on a page."""

import html
from collections.abc import Iterable, Mapping, Sequence, Set

from salesanalysis import text
from salesanalysis.findings import Action, Finding
from salesanalysis.reports import in_short, tables
from salesanalysis.reports.addresses import linked

#: So many lines are what people can do in a week.
MOST = 7

#: From so many days over its limit something is to be acted on, below that it is watched.
_LONG_OVER_DAYS = 7

#: What is said of how a list has moved since an earlier run.
MOVED = ("actions", "actions_new")

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
    if before:
        values = {"before": len(before), "gone": len(before - now)} | new
        return [Finding("since", "actions", values, part="report")]
    return [Finding("since", "actions_new", new, part="report")] if now else []


def as_list(
    records: Iterable[Mapping],
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

    def say(key: str) -> str:
        return html.escape(text.sentence(f"report.week.{key}", lang))

    heads = "".join(
        f'<span class="{style}">{say(key) if key else ""}</span>'
        for key, style in (
            *(("", "n"), ("who", "who"), ("about", "dl"), ("amount", "num"), ("at_stake", "num")),
            *(("over", "over"), ("step", "do"), ("due", "by")),
        )
    )
    lines = "".join(
        f"<li>{_line(number, one, lang, currency, addresses.get(one['action_id'], ''))}</li>"
        for number, one in enumerate(records, start=1)
    )
    listed = (
        f'<div class="lhead" aria-hidden="true">{heads}</div><ol class="list">{lines}</ol>'
        if lines
        else ""
    )
    return (
        f'<section class="week" aria-labelledby="week"><h2 id="week">{html.escape(title)}'
        f" <small>{html.escape(note)}</small></h2>{listed}</section>"
    )


def _line(number: int, one: Mapping, lang: str, currency: str, address: str) -> str:
    def shown(name: str, kind: str) -> str:
        return html.escape(in_short.shown_value(one[name], kind, lang, currency))

    who = one["name"] or text.sentence("report.week.everyone", lang)
    about = linked(html.escape(one["title"]), address)
    traits = html.escape(" · ".join(one["traits"]))
    over, style = "", "c-watch"
    # Judged by the days that are said; what is less than half a day over is not said to be over.
    if (days := round(one["overdue_days"] or 0)) > 0:
        style = "c-act" if days >= _LONG_OVER_DAYS else "c-watch"
        shape = "▲" if days >= _LONG_OVER_DAYS else "◆"
        over = f"{shape} {text.sentence('report.week.days_over', lang, days=days)}"
    cells = (
        ("n", str(number)),
        ("who", f"<strong>{html.escape(who)}</strong>"),
        ("dl", f"{about}<small>{traits}</small>"),
        ("num amt", shown("amount", "amount")),
        ("num stk2", shown("at_stake", "amount")),
        (f"over {style}", html.escape(over)),
        ("do", html.escape(one["step"])),
        ("by", html.escape(text.sentence("report.week.by", lang, day=one["due"]))),
    )
    return "".join(f'<span class="{style}">{markup}</span>' for style, markup in cells)

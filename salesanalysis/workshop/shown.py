"""What a panel shows in words: tiles with the difference to now, scenarios side by side."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import replace

from salesanalysis.findings import KeyFigure
from salesanalysis.text import column_kind, has, heading, said, sentence, value_and_interval, word

#: By whether a change is for the better: the class of its tile, and the word for it.
_LOOKS = {1: "better", -1: "worse"}


def tiles(
    figures: Sequence[KeyFigure],
    now: Sequence[KeyFigure],
    *,
    part: str,
    better: Mapping[str, int],
    lang: str,
    currency: str,
) -> str:
    """Each figure with its difference to now; a change for the better is green, and says so."""
    present = {figure.name: figure for figure in now}
    shown = []
    for figure in figures:
        change = difference(figure, present.get(figure.name), lang, currency)
        rise = figure.value - present[figure.name].value if change else 0
        judged = better.get(figure.name, 0) * ((rise > 0) - (rise < 0))
        look = _LOOKS.get(judged, "")
        if look:
            change = sentence(f"workshop.{look}", lang, change=change)
        change = change or sentence("workshop.as_now", lang)
        shown.append(
            f'<div class="{look}"><span>{html.escape(label(figure, part, lang))}</span>'
            f"<b>{html.escape(_as_in_reports(figure, lang, currency))}</b>"
            f'<span class="d">{html.escape(change)}</span></div>'
        )
    return f'<div class="sa-tiles">{"".join(shown)}</div>'


def label(figure: KeyFigure, part: str, lang: str) -> str:
    """What a figure is called here, in its report, or as a column."""
    own = f"workshop.{part}.tile.{figure.name}"
    if has(own, lang):
        return sentence(own, lang)
    named = word(part, "number", figure.name, lang)
    return named if named != figure.name else heading(part, figure.name, lang)


def difference(figure: KeyFigure, before: KeyFigure | None, lang: str, currency: str) -> str:
    """What a figure differs by from another; empty where a reader could not see it."""
    if before is None or _value(figure, lang, currency) == _value(before, lang, currency):
        return ""
    off = figure.value - before.value
    size = _value(replace(figure, value=abs(off)), lang, currency)
    if column_kind(figure.name)[0] == "share":
        size = sentence("workshop.points", lang, points=size.rstrip("%"))
    return f"{'+' if off > 0 else '−'}{size}"


def _as_in_reports(figure: KeyFigure, lang: str, currency: str) -> str:
    """A value as exact as its interval lets it be; differences on the same draws are finer."""
    kind = column_kind(figure.name)[0] or "number"
    look = {"lang": lang, "currency": currency, "low": figure.low, "high": figure.high}
    return value_and_interval(figure.value, kind, **look)[0]


def _value(figure: KeyFigure, lang: str, currency: str) -> str:
    kind = column_kind(figure.name)[0] or "number"
    return said(figure.value, kind, lang=lang, currency=currency)


def compared(
    rows: Sequence[tuple[str, Sequence[KeyFigure]]],
    *,
    part: str,
    is_new: bool,
    lang: str,
    currency: str,
) -> str:
    """Scenarios side by side, the first of them now; the last is on screen where it is new.

    Beside each stands what the first of its figures differs by from now.
    """
    now = rows[0][1]
    heads = [label(figure, part, lang) for figure in now]
    against = sentence("workshop.against_now", lang)
    head = "".join(f'<th scope="col">{html.escape(one)}</th>' for one in [*heads, against])
    name = html.escape(sentence("workshop.scenario", lang))
    lines = [f'<tr><th scope="col">{name}</th>{head}</tr>']
    for at, (called, figures) in enumerate(rows):
        found = {figure.name: figure for figure in figures}
        cells = [
            _value(found[one.name], lang, currency) if one.name in found else "–" for one in now
        ]
        first = now[0].name
        off = difference(found[first], now[0], lang, currency) if first in found else ""
        cells.append(off or "–")
        is_shown = is_new and at == len(rows) - 1
        called = sentence("workshop.on_screen", lang, scenario=called) if is_shown else called
        body = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        look = ' class="cur"' if is_shown else ""
        lines.append(f'<tr{look}><th scope="row">{html.escape(called)}</th>{body}</tr>')
    return (
        f'<div class="sa-scroll" role="region" tabindex="0" aria-label="{name}">'
        f'<table class="sa-compared"><thead>{lines[0]}</thead>'
        f"<tbody>{''.join(lines[1:])}</tbody></table></div>"
    )


def paragraphs(words: Sequence[str], style: str) -> str:
    """Sentences, each a paragraph of one look."""
    return "".join(f'<p class="{style}">{html.escape(one)}</p>' for one in words)

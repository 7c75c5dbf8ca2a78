"""Pictures of the funnel family. Each draws the table of the function of the same name."""

import numpy as np
import pandas as pd

from salesanalysis.columns import CANCELLED, LOST, OPEN
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.plots import style
from salesanalysis.text import column_label, format_value, has, sentence


@style.use()
def conversion(table: pd.DataFrame, *, lang: str = "en", ax=None):
    """The funnel: at each stage, how many deals reached it and what became of them.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.conversion`, of one group, with the basis ``final``,
        whose rate stands beside each bar.
    lang : str
        ``en`` or ``zh``.
    ax : matplotlib Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    SalesAnalysisError
        The table holds several groups or lacks the basis ``final``.
    """
    rows = _one_group(table[table["basis"] == "final"], "position")
    ax = _axes(ax, 1.2 + 0.55 * len(rows))
    at = np.arange(len(rows))
    left = np.zeros(len(rows))
    parts = [("advanced", style.ACCENT), (LOST, style.LOST), (CANCELLED, style.CANCELLED)]
    for name, colour in [*parts, (OPEN, style.BAND)]:
        width = rows[name].to_numpy(float)
        if width.any():
            label = sentence(f"funnel.value.result.{name}", lang)
            ax.barh(at, width, left=left, color=colour, height=0.62, label=label)
        left += width
    for y, row, end in zip(at, rows.to_dict("records"), left, strict=True):
        label = sentence(
            "funnel.plot.rate", lang, rate=row["rate"], low=row["rate_low"], high=row["rate_high"]
        )
        ax.annotate(label, (end, y), xytext=(6, 0), textcoords="offset points", va="center")
    ax.set_yticks(at, [_stage(stage, lang) for stage in rows["stage"]])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_xlim(0, left.max() * 1.3)
    style.thousands_axis(ax.xaxis)
    ax.set_xlabel(sentence("funnel.plot.deals", lang))
    _legend(ax)
    return ax


@style.use()
def stage_days(table: pd.DataFrame, *, lang: str = "en", ax=None):
    """How long deals stay in each stage: median, middle half, and up to the slowest tenth.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.stage_days`, of one group, with the percentiles 0.25,
        0.75 and 0.9. What the data do not reach ends in an arrow at the edge.
    lang, ax
        As for :func:`conversion`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    SalesAnalysisError
        The table holds several groups.
    """
    rows = _one_group(table, "position")
    ax = _axes(ax, 1.2 + 0.5 * len(rows))
    ends = rows[["p25_days", "median_days", "p75_days", "p90_days"]].to_numpy(float)
    finite = ends[np.isfinite(ends)]
    edge = finite.max() * 1.12 if finite.size and finite.max() > 0 else 1.0
    shown = np.minimum(ends, edge)
    at = np.arange(len(rows))
    ax.hlines(at, shown[:, 0], shown[:, 3], color=style.MUTED, linewidth=1.5,
              label=sentence("funnel.plot.to_p90", lang))  # fmt: skip
    ax.hlines(at, shown[:, 0], shown[:, 2], color=style.BAND, linewidth=12,
              label=sentence("funnel.plot.middle_half", lang))  # fmt: skip
    known = np.isfinite(ends[:, 1])
    ax.plot(shown[known, 1], at[known], "o", color=style.ACCENT,
            label=sentence("funnel.plot.median", lang))  # fmt: skip
    for y, row in zip(at, ends, strict=True):
        if np.isinf(row).any():
            ax.plot(edge, y, ">", color=style.MUTED, clip_on=False)
        if np.isfinite(row[1]):
            label = format_value(row[1], "days", 1 if row[1] >= 1 else 2)
            ax.annotate(label, (row[1], y), xytext=(0, 9), textcoords="offset points",
                        ha="center", fontsize=9)  # fmt: skip
    ax.set_yticks(at, [_stage(stage, lang) for stage in rows["stage"]])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.set_xlim(0, edge)
    style.thousands_axis(ax.xaxis)
    ax.set_xlabel(sentence("funnel.plot.days_in_stage", lang))
    _legend(ax)
    return ax


@style.use()
def win_rate_splits(table: pd.DataFrame, *, lang: str = "en", ax=None):
    """Win rates with their intervals, one line per group: of the decided deals, and of all.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.win_rate_splits`.
    lang, ax
        As for :func:`conversion`.

    Returns
    -------
    matplotlib Axes
    """
    # A line of its own for the name of each split, above its groups; all deals need none.
    first = (~table["split"].duplicated() & (table["split"] != "all")).to_numpy()
    at = np.arange(len(table)) + np.cumsum(first)
    ax = _axes(ax, 1.3 + 0.34 * (at[-1] + 1))
    kinds = [("rate", "rate_low", "rate_high", 0.15, style.MUTED, "funnel.plot.decided_rate")]
    kinds += [("final_rate", "final_low", "final_high", -0.15, style.WON, "funnel.plot.final_rate")]
    for rate, low, high, shift, colour, label in kinds:
        ax.hlines(at + shift, table[low], table[high], color=colour, linewidth=2)
        ax.plot(table[rate], at + shift, "o", color=colour, label=sentence(label, lang))
    names = [f"{_group(row, lang)} ({format_value(row['deals'], 'count')})"
             for row in table.to_dict("records")]  # fmt: skip
    heads = [column_label(split, lang) for split in table["split"][first]]
    ax.set_yticks([*at, *(at[first] - 1)], [*names, *heads])
    for label in ax.get_yticklabels()[len(at) :]:
        label.set_color(style.ACCENT)
    ax.set_ylim(at[-1] + 0.7, -0.7)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 1)
    style.percent_axis(ax.xaxis)
    ax.set_xlabel(sentence("funnel.plot.win_rate", lang))
    _legend(ax)
    return ax


def _axes(ax, height: float):
    return style.figure(height=max(height, 2.2))[1] if ax is None else ax


def _one_group(table: pd.DataFrame, key: str) -> pd.DataFrame:
    if table.empty or table[key].duplicated().any():
        raise SalesAnalysisError(
            "This picture shows one group; the `table` holds"
            f" {'none' if table.empty else 'several'}. Choose the rows of one group, made with the"
            " basis `final` where there is one."
        )
    return table.sort_values(key)


def _stage(stage: str, lang: str) -> str:
    """A stage as the reader knows it: the package's own names are translated, the user's not."""
    key = f"funnel.value.stage.{stage}"
    return sentence(key, lang) if has(key, lang) else stage


def _group(row: dict, lang: str) -> str:
    group = row["group"]
    if row["split"] == "all":
        return sentence("funnel.value.group.all", lang)
    return sentence("funnel.plot.missing", lang) if pd.isna(group) else str(group)


def _legend(ax) -> None:
    """Above the axes, where it cannot cover anything."""
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.3)

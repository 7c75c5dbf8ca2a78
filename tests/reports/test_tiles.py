"""Key figures as tiles: value, status in words and shape, small line, change."""

import datetime
import re

import numpy as np
import pytest

from salesanalysis.findings import KeyFigure
from salesanalysis.reports import in_short
from salesanalysis.reports.tiles import as_tiles
from salesanalysis.statuses import limits


def tile(figure: KeyFigure, past=(), currency="USD", lang="en") -> str:
    record = in_short.figure_record(figure, "forecast", lang, past=dict(past))
    return as_tiles([(record, "")], lang, currency)


def words(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup)).replace("\N{NO-BREAK SPACE}", " ")


def test_a_status_is_said_in_words_and_shape():
    for chance, status, word in ((0.8, "good", "On track"), (0.5, "watch", "Watch"),
                                 (0.1, "act", "Act")):  # fmt: skip
        markup = tile(KeyFigure("p_target", chance))
        assert f'class="tile {status}"' in markup and word in words(markup)
    assert "No target" in words(tile(KeyFigure("closed", 5.0)))
    assert 'class="tile act"' in tile(KeyFigure("likely", 5.0, judged=("p_target", 0.1)))


def test_a_change_within_the_interval_is_no_real_change():
    past = [("2025-11-01", 90.0), ("2025-11-08", 95_000.0)]
    within = tile(KeyFigure("likely", 100_000.0, 80_000.0, 120_000.0), past)
    assert "no real change since 8 Nov" in words(within)
    beyond = tile(KeyFigure("likely", 100_000.0, 99_000.0, 101_000.0), past)
    assert "▲ $5.00 k since 8 Nov" in words(beyond)
    fell = tile(KeyFigure("closed", 90_000.0), past)
    assert "▼ $5.00 k since 8 Nov" in words(fell)


def test_shares_change_by_points():
    assert "▲ 24 points since 8 Nov" in words(
        tile(KeyFigure("p_target", 0.505), [("2025-11-08", 0.27)])
    )


def test_a_day_and_a_text_have_neither_change_nor_line():
    past = [("2025-11-01", "2026-01-02"), ("2025-11-08", "2026-01-09")]
    for value, said in ((datetime.date(2026, 1, 16), "16 Jan 2026"), ("soon", "soon")):
        markup = tile(KeyFigure("closed_at", value), past)
        assert said in words(markup) and "since" not in words(markup) and "<svg" not in markup


def test_a_figure_that_was_a_text_once_has_no_course():
    past = [("2025-11-01", 3.0), ("2025-11-08", "unknown")]
    assert "since" not in words(tile(KeyFigure("closed", 5.0), past))


@pytest.mark.parametrize("number", [np.int64(1), np.float32(0.9), np.float64(0.9)])
def test_a_number_of_numpy_is_judged_like_any_other(number):
    assert 'class="tile good"' in tile(KeyFigure("likely", 5.0, judged=("p_target", number)))


def test_the_small_line_needs_two_earlier_days_and_no_day_is_no_change():
    assert "<svg" not in tile(KeyFigure("closed", 5.0), [("2025-11-08", 4.0)])
    drawn = tile(KeyFigure("closed", 5.0), [("2025-11-01", 3.0), ("2025-11-08", 4.0)])
    points = re.search(r'points="([^"]+)"', drawn)[1].split()
    heights = [float(point.split(",")[1]) for point in points]
    assert len(points) == 3 and heights == sorted(heights, reverse=True), "it rises"
    assert "since" not in words(tile(KeyFigure("closed", 5.0)))
    level = tile(KeyFigure("closed", 5.0), [("2025-11-01", 5.0), ("2025-11-08", 5.0)])
    assert "nan" not in level


def test_a_missing_value_is_a_dash_without_line_or_change():
    markup = tile(KeyFigure("closed", float("nan")), [("2025-11-01", 3.0), ("2025-11-08", 4.0)])
    assert "–" in words(markup) and "<svg" not in markup and "since" not in words(markup)


def test_what_strangers_call_a_figure_stays_text():
    record = in_short.figure_record(KeyFigure("closed", 5.0), "forecast", "en", base="<b>x</b>")
    markup = as_tiles([(record | {"label": '<i>"a"'}, '"x')], "en", "")
    assert "<b>" not in markup and "<i>" not in markup and 'href="&quot;x"' in markup


@pytest.mark.parametrize(("chance", "status"), [(0.5, "good"), (0.3, "watch"), (0.1, "act")])
def test_a_company_has_limits_of_its_own(chance, status):
    given = limits({"p_target": [0.5, 0.2]})
    record = in_short.figure_record(KeyFigure("p_target", chance), "forecast", "en", limits=given)
    assert record["status"] == status


def test_what_it_is_judged_by_may_be_missing():
    markup = tile(KeyFigure("likely", 5.0, judged=("p_target", float("nan"))))
    assert 'class="tile none"' in markup


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (90_000.0, "no real change since 8 Nov"),  # as much as its interval
        (89_999.0, "▲ $10.0 k since 8 Nov"),
        (110_000.0, "no real change since 8 Nov"),
        (110_001.0, "▼ $10.0 k since 8 Nov"),
    ],
)
def test_a_change_is_held_against_half_of_the_interval(before, said):
    figure = KeyFigure("likely", 100_000.0, 90_000.0, 110_000.0)
    assert said in words(tile(figure, [("2025-11-08", before)]))


@pytest.mark.parametrize(
    ("before", "said"),
    [(99_000.0, "▲ $1.00 k since 8 Nov"), (99_501.0, "no real change since 8 Nov")],
)
def test_what_is_expected_changes_however_much_may_come(before, said):
    figure = KeyFigure("likely", 100_000.0, 90_000.0, 110_000.0, is_ahead=True)
    assert said in words(tile(figure, [("2025-11-08", before)]))


def test_a_change_too_small_to_be_shown_is_none():
    figure = KeyFigure("p_target", 0.501)
    assert "no real change" in words(tile(figure, [("2025-11-08", 0.499)]))


def test_days_of_which_nothing_is_known_are_left_out_of_the_course():
    past = [("2025-10-25", 3.0), ("2025-11-01", None), ("2025-11-08", float("nan"))]
    markup = tile(KeyFigure("closed", 5.0), past)
    assert "<svg" not in markup and "since 25 Oct" in words(markup)


def test_a_tile_speaks_chinese():
    markup = tile(KeyFigure("p_target", 0.505), [("2025-11-08", 0.27)], lang="zh")
    assert "24" in words(markup) and not re.search("[a-z]{2,} ", words(markup))

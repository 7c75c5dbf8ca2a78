"""The style of the figures: font, colours, ticks, and that it stays out of the way."""

import itertools
import logging
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import font_manager

from salesanalysis.plots import font, style

CHINESE = "赢单率（阶段滞留时间）：喆镕堃 ¥12万，63.2%"


@pytest.fixture(autouse=True)
def clean_slate():
    """Default settings, no open figure and matplotlib's own fonts only, as on a bare machine."""
    manager = font_manager.fontManager
    before = list(manager.ttflist)
    shipped = os.path.dirname(mpl.__file__)
    manager.ttflist[:] = [entry for entry in before if entry.fname.startswith(shipped)]
    manager._findfont_cached.cache_clear()
    mpl.rcdefaults()
    yield
    plt.close("all")
    mpl.rcdefaults()
    manager.ttflist[:] = before
    manager._findfont_cached.cache_clear()


def pixels(fig) -> np.ndarray:
    fig.canvas.draw()
    return np.asarray(fig.canvas.buffer_rgba()).copy()


def run_python(code: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# The font file


def test_font_holds_gbk_latin_and_the_signs_that_reports_write():
    codes = font_manager.get_font(font.font_path()).get_charmap()
    gbk = []
    for lead, trail in itertools.product(range(0x81, 0xFF), range(0x40, 0xFF)):
        try:
            gbk.append(bytes((lead, trail)).decode("gbk"))
        except UnicodeDecodeError:
            continue
    assert len(gbk) == 21_791, "GBK as Python knows it"
    missing = [c for c in gbk if ord(c) not in codes]
    # The fallback of matplotlib itself covers what the source font lacks.
    fallback = font_manager.get_font(
        font_manager.findfont("DejaVu Sans", fallback_to_default=False)
    ).get_charmap()
    assert [c for c in missing if ord(c) not in fallback] == []
    assert len(missing) < 20
    wanted = (
        "".join(map(chr, range(0x20, 0x7F)))
        + "äöüßéñÅø−–—≥≤≠×÷%‰¥€£✓→·…±√∞“”‘’（），。、；：？！《》"
    )
    assert [c for c in wanted if ord(c) not in codes] == []


def test_font_has_its_own_name_and_keeps_its_licence():
    names = font_manager.get_font(font.font_path()).get_sfnt()
    texts = {key[3]: value.decode("utf-16-be") for key, value in names.items() if key[0] == 3}
    assert texts[1] == font.FAMILY
    for number in (1, 3, 4, 6):
        assert "noto" not in texts[number].lower() and "source" not in texts[number].lower()
    assert "Adobe" in texts[0]
    assert "SIL Open Font License" in texts[13]
    licence = (font.font_path().parent / "OFL.txt").read_text(encoding="utf-8")
    assert licence.startswith(texts[0]), "OFL §2: the copyright notice travels with the font"
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert font.font_path().stat().st_size < 5.5e6


# Chinese in figures


@pytest.mark.parametrize("weight", ["normal", "bold", 700])
def test_chinese_draws_without_a_system_font_and_without_a_word(weight, caplog):
    caplog.set_level(logging.WARNING, logger="matplotlib")
    with warnings.catch_warnings(), style.use():
        warnings.simplefilter("error")
        fig, ax = style.figure()
        ax.set_title(CHINESE, weight=weight)
        ax.set_xlabel(CHINESE, weight=weight)
        ax.bar(["华东", "华南"], [0.5, -0.4], label=CHINESE)
        ax.legend()
        styled = pixels(fig)
    assert caplog.text == ""

    # The oracle: the same figure, every text given the font file itself.
    with style.use():
        for text in fig.findobj(mpl.text.Text):
            size = text.get_fontsize()
            text.set_font(font.font_path())
            text.set_fontsize(size)
        np.testing.assert_array_equal(styled, pixels(fig))


def test_without_the_style_the_same_text_is_boxes():
    fig, ax = plt.subplots()
    ax.set_title(CHINESE)
    with pytest.warns(UserWarning, match="missing from font"):
        fig.canvas.draw()


def test_one_figure_mixes_chinese_and_letters_that_our_font_lacks():
    """Łódź comes from the fallback, per glyph, within one word of text."""
    with style.use():
        fig, ax = style.figure()
        ax.set_title("Łódź 罗兹 Αθήνα")
        fig.canvas.draw()  # warnings are errors: no glyph is missing


def test_a_dollar_sign_is_a_dollar_sign():
    with style.use():
        fig, ax = style.figure()
        ax.set_yticks([0, 1], [r"US$ \frac{", "a$b_c$d"])
        fig.canvas.draw()  # as a formula the first would raise
        assert not any(label.get_parse_math() for label in ax.get_yticklabels())


def test_style_holds_after_seaborn_set_theme():
    import seaborn as sns

    def draw():
        with style.use():
            fig, ax = style.figure()
            ax.plot([0, 3, 1], label="赢单")
            ax.set_title(CHINESE)
            ax.legend()
        return pixels(fig)

    alone = draw()
    sns.set_theme(style="darkgrid", context="poster", font="DejaVu Serif")
    np.testing.assert_array_equal(alone, draw())


def test_ticks_made_after_the_style_ended_still_have_its_font():
    fig, ax = style.figure()
    ax.plot(range(100))
    ax.set_xticks(range(0, 100, 5))
    fig.canvas.draw()
    labels = ax.get_xticklabels()
    assert len(labels) == 20
    assert {tuple(label.get_fontfamily()) for label in labels} == {font.FAMILIES}


# It is explicit, and leaves no trace


def test_import_changes_nothing_and_loads_nothing_heavy():
    out = run_python(
        "import sys, matplotlib as m; before = dict(m.rcParams)\n"
        "import salesanalysis.plots.style\n"
        "print(dict(m.rcParams) == before)\n"
        "print([n for n in ('seaborn', 'scipy', 'pandas', 'ibis') if n in sys.modules])"
    )
    assert out.splitlines() == ["True", "[]"]


def test_use_gives_back_what_was_there_also_after_an_error():
    mpl.rcParams["font.family"] = ["DejaVu Serif"]
    mpl.rcParams["lines.linewidth"] = 7.0
    before = dict(mpl.rcParams)
    with pytest.raises(ZeroDivisionError), style.use():
        assert mpl.rcParams["font.family"] == list(font.FAMILIES)
        assert mpl.rcParams["lines.linewidth"] == mpl.rcParamsDefault["lines.linewidth"]
        raise ZeroDivisionError
    assert dict(mpl.rcParams) == before
    style.figure()
    assert dict(mpl.rcParams) == before


def test_apply_stays_and_the_backend_with_it():
    backend = mpl.get_backend()
    style.apply()
    assert mpl.rcParams["font.family"] == list(font.FAMILIES)
    assert mpl.get_backend() == backend


def test_font_is_registered_once():
    for _ in range(3):
        style.apply()
    ours = [e for e in font_manager.fontManager.ttflist if e.name == font.FAMILY]
    assert sorted(entry.weight for entry in ours) == [400, 700]


@pytest.mark.gate
def test_svg_is_the_same_in_another_process():
    code = (
        "import io, matplotlib; matplotlib.use('svg')\n"
        "from salesanalysis.plots import style; import hashlib\n"
        "with style.use():\n"
        "    fig, ax = style.figure(); ax.fill_between([1, 2], [3, 4]); ax.set_title('漏斗 clip')\n"
        "    out = io.BytesIO(); fig.savefig(out, format='svg', metadata={'Date': None})\n"
        "print(hashlib.sha256(out.getvalue()).hexdigest())"
    )
    first, second = (run_python(code, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first == second


# Ticks


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ([0, 0.5, 1], ["0%", "50%", "100%"]),
        ([0, 0.025, 0.05], ["0.0%", "2.5%", "5.0%"]),
        ([-0.1, 0.1 + 0.2], ["−10%", "30%"]),  # 0.30000000000000004
        ([], []),
        ([0, 1 / 3], ["0.000000%", "33.333333%"]),  # never two ticks with one label
    ],
)
def test_percent_ticks_have_the_digits_they_need(ticks, labels):
    _, ax = style.figure()
    style.percent_axis(ax.yaxis, "en")
    assert ax.yaxis.get_major_formatter().format_ticks(ticks) == labels


def test_thousands_ticks_keep_half_steps_and_given_decimals():
    _, ax = style.figure()
    style.thousands_axis(ax.xaxis, "en")
    formatter = ax.xaxis.get_major_formatter()
    assert formatter.format_ticks([0, 2.5, 5]) == ["0.0", "2.5", "5.0"]
    assert formatter.format_ticks([0, 1e6, 2.5e6]) == ["0", "1,000,000", "2,500,000"]
    style.thousands_axis(ax.xaxis, "en", decimals=2)
    assert ax.xaxis.get_major_formatter().format_ticks([1, 2]) == ["1.00", "2.00"]


@pytest.mark.parametrize(
    ("ticks", "lang", "labels"),
    [
        ([0, 500_000, 1_000_000], "en", ["$0", "$0.5_M", "$1.0_M"]),
        ([-50_000, 0, 50_000], "en", ["−$50_k", "$0", "$50_k"]),
        ([900_000, 1_000_000, 1_250_000], "en", ["$0.90_M", "$1.00_M", "$1.25_M"]),
        ([0, 250_000, 2_500_000], "zh", ["0_美元", "25_万美元", "250_万美元"]),
    ],
)
def test_money_ticks_have_one_unit_and_their_currency(ticks, lang, labels):
    _, ax = style.figure()
    style.money_axis(ax.xaxis, lang, "USD")
    shown = ax.xaxis.get_major_formatter().format_ticks(ticks)
    assert [label.replace("\xa0", "_") for label in shown] == labels


def test_ticks_on_a_logarithmic_axis_are_numbers_not_formulas():
    with style.use():
        fig, ax = style.figure()
        ax.plot([1, 10_000])
        ax.set_yscale("log")
        style.thousands_axis(ax.yaxis, "en")
        fig.canvas.draw()
        labels = {label.get_text() for label in ax.get_yticklabels()}
        assert {"1", "100", "10,000"} <= labels


# Colours


def srgb_to_linear(colour: str) -> np.ndarray:
    channel = np.array(mpl.colors.to_rgb(colour))
    return np.where(channel <= 0.04045, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)


def lab(linear: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB, white point D65."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ratio = np.array(matrix) @ linear / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


#: Machado, Oliveira and Fernandes (2009), table 1, severity 1.0; applied to linear sRGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def closest(colours, vision: str) -> tuple[float, tuple[str, str]]:
    """The two colours most alike to somebody with that vision, and their distance."""
    seen = {c: lab(np.clip(VISIONS[vision] @ srgb_to_linear(c), 0, 1)) for c in colours}
    return min(
        (float(np.linalg.norm(seen[a] - seen[b])), (a, b))
        for a, b in itertools.combinations(colours, 2)
    )


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize(
    "colours", [tuple(style.OUTCOMES.values()), style.CYCLE], ids=["outcomes", "cycle"]
)
def test_colours_are_told_apart_with_any_colour_vision(colours, vision):
    distance, pair = closest(colours, vision)
    assert distance > 12, pair


def test_the_check_of_colours_would_notice_red_against_green():
    assert closest(("#D62728", "#7F6000"), "deuteranopia")[0] < 12


@pytest.mark.parametrize("name", ["WON", "LOST", "OPEN", "CANCELLED", "ACCENT", "MUTED", "TEXT"])
def test_colours_with_a_meaning_stand_out_on_white(name):
    luminance = np.array([0.2126, 0.7152, 0.0722]) @ srgb_to_linear(getattr(style, name))
    assert 1.05 / (luminance + 0.05) >= 3, name


# A page with dark paper


PICTURES_CSS = Path(style.__file__).parents[1] / "reports" / "export" / "page" / "pictures.css"


def dark() -> dict[str, str]:
    """The values that colours have on dark paper, by their roles."""
    return dict(re.findall(r"--c-(\w+): (#[0-9a-f]{6})", PICTURES_CSS.read_text(encoding="utf-8")))


def contrast(one: str, other: str) -> float:
    light = [np.array([0.2126, 0.7152, 0.0722]) @ srgb_to_linear(c) for c in (one, other)]
    return (max(light) + 0.05) / (min(light) + 0.05)


def test_every_colour_has_another_on_dark_paper():
    assert set(dark()) == set(style.ROLES.values())


@pytest.mark.parametrize(
    ("role", "least"),
    [("ink", 4.5), ("quiet", 4.5)]
    + [(role, 3) for role in ("won", "main", "lost", "cancelled", "muted", "amber", "rose", "sky")],
)
def test_colours_stand_out_on_dark_paper(role, least):
    assert contrast(dark()[role], dark()["paper"]) >= least


@pytest.mark.parametrize("vision", VISIONS)
def test_outcomes_are_told_apart_on_dark_paper(vision):
    distance, pair = closest([dark()[r] for r in ("won", "lost", "main", "cancelled")], vision)
    assert distance > 12, pair


def test_a_figure_for_a_narrow_page_is_as_wide_as_a_telephone():
    with style.narrow():
        narrow = style.figure()[0].get_figwidth()
    assert narrow * 96 <= 390 - 32 < style.figure()[0].get_figwidth() * 96
    assert not style.is_narrow()

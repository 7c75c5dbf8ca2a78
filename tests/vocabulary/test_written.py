"""Numbers as people write them: short in sentences and tiles, exact in tables."""

import math
import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesanalysis import text
from salesanalysis.text import files

#: What one of each unit is worth.
WORTH = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "bn": 10**9,
    "万": 10**4,
    "亿": 10**8,
    "%": Fraction(1, 100),
}
LANGUAGES = list(text.LANGUAGES)
FLOATS = st.floats(-1e14, 1e14, allow_nan=False)


def money(value, lang="en", currency="USD", **interval) -> str:
    return text.said(value, "amount", lang=lang, currency=currency, **interval).replace("\xa0", "_")


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (0, "$0", "0_美元"),
        (-0.0, "$0", "0_美元"),
        (0.004, "$0.00", "0.00_美元"),
        (0.35, "$0.35", "0.35_美元"),
        (9.995, "$10", "10_美元"),
        (870, "$870", "870_美元"),
        (870.5, "$871", "871_美元"),  # half up, not to the even one
        (999.4, "$999", "999_美元"),
        (999.5, "$1.00_k", "1,000_美元"),
        (4_765, "$4.77_k", "4,765_美元"),
        (9_999.5, "$10.0_k", "1.0_万美元"),
        (47_650, "$47.7_k", "4.8_万美元"),
        (99_950, "$100_k", "10.0_万美元"),
        (119_499, "$119_k", "11.9_万美元"),
        (999_499, "$999_k", "99.9_万美元"),
        (999_950, "$1.00_M", "100.0_万美元"),  # never $1,000 k
        (2_010_783, "$2.01_M", "201.1_万美元"),
        (-2_010_783, "−$2.01_M", "−201.1_万美元"),
        (99_999_400, "$100_M", "9,999.9_万美元"),
        (99_999_500, "$100_M", "1.00_亿美元"),
        (123_456_789, "$123_M", "1.23_亿美元"),
        (999_500_000, "$1.00_bn", "10.00_亿美元"),  # its half is rounded up
        (2_500_000_000_000, "$2,500_bn", "25,000.00_亿美元"),
        (math.inf, "$∞", "∞_美元"),
        (-math.inf, "−$∞", "−∞_美元"),
        (math.nan, "–", "–"),
        (None, "–", "–"),
    ],
)
def test_money_has_three_digits_and_one_unit(value, en, zh):
    assert [money(value, lang) for lang in ("en", "zh")] == [en, zh]


@pytest.mark.parametrize(
    ("currency", "en", "zh"),
    [
        ("USD", "$2.01_M", "201.1_万美元"),
        ("EUR", "€2.01_M", "201.1_万欧元"),
        ("GBP", "£2.01_M", "201.1_万英镑"),
        ("CNY", "CN¥2.01_M", "201.1_万元"),
        ("JPY", "¥2.01_M", "201.1_万日元"),
        ("CHF", "CHF_2.01_M", "201.1_万瑞士法郎"),
        ("XOF", "F_CFA_2.01_M", "201.1_万西非法郎"),
        ("POINTS", "POINTS_2.01_M", "201.1_万_POINTS"),  # a currency that nobody knows
        ("", "2.01_M", "201.1_万"),
    ],
)
def test_the_currency_stands_where_each_language_puts_it(currency, en, zh):
    assert [money(2_010_783, lang, currency) for lang in ("en", "zh")] == [en, zh]


def test_a_value_and_its_interval_have_one_unit_and_no_more_digits_than_it_supports():
    assert money(2_010_783, low=1_785_000, high=2_285_000) == "$2.01_M (1.79–2.29_M)"
    assert money(2_010_783, "zh", low=1_785_000, high=2_285_000) == "201_万美元（179–229_万）"
    assert money(2_010_783, low=-1e6, high=5e6) == "$2.0_M (−1.0_M to 5.0_M)"
    assert money(7_087, low=-250_000, high=260_000) == "$10_k (−250_k to 260_k)"
    assert money(995e3, low=600e3, high=996e3) == "$1.00_M (0.60–1.00_M)"  # no 1,000 k
    assert money(2_010_783, low=math.nan, high=math.nan) == "$2.01_M"
    assert money(2_010_783, low=2_010_783, high=2_010_783) == "$2.01_M (2.01_M)"
    share = {"lang": "en", "low": 0.452, "high": 0.5185}
    assert text.said(0.4857, "share", **share) == "48.6% (45.2–51.9%)"
    assert text.said(0.48, "share", lang="zh", low=0.33, high=0.63) == "48%（33–63%）"
    assert text.said(5.14, "number", lang="en", low=4.4, high=6.1) == "5.14 (4.40–6.10)"
    assert text.said(5.14, "days", lang="en", low=4.4, high=6.0) == "5.1 (4.4–6.0)"
    assert text.said(5.0, "days", lang="en", low=4.0, high=math.inf) == "5 (4 to ∞)"
    assert text.said(1_234, "count", lang="en", low=1_083, high=1_388) == "1,230 (1,080–1,390)"


def test_a_value_has_one_unit_with_the_ends_of_its_range(monkeypatch):
    sentences = {
        "a.b": "{low..high:amount}",
        "a.c": "{x (low..high):share}",
        "a.d": "{x ~ low..high:amount}",
    }
    monkeypatch.setattr(files, "texts", lambda lang, part: sentences)

    def said(low, high, lang="en", key="a.b", **values):
        return text.sentence(key, lang, "USD", low=low, high=high, **values).replace("\xa0", "_")

    assert said(1_785_000, 2_285_000) == "$1.79–2.29_M"
    assert said(1_785_000, 2_285_000, "zh") == "178.5–228.5_万美元"
    assert said(119_000, 2_285_000) == "$0.12–2.29_M"
    assert said(0, 2_285_000) == "$0–2.29_M"
    assert said(-119_000, 2_285_000) == "−$0.12_M to $2.29_M"
    assert said(-119_000, 2_285_000, "zh") == "−11.9_万美元至228.5_万美元"
    assert said(119_400, 119_000) == "$119_k"
    assert said(math.nan, 2_285_000) == "– to $2.29_M"
    assert said(0.4, 0.6, key="a.c", x=0.5) == "50% (40–60%)"
    assert said(-119_400, 2_285_000, key="a.d", x=187_087) == "$200_k"  # ± 1.2 M
    assert said(100_400, 285_000, key="a.d", x=187_087) == "$187_k"
    with pytest.raises(text.SalesAnalysisError, match="needs the value 'x'"):
        said(0.4, 0.6, key="a.c")


def test_days_are_those_of_a_letter_in_sentences_and_of_a_file_in_tables():
    assert text.said("2025-11-05", "date", lang="en") == "5 Nov 2025"
    assert text.said("2025-11-05T12:00", "date", lang="zh") == "2025年11月5日"
    assert text.said(None, "date", lang="en") == text.MISSING
    assert text.said("soon", "date", lang="en") == "soon"
    days = [text.said("2025-11-05", "day", lang=lang) for lang in ("en", "zh")]
    assert days == ["5 Nov", "11月5日"]  # where the year goes without saying
    assert text.format_value("2025-11-05", "date", lang="en") == "2025-11-05"


def test_half_is_rounded_up_in_tables_too():
    """As it is read: 0.285 × 100 is a little less than 28.5 to a computer."""
    assert text.format_value(0.285, "share", 0, lang="en") == "29%"
    assert text.format_value(-2.5, "count", lang="en") == "−3"
    assert text.format_value(1.005, "number", lang="en") == "1.01"
    assert text.format_value(-0.4, "amount", lang="en") == "0"
    assert text.format_value(True, "count", lang="en") == "1"
    assert text.format_value(10**20 + 1, "count", lang="en") == "100,000,000,000,000,000,001"
    assert text.format_value(1e300, "amount", lang="en").startswith("1,000,000,")


def read(said: str) -> tuple[Fraction, Fraction]:
    """What was written, and the worth of its last digit."""
    minus, number, unit = re.fullmatch(r"(−?)\D*?([\d,.]+)\xa0?(k|M|bn|万|亿|%|)\D*", said).groups()
    digits = number.replace(",", "")
    last = Fraction(1, 10 ** len(digits.partition(".")[2])) * WORTH[unit]
    return (-1 if minus else 1) * Fraction(digits) * WORTH[unit], last


@pytest.mark.parametrize("lang", LANGUAGES)
@given(value=FLOATS, currency=st.sampled_from(["USD", "CHF", ""]))
@example(value=999_950.0, currency="USD")
@example(value=99_995_000.0, currency="USD")
def test_what_is_written_is_within_half_of_its_last_digit(lang, value, currency):
    written, last = read(text.said(value, "amount", lang=lang, currency=currency))
    assert abs(written - Fraction(str(value))) <= last / 2
    assert last <= max(abs(Fraction(str(value))) / 10, 1)  # whole, or two digits at least


@pytest.mark.parametrize("lang", LANGUAGES)
@given(value=FLOATS)
def test_no_amount_is_a_thousand_of_a_smaller_unit(lang, value):
    said = text.said(value, "amount", lang=lang)
    units = text.LANGUAGES[lang].units
    of = {"": 0} | {unit.word: unit.power for unit in units}
    unit = re.search(r"\D*$", said)[0].strip("\xa0") if said[-1] not in "0123456789" else ""
    following = [power for power in of.values() if power > of[unit]]
    if following:
        assert abs(read(said)[0]) < 10 ** min(following)


@pytest.mark.parametrize("lang", LANGUAGES)
@given(value=st.floats(-5, 5), places=st.integers(0, 4))
def test_a_share_in_a_table_is_within_half_of_its_last_digit(lang, value, places):
    written, last = read(text.format_value(value, "share", places, lang=lang))
    apart = Fraction(str(value)) - written
    # Just under a target the last digit is cut off, not rounded.
    target = (written + last) % (Fraction(1, 20) if places else 1) == 0 and apart > 0
    assert abs(apart) <= (last if target else last / 2)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_share_never_rounds_up_to_a_target_that_it_has_not_reached(lang):
    """399,999 of 400,000 is not all; what is only the noise of floats away is."""
    shares = (399_999 / 400_000, 0.79997, 1.29996, 0.95, 1.00002, 1 - 2**-53, 0.4597, -0.0002)
    said = [text.format_value(share, "share", lang=lang) for share in shares]
    assert said == ["99.9%", "79.9%", "129.9%", "95.0%", "100.0%", "100.0%", "46.0%", "0.0%"]
    assert text.said(399_999 / 400_000, "share", lang=lang) == "99.9%"
    interval = text.value_and_interval(0.9997, "share", lang=lang, low=0.99, high=0.99996)
    assert "100" not in interval
    assert text.format_value(0.996, "share", 0, lang=lang) == "99%"
    assert text.format_value(0.796, "share", 0, lang=lang) == "80%"
